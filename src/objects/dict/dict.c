/* dict: lookup, and the primitives through which every change of a dict goes. */
#include "objects/dict/table.h"
#include "objects/int/int.h"

/* ---- Lookup ---- */

/* Lookup in a general table, or of anything but an exact str. Keys that cannot be told by looking at them are compared by __eq__,
 * which may change the dict: then it starts again. */
static Py_ssize_t find_comparing(PyDictObject *dict, PyObject *key, Py_hash_t hash)
{
restart:;
    PyDictKeysObject *keys = dict->ma_keys;
    bool is_unicode = dict_keys_is_unicode(keys);
    int width = dict_keys_index_width(keys);
    size_t mask = dict_keys_mask(keys), perturb = (size_t)hash, slot = (size_t)hash & mask;
    for (;; slot = probe_next(slot, &perturb, mask)) {
        Py_ssize_t index = index_read(keys->dk_indices, width, slot);
        if (index < 0) {
            if (index == DKIX_EMPTY) return DKIX_EMPTY;
            continue;
        }
        PyObject *other;
        Py_hash_t other_hash;
        if (is_unicode) {
            other = dict_keys_unicode_entries(keys)[index].me_key;
            other_hash = ((PyASCIIObject *)other)->hash;
        } else {
            other = dict_keys_general_entries(keys)[index].me_key;
            other_hash = dict_keys_general_entries(keys)[index].me_hash;
        }
        if (other == key) return index;
        if (other_hash != hash) continue;
        int equal = key_equal_plain(other, key);
        if (equal > 0) return index;
        if (equal == 0) continue;
        Py_INCREF(other);
        equal = PyObject_RichCompareBool(other, key, Py_EQ);
        bool changed = dict->ma_keys != keys || index >= keys->dk_nentries || dict_keys_key_at(keys, index) != other;
        Py_DECREF(other);
        if (equal < 0) return DKIX_ERROR;
        if (changed) goto restart;
        if (equal) return index;
    }
}

/* The same in a general table, as far as it goes without foreign code: the entry, NULL, or DICT_UNSURE. *end: the empty slot where
 * the search for what is missing ended. */
ALWAYS_INLINE DictEntry *find_plainly_of_width(const PyDictKeysObject *keys, PyObject *key, Py_hash_t hash, int width, size_t *end)
{
    DictEntry *entries = dict_keys_general_entries(keys);
    size_t mask = dict_keys_mask(keys), perturb = (size_t)hash, slot = (size_t)hash & mask;
    for (;; slot = probe_next(slot, &perturb, mask)) {
        Py_ssize_t index = index_read(keys->dk_indices, width, slot);
        if (index < 0) {
            *end = slot;
            if (index == DKIX_EMPTY) return NULL;
            continue;
        }
        DictEntry *entry = &entries[index];
        if (entry->me_key == key) return entry;
        if (entry->me_hash != hash) continue;
        int equal = key_equal_plain(entry->me_key, key);
        if (equal) return equal > 0 ? entry : DICT_UNSURE;
    }
}

static DictEntry *find_plainly_or_slot(const PyDictKeysObject *keys, PyObject *key, Py_hash_t hash, size_t *end)
{
    if (LIKELY(keys->dk_log2_size < 8)) return find_plainly_of_width(keys, key, hash, 0, end);
    if (keys->dk_log2_size < 16) return find_plainly_of_width(keys, key, hash, 1, end);
    if (keys->dk_log2_size < 32) return find_plainly_of_width(keys, key, hash, 2, end);
    return find_plainly_of_width(keys, key, hash, 3, end);
}

static inline DictEntry *find_plainly(const PyDictKeysObject *keys, PyObject *key, Py_hash_t hash)
{
    size_t end;
    return find_plainly_or_slot(keys, key, hash, &end);
}

/* An int in a general table. *end as above. */
ALWAYS_INLINE DictEntry *find_int_of_width(const PyDictKeysObject *keys, int64_t i, int width, size_t *end)
{
    Py_hash_t hash = i == -1 ? -2 : i;
    bool told_by_hash = keys->dk_ints && hash != -2;
    DictEntry *entries = dict_keys_general_entries(keys);
    size_t mask = dict_keys_mask(keys), perturb = (size_t)hash, slot = (size_t)hash & mask;
    for (;; slot = probe_next(slot, &perturb, mask)) {
        Py_ssize_t index = index_read(keys->dk_indices, width, slot);
        if (index < 0) {
            *end = slot;
            if (index == DKIX_EMPTY) return NULL;
            continue;
        }
        DictEntry *entry = &entries[index];
        if (entry->me_hash != hash) continue;
        if (told_by_hash) return entry;
        int64_t value;
        if (!PyLong_CheckExact(entry->me_key) || !int_fits_two_digits(entry->me_key, &value)) return DICT_UNSURE;
        if (value == i) return entry;
    }
}

