/* The error indicator of a thread, and raising from C (the manual: c-api/exceptions).
 *
 * The indicator is three fields of the thread state, owned: type, value (which may be missing or not yet an instance) and
 * traceback. Texts that Python code shows are printed by runtime/.
 */
#include <Python.h>

#include "internal/krait_exports.h"
#include "objects/exceptions/exceptions.h"
#include "objects/interrupt.h"
#include "objects/names.h"
#include "objects/thread_state.h"

struct InterruptRuntime interrupt_runtime;

/* ---- The indicator --------------------------------------------------------------------------------------------- */

void _PyErr_Restore(PyThreadState *tstate, PyObject *type, PyObject *value, PyObject *traceback)
{
    PyObject *old_type = tstate->curexc_type, *old_value = tstate->curexc_value, *old_traceback = tstate->curexc_traceback;
    if (traceback && !PyTraceBack_Check(traceback)) Py_CLEAR(traceback);
    tstate->curexc_type = type;
    tstate->curexc_value = value;
    tstate->curexc_traceback = traceback;
    Py_XDECREF(old_type);
    Py_XDECREF(old_value);
    Py_XDECREF(old_traceback);
}

void PyErr_Restore(PyObject *type, PyObject *value, PyObject *traceback) { _PyErr_Restore(thread_state(), type, value, traceback); }

void _PyErr_Fetch(PyThreadState *tstate, PyObject **type, PyObject **value, PyObject **traceback)
{
    *type = tstate->curexc_type;
    *value = tstate->curexc_value;
    *traceback = tstate->curexc_traceback;
    tstate->curexc_type = tstate->curexc_value = tstate->curexc_traceback = NULL;
}

void PyErr_Fetch(PyObject **type, PyObject **value, PyObject **traceback) { _PyErr_Fetch(thread_state(), type, value, traceback); }

void _PyErr_Clear(PyThreadState *tstate) { _PyErr_Restore(tstate, NULL, NULL, NULL); }
void PyErr_Clear(void) { _PyErr_Clear(thread_state()); }

PyObject *PyErr_Occurred(void)
{
    PyThreadState *tstate = thread_state();
    return tstate ? tstate->curexc_type : NULL;
}

/* ---- The exception being handled ------------------------------------------------------------------------------- */

_PyErr_StackItem *_PyErr_GetTopmostException(PyThreadState *tstate)
{
    _PyErr_StackItem *item = tstate->exc_info;
    while ((!item->exc_value || item->exc_value == Py_None) && item->previous_item) item = item->previous_item;
    return item;
}

PyObject *_PyErr_GetHandledException(PyThreadState *tstate)
{
    PyObject *exc = _PyErr_GetTopmostException(tstate)->exc_value;
    return exc == Py_None ? NULL : Py_XNewRef(exc);
}

PyObject *PyErr_GetHandledException(void) { return _PyErr_GetHandledException(thread_state()); }

void _PyErr_SetHandledException(PyThreadState *tstate, PyObject *exc)
{
    Py_XSETREF(tstate->exc_info->exc_value, Py_XNewRef(exc == Py_None ? NULL : exc));
}

void PyErr_SetHandledException(PyObject *exc) { _PyErr_SetHandledException(thread_state(), exc); }

static PyObject *class_of(PyObject *exc) { return exc ? Py_NewRef(Py_TYPE(exc)) : Py_NewRef(Py_None); }

static PyObject *traceback_of(PyObject *exc)
{
    PyObject *traceback = exc ? PyException_GetTraceback(exc) : NULL;
    return traceback ? traceback : Py_NewRef(Py_None);
}

void _PyErr_GetExcInfo(PyThreadState *tstate, PyObject **type, PyObject **value, PyObject **traceback)
{
    PyObject *exc = _PyErr_GetHandledException(tstate);
    *type = class_of(exc);
    *traceback = traceback_of(exc);
    *value = exc ? exc : Py_NewRef(Py_None);
}

