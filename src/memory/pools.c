/* Pools in arenas: the allocator of blocks of up to SMALL_MAX bytes. The rules are at the head of memory.h.
 *
 * POOL_SIZE and ARENA_SIZE are those of the reference: 16 kB amortise the header to 0.3% and a pool still drains now and
 * then; 1 MB is the grain in which memory goes back to the system. Untouched pages of either cost nothing: a pool is carved
 * a page at a time, and an arena hands out its pools from the bottom.
 */
#include "memory/memory.h"

#include <internal/krait_exports.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "base/assertions.h"
#include "base/bits.h"

#define CARVE_BYTES 4096

Arena **memory_arena_map[ARENA_MAP_ROOT];

/* ---- arenas ---- */

static void *arena_system_alloc(void *ctx, size_t size)
{
    (void)ctx;
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void arena_system_free(void *ctx, void *p, size_t size)
{
    (void)ctx;
    munmap(p, size);
}

void PyObject_GetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    *allocator = memory_runtime.arena_allocator;
}

void PyObject_SetArenaAllocator(PyObjectArenaAllocator *allocator)
{
    memory_runtime.arena_allocator = *allocator;
}

/* Gives `arena` its memory, aligned to ARENA_SIZE. */
static int arena_reserve(Arena *arena)
{
    PyObjectArenaAllocator *from = &memory_runtime.arena_allocator;
    bool system = from->alloc == arena_system_alloc;
    arena->raw_size = ARENA_SIZE;
    arena->raw = from->alloc(from->ctx, ARENA_SIZE);
    if (!arena->raw) return -1;
    if ((uintptr_t)arena->raw & (ARENA_SIZE - 1)) {
        /* Ask for twice as much and use the aligned part. The system takes the rest back, and what it gives next is
         * then usually aligned of itself. */
        from->free(from->ctx, arena->raw, ARENA_SIZE);
        arena->raw_size = 2 * ARENA_SIZE;
        arena->raw = from->alloc(from->ctx, arena->raw_size);
        if (!arena->raw) return -1;
    }
    char *raw = arena->raw;
    arena->base = (char *)bits_round_up((uintptr_t)raw, ARENA_SIZE);
    if (system && arena->raw_size > ARENA_SIZE) {
        size_t before = (size_t)(arena->base - raw);
        if (before) munmap(raw, before);
        if (before < ARENA_SIZE) munmap(arena->base + ARENA_SIZE, ARENA_SIZE - before);
        arena->raw = arena->base;
        arena->raw_size = ARENA_SIZE;
    }
    return 0;
}

