/* Locks and re-entrant locks of the _thread module, and the lock that a thread releases when it ends. */
#include "modules/_thread/thread.h"

#include <internal/krait_exports.h>
#include <stddef.h>
#include <structmember.h>

#include "objects/thread_state.h"
#include "runtime/state.h"

PyTypeObject *thread_lock_type, *thread_rlock_type;

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock;
    PyObject *weak_references;
    char locked;                /* for release() of one that is not; changes under the GIL */
} Lock;

typedef struct {
    PyObject_HEAD
    PyThread_type_lock lock;
    unsigned long owner;        /* meaningful while count is above 0 */
    unsigned long count;
    PyObject *weak_references;
} RLock;

int thread_traverse_type(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

/* ---- Waiting -------------------------------------------------------------------------------------------------- */

PyLockStatus thread_wait_for_lock(PyThread_type_lock lock, _PyTime_t timeout)
{
    PyLockStatus status = PyThread_acquire_lock_timed(lock, 0, 0);
    if (status != PY_LOCK_FAILURE || timeout == 0) return status;
    _PyTime_t deadline = timeout > 0 ? _PyDeadline_Init(timeout) : 0;
    for (;;) {
        long long microseconds = timeout < 0 ? -1 : _PyTime_AsMicroseconds(timeout, _PyTime_ROUND_CEILING);
        Py_BEGIN_ALLOW_THREADS
        status = PyThread_acquire_lock_timed(lock, microseconds, 1);
        Py_END_ALLOW_THREADS
        if (status != PY_LOCK_INTR) return status;
        if (Py_MakePendingCalls() < 0) return PY_LOCK_INTR;
        if (timeout > 0) {
            timeout = _PyDeadline_Get(deadline);
            if (timeout <= 0) timeout = 0;      /* a last look */
        }
    }
}

static int parse_acquire(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyTime_t *timeout)
{
    *timeout = THREAD_WAIT_FOREVER;
    if (nargs == 0 && !kwnames) return 0;
    static const char *const keywords[] = {"blocking", "timeout", NULL};
    static _PyArg_Parser parser = {.format = "|iO:acquire", .keywords = keywords};
    int blocking = 1;
    PyObject *seconds = NULL;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &blocking, &seconds)) return -1;
    if (seconds && _PyTime_FromSecondsObject(timeout, seconds, _PyTime_ROUND_TIMEOUT) < 0) return -1;
    if (!blocking && *timeout != THREAD_WAIT_FOREVER) {
        PyErr_SetString(PyExc_ValueError, "can't specify a timeout for a non-blocking call");
        return -1;
    }
    if (*timeout < 0 && *timeout != THREAD_WAIT_FOREVER) {
        PyErr_SetString(PyExc_ValueError, "timeout value must be positive");
        return -1;
    }
    if (!blocking) *timeout = 0;
    else if (*timeout != THREAD_WAIT_FOREVER && _PyTime_AsMicroseconds(*timeout, _PyTime_ROUND_TIMEOUT) > PY_TIMEOUT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "timeout value is too large");
        return -1;
    }
    return 0;
}

/* ---- Lock ----------------------------------------------------------------------------------------------------- */

PyDoc_STRVAR(acquire_doc,
"acquire(blocking=True, timeout=-1) -> bool\n(acquire_lock() is an old name.)\n\n"
"Take the lock. If another has it, wait until it is free or the time is over, or, if not blocking, not at all.\n"
"Whether the lock was taken.");

