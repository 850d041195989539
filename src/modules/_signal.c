/* The _signal module: what signal.py wraps in enums. */
#include <Python.h>
#include <internal/krait_exports.h>
#include <structseq.h>

#include <errno.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include "runtime/signals.h"

static PyTypeObject *siginfo_type;      /* owned */
static PyObject *itimer_error;          /* owned: signal.itimer_error */

/* ---- Arguments ------------------------------------------------------------------------------------------------ */

/* -1 with ValueError set. */
static int check_number(int number)
{
    if (number >= 1 && number < SIGNAL_COUNT) return 0;
    PyErr_SetString(PyExc_ValueError, "signal number out of range");
    return -1;
}

static int get_number(PyObject *arg, int *number)
{
    *number = _PyLong_AsInt(arg);
    if (*number == -1 && PyErr_Occurred()) return -1;
    return check_number(*number);
}

/* For "O&": an iterable of signal numbers into a sigset_t. 1, or 0 with an exception set. */
int _Py_Sigset_Converter(PyObject *arg, void *address)
{
    sigset_t *mask = address;
    sigemptyset(mask);
    PyObject *iterator = PyObject_GetIter(arg), *item;
    if (!iterator) return 0;
    while ((item = PyIter_Next(iterator))) {
        int overflow;
        long number = PyLong_AsLongAndOverflow(item, &overflow);
        Py_DECREF(item);
        if (number == -1 && PyErr_Occurred()) break;
        if (overflow || number <= 0 || number >= SIGNAL_COUNT) {
            PyErr_Format(PyExc_ValueError, "signal number %ld out of range [1; %i]", number, SIGNAL_COUNT - 1);
            break;
        }
        if (sigaddset(mask, (int)number) == 0) continue;
        if (errno != EINVAL) {
            PyErr_SetFromErrno(PyExc_OSError);
            break;
        }
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1, "invalid signal number %ld, please use valid_signals()", number) < 0) break;
    }
    Py_DECREF(iterator);
    return !PyErr_Occurred();
}

/* New. */
static PyObject *set_of_signals(const sigset_t *mask)
{
    PyObject *result = PySet_New(NULL);
    for (int number = 1; result && number < SIGNAL_COUNT; number++) {
        if (sigismember(mask, number) != 1) continue;
        PyObject *item = PyLong_FromLong(number);
        if (!item || PySet_Add(result, item) < 0) Py_CLEAR(result);
        Py_XDECREF(item);
    }
    return result;
}

/* ---- Handlers ------------------------------------------------------------------------------------------------- */

static PyObject *signal_default_int_handler(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    if (!_PyArg_CheckPositional("default_int_handler", nargs, 2, 2)) return NULL;
    if (_PyLong_AsInt(args[0]) == -1 && PyErr_Occurred()) return NULL;
    PyErr_SetNone(PyExc_KeyboardInterrupt);
    return NULL;
}

