/* Context managers, raise, except and except*. */
#include "objects/names.h"
#include "objects/exceptions/exceptions.h"
#include "vm/call.h"
#include "vm/ops.h"

/* ---- with ----------------------------------------------------------------------------------------------------- */

static PyObject *lookup_special(PyObject *o, PyObject *name)
{
    PyObject *attribute = _PyType_Lookup(Py_TYPE(o), name);
    if (!attribute) return NULL;
    descrgetfunc get = Py_TYPE(attribute)->tp_descr_get;
    return get ? get(attribute, o, (PyObject *)Py_TYPE(o)) : Py_NewRef(attribute);
}

static PyObject *enter(PyObject *manager, PyObject *enter_name, PyObject *exit_name, const char *protocol, const char *missing,
                       PyObject **exit)
{
    /* A method in C need not be bound: binding it would have no effects. */
    PyObject *method = _PyType_Lookup(Py_TYPE(manager), enter_name);
    bool unbound = method && Py_IS_TYPE(method, &PyMethodDescr_Type);
    PyObject *function = unbound ? Py_NewRef(method) : lookup_special(manager, enter_name);
    if (!function) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "'%.200s' object does not support the %s protocol", Py_TYPE(manager)->tp_name, protocol);
        }
        return NULL;
    }
    *exit = lookup_special(manager, exit_name);
    if (!*exit) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_TypeError, "'%.200s' object does not support the %s protocol (missed %s method)",
                         Py_TYPE(manager)->tp_name, protocol, missing);
        }
        Py_DECREF(function);
        return NULL;
    }
    PyObject *result = unbound ? PyObject_CallOneArg(function, manager) : PyObject_CallNoArgs(function);
    Py_DECREF(function);
    if (!result) Py_CLEAR(*exit);
    return result;
}

PyFunctionObject *op_context_functions(PyObject *manager, PyObject **exit)
{
    PyObject *enter = _PyType_Lookup(Py_TYPE(manager), NAME(__enter__));
    if (!enter || !call_is_python(enter)) return NULL;
    Py_INCREF(enter);
    PyObject *function = _PyType_Lookup(Py_TYPE(manager), NAME(__exit__));
    *exit = function && call_is_python(function) ? PyMethod_New(function, manager) : NULL;
    if (!*exit) Py_CLEAR(enter);
    return (PyFunctionObject *)enter;
}

PyObject *op_enter_context(PyObject *manager, PyObject **exit)
{
    return enter(manager, NAME(__enter__), NAME(__exit__), "context manager", "__exit__", exit);
}

PyObject *op_enter_async_context(PyObject *manager, PyObject **exit)
{
    return enter(manager, NAME(__aenter__), NAME(__aexit__), "asynchronous context manager", "__aexit__", exit);
}

PyObject *op_call_exit(PyObject *exit, PyObject *exc)
{
    PyObject *traceback = PyException_GetTraceback(exc);
    PyObject *args[4] = {NULL, (PyObject *)Py_TYPE(exc), exc, traceback ? traceback : Py_None};
    PyObject *result = PyObject_Vectorcall(exit, args + 1, 3 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    Py_XDECREF(traceback);
    return result;
}

/* ---- raise ---------------------------------------------------------------------------------------------------- */

static bool raise_again(void)
{
    PyObject *exc = PyErr_GetHandledException();
    if (!exc) {
        PyErr_SetString(PyExc_RuntimeError, "No active exception to reraise");
        return false;
    }
    PyErr_Restore(Py_NewRef(Py_TYPE(exc)), exc, PyException_GetTraceback(exc));
    return true;
}

/* An exception of the class or instance given. NULL with an exception set. */
static PyObject *make_exception(PyObject *given, const char *complaint)
{
    if (PyExceptionInstance_Check(given)) return Py_NewRef(given);
    if (!PyExceptionClass_Check(given)) {
        PyErr_SetString(PyExc_TypeError, complaint);
        return NULL;
    }
    PyObject *exc = PyObject_CallNoArgs(given);
    if (exc && !PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %R", given, Py_TYPE(exc));
        Py_CLEAR(exc);
    }
    return exc;
}

bool op_raise(PyThreadState *tstate, PyObject *given, PyObject *cause)
{
    if (!given) return raise_again();
    PyObject *exc = make_exception(given, "exceptions must derive from BaseException");
    if (exc && cause) {
        if (cause == Py_None) PyException_SetCause(exc, NULL);
        else {
            PyObject *made = make_exception(cause, "exception causes must derive from BaseException");
            if (made) PyException_SetCause(exc, made);
            else Py_CLEAR(exc);
        }
    }
    PyObject *handled = exc ? _PyErr_GetTopmostException(tstate)->exc_value : NULL;
    if (exc && (!handled || handled == Py_None) && !tstate->curexc_type) {      /* no context to be noted */
        tstate->curexc_type = Py_NewRef(Py_TYPE(exc));
        tstate->curexc_value = exc;
        tstate->curexc_traceback = Py_XNewRef(((PyBaseExceptionObject *)exc)->traceback);
    }
    else {
        if (exc) PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        Py_XDECREF(exc);
    }
    Py_XDECREF(cause);
    Py_DECREF(given);
    return false;
}

/* ---- except --------------------------------------------------------------------------------------------------- */

static int check_class(PyObject *type)
{
    if (PyExceptionClass_Check(type)) return 0;
    PyErr_SetString(PyExc_TypeError, "catching classes that do not inherit from BaseException is not allowed");
    return -1;
}

static int check_classes(PyObject *type)
{
    if (!PyTuple_Check(type)) return check_class(type);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type); i++) {
        if (check_class(PyTuple_GET_ITEM(type, i)) < 0) return -1;
    }
    return 0;
}

