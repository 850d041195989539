/* _posixsubprocess: fork and exec for the subprocess module.
 *
 * Everything that can fail or allocate is done before the fork, so that the child makes system calls only and its memory may
 * be the parent's (vfork). What goes wrong in the child is written to errpipe_write as "ExceptionName:hex errno:message".
 */
#include <Python.h>
#include <internal/krait_exports.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>
#include <sys/stat.h>

#include "platform/spawn.h"

enum { GROUPS_MAX = 65536 };

/* All that the child needs to know. */
typedef struct {
    char *const *programs;              /* to try, one after the other */
    char *const *argv, *const *envp;    /* envp NULL: the parent's */
    const char *cwd;                    /* or NULL */
    const int *keep;                    /* sorted descriptors that stay open */
    Py_ssize_t keep_count;
    int p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write;
    int close_fds, restore_signals, call_setsid, group_to_set, umask;
    bool set_gid, set_groups, set_uid;
    gid_t gid;
    uid_t uid;
    Py_ssize_t group_count;
    const gid_t *groups;
    PyObject *preexec;                  /* borrowed, or NULL */
    const sigset_t *signal_mask;        /* to restore after vfork, or NULL */
} Child;

/* ---- In the child: system calls only ---- */

static void write_all(int fd, const char *text, size_t n)
{
    while (n) {
        ssize_t done = write(fd, text, n);
        if (done < 0) {
            if (errno == EINTR) continue;
            return;
        }
        text += done;
        n -= (size_t)done;
    }
}

static void report(int fd, int error, const char *message)
{
    char digits[2 * sizeof error];
    size_t at = sizeof digits;
    if (error) {
        write_all(fd, "OSError:", 8);
        for (unsigned e = (unsigned)error; e; e >>= 4) digits[--at] = Py_hexdigits[e & 15];
        write_all(fd, digits + at, sizeof digits - at);
        write_all(fd, ":", 1);
    } else {
        write_all(fd, "SubprocessError:0:", 18);
    }
    write_all(fd, message, strlen(message));
}

static void close_span(int first, int last)
{
    if (first > last || close_range((unsigned)first, (unsigned)last, 0) == 0) return;
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit > 0 && last >= limit) last = (int)limit - 1;
    for (int fd = first; fd <= last; fd++) close(fd);
}

static void close_others(const Child *child)
{
    int next = 3;
    for (Py_ssize_t i = 0; i < child->keep_count; i++) {
        if (child->keep[i] < next) continue;
        close_span(next, child->keep[i] - 1);
        next = child->keep[i] + 1;
    }
    close_span(next, INT_MAX);
}

/* Makes `fd` the descriptor `target`; when it is already, lets exec keep it. */
static int take_place(int fd, int target)
{
    if (fd == -1) return 0;
    if (fd == target) return _Py_set_inheritable_async_safe(fd, 1, NULL);
    return dup2(fd, target) < 0 ? -1 : 0;
}

static int move_up(int *fd)
{
    *fd = fcntl(*fd, F_DUPFD_CLOEXEC, 3);
    return *fd < 0 ? -1 : 0;
}

static int arrange_descriptors(Child *child)
{
    for (Py_ssize_t i = 0; i < child->keep_count; i++) {
        if (child->keep[i] == child->errpipe_write) continue;       /* closes with exec: that tells of success */
        if (_Py_set_inheritable_async_safe(child->keep[i], 1, NULL) < 0) return -1;
    }
    if (child->p2cwrite != -1) close(child->p2cwrite);
    if (child->c2pread != -1) close(child->c2pread);
    if (child->errread != -1) close(child->errread);
    close(child->errpipe_read);
    /* What sits on a place that another is to take has to move first. */
    if (child->c2pwrite == 0 && move_up(&child->c2pwrite) < 0) return -1;
    if ((child->errwrite == 0 || child->errwrite == 1) && move_up(&child->errwrite) < 0) return -1;
    if (take_place(child->p2cread, 0) < 0 || take_place(child->c2pwrite, 1) < 0) return -1;
    return take_place(child->errwrite, 2);
}

/* Handlers are code of the parent; the exec'd program starts with the defaults. The mask is the parent's from before. */
static void reset_signals(const sigset_t *mask)
{
    for (int number = 1; number < _NSIG; number++) {
        struct sigaction action;
        if (number == SIGKILL || number == SIGSTOP || sigaction(number, NULL, &action) < 0) continue;
        void *handler = (void *)action.sa_handler;
        if (handler == (void *)SIG_IGN || handler == (void *)SIG_DFL) continue;
        action.sa_flags = 0;
        action.sa_handler = SIG_DFL;
        sigaction(number, &action, NULL);
    }
    pthread_sigmask(SIG_SETMASK, mask, NULL);
}

