/* The data stack of a thread: chunks of memory that frames are pushed to and popped from, in the thread state's
 * datastack_* fields. Chunks never move, so pointers into frames stay good; a few empty ones are kept to avoid thrashing.
 */
#ifndef KRAIT_VM_DATA_STACK_H
#define KRAIT_VM_DATA_STACK_H

#include <Python.h>

#include "base/attributes.h"

/* Slow path: a new chunk. NULL with MemoryError set. */
void *data_stack_push_chunk(PyThreadState *tstate, size_t size);
void data_stack_pop_chunk(PyThreadState *tstate);
/* At the end of the thread: leaves the chunk that most threads do with to the next one. The GIL is held. */
void data_stack_give_up(PyThreadState *tstate);
/* Frees all chunks. */
void data_stack_free(PyThreadState *tstate);

/* `size` bytes (a multiple of 8), not initialised. NULL with MemoryError set. */
ALWAYS_INLINE void *data_stack_push(PyThreadState *tstate, size_t size)
{
    PyObject **top = tstate->datastack_top;
    if (__builtin_expect((size_t)((char *)tstate->datastack_limit - (char *)top) < size, 0)) {
        return data_stack_push_chunk(tstate, size);
    }
    if (!top) __builtin_unreachable();      /* there was room: spares the caller its test */
    tstate->datastack_top = top + size / sizeof *top;
    return top;
}

/* Gives back everything from `base` on, which must be the newest push. */
static inline void data_stack_pop(PyThreadState *tstate, void *base)
{
    if (__builtin_expect(base == &tstate->datastack_chunk->data[0], 0)) data_stack_pop_chunk(tstate);
    else tstate->datastack_top = base;
}

#endif
