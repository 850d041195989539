/* Generators (the manual: reference/expressions, "Generator-iterator methods"). */
#include <Python.h>
#include "vm/generator.h"

#include <stddef.h>
#include <string.h>
#include <structmember.h>

#include "bytecode/opcodes.h"
#include "internal/krait_exports.h"
#include "internal/pycore_frame.h"
#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/list.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/unwind.h"
#include "vm/vm.h"

/* ---- Making --------------------------------------------------------------------------------------------------- */

static PyTypeObject *type_for(const PyCodeObject *code)
{
    if (code->co_flags & CO_COROUTINE) return &PyCoro_Type;
    if (code->co_flags & CO_ASYNC_GENERATOR) return &PyAsyncGen_Type;
    return &PyGen_Type;
}

/* The frame's contents go into the generator; what stays is empty. They are copied word by word as
 * they were just written: memcpy's loads of several words would wait for all of those stores. */
static void move_frame(Frame *from, Frame *to)
{
    to->previous = NULL;
    to->ip = from->ip;
    to->exec = from->exec;
    to->code = from->code;
    to->func = from->func;
    to->locals = from->locals;
    to->object = from->object;
    /* `created` stays with the call, which has yet to return. */
    uint64_t owner = (uint64_t)FRAME_IN_GENERATOR << FRAME_OWNER_SHIFT;
    to->linkage = frame_linkage(RETURN_TO_C, 0, 0) | owner | (from->traced ? FRAME_TRACED : 0);
    to->extent = from->extent;
    for (int i = 0; i < from->register_count; i++) {
        to->registers[i] = value_to_owned(from->registers[i]);
    }
    if (to->object) to->object->f_frame = to;
    from->register_count = 0;
    from->object = NULL;
    from->locals = NULL;
    from->func = NULL;
    from->code = NULL;
    from->traced = false;
}

/* generator_take_frame, for a type that the caller knows. */
static PyObject *take_frame(PyTypeObject *type, Frame *frame)
{
    PyFunctionObject *func = frame->func;
    Py_ssize_t words = (Py_ssize_t)(frame_size(frame_capacity(frame)) / sizeof(PyObject *));
    PyObject *origin = NULL;
    if (type == &PyCoro_Type) {
        origin = coroutine_find_origin(thread_state(), frame->previous);
        if (!origin && PyErr_Occurred()) return NULL;
    }
    PyGenObject *gen = container_new(type, (size_t)type->tp_basicsize + (size_t)words * sizeof(PyObject *));
    if (!gen) {
        Py_XDECREF(origin);
        return NULL;
    }
    Py_SET_SIZE(gen, words);
    gen->gi_code = (PyCodeObject *)Py_NewRef(frame->code);
    gen->gi_weakreflist = NULL;
    gen->gi_name = Py_NewRef(func->func_name);
    gen->gi_qualname = Py_NewRef(func->func_qualname);
    gen->gi_exc_state.exc_value = NULL;
    gen->gi_exc_state.previous_item = NULL;
    gen->gi_origin_or_finalizer = origin;
    gen->gi_hooks_inited = gen->gi_closed = gen->gi_running_async = 0;
    gen->gi_frame_state = FRAME_CREATED;
    move_frame(frame, generator_frame(gen));
    gc_track(gen);
    return (PyObject *)gen;
}

PyObject *generator_take_frame(Frame *frame) { return take_frame(type_for(frame->code), frame); }

/* A generator of a frame object that C code made; takes the reference. */
static PyObject *new_from_frame_object(PyTypeObject *type, PyFrameObject *object, PyObject *name, PyObject *qualname)
{
    Frame *frame = object->f_frame;
    PyObject *gen = take_frame(type, frame);
    if (gen) {
        PyGenObject *g = (PyGenObject *)gen;
        if (name) Py_SETREF(g->gi_name, Py_NewRef(name));
        if (qualname) Py_SETREF(g->gi_qualname, Py_NewRef(qualname));
        generator_frame(g)->object = object;
        object->f_frame = generator_frame(g);
    }
    else Py_DECREF(object);
    return gen;
}

PyObject *PyGen_New(PyFrameObject *frame) { return new_from_frame_object(&PyGen_Type, frame, NULL, NULL); }

PyObject *PyGen_NewWithQualName(PyFrameObject *frame, PyObject *name, PyObject *qualname)
{
    return new_from_frame_object(&PyGen_Type, frame, name, qualname);
}

PyObject *PyCoro_New(PyFrameObject *frame, PyObject *name, PyObject *qualname)
{
    return new_from_frame_object(&PyCoro_Type, frame, name, qualname);
}

PyObject *PyAsyncGen_New(PyFrameObject *frame, PyObject *name, PyObject *qualname)
{
    return new_from_frame_object(&PyAsyncGen_Type, frame, name, qualname);
}