int op_exception_matches(PyObject *exc, PyObject *type)
{
    if (check_classes(type) < 0) return -1;
    return PyErr_GivenExceptionMatches(exc, type);
}

/* ---- except* (PEP 654) ---------------------------------------------------------------------------------------- */

static int is_group_class(PyObject *type)
{
    return PyObject_IsSubclass(type, PyExc_BaseExceptionGroup);
}

static int check_star_classes(PyObject *type)
{
    if (check_classes(type) < 0) return -1;
    Py_ssize_t count = PyTuple_Check(type) ? PyTuple_GET_SIZE(type) : 1;
    for (Py_ssize_t i = 0; i < count; i++) {
        int group = is_group_class(PyTuple_Check(type) ? PyTuple_GET_ITEM(type, i) : type);
        if (group < 0) return -1;
        if (group) {
            PyErr_SetString(PyExc_TypeError, "catching ExceptionGroup with except* is not allowed. Use except instead.");
            return -1;
        }
    }
    return 0;
}

static bool is_group(PyObject *exc) { return PyObject_TypeCheck(exc, (PyTypeObject *)PyExc_BaseExceptionGroup); }

/* A naked exception that matched, as a group of one. */
static PyObject *wrap_in_group(PyObject *exc)
{
    PyObject *group = PyObject_CallFunction(PyExc_BaseExceptionGroup, "s[O]", "", exc);
    return group;
}

int op_exception_group_match(PyObject *exc, PyObject *type, PyObject **match, PyObject **rest)
{
    if (!type || check_star_classes(type) < 0) return -1;
    if (exc == Py_None) {
        *match = Py_NewRef(Py_None);
        *rest = Py_NewRef(Py_None);
        return 0;
    }
    if (PyErr_GivenExceptionMatches(exc, type)) {
        *match = is_group(exc) ? Py_NewRef(exc) : wrap_in_group(exc);
        *rest = Py_NewRef(Py_None);
        if (!*match) {
            Py_CLEAR(*rest);
            return -1;
        }
        return 0;
    }
    if (is_group(exc)) {
        PyObject *pair = PyObject_CallMethodOneArg(exc, NAME(split), type);
        if (!pair) return -1;
        if (!PyTuple_CheckExact(pair) || PyTuple_GET_SIZE(pair) != 2) {
            PyErr_Format(PyExc_TypeError, "%.200s.split must return a 2-tuple", Py_TYPE(exc)->tp_name);
            Py_DECREF(pair);
            return -1;
        }
        *match = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
        *rest = Py_NewRef(PyTuple_GET_ITEM(pair, 1));
        Py_DECREF(pair);
        return 0;
    }
    *match = Py_NewRef(Py_None);
    *rest = Py_NewRef(exc);
    return 0;
}

/* Whether an exception was raised anew by a handler, or is (part of) the original going on: the latter shares the original's
 * context, cause, traceback and, for groups, notes. */
static bool has_same_metadata(PyObject *a, PyObject *b)
{
    PyBaseExceptionObject *x = (PyBaseExceptionObject *)a, *y = (PyBaseExceptionObject *)b;
    return x->notes == y->notes && x->traceback == y->traceback && x->cause == y->cause && x->context == y->context;
}

static int sort_raised(PyObject *original, PyObject *all, PyObject *raised, PyObject *reraised)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(all); i++) {
        PyObject *exc = PyList_GET_ITEM(all, i);
        if (exc == Py_None) continue;
        bool again = is_group(exc) && has_same_metadata(exc, original);
        if (PyList_Append(again ? reraised : raised, exc) < 0) return -1;
    }
    return 0;
}

/* The leaves of all reraised groups are what of the original goes on, in the original's shape. */
static PyObject *project(PyObject *original, PyObject *reraised)
{
    return exception_group_project(original, reraised);
}

PyObject *op_prepare_reraise_star(PyObject *original, PyObject *all)
{
    if (!original || !all) return NULL;
    if (!is_group(original)) {      /* a naked exception was wrapped: whatever the one handler raised goes on */
        if (PyList_GET_SIZE(all) == 0) return Py_NewRef(Py_None);
        return Py_NewRef(PyList_GET_ITEM(all, 0));
    }
    PyObject *raised = PyList_New(0), *reraised = PyList_New(0), *result = NULL, *rest = NULL;
    if (!raised || !reraised || sort_raised(original, all, raised, reraised) < 0) goto done;
    rest = project(original, reraised);
    if (!rest) goto done;
    if (PyList_GET_SIZE(raised) == 0) {
        result = Py_NewRef(rest);
        goto done;
    }
    if (rest != Py_None && PyList_Append(raised, rest) < 0) goto done;
    result = PyObject_CallFunction(PyExc_BaseExceptionGroup, "sO", "", raised);
done:
    Py_XDECREF(raised);
    Py_XDECREF(reraised);
    Py_XDECREF(rest);
    return result;
}
