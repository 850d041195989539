/* Schoolbook arithmetic on magnitudes, the best there is up to a few dozen digits. */
#include "objects/int/mag.h"

#include <string.h>

#include "objects/int/mag_lanes.h"

int mag_cmp(const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    if (na != nb) return na < nb ? -1 : 1;
    for (Py_ssize_t i = na; i-- > 0;) {
        if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
    }
    return 0;
}

/* Two digits as one of 60 bits. */
#define PAIR_MASK (((uint64_t)1 << (2 * MAG_SHIFT)) - 1)

static inline uint64_t load_pair(const digit *d)
{
    uint64_t word;
    memcpy(&word, d, sizeof(word));
    return (word & MAG_MASK) | word >> 32 << MAG_SHIFT;
}

static inline void store_pair(digit *d, uint64_t pair)
{
    uint64_t word = (pair & MAG_MASK) | pair >> MAG_SHIFT << 32;
    memcpy(d, &word, sizeof(word));
}

/* r[i..n) = a[i..n), where no carry gets to. */
static inline void copy_rest(digit *r, const digit *a, Py_ssize_t i, Py_ssize_t n)
{
    if (i < n && r != a) memcpy(r + i, a + i, (size_t)(n - i) * sizeof(digit));
}

void mag_add(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    digit carry = 0;
    Py_ssize_t i = 0;
    if (mag_lanes_usable(nb)) {
        carry = mag_lanes_add(r, a, b, nb);
        i = nb / MAG_LANES * MAG_LANES;
    }
    for (; i < nb; i++) {
        carry += a[i] + b[i];
        r[i] = carry & MAG_MASK;
        carry >>= MAG_SHIFT;
    }
    for (; carry && i < na; i++) {
        carry += a[i];
        r[i] = carry & MAG_MASK;
        carry >>= MAG_SHIFT;
    }
    r[na] = carry;
    copy_rest(r, a, i, na);
}

void mag_sub(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    sdigit borrow = 0;                  /* 0 or -1 */
    Py_ssize_t i = 0;
    if (mag_lanes_usable(nb)) {
        borrow = mag_lanes_sub(r, a, b, nb);
        i = nb / MAG_LANES * MAG_LANES;
    }
    for (; i < nb; i++) {
        borrow += (sdigit)a[i] - (sdigit)b[i];
        r[i] = (digit)borrow & MAG_MASK;
        borrow >>= MAG_SHIFT;
    }
    for (; borrow && i < na; i++) {
        borrow += (sdigit)a[i];
        r[i] = (digit)borrow & MAG_MASK;
        borrow >>= MAG_SHIFT;
    }
    copy_rest(r, a, i, na);
}

digit mag_mul_digit(digit *r, const digit *a, Py_ssize_t n, digit m, digit carry)
{
    Py_ssize_t i = 0;
    if (mag_lanes_usable(n)) {
        carry = mag_lanes_mul(r, a, n, m, carry);
        i = n / MAG_LANES * MAG_LANES;
    }
    twodigits acc = carry;
    for (; i < n; i++) {
        acc += (twodigits)a[i] * m;
        r[i] = (digit)acc & MAG_MASK;
        acc >>= MAG_SHIFT;
    }
    return (digit)acc;
}

/* r[n] += a * m; the digit that does not fit is returned. */
static digit add_product(digit *r, const digit *a, Py_ssize_t n, digit m)
{
    Py_ssize_t i = 0;
    twodigits acc = 0;
    if (mag_lanes_usable(n)) {
        acc = mag_lanes_mul_add(r, a, n, m);
        i = n / MAG_LANES * MAG_LANES;
    }
    for (; i < n; i++) {
        acc += r[i] + (twodigits)a[i] * m;
        r[i] = (digit)acc & MAG_MASK;
        acc >>= MAG_SHIFT;
    }
    return (digit)acc;
}

enum { PAIRS_MOST = 64 };

/* a * b by digits of 60 bits: a quarter of the products, for what is too short for GMP. */
static void multiply_pairs(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    uint64_t x[PAIRS_MOST / 2 + 1], y[PAIRS_MOST / 2 + 1], z[PAIRS_MOST + 2];
    Py_ssize_t nx = 0, ny = 0;
    for (Py_ssize_t i = 0; i < na; i += 2) x[nx++] = i + 1 < na ? load_pair(a + i) : a[i];
    for (Py_ssize_t i = 0; i < nb; i += 2) y[ny++] = i + 1 < nb ? load_pair(b + i) : b[i];
    memset(z, 0, (size_t)nx * sizeof(*z));
    for (Py_ssize_t j = 0; j < ny; j++) {
        uint64_t carry = 0, *row = z + j;
        for (Py_ssize_t i = 0; i < nx; i++) {
            unsigned __int128 sum = (unsigned __int128)x[i] * y[j] + row[i] + carry;
            row[i] = (uint64_t)sum & PAIR_MASK;
            carry = (uint64_t)(sum >> (2 * MAG_SHIFT));
        }
        row[nx] = carry;
    }
    Py_ssize_t n = na + nb, i = 0;
    for (; i + 2 <= n; i += 2) store_pair(r + i, z[i / 2]);
    if (i < n) r[i] = (digit)z[i / 2];
}