/* ---- Running -------------------------------------------------------------------------------------------------- */

Frame *generator_resume(PyThreadState *tstate, PyGenObject *gen, Value sent)
{
    Frame *frame = generator_frame(gen);
    gen->gi_exc_state.previous_item = tstate->exc_info;
    tstate->exc_info = &gen->gi_exc_state;
    gen->gi_frame_state = FRAME_EXECUTING;
    if (__builtin_expect(frame->jumped, 0)) {
        frame->jumped = false;
        frame->ip--;
        value_release(sent);
        return frame;
    }
    Value old = frame->registers[frame->ip->a];
    frame->registers[frame->ip->a] = value_to_owned(sent);
    value_release(old);
    return frame;
}

static void leave_exception_state(PyThreadState *tstate, PyGenObject *gen)
{
    tstate->exc_info = gen->gi_exc_state.previous_item;
    gen->gi_exc_state.previous_item = NULL;
    generator_frame(gen)->previous = NULL;
}

void generator_suspend(PyThreadState *tstate, PyGenObject *gen)
{
    leave_exception_state(tstate, gen);
    gen->gi_frame_state = FRAME_SUSPENDED;
}

void generator_finish(PyThreadState *tstate, PyGenObject *gen)
{
    leave_exception_state(tstate, gen);
    gen->gi_frame_state = FRAME_CLEARED;
    frame_clear(generator_frame(gen));
    Py_CLEAR(gen->gi_exc_state.exc_value);
}

/* PEP 479: StopIteration must not leak out of a generator's body (nor StopAsyncIteration out of an asynchronous one's). */
static void convert_stop(PyGenObject *gen)
{
    if (PyErr_ExceptionMatches(PyExc_StopIteration)) {
        const char *text = PyCoro_CheckExact(gen)       ? "coroutine raised StopIteration"
                           : PyAsyncGen_CheckExact(gen) ? "async generator raised StopIteration"
                                                        : "generator raised StopIteration";
        _PyErr_FormatFromCause(PyExc_RuntimeError, "%s", text);
    }
    else if (PyAsyncGen_CheckExact(gen) && PyErr_ExceptionMatches(PyExc_StopAsyncIteration)) {
        _PyErr_FormatFromCause(PyExc_RuntimeError, "%s", "async generator raised StopAsyncIteration");
    }
}

void generator_fail(PyThreadState *tstate, PyGenObject *gen)
{
    leave_exception_state(tstate, gen);
    gen->gi_frame_state = FRAME_CLEARED;
    convert_stop(gen);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    frame_clear(generator_frame(gen));
    Py_CLEAR(gen->gi_exc_state.exc_value);
    PyErr_Restore(type, value, traceback);
}

static void already_executing(PyGenObject *gen)
{
    const char *text = PyCoro_CheckExact(gen)       ? "coroutine already executing"
                       : PyAsyncGen_CheckExact(gen) ? "async generator already executing"
                                                    : "generator already executing";
    PyErr_SetString(PyExc_ValueError, text);
}

/* Runs the generator until it yields or ends. `sent` NULL with an exception set: it is raised inside. `closing`: a coroutine
 * that has ended may be closed again. On PYGEN_RETURN *result is the value returned. */
static PySendResult send_ex(PyGenObject *gen, PyObject *sent, bool closing, PyObject **result)
{
    PyThreadState *tstate = thread_state();
    bool raising = !sent;
    *result = NULL;
    if (gen->gi_frame_state == FRAME_CREATED && sent && sent != Py_None) {
        PyErr_SetString(PyExc_TypeError, PyCoro_CheckExact(gen) ? "can't send non-None value to a just-started coroutine"
                                         : PyAsyncGen_CheckExact(gen)
                                             ? "can't send non-None value to a just-started async generator"
                                             : "can't send non-None value to a just-started generator");
        return PYGEN_ERROR;
    }
    if (gen->gi_frame_state == FRAME_EXECUTING) {
        already_executing(gen);
        return PYGEN_ERROR;
    }
    if (gen->gi_frame_state >= FRAME_COMPLETED) {
        if (PyCoro_CheckExact(gen) && !closing) {
            PyErr_SetString(PyExc_RuntimeError, "cannot reuse already awaited coroutine");
        }
        else if (sent && !raising) {
            *result = Py_NewRef(Py_None);
            return PYGEN_RETURN;
        }
        return PYGEN_ERROR;
    }
    Frame *frame = generator_resume(tstate, gen, raising ? VALUE_NONE : value_from_owned(Py_NewRef(sent)));
    if (raising) _PyErr_ChainStackItem(&gen->gi_exc_state);
    *result = raising ? vm_run_raising(tstate, frame) : vm_run(tstate, frame);
    if (!*result) return PYGEN_ERROR;
    return gen->gi_frame_state == FRAME_SUSPENDED ? PYGEN_NEXT : PYGEN_RETURN;
}

