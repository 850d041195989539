/* UTF-8, both ways. Decoding looks at the bytes twice: once to count characters and find the greatest byte, which tells
 * the kind; once to validate and store. Only text with an error in it goes through a writer. */
#include "objects/str/codec.h"
#include "objects/str/str_internal.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Length of the leading run of ASCII bytes. */
static Py_ssize_t ascii_run(const unsigned char *p, const unsigned char *end)
{
    const unsigned char *s = p;
    for (uint64_t a, b; end - p >= 16; p += 16) {
        memcpy(&a, p, 8);
        memcpy(&b, p + 8, 8);
        if ((a | b) & 0x8080808080808080ull)
            break;
    }
    for (uint64_t high; end - p >= 8; p += 8) {
        memcpy(&high, p, 8);
        high &= 0x8080808080808080ull;
        if (high)
            return p - s + __builtin_ctzll(high) / 8;
    }
    while (p < end && *p < 0x80)
        p++;
    return p - s;
}

/* What stands at p, which is not ASCII. Returns the number of bytes of a sound sequence with *ch set; or 0 with *bad
 * the number of bytes that are wrong and *reason why; *reason is the "unexpected end" text when input has run out. */
static const char unexpected_end[] = "unexpected end of data";

static inline int utf8_sequence(const unsigned char *p, const unsigned char *end, Py_UCS4 *ch, int *bad,
                                const char **reason)
{
    unsigned lead = p[0];
    Py_ssize_t left = end - p;
    *reason = "invalid continuation byte";
    *bad = 1;
    if (lead < 0xc2 || lead > 0xf4) {
        *reason = "invalid start byte";
        return 0;
    }
    if (left < 2) {
        *reason = unexpected_end;
        return 0;
    }
    unsigned second = p[1];
    if ((second & 0xc0) != 0x80)
        return 0;
    if (lead < 0xe0) {
        *ch = ((lead & 0x1f) << 6) | (second & 0x3f);
        return 2;
    }
    if (lead < 0xf0) {
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0))
            return 0;
        *bad = 2;
        if (left < 3) {
            *reason = unexpected_end;
            return 0;
        }
        if ((p[2] & 0xc0) != 0x80)
            return 0;
        *ch = ((lead & 0xf) << 12) | ((second & 0x3f) << 6) | (p[2] & 0x3f);
        return 3;
    }
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90))
        return 0;
    *bad = 2;
    if (left < 3) {
        *reason = unexpected_end;
        return 0;
    }
    if ((p[2] & 0xc0) != 0x80)
        return 0;
    *bad = 3;
    if (left < 4) {
        *reason = unexpected_end;
        return 0;
    }
    if ((p[3] & 0xc0) != 0x80)
        return 0;
    *ch = ((lead & 7) << 18) | ((second & 0x3f) << 12) | ((p[2] & 0x3f) << 6) | (p[3] & 0x3f);
    return 4;
}

/* Validates from p on. Returns where it stopped: end, or the first bad byte; counts characters and ORs them. */
static const unsigned char *utf8_measure(const unsigned char *p, const unsigned char *end, Py_ssize_t *count,
                                         Py_UCS4 *bits)
{
    Py_ssize_t n = 0;
    Py_UCS4 acc = 0;
    while (p < end) {
        if (*p < 0x80) {
            if (end - p < 2 || p[1] >= 0x80) {  /* a lone blank, as between words of another script */
                p++;
                n++;
                continue;
            }
            Py_ssize_t run = ascii_run(p, end);
            p += run;
            n += run;
            continue;
        }
        Py_UCS4 ch;
        if (*p >= 0xc2 && *p < 0xe0 && end - p >= 2 && (p[1] & 0xc0) == 0x80) {
            acc |= (Py_UCS4)(*p & 0x1f) << 6 | (p[1] & 0x3f);
            p += 2;
            n++;
            continue;
        }
        int bad;
        const char *reason;
        int len = utf8_sequence(p, end, &ch, &bad, &reason);
        if (len == 0)
            break;
        acc |= ch;
        p += len;
        n++;
    }
    *count = n;
    *bits = acc;
    return p;
}

/* Stores valid UTF-8 as characters of one type. */
#define STORE(CH, MAXLEN) \
    do { \
        CH *to = data; \
        while (p < end) { \
            if (*p < 0x80) { \
                *to++ = *p++; \
            } else if (*p < 0xe0) { \
                *to++ = (CH)(((p[0] & 0x1f) << 6) | (p[1] & 0x3f)); \
                p += 2; \
            } else if (*p < 0xf0) { \
                *to++ = (CH)(((p[0] & 0xf) << 12) | ((p[1] & 0x3f) << 6) | (p[2] & 0x3f)); \
                p += 3; \
            } else { \
                *to++ = (CH)(((p[0] & 7) << 18) | ((p[1] & 0x3f) << 12) | ((p[2] & 0x3f) << 6) | (p[3] & 0x3f)); \
                p += 4; \
            } \
        } \
    } while (0)

