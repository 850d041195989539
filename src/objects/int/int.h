/* int: the object, and what the VM and the other number types use of it without going through
 * slots.
 *
 * A PyLongObject is what 3.11's public headers show: 30-bit digits, least significant first, the
 * sign in ob_size. What must hold:
 *  - normalised: the top digit is not 0, and zero has ob_size 0;
 *  - an exact int from -5 to 256 is always the singleton in _PyRuntime.small_ints;
 *  - an int of one or two digits may lie in a NumberCell (see number_cell.h), larger ones come from
 * PyObject_Malloc.
 *
 * Functions here take PyObject * that are ints or instances of subclasses, borrow them, and return
 * new exact ints, or NULL with an exception, unless said otherwise.
 */
#ifndef KRAIT_OBJECTS_INT_INT_H
#define KRAIT_OBJECTS_INT_INT_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "objects/abi_runtime.h"
#include "objects/number_cell.h"

#define INT_DEFAULT_MAX_STR_DIGITS 4300
#define INT_STR_DIGITS_THRESHOLD 640    /* text no longer than this is never refused */
#define INT_MAX_DIGITS ((Py_ssize_t)((PY_SSIZE_T_MAX - sizeof(PyVarObject) - 8) / sizeof(digit)))

struct IntRuntime {
    int max_str_digits;                 /* sys.set_int_max_str_digits(); 0: no limit */
    PyTypeObject info_type;             /* sys.int_info */
};
extern struct IntRuntime int_runtime;

/* ---- Making and reading ---- */

/* For values of 60 bits and more; use int_from_int64. */
PyObject *int_from_wide(uint64_t magnitude, bool negative);

static inline PyObject *int_small_borrow(int64_t value)
{
    return (PyObject *)&_PyRuntime.small_ints[value + INT_SMALL_NEGATIVE];
}

static inline PyObject *int_small(int64_t value)
{
    PyObject *o = int_small_borrow(value);
    Py_INCREF(o);
    return o;
}

/* The int of this value. */
static inline PyObject *int_from_int64(int64_t value)
{
    if ((uint64_t)value + INT_SMALL_NEGATIVE < INT_SMALL_COUNT) return int_small(value);
    uint64_t m = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    if (__builtin_expect(m >> 60 != 0, 0)) return int_from_wide(m, value < 0);
    PyLongObject *o = number_cell_alloc();
    if (__builtin_expect(!o, 0)) return PyErr_NoMemory();
    Py_ssize_t size = m >> 30 ? 2 : 1;
    o->ob_base.ob_base.ob_refcnt = 1;
    o->ob_base.ob_base.ob_type = &PyLong_Type;
    o->ob_base.ob_size = value < 0 ? -size : size;
    digit *d = o->ob_digit;
    d[0] = (digit)m & 0x3fffffff;
    d[1] = (digit)(m >> 30);
    return (PyObject *)o;
}

/* The value if it fits in two digits (60 bits): the common case, decided by the size alone. */
static inline bool int_fits_two_digits(PyObject *o, int64_t *value)
{
    const PyLongObject *v = (const PyLongObject *)o;
    switch (Py_SIZE(v)) {
    case 0: *value = 0; return true;
    case 1: *value = v->ob_digit[0]; return true;
    case -1: *value = -(int64_t)v->ob_digit[0]; return true;
    case 2: *value = (int64_t)((uint64_t)v->ob_digit[1] << 30 | v->ob_digit[0]); return true;
    case -2: *value = -(int64_t)((uint64_t)v->ob_digit[1] << 30 | v->ob_digit[0]); return true;
    default: return false;
    }
}

/* The value if it fits in 64 bits; never an exception. */
static inline bool int_fits_int64(PyObject *o, int64_t *value)
{
    if (int_fits_two_digits(o, value)) return true;
    const PyLongObject *v = (const PyLongObject *)o;
    Py_ssize_t size = Py_SIZE(v);
    if ((size != 3 && size != -3) || v->ob_digit[2] > 8) return false;
    uint64_t low = (uint64_t)v->ob_digit[1] << 30 | v->ob_digit[0],
             m = (uint64_t)v->ob_digit[2] << 60 | low;
    if (v->ob_digit[2] == 8) {          /* only -2**63 */
        if (size > 0 || low) return false;
        *value = INT64_MIN;
        return true;
    }
    *value = size < 0 ? -(int64_t)m : (int64_t)m;
    return true;
}

/* The value if it fits the 61 bits of a tagged word (-2**60 .. 2**60 - 1); *ok says whether. */
static inline int64_t int_as_int61(PyObject *o, bool *ok)
{
    int64_t value = 0;
    if (__builtin_expect(int_fits_two_digits(o, &value), 1)) {
        *ok = true;
        return value;
    }
    *ok = int_fits_int64(o, &value) && value == -((int64_t)1 << 60);
    return value;
}