PySendResult generator_am_send(PyObject *self, PyObject *sent, PyObject **result)
{
    return send_ex((PyGenObject *)self, sent, false, result);
}

/* The end of a generator as an exception; a plain end of tp_iternext is told without one. Consumes the value. */
static void stop_with(PyGenObject *gen, PyObject *value)
{
    if (PyAsyncGen_CheckExact(gen)) PyErr_SetNone(PyExc_StopAsyncIteration);
    else if (value == Py_None) PyErr_SetNone(PyExc_StopIteration);
    else _PyGen_SetStopIterationValue(value);
    Py_DECREF(value);
}

PyObject *generator_send(PyObject *self, PyObject *sent)
{
    PyObject *result;
    if (send_ex((PyGenObject *)self, sent, false, &result) != PYGEN_RETURN) return result;
    stop_with((PyGenObject *)self, result);
    return NULL;
}

static PyObject *generator_iternext(PyObject *self)
{
    PyObject *result;
    if (send_ex((PyGenObject *)self, Py_None, false, &result) != PYGEN_RETURN) return result;
    if (result != Py_None) _PyGen_SetStopIterationValue(result);
    Py_DECREF(result);
    return NULL;
}

Value vm_next_value(PyObject *iterator) { return vm_next_refused(iterator, NULL); }

Value vm_next_refused(PyObject *iterator, VmSink *sink)
{
    PyGenObject *gen = (PyGenObject *)iterator;
    if (Py_IS_TYPE(iterator, &PyGen_Type) && gen->gi_frame_state < FRAME_EXECUTING) {
        PyThreadState *tstate = thread_state();
        Value v = vm_run_into(tstate, generator_resume(tstate, gen, VALUE_NONE), sink);
        if (LIKELY(v != VALUE_EMPTY)) {
            if (LIKELY(gen->gi_frame_state == FRAME_SUSPENDED)) return v;
            value_release(v);
        }
        return VALUE_EMPTY;
    }
    PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
    if (UNLIKELY(!item) && PyErr_ExceptionMatches(PyExc_StopIteration)) PyErr_Clear();
    return value_from_owned(item);
}

typedef struct {
    VmSink sink;
    PyListObject *list;         /* borrowed */
} ListSink;

/* Appends the item. Without memory it is left alone: who gets it will find out, too. */
static bool append_item(VmSink *self, Value item)
{
    PyListObject *list = ((ListSink *)self)->list;
    Py_ssize_t n = Py_SIZE(list);
    PyObject *o = (item & TAG_MASK) == TAG_OWNED ? value_object(item) : value_box(item);
    if (o != NULL && (n < list->allocated || list_resize(list, n + 1) == 0)) {
        list->ob_item[n] = o;
        Py_SET_SIZE(list, n + 1);
        return true;
    }
    PyErr_Clear();
    if (o != NULL && (item & TAG_MASK) != TAG_OWNED) Py_DECREF(o);
    return false;
}

int generator_extend_list(PyListObject *list, PyObject *generator)
{
    ListSink into = {{append_item}, list};
    Value item;
    while ((item = vm_next_refused(generator, &into.sink)) != VALUE_EMPTY) {
        PyObject *o = value_take_boxed(item);
        if (o == NULL || list_append_steal(list, o) < 0) return -1;
    }
    return PyErr_Occurred() ? -1 : 0;
}

/* Raises the current exception inside the generator. */
static PyObject *raise_inside(PyGenObject *gen, bool closing)
{
    PyObject *result;
    PySendResult outcome = send_ex(gen, NULL, closing, &result);
    if (outcome != PYGEN_RETURN) return result;
    stop_with(gen, result);
    return NULL;
}

PySendResult generator_send_any(PyObject *receiver, PyObject *sent, PyObject **result)
{
    if (sent != Py_None && !Py_TYPE(receiver)->tp_as_async) goto by_method;
    if (Py_TYPE(receiver)->tp_as_async && Py_TYPE(receiver)->tp_as_async->am_send) {
        return Py_TYPE(receiver)->tp_as_async->am_send(receiver, sent, result);
    }
    if (sent == Py_None && PyIter_Check(receiver)) *result = Py_TYPE(receiver)->tp_iternext(receiver);
    else {
by_method:
        *result = PyObject_CallMethodOneArg(receiver, NAME(send), sent);
    }
    if (*result) return PYGEN_NEXT;
    return _PyGen_FetchStopIterationValue(result) == 0 ? PYGEN_RETURN : PYGEN_ERROR;
}

/* ---- StopIteration values ------------------------------------------------------------------------------------- */

