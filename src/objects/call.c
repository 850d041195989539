/* The call protocols: vectorcall, tp_call and what converts between them. */
#include "objects/call.h"

#include <stdbool.h>

#include "objects/str/str.h"
#include "objects/tuple.h"

#define SMALL_STACK 6   /* arguments that are gathered on the C stack */

static PyObject *null_error(void)
{
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
    return NULL;
}

/* ---- results ---- */

/* Turns a result together with an exception, or neither, into SystemError. The message names `callable` or else `where`. */
COLD PyObject *_Py_CheckFunctionResult(PyThreadState *tstate, PyObject *callable, PyObject *result, const char *where)
{
    bool error = tstate->curexc_type != NULL;
    if (!result && !error) {
        if (callable) PyErr_Format(PyExc_SystemError, "%R returned NULL without setting an exception", callable);
        else PyErr_Format(PyExc_SystemError, "%s returned NULL without setting an exception", where);
        return NULL;
    }
    if (result && error) {
        Py_DECREF(result);
        if (callable) {
            _PyErr_FormatFromCause(PyExc_SystemError, "%R returned a result with an exception set", callable);
        } else {
            _PyErr_FormatFromCause(PyExc_SystemError, "%s returned a result with an exception set", where);
        }
        return NULL;
    }
    return result;
}

/* ---- conversions between the protocols ---- */

PyObject *call_keywords_as_dict(PyObject *const *values, PyObject *kwnames)
{
    PyObject *dict = PyDict_New();
    if (!dict) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PyDict_SetItem(dict, PyTuple_GET_ITEM(kwnames, i), values[i]) < 0) {
            Py_DECREF(dict);
            return NULL;
        }
    }
    return dict;
}

PyObject *_PyStack_AsDict(PyObject *const *values, PyObject *kwnames)
{
    return call_keywords_as_dict(values, kwnames);
}

PyObject *const *call_unpack_dict(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs, PyObject **kwnames)
{
    Py_ssize_t nkwargs = PyDict_GET_SIZE(kwargs);
    if ((size_t)nargs > PY_SSIZE_T_MAX / sizeof(PyObject *) - (size_t)nkwargs - 1) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject **array = PyMem_Malloc((size_t)(1 + nargs + nkwargs) * sizeof(PyObject *));
    if (!array) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject *names = PyTuple_New(nkwargs);
    if (!names) {
        PyMem_Free(array);
        return NULL;
    }
    array++;
    for (Py_ssize_t i = 0; i < nargs; i++) array[i] = Py_NewRef(args[i]);
    Py_ssize_t position = 0, i = 0;
    PyObject *key, *value;
    unsigned long all_strings = Py_TPFLAGS_UNICODE_SUBCLASS;
    while (i < nkwargs && PyDict_Next(kwargs, &position, &key, &value)) {
        all_strings &= Py_TYPE(key)->tp_flags;
        PyTuple_SET_ITEM(names, i, Py_NewRef(key));
        array[nargs + i] = Py_NewRef(value);
        i++;
    }
    *kwnames = names;
    if (!all_strings) {
        PyErr_SetString(PyExc_TypeError, "keywords must be strings");
        call_unpack_free(array, nargs, names);
        return NULL;
    }
    return array;
}

void call_unpack_free(PyObject *const *array, Py_ssize_t nargs, PyObject *kwnames)
{
    Py_ssize_t n = nargs + PyTuple_GET_SIZE(kwnames);
    for (Py_ssize_t i = 0; i < n; i++) Py_DECREF(array[i]);
    PyMem_Free((PyObject **)array - 1);
    Py_DECREF(kwnames);
}

