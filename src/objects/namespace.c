/* types.SimpleNamespace: an object that is its __dict__. */
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/types.h"

#include <internal/krait_exports.h>
#include <stddef.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *dict;     /* owned */
} Namespace;

static inline Namespace *cast(PyObject *op)
{
    return (Namespace *)op;
}

static PyObject *namespace_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)args;
    (void)kwargs;
    PyObject *self = type->tp_alloc(type, 0);
    if (!self) return NULL;
    cast(self)->dict = PyDict_New();
    if (cast(self)->dict) return self;
    Py_DECREF(self);
    return NULL;
}

/* A namespace with the names of kwargs (a dict, or NULL). New reference. */
PyObject *_PyNamespace_New(PyObject *kwargs)
{
    PyObject *self = namespace_new(&_PyNamespace_Type, NULL, NULL);
    if (self && kwargs && PyDict_Update(cast(self)->dict, kwargs) < 0) Py_CLEAR(self);
    return self;
}

static int namespace_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args)) {
        PyErr_Format(PyExc_TypeError, "no positional arguments expected");
        return -1;
    }
    if (!kwargs) return 0;
    if (!PyArg_ValidateKeywordArguments(kwargs)) return -1;
    return PyDict_Update(cast(self)->dict, kwargs);
}

static void namespace_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(cast(self)->dict);
    Py_TYPE(self)->tp_free(self);
}

static int namespace_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(cast(self)->dict);
    return 0;
}

static int namespace_clear(PyObject *self)
{
    Py_CLEAR(cast(self)->dict);
    return 0;
}

/* "key=value" for each str key, in a list. NULL with an exception. */
static PyObject *repr_pairs(PyObject *dict)
{
    PyObject *pairs = PyList_New(0), *keys = pairs ? PyDict_Keys(dict) : NULL;
    if (!keys) goto error;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(keys); i++) {
        PyObject *key = PyList_GET_ITEM(keys, i);
        if (!PyUnicode_Check(key) || PyUnicode_GET_LENGTH(key) == 0) continue;
        PyObject *value = PyDict_GetItemWithError(dict, key);
        if (!value && PyErr_Occurred()) goto error;
        if (!value) continue;   /* some repr has deleted it */
        Py_INCREF(value);
        PyObject *pair = PyUnicode_FromFormat("%U=%R", key, value);
        Py_DECREF(value);
        int result = pair ? PyList_Append(pairs, pair) : -1;
        Py_XDECREF(pair);
        if (result < 0) goto error;
    }
    Py_DECREF(keys);
    return pairs;
error:
    Py_XDECREF(keys);
    Py_XDECREF(pairs);
    return NULL;
}

static PyObject *namespace_repr(PyObject *self)
{
    const char *name = Py_IS_TYPE(self, &_PyNamespace_Type) ? "namespace" : Py_TYPE(self)->tp_name;
    int entered = Py_ReprEnter(self);
    if (entered) return entered > 0 ? PyUnicode_FromFormat("%s(...)", name) : NULL;
    PyObject *result = NULL, *pairs = repr_pairs(cast(self)->dict);
    PyObject *comma = pairs ? PyUnicode_FromString(", ") : NULL;
    PyObject *text = comma ? PyUnicode_Join(comma, pairs) : NULL;
    if (text) result = PyUnicode_FromFormat("%s(%S)", name, text);
    Py_XDECREF(pairs);
    Py_XDECREF(comma);
    Py_XDECREF(text);
    Py_ReprLeave(self);
    return result;
}

static PyObject *namespace_compare(PyObject *a, PyObject *b, int op)
{
    if (!PyObject_TypeCheck(a, &_PyNamespace_Type) || !PyObject_TypeCheck(b, &_PyNamespace_Type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    return PyObject_RichCompare(cast(a)->dict, cast(b)->dict, op);
}

static PyObject *namespace_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    return Py_BuildValue("(O()O)", Py_TYPE(self), cast(self)->dict);
}

static PyMemberDef namespace_members[] = {
    {"__dict__", T_OBJECT, offsetof(Namespace, dict), READONLY, NULL},
    {0},
};

static PyMethodDef namespace_methods[] = {
    {"__reduce__", namespace_reduce, METH_NOARGS, PyDoc_STR("Return state information for pickling")},
    {0},
};

PyTypeObject _PyNamespace_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "types.SimpleNamespace",
    .tp_basicsize = sizeof(Namespace),
    .tp_doc = PyDoc_STR("An object with the attributes that are given by keyword.\n\nSimpleNamespace(**kwargs)"),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = namespace_dealloc,
    .tp_repr = namespace_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_traverse = namespace_traverse,
    .tp_clear = namespace_clear,
    .tp_richcompare = namespace_compare,
    .tp_methods = namespace_methods,
    .tp_members = namespace_members,
    .tp_dictoffset = offsetof(Namespace, dict),
    .tp_init = namespace_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = namespace_new,
    .tp_free = PyObject_GC_Del,
};
