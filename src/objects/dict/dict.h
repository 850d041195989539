/* dict: the contract with the type system and the VM.
 *
 * A dict is an index table beside a dense array of entries in insertion order. Both live in a PyDictKeysObject:
 *
 *     header | index table: 2**dk_log2_size numbers of 1, 2, 4 or 8 bytes | entries: 2/3 of that many
 *
 * An index is DKIX_EMPTY, DKIX_DUMMY (something was deleted here) or the number of an entry. Probing is open addressing:
 * slot = hash, then slot = slot * 5 + perturb + 1 with perturb = hash shifted right by 5 each time. What must hold:
 *
 *   1. dk_usable + dk_nentries never exceeds two thirds of the table, so that probing ends.
 *   2. Entries below dk_nentries are live (value set), or dead (key and value NULL, no index leads there).
 *   3. KEYS_UNICODE and KEYS_SPLIT tables hold exact str only, whose hash is in the str: 16-byte entries.
 *      KEYS_GENERAL tables hold anything hashable: 24-byte entries with the hash.
 *   4. A *split* dict (ma_values not NULL) takes its keys from a KEYS_SPLIT table shared by the instances of a class and its values
 *      from a PyDictValues of its own. Shared keys are only ever added, up to SHARED_KEYS_MAX; an entry's me_value is NULL.
 *   5. dk_version is 0 or unique to this table and this set of keys at these places: it goes back to 0 whenever a key comes or goes.
 *      Values may change under the same dk_version (in a combined table an entry that has one never loses its value).
 *   6. ma_version_tag changes whenever anything in the dict changes.
 *   7. dk_refcnt counts owners: dicts, classes (ht_cached_keys). Only KEYS_SPLIT tables and the empty table have more than one.
 *   8. dk_ints: in this KEYS_GENERAL table every key is an exact int below 2**60 in magnitude. Then me_hash, but for -2, is the key.
 *
 * Sizes and growth follow what sys.getsizeof shows in the reference.
 */
#ifndef KRAIT_OBJECTS_DICT_H
#define KRAIT_OBJECTS_DICT_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>

enum { DKIX_EMPTY = -1, DKIX_DUMMY = -2, DKIX_ERROR = -3 };
enum { KEYS_GENERAL = 0, KEYS_UNICODE = 1, KEYS_SPLIT = 2 };
enum { SHARED_KEYS_MAX = 30, DICT_LOG_MINSIZE = 3 };

struct _dictkeysobject {
    Py_ssize_t dk_refcnt;
    uint8_t dk_log2_size;           /* slots of the index table */
    uint8_t dk_log2_index_bytes;    /* bytes of the index table */
    uint8_t dk_kind;                /* KEYS_… */
    bool dk_ints;                   /* see 8 */
    uint32_t dk_version;            /* for inline caches; 0: none assigned */
    Py_ssize_t dk_usable;           /* entries that may still be added */
    Py_ssize_t dk_nentries;         /* entries in use, live or dead */
    char dk_indices[];
};
static_assert(sizeof(struct _dictkeysobject) == 32, "sys.getsizeof() of dicts shows this size");

typedef struct {
    PyObject *me_key;               /* owned, NULL: dead */
    PyObject *me_value;             /* owned, NULL in split tables */
} DictUnicodeEntry;

typedef struct {
    Py_hash_t me_hash;
    PyObject *me_key;
    PyObject *me_value;
} DictEntry;

/* The values of one instance. Before the array, growing downwards, stand bytes:
 *     [-1] capacity   [-2] number of values set   [-3 - n] index of the n-th value in order of insertion */
struct _dictvalues {
    PyObject *values[1];            /* owned, NULL: not set */
};

static inline void *dict_keys_entries(const PyDictKeysObject *keys)
{
    return (void *)(keys->dk_indices + ((size_t)1 << keys->dk_log2_index_bytes));
}
static inline DictUnicodeEntry *dict_keys_unicode_entries(const PyDictKeysObject *keys)
{
    return dict_keys_entries(keys);
}
static inline DictEntry *dict_keys_general_entries(const PyDictKeysObject *keys)
{
    return dict_keys_entries(keys);
}
static inline bool dict_keys_is_unicode(const PyDictKeysObject *keys)
{
    return keys->dk_kind != KEYS_GENERAL;
}

/* ---- Shared keys and the values of instances: for the type system ---- */