/* Calls through tp_call. `keywords` is a tuple of names whose values follow the positional arguments, or a dict, or NULL. */
PyObject *_PyObject_MakeTpCall(PyThreadState *tstate, PyObject *callable, PyObject *const *args, Py_ssize_t nargs,
                               PyObject *keywords)
{
    ternaryfunc call = Py_TYPE(callable)->tp_call;
    if (!call) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not callable", Py_TYPE(callable)->tp_name);
        return NULL;
    }
    PyObject *tuple = tuple_new_arguments(args, nargs), *dict = NULL;
    if (!tuple) return NULL;
    if (UNLIKELY(keywords != NULL)) {
        if (PyDict_Check(keywords)) {
            dict = Py_NewRef(keywords);
        } else if (PyTuple_GET_SIZE(keywords)) {
            dict = call_keywords_as_dict(args + nargs, keywords);
            if (!dict) {
                tuple_drop_arguments(tuple);
                return NULL;
            }
        }
    }
    PyObject *result = call_tp_call(tstate, callable, call, tuple, dict);
    tuple_drop_arguments(tuple);
    Py_XDECREF(dict);
    return result;
}

#undef PyVectorcall_Function
vectorcallfunc PyVectorcall_Function(PyObject *callable)
{
    return call_vectorcall_of(callable);
}

/* Calls a vectorcall function with a tuple and a dict: what tp_call of such types is. */
static PyObject *vectorcall_unpacked(PyThreadState *tstate, vectorcallfunc function, PyObject *callable, PyObject *tuple,
                                     PyObject *kwargs)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(tuple);
    PyObject *const *items = ((PyTupleObject *)tuple)->ob_item;
    PyObject *result;
    if (!kwargs || PyDict_GET_SIZE(kwargs) == 0) {
        result = function(callable, items, (size_t)nargs, NULL);
    } else {
        PyObject *kwnames;
        PyObject *const *array = call_unpack_dict(items, nargs, kwargs, &kwnames);
        if (!array) return NULL;
        result = function(callable, array, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
        call_unpack_free(array, nargs, kwnames);
    }
    return call_checked(tstate, callable, result, NULL);
}

/* tp_call of types with a vectorcall function. A subclass that inherits it may lack Py_TPFLAGS_HAVE_VECTORCALL: so the flag is not asked. */
PyObject *PyVectorcall_Call(PyObject *callable, PyObject *tuple, PyObject *kwargs)
{
    Py_ssize_t offset = Py_TYPE(callable)->tp_vectorcall_offset;
    vectorcallfunc function = NULL;
    if (offset > 0) memcpy(&function, (char *)callable + offset, sizeof function);
    if (!function) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object does not support vectorcall", Py_TYPE(callable)->tp_name);
        return NULL;
    }
    return vectorcall_unpacked(thread_state(), function, callable, tuple, kwargs);
}

/* ---- the general calls ---- */

PyObject *_PyObject_Call(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *kwargs)
{
    vectorcallfunc function = call_vectorcall_of(callable);
    if (function) return vectorcall_unpacked(tstate, function, callable, args, kwargs);
    ternaryfunc call = Py_TYPE(callable)->tp_call;
    if (!call) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not callable", Py_TYPE(callable)->tp_name);
        return NULL;
    }
    return call_tp_call(tstate, callable, call, args, kwargs);
}

PyObject *PyObject_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    PyThreadState *tstate = thread_state();
    vectorcallfunc function = call_vectorcall_of(callable);
    if (!function || kwargs) return _PyObject_Call(tstate, callable, args, kwargs);
    PyObject *result = function(callable, ((PyTupleObject *)args)->ob_item, (size_t)PyTuple_GET_SIZE(args), NULL);
    return call_checked(tstate, callable, result, NULL);
}

#undef PyObject_Vectorcall
PyObject *PyObject_Vectorcall(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return call_vector(thread_state(), callable, args, nargsf, kwnames);
}

PyObject *_PyObject_FastCallDictTstate(PyThreadState *tstate, PyObject *callable, PyObject *const *args, size_t nargsf,
                                       PyObject *kwargs)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    vectorcallfunc function = call_vectorcall_of(callable);
    if (!function) return _PyObject_MakeTpCall(tstate, callable, args, nargs, kwargs);
    PyObject *result;
    if (!kwargs || PyDict_GET_SIZE(kwargs) == 0) {
        result = function(callable, args, nargsf, NULL);
    } else {
        PyObject *kwnames;
        PyObject *const *array = call_unpack_dict(args, nargs, kwargs, &kwnames);
        if (!array) return NULL;
        result = function(callable, array, (size_t)nargs | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
        call_unpack_free(array, nargs, kwnames);
    }
    return call_checked(tstate, callable, result, NULL);
}

