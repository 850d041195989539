/* The recursion check, inlined: Py_EnterRecursiveCall for code that has the thread state at hand. */
#ifndef KRAIT_OBJECTS_RECURSION_H
#define KRAIT_OBJECTS_RECURSION_H

#include <Python.h>
#include <internal/krait_exports.h>

#include "base/attributes.h"
#include "objects/thread_state.h"

/* `where` reads like " while calling a Python object". -1 with RecursionError. */
static inline NODISCARD int recursion_enter(PyThreadState *tstate, const char *where)
{
    return UNLIKELY(tstate->recursion_remaining-- <= 0) && _Py_CheckRecursiveCall(tstate, where);
}

static inline void recursion_leave(PyThreadState *tstate)
{
    tstate->recursion_remaining++;
}

#endif
