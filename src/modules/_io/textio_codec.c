/* TextIOWrapper: encoding and decoding. */
#include "modules/_io/textio.h"

/* ---- choosing ---------------------------------------------------------------------------- */

CodecKind text_codec_kind(PyObject *encoding)
{
    static const struct {
        const char *name;
        CodecKind kind;
    } known[] = {
        {"utf-8", CODEC_UTF8},
        {"utf8", CODEC_UTF8},
        {"latin-1", CODEC_LATIN1},
        {"latin1", CODEC_LATIN1},
        {"iso-8859-1", CODEC_LATIN1},
        {"iso8859-1", CODEC_LATIN1},
        {"ascii", CODEC_ASCII},
        {"us-ascii", CODEC_ASCII},
    };
    char name[12];
    Py_ssize_t n = PyUnicode_GET_LENGTH(encoding);
    if (!PyUnicode_IS_ASCII(encoding) || n >= (Py_ssize_t)sizeof name) return CODEC_OBJECT;
    const char *text = PyUnicode_DATA(encoding);
    for (Py_ssize_t i = 0; i < n; i++) {
        name[i] = text[i] == '_'                     ? '-'
                  : text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] + 32)
                                                     : text[i];
    }
    name[n] = '\0';
    for (size_t i = 0; i < Py_ARRAY_LENGTH(known); i++) {
        if (strcmp(name, known[i].name) == 0) return known[i].kind;
    }
    return CODEC_OBJECT;
}

/* buffer.readable() or .writable(); -1 with an exception. */
static int ask_buffer(TextIo *self, PyObject *question)
{
    PyObject *answer = io_call(self->buffer, question);
    if (!answer) return -1;
    int r = PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return r;
}

int text_set_decoder(TextIo *self, PyObject *codec)
{
    Decoder *d = &self->decoder;
    int can = ask_buffer(self, NAME(readable));
    if (can < 0) return -1;
    Py_CLEAR(d->object);
    *d = (Decoder){
        .universal = self->read_universal, .newlines = {.translate = self->read_translate}};
    if (!can) return 0;
    d->kind = codec ? CODEC_OBJECT : text_codec_kind(self->encoding);
    if (!codec) return 0;
    PyObject *object = _PyCodecInfo_GetIncrementalDecoder(codec, PyUnicode_AsUTF8(self->errors));
    if (object && self->read_universal) {
        PyObject *translate = self->read_translate ? Py_True : Py_False;
        Py_SETREF(
            object, PyObject_CallFunctionObjArgs(
                        (PyObject *)&PyIncrementalNewlineDecoder_Type, object, translate, NULL));
    }
    d->object = object;
    if (!object) d->kind = CODEC_NONE;
    return object ? 0 : -1;
}

/* Whether a codec is one of the two that the reference encodes by itself and that begin with a BOM; -1 with an exception. */
static int writes_wide_bom(PyObject *codec)
{
    PyObject *name;
    if (_PyObject_LookupAttr(codec, NAME(name), &name) < 0) return -1;
    bool wide = name && PyUnicode_Check(name)
                && (_PyUnicode_EqualToASCIIString(name, "utf-16")
                    || _PyUnicode_EqualToASCIIString(name, "utf-32"));
    Py_XDECREF(name);
    return wide;
}

int text_set_encoder(TextIo *self, PyObject *codec)
{
    int can = ask_buffer(self, NAME(writable));
    if (can < 0) return -1;
    Py_CLEAR(self->encoder_object);
    self->encoder = CODEC_NONE;
    if (!can) return 0;
    if (codec) {
        self->encoder_object =
            _PyCodecInfo_GetIncrementalEncoder(codec, PyUnicode_AsUTF8(self->errors));
        if (!self->encoder_object) return -1;
        int wide = writes_wide_bom(codec);
        if (wide < 0) return -1;
        self->encodes_wide_bom = wide;
    }
    self->encoder = codec ? CODEC_OBJECT : text_codec_kind(self->encoding);
    return 0;
}

