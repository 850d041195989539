/* A given number of digits of a double, rounded half to even on its exact value. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_text.h"

#define BILLION 1000000000u
/* The exact value of a double in base 10**9: 35 parts before the point, 120 after. */
#define PARTS_BEFORE 36
#define PARTS_AFTER 122

/* Splits |x| into m * 2**e. */
static uint64_t split(double x, int *e)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int biased = (int)(bits >> 52 & 0x7ff);
    *e = (biased ? biased : 1) - 1075;
    uint64_t m = bits & 0xfffffffffffff;
    return biased ? m | (uint64_t)1 << 52 : m;
}

static int write_decimal(char *out, uint64_t n)
{
    char buffer[20], *p = buffer + sizeof buffer;
    do *--p = (char)('0' + n % 10);
    while (n /= 10);
    int count = (int)(buffer + sizeof buffer - p);
    memcpy(out, p, (size_t)count);
    return count;
}

static const uint64_t powers_of_five[28] = {
    1, 5, 25, 125, 625, 3125, 15625, 78125, 390625, 1953125, 9765625, 48828125, 244140625,
    1220703125, 6103515625, 30517578125, 152587890625, 762939453125, 3814697265625,
    19073486328125, 95367431640625, 476837158203125, 2384185791015625, 11920928955078125,
    59604644775390625, 298023223876953125, 1490116119384765625, 7450580596923828125,
};

/* round(m * 2**e * 10**p) for 0 <= p <= 27 when the product and the result are small enough; false
 * when they are not. */
static bool scaled_small(uint64_t m, int e, int p, uint64_t *result)
{
    if (p < 0 || p > 27) return false;
    unsigned __int128 product = (unsigned __int128)m * powers_of_five[p];
    int shift = -(e + p);
    if (shift <= 0) {
        if (shift < -10 || product >> (63 + shift)) return false;
        *result = (uint64_t)product << -shift;
        return true;
    }
    if (shift > 120) { /* below half of the last place: product has 116 bits at most */
        *result = 0;
        return true;
    }
    unsigned __int128 quotient = product >> shift,
                      rest = product & (((unsigned __int128)1 << shift) - 1);
    if (quotient >> 63) return false;
    unsigned __int128 half = (unsigned __int128)1 << (shift - 1);
    *result = (uint64_t)quotient + (rest > half || (rest == half && (quotient & 1)));
    return true;
}

/* The whole value in base 10**9. parts[PARTS_BEFORE - 1] is the units; the significant ones are
 * [*first, *last). */
static void expand(uint64_t m, int e, uint32_t *parts, int *first, int *last)
{
    int a = PARTS_BEFORE, z = PARTS_BEFORE;
    while (m) {
        parts[--a] = (uint32_t)(m % BILLION);
        m /= BILLION;
    }
    while (e > 0) {
        int shift = e < 29 ? e : 29;
        uint64_t carry = 0;
        for (int i = z; i-- > a;) {
            carry += (uint64_t)parts[i] << shift;
            parts[i] = (uint32_t)(carry % BILLION);
            carry /= BILLION;
        }
        if (carry) parts[--a] = (uint32_t)carry;
        e -= shift;
    }
    while (e < 0) {
        int shift = -e < 9 ? -e : 9;
        uint32_t carry = 0, mask = (1u << shift) - 1;
        for (int i = a; i < z; i++) {
            uint32_t part = parts[i];
            parts[i] = (part >> shift) + carry;
            carry = (BILLION >> shift) * (part & mask);
        }
        if (carry) parts[z++] = carry;
        while (a < z && parts[a] == 0) a++;
        e += shift;
    }
    *first = a;
    *last = z;
}

/* All decimal digits of |x| into text (room for (PARTS_BEFORE + PARTS_AFTER) * 9); leading zeros
 * dropped. */
