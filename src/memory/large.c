/* Blocks of LARGE_MIN bytes and more: each has a mapping of its own.
 *
 * The C library would give them mappings, too, until the first one is freed; from then on it takes ever larger ones from its heap, and
 * what is free there goes back to the system only from the top. So a list of a million items would leave its 8 MB behind. Here a
 * freed block's pages go back at once, except for KEPT_BYTES that serve the next blocks: for who makes and drops
 * large blocks in turn, page faults cost more than all else. Growing moves no bytes: the system puts the pages elsewhere.
 *
 * A block stands LARGE_OFFSET behind the start of a page, where hardly any other does, and such addresses are looked up in a table.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE     /* mremap */
#endif
#include "memory/large.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/assertions.h"
#include "base/bits.h"
#include "memory/memory.h"

#define PAGE ((size_t)4096)
#define KEPT_BYTES ((size_t)512 * 1024)

static Large **bucket_of(const Large *large)
{
    return &memory_runtime.large.buckets[((uintptr_t)large / PAGE * 0x9e3779b97f4a7c15u) >> (64 - LARGE_BUCKET_BITS)];
}

static void table_add(Large *large)
{
    Large **bucket = bucket_of(large);
    large->next = *bucket;
    *bucket = large;
}

static void table_remove(Large *large)
{
    Large **at = bucket_of(large);
    while (*at != large) at = &(*at)->next;
    *at = large->next;
}

static Large *head_of(const void *p)
{
    return (Large *)((uintptr_t)p - LARGE_OFFSET);
}

static void *block_of(Large *large)
{
    return (char *)large + LARGE_OFFSET;
}

bool memory_large_knows(const void *p)
{
    for (const Large *l = *bucket_of(head_of(p)); l; l = l->next) {
        if (l == head_of(p)) return true;
    }
    return false;
}

static size_t mapping_size(size_t size)
{
    return bits_round_up(size + LARGE_OFFSET, PAGE);
}

/* Takes a mapping that was kept and has at least `size` bytes, though not many more. NULL: there is none. */
static Large *kept_take(size_t size)
{
    for (Large **at = &memory_runtime.large.kept; *at; at = &(*at)->next) {
        Large *large = *at;
        if (large->size < size || large->size > size + size / 4) continue;
        *at = large->next;
        memory_runtime.large.kept_bytes -= large->size;
        return large;
    }
    return NULL;
}

void *memory_large_alloc(size_t size, bool zeroed)
{
    if (size > (size_t)PY_SSIZE_T_MAX - 2 * PAGE) return NULL;
    Large *large = kept_take(mapping_size(size));
    if (large) {
        if (zeroed) memset(block_of(large), 0, size);
    } else {
        large = mmap(NULL, mapping_size(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (large == MAP_FAILED) return NULL;
        large->size = mapping_size(size);
    }
    table_add(large);
    return block_of(large);
}

void *memory_large_realloc(void *p, size_t size)
{
    if (size > (size_t)PY_SSIZE_T_MAX - 2 * PAGE) return NULL;
    Large *large = head_of(p);
    size_t wanted = mapping_size(size);
    if (wanted == large->size) return p;
    table_remove(large);
    Large *moved = mremap(large, large->size, wanted, MREMAP_MAYMOVE);
    if (moved != MAP_FAILED) {
        large = moved;
        large->size = wanted;
    }
    table_add(large);
    return moved == MAP_FAILED ? NULL : block_of(large);
}

void memory_large_free(void *p)
{
    struct LargeState *state = &memory_runtime.large;
    Large *large = head_of(p);
    table_remove(large);
    if (large->size > KEPT_BYTES) {
        int error = errno;
        munmap(large, large->size);
        errno = error;
        return;
    }
    large->next = state->kept;
    state->kept = large;
    state->kept_bytes += large->size;
    /* The one that waits longest goes. */
    while (state->kept_bytes > KEPT_BYTES) {
        Large **at = &state->kept;
        while ((*at)->next) at = &(*at)->next;
        Large *last = *at;
        *at = NULL;
        state->kept_bytes -= last->size;
        munmap(last, last->size);
    }
}

size_t memory_large_size(const void *p)
{
    return head_of(p)->size - LARGE_OFFSET;
}
