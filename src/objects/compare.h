/* Comparison of what needs no slot to be compared: exact int of two digits, float, str, and tuples of those. */
#ifndef KRAIT_OBJECTS_COMPARE_H
#define KRAIT_OBJECTS_COMPARE_H

#include <Python.h>

/* What PyObject_RichCompareBool() would say of two objects that are not identical (1 or 0), or -1, without an exception, where
 * that has to be asked. Runs no foreign code. */
int compare_plainly(PyObject *a, PyObject *b, int op);

/* The same for a < b; ints of one digit at once. */
static inline int compare_less_plainly(PyObject *a, PyObject *b)
{
    if (PyLong_CheckExact(a) && PyLong_CheckExact(b)) {
        Py_ssize_t n = Py_SIZE(a), m = Py_SIZE(b);
        if ((size_t)(n + 1) <= 2 && (size_t)(m + 1) <= 2) {
            return n * (Py_ssize_t)((PyLongObject *)a)->ob_digit[0] < m * (Py_ssize_t)((PyLongObject *)b)->ob_digit[0];
        }
    }
    return compare_plainly(a, b, Py_LT);
}

#endif
