/* Memory: the folder's contract.
 *
 * Blocks of up to SMALL_MAX bytes come from pools. What holds at any time:
 *  - A block's class is (size - 1) / 16, so a block of class c has (c + 1) * 16 bytes and is 16-aligned.
 *  - A pool is POOL_SIZE bytes, aligned to that, and serves one class; masking a block's address gives its pool.
 *  - An arena is ARENA_SIZE bytes, aligned to that. `arena_map` knows every arena by the high bits of its address, so that any
 *    address at all may be asked whether it lies in a pool; nothing outside our arenas is read to answer.
 *  - A pool of class c that is in use is either *linked* (on the ring that pools[c] heads; it may have free blocks) or *full* (on
 *    no list, free == NULL). In a linked pool `pending` counts its blocks in use; in a full one it is 1. Either way, the free
 *    that brings `pending` to 0 is the one that has to do something, and the fast path tests nothing else.
 *  - `memory_runtime.direct` is set while the object and mem domains go to the pools with no hook, no fault injection and no
 *    stress mode between; only then may the inline fast paths be taken.
 *
 * Larger blocks come from the C library's malloc, and those of LARGE_MIN bytes and more have mappings of their own (large.h).
 *
 * All of it runs under the GIL, except the raw domain, which is the C library's malloc.
 */
#ifndef KRAIT_MEMORY_MEMORY_H
#define KRAIT_MEMORY_MEMORY_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"
#include "base/bits.h"
#include "base/config.h"
#include "memory/gc_state.h"
#include "memory/large.h"

#define SMALL_MAX 512
#define SMALL_SHIFT 4
#define SMALL_CLASSES (SMALL_MAX >> SMALL_SHIFT)
#define POOL_SIZE ((size_t)16 * 1024)
#define ARENA_SIZE ((size_t)1024 * 1024)
#define ARENA_POOLS (ARENA_SIZE / POOL_SIZE)

typedef struct Pool Pool;
struct Pool {
    void *free;         /* first free block; each free block's first word is the next one */
    uint32_t pending;   /* see above */
    uint16_t size_class;
    bool full;          /* on no ring */
    uint32_t carved;    /* offset of the first byte never yet made into a block */
    uint32_t capacity;  /* blocks that fit; in a sentinel: pools that its class has taken */
    Pool *next, *prev;  /* ring of the size class, through its sentinel */
};
#define POOL_HEADER bits_round_up(sizeof(Pool), 16)

typedef struct Arena Arena;
struct Arena {
    char *base;             /* ARENA_SIZE-aligned */
    void *raw;              /* what the arena allocator gave, of raw_size bytes */
    size_t raw_size;
    uint64_t free_pools;    /* bit per pool that belongs to no class now */
    uint64_t touched;       /* bit per pool that was used since its pages came from the system: it has a head */
    Arena *next, *prev;     /* list of the arenas with equally many free pools */
    Arena *all_next, *all_prev;
};

enum { CELLS_KEPT = 512 };

enum { MEMORY_RAW, MEMORY_MEM, MEMORY_OBJECT, MEMORY_DOMAINS };

struct MemoryRuntime {
    bool direct;                            /* see above */
    int cells_kept;                         /* how many freed numbers may wait for reuse (objects/number_cell.h): 0 unless direct */
    Pool pools[SMALL_CLASSES];              /* ring heads: sentinels whose free is always NULL */
    Arena *by_free[ARENA_POOLS + 1];        /* arenas by their number of free pools; [0] is unused */
    uint64_t by_free_mask[2];               /* which of by_free are not empty */
    Arena *all_arenas;
    size_t arena_count, arena_peak, arena_total;
    size_t pools_used, pools_idle;          /* pools that serve a class; free ones that are touched */
    size_t pools_given_back;                /* how many pools have become free so far: a clock */
    size_t used_most;                       /* the most bytes of pools and large blocks that were in use at a time */
    struct PoolsKept {                      /* how many idle pools are kept: see pools_purge */
        size_t limit;                       /* 0: no more than usual */
        size_t purged;                      /* pools whose pages were given back and not asked for again since */
        size_t refilled;                    /* those that were asked for again, since the last purge after some had been */
        int repeats;                        /* how many such purges there were */
        size_t least_idle, since;           /* the fewest that were idle since pools_given_back was `since` */
    } pools_kept;
    struct LargeState large;
    PyMemAllocatorEx allocators[MEMORY_DOMAINS];
    PyObjectArenaAllocator arena_allocator;
    int64_t fail_countdown;                 /* allocation faults: see memory_fail_nth */
    bool fail_forever;
    bool stats_wanted;                      /* PYTHONMALLOCSTATS: whenever an arena is made */
    bool gc_stress;                         /* collect at every container allocation */
    struct GcState gc;
};
extern struct MemoryRuntime memory_runtime;

