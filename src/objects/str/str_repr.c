/* repr() of a str. */
#include "objects/str/str_internal.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* Are there only characters that repr shows as they are between single quotes? */
static bool is_plain(const Py_UCS1 *text, Py_ssize_t n)
{
    Py_ssize_t i = 0;
#ifdef __SSE2__
    const __m128i blank = _mm_set1_epi8(31), delete = _mm_set1_epi8(127), quote = _mm_set1_epi8('\''), slash = _mm_set1_epi8('\\');
    for (; i + 16 <= n; i += 16) {
        __m128i c = _mm_loadu_si128((const __m128i *)(text + i)), shown = _mm_cmpgt_epi8(c, blank);
        __m128i bad = _mm_or_si128(_mm_cmpeq_epi8(c, delete), _mm_or_si128(_mm_cmpeq_epi8(c, quote), _mm_cmpeq_epi8(c, slash)));
        if (_mm_movemask_epi8(_mm_andnot_si128(bad, shown)) != 0xffff)
            return false;
    }
#endif
    for (; i < n; i++)
        if (text[i] >= 128 || ascii_width[text[i]] != 1 || text[i] == '\'')
            return false;
    return true;
}

/* A plain ASCII str between single quotes. */
static PyObject *quoted(PyObject *s)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    PyObject *result = str_new_ascii(n + 2);
    if (result == NULL)
        return NULL;
    char *to = (char *)((PyASCIIObject *)result + 1);
    to[0] = to[n + 1] = '\'';
    str_copy_short(to + 1, PyUnicode_DATA(s), (size_t)n);
    return result;
}

PyObject *str_repr(PyObject *s)
{
    if (PyUnicode_READY(s) < 0)
        return NULL;
    StrView v = str_view(s);
    if (PyUnicode_IS_ASCII(s) && is_plain(v.data, v.length))
        return quoted(s);
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
