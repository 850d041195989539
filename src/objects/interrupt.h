/* A long loop in C that calls no Python code asks here whether a signal has come, once a turn: it costs one load. */
#ifndef KRAIT_OBJECTS_INTERRUPT_H
#define KRAIT_OBJECTS_INTERRUPT_H

#include <Python.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/attributes.h"

struct InterruptRuntime {
    atomic_bool pending;        /* a signal waits for its handler to be run (runtime/signals.c) */
};
extern struct InterruptRuntime interrupt_runtime;

/* Runs the handlers if this is the main thread. -1 with an exception when one raised: mostly KeyboardInterrupt. */
static inline int interrupt_check(void)
{
    if (LIKELY(!atomic_load_explicit(&interrupt_runtime.pending, memory_order_relaxed))) return 0;
    return PyErr_CheckSignals();
}

#endif
