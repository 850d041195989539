/* dict: copying, merging, building from others. */
#include "objects/dict/table.h"

#include "objects/names.h"

bool dict_iterates_plainly(PyObject *op)
{
    return PyDict_Check(op) && Py_TYPE(op)->tp_iter == dict_iter;
}

/* A combined table without holes, in the size it would be built with, is cheapest taken over as a whole. */
static bool is_worth_cloning(const PyDictObject *dict)
{
    const PyDictKeysObject *keys = dict->ma_keys;
    return dict->ma_values == NULL && dict->ma_used == keys->dk_nentries &&
           (keys->dk_log2_size == DICT_LOG_MINSIZE || dict_keys_capacity(keys->dk_log2_size - 1) < dict->ma_used);
}

static int clone_into_empty(PyDictObject *dict, PyDictObject *other)
{
    PyDictKeysObject *keys = dict_keys_clone(other->ma_keys);
    if (keys == NULL) return -1;
    PyDictKeysObject *old_keys = dict->ma_keys;
    PyDictValues *old_values = dict->ma_values;
    dict->ma_keys = keys;
    dict->ma_values = NULL;
    dict->ma_used = other->ma_used;
    dict_touch(dict);
    if (old_values != NULL) dict_values_free(old_values);
    dict_keys_decref(old_keys);
    if (gc_tracked(other) && !gc_tracked(dict)) gc_track(dict);
    return 0;
}

/* One key of a merge. Steals key and value. */
static int merge_one_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *value, int override)
{
    if (override != 1) {
        int found = _PyDict_Contains_KnownHash((PyObject *)dict, key, hash);
        if (found != 0) {
            if (found > 0 && override == 2) {
                _PyErr_SetKeyError(key);
                found = -1;
            }
            Py_DECREF(key);
            Py_DECREF(value);
            return found < 0 ? -1 : 0;
        }
    }
    return dict_insert_steal(dict, key, hash, value);
}

static int merge_dict(PyDictObject *dict, PyDictObject *other, int override)
{
    if (other == dict || other->ma_used == 0) return 0;
    if (dict->ma_used == 0) {
        override = 1;
        if (is_worth_cloning(other)) return clone_into_empty(dict, other);
    }
    if (dict_reserve(dict, other->ma_used, dict_keys_is_unicode(other->ma_keys)) < 0) return -1;

    Py_ssize_t used = other->ma_used, entries = other->ma_keys->dk_nentries, position = 0;
    PyObject *key, *value;
    Py_hash_t hash;
    while (dict_next_hash_borrow(other, &position, &key, &value, &hash)) {
        if (merge_one_steal(dict, Py_NewRef(key), hash, Py_NewRef(value), override) < 0) return -1;
        if (UNLIKELY(used != other->ma_used || entries != other->ma_keys->dk_nentries)) {
            PyErr_SetString(PyExc_RuntimeError, "dict mutated during update");
            return -1;
        }
    }
    return 0;
}

static int merge_mapping(PyDictObject *dict, PyObject *other, int override)
{
    PyObject *keys = PyMapping_Keys(other);
    if (keys == NULL) return -1;
    PyObject *iterator = PyObject_GetIter(keys), *key;
    Py_DECREF(keys);
    if (iterator == NULL) return -1;
    int result = 0;
    while (result == 0 && (key = PyIter_Next(iterator)) != NULL) {
        if (override != 1) {
            int found = PyDict_Contains((PyObject *)dict, key);
            if (found != 0) {
                if (found > 0 && override == 2) {
                    _PyErr_SetKeyError(key);
                    found = -1;
                }
                if (found < 0) result = -1;
                Py_DECREF(key);
                continue;
            }
        }
        PyObject *value = PyObject_GetItem(other, key);
        if (value == NULL) {
            Py_DECREF(key);
            result = -1;
        } else {
            result = dict_set_item_steal(dict, key, value);
        }
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : result;
}

int dict_merge(PyDictObject *dict, PyObject *other, int override)
{
    int result = dict_iterates_plainly(other) ? merge_dict(dict, (PyDictObject *)other, override)
                                              : merge_mapping(dict, other, override);
    return result;
}

static int checked_merge(PyObject *op, PyObject *other, int override)
{
    if (op == NULL || !PyDict_Check(op) || other == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    return dict_merge((PyDictObject *)op, other, override);
}

int PyDict_Merge(PyObject *op, PyObject *other, int override)
{
    return checked_merge(op, other, override != 0);
}

int PyDict_Update(PyObject *op, PyObject *other)
{
    return checked_merge(op, other, 1);
}

int _PyDict_MergeEx(PyObject *op, PyObject *other, int override)
{
    return checked_merge(op, other, override);
}

/* Element number i of the sequence of pairs. */
static int merge_pair(PyDictObject *dict, PyObject *item, Py_ssize_t i, bool override)
{
    PyObject *pair = PySequence_Fast(item, "");
    if (pair == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "cannot convert dictionary update sequence element #%zd to a sequence", i);
        }
        return -1;
    }
    Py_ssize_t n = PySequence_Fast_GET_SIZE(pair);
    int result = -1;
    if (n != 2) {
        PyErr_Format(PyExc_ValueError, "dictionary update sequence element #%zd has length %zd; 2 is required", i, n);
    } else {
        PyObject *key = Py_NewRef(PySequence_Fast_GET_ITEM(pair, 0));
        PyObject *value = Py_NewRef(PySequence_Fast_GET_ITEM(pair, 1));
        if (override) {
            result = dict_set_item_steal(dict, key, value);
        } else {
            result = PyDict_SetDefault((PyObject *)dict, key, value) == NULL ? -1 : 0;
            Py_DECREF(key);
            Py_DECREF(value);
        }
    }
    Py_DECREF(pair);
    return result;
}

