/* Large magnitudes through GMP.
 *
 * Digits of 30 bits are packed into limbs of 64 and back; that costs about a nanosecond per digit
 * each way, which GMP's better algorithms earn back from the sizes in mag.h on. Those were found by
 * timing mag.c against this file on operands of equal size.
 */
#include "objects/int/mag.h"

#include <gmp.h>
#include <stdbool.h>
#include <string.h>

_Static_assert(sizeof(mp_limb_t) == 8 && GMP_NUMB_BITS == 64, "limbs of 64 bits without nails");

#define LOCAL_LIMBS 192                 /* scratch up to this many limbs lies on the C stack */

/* Limbs that hold n digits. */
static inline Py_ssize_t limb_count(Py_ssize_t n)
{
    return n / 32 * 15 + (n % 32 * 30 + 63) / 64;
}

/* l[limb_count(n)] = a. Returns the length without leading zero limbs. */
static Py_ssize_t limbs_from_digits(mp_limb_t *l, const digit *a, Py_ssize_t n)
{
    mp_limb_t acc = 0;
    int bits = 0;
    Py_ssize_t k = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        acc |= (mp_limb_t)a[i] << bits;
        bits += 30;
        if (bits >= 64) {
            l[k++] = acc;
            bits -= 64;
            acc = (mp_limb_t)a[i] >> (30 - bits);
        }
    }
    if (bits > 0) l[k++] = acc;
    while (k > 0 && l[k - 1] == 0) k--;
    return k;
}

/* a[n] = l[k]; digits above the limbs are zeroed, bits above the digits must be 0. */
static void digits_from_limbs(digit *a, Py_ssize_t n, const mp_limb_t *l, Py_ssize_t k)
{
    mp_limb_t acc = 0;
    int bits = 0;
    Py_ssize_t j = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (bits < 30) {
            mp_limb_t limb = j < k ? l[j] : 0;
            j++;
            a[i] = (digit)(acc | limb << bits) & MAG_MASK;
            acc = limb >> (30 - bits);
            bits += 34;
        }
        else {
            a[i] = (digit)acc & MAG_MASK;
            acc >>= 30;
            bits -= 30;
        }
    }
}

static mp_limb_t *scratch_get(mp_limb_t *local, Py_ssize_t need)
{
    return need <= LOCAL_LIMBS ? local : PyMem_Malloc((size_t)need * sizeof(mp_limb_t));
}

static void scratch_put(mp_limb_t *local, mp_limb_t *scratch)
{
    if (scratch != local) PyMem_Free(scratch);
}

int mag_gmp_mul(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    mp_limb_t local[LOCAL_LIMBS];
    Py_ssize_t ka = limb_count(na), kb = limb_count(nb);
    mp_limb_t *l = scratch_get(local, 2 * (ka + kb));
    if (!l) return -1;
    mp_limb_t *la = l, *lb = l + ka, *lr = lb + kb;
    ka = limbs_from_digits(la, a, na);
    if (a == b && na == nb) {
        if (ka) mpn_sqr(lr, la, ka);
        kb = ka;
    }
    else {
        kb = limbs_from_digits(lb, b, nb);
        if (ka && kb) {
            if (ka >= kb) mpn_mul(lr, la, ka, lb, kb);
            else mpn_mul(lr, lb, kb, la, ka);
        }
    }
    digits_from_limbs(r, na + nb, lr, ka && kb ? ka + kb : 0);
    scratch_put(local, l);
    return 0;
}

int mag_gmp_div(digit *q, digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    mp_limb_t local[LOCAL_LIMBS];
    Py_ssize_t ka = limb_count(na), kb = limb_count(nb);
    mp_limb_t *l = scratch_get(local, 2 * ka + 2 * kb + 1);
    if (!l) return -1;
    mp_limb_t *la = l, *lb = la + ka, *lr = lb + kb, *lq = lr + kb;
    ka = limbs_from_digits(la, a, na);
    kb = limbs_from_digits(lb, b, nb);
    Py_ssize_t kq = 0;
    if (ka < kb) {
        memset(lr, 0, (size_t)kb * sizeof *lr);
        memcpy(lr, la, (size_t)ka * sizeof *lr);
    }
    else {
        mpn_tdiv_qr(lq, lr, 0, la, ka, lb, kb);
        kq = ka - kb + 1;
    }
    if (q) digits_from_limbs(q, na - nb + 1, lq, kq);
    if (r) digits_from_limbs(r, nb, lr, kb);
    scratch_put(local, l);
    return 0;
}

