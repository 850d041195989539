/* sys.settrace and sys.setprofile. A traced frame runs plain code (exec.h), in which every bytecode instruction begins with a
 * word of its own; the loop calls trace_instruction() before each word.
 */
#ifndef KRAIT_VM_TRACE_H
#define KRAIT_VM_TRACE_H

#include "vm/frame.h"

/* Call, line and opcode events that are due before the instruction at frame->ip. -1 with an exception set; the tracer may
 * have moved frame->ip to another line. */
int trace_instruction(PyThreadState *tstate, Frame *frame);

/* The event of a return or yield with *result, or, with result NULL, of leaving by an exception. -1 if a tracer raised: then
 * *result has been released. */
int trace_return(PyThreadState *tstate, Frame *frame, Value *result);

/* The exception event. A tracer's own exception replaces the current one. */
void trace_exception(PyThreadState *tstate, Frame *frame);

/* Calls something that is no Python function, with c_call, c_return and c_exception events for profilers. */
PyObject *trace_call(PyThreadState *tstate, PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames);
PyObject *trace_call_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *kwargs);

/* A fused frame goes on as a plain one; frame->ip is the next instruction before and after. -1 with MemoryError set. */
int trace_switch_to_plain(Frame *frame);

/* frame.f_lineno = line, for debuggers. -1 with ValueError set. */
int trace_jump_to_line(PyThreadState *tstate, PyFrameObject *object, PyObject *line);

#endif
