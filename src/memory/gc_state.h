/* State of the cycle collector; see memory/gc.h for what it means. */
#ifndef KRAIT_MEMORY_GC_STATE_H
#define KRAIT_MEMORY_GC_STATE_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

/* Stands before each object whose type has Py_TPFLAGS_HAVE_GC: 16 bytes. */
typedef struct GcHead {
    uintptr_t next;     /* GcHead *, or 0: not tracked. During a collection its low bit marks "unreachable so far" */
    uintptr_t prev;     /* GcHead * and flags; during a collection, reference count and flags */
} GcHead;
static_assert(sizeof(GcHead) == 16, "PyGC_Head is 16 bytes");

#define GC_GENERATIONS 3

struct GcGeneration {
    GcHead head;        /* of the circular list of its objects */
    int threshold;      /* collect when count goes above it; 0: never */
    int count;          /* [0]: allocations less deallocations; others: collections of the next younger one */
};

struct GcStats {
    Py_ssize_t collections, collected, uncollectable;
};

struct GcState {
    struct GcGeneration generations[GC_GENERATIONS];
    struct GcGeneration frozen;         /* gc.freeze() puts all objects here */
    struct GcStats stats[GC_GENERATIONS];
    bool enabled;
    bool collecting;
    bool starting;                      /* the interpreter starts: no collection by itself */
    Py_ssize_t made_by_start;           /* what generations[0].count has come to before it began again, while it starts */
    bool oldest_is_start;               /* the oldest generation holds what the start left and nothing more */
    int debug;                          /* GC_DEBUG_ flags */
    PyObject *garbage;                  /* owned list: gc.garbage */
    PyObject *callbacks;                /* owned list: gc.callbacks */
    Py_ssize_t long_lived_total;        /* survivors of the last full collection */
    Py_ssize_t long_lived_pending;      /* survivors of middle collections since then */
};

#endif
