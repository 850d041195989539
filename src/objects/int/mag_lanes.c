/* Magnitudes by the vector. */
#include "objects/int/mag_lanes.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

typedef __m256i Lanes;

static inline AVX2 Lanes load(const digit *d)
{
    return _mm256_loadu_si256((const Lanes *)(const void *)d);
}

static inline AVX2 void store(digit *d, Lanes lanes)
{
    _mm256_storeu_si256((Lanes *)(void *)d, lanes);
}

/* Each lane one place up; the last lane of the vector below comes in at the bottom. */
static inline AVX2 Lanes up_one(Lanes below, Lanes lanes)
{
    return _mm256_alignr_epi8(lanes, _mm256_permute2x128_si256(below, lanes, 0x21), 12);
}

static inline AVX2 digit last_lane(Lanes lanes)
{
    return (digit)_mm256_extract_epi32(lanes, MAG_LANES - 1);
}

static inline AVX2 bool any_bits(Lanes lanes, digit bits)
{
    return !_mm256_testz_si256(lanes, _mm256_set1_epi32((int)bits));
}

/* Lanes that are no digits any more, from -1 to 2**31 - 1, as digits; the carry, or -1. */
static sdigit ripple(digit *r, Py_ssize_t n)
{
    sdigit carry = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        carry += (sdigit)r[i];
        r[i] = (digit)carry & MAG_MASK;
        carry >>= MAG_SHIFT;
    }
    return carry;
}

AVX2 digit mag_lanes_add(digit *r, const digit *a, const digit *b, Py_ssize_t n)
{
    Lanes mask = _mm256_set1_epi32(MAG_MASK), carries = _mm256_setzero_si256(), seen = carries;
    Py_ssize_t i = 0;
    for (; i + MAG_LANES <= n; i += MAG_LANES) {
        Lanes sum = _mm256_add_epi32(load(a + i), load(b + i));
        Lanes next = _mm256_srli_epi32(sum, MAG_SHIFT);
        sum = _mm256_add_epi32(_mm256_and_si256(sum, mask), up_one(carries, next));
        carries = next;
        seen = _mm256_or_si256(seen, sum);
        store(r + i, sum);
    }
    digit carry = last_lane(carries);
    if (__builtin_expect(any_bits(seen, ~MAG_MASK), 0)) carry += (digit)ripple(r, i);
    return carry;
}

AVX2 sdigit mag_lanes_sub(digit *r, const digit *a, const digit *b, Py_ssize_t n)
{
    Lanes mask = _mm256_set1_epi32(MAG_MASK), borrows = _mm256_setzero_si256(), seen = borrows;
    Py_ssize_t i = 0;
    for (; i + MAG_LANES <= n; i += MAG_LANES) {
        Lanes difference = _mm256_sub_epi32(load(a + i), load(b + i));
        Lanes next = _mm256_srai_epi32(difference, 31);
        difference = _mm256_add_epi32(_mm256_and_si256(difference, mask), up_one(borrows, next));
        borrows = next;
        seen = _mm256_or_si256(seen, difference);
        store(r + i, difference);
    }
    sdigit borrow = (sdigit)last_lane(borrows);
    if (__builtin_expect(any_bits(seen, ~MAG_MASK), 0)) borrow += ripple(r, i);
    return borrow;
}

/* Four products of 60 bits, each as a digit and, in the lane above it, the digit of its upper half. */
static inline AVX2 Lanes split(Lanes products)
{
    Lanes low = _mm256_set1_epi64x(MAG_MASK), high = _mm256_set1_epi64x((int64_t)MAG_MASK << 32);
    return _mm256_or_si256(_mm256_and_si256(products, low),
                           _mm256_and_si256(_mm256_slli_epi64(products, 32 - MAG_SHIFT), high));
}

static inline AVX2 __attribute__((always_inline)) digit multiply(digit *r, const digit *a, Py_ssize_t n,
                                                                 digit m, digit carry, bool add)
{
    Lanes mask = _mm256_set1_epi32(MAG_MASK), zero = _mm256_setzero_si256(), seen = zero;
    Lanes factor = _mm256_set1_epi64x(m), odd = zero;
    Lanes carries = _mm256_insert_epi32(zero, (int)carry, MAG_LANES - 1);
    Py_ssize_t i = 0;
    for (; i + MAG_LANES <= n; i += MAG_LANES) {
        Lanes digits = load(a + i);
        Lanes even = split(_mm256_mul_epu32(digits, factor));
        Lanes next = split(_mm256_mul_epu32(_mm256_srli_epi64(digits, 32), factor));
        Lanes sum = _mm256_add_epi32(even, up_one(odd, next));
        if (add) sum = _mm256_add_epi32(sum, load(r + i));
        odd = next;
        next = _mm256_srli_epi32(sum, MAG_SHIFT);
        sum = _mm256_add_epi32(_mm256_and_si256(sum, mask), up_one(carries, next));
        carries = next;
        seen = _mm256_or_si256(seen, sum);
        store(r + i, sum);
    }
    carry = last_lane(odd) + last_lane(carries);
    if (__builtin_expect(any_bits(seen, ~MAG_MASK), 0)) carry += (digit)ripple(r, i);
    return carry;
}

AVX2 digit mag_lanes_mul(digit *r, const digit *a, Py_ssize_t n, digit m, digit carry)
{
    return multiply(r, a, n, m, carry, false);
}

AVX2 digit mag_lanes_mul_add(digit *r, const digit *a, Py_ssize_t n, digit m)
{
    return multiply(r, a, n, m, 0, true);
}
