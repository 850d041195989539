/* PySys_*: sys from C, and the audit hooks. */
#include <internal/krait_exports.h>

#include "memory/gc.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "runtime/lifecycle.h"

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

/* Borrowed; NULL without an exception if there is none. */
PyObject *_PySys_GetAttr(PyThreadState *tstate, PyObject *name)
{
    PyObject *dict = tstate->interp->sysdict;
    if (!dict) return NULL;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *result = PyDict_GetItemWithError(dict, name);
    PyErr_Restore(type, value, traceback);
    return result;
}

PyObject *PySys_GetObject(const char *name)
{
    PyThreadState *tstate = thread_state();
    PyObject *dict = tstate->interp->sysdict;
    if (!dict) return NULL;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *result = _PyDict_GetItemStringWithError(dict, name);
    PyErr_Restore(type, value, traceback);
    return result;
}

int PySys_SetObject(const char *name, PyObject *value)
{
    PyObject *dict = thread_state()->interp->sysdict;
    if (value) return PyDict_SetItemString(dict, name, value);
    PyObject *text = PyUnicode_InternFromString(name);
    PyObject *old = text ? _PyDict_Pop(dict, text, Py_None) : NULL;
    Py_XDECREF(text);
    Py_XDECREF(old);
    return old ? 0 : -1;
}

size_t _PySys_GetSizeOf(PyObject *o)
{
    if (PyType_Ready(Py_TYPE(o)) < 0) return (size_t)-1;
    PyObject *name = PyUnicode_InternFromString("__sizeof__"), *method = name ? _PyObject_LookupSpecial(o, name) : NULL;
    Py_XDECREF(name);
    if (!method) {
        if (!PyErr_Occurred()) PyErr_Format(PyExc_TypeError, "Type %.100s doesn't define __sizeof__", Py_TYPE(o)->tp_name);
        return (size_t)-1;
    }
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (!result) return (size_t)-1;
    Py_ssize_t size = PyLong_AsSsize_t(result);
    Py_DECREF(result);
    if (size == -1 && PyErr_Occurred()) return (size_t)-1;
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "__sizeof__() should return >= 0");
        return (size_t)-1;
    }
    return (size_t)size + gc_header_size(Py_TYPE(o));
}

/* ---- Options and paths ---------------------------------------------------------------------------------------- */

static PyObject *option_list(const char *name, PyObject *(*make)(void))
{
    PyObject *object = PySys_GetObject(name);
    if (object) return object;
    PyObject *fresh = make();
    if (!fresh || PySys_SetObject(name, fresh) < 0) Py_CLEAR(fresh);
    Py_XDECREF(fresh);
    return fresh;
}

static PyObject *new_list(void) { return PyList_New(0); }

PyObject *PySys_GetXOptions(void) { return option_list("_xoptions", PyDict_New); }

/* Before the start these two lists live here. */
static PyWideStringList early_warnings, early_xoptions;

void PySys_AddWarnOption(const wchar_t *option)
{
    if (!thread_state_current) {
        PyWideStringList_Append(&early_warnings, option);
        return;
    }
    PyObject *text = PyUnicode_FromWideChar(option, -1);
    if (!text) return;
    PySys_AddWarnOptionUnicode(text);
    Py_DECREF(text);
}

void PySys_AddWarnOptionUnicode(PyObject *option)
{
    PyObject *list = option_list("warnoptions", new_list);
    if (!list || PyList_Append(list, option) < 0) PyErr_Clear();
}

void PySys_ResetWarnOptions(void)
{
    if (!thread_state_current) {
        _PyWideStringList_Clear(&early_warnings);
        return;
    }
    PyObject *list = PySys_GetObject("warnoptions");
    if (list && PyList_Check(list)) PyList_SetSlice(list, 0, PyList_GET_SIZE(list), NULL);
}

int PySys_HasWarnOptions(void)
{
    PyObject *list = PySys_GetObject("warnoptions");
    return list && PyList_Check(list) && PyList_GET_SIZE(list) > 0;
}

void PySys_AddXOption(const wchar_t *option)
{
    if (!thread_state_current) {
        PyWideStringList_Append(&early_xoptions, option);
        return;
    }
    const wchar_t *equals = wcschr(option, L'=');
    PyObject *dict = PySys_GetXOptions(), *name = PyUnicode_FromWideChar(option, equals ? equals - option : -1);
    PyObject *value = equals ? PyUnicode_FromWideChar(equals + 1, -1) : Py_NewRef(Py_True);
    if (!dict || !name || !value || PyDict_SetItem(dict, name, value) < 0) PyErr_Clear();
    Py_XDECREF(name);
    Py_XDECREF(value);
}

void PySys_SetPath(const wchar_t *path)
{
    PyObject *text = PyUnicode_FromWideChar(path, -1), *list = text ? PyObject_CallMethod(text, "split", "s", ":") : NULL;
    if (!list || PySys_SetObject("path", list) < 0) Py_FatalError("can't create sys.path");
    Py_DECREF(text);
    Py_DECREF(list);
}

void PySys_SetArgvEx(int argc, wchar_t **argv, int update_path)
{
    wchar_t *none[] = {L""};
    if (argc < 1 || !argv) {
        argc = 1;
        argv = none;
    }
    PyWideStringList list = {argc, argv};
    PyObject *object = _PyWideStringList_AsList(&list);
    if (!object || PySys_SetObject("argv", object) < 0) Py_FatalError("can't assign sys.argv");
    Py_DECREF(object);
    if (!update_path) return;
    PyObject *first = paths_script_directory(&list), *path = PySys_GetObject("path");
    if (first && path && PyList_Check(path) && PyList_Insert(path, 0, first) < 0) Py_FatalError("can't prepend path0 to sys.path");
    Py_XDECREF(first);
}

