/* The module: its functions, constants and set-up. */
#include "modules/posix/posix.h"

#include <dlfcn.h>
#include <sched.h>
#include <spawn.h>
#include <sysexits.h>
#include <linux/limits.h>
#include <linux/memfd.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define KEYWORDS(name, signature, doc) \
    {#name, _PyCFunction_CAST(posix_##name), METH_FASTCALL | METH_KEYWORDS, #name signature "\n--\n\n" doc},
#define ARGS(name, signature, doc) \
    {#name, _PyCFunction_CAST(posix_##name), METH_FASTCALL, #name signature "\n--\n\n" doc},
#define ONE(name, signature, doc) {#name, posix_##name, METH_O, #name signature "\n--\n\n" doc},
#define NONE(name, doc) {#name, posix_##name, METH_NOARGS, #name "($module, /)\n--\n\n" doc},

static PyMethodDef functions[] = {
#include "modules/posix/functions.def"
    {NULL, NULL, 0, NULL},
};

/* The actions of posix_spawn(), in the order of spawn.c's enum. */
enum { POSIX_SPAWN_OPEN, POSIX_SPAWN_CLOSE, POSIX_SPAWN_DUP2 };

static const struct {
    const char *name;
    long long value;
} constants[] = {
#define C(name) {#name, name},
    C(F_OK) C(R_OK) C(W_OK) C(X_OK) C(NGROUPS_MAX) C(TMP_MAX) C(WCONTINUED) C(WNOHANG)
    C(WUNTRACED) C(O_RDONLY) C(O_WRONLY) C(O_RDWR) C(O_NDELAY) C(O_NONBLOCK) C(O_APPEND)
    C(O_DSYNC) C(O_RSYNC) C(O_SYNC) C(O_NOCTTY) C(O_CREAT) C(O_EXCL) C(O_TRUNC) C(O_LARGEFILE)
    C(O_PATH) C(O_TMPFILE) C(PRIO_PROCESS) C(PRIO_PGRP) C(PRIO_USER) C(O_CLOEXEC) C(O_ACCMODE)
    C(O_FSYNC) C(SEEK_HOLE) C(SEEK_DATA) C(O_ASYNC) C(O_DIRECT) C(O_DIRECTORY) C(O_NOFOLLOW)
    C(O_NOATIME) C(EX_OK) C(EX_USAGE) C(EX_DATAERR) C(EX_NOINPUT) C(EX_NOUSER) C(EX_NOHOST)
    C(EX_UNAVAILABLE) C(EX_SOFTWARE) C(EX_OSERR) C(EX_OSFILE) C(EX_CANTCREAT) C(EX_IOERR)
    C(EX_TEMPFAIL) C(EX_PROTOCOL) C(EX_NOPERM) C(EX_CONFIG) C(ST_RDONLY) C(ST_NOSUID) C(ST_NODEV)
    C(ST_NOEXEC) C(ST_SYNCHRONOUS) C(ST_MANDLOCK) C(ST_WRITE) C(ST_APPEND) C(ST_NOATIME)
    C(ST_NODIRATIME) C(ST_RELATIME) C(POSIX_FADV_NORMAL) C(POSIX_FADV_SEQUENTIAL)
    C(POSIX_FADV_RANDOM) C(POSIX_FADV_NOREUSE) C(POSIX_FADV_WILLNEED) C(POSIX_FADV_DONTNEED)
    C(P_PID) C(P_PGID) C(P_ALL) C(P_PIDFD) C(WEXITED) C(WNOWAIT) C(WSTOPPED) C(CLD_EXITED)
    C(CLD_KILLED) C(CLD_DUMPED) C(CLD_TRAPPED) C(CLD_STOPPED) C(CLD_CONTINUED) C(F_LOCK)
    C(F_TLOCK) C(F_ULOCK) C(F_TEST) C(RWF_DSYNC) C(RWF_HIPRI) C(RWF_SYNC) C(RWF_NOWAIT)
    C(RWF_APPEND) C(SPLICE_F_MOVE) C(SPLICE_F_NONBLOCK) C(SPLICE_F_MORE) C(POSIX_SPAWN_OPEN)
    C(POSIX_SPAWN_CLOSE) C(POSIX_SPAWN_DUP2) C(SCHED_OTHER) C(SCHED_FIFO) C(SCHED_RR)
    C(SCHED_BATCH) C(SCHED_IDLE) C(SCHED_RESET_ON_FORK) C(XATTR_CREATE) C(XATTR_REPLACE)
    C(XATTR_SIZE_MAX) C(RTLD_LAZY) C(RTLD_NOW) C(RTLD_GLOBAL) C(RTLD_LOCAL) C(RTLD_NODELETE)
    C(RTLD_NOLOAD) C(RTLD_DEEPBIND) C(GRND_RANDOM) C(GRND_NONBLOCK) C(MFD_CLOEXEC)
    C(MFD_ALLOW_SEALING) C(MFD_HUGETLB) C(MFD_HUGE_SHIFT) C(MFD_HUGE_MASK) C(MFD_HUGE_64KB)
    C(MFD_HUGE_512KB) C(MFD_HUGE_1MB) C(MFD_HUGE_2MB) C(MFD_HUGE_8MB) C(MFD_HUGE_16MB)
    C(MFD_HUGE_32MB) C(MFD_HUGE_256MB) C(MFD_HUGE_512MB) C(MFD_HUGE_1GB) C(MFD_HUGE_2GB)
    C(MFD_HUGE_16GB) C(EFD_CLOEXEC) C(EFD_NONBLOCK) C(EFD_SEMAPHORE)
#undef C
};

/* What `os` asks for to tell which functions take descriptors, dir_fd and follow_symlinks. */
static const char *const have_functions[] = {
    "HAVE_EVENTFD", "HAVE_FACCESSAT", "HAVE_FCHDIR", "HAVE_FCHMOD", "HAVE_FCHMODAT",
    "HAVE_FCHOWN", "HAVE_FCHOWNAT", "HAVE_FEXECVE", "HAVE_FDOPENDIR", "HAVE_FPATHCONF",
    "HAVE_FSTATAT", "HAVE_FSTATVFS", "HAVE_FTRUNCATE", "HAVE_FUTIMENS", "HAVE_FUTIMES",
    "HAVE_FUTIMESAT", "HAVE_LINKAT", "HAVE_LCHOWN", "HAVE_LSTAT", "HAVE_LUTIMES",
    "HAVE_MEMFD_CREATE", "HAVE_MKDIRAT", "HAVE_MKFIFOAT", "HAVE_MKNODAT", "HAVE_OPENAT",
    "HAVE_READLINKAT", "HAVE_RENAMEAT", "HAVE_SYMLINKAT", "HAVE_UNLINKAT", "HAVE_UTIMENSAT",
};

/* Makes a struct sequence type and adds it to the module: a new reference, NULL with an exception set. */
PyTypeObject *posix_add_sequence(PyObject *module, PyStructSequence_Desc *desc)
{
    PyTypeObject *type = PyStructSequence_NewType(desc);
    if (type && PyModule_AddObjectRef(module, strrchr(desc->name, '.') + 1, (PyObject *)type) < 0) Py_CLEAR(type);
    return type;
}

static int add_have_functions(PyObject *module)
{
    PyObject *list = PyList_New(0);
    for (size_t i = 0; list && i < Py_ARRAY_LENGTH(have_functions); i++) {
        PyObject *name = PyUnicode_FromString(have_functions[i]);
        if (!name || PyList_Append(list, name) < 0) Py_CLEAR(list);
        Py_XDECREF(name);
    }
    if (!list) return -1;
    int result = PyModule_AddObjectRef(module, "_have_functions", list);
    Py_DECREF(list);
    return result;
}

static int add_constants(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        PyObject *value = PyLong_FromLongLong(constants[i].value);
        int result = value ? PyModule_AddObjectRef(module, constants[i].name, value) : -1;
        Py_XDECREF(value);
        if (result < 0) return -1;
    }
    return 0;
}

static int module_exec(PyObject *module)
{
    if (system_init(module) < 0 || add_constants(module) < 0 || names_tables_init(module) < 0) return -1;
    if (PyModule_AddObjectRef(module, "error", PyExc_OSError) < 0) return -1;
    if (process_init(module) < 0 || stat_init(module) < 0 || scandir_init(module) < 0) return -1;
    return add_have_functions(module);
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct PosixModule *state = posix_state(module);
    Py_VISIT(state->stat_result);
    Py_VISIT(state->statvfs_result);
    Py_VISIT(state->terminal_size);
    Py_VISIT(state->times_result);
    Py_VISIT(state->uname_result);
    Py_VISIT(state->sched_param);
    Py_VISIT(state->waitid_result);
    Py_VISIT(state->dir_entry);
    Py_VISIT(state->scandir_iterator);
    return 0;
}

static int module_clear(PyObject *module)
{
    struct PosixModule *state = posix_state(module);
    Py_CLEAR(state->stat_result);
    Py_CLEAR(state->statvfs_result);
    Py_CLEAR(state->terminal_size);
    Py_CLEAR(state->times_result);
    Py_CLEAR(state->uname_result);
    Py_CLEAR(state->sched_param);
    Py_CLEAR(state->waitid_result);
    Py_CLEAR(state->dir_entry);
    Py_CLEAR(state->scandir_iterator);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "posix",
    .m_doc = "What the operating system offers, as POSIX and the C library name it. Import os instead: it has all of this and\n"
             "more. Failures raise OSError.",
    .m_size = sizeof(struct PosixModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_posix(void)
{
    return PyModuleDef_Init(&definition);
}
