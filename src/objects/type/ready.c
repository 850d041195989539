/* PyType_Ready: from a filled-in PyTypeObject to a type that works. */
#include "objects/type/type.h"

#include <structmember.h>

#include <internal/krait_exports.h>

#include "objects/dict/dict.h"
#include "objects/names.h"

/* Kinds of built-in types that subclasses belong to as well. */
#define KIND_FLAGS \
    (Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS \
     | Py_TPFLAGS_BYTES_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS \
     | Py_TPFLAGS_BASE_EXC_SUBCLASS | Py_TPFLAGS_TYPE_SUBCLASS | _Py_TPFLAGS_MATCH_SELF)
#define PATTERN_FLAGS (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

/* -- __new__ ---------------------------------------------------------------------------------- */

/* Checks that `subtype` may be made by the tp_new of `type`: the nearest base in C must be served
 * by the same function. */
static bool check_new_is_safe(PyTypeObject *type, PyTypeObject *subtype)
{
    PyTypeObject *base = subtype;
    while (base && base->tp_new == slot_tp_new) base = base->tp_base;
    if (!base || base->tp_new == type->tp_new) return true;
    PyErr_Format(PyExc_TypeError, "%s.__new__(%s) is not safe, use %s.__new__()", type->tp_name,
                 subtype->tp_name, base->tp_name);
    return false;
}

PyObject *type_new_wrapper(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (!self || !PyType_Check(self)) {
        return PyErr_Format(PyExc_SystemError, "__new__() called with non-type 'self'");
    }
    PyTypeObject *type = (PyTypeObject *)self;
    if (!PyTuple_Check(args) || PyTuple_GET_SIZE(args) < 1) {
        return PyErr_Format(PyExc_TypeError, "%s.__new__(): not enough arguments", type->tp_name);
    }
    PyObject *first = PyTuple_GET_ITEM(args, 0);
    if (!PyType_Check(first)) {
        return PyErr_Format(PyExc_TypeError, "%s.__new__(X): X is not a type object (%s)",
                            type->tp_name, Py_TYPE(first)->tp_name);
    }
    PyTypeObject *subtype = (PyTypeObject *)first;
    if (!PyType_IsSubtype(subtype, type)) {
        return PyErr_Format(PyExc_TypeError, "%s.__new__(%s): %s is not a subtype of %s",
                            type->tp_name, subtype->tp_name, subtype->tp_name, type->tp_name);
    }
    if (!check_new_is_safe(type, subtype)) return NULL;
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (!rest) return NULL;
    PyObject *result = type->tp_new(subtype, rest, kwargs);
    Py_DECREF(rest);
    return result;
}

static PyMethodDef new_method = {
    "__new__",
    (PyCFunction)(void (*)(void))type_new_wrapper,
    METH_VARARGS | METH_KEYWORDS,
    PyDoc_STR("__new__($type, *args, **kwargs)\n--\n\n"
              "Create and return a new object.  See help(type) for accurate signature."),
};

int type_add_new(PyTypeObject *type)
{
    int present = PyDict_Contains(type->tp_dict, NAME(__new__));
    if (present) return present < 0 ? -1 : 0;
    PyObject *function = PyCFunction_NewEx(&new_method, (PyObject *)type, NULL);
    if (!function) return -1;
    int status = PyDict_SetItem(type->tp_dict, NAME(__new__), function);
    Py_DECREF(function);
    return status;
}

static int ready_new(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    /* A static type straight below object that says nothing about creation cannot be created from
     * Python. */
    if (!type->tp_new && base == &PyBaseObject_Type && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        type->tp_flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
    }
    if (type->tp_flags & Py_TPFLAGS_DISALLOW_INSTANTIATION) {
        type->tp_new = NULL;
        return 0;
    }
    if (type->tp_new) return type_add_new(type);
    type->tp_new = base->tp_new;
    return 0;
}

/* -- Filling tp_dict -------------------------------------------------------------------------- */

static int add_descriptor(PyObject *dict, PyObject *descr, bool replace)
{
    if (!descr) return -1;
    PyObject *name = PyDescr_NAME(descr);
    int status = replace                                ? PyDict_SetItem(dict, name, descr)
                 : PyDict_SetDefault(dict, name, descr) ? 0
                                                        : -1;
    Py_DECREF(descr);
    return status;
}

