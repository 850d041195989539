/* Keyword arguments into an array with NULL for what is absent. */
#ifndef KRAIT_OBJECTS_ARGS_UNPACK_H
#define KRAIT_OBJECTS_ARGS_UNPACK_H

#include <Python.h>

/* _PyArg_UnpackKeywords into values[0 .. total-1], all of which are set (borrowed, or NULL if
 * absent): the plain function may return the caller's own array, which ends after nargs, and leaves
 * what follows the last keyword given unset. 0 or -1 with an exception. */
static inline int args_unpack(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs,
                              PyObject *kwnames, _PyArg_Parser *parser, int minpos, int maxpos,
                              int total, PyObject **values)
{
    for (int i = 0; i < total; i++) values[i] = NULL;
    PyObject *const *found =
        _PyArg_UnpackKeywords(args, nargs, kwargs, kwnames, parser, minpos, maxpos, 0, values);
    if (!found) return -1;
    if (found == args) {
        for (Py_ssize_t i = 0; i < nargs; i++) values[i] = args[i];
    }
    return 0;
}

#endif
