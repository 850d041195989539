/* The math module: the functions of C's math library under Python's error rules, and what belongs
 * to them. */
#include "modules/math/math_module.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>

#include "objects/args_unpack.h"
#include "objects/int/int.h"
#include "objects/names.h"
#include "objects/special_call.h"

static PyObject *domain_error(void)
{
    PyErr_SetString(PyExc_ValueError, "math domain error");
    return NULL;
}

static PyObject *range_error(void)
{
    PyErr_SetString(PyExc_OverflowError, "math range error");
    return NULL;
}

static inline int get_double(PyObject *o, double *x)
{
    if (PyFloat_CheckExact(o)) {
        *x = PyFloat_AS_DOUBLE(o);
        return 0;
    }
    *x = PyFloat_AsDouble(o);
    return *x == -1.0 && PyErr_Occurred() ? -1 : 0;
}

/* ---- One argument ---- */

/* A NaN that was not put in, or an infinity made of a finite number (where that is no overflow), is
 * a domain error. */
static inline PyObject *checked(double x, double r, bool can_overflow)
{
    if (__builtin_expect(!isfinite(r), 0)) {
        if (isnan(r) && !isnan(x)) return domain_error();
        if (isinf(r) && isfinite(x)) return can_overflow ? range_error() : domain_error();
    }
    return PyFloat_FromDouble(r);
}

#define FUNCTION(name, c_function, can_overflow)                                    \
    static PyObject *name##_function(PyObject *Py_UNUSED(module), PyObject *arg)    \
    {                                                                               \
        double x;                                                                   \
        if (get_double(arg, &x) < 0) return NULL;                                   \
        return checked(x, c_function(x), can_overflow);                             \
    }

FUNCTION(acos, acos, false)
FUNCTION(acosh, acosh, false)
FUNCTION(asin, asin, false)
FUNCTION(asinh, asinh, false)
FUNCTION(atan, atan, false)
FUNCTION(atanh, atanh, false)
FUNCTION(cbrt, cbrt, false)
FUNCTION(cos, cos, false)
FUNCTION(cosh, cosh, true)
FUNCTION(erf, erf, false)
FUNCTION(erfc, erfc, false)
FUNCTION(exp, exp, true)
FUNCTION(exp2, exp2, true)
FUNCTION(expm1, expm1, true)
FUNCTION(fabs, fabs, false)
FUNCTION(log1p, log1p, false)
FUNCTION(sin, sin, false)
FUNCTION(sinh, sinh, true)
FUNCTION(sqrt, sqrt, false)
FUNCTION(tan, tan, false)
FUNCTION(tanh, tanh, false)

/* gamma and lgamma report through errno. */
static PyObject *by_errno(PyObject *arg, double (*function)(double))
{
    double x;
    if (get_double(arg, &x) < 0) return NULL;
    errno = 0;
    double r = function(x);
    if (errno == EDOM) return domain_error();
    if (errno == ERANGE && fabs(r) >= 1.5) return range_error();
    return PyFloat_FromDouble(r);
}

static PyObject *gamma_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return by_errno(arg, math_gamma);
}

static PyObject *lgamma_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return by_errno(arg, math_lgamma);
}

/* ---- Logarithms: ints of any size are taken ---- */

/* The logarithm of a number by `function`, a C function; NaN with an exception. */
static PyObject *logarithm(PyObject *arg, double (*function)(double))
{
    double x;
    if (PyLong_Check(arg)) {
        if (Py_SIZE(arg) <= 0) return domain_error();
        x = PyLong_AsDouble(arg);
        if (x == -1.0 && PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return NULL;
            PyErr_Clear();
            Py_ssize_t e;
            x = _PyLong_Frexp((PyLongObject *)arg, &e);
            if (x == -1.0 && PyErr_Occurred()) return NULL;
            return PyFloat_FromDouble(function(x) + function(2.0) * (double)e);
        }
    }
    else if (get_double(arg, &x) < 0) return NULL;
    return checked(x, function(x), false);
}

static PyObject *log_function(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs < 1 || nargs > 2) {
        PyErr_SetString(PyExc_TypeError, "math.log requires 1 to 2 arguments");
        return NULL;
    }
    PyObject *number = logarithm(args[0], log);
    if (!number || nargs == 1) return number;
    PyObject *base = logarithm(args[1], log), *r = base ? PyNumber_TrueDivide(number, base) : NULL;
    Py_DECREF(number);
    Py_XDECREF(base);
    return r;
}

static PyObject *log2_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return logarithm(arg, log2);
}

static PyObject *log10_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return logarithm(arg, log10);
}

/* ---- Two arguments ---- */

