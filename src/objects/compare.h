/* Comparison of what needs no slot to be compared: exact int of two digits, float, str, and tuples of those. */
#ifndef KRAIT_OBJECTS_COMPARE_H
#define KRAIT_OBJECTS_COMPARE_H

#include <Python.h>

/* What PyObject_RichCompareBool() would say of two objects that are not identical (1 or 0), or -1, without an exception, where
 * that has to be asked. Runs no foreign code. */
int compare_plainly(PyObject *a, PyObject *b, int op);

/* Whether a < b, of two exact ints of at most one digit or two exact floats; -1 for all else. */
static inline int compare_numbers_less(PyObject *a, PyObject *b)
{
    if (PyLong_CheckExact(a) && PyLong_CheckExact(b)) {
        Py_ssize_t n = Py_SIZE(a), m = Py_SIZE(b);
        if ((size_t)(n + 1) <= 2 && (size_t)(m + 1) <= 2) {
            return n * (Py_ssize_t)((PyLongObject *)a)->ob_digit[0] < m * (Py_ssize_t)((PyLongObject *)b)->ob_digit[0];
        }
    }
    if (PyFloat_CheckExact(a) && PyFloat_CheckExact(b)) return PyFloat_AS_DOUBLE(a) < PyFloat_AS_DOUBLE(b);
    return -1;
}

/* The same for a < b; small numbers, and tuples that begin with different ones, at once. */
static inline int compare_less_plainly(PyObject *a, PyObject *b)
{
    int less = compare_numbers_less(a, b);
    if (less >= 0) return less;
    if (PyTuple_CheckExact(a) && PyTuple_CheckExact(b) && PyTuple_GET_SIZE(a) > 0 && PyTuple_GET_SIZE(b) > 0) {
        PyObject *x = PyTuple_GET_ITEM(a, 0), *y = PyTuple_GET_ITEM(b, 0);
        if (compare_numbers_less(x, y) > 0) return 1;
        if (compare_numbers_less(y, x) > 0) return 0;
    }
    return compare_plainly(a, b, Py_LT);
}

#endif
