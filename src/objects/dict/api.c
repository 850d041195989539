/* The C API of dict: https://docs.python.org/3.11/c-api/dict.html and the underscored names that 3.11 exports. */
#include <internal/krait_exports.h>

#include "objects/dict/table.h"

#include "objects/names.h"
#include "objects/str/str.h"
#include "objects/thread_state.h"

static inline PyDictObject *as_dict(PyObject *op)
{
    return (PyDictObject *)op;
}

/* ---- Getting ---- */

PyObject *PyDict_GetItemWithError(PyObject *op, PyObject *key)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_hash_t hash = object_hash(key);
    if (hash == -1) return NULL;
    PyObject *value;
    dict_find(as_dict(op), key, hash, &value);
    return value;
}

PyObject *_PyDict_GetItemWithError(PyObject *op, PyObject *key)
{
    return PyDict_GetItemWithError(op, key);
}

/* Errors, even of hashing, are swallowed, and an exception that is set stays so. */
PyObject *PyDict_GetItem(PyObject *op, PyObject *key)
{
    if (!PyDict_Check(op)) return NULL;
    PyThreadState *tstate = thread_state();
    PyObject *type, *error, *traceback, *value;
    Py_hash_t hash = object_hash(key);
    if (UNLIKELY(hash == -1)) {
        PyErr_Clear();
        return NULL;
    }
    if (LIKELY(!tstate->curexc_type)) {
        dict_find(as_dict(op), key, hash, &value);
        if (UNLIKELY(tstate->curexc_type != NULL)) PyErr_Clear();
        return value;
    }
    PyErr_Fetch(&type, &error, &traceback);
    dict_find(as_dict(op), key, hash, &value);
    PyErr_Restore(type, error, traceback);
    return value;
}

PyObject *_PyDict_GetItem_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *value;
    dict_find(as_dict(op), key, hash, &value);
    return value;
}

PyObject *_PyDict_GetItemIdWithError(PyObject *op, _Py_Identifier *id)
{
    PyObject *key = _PyUnicode_FromId(id);
    if (key == NULL) return NULL;
    return _PyDict_GetItem_KnownHash(op, key, dict_unicode_hash(key));
}

PyObject *_PyDict_GetItemStringWithError(PyObject *op, const char *text)
{
    PyObject *key = str_from_c_name(text);
    if (key == NULL) return NULL;
    PyObject *value = PyDict_GetItemWithError(op, key);
    Py_DECREF(key);
    return value;
}

PyObject *PyDict_GetItemString(PyObject *op, const char *text)
{
    PyObject *key = str_from_c_name(text);
    if (key == NULL) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *value = PyDict_GetItem(op, key);
    Py_DECREF(key);
    return value;
}

int PyDict_Contains(PyObject *op, PyObject *key)
{
    Py_hash_t hash = object_hash(key);
    if (hash == -1) return -1;
    return _PyDict_Contains_KnownHash(op, key, hash);
}

int _PyDict_Contains_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    PyObject *value;
    Py_ssize_t index = dict_find(as_dict(op), key, hash, &value);
    if (index == DKIX_ERROR) return -1;
    return value != NULL;
}

int _PyDict_ContainsId(PyObject *op, _Py_Identifier *id)
{
    PyObject *key = _PyUnicode_FromId(id);
    return key == NULL ? -1 : PyDict_Contains(op, key);
}

/* ---- Setting ---- */

int PyDict_SetItem(PyObject *op, PyObject *key, PyObject *value)
{
    if (UNLIKELY(!PyDict_Check(op))) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = object_hash(key);
    if (UNLIKELY(hash == -1)) return -1;
    return dict_insert_steal(as_dict(op), Py_NewRef(key), hash, Py_NewRef(value));
}

int _PyDict_SetItem_KnownHash(PyObject *op, PyObject *key, PyObject *value, Py_hash_t hash)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return dict_insert_steal(as_dict(op), Py_NewRef(key), hash, Py_NewRef(value));
}

int _PyDict_SetItemId(PyObject *op, _Py_Identifier *id, PyObject *value)
{
    PyObject *key = _PyUnicode_FromId(id);
    return key == NULL ? -1 : PyDict_SetItem(op, key, value);
}

int PyDict_SetItemString(PyObject *op, const char *text, PyObject *value)
{
    PyObject *key = str_from_c_name(text);
    if (key == NULL) return -1;
    PyUnicode_InternInPlace(&key);
    int result = PyDict_SetItem(op, key, value);
    Py_DECREF(key);
    return result;
}

PyObject *PyDict_SetDefault(PyObject *op, PyObject *key, PyObject *fallback)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_hash_t hash = object_hash(key);
    return hash == -1 ? NULL : dict_set_default_borrow(as_dict(op), key, hash, fallback);
}

