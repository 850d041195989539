/* spwd: the shadow password database (the manual: library/spwd). */
#include <Python.h>
#include <internal/krait_exports.h>
#include <structseq.h>

#include <errno.h>
#include <shadow.h>

/* The last two are the first two under older names. */
static PyStructSequence_Field fields[] = {
    {"sp_namp", "login name"}, {"sp_pwdp", "encrypted password"}, {"sp_lstchg", "day of the last change"},
    {"sp_min", "least days between changes"}, {"sp_max", "most days between changes"},
    {"sp_warn", "days of warning before the password expires"}, {"sp_inact", "days from that to the account's end"},
    {"sp_expire", "day on which the account ends"}, {"sp_flag", "reserved"}, {"sp_nam", "login name; old"},
    {"sp_pwd", "encrypted password; old"}, {NULL, NULL},
};

static PyStructSequence_Desc desc = {
    "spwd.struct_spwd",
    "A user's shadow entry: a tuple (sp_namp,sp_pwdp,sp_lstchg,sp_min,sp_max,sp_warn,sp_inact,sp_expire,sp_flag), also\n"
    "as attributes. Days count from 1970-01-01.",
    fields,
    9,
};

struct SpwdModule {
    PyTypeObject *type;                 /* owned */
};

static inline struct SpwdModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static PyObject *text_or_none(const char *text)
{
    return text ? PyUnicode_DecodeFSDefault(text) : Py_NewRef(Py_None);
}

static PyObject *entry_new(PyObject *module, const struct spwd *p)
{
    PyObject *self = PyStructSequence_New(module_state(module)->type);
    if (!self) return NULL;
    const long numbers[7] = {
        p->sp_lstchg, p->sp_min, p->sp_max, p->sp_warn, p->sp_inact, p->sp_expire, (long)p->sp_flag,
    };
    PyStructSequence_SET_ITEM(self, 0, text_or_none(p->sp_namp));
    PyStructSequence_SET_ITEM(self, 1, text_or_none(p->sp_pwdp));
    for (int i = 0; i < 7; i++) PyStructSequence_SET_ITEM(self, i + 2, PyLong_FromLong(numbers[i]));
    PyStructSequence_SET_ITEM(self, 9, text_or_none(p->sp_namp));
    PyStructSequence_SET_ITEM(self, 10, text_or_none(p->sp_pwdp));
    if (PyErr_Occurred()) Py_CLEAR(self);
    return self;
}

static PyObject *spwd_getspnam(PyObject *module, PyObject *name)
{
    if (!PyUnicode_Check(name)) {
        _PyArg_BadArgument("getspnam", "argument", "str", name);
        return NULL;
    }
    PyObject *bytes = PyUnicode_EncodeFSDefault(name), *result = NULL;
    char *text;
    if (!bytes) return NULL;
    if (PyBytes_AsStringAndSize(bytes, &text, NULL) == 0) {
        errno = 0;
        const struct spwd *p = getspnam(text);
        if (p) result = entry_new(module, p);
        else if (errno) PyErr_SetFromErrno(PyExc_OSError);
        else PyErr_SetString(PyExc_KeyError, "getspnam(): name not found");
    }
    Py_DECREF(bytes);
    return result;
}

static PyObject *spwd_getspall(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    PyObject *list = PyList_New(0);
    const struct spwd *p;
    setspent();
    while (list && (p = getspent())) {
        PyObject *entry = entry_new(module, p);
        if (!entry || PyList_Append(list, entry) < 0) Py_CLEAR(list);
        Py_XDECREF(entry);
    }
    endspent();
    return list;
}

static PyMethodDef functions[] = {
    {"getspnam", spwd_getspnam, METH_O, "getspnam($module, arg, /)\n--\n\nThe shadow entry of a user."},
    {"getspall", spwd_getspall, METH_NOARGS, "getspall($module, /)\n--\n\nAll shadow entries, in no order."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    if (PyErr_WarnEx(PyExc_DeprecationWarning, "'spwd' is deprecated and slated for removal in Python 3.13", 7)) return -1;
    PyTypeObject *type = PyStructSequence_NewType(&desc);
    module_state(module)->type = type;
    return type ? PyModule_AddObjectRef(module, "struct_spwd", (PyObject *)type) : -1;
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
    .m_name = "spwd",
    .m_doc = "The shadow password database, for those who may read it. A user is a tuple (sp_namp, sp_pwdp, sp_lstchg, sp_min,\n"
             "sp_max, sp_warn, sp_inact, sp_expire, sp_flag).",
    .m_size = sizeof(struct SpwdModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_spwd(void)
{
    return PyModuleDef_Init(&definition);
}
