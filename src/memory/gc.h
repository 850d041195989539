/* The cycle collector.
 *
 * A container of a type with Py_TPFLAGS_HAVE_GC has a GcHead in front. What holds outside a collection:
 *  - `next` is 0: the object is not tracked, and `prev` holds no address (GC_FINALIZED may be set).
 *  - else the head is on the circular list of exactly one generation (or of the frozen objects), `next` and `prev & ~GC_FLAGS`
 *    lead to its neighbours, and GC_COLLECTING and GC_LEAF are clear everywhere.
 *  - a tracked object's references, as tp_traverse tells them, are never more than its referents' reference counts.
 * gc_check_heap() verifies all of this.
 *
 * Inside a collection `prev >> GC_COUNT_SHIFT` counts, for each object of the generations looked at (GC_COLLECTING is set on just these),
 * references from outside; only `next` links then. An object without any is put aside on a list of suspects, with
 * GC_SUSPECT set in `next`, and comes back when it is found to be reachable after all. The order of visits is a list, so
 * nothing recurses.
 */
#ifndef KRAIT_MEMORY_GC_H
#define KRAIT_MEMORY_GC_H

#include "base/config.h"
#include "memory/memory.h"

#define GC_FINALIZED ((uintptr_t)1)     /* in prev: tp_finalize has run */
#define GC_COLLECTING ((uintptr_t)2)    /* in prev: takes part in the collection under way */
#define GC_LEAF ((uintptr_t)4)          /* in prev, inside a collection: refers to nothing that takes part in it */
#define GC_FLAGS ((uintptr_t)7)
#define GC_COUNT_SHIFT 3
#define GC_SUSPECT ((uintptr_t)1)       /* in next: on the list of suspects */

enum {
    GC_DEBUG_STATS = 1,
    GC_DEBUG_COLLECTABLE = 2,
    GC_DEBUG_UNCOLLECTABLE = 4,
    GC_DEBUG_SAVEALL = 32,
    GC_DEBUG_LEAK = GC_DEBUG_COLLECTABLE | GC_DEBUG_UNCOLLECTABLE | GC_DEBUG_SAVEALL,
};

static inline GcHead *gc_head(const void *op)
{
    return (GcHead *)op - 1;
}

static inline PyObject *gc_object(const GcHead *head)
{
    return (PyObject *)(head + 1);
}

static inline GcHead *gc_prev(const GcHead *head)
{
    return (GcHead *)(head->prev & ~GC_FLAGS);
}

static inline void gc_set_prev(GcHead *head, GcHead *prev)
{
    head->prev = (head->prev & GC_FLAGS) | (uintptr_t)prev;
}

/* Is there a GcHead in front of op? */
static inline bool gc_is_container(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    return (type->tp_flags & Py_TPFLAGS_HAVE_GC) && (!type->tp_is_gc || type->tp_is_gc(op));
}

/* For containers only. */
static inline bool gc_tracked(const void *op)
{
    return gc_head(op)->next != 0;
}

static inline bool gc_finalized(const void *op)
{
    return gc_head(op)->prev & GC_FINALIZED;
}

static inline void gc_set_finalized(void *op)
{
    gc_head(op)->prev |= GC_FINALIZED;
}

/* Starts tracking a container that is not tracked: its fields must be fit for tp_traverse. */
static inline void gc_track(void *op)
{
    GcHead *head = gc_head(op);
    GcHead *list = &memory_runtime.gc.generations[0].head;
    GcHead *last = (GcHead *)list->prev;
    last->next = (uintptr_t)head;
    gc_set_prev(head, last);
    head->next = (uintptr_t)list;
    list->prev = (uintptr_t)head;
}

/* Stops tracking a container that is tracked. */
static inline void gc_untrack(void *op)
{
    GcHead *head = gc_head(op);
    GcHead *prev = gc_prev(head);
    GcHead *next = (GcHead *)head->next;
    prev->next = (uintptr_t)next;
    gc_set_prev(next, prev);
    head->next = 0;
    head->prev &= GC_FINALIZED;
}

