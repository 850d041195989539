/* Other programs: exec, posix_spawn, system, and fork with what must happen around it. */
#include "modules/posix/posix.h"

#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>

/* ---- Argument and environment vectors ---- */

static void strings_free(char **strings)
{
    if (!strings) return;
    for (char **s = strings; *s; s++) PyMem_Free(*s);
    PyMem_Free(strings);
}

/* The file system's bytes of a str, bytes or PathLike, as a block of their own. */
static char *string_new(PyObject *obj)
{
    PyObject *bytes;
    if (!PyUnicode_FSConverter(obj, &bytes)) return NULL;
    size_t size = (size_t)PyBytes_GET_SIZE(bytes) + 1;
    char *text = PyMem_Malloc(size);
    if (text) memcpy(text, PyBytes_AS_STRING(bytes), size);
    else PyErr_NoMemory();
    Py_DECREF(bytes);
    return text;
}

/* NULL-ended strings of a list or tuple; NULL with an exception set. */
static char **strings_new(PyObject *sequence)
{
    Py_ssize_t n = PySequence_Size(sequence);
    if (n < 0) return NULL;
    char **strings = PyMem_Calloc((size_t)n + 1, sizeof *strings);
    if (!strings) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(sequence, i);
        strings[i] = item ? string_new(item) : NULL;
        Py_XDECREF(item);
        if (!strings[i]) {
            strings_free(strings);
            return NULL;
        }
    }
    return strings;
}

/* "name=value" of a mapping's items; NULL with an exception set. */
static char **environment_new(PyObject *mapping)
{
    PyObject *keys = NULL, *values = NULL;
    char **strings = NULL;
    Py_ssize_t n = PyMapping_Size(mapping), i;
    if (n < 0) return NULL;
    keys = PyMapping_Keys(mapping);
    values = PyMapping_Values(mapping);
    if (!keys || !values) goto error;
    if (PyList_GET_SIZE(keys) < n) n = PyList_GET_SIZE(keys);
    if (PyList_GET_SIZE(values) < n) n = PyList_GET_SIZE(values);
    strings = PyMem_Calloc((size_t)n + 1, sizeof *strings);
    if (!strings) {
        PyErr_NoMemory();
        goto error;
    }
    for (i = 0; i < n; i++) {
        PyObject *key = NULL, *value = NULL;
        if (!PyUnicode_FSConverter(PyList_GET_ITEM(keys, i), &key)) goto error;
        if (!PyUnicode_FSConverter(PyList_GET_ITEM(values, i), &value)) {
            Py_DECREF(key);
            goto error;
        }
        size_t key_size = (size_t)PyBytes_GET_SIZE(key), value_size = (size_t)PyBytes_GET_SIZE(value);
        if (key_size == 0 || strchr(PyBytes_AS_STRING(key) + 1, '=')) {
            PyErr_SetString(PyExc_ValueError, "illegal environment variable name");
        } else if ((strings[i] = PyMem_Malloc(key_size + value_size + 2))) {
            memcpy(strings[i], PyBytes_AS_STRING(key), key_size);
            strings[i][key_size] = '=';
            memcpy(strings[i] + key_size + 1, PyBytes_AS_STRING(value), value_size + 1);
        } else {
            PyErr_NoMemory();
        }
        Py_DECREF(key);
        Py_DECREF(value);
        if (!strings[i]) goto error;
    }
    Py_DECREF(keys);
    Py_DECREF(values);
    return strings;
error:
    strings_free(strings);
    Py_XDECREF(keys);
    Py_XDECREF(values);
    return NULL;
}

/* ---- exec ---- */

DEFINE_ARGS(execv)
{
    if (!_PyArg_CheckPositional("execv", nargs, 2, 2)) return NULL;
    Path path = PATH("execv", "path", false, false);
    PyObject *argv = args[1];
    if (!path_convert(args[0], &path)) return NULL;
    char **strings = NULL;
    if (!PyList_Check(argv) && !PyTuple_Check(argv)) {
        PyErr_SetString(PyExc_TypeError, "execv() arg 2 must be a tuple or list");
    } else if (PySequence_Size(argv) < 1) {
        PyErr_SetString(PyExc_ValueError, "execv() arg 2 must not be empty");
    } else if ((strings = strings_new(argv))) {
        if (!strings[0][0]) PyErr_SetString(PyExc_ValueError, "execv() arg 2 first element cannot be empty");
        else if (PySys_Audit("os.exec", "OOO", path.object, argv, Py_None) == 0) {
            execv(path.name, strings);
            posix_error();
        }
    }
    strings_free(strings);
    return path_done(&path, NULL);
}