/* A new shared table for a class (ht_cached_keys), with one reference owned by the caller; NULL without an exception when out of memory. */
PyDictKeysObject *dict_keys_new_shared(void);
/* The size of such a table. */
Py_ssize_t dict_keys_shared_sizeof(void);

static inline void dict_keys_incref(PyDictKeysObject *keys)
{
    keys->dk_refcnt++;
}
void dict_keys_decref(PyDictKeysObject *keys);

/* The index of exact str `name` in shared keys, added if need be; DKIX_EMPTY if the table is full or memory is short (no exception). */
Py_ssize_t dict_keys_insert_shared(PyDictKeysObject *keys, PyObject *name);

/* The index of exact str `name` (its hash given) in a KEYS_UNICODE or KEYS_SPLIT table, or DKIX_EMPTY. Never fails. */
Py_ssize_t dict_keys_lookup(PyDictKeysObject *keys, PyObject *name, Py_hash_t hash);

/* The version of this set of keys, assigned at the first call; 0 when the numbers have run out. */
uint32_t dict_keys_version(PyDictKeysObject *keys);

/* Each new instance of its class makes a shared table a little tighter, so that later instances take less room. */
static inline void dict_keys_tighten(PyDictKeysObject *keys)
{
    if (keys->dk_usable > 1) keys->dk_usable--;
}

/* An empty array for the values of one instance of the class of `keys`; NULL without an exception when out of memory. */
PyDictValues *dict_values_new(PyDictKeysObject *keys);

/* Releases the values and the array. */
void dict_values_free(PyDictValues *values);

/* As tp_traverse and tp_clear for an array that no dict owns. */
int dict_values_traverse(PyDictValues *values, visitproc visit, void *arg);
void dict_values_clear(PyDictValues *values);

static inline uint8_t dict_values_capacity(const PyDictValues *values)
{
    return ((const uint8_t *)values)[-1];
}
static inline uint8_t dict_values_used(const PyDictValues *values)
{
    return ((const uint8_t *)values)[-2];
}
static inline Py_ssize_t dict_values_index_at(const PyDictValues *values, Py_ssize_t n)
{
    return ((const uint8_t *)values)[-3 - n];
}
/* To be called when values[index], NULL so far, is set. */
static inline void dict_values_note_insertion(PyDictValues *values, Py_ssize_t index)
{
    uint8_t *bytes = (uint8_t *)values;
    bytes[-3 - (Py_ssize_t)bytes[-2]] = (uint8_t)index;
    bytes[-2]++;
}
/* To be called when values[index] becomes NULL again. */
void dict_values_note_deletion(PyDictValues *values, Py_ssize_t index);

/* An empty dict with room for n keys that are strs. NULL with MemoryError set. */
PyObject *dict_new_for_names(Py_ssize_t n);

/* A dict over an instance's array, which it takes over; `keys` gains a reference. On failure NULL with MemoryError, `values` still
 * the caller's. */
PyObject *dict_new_from_values(PyDictKeysObject *keys, PyDictValues *values);

/* A split dict for an instance of a class with shared keys and no array yet; falls back to an ordinary empty dict. */
PyObject *dict_new_with_shared_keys(PyDictKeysObject *keys);

/* For assignment through a dict slot that `tp_dictoffset` names: sets (value NULL: deletes) `name` in *dict_slot, which is created
 * first if NULL, shared with `cached_keys` unless that is NULL. 0, or -1 with an exception (KeyError for a missing name). */
int dict_set_in_slot(PyObject **dict_slot, PyDictKeysObject *cached_keys, PyObject *name, PyObject *value);

/* Bytes of a keys table, for sys.getsizeof() of classes. */
Py_ssize_t dict_keys_sizeof(const PyDictKeysObject *keys);

/* ---- Lookups and caches: for the VM ---- */

static inline Py_hash_t dict_unicode_hash(PyObject *name)
{
    Py_hash_t hash = ((PyASCIIObject *)name)->hash;
    return hash != -1 ? hash : PyObject_Hash(name);
}

/* Borrowed value of exact str `name`, or NULL: with an exception only if a foreign key's __eq__ raised. */
PyObject *dict_lookup_unicode(PyDictObject *dict, PyObject *name, Py_hash_t hash);

/* The index of a key and its value (borrowed; NULL if the key is known but not set in a split dict), DKIX_EMPTY, or DKIX_ERROR
 * with an exception. Runs __eq__ of keys, which may change the dict: the answer is about the dict after that. */
