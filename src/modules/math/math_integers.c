/* math: functions on ints. */
#include "modules/math/math_module.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "modules/math/binomial_tables.h"
#include "objects/int/int.h"

/* ---- gcd, lcm ---- */

static PyObject *least_common_multiple(PyObject *a, PyObject *b)
{
    if (Py_SIZE(a) == 0 || Py_SIZE(b) == 0) return PyLong_FromLong(0);
    PyObject *g = _PyLong_GCD(a, b);
    PyObject *part = g ? int_floor_divide(a, g) : NULL;
    PyObject *product = part ? int_multiply(part, b) : NULL;
    PyObject *result = product ? int_absolute(product) : NULL;
    Py_XDECREF(g);
    Py_XDECREF(part);
    Py_XDECREF(product);
    return result;
}

/* Combines all arguments, after their conversion, from the left; `empty` is the value without
 * arguments. */
static PyObject *fold(PyObject *const *args, Py_ssize_t nargs, long empty,
                      PyObject *(*combine)(PyObject *, PyObject *))
{
    if (nargs == 0) return PyLong_FromLong(empty);
    PyObject *r = PyNumber_Index(args[0]);
    if (r && nargs == 1) Py_SETREF(r, int_absolute(r));
    for (Py_ssize_t i = 1; r && i < nargs; i++) {
        PyObject *next = _PyNumber_Index(args[i]);
        if (!next) {
            Py_DECREF(r);
            return NULL;
        }
        Py_SETREF(r, combine(r, next));
        Py_DECREF(next);
    }
    return r;
}

static uint64_t gcd_of_words(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0) return a | b;
    int twos = __builtin_ctzll(a | b);
    a >>= __builtin_ctzll(a);
    while (b != 0) {
        b >>= __builtin_ctzll(b);
        uint64_t low = a < b ? a : b;
        b = a < b ? b - a : a - b;
        a = low;
    }
    return a << twos;
}

static PyObject *gcd_function(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int64_t a, b;
    if (nargs == 2 && PyLong_CheckExact(args[0]) && PyLong_CheckExact(args[1]) && int_fits_two_digits(args[0], &a) &&
        int_fits_two_digits(args[1], &b)) {
        return PyLong_FromUnsignedLongLong(gcd_of_words((uint64_t)llabs(a), (uint64_t)llabs(b)));
    }
    return fold(args, nargs, 0, _PyLong_GCD);
}

static PyObject *lcm_function(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    return fold(args, nargs, 1, least_common_multiple);
}

/* ---- isqrt ---- */

static uint64_t root_of_word(uint64_t n)
{
    uint64_t r = (uint64_t)sqrt((double)n);
    if (r > UINT32_MAX) r = UINT32_MAX;
    while (r * r > n) r--;
    while (r < UINT32_MAX && (r + 1) * (r + 1) <= n) r++;
    return r;
}

static PyObject *isqrt_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int64_t word;
    PyObject *n = _PyNumber_Index(arg), *r = NULL;
    if (!n) return NULL;
    if (int_is_negative(n))
        PyErr_SetString(PyExc_ValueError, "isqrt() argument must be nonnegative");
    else if (int_fits_two_digits(n, &word))
        r = int_from_int64((int64_t)root_of_word((uint64_t)word));
    else r = int_sqrt(n);
    Py_DECREF(n);
    return r;
}

/* ---- Products of ranges ---- */

static PyObject *multiply_steal(PyObject *a, PyObject *b)
{
    PyObject *r = a && b ? int_multiply(a, b) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return r;
}

/* first * (first + step) * ... , count factors; halves are multiplied so that the factors are of
 * one size. */
static PyObject *product_of_range(uint64_t first, uint64_t count, uint64_t step)
{
    uint64_t product = 1;
    if (count <= 16) {
        uint64_t i = 0, factor = first;
        for (; i < count; i++, factor += step) {
            if (__builtin_mul_overflow(product, factor, &product)) break;
        }
        if (i == count) return PyLong_FromUnsignedLongLong(product);
        if (count == 1) return PyLong_FromUnsignedLongLong(first);
    }
    uint64_t half = count / 2;
    PyObject *low = product_of_range(first, half, step);
    if (!low) return NULL;
    if (PyErr_CheckSignals() < 0) {
        Py_DECREF(low);
        return NULL;
    }
    return multiply_steal(low, product_of_range(first + half * step, count - half, step));
}

