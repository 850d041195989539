/* TextIOWrapper: construction, state, and the methods that neither read nor write. */
#include "modules/_io/textio.h"

#include <internal/krait_exports.h>
#include <structmember.h>

/* ---- state ------------------------------------------------------------------------------- */

static int check_ready(TextIo *self)
{
    if (self->ok) return 0;
    PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
    return -1;
}

int text_check_attached(TextIo *self)
{
    if (self->ok && !self->detached) return 0;
    if (check_ready(self) == 0)
        PyErr_SetString(PyExc_ValueError, "underlying buffer has been detached");
    return -1;
}

int text_check_open(TextIo *self)
{
    if (!Py_IS_TYPE(self, &PyTextIOWrapper_Type)) return io_check_closed((PyObject *)self) ? 0 : -1;
    int closed;
    if (self->raw) {
        closed = ((FileIo *)self->raw)->fd < 0;
    } else {
        PyObject *attribute = PyObject_GetAttr(self->buffer, NAME(closed));
        if (!attribute) return -1;
        closed = PyObject_IsTrue(attribute);
        Py_DECREF(attribute);
        if (closed < 0) return -1;
    }
    if (closed) {
        io_closed_error();
        return -1;
    }
    return 0;
}

void text_forget_decoded(TextIo *self)
{
    Py_CLEAR(self->decoded);
    self->used = 0;
    Py_CLEAR(self->snapshot_input);
}

bool textio_is_plain(PyObject *o)
{
    if (!Py_IS_TYPE(o, &PyTextIOWrapper_Type)) return false;
    /* open() and the start-up code give every stream the attribute mode, and nothing else. */
    PyObject *dict = ((TextIo *)o)->dict;
    Py_ssize_t n = dict ? PyDict_GET_SIZE(dict) : 0;
    return n == 0 || (n == 1 && PyDict_GetItemWithError(dict, NAME(mode)));
}

int textio_write_str(PyObject *stream, PyObject *text)
{
    return text_write((TextIo *)stream, text);
}

/* ---- arguments --------------------------------------------------------------------------- */

int text_newline_argument(PyObject *arg, const char *function, const char **newline)
{
    *newline = NULL;
    if (!arg || arg == Py_None) return 0;
    if (!PyUnicode_Check(arg)) {
        PyErr_Format(PyExc_TypeError, "%s() argument 'newline' must be str or None, not %.50s",
            function, Py_TYPE(arg)->tp_name);
        return -1;
    }
    Py_ssize_t n;
    const char *s = PyUnicode_AsUTF8AndSize(arg, &n);
    if (!s) return -1;
    if ((size_t)n != strlen(s)) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    *newline = s;
    return 0;
}

static int check_newline(const char *s)
{
    if (!s || !*s || strcmp(s, "\n") == 0 || strcmp(s, "\r") == 0 || strcmp(s, "\r\n") == 0)
        return 0;
    PyErr_Format(PyExc_ValueError, "illegal newline value: %s", s);
    return -1;
}

static int set_newline(TextIo *self, const char *s)
{
    PyObject *ending = NULL;
    if (s && !(ending = PyUnicode_FromString(s))) return -1;
    Py_XSETREF(self->read_newline, ending);
    self->read_universal = !s || !*s;
    self->read_translate = !s;
    self->write_translate = !s || *s;
    /* \n itself, and the system's own \n, replace nothing. */
    self->write_newline = NULL;
    if (s && strcmp(s, "\r") == 0) self->write_newline = "\r";
    if (s && strcmp(s, "\r\n") == 0) self->write_newline = "\r\n";
    return 0;
}

/* In development mode a wrong name of an error handler is told at once. */
static int check_errors(PyObject *errors)
{
    if (!_Py_GetConfig()->dev_mode) return 0;
    const char *name = PyUnicode_AsUTF8(errors);
    if (!name) return -1;
    PyObject *handler = PyCodec_LookupError(name);
    Py_XDECREF(handler);
    return handler ? 0 : -1;
}

static void set_errors_steal(TextIo *self, PyObject *errors)
{
    Py_XSETREF(self->errors, errors);
    self->errors_text = PyUnicode_AsUTF8(errors);
    if (self->errors_text && strcmp(self->errors_text, "strict") == 0) self->errors_text = NULL;
}

