/* sys.settrace and sys.setprofile. A traced frame runs plain code (exec.h), in which every bytecode instruction begins with a
 * word of its own; the loop calls trace_instruction() before each word.
 */
#ifndef KRAIT_VM_TRACE_H
#define KRAIT_VM_TRACE_H

#include "vm/frame.h"

/* Call, line and opcode events that are due before the instruction at frame->ip. -1 with an exception set; the tracer may
 * have moved frame->ip to another line. */
int trace_instruction(PyThreadState *tstate, Frame *frame);

/* The call event, on RESUME or when an exception is thrown into a suspended frame, which is kept. -1 if a tracer raised. */
int trace_entry(PyThreadState *tstate, Frame *frame);

/* The event of a return or yield with *result, or, with result NULL, of leaving by an exception. -1 if a tracer raised: then
 * *result has been released. */
int trace_return(PyThreadState *tstate, Frame *frame, Value *result);

/* The same at a yield, where the tracer may move the generator to another line. */
int trace_yield(PyThreadState *tstate, Frame *frame, Value *result);

/* The exception event. A tracer's own exception replaces the current one. */
void trace_exception(PyThreadState *tstate, Frame *frame);

/* generator_send_any(), told to tracers as the reference does: an end by StopIteration is an exception event. */
PySendResult trace_send(PyThreadState *tstate, Frame *frame, PyObject *receiver, PyObject *sent, PyObject **result);

/* An iterator has ended: an exception event if it said so by StopIteration. */
void trace_stop_iteration(PyThreadState *tstate, Frame *frame);

/* Calls something that is no Python function, with c_call, c_return and c_exception events for profilers. */
PyObject *trace_call(PyThreadState *tstate, PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames);
PyObject *trace_call_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *kwargs);

/* A fused frame goes on as a plain one. `ip` is the next instruction in the fused form, frame->ip the last one that ran; on
 * return it is the next instruction in the plain form. -1 with MemoryError set. */
int trace_switch_to_plain(Frame *frame, const Word *ip);

/* frame.f_lineno = line, for debuggers. -1 with ValueError set. */
int trace_jump_to_line(PyThreadState *tstate, PyFrameObject *object, PyObject *line);

#endif
