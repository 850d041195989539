/* Processes: waiting for them, signals to them, their ids, groups, priorities and processors. */
#include "modules/posix/posix.h"

#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* ---- Waiting ---- */

static PyStructSequence_Field waitid_fields[] = {
    {"si_pid", NULL}, {"si_uid", NULL}, {"si_signo", NULL}, {"si_status", NULL}, {"si_code", NULL}, {NULL, NULL},
};

static PyStructSequence_Desc waitid_desc = {
    "posix.waitid_result",
    "What waitid() gives: a tuple (si_pid, si_uid, si_signo, si_status, si_code), also as attributes.",
    waitid_fields,
    5,
};

static PyObject *pid_and_status(pid_t pid, int status)
{
    return Py_BuildValue("(ii)", pid, status);
}

DEFINE_NONE(wait)
{
    pid_t pid;
    int status = 0, interrupted = 0;
    RETRY(pid, interrupted, wait(&status));
    if (pid < 0) return interrupted ? NULL : posix_error();
    return pid_and_status(pid, status);
}

DEFINE_ARGS(waitpid)
{
    pid_t pid, result;
    int options, status = 0, interrupted = 0;
    PARSE_ARGS("ii:waitpid", &pid, &options);
    RETRY(result, interrupted, waitpid(pid, &status, options));
    if (result < 0) return interrupted ? NULL : posix_error();
    return pid_and_status(result, status);
}

/* (pid, status, resource.struct_rusage). */
static PyObject *wait_result(pid_t pid, int status, const struct rusage *usage)
{
    PyObject *type = _PyImport_GetModuleAttrString("resource", "struct_rusage");
    if (!type) return NULL;
    PyObject *result = PyStructSequence_New((PyTypeObject *)type);
    Py_DECREF(type);
    if (!result) return NULL;
    PyStructSequence_SET_ITEM(result, 0, PyFloat_FromDouble((double)usage->ru_utime.tv_sec + usage->ru_utime.tv_usec * 1e-6));
    PyStructSequence_SET_ITEM(result, 1, PyFloat_FromDouble((double)usage->ru_stime.tv_sec + usage->ru_stime.tv_usec * 1e-6));
    const long numbers[14] = {
        usage->ru_maxrss, usage->ru_ixrss, usage->ru_idrss, usage->ru_isrss, usage->ru_minflt, usage->ru_majflt,
        usage->ru_nswap, usage->ru_inblock, usage->ru_oublock, usage->ru_msgsnd, usage->ru_msgrcv, usage->ru_nsignals,
        usage->ru_nvcsw, usage->ru_nivcsw,
    };
    for (int i = 0; i < 14; i++) PyStructSequence_SET_ITEM(result, i + 2, PyLong_FromLong(numbers[i]));
    if (PyErr_Occurred()) {
        Py_DECREF(result);
        return NULL;
    }
    return Py_BuildValue("(iiN)", pid, status, result);
}

DEFINE_KEYWORDS(wait3)
{
    int options, status = 0, interrupted = 0;
    pid_t pid;
    struct rusage usage = {0};
    PARSER("i:wait3", "options");
    PARSE(&options);
    RETRY(pid, interrupted, wait3(&status, options, &usage));
    if (pid < 0) return interrupted ? NULL : posix_error();
    return wait_result(pid, status, &usage);
}

DEFINE_KEYWORDS(wait4)
{
    int options, status = 0, interrupted = 0;
    pid_t pid, result;
    struct rusage usage = {0};
    PARSER("ii:wait4", "pid", "options");
    PARSE(&pid, &options);
    RETRY(result, interrupted, wait4(pid, &status, options, &usage));
    if (result < 0) return interrupted ? NULL : posix_error();
    return wait_result(result, status, &usage);
}

