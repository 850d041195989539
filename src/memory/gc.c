/* Collections: see gc.h for what holds. The order of events follows PEP 442 and the gc and weakref manuals:
 *
 *   1. find the unreachable objects of the generations looked at
 *   2. set those aside that legacy finalizers (tp_del) can reach: they go to gc.garbage
 *   3. clear the weak references to the rest, call the callbacks of those weak references that are reachable
 *   4. run the finalizers, each once
 *   5. find out who was resurrected
 *   6. clear what is still unreachable
 */
#include "memory/gc.h"

#include <time.h>

#include "base/assertions.h"
#include "base/bits.h"

/* ---- lists ---- */

void gc_list_init(GcHead *list)
{
    list->next = list->prev = (uintptr_t)list;
}

static void list_append(GcHead *head, GcHead *list)
{
    GcHead *last = (GcHead *)list->prev;
    gc_set_prev(head, last);
    last->next = (uintptr_t)head;
    head->next = (uintptr_t)list;
    list->prev = (uintptr_t)head;
}

/* Moves `head`, which is on a list that is well linked, to the end of another. Flags in prev stay. */
static void list_move(GcHead *head, GcHead *list)
{
    GcHead *prev = gc_prev(head), *next = (GcHead *)head->next;
    prev->next = (uintptr_t)next;
    gc_set_prev(next, prev);
    list_append(head, list);
}

void gc_list_merge(GcHead *from, GcHead *to)
{
    if (!gc_list_is_empty(from)) {
        GcHead *to_last = gc_prev(to), *first = (GcHead *)from->next, *last = gc_prev(from);
        to_last->next = (uintptr_t)first;
        gc_set_prev(first, to_last);
        last->next = (uintptr_t)to;
        gc_set_prev(to, last);
    }
    gc_list_init(from);
}

Py_ssize_t gc_list_size(const GcHead *list)
{
    Py_ssize_t n = 0;
    for (GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next) n++;
    return n;
}

/* ---- who is unreachable ---- */

/* What a search for the unreachable may assume, and does on its way. */
enum {
    FIND_WHOLE = 1,             /* every tracked object takes part */
    FIND_UNTRACK_TUPLES = 2,    /* reachable tuples that cannot be part of a cycle are no longer tracked */
    FIND_UNTRACK_DICTS = 4,
};

/* From here on h takes part in the collection. */
static inline void count_begin(GcHead *h)
{
    h->prev = (h->prev & GC_FINALIZED) | GC_COLLECTING | (uintptr_t)Py_REFCNT(gc_object(h)) << GC_COUNT_SHIFT;
}

static void counts_copy(GcHead *list)
{
    for (GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next) count_begin(h);
}

/* The traversal of an object by VISIT, without a call for each reference of the most common containers. Their items lie
 * anywhere: what is needed of one is asked for a few steps ahead. */
enum { VISIT_AHEAD = 8 };

#define TRAVERSE(op, VISIT, argument) \
    do { \
        PyTypeObject *type_ = Py_TYPE(op); \
        if (type_ == &PyList_Type || type_ == &PyTuple_Type) { \
            PyObject **items_ = type_ == &PyList_Type ? ((PyListObject *)(op))->ob_item : ((PyTupleObject *)(op))->ob_item; \
            for (Py_ssize_t i_ = 0, n_ = Py_SIZE(op); i_ < n_; i_++) { \
                if (i_ + VISIT_AHEAD < n_) __builtin_prefetch(items_[i_ + VISIT_AHEAD]); \
                if (items_[i_]) VISIT(items_[i_], argument); \
            } \
        } \
        else type_->tp_traverse((op), VISIT, (argument)); \
    } while (0)

static inline int visit_subtract(PyObject *op, void *leaf)
{
    if (gc_is_container(op)) {
        GcHead *h = gc_head(op);
        if (h->prev & GC_COLLECTING) {
            CHECK(h->prev >> GC_COUNT_SHIFT);
            h->prev -= (uintptr_t)1 << GC_COUNT_SHIFT;
            *(uintptr_t *)leaf = 0;
        }
    }
    return 0;
}

/* The same when all that is tracked takes part: then counts_copy() need not have run. A large heap lies in no cache, so each
 * walk over it that can be saved counts. */
