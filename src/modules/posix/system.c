/* The machine and the surroundings: environment, terminals, devices, times, random bytes; callbacks around a fork; and the
 * converters of user and group ids that other modules use too.
 */
#include "modules/posix/posix.h"

#include "runtime/state.h"

#include <pty.h>
#include <stdlib.h>
#include <utmp.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/sysmacros.h>
#include <sys/times.h>
#include <sys/utsname.h>

/* ---- User and group ids ---- */

/* Ids are unsigned, and -1, "no change", is the largest: it is given and taken as -1. */
PyObject *_PyLong_FromUid(uid_t uid)
{
    return uid == (uid_t)-1 ? PyLong_FromLong(-1) : PyLong_FromUnsignedLong(uid);
}

PyObject *_PyLong_FromGid(gid_t gid)
{
    return _PyLong_FromUid(gid);
}

static int id_from_object(PyObject *obj, const char *kind, unsigned int *id)
{
    PyObject *index = PyNumber_Index(obj);
    if (!index) {
        PyErr_Format(PyExc_TypeError, "%s should be integer, not %.200s", kind, Py_TYPE(obj)->tp_name);
        return 0;
    }
    int overflow;
    long value = PyLong_AsLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    if (!overflow && value >= -1 && value <= (long)UINT_MAX) {
        *id = (unsigned int)value;
        return 1;
    }
    PyErr_Format(PyExc_OverflowError, overflow > 0 ? "%s is greater than maximum" : "%s is less than minimum", kind);
    return 0;
}

int _Py_Uid_Converter(PyObject *obj, uid_t *id)
{
    return id_from_object(obj, "uid", id);
}

int _Py_Gid_Converter(PyObject *obj, gid_t *id)
{
    return id_from_object(obj, "gid", id);
}

/* ---- The environment ---- */

/* The environment of the process at start as a dict of bytes; the first of two equal names counts. */
static PyObject *environment_dict(void)
{
    PyObject *dict = PyDict_New();
    for (char **e = environ; dict && e && *e; e++) {
        const char *equals = strchr(*e, '=');
        if (!equals) continue;
        PyObject *name = PyBytes_FromStringAndSize(*e, equals - *e), *value = PyBytes_FromString(equals + 1);
        if (!name || !value || !PyDict_SetDefault(dict, name, value)) Py_CLEAR(dict);
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

DEFINE_ARGS(putenv)
{
    PyObject *name, *value;
    PARSE_EXACT("putenv", 2, 2, "O&O&:putenv", PyUnicode_FSConverter, &name, PyUnicode_FSConverter, &value);
    PyObject *result = NULL;
    if (PySys_Audit("os.putenv", "OO", name, value) == 0) {
        if (strchr(PyBytes_AS_STRING(name), '=')) {
            PyErr_SetString(PyExc_ValueError, "illegal environment variable name");
        } else {
            result = none_or_error(setenv(PyBytes_AS_STRING(name), PyBytes_AS_STRING(value), 1));
        }
    }
    Py_DECREF(name);
    Py_DECREF(value);
    return result;
}

DEFINE_ONE(unsetenv)
{
    PyObject *name;
    if (!PyUnicode_FSConverter(arg, &name)) return NULL;
    PyObject *result = NULL;
    if (PySys_Audit("os.unsetenv", "(O)", name) == 0) result = none_or_error(unsetenv(PyBytes_AS_STRING(name)));
    Py_DECREF(name);
    return result;
}

DEFINE_ONE(strerror)
{
    int code = _PyLong_AsInt(arg);
    if (code == -1 && PyErr_Occurred()) return NULL;
    return PyUnicode_DecodeLocale(strerror(code), "surrogateescape");
}

DEFINE_NONE(getlogin)
{
    errno = 0;
    const char *name = getlogin();
    if (name) return PyUnicode_DecodeFSDefault(name);
    if (errno) return posix_error();
    PyErr_SetString(PyExc_OSError, "unable to determine login name");
    return NULL;
}

/* ---- The machine ---- */

static PyStructSequence_Field uname_fields[] = {
    {"sysname", "the operating system's name"},
    {"nodename", "the machine's name in its network"},
    {"release", "the operating system's release"},
    {"version", "the operating system's version"},
    {"machine", "the kind of hardware"},
    {NULL, NULL},
};

static PyStructSequence_Desc uname_desc = {
    "posix.uname_result",
    "What uname() gives: a tuple (sysname, nodename, release, version, machine), also as attributes.",
    uname_fields,
    5,
};

DEFINE_NONE(uname)
{
    struct utsname system;
    if (uname(&system) < 0) return posix_error();
    PyObject *self = PyStructSequence_New(posix_state(module)->uname_result);
    if (!self) return NULL;
    const char *texts[5] = {system.sysname, system.nodename, system.release, system.version, system.machine};
    for (int i = 0; i < 5; i++) PyStructSequence_SET_ITEM(self, i, PyUnicode_DecodeFSDefault(texts[i]));
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}

static PyStructSequence_Field times_fields[] = {
    {"user", "time in user space"},
    {"system", "time in the kernel"},
    {"children_user", "the children's time in user space"},
    {"children_system", "the children's time in the kernel"},
    {"elapsed", "time since a fixed point in the past"},
    {NULL, NULL},
};

static PyStructSequence_Desc times_desc = {
    "posix.times_result",
    "What times() gives: a tuple (user, system, children_user, children_system, elapsed), also as attributes.",
    times_fields,
    5,
};

DEFINE_NONE(times)
{
    struct tms used;
    errno = 0;
    clock_t elapsed = times(&used);
    if (elapsed == (clock_t)-1 && errno) return posix_error();
    double rate = (double)sysconf(_SC_CLK_TCK);
    PyObject *self = PyStructSequence_New(posix_state(module)->times_result);
    if (!self) return NULL;
    const clock_t ticks[5] = {used.tms_utime, used.tms_stime, used.tms_cutime, used.tms_cstime, elapsed};
    for (int i = 0; i < 5; i++) PyStructSequence_SET_ITEM(self, i, PyFloat_FromDouble((double)ticks[i] / rate));
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}

DEFINE_NONE(cpu_count)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    if (n >= 1) return PyLong_FromLong(n);
    Py_RETURN_NONE;
}

DEFINE_NONE(getloadavg)
{
    double load[3];
    if (getloadavg(load, 3) != 3) {
        PyErr_SetString(PyExc_OSError, "Load averages are unobtainable");
        return NULL;
    }
    return Py_BuildValue("(ddd)", load[0], load[1], load[2]);
}

DEFINE_ONE(urandom)
{
    Py_ssize_t size = PyNumber_AsSsize_t(arg, PyExc_OverflowError);
    if (size == -1 && PyErr_Occurred()) return NULL;
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "negative argument not allowed");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (bytes && _PyOS_URandom(PyBytes_AS_STRING(bytes), size) < 0) Py_CLEAR(bytes);
    return bytes;
}