Py_ssize_t dict_find(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject **value);

/* The entry index of `name` for dict_entry_value_at(), or DKIX_EMPTY if it is not there, or if the dict is split or general and so
 * cannot be cached by index. Never fails. */
Py_ssize_t dict_get_index(PyDictObject *dict, PyObject *name, Py_hash_t hash);

/* The entry of the int `i`, of 61 bits, as a key (the table is then a general one), NULL, or DICT_UNSURE where only __eq__
 * can tell. Never fails. */
#define DICT_UNSURE ((DictEntry *)1)
DictEntry *dict_find_int(const PyDictObject *dict, int64_t i);

/* Borrowed value of an entry of a KEYS_UNICODE table. Valid while the table's dk_version is the one that was seen with `index`. */
static inline PyObject *dict_entry_value_at(const PyDictKeysObject *keys, Py_ssize_t index)
{
    return dict_keys_unicode_entries(keys)[index].me_value;
}

/* Where in a KEYS_UNICODE table the value of an entry stands, in bytes. */
static inline size_t dict_value_offset(const PyDictKeysObject *keys, Py_ssize_t index)
{
    return (size_t)((const char *)&dict_keys_unicode_entries(keys)[index].me_value - (const char *)keys);
}

/* Whether the value of interned `name` lies `offset` bytes into the exact dict's table, whose other entries may have changed since
 * the offset was found: then the version tells nothing any more, but this does. */
static inline bool dict_has_at(PyObject *dict, size_t offset, const PyObject *name)
{
    const PyDictKeysObject *keys = ((PyDictObject *)dict)->ma_keys;
    if (!PyDict_CheckExact(dict) || keys->dk_kind != KEYS_UNICODE) return false;
    size_t start = offsetof(PyDictKeysObject, dk_indices) + ((size_t)1 << keys->dk_log2_index_bytes);
    size_t place = offset - offsetof(DictUnicodeEntry, me_value) - start;
    if (place / sizeof(DictUnicodeEntry) >= (size_t)keys->dk_nentries || place % sizeof(DictUnicodeEntry)) return false;
    const DictUnicodeEntry *entry = &dict_keys_unicode_entries(keys)[place / sizeof(DictUnicodeEntry)];
    return entry->me_key == name && entry->me_value;
}

/* Replaces the value of a live entry of a combined dict (index as above): stores a new reference, or takes the caller's. */
void dict_set_value_at(PyDictObject *dict, Py_ssize_t index, PyObject *value);
void dict_set_value_at_steal(PyDictObject *dict, Py_ssize_t index, PyObject *value);

/* `name` from globals, then builtins (both exact dicts or dict subclasses without own __getitem__): new reference, or NULL with
 * or without an exception. */
PyObject *dict_load_global(PyDictObject *globals, PyDictObject *builtins, PyObject *name);

/* As PyDict_SetItem, but consumes key and value, also on failure. */
int dict_set_item_steal(PyDictObject *dict, PyObject *key, PyObject *value);

/* The same for the int `i`, of 61 bits, as key of an exact dict, where that needs no comparison and no larger table: 1, or 0 if nothing
 * was done (value then is still the caller's), or -1. */
int dict_set_int_steal(PyDictObject *dict, int64_t i, PyObject *value);

/* Deletes the int `i`, of 61 bits, from an exact dict, if it is plain to see that it is there; else nothing is done: false. */
bool dict_delete_int(PyDictObject *dict, int64_t i);

/* Makes room for n more keys at once, when all are known to be new. */
int dict_reserve(PyDictObject *dict, Py_ssize_t n, bool unicode);

/* {keys[0]: values[0], keys[stride]: values[stride], …}, sized for n. New references. */
PyObject *dict_from_items(PyObject *const *keys, Py_ssize_t keys_stride, PyObject *const *values, Py_ssize_t values_stride, Py_ssize_t n);

/* For iteration inside the VM: next live entry at or after *position, borrowed; false at the end. */
bool dict_next_borrow(PyDictObject *dict, Py_ssize_t *position, PyObject **key, PyObject **value);

/* The next value of ma_version_tag. */
uint64_t dict_next_version_tag(void);

/* ---- Everything else is the public API, dict_init_types() and the types in dictobject.h ---- */
int dict_init_types(void);

#endif
