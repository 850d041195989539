/* scandir(): reading a directory an entry at a time, with what the system tells of each entry on the way. */
#include "modules/posix/posix.h"

#include <structmember.h>

/* ---- DirEntry ---- */

typedef struct {
    PyObject_HEAD
    PyObject *name, *path;              /* owned */
    PyObject *stat, *lstat;             /* owned; NULL until asked for */
    unsigned char kind;                 /* DT_... */
    int dir_fd;                         /* where scandir() was given a descriptor; else -1 */
    ino_t inode;
} DirEntry;

static struct PosixModule *entry_state(DirEntry *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

static void entry_dealloc(DirEntry *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(self->name);
    Py_XDECREF(self->path);
    Py_XDECREF(self->stat);
    Py_XDECREF(self->lstat);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *entry_repr(DirEntry *self)
{
    return PyUnicode_FromFormat("<DirEntry %R>", self->name);
}

static PyObject *entry_fetch(DirEntry *self, bool follow)
{
    PyObject *bytes;
    if (PyUnicode_Check(self->path)) {
        if (!PyUnicode_FSConverter(self->path, &bytes)) return NULL;
    } else {
        bytes = Py_NewRef(self->path);
    }
    struct stat st;
    const char *name = PyBytes_AS_STRING(bytes);
    int result;
    Py_BEGIN_ALLOW_THREADS
    result = fstatat(self->dir_fd != -1 ? self->dir_fd : AT_FDCWD, name, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW);
    Py_END_ALLOW_THREADS
    Py_DECREF(bytes);
    if (result != 0) return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, self->path);
    return stat_result_new(entry_state(self), &st);
}

/* A new reference to the entry's stat_result, asked of the system once. */
static PyObject *entry_lstat(DirEntry *self)
{
    if (!self->lstat) self->lstat = entry_fetch(self, false);
    return Py_XNewRef(self->lstat);
}

/* 1, 0, or -1 with an exception set. */
static int entry_is_symlink(DirEntry *self)
{
    if (self->kind != DT_UNKNOWN) return self->kind == DT_LNK;
    PyObject *st = entry_lstat(self);
    if (!st) {
        if (!PyErr_ExceptionMatches(PyExc_FileNotFoundError)) return -1;
        PyErr_Clear();
        return 0;
    }
    long mode = PyLong_AsLong(PyStructSequence_GET_ITEM(st, 0));
    Py_DECREF(st);
    return S_ISLNK(mode);
}

static PyObject *entry_stat(DirEntry *self, bool follow)
{
    if (!follow) return entry_lstat(self);
    if (!self->stat) {
        int link = entry_is_symlink(self);
        if (link < 0) return NULL;
        self->stat = link ? entry_fetch(self, true) : entry_lstat(self);
    }
    return Py_XNewRef(self->stat);
}

/* Whether the entry is of a type, S_IFDIR or S_IFREG; 1, 0, or -1 with an exception set. */
static int entry_is(DirEntry *self, bool follow, mode_t type)
{
    bool link = self->kind == DT_LNK;
    if (self->kind != DT_UNKNOWN && !(link && follow)) return link ? 0 : self->kind == (type == S_IFDIR ? DT_DIR : DT_REG);
    PyObject *st = entry_stat(self, follow);
    if (!st) {
        if (!PyErr_ExceptionMatches(PyExc_FileNotFoundError)) return -1;
        PyErr_Clear();                  /* it went away since, or the link leads nowhere */
        return 0;
    }
    long mode = PyLong_AsLong(PyStructSequence_GET_ITEM(st, 0));
    Py_DECREF(st);
    return (mode & S_IFMT) == type;
}

static PyObject *bool_or_error(int truth)
{
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

/* The one argument of is_dir(), is_file() and stat(), by keyword only. */
static int follow_from_args(_PyArg_Parser *parser, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    int follow = 1;
    if (nargs == 0 && !kwnames) return 1;
    return _PyArg_ParseStackAndKeywords(args, nargs, kwnames, parser, &follow) ? follow : -1;
}

static PyObject *DirEntry_is_symlink(DirEntry *self, PyObject *Py_UNUSED(ignored))
{
    return bool_or_error(entry_is_symlink(self));
}

static PyObject *DirEntry_is_dir(DirEntry *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("|$p:is_dir", "follow_symlinks");
    int follow = follow_from_args(&parser, args, nargs, kwnames);
    return follow < 0 ? NULL : bool_or_error(entry_is(self, follow, S_IFDIR));
}

static PyObject *DirEntry_is_file(DirEntry *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("|$p:is_file", "follow_symlinks");
    int follow = follow_from_args(&parser, args, nargs, kwnames);
    return follow < 0 ? NULL : bool_or_error(entry_is(self, follow, S_IFREG));
}

static PyObject *DirEntry_stat(DirEntry *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("|$p:stat", "follow_symlinks");
    int follow = follow_from_args(&parser, args, nargs, kwnames);
    return follow < 0 ? NULL : entry_stat(self, follow);
}

static PyObject *DirEntry_inode(DirEntry *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromUnsignedLong(self->inode);
}

static PyObject *DirEntry_fspath(DirEntry *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self->path);
}

static PyMemberDef entry_members[] = {
    {"name", T_OBJECT_EX, offsetof(DirEntry, name), READONLY, "the file's name in its directory"},
    {"path", T_OBJECT_EX, offsetof(DirEntry, path), READONLY, "the name after the path that scandir() was given"},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef entry_methods[] = {
    {"is_dir", _PyCFunction_CAST(DirEntry_is_dir), METH_FASTCALL | METH_KEYWORDS,
     "is_dir($self, /, *, follow_symlinks=True)\n--\n\nWhether the entry is a directory; asked once."},
    {"is_file", _PyCFunction_CAST(DirEntry_is_file), METH_FASTCALL | METH_KEYWORDS,
     "is_file($self, /, *, follow_symlinks=True)\n--\n\nWhether the entry is a regular file; asked once."},
    {"is_symlink", (PyCFunction)DirEntry_is_symlink, METH_NOARGS,
     "is_symlink($self, /)\n--\n\nWhether the entry is a symbolic link; asked once."},
    {"stat", _PyCFunction_CAST(DirEntry_stat), METH_FASTCALL | METH_KEYWORDS,
     "stat($self, /, *, follow_symlinks=True)\n--\n\nThe entry's stat_result; asked once."},
    {"inode", (PyCFunction)DirEntry_inode, METH_NOARGS, "inode($self, /)\n--\n\nThe entry's inode number."},
    {"__fspath__", (PyCFunction)DirEntry_fspath, METH_NOARGS, "__fspath__($self, /)\n--\n\nThe entry's path."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "DirEntry[str] as a type hint (PEP 585)."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot entry_slots[] = {
    {Py_tp_dealloc, entry_dealloc},
    {Py_tp_repr, entry_repr},
    {Py_tp_methods, entry_methods},
    {Py_tp_members, entry_members},
    {0, NULL},
};

static PyType_Spec entry_spec = {
    .name = "posix.DirEntry",
    .basicsize = sizeof(DirEntry),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = entry_slots,
};

/* ---- The iterator ---- */

typedef struct {
    PyObject_HEAD
    Path path;                          /* owned; kept until the directory is read */
    DIR *dir;                           /* NULL once closed */
} ScandirIterator;

static PyObject *entry_new(ScandirIterator *iterator, const struct dirent *found)
{
    struct PosixModule *state = PyType_GetModuleState(Py_TYPE(iterator));
    const Path *path = &iterator->path;
    DirEntry *self = PyObject_New(DirEntry, state->dir_entry);
    if (!self) return NULL;
    self->name = self->path = self->stat = self->lstat = NULL;
    self->kind = found->d_type;
    self->inode = found->d_ino;
    self->dir_fd = path->fd;
    bool as_bytes = path->name && !PyUnicode_Check(path->object);
    size_t length = strlen(found->d_name);
    self->name = as_bytes ? PyBytes_FromStringAndSize(found->d_name, (Py_ssize_t)length)
                          : PyUnicode_DecodeFSDefaultAndSize(found->d_name, (Py_ssize_t)length);
    if (!self->name) goto error;
    if (path->fd != -1) {
        self->path = Py_NewRef(self->name);
        return (PyObject *)self;
    }
    const char *folder = path->name ? path->name : ".";
    size_t before = path->name ? (size_t)path->length : 1;
    size_t slash = before && folder[before - 1] != '/';
    if (path->name && !before) slash = 0;
    char few[512], *joined = few;
    if (before + slash + length > sizeof few) {
        joined = PyMem_Malloc(before + slash + length);
        if (!joined) {
            PyErr_NoMemory();
            goto error;
        }
    }
    memcpy(joined, folder, before);
    if (slash) joined[before] = '/';
    memcpy(joined + before + slash, found->d_name, length);
    Py_ssize_t size = (Py_ssize_t)(before + slash + length);
    self->path = as_bytes ? PyBytes_FromStringAndSize(joined, size) : PyUnicode_DecodeFSDefaultAndSize(joined, size);
    if (joined != few) PyMem_Free(joined);
    if (self->path) return (PyObject *)self;
error:
    Py_DECREF(self);
    return NULL;
}

static void iterator_shut(ScandirIterator *self)
{
    DIR *dir = self->dir;
    if (!dir) return;
    self->dir = NULL;
    Py_BEGIN_ALLOW_THREADS
    if (self->path.fd != -1) rewinddir(dir);
    closedir(dir);
    Py_END_ALLOW_THREADS
}

static PyObject *iterator_next(ScandirIterator *self)
{
    while (self->dir) {
        struct dirent *found;
        errno = 0;
        Py_BEGIN_ALLOW_THREADS
        found = readdir(self->dir);
        Py_END_ALLOW_THREADS
        if (!found) {
            if (errno) path_error(&self->path);
            break;
        }
        const char *name = found->d_name;
        if (name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]))) continue;
        PyObject *entry = entry_new(self, found);
        if (!entry) break;
        return entry;
    }
    iterator_shut(self);
    return NULL;
}

static PyObject *iterator_close(ScandirIterator *self, PyObject *Py_UNUSED(ignored))
{
    iterator_shut(self);
    Py_RETURN_NONE;
}

static PyObject *iterator_enter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_NewRef(self);
}