/* Bytes in front of an instance: gc head, and the two words of a managed dict. */
static inline size_t gc_header_size(PyTypeObject *type)
{
    size_t size = (type->tp_flags & Py_TPFLAGS_HAVE_GC) ? sizeof(GcHead) : 0;
    return size + ((type->tp_flags & Py_TPFLAGS_MANAGED_DICT) ? 2 * sizeof(PyObject *) : 0);
}

/* The collection that gc_allocate calls for: outlined, may run finalizers. */
void gc_collect_young(void);

/* What a generation's count may come to before it is collected; gc.get_threshold() shows the usual. */
static inline int gc_limit(const struct GcGeneration *generation)
{
    return KRAIT_LIMIT(generation->threshold, generation->threshold < 20 ? generation->threshold : 20);
}

/* Memory for a container: `header` (gc_header_size, at least a GcHead) bytes that are zeroed, then `size` that are not. Returns the address
 * of the object proper, untracked, ob_type and ob_refcnt not set; NULL with MemoryError. May collect. */
static inline PyObject *gc_allocate(size_t header, size_t size)
{
    char *raw = memory_alloc(header + size);
    if (UNLIKELY(!raw)) return PyErr_NoMemory();
    PyObject *op = (PyObject *)(raw + header);
    if (header > sizeof(GcHead)) ((PyObject **)raw)[0] = ((PyObject **)raw)[1] = NULL;
    GcHead *head = gc_head(op);
    head->next = head->prev = 0;
    struct GcGeneration *young = &memory_runtime.gc.generations[0];
    if (UNLIKELY(++young->count > gc_limit(young))) gc_collect_young();
    return op;
}

/* Gives back what gc_allocate gave. */
static inline void gc_free(void *op, size_t header)
{
    if (gc_tracked(op)) gc_untrack(op);
    struct GcGeneration *young = &memory_runtime.gc.generations[0];
    if (young->count > 0) young->count--;
    memory_free((char *)op - header);
}

/* The memory's own set-up; called by memory_init. */
void gc_init_state(void);

/* Collects `generation` and all younger ones. Returns the number of unreachable objects found; errors go to the unraisable hook.
 * With `callbacks`, gc.callbacks are told. 0 when a collection is under way already. */
Py_ssize_t gc_collect(int generation, bool callbacks);

/* A full collection at shutdown: runs no callbacks and swallows errors. */
Py_ssize_t gc_collect_no_fail(void);

/* Around the interpreter's start, which makes thousands of objects and hardly any garbage: nothing is collected by itself,
 * and what there is at the end belongs to the oldest generation. */
void gc_start_begin(void);
void gc_start_end(void);

/* Whether the death of some object alive could be noticed: by a finalizer, or by a callback of a weak reference other than those
 * that `is_silent` knows. `known` objects (n of them) are passed over. With callbacks or debugging flags of the collector: always. */
bool gc_death_is_noticed(PyObject *const *known, int n, bool (*is_silent)(PyObject *callback));

/* A collection if they are enabled, for the runtime's shutdown. Full; but as long as all that the program made is in the
 * young generations, what the start made is not looked through: the shutdown's last collections will. */
Py_ssize_t gc_collect_if_enabled(void);

/* Makes gc.garbage and gc.callbacks. -1 with an exception set. */
int gc_init(void);

/* At shutdown: warns of uncollectable objects as the debug flags demand; then drops the collector's lists. */
void gc_dump_shutdown_stats(void);
void gc_shutdown(void);

/* Objects on a list. */
Py_ssize_t gc_list_size(const GcHead *list);
static inline bool gc_list_is_empty(const GcHead *list)
{
    return list->next == (uintptr_t)list;
}

void gc_list_init(GcHead *list);
void gc_list_merge(GcHead *from, GcHead *to);   /* empties `from` */

/* Walks the whole heap of tracked objects and checks what the head of this file states. Returns NULL, or a text that says what is
 * wrong, with the object in *where. Must not run inside a collection. */
const char *gc_check_heap(PyObject **where);

#endif