/* Tuples and exceptions must be wrapped by hand: as the "value" of an exception they would be taken apart. */
int _PyGen_SetStopIterationValue(PyObject *value)
{
    if (!value || (!PyTuple_Check(value) && !PyExceptionInstance_Check(value))) {
        PyErr_SetObject(PyExc_StopIteration, value);
        return 0;
    }
    PyObject *exc = PyObject_CallOneArg(PyExc_StopIteration, value);
    if (!exc) return -1;
    PyErr_SetObject(PyExc_StopIteration, exc);
    Py_DECREF(exc);
    return 0;
}

int _PyGen_FetchStopIterationValue(PyObject **result)
{
    PyObject *type, *value, *traceback, *returned = NULL;
    if (!PyErr_Occurred()) {
        *result = Py_NewRef(Py_None);
        return 0;
    }
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return -1;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (!PyObject_TypeCheck(value, (PyTypeObject *)PyExc_StopIteration)) {
        PyErr_Restore(type, value, traceback);
        return -1;
    }
    returned = Py_NewRef(((PyStopIterationObject *)value)->value ? ((PyStopIterationObject *)value)->value : Py_None);
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    *result = returned;
    return 0;
}

/* ---- Delegation ----------------------------------------------------------------------------------------------- */

/* A yield that delegates is followed by RESUME 2 or 3; SEND stands just before it, its receiver below the yielded value. */
PyObject *generator_delegate_borrow(PyGenObject *gen)
{
    if (gen->gi_frame_state != FRAME_SUSPENDED) return NULL;
    Frame *frame = generator_frame(gen);
    if (exec_opcode(frame->ip) != X_YIELD) return NULL;
    const uint16_t *units = (const uint16_t *)frame->code->co_code_adaptive;
    int next = frame_unit(frame) + 1;
    if (next >= Py_SIZE(frame->code) || (units[next] & 255) != OP_RESUME || (units[next] >> 8 & 3) < 2) return NULL;
    return value_object(frame->registers[(frame->ip - 2)->b]);
}

/* The delegate has ended with `value` (stolen): the frame goes on behind SEND. */
static void end_delegation(PyGenObject *gen, PyObject *value)
{
    Frame *frame = generator_frame(gen);
    const Word *send = frame->ip - 2;
    Value old = frame->registers[send->b];
    frame->registers[send->b] = value_from_owned(value);
    value_release(old);
    frame->ip = send + (int)(int64_t)send[1].word - 1;
}

PyObject *generator_yield_from_iterator(Frame *frame, PyObject *o)
{
    if (PyCoro_CheckExact(o)) {
        if (frame->code->co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE)) return Py_NewRef(o);
        PyErr_SetString(PyExc_TypeError, "cannot 'yield from' a coroutine object in a non-coroutine generator");
        return NULL;
    }
    return PyGen_CheckExact(o) ? Py_NewRef(o) : PyObject_GetIter(o);
}

/* ---- throw and close ------------------------------------------------------------------------------------------ */

static int close_delegate(PyObject *delegate)
{
    PyObject *result = NULL;
    if (PyGen_CheckExact(delegate) || PyCoro_CheckExact(delegate)) result = generator_close(delegate, NULL);
    else {
        PyObject *close;
        if (_PyObject_LookupAttr(delegate, NAME(close), &close) < 0) PyErr_WriteUnraisable(delegate);
        if (!close) return 0;
        result = PyObject_CallNoArgs(close);
        Py_DECREF(close);
    }
    if (!result) return -1;
    Py_DECREF(result);
    return 0;
}

/* Whether GeneratorExit would end the suspended generator without running any of its code: no `try`
 * or `with` is open where it stands, and no tracer is told. Then it need not be raised. */
static bool ends_silently(const PyThreadState *tstate, const Frame *frame)
{
    return !tstate->cframe->use_tracing && !frame->jumped
           && !exec_find_handler(frame->exec, (int)(frame->ip - frame->exec->words));
}

/* Ends such a generator. What waits on the stack goes while the frame can still be seen, as when an
 * exception leaves it. */
static void end_silently(PyThreadState *tstate, PyGenObject *gen)
{
    Frame *frame = generator_frame(gen);
    gen->gi_exc_state.previous_item = tstate->exc_info;
    tstate->exc_info = &gen->gi_exc_state;
    gen->gi_frame_state = FRAME_EXECUTING;
    frame->previous = tstate->cframe->current_frame;
    tstate->cframe->current_frame = frame;
    unwind_drop(frame, frame->exec->first_temporary);
    tstate->cframe->current_frame = frame->previous;
    generator_finish(tstate, gen);
}

