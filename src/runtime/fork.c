/* What a fork needs from the interpreter: callbacks of os.register_at_fork(), and locks that nobody holds any more. */
#include <internal/krait_exports.h>

#include "memory/tracemalloc.h"
#include "objects/thread_state.h"
#include "runtime/state.h"

static void run_callbacks(PyObject *list, bool backwards)
{
    if (!list) return;
    PyObject *copy = PyList_GetSlice(list, 0, PyList_GET_SIZE(list));   /* they may register others */
    if (!copy) {
        PyErr_WriteUnraisable(list);
        return;
    }
    Py_ssize_t count = PyList_GET_SIZE(copy);
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *function = PyList_GET_ITEM(copy, backwards ? count - 1 - i : i);
        PyObject *result = PyObject_CallNoArgs(function);
        if (!result) PyErr_WriteUnraisable(function);
        Py_XDECREF(result);
    }
    Py_DECREF(copy);
}

/* To be called before fork(), then one of the two below. Takes the import lock: a half-made module must not be copied. */
void PyOS_BeforeFork(void)
{
    run_callbacks(PyInterpreterState_Get()->fork_before, true);
    _PyImport_AcquireLock();
}

void PyOS_AfterFork_Parent(void)
{
    if (_PyImport_ReleaseLock() <= 0) Py_FatalError("failed releasing import lock after fork");
    run_callbacks(PyInterpreterState_Get()->fork_after_parent, false);
}

/* The lock may have been held around the fork more than once: by an import that forks. */
static void renew_import_lock(PyInterpreterState *interp)
{
    if (!interp->import_lock) return;
    if (_PyThread_at_fork_reinit(&interp->import_lock) < 0) Py_FatalError("failed to reinitialize import lock after fork");
    if (interp->import_lock_level > 1) {
        PyThread_acquire_lock(interp->import_lock, WAIT_LOCK);
        interp->import_lock_thread = PyThread_get_thread_ident();
        interp->import_lock_level--;
    }
    else interp->import_lock_level = 0;
}

/* Only the calling thread is left, and it is the main thread now. */
void PyOS_AfterFork_Child(void)
{
    PyThreadState *tstate = thread_state();
    pthread_mutex_init(&runtime_state.lock, NULL);
    gil_after_fork(tstate);
    tracemalloc_after_fork();
    tstate->native_thread_id = PyThread_get_thread_native_id();
    signal_after_fork();
    renew_import_lock(tstate->interp);
    _PyThreadState_DeleteExcept(NULL, tstate);
    run_callbacks(tstate->interp->fork_after_child, false);
}

void PyOS_AfterFork(void) { PyOS_AfterFork_Child(); }
