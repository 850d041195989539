/* Text forms of bytes: repr, escapes, hexadecimal, and decoding. */
#include "objects/bytes/bytes.h"
#include "objects/args_unpack.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static const char hex_digits[] = "0123456789abcdef";

PyObject *bytes_repr_data(const char *text, Py_ssize_t size, const char *prefix, const char *suffix)
{
    Py_ssize_t total = (Py_ssize_t)(strlen(prefix) + strlen(suffix)) + 2, singles = 0, doubles = 0;
    for (Py_ssize_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        singles += c == '\'';
        doubles += c == '"';
        Py_ssize_t more = c == '\\' || c == '\t' || c == '\n' || c == '\r' ? 2 : c < ' ' || c >= 0x7f ? 4 : 1;
        if (total > PY_SSIZE_T_MAX - more - size) {
            PyErr_SetString(PyExc_OverflowError, "bytes object is too large to make repr");
            return NULL;
        }
        total += more;
    }
    char quote = singles && !doubles ? '"' : '\'';
    /* A bytearray's single quotes are escaped between double ones too. */
    bool escapes_singles = quote == '\'' || suffix[0] != '\0';
    if (escapes_singles)
        total += singles;
    PyObject *s = PyUnicode_New(total, 127);
    if (s == NULL)
        return NULL;
    char *to = stpcpy(PyUnicode_DATA(s), prefix);
    *to++ = quote;
    for (Py_ssize_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == (unsigned char)quote || c == '\\' || (c == '\'' && escapes_singles)) {
            *to++ = '\\';
            *to++ = (char)c;
        } else if (c == '\t' || c == '\n' || c == '\r') {
            *to++ = '\\';
            *to++ = c == '\t' ? 't' : c == '\n' ? 'n' : 'r';
        } else if (c < ' ' || c >= 0x7f) {
            *to++ = '\\';
            *to++ = 'x';
            *to++ = hex_digits[c >> 4];
            *to++ = hex_digits[c & 15];
        } else {
            *to++ = (char)c;
        }
    }
    *to++ = quote;
    memcpy(to, suffix, strlen(suffix));
    return s;
}

/* --- backslash escapes, as in bytes literals --- */

static unsigned hex_value(char c)
{
    return str_hex_value((unsigned char)c);
}

static int octal_digit(const char *s, const char *end)
{
    return s < end && *s >= '0' && *s <= '7';
}

/* Decodes escapes. *bad is the first escape that means nothing (or an octal number above 0377), else -1; *bad_at its place. */
PyObject *_PyBytes_DecodeEscape2(const char *s, Py_ssize_t len, const char *errors, int *bad, const char **bad_at)
{
    const char *end = s + len;
    _PyBytesWriter w;
    _PyBytesWriter_Init(&w);
    char *to = _PyBytesWriter_Alloc(&w, len);
    if (to == NULL)
        return NULL;
    w.overallocate = 1;
    *bad = -1;
    *bad_at = NULL;
    while (s < end) {
        if (*s != '\\') {
            *to++ = *s++;
            continue;
        }
        if (++s == end) {
            PyErr_SetString(PyExc_ValueError, "Trailing \\ in string");
            goto error;
        }
        char c = *s++;
        switch (c) {
        case '\n': break;
        case '\\': case '\'': case '"': *to++ = c; break;
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 't': *to++ = '\t'; break;
        case 'n': *to++ = '\n'; break;
        case 'r': *to++ = '\r'; break;
        case 'v': *to++ = '\v'; break;
        case 'a': *to++ = '\a'; break;
        case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': {
            int value = c - '0';
            for (int i = 0; i < 2 && octal_digit(s, end); i++)
                value = value * 8 + *s++ - '0';
            if (value > 0377 && *bad == -1) {
                *bad = value;
                *bad_at = s - 3;
            }
            *to++ = (char)value;
            break;
        }
        case 'x':
            if (end - s >= 2 && hex_value(s[0]) < 16 && hex_value(s[1]) < 16) {
                *to++ = (char)(hex_value(s[0]) << 4 | hex_value(s[1]));
                s += 2;
                break;
            }
            if (errors == NULL || strcmp(errors, "strict") == 0) {
                PyErr_Format(PyExc_ValueError, "invalid \\x escape at position %zd", s - 2 - (end - len));
                goto error;
            }
            if (strcmp(errors, "replace") == 0) {
                *to++ = '?';
            } else if (strcmp(errors, "ignore") != 0) {
                PyErr_Format(PyExc_ValueError, "decoding error; unknown error handling code: %.400s", errors);
                goto error;
            }
            if (s < end && hex_value(*s) < 16)
                s++;
            break;
        default:
            if (*bad == -1) {
                *bad = (unsigned char)c;
                *bad_at = s - 1;
            }
            *to++ = '\\';
            s--;
        }
    }
    return _PyBytesWriter_Finish(&w, to);

