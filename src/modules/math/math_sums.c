/* math: sums, products and norms of many numbers. */
#include "modules/math/math_module.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "objects/int/int.h"

/* ---- fsum ---- */

/* Shewchuk's partial sums: doubles that do not overlap, in growing order, whose exact sum is the
 * sum so far. */
struct Partials {
    double *values;
    Py_ssize_t count, room;
    double local[32];
    double special;                     /* sum of infinities and NaNs met */
    double infinities;                  /* sum of infinities met */
};

static int partials_grow(struct Partials *p)
{
    Py_ssize_t room = p->room * 2;
    double *values = p->values == p->local ? NULL : p->values;
    values = (size_t)room > PY_SSIZE_T_MAX / sizeof(double)
                 ? NULL
                 : PyMem_Realloc(values, (size_t)room * sizeof(double));
    if (!values) {
        PyErr_SetString(PyExc_MemoryError, "math.fsum partials");
        return -1;
    }
    if (p->values == p->local) memcpy(values, p->local, (size_t)p->count * sizeof(double));
    p->values = values;
    p->room = room;
    return 0;
}

static int partials_add(struct Partials *p, double x)
{
    double given = x;
    Py_ssize_t kept = 0;
    for (Py_ssize_t j = 0; j < p->count; j++) {
        double y = p->values[j];
        if (fabs(x) < fabs(y)) {
            double t = x;
            x = y;
            y = t;
        }
        volatile double high = x + y, rounded = high - x;
        double low = y - rounded;
        if (low != 0.0) p->values[kept++] = low;
        x = high;
    }
    p->count = kept;
    if (x == 0.0) return 0;
    if (!isfinite(x)) {
        if (isfinite(given)) {
            PyErr_SetString(PyExc_OverflowError, "intermediate overflow in fsum");
            return -1;
        }
        if (isinf(given)) p->infinities += given;
        p->special += given;
        p->count = 0;
        return 0;
    }
    if (p->count >= p->room && partials_grow(p) < 0) return -1;
    p->values[p->count++] = x;
    return 0;
}

/* The partials' sum, rounded once, half to even. */
static double partials_round(const struct Partials *p)
{
    Py_ssize_t n = p->count;
    if (n == 0) return 0.0;
    double high = p->values[--n], low = 0.0;
    while (n > 0) {
        double x = high, y = p->values[--n];
        volatile double sum = x + y, rounded = sum - x;
        high = sum;
        low = y - rounded;
        if (low != 0.0) break;
    }
    /* Exactly halfway: what lies below decides. */
    if (n > 0 && ((low < 0.0 && p->values[n - 1] < 0.0) || (low > 0.0 && p->values[n - 1] > 0.0))) {
        double twice = low * 2.0;
        volatile double x = high + twice, back = x - high;
        if (twice == back) high = x;
    }
    return high;
}

static PyObject *fsum_function(PyObject *Py_UNUSED(module), PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable), *item, *result = NULL;
    if (!iterator) return NULL;
    struct Partials p = {.count = 0, .room = 32};
    p.values = p.local;
    while ((item = PyIter_Next(iterator))) {
        double x = PyFloat_CheckExact(item) ? PyFloat_AS_DOUBLE(item) : PyFloat_AsDouble(item);
        Py_DECREF(item);
        if ((x == -1.0 && PyErr_Occurred()) || partials_add(&p, x) < 0) goto done;
    }
    if (PyErr_Occurred()) goto done;
    if (p.special != 0.0) {
        if (isnan(p.infinities)) PyErr_SetString(PyExc_ValueError, "-inf + inf in fsum");
        else result = PyFloat_FromDouble(p.special);
    }
    else result = PyFloat_FromDouble(partials_round(&p));
done:
    Py_DECREF(iterator);
    if (p.values != p.local) PyMem_Free(p.values);
    return result;
}

/* ---- hypot, dist ---- */

/* Adds x exactly to high + low (both then within rounding of the sum). */
static inline void add_exact(double x, double *high, double *low)
{
    double sum = *high + x, part = sum - *high;
    *low += (*high - (sum - part)) + (x - part);
    *high = sum;
}

