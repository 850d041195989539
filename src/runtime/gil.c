/* The GIL: one lock per process, handed over on request of a waiter. Also what else wants the loop's attention: pending
 * calls, signals, exceptions set by other threads.
 *
 * While nobody waits, taking and letting go are one atomic exchange each of `word`. Who has to wait, and who gives the lock
 * away on request, announces himself in `word` under the mutex; from then on everybody goes by the mutex, until they are gone.
 *
 * A waiter that has waited for the switch interval while the lock stayed with one thread raises `drop_request` and the eval
 * breaker; the holder's loop comes here, gives the lock away, and takes it again only after somebody else had it.
 */
#include <errno.h>
#include <time.h>

#include <internal/krait_exports.h>

#include "objects/thread_state.h"
#include "runtime/state.h"
#include "vm/vm.h"

enum { PENDING_CALLS = 32, DEFAULT_INTERVAL_US = 5000 };

typedef struct {
    int (*function)(void *);
    void *data;
} PendingCall;

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t released;        /* the lock is free */
    pthread_cond_t taken;           /* somebody took it: `switches` has changed */
    bool ready;
    atomic_uint word;               /* LOCKED, and ANNOUNCED for each thread inside of the slow ways */
    _Atomic(PyThreadState *) holder; /* last one, also after it let go */
    unsigned long switches;
    unsigned long interval;         /* microseconds */
    atomic_bool drop_request;

    pthread_mutex_t pending_mutex;
    PendingCall pending[PENDING_CALLS];
    int pending_first, pending_count;
    atomic_bool pending_calls;
    bool pending_busy;
} gil = {.interval = DEFAULT_INTERVAL_US, .pending_mutex = PTHREAD_MUTEX_INITIALIZER};

/* ---- The lock ------------------------------------------------------------------------------------------------- */

enum { LOCKED = 1, ANNOUNCED = 2 };

static bool is_locked(void) { return atomic_load(&gil.word) & LOCKED; }

static int handle_eval_breaker(PyThreadState *tstate);

static void make_lock(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&gil.mutex, NULL);
    pthread_cond_init(&gil.released, &attributes);
    pthread_cond_init(&gil.taken, &attributes);
    pthread_condattr_destroy(&attributes);
}

void gil_init(void)
{
    vm_runtime.handle_eval_breaker = handle_eval_breaker;
    if (gil.ready) return;
    make_lock();
    gil.ready = true;
}

void gil_request_attention(void) { atomic_store(&vm_runtime.eval_breaker, 1); }

/* Threads other than the one that ends the interpreter must not come back to it. */
static void leave_if_finalizing(PyThreadState *tstate)
{
    PyThreadState *finalizing = atomic_load(&runtime_state.finalizing);
    if (finalizing && finalizing != tstate) pthread_exit(NULL);
}

/* A switch interval from now. */
static struct timespec time_of_request(void)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)(gil.interval % 1000000) * 1000;
    until.tv_sec += (time_t)(gil.interval / 1000000) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    return until;
}

/* Waits, with the mutex, until nobody has the lock. The time of the request stays when the holder lets go and is back before
 * this thread has woken: a thread that does so without end would never be asked. */
static void wait_until_free(PyThreadState *tstate)
{
    unsigned long seen = gil.switches;
    struct timespec until = time_of_request();
    while (is_locked()) {
        int timed_out = pthread_cond_timedwait(&gil.released, &gil.mutex, &until) == ETIMEDOUT;
        if (gil.switches != seen) {
            seen = gil.switches;
            until = time_of_request();
        } else if (timed_out && is_locked()) {
            if (atomic_load(&runtime_state.finalizing) && atomic_load(&runtime_state.finalizing) != tstate) {
                atomic_fetch_sub(&gil.word, ANNOUNCED);
                pthread_mutex_unlock(&gil.mutex);
                pthread_exit(NULL);
            }
            atomic_store(&gil.drop_request, true);
            gil_request_attention();
            until = time_of_request();
        }
    }
}

static void note_holder(PyThreadState *tstate)
{
    if (gil.holder != tstate) {
        gil.holder = tstate;
        gil.switches++;
    }
}

static void take_slowly(PyThreadState *tstate)
{
    pthread_mutex_lock(&gil.mutex);
    atomic_fetch_add(&gil.word, ANNOUNCED);
    wait_until_free(tstate);
    atomic_fetch_sub(&gil.word, ANNOUNCED - LOCKED);
    note_holder(tstate);
    atomic_store(&gil.drop_request, false);
    pthread_cond_signal(&gil.taken);
    pthread_mutex_unlock(&gil.mutex);
}

void gil_take(PyThreadState *tstate)
{
    int saved_errno = errno;
    leave_if_finalizing(tstate);
    unsigned nobody = 0;
    if (atomic_compare_exchange_strong(&gil.word, &nobody, LOCKED)) note_holder(tstate);
    else take_slowly(tstate);
    PyThreadState *finalizing = atomic_load(&runtime_state.finalizing);
    if (finalizing && finalizing != tstate) {
        gil_drop(tstate);
        pthread_exit(NULL);
    }
    if (tstate->async_exc || atomic_load(&gil.pending_calls) || signal_is_pending()) gil_request_attention();
    errno = saved_errno;
}