error:
    _PyBytesWriter_Dealloc(&w);
    return NULL;
}

PyObject *_PyBytes_DecodeEscape(const char *s, Py_ssize_t len, const char *errors, const char **bad_at)
{
    int bad;
    return _PyBytes_DecodeEscape2(s, len, errors, &bad, bad_at);
}

/* New bytes from text with escapes; an invalid escape gives a DeprecationWarning. */
PyObject *PyBytes_DecodeEscape(const char *s, Py_ssize_t len, const char *errors, Py_ssize_t unused1,
                               const char *unused2)
{
    int bad;
    const char *bad_at;
    (void)unused1;
    (void)unused2;
    PyObject *result = _PyBytes_DecodeEscape2(s, len, errors, &bad, &bad_at);
    if (result == NULL || bad == -1)
        return result;
    int r = bad > 0xff ? PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "invalid octal escape sequence '\\%.3s'", bad_at)
                       : PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "invalid escape sequence '\\%c'", bad);
    if (r < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

/* --- hexadecimal --- */

/* The digits of n bytes; returns what is behind them. */
static char *put_hex(char *to, const char *data, Py_ssize_t n)
{
    Py_ssize_t i = 0;
#ifdef __SSE2__
    const __m128i nibble = _mm_set1_epi8(15), nine = _mm_set1_epi8(9), zero = _mm_set1_epi8('0');
    const __m128i letters = _mm_set1_epi8('a' - '0' - 10);
    for (; i + 16 <= n; i += 16, to += 32) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(data + i));
        __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble), low = _mm_and_si128(bytes, nibble);
        high = _mm_add_epi8(_mm_add_epi8(high, zero), _mm_and_si128(_mm_cmpgt_epi8(high, nine), letters));
        low = _mm_add_epi8(_mm_add_epi8(low, zero), _mm_and_si128(_mm_cmpgt_epi8(low, nine), letters));
        _mm_storeu_si128((__m128i *)to, _mm_unpacklo_epi8(high, low));
        _mm_storeu_si128((__m128i *)(to + 16), _mm_unpackhi_epi8(high, low));
    }
#endif
    for (; i < n; i++) {
        unsigned char c = (unsigned char)data[i];
        *to++ = hex_digits[c >> 4];
        *to++ = hex_digits[c & 15];
    }
    return to;
}