DEFINE_KEYWORDS(execve)
{
    Path path = PATH("execve", "path", false, true);
    PyObject *argv, *env;
    char **strings = NULL, **environment = NULL;
    PARSER("O&OO:execve", "path", "argv", "env");
    PARSE(path_convert, &path, &argv, &env);
    if (!PyList_Check(argv) && !PyTuple_Check(argv)) {
        PyErr_SetString(PyExc_TypeError, "execve: argv must be a tuple or list");
    } else if (PySequence_Size(argv) < 1) {
        PyErr_SetString(PyExc_ValueError, "execve: argv must not be empty");
    } else if (!PyMapping_Check(env)) {
        PyErr_SetString(PyExc_TypeError, "execve: environment must be a mapping object");
    } else if ((strings = strings_new(argv))) {
        if (!strings[0][0]) {
            PyErr_SetString(PyExc_ValueError, "execve: argv first element cannot be empty");
        } else if ((environment = environment_new(env))
                   && PySys_Audit("os.exec", "OOO", path.object, argv, env) == 0) {
            if (path.fd != -1) fexecve(path.fd, strings, environment);
            else execve(path.name, strings, environment);
            path_error(&path);
        }
    }
    strings_free(strings);
    strings_free(environment);
    return path_done(&path, NULL);
}

DEFINE_KEYWORDS(system)
{
    PyObject *command;
    int status;
    PARSER("O&:system", "command");
    PARSE(PyUnicode_FSConverter, &command);
    if (PySys_Audit("os.system", "(O)", command) < 0) {
        Py_DECREF(command);
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    status = system(PyBytes_AS_STRING(command));
    Py_END_ALLOW_THREADS
    Py_DECREF(command);
    return PyLong_FromLong(status);
}

/* ---- posix_spawn ---- */

typedef struct {
    const char *function;
    PyObject *path_object, *argv, *env, *file_actions, *setpgroup, *setsigmask, *setsigdef, *scheduler;
    int resetids, setsid;
} Spawn;

enum { ACTION_OPEN, ACTION_CLOSE, ACTION_DUP2 };

/* Adds one action of a tuple; names that must outlive the call are appended to `keep`. */
static int add_file_action(posix_spawn_file_actions_t *actions, PyObject *action, PyObject *keep)
{
    int error, fd, other, flags;
    unsigned long mode;
    if (!PyTuple_Check(action) || !PyTuple_GET_SIZE(action)) {
        PyErr_SetString(PyExc_TypeError, "Each file_actions element must be a non-empty tuple");
        return -1;
    }
    long tag = PyLong_AsLong(PyTuple_GET_ITEM(action, 0));
    if (tag == -1 && PyErr_Occurred()) return -1;
    PyObject *ignored;
    switch (tag) {
    case ACTION_OPEN: {
        PyObject *name;
        if (!PyArg_ParseTuple(action, "OiO&ik;A open file_action tuple must have 5 elements", &ignored, &fd,
                              PyUnicode_FSConverter, &name, &flags, &mode)) {
            return -1;
        }
        int failed = PyList_Append(keep, name);
        Py_DECREF(name);
        if (failed) return -1;
        error = posix_spawn_file_actions_addopen(actions, fd, PyBytes_AS_STRING(name), flags, (mode_t)mode);
        break;
    }
    case ACTION_CLOSE:
        if (!PyArg_ParseTuple(action, "Oi;A close file_action tuple must have 2 elements", &ignored, &fd)) return -1;
        error = posix_spawn_file_actions_addclose(actions, fd);
        break;
    case ACTION_DUP2:
        if (!PyArg_ParseTuple(action, "Oii;A dup2 file_action tuple must have 3 elements", &ignored, &fd, &other)) {
            return -1;
        }
        error = posix_spawn_file_actions_adddup2(actions, fd, other);
        break;
    default:
        PyErr_SetString(PyExc_TypeError, "Unknown file_actions identifier");
        return -1;
    }
    if (!error) return 0;
    errno = error;
    posix_error();
    return -1;
}

static int add_file_actions(posix_spawn_file_actions_t *actions, PyObject *sequence, PyObject *keep)
{
    PyObject *fast = PySequence_Fast(sequence, "file_actions must be a sequence or None");
    if (!fast) return -1;
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && i < PySequence_Fast_GET_SIZE(fast); i++) {
        PyObject *action = Py_NewRef(PySequence_Fast_GET_ITEM(fast, i));
        result = add_file_action(actions, action, keep);
        Py_DECREF(action);
    }
    Py_DECREF(fast);
    return result;
}

