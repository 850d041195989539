/* BytesIO: a binary stream in memory.
 *
 * The contents are a bytes object with room to grow at its end. While other objects share it (the
 * initial bytes, a result of getvalue()) it is copied before it is changed. While getbuffer() views
 * exist it is neither moved nor resized.
 */
#include "modules/_io/io.h"
#include "objects/args_unpack.h"

#include <internal/krait_exports.h>

typedef struct {
    IO_STREAM_HEAD;
    PyObject *contents;        /* owned bytes; NULL when closed */
    Py_ssize_t position, size; /* size: how much of contents is in use */
    Py_ssize_t exports;
} BytesIo;

typedef struct {
    PyObject_HEAD BytesIo *source;
} BytesIoBuffer;

#define DATA(self) PyBytes_AS_STRING((self)->contents)

static int check_open(const BytesIo *self)
{
    if (self->contents) return 0;
    PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
    return -1;
}

static int check_exports(const BytesIo *self)
{
    if (self->exports == 0) return 0;
    PyErr_SetString(PyExc_BufferError, "Existing exports of data: object cannot be re-sized");
    return -1;
}

static bool is_shared(const BytesIo *self)
{
    return Py_REFCNT(self->contents) > 1;
}

/* A copy of the contents in use, with room for n bytes, that nobody shares. */
static int own_contents(BytesIo *self, Py_ssize_t n)
{
    PyObject *own = PyBytes_FromStringAndSize(NULL, n);
    if (!own) return -1;
    memcpy(PyBytes_AS_STRING(own), DATA(self), (size_t)self->size);
    Py_SETREF(self->contents, own);
    return 0;
}

/* Room for n bytes; more when growing, less when far too much is there. */
static int resize(BytesIo *self, size_t n)
{
    size_t room = (size_t)PyBytes_GET_SIZE(self->contents);
    if (n > PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "new buffer size too large");
        return -1;
    }
    if (n < room / 2)
        room = n + 1;
    else if (n < room)
        return is_shared(self) ? own_contents(self, (Py_ssize_t)room) : 0;
    else if ((double)n <= (double)room * 1.125)
        room = n + (n >> 3) + (n < 9 ? 3 : 6);
    else
        room = n + 1;
    if (is_shared(self)) return own_contents(self, (Py_ssize_t)room);
    return _PyBytes_Resize(&self->contents, (Py_ssize_t)room);
}

/* Writes n bytes at the position: n, or -1. */
static Py_ssize_t put(BytesIo *self, const char *bytes, Py_ssize_t n)
{
    if (n == 0) return 0;
    size_t end = (size_t)self->position + (size_t)n;
    if (end > (size_t)PyBytes_GET_SIZE(self->contents)) {
        if (resize(self, end) < 0) return -1;
    } else if (is_shared(self)) {
        Py_ssize_t room = end > (size_t)self->size ? (Py_ssize_t)end : self->size;
        if (own_contents(self, room) < 0) return -1;
    }
    /* A gap behind the old end is of zeros. */
    if (self->position > self->size) {
        memset(DATA(self) + self->size, 0, (size_t)(self->position - self->size));
    }
    memcpy(DATA(self) + self->position, bytes, (size_t)n);
    self->position = (Py_ssize_t)end;
    if (self->size < self->position) self->size = self->position;
    return n;
}

static Py_ssize_t write_bytes(BytesIo *self, PyObject *b)
{
    Py_buffer view;
    if (check_open(self) < 0 || check_exports(self) < 0) return -1;
    if (PyBytes_CheckExact(b)) return put(self, PyBytes_AS_STRING(b), PyBytes_GET_SIZE(b));
    if (PyObject_GetBuffer(b, &view, PyBUF_CONTIG_RO) < 0) return -1;
    Py_ssize_t n = -1;
    if (check_open(self) == 0 && check_exports(self) == 0) n = put(self, view.buf, view.len);
    PyBuffer_Release(&view);
    return n;
}

/* ---- reading ----------------------------------------------------------------------------- */