DEFINE_ARGS(waitid)
{
    int type, id, options, result, interrupted = 0;
    siginfo_t info = {.si_pid = 0};
    PARSE_ARGS("iii:waitid", &type, &id, &options);
    RETRY(result, interrupted, waitid((idtype_t)type, (id_t)id, &info, options));
    if (result < 0) return interrupted ? NULL : posix_error();
    if (info.si_pid == 0) Py_RETURN_NONE;
    PyObject *self = PyStructSequence_New(posix_state(module)->waitid_result);
    if (!self) return NULL;
    PyStructSequence_SET_ITEM(self, 0, PyLong_FromLong(info.si_pid));
    PyStructSequence_SET_ITEM(self, 1, _PyLong_FromUid(info.si_uid));
    PyStructSequence_SET_ITEM(self, 2, PyLong_FromLong(info.si_signo));
    PyStructSequence_SET_ITEM(self, 3, PyLong_FromLong(info.si_status));
    PyStructSequence_SET_ITEM(self, 4, PyLong_FromLong(info.si_code));
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}

#define STATUS_FUNCTION(NAME, make) \
    DEFINE_KEYWORDS(NAME) \
    { \
        int status; \
        PARSER("i:" #NAME, "status"); \
        PARSE(&status); \
        return make(NAME(status)); \
    }
STATUS_FUNCTION(WIFCONTINUED, PyBool_FromLong)
STATUS_FUNCTION(WIFSTOPPED, PyBool_FromLong)
STATUS_FUNCTION(WIFSIGNALED, PyBool_FromLong)
STATUS_FUNCTION(WIFEXITED, PyBool_FromLong)
STATUS_FUNCTION(WEXITSTATUS, PyLong_FromLong)
STATUS_FUNCTION(WTERMSIG, PyLong_FromLong)
STATUS_FUNCTION(WSTOPSIG, PyLong_FromLong)

DEFINE_ONE(WCOREDUMP)
{
    int status = _PyLong_AsInt(arg);
    if (status == -1 && PyErr_Occurred()) return NULL;
    return PyBool_FromLong(WCOREDUMP(status));
}

DEFINE_KEYWORDS(waitstatus_to_exitcode)
{
    PyObject *obj;
    PARSER("O:waitstatus_to_exitcode", "status");
    PARSE(&obj);
    int status = _PyLong_AsInt(obj);
    if (status == -1 && PyErr_Occurred()) return NULL;
    if (WIFEXITED(status)) {
        int code = WEXITSTATUS(status);
        if (code >= 0) return PyLong_FromLong(code);
        PyErr_Format(PyExc_ValueError, "invalid WEXITSTATUS: %i", code);
    } else if (WIFSIGNALED(status)) {
        int number = WTERMSIG(status);
        if (number > 0) return PyLong_FromLong(-number);
        PyErr_Format(PyExc_ValueError, "invalid WTERMSIG: %i", number);
    } else if (WIFSTOPPED(status)) {
        PyErr_Format(PyExc_ValueError, "process stopped by delivery of signal %i", WSTOPSIG(status));
    } else {
        PyErr_Format(PyExc_ValueError, "invalid wait status: %i", status);
    }
    return NULL;
}

/* ---- Signals and ends ---- */

DEFINE_ARGS(kill)
{
    pid_t pid;
    Py_ssize_t number;
    PARSE_ARGS("in:kill", &pid, &number);
    if (PySys_Audit("os.kill", "in", pid, number) < 0) return NULL;
    if (kill(pid, (int)number) == -1) return posix_error();
    /* A signal to oneself has its handler run before the call returns. */
    if (PyErr_CheckSignals()) return NULL;
    Py_RETURN_NONE;
}

DEFINE_ARGS(killpg)
{
    pid_t group;
    int number;
    PARSE_ARGS("ii:killpg", &group, &number);
    if (PySys_Audit("os.killpg", "ii", group, number) < 0) return NULL;
    if (killpg(group, number) == -1) return posix_error();
    if (PyErr_CheckSignals()) return NULL;
    Py_RETURN_NONE;
}

DEFINE_KEYWORDS(pidfd_open)
{
    pid_t pid;
    unsigned int flags = 0;
    PARSER("i|I:pidfd_open", "pid", "flags");
    PARSE(&pid, &flags);
    int fd = (int)syscall(SYS_pidfd_open, pid, flags);
    return fd < 0 ? posix_error() : PyLong_FromLong(fd);
}

DEFINE_KEYWORDS(_exit)
{
    int status;
    PARSER("i:_exit", "status");
    PARSE(&status);
    _exit(status);
}

DEFINE_NONE(abort)
{
    abort();
}

/* ---- Ids ---- */

DEFINE_NONE(getpid)
{
    return PyLong_FromLong(getpid());
}

DEFINE_NONE(getppid)
{
    return PyLong_FromLong(getppid());
}

DEFINE_NONE(getpgrp)
{
    return PyLong_FromLong(getpgrp());
}

DEFINE_NONE(setpgrp)
{
    return none_or_error(setpgid(0, 0));
}

DEFINE_KEYWORDS(getpgid)
{
    pid_t pid;
    PARSER("i:getpgid", "pid");
    PARSE(&pid);
    pid_t group = getpgid(pid);
    return group < 0 ? posix_error() : PyLong_FromLong(group);
}

DEFINE_ARGS(setpgid)
{
    pid_t pid, group;
    PARSE_ARGS("ii:setpgid", &pid, &group);
    return none_or_error(setpgid(pid, group));
}

DEFINE_ONE(getsid)
{
    pid_t pid;
    if (!PyArg_Parse(arg, "i", &pid)) return NULL;
    pid_t session = getsid(pid);
    return session < 0 ? posix_error() : PyLong_FromLong(session);
}

DEFINE_NONE(setsid)
{
    return none_or_error(setsid() < 0 ? -1 : 0);
}

DEFINE_NONE(getuid)
{
    return _PyLong_FromUid(getuid());
}

DEFINE_NONE(geteuid)
{
    return _PyLong_FromUid(geteuid());
}

DEFINE_NONE(getgid)
{
    return _PyLong_FromGid(getgid());
}

DEFINE_NONE(getegid)
{
    return _PyLong_FromGid(getegid());
}

DEFINE_NONE(getresuid)
{
    uid_t real, effective, saved;
    if (getresuid(&real, &effective, &saved) < 0) return posix_error();
    return Py_BuildValue("(NNN)", _PyLong_FromUid(real), _PyLong_FromUid(effective), _PyLong_FromUid(saved));
}

DEFINE_NONE(getresgid)
{
    gid_t real, effective, saved;
    if (getresgid(&real, &effective, &saved) < 0) return posix_error();
    return Py_BuildValue("(NNN)", _PyLong_FromGid(real), _PyLong_FromGid(effective), _PyLong_FromGid(saved));
}

#define SET_ONE_ID(NAME, type, convert) \
    DEFINE_ONE(NAME) \
    { \
        type id; \
        if (!convert(arg, &id)) return NULL; \
        return none_or_error(NAME(id)); \
    }
SET_ONE_ID(setuid, uid_t, _Py_Uid_Converter)
SET_ONE_ID(seteuid, uid_t, _Py_Uid_Converter)
SET_ONE_ID(setgid, gid_t, _Py_Gid_Converter)
SET_ONE_ID(setegid, gid_t, _Py_Gid_Converter)

#define SET_TWO_IDS(NAME, type, convert) \
    DEFINE_ARGS(NAME) \
    { \
        type a, b; \
        PARSE_EXACT(#NAME, 2, 2, "O&O&:" #NAME, convert, &a, convert, &b); \
        return none_or_error(NAME(a, b)); \
    }
SET_TWO_IDS(setreuid, uid_t, _Py_Uid_Converter)
SET_TWO_IDS(setregid, gid_t, _Py_Gid_Converter)

#define SET_THREE_IDS(NAME, type, convert) \
    DEFINE_ARGS(NAME) \
    { \
        type a, b, c; \
        PARSE_EXACT(#NAME, 3, 3, "O&O&O&:" #NAME, convert, &a, convert, &b, convert, &c); \
        return none_or_error(NAME(a, b, c)); \
    }
SET_THREE_IDS(setresuid, uid_t, _Py_Uid_Converter)
SET_THREE_IDS(setresgid, gid_t, _Py_Gid_Converter)

/* ---- Groups ---- */

static PyObject *groups_list(const gid_t *groups, int n)
{
    PyObject *list = PyList_New(n);
    for (int i = 0; list && i < n; i++) {
        PyObject *id = _PyLong_FromGid(groups[i]);
        if (!id) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, id);
    }
    return list;
}

DEFINE_NONE(getgroups)
{
    int n = getgroups(0, NULL);
    if (n < 0) return posix_error();
    gid_t *groups = PyMem_New(gid_t, (size_t)n + 1);
    if (!groups) return PyErr_NoMemory();
    n = getgroups(n, groups);
    PyObject *list = n < 0 ? posix_error() : groups_list(groups, n);
    PyMem_Free(groups);
    return list;
}

enum { GROUPS_MAX = 65536 };

DEFINE_ONE(setgroups)
{
    if (!PySequence_Check(arg)) {
        PyErr_SetString(PyExc_TypeError, "setgroups argument must be a sequence");
        return NULL;
    }
    Py_ssize_t n = PySequence_Size(arg);
    if (n < 0) return NULL;
    if (n > GROUPS_MAX) {
        PyErr_SetString(PyExc_ValueError, "too many groups");
        return NULL;
    }
    gid_t *groups = PyMem_New(gid_t, (size_t)n + 1);
    if (!groups) return PyErr_NoMemory();
    PyObject *result = NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(arg, i);
        if (!item) goto done;
        int ok = 0;
        if (!PyLong_Check(item)) PyErr_SetString(PyExc_TypeError, "groups must be integers");
        else ok = _Py_Gid_Converter(item, &groups[i]);
        Py_DECREF(item);
        if (!ok) goto done;
    }
    result = none_or_error(setgroups((size_t)n, groups));
done:
    PyMem_Free(groups);
    return result;
}

DEFINE_ARGS(initgroups)
{
    PyObject *name;
    gid_t gid;
    PARSE_EXACT("initgroups", 2, 2, "O&O&:initgroups", PyUnicode_FSConverter, &name, _Py_Gid_Converter, &gid);
    int result = initgroups(PyBytes_AS_STRING(name), gid);
    Py_DECREF(name);
    return result < 0 ? PyErr_SetFromErrno(PyExc_OSError) : Py_NewRef(Py_None);
}

DEFINE_ARGS(getgrouplist)
{
    const char *user;
    gid_t base, *groups = NULL;
    int n = 64, found = -1;
    PARSE_EXACT("getgrouplist", 2, 2, "sO&:getgrouplist", &user, _Py_Gid_Converter, &base);
    for (;;) {
        gid_t *larger = PyMem_Realloc(groups, (size_t)n * sizeof *groups);
        if (!larger) {
            PyMem_Free(groups);
            return PyErr_NoMemory();
        }
        groups = larger;
        int room = n;
        found = getgrouplist(user, base, groups, &n);
        if (found >= 0) break;
        if (n <= room) n = room * 2;
    }
    PyObject *list = groups_list(groups, n);
    PyMem_Free(groups);
    return list;
}

/* ---- Priority ---- */

DEFINE_ONE(nice)
{
    int increment = _PyLong_AsInt(arg);
    if (increment == -1 && PyErr_Occurred()) return NULL;
    errno = 0;
    int value = nice(increment);
    return value == -1 && errno ? posix_error() : PyLong_FromLong(value);
}

DEFINE_KEYWORDS(getpriority)
{
    int which, who;
    PARSER("ii:getpriority", "which", "who");
    PARSE(&which, &who);
    errno = 0;
    int value = getpriority((__priority_which_t)which, (id_t)who);
    return errno ? posix_error() : PyLong_FromLong(value);
}

DEFINE_KEYWORDS(setpriority)
{
    int which, who, priority;
    PARSER("iii:setpriority", "which", "who", "priority");
    PARSE(&which, &who, &priority);
    return none_or_error(setpriority((__priority_which_t)which, (id_t)who, priority));
}

/* ---- Scheduling ---- */

static PyStructSequence_Field sched_param_fields[] = {{"sched_priority", "the priority"}, {NULL, NULL}};

static PyStructSequence_Desc sched_param_desc = {
    "posix.sched_param",
    "sched_param(sched_priority)\n--\n\nA process's scheduling parameters: for now only sched_priority.",
    sched_param_fields,
    1,
};

static PyObject *sched_param_new(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"sched_priority", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:sched_param"};
    PyObject *priority;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwds, &parser, &priority)) return NULL;
    PyObject *self = PyStructSequence_New(type);
    if (self) PyStructSequence_SET_ITEM(self, 0, Py_NewRef(priority));
    return self;
}

