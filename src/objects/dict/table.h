/* The insides of a dict that the files of this folder share: index tables, probing, and the few primitives that change a dict. */
#ifndef KRAIT_OBJECTS_DICT_TABLE_H
#define KRAIT_OBJECTS_DICT_TABLE_H

#include "objects/containers.h"
#include "objects/dict/dict.h"

#define DICT_MINSIZE (1 << DICT_LOG_MINSIZE)
#define PERTURB_SHIFT 5

/* The table of every empty dict. Never changed, never counted. */
extern PyDictKeysObject dict_empty_keys;

static inline size_t dict_keys_mask(const PyDictKeysObject *keys)
{
    return ((size_t)1 << keys->dk_log2_size) - 1;
}

/* Entries that a table of 2**log2_size slots takes. */
static inline Py_ssize_t dict_keys_capacity(int log2_size)
{
    return (((Py_ssize_t)1 << log2_size) << 1) / 3;
}

/* log2 of the width of an index in bytes. */
static inline int dict_keys_index_width(const PyDictKeysObject *keys)
{
    int log2_size = keys->dk_log2_size;
    return log2_size < 8 ? 0 : log2_size < 16 ? 1 : log2_size < 32 ? 2 : 3;
}

static inline Py_ssize_t index_read(const char *indices, int width, size_t slot)
{
    switch (width) {
        case 0: return ((const int8_t *)indices)[slot];
        case 1: return ((const int16_t *)indices)[slot];
        case 2: return ((const int32_t *)indices)[slot];
        default: return ((const int64_t *)indices)[slot];
    }
}

static inline void index_write(char *indices, int width, size_t slot, Py_ssize_t index)
{
    switch (width) {
        case 0: ((int8_t *)indices)[slot] = (int8_t)index; break;
        case 1: ((int16_t *)indices)[slot] = (int16_t)index; break;
        case 2: ((int32_t *)indices)[slot] = (int32_t)index; break;
        default: ((int64_t *)indices)[slot] = index; break;
    }
}

static inline size_t probe_next(size_t slot, size_t *perturb, size_t mask)
{
    *perturb >>= PERTURB_SHIFT;
    return (slot * 5 + *perturb + 1) & mask;
}

/* The index of exact str `name` in a table of strs, or DKIX_EMPTY; *end: the slot where the search ended. `width` is that of the table's
 * indices; where it is a constant, reading them takes no choice. */
ALWAYS_INLINE Py_ssize_t dict_keys_find_str(const PyDictKeysObject *keys, PyObject *name, Py_hash_t hash, int width, size_t *end)
{
    const DictUnicodeEntry *entries = dict_keys_unicode_entries(keys);
    size_t mask = dict_keys_mask(keys), perturb = (size_t)hash, slot = (size_t)hash & mask;
    for (;; slot = probe_next(slot, &perturb, mask)) {
        Py_ssize_t index = index_read(keys->dk_indices, width, slot);
        *end = slot;
        if (LIKELY(index >= 0)) {
            PyObject *key = entries[index].me_key;
            if (key == name) return index;
            if (((PyASCIIObject *)key)->hash == hash && exact_str_equal(key, name)) return index;
        } else if (index == DKIX_EMPTY) return DKIX_EMPTY;
    }
}

/* The key of any entry; NULL: dead. */
static inline PyObject *dict_keys_key_at(const PyDictKeysObject *keys, Py_ssize_t index)
{
    return dict_keys_is_unicode(keys) ? dict_keys_unicode_entries(keys)[index].me_key
                                      : dict_keys_general_entries(keys)[index].me_key;
}

/* Where the value of an entry stands. */
static inline PyObject **dict_value_slot(PyDictObject *dict, Py_ssize_t index)
{
    if (dict->ma_values != NULL) return &dict->ma_values->values[index];
    if (dict_keys_is_unicode(dict->ma_keys)) return &dict_keys_unicode_entries(dict->ma_keys)[index].me_value;
    return &dict_keys_general_entries(dict->ma_keys)[index].me_value;
}

static inline bool dict_is_empty_table(const PyDictObject *dict)
{
    return dict->ma_keys == &dict_empty_keys;
}

