/* _stat: taking file modes apart (the manual: library/stat). */
#include <Python.h>

#include <sys/stat.h>

/* A mode from an int; (mode_t)-1 with an exception set. */
static mode_t mode_from_object(PyObject *obj)
{
    if (!PyLong_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return (mode_t)-1;
    }
    if (_PyLong_Sign(obj) < 0) {
        PyErr_SetString(PyExc_OverflowError, "can't convert negative value to unsigned int");
        return (mode_t)-1;
    }
    unsigned long value = PyLong_AsUnsignedLong(obj);
    if (value == (unsigned long)-1 && PyErr_Occurred()) return (mode_t)-1;
    if ((mode_t)value != value) {
        PyErr_SetString(PyExc_OverflowError, "mode out of range");
        return (mode_t)-1;
    }
    return (mode_t)value;
}

#define PREDICATE(NAME, expression) \
    static PyObject *NAME##_test(PyObject *Py_UNUSED(module), PyObject *obj) \
    { \
        mode_t mode = mode_from_object(obj); \
        if (mode == (mode_t)-1 && PyErr_Occurred()) return NULL; \
        return PyBool_FromLong(expression); \
    }
PREDICATE(S_ISDIR, S_ISDIR(mode))
PREDICATE(S_ISCHR, S_ISCHR(mode))
PREDICATE(S_ISBLK, S_ISBLK(mode))
PREDICATE(S_ISREG, S_ISREG(mode))
PREDICATE(S_ISFIFO, S_ISFIFO(mode))
PREDICATE(S_ISLNK, S_ISLNK(mode))
PREDICATE(S_ISSOCK, S_ISSOCK(mode))
PREDICATE(S_ISDOOR, ((void)mode, 0))
PREDICATE(S_ISPORT, ((void)mode, 0))
PREDICATE(S_ISWHT, ((void)mode, 0))

static PyObject *s_imode(PyObject *Py_UNUSED(module), PyObject *obj)
{
    mode_t mode = mode_from_object(obj);
    if (mode == (mode_t)-1 && PyErr_Occurred()) return NULL;
    return PyLong_FromUnsignedLong(mode & 07777);
}

static PyObject *s_ifmt(PyObject *Py_UNUSED(module), PyObject *obj)
{
    mode_t mode = mode_from_object(obj);
    if (mode == (mode_t)-1 && PyErr_Occurred()) return NULL;
    return PyLong_FromUnsignedLong(mode & S_IFMT);
}

static PyObject *filemode(PyObject *Py_UNUSED(module), PyObject *obj)
{
    mode_t mode = mode_from_object(obj);
    if (mode == (mode_t)-1 && PyErr_Occurred()) return NULL;
    static const char kinds[16] = "?pc?d?b?-?l?s???";
    char text[10];
    text[0] = kinds[mode >> 12 & 15];
    for (int i = 0; i < 9; i++) text[i + 1] = mode & (0400u >> i) ? "rwx"[i % 3] : '-';
    if (mode & S_ISUID) text[3] = mode & S_IXUSR ? 's' : 'S';
    if (mode & S_ISGID) text[6] = mode & S_IXGRP ? 's' : 'S';
    if (mode & S_ISVTX) text[9] = mode & S_IXOTH ? 't' : 'T';
    return PyUnicode_FromStringAndSize(text, sizeof text);
}

#define TEST(NAME, what) {#NAME, NAME##_test, METH_O, #NAME "(mode) -> bool\n\nWhether the mode is that of " what "."}

static PyMethodDef functions[] = {
    TEST(S_ISDIR, "a directory"),
    TEST(S_ISCHR, "a character device"),
    TEST(S_ISBLK, "a block device"),
    TEST(S_ISREG, "a regular file"),
    TEST(S_ISFIFO, "a named pipe"),
    TEST(S_ISLNK, "a symbolic link"),
    TEST(S_ISSOCK, "a socket"),
    TEST(S_ISDOOR, "a door"),
    TEST(S_ISPORT, "an event port"),
    TEST(S_ISWHT, "a whiteout"),
    {"S_IMODE", s_imode, METH_O, "The part of a mode that os.chmod() can set."},
    {"S_IFMT", s_ifmt, METH_O, "The part of a mode that tells the file's type."},
    {"filemode", filemode, METH_O, "A mode as text of the form '-rwxrwxrwx'."},
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    long value;
} constants[] = {
#define C(name) {#name, name},
    C(S_IFDIR) C(S_IFCHR) C(S_IFBLK) C(S_IFREG) C(S_IFIFO) C(S_IFLNK) C(S_IFSOCK)
    {"S_IFDOOR", 0}, {"S_IFPORT", 0}, {"S_IFWHT", 0},
    C(S_ISUID) C(S_ISGID) C(S_ISVTX) {"S_ENFMT", S_ISGID}, C(S_IREAD) C(S_IWRITE) C(S_IEXEC)
    C(S_IRWXU) C(S_IRUSR) C(S_IWUSR) C(S_IXUSR) C(S_IRWXG) C(S_IRGRP) C(S_IWGRP) C(S_IXGRP)
    C(S_IRWXO) C(S_IROTH) C(S_IWOTH) C(S_IXOTH)
#undef C
    {"UF_NODUMP", 1}, {"UF_IMMUTABLE", 2}, {"UF_APPEND", 4}, {"UF_OPAQUE", 8}, {"UF_NOUNLINK", 0x10},
    {"UF_COMPRESSED", 0x20}, {"UF_HIDDEN", 0x8000}, {"SF_ARCHIVED", 0x10000}, {"SF_IMMUTABLE", 0x20000},
    {"SF_APPEND", 0x40000}, {"SF_NOUNLINK", 0x100000}, {"SF_SNAPSHOT", 0x200000},
    /* places in the tuple that os.stat() gives */
    {"ST_MODE", 0}, {"ST_INO", 1}, {"ST_DEV", 2}, {"ST_NLINK", 3}, {"ST_UID", 4}, {"ST_GID", 5}, {"ST_SIZE", 6},
    {"ST_ATIME", 7}, {"ST_MTIME", 8}, {"ST_CTIME", 9},
};

static int module_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_stat",
    .m_doc = "File types, permission bits and file flags as constants S_IF..., S_I..., UF_..., SF_..., the places ST_... in\n"
             "the tuple that os.stat() gives, and functions that take a mode apart.",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__stat(void)
{
    return PyModuleDef_Init(&definition);
}
