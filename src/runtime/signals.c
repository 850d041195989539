/* Signals: noting them, running their handlers, and Ctrl-C. */
#include "runtime/signals.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include <internal/krait_exports.h>

#include "objects/interrupt.h"
#include "objects/thread_state.h"
#include "runtime/state.h"

static struct {
    struct {
        atomic_bool noted;
        PyObject *handler;                  /* owned; see signal_handler_borrow() */
    } signals[SIGNAL_COUNT];
    atomic_int wakeup_fd;
    bool warn_on_full_buffer;
} state = {.wakeup_fd = -1, .warn_on_full_buffer = true};

/* ---- When one comes ------------------------------------------------------------------------------------------- */

static int report_wakeup_failure(void *data)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    errno = (int)(intptr_t)data;
    PyErr_SetFromErrno(PyExc_OSError);
    PySys_WriteStderr("Exception ignored when trying to write to the signal wakeup fd:\n");
    PyErr_WriteUnraisable(NULL);
    PyErr_Restore(type, value, traceback);
    return 0;
}

void signal_note(int number)
{
    int saved_errno = errno;
    atomic_store(&state.signals[number].noted, true);
    atomic_store(&interrupt_runtime.pending, true);     /* after the line above: see _PyErr_CheckSignalsTstate() */
    attention_request();
    int fd = atomic_load(&state.wakeup_fd);
    if (fd != -1) {
        unsigned char byte = (unsigned char)number;
        ssize_t written = write(fd, &byte, 1);
        if (written < 0 && (state.warn_on_full_buffer || (errno != EAGAIN && errno != EWOULDBLOCK))) {
            Py_AddPendingCall(report_wakeup_failure, (void *)(intptr_t)errno);
        }
    }
    errno = saved_errno;
}

bool signal_is_pending(void) { return atomic_load_explicit(&interrupt_runtime.pending, memory_order_relaxed); }

int signal_set_wakeup_fd(int fd, bool warn_on_full_buffer)
{
    state.warn_on_full_buffer = warn_on_full_buffer;
    return atomic_exchange(&state.wakeup_fd, fd);
}

/* ---- Running handlers ----------------------------------------------------------------------------------------- */

bool signal_is_main_thread(void) { return PyThread_get_thread_ident() == runtime_state.main_thread; }
int _PyOS_IsMainThread(void) { return signal_is_main_thread() && PyInterpreterState_Get() == runtime_state.main; }

static bool is_number(PyObject *handler, long number)
{
    return handler && PyLong_CheckExact(handler) && PyLong_AsLong(handler) == number;
}

bool signal_is_default(PyObject *handler) { return is_number(handler, (long)(intptr_t)SIG_DFL); }
bool signal_is_ignored(PyObject *handler) { return is_number(handler, (long)(intptr_t)SIG_IGN); }

static bool is_callable_handler(PyObject *handler)
{
    return handler && handler != Py_None && !signal_is_default(handler) && !signal_is_ignored(handler);
}

PyObject *signal_handler_borrow(int number) { return state.signals[number].handler; }

PyObject *signal_swap_handler(int number, PyObject *handler)
{
    PyObject *old = state.signals[number].handler;
    state.signals[number].handler = Py_XNewRef(handler);
    return old;
}

/* Runs the handlers of all signals noted; does nothing outside the main thread. -1 with an exception set. */
int _PyErr_CheckSignalsTstate(PyThreadState *tstate)
{
    if (!signal_is_pending() || !signal_is_main_thread() || tstate->interp != runtime_state.main) return 0;
    atomic_store(&interrupt_runtime.pending, false);    /* before looking: one that comes meanwhile raises it again */
    PyObject *frame = (PyObject *)PyThreadState_GetFrame(tstate);
    if (!frame) frame = Py_NewRef(Py_None);
    int result = 0;
    for (int number = 1; number < SIGNAL_COUNT && result == 0; number++) {
        if (!atomic_load(&state.signals[number].noted)) continue;
        atomic_store(&state.signals[number].noted, false);
        PyObject *handler = state.signals[number].handler;
        if (!is_callable_handler(handler)) {    /* it was replaced after the signal had come */
            PyErr_Format(PyExc_OSError, "Signal %i ignored due to race condition", number);
            PyErr_WriteUnraisable(Py_None);
            continue;
        }
        Py_INCREF(handler);
        PyObject *value = PyObject_CallFunction(handler, "iO", number, frame);
        Py_DECREF(handler);
        if (!value) {
            atomic_store(&interrupt_runtime.pending, true);     /* others may be left */
            attention_request();
            result = -1;
        }
        Py_XDECREF(value);
    }
    Py_DECREF(frame);
    return result;
}

