/* tuple: what the VM and other types use beyond the C API. */
#ifndef KRAIT_OBJECTS_TUPLE_H
#define KRAIT_OBJECTS_TUPLE_H

#include "objects/containers.h"

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyTupleObject *tuple;       /* owned, NULL: exhausted */
} TupleIterator;

/* The one empty tuple, with a collector's head before it as every collectable object has. */
typedef struct {
    uintptr_t gc_head[2];
    PyTupleObject tuple;
} TupleStatic;
extern TupleStatic tuple_static_empty;

static inline PyObject **tuple_items(PyObject *tuple)
{
    return ((PyTupleObject *)tuple)->ob_item;
}

/* A tuple of garbage that the caller fills before anything else happens, and tracks if an item asks for it. */
PyObject *tuple_new_untracked(Py_ssize_t n);

/* A tuple of n references that it takes over (also on failure). Not tracked by the collector if no item can be part of a cycle. */
PyObject *tuple_from_array_steal(PyObject **items, Py_ssize_t n);
/* The same with new references. */
PyObject *tuple_from_array(PyObject *const *items, Py_ssize_t n);

/* The arguments of a call as a tuple that is not tracked. NULL with MemoryError set. */
static inline PyObject *tuple_new_arguments(PyObject *const *args, Py_ssize_t n)
{
    PyObject *tuple = tuple_new_untracked(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++) tuple_items(tuple)[i] = Py_NewRef(args[i]);
    return tuple;
}

/* The end of a call whose arguments this untracked tuple of the caller's held: drops it. The collector comes to know it only
 * if the callee has kept it, which few do. */
void tuple_drop_arguments(PyObject *tuple);

/* The hash of a tuple of elements with these hashes; so that others can be equal to it. */
Py_hash_t tuple_hash_of(const Py_hash_t *hashes, Py_ssize_t n);

int tuple_init_types(void);

#endif
