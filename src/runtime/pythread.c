/* PyThread_*: threads, locks and thread-specific storage for C code. Whoever likes may release a lock. */
#include <internal/krait_exports.h>

#include <errno.h>
#include <limits.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "objects/recursion.h"
#include "objects/thread_state.h"
#include "platform/futex.h"
#include "platform/spin.h"
#include "runtime/state.h"

static size_t thread_stack_size;    /* of new threads; 0: the system's default */
static const size_t default_stack_size = 8 << 20;

void PyThread_init_thread(void) {}
unsigned long PyThread_get_thread_ident(void) { return (unsigned long)pthread_self(); }
unsigned long PyThread_get_thread_native_id(void) { return (unsigned long)syscall(SYS_gettid); }
void PyThread_exit_thread(void) { pthread_exit(NULL); }
size_t PyThread_get_stacksize(void) { return thread_stack_size; }

/* 0; -1: size not valid. */
int PyThread_set_stacksize(size_t size)
{
    if (size == 0) {
        thread_stack_size = 0;
        return 0;
    }
    if (size < 32768 || size < (size_t)PTHREAD_STACK_MIN) return -1;
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return -1;
    int status = pthread_attr_setstacksize(&attributes, size);
    pthread_attr_destroy(&attributes);
    if (status != 0) return -1;
    thread_stack_size = size;
    return 0;
}

typedef struct {
    void (*function)(void *);
    void *argument;
    size_t stack_size;
} ThreadStart;

static void *run_thread(void *data)
{
    ThreadStart start = *(ThreadStart *)data;
    PyMem_RawFree(data);
    c_stack_begin(start.stack_size);
    start.function(start.argument);
    return NULL;
}

unsigned long PyThread_start_new_thread(void (*function)(void *), void *argument)
{
    ThreadStart *start = PyMem_RawMalloc(sizeof(*start));
    if (!start) return PYTHREAD_INVALID_THREAD_ID;
    *start = (ThreadStart){function, argument, thread_stack_size ? thread_stack_size + C_STACK_RESERVE : default_stack_size};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, start->stack_size);
    pthread_t thread;
    int status = pthread_create(&thread, &attributes, run_thread, start);
    pthread_attr_destroy(&attributes);
    if (status != 0) {
        PyMem_RawFree(start);
        return PYTHREAD_INVALID_THREAD_ID;
    }
    pthread_detach(thread);
    return (unsigned long)thread;
}

/* ---- Locks ---------------------------------------------------------------------------------------------------- */

/* A lock is a word that waiters sleep on. CROWDED: locked, and somebody may be asleep. */
enum { FREE, LOCKED, CROWDED };

typedef struct {
    atomic_uint word;
    _Atomic(uint64_t) progress;     /* gil_progress() of who came to sleep last */
} WaitLock;

PyThread_type_lock PyThread_allocate_lock(void) { return PyMem_RawCalloc(1, sizeof(WaitLock)); }

void PyThread_free_lock(PyThread_type_lock lock) { PyMem_RawFree(lock); }

int _PyThread_at_fork_reinit(PyThread_type_lock *lock)
{
    PyThread_type_lock fresh = PyThread_allocate_lock();
    if (!fresh) return -1;
    *lock = fresh;      /* the old one may be in any state: it is left alone */
    return 0;
}

/* Waits until the lock is free or `until` comes. */
static PyLockStatus wait_for_lock(WaitLock *lock, int64_t until, bool may_interrupt)
{
    static _Thread_local SpinLuck luck;
    atomic_uint *word = &lock->word;
    unsigned unlocked = FREE;
    if (spin_while_set(word, LOCKED | CROWDED, &luck) && atomic_compare_exchange_strong(word, &unlocked, LOCKED)) {
        gil_note_watched(&luck);
        return PY_LOCK_ACQUIRED;
    }
    atomic_store_explicit(&lock->progress, gil_progress(), memory_order_relaxed);
    for (bool woken = false; atomic_exchange(word, CROWDED) != FREE;) {
        if (woken) gil_wake_next();     /* in vain: this thread does not come to the GIL */
        woken = futex_wait(word, CROWDED, until) == 0;
        if (woken) {
            gil_note_woken();
            continue;
        }
        if (errno == ETIMEDOUT) return atomic_exchange(word, CROWDED) == FREE ? PY_LOCK_ACQUIRED : PY_LOCK_FAILURE;
        if (errno == EINTR && may_interrupt) return PY_LOCK_INTR;
    }
    return PY_LOCK_ACQUIRED;
}