int dict_set_in_slot(PyObject **dict_slot, PyDictKeysObject *cached_keys, PyObject *name, PyObject *value)
{
    PyObject *dict = *dict_slot;
    if (dict == NULL) {
        dict = cached_keys != NULL ? dict_new_with_shared_keys(cached_keys) : PyDict_New();
        if (dict == NULL) return -1;
        *dict_slot = dict;
    }
    Py_INCREF(dict);    /* releasing the old value may drop the slot's reference */
    int result = value == NULL ? PyDict_DelItem(dict, name) : PyDict_SetItem(dict, name, value);
    Py_DECREF(dict);
    return result;
}

/* ---- Deleting ---- */

static void remove_at(PyDictObject *dict, Py_hash_t hash, Py_ssize_t index)
{
    PyObject *key;
    PyObject *value = dict_remove_at_take(dict, hash, index, &key);
    Py_XDECREF(key);
    Py_DECREF(value);
}

int PyDict_DelItem(PyObject *op, PyObject *key)
{
    Py_hash_t hash = object_hash(key);
    if (hash == -1) return -1;
    return _PyDict_DelItem_KnownHash(op, key, hash);
}

int _PyDict_DelItem_KnownHash(PyObject *op, PyObject *key, Py_hash_t hash)
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *value;
    Py_ssize_t index = dict_find(as_dict(op), key, hash, &value);
    if (index == DKIX_ERROR) return -1;
    if (value == NULL) {
        _PyErr_SetKeyError(key);
        return -1;
    }
    remove_at(as_dict(op), hash, index);
    return 0;
}