static int sched_param_from_object(PyObject *module, PyObject *obj, struct sched_param *param)
{
    if (!Py_IS_TYPE(obj, posix_state(module)->sched_param)) {
        PyErr_SetString(PyExc_TypeError, "must have a sched_param object");
        return -1;
    }
    long priority = PyLong_AsLong(PyStructSequence_GET_ITEM(obj, 0));
    if (priority == -1 && PyErr_Occurred()) return -1;
    if (priority > INT_MAX || priority < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "sched_priority out of range");
        return -1;
    }
    param->sched_priority = (int)priority;
    return 0;
}

DEFINE_KEYWORDS(sched_get_priority_max)
{
    int policy;
    PARSER("i:sched_get_priority_max", "policy");
    PARSE(&policy);
    int value = sched_get_priority_max(policy);
    return value < 0 ? posix_error() : PyLong_FromLong(value);
}

DEFINE_KEYWORDS(sched_get_priority_min)
{
    int policy;
    PARSER("i:sched_get_priority_min", "policy");
    PARSE(&policy);
    int value = sched_get_priority_min(policy);
    return value < 0 ? posix_error() : PyLong_FromLong(value);
}

DEFINE_ONE(sched_getscheduler)
{
    pid_t pid;
    if (!PyArg_Parse(arg, "i", &pid)) return NULL;
    int policy = sched_getscheduler(pid);
    return policy < 0 ? posix_error() : PyLong_FromLong(policy);
}

