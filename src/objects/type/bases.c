/* Assignment to __bases__ of classes and to __class__ of objects: both only between equal
 * layouts. */
#include "objects/type/type.h"

#include "objects/names.h"
#include "objects/type/instance.h"

/* -- Layouts ---------------------------------------------------------------------------------- */

/* Whether a class adds nothing to its base's instances. */
static bool same_layout_as_base(PyTypeObject *type)
{
    PyTypeObject *base = type->tp_base;
    const unsigned long flags = Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_MANAGED_DICT;
    return base && type->tp_basicsize == base->tp_basicsize
           && type->tp_itemsize == base->tp_itemsize && type->tp_dictoffset == base->tp_dictoffset
           && type->tp_weaklistoffset == base->tp_weaklistoffset
           && (type->tp_flags & flags) == (base->tp_flags & flags)
           && (type->tp_clear == subtype_clear || !(type->tp_flags & Py_TPFLAGS_HAVE_GC)
               || type->tp_clear == base->tp_clear);
}

/* Whether two classes with the same base add the same fields to it. */
static bool same_fields_added(PyTypeObject *a, PyTypeObject *b)
{
    const Py_ssize_t word = sizeof(PyObject *);
    Py_ssize_t size = a->tp_base->tp_basicsize;
    if ((a->tp_flags ^ b->tp_flags) & Py_TPFLAGS_MANAGED_DICT) return false;
    if (a->tp_dictoffset == size && b->tp_dictoffset == size) size += word;
    if (!(a->tp_flags & b->tp_flags & Py_TPFLAGS_HEAPTYPE)) return false;
    PyObject *a_slots = ((PyHeapTypeObject *)a)->ht_slots,
             *b_slots = ((PyHeapTypeObject *)b)->ht_slots;
    if (a_slots && b_slots) {
        int equal = PyObject_RichCompareBool(a_slots, b_slots, Py_EQ);
        if (equal < 0) PyErr_Clear();
        if (equal <= 0) return false;
        size += word * PyTuple_GET_SIZE(a_slots);
    }
    if (a->tp_weaklistoffset == size && b->tp_weaklistoffset == size) size += word;
    return size == a->tp_basicsize && size == b->tp_basicsize;
}

bool type_compatible_for_assignment(PyTypeObject *old, PyTypeObject *new, const char *attr)
{
    if (new->tp_free != old->tp_free) {
        PyErr_Format(PyExc_TypeError, "%s assignment: '%s' deallocator differs from '%s'", attr,
                     new->tp_name, old->tp_name);
        return false;
    }
    PyTypeObject *new_base = new, *old_base = old;
    while (same_layout_as_base(new_base)) new_base = new_base->tp_base;
    while (same_layout_as_base(old_base)) old_base = old_base->tp_base;
    if (new_base == old_base) return true;
    if (new_base->tp_base == old_base->tp_base && new_base->tp_base
        && same_fields_added(new_base, old_base)) {
        return true;
    }
    PyErr_Format(PyExc_TypeError, "%s assignment: '%s' object layout differs from '%s'", attr,
                 new->tp_name, old->tp_name);
    return false;
}

/* -- __bases__ -------------------------------------------------------------------------------- */

static int check_bases(PyTypeObject *type, PyObject *bases)
{
    if (!PyTuple_Check(bases)) {
        PyErr_Format(PyExc_TypeError, "can only assign tuple to %s.__bases__, not %s",
                     type->tp_name, Py_TYPE(bases)->tp_name);
        return -1;
    }
    if (PyTuple_GET_SIZE(bases) == 0) {
        PyErr_Format(PyExc_TypeError, "can only assign non-empty tuple to %s.__bases__, not ()",
                     type->tp_name);
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *item = PyTuple_GET_ITEM(bases, i);
        if (!PyType_Check(item)) {
            PyErr_Format(PyExc_TypeError, "%s.__bases__ must be tuple of classes, not '%s'",
                         type->tp_name, Py_TYPE(item)->tp_name);
            return -1;
        }
        PyTypeObject *base = (PyTypeObject *)item;
        /* While mro() of a metaclass runs, tp_mro may not tell the truth yet. */
        if (PyType_IsSubtype(base, type)
            || (base->tp_mro && type != &PyBaseObject_Type
                && type_is_subtype_by_bases(base, type))) {
            PyErr_SetString(PyExc_TypeError, "a __bases__ item causes an inheritance cycle");
            return -1;
        }
    }
    return 0;
}

/* Computes the MRO of the type and of all that derive from it; `undo` collects (type, new MRO, old
 * MRO). 0, or -1. */
