/* pickle.PickleBuffer: wraps a buffer that a pickler may send out of band (PEP 574). */
#include <Python.h>
#include <stddef.h>

#include "objects/immortal.h"
#include "objects/memoryview.h"

typedef struct {
    PyObject_HEAD
    Py_buffer view;                     /* view.obj is NULL once released */
    PyObject *weakreflist;
} PickleBuffer;

/* The wrapped buffer, borrowed; NULL with ValueError after release. */
const Py_buffer *PyPickleBuffer_GetBuffer(PyObject *o)
{
    PickleBuffer *self = (PickleBuffer *)o;
    if (!PyPickleBuffer_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found", Py_TYPE(o)->tp_name);
        return NULL;
    }
    if (self->view.obj) return &self->view;
    PyErr_SetString(PyExc_ValueError, "operation forbidden on released PickleBuffer object");
    return NULL;
}

static PyObject *wrap(PyTypeObject *type, PyObject *base)
{
    PickleBuffer *self = (PickleBuffer *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->view.obj = NULL;
    self->weakreflist = NULL;
    if (PyObject_GetBuffer(base, &self->view, PyBUF_FULL_RO) < 0) Py_CLEAR(self);
    return (PyObject *)self;
}

/* A PickleBuffer of an object with the buffer protocol. */
PyObject *PyPickleBuffer_FromObject(PyObject *base)
{
    return wrap(&PyPickleBuffer_Type, base);
}

/* Releases the wrapped buffer; 0, or -1 with TypeError. */
int PyPickleBuffer_Release(PyObject *o)
{
    if (!PyPickleBuffer_Check(o)) {
        PyErr_Format(PyExc_TypeError, "expected PickleBuffer, %.200s found", Py_TYPE(o)->tp_name);
        return -1;
    }
    PyBuffer_Release(&((PickleBuffer *)o)->view);
    return 0;
}

static PyObject *buffer_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "PickleBuffer"};
    PyObject *values[1], *const *a;
    a = _PyArg_UnpackKeywords(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL,
                              &parser, 1, 1, 0, values);
    return a ? wrap(type, a[0]) : NULL;
}

static int buffer_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((PickleBuffer *)self)->view.obj);
    return 0;
}

static int buffer_clear(PyObject *self)
{
    PyBuffer_Release(&((PickleBuffer *)self)->view);
    return 0;
}

static void buffer_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    if (((PickleBuffer *)self)->weakreflist) PyObject_ClearWeakRefs(self);
    buffer_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static int get_buffer(PyObject *self, Py_buffer *view, int flags)
{
    const Py_buffer *own = PyPickleBuffer_GetBuffer(self);
    return own ? PyObject_GetBuffer(own->obj, view, flags) : -1;
}

static PyBufferProcs buffer_slots = {.bf_getbuffer = get_buffer};

static PyObject *raw(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    const Py_buffer *own = PyPickleBuffer_GetBuffer(self);
    if (!own) return NULL;
    if (own->suboffsets || !PyBuffer_IsContiguous(own, 'A')) {
        PyErr_SetString(PyExc_BufferError, "cannot extract raw buffer from non-contiguous buffer");
        return NULL;
    }
    PyMemoryViewObject *whole = (PyMemoryViewObject *)PyMemoryView_FromObject(self);
    if (!whole) return NULL;
    Py_ssize_t length = own->len, step = 1;
    Py_buffer flat = whole->view;
    flat.format = "B";
    flat.itemsize = 1;
    flat.ndim = 1;
    flat.shape = &length;
    flat.strides = &step;
    PyObject *result = memoryview_add_view(whole->mbuf, &flat);
    Py_DECREF(whole);
    return result;
}

static PyObject *release(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyBuffer_Release(&((PickleBuffer *)self)->view);
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"raw", raw, METH_NOARGS,
     "raw($self, /)\n--\n\nA memoryview of the raw memory under this buffer, flat and in bytes.\n"
     "BufferError if the buffer is not contiguous."},
    {"release", release, METH_NOARGS,
     "release($self, /)\n--\n\nRelease the underlying buffer exposed by the PickleBuffer object."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PyPickleBuffer_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "pickle.PickleBuffer",
    .tp_basicsize = sizeof(PickleBuffer),
    .tp_dealloc = buffer_dealloc,
    .tp_as_buffer = &buffer_slots,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "Wrapper for potentially out-of-band buffers",
    .tp_traverse = buffer_traverse,
    .tp_clear = buffer_clear,
    .tp_weaklistoffset = offsetof(PickleBuffer, weakreflist),
    .tp_methods = methods,
    .tp_new = buffer_new,
};