void PySys_SetArgv(int argc, wchar_t **argv) { PySys_SetArgvEx(argc, argv, Py_IsolatedFlag == 0); }

/* ---- Writing to the streams ----------------------------------------------------------------------------------- */

static int write_to_stream(PyObject *text, const char *name)
{
    PyObject *file = PySys_GetObject(name);
    if (!file || file == Py_None || !text) return -1;
    PyObject *write = PyObject_GetAttrString(file, "write"), *result = write ? PyObject_CallOneArg(write, text) : NULL;
    Py_XDECREF(write);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static void write_formatted(const char *name, FILE *fallback, const char *format, va_list arguments)
{
    PyObject *type, *value, *traceback;
    char buffer[1001];
    PyErr_Fetch(&type, &value, &traceback);
    int written = PyOS_vsnprintf(buffer, sizeof(buffer), format, arguments);
    static const char truncated[] = "... truncated";
    PyObject *text = PyUnicode_DecodeUTF8(buffer, (Py_ssize_t)strlen(buffer), "replace");
    if (write_to_stream(text, name) < 0) {
        PyErr_Clear();
        fputs(buffer, fallback);
    }
    Py_XDECREF(text);
    if (written < 0 || (size_t)written >= sizeof(buffer)) {
        text = PyUnicode_FromString(truncated);
        if (write_to_stream(text, name) < 0) fputs(truncated, fallback);
        Py_XDECREF(text);
    }
    PyErr_Restore(type, value, traceback);
}

void PySys_WriteStdout(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_formatted("stdout", stdout, format, arguments);
    va_end(arguments);
}

void PySys_WriteStderr(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_formatted("stderr", stderr, format, arguments);
    va_end(arguments);
}

static void write_object(const char *name, FILE *fallback, const char *format, va_list arguments)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = PyUnicode_FromFormatV(format, arguments);
    if (text && write_to_stream(text, name) < 0) {
        PyErr_Clear();
        const char *utf8 = PyUnicode_AsUTF8(text);
        if (utf8) fputs(utf8, fallback);
        else PyErr_Clear();
    }
    Py_XDECREF(text);
    PyErr_Restore(type, value, traceback);
}

void PySys_FormatStdout(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_object("stdout", stdout, format, arguments);
    va_end(arguments);
}

void PySys_FormatStderr(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    write_object("stderr", stderr, format, arguments);
    va_end(arguments);
}

/* ---- Audit hooks ---------------------------------------------------------------------------------------------- */

int PySys_AddAuditHook(Py_AuditHookFunction function, void *data)
{
    if (thread_state_current && PySys_Audit("sys.addaudithook", NULL) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_RuntimeError)) return -1;
        PyErr_Clear();
        return 0;
    }
    AuditHook *hook = PyMem_RawMalloc(sizeof(*hook));
    if (!hook) {
        if (thread_state_current) PyErr_NoMemory();
        return -1;
    }
    *hook = (AuditHook){NULL, function, data};
    AuditHook **end = &runtime_state.audit_hooks;
    while (*end) end = &(*end)->next;
    *end = hook;
    return 0;
}

static int call_python_hooks(PyThreadState *tstate, const char *event, PyObject *arguments)
{
    PyObject *name = PyUnicode_FromString(event), *hooks = tstate->interp->audit_hooks;
    if (!name) return -1;
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PyList_GET_SIZE(hooks); i++) {
        PyObject *hook = Py_NewRef(PyList_GET_ITEM(hooks, i)), *can_trace = NULL;
        /* Tracers do not see hooks unless they ask for it. */
        int traced = _PyObject_LookupAttr(hook, NAME(__cantrace__), &can_trace);
        if (traced > 0) traced = PyObject_IsTrue(can_trace);
        Py_XDECREF(can_trace);
        if (traced < 0) result = -1;
        else {
            if (!traced) PyThreadState_EnterTracing(tstate);
            PyObject *args[] = {name, arguments};
            PyObject *answer = PyObject_Vectorcall(hook, args, 2, NULL);
            if (!traced) PyThreadState_LeaveTracing(tstate);
            if (!answer) result = -1;
            Py_XDECREF(answer);
        }
        Py_DECREF(hook);
    }
    Py_DECREF(name);
    return result;
}

int PySys_Audit(const char *event, const char *format, ...)
{
    PyThreadState *tstate = thread_state();
    if (!tstate || (!runtime_state.audit_hooks && !tstate->interp->audit_hooks)) return 0;
    PyObject *type, *value, *traceback, *arguments;
    PyErr_Fetch(&type, &value, &traceback);
    if (format && *format) {
        va_list list;
        va_start(list, format);
        arguments = _Py_VaBuildValue_SizeT(format, list);
        va_end(list);
        if (arguments && !PyTuple_Check(arguments)) {
            PyObject *tuple = PyTuple_Pack(1, arguments);
            Py_SETREF(arguments, tuple);
        }
    }
    else arguments = PyTuple_New(0);
    int result = arguments ? 0 : -1;
    for (AuditHook *hook = runtime_state.audit_hooks; hook && result == 0; hook = hook->next) {
        result = hook->function(event, arguments, hook->data) < 0 ? -1 : 0;
    }
    if (result == 0 && tstate->interp->audit_hooks) result = call_python_hooks(tstate, event, arguments);
    Py_XDECREF(arguments);
    if (result == 0) PyErr_Restore(type, value, traceback);
    else {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    }
    return result;
}