static int two_doubles(const char *name, PyObject *const *args, Py_ssize_t nargs, double *x,
                       double *y)
{
    if (!_PyArg_CheckPositional(name, nargs, 2, 2)) return -1;
    return get_double(args[0], x) < 0 || get_double(args[1], y) < 0 ? -1 : 0;
}

#define TWO_ARGUMENTS(name)                                                              \
    static PyObject *name##_function(PyObject *Py_UNUSED(module), PyObject *const *args, \
                                     Py_ssize_t nargs)                                   \
    {                                                                                    \
        double x, y;                                                                     \
        if (two_doubles(#name, args, nargs, &x, &y) < 0) return NULL;

TWO_ARGUMENTS(atan2)
    return PyFloat_FromDouble(atan2(x, y));
}

TWO_ARGUMENTS(copysign)
    return PyFloat_FromDouble(copysign(x, y));
}

TWO_ARGUMENTS(nextafter)
    return PyFloat_FromDouble(nextafter(x, y));
}

TWO_ARGUMENTS(fmod)
    if (isinf(y) && isfinite(x)) return PyFloat_FromDouble(x);
    double r = fmod(x, y);
    return isnan(r) && !isnan(x) && !isnan(y) ? domain_error() : PyFloat_FromDouble(r);
}

TWO_ARGUMENTS(remainder)
    double r = remainder(x, y);
    return isnan(r) && !isnan(x) && !isnan(y) ? domain_error() : PyFloat_FromDouble(r);
}

TWO_ARGUMENTS(pow)
    double r = pow(x, y);
    if (!isfinite(r) && isfinite(x) && isfinite(y)) {
        if (isnan(r) || x == 0.0) return domain_error();
        return range_error();
    }
    return PyFloat_FromDouble(r);
}

static PyObject *ldexp_function(PyObject *Py_UNUSED(module), PyObject *const *args,
                                Py_ssize_t nargs)
{
    double x;
    if (!_PyArg_CheckPositional("ldexp", nargs, 2, 2) || get_double(args[0], &x) < 0) return NULL;
    if (!PyLong_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "Expected an int as second argument to ldexp.");
        return NULL;
    }
    int overflow;
    long e = PyLong_AsLongAndOverflow(args[1], &overflow);
    if (e == -1 && PyErr_Occurred()) return NULL;
    if (overflow) e = overflow > 0 ? LONG_MAX : LONG_MIN;
    if (x == 0.0 || !isfinite(x)) return PyFloat_FromDouble(x);
    double r = ldexp(x, e > 5000 ? 5000 : e < -5000 ? -5000 : (int)e);
    return isinf(r) ? range_error() : PyFloat_FromDouble(r);
}

/* ---- Parts of a double ---- */

static PyObject *frexp_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x;
    int e = 0;
    if (get_double(arg, &x) < 0) return NULL;
    if (x != 0.0 && isfinite(x)) x = frexp(x, &e);
    return Py_BuildValue("(di)", x, e);
}

static PyObject *modf_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x, whole;
    if (get_double(arg, &x) < 0) return NULL;
    double fraction = modf(x, &whole);
    return Py_BuildValue("(dd)", fraction, whole);
}

static PyObject *ulp_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x;
    if (get_double(arg, &x) < 0) return NULL;
    x = fabs(x);
    if (!isfinite(x)) return PyFloat_FromDouble(x);
    double above = nextafter(x, INFINITY);
    return PyFloat_FromDouble(isinf(above) ? x - nextafter(x, -INFINITY) : above - x);
}

static PyObject *degrees_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x;
    if (get_double(arg, &x) < 0) return NULL;
    return PyFloat_FromDouble(x * (180.0 / M_PI));
}

static PyObject *radians_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    double x;
    if (get_double(arg, &x) < 0) return NULL;
    return PyFloat_FromDouble(x * (M_PI / 180.0));
}

#define TEST(name)                                                                  \
    static PyObject *name##_function(PyObject *Py_UNUSED(module), PyObject *arg)    \
    {                                                                               \
        double x;                                                                   \
        if (get_double(arg, &x) < 0) return NULL;                                   \
        return PyBool_FromLong(name(x));                                            \
    }

TEST(isfinite)
TEST(isinf)
TEST(isnan)

static PyObject *isclose_function(PyObject *Py_UNUSED(module), PyObject *const *args,
                                  Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"a", "b", "rel_tol", "abs_tol", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "isclose"};
    PyObject *v[4];
    double a, b, relative = 1e-9, absolute = 0.0;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 2, 2, 4, v) < 0) return NULL;
    if (get_double(v[0], &a) < 0 || get_double(v[1], &b) < 0) return NULL;
    if ((v[2] && get_double(v[2], &relative) < 0) || (v[3] && get_double(v[3], &absolute) < 0))
        return NULL;
    if (relative < 0.0 || absolute < 0.0) {
        PyErr_SetString(PyExc_ValueError, "tolerances must be non-negative");
        return NULL;
    }
    if (a == b) Py_RETURN_TRUE;
    if (isinf(a) || isinf(b)) Py_RETURN_FALSE;
    double distance = fabs(b - a);
    return PyBool_FromLong(distance <= fabs(relative * b) || distance <= fabs(relative * a) ||
                           distance <= absolute);
}