static PyObject *hex_text(const char *data, Py_ssize_t n, PyObject *sep, int group, bool as_bytes)
{
    int sep_char = 0;
    Py_ssize_t every = group < 0 ? -(Py_ssize_t)group : group, separators = 0;
    if (sep != NULL) {
        Py_ssize_t seplen = PyObject_Length(sep);
        if (seplen < 0)
            return NULL;
        if (seplen != 1) {
            PyErr_SetString(PyExc_ValueError, "sep must be length 1.");
            return NULL;
        }
        if (PyUnicode_Check(sep)) {
            if (PyUnicode_READY(sep) < 0)
                return NULL;
            if (PyUnicode_KIND(sep) != PyUnicode_1BYTE_KIND) {
                PyErr_SetString(PyExc_ValueError, "sep must be ASCII.");
                return NULL;
            }
            sep_char = (int)PyUnicode_READ_CHAR(sep, 0);
        } else if (PyBytes_Check(sep)) {
            sep_char = (unsigned char)PyBytes_AS_STRING(sep)[0];
        } else {
            PyErr_SetString(PyExc_TypeError, "sep must be str or bytes.");
            return NULL;
        }
        if (sep_char > 127 && !as_bytes) {
            PyErr_SetString(PyExc_ValueError, "sep must be ASCII.");
            return NULL;
        }
        if (every > 0 && n > 0)
            separators = (n - 1) / every;
    }
    if (n > (PY_SSIZE_T_MAX - separators) / 2)
        return PyErr_NoMemory();
    PyObject *result = as_bytes ? PyBytes_FromStringAndSize(NULL, 2 * n + separators) : PyUnicode_New(2 * n + separators, 127);
    if (result == NULL || n == 0)
        return result;
    char *to = as_bytes ? PyBytes_AS_STRING(result) : PyUnicode_DATA(result);
    if (separators == 0) {
        put_hex(to, data, n);
        return result;
    }
    /* Groups are counted from the right for a positive size, from the left for a negative one. */
    Py_ssize_t until = group < 0 ? every : n - separators * every;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (i == until) {
            *to++ = (char)sep_char;
            until += every;
        }
        unsigned char c = (unsigned char)data[i];
        *to++ = hex_digits[c >> 4];
        *to++ = hex_digits[c & 15];
    }
    return result;
}

PyObject *_Py_strhex(const char *data, Py_ssize_t n)
{
    return hex_text(data, n, NULL, 0, false);
}

PyObject *_Py_strhex_bytes(const char *data, Py_ssize_t n)
{
    return hex_text(data, n, NULL, 0, true);
}

PyObject *_Py_strhex_with_sep(const char *data, Py_ssize_t n, PyObject *sep, int group)
{
    return hex_text(data, n, sep, group, false);
}

PyObject *_Py_strhex_bytes_with_sep(const char *data, Py_ssize_t n, PyObject *sep, int group)
{
    return hex_text(data, n, sep, group, true);
}

BYTES_FASTKW(hex)
{
    static const char *const keywords[] = {"sep", "bytes_per_sep", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "hex"};
    PyObject *room[2];
    int group = 1;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 2, 2, room) < 0)
        return NULL;
    args = room;
    if (args[1] != NULL) {
        group = _PyLong_AsInt(args[1]);
        if (group == -1 && PyErr_Occurred())
            return NULL;
    }
    return hex_text(bytes_like_data(self), Py_SIZE(self), args[0], group, false);
}

/* New bytes, or bytearray, from pairs of hexadecimal digits with white space between. */
Py_ssize_t bytes_take_hex(const Py_UCS1 *from, Py_ssize_t pairs, char *to)
{
    Py_ssize_t done = 0;
#ifdef __SSE2__
    const __m128i low_bits = _mm_set1_epi16(15), case_bit = _mm_set1_epi8(0x20);
    for (; done + 8 <= pairs; done += 8) {
        /* Of 16 digits, the values: those of '0' to '9' and of 'a' to 'f' each moved to where one comparison finds them. */
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(from + 2 * done));
        __m128i decimal = _mm_sub_epi8(text, _mm_set1_epi8('0'));
        __m128i letter = _mm_sub_epi8(_mm_or_si128(text, case_bit), _mm_set1_epi8('a'));
        __m128i is_decimal = _mm_cmpeq_epi8(_mm_min_epu8(decimal, _mm_set1_epi8(9)), decimal);
        __m128i is_letter = _mm_cmpeq_epi8(_mm_min_epu8(letter, _mm_set1_epi8(5)), letter);
        if (_mm_movemask_epi8(_mm_or_si128(is_decimal, is_letter)) != 0xffff) break;
        __m128i values = _mm_or_si128(_mm_and_si128(is_decimal, decimal),
                                      _mm_andnot_si128(is_decimal, _mm_add_epi8(letter, _mm_set1_epi8(10))));
        __m128i bytes = _mm_or_si128(_mm_slli_epi16(_mm_and_si128(values, low_bits), 4), _mm_srli_epi16(values, 8));
        _mm_storel_epi64((__m128i *)(void *)(to + done), _mm_packus_epi16(bytes, bytes));
    }
