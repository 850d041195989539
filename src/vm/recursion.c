#define _GNU_SOURCE
/* The two limits of recursion: the interpreter's count of calls, and the C stack itself, which no setting may overrun. */
#include <pthread.h>

#include "internal/krait_exports.h"
#include "objects/thread_state.h"
#include "vm/unwind.h"
#include "vm/vm.h"

enum {
    /* Left for what runs without checks: destructors, the C library, signal handlers. */
    C_STACK_RESERVE = 256 * 1024,
    C_STACK_DEFAULT = 8 << 20,
};

/* Lowest address that this thread's checked code may use; 0 until it is asked for. */
static _Thread_local uintptr_t c_stack_floor;

static uintptr_t find_floor(void)
{
    pthread_attr_t attributes;
    uintptr_t here = (uintptr_t)__builtin_frame_address(0), low = here - C_STACK_DEFAULT / 2;
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        void *base;
        size_t size;
        if (pthread_attr_getstack(&attributes, &base, &size) == 0 && size) {
            /* The main thread's stack grows on demand: with no limit set, its base is not known in advance. */
            low = size > ((size_t)1 << 30) ? here - C_STACK_DEFAULT : (uintptr_t)base;
        }
        pthread_attr_destroy(&attributes);
    }
    return low + C_STACK_RESERVE;
}

bool vm_c_stack_is_low(void)
{
    if (!c_stack_floor) c_stack_floor = find_floor();
    if ((uintptr_t)__builtin_frame_address(0) > c_stack_floor) return false;
    PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded");
    return true;
}

/* While RecursionError is being handled, `headroom` more calls are allowed, so that handlers can run. */
int vm_recursion_exceeded(PyThreadState *tstate)
{
    return _Py_CheckRecursiveCall(tstate, "");
}

int _Py_CheckRecursiveCall(PyThreadState *tstate, const char *where)
{
    if (tstate->recursion_headroom) {
        if (tstate->recursion_remaining < -50) Py_FatalError("Cannot recover from stack overflow.");
        return 0;
    }
    if (tstate->recursion_remaining <= 0) {
        tstate->recursion_headroom++;
        PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded%s", where);
        tstate->recursion_headroom--;
        tstate->recursion_remaining++;
        return -1;
    }
    return 0;
}

int Py_EnterRecursiveCall(const char *where)
{
    PyThreadState *tstate = thread_state();
    if (--tstate->recursion_remaining < 0) return _Py_CheckRecursiveCall(tstate, where);
    if (!c_stack_floor) c_stack_floor = find_floor();
    if (__builtin_expect((uintptr_t)__builtin_frame_address(0) <= c_stack_floor, 0)) {
        tstate->recursion_remaining++;
        PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded%s", where);
        return -1;
    }
    return 0;
}

void Py_LeaveRecursiveCall(void)
{
    thread_state()->recursion_remaining++;
}
