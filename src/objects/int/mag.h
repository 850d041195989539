/* Magnitudes: arithmetic on arrays of 30-bit digits, least significant first. No signs, no objects,
 * no exceptions.
 *
 * What holds everywhere: a digit is below 2**30. A length counts significant digits (the top one is
 * not 0) where a function says "normalised", else leading zeros are allowed. Results do not overlap
 * operands unless said. Functions that need scratch memory return -1 when there is none; all others
 * cannot fail.
 *
 * Sums, differences and products by a digit are done eight digits at once if they can be (mag_lanes.h).
 * Above the sizes below, work goes to GMP (mag_gmp.c) on converted 64-bit limbs. Each was measured
 * by timing both ways on random operands (gcc -O2, GMP 6.2.1, x86-64).
 */
#ifndef KRAIT_OBJECTS_INT_MAG_H
#define KRAIT_OBJECTS_INT_MAG_H

#include <Python.h>
#include <stdint.h>

#include "base/config.h"

#define MAG_SHIFT 30
#define MAG_MASK ((digit)0x3fffffff)

/* Digits from which GMP wins; see mag_gmp.c for how they were found. */
#define MAG_GMP_MUL KRAIT_LIMIT(10, 2)                 /* both operands of a product (equal at 8 to 9) */
#define MAG_GMP_MUL_LONG \
    32 /* the longer operand, if the shorter has MAG_GMP_MUL_SHORT digits at least */
#define MAG_GMP_MUL_SHORT 4
#define MAG_GMP_DIV 5                   /* divisor and quotient of a division (equal at 4) */
#define MAG_GMP_GCD 4                   /* the smaller operand of gcd */
#define MAG_GMP_POWMOD 3                /* the modulus of pow(a, b, m) */
#define MAG_GMP_TO_TEXT 10              /* int to decimal text */
#define MAG_GMP_FROM_TEXT 100           /* decimal text to int, counted in characters */
#define MAG_GMP_SQRT 3                  /* integer square root */

static inline Py_ssize_t mag_normalize(const digit *a, Py_ssize_t n)
{
    while (n > 0 && a[n - 1] == 0) n--;
    return n;
}

/* Number of significant bits of a normalised magnitude of n >= 1 digits is (n-1)*30 +
 * mag_digit_bits(top). */
static inline int mag_digit_bits(digit top)
{
    return top ? 32 - __builtin_clz(top) : 0;
}

/* -1, 0 or 1; both normalised. */
int mag_cmp(const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* r[na+1] = a + b, na >= nb; r may be a or b. */
void mag_add(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* r[na] = a - b, a >= b, na >= nb; r may be a or b. */
void mag_sub(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* r[n] = a * m + carry; the digit that does not fit is returned; r may be a. */
digit mag_mul_digit(digit *r, const digit *a, Py_ssize_t n, digit m, digit carry);
/* r[na+nb] = a * b. */
int mag_mul(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* q[n] = a / d, the remainder is returned; q may be a, or NULL for the remainder alone. */
digit mag_div_digit(digit *q, const digit *a, Py_ssize_t n, digit d);
/* q[na-nb+1] = a / b, r[nb] = a % b; b normalised, nb >= 2, na >= nb. q or r may be NULL. */
int mag_div(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* r[n] = a << bits (bits < 30), the bits pushed out are returned; r may be a or above it. */
digit mag_shift_left(digit *r, const digit *a, Py_ssize_t n, int bits);
/* r[n] = a >> bits (bits < 30), the bits pushed out are returned; r may be a or below it. */
digit mag_shift_right(digit *r, const digit *a, Py_ssize_t n, int bits);

/* The same through GMP, and what only GMP does here. */
int mag_gmp_mul(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
int mag_gmp_div(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* r[min(na, nb)] = gcd(a, b), both normalised and not 0. */
int mag_gmp_gcd(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb);
/* r[nm] = a ** e mod m; all normalised, a < m, m > 1. -2 if it took long and interrupt(), asked now and then, was not 0. */
int mag_gmp_powmod(digit *r, const digit *a, Py_ssize_t na, const digit *e, Py_ssize_t ne,
                   const digit *m, Py_ssize_t nm, int (*interrupt)(void));
/* r[nm] = the inverse of a modulo m, both normalised, m > 1; 1, or 0 when there is none. */
int mag_gmp_invert(digit *r, const digit *a, Py_ssize_t na, const digit *m, Py_ssize_t nm);
/* r[(n+1)/2] = floor(sqrt(a)), a normalised and not 0. */
int mag_gmp_sqrt(digit *r, const digit *a, Py_ssize_t n);
/* Digit values (not characters) of a in `base`, most significant first, without leading zeros; the
 * count, or -1. text must hold 1 + ceil(bits / log2(base)) bytes. */
Py_ssize_t mag_gmp_to_text(unsigned char *text, int base, const digit *a, Py_ssize_t n);
/* The number with `count` digit values in `base`. Writes at most n digits; the normalised length,
 * or -1. */
Py_ssize_t mag_gmp_from_text(digit *r, Py_ssize_t n, const unsigned char *text, Py_ssize_t count,
                             int base);

#endif