static inline int visit_subtract_whole(PyObject *op, void *leaf)
{
    if (gc_is_container(op)) {
        GcHead *h = gc_head(op);
        if (h->next) {
            if (!(h->prev & GC_COLLECTING)) count_begin(h);
            CHECK(h->prev >> GC_COUNT_SHIFT);
            h->prev -= (uintptr_t)1 << GC_COUNT_SHIFT;
            *(uintptr_t *)leaf = 0;
        }
    }
    return 0;
}

/* Objects of a list mostly lie one behind the other in the pools of their class. */
static inline void prefetch_behind(const GcHead *h)
{
    enum { BYTES_AHEAD = 512 };
    __builtin_prefetch((const char *)h + BYTES_AHEAD, 1);
}

/* Nothing runs between these and the walk for the reachable: a leaf, as most lists of strs and numbers are, need not be
 * traversed again there. */
static void counts_subtract(GcHead *list)
{
    for (GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next) {
        PyObject *op = gc_object(h);
        uintptr_t leaf = GC_LEAF;
        TRAVERSE(op, visit_subtract, &leaf);
        h->prev |= leaf;
    }
}

static void counts_subtract_whole(GcHead *list)
{
    for (GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next) {
        PyObject *op = gc_object(h);
        uintptr_t leaf = GC_LEAF;
        prefetch_behind(h);
        if (!(h->prev & GC_COLLECTING)) count_begin(h);
        TRAVERSE(op, visit_subtract_whole, &leaf);
        h->prev |= leaf;
    }
}

/* A reachable object refers to op: if op is a suspect it is one no longer and joins the end of `walk`, where its own turn to
 * be traversed comes; if the walk has not come to it yet, it must not become one. */
static inline int visit_rescue(PyObject *op, void *walk)
{
    if (!gc_is_container(op)) return 0;
    GcHead *h = gc_head(op);
    if (!(h->prev & GC_COLLECTING)) return 0;
    const uintptr_t one = (uintptr_t)1 << GC_COUNT_SHIFT;
    if (h->next & GC_SUSPECT) {
        GcHead *prev = gc_prev(h), *next = (GcHead *)(h->next & ~GC_SUSPECT);
        prev->next = h->next;
        gc_set_prev(next, prev);
        h->next &= ~GC_SUSPECT;
        /* The walk's list is linked forward only, but its last element is known. */
        GcHead *list = walk, *last = (GcHead *)list->prev;
        last->next = (uintptr_t)h;
        h->next = (uintptr_t)list;
        list->prev = (uintptr_t)h;
        h->prev = (h->prev & GC_FLAGS) | one;
    } else if (h->prev >> GC_COUNT_SHIFT == 0) {
        h->prev |= one;
    }
    return 0;
}

/* Untracks h, a leaf, if it is of a kind that `flags` ask for and cannot be part of a cycle. In the middle of the walk below: the links
 * are good up to `prev`, in front of h; behind h the field prev counts, and must come through this as it is. */
static bool untrack_idle(GcHead *h, GcHead *prev, GcHead *list, int flags)
{
    PyObject *op = gc_object(h);
    bool is_tuple = Py_TYPE(op) == &PyTuple_Type;
    if (!(is_tuple ? flags & FIND_UNTRACK_TUPLES : Py_TYPE(op) == &PyDict_Type && flags & FIND_UNTRACK_DICTS)) return false;
    GcHead *next = (GcHead *)h->next;
    uintptr_t next_count = next == list ? (uintptr_t)prev : next->prev;
    h->prev = (h->prev & GC_FINALIZED) | (uintptr_t)prev;
    if (is_tuple) _PyTuple_MaybeUntrack(op);
    else _PyDict_MaybeUntrack(op);
    if (gc_tracked(op)) return false;
    next->prev = next_count;
    return true;
}

/* Walks `list`, restoring its links both ways: objects that are referred to from outside stay, with all they reach; the others
 * end up on `suspects`, GC_SUSPECT set in each next and in the list head's. Returns how many stay. */
