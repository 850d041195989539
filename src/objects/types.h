/* Built-in types that the C API does not declare, and what else this folder's core tells the folders above. */
#ifndef KRAIT_OBJECTS_TYPES_H
#define KRAIT_OBJECTS_TYPES_H

#include <Python.h>

extern PyTypeObject _PyUnion_Type;              /* types.UnionType */
extern PyTypeObject _PyNamespace_Type;          /* types.SimpleNamespace */
extern PyTypeObject _Py_GenericAliasIterType;   /* iterator of a types.GenericAlias */
extern PyTypeObject _PyAnextAwaitable_Type;     /* what anext(it, default) returns */

/* X | Y of two types; Py_NotImplemented when one of them cannot be part of a union. New reference. */
PyObject *union_or(PyObject *left, PyObject *right);

/* The type variables in `args`, each once and in order: a new tuple. */
PyObject *generic_make_parameters(PyObject *args);

/* `args` of the generic `self` with its `parameters` replaced by `item` (one object or a tuple): a new tuple. */
PyObject *generic_substitute(PyObject *self, PyObject *args, PyObject *parameters, PyObject *item);

/* Appends repr of a type argument, as types.GenericAlias and types.UnionType show it. -1 with an exception. */
int generic_write_repr(_PyUnicodeWriter *writer, PyObject *op);

/* anext(iterator, default): awaits `awaitable`, and gives default at the end. New reference. */
PyObject *anext_awaitable_new(PyObject *awaitable, PyObject *fallback);

/* Readies this part's types: -1 with an exception. */
int core_init_types(void);

#endif
