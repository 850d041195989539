/* What is known of a file: stat(), statvfs(). */
#include "modules/posix/posix.h"

#include <sys/statvfs.h>

enum { TUPLE_TIMES = 7, FLOAT_TIMES = 10, NS_TIMES = 13, BLOCK_SIZE = 16, BLOCKS, DEVICE };

/* The three unnamed fields are the times as whole seconds, as a tuple shows them. */
static PyStructSequence_Field stat_fields[] = {
    {"st_mode", "type and permissions"},
    {"st_ino", "inode number"},
    {"st_dev", "device the file is on"},
    {"st_nlink", "number of hard links"},
    {"st_uid", "owner's user id"},
    {"st_gid", "owner's group id"},
    {"st_size", "size in bytes"},
    {NULL, "seconds of the last access"},
    {NULL, "seconds of the last modification"},
    {NULL, "seconds of the last change"},
    {"st_atime", "time of the last access"},
    {"st_mtime", "time of the last modification"},
    {"st_ctime", "time of the last change of the inode"},
    {"st_atime_ns", "time of the last access in nanoseconds"},
    {"st_mtime_ns", "time of the last modification in nanoseconds"},
    {"st_ctime_ns", "time of the last change of the inode in nanoseconds"},
    {"st_blksize", "best block size for reading and writing"},
    {"st_blocks", "number of 512-byte blocks in use"},
    {"st_rdev", "device that the inode is"},
    {NULL, NULL},
};

static PyStructSequence_Desc stat_desc = {
    "os.stat_result",
    "What stat(), fstat() and lstat() give: a tuple\n"
    "(mode, ino, dev, nlink, uid, gid, size, atime, mtime, ctime), whose items and more are the attributes st_...",
    stat_fields,
    10,
};

static PyStructSequence_Field statvfs_fields[] = {
    {"f_bsize", NULL}, {"f_frsize", NULL}, {"f_blocks", NULL}, {"f_bfree", NULL}, {"f_bavail", NULL}, {"f_files", NULL},
    {"f_ffree", NULL}, {"f_favail", NULL}, {"f_flag", NULL},   {"f_namemax", NULL}, {"f_fsid", NULL}, {NULL, NULL},
};

static PyStructSequence_Desc statvfs_desc = {
    "os.statvfs_result",
    "What statvfs() and fstatvfs() give: a tuple\n"
    "(bsize, frsize, blocks, bfree, bavail, files, ffree, favail, flag, namemax), also as attributes f_...",
    statvfs_fields,
    10,
};

static void set_time(PyObject *self, int which, const struct timespec *ts)
{
    PyStructSequence_SET_ITEM(self, TUPLE_TIMES + which, PyLong_FromLong(ts->tv_sec));
    PyStructSequence_SET_ITEM(self, FLOAT_TIMES + which,
                              PyFloat_FromDouble((double)ts->tv_sec + 1e-9 * (double)ts->tv_nsec));
    long long ns;
    PyObject *value;
    if (!__builtin_mul_overflow((long long)ts->tv_sec, 1000000000LL, &ns)
        && !__builtin_add_overflow(ns, (long long)ts->tv_nsec, &ns)) {
        value = PyLong_FromLongLong(ns);
    } else {
        PyObject *seconds = PyLong_FromLong(ts->tv_sec), *billion = PyLong_FromLong(1000000000);
        PyObject *rest = PyLong_FromLong(ts->tv_nsec);
        PyObject *product = seconds && billion ? PyNumber_Multiply(seconds, billion) : NULL;
        value = product && rest ? PyNumber_Add(product, rest) : NULL;
        Py_XDECREF(seconds);
        Py_XDECREF(billion);
        Py_XDECREF(rest);
        Py_XDECREF(product);
    }
    PyStructSequence_SET_ITEM(self, NS_TIMES + which, value);
}

/* A new os.stat_result. */
PyObject *stat_result_new(struct PosixModule *state, const struct stat *st)
{
    PyObject *self = PyStructSequence_New(state->stat_result);
    if (!self) return NULL;
    PyStructSequence_SET_ITEM(self, 0, PyLong_FromLong((long)st->st_mode));
    PyStructSequence_SET_ITEM(self, 1, PyLong_FromUnsignedLong(st->st_ino));
    PyStructSequence_SET_ITEM(self, 2, PyLong_FromUnsignedLong(st->st_dev));
    PyStructSequence_SET_ITEM(self, 3, PyLong_FromLong((long)st->st_nlink));
    PyStructSequence_SET_ITEM(self, 4, _PyLong_FromUid(st->st_uid));
    PyStructSequence_SET_ITEM(self, 5, _PyLong_FromGid(st->st_gid));
    PyStructSequence_SET_ITEM(self, 6, PyLong_FromLong(st->st_size));
    set_time(self, 0, &st->st_atim);
    set_time(self, 1, &st->st_mtim);
    set_time(self, 2, &st->st_ctim);
    PyStructSequence_SET_ITEM(self, BLOCK_SIZE, PyLong_FromLong(st->st_blksize));
    PyStructSequence_SET_ITEM(self, BLOCKS, PyLong_FromLong(st->st_blocks));
    PyStructSequence_SET_ITEM(self, DEVICE, PyLong_FromLong((long)st->st_rdev));
    if (PyErr_Occurred()) {
        Py_DECREF(self);
        return NULL;
    }
    return self;
}

