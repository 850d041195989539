/* TextIOWrapper: reading. */
#include "modules/_io/textio.h"

/* ---- text read ahead --------------------------------------------------------------------- */

void text_set_decoded_steal(TextIo *self, PyObject *text)
{
    Py_XSETREF(self->decoded, text);
    self->used = 0;
}

static PyObject *substring(PyObject *text, Py_ssize_t start, Py_ssize_t end)
{
    if (PyUnicode_IS_ASCII(text) && end - start > 1 && end - start < PyUnicode_GET_LENGTH(text)) {
        PyObject *r = PyUnicode_New(end - start, 127);
        if (r)
            memcpy(PyUnicode_DATA(r), (const char *)PyUnicode_DATA(text) + start,
                (size_t)(end - start));
        return r;
    }
    return PyUnicode_Substring(text, start, end);
}

/* Up to n characters of what is there, all if n is negative. New reference. */
static PyObject *take_decoded(TextIo *self, Py_ssize_t n)
{
    if (!self->decoded) return PyUnicode_New(0, 0);
    Py_ssize_t left = PyUnicode_GET_LENGTH(self->decoded) - self->used;
    if (n < 0 || n > left) n = left;
    PyObject *r = self->used > 0 || n < left ? substring(self->decoded, self->used, self->used + n)
                                             : Py_NewRef(self->decoded);
    if (r) self->used += n;
    return r;
}

/* The next bytes of the buffer, at least one chunk if there is that much. New reference. */
static PyObject *next_bytes(TextIo *self, Py_ssize_t n)
{
    if (buffered_is_plain(self->buffer) && ((Buffered *)self->buffer)->readable) {
        PyObject *r;
        do {
            r = buffered_read1_bytes((Buffered *)self->buffer, n);
        } while (!r && io_trap_eintr());
        return r;
    }
    PyObject *size = PyLong_FromSsize_t(n);
    if (!size) return NULL;
    PyObject *r = io_call1(self->buffer, self->has_read1 ? NAME(read1) : NAME(read), size);
    Py_DECREF(size);
    return r;
}

/* Reads and decodes a chunk, of about `hint` characters if that is more. 1, 0 at the end of the
 * file, -1 with an exception. */
