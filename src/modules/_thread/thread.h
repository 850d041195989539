/* Parts of the _thread module. */
#ifndef KRAIT_MODULES_THREAD_H
#define KRAIT_MODULES_THREAD_H

#include <Python.h>
#include <stdbool.h>

/* Types, made with the module; owned by it. */
extern PyTypeObject *thread_lock_type, *thread_rlock_type, *thread_local_type;

int thread_add_lock_types(PyObject *module);        /* lock.c: LockType, RLock */
int thread_add_local_type(PyObject *module);        /* local.c: _local */

PyObject *thread_allocate_lock(PyObject *module, PyObject *unused);
PyObject *thread_set_sentinel(PyObject *module, PyObject *unused);

/* What heap types of this module share. */
int thread_traverse_type(PyObject *self, visitproc visit, void *arg);

#endif