static int take_settings(Child *child)
{
    if (child->cwd && chdir(child->cwd) < 0) return -1;
    if (child->umask >= 0) umask((mode_t)child->umask);
    if (child->restore_signals) {
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
    }
    if (child->signal_mask) reset_signals(child->signal_mask);
    if (child->call_setsid && setsid() < 0) return -1;
    if (child->group_to_set >= 0 && setpgid(0, child->group_to_set) < 0) return -1;
    if (child->set_groups && setgroups((size_t)child->group_count, child->groups) < 0) return -1;
    if (child->set_gid && setregid(child->gid, child->gid) < 0) return -1;
    if (child->set_uid && setreuid(child->uid, child->uid) < 0) return -1;
    return 0;
}

/* Returns if that fails, having reported why. */
static void become_program(Child *child)
{
    const char *message = "noexec";     /* no program has been tried yet: the error is about something else */
    int error = 0;
    if (arrange_descriptors(child) < 0 || take_settings(child) < 0) {
        report(child->errpipe_write, errno, message);
        return;
    }
    if (child->preexec) {
        PyObject *result = PyObject_CallNoArgs(child->preexec);
        if (!result) {
            report(child->errpipe_write, 0, "Exception occurred in preexec_fn.");
            return;
        }
    }
    if (child->close_fds) close_others(child);
    for (char *const *program = child->programs; *program; program++) {
        if (child->envp) execve(*program, child->argv, child->envp);
        else execv(*program, child->argv);
        if (errno != ENOENT && errno != ENOTDIR && error == 0) error = errno;
    }
    report(child->errpipe_write, error ? error : errno, "");
}

static _Noreturn void run_child(void *child)
{
    become_program(child);
    _exit(255);
}

/* Its own function, so that nothing of the parent's frame is changed by a child that shares the memory. */
static __attribute__((noinline)) pid_t fork_child(Child *child)
{
    pid_t pid;
    if (child->signal_mask) {
        pid = vfork();
        if (pid == -1) {                /* the system may forbid it */
            child->signal_mask = NULL;
            pid = fork();
        }
    } else {
        pid = fork();
    }
    if (pid != 0) return pid;
    if (child->preexec) PyOS_AfterFork_Child();
    run_child(child);
}

/* ---- In the parent ---- */

/* NULL-ended copies of a sequence's items as the file system's bytes. */
static char **argv_new(PyObject *sequence)
{
    PyObject *fast = PySequence_Fast(sequence, "argv must be a tuple");
    if (!fast) return NULL;
    Py_ssize_t n = PySequence_Fast_GET_SIZE(fast);
    char **strings = PyMem_Calloc((size_t)n + 1, sizeof *strings);
    if (!strings) {
        Py_DECREF(fast);
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        if (PySequence_Fast_GET_SIZE(fast) != n) {
            PyErr_SetString(PyExc_RuntimeError, "args changed during iteration");
            goto error;
        }
        PyObject *item = PySequence_Fast_GET_ITEM(fast, i), *bytes = NULL;
        char *text;
        if (!PyUnicode_FSConverter(item, &bytes)) goto error;
        if (PyBytes_AsStringAndSize(bytes, &text, NULL) < 0) {
            Py_DECREF(bytes);
            goto error;
        }
        size_t size = strlen(text) + 1;
        strings[i] = PyMem_Malloc(size);
        if (strings[i]) memcpy(strings[i], text, size);
        Py_DECREF(bytes);
        if (!strings[i]) {
            PyErr_NoMemory();
            goto error;
        }
    }
    Py_DECREF(fast);
    return strings;
error:
    _Py_FreeCharPArray(strings);
    Py_DECREF(fast);
    return NULL;
}

/* The descriptors of a tuple that must be sorted ints; NULL with an exception set. */
static int *descriptors_new(PyObject *tuple)
{
    Py_ssize_t n = PyTuple_GET_SIZE(tuple);
    int *fds = PyMem_New(int, (size_t)n + 1);
    if (!fds) {
        PyErr_NoMemory();
        return NULL;
    }
    long before = -1;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PyTuple_GET_ITEM(tuple, i);
        long fd = PyLong_Check(item) ? PyLong_AsLong(item) : -1;
        if (fd < 0 || fd <= before || fd > INT_MAX) {
            PyErr_SetString(PyExc_ValueError, "bad value(s) in fds_to_keep");
            PyMem_Free(fds);
            return NULL;
        }
        fds[i] = (int)fd;
        before = fd;
    }
    return fds;
}

static gid_t *groups_new(PyObject *list, Py_ssize_t *count)
{
    if (!PyList_Check(list)) {
        PyErr_SetString(PyExc_TypeError, "setgroups argument must be a list");
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(list);
    if (n > GROUPS_MAX) {
        PyErr_SetString(PyExc_ValueError, "too many groups");
        return NULL;
    }
    gid_t *groups = PyMem_New(gid_t, (size_t)n + 1);
    if (!groups) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n && i < PyList_GET_SIZE(list); i++) {
        PyObject *item = PyList_GET_ITEM(list, i);
        if (!PyLong_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "groups must be integers");
        } else if (_Py_Gid_Converter(item, &groups[i])) {
            continue;
        } else {
            PyErr_SetString(PyExc_ValueError, "invalid group id");
        }
        PyMem_Free(groups);
        return NULL;
    }
    *count = n;
    return groups;
}

