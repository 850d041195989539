/* UTF-16 and UTF-32: little- and big-endian, and by byte order mark. */
#include "objects/str/codec.h"

static inline Py_UCS4 get16(const unsigned char *p, bool big)
{
    return big ? (Py_UCS4)(p[0] << 8 | p[1]) : (Py_UCS4)(p[1] << 8 | p[0]);
}

static inline Py_UCS4 get32(const unsigned char *p, bool big)
{
    return big ? get16(p, true) << 16 | get16(p + 2, true) : get16(p + 2, false) << 16 | get16(p, false);
}

static inline char *put16(char *to, Py_UCS4 unit, bool big)
{
    to[big ? 0 : 1] = (char)(unit >> 8);
    to[big ? 1 : 0] = (char)unit;
    return to + 2;
}

static inline char *put32(char *to, Py_UCS4 ch, bool big)
{
    return put16(put16(to, big ? ch >> 16 : ch & 0xffff, big), big ? ch & 0xffff : ch >> 16, big);
}

/* Byte order from a mark of `width` bytes at the start: sets *order and skips it. */
static const char *skip_mark(const char *bytes, Py_ssize_t size, int width, int *order)
{
    if (*order != 0 || size < width)
        return bytes;
    const unsigned char *p = (const unsigned char *)bytes;
    Py_UCS4 mark = width == 2 ? get16(p, false) : get32(p, false);
    if (mark == 0xfeff)
        *order = -1;
    else if (mark == (width == 2 ? 0xfffeu : 0xfffe0000u))
        *order = 1;
    else
        return bytes;
    return bytes + width;
}

/* --- decoding --- */

/* One character of UTF-16. Bytes used, or 0 with *bad and *reason; *bad -1: the input ends within the character. */
static int utf16_sequence(const unsigned char *p, Py_ssize_t left, bool big, Py_UCS4 *ch, int *bad, const char **reason)
{
    *bad = -1;
    if (left < 2) {
        *reason = "truncated data";
        return 0;
    }
    Py_UCS4 first = get16(p, big);
    *ch = first;
    if (!Py_UNICODE_IS_SURROGATE(first))
        return 2;
    if (Py_UNICODE_IS_LOW_SURROGATE(first)) {
        *bad = 2;
        *reason = "illegal encoding";
        return 0;
    }
    if (left < 4) {
        *reason = "unexpected end of data";
        return 0;
    }
    Py_UCS4 second = get16(p + 2, big);
    if (!Py_UNICODE_IS_LOW_SURROGATE(second)) {
        *bad = 2;
        *reason = "illegal UTF-16 surrogate";
        return 0;
    }
    *ch = Py_UNICODE_JOIN_SURROGATES(first, second);
    return 4;
}

static int utf32_sequence(const unsigned char *p, Py_ssize_t left, bool big, Py_UCS4 *ch, int *bad, const char **reason)
{
    *bad = -1;
    if (left < 4) {
        *reason = "truncated data";
        return 0;
    }
    *ch = get32(p, big);
    *bad = 4;
    *reason = *ch > STR_MAX_CODE ? "code point not in range(0x110000)" : "code point in surrogate code point range(0xd800, 0xe000)";
    return *ch > STR_MAX_CODE || Py_UNICODE_IS_SURROGATE(*ch) ? 0 : 4;
}

/* Decodes characters below U+10000 that are no surrogates, up to something else. 0 or -1. */
static inline __attribute__((always_inline)) int decode_plain(Decoder *d, int width, bool big)
{
    Py_UCS2 run[DECODER_RUN];
    Py_ssize_t n;
    do {
        const unsigned char *p = (const unsigned char *)d->at;
        Py_ssize_t most = Py_MIN((d->end - d->at) / width, DECODER_RUN);
        Py_UCS4 all = 0;
        for (n = 0; n < most; n++, p += width) {
            Py_UCS4 ch = width == 2 ? get16(p, big) : get32(p, big);
            if (ch > 0xffff || Py_UNICODE_IS_SURROGATE(ch)) break;
            run[n] = (Py_UCS2)ch;
            all |= ch;
        }
        d->at += n * width;
        if (decoder_write_run(d, run, n, all) < 0) return -1;
    } while (n == DECODER_RUN);
    return 0;
}

static int decode_plain_of(Decoder *d, int width, bool big)
{
    if (width == 2) return big ? decode_plain(d, 2, true) : decode_plain(d, 2, false);
    return big ? decode_plain(d, 4, true) : decode_plain(d, 4, false);
}

