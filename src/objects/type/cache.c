/* Lookup along the MRO, the cache of its results, and the version tags that say whether a result
 * still holds. */
#include "objects/type/type.h"

#include <limits.h>

#include "objects/names.h"

struct TypeRuntime type_runtime;

/* -- Version tags ----------------------------------------------------------------------------- */

/* With a metaclass whose mro() is its own, the MRO may hold types that do not know `type` as a
 * subclass, so changes there would not be heard of. */
static bool has_foreign_mro(PyTypeObject *type)
{
    if (Py_IS_TYPE(type, &PyType_Type)) return false;
    PyObject *standard = type_find_in_mro(&PyType_Type, NAME(mro));
    return type_find_in_mro(Py_TYPE(type), NAME(mro)) != standard;
}

bool type_assign_version(PyTypeObject *type)
{
    if (type->tp_flags & Py_TPFLAGS_VALID_VERSION_TAG) return true;
    if (!(type->tp_flags & Py_TPFLAGS_READY) || !type->tp_mro
        || type_runtime.last_version_tag == UINT_MAX) {
        return false;
    }
    if (has_foreign_mro(type)) return false;
    /* From the root down, so that no type is valid before its bases are. */
    PyObject *mro = type->tp_mro;
    for (Py_ssize_t i = PyTuple_GET_SIZE(mro) - 1; i >= 0; i--) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (base->tp_flags & Py_TPFLAGS_VALID_VERSION_TAG) continue;
        if (base != type && (!(base->tp_flags & Py_TPFLAGS_READY) || has_foreign_mro(base))) {
            return false;
        }
        if (type_runtime.last_version_tag == UINT_MAX) return false;
        base->tp_version_tag = ++type_runtime.last_version_tag;
        base->tp_flags |= Py_TPFLAGS_VALID_VERSION_TAG;
    }
    return (type->tp_flags & Py_TPFLAGS_VALID_VERSION_TAG) != 0;
}

/* Says that a lookup on the type or its subclasses may give something else from now on. */
void PyType_Modified(PyTypeObject *type)
{
    if (!(type->tp_flags & Py_TPFLAGS_VALID_VERSION_TAG)) return;
    type->tp_flags &= ~Py_TPFLAGS_VALID_VERSION_TAG;
    type->tp_version_tag = 0;
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        ((PyHeapTypeObject *)type)->_spec_cache.getitem = NULL;
    }
    PyObject *subclasses = type->tp_subclasses;
    if (!subclasses) return;
    Py_ssize_t position = 0;
    PyObject *reference;
    while (PyDict_Next(subclasses, &position, NULL, &reference)) {
        PyObject *subclass = PyWeakref_GET_OBJECT(reference);
        if (subclass != Py_None) PyType_Modified((PyTypeObject *)subclass);
    }
}

/* What is stored in some class has become a descriptor, or is one no more. Which classes have it is
 * not known, so all lose their versions; those who rely on a version know what kind the value is. */
void type_note_descriptor_change(void)
{
    PyType_Modified(&PyBaseObject_Type);
}

static uint8_t *replaced_count(PyTypeObject *type, PyObject *name)
{
    uintptr_t line = (uintptr_t)type / 16 * 31 ^ (uintptr_t)name / 16;
    return &type_runtime.replaced[line % TYPE_VARIABLES];
}

enum { IS_VARIABLE = 2 };

bool type_note_replaced(PyTypeObject *type, PyObject *name)
{
    uint8_t *count = replaced_count(type, name);
    if (*count == IS_VARIABLE) return true;
    /* The line may be that of other variables, too, whose values are cached until now. */
    if (++*count == IS_VARIABLE) PyType_Modified(&PyBaseObject_Type);
    return false;
}

/* Forgets all cached lookups. Returns the last version tag given out. */
unsigned int PyType_ClearCache(void)
{
    for (int i = 0; i < TYPE_CACHE_SIZE; i++) {
        TypeCacheEntry *entry = &type_runtime.cache[i];
        entry->version = 0;
        entry->value = NULL;
        Py_CLEAR(entry->name);
    }
    return type_runtime.last_version_tag;
}

/* -- Lookup ----------------------------------------------------------------------------------- */

/* type_find_in_mro(), which tells the class that has it. */
static PyObject *find_with_holder(PyTypeObject *type, PyObject *name, PyTypeObject **holder)
{
    Py_hash_t hash = PyUnicode_CheckExact(name) ? ((PyASCIIObject *)name)->hash : -1;
    if (hash == -1) {
        hash = PyObject_Hash(name);
        if (hash == -1) {
            PyErr_Clear();
            return NULL;
        }
    }
    PyObject *mro = type->tp_mro;
    if (!mro) {
        /* While mro() of a metaclass runs, the class under construction has none. */
        if (!(type->tp_flags & Py_TPFLAGS_READYING) && PyType_Ready(type) < 0) {
            PyErr_Clear();
            return NULL;
        }
        mro = type->tp_mro;
        if (!mro) return NULL;
    }
    /* The comparison of a foreign key may run code that replaces the MRO. */
    Py_INCREF(mro);
    PyObject *result = NULL;
    for (Py_ssize_t i = 0, n = PyTuple_GET_SIZE(mro); i < n; i++) {
        PyTypeObject *class = (PyTypeObject *)PyTuple_GET_ITEM(mro, i);
        if (UNLIKELY(type_dict_waits(class)) && type_dict_will_lack(class, name)) continue;
        PyObject *dict = type_dict(class);
        if (!dict && !PyErr_Occurred()) continue;
        *holder = class;
        if (dict) result = _PyDict_GetItem_KnownHash(dict, name, hash);
        if (result) break;
        if (PyErr_Occurred()) {
            PyErr_Clear();
            break;
        }
    }
    Py_DECREF(mro);
    return result;
}

PyObject *type_find_in_mro(PyTypeObject *type, PyObject *name)
{
    PyTypeObject *holder;
    return find_with_holder(type, name, &holder);
}

/* Borrowed: the attribute as it stands in a class along the MRO, NULL (no exception) if there is
 * none. */
PyObject *_PyType_Lookup(PyTypeObject *type, PyObject *name)
{
    TypeCacheEntry *entry = type_cache_entry(type->tp_version_tag, name);
    if (entry->version == type->tp_version_tag && entry->name == name && entry->version) {
        return entry->value;
    }
    PyObject *value;
    PyTypeObject *holder = type;
    if (PyErr_Occurred()) {
        PyObject *error_type, *error_value, *error_traceback;
        PyErr_Fetch(&error_type, &error_value, &error_traceback);
        value = find_with_holder(type, name, &holder);
        PyErr_Restore(error_type, error_value, error_traceback);
    } else {
        value = find_with_holder(type, name, &holder);
    }
    if (value && *replaced_count(holder, name) == IS_VARIABLE) return value;
    if (PyUnicode_CheckExact(name) && PyUnicode_GET_LENGTH(name) <= 100
        && type_assign_version(type)) {
        entry = type_cache_entry(type->tp_version_tag, name);
        Py_INCREF(name);
        PyObject *old = entry->name;
        entry->version = type->tp_version_tag;
        entry->name = name;
        entry->value = value;
        Py_XDECREF(old);
    }
    return value;
}

PyObject *_PyType_LookupId(PyTypeObject *type, _Py_Identifier *id)
{
    PyObject *name = _PyUnicode_FromId(id);
    return name ? _PyType_Lookup(type, name) : NULL;
}