static inline DictEntry *find_int(const PyDictKeysObject *keys, int64_t i, size_t *end)
{
    if (LIKELY(keys->dk_log2_size < 8)) return find_int_of_width(keys, i, 0, end);
    if (keys->dk_log2_size < 16) return find_int_of_width(keys, i, 1, end);
    if (keys->dk_log2_size < 32) return find_int_of_width(keys, i, 2, end);
    return find_int_of_width(keys, i, 3, end);
}

DictEntry *dict_find_int(const PyDictObject *dict, int64_t i)
{
    size_t end;
    const PyDictKeysObject *keys = dict->ma_keys;
    return dict_keys_is_unicode(keys) ? NULL : find_int(keys, i, &end);
}

static inline Py_ssize_t find_index(PyDictObject *dict, PyObject *key, Py_hash_t hash)
{
    PyDictKeysObject *keys = dict->ma_keys;
    if (LIKELY(dict_keys_is_unicode(keys))) {
        if (LIKELY(PyUnicode_CheckExact(key))) return dict_keys_lookup(keys, key, hash);
    }
    else {
        DictEntry *entry = find_plainly(keys, key, hash);
        if (LIKELY(entry != DICT_UNSURE)) return entry ? entry - dict_keys_general_entries(keys) : DKIX_EMPTY;
    }
    return find_comparing(dict, key, hash);
}

Py_ssize_t dict_find(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject **value)
{
    PyDictKeysObject *keys = dict->ma_keys;
    if (LIKELY(keys->dk_kind == KEYS_UNICODE && PyUnicode_CheckExact(key))) {
        Py_ssize_t found = dict_keys_lookup(keys, key, hash);
        *value = found >= 0 ? dict_keys_unicode_entries(keys)[found].me_value : NULL;
        return found;
    }
    if (LIKELY(!dict_keys_is_unicode(keys))) {
        DictEntry *entry = find_plainly(keys, key, hash);
        if (LIKELY(entry != DICT_UNSURE)) {
            *value = entry ? entry->me_value : NULL;
            return entry ? entry - dict_keys_general_entries(keys) : DKIX_EMPTY;
        }
    }
    Py_ssize_t index = dict_keys_is_unicode(keys) ? find_index(dict, key, hash) : find_comparing(dict, key, hash);
    *value = index >= 0 ? *dict_value_slot(dict, index) : NULL;
    return index;
}

PyObject *dict_lookup_unicode(PyDictObject *dict, PyObject *name, Py_hash_t hash)
{
    Py_ssize_t index = find_index(dict, name, hash);
    return index >= 0 ? *dict_value_slot(dict, index) : NULL;
}

Py_ssize_t dict_get_index(PyDictObject *dict, PyObject *name, Py_hash_t hash)
{
    if (dict->ma_keys->dk_kind != KEYS_UNICODE) return DKIX_EMPTY;
    return dict_keys_lookup(dict->ma_keys, name, hash);
}

PyObject *dict_load_global(PyDictObject *globals, PyDictObject *builtins, PyObject *name)
{
    Py_hash_t hash = object_hash(name);
    if (hash == -1) return NULL;
    PyObject *value = dict_lookup_unicode(globals, name, hash);
    if (value == NULL) {
        if (UNLIKELY(PyErr_Occurred() != NULL)) return NULL;
        value = dict_lookup_unicode(builtins, name, hash);
    }
    return Py_XNewRef(value);
}

/* ---- Creation ---- */

PyDictObject *dict_new_over(PyDictKeysObject *keys, PyDictValues *values, Py_ssize_t used)
{
    PyDictObject *dict = container_new(&PyDict_Type, sizeof(PyDictObject));
    if (dict == NULL) return NULL;
    dict->ma_used = used;
    dict->ma_version_tag = dict_next_version_tag();
    dict->ma_keys = keys;
    dict->ma_values = values;
    return dict;
}

