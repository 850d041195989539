/* What happens before every instruction when a switch asks for it: counting, checking, stress. */
#ifndef KRAIT_VM_WATCH_H
#define KRAIT_VM_WATCH_H

#include "vm/frame.h"

/* Called with frame->ip at the instruction. -1 with an exception set. */
int watch_instruction(PyThreadState *tstate, Frame *frame);

/* Whether the frame keeps the invariants of frame.h, value.h and exec.h, at an instruction boundary. Writes what is wrong with it
 * to standard error and aborts if not. */
void frame_check(Frame *frame);

#endif