static PyObject *decode(const char *bytes, Py_ssize_t size, const char *errors, int width, int *byteorder,
                        Py_ssize_t *consumed)
{
    static const char *const names[2][2] = {{"utf-16-le", "utf-16-be"}, {"utf-32-le", "utf-32-be"}};
    int order = byteorder != NULL ? *byteorder : 0;
    Decoder d;
    const char *start = skip_mark(bytes, size, width, &order);
    bool big = order > 0;
    decoder_init(&d, names[width == 4][big], errors, bytes, size);
    d.at = start;
    d.out.min_length = (size + width - 1) / width;
    while (d.at < d.end) {
        Py_UCS4 ch;
        int bad;
        const char *reason;
        if (decode_plain_of(&d, width, big) < 0)
            return decoder_finish(&d, true);
        if (d.at == d.end)
            break;
        const unsigned char *p = (const unsigned char *)d.at;
        int used = width == 2 ? utf16_sequence(p, d.end - d.at, big, &ch, &bad, &reason)
                              : utf32_sequence(p, d.end - d.at, big, &ch, &bad, &reason);
        if (used > 0) {
            d.at += used;
            if (_PyUnicodeWriter_WriteChar(&d.out, ch) < 0)
                return decoder_finish(&d, true);
            continue;
        }
        if (bad < 0 && consumed != NULL)
            break;
        if (decoder_error(&d, d.at, bad < 0 ? d.end : d.at + bad, reason) < 0)
            return decoder_finish(&d, true);
    }
    if (byteorder != NULL)
        *byteorder = order;
    if (consumed != NULL)
        *consumed = d.at - d.start;
    return decoder_finish(&d, false);
}

/* New str. *byteorder: -1 little, 1 big, 0 by mark (and then what was found). */
PyObject *PyUnicode_DecodeUTF16Stateful(const char *bytes, Py_ssize_t size, const char *errors, int *byteorder,
                                        Py_ssize_t *consumed)
{
    return decode(bytes, size, errors, 2, byteorder, consumed);
}

PyObject *PyUnicode_DecodeUTF16(const char *bytes, Py_ssize_t size, const char *errors, int *byteorder)
{
    return decode(bytes, size, errors, 2, byteorder, NULL);
}

PyObject *PyUnicode_DecodeUTF32Stateful(const char *bytes, Py_ssize_t size, const char *errors, int *byteorder,
                                        Py_ssize_t *consumed)
{
    return decode(bytes, size, errors, 4, byteorder, consumed);
}

PyObject *PyUnicode_DecodeUTF32(const char *bytes, Py_ssize_t size, const char *errors, int *byteorder)
{
    return decode(bytes, size, errors, 4, byteorder, NULL);
}

/* --- encoding --- */

static inline char *put_char(char *to, Py_UCS4 ch, int width, bool big)
{
    if (width == 4)
        return put32(to, ch, big);
    if (ch < 0x10000)
        return put16(to, ch, big);
    to = put16(to, Py_UNICODE_HIGH_SURROGATE(ch), big);
    return put16(to, Py_UNICODE_LOW_SURROGATE(ch), big);
}

/* Encodes a chunk of characters, if each is one unit and none a surrogate: such loops become vector code. */
enum { CHUNK = 32 };
static inline __attribute__((always_inline)) bool encode_chunk(char *to, StrView v, Py_ssize_t i, int kind, int width, bool big)
{
    uint16_t units[CHUNK];
    uint32_t wide[CHUNK], odd = 0;
    for (int j = 0; j < CHUNK; j++) {
        uint32_t ch = PyUnicode_READ(kind, v.data, i + j);
        odd |= (uint32_t)((ch & 0xfffff800) == 0xd800) | (uint32_t)(width == 2 && ch > 0xffff);
        if (width == 2) units[j] = big ? __builtin_bswap16((uint16_t)ch) : (uint16_t)ch;
        else wide[j] = big ? __builtin_bswap32(ch) : ch;
    }
    if (odd) return false;
    if (width == 2) memcpy(to, units, sizeof(units));
    else memcpy(to, wide, sizeof(wide));
    return true;
}

/* Encodes from an offset up to a surrogate or the end: where it stopped. */
static inline __attribute__((always_inline)) Py_ssize_t encode_plain(Encoder *e, StrView v, int kind, int width, bool big)
{
    Py_ssize_t i = e->at, end;
    char *to = e->to;
    while (i < v.length) {
        for (; i + CHUNK <= v.length && encode_chunk(to, v, i, kind, width, big); i += CHUNK) to += CHUNK * width;
        for (end = Py_MIN(i + CHUNK, v.length); i < end; i++) {
            Py_UCS4 ch = PyUnicode_READ(kind, v.data, i);
            if (kind != PyUnicode_1BYTE_KIND && Py_UNICODE_IS_SURROGATE(ch)) goto done;
            to = kind == PyUnicode_4BYTE_KIND || width == 4 ? put_char(to, ch, width, big) : put16(to, ch, big);
        }
    }
done:
    e->to = to;
    return i;
}