DEFINE_KEYWORDS(getrandom)
{
    Py_ssize_t size, n;
    int flags = 0, interrupted = 0;
    PARSER("n|i:getrandom", "size", "flags");
    PARSE(&size, &flags);
    if (size < 0) {
        errno = EINVAL;
        return posix_error();
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, size);
    if (!bytes) return NULL;
    RETRY(n, interrupted, getrandom(PyBytes_AS_STRING(bytes), (size_t)size, (unsigned)flags));
    if (n < 0) {
        if (!interrupted) posix_error();
        Py_DECREF(bytes);
        return NULL;
    }
    if (n != size) _PyBytes_Resize(&bytes, n);
    return bytes;
}

/* ---- Devices ---- */

static int device_number(PyObject *obj, dev_t *device)
{
    if (!PyLong_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return 0;
    }
    unsigned long long value = PyLong_AsUnsignedLongLong(obj);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return 0;
    *device = value;
    return 1;
}

DEFINE_ONE(major)
{
    dev_t device;
    return device_number(arg, &device) ? PyLong_FromUnsignedLong(major(device)) : NULL;
}

DEFINE_ONE(minor)
{
    dev_t device;
    return device_number(arg, &device) ? PyLong_FromUnsignedLong(minor(device)) : NULL;
}

DEFINE_ARGS(makedev)
{
    int high, low;
    PARSE_EXACT("makedev", 2, 2, "ii:makedev", &high, &low);
    return PyLong_FromLong((long)makedev((unsigned)high, (unsigned)low));
}

/* ---- Terminals ---- */

static PyStructSequence_Field terminal_fields[] = {
    {"columns", "width in characters"}, {"lines", "height in characters"}, {NULL, NULL},
};

static PyStructSequence_Desc terminal_desc = {
    "os.terminal_size",
    "A terminal window's size as a tuple (columns, lines).",
    terminal_fields,
    2,
};