DEFINE_ARGS(sched_setscheduler)
{
    pid_t pid;
    int policy;
    PyObject *obj;
    struct sched_param param;
    PARSE_ARGS("iiO:sched_setscheduler", &pid, &policy, &obj);
    if (sched_param_from_object(module, obj, &param) < 0) return NULL;
    return none_or_error(sched_setscheduler(pid, policy, &param) < 0 ? -1 : 0);
}

DEFINE_ONE(sched_getparam)
{
    pid_t pid;
    struct sched_param param;
    if (!PyArg_Parse(arg, "i", &pid)) return NULL;
    if (sched_getparam(pid, &param) < 0) return posix_error();
    PyObject *self = PyStructSequence_New(posix_state(module)->sched_param);
    if (!self) return NULL;
    PyObject *priority = PyLong_FromLong(param.sched_priority);
    PyStructSequence_SET_ITEM(self, 0, priority);
    if (!priority) Py_CLEAR(self);
    return self;
}

DEFINE_ARGS(sched_setparam)
{
    pid_t pid;
    PyObject *obj;
    struct sched_param param;
    PARSE_ARGS("iO:sched_setparam", &pid, &obj);
    if (sched_param_from_object(module, obj, &param) < 0) return NULL;
    return none_or_error(sched_setparam(pid, &param));
}

