/* xxsubtype: an example of built-in types that derive from others in C: a list and a dict, each with
 * an int more. The library's tests use it. */
#include <Python.h>
#include <structmember.h>

#include <stddef.h>
#include <time.h>

#define WITH_KEYWORDS(function) (PyCFunction)(void (*)(void))(function), METH_VARARGS | METH_KEYWORDS

typedef struct {
    PyListObject list;
    int state;
} SpamList;

typedef struct {
    PyDictObject dict;
    int state;
} SpamDict;

static PyTypeObject spamlist_type, spamdict_type;

static int *state_of(PyObject *self)
{
    return PyList_Check(self) ? &((SpamList *)self)->state : &((SpamDict *)self)->state;
}

static PyObject *spam_getstate(PyObject *self, PyObject *args)
{
    if (!PyArg_ParseTuple(args, ":getstate")) return NULL;
    return PyLong_FromLong(*state_of(self));
}

static PyObject *spam_setstate(PyObject *self, PyObject *args)
{
    int state;
    if (!PyArg_ParseTuple(args, "i:setstate", &state)) return NULL;
    *state_of(self) = state;
    Py_RETURN_NONE;
}

/* What a class method or a static method was called with, as a tuple. */
static PyObject *spam_show_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return PyTuple_Pack(3, self ? self : Py_None, args, kwargs ? kwargs : Py_None);
}

static PyObject *spamlist_get_state(PyObject *self, void *Py_UNUSED(context))
{
    return PyLong_FromLong(*state_of(self));
}

static int spamlist_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyList_Type.tp_init(self, args, kwargs) < 0) return -1;
    *state_of(self) = 0;
    return 0;
}

static int spamdict_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyDict_Type.tp_init(self, args, kwargs) < 0) return -1;
    *state_of(self) = 0;
    return 0;
}

static PyMethodDef spamlist_methods[] = {
    {"getstate", spam_getstate, METH_VARARGS, PyDoc_STR("getstate() -> the int")},
    {"setstate", spam_setstate, METH_VARARGS, PyDoc_STR("setstate(int)")},
    {"classmeth", WITH_KEYWORDS(spam_show_call) | METH_CLASS, PyDoc_STR("classmeth(*args, **kw)")},
    {"staticmeth", WITH_KEYWORDS(spam_show_call) | METH_STATIC, PyDoc_STR("staticmeth(*args, **kw)")},
    {NULL, NULL, 0, NULL},
};

static PyMethodDef spamdict_methods[] = {
    {"getstate", spam_getstate, METH_VARARGS, PyDoc_STR("getstate() -> the int")},
    {"setstate", spam_setstate, METH_VARARGS, PyDoc_STR("setstate(int)")},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef spamlist_getset[] = {
    {"state", spamlist_get_state, NULL, PyDoc_STR("an int, to show how it is done"), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef spamdict_members[] = {
    {"state", T_INT, offsetof(SpamDict, state), READONLY, PyDoc_STR("an int, to show how it is done")},
    {NULL, 0, 0, 0, NULL},
};

static PyTypeObject spamlist_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "xxsubtype.spamlist",
    .tp_basicsize = sizeof(SpamList),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_methods = spamlist_methods,
    .tp_getset = spamlist_getset,
    .tp_init = spamlist_init,
};

static PyTypeObject spamdict_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "xxsubtype.spamdict",
    .tp_basicsize = sizeof(SpamDict),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_methods = spamdict_methods,
    .tp_members = spamdict_members,
    .tp_init = spamdict_init,
};

/* bench(object, name[, n]): seconds of processor time that n lookups of the attribute take. */
static PyObject *bench(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *object, *name;
    int n = 1000;
    if (!PyArg_ParseTuple(args, "OU|i", &object, &name, &n)) return NULL;
    clock_t start = clock();
    while (n-- > 0) {
        PyObject *value = PyObject_GetAttr(object, name);
        if (!value) return NULL;
        Py_DECREF(value);
    }
    return PyFloat_FromDouble((double)(clock() - start) / CLOCKS_PER_SEC);
}

static PyMethodDef module_methods[] = {
    {"bench", bench, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    spamlist_type.tp_base = &PyList_Type;
    spamdict_type.tp_base = &PyDict_Type;
    if (PyModule_AddType(module, &spamlist_type) < 0) return -1;
    return PyModule_AddType(module, &spamdict_type);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "xxsubtype",
    .m_doc = "An example of types that derive from built-in ones in C; the library's tests use it.",
    .m_methods = module_methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_xxsubtype(void)
{
    return PyModuleDef_Init(&definition);
}
