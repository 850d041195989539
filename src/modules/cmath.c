/* cmath: functions of a complex variable.
 *
 * The formulas are W. Kahan's ("Branch cuts for complex elementary functions", 1987), which get
 * branch cuts and signed zeros right, with care where a square or an exponential would leave the
 * range of doubles. Arguments that are not finite follow C99's Annex G by way of tables, indexed by
 * the kinds of the two parts.
 *
 * A function reports through errno: EDOM (a ValueError) or ERANGE (an OverflowError).
 */
#include <Python.h>

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdbool.h>

#include "objects/args_unpack.h"

PyAPI_FUNC(double) _Py_c_abs(Py_complex z);

#define LARGE (DBL_MAX / 4.0)           /* above this a sum of two parts may overflow */
#define SQRT_LARGE sqrt(LARGE)
#define LOG_LARGE log(LARGE)
#define SQRT_MIN sqrt(DBL_MIN)
#define SCALE_UP 53                     /* lifts subnormals into full precision */
#define SCALE_DOWN (-27)                /* half of it back, after a square root */

/* ---- Arguments that are not finite ---- */

enum Kind {
    MINUS_INFINITY,
    NEGATIVE,
    MINUS_ZERO,
    PLUS_ZERO,
    POSITIVE,
    PLUS_INFINITY,
    NOT_A_NUMBER
};

static enum Kind kind_of(double x)
{
    if (isnan(x)) return NOT_A_NUMBER;
    if (isinf(x)) return x < 0 ? MINUS_INFINITY : PLUS_INFINITY;
    if (x == 0.0) return signbit(x) ? MINUS_ZERO : PLUS_ZERO;
    return x < 0 ? NEGATIVE : POSITIVE;
}

#define I INFINITY
#define N NAN
#define P M_PI
#define P12 M_PI_2
#define P14 M_PI_4
#define P34 (3.0 * M_PI_4)
#define U        \
    {            \
        NAN, NAN \
    } /* never looked up: both parts finite, or settled by the function itself */

/* Rows: kind of the real part; columns: kind of the imaginary part (for rect: r and phi). */
static const Py_complex acos_special[7][7] = {
    {{P34, I}, {P, I}, {P, I}, {P, -I}, {P, -I}, {P34, -I}, {N, I}},
    {{P12, I}, U, U, U, U, {P12, -I}, {N, N}},
    {{P12, I}, U, U, U, U, {P12, -I}, {P12, N}},
    {{P12, I}, U, U, U, U, {P12, -I}, {P12, N}},
    {{P12, I}, U, U, U, U, {P12, -I}, {N, N}},
    {{P14, I}, {0., I}, {0., I}, {0., -I}, {0., -I}, {P14, -I}, {N, I}},
    {{N, I}, {N, N}, {N, N}, {N, N}, {N, N}, {N, -I}, {N, N}},
};

static const Py_complex acosh_special[7][7] = {
    {{I, -P34}, {I, -P}, {I, -P}, {I, P}, {I, P}, {I, P34}, {I, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P14}, {I, -0.}, {I, -0.}, {I, 0.}, {I, 0.}, {I, P14}, {I, N}},
    {{I, N}, {N, N}, {N, N}, {N, N}, {N, N}, {I, N}, {N, N}},
};

static const Py_complex asinh_special[7][7] = {
    {{-I, -P14}, {-I, -0.}, {-I, -0.}, {-I, 0.}, {-I, 0.}, {-I, P14}, {-I, N}},
    {{-I, -P12}, U, U, U, U, {-I, P12}, {N, N}},
    {{-I, -P12}, U, U, U, U, {-I, P12}, {N, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P14}, {I, -0.}, {I, -0.}, {I, 0.}, {I, 0.}, {I, P14}, {I, N}},
    {{I, N}, {N, N}, {N, -0.}, {N, 0.}, {N, N}, {I, N}, {N, N}},
};

