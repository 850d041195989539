/* pwd: the user database (the manual: library/pwd). */
#include <Python.h>
#include <internal/krait_exports.h>
#include <structseq.h>

#include <errno.h>
#include <pwd.h>
#include <unistd.h>

static PyStructSequence_Field fields[] = {
    {"pw_name", "user name"}, {"pw_passwd", "password"}, {"pw_uid", "user id"}, {"pw_gid", "group id"},
    {"pw_gecos", "real name"}, {"pw_dir", "home directory"}, {"pw_shell", "shell"}, {NULL, NULL},
};

static PyStructSequence_Desc desc = {
    "pwd.struct_passwd",
    "A user: a tuple (pw_name,pw_passwd,pw_uid,pw_gid,pw_gecos,pw_dir,pw_shell), also as attributes.",
    fields,
    7,
};

struct PwdModule {
    PyTypeObject *type;                 /* owned */
};

static inline struct PwdModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *text_or_none(const char *text)
{
    return text ? PyUnicode_DecodeFSDefault(text) : Py_NewRef(Py_None);
}

static PyObject *entry_new(PyObject *module, const struct passwd *p)
{
    PyObject *self = PyStructSequence_New(module_state(module)->type);
    if (!self) return NULL;
    PyStructSequence_SET_ITEM(self, 0, text_or_none(p->pw_name));
    PyStructSequence_SET_ITEM(self, 1, text_or_none(p->pw_passwd));
    PyStructSequence_SET_ITEM(self, 2, _PyLong_FromUid(p->pw_uid));
    PyStructSequence_SET_ITEM(self, 3, _PyLong_FromGid(p->pw_gid));
    PyStructSequence_SET_ITEM(self, 4, text_or_none(p->pw_gecos));
    PyStructSequence_SET_ITEM(self, 5, text_or_none(p->pw_dir));
    PyStructSequence_SET_ITEM(self, 6, text_or_none(p->pw_shell));
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}

/* Looks a user up by name, or by uid where name is NULL. A new entry; NULL without an exception if there is none. */
static PyObject *look_up(PyObject *module, const char *name, uid_t uid)
{
    struct passwd entry, *found = NULL;
    char *buffer = NULL;
    int error;
    long size = sysconf(_SC_GETPW_R_SIZE_MAX);
    if (size <= 0) size = 1024;
    for (;; size *= 2) {
        char *larger = PyMem_RawRealloc(buffer, (size_t)size);
        if (!larger) {
            PyMem_RawFree(buffer);
            return PyErr_NoMemory();
        }
        buffer = larger;
        Py_BEGIN_ALLOW_THREADS
        error = name ? getpwnam_r(name, &entry, buffer, (size_t)size, &found)
                     : getpwuid_r(uid, &entry, buffer, (size_t)size, &found);
        Py_END_ALLOW_THREADS
        if (error != ERANGE || found || size > PY_SSIZE_T_MAX / 2) break;
    }
    PyObject *result = NULL;
    if (!error && found) result = entry_new(module, found);
    else if (error == ENOMEM) PyErr_NoMemory();
    PyMem_RawFree(buffer);
    return result;
}

static PyObject *pwd_getpwuid(PyObject *module, PyObject *obj)
{
    uid_t uid;
    if (!_Py_Uid_Converter(obj, &uid)) {
        if (PyErr_ExceptionMatches(PyExc_OverflowError)) PyErr_Format(PyExc_KeyError, "getpwuid(): uid not found");
        return NULL;
    }
    PyObject *result = look_up(module, NULL, uid);
    if (!result && !PyErr_Occurred()) {
        PyObject *number = _PyLong_FromUid(uid);
        if (number) PyErr_Format(PyExc_KeyError, "getpwuid(): uid not found: %S", number);
        Py_XDECREF(number);
    }
    return result;
}

static PyObject *pwd_getpwnam(PyObject *module, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        _PyArg_BadArgument("getpwnam", "argument", "str", name);
        return NULL;
    }
    PyObject *bytes = PyUnicode_EncodeFSDefault(name), *result = NULL;
    char *text;
    if (!bytes) return NULL;
    if (PyBytes_AsStringAndSize(bytes, &text, NULL) == 0) {
        result = look_up(module, text, 0);
        if (!result && !PyErr_Occurred()) PyErr_Format(PyExc_KeyError, "getpwnam(): name not found: %R", name);
    }
    Py_DECREF(bytes);
    return result;
}

static PyObject *pwd_getpwall(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *list = PyList_New(0);
    struct passwd *p;
    setpwent();
    while (list && (p = getpwent())) {
        PyObject *entry = entry_new(module, p);
        if (!entry || PyList_Append(list, entry) < 0) Py_CLEAR(list);
        Py_XDECREF(entry);
    }
    endpwent();
    return list;
}

static PyMethodDef functions[] = {
    {"getpwuid", pwd_getpwuid, METH_O, "getpwuid($module, uidobj, /)\n--\n\nThe user with an id."},
    {"getpwnam", pwd_getpwnam, METH_O, "getpwnam($module, name, /)\n--\n\nThe user with a name."},
    {"getpwall", pwd_getpwall, METH_NOARGS, "getpwall($module, /)\n--\n\nAll users, in no order."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    PyTypeObject *type = PyStructSequence_NewType(&desc);
    module_state(module)->type = type;
    return type ? PyModule_AddObjectRef(module, "struct_passwd", (PyObject *)type) : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(module_state(module)->type);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(module_state(module)->type);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pwd",
    .m_doc = "The user database. A user is a tuple (pw_name, pw_passwd, pw_uid, pw_gid, pw_gecos, pw_dir, pw_shell); the two ids\n"
             "are ints, the rest are str. What is not found raises KeyError.",
    .m_size = sizeof(struct PwdModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_pwd(void)
{
    return PyModuleDef_Init(&definition);
}