PyObject *generator_close(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyThreadState *tstate = thread_state();
    PyGenObject *gen = (PyGenObject *)self;
    if (gen->gi_frame_state == FRAME_EXECUTING) {
        already_executing(gen);
        return NULL;
    }
    if (gen->gi_frame_state == FRAME_CREATED && !tstate->cframe->use_tracing) {
        /* a tracer is told of its end */
        gen->gi_frame_state = FRAME_CLEARED;
        frame_clear(generator_frame(gen));
        Py_RETURN_NONE;
    }
    if (gen->gi_frame_state >= FRAME_COMPLETED) Py_RETURN_NONE;
    PyObject *delegate = Py_XNewRef(generator_delegate_borrow(gen));
    int failed = 0;
    if (delegate) {
        gen->gi_frame_state = FRAME_EXECUTING;
        failed = close_delegate(delegate);
        gen->gi_frame_state = FRAME_SUSPENDED;
        Py_DECREF(delegate);
    }
    if (!failed) {
        if (gen->gi_frame_state == FRAME_SUSPENDED && ends_silently(tstate, generator_frame(gen))) {
            end_silently(tstate, gen);
            Py_RETURN_NONE;
        }
        PyErr_SetNone(PyExc_GeneratorExit);
    }
    PyObject *result = raise_inside(gen, true);
    if (result) {
        const char *text = PyCoro_CheckExact(gen)       ? "coroutine ignored GeneratorExit"
                           : PyAsyncGen_CheckExact(gen) ? "async generator ignored GeneratorExit"
                                                        : "generator ignored GeneratorExit";
        Py_DECREF(result);
        PyErr_SetString(PyExc_RuntimeError, text);
        return NULL;
    }
    if (PyErr_ExceptionMatches(PyExc_StopIteration) || PyErr_ExceptionMatches(PyExc_GeneratorExit)) {
        PyErr_Clear();
        Py_RETURN_NONE;
    }
    return NULL;
}

/* What came of a throw into a delegate: it took place; there is no throw(); looking for it failed, of which the generator itself
 * does not hear. */
typedef enum { THROWN, THROW_MISSING, THROW_FAILED } ThrowOutcome;

/* Throws into the delegate. */
static PyObject *throw_into_delegate(PyGenObject *gen, PyObject *delegate, bool close_on_exit, PyObject *type, PyObject *value,
                                     PyObject *traceback, ThrowOutcome *outcome)
{
    PyObject *result;
    *outcome = THROWN;
    if (PyGen_CheckExact(delegate) || PyCoro_CheckExact(delegate)) {
        gen->gi_frame_state = FRAME_EXECUTING;
        /* The delegate's frames are shown below this one's. */
        PyThreadState *tstate = thread_state();
        Frame *frame = generator_frame(gen), *previous = tstate->cframe->current_frame;
        frame->previous = previous;
        tstate->cframe->current_frame = frame;
        result = generator_throw_fetched((PyGenObject *)delegate, close_on_exit, type, value, traceback);
        tstate->cframe->current_frame = previous;
        frame->previous = NULL;
        gen->gi_frame_state = FRAME_SUSPENDED;
        return result;
    }
    PyObject *throw;
    if (_PyObject_LookupAttr(delegate, NAME(throw), &throw) < 0) *outcome = THROW_FAILED;
    else if (!throw) *outcome = THROW_MISSING;
    if (!throw) return NULL;
    gen->gi_frame_state = FRAME_EXECUTING;
    result = PyObject_CallFunctionObjArgs(throw, type, value, traceback, NULL);
    gen->gi_frame_state = FRAME_SUSPENDED;
    Py_DECREF(throw);
    return result;
}

/* Sets the exception that throw(type, value, traceback) means. */
static int set_thrown(PyObject *type, PyObject *value, PyObject *traceback)
{
    if (traceback == Py_None) traceback = NULL;
    if (traceback && !PyTraceBack_Check(traceback)) {
        PyErr_SetString(PyExc_TypeError, "throw() third argument must be a traceback object");
        return -1;
    }
    Py_INCREF(type);
    Py_XINCREF(value);
    Py_XINCREF(traceback);
    if (PyExceptionClass_Check(type)) PyErr_NormalizeException(&type, &value, &traceback);
    else if (PyExceptionInstance_Check(type)) {
        if (value && value != Py_None) {
            PyErr_SetString(PyExc_TypeError, "instance exception may not have a separate value");
            goto error;
        }
        Py_XSETREF(value, type);
        type = Py_NewRef(Py_TYPE(value));
        if (!traceback) traceback = PyException_GetTraceback(value);
    }
    else {
        PyErr_Format(PyExc_TypeError, "exceptions must be classes or instances deriving from BaseException, not %s",
                     Py_TYPE(type)->tp_name);
        goto error;
    }
    PyErr_Restore(type, value, traceback);
    return 0;
error:
    Py_DECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return -1;
}

