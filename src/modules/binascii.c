/* binascii: bytes as hexadecimal, base64, quoted-printable and uuencoded text, and checksums (the manual: library/binascii). */
#include <Python.h>
#include <internal/krait_exports.h>

#include <stdbool.h>
#include <stdint.h>
#include <zlib.h>

#include "modules/base64_lanes.h"
#include "objects/bytes/bytes.h"

struct BinasciiModule {
    PyObject *error, *incomplete;       /* owned */
};

static inline struct BinasciiModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *refuse(PyObject *module, const char *message)
{
    PyErr_SetString(module_state(module)->error, message);
    return NULL;
}

/* "O&": the bytes of a buffer or of a str that is ASCII. */
static int text_convert(PyObject *obj, void *address)
{
    Py_buffer *view = address;
    if (!obj) {
        PyBuffer_Release(view);
        return 1;
    }
    if (PyUnicode_Check(obj)) {
        if (PyUnicode_READY(obj) < 0) return 0;
        if (!PyUnicode_IS_ASCII(obj)) {
            PyErr_SetString(PyExc_ValueError, "string argument should contain only ASCII characters");
            return 0;
        }
        view->buf = PyUnicode_1BYTE_DATA(obj);
        view->len = PyUnicode_GET_LENGTH(obj);
        view->obj = NULL;
        return 1;
    }
    if (PyObject_GetBuffer(obj, view, PyBUF_SIMPLE) != 0) {
        PyErr_Format(PyExc_TypeError, "argument should be bytes, buffer or ASCII string, not '%.100s'", Py_TYPE(obj)->tp_name);
        return 0;
    }
    return Py_CLEANUP_SUPPORTED;
}

#define PARSER(FORMAT, ...) \
    static const char *const keywords[] = {__VA_ARGS__, NULL}; \
    static _PyArg_Parser parser = {.keywords = keywords, .format = FORMAT}
#define PARSE(...) \
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, __VA_ARGS__)) return NULL

/* ---- uuencode ---- */

static PyObject *a2b_uu(PyObject *module, PyObject *obj)
{
    Py_buffer view;
    if (!text_convert(obj, &view)) return NULL;
    const unsigned char *from = view.buf, *end = from + view.len;
    /* The first character is the length; an empty text counts as 32 zeros, as it always has. */
    Py_ssize_t size = ((view.len ? *from : 0) - ' ') & 077;
    if (view.len) from++;
    PyObject *result = PyBytes_FromStringAndSize(NULL, size);
    if (!result) goto done;
    unsigned char *to = (unsigned char *)PyBytes_AS_STRING(result);
    unsigned bits = 0;
    int have = 0;
    while (size > 0) {
        /* Spaces at the end of a line may have been lost: missing characters are zeros. */
        unsigned c = from < end ? *from : '\n', value = 0;
        if (c != '\n' && c != '\r') {
            if (c < ' ' || c > ' ' + 64) {
                refuse(module, "Illegal char");
                Py_CLEAR(result);
                goto done;
            }
            value = (c - ' ') & 077;
        }
        from++;
        bits = bits << 6 | value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            *to++ = (unsigned char)(bits >> have);
            size--;
        }
    }
    for (; from < end; from++) {
        if (*from == ' ' || *from == ' ' + 64 || *from == '\n' || *from == '\r') continue;
        refuse(module, "Trailing garbage");
        Py_CLEAR(result);
        break;
    }
done:
    PyBuffer_Release(&view);
    return result;
}

static PyObject *b2a_uu(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*|$i:b2a_uu", "", "backtick");
    Py_buffer view;
    int backtick = 0;
    PARSE(&view, &backtick);
    PyObject *result = NULL;
    if (view.len > 45) {
        refuse(module, "At most 45 bytes at once");
        goto done;
    }
    const unsigned char *from = view.buf;
    char text[64], *to = text, zero = backtick ? '`' : ' ';
    *to++ = view.len ? (char)(' ' + view.len) : zero;
    for (Py_ssize_t i = 0; i < view.len; i += 3) {
        unsigned bits = from[i] << 16;
        if (i + 1 < view.len) bits |= from[i + 1] << 8;
        if (i + 2 < view.len) bits |= from[i + 2];
        for (int shift = 18; shift >= 0; shift -= 6) {
            unsigned value = bits >> shift & 077;
            *to++ = value ? (char)(value + ' ') : zero;
        }
    }
    *to++ = '\n';
    result = PyBytes_FromStringAndSize(text, to - text);
done:
    PyBuffer_Release(&view);
    return result;
}