DEFINE_ARGS(get_terminal_size)
{
    int fd = STDOUT_FILENO;
    if (!_PyArg_CheckPositional("get_terminal_size", nargs, 0, 1)) return NULL;
    if (nargs == 1) {
        fd = _PyLong_AsInt(args[0]);
        if (fd == -1 && PyErr_Occurred()) return NULL;
    }
    struct winsize window;
    if (ioctl(fd, TIOCGWINSZ, &window)) return posix_error();
    PyObject *self = PyStructSequence_New(posix_state(module)->terminal_size);
    if (!self) return NULL;
    PyStructSequence_SET_ITEM(self, 0, PyLong_FromLong(window.ws_col));
    PyStructSequence_SET_ITEM(self, 1, PyLong_FromLong(window.ws_row));
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}

DEFINE_NONE(ctermid)
{
    char name[L_ctermid];
    return PyUnicode_DecodeFSDefault(ctermid(name));
}

DEFINE_ONE(ttyname)
{
    char name[4096];
    int fd = _PyLong_AsInt(arg);
    if (fd == -1 && PyErr_Occurred()) return NULL;
    int error = ttyname_r(fd, name, sizeof name);
    if (error) {
        errno = error;
        return posix_error();
    }
    return PyUnicode_DecodeFSDefault(name);
}

DEFINE_ONE(tcgetpgrp)
{
    int fd = _PyLong_AsInt(arg);
    if (fd == -1 && PyErr_Occurred()) return NULL;
    pid_t group = tcgetpgrp(fd);
    return group < 0 ? posix_error() : PyLong_FromLong(group);
}

DEFINE_ARGS(tcsetpgrp)
{
    int fd;
    pid_t group;
    PARSE_ARGS("ii:tcsetpgrp", &fd, &group);
    return none_or_error(tcsetpgrp(fd, group));
}

DEFINE_NONE(openpty)
{
    int master, slave;
    if (openpty(&master, &slave, NULL, NULL, NULL) < 0) return posix_error();
    if (_Py_set_inheritable(master, 0, NULL) < 0 || _Py_set_inheritable(slave, 0, NULL) < 0) {
        close(master);
        close(slave);
        return NULL;
    }
    return Py_BuildValue("(ii)", master, slave);
}

DEFINE_ONE(login_tty)
{
    int fd;
    if (!fildes_convert(arg, &fd)) return NULL;
    return none_or_error(login_tty(fd));
}

/* ---- Callbacks around a fork; fork.c in src/runtime calls them ---- */

static int check_callable(PyObject *obj, const char *name)
{
    if (!obj || PyCallable_Check(obj)) return 0;
    PyErr_Format(PyExc_TypeError, "'%.200s' must be callable, not %.200s", name, Py_TYPE(obj)->tp_name);
    return -1;
}

static int add_callback(PyObject **list, PyObject *obj)
{
    if (!obj) return 0;
    if (!*list && !(*list = PyList_New(0))) return -1;
    return PyList_Append(*list, obj);
}

DEFINE_KEYWORDS(register_at_fork)
{
    PyObject *before = NULL, *in_child = NULL, *in_parent = NULL;
    PARSER("|$OOO:register_at_fork", "before", "after_in_child", "after_in_parent");
    PARSE(&before, &in_child, &in_parent);
    if (!before && !in_child && !in_parent) {
        PyErr_SetString(PyExc_TypeError, "At least one argument is required.");
        return NULL;
    }
    if (check_callable(before, "before") < 0 || check_callable(in_child, "after_in_child") < 0
        || check_callable(in_parent, "after_in_parent") < 0) {
        return NULL;
    }
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (add_callback(&interp->fork_before, before) < 0 || add_callback(&interp->fork_after_child, in_child) < 0
        || add_callback(&interp->fork_after_parent, in_parent) < 0) {
        return NULL;
    }
    Py_RETURN_NONE;
}

int system_init(PyObject *module)
{
    struct PosixModule *state = posix_state(module);
    PyObject *dict = environment_dict();
    if (!dict) return -1;
    int result = PyModule_AddObjectRef(module, "environ", dict);
    Py_DECREF(dict);
    if (result < 0 || !(state->uname_result = posix_add_sequence(module, &uname_desc))
        || !(state->times_result = posix_add_sequence(module, &times_desc))
        || !(state->terminal_size = posix_add_sequence(module, &terminal_desc))) {
        return -1;
    }
    return 0;
}