/* n!: its odd part is the product over i of the odd numbers up to n >> i; the twos are a shift. */
static PyObject *factorial_of(uint64_t n)
{
    if (n <= 20) {
        uint64_t r = 1;
        for (uint64_t i = 2; i <= n; i++) r *= i;
        return PyLong_FromUnsignedLongLong(r);
    }
    PyObject *odd = PyLong_FromLong(1), *result = PyLong_FromLong(1);
    uint64_t done = 1;                  /* odd numbers up to here are in `odd` */
    for (int shift = 63 - __builtin_clzll(n); shift >= 0 && odd && result; shift--) {
        uint64_t top = n >> shift;
        top -= (top & 1) == 0;          /* the largest odd number not above it */
        if (top > done) {
            odd = multiply_steal(odd, product_of_range(done + 2, (top - done) / 2, 2));
            done = top;
        }
        if (odd) Py_SETREF(result, int_multiply(result, odd));
    }
    if (!odd) Py_CLEAR(result);
    Py_XDECREF(odd);
    if (result) Py_SETREF(result, int_shift_left(result, n - (uint64_t)__builtin_popcountll(n)));
    return result;
}

static PyObject *factorial_function(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int overflow;
    long n = PyLong_AsLongAndOverflow(arg, &overflow);
    if (n == -1 && PyErr_Occurred()) return NULL;
    if (overflow > 0) {
        PyErr_Format(PyExc_OverflowError, "factorial() argument should not exceed %ld", LONG_MAX);
        return NULL;
    }
    if (overflow < 0 || n < 0) {
        PyErr_SetString(PyExc_ValueError, "factorial() not defined for negative values");
        return NULL;
    }
    return factorial_of((uint64_t)n);
}

/* ---- perm, comb ---- */

/* n - d for d that fits a word. */
static PyObject *minus_word(PyObject *n, uint64_t d)
{
    PyObject *word = PyLong_FromUnsignedLongLong(d);
    PyObject *r = word ? int_subtract(n, word) : NULL;
    Py_XDECREF(word);
    return r;
}

/* Falling product n (n-1) ... of k factors for an n of any size. */
static PyObject *falling_product(PyObject *n, uint64_t k)
{
    int64_t word;
    if (k == 0) return PyLong_FromLong(1);
    if (int_fits_int64(n, &word)) return product_of_range((uint64_t)word - k + 1, k, 1);
    if (k == 1) return int_exact(n);
    PyObject *high = falling_product(n, k / 2), *rest = high ? minus_word(n, k / 2) : NULL;
    PyObject *low = rest ? falling_product(rest, k - k / 2) : NULL;
    Py_XDECREF(rest);
    if (!low) {
        Py_XDECREF(high);
        return NULL;
    }
    return multiply_steal(high, low);
}

/* C(n, k) for k <= n < TABLE_SIZE. */
static uint64_t binomial_by_table(uint64_t n, uint64_t k)
{
    int twos = __builtin_popcountll(k) + __builtin_popcountll(n - k) - __builtin_popcountll(n);
    return odd_factorials[n] * inverse_odd_factorials[k] * inverse_odd_factorials[n - k] << twos;
}

/* The binomial coefficient when every step fits 128 bits and the result 64. */
static bool binomial_word(uint64_t n, uint64_t k, uint64_t *result)
{
    if (n < TABLE_SIZE) {
        *result = binomial_by_table(n, k);
        return true;
    }
    unsigned __int128 r = 1;
    for (uint64_t i = 1; i <= k; i++) {
        r = r * (n - k + i) / i;        /* C(n-k+i, i): always whole */
        if (r >> 63) return false;
    }
    *result = (uint64_t)r;
    return true;
}

/* C(n, k) = C(n, j) C(n-j, k-j) / C(k, j) with j = k / 2. */
static PyObject *binomial(PyObject *n, uint64_t k)
{
    int64_t word;
    uint64_t small;
    if (k == 0) return PyLong_FromLong(1);
    if (k == 1) return int_exact(n);
    if (k < 64 && int_fits_int64(n, &word) && binomial_word((uint64_t)word, k, &small)) {
        return PyLong_FromUnsignedLongLong(small);
    }
    uint64_t j = k / 2;
    PyObject *of_k = PyLong_FromUnsignedLongLong(k), *a = binomial(n, j),
             *rest = a ? minus_word(n, j) : NULL;
    PyObject *b = rest ? binomial(rest, k - j) : NULL,
             *divisor = b && of_k ? binomial(of_k, j) : NULL, *r = NULL;
    Py_XDECREF(of_k);
    Py_XDECREF(rest);
    if (divisor && PyErr_CheckSignals() == 0) {
        PyObject *product = int_multiply(a, b);
        if (product) r = int_floor_divide(product, divisor);
        Py_XDECREF(product);
    }
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(divisor);
    return r;
}

