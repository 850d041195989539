/* TextIOWrapper: writing. */
#include "modules/_io/textio.h"

/* Writes encoded text to the buffer; bytes may be NULL or an object that holds it. */
static int write_encoded(TextIo *self, const char *data, Py_ssize_t n, PyObject *bytes)
{
    if (n == 0 && !bytes) return 0;
    if (buffered_is_plain(self->buffer) && ((Buffered *)self->buffer)->writable) {
        Py_ssize_t r;
        do {
            r = buffered_write_bytes((Buffered *)self->buffer, data, n);
        } while (r < 0 && io_trap_eintr());
        return r < 0 ? -1 : 0;
    }
    PyObject *own = bytes ? Py_NewRef(bytes) : PyBytes_FromStringAndSize(data, n), *r;
    if (!own) return -1;
    do {
        r = io_call1(self->buffer, NAME(write), own);
    } while (!r && io_trap_eintr());
    Py_DECREF(own);
    Py_XDECREF(r);
    return r ? 0 : -1;
}

int text_flush_pending(TextIo *self)
{
    if (self->pending_length == 0) return 0;
    /* Other code runs meanwhile and may write: the text that goes out is ours alone. */
    char *data = self->pending;
    Py_ssize_t n = self->pending_length, room = self->pending_room;
    self->pending = NULL;
    self->pending_length = self->pending_room = 0;
    int r = write_encoded(self, data, n, NULL);
    if (self->pending) {
        PyMem_Free(data);
    } else {
        self->pending = data;
        self->pending_room = room;
    }
    return r;
}

int text_flush_buffer(TextIo *self)
{
    if (buffered_is_plain(self->buffer) && ((Buffered *)self->buffer)->writable) {
        return buffered_flush_stream((Buffered *)self->buffer);
    }
    PyObject *r = io_call(self->buffer, NAME(flush));
    Py_XDECREF(r);
    return r ? 0 : -1;
}

/* Adds to what waits; a chunk's worth or more goes out first, or at once. */
static int add_pending(TextIo *self, const char *data, Py_ssize_t n, PyObject *bytes)
{
    if (self->pending_length + n > self->chunk_size && text_flush_pending(self) < 0) return -1;
    if (n >= self->chunk_size) return write_encoded(self, data, n, bytes);
    if (self->pending_room < self->pending_length + n) {
        Py_ssize_t room = self->pending_room ? self->chunk_size : 512;
        while (room < self->pending_length + n) room = room * 4;
        char *grown = PyMem_Realloc(self->pending, (size_t)room);
        if (!grown) {
            PyErr_NoMemory();
            return -1;
        }
        self->pending = grown;
        self->pending_room = room;
    }
    if (n) memcpy(self->pending + self->pending_length, data, (size_t)n);
    self->pending_length += n;
    return self->pending_length >= self->chunk_size ? text_flush_pending(self) : 0;
}

static bool has_newline(PyObject *text, char c)
{
    int kind = PyUnicode_KIND(text);
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    if (kind == PyUnicode_1BYTE_KIND) return memchr(PyUnicode_DATA(text), c, (size_t)n) != NULL;
    return PyUnicode_FindChar(text, (Py_UCS4)c, 0, n, 1) >= 0;
}

/* Text with \n replaced as newline= said; new reference. */
static PyObject *with_newlines(TextIo *self, PyObject *text)
{
    PyObject *lf = PyUnicode_FromString("\n"),
             *own = lf ? PyUnicode_FromString(self->write_newline) : NULL;
    PyObject *r = own ? PyUnicode_Replace(text, lf, own, -1) : NULL;
    Py_XDECREF(lf);
    Py_XDECREF(own);
    return r;
}

int text_write(TextIo *self, PyObject *text)
{
    if (text_check_attached(self) < 0 || text_check_open(self) < 0) return -1;
    if (self->encoder == CODEC_NONE) {
        io_unsupported("not writable");
        return -1;
    }
    if (PyUnicode_READY(text) < 0) return -1;
    Py_INCREF(text);
    bool translates = self->write_translate && self->write_newline, flush = false;
    if (translates || self->line_buffering) {
        bool lf = has_newline(text, '\n');
        if (lf && translates) {
            Py_SETREF(text, with_newlines(self, text));
            if (!text) return -1;
        }
        flush = self->line_buffering && (lf || has_newline(text, '\r'));
    }
    PyObject *bytes = NULL;
    int r = -1;
    if (PyUnicode_IS_COMPACT_ASCII(text) && self->encoder != CODEC_OBJECT) {
        r = add_pending(self, PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text), NULL);
    } else {
        bytes = text_encode(self, text);
        if (bytes) r = add_pending(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), bytes);
    }
    Py_XDECREF(bytes);
    Py_DECREF(text);
    if (r < 0) return -1;
    if ((flush || self->write_through) && text_flush_pending(self) < 0) return -1;
    if (flush && text_flush_buffer(self) < 0) return -1;
    /* The position has changed: what was read ahead is void. */
    if (self->decoded || self->snapshot_input) text_forget_decoded(self);
    if (self->decoder.kind != CODEC_NONE && text_decoder_reset(self) < 0) return -1;
    return 0;
}

PyObject *text_write_method(PyObject *o, PyObject *text)
{
    if (!PyUnicode_Check(text)) {
        _PyArg_BadArgument("write", "argument", "str", text);
        return NULL;
    }
    if (text_write((TextIo *)o, text) < 0) return NULL;
    return PyLong_FromSsize_t(PyUnicode_GET_LENGTH(text));
}
