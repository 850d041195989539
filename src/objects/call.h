/* Calling objects from C: the shortest ways, for those inside. The C API's own functions are in call.c.
 *
 * The vectorcall protocol (PEP 590): args[0 .. nargs-1] are positional, then come the values for the names in the tuple kwnames.
 * With PY_VECTORCALL_ARGUMENTS_OFFSET in nargsf the callee may change args[-1] and must restore it.
 */
#ifndef KRAIT_OBJECTS_CALL_H
#define KRAIT_OBJECTS_CALL_H

#include <Python.h>

#include "base/attributes.h"
#include "objects/recursion.h"
#include "objects/thread_state.h"

/* The object's vectorcall function, or NULL. */
static inline vectorcallfunc call_vectorcall_of(PyObject *callable)
{
    PyTypeObject *type = Py_TYPE(callable);
    if (!PyType_HasFeature(type, Py_TPFLAGS_HAVE_VECTORCALL)) return NULL;
    vectorcallfunc function;
    memcpy(&function, (char *)callable + type->tp_vectorcall_offset, sizeof function);
    return function;
}

/* A result and an exception exclude each other: checks that for what foreign code returned. */
static inline PyObject *call_checked(PyThreadState *tstate, PyObject *callable, PyObject *result, const char *where)
{
    if (LIKELY((result == NULL) == (tstate->curexc_type != NULL))) return result;
    return _Py_CheckFunctionResult(tstate, callable, result, where);
}

/* PyObject_Vectorcall. New reference, or NULL with an exception. */
static inline PyObject *call_vector(PyThreadState *tstate, PyObject *callable, PyObject *const *args, size_t nargsf,
                                    PyObject *kwnames)
{
    vectorcallfunc function = call_vectorcall_of(callable);
    if (UNLIKELY(!function)) {
        return _PyObject_MakeTpCall(tstate, callable, args, PyVectorcall_NARGS(nargsf), kwnames);
    }
    return call_checked(tstate, callable, function(callable, args, nargsf, kwnames), NULL);
}

/* Calls through tp_call, which the caller has read. New reference, or NULL with an exception. */
static inline PyObject *call_tp_call(PyThreadState *tstate, PyObject *callable, ternaryfunc call, PyObject *args, PyObject *kwargs)
{
    if (recursion_enter(tstate, " while calling a Python object")) return NULL;
    PyObject *result = call(callable, args, kwargs);
    recursion_leave(tstate);
    return call_checked(tstate, callable, result, NULL);
}

/* A dict of the names in kwnames and the values that start at `values`; new reference. */
PyObject *call_keywords_as_dict(PyObject *const *values, PyObject *kwnames);

/* Lays out positional arguments and a non-empty dict of keywords as a vectorcall wants them. The array (free with call_unpack_free) starts after a word that
 * the callee may use; *kwnames is a new tuple. NULL with an exception. */
PyObject *const *call_unpack_dict(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs, PyObject **kwnames);
void call_unpack_free(PyObject *const *array, Py_ssize_t nargs, PyObject *kwnames);

/* callable(self, *args, **kwargs) for tp_call-like slots: args is a tuple, kwargs a dict or NULL. */
PyObject *call_prepend(PyThreadState *tstate, PyObject *callable, PyObject *self, PyObject *args, PyObject *kwargs);

#endif
