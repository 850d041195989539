/* Blocks of LARGE_MIN bytes and more: each has a mapping of its own.
 *
 * The C library would give them mappings, too, until the first one is freed; from then on it takes ever larger ones from its heap, and
 * what is free there goes back to the system only from the top. So a list of a million items would leave its 8 MB behind. Here a
 * freed block's pages go back at once, except for KEPT_BYTES that serve the next blocks: for who makes and drops
 * large blocks in turn, page faults cost more than all else. A block that is too large for that, but is asked for again and again as soon
 * as it is freed, is kept as well, until it has waited for a while. Growing moves no bytes: the system puts the pages elsewhere.
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
#define MOST_KEPT_BYTES ((size_t)32 * 1024 * 1024)

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

/* Whether a mapping of `have` bytes serves for one of `size`, without being much larger. */
static bool serves(size_t have, size_t size)
{
    return have >= size && have <= size + size / 4;
}

/* Takes a mapping that was kept. NULL: none serves. */
static Large *kept_take(size_t size)
{
    struct LargeState *state = &memory_runtime.large;
    for (Large **at = &state->kept; *at; at = &(*at)->next) {
        Large *large = *at;
        if (!serves(large->size, size)) continue;
        *at = large->next;
        state->kept_bytes -= large->size;
        state->taken_at = memory_runtime.pools_given_back;
        return large;
    }
    return NULL;
}

/* Gives back those that have waited longest, until no more than so many bytes are kept. */
static void kept_trim(size_t limit)
{
    struct LargeState *state = &memory_runtime.large;
    while (state->kept_bytes > limit) {
        Large **at = &state->kept;
        while ((*at)->next) at = &(*at)->next;
        Large *last = *at;
        *at = NULL;
        state->kept_bytes -= last->size;
        int error = errno;
        munmap(last, last->size);
        errno = error;
    }
}

/* A mapping of `size` bytes has to be made anew. If one like it was given back just before, and that for the third time, such blocks
 * come and go: more is kept from now on. */
static void note_new(size_t size)
{
    enum { REPEATS = 3, SOON = 16 };
    struct LargeState *state = &memory_runtime.large;
    bool again = serves(state->returned, size) && memory_runtime.pools_given_back - state->returned_at < SOON;
    state->repeats = again ? state->repeats + 1 : 0;
    if (state->repeats < REPEATS || state->returned > MOST_KEPT_BYTES) return;
    if (state->limit < state->returned) state->limit = state->returned;
    state->taken_at = memory_runtime.pools_given_back;
}

void memory_large_settle(void)
{
    enum { LONG = 64 };
    struct LargeState *state = &memory_runtime.large;
    if (!state->limit || memory_runtime.pools_given_back - state->taken_at < LONG) return;
    memory_large_trim();
}

void memory_large_trim(void)
{
    memory_runtime.large.limit = 0;
    kept_trim(KEPT_BYTES);
}

void *memory_large_alloc(size_t size, bool zeroed)
{
    if (size > (size_t)PY_SSIZE_T_MAX - 2 * PAGE) return NULL;
    Large *large = kept_take(mapping_size(size));
    if (large) {
        if (zeroed) memset(block_of(large), 0, size);
    } else {
        note_new(mapping_size(size));
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
    size_t limit = state->limit > KEPT_BYTES ? state->limit : KEPT_BYTES;
    if (large->size > limit) {
        state->returned = large->size;
        state->returned_at = memory_runtime.pools_given_back;
        int error = errno;
        munmap(large, large->size);
        errno = error;
        return;
    }
    large->next = state->kept;
    state->kept = large;
    state->kept_bytes += large->size;
    kept_trim(limit);
}

size_t memory_large_size(const void *p)
{
    return head_of(p)->size - LARGE_OFFSET;
}
