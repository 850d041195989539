/* int: shifts and bitwise operations, on numbers seen as two's complement of endless width. */
#include "objects/int/int.h"
#include "objects/int/mag.h"

#include <string.h>

PyObject *int_shift_left(PyObject *a, size_t bits)
{
    int64_t x;
    if (bits < 62 && int_fits_two_digits(a, &x)) {
        int64_t shifted = (int64_t)((uint64_t)x << bits);
        if (shifted >> bits == x) return int_from_int64(shifted);
    }
    Py_ssize_t n = int_length(a);
    if (n == 0) return int_small(0);
    size_t words = bits / MAG_SHIFT;
    if (words >= (size_t)(INT_MAX_DIGITS - n)) {
        PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
        return NULL;
    }
    Py_ssize_t total = n + (Py_ssize_t)words + 1;
    PyLongObject *r = int_alloc(total);
    if (!r) return NULL;
    memset(r->ob_digit, 0, words * sizeof(digit));
    r->ob_digit[total - 1] =
        mag_shift_left(r->ob_digit + words, int_digits(a), n, (int)(bits % MAG_SHIFT));
    if (Py_SIZE(a) < 0) Py_SET_SIZE(r, -total);
    return int_finish_steal(r);
}

PyObject *int_shift_right(PyObject *a, size_t bits)
{
    int64_t x;
    if (int_fits_two_digits(a, &x)) return int_from_int64(x >> (bits > 63 ? 63 : bits));
    Py_ssize_t n = int_length(a);
    size_t words = bits / MAG_SHIFT;
    bool negative = Py_SIZE(a) < 0;
    if (words >= (size_t)n) return int_small(negative ? -1 : 0);
    const digit *d = int_digits(a);
    Py_ssize_t total = n - (Py_ssize_t)words;
    PyLongObject *r = int_alloc(total + negative);
    if (!r) return NULL;
    digit lost = mag_shift_right(r->ob_digit, d + words, total, (int)(bits % MAG_SHIFT));
    if (negative) {                     /* floor: one more in magnitude if any bit fell off */
        for (size_t i = 0; !lost && i < words; i++) lost |= d[i];
        digit one = lost != 0;
        r->ob_digit[total] = 0;
        mag_add(r->ob_digit, r->ob_digit, total, &one, 1);
        Py_SET_SIZE(r, -(total + 1));
    }
    return int_finish_steal(r);
}

PyObject *_PyLong_Lshift(PyObject *a, size_t bits)
{
    return int_shift_left(a, bits);
}

PyObject *_PyLong_Rshift(PyObject *a, size_t bits)
{
    return int_shift_right(a, bits);
}

/* 1 and the count, 0 for a count beyond size_t, -1 with ValueError for a negative one. */
static int shift_count(PyObject *b, size_t *bits)
{
    if (Py_SIZE(b) < 0) {
        PyErr_SetString(PyExc_ValueError, "negative shift count");
        return -1;
    }
    int64_t count;
    if (!int_fits_int64(b, &count)) return 0;
    *bits = (size_t)count;
    return 1;
}

PyObject *int_lshift(PyObject *a, PyObject *b)
{
    size_t bits;
    int known = shift_count(b, &bits);
    if (known < 0) return NULL;
    if (Py_SIZE(a) == 0) return int_small(0);
    if (known) return int_shift_left(a, bits);
    PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
    return NULL;
}

PyObject *int_rshift(PyObject *a, PyObject *b)
{
    size_t bits;
    int known = shift_count(b, &bits);
    if (known < 0) return NULL;
    return known ? int_shift_right(a, bits) : int_small(Py_SIZE(a) < 0 ? -1 : 0);
}

/* Digits of a number in two's complement, from the lowest up. */
struct TwosDigits {
    const digit *digits;
    Py_ssize_t n;
    digit flip;                         /* all ones for a negative number */
    digit carry;                        /* the 1 added after the flip, while it ripples up */
};

static struct TwosDigits twos_start(PyObject *a)
{
    digit flip = Py_SIZE(a) < 0 ? MAG_MASK : 0;
    return (struct TwosDigits){int_digits(a), int_length(a), flip, flip & 1};
}

static inline digit twos_next(struct TwosDigits *t, Py_ssize_t i)
{
    digit d = ((i < t->n ? t->digits[i] : 0) ^ t->flip) + t->carry;
    t->carry = d >> MAG_SHIFT;
    return d & MAG_MASK;
}

/* The same for two numbers that are not negative. */
static PyObject *bitwise_plain(PyObject *a, PyObject *b, char op)
{
    const digit *x = int_digits(a), *y = int_digits(b);
    Py_ssize_t nx = int_length(a), ny = int_length(b);
    if (nx < ny) {
        const digit *d = x;
        x = y;
        y = d;
        Py_ssize_t n = nx;
        nx = ny;
        ny = n;
    }
    PyLongObject *r = int_alloc(op == '&' ? ny : nx);
    if (!r) return NULL;
    digit *out = r->ob_digit;
    if (op == '&') {
        for (Py_ssize_t i = 0; i < ny; i++) out[i] = x[i] & y[i];
        return int_finish_steal(r);
    }
    if (op == '|') {
        for (Py_ssize_t i = 0; i < ny; i++) out[i] = x[i] | y[i];
    }
    else {
        for (Py_ssize_t i = 0; i < ny; i++) out[i] = x[i] ^ y[i];
    }
    memcpy(out + ny, x + ny, (size_t)(nx - ny) * sizeof(digit));
    return int_finish_steal(r);
}

static PyObject *bitwise(PyObject *a, PyObject *b, char op)
{
    if (Py_SIZE(a) >= 0 && Py_SIZE(b) >= 0) return bitwise_plain(a, b, op);
    struct TwosDigits x = twos_start(a), y = twos_start(b);
    digit sign = op == '&' ? x.flip & y.flip : op == '|' ? x.flip | y.flip : x.flip ^ y.flip;
    /* A non-negative operand of & bounds the length. */
    Py_ssize_t n = (x.n > y.n ? x.n : y.n) + 1;
    if (op == '&' && !x.flip && x.n < n) n = x.n;
    if (op == '&' && !y.flip && y.n < n) n = y.n;
    PyLongObject *r = int_alloc(n);
    if (!r) return NULL;
    digit carry = sign & 1;
    for (Py_ssize_t i = 0; i < n; i++) {
        digit p = twos_next(&x, i), q = twos_next(&y, i);
        digit d = op == '&' ? p & q : op == '|' ? p | q : p ^ q;
        d = (d ^ sign) + carry;         /* back to a magnitude */
        carry = d >> MAG_SHIFT;
        r->ob_digit[i] = d & MAG_MASK;
    }
    if (sign) Py_SET_SIZE(r, -n);
    return int_finish_steal(r);
}

PyObject *int_and(PyObject *a, PyObject *b)
{
    int64_t x, y;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) return int_from_int64(x & y);
    return bitwise(a, b, '&');
}

PyObject *int_or(PyObject *a, PyObject *b)
{
    int64_t x, y;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) return int_from_int64(x | y);
    return bitwise(a, b, '|');
}

PyObject *int_xor(PyObject *a, PyObject *b)
{
    int64_t x, y;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) return int_from_int64(x ^ y);
    return bitwise(a, b, '^');
}

PyObject *int_invert(PyObject *a)
{
    int64_t x;
    if (int_fits_two_digits(a, &x)) return int_from_int64(~x);
    return int_subtract(int_small_borrow(-1), a);
}
