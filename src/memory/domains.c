/* The three allocator domains of the C API, their hooks, and the switches that make allocations fail. */
#include "memory/memory.h"

#include <internal/krait_exports.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/config.h"
#include "memory/debug_allocator.h"
#include "memory/gc.h"

struct MemoryRuntime memory_runtime;

static void *c_malloc(void *ctx, size_t size)
{
    (void)ctx;
    return malloc(size ? size : 1);
}

static void *c_calloc(void *ctx, size_t n, size_t size)
{
    (void)ctx;
    return n && size ? calloc(n, size) : calloc(1, 1);
}

static void *c_realloc(void *ctx, void *p, size_t size)
{
    (void)ctx;
    return realloc(p, size ? size : 1);
}

static void c_free(void *ctx, void *p)
{
    (void)ctx;
    free(p);
}

const PyMemAllocatorEx memory_malloc_allocator = {NULL, c_malloc, c_calloc, c_realloc, c_free};

static bool is_pools(const PyMemAllocatorEx *allocator)
{
    return allocator->malloc == memory_pool_allocator.malloc && allocator->calloc == memory_pool_allocator.calloc
           && allocator->realloc == memory_pool_allocator.realloc && allocator->free == memory_pool_allocator.free;
}

static bool is_malloc(const PyMemAllocatorEx *allocator)
{
    return allocator->malloc == c_malloc && allocator->calloc == c_calloc && allocator->realloc == c_realloc
           && allocator->free == c_free;
}

void memory_update_direct(void)
{
    struct MemoryRuntime *m = &memory_runtime;
    m->direct = !KRAIT_ASAN && is_pools(&m->allocators[MEMORY_OBJECT]) && is_pools(&m->allocators[MEMORY_MEM])
                && m->fail_countdown == 0;
    m->cells_kept = m->direct && !KRAIT_HOSTILE ? CELLS_KEPT : 0;   /* whoever watches allocations is to see them all */
}

/* Blocks between the pools' and the large ones are the C library's. As it comes, it gives the end of its heap back whenever 128 kB
 * are free there, and has a mapping for each block of 128 kB until the first is freed; then its limits rise to suit what was freed.
 * For who makes and drops such blocks in turn, pages cost more than all else. So the first is freed here: the limits are 2 and 4 MB,
 * and rise further with what is freed, as numpy's arrays want it; mallopt() would have them stay. */
static void malloc_raise_limits(void)
{
    void *volatile first = malloc(2 * 1024 * 1024);
    free(first);
}

__attribute__((constructor)) void memory_init(void)
{
    struct MemoryRuntime *m = &memory_runtime;
    if (m->allocators[MEMORY_RAW].malloc) return;
    malloc_raise_limits();
    memory_populate_start();
    memory_pools_init();
    m->allocators[MEMORY_RAW] = memory_malloc_allocator;
    m->allocators[MEMORY_MEM] = memory_pool_allocator;
    m->allocators[MEMORY_OBJECT] = memory_pool_allocator;
    memory_update_direct();
    gc_init_state();
}

void memory_fail_nth(int64_t n, bool forever)
{
    memory_runtime.fail_countdown = n;
    memory_runtime.fail_forever = forever;
    memory_update_direct();
}

void memory_set_gc_stress(bool on)
{
    memory_runtime.gc_stress = on;
    memory_runtime.gc.generations[0].threshold = on ? -1 : 700;     /* every count is above -1 */
}

/* Is this the allocation that has to fail? fail_countdown: n > 0 counts down; -1: all fail. */
static COLD bool fault_is_due(void)
{
    struct MemoryRuntime *m = &memory_runtime;
    if (m->fail_countdown < 0) return true;
    if (--m->fail_countdown > 0) return false;
    if (m->fail_forever) m->fail_countdown = -1;
    else memory_update_direct();
    return true;
}

/* Refuses sizes that no Py_ssize_t can tell, and injects the faults. */
static inline bool refused(size_t size)
{
    if (UNLIKELY(size > (size_t)PY_SSIZE_T_MAX)) return true;
    return UNLIKELY(memory_runtime.fail_countdown != 0) && fault_is_due();
}

