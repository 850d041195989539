/* Key tables and instance values: allocation, probing, sharing. Nothing here runs foreign code. */
#include "objects/dict/table.h"

static_assert(sizeof(PyDictObject) == 48, "ABI");
static_assert(offsetof(PyDictObject, ma_keys) == 32, "ABI");

PyDictKeysObject dict_empty_keys = {
    .dk_refcnt = 1,
    .dk_log2_size = 0,
    .dk_log2_index_bytes = 3,
    .dk_kind = KEYS_UNICODE,
    .dk_version = 1,
    .dk_indices = {-1, -1, -1, -1, -1, -1, -1, -1},
};

/* Process-wide counters behind ma_version_tag and dk_version. */
static struct DictRuntime {
    uint64_t version_tag;
    uint32_t keys_version;
} dict_runtime = {.keys_version = 2};

uint64_t dict_next_version_tag(void)
{
    return ++dict_runtime.version_tag;
}

uint32_t dict_keys_version(PyDictKeysObject *keys)
{
    if (keys->dk_version != 0) return keys->dk_version;
    if (dict_runtime.keys_version == 0) return 0;
    keys->dk_version = dict_runtime.keys_version++;
    return keys->dk_version;
}

/* ---- Sizes ---- */

/* Not always the smallest power of two that would do: the reference sets the bit of the smallest size before it looks. */
int dict_keys_log2_slots(Py_ssize_t minsize)
{
    unsigned long long highest = (((unsigned long long)minsize | DICT_MINSIZE) - 1) | (DICT_MINSIZE - 1);
    return 64 - __builtin_clzll(highest);
}

int dict_keys_log2_size_for(Py_ssize_t n)
{
    return dict_keys_log2_slots((n * 3 + 1) / 2);
}

static size_t entry_size(int kind)
{
    return kind == KEYS_GENERAL ? sizeof(DictEntry) : sizeof(DictUnicodeEntry);
}

static Py_ssize_t size_of(int log2_size, int log2_index_bytes, int kind)
{
    size_t entries = (size_t)dict_keys_capacity(log2_size) * entry_size(kind);
    return (Py_ssize_t)(sizeof(PyDictKeysObject) + ((size_t)1 << log2_index_bytes) + entries);
}

Py_ssize_t dict_keys_sizeof(const PyDictKeysObject *keys)
{
    return size_of(keys->dk_log2_size, keys->dk_log2_index_bytes, keys->dk_kind);
}

/* ---- Allocation ---- */

static PyDictKeysObject *keys_allocate(int log2_size, int kind, size_t *entry_bytes)
{
    if (log2_size >= 56) return NULL;
    int log2_bytes = log2_size + (log2_size < 8 ? 0 : log2_size < 16 ? 1 : log2_size < 32 ? 2 : 3);
    *entry_bytes = (size_t)dict_keys_capacity(log2_size) * entry_size(kind);
    PyDictKeysObject *keys = memory_alloc(sizeof(*keys) + ((size_t)1 << log2_bytes) + *entry_bytes);
    if (keys == NULL) return NULL;
    keys->dk_refcnt = 1;
    keys->dk_log2_size = (uint8_t)log2_size;
    keys->dk_log2_index_bytes = (uint8_t)log2_bytes;
    keys->dk_kind = (uint8_t)kind;
    keys->dk_ints = kind == KEYS_GENERAL;
    keys->dk_version = 0;
    keys->dk_usable = dict_keys_capacity(log2_size);
    keys->dk_nentries = 0;
    return keys;
}

static PyDictKeysObject *keys_new_or_null(int log2_size, int kind)
{
    size_t entry_bytes;
    PyDictKeysObject *keys = keys_allocate(log2_size, kind, &entry_bytes);
    if (keys == NULL) return NULL;
    size_t index_bytes = (size_t)1 << keys->dk_log2_index_bytes;
    memset(keys->dk_indices, 0xff, index_bytes);
    if (kind == KEYS_SPLIT) memset(keys->dk_indices + index_bytes, 0, entry_bytes);
    return keys;
}

PyDictKeysObject *dict_keys_new(int log2_size, int kind)
{
    PyDictKeysObject *keys = keys_new_or_null(log2_size, kind);
    if (keys == NULL) PyErr_NoMemory();
    return keys;
}

void dict_keys_free(PyDictKeysObject *keys)
{
    memory_free(keys);
}

