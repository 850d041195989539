/* Decimal text to the nearest double, ties to even. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_powers.h"
#include "base/float_text.h"

/* More digits than any midpoint between doubles has: the rest only breaks ties. */
#define MAX_SLOW_DIGITS 770
#define EXPONENT_LIMIT 40000            /* decimal exponents are clamped here when read */

/* What the text says: sign, digits and exponent. */
struct Scan {
    bool negative;
    uint64_t mantissa;                  /* the first 19 significant digits */
    bool truncated;                     /* more than 19 significant digits, not all zero */
    int64_t exponent;                   /* value = mantissa * 10**exponent, if not truncated */
    const char *first;                  /* first significant digit, for the slow path */
    const char *last;                   /* one past the last digit */
    int64_t point_exponent;             /* power of ten of the digit at `first` */
};

/* Reads the number; its end, or NULL when there is none. */
static const char *scan(const char *p, struct Scan *s)
{
    memset(s, 0, sizeof *s);
    s->negative = *p == '-';
    if (*p == '-' || *p == '+') p++;
    const char *point = NULL, *start = p;
    int used = 0;
    int64_t dropped = 0, after = 0; /* digits beyond 19 before the point; digits used after it */
    for (;; p++) {
        if (*p == '.' && !point) {
            point = p;
            continue;
        }
        if (*p < '0' || *p > '9') break;
        if (!s->first) {
            if (*p == '0') {
                if (point) after++;
                continue;
            }
            s->first = p;
        }
        if (used < 19) {
            s->mantissa = s->mantissa * 10 + (uint64_t)(*p - '0');
            used++;
            if (point) after++;
        }
        else {
            if (*p != '0') s->truncated = true;
            if (!point) dropped++;
        }
    }
    if (p - start - (point != NULL) == 0) return NULL;
    s->last = p;
    int64_t exponent = 0;
    if (*p == 'e' || *p == 'E') {
        const char *q = p + 1;
        bool negative = *q == '-';
        if (*q == '-' || *q == '+') q++;
        if (*q >= '0' && *q <= '9') {
            /* Digits written out and the exponent may cancel: clamp only where the text cannot be
             * that long. */
            int64_t limit = EXPONENT_LIMIT + (s->last - start);
            for (; *q >= '0' && *q <= '9'; q++) {
                if (exponent < limit) exponent = exponent * 10 + (*q - '0');
            }
            if (exponent > limit) exponent = limit;
            if (negative) exponent = -exponent;
            p = q;
        }
    }
    s->exponent = exponent + dropped - after;
    s->point_exponent = s->exponent + used - 1;
    return p;
}