/* The codec of `encoding` in *codec (new reference), NULL if it is coded without. -1 with
 * LookupError. */
static int find_codec(PyObject *encoding, PyObject **codec)
{
    *codec = NULL;
    if (text_codec_kind(encoding) != CODEC_OBJECT) return 0;
    const char *name = PyUnicode_AsUTF8(encoding);
    if (!name) return -1;
    if (strlen(name) != (size_t)PyUnicode_GET_LENGTH(encoding) && PyUnicode_IS_ASCII(encoding)) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    *codec = _PyCodec_LookupTextEncoding(name, "codecs.open()");
    return *codec ? 0 : -1;
}

/* What encoding=None stands for. New reference. */
static PyObject *default_encoding(void)
{
    if (Py_UTF8Mode) return PyUnicode_FromString("utf-8");
    return _Py_GetLocaleEncodingObject();
}

/* ---- life -------------------------------------------------------------------------------- */

static void drop_parts(TextIo *self)
{
    self->ok = false;
    Py_CLEAR(self->buffer);
    Py_CLEAR(self->encoding);
    Py_CLEAR(self->errors);
    Py_CLEAR(self->raw);
    Py_CLEAR(self->decoder.object);
    Py_CLEAR(self->encoder_object);
    Py_CLEAR(self->read_newline);
    text_forget_decoded(self);
}

static int set_buffer(TextIo *self, PyObject *buffer)
{
    self->buffer = Py_NewRef(buffer);
    bool ours = Py_IS_TYPE(buffer, &PyBufferedReader_Type) ||
                Py_IS_TYPE(buffer, &PyBufferedWriter_Type) ||
                Py_IS_TYPE(buffer, &PyBufferedRandom_Type);
    if (ours) {
        PyObject *raw = ((Buffered *)buffer)->raw;
        if (raw && Py_IS_TYPE(raw, &PyFileIO_Type)) self->raw = Py_NewRef(raw);
    }
    PyObject *read1, *answer = io_call(buffer, NAME(seekable));
    if (!answer) return -1;
    int seekable = PyObject_IsTrue(answer);
    Py_DECREF(answer);
    if (seekable < 0) return -1;
    self->seekable = self->telling = seekable;
    int has = ours ? 1 : _PyObject_LookupAttr(buffer, NAME(read1), &read1);
    if (has < 0) return -1;
    if (has && !ours) Py_DECREF(read1);
    self->has_read1 = has;
    return 0;
}

static int init_with_newline(TextIo *self, PyObject *buffer, PyObject *encoding, PyObject *errors,
    const char *newline, bool line_buffering, bool write_through)
{
    PyObject *codec = NULL;
    self->ok = self->detached = false;
    if (!encoding && _Py_GetConfig()->warn_default_encoding &&
        PyErr_WarnEx(PyExc_EncodingWarning, "'encoding' argument not specified", 1) < 0) {
        return -1;
    }
    bool locale = encoding && PyUnicode_CompareWithASCIIString(encoding, "locale") == 0;
    if (errors == Py_None) errors = NULL;
    if (errors && !PyUnicode_Check(errors)) {
        PyErr_Format(PyExc_TypeError,
            "TextIOWrapper() argument 'errors' must be str or None, not %.50s",
            Py_TYPE(errors)->tp_name);
        return -1;
    }
    if (errors && check_errors(errors) < 0) return -1;
    if (check_newline(newline) < 0) return -1;
    drop_parts(self);
    self->pending_length = 0;
    self->bytes_per_char = 0.0;
    self->encoding = locale     ? _Py_GetLocaleEncodingObject()
                     : encoding ? Py_NewRef(encoding)
                                : default_encoding();
    if (!self->encoding) return -1;
    PyObject *handler = errors ? Py_NewRef(errors) : PyUnicode_InternFromString("strict");
    if (!handler) return -1;
    set_errors_steal(self, handler);
    if (!self->errors_text && PyErr_Occurred()) return -1;
    if (find_codec(self->encoding, &codec) < 0) return -1;
    self->chunk_size = IO_BUFFER_SIZE;
    self->line_buffering = line_buffering;
    self->write_through = write_through;
    int r = -1;
    if (set_newline(self, newline) < 0) goto done;
    self->buffer = Py_NewRef(buffer);
    if (text_set_decoder(self, codec) < 0 || text_set_encoder(self, codec) < 0) goto done;
    Py_CLEAR(self->buffer);
    if (set_buffer(self, buffer) < 0) goto done;
    self->encoding_start = false;
    if (text_start_encoder(self) < 0) goto done;
    self->ok = true;
    r = 0;
done:
    Py_XDECREF(codec);
    return r;
}

