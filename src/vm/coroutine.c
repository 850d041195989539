/* Awaitables and asynchronous iterators (PEP 492, PEP 525). */
#include "internal/krait_exports.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/generator.h"
#include "vm/vm.h"

bool coroutine_is_iterable(PyObject *o)
{
    return PyCoro_CheckExact(o) || (PyGen_CheckExact(o) && ((PyGenObject *)o)->gi_code->co_flags & CO_ITERABLE_COROUTINE);
}

PyObject *_PyCoro_GetAwaitableIter(PyObject *o)
{
    if (coroutine_is_iterable(o)) return Py_NewRef(o);
    PyAsyncMethods *methods = Py_TYPE(o)->tp_as_async;
    if (!methods || !methods->am_await) {
        return PyErr_Format(PyExc_TypeError, "object %.100s can't be used in 'await' expression", Py_TYPE(o)->tp_name);
    }
    PyObject *iterator = methods->am_await(o);
    if (!iterator) return NULL;
    if (coroutine_is_iterable(iterator)) {
        PyErr_SetString(PyExc_TypeError, "__await__() returned a coroutine");
        Py_CLEAR(iterator);
    }
    else if (!PyIter_Check(iterator)) {
        PyErr_Format(PyExc_TypeError, "__await__() returned non-iterator of type '%.100s'", Py_TYPE(iterator)->tp_name);
        Py_CLEAR(iterator);
    }
    return iterator;
}

PyObject *coroutine_get_awaitable_iterator(PyObject *o, int where)
{
    PyObject *iterator = _PyCoro_GetAwaitableIter(o);
    if (!iterator) {
        PyTypeObject *type = Py_TYPE(o);
        if (where && !(type->tp_as_async && type->tp_as_async->am_await)) {
            PyErr_Format(PyExc_TypeError,
                         where == 1 ? "'async with' received an object from __aenter__ that does not implement __await__: %.100s"
                                    : "'async with' received an object from __aexit__ that does not implement __await__: %.100s",
                         type->tp_name);
        }
        return NULL;
    }
    if (PyCoro_CheckExact(iterator) && generator_delegate_borrow((PyGenObject *)iterator)) {
        PyErr_SetString(PyExc_RuntimeError, "coroutine is being awaited already");
        Py_CLEAR(iterator);
    }
    return iterator;
}

PyObject *coroutine_get_aiter(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    if (!type->tp_as_async || !type->tp_as_async->am_aiter) {
        return PyErr_Format(PyExc_TypeError, "'async for' requires an object with __aiter__ method, got %.100s", type->tp_name);
    }
    PyObject *iterator = type->tp_as_async->am_aiter(o);
    if (!iterator) return NULL;
    if (!Py_TYPE(iterator)->tp_as_async || !Py_TYPE(iterator)->tp_as_async->am_anext) {
        PyErr_Format(PyExc_TypeError, "'async for' received an object from __aiter__ that does not implement __anext__: %.100s",
                     Py_TYPE(iterator)->tp_name);
        Py_CLEAR(iterator);
    }
    return iterator;
}

PyObject *coroutine_get_anext(PyObject *iterator)
{
    PyTypeObject *type = Py_TYPE(iterator);
    if (PyAsyncGen_CheckExact(iterator)) return type->tp_as_async->am_anext(iterator);
    if (!type->tp_as_async || !type->tp_as_async->am_anext) {
        return PyErr_Format(PyExc_TypeError, "'async for' requires an iterator with __anext__ method, got %.100s", type->tp_name);
    }
    PyObject *next = type->tp_as_async->am_anext(iterator);
    if (!next) return NULL;
    PyObject *awaitable = _PyCoro_GetAwaitableIter(next);
    if (!awaitable) {
        _PyErr_FormatFromCause(PyExc_TypeError, "'async for' received an invalid object from __anext__: %.100s",
                               Py_TYPE(next)->tp_name);
    }
    Py_DECREF(next);
    return awaitable;
}

/* ---- Where coroutines come from ------------------------------------------------------------------------------- */

PyObject *coroutine_find_origin(PyThreadState *tstate, Frame *frame)
{
    int depth = tstate->coroutine_origin_tracking_depth, count = 0;
    if (depth == 0) return NULL;
    while (frame && frame_is_incomplete(frame)) frame = frame->previous;
    for (Frame *f = frame; f && count < depth; f = frame_back(f)) count++;
    PyObject *origin = PyTuple_New(count);
    for (int i = 0; origin && i < count; i++, frame = frame_back(frame)) {
        PyObject *entry = Py_BuildValue("OiO", frame->code->co_filename, frame_line(frame), frame->code->co_name);
        if (!entry) Py_CLEAR(origin);
        else PyTuple_SET_ITEM(origin, i, entry);
    }
    return origin;
}

/* The library's warnings module adds where the coroutine came from. */
void coroutine_warn_unawaited(PyObject *coroutine)
{
    PyObject *warnings = PyImport_GetModule(NAME(warnings)), *warn = NULL;
    bool warned = false;
    if (warnings && _PyObject_LookupAttr(warnings, NAME(_warn_unawaited_coroutine), &warn) > 0) {
        PyObject *result = PyObject_CallOneArg(warn, coroutine);
        warned = result || PyErr_ExceptionMatches(PyExc_RuntimeWarning);
        Py_XDECREF(result);
        Py_DECREF(warn);
    }
    Py_XDECREF(warnings);
    if (PyErr_Occurred()) PyErr_WriteUnraisable(coroutine);
    if (warned) return;
    PyObject *name = ((PyCoroObject *)coroutine)->cr_qualname;
    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "coroutine '%S' was never awaited", name) < 0) PyErr_WriteUnraisable(coroutine);
}