/* microseconds: below 0, without limit; 0, not waiting. With intr_flag a signal ends the wait. */
PyLockStatus PyThread_acquire_lock_timed(PyThread_type_lock lock, long long microseconds, int intr_flag)
{
    WaitLock *wait_lock = lock;
    unsigned unlocked = FREE;
    if (atomic_compare_exchange_strong(&wait_lock->word, &unlocked, LOCKED)) return PY_LOCK_ACQUIRED;
    if (microseconds == 0) return PY_LOCK_FAILURE;
    int64_t until = FUTEX_FOREVER, nanoseconds;
    if (microseconds > 0 && (__builtin_mul_overflow(microseconds, 1000, &nanoseconds)
                             || __builtin_add_overflow(futex_now(), nanoseconds, &until))) {
        until = FUTEX_FOREVER;
    }
    return wait_for_lock(wait_lock, until, intr_flag);
}

int PyThread_acquire_lock(PyThread_type_lock lock, int wait) { return PyThread_acquire_lock_timed(lock, wait ? -1 : 0, 0); }

/* Releasing one that is free does nothing. */
void PyThread_release_lock(PyThread_type_lock lock)
{
    WaitLock *wait_lock = lock;
    if (atomic_exchange(&wait_lock->word, FREE) == CROWDED) futex_wake(&wait_lock->word, 1);
}

void gil_release_lock(PyThread_type_lock lock)
{
    WaitLock *wait_lock = lock;
    if (atomic_exchange(&wait_lock->word, FREE) != CROWDED) return;
    gil_wake_later(&wait_lock->word, atomic_load_explicit(&wait_lock->progress, memory_order_relaxed));
}

void gil_free_lock(PyThread_type_lock lock)
{
    gil_forget_wake(&((WaitLock *)lock)->word);
    PyThread_free_lock(lock);
}

/* ---- Thread-specific storage ---------------------------------------------------------------------------------- */

Py_tss_t *PyThread_tss_alloc(void) { return PyMem_RawCalloc(1, sizeof(Py_tss_t)); }

void PyThread_tss_free(Py_tss_t *key)
{
    if (!key) return;
    PyThread_tss_delete(key);
    PyMem_RawFree(key);
}

int PyThread_tss_is_created(Py_tss_t *key) { return key->_is_initialized; }

int PyThread_tss_create(Py_tss_t *key)
{
    if (key->_is_initialized) return 0;
    if (pthread_key_create(&key->_key, NULL) != 0) return -1;
    key->_is_initialized = 1;
    return 0;
}

void PyThread_tss_delete(Py_tss_t *key)
{
    if (!key->_is_initialized) return;
    pthread_key_delete(key->_key);
    key->_is_initialized = 0;
}

int PyThread_tss_set(Py_tss_t *key, void *value) { return pthread_setspecific(key->_key, value) ? -1 : 0; }
void *PyThread_tss_get(Py_tss_t *key) { return pthread_getspecific(key->_key); }

int PyThread_create_key(void)
{
    pthread_key_t key;
    return pthread_key_create(&key, NULL) ? -1 : (int)key;
}

void PyThread_delete_key(int key) { pthread_key_delete((pthread_key_t)key); }
void PyThread_delete_key_value(int key) { pthread_setspecific((pthread_key_t)key, NULL); }
int PyThread_set_key_value(int key, void *value) { return pthread_setspecific((pthread_key_t)key, value) ? -1 : 0; }
void *PyThread_get_key_value(int key) { return pthread_getspecific((pthread_key_t)key); }
void PyThread_ReInitTLS(void) {}

/* ---- sys.thread_info ------------------------------------------------------------------------------------------ */

static PyTypeObject thread_info_type;

static PyStructSequence_Field thread_info_fields[] = {
    {"name", "name of the thread implementation"},
    {"lock", "name of the lock implementation"},
    {"version", "name and version of the thread library"},
    {0},
};

static PyStructSequence_Desc thread_info_desc = {
    "sys.thread_info",
    "sys.thread_info\n\nA named tuple about how threads are made.",
    thread_info_fields,
    3,
};

PyObject *PyThread_GetInfo(void)
{
    if (!thread_info_type.tp_name && PyStructSequence_InitType2(&thread_info_type, &thread_info_desc) < 0) return NULL;
    PyObject *info = PyStructSequence_New(&thread_info_type);
    if (!info) return NULL;
    char version[128];
    size_t length = confstr(_CS_GNU_LIBPTHREAD_VERSION, version, sizeof(version));
    PyStructSequence_SET_ITEM(info, 0, PyUnicode_FromString("pthread"));
    PyStructSequence_SET_ITEM(info, 1, PyUnicode_FromString("semaphore"));
    PyStructSequence_SET_ITEM(info, 2, length && length < sizeof(version) ? PyUnicode_FromString(version) : Py_NewRef(Py_None));
    if (PyErr_Occurred()) Py_CLEAR(info);
    return info;
}