PyObject *generator_throw_fetched(PyGenObject *gen, bool close_on_exit, PyObject *type, PyObject *value, PyObject *traceback)
{
    PyObject *delegate = Py_XNewRef(generator_delegate_borrow(gen));
    if (delegate) {
        PyObject *result = NULL;
        ThrowOutcome outcome;
        if (PyErr_GivenExceptionMatches(type, PyExc_GeneratorExit) && close_on_exit) {
            gen->gi_frame_state = FRAME_EXECUTING;
            int failed = close_delegate(delegate);
            gen->gi_frame_state = FRAME_SUSPENDED;
            Py_DECREF(delegate);
            if (failed) return raise_inside(gen, false);
            goto throw_here;
        }
        result = throw_into_delegate(gen, delegate, close_on_exit, type, value, traceback, &outcome);
        Py_DECREF(delegate);
        if (outcome == THROW_MISSING) goto throw_here;
        if (result || outcome == THROW_FAILED) return result;
        PyObject *returned;
        if (_PyGen_FetchStopIterationValue(&returned) < 0) return raise_inside(gen, false);
        end_delegation(gen, returned);
        gen->gi_frame_state = FRAME_SUSPENDED;
        PyThreadState *tstate = thread_state();
        Frame *frame = generator_frame(gen);
        gen->gi_exc_state.previous_item = tstate->exc_info;
        tstate->exc_info = &gen->gi_exc_state;
        gen->gi_frame_state = FRAME_EXECUTING;
        result = vm_run(tstate, frame);
        if (!result || gen->gi_frame_state == FRAME_SUSPENDED) return result;
        stop_with(gen, result);
        return NULL;
    }
throw_here:
    if (set_thrown(type, value, traceback) < 0) return NULL;
    return raise_inside(gen, false);
}

PyObject *generator_throw(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("throw", nargs, 1, 3)) return NULL;
    return generator_throw_fetched((PyGenObject *)self, true, args[0], nargs > 1 ? args[1] : NULL, nargs > 2 ? args[2] : NULL);
}

/* ---- The end of the object ------------------------------------------------------------------------------------- */

/* Closes a generator that dies suspended; warns about a coroutine that was never awaited. */
void _PyGen_Finalize(PyObject *self)
{
    PyGenObject *gen = (PyGenObject *)self;
    if (gen->gi_frame_state >= FRAME_COMPLETED) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *finalizer = PyAsyncGen_CheckExact(self) ? gen->gi_origin_or_finalizer : NULL;
    if (finalizer && !((PyAsyncGenObject *)self)->ag_closed) {
        PyObject *result = PyObject_CallOneArg(finalizer, self);
        if (!result) PyErr_WriteUnraisable(self);
        Py_XDECREF(result);
    }
    else if (PyCoro_CheckExact(self) && gen->gi_frame_state == FRAME_CREATED) {
        coroutine_warn_unawaited(self);
        gen->gi_frame_state = FRAME_CLEARED;
        frame_clear(generator_frame(gen));
    }
    else {
        PyObject *result = generator_close(self, NULL);
        if (!result) {
            if (PyErr_Occurred()) PyErr_WriteUnraisable(self);
        }
        Py_XDECREF(result);
    }
    PyErr_Restore(type, value, traceback);
}

void generator_dealloc(PyObject *self)
{
    PyGenObject *gen = (PyGenObject *)self;
    if (gc_tracked(gen)) gc_untrack(gen);
    if (gen->gi_weakreflist) PyObject_ClearWeakRefs(self);
    bool plain = PyGen_CheckExact(self) && !thread_state()->cframe->use_tracing;
    if (gen->gi_frame_state < FRAME_COMPLETED && !(plain && gen->gi_frame_state == FRAME_CREATED)) {
        /* else the finalizer has nothing to do */
        gc_track(gen);
        if (PyObject_CallFinalizerFromDealloc(self)) return;
        gc_untrack(gen);
    }
    if (gen->gi_frame_state < FRAME_COMPLETED) {
        gen->gi_frame_state = FRAME_CLEARED;
        frame_clear(generator_frame(gen));
    }
    Py_CLEAR(gen->gi_origin_or_finalizer);
    Py_CLEAR(gen->gi_exc_state.exc_value);
    Py_CLEAR(gen->gi_code);
    Py_CLEAR(gen->gi_name);
    Py_CLEAR(gen->gi_qualname);
    gc_free(gen, sizeof(GcHead));
}

int generator_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyGenObject *gen = (PyGenObject *)self;
    Py_VISIT(gen->gi_code);
    Py_VISIT(gen->gi_name);
    Py_VISIT(gen->gi_qualname);
    Py_VISIT(gen->gi_origin_or_finalizer);
    Py_VISIT(gen->gi_exc_state.exc_value);
    return gen->gi_frame_state < FRAME_COMPLETED ? frame_traverse(generator_frame(gen), visit, arg) : 0;
}

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

PyObject *generator_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<%s object %U at %p>", Py_TYPE(self)->tp_name, ((PyGenObject *)self)->gi_qualname, self);
}

static PyObject *get_name(PyGenObject *gen, void *Py_UNUSED(closure)) { return Py_NewRef(gen->gi_name); }
static PyObject *get_qualname(PyGenObject *gen, void *Py_UNUSED(closure)) { return Py_NewRef(gen->gi_qualname); }