int text_start_encoder(TextIo *self)
{
    self->encoding_start = true;
    if (self->encoder == CODEC_NONE) return 0;
    if (!self->seekable) {
        /* The reference takes what cannot be asked for its place to be in its midst. */
        bool wide = self->encoder == CODEC_OBJECT && self->encodes_wide_bom;
        return wide ? text_encoder_at_start(self, false) : 0;
    }
    if (self->encoder != CODEC_OBJECT && buffered_is_plain(self->buffer)) {
        /* These encodings have no BOM, and our buffer does not mind not being asked. */
        return 0;
    }
    self->encoding_start = false;
    PyObject *at = io_call(self->buffer, NAME(tell));
    if (!at) return -1;
    PyObject *zero = PyLong_FromLong(0);
    int start = zero ? PyObject_RichCompareBool(at, zero, Py_EQ) : -1;
    Py_DECREF(at);
    Py_XDECREF(zero);
    if (start < 0) return -1;
    if (start)
        self->encoding_start = true;
    else if (text_encoder_at_start(self, false) < 0)
        return -1;
    return 0;
}

/* ---- encoding ---------------------------------------------------------------------------- */

int text_encoder_at_start(TextIo *self, bool start)
{
    if (self->encoder == CODEC_NONE) return 0;
    self->encoding_start = start;
    if (self->encoder != CODEC_OBJECT) return 0;
    PyObject *r = start ? io_call(self->encoder_object, NAME(reset))
                        : _PyObject_CallMethod(self->encoder_object, NAME(setstate), "i", 0);
    Py_XDECREF(r);
    return r ? 0 : -1;
}

PyObject *text_encode(TextIo *self, PyObject *text)
{
    switch (self->encoder) {
    case CODEC_UTF8: return _PyUnicode_AsUTF8String(text, self->errors_text);
    case CODEC_LATIN1: return _PyUnicode_AsLatin1String(text, self->errors_text);
    case CODEC_ASCII: return _PyUnicode_AsASCIIString(text, self->errors_text);
    default: break;
    }
    PyObject *bytes = io_call1(self->encoder_object, NAME(encode), text);
    if (!bytes) return NULL;
    self->encoding_start = false;
    if (!PyBytes_Check(bytes)) {
        PyErr_Format(PyExc_TypeError, "encoder should return a bytes object, not '%.200s'",
            Py_TYPE(bytes)->tp_name);
        Py_CLEAR(bytes);
    }
    return bytes;
}

/* ---- decoding ---------------------------------------------------------------------------- */

static PyObject *decode_utf8(TextIo *self, const char *bytes, Py_ssize_t n, bool final)
{
    Decoder *d = &self->decoder;
    PyObject *joined = NULL;
    if (d->tail_length > 0) {
        joined = PyBytes_FromStringAndSize(NULL, d->tail_length + n);
        if (!joined) return NULL;
        memcpy(PyBytes_AS_STRING(joined), d->tail, (size_t)d->tail_length);
        memcpy(PyBytes_AS_STRING(joined) + d->tail_length, bytes, (size_t)n);
        bytes = PyBytes_AS_STRING(joined);
        n += d->tail_length;
    }
    Py_ssize_t consumed = n;
    PyObject *text =
        PyUnicode_DecodeUTF8Stateful(bytes, n, self->errors_text, final ? NULL : &consumed);
    if (text) {
        d->tail_length = 0;
        if (consumed < n && n - consumed <= (Py_ssize_t)sizeof d->tail) {
            d->tail_length = (int)(n - consumed);
            memcpy(d->tail, bytes + consumed, (size_t)d->tail_length);
        }
    }
    Py_XDECREF(joined);
    return text;
}

