/* Reading from buffered streams. */
#include "modules/_io/io.h"

/* n bytes that are in the buffer. */
static PyObject *take(Buffered *self, Py_ssize_t n)
{
    PyObject *r = PyBytes_FromStringAndSize(self->buffer + self->pos, n);
    if (r) self->pos += n;
    return r;
}

/* End of file, or nothing to be had now, after `have` bytes: those, b'' or None. Steals bytes. */
static PyObject *cut_short_steal(PyObject *bytes, Py_ssize_t have, bool would_block)
{
    if (would_block && have == 0) {
        Py_DECREF(bytes);
        Py_RETURN_NONE;
    }
    _PyBytes_Resize(&bytes, have);
    return bytes;
}

/* read(n) of more than is in the buffer. */
static PyObject *read_many(Buffered *self, Py_ssize_t n)
{
    /* While we waited for the stream, another thread may have filled the buffer. */
    if (n <= buffered_ahead(self)) return take(self, n);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, n);
    if (!bytes) return NULL;
    char *out = PyBytes_AS_STRING(bytes);
    Py_ssize_t have = buffered_ahead(self);
    if (have > 0) {
        memcpy(out, self->buffer + self->pos, (size_t)have);
        self->pos += have;
    }
    if (self->writable && buffered_flush_and_rewind(self) < 0) goto error;
    buffered_forget_read(self);
    while (have < n) {
        /* Whole blocks go straight to the result. */
        Py_ssize_t whole = (n - have) / self->buffer_size * self->buffer_size;
        if (whole == 0) break;
        Py_ssize_t got = buffered_raw_read(self, out + have, whole);
        if (got == -1) goto error;
        if (got == 0 || got == -2) return cut_short_steal(bytes, have, got == -2);
        have += got;
    }
    self->pos = 0;
    self->raw_pos = 0;
    self->read_end = 0;
    while (have < n && self->read_end < self->buffer_size) {
        Py_ssize_t got = buffered_fill(self);
        if (got == -1) goto error;
        if (got == 0 || got == -2) return cut_short_steal(bytes, have, got == -2);
        Py_ssize_t part = n - have < got ? n - have : got;
        memcpy(out + have, self->buffer + self->pos, (size_t)part);
        self->pos += part;
        have += part;
    }
    if (have < n) _PyBytes_Resize(&bytes, have);
    return bytes;
error:
    Py_DECREF(bytes);
    return NULL;
}

/* first + second, either may be missing (but not both); steals both. */
static PyObject *joined_steal(PyObject *first, PyObject *second)
{
    if (!first) return second;
    PyBytes_ConcatAndDel(&first, second);
    return first;
}

/* The rest of the raw stream by its readall(), or NULL without an exception if it has none. */
static PyObject *rest_by_readall(Buffered *self, bool *has_it)
{
    if (fileio_is_plain(self->raw)) {
        *has_it = true;
        FileIo *file = (FileIo *)self->raw;
        return fileio_read_all(file);
    }
    PyObject *readall;
    *has_it = _PyObject_LookupAttr(self->raw, NAME(readall), &readall) != 0;
    if (!readall) return NULL;
    PyObject *data = PyObject_CallNoArgs(readall);
    Py_DECREF(readall);
    return data;
}

static PyObject *read_all(Buffered *self)
{
    PyObject *first = NULL, *chunks = NULL;
    Py_ssize_t ahead = buffered_ahead(self), total = ahead;
    if (ahead > 0 && !(first = take(self, ahead))) return NULL;
    if (self->writable && buffered_flush_and_rewind(self) < 0) goto error;
    buffered_forget_read(self);
    bool has_readall;
    PyObject *rest = rest_by_readall(self, &has_readall);
    if (has_readall) {
        if (!rest) goto error;
        if (rest != Py_None && !PyBytes_Check(rest)) {
            Py_DECREF(rest);
            PyErr_SetString(PyExc_TypeError, "readall() should return bytes");
            goto error;
        }
        if (self->abs_pos != -1 && rest != Py_None) self->abs_pos += PyBytes_GET_SIZE(rest);
        if (rest == Py_None && first) {
            Py_DECREF(rest);
            return first;
        }
        return joined_steal(first, rest);
    }
    chunks = PyList_New(0);
    if (!chunks) goto error;
    if (first) {
        int failed = PyList_Append(chunks, first);
        Py_CLEAR(first);
        if (failed) goto error;
    }
    for (;;) {
        PyObject *data = io_call(self->raw, NAME(read));
        if (!data) goto error;
        if (data != Py_None && !PyBytes_Check(data)) {
            Py_DECREF(data);
            PyErr_SetString(PyExc_TypeError, "read() should return bytes");
            goto error;
        }
        if (data == Py_None || PyBytes_GET_SIZE(data) == 0) {
            if (total == 0) {
                Py_DECREF(chunks);
                return data;
            }
            Py_DECREF(data);
            break;
        }
        Py_ssize_t n = PyBytes_GET_SIZE(data);
        int failed = PyList_Append(chunks, data);
        Py_DECREF(data);
        if (failed) goto error;
        total += n;
        if (self->abs_pos != -1) self->abs_pos += n;
    }
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0),
             *all = empty ? _PyBytes_Join(empty, chunks) : NULL;
    Py_XDECREF(empty);
    Py_DECREF(chunks);
    return all;