static const Py_complex atanh_special[7][7] = {
    {{-0., -P12}, {-0., -P12}, {-0., -P12}, {-0., P12}, {-0., P12}, {-0., P12}, {-0., N}},
    {{-0., -P12}, U, U, U, U, {-0., P12}, {N, N}},
    {{-0., -P12}, U, U, U, U, {-0., P12}, {-0., N}},
    {{0., -P12}, U, U, U, U, {0., P12}, {0., N}},
    {{0., -P12}, U, U, U, U, {0., P12}, {N, N}},
    {{0., -P12}, {0., -P12}, {0., -P12}, {0., P12}, {0., P12}, {0., P12}, {0., N}},
    {{0., -P12}, {N, N}, {N, N}, {N, N}, {N, N}, {0., P12}, {N, N}},
};

static const Py_complex cosh_special[7][7] = {
    {{N, N}, {I, I}, {I, 0.}, {I, -0.}, {I, -I}, {N, N}, {I, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, 0.}},
    {{N, N}, U, U, U, U, {N, N}, {N, 0.}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, {I, -I}, {I, -0.}, {I, 0.}, {I, I}, {N, N}, {I, N}},
    {{N, N}, {N, N}, {N, 0.}, {N, 0.}, {N, N}, {N, N}, {N, N}},
};

static const Py_complex exp_special[7][7] = {
    {{0., 0.}, {0., -0.}, {0., -0.}, {0., 0.}, {0., 0.}, {0., 0.}, {0., 0.}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, {I, -I}, {I, -0.}, {I, 0.}, {I, I}, {N, N}, {I, N}},
    {{N, N}, {N, N}, {N, -0.}, {N, 0.}, {N, N}, {N, N}, {N, N}},
};

static const Py_complex log_special[7][7] = {
    {{I, -P34}, {I, -P}, {I, -P}, {I, P}, {I, P}, {I, P34}, {I, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P12}, U, U, U, U, {I, P12}, {N, N}},
    {{I, -P14}, {I, -0.}, {I, -0.}, {I, 0.}, {I, 0.}, {I, P14}, {I, N}},
    {{I, N}, {N, N}, {N, N}, {N, N}, {N, N}, {I, N}, {N, N}},
};