/* A policy and sched_param, either of which may be left out, from the scheduler tuple. */
static int set_scheduler(PyObject *module, posix_spawnattr_t *attributes, PyObject *scheduler, short *flags)
{
    PyObject *policy, *param;
    struct sched_param value;
    if (!PyArg_ParseTuple(scheduler, "OO;A scheduler tuple must have two elements", &policy, &param)) return -1;
    if (!Py_IS_TYPE(param, posix_state(module)->sched_param)) {
        PyErr_SetString(PyExc_TypeError, "must have a sched_param object");
        return -1;
    }
    long priority = PyLong_AsLong(PyStructSequence_GET_ITEM(param, 0));
    if (priority == -1 && PyErr_Occurred()) return -1;
    if (priority > INT_MAX || priority < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "sched_priority out of range");
        return -1;
    }
    value.sched_priority = (int)priority;
    int error = 0;
    if (policy != Py_None) {
        int number = _PyLong_AsInt(policy);
        if (number == -1 && PyErr_Occurred()) return -1;
        error = posix_spawnattr_setschedpolicy(attributes, number);
        *flags |= POSIX_SPAWN_SETSCHEDULER;
    }
    if (!error) error = posix_spawnattr_setschedparam(attributes, &value);
    *flags |= POSIX_SPAWN_SETSCHEDPARAM;
    if (!error) return 0;
    errno = error;
    posix_error();
    return -1;
}

static int set_attributes(PyObject *module, posix_spawnattr_t *attributes, const Spawn *spawn)
{
    short flags = 0;
    int error = 0;
    sigset_t set;
    if (spawn->setpgroup) {
        pid_t group = _PyLong_AsInt(spawn->setpgroup);
        if (group == -1 && PyErr_Occurred()) return -1;
        error = posix_spawnattr_setpgroup(attributes, group);
        flags |= POSIX_SPAWN_SETPGROUP;
    }
    if (spawn->resetids) flags |= POSIX_SPAWN_RESETIDS;
    if (spawn->setsid) flags |= POSIX_SPAWN_SETSID;
    if (!error && spawn->setsigmask) {
        if (!_Py_Sigset_Converter(spawn->setsigmask, &set)) return -1;
        error = posix_spawnattr_setsigmask(attributes, &set);
        flags |= POSIX_SPAWN_SETSIGMASK;
    }
    if (!error && spawn->setsigdef) {
        if (!_Py_Sigset_Converter(spawn->setsigdef, &set)) return -1;
        error = posix_spawnattr_setsigdefault(attributes, &set);
        flags |= POSIX_SPAWN_SETSIGDEF;
    }
    if (!error && spawn->scheduler && set_scheduler(module, attributes, spawn->scheduler, &flags) < 0) return -1;
    if (!error) error = posix_spawnattr_setflags(attributes, flags);
    if (!error) return 0;
    errno = error;
    posix_error();
    return -1;
}