error:
    Py_XDECREF(first);
    Py_XDECREF(chunks);
    return NULL;
}

PyObject *buffered_read_bytes(Buffered *self, Py_ssize_t n)
{
    if (buffered_check_ready(self) < 0) return NULL;
    if (n < -1) {
        PyErr_SetString(PyExc_ValueError, "read length must be non-negative or -1");
        return NULL;
    }
    if (buffered_check_open(self, "read of closed file") < 0) return NULL;
    if (n >= 0 && n <= buffered_ahead(self)) return take(self, n);
    if (!buffered_enter(self)) return NULL;
    PyObject *r = n < 0 ? read_all(self) : read_many(self, n);
    buffered_leave(self);
    return r;
}

PyObject *buffered_read(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t n = -1;
    if (io_size_argument("read", args, nargs, &n) < 0) return NULL;
    return buffered_read_bytes((Buffered *)o, n);
}

PyObject *buffered_read1_bytes(Buffered *self, Py_ssize_t n)
{
    if (buffered_check_ready(self) < 0) return NULL;
    if (n < 0) n = self->buffer_size;
    if (buffered_check_open(self, "read of closed file") < 0) return NULL;
    if (n == 0) return PyBytes_FromStringAndSize(NULL, 0);
    Py_ssize_t have = buffered_ahead(self);
    if (have > 0) return take(self, n < have ? n : have);
    if (!buffered_enter(self)) return NULL;
    have = buffered_ahead(self);
    PyObject *bytes =
        have > 0 ? take(self, n < have ? n : have) : PyBytes_FromStringAndSize(NULL, n);
    if (have > 0 || !bytes) {
        buffered_leave(self);
        return bytes;
    }
    buffered_forget_read(self);
    Py_ssize_t got = buffered_raw_read(self, PyBytes_AS_STRING(bytes), n);
    buffered_leave(self);
    if (got == -1) {
        Py_DECREF(bytes);
        return NULL;
    }
    if (got == -2) got = 0;
    if (got < n) _PyBytes_Resize(&bytes, got);
    return bytes;
}

PyObject *buffered_read1(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t n = -1;
    if (nargs > 0) {
        if (!_PyArg_CheckPositional("read1", nargs, 0, 1)) return NULL;
        PyObject *index = _PyNumber_Index(args[0]);
        if (index) {
            n = PyLong_AsSsize_t(index);
            Py_DECREF(index);
        }
        if (n == -1 && PyErr_Occurred()) return NULL;
    }
    return buffered_read1_bytes((Buffered *)o, n);
}

/* Fills `to`; once: after some bytes, no further raw read. How many, -1 with an exception, -2 if it
 * would block. */
static Py_ssize_t read_into(Buffered *self, char *to, Py_ssize_t n, bool once)
{
    Py_ssize_t have = buffered_ahead(self), got = 0;
    bool enough = have > 0 && have >= n;
    if (!enough) {
        if (!buffered_enter(self)) return -1;
        have = buffered_ahead(self);
    }
    if (have > n) have = n;
    if (have > 0) {
        memcpy(to, self->buffer + self->pos, (size_t)have);
        self->pos += have;
    }
    if (enough) return n;
    if (have > 0 && have == n) goto done;
    if (self->writable && buffered_flush_and_rewind(self) < 0) {
        got = -1;
        goto done;
    }
    buffered_forget_read(self);
    self->pos = 0;
    while (have < n) {
        if (n - have > self->buffer_size) {
            got = buffered_raw_read(self, to + have, n - have);
        } else if (!(once && have)) {
            got = buffered_fill(self);
            if (got > 0) {
                if (got > n - have) got = n - have;
                memcpy(to + have, self->buffer + self->pos, (size_t)got);
                self->pos += got;
                have += got;
                if (once) break;
                continue;
            }
        } else {
            got = 0;
        }
        if (got <= 0) break;
        have += got;
        if (once) break;
    }
done:
    buffered_leave(self);
    if (got == -1) return -1;
    return got == -2 && have == 0 ? -2 : have;
}

static PyObject *readinto(PyObject *o, PyObject *arg, const char *function, bool once)
{
    Buffered *self = (Buffered *)o;
    Py_buffer view;
    if (io_writable_argument(function, arg, &view) < 0) return NULL;
    Py_ssize_t n = -1;
    if (buffered_check_ready(self) == 0 &&
        buffered_check_open(self, "readinto of closed file") == 0) {
        n = read_into(self, view.buf, view.len, once);
    }
    PyBuffer_Release(&view);
    if (n == -1) return NULL;
    if (n == -2) Py_RETURN_NONE;
    return PyLong_FromSsize_t(n);
}