PyObject *PyDict_New(void)
{
    return (PyObject *)dict_new_over(&dict_empty_keys, NULL, 0);
}

enum { MAX_PRESIZED_LOG2 = 17 };

/* log2 of the size of a table that is made for n keys. */
static int presized_log2(Py_ssize_t n)
{
    if (n <= dict_keys_capacity(DICT_LOG_MINSIZE)) return DICT_LOG_MINSIZE;
    return n > dict_keys_capacity(MAX_PRESIZED_LOG2) ? MAX_PRESIZED_LOG2 : dict_keys_log2_size_for(n);
}

static PyObject *new_presized(Py_ssize_t n, bool unicode)
{
    if (n <= dict_keys_capacity(DICT_LOG_MINSIZE)) return PyDict_New();
    PyDictKeysObject *keys = dict_keys_new(presized_log2(n), unicode ? KEYS_UNICODE : KEYS_GENERAL);
    if (keys == NULL) return NULL;
    PyDictObject *dict = dict_new_over(keys, NULL, 0);
    if (dict == NULL) dict_keys_free(keys);
    return (PyObject *)dict;
}

PyObject *_PyDict_NewPresized(Py_ssize_t minused)
{
    return new_presized(minused, false);
}

PyObject *dict_new_for_names(Py_ssize_t n)
{
    return new_presized(n, true);
}

/* Puts strs and values, new references, into an empty table that has room for them. The number of different keys; *tracked: whether
 * a value may be part of a cycle. */
ALWAYS_INLINE Py_ssize_t fill_with_strs(PyDictKeysObject *table, PyObject *const *keys, Py_ssize_t keys_stride, PyObject *const *values,
                                        Py_ssize_t values_stride, Py_ssize_t n, bool *tracked, int width)
{
    DictUnicodeEntry *entries = dict_keys_unicode_entries(table);
    Py_ssize_t used = 0;
    for (; n > 0; n--, keys += keys_stride, values += values_stride) {
        PyObject *key = *keys, *value = *values;
        size_t slot;
        Py_ssize_t index = dict_keys_find_str(table, key, dict_unicode_hash(key), width, &slot);
        *tracked |= gc_may_be_tracked(value);
        if (index == DKIX_EMPTY) {
            index_write(table->dk_indices, width, slot, used);
            entries[used++] = (DictUnicodeEntry){Py_NewRef(key), Py_NewRef(value)};
        }
        else Py_SETREF(entries[index].me_value, Py_NewRef(value));
    }
    table->dk_nentries = used;
    table->dk_usable -= used;
    return used;
}

static PyObject *from_strs(PyObject *const *keys, Py_ssize_t keys_stride, PyObject *const *values, Py_ssize_t values_stride, Py_ssize_t n)
{
    PyDictKeysObject *table = dict_keys_new(presized_log2(n), KEYS_UNICODE);
    if (table == NULL) return NULL;
    PyDictObject *dict = dict_new_over(table, NULL, 0);
    if (dict == NULL) {
        dict_keys_free(table);
        return NULL;
    }
    bool tracked = false;
    int width = dict_keys_index_width(table);
    if (LIKELY(width == 0)) dict->ma_used = fill_with_strs(table, keys, keys_stride, values, values_stride, n, &tracked, 0);
    else dict->ma_used = fill_with_strs(table, keys, keys_stride, values, values_stride, n, &tracked, width);
    if (tracked) gc_track(dict);
    return (PyObject *)dict;
}

PyObject *dict_from_items(PyObject *const *keys, Py_ssize_t keys_stride, PyObject *const *values, Py_ssize_t values_stride,
                          Py_ssize_t n)
{
    bool unicode = true;
    for (Py_ssize_t i = 0; i < n && unicode; i++) unicode = PyUnicode_CheckExact(keys[i * keys_stride]);
    if (LIKELY(unicode && n > 0 && n <= dict_keys_capacity(MAX_PRESIZED_LOG2))) {
        return from_strs(keys, keys_stride, values, values_stride, n);
    }
    PyObject *dict = new_presized(n, unicode);
    if (dict == NULL) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = keys[i * keys_stride];
        Py_hash_t hash = object_hash(key);
        if (hash == -1 ||
            dict_insert_steal((PyDictObject *)dict, Py_NewRef(key), hash, Py_NewRef(values[i * values_stride])) < 0) {
            Py_DECREF(dict);
            return NULL;
        }
    }
    return dict;
}