static PyObject *read_bytes(BytesIo *self, Py_ssize_t n)
{
    if (n > 1 && self->position == 0 && n == PyBytes_GET_SIZE(self->contents) &&
        self->exports == 0) {
        self->position += n;
        return Py_NewRef(self->contents);
    }
    PyObject *r = PyBytes_FromStringAndSize(DATA(self) + self->position, n);
    if (r) self->position += n;
    return r;
}

/* min(n, what is left), all that is left if n is negative. */
static Py_ssize_t clip(const BytesIo *self, Py_ssize_t n)
{
    Py_ssize_t left = self->size - self->position;
    if (n < 0 || n > left) n = left;
    return n < 0 ? 0 : n;
}

static PyObject *bytesio_read(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    BytesIo *self = (BytesIo *)o;
    Py_ssize_t n = -1;
    if (io_size_argument("read", args, nargs, &n) < 0 || check_open(self) < 0) return NULL;
    n = clip(self, n);
    return n == 0 ? PyBytes_FromStringAndSize(NULL, 0) : read_bytes(self, n);
}

static PyObject *bytesio_read1(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    BytesIo *self = (BytesIo *)o;
    Py_ssize_t n = -1;
    if (io_size_argument("read1", args, nargs, &n) < 0 || check_open(self) < 0) return NULL;
    n = clip(self, n);
    return n == 0 ? PyBytes_FromStringAndSize(NULL, 0) : read_bytes(self, n);
}

/* Length of the next line, at most `limit` if that is not negative. */
static Py_ssize_t line_length(const BytesIo *self, Py_ssize_t limit)
{
    Py_ssize_t n = clip(self, limit);
    if (n == 0) return 0;
    const char *start = DATA(self) + self->position, *found = memchr(start, '\n', (size_t)n);
    return found ? found - start + 1 : n;
}

static PyObject *bytesio_readline(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    BytesIo *self = (BytesIo *)o;
    Py_ssize_t limit = -1;
    if (io_size_argument("readline", args, nargs, &limit) < 0 || check_open(self) < 0) return NULL;
    return read_bytes(self, line_length(self, limit));
}

static PyObject *bytesio_readlines(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    BytesIo *self = (BytesIo *)o;
    Py_ssize_t hint = 0, total = 0, n;
    if (!_PyArg_CheckPositional("readlines", nargs, 0, 1) || check_open(self) < 0) return NULL;
    if (nargs > 0 && args[0] != Py_None) {
        if (!PyLong_Check(args[0])) {
            return PyErr_Format(
                PyExc_TypeError, "integer argument expected, got '%s'", Py_TYPE(args[0])->tp_name);
        }
        hint = PyLong_AsSsize_t(args[0]);
        if (hint == -1 && PyErr_Occurred()) return NULL;
    }
    PyObject *lines = PyList_New(0);
    if (!lines) return NULL;
    while ((n = line_length(self, -1)) != 0) {
        PyObject *line = read_bytes(self, n);
        int failed = !line || PyList_Append(lines, line) < 0;
        Py_XDECREF(line);
        if (failed) {
            Py_DECREF(lines);
            return NULL;
        }
        total += n;
        if (hint > 0 && total >= hint) break;
    }
    return lines;
}

static PyObject *bytesio_readinto(PyObject *o, PyObject *arg)
{
    BytesIo *self = (BytesIo *)o;
    Py_buffer view;
    if (io_writable_argument("readinto", arg, &view) < 0) return NULL;
    PyObject *r = NULL;
    if (check_open(self) == 0) {
        Py_ssize_t n = clip(self, view.len);
        if (n > 0) memmove(view.buf, DATA(self) + self->position, (size_t)n);
        self->position += n;
        r = PyLong_FromSsize_t(n);
    }
    PyBuffer_Release(&view);
    return r;
}

static PyObject *bytesio_iternext(PyObject *o)
{
    BytesIo *self = (BytesIo *)o;
    if (check_open(self) < 0) return NULL;
    Py_ssize_t n = line_length(self, -1);
    return n == 0 ? NULL : read_bytes(self, n);
}

