/* Generic aliases and unions: what genericalias.c, genericsubst.c and union.c share. */
#ifndef KRAIT_OBJECTS_GENERIC_H
#define KRAIT_OBJECTS_GENERIC_H

#include <Python.h>
#include <stdbool.h>

#include "objects/types.h"

typedef struct {
    PyObject_HEAD
    PyObject *origin;       /* owned */
    PyObject *args;         /* owned tuple */
    PyObject *parameters;   /* owned tuple, or NULL until asked for */
    PyObject *weakreflist;
    char starred;           /* is it *origin[args]? */
    vectorcallfunc vectorcall;
} GenericAlias;

typedef struct {
    PyObject_HEAD
    PyObject *args;         /* owned tuple of what X | Y joins, without doubles */
    PyObject *parameters;   /* owned tuple, or NULL until asked for */
} UnionObject;

static inline bool generic_check(PyObject *op)
{
    return PyObject_TypeCheck(op, &Py_GenericAliasType);
}

static inline bool union_check(PyObject *op)
{
    return Py_IS_TYPE(op, &_PyUnion_Type);
}

#endif
