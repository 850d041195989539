/* int objects: storage, singletons, comparison and hash. */
#include "objects/int/int.h"

#include <stdlib.h>
#include <string.h>

#include "objects/immortal.h"
#include "objects/int/mag.h"

struct pyruntimestate _PyRuntime;

/* The singletons are there before anything runs, so that every type may be made in any order. They are not static data: most of
 * _PyRuntime is never touched, and so takes no memory. */
static __attribute__((constructor)) void make_small_ints(void)
{
    for (int i = 0; i < INT_SMALL_COUNT; i++) {
        int value = i - INT_SMALL_NEGATIVE;
        _PyRuntime.small_ints[i] = (PyLongObject){
            .ob_base = {.ob_base = IMMORTAL_HEAD(&PyLong_Type), .ob_size = (value > 0) - (value < 0)},
            .ob_digit = {(digit)abs(value)},
        };
    }
}

struct IntRuntime int_runtime = {
    .max_str_digits = INT_DEFAULT_MAX_STR_DIGITS,
};
struct NumberCellRuntime number_cell_runtime;

_Static_assert(sizeof(PyLongObject) == 32 && offsetof(PyLongObject, ob_digit) == 24,
               "layout of int");
_Static_assert(offsetof(PyLongObject, ob_digit) + 2 * sizeof(digit) <= NUMBER_CELL_SIZE,
               "two digits fit a cell");

int number_cell_clear(void)
{
    int count = 0;
    while (number_cell_runtime.free) {
        struct NumberCell *cell = number_cell_runtime.free;
        number_cell_runtime.free = cell->next;
        PyObject_Free(cell);
        count++;
    }
    number_cell_runtime.count = 0;
    return count;
}

PyLongObject *int_alloc(Py_ssize_t n)
{
    PyLongObject *o;
    if (n <= 2) {
        o = number_cell_alloc();
    }
    else {
        if (n > INT_MAX_DIGITS) {
            PyErr_SetString(PyExc_OverflowError, "too many digits in integer");
            return NULL;
        }
        o = memory_alloc(offsetof(PyLongObject, ob_digit) + (size_t)n * sizeof(digit));
    }
    if (!o) return (PyLongObject *)PyErr_NoMemory();
    o->ob_base.ob_base.ob_refcnt = 1;
    o->ob_base.ob_base.ob_type = &PyLong_Type;
    o->ob_base.ob_size = n;
    return o;
}

PyLongObject *_PyLong_New(Py_ssize_t n)
{
    return int_alloc(n);
}

PyObject *int_finish_steal(PyLongObject *o)
{
    if (!o) return NULL;
    Py_ssize_t size = Py_SIZE(o), n = mag_normalize(o->ob_digit, size < 0 ? -size : size);
    if (n <= 1) {
        digit d = n ? o->ob_digit[0] : 0;
        if (d <= (size < 0 ? INT_SMALL_NEGATIVE : INT_SMALL_COUNT - INT_SMALL_NEGATIVE - 1)) {
            Py_DECREF(o);
            return int_small(size < 0 ? -(int64_t)d : (int64_t)d);
        }
    }
    Py_SET_SIZE(o, size < 0 ? -n : n);
    return (PyObject *)o;
}

PyObject *int_from_wide(uint64_t m, bool negative)
{
    digit digits[3] = {(digit)m & MAG_MASK, (digit)(m >> 30) & MAG_MASK, (digit)(m >> 60)};
    return int_from_digits(digits, 3, negative);
}

PyObject *int_from_digits(const digit *digits, Py_ssize_t n, bool negative)
{
    n = mag_normalize(digits, n);
    PyLongObject *o = int_alloc(n);
    if (!o) return NULL;
    memcpy(o->ob_digit, digits, (size_t)n * sizeof(digit));
    if (negative) Py_SET_SIZE(o, -n);
    return int_finish_steal(o);
}

PyObject *_PyLong_Copy(PyLongObject *src)
{
    return int_from_digits(src->ob_digit, int_length((PyObject *)src), Py_SIZE(src) < 0);
}

PyObject *int_exact(PyObject *a)
{
    if (PyLong_CheckExact(a)) return Py_NewRef(a);
    return _PyLong_Copy((PyLongObject *)a);
}

size_t int_bit_length(PyObject *a)
{
    Py_ssize_t n = int_length(a);
    return n ? (size_t)(n - 1) * MAG_SHIFT + (size_t)mag_digit_bits(int_digits(a)[n - 1]) : 0;
}

size_t _PyLong_NumBits(PyObject *v)
{
    return int_bit_length(v);
}

int _PyLong_Sign(PyObject *v)
{
    return Py_SIZE(v) == 0 ? 0 : Py_SIZE(v) < 0 ? -1 : 1;
}

int int_compare_slow(PyObject *a, PyObject *b)
{
    Py_ssize_t na = Py_SIZE(a), nb = Py_SIZE(b);
    if (na != nb) return na < nb ? -1 : 1;
    int order = mag_cmp(int_digits(a), na < 0 ? -na : na, int_digits(b), nb < 0 ? -nb : nb);
    return na < 0 ? -order : order;
}

/* The value modulo the Mersenne prime 2**61 - 1, with the sign of the number: equal numbers of all
 * types hash alike. */
Py_hash_t int_hash(PyObject *a)
{
    int64_t value;
    if (int_fits_two_digits(a, &value)) {
        return value == -1 ? -2 : value;        /* below the modulus */
    }
    const uint64_t modulus = _PyHASH_MODULUS;
    const digit *d = int_digits(a);
    uint64_t h = 0;
    for (Py_ssize_t i = int_length(a); i-- > 0;) {
        h = (h << 30 & modulus) | h >> 31;      /* times 2**30 modulo 2**61 - 1 is a rotation */
        h += d[i];
        if (h >= modulus) h -= modulus;
    }
    Py_hash_t hash = Py_SIZE(a) < 0 ? -(Py_hash_t)h : (Py_hash_t)h;
    return hash == -1 ? -2 : hash;
}
