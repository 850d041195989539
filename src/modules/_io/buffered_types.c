/* BufferedReader, BufferedWriter, BufferedRandom: the rest of their methods, and the types. */
#include "modules/_io/io.h"

#include <structmember.h>
#include <unistd.h>

static PyObject *buffered_new(
    PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return type->tp_alloc(type, 0);
}

static int parse_init(
    PyObject *args, PyObject *kwargs, _PyArg_Parser *parser, PyObject **raw, Py_ssize_t *size)
{
    *size = IO_BUFFER_SIZE;
    return _PyArg_ParseTupleAndKeywordsFast(args, kwargs, parser, raw, size) ? 0 : -1;
}

static const char *const init_keywords[] = {"raw", "buffer_size", NULL};

static int reader_init(PyObject *o, PyObject *args, PyObject *kwargs)
{
    static _PyArg_Parser parser = {.keywords = init_keywords, .format = "O|n:BufferedReader"};
    PyObject *raw;
    Py_ssize_t size;
    if (parse_init(args, kwargs, &parser, &raw, &size) < 0) return -1;
    ((Buffered *)o)->ok = false;
    ((Buffered *)o)->detached = false;
    if (!io_check_readable(raw)) return -1;
    return buffered_init((Buffered *)o, raw, size, true, false);
}

static int writer_init(PyObject *o, PyObject *args, PyObject *kwargs)
{
    static _PyArg_Parser parser = {.keywords = init_keywords, .format = "O|n:BufferedWriter"};
    PyObject *raw;
    Py_ssize_t size;
    if (parse_init(args, kwargs, &parser, &raw, &size) < 0) return -1;
    ((Buffered *)o)->ok = false;
    ((Buffered *)o)->detached = false;
    if (!io_check_writable(raw)) return -1;
    return buffered_init((Buffered *)o, raw, size, false, true);
}

static int random_init(PyObject *o, PyObject *args, PyObject *kwargs)
{
    static _PyArg_Parser parser = {.keywords = init_keywords, .format = "O|n:BufferedRandom"};
    PyObject *raw;
    Py_ssize_t size;
    if (parse_init(args, kwargs, &parser, &raw, &size) < 0) return -1;
    ((Buffered *)o)->ok = false;
    ((Buffered *)o)->detached = false;
    if (!io_check_seekable(raw) || !io_check_readable(raw) || !io_check_writable(raw)) return -1;
    return buffered_init((Buffered *)o, raw, size, true, true);
}

static int buffered_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(((Buffered *)o)->raw);
    Py_VISIT(((Buffered *)o)->dict);
    return 0;
}

static int buffered_clear(PyObject *o)
{
    Buffered *self = (Buffered *)o;
    self->ok = false;
    Py_CLEAR(self->raw);
    Py_CLEAR(self->dict);
    return 0;
}

static void buffered_dealloc(PyObject *o)
{
    Buffered *self = (Buffered *)o;
    self->finalizing = 1;
    if (io_finalize(o) < 0) return;
    PyObject_GC_UnTrack(o);
    self->ok = false;
    io_dealloc_head(o);
    Py_CLEAR(self->raw);
    PyMem_Free(self->buffer);
    self->buffer = NULL;
    if (self->lock) {
        PyThread_release_lock(self->lock);
        PyThread_free_lock(self->lock);
        self->lock = NULL;
    }
    Py_TYPE(o)->tp_free(o);
}

/* ---- what the raw stream answers --------------------------------------------------------- */

#define FORWARD(name)                                                                              \
    static PyObject *buffered_##name(PyObject *o, PyObject *Py_UNUSED(args))                       \
    {                                                                                              \
        if (buffered_check_ready((Buffered *)o) < 0) return NULL;                                  \
        return io_call(((Buffered *)o)->raw, NAME(name));                                          \
    }
FORWARD(isatty)
FORWARD(readable)
FORWARD(seekable)
FORWARD(writable)
FORWARD(fileno)

#define FORWARD_ATTRIBUTE(name)                                                                    \
    static PyObject *buffered_##name(PyObject *o, void *Py_UNUSED(context))                        \
    {                                                                                              \
        if (buffered_check_ready((Buffered *)o) < 0) return NULL;                                  \
        return PyObject_GetAttr(((Buffered *)o)->raw, NAME(name));                                 \
    }