static void utf8_store(int kind, void *data, const unsigned char *p, const unsigned char *end)
{
    switch (kind) {
    case 1: STORE(Py_UCS1, 2); break;
    case 2: STORE(Py_UCS2, 3); break;
    default: STORE(Py_UCS4, 4); break;
    }
}

/* Writes the valid UTF-8 [p, end) of n characters. */
static int write_valid(_PyUnicodeWriter *w, const unsigned char *p, const unsigned char *end, Py_ssize_t n, Py_UCS4 bits)
{
    if (n == 0)
        return 0;
    if (_PyUnicodeWriter_Prepare(w, n, Py_MIN(bits | 0x7f, STR_MAX_CODE)) < 0)
        return -1;
    if (w->kind == 1 && bits == 0)
        memcpy((char *)w->data + w->pos, p, (size_t)n);
    else
        utf8_store(w->kind, (char *)w->data + w->pos * w->kind, p, end);
    w->pos += n;
    return 0;
}

/* Characters in valid UTF-8, and its greatest byte: a lead byte, of the widest sequence. */
static Py_ssize_t utf8_count(const unsigned char *p, Py_ssize_t size, unsigned char *greatest)
{
    Py_ssize_t count = 0;
    unsigned char most = 0;
    while (size > 0) {
        int n = size < 224 ? (int)size : 224;   /* the sum of a block fits in a byte */
        unsigned char leads = 0;
        for (int i = 0; i < n; i++) {
            leads += (signed char)p[i] >= (signed char)0xc0;
            most = p[i] > most ? p[i] : most;
        }
        count += leads;
        p += n;
        size -= n;
    }
    *greatest = most;
    return count;
}

/* Validates and stores. False, with some characters written, when something is wrong; never writes more characters than
 * utf8_count() counts. CONTINUES(i): p[i] is there and continues a sequence. */
#define CONTINUES(i) (end - p > (i) && (p[i] & 0xc0) == 0x80)
#define DECODE(name, CH) \
    static bool name(CH *to, const unsigned char *p, const unsigned char *end) \
    { \
        while (p < end) { \
            unsigned c = *p; \
            if (c < 0x80) { \
                uint64_t word; \
                while (end - p >= 8 && (memcpy(&word, p, 8), !(word & 0x8080808080808080ull))) { \
                    for (int i = 0; i < 8; i++) \
                        to[i] = p[i]; \
                    to += 8; \
                    p += 8; \
                } \
                while (p < end && *p < 0x80) \
                    *to++ = *p++; \
            } else if (c < 0xe0) { \
                if (c < 0xc2 || !CONTINUES(1)) \
                    return false; \
                *to++ = (CH)((c & 0x1f) << 6 | (p[1] & 0x3f)); \
                p += 2; \
            } else if (c < 0xf0) { \
                if (!CONTINUES(1) || !CONTINUES(2)) \
                    return false; \
                unsigned ch = (c & 0xf) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3f); \
                if (ch < 0x800 || (ch & 0xf800) == 0xd800) \
                    return false; \
                *to++ = (CH)ch; \
                p += 3; \
            } else { \
                if (!CONTINUES(1) || !CONTINUES(2) || !CONTINUES(3)) \
                    return false; \
                unsigned ch = (c & 0xf) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3f); \
                if (ch < 0x10000 || ch > STR_MAX_CODE) \
                    return false; \
                *to++ = (CH)ch; \
                p += 4; \
            } \
        } \
        return true; \
    }
DECODE(decode_1, Py_UCS1)
DECODE(decode_2, Py_UCS2)
DECODE(decode_4, Py_UCS4)
#undef CONTINUES

/* *result is a new str from text whose first `ascii` bytes are ASCII, or NULL without memory. False when it is not valid. */
static bool decode_valid(const unsigned char *p, const unsigned char *end, Py_ssize_t ascii, PyObject **result)
{
    unsigned char greatest;
    Py_ssize_t n = ascii + utf8_count(p + ascii, end - p - ascii, &greatest);
    Py_UCS4 max = greatest < 0xc4 ? 0xff : greatest < 0xf0 ? 0xffff : STR_MAX_CODE;
    if (greatest < 0xc2)
        return false;
    PyObject *s = *result = PyUnicode_New(n, max);
    if (s == NULL)
        return true;
    void *data = PyUnicode_DATA(s);
    bool valid = max == 0xff     ? decode_1(data, p, end)
                 : max == 0xffff ? decode_2(data, p, end)
                                 : decode_4(data, p, end);
    if (!valid)
        Py_DECREF(s);
    else if (n == 1)
        Py_SETREF(*result, str_from_char(PyUnicode_READ_CHAR(s, 0)));
    return valid;
}

