/* __format__ of int, float and complex. The mini-language's parser is shared with str: see
 * format_spec.h. */
#ifndef KRAIT_OBJECTS_NUMBER_FORMAT_H
#define KRAIT_OBJECTS_NUMBER_FORMAT_H

#include <Python.h>

/* Appends `value` formatted by spec[start:end] to the writer; -1 with an exception. */
typedef int (*NumberFormatter)(_PyUnicodeWriter *writer, PyObject *value, PyObject *spec,
                               Py_ssize_t start, Py_ssize_t end);

PyAPI_FUNC(int) _PyLong_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *value,
                                             PyObject *spec, Py_ssize_t start, Py_ssize_t end);
PyAPI_FUNC(int) _PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *value,
                                              PyObject *spec, Py_ssize_t start, Py_ssize_t end);
PyAPI_FUNC(int) _PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *value,
                                                PyObject *spec, Py_ssize_t start, Py_ssize_t end);

/* The str of one formatted number: what a __format__ method returns. spec is a str. */
PyObject *number_format(PyObject *value, PyObject *spec, NumberFormatter formatter);

#endif
