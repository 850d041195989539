/* Comparison of what needs no slot to be compared. */
#include "objects/compare.h"

#include "base/config.h"
#include "objects/containers.h"
#include "objects/int/int.h"

enum { NESTED_TUPLES = KRAIT_LIMIT(4, 1) };     /* deeper ones are left to the slots */

#define ORDER(a, b, op) \
    ((op) == Py_LT ? (a) < (b) : (op) == Py_LE ? (a) <= (b) : (op) == Py_EQ ? (a) == (b) : (op) == Py_NE ? (a) != (b) \
     : (op) == Py_GT ? (a) > (b) : (a) >= (b))

static int compare_strs(PyObject *a, PyObject *b, int op)
{
    if (op == Py_EQ || op == Py_NE) return exact_str_equal(a, b) == (op == Py_EQ);
    if (PyUnicode_KIND(a) != PyUnicode_1BYTE_KIND || PyUnicode_KIND(b) != PyUnicode_1BYTE_KIND) return -1;
    Py_ssize_t n = PyUnicode_GET_LENGTH(a), m = PyUnicode_GET_LENGTH(b);
    int order = memcmp(PyUnicode_DATA(a), PyUnicode_DATA(b), (size_t)Py_MIN(n, m));
    return order ? ORDER(order, 0, op) : ORDER(n, m, op);
}

static int compare_nested(PyObject *a, PyObject *b, int op, int depth);

static int compare_tuples(PyObject *a, PyObject *b, int op, int depth)
{
    if (depth == NESTED_TUPLES) return -1;
    Py_ssize_t n = PyTuple_GET_SIZE(a), m = PyTuple_GET_SIZE(b);
    for (Py_ssize_t i = 0; i < n && i < m; i++) {
        PyObject *x = PyTuple_GET_ITEM(a, i), *y = PyTuple_GET_ITEM(b, i);
        if (x == y) continue;
        int equal = compare_nested(x, y, Py_EQ, depth + 1);
        if (equal < 0) return -1;
        if (equal) continue;
        return op == Py_EQ ? 0 : op == Py_NE ? 1 : compare_nested(x, y, op, depth + 1);
    }
    return ORDER(n, m, op);
}

static int compare_nested(PyObject *a, PyObject *b, int op, int depth)
{
    PyTypeObject *type = Py_TYPE(a);
    if (type != Py_TYPE(b)) return -1;
    if (type == &PyLong_Type) {
        int64_t x, y;
        return int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y) ? ORDER(x, y, op) : -1;
    }
    if (type == &PyFloat_Type) return ORDER(PyFloat_AS_DOUBLE(a), PyFloat_AS_DOUBLE(b), op);
    if (type == &PyUnicode_Type) return PyUnicode_IS_READY(a) && PyUnicode_IS_READY(b) ? compare_strs(a, b, op) : -1;
    if (type == &PyTuple_Type) return compare_tuples(a, b, op, depth);
    return -1;
}

int compare_plainly(PyObject *a, PyObject *b, int op) { return compare_nested(a, b, op, 0); }