void PyErr_GetExcInfo(PyObject **type, PyObject **value, PyObject **traceback) { _PyErr_GetExcInfo(thread_state(), type, value, traceback); }

/* Steals all three; type and traceback are those of the value. */
void PyErr_SetExcInfo(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyErr_SetHandledException(value);
    Py_XDECREF(value);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}

PyObject *_PyErr_StackItemToExcInfoTuple(_PyErr_StackItem *item)
{
    PyObject *exc = item->exc_value == Py_None ? NULL : item->exc_value;
    PyObject *tuple = PyTuple_New(3);
    if (!tuple) return NULL;
    PyTuple_SET_ITEM(tuple, 0, class_of(exc));
    PyTuple_SET_ITEM(tuple, 1, Py_NewRef(exc ? exc : Py_None));
    PyTuple_SET_ITEM(tuple, 2, traceback_of(exc));
    return tuple;
}

/* ---- Matching -------------------------------------------------------------------------------------------------- */

int PyErr_GivenExceptionMatches(PyObject *given, PyObject *type)
{
    if (!given || !type) return 0;
    if (PyTuple_Check(type)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type); i++) {
            if (PyErr_GivenExceptionMatches(given, PyTuple_GET_ITEM(type, i))) return 1;
        }
        return 0;
    }
    if (PyExceptionInstance_Check(given)) given = (PyObject *)Py_TYPE(given);
    if (PyExceptionClass_Check(given) && PyExceptionClass_Check(type)) {
        return PyType_IsSubtype((PyTypeObject *)given, (PyTypeObject *)type);
    }
    return given == type;
}

int _PyErr_ExceptionMatches(PyThreadState *tstate, PyObject *type) { return PyErr_GivenExceptionMatches(tstate->curexc_type, type); }
int PyErr_ExceptionMatches(PyObject *type) { return _PyErr_ExceptionMatches(thread_state(), type); }

/* ---- Raising --------------------------------------------------------------------------------------------------- */

/* An instance of the class for a value as PyErr_SetObject takes it: nothing, one argument, or a tuple of them. New. */
static PyObject *instantiate(PyObject *type, PyObject *value)
{
    PyObject *exc = !value || value == Py_None ? PyObject_CallNoArgs(type)
                    : PyTuple_Check(value)     ? PyObject_Vectorcall(type, ((PyTupleObject *)value)->ob_item,
                                                                     (size_t)PyTuple_GET_SIZE(value), NULL)
                                               : PyObject_CallOneArg(type, value);
    if (exc && !PyExceptionInstance_Check(exc)) {
        PyErr_Format(PyExc_TypeError, "calling %R should have returned an instance of BaseException, not %s", type,
                     Py_TYPE(exc)->tp_name);
        Py_CLEAR(exc);
    }
    return exc;
}

/* Removes `exc` from the chain of contexts that starts at `handled`, so that making it the newest cannot close a circle. A chain
 * that is a circle already (Python code can make one) is noticed by a second, slower walker. */
static void break_cycle(PyObject *handled, PyObject *exc)
{
    PyObject *o = handled, *slow = handled, *context;
    bool step = false;
    while ((context = ((PyBaseExceptionObject *)o)->context)) {
        if (context == exc) {
            PyException_SetContext(o, NULL);
            return;
        }
        o = context;
        if (o == slow) return;
        if (step) slow = ((PyBaseExceptionObject *)slow)->context;
        step = !step;
    }
}

