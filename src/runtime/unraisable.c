/* Where exceptions end: PyErr_Print() for those that nobody caught, PyErr_WriteUnraisable() for those that cannot be raised. */
#include <Python.h>
#include <frameobject.h>
#include <structseq.h>

#include "objects/names.h"
#include "objects/thread_state.h"
#include "runtime/display.h"

/* ---- UnraisableHookArgs --------------------------------------------------------------------------------------- */

static PyTypeObject hook_args_type;

static PyStructSequence_Field hook_args_fields[] = {
    {"exc_type", "Exception type"},
    {"exc_value", "Exception value"},
    {"exc_traceback", "Exception traceback"},
    {"err_msg", "Error message"},
    {"object", "Object causing the exception"},
    {0},
};

static PyStructSequence_Desc hook_args_desc = {
    "UnraisableHookArgs",
    "UnraisableHookArgs\n\nWhat sys.unraisablehook is called with.",
    hook_args_fields,
    5,
};

int unraisable_init_types(void)
{
    if (hook_args_type.tp_name) return 0;
    return PyStructSequence_InitType2(&hook_args_type, &hook_args_desc);
}

/* New; all arguments but type may be NULL. */
static PyObject *make_hook_args(PyObject *type, PyObject *value, PyObject *traceback, PyObject *message, PyObject *object)
{
    if (unraisable_init_types() < 0) return NULL;
    PyObject *args = PyStructSequence_New(&hook_args_type);
    if (!args) return NULL;
    PyObject *fields[] = {type, value, traceback, message, object};
    for (int i = 0; i < 5; i++) PyStructSequence_SET_ITEM(args, i, Py_NewRef(fields[i] ? fields[i] : Py_None));
    return args;
}

/* ---- The default hook ----------------------------------------------------------------------------------------- */

static bool is_given(PyObject *object) { return object && object != Py_None; }

static int write_place(PyObject *file, PyObject *message, PyObject *object)
{
    if (is_given(object)) {
        if (is_given(message)) {
            if (PyFile_WriteObject(message, file, Py_PRINT_RAW) < 0 || PyFile_WriteString(": ", file) < 0) return -1;
        }
        else if (PyFile_WriteString("Exception ignored in: ", file) < 0) return -1;
        if (PyFile_WriteObject(object, file, 0) < 0) {
            PyErr_Clear();
            if (PyFile_WriteString("<object repr() failed>", file) < 0) return -1;
        }
        return PyFile_WriteString("\n", file);
    }
    if (!is_given(message)) return 0;
    return PyFile_WriteObject(message, file, Py_PRINT_RAW) < 0 ? -1 : PyFile_WriteString(":\n", file);
}

static int write_type(PyObject *file, PyObject *type)
{
    PyObject *module = PyObject_GetAttrString(type, "__module__");
    int result = 0;
    if (!module || !PyUnicode_Check(module)) {
        PyErr_Clear();
        result = PyFile_WriteString("<unknown>", file);
    }
    else if (!_PyUnicode_EqualToASCIIString(module, "builtins") && !_PyUnicode_EqualToASCIIString(module, "__main__")) {
        result = PyFile_WriteObject(module, file, Py_PRINT_RAW);
        if (result == 0) result = PyFile_WriteString(".", file);
    }
    Py_XDECREF(module);
    if (result < 0) return -1;
    PyObject *name = PyType_GetQualName((PyTypeObject *)type);
    if (name && PyUnicode_Check(name)) result = PyFile_WriteObject(name, file, Py_PRINT_RAW);
    else {
        PyErr_Clear();
        result = PyFile_WriteString("<unknown>", file);
    }
    Py_XDECREF(name);
    return result;
}