static PyObject *lock_acquire(Lock *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    _PyTime_t timeout;
    if (parse_acquire(args, nargs, kwnames, &timeout) < 0) return NULL;
    PyLockStatus status = thread_wait_for_lock(self->lock, timeout);
    if (status == PY_LOCK_INTR) return NULL;
    if (status == PY_LOCK_ACQUIRED) self->locked = 1;
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

PyDoc_STRVAR(release_doc,
"release()\n(release_lock() is an old name.)\n\nGive the lock back, from any thread. One of those that wait gets it.");

static PyObject *lock_release(Lock *self, PyObject *unused)
{
    (void)unused;
    if (!self->locked) {
        PyErr_SetString(PyExc_RuntimeError, "release unlocked lock");
        return NULL;
    }
    self->locked = 0;
    gil_release_lock(self->lock);
    Py_RETURN_NONE;
}

static PyObject *lock_exit(Lock *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)args;
    (void)nargs;
    return lock_release(self, NULL);
}

PyDoc_STRVAR(locked_doc, "locked() -> bool\n(locked_lock() is an old name.)\n\nWhether somebody has the lock.");

static PyObject *lock_locked(Lock *self, PyObject *unused)
{
    (void)unused;
    return PyBool_FromLong(self->locked);
}

static PyObject *lock_at_fork_reinit(Lock *self, PyObject *unused)
{
    (void)unused;
    if (_PyThread_at_fork_reinit(&self->lock) < 0) {
        PyErr_SetString(PyExc_RuntimeError, "failed to reinitialize lock at fork");
        return NULL;
    }
    self->locked = 0;
    Py_RETURN_NONE;
}

static PyObject *lock_repr(Lock *self)
{
    return PyUnicode_FromFormat("<%s %s object at %p>", self->locked ? "locked" : "unlocked", Py_TYPE(self)->tp_name, self);
}

static void lock_dealloc(Lock *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weak_references) PyObject_ClearWeakRefs((PyObject *)self);
    if (self->lock) {
        if (self->locked) gil_release_lock(self->lock);
        gil_free_lock(self->lock);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

#define KEYWORDS(function) (PyCFunction)(void *)function, METH_FASTCALL | METH_KEYWORDS

static PyMethodDef lock_methods[] = {
    {"acquire_lock", KEYWORDS(lock_acquire), acquire_doc},
    {"acquire", KEYWORDS(lock_acquire), acquire_doc},
    {"release_lock", (PyCFunction)lock_release, METH_NOARGS, release_doc},
    {"release", (PyCFunction)lock_release, METH_NOARGS, release_doc},
    {"locked_lock", (PyCFunction)lock_locked, METH_NOARGS, locked_doc},
    {"locked", (PyCFunction)lock_locked, METH_NOARGS, locked_doc},
    {"__enter__", KEYWORDS(lock_acquire), acquire_doc},
    {"__exit__", (PyCFunction)(void *)lock_exit, METH_FASTCALL, release_doc},
    {"_at_fork_reinit", (PyCFunction)lock_at_fork_reinit, METH_NOARGS, NULL},
    {0},
};

static PyMemberDef lock_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Lock, weak_references), READONLY, NULL},
    {0},
};

static PyType_Slot lock_slots[] = {
    {Py_tp_dealloc, lock_dealloc},
    {Py_tp_repr, lock_repr},
    {Py_tp_doc, "A lock: one thread at a time has it. Made by allocate_lock()."},
    {Py_tp_methods, lock_methods},
    {Py_tp_traverse, thread_traverse_type},
    {Py_tp_members, lock_members},
    {0, NULL},
};

static PyType_Spec lock_spec = {
    .name = "_thread.lock",
    .basicsize = sizeof(Lock),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = lock_slots,
};

static Lock *lock_new(void)
{
    Lock *self = (Lock *)thread_lock_type->tp_alloc(thread_lock_type, 0);
    if (!self) return NULL;
    self->lock = PyThread_allocate_lock();
    if (!self->lock) {
        Py_DECREF(self);
        PyErr_SetString(PyExc_RuntimeError, "can't allocate lock");
        return NULL;
    }
    return self;
}

PyObject *thread_allocate_lock(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused)) { return (PyObject *)lock_new(); }

/* ---- The lock of a thread's end ------------------------------------------------------------------------------- */

