/* The debug allocator of PYTHONMALLOC=debug.
 *
 *      p[-16 .. -9]   size asked for, big-endian
 *      p[-8]          letter of the domain: 'r', 'm' or 'o'
 *      p[-7 .. -1]    0xFD
 *      p[0 .. n-1]    0xCD when fresh, 0xDD when freed
 *      p[n .. n+7]    0xFD
 *
 * free and realloc check the letter and the guards; a damaged block ends the process with a description.
 */
#include "memory/debug_allocator.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "memory/memory.h"
#include "memory/tracemalloc.h"

enum { FRESH = 0xCD, DEAD = 0xDD, GUARD = 0xFD };
#define BEFORE 16
#define AFTER 8

static struct DebugDomain {
    char letter;
    PyMemAllocatorEx inner;
} domains[MEMORY_DOMAINS] = {{.letter = 'r'}, {.letter = 'm'}, {.letter = 'o'}};

static size_t block_size_read(const uint8_t *p)
{
    uint64_t size;
    memcpy(&size, p - BEFORE, sizeof size);
    return __builtin_bswap64(size);
}

static void *block_finish(uint8_t *raw, char letter, size_t size)
{
    uint64_t big_endian = __builtin_bswap64(size);
    memcpy(raw, &big_endian, sizeof big_endian);
    raw[8] = (uint8_t)letter;
    memset(raw + 9, GUARD, 7);
    memset(raw + BEFORE + size, GUARD, AFTER);
    return raw + BEFORE;
}

static void describe(const uint8_t *p)
{
    size_t size = block_size_read(p);
    fprintf(stderr, "Debug memory block at address p=%p: API '%c'\n", (const void *)p, p[-8]);
    fprintf(stderr, "    %zu bytes originally requested\n", size);
    bool before = true, after = true;
    for (int i = 1; i < 8; i++) before &= p[-i] == GUARD;
    if (before) {
        fputs("    The 7 pad bytes at p-7 are FORBIDDENBYTE, as expected.\n", stderr);
    } else {
        fprintf(stderr, "    The 7 pad bytes at p-7 are not all FORBIDDENBYTE (0x%02x):\n", GUARD);
        for (int i = 7; i >= 1; i--) {
            fprintf(stderr, "        at p-%d: 0x%02x%s\n", i, p[-i], p[-i] == GUARD ? "" : " *** OUCH");
        }
        fputs("    Because memory is corrupted at the start, the count of bytes requested\n"
              "       may be bogus, and checking the trailing pad bytes may segfault.\n", stderr);
        return;
    }
    for (int i = 0; i < AFTER; i++) after &= p[size + (size_t)i] == GUARD;
    if (after) {
        fprintf(stderr, "    The %d pad bytes at tail=%p are FORBIDDENBYTE, as expected.\n", AFTER,
                (const void *)(p + size));
    } else {
        fprintf(stderr, "    The %d pad bytes at tail=%p are not all FORBIDDENBYTE (0x%02x):\n", AFTER,
                (const void *)(p + size), GUARD);
        for (int i = 0; i < AFTER; i++) {
            uint8_t byte = p[size + (size_t)i];
            fprintf(stderr, "        at tail+%d: 0x%02x%s\n", i, byte, byte == GUARD ? "" : " *** OUCH");
        }
    }
    if (size) {
        fputs("    Data at p:", stderr);
        for (size_t i = 0; i < size && i < 8; i++) fprintf(stderr, " %02x", p[i]);
        if (size > 16) fputs(" ...", stderr);
        for (size_t i = size > 16 ? size - 8 : 8; i < size; i++) fprintf(stderr, " %02x", p[i]);
        fputc('\n', stderr);
    }
    fputc('\n', stderr);
    fflush(stderr);
    tracemalloc_dump(fileno(stderr), p);
}

static COLD NORETURN void damaged(const uint8_t *p, const char *function, const char *message)
{
    describe(p);
    fflush(stderr);
    _Py_FatalErrorFunc(function, message);
}

static void block_check(const struct DebugDomain *domain, const uint8_t *p, const char *function)
{
    if (p[-8] != (uint8_t)domain->letter) {
        char message[80];
        snprintf(message, sizeof message, "bad ID: Allocated using API '%c', verified using API '%c'", p[-8],
                 domain->letter);
        damaged(p, function, message);
    }
    for (int i = 1; i < 8; i++) {
        if (p[-i] != GUARD) damaged(p, function, "bad leading pad byte");
    }
    size_t size = block_size_read(p);
    for (int i = 0; i < AFTER; i++) {
        if (p[size + (size_t)i] != GUARD) damaged(p, function, "bad trailing pad byte");
    }
}

static void gil_check(const struct DebugDomain *domain, const char *function)
{
    if (domain->letter != 'r' && !PyGILState_Check()) {
        _Py_FatalErrorFunc(function, "Python memory allocator called without holding the GIL");
    }
}

static void *debug_malloc(void *ctx, size_t size)
{
    struct DebugDomain *domain = ctx;
    gil_check(domain, "_PyMem_DebugMalloc");
    if (size > (size_t)PY_SSIZE_T_MAX - BEFORE - AFTER) return NULL;
    uint8_t *raw = domain->inner.malloc(domain->inner.ctx, BEFORE + size + AFTER);
    if (!raw) return NULL;
    memset(raw + BEFORE, FRESH, size);
    return block_finish(raw, domain->letter, size);
}

static void *debug_calloc(void *ctx, size_t n, size_t size)
{
    struct DebugDomain *domain = ctx;
    gil_check(domain, "_PyMem_DebugCalloc");
    size_t total = n * size;
    if (total > (size_t)PY_SSIZE_T_MAX - BEFORE - AFTER) return NULL;
    uint8_t *raw = domain->inner.calloc(domain->inner.ctx, 1, BEFORE + total + AFTER);
    return raw ? block_finish(raw, domain->letter, total) : NULL;
}

static void debug_free(void *ctx, void *p)
{
    struct DebugDomain *domain = ctx;
    gil_check(domain, "_PyMem_DebugFree");
    if (!p) return;
    block_check(domain, p, "_PyMem_DebugRawFree");
    size_t size = block_size_read(p);
    uint8_t *raw = (uint8_t *)p - BEFORE;
    memset(raw, DEAD, BEFORE + size + AFTER);
    domain->inner.free(domain->inner.ctx, raw);
}

static void *debug_realloc(void *ctx, void *p, size_t size)
{
    struct DebugDomain *domain = ctx;
    if (!p) return debug_malloc(ctx, size);
    gil_check(domain, "_PyMem_DebugRealloc");
    block_check(domain, p, "_PyMem_DebugRawRealloc");
    /* Always a new block: who still uses the old one is found out. */
    void *moved = debug_malloc(ctx, size);
    if (!moved) return NULL;
    size_t old = block_size_read(p);
    memcpy(moved, p, old < size ? old : size);
    debug_free(ctx, p);
    return moved;
}

void debug_allocator_install(int domain)
{
    PyMemAllocatorEx *current = &memory_runtime.allocators[domain];
    if (current->malloc == debug_malloc) return;
    domains[domain].inner = *current;
    *current = (PyMemAllocatorEx){&domains[domain], debug_malloc, debug_calloc, debug_realloc, debug_free};
}

const PyMemAllocatorEx *debug_allocator_inner(const PyMemAllocatorEx *allocator)
{
    return allocator->malloc == debug_malloc ? &((struct DebugDomain *)allocator->ctx)->inner : NULL;
}

