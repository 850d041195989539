/* grp: the group database (the manual: library/grp). */
#include <Python.h>
#include <internal/krait_exports.h>
#include <structseq.h>

#include <errno.h>
#include <grp.h>
#include <unistd.h>

static PyStructSequence_Field fields[] = {
    {"gr_name", "group name"}, {"gr_passwd", "password"}, {"gr_gid", "group id"}, {"gr_mem", "the members' names"}, {NULL, NULL},
};

static PyStructSequence_Desc desc = {
    "grp.struct_group",
    "A group: a tuple (gr_name,gr_passwd,gr_gid,gr_mem), also as attributes.",
    fields,
    4,
};

struct GrpModule {
    PyTypeObject *type;                 /* owned */
};

static inline struct GrpModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *text_or_none(const char *text)
{
    return text ? PyUnicode_DecodeFSDefault(text) : Py_NewRef(Py_None);
}

static PyObject *entry_new(PyObject *module, const struct group *p)
{
    PyObject *members = PyList_New(0);
    for (char **member = p->gr_mem; members && member && *member; member++) {
        PyObject *name = PyUnicode_DecodeFSDefault(*member);
        if (!name || PyList_Append(members, name) < 0) Py_CLEAR(members);
        Py_XDECREF(name);
    }
    PyObject *self = members ? PyStructSequence_New(module_state(module)->type) : NULL;
    if (!self) {
        Py_XDECREF(members);
        return NULL;
    }
    PyStructSequence_SET_ITEM(self, 0, text_or_none(p->gr_name));
    PyStructSequence_SET_ITEM(self, 1, text_or_none(p->gr_passwd));
    PyStructSequence_SET_ITEM(self, 2, _PyLong_FromGid(p->gr_gid));
    PyStructSequence_SET_ITEM(self, 3, members);
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}

/* Looks a group up by name, or by gid where name is NULL. A new entry; NULL without an exception if there is none. */
static PyObject *look_up(PyObject *module, const char *name, gid_t gid)
{
    struct group entry, *found = NULL;
    char *buffer = NULL;
    int error;
    long size = sysconf(_SC_GETGR_R_SIZE_MAX);
    if (size <= 0) size = 1024;
    for (;; size *= 2) {
        char *larger = PyMem_RawRealloc(buffer, (size_t)size);
        if (!larger) {
            PyMem_RawFree(buffer);
            return PyErr_NoMemory();
        }
        buffer = larger;
        Py_BEGIN_ALLOW_THREADS
        error = name ? getgrnam_r(name, &entry, buffer, (size_t)size, &found)
                     : getgrgid_r(gid, &entry, buffer, (size_t)size, &found);
        Py_END_ALLOW_THREADS
        if (error != ERANGE || found || size > PY_SSIZE_T_MAX / 2) break;
    }
    PyObject *result = NULL;
    if (!error && found) result = entry_new(module, found);
    else if (error == ENOMEM) PyErr_NoMemory();
    PyMem_RawFree(buffer);
    return result;
}

static PyObject *grp_getgrgid(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"id", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:getgrgid"};
    PyObject *id;
    gid_t gid;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &id) || !_Py_Gid_Converter(id, &gid)) return NULL;
    PyObject *result = look_up(module, NULL, gid);
    if (!result && !PyErr_Occurred()) {
        PyObject *number = _PyLong_FromGid(gid);
        if (number) PyErr_Format(PyExc_KeyError, "getgrgid(): gid not found: %S", number);
        Py_XDECREF(number);
    }
    return result;
}

static PyObject *grp_getgrnam(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"name", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:getgrnam"};
    PyObject *name;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &name)) return NULL;
    if (!PyUnicode_Check(name)) {
        _PyArg_BadArgument("getgrnam", "argument 'name'", "str", name);
        return NULL;
    }
    PyObject *bytes = PyUnicode_EncodeFSDefault(name), *result = NULL;
    char *text;
    if (!bytes) return NULL;
    if (PyBytes_AsStringAndSize(bytes, &text, NULL) == 0) {
        result = look_up(module, text, 0);
        if (!result && !PyErr_Occurred()) PyErr_Format(PyExc_KeyError, "getgrnam(): name not found: %R", name);
    }
    Py_DECREF(bytes);
    return result;
}

static PyObject *grp_getgrall(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *list = PyList_New(0);
    struct group *p;
    setgrent();
    while (list && (p = getgrent())) {
        PyObject *entry = entry_new(module, p);
        if (!entry || PyList_Append(list, entry) < 0) Py_CLEAR(list);
        Py_XDECREF(entry);
    }
    endgrent();
    return list;
}

static PyMethodDef functions[] = {
    {"getgrgid", _PyCFunction_CAST(grp_getgrgid), METH_FASTCALL | METH_KEYWORDS,
     "getgrgid($module, /, id)\n--\n\nThe group with an id."},
    {"getgrnam", _PyCFunction_CAST(grp_getgrnam), METH_FASTCALL | METH_KEYWORDS,
     "getgrnam($module, /, name)\n--\n\nThe group with a name."},
    {"getgrall", grp_getgrall, METH_NOARGS, "getgrall($module, /)\n--\n\nAll groups, in no order."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    PyTypeObject *type = PyStructSequence_NewType(&desc);
    module_state(module)->type = type;
    return type ? PyModule_AddObjectRef(module, "struct_group", (PyObject *)type) : -1;
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
    .m_name = "grp",
    .m_doc = "The group database. A group is a tuple (gr_name, gr_passwd, gr_gid, gr_mem); gr_mem is a list of names. What is\n"
             "not found raises KeyError.",
    .m_size = sizeof(struct GrpModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_grp(void)
{
    return PyModuleDef_Init(&definition);
}