/* Pool of the block at p, which must come from a pool. */
static inline Pool *memory_pool_of(void *p)
{
    return (Pool *)((uintptr_t)p & ~(uintptr_t)(POOL_SIZE - 1));
}

/* Two-level map of the 48-bit address space: arena_map[address >> 34][address >> 20 & 0x3fff]. */
#define ARENA_MAP_ROOT 16384
#define ARENA_MAP_LEAF 16384
extern Arena **memory_arena_map[ARENA_MAP_ROOT];

/* The arena that holds p, or NULL: p may be any address. */
static inline Arena *memory_arena_of(const void *p)
{
    uintptr_t address = (uintptr_t)p;
    if (UNLIKELY(address >> 48)) return NULL;
    Arena **leaf = memory_arena_map[address >> 34];
    return leaf ? leaf[(address >> 20) & (ARENA_MAP_LEAF - 1)] : NULL;
}

/* The slow halves: no free block at hand; a `pending` that came to 0. */
void *memory_pool_refill(size_t size_class);
void memory_pool_settle(Pool *pool);

/* The pool allocator itself, below all hooks. size is in 1..SMALL_MAX. NULL: out of memory, no exception set. */
static inline void *memory_pool_alloc(size_t size)
{
    size_t size_class = (size - 1) >> SMALL_SHIFT;
    Pool *pool = memory_runtime.pools[size_class].next;
    void *block = pool->free;
    if (UNLIKELY(!block)) return memory_pool_refill(size_class);
    pool->free = *(void **)block;
    pool->pending++;
    return block;
}

/* The same, but NULL where that takes more than to unlink a block. */
static inline void *memory_pool_alloc_at_hand(size_t size)
{
    Pool *pool = memory_runtime.pools[(size - 1) >> SMALL_SHIFT].next;
    void *block = pool->free;
    if (LIKELY(block != NULL)) {
        pool->free = *(void **)block;
        pool->pending++;
    }
    return block;
}

static inline void memory_pool_free(void *p)
{
    Pool *pool = memory_pool_of(p);
    *(void **)p = pool->free;
    pool->free = p;
    if (UNLIKELY(--pool->pending == 0)) memory_pool_settle(pool);
}

void *memory_object_malloc_slow(size_t size);
void memory_object_free_slow(void *p);

/* PyObject_Malloc and PyObject_Free, inlined. With a constant size the class is a constant too. */
static inline void *memory_alloc(size_t size)
{
    if (LIKELY(memory_runtime.direct && size - 1 < SMALL_MAX)) return memory_pool_alloc(size);
    return memory_object_malloc_slow(size);
}

/* Whether memory_pool_free() may free p, which may be any address. */
static inline bool memory_is_small_block(void *p)
{
    return memory_runtime.direct && memory_arena_of(p);
}

static inline void memory_free(void *p)
{
    if (LIKELY(memory_is_small_block(p))) memory_pool_free(p);
    else memory_object_free_slow(p);
}

/* The same of PyMem_Malloc and PyMem_Free. */
static inline void *memory_mem_alloc(size_t size)
{
    if (LIKELY(memory_runtime.direct && size - 1 < SMALL_MAX)) return memory_pool_alloc(size);
    return PyMem_Malloc(size);
}

static inline void memory_mem_free(void *p)
{
    if (LIKELY(memory_is_small_block(p))) memory_pool_free(p);
    else PyMem_Free(p);
}

/* Makes the size classes' rings empty and the arena source the system: a part of memory_init. */
void memory_pools_init(void);

/* Fills the allocator tables with the default allocators. Runs by itself before main. */
void memory_init(void);

/* From now on the nth allocation of the mem and object domains fails (n = 1: the next); with forever, all later ones too.
 * 0 turns the faults off. */
void memory_fail_nth(int64_t n, bool forever);

/* Collect at every allocation of a container, or no longer. */
void memory_set_gc_stress(bool on);

/* So many bytes of fresh pages are about to be used, for a pool or a large block. What is kept idle never adds to the peak of a
 * process's memory: together with what is used it takes no more than was in use at some time; else it goes back here. */
void memory_make_room(size_t size);

/* Gives the pages of all idle pools back, and keeps no more than usual from now on. */
void memory_pools_trim(void);

/* Blocks in use in all pools: sys.getallocatedblocks. */
Py_ssize_t memory_count_blocks(void);

/* Decides memory_runtime.direct anew after a change of hooks or switches. */
void memory_update_direct(void);

/* The pool allocator as a PyMemAllocatorEx, for domains that stack something on it. */
extern const PyMemAllocatorEx memory_pool_allocator;
extern const PyMemAllocatorEx memory_malloc_allocator;

/* populate.c: has the pages of a range ready before they are touched, if the system can. */
void memory_populate(void *start, size_t size);
/* What the interpreter's start will touch for sure: static data, and the beginning of malloc's heap. */
void memory_populate_start(void);

#endif
