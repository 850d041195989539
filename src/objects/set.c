/* set and frozenset: the table, the primitives that change it, https://docs.python.org/3.11/c-api/set.html. */
#include "objects/set_internal.h"

#include "objects/immortal.h"
#include "objects/int/int.h"
#include "objects/str/str.h"

#define LINEAR_PROBES 9
#define PERTURB_SHIFT 5

static_assert(sizeof(PySetObject) == 200, "ABI");

/* What stands in the place of an element that was taken out; its hash is -1. */
static PyObject dummy_struct = IMMORTAL_HEAD(&PyBaseObject_Type);
PyObject *_PySet_Dummy = &dummy_struct;

/* ---- Probing ---- */

/* The entry of whatever is equal to a key that is to be added, where the set changed while the two were compared. */
static const setentry equal_entry = {&dummy_struct, 0};

/* The entry of a key, or the unused entry where the search for it ends. NULL with an exception. Comparing may run code that
 * changes the set: then it starts again; but if that said "equal", nothing is to be added any more. *dummy (NULL: nothing is to be
 * added): the last dummy that was passed, or NULL. */
static setentry *find_entry_or_dummy(PySetObject *set, PyObject *key, Py_hash_t hash, setentry **dummy)
{
restart:
    if (dummy != NULL) *dummy = NULL;
    setentry *table = set->table;
    size_t mask = (size_t)set->mask, slot = (size_t)hash & mask, perturb = (size_t)hash;
    for (;;) {
        setentry *entry = &table[slot];
        int probes = slot + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0;
        do {
            if (entry->hash == hash) {
                PyObject *other = entry->key;
                if (other == key || other == NULL) return entry;
                int equal = key_equal_plain(other, key);
                if (equal > 0) return entry;
                if (equal == 0) goto next;
                Py_INCREF(other);
                equal = PyObject_RichCompareBool(other, key, Py_EQ);
                Py_DECREF(other);
                if (equal < 0) return NULL;
                if (table != set->table || entry->key != other) {
                    if (equal == 0 || dummy == NULL) goto restart;
                    return (setentry *)&equal_entry;
                }
                if (equal > 0) return entry;
            } else if (entry->hash == 0 && entry->key == NULL) {
                return entry;
            } else if (entry->hash == -1 && dummy != NULL) {
                *dummy = entry;
            }
        next:
            entry++;
        } while (probes-- > 0);
        perturb >>= PERTURB_SHIFT;
        slot = (slot * 5 + 1 + perturb) & mask;
    }
}

static inline setentry *home_entry(const PySetObject *set, Py_hash_t hash)
{
    return &set->table[(size_t)hash & (size_t)set->mask];
}

static setentry *find_entry(PySetObject *set, PyObject *key, Py_hash_t hash)
{
    setentry *home = home_entry(set, hash);
    if (LIKELY(home->key == key || home->key == NULL)) return home;
    return find_entry_or_dummy(set, key, hash, NULL);
}

/* Puts a key that is not there into a table without dummies. */
static void insert_clean(setentry *table, size_t mask, PyObject *key, Py_hash_t hash)
{
    size_t slot = (size_t)hash & mask, perturb = (size_t)hash;
    for (;;) {
        setentry *entry = &table[slot];
        int probes = slot + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0;
        do {
            if (entry->key == NULL) {
                entry->key = key;
                entry->hash = hash;
                return;
            }
            entry++;
        } while (probes-- > 0);
        perturb >>= PERTURB_SHIFT;
        slot = (slot * 5 + 1 + perturb) & mask;
    }
}

