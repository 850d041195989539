/* Large blocks of the mem and object domains, each in a mapping of its own: see large.c. All of it runs under the GIL. */
#ifndef KRAIT_MEMORY_LARGE_H
#define KRAIT_MEMORY_LARGE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LARGE_MIN ((size_t)256 * 1024)
#define LARGE_OFFSET 64
#define LARGE_BUCKET_BITS 8

/* At the start of each mapping. */
typedef struct Large Large;
struct Large {
    size_t size;        /* of the mapping */
    size_t asked;       /* bytes that its user asked for, while it is in use */
    Large *next;        /* of the mappings that are kept, or that share a bucket of the table */
};
static_assert(sizeof(struct Large) <= LARGE_OFFSET, "the head fits in front of the block");

struct LargeState {
    Large *buckets[1 << LARGE_BUCKET_BITS];     /* all blocks in use */
    Large *kept;                                /* freed ones that wait for reuse, the latest first */
    size_t used_bytes, kept_bytes;              /* of the mappings in use, and of those that are kept */
    size_t limit;                               /* of kept_bytes while large blocks come and go in turn; else 0: the usual one */
    size_t returned;                            /* bytes given back of late and not asked for again since */
    size_t returned_at, taken_at;               /* pools_given_back then, and when a kept one was last of use */
    int repeats;                                /* how often new mappings asked for what had just been given back */
    int patience;                               /* kept ones wait for 1 << patience times as long as at first */
    bool given_up;                              /* what was kept has waited too long, and no need of it was seen since */
    size_t libc_keeps;                          /* bytes that malloc was told to keep: see libc_keep */
    ptrdiff_t grown;                            /* bytes of fresh pools less those that have gone back for them while some were kept */
};

/* A block of at least `size` bytes, or NULL without an exception. */
void *memory_large_alloc(size_t size, bool zeroed);
/* Makes the large block p larger or smaller. NULL: out of memory, and p is as it was. */
void *memory_large_realloc(void *p, size_t size);
void memory_large_free(void *p);
/* Gives back what has been kept for too long: when a pool becomes free. */
void memory_large_settle(void);
/* Keeps no more than usual from now on. */
void memory_large_trim(void);
/* A pool of so many bytes takes pages from the system: as much of what is kept goes back. */
void memory_large_yield(size_t size);
/* How many bytes the large block p may hold. */
size_t memory_large_size(const void *p);

/* Is p, which may be any address at which a block can stand, a large block? */
bool memory_large_knows(const void *p);
static inline bool memory_is_large(const void *p)
{
    return ((uintptr_t)p & 4095) == LARGE_OFFSET && memory_large_knows(p);
}

#endif