/* log2 of the size of a table that holds n keys, as the reference chooses it. */
int dict_keys_log2_size_for(Py_ssize_t n);
/* log2 of the size of a table of at least `minsize` slots. */
int dict_keys_log2_slots(Py_ssize_t minsize);

/* A table of no entries. NULL with MemoryError. */
PyDictKeysObject *dict_keys_new(int log2_size, int kind);
/* Frees a table without touching what its entries refer to. */
void dict_keys_free(PyDictKeysObject *keys);
/* Writes the index table for entries 0 … n-1, all of them live, into an index table that is all empty. */
void dict_keys_build_indices(PyDictKeysObject *keys, Py_ssize_t n);
/* A slot where a new key with this hash may go. */
size_t dict_keys_find_free_slot(const PyDictKeysObject *keys, Py_hash_t hash);
/* The slot whose index is `index`. */
size_t dict_keys_find_slot_of(const PyDictKeysObject *keys, Py_hash_t hash, Py_ssize_t index);
/* A copy of a combined table of live entries with new references. NULL with MemoryError. */
PyDictKeysObject *dict_keys_clone(const PyDictKeysObject *keys);

static inline void dict_keys_set_index(PyDictKeysObject *keys, size_t slot, Py_ssize_t index)
{
    index_write(keys->dk_indices, dict_keys_index_width(keys), slot, index);
}

/* ---- Primitives that change a dict: dict.c, and nowhere else ---- */

/* A dict that takes over a reference to keys and values. NULL with MemoryError (then both are the caller's still). */
PyDictObject *dict_new_over(PyDictKeysObject *keys, PyDictValues *values, Py_ssize_t used);
/* Sets a key. Steals key and value, also on failure. */
int dict_insert_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *value);
/* The value of a key, which is first set to `fallback` if it is missing: a borrowed reference. The key is looked up once. */
PyObject *dict_set_default_borrow(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *fallback);
/* Moves everything to a combined table of 2**log2_size slots. */
int dict_resize(PyDictObject *dict, int log2_size, bool unicode);
/* Takes out entry `index`; returns its value, which the caller now owns. *key: its key, to be released by the caller. */
PyObject *dict_remove_at_take(PyDictObject *dict, Py_hash_t hash, Py_ssize_t index, PyObject **key);
void dict_clear_all(PyDictObject *dict);

/* The previous live entry at or before *position (counted as entries, or order of insertion when split), as dict_next_borrow. */
bool dict_previous_borrow(PyDictObject *dict, Py_ssize_t *position, PyObject **key, PyObject **value);
/* dict_next_borrow with the hash. */
bool dict_next_hash_borrow(PyDictObject *dict, Py_ssize_t *position, PyObject **key, PyObject **value, Py_hash_t *hash);
/* Where reverse iteration starts. */
Py_ssize_t dict_last_position(PyDictObject *dict);

static inline void dict_touch(PyDictObject *dict)
{
    dict->ma_version_tag = dict_next_version_tag();
}

static inline void dict_track_if_needed(PyDictObject *dict, PyObject *key, PyObject *value)
{
    if (!gc_tracked(dict) && (gc_may_be_tracked(key) || gc_may_be_tracked(value))) gc_track(dict);
}

/* ---- Merging: merge.c ---- */

/* 0: keep what is there, 1: replace, 2: KeyError for what is there. */
int dict_merge(PyDictObject *dict, PyObject *other, int override);
PyObject *dict_from_keys(PyTypeObject *type, PyObject *iterable, PyObject *value);
/* update() for anything: a mapping, or pairs. */
int dict_update_from(PyDictObject *dict, PyObject *other);
/* Whether iterating and getting items of this dict subclass are dict's own. */
bool dict_iterates_plainly(PyObject *op);

/* ---- views.c, iterators.c ---- */
PyObject *dict_iter(PyObject *self);
PyObject *dict_reversed(PyObject *self, PyObject *ignored);
PyObject *dict_iterator_new(PyDictObject *dict, PyTypeObject *type);
PyObject *dict_keys_view(PyObject *self, PyObject *ignored);
PyObject *dict_items_view(PyObject *self, PyObject *ignored);
PyObject *dict_values_view(PyObject *self, PyObject *ignored);

#endif
