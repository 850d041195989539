/* The faulthandler module: where every thread stood when the process crashed, hung, or was asked. */
#include <Python.h>
#include <internal/krait_exports.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "objects/thread_state.h"
#include "runtime/lifecycle.h"

enum { ALTERNATE_STACK_SIZE = 64 * 1024 };

typedef struct {
    int number;
    const char *name;
    bool installed;
    struct sigaction previous;
} FatalSignal;

typedef struct {
    bool installed;
    bool all_threads, chain;
    int fd;
    PyObject *file;             /* owned, or NULL for a bare fd */
    struct sigaction previous;
} UserSignal;

static FatalSignal fatal_signals[] = {
    {.number = SIGBUS, .name = "Bus error"},
    {.number = SIGILL, .name = "Illegal instruction"},
    {.number = SIGFPE, .name = "Floating point exception"},
    {.number = SIGABRT, .name = "Aborted"},
    {.number = SIGSEGV, .name = "Segmentation fault"},
};

static struct {
    bool enabled;
    bool all_threads;
    int fd;
    PyObject *file;             /* owned, or NULL for a bare fd */
    PyInterpreterState *interp;
    stack_t stack;              /* on which handlers run: the thread's own may be used up */
    UserSignal users[NSIG];
} fault;

/* The thread that waits to dump. */
static struct {
    PyObject *file;             /* owned */
    int fd;
    long long timeout;          /* microseconds */
    bool repeat, exit;
    char header[64];
    PyInterpreterState *interp;
    PyThread_type_lock cancel;  /* held by us; let go to end the thread */
    PyThread_type_lock running; /* held by the thread */
} watchdog;

/* ---- Arguments ------------------------------------------------------------------------------------------------ */

/* The descriptor of a file, a number, or sys.stderr; *file becomes the object to keep (borrowed), or NULL. -1 with an
 * exception set. */
static int get_fd(PyObject **file)
{
    if (!*file || *file == Py_None) {
        *file = PySys_GetObject("stderr");
        if (!*file || *file == Py_None) {
            PyErr_SetString(PyExc_RuntimeError, *file ? "sys.stderr is None" : "unable to get sys.stderr");
            return -1;
        }
    }
    else if (PyLong_Check(*file)) {
        int fd = _PyLong_AsInt(*file);
        *file = NULL;
        if (fd == -1 && PyErr_Occurred()) return -1;
        if (fd < 0) PyErr_SetString(PyExc_ValueError, "file is not a valid file descripter");
        return fd < 0 ? -1 : fd;
    }
    PyObject *number = PyObject_CallMethod(*file, "fileno", NULL);
    if (!number) return -1;
    long fd = PyLong_Check(number) ? PyLong_AsLong(number) : -1;
    Py_DECREF(number);
    if (fd < 0 || fd > INT_MAX) {
        PyErr_Clear();
        PyErr_SetString(PyExc_RuntimeError, "file.fileno() is not a valid file descriptor");
        return -1;
    }
    PyObject *flushed = PyObject_CallMethod(*file, "flush", NULL);
    if (!flushed) PyErr_Clear();    /* the dump does not go through the file's buffer */
    Py_XDECREF(flushed);
    return (int)fd;
}

/* ---- Dumping now ---------------------------------------------------------------------------------------------- */

static void dump_text(int fd, const char *text)
{
    ssize_t written = write(fd, text, strlen(text));
    (void)written;
}

/* For signal handlers: no GIL is needed. */
static void dump_traceback(int fd, bool all_threads, PyInterpreterState *interp)
{
    static volatile sig_atomic_t busy;  /* a fault while dumping must not dump again */
    if (busy) return;
    busy = 1;
    PyThreadState *tstate = PyGILState_GetThisThreadState();
    if (all_threads) _Py_DumpTracebackThreads(fd, interp, tstate);
    else if (tstate) _Py_DumpTraceback(fd, tstate);
    busy = 0;
}