/* sqrt of the sum of squares. The squares are scaled by a power of two against over- and underflow
 * and summed in twice the precision; one Newton step on the exact residual makes the root correct
 * to the last place, nearly always. values is clobbered and its entries are >= 0. */
static double norm(double *values, Py_ssize_t n, double largest, bool has_nan)
{
    if (isinf(largest)) return largest;
    if (has_nan) return NAN;
    if (largest == 0.0 || n <= 1) return largest;
    int exponent;
    frexp(largest, &exponent);
    if (exponent < -1000) { /* scaling factors would overflow: bring subnormals up first */
        for (Py_ssize_t i = 0; i < n; i++) values[i] /= DBL_MIN;
        return DBL_MIN * norm(values, n, largest / DBL_MIN, false);
    }
    double scale = ldexp(1.0, -exponent), high = 0.0, low = 0.0;
    for (Py_ssize_t i = 0; i < n; i++) {
        double x = values[i] * scale, square = x * x;
        low += fma(x, x, -square);
        add_exact(square, &high, &low);
    }
    double root = sqrt(high + low), square = root * root, error = fma(root, root, -square);
    double rest = ((high - square) - error) + low;
    return (root + rest / (2.0 * root)) / scale;
}

#define LOCAL_COORDINATES 32

static double *coordinates_get(double *local, Py_ssize_t n)
{
    if (n <= LOCAL_COORDINATES) return local;
    double *values = PyMem_New(double, n);
    if (!values) PyErr_NoMemory();
    return values;
}

/* Takes note of one coordinate's absolute value. */
static inline void note(double *values, Py_ssize_t i, double x, double *largest, bool *has_nan)
{
    x = fabs(x);
    values[i] = x;
    *has_nan |= isnan(x);
    if (x > *largest) *largest = x;
}

static PyObject *hypot_function(PyObject *Py_UNUSED(module), PyObject *const *args,
                                Py_ssize_t nargs)
{
    double local[LOCAL_COORDINATES], largest = 0.0, *values = coordinates_get(local, nargs);
    bool has_nan = false;
    PyObject *result = NULL;
    if (!values) return NULL;
    for (Py_ssize_t i = 0; i < nargs; i++) {
        double x = PyFloat_AsDouble(args[i]);
        if (x == -1.0 && PyErr_Occurred()) goto done;
        note(values, i, x, &largest, &has_nan);
    }
    result = PyFloat_FromDouble(norm(values, nargs, largest, has_nan));
done:
    if (values != local) PyMem_Free(values);
    return result;
}

static PyObject *dist_function(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("dist", nargs, 2, 2)) return NULL;
    PyObject *p = PySequence_Tuple(args[0]), *q = p ? PySequence_Tuple(args[1]) : NULL,
             *result = NULL;
    double local[LOCAL_COORDINATES], largest = 0.0, *values = NULL;
    bool has_nan = false;
    if (!q) goto done;
    Py_ssize_t n = PyTuple_GET_SIZE(p);
    if (n != PyTuple_GET_SIZE(q)) {
        PyErr_SetString(PyExc_ValueError, "both points must have the same number of dimensions");
        goto done;
    }
    values = coordinates_get(local, n);
    if (!values) goto done;
    for (Py_ssize_t i = 0; i < n; i++) {
        double x = PyFloat_AsDouble(PyTuple_GET_ITEM(p, i));
        if (x == -1.0 && PyErr_Occurred()) goto done;
        double y = PyFloat_AsDouble(PyTuple_GET_ITEM(q, i));
        if (y == -1.0 && PyErr_Occurred()) goto done;
        note(values, i, x - y, &largest, &has_nan);
    }
    result = PyFloat_FromDouble(norm(values, n, largest, has_nan));
done:
    if (values && values != local) PyMem_Free(values);
    Py_XDECREF(p);
    Py_XDECREF(q);
    return result;
}

/* ---- prod ---- */

