/* Blocks of LARGE_MIN bytes and more: each has a mapping of its own.
 *
 * The C library would give them mappings, too, until the first one is freed; from then on it takes ever larger ones from its heap, and
 * what is free there goes back to the system only from the top. So a list of a million items would leave its 8 MB behind. Here a
 * freed block's pages go back at once, except for KEPT_BYTES that serve the next blocks: for who makes and drops large blocks in turn,
 * page faults cost more than all else. A block that is too large for that, but is asked for again and again as soon as it is freed, is
 * kept as well, and so are several that come and go in turn, until they have waited for a while, or pools take fresh pages. Growing
 * moves no bytes, for the system puts the pages elsewhere, unless a larger block is kept: copying costs less than new pages.
 *
 * A block stands LARGE_OFFSET behind the start of a page, where hardly any other does, and such addresses are looked up in a table.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE     /* mremap */
#endif
#include "memory/large.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/assertions.h"
#include "base/bits.h"
#include "memory/memory.h"

#define PAGE ((size_t)4096)
#define KEPT_BYTES ((size_t)512 * 1024)
#define MOST_KEPT_BYTES ((size_t)32 * 1024 * 1024)         /* of one block */
#define MOST_SEVERAL_BYTES ((size_t)16 * 1024 * 1024)

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

static Large *kept_unlink(Large **at)
{
    struct LargeState *state = &memory_runtime.large;
    Large *large = *at;
    *at = large->next;
    state->kept_bytes -= large->size;
    state->taken_at = memory_runtime.pools_given_back;
    return large;
}

/* Takes a mapping that was kept: the first that serves, else, lest it waits in vain while another is made, the smallest that is
 * not twice too large. NULL: there is none. */
static Large *kept_take(size_t size)
{
    Large **best = NULL;
    for (Large **at = &memory_runtime.large.kept; *at; at = &(*at)->next) {
        if (serves((*at)->size, size)) return kept_unlink(at);
        if ((*at)->size >= size && (*at)->size / 2 <= size && (!best || (*at)->size < (*best)->size)) best = at;
    }
    return best ? kept_unlink(best) : NULL;
}

/* Takes the largest mapping that was kept and has room for `size` bytes, though not far more: for a block that grows. NULL: none. */
static Large *kept_take_to_grow(size_t size)
{
    enum { ROOM = 4 };
    struct LargeState *state = &memory_runtime.large;
    Large **best = NULL;
    for (Large **at = &state->kept; *at; at = &(*at)->next) {
        if ((*at)->size >= size && (*at)->size / ROOM <= size && (!best || (*at)->size > (*best)->size)) best = at;
    }
    return best ? kept_unlink(best) : NULL;
}

static void give_back(Large *large)
{
    struct LargeState *state = &memory_runtime.large;
    state->returned += large->size;
    state->returned_at = memory_runtime.pools_given_back;
    int error = errno;
    munmap(large, large->size);
    errno = error;
}

/* The one that has waited longest: there is one. */
static Large **kept_last(void)
{
    Large **at = &memory_runtime.large.kept;
    while ((*at)->next) at = &(*at)->next;
    return at;
}

/* Gives back those that have waited longest, until no more than so many bytes are kept. */
static void kept_trim(size_t limit)
{
    struct LargeState *state = &memory_runtime.large;
    while (state->kept_bytes > limit) {
        Large **at = kept_last(), *last = *at;
        *at = NULL;
        state->kept_bytes -= last->size;
        give_back(last);
    }
}

static bool keeps_more(void)
{
    return memory_runtime.large.limit > 0;
}

/* How many pools become free before what is kept has waited for too long. */
static size_t patience(void)
{
    enum { PATIENCE = 64 };
    return (size_t)PATIENCE << memory_runtime.large.patience;
}

/* malloc gives what is free at the end of its heap back when that is 128 kB, or, with glibc, twice as much as the largest block that
 * was freed; it never sees the large ones, though. Where those come and go in turn, so do smaller ones, as a rule: here malloc frees
 * one that has it keep so many bytes. */
static void libc_keep(size_t size)
{
    struct LargeState *state = &memory_runtime.large;
    if (size <= state->libc_keeps) return;
    state->libc_keeps = size;
    void *volatile block = malloc(size / 2);
    free(block);
}