static void exact_digits(double x, char *text, int *count, int *point)
{
    uint32_t parts[PARTS_BEFORE + PARTS_AFTER];
    int first, last, e;
    uint64_t m = split(x, &e);
    expand(m, e, parts, &first, &last);
    char *p = text;
    for (int i = first; i < last; i++, p += 9) {
        uint32_t part = parts[i];
        for (int j = 8; j >= 0; j--) {
            p[j] = (char)('0' + part % 10);
            part /= 10;
        }
    }
    int n = (int)(p - text), zeros = 0;
    *point = (PARTS_BEFORE - first) * 9;
    while (zeros < n && text[zeros] == '0') zeros++;
    n -= zeros;
    memmove(text, text + zeros, (size_t)n);
    *point -= zeros;
    while (n > 0 && text[n - 1] == '0') n--;
    *count = n;
}

/* Cuts `keep` digits (may be <= 0) from exact digits with rounding, into out->digits of that length
 * plus one. */
static void cut(const char *text, int count, int point, int keep, struct FloatDecimal *out)
{
    out->point = point;
    out->count = keep > 0 ? keep : 0;
    if (keep >= count) {
        memcpy(out->digits, text, (size_t)count);
        memset(out->digits + count, '0', (size_t)(keep - count));
        return;
    }
    if (keep < 0) return;
    bool up = text[keep] > '5' ||
              (text[keep] == '5' && (keep + 1 < count || (keep > 0 && text[keep - 1] & 1)));
    memcpy(out->digits, text, (size_t)keep);
    if (!up) return;
    int i = keep;
    while (i > 0 && out->digits[i - 1] == '9') out->digits[--i] = '0';
    if (i > 0) {
        out->digits[i - 1]++;
        return;
    }
    /* 9.99 became 10.0: one digit more before the point. */
    out->digits[0] = '1';
    memset(out->digits + 1, '0', (size_t)keep);
    out->point++;
    out->count = keep + 1;
}

static bool get_room(size_t need, char *local, struct FloatDecimal *out)
{
    out->digits = need <= FLOAT_LOCAL_DIGITS ? local : malloc(need);
    return out->digits != NULL;
}

bool float_round_fraction(double x, int fraction, char *local, struct FloatDecimal *out)
{
    int e, count, point;
    uint64_t m = split(x, &e), n;
    if (scaled_small(m, e, fraction, &n)) {
        out->digits = local;
        out->count = n ? write_decimal(local, n) : 0;
        out->point = out->count - fraction;
        return true;
    }
    char text[(PARTS_BEFORE + PARTS_AFTER) * 9];
    exact_digits(x, text, &count, &point);
    if (count == 0) {
        *out = (struct FloatDecimal){local, 0, -fraction};
        return true;
    }
    int keep = point + fraction;
    if (!get_room((size_t)(keep > 0 ? keep : 0) + 2, local, out)) return false;
    cut(text, count, point, keep, out);
    if (out->count == 0) out->point = -fraction;
    return true;
}

bool float_round_significant(double x, int significant, char *local, struct FloatDecimal *out)
{
    int e, count, point;
    uint64_t m = split(x, &e), n;
    if (m == 0) {
        if (!get_room((size_t)significant, local, out)) return false;
        memset(out->digits, '0', (size_t)significant);
        out->count = significant;
        out->point = 1;
        return true;
    }
    if (significant <= 17) {
        /* The power of ten is known to within one; a digit too many or too few shows in the count.
         */
        int guess = (int)floor((e + 63 - __builtin_clzll(m)) * 0.30102999566398120) + 1;
        for (int p = guess; p <= guess + 1; p++) {
            if (!scaled_small(m, e, significant - p, &n)) break;
            int digits = write_decimal(local, n);
            if (digits < significant) break;
            if (digits > significant) {
                /* Rounded up to a power of ten, or a wrong guess: the next p tells them apart. */
                continue;
            }
            *out = (struct FloatDecimal){local, digits, p};
            return true;
        }
    }
    char text[(PARTS_BEFORE + PARTS_AFTER) * 9];
    exact_digits(x, text, &count, &point);
    if (!get_room((size_t)significant + 2, local, out)) return false;
    cut(text, count, point, significant, out);
    out->count = significant;
    return true;
}