static PyObject *bytesio_getvalue(PyObject *o, PyObject *Py_UNUSED(args))
{
    BytesIo *self = (BytesIo *)o;
    if (check_open(self) < 0) return NULL;
    if (self->size != PyBytes_GET_SIZE(self->contents) && self->exports == 0) {
        if (is_shared(self)) {
            if (own_contents(self, self->size) < 0) return NULL;
        } else if (_PyBytes_Resize(&self->contents, self->size) < 0) {
            return NULL;
        }
    }
    if (self->exports > 0 && self->size != PyBytes_GET_SIZE(self->contents)) {
        return PyBytes_FromStringAndSize(DATA(self), self->size);
    }
    return Py_NewRef(self->contents);
}

/* ---- writing ----------------------------------------------------------------------------- */

static PyObject *bytesio_write(PyObject *o, PyObject *b)
{
    Py_ssize_t n = write_bytes((BytesIo *)o, b);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

static PyObject *bytesio_writelines(PyObject *o, PyObject *lines)
{
    BytesIo *self = (BytesIo *)o;
    if (check_open(self) < 0) return NULL;
    PyObject *it = PyObject_GetIter(lines), *line;
    if (!it) return NULL;
    while ((line = PyIter_Next(it))) {
        Py_ssize_t n = write_bytes(self, line);
        Py_DECREF(line);
        if (n < 0) break;
    }
    Py_DECREF(it);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static PyObject *bytesio_truncate(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    BytesIo *self = (BytesIo *)o;
    Py_ssize_t size = self->position;
    if (io_size_argument("truncate", args, nargs, &size) < 0) return NULL;
    if (check_open(self) < 0 || check_exports(self) < 0) return NULL;
    if (size < 0) return PyErr_Format(PyExc_ValueError, "negative size value %zd", size);
    if (size < self->size) {
        self->size = size;
        if (resize(self, (size_t)size) < 0) return NULL;
    }
    return PyLong_FromSsize_t(size);
}

/* ---- position ---------------------------------------------------------------------------- */

static PyObject *bytesio_tell(PyObject *o, PyObject *Py_UNUSED(args))
{
    return check_open((BytesIo *)o) < 0 ? NULL : PyLong_FromSsize_t(((BytesIo *)o)->position);
}

static PyObject *bytesio_seek(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    BytesIo *self = (BytesIo *)o;
    int whence = 0;
    if (!_PyArg_CheckPositional("seek", nargs, 1, 2)) return NULL;
    PyObject *index = PyLong_CheckExact(args[0]) ? Py_NewRef(args[0]) : _PyNumber_Index(args[0]);
    Py_ssize_t at = index ? PyLong_AsSsize_t(index) : -1;
    Py_XDECREF(index);
    if (at == -1 && PyErr_Occurred()) return NULL;
    if (nargs > 1) {
        whence = _PyLong_AsInt(args[1]);
        if (whence == -1 && PyErr_Occurred()) return NULL;
    }
    if (check_open(self) < 0) return NULL;
    if (at < 0 && whence == 0) return PyErr_Format(PyExc_ValueError, "negative seek value %zd", at);
    if (whence < 0 || whence > 2)
        return PyErr_Format(PyExc_ValueError, "invalid whence (%i, should be 0, 1 or 2)", whence);
    Py_ssize_t base = whence == 0 ? 0 : whence == 1 ? self->position : self->size;
    if (at > PY_SSIZE_T_MAX - base) {
        PyErr_SetString(PyExc_OverflowError, "new position too large");
        return NULL;
    }
    at += base;
    self->position = at < 0 ? 0 : at;
    return PyLong_FromSsize_t(self->position);
}

/* ---- questions and the end --------------------------------------------------------------- */

static PyObject *bytesio_true(PyObject *o, PyObject *Py_UNUSED(args))
{
    if (check_open((BytesIo *)o) < 0) return NULL;
    Py_RETURN_TRUE;
}

static PyObject *bytesio_false(PyObject *o, PyObject *Py_UNUSED(args))
{
    if (check_open((BytesIo *)o) < 0) return NULL;
    Py_RETURN_FALSE;
}

static PyObject *bytesio_none(PyObject *o, PyObject *Py_UNUSED(args))
{
    if (check_open((BytesIo *)o) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *bytesio_close(PyObject *o, PyObject *Py_UNUSED(args))
{
    BytesIo *self = (BytesIo *)o;
    if (check_exports(self) < 0) return NULL;
    Py_CLEAR(self->contents);
    Py_RETURN_NONE;
}

static PyObject *bytesio_closed(PyObject *o, void *Py_UNUSED(context))
{
    return PyBool_FromLong(!((BytesIo *)o)->contents);
}

static PyObject *bytesio_sizeof(PyObject *o, PyObject *Py_UNUSED(args))
{
    BytesIo *self = (BytesIo *)o;
    Py_ssize_t n = Py_TYPE(o)->tp_basicsize;
    if (self->contents && !is_shared(self)) {
        size_t contents = _PySys_GetSizeOf(self->contents);
        if (contents == (size_t)-1) return NULL;
        n += (Py_ssize_t)contents;
    }
    return PyLong_FromSsize_t(n);
}

/* ---- pickling ---------------------------------------------------------------------------- */

static PyObject *bytesio_getstate(PyObject *o, PyObject *Py_UNUSED(args))
{
    BytesIo *self = (BytesIo *)o;
    PyObject *value = bytesio_getvalue(o, NULL);
    if (!value) return NULL;
    PyObject *dict = self->dict ? PyDict_Copy(self->dict) : Py_NewRef(Py_None);
    if (!dict) {
        Py_DECREF(value);
        return NULL;
    }
    return Py_BuildValue("(NnN)", value, self->position, dict);
}

static PyObject *bytesio_setstate(PyObject *o, PyObject *state)
{
    BytesIo *self = (BytesIo *)o;
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) < 3) {
        return PyErr_Format(PyExc_TypeError,
            "%.200s.__setstate__ argument should be 3-tuple, got %.200s", Py_TYPE(o)->tp_name,
            Py_TYPE(state)->tp_name);
    }
    if (check_exports(self) < 0) return NULL;
    self->size = 0;
    self->position = 0;
    if (write_bytes(self, PyTuple_GET_ITEM(state, 0)) < 0) return NULL;
    PyObject *position = PyTuple_GET_ITEM(state, 1), *dict = PyTuple_GET_ITEM(state, 2);
    if (!PyLong_Check(position)) {
        return PyErr_Format(PyExc_TypeError, "second item of state must be an integer, not %.200s",
            Py_TYPE(position)->tp_name);
    }
    Py_ssize_t at = PyLong_AsSsize_t(position);
    if (at == -1 && PyErr_Occurred()) return NULL;
    if (at < 0) {
        PyErr_SetString(PyExc_ValueError, "position value cannot be negative");
        return NULL;
    }
    self->position = at;
    if (dict != Py_None) {
        if (!PyDict_Check(dict)) {
            return PyErr_Format(PyExc_TypeError,
                "third item of state should be a dict, got a %.200s", Py_TYPE(dict)->tp_name);
        }
        if (self->dict) {
            if (PyDict_Update(self->dict, dict) < 0) return NULL;
        } else {
            self->dict = Py_NewRef(dict);
        }
    }
    Py_RETURN_NONE;
}

/* ---- life -------------------------------------------------------------------------------- */

static PyObject *bytesio_new(
    PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    BytesIo *self = (BytesIo *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->contents = PyBytes_FromStringAndSize(NULL, 0);
    if (!self->contents) Py_CLEAR(self);
    return (PyObject *)self;
}

static int bytesio_init(PyObject *o, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"initial_bytes", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "BytesIO"};
    BytesIo *self = (BytesIo *)o;
    PyObject *initial;
    if (args_unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL, &parser, 0, 1, 1, &initial) < 0) return -1;
    self->size = 0;
    self->position = 0;
    if (check_exports(self) < 0) return -1;
    if (!initial || initial == Py_None) return 0;
    if (PyBytes_CheckExact(initial)) {
        Py_INCREF(initial);
        Py_XSETREF(self->contents, initial);
        self->size = PyBytes_GET_SIZE(initial);
        return 0;
    }
    if (write_bytes(self, initial) < 0) return -1;
    self->position = 0;
    return 0;
}

static int bytesio_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(((BytesIo *)o)->dict);
    return 0;
}