static int add_method(PyTypeObject *type, PyMethodDef *method)
{
    bool replace = (method->ml_flags & METH_COEXIST) != 0;
    if (method->ml_flags & METH_CLASS) {
        if (method->ml_flags & METH_STATIC) {
            PyErr_SetString(PyExc_ValueError, "method cannot be both class and static");
            return -1;
        }
        return add_descriptor(type->tp_dict, PyDescr_NewClassMethod(type, method), replace);
    }
    if (!(method->ml_flags & METH_STATIC)) {
        return add_descriptor(type->tp_dict, PyDescr_NewMethod(type, method), replace);
    }
    PyObject *function = PyCFunction_NewEx(method, (PyObject *)type, NULL);
    if (!function) return -1;
    PyObject *descr = PyStaticMethod_New(function);
    Py_DECREF(function);
    PyObject *name = descr ? PyUnicode_InternFromString(method->ml_name) : NULL;
    int status = -1;
    if (name && replace) status = PyDict_SetItem(type->tp_dict, name, descr);
    else if (name) status = PyDict_SetDefault(type->tp_dict, name, descr) ? 0 : -1;
    Py_XDECREF(name);
    Py_XDECREF(descr);
    return status;
}

static int set_doc(PyTypeObject *type)
{
    int present = PyDict_Contains(type->tp_dict, NAME(__doc__));
    if (present) return present < 0 ? -1 : 0;
    if (!type->tp_doc) return PyDict_SetItem(type->tp_dict, NAME(__doc__), Py_None);
    PyObject *doc = _PyType_GetDocFromInternalDoc(type->tp_name, type->tp_doc);
    if (!doc) return -1;
    int status = PyDict_SetItem(type->tp_dict, NAME(__doc__), doc);
    Py_DECREF(doc);
    return status;
}

static int fill_dict(PyTypeObject *type)
{
    if (slots_add_wrappers(type) < 0) return -1;
    for (PyMethodDef *method = type->tp_methods; method && method->ml_name; method++) {
        if (add_method(type, method) < 0) return -1;
    }
    for (PyMemberDef *member = type->tp_members; member && member->name; member++) {
        if (add_descriptor(type->tp_dict, PyDescr_NewMember(type, member), false) < 0) return -1;
    }
    for (PyGetSetDef *getset = type->tp_getset; getset && getset->name; getset++) {
        if (add_descriptor(type->tp_dict, PyDescr_NewGetSet(type, getset), false) < 0) return -1;
    }
    return set_doc(type);
}

/* -- Bases ------------------------------------------------------------------------------------ */

static int ready_bases(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (!base && type != &PyBaseObject_Type) {
        base = &PyBaseObject_Type;
        if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_INCREF(base);
        type->tp_base = base;
    }
    if (base && !base->tp_dict && PyType_Ready(base) < 0) return -1;
    if (!Py_TYPE(type) && base) Py_SET_TYPE(type, Py_TYPE(base));
    if (!type->tp_bases) {
        type->tp_bases = base ? PyTuple_Pack(1, base) : PyTuple_New(0);
        if (!type->tp_bases) return -1;
    }
    return 0;
}

static int ready_mro(PyTypeObject *type)
{
    if (type_update_mro(type, NULL) < 0) return -1;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) return 0;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(type->tp_mro); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(type->tp_mro, i);
        if (PyType_Check(base) && base->tp_flags & Py_TPFLAGS_HEAPTYPE) {
            PyErr_Format(
                PyExc_TypeError,
                "type '%.100s' is not dynamically allocated but its base type '%.100s' is dynamically allocated",
                type->tp_name, base->tp_name);
            return -1;
        }
    }
    return 0;
}

/* What only the first base gives. */
static void inherit_special(PyTypeObject *type, PyTypeObject *base)
{
    if (!(type->tp_flags & Py_TPFLAGS_HAVE_GC) && base->tp_flags & Py_TPFLAGS_HAVE_GC
        && !type->tp_traverse && !type->tp_clear) {
        type->tp_flags |= Py_TPFLAGS_HAVE_GC;
        type->tp_traverse = base->tp_traverse;
        type->tp_clear = base->tp_clear;
    }
    type->tp_flags |= base->tp_flags & (Py_TPFLAGS_MANAGED_DICT | KIND_FLAGS);
    if (!type->tp_basicsize) type->tp_basicsize = base->tp_basicsize;
    if (!type->tp_itemsize) type->tp_itemsize = base->tp_itemsize;
    if (!type->tp_weaklistoffset) type->tp_weaklistoffset = base->tp_weaklistoffset;
    if (!type->tp_dictoffset) type->tp_dictoffset = base->tp_dictoffset;
}

