/* Bit tricks. */
#ifndef KRAIT_BASE_BITS_H
#define KRAIT_BASE_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