/* `data` is a weak reference to the lock: who waits keeps it alive, the thread need not. */
static void release_sentinel(void *data)
{
    PyObject *reference = data;
    Lock *lock = (Lock *)PyWeakref_GET_OBJECT(reference);
    if ((PyObject *)lock != Py_None && lock->locked) {
        lock->locked = 0;
        gil_release_lock(lock->lock);
    }
    Py_DECREF(reference);
}

PyObject *thread_set_sentinel(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    PyThreadState *tstate = thread_state();
    if (tstate->on_delete_data) {   /* set before, perhaps by a fork's parent */
        PyObject *reference = tstate->on_delete_data;
        tstate->on_delete = NULL;
        tstate->on_delete_data = NULL;
        Py_DECREF(reference);
    }
    Lock *lock = lock_new();
    PyObject *reference = lock ? PyWeakref_NewRef((PyObject *)lock, NULL) : NULL;
    if (!reference) {
        Py_XDECREF(lock);
        return NULL;
    }
    tstate->on_delete_data = reference;
    tstate->on_delete = release_sentinel;
    return (PyObject *)lock;
}

/* ---- RLock ---------------------------------------------------------------------------------------------------- */

static bool is_mine(RLock *self) { return self->count > 0 && self->owner == PyThread_get_thread_ident(); }

PyDoc_STRVAR(rlock_acquire_doc,
"acquire(blocking=True) -> bool\n\n"
"Take the lock, once more if this thread has it already; otherwise as for a plain lock. Whether the lock was taken.");

static PyObject *rlock_acquire(RLock *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    _PyTime_t timeout;
    if (parse_acquire(args, nargs, kwnames, &timeout) < 0) return NULL;
    if (is_mine(self)) {
        if (self->count + 1 == 0) {
            PyErr_SetString(PyExc_OverflowError, "Internal lock count overflowed");
            return NULL;
        }
        self->count++;
        Py_RETURN_TRUE;
    }
    PyLockStatus status = thread_wait_for_lock(self->lock, timeout);
    if (status == PY_LOCK_INTR) return NULL;
    if (status == PY_LOCK_ACQUIRED) {
        self->owner = PyThread_get_thread_ident();
        self->count = 1;
    }
    return PyBool_FromLong(status == PY_LOCK_ACQUIRED);
}

PyDoc_STRVAR(rlock_release_doc,
"release()\n\nTake one acquire() back; after the last one the lock is free. Only the thread that has the lock may.");

static PyObject *rlock_release(RLock *self, PyObject *unused)
{
    (void)unused;
    if (!is_mine(self)) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    if (--self->count == 0) {
        self->owner = 0;
        gil_release_lock(self->lock);
    }
    Py_RETURN_NONE;
}

static PyObject *rlock_exit(RLock *self, PyObject *const *args, Py_ssize_t nargs)
{
    (void)args;
    (void)nargs;
    return rlock_release(self, NULL);
}

PyDoc_STRVAR(rlock_restore_doc, "_acquire_restore(state) -> None\n\nFor conditions: take the lock with a saved state.");