static PyObject *fault_dump_traceback(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"file", "all_threads", NULL};
    PyObject *file = NULL;
    int all_threads = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Oi:dump_traceback", keywords, &file, &all_threads)) return NULL;
    int fd = get_fd(&file);
    if (fd < 0) return NULL;
    PyThreadState *tstate = thread_state();
    if (all_threads) {
        const char *problem = _Py_DumpTracebackThreads(fd, NULL, tstate);
        if (problem) {
            PyErr_SetString(PyExc_RuntimeError, problem);
            return NULL;
        }
    }
    else _Py_DumpTraceback(fd, tstate);
    if (PyErr_CheckSignals() < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- Fatal signals -------------------------------------------------------------------------------------------- */

static void use_alternate_stack(void)
{
    if (fault.stack.ss_sp) return;
    fault.stack.ss_sp = PyMem_Malloc(ALTERNATE_STACK_SIZE);
    fault.stack.ss_size = ALTERNATE_STACK_SIZE;
    if (fault.stack.ss_sp) sigaltstack(&fault.stack, NULL);
}

static void restore_fatal(FatalSignal *signal)
{
    if (!signal->installed) return;
    signal->installed = false;
    sigaction(signal->number, &signal->previous, NULL);
}

static void on_fatal_signal(int number)
{
    int saved_errno = errno;
    if (!fault.enabled) return;
    FatalSignal *signal = fatal_signals;
    while (signal < fatal_signals + Py_ARRAY_LENGTH(fatal_signals) - 1 && signal->number != number) signal++;
    restore_fatal(signal);      /* what was there before has the last word */
    dump_text(fault.fd, "Fatal Python error: ");
    dump_text(fault.fd, signal->name);
    dump_text(fault.fd, "\n\n");
    dump_traceback(fault.fd, fault.all_threads, fault.interp);
    _Py_DumpExtensionModules(fault.fd, fault.interp);
    errno = saved_errno;
    raise(number);
}

static int install_fatal(void)
{
    if (fault.enabled) return 0;
    fault.enabled = true;
    use_alternate_stack();
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) {
        struct sigaction action = {.sa_handler = on_fatal_signal, .sa_flags = SA_NODEFER};
        sigemptyset(&action.sa_mask);
        if (fault.stack.ss_sp) action.sa_flags |= SA_ONSTACK;
        if (sigaction(fatal_signals[i].number, &action, &fatal_signals[i].previous) != 0) {
            PyErr_SetFromErrno(PyExc_RuntimeError);
            return -1;
        }
        fatal_signals[i].installed = true;
    }
    return 0;
}

static PyObject *fault_enable(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"file", "all_threads", NULL};
    PyObject *file = NULL;
    int all_threads = 1;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|Oi:enable", keywords, &file, &all_threads)) return NULL;
    int fd = get_fd(&file);
    if (fd < 0) return NULL;
    Py_XSETREF(fault.file, Py_XNewRef(file));
    fault.fd = fd;
    fault.all_threads = all_threads != 0;
    fault.interp = PyInterpreterState_Get();
    if (install_fatal() < 0) return NULL;
    Py_RETURN_NONE;
}

void faulthandler_disable(void)
{
    fault.enabled = false;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) restore_fatal(&fatal_signals[i]);
}

static PyObject *fault_disable(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    bool was_enabled = fault.enabled;
    faulthandler_disable();
    Py_CLEAR(fault.file);
    return PyBool_FromLong(was_enabled);
}

static PyObject *fault_is_enabled(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused)) { return PyBool_FromLong(fault.enabled); }

/* ---- The watchdog --------------------------------------------------------------------------------------------- */

static void watchdog_main(void *Py_UNUSED(data))
{
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, NULL);   /* signals are for the others */
    for (;;) {
        if (PyThread_acquire_lock_timed(watchdog.cancel, watchdog.timeout, 0) == PY_LOCK_ACQUIRED) {
            PyThread_release_lock(watchdog.cancel);
            break;
        }
        dump_text(watchdog.fd, watchdog.header);
        const char *problem = _Py_DumpTracebackThreads(watchdog.fd, watchdog.interp, NULL);
        if (watchdog.exit) _exit(1);
        if (problem || !watchdog.repeat) break;
    }
    PyThread_release_lock(watchdog.running);
}

static void watchdog_cancel(void)
{
    if (!watchdog.cancel) return;
    PyThread_release_lock(watchdog.cancel);
    PyThread_acquire_lock(watchdog.running, 1);
    PyThread_release_lock(watchdog.running);
    PyThread_acquire_lock(watchdog.cancel, 1);
    Py_CLEAR(watchdog.file);
}

static int watchdog_make_locks(void)
{
    if (watchdog.cancel) return 0;
    watchdog.running = PyThread_allocate_lock();
    watchdog.cancel = watchdog.running ? PyThread_allocate_lock() : NULL;
    if (!watchdog.cancel) {
        PyThread_free_lock(watchdog.running);
        PyErr_NoMemory();
        return -1;
    }
    PyThread_acquire_lock(watchdog.cancel, 1);
    return 0;
}

static void write_header(long long microseconds)
{
    unsigned long seconds = (unsigned long)(microseconds / 1000000), rest = (unsigned long)(microseconds % 1000000);
    unsigned long minutes = seconds / 60, hours = minutes / 60;
    int length = snprintf(watchdog.header, sizeof(watchdog.header), "Timeout (%lu:%02lu:%02lu", hours, minutes % 60, seconds % 60);
    if (rest) length += snprintf(watchdog.header + length, sizeof(watchdog.header) - (size_t)length, ".%06lu", rest);
    snprintf(watchdog.header + length, sizeof(watchdog.header) - (size_t)length, ")!\n");
}

