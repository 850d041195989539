/* The values of numeric and string literals (the manual: reference/lexical_analysis, "Literals"). */
#include "syntax/literal.h"

#include <string.h>

/* ---- Numbers ---------------------------------------------------------------------------------------------------- */

static PyObject *number_value(const char *text, size_t size)
{
    bool radix = text[0] == '0' && size > 1 && strchr("xXoObB", text[1]);
    if (!radix && size <= 18) {
        long value = 0;
        size_t i = 0;
        while (i < size && text[i] >= '0' && text[i] <= '9')
            value = value * 10 + (text[i++] - '0');
        if (i == size) return PyLong_FromLong(value);
    }
    bool imaginary = !radix && (text[size - 1] == 'j' || text[size - 1] == 'J');
    if (!imaginary && (radix || !(memchr(text, '.', size) || memchr(text, 'e', size) || memchr(text, 'E', size))))
        return PyLong_FromString(text, NULL, 0);
    char *stop;
    double value = PyOS_string_to_double(text, imaginary ? &stop : NULL, NULL);
    if (value == -1.0 && PyErr_Occurred()) return NULL;
    return imaginary ? PyComplex_FromDoubles(0.0, value) : PyFloat_FromDouble(value);
}

static PyObject *parse_number_text(Parser *p, const char *start, size_t size)
{
    char small[64];
    char *text = size < sizeof small ? small : PyMem_Malloc(size + 1);
    if (!text) return PyErr_NoMemory();
    size_t length = 0;
    for (size_t i = 0; i < size; i++)
        if (start[i] != '_') text[length++] = start[i];
    text[length] = '\0';
    PyObject *value = NULL;
    if (length == size || require_version(p, 6, "Underscores in numeric literals are")) value = number_value(text, length);
    if (text != small) PyMem_Free(text);
    return value;
}

Expr *parse_number(Parser *p)
{
    AstPosition start = position_here(p);
    const Token *t = &p->tokens[p->pos++];
    PyObject *value = parse_number_text(p, token_start(p, t), (size_t)(t->end - t->start));
    if (!value) {
        if (PyErr_ExceptionMatches(PyExc_ValueError) && !p->failed) {
            /* An int of too many digits. */
            PyObject *type, *error, *traceback;
            PyErr_Fetch(&type, &error, &traceback);
            raise_at(p, PyExc_SyntaxError, t->lineno, -1, t->end_lineno, -1,
                     "%S - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.", error);
            Py_XDECREF(type);
            Py_XDECREF(error);
            Py_XDECREF(traceback);
        }
        p->failed = true;
        return NULL;
    }
    if (arena_own(p->arena, value) < 0) return NULL;
    Expr *e = new_expr(p, expr_Constant, start);
    if (e) e->Constant.value = value;
    return e;
}

/* ---- Escapes ---------------------------------------------------------------------------------------------------- */

int literal_warn_escape(Parser *p, const char *escape, const Token *t)
{
    bool octal = *escape >= '4' && *escape <= '7';
    PyObject *message = octal ? PyUnicode_FromFormat("invalid octal escape sequence '\\%.3s'", escape)
                              : PyUnicode_FromFormat("invalid escape sequence '\\%c'", (unsigned char)*escape);
    if (!message) return -1;
    int result = PyErr_WarnExplicitObject(PyExc_DeprecationWarning, message, p->tok->filename, t->lineno, NULL, NULL);
    if (result < 0 && PyErr_ExceptionMatches(PyExc_DeprecationWarning)) {
        PyErr_Clear();
        raise_at(p, PyExc_SyntaxError, t->lineno, t->col, t->end_lineno, t->end_col, "%U", message);
    }
    Py_DECREF(message);
    return result;
}

PyObject *literal_decode(Parser *p, const char *text, const char *end, bool raw, const Token *t)
{
    if (raw || !memchr(text, '\\', (size_t)(end - text))) return PyUnicode_DecodeUTF8(text, end - text, NULL);
    /* The escape decoder takes Latin-1, so other characters are handed over as \U escapes. */
    size_t size = (size_t)(end - text);
    char *buffer = PyMem_Malloc(size * 6 + 1);
    if (!buffer) return PyErr_NoMemory();
    char *out = buffer;
    PyObject *result = NULL;
    const char *c = text;
    while (c < end) {
        if (*c == '\\') {
            *out++ = *c++;
            if (c >= end || *c & 0x80) {
                memcpy(out, "u005c", 5);
                out += 5;
                if (c >= end) break;
            }
        }
        if (!(*c & 0x80)) {
            *out++ = *c++;
            continue;
        }
        const char *stop = c;
        while (stop < end && *stop & 0x80)
            stop++;
        PyObject *part = PyUnicode_DecodeUTF8(c, stop - c, NULL);
        if (!part) goto done;
        for (Py_ssize_t i = 0; i < PyUnicode_GET_LENGTH(part); i++) {
            sprintf(out, "\\U%08x", (unsigned)PyUnicode_READ_CHAR(part, i));
            out += 10;
        }
        Py_DECREF(part);
        c = stop;
    }
    *out = '\0';
    const char *bad = NULL;
    result = _PyUnicode_DecodeUnicodeEscapeInternal(buffer, out - buffer, NULL, NULL, &bad);
    if (result && bad && literal_warn_escape(p, bad, t) < 0) Py_CLEAR(result);
done:
    PyMem_Free(buffer);
    return result;
}