/* Runs posix_spawn() or posix_spawnp(); the process id, or NULL with an exception set. */
static PyObject *do_spawn(PyObject *module, const Spawn *spawn, const Path *path, bool search)
{
    char **argv = NULL, **environment = NULL;
    PyObject *result = NULL, *keep = NULL;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    bool has_actions = false, has_attributes = false;

    if (!PyList_Check(spawn->argv) && !PyTuple_Check(spawn->argv)) {
        PyErr_Format(PyExc_TypeError, "%s: argv must be a tuple or list", spawn->function);
        return NULL;
    }
    if (PySequence_Size(spawn->argv) < 1) {
        PyErr_Format(PyExc_ValueError, "%s: argv must not be empty", spawn->function);
        return NULL;
    }
    if (!PyMapping_Check(spawn->env)) {
        PyErr_Format(PyExc_TypeError, "%s: environment must be a mapping object", spawn->function);
        return NULL;
    }
    argv = strings_new(spawn->argv);
    if (!argv) goto done;
    if (!argv[0][0]) {
        PyErr_Format(PyExc_ValueError, "%s: argv first element cannot be empty", spawn->function);
        goto done;
    }
    environment = environment_new(spawn->env);
    if (!environment) goto done;
    if (spawn->file_actions && spawn->file_actions != Py_None) {
        keep = PyList_New(0);
        if (!keep || (errno = posix_spawn_file_actions_init(&actions))) {
            if (keep) posix_error();
            goto done;
        }
        has_actions = true;
        if (add_file_actions(&actions, spawn->file_actions, keep) < 0) goto done;
    }
    if ((errno = posix_spawnattr_init(&attributes))) {
        posix_error();
        goto done;
    }
    has_attributes = true;
    if (set_attributes(module, &attributes, spawn) < 0) goto done;
    if (PySys_Audit("os.posix_spawn", "OOO", path->object, spawn->argv, spawn->env) < 0) goto done;

    pid_t pid;
    int error = (search ? posix_spawnp : posix_spawn)(&pid, path->name, has_actions ? &actions : NULL, &attributes, argv,
                                                      environment);
    if (error) {
        errno = error;
        path_error(path);
    } else {
        result = PyLong_FromLong(pid);
    }
done:
    if (has_actions) posix_spawn_file_actions_destroy(&actions);
    if (has_attributes) posix_spawnattr_destroy(&attributes);
    strings_free(argv);
    strings_free(environment);
    Py_XDECREF(keep);
    return result;
}

#define SPAWN_KEYWORDS \
    "", "", "", "file_actions", "setpgroup", "resetids", "setsid", "setsigmask", "setsigdef", "scheduler"

DEFINE_KEYWORDS(posix_spawn)
{
    Spawn spawn = {.function = "posix_spawn"};
    Path path = PATH("posix_spawn", "path", false, false);
    PARSER("O&OO|$OOiiOOO:posix_spawn", SPAWN_KEYWORDS);
    PARSE(path_convert, &path, &spawn.argv, &spawn.env, &spawn.file_actions, &spawn.setpgroup, &spawn.resetids,
          &spawn.setsid, &spawn.setsigmask, &spawn.setsigdef, &spawn.scheduler);
    return path_done(&path, do_spawn(module, &spawn, &path, false));
}

DEFINE_KEYWORDS(posix_spawnp)
{
    Spawn spawn = {.function = "posix_spawnp"};
    Path path = PATH("posix_spawnp", "path", false, false);
    PARSER("O&OO|$OOiiOOO:posix_spawnp", SPAWN_KEYWORDS);
    PARSE(path_convert, &path, &spawn.argv, &spawn.env, &spawn.file_actions, &spawn.setpgroup, &spawn.resetids,
          &spawn.setsid, &spawn.setsigmask, &spawn.setsigdef, &spawn.scheduler);
    return path_done(&path, do_spawn(module, &spawn, &path, true));
}

/* ---- fork ---- */

static int only_main_interpreter(void)
{
    if (PyInterpreterState_Get() == PyInterpreterState_Main()) return 0;
    PyErr_SetString(PyExc_RuntimeError, "fork not supported for subinterpreters");
    return -1;
}

DEFINE_NONE(fork)
{
    if (only_main_interpreter() < 0 || PySys_Audit("os.fork", NULL) < 0) return NULL;
    PyOS_BeforeFork();
    pid_t pid = fork();
    int error = errno;
    if (pid == 0) PyOS_AfterFork_Child();
    else PyOS_AfterFork_Parent();
    if (pid < 0) {
        errno = error;
        return posix_error();
    }
    return PyLong_FromLong(pid);
}

DEFINE_NONE(forkpty)
{
    int master = -1;
    if (only_main_interpreter() < 0 || PySys_Audit("os.forkpty", NULL) < 0) return NULL;
    PyOS_BeforeFork();
    pid_t pid = forkpty(&master, NULL, NULL, NULL);
    int error = errno;
    if (pid == 0) PyOS_AfterFork_Child();
    else PyOS_AfterFork_Parent();
    if (pid < 0) {
        errno = error;
        return posix_error();
    }
    return Py_BuildValue("(ii)", pid, master);
}