PyDictKeysObject *dict_keys_clone(const PyDictKeysObject *keys)
{
    size_t entry_bytes;
    PyDictKeysObject *copy = keys_allocate(keys->dk_log2_size, keys->dk_kind, &entry_bytes);
    if (copy == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(copy, keys, (size_t)dict_keys_sizeof(keys));
    copy->dk_refcnt = 1;
    copy->dk_version = 0;
    if (dict_keys_is_unicode(copy)) {
        DictUnicodeEntry *entries = dict_keys_unicode_entries(copy);
        for (Py_ssize_t i = 0; i < copy->dk_nentries; i++) {
            Py_XINCREF(entries[i].me_key);
            Py_XINCREF(entries[i].me_value);
        }
    } else {
        DictEntry *entries = dict_keys_general_entries(copy);
        for (Py_ssize_t i = 0; i < copy->dk_nentries; i++) {
            Py_XINCREF(entries[i].me_key);
            Py_XINCREF(entries[i].me_value);
        }
    }
    return copy;
}

void dict_keys_decref(PyDictKeysObject *keys)
{
    if (keys == &dict_empty_keys || --keys->dk_refcnt > 0) return;
    Py_ssize_t n = keys->dk_nentries;
    if (dict_keys_is_unicode(keys)) {
        DictUnicodeEntry *entries = dict_keys_unicode_entries(keys);
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_XDECREF(entries[i].me_key);
            Py_XDECREF(entries[i].me_value);
        }
    } else {
        DictEntry *entries = dict_keys_general_entries(keys);
        for (Py_ssize_t i = 0; i < n; i++) {
            Py_XDECREF(entries[i].me_key);
            Py_XDECREF(entries[i].me_value);
        }
    }
    dict_keys_free(keys);
}

/* ---- Index tables ---- */

size_t dict_keys_find_free_slot(const PyDictKeysObject *keys, Py_hash_t hash)
{
    int width = dict_keys_index_width(keys);
    size_t mask = dict_keys_mask(keys), perturb = (size_t)hash, slot = (size_t)hash & mask;
    while (index_read(keys->dk_indices, width, slot) >= 0) slot = probe_next(slot, &perturb, mask);
    return slot;
}

size_t dict_keys_find_slot_of(const PyDictKeysObject *keys, Py_hash_t hash, Py_ssize_t index)
{
    int width = dict_keys_index_width(keys);
    size_t mask = dict_keys_mask(keys), perturb = (size_t)hash, slot = (size_t)hash & mask;
    while (index_read(keys->dk_indices, width, slot) != index) slot = probe_next(slot, &perturb, mask);
    return slot;
}

ALWAYS_INLINE void index_write_new(char *indices, size_t mask, Py_hash_t hash, Py_ssize_t index, int width)
{
    size_t perturb = (size_t)hash, slot = (size_t)hash & mask;
    while (index_read(indices, width, slot) != DKIX_EMPTY) slot = probe_next(slot, &perturb, mask);
    index_write(indices, width, slot, index);
}

ALWAYS_INLINE void build_indices_of_width(PyDictKeysObject *keys, Py_ssize_t n, int width)
{
    size_t mask = dict_keys_mask(keys);
    if (dict_keys_is_unicode(keys)) {
        const DictUnicodeEntry *entries = dict_keys_unicode_entries(keys);
        for (Py_ssize_t i = 0; i < n; i++) {
            index_write_new(keys->dk_indices, mask, ((PyASCIIObject *)entries[i].me_key)->hash, i, width);
        }
    } else {
        const DictEntry *entries = dict_keys_general_entries(keys);
        for (Py_ssize_t i = 0; i < n; i++) index_write_new(keys->dk_indices, mask, entries[i].me_hash, i, width);
    }
}

void dict_keys_build_indices(PyDictKeysObject *keys, Py_ssize_t n)
{
    switch (dict_keys_index_width(keys)) {
        case 0: build_indices_of_width(keys, n, 0); break;
        case 1: build_indices_of_width(keys, n, 1); break;
        case 2: build_indices_of_width(keys, n, 2); break;
        default: build_indices_of_width(keys, n, 3); break;
    }
}

Py_ssize_t dict_keys_lookup(PyDictKeysObject *keys, PyObject *name, Py_hash_t hash)
{
    size_t end;
    if (LIKELY(keys->dk_log2_size < 8)) return dict_keys_find_str(keys, name, hash, 0, &end);
    if (keys->dk_log2_size < 16) return dict_keys_find_str(keys, name, hash, 1, &end);
    if (keys->dk_log2_size < 32) return dict_keys_find_str(keys, name, hash, 2, &end);
    return dict_keys_find_str(keys, name, hash, 3, &end);
}

