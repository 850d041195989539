/* Comparison of what needs no slot to be compared: exact int of two digits, float, str, and tuples of those. */
#ifndef KRAIT_OBJECTS_COMPARE_H
#define KRAIT_OBJECTS_COMPARE_H

#include <Python.h>

/* What PyObject_RichCompareBool() would say of two objects that are not identical (1 or 0), or -1, without an exception, where
 * that has to be asked. Runs no foreign code. */
int compare_plainly(PyObject *a, PyObject *b, int op);

#endif