static double assemble(uint64_t m, int biased, bool negative)
{
    uint64_t bits = (m & 0xfffffffffffff) | (uint64_t)biased << 52 | (uint64_t)negative << 63;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Eisel and Lemire: w * 10**q as significand and biased exponent; false when 128 bits do not
 * decide. */
static bool eisel_lemire(uint64_t w, int64_t q, uint64_t *m, int *biased)
{
    if (w == 0 || q < FLOAT_POWERS_FIRST) {
        *m = 0;
        *biased = 0;
        return true;
    }
    if (q > 308) {
        *m = 0;
        *biased = 0x7ff;
        return true;
    }
    int zeros = __builtin_clzll(w);
    w <<= zeros;
    const uint64_t *power = float_powers_of_ten[q - FLOAT_POWERS_FIRST];
    unsigned __int128 product = (unsigned __int128)w * power[0];
    uint64_t high = (uint64_t)(product >> 64), low = (uint64_t)product;
    if ((high & 0x1ff) == 0x1ff) {
        uint64_t more = (uint64_t)((unsigned __int128)w * power[1] >> 64);
        low += more;
        if (more > low) high++;
    }
    if (low == UINT64_MAX && (q < -27 || q > 55)) return false;
    int top = (int)(high >> 63), shift = top + 64 - 52 - 3;
    uint64_t r = high >> shift;
    int e = (int)((((152170 + 65536) * q) >> 16) + 63) + top - zeros + 1023;
    if (e <= 0) {
        if (-e + 1 >= 64) {
            *m = 0;
            *biased = 0;
            return true;
        }
        r >>= -e + 1;
        r += r & 1;
        r >>= 1;
        *m = r;
        *biased = r >= (uint64_t)1 << 52;
        return true;
    }
    if (low <= 1 && q >= -4 && q <= 23 && (r & 3) == 1 && r << shift == high) r &= ~(uint64_t)1;
    r += r & 1;
    r >>= 1;
    if (r >= (uint64_t)2 << 52) {
        r = (uint64_t)1 << 52;
        e++;
    }
    *m = r & ~((uint64_t)1 << 52);
    *biased = e >= 0x7ff ? 0x7ff : e;
    if (e >= 0x7ff) *m = 0;
    return true;
}

/* ---- The exact way ---- */

/* A natural number in 32-bit words: 770 digits, or those times a power of five or two, need less
 * than 8,000 bits. */
#define BIG_WORDS 260
struct Big {
    int n;
    uint32_t words[BIG_WORDS];
};

static void big_multiply_add(struct Big *b, uint32_t factor, uint32_t carry)
{
    uint64_t acc = carry;
    for (int i = 0; i < b->n; i++) {
        acc += (uint64_t)b->words[i] * factor;
        b->words[i] = (uint32_t)acc;
        acc >>= 32;
    }
    if (acc) b->words[b->n++] = (uint32_t)acc;
}

static void big_multiply_power_of_five(struct Big *b, int64_t e)
{
    for (; e >= 13; e -= 13) big_multiply_add(b, 1220703125, 0);
    uint32_t rest = 1;
    while (e-- > 0) rest *= 5;
    big_multiply_add(b, rest, 0);
}

static void big_shift_left(struct Big *b, int64_t bits)
{
    int words = (int)(bits / 32), rest = (int)(bits % 32);
    if (b->n == 0) return;
    b->words[b->n] = 0;
    for (int i = b->n; i >= 0; i--) {
        uint32_t low = i > 0 && rest ? b->words[i - 1] >> (32 - rest) : 0;
        b->words[i + words] = (i < b->n ? b->words[i] << rest : 0) | low;
    }
    memset(b->words, 0, (size_t)words * sizeof *b->words);
    b->n += words + 1;
    while (b->n > 0 && b->words[b->n - 1] == 0) b->n--;
}

static int big_compare(const struct Big *a, const struct Big *b)
{
    if (a->n != b->n) return a->n < b->n ? -1 : 1;
    for (int i = a->n; i-- > 0;) {
        if (a->words[i] != b->words[i]) return a->words[i] < b->words[i] ? -1 : 1;
    }
    return 0;
}

/* The digits of the text, at most MAX_SLOW_DIGITS of them, and a last 1 for what is cut off.
 * Returns the power of ten that goes with them. */
static int64_t big_from_text(struct Big *b, const struct Scan *s)
{
    int used = 0;
    bool rest = false;
    b->n = 0;
    for (const char *p = s->first; p < s->last; p++) {
        if (*p == '.') continue;
        if (used < MAX_SLOW_DIGITS) {
            big_multiply_add(b, 10, (uint32_t)(*p - '0'));
            used++;
        }
        else if (*p != '0') rest = true;
    }
    if (rest) {
        big_multiply_add(b, 10, 1);
        used++;
    }
    return s->point_exponent - used + 1;
}

/* Compares the text's value with the midpoint above the double of significand m (hidden bit
 * included) and exponent e. */
static int compare_with_midpoint(const struct Scan *s, uint64_t m, int e)
{
    struct Big text, half = {.n = 2};
    int64_t ten = big_from_text(&text, s), two = e - 1;
    m = 2 * m + 1;
    half.words[0] = (uint32_t)m;
    half.words[1] = (uint32_t)(m >> 32);
    while (half.n > 0 && half.words[half.n - 1] == 0) half.n--;
    /* text * 5**ten * 2**ten against half * 2**two, with all exponents made non-negative. */
    if (ten >= 0) big_multiply_power_of_five(&text, ten);
    else big_multiply_power_of_five(&half, -ten);
    two -= ten;
    if (two >= 0) big_shift_left(&half, two);
    else big_shift_left(&text, -two);
    return big_compare(&text, &half);
}

/* The guess is the double at or just below the value, or one too low or high; settle it. */
static double settle(const struct Scan *s)
{
    uint64_t m;
    int biased;
    /* Truncated digits: the value lies between mantissa and mantissa + 1; start from below. */
    uint64_t w = s->mantissa;
    if (!eisel_lemire(w, s->exponent, &m, &biased)) {
        long double x = (long double)w;
        int64_t q = s->exponent;
        double guess =
            (double)(q >= 0 ? x * powl(10.0L, (long double)q) : x / powl(10.0L, (long double)-q));
        uint64_t bits;
        memcpy(&bits, &guess, sizeof bits);
        m = bits & 0xfffffffffffff;
        biased = (int)(bits >> 52 & 0x7ff);
    }
    if (biased == 0x7ff) {              /* begin at the largest finite number */
        biased = 0x7fe;
        m = 0xfffffffffffff;
    }
    uint64_t bits = m | (uint64_t)biased << 52;
    for (;;) { /* up while the value is above the midpoint over this double */
        int e = (int)(bits >> 52 ? bits >> 52 : 1) - 1075;
        uint64_t full = (bits & 0xfffffffffffff) | (bits >> 52 ? (uint64_t)1 << 52 : 0);
        int order = compare_with_midpoint(s, full, e);
        if (order < 0 || (order == 0 && (bits & 1) == 0)) break;
        bits++;
        if (bits >> 52 == 0x7ff) return INFINITY;
        if (order == 0) return assemble(bits, (int)(bits >> 52), false);
    }
    while (bits > 0) {                  /* down while it is below the midpoint under it */
        uint64_t below = bits - 1;
        int e = (int)(below >> 52 ? below >> 52 : 1) - 1075;
        uint64_t full = (below & 0xfffffffffffff) | (below >> 52 ? (uint64_t)1 << 52 : 0);
        int order = compare_with_midpoint(s, full, e);
        if (order > 0 || (order == 0 && (bits & 1) == 0)) break;
        bits = below;
        if (order == 0) break;
    }
    return assemble(bits, (int)(bits >> 52), false);
}

double float_parse(const char *text, const char **end)
{
    static const double small_powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                          1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                          1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct Scan s;
    const char *stop = scan(text, &s);
    *end = stop ? stop : text;
    if (!stop || s.mantissa == 0) return stop && s.negative ? -0.0 : 0.0;
    double x;
    uint64_t m, above;
    int biased, biased_above;
    if (!s.truncated && s.mantissa <= (uint64_t)1 << 53 && s.exponent >= -22 && s.exponent <= 22) {
        x = (double)s.mantissa;
        x = s.exponent < 0 ? x / small_powers[-s.exponent] : x * small_powers[s.exponent];
    }
    else if (s.point_exponent < -330) x = 0.0;
    else if (s.point_exponent > 310) x = INFINITY;
    else if (eisel_lemire(s.mantissa, s.exponent, &m, &biased) &&
             (!s.truncated || (eisel_lemire(s.mantissa + 1, s.exponent, &above, &biased_above) &&
                               above == m && biased_above == biased))) {
        x = assemble(m, biased, false);
    }
    else x = settle(&s);
    return s.negative ? -x : x;
}
