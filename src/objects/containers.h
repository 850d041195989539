/* Small helpers that tuple, list, dict, set and the iterators share. */
#ifndef KRAIT_OBJECTS_CONTAINERS_H
#define KRAIT_OBJECTS_CONTAINERS_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/attributes.h"
#include "memory/gc.h"

/* An object's method found on its type: new reference, or NULL with or without an exception. */
#undef _PyObject_LookupSpecial
PyAPI_FUNC(PyObject *) _PyObject_LookupSpecial(PyObject *self, PyObject *name);
/* A builtin by name, for __reduce__: new reference. */
PyAPI_FUNC(PyObject *) _PyEval_GetBuiltin(PyObject *name);

/* A new container of a static type whose size is known, untracked; faster than PyObject_GC_New. NULL with MemoryError. */
static inline void *container_new(PyTypeObject *type, size_t size)
{
    PyObject *op = gc_allocate(sizeof(GcHead), size);
    if (UNLIKELY(op == NULL)) return NULL;
    op->ob_refcnt = 1;
    op->ob_type = type;
    return op;
}

/* Frees what is left of a container: of this very type at once, of a subtype through its tp_free. */
static inline void container_free(PyObject *op, PyTypeObject *type)
{
    if (LIKELY(Py_IS_TYPE(op, type))) {
        gc_free(op, sizeof(GcHead));
    } else {
        Py_TYPE(op)->tp_free(op);
    }
}

/* Whether releasing a reference may destroy a container, and so, link by link, any number of others. */
static inline bool release_may_nest(PyObject *op)
{
    return op->ob_refcnt == 1 && PyType_HasFeature(Py_TYPE(op), Py_TPFLAGS_HAVE_GC);
}

/* Whether an object can be part of a cycle now or later: a container that holds only objects that cannot need not be tracked.
 * Tuples are untracked once they are known to hold nothing of interest. */
static inline bool gc_may_be_tracked(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    if (!PyType_HasFeature(type, Py_TPFLAGS_HAVE_GC)) return false;
    if (type == &PyTuple_Type) return gc_tracked(op);
    return type->tp_is_gc == NULL || type->tp_is_gc(op);
}

/* Hash of any object; that of an exact str is kept in it, that of an exact int of one digit is the
 * number itself. -1 with an exception. */
static inline Py_hash_t object_hash(PyObject *op)
{
    if (LIKELY(PyUnicode_CheckExact(op))) {
        Py_hash_t hash = ((PyASCIIObject *)op)->hash;
        if (LIKELY(hash != -1)) return hash;
    } else if (PyLong_CheckExact(op)) {
        Py_ssize_t size = Py_SIZE(op);
        Py_hash_t digit = ((PyLongObject *)op)->ob_digit[0];
        if (size == 1) return digit;
        if (size == 0) return 0;
        if (size == -1) return digit == 1 ? -2 : -digit;
    }
    return PyObject_Hash(op);
}

/* Equality of two exact str. */
static inline bool exact_str_equal(PyObject *a, PyObject *b)
{
    Py_ssize_t length = ((PyASCIIObject *)a)->length;
    unsigned kind = ((PyASCIIObject *)a)->state.kind, other_kind = ((PyASCIIObject *)b)->state.kind;
    if (UNLIKELY(!kind || !other_kind)) return _PyUnicode_EQ(a, b);     /* legacy, of kind 0 until made ready */
    if (length != ((PyASCIIObject *)b)->length || kind != other_kind) return false;
    const char *x = PyUnicode_DATA(a), *y = PyUnicode_DATA(b);
    return x[0] == y[0] && memcmp(x, y, (size_t)length * (size_t)kind) == 0;     /* the terminator, in empty ones */
}

/* Equality of two exact int. */
static inline bool exact_int_equal(PyObject *a, PyObject *b)
{
    Py_ssize_t size = Py_SIZE(a);
    if (size != Py_SIZE(b)) return false;
    const digit *x = ((PyLongObject *)a)->ob_digit, *y = ((PyLongObject *)b)->ob_digit;
    if (size == 0 || x[0] != y[0]) return size == 0;
    return size == 1 || size == -1 || memcmp(x, y, (size_t)Py_ABS(size) * sizeof(digit)) == 0;
}

/* Equality of two objects that are not identical, as far as it is plain to see: both exact str, or int, or tuples of those.
 * 1, 0, or -1 where only a comparison can tell. */
static inline int key_equal_plain(PyObject *a, PyObject *b)
{
    PyTypeObject *type = Py_TYPE(a);
    if (type != Py_TYPE(b)) return -1;
    if (type == &PyUnicode_Type) return exact_str_equal(a, b);
    if (type == &PyLong_Type) return exact_int_equal(a, b);
    if (type != &PyTuple_Type) return -1;
    Py_ssize_t n = PyTuple_GET_SIZE(a);
    if (n != PyTuple_GET_SIZE(b)) return 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *x = PyTuple_GET_ITEM(a, i), *y = PyTuple_GET_ITEM(b, i);
        if (x == y) continue;
        if (Py_TYPE(x) != Py_TYPE(y)) return -1;
        if (PyLong_CheckExact(x)) {
            if (!exact_int_equal(x, y)) return 0;
        }
        else if (!PyUnicode_CheckExact(x)) return -1;
        else if (!exact_str_equal(x, y)) return 0;
    }
    return 1;
}

/* Equality of two objects that are not identical: 1, 0, or -1 with an exception. Runs foreign code unless both are exact str or int. */
static inline int key_equal(PyObject *a, PyObject *b)
{
    PyTypeObject *type = Py_TYPE(a);
    if (type == Py_TYPE(b)) {
        if (type == &PyUnicode_Type) return exact_str_equal(a, b);
        if (type == &PyLong_Type) return exact_int_equal(a, b);
    }
    return PyObject_RichCompareBool(a, b, Py_EQ);
}

/* What tp_iternext of an iterator of pairs returns: the previous pair again, if nobody else holds it, or a new one.
 * Steals first and second. */
PyObject *pair_reuse_steal(PyObject **pair, PyObject *first, PyObject *second);

/* repr() of a list or tuple whose array of Py_SIZE(self) items is found through `items`. */
PyObject *sequence_repr(PyObject *self, PyObject **const *items, char open, char close, bool comma_after_one);

/* The arguments (value, start=0, stop=maxsize) of index(): start and stop come out within 0 … length. */
int index_arguments(PyObject *const *args, Py_ssize_t nargs, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop);

/* A one-line helper for tp_richcompare of containers: True or False, new reference. */
static inline PyObject *bool_from(bool value)
{
    return Py_NewRef(value ? Py_True : Py_False);
}

#endif