/* ---- Primitives ---- */

/* Moves the entries of a split dict, in order of insertion, to new combined unicode entries. */
static void move_split_entries(PyDictObject *dict, DictUnicodeEntry *to)
{
    PyDictValues *values = dict->ma_values;
    DictUnicodeEntry *from = dict_keys_unicode_entries(dict->ma_keys);
    for (Py_ssize_t i = 0; i < dict->ma_used; i++) {
        Py_ssize_t index = dict_values_index_at(values, i);
        to[i].me_key = Py_NewRef(from[index].me_key);
        to[i].me_value = values->values[index];
        values->values[index] = NULL;
    }
}

/* Moves live entries of a table to a general table. */
static void move_to_general(PyDictObject *dict, DictEntry *to)
{
    PyDictKeysObject *keys = dict->ma_keys;
    if (!dict_keys_is_unicode(keys)) {
        DictEntry *from = dict_keys_general_entries(keys);
        for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
            if (from[i].me_value != NULL) *to++ = from[i];
        }
        return;
    }
    DictUnicodeEntry *from = dict_keys_unicode_entries(keys);
    if (dict->ma_values != NULL) {
        PyDictValues *values = dict->ma_values;
        for (Py_ssize_t i = 0; i < dict->ma_used; i++, to++) {
            Py_ssize_t index = dict_values_index_at(values, i);
            *to = (DictEntry){((PyASCIIObject *)from[index].me_key)->hash, Py_NewRef(from[index].me_key), values->values[index]};
            values->values[index] = NULL;
        }
        return;
    }
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
        if (from[i].me_value == NULL) continue;
        *to++ = (DictEntry){((PyASCIIObject *)from[i].me_key)->hash, from[i].me_key, from[i].me_value};
    }
}

static void move_unicode_entries(PyDictKeysObject *keys, DictUnicodeEntry *to, Py_ssize_t used)
{
    DictUnicodeEntry *from = dict_keys_unicode_entries(keys);
    if (keys->dk_nentries == used) {
        memcpy(to, from, (size_t)used * sizeof(*to));
        return;
    }
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++) {
        if (from[i].me_value != NULL) *to++ = from[i];
    }
}

int dict_resize(PyDictObject *dict, int log2_size, bool unicode)
{
    PyDictKeysObject *old = dict->ma_keys;
    PyDictValues *values = dict->ma_values;
    if (!dict_keys_is_unicode(old)) unicode = false;
    PyDictKeysObject *keys = dict_keys_new(log2_size, unicode ? KEYS_UNICODE : KEYS_GENERAL);
    if (keys == NULL) return -1;
    Py_ssize_t used = dict->ma_used;
    assert(keys->dk_usable >= used);

    if (!unicode) {
        move_to_general(dict, dict_keys_general_entries(keys));
    } else if (values != NULL) {
        move_split_entries(dict, dict_keys_unicode_entries(keys));
    } else {
        move_unicode_entries(old, dict_keys_unicode_entries(keys), used);
    }
    keys->dk_ints = !unicode && (used == 0 || (!dict_keys_is_unicode(old) && old->dk_ints));
    keys->dk_usable -= used;
    keys->dk_nentries = used;
    dict_keys_build_indices(keys, used);

    dict->ma_keys = keys;
    dict->ma_values = NULL;
    if (values != NULL) {
        dict_values_free(values);
        dict_keys_decref(old);
    } else if (old != &dict_empty_keys) {
        dict_keys_free(old);     /* its entries have moved */
    }
    return 0;
}

int dict_reserve(PyDictObject *dict, Py_ssize_t n, bool unicode)
{
    Py_ssize_t slots = (Py_ssize_t)1 << dict->ma_keys->dk_log2_size;
    if (slots * 2 / 3 >= n) return 0;
    return dict_resize(dict, dict_keys_log2_size_for(dict->ma_used + n), unicode);
}

/* Before a key comes into a general table. */
static inline void note_general_key(PyDictKeysObject *keys, PyObject *key)
{
    if (keys->dk_ints && !(PyLong_CheckExact(key) && Py_SIZE(key) >= -2 && Py_SIZE(key) <= 2)) keys->dk_ints = false;
}