static PyObject *fault_dump_later(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"timeout", "repeat", "file", "exit", NULL};
    PyObject *seconds, *file = NULL;
    int repeat = 0, exit_too = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|iOi:dump_traceback_later", keywords, &seconds, &repeat, &file, &exit_too)) {
        return NULL;
    }
    _PyTime_t timeout;
    if (_PyTime_FromSecondsObject(&timeout, seconds, _PyTime_ROUND_TIMEOUT) < 0) return NULL;
    _PyTime_t microseconds = _PyTime_AsMicroseconds(timeout, _PyTime_ROUND_TIMEOUT);
    if (microseconds <= 0) {
        PyErr_SetString(PyExc_ValueError, "timeout must be greater than 0");
        return NULL;
    }
    if (microseconds > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return NULL;
    }
    int fd = get_fd(&file);
    if (fd < 0 || watchdog_make_locks() < 0) return NULL;
    watchdog_cancel();
    write_header(microseconds);
    watchdog.file = Py_XNewRef(file);
    watchdog.fd = fd;
    watchdog.timeout = microseconds;
    watchdog.repeat = repeat != 0;
    watchdog.exit = exit_too != 0;
    watchdog.interp = PyInterpreterState_Get();
    PyThread_acquire_lock(watchdog.running, 1);
    if (PyThread_start_new_thread(watchdog_main, NULL) == PYTHREAD_INVALID_THREAD_ID) {
        PyThread_release_lock(watchdog.running);
        Py_CLEAR(watchdog.file);
        PyErr_SetString(PyExc_RuntimeError, "unable to start watchdog thread");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *fault_cancel_later(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    watchdog_cancel();
    Py_RETURN_NONE;
}

/* ---- Signals of the user's choice ----------------------------------------------------------------------------- */

static void on_user_signal(int number);

static int install_user(int number, bool chain, struct sigaction *previous)
{
    struct sigaction action = {.sa_handler = on_user_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    if (chain) action.sa_flags = SA_NODEFER;    /* raise() within the handler must come through */
    if (fault.stack.ss_sp) action.sa_flags |= SA_ONSTACK;
    return sigaction(number, &action, previous);
}

static void on_user_signal(int number)
{
    UserSignal *user = &fault.users[number];
    int saved_errno = errno;
    if (!user->installed) return;
    dump_traceback(user->fd, user->all_threads, fault.interp);
    if (user->chain) {
        sigaction(number, &user->previous, NULL);
        errno = saved_errno;
        raise(number);
        saved_errno = errno;
        install_user(number, true, NULL);
    }
    errno = saved_errno;
}

static bool check_number(int number)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(fatal_signals); i++) {
        if (fatal_signals[i].number != number) continue;
        PyErr_Format(PyExc_RuntimeError, "signal %i cannot be registered, use enable() instead", number);
        return false;
    }
    if (number >= 1 && number < NSIG) return true;
    PyErr_SetString(PyExc_ValueError, "signal number out of range");
    return false;
}

static PyObject *fault_register(PyObject *Py_UNUSED(module), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"signum", "file", "all_threads", "chain", NULL};
    int number, all_threads = 1, chain = 0;
    PyObject *file = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|Oii:register", keywords, &number, &file, &all_threads, &chain)) return NULL;
    if (!check_number(number)) return NULL;
    int fd = get_fd(&file);
    if (fd < 0) return NULL;
    UserSignal *user = &fault.users[number];
    fault.interp = PyInterpreterState_Get();
    use_alternate_stack();
    if (!user->installed && install_user(number, chain != 0, &user->previous) != 0) return PyErr_SetFromErrno(PyExc_OSError);
    Py_XSETREF(user->file, Py_XNewRef(file));
    user->fd = fd;
    user->all_threads = all_threads != 0;
    user->chain = chain != 0;
    user->installed = true;
    Py_RETURN_NONE;
}

static PyObject *fault_unregister(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int number = _PyLong_AsInt(arg);
    if (number == -1 && PyErr_Occurred()) return NULL;
    if (!check_number(number)) return NULL;
    UserSignal *user = &fault.users[number];
    if (!user->installed) Py_RETURN_FALSE;
    user->installed = false;
    sigaction(number, &user->previous, NULL);
    Py_CLEAR(user->file);
    user->fd = -1;
    Py_RETURN_TRUE;
}

/* ---- Crashes to test with ------------------------------------------------------------------------------------- */

static PyObject *fault_read_null(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    volatile int *nowhere = NULL;
    return PyLong_FromLong(*nowhere);
}

