/* What wants the loop's attention: pending calls, signals, exceptions set by other threads, a waiter for the GIL. */
#include <internal/krait_exports.h>

#include "objects/thread_state.h"
#include "runtime/state.h"
#include "vm/vm.h"

enum { PENDING_CALLS = 32 };

typedef struct {
    int (*function)(void *);
    void *data;
} PendingCall;

static struct {
    pthread_mutex_t mutex;
    PendingCall calls[PENDING_CALLS];
    int first, count;
    atomic_bool any;
    bool busy;
} pending = {.mutex = PTHREAD_MUTEX_INITIALIZER};

void attention_request(void) { atomic_store(&vm_runtime.eval_breaker, 1); }

void attention_recall(PyThreadState *tstate)
{
    if (tstate->async_exc || atomic_load(&pending.any) || signal_is_pending()) attention_request();
}

void attention_after_fork(void) { pthread_mutex_init(&pending.mutex, NULL); }

/* ---- Pending calls -------------------------------------------------------------------------------------------- */

int _PyEval_AddPendingCall(PyInterpreterState *Py_UNUSED(interp), int (*function)(void *), void *data)
{
    int result = -1;
    pthread_mutex_lock(&pending.mutex);
    if (pending.count < PENDING_CALLS) {
        int last = (pending.first + pending.count++) % PENDING_CALLS;
        pending.calls[last] = (PendingCall){function, data};
        result = 0;
    }
    pthread_mutex_unlock(&pending.mutex);
    atomic_store(&pending.any, true);
    attention_request();
    return result;
}

int Py_AddPendingCall(int (*function)(void *), void *data) { return _PyEval_AddPendingCall(runtime_state.main, function, data); }

int gil_run_pending_calls(void)
{
    if (pending.busy || PyThread_get_thread_ident() != runtime_state.main_thread) return 0;
    pending.busy = true;
    atomic_store(&pending.any, false);
    int result = 0;
    for (int i = 0; i < PENDING_CALLS && result == 0; i++) {
        PendingCall call = {NULL, NULL};
        pthread_mutex_lock(&pending.mutex);
        if (pending.count) {
            call = pending.calls[pending.first];
            pending.first = (pending.first + 1) % PENDING_CALLS;
            pending.count--;
        }
        pthread_mutex_unlock(&pending.mutex);
        if (!call.function) break;
        if (call.function(call.data) != 0) result = -1;
    }
    pending.busy = false;
    if (pending.count) {
        atomic_store(&pending.any, true);
        attention_request();
    }
    return result;
}

int Py_MakePendingCalls(void)
{
    if (PyErr_CheckSignals() < 0) return -1;
    return gil_run_pending_calls();
}

/* ---- Attention ------------------------------------------------------------------------------------------------ */

void _PyEval_SignalReceived(PyInterpreterState *Py_UNUSED(interp)) { attention_request(); }
void _PyEval_SignalAsyncExc(PyInterpreterState *Py_UNUSED(interp)) { attention_request(); }

/* Each part re-raises the flag if it leaves something to do. */
int attention_handle(PyThreadState *tstate)
{
    /* While wakings are put off the flag stays up, and this runs at each look at it. */
    if (gil_wants_only_time() && !signal_is_pending() && !atomic_load(&pending.any) && !tstate->async_exc) return 0;
    atomic_store(&vm_runtime.eval_breaker, 0);
    if (signal_is_pending() && _PyErr_CheckSignalsTstate(tstate) < 0) {
        attention_request();
        return -1;
    }
    if (atomic_load(&pending.any) && gil_run_pending_calls() < 0) {
        attention_request();
        return -1;
    }
    gil_wake_if_due();
    gil_yield(tstate);
    if (tstate->async_exc) {
        PyObject *exception = tstate->async_exc;
        tstate->async_exc = NULL;
        _PyErr_SetNone(tstate, exception);
        Py_DECREF(exception);
        return -1;
    }
    return 0;
}
