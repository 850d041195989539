/* tracemalloc's tables, and the hooks that fill them. */
#include "memory/tracemalloc.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "memory/gc.h"
#include "memory/memory.h"

struct TracemallocRuntime tracemalloc_runtime;
struct _PyTraceMalloc_Config _Py_tracemalloc_config = {.max_nframe = 1};

/* ---- Traces by address: open addressing, linear probing ------------------------------------------------------- */

typedef struct {
    uintptr_t key;              /* 0: free; the block at address 0 is not traced */
    Trace trace;
} TraceSlot;

typedef struct {
    TraceSlot *slots;
    size_t used, mask;          /* mask + 1 slots, a power of two; at most three quarters used */
} TraceTable;

typedef struct {
    unsigned int domain;
    TraceTable table;
} TraceDomain;

static struct {
    pthread_mutex_t lock;
    TraceDomain *domains;       /* domains[0] is domain 0 */
    size_t domain_count;
    _Py_hashtable_t *tracebacks;    /* a set of Traceback *, by content */
    size_t traceback_bytes;
    TraceFrame *buffer;         /* max_nframe frames; guarded by the GIL */
    PyMemAllocatorEx inner[MEMORY_DOMAINS];
} tables = {.lock = PTHREAD_MUTEX_INITIALIZER};

static _Thread_local bool busy;

static void lock(void) { pthread_mutex_lock(&tables.lock); }
static void unlock(void) { pthread_mutex_unlock(&tables.lock); }
void tracemalloc_after_fork(void) { pthread_mutex_init(&tables.lock, NULL); }

static size_t slot_home(uintptr_t key, size_t mask) { return (size_t)((key >> 4) * 0x9e3779b97f4a7c15u >> 20) & mask; }

/* Where the key is, or would be put. The table has slots. */
static TraceSlot *table_slot(const TraceTable *t, uintptr_t key)
{
    size_t i = slot_home(key, t->mask);
    while (t->slots[i].key && t->slots[i].key != key) i = (i + 1) & t->mask;
    return &t->slots[i];
}

static int table_grow(TraceTable *t)
{
    size_t old_count = t->slots ? t->mask + 1 : 0, count = old_count ? old_count * 2 : 256;
    TraceTable bigger = {calloc(count, sizeof(TraceSlot)), t->used, count - 1};
    if (!bigger.slots) return -1;
    for (size_t i = 0; i < old_count; i++) {
        if (t->slots[i].key) *table_slot(&bigger, t->slots[i].key) = t->slots[i];
    }
    free(t->slots);
    *t = bigger;
    return 0;
}

static Trace *table_find(const TraceTable *t, uintptr_t key)
{
    TraceSlot *slot = t->slots ? table_slot(t, key) : NULL;
    return slot && slot->key ? &slot->trace : NULL;
}

/* Takes the slot out and closes the gap, so that no search ends too early. */
static void table_remove(TraceTable *t, Trace *trace)
{
    size_t gap = (size_t)((TraceSlot *)((char *)trace - offsetof(TraceSlot, trace)) - t->slots);
    t->used--;
    for (size_t i = (gap + 1) & t->mask; t->slots[i].key; i = (i + 1) & t->mask) {
        size_t distance = (i - slot_home(t->slots[i].key, t->mask)) & t->mask;
        if (distance < ((i - gap) & t->mask)) continue;
        t->slots[gap] = t->slots[i];
        gap = i;
    }
    t->slots[gap].key = 0;
}

/* ---- Domains. All with the lock held -------------------------------------------------------------------------- */

static TraceTable *find_domain(unsigned int domain)
{
    for (size_t i = 0; i < tables.domain_count; i++) {
        if (tables.domains[i].domain == domain) return &tables.domains[i].table;
    }
    return NULL;
}

static TraceTable *add_domain(unsigned int domain)
{
    TraceDomain *domains = realloc(tables.domains, (tables.domain_count + 1) * sizeof(TraceDomain));
    if (!domains) return NULL;
    tables.domains = domains;
    domains[tables.domain_count] = (TraceDomain){domain, {NULL, 0, 0}};
    return &domains[tables.domain_count++].table;
}

static void remove_trace(unsigned int domain, uintptr_t address)
{
    TraceTable *table = find_domain(domain);
    Trace *trace = table ? table_find(table, address) : NULL;
    if (!trace) return;
    tracemalloc_runtime.traced -= trace->size;
    table_remove(table, trace);
}

