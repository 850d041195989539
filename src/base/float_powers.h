/* The powers of ten behind float text; see tools/make_float_powers.py. */
#ifndef KRAIT_BASE_FLOAT_POWERS_H
#define KRAIT_BASE_FLOAT_POWERS_H

#include <stdint.h>

#define FLOAT_POWERS_FIRST (-342)
#define FLOAT_POWERS_LAST 324
#define FLOAT_POWERS_COUNT (FLOAT_POWERS_LAST - FLOAT_POWERS_FIRST + 1)

/* [q - FIRST] holds floor(10**q * 2**s) with s such that the top bit of the first word is set. Exact for 0 <= q <= 55;
 * rounded up instead of down for -27 <= q < 0. */
extern const uint64_t float_powers_of_ten[FLOAT_POWERS_COUNT][2];

#endif