/* Deletes the key if predicate(value) is true; the predicate must not change the dict. */
int _PyDict_DelItemIf(PyObject *op, PyObject *key, int (*predicate)(PyObject *value))
{
    if (!PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = object_hash(key);
    if (hash == -1) return -1;
    PyObject *value;
    Py_ssize_t index = dict_find(as_dict(op), key, hash, &value);
    if (index == DKIX_ERROR) return -1;
    if (value == NULL) {
        _PyErr_SetKeyError(key);
        return -1;
    }
    int wanted = predicate(value);
    if (wanted < 0) return -1;
    if (wanted > 0) remove_at(as_dict(op), hash, index);
    return 0;
}

int _PyDict_DelItemId(PyObject *op, _Py_Identifier *id)
{
    PyObject *key = _PyUnicode_FromId(id);
    return key == NULL ? -1 : PyDict_DelItem(op, key);
}

int PyDict_DelItemString(PyObject *op, const char *text)
{
    PyObject *key = PyUnicode_FromString(text);
    if (key == NULL) return -1;
    int result = PyDict_DelItem(op, key);
    Py_DECREF(key);
    return result;
}

PyObject *_PyDict_Pop(PyObject *op, PyObject *key, PyObject *fallback)
{
    PyDictObject *dict = as_dict(op);
    if (dict->ma_used == 0) {
        if (fallback != NULL) return Py_NewRef(fallback);
        _PyErr_SetKeyError(key);
        return NULL;
    }
    Py_hash_t hash = object_hash(key);
    if (hash == -1) return NULL;
    PyObject *value;
    Py_ssize_t index = dict_find(dict, key, hash, &value);
    if (index == DKIX_ERROR) return NULL;
    if (value == NULL) {
        if (fallback != NULL) return Py_NewRef(fallback);
        _PyErr_SetKeyError(key);
        return NULL;
    }
    PyObject *own_key;
    value = dict_remove_at_take(dict, hash, index, &own_key);
    Py_XDECREF(own_key);
    return value;
}

void PyDict_Clear(PyObject *op)
{
    if (PyDict_Check(op)) dict_clear_all(as_dict(op));
}

/* ---- Walking and sizes ---- */

int _PyDict_Next(PyObject *op, Py_ssize_t *pos, PyObject **key, PyObject **value, Py_hash_t *hash)
{
    if (!PyDict_Check(op)) return 0;
    PyObject *k, *v;
    Py_hash_t h;
    if (!dict_next_hash_borrow(as_dict(op), pos, &k, &v, &h)) return 0;
    if (key != NULL) *key = k;
    if (value != NULL) *value = v;
    if (hash != NULL) *hash = h;
    return 1;
}

int PyDict_Next(PyObject *op, Py_ssize_t *pos, PyObject **key, PyObject **value)
{
    return _PyDict_Next(op, pos, key, value, NULL);
}

Py_ssize_t PyDict_Size(PyObject *op)
{
    if (op == NULL || !PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return as_dict(op)->ma_used;
}

typedef enum { LIST_KEYS, LIST_VALUES, LIST_ITEMS } ListWhat;

static PyObject *list_of(PyObject *op, ListWhat what)
{
    if (op == NULL || !PyDict_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyDictObject *dict = as_dict(op);
again:;
    Py_ssize_t n = dict->ma_used;
    PyObject *list = PyList_New(n);
    if (list == NULL) return NULL;
    for (Py_ssize_t i = 0; what == LIST_ITEMS && i < n; i++) {
        PyObject *pair = PyTuple_New(2);
        if (pair == NULL) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, i, pair);
    }
    if (n != dict->ma_used) {   /* allocation ran a collection that changed the dict */
        Py_DECREF(list);
        goto again;
    }
    PyObject *key, *value;
    Py_ssize_t position = 0;
    for (Py_ssize_t i = 0; i < n && dict_next_borrow(dict, &position, &key, &value); i++) {
        if (what == LIST_ITEMS) {
            PyObject *pair = PyList_GET_ITEM(list, i);
            PyTuple_SET_ITEM(pair, 0, Py_NewRef(key));
            PyTuple_SET_ITEM(pair, 1, Py_NewRef(value));
        } else {
            PyList_SET_ITEM(list, i, Py_NewRef(what == LIST_KEYS ? key : value));
        }
    }
    return list;
}

PyObject *PyDict_Keys(PyObject *op)
{
    return list_of(op, LIST_KEYS);
}

PyObject *PyDict_Values(PyObject *op)
{
    return list_of(op, LIST_VALUES);
}

PyObject *PyDict_Items(PyObject *op)
{
    return list_of(op, LIST_ITEMS);
}

Py_ssize_t _PyDict_SizeOf(PyDictObject *dict)
{
    Py_ssize_t size = Py_TYPE(dict)->tp_basicsize;
    PyDictKeysObject *keys = dict->ma_keys;
    if (dict->ma_values != NULL) {
        size += (keys->dk_nentries + keys->dk_usable) * (Py_ssize_t)sizeof(PyObject *);
    }
    if (keys->dk_refcnt == 1 && keys != &dict_empty_keys) size += dict_keys_sizeof(keys);
    return size;
}

int _PyDict_HasOnlyStringKeys(PyObject *op)
{
    if (dict_keys_is_unicode(as_dict(op)->ma_keys)) return 1;
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (dict_next_borrow(as_dict(op), &position, &key, &value)) {
        if (!PyUnicode_Check(key)) return 0;
    }
    return 1;
}

/* Takes an exact dict that holds nothing a cycle could go through out of the collector's care. */
void _PyDict_MaybeUntrack(PyObject *op)
{
    if (!PyDict_CheckExact(op) || !gc_tracked(op)) return;
    PyObject *key, *value;
    Py_ssize_t position = 0;
    while (dict_next_borrow(as_dict(op), &position, &key, &value)) {
        if (gc_may_be_tracked(value) || gc_may_be_tracked(key)) return;
    }
    PyObject_GC_UnTrack(op);
}

/* Aborts unless the dict keeps to the rules at the top of dict.h; then 1. */
int _PyDict_CheckConsistency(PyObject *op, int check_content)
{
    PyDictObject *dict = as_dict(op);
    PyDictKeysObject *keys = dict->ma_keys;
#define CHECK(condition) if (!(condition)) _PyObject_AssertFailed(op, #condition, NULL, __FILE__, __LINE__, __func__)
    CHECK(PyDict_Check(op));
    CHECK(dict->ma_used >= 0);
    CHECK(keys->dk_usable >= 0 && keys->dk_nentries >= 0);
    CHECK(keys == &dict_empty_keys || keys->dk_usable + keys->dk_nentries <= dict_keys_capacity(keys->dk_log2_size));
    CHECK((dict->ma_values != NULL) == (keys->dk_kind == KEYS_SPLIT));
    CHECK(dict->ma_used <= keys->dk_nentries);
    if (!check_content) return 1;
    PyObject *key, *value;
    Py_ssize_t position = 0, live = 0;
    Py_hash_t hash;
    while (dict_next_hash_borrow(dict, &position, &key, &value, &hash)) {
        CHECK(key != NULL && value != NULL);
        CHECK(!dict_keys_is_unicode(keys) || PyUnicode_CheckExact(key));
        CHECK(hash != -1);
        CHECK(!keys->dk_ints || (PyLong_CheckExact(key) && Py_ABS(Py_SIZE(key)) <= 2));
        live++;
    }
    CHECK(live == dict->ma_used);
#undef CHECK
    return 1;
}

void _PyDict_DebugMallocStats(FILE *out)
{
    _PyDebugAllocatorStats(out, "free PyDictObject", 0, sizeof(PyDictObject));      /* none are kept */
}
