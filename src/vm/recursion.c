#define _GNU_SOURCE
/* The two limits of recursion: see objects/recursion.h. */
#include <pthread.h>

#include "internal/krait_exports.h"
#include "objects/recursion.h"
#include "vm/unwind.h"

enum { C_STACK_DEFAULT = 8 << 20 };

_Thread_local uintptr_t c_stack_floor = UINTPTR_MAX, c_stack_middle = UINTPTR_MAX;

static void find_stack(void)
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
    /* Of a small stack, which somebody else made, a part. */
    uintptr_t reserve = (here - low) / 4;
    c_stack_floor = low + (reserve < C_STACK_RESERVE ? reserve : C_STACK_RESERVE);
    c_stack_middle = c_stack_floor + (here - c_stack_floor) / 2;
}

uintptr_t c_stack_find_middle(void)
{
    if (c_stack_middle == UINTPTR_MAX) find_stack();
    return c_stack_middle;
}

bool c_stack_is_low_now(const char *where)
{
    if (c_stack_floor == UINTPTR_MAX) find_stack();
    if (c_stack_pointer() > c_stack_floor) return false;
    PyErr_Format(PyExc_RecursionError, "maximum recursion depth exceeded%s", where);
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
    return recursion_enter(thread_state(), where);
}

void Py_LeaveRecursiveCall(void)
{
    thread_state()->recursion_remaining++;
}
