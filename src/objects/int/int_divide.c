/* int: where ints meet floats (correct rounding), and rounding to tens. */
#include "objects/int/int.h"
#include "objects/int/mag.h"

#include <float.h>
#include <math.h>

/* The top `count` <= 62 bits of a magnitude of more than that many, the last one set if any bit
 * below is. */
static uint64_t top_bits_sticky(const digit *d, Py_ssize_t n, int count)
{
    uint64_t top = 0;
    int have = 0;
    Py_ssize_t i = n;
    while (have < count) {
        digit next = d[--i];
        int bits = have ? MAG_SHIFT : mag_digit_bits(next),
            take = bits < count - have ? bits : count - have;
        top = top << take | next >> (bits - take);
        have += take;
        if (take < bits && next & (((digit)1 << (bits - take)) - 1)) return top | 1;
    }
    while (i-- > 0) {
        if (d[i]) return top | 1;
    }
    return top;
}

/* Drops `extra` low bits, 0 <= extra < 63, rounding half to even. */
static uint64_t round_bits(uint64_t m, int extra)
{
    if (extra == 0) return m;
    uint64_t half = (uint64_t)1 << (extra - 1), low = m & (half * 2 - 1);
    m >>= extra;
    return m + (low > half || (low == half && m & 1));
}

double _PyLong_Frexp(PyLongObject *a, Py_ssize_t *e)
{
    size_t bits = int_bit_length((PyObject *)a);
    if (bits == 0) {
        *e = 0;
        return 0.0;
    }
    double x;
    if (bits <= 60) {
        int64_t value = 0;
        int exponent;
        int_fits_two_digits((PyObject *)a, &value);
        x = frexp((double)value, &exponent);
        *e = exponent;
        return x;
    }
    x = ldexp((double)round_bits(top_bits_sticky(a->ob_digit, int_length((PyObject *)a), 55), 2),
              -53);
    if (x == 1.0) {
        x = 0.5;
        bits++;
    }
    *e = (Py_ssize_t)bits;
    return Py_SIZE(a) < 0 ? -x : x;
}

double PyLong_AsDouble(PyObject *v)
{
    if (!v) {
        PyErr_BadInternalCall();
        return -1.0;
    }
    if (!PyLong_Check(v)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return -1.0;
    }
    int64_t value;
    if (int_fits_two_digits(v, &value)) return (double)value;
    Py_ssize_t e;
    double x = _PyLong_Frexp((PyLongObject *)v, &e);
    if (e > DBL_MAX_EXP) {
        PyErr_SetString(PyExc_OverflowError, "int too large to convert to float");
        return -1.0;
    }
    return ldexp(x, (int)e);
}

static PyObject *quotient_too_large(void)
{
    PyErr_SetString(PyExc_OverflowError, "integer division result too large for a float");
    return NULL;
}

PyObject *int_true_divide(PyObject *a, PyObject *b)
{
    const int64_t exact = (int64_t)1 << DBL_MANT_DIG;
    int64_t x, y;
    if (Py_SIZE(b) == 0) {
        PyErr_SetString(PyExc_ZeroDivisionError, "division by zero");
        return NULL;
    }
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y) && x <= exact && x >= -exact &&
        y <= exact && y >= -exact) {
        return PyFloat_FromDouble((double)x / (double)y);
    }
    bool negative = (Py_SIZE(a) < 0) != (Py_SIZE(b) < 0);
    if (Py_SIZE(a) == 0) return PyFloat_FromDouble(negative ? -0.0 : 0.0);
    int64_t difference = (int64_t)int_bit_length(a) - (int64_t)int_bit_length(b);
    if (difference > DBL_MAX_EXP) return quotient_too_large();
    if (difference < DBL_MIN_EXP - DBL_MANT_DIG - 1)
        return PyFloat_FromDouble(negative ? -0.0 : 0.0);

    /* Scale so that the integer quotient has 55 or 56 bits, or what a subnormal result has and two
     * more; its last bit takes note of a remainder. Then drop the extra bits. */
    int64_t shift = (difference > DBL_MIN_EXP ? difference : DBL_MIN_EXP) - DBL_MANT_DIG - 2;
    PyObject *p = int_absolute(a), *q = int_absolute(b), *whole = NULL, *rest = NULL;
    if (p && shift < 0) Py_SETREF(p, int_shift_left(p, (size_t)-shift));
    if (q && shift > 0) Py_SETREF(q, int_shift_left(q, (size_t)shift));
    int status = p && q ? int_divmod(p, q, &whole, &rest) : -1;
    Py_XDECREF(p);
    Py_XDECREF(q);
    if (status < 0) return NULL;
    int64_t m = 0;
    int_fits_two_digits(whole, &m);
    if (Py_SIZE(rest)) m |= 1;
    Py_DECREF(whole);
    Py_DECREF(rest);
    int bits = m ? 64 - __builtin_clzll((uint64_t)m) : 0;
    int floor_bits = (int)(DBL_MIN_EXP - shift);
    int extra = (bits > floor_bits ? bits : floor_bits) - DBL_MANT_DIG;
    double scaled = (double)round_bits((uint64_t)m, extra);
    double r = ldexp(scaled, (int)shift + extra);
    if (isinf(r)) return quotient_too_large();
    return PyFloat_FromDouble(negative ? -r : r);
}

PyObject *int_round(PyObject *a, PyObject *ndigits)
{
    PyObject *n = PyNumber_Index(ndigits);
    if (!n) return NULL;
    if (Py_SIZE(n) >= 0) {
        Py_DECREF(n);
        return int_exact(a);
    }
    /* a - (remainder of a to the nearest multiple of 10 ** -n) */
    PyObject *result = NULL, *pair = NULL, *ten = PyLong_FromLong(10);
    Py_SETREF(n, int_negate(n));
    PyObject *power = n && ten ? int_power(ten, n, NULL) : NULL;
    if (power) pair = _PyLong_DivmodNear(a, power);
    if (pair) result = int_subtract(a, PyTuple_GET_ITEM(pair, 1));
    Py_XDECREF(pair);
    Py_XDECREF(power);
    Py_XDECREF(ten);
    Py_XDECREF(n);
    return result;
}
