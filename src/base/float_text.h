/* Doubles and decimal text, correctly rounded both ways. Knows no objects and no errors but memory.
 *
 * Writing the shortest text that reads back: Schubfach (R. Giulietti, 2020). Writing a given number
 * of digits: exact integer arithmetic, 128 bits wide when that is enough. Reading: Clinger's exact
 * case, then Eisel and Lemire's (2021), then comparison of exact big integers for the rare rest.
 */
#ifndef KRAIT_BASE_FLOAT_TEXT_H
#define KRAIT_BASE_FLOAT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FLOAT_SHORTEST_DIGITS 17        /* digits that the shortest form has at most */

/* A decimal number: 0.d1d2d3... times 10**point. Zero has count 1, digit '0' and point 1. */
struct FloatDecimal {
    char *digits;                       /* ASCII digits, not terminated */
    int count;                          /* how many; no trailing zeros from float_shortest */
    int point; /* where the decimal point is, counted from the first digit */
};

/* Shortest digits that read back as |x|, the closest to x among them. x is finite; digits has room
 * for 17. */
void float_shortest(double x, struct FloatDecimal *out);

/* Decimal digits of |x|, rounded half to even on the exact value. Either `significant` digits (>=
 * 1), or `fraction` digits after the point (may be negative). Trailing zeros are kept. count may be
 * 0 when everything rounds away. The memory comes from malloc (NULL and false when there is none)
 * unless it fits `local`, which has room for FLOAT_LOCAL_DIGITS. */
#define FLOAT_LOCAL_DIGITS 128
bool float_round_significant(double x, int significant, char *local, struct FloatDecimal *out);
bool float_round_fraction(double x, int fraction, char *local, struct FloatDecimal *out);

/* Reads digits [. digits] [e [sign] digits] after an optional sign. *end is past the last character
 * used, or `text` when there is no number. Overflow gives infinity, underflow zero. Neither white
 * space nor nan nor inf are read. */
double float_parse(const char *text, const char **end);

#endif
