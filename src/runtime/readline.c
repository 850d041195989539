/* Reading lines at a prompt. The readline module may put a function of its own in place. */
#include <Python.h>
#include <errno.h>
#include <stdio.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <internal/krait_exports.h>

#include "objects/thread_state.h"

int (*PyOS_InputHook)(void);
char *(*PyOS_ReadlineFunctionPointer)(FILE *, FILE *, const char *);
PyThreadState *_PyOS_ReadlineTState;

/* One line with its newline in memory of PyMem_RawMalloc; "" at the end of input; NULL after an interrupt. */
static char *read_line(FILE *in)
{
    size_t capacity = 128, length = 0;
    char *line = PyMem_RawMalloc(capacity);
    while (line) {
        if (PyOS_InputHook) (void)PyOS_InputHook();
        errno = 0;
        clearerr(in);
        if (!fgets(line + length, (int)(capacity - length), in)) {
            if (errno == EINTR) {
                PyEval_RestoreThread(_PyOS_ReadlineTState);
                int interrupted = PyErr_CheckSignals();
                PyEval_SaveThread();
                if (!interrupted) continue;
                PyMem_RawFree(line);
                return NULL;
            }
            if (!length) line[0] = '\0';
            return line;
        }
        length += strlen(line + length);
        if (length && line[length - 1] == '\n') return line;
        capacity *= 2;
        char *larger = PyMem_RawRealloc(line, capacity);
        if (!larger) PyMem_RawFree(line);
        line = larger;
    }
    return NULL;
}

static char *read_at_prompt(FILE *in, FILE *out, const char *prompt)
{
    (void)out;
    fflush(stdout);
    if (prompt) fprintf(stderr, "%s", prompt);
    fflush(stderr);
    return read_line(in);
}

/* The line in memory of PyMem_Malloc. NULL with an exception set, or, after an interrupt, KeyboardInterrupt. */
char *PyOS_Readline(FILE *in, FILE *out, const char *prompt)
{
    PyThreadState *tstate = thread_state();
    if (_PyOS_ReadlineTState == tstate) {
        PyErr_SetString(PyExc_RuntimeError, "can't re-enter readline");
        return NULL;
    }
    bool terminal = isatty(fileno(in)) && isatty(fileno(out));
    char *(*read)(FILE *, FILE *, const char *) = terminal && PyOS_ReadlineFunctionPointer ? PyOS_ReadlineFunctionPointer : read_at_prompt;
    _PyOS_ReadlineTState = tstate;
    PyEval_SaveThread();
    char *raw = read(in, out, prompt);
    PyEval_RestoreThread(tstate);
    _PyOS_ReadlineTState = NULL;
    if (!raw) {
        if (!PyErr_Occurred()) PyErr_SetNone(PyExc_KeyboardInterrupt);
        return NULL;
    }
    size_t size = strlen(raw) + 1;
    char *line = PyMem_Malloc(size);
    if (line) memcpy(line, raw, size);
    else PyErr_NoMemory();
    PyMem_RawFree(raw);
    return line;
}
