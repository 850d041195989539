/* A hash table of C pointers: the exported _Py_hashtable_ functions. Keys and values belong to the caller unless destroy functions
 * are given. Chained buckets; the table grows when it is fuller than half its buckets' number and shrinks below a tenth.
 */
#include <internal/krait_exports.h>
#include <string.h>

typedef struct Entry Entry;
struct Entry {
    Entry *next;
    Py_uhash_t hash;
    void *key, *value;
};

/* The layout, and that of an entry, is known to an inline function of the reference: _testinternalcapi calls find_entry. */
struct _Py_hashtable_t {
    size_t count, bucket_count;     /* bucket_count is a power of two */
    Entry **buckets;
    Entry *(*find_entry)(_Py_hashtable_t *t, const void *key);
    _Py_hashtable_hash_func hash;
    _Py_hashtable_compare_func compare;
    _Py_hashtable_destroy_func destroy_key, destroy_value;
    _Py_hashtable_allocator_t allocator;
};

enum { MIN_BUCKETS = 16 };

Py_uhash_t _Py_hashtable_hash_ptr(const void *key)
{
    return (Py_uhash_t)_Py_HashPointerRaw(key);
}

int _Py_hashtable_compare_direct(const void *a, const void *b)
{
    return a == b;
}

static Entry *find_entry(_Py_hashtable_t *t, const void *key);

static Entry **buckets_new(_Py_hashtable_t *t, size_t n)
{
    Entry **buckets = t->allocator.malloc(n * sizeof(Entry *));
    return buckets ? memset(buckets, 0, n * sizeof(Entry *)) : NULL;
}

/* NULL: out of memory, without an exception. `allocator` may be NULL for PyMem. */
_Py_hashtable_t *_Py_hashtable_new_full(_Py_hashtable_hash_func hash, _Py_hashtable_compare_func compare,
                                        _Py_hashtable_destroy_func destroy_key, _Py_hashtable_destroy_func destroy_value,
                                        _Py_hashtable_allocator_t *allocator)
{
    _Py_hashtable_allocator_t memory = {PyMem_Malloc, PyMem_Free};
    if (allocator) memory = *allocator;
    _Py_hashtable_t *t = memory.malloc(sizeof *t);
    if (!t) return NULL;
    *t = (_Py_hashtable_t){
        .bucket_count = MIN_BUCKETS,
        .find_entry = find_entry,
        .hash = hash,
        .compare = compare,
        .destroy_key = destroy_key,
        .destroy_value = destroy_value,
        .allocator = memory,
    };
    t->buckets = buckets_new(t, MIN_BUCKETS);
    if (t->buckets) return t;
    memory.free(t);
    return NULL;
}

_Py_hashtable_t *_Py_hashtable_new(_Py_hashtable_hash_func hash, _Py_hashtable_compare_func compare)
{
    return _Py_hashtable_new_full(hash, compare, NULL, NULL, NULL);
}

size_t _Py_hashtable_size(const _Py_hashtable_t *t)
{
    return t->count;
}

/* Where the pointer to the key's entry stands, or would. */
static Entry **entry_slot(_Py_hashtable_t *t, const void *key, Py_uhash_t hash)
{
    Entry **slot = &t->buckets[hash & (t->bucket_count - 1)];
    while (*slot && !((*slot)->hash == hash && t->compare(key, (*slot)->key))) slot = &(*slot)->next;
    return slot;
}

/* The key's entry, or NULL. */
static Entry *find_entry(_Py_hashtable_t *t, const void *key) { return *entry_slot(t, key, t->hash(key)); }

/* Fits the number of buckets to the entries. Without memory it stays as it is. */
static void resize(_Py_hashtable_t *t)
{
    size_t wanted = MIN_BUCKETS;
    while (wanted < t->count * 10 / 3) wanted *= 2;
    Entry **buckets = wanted == t->bucket_count ? NULL : buckets_new(t, wanted);
    if (!buckets) return;
    for (size_t i = 0; i < t->bucket_count; i++) {
        for (Entry *e = t->buckets[i], *next; e; e = next) {
            next = e->next;
            e->next = buckets[e->hash & (wanted - 1)];
            buckets[e->hash & (wanted - 1)] = e;
        }
    }
    t->allocator.free(t->buckets);
    t->buckets = buckets;
    t->bucket_count = wanted;
}

/* Adds a key that is not there yet. -1: out of memory, without an exception. */
int _Py_hashtable_set(_Py_hashtable_t *t, const void *key, void *value)
{
    Entry *e = t->allocator.malloc(sizeof *e);
    if (!e) return -1;
    *e = (Entry){.hash = t->hash(key), .key = (void *)key, .value = value};
    t->count++;
    if (t->count > t->bucket_count / 2) resize(t);
    Entry **bucket = &t->buckets[e->hash & (t->bucket_count - 1)];
    e->next = *bucket;
    *bucket = e;
    return 0;
}

/* The key's value, or NULL. */
void *_Py_hashtable_get(_Py_hashtable_t *t, const void *key)
{
    Entry *e = find_entry(t, key);
    return e ? e->value : NULL;
}

/* Takes the key out and returns its value, or NULL; destroys neither. */
void *_Py_hashtable_steal(_Py_hashtable_t *t, const void *key)
{
    Entry **slot = entry_slot(t, key, t->hash(key)), *e = *slot;
    if (!e) return NULL;
    void *value = e->value;
    *slot = e->next;
    t->allocator.free(e);
    t->count--;
    if (t->count < t->bucket_count / 10) resize(t);
    return value;
}

/* Calls `func` for each entry until it returns non-zero, which is the result then. It must not change the table. */
int _Py_hashtable_foreach(_Py_hashtable_t *t, _Py_hashtable_foreach_func func, void *user_data)
{
    for (size_t i = 0; i < t->bucket_count; i++) {
        for (Entry *e = t->buckets[i]; e; e = e->next) {
            int result = func(t, e->key, e->value, user_data);
            if (result) return result;
        }
    }
    return 0;
}

void _Py_hashtable_clear(_Py_hashtable_t *t)
{
    for (size_t i = 0; i < t->bucket_count; i++) {
        Entry *e = t->buckets[i];
        t->buckets[i] = NULL;
        while (e) {
            Entry *next = e->next;
            if (t->destroy_key) t->destroy_key(e->key);
            if (t->destroy_value) t->destroy_value(e->value);
            t->allocator.free(e);
            e = next;
        }
    }
    t->count = 0;
    resize(t);
}

void _Py_hashtable_destroy(_Py_hashtable_t *t)
{
    _Py_hashtable_clear(t);
    void (*release)(void *) = t->allocator.free;
    release(t->buckets);
    release(t);
}
