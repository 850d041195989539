/* Shortest text of a double: Schubfach. */
#include <string.h>

#include "base/float_powers.h"
#include "base/float_text.h"

static inline int floor_log2_power_of_ten(int e)
{
    return (e * 1741647) >> 19;
}

/* floor(log10(2**e)), or of 3/4 * 2**e. */
static inline int floor_log10_power_of_two(int e, bool three_quarters)
{
    return (e * 1262611 - (three_quarters ? 524031 : 0)) >> 22;
}

/* g * c / 2**128, the last bit set when it is not exact. */
static inline uint64_t round_to_odd(uint64_t high, uint64_t low, uint64_t c)
{
    unsigned __int128 x = (unsigned __int128)low * c;
    unsigned __int128 y = (unsigned __int128)high * c + (uint64_t)(x >> 64);
    return (uint64_t)(y >> 64) | ((uint64_t)y > 1);
}

/* The shortest decimal in the rounding interval of m * 2**e (m has its hidden bit): a number and
 * its power of ten. */
static uint64_t shortest_decimal(uint64_t m, int e, bool closer_below, int *exponent)
{
    bool even = (m & 1) == 0;
    uint64_t left = 4 * m - 2 + closer_below, middle = 4 * m, right = 4 * m + 2;
    int k = floor_log10_power_of_two(e, closer_below);
    int h = e + floor_log2_power_of_ten(-k) + 1;
    const uint64_t *power = float_powers_of_ten[-k - FLOAT_POWERS_FIRST];
    /* Schubfach wants the ceiling; the table has the floor outside of these. */
    uint64_t high = power[0], low = power[1];
    if (-k < -27 || -k > 55) {
        low++;
        high += low == 0;
    }
    uint64_t a = round_to_odd(high, low, left << h), b = round_to_odd(high, low, middle << h);
    uint64_t c = round_to_odd(high, low, right << h);
    uint64_t lower = a + !even, upper = c - !even, s = b / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool down_inside = lower <= 40 * tens, up_inside = 40 * tens + 40 <= upper;
        if (down_inside != up_inside) {
            *exponent = k + 1;
            return tens + up_inside;
        }
    }
    bool down_inside = lower <= 4 * s, up_inside = 4 * s + 4 <= upper;
    *exponent = k;
    if (down_inside != up_inside) return s + up_inside;
    uint64_t half = 4 * s + 2;
    return s + (b > half || (b == half && (s & 1)));
}

void float_shortest(double x, struct FloatDecimal *out)
{
    uint64_t bits, n;
    memcpy(&bits, &x, sizeof bits);
    uint64_t fraction = bits & 0xfffffffffffff;
    int biased = (int)(bits >> 52 & 0x7ff), exponent = 0;
    if (biased == 0 && fraction == 0) {
        *out = (struct FloatDecimal){out->digits, 1, 1};
        out->digits[0] = '0';
        return;
    }
    uint64_t m = biased ? fraction | (uint64_t)1 << 52 : fraction;
    int e = (biased ? biased : 1) - 1075;
    if (e <= 0 && e > -53 && (m & (((uint64_t)1 << -e) - 1)) == 0)
        n = m >> -e; /* a small integer */
    else n = shortest_decimal(m, e, fraction == 0 && biased > 1, &exponent);
    while (n % 100 == 0) {
        n /= 100;
        exponent += 2;
    }
    if (n % 10 == 0) {
        n /= 10;
        exponent++;
    }
    char buffer[20], *p = buffer + sizeof buffer;
    do *--p = (char)('0' + n % 10);
    while (n /= 10);
    out->count = (int)(buffer + sizeof buffer - p);
    out->point = out->count + exponent;
    memcpy(out->digits, p, (size_t)out->count);
}
