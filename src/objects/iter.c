/* The iterators behind iter(sequence), iter(callable, sentinel), and anext(iterator, default). */
#include "objects/abstract.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"
#include "objects/types.h"

/* Of the VM: the iterator that `await op` runs. New reference. */
PyObject *_PyCoro_GetAwaitableIter(PyObject *op);

PyDoc_STRVAR(length_hint_doc, "Private method returning an estimate of len(list(it)).");
PyDoc_STRVAR(reduce_doc, "Return state information for pickling.");
PyDoc_STRVAR(setstate_doc, "Set state information for unpickling.");

/* ---- sequences that have nothing but __getitem__ ---- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *sequence;     /* owned; NULL at the end */
} SeqIterator;

PyObject *PySeqIter_New(PyObject *sequence)
{
    if (!PySequence_Check(sequence)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    SeqIterator *it = PyObject_GC_New(SeqIterator, &PySeqIter_Type);
    if (!it) return NULL;
    it->index = 0;
    it->sequence = Py_NewRef(sequence);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static void seqiter_dealloc(SeqIterator *it)
{
    PyObject_GC_UnTrack(it);
    Py_XDECREF(it->sequence);
    PyObject_GC_Del(it);
}

static int seqiter_traverse(SeqIterator *it, visitproc visit, void *arg)
{
    Py_VISIT(it->sequence);
    return 0;
}

static PyObject *seqiter_next(SeqIterator *it)
{
    if (!it->sequence) return NULL;
    if (it->index == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "iter index too large");
        return NULL;
    }
    PyObject *item = PySequence_GetItem(it->sequence, it->index);
    if (item) {
        it->index++;
        return item;
    }
    if (PyErr_ExceptionMatches(PyExc_IndexError) || PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        Py_CLEAR(it->sequence);
    }
    return NULL;
}

static PyObject *seqiter_length_hint(SeqIterator *it, PyObject *unused)
{
    (void)unused;
    if (!it->sequence) return PyLong_FromLong(0);
    if (!_PyObject_HasLen(it->sequence)) Py_RETURN_NOTIMPLEMENTED;
    Py_ssize_t n = PySequence_Size(it->sequence);
    if (n == -1) return NULL;
    n -= it->index;
    return PyLong_FromSsize_t(n > 0 ? n : 0);
}

static PyObject *seqiter_reduce(SeqIterator *it, PyObject *unused)
{
    (void)unused;
    PyObject *iter = _PyEval_GetBuiltin(NAME(iter));
    if (!iter) return NULL;
    if (it->sequence) return Py_BuildValue("N(O)n", iter, it->sequence, it->index);
    return Py_BuildValue("N(())", iter);
}

static PyObject *seqiter_setstate(SeqIterator *it, PyObject *state)
{
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (it->sequence) it->index = index < 0 ? 0 : index;
    Py_RETURN_NONE;
}

static PyMethodDef seqiter_methods[] = {
    {"__length_hint__", (PyCFunction)seqiter_length_hint, METH_NOARGS, length_hint_doc},
    {"__reduce__", (PyCFunction)seqiter_reduce, METH_NOARGS, reduce_doc},
    {"__setstate__", (PyCFunction)seqiter_setstate, METH_O, setstate_doc},
    {0},
};

PyTypeObject PySeqIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "iterator",
    .tp_basicsize = sizeof(SeqIterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = (destructor)seqiter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_traverse = (traverseproc)seqiter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)seqiter_next,
    .tp_methods = seqiter_methods,
};

/* ---- iter(callable, sentinel) ---- */

typedef struct {
    PyObject_HEAD
    PyObject *callable;     /* both owned; NULL at the end */
    PyObject *sentinel;
} CallIterator;

PyObject *PyCallIter_New(PyObject *callable, PyObject *sentinel)
{
    CallIterator *it = PyObject_GC_New(CallIterator, &PyCallIter_Type);
    if (!it) return NULL;
    it->callable = Py_NewRef(callable);
    it->sentinel = Py_NewRef(sentinel);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static void calliter_dealloc(CallIterator *it)
{
    PyObject_GC_UnTrack(it);
    Py_XDECREF(it->callable);
    Py_XDECREF(it->sentinel);
    PyObject_GC_Del(it);
}

static int calliter_traverse(CallIterator *it, visitproc visit, void *arg)
{
    Py_VISIT(it->callable);
    Py_VISIT(it->sentinel);
    return 0;
}

static void calliter_end(CallIterator *it)
{
    Py_CLEAR(it->callable);
    Py_CLEAR(it->sentinel);
}

static PyObject *calliter_next(CallIterator *it)
{
    if (!it->callable) return NULL;
    PyObject *result = PyObject_CallNoArgs(it->callable);
    if (result && it->sentinel) {
        int end = PyObject_RichCompareBool(it->sentinel, result, Py_EQ);
        if (end == 0) return result;
        if (end > 0) calliter_end(it);
    } else if (!result && PyErr_ExceptionMatches(PyExc_StopIteration)) {
        PyErr_Clear();
        calliter_end(it);
    }
    Py_XDECREF(result);
    return NULL;
}

static PyObject *calliter_reduce(CallIterator *it, PyObject *unused)
{
    (void)unused;
    PyObject *iter = _PyEval_GetBuiltin(NAME(iter));
    if (!iter) return NULL;
    if (it->callable && it->sentinel) return Py_BuildValue("N(OO)", iter, it->callable, it->sentinel);
    return Py_BuildValue("N(())", iter);
}

static PyMethodDef calliter_methods[] = {
    {"__reduce__", (PyCFunction)calliter_reduce, METH_NOARGS, reduce_doc},
    {0},
};

PyTypeObject PyCallIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "callable_iterator",
    .tp_basicsize = sizeof(CallIterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = (destructor)calliter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_traverse = (traverseproc)calliter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)calliter_next,
    .tp_methods = calliter_methods,
};

