/* int: sum, difference, product, floor division. */
#include "objects/int/int.h"
#include "objects/int/mag.h"

#include <string.h>

/* |a| + |b| or |a| - |b|, with the sign given by the caller for the case |a| >= |b|. */
static PyObject *combine(PyObject *a, PyObject *b, bool add, bool negative)
{
    const digit *da = int_digits(a), *db = int_digits(b);
    Py_ssize_t na = int_length(a), nb = int_length(b);
    if (add) {
        if (na < nb) {
            const digit *d = da;
            da = db;
            db = d;
            Py_ssize_t n = na;
            na = nb;
            nb = n;
        }
        PyLongObject *r = int_alloc(na + 1);
        if (!r) return NULL;
        mag_add(r->ob_digit, da, na, db, nb);
        if (negative) Py_SET_SIZE(r, -(na + 1));
        return int_finish_steal(r);
    }
    int order = mag_cmp(da, na, db, nb);
    if (order == 0) return int_small(0);
    PyLongObject *r = int_alloc(order > 0 ? na : nb);
    if (!r) return NULL;
    if (order > 0) mag_sub(r->ob_digit, da, na, db, nb);
    else mag_sub(r->ob_digit, db, nb, da, na);
    if (negative != (order < 0)) Py_SET_SIZE(r, -Py_SIZE(r));
    return int_finish_steal(r);
}

/* The value of an int of up to four digits. */
static inline __int128 value_of_few(PyObject *o, Py_ssize_t n)
{
    const digit *d = int_digits(o);
    uint64_t low = 0, high = 0;
    switch (n) {
    case 4: high = (uint64_t)d[3] << 26; __attribute__((fallthrough));
    case 3:
        high |= d[2] >> 4;
        low = (uint64_t)d[2] << 60;
        __attribute__((fallthrough));
    case 2: low |= (uint64_t)d[1] << 30; __attribute__((fallthrough));
    case 1: low |= d[0];
    }
    unsigned __int128 m = (unsigned __int128)high << 64 | low;
    return Py_SIZE(o) < 0 ? -(__int128)m : (__int128)m;
}

enum { FEW_DIGITS = 4 };    /* so that sums and, of half as many, products fit 127 bits */

static PyObject *from_int128(__int128 value)
{
    if ((int64_t)value == value) return int_from_int64((int64_t)value);
    bool negative = value < 0;
    unsigned __int128 m = negative ? -(unsigned __int128)value : (unsigned __int128)value;
    uint64_t low = (uint64_t)m, high = (uint64_t)(m >> 64);
    Py_ssize_t n = high >> 56 ? 5 : high >> 26 ? 4 : 3;     /* at least 63 bits: what is shorter went above */
    PyLongObject *r = int_alloc(n);
    if (!r) return NULL;
    digit *d = r->ob_digit;
    d[0] = (digit)low & MAG_MASK;
    d[1] = (digit)(low >> 30) & MAG_MASK;
    d[2] = (digit)(low >> 60 | high << 4) & MAG_MASK;
    if (n > 3) d[3] = (digit)(high >> 26) & MAG_MASK;
    if (n > 4) d[4] = (digit)(high >> 56);
    if (negative) Py_SET_SIZE(r, -n);
    return (PyObject *)r;
}

PyObject *int_add(PyObject *a, PyObject *b)
{
    int64_t x, y;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) return int_from_int64(x + y);
    Py_ssize_t na = int_length(a), nb = int_length(b);
    if (na <= FEW_DIGITS && nb <= FEW_DIGITS) return from_int128(value_of_few(a, na) + value_of_few(b, nb));
    return combine(a, b, (Py_SIZE(a) < 0) == (Py_SIZE(b) < 0), Py_SIZE(a) < 0);
}

PyObject *int_subtract(PyObject *a, PyObject *b)
{
    int64_t x, y;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) return int_from_int64(x - y);
    Py_ssize_t na = int_length(a), nb = int_length(b);
    if (na <= FEW_DIGITS && nb <= FEW_DIGITS) return from_int128(value_of_few(a, na) - value_of_few(b, nb));
    return combine(a, b, (Py_SIZE(a) < 0) != (Py_SIZE(b) < 0), Py_SIZE(a) < 0);
}

