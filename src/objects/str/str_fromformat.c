/* PyUnicode_FromFormat: C's printf with objects, for error messages and the like. */
#include "objects/str/str_internal.h"
#include <ctype.h>

/* One "%…" unit, parsed. */
typedef struct {
    Py_ssize_t width, precision;        /* -1: not given */
    bool broken;                        /* a '.' without a precision: no unit */
    bool zero_pad;
    enum { PLAIN, LONG, LONG_LONG, SIZE } size;
    char unit;
} Unit;

static int read_number(const char **f, Py_ssize_t *number, const char *what)
{
    Py_ssize_t n = 0;
    for (; isdigit((unsigned char)**f); (*f)++) {
        int digit = **f - '0';
        if (n > (PY_SSIZE_T_MAX - digit) / 10) {
            PyErr_Format(PyExc_ValueError, "%s too big", what);
            return -1;
        }
        n = n * 10 + digit;
    }
    *number = n;
    return 0;
}

/* Reads what follows a '%'. */
static int parse_unit(const char **f, Unit *u)
{
    *u = (Unit){.width = -1, .precision = -1};
    if (**f == '0') {
        u->zero_pad = true;
        (*f)++;
    }
    if (isdigit((unsigned char)**f) && read_number(f, &u->width, "width") < 0)
        return -1;
    if (**f == '.') {
        (*f)++;
        if (isdigit((unsigned char)**f) && read_number(f, &u->precision, "precision") < 0)
            return -1;
        u->broken = u->precision < 0 || **f == '%';
    }
    if ((*f)[0] == 'l' && (*f)[1] == 'l' && strchr("diu", (*f)[2]) && (*f)[2]) {
        u->size = LONG_LONG;
        *f += 2;
    } else if ((*f)[0] == 'l' && (*f)[1] && strchr("diu", (*f)[1])) {
        u->size = LONG;
        *f += 1;
    } else if ((*f)[0] == 'z' && (*f)[1] && strchr("diu", (*f)[1])) {
        u->size = SIZE;
        *f += 1;
    }
    u->unit = **f;
    if (**f)
        (*f)++;
    return 0;
}

static int write_fill(_PyUnicodeWriter *w, char ch, Py_ssize_t n)
{
    if (n <= 0)
        return 0;
    if (_PyUnicodeWriter_Prepare(w, n, 127) < 0)
        return -1;
    str_fill_chars(w->kind, (char *)w->data + w->pos * w->kind, (Py_UCS4)ch, n);
    w->pos += n;
    return 0;
}

static int write_str(_PyUnicodeWriter *w, PyObject *s, const Unit *u)
{
    if (s == NULL || PyUnicode_READY(s) < 0)
        return -1;
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (u->precision >= 0)
        n = Py_MIN(n, u->precision);
    if (write_fill(w, ' ', u->width - n) < 0)
        return -1;
    return _PyUnicodeWriter_WriteSubstring(w, s, 0, n);
}

/* Steals s, which may be NULL with an exception set. */
static int write_str_steal(_PyUnicodeWriter *w, PyObject *s, const Unit *u)
{
    int r = write_str(w, s, u);
    Py_XDECREF(s);
    return r;
}

/* UTF-8 text; the precision counts bytes. */
static int write_text(_PyUnicodeWriter *w, const char *text, const Unit *u)
{
    Py_ssize_t n = u->precision < 0 ? (Py_ssize_t)strlen(text) : (Py_ssize_t)strnlen(text, (size_t)u->precision);
    if (str_bytes_are_ascii(text, n)) {
        if (write_fill(w, ' ', u->width - n) < 0)
            return -1;
        return n == 0 ? 0 : _PyUnicodeWriter_WriteASCIIString(w, text, n);
    }
    Unit rest = *u;
    rest.precision = -1;
    return write_str_steal(w, PyUnicode_DecodeUTF8Stateful(text, n, "replace", NULL), &rest);
}

/* Writes v in decimal, in front a minus sign if it is wanted; returns the length. */
static int decimal(char *text, unsigned long long v, bool negative)
{
    char digits[24];
    int n = 0, length = 0;
    do digits[n++] = (char)('0' + v % 10);
    while ((v /= 10));
    if (negative) text[length++] = '-';
    while (n) text[length++] = digits[--n];
    return length;
}

