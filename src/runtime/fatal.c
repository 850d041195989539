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

static const char *runtime_phase(void)
{
    return runtime_state.core_initialised ? "initialized" : runtime_state.preinitialised ? "preinitialized" : "unknown";
}

/* The exception that led here, if there is one and this thread may print it; or else where every thread stands. */
static void show_state(void)
{
    static volatile bool busy;      /* showing the state may end here too */
    if (busy || !runtime_state.core_initialised) return;
    busy = true;
    PyThreadState *tstate = thread_state();
    if (tstate && PyErr_Occurred()) PyErr_PrintEx(0);
    else _Py_DumpTracebackThreads(STDERR_FILENO, NULL, tstate);
    _Py_DumpExtensionModules(STDERR_FILENO, runtime_state.main);
    faulthandler_disable();         /* abort() is not another crash */
}

static void _Py_NO_RETURN end(const char *prefix, const char *message)
{
    fflush(stdout);
    fprintf(stderr, "Fatal Python error: %s%s%s\nPython runtime state: %s\n\n", prefix ? prefix : "", prefix ? ": " : "",
            message ? message : "<message not set>", runtime_phase());
    fflush(stderr);
    show_state();
    abort();
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