void _PyErr_SetObject(PyThreadState *tstate, PyObject *type, PyObject *value)
{
    if (type && !PyExceptionClass_Check(type)) {
        _PyErr_Format(tstate, PyExc_SystemError, "_PyErr_SetObject: exception %R is not a BaseException subclass", type);
        return;
    }
    Py_XINCREF(value);
    PyObject *handled = _PyErr_GetTopmostException(tstate)->exc_value;
    if (handled && handled != Py_None) {
        _PyErr_Clear(tstate);
        if (!value || !PyExceptionInstance_Check(value) || !PyObject_TypeCheck(value, (PyTypeObject *)type)) {
            Py_INCREF(handled);
            PyObject *made = instantiate(type, value);
            Py_XDECREF(value);
            if (!made) {
                Py_DECREF(handled);
                return;     /* the constructor's exception takes its place */
            }
            value = made;
        }
        else Py_INCREF(handled);
        if (handled != value) {
            break_cycle(handled, value);
            PyException_SetContext(value, handled);
        }
        else Py_DECREF(handled);
    }
    PyObject *traceback = value && PyExceptionInstance_Check(value) ? PyException_GetTraceback(value) : NULL;
    _PyErr_Restore(tstate, Py_XNewRef(type), value, traceback);
}

void PyErr_SetObject(PyObject *type, PyObject *value) { _PyErr_SetObject(thread_state(), type, value); }

/* The key is wrapped, so that a tuple is not taken for the arguments. */
void _PyErr_SetKeyError(PyObject *key)
{
    PyObject *args = PyTuple_Pack(1, key);
    if (!args) return;
    PyErr_SetObject(PyExc_KeyError, args);
    Py_DECREF(args);
}

void _PyErr_SetNone(PyThreadState *tstate, PyObject *type) { _PyErr_SetObject(tstate, type, NULL); }
void PyErr_SetNone(PyObject *type) { PyErr_SetObject(type, NULL); }

void _PyErr_SetString(PyThreadState *tstate, PyObject *type, const char *text)
{
    PyObject *value = PyUnicode_FromString(text);
    if (!value) return;
    _PyErr_SetObject(tstate, type, value);
    Py_DECREF(value);
}

void PyErr_SetString(PyObject *type, const char *text) { _PyErr_SetString(thread_state(), type, text); }

static PyObject *format_v(PyThreadState *tstate, PyObject *type, const char *format, va_list args)
{
    _PyErr_Clear(tstate);       /* formatting may call code that minds */
    PyObject *text = PyUnicode_FromFormatV(format, args);
    /* Without a text, if a %R failed: as in the reference. But that memory ran out is not to be lost. */
    if (text || !_PyErr_ExceptionMatches(tstate, PyExc_MemoryError)) _PyErr_SetObject(tstate, type, text);
    Py_XDECREF(text);
    return NULL;
}

PyObject *PyErr_FormatV(PyObject *type, const char *format, va_list args) { return format_v(thread_state(), type, format, args); }

PyObject *PyErr_Format(PyObject *type, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_v(thread_state(), type, format, args);
    va_end(args);
    return NULL;
}

PyObject *_PyErr_Format(PyThreadState *tstate, PyObject *type, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_v(tstate, type, format, args);
    va_end(args);
    return NULL;
}

int PyErr_BadArgument(void)
{
    PyErr_SetString(PyExc_TypeError, "bad argument type for built-in operation");
    return 0;
}

PyObject *_PyErr_NoMemory(PyThreadState *tstate)
{
    PyObject *exc = NULL;
    /* When none is kept ready and there is no memory for one, allocating comes back to here. */
    if (!exceptions_runtime.making_memory_error) {
        exceptions_runtime.making_memory_error = true;
        exc = ((PyTypeObject *)PyExc_MemoryError)->tp_new((PyTypeObject *)PyExc_MemoryError, NULL, NULL);
        exceptions_runtime.making_memory_error = false;
    }
    if (exc) {
        _PyErr_SetObject(tstate, PyExc_MemoryError, exc);
        Py_DECREF(exc);
    }
    else _PyErr_Restore(tstate, Py_NewRef(PyExc_MemoryError), NULL, NULL);
    return NULL;
}

PyObject *PyErr_NoMemory(void) { return _PyErr_NoMemory(thread_state()); }