/* Length of the sound beginning of a sequence that the end of the text cuts off: 0 to 3. */
static int cut_sequence(const unsigned char *p, const unsigned char *end)
{
    for (int n = 1; n <= 3 && end - p >= n && end[-n] >= 0x80; n++) {
        if (end[-n] < 0xc0)
            continue;
        Py_UCS4 ch;
        int bad;
        const char *reason;
        return utf8_sequence(end - n, end, &ch, &bad, &reason) == 0 && reason == unexpected_end ? n : 0;
    }
    return 0;
}

/* New str; with `consumed`, an incomplete sequence at the end is left there and is no error. */
PyObject *PyUnicode_DecodeUTF8Stateful(const char *bytes, Py_ssize_t size, const char *errors, Py_ssize_t *consumed)
{
    const unsigned char *p = (const unsigned char *)bytes, *end = p + size;
    Py_ssize_t run = ascii_run(p, end), n;
    Py_UCS4 bits;
    if (run == size) {
        if (consumed != NULL)
            *consumed = size;
        return str_from_ascii(bytes, size);
    }
    PyObject *s;
    int cut = consumed != NULL ? cut_sequence(p + run, end) : 0;
    if (cut < size - run && decode_valid(p, end - cut, run, &s)) {
        if (consumed != NULL)
            *consumed = size - cut;
        return s;
    }
    const unsigned char *stop = utf8_measure(p + run, end, &n, &bits);
    n += run;
    Decoder d;
    decoder_init(&d, "utf-8", errors, bytes, size);
    d.out.min_length = size;
    for (;;) {
        if (write_valid(&d.out, (const unsigned char *)d.at, stop, n, bits) < 0)
            goto error;
        d.at = (const char *)stop;
        if (d.at == d.end)
            break;
        Py_UCS4 ch;
        int bad;
        const char *reason;
        utf8_sequence(stop, (const unsigned char *)d.end, &ch, &bad, &reason);
        if (reason == unexpected_end) {
            if (consumed != NULL)
                break;
            bad = (int)(d.end - d.at);
        } else if (consumed != NULL && d.end - d.at == 2 && stop[0] == 0xed && stop[1] >= 0xa0 && stop[1] < 0xc0) {
            break;  /* two thirds of a surrogate, which surrogatepass may want whole */
        }
        if (decoder_error(&d, d.at, d.at + bad, reason) < 0)
            goto error;
        stop = utf8_measure((const unsigned char *)d.at, (const unsigned char *)d.end, &n, &bits);
    }
    if (consumed != NULL)
        *consumed = d.at - d.start;
    return decoder_finish(&d, false);

error:
    return decoder_finish(&d, true);
}

PyObject *PyUnicode_DecodeUTF8(const char *bytes, Py_ssize_t size, const char *errors)
{
    return PyUnicode_DecodeUTF8Stateful(bytes, size, errors, NULL);
}

/* --- encoding --- */

/* Bytes that n characters take beyond one each; *surrogate becomes nonzero when one is among them. With a constant n, vector code. */
static inline __attribute__((always_inline)) unsigned utf8_more(int kind, const void *data, Py_ssize_t start, Py_ssize_t n, unsigned *surrogate)
{
    unsigned more = 0, found = 0;
    for (Py_ssize_t i = start; i < start + n; i++) {
        unsigned ch = PyUnicode_READ(kind, data, i);
        more += ch > 0x7f;
        if (kind == PyUnicode_1BYTE_KIND) continue;
        more += ch > 0x7ff;
        if (kind == PyUnicode_4BYTE_KIND) more += ch > 0xffff;
        found |= (ch & 0xfffff800) == 0xd800;
    }
    *surrogate |= found;
    return more;
}

static inline __attribute__((always_inline)) Py_ssize_t utf8_size_of_kind(int kind, StrView v)
{
    enum { CHUNK = 32 };
    Py_ssize_t size = v.length, i = 0;
    unsigned surrogate = 0;
    for (; i + CHUNK <= v.length; i += CHUNK) size += utf8_more(kind, v.data, i, CHUNK, &surrogate);
    size += utf8_more(kind, v.data, i, v.length - i, &surrogate);
    return surrogate ? -1 : size;
}

