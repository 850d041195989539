#include "objects/format_spec.h"

/* A position in the specification's text. */
struct Cursor {
    const void *text;
    int kind;
    Py_ssize_t at, end;
};

static inline Py_UCS4 peek(const struct Cursor *c, Py_ssize_t ahead)
{
    return c->at + ahead < c->end ? PyUnicode_READ(c->kind, c->text, c->at + ahead) : 0;
}

static inline bool accept(struct Cursor *c, Py_UCS4 wanted)
{
    if (c->at >= c->end || PyUnicode_READ(c->kind, c->text, c->at) != wanted) return false;
    c->at++;
    return true;
}

static bool is_align(Py_UCS4 c)
{
    return c == '<' || c == '>' || c == '=' || c == '^';
}

static inline int decimal_value(Py_UCS4 ch)
{
    return ch < 128 ? (ch - '0' < 10 ? (int)(ch - '0') : -1) : Py_UNICODE_TODECIMAL(ch);
}

/* Reads a number: how many digits it had, or -1 with ValueError when it is too large. */
static Py_ssize_t read_number(struct Cursor *c, Py_ssize_t *value)
{
    Py_ssize_t start = c->at, n = 0;
    for (int d; c->at < c->end && (d = decimal_value(peek(c, 0))) >= 0; c->at++) {
        if (n > (PY_SSIZE_T_MAX - d) / 10) {
            PyErr_SetString(PyExc_ValueError, "Too many decimal digits in format string");
            return -1;
        }
        n = n * 10 + d;
    }
    *value = n;
    return c->at - start;
}

void format_spec_unknown_type(Py_UCS4 type, PyObject *value)
{
    const char *name = Py_TYPE(value)->tp_name;
    if (type > 32 && type < 128) {
        PyErr_Format(PyExc_ValueError, "Unknown format code '%c' for object of type '%.200s'",
                     (int)type, name);
    }
    else {
        PyErr_Format(PyExc_ValueError, "Unknown format code '\\x%x' for object of type '%.200s'",
                     (unsigned)type, name);
    }
}

static int both_separators(void)
{
    PyErr_SetString(PyExc_ValueError, "Cannot specify both ',' and '_'.");
    return -1;
}

static int read_grouping(struct Cursor *c, struct FormatSpec *out)
{
    if (accept(c, ',')) out->grouping = FORMAT_COMMA;
    if (accept(c, '_')) {
        if (out->grouping) return both_separators();
        out->grouping = FORMAT_UNDERSCORE;
    }
    if (out->grouping == FORMAT_UNDERSCORE && peek(c, 0) == ',') return both_separators();
    return 0;
}

/* Which types may be grouped, and how. */
static int check_grouping(struct FormatSpec *out)
{
    if (!out->grouping) return 0;
    switch (out->type) {
    case 0: case 'd': case 'e': case 'f': case 'g': case 'E': case 'F': case 'G': case '%':
        return 0;
    case 'b': case 'o': case 'x': case 'X':
        if (out->grouping == FORMAT_UNDERSCORE) {
            out->grouping = FORMAT_UNDERSCORE_FOUR;
            return 0;
        }
    }
    int separator = out->grouping == FORMAT_COMMA ? ',' : '_';
    if (out->type > 32 && out->type < 128) {
        PyErr_Format(PyExc_ValueError, "Cannot specify '%c' with '%c'.", separator, (int)out->type);
    }
    else
        PyErr_Format(PyExc_ValueError, "Cannot specify '%c' with '\\x%x'.", separator,
                     (unsigned)out->type);
    return -1;
}

int format_spec_parse(PyObject *value, PyObject *spec, Py_ssize_t start, Py_ssize_t end,
                      Py_UCS4 default_type, Py_UCS4 default_align, struct FormatSpec *out)
{
    struct Cursor c = {PyUnicode_DATA(spec), PyUnicode_KIND(spec), start, end};
    bool fill_given = false;
    *out = (struct FormatSpec){
        .fill = ' ', .align = default_align, .type = default_type, .width = -1, .precision = -1};
    if (c.end - c.at >= 2 && is_align(peek(&c, 1))) {
        out->fill = peek(&c, 0);
        out->align = peek(&c, 1);
        out->align_given = fill_given = true;
        c.at += 2;
    }
    else if (is_align(peek(&c, 0))) {
        out->align = peek(&c, 0);
        out->align_given = true;
        c.at++;
    }
    Py_UCS4 sign = peek(&c, 0);
    if (sign == '+' || sign == '-' || sign == ' ') {
        out->sign = sign;
        c.at++;
    }
    out->no_negative_zero = accept(&c, 'z');
    out->alternate = accept(&c, '#');
    if (!fill_given && accept(&c, '0')) {
        out->fill = '0';
        if (!out->align_given && default_align == '>') {
            out->align = '=';
            out->align_given = true;
        }
    }
    Py_ssize_t digits = read_number(&c, &out->width);
    if (digits < 0) return -1;
    if (digits == 0) out->width = -1;
    if (read_grouping(&c, out) < 0) return -1;
    if (accept(&c, '.')) {
        digits = read_number(&c, &out->precision);
        if (digits < 0) return -1;
        if (digits == 0) {
            PyErr_SetString(PyExc_ValueError, "Format specifier missing precision");
            return -1;
        }
    }
    if (c.end - c.at > 1) {
        PyObject *shown = PyUnicode_Substring(spec, start, end);
        if (shown) {
            PyErr_Format(PyExc_ValueError,
                         "Invalid format specifier '%U' for object of type '%.200s'", shown,
                         Py_TYPE(value)->tp_name);
            Py_DECREF(shown);
        }
        return -1;
    }
    if (c.end - c.at == 1) out->type = peek(&c, 0);
    return check_grouping(out);
}

Py_ssize_t format_spec_padding(const struct FormatSpec *spec, Py_ssize_t n, Py_ssize_t *total)
{
    Py_ssize_t room = spec->width > n ? spec->width - n : 0;
    *total = n + room;
    return spec->align == '<' ? 0 : spec->align == '^' ? room / 2 : room;
}
