/* int: powers, and powers modulo. */
#include "objects/int/int.h"
#include "objects/int/mag.h"
#include "objects/interrupt.h"

/* a ** e when it fits in 63 bits. */
static bool power_word(int64_t a, uint64_t e, int64_t *result)
{
    int64_t r = 1;
    for (;;) {
        if (e & 1 && __builtin_mul_overflow(r, a, &r)) return false;
        e >>= 1;
        if (!e) break;
        if (__builtin_mul_overflow(a, a, &a)) return false;
    }
    *result = r;
    return true;
}

/* a ** e, e >= 1, by squaring from the top bit down. */
static PyObject *power_large(PyObject *a, uint64_t e)
{
    PyObject *r = int_exact(a);
    for (uint64_t bit = (uint64_t)1 << (63 - __builtin_clzll(e)) >> 1; bit && r; bit >>= 1) {
        Py_SETREF(r, int_multiply(r, r));
        if (r && e & bit) Py_SETREF(r, int_multiply(r, a));
        if (r && interrupt_check() < 0) Py_CLEAR(r);
    }
    return r;
}

static PyObject *power_plain(PyObject *a, PyObject *b)
{
    int64_t x = 0, e, result;
    bool word = int_fits_two_digits(a, &x);
    if (word && x >= -1 && x <= 1 && Py_SIZE(b)) {
        bool odd = int_digits(b)[0] & 1;
        return int_small(x == -1 && !odd ? 1 : x);
    }
    if (Py_SIZE(b) == 0) return int_small(1);
    if (!int_fits_two_digits(b, &e)) return PyErr_NoMemory();
    if (word) {
        uint64_t m = (uint64_t)(x < 0 ? -x : x);
        if ((m & (m - 1)) == 0) {       /* a power of two: a shift */
            uint64_t bits;
            if (__builtin_mul_overflow((uint64_t)__builtin_ctzll(m), (uint64_t)e, &bits))
                return PyErr_NoMemory();
            PyObject *one = int_small_borrow(x < 0 && e & 1 ? -1 : 1);
            return int_shift_left(one, bits);
        }
        if (power_word(x, (uint64_t)e, &result)) return int_from_int64(result);
    }
    return power_large(a, (uint64_t)e);
}

/* a ** e mod m for m of up to two digits and 0 <= a < m. */
static uint64_t power_mod_word(uint64_t a, PyObject *e, uint64_t m)
{
    uint64_t r = 1;
    const digit *d = int_digits(e);
    Py_ssize_t n = int_length(e);
    for (Py_ssize_t i = 0; i < n; i++) {
        digit bits = d[i];
        for (int k = 0; k < MAG_SHIFT; k++) {
            if (m >> 32) {
                if (bits & 1) r = (uint64_t)((unsigned __int128)r * a % m);
                if (i == n - 1 && bits <= 1) break;
                a = (uint64_t)((unsigned __int128)a * a % m);
            }
            else {
                if (bits & 1) r = r * a % m;
                if (i == n - 1 && bits <= 1) break;
                a = a * a % m;
            }
            bits >>= 1;
        }
    }
    return r;
}

/* a ** b mod m for b >= 0, m > 1 and a reduced to 0 <= a < m. */
static PyObject *power_mod(PyObject *a, PyObject *b, PyObject *m)
{
    int64_t x, modulus;
    if (Py_SIZE(b) == 0) return int_small(1);
    if (Py_SIZE(a) == 0) return int_small(0);
    if (int_fits_two_digits(m, &modulus) && int_fits_two_digits(a, &x)) {
        return int_from_int64((int64_t)power_mod_word((uint64_t)x, b, (uint64_t)modulus));
    }
    Py_ssize_t n = int_length(m);
    PyLongObject *r = int_alloc(n);
    if (!r) return NULL;
    int status = mag_gmp_powmod(r->ob_digit, int_digits(a), int_length(a), int_digits(b), int_length(b), int_digits(m), n, interrupt_check);
    if (status < 0) {
        Py_DECREF(r);
        return status == -1 ? PyErr_NoMemory() : NULL;
    }
    return int_finish_steal(r);
}

/* The inverse of a modulo m > 1, 0 <= a < m. */
static PyObject *inverse_mod(PyObject *a, PyObject *m)
{
    Py_ssize_t n = int_length(m);
    PyLongObject *r = int_alloc(n);
    if (!r) return NULL;
    int found = 0;
    if (Py_SIZE(a))
        found = mag_gmp_invert(r->ob_digit, int_digits(a), int_length(a), int_digits(m), n);
    if (found > 0) return int_finish_steal(r);
    Py_DECREF(r);
    if (found < 0) return PyErr_NoMemory();
    PyErr_SetString(PyExc_ValueError, "base is not invertible for the given modulus");
    return NULL;
}

static PyObject *power_modulo(PyObject *a, PyObject *b, PyObject *m)
{
    if (Py_SIZE(m) == 0) {
        PyErr_SetString(PyExc_ValueError, "pow() 3rd argument cannot be 0");
        return NULL;
    }
    if (int_length(m) == 1 && int_digits(m)[0] == 1) return int_small(0);
    PyObject *modulus = int_absolute(m), *base = NULL, *exponent = int_absolute(b), *r = NULL;
    if (modulus && exponent) base = int_remainder(a, modulus);
    if (base && Py_SIZE(b) < 0) Py_SETREF(base, inverse_mod(base, modulus));
    if (base) r = power_mod(base, exponent, modulus);
    if (r && Py_SIZE(m) < 0 && Py_SIZE(r)) Py_SETREF(r, int_add(r, m));
    Py_XDECREF(base);
    Py_XDECREF(modulus);
    Py_XDECREF(exponent);
    return r;
}

PyObject *int_power(PyObject *a, PyObject *b, PyObject *modulus)
{
    if (modulus) return power_modulo(a, b, modulus);
    if (Py_SIZE(b) < 0) return PyFloat_Type.tp_as_number->nb_power(a, b, Py_None);
    return power_plain(a, b);
}
