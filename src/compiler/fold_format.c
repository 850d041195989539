/* `"…%s…" % (a, b)` with a literal format becomes an f-string when only %s, %r and %a with plain
 * widths occur. */
#include <stdio.h>

#include "base/try.h"
#include "compiler/fold.h"

enum { MAX_DIGITS = 3 };

typedef struct {
    Py_UCS4 spec;
    bool left;              /* '-' flag */
    int width, precision;   /* -1: not given */
} FormatItem;

static bool next_char(PyObject *format, Py_ssize_t *pos, Py_UCS4 *ch)
{
    if (*pos >= PyUnicode_GET_LENGTH(format)) return false;
    *ch = PyUnicode_READ_CHAR(format, (*pos)++);
    return true;
}

static bool is_digit(Py_UCS4 ch) { return '0' <= ch && ch <= '9'; }

/* Reads digits from *ch on; false when the format ends or a number is too long. */
static bool read_number(PyObject *format, Py_ssize_t *pos, Py_UCS4 *ch, int *number)
{
    int digits = 0;
    *number = 0;
    while (is_digit(*ch)) {
        *number = *number * 10 + (int)(*ch - '0');
        if (!next_char(format, pos, ch)) return false;
        if (++digits >= MAX_DIGITS) return false;
    }
    return true;
}

/* Reads what follows a '%'. */
static bool read_item(PyObject *format, Py_ssize_t *pos, FormatItem *item)
{
    Py_UCS4 ch;
    *item = (FormatItem){.width = -1, .precision = -1};
    do {
        if (!next_char(format, pos, &ch)) return false;
        if (ch == '-') item->left = true;
    } while (ch == '-' || ch == '+' || ch == ' ' || ch == '#' || ch == '0');
    if (is_digit(ch) && !read_number(format, pos, &ch, &item->width)) return false;
    if (ch == '.') {
        if (!next_char(format, pos, &ch)) return false;
        if (!read_number(format, pos, &ch, &item->precision)) return false;
    }
    item->spec = ch;
    return ch == 's' || ch == 'r' || ch == 'a';
}

/* Belongs to no place in the source. */
static Expr *new_constant(PyObject *value_stolen, Arena *arena)
{
    if (!value_stolen || arena_own(arena, value_stolen) < 0) return NULL;
    Expr *e = arena_alloc(arena, sizeof(*e));
    if (!e) return NULL;
    e->kind = expr_Constant;
    e->pos = (AstPosition){-1, -1, -1, -1};
    e->Constant.value = value_stolen;
    return e;
}

static Expr *new_formatted(const FormatItem *item, Expr *value, Arena *arena)
{
    char spec[2 * MAX_DIGITS + 24], *p = spec;
    if (!item->left && item->width > 0) *p++ = '>';
    if (item->width >= 0) p += sprintf(p, "%d", item->width);
    if (item->precision >= 0) p += sprintf(p, ".%d", item->precision);
    Expr *e = arena_alloc(arena, sizeof(*e));
    if (!e) return NULL;
    e->kind = expr_FormattedValue;
    e->pos = value->pos;
    e->FormattedValue.value = value;
    e->FormattedValue.conversion = (int)item->spec;
    if (p != spec) {
        e->FormattedValue.format_spec = new_constant(PyUnicode_FromStringAndSize(spec, p - spec), arena);
        if (!e->FormattedValue.format_spec) return NULL;
    }
    return e;
}

/* Literal text up to the next item; *out stays NULL when there is none. */
static int read_literal(PyObject *format, Py_ssize_t *pos, Arena *arena, Expr **out)
{
    Py_ssize_t start = *pos, length = PyUnicode_GET_LENGTH(format);
    bool has_percents = false;
    while (*pos < length) {
        if (PyUnicode_READ_CHAR(format, *pos) != '%') {
            ++*pos;
        } else if (*pos + 1 < length && PyUnicode_READ_CHAR(format, *pos + 1) == '%') {
            has_percents = true;
            *pos += 2;
        } else {
            break;
        }
    }
    *out = NULL;
    if (*pos == start) return 0;
    PyObject *text = PyUnicode_Substring(format, start, *pos);
    if (text && has_percents) {
        PyObject *two = PyUnicode_FromString("%%"), *one = PyUnicode_FromString("%");
        Py_SETREF(text, two && one ? PyUnicode_Replace(text, two, one, -1) : NULL);
        Py_XDECREF(two);
        Py_XDECREF(one);
    }
    *out = new_constant(text, arena);
    return *out ? 0 : -1;
}

int fold_percent_format(Expr *e, PyObject *format, const ExprSeq *values, Arena *arena)
{
    for (Py_ssize_t i = 0; i < values->size; i++) {
        if (values->items[i]->kind == expr_Starred) return 0;
    }
    ExprSeq *parts = ast_seq_new(arena, 2 * values->size + 1);
    if (!parts) return -1;
    parts->size = 0;
    Py_ssize_t pos = 0, used = 0;
    while (true) {
        Expr *literal;
        TRY(read_literal(format, &pos, arena, &literal));
        if (literal) parts->items[parts->size++] = literal;
        if (pos >= PyUnicode_GET_LENGTH(format)) break;
        if (used >= values->size) return 0;
        FormatItem item;
        pos++;
        if (!read_item(format, &pos, &item)) return 0;
        Expr *formatted = new_formatted(&item, values->items[used++], arena);
        if (!formatted) return -1;
        parts->items[parts->size++] = formatted;
    }
    if (used < values->size) return 0;
    e->kind = expr_JoinedStr;
    e->JoinedStr.values = parts;
    return 0;
}