static int update_mro_hierarchy(PyTypeObject *type, PyObject *undo)
{
    PyObject *old_mro = NULL;
    int status = type_update_mro(type, &old_mro);
    if (status <= 0) return status;
    PyObject *step = old_mro ? PyTuple_Pack(3, type, type->tp_mro, old_mro)
                             : PyTuple_Pack(2, type, type->tp_mro);
    status = step ? PyList_Append(undo, step) : -1;
    Py_XDECREF(step);
    Py_XDECREF(old_mro);
    if (status < 0) return -1;
    PyObject *subclasses = type_subclasses_list(type);
    if (!subclasses) return -1;
    for (Py_ssize_t i = 0; status == 0 && i < PyList_GET_SIZE(subclasses); i++) {
        status = update_mro_hierarchy((PyTypeObject *)PyList_GET_ITEM(subclasses, i), undo);
    }
    Py_DECREF(subclasses);
    return status;
}

static void undo_mro_hierarchy(PyObject *undo)
{
    for (Py_ssize_t i = PyList_GET_SIZE(undo); --i >= 0;) {
        PyObject *step = PyList_GET_ITEM(undo, i);
        PyTypeObject *type = (PyTypeObject *)PyTuple_GET_ITEM(step, 0);
        /* Unless it was replaced meanwhile. */
        if (type->tp_mro != PyTuple_GET_ITEM(step, 1)) continue;
        PyObject *old_mro =
            PyTuple_GET_SIZE(step) == 3 ? Py_NewRef(PyTuple_GET_ITEM(step, 2)) : NULL;
        Py_SETREF(type->tp_mro, old_mro);
        PyType_Modified(type);
    }
}

int type_set_bases(PyTypeObject *type, PyObject *bases, void *Py_UNUSED(context))
{
    if (check_bases(type, bases) < 0) return -1;
    PyTypeObject *base = type_best_base(bases);
    if (!base || !type_compatible_for_assignment(type->tp_base, base, "__bases__")) return -1;
    PyObject *undo = PyList_New(0);
    if (!undo) return -1;

    PyObject *old_bases = type->tp_bases;
    PyTypeObject *old_base = type->tp_base;
    type->tp_bases = Py_NewRef(bases);
    type->tp_base = (PyTypeObject *)Py_NewRef(base);
    if (update_mro_hierarchy(type, undo) < 0) {
        undo_mro_hierarchy(undo);
        Py_DECREF(undo);
        if (type->tp_bases == bases) {
            type->tp_bases = old_bases;
            type->tp_base = old_base;
            Py_DECREF(bases);
            Py_DECREF(base);
        } else {
            Py_DECREF(old_bases);
            Py_DECREF(old_base);
        }
        return -1;
    }
    Py_DECREF(undo);
    int status = 0;
    /* A nested assignment in mro() has done the rest already. */
    if (type->tp_bases == bases) {
        type_remove_all_subclasses(type, old_bases);
        status = type_add_all_subclasses(type, bases);
        slots_update_all(type);
    }
    Py_DECREF(old_bases);
    Py_DECREF(old_base);
    return status;
}

/* -- __class__ -------------------------------------------------------------------------------- */

int object_set_class(PyObject *self, PyObject *value, void *Py_UNUSED(context))
{
    PyTypeObject *old = Py_TYPE(self);
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "can't delete __class__ attribute");
        return -1;
    }
    if (!PyType_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__class__ must be set to a class, not '%s' object",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    if (PySys_Audit("object.__setattr__", "OsO", self, "__class__", value) < 0) return -1;
    PyTypeObject *new = (PyTypeObject *)value;
    bool modules = PyType_IsSubtype(new, &PyModule_Type) && PyType_IsSubtype(old, &PyModule_Type);
    if (!modules && (new->tp_flags | old->tp_flags) & Py_TPFLAGS_IMMUTABLETYPE) {
        PyErr_Format(
            PyExc_TypeError,
            "__class__ assignment only supported for mutable types or ModuleType subclasses");
        return -1;
    }
    if (!type_compatible_for_assignment(old, new, "__class__")) return -1;
    /* The values of an instance are in the order of the old class's shared keys. */
    if (instance_is_managed(self) && *instance_values_slot(self)
        && !instance_get_dict_borrow(self)) {
        PyErr_NoMemory();
        return -1;
    }
    if (new->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_INCREF(new);
    Py_SET_TYPE(self, new);
    if (old->tp_descr_get != new->tp_descr_get || old->tp_descr_set != new->tp_descr_set) {
        type_note_descriptor_change();
    }
    if (old->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_DECREF(old);
    return 0;
}
