/* float: methods that are not slots: rounding, hexadecimal text, ratios. */
#include "objects/float.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_text.h"
#include "objects/int/int.h"
#include "objects/number_format.h"

static double value_of(PyObject *self)
{
    return PyFloat_AS_DOUBLE(self);
}

/* ---- To integers ---- */

static PyObject *is_integer(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    double x = value_of(self);
    return PyBool_FromLong(isfinite(x) && floor(x) == x);
}

static PyObject *trunc_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromDouble(value_of(self));
}

static PyObject *floor_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromDouble(floor(value_of(self)));
}

static PyObject *ceil_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromDouble(ceil(value_of(self)));
}

#define MAX_ROUND_DIGITS 323            /* from here on every double is unchanged */
#define MIN_ROUND_DIGITS (-308)         /* below this every double rounds to zero */

double float_round_to(double x, Py_ssize_t ndigits)
{
    char digits[FLOAT_LOCAL_DIGITS];
    struct FloatDecimal d;
    if (!isfinite(x) || ndigits > MAX_ROUND_DIGITS) return x;
    if (ndigits < MIN_ROUND_DIGITS) return 0.0 * x;
    if (!float_round_fraction(x, (int)ndigits, digits, &d)) {
        PyErr_NoMemory();
        return -1.0;
    }
    char text[400 + MAX_ROUND_DIGITS], *p = text;
    *p++ = '0';
    memcpy(p, d.digits, (size_t)d.count);
    p += d.count;
    if (d.digits != digits) free(d.digits);
    snprintf(p, 16, "e%d", d.point - d.count);
    const char *end;
    double r = float_parse(text, &end);
    if (isinf(r)) {
        PyErr_SetString(PyExc_OverflowError, "rounded value too large to represent");
        return -1.0;
    }
    return copysign(r, x);
}

static PyObject *round_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    double x = value_of(self);
    if (!_PyArg_CheckPositional("__round__", nargs, 0, 1)) return NULL;
    if (nargs == 0 || args[0] == Py_None) return PyLong_FromDouble(rint(x));
    Py_ssize_t ndigits = PyNumber_AsSsize_t(args[0], NULL);
    if (ndigits == -1 && PyErr_Occurred()) return NULL;
    double r = float_round_to(x, ndigits);
    return r == -1.0 && PyErr_Occurred() ? NULL : float_from_double(r);
}

static PyObject *as_integer_ratio(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    double x = value_of(self);
    if (isinf(x)) {
        PyErr_SetString(PyExc_OverflowError, "cannot convert Infinity to integer ratio");
        return NULL;
    }
    if (isnan(x)) {
        PyErr_SetString(PyExc_ValueError, "cannot convert NaN to integer ratio");
        return NULL;
    }
    int exponent;
    int64_t m = (int64_t)ldexp(frexp(x, &exponent), DBL_MANT_DIG);
    exponent -= DBL_MANT_DIG;
    if (m == 0) exponent = 0;
    else {
        int zeros = __builtin_ctzll((uint64_t)m);
        m >>= zeros;                    /* exact, also for negative numbers */
        exponent += zeros;
    }
    PyObject *numerator = int_from_int64(m), *denominator = int_small(1), *pair = NULL;
    if (numerator && exponent > 0)
        Py_SETREF(numerator, int_shift_left(numerator, (size_t)exponent));
    if (exponent < 0) Py_SETREF(denominator, int_shift_left(denominator, (size_t)-exponent));
    if (numerator && denominator) pair = PyTuple_Pack(2, numerator, denominator);
    Py_XDECREF(numerator);
    Py_XDECREF(denominator);
    return pair;
}

/* ---- Hexadecimal text ---- */

static PyObject *hex_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    double x = value_of(self);
    const char *sign = signbit(x) ? "-" : "";
    if (!isfinite(x)) return float_repr(self);
    if (x == 0.0) return PyUnicode_FromFormat("%s0x0.0p+0", sign);
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int biased = (int)(bits >> 52 & 0x7ff), e = (biased ? biased : 1) - 1023;
    char fraction[14];
    for (int i = 0; i < 13; i++) fraction[i] = "0123456789abcdef"[bits >> (48 - 4 * i) & 15];
    fraction[13] = '\0';
    return PyUnicode_FromFormat("%s0x%d.%sp%c%d", sign, biased != 0, fraction, e < 0 ? '-' : '+',
                                abs(e));
}