FORWARD_ATTRIBUTE(closed)
FORWARD_ATTRIBUTE(name)
FORWARD_ATTRIBUTE(mode)

/* ---- the end ----------------------------------------------------------------------------- */

static PyObject *buffered_simple_flush(PyObject *o, PyObject *Py_UNUSED(args))
{
    if (buffered_check_ready((Buffered *)o) < 0) return NULL;
    return io_call(((Buffered *)o)->raw, NAME(flush));
}

static PyObject *buffered_flush(PyObject *o, PyObject *Py_UNUSED(args))
{
    if (buffered_flush_stream((Buffered *)o) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *buffered_dealloc_warn(PyObject *o, PyObject *source)
{
    Buffered *self = (Buffered *)o;
    if (self->ok && self->raw) {
        PyObject *r = io_call1(self->raw, NAME(_dealloc_warn), source);
        if (!r) PyErr_Clear();
        Py_XDECREF(r);
    }
    Py_RETURN_NONE;
}

static PyObject *buffered_close(PyObject *o, PyObject *Py_UNUSED(args))
{
    Buffered *self = (Buffered *)o;
    if (buffered_check_ready(self) < 0) return NULL;
    if (!buffered_enter(self)) return NULL;
    PyObject *r = NULL;
    int closed = buffered_is_closed(self);
    if (closed != 0) {
        if (closed > 0) r = Py_NewRef(Py_None);
        goto done;
    }
    if (self->finalizing && self->raw) Py_XDECREF(buffered_dealloc_warn(o, o));
    /* flush() takes the stream itself. */
    buffered_leave(self);
    r = io_call(o, NAME(flush));
    IoError e = {NULL, NULL, NULL};
    if (!r) io_error_save(&e);
    Py_XDECREF(r);
    if (!buffered_enter(self)) {
        if (e.type) _PyErr_ChainExceptions(e.type, e.value, e.traceback);
        return NULL;
    }
    r = self->raw ? io_call(self->raw, NAME(close)) : Py_NewRef(Py_None);
    PyMem_Free(self->buffer);
    self->buffer = NULL;
    r = io_error_restore(&e, r);
    self->read_end = 0;
    self->pos = 0;
done:
    buffered_leave(self);
    return r;
}

static PyObject *buffered_detach(PyObject *o, PyObject *Py_UNUSED(args))
{
    Buffered *self = (Buffered *)o;
    if (buffered_check_ready(self) < 0) return NULL;
    PyObject *r = io_call(o, NAME(flush));
    if (!r) return NULL;
    Py_DECREF(r);
    PyObject *raw = self->raw;
    self->raw = NULL;
    self->detached = true;
    self->ok = false;
    return raw;
}

/* ---- position ---------------------------------------------------------------------------- */

static PyObject *buffered_tell(PyObject *o, PyObject *Py_UNUSED(args))
{
    Buffered *self = (Buffered *)o;
    if (buffered_check_ready(self) < 0) return NULL;
    off_t at = buffered_raw_tell(self);
    if (at == -1) return NULL;
    at -= buffered_raw_offset(self);
    return io_from_offset(at < 0 ? 0 : at);
}

/* A target inside what has been read needs no system call. True and *at if it was so. */
static bool seek_in_buffer(Buffered *self, off_t target, int whence, off_t *at)
{
    if (whence == SEEK_END || !self->readable || self->abs_pos == -1) return false;
    off_t ahead = buffered_ahead(self);
    if (ahead <= 0) return false;
    off_t current = self->abs_pos - buffered_raw_offset(self);
    off_t step = whence == SEEK_SET ? target - current : target;
    if (step < -self->pos || step > ahead) return false;
    self->pos += step;
    *at = current + step;
    return true;
}

static PyObject *buffered_seek(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    Buffered *self = (Buffered *)o;
    int whence = 0;
    if (!_PyArg_CheckPositional("seek", nargs, 1, 2)) return NULL;
    if (nargs > 1) {
        whence = _PyLong_AsInt(args[1]);
        if (whence == -1 && PyErr_Occurred()) return NULL;
    }
    if (buffered_check_ready(self) < 0) return NULL;
    if ((whence < 0 || whence > 2)
#ifdef SEEK_HOLE
        && whence != SEEK_HOLE && whence != SEEK_DATA
#endif
    ) {
        return PyErr_Format(PyExc_ValueError, "whence value %d unsupported", whence);
    }
    if (buffered_check_open(self, "seek of closed file") < 0) return NULL;
    if (!io_check_seekable(self->raw)) return NULL;
    off_t target = io_offset(args[0], PyExc_ValueError), at;
    if (target == -1 && PyErr_Occurred()) return NULL;
    if (whence <= 2 && self->readable && whence != SEEK_END && self->abs_pos == -1 &&
        buffered_raw_tell(self) < 0) {
        return NULL;
    }
    if (whence <= 2 && seek_in_buffer(self, target, whence, &at)) return io_from_offset(at);
    if (!buffered_enter(self)) return NULL;
    PyObject *r = NULL;
    if (self->writable && buffered_flush_writes(self) < 0) goto done;
    if (whence == SEEK_CUR) target -= buffered_raw_offset(self);
    at = buffered_raw_seek(self, target, whence);
    if (at == -1) goto done;
    self->raw_pos = -1;
    if (self->readable) buffered_forget_read(self);
    r = io_from_offset(at);
done:
    buffered_leave(self);
    return r;
}

static PyObject *buffered_truncate(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    Buffered *self = (Buffered *)o;
    if (!_PyArg_CheckPositional("truncate", nargs, 0, 1)) return NULL;
    if (buffered_check_ready(self) < 0 || buffered_check_open(self, "truncate of closed file") < 0)
        return NULL;
    if (!self->writable) return io_unsupported("truncate");
    if (!buffered_enter(self)) return NULL;
    PyObject *r = NULL;
    if (buffered_flush_and_rewind(self) == 0) {
        r = io_call1(self->raw, NAME(truncate), nargs > 0 ? args[0] : Py_None);
        if (r && buffered_raw_tell(self) == -1) PyErr_Clear();
    }
    buffered_leave(self);
    return r;
}

/* ---- about the object -------------------------------------------------------------------- */

static PyObject *buffered_sizeof(PyObject *o, PyObject *Py_UNUSED(args))
{
    Buffered *self = (Buffered *)o;
    return PyLong_FromSsize_t(Py_TYPE(o)->tp_basicsize + (self->buffer ? self->buffer_size : 0));
}

static PyObject *buffered_repr(PyObject *o)
{
    PyObject *name, *text = NULL;
    if (_PyObject_LookupAttr(o, NAME(name), &name) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) return NULL;
        /* The raw stream was detached. */
        PyErr_Clear();
    }
    if (!name) return PyUnicode_FromFormat("<%s>", Py_TYPE(o)->tp_name);
    int inside = Py_ReprEnter(o);
    if (inside == 0) {
        text = PyUnicode_FromFormat("<%s name=%R>", Py_TYPE(o)->tp_name, name);
        Py_ReprLeave(o);
    } else if (inside > 0) {
        PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__", Py_TYPE(o)->tp_name);
    }
    Py_DECREF(name);
    return text;
}

/* ---- the types --------------------------------------------------------------------------- */

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

#define COMMON_METHODS                                                                             \
    {"detach", buffered_detach, METH_NOARGS, NULL}, {"close", buffered_close, METH_NOARGS, NULL},  \
        {"seekable", buffered_seekable, METH_NOARGS, NULL},                                        \
        {"fileno", buffered_fileno, METH_NOARGS, NULL},                                            \
        {"isatty", buffered_isatty, METH_NOARGS, NULL},                                            \
        {"_dealloc_warn", buffered_dealloc_warn, METH_O, NULL},                                    \
        {"seek", FAST(buffered_seek), METH_FASTCALL, "seek($self, target, whence=0, /)\n--\n\n"},  \
        {"tell", buffered_tell, METH_NOARGS, NULL},                                                \
        {"truncate", FAST(buffered_truncate), METH_FASTCALL,                                       \
            "truncate($self, pos=None, /)\n--\n\n"},                                               \
    {                                                                                              \
        "__sizeof__", buffered_sizeof, METH_NOARGS, NULL                                           \
    }

#define READER_METHODS                                                                             \
    {"read", FAST(buffered_read), METH_FASTCALL, "read($self, size=-1, /)\n--\n\n"},               \
        {"peek", FAST(buffered_peek), METH_FASTCALL, "peek($self, size=0, /)\n--\n\n"},            \
        {"read1", FAST(buffered_read1), METH_FASTCALL, "read1($self, size=-1, /)\n--\n\n"},        \
        {"readinto", buffered_readinto, METH_O, "readinto($self, buffer, /)\n--\n\n"},             \
        {"readinto1", buffered_readinto1, METH_O, "readinto1($self, buffer, /)\n--\n\n"},          \
    {                                                                                              \
        "readline", FAST(buffered_readline), METH_FASTCALL, "readline($self, size=-1, /)\n--\n\n"  \
    }

#define WRITER_METHODS                                                                             \
    {"writable", buffered_writable, METH_NOARGS, NULL},                                            \
        {"write", buffered_write, METH_O, "write($self, buffer, /)\n--\n\n"},                      \
    {                                                                                              \
        "flush", buffered_flush, METH_NOARGS, NULL                                                 \
    }

static PyMethodDef reader_methods[] = {
    COMMON_METHODS,
    READER_METHODS,
    {"flush", buffered_simple_flush, METH_NOARGS, NULL},
    {"readable", buffered_readable, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef writer_methods[] = {
    COMMON_METHODS,
    WRITER_METHODS,
    {NULL, NULL, 0, NULL},
};

static PyMethodDef random_methods[] = {
    COMMON_METHODS,
    READER_METHODS,
    WRITER_METHODS,
    {"readable", buffered_readable, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef buffered_members[] = {
    {"raw", T_OBJECT, offsetof(Buffered, raw), READONLY, NULL},
    {"_finalizing", T_BOOL, offsetof(Buffered, finalizing), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef buffered_getset[] = {
    {"closed", buffered_closed, NULL, NULL, NULL},
    {"name", buffered_name, NULL, NULL, NULL},
    {"mode", buffered_mode, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

#define BUFFERED_TYPE(type, text, doc, methods, init, next)                                        \
    PyTypeObject type = {                                                                          \
        PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io." text,                              \
        .tp_basicsize = sizeof(Buffered),                                                          \
        .tp_dealloc = buffered_dealloc,                                                            \
        .tp_repr = buffered_repr,                                                                  \
        .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,                 \
        .tp_doc = text "(raw, buffer_size=DEFAULT_BUFFER_SIZE)\n--\n\n" doc,                       \
        .tp_traverse = buffered_traverse,                                                          \
        .tp_clear = buffered_clear,                                                                \
        .tp_weaklistoffset = offsetof(Buffered, weaklist),                                         \
        .tp_iternext = next,                                                                       \
        .tp_methods = methods,                                                                     \
        .tp_members = buffered_members,                                                            \
        .tp_getset = buffered_getset,                                                              \
        .tp_base = &PyBufferedIOBase_Type,                                                         \
        .tp_dictoffset = offsetof(Buffered, dict),                                                 \
        .tp_init = init,                                                                           \
        .tp_new = buffered_new,                                                                    \
    }

BUFFERED_TYPE(PyBufferedReader_Type, "BufferedReader",
    "Create a new buffered reader over a raw IO object that can be read.", reader_methods,
    reader_init, buffered_iternext);
BUFFERED_TYPE(PyBufferedWriter_Type, "BufferedWriter",
    "A buffer over a raw IO object that can be written, with DEFAULT_BUFFER_SIZE bytes\n"
    "if buffer_size is not given.",
    writer_methods, writer_init, NULL);
BUFFERED_TYPE(PyBufferedRandom_Type, "BufferedRandom",
    "A buffered reader and writer over a raw stream that can be positioned, with\n"
    "DEFAULT_BUFFER_SIZE bytes if buffer_size is omitted.",
    random_methods, random_init, buffered_iternext);
