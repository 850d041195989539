/* Generators, coroutines and asynchronous generators: objects that hold a suspended frame.
 *
 * gi_frame_state follows FrameState. While it is FRAME_EXECUTING the frame is linked into the thread's stack and
 * gi_exc_state is the thread's innermost exception state; otherwise the frame stands at RETURN_GENERATOR or YIELD, whose
 * register `a` receives what is sent. A finished generator's frame is cleared and never touched again.
 */
#ifndef KRAIT_VM_GENERATOR_H
#define KRAIT_VM_GENERATOR_H

#include <structmember.h>

#include "vm/frame.h"

extern PyTypeObject _PyCoroWrapper_Type, _PyAsyncGenASend_Type, _PyAsyncGenAThrow_Type, _PyAsyncGenWrappedValue_Type;

static inline Frame *generator_frame(PyGenObject *gen) { return (Frame *)gen->gi_iframe; }

/* Moves the running frame into a new generator, coroutine or asynchronous generator as its code's flags say; what is left is
 * an empty frame to be ended. A new reference. */
PyObject *generator_take_frame(Frame *frame);

/* Makes a suspended generator the running one; `sent` is stolen. The frame is to be entered after its ip. */
Frame *generator_resume(PyThreadState *tstate, PyGenObject *gen, Value sent);

/* The generator yields, returns, or ends with an exception (in which StopIteration becomes RuntimeError, PEP 479). */
void generator_suspend(PyThreadState *tstate, PyGenObject *gen);
void generator_finish(PyThreadState *tstate, PyGenObject *gen);
void generator_fail(PyThreadState *tstate, PyGenObject *gen);

/* The object that the generator delegates to by `yield from` or `await`; borrowed, or NULL. */
PyObject *generator_delegate_borrow(PyGenObject *gen);

/* receiver.send(sent) for any awaitable or iterator. *result is new. */
PySendResult generator_send_any(PyObject *receiver, PyObject *sent, PyObject **result);

/* The iterator that `yield from o` in this frame goes over. */
PyObject *generator_yield_from_iterator(Frame *frame, PyObject *o);

/* The attributes of asynchronous generators, which share their getters with the others. */
extern PyMemberDef async_generator_members[];
extern PyGetSetDef async_generator_getset[];
PyObject *generator_sizeof(PyObject *self, PyObject *ignored);

/* tp_ slots that coroutines and asynchronous generators share with generators (generator.c). */
PySendResult generator_am_send(PyObject *self, PyObject *sent, PyObject **result);
PyObject *generator_send(PyObject *self, PyObject *sent);
PyObject *generator_throw(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *generator_throw_fetched(PyGenObject *gen, bool close_on_exit, PyObject *type, PyObject *value, PyObject *traceback);
PyObject *generator_close(PyObject *self, PyObject *ignored);
PyObject *generator_repr(PyObject *self);
int generator_traverse(PyObject *self, visitproc visit, void *arg);
void generator_dealloc(PyObject *self);

/* ---- coroutine.c ---------------------------------------------------------------------------------------------- */

/* The iterator that awaits o; `where` is the operand of GET_AWAITABLE (1, 2: `async with` enter, exit). */
PyObject *coroutine_get_awaitable_iterator(PyObject *o, int where);
PyObject *coroutine_get_aiter(PyObject *o);
PyObject *coroutine_get_anext(PyObject *iterator);
/* cr_origin for a new coroutine: a tuple, or NULL without an error where tracking is off. */
PyObject *coroutine_find_origin(PyThreadState *tstate, Frame *frame);
/* RuntimeWarning: coroutine was never awaited. What goes wrong is reported as unraisable. */
void coroutine_warn_unawaited(PyObject *coroutine);
bool coroutine_is_iterable(PyObject *o);        /* a coroutine, or a generator marked by types.coroutine */

/* ---- async_generator.c ---------------------------------------------------------------------------------------- */

PyObject *async_generator_wrap(PyObject *value);
/* Calls the firstiter hook once. -1 with an exception set. */
int async_generator_init_hooks(PyAsyncGenObject *gen);

/* Appends all that an exact generator yields. 0, or -1 with an exception set. */
int generator_extend_list(PyListObject *list, PyObject *generator);

#endif