PyObject *buffered_readinto(PyObject *self, PyObject *arg)
{
    return readinto(self, arg, "readinto", false);
}

PyObject *buffered_readinto1(PyObject *self, PyObject *arg)
{
    return readinto(self, arg, "readinto1", true);
}

PyObject *buffered_peek(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    Buffered *self = (Buffered *)o;
    if (nargs > 0) {
        /* The size is a hint that nobody follows, but it must be a number. */
        if (!_PyArg_CheckPositional("peek", nargs, 0, 1)) return NULL;
        PyObject *index = _PyNumber_Index(args[0]);
        Py_ssize_t n = index ? PyLong_AsSsize_t(index) : -1;
        Py_XDECREF(index);
        if (n == -1 && PyErr_Occurred()) return NULL;
    }
    if (buffered_check_ready(self) < 0 || buffered_check_open(self, "peek of closed file") < 0)
        return NULL;
    if (!buffered_enter(self)) return NULL;
    PyObject *r = NULL;
    if (self->writable && buffered_flush_and_rewind(self) < 0) goto done;
    Py_ssize_t have = buffered_ahead(self);
    if (have <= 0) {
        buffered_forget_read(self);
        have = buffered_fill(self);
        if (have == -1) goto done;
        if (have == -2) have = 0;
        self->pos = 0;
    }
    r = PyBytes_FromStringAndSize(self->buffer + self->pos, have);
done:
    buffered_leave(self);
    return r;
}

/* ---- lines ------------------------------------------------------------------------------- */

/* A line that does not end in the buffer. */
static PyObject *long_line(Buffered *self, Py_ssize_t limit)
{
    PyObject *chunks = PyList_New(0), *line = NULL, *empty = NULL;
    if (!chunks) return NULL;
    Py_ssize_t total = 0;
    bool end = false;
    do {
        Py_ssize_t have = buffered_ahead(self);
        if (have > 0) {
            if (limit >= 0 && have > limit - total) have = limit - total;
            const char *found = memchr(self->buffer + self->pos, '\n', (size_t)have);
            if (found) have = found - (self->buffer + self->pos) + 1;
            PyObject *piece = take(self, have);
            int failed = !piece || PyList_Append(chunks, piece) < 0;
            Py_XDECREF(piece);
            if (failed) goto done;
            total += have;
            if (found || (limit >= 0 && total >= limit)) break;
        }
        if (self->writable && buffered_flush_and_rewind(self) < 0) goto done;
        buffered_forget_read(self);
        self->pos = 0;
        Py_ssize_t got = buffered_fill(self);
        if (got == -1) goto done;
        end = got <= 0;
    } while (!end);
    if (PyList_GET_SIZE(chunks) == 1) {
        line = Py_NewRef(PyList_GET_ITEM(chunks, 0));
        goto done;
    }
    empty = PyBytes_FromStringAndSize(NULL, 0);
    line = empty ? _PyBytes_Join(empty, chunks) : NULL;
    Py_XDECREF(empty);
done:
    Py_DECREF(chunks);
    return line;
}

PyObject *buffered_readline_bytes(Buffered *self, Py_ssize_t limit)
{
    if (buffered_check_open(self, "readline of closed file") < 0) return NULL;
    Py_ssize_t have = buffered_ahead(self);
    if (limit >= 0 && have > limit) have = limit;
    if (have > 0) {
        const char *start = self->buffer + self->pos, *found = memchr(start, '\n', (size_t)have);
        if (found) return take(self, found - start + 1);
    }
    if (have == limit) return take(self, have);
    if (!buffered_enter(self)) return NULL;
    PyObject *line = long_line(self, limit);
    buffered_leave(self);
    return line;
}

PyObject *buffered_readline(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t limit = -1;
    if (io_size_argument("readline", args, nargs, &limit) < 0) return NULL;
    if (buffered_check_ready((Buffered *)o) < 0) return NULL;
    return buffered_readline_bytes((Buffered *)o, limit);
}

PyObject *buffered_iternext(PyObject *o)
{
    Buffered *self = (Buffered *)o;
    PyObject *line;
    if (buffered_check_ready(self) < 0) return NULL;
    if (Py_IS_TYPE(o, &PyBufferedReader_Type) || Py_IS_TYPE(o, &PyBufferedRandom_Type)) {
        line = buffered_readline_bytes(self, -1);
    } else {
        line = io_call(o, NAME(readline));
        if (line && !PyBytes_Check(line)) {
            PyErr_Format(PyExc_OSError,
                "readline() should have returned a bytes object, not '%.200s'",
                Py_TYPE(line)->tp_name);
            Py_CLEAR(line);
        }
    }
    if (line && PyBytes_GET_SIZE(line) == 0) Py_CLEAR(line);
    return line;
}
