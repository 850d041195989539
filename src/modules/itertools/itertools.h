/* itertools: what its files share. Every iterator here begins with the objects it owns, one after the other, and declares its life
 * (dealloc, traverse) with ITERATOR_LIFE. */
#ifndef KRAIT_MODULES_ITERTOOLS_H
#define KRAIT_MODULES_ITERTOOLS_H

#include "objects/call.h"
#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"

extern PyTypeObject count_type, cycle_type, repeat_type, chain_type, islice_type;
extern PyTypeObject starmap_type, filterfalse_type, takewhile_type, dropwhile_type, compress_type, accumulate_type, pairwise_type,
    zip_longest_type;
extern PyTypeObject groupby_type, grouper_type, tee_type, tee_data_type;
extern PyTypeObject product_type, combinations_type, combinations_with_replacement_type, permutations_type;

PyObject *itertools_tee(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

/* chain() over an iterator of iterables, which it takes over. NULL argument: NULL. */
PyObject *chain_from_iterator_steal(PyTypeObject *type, PyObject *iterators);

/* A result tuple that can be filled anew: itself if nobody else holds it, else a copy. Returned as a new reference. */
PyObject *result_reuse(PyObject **result);

/* Refuses keyword arguments, unless a subclass has an __init__ that may want them. */
static inline bool no_keywords(PyTypeObject *type, PyTypeObject *own, const char *name, PyObject *kwargs)
{
    return (type != own && type->tp_init != own->tp_init) || _PyArg_NoKeywords(name, kwargs);
}

/* After an iterator gave NULL: true, with the exception gone, if it had just ended; false with an exception. */
static inline bool has_ended(void)
{
    if (!PyErr_Occurred()) return true;
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return false;
    PyErr_Clear();
    return true;
}

static inline PyObject **owned_fields(PyObject *self)
{
    return (PyObject **)(self + 1);
}

static inline void iterator_dealloc(PyObject *self, int n)
{
    PyObject_GC_UnTrack(self);
    for (int i = 0; i < n; i++) Py_XDECREF(owned_fields(self)[i]);
    Py_TYPE(self)->tp_free(self);
}

static inline int iterator_traverse(PyObject *self, int n, visitproc visit, void *arg)
{
    for (int i = 0; i < n; i++) Py_VISIT(owned_fields(self)[i]);
    return 0;
}

#define ITERATOR_LIFE(prefix, n)                                                        \
    static void prefix##_dealloc(PyObject *self)                                        \
    {                                                                                   \
        iterator_dealloc(self, n);                                                      \
    }                                                                                   \
    static int prefix##_traverse(PyObject *self, visitproc visit, void *arg)            \
    {                                                                                   \
        return iterator_traverse(self, n, visit, arg);                                  \
    }

#define ITERATOR_TYPE_HEAD(prefix, name, struct_type)                                   \
    IMMORTAL_TYPE_HEAD,                                                                 \
    .tp_name = "itertools." name,                                                       \
    .tp_basicsize = sizeof(struct_type),                                                \
    .tp_dealloc = prefix##_dealloc,                                                     \
    .tp_getattro = PyObject_GenericGetAttr,                                             \
    .tp_traverse = prefix##_traverse,                                                   \
    .tp_iter = PyObject_SelfIter,                                                       \
    .tp_iternext = prefix##_next,                                                       \
    .tp_alloc = PyType_GenericAlloc,                                                    \
    .tp_new = prefix##_new,                                                             \
    .tp_free = PyObject_GC_Del

#define ITERATOR_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE)

#define DOC_REDUCE "What pickling needs."
#define DOC_SETSTATE "Sets what unpickling has read."
#define METHOD_REDUCE(prefix) {"__reduce__", prefix##_reduce, METH_NOARGS, DOC_REDUCE}
#define METHOD_SETSTATE(prefix) {"__setstate__", prefix##_setstate, METH_O, DOC_SETSTATE}
#define METHODS_END {NULL, NULL, 0, NULL}

/* TypeError unless a state is a tuple. */
static inline bool check_state_is_tuple(PyObject *state)
{
    if (PyTuple_Check(state)) return true;
    PyErr_SetString(PyExc_TypeError, "state is not a tuple");
    return false;
}

#endif