int mag_mul(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    if (na < nb) {
        const digit *t = a;
        a = b;
        b = t;
        Py_ssize_t n = na;
        na = nb;
        nb = n;
    }
    if (nb >= MAG_GMP_MUL || (nb >= MAG_GMP_MUL_SHORT && na >= MAG_GMP_MUL_LONG))
        return mag_gmp_mul(r, a, na, b, nb);
    if (nb == 0) {
        memset(r, 0, (size_t)na * sizeof(digit));
        return 0;
    }
    if (nb >= 4 && na <= PAIRS_MOST) {
        multiply_pairs(r, a, na, b, nb);
        return 0;
    }
    r[na] = mag_mul_digit(r, a, na, b[0], 0);
    for (Py_ssize_t j = 1; j < nb; j++) r[j + na] = add_product(r + j, a, na, b[j]);
    return 0;
}

digit mag_div_digit(digit *q, const digit *a, Py_ssize_t n, digit d)
{
    twodigits rest = 0;
    for (Py_ssize_t i = n; i-- > 0;) {
        rest = rest << MAG_SHIFT | a[i];
        digit part = (digit)(rest / d);
        rest -= (twodigits)part * d;
        if (q) q[i] = part;
    }
    return (digit)rest;
}

digit mag_shift_left(digit *r, const digit *a, Py_ssize_t n, int bits)
{
    twodigits carry = 0;
    if (bits == 0) {
        memmove(r, a, (size_t)n * sizeof(digit));
        return 0;
    }
    /* From the top down, so that r may lie above a in the same array. */
    if (n == 0) return 0;
    digit out = a[n - 1] >> (MAG_SHIFT - bits);
    for (Py_ssize_t i = n; i-- > 1;) {
        carry = a[i] << bits | a[i - 1] >> (MAG_SHIFT - bits);
        r[i] = (digit)carry & MAG_MASK;
    }
    r[0] = a[0] << bits & MAG_MASK;
    return out;
}

digit mag_shift_right(digit *r, const digit *a, Py_ssize_t n, int bits)
{
    if (n == 0) return 0;
    if (bits == 0) {
        memmove(r, a, (size_t)n * sizeof(digit));
        return 0;
    }
    digit out = a[0] & (((digit)1 << bits) - 1);
    for (Py_ssize_t i = 0; i < n - 1; i++) {
        r[i] = a[i] >> bits | (a[i + 1] << (MAG_SHIFT - bits) & MAG_MASK);
    }
    r[n - 1] = a[n - 1] >> bits;
    return out;
}

/* Knuth's algorithm D: w[nw] (one spare digit on top, divisor's top bit set) is reduced to the
 * remainder, q takes nw-nb digits. */
static void divide_normalised(digit *q, digit *w, Py_ssize_t nw, const digit *b, Py_ssize_t nb)
{
    digit top = b[nb - 1], next = b[nb - 2];
    for (Py_ssize_t k = nw - nb; k-- > 0;) {
        digit *part = w + k;
        digit high = part[nb];
        twodigits head = (twodigits)high << MAG_SHIFT | part[nb - 1];
        twodigits guess = head / top, rest = head - guess * top;
        while (guess > MAG_MASK || guess * next > (rest << MAG_SHIFT | part[nb - 2])) {
            guess--;
            rest += top;
            if (rest > MAG_MASK) break;
        }
        stwodigits borrow = 0;
        for (Py_ssize_t i = 0; i < nb; i++) {
            borrow += (stwodigits)part[i] - (stwodigits)(guess * b[i]);
            part[i] = (digit)borrow & MAG_MASK;
            borrow >>= MAG_SHIFT;
        }
        if (borrow + (stwodigits)high < 0) {
            digit carry = 0;
            for (Py_ssize_t i = 0; i < nb; i++) {
                carry += part[i] + b[i];
                part[i] = carry & MAG_MASK;
                carry >>= MAG_SHIFT;
            }
            guess--;
        }
        part[nb] = 0;
        if (q) q[k] = (digit)guess;
    }
}

int mag_div(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    if (nb >= MAG_GMP_DIV && na - nb >= MAG_GMP_DIV) return mag_gmp_div(q, r, a, na, b, nb);
    digit local[64];
    size_t need = (size_t)(na + 1 + nb);
    digit *w = local;
    if (need > 64) {
        w = PyMem_Malloc(need * sizeof(digit));
        if (!w) return -1;
    }
    digit *divisor = w + na + 1;
    int bits = MAG_SHIFT - mag_digit_bits(b[nb - 1]);
    mag_shift_left(divisor, b, nb, bits);
    w[na] = mag_shift_left(w, a, na, bits);
    divide_normalised(q, w, na + 1, divisor, nb);
    if (r) mag_shift_right(r, w, nb, bits);
    if (w != local) PyMem_Free(w);
    return 0;
}
