/* The end of the process when nothing else is safe, and text formatting that needs no interpreter. */
#include <Python.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <internal/krait_exports.h>

#include "objects/thread_state.h"
#include "runtime/lifecycle.h"
#include "runtime/state.h"

const char *lifecycle_phase(void)
{
    return _Py_IsFinalizing() ? "finalizing" : runtime_state.initialised ? "initialized"
         : runtime_state.core_initialised ? "core initialized" : runtime_state.preinitialised ? "preinitialized"
         : runtime_state.preinitialising ? "preinitializing" : "unknown";
}

/* Where a debugger's breakpoint may be set. */
void _Py_BreakPoint(void) {}

/* Shows the exception that led here, if there is one and this thread may print it. Whether a traceback was part of it. */
static bool show_exception(void)
{
    if (!thread_state() || !PyErr_Occurred()) return false;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    bool has_traceback = traceback != NULL;
    PyErr_Restore(type, value, traceback);
    PyErr_PrintEx(0);
    return has_traceback;
}

/* The exception, or where every thread stands. */
static void show_state(void)
{
    static volatile bool busy;      /* showing the state may end here too */
    if (busy) return;
    busy = true;
    bool told = runtime_state.core_initialised && show_exception();
    if (!told) {
        fputc('\n', stderr);
        fflush(stderr);
    }
    if (!runtime_state.core_initialised) return;
    if (!told) _Py_DumpTracebackThreads(STDERR_FILENO, NULL, thread_state());
    _Py_DumpExtensionModules(STDERR_FILENO, runtime_state.main);
    faulthandler_disable();         /* abort() is not another crash */
}

/* The end with a status, or by SIGABRT if it is negative. */
static void _Py_NO_RETURN end(const char *prefix, const char *message, int status)
{
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s%s%s\nPython runtime state: %s\n", prefix ? prefix : "", prefix ? ": " : "",
            message ? message : "<message not set>", lifecycle_phase());
    fflush(stderr);
    show_state();
    if (status < 0) abort();
    exit(status);
}

void _Py_NO_RETURN Py_ExitStatusException(PyStatus status)
{
    if (PyStatus_IsExit(status)) exit(status.exitcode);
    if (!PyStatus_IsError(status)) Py_FatalError("Py_ExitStatusException() must not be called on success");
    end(status.func, status.err_msg, 1);
}

void _Py_NO_RETURN _Py_FatalErrorFunc(const char *function, const char *message) { end(function, message, -1); }

#undef Py_FatalError
void _Py_NO_RETURN Py_FatalError(const char *message) { end(NULL, message, -1); }

void _Py_NO_RETURN _Py_FatalErrorFormat(const char *function, const char *format, ...)
{
    char text[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    end(function, text, -1);
}

void _Py_NO_RETURN _Py_FatalError_TstateNULL(const char *function)
{
    end(function, "the function must be called with the GIL held, "
                  "but the GIL is released (the current Python thread state is NULL)", -1);
}
