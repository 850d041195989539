/* defaultdict: a dict that makes missing values with a factory. */
#include "modules/_collections/collections.h"

typedef struct {
    PyDictObject dict;
    PyObject *default_factory;      /* owned; NULL or None: there is none */
} DefaultDict;

static inline PyObject *factory_of(PyObject *self)
{
    PyObject *factory = ((DefaultDict *)self)->default_factory;
    return factory == Py_None ? NULL : factory;
}

static PyObject *defaultdict_missing(PyObject *self, PyObject *key)
{
    PyObject *factory = factory_of(self);
    if (factory == NULL) {
        _PyErr_SetKeyError(key);
        return NULL;
    }
    PyObject *value = PyObject_CallNoArgs(factory);
    if (value != NULL && PyObject_SetItem(self, key, value) < 0) Py_CLEAR(value);
    return value;
}

/* A new one of self's class with its factory, filled from `source`. */
static PyObject *new_like(PyObject *self, PyObject *source)
{
    PyObject *factory = ((DefaultDict *)self)->default_factory;
    return PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(self), factory == NULL ? Py_None : factory, source, NULL);
}

static PyObject *defaultdict_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return new_like(self, self);
}

static PyObject *defaultdict_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *factory = factory_of(self);
    PyObject *args = factory == NULL ? PyTuple_New(0) : PyTuple_Pack(1, factory);
    if (args == NULL) return NULL;
    PyObject *items = PyObject_CallMethodNoArgs(self, NAME(items));
    PyObject *iterator = items == NULL ? NULL : PyObject_GetIter(items);
    Py_XDECREF(items);
    if (iterator == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    return Py_BuildValue("ONOON", Py_TYPE(self), args, Py_None, Py_None, iterator);
}

static PyObject *defaultdict_or(PyObject *left, PyObject *right)
{
    bool left_is_ours = PyObject_TypeCheck(left, &defaultdict_type);
    PyObject *self = left_is_ours ? left : right, *other = left_is_ours ? right : left;
    if (!PyDict_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *result = new_like(self, left);
    if (result != NULL && PyDict_Update(result, right) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *factory_repr(PyObject *self)
{
    PyObject *factory = ((DefaultDict *)self)->default_factory;
    if (factory == NULL) return PyUnicode_FromString("None");
    int entered = Py_ReprEnter(factory);
    if (entered != 0) return entered > 0 ? PyUnicode_FromString("...") : NULL;
    PyObject *text = PyObject_Repr(factory);
    Py_ReprLeave(factory);
    return text;
}

static PyObject *defaultdict_repr(PyObject *self)
{
    PyObject *items = PyDict_Type.tp_repr(self);
    if (items == NULL) return NULL;
    PyObject *factory = factory_repr(self);
    PyObject *text = factory == NULL ? NULL : PyUnicode_FromFormat("%s(%U, %U)", _PyType_Name(Py_TYPE(self)), factory, items);
    Py_XDECREF(factory);
    Py_DECREF(items);
    return text;
}

static int defaultdict_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *factory = NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n > 0) {
        factory = PyTuple_GET_ITEM(args, 0);
        if (factory != Py_None && !PyCallable_Check(factory)) {
            PyErr_SetString(PyExc_TypeError, "first argument must be callable or None");
            return -1;
        }
    }
    PyObject *rest = PyTuple_GetSlice(args, n > 0, n);
    if (rest == NULL) return -1;
    Py_XSETREF(((DefaultDict *)self)->default_factory, Py_XNewRef(factory));
    int result = PyDict_Type.tp_init(self, rest, kwargs);
    Py_DECREF(rest);
    return result;
}

static void defaultdict_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((DefaultDict *)self)->default_factory);
    PyDict_Type.tp_dealloc(self);
}

static int defaultdict_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((DefaultDict *)self)->default_factory);
    return PyDict_Type.tp_traverse(self, visit, arg);
}

static int defaultdict_clear(PyObject *self)
{
    Py_CLEAR(((DefaultDict *)self)->default_factory);
    return PyDict_Type.tp_clear(self);
}

static PyMethodDef defaultdict_methods[] = {
    {"__missing__", defaultdict_missing, METH_O,
     "__missing__(key): called by __getitem__ for a missing key. As pseudo-code:\n"
     "  if self.default_factory is None: raise KeyError((key,))\n"
     "  self[key] = value = self.default_factory()\n"
     "  return value\n"},
    {"copy", defaultdict_copy, METH_NOARGS, "D.copy() -> a shallow copy of D."},
    {"__copy__", defaultdict_copy, METH_NOARGS, "D.copy() -> a shallow copy of D."},
    {"__reduce__", defaultdict_reduce, METH_NOARGS, "What pickling needs."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef defaultdict_members[] = {
    {"default_factory", T_OBJECT, offsetof(DefaultDict, default_factory), 0, "what __missing__() calls for a value"},
    {NULL, 0, 0, 0, NULL},
};

static PyNumberMethods defaultdict_as_number = {.nb_or = defaultdict_or};

PyTypeObject defaultdict_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "collections.defaultdict",
    .tp_basicsize = sizeof(DefaultDict),
    .tp_dealloc = defaultdict_dealloc,
    .tp_repr = defaultdict_repr,
    .tp_as_number = &defaultdict_as_number,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "defaultdict(default_factory=None, /, [...]) --> dict with default factory\n\n"
              "__getitem__ of a missing key calls the factory, without arguments, for a new value.\n"
              "A defaultdict is equal to a dict with the same items.\n"
              "All other arguments are those of dict.\n",
    .tp_traverse = defaultdict_traverse,
    .tp_clear = defaultdict_clear,
    .tp_methods = defaultdict_methods,
    .tp_members = defaultdict_members,
    .tp_base = &PyDict_Type,
    .tp_init = defaultdict_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_free = PyObject_GC_Del,
};