int set_resize(PySetObject *set, Py_ssize_t minused)
{
    size_t size = PySet_MINSIZE;
    while (size <= (size_t)minused) size <<= 1;
    setentry *old = set->table, copy[PySet_MINSIZE], *table = set->smalltable;
    bool was_small = old == set->smalltable;
    if (size == PySet_MINSIZE) {
        if (was_small) {
            if (set->fill == set->used) return 0;   /* no dummies to lose */
            memcpy(copy, old, sizeof(copy));
            old = copy;
        }
    } else {
        table = size > (size_t)PY_SSIZE_T_MAX / sizeof(setentry) ? NULL : memory_mem_alloc(size * sizeof(setentry));
        if (table == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    size_t old_mask = (size_t)set->mask;
    memset(table, 0, size * sizeof(setentry));
    set->mask = (Py_ssize_t)size - 1;
    set->table = table;
    set->fill = set->used;
    for (size_t i = 0; i <= old_mask; i++) {
        if (old[i].key != NULL && old[i].hash != -1) insert_clean(table, size - 1, old[i].key, old[i].hash);
    }
    if (!was_small) memory_mem_free(old);
    return 0;
}

static inline Py_ssize_t grown_size(const PySetObject *set)
{
    return set->used > 50000 ? set->used * 2 : set->used * 4;
}

/* ---- Primitives ---- */

/* Puts a key into the unused entry where the search for it ended, or over a dummy that was passed. Steals the key. */
static inline int insert_at_steal(PySetObject *set, setentry *entry, setentry *dummy, PyObject *key, Py_hash_t hash)
{
    set->used++;
    if (dummy != NULL) {
        *dummy = (setentry){key, hash};
        return 0;
    }
    set->fill++;
    entry->key = key;
    entry->hash = hash;
    if (LIKELY((size_t)set->fill * 5 < (size_t)set->mask * 3)) return 0;
    return set_resize(set, grown_size(set));
}

int set_add_hashed(PySetObject *set, PyObject *key, Py_hash_t hash)
{
    Py_INCREF(key);     /* its __eq__ may release it */
    setentry *dummy = NULL, *entry = home_entry(set, hash);
    if (entry->key != NULL) entry = find_entry_or_dummy(set, key, hash, &dummy);
    if (entry == NULL || entry->key != NULL) {
        Py_DECREF(key);
        return entry == NULL ? -1 : 0;
    }
    return insert_at_steal(set, entry, dummy, key, hash);
}

/* The entry of an int, or the unused entry where the search ends; NULL where only __eq__ can tell. The hash of an int of two digits
 * is its value, but for -2. */
static inline setentry *find_int(const PySetObject *set, int64_t i, Py_hash_t hash, setentry **dummy)
{
    size_t mask = (size_t)set->mask, slot = (size_t)hash & mask, perturb = (size_t)hash;
    for (;;) {
        setentry *entry = &set->table[slot];
        int probes = slot + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0;
        do {
            if (entry->key == NULL) return entry;
            if (entry->hash == hash) {
                if (!PyLong_CheckExact(entry->key) || (size_t)(Py_SIZE(entry->key) + 2) > 4) return NULL;
                if (hash != -2 || (int64_t)((PyLongObject *)entry->key)->ob_digit[0] == -i) return entry;
            }
            else if (entry->hash == -1) *dummy = entry;
            entry++;
        } while (probes-- > 0);
        perturb >>= PERTURB_SHIFT;
        slot = (slot * 5 + 1 + perturb) & mask;
    }
}

int set_contains_int(const PySetObject *set, int64_t i)
{
    setentry *dummy, *entry = find_int(set, i, i == -1 ? -2 : i, &dummy);
    return entry == NULL ? -1 : entry->key != NULL;
}

int set_add_int(PySetObject *set, int64_t i)
{
    Py_hash_t hash = i == -1 ? -2 : i;
    setentry *dummy = NULL, *entry = find_int(set, i, hash, &dummy);
    if (entry != NULL && entry->key != NULL) return 0;
    PyObject *key = int_from_int64(i);
    if (key == NULL) return -1;
    if (LIKELY(entry != NULL)) return insert_at_steal(set, entry, dummy, key, hash);
    int result = set_add_hashed(set, key, hash);
    Py_DECREF(key);
    return result;
}

int set_contains_hashed(PySetObject *set, PyObject *key, Py_hash_t hash)
{
    setentry *entry = find_entry(set, key, hash);
    return entry == NULL ? -1 : entry->key != NULL;
}

int set_discard_hashed(PySetObject *set, PyObject *key, Py_hash_t hash)
{
    setentry *entry = find_entry(set, key, hash);
    if (entry == NULL) return -1;
    PyObject *old = entry->key;
    if (old == NULL) return 0;
    entry->key = set_dummy;
    entry->hash = -1;
    set->used--;
    Py_DECREF(old);
    return 1;
}

PyObject *set_pop_any(PySetObject *set)
{
    if (set->used == 0) {
        PyErr_SetString(PyExc_KeyError, "pop from an empty set");
        return NULL;
    }
    size_t mask = (size_t)set->mask, slot = (size_t)set->finger & mask;
    while (set->table[slot].key == NULL || set->table[slot].hash == -1) slot = (slot + 1) & mask;
    PyObject *key = set->table[slot].key;
    set->table[slot] = (setentry){set_dummy, -1};
    set->used--;
    set->finger = (Py_ssize_t)slot + 1;     /* the next pop starts here */
    return key;
}

static void make_empty(PySetObject *set)
{
    memset(set->smalltable, 0, sizeof(set->smalltable));
    set->fill = set->used = 0;
    set->mask = PySet_MINSIZE - 1;
    set->table = set->smalltable;
    set->hash = -1;
}

void set_clear_all(PySetObject *set)
{
    setentry copy[PySet_MINSIZE], *table = set->table;
    Py_ssize_t mask = set->mask;
    if (set->fill == 0 && table == set->smalltable) return;
    bool was_small = table == set->smalltable;
    if (was_small) {    /* elements are released after the set is empty: that may run code that uses it */
        memcpy(copy, table, sizeof(copy));
        table = copy;
    }
    make_empty(set);
    for (Py_ssize_t i = 0; i <= mask; i++) {
        if (table[i].key != NULL && table[i].hash != -1) Py_DECREF(table[i].key);
    }
    if (!was_small) memory_mem_free(table);
}

void set_swap(PySetObject *a, PySetObject *b)
{
    PySetObject copy = *a;
    bool a_small = a->table == a->smalltable, b_small = b->table == b->smalltable;
    a->fill = b->fill;
    a->used = b->used;
    a->mask = b->mask;
    a->table = b_small ? a->smalltable : b->table;
    memcpy(a->smalltable, b->smalltable, sizeof(a->smalltable));
    b->fill = copy.fill;
    b->used = copy.used;
    b->mask = copy.mask;
    b->table = a_small ? b->smalltable : copy.table;
    memcpy(b->smalltable, copy.smalltable, sizeof(b->smalltable));
    bool frozen = PyFrozenSet_Check((PyObject *)a) && PyFrozenSet_Check((PyObject *)b);
    a->hash = frozen ? b->hash : -1;
    b->hash = frozen ? copy.hash : -1;
}

static int merge_set(PySetObject *set, PySetObject *other)
{
    if (other == set || other->used == 0) return 0;
    if ((set->fill + other->used) * 5 >= set->mask * 3 && set_resize(set, (set->used + other->used) * 2) < 0) return -1;
    if (set->fill == 0) {
        bool same_places = set->mask == other->mask && other->fill == other->used;
        set->fill = set->used = other->used;
        for (Py_ssize_t i = 0; i <= other->mask; i++) {
            setentry entry = other->table[i];
            if (entry.key == NULL || entry.hash == -1) continue;
            Py_INCREF(entry.key);
            if (same_places) {
                set->table[i] = entry;
            } else {
                insert_clean(set->table, (size_t)set->mask, entry.key, entry.hash);
            }
        }
        return 0;
    }
    for (Py_ssize_t i = 0; i <= other->mask; i++) {     /* comparing may change `other` too */
        setentry entry = other->table[i];
        if (entry.key == NULL || entry.hash == -1) continue;
        if (set_add_hashed(set, entry.key, entry.hash) < 0) return -1;
    }
    return 0;
}

static int merge_dict_keys(PySetObject *set, PyObject *dict)
{
    Py_ssize_t n = PyDict_GET_SIZE(dict), position = 0;
    if ((set->fill + n) * 5 >= set->mask * 3 && set_resize(set, (set->used + n) * 2) < 0) return -1;
    PyObject *key, *value;
    Py_hash_t hash;
    while (_PyDict_Next(dict, &position, &key, &value, &hash)) {
        if (set_add_hashed(set, key, hash) < 0) return -1;
    }
    return 0;
}

static int add_key(PySetObject *set, PyObject *key)
{
    Py_hash_t hash = object_hash(key);
    return hash == -1 ? -1 : set_add_hashed(set, key, hash);
}

/* From a list or tuple: as its iterator would, without making one. */
static int add_array(PySetObject *set, PyObject *sequence)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(sequence); i++) {    /* a list may change meanwhile */
        PyObject *key = Py_NewRef(PySequence_Fast_GET_ITEM(sequence, i));
        int result = add_key(set, key);
        Py_DECREF(key);
        if (result < 0) return -1;
    }
    return 0;
}

