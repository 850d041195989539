/* What the programs of this folder call: functions with each convention, and a type with methods and members. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

static PyObject *none(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored)) { Py_RETURN_NONE; }
static PyObject *one(PyObject *Py_UNUSED(self), PyObject *arg) { return Py_NewRef(arg); }

static PyObject *three(PyObject *Py_UNUSED(self), PyObject *const *args, Py_ssize_t nargs)
{
    return nargs == 3 ? Py_NewRef(args[1]) : PyErr_Format(PyExc_TypeError, "three arguments");
}

static PyObject *tuple_args(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *a, *b, *c;
    return PyArg_ParseTuple(args, "OOO", &a, &b, &c) ? Py_NewRef(b) : NULL;
}

static PyObject *keywords(PyObject *Py_UNUSED(self), PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"first", "second", "third", NULL};
    PyObject *a, *b = NULL, *c = NULL;
    return PyArg_ParseTupleAndKeywords(args, kwargs, "O|OO", names, &a, &b, &c) ? Py_NewRef(a) : NULL;
}

static PyObject *numbers(PyObject *Py_UNUSED(self), PyObject *args)
{
    Py_ssize_t n;
    double x;
    return PyArg_ParseTuple(args, "nd", &n, &x) ? PyFloat_FromDouble((double)n * x) : NULL;
}

/* A list of n ints, each made and put into its place. */
static PyObject *make_list(PyObject *Py_UNUSED(self), PyObject *arg)
{
    Py_ssize_t n = PyLong_AsSsize_t(arg);
    PyObject *list = PyList_New(n);
    for (Py_ssize_t i = 0; list && i < n; i++) PyList_SET_ITEM(list, i, PyLong_FromSsize_t(i));
    return list;
}

static PyObject *append_list(PyObject *Py_UNUSED(self), PyObject *arg)
{
    Py_ssize_t n = PyLong_AsSsize_t(arg);
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list && i < n; i++) {
        PyObject *item = PyLong_FromSsize_t(i);
        PyList_Append(list, item);
        Py_DECREF(item);
    }
    return list;
}

static PyObject *sum_list(PyObject *Py_UNUSED(self), PyObject *list)
{
    long long total = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) total += PyLong_AsLongLong(PyList_GET_ITEM(list, i));
    return PyLong_FromLongLong(total);
}

static PyObject *make_dict(PyObject *Py_UNUSED(self), PyObject *keys)
{
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict && i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i);
        if (!PyDict_GetItemWithError(dict, key)) PyDict_SetItem(dict, key, key);
    }
    return dict;
}

/* Calls a Python function n times. */
static PyObject *call_back(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *function, *arg;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "OOn", &function, &arg, &n)) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *result = PyObject_CallOneArg(function, arg);
        if (!result) return NULL;
        Py_DECREF(result);
    }
    Py_RETURN_NONE;
}

/* Reads an attribute by name n times. */
static PyObject *get_attribute(PyObject *Py_UNUSED(self), PyObject *args)
{
    PyObject *o;
    const char *name;
    Py_ssize_t n;
    if (!PyArg_ParseTuple(args, "Osn", &o, &name, &n)) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *value = PyObject_GetAttrString(o, name);
        if (!value) return NULL;
        Py_DECREF(value);
    }
    Py_RETURN_NONE;
}

static PyObject *build_values(PyObject *Py_UNUSED(self), PyObject *arg)
{
    Py_ssize_t n = PyLong_AsSsize_t(arg);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *value = Py_BuildValue("(nsd)", i, "text", 0.5);
        if (!value) return NULL;
        Py_DECREF(value);
    }
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"none", none, METH_NOARGS, NULL}, {"one", one, METH_O, NULL},
    {"three", (PyCFunction)(void (*)(void))three, METH_FASTCALL, NULL}, {"tuple_args", tuple_args, METH_VARARGS, NULL},
    {"keywords", (PyCFunction)(void (*)(void))keywords, METH_VARARGS | METH_KEYWORDS, NULL}, {"numbers", numbers, METH_VARARGS, NULL},
    {"make_list", make_list, METH_O, NULL}, {"append_list", append_list, METH_O, NULL}, {"sum_list", sum_list, METH_O, NULL},
    {"make_dict", make_dict, METH_O, NULL}, {"call_back", call_back, METH_VARARGS, NULL},
    {"get_attribute", get_attribute, METH_VARARGS, NULL}, {"build_values", build_values, METH_O, NULL}, {NULL, NULL, 0, NULL},
};

typedef struct {
    PyObject_HEAD
    PyObject *held;
    double x;
    Py_ssize_t n;
} Thing;

static int thing_init(Thing *self, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"held", "x", NULL};
    PyObject *held;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|d", names, &held, &self->x)) return -1;
    Py_XSETREF(self->held, Py_NewRef(held));
    return 0;
}

static void thing_dealloc(Thing *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF(self->held);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *thing_method(Thing *self, PyObject *Py_UNUSED(ignored)) { return Py_NewRef(self->held); }

static PyObject *thing_put(Thing *self, PyObject *arg)
{
    Py_XSETREF(self->held, Py_NewRef(arg));
    Py_RETURN_NONE;
}

static PyObject *thing_get(Thing *self, void *Py_UNUSED(closure)) { return PyFloat_FromDouble(self->x); }

static PyMethodDef thing_methods[] = {
    {"method", (PyCFunction)thing_method, METH_NOARGS, NULL}, {"put", (PyCFunction)thing_put, METH_O, NULL}, {NULL, NULL, 0, NULL},
};
static PyMemberDef thing_members[] = {
    {"held", T_OBJECT_EX, offsetof(Thing, held), 0, NULL}, {"n", T_PYSSIZET, offsetof(Thing, n), 0, NULL}, {NULL, 0, 0, 0, NULL},
};
static PyGetSetDef thing_getset[] = {{"x", (getter)thing_get, NULL, NULL, NULL}, {NULL, NULL, NULL, NULL, NULL}};
static PyType_Slot thing_slots[] = {
    {Py_tp_init, thing_init}, {Py_tp_dealloc, thing_dealloc}, {Py_tp_methods, thing_methods}, {Py_tp_members, thing_members},
    {Py_tp_getset, thing_getset}, {0, NULL},
};
static PyType_Spec thing_spec = {"extension.Thing", sizeof(Thing), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE, thing_slots};

static int exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &thing_spec, NULL);
    int result = type ? PyModule_AddObjectRef(module, "Thing", type) : -1;
    Py_XDECREF(type);
    return result;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "extension", .m_methods = functions, .m_slots = slots};

PyMODINIT_FUNC PyInit_extension(void) { return PyModuleDef_Init(&definition); }
