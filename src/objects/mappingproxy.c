/* mappingproxy: a read-only view of a mapping. What __dict__ of a class shows. */
#include <Python.h>

#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"

typedef struct {
    PyObject_HEAD PyObject *mapping; /* owned */
} MappingProxy;

static inline PyObject *mapping_of(PyObject *self)
{
    return ((MappingProxy *)self)->mapping;
}

/* -- Creation --------------------------------------------------------------------------------- */

static int check_mapping(PyObject *mapping)
{
    if (PyMapping_Check(mapping) && !PyList_Check(mapping) && !PyTuple_Check(mapping)) return 0;
    PyErr_Format(PyExc_TypeError, "mappingproxy() argument must be a mapping, not %s",
                 Py_TYPE(mapping)->tp_name);
    return -1;
}

PyObject *PyDictProxy_New(PyObject *mapping)
{
    if (check_mapping(mapping) < 0) return NULL;
    MappingProxy *proxy = PyObject_GC_New(MappingProxy, &PyDictProxy_Type);
    if (!proxy) return NULL;
    proxy->mapping = Py_NewRef(mapping);
    PyObject_GC_Track(proxy);
    return (PyObject *)proxy;
}

static PyObject *proxy_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"mapping", NULL};
    PyObject *mapping;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O:mappingproxy", keywords, &mapping)) {
        return NULL;
    }
    return PyDictProxy_New(mapping);
}

static void proxy_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_DECREF(mapping_of(self));
    PyObject_GC_Del(self);
}

static int proxy_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(mapping_of(self));
    return 0;
}

/* -- Slots ------------------------------------------------------------------------------------ */

static Py_ssize_t proxy_length(PyObject *self)
{
    if (c_stack_is_low("")) return -1;
    return PyObject_Size(mapping_of(self));
}

static PyObject *proxy_subscript(PyObject *self, PyObject *key)
{
    if (c_stack_is_low("")) return NULL;
    return PyObject_GetItem(mapping_of(self), key);
}

static int proxy_contains(PyObject *self, PyObject *key)
{
    if (c_stack_is_low("")) return -1;
    PyObject *mapping = mapping_of(self);
    return PyDict_CheckExact(mapping) ? PyDict_Contains(mapping, key)
                                      : PySequence_Contains(mapping, key);
}

static PyObject *proxy_or(PyObject *left, PyObject *right)
{
    if (PyObject_TypeCheck(left, &PyDictProxy_Type)) left = mapping_of(left);
    if (PyObject_TypeCheck(right, &PyDictProxy_Type)) right = mapping_of(right);
    if (Py_EnterRecursiveCall(" in an operation of a mappingproxy")) return NULL;
    PyObject *result = PyNumber_Or(left, right);
    Py_LeaveRecursiveCall();
    return result;
}

static PyObject *proxy_inplace_or(PyObject *self, PyObject *Py_UNUSED(other))
{
    return PyErr_Format(PyExc_TypeError, "'|=' is not supported by %s; use '|' instead",
                        Py_TYPE(self)->tp_name);
}

static PyObject *proxy_iter(PyObject *self)
{
    if (c_stack_is_low("")) return NULL;
    return PyObject_GetIter(mapping_of(self));
}

static PyObject *proxy_str(PyObject *self)
{
    return PyObject_Str(mapping_of(self));
}

static PyObject *proxy_repr(PyObject *self)
{
    return PyUnicode_FromFormat("mappingproxy(%R)", mapping_of(self));
}

static PyObject *proxy_richcompare(PyObject *self, PyObject *other, int op)
{
    return PyObject_RichCompare(mapping_of(self), other, op);
}

/* -- Methods ---------------------------------------------------------------------------------- */

static PyObject *proxy_get(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("get", nargs, 1, 2)) return NULL;
    PyObject *all[] = {mapping_of(self), args[0], nargs > 1 ? args[1] : Py_None};
    return PyObject_VectorcallMethod(NAME(get), all, 3, NULL);
}

#define FORWARD(function, method) \
    static PyObject *function(PyObject *self, PyObject *Py_UNUSED(ignored)) \
    { \
        return PyObject_CallMethodNoArgs(mapping_of(self), NAME(method)); \
    }
FORWARD(proxy_keys, keys)
FORWARD(proxy_values, values)
FORWARD(proxy_items, items)
FORWARD(proxy_copy, copy)
FORWARD(proxy_reversed, __reversed__)
#undef FORWARD

static PyMethodDef proxy_methods[] = {
    {"get", (PyCFunction)(void (*)(void))proxy_get, METH_FASTCALL,
     PyDoc_STR("D.get(k[,d]) -> D[k] if k in D, else d.  d defaults to None.")},
    {"keys", proxy_keys, METH_NOARGS,
     PyDoc_STR("D.keys() -> a set-like object providing a view on D's keys")},
    {"values", proxy_values, METH_NOARGS,
     PyDoc_STR("D.values() -> an object providing a view on D's values")},
    {"items", proxy_items, METH_NOARGS,
     PyDoc_STR("D.items() -> a set-like object providing a view on D's items")},
    {"copy", proxy_copy, METH_NOARGS, PyDoc_STR("D.copy() -> a shallow copy of D")},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, PyDoc_STR("See PEP 585")},
    {"__reversed__", proxy_reversed, METH_NOARGS,
     PyDoc_STR("D.__reversed__() -> reverse iterator")},
    {NULL, NULL, 0, NULL},
};

static PyNumberMethods proxy_as_number = {.nb_or = proxy_or, .nb_inplace_or = proxy_inplace_or};
static PySequenceMethods proxy_as_sequence = {.sq_contains = proxy_contains};
static PyMappingMethods proxy_as_mapping = {.mp_length = proxy_length,
                                            .mp_subscript = proxy_subscript};

PyTypeObject PyDictProxy_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "mappingproxy",
    .tp_basicsize = sizeof(MappingProxy),
    .tp_dealloc = proxy_dealloc,
    .tp_repr = proxy_repr,
    .tp_as_number = &proxy_as_number,
    .tp_as_sequence = &proxy_as_sequence,
    .tp_as_mapping = &proxy_as_mapping,
    .tp_str = proxy_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MAPPING,
    .tp_traverse = proxy_traverse,
    .tp_richcompare = proxy_richcompare,
    .tp_iter = proxy_iter,
    .tp_methods = proxy_methods,
    .tp_new = proxy_new,
};