DEFINE_ONE(sched_rr_get_interval)
{
    pid_t pid;
    struct timespec interval;
    if (!PyArg_Parse(arg, "i", &pid)) return NULL;
    if (sched_rr_get_interval(pid, &interval) < 0) return posix_error();
    return PyFloat_FromDouble((double)interval.tv_sec + 1e-9 * (double)interval.tv_nsec);
}

DEFINE_NONE(sched_yield)
{
    int result;
    Py_BEGIN_ALLOW_THREADS
    result = sched_yield();
    Py_END_ALLOW_THREADS
    return none_or_error(result);
}

/* Puts the processors of an iterator into a set that grows; *count is its size in processors. */
static cpu_set_t *cpu_set_from_iterator(PyObject *iterator, int *count)
{
    *count = 64;
    cpu_set_t *set = CPU_ALLOC(*count);
    if (!set) {
        PyErr_NoMemory();
        return NULL;
    }
    CPU_ZERO_S(CPU_ALLOC_SIZE(*count), set);
    PyObject *item;
    while ((item = PyIter_Next(iterator))) {
        if (!PyLong_Check(item)) {
            PyErr_Format(PyExc_TypeError, "expected an iterator of ints, but iterator yielded %R", Py_TYPE(item));
            Py_DECREF(item);
            break;
        }
        long cpu = PyLong_AsLong(item);
        Py_DECREF(item);
        if (cpu < 0) {
            if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "negative CPU number");
            break;
        }
        if (cpu > INT_MAX - 1) {
            PyErr_SetString(PyExc_OverflowError, "CPU number too large");
            break;
        }
        if (cpu >= *count) {
            int larger = *count;
            while (cpu >= larger) larger = larger > INT_MAX / 2 ? INT_MAX : larger * 2;
            cpu_set_t *grown = CPU_ALLOC(larger);
            if (!grown) {
                PyErr_NoMemory();
                break;
            }
            CPU_ZERO_S(CPU_ALLOC_SIZE(larger), grown);
            memcpy(grown, set, CPU_ALLOC_SIZE(*count));
            CPU_FREE(set);
            set = grown;
            *count = larger;
        }
        CPU_SET_S((size_t)cpu, CPU_ALLOC_SIZE(*count), set);
    }
    if (!PyErr_Occurred()) return set;
    CPU_FREE(set);
    return NULL;
}

