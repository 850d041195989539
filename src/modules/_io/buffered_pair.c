/* BufferedRWPair: a BufferedReader and a BufferedWriter seen as one stream. */
#include "modules/_io/io.h"

typedef struct {
    IO_STREAM_HEAD;
    PyObject *reader, *writer; /* owned, exactly ours; NULL before __init__ */
} Pair;

static PyObject *pair_new(
    PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return type->tp_alloc(type, 0);
}

static int pair_init(PyObject *o, PyObject *args, PyObject *kwargs)
{
    Pair *self = (Pair *)o;
    PyObject *raw_reader, *raw_writer;
    Py_ssize_t size = IO_BUFFER_SIZE;
    if ((Py_IS_TYPE(o, &PyBufferedRWPair_Type) || Py_TYPE(o)->tp_new == pair_new) &&
        !_PyArg_NoKeywords("BufferedRWPair", kwargs)) {
        return -1;
    }
    if (!_PyArg_CheckPositional("BufferedRWPair", PyTuple_GET_SIZE(args), 2, 3)) return -1;
    raw_reader = PyTuple_GET_ITEM(args, 0);
    raw_writer = PyTuple_GET_ITEM(args, 1);
    if (PyTuple_GET_SIZE(args) > 2) {
        size = PyNumber_AsSsize_t(PyTuple_GET_ITEM(args, 2), PyExc_OverflowError);
        if (size == -1 && PyErr_Occurred()) return -1;
    }
    if (!io_check_readable(raw_reader) || !io_check_writable(raw_writer)) return -1;
    PyObject *reader =
        PyObject_CallFunction((PyObject *)&PyBufferedReader_Type, "On", raw_reader, size);
    if (!reader) return -1;
    PyObject *writer =
        PyObject_CallFunction((PyObject *)&PyBufferedWriter_Type, "On", raw_writer, size);
    if (!writer) {
        Py_DECREF(reader);
        return -1;
    }
    Py_XSETREF(self->reader, reader);
    Py_XSETREF(self->writer, writer);
    return 0;
}

static int pair_traverse(PyObject *o, visitproc visit, void *arg)
{
    Pair *self = (Pair *)o;
    Py_VISIT(self->dict);
    Py_VISIT(self->reader);
    Py_VISIT(self->writer);
    return 0;
}

static int pair_clear(PyObject *o)
{
    Pair *self = (Pair *)o;
    Py_CLEAR(self->reader);
    Py_CLEAR(self->writer);
    Py_CLEAR(self->dict);
    return 0;
}

static void pair_dealloc(PyObject *o)
{
    PyObject_GC_UnTrack(o);
    if (((Pair *)o)->weaklist) PyObject_ClearWeakRefs(o);
    pair_clear(o);
    Py_TYPE(o)->tp_free(o);
}

static PyObject *forward(PyObject *to, PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    if (!to) {
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
        return NULL;
    }
    PyObject *method = PyObject_GetAttr(to, name);
    if (!method) return NULL;
    PyObject *r = PyObject_Vectorcall(method, args, (size_t)nargs, NULL);
    Py_DECREF(method);
    return r;
}

#define TO(side, name)                                                                             \
    static PyObject *pair_##name(PyObject *o, PyObject *const *args, Py_ssize_t nargs)             \
    {                                                                                              \
        return forward(((Pair *)o)->side, NAME(name), args, nargs);                                \
    }
TO(reader, read)
TO(reader, peek)
TO(reader, read1)
TO(reader, readinto)
TO(reader, readinto1)
TO(reader, readable)
TO(writer, write)
TO(writer, flush)
TO(writer, writable)

static PyObject *pair_close(PyObject *o, PyObject *Py_UNUSED(args))
{
    Pair *self = (Pair *)o;
    PyObject *r = forward(self->writer, NAME(close), NULL, 0);
    IoError e = {NULL, NULL, NULL};
    if (!r) io_error_save(&e);
    Py_XDECREF(r);
    r = forward(self->reader, NAME(close), NULL, 0);
    return io_error_restore(&e, r);
}

static PyObject *pair_isatty(PyObject *o, PyObject *Py_UNUSED(args))
{
    Pair *self = (Pair *)o;
    PyObject *r = forward(self->writer, NAME(isatty), NULL, 0);
    if (r != Py_False) return r;
    Py_DECREF(r);
    return forward(self->reader, NAME(isatty), NULL, 0);
}

static PyObject *pair_closed(PyObject *o, void *Py_UNUSED(context))
{
    Pair *self = (Pair *)o;
    if (!self->writer) {
        PyErr_SetString(PyExc_RuntimeError, "the BufferedRWPair object is being garbage-collected");
        return NULL;
    }
    return PyObject_GetAttr(self->writer, NAME(closed));
}

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef pair_methods[] = {
    {"read", FAST(pair_read), METH_FASTCALL, NULL},
    {"peek", FAST(pair_peek), METH_FASTCALL, NULL},
    {"read1", FAST(pair_read1), METH_FASTCALL, NULL},
    {"readinto", FAST(pair_readinto), METH_FASTCALL, NULL},
    {"readinto1", FAST(pair_readinto1), METH_FASTCALL, NULL},
    {"write", FAST(pair_write), METH_FASTCALL, NULL},
    {"flush", FAST(pair_flush), METH_FASTCALL, NULL},
    {"readable", FAST(pair_readable), METH_FASTCALL, NULL},
    {"writable", FAST(pair_writable), METH_FASTCALL, NULL},
    {"close", pair_close, METH_NOARGS, NULL},
    {"isatty", pair_isatty, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef pair_getset[] = {
    {"closed", pair_closed, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyBufferedRWPair_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io.BufferedRWPair",
    .tp_basicsize = sizeof(Pair),
    .tp_dealloc = pair_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "BufferedRWPair(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)\n--\n\n"
              "A buffered reader and a buffered writer as one sequential stream, as for a\n"
              "socket or a two-way pipe.\n\n"
              "reader and writer are RawIOBase objects that can be read and written.",
    .tp_traverse = pair_traverse,
    .tp_clear = pair_clear,
    .tp_weaklistoffset = offsetof(Pair, weaklist),
    .tp_methods = pair_methods,
    .tp_getset = pair_getset,
    .tp_base = &PyBufferedIOBase_Type,
    .tp_dictoffset = offsetof(Pair, dict),
    .tp_init = pair_init,
    .tp_new = pair_new,
};