static Py_ssize_t suspects_separate(GcHead *list, GcHead *suspects, int flags)
{
    Py_ssize_t kept = 0;
    GcHead *prev = list;
    GcHead *h = (GcHead *)list->next;
    suspects->next = (uintptr_t)suspects | GC_SUSPECT;
    for (; h != list; h = (GcHead *)prev->next) {
        prefetch_behind(h);
        if (h->prev >> GC_COUNT_SHIFT) {
            PyObject *op = gc_object(h);
            if (!(h->prev & GC_LEAF)) TRAVERSE(op, visit_rescue, list);
            else if (untrack_idle(h, prev, list, flags)) continue;
            h->prev = (h->prev & GC_FINALIZED) | (uintptr_t)prev;
            prev = h;
            kept++;
        } else {
            GcHead *after = (GcHead *)h->next, *last = gc_prev(suspects);
            prev->next = (uintptr_t)after;
            if (after == list) list->prev = (uintptr_t)prev;
            last->next = (uintptr_t)h | GC_SUSPECT;
            gc_set_prev(h, last);
            h->next = (uintptr_t)suspects | GC_SUSPECT;
            suspects->prev = (uintptr_t)h;
        }
    }
    list->prev = (uintptr_t)prev;
    return kept;
}

/* Splits `list`. Afterwards both lists are well linked, and GC_COLLECTING is set on the unreachable ones only. Returns how many
 * objects `list` keeps. `flags`: FIND_... */
static Py_ssize_t unreachable_find(GcHead *list, GcHead *unreachable, int flags)
{
    if (flags & FIND_WHOLE) {
        counts_subtract_whole(list);
    } else {
        counts_copy(list);
        counts_subtract(list);
    }
    gc_list_init(unreachable);
    Py_ssize_t kept = suspects_separate(list, unreachable, flags);
    GcHead *h = unreachable;
    do {
        h->next &= ~GC_SUSPECT;
        h->prev &= ~GC_LEAF;
        h = (GcHead *)h->next;
    } while (h != unreachable);
    return kept;
}

/* ---- legacy finalizers ---- */

static int visit_mark_legacy(PyObject *op, void *legacy)
{
    if (gc_is_container(op)) {
        GcHead *h = gc_head(op);
        if (h->prev & GC_COLLECTING) {
            h->prev &= ~GC_COLLECTING;
            list_move(h, legacy);
        }
    }
    return 0;
}

/* Moves objects with tp_del, and all that they reach, from `unreachable` to `legacy`. */
static void legacy_separate(GcHead *unreachable, GcHead *legacy)
{
    for (GcHead *h = (GcHead *)unreachable->next, *next; h != unreachable; h = next) {
        next = (GcHead *)h->next;
        if (Py_TYPE(gc_object(h))->tp_del) {
            h->prev &= ~GC_COLLECTING;
            list_move(h, legacy);
        }
    }
    for (GcHead *h = (GcHead *)legacy->next; h != legacy; h = (GcHead *)h->next) {
        PyObject *op = gc_object(h);
        Py_TYPE(op)->tp_traverse(op, visit_mark_legacy, legacy);
    }
}

/* Puts what cannot be collected on gc.garbage and gives it to the older generation. */
static void legacy_keep(GcHead *legacy, GcHead *old)
{
    struct GcState *gc = &memory_runtime.gc;
    if (!gc->garbage && !gc_list_is_empty(legacy)) {
        gc->garbage = PyList_New(0);
        if (!gc->garbage) Py_FatalError("gc couldn't create gc.garbage list");
    }
    for (GcHead *h = (GcHead *)legacy->next; h != legacy; h = (GcHead *)h->next) {
        PyObject *op = gc_object(h);
        if ((gc->debug & GC_DEBUG_SAVEALL) || Py_TYPE(op)->tp_del) {
            if (PyList_Append(gc->garbage, op) < 0) {
                PyErr_Clear();
                break;
            }
        }
    }
    gc_list_merge(legacy, old);
}

/* ---- weak references ---- */

static bool is_unreachable(PyObject *op)
{
    return gc_is_container(op) && (gc_head(op)->prev & GC_COLLECTING);
}

