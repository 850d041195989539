/* ASCII and Latin-1. */
#include "objects/str/codec.h"

/* New str; every byte is a character. */
PyObject *PyUnicode_DecodeLatin1(const char *bytes, Py_ssize_t size, const char *errors)
{
    (void)errors;
    return str_from_latin1((const Py_UCS1 *)bytes, size);
}

/* New str from bytes that should all be below 0x80. */
PyObject *PyUnicode_DecodeASCII(const char *bytes, Py_ssize_t size, const char *errors)
{
    if (str_bytes_are_ascii(bytes, size))
        return str_from_ascii(bytes, size);
    Decoder d;
    decoder_init(&d, "ascii", errors, bytes, size);
    d.out.min_length = size;
    while (d.at < d.end) {
        const char *stop = d.at;
        while (stop < d.end && (unsigned char)*stop < 0x80)
            stop++;
        if (stop > d.at && (_PyUnicodeWriter_Prepare(&d.out, stop - d.at, 127) < 0 ||
                            _PyUnicodeWriter_WriteASCIIString(&d.out, d.at, stop - d.at) < 0))
            return decoder_finish(&d, true);
        d.at = stop;
        if (stop < d.end && decoder_error(&d, stop, stop + 1, "ordinal not in range(128)") < 0)
            return decoder_finish(&d, true);
    }
    return decoder_finish(&d, false);
}

static bool fits(Encoder *e, Py_ssize_t i, Py_UCS4 limit)
{
    return PyUnicode_READ(e->text.kind, e->text.data, i) < limit;
}

/* Writes a handler's answer; a str's characters must fit too. Steals rep. */
static int write_replacement(Encoder *e, PyObject *rep, Py_ssize_t first, Py_ssize_t last, Py_UCS4 limit,
                             const char *reason)
{
    int r = -1;
    Py_ssize_t n = PyBytes_Check(rep) ? PyBytes_GET_SIZE(rep) : PyUnicode_GET_LENGTH(rep);
    if (encoder_reserve(e, n + (e->at < last ? last - e->at : 0)) < 0)
        goto done;
    if (PyBytes_Check(rep)) {
        memcpy(e->to, PyBytes_AS_STRING(rep), (size_t)n);
    } else {
        StrView v = str_view(rep);
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
            if (ch >= limit) {
                encoder_raise(e, first, last, reason);
                goto done;
            }
            e->to[i] = (char)ch;
        }
    }
    e->to += n;
    r = 0;
done:
    Py_DECREF(rep);
    return r;
}

/* The characters [first, last), none of which fits. */
static int encode_bad(Encoder *e, Py_ssize_t first, Py_ssize_t last, Py_UCS4 limit, const char *reason)
{
    StrView v = e->text;
    Py_ssize_t i = first;
    if (e->kind == ERRORS_UNKNOWN)
        e->kind = codec_errors_kind(e->errors);
    switch (e->kind) {
    case ERRORS_STRICT:
        encoder_raise(e, first, last, reason);
        return -1;
    case ERRORS_REPLACE:
        memset(e->to, '?', (size_t)(last - first));
        e->to += last - first;
        break;
    case ERRORS_IGNORE:
        break;
    case ERRORS_BACKSLASHREPLACE:
    case ERRORS_XMLCHARREFREPLACE:
        if (encoder_reserve(e, 11 * (last - first)) < 0)
            return -1;
        for (; i < last; i++) {
            unsigned ch = PyUnicode_READ(v.kind, v.data, i);
            if (e->kind == ERRORS_BACKSLASHREPLACE)
                e->to = codec_put_escape(e->to, ch);
            else
                e->to = codec_put_charref(e->to, ch);
        }
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
        PyObject *rep = encoder_call_handler(e, first, last, reason);
        return rep == NULL ? -1 : write_replacement(e, rep, first, last, limit, reason);
    }
    }
    e->at = last;
    return 0;
}

static PyObject *encode_below(PyObject *s, const char *errors, const char *encoding, Py_UCS4 limit, const char *reason)
{
    Encoder e;
    StrView v = str_view(s);
    if (encoder_init(&e, encoding, errors, s, v.length) < 0)
        return encoder_finish(&e, true);
    while (e.at < v.length) {
        if (fits(&e, e.at, limit)) {
            *e.to++ = (char)PyUnicode_READ(v.kind, v.data, e.at);
            e.at++;
            continue;
        }
        Py_ssize_t last = e.at + 1;
        while (last < v.length && !fits(&e, last, limit))
            last++;
        if (encode_bad(&e, e.at, last, limit, reason) < 0)
            return encoder_finish(&e, true);
    }
    return encoder_finish(&e, false);
}

static int check_str(PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return -1;
    }
    return PyUnicode_READY(s);
}

/* New bytes in Latin-1. */
PyObject *_PyUnicode_AsLatin1String(PyObject *s, const char *errors)
{
    if (check_str(s) < 0)
        return NULL;
    if (PyUnicode_KIND(s) == PyUnicode_1BYTE_KIND)
        return PyBytes_FromStringAndSize(PyUnicode_DATA(s), PyUnicode_GET_LENGTH(s));
    return encode_below(s, errors, "latin-1", 256, "ordinal not in range(256)");
}

PyObject *PyUnicode_AsLatin1String(PyObject *s)
{
    return _PyUnicode_AsLatin1String(s, NULL);
}

/* New bytes in ASCII. */
PyObject *_PyUnicode_AsASCIIString(PyObject *s, const char *errors)
{
    if (check_str(s) < 0)
        return NULL;
    if (PyUnicode_IS_ASCII(s))
        return PyBytes_FromStringAndSize(PyUnicode_DATA(s), PyUnicode_GET_LENGTH(s));
    return encode_below(s, errors, "ascii", 128, "ordinal not in range(128)");
}

PyObject *PyUnicode_AsASCIIString(PyObject *s)
{
    return _PyUnicode_AsASCIIString(s, NULL);
}
