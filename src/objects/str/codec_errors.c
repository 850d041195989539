/* Decoding and encoding errors: the quick handlers in line, the others through the registry. */
#include "objects/str/codec.h"
#include <internal/krait_exports.h>

ErrorsKind codec_errors_kind(const char *errors)
{
    static const struct {
        const char *name;
        ErrorsKind kind;
    } known[] = {
        {"strict", ERRORS_STRICT},
        {"surrogateescape", ERRORS_SURROGATEESCAPE},
        {"replace", ERRORS_REPLACE},
        {"ignore", ERRORS_IGNORE},
        {"backslashreplace", ERRORS_BACKSLASHREPLACE},
        {"surrogatepass", ERRORS_SURROGATEPASS},
        {"xmlcharrefreplace", ERRORS_XMLCHARREFREPLACE},
    };
    if (errors == NULL)
        return ERRORS_STRICT;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(known); i++)
        if (strcmp(errors, known[i].name) == 0)
            return known[i].kind;
    return ERRORS_OTHER;
}

/* The kind of an error handler's name; NULL is strict. */
_Py_error_handler _Py_GetErrorHandler(const char *errors)
{
    return (_Py_error_handler)codec_errors_kind(errors);
}

/* --- decoding --- */

void decoder_init(Decoder *d, const char *encoding, const char *errors, const char *bytes, Py_ssize_t n)
{
    *d = (Decoder){.encoding = encoding, .errors = errors, .start = bytes, .at = bytes, .end = bytes + n};
    _PyUnicodeWriter_Init(&d->out);
}

int decoder_write_run(Decoder *d, const Py_UCS2 *run, Py_ssize_t n, Py_UCS4 all)
{
    if (n == 0) return 0;
    if (_PyUnicodeWriter_Prepare(&d->out, n, all) < 0) return -1;
    void *to = (char *)d->out.data + d->out.pos * d->out.kind;
    switch (d->out.kind) {
    case PyUnicode_1BYTE_KIND:
        for (Py_ssize_t i = 0; i < n; i++) ((Py_UCS1 *)to)[i] = (Py_UCS1)run[i];
        break;
    case PyUnicode_2BYTE_KIND: memcpy(to, run, (size_t)n * sizeof *run); break;
    default:
        for (Py_ssize_t i = 0; i < n; i++) ((Py_UCS4 *)to)[i] = run[i];
    }
    d->out.pos += n;
    return 0;
}

PyObject *decoder_finish(Decoder *d, bool failed)
{
    Py_XDECREF(d->input);
    Py_XDECREF(d->handler);
    Py_XDECREF(d->exc);
    if (!failed)
        return _PyUnicodeWriter_Finish(&d->out);
    _PyUnicodeWriter_Dealloc(&d->out);
    return NULL;
}

/* Makes, or moves to another range, the exception that handlers are given. */
static int decoder_set_exception(Decoder *d, const char *first, const char *last, const char *reason)
{
    if (d->exc == NULL) {
        d->exc = PyUnicodeDecodeError_Create(d->encoding, d->start, d->end - d->start, first - d->start,
                                             last - d->start, reason);
        return d->exc == NULL ? -1 : 0;
    }
    if (PyUnicodeDecodeError_SetStart(d->exc, first - d->start) < 0 ||
        PyUnicodeDecodeError_SetEnd(d->exc, last - d->start) < 0 ||
        PyUnicodeDecodeError_SetReason(d->exc, reason) < 0)
        return -1;
    return 0;
}

static int decoder_call_handler(Decoder *d, const char *first, const char *last, const char *reason)
{
    PyObject *pair, *text, *object;
    Py_ssize_t position;
    int r = -1;
    if (d->handler == NULL && (d->handler = PyCodec_LookupError(d->errors)) == NULL)
        return -1;
    if (decoder_set_exception(d, first, last, reason) < 0)
        return -1;
    pair = PyObject_CallOneArg(d->handler, d->exc);
    if (pair == NULL)
        return -1;
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, "decoding error handler must return (str, int) tuple");
        goto done;
    }
    if (!PyArg_ParseTuple(pair, "Un;decoding error handler must return (str, int) tuple", &text, &position))
        goto done;
    /* The handler may have put other bytes into the exception: go on with those. */
    object = PyUnicodeDecodeError_GetObject(d->exc);
    if (object == NULL)
        goto done;
    if (!PyBytes_Check(object)) {
        PyErr_SetString(PyExc_TypeError, "exception attribute object must be bytes");
        Py_DECREF(object);
        goto done;
    }
    Py_XSETREF(d->input, object);
    d->start = PyBytes_AS_STRING(object);
    d->end = d->start + PyBytes_GET_SIZE(object);
    if (position < 0)
        position += PyBytes_GET_SIZE(object);
    if (position < 0 || position > PyBytes_GET_SIZE(object)) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", position);
        goto done;
    }
    d->out.overallocate = 1;
    if (_PyUnicodeWriter_WriteStr(&d->out, text) < 0)
        goto done;
    d->at = d->start + position;
    r = 0;
done:
    Py_DECREF(pair);
    return r;
}