DEFINE_ARGS(sched_setaffinity)
{
    pid_t pid;
    PyObject *mask;
    int count;
    PARSE_ARGS("iO:sched_setaffinity", &pid, &mask);
    PyObject *iterator = PyObject_GetIter(mask);
    if (!iterator) return NULL;
    cpu_set_t *set = cpu_set_from_iterator(iterator, &count);
    Py_DECREF(iterator);
    if (!set) return NULL;
    PyObject *result = none_or_error(sched_setaffinity(pid, CPU_ALLOC_SIZE(count), set));
    CPU_FREE(set);
    return result;
}

DEFINE_ONE(sched_getaffinity)
{
    pid_t pid;
    if (!PyArg_Parse(arg, "i", &pid)) return NULL;
    int count = 64;
    cpu_set_t *set;
    for (;;) {
        set = CPU_ALLOC(count);
        if (!set) return PyErr_NoMemory();
        CPU_ZERO_S(CPU_ALLOC_SIZE(count), set);
        if (sched_getaffinity(pid, CPU_ALLOC_SIZE(count), set) == 0) break;
        CPU_FREE(set);
        if (errno != EINVAL) return posix_error();
        if (count > INT_MAX / 2) {
            PyErr_SetString(PyExc_OverflowError, "could not allocate a large enough CPU set");
            return NULL;
        }
        count *= 2;
    }
    PyObject *result = PySet_New(NULL);
    for (int cpu = 0; result && cpu < count; cpu++) {
        if (!CPU_ISSET_S((size_t)cpu, CPU_ALLOC_SIZE(count), set)) continue;
        PyObject *number = PyLong_FromLong(cpu);
        if (!number || PySet_Add(result, number) < 0) Py_CLEAR(result);
        Py_XDECREF(number);
    }
    CPU_FREE(set);
    return result;
}

int process_init(PyObject *module)
{
    struct PosixModule *state = posix_state(module);
    if (!(state->waitid_result = posix_add_sequence(module, &waitid_desc))
        || !(state->sched_param = posix_add_sequence(module, &sched_param_desc))) {
        return -1;
    }
    state->sched_param->tp_new = sched_param_new;
    return 0;
}