PyObject *text_decode_memory(TextIo *self, const char *bytes, Py_ssize_t n, bool final)
{
    Decoder *d = &self->decoder;
    PyObject *text;
    switch (d->kind) {
    case CODEC_UTF8: text = decode_utf8(self, bytes, n, final); break;
    case CODEC_LATIN1: text = PyUnicode_DecodeLatin1(bytes, n, self->errors_text); break;
    default: text = PyUnicode_DecodeASCII(bytes, n, self->errors_text); break;
    }
    return d->universal ? newlines_translate_steal(&d->newlines, text, final) : text;
}

PyObject *text_decode(TextIo *self, PyObject *input, bool final)
{
    Decoder *d = &self->decoder;
    if (d->kind == CODEC_OBJECT) {
        if (Py_IS_TYPE(d->object, &PyIncrementalNewlineDecoder_Type))
            return newline_decoder_decode(d->object, input, final);
        PyObject *text = PyObject_CallMethodObjArgs(
            d->object, NAME(decode), input, final ? Py_True : Py_False, NULL);
        if (text && !PyUnicode_Check(text)) {
            PyErr_Format(PyExc_TypeError, "decoder should return a string result, not '%.200s'",
                Py_TYPE(text)->tp_name);
            Py_CLEAR(text);
        }
        if (text && PyUnicode_READY(text) < 0) Py_CLEAR(text);
        return text;
    }
    if (PyBytes_Check(input))
        return text_decode_memory(self, PyBytes_AS_STRING(input), PyBytes_GET_SIZE(input), final);
    Py_buffer view;
    if (PyObject_GetBuffer(input, &view, PyBUF_SIMPLE) < 0) return NULL;
    PyObject *text = text_decode_memory(self, view.buf, view.len, final);
    PyBuffer_Release(&view);
    return text;
}

int text_decoder_state(TextIo *self, PyObject **bytes, int *flags)
{
    Decoder *d = &self->decoder;
    if (d->kind != CODEC_OBJECT) {
        *flags = d->universal && d->newlines.pending_cr;
        *bytes = PyBytes_FromStringAndSize((const char *)d->tail, d->tail_length);
        return *bytes ? 0 : -1;
    }
    PyObject *state = io_call(d->object, NAME(getstate)), *buffer;
    if (!state) return -1;
    int r = -1;
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "illegal decoder state");
    } else if (PyArg_ParseTuple(state, "Oi;illegal decoder state", &buffer, flags)) {
        if (PyBytes_Check(buffer)) {
            *bytes = Py_NewRef(buffer);
            r = 0;
        } else {
            PyErr_Format(PyExc_TypeError,
                "illegal decoder state: the first item should be a bytes object, not '%.200s'",
                Py_TYPE(buffer)->tp_name);
        }
    }
    Py_DECREF(state);
    return r;
}

int text_decoder_reset(TextIo *self)
{
    Decoder *d = &self->decoder;
    if (d->kind != CODEC_OBJECT) {
        d->tail_length = 0;
        d->newlines.pending_cr = false;
        d->newlines.seen = 0;
        return 0;
    }
    PyObject *r = io_call(d->object, NAME(reset));
    Py_XDECREF(r);
    return r ? 0 : -1;
}

int text_decoder_set_state(TextIo *self, PyObject *bytes, int flags)
{
    Decoder *d = &self->decoder;
    if (d->kind != CODEC_OBJECT) {
        Py_ssize_t n = PyBytes_GET_SIZE(bytes);
        if (n > (Py_ssize_t)sizeof d->tail) n = (Py_ssize_t)sizeof d->tail;
        memcpy(d->tail, PyBytes_AS_STRING(bytes), (size_t)n);
        d->tail_length = (int)n;
        d->newlines.pending_cr = d->universal && (flags & 1);
        return 0;
    }
    PyObject *r = _PyObject_CallMethod(d->object, NAME(setstate), "((Oi))", bytes, flags);
    Py_XDECREF(r);
    return r ? 0 : -1;
}