/* ---- base64 ---- */

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* 64 for what is no digit. */
static const unsigned char base64_values[256] = {
    [0 ... 42] = 64, [43] = 62, [44 ... 46] = 64, [47] = 63,
    ['0'] = 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, [58 ... 64] = 64,
    ['A'] = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, [91 ... 96] = 64,
    ['a'] = 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
    [123 ... 255] = 64,
};

/* Decodes into a buffer with room for (size + 3) / 4 * 3 bytes; the number of bytes, or -1 with an exception set. */
static Py_ssize_t decode_base64(PyObject *module, const unsigned char *from, Py_ssize_t size, bool strict, unsigned char *to)
{
    enum { LANES_MIN = 44 };
    unsigned char *start = to;
    unsigned left = 0;
    int place = 0, pads = 0;
    bool padding = false;
    if (strict && size > 0 && from[0] == '=') {
        refuse(module, "Leading padding not allowed");
        return -1;
    }
    for (Py_ssize_t i = 0; i < size;) {
        if (place == 0 && !padding) {
            /* Whole groups of digits, as long as they last. */
            if (size - i >= LANES_MIN) {
                size_t done = base64_lanes_decode(from + i, (size_t)(size - i), to);
                i += (Py_ssize_t)done;
                to += done / 4 * 3;
            }
            while (i + 4 <= size) {
                unsigned a = base64_values[from[i]], b = base64_values[from[i + 1]], c = base64_values[from[i + 2]];
                unsigned d = base64_values[from[i + 3]];
                if ((a | b | c | d) & 64) break;
                *to++ = (unsigned char)(a << 2 | b >> 4);
                *to++ = (unsigned char)(b << 4 | c >> 2);
                *to++ = (unsigned char)(c << 6 | d);
                i += 4;
            }
            if (i >= size) break;
        }
        unsigned char ch = from[i++];
        if (ch == '=') {
            padding = true;
            if (place >= 2 && place + ++pads >= 4) {
                if (strict && i < size) {
                    refuse(module, "Excess data after padding");
                    return -1;
                }
                return to - start;
            }
            continue;
        }
        unsigned value = base64_values[ch];
        if (value == 64) {
            if (!strict) continue;
            refuse(module, "Only base64 data is allowed");
            return -1;
        }
        if (strict && padding) {
            refuse(module, "Discontinuous padding not allowed");
            return -1;
        }
        pads = 0;
        switch (place) {
        case 0: break;
        case 1: *to++ = (unsigned char)(left << 2 | value >> 4); value &= 15; break;
        case 2: *to++ = (unsigned char)(left << 4 | value >> 2); value &= 3; break;
        case 3: *to++ = (unsigned char)(left << 6 | value); value = 0; break;
        }
        left = value;
        place = (place + 1) & 3;
        if (place == 0) padding = false;
    }
    if (place == 0) return to - start;
    if (place == 1) {
        PyErr_Format(module_state(module)->error, "Invalid base64-encoded string: number of data characters (%zd) cannot be 1 "
                     "more than a multiple of 4", (to - start) / 3 * 4 + 1);
    } else {
        refuse(module, "Incorrect padding");
    }
    return -1;
}

static PyObject *a2b_base64(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("O&|$i:a2b_base64", "", "strict_mode");
    Py_buffer view;
    int strict = 0;
    PARSE(text_convert, &view, &strict);
    PyObject *result = PyBytes_FromStringAndSize(NULL, (view.len + 3) / 4 * 3);
    if (result) {
        Py_ssize_t n = decode_base64(module, view.buf, view.len, strict, (unsigned char *)PyBytes_AS_STRING(result));
        if (n < 0) Py_CLEAR(result);
        else if (n != PyBytes_GET_SIZE(result)) _PyBytes_Resize(&result, n);
    }
    PyBuffer_Release(&view);
    return result;
}

