/* Iterators of bytes and of bytearray: alike but for their types. */
#include "objects/bytes/bytes.h"
#include "objects/immortal.h"
#include "objects/names.h"

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *seq;                      /* owned; NULL when exhausted */
} BytesIter;

static PyObject *iter_new(PyTypeObject *type, PyObject *seq)
{
    BytesIter *it = PyObject_GC_New(BytesIter, type);
    if (it == NULL)
        return NULL;
    it->index = 0;
    it->seq = Py_NewRef(seq);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

PyObject *bytes_iter(PyObject *self)
{
    return iter_new(&PyBytesIter_Type, self);
}

PyObject *bytearray_iter(PyObject *self)
{
    return iter_new(&PyByteArrayIter_Type, self);
}

static void iter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((BytesIter *)self)->seq);
    PyObject_GC_Del(self);
}

static int iter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((BytesIter *)self)->seq);
    return 0;
}

static PyObject *iter_next(PyObject *self)
{
    BytesIter *it = (BytesIter *)self;
    if (it->seq == NULL)
        return NULL;
    if (it->index < Py_SIZE(it->seq))
        return PyLong_FromLong((unsigned char)bytes_like_data(it->seq)[it->index++]);
    Py_CLEAR(it->seq);
    return NULL;
}

static PyObject *iter_length_hint(PyObject *self, PyObject *unused)
{
    (void)unused;
    BytesIter *it = (BytesIter *)self;
    Py_ssize_t left = it->seq == NULL ? 0 : Py_SIZE(it->seq) - it->index;
    return PyLong_FromSsize_t(Py_MAX(left, 0));
}

static PyObject *iter_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    BytesIter *it = (BytesIter *)self;
    PyObject *builtins = PyEval_GetBuiltins();
    PyObject *iter = builtins == NULL ? NULL : PyMapping_GetItemString(builtins, "iter");
    if (iter == NULL)
        return NULL;
    if (it->seq != NULL)
        return Py_BuildValue("N(O)n", iter, it->seq, it->index);
    return Py_BuildValue("N(N)", iter,
                         Py_IS_TYPE(self, &PyBytesIter_Type) ? bytes_empty() : PyTuple_New(0));
}

static PyObject *iter_setstate(PyObject *self, PyObject *state)
{
    BytesIter *it = (BytesIter *)self;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred())
        return NULL;
    if (it->seq != NULL) {
        index = Py_MAX(index, 0);
        it->index = Py_MIN(index, Py_SIZE(it->seq));
    }
    Py_RETURN_NONE;
}

#define ITER_METHODS(reduce_signature) \
    { \
        {"__length_hint__", iter_length_hint, METH_NOARGS, PyDoc_STR("How many bytes are still to come.")}, \
        {"__reduce__", iter_reduce, METH_NOARGS, PyDoc_STR(reduce_signature "What pickling needs.")}, \
        {"__setstate__", iter_setstate, METH_O, PyDoc_STR("What unpickling needs.")}, \
        {0}, \
    }

static PyMethodDef bytes_iter_methods[] = ITER_METHODS("");
static PyMethodDef bytearray_iter_methods[] = ITER_METHODS("__reduce__($self, /)\n--\n\n");

#define ITER_TYPE(text, methods) \
    { \
        IMMORTAL_TYPE_HEAD, .tp_name = text, .tp_basicsize = sizeof(BytesIter), .tp_dealloc = iter_dealloc, \
        .tp_getattro = PyObject_GenericGetAttr, .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, \
        .tp_traverse = iter_traverse, .tp_iter = PyObject_SelfIter, .tp_iternext = iter_next, \
        .tp_methods = methods, \
    }

PyTypeObject PyBytesIter_Type = ITER_TYPE("bytes_iterator", bytes_iter_methods);
PyTypeObject PyByteArrayIter_Type = ITER_TYPE("bytearray_iterator", bytearray_iter_methods);