PyObject *PyObject_VectorcallDict(PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwargs)
{
    return _PyObject_FastCallDictTstate(thread_state(), callable, args, nargsf, kwargs);
}

PyObject *_PyObject_FastCall(PyObject *callable, PyObject *const *args, Py_ssize_t nargs)
{
    return call_vector(thread_state(), callable, args, (size_t)nargs, NULL);
}

PyObject *call_prepend(PyThreadState *tstate, PyObject *callable, PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *small[SMALL_STACK], **stack = small;
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (nargs + 1 > SMALL_STACK) {
        stack = PyMem_Malloc((size_t)(nargs + 1) * sizeof(PyObject *));
        if (!stack) return PyErr_NoMemory();
    }
    stack[0] = self;
    memcpy(stack + 1, ((PyTupleObject *)args)->ob_item, (size_t)nargs * sizeof(PyObject *));
    PyObject *result = _PyObject_FastCallDictTstate(tstate, callable, stack, (size_t)nargs + 1, kwargs);
    if (stack != small) PyMem_Free(stack);
    return result;
}

PyObject *_PyObject_Call_Prepend(PyThreadState *tstate, PyObject *callable, PyObject *self, PyObject *args, PyObject *kwargs)
{
    return call_prepend(tstate, callable, self, args, kwargs);
}

#undef PyObject_CallNoArgs
PyObject *PyObject_CallNoArgs(PyObject *callable)
{
    return call_vector(thread_state(), callable, NULL, 0, NULL);
}