#endif
    for (; done < pairs; done++) {
        unsigned high = _PyLong_DigitValue[from[2 * done]], low = _PyLong_DigitValue[from[2 * done + 1]];
        if ((high | low) & ~15u) break;
        to[done] = (char)(high << 4 | low);
    }
    return done;
}

PyObject *_PyBytes_FromHex(PyObject *string, int use_bytearray)
{
    _PyBytesWriter w;
    Py_ssize_t n, i = 0;
    _PyBytesWriter_Init(&w);
    w.use_bytearray = use_bytearray;
    if (PyUnicode_READY(string) < 0)
        return NULL;
    n = PyUnicode_GET_LENGTH(string);
    StrView v = str_view(string);
    char *to = _PyBytesWriter_Alloc(&w, n / 2);
    if (to == NULL)
        return NULL;
    for (;;) {
        while (i < n && PyUnicode_READ(v.kind, v.data, i) < 128 && Py_ISSPACE(PyUnicode_READ(v.kind, v.data, i)))
            i++;
        if (i >= n)
            break;
        if (v.kind == PyUnicode_1BYTE_KIND) {
            Py_ssize_t pairs = bytes_take_hex((const Py_UCS1 *)v.data + i, (n - i) / 2, to);
            to += pairs;
            i += 2 * pairs;
            if (pairs)
                continue;
        }
        unsigned digit[2];
        for (int k = 0; k < 2; k++, i++) {
            Py_UCS4 ch = i < n ? PyUnicode_READ(v.kind, v.data, i) : 0;
            digit[k] = str_hex_value(ch);
            if (digit[k] >= 16) {
                if (!PyUnicode_IS_ASCII(string)) {      /* what is no ASCII is complained about first */
                    for (i = 0; PyUnicode_READ(v.kind, v.data, i) < 128;) i++;
                }
                PyErr_Format(PyExc_ValueError, "non-hexadecimal number found in fromhex() arg at position %zd", i);
                _PyBytesWriter_Dealloc(&w);
                return NULL;
            }
        }
        *to++ = (char)((digit[0] << 4) | digit[1]);
    }
    return _PyBytesWriter_Finish(&w, to);
}

static PyObject *fromhex(PyObject *type, PyObject *string, int use_bytearray, PyTypeObject *base)
{
    if (!PyUnicode_Check(string)) {
        _PyArg_BadArgument("fromhex", "argument", "str", string);
        return NULL;
    }
    PyObject *result = _PyBytes_FromHex(string, use_bytearray);
    if (result != NULL && type != (PyObject *)base)
        Py_SETREF(result, PyObject_CallOneArg(type, result));
    return result;
}

PyObject *bytes_fromhex_method(PyObject *type, PyObject *string)
{
    return fromhex(type, string, 0, &PyBytes_Type);
}

PyObject *bytearray_fromhex_method(PyObject *type, PyObject *string)
{
    return fromhex(type, string, 1, &PyByteArray_Type);
}

/* --- decode --- */

BYTES_FASTKW(decode)
{
    static const char *const keywords[] = {"encoding", "errors", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "decode"};
    PyObject *values[2];
    const char *encoding, *errors;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 2, 2, values) < 0 ||
        str_codec_arguments("decode", values[0], values[1], &encoding, &errors) < 0)
        return NULL;
    return PyUnicode_FromEncodedObject(self, encoding, errors);
}