int PyDict_MergeFromSeq2(PyObject *op, PyObject *pairs, int override)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *iterator = PyObject_GetIter(pairs), *item;
    if (iterator == NULL) return -1;
    int result = 0;
    for (Py_ssize_t i = 0; result == 0 && (item = PyIter_Next(iterator)) != NULL; i++) {
        result = merge_pair((PyDictObject *)op, item, i, override != 0);
        Py_DECREF(item);
    }
    if (result == 0 && PyErr_Occurred()) result = -1;
    Py_DECREF(iterator);
    return result;
}

int dict_update_from(PyDictObject *dict, PyObject *other)
{
    if (PyDict_CheckExact(other)) return dict_merge(dict, other, 1);
    PyObject *keys;
    if (_PyObject_LookupAttr(other, NAME(keys), &keys) < 0) return -1;
    if (keys == NULL) return PyDict_MergeFromSeq2((PyObject *)dict, other, 1);
    Py_DECREF(keys);
    return dict_merge(dict, other, 1);
}

/* ---- Copies ---- */

/* The copy of a split dict shares its keys too. */
static PyObject *copy_split(PyDictObject *dict)
{
    PyDictValues *values = dict_values_new(dict->ma_keys);
    if (values == NULL) return PyErr_NoMemory();
    for (Py_ssize_t i = 0; i < dict->ma_used; i++) {
        Py_ssize_t index = dict_values_index_at(dict->ma_values, i);
        values->values[index] = Py_NewRef(dict->ma_values->values[index]);
        dict_values_note_insertion(values, index);
    }
    PyObject *copy = dict_new_from_values(dict->ma_keys, values);
    if (copy == NULL) dict_values_free(values);
    return copy;
}

PyObject *PyDict_Copy(PyObject *op)
{
    if (op == NULL || !PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyDictObject *dict = (PyDictObject *)op;
    if (dict->ma_used == 0) return PyDict_New();
    if (dict->ma_values != NULL) return copy_split(dict);
    if (dict_iterates_plainly(op) && dict->ma_used >= dict->ma_keys->dk_nentries * 2 / 3) {
        PyDictKeysObject *keys = dict_keys_clone(dict->ma_keys);
        if (keys == NULL) return NULL;
        PyDictObject *copy = dict_new_over(keys, NULL, dict->ma_used);
        if (copy == NULL) {
            dict_keys_decref(keys);
            return NULL;
        }
        if (gc_tracked(op)) gc_track(copy);
        return (PyObject *)copy;
    }
    PyObject *copy = PyDict_New();
    if (copy != NULL && dict_merge((PyDictObject *)copy, op, 1) < 0) Py_CLEAR(copy);
    return copy;
}

/* ---- fromkeys ---- */

static int fill_from_dict(PyDictObject *dict, PyDictObject *source, PyObject *value)
{
    PyObject *key, *ignored;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    if (dict_resize(dict, dict_keys_log2_size_for(source->ma_used), dict_keys_is_unicode(source->ma_keys)) < 0) return -1;
    while (dict_next_hash_borrow(source, &position, &key, &ignored, &hash)) {
        if (dict_insert_steal(dict, Py_NewRef(key), hash, Py_NewRef(value)) < 0) return -1;
    }
    return 0;
}

static int fill_from_set(PyDictObject *dict, PyObject *source, PyObject *value)
{
    PyObject *key;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    if (dict_resize(dict, dict_keys_log2_size_for(PySet_GET_SIZE(source)), false) < 0) return -1;
    while (_PySet_NextEntry(source, &position, &key, &hash)) {
        if (dict_insert_steal(dict, Py_NewRef(key), hash, Py_NewRef(value)) < 0) return -1;
    }
    return 0;
}

static int fill_from_iterable(PyObject *dict, PyObject *iterable, PyObject *value)
{
    PyObject *iterator = PyObject_GetIter(iterable), *key;
    if (iterator == NULL) return -1;
    bool plain = PyDict_CheckExact(dict);
    int result = 0;
    while (result == 0 && (key = PyIter_Next(iterator)) != NULL) {
        result = plain ? PyDict_SetItem(dict, key, value) : PyObject_SetItem(dict, key, value);
        Py_DECREF(key);
    }
    if (result == 0 && PyErr_Occurred()) result = -1;
    Py_DECREF(iterator);
    return result;
}

PyObject *dict_from_keys(PyTypeObject *type, PyObject *iterable, PyObject *value)
{
    PyObject *dict = PyObject_CallNoArgs((PyObject *)type);
    if (dict == NULL) return NULL;
    bool empty = PyDict_CheckExact(dict) && ((PyDictObject *)dict)->ma_used == 0;
    int result;
    if (empty && PyDict_CheckExact(iterable)) {
        result = fill_from_dict((PyDictObject *)dict, (PyDictObject *)iterable, value);
    } else if (empty && PyAnySet_CheckExact(iterable)) {
        result = fill_from_set((PyDictObject *)dict, iterable, value);
    } else {
        result = fill_from_iterable(dict, iterable, value);
    }
    if (result < 0) Py_CLEAR(dict);
    return dict;
}
