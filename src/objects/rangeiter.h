/* Iterators of ranges: what range.c and rangeiter.c share. The plain one's layout is in range.h. */
#ifndef KRAIT_OBJECTS_RANGEITER_H
#define KRAIT_OBJECTS_RANGEITER_H

#include <Python.h>

/* An iterator over `count` values from start on; exact ints. New reference. */
PyObject *long_range_iterator_new(PyObject *start, PyObject *step, PyObject *count);

#endif