static PyObject *b2a_base64(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*|$i:b2a_base64", "", "newline");
    Py_buffer view;
    int newline = 1;
    PARSE(&view, &newline);
    newline = newline != 0;
    PyObject *result = NULL;
    const unsigned char *from = view.buf, *end = from + view.len;
    if (view.len > (PY_SSIZE_T_MAX - 3) / 2) {
        refuse(module, "Too much data for base64 line");
    } else if ((result = PyBytes_FromStringAndSize(NULL, (view.len + 2) / 3 * 4 + newline))) {
        char *to = PyBytes_AS_STRING(result);
        size_t done = base64_lanes_encode(from, (size_t)view.len, to);
        from += done;
        to += done / 3 * 4;
        for (; end - from >= 3; from += 3, to += 4) {
            unsigned bits = from[0] << 16 | from[1] << 8 | from[2];
            to[0] = base64_digits[bits >> 18];
            to[1] = base64_digits[bits >> 12 & 63];
            to[2] = base64_digits[bits >> 6 & 63];
            to[3] = base64_digits[bits & 63];
        }
        if (from < end) {
            bool two = end - from == 2;
            unsigned bits = from[0] << 16 | (two ? from[1] << 8 : 0);
            *to++ = base64_digits[bits >> 18];
            *to++ = base64_digits[bits >> 12 & 63];
            *to++ = two ? base64_digits[bits >> 6 & 63] : '=';
            *to++ = '=';
        }
        if (newline) *to = '\n';
    }
    PyBuffer_Release(&view);
    return result;
}

/* ---- Hexadecimal ---- */

static PyObject *a2b_hex(PyObject *module, PyObject *obj)
{
    Py_buffer view;
    if (!text_convert(obj, &view)) return NULL;
    const unsigned char *from = view.buf;
    PyObject *result = NULL;
    if (view.len & 1) {
        refuse(module, "Odd-length string");
    } else if ((result = PyBytes_FromStringAndSize(NULL, view.len / 2))) {
        if (bytes_take_hex(from, view.len / 2, PyBytes_AS_STRING(result)) < view.len / 2) {
            refuse(module, "Non-hexadecimal digit found");
            Py_CLEAR(result);
        }
    }
    PyBuffer_Release(&view);
    return result;
}

static PyObject *to_hex(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser)
{
    Py_buffer view;
    PyObject *separator = NULL;
    int group = 1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, parser, &view, &separator, &group)) return NULL;
    PyObject *result = _Py_strhex_bytes_with_sep(view.buf, view.len, separator, group);
    PyBuffer_Release(&view);
    return result;
}

static PyObject *b2a_hex(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*|Oi:b2a_hex", "data", "sep", "bytes_per_sep");
    return to_hex(args, nargs, kwnames, &parser);
}

static PyObject *hexlify(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*|Oi:hexlify", "data", "sep", "bytes_per_sep");
    return to_hex(args, nargs, kwnames, &parser);
}

/* ---- Quoted-printable ---- */

static bool is_hex(unsigned char c)
{
    return _PyLong_DigitValue[c] < 16;
}

static PyObject *a2b_qp(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("O&|i:a2b_qp", "data", "header");
    Py_buffer view;
    int header = 0;
    PARSE(text_convert, &view, &header);
    const unsigned char *from = view.buf;
    Py_ssize_t n = view.len, in = 0;
    PyObject *result = PyBytes_FromStringAndSize(NULL, n);
    if (!result) goto done;
    unsigned char *start = (unsigned char *)PyBytes_AS_STRING(result), *to = start;
    while (in < n) {
        unsigned char c = from[in++];
        if (c == '_' && header) {
            *to++ = ' ';
            continue;
        }
        if (c != '=') {
            *to++ = c;
            continue;
        }
        if (in >= n) break;
        c = from[in];
        if (c == '\n' || c == '\r') {           /* a line that goes on */
            if (c != '\n') {
                while (in < n && from[in] != '\n') in++;
            }
            if (in < n) in++;
        } else if (c == '=') {                  /* once written by broken encoders */
            *to++ = '=';
            in++;
        } else if (in + 1 < n && is_hex(c) && is_hex(from[in + 1])) {
            *to++ = (unsigned char)(_PyLong_DigitValue[c] << 4 | _PyLong_DigitValue[from[in + 1]]);
            in += 2;
        } else {
            *to++ = '=';
        }
    }
    if (to - start != n) _PyBytes_Resize(&result, to - start);
done:
    PyBuffer_Release(&view);
    return result;
}

typedef struct {
    const unsigned char *data;
    Py_ssize_t size;
    bool quote_tabs, text, header, crlf;
} Quoting;

