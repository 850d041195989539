/* sys: functions that the interpreter calls, and the settings of those it may call. */
#include "modules/sys/sys.h"

#include <frameobject.h>
#include <internal/krait_exports.h>
#include <internal/pycore_frame.h>

#include "objects/names.h"
#include "objects/thread_state.h"
#include "runtime/state.h"

/* ---- Displaying ----------------------------------------------------------------------------------------------- */

/* The text cannot be encoded for stdout: written with backslash escapes instead. -1 with an exception set. */
static int display_escaped(PyObject *out, PyObject *o)
{
    PyObject *text = PyObject_Repr(o), *encoding = NULL, *bytes = NULL, *buffer = NULL, *result = NULL;
    if (!text) return -1;
    encoding = PyObject_GetAttr(out, NAME(encoding));
    const char *name = encoding ? PyUnicode_AsUTF8(encoding) : NULL;
    if (!name) goto done;
    bytes = PyUnicode_AsEncodedString(text, name, "backslashreplace");
    if (!bytes || _PyObject_LookupAttr(out, NAME(buffer), &buffer) < 0) goto done;
    if (buffer) result = PyObject_CallMethod(buffer, "write", "O", bytes);
    else {
        Py_SETREF(text, PyUnicode_FromEncodedObject(bytes, name, "strict"));
        result = text && PyFile_WriteObject(text, out, Py_PRINT_RAW) == 0 ? Py_NewRef(Py_None) : NULL;
    }
done:
    Py_XDECREF(text);
    Py_XDECREF(encoding);
    Py_XDECREF(bytes);
    Py_XDECREF(buffer);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static PyObject *sys_displayhook(PyObject *Py_UNUSED(m), PyObject *o)
{
    PyObject *builtins = PyImport_GetModule(NAME(builtins));
    if (!builtins) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "lost builtins module");
        return NULL;
    }
    Py_DECREF(builtins);
    if (o == Py_None) Py_RETURN_NONE;
    if (PyObject_SetAttr(builtins, NAME(_), Py_None) < 0) return NULL;
    PyObject *out = PySys_GetObject("stdout");
    if (!out || out == Py_None) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
        return NULL;
    }
    Py_INCREF(out);
    int failed = PyFile_WriteObject(o, out, 0);
    if (failed && PyErr_ExceptionMatches(PyExc_UnicodeEncodeError)) {
        PyErr_Clear();
        failed = display_escaped(out, o);
    }
    if (!failed) failed = PyFile_WriteString("\n", out);
    Py_DECREF(out);
    if (failed || PyObject_SetAttr(builtins, NAME(_), o) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *sys_excepthook(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("excepthook", nargs, 3, 3)) return NULL;
    PyErr_Display(args[0], args[1], args[2]);
    Py_RETURN_NONE;
}

PyObject *unraisable_default_hook(PyObject *arguments);

static PyObject *sys_unraisablehook(PyObject *Py_UNUSED(m), PyObject *arguments) { return unraisable_default_hook(arguments); }