/* Appends an entry for a key that is not there. The table has room and is of the right kind. */
static inline void append_entry_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *value)
{
    PyDictKeysObject *keys = dict->ma_keys;
    Py_ssize_t index = keys->dk_nentries;
    keys->dk_version = 0;
    dict_keys_set_index(keys, dict_keys_find_free_slot(keys, hash), index);
    if (dict_keys_is_unicode(keys)) {
        DictUnicodeEntry *entry = &dict_keys_unicode_entries(keys)[index];
        entry->me_key = key;
        if (dict->ma_values != NULL) {
            dict->ma_values->values[index] = value;
            dict_values_note_insertion(dict->ma_values, index);
        } else {
            entry->me_value = value;
        }
    } else {
        note_general_key(keys, key);
        dict_keys_general_entries(keys)[index] = (DictEntry){hash, key, value};
    }
    keys->dk_nentries++;
    keys->dk_usable--;
    dict->ma_used++;
    dict_touch(dict);
}

/* Makes the table fit for appending `key`. */
static int prepare_append(PyDictObject *dict, PyObject *key)
{
    if (dict_is_empty_table(dict)) {
        PyDictKeysObject *keys = dict_keys_new(DICT_LOG_MINSIZE, PyUnicode_CheckExact(key) ? KEYS_UNICODE : KEYS_GENERAL);
        if (keys == NULL) return -1;
        dict->ma_keys = keys;
        return 0;
    }
    if (LIKELY(dict->ma_keys->dk_usable > 0)) return 0;
    return dict_resize(dict, dict_keys_log2_slots(dict->ma_used * 3), true);
}

/* A key that is no exact str makes a str-only table general. */
static inline int prepare_kind(PyDictObject *dict, PyObject *key)
{
    if (LIKELY(!dict_keys_is_unicode(dict->ma_keys) || PyUnicode_CheckExact(key) || dict_is_empty_table(dict))) return 0;
    return dict_resize(dict, dict_keys_log2_slots(dict->ma_used * 3), false);
}

/* Stores over what is in the slot of a key that is there (or, in a split dict, is known but not set). Steals value. */
static inline void replace_at_steal(PyDictObject *dict, Py_ssize_t index, PyObject *value)
{
    PyObject **slot = dict_value_slot(dict, index);
    PyObject *old = *slot;
    *slot = value;
    if (old == NULL) {
        dict_values_note_insertion(dict->ma_values, index);
        dict->ma_used++;
    }
    if (old != value) dict_touch(dict);
    Py_XDECREF(old);
}

/* Appends an entry whose index goes to a slot that is known to be empty. The table has room and is of the right kind. */
static inline void append_at_slot_steal(PyDictObject *dict, size_t slot, PyObject *key, Py_hash_t hash, PyObject *value)
{
    PyDictKeysObject *keys = dict->ma_keys;
    Py_ssize_t index = keys->dk_nentries++;
    keys->dk_version = 0;
    keys->dk_usable--;
    dict_keys_set_index(keys, slot, index);
    if (keys->dk_kind == KEYS_GENERAL) {
        note_general_key(keys, key);
        dict_keys_general_entries(keys)[index] = (DictEntry){hash, key, value};
    }
    else dict_keys_unicode_entries(keys)[index] = (DictUnicodeEntry){key, value};
    dict->ma_used++;
    dict_touch(dict);
}

/* Sets an exact str in a combined table of strs that has room, with one search. */
static int insert_unicode_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *value)
{
    size_t slot;
    Py_ssize_t index = dict_keys_find_str(dict->ma_keys, key, hash, dict_keys_index_width(dict->ma_keys), &slot);
    dict_track_if_needed(dict, key, value);
    if (index == DKIX_EMPTY) append_at_slot_steal(dict, slot, key, hash, value);
    else {
        replace_at_steal(dict, index, value);
        Py_DECREF(key);
    }
    return 0;
}

/* Sets a key in a general table that has room, with one search. False if that takes a comparison by __eq__: then nothing was done. */
static bool insert_general_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *value)
{
    size_t slot;
    DictEntry *entry = find_plainly_or_slot(dict->ma_keys, key, hash, &slot);
    if (UNLIKELY(entry == DICT_UNSURE)) return false;
    dict_track_if_needed(dict, key, value);
    if (entry == NULL) {
        append_at_slot_steal(dict, slot, key, hash, value);
        return true;
    }
    PyObject *old = entry->me_value;
    entry->me_value = value;
    if (old != value) dict_touch(dict);
    Py_DECREF(old);
    Py_DECREF(key);
    return true;
}

