/* The end of the process when nothing else is safe, and text formatting that needs no interpreter. */
#include <Python.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <internal/krait_exports.h>

#include "objects/names.h"
#include "objects/thread_state.h"
#include "runtime/lifecycle.h"
#include "runtime/state.h"

static void print_phase(void)
{
    PyThreadState *finalizing = atomic_load(&runtime_state.finalizing);
    fputs("Python runtime state: ", stderr);
    if (finalizing) fprintf(stderr, "finalizing (tstate=0x%016zx)", (size_t)finalizing);
    else fputs(runtime_state.initialised ? "initialized" : runtime_state.core_initialised ? "core initialized"
               : runtime_state.preinitialised ? "preinitialized" : runtime_state.preinitialising ? "preinitializing" : "unknown", stderr);
    fputc('\n', stderr);
}

/* Prints the current exception without running more of the program than a display must. Whether it had a traceback. */
static bool print_exception(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (!type) return false;
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback) PyException_SetTraceback(value, traceback);
    bool traced = traceback != NULL;
    PyErr_Display(type, value, traceback ? traceback : Py_None);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    PyObject *file = PySys_GetObject("stderr");
    PyObject *none = file && file != Py_None ? PyObject_CallMethodNoArgs(file, NAME(flush)) : NULL;
    if (!none) PyErr_Clear();
    Py_XDECREF(none);
    return traced;
}

/* The exception that led here, if there is one and this thread may print it; where every thread stands, if that does not say it. */
static void show_state(void)
{
    static volatile bool busy;      /* showing the state may end here too */
    PyThreadState *tstate = thread_state();
    if (!busy && tstate && runtime_state.core_initialised) {
        busy = true;
        if (print_exception()) return;
    }
    fputc('\n', stderr);
    fflush(stderr);
    if (runtime_state.interpreters && runtime_state.core_initialised) _Py_DumpTracebackThreads(STDERR_FILENO, NULL, tstate);
}

static void say(const char *prefix, const char *message)
{
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s%s%s\n", prefix ? prefix : "", prefix ? ": " : "", message ? message : "<message not set>");
    print_phase();
    fflush(stderr);
    show_state();
    _Py_DumpExtensionModules(STDERR_FILENO, runtime_state.main);
}

static void _Py_NO_RETURN end(const char *prefix, const char *message)
{
    say(prefix, message);
    faulthandler_disable();         /* abort() is not another crash */
    abort();
}

void Py_ExitStatusException(PyStatus status)
{
    if (PyStatus_IsExit(status)) exit(status.exitcode);
    if (!PyStatus_IsError(status)) Py_FatalError("Py_ExitStatusException() must not be called on success");
    say(status.func, status.err_msg);
    exit(1);
}

void _Py_NO_RETURN _Py_FatalErrorFunc(const char *function, const char *message) { end(function, message); }

#undef Py_FatalError
void _Py_NO_RETURN Py_FatalError(const char *message) { end(NULL, message); }

void _Py_NO_RETURN _Py_FatalErrorFormat(const char *function, const char *format, ...)
{
    char text[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    end(function, text);
}

void _Py_NO_RETURN _Py_FatalError_TstateNULL(const char *function)
{
    end(function, "the function must be called with the GIL held, after Python initialization and before Python finalization, "
                  "but the GIL is released (the current Python thread state is NULL)");
}