static int write_unraisable(PyObject *file, PyObject *type, PyObject *value, PyObject *traceback, PyObject *message, PyObject *object)
{
    if (write_place(file, message, object) < 0) return -1;
    if (is_given(traceback) && PyTraceBack_Print(traceback, file) < 0) PyErr_Clear();
    if (!is_given(type)) return -1;
    if (write_type(file, type) < 0) return -1;
    if (is_given(value)) {
        if (PyFile_WriteString(": ", file) < 0) return -1;
        if (PyFile_WriteObject(value, file, Py_PRINT_RAW) < 0) {
            PyErr_Clear();
            if (PyFile_WriteString("<exception str() failed>", file) < 0) return -1;
        }
    }
    if (PyFile_WriteString("\n", file) < 0) return -1;
    PyObject *result = PyObject_CallMethod(file, "flush", NULL);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/* To sys.stderr, if there is one. */
static int write_to_stderr(PyObject *type, PyObject *value, PyObject *traceback, PyObject *message, PyObject *object)
{
    PyObject *file = PySys_GetObject("stderr");
    if (!is_given(file)) return 0;
    Py_INCREF(file);
    int result = write_unraisable(file, type, value, traceback, message, object);
    Py_DECREF(file);
    return result;
}

PyObject *unraisable_default_hook(PyObject *args)
{
    if (!Py_IS_TYPE(args, &hook_args_type)) {
        PyErr_SetString(PyExc_TypeError, "sys.unraisablehook argument type must be UnraisableHookArgs");
        return NULL;
    }
    PyObject *fields[5];
    for (int i = 0; i < 5; i++) fields[i] = PyStructSequence_GET_ITEM(args, i);
    if (write_to_stderr(fields[0], fields[1], fields[2], fields[3], fields[4]) < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- PyErr_WriteUnraisable ------------------------------------------------------------------------------------ */

/* Calls sys.unraisablehook. 0: done. -1: the default is to be used, for the exception that is set, if any; *problem and
 * *object then say what that one is about. */
static int call_hook(PyObject *type, PyObject *value, PyObject *traceback, PyObject *message, PyObject **object,
                     const char **problem)
{
    PyObject *args = make_hook_args(type, value, traceback, message, *object);
    if (!args) {
        *problem = "Exception ignored on building sys.unraisablehook arguments";
        return -1;
    }
    PyObject *hook = PySys_GetObject("unraisablehook");
    if (!is_given(hook)) {
        Py_DECREF(args);
        return -1;
    }
    int status = 0;
    Py_INCREF(hook);
    if (PySys_Audit("sys.unraisablehook", "OO", hook, args) < 0) {
        *problem = "Exception ignored in audit hook";
        *object = NULL;
        status = -1;
    }
    else {
        PyObject *result = PyObject_CallOneArg(hook, args);
        if (!result) {
            *problem = "Exception ignored in sys.unraisablehook";
            *object = hook;     /* the caller keeps no reference: sys does */
            status = -1;
        }
        Py_XDECREF(result);
    }
    Py_DECREF(hook);
    Py_DECREF(args);
    return status;
}

/* Reports the current exception and clears it. message, after "Exception ignored ", and object may be NULL. */
void _PyErr_WriteUnraisableMsg(const char *message_text, PyObject *object)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (!type) return;
    if (!traceback) {
        PyFrameObject *frame = PyThreadState_GetFrame(thread_state());
        if (frame) {
            traceback = _PyTraceBack_FromFrame(NULL, frame);
            if (!traceback) PyErr_Clear();
            Py_DECREF(frame);
        }
    }
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback && PyTraceBack_Check(traceback) && PyException_SetTraceback(value, traceback) < 0) PyErr_Clear();
    PyObject *message = NULL;
    if (message_text) {
        message = PyUnicode_FromFormat("Exception ignored %s", message_text);
        if (!message) PyErr_Clear();
    }
    const char *problem = NULL;
    PyObject *about = object;
    if (call_hook(type, value, traceback, message, &about, &problem) < 0) {
        if (problem) {  /* report what went wrong with the hook instead */
            Py_XDECREF(type);
            Py_XDECREF(value);
            Py_XDECREF(traceback);
            PyErr_Fetch(&type, &value, &traceback);
            PyErr_NormalizeException(&type, &value, &traceback);
            Py_XSETREF(message, PyUnicode_FromString(problem));
        }
        Py_XINCREF(about);
        if (write_to_stderr(type, value, traceback, message, about) < 0) PyErr_Clear();
        Py_XDECREF(about);
    }
    Py_XDECREF(message);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyErr_Clear();
}

/* Reports the current exception, raised where nobody can catch it, and clears it. (manual: Printing and clearing) */
void PyErr_WriteUnraisable(PyObject *object) { _PyErr_WriteUnraisableMsg(NULL, object); }

/* ---- SystemExit ----------------------------------------------------------------------------------------------- */

/* Writes what sys.exit() was given when it is no number. */
static void write_exit_message(PyObject *message)
{
    PyObject *file = PySys_GetObject("stderr");
    if (is_given(file)) {
        if (PyFile_WriteObject(message, file, Py_PRINT_RAW) < 0) PyErr_Clear();
    }
    else {
        if (PyObject_Print(message, stderr, Py_PRINT_RAW) < 0) PyErr_Clear();
        fflush(stderr);
    }
    PySys_WriteStderr("\n");
}

/* If SystemExit is set (and no -i given): clears it, puts the exit status into *status and returns 1. Else 0. */
int _Py_HandleSystemExit(int *status)
{
    if (_Py_GetConfig()->inspect || !PyErr_ExceptionMatches(PyExc_SystemExit)) return 0;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    fflush(stdout);
    *status = 0;
    if (value && PyExceptionInstance_Check(value)) {
        PyObject *code;
        if (_PyObject_LookupAttr(value, NAME(code), &code) > 0) Py_SETREF(value, code);
        PyErr_Clear();
    }
    if (is_given(value)) {
        if (PyLong_Check(value)) *status = (int)PyLong_AsLong(value);
        else {
            write_exit_message(value);
            *status = 1;
        }
    }
    PyErr_Clear();
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return 1;
}

static void exit_if_asked(void)
{
    int status;
    if (_Py_HandleSystemExit(&status)) Py_Exit(status);
}

/* ---- PyErr_Print ---------------------------------------------------------------------------------------------- */

static void set_last(const char *name, PyObject *object)
{
    if (PySys_SetObject(name, object) < 0) PyErr_Clear();
}

/* The hook itself has failed. */
static void report_hook_failure(PyObject *type, PyObject *value, PyObject *traceback)
{
    exit_if_asked();
    PyObject *type2, *value2, *traceback2;
    PyErr_Fetch(&type2, &value2, &traceback2);
    PyErr_NormalizeException(&type2, &value2, &traceback2);
    fflush(stdout);
    PySys_WriteStderr("Error in sys.excepthook:\n");
    PyErr_Display(type2 ? type2 : Py_None, value2 ? value2 : Py_None, traceback2);
    PySys_WriteStderr("\nOriginal exception was:\n");
    PyErr_Display(type, value, traceback);
    Py_XDECREF(type2);
    Py_XDECREF(value2);
    Py_XDECREF(traceback2);
}

static void print_current(bool set_last_vars)
{
    exit_if_asked();
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (!type) return;
    PyErr_NormalizeException(&type, &value, &traceback);
    if (!traceback) traceback = Py_NewRef(Py_None);
    PyException_SetTraceback(value, traceback);
    if (set_last_vars) {
        set_last("last_type", type);
        set_last("last_value", value);
        set_last("last_traceback", traceback);
    }
    PyObject *hook = Py_XNewRef(PySys_GetObject("excepthook"));
    if (PySys_Audit("sys.excepthook", "OOOO", hook ? hook : Py_None, type, value, traceback) < 0) {
        if (PyErr_ExceptionMatches(PyExc_RuntimeError)) {
            PyErr_Clear();
            goto done;
        }
        _PyErr_WriteUnraisableMsg("in audit hook", NULL);
    }
    if (hook) {
        PyObject *result = PyObject_CallFunctionObjArgs(hook, type, value, traceback, NULL);
        if (!result) report_hook_failure(type, value, traceback);
        Py_XDECREF(result);
    }
    else {
        PySys_WriteStderr("sys.excepthook is missing\n");
        PyErr_Display(type, value, traceback);
    }
done:
    Py_XDECREF(hook);
    Py_DECREF(type);
    Py_XDECREF(value);
    Py_DECREF(traceback);
}

/* Prints the current exception through sys.excepthook and clears it; ends the process for SystemExit. */
void PyErr_PrintEx(int set_sys_last_vars) { print_current(set_sys_last_vars != 0); }
void PyErr_Print(void) { print_current(true); }

void _PyErr_Print(PyThreadState *Py_UNUSED(tstate)) { print_current(true); }