void _PyErr_BadInternalCall(const char *file, int line)
{
    PyErr_Format(PyExc_SystemError, "%s:%d: bad argument to internal function", file, line);
}

#undef PyErr_BadInternalCall
void PyErr_BadInternalCall(void)
{
    PyErr_Format(PyExc_SystemError, "bad argument to internal function");
}

PyObject *PyErr_SetImportErrorSubclass(PyObject *type, PyObject *msg, PyObject *name, PyObject *path)
{
    int import_error = PyObject_IsSubclass(type, PyExc_ImportError);
    if (import_error < 0) return NULL;
    if (!import_error) {
        PyErr_SetString(PyExc_TypeError, "expected a subclass of ImportError");
        return NULL;
    }
    if (!msg) {
        PyErr_SetString(PyExc_TypeError, "expected a message argument");
        return NULL;
    }
    PyObject *kwargs = PyDict_New(), *args = kwargs ? PyTuple_Pack(1, msg) : NULL, *exc = NULL;
    if (args && PyDict_SetItem(kwargs, NAME(name), name ? name : Py_None) == 0
        && PyDict_SetItem(kwargs, NAME(path), path ? path : Py_None) == 0) {
        exc = PyObject_Call(type, args, kwargs);
    }
    if (exc) {
        PyErr_SetObject((PyObject *)Py_TYPE(exc), exc);
        Py_DECREF(exc);
    }
    Py_XDECREF(kwargs);
    Py_XDECREF(args);
    return NULL;
}

PyObject *PyErr_SetImportError(PyObject *msg, PyObject *name, PyObject *path)
{
    return PyErr_SetImportErrorSubclass(PyExc_ImportError, msg, name, path);
}

/* ---- Normalising ------------------------------------------------------------------------------------------------ */

enum { MAX_NORMALISE = 32 };

static void normalise(PyThreadState *tstate, PyObject **type, PyObject **value, PyObject **traceback)
{
    for (int depth = 0;; depth++) {
        if (!*type) return;
        if (!*value) *value = Py_NewRef(Py_None);
        if (!PyExceptionClass_Check(*type)) return;
        PyObject *old_traceback;
        int instance = 0;
        if (PyExceptionInstance_Check(*value)) {
            instance = PyObject_IsSubclass((PyObject *)Py_TYPE(*value), *type);
            if (instance < 0) goto failed;
        }
        if (instance) {
            if ((PyObject *)Py_TYPE(*value) != *type) Py_SETREF(*type, Py_NewRef(Py_TYPE(*value)));
            return;
        }
        /* The news that the stack is used up must itself find room; what these two are made by is bounded. */
        bool spare = *type == PyExc_RecursionError || *type == PyExc_MemoryError;
        tstate->recursion_headroom += spare;
        PyObject *made = instantiate(*type, *value);
        tstate->recursion_headroom -= spare;
        if (made) {
            Py_SETREF(*value, made);
            return;
        }
failed: /* making the exception raised another, which takes its place */
        Py_CLEAR(*type);
        Py_CLEAR(*value);
        if (depth == MAX_NORMALISE) {
            _PyErr_SetString(tstate, PyExc_RecursionError, "maximum recursion depth exceeded while normalizing an exception");
        }
        old_traceback = *traceback;
        _PyErr_Fetch(tstate, type, value, traceback);
        if (old_traceback) {
            if (*traceback) Py_DECREF(old_traceback);
            else *traceback = old_traceback;
        }
        if (depth >= MAX_NORMALISE + 2) Py_FatalError("Cannot recover from MemoryErrors while normalizing exceptions.");
    }
}

void _PyErr_NormalizeException(PyThreadState *tstate, PyObject **type, PyObject **value, PyObject **traceback)
{
    tstate->recursion_headroom++;       /* some calls more than the limit allows */
    normalise(tstate, type, value, traceback);
    tstate->recursion_headroom--;
}

