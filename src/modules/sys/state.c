/* sys: the interpreter's settings, its frames and exceptions, sizes of objects. */
#include "modules/sys/sys.h"

#include <internal/krait_exports.h>

#include "memory/memory.h"
#include "objects/int/int.h"
#include "objects/thread_state.h"
#include "vm/vm.h"

/* ---- Exceptions ----------------------------------------------------------------------------------------------- */

static PyObject *sys_exc_info(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return _PyErr_StackItemToExcInfoTuple(_PyErr_GetTopmostException(thread_state()));
}

static PyObject *sys_exception(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    PyObject *value = _PyErr_GetTopmostException(thread_state())->exc_value;
    return Py_NewRef(value ? value : Py_None);
}

static PyObject *sys_exit(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("exit", nargs, 0, 1)) return NULL;
    PyErr_SetObject(PyExc_SystemExit, nargs ? args[0] : NULL);
    return NULL;
}

/* ---- Frames --------------------------------------------------------------------------------------------------- */

static PyObject *sys_getframe(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_getframe", nargs, 0, 1)) return NULL;
    int depth = nargs ? _PyLong_AsInt(args[0]) : 0;
    if (depth == -1 && PyErr_Occurred()) return NULL;
    Frame *frame = frame_current(thread_state());
    for (; frame && depth > 0; depth--) frame = frame_back(frame);
    if (!frame) {
        PyErr_SetString(PyExc_ValueError, "call stack is not deep enough");
        return NULL;
    }
    PyObject *object = Py_XNewRef((PyObject *)frame_object_borrow(frame));
    if (object && PySys_Audit("sys._getframe", "(O)", object) < 0) Py_CLEAR(object);
    return object;
}

static PyObject *sys_current_frames(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return _PyThread_CurrentFrames(); }
static PyObject *sys_current_exceptions(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return _PyThread_CurrentExceptions(); }

/* ---- Limits and intervals ------------------------------------------------------------------------------------- */

static PyObject *sys_getrecursionlimit(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(Py_GetRecursionLimit());
}

static PyObject *sys_setrecursionlimit(PyObject *Py_UNUSED(m), PyObject *o)
{
    int limit = _PyLong_AsInt(o);
    if (limit == -1 && PyErr_Occurred()) return NULL;
    if (limit < 1) {
        PyErr_SetString(PyExc_ValueError, "recursion limit must be greater or equal than 1");
        return NULL;
    }
    PyThreadState *tstate = thread_state();
    int depth = tstate->recursion_limit - tstate->recursion_remaining;
    if (depth >= limit) {
        return PyErr_Format(PyExc_RecursionError, "cannot set the recursion limit to %i at the recursion depth %i: the limit is too low",
                            limit, depth);
    }
    Py_SetRecursionLimit(limit);
    Py_RETURN_NONE;
}

static PyObject *sys_getswitchinterval(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return PyFloat_FromDouble(1e-6 * (double)_PyEval_GetSwitchInterval());
}

static PyObject *sys_setswitchinterval(PyObject *Py_UNUSED(m), PyObject *o)
{
    double seconds = PyFloat_AsDouble(o);
    if (seconds == -1.0 && PyErr_Occurred()) return NULL;
    if (seconds <= 0.0) {
        PyErr_SetString(PyExc_ValueError, "switch interval must be strictly positive");
        return NULL;
    }
    _PyEval_SetSwitchInterval((unsigned long)(1e6 * seconds));
    Py_RETURN_NONE;
}

static PyObject *sys_get_int_max_str_digits(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(int_runtime.max_str_digits);
}

static PyObject *sys_set_int_max_str_digits(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"maxdigits", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "set_int_max_str_digits"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, buffer);
    if (!args) return NULL;
    int digits = _PyLong_AsInt(args[0]);
    if (digits == -1 && PyErr_Occurred()) return NULL;
    if (digits != 0 && digits < 640) {
        PyErr_SetString(PyExc_ValueError, "maxdigits must be 0 or larger than 640");
        return NULL;
    }
    int_runtime.max_str_digits = digits;
    Py_RETURN_NONE;
}

/* ---- Strings and encodings ------------------------------------------------------------------------------------ */

static PyObject *sys_intern(PyObject *Py_UNUSED(m), PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        _PyArg_BadArgument("intern", "argument", "str", s);
        return NULL;
    }
    if (!PyUnicode_CheckExact(s)) return PyErr_Format(PyExc_TypeError, "can't intern %.400s", Py_TYPE(s)->tp_name);
    Py_INCREF(s);
    PyUnicode_InternInPlace(&s);
    return s;
}

static PyObject *sys_getdefaultencoding(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return PyUnicode_FromString("utf-8"); }

static PyObject *sys_getfilesystemencoding(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromWideChar(_Py_GetConfig()->filesystem_encoding, -1);
}

static PyObject *sys_getfilesystemencodeerrors(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return PyUnicode_FromWideChar(_Py_GetConfig()->filesystem_errors, -1);
}

/* ---- Objects and memory --------------------------------------------------------------------------------------- */

static PyObject *sys_getsizeof(PyObject *Py_UNUSED(m), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"object", "default", NULL};
    PyObject *o, *fallback = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:getsizeof", keywords, &o, &fallback)) return NULL;
    size_t size = _PySys_GetSizeOf(o);
    if (size == (size_t)-1 && PyErr_Occurred()) {
        if (!fallback || !PyErr_ExceptionMatches(PyExc_TypeError)) return NULL;
        PyErr_Clear();
        return Py_NewRef(fallback);
    }
    return PyLong_FromSize_t(size);
}