/* Whether the byte at `in` has to be written as =XX, at a place in the line. */
static bool must_quote(const Quoting *q, Py_ssize_t in, int column)
{
    unsigned char c = q->data[in];
    bool last = in + 1 == q->size;
    if (c > 126 || c == '=' || (q->header && c == '_')) return true;
    if (c == '.' && column == 0) {
        return last || q->data[in + 1] == '\n' || q->data[in + 1] == '\r' || q->data[in + 1] == 0;
    }
    if (c == '\r' || c == '\n') return !q->text;
    if (c == '\t' || c == ' ') return last || q->quote_tabs;
    return c < 33;
}

enum { QP_LINE = 76 };

static unsigned char *put_hex(unsigned char *to, unsigned char c)
{
    static const char digits[] = "0123456789ABCDEF";
    *to++ = '=';
    *to++ = (unsigned char)digits[c >> 4];
    *to++ = (unsigned char)digits[c & 15];
    return to;
}

static unsigned char *soft_break(const Quoting *q, unsigned char *to)
{
    *to++ = '=';
    if (q->crlf) *to++ = '\r';
    *to++ = '\n';
    return to;
}

/* Encodes into a buffer with room for 6 bytes of each and more; the end. */
static unsigned char *quote(const Quoting *q, unsigned char *start)
{
    unsigned char *to = start;
    int column = 0;
    for (Py_ssize_t in = 0; in < q->size;) {
        unsigned char c = q->data[in];
        if (must_quote(q, in, column)) {
            if (column + 3 >= QP_LINE) {
                to = soft_break(q, to);
                column = 0;
            }
            to = put_hex(to, c);
            in++;
            column += 3;
            continue;
        }
        bool pair = c == '\r' && in + 1 < q->size && q->data[in + 1] == '\n';
        if (q->text && (c == '\n' || pair)) {
            column = 0;
            if (to > start && (to[-1] == ' ' || to[-1] == '\t')) to = put_hex(to - 1, to[-1]);     /* would be lost at the end */
            if (q->crlf) *to++ = '\r';
            *to++ = '\n';
            in += pair ? 2 : 1;
            continue;
        }
        if (in + 1 != q->size && q->data[in + 1] != '\n' && column + 1 >= QP_LINE) {
            to = soft_break(q, to);
            column = 0;
        }
        column++;
        *to++ = q->header && c == ' ' ? '_' : c;
        in++;
    }
    return to;
}

static PyObject *b2a_qp(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*|iii:b2a_qp", "data", "quotetabs", "istext", "header");
    Py_buffer view;
    int quote_tabs = 0, text = 1, header = 0;
    PARSE(&view, &quote_tabs, &text, &header);
    PyObject *result = NULL;
    const unsigned char *data = view.buf, *newline = view.len ? memchr(data, '\n', (size_t)view.len) : NULL;
    Quoting quoting = {data, view.len, quote_tabs, text, header, newline && newline > data && newline[-1] == '\r'};
    if (view.len > PY_SSIZE_T_MAX / 8) {
        PyErr_NoMemory();
    } else {
        unsigned char *buffer = PyMem_Malloc((size_t)view.len * 6 + 1);
        if (buffer) result = PyBytes_FromStringAndSize((char *)buffer, quote(&quoting, buffer) - buffer);
        else PyErr_NoMemory();
        PyMem_Free(buffer);
    }
    PyBuffer_Release(&view);
    return result;
}

/* ---- Checksums ---- */