static PyObject *fault_sigsegv(PyObject *Py_UNUSED(module), PyObject *args)
{
    int release_gil = 0;
    if (!PyArg_ParseTuple(args, "|i:_sigsegv", &release_gil)) return NULL;
    if (release_gil) {
        Py_BEGIN_ALLOW_THREADS
        raise(SIGSEGV);
        Py_END_ALLOW_THREADS
    }
    else raise(SIGSEGV);
    Py_RETURN_NONE;
}

static PyObject *fault_sigabrt(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused)) { abort(); }

static PyObject *fault_sigfpe(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    raise(SIGFPE);
    Py_RETURN_NONE;
}

static void fatal_error_thread(void *Py_UNUSED(data)) { _Py_FatalErrorFunc("faulthandler_fatal_error_thread", "in new thread"); }

static PyObject *fault_fatal_error(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    PyThread_type_lock lock = PyThread_allocate_lock();
    if (!lock) return PyErr_NoMemory();
    PyThread_acquire_lock(lock, 1);
    if (PyThread_start_new_thread(fatal_error_thread, NULL) == PYTHREAD_INVALID_THREAD_ID) {
        PyThread_free_lock(lock);
        PyErr_SetString(PyExc_RuntimeError, "unable to start the thread");
        return NULL;
    }
    PyThread_acquire_lock(lock, 1);     /* the thread ends the process */
    Py_RETURN_NONE;
}

/* Calls itself until the stack reaches down to the limit. The depth; that it is added up keeps the call from being a jump. */
static size_t use_stack(uintptr_t limit)
{
    volatile char buffer[4096];
    buffer[0] = 1;
    if ((uintptr_t)buffer < limit) return 1;
    return use_stack(limit) + (size_t)buffer[0];
}

static PyObject *fault_stack_overflow(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    char here;
    size_t depth = use_stack((uintptr_t)&here - (size_t)100 * 1024 * 1024);
    return PyErr_Format(PyExc_RuntimeError, "unable to raise a stack overflow (depth: %zu)", depth);
}

/* ---- The module ----------------------------------------------------------------------------------------------- */

#define KEYWORDS(function) (PyCFunction)(void *)function, METH_VARARGS | METH_KEYWORDS

static PyMethodDef fault_functions[] = {
    {"enable", KEYWORDS(fault_enable), "enable(file=sys.stderr, all_threads=True): write tracebacks when the process crashes"},
    {"disable", fault_disable, METH_NOARGS, "disable(): undo enable()"},
    {"is_enabled", fault_is_enabled, METH_NOARGS, "is_enabled()->bool: whether enable() is in force"},
    {"dump_traceback", KEYWORDS(fault_dump_traceback),
     "dump_traceback(file=sys.stderr, all_threads=True): write where this thread, or every thread, stands"},
    {"dump_traceback_later", KEYWORDS(fault_dump_later),
     "dump_traceback_later(timeout, repeat=False, file=sys.stderr, exit=False):\n"
     "write the tracebacks of all threads after so many seconds, once or again and again;\n"
     "with exit, then end the process by _exit(1)."},
    {"cancel_dump_traceback_later", fault_cancel_later, METH_NOARGS, "cancel_dump_traceback_later():\nundo dump_traceback_later()."},
    {"register", KEYWORDS(fault_register),
     "register(signum, file=sys.stderr, all_threads=True, chain=False): write tracebacks when the signal comes;\n"
     "with chain, then do what was done before"},
    {"unregister", fault_unregister, METH_O, "unregister(signum): undo register()"},
    {"_read_null", fault_read_null, METH_NOARGS, "_read_null(): read from address 0"},
    {"_sigsegv", fault_sigsegv, METH_VARARGS, "_sigsegv(release_gil=False): raise SIGSEGV"},
    {"_fatal_error_c_thread", fault_fatal_error, METH_NOARGS, "fatal_error_c_thread(): a fatal error in a new C thread."},
    {"_sigabrt", fault_sigabrt, METH_NOARGS, "_sigabrt(): raise SIGABRT"},
    {"_sigfpe", fault_sigfpe, METH_NOARGS, "_sigfpe(): raise SIGFPE"},
    {"_stack_overflow", fault_stack_overflow, METH_NOARGS, "_stack_overflow(): use up the C stack"},
    {0},
};

static PyModuleDef fault_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "faulthandler",
    .m_doc = "Tracebacks of all threads on a crash, after a time, or on a signal.",
    .m_methods = fault_functions,
};

PyMODINIT_FUNC PyInit_faulthandler(void);
PyMODINIT_FUNC PyInit_faulthandler(void) { return PyModuleDef_Init(&fault_module); }
