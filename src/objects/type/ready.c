/* PyType_Ready: from a filled-in PyTypeObject to a type that works. */
#include "objects/type/type.h"

#include <internal/krait_exports.h>

#include "objects/names.h"

/* Kinds of built-in types that subclasses belong to as well. */
#define KIND_FLAGS \
    (Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS \
     | Py_TPFLAGS_BYTES_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_DICT_SUBCLASS \
     | Py_TPFLAGS_BASE_EXC_SUBCLASS | Py_TPFLAGS_TYPE_SUBCLASS | _Py_TPFLAGS_MATCH_SELF)
#define PATTERN_FLAGS (Py_TPFLAGS_SEQUENCE | Py_TPFLAGS_MAPPING)

/* -- Slots of its own ------------------------------------------------------------------------- */

/* Settles tp_new; true if it is the type's own, which its __new__ calls. */
static bool ready_new(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    /* A static type straight below object that says nothing about creation cannot be created from
     * Python. */
    if (!type->tp_new && base == &PyBaseObject_Type && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        type->tp_flags |= Py_TPFLAGS_DISALLOW_INSTANTIATION;
    }
    if (type->tp_flags & Py_TPFLAGS_DISALLOW_INSTANTIATION) {
        type->tp_new = NULL;
        return false;
    }
    if (type->tp_new) return true;
    type->tp_new = base->tp_new;
    return false;
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

static int inherit(PyTypeObject *type, bool is_class)
{
    PyTypeObject *base = type->tp_base;
    if (base) inherit_special(type, base);
    PyObject *mro = type->tp_mro;
    bool from_base_alone = is_class && slots_follow_only_base(type);
    if (from_base_alone) type_inherit_from_only_base(type);
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(mro); i++) {
        PyTypeObject *ancestor = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (!PyType_Check(ancestor)) continue;
        if (!from_base_alone) type_inherit_slots(type, ancestor);
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

/* A type that compares but does not hash says so. Whether its dict is to have __hash__ = None. */
static bool lacks_hash(PyTypeObject *type)
{
    if (type->tp_hash || (type->tp_dict && PyDict_Contains(type->tp_dict, NAME(__hash__)))) return false;
    type->tp_hash = PyObject_HashNotImplemented;
    return true;
}

/* -- The whole -------------------------------------------------------------------------------- */

/* A class, of a class statement, has no slots of its own before slots_fixup. */
static int make_ready(PyTypeObject *type, bool is_class)
{
    if (!type->tp_name) {
        PyErr_Format(PyExc_SystemError, "Type does not define the tp_name field.");
        return -1;
    }
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) type->tp_flags |= Py_TPFLAGS_IMMUTABLETYPE;
    bool waits = type_runtime.dicts_wait && !type->tp_dict && !(type->tp_flags & Py_TPFLAGS_HEAPTYPE);
    if (ready_bases(type) < 0 || ready_mro(type) < 0) return -1;
    TypeDictPlan plan = {.own_new = ready_new(type)};
    if (!is_class) slots_find_own(type, plan.own_slots);
    if (!waits && type_fill_dict(type, &plan) < 0) return -1;
    if (inherit(type, is_class) < 0) return -1;
    bool no_hash = lacks_hash(type);
    if (waits) {
        plan.no_hash = no_hash;
        if (type_postpone_dict(type, &plan) < 0) return -1;
    } else if (no_hash && PyDict_SetItem(type->tp_dict, NAME(__hash__), Py_None) < 0) {
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

static int ready(PyTypeObject *type, bool is_class)
{
    if (type->tp_flags & Py_TPFLAGS_READY) return 0;
    type->tp_flags |= Py_TPFLAGS_READYING;
    int status = make_ready(type, is_class);
    type->tp_flags &= ~Py_TPFLAGS_READYING;
    if (status == 0) type->tp_flags |= Py_TPFLAGS_READY;
    return status;
}

/* Finishes a type object: bases, MRO, dict, inherited slots. Harmless if that was done. 0, or -1
 * with an exception. */
int PyType_Ready(PyTypeObject *type)
{
    return ready(type, false);
}

int type_ready_class(PyTypeObject *type)
{
    if (ready(type, true) < 0) return -1;
    slots_fixup(type);
    return 0;
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