/* breakpoint(): what PYTHONBREAKPOINT names, pdb.set_trace by default. */
static PyObject *sys_breakpointhook(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    const char *given = Py_GETENV("PYTHONBREAKPOINT");
    if (!given || !*given) given = "pdb.set_trace";
    else if (strcmp(given, "0") == 0) Py_RETURN_NONE;
    char *text = _PyMem_RawStrdup(given);
    if (!text) return PyErr_NoMemory();
    char *dot = strrchr(text, '.');
    const char *attribute = dot ? dot + 1 : text, *module_name = dot ? text : "builtins";
    if (dot) *dot = 0;
    PyObject *result = NULL, *hook = NULL;
    PyObject *module = dot == text ? NULL : PyImport_ImportModule(module_name);
    if (!module) {
        if (dot == text || PyErr_ExceptionMatches(PyExc_ImportError)) goto warn;
        goto done;
    }
    hook = PyObject_GetAttrString(module, attribute);
    Py_DECREF(module);
    if (!hook) {
        if (PyErr_ExceptionMatches(PyExc_AttributeError)) goto warn;
        goto done;
    }
    result = PyObject_Vectorcall(hook, args, (size_t)nargs, kwnames);
    Py_DECREF(hook);
done:
    PyMem_RawFree(text);
    return result;
warn:
    PyErr_Clear();
    PyMem_RawFree(text);
    if (PyErr_WarnFormat(PyExc_RuntimeWarning, 0, "Ignoring unimportable $PYTHONBREAKPOINT: \"%s\"", given) < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- Tracing -------------------------------------------------------------------------------------------------- */

static PyObject *event_name(int what)
{
    PyObject *const names[] = {NAME(call), NAME(exception), NAME(line), NAME(return), NAME(c_call), NAME(c_exception),
                               NAME(c_return), NAME(opcode)};
    return names[what];
}

static PyObject *call_tracer(PyObject *callback, PyFrameObject *frame, int what, PyObject *argument)
{
    PyObject *args[] = {(PyObject *)frame, event_name(what), argument ? argument : Py_None};
    PyObject *result = PyObject_Vectorcall(callback, args, 3, NULL);
    PyFrame_LocalsToFast(frame, 1);
    if (!result) PyTraceBack_Here(frame);
    return result;
}

static int profile_trampoline(PyObject *self, PyFrameObject *frame, int what, PyObject *argument)
{
    PyObject *result = call_tracer(self, frame, what, argument);
    if (!result) {
        _PyEval_SetProfile(thread_state(), NULL, NULL);
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

/* A call goes to the global tracer, whose result traces the frame; all else goes to the frame's. */
static int trace_trampoline(PyObject *self, PyFrameObject *frame, int what, PyObject *argument)
{
    PyObject *callback = what == PyTrace_CALL ? self : frame->f_trace;
    if (!callback) return 0;
    PyObject *result = call_tracer(callback, frame, what, argument);
    if (!result) {
        _PyEval_SetTrace(thread_state(), NULL, NULL);
        Py_CLEAR(frame->f_trace);
        return -1;
    }
    if (result != Py_None) Py_XSETREF(frame->f_trace, result);
    else Py_DECREF(result);
    return 0;
}

static PyObject *sys_settrace(PyObject *Py_UNUSED(m), PyObject *function)
{
    int failed = _PyEval_SetTrace(thread_state(), function == Py_None ? NULL : trace_trampoline, function == Py_None ? NULL : function);
    if (failed < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *sys_setprofile(PyObject *Py_UNUSED(m), PyObject *function)
{
    int failed = _PyEval_SetProfile(thread_state(), function == Py_None ? NULL : profile_trampoline, function == Py_None ? NULL : function);
    if (failed < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *sys_gettrace(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    PyObject *o = thread_state()->c_traceobj;
    return Py_NewRef(o ? o : Py_None);
}

static PyObject *sys_getprofile(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    PyObject *o = thread_state()->c_profileobj;
    return Py_NewRef(o ? o : Py_None);
}

/* function(*args) as if no tracer were at work. */
static PyObject *sys_call_tracing(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("call_tracing", nargs, 2, 2)) return NULL;
    if (!PyTuple_Check(args[1])) {
        _PyArg_BadArgument("call_tracing", "argument 2", "tuple", args[1]);
        return NULL;
    }
    PyThreadState *tstate = thread_state();
    int tracing = tstate->tracing;
    uint8_t use = tstate->cframe->use_tracing;
    tstate->tracing = 0;
    tstate->cframe->use_tracing = tstate->c_tracefunc || tstate->c_profilefunc ? 255 : 0;
    PyObject *result = PyObject_Call(args[0], args[1], NULL);
    tstate->tracing = tracing;
    tstate->cframe->use_tracing = use;
    return result;
}

/* ---- Audit ---------------------------------------------------------------------------------------------------- */

static PyObject *sys_addaudithook(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"hook", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "addaudithook"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, buffer);
    if (!args) return NULL;
    if (PySys_Audit("sys.addaudithook", NULL) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_Exception)) return NULL;
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (!interp->audit_hooks) {
        if (!(interp->audit_hooks = PyList_New(0))) return NULL;
        PyObject_GC_UnTrack(interp->audit_hooks);       /* no program gets at it, so that no hook can be taken off */
    }
    if (PyList_Append(interp->audit_hooks, args[0]) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *sys_audit(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs == 0) {
        PyErr_SetString(PyExc_TypeError, "audit() missing 1 required positional argument: 'event'");
        return NULL;
    }
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (!runtime_state.audit_hooks && !interp->audit_hooks) Py_RETURN_NONE;
    if (!PyUnicode_Check(args[0])) {
        return PyErr_Format(PyExc_TypeError, "expected str for argument 'event', not %.200s", Py_TYPE(args[0])->tp_name);
    }
    const char *event = PyUnicode_AsUTF8(args[0]);
    PyObject *rest = event ? PyTuple_New(nargs - 1) : NULL;
    if (!rest) return NULL;
    for (Py_ssize_t i = 1; i < nargs; i++) PyTuple_SET_ITEM(rest, i - 1, Py_NewRef(args[i]));
    int failed = PySys_Audit(event, "O", rest) < 0;
    Py_DECREF(rest);
    if (failed) return NULL;
    Py_RETURN_NONE;
}

/* ---- Asynchronous generators and coroutines ------------------------------------------------------------------- */

static PyTypeObject asyncgen_hooks_type;
static PyStructSequence_Field asyncgen_hooks_fields[] = {
    {"firstiter", "called when an asynchronous generator is first iterated"},
    {"finalizer", "called when one is to be finalized"},
    {0},
};
static PyStructSequence_Desc asyncgen_hooks_desc = {"asyncgen_hooks", "The hooks of asynchronous generators, as a named tuple.",
                                                    asyncgen_hooks_fields, 2};

static PyObject *sys_get_asyncgen_hooks(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    PyThreadState *tstate = thread_state();
    if (!asyncgen_hooks_type.tp_name && PyStructSequence_InitType2(&asyncgen_hooks_type, &asyncgen_hooks_desc) < 0) return NULL;
    PyObject *hooks = PyStructSequence_New(&asyncgen_hooks_type);
    if (!hooks) return NULL;
    PyStructSequence_SET_ITEM(hooks, 0, Py_NewRef(tstate->async_gen_firstiter ? tstate->async_gen_firstiter : Py_None));
    PyStructSequence_SET_ITEM(hooks, 1, Py_NewRef(tstate->async_gen_finalizer ? tstate->async_gen_finalizer : Py_None));
    return hooks;
}

static PyObject *sys_set_asyncgen_hooks(PyObject *Py_UNUSED(m), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"firstiter", "finalizer", NULL};
    PyObject *firstiter = NULL, *finalizer = NULL;
    PyThreadState *tstate = thread_state();
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|OO", keywords, &firstiter, &finalizer)) return NULL;
    if (finalizer && finalizer != Py_None && !PyCallable_Check(finalizer)) {
        return PyErr_Format(PyExc_TypeError, "callable finalizer expected, got %.50s", Py_TYPE(finalizer)->tp_name);
    }
    if (firstiter && firstiter != Py_None && !PyCallable_Check(firstiter)) {
        return PyErr_Format(PyExc_TypeError, "callable firstiter expected, got %.50s", Py_TYPE(firstiter)->tp_name);
    }
    if (finalizer) {
        if (PySys_Audit("sys.set_asyncgen_hook_finalizer", NULL) < 0) return NULL;
        Py_XSETREF(tstate->async_gen_finalizer, finalizer == Py_None ? NULL : Py_NewRef(finalizer));
    }
    if (firstiter) {
        if (PySys_Audit("sys.set_asyncgen_hook_firstiter", NULL) < 0) return NULL;
        Py_XSETREF(tstate->async_gen_firstiter, firstiter == Py_None ? NULL : Py_NewRef(firstiter));
    }
    Py_RETURN_NONE;
}

static PyObject *sys_get_origin_depth(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(thread_state()->coroutine_origin_tracking_depth);
}

static PyObject *sys_set_origin_depth(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"depth", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "set_coroutine_origin_tracking_depth"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, buffer);
    if (!args) return NULL;
    int depth = _PyLong_AsInt(args[0]);
    if (depth == -1 && PyErr_Occurred()) return NULL;
    if (depth < 0) {
        PyErr_SetString(PyExc_ValueError, "depth must be >= 0");
        return NULL;
    }
    thread_state()->coroutine_origin_tracking_depth = depth;
    Py_RETURN_NONE;
}

PyMethodDef sys_hook_methods[] = {
    {"addaudithook", (PyCFunction)(void *)sys_addaudithook, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("addaudithook($module, /, hook)\n--\n\nAdd a callable that is told of every audit event.")},
    {"audit", (PyCFunction)(void *)sys_audit, METH_FASTCALL,
     PyDoc_STR("audit(event, *args)\n\nTell the audit hooks of an event.")},
    {"breakpointhook", (PyCFunction)(void *)sys_breakpointhook, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("breakpointhook(*args, **kws)\n\nWhat breakpoint() calls.\n")},
    {"displayhook", sys_displayhook, METH_O,
     PyDoc_STR("displayhook($module, object, /)\n--\n\nPrint an object to sys.stdout and save it in builtins._")},
    {"excepthook", (PyCFunction)(void *)sys_excepthook, METH_FASTCALL,
     PyDoc_STR("excepthook($module, exctype, value, traceback, /)\n--\n\nShow an exception with its traceback on sys.stderr.")},
    {"unraisablehook", sys_unraisablehook, METH_O,
     PyDoc_STR("unraisablehook($module, unraisable, /)\n--\n\n"
               "Show an exception that cannot be raised.\n\nThe argument has these attributes:\n\n* exc_type: its type.\n* exc_value: the exception, may be None.\n"
               "* exc_traceback: its traceback, may be None.\n* err_msg: a message, may be None.\n* object: what caused it, may be None.")},
    {"settrace", sys_settrace, METH_O,
     PyDoc_STR("settrace(function)\n\nSet the trace function: it is called on every call, line, return and exception.")},
    {"gettrace", sys_gettrace, METH_NOARGS, PyDoc_STR("gettrace($module, /)\n--\n\nReturn the trace function set with sys.settrace.")},
    {"setprofile", sys_setprofile, METH_O,
     PyDoc_STR("setprofile(function)\n\nSet the profile function: it is called on every call and return.")},
    {"getprofile", sys_getprofile, METH_NOARGS, PyDoc_STR("getprofile($module, /)\n--\n\nReturn the profile function set with sys.setprofile.")},
    {"call_tracing", (PyCFunction)(void *)sys_call_tracing, METH_FASTCALL,
     PyDoc_STR("call_tracing($module, func, args, /)\n--\n\nCall func(*args) with tracing on, from within a tracer.")},
    {"set_asyncgen_hooks", (PyCFunction)(void *)sys_set_asyncgen_hooks, METH_VARARGS | METH_KEYWORDS,
     PyDoc_STR("set_asyncgen_hooks(* [, firstiter] [, finalizer])\n\nSet the hooks of asynchronous generators.")},
    {"get_asyncgen_hooks", sys_get_asyncgen_hooks, METH_NOARGS,
     PyDoc_STR("get_asyncgen_hooks($module, /)\n--\n\nReturn the hooks of asynchronous generators as (firstiter, finalizer).")},
    {"set_coroutine_origin_tracking_depth", (PyCFunction)(void *)sys_set_origin_depth, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("set_coroutine_origin_tracking_depth($module, /, depth)\n--\n\nSet how many frames of its origin a coroutine remembers; 0 for none.")},
    {"get_coroutine_origin_tracking_depth", sys_get_origin_depth, METH_NOARGS,
     PyDoc_STR("get_coroutine_origin_tracking_depth($module, /)\n--\n\nReturn how many frames of its origin a coroutine remembers.")},
    {0},
};