/* Lets go, and if a waiter has asked, lets it have its turn, lest we take the lock again at once. */
static void drop_slowly(PyThreadState *tstate)
{
    pthread_mutex_lock(&gil.mutex);
    atomic_fetch_add(&gil.word, ANNOUNCED - LOCKED);
    pthread_cond_signal(&gil.released);
    while (atomic_load(&gil.drop_request) && gil.holder == tstate) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += 50 * 1000 * 1000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        if (pthread_cond_timedwait(&gil.taken, &gil.mutex, &until) == ETIMEDOUT) break;
    }
    atomic_fetch_sub(&gil.word, ANNOUNCED);
    pthread_mutex_unlock(&gil.mutex);
}

void gil_drop(PyThreadState *tstate)
{
    unsigned alone = LOCKED;
    gil.holder = tstate;
    if (!atomic_compare_exchange_strong(&gil.word, &alone, 0)) drop_slowly(tstate);
}

bool gil_held_by(PyThreadState *tstate) { return is_locked() && gil.holder == tstate; }

void gil_after_fork(PyThreadState *tstate)
{
    make_lock();
    atomic_store(&gil.word, LOCKED);
    gil.holder = tstate;
    atomic_store(&gil.drop_request, false);
    pthread_mutex_init(&gil.pending_mutex, NULL);
    runtime_state.main_thread = PyThread_get_thread_ident();
}

unsigned long _PyEval_GetSwitchInterval(void) { return gil.interval; }
void _PyEval_SetSwitchInterval(unsigned long microseconds) { gil.interval = microseconds ? microseconds : 1; }

/* ---- PyEval_*: letting go and coming back --------------------------------------------------------------------- */

PyThreadState *PyEval_SaveThread(void)
{
    PyThreadState *tstate = PyThreadState_Swap(NULL);
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    gil_drop(tstate);
    return tstate;
}

void PyEval_RestoreThread(PyThreadState *tstate)
{
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    gil_take(tstate);
    PyThreadState_Swap(tstate);
}

void PyEval_AcquireThread(PyThreadState *tstate)
{
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    gil_take(tstate);
    if (PyThreadState_Swap(tstate)) Py_FatalError("non-NULL old thread state");
}

void PyEval_ReleaseThread(PyThreadState *tstate)
{
    if (PyThreadState_Swap(NULL) != tstate) Py_FatalError("wrong thread state");
    gil_drop(tstate);
}

void PyEval_AcquireLock(void)
{
    PyThreadState *tstate = thread_state();
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    gil_take(tstate);
}

void PyEval_ReleaseLock(void) { gil_drop(thread_state()); }
void PyEval_InitThreads(void) {}
int PyEval_ThreadsInitialized(void) { return gil.ready; }

/* ---- Pending calls -------------------------------------------------------------------------------------------- */

int _PyEval_AddPendingCall(PyInterpreterState *Py_UNUSED(interp), int (*function)(void *), void *data)
{
    int result = -1;
    pthread_mutex_lock(&gil.pending_mutex);
    if (gil.pending_count < PENDING_CALLS) {
        int last = (gil.pending_first + gil.pending_count++) % PENDING_CALLS;
        gil.pending[last] = (PendingCall){function, data};
        result = 0;
    }
    pthread_mutex_unlock(&gil.pending_mutex);
    atomic_store(&gil.pending_calls, true);
    gil_request_attention();
    return result;
}

int Py_AddPendingCall(int (*function)(void *), void *data) { return _PyEval_AddPendingCall(runtime_state.main, function, data); }

int gil_run_pending_calls(void)
{
    if (gil.pending_busy || PyThread_get_thread_ident() != runtime_state.main_thread) return 0;
    gil.pending_busy = true;
    atomic_store(&gil.pending_calls, false);
    int result = 0;
    for (int i = 0; i < PENDING_CALLS && result == 0; i++) {
        PendingCall call = {NULL, NULL};
        pthread_mutex_lock(&gil.pending_mutex);
        if (gil.pending_count) {
            call = gil.pending[gil.pending_first];
            gil.pending_first = (gil.pending_first + 1) % PENDING_CALLS;
            gil.pending_count--;
        }
        pthread_mutex_unlock(&gil.pending_mutex);
        if (!call.function) break;
        if (call.function(call.data) != 0) result = -1;
    }
    gil.pending_busy = false;
    if (gil.pending_count) {
        atomic_store(&gil.pending_calls, true);
        gil_request_attention();
    }
    return result;
}

int Py_MakePendingCalls(void)
{
    if (PyErr_CheckSignals() < 0) return -1;
    return gil_run_pending_calls();
}

/* ---- Attention ------------------------------------------------------------------------------------------------ */

void _PyEval_SignalReceived(PyInterpreterState *Py_UNUSED(interp)) { gil_request_attention(); }
void _PyEval_SignalAsyncExc(PyInterpreterState *Py_UNUSED(interp)) { gil_request_attention(); }

/* Called by the loop. Each part re-raises the flag if it leaves something to do. */
static int handle_eval_breaker(PyThreadState *tstate)
{
    atomic_store(&vm_runtime.eval_breaker, 0);
    if (signal_is_pending() && _PyErr_CheckSignalsTstate(tstate) < 0) {
        gil_request_attention();
        return -1;
    }
    if (atomic_load(&gil.pending_calls) && gil_run_pending_calls() < 0) {
        gil_request_attention();
        return -1;
    }
    if (atomic_load(&gil.drop_request)) {
        PyThreadState_Swap(NULL);
        gil_drop(tstate);
        gil_take(tstate);
        PyThreadState_Swap(tstate);
    }
    if (tstate->async_exc) {
        PyObject *exception = tstate->async_exc;
        tstate->async_exc = NULL;
        _PyErr_SetNone(tstate, exception);
        Py_DECREF(exception);
        return -1;
    }
    return 0;
}