static int set_text(PyObject **field, PyObject *value, const char *complaint)
{
    if (!value || !PyUnicode_Check(value)) {
        PyErr_SetString(PyExc_TypeError, complaint);
        return -1;
    }
    Py_SETREF(*field, Py_NewRef(value));
    return 0;
}

static int set_name(PyGenObject *gen, PyObject *value, void *Py_UNUSED(closure))
{
    return set_text(&gen->gi_name, value, "__name__ must be set to a string object");
}

static int set_qualname(PyGenObject *gen, PyObject *value, void *Py_UNUSED(closure))
{
    return set_text(&gen->gi_qualname, value, "__qualname__ must be set to a string object");
}

static PyObject *get_delegate(PyGenObject *gen, void *Py_UNUSED(closure))
{
    PyObject *delegate = generator_delegate_borrow(gen);
    return Py_NewRef(delegate ? delegate : Py_None);
}

static PyObject *get_running(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(gen->gi_frame_state == FRAME_EXECUTING);
}

static PyObject *get_suspended(PyGenObject *gen, void *Py_UNUSED(closure))
{
    return PyBool_FromLong(gen->gi_frame_state == FRAME_SUSPENDED);
}

static PyObject *get_frame(PyGenObject *gen, const char *name)
{
    if (PySys_Audit("object.__getattr__", "Os", gen, name) < 0) return NULL;
    if (gen->gi_frame_state >= FRAME_COMPLETED) Py_RETURN_NONE;
    return Py_XNewRef(frame_object_borrow(generator_frame(gen)));
}

#define COMMON_GETSET(what) \
    {"__name__", (getter)get_name, (setter)set_name, PyDoc_STR("name of the " what), NULL}, \
    {"__qualname__", (getter)get_qualname, (setter)set_qualname, PyDoc_STR("qualified name of the " what), NULL}

static PyGetSetDef generator_getset[] = {
    COMMON_GETSET("generator"),
    {"gi_yieldfrom", (getter)get_delegate, NULL, PyDoc_STR("what the generator delegates to by yield from, or None"), NULL},
    {"gi_running", (getter)get_running, NULL, NULL, NULL},
    {"gi_frame", (getter)get_frame, NULL, NULL, "gi_frame"},
    {"gi_suspended", (getter)get_suspended, NULL, NULL, NULL},
    {0},
};

static PyGetSetDef coroutine_getset[] = {
    COMMON_GETSET("coroutine"),
    {"cr_await", (getter)get_delegate, NULL, PyDoc_STR("what the coroutine waits for, or None"), NULL},
    {"cr_running", (getter)get_running, NULL, NULL, NULL},
    {"cr_frame", (getter)get_frame, NULL, NULL, "cr_frame"},
    {"cr_suspended", (getter)get_suspended, NULL, NULL, NULL},
    {0},
};

PyGetSetDef async_generator_getset[] = {
    COMMON_GETSET("async generator"),
    {"ag_await", (getter)get_delegate, NULL, PyDoc_STR("what the generator waits for, or None"), NULL},
    {"ag_frame", (getter)get_frame, NULL, NULL, "ag_frame"},
    {0},
};

static PyMemberDef generator_members[] = {
    {"gi_code", T_OBJECT, offsetof(PyGenObject, gi_code), READONLY | PY_AUDIT_READ, NULL},
    {0},
};

static PyMemberDef coroutine_members[] = {
    {"cr_code", T_OBJECT, offsetof(PyCoroObject, cr_code), READONLY | PY_AUDIT_READ, NULL},
    {"cr_origin", T_OBJECT, offsetof(PyCoroObject, cr_origin_or_finalizer), READONLY, NULL},
    {0},
};

PyMemberDef async_generator_members[] = {
    {"ag_code", T_OBJECT, offsetof(PyAsyncGenObject, ag_code), READONLY | PY_AUDIT_READ, NULL},
    {"ag_running", T_BOOL, offsetof(PyAsyncGenObject, ag_running_async), READONLY, NULL},
    {0},
};

PyObject *generator_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyCodeObject *code = ((PyGenObject *)self)->gi_code;
    return PyLong_FromSsize_t((Py_ssize_t)offsetof(PyGenObject, gi_iframe) + 72
                              + (code->co_nlocalsplus + code->co_stacksize) * (Py_ssize_t)sizeof(PyObject *));
}

PyDoc_STRVAR(send_doc, "send(arg) -> send 'arg' into generator,\nreturn next yielded value or raise StopIteration.");
PyDoc_STRVAR(throw_doc, "throw(value)\nthrow(type[,value[,tb]])\n\nRaise the exception inside the generator; return the next value that it yields.");
PyDoc_STRVAR(coroutine_throw_doc, "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise the exception in coroutine; return the next value that it yields.");
PyDoc_STRVAR(close_doc, "close() -> raise GeneratorExit inside generator.");
PyDoc_STRVAR(sizeof_doc, "gen.__sizeof__() -> size of gen in memory, in bytes");