int dict_insert_steal(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *value)
{
    PyDictKeysObject *table = dict->ma_keys;
    if (LIKELY(table->dk_usable > 0)) {
        if (table->dk_kind == KEYS_GENERAL) {
            if (LIKELY(insert_general_steal(dict, key, hash, value))) return 0;
        } else if (table->dk_kind == KEYS_UNICODE && PyUnicode_CheckExact(key)) {
            return insert_unicode_steal(dict, key, hash, value);
        }
    }
    if (dict_is_empty_table(dict)) {
        if (UNLIKELY(prepare_append(dict, key) < 0)) goto error;
        dict_track_if_needed(dict, key, value);
        append_at_slot_steal(dict, (size_t)hash & dict_keys_mask(dict->ma_keys), key, hash, value);
        return 0;
    }
    if (UNLIKELY(prepare_kind(dict, key) < 0)) goto error;
    Py_ssize_t index = find_index(dict, key, hash);
    if (UNLIKELY(index == DKIX_ERROR)) goto error;
    dict_track_if_needed(dict, key, value);
    if (index >= 0) {
        replace_at_steal(dict, index, value);
        Py_DECREF(key);
        return 0;
    }
    if (UNLIKELY(prepare_append(dict, key) < 0)) goto error;
    append_entry_steal(dict, key, hash, value);
    return 0;

error:
    Py_DECREF(key);
    Py_DECREF(value);
    return -1;
}

PyObject *dict_set_default_borrow(PyDictObject *dict, PyObject *key, Py_hash_t hash, PyObject *fallback)
{
    if (prepare_kind(dict, key) < 0) return NULL;
    Py_ssize_t index = find_index(dict, key, hash);
    if (index == DKIX_ERROR) return NULL;
    if (index >= 0) {
        PyObject *value = *dict_value_slot(dict, index);
        if (value != NULL) return value;
        dict_track_if_needed(dict, key, fallback);
        replace_at_steal(dict, index, Py_NewRef(fallback));
        return fallback;
    }
    dict_track_if_needed(dict, key, fallback);
    if (prepare_append(dict, key) < 0) return NULL;
    append_entry_steal(dict, Py_NewRef(key), hash, Py_NewRef(fallback));
    return fallback;
}

int dict_set_int_steal(PyDictObject *dict, int64_t i, PyObject *value)
{
    PyDictKeysObject *keys = dict->ma_keys;
    if (keys->dk_kind != KEYS_GENERAL || keys->dk_usable <= 0) return 0;
    size_t slot;
    DictEntry *entry = find_int(keys, i, &slot);
    if (entry == DICT_UNSURE) return 0;
    if (entry) {
        PyObject *old = entry->me_value;
        if (old != value) {
            if (!gc_tracked(dict) && gc_may_be_tracked(value)) gc_track(dict);
            entry->me_value = value;
            dict_touch(dict);
        }
        Py_DECREF(old);
        return 1;
    }
    PyObject *key = int_from_int64(i);
    if (UNLIKELY(key == NULL)) {
        Py_DECREF(value);
        return -1;
    }
    dict_track_if_needed(dict, key, value);
    append_at_slot_steal(dict, slot, key, i == -1 ? -2 : i, value);
    return 1;
}

int dict_set_item_steal(PyDictObject *dict, PyObject *key, PyObject *value)
{
    Py_hash_t hash = object_hash(key);
    if (UNLIKELY(hash == -1)) {
        Py_DECREF(key);
        Py_DECREF(value);
        return -1;
    }
    return dict_insert_steal(dict, key, hash, value);
}

void dict_set_value_at_steal(PyDictObject *dict, Py_ssize_t index, PyObject *value)
{
    if (!gc_tracked(dict) && gc_may_be_tracked(value)) gc_track(dict);
    replace_at_steal(dict, index, value);
}

void dict_set_value_at(PyDictObject *dict, Py_ssize_t index, PyObject *value)
{
    dict_set_value_at_steal(dict, index, Py_NewRef(value));
}