int mag_gmp_gcd(digit *r, const digit *a, Py_ssize_t na, const digit *b, Py_ssize_t nb)
{
    if (na < nb) return mag_gmp_gcd(r, b, nb, a, na);
    mp_limb_t local[LOCAL_LIMBS];
    Py_ssize_t ka = limb_count(na), kb = limb_count(nb), room = ka > kb ? ka : kb;
    mp_limb_t *l = scratch_get(local, 3 * room + 2);
    if (!l) return -1;
    mp_limb_t *la = l, *lb = la + room + 1, *lr = lb + room;
    ka = limbs_from_digits(la, a, na);
    kb = limbs_from_digits(lb, b, nb);
    /* mpn_gcd wants a first operand that is not shorter and a second that is odd: take the powers
     * of two out by hand. */
    mp_bitcnt_t za = mpn_scan1(la, 0), zb = mpn_scan1(lb, 0), twos = za < zb ? za : zb;
    Py_ssize_t skip = (Py_ssize_t)(zb / 64);
    if (zb % 64) mpn_rshift(lb, lb + skip, kb - skip, (unsigned)(zb % 64));
    else if (skip) memmove(lb, lb + skip, (size_t)(kb - skip) * sizeof *lb);
    kb -= skip;
    if (kb > 0 && lb[kb - 1] == 0) kb--;
    skip = (Py_ssize_t)(za / 64);
    if (za % 64) mpn_rshift(la, la + skip, ka - skip, (unsigned)(za % 64));
    else if (skip) memmove(la, la + skip, (size_t)(ka - skip) * sizeof *la);
    ka -= skip;
    if (ka > 0 && la[ka - 1] == 0) ka--;
    Py_ssize_t kr;
    if (ka > kb || (ka == kb && la[ka - 1] >= lb[kb - 1])) kr = mpn_gcd(lr, la, ka, lb, kb);
    else kr = mpn_gcd(lr, lb, kb, la, ka);
    /* Shift the common twos back in, above the result in the space of la and lb. */
    skip = (Py_ssize_t)(twos / 64);
    Py_ssize_t total = skip + kr + 1;
    mp_limb_t *out = PyMem_Malloc((size_t)total * sizeof *out);
    if (!out) {
        scratch_put(local, l);
        return -1;
    }
    memset(out, 0, (size_t)total * sizeof *out);
    if (twos % 64) out[skip + kr] = mpn_lshift(out + skip, lr, kr, (unsigned)(twos % 64));
    else memcpy(out + skip, lr, (size_t)kr * sizeof *out);
    digits_from_limbs(r, nb, out, total);
    PyMem_Free(out);
    scratch_put(local, l);
    return 0;
}

/* r = a ** e mod m like mpz_powm(), with a look at interrupt() at each bit. False: it said to stop. */
static bool power_by_steps(mpz_t r, const mpz_t a, const mpz_t e, const mpz_t m, int (*interrupt)(void))
{
    enum { WINDOW = 5 };
    mpz_t powers[1 << WINDOW];      /* a ** i */
    for (int i = 0; i < 1 << WINDOW; i++) mpz_init(powers[i]);
    mpz_set_ui(powers[0], 1);
    bool go_on = true;
    for (int i = 1; i < 1 << WINDOW && (go_on = interrupt() == 0); i++) {
        mpz_mul(powers[i], powers[i - 1], a);
        mpz_tdiv_r(powers[i], powers[i], m);
    }
    mpz_set_ui(r, 1);
    size_t bits = mpz_sizeinbase(e, 2), place = (bits + WINDOW - 1) / WINDOW * WINDOW;
    while (go_on && place > 0) {
        unsigned window = 0;
        for (int i = 0; i < WINDOW && (go_on = interrupt() == 0); i++) {
            window = window << 1 | (unsigned)mpz_tstbit(e, --place);
            mpz_mul(r, r, r);
            mpz_tdiv_r(r, r, m);
        }
        if (window == 0) continue;
        mpz_mul(r, r, powers[window]);
        mpz_tdiv_r(r, r, m);
    }
    for (int i = 0; i < 1 << WINDOW; i++) mpz_clear(powers[i]);
    return go_on;
}

