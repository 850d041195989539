/* Value: what a frame's register holds, a 64-bit tagged word.
 *
 *   low three bits   meaning
 *   000              PyObject * that this slot owns; the whole word zero: empty
 *   001              small int, 61 bits signed, unboxed
 *   010              PyObject * borrowed from something sure to outlive the slot (a constant, an immortal singleton)
 *   011, 100         double, unboxed: its 64 bits rotated left by four, so that the three bits are the top exponent bits;
 *                    doubles of magnitude 2^-255 to 2^257 land here, all others (and NaN, infinities, -0.0) stay boxed
 *   101              the double +0.0 (the whole word is 5)
 *
 * Invariants
 *  - A Value never leaves the VM: it is boxed (value_box) when stored in a heap object or handed to a C function.
 *  - Only exact int and exact float objects have unboxed forms; bool and subclasses never do.
 *  - A borrowed word never outlives its code object: returning it from a frame turns it into an owned one
 *    (value_to_owned), unless it is one of the immortal singletons below.
 */
#ifndef KRAIT_VM_VALUE_H
#define KRAIT_VM_VALUE_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/attributes.h"

typedef uint64_t Value;

enum {
    TAG_OWNED = 0,
    TAG_INT = 1,
    TAG_BORROWED = 2,
    TAG_FLOAT_SMALL = 3,    /* magnitude below 2 */
    TAG_FLOAT_LARGE = 4,    /* magnitude 2 and above */
    TAG_FLOAT_ZERO = 5,
    TAG_MASK = 7,
};

static_assert(sizeof(PyObject *) == sizeof(Value), "a Value is a machine word");

#define VALUE_EMPTY ((Value)0)
#define VALUE_FLOAT_ZERO ((Value)TAG_FLOAT_ZERO)
#define VALUE_NONE ((Value)(uintptr_t)Py_None | TAG_BORROWED)
#define VALUE_TRUE ((Value)(uintptr_t)Py_True | TAG_BORROWED)
#define VALUE_FALSE ((Value)(uintptr_t)Py_False | TAG_BORROWED)

#define VALUE_INT_MIN (-((int64_t)1 << 60))
#define VALUE_INT_MAX (((int64_t)1 << 60) - 1)

/* ---- Tests ---------------------------------------------------------------------------------------------------- */

static inline bool value_is_int(Value v) { return (v & TAG_MASK) == TAG_INT; }
static inline bool value_is_float(Value v) { return ((v - TAG_FLOAT_SMALL) & TAG_MASK) < 3; }
static inline bool value_is_object(Value v) { return (v & (TAG_MASK & ~TAG_BORROWED)) == 0; }   /* owned, borrowed or empty */
static inline bool value_is_owned(Value v) { return (v & TAG_MASK) == 0 && v != 0; }
static inline bool value_both_ints(Value a, Value b) { return (((a ^ TAG_INT) | (b ^ TAG_INT)) & TAG_MASK) == 0; }
static inline bool value_both_floats(Value a, Value b) { return value_is_float(a) && value_is_float(b); }

/* ---- Objects -------------------------------------------------------------------------------------------------- */

/* The pointer of an object word, whichever of the two tags it has. Borrowed. */
static inline PyObject *value_object(Value v) { return (PyObject *)(uintptr_t)(v & ~(Value)TAG_BORROWED); }

/* Takes the caller's reference over. NULL gives VALUE_EMPTY. */
static inline Value value_from_owned(PyObject *o) { return (Value)(uintptr_t)o; }

static inline Value value_from_borrowed(PyObject *o) { return (Value)(uintptr_t)o | TAG_BORROWED; }
static inline Value value_from_bool(bool b) { return b ? VALUE_TRUE : VALUE_FALSE; }

/* Py_DECREF in the evaluation loop, which is too large for the compiler to inline anything there by itself. */
ALWAYS_INLINE void value_release_object(PyObject *o)
{
    if (UNLIKELY(--o->ob_refcnt == 0)) _Py_Dealloc(o);
}