static int hex_value(char c)
{
    int v = _PyLong_DigitValue[(unsigned char)c];
    return v < 16 ? v : -1;
}

/* A hexadecimal number, read: 64 bits of its digits, whether anything below was lost, and the power
 * of two. */
struct HexScan {
    uint64_t mantissa;
    bool sticky;
    int64_t exponent;
};

/* Digits, point and exponent from p on; the end, or NULL when malformed. */
static const char *scan_hex(const char *p, struct HexScan *s)
{
    *s = (struct HexScan){0};
    bool point = false, digits = false;
    for (;; p++) {
        if (*p == '.' && !point) {
            point = true;
            continue;
        }
        int v = hex_value(*p);
        if (v < 0) break;
        digits = true;
        if (s->mantissa >> 60 == 0) {
            s->mantissa = s->mantissa << 4 | (uint64_t)v;
            if (point) s->exponent -= 4;
        }
        else {
            s->sticky |= v != 0;
            if (!point) s->exponent += 4;
        }
    }
    if (!digits) return NULL;
    if (*p != 'p' && *p != 'P') return p;
    p++;
    bool negative = *p == '-';
    if (*p == '-' || *p == '+') p++;
    if (*p < '0' || *p > '9') return NULL;
    int64_t e = 0;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (e < PY_SSIZE_T_MAX / 32) e = e * 10 + (*p - '0');
    }
    s->exponent += negative ? -e : e;
    return p;
}

/* The double nearest to what was read, half to even; infinity when it is too large. */
static double hex_to_double(const struct HexScan *s)
{
    uint64_t m = s->mantissa;
    if (m == 0) return 0.0;
    int bits = 64 - __builtin_clzll(m);
    int64_t top = s->exponent + bits;                   /* value < 2**top */
    if (top > DBL_MAX_EXP) return INFINITY;
    if (top < DBL_MIN_EXP - DBL_MANT_DIG) return 0.0;
    int64_t lowest = top > DBL_MIN_EXP ? top - DBL_MANT_DIG : DBL_MIN_EXP - DBL_MANT_DIG;
    int64_t drop = lowest - s->exponent;                /* low bits of m that do not fit */
    if (drop <= 0) return ldexp((double)m, (int)s->exponent);
    if (drop > 64) return 0.0;
    unsigned __int128 wide = m, half = (unsigned __int128)1 << (drop - 1),
                      rest = wide & (2 * half - 1);
    uint64_t kept = (uint64_t)(wide >> drop);
    if (rest > half || (rest == half && (s->sticky || kept & 1))) kept++;
    return ldexp((double)kept, (int)lowest);
}

static PyObject *fromhex(PyObject *type, PyObject *text)
{
    Py_ssize_t length;
    const char *start = PyUnicode_AsUTF8AndSize(text, &length), *p = start;
    if (!p) return NULL;
    while (Py_ISSPACE(*p)) p++;
    char *special;
    double x = _Py_parse_inf_or_nan(p, &special);
    const char *end = special;
    if (end == p) {
        struct HexScan s;
        bool negative = *p == '-';
        if (*p == '-' || *p == '+') p++;
        if (p[0] == '0' && (p[1] | 0x20) == 'x') p += 2;
        end = scan_hex(p, &s);
        if (!end) goto malformed;
        x = hex_to_double(&s);
        if (isinf(x)) {
            PyErr_SetString(PyExc_OverflowError,
                            "hexadecimal value too large to represent as a float");
            return NULL;
        }
        if (negative) x = -x;
    }
    while (Py_ISSPACE(*end)) end++;
    if (end != start + length) goto malformed;
    PyObject *r = float_from_double(x);
    if (r && type != (PyObject *)&PyFloat_Type) Py_SETREF(r, PyObject_CallOneArg(type, r));
    return r;
malformed:
    PyErr_SetString(PyExc_ValueError, "invalid hexadecimal floating-point string");
    return NULL;
}