/* Multiplies on while all is exact ints within a word, or floats with such ints; *total is
 * replaced. 1 when the iterator is used up, 0 with *item the first factor that needs general
 * multiplication, -1 with an exception. */
static int multiply_plain(PyObject *iterator, PyObject **total, PyObject **item)
{
    int64_t whole = 0, factor;
    double x = 0.0;
    bool is_float = PyFloat_CheckExact(*total);
    if (is_float) x = PyFloat_AS_DOUBLE(*total);
    else if (!PyLong_CheckExact(*total) || !int_fits_int64(*total, &whole)) {
        *item = PyIter_Next(iterator);
        return *item ? 0 : PyErr_Occurred() ? -1 : 1;
    }
    int status = 1;
    while ((*item = PyIter_Next(iterator))) {
        if (is_float && PyFloat_CheckExact(*item)) x *= PyFloat_AS_DOUBLE(*item);
        else if (PyLong_CheckExact(*item) && int_fits_int64(*item, &factor)) {
            if (is_float) x *= (double)factor;
            else {
                int64_t product;
                if (__builtin_mul_overflow(whole, factor, &product)) break;
                whole = product;
            }
        }
        else if (!is_float && PyFloat_CheckExact(*item)) {
            is_float = true;
            x = (double)whole * PyFloat_AS_DOUBLE(*item);
        }
        else break;
        Py_DECREF(*item);
    }
    if (*item) status = 0;
    else if (PyErr_Occurred()) return -1;
    Py_SETREF(*total, is_float ? PyFloat_FromDouble(x) : int_from_int64(whole));
    if (*total) return status;
    Py_CLEAR(*item);
    return -1;
}

static PyObject *prod_function(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs,
                               PyObject *kwnames)
{
    static const char *const keywords[] = {"", "start", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "prod"};
    PyObject *values[2], *item = NULL;
    PyObject *const *a =
        _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, values);
    if (!a) return NULL;
    PyObject *start = kwnames && PyTuple_GET_SIZE(kwnames) ? a[1] : NULL;
    PyObject *iterator = PyObject_GetIter(a[0]);
    if (!iterator) return NULL;
    PyObject *total = start ? Py_NewRef(start) : PyLong_FromLong(1);
    int status = multiply_plain(iterator, &total, &item);
    while (status == 0 && total) {
        Py_SETREF(total, PyNumber_Multiply(total, item));
        Py_DECREF(item);
        if (!total) break;
        item = PyIter_Next(iterator);
        if (!item) status = PyErr_Occurred() ? -1 : 1;
    }
    if (status < 0) Py_CLEAR(total);
    Py_DECREF(iterator);
    return total;
}

PyMethodDef math_sum_methods[] = {
    {"dist", (PyCFunction)(void (*)(void))dist_function, METH_FASTCALL,
     "dist($module, p, q, /)\n--\n\n"
     "The Euclidean distance of two points p and q.\n\n"
     "Each is a sequence (or iterable) of coordinates, both of the same length. It is roughly\n"
     "    sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))"},
    {"fsum", fsum_function, METH_O,
     "fsum($module, seq, /)\n--\n\nThe accurate floating point sum of the iterable's "
     "values.\n\nAssumes IEEE-754 arithmetic."},
    {"hypot", (PyCFunction)(void (*)(void))hypot_function, METH_FASTCALL,
     "hypot(*coordinates) -> value\n\n"
     "The Euclidean distance of a point from the origin, in any number of dimensions.\n\n"
     "Roughly\n    sqrt(sum(x**2 for x in coordinates))\n\n"
     "For two coordinates it is the hypotenuse: hypot(3.0, 4.0) gives 5.0."},
    {"prod", (PyCFunction)(void (*)(void))prod_function, METH_FASTCALL | METH_KEYWORDS,
     "prod($module, iterable, /, *, start=1)\n--\n\n"
     "The product of all elements of the iterable and the start value.\n\n"
     "For an empty iterable it is the start value. Meant for numbers; other types may be refused."},
    {NULL, NULL, 0, NULL},
};