/* Clears every weak reference to an unreachable object; those with a callback that survive go to `to_call`, with a new reference. */
static void weakrefs_clear(GcHead *unreachable, GcHead *to_call)
{
    for (GcHead *h = (GcHead *)unreachable->next, *next; h != unreachable; h = next) {
        PyObject *op = gc_object(h);
        next = (GcHead *)h->next;
        /* A weak reference that is trash itself must never call back: its callback may see half-dead objects. */
        if (PyWeakref_Check(op)) _PyWeakref_ClearRef((PyWeakReference *)op);
        if (!PyType_SUPPORTS_WEAKREFS(Py_TYPE(op))) continue;
        PyWeakReference **list = (PyWeakReference **)PyObject_GET_WEAKREFS_LISTPTR(op);
        for (PyWeakReference *ref = *list; ref; ref = *list) {
            _PyWeakref_ClearRef(ref);
            if (!ref->wr_callback || is_unreachable((PyObject *)ref)) continue;
            Py_INCREF(ref);
            list_move(gc_head(ref), to_call);
        }
    }
}

static void weakrefs_call(GcHead *to_call, GcHead *old)
{
    while (!gc_list_is_empty(to_call)) {
        GcHead *h = (GcHead *)to_call->next;
        PyObject *op = gc_object(h);
        PyObject *callback = Py_NewRef(((PyWeakReference *)op)->wr_callback);
        PyObject *result = PyObject_CallOneArg(callback, op);
        if (result) Py_DECREF(result);
        else PyErr_WriteUnraisable(callback);
        Py_DECREF(callback);
        /* Unless this was the last reference to it, it goes on living. */
        Py_DECREF(op);
        if ((GcHead *)to_call->next == h) list_move(h, old);
    }
}

/* ---- the end of the unreachable ---- */

static void finalizers_run(GcHead *unreachable)
{
    GcHead done;
    gc_list_init(&done);
    while (!gc_list_is_empty(unreachable)) {
        GcHead *h = (GcHead *)unreachable->next;
        PyObject *op = gc_object(h);
        list_move(h, &done);
        destructor finalize = Py_TYPE(op)->tp_finalize;
        if (finalize && !gc_finalized(op)) {
            gc_set_finalized(op);
            Py_INCREF(op);
            finalize(op);
            CHECK(!PyErr_Occurred());
            Py_DECREF(op);
        }
    }
    gc_list_merge(&done, unreachable);
}

static void unreachable_clear(GcHead *unreachable, GcHead *old)
{
    struct GcState *gc = &memory_runtime.gc;
    while (!gc_list_is_empty(unreachable)) {
        GcHead *h = (GcHead *)unreachable->next;
        PyObject *op = gc_object(h);
        if (gc->debug & GC_DEBUG_SAVEALL) {
            if (PyList_Append(gc->garbage, op) < 0) PyErr_Clear();
        } else if (Py_TYPE(op)->tp_clear) {
            Py_INCREF(op);
            (void)Py_TYPE(op)->tp_clear(op);
            if (PyErr_Occurred()) _PyErr_WriteUnraisableMsg("in tp_clear of", (PyObject *)Py_TYPE(op));
            Py_DECREF(op);
        }
        if ((GcHead *)unreachable->next == h) {
            h->prev &= ~GC_COLLECTING;
            list_move(h, old);
        }
    }
}

/* ---- a collection ---- */

static void debug_object(const char *what, PyObject *op)
{
    PySys_FormatStderr("gc: %s <%s %p>\n", what, Py_TYPE(op)->tp_name, op);
}

