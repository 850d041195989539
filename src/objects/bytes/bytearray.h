/* Methods that only bytearray has. */
#ifndef KRAIT_OBJECTS_BYTES_BYTEARRAY_H
#define KRAIT_OBJECTS_BYTES_BYTEARRAY_H

#include <Python.h>

PyObject *bytearray_alloc_method(PyObject *self, PyObject *unused);
PyObject *bytearray_reduce_method(PyObject *self, PyObject *unused);
PyObject *bytearray_reduce_ex_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *bytearray_sizeof_method(PyObject *self, PyObject *unused);
PyObject *bytearray_append_method(PyObject *self, PyObject *item);
PyObject *bytearray_clear_method(PyObject *self, PyObject *unused);
PyObject *bytearray_copy_method(PyObject *self, PyObject *unused);
PyObject *bytearray_extend_method(PyObject *self, PyObject *iterable);
PyObject *bytearray_insert_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *bytearray_pop_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *bytearray_remove_method(PyObject *self, PyObject *value);
PyObject *bytearray_reverse_method(PyObject *self, PyObject *unused);

/* bytearray_object.c: replaces self[start:end] by n bytes that are not inside self. 0 or -1. */
int bytearray_splice(PyObject *self, Py_ssize_t start, Py_ssize_t end, const char *bytes, Py_ssize_t n);
/* BufferError while a buffer is exported. 0 or -1. */
int bytearray_check_resizable(PyObject *self);

#endif