static PyObject *rlock_acquire_restore(RLock *self, PyObject *args)
{
    unsigned long count, owner;
    if (!PyArg_ParseTuple(args, "(kk):_acquire_restore", &count, &owner)) return NULL;
    if (PyThread_acquire_lock_timed(self->lock, 0, 0) != PY_LOCK_ACQUIRED) {
        PyLockStatus status;
        Py_BEGIN_ALLOW_THREADS
        status = PyThread_acquire_lock_timed(self->lock, -1, 0);
        Py_END_ALLOW_THREADS
        if (status != PY_LOCK_ACQUIRED) {
            PyErr_SetString(PyExc_RuntimeError, "couldn't acquire lock");
            return NULL;
        }
    }
    self->owner = owner;
    self->count = count;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(rlock_save_doc, "_release_save() -> tuple\n\nFor conditions: free the lock altogether and return its state.");

static PyObject *rlock_release_save(RLock *self, PyObject *unused)
{
    (void)unused;
    if (self->count == 0) {
        PyErr_SetString(PyExc_RuntimeError, "cannot release un-acquired lock");
        return NULL;
    }
    PyObject *result = Py_BuildValue("kk", self->count, self->owner);
    if (!result) return NULL;
    self->count = self->owner = 0;
    gil_release_lock(self->lock);
    return result;
}

PyDoc_STRVAR(rlock_owned_doc, "_is_owned() -> bool\n\nFor conditions: whether this thread has the lock.");

static PyObject *rlock_is_owned(RLock *self, PyObject *unused)
{
    (void)unused;
    return PyBool_FromLong(is_mine(self));
}

static PyObject *rlock_at_fork_reinit(RLock *self, PyObject *unused)
{
    (void)unused;
    if (_PyThread_at_fork_reinit(&self->lock) < 0) {
        PyErr_SetString(PyExc_RuntimeError, "failed to reinitialize lock at fork");
        return NULL;
    }
    self->count = self->owner = 0;
    Py_RETURN_NONE;
}

static PyObject *rlock_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    RLock *self = (RLock *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->lock = PyThread_allocate_lock();
    if (!self->lock) {
        Py_DECREF(self);
        PyErr_SetString(PyExc_RuntimeError, "can't allocate lock");
        return NULL;
    }
    return (PyObject *)self;
}

static PyObject *rlock_repr(RLock *self)
{
    return PyUnicode_FromFormat("<%s %s object owner=%lu count=%lu at %p>", self->count ? "locked" : "unlocked",
                                Py_TYPE(self)->tp_name, self->owner, self->count, self);
}

static void rlock_dealloc(RLock *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weak_references) PyObject_ClearWeakRefs((PyObject *)self);
    if (self->lock) {
        if (self->count > 0) gil_release_lock(self->lock);
        gil_free_lock(self->lock);
    }
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMethodDef rlock_methods[] = {
    {"acquire", KEYWORDS(rlock_acquire), rlock_acquire_doc},
    {"release", (PyCFunction)rlock_release, METH_NOARGS, rlock_release_doc},
    {"_is_owned", (PyCFunction)rlock_is_owned, METH_NOARGS, rlock_owned_doc},
    {"_acquire_restore", (PyCFunction)rlock_acquire_restore, METH_VARARGS, rlock_restore_doc},
    {"_release_save", (PyCFunction)rlock_release_save, METH_NOARGS, rlock_save_doc},
    {"__enter__", KEYWORDS(rlock_acquire), rlock_acquire_doc},
    {"__exit__", (PyCFunction)(void *)rlock_exit, METH_FASTCALL, rlock_release_doc},
    {"_at_fork_reinit", (PyCFunction)rlock_at_fork_reinit, METH_NOARGS, NULL},
    {0},
};

static PyMemberDef rlock_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(RLock, weak_references), READONLY, NULL},
    {0},
};

static PyType_Slot rlock_slots[] = {
    {Py_tp_dealloc, rlock_dealloc},
    {Py_tp_repr, rlock_repr},
    {Py_tp_methods, rlock_methods},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, rlock_new},
    {Py_tp_members, rlock_members},
    {Py_tp_traverse, thread_traverse_type},
    {0, NULL},
};

static PyType_Spec rlock_spec = {
    .name = "_thread.RLock",
    .basicsize = sizeof(RLock),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = rlock_slots,
};

int thread_add_lock_types(PyObject *module)
{
    if (!thread_lock_type && !(thread_lock_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &lock_spec, NULL))) return -1;
    if (!thread_rlock_type && !(thread_rlock_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &rlock_spec, NULL))) return -1;
    if (PyModule_AddObjectRef(module, "LockType", (PyObject *)thread_lock_type) < 0) return -1;
    return PyModule_AddType(module, thread_rlock_type);
}
