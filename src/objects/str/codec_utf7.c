/* UTF-7 (RFC 2152). */
#include "objects/str/codec.h"

static const char base64_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static int base64_value(Py_UCS4 ch)
{
    const char *at = ch > 0 && ch < 128 ? strchr(base64_digits, (int)ch) : NULL;
    return at == NULL ? -1 : (int)(at - base64_digits);
}

/* May a character stand for itself? Set O and white space may, unless asked otherwise. */
static bool is_direct(Py_UCS4 ch, bool set_o, bool white)
{
    if (ch == 0 || ch > 127)
        return false;
    if (Py_ISALNUM(ch) || strchr("'(),-./:?", (int)ch))
        return true;
    if (strchr(" \t\r\n", (int)ch))
        return white;
    return set_o && strchr("!\"#$%&*;<=>@[]^_`{|}", (int)ch);
}

/* --- decoding --- */

typedef struct {
    Decoder d;
    bool shifted;                       /* between '+' and '-' */
    const char *shift_start;            /* its '+', as an offset into the input */
    Py_ssize_t shift_out;               /* characters written before it */
    unsigned bits;                      /* bits waiting in `buffer` */
    uint32_t buffer;
    Py_UCS4 surrogate;                  /* high surrogate waiting for a low one, or 0 */
} Utf7;

static int put(Utf7 *u, Py_UCS4 ch)
{
    return _PyUnicodeWriter_WriteChar(&u->d.out, ch);
}

/* A UTF-16 unit that 16 bits have given. */
static int put_unit(Utf7 *u, Py_UCS4 unit)
{
    if (u->surrogate) {
        Py_UCS4 high = u->surrogate;
        u->surrogate = 0;
        if (Py_UNICODE_IS_LOW_SURROGATE(unit))
            return put(u, Py_UNICODE_JOIN_SURROGATES(high, unit));
        if (put(u, high) < 0)
            return -1;
    }
    if (Py_UNICODE_IS_HIGH_SURROGATE(unit)) {
        u->surrogate = unit;
        return 0;
    }
    return put(u, unit);
}

/* One byte of a shifted run. */
static int decode_shifted(Utf7 *u, unsigned char ch)
{
    Decoder *d = &u->d;
    int value = base64_value(ch);
    if (value >= 0) {
        u->buffer = u->buffer << 6 | (uint32_t)value;
        u->bits += 6;
        d->at++;
        if (u->bits < 16)
            return 0;
        u->bits -= 16;
        Py_UCS4 unit = u->buffer >> u->bits & 0xffff;
        u->buffer &= (1u << u->bits) - 1;
        return put_unit(u, unit);
    }
    u->shifted = false;
    if (u->bits >= 6 || (u->bits > 0 && u->buffer != 0))
        return decoder_error(d, u->shift_start, d->at + 1, u->bits >= 6 ? "partial character in shift sequence"
                                                                         : "non-zero padding bits in shift sequence");
    if (u->surrogate && ch < 128 && ch != '+') {
        if (put(u, u->surrogate) < 0)
            return -1;
        u->surrogate = 0;
    }
    if (ch == '-')
        d->at++;
    return 0;
}

static int decode_plain(Utf7 *u, unsigned char ch)
{
    Decoder *d = &u->d;
    if (ch != '+') {
        if (ch > 127)
            return decoder_error(d, d->at, d->at + 1, "unexpected special character");
        d->at++;
        return put(u, ch);
    }
    u->shift_start = d->at++;
    if (d->at < d->end && *d->at == '-') {
        d->at++;
        return put(u, '+');
    }
    if (d->at < d->end && base64_value((unsigned char)*d->at) < 0)
        return decoder_error(d, u->shift_start, d->at + 1, "ill-formed sequence");
    u->shifted = true;
    u->surrogate = 0;
    u->shift_out = d->out.pos;
    u->bits = 0;
    u->buffer = 0;
    return 0;
}

/* New str; with `consumed`, an unfinished shifted run is left for later. */
PyObject *PyUnicode_DecodeUTF7Stateful(const char *bytes, Py_ssize_t size, const char *errors, Py_ssize_t *consumed)
{
    Utf7 u = {.shifted = false};
    Decoder *d = &u.d;
    decoder_init(d, "utf7", errors, bytes, size);
    d->out.min_length = size;
    for (;;) {
        while (d->at < d->end) {
            unsigned char ch = (unsigned char)*d->at;
            if ((u.shifted ? decode_shifted(&u, ch) : decode_plain(&u, ch)) < 0)
                return decoder_finish(d, true);
        }
        if (!u.shifted || consumed != NULL)
            break;
        u.shifted = false;
        if (!u.surrogate && u.bits < 6 && (u.bits == 0 || u.buffer == 0))
            break;
        if (decoder_error(d, u.shift_start, d->end, "unterminated shift sequence") < 0)
            return decoder_finish(d, true);
    }
    if (consumed != NULL)
        *consumed = (u.shifted ? u.shift_start : d->at) - d->start;
    if (consumed != NULL && u.shifted && d->out.pos != u.shift_out) {
        d->out.pos = u.shift_out;
        PyObject *s = decoder_finish(d, false);
        if (s != NULL && PyUnicode_GET_LENGTH(s) > 0 && !PyUnicode_IS_ASCII(s)) {
            StrView v = str_view(s);
            Py_SETREF(s, str_from_view(v, str_max_char(v)));
        }
        return s;
    }
    return decoder_finish(d, false);
}

PyObject *PyUnicode_DecodeUTF7(const char *bytes, Py_ssize_t size, const char *errors)
{
    return PyUnicode_DecodeUTF7Stateful(bytes, size, errors, NULL);
}

/* --- encoding --- */

/* New bytes. The flags ask for base 64 for set O and for white space. */
PyObject *_PyUnicode_EncodeUTF7(PyObject *s, int base64_set_o, int base64_white, const char *errors)
{
    (void)errors;
    if (PyUnicode_READY(s) < 0)
        return NULL;
    StrView v = str_view(s);
    if (v.length == 0)
        return PyBytes_FromStringAndSize(NULL, 0);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, v.length * 8);
    if (bytes == NULL)
        return NULL;
    char *start = PyBytes_AS_STRING(bytes), *to = start;
    bool shifted = false;
    unsigned bits = 0;
    uint64_t buffer = 0;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        bool direct = is_direct(ch, !base64_set_o, !base64_white);
        if (shifted && direct) {
            if (bits) {
                *to++ = base64_digits[buffer << (6 - bits) & 63];
                bits = 0;
                buffer = 0;
            }
            shifted = false;
            if (base64_value(ch) >= 0 || ch == '-')
                *to++ = '-';
        } else if (!shifted && ch == '+') {
            *to++ = '+';
            *to++ = '-';
            continue;
        }
        if (direct) {
            *to++ = (char)ch;
            continue;
        }
        if (!shifted)
            *to++ = '+';
        shifted = true;
        if (ch >= 0x10000) {
            buffer = buffer << 16 | Py_UNICODE_HIGH_SURROGATE(ch);
            bits += 16;
            ch = Py_UNICODE_LOW_SURROGATE(ch);
        }
        buffer = buffer << 16 | ch;
        for (bits += 16; bits >= 6; bits -= 6)
            *to++ = base64_digits[buffer >> (bits - 6) & 63];
    }
    if (bits)
        *to++ = base64_digits[buffer << (6 - bits) & 63];
    if (shifted)
        *to++ = '-';
    _PyBytes_Resize(&bytes, to - start);
    return bytes;
}