static const Py_complex sinh_special[7][7] = {
    {{N, N}, {-I, -I}, {-I, -0.}, {-I, 0.}, {-I, I}, {N, N}, {I, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, U, U, U, U, {N, N}, {0., N}},
    {{N, N}, U, U, U, U, {N, N}, {0., N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, {I, -I}, {I, -0.}, {I, 0.}, {I, I}, {N, N}, {I, N}},
    {{N, N}, {N, N}, {N, -0.}, {N, 0.}, {N, N}, {N, N}, {N, N}},
};

static const Py_complex sqrt_special[7][7] = {
    {{I, -I}, {0., -I}, {0., -I}, {0., I}, {0., I}, {I, I}, {N, I}},
    {{I, -I}, U, U, U, U, {I, I}, {N, N}},
    {{I, -I}, U, U, U, U, {I, I}, {N, N}},
    {{I, -I}, U, U, U, U, {I, I}, {N, N}},
    {{I, -I}, U, U, U, U, {I, I}, {N, N}},
    {{I, -I}, {I, -0.}, {I, -0.}, {I, 0.}, {I, 0.}, {I, I}, {I, N}},
    {{I, -I}, {N, N}, {N, N}, {N, N}, {N, N}, {I, I}, {N, N}},
};

static const Py_complex tanh_special[7][7] = {
    {{-1., 0.}, {-1., -0.}, {-1., -0.}, {-1., 0.}, {-1., 0.}, {-1., 0.}, {-1., 0.}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{1., 0.}, {1., -0.}, {1., -0.}, {1., 0.}, {1., 0.}, {1., 0.}, {1., 0.}},
    {{N, N}, {N, N}, {N, -0.}, {N, 0.}, {N, N}, {N, N}, {N, N}},
};

static const Py_complex rect_special[7][7] = {
    {{N, N}, {-I, I}, {-I, 0.}, {-I, -0.}, {-I, -I}, {N, N}, {I, N}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{0., 0.}, U, U, U, U, {0., 0.}, {0., 0.}},
    {{0., 0.}, U, U, U, U, {0., 0.}, {0., 0.}},
    {{N, N}, U, U, U, U, {N, N}, {N, N}},
    {{N, N}, {I, -I}, {I, -0.}, {I, 0.}, {I, I}, {N, N}, {I, N}},
    {{N, N}, {N, N}, {N, 0.}, {N, 0.}, {N, N}, {N, N}, {N, N}},
};
#undef I
#undef N
#undef P
#undef U

static bool finite_parts(Py_complex z)
{
    return isfinite(z.real) && isfinite(z.imag);
}

#define SPECIAL(z, table)                                                       \
    if (__builtin_expect(!finite_parts(z), 0)) {                                \
        errno = 0;                                                              \
        return table[kind_of((z).real)][kind_of((z).imag)];                     \
    }

static Py_complex make(double real, double imag)
{
    return (Py_complex){real, imag};
}

/* A result without an error, whatever the C functions on the way have left in errno (an underflow,
 * mostly). */
static Py_complex good(double real, double imag)
{
    errno = 0;
    return make(real, imag);
}

/* ---- Roots, inverse functions ---- */

static Py_complex c_sqrt(Py_complex z)
{
    SPECIAL(z, sqrt_special)
    if (z.real == 0.0 && z.imag == 0.0) return good(0.0, z.imag);
    double x = fabs(z.real), y = fabs(z.imag), s;
    if (x < DBL_MIN && y < DBL_MIN) {
        x = ldexp(x, SCALE_UP);
        s = ldexp(sqrt(x + hypot(x, ldexp(y, SCALE_UP))), SCALE_DOWN);
    }
    else {
        x /= 8.0;
        s = 2.0 * sqrt(x + hypot(x, y / 8.0));
    }
    double d = y / (2.0 * s);
    return z.real >= 0.0 ? good(s, copysign(d, z.imag)) : good(d, copysign(s, z.imag));
}

/* log |2z| for large z. */
static double log_of_double(Py_complex z)
{
    return log(hypot(z.real / 2.0, z.imag / 2.0)) + M_LN2 * 2.0;
}

static bool is_large(Py_complex z)
{
    return fabs(z.real) > LARGE || fabs(z.imag) > LARGE;
}

static Py_complex c_acos(Py_complex z)
{
    SPECIAL(z, acos_special)
    if (is_large(z)) {
        double l = log_of_double(z);
        return good(atan2(fabs(z.imag), z.real),
                    z.real < 0.0 ? -copysign(l, z.imag) : copysign(l, -z.imag));
    }
    Py_complex a = c_sqrt(make(1.0 - z.real, -z.imag)), b = c_sqrt(make(1.0 + z.real, z.imag));
    return good(2.0 * atan2(a.real, b.real), asinh(b.real * a.imag - b.imag * a.real));
}

static Py_complex c_acosh(Py_complex z)
{
    SPECIAL(z, acosh_special)
    if (is_large(z)) return good(log_of_double(z), atan2(z.imag, z.real));
    Py_complex a = c_sqrt(make(z.real - 1.0, z.imag)), b = c_sqrt(make(z.real + 1.0, z.imag));
    return good(asinh(a.real * b.real + a.imag * b.imag), 2.0 * atan2(a.imag, b.real));
}

static Py_complex c_asinh(Py_complex z)
{
    SPECIAL(z, asinh_special)
    if (is_large(z)) {
        double l = log_of_double(z);
        return good(z.imag >= 0.0 ? copysign(l, z.real) : -copysign(l, -z.real),
                    atan2(z.imag, fabs(z.real)));
    }
    Py_complex a = c_sqrt(make(1.0 + z.imag, -z.real)), b = c_sqrt(make(1.0 - z.imag, z.real));
    return good(asinh(a.real * b.imag - b.real * a.imag),
                atan2(z.imag, a.real * b.real - a.imag * b.imag));
}

static Py_complex c_atanh(Py_complex z)
{
    SPECIAL(z, atanh_special)
    if (z.real < 0.0 || (z.real == 0.0 && signbit(z.real))) {
        Py_complex r = c_atanh(make(-z.real, -z.imag));
        return make(-r.real, -r.imag);
    }
    double y = fabs(z.imag);
    if (z.real > SQRT_LARGE || y > SQRT_LARGE) {
        double h = hypot(z.real / 2.0, z.imag / 2.0);
        return good(z.real / 4.0 / h / h, -copysign(M_PI_2, -z.imag));
    }
    if (z.real == 1.0 && y < SQRT_MIN) {
        if (y == 0.0) {
            errno = EDOM;
            return make(INFINITY, z.imag);
        }
        double real = -log(sqrt(y) / sqrt(hypot(y, 2.0))),
               imag = copysign(atan2(2.0, -y) / 2.0, z.imag);
        return good(real, imag);
    }
    double near = 1.0 - z.real;
    double real = log1p(4.0 * z.real / (near * near + y * y)) / 4.0;
    double imag = -atan2(-2.0 * z.imag, near * (1.0 + z.real) - y * y) / 2.0;
    return good(real, imag);
}

/* f(z) = -i g(iz): how the circular functions come from the hyperbolic ones. */
static Py_complex turned(Py_complex z, Py_complex (*function)(Py_complex))
{
    Py_complex r = function(make(-z.imag, z.real));
    return make(r.imag, -r.real);
}

static Py_complex c_asin(Py_complex z)
{
    return turned(z, c_asinh);
}

static Py_complex c_atan(Py_complex z)
{
    return turned(z, c_atanh);
}

/* ---- Exponential and hyperbolic functions ---- */

/* An infinite real part with a finite imaginary part other than 0: the direction is that of the
 * imaginary part. */
static bool runs_to_infinity(Py_complex z)
{
    return isinf(z.real) && isfinite(z.imag) && z.imag != 0.0;
}

static void set_range_error(Py_complex r)
{
    errno = isinf(r.real) || isinf(r.imag) ? ERANGE : 0;
}

static Py_complex c_exp(Py_complex z)
{
    Py_complex r;
    if (!finite_parts(z)) {
        double size = z.real > 0 ? INFINITY : 0.0;
        if (runs_to_infinity(z)) r = make(copysign(size, cos(z.imag)), copysign(size, sin(z.imag)));
        else r = exp_special[kind_of(z.real)][kind_of(z.imag)];
        errno = isinf(z.imag) && (isfinite(z.real) || (isinf(z.real) && z.real > 0)) ? EDOM : 0;
        return r;
    }
    if (z.real > LOG_LARGE) {
        double l = exp(z.real - 1.0);
        r = make(l * cos(z.imag) * M_E, l * sin(z.imag) * M_E);
    }
    else {
        double l = exp(z.real);
        r = make(l * cos(z.imag), l * sin(z.imag));
    }
    set_range_error(r);
    return r;
}

static Py_complex c_cosh(Py_complex z)
{
    Py_complex r;
    if (!finite_parts(z)) {
        if (runs_to_infinity(z)) {
            double imag = copysign(INFINITY, sin(z.imag));
            r = make(copysign(INFINITY, cos(z.imag)), z.real > 0 ? imag : -imag);
        }
        else r = cosh_special[kind_of(z.real)][kind_of(z.imag)];
        errno = isinf(z.imag) && !isnan(z.real) ? EDOM : 0;
        return r;
    }
    if (fabs(z.real) > LOG_LARGE) {
        double x = z.real - copysign(1.0, z.real);
        r = make(cos(z.imag) * cosh(x) * M_E, sin(z.imag) * sinh(x) * M_E);
    }
    else r = make(cos(z.imag) * cosh(z.real), sin(z.imag) * sinh(z.real));
    set_range_error(r);
    return r;
}

static Py_complex c_sinh(Py_complex z)
{
    Py_complex r;
    if (!finite_parts(z)) {
        if (runs_to_infinity(z)) {
            double real = copysign(INFINITY, cos(z.imag));
            r = make(z.real > 0 ? real : -real, copysign(INFINITY, sin(z.imag)));
        }
        else r = sinh_special[kind_of(z.real)][kind_of(z.imag)];
        errno = isinf(z.imag) && !isnan(z.real) ? EDOM : 0;
        return r;
    }
    if (fabs(z.real) > LOG_LARGE) {
        double x = z.real - copysign(1.0, z.real);
        r = make(cos(z.imag) * sinh(x) * M_E, sin(z.imag) * cosh(x) * M_E);
    }
    else r = make(cos(z.imag) * sinh(z.real), sin(z.imag) * cosh(z.real));
    set_range_error(r);
    return r;
}

static Py_complex c_tanh(Py_complex z)
{
    if (!finite_parts(z)) {
        Py_complex r;
        if (runs_to_infinity(z))
            r = make(copysign(1.0, z.real), copysign(0.0, 2.0 * sin(z.imag) * cos(z.imag)));
        else r = tanh_special[kind_of(z.real)][kind_of(z.imag)];
        errno = isinf(z.imag) && isfinite(z.real) ? EDOM : 0;
        return r;
    }
    if (fabs(z.real) > LOG_LARGE) {
        return good(copysign(1.0, z.real),
                    4.0 * sin(z.imag) * cos(z.imag) * exp(-2.0 * fabs(z.real)));
    }
    double x = tanh(z.real), y = tan(z.imag), c = 1.0 / cosh(z.real), xy = x * y,
           below = 1.0 + xy * xy;
    return good(x * (1.0 + y * y) / below, ((y / below) * c) * c);
}

static Py_complex c_cos(Py_complex z)
{
    return c_cosh(make(-z.imag, z.real));
}

static Py_complex c_sin(Py_complex z)
{
    return turned(z, c_sinh);
}

static Py_complex c_tan(Py_complex z)
{
    return turned(z, c_tanh);
}

/* ---- Logarithms ---- */

static Py_complex c_log(Py_complex z)
{
    SPECIAL(z, log_special)
    double x = fabs(z.real), y = fabs(z.imag), real, imag = atan2(z.imag, z.real);
    if (x > LARGE || y > LARGE) real = log(hypot(x / 2.0, y / 2.0)) + M_LN2;
    else if (x < DBL_MIN && y < DBL_MIN) {
        if (x == 0.0 && y == 0.0) {
            errno = EDOM;
            return make(-INFINITY, imag);
        }
        real = log(hypot(ldexp(x, SCALE_UP), ldexp(y, SCALE_UP))) - SCALE_UP * M_LN2;
    }
    else {
        double h = hypot(x, y);
        if (h >= 0.71 && h <= 1.73) {   /* near 1 the logarithm of h would lose what h - 1 holds */
            double most = x > y ? x : y, least = x > y ? y : x;
            real = log1p((most - 1) * (most + 1) + least * least) / 2.0;
        }
        else real = log(h);
    }
    return good(real, imag);
}

static Py_complex c_log10(Py_complex z)
{
    Py_complex r = c_log(z);
    int saved = errno;
    r = make(r.real / M_LN10, r.imag / M_LN10);
    errno = saved;
    return r;
}

/* ---- The module's functions ---- */

static PyObject *raise_errno(void)
{
    if (errno == EDOM) PyErr_SetString(PyExc_ValueError, "math domain error");
    else if (errno == ERANGE) PyErr_SetString(PyExc_OverflowError, "math range error");
    else PyErr_SetFromErrno(PyExc_ValueError);
    return NULL;
}

static int get_complex(PyObject *o, Py_complex *z)
{
    *z = PyComplex_AsCComplex(o);
    return z->real == -1.0 && PyErr_Occurred() ? -1 : 0;
}

#define FUNCTION(name)                                                          \
    static PyObject *name##_function(PyObject *Py_UNUSED(module), PyObject *arg) \
    {                                                                           \
        Py_complex z;                                                           \
        if (get_complex(arg, &z) < 0) return NULL;                              \
        errno = 0;                                                              \
        z = c_##name(z);                                                        \
        return errno ? raise_errno() : PyComplex_FromCComplex(z);               \
    }

FUNCTION(acos)
FUNCTION(acosh)
FUNCTION(asin)
FUNCTION(asinh)
FUNCTION(atan)
FUNCTION(atanh)
FUNCTION(cos)
FUNCTION(cosh)
FUNCTION(exp)
FUNCTION(log10)
FUNCTION(sin)
FUNCTION(sinh)
FUNCTION(sqrt)
FUNCTION(tan)
FUNCTION(tanh)

static PyObject *log_function(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_complex z, base;
    if (!_PyArg_CheckPositional("log", nargs, 1, 2) || get_complex(args[0], &z) < 0) return NULL;
    if (nargs == 2 && get_complex(args[1], &base) < 0) return NULL;
    errno = 0;
    z = c_log(z);
    if (nargs == 2) z = _Py_c_quot(z, c_log(base)); /* the base's error is the one that counts */
    return errno ? raise_errno() : PyComplex_FromCComplex(z);
}

static PyObject *phase_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_complex z;
    if (get_complex(arg, &z) < 0) return NULL;
    errno = 0;
    double phi = atan2(z.imag, z.real);
    return errno ? raise_errno() : PyFloat_FromDouble(phi);
}

static PyObject *polar_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_complex z;
    if (get_complex(arg, &z) < 0) return NULL;
    errno = 0;
    double r = _Py_c_abs(z);
    if (errno) return raise_errno();
    return Py_BuildValue("dd", r, atan2(z.imag, z.real));
}