static Py_ssize_t list_count_and_tell(GcHead *list, int flag, const char *what)
{
    Py_ssize_t n = 0;
    bool tell = memory_runtime.gc.debug & flag;
    for (GcHead *h = (GcHead *)list->next; h != list; h = (GcHead *)h->next, n++) {
        if (tell) debug_object(what, gc_object(h));
    }
    return n;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double debug_begin(int generation)
{
    struct GcState *gc = &memory_runtime.gc;
    char sizes[100];
    int length = 0;
    for (int i = 0; i < GC_GENERATIONS; i++) {
        length += PyOS_snprintf(sizes + length, sizeof sizes - (size_t)length, " %zd",
                                gc_list_size(&gc->generations[i].head));
    }
    PySys_WriteStderr("gc: collecting generation %d...\n", generation);
    PySys_FormatStderr("gc: objects in each generation:%s\ngc: objects in permanent generation: %zd\n", sizes,
                       gc_list_size(&gc->frozen.head));
    return now();
}

/* The `kept` survivors in `young` move to `old`; keeps the figures behind the long-lived quarter rule. */
static void survivors_promote(int generation, GcHead *young, GcHead *old, Py_ssize_t kept)
{
    struct GcState *gc = &memory_runtime.gc;
    if (generation >= GC_GENERATIONS - 2) gc->oldest_is_start = false;
    if (young != old) {
        if (generation == GC_GENERATIONS - 2) gc->long_lived_pending += kept;
        gc_list_merge(young, old);
    } else {
        gc->long_lived_pending = 0;
        gc->long_lived_total = kept;
    }
}

/* One collection. *collected and *uncollectable are set; their sum is the result. */
static Py_ssize_t collect(int generation, Py_ssize_t *collected, Py_ssize_t *uncollectable, bool no_fail)
{
    struct GcState *gc = &memory_runtime.gc;
    double start = 0;
    if (gc->debug & GC_DEBUG_STATS) start = debug_begin(generation);

    if (generation + 1 < GC_GENERATIONS) gc->generations[generation + 1].count++;
    for (int i = 0; i <= generation; i++) gc->generations[i].count = 0;
    GcHead *young = &gc->generations[generation].head;
    for (int i = 0; i < generation; i++) gc_list_merge(&gc->generations[i].head, young);
    GcHead *old = generation < GC_GENERATIONS - 1 ? &gc->generations[generation + 1].head : young;

    GcHead unreachable, legacy, to_call, still_unreachable;
    int flags = FIND_UNTRACK_TUPLES;
    if (young == old) flags |= FIND_UNTRACK_DICTS | (gc_list_is_empty(&gc->frozen.head) ? FIND_WHOLE : 0);
    Py_ssize_t kept = unreachable_find(young, &unreachable, flags);
    survivors_promote(generation, young, old, kept);

    gc_list_init(&legacy);
    if (!gc_list_is_empty(&unreachable)) legacy_separate(&unreachable, &legacy);
    if (gc->debug & GC_DEBUG_COLLECTABLE) list_count_and_tell(&unreachable, GC_DEBUG_COLLECTABLE, "collectable");

    Py_ssize_t m = 0;
    if (!gc_list_is_empty(&unreachable)) {
        gc_list_init(&to_call);
        weakrefs_clear(&unreachable, &to_call);
        weakrefs_call(&to_call, old);
        finalizers_run(&unreachable);
        /* Finalizers may have made anything reachable again, or new objects unreachable: look once more. */
        unreachable_find(&unreachable, &still_unreachable, 0);
        gc_list_merge(&unreachable, old);
        m = gc_list_size(&still_unreachable);
        unreachable_clear(&still_unreachable, old);
    }
    Py_ssize_t n = list_count_and_tell(&legacy, GC_DEBUG_UNCOLLECTABLE, "uncollectable");
    if (gc->debug & GC_DEBUG_STATS) {
        char seconds[40];
        PyOS_snprintf(seconds, sizeof seconds, "%.4f", now() - start);
        PySys_WriteStderr("gc: done, %zd unreachable, %zd uncollectable, %ss elapsed\n", n + m, n, seconds);
    }
    legacy_keep(&legacy, old);

    if (PyErr_Occurred()) {
        if (no_fail) PyErr_Clear();
        else _PyErr_WriteUnraisableMsg("in garbage collection", NULL);
    }
    struct GcStats *stats = &gc->stats[generation];
    stats->collections++;
    stats->collected += m;
    stats->uncollectable += n;
    *collected = m;
    *uncollectable = n;
    return m + n;
}

static void callbacks_call(const char *phase, int generation, Py_ssize_t collected, Py_ssize_t uncollectable)
{
    PyObject *callbacks = memory_runtime.gc.callbacks;
    if (!callbacks || PyList_GET_SIZE(callbacks) == 0) return;
    PyObject *info = Py_BuildValue("{sisnsn}", "generation", generation, "collected", collected, "uncollectable",
                                   uncollectable);
    PyObject *phase_text = PyUnicode_FromString(phase);
    if (!info || !phase_text) {
        PyErr_WriteUnraisable(NULL);
    } else {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(callbacks); i++) {
            PyObject *callback = Py_NewRef(PyList_GET_ITEM(callbacks, i));
            PyObject *result = PyObject_CallFunctionObjArgs(callback, phase_text, info, NULL);
            if (result) Py_DECREF(result);
            else PyErr_WriteUnraisable(callback);
            Py_DECREF(callback);
        }
    }
    Py_XDECREF(info);
    Py_XDECREF(phase_text);
}