PyObject *int_multiply(PyObject *a, PyObject *b)
{
    int64_t x, y;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) return from_int128((__int128)x * y);
    Py_ssize_t na = int_length(a), nb = int_length(b);
    if (na == 0 || nb == 0) return int_small(0);
    PyLongObject *r = int_alloc(na + nb);
    if (!r) return NULL;
    if (mag_mul(r->ob_digit, int_digits(a), na, int_digits(b), nb) < 0) {
        Py_DECREF(r);
        return PyErr_NoMemory();
    }
    if ((Py_SIZE(a) < 0) != (Py_SIZE(b) < 0)) Py_SET_SIZE(r, -Py_SIZE(r));
    return int_finish_steal(r);
}

PyObject *int_negate(PyObject *a)
{
    int64_t x;
    if (int_fits_two_digits(a, &x)) return int_from_int64(-x);
    return int_from_digits(int_digits(a), int_length(a), Py_SIZE(a) > 0);
}

PyObject *int_absolute(PyObject *a)
{
    return Py_SIZE(a) < 0 ? int_negate(a) : int_exact(a);
}

/* Quotient and remainder of magnitudes, truncated, for |b| of at least one digit. Either pointer
 * may be NULL. The remainder has the sign of a. */
static int divide_truncated(PyObject *a, PyObject *b, PyObject **quotient, PyObject **remainder)
{
    const digit *da = int_digits(a), *db = int_digits(b);
    Py_ssize_t na = int_length(a), nb = int_length(b);
    bool opposite = (Py_SIZE(a) < 0) != (Py_SIZE(b) < 0);
    PyLongObject *q = NULL, *r = NULL;
    if (na < nb || (na == nb && da[na - 1] < db[nb - 1])) {
        if (remainder && !(*remainder = int_exact(a))) return -1;
        if (quotient) *quotient = int_small(0);
        return 0;
    }
    if (quotient && !(q = int_alloc(na - nb + 1))) return -1;
    if (remainder && !(r = int_alloc(nb))) goto error;
    if (nb == 1) {
        digit rest = mag_div_digit(q ? q->ob_digit : NULL, da, na, db[0]);
        if (r) r->ob_digit[0] = rest;
    }
    else if (mag_div(q ? q->ob_digit : NULL, r ? r->ob_digit : NULL, da, na, db, nb) < 0) {
        PyErr_NoMemory();
        goto error;
    }
    if (q) {
        if (opposite) Py_SET_SIZE(q, -Py_SIZE(q));
        *quotient = int_finish_steal(q);
    }
    if (r) {
        if (Py_SIZE(a) < 0) Py_SET_SIZE(r, -Py_SIZE(r));
        *remainder = int_finish_steal(r);
    }
    return 0;
error:
    Py_XDECREF(q);
    Py_XDECREF(r);
    return -1;
}

static int zero_division(void)
{
    PyErr_SetString(PyExc_ZeroDivisionError, "integer division or modulo by zero");
    return -1;
}

/* divmod() of values of up to two digits; y is not 0. The processor divides small numbers much
 * faster. */
static inline void divide_words(int64_t x, int64_t y, int64_t *q, int64_t *r)
{
    if ((uint64_t)(x | y) <= UINT32_MAX) {
        *q = (uint32_t)x / (uint32_t)y;
        *r = (uint32_t)x % (uint32_t)y;
        return;
    }
    int64_t quotient = x / y, rest = x - quotient * y;
    if (rest != 0 && (rest ^ y) < 0) {
        quotient--;
        rest += y;
    }
    *q = quotient;
    *r = rest;
}

int int_divmod(PyObject *a, PyObject *b, PyObject **quotient, PyObject **remainder)
{
    int64_t x, y, q, r;
    if (Py_SIZE(b) == 0) return zero_division();
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) {
        divide_words(x, y, &q, &r);
        if (quotient && !(*quotient = int_from_int64(q))) return -1;
        if (remainder && !(*remainder = int_from_int64(r))) {
            if (quotient) Py_CLEAR(*quotient);
            return -1;
        }
        return 0;
    }
    PyObject *rest, *whole = NULL;
    bool opposite = (Py_SIZE(a) < 0) != (Py_SIZE(b) < 0);
    if (!opposite) return divide_truncated(a, b, quotient, remainder);
    if (divide_truncated(a, b, quotient ? &whole : NULL, &rest) < 0) return -1;
    if (Py_SIZE(rest) != 0) {           /* truncated is one above floored */
        PyObject *t = remainder ? int_add(rest, b) : Py_NewRef(rest);
        Py_DECREF(rest);
        rest = t;
        if (rest && whole) {
            t = int_subtract(whole, int_small_borrow(1));
            Py_DECREF(whole);
            whole = t;
        }
        if (!rest || (quotient && !whole)) {
            Py_XDECREF(rest);
            Py_XDECREF(whole);
            return -1;
        }
    }
    if (quotient) *quotient = whole;
    if (remainder) *remainder = rest;
    else Py_DECREF(rest);
    return 0;
}