static PyObject *rect_function(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("rect", nargs, 2, 2)) return NULL;
    double r = PyFloat_AsDouble(args[0]);
    if (r == -1.0 && PyErr_Occurred()) return NULL;
    double phi = PyFloat_AsDouble(args[1]);
    if (phi == -1.0 && PyErr_Occurred()) return NULL;
    Py_complex z = {r, phi};
    if (!finite_parts(z)) {
        if (runs_to_infinity(z)) {
            double real = copysign(INFINITY, cos(phi)), imag = copysign(INFINITY, sin(phi));
            z = r > 0 ? make(real, imag) : make(-real, -imag);
        }
        else z = rect_special[kind_of(r)][kind_of(phi)];
        errno = r != 0.0 && !isnan(r) && isinf(phi) ? EDOM : 0;
        if (errno) return raise_errno();
    }
    else if (phi == 0.0) z = make(r, r * phi);
    else z = make(r * cos(phi), r * sin(phi));
    return PyComplex_FromCComplex(z);
}

static PyObject *isfinite_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_complex z;
    return get_complex(arg, &z) < 0 ? NULL : PyBool_FromLong(finite_parts(z));
}

static PyObject *isinf_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_complex z;
    return get_complex(arg, &z) < 0 ? NULL : PyBool_FromLong(isinf(z.real) || isinf(z.imag));
}