/* From an exact str: its characters. */
static int add_characters(PySetObject *set, PyObject *text)
{
    for (Py_ssize_t i = 0, n = PyUnicode_GET_LENGTH(text); i < n; i++) {
        PyObject *key = str_getitem(text, i);
        if (key == NULL) return -1;
        int result = add_key(set, key);
        Py_DECREF(key);
        if (result < 0) return -1;
    }
    return 0;
}

int set_update_from(PySetObject *set, PyObject *other)
{
    if (PyAnySet_Check(other)) return merge_set(set, (PySetObject *)other);
    if (PyDict_CheckExact(other)) return merge_dict_keys(set, other);
    if (PyList_CheckExact(other) || PyTuple_CheckExact(other)) return add_array(set, other);
    if (PyUnicode_CheckExact(other) && PyUnicode_IS_READY(other)) return add_characters(set, other);
    PyObject *iterator = PyObject_GetIter(other), *key;
    if (iterator == NULL) return -1;
    int result = 0;
    while (result == 0 && (key = PyIter_Next(iterator)) != NULL) {
        result = add_key(set, key);
        Py_DECREF(key);
    }
    if (result == 0 && PyErr_Occurred()) result = -1;
    Py_DECREF(iterator);
    return result;
}

PyObject *set_new_of_type(PyTypeObject *type, PyObject *iterable)
{
    bool exact = type == &PySet_Type || type == &PyFrozenSet_Type;
    PySetObject *set = exact ? container_new(type, sizeof(PySetObject)) : (PySetObject *)type->tp_alloc(type, 0);
    if (set == NULL) return NULL;
    make_empty(set);
    set->finger = 0;
    set->weakreflist = NULL;
    if (exact) gc_track(set);
    if (iterable != NULL && set_update_from(set, iterable) < 0) {
        Py_DECREF(set);
        return NULL;
    }
    return (PyObject *)set;
}