/* ---- To ints ---- */

/* The number's own method, or else the C function on its float. */
static PyObject *round_with(PyObject *arg, PyObject *name, double (*function)(double))
{
    PyObject *r;
    double x;
    if (!PyFloat_CheckExact(arg)) {
        if (PyLong_CheckExact(arg)) return Py_NewRef(arg);
        int found = special_call(arg, name, &r);
        if (found) return found > 0 ? r : NULL;
    }
    return get_double(arg, &x) < 0 ? NULL : PyLong_FromDouble(function(x));
}

static PyObject *ceil_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return round_with(arg, NAME(__ceil__), ceil);
}

static PyObject *floor_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return round_with(arg, NAME(__floor__), floor);
}

static PyObject *trunc_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    PyObject *r;
    if (PyFloat_CheckExact(arg)) return PyLong_FromDouble(PyFloat_AS_DOUBLE(arg));
    if (PyLong_CheckExact(arg)) return Py_NewRef(arg);
    int found = special_call(arg, NAME(__trunc__), &r);
    if (found) return found > 0 ? r : NULL;
    PyErr_Format(PyExc_TypeError, "type %.100s doesn't define __trunc__ method",
                 Py_TYPE(arg)->tp_name);
    return NULL;
}

/* ---- The module ---- */

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMethodDef methods[] = {
    {"acos", acos_function, METH_O,
     "acos($module, x, /)\n--\n\nThe arc cosine of x in radians, from 0 to pi."},
    {"acosh", acosh_function, METH_O,
     "acosh($module, x, /)\n--\n\nReturn the inverse hyperbolic cosine of x."},
    {"asin", asin_function, METH_O,
     "asin($module, x, /)\n--\n\nThe arc sine of x in radians, from -pi/2 to pi/2."},
    {"asinh", asinh_function, METH_O,
     "asinh($module, x, /)\n--\n\nReturn the inverse hyperbolic sine of x."},
    {"atan", atan_function, METH_O,
     "atan($module, x, /)\n--\n\nThe arc tangent of x in radians, from -pi/2 to pi/2."},
    {"atan2", FAST(atan2_function),
     "atan2($module, y, x, /)\n--\n\nThe arc tangent of y/x in radians, with regard to the signs "
     "of both."},
    {"atanh", atanh_function, METH_O,
     "atanh($module, x, /)\n--\n\nReturn the inverse hyperbolic tangent of x."},
    {"cbrt", cbrt_function, METH_O, "cbrt($module, x, /)\n--\n\nReturn the cube root of x."},
    {"ceil", ceil_function, METH_O,
     "ceil($module, x, /)\n--\n\nThe ceiling of x: the smallest integer >= x."},
    {"copysign", FAST(copysign_function),
     "copysign($module, x, y, /)\n--\n\nA float with the magnitude of x and the sign of y, that of "
     "a zero too."},
    {"cos", cos_function, METH_O,
     "cos($module, x, /)\n--\n\nReturn the cosine of x (measured in radians)."},
    {"cosh", cosh_function, METH_O,
     "cosh($module, x, /)\n--\n\nReturn the hyperbolic cosine of x."},
    {"degrees", degrees_function, METH_O,
     "degrees($module, x, /)\n--\n\nConvert angle x from radians to degrees."},
    {"erf", erf_function, METH_O, "erf($module, x, /)\n--\n\nError function at x."},
    {"erfc", erfc_function, METH_O,
     "erfc($module, x, /)\n--\n\nComplementary error function at x."},
    {"exp", exp_function, METH_O, "exp($module, x, /)\n--\n\nReturn e raised to the power of x."},
    {"exp2", exp2_function, METH_O,
     "exp2($module, x, /)\n--\n\nReturn 2 raised to the power of x."},
    {"expm1", expm1_function, METH_O,
     "expm1($module, x, /)\n--\n\nexp(x)-1, precise also where x is small."},
    {"fabs", fabs_function, METH_O,
     "fabs($module, x, /)\n--\n\nReturn the absolute value of the float x."},
    {"floor", floor_function, METH_O,
     "floor($module, x, /)\n--\n\nThe floor of x: the largest integer <= x."},
    {"fmod", FAST(fmod_function),
     "fmod($module, x, y, /)\n--\n\nfmod(x, y) of C, which may differ from x % y."},
    {"frexp", frexp_function, METH_O,
     "frexp($module, x, /)\n--\n\n"
     "Mantissa and exponent of x: a float m and an int e with x = m * 2.**e.\n\n"
     "Both are 0 for x = 0; else 0.5 <= abs(m) < 1.0."},
    {"gamma", gamma_function, METH_O, "gamma($module, x, /)\n--\n\nGamma function at x."},
    {"isclose", (PyCFunction)(void (*)(void))isclose_function, METH_FASTCALL | METH_KEYWORDS,
     "isclose($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)\n--\n\n"
     "Whether two numbers are close in value.\n\n"
     "  rel_tol\n    largest difference allowed, relative to the larger magnitude\n"
     "  abs_tol\n    largest difference allowed, whatever the magnitudes\n\n"
     "One of the two must hold. NaN is close to nothing, itself included; an infinity only to "
     "itself."},
    {"isfinite", isfinite_function, METH_O,
     "isfinite($module, x, /)\n--\n\nReturn True if x is neither an infinity nor a NaN, and False "
     "otherwise."},
    {"isinf", isinf_function, METH_O,
     "isinf($module, x, /)\n--\n\nReturn True if x is a positive or negative infinity, and False "
     "otherwise."},
    {"isnan", isnan_function, METH_O,
     "isnan($module, x, /)\n--\n\nReturn True if x is a NaN (not a number), and False otherwise."},
    {"ldexp", FAST(ldexp_function),
     "ldexp($module, x, i, /)\n--\n\nx * (2**i), the inverse of frexp()."},
    {"lgamma", lgamma_function, METH_O,
     "lgamma($module, x, /)\n--\n\nNatural logarithm of absolute value of Gamma function at x."},
    {"log", FAST(log_function),
     "log(x, [base=math.e])\nThe logarithm of x to the given base; the natural logarithm without "
     "one."},
    {"log10", log10_function, METH_O,
     "log10($module, x, /)\n--\n\nReturn the base 10 logarithm of x."},
    {"log1p", log1p_function, METH_O,
     "log1p($module, x, /)\n--\n\nThe natural logarithm of 1+x, precise also where x is near "
     "zero."},
    {"log2", log2_function, METH_O, "log2($module, x, /)\n--\n\nReturn the base 2 logarithm of x."},
    {"modf", modf_function, METH_O,
     "modf($module, x, /)\n--\n\nThe fractional and the integer part of x, as floats with the sign "
     "of x."},
    {"nextafter", FAST(nextafter_function),
     "nextafter($module, x, y, /)\n--\n\nReturn the next floating-point value after x towards y."},
    {"pow", FAST(pow_function), "pow($module, x, y, /)\n--\n\nReturn x**y (x to the power of y)."},
    {"radians", radians_function, METH_O,
     "radians($module, x, /)\n--\n\nConvert angle x from degrees to radians."},
    {"remainder", FAST(remainder_function),
     "remainder($module, x, y, /)\n--\n\n"
     "x - n*y, where n*y is the integer multiple of y that is closest to x.\n\n"
     "Of two equally close ones the even n is taken. The result is always exact."},
    {"sin", sin_function, METH_O,
     "sin($module, x, /)\n--\n\nReturn the sine of x (measured in radians)."},
    {"sinh", sinh_function, METH_O, "sinh($module, x, /)\n--\n\nReturn the hyperbolic sine of x."},
    {"sqrt", sqrt_function, METH_O, "sqrt($module, x, /)\n--\n\nReturn the square root of x."},
    {"tan", tan_function, METH_O,
     "tan($module, x, /)\n--\n\nReturn the tangent of x (measured in radians)."},
    {"tanh", tanh_function, METH_O,
     "tanh($module, x, /)\n--\n\nReturn the hyperbolic tangent of x."},
    {"trunc", trunc_function, METH_O,
     "trunc($module, x, /)\n--\n\nThe Integral nearest to x between 0 and x, by x.__trunc__()."},
    {"ulp", ulp_function, METH_O,
     "ulp($module, x, /)\n--\n\nReturn the value of the least significant bit of the float x."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    if (PyModule_AddFunctions(module, math_integer_methods) < 0) return -1;
    if (PyModule_AddFunctions(module, math_sum_methods) < 0) return -1;
    static const struct {
        const char *name;
        double value;
    } constants[] = {
        {"pi", M_PI}, {"e", M_E}, {"tau", 2.0 * M_PI}, {"inf", INFINITY}, {"nan", NAN}};
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        PyObject *value = PyFloat_FromDouble(constants[i].value);
        if (!value || PyModule_AddObjectRef(module, constants[i].name, value) < 0) {
            Py_XDECREF(value);
            return -1;
        }
        Py_DECREF(value);
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "math",
    .m_doc = "The mathematical functions of the C standard, and some more, on floats and ints.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_math(void)
{
    return PyModuleDef_Init(&definition);
}
