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

/* Takes a lock, waiting at most so many nanoseconds; signals are handled meanwhile. PY_LOCK_INTR: a handler raised. */
#define THREAD_WAIT_FOREVER ((_PyTime_t)-1000000000)
PyLockStatus thread_wait_for_lock(PyThread_type_lock lock, _PyTime_t timeout);

/* What heap types of this module share. */
int thread_traverse_type(PyObject *self, visitproc visit, void *arg);

#endif