static PyMethodDef generator_methods[] = {
    {"send", generator_send, METH_O, send_doc},
    {"throw", (PyCFunction)(void (*)(void))generator_throw, METH_FASTCALL, throw_doc},
    {"close", generator_close, METH_NOARGS, close_doc},
    {"__sizeof__", generator_sizeof, METH_NOARGS, sizeof_doc},
    {0},
};

static PyAsyncMethods generator_as_async = {.am_send = generator_am_send};

PyTypeObject PyGen_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "generator",
    .tp_basicsize = offsetof(PyGenObject, gi_iframe),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = generator_dealloc,
    .tp_as_async = &generator_as_async,
    .tp_repr = generator_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = generator_traverse,
    .tp_weaklistoffset = offsetof(PyGenObject, gi_weakreflist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = generator_iternext,
    .tp_methods = generator_methods,
    .tp_members = generator_members,
    .tp_getset = generator_getset,
    .tp_finalize = _PyGen_Finalize,
};

/* ---- Coroutines: the same object under other names ------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *coroutine;        /* owned */
} CoroutineWrapper;

static PyObject *coroutine_await(PyObject *self)
{
    CoroutineWrapper *wrapper = PyObject_GC_New(CoroutineWrapper, &_PyCoroWrapper_Type);
    if (!wrapper) return NULL;
    wrapper->coroutine = Py_NewRef(self);
    PyObject_GC_Track(wrapper);
    return (PyObject *)wrapper;
}

static PyMethodDef coroutine_methods[] = {
    {"send", generator_send, METH_O, PyDoc_STR("send(arg) -> send 'arg' into coroutine,\nreturn next yielded value or raise StopIteration.")},
    {"throw", (PyCFunction)(void (*)(void))generator_throw, METH_FASTCALL, coroutine_throw_doc},
    {"close", generator_close, METH_NOARGS, PyDoc_STR("close() -> raise GeneratorExit inside coroutine.")},
    {"__sizeof__", generator_sizeof, METH_NOARGS, sizeof_doc},
    {0},
};

static PyAsyncMethods coroutine_as_async = {.am_await = coroutine_await, .am_send = generator_am_send};

PyTypeObject PyCoro_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "coroutine",
    .tp_basicsize = offsetof(PyCoroObject, cr_iframe),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = generator_dealloc,
    .tp_as_async = &coroutine_as_async,
    .tp_repr = generator_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = generator_traverse,
    .tp_weaklistoffset = offsetof(PyCoroObject, cr_weakreflist),
    .tp_methods = coroutine_methods,
    .tp_members = coroutine_members,
    .tp_getset = coroutine_getset,
    .tp_finalize = _PyGen_Finalize,
};

static void wrapper_dealloc(CoroutineWrapper *wrapper)
{
    PyObject_GC_UnTrack(wrapper);
    Py_CLEAR(wrapper->coroutine);
    PyObject_GC_Del(wrapper);
}

static int wrapper_traverse(CoroutineWrapper *wrapper, visitproc visit, void *arg)
{
    Py_VISIT(wrapper->coroutine);
    return 0;
}

static PyObject *wrapper_next(CoroutineWrapper *wrapper) { return generator_send(wrapper->coroutine, Py_None); }
static PyObject *wrapper_send(CoroutineWrapper *wrapper, PyObject *sent) { return generator_send(wrapper->coroutine, sent); }
static PyObject *wrapper_close(CoroutineWrapper *wrapper, PyObject *ignored) { return generator_close(wrapper->coroutine, ignored); }
static PyObject *wrapper_throw(CoroutineWrapper *wrapper, PyObject *const *args, Py_ssize_t nargs)
{
    return generator_throw(wrapper->coroutine, args, nargs);
}

static PyMethodDef wrapper_methods[] = {
    {"send", (PyCFunction)wrapper_send, METH_O, PyDoc_STR("send(arg) -> send 'arg' into coroutine,\nreturn next yielded value or raise StopIteration.")},
    {"throw", (PyCFunction)(void (*)(void))wrapper_throw, METH_FASTCALL, coroutine_throw_doc},
    {"close", (PyCFunction)wrapper_close, METH_NOARGS, PyDoc_STR("close() -> raise GeneratorExit inside coroutine.")},
    {0},
};

PyTypeObject _PyCoroWrapper_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "coroutine_wrapper",
    .tp_basicsize = sizeof(CoroutineWrapper),
    .tp_dealloc = (destructor)wrapper_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("A wrapper object implementing __await__ for coroutines."),
    .tp_traverse = (traverseproc)wrapper_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)wrapper_next,
    .tp_methods = wrapper_methods,
};
