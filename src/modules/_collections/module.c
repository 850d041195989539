/* _collections: the module, counting, and the getters of named tuples. */
#include "modules/_collections/collections.h"

#include "objects/dict/dict.h"
#include "objects/int/int.h"

/* ---- _tuplegetter: the descriptor of a field of a named tuple ---- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *doc;      /* owned */
} TupleGetter;

static PyObject *tuplegetter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("_tuplegetter", kwargs)) return NULL;
    if (!_PyArg_CheckPositional("_tuplegetter", PyTuple_GET_SIZE(args), 2, 2)) return NULL;
    PyObject *number = PyNumber_Index(PyTuple_GET_ITEM(args, 0));
    if (number == NULL) return NULL;
    Py_ssize_t index = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    if (index == -1 && PyErr_Occurred()) return NULL;
    TupleGetter *self = (TupleGetter *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->index = index;
    self->doc = Py_NewRef(PyTuple_GET_ITEM(args, 1));
    return (PyObject *)self;
}

static PyObject *tuplegetter_get(PyObject *self, PyObject *op, PyObject *Py_UNUSED(type))
{
    Py_ssize_t index = ((TupleGetter *)self)->index;
    if (op == NULL || op == Py_None) return Py_NewRef(self);
    if (!PyTuple_Check(op)) {
        PyErr_Format(PyExc_TypeError, "descriptor for index '%zd' for tuple subclasses doesn't apply to '%s' object", index,
                     Py_TYPE(op)->tp_name);
        return NULL;
    }
    if ((size_t)index >= (size_t)PyTuple_GET_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(PyTuple_GET_ITEM(op, index));
}

static int tuplegetter_set(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(op), PyObject *value)
{
    PyErr_SetString(PyExc_AttributeError, value == NULL ? "can't delete attribute" : "can't set attribute");
    return -1;
}

static PyObject *tuplegetter_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    TupleGetter *getter = (TupleGetter *)self;
    return Py_BuildValue("O(nO)", Py_TYPE(self), getter->index, getter->doc);
}

static PyObject *tuplegetter_repr(PyObject *self)
{
    TupleGetter *getter = (TupleGetter *)self;
    return PyUnicode_FromFormat("%s(%zd, %R)", _PyType_Name(Py_TYPE(self)), getter->index, getter->doc);
}

static int tuplegetter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((TupleGetter *)self)->doc);
    return 0;
}

static int tuplegetter_clear(PyObject *self)
{
    Py_CLEAR(((TupleGetter *)self)->doc);
    return 0;
}

static void tuplegetter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    tuplegetter_clear(self);
    Py_TYPE(self)->tp_free(self);
}

static PyMemberDef tuplegetter_members[] = {
    {"__doc__", T_OBJECT, offsetof(TupleGetter, doc), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef tuplegetter_methods[] = {
    {"__reduce__", tuplegetter_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject tuplegetter_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "_collections._tuplegetter",
    .tp_basicsize = sizeof(TupleGetter),
    .tp_dealloc = tuplegetter_dealloc,
    .tp_repr = tuplegetter_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = tuplegetter_traverse,
    .tp_clear = tuplegetter_clear,
    .tp_methods = tuplegetter_methods,
    .tp_members = tuplegetter_members,
    .tp_descr_get = tuplegetter_get,
    .tp_descr_set = tuplegetter_set,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = tuplegetter_new,
    .tp_free = PyObject_GC_Del,
};

/* ---- Counting ---- */

/* Whether getting and setting items of this mapping are dict's own. */
static bool counts_plainly(PyObject *mapping)
{
    if (PyDict_CheckExact(mapping)) return true;
    PyTypeObject *type = Py_TYPE(mapping);
    return PyDict_Check(mapping) &&
           _PyType_Lookup(type, NAME(get)) == _PyType_Lookup(&PyDict_Type, NAME(get)) &&
           _PyType_Lookup(type, NAME(__setitem__)) == _PyType_Lookup(&PyDict_Type, NAME(__setitem__));
}

static int count_in_dict(PyObject *dict, PyObject *key, PyObject *one)
{
    Py_hash_t hash = object_hash(key);
    if (hash == -1) return -1;
    PyObject *old;
    Py_ssize_t index = dict_find((PyDictObject *)dict, key, hash, &old);
    if (index == DKIX_ERROR) return -1;
    if (old == NULL) return _PyDict_SetItem_KnownHash(dict, key, one, hash);
    int64_t count;
    bool plain = PyLong_CheckExact(old) && int_fits_two_digits(old, &count);
    PyObject *sum = plain ? int_from_int64(count + 1) : PyNumber_Add(old, one);
    if (sum == NULL) return -1;
    if (plain) {        /* nothing has run since the key was found */
        dict_set_value_at_steal((PyDictObject *)dict, index, sum);
        return 0;
    }
    int result = _PyDict_SetItem_KnownHash(dict, key, sum, hash);
    Py_DECREF(sum);
    return result;
}

static int count_in_mapping(PyObject *mapping, PyObject *get, PyObject *key, PyObject *zero, PyObject *one)
{
    PyObject *old = PyObject_CallFunctionObjArgs(get, key, zero, NULL);
    if (old == NULL) return -1;
    PyObject *sum = PyNumber_Add(old, one);
    Py_DECREF(old);
    if (sum == NULL) return -1;
    int result = PyObject_SetItem(mapping, key, sum);
    Py_DECREF(sum);
    return result;
}

static PyObject *count_elements(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_count_elements", nargs, 2, 2)) return NULL;
    PyObject *mapping = args[0], *iterator = PyObject_GetIter(args[1]), *key;
    if (iterator == NULL) return NULL;
    int result = -1;
    bool plainly = counts_plainly(mapping);
    PyObject *get = plainly ? NULL : PyObject_GetAttr(mapping, NAME(get));
    PyObject *zero = PyLong_FromLong(0), *one = PyLong_FromLong(1);
    if ((!plainly && get == NULL) || zero == NULL || one == NULL) goto done;
    result = 0;
    while (result == 0 && (key = PyIter_Next(iterator)) != NULL) {
        result = plainly ? count_in_dict(mapping, key, one) : count_in_mapping(mapping, get, key, zero, one);
        Py_DECREF(key);
    }
    if (PyErr_Occurred()) result = -1;

done:
    Py_XDECREF(get);
    Py_XDECREF(zero);
    Py_XDECREF(one);
    Py_DECREF(iterator);
    if (result < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- The module ---- */

static int module_exec(PyObject *module)
{
    PyTypeObject *const types[] = {
        &deque_type, &defaultdict_type, &PyODict_Type, &deque_iterator_type, &deque_reverse_iterator_type, &tuplegetter_type,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) return -1;
    }
    return 0;
}

static PyMethodDef module_methods[] = {
    {"_count_elements", (PyCFunction)(void (*)(void))count_elements, METH_FASTCALL,
     "_count_elements($module, mapping, iterable, /)\n--\n\nAdds to a mapping how often each element of an iterable occurs."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_collections",
    .m_doc = "Fast containers.\n"
             "- deque:        a sequence that is fast at both ends\n"
             "- defaultdict:  a dict that makes missing values with a factory\n",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__collections(void)
{
    return PyModuleDef_Init(&module_def);
}
