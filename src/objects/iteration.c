/* The iterator protocol: iter(), aiter(), next and send. */
#include "objects/abstract.h"

#include "objects/names.h"
#include "objects/recursion.h"

PyObject *PyObject_GetIter(PyObject *op)
{
    getiterfunc get = Py_TYPE(op)->tp_iter;
    if (!get) {
        if (PySequence_Check(op)) return PySeqIter_New(op);
        return abstract_type_error("'%.200s' object is not iterable", op);
    }
    PyObject *iterator = get(op);
    if (iterator && !PyIter_Check(iterator)) {
        abstract_type_error("iter() returned non-iterator of type '%.100s'", iterator);
        Py_CLEAR(iterator);
    }
    return iterator;
}

PyObject *PyObject_GetAIter(PyObject *op)
{
    PyAsyncMethods *methods = Py_TYPE(op)->tp_as_async;
    if (!methods || !methods->am_aiter) return abstract_type_error("'%.200s' object is not an async iterable", op);
    PyObject *iterator = methods->am_aiter(op);
    if (iterator && !PyAIter_Check(iterator)) {
        abstract_type_error("aiter() returned not an async iterator of type '%.100s'", iterator);
        Py_CLEAR(iterator);
    }
    return iterator;
}

int PyIter_Check(PyObject *op)
{
    iternextfunc next = Py_TYPE(op)->tp_iternext;
    return next && next != _PyObject_NextNotImplemented;
}

/* The next item. NULL at the end, without an exception, or with one on an error. */
PyObject *PyIter_Next(PyObject *iterator)
{
    PyObject *item = chained_next(iterator);
    if (!item && PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_StopIteration)) PyErr_Clear();
    return item;
}

/* Sends a value; *result is what was yielded (PYGEN_NEXT), returned (PYGEN_RETURN), or NULL (PYGEN_ERROR). */
PySendResult PyIter_Send(PyObject *iterator, PyObject *arg, PyObject **result)
{
    PyAsyncMethods *methods = Py_TYPE(iterator)->tp_as_async;
    if (methods && methods->am_send) return methods->am_send(iterator, arg, result);
    if (arg == Py_None && PyIter_Check(iterator)) *result = chained_next(iterator);
    else *result = PyObject_CallMethodOneArg(iterator, NAME(send), arg);
    if (*result) return PYGEN_NEXT;
    return _PyGen_FetchStopIterationValue(result) == 0 ? PYGEN_RETURN : PYGEN_ERROR;
}