/* ---- C API ---- */

PyObject *PySet_New(PyObject *iterable)
{
    return set_new_of_type(&PySet_Type, iterable);
}

PyObject *PyFrozenSet_New(PyObject *iterable)
{
    return set_new_of_type(&PyFrozenSet_Type, iterable);
}

Py_ssize_t PySet_Size(PyObject *op)
{
    if (!PyAnySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return PySet_GET_SIZE(op);
}

int PySet_Clear(PyObject *op)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    set_clear_all((PySetObject *)op);
    return 0;
}

int PySet_Contains(PyObject *op, PyObject *key)
{
    if (!PyAnySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = object_hash(key);
    return hash == -1 ? -1 : set_contains_hashed((PySetObject *)op, key, hash);
}

int PySet_Discard(PyObject *op, PyObject *key)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    Py_hash_t hash = object_hash(key);
    return hash == -1 ? -1 : set_discard_hashed((PySetObject *)op, key, hash);
}

/* A frozenset may be added to while nobody else has seen it. */
int PySet_Add(PyObject *op, PyObject *key)
{
    if (!PySet_Check(op) && (!PyFrozenSet_Check(op) || Py_REFCNT(op) != 1)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return add_key((PySetObject *)op, key);
}

PyObject *PySet_Pop(PyObject *op)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return set_pop_any((PySetObject *)op);
}

/* Borrowed key. */
int _PySet_NextEntry(PyObject *op, Py_ssize_t *pos, PyObject **key, Py_hash_t *hash)
{
    if (!PyAnySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_next_borrow((PySetObject *)op, pos, key, hash);
}

int _PySet_Update(PyObject *op, PyObject *iterable)
{
    if (!PySet_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return set_update_from((PySetObject *)op, iterable);
}