struct PosixRuntime posix_runtime;

/* From a sequence: times that are not given as floats are those given as seconds. */
static PyObject *stat_result_from_sequence(PyTypeObject *type, PyObject *args, PyObject *kwds)
{
    PyObject *self = posix_runtime.sequence_new(type, args, kwds);
    if (!self) return NULL;
    for (int i = 0; i < 3; i++) {
        if (PyStructSequence_GET_ITEM(self, FLOAT_TIMES + i) != Py_None) continue;
        PyObject *seconds = Py_NewRef(PyStructSequence_GET_ITEM(self, TUPLE_TIMES + i));
        Py_DECREF(Py_None);
        PyStructSequence_SET_ITEM(self, FLOAT_TIMES + i, seconds);
    }
    return self;
}

static PyObject *do_stat(PyObject *module, const char *function, Path *path, int dir_fd, bool follow)
{
    struct stat st;
    int result;
    if (path_refuses_dir_fd(function, path, dir_fd) || path_refuses_no_follow(function, path, follow)) return NULL;
    Py_BEGIN_ALLOW_THREADS
    if (path->fd != -1) result = fstat(path->fd, &st);
    else result = fstatat(dir_fd, path->name, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    Py_END_ALLOW_THREADS
    return result != 0 ? path_error(path) : stat_result_new(posix_state(module), &st);
}

DEFINE_KEYWORDS(stat)
{
    Path path = PATH("stat", "path", false, true);
    int dir_fd = AT_FDCWD, follow = 1;
    if (nargs == 1 && !kwnames) {
        if (!path_convert(args[0], &path)) return NULL;
    } else {
        PARSER("O&|$O&p:stat", "path", "dir_fd", "follow_symlinks");
        PARSE(path_convert, &path, dir_fd_convert, &dir_fd, &follow);
    }
    return path_done(&path, do_stat(module, "stat", &path, dir_fd, follow));
}

DEFINE_KEYWORDS(lstat)
{
    Path path = PATH("lstat", "path", false, false);
    int dir_fd = AT_FDCWD;
    if (nargs == 1 && !kwnames) {
        if (!path_convert(args[0], &path)) return NULL;
    } else {
        PARSER("O&|$O&:lstat", "path", "dir_fd");
        PARSE(path_convert, &path, dir_fd_convert, &dir_fd);
    }
    return path_done(&path, do_stat(module, "lstat", &path, dir_fd, false));
}

DEFINE_KEYWORDS(fstat)
{
    int fd, result, interrupted = 0;
    struct stat st;
    PARSER("i:fstat", "fd");
    PARSE(&fd);
    RETRY(result, interrupted, fstat(fd, &st));
    if (result != 0) return interrupted ? NULL : posix_error();
    return stat_result_new(posix_state(module), &st);
}

static PyObject *statvfs_result_new(PyObject *module, const struct statvfs *st)
{
    PyObject *self = PyStructSequence_New(posix_state(module)->statvfs_result);
    if (!self) return NULL;
    const unsigned long numbers[11] = {
        st->f_bsize, st->f_frsize, st->f_blocks, st->f_bfree, st->f_bavail, st->f_files,
        st->f_ffree, st->f_favail, st->f_flag, st->f_namemax, st->f_fsid,
    };
    for (int i = 0; i < 11; i++) PyStructSequence_SET_ITEM(self, i, PyLong_FromUnsignedLong(numbers[i]));
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}

DEFINE_ONE(fstatvfs)
{
    struct statvfs st;
    int fd = _PyLong_AsInt(arg), result, interrupted = 0;
    if (fd == -1 && PyErr_Occurred()) return NULL;
    RETRY(result, interrupted, fstatvfs(fd, &st));
    if (result != 0) return interrupted ? NULL : posix_error();
    return statvfs_result_new(module, &st);
}

DEFINE_KEYWORDS(statvfs)
{
    Path path = PATH("statvfs", "path", false, true);
    struct statvfs st;
    int result;
    PARSER("O&:statvfs", "path");
    PARSE(path_convert, &path);
    Py_BEGIN_ALLOW_THREADS
    result = path.fd != -1 ? fstatvfs(path.fd, &st) : statvfs(path.name, &st);
    Py_END_ALLOW_THREADS
    return path_done(&path, result != 0 ? path_error(&path) : statvfs_result_new(module, &st));
}

int stat_init(PyObject *module)
{
    struct PosixModule *state = posix_state(module);
    for (int i = 0; i < 3; i++) stat_fields[TUPLE_TIMES + i].name = PyStructSequence_UnnamedField;
    state->stat_result = posix_add_sequence(module, &stat_desc);
    if (!state->stat_result) return -1;
    /* The type is made before anyone can see it, so its constructor can still be changed. */
    posix_runtime.sequence_new = state->stat_result->tp_new;
    state->stat_result->tp_new = stat_result_from_sequence;
    state->statvfs_result = posix_add_sequence(module, &statvfs_desc);
    return state->statvfs_result ? 0 : -1;
}