#undef PyObject_CallOneArg
PyObject *PyObject_CallOneArg(PyObject *callable, PyObject *arg)
{
    PyObject *stack[2] = {NULL, arg};
    return call_vector(thread_state(), callable, stack + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
}

/* Like PyObject_Call, but `args` may be NULL. */
PyObject *PyObject_CallObject(PyObject *callable, PyObject *args)
{
    PyThreadState *tstate = thread_state();
    if (!args) return call_vector(tstate, callable, NULL, 0, NULL);
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    return _PyObject_Call(tstate, callable, args, NULL);
}

/* Old form of PyObject_Call that checks its arguments. */
PyObject *PyEval_CallObjectWithKeywords(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    if (args && !PyTuple_Check(args)) {
        PyErr_SetString(PyExc_TypeError, "argument list must be a tuple");
        return NULL;
    }
    if (kwargs && !PyDict_Check(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "keyword list must be a dictionary");
        return NULL;
    }
    if (!args) return _PyObject_FastCallDictTstate(thread_state(), callable, NULL, 0, kwargs);
    return PyObject_Call(callable, args, kwargs);
}

/* ---- calls whose arguments a format describes ---- */

/* callable(first, args…), where `first` may be NULL. */
static PyObject *call_with_first(PyThreadState *tstate, PyObject *callable, PyObject *first, PyObject *const *args, Py_ssize_t nargs)
{
    if (!first) return call_vector(tstate, callable, args, (size_t)nargs, NULL);
    PyObject *small[SMALL_STACK + 1], **stack = small;
    if (nargs > SMALL_STACK) {
        stack = PyMem_New(PyObject *, nargs + 1);
        if (!stack) return PyErr_NoMemory();
    }
    stack[0] = first;
    for (Py_ssize_t i = 0; i < nargs; i++) stack[i + 1] = args[i];
    PyObject *result = call_vector(tstate, callable, stack, (size_t)nargs + 1, NULL);
    if (stack != small) PyMem_Free(stack);
    return result;
}

/* callable(first, …) with the arguments that a format describes; `first` may be NULL. */
static PyObject *call_format(PyThreadState *tstate, PyObject *callable, PyObject *first, const char *format, va_list va,
                             bool size_t_clean)
{
    if (!format || !*format) return call_with_first(tstate, callable, first, NULL, 0);
    PyObject *small[SMALL_STACK];
    Py_ssize_t nargs;
    PyObject **stack = size_t_clean ? _Py_VaBuildStack_SizeT(small, SMALL_STACK, format, va, &nargs)
                                    : _Py_VaBuildStack(small, SMALL_STACK, format, va, &nargs);
    if (!stack) return NULL;
    PyObject *result;
    if (nargs == 1 && PyTuple_Check(stack[0])) {
        /* "(…)" or "O" with a tuple: the items are the arguments. */
        result = call_with_first(tstate, callable, first, ((PyTupleObject *)stack[0])->ob_item, PyTuple_GET_SIZE(stack[0]));
    } else {
        result = call_with_first(tstate, callable, first, stack, nargs);
    }
    for (Py_ssize_t i = 0; i < nargs; i++) Py_DECREF(stack[i]);
    if (stack != small) PyMem_Free(stack);
    return result;
}

#undef PyObject_CallFunction
#undef _PyObject_CallFunction_SizeT

PyObject *PyObject_CallFunction(PyObject *callable, const char *format, ...)
{
    if (!callable) return null_error();
    va_list va;
    va_start(va, format);
    PyObject *result = call_format(thread_state(), callable, NULL, format, va, false);
    va_end(va);
    return result;
}

PyObject *_PyObject_CallFunction_SizeT(PyObject *callable, const char *format, ...)
{
    if (!callable) return null_error();
    va_list va;
    va_start(va, format);
    PyObject *result = call_format(thread_state(), callable, NULL, format, va, true);
    va_end(va);
    return result;
}

PyObject *PyEval_CallFunction(PyObject *callable, const char *format, ...)
{
    if (!callable) return null_error();
    va_list va;
    va_start(va, format);
    PyObject *result = call_format(thread_state(), callable, NULL, format, va, false);
    va_end(va);
    return result;
}

/* obj.name(…); steals `name`, which may be NULL. No bound method is made when the attribute is a plain function of its type. */
static PyObject *call_method_steal(PyObject *obj, PyObject *name, const char *format, va_list va)
{
    if (!name) return NULL;
    PyThreadState *tstate = thread_state();
    PyObject *callable = NULL, *result = NULL;
    int unbound = _PyObject_GetMethod(obj, name, &callable);
    Py_DECREF(name);
    if (!callable) return NULL;
    if (PyCallable_Check(callable)) {
        result = call_format(tstate, callable, unbound ? obj : NULL, format, va, true);
    } else {
        PyErr_Format(PyExc_TypeError, "attribute of type '%.200s' is not callable", Py_TYPE(callable)->tp_name);
    }
    Py_DECREF(callable);
    return result;
}

#undef PyObject_CallMethod
#undef _PyObject_CallMethod_SizeT

static PyObject *call_method_va(PyObject *obj, const char *name, const char *format, va_list va)
{
    if (!obj || !name) return null_error();
    return call_method_steal(obj, str_from_c_name(name), format, va);
}

PyObject *PyObject_CallMethod(PyObject *obj, const char *name, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *result = call_method_va(obj, name, format, va);
    va_end(va);
    return result;
}

PyObject *_PyObject_CallMethod_SizeT(PyObject *obj, const char *name, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *result = call_method_va(obj, name, format, va);
    va_end(va);
    return result;
}

PyObject *PyEval_CallMethod(PyObject *obj, const char *name, const char *format, ...)
{
    va_list va;
    va_start(va, format);
    PyObject *result = call_method_va(obj, name, format, va);
    va_end(va);
    return result;
}

/* Like PyObject_CallMethod, with the name as an object. */
PyObject *_PyObject_CallMethod(PyObject *obj, PyObject *name, const char *format, ...)
{
    if (!obj || !name) return null_error();
    va_list va;
    va_start(va, format);
    PyObject *result = call_method_steal(obj, Py_NewRef(name), format, va);
    va_end(va);
    return result;
}

#undef _PyObject_CallMethodId
#undef _PyObject_CallMethodId_SizeT

PyObject *_PyObject_CallMethodId(PyObject *obj, _Py_Identifier *name, const char *format, ...)
{
    if (!obj || !name) return null_error();
    va_list va;
    va_start(va, format);
    PyObject *result = call_method_steal(obj, Py_XNewRef(_PyUnicode_FromId(name)), format, va);
    va_end(va);
    return result;
}

PyObject *_PyObject_CallMethodId_SizeT(PyObject *obj, _Py_Identifier *name, const char *format, ...)
{
    if (!obj || !name) return null_error();
    va_list va;
    va_start(va, format);
    PyObject *result = call_method_steal(obj, Py_XNewRef(_PyUnicode_FromId(name)), format, va);
    va_end(va);
    return result;
}

/* ---- calls with a list of objects that NULL ends ---- */

/* callable(first …, rest …) with n objects in `first`, and in `rest` those up to a NULL. */
static NEVER_INLINE PyObject *call_objects(PyThreadState *tstate, PyObject *callable, PyObject *const *first, Py_ssize_t n, va_list rest)
{
    if (!callable) return null_error();
    PyObject *small[SMALL_STACK], **stack = small, *arg;
    Py_ssize_t nargs = 0, room = SMALL_STACK;
    while (nargs < n) {
        small[nargs] = first[nargs];
        nargs++;
    }
    while ((arg = va_arg(rest, PyObject *))) {
        if (UNLIKELY(nargs == room)) {
            PyObject **more = PyMem_New(PyObject *, 2 * room);
            if (more) memcpy(more, stack, (size_t)room * sizeof *more);
            if (stack != small) PyMem_Free(stack);
            if (!more) return PyErr_NoMemory();
            stack = more;
            room *= 2;
        }
        stack[nargs++] = arg;
    }
    PyObject *result = call_vector(tstate, callable, stack, (size_t)nargs, NULL);
    if (UNLIKELY(stack != small)) PyMem_Free(stack);
    return result;
}

PyObject *PyObject_CallFunctionObjArgs(PyObject *callable, ...)
{
    /* Few arguments are read one by one, so that the compiler knows where each lies. */
    PyObject *few[3], *result;
    size_t nargs;
    va_list va;
    va_start(va, callable);
    if ((few[0] = va_arg(va, PyObject *)) == NULL) nargs = 0;
    else if ((few[1] = va_arg(va, PyObject *)) == NULL) nargs = 1;
    else if ((few[2] = va_arg(va, PyObject *)) == NULL) nargs = 2;
    else nargs = 3;
    if (LIKELY(callable && nargs < 3)) result = call_vector(thread_state(), callable, few, nargs, NULL);
    else result = call_objects(thread_state(), callable, few, (Py_ssize_t)nargs, va);
    va_end(va);
    return result;
}

/* obj.name(args[1:]…), with args[0] the object itself: no bound method is made when the attribute is a plain function of its type. */
PyObject *PyObject_VectorcallMethod(PyObject *name, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = thread_state();
    PyObject *callable = NULL;
    int unbound = _PyObject_GetMethod(args[0], name, &callable);
    if (!callable) return NULL;
    if (unbound) {
        /* The word before args[0] cannot be lent: it belongs to the caller's own prepended space. */
        nargsf &= ~PY_VECTORCALL_ARGUMENTS_OFFSET;
    } else {
        args++;
        nargsf = (size_t)(PyVectorcall_NARGS(nargsf) - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET;
    }
    PyObject *result = call_vector(tstate, callable, args, nargsf, kwnames);
    Py_DECREF(callable);
    return result;
}

static PyObject *call_method_objects(PyObject *obj, PyObject *name, va_list va)
{
    PyObject *callable = NULL;
    int unbound = _PyObject_GetMethod(obj, name, &callable);
    if (!callable) return NULL;
    PyObject *result = call_objects(thread_state(), callable, &obj, unbound, va);
    Py_DECREF(callable);
    return result;
}

PyObject *PyObject_CallMethodObjArgs(PyObject *obj, PyObject *name, ...)
{
    if (!obj || !name) return null_error();
    va_list va;
    va_start(va, name);
    PyObject *result = call_method_objects(obj, name, va);
    va_end(va);
    return result;
}

PyObject *_PyObject_CallMethodIdObjArgs(PyObject *obj, _Py_Identifier *name, ...)
{
    if (!obj || !name) return null_error();
    PyObject *text = _PyUnicode_FromId(name);
    if (!text) return NULL;
    va_list va;
    va_start(va, name);
    PyObject *result = call_method_objects(obj, text, va);
    va_end(va);
    return result;
}