/* ---- object domain ---- */

void *memory_object_malloc_slow(size_t size)
{
    if (refused(size)) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_OBJECT];
    return a->malloc(a->ctx, size);
}

void memory_object_free_slow(void *p)
{
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_OBJECT];
    a->free(a->ctx, p);
}

void *PyObject_Malloc(size_t size)
{
    return memory_alloc(size);
}

void *PyObject_Calloc(size_t n, size_t size)
{
    if (UNLIKELY(size && n > (size_t)PY_SSIZE_T_MAX / size) || refused(n * size)) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_OBJECT];
    return a->calloc(a->ctx, n, size);
}

void *PyObject_Realloc(void *p, size_t size)
{
    if (refused(size)) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_OBJECT];
    return a->realloc(a->ctx, p, size);
}

void PyObject_Free(void *p)
{
    memory_free(p);
}

/* ---- mem domain ---- */

void *PyMem_Malloc(size_t size)
{
    if (LIKELY(memory_runtime.direct && size - 1 < SMALL_MAX)) return memory_pool_alloc(size);
    if (refused(size)) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_MEM];
    return a->malloc(a->ctx, size);
}

void *PyMem_Calloc(size_t n, size_t size)
{
    if (UNLIKELY(size && n > (size_t)PY_SSIZE_T_MAX / size) || refused(n * size)) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_MEM];
    return a->calloc(a->ctx, n, size);
}

void *PyMem_Realloc(void *p, size_t size)
{
    if (refused(size)) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_MEM];
    return a->realloc(a->ctx, p, size);
}

void PyMem_Free(void *p)
{
    if (LIKELY(memory_runtime.direct)) {
        if (!p) return;     /* extensions free what they may not have */
        if (LIKELY(memory_arena_of(p))) {
            memory_pool_free(p);
            return;
        }
    }
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_MEM];
    a->free(a->ctx, p);
}

/* ---- raw domain: no GIL needed ---- */

void *PyMem_RawMalloc(size_t size)
{
    if (size > (size_t)PY_SSIZE_T_MAX) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_RAW];
    return a->malloc(a->ctx, size);
}

void *PyMem_RawCalloc(size_t n, size_t size)
{
    if (size && n > (size_t)PY_SSIZE_T_MAX / size) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_RAW];
    return a->calloc(a->ctx, n, size);
}

void *PyMem_RawRealloc(void *p, size_t size)
{
    if (size > (size_t)PY_SSIZE_T_MAX) return NULL;
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_RAW];
    return a->realloc(a->ctx, p, size);
}

void PyMem_RawFree(void *p)
{
    PyMemAllocatorEx *a = &memory_runtime.allocators[MEMORY_RAW];
    a->free(a->ctx, p);
}

/* ---- copies of strings: owned by the caller, NULL without an exception ---- */

char *_PyMem_RawStrdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = PyMem_RawMalloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

char *_PyMem_Strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = PyMem_Malloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

wchar_t *_PyMem_RawWcsdup(const wchar_t *text)
{
    size_t size = (wcslen(text) + 1) * sizeof(wchar_t);
    wchar_t *copy = PyMem_RawMalloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

/* ---- hooks ---- */

static PyMemAllocatorEx *domain_allocator(PyMemAllocatorDomain domain)
{
    switch (domain) {
    case PYMEM_DOMAIN_RAW: return &memory_runtime.allocators[MEMORY_RAW];
    case PYMEM_DOMAIN_MEM: return &memory_runtime.allocators[MEMORY_MEM];
    case PYMEM_DOMAIN_OBJ: return &memory_runtime.allocators[MEMORY_OBJECT];
    default: return NULL;
    }
}

void PyMem_GetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    PyMemAllocatorEx *current = domain_allocator(domain);
    *allocator = current ? *current : (PyMemAllocatorEx){0};
}

void PyMem_SetAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *allocator)
{
    PyMemAllocatorEx *current = domain_allocator(domain);
    if (current) *current = *allocator;
    memory_update_direct();
}

void PyMem_SetupDebugHooks(void)
{
    debug_allocator_install(MEMORY_RAW);
    debug_allocator_install(MEMORY_MEM);
    debug_allocator_install(MEMORY_OBJECT);
    memory_update_direct();
}