int textio_init(PyObject *o, PyObject *buffer, PyObject *encoding, PyObject *errors,
    PyObject *newline, bool line_buffering, bool write_through)
{
    const char *text;
    if (text_newline_argument(newline, "TextIOWrapper", &text) < 0) return -1;
    return init_with_newline((TextIo *)o, buffer, encoding == Py_None ? NULL : encoding, errors,
        text, line_buffering, write_through);
}

static int text_init(PyObject *o, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {
        "buffer", "encoding", "errors", "newline", "line_buffering", "write_through", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O|OOOii:TextIOWrapper"};
    TextIo *self = (TextIo *)o;
    PyObject *buffer, *encoding = NULL, *errors = NULL, *newline = NULL;
    const char *text;
    int line_buffering = 0, write_through = 0;
    self->ok = self->detached = false;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &buffer, &encoding, &errors,
            &newline, &line_buffering, &write_through)) {
        return -1;
    }
    if (encoding == Py_None) encoding = NULL;
    if (encoding && !PyUnicode_Check(encoding)) {
        _PyArg_BadArgument("TextIOWrapper", "argument 'encoding'", "str or None", encoding);
        return -1;
    }
    if (text_newline_argument(newline, "TextIOWrapper", &text) < 0) return -1;
    return init_with_newline(self, buffer, encoding, errors, text, line_buffering, write_through);
}

static int text_traverse(PyObject *o, visitproc visit, void *arg)
{
    TextIo *self = (TextIo *)o;
    Py_VISIT(self->buffer);
    Py_VISIT(self->raw);
    Py_VISIT(self->decoder.object);
    Py_VISIT(self->encoder_object);
    Py_VISIT(self->decoded);
    Py_VISIT(self->dict);
    return 0;
}

static int text_clear(PyObject *o)
{
    drop_parts((TextIo *)o);
    Py_CLEAR(((TextIo *)o)->dict);
    return 0;
}

static void text_dealloc(PyObject *o)
{
    TextIo *self = (TextIo *)o;
    self->finalizing = 1;
    if (io_finalize(o) < 0) return;
    PyObject_GC_UnTrack(o);
    io_dealloc_head(o);
    drop_parts(self);
    PyMem_Free(self->pending);
    Py_TYPE(o)->tp_free(o);
}

/* ---- flush, close, detach ---------------------------------------------------------------- */

static PyObject *text_flush(PyObject *o, PyObject *Py_UNUSED(args))
{
    TextIo *self = (TextIo *)o;
    if (text_check_attached(self) < 0 || text_check_open(self) < 0) return NULL;
    self->telling = self->seekable;
    if (text_flush_pending(self) < 0) return NULL;
    if (buffered_is_plain(self->buffer) && ((Buffered *)self->buffer)->writable) {
        if (text_flush_buffer(self) < 0) return NULL;
        Py_RETURN_NONE;
    }
    return io_call(self->buffer, NAME(flush));
}

static PyObject *text_close(PyObject *o, PyObject *Py_UNUSED(args))
{
    TextIo *self = (TextIo *)o;
    if (text_check_attached(self) < 0) return NULL;
    PyObject *attribute = PyObject_GetAttr(o, NAME(closed));
    int closed = attribute ? PyObject_IsTrue(attribute) : -1;
    Py_XDECREF(attribute);
    if (closed < 0) return NULL;
    if (closed) Py_RETURN_NONE;
    if (self->finalizing) {
        PyObject *warned = io_call1(self->buffer, NAME(_dealloc_warn), o);
        if (!warned) PyErr_Clear();
        Py_XDECREF(warned);
    }
    IoError e = {NULL, NULL, NULL};
    PyObject *r = io_call(o, NAME(flush));
    if (!r) io_error_save(&e);
    Py_XDECREF(r);
    if (!self->buffer) {
        /* flush() was overridden to detach. */
        return io_error_restore(&e, Py_NewRef(Py_None));
    }
    r = io_call(self->buffer, NAME(close));
    return io_error_restore(&e, r);
}

