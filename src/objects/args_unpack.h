/* Arguments by position and by name, into an array: the one way to take a call apart without a format.
 *
 *     static const char *const keywords[] = {"sep", "maxsplit", NULL};
 *     static _PyArg_Parser parser = {.keywords = keywords, .fname = "split"};
 *     PyObject *values[2];
 *     if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 2, 2, values) < 0) return NULL;
 *
 * The plain _PyArg_UnpackKeywords may give the caller's own array, which ends behind the last positional argument: it is for
 * functions none of whose arguments may be left out, and for code of outsiders.
 */
#ifndef KRAIT_OBJECTS_ARGS_UNPACK_H
#define KRAIT_OBJECTS_ARGS_UNPACK_H

#include <Python.h>
#include <stdbool.h>

/* Sets values[0 .. total-1], total being the number of parameters: borrowed references, NULL for what was not given. At least
 * minpos parameters must be given, at most maxpos by position. Named arguments are in kwargs (a dict, from tp_new) or behind the
 * positional ones with their names in the tuple kwnames (from a vectorcall); either may be NULL. 0, or -1 with TypeError. */
static inline int args_unpack(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs, PyObject *kwnames, _PyArg_Parser *parser,
                              int minpos, int maxpos, int total, PyObject **values)
{
    if (kwargs || kwnames || nargs < minpos || nargs > maxpos) {
        for (int i = 0; i < total; i++) values[i] = NULL;
        PyObject *const *found = (_PyArg_UnpackKeywords)(args, nargs, kwargs, kwnames, parser, minpos, maxpos, 0, values);
        if (!found) return -1;
        if (found == values) return 0;
    }
    for (Py_ssize_t i = 0; i < total; i++) values[i] = i < nargs ? args[i] : NULL;
    return 0;
}

/* An argument that is a size, as those of methods are: what is too large is said in other words than by PyNumber_AsSsize_t().
 * -1 with an exception set. */
static inline Py_ssize_t args_ssize(PyObject *arg)
{
    PyObject *index = _PyNumber_Index(arg);
    if (!index) return -1;
    Py_ssize_t result = PyLong_AsSsize_t(index);
    Py_DECREF(index);
    return result;
}

/* Whether all names of keyword arguments (NULL: there are none) are exact strs, which compare as they read. Those of others are
 * looked up in a dict by the reference where a class is called, and so may not be found. */
static inline bool args_names_are_exact(PyObject *kwnames)
{
    Py_ssize_t n = kwnames ? PyTuple_GET_SIZE(kwnames) : 0;
    while (--n >= 0 && PyUnicode_CheckExact(PyTuple_GET_ITEM(kwnames, n))) {}
    return n < 0;
}

#endif