/* Bytes that the characters take; -1 when a surrogate is among them. */
static Py_ssize_t utf8_size(StrView v)
{
    switch (v.kind) {
    case PyUnicode_1BYTE_KIND: return utf8_size_of_kind(PyUnicode_1BYTE_KIND, v);
    case PyUnicode_2BYTE_KIND: return utf8_size_of_kind(PyUnicode_2BYTE_KIND, v);
    default: return utf8_size_of_kind(PyUnicode_4BYTE_KIND, v);
    }
}

static inline char *utf8_put(char *to, Py_UCS4 ch)
{
    if (ch < 0x80) {
        *to++ = (char)ch;
    } else if (ch < 0x800) {
        *to++ = (char)(0xc0 | (ch >> 6));
        *to++ = (char)(0x80 | (ch & 0x3f));
    } else if (ch < 0x10000) {
        *to++ = (char)(0xe0 | (ch >> 12));
        *to++ = (char)(0x80 | ((ch >> 6) & 0x3f));
        *to++ = (char)(0x80 | (ch & 0x3f));
    } else {
        *to++ = (char)(0xf0 | (ch >> 18));
        *to++ = (char)(0x80 | ((ch >> 12) & 0x3f));
        *to++ = (char)(0x80 | ((ch >> 6) & 0x3f));
        *to++ = (char)(0x80 | (ch & 0x3f));
    }
    return to;
}

/* Characters of two bytes, of which ASCII goes eight at a time. */
static char *utf8_write_2(char *to, const Py_UCS2 *s, Py_ssize_t n)
{
    Py_ssize_t i = 0;
#ifdef __SSE2__
    for (const __m128i beyond = _mm_set1_epi16((short)0xff80); i + 8 <= n;) {
        __m128i eight = _mm_loadu_si128((const __m128i *)(s + i));
        __m128i outside = _mm_cmpeq_epi16(_mm_and_si128(eight, beyond), _mm_setzero_si128());
        if (_mm_movemask_epi8(outside) == 0xffff) {
            _mm_storel_epi64((__m128i *)to, _mm_packus_epi16(eight, eight));
            to += 8;
            i += 8;
            continue;
        }
        for (Py_ssize_t stop = i + 8; i < stop; i++)
            to = utf8_put(to, s[i]);
    }
#endif
    for (; i < n; i++)
        to = utf8_put(to, s[i]);
    return to;
}

char *str_utf8_write(char *to, StrView v)
{
    switch (v.kind) {
    case 1:
        for (Py_ssize_t i = 0; i < v.length; i++)
            to = utf8_put(to, ((const Py_UCS1 *)v.data)[i]);
        break;
    case 2:
        return utf8_write_2(to, v.data, v.length);
    default:
        for (Py_ssize_t i = 0; i < v.length; i++)
            to = utf8_put(to, ((const Py_UCS4 *)v.data)[i]);
    }
    return to;
}

/* The replacement that a handler returned for a range of surrogates. Steals rep. */
static int write_replacement(Encoder *e, PyObject *rep, Py_ssize_t first, Py_ssize_t last)
{
    Py_ssize_t n = PyBytes_Check(rep) ? PyBytes_GET_SIZE(rep) : PyUnicode_GET_LENGTH(rep);
    if (PyUnicode_Check(rep) && !PyUnicode_IS_ASCII(rep)) {
        encoder_raise(e, first, last, "surrogates not allowed");
        goto error;
    }
    /* The range it stands for had 3 bytes per character reserved; a handler may also go back in the text. */
    if (encoder_reserve(e, n + (e->at < last ? 4 * (last - e->at) : 0)) < 0)
        goto error;
    memcpy(e->to, PyBytes_Check(rep) ? PyBytes_AS_STRING(rep) : (char *)PyUnicode_DATA(rep), (size_t)n);
    e->to += n;
    Py_DECREF(rep);
    return 0;

error:
    Py_DECREF(rep);
    return -1;
}