static PyObject *text_detach(PyObject *o, PyObject *Py_UNUSED(args))
{
    TextIo *self = (TextIo *)o;
    if (text_check_attached(self) < 0) return NULL;
    PyObject *r = io_call(o, NAME(flush));
    if (!r) return NULL;
    Py_DECREF(r);
    PyObject *buffer = self->buffer;
    self->buffer = NULL;
    self->detached = true;
    return buffer;
}

/* ---- reconfigure ------------------------------------------------------------------------- */

static int change_encoding(TextIo *self, PyObject *encoding, PyObject *errors, bool newline_changed)
{
    if (encoding == Py_None && errors == Py_None && !newline_changed) return 0;
    /* A new encoding starts with strict errors, unless others are given. */
    PyObject *handler = errors != Py_None     ? Py_NewRef(errors)
                        : encoding != Py_None ? PyUnicode_InternFromString("strict")
                                              : Py_NewRef(self->errors);
    if (encoding == Py_None)
        encoding = Py_NewRef(self->encoding);
    else if (PyUnicode_CompareWithASCIIString(encoding, "locale") != 0)
        Py_INCREF(encoding);
    else
        encoding = _Py_GetLocaleEncodingObject();
    PyObject *codec = NULL;
    if (!handler || !encoding || find_codec(encoding, &codec) < 0) {
        Py_XDECREF(encoding);
        Py_XDECREF(handler);
        return -1;
    }
    Py_XSETREF(self->encoding, encoding);
    set_errors_steal(self, handler);
    int r = text_set_decoder(self, codec) < 0 || text_set_encoder(self, codec) < 0
                ? -1
                : text_start_encoder(self);
    Py_XDECREF(codec);
    return r;
}

static int flag_argument(PyObject *arg, char *flag)
{
    if (!arg || arg == Py_None) return 0;
    int n = _PyLong_AsInt(arg);
    if (n == -1 && PyErr_Occurred()) return -1;
    *flag = n != 0;
    return 0;
}

