/* tracemalloc: which Python lines allocated the memory that is in use.
 *
 * While tracing, the three allocator domains are wrapped; each block that passes is remembered with its size and the traceback of
 * the running frames. What holds:
 *  - A Trace is found by (domain, address). Domain 0 is Python's own; others belong to who calls PyTraceMalloc_Track.
 *  - Equal tracebacks are stored once and live until tracing ends or the traces are cleared; they own their file names.
 *  - The tables are guarded by a lock of their own, since blocks of the raw domain go without the GIL. A traceback is taken with
 *    the GIL held, before the lock; the lock is never held while objects may die.
 *  - A thread that is inside tracemalloc is not traced (`busy`), so the tables' own memory, which is the C library's, is never
 *    counted, and taking a traceback may allocate.
 */
#ifndef KRAIT_MEMORY_TRACEMALLOC_H
#define KRAIT_MEMORY_TRACEMALLOC_H

#include <Python.h>
#include <internal/krait_exports.h>
#include <stdbool.h>

enum { TRACEMALLOC_MAX_FRAMES = UINT16_MAX };

typedef struct {
    PyObject *file;             /* a str; or NULL: unknown */
    unsigned int line;
} TraceFrame;

typedef struct {
    Py_uhash_t hash;
    uint16_t count;             /* frames below, innermost first; at least 1 */
    uint16_t total;             /* frames that there were */
    TraceFrame frames[];        /* file names owned */
} Traceback;

typedef struct {
    size_t size;
    const Traceback *traceback;
} Trace;

struct TracemallocRuntime {
    /* Writes up to `limit` of the running thread's frames, innermost first, file names borrowed, and returns how many there are in
     * all. Allocates nothing. Installed by vm/. */
    size_t (*walk)(TraceFrame *frames, size_t limit);
    size_t traced, peak;        /* bytes */
};
extern struct TracemallocRuntime tracemalloc_runtime;

/* Starts tracing with tracebacks of at most max_frames; does nothing if it is on already. -1 with an exception set. */
int tracemalloc_start(int max_frames);

/* Ends tracing and forgets all. */
void tracemalloc_stop(void);

void tracemalloc_clear(void);
void tracemalloc_reset_peak(void);

/* Bytes that the tables take. */
size_t tracemalloc_overhead(void);

/* The trace of a block; its traceback is borrowed from the table. False if there is none. */
bool tracemalloc_find(unsigned int domain, uintptr_t address, Trace *trace);

/* A copy of all traces, for the caller to give back with tracemalloc_free_traces. NULL without an exception when memory is out. */
typedef struct {
    unsigned int domain;
    Trace trace;
} TraceRecord;
TraceRecord *tracemalloc_copy_traces(size_t *count);
void tracemalloc_free_traces(TraceRecord *records);

/* An object's memory is used anew, for another object, without passing the allocator: it gets the traceback of now. */
void tracemalloc_new_reference(PyObject *op);

/* Where the memory of an object was allocated, for a person who looks into a crash. */
void tracemalloc_dump(int fd, const void *address);

/* In a forked child: nobody else holds the lock. */
void tracemalloc_after_fork(void);

#endif