static PyObject *iterator_exit(ScandirIterator *self, PyObject *Py_UNUSED(args))
{
    iterator_shut(self);
    Py_RETURN_NONE;
}

/* Warns of an iterator that was neither closed nor read to its end. */
static void iterator_finalize(ScandirIterator *self)
{
    if (!self->dir) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (PyErr_ResourceWarning((PyObject *)self, 1, "unclosed scandir iterator %R", self) < 0
        && PyErr_ExceptionMatches(PyExc_Warning)) {
        PyErr_WriteUnraisable((PyObject *)self);
    }
    iterator_shut(self);
    PyErr_Restore(type, value, traceback);
}

static void iterator_dealloc(ScandirIterator *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (PyObject_CallFinalizerFromDealloc((PyObject *)self) < 0) return;
    PyObject_GC_UnTrack(self);
    path_release(&self->path);
    type->tp_free(self);
    Py_DECREF(type);
}

/* It cannot be part of a cycle; but the collector's lists are where the end of the process looks for finalizers. */
static int iterator_traverse(ScandirIterator *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static PyMethodDef iterator_methods[] = {
    {"__enter__", iterator_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)iterator_exit, METH_VARARGS, NULL},
    {"close", (PyCFunction)iterator_close, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot iterator_slots[] = {
    {Py_tp_dealloc, iterator_dealloc},
    {Py_tp_finalize, iterator_finalize},
    {Py_tp_traverse, iterator_traverse},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iterator_next},
    {Py_tp_methods, iterator_methods},
    {0, NULL},
};

static PyType_Spec iterator_spec = {
    .name = "posix.ScandirIterator",
    .basicsize = sizeof(ScandirIterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_FINALIZE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = iterator_slots,
};

DEFINE_KEYWORDS(scandir)
{
    Path path = PATH("scandir", "path", true, true);
    PARSER("|O&:scandir", "path");
    PARSE(path_convert, &path);
    if (PySys_Audit("os.scandir", "O", audit_object(&path)) < 0) return path_done(&path, NULL);
    ScandirIterator *self = PyObject_GC_New(ScandirIterator, posix_state(module)->scandir_iterator);
    if (!self) return path_done(&path, NULL);
    self->path = path;
    self->dir = posix_open_directory(&path);
    PyObject_GC_Track(self);
    if (!self->dir) {
        if (!PyErr_Occurred()) path_error(&path);
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

int scandir_init(PyObject *module)
{
    struct PosixModule *state = posix_state(module);
    state->scandir_iterator = (PyTypeObject *)PyType_FromModuleAndSpec(module, &iterator_spec, NULL);
    if (!state->scandir_iterator) return -1;
    state->dir_entry = (PyTypeObject *)PyType_FromModuleAndSpec(module, &entry_spec, NULL);
    return state->dir_entry ? PyModule_AddType(module, state->dir_entry) : -1;
}