/* ---- Sharing ---- */

PyDictKeysObject *dict_keys_new_shared(void)
{
    PyDictKeysObject *keys = keys_new_or_null(dict_keys_log2_size_for(SHARED_KEYS_MAX), KEYS_SPLIT);
    if (keys != NULL) keys->dk_usable = SHARED_KEYS_MAX;
    return keys;
}

Py_ssize_t dict_keys_shared_sizeof(void)
{
    int log2_size = dict_keys_log2_size_for(SHARED_KEYS_MAX);
    return size_of(log2_size, log2_size, KEYS_SPLIT);
}

Py_ssize_t dict_keys_insert_shared(PyDictKeysObject *keys, PyObject *name)
{
    Py_hash_t hash = dict_unicode_hash(name);
    Py_ssize_t index = dict_keys_lookup(keys, name, hash);
    if (index >= 0) return index;
    if (keys->dk_usable <= 0) return DKIX_EMPTY;
    index = keys->dk_nentries;
    keys->dk_version = 0;
    dict_keys_set_index(keys, dict_keys_find_free_slot(keys, hash), index);
    dict_keys_unicode_entries(keys)[index].me_key = Py_NewRef(name);
    keys->dk_nentries++;
    keys->dk_usable--;
    return index;
}

/* Bytes before the array: two counters and the order of insertion, rounded up so that the array is aligned. */
static size_t values_prefix(Py_ssize_t capacity)
{
    return ((size_t)capacity + 2 + 7) & ~(size_t)7;
}

PyDictValues *dict_values_new(PyDictKeysObject *keys)
{
    Py_ssize_t capacity = keys->dk_usable + keys->dk_nentries;
    size_t prefix = values_prefix(capacity);
    uint8_t *block = memory_mem_alloc(prefix + (size_t)capacity * sizeof(PyObject *));
    if (block == NULL) return NULL;
    uint8_t *values = block + prefix;
    values[-1] = (uint8_t)capacity;
    values[-2] = 0;
    /* They are few: a call of memset, which volatile keeps the compiler from, takes longer. */
    for (Py_ssize_t i = 0; i < capacity; i++) ((PyObject *volatile *)values)[i] = NULL;
    return (PyDictValues *)values;
}

static void values_free_block(PyDictValues *values)
{
    memory_mem_free((uint8_t *)values - values_prefix(dict_values_capacity(values)));
}

void dict_values_free(PyDictValues *values)
{
    Py_ssize_t capacity = dict_values_capacity(values);
    for (Py_ssize_t i = 0; i < capacity; i++) Py_XDECREF(values->values[i]);
    values_free_block(values);
}

void dict_values_clear(PyDictValues *values)
{
    Py_ssize_t capacity = dict_values_capacity(values);
    ((uint8_t *)values)[-2] = 0;
    for (Py_ssize_t i = 0; i < capacity; i++) Py_CLEAR(values->values[i]);
}

int dict_values_traverse(PyDictValues *values, visitproc visit, void *arg)
{
    Py_ssize_t capacity = dict_values_capacity(values);
    for (Py_ssize_t i = 0; i < capacity; i++) Py_VISIT(values->values[i]);
    return 0;
}

void dict_values_note_deletion(PyDictValues *values, Py_ssize_t index)
{
    uint8_t *order = (uint8_t *)values - 3;
    Py_ssize_t used = dict_values_used(values), n = 0;
    while (order[-n] != index) n++;
    for (; n + 1 < used; n++) order[-n] = order[-n - 1];
    ((uint8_t *)values)[-2]--;
}

PyObject *dict_new_from_values(PyDictKeysObject *keys, PyDictValues *values)
{
    PyDictObject *dict = dict_new_over(keys, values, dict_values_used(values));
    if (dict == NULL) return NULL;
    dict_keys_incref(keys);
    Py_ssize_t used = dict_values_used(values);
    for (Py_ssize_t i = 0; i < used; i++) {
        if (gc_may_be_tracked(values->values[dict_values_index_at(values, i)])) {
            gc_track(dict);
            break;
        }
    }
    return (PyObject *)dict;
}

PyObject *dict_new_with_shared_keys(PyDictKeysObject *keys)
{
    PyDictValues *values = dict_values_new(keys);
    if (values == NULL) return PyErr_NoMemory();
    PyObject *dict = dict_new_from_values(keys, values);
    if (dict == NULL) values_free_block(values);
    return dict;
}