/* Uninitialised exact int of |n| digits, ob_size set to n >= 0. */
PyLongObject *int_alloc(Py_ssize_t n);
/* Steals o (refcount 1, exact): drops leading zeros and swaps a small value for its singleton. NULL
 * passes through. */
PyObject *int_finish_steal(PyLongObject *o);
/* A magnitude and a sign as an int. */
PyObject *int_from_digits(const digit *digits, Py_ssize_t n, bool negative);

static inline Py_ssize_t int_length(PyObject *o)
{
    Py_ssize_t n = Py_SIZE(o);
    return n < 0 ? -n : n;
}

static inline const digit *int_digits(PyObject *o)
{
    return ((PyLongObject *)o)->ob_digit;
}

/* ---- Comparison and arithmetic ---- */

int int_compare_slow(PyObject *a, PyObject *b);

/* -1, 0 or 1. */
static inline int int_compare(PyObject *a, PyObject *b)
{
    int64_t x, y;
    if (int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y)) return (x > y) - (x < y);
    return int_compare_slow(a, b);
}

static inline bool int_is_negative(PyObject *o)
{
    return Py_SIZE(o) < 0;
}

PyObject *int_add(PyObject *a, PyObject *b);
PyObject *int_subtract(PyObject *a, PyObject *b);
PyObject *int_multiply(PyObject *a, PyObject *b);
PyObject *int_floor_divide(PyObject *a, PyObject *b);
PyObject *int_remainder(PyObject *a, PyObject *b);
/* Both results of divmod at once; either pointer may be NULL. -1 with an exception. */
int int_divmod(PyObject *a, PyObject *b, PyObject **quotient, PyObject **remainder);
/* a / b as a float, correctly rounded. */
PyObject *int_true_divide(PyObject *a, PyObject *b);
/* modulus NULL: a ** b, a float when b < 0. */
PyObject *int_power(PyObject *a, PyObject *b, PyObject *modulus);
PyObject *int_lshift(PyObject *a, PyObject *b);
PyObject *int_rshift(PyObject *a, PyObject *b);
PyObject *int_shift_left(PyObject *a, size_t bits);
PyObject *int_shift_right(PyObject *a, size_t bits);
PyObject *int_and(PyObject *a, PyObject *b);
PyObject *int_or(PyObject *a, PyObject *b);
PyObject *int_xor(PyObject *a, PyObject *b);
PyObject *int_invert(PyObject *a);
PyObject *int_negate(PyObject *a);
PyObject *int_absolute(PyObject *a);
/* The exact int of the same value (the object itself if it is one). */
PyObject *int_exact(PyObject *a);
Py_hash_t int_hash(PyObject *a);
/* floor(sqrt(a)); a >= 0. */
PyObject *int_sqrt(PyObject *a);
PyObject *int_round(PyObject *a, PyObject *ndigits);
/* Significant bits of the magnitude; never an exception. */
size_t int_bit_length(PyObject *a);

/* int.__new__ for exact int: int(x) and int(x, base). */
PyObject *int_new_exact(PyObject *x, PyObject *base);

/* The methods of int that are not slots (int_methods.c). */
extern PyMethodDef int_methods[];

/* ---- Text (int_text.c) ---- */

/* Value of an ASCII letter or digit as a digit in base 36; 37 for anything else. */
PyAPI_DATA(unsigned char) _PyLong_DigitValue[256];

#define INT_LOCAL_TEXT 400              /* longest text made on the C stack */

/* Text of an int, ASCII: `length` bytes from `start` on, in `local` or in owned memory. */
struct IntText {
    char *start;
    Py_ssize_t length;
    char *owned;                        /* for PyMem_Free, or NULL */
    char local[INT_LOCAL_TEXT];
};
/* Fills t with a in base 2, 8, 10 or 16, with a prefix 0b, 0o or 0x if alternate. The caller frees
 * t->owned. -1 with an exception. */
int int_make_text(struct IntText *t, PyObject *a, int base, bool alternate);
/* The decimal text of a value: new str. */
PyObject *int_text_of(int64_t value);
/* Writes that text so that it ends at `end`; INT_WORD_TEXT characters at most. Where it begins. */
enum { INT_WORD_TEXT = 20 };
char *int_put_text(char *end, int64_t value);
/* str of a in base 2, 8, 10 or 16, with the prefix 0b, 0o or 0x for bases other than 10. */
PyObject *int_to_text(PyObject *a, int base);
/* The same appended to a writer; the prefix is written if alternate. -1 with an exception. */
PyAPI_FUNC(int)
    _PyLong_FormatWriter(_PyUnicodeWriter *writer, PyObject *a, int base, int alternate);
/* The same into a bytes writer at `at`; the new position, or NULL with an exception. */
PyAPI_FUNC(char *) _PyLong_FormatBytesWriter(_PyBytesWriter *writer, char *at, PyObject *a,
                                             int base, int alternate);

int int_init_types(void);
int bool_init_types(void);

#endif