int PyErr_CheckSignals(void) { return signal_is_pending() ? _PyErr_CheckSignalsTstate(PyThreadState_Get()) : 0; }
int _PyErr_CheckSignals(void) { return PyErr_CheckSignals(); }

/* As if the signal had come, if Python code handles it. -1: no such signal. Needs no GIL. */
int PyErr_SetInterruptEx(int number)
{
    if (number < 1 || number >= SIGNAL_COUNT) return -1;
    PyObject *handler = state.signals[number].handler;
    if (!signal_is_default(handler) && !signal_is_ignored(handler)) signal_note(number);
    return 0;
}

void PyErr_SetInterrupt(void) { PyErr_SetInterruptEx(SIGINT); }

/* True once for each Ctrl-C, whose handler then does not run. */
int _PyOS_InterruptOccurred(PyThreadState *tstate)
{
    if (!signal_is_main_thread() || tstate->interp != runtime_state.main) return 0;
    return atomic_exchange(&state.signals[SIGINT].noted, false);
}

int PyOS_InterruptOccurred(void) { return _PyOS_InterruptOccurred(PyThreadState_Get()); }

/* ---- The system's handlers ------------------------------------------------------------------------------------ */

PyOS_sighandler_t PyOS_getsig(int number)
{
    struct sigaction action;
    return sigaction(number, NULL, &action) == -1 ? SIG_ERR : action.sa_handler;
}

/* Returns the one before, SIG_ERR with errno set on failure. System calls are not restarted. */
PyOS_sighandler_t PyOS_setsig(int number, PyOS_sighandler_t handler)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK}, before;
    sigemptyset(&action.sa_mask);
    return sigaction(number, &action, &before) == -1 ? SIG_ERR : before.sa_handler;
}

/* ---- Start, end, fork ----------------------------------------------------------------------------------------- */

int signal_read_handlers(void)
{
    for (int number = 1; number < SIGNAL_COUNT; number++) {
        if (state.signals[number].handler) continue;
        PyOS_sighandler_t handler = PyOS_getsig(number);
        PyObject *object = handler == SIG_DFL || handler == SIG_IGN ? PyLong_FromLong((long)(intptr_t)handler) : Py_NewRef(Py_None);
        if (!object) return -1;
        state.signals[number].handler = object;
    }
    return 0;
}

int signal_init(bool install_handlers)
{
    if (install_handlers) {
        PyOS_setsig(SIGPIPE, SIG_IGN);
        PyOS_setsig(SIGXFSZ, SIG_IGN);
    }
    if (signal_read_handlers() < 0) return -1;
    PyObject *module = PyImport_ImportModule("_signal");
    if (!module) return -1;
    int result = 0;
    if (install_handlers && signal_is_default(state.signals[SIGINT].handler)) {
        PyObject *handler = PyObject_GetAttrString(module, "default_int_handler");
        if (handler) {
            Py_XDECREF(signal_swap_handler(SIGINT, handler));
            Py_DECREF(handler);
            PyOS_setsig(SIGINT, signal_note);
        }
        else result = -1;
    }
    Py_DECREF(module);
    return result;
}

void signal_finish(void)
{
    for (int number = 1; number < SIGNAL_COUNT; number++) {
        PyObject *handler = signal_swap_handler(number, NULL);
        atomic_store(&state.signals[number].noted, false);
        if (is_callable_handler(handler)) PyOS_setsig(number, SIG_DFL);
        Py_XDECREF(handler);
    }
    atomic_store(&interrupt_runtime.pending, false);
    atomic_store(&state.wakeup_fd, -1);
}

/* What came for the parent is the parent's. */
void signal_after_fork(void)
{
    for (int number = 1; number < SIGNAL_COUNT; number++) atomic_store(&state.signals[number].noted, false);
    atomic_store(&interrupt_runtime.pending, false);
}
