/* A small cache from the names that expat hands out (NUL-ended UTF-8) to the objects that stand for them. A document uses few
 * names often: a hit costs one pass over the bytes, no str is made and hashed. Direct-mapped; a name that is too long is never
 * in it.
 */
#ifndef KRAIT_MODULES_PYEXPAT_NAME_CACHE_H
#define KRAIT_MODULES_PYEXPAT_NAME_CACHE_H

#include <Python.h>
#include <stdint.h>
#include <string.h>

enum { NAME_CACHE_SLOTS = 64, NAME_CACHE_TEXT = 48 };

typedef struct {
    PyObject *object;               /* owned, or NULL: empty */
    uint32_t length;
    char text[NAME_CACHE_TEXT];
} NameCacheSlot;

typedef struct {
    NameCacheSlot slots[NAME_CACHE_SLOTS];
} NameCache;

/* The slot for a name, with *length set; its object is the name's if name_cache_hit() says so. */
static inline NameCacheSlot *name_cache_slot(NameCache *cache, const char *text, uint32_t *length)
{
    uint32_t hash = 2166136261u;
    const char *p = text;
    for (; *p; p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
    *length = (uint32_t)(p - text);
    return &cache->slots[(hash ^ hash >> 15) % NAME_CACHE_SLOTS];
}

static inline int name_cache_hit(const NameCacheSlot *slot, const char *text, uint32_t length)
{
    return slot->object && slot->length == length && memcmp(slot->text, text, length) == 0;
}

static inline void name_cache_put(NameCacheSlot *slot, const char *text, uint32_t length, PyObject *object)
{
    if (length > NAME_CACHE_TEXT) return;
    memcpy(slot->text, text, length);
    slot->length = length;
    Py_XSETREF(slot->object, Py_NewRef(object));
}

static inline void name_cache_clear(NameCache *cache)
{
    for (int i = 0; i < NAME_CACHE_SLOTS; i++) Py_CLEAR(cache->slots[i].object);
}

#endif