static int bytesio_clear(PyObject *o)
{
    Py_CLEAR(((BytesIo *)o)->dict);
    return 0;
}

static void bytesio_dealloc(PyObject *o)
{
    BytesIo *self = (BytesIo *)o;
    PyObject_GC_UnTrack(o);
    if (self->exports > 0) {
        PyErr_SetString(PyExc_SystemError, "deallocated BytesIO object has exported buffers");
        PyErr_Print();
    }
    Py_CLEAR(self->contents);
    io_dealloc_head(o);
    Py_TYPE(o)->tp_free(o);
}

/* ---- views ------------------------------------------------------------------------------- */

static PyObject *bytesio_getbuffer(PyObject *o, PyObject *Py_UNUSED(args))
{
    if (check_open((BytesIo *)o) < 0) return NULL;
    BytesIoBuffer *buffer =
        (BytesIoBuffer *)_PyBytesIOBuffer_Type.tp_alloc(&_PyBytesIOBuffer_Type, 0);
    if (!buffer) return NULL;
    buffer->source = (BytesIo *)Py_NewRef(o);
    PyObject *view = PyMemoryView_FromObject((PyObject *)buffer);
    Py_DECREF(buffer);
    return view;
}

static int view_getbuffer(PyObject *o, Py_buffer *view, int flags)
{
    BytesIo *source = ((BytesIoBuffer *)o)->source;
    if (!view) {
        PyErr_SetString(
            PyExc_BufferError, "_io._BytesIOBuffer.__getbuffer__: view==NULL argument is obsolete");
        return -1;
    }
    if (source->exports == 0 && is_shared(source) && own_contents(source, source->size) < 0)
        return -1;
    if (PyBuffer_FillInfo(view, o, DATA(source), source->size, 0, flags) < 0) return -1;
    source->exports++;
    return 0;
}