/* ---- anext(iterator, default): an awaitable that turns StopAsyncIteration into the default ---- */

typedef struct {
    PyObject_HEAD
    PyObject *wrapped;      /* owned: what __anext__ returned */
    PyObject *fallback;     /* owned */
} AnextAwaitable;

PyObject *anext_awaitable_new(PyObject *awaitable, PyObject *fallback)
{
    AnextAwaitable *self = PyObject_GC_New(AnextAwaitable, &_PyAnextAwaitable_Type);
    if (!self) return NULL;
    self->wrapped = Py_NewRef(awaitable);
    self->fallback = Py_NewRef(fallback);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static void anext_dealloc(AnextAwaitable *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(self->wrapped);
    Py_XDECREF(self->fallback);
    PyObject_GC_Del(self);
}

static int anext_traverse(AnextAwaitable *self, visitproc visit, void *arg)
{
    Py_VISIT(self->wrapped);
    Py_VISIT(self->fallback);
    return 0;
}

/* The iterator that awaiting the wrapped object means. New reference. */
static PyObject *anext_iterator(AnextAwaitable *self)
{
    PyObject *awaitable = _PyCoro_GetAwaitableIter(self->wrapped);
    if (!awaitable || Py_TYPE(awaitable)->tp_iternext) return awaitable;
    /* A coroutine is no iterator itself; its __await__ gives one. */
    PyAsyncMethods *methods = Py_TYPE(awaitable)->tp_as_async;
    PyObject *iterator = methods && methods->am_await ? methods->am_await(awaitable) : NULL;
    Py_DECREF(awaitable);
    if (iterator && !PyIter_Check(iterator)) {
        abstract_type_error("__await__() returned non-iterator of type '%.100s'", iterator);
        Py_CLEAR(iterator);
    }
    return iterator;
}

/* Replaces the end of the asynchronous iteration by "return default". Returns NULL always. */
static PyObject *anext_end(AnextAwaitable *self)
{
    if (PyErr_ExceptionMatches(PyExc_StopAsyncIteration)) {
        PyErr_Clear();
        _PyGen_SetStopIterationValue(self->fallback);
    }
    return NULL;
}

static PyObject *anext_next(AnextAwaitable *self)
{
    PyObject *iterator = anext_iterator(self);
    if (!iterator) return NULL;
    PyObject *result = chained_next(iterator);
    Py_DECREF(iterator);
    return result ? result : anext_end(self);
}

static PyObject *anext_forward(AnextAwaitable *self, PyObject *name, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *iterator = anext_iterator(self);
    if (!iterator) return NULL;
    PyObject *method = PyObject_GetAttr(iterator, name);
    Py_DECREF(iterator);
    if (!method) return NULL;
    PyObject *result = PyObject_Vectorcall(method, args, (size_t)nargs, NULL);
    Py_DECREF(method);
    return result ? result : anext_end(self);
}

static PyObject *anext_send(AnextAwaitable *self, PyObject *const *args, Py_ssize_t nargs)
{
    return anext_forward(self, NAME(send), args, nargs);
}

static PyObject *anext_throw(AnextAwaitable *self, PyObject *const *args, Py_ssize_t nargs)
{
    return anext_forward(self, NAME(throw), args, nargs);
}

static PyObject *anext_close(AnextAwaitable *self, PyObject *const *args, Py_ssize_t nargs)
{
    return anext_forward(self, NAME(close), args, nargs);
}

static PyMethodDef anext_methods[] = {
    {"send", (PyCFunction)(void (*)(void))anext_send, METH_FASTCALL, PyDoc_STR("Sends a value to the awaitable.")},
    {"throw", (PyCFunction)(void (*)(void))anext_throw, METH_FASTCALL, PyDoc_STR("Raises an exception in the awaitable.")},
    {"close", (PyCFunction)(void (*)(void))anext_close, METH_FASTCALL, PyDoc_STR("Closes the awaitable.")},
    {0},
};

static PyAsyncMethods anext_as_async = {.am_await = PyObject_SelfIter};

PyTypeObject _PyAnextAwaitable_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "anext_awaitable",
    .tp_basicsize = sizeof(AnextAwaitable),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = (destructor)anext_dealloc,
    .tp_as_async = &anext_as_async,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_traverse = (traverseproc)anext_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)anext_next,
    .tp_methods = anext_methods,
};
