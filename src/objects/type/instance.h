/* The attributes of instances of ordinary classes (Py_TPFLAGS_MANAGED_DICT), without a dict.
 *
 * Two words stand in front of the gc head: the *values* (an array indexed as the class's shared
 * keys, `ht_cached_keys`, see objects/dict/dict.h) and the *dict*. What must hold:
 *
 *   1. At most one of the two is set. Both NULL: no attribute has been set yet.
 *   2. Once somebody asked for `__dict__`, the dict owns the values; the values word is NULL for
 *      good.
 *   3. A name has the same index in the shared keys for the life of the class; keys are only ever
 *      added.
 *
 * So an inline cache that has seen (tp_version_tag, index) reads `values[index]` once it has seen
 * that the values are there and, since arrays do not grow with the keys, that they reach so far.
 */
#ifndef KRAIT_OBJECTS_TYPE_INSTANCE_H
#define KRAIT_OBJECTS_TYPE_INSTANCE_H

#include <Python.h>

#include "base/attributes.h"
#include "objects/dict/dict.h"

static inline bool instance_is_managed(PyObject *self)
{
    return (Py_TYPE(self)->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0;
}

/* The two words. Only for objects whose type has Py_TPFLAGS_MANAGED_DICT. */
static inline PyDictValues **instance_values_slot(PyObject *self)
{
    return (PyDictValues **)self - 4;
}
static inline PyObject **instance_dict_slot(PyObject *self)
{
    return (PyObject **)self - 3;
}

/* The shared keys of a type whose instances have a dict, which the first instance makes. NULL (no exception) for a static type, or if
 * memory is short. */
static inline PyDictKeysObject *type_shared_keys(PyTypeObject *type)
{
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) return NULL;
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
    if (UNLIKELY(!heap->ht_cached_keys)) heap->ht_cached_keys = dict_keys_new_shared();
    return heap->ht_cached_keys;
}

static inline PyDictKeysObject *instance_keys(PyObject *self)
{
    return ((PyHeapTypeObject *)Py_TYPE(self))->ht_cached_keys;
}

/* Stores a new reference to `value` at `index` of the values; the slot may be empty. Drops the old
 * value last. */
static inline void instance_set_at(PyDictValues *values, Py_ssize_t index, PyObject *value)
{
    PyObject *old = values->values[index];
    Py_INCREF(value);
    values->values[index] = value;
    if (old) Py_DECREF(old);
    else dict_values_note_insertion(values, index);
}

/* The values of a managed instance, made if neither they nor a dict are there yet; NULL (no
 * exception) when there is a dict, or the class has no shared keys, or memory is short: the caller
 * goes through the dict. */
PyDictValues *instance_ensure_values(PyObject *self);

/* Borrowed value of exact str `name` in the values of a managed instance, or NULL (never an
 * exception). */
PyObject *instance_get_value(PyObject *self, PyDictValues *values, PyObject *name);

/* Sets (value NULL: deletes) attribute `name`, an exact str, of a managed instance, in its values
 * or its dict. 0, or -1 with an exception: AttributeError when there is nothing to delete. */
int instance_set_attribute(PyObject *self, PyObject *name, PyObject *value);

/* Borrowed: the dict of a managed instance, which takes over the values; NULL with MemoryError. */
PyObject *instance_get_dict_borrow(PyObject *self);

/* For the slots of instances. */
int instance_traverse(PyObject *self, visitproc visit, void *arg);
void instance_clear(PyObject *self);

#endif