static PyObject *text_reconfigure(
    PyObject *o, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {
        "encoding", "errors", "newline", "line_buffering", "write_through", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "|$OOOOO:reconfigure"};
    TextIo *self = (TextIo *)o;
    PyObject *encoding = Py_None, *errors = Py_None, *newline = NULL, *line = Py_None,
             *through = Py_None;
    const char *text = NULL;
    if (!_PyArg_ParseStackAndKeywords(
            args, nargs, kwnames, &parser, &encoding, &errors, &newline, &line, &through)) {
        return NULL;
    }
    if (self->decoded && (encoding != Py_None || errors != Py_None || newline)) {
        return io_unsupported(
            "It is not possible to set the encoding or newline of stream after the first read");
    }
    if (newline && newline != Py_None && !PyUnicode_Check(newline)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (newline && newline != Py_None &&
        (text_newline_argument(newline, "reconfigure", &text) < 0 || check_newline(text) < 0)) {
        return NULL;
    }
    if ((encoding != Py_None && !PyUnicode_Check(encoding)) ||
        (errors != Py_None && !PyUnicode_Check(errors))) {
        PyErr_BadArgument();
        return NULL;
    }
    char line_buffering = self->line_buffering, write_through = self->write_through;
    if (flag_argument(line, &line_buffering) < 0 || flag_argument(through, &write_through) < 0)
        return NULL;
    PyObject *r = io_call(o, NAME(flush));
    if (!r) return NULL;
    Py_DECREF(r);
    self->bytes_per_char = 0.0;
    if (newline && set_newline(self, text) < 0) return NULL;
    if (change_encoding(self, encoding, errors, newline != NULL) < 0) return NULL;
    self->line_buffering = line_buffering;
    self->write_through = write_through;
    Py_RETURN_NONE;
}

/* ---- what the buffer answers ------------------------------------------------------------- */

#define FORWARD(name)                                                                              \
    static PyObject *text_##name(PyObject *o, PyObject *Py_UNUSED(args))                           \
    {                                                                                              \
        if (text_check_attached((TextIo *)o) < 0) return NULL;                                     \
        return io_call(((TextIo *)o)->buffer, NAME(name));                                         \
    }
FORWARD(fileno)
FORWARD(seekable)
FORWARD(readable)
FORWARD(writable)
FORWARD(isatty)

#define FORWARD_ATTRIBUTE(name)                                                                    \
    static PyObject *text_##name(PyObject *o, void *Py_UNUSED(context))                            \
    {                                                                                              \
        if (text_check_attached((TextIo *)o) < 0) return NULL;                                     \
        return PyObject_GetAttr(((TextIo *)o)->buffer, NAME(name));                                \
    }
FORWARD_ATTRIBUTE(name)
FORWARD_ATTRIBUTE(closed)

static PyObject *text_truncate(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    TextIo *self = (TextIo *)o;
    if (!_PyArg_CheckPositional("truncate", nargs, 0, 1)) return NULL;
    if (text_check_attached(self) < 0) return NULL;
    PyObject *r = io_call(o, NAME(flush));
    if (!r) return NULL;
    Py_DECREF(r);
    return io_call1(self->buffer, NAME(truncate), nargs > 0 ? args[0] : Py_None);
}

/* ---- attributes -------------------------------------------------------------------------- */

static PyObject *text_newlines(PyObject *o, void *Py_UNUSED(context))
{
    TextIo *self = (TextIo *)o;
    if (text_check_attached(self) < 0) return NULL;
    if (self->decoder.kind == CODEC_NONE) Py_RETURN_NONE;
    if (self->decoder.kind != CODEC_OBJECT) return newlines_seen(self->decoder.newlines.seen);
    PyObject *seen;
    int r = _PyObject_LookupAttr(self->decoder.object, NAME(newlines), &seen);
    if (r < 0) return NULL;
    return r ? seen : Py_NewRef(Py_None);
}

static PyObject *text_errors(PyObject *o, void *Py_UNUSED(context))
{
    if (check_ready((TextIo *)o) < 0) return NULL;
    return Py_NewRef(((TextIo *)o)->errors);
}

static PyObject *text_chunk_size(PyObject *o, void *Py_UNUSED(context))
{
    if (text_check_attached((TextIo *)o) < 0) return NULL;
    return PyLong_FromSsize_t(((TextIo *)o)->chunk_size);
}

static int text_set_chunk_size(PyObject *o, PyObject *value, void *Py_UNUSED(context))
{
    if (text_check_attached((TextIo *)o) < 0) return -1;
    if (!value) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    Py_ssize_t n = PyNumber_AsSsize_t(value, PyExc_ValueError);
    if (n == -1 && PyErr_Occurred()) return -1;
    if (n <= 0) {
        PyErr_SetString(PyExc_ValueError, "a strictly positive integer is required");
        return -1;
    }
    ((TextIo *)o)->chunk_size = n;
    return 0;
}

/* Adds " word=value" of an attribute to *text if there is that attribute. */
static int add_attribute(PyObject *o, PyObject *attribute, const char *format, PyObject **text)
{
    PyObject *value;
    if (_PyObject_LookupAttr(o, attribute, &value) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) return -1;
        /* The buffer was detached. */
        PyErr_Clear();
    }
    if (!value) return 0;
    PyObject *piece = PyUnicode_FromFormat(format, value);
    Py_DECREF(value);
    if (!piece) return -1;
    PyUnicode_AppendAndDel(text, piece);
    return *text ? 0 : -1;
}

static PyObject *text_repr(PyObject *o)
{
    TextIo *self = (TextIo *)o;
    if (check_ready(self) < 0) return NULL;
    PyObject *text = PyUnicode_FromString("<_io.TextIOWrapper");
    if (!text) return NULL;
    int inside = Py_ReprEnter(o);
    if (inside != 0) {
        if (inside > 0)
            PyErr_Format(
                PyExc_RuntimeError, "reentrant call inside %s.__repr__", Py_TYPE(o)->tp_name);
        Py_DECREF(text);
        return NULL;
    }
    if (add_attribute(o, NAME(name), " name=%R", &text) < 0 ||
        add_attribute(o, NAME(mode), " mode=%R", &text) < 0) {
        Py_CLEAR(text);
    }
    Py_ReprLeave(o);
    if (text) Py_SETREF(text, PyUnicode_FromFormat("%U encoding=%R>", text, self->encoding));
    return text;
}

