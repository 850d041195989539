/* int: to and from C numbers and byte arrays; the PyLong_From… and PyLong_As… family. */
#include "objects/int/int.h"
#include "objects/int/mag.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/* ---- From C ---- */

PyObject *PyLong_FromLong(long value)
{
    return int_from_int64(value);
}

PyObject *PyLong_FromLongLong(long long value)
{
    return int_from_int64(value);
}

PyObject *PyLong_FromSsize_t(Py_ssize_t value)
{
    return int_from_int64(value);
}

static inline PyObject *from_unsigned(uint64_t value)
{
    return value >> 63 ? int_from_wide(value, false) : int_from_int64((int64_t)value);
}

PyObject *PyLong_FromUnsignedLong(unsigned long value)
{
    return from_unsigned(value);
}

PyObject *PyLong_FromUnsignedLongLong(unsigned long long value)
{
    return from_unsigned(value);
}

PyObject *PyLong_FromSize_t(size_t value)
{
    return from_unsigned(value);
}

PyObject *PyLong_FromVoidPtr(void *p)
{
    return from_unsigned((uintptr_t)p);
}

/* The integral part of a double. */
PyObject *PyLong_FromDouble(double x)
{
    if (x > -9.2e18 && x < 9.2e18) return int_from_int64((int64_t)x);
    if (isinf(x)) {
        PyErr_SetString(PyExc_OverflowError, "cannot convert float infinity to integer");
        return NULL;
    }
    if (isnan(x)) {
        PyErr_SetString(PyExc_ValueError, "cannot convert float NaN to integer");
        return NULL;
    }
    int exponent;
    int64_t m = (int64_t)ldexp(frexp(x, &exponent), 53);
    PyObject *mantissa = int_from_int64(m);
    if (!mantissa) return NULL;
    PyObject *r = int_shift_left(mantissa, (size_t)(exponent - 53));
    Py_DECREF(mantissa);
    return r;
}

/* ---- To C ---- */

/* A new reference to v itself or to v.__index__(), always an int. */
static PyObject *as_int(PyObject *v)
{
    if (!v) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return PyLong_Check(v) ? Py_NewRef(v) : _PyNumber_Index(v);
}

/* For the functions that refuse anything but an int: -1 with an exception. */
static int require_int(PyObject *v)
{
    if (v && PyLong_Check(v)) return 0;
    if (!v) PyErr_BadInternalCall();
    else PyErr_SetString(PyExc_TypeError, "an integer is required");
    return -1;
}

/* The magnitude modulo 2**64, negated when v is negative; *fits tells whether the magnitude has 64
 * bits at most. */
static uint64_t low_word(PyObject *v, bool *fits)
{
    const digit *d = int_digits(v);
    uint64_t m = 0;
    Py_ssize_t n = int_length(v);
    for (Py_ssize_t i = n < 3 ? n : 3; i-- > 0;) m = m << MAG_SHIFT | d[i];
    if (fits) *fits = n < 3 || (n == 3 && d[2] < 16);
    return Py_SIZE(v) < 0 ? 0 - m : m;
}

long PyLong_AsLongAndOverflow(PyObject *v, int *overflow)
{
    *overflow = 0;
    PyObject *o = as_int(v);
    if (!o) return -1;
    int64_t value;
    if (!int_fits_int64(o, &value)) {
        *overflow = Py_SIZE(o) < 0 ? -1 : 1;
        value = -1;
    }
    Py_DECREF(o);
    return value;
}

long long PyLong_AsLongLongAndOverflow(PyObject *v, int *overflow)
{
    return PyLong_AsLongAndOverflow(v, overflow);
}

/* Whether v is an int of at most two digits, as most are. */
static inline bool is_short_int(PyObject *v, int64_t *value)
{
    return LIKELY(v && PyLong_Check(v) && int_fits_two_digits(v, value));
}

long PyLong_AsLong(PyObject *v)
{
    int64_t fast;
    if (is_short_int(v, &fast)) return fast;
    int overflow;
    long value = PyLong_AsLongAndOverflow(v, &overflow);
    if (overflow) PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C long");
    return value;
}

int _PyLong_AsInt(PyObject *v)
{
    int overflow;
    long value = PyLong_AsLongAndOverflow(v, &overflow);
    if (overflow || value > INT_MAX || value < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
        return -1;
    }
    return (int)value;
}