/* Puts the default allocator of `domain` in place; what was there goes to *old when that is given. */
int _PyMem_SetDefaultAllocator(PyMemAllocatorDomain domain, PyMemAllocatorEx *old)
{
    PyMemAllocatorEx *current = domain_allocator(domain);
    if (!current) return -1;
    if (old) *old = *current;
    *current = domain == PYMEM_DOMAIN_RAW ? memory_malloc_allocator : memory_pool_allocator;
    memory_update_direct();
    return 0;
}

static const struct {
    const char *text;
    PyMemAllocatorName name;
} allocator_names[] = {
    {"default", PYMEM_ALLOCATOR_DEFAULT},
    {"debug", PYMEM_ALLOCATOR_DEBUG},
    {"malloc", PYMEM_ALLOCATOR_MALLOC},
    {"malloc_debug", PYMEM_ALLOCATOR_MALLOC_DEBUG},
    {"pymalloc", PYMEM_ALLOCATOR_PYMALLOC},
    {"pymalloc_debug", PYMEM_ALLOCATOR_PYMALLOC_DEBUG},
};

/* Reads a value of PYTHONMALLOC. -1: no such name. An empty text is the default. */
int _PyMem_GetAllocatorName(const char *text, PyMemAllocatorName *name)
{
    if (!text || !*text) {
        *name = PYMEM_ALLOCATOR_DEFAULT;
        return 0;
    }
    for (size_t i = 0; i < sizeof allocator_names / sizeof allocator_names[0]; i++) {
        if (strcmp(text, allocator_names[i].text) == 0) {
            *name = allocator_names[i].name;
            return 0;
        }
    }
    return -1;
}

/* Installs the allocators that a PYTHONMALLOC name stands for. Only before the first allocation. */
int _PyMem_SetupAllocators(PyMemAllocatorName name)
{
    bool debug = name == PYMEM_ALLOCATOR_DEBUG || name == PYMEM_ALLOCATOR_MALLOC_DEBUG
                 || name == PYMEM_ALLOCATOR_PYMALLOC_DEBUG;
    struct MemoryRuntime *m = &memory_runtime;
    switch (name) {
    case PYMEM_ALLOCATOR_NOT_SET: return 0;
    case PYMEM_ALLOCATOR_DEFAULT:
    case PYMEM_ALLOCATOR_DEBUG:
    case PYMEM_ALLOCATOR_PYMALLOC:
    case PYMEM_ALLOCATOR_PYMALLOC_DEBUG:
        m->allocators[MEMORY_RAW] = memory_malloc_allocator;
        m->allocators[MEMORY_MEM] = m->allocators[MEMORY_OBJECT] = memory_pool_allocator;
        break;
    case PYMEM_ALLOCATOR_MALLOC:
    case PYMEM_ALLOCATOR_MALLOC_DEBUG:
        for (int i = 0; i < MEMORY_DOMAINS; i++) m->allocators[i] = memory_malloc_allocator;
        break;
    default: return -1;
    }
    if (debug) PyMem_SetupDebugHooks();
    memory_update_direct();
    return 0;
}

/* The PYTHONMALLOC name of what is installed, or NULL when something foreign is. */
const char *_PyMem_GetCurrentAllocatorName(void)
{
    const PyMemAllocatorEx *a[MEMORY_DOMAINS];
    bool debug = true;
    for (int i = 0; i < MEMORY_DOMAINS; i++) {
        a[i] = debug_allocator_inner(&memory_runtime.allocators[i]);
        if (!a[i]) {
            debug = false;
            a[i] = &memory_runtime.allocators[i];
        }
    }
    if (!is_malloc(a[MEMORY_RAW])) return NULL;
    if (is_pools(a[MEMORY_MEM]) && is_pools(a[MEMORY_OBJECT])) return debug ? "pymalloc_debug" : "pymalloc";
    if (is_malloc(a[MEMORY_MEM]) && is_malloc(a[MEMORY_OBJECT])) return debug ? "malloc_debug" : "malloc";
    return NULL;
}