static Py_ssize_t encode_plain_of(Encoder *e, StrView v, int width, bool big)
{
#define OF_WIDTH(kind) \
    (width == 2 ? big ? encode_plain(e, v, kind, 2, true) : encode_plain(e, v, kind, 2, false) \
                : big ? encode_plain(e, v, kind, 4, true) : encode_plain(e, v, kind, 4, false))
    switch (v.kind) {
    case PyUnicode_1BYTE_KIND: return OF_WIDTH(PyUnicode_1BYTE_KIND);
    case PyUnicode_2BYTE_KIND: return OF_WIDTH(PyUnicode_2BYTE_KIND);
    default: return OF_WIDTH(PyUnicode_4BYTE_KIND);
    }
#undef OF_WIDTH
}

/* The surrogate at an offset. */
static int encode_surrogate(Encoder *e, Py_ssize_t first, int width, bool big)
{
    Py_ssize_t last = first + 1;
    static const char reason[] = "surrogates not allowed";
    if (e->kind == ERRORS_UNKNOWN)
        e->kind = codec_errors_kind(e->errors);
    if (e->kind == ERRORS_STRICT) {
        encoder_raise(e, first, last, reason);
        return -1;
    }
    PyObject *rep = encoder_call_handler(e, first, last, reason);
    if (rep == NULL)
        return -1;
    int r = -1;
    Py_ssize_t n = PyBytes_Check(rep) ? PyBytes_GET_SIZE(rep) : PyUnicode_GET_LENGTH(rep);
    if (PyBytes_Check(rep) ? n % width != 0 : !PyUnicode_IS_ASCII(rep)) {
        encoder_raise(e, first, last, reason);
        goto done;
    }
    Py_ssize_t size = PyBytes_Check(rep) ? n : n * width;
    if (encoder_reserve(e, size + (e->at < last ? 4 * (last - e->at) : 0)) < 0)
        goto done;
    if (PyBytes_Check(rep)) {
        memcpy(e->to, PyBytes_AS_STRING(rep), (size_t)n);
        e->to += n;
    } else {
        for (Py_ssize_t i = 0; i < n; i++)
            e->to = put_char(e->to, PyUnicode_1BYTE_DATA(rep)[i], width, big);
    }
    r = 0;
done:
    Py_DECREF(rep);
    return r;
}

/* How many characters take two units of UTF-16. */
static Py_ssize_t count_pairs(const Py_UCS4 *chars, Py_ssize_t n)
{
    Py_ssize_t pairs = 0, i = 0;
    for (; i + CHUNK <= n; i += CHUNK) {
        unsigned some = 0;
        for (int j = 0; j < CHUNK; j++) some += chars[i + j] > 0xffff;
        pairs += some;
    }
    for (; i < n; i++) pairs += chars[i] > 0xffff;
    return pairs;
}

static PyObject *encode(PyObject *s, const char *errors, int width, int byteorder)
{
    static const char *const names[2][3] = {{"utf-16-le", "utf-16", "utf-16-be"}, {"utf-32-le", "utf-32", "utf-32-be"}};
    Encoder e;
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_READY(s) < 0)
        return NULL;
    StrView v = str_view(s);
    bool big = byteorder > 0;
    Py_ssize_t size = v.length * width;
    if (width == 2 && v.kind == PyUnicode_4BYTE_KIND)
        size += 2 * count_pairs(v.data, v.length);
    if (encoder_init(&e, names[width == 4][byteorder == 0 ? 1 : big ? 2 : 0], errors, s,
                     size + (byteorder == 0 ? width : 0)) < 0)
        return encoder_finish(&e, true);
    if (byteorder == 0)
        e.to = put_char(e.to, 0xfeff, width, big);
    while ((e.at = encode_plain_of(&e, v, width, big)) < v.length) {
        if (encode_surrogate(&e, e.at, width, big) < 0)
            return encoder_finish(&e, true);
    }
    return encoder_finish(&e, false);
}

/* New bytes; byteorder -1 little, 1 big, 0 little with a mark. */
PyObject *_PyUnicode_EncodeUTF16(PyObject *s, const char *errors, int byteorder)
{
    return encode(s, errors, 2, byteorder);
}

PyObject *PyUnicode_AsUTF16String(PyObject *s)
{
    return encode(s, NULL, 2, 0);
}

PyObject *_PyUnicode_EncodeUTF32(PyObject *s, const char *errors, int byteorder)
{
    return encode(s, errors, 4, byteorder);
}

PyObject *PyUnicode_AsUTF32String(PyObject *s)
{
    return encode(s, NULL, 4, 0);
}
