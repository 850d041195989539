/* Weak references.
 *
 * An object that can be referred to weakly heads a doubly linked list of its weak references, in this order: the one plain
 * reference without a callback, if any; the one proxy without a callback, if any; the others, the newest first. The first two are
 * shared by all who ask for them. A reference whose object is gone has wr_object == Py_None and is on no list.
 */
#ifndef KRAIT_OBJECTS_WEAKREF_H
#define KRAIT_OBJECTS_WEAKREF_H

#include <Python.h>

/* Unlinks a reference from its object and drops its callback. */
void weakref_clear(PyWeakReference *self);

/* tp_dealloc, tp_traverse and tp_clear that references and proxies share. */
void weakref_dealloc(PyObject *self);
int weakref_traverse(PyObject *self, visitproc visit, void *arg);
int weakref_tp_clear(PyObject *self);

#endif