/* ---- The rest ---- */

static PyObject *conjugate(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyFloat_CheckExact(self) ? Py_NewRef(self) : float_from_double(value_of(self));
}

static PyObject *getnewargs(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(d)", value_of(self));
}

static PyObject *getformat(PyObject *Py_UNUSED(type), PyObject *which)
{
    if (!PyUnicode_Check(which)) {
        _PyArg_BadArgument("__getformat__", "argument", "str", which);
        return NULL;
    }
    if (_PyUnicode_EqualToASCIIString(which, "double") ||
        _PyUnicode_EqualToASCIIString(which, "float")) {
        return PyUnicode_FromString("IEEE, little-endian");
    }
    PyErr_SetString(PyExc_ValueError, "__getformat__() argument 1 must be 'double' or 'float'");
    return NULL;
}

static PyObject *format_method(PyObject *self, PyObject *spec)
{
    if (!PyUnicode_Check(spec)) {
        _PyArg_BadArgument("__format__", "argument", "str", spec);
        return NULL;
    }
    return number_format(self, spec, _PyFloat_FormatAdvancedWriter);
}

PyMethodDef float_methods[] = {
    {"conjugate", conjugate, METH_NOARGS,
     "conjugate($self, /)\n--\n\nReturn self, the complex conjugate of any float."},
    {"__trunc__", trunc_method, METH_NOARGS,
     "__trunc__($self, /)\n--\n\nReturn the Integral closest to x between 0 and x."},
    {"__floor__", floor_method, METH_NOARGS,
     "__floor__($self, /)\n--\n\nReturn the floor as an Integral."},
    {"__ceil__", ceil_method, METH_NOARGS,
     "__ceil__($self, /)\n--\n\nReturn the ceiling as an Integral."},
    {"__round__", (PyCFunction)(void (*)(void))round_method, METH_FASTCALL,
     "__round__($self, ndigits=None, /)\n--\n\n"
     "The Integral closest to x, halves to the even neighbour.\n\n"
     "With an argument, the float that round(x, ndigits) gives."},
    {"as_integer_ratio", as_integer_ratio, METH_NOARGS,
     "as_integer_ratio($self, /)\n--\n\n"
     "A pair of integers whose ratio is exactly this float, the denominator positive.\n\n"
     "Infinities raise OverflowError and NaNs ValueError.\n\n"
     ">>> (10.0).as_integer_ratio()\n(10, 1)\n>>> (0.0).as_integer_ratio()\n(0, 1)\n"
     ">>> (-.25).as_integer_ratio()\n(-1, 4)"},
    {"fromhex", fromhex, METH_O | METH_CLASS,
     "fromhex($type, string, /)\n--\n\n"
     "The float that a hexadecimal string spells.\n\n"
     ">>> float.fromhex('0x1.ffffp10')\n2047.984375\n>>> float.fromhex('-0x1p-1074')\n-5e-324"},
    {"hex", hex_method, METH_NOARGS,
     "hex($self, /)\n--\n\n"
     "The float in hexadecimal.\n\n"
     ">>> (-0.1).hex()\n'-0x1.999999999999ap-4'\n>>> 3.14159.hex()\n'0x1.921f9f01b866ep+1'"},
    {"is_integer", is_integer, METH_NOARGS,
     "is_integer($self, /)\n--\n\nReturn True if the float is an integer."},
    {"__getnewargs__", getnewargs, METH_NOARGS, "__getnewargs__($self, /)\n--\n\n"},
    {"__getformat__", getformat, METH_O | METH_CLASS,
     "__getformat__($type, typestr, /)\n--\n\n"
     "For Python's own tests: how this machine stores a C number.\n\n"
     "  typestr\n    Must be 'double' or 'float'.\n\n"
     "The answer is 'unknown', 'IEEE, big-endian' or 'IEEE, little-endian'."},
    {"__format__", format_method, METH_O,
     "__format__($self, format_spec, /)\n--\n\nFormats the float according to format_spec."},
    {NULL, NULL, 0, NULL},
};