static int write_integer(_PyUnicodeWriter *w, va_list *args, const Unit *u)
{
    char digits[32];
    int n;
    if (u->unit == 'x') {
        n = snprintf(digits, sizeof(digits), "%x", va_arg(*args, int));
    } else if (u->unit == 'u') {
        unsigned long long v = u->size == LONG_LONG ? va_arg(*args, unsigned long long)
                             : u->size == LONG      ? va_arg(*args, unsigned long)
                             : u->size == SIZE      ? va_arg(*args, size_t)
                                                    : va_arg(*args, unsigned int);
        n = decimal(digits, v, false);
    } else {
        long long v = u->size == LONG_LONG ? va_arg(*args, long long)
                    : u->size == LONG      ? va_arg(*args, long)
                    : u->size == SIZE      ? va_arg(*args, Py_ssize_t)
                                           : va_arg(*args, int);
        n = decimal(digits, v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v, v < 0);
    }
    Py_ssize_t precision = Py_MAX(u->precision, n);
    if (write_fill(w, u->zero_pad ? '0' : ' ', u->width - precision) < 0 || write_fill(w, '0', precision - n) < 0)
        return -1;
    return _PyUnicodeWriter_WriteASCIIString(w, digits, n);
}

static int write_pointer(_PyUnicodeWriter *w, void *pointer)
{
    char text[32];
    int n = snprintf(text, sizeof(text), "0x%lx", (unsigned long)(uintptr_t)pointer);
    return _PyUnicodeWriter_WriteASCIIString(w, text, n);
}

static int write_char(_PyUnicodeWriter *w, int ch)
{
    if (ch < 0 || ch > (int)STR_MAX_CODE) {
        PyErr_SetString(PyExc_OverflowError, "character argument not in range(0x110000)");
        return -1;
    }
    return _PyUnicodeWriter_WriteChar(w, (Py_UCS4)ch);
}

/* %V: a str, or UTF-8 text when it is NULL. */
static int write_either(_PyUnicodeWriter *w, PyObject *s, const char *text, const Unit *u)
{
    return s != NULL ? write_str(w, s, u) : write_text(w, text, u);
}

/* Writes one unit, taking its arguments; 1 when the unit is unknown. */
static int write_unit(_PyUnicodeWriter *w, va_list *args, const Unit *u)
{
    switch (u->unit) {
    case 'c':
        return write_char(w, va_arg(*args, int));
    case 'd': case 'i': case 'u': case 'x':
        return write_integer(w, args, u);
    case 'p':
        return write_pointer(w, va_arg(*args, void *));
    case 's':
        return write_text(w, va_arg(*args, const char *), u);
    case 'U':
        return write_str(w, va_arg(*args, PyObject *), u);
    case 'V': {
        PyObject *s = va_arg(*args, PyObject *);
        return write_either(w, s, va_arg(*args, const char *), u);
    }
    case 'S':
        return write_str_steal(w, PyObject_Str(va_arg(*args, PyObject *)), u);
    case 'R':
        return write_str_steal(w, PyObject_Repr(va_arg(*args, PyObject *)), u);
    case 'A':
        return write_str_steal(w, PyObject_ASCII(va_arg(*args, PyObject *)), u);
    case '%':
        return _PyUnicodeWriter_WriteChar(w, '%');
    default:
        return 1;
    }
}

/* New str from an ASCII format and its arguments (manual: PyUnicode_FromFormat). */
PyObject *PyUnicode_FromFormatV(const char *format, va_list vargs)
{
    _PyUnicodeWriter w;
    va_list args;
    _PyUnicodeWriter_Init(&w);
    w.min_length = (Py_ssize_t)strlen(format) + 100;
    w.overallocate = 1;
    va_copy(args, vargs);
    for (const char *f = format; *f;) {
        if (*f == '%') {
            const char *start = f++;
            Unit u;
            if (parse_unit(&f, &u) < 0)
                goto error;
            int r = u.broken ? 1 : write_unit(&w, &args, &u);
            if (r < 0)
                goto error;
            if (r > 0) {                /* an unknown unit: the rest stands as it is */
                if (_PyUnicodeWriter_WriteASCIIString(&w, start, -1) < 0)
                    goto error;
                break;
            }
            continue;
        }
        const char *end = strchrnul(f, '%');
        if (!str_bytes_are_ascii(f, end - f)) {
            while ((unsigned char)*f <= 127) f++;
            PyErr_Format(PyExc_ValueError,
                         "PyUnicode_FromFormatV() expects an ASCII-encoded format string, got a non-ASCII byte: "
                         "0x%02x", (unsigned char)*f);
            goto error;
        }
        if (*end == '\0')
            w.overallocate = 0;
        if (_PyUnicodeWriter_WriteASCIIString(&w, f, end - f) < 0)
            goto error;
        f = end;
    }
    va_end(args);
    return _PyUnicodeWriter_Finish(&w);

error:
    va_end(args);
    _PyUnicodeWriter_Dealloc(&w);
    return NULL;
}

PyObject *PyUnicode_FromFormat(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *s = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return s;
}