static int read_chunk(TextIo *self, Py_ssize_t hint)
{
    if (self->decoder.kind == CODEC_NONE) {
        io_unsupported("not readable");
        return -1;
    }
    PyObject *before = NULL, *input = NULL;
    int flags = 0, result = -1;
    if (self->telling && text_decoder_state(self, &before, &flags) < 0) return -1;
    if (hint > 0)
        hint =
            (Py_ssize_t)((self->bytes_per_char > 1.0 ? self->bytes_per_char : 1.0) * (double)hint);
    input = next_bytes(self, hint > self->chunk_size ? hint : self->chunk_size);
    if (!input) goto done;
    Py_ssize_t n;
    if (PyBytes_Check(input)) {
        n = PyBytes_GET_SIZE(input);
    } else {
        Py_buffer view;
        if (PyObject_GetBuffer(input, &view, 0) < 0) {
            PyErr_Format(PyExc_TypeError,
                "underlying %s() should have returned a bytes-like object, not '%.200s'",
                self->has_read1 ? "read1" : "read", Py_TYPE(input)->tp_name);
            goto done;
        }
        n = view.len;
        PyBuffer_Release(&view);
    }
    bool end = n == 0;
    PyObject *text = text_decode(self, input, end);
    if (!text) goto done;
    text_set_decoded_steal(self, text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    self->bytes_per_char = length > 0 ? (double)n / (double)length : 0.0;
    if (length > 0) end = false;
    if (self->telling) {
        /* The decoder stood at (before, flags), and was then given the input. */
        if (PyBytes_GET_SIZE(before) == 0 && PyBytes_CheckExact(input)) {
            Py_INCREF(input);
            Py_XSETREF(self->snapshot_input, input);
            self->snapshot_flags = flags;
        } else {
            PyBytes_Concat(&before, input);
            if (!before) goto done;
            Py_XSETREF(self->snapshot_input, before);
            self->snapshot_flags = flags;
            before = NULL;
        }
    }
    result = !end;
done:
    Py_XDECREF(before);
    Py_XDECREF(input);
    return result;
}

/* ---- read() ------------------------------------------------------------------------------ */

static PyObject *read_all(TextIo *self)
{
    PyObject *input;
    if (buffered_is_plain(self->buffer) && ((Buffered *)self->buffer)->readable) {
        input = buffered_read_bytes((Buffered *)self->buffer, -1);
    } else {
        input = io_call(self->buffer, NAME(read));
    }
    if (!input) return NULL;
    PyObject *rest = NULL;
    if (self->decoder.kind != CODEC_OBJECT && !PyObject_CheckBuffer(input)) {
        /* As the decoder of the codec would have it. */
        PyErr_Format(PyExc_TypeError, "a bytes-like object is required, not '%.200s'",
            Py_TYPE(input)->tp_name);
    } else {
        rest = text_decode(self, input, true);
    }
    Py_DECREF(input);
    if (!rest) return NULL;
    PyObject *result = rest;
    if (self->decoded && self->used < PyUnicode_GET_LENGTH(self->decoded)) {
        result = take_decoded(self, -1);
        PyUnicode_AppendAndDel(&result, rest);
        if (!result) return NULL;
    }
    text_forget_decoded(self);
    return result;
}

static PyObject *read_some(TextIo *self, Py_ssize_t n)
{
    PyObject *result = take_decoded(self, n);
    if (!result) return NULL;
    Py_ssize_t left = n - PyUnicode_GET_LENGTH(result);
    if (left == 0) return result;
    PyObject *pieces = NULL;
    while (left > 0) {
        int r = read_chunk(self, left);
        if (r < 0) {
            if (io_trap_eintr()) continue;
            goto error;
        }
        if (r == 0) break;
        if (PyUnicode_GET_LENGTH(result) > 0) {
            if (!pieces && !(pieces = PyList_New(0))) goto error;
            if (PyList_Append(pieces, result) < 0) goto error;
        }
        Py_DECREF(result);
        result = take_decoded(self, left);
        if (!result) goto error;
        left -= PyUnicode_GET_LENGTH(result);
    }
    if (pieces) {
        if (PyList_Append(pieces, result) < 0) goto error;
        Py_SETREF(result, PyUnicode_Join(NAME(empty), pieces));
        Py_DECREF(pieces);
    }
    return result;
error:
    Py_XDECREF(result);
    Py_XDECREF(pieces);
    return NULL;
}

PyObject *text_read_method(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    TextIo *self = (TextIo *)o;
    Py_ssize_t n = -1;
    if (io_size_argument("read", args, nargs, &n) < 0) return NULL;
    if (text_check_attached(self) < 0 || text_check_open(self) < 0) return NULL;
    if (self->decoder.kind == CODEC_NONE) return io_unsupported("not readable");
    if (text_flush_pending(self) < 0) return NULL;
    return n < 0 ? read_all(self) : read_some(self, n);
}

/* ---- readline() -------------------------------------------------------------------------- */

/* A line that does not end in what is decoded. Chunks are joined as long as no line end is found in
 * them. */
static PyObject *long_line(TextIo *self, Py_ssize_t limit)
{
    PyObject *line = NULL, *pieces = NULL, *remaining = NULL;
    Py_ssize_t chunked = 0; /* characters in pieces */
    for (;;) {
        int r = 1;
        while (!self->decoded || PyUnicode_GET_LENGTH(self->decoded) == 0) {
            r = read_chunk(self, 0);
            if (r < 0) {
                if (io_trap_eintr()) continue;
                goto error;
            }
            if (r == 0) break;
        }
        if (r == 0) {
            /* End of the file. */
            text_forget_decoded(self);
            break;
        }
        PyObject *text;
        Py_ssize_t start;
        if (!remaining) {
            text = Py_NewRef(self->decoded);
            start = self->used;
        } else {
            /* The last chunk ended in half of a \r\n. */
            text = PyUnicode_Concat(remaining, self->decoded);
            start = 0;
            Py_CLEAR(remaining);
            if (!text) goto error;
        }
        Py_ssize_t length = PyUnicode_GET_LENGTH(text), consumed;
        Py_ssize_t joined = length - PyUnicode_GET_LENGTH(self->decoded);
        Py_ssize_t end =
            newline_find(self->read_translate, self->read_universal, self->read_newline,
                PyUnicode_KIND(text), PyUnicode_DATA(text), start, length, &consumed);
        if (end >= 0 || (limit >= 0 && consumed - start + chunked >= limit)) {
            if (end < 0) end = consumed;
            if (limit >= 0 && end - start + chunked > limit) end = start + limit - chunked;
            self->used = end - joined;
            line = substring(text, start, end);
            Py_DECREF(text);
            if (!line) goto error;
            break;
        }
        if (consumed > start) {
            PyObject *piece = substring(text, start, consumed);
            if (piece && !pieces) pieces = PyList_New(0);
            int failed = !piece || !pieces || PyList_Append(pieces, piece) < 0;
            Py_XDECREF(piece);
            if (failed) {
                Py_DECREF(text);
                goto error;
            }
            chunked += consumed - start;
        }
        if (consumed < length) {
            remaining = substring(text, consumed, length);
            if (!remaining) {
                Py_DECREF(text);
                goto error;
            }
        }
        Py_DECREF(text);
        text_set_decoded_steal(self, NULL);
    }
    if (remaining) {
        if (!pieces && !(pieces = PyList_New(0))) goto error;
        if (PyList_Append(pieces, remaining) < 0) goto error;
        Py_CLEAR(remaining);
    }
    if (pieces) {
        if (line && PyList_Append(pieces, line) < 0) goto error;
        Py_XSETREF(line, PyUnicode_Join(NAME(empty), pieces));
        Py_DECREF(pieces);
        return line;
    }
    return line ? line : PyUnicode_New(0, 0);
error:
    Py_XDECREF(line);
    Py_XDECREF(pieces);
    Py_XDECREF(remaining);
    return NULL;
}

PyObject *text_readline(TextIo *self, Py_ssize_t limit)
{
    if (text_check_open(self) < 0) return NULL;
    if (self->pending_length > 0 && text_flush_pending(self) < 0) return NULL;
    PyObject *text = self->decoded;
    if (text && limit < 0 && self->used < PyUnicode_GET_LENGTH(text)) {
        Py_ssize_t consumed, start = self->used;
        Py_ssize_t end = newline_find(self->read_translate, self->read_universal,
            self->read_newline, PyUnicode_KIND(text), PyUnicode_DATA(text), start,
            PyUnicode_GET_LENGTH(text), &consumed);
        if (end >= 0) {
            self->used = end;
            return substring(text, start, end);
        }
    }
    return long_line(self, limit);
}

PyObject *text_readline_method(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t limit = -1;
    if (!_PyArg_CheckPositional("readline", nargs, 0, 1)) return NULL;
    if (nargs > 0) {
        PyObject *index = _PyNumber_Index(args[0]);
        if (index) {
            limit = PyLong_AsSsize_t(index);
            Py_DECREF(index);
        }
        if (limit == -1 && PyErr_Occurred()) return NULL;
    }
    if (text_check_attached((TextIo *)o) < 0) return NULL;
    return text_readline((TextIo *)o, limit);
}

PyObject *text_iternext(PyObject *o)
{
    TextIo *self = (TextIo *)o;
    PyObject *line;
    if (text_check_attached(self) < 0) return NULL;
    /* Reading ahead in earnest: tell() would have to wait. */
    self->telling = false;
    if (Py_IS_TYPE(o, &PyTextIOWrapper_Type)) {
        line = text_readline(self, -1);
    } else {
        line = io_call(o, NAME(readline));
        if (line && !PyUnicode_Check(line)) {
            PyErr_Format(PyExc_OSError,
                "readline() should have returned a str object, not '%.200s'",
                Py_TYPE(line)->tp_name);
            Py_CLEAR(line);
        }
    }
    if (!line || PyUnicode_READY(line) < 0) {
        Py_XDECREF(line);
        return NULL;
    }
    if (PyUnicode_GET_LENGTH(line) == 0) {
        /* The end: telling works again. */
        Py_DECREF(line);
        Py_CLEAR(self->snapshot_input);
        self->telling = self->seekable;
        return NULL;
    }
    return line;
}