static PyObject *signal_signal(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    if (!_PyArg_CheckPositional("signal", nargs, 2, 2)) return NULL;
    int number = _PyLong_AsInt(args[0]);
    if (number == -1 && PyErr_Occurred()) return NULL;
    if (!_PyOS_IsMainThread()) {
        PyErr_SetString(PyExc_ValueError, "signal only works in main thread of the main interpreter");
        return NULL;
    }
    if (check_number(number) < 0) return NULL;
    PyObject *handler = args[1];
    PyOS_sighandler_t function = signal_note;
    if (signal_is_ignored(handler)) function = SIG_IGN;
    else if (signal_is_default(handler)) function = SIG_DFL;
    else if (!PyCallable_Check(handler)) {
        PyErr_SetString(PyExc_TypeError, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object");
        return NULL;
    }
    if (PyErr_CheckSignals() < 0) return NULL;      /* what came before is the old handler's */
    if (PyOS_setsig(number, function) == SIG_ERR) return PyErr_SetFromErrno(PyExc_OSError);
    PyObject *old = signal_swap_handler(number, handler);
    return old ? old : Py_NewRef(Py_None);
}

static PyObject *signal_getsignal(PyObject *module, PyObject *arg)
{
    (void)module;
    int number;
    if (get_number(arg, &number) < 0) return NULL;
    PyObject *handler = signal_handler_borrow(number);
    return Py_NewRef(handler ? handler : Py_None);
}

static PyObject *signal_siginterrupt(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    int number, flag;
    if (!_PyArg_ParseStack(args, nargs, "ii:siginterrupt", &number, &flag) || check_number(number) < 0) return NULL;
    struct sigaction action;
    if (sigaction(number, NULL, &action) < 0) return PyErr_SetFromErrno(PyExc_OSError);
    if (flag) action.sa_flags &= ~SA_RESTART;
    else action.sa_flags |= SA_RESTART;
    if (sigaction(number, &action, NULL) < 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

static PyObject *signal_set_wakeup(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    (void)module;
    static const char *const keywords[] = {"", "warn_on_full_buffer", NULL};
    static _PyArg_Parser parser = {.format = "i|$p:set_wakeup_fd", .keywords = keywords};
    int fd, warn = 1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &fd, &warn)) return NULL;
    if (!_PyOS_IsMainThread()) {
        PyErr_SetString(PyExc_ValueError, "set_wakeup_fd only works in main thread of the main interpreter");
        return NULL;
    }
    if (fd != -1) {
        struct stat status;
        if (_Py_fstat(fd, &status) != 0) return NULL;
        int blocking = _Py_get_blocking(fd);
        if (blocking < 0) return NULL;
        if (blocking) return PyErr_Format(PyExc_ValueError, "the fd %i must be in non-blocking mode", fd);
    }
    return PyLong_FromLong(signal_set_wakeup_fd(fd, warn != 0));
}

/* ---- Sending -------------------------------------------------------------------------------------------------- */

static PyObject *signal_raise(PyObject *module, PyObject *arg)
{
    (void)module;
    int number = _PyLong_AsInt(arg);
    if (number == -1 && PyErr_Occurred()) return NULL;
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = raise(number);
    Py_END_ALLOW_THREADS
    if (status != 0) return PyErr_SetFromErrno(PyExc_OSError);
    if (PyErr_CheckSignals() < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *signal_pthread_kill(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    if (!_PyArg_CheckPositional("pthread_kill", nargs, 2, 2)) return NULL;
    if (!PyLong_Check(args[0])) {
        _PyArg_BadArgument("pthread_kill", "argument 1", "int", args[0]);
        return NULL;
    }
    unsigned long thread = PyLong_AsUnsignedLongMask(args[0]);
    int number = _PyLong_AsInt(args[1]);
    if (number == -1 && PyErr_Occurred()) return NULL;
    if (PySys_Audit("signal.pthread_kill", "ki", thread, number) < 0) return NULL;
    int status = pthread_kill((pthread_t)thread, number);
    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) return NULL;      /* it may have been for us */
    Py_RETURN_NONE;
}

static PyObject *signal_pidfd_send(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    int pidfd, number, flags = 0;
    PyObject *siginfo = Py_None;
    if (!_PyArg_ParseStack(args, nargs, "ii|Oi:pidfd_send_signal", &pidfd, &number, &siginfo, &flags)) return NULL;
    if (siginfo != Py_None) {
        PyErr_SetString(PyExc_TypeError, "siginfo must be None");
        return NULL;
    }
    if (syscall(SYS_pidfd_send_signal, pidfd, number, NULL, flags) < 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}

/* ---- Timers --------------------------------------------------------------------------------------------------- */

static PyObject *signal_alarm(PyObject *module, PyObject *arg)
{
    (void)module;
    int seconds = _PyLong_AsInt(arg);
    if (seconds == -1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLong((long)alarm((unsigned)seconds));
}

static PyObject *signal_pause(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    Py_BEGIN_ALLOW_THREADS
    pause();
    Py_END_ALLOW_THREADS
    if (PyErr_CheckSignals() < 0) return NULL;
    Py_RETURN_NONE;
}

/* NULL: zero. */
static int to_timeval(PyObject *seconds, struct timeval *value)
{
    *value = (struct timeval){0};
    if (!seconds) return 0;
    _PyTime_t time;
    if (_PyTime_FromSecondsObject(&time, seconds, _PyTime_ROUND_CEILING) < 0) return -1;
    return _PyTime_AsTimeval(time, value, _PyTime_ROUND_CEILING);
}

static double to_double(const struct timeval *value) { return (double)value->tv_sec + (double)value->tv_usec / 1e6; }

static PyObject *timer_pair(const struct itimerval *timer)
{
    return Py_BuildValue("(dd)", to_double(&timer->it_value), to_double(&timer->it_interval));
}

static PyObject *signal_setitimer(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    int which;
    PyObject *seconds, *interval = NULL;
    if (!_PyArg_ParseStack(args, nargs, "iO|O:setitimer", &which, &seconds, &interval)) return NULL;
    struct itimerval new, old;
    if (to_timeval(seconds, &new.it_value) < 0 || to_timeval(interval, &new.it_interval) < 0) return NULL;
    if (setitimer(which, &new, &old) != 0) return PyErr_SetFromErrno(itimer_error);
    return timer_pair(&old);
}

static PyObject *signal_getitimer(PyObject *module, PyObject *arg)
{
    (void)module;
    int which = _PyLong_AsInt(arg);
    if (which == -1 && PyErr_Occurred()) return NULL;
    struct itimerval timer;
    if (getitimer(which, &timer) != 0) return PyErr_SetFromErrno(itimer_error);
    return timer_pair(&timer);
}

/* ---- Masks and waiting ---------------------------------------------------------------------------------------- */

static PyObject *signal_pthread_sigmask(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    int how;
    sigset_t mask, previous;
    if (!_PyArg_ParseStack(args, nargs, "iO&:pthread_sigmask", &how, _Py_Sigset_Converter, &mask)) return NULL;
    int status = pthread_sigmask(how, &mask, &previous);
    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    if (PyErr_CheckSignals() < 0) return NULL;      /* some may have waited to be let in */
    return set_of_signals(&previous);
}

static PyObject *signal_sigpending(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    sigset_t mask;
    if (sigpending(&mask) != 0) return PyErr_SetFromErrno(PyExc_OSError);
    return set_of_signals(&mask);
}

static PyObject *signal_sigwait(PyObject *module, PyObject *arg)
{
    (void)module;
    sigset_t mask;
    if (!_Py_Sigset_Converter(arg, &mask)) return NULL;
    int number, status;
    Py_BEGIN_ALLOW_THREADS
    status = sigwait(&mask, &number);
    Py_END_ALLOW_THREADS
    if (status != 0) {
        errno = status;
        return PyErr_SetFromErrno(PyExc_OSError);
    }
    return PyLong_FromLong(number);
}

static PyObject *siginfo_object(const siginfo_t *info)
{
    PyObject *result = PyStructSequence_New(siginfo_type);
    if (!result) return NULL;
    PyStructSequence_SET_ITEM(result, 0, PyLong_FromLong(info->si_signo));
    PyStructSequence_SET_ITEM(result, 1, PyLong_FromLong(info->si_code));
    PyStructSequence_SET_ITEM(result, 2, PyLong_FromLong(info->si_errno));
    PyStructSequence_SET_ITEM(result, 3, PyLong_FromLong(info->si_pid));
    PyStructSequence_SET_ITEM(result, 4, _PyLong_FromUid(info->si_uid));
    PyStructSequence_SET_ITEM(result, 5, PyLong_FromLong(info->si_status));
    PyStructSequence_SET_ITEM(result, 6, PyLong_FromLong(info->si_band));
    if (PyErr_Occurred()) Py_CLEAR(result);
    return result;
}

static PyObject *signal_sigwaitinfo(PyObject *module, PyObject *arg)
{
    (void)module;
    sigset_t mask;
    if (!_Py_Sigset_Converter(arg, &mask)) return NULL;
    siginfo_t info;
    int number;
    do {    /* PEP 475: another signal does not end the wait */
        Py_BEGIN_ALLOW_THREADS
        number = sigwaitinfo(&mask, &info);
        Py_END_ALLOW_THREADS
        if (number != -1) return siginfo_object(&info);
    } while (errno == EINTR && PyErr_CheckSignals() == 0);
    return PyErr_Occurred() ? NULL : PyErr_SetFromErrno(PyExc_OSError);
}

static PyObject *signal_sigtimedwait(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    sigset_t mask;
    PyObject *seconds;
    if (!_PyArg_ParseStack(args, nargs, "O&O:sigtimedwait", _Py_Sigset_Converter, &mask, &seconds)) return NULL;
    _PyTime_t timeout;
    if (_PyTime_FromSecondsObject(&timeout, seconds, _PyTime_ROUND_CEILING) < 0) return NULL;
    if (timeout < 0) {
        PyErr_SetString(PyExc_ValueError, "timeout must be non-negative");
        return NULL;
    }
    _PyTime_t deadline = _PyDeadline_Init(timeout);
    siginfo_t info;
    int number;
    do {
        struct timespec ts;
        if (_PyTime_AsTimespec(timeout, &ts) < 0) return NULL;
        Py_BEGIN_ALLOW_THREADS
        number = sigtimedwait(&mask, &info, &ts);
        Py_END_ALLOW_THREADS
        if (number != -1) return siginfo_object(&info);
        if (errno != EINTR) {
            if (errno == EAGAIN) Py_RETURN_NONE;
            return PyErr_SetFromErrno(PyExc_OSError);
        }
        if (PyErr_CheckSignals() < 0) return NULL;
        timeout = _PyDeadline_Get(deadline);
    } while (timeout >= 0);
    Py_RETURN_NONE;
}

/* ---- Names ---------------------------------------------------------------------------------------------------- */

static PyObject *signal_strsignal(PyObject *module, PyObject *arg)
{
    (void)module;
    int number;
    if (get_number(arg, &number) < 0) return NULL;
    errno = 0;
    const char *text = strsignal(number);
    if (errno || !text || strstr(text, "Unknown signal")) Py_RETURN_NONE;
    return PyUnicode_FromString(text);
}

static PyObject *signal_valid(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    sigset_t mask;
    if (sigfillset(&mask) != 0) return PyErr_SetFromErrno(PyExc_OSError);
    return set_of_signals(&mask);
}

/* ---- The module ----------------------------------------------------------------------------------------------- */

#define FAST(function) (PyCFunction)(void *)function, METH_FASTCALL

static PyMethodDef signal_functions[] = {
    {"default_int_handler", FAST(signal_default_int_handler),
     "default_int_handler($module, signalnum, frame, /)\n--\n\nThe handler of SIGINT at start: raises KeyboardInterrupt."},
    {"alarm", signal_alarm, METH_O, "alarm($module, seconds, /)\n--\n\nAsk for SIGALRM after some seconds."},
    {"setitimer", FAST(signal_setitimer),
     "setitimer($module, which, seconds, interval=0.0, /)\n--\n\n"
     "Set an interval timer that first runs out after 'seconds', then every 'interval'; return its former state."},
    {"getitimer", signal_getitimer, METH_O, "getitimer($module, which, /)\n--\n\nReturn the state of an interval timer."},
    {"signal", FAST(signal_signal),
     "signal($module, signalnum, handler, /)\n--\n\n"
     "Set what is done about a signal: SIG_DFL, SIG_IGN, or a callable that gets the number and the frame. Return the former one."},
    {"raise_signal", signal_raise, METH_O, "raise_signal($module, signalnum, /)\n--\n\nSend a signal to this process."},
    {"strsignal", signal_strsignal, METH_O,
     "strsignal($module, signalnum, /)\n--\n\nReturn the system's description of a signal, or None."},
    {"getsignal", signal_getsignal, METH_O,
     "getsignal($module, signalnum, /)\n--\n\nReturn what is done about a signal; None if it was not set from Python."},
    {"set_wakeup_fd", (PyCFunction)(void *)signal_set_wakeup, METH_FASTCALL | METH_KEYWORDS,
     "set_wakeup_fd(fd, *, warn_on_full_buffer=True) -> fd\n\n"
     "Set the file descriptor that the number of every signal is written to, -1 for none; return the former one."},
    {"siginterrupt", FAST(signal_siginterrupt),
     "siginterrupt($module, signalnum, flag, /)\n--\n\nChange whether a signal interrupts system calls."},
    {"pause", signal_pause, METH_NOARGS, "pause($module, /)\n--\n\nWait for a signal."},
    {"pidfd_send_signal", FAST(signal_pidfd_send),
     "pidfd_send_signal($module, pidfd, signalnum, siginfo=None, flags=0, /)\n--\n\nSend a signal to the process that a pid fd stands for."},
    {"pthread_kill", FAST(signal_pthread_kill),
     "pthread_kill($module, thread_id, signalnum, /)\n--\n\nSend a signal to a thread."},
    {"pthread_sigmask", FAST(signal_pthread_sigmask),
     "pthread_sigmask($module, how, mask, /)\n--\n\nChange the set of blocked signals of this thread; return the former one."},
    {"sigpending", signal_sigpending, METH_NOARGS,
     "sigpending($module, /)\n--\n\nReturn the set of signals that wait to be let in."},
    {"sigwait", signal_sigwait, METH_O, "sigwait($module, sigset, /)\n--\n\nWait for one of the signals and return its number."},
    {"sigwaitinfo", signal_sigwaitinfo, METH_O,
     "sigwaitinfo($module, sigset, /)\n--\n\nWait for one of the signals and return a struct_siginfo."},
    {"sigtimedwait", FAST(signal_sigtimedwait),
     "sigtimedwait($module, sigset, timeout, /)\n--\n\nLike sigwaitinfo(), but for so many seconds; then None."},
    {"valid_signals", signal_valid, METH_NOARGS,
     "valid_signals($module, /)\n--\n\nReturn the set of signal numbers that this platform has."},
    {0},
};

static PyStructSequence_Field siginfo_fields[] = {
    {"si_signo", "signal number"},
    {"si_code", "signal code"},
    {"si_errno", "errno associated with this signal"},
    {"si_pid", "sending process ID"},
    {"si_uid", "real user ID of sending process"},
    {"si_status", "exit value or signal"},
    {"si_band", "band event for SIGPOLL"},
    {0},
};

static PyStructSequence_Desc siginfo_desc = {
    "signal.struct_siginfo",
    "struct_siginfo: what is known of a signal that was waited for; see siginfo_t(3).",
    siginfo_fields,
    7,
};

static const struct { const char *name; int value; } constants[] = {
#define CONSTANT(name) {#name, name},
    CONSTANT(NSIG) CONSTANT(SIG_BLOCK) CONSTANT(SIG_UNBLOCK) CONSTANT(SIG_SETMASK)
    CONSTANT(SIGHUP) CONSTANT(SIGINT) CONSTANT(SIGQUIT) CONSTANT(SIGILL) CONSTANT(SIGTRAP) CONSTANT(SIGIOT) CONSTANT(SIGABRT)
    CONSTANT(SIGFPE) CONSTANT(SIGKILL) CONSTANT(SIGBUS) CONSTANT(SIGSEGV) CONSTANT(SIGSYS) CONSTANT(SIGPIPE) CONSTANT(SIGALRM)
    CONSTANT(SIGTERM) CONSTANT(SIGUSR1) CONSTANT(SIGUSR2) CONSTANT(SIGCLD) CONSTANT(SIGCHLD) CONSTANT(SIGPWR) CONSTANT(SIGIO)
    CONSTANT(SIGURG) CONSTANT(SIGWINCH) CONSTANT(SIGPOLL) CONSTANT(SIGSTOP) CONSTANT(SIGTSTP) CONSTANT(SIGCONT) CONSTANT(SIGTTIN)
    CONSTANT(SIGTTOU) CONSTANT(SIGVTALRM) CONSTANT(SIGPROF) CONSTANT(SIGXCPU) CONSTANT(SIGXFSZ) CONSTANT(SIGSTKFLT)
    CONSTANT(ITIMER_REAL) CONSTANT(ITIMER_VIRTUAL) CONSTANT(ITIMER_PROF)
#undef CONSTANT
};

static int signal_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    if (PyModule_AddIntConstant(module, "SIGRTMIN", SIGRTMIN) < 0) return -1;
    if (PyModule_AddIntConstant(module, "SIGRTMAX", SIGRTMAX) < 0) return -1;
    if (PyModule_AddIntConstant(module, "SIG_DFL", (long)(intptr_t)SIG_DFL) < 0) return -1;
    if (PyModule_AddIntConstant(module, "SIG_IGN", (long)(intptr_t)SIG_IGN) < 0) return -1;
    if (!siginfo_type && !(siginfo_type = PyStructSequence_NewType(&siginfo_desc))) return -1;
    if (PyModule_AddObjectRef(module, "struct_siginfo", (PyObject *)siginfo_type) < 0) return -1;
    if (!itimer_error && !(itimer_error = PyErr_NewException("signal.itimer_error", PyExc_OSError, NULL))) return -1;
    if (PyModule_AddObjectRef(module, "ItimerError", itimer_error) < 0) return -1;
    return signal_is_main_thread() ? signal_read_handlers() : 0;
}

static PyModuleDef_Slot signal_slots[] = {
    {Py_mod_exec, signal_exec},
    {0},
};

static PyModuleDef signal_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_signal",
    .m_doc = "Signals: what to do about them, sending them, waiting for them, and timers that send them.",
    .m_methods = signal_functions,
    .m_slots = signal_slots,
};

PyMODINIT_FUNC PyInit__signal(void);
PyMODINIT_FUNC PyInit__signal(void) { return PyModuleDef_Init(&signal_module); }