static Py_ssize_t collect_and_tell(int generation, bool callbacks)
{
    struct GcState *gc = &memory_runtime.gc;
    if (gc->collecting) return 0;
    Py_ssize_t collected, uncollectable;
    PyObject *type, *value, *traceback;
    gc->collecting = true;
    PyErr_Fetch(&type, &value, &traceback);
    if (callbacks) callbacks_call("start", generation, 0, 0);
    Py_ssize_t found = collect(generation, &collected, &uncollectable, !callbacks);
    if (callbacks) callbacks_call("stop", generation, collected, uncollectable);
    PyErr_Restore(type, value, traceback);
    gc->collecting = false;
    return found;
}

/* Somebody wants memory back: free large blocks and pools do not wait for reuse any longer, as they do when a threshold is passed. */
Py_ssize_t gc_collect(int generation, bool callbacks)
{
    Py_ssize_t found = collect_and_tell(generation, callbacks);
    if (generation == GC_GENERATIONS - 1) {
        memory_large_trim();
        memory_pools_trim();
    }
    return found;
}

/* The oldest generation whose threshold is passed is collected. A full collection waits until the objects that have survived a
 * middle one since the last full one are a quarter of those that survived that: so the total work stays linear. */
NEVER_INLINE void gc_collect_young(void)
{
    struct GcState *gc = &memory_runtime.gc;
    if (!gc->enabled || gc->collecting || gc->generations[0].threshold == 0 || PyErr_Occurred()) return;
    if (gc->starting && !memory_runtime.gc_stress) {
        gc->made_by_start += gc->generations[0].count;
        gc->generations[0].count = 0;
        return;
    }
    if (memory_runtime.gc_stress) {
        /* Each time; but all of the heap only now and then, the more seldom the larger it is, or nothing would ever finish. */
        collect_and_tell(gc->generations[1].count >= Py_MAX(64, gc->long_lived_total / 64) ? GC_GENERATIONS - 1 : 0, true);
        return;
    }
    for (int i = GC_GENERATIONS - 1; i >= 0; i--) {
        if (gc->generations[i].count <= gc_limit(&gc->generations[i])) continue;
        if (i == GC_GENERATIONS - 1 && gc->long_lived_pending < gc->long_lived_total / 4) continue;
        collect_and_tell(i, true);
        return;
    }
}

Py_ssize_t PyGC_Collect(void)
{
    return memory_runtime.gc.enabled ? gc_collect(GC_GENERATIONS - 1, true) : 0;
}

Py_ssize_t gc_collect_if_enabled(void)
{
    struct GcState *gc = &memory_runtime.gc;
    if (!gc->enabled) return 0;
    return gc_collect(gc->oldest_is_start && !gc->debug ? GC_GENERATIONS - 2 : GC_GENERATIONS - 1, true);
}

void gc_start_begin(void)
{
    memory_runtime.gc.starting = true;
    memory_runtime.gc.made_by_start = 0;
}

void gc_start_end(void)
{
    struct GcState *gc = &memory_runtime.gc;
    gc->starting = false;
    gc->oldest_is_start = gc_list_is_empty(&gc->generations[GC_GENERATIONS - 1].head);
    gc->long_lived_total = gc->made_by_start + gc->generations[0].count;
    for (int i = 0; i < GC_GENERATIONS - 1; i++) {
        gc_list_merge(&gc->generations[i].head, &gc->generations[GC_GENERATIONS - 1].head);
        gc->generations[i].count = 0;
    }
}

Py_ssize_t gc_collect_no_fail(void)
{
    return gc_collect(GC_GENERATIONS - 1, false);
}

int PyGC_Enable(void)
{
    int was = memory_runtime.gc.enabled;
    memory_runtime.gc.enabled = true;
    return was;
}

int PyGC_Disable(void)
{
    int was = memory_runtime.gc.enabled;
    memory_runtime.gc.enabled = false;
    return was;
}

int PyGC_IsEnabled(void)
{
    return memory_runtime.gc.enabled;
}