/* CRC-CCITT: the polynomial 0x1021, a byte at a time. */
static const uint16_t crc_hqx_table[256] = {
    0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7, 0x8108, 0x9129, 0xa14a, 0xb16b,
    0xc18c, 0xd1ad, 0xe1ce, 0xf1ef, 0x1231, 0x0210, 0x3273, 0x2252, 0x52b5, 0x4294, 0x72f7, 0x62d6,
    0x9339, 0x8318, 0xb37b, 0xa35a, 0xd3bd, 0xc39c, 0xf3ff, 0xe3de, 0x2462, 0x3443, 0x0420, 0x1401,
    0x64e6, 0x74c7, 0x44a4, 0x5485, 0xa56a, 0xb54b, 0x8528, 0x9509, 0xe5ee, 0xf5cf, 0xc5ac, 0xd58d,
    0x3653, 0x2672, 0x1611, 0x0630, 0x76d7, 0x66f6, 0x5695, 0x46b4, 0xb75b, 0xa77a, 0x9719, 0x8738,
    0xf7df, 0xe7fe, 0xd79d, 0xc7bc, 0x48c4, 0x58e5, 0x6886, 0x78a7, 0x0840, 0x1861, 0x2802, 0x3823,
    0xc9cc, 0xd9ed, 0xe98e, 0xf9af, 0x8948, 0x9969, 0xa90a, 0xb92b, 0x5af5, 0x4ad4, 0x7ab7, 0x6a96,
    0x1a71, 0x0a50, 0x3a33, 0x2a12, 0xdbfd, 0xcbdc, 0xfbbf, 0xeb9e, 0x9b79, 0x8b58, 0xbb3b, 0xab1a,
    0x6ca6, 0x7c87, 0x4ce4, 0x5cc5, 0x2c22, 0x3c03, 0x0c60, 0x1c41, 0xedae, 0xfd8f, 0xcdec, 0xddcd,
    0xad2a, 0xbd0b, 0x8d68, 0x9d49, 0x7e97, 0x6eb6, 0x5ed5, 0x4ef4, 0x3e13, 0x2e32, 0x1e51, 0x0e70,
    0xff9f, 0xefbe, 0xdfdd, 0xcffc, 0xbf1b, 0xaf3a, 0x9f59, 0x8f78, 0x9188, 0x81a9, 0xb1ca, 0xa1eb,
    0xd10c, 0xc12d, 0xf14e, 0xe16f, 0x1080, 0x00a1, 0x30c2, 0x20e3, 0x5004, 0x4025, 0x7046, 0x6067,
    0x83b9, 0x9398, 0xa3fb, 0xb3da, 0xc33d, 0xd31c, 0xe37f, 0xf35e, 0x02b1, 0x1290, 0x22f3, 0x32d2,
    0x4235, 0x5214, 0x6277, 0x7256, 0xb5ea, 0xa5cb, 0x95a8, 0x8589, 0xf56e, 0xe54f, 0xd52c, 0xc50d,
    0x34e2, 0x24c3, 0x14a0, 0x0481, 0x7466, 0x6447, 0x5424, 0x4405, 0xa7db, 0xb7fa, 0x8799, 0x97b8,
    0xe75f, 0xf77e, 0xc71d, 0xd73c, 0x26d3, 0x36f2, 0x0691, 0x16b0, 0x6657, 0x7676, 0x4615, 0x5634,
    0xd94c, 0xc96d, 0xf90e, 0xe92f, 0x99c8, 0x89e9, 0xb98a, 0xa9ab, 0x5844, 0x4865, 0x7806, 0x6827,
    0x18c0, 0x08e1, 0x3882, 0x28a3, 0xcb7d, 0xdb5c, 0xeb3f, 0xfb1e, 0x8bf9, 0x9bd8, 0xabbb, 0xbb9a,
    0x4a75, 0x5a54, 0x6a37, 0x7a16, 0x0af1, 0x1ad0, 0x2ab3, 0x3a92, 0xfd2e, 0xed0f, 0xdd6c, 0xcd4d,
    0xbdaa, 0xad8b, 0x9de8, 0x8dc9, 0x7c26, 0x6c07, 0x5c64, 0x4c45, 0x3ca2, 0x2c83, 0x1ce0, 0x0cc1,
    0xef1f, 0xff3e, 0xcf5d, 0xdf7c, 0xaf9b, 0xbfba, 0x8fd9, 0x9ff8, 0x6e17, 0x7e36, 0x4e55, 0x5e74,
    0x2e93, 0x3eb2, 0x0ed1, 0x1ef0,
};

static PyObject *crc_hqx(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer view;
    unsigned int crc;
    if (!_PyArg_CheckPositional("crc_hqx", nargs, 2, 2) || !_PyArg_ParseStack(args, nargs, "y*I:crc_hqx", &view, &crc)) {
        return NULL;
    }
    const unsigned char *data = view.buf;
    uint16_t value = (uint16_t)crc;
    for (Py_ssize_t i = 0; i < view.len; i++) {
        value = (uint16_t)(value << 8) ^ crc_hqx_table[(value >> 8) ^ data[i]];
    }
    PyBuffer_Release(&view);
    return PyLong_FromLong(value);
}