PyObject *int_floor_divide(PyObject *a, PyObject *b)
{
    PyObject *q;
    return int_divmod(a, b, &q, NULL) < 0 ? NULL : q;
}

PyObject *int_remainder(PyObject *a, PyObject *b)
{
    int64_t x, y, q, r;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y) && y != 0) {
        divide_words(x, y, &q, &r);
        return int_from_int64(r);
    }
    PyObject *rest;
    if (Py_SIZE(b) == 0) {
        PyErr_SetString(PyExc_ZeroDivisionError, "integer modulo by zero");
        return NULL;
    }
    return int_divmod(a, b, NULL, &rest) < 0 ? NULL : rest;
}

/* (q, r) with q the integer nearest to a / b, ties to even, and r = a - q * b. */
PyObject *_PyLong_DivmodNear(PyObject *a, PyObject *b)
{
    if (!PyLong_Check(a) || !PyLong_Check(b)) {
        PyErr_SetString(PyExc_TypeError, "non-integer arguments in division");
        return NULL;
    }
    PyObject *q, *r, *twice = NULL, *pair = NULL, *t;
    if (int_divmod(a, b, &q, &r) < 0) return NULL;
    /* 0 <= |r| < |b| with the sign of b: round up when 2|r| > |b|, or when equal and q is odd. */
    twice = int_shift_left(r, 1);
    if (!twice) goto done;
    int order = int_compare(twice, b);
    if (Py_SIZE(b) < 0) order = -order;
    if (order > 0 || (order == 0 && Py_SIZE(q) != 0 && (int_digits(q)[0] & 1))) {
        t = int_add(q, int_small_borrow(1));
        Py_SETREF(q, t);
        if (!q) goto done;
        t = int_subtract(r, b);
        Py_SETREF(r, t);
        if (!r) goto done;
    }
    pair = PyTuple_Pack(2, q, r);
done:
    Py_XDECREF(twice);
    Py_XDECREF(q);
    Py_XDECREF(r);
    return pair;
}

static PyObject *gcd_words(uint64_t x, uint64_t y)
{
    if (x == 0 || y == 0) return int_from_int64((int64_t)(x | y));
    int twos = __builtin_ctzll(x | y);
    x >>= __builtin_ctzll(x);
    do {
        y >>= __builtin_ctzll(y);
        if (x > y) {
            uint64_t t = x;
            x = y;
            y = t;
        }
        y -= x;
    } while (y);
    return int_from_int64((int64_t)(x << twos));
}

PyObject *_PyLong_GCD(PyObject *a, PyObject *b)
{
    int64_t x, y;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) {
        return gcd_words((uint64_t)(x < 0 ? -x : x), (uint64_t)(y < 0 ? -y : y));
    }
    if (Py_SIZE(a) == 0) return int_absolute(b);
    if (Py_SIZE(b) == 0) return int_absolute(a);
    Py_ssize_t na = int_length(a), nb = int_length(b);
    PyLongObject *r = int_alloc(na < nb ? na : nb);
    if (!r) return NULL;
    const digit *da = int_digits(a), *db = int_digits(b);
    if (mag_gmp_gcd(r->ob_digit, da, na, db, nb) < 0) {
        Py_DECREF(r);
        return PyErr_NoMemory();
    }
    return int_finish_steal(r);
}

PyObject *int_sqrt(PyObject *a)
{
    Py_ssize_t n = int_length(a);
    if (n == 0) return int_small(0);
    PyLongObject *r = int_alloc((n + 1) / 2);
    if (!r) return NULL;
    if (mag_gmp_sqrt(r->ob_digit, int_digits(a), n) < 0) {
        Py_DECREF(r);
        return PyErr_NoMemory();
    }
    return int_finish_steal(r);
}