/* The block's trace, made or overwritten. -1: no memory. */
static int set_trace(unsigned int domain, uintptr_t address, size_t size, const Traceback *traceback)
{
    TraceTable *table = find_domain(domain);
    if (!table && !(table = add_domain(domain))) return -1;
    if ((!table->slots || table->used >= table->mask / 4 * 3) && table_grow(table) < 0) return -1;
    TraceSlot *slot = table_slot(table, address);
    if (slot->key) tracemalloc_runtime.traced -= slot->trace.size;
    else table->used++;
    *slot = (TraceSlot){address, {size, traceback}};
    struct TracemallocRuntime *t = &tracemalloc_runtime;
    t->traced += size;
    if (t->traced > t->peak) t->peak = t->traced;
    return 0;
}

/* ---- Tracebacks. All with the GIL held ------------------------------------------------------------------------ */

static Py_uhash_t traceback_hash(const void *key) { return ((const Traceback *)key)->hash; }

static int traceback_equal(const void *first, const void *second)
{
    const Traceback *a = first, *b = second;
    if (a->hash != b->hash || a->count != b->count || a->total != b->total) return 0;
    for (int i = 0; i < a->count; i++) {
        const TraceFrame *f = &a->frames[i], *g = &b->frames[i];
        if (f->line != g->line) return 0;
        if (f->file != g->file && (!f->file || !g->file || !_PyUnicode_EQ(f->file, g->file))) return 0;
    }
    return 1;
}

static void traceback_free(void *key)
{
    Traceback *traceback = key;
    for (int i = 0; i < traceback->count; i++) Py_XDECREF(traceback->frames[i].file);
    free(traceback);
}

static size_t traceback_size(size_t count) { return sizeof(Traceback) + count * sizeof(TraceFrame); }