static PyObject *binascii_crc32(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer view;
    unsigned int crc = 0;
    if (!_PyArg_CheckPositional("crc32", nargs, 1, 2) || !_PyArg_ParseStack(args, nargs, "y*|I:crc32", &view, &crc)) {
        return NULL;
    }
    if (view.len > 5 * 1024) {
        Py_BEGIN_ALLOW_THREADS
        crc = (unsigned)crc32_z(crc, view.buf, (size_t)view.len);
        Py_END_ALLOW_THREADS
    } else {
        crc = (unsigned)crc32_z(crc, view.buf, (size_t)view.len);
    }
    PyBuffer_Release(&view);
    return PyLong_FromUnsignedLong(crc & 0xffffffffu);
}

/* ---- The module ---- */

#define HEX_DOC(name) \
    name "($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\n" \
    "Bytes as hexadecimal digits. sep, if given, stands between groups of bytes_per_sep bytes, counted from the right, or\n" \
    "from the left if that is negative."
#define UNHEX_DOC(name) name "($module, hexstr, /)\n--\n\nThe bytes that an even number of hexadecimal digits stand for."

static PyMethodDef functions[] = {
    {"a2b_uu", a2b_uu, METH_O, "a2b_uu($module, data, /)\n--\n\nDecode a line of uuencoded text."},
    {"b2a_uu", _PyCFunction_CAST(b2a_uu), METH_FASTCALL | METH_KEYWORDS,
     "b2a_uu($module, data, /, *, backtick=False)\n--\n\nUuencode up to 45 bytes as a line."},
    {"a2b_base64", _PyCFunction_CAST(a2b_base64), METH_FASTCALL | METH_KEYWORDS,
     "a2b_base64($module, data, /, *, strict_mode=False)\n--\n\n"
     "Decode base64 text. What is no digit is passed over, unless strict_mode is true: then it is an error."},
    {"b2a_base64", _PyCFunction_CAST(b2a_base64), METH_FASTCALL | METH_KEYWORDS,
     "b2a_base64($module, data, /, *, newline=True)\n--\n\nEncode as a line of base64 text."},
    {"a2b_hex", a2b_hex, METH_O, UNHEX_DOC("a2b_hex")},
    {"b2a_hex", _PyCFunction_CAST(b2a_hex), METH_FASTCALL | METH_KEYWORDS, HEX_DOC("b2a_hex")},
    {"hexlify", _PyCFunction_CAST(hexlify), METH_FASTCALL | METH_KEYWORDS, HEX_DOC("hexlify")},
    {"unhexlify", a2b_hex, METH_O, UNHEX_DOC("unhexlify")},
    {"crc_hqx", _PyCFunction_CAST(crc_hqx), METH_FASTCALL,
     "crc_hqx($module, data, crc, /)\n--\n\nThe CRC-CCITT checksum, going on from crc."},
    {"crc32", _PyCFunction_CAST(binascii_crc32), METH_FASTCALL,
     "crc32($module, data, crc=0, /)\n--\n\nThe CRC-32 checksum, going on from crc."},
    {"b2a_qp", _PyCFunction_CAST(b2a_qp), METH_FASTCALL | METH_KEYWORDS,
     "b2a_qp($module, /, data, quotetabs=False, istext=True, header=False)\n--\n\n"
     "Encode as quoted-printable text. quotetabs: tabs and spaces too. istext false: line ends too. header: spaces as _."},
    {"a2b_qp", _PyCFunction_CAST(a2b_qp), METH_FASTCALL | METH_KEYWORDS,
     "a2b_qp($module, /, data, header=False)\n--\n\nDecode quoted-printable text."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    struct BinasciiModule *state = module_state(module);
    state->error = PyErr_NewException("binascii.Error", PyExc_ValueError, NULL);
    if (!state->error || PyModule_AddObjectRef(module, "Error", state->error) < 0) return -1;
    state->incomplete = PyErr_NewException("binascii.Incomplete", NULL, NULL);
    return state->incomplete ? PyModule_AddObjectRef(module, "Incomplete", state->incomplete) : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(module_state(module)->error);
    Py_VISIT(module_state(module)->incomplete);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(module_state(module)->error);
    Py_CLEAR(module_state(module)->incomplete);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "binascii",
    .m_doc = "Binary data as ASCII text and back.",
    .m_size = sizeof(struct BinasciiModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_binascii(void)
{
    return PyModuleDef_Init(&definition);
}