/* A mapping of `size` bytes has to be made anew. If as much was given back shortly before, and that for the third time, such blocks
 * come and go: more is kept from now on, and for longer if it was there and had been given up. */
static void note_new(size_t size)
{
    enum { REPEATS = 3, MOST_PATIENCE = 6, SHORTLY = 4096 };
    struct LargeState *state = &memory_runtime.large;
    if (memory_runtime.pools_given_back - state->returned_at > SHORTLY) {
        state->returned = 0;
        state->repeats = 0;
    }
    if (state->returned < size || size > MOST_KEPT_BYTES) return;
    state->returned -= size;
    if (++state->repeats < REPEATS) return;
    if (state->given_up && state->patience < MOST_PATIENCE) state->patience++;
    state->given_up = false;
    state->limit = Py_MAX(Py_MIN(Py_MAX(state->limit, KEPT_BYTES) + size, MOST_SEVERAL_BYTES), size);
    state->taken_at = memory_runtime.pools_given_back;
    libc_keep(state->limit);
}

void memory_large_settle(void)
{
    struct LargeState *state = &memory_runtime.large;
    if (!keeps_more() || memory_runtime.pools_given_back - state->taken_at < patience()) return;
    memory_large_trim();
    state->given_up = true;
}

/* So memory that is kept idle does not add to a peak: a block goes back before pools grow by as much as it has, not when they have.
 * Whoever makes and drops large blocks in turn while nothing else grows keeps his. */
void memory_large_yield(size_t size)
{
    struct LargeState *state = &memory_runtime.large;
    if (!state->kept) return;
    state->grown += (ptrdiff_t)size;
    while (state->kept && state->grown > 0) {
        size_t last = (*kept_last())->size;
        state->grown -= (ptrdiff_t)last;
        kept_trim(state->kept_bytes - last);
    }
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
        memory_make_room(mapping_size(size));
        large = mmap(NULL, mapping_size(size), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (large == MAP_FAILED) return NULL;
        large->size = mapping_size(size);
    }
    large->asked = size;
    memory_runtime.large.used_bytes += large->size;
    table_add(large);
    return block_of(large);
}

/* Puts a mapping that is in use no more among those that are kept, if it may be. */
static void keep(Large *large)
{
    struct LargeState *state = &memory_runtime.large;
    state->used_bytes -= large->size;
    size_t limit = Py_MAX(state->limit, KEPT_BYTES);
    if (large->size > limit) {
        give_back(large);
        return;
    }
    large->next = state->kept;
    state->kept = large;
    state->kept_bytes += large->size;
    kept_trim(limit);
}

void *memory_large_realloc(void *p, size_t size)
{
    if (size > (size_t)PY_SSIZE_T_MAX - 2 * PAGE) return NULL;
    Large *large = head_of(p);
    size_t wanted = mapping_size(size);
    bool grows = size > large->asked;
    if (wanted == large->size || (wanted < large->size && grows) || (keeps_more() && serves(large->size, wanted))) {
        large->asked = size;
        return p;
    }
    Large *roomy = wanted > large->size && keeps_more() ? kept_take_to_grow(wanted) : NULL;
    table_remove(large);
    if (roomy) {
        memcpy(block_of(roomy), p, large->asked);
        roomy->asked = size;
        memory_runtime.large.used_bytes += roomy->size;
        keep(large);
        table_add(roomy);
        return block_of(roomy);
    }
    if (wanted > large->size) memory_make_room(wanted - large->size);
    Large *moved = mremap(large, large->size, wanted, MREMAP_MAYMOVE);
    if (moved != MAP_FAILED) {
        large = moved;
        memory_runtime.large.used_bytes += wanted - large->size;
        large->size = wanted;
        large->asked = size;
    }
    table_add(large);
    return moved == MAP_FAILED ? NULL : block_of(large);
}

void memory_large_free(void *p)
{
    Large *large = head_of(p);
    table_remove(large);
    keep(large);
}

size_t memory_large_size(const void *p)
{
    return head_of(p)->size - LARGE_OFFSET;
}
