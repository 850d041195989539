/* Comparison of what needs no slot to be compared. */
#include "objects/compare.h"

#include "base/config.h"
#include "objects/containers.h"
#include "objects/int/int.h"

enum { NESTED_TUPLES = KRAIT_LIMIT(4, 1) };     /* deeper ones are left to the slots */

enum { UNSURE = 2 };

/* How exact strs are ordered: less than, equal to or greater than 0. Where only equality is asked for, any number may stand for
 * "not equal". */
static inline int order_strs(PyObject *a, PyObject *b, bool equality)
{
    if (equality) return !exact_str_equal(a, b);
    if (PyUnicode_KIND(a) != PyUnicode_1BYTE_KIND || PyUnicode_KIND(b) != PyUnicode_1BYTE_KIND) return PyUnicode_Compare(a, b);
    const Py_UCS1 *x = PyUnicode_1BYTE_DATA(a), *y = PyUnicode_1BYTE_DATA(b);
    if (x[0] != y[0]) return x[0] < y[0] ? -1 : 1;      /* 0 at the end */
    Py_ssize_t n = PyUnicode_GET_LENGTH(a), m = PyUnicode_GET_LENGTH(b);
    int order = memcmp(x, y, (size_t)Py_MIN(n, m));
    return order ? (order > 0) - (order < 0) : (n > m) - (n < m);
}

static int order_tuples(PyObject *a, PyObject *b, bool equality, int depth);

/* -1, 0 or 1 for two objects of types that have an order, and are in it (NaN is not); else UNSURE. */
static inline int order_plainly(PyObject *a, PyObject *b, bool equality, int depth)
{
    PyTypeObject *type = Py_TYPE(a);
    if (type != Py_TYPE(b)) return UNSURE;
    if (type == &PyLong_Type) {
        int64_t x, y;
        return int_fits_two_digits(a, &x) && int_fits_two_digits(b, &y) ? (x > y) - (x < y) : UNSURE;
    }
    if (type == &PyFloat_Type) {
        double x = PyFloat_AS_DOUBLE(a), y = PyFloat_AS_DOUBLE(b);
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : UNSURE;
    }
    if (type == &PyUnicode_Type) {
        return PyUnicode_IS_READY(a) && PyUnicode_IS_READY(b) ? order_strs(a, b, equality) : UNSURE;
    }
    return type == &PyTuple_Type && depth < NESTED_TUPLES ? order_tuples(a, b, equality, depth) : UNSURE;
}

static int order_tuples(PyObject *a, PyObject *b, bool equality, int depth)
{
    Py_ssize_t n = PyTuple_GET_SIZE(a), m = PyTuple_GET_SIZE(b);
    for (Py_ssize_t i = 0; i < n && i < m; i++) {
        PyObject *x = PyTuple_GET_ITEM(a, i), *y = PyTuple_GET_ITEM(b, i);
        if (x == y) continue;
        int order = order_plainly(x, y, equality, depth + 1);
        if (order) return order;
    }
    return (n > m) - (n < m);
}

int compare_plainly(PyObject *a, PyObject *b, int op)
{
    int order = order_plainly(a, b, op == Py_EQ || op == Py_NE, 0);
    if (order == UNSURE) return -1;
    static const uint8_t orders[6] = {      /* bit 0: less, 1: equal, 2: greater */
        [Py_LT] = 1, [Py_LE] = 3, [Py_EQ] = 2, [Py_NE] = 5, [Py_GT] = 4, [Py_GE] = 6,
    };
    return orders[op] >> (order + 1) & 1;
}
