/* The two limits of recursion, inlined: the interpreter's count of calls, and the C stack itself, which no setting may overrun.
 *
 * Whatever input can make recurse counts itself (recursion_enter), or, where the reference does not count, looks at the
 * stack alone (c_stack_is_low). Both cost a comparison or two.
 */
#ifndef KRAIT_OBJECTS_RECURSION_H
#define KRAIT_OBJECTS_RECURSION_H

#include <Python.h>
#include <stdbool.h>

#include <internal/krait_exports.h>

#include "base/attributes.h"
#include "base/config.h"
#include "objects/thread_state.h"

enum {
    /* Of each thread's stack, what is left for code without checks: destructors, the C library, signal handlers. */
    C_STACK_RESERVE = KRAIT_ASAN ? 1024 * 1024 : 256 * 1024,
};

/* Lowest address that checked code of this thread may use; the highest there is until recursion.c has looked. */
extern _Thread_local uintptr_t c_stack_floor THREAD_VARIABLE;

/* Where the lower half of the stack begins, in the same way; for destructors, which cannot refuse (lifetime.c). */
extern _Thread_local uintptr_t c_stack_middle THREAD_VARIABLE;
uintptr_t c_stack_find_middle(void);

/* To be called first thing in a thread whose stack was asked to have `size` bytes: else the system is asked where it ends. */
void c_stack_begin(size_t size);

/* The slow half: finds the floor if that has not been done. True, with RecursionError, if the stack is nearly used up. */
COLD bool c_stack_is_low_now(const char *where);

static inline uintptr_t c_stack_pointer(void)
{
    uintptr_t pointer;
    __asm__("mov %%rsp, %0" : "=r"(pointer));
    return pointer;
}

/* True, with RecursionError set, if the C stack of this thread is nearly used up. `where` as below. */
static inline bool c_stack_is_low(const char *where)
{
    return UNLIKELY(c_stack_pointer() <= c_stack_floor) && c_stack_is_low_now(where);
}

/* `where` reads like " while calling a Python object". -1 with RecursionError. */
static inline NODISCARD int recursion_enter(PyThreadState *tstate, const char *where)
{
    if (UNLIKELY(--tstate->recursion_remaining < 0)) return _Py_CheckRecursiveCall(tstate, where);
    if (LIKELY(c_stack_pointer() > c_stack_floor) || !c_stack_is_low_now(where)) return 0;
    tstate->recursion_remaining++;
    return -1;
}

/* The next item of an iterator inside an iterator, as tp_iternext gives it: chains of them may be long. */
static inline PyObject *chained_next(PyObject *iterator)
{
    return c_stack_is_low("") ? NULL : Py_TYPE(iterator)->tp_iternext(iterator);
}

static inline void recursion_leave(PyThreadState *tstate)
{
    tstate->recursion_remaining++;
}

#endif
