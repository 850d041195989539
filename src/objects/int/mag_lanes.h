/* Magnitudes by the vector: eight digits at once, where the processor has AVX2.
 *
 * A digit leaves two bits of its 32 free, so eight sums are made at once and their carries moved up
 * one lane afterwards. A carry that so makes yet another is rare (one digit in 2**30 of random ones):
 * it is noticed at the end, and a pass over the result then puts it right.
 *
 * Each function does the first n rounded down to a multiple of MAG_LANES digits; the caller does the
 * rest, from the carry returned on. The result may be an operand. Not to be called unless
 * mag_lanes_usable(n).
 */
#ifndef KRAIT_OBJECTS_INT_MAG_LANES_H
#define KRAIT_OBJECTS_INT_MAG_LANES_H

#include "objects/int/mag.h"

#include <stdbool.h>

#if __has_include(<sys/platform/x86.h>)
#include <sys/platform/x86.h>
#endif

#define MAG_LANES 8

static inline bool mag_lanes_usable(Py_ssize_t n)
{
#ifdef CPU_FEATURE_ACTIVE
    return n >= MAG_LANES && CPU_FEATURE_ACTIVE(AVX2);      /* as the C library found; the processor itself answers slowly in a virtual machine */
#else
    return n >= MAG_LANES && __builtin_cpu_supports("avx2");
#endif
}

/* r = a + b; the carry. */
digit mag_lanes_add(digit *r, const digit *a, const digit *b, Py_ssize_t n);
/* r = a - b; the borrow, 0 or -1. */
sdigit mag_lanes_sub(digit *r, const digit *a, const digit *b, Py_ssize_t n);
/* r = a * m + carry; the carry. */
digit mag_lanes_mul(digit *r, const digit *a, Py_ssize_t n, digit m, digit carry);
/* r += a * m; the carry. */
digit mag_lanes_mul_add(digit *r, const digit *a, Py_ssize_t n, digit m);

#endif