/* Turns the collector off for the time of a Python call in the child; *was tells how it was. */
static pid_t fork_with_preexec(Child *child)
{
    int collecting = PyGC_Disable();
    PyOS_BeforeFork();
    pid_t pid = fork_child(child);
    int error = errno;
    PyOS_AfterFork_Parent();
    if (collecting) PyGC_Enable();
    errno = error;
    return pid;
}

/* Without Python code in the child its memory may be the parent's, if no handler runs there: it has none, or all signals wait
 * meanwhile. */
static pid_t fork_plain(Child *child, bool may_vfork)
{
    sigset_t all, before;
    if (!may_vfork) return fork_child(child);
    pid_t started = spawn_sharing_memory(run_child, child);
    if (started > 0) return started;
    sigfillset(&all);
    if (pthread_sigmask(SIG_BLOCK, &all, &before) != 0) return fork_child(child);
    child->signal_mask = &before;
    pid_t pid = fork_child(child);
    int error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

static PyObject *fork_exec(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *argv, *programs, *keep, *cwd, *env, *gid, *groups, *uid, *preexec, *cwd_bytes = NULL;
    int may_vfork;
    Child child = {0};
    if (!PyArg_ParseTuple(args, "OOpO!OOiiiiiiiippiOOOiOp:fork_exec", &argv, &programs, &child.close_fds, &PyTuple_Type,
                          &keep, &cwd, &env, &child.p2cread, &child.p2cwrite, &child.c2pread, &child.c2pwrite,
                          &child.errread, &child.errwrite, &child.errpipe_read, &child.errpipe_write,
                          &child.restore_signals, &child.call_setsid, &child.group_to_set, &gid, &groups, &uid,
                          &child.umask, &preexec, &may_vfork)) {
        return NULL;
    }
    if (preexec != Py_None && PyInterpreterState_Get() != PyInterpreterState_Main()) {
        PyErr_SetString(PyExc_RuntimeError, "preexec_fn not supported within subinterpreters");
        return NULL;
    }
    if (child.close_fds && child.errpipe_write < 3) {
        PyErr_SetString(PyExc_ValueError, "errpipe_write must be >= 3");
        return NULL;
    }
    pid_t pid = -1;
    int *fds = descriptors_new(keep);
    gid_t *group_ids = NULL;
    if (!fds) return NULL;
    child.keep = fds;
    child.keep_count = PyTuple_GET_SIZE(keep);
    child.programs = _PySequence_BytesToCharpArray(programs);
    if (!child.programs) goto done;
    if (argv != Py_None && !(child.argv = argv_new(argv))) goto done;
    if (env != Py_None && !(child.envp = _PySequence_BytesToCharpArray(env))) goto done;
    if (cwd != Py_None) {
        if (!PyUnicode_FSConverter(cwd, &cwd_bytes)) goto done;
        child.cwd = PyBytes_AS_STRING(cwd_bytes);
    }
    if (groups != Py_None) {
        group_ids = groups_new(groups, &child.group_count);
        if (!group_ids) goto done;
        child.groups = group_ids;
        child.set_groups = true;
    }
    if (gid != Py_None) {
        if (!_Py_Gid_Converter(gid, &child.gid)) goto done;
        child.set_gid = true;
    }
    if (uid != Py_None) {
        if (!_Py_Uid_Converter(uid, &child.uid)) goto done;
        child.set_uid = true;
    }
    if (preexec != Py_None) {
        child.preexec = preexec;
        pid = fork_with_preexec(&child);
    } else {
        /* A child with another user must not share the parent's memory. */
        pid = fork_plain(&child, may_vfork && !child.set_uid && !child.set_gid && !child.set_groups);
    }
    if (pid < 0) PyErr_SetFromErrno(PyExc_OSError);
done:
    PyMem_Free(fds);
    PyMem_Free(group_ids);
    if (child.programs) _Py_FreeCharPArray(child.programs);
    if (child.argv) _Py_FreeCharPArray(child.argv);
    if (child.envp) _Py_FreeCharPArray(child.envp);
    Py_XDECREF(cwd_bytes);
    return pid < 0 ? NULL : PyLong_FromLong(pid);
}

static PyMethodDef functions[] = {
    {"fork_exec", fork_exec, METH_VARARGS,
     "fork_exec(args, executable_list, close_fds, pass_fds, cwd, env,\n"
     "          p2cread, p2cwrite, c2pread, c2pwrite,\n"
     "          errread, errwrite, errpipe_read, errpipe_write,\n"
     "          restore_signals, call_setsid, pgid_to_set,\n"
     "          gid, groups_list, uid,\n"
     "          preexec_fn)\n\n"
     "Start a program in a child process, with the descriptors arranged; the child's process id. What fails in the child\n"
     "is written to errpipe_write."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_posixsubprocess",
    .m_doc = "fork and exec for the subprocess module.",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__posixsubprocess(void)
{
    return PyModuleDef_Init(&definition);
}