long long PyLong_AsLongLong(PyObject *v)
{
    int64_t fast;
    if (is_short_int(v, &fast)) return fast;
    int overflow;
    long value = PyLong_AsLongAndOverflow(v, &overflow);
    if (overflow) PyErr_SetString(PyExc_OverflowError, "int too big to convert");
    return value;
}

Py_ssize_t PyLong_AsSsize_t(PyObject *v)
{
    int64_t value;
    if (is_short_int(v, &value)) return value;
    if (require_int(v) < 0) return -1;
    if (int_fits_int64(v, &value)) return value;
    PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C ssize_t");
    return -1;
}

static uint64_t as_unsigned(PyObject *v, const char *negative, const char *large)
{
    if (require_int(v) < 0) return (uint64_t)-1;
    if (Py_SIZE(v) < 0) {
        PyErr_SetString(PyExc_OverflowError, negative);
        return (uint64_t)-1;
    }
    bool fits;
    uint64_t value = low_word(v, &fits);
    if (fits) return value;
    PyErr_SetString(PyExc_OverflowError, large);
    return (uint64_t)-1;
}

unsigned long PyLong_AsUnsignedLong(PyObject *v)
{
    return as_unsigned(v, "can't convert negative value to unsigned int",
                       "Python int too large to convert to C unsigned long");
}

size_t PyLong_AsSize_t(PyObject *v)
{
    return as_unsigned(v, "can't convert negative value to size_t",
                       "Python int too large to convert to C size_t");
}

unsigned long long PyLong_AsUnsignedLongLong(PyObject *v)
{
    return as_unsigned(v, "can't convert negative int to unsigned", "int too big to convert");
}

unsigned long PyLong_AsUnsignedLongMask(PyObject *v)
{
    PyObject *o = as_int(v);
    if (!o) return (unsigned long)-1;
    unsigned long value = low_word(o, NULL);
    Py_DECREF(o);
    return value;
}

unsigned long long PyLong_AsUnsignedLongLongMask(PyObject *v)
{
    return PyLong_AsUnsignedLongMask(v);
}

void *PyLong_AsVoidPtr(PyObject *v)
{
    if (require_int(v) < 0) return NULL;
    if (Py_SIZE(v) >= 0) {
        unsigned long address = PyLong_AsUnsignedLong(v);
        return address == (unsigned long)-1 && PyErr_Occurred() ? NULL : (void *)address;
    }
    long value = PyLong_AsLong(v);
    return value == -1 && PyErr_Occurred() ? NULL : (void *)value;
}

/* ---- Converters for "O&" ---- */

/* The value of a non-negative int up to `max`; false with an exception. Larger ints are reported
 * with `type`. */
static bool convert_unsigned(PyObject *o, uint64_t max, const char *type, uint64_t *value)
{
    if (PyLong_Check(o) && Py_SIZE(o) < 0) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return false;
    }
    *value = PyLong_AsUnsignedLong(o);
    if (*value == (uint64_t)-1 && PyErr_Occurred()) return false;
    if (*value > max) {
        PyErr_Format(PyExc_OverflowError, "Python int too large for C %s", type);
        return false;
    }
    return true;
}

int _PyLong_UnsignedShort_Converter(PyObject *o, void *p)
{
    uint64_t value;
    if (!convert_unsigned(o, USHRT_MAX, "unsigned short", &value)) return 0;
    *(unsigned short *)p = (unsigned short)value;
    return 1;
}

int _PyLong_UnsignedInt_Converter(PyObject *o, void *p)
{
    uint64_t value;
    if (!convert_unsigned(o, UINT_MAX, "unsigned int", &value)) return 0;
    *(unsigned int *)p = (unsigned int)value;
    return 1;
}

int _PyLong_UnsignedLong_Converter(PyObject *o, void *p)
{
    uint64_t value;
    if (!convert_unsigned(o, ULONG_MAX, "unsigned long", &value)) return 0;
    *(unsigned long *)p = value;
    return 1;
}

int _PyLong_UnsignedLongLong_Converter(PyObject *o, void *p)
{
    if (PyLong_Check(o) && Py_SIZE(o) < 0) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return 0;
    }
    unsigned long long value = PyLong_AsUnsignedLongLong(o);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return 0;
    *(unsigned long long *)p = value;
    return 1;
}

int _PyLong_Size_t_Converter(PyObject *o, void *p)
{
    if (PyLong_Check(o) && Py_SIZE(o) < 0) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return 0;
    }
    size_t value = PyLong_AsSize_t(o);
    if (value == (size_t)-1 && PyErr_Occurred()) return 0;
    *(size_t *)p = value;
    return 1;
}

