/* Bit tricks. */
#ifndef KRAIT_BASE_BITS_H
#define KRAIT_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attributes.h"

#define ARRAY_LENGTH(a) (sizeof(a) / sizeof((a)[0]))

/* Number of bits needed to write x: 0 for 0, 64 for UINT64_MAX. */
static inline int bits_length(uint64_t x)
{
    return x ? 64 - __builtin_clzll(x) : 0;
}

/* Index of the lowest set bit; x must not be 0. */
static inline int bits_lowest(uint64_t x)
{
    return __builtin_ctzll(x);
}

static inline int bits_count(uint64_t x)
{
    return __builtin_popcountll(x);
}

/* Rounds n up to a multiple of `unit`, a power of two. */
static inline size_t bits_round_up(size_t n, size_t unit)
{
    return (n + unit - 1) & ~(unit - 1);
}

/* Smallest power of two that is >= x; x must be in 1..2**63. */
static inline uint64_t bits_power_of_two(uint64_t x)
{
    return x <= 1 ? 1 : (uint64_t)1 << bits_length(x - 1);
}

/* Makes `size` bytes zero, a multiple of eight but not 0, without a call where they are few: then from both ends, and what is
 * between may be written twice. */
static inline void bits_zero_words(void *start, size_t size)
{
    typedef uint64_t Pair __attribute__((vector_size(16), aligned(8), may_alias));
    Pair zero = {0, 0};
    char *first = start, *end = first + size;
    if (UNLIKELY(size > 128)) memset(start, 0, size);
    else if (size < 16) memset(start, 0, 8);
    else {
        *(Pair *)first = zero;
        *(Pair *)(end - 16) = zero;
        if (size <= 32) return;
        *(Pair *)(first + 16) = zero;
        *(Pair *)(end - 32) = zero;
        if (size <= 64) return;
        *(Pair *)(first + 32) = zero;
        *(Pair *)(first + 48) = zero;
        *(Pair *)(end - 64) = zero;
        *(Pair *)(end - 48) = zero;
    }
}

#endif