static int inherit(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    if (base) inherit_special(type, base);
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *ancestor = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (!PyType_Check(ancestor)) continue;
        type_inherit_slots(type, ancestor);
        if (!(type->tp_flags & PATTERN_FLAGS)) type->tp_flags |= ancestor->tp_flags & PATTERN_FLAGS;
    }
    if (base) {
        if (!type->tp_as_async) type->tp_as_async = base->tp_as_async;
        if (!type->tp_as_number) type->tp_as_number = base->tp_as_number;
        if (!type->tp_as_sequence) type->tp_as_sequence = base->tp_as_sequence;
        if (!type->tp_as_mapping) type->tp_as_mapping = base->tp_as_mapping;
        if (!type->tp_as_buffer) type->tp_as_buffer = base->tp_as_buffer;
    }
    if ((type->tp_flags & Py_TPFLAGS_HAVE_GC) && (type->tp_flags & Py_TPFLAGS_BASETYPE)
        && (!type->tp_free || type->tp_free == PyObject_Free)) {
        PyErr_Format(
            PyExc_TypeError,
            "type '%.100s' participates in gc, but is a base type but has inappropriate tp_free slot",
            type->tp_name);
        return -1;
    }
    return 0;
}

/* A type that compares but does not hash says so. */
static int set_hash(PyTypeObject *type)
{
    if (type->tp_hash) return 0;
    int present = PyDict_Contains(type->tp_dict, NAME(__hash__));
    if (present) return present < 0 ? -1 : 0;
    if (PyDict_SetItem(type->tp_dict, NAME(__hash__), Py_None) < 0) return -1;
    type->tp_hash = PyObject_HashNotImplemented;
    return 0;
}

/* -- The whole -------------------------------------------------------------------------------- */

/* A dict with room for the methods, members and properties, and some wrappers of slots. */
static PyObject *new_dict(const PyTypeObject *type)
{
    Py_ssize_t count = 4;
    for (const PyMethodDef *method = type->tp_methods; method && method->ml_name; method++) count++;
    for (const PyMemberDef *member = type->tp_members; member && member->name; member++) count++;
    for (const PyGetSetDef *getset = type->tp_getset; getset && getset->name; getset++) count++;
    return dict_new_for_names(count);
}

static int ready(PyTypeObject *type)
{
    if (!type->tp_name) {
        PyErr_Format(PyExc_SystemError, "Type does not define the tp_name field.");
        return -1;
    }
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    if (!type->tp_dict && !(type->tp_dict = new_dict(type))) return -1;
    if (ready_bases(type) < 0 || ready_mro(type) < 0 || ready_new(type) < 0 || fill_dict(type) < 0
        || inherit(type) < 0 || set_hash(type) < 0) {
        return -1;
    }
    if (type_add_all_subclasses(type, type->tp_bases) < 0) return -1;
    if (type->tp_flags & Py_TPFLAGS_HAVE_GC && !type->tp_traverse) {
        PyErr_Format(PyExc_SystemError,
                     "type %s has the Py_TPFLAGS_HAVE_GC flag but has no traverse function",
                     type->tp_name);
        return -1;
    }
    return 0;
}

/* Finishes a type object: bases, MRO, dict, inherited slots. Harmless if that was done. 0, or -1
 * with an exception. */
int PyType_Ready(PyTypeObject *type)
{
    if (type->tp_flags & Py_TPFLAGS_READY) return 0;
    type->tp_flags |= Py_TPFLAGS_READYING;
    int status = ready(type);
    type->tp_flags &= ~Py_TPFLAGS_READYING;
    if (status == 0) type->tp_flags |= Py_TPFLAGS_READY;
    return status;
}

int _PyType_CheckConsistency(PyTypeObject *type)
{
    PyObject *object = (PyObject *)type;
    (void)object;   /* without assertions */
    _PyObject_ASSERT(object, !_PyObject_IsFreed(object));
    if (!(type->tp_flags & Py_TPFLAGS_READY)) return 1;
    _PyObject_ASSERT(object, Py_REFCNT(type) >= 1);
    _PyObject_ASSERT(object, PyType_Check(type));
    _PyObject_ASSERT(object, !(type->tp_flags & Py_TPFLAGS_READYING));
    _PyObject_ASSERT(object, type->tp_dict != NULL);
    _PyObject_ASSERT(object, type->tp_mro != NULL);
    if (type->tp_flags & Py_TPFLAGS_HAVE_GC) _PyObject_ASSERT(object, type->tp_traverse != NULL);
    if (type->tp_flags & Py_TPFLAGS_DISALLOW_INSTANTIATION) {
        _PyObject_ASSERT(object, type->tp_new == NULL);
    }
    return 1;
}