/* ---- the type ---------------------------------------------------------------------------- */

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef text_methods[] = {
    {"detach", text_detach, METH_NOARGS, "detach($self, /)\n--\n\n"},
    {"reconfigure", FAST(text_reconfigure), METH_FASTCALL | METH_KEYWORDS,
        "reconfigure($self, /, *, encoding=None, errors=None, newline=None,\n"
        "            line_buffering=None, write_through=None)\n--\n\n"
        "Give the text stream new parameters.\n\nThe stream is flushed first."},
    {"write", text_write_method, METH_O, "write($self, text, /)\n--\n\n"},
    {"read", FAST(text_read_method), METH_FASTCALL, "read($self, size=-1, /)\n--\n\n"},
    {"readline", FAST(text_readline_method), METH_FASTCALL, "readline($self, size=-1, /)\n--\n\n"},
    {"flush", text_flush, METH_NOARGS, "flush($self, /)\n--\n\n"},
    {"close", text_close, METH_NOARGS, "close($self, /)\n--\n\n"},
    {"fileno", text_fileno, METH_NOARGS, "fileno($self, /)\n--\n\n"},
    {"seekable", text_seekable, METH_NOARGS, "seekable($self, /)\n--\n\n"},
    {"readable", text_readable, METH_NOARGS, "readable($self, /)\n--\n\n"},
    {"writable", text_writable, METH_NOARGS, "writable($self, /)\n--\n\n"},
    {"isatty", text_isatty, METH_NOARGS, "isatty($self, /)\n--\n\n"},
    {"seek", FAST(text_seek_method), METH_FASTCALL, "seek($self, cookie, whence=0, /)\n--\n\n"},
    {"tell", text_tell_method, METH_NOARGS, "tell($self, /)\n--\n\n"},
    {"truncate", FAST(text_truncate), METH_FASTCALL, "truncate($self, pos=None, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef text_members[] = {
    {"encoding", T_OBJECT, offsetof(TextIo, encoding), READONLY, NULL},
    {"buffer", T_OBJECT, offsetof(TextIo, buffer), READONLY, NULL},
    {"line_buffering", T_BOOL, offsetof(TextIo, line_buffering), READONLY, NULL},
    {"write_through", T_BOOL, offsetof(TextIo, write_through), READONLY, NULL},
    {"_finalizing", T_BOOL, offsetof(TextIo, finalizing), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef text_getset[] = {
    {"name", text_name, NULL, NULL, NULL},
    {"closed", text_closed, NULL, NULL, NULL},
    {"newlines", text_newlines, NULL, NULL, NULL},
    {"errors", text_errors, NULL, NULL, NULL},
    {"_CHUNK_SIZE", text_chunk_size, text_set_chunk_size, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyTextIOWrapper_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io.TextIOWrapper",
    .tp_basicsize = sizeof(TextIo),
    .tp_dealloc = text_dealloc,
    .tp_repr = text_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "TextIOWrapper(buffer, encoding=None, errors=None, newline=None,\n"
              "              line_buffering=False, write_through=False)\n--\n\n"
              "Characters and lines over buffer, a BufferedIOBase object.\n\n"
              "encoding names the encoding, locale.getencoding() by default. errors says what\n"
              "happens to what cannot be coded, as codecs.register documents; it is \"strict\"\n"
              "by default.\n\n"
              "newline is None, '', '\\n', '\\r' or '\\r\\n'.\n\n"
              "* Reading: None makes '\\n', '\\r' and '\\r\\n' end a line, and all of them come\n"
              "  out as '\\n'. '' makes the same end a line, and leaves them as they are. Any\n"
              "  other value is the only line ending, and is left as it is.\n\n"
              "* Writing: None turns '\\n' into os.linesep; '' and '\\n' change nothing; any\n"
              "  other value replaces '\\n'.\n\n"
              "With line_buffering, a write that contains a newline flushes the stream.",
    .tp_traverse = text_traverse,
    .tp_clear = text_clear,
    .tp_weaklistoffset = offsetof(TextIo, weaklist),
    .tp_iternext = text_iternext,
    .tp_methods = text_methods,
    .tp_members = text_members,
    .tp_getset = text_getset,
    .tp_base = &PyTextIOBase_Type,
    .tp_dictoffset = offsetof(TextIo, dict),
    .tp_init = text_init,
    .tp_new = PyType_GenericNew,
};
