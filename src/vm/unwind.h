/* From a raised exception to its handler. */
#ifndef KRAIT_VM_UNWIND_H
#define KRAIT_VM_UNWIND_H

#include "vm/exec.h"
#include "vm/frame.h"

/* Puts an entry for the frame in front of the current exception's traceback. Out of memory: that error replaces it. */
void traceback_add(PyThreadState *tstate, Frame *frame);

/* The line of an entry, -1 if its place has none. */
int traceback_line(const PyTracebackObject *tb);

/* Releases the frame's registers from `first` on, the newest first. */
void unwind_drop(Frame *frame, int first);

/* Takes the current exception to the handler's registers: releases what it must not find, normalises the exception, stores it
 * (and the offset of frame->ip, where it came from first). -1 with another exception set if that failed. */
int unwind_to_handler(PyThreadState *tstate, Frame *frame, const ExecHandler *handler);

/* Makes `exc` (stolen) the current exception again, with the traceback that it carries. */
void unwind_restore(PyThreadState *tstate, PyObject *exc);

/* Lets the frame stand again where an exception that is raised anew came from. */
void unwind_restore_position(Frame *frame, Value unit);

/* Clears a StopIteration that is the current exception. True if there is no exception now. */
bool vm_take_stop_iteration(void);

/* Counts a call against the recursion limit. -1 with RecursionError set. */
int vm_recursion_exceeded(PyThreadState *tstate);

ALWAYS_INLINE int vm_enter_recursion(PyThreadState *tstate)
{
    return __builtin_expect(--tstate->recursion_remaining < 0, 0) ? vm_recursion_exceeded(tstate) : 0;
}

ALWAYS_INLINE void vm_leave_recursion(PyThreadState *tstate) { tstate->recursion_remaining++; }

#endif