/* ---- Byte arrays ---- */

/* The int that n bytes spell, in either order, unsigned or in two's complement. */
PyObject *_PyLong_FromByteArray(const unsigned char *bytes, size_t n, int little_endian,
                                int is_signed)
{
    if (n == 0) return int_small(0);
    Py_ssize_t step = little_endian ? 1 : -1;
    const unsigned char *p = little_endian ? bytes : bytes + n - 1;    /* the lowest byte */
    bool negative = is_signed && p[step * (Py_ssize_t)(n - 1)] & 0x80;
    unsigned char blank = negative ? 0xff : 0;
    while (n > 0 && p[step * (Py_ssize_t)(n - 1)] == blank) n--;
    if (n > (size_t)INT_MAX_DIGITS / 8 * 30) {
        PyErr_SetString(PyExc_OverflowError, "byte array too long to convert to int");
        return NULL;
    }
    if (n < 8) {
        uint64_t m = 0;
        for (size_t i = 0; i < n; i++) m |= (uint64_t)p[step * (Py_ssize_t)i] << 8 * i;
        return int_from_int64(
            (int64_t)(negative ? m | (n ? ~(uint64_t)0 << 8 * n : ~(uint64_t)0) : m));
    }
    /* One byte more for the carry of negating. */
    PyLongObject *r = int_alloc((Py_ssize_t)((n + 1) * 8 + MAG_SHIFT - 1) / MAG_SHIFT);
    if (!r) return NULL;
    uint64_t acc = 0;
    int bits = 0;
    unsigned carry = negative;
    Py_ssize_t k = 0;
    for (size_t i = 0; i <= n; i++, p += step) {
        unsigned byte = i < n ? *p : blank;
        if (negative) {
            carry += byte ^ 0xff;
            byte = carry & 0xff;
            carry >>= 8;
        }
        acc |= (uint64_t)byte << bits;
        bits += 8;
        if (bits >= MAG_SHIFT) {
            r->ob_digit[k++] = (digit)acc & MAG_MASK;
            acc >>= MAG_SHIFT;
            bits -= MAG_SHIFT;
        }
    }
    if (bits) r->ob_digit[k++] = (digit)acc;
    Py_SET_SIZE(r, negative ? -k : k);
    return int_finish_steal(r);
}

/* Whether n bytes hold all of v: its bits, and a sign bit if asked for. -2**(8*n - 1) is the number
 * that needs no bit more. */
static bool byte_array_fits(PyLongObject *v, size_t n, int is_signed)
{
    size_t need = int_bit_length((PyObject *)v), room = n > SIZE_MAX / 8 ? SIZE_MAX : n * 8;
    if (!is_signed || need == 0) return need <= room;
    if (need != room || Py_SIZE(v) > 0) return need < room;
    Py_ssize_t top = -Py_SIZE(v) - 1;
    digit bits = v->ob_digit[top] & (v->ob_digit[top] - 1);
    for (Py_ssize_t i = 0; i < top; i++) bits |= v->ob_digit[i];
    return bits == 0;
}

/* The low 8*n bits of v; -1 with OverflowError when they are not all of it (the bytes are written
 * all the same). */
int _PyLong_AsByteArray(PyLongObject *v, unsigned char *bytes, size_t n, int little_endian,
                        int is_signed)
{
    Py_ssize_t length = int_length((PyObject *)v);
    bool negative = Py_SIZE(v) < 0;
    if (negative && !is_signed) {
        PyErr_SetString(PyExc_OverflowError, "can't convert negative int to unsigned");
        return -1;
    }
    Py_ssize_t step = little_endian ? 1 : -1;
    unsigned char *p = little_endian ? bytes : bytes + n - 1;
    uint64_t acc = 0;
    int bits = 0;
    Py_ssize_t k = 0;
    unsigned carry = negative;
    for (size_t i = 0; i < n; i++, p += step) {
        if (bits < 8 && k < length) {
            acc |= (uint64_t)v->ob_digit[k++] << bits;
            bits += MAG_SHIFT;
        }
        unsigned byte = acc & 0xff;
        acc >>= 8;
        bits -= bits < 8 ? bits : 8;
        if (negative) {
            carry += byte ^ 0xff;
            byte = carry & 0xff;
            carry >>= 8;
        }
        *p = (unsigned char)byte;
    }
    if (byte_array_fits(v, n, is_signed)) return 0;
    PyErr_SetString(PyExc_OverflowError, "int too big to convert");
    return -1;
}