/* Drops the reference that a slot owned, if it owned one. */
ALWAYS_INLINE void value_release(Value v)
{
    if (value_is_owned(v)) value_release_object((PyObject *)(uintptr_t)v);
}

/* A second Value for the same thing; owned words get a new reference. */
static inline Value value_copy(Value v)
{
    if (value_is_owned(v)) Py_INCREF((PyObject *)(uintptr_t)v);
    return v;
}

/* A borrowed word as an owned one with a new reference; all others as they are. Consumes v. */
static inline Value value_to_owned(Value v)
{
    if ((v & TAG_MASK) != TAG_BORROWED) return v;
    PyObject *o = value_object(v);
    Py_INCREF(o);
    return value_from_owned(o);
}

/* ---- Numbers -------------------------------------------------------------------------------------------------- */

static inline bool value_int_fits(int64_t i) { return i >= VALUE_INT_MIN && i <= VALUE_INT_MAX; }
static inline Value value_from_int(int64_t i) { return ((uint64_t)i << 3) | TAG_INT; }     /* value_int_fits(i) */
static inline int64_t value_int(Value v) { return (int64_t)v >> 3; }

static inline double value_float(Value v)
{
    if (v == VALUE_FLOAT_ZERO) return 0.0;
    uint64_t bits = v >> 4 | v << 60;
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

/* The unboxed form of d, or VALUE_EMPTY where there is none. */
static inline Value value_try_float(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    Value v = bits << 4 | bits >> 60;
    if (((v - TAG_FLOAT_SMALL) & TAG_MASK) < 2) return v;
    return bits == 0 ? VALUE_FLOAT_ZERO : VALUE_EMPTY;
}

/* A Value for d, boxed where it must be. VALUE_EMPTY with MemoryError set. */
static inline Value value_from_float(double d)
{
    Value v = value_try_float(d);
    return v ? v : value_from_owned(PyFloat_FromDouble(d));
}

/* A Value for any size, boxed where it must be. VALUE_EMPTY with MemoryError set. */
static inline Value value_from_ssize(Py_ssize_t i)
{
    return value_int_fits(i) ? value_from_int(i) : value_from_owned(PyLong_FromSsize_t(i));
}

/* ---- Boxing --------------------------------------------------------------------------------------------------- */

/* A new reference to the object that a number word stands for. NULL with MemoryError set. */
PyObject *value_box_number(Value v);

/* A new reference to v's object; v stays the caller's. NULL with MemoryError set, or for VALUE_EMPTY without an error. */
ALWAYS_INLINE PyObject *value_box(Value v)
{
    if (value_is_object(v)) {
        PyObject *o = value_object(v);
        Py_XINCREF(o);
        return o;
    }
    return value_box_number(v);
}

/* Consumes v and gives a new reference to its object. NULL with MemoryError set. */
ALWAYS_INLINE PyObject *value_take_boxed(Value v)
{
    if ((v & TAG_MASK) == TAG_OWNED) return (PyObject *)(uintptr_t)v;
    return value_box(v);
}

/* The unboxed form of an exact int or float object that has one, else the borrowed object word. Takes no reference. Ints of up
 * to two 30-bit digits always have one; of longer ones none is looked for. */
static inline Value value_unbox_borrowed(PyObject *o)
{
    if (PyLong_CheckExact(o)) {
        const PyLongObject *l = (const PyLongObject *)o;
        Py_ssize_t size = Py_SIZE(l);
        if ((size_t)size + 1 <= 2) return value_from_int(size * (int64_t)l->ob_digit[0]);
        if (size == 2 || size == -2) {
            int64_t magnitude = (int64_t)l->ob_digit[1] << PyLong_SHIFT | l->ob_digit[0];
            return value_from_int(size > 0 ? magnitude : -magnitude);
        }
        return value_from_borrowed(o);
    }
    if (PyFloat_CheckExact(o)) {
        Value v = value_try_float(PyFloat_AS_DOUBLE(o));
        if (v) return v;
    }
    return value_from_borrowed(o);
}

/* Whether `a is b` holds: the same object, or both the same exact int or exact float, at least one of them unboxed. */
bool value_is_identical(Value a, Value b);

#endif
