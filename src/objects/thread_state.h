/* The current thread's PyThreadState: the one way from C code to its thread. Valid while the GIL is held. */
#ifndef KRAIT_OBJECTS_THREAD_STATE_H
#define KRAIT_OBJECTS_THREAD_STATE_H

#include <Python.h>

#include "base/attributes.h"

extern _Thread_local PyThreadState *thread_state_current THREAD_VARIABLE;

static inline PyThreadState *thread_state(void)
{
    return thread_state_current;
}

#endif