static PyObject *decode_bytes(Parser *p, const char *text, const char *end, bool raw, const Token *t)
{
    for (const char *c = text; c < end; c++) {
        if (*c & 0x80)
            return raise_at_last_token(p, PyExc_SyntaxError, "bytes can only contain ASCII literal characters");
    }
    if (raw || !memchr(text, '\\', (size_t)(end - text))) return PyBytes_FromStringAndSize(text, end - text);
    const char *bad = NULL;
    PyObject *result = _PyBytes_DecodeEscape(text, end - text, NULL, &bad);
    if (result && bad && literal_warn_escape(p, bad, t) < 0) Py_CLEAR(result);
    return result;
}

/* ---- String literals -------------------------------------------------------------------------------------------- */

Expr *literal_new_constant(Parser *p, PyObject *value_steal, const Token *first, const Token *last)
{
    if (arena_own(p->arena, value_steal) < 0) return NULL;
    Expr *e = arena_alloc(p->arena, sizeof *e);
    if (!e) return NULL;
    e->kind = expr_Constant;
    e->pos = (AstPosition){first->lineno, first->col, last->end_lineno, last->end_col};
    e->Constant.value = value_steal;
    if (PyUnicode_CheckExact(value_steal) && token_start(p, first)[0] == 'u') {
        e->Constant.kind = intern_name(p, "u", 1);
        if (!e->Constant.kind) return NULL;
    }
    return e;
}

/* One string token taken apart. */
typedef struct {
    const char *text, *end;     /* between the quotes */
    bool bytes, raw, format;
} Literal;

static Literal split_literal(const Parser *p, const Token *t)
{
    Literal literal = {0};
    const char *c = token_start(p, t);
    for (; *c != '\'' && *c != '"'; c++) {
        switch (*c) {
        case 'b': case 'B': literal.bytes = true; break;
        case 'r': case 'R': literal.raw = true; break;
        case 'f': case 'F': literal.format = true; break;
        }
    }
    literal.end = p->tok->buffer + t->end;
    int quotes = literal.end - c >= 6 && c[1] == *c && c[2] == *c ? 3 : 1;
    literal.text = c + quotes;
    literal.end -= quotes;
    return literal;
}

static Expr *concatenate_bytes(Parser *p, int first, int last)
{
    PyObject *result = NULL;
    for (int i = first; i <= last; i++) {
        Literal literal = split_literal(p, &p->tokens[i]);
        if (!literal.bytes) {
            Py_XDECREF(result);
            return raise_at_last_token(p, PyExc_SyntaxError, "cannot mix bytes and nonbytes literals");
        }
        PyObject *part = decode_bytes(p, literal.text, literal.end, literal.raw, &p->tokens[i]);
        if (!part) {
            Py_XDECREF(result);
            return NULL;
        }
        if (result) {
            PyBytes_ConcatAndDel(&result, part);
            if (!result) return NULL;
        }
        else {
            result = part;
        }
    }
    return literal_new_constant(p, result, &p->tokens[first], &p->tokens[last]);
}

static Expr *concatenate_strings(Parser *p, int first, int last)
{
    size_t mark = p->stack_size;
    PyObject *pending = NULL;
    bool format = false;
    for (int i = first; i <= last; i++) {
        Literal literal = split_literal(p, &p->tokens[i]);
        if (literal.bytes) {
            raise_at_last_token(p, PyExc_SyntaxError, "cannot mix bytes and nonbytes literals");
            goto failed;
        }
        if (literal.format) {
            format = true;
            if (!require_version(p, 6, "Format strings are")) goto failed;
            if (!fstring_add_literal(p, literal.text, literal.end, literal.raw, i, first, last, &pending)) goto failed;
        }
        else {
            PyObject *part = literal_decode(p, literal.text, literal.end, literal.raw, &p->tokens[i]);
            if (!part || !fstring_add_text(&pending, part)) goto failed;
        }
    }
    if (format) return fstring_finish(p, mark, &pending, first, last);
    if (!pending && !(pending = PyUnicode_FromStringAndSize("", 0))) return NULL;
    return literal_new_constant(p, pending, &p->tokens[first], &p->tokens[last]);
failed:
    Py_XDECREF(pending);
    p->stack_size = mark;
    return NULL;
}

/* A ValueError or UnicodeError of a literal becomes a SyntaxError that shows where. */
static void convert_error(Parser *p)
{
    if (p->failed || !PyErr_Occurred()) return;
    raise_decode_problem(p);
    p->failed = true;
}

Expr *parse_strings(Parser *p)
{
    int first = p->pos;
    if (p->tokens[first].memo) {
        p->pos = p->tokens[first].memo_end;
        return p->tokens[first].memo;
    }
    while (peek(p) == TOK_STRING)
        p->pos++;
    if (p->failed) return NULL;
    int last = p->pos - 1;
    Expr *e = split_literal(p, &p->tokens[first]).bytes ? concatenate_bytes(p, first, last)
                                                        : concatenate_strings(p, first, last);
    if (!e) {
        convert_error(p);
        p->failed = true;
        return NULL;
    }
    p->tokens[first].memo = e;
    p->tokens[first].memo_end = p->pos;
    return e;
}
