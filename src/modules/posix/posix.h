/* posix: the operating system's interface, the C half of `os` (the manual: library/os).
 *
 * functions.def names every function with its signature and doc string; the files beside hold the bodies, by subject:
 *
 *     path.c       names of files as arguments         stat.c       what is known of a file
 *     directory.c  the tree of names                    scandir.c    reading a directory
 *     files.c      file descriptors                     access.c     owners, modes, times, attributes
 *     spawn.c      exec, posix_spawn, fork              process.c    waiting, signals, ids, scheduling
 *     names.c      sysconf() and its like               system.c     environment, terminals, machine
 *     module.c     constants, set-up
 *
 * A function that waits on the system gives up the GIL and starts again after a signal (PEP 475): RETRY().
 */
#ifndef KRAIT_MODULES_POSIX_H
#define KRAIT_MODULES_POSIX_H

#include <Python.h>
#include <internal/krait_exports.h>
#include <structseq.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>
#include <sys/stat.h>
#include <sys/types.h>

/* The module's state; every member is owned. */
struct PosixModule {
    PyTypeObject *stat_result, *statvfs_result, *terminal_size, *times_result, *uname_result, *sched_param, *waitid_result;
    PyTypeObject *dir_entry, *scandir_iterator;
};

/* What has no way to its module. */
struct PosixRuntime {
    newfunc sequence_new;               /* tp_new of every struct sequence type */
};
extern struct PosixRuntime posix_runtime;

static inline struct PosixModule *posix_state(PyObject *module)
{
    return PyModule_GetState(module);
}

/* ---- Functions ---- */

#define POSIX_KEYWORDS(name) \
    PyObject *posix_##name(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
#define POSIX_ARGS(name) PyObject *posix_##name(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
#define POSIX_ONE(name) PyObject *posix_##name(PyObject *module, PyObject *arg)
#define POSIX_NONE(name) PyObject *posix_##name(PyObject *module, PyObject *ignored)

#define KEYWORDS(name, signature, doc) POSIX_KEYWORDS(name);
#define ARGS(name, signature, doc) POSIX_ARGS(name);
#define ONE(name, signature, doc) POSIX_ONE(name);
#define NONE(name, doc) POSIX_NONE(name);
#include "modules/posix/functions.def"
#undef KEYWORDS
#undef ARGS
#undef ONE
#undef NONE

/* The bodies open with one of these, which names what the body does not use too. */
#define DEFINE_KEYWORDS(name) \
    PyObject *posix_##name(PyObject *module __attribute__((unused)), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
#define DEFINE_ARGS(name) \
    PyObject *posix_##name(PyObject *module __attribute__((unused)), PyObject *const *args, Py_ssize_t nargs)
#define DEFINE_ONE(name) PyObject *posix_##name(PyObject *module __attribute__((unused)), PyObject *arg)
#define DEFINE_NONE(name) \
    PyObject *posix_##name(PyObject *module __attribute__((unused)), PyObject *ignored __attribute__((unused)))

/* PARSER("format:name", "first", ...); then PARSE(&variable, ...). */
#define PARSER(FORMAT, ...) \
    static const char *const keywords[] = {__VA_ARGS__, NULL}; \
    static _PyArg_Parser parser = {.keywords = keywords, .format = FORMAT}
#define PARSE(...) \
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, __VA_ARGS__)) return NULL
#define PARSE_ARGS(FORMAT, ...) \
    if (!_PyArg_ParseStack(args, nargs, FORMAT, __VA_ARGS__)) return NULL
/* The same with the reference's other wording for a wrong number of arguments. */
#define PARSE_EXACT(NAME, MIN, MAX, FORMAT, ...) \
    if (!_PyArg_CheckPositional(NAME, nargs, MIN, MAX) || !_PyArg_ParseStack(args, nargs, FORMAT, __VA_ARGS__)) return NULL

/* ---- Errors ---- */

/* OSError from errno; NULL. */
static inline PyObject *posix_error(void)
{
    return PyErr_SetFromErrno(PyExc_OSError);
}

/* What a call that gives 0 or -1 comes to: None, or OSError. */
static inline PyObject *none_or_error(int result)
{
    if (result < 0) return posix_error();
    Py_RETURN_NONE;
}

/* `result = call` without the GIL, again after each signal whose handler did not raise. On leaving with result < 0 the
 * exception is set if `interrupted` is, else errno tells. */
#define RETRY(result, interrupted, call) \
    do { \
        Py_BEGIN_ALLOW_THREADS \
        result = (call); \
        Py_END_ALLOW_THREADS \
    } while (result < 0 && errno == EINTR && !(interrupted = PyErr_CheckSignals()))

/* ---- Names of files (path.c) ---- */

/* A file named by text, by bytes, by os.PathLike or (allow_fd) by an open descriptor. Set up with PATH(), filled by
 * path_convert, emptied by path_release. */
typedef struct {
    const char *function, *argument;    /* for messages */
    bool nullable, allow_fd;
    const char *name;                   /* NULL if a descriptor, or nothing, was given; points into bytes */
    Py_ssize_t length;
    int fd;                             /* -1 if a name was given */
    PyObject *object;                   /* owned: what was given, for OSError.filename; NULL for None */
    PyObject *bytes;                    /* owned */
} Path;

#define PATH(function, argument, nullable, allow_fd) {function, argument, nullable, allow_fd, NULL, 0, -1, NULL, NULL}

int path_convert(PyObject *obj, void *path);            /* an "O&" converter with clean-up */
void path_release(Path *path);
PyObject *path_error(const Path *path);                 /* OSError from errno with the name; NULL */
PyObject *path_error2(const Path *a, const Path *b);    /* the same with two names */
int dir_fd_convert(PyObject *obj, void *fd);            /* "O&": an int, or None for the working directory */
int fildes_convert(PyObject *obj, void *fd);            /* "O&": an int or something with fileno() */

/* ValueError for an argument that goes badly with a descriptor; true if one is set. */
bool path_refuses_dir_fd(const char *function, const Path *path, int dir_fd);
bool path_refuses_no_follow(const char *function, const Path *path, bool follow_symlinks);

/* The number for the filename of an audit event. */
static inline int audit_dir_fd(int dir_fd)
{
    return dir_fd == AT_FDCWD ? -1 : dir_fd;
}

static inline PyObject *audit_object(const Path *path)
{
    return path->object ? path->object : Py_None;
}

/* Empties the path, gives the result on. */
static inline PyObject *path_done(Path *path, PyObject *result)
{
    path_release(path);
    return result;
}

/* None, or OSError with the name; empties the path. */
static inline PyObject *path_none_or_error(Path *path, int result)
{
    PyObject *value = result < 0 ? path_error(path) : Py_NewRef(Py_None);
    path_release(path);
    return value;
}

/* ---- Across the files ---- */

DIR *posix_open_directory(const Path *path);
PyObject *stat_result_new(struct PosixModule *state, const struct stat *st);
int stat_init(PyObject *module);                        /* each _init: 0, or -1 with an exception set */
int scandir_init(PyObject *module);
int names_tables_init(PyObject *module);
int process_init(PyObject *module);
int system_init(PyObject *module);
PyTypeObject *posix_add_sequence(PyObject *module, PyStructSequence_Desc *desc);    /* a new reference */

#endif