static void view_releasebuffer(PyObject *o, Py_buffer *Py_UNUSED(view))
{
    ((BytesIoBuffer *)o)->source->exports--;
}

static int view_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(((BytesIoBuffer *)o)->source);
    return 0;
}

static void view_dealloc(PyObject *o)
{
    PyObject_GC_UnTrack(o);
    Py_CLEAR(((BytesIoBuffer *)o)->source);
    Py_TYPE(o)->tp_free(o);
}

static PyBufferProcs view_procs = {
    .bf_getbuffer = view_getbuffer, .bf_releasebuffer = view_releasebuffer};

PyTypeObject _PyBytesIOBuffer_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io._BytesIOBuffer",
    .tp_basicsize = sizeof(BytesIoBuffer),
    .tp_dealloc = view_dealloc,
    .tp_as_buffer = &view_procs,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = view_traverse,
};

/* ---- the type ---------------------------------------------------------------------------- */

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef bytesio_methods[] = {
    {"readable", bytesio_true, METH_NOARGS,
        "readable($self, /)\n--\n\nReturns True if the IO object can be read."},
    {"seekable", bytesio_true, METH_NOARGS,
        "seekable($self, /)\n--\n\nReturns True if the IO object can be seeked."},
    {"writable", bytesio_true, METH_NOARGS,
        "writable($self, /)\n--\n\nReturns True if the IO object can be written."},
    {"close", bytesio_close, METH_NOARGS, "close($self, /)\n--\n\nDisable all I/O operations."},
    {"flush", bytesio_none, METH_NOARGS, "flush($self, /)\n--\n\nDoes nothing."},
    {"isatty", bytesio_false, METH_NOARGS,
        "isatty($self, /)\n--\n\nAlways returns False.\n\nA BytesIO is no terminal."},
    {"tell", bytesio_tell, METH_NOARGS, "tell($self, /)\n--\n\nCurrent file position, an integer."},
    {"write", bytesio_write, METH_O,
        "write($self, b, /)\n--\n\nWrite bytes to file.\n\nReturn their number."},
    {"writelines", bytesio_writelines, METH_O,
        "writelines($self, lines, /)\n--\n\nWrite lines to the file.\n\n"
        "As write() for each bytes-like object that lines yields; no newlines are added."},
    {"read1", FAST(bytesio_read1), METH_FASTCALL,
        "read1($self, size=-1, /)\n--\n\nRead at most size bytes, returned as a bytes object.\n\n"
        "Everything until EOF if size is negative or omitted.\nReturn an empty bytes object at "
        "EOF."},
    {"readinto", bytesio_readinto, METH_O,
        "readinto($self, buffer, /)\n--\n\nRead bytes into buffer.\n\nReturns their number, 0 at "
        "EOF."},
    {"readline", FAST(bytesio_readline), METH_FASTCALL,
        "readline($self, size=-1, /)\n--\n\nNext line from the file, as a bytes object.\n\n"
        "The newline is kept. At most size bytes are returned if size is not negative.\n"
        "Return an empty bytes object at EOF."},
    {"readlines", FAST(bytesio_readlines), METH_FASTCALL,
        "readlines($self, size=None, /)\n--\n\nList of bytes objects, each a line from the "
        "file.\n\n"
        "No more lines are read once their total size reaches size, if that is given."},
    {"read", FAST(bytesio_read), METH_FASTCALL,
        "read($self, size=-1, /)\n--\n\nRead at most size bytes, returned as a bytes object.\n\n"
        "Everything until EOF if size is negative.\nReturn an empty bytes object at EOF."},
    {"getbuffer", bytesio_getbuffer, METH_NOARGS,
        "getbuffer($self, /)\n--\n\nGet a read-write view over the contents of the BytesIO "
        "object."},
    {"getvalue", bytesio_getvalue, METH_NOARGS,
        "getvalue($self, /)\n--\n\nRetrieve the entire contents of the BytesIO object."},
    {"seek", FAST(bytesio_seek), METH_FASTCALL,
        "seek($self, pos, whence=0, /)\n--\n\nChange stream position.\n\n"
        "pos counts bytes from where whence says:\n"
        "     0  Start of stream (the default); pos is not negative.\n"
        "     1  Current position.\n"
        "     2  End of stream; pos is usually negative.\n"
        "Returns the new absolute position."},
    {"truncate", FAST(bytesio_truncate), METH_FASTCALL,
        "truncate($self, size=None, /)\n--\n\nTruncate the file to at most size bytes.\n\n"
        "size is by default the current position, which does not change.\nReturns the new size."},
    {"__getstate__", bytesio_getstate, METH_NOARGS, NULL},
    {"__setstate__", bytesio_setstate, METH_O, NULL},
    {"__sizeof__", bytesio_sizeof, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef bytesio_getset[] = {
    {"closed", bytesio_closed, NULL, "True if the file is closed.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyBytesIO_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io.BytesIO",
    .tp_basicsize = sizeof(BytesIo),
    .tp_dealloc = bytesio_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "BytesIO(initial_bytes=b\'\')\n--\n\nBuffered binary stream over bytes in memory.",
    .tp_traverse = bytesio_traverse,
    .tp_clear = bytesio_clear,
    .tp_weaklistoffset = offsetof(BytesIo, weaklist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = bytesio_iternext,
    .tp_methods = bytesio_methods,
    .tp_getset = bytesio_getset,
    .tp_base = &PyBufferedIOBase_Type,
    .tp_dictoffset = offsetof(BytesIo, dict),
    .tp_init = bytesio_init,
    .tp_new = bytesio_new,
};