static Py_uhash_t hash_frames(const TraceFrame *frames, size_t count, size_t total)
{
    Py_uhash_t hash = total;
    for (size_t i = 0; i < count; i++) {
        hash = (hash ^ frames[i].line) * 0x9e3779b97f4a7c15u;
        hash = (hash ^ (frames[i].file ? (Py_uhash_t)PyObject_Hash(frames[i].file) : 0)) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    return hash;
}

/* The traceback of now, from the set. NULL: no memory. */
static const Traceback *current_traceback(void)
{
    size_t limit = (size_t)_Py_tracemalloc_config.max_nframe, total = tracemalloc_runtime.walk(tables.buffer, limit);
    if (total == 0) {
        tables.buffer[0] = (TraceFrame){NULL, 0};
        total = 1;
    }
    size_t count = total < limit ? total : limit;
    if (total > UINT16_MAX) total = UINT16_MAX;
    Traceback *fresh = malloc(traceback_size(count));
    if (!fresh) return NULL;
    *fresh = (Traceback){hash_frames(tables.buffer, count, total), (uint16_t)count, (uint16_t)total};
    memcpy(fresh->frames, tables.buffer, count * sizeof(TraceFrame));
    const Traceback *known = _Py_hashtable_get(tables.tracebacks, fresh);
    if (known) {
        free(fresh);
        return known;
    }
    for (size_t i = 0; i < count; i++) Py_XINCREF(fresh->frames[i].file);
    if (_Py_hashtable_set(tables.tracebacks, fresh, fresh) < 0) {
        traceback_free(fresh);
        return NULL;
    }
    tables.traceback_bytes += traceback_size(count);
    return fresh;
}

/* Remembers a block, with the GIL held. -1: no memory. */
static int add_trace(unsigned int domain, uintptr_t address, size_t size)
{
    const Traceback *traceback = current_traceback();
    if (!traceback) return -1;
    lock();
    int result = set_trace(domain, address, size, traceback);
    unlock();
    return result;
}

/* ---- The allocator hooks -------------------------------------------------------------------------------------- */

static bool is_raw(const PyMemAllocatorEx *inner) { return inner == &tables.inner[MEMORY_RAW]; }

/* Remembers a block of Python's own. The raw domain may be called without the GIL, which a traceback needs; a thread that holds it may
 * do so for a sub-interpreter, of which PyGILState_Ensure knows nothing. */
static int trace_block(const PyMemAllocatorEx *inner, void *block, size_t size)
{
    busy = true;
    bool take = is_raw(inner) && !_PyThreadState_UncheckedGet();
    PyGILState_STATE gil = take ? PyGILState_Ensure() : PyGILState_LOCKED;
    int result = _Py_tracemalloc_config.tracing ? add_trace(0, (uintptr_t)block, size) : 0;
    if (take) PyGILState_Release(gil);
    busy = false;
    return result;
}

static void forget_block(void *block)
{
    if (!block) return;
    lock();
    remove_trace(0, (uintptr_t)block);
    unlock();
}

static void *traced_allocation(PyMemAllocatorEx *inner, void *block, size_t size)
{
    if (!block || busy || trace_block(inner, block, size) == 0) return block;
    inner->free(inner->ctx, block);
    return NULL;
}

static void *trace_malloc(void *ctx, size_t size)
{
    PyMemAllocatorEx *inner = ctx;
    return traced_allocation(inner, inner->malloc(inner->ctx, size), size);
}

static void *trace_calloc(void *ctx, size_t n, size_t size)
{
    PyMemAllocatorEx *inner = ctx;
    return traced_allocation(inner, inner->calloc(inner->ctx, n, size), n * size);
}

static void *trace_realloc(void *ctx, void *block, size_t size)
{
    PyMemAllocatorEx *inner = ctx;
    void *moved = inner->realloc(inner->ctx, block, size);
    if (!moved) return NULL;
    if (moved != block || busy) forget_block(block);
    /* The old block is gone, so there is no going back: a block that cannot be remembered is only not traced. */
    if (!busy && trace_block(inner, moved, size) < 0) forget_block(moved);
    return moved;
}

static void trace_free(void *ctx, void *block)
{
    PyMemAllocatorEx *inner = ctx;
    forget_block(block);
    inner->free(inner->ctx, block);
}

/* ---- Start, stop, clear --------------------------------------------------------------------------------------- */

int tracemalloc_start(int max_frames)
{
    if (max_frames < 1 || max_frames > TRACEMALLOC_MAX_FRAMES) {
        PyErr_Format(PyExc_ValueError, "the number of frames must be in range [1; %i]", TRACEMALLOC_MAX_FRAMES);
        return -1;
    }
    struct _PyTraceMalloc_Config *config = &_Py_tracemalloc_config;
    if (config->tracing) return 0;
    if (!tables.tracebacks) {
        _Py_hashtable_allocator_t memory = {malloc, free};
        tables.tracebacks = _Py_hashtable_new_full(traceback_hash, traceback_equal, traceback_free, NULL, &memory);
    }
    tables.buffer = malloc((size_t)max_frames * sizeof(TraceFrame));
    if (!tables.tracebacks || !tables.buffer || (!tables.domain_count && !add_domain(0))) {
        free(tables.buffer);
        tables.buffer = NULL;
        PyErr_NoMemory();
        return -1;
    }
    config->initialized = TRACEMALLOC_INITIALIZED;
    config->max_nframe = max_frames;
    config->tracing = 1;
    for (int i = 0; i < MEMORY_DOMAINS; i++) {
        tables.inner[i] = memory_runtime.allocators[i];
        memory_runtime.allocators[i] =
            (PyMemAllocatorEx){&tables.inner[i], trace_malloc, trace_calloc, trace_realloc, trace_free};
    }
    memory_update_direct();
    return 0;
}

/* Hooks that were put over ours while tracing are lost with it, as PyMem_SetAllocator's users must take ours off in order. */
void tracemalloc_stop(void)
{
    if (!_Py_tracemalloc_config.tracing) return;
    _Py_tracemalloc_config.tracing = 0;
    for (int i = 0; i < MEMORY_DOMAINS; i++) memory_runtime.allocators[i] = tables.inner[i];
    memory_update_direct();
    tracemalloc_clear();
    free(tables.buffer);
    tables.buffer = NULL;
}

void tracemalloc_clear(void)
{
    if (!tables.tracebacks) return;
    lock();
    for (size_t i = 0; i < tables.domain_count; i++) free(tables.domains[i].table.slots);
    tables.domain_count = 1;
    tables.domains[0] = (TraceDomain){0, {NULL, 0, 0}};
    tracemalloc_runtime.traced = tracemalloc_runtime.peak = 0;
    unlock();
    bool was_busy = busy;
    busy = true;
    _Py_hashtable_clear(tables.tracebacks);
    tables.traceback_bytes = 0;
    busy = was_busy;
}

void tracemalloc_reset_peak(void)
{
    lock();
    tracemalloc_runtime.peak = tracemalloc_runtime.traced;
    unlock();
}

/* ---- Looking -------------------------------------------------------------------------------------------------- */

size_t tracemalloc_overhead(void)
{
    if (!tables.tracebacks) return 0;
    enum { ENTRY_WORDS = 6 };   /* an entry of the set, and its share of the buckets */
    lock();
    size_t size = tables.traceback_bytes + _Py_hashtable_size(tables.tracebacks) * ENTRY_WORDS * sizeof(void *);
    for (size_t i = 0; i < tables.domain_count; i++) {
        const TraceTable *t = &tables.domains[i].table;
        size += sizeof(TraceDomain) + (t->slots ? (t->mask + 1) * sizeof(TraceSlot) : 0);
    }
    unlock();
    return size;
}

bool tracemalloc_find(unsigned int domain, uintptr_t address, Trace *trace)
{
    if (!_Py_tracemalloc_config.tracing || !address) return false;
    lock();
    TraceTable *table = find_domain(domain);
    const Trace *found = table ? table_find(table, address) : NULL;
    if (found) *trace = *found;
    unlock();
    return found != NULL;
}

TraceRecord *tracemalloc_copy_traces(size_t *count)
{
    bool was_busy = busy;
    busy = true;
    lock();
    size_t n = 0;
    for (size_t i = 0; i < tables.domain_count; i++) n += tables.domains[i].table.used;
    TraceRecord *records = malloc((n ? n : 1) * sizeof(TraceRecord)), *next = records;
    for (size_t i = 0; records && i < tables.domain_count; i++) {
        const TraceTable *t = &tables.domains[i].table;
        for (size_t j = 0; t->slots && j <= t->mask; j++) {
            if (t->slots[j].key) *next++ = (TraceRecord){tables.domains[i].domain, t->slots[j].trace};
        }
    }
    unlock();
    busy = was_busy;
    *count = n;
    return records;
}

void tracemalloc_free_traces(TraceRecord *records) { free(records); }

void tracemalloc_new_reference(PyObject *op)
{
    uintptr_t address = (uintptr_t)op - gc_header_size(Py_TYPE(op));
    Trace trace;
    if (busy || !tracemalloc_find(0, address, &trace)) return;
    busy = true;
    add_trace(0, address, trace.size);      /* overwrites; without memory the old one stays */
    busy = false;
}

void tracemalloc_dump(int fd, const void *address)
{
    Trace trace;
#define SAY(text) _Py_write_noraise(fd, text, strlen(text))
    if (!_Py_tracemalloc_config.tracing) {
        SAY("Enable tracemalloc to get the memory block allocation traceback\n\n");
        return;
    }
    if (!tracemalloc_find(0, (uintptr_t)address, &trace)) return;
    SAY("Memory block allocated at (most recent call first):\n");
    for (int i = 0; i < trace.traceback->count; i++) {
        const TraceFrame *frame = &trace.traceback->frames[i];
        SAY("  File \"");
        if (frame->file) _Py_DumpASCII(fd, frame->file);
        else SAY("<unknown>");
        SAY("\", line ");
        _Py_DumpDecimal(fd, frame->line);
        SAY("\n");
    }
    SAY("\n");
#undef SAY
}

/* ---- For those who allocate by themselves --------------------------------------------------------------------- */

/* Remembers a block of a domain; one that is known already is overwritten. Needs no GIL. 0, -1 without memory, -2 when tracemalloc
 * is off. */
int PyTraceMalloc_Track(unsigned int domain, uintptr_t address, size_t size)
{
    if (!_Py_tracemalloc_config.tracing) return -2;
    bool take = !_PyThreadState_UncheckedGet();
    PyGILState_STATE gil = take ? PyGILState_Ensure() : PyGILState_LOCKED;
    bool was_busy = busy;
    busy = true;
    int result = !_Py_tracemalloc_config.tracing ? -2 : address ? add_trace(domain, address, size) : 0;
    busy = was_busy;
    if (take) PyGILState_Release(gil);
    return result;
}

/* Forgets a block; one that is not known is no error. 0, or -2 when tracemalloc is off. */
int PyTraceMalloc_Untrack(unsigned int domain, uintptr_t address)
{
    if (!_Py_tracemalloc_config.tracing) return -2;
    lock();
    remove_trace(domain, address);
    unlock();
    return 0;
}