int decoder_error(Decoder *d, const char *first, const char *last, const char *reason)
{
    if (d->kind == ERRORS_UNKNOWN)
        d->kind = codec_errors_kind(d->errors);
    switch (d->kind) {
    case ERRORS_STRICT:
        if (decoder_set_exception(d, first, last, reason) == 0)
            PyCodec_StrictErrors(d->exc);
        return -1;
    case ERRORS_IGNORE:
        break;
    case ERRORS_REPLACE:
        d->out.overallocate = 1;
        if (_PyUnicodeWriter_WriteChar(&d->out, 0xfffd) < 0)
            return -1;
        break;
    case ERRORS_SURROGATEESCAPE: {
        for (const char *p = first; p < last; p++)
            if ((unsigned char)*p < 0x80)
                return decoder_call_handler(d, first, last, reason);
        d->out.overallocate = 1;
        if (_PyUnicodeWriter_Prepare(&d->out, last - first, 0xffff) < 0)
            return -1;
        for (const char *p = first; p < last; p++)
            if (_PyUnicodeWriter_WriteChar(&d->out, 0xdc00u + (unsigned char)*p) < 0)
                return -1;
        break;
    }
    default:
        return decoder_call_handler(d, first, last, reason);
    }
    d->at = last;
    return 0;
}

/* --- encoding --- */

char *codec_put_escape(char *to, Py_UCS4 ch)
{
    int digits = ch < 0x100 ? 2 : ch < 0x10000 ? 4 : 8;
    *to++ = '\\';
    *to++ = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[(ch >> shift) & 15];
    return to;
}

char *codec_put_charref(char *to, Py_UCS4 ch)
{
    char digits[8];
    int n = 0;
    do {
        digits[n++] = (char)('0' + ch % 10);
        ch /= 10;
    } while (ch);
    *to++ = '&';
    *to++ = '#';
    while (n) *to++ = digits[--n];
    *to++ = ';';
    return to;
}

int encoder_init(Encoder *e, const char *encoding, const char *errors, PyObject *str, Py_ssize_t size)
{
    e->encoding = encoding;
    e->errors = errors;
    e->kind = ERRORS_UNKNOWN;
    e->str = str;
    e->text = str_view(str);
    e->at = 0;
    e->handler = e->exc = NULL;
    _PyBytesWriter_Init(&e->out);
    e->to = _PyBytesWriter_Alloc(&e->out, size);
    return e->to == NULL ? -1 : 0;
}

PyObject *encoder_finish(Encoder *e, bool failed)
{
    Py_CLEAR(e->handler);
    Py_CLEAR(e->exc);
    if (!failed)
        return _PyBytesWriter_Finish(&e->out, e->to);
    _PyBytesWriter_Dealloc(&e->out);
    return NULL;
}

int encoder_reserve(Encoder *e, Py_ssize_t n)
{
    if (n <= 0)
        return 0;
    e->out.overallocate = 1;
    char *to = _PyBytesWriter_Prepare(&e->out, e->to, n);
    if (to == NULL)
        return -1;
    e->to = to;
    return 0;
}

static int encoder_set_exception(Encoder *e, Py_ssize_t first, Py_ssize_t last, const char *reason)
{
    if (e->exc == NULL) {
        e->exc = PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns", e->encoding, e->str, first, last, reason);
        return e->exc == NULL ? -1 : 0;
    }
    if (PyUnicodeEncodeError_SetStart(e->exc, first) < 0 || PyUnicodeEncodeError_SetEnd(e->exc, last) < 0 ||
        PyUnicodeEncodeError_SetReason(e->exc, reason) < 0)
        return -1;
    return 0;
}

void encoder_raise(Encoder *e, Py_ssize_t first, Py_ssize_t last, const char *reason)
{
    if (encoder_set_exception(e, first, last, reason) == 0)
        PyCodec_StrictErrors(e->exc);
}

PyObject *encoder_call_handler(Encoder *e, Py_ssize_t first, Py_ssize_t last, const char *reason)
{
    static const char expected[] = "encoding error handler must return (str/bytes, int) tuple";
    PyObject *pair, *rep;
    Py_ssize_t position;
    if (e->handler == NULL && (e->handler = PyCodec_LookupError(e->errors)) == NULL)
        return NULL;
    if (encoder_set_exception(e, first, last, reason) < 0)
        return NULL;
    pair = PyObject_CallOneArg(e->handler, e->exc);
    if (pair == NULL)
        return NULL;
    if (!PyTuple_Check(pair)) {
        PyErr_SetString(PyExc_TypeError, expected);
        goto error;
    }
    if (!PyArg_ParseTuple(pair, "On;encoding error handler must return (str/bytes, int) tuple", &rep, &position))
        goto error;
    if (!PyUnicode_Check(rep) && !PyBytes_Check(rep)) {
        PyErr_SetString(PyExc_TypeError, expected);
        goto error;
    }
    if (PyUnicode_Check(rep) && PyUnicode_READY(rep) < 0)
        goto error;
    if (position < 0)
        position += e->text.length;
    if (position < 0 || position > e->text.length) {
        PyErr_Format(PyExc_IndexError, "position %zd from error handler out of bounds", position);
        goto error;
    }
    e->at = position;
    Py_INCREF(rep);
    Py_DECREF(pair);
    return rep;

error:
    Py_DECREF(pair);
    return NULL;
}