/* The surrogates [first, last) of the text, by the error handler. */
static int encode_surrogates(Encoder *e, Py_ssize_t first, Py_ssize_t last)
{
    StrView v = e->text;
    Py_ssize_t i = first;
    if (e->kind == ERRORS_UNKNOWN)
        e->kind = codec_errors_kind(e->errors);
    switch (e->kind) {
    case ERRORS_REPLACE:
        memset(e->to, '?', (size_t)(last - first));
        e->to += last - first;
        break;
    case ERRORS_IGNORE:
        break;
    case ERRORS_SURROGATEPASS:
        e->to = str_utf8_write(e->to, (StrView){v.kind, last - first, str_at(v, first)});
        break;
    case ERRORS_BACKSLASHREPLACE:
        if (encoder_reserve(e, 6 * (last - first)) < 0)
            return -1;
        for (; i < last; i++)
            e->to = codec_put_escape(e->to, PyUnicode_READ(v.kind, v.data, i));
        break;
    case ERRORS_XMLCHARREFREPLACE:
        if (encoder_reserve(e, 8 * (last - first)) < 0)
            return -1;
        for (; i < last; i++)
            e->to = codec_put_charref(e->to, PyUnicode_READ(v.kind, v.data, i));
        break;
    case ERRORS_SURROGATEESCAPE:
        for (; i < last; i++) {
            Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
            if (ch < 0xdc80 || ch > 0xdcff)
                break;
            *e->to++ = (char)(ch & 0xff);
        }
        if (i == last)
            break;
        first = i;
        /* fall through */
    default: {
        PyObject *rep = encoder_call_handler(e, first, last, "surrogates not allowed");
        return rep == NULL ? -1 : write_replacement(e, rep, first, last);
    }
    }
    e->at = last;
    return 0;
}

static PyObject *encode_with_surrogates(PyObject *s, const char *errors)
{
    Encoder e;
    StrView v = str_view(s);
    int room = v.kind == 4 ? 4 : 3;
    if (v.length > PY_SSIZE_T_MAX / room)
        return PyErr_NoMemory();
    if (encoder_init(&e, "utf-8", errors, s, v.length * room) < 0)
        return encoder_finish(&e, true);
    while (e.at < v.length) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, e.at);
        if (!Py_UNICODE_IS_SURROGATE(ch)) {
            e.to = utf8_put(e.to, ch);
            e.at++;
            continue;
        }
        Py_ssize_t first = e.at, last = first + 1;
        while (last < v.length && Py_UNICODE_IS_SURROGATE(PyUnicode_READ(v.kind, v.data, last)))
            last++;
        if (encode_surrogates(&e, first, last) < 0)
            return encoder_finish(&e, true);
    }
    return encoder_finish(&e, false);
}

/* New bytes. */
PyObject *_PyUnicode_AsUTF8String(PyObject *s, const char *errors)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_READY(s) < 0)
        return NULL;
    if (PyUnicode_IS_ASCII(s))
        return PyBytes_FromStringAndSize(PyUnicode_DATA(s), PyUnicode_GET_LENGTH(s));
    StrView v = str_view(s);
    Py_ssize_t size = utf8_size(v);
    if (size < 0)
        return encode_with_surrogates(s, errors);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes != NULL)
        str_utf8_write(PyBytes_AS_STRING(bytes), v);
    return bytes;
}

PyObject *PyUnicode_AsUTF8String(PyObject *s)
{
    return _PyUnicode_AsUTF8String(s, NULL);
}

/* The UTF-8 form, cached in the str: borrowed. */
const char *PyUnicode_AsUTF8AndSize(PyObject *s, Py_ssize_t *size)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_READY(s) < 0)
        return NULL;
    if (PyUnicode_IS_COMPACT_ASCII(s)) {
        if (size != NULL)
            *size = PyUnicode_GET_LENGTH(s);
        return PyUnicode_DATA(s);
    }
    PyCompactUnicodeObject *c = str_compact(s);
    if (c->utf8 == NULL) {
        StrView v = str_view(s);
        Py_ssize_t n = utf8_size(v);
        if (n < 0) {
            Py_XDECREF(encode_with_surrogates(s, NULL));
            return NULL;
        }
        char *text = PyObject_Malloc((size_t)n + 1);
        if (text == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        *str_utf8_write(text, v) = '\0';
        c->utf8 = text;
        c->utf8_length = n;
    }
    if (size != NULL)
        *size = c->utf8_length;
    return c->utf8;
}

const char *PyUnicode_AsUTF8(PyObject *s)
{
    return PyUnicode_AsUTF8AndSize(s, NULL);
}

/* New str from UTF-8 text; NULL text: an unready str of that size (deprecated). */
PyObject *PyUnicode_FromStringAndSize(const char *text, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyUnicode_FromStringAndSize");
        return NULL;
    }
    if (text != NULL)
        return PyUnicode_DecodeUTF8Stateful(text, size, NULL, NULL);
    return str_new_unready(size);
}

PyObject *PyUnicode_FromString(const char *text)
{
    return PyUnicode_DecodeUTF8Stateful(text, (Py_ssize_t)strlen(text), NULL, NULL);
}