void PyErr_NormalizeException(PyObject **type, PyObject **value, PyObject **traceback)
{
    _PyErr_NormalizeException(thread_state(), type, value, traceback);
}

/* ---- Chaining --------------------------------------------------------------------------------------------------- */

/* Makes (type, value, traceback), stolen, the context of the current exception, or, if there is none, the current one. */
void _PyErr_ChainExceptions(PyObject *type, PyObject *value, PyObject *traceback)
{
    PyThreadState *tstate = thread_state();
    if (!type) return;
    if (!PyExceptionClass_Check(type)) {
        PyErr_Format(PyExc_SystemError, "_PyErr_ChainExceptions: exception %R is not a BaseException subclass", type);
        return;
    }
    if (!tstate->curexc_type) {
        _PyErr_Restore(tstate, type, value, traceback);
        return;
    }
    PyObject *type2, *value2, *traceback2;
    _PyErr_Fetch(tstate, &type2, &value2, &traceback2);
    _PyErr_NormalizeException(tstate, &type, &value, &traceback);
    if (traceback) PyException_SetTraceback(value, traceback);
    _PyErr_NormalizeException(tstate, &type2, &value2, &traceback2);
    PyException_SetContext(value2, value);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    _PyErr_Restore(tstate, type2, value2, traceback2);
}

/* The exception that a suspended generator was handling becomes the context of the one that is thrown into it. item NULL: the one
 * that this thread is handling. */
void _PyErr_ChainStackItem(_PyErr_StackItem *item)
{
    PyThreadState *tstate = thread_state();
    if (!item) item = tstate->exc_info;
    if (!item->exc_value || item->exc_value == Py_None || !tstate->curexc_type) return;
    PyObject *type, *value, *traceback;
    _PyErr_Fetch(tstate, &type, &value, &traceback);
    _PyErr_NormalizeException(tstate, &type, &value, &traceback);
    if (value && !((PyBaseExceptionObject *)value)->context && value != item->exc_value) {
        break_cycle(item->exc_value, value);
        PyException_SetContext(value, Py_NewRef(item->exc_value));
    }
    _PyErr_Restore(tstate, type, value, traceback);
}

static PyObject *format_from_cause(PyThreadState *tstate, PyObject *type, const char *format, va_list args)
{
    PyObject *type1, *cause, *traceback, *type2, *value, *traceback2;
    _PyErr_Fetch(tstate, &type1, &cause, &traceback);
    _PyErr_NormalizeException(tstate, &type1, &cause, &traceback);
    if (traceback) {
        PyException_SetTraceback(cause, traceback);
        Py_DECREF(traceback);
    }
    Py_XDECREF(type1);
    format_v(tstate, type, format, args);
    _PyErr_Fetch(tstate, &type2, &value, &traceback2);
    _PyErr_NormalizeException(tstate, &type2, &value, &traceback2);
    PyException_SetCause(value, Py_NewRef(cause));
    PyException_SetContext(value, cause);
    _PyErr_Restore(tstate, type2, value, traceback2);
    return NULL;
}

PyObject *_PyErr_FormatFromCause(PyObject *type, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_from_cause(thread_state(), type, format, args);
    va_end(args);
    return NULL;
}

PyObject *_PyErr_FormatFromCauseTstate(PyThreadState *tstate, PyObject *type, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    format_from_cause(tstate, type, format, args);
    va_end(args);
    return NULL;
}

/* Wraps the current exception in one of the same class whose text begins with a prefix, where its class is simple enough for
 * that: no state of its own, and one str argument at most. The new exception, borrowed, or NULL; one is set either way. */