static PyObject *isnan_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Py_complex z;
    return get_complex(arg, &z) < 0 ? NULL : PyBool_FromLong(isnan(z.real) || isnan(z.imag));
}

static int get_tolerance(PyObject *o, double *value)
{
    if (!o) return 0;
    *value = PyFloat_AsDouble(o);
    return *value == -1.0 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *isclose_function(PyObject *Py_UNUSED(module), PyObject *const *args,
                                  Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"a", "b", "rel_tol", "abs_tol", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "isclose"};
    PyObject *v[4];
    Py_complex a, b;
    double relative = 1e-9, absolute = 0.0;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 2, 2, 4, v) < 0) return NULL;
    if (get_complex(v[0], &a) < 0 || get_complex(v[1], &b) < 0) return NULL;
    if (get_tolerance(v[2], &relative) < 0 || get_tolerance(v[3], &absolute) < 0) return NULL;
    if (relative < 0.0 || absolute < 0.0) {
        PyErr_SetString(PyExc_ValueError, "tolerances must be non-negative");
        return NULL;
    }
    if (a.real == b.real && a.imag == b.imag) Py_RETURN_TRUE;
    if (isinf(a.real) || isinf(a.imag) || isinf(b.real) || isinf(b.imag)) Py_RETURN_FALSE;
    double distance = _Py_c_abs(_Py_c_diff(a, b));
    return PyBool_FromLong(distance <= relative * _Py_c_abs(b) ||
                           distance <= relative * _Py_c_abs(a) || distance <= absolute);
}