PyObject *dict_remove_at_take(PyDictObject *dict, Py_hash_t hash, Py_ssize_t index, PyObject **key)
{
    PyDictKeysObject *keys = dict->ma_keys;
    PyObject **slot = dict_value_slot(dict, index);
    PyObject *value = *slot;
    *slot = NULL;
    dict->ma_used--;
    dict_touch(dict);
    if (dict->ma_values != NULL) {
        dict_values_note_deletion(dict->ma_values, index);
        *key = NULL;
        return value;
    }
    keys->dk_version = 0;
    dict_keys_set_index(keys, dict_keys_find_slot_of(keys, hash, index), DKIX_DUMMY);
    if (dict_keys_is_unicode(keys)) {
        DictUnicodeEntry *entry = &dict_keys_unicode_entries(keys)[index];
        *key = entry->me_key;
        entry->me_key = NULL;
    } else {
        DictEntry *entry = &dict_keys_general_entries(keys)[index];
        *key = entry->me_key;
        entry->me_key = NULL;
        entry->me_hash = 0;
    }
    return value;
}

bool dict_delete_int(PyDictObject *dict, int64_t i)
{
    size_t end;
    DictEntry *entry = dict->ma_keys->dk_kind == KEYS_GENERAL ? find_int(dict->ma_keys, i, &end) : NULL;
    if (entry == NULL || entry == DICT_UNSURE) return false;
    PyObject *key, *value = dict_remove_at_take(dict, entry->me_hash, entry - dict_keys_general_entries(dict->ma_keys), &key);
    Py_DECREF(key);
    Py_DECREF(value);
    return true;
}

void dict_clear_all(PyDictObject *dict)
{
    PyDictKeysObject *keys = dict->ma_keys;
    PyDictValues *values = dict->ma_values;
    if (dict_is_empty_table(dict)) return;
    dict->ma_keys = &dict_empty_keys;
    dict->ma_values = NULL;
    dict->ma_used = 0;
    dict_touch(dict);
    if (values != NULL) dict_values_free(values);
    dict_keys_decref(keys);
}

/* ---- Walking ---- */

bool dict_next_hash_borrow(PyDictObject *dict, Py_ssize_t *position, PyObject **key, PyObject **value, Py_hash_t *hash)
{
    PyDictKeysObject *keys = dict->ma_keys;
    Py_ssize_t i = *position;
    if (i < 0) return false;
    if (dict->ma_values != NULL) {
        if (i >= dict->ma_used) return false;
        Py_ssize_t index = dict_values_index_at(dict->ma_values, i);
        *position = i + 1;
        *key = dict_keys_unicode_entries(keys)[index].me_key;
        *value = dict->ma_values->values[index];
        *hash = ((PyASCIIObject *)*key)->hash;
        return true;
    }
    Py_ssize_t n = keys->dk_nentries;
    if (dict_keys_is_unicode(keys)) {
        const DictUnicodeEntry *entries = dict_keys_unicode_entries(keys);
        while (i < n && entries[i].me_value == NULL) i++;
        if (i >= n) return false;
        *key = entries[i].me_key;
        *value = entries[i].me_value;
        *hash = ((PyASCIIObject *)*key)->hash;
    } else {
        const DictEntry *entries = dict_keys_general_entries(keys);
        while (i < n && entries[i].me_value == NULL) i++;
        if (i >= n) return false;
        *key = entries[i].me_key;
        *value = entries[i].me_value;
        *hash = entries[i].me_hash;
    }
    *position = i + 1;
    return true;
}

bool dict_next_borrow(PyDictObject *dict, Py_ssize_t *position, PyObject **key, PyObject **value)
{
    Py_hash_t hash;
    return dict_next_hash_borrow(dict, position, key, value, &hash);
}

Py_ssize_t dict_last_position(PyDictObject *dict)
{
    return (dict->ma_values != NULL ? dict->ma_used : dict->ma_keys->dk_nentries) - 1;
}

bool dict_previous_borrow(PyDictObject *dict, Py_ssize_t *position, PyObject **key, PyObject **value)
{
    PyDictKeysObject *keys = dict->ma_keys;
    Py_ssize_t i = *position;
    if (i < 0) return false;
    if (i > dict_last_position(dict)) return false;
    if (dict->ma_values != NULL) {
        Py_ssize_t index = dict_values_index_at(dict->ma_values, i);
        *key = dict_keys_unicode_entries(keys)[index].me_key;
        *value = dict->ma_values->values[index];
    } else {
        while (i >= 0 && *dict_value_slot(dict, i) == NULL) i--;
        if (i < 0) return false;
        *key = dict_keys_key_at(keys, i);
        *value = *dict_value_slot(dict, i);
    }
    *position = i - 1;
    return true;
}