static Arena **arena_map_slot(char *base)
{
    uintptr_t address = (uintptr_t)base;
    if (address >> 48) return NULL;
    Arena ***leaf = &memory_arena_map[address >> 34];
    if (!*leaf) {
        void *p = mmap(NULL, ARENA_MAP_LEAF * sizeof(Arena *), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (p == MAP_FAILED) return NULL;
        *leaf = p;
    }
    return &(*leaf)[(address >> 20) & (ARENA_MAP_LEAF - 1)];
}

static int arena_free_count(const Arena *arena)
{
    return bits_count(arena->free_pools);
}

static void arena_link(Arena *arena)
{
    int n = arena_free_count(arena);
    if (n == 0) return;
    Arena **head = &memory_runtime.by_free[n];
    arena->prev = NULL;
    arena->next = *head;
    if (*head) (*head)->prev = arena;
    *head = arena;
    memory_runtime.by_free_mask[n >> 6] |= (uint64_t)1 << (n & 63);
}

static void arena_unlink(Arena *arena)
{
    int n = arena_free_count(arena);
    if (n == 0) return;
    if (arena->next) arena->next->prev = arena->prev;
    if (arena->prev) {
        arena->prev->next = arena->next;
    } else {
        memory_runtime.by_free[n] = arena->next;
        if (!arena->next) memory_runtime.by_free_mask[n >> 6] &= ~((uint64_t)1 << (n & 63));
    }
}

static Arena *arena_new(void)
{
    struct MemoryRuntime *m = &memory_runtime;
    if (m->stats_wanted) _PyObject_DebugMallocStats(stderr);
    Arena *arena = malloc(sizeof *arena);
    if (!arena) return NULL;
    if (arena_reserve(arena) < 0) {
        free(arena);
        return NULL;
    }
    Arena **slot = arena_map_slot(arena->base);
    if (!slot) {
        m->arena_allocator.free(m->arena_allocator.ctx, arena->raw, arena->raw_size);
        free(arena);
        return NULL;
    }
    *slot = arena;
    arena->free_pools = ~(uint64_t)0 >> (64 - ARENA_POOLS);
    arena->touched = 0;
    arena->all_prev = NULL;
    arena->all_next = m->all_arenas;
    if (m->all_arenas) m->all_arenas->all_prev = arena;
    m->all_arenas = arena;
    m->arena_total++;
    if (++m->arena_count > m->arena_peak) m->arena_peak = m->arena_count;
    arena_link(arena);
    return arena;
}

/* Gives an arena without any pool in use, which is on no by_free list, back to the system. */
static void arena_release(Arena *arena)
{
    struct MemoryRuntime *m = &memory_runtime;
    *arena_map_slot(arena->base) = NULL;
    m->pools_idle -= (size_t)bits_count(arena->touched);
    if (arena->all_next) arena->all_next->all_prev = arena->all_prev;
    if (arena->all_prev) arena->all_prev->all_next = arena->all_next;
    else m->all_arenas = arena->all_next;
    m->arena_count--;
    m->arena_allocator.free(m->arena_allocator.ctx, arena->raw, arena->raw_size);
    free(arena);
}

/* The fullest arena that still has a free pool: so the others get a chance to drain. */
static Arena *arena_pick(void)
{
    for (int word = 0; word < 2; word++) {
        uint64_t mask = memory_runtime.by_free_mask[word];
        if (mask) return memory_runtime.by_free[word * 64 + bits_lowest(mask)];
    }
    return arena_new();
}

/* ---- pools ---- */

static size_t block_size(size_t size_class)
{
    return (size_class + 1) << SMALL_SHIFT;
}

/* Makes up to CARVE_BYTES of the untouched rest of the pool into free blocks, in address order. False: no rest. */
static bool pool_carve(Pool *pool)
{
    size_t size = block_size(pool->size_class);
    size_t end = pool->carved + CARVE_BYTES;
    if (end > POOL_SIZE) end = POOL_SIZE;
    if (end - pool->carved < size) return false;    /* for most pools that are asked, and division takes time */
    size_t count = (end - pool->carved) / size;
    char *first = (char *)pool + pool->carved;
    char *block = first;
    for (size_t i = 1; i < count; i++, block += size) *(void **)block = block + size;
    *(void **)block = NULL;
    pool->free = first;
    pool->carved += (uint32_t)(count * size);
    return true;
}

static void pool_link_after(Pool *pool, Pool *previous)
{
    pool->next = previous->next;
    pool->prev = previous;
    previous->next->prev = pool;
    previous->next = pool;
    pool->full = false;
}

static void pool_unlink(Pool *pool)
{
    pool->next->prev = pool->prev;
    pool->prev->next = pool->next;
}

/* Has the pages of a pool that was never used ready: in a large heap, those of the pools behind it, too, which come next; and in
 * the first arena those that every start uses up. */
static void pool_populate(Pool *pool, int index)
{
    enum { LARGE_HEAP = 8, POOLS_AHEAD = 8, START_POOLS = 28 };
    int ahead = 1;
    if (memory_runtime.arena_count >= LARGE_HEAP) ahead = POOLS_AHEAD;
    else if (memory_runtime.arena_count == 1 && index < START_POOLS) ahead = START_POOLS;
    if (index % ahead == 0) memory_populate(pool, (size_t)ahead * POOL_SIZE);
}

static void pool_give_back(Pool *pool, Arena *arena)
{
    pool_unlink(pool);
    arena->free_pools |= (uint64_t)1 << (((char *)pool - arena->base) / POOL_SIZE);
    memory_runtime.pools_used--;
    memory_runtime.pools_idle++;
    memory_runtime.pools_given_back++;
    memory_large_settle();
}

/* Gives the pages of an arena's free pools back to the system; the addresses stay. */
static void arena_purge(Arena *arena)
{
    uint64_t idle = arena->free_pools & arena->touched;
    arena->touched &= ~idle;
    while (idle) {
        /* The lowest run of ones: adding its lowest bit carries through it. */
        uint64_t rest = idle & (idle + (idle & -idle));
        size_t first = (size_t)bits_lowest(idle), count = (size_t)bits_count(idle ^ rest);
        (void)madvise(arena->base + first * POOL_SIZE, count * POOL_SIZE, MADV_DONTNEED);
        idle = rest;
    }
}

/* Gives pages of idle pools back until no more than so many have theirs. Arenas without a pool in use go as a whole, but for one. */
static void pools_purge_to(size_t limit)
{
    struct MemoryRuntime *m = &memory_runtime;
    bool system = m->arena_allocator.alloc == arena_system_alloc;
    Arena *next;
    for (Arena *arena = m->all_arenas; arena && m->pools_idle > limit; arena = next) {
        next = arena->all_next;
        if (arena_free_count(arena) == ARENA_POOLS && m->arena_count > 1) {
            arena_unlink(arena);
            arena_release(arena);
        } else if (system) {
            m->pools_idle -= (size_t)bits_count(arena->free_pools & arena->touched);
            arena_purge(arena);
        }
    }
    if (m->pools_kept.least_idle > m->pools_idle) m->pools_kept.least_idle = m->pools_idle;
}

enum { KEPT_POOLS = 48, USED_PER_KEPT = 16 };

/* How many idle pools are always worth waiting for the next use. */
static size_t usually_kept(void)
{
    return KEPT_POOLS + memory_runtime.pools_used / USED_PER_KEPT;
}

/* How many idle pools are kept now. */
static size_t pools_kept(void)
{
    return Py_MAX(memory_runtime.pools_kept.limit, usually_kept());
}

void memory_make_room(size_t size)
{
    struct MemoryRuntime *m = &memory_runtime;
    size_t used = m->pools_used * POOL_SIZE + m->large.used_bytes + m->large.kept_bytes + size;
    if (used > m->used_most) m->used_most = used;
    size_t room = (m->used_most - used) / POOL_SIZE;
    if (m->pools_idle > room) pools_purge_to(room);
}

/* Takes a free pool from an arena for `size_class` and links it. Of a class's first pool it is not known whether much of it will be
 * used: it lies at the arena's end, apart from those whose pages are asked for together, and gets its own as it needs them. */
static Pool *pool_new(size_t size_class)
{
    Arena *arena = arena_pick();
    if (!arena) return NULL;
    Pool *head = &memory_runtime.pools[size_class];
    bool is_first = head->capacity++ == 0;
    uint64_t idle = arena->free_pools & arena->touched;
    int index = idle ? bits_lowest(idle) : is_first ? bits_length(arena->free_pools) - 1 : bits_lowest(arena->free_pools);
    arena_unlink(arena);
    arena->free_pools &= ~((uint64_t)1 << index);
    arena_link(arena);

    Pool *pool = (Pool *)(arena->base + (size_t)index * POOL_SIZE);
    bool used_before = arena->touched >> index & 1;
    if (used_before) {
        if (--memory_runtime.pools_idle < memory_runtime.pools_kept.least_idle) {
            memory_runtime.pools_kept.least_idle = memory_runtime.pools_idle;
        }
    } else {
        if (memory_runtime.pools_kept.purged) {
            memory_runtime.pools_kept.purged--;
            memory_runtime.pools_kept.refilled++;
        }
        arena->touched |= (uint64_t)1 << index;
        memory_large_yield(POOL_SIZE);
        memory_make_room(POOL_SIZE);
        if (!is_first && memory_runtime.arena_allocator.alloc == arena_system_alloc) pool_populate(pool, index);
    }
    memory_runtime.pools_used++;
    if (!used_before || pool->size_class != size_class) {
        pool->size_class = (uint16_t)size_class;
        pool->free = NULL;
        pool->carved = POOL_HEADER;
        pool->capacity = (uint32_t)((POOL_SIZE - POOL_HEADER) / block_size(size_class));
    }
    pool->pending = 0;
    pool_link_after(pool, &memory_runtime.pools[size_class]);
    return pool;
}

void *memory_pool_refill(size_t size_class)
{
    Pool *head = &memory_runtime.pools[size_class];
    for (;;) {
        Pool *pool = head->next;
        if (pool == head) {
            pool = pool_new(size_class);
            if (!pool) return NULL;
        }
        if (pool->free || pool_carve(pool)) {
            void *block = pool->free;
            pool->free = *(void **)block;
            pool->pending++;
            return block;
        }
        CHECK(pool->pending == pool->capacity);
        pool_unlink(pool);
        pool->full = true;
        pool->pending = 1;
    }
}

/* A program that makes and drops much in turn gets the pages of its idle pools anew each time, and that costs more than all else
 * there. So where pools are asked for again after they were purged, time and again, as many more are kept. */
static void note_refilled(void)
{
    enum { MANY = 64, MOST_KEPT = 1024, REPEATS = 2 };
    struct PoolsKept *kept = &memory_runtime.pools_kept;
    if (kept->refilled < MANY) return;
    if (kept->refilled > MOST_KEPT) {           /* what could be kept would be of little help */
        kept->limit = 0;
        kept->repeats = 0;
    } else if (++kept->repeats >= REPEATS) {
        if (!kept->limit) kept->since = memory_runtime.pools_given_back;
        kept->limit = Py_MIN(pools_kept() + kept->refilled, MOST_KEPT);
        kept->least_idle = 0;
    }
    kept->refilled = 0;
}

/* What has lain idle for long is not kept any longer. */
static void note_idle(void)
{
    enum { LONG = 8192 };
    struct PoolsKept *kept = &memory_runtime.pools_kept;
    if (!kept->limit || memory_runtime.pools_given_back - kept->since < LONG) return;
    if (kept->least_idle > KEPT_POOLS) {
        kept->limit -= Py_MIN(kept->limit, kept->least_idle);
        kept->repeats = 0;
    }
    kept->since = memory_runtime.pools_given_back;
    kept->least_idle = memory_runtime.pools_idle;
}

/* An arena in which few objects live on would keep all its pages: so when more pools are idle than are kept, the system gets their
 * pages. */
static void pools_purge(void)
{
    struct MemoryRuntime *m = &memory_runtime;
    note_idle();
    if (m->pools_idle <= pools_kept()) return;
    note_refilled();
    if (m->pools_idle <= pools_kept()) return;
    m->pools_kept.purged += m->pools_idle;
    pools_purge_to(0);
}

void memory_pools_trim(void)
{
    struct MemoryRuntime *m = &memory_runtime;
    m->pools_kept = (struct PoolsKept){0};
    if (m->pools_idle > pools_kept()) pools_purge_to(0);
}

/* Empty pools that are their class's last are not given back one by one (see below): where they are all that is left of an arena, they
 * become free here, so that it can go back to the system as a whole. */
static void arena_settle(Arena *arena)
{
    enum { FEW = 8 };
    uint64_t used = ~arena->free_pools & (~(uint64_t)0 >> (64 - ARENA_POOLS));
    if (!used || bits_count(used) > FEW || memory_runtime.arena_count == 1) return;
    for (uint64_t rest = used; rest; rest &= rest - 1) {
        Pool *pool = (Pool *)(arena->base + (size_t)bits_lowest(rest) * POOL_SIZE);
        if (pool->full || pool->pending) return;
    }
    arena_unlink(arena);
    for (; used; used &= used - 1) {
        pool_give_back((Pool *)(arena->base + (size_t)bits_lowest(used) * POOL_SIZE), arena);
    }
    arena_link(arena);
}

void memory_pool_settle(Pool *pool)
{
    Pool *head = &memory_runtime.pools[pool->size_class];
    if (pool->full) {
        /* It comes next, not first: else who makes and drops a block in turn would find it full, and here again, each time. */
        pool->pending = pool->capacity - 1;
        pool_link_after(pool, head->next != head && head->next->free ? head->next : head);
        if (pool->pending) return;
    }
    Arena *arena = memory_arena_of(pool);
    if (head->next != pool || head->prev != pool) {
        arena_unlink(arena);
        pool_give_back(pool, arena);
        arena_link(arena);
    }   /* else it is the class's last pool: kept, or one block that comes and goes would move pools about */
    arena_settle(arena);
    pools_purge();
}

/* ---- counting ---- */

static Py_ssize_t arena_count_blocks(Arena *arena)
{
    Py_ssize_t blocks = 0;
    for (size_t i = 0; i < ARENA_POOLS; i++) {
        if (arena->free_pools >> i & 1) continue;
        Pool *pool = (Pool *)(arena->base + i * POOL_SIZE);
        blocks += pool->full ? pool->capacity : pool->pending;
    }
    return blocks;
}

Py_ssize_t memory_count_blocks(void)
{
    Py_ssize_t blocks = 0;
    for (Arena *arena = memory_runtime.all_arenas; arena; arena = arena->all_next) blocks += arena_count_blocks(arena);
    return blocks;
}

Py_ssize_t _Py_GetAllocatedBlocks(void)
{
    return memory_count_blocks();
}

/* ---- the pools as an allocator ---- */

static void *pool_malloc(void *ctx, size_t size)
{
    (void)ctx;
    if (KRAIT_ASAN) return malloc(size ? size : 1);
    if (size <= SMALL_MAX) return memory_pool_alloc(size ? size : 1);
    return size < LARGE_MIN ? malloc(size) : memory_large_alloc(size, false);
}

static void *pool_calloc(void *ctx, size_t n, size_t size)
{
    size_t total = n * size;
    if (KRAIT_ASAN) return total ? calloc(n, size) : calloc(1, 1);
    if (total >= LARGE_MIN) return memory_large_alloc(total, true);
    if (total > SMALL_MAX) return calloc(n, size);
    void *p = pool_malloc(ctx, total);
    if (p) memset(p, 0, total);
    return p;
}

static void pool_free(void *ctx, void *p)
{
    (void)ctx;
    if (memory_arena_of(p)) memory_pool_free(p);
    else if (memory_is_large(p)) memory_large_free(p);
    else free(p);
}

/* `p` holds `room` bytes and is to be a block of another kind. NULL: out of memory, and p is as it was. */
static void *block_move(void *ctx, void *p, size_t room, size_t size)
{
    void *moved = pool_malloc(ctx, size);
    if (!moved) return NULL;
    memcpy(moved, p, room < size ? room : size);
    pool_free(ctx, p);
    return moved;
}

static void *pool_realloc(void *ctx, void *p, size_t size)
{
    if (!p) return pool_malloc(ctx, size);
    if (KRAIT_ASAN) return realloc(p, size ? size : 1);
    if (memory_arena_of(p)) {
        size_t room = block_size(memory_pool_of(p)->size_class);
        if (size <= room && 4 * size > 3 * room) return p;  /* too little to gain by a copy */
        void *moved = block_move(ctx, p, room, size);
        return moved || size > room ? moved : p;
    }
    if (memory_is_large(p)) {
        if (size >= LARGE_MIN) return memory_large_realloc(p, size);
        return block_move(ctx, p, memory_large_size(p), size);
    }
    if (size < LARGE_MIN) return realloc(p, size ? size : 1);
    return block_move(ctx, p, malloc_usable_size(p), size);
}

const PyMemAllocatorEx memory_pool_allocator = {NULL, pool_malloc, pool_calloc, pool_realloc, pool_free};

void memory_pools_init(void)
{
    for (size_t i = 0; i < SMALL_CLASSES; i++) {
        Pool *head = &memory_runtime.pools[i];
        head->next = head->prev = head;
        head->size_class = (uint16_t)i;
    }
    memory_runtime.arena_allocator = (PyObjectArenaAllocator){NULL, arena_system_alloc, arena_system_free};
}
