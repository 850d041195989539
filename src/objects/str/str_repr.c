/* repr() of a str. */
#include "objects/str/str_internal.h"

static const char hex_digits[] = "0123456789abcdef";

static const unsigned char ascii_width[128] = {
    [0 ... 8] = 4, ['\t'] = 2, ['\n'] = 2, [11 ... 12] = 4, ['\r'] = 2, [14 ... 31] = 4, [32 ... 91] = 1, ['\\'] = 2,
    [93 ... 126] = 1, [127] = 4,
};

/* Number of characters that repr writes for one, quotes not considered. */
static inline int repr_width(Py_UCS4 ch)
{
    if (ch < 128)
        return ascii_width[ch];
    if (Py_UNICODE_ISPRINTABLE(ch))
        return 1;
    return ch < 0x100 ? 4 : ch < 0x10000 ? 6 : 10;
}

/* Writes \x, \u or \U with the digits of ch. Returns the number of characters. */
static int put_escape(int kind, void *data, Py_ssize_t at, Py_UCS4 ch)
{
    int digits = ch < 0x100 ? 2 : ch < 0x10000 ? 4 : 8;
    PyUnicode_WRITE(kind, data, at, '\\');
    PyUnicode_WRITE(kind, data, at + 1, digits == 2 ? 'x' : digits == 4 ? 'u' : 'U');
    for (int i = 0; i < digits; i++)
        PyUnicode_WRITE(kind, data, at + 2 + i, hex_digits[(ch >> (4 * (digits - 1 - i))) & 15]);
    return digits + 2;
}

PyObject *str_repr(PyObject *s)
{
    if (PyUnicode_READY(s) < 0)
        return NULL;
    StrView v = str_view(s);
    Py_ssize_t total = 2, singles = 0, doubles = 0;
    Py_UCS4 max = 127;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = v.kind == 1 ? ((const Py_UCS1 *)v.data)[i] : PyUnicode_READ(v.kind, v.data, i);
        singles += ch == '\'';
        doubles += ch == '"';
        int width = repr_width(ch);
        if (width == 1 && ch > max)
            max = ch;
        if (total > PY_SSIZE_T_MAX - width - v.length) {
            PyErr_SetString(PyExc_OverflowError, "string is too long to generate repr");
            return NULL;
        }
        total += width;
    }
    Py_UCS4 quote = singles && !doubles ? '"' : '\'';
    if (quote == '\'')
        total += singles;
    PyObject *result = PyUnicode_New(total, max);
    if (result == NULL)
        return NULL;
    int kind = PyUnicode_KIND(result);
    void *data = PyUnicode_DATA(result);
    PyUnicode_WRITE(kind, data, 0, quote);
    PyUnicode_WRITE(kind, data, total - 1, quote);
    if (total == v.length + 2) {
        str_copy_chars(kind, (char *)data + kind, v.kind, v.data, v.length);
        return result;
    }
    Py_ssize_t at = 1;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch == quote || repr_width(ch) == 2) {
            PyUnicode_WRITE(kind, data, at++, '\\');
            PyUnicode_WRITE(kind, data, at++, ch == '\t' ? 't' : ch == '\n' ? 'n' : ch == '\r' ? 'r' : ch);
        } else if (repr_width(ch) == 1) {
            PyUnicode_WRITE(kind, data, at++, ch);
        } else {
            at += put_escape(kind, data, at, ch);
        }
    }
    return result;
}