PyObject *_PyErr_TrySetFromCause(const char *format, ...)
{
    PyThreadState *tstate = thread_state();
    PyObject *type, *value, *traceback;
    _PyErr_Fetch(tstate, &type, &value, &traceback);
    _PyErr_NormalizeException(tstate, &type, &value, &traceback);
    PyTypeObject *class = Py_TYPE(value), *plain = (PyTypeObject *)PyExc_BaseException;
    PyBaseExceptionObject *e = (PyBaseExceptionObject *)value;
    Py_ssize_t more = class->tp_basicsize - plain->tp_basicsize;
    bool same_size = more == 0 || (more == (Py_ssize_t)sizeof(PyObject *) && PyType_SUPPORTS_WEAKREFS(class));
    bool simple = class->tp_init == plain->tp_init && class->tp_new == plain->tp_new && same_size
                  && class->tp_itemsize == plain->tp_itemsize && !(e->dict && PyDict_GET_SIZE(e->dict));
    if (simple) {
        Py_ssize_t n = PyTuple_GET_SIZE(e->args);
        simple = n == 0 || (n == 1 && PyUnicode_CheckExact(PyTuple_GET_ITEM(e->args, 0)));
    }
    if (!simple) {
        _PyErr_Restore(tstate, type, value, traceback);
        return NULL;
    }
    if (traceback) {
        PyException_SetTraceback(value, traceback);
        Py_DECREF(traceback);
    }
    va_list args;
    va_start(args, format);
    PyObject *prefix = PyUnicode_FromFormatV(format, args);
    va_end(args);
    PyObject *wrapped = NULL;
    if (prefix) {
        PyErr_Format(type, "%U (%s: %S)", prefix, class->tp_name, value);
        Py_DECREF(prefix);
        PyObject *type2, *value2, *traceback2;
        _PyErr_Fetch(tstate, &type2, &value2, &traceback2);
        _PyErr_NormalizeException(tstate, &type2, &value2, &traceback2);
        PyException_SetCause(value2, Py_NewRef(value));
        PyException_SetContext(value2, Py_NewRef(value));
        _PyErr_Restore(tstate, type2, value2, traceback2);
        wrapped = value2;
    }
    Py_DECREF(type);
    Py_DECREF(value);
    return wrapped;
}

/* ---- New classes ------------------------------------------------------------------------------------------------ */

PyObject *PyErr_NewException(const char *name, PyObject *base, PyObject *dict)
{
    const char *dot = strrchr(name, '.');
    if (!dot) {
        PyErr_SetString(PyExc_SystemError, "PyErr_NewException: name must be module.class");
        return NULL;
    }
    PyObject *own_dict = NULL, *bases = NULL, *module = NULL, *result = NULL;
    if (!base) base = PyExc_Exception;
    if (!dict && !(dict = own_dict = PyDict_New())) return NULL;
    int known = PyDict_Contains(dict, NAME(__module__));
    if (known < 0) goto done;
    if (!known) {
        module = PyUnicode_FromStringAndSize(name, dot - name);
        if (!module || PyDict_SetItem(dict, NAME(__module__), module) < 0) goto done;
    }
    bases = PyTuple_Check(base) ? Py_NewRef(base) : PyTuple_Pack(1, base);
    if (bases) result = PyObject_CallFunction((PyObject *)&PyType_Type, "sOO", dot + 1, bases, dict);
done:
    Py_XDECREF(own_dict);
    Py_XDECREF(bases);
    Py_XDECREF(module);
    return result;
}

PyObject *PyErr_NewExceptionWithDoc(const char *name, const char *doc, PyObject *base, PyObject *dict)
{
    PyObject *own_dict = NULL, *result = NULL;
    if (!dict && !(dict = own_dict = PyDict_New())) return NULL;
    if (doc) {
        PyObject *text = PyUnicode_FromString(doc);
        int failed = text ? PyDict_SetItem(dict, NAME(__doc__), text) : -1;
        Py_XDECREF(text);
        if (failed) goto done;
    }
    result = PyErr_NewException(name, base, dict);
done:
    Py_XDECREF(own_dict);
    return result;
}