/* The VM lends arguments where the reference counts them: those count, too. */
static PyObject *sys_getrefcount(PyObject *Py_UNUSED(m), PyObject *o)
{
    PyThreadState *tstate = thread_state();
    return PyLong_FromSsize_t(Py_REFCNT(o) + frame_count_loans(tstate, o) + vm_argument_is_lent(tstate, sys_getrefcount));
}


static PyObject *sys_getallocatedblocks(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return PyLong_FromSsize_t(_Py_GetAllocatedBlocks()); }
static PyObject *sys_getquickenedcount(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return PyLong_FromLong(0); }

static PyObject *sys_debugmallocstats(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    if (_PyObject_DebugMallocStats(stderr)) fputc('\n', stderr);
    _PyObject_DebugTypeStats(stderr);
    Py_RETURN_NONE;
}

static PyObject *sys_clear_type_cache(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    PyType_ClearCache();
    Py_RETURN_NONE;
}

/* ---- The process ---------------------------------------------------------------------------------------------- */

static PyObject *sys_is_finalizing(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return PyBool_FromLong(_Py_IsFinalizing()); }

static PyObject *sys_getdlopenflags(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    PyObject *flags = PySys_GetObject("_dlopenflags");
    return flags ? Py_NewRef(flags) : PyLong_FromLong(2);
}

static PyObject *sys_setdlopenflags(PyObject *Py_UNUSED(m), PyObject *o)
{
    int flags = _PyLong_AsInt(o);
    if (flags == -1 && PyErr_Occurred()) return NULL;
    PyObject *number = PyLong_FromLong(flags);
    int failed = !number || PySys_SetObject("_dlopenflags", number) < 0;
    Py_XDECREF(number);
    if (failed) return NULL;
    Py_RETURN_NONE;
}

#define NO_ARGUMENTS(name, function, doc) {#name, function, METH_NOARGS, PyDoc_STR(#name "($module, /)\n--\n\n" doc)}

PyMethodDef sys_state_methods[] = {
    NO_ARGUMENTS(_clear_type_cache, sys_clear_type_cache, "Clear the cache of attributes of types."),
    NO_ARGUMENTS(_current_frames, sys_current_frames, "Return a dict of each thread's innermost frame.\n\nThe keys are thread ids."),
    NO_ARGUMENTS(_current_exceptions, sys_current_exceptions, "Return a dict of the exception that each thread handles.\n\nThe keys are thread ids."),
    NO_ARGUMENTS(_debugmallocstats, sys_debugmallocstats, "Print statistics of the memory allocator to stderr."),
    NO_ARGUMENTS(_getquickenedcount, sys_getquickenedcount, "Return 0: code is not quickened in place."),
    {"_getframe", (PyCFunction)(void *)sys_getframe, METH_FASTCALL,
     PyDoc_STR("_getframe($module, depth=0, /)\n--\n\nReturn a frame of the call stack: the caller's, or one `depth` calls below it.")},
    NO_ARGUMENTS(exc_info, sys_exc_info, "Return (type, value, traceback) of the exception being handled, or Nones."),
    NO_ARGUMENTS(exception, sys_exception, "Return the exception being handled, or None."),
    {"exit", (PyCFunction)(void *)sys_exit, METH_FASTCALL,
     PyDoc_STR("exit($module, status=None, /)\n--\n\nLeave the interpreter by raising SystemExit(status).\n\nNone means 0, an int is the exit status, anything else is printed and the\nstatus is 1.")},
    NO_ARGUMENTS(get_int_max_str_digits, sys_get_int_max_str_digits, "Return the limit of digits in conversions between int and str."),
    {"set_int_max_str_digits", (PyCFunction)(void *)sys_set_int_max_str_digits, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("set_int_max_str_digits($module, /, maxdigits)\n--\n\nSet the limit of digits in conversions between int and str.")},
    NO_ARGUMENTS(getallocatedblocks, sys_getallocatedblocks, "Return the number of memory blocks in use."),
    NO_ARGUMENTS(getdefaultencoding, sys_getdefaultencoding, "Return the default encoding of str."),
    NO_ARGUMENTS(getdlopenflags, sys_getdlopenflags, "Return the flags for dlopen()."),
    {"setdlopenflags", sys_setdlopenflags, METH_O, PyDoc_STR("setdlopenflags($module, flags, /)\n--\n\nSet the flags for dlopen(), which loads extension modules.")},
    NO_ARGUMENTS(getfilesystemencodeerrors, sys_getfilesystemencodeerrors, "Return the error handler for file names."),
    NO_ARGUMENTS(getfilesystemencoding, sys_getfilesystemencoding, "Return the encoding of file names."),
    NO_ARGUMENTS(getrecursionlimit, sys_getrecursionlimit, "Return the limit of nested calls."),
    {"setrecursionlimit", sys_setrecursionlimit, METH_O, PyDoc_STR("setrecursionlimit($module, limit, /)\n--\n\nSet the limit of nested calls.")},
    {"getrefcount", sys_getrefcount, METH_O,
     PyDoc_STR("getrefcount($module, object, /)\n--\n\nReturn the reference count of an object, which includes the argument's.")},
    {"getsizeof", (PyCFunction)(void *)sys_getsizeof, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("getsizeof(object [, default]) -> int\n\nThe size of an object in bytes.")},
    NO_ARGUMENTS(getswitchinterval, sys_getswitchinterval, "Return the interval of thread switches, in seconds."),
    {"setswitchinterval", sys_setswitchinterval, METH_O, PyDoc_STR("setswitchinterval($module, interval, /)\n--\n\nSet the interval of thread switches, in seconds.")},
    {"intern", sys_intern, METH_O, PyDoc_STR("intern($module, string, /)\n--\n\nReturn the one string of this text in the table of interned strings.")},
    NO_ARGUMENTS(is_finalizing, sys_is_finalizing, "Return whether the interpreter is ending."),
    {0},
};