static int check_natural(PyObject *n, const char *name)
{
    if (!int_is_negative(n)) return 0;
    PyErr_Format(PyExc_ValueError, "%s must be a non-negative integer", name);
    return -1;
}

static PyObject *perm_of(PyObject *n, PyObject *k)
{
    int64_t count;
    if (check_natural(n, "n") < 0 || check_natural(k, "k") < 0) return NULL;
    if (int_compare(n, k) < 0) return PyLong_FromLong(0);
    if (int_fits_int64(k, &count)) return falling_product(n, (uint64_t)count);
    PyErr_Format(PyExc_OverflowError, "k must not exceed %lld", LLONG_MAX);
    return NULL;
}

static PyObject *comb_of(PyObject *n, PyObject *k)
{
    int64_t count;
    if (check_natural(n, "n") < 0 || check_natural(k, "k") < 0) return NULL;
    PyObject *rest = int_subtract(n, k), *r = NULL;
    if (!rest) return NULL;
    if (int_is_negative(rest)) r = PyLong_FromLong(0);
    else if (int_fits_int64(int_compare(rest, k) < 0 ? rest : k, &count))
        r = binomial(n, (uint64_t)count);
    else PyErr_Format(PyExc_OverflowError, "min(n - k, k) must not exceed %lld", LLONG_MAX);
    Py_DECREF(rest);
    return r;
}

static PyObject *with_two_ints(PyObject *const *args, PyObject *(*function)(PyObject *, PyObject *))
{
    PyObject *n = _PyNumber_Index(args[0]), *k = n ? _PyNumber_Index(args[1]) : NULL;
    PyObject *r = k ? function(n, k) : NULL;
    Py_XDECREF(n);
    Py_XDECREF(k);
    return r;
}

static PyObject *perm_function(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("perm", nargs, 1, 2)) return NULL;
    if (nargs == 1 || args[1] == Py_None) return factorial_function(module, args[0]);
    return with_two_ints(args, perm_of);
}

static PyObject *comb_function(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("comb", nargs, 2, 2)) return NULL;
    return with_two_ints(args, comb_of);
}

PyMethodDef math_integer_methods[] = {
    {"comb", (PyCFunction)(void (*)(void))comb_function, METH_FASTCALL,
     "comb($module, n, k, /)\n--\n\n"
     "How many ways there are to choose k of n items, without repetition and without order.\n\n"
     "That is n! / (k! * (n - k)!), and zero when k > n. It is also called the binomial\n"
     "coefficient: the coefficient of the k-th term of (1 + x)**n.\n\n"
     "TypeError for arguments that are no integers, ValueError for negative ones."},
    {"factorial", factorial_function, METH_O,
     "factorial($module, n, /)\n--\n\nFind n!.\n\nValueError if n is negative, TypeError if it is "
     "no integer."},
    {"gcd", (PyCFunction)(void (*)(void))gcd_function, METH_FASTCALL,
     "gcd($module, *integers)\n--\n\nGreatest Common Divisor."},
    {"isqrt", isqrt_function, METH_O,
     "isqrt($module, n, /)\n--\n\nReturn the integer part of the square root of the input."},
    {"lcm", (PyCFunction)(void (*)(void))lcm_function, METH_FASTCALL,
     "lcm($module, *integers)\n--\n\nLeast Common Multiple."},
    {"perm", (PyCFunction)(void (*)(void))perm_function, METH_FASTCALL,
     "perm($module, n, k=None, /)\n--\n\n"
     "How many ways there are to choose k of n items, without repetition and with order.\n\n"
     "That is n! / (n - k)!, and zero when k > n. Without k, or with None, it is n!.\n\n"
     "TypeError for arguments that are no integers, ValueError for negative ones."},
    {NULL, NULL, 0, NULL},
};