/* ---- The module ---- */

#define FAST(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL
#define ENTRY(name, text) {#name, name##_function, METH_O, #name "($module, z, /)\n--\n\n" text}

static PyMethodDef methods[] = {
    ENTRY(acos, "Return the arc cosine of z."),
    ENTRY(acosh, "Return the inverse hyperbolic cosine of z."),
    ENTRY(asin, "Return the arc sine of z."),
    ENTRY(asinh, "Return the inverse hyperbolic sine of z."),
    ENTRY(atan, "Return the arc tangent of z."),
    ENTRY(atanh, "Return the inverse hyperbolic tangent of z."),
    ENTRY(cos, "Return the cosine of z."),
    ENTRY(cosh, "Return the hyperbolic cosine of z."),
    ENTRY(exp, "Return the exponential value e**z."),
    {"isclose", (PyCFunction)(void (*)(void))isclose_function, METH_FASTCALL | METH_KEYWORDS,
     "isclose($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)\n--\n\n"
     "Whether two complex numbers are close in value.\n\n"
     "  rel_tol\n    largest difference allowed, relative to the larger magnitude\n"
     "  abs_tol\n    largest difference allowed, whatever the magnitudes\n\n"
     "One of the two must hold. NaN is close to nothing, itself included; an infinity only to "
     "itself."},
    ENTRY(isfinite,
          "Return True if both the real and imaginary parts of z are finite, else False."),
    ENTRY(isinf, "Checks if the real or imaginary part of z is infinite."),
    ENTRY(isnan, "Checks if the real or imaginary part of z not a number (NaN)."),
    {"log", FAST(log_function),
     "log($module, z, base=<unrepresentable>, /)\n--\n\n"
     "The logarithm of z to the given base; the natural logarithm without one."},
    ENTRY(log10, "Return the base-10 logarithm of z."),
    ENTRY(phase, "Return argument, also known as the phase angle, of a complex."),
    ENTRY(polar, "Polar coordinates of z: its distance from 0 and its phase angle."),
    {"rect", FAST(rect_function),
     "rect($module, r, phi, /)\n--\n\nConvert from polar coordinates to rectangular coordinates."},
    ENTRY(sin, "Return the sine of z."),
    ENTRY(sinh, "Return the hyperbolic sine of z."),
    ENTRY(sqrt, "Return the square root of z."),
    ENTRY(tan, "Return the tangent of z."),
    ENTRY(tanh, "Return the hyperbolic tangent of z."),
    {NULL, NULL, 0, NULL},
};

/* Adds an object, which is stolen. */
static int add_steal(PyObject *module, const char *name, PyObject *value)
{
    int status = value ? PyModule_AddObjectRef(module, name, value) : -1;
    Py_XDECREF(value);
    return status;
}

static int module_exec(PyObject *module)
{
    if (add_steal(module, "pi", PyFloat_FromDouble(M_PI)) < 0) return -1;
    if (add_steal(module, "e", PyFloat_FromDouble(M_E)) < 0) return -1;
    if (add_steal(module, "tau", PyFloat_FromDouble(2.0 * M_PI)) < 0) return -1;
    if (add_steal(module, "inf", PyFloat_FromDouble(INFINITY)) < 0) return -1;
    if (add_steal(module, "infj", PyComplex_FromDoubles(0.0, INFINITY)) < 0) return -1;
    if (add_steal(module, "nan", PyFloat_FromDouble(NAN)) < 0) return -1;
    return add_steal(module, "nanj", PyComplex_FromDoubles(0.0, NAN));
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "cmath",
    .m_doc = "The mathematical functions for complex numbers.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_cmath(void)
{
    return PyModuleDef_Init(&definition);
}