int mag_gmp_powmod(digit *r, const digit *a, Py_ssize_t na, const digit *e, Py_ssize_t ne,
                   const digit *m, Py_ssize_t nm, int (*interrupt)(void))
{
    enum { LONG_MODULUS = 100, LONG_WORK = 40000 };     /* limbs: above, this takes more than a tenth of a second */
    Py_ssize_t ka = limb_count(na), ke = limb_count(ne), km = limb_count(nm);
    mp_limb_t local[LOCAL_LIMBS], *l = scratch_get(local, ka + ke + km);
    if (!l) return -1;
    mpz_t za, ze, zm, zr;
    mp_limb_t *le = l + ka, *lm = le + ke;
    mpz_roinit_n(za, l, limbs_from_digits(l, a, na));
    mpz_roinit_n(ze, le, limbs_from_digits(le, e, ne));
    mpz_roinit_n(zm, lm, limbs_from_digits(lm, m, nm));
    mpz_init(zr);
    bool done = true;
    if (km < LONG_MODULUS || km * ke < LONG_WORK) mpz_powm(zr, za, ze, zm);
    else done = power_by_steps(zr, za, ze, zm, interrupt);
    if (done) digits_from_limbs(r, nm, mpz_limbs_read(zr), (Py_ssize_t)mpz_size(zr));
    mpz_clear(zr);
    scratch_put(local, l);
    return done ? 0 : -2;
}

int mag_gmp_sqrt(digit *r, const digit *a, Py_ssize_t n)
{
    mp_limb_t local[LOCAL_LIMBS];
    Py_ssize_t k = limb_count(n);
    mp_limb_t *l = scratch_get(local, 2 * k + 1);
    if (!l) return -1;
    Py_ssize_t used = limbs_from_digits(l, a, n);
    mp_limb_t *root = l + k;
    mpn_sqrtrem(root, NULL, l, used);
    digits_from_limbs(r, (n + 1) / 2, root, (used + 1) / 2);
    scratch_put(local, l);
    return 0;
}

Py_ssize_t mag_gmp_to_text(unsigned char *text, int base, const digit *a, Py_ssize_t n)
{
    mp_limb_t local[LOCAL_LIMBS];
    Py_ssize_t k = limb_count(n);
    mp_limb_t *l = scratch_get(local, k + 1);
    if (!l) return -1;
    k = limbs_from_digits(l, a, n);
    Py_ssize_t count = (Py_ssize_t)mpn_get_str(text, base, l, k), zeros = 0;
    while (zeros < count && text[zeros] == 0) zeros++;
    if (zeros) memmove(text, text + zeros, (size_t)(count - zeros));
    scratch_put(local, l);
    return count - zeros;
}

Py_ssize_t mag_gmp_from_text(digit *r, Py_ssize_t n, const unsigned char *text, Py_ssize_t count,
                             int base)
{
    mp_limb_t local[LOCAL_LIMBS];
    /* mpn_set_str may write one limb more than the value needs. */
    Py_ssize_t k = limb_count(n) + 2;
    mp_limb_t *l = scratch_get(local, k);
    if (!l) return -1;
    k = (Py_ssize_t)mpn_set_str(l, text, (size_t)count, base);
    digits_from_limbs(r, n, l, k);
    scratch_put(local, l);
    return mag_normalize(r, n);
}

int mag_gmp_invert(digit *r, const digit *a, Py_ssize_t na, const digit *m, Py_ssize_t nm)
{
    Py_ssize_t ka = limb_count(na), km = limb_count(nm);
    mp_limb_t local[LOCAL_LIMBS], *l = scratch_get(local, ka + km);
    if (!l) return -1;
    mpz_t za, zm, zr;
    mpz_roinit_n(za, l, limbs_from_digits(l, a, na));
    mpz_roinit_n(zm, l + ka, limbs_from_digits(l + ka, m, nm));
    mpz_init(zr);
    int found = mpz_invert(zr, za, zm) != 0;
    if (found) digits_from_limbs(r, nm, mpz_limbs_read(zr), (Py_ssize_t)mpz_size(zr));
    mpz_clear(zr);
    scratch_put(local, l);
    return found;
}
