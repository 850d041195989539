#include "vm/trace.h"

#include <string.h>

#include "bytecode/opcodes.h"
#include "internal/krait_exports.h"
#include "internal/pycore_frame.h"
#include "objects/code_lines.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/generator.h"
#include "vm/unwind.h"
#include "vm/vm.h"

/* ---- Calling the tracer --------------------------------------------------------------------------------------- */

void PyThreadState_EnterTracing(PyThreadState *tstate)
{
    tstate->tracing++;
    tstate->cframe->use_tracing = 0;
}

void PyThreadState_LeaveTracing(PyThreadState *tstate)
{
    tstate->tracing--;
    tstate->cframe->use_tracing = tstate->c_tracefunc || tstate->c_profilefunc ? 255 : 0;
}

/* The line of an instruction, from where the one before was looked up: a table of lines is read from one end to the other. The
 * reader is forgotten on entry of a frame (trace_entry) and by a new tracer, so a code object that died is never taken for another
 * that lies in its place. */
static int line_of_unit(PyThreadState *tstate, PyCodeObject *code, int unit)
{
    PyTraceInfo *info = &tstate->trace_info;
    if (info->code != code) {
        info->code = code;
        code_address_range(&info->bounds, code);
    }
    return _PyCode_CheckLineNumber(unit * (int)sizeof(uint16_t), &info->bounds);
}

static int current_line(PyThreadState *tstate, Frame *frame)
{
    int unit = frame_unit(frame);
    return unit < 0 ? frame->code->co_firstlineno : line_of_unit(tstate, frame->code, unit);
}

static int call_tracer(PyThreadState *tstate, Py_tracefunc func, PyObject *arg, Frame *frame, int what, PyObject *event)
{
    if (tstate->tracing) return 0;
    PyFrameObject *object = frame_object_borrow(frame);
    if (!object) return -1;
    int old_what = tstate->tracing_what;
    tstate->tracing_what = what;
    PyThreadState_EnterTracing(tstate);
    object->f_lineno = current_line(tstate, frame);
    Py_INCREF(object);
    int result = func(arg, object, what, event);
    object->f_lineno = 0;
    Py_DECREF(object);
    PyThreadState_LeaveTracing(tstate);
    tstate->tracing_what = old_what;
    return result;
}

/* The same while an exception is on its way: it is kept, unless the tracer raises. */
static int call_tracer_protected(PyThreadState *tstate, Py_tracefunc func, PyObject *arg, Frame *frame, int what, PyObject *event)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    int result = call_tracer(tstate, func, arg, frame, what, event);
    if (result == 0) {
        PyErr_Restore(type, value, traceback);
        return 0;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return -1;
}

PyObject *_PyEval_CallTracing(PyObject *func, PyObject *args)
{
    PyThreadState *tstate = thread_state();
    int save_tracing = tstate->tracing, save_use = tstate->cframe->use_tracing;
    tstate->tracing = 0;
    tstate->cframe->use_tracing = tstate->c_tracefunc || tstate->c_profilefunc ? 255 : 0;
    PyObject *result = PyObject_Call(func, args, NULL);
    tstate->tracing = save_tracing;
    tstate->cframe->use_tracing = (uint8_t)save_use;
    return result;
}

/* ---- Setting the tracer --------------------------------------------------------------------------------------- */

/* A tracer's destructor must not install another while it is being replaced. */
static int begin_installing(const char *what)
{
    bool busy = vm_runtime.installing_tracer;
    vm_runtime.installing_tracer = !busy;
    if (!busy) return 0;
    PyErr_Format(PyExc_RuntimeError, "Cannot install a %s function while another %s function is being installed", what, what);
    return -1;
}

/* Frames find out about a new tracer when a call returns to them. Those that wait for C code, an operator's say, look before their
 * next instruction, whatever that is (`watched` in eval.c, which puts the code right again once it runs without a tracer). */
static void watch_waiting_frames(PyThreadState *tstate)
{
    bool waits_for_c = true;
    for (Frame *frame = tstate->cframe->current_frame; frame; frame = frame->previous) {
        if (waits_for_c && !frame->exec->plain) exec_watch(frame->exec, true);
        waits_for_c = frame->returns == RETURN_TO_C;
    }
}

int _PyEval_SetTrace(PyThreadState *tstate, Py_tracefunc func, PyObject *arg)
{
    if (PySys_Audit("sys.settrace", NULL) < 0 || begin_installing("trace") < 0) return -1;
    PyObject *old = tstate->c_traceobj;
    tstate->trace_info.code = NULL;
    tstate->c_tracefunc = NULL;
    tstate->c_traceobj = NULL;
    tstate->cframe->use_tracing = tstate->c_profilefunc ? 255 : 0;
    Py_XDECREF(old);
    vm_runtime.installing_tracer = false;
    tstate->c_traceobj = Py_XNewRef(arg);
    tstate->c_tracefunc = func;
    tstate->cframe->use_tracing = func || tstate->c_profilefunc ? 255 : 0;
    if (func) watch_waiting_frames(tstate);
    return 0;
}

int _PyEval_SetProfile(PyThreadState *tstate, Py_tracefunc func, PyObject *arg)
{
    if (PySys_Audit("sys.setprofile", NULL) < 0 || begin_installing("profile") < 0) return -1;
    PyObject *old = tstate->c_profileobj;
    tstate->trace_info.code = NULL;
    tstate->c_profilefunc = NULL;
    tstate->c_profileobj = NULL;
    tstate->cframe->use_tracing = tstate->c_tracefunc ? 255 : 0;
    Py_XDECREF(old);
    vm_runtime.installing_tracer = false;
    tstate->c_profileobj = Py_XNewRef(arg);
    tstate->c_profilefunc = func;
    tstate->cframe->use_tracing = func || tstate->c_tracefunc ? 255 : 0;
    if (func) watch_waiting_frames(tstate);
    return 0;
}

void PyEval_SetTrace(Py_tracefunc func, PyObject *arg)
{
    if (_PyEval_SetTrace(thread_state(), func, arg) < 0) _PyErr_WriteUnraisableMsg("in PyEval_SetTrace", NULL);
}

void PyEval_SetProfile(Py_tracefunc func, PyObject *arg)
{
    if (_PyEval_SetProfile(thread_state(), func, arg) < 0) _PyErr_WriteUnraisableMsg("in PyEval_SetProfile", NULL);
}

/* ---- Events --------------------------------------------------------------------------------------------------- */

int trace_entry(PyThreadState *tstate, Frame *frame)
{
    tstate->trace_info.code = NULL;
    if (tstate->c_tracefunc
        && call_tracer_protected(tstate, tstate->c_tracefunc, tstate->c_traceobj, frame, PyTrace_CALL, Py_None) < 0) {
        return -1;
    }
    if (tstate->c_profilefunc
        && call_tracer_protected(tstate, tstate->c_profilefunc, tstate->c_profileobj, frame, PyTrace_CALL, Py_None) < 0) {
        return -1;
    }
    return 0;
}

/* A line event is due when the line differs from that of the instruction before, or when control went backwards (but not in
 * the small loop that `yield from` and `await` are). */
static int trace_line(PyThreadState *tstate, Frame *frame, int before, int unit)
{
    PyFrameObject *object = frame_object_borrow(frame);
    if (!object) return -1;
    PyCodeObject *code = frame->code;
    int line = line_of_unit(tstate, code, unit);
    if (line != -1 && object->f_trace_lines) {
        int last = before <= code->_co_firsttraceable ? -1 : line_of_unit(tstate, code, before);
        int opcode = ((const uint16_t *)code->co_code_adaptive)[unit] & 255;
        if (line != last || (unit < before && opcode != OP_SEND)) {
            if (call_tracer(tstate, tstate->c_tracefunc, tstate->c_traceobj, frame, PyTrace_LINE, Py_None) < 0) return -1;
        }
    }
    if (object->f_trace_opcodes) {
        return call_tracer(tstate, tstate->c_tracefunc, tstate->c_traceobj, frame, PyTrace_OPCODE, Py_None);
    }
    return 0;
}

int trace_instruction(PyThreadState *tstate, Frame *frame)
{
    const ExecCode *exec = frame->exec;
    int word = (int)(frame->ip - exec->words), unit = exec_unit(exec, word);
    if (word > 0 && exec_unit(exec, word - 1) == unit) return 0;      /* not the first word of its instruction */
    int before = frame->traced_unit;
    frame->traced_unit = unit;
    if (!tstate->cframe->use_tracing || tstate->tracing || unit < frame->code->_co_firsttraceable) return 0;
    if (exec_opcode(frame->ip) == X_RESUME) return trace_entry(tstate, frame);
    if (!tstate->c_tracefunc) return 0;
    return trace_line(tstate, frame, before, unit);
}

int trace_return(PyThreadState *tstate, Frame *frame, Value *result)
{
    if (!tstate->cframe->use_tracing || frame_is_incomplete(frame)) return 0;
    if (!result) {
        if (tstate->c_tracefunc) {
            call_tracer_protected(tstate, tstate->c_tracefunc, tstate->c_traceobj, frame, PyTrace_RETURN, NULL);
        }
        if (tstate->c_profilefunc) {
            call_tracer_protected(tstate, tstate->c_profilefunc, tstate->c_profileobj, frame, PyTrace_RETURN, NULL);
        }
        return 0;
    }
    PyObject *o = value_take_boxed(*result);
    if (!o) return -1;
    *result = value_from_owned(o);
    if ((tstate->c_tracefunc
         && call_tracer(tstate, tstate->c_tracefunc, tstate->c_traceobj, frame, PyTrace_RETURN, o) < 0)
        || (tstate->c_profilefunc
            && call_tracer(tstate, tstate->c_profilefunc, tstate->c_profileobj, frame, PyTrace_RETURN, o) < 0)) {
        *result = VALUE_EMPTY;
        Py_DECREF(o);
        return -1;
    }
    return 0;
}

int trace_yield(PyThreadState *tstate, Frame *frame, Value *result)
{
    frame->yielding = true;
    int status = trace_return(tstate, frame, result);
    frame->yielding = false;
    return status;
}

static void release_operand(Frame *frame, char kind, uint16_t operand)
{
    if ((kind != 'o' && kind != 't') || operand & OPERAND_CONSTANT || operand < frame->exec->first_temporary) return;
    Value v = frame->registers[operand];
    frame->registers[operand] = VALUE_EMPTY;
    value_release(v);
}

/* What the instruction that failed consumes goes before tracers hear of it, for that may be heard, too. (Without tracers it goes
 * with everything else on the stack.) */
static void release_operands(Frame *frame)
{
    const Word *w = frame->ip;
    int op = exec_opcode(w);
    if (op == X_BEFORE_WITH || op == X_BEFORE_ASYNC_WITH) return;   /* these keep the manager that will not do */
    const char *kinds = exec_op_operands[op];
    uint16_t fixed[] = {w->a, w->b, w->c};
    for (int i = 0; i < 3; i++, kinds++) release_operand(frame, *kinds, fixed[i]);
    if (op >= X_CALL_METHOD && op <= X_CALL_METHOD_GET) {
        release_operand(frame, 't', w->b);
        release_operand(frame, 't', (uint16_t)(w->b + 1));
    }
    if (*kinds == ':') {
        for (int lane = 0; *++kinds && *kinds != '*'; lane++) {
            if (*kinds != 'j' && *kinds != 'n') release_operand(frame, *kinds, w[1].lane[lane]);
        }
    }
    if (*kinds != '*') return;
    int count = kinds[1] == 'b' ? w->b : w->c;
    const Word *list = w + exec_length(w) - exec_operand_words(count);
    for (int i = 0; i < count; i++) release_operand(frame, 'o', list[i / 4].lane[i % 4]);
}

void trace_exception(PyThreadState *tstate, Frame *frame)
{
    if (!tstate->cframe->use_tracing || !tstate->c_tracefunc) return;
    if (frame->exec->plain) release_operands(frame);
    PyObject *type, *value, *traceback, *original;
    PyErr_Fetch(&type, &value, &original);
    PyErr_NormalizeException(&type, &value, &original);
    traceback = original ? original : Py_None;
    PyObject *event = PyTuple_Pack(3, type, value, traceback);
    if (!event) {
        PyErr_Restore(type, value, original);
        return;
    }
    int result = call_tracer(tstate, tstate->c_tracefunc, tstate->c_traceobj, frame, PyTrace_EXCEPTION, event);
    Py_DECREF(event);
    if (result == 0) {
        PyErr_Restore(type, value, original);
        return;
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(original);
}

PySendResult trace_send(PyThreadState *tstate, Frame *frame, PyObject *receiver, PyObject *sent, PyObject **result)
{
    if (!tstate->c_tracefunc) return generator_send_any(receiver, sent, result);
    *result = sent == Py_None && PyIter_Check(receiver) ? Py_TYPE(receiver)->tp_iternext(receiver)
                                                        : PyObject_CallMethodOneArg(receiver, NAME(send), sent);
    if (*result) return PYGEN_NEXT;
    trace_stop_iteration(tstate, frame);
    return _PyGen_FetchStopIterationValue(result) < 0 ? PYGEN_ERROR : PYGEN_RETURN;
}

void trace_stop_iteration(PyThreadState *tstate, Frame *frame)
{
    if (PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_StopIteration)) trace_exception(tstate, frame);
}

/* ---- C calls -------------------------------------------------------------------------------------------------- */

/* The function to tell profilers of, new; NULL if the callable is not implemented in C. */
static PyObject *profiled_function(PyObject *callable, PyObject *const *args, Py_ssize_t nargs)
{
    if (PyCFunction_Check(callable)) return Py_NewRef(callable);
    if (!Py_IS_TYPE(callable, &PyMethodDescr_Type) || nargs == 0) return NULL;
    PyObject *bound = Py_TYPE(callable)->tp_descr_get(callable, args[0], (PyObject *)Py_TYPE(args[0]));
    if (!bound) PyErr_Clear();
    return bound;
}

static int profile(PyThreadState *tstate, int what, PyObject *function, bool keep_exception)
{
    if (!tstate->c_profilefunc) return 0;
    Frame *frame = frame_current(tstate);
    if (!frame) return 0;
    return (keep_exception ? call_tracer_protected : call_tracer)(tstate, tstate->c_profilefunc, tstate->c_profileobj, frame, what,
                                                                  function);
}

/* Consumes function and result. */
static PyObject *finish_profiled(PyThreadState *tstate, PyObject *function, PyObject *result)
{
    if (result) {
        if (profile(tstate, PyTrace_C_RETURN, function, false) < 0) Py_CLEAR(result);
    }
    else profile(tstate, PyTrace_C_EXCEPTION, function, true);
    Py_DECREF(function);
    return result;
}

PyObject *trace_call(PyThreadState *tstate, PyObject *callable, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyObject *function = tstate->c_profilefunc ? profiled_function(callable, args, PyVectorcall_NARGS(nargsf)) : NULL;
    if (!function) return PyObject_Vectorcall(callable, args, nargsf, kwnames);
    if (profile(tstate, PyTrace_C_CALL, function, false) < 0) {
        Py_DECREF(function);
        return NULL;
    }
    return finish_profiled(tstate, function, PyObject_Vectorcall(callable, args, nargsf, kwnames));
}

PyObject *trace_call_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *kwargs)
{
    PyObject *function = tstate->c_profilefunc
                         ? profiled_function(callable, &PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args)) : NULL;
    if (!function) return PyObject_Call(callable, args, kwargs);
    if (profile(tstate, PyTrace_C_CALL, function, false) < 0) {
        Py_DECREF(function);
        return NULL;
    }
    return finish_profiled(tstate, function, PyObject_Call(callable, args, kwargs));
}

/* ---- From fused to plain -------------------------------------------------------------------------------------- */

static Value described_value(Frame *frame, uint16_t operand)
{
    if (operand == OPERAND_NONE) return VALUE_EMPTY;
    if (operand & OPERAND_CONSTANT) return frame->exec->constants[operand & ~OPERAND_CONSTANT];
    Value v = frame->registers[operand];
    if (operand >= frame->exec->first_temporary) frame->registers[operand] = VALUE_EMPTY;
    else value_copy(v);
    return v;
}

int trace_switch_to_plain(Frame *frame, const Word *ip)
{
    ExecCode *exec = frame->exec, *plain = exec_get(frame->code, true);
    if (exec->plain) {      /* by force_plain */
        frame->traced_unit = frame_unit(frame);
        frame->ip = ip;
        frame->traced = true;
        return 0;
    }
    int capacity = frame->code->co_stacksize + 2, unit = 0, result = -1;
    uint16_t *operands = PyMem_New(uint16_t, capacity);
    Value *values = PyMem_New(Value, capacity);
    if (!operands || !values) {
        PyErr_NoMemory();
        goto done;
    }
    int depth = plain ? exec_describe(frame->code, (int)(ip - exec->words), &unit, operands) : -1;
    if (depth < 0) {        /* in the middle of a bytecode instruction: another time */
        frame->ip = ip;
        result = PyErr_Occurred() ? -1 : 0;
        goto done;
    }
    for (int i = 0; i < depth; i++) values[i] = described_value(frame, operands[i]);
    while (frame->register_count < plain->register_count) frame->registers[frame->register_count++] = VALUE_EMPTY;
    for (int i = 0; i < depth; i++) {
        Value *reg = &frame->registers[plain->first_temporary + i], old = *reg;
        *reg = values[i];
        value_release(old);
    }
    frame->traced_unit = frame_unit(frame);
    frame->exec = plain;
    frame->ip = plain->words + exec_word_of_unit(plain, unit);
    frame->traced = true;
    result = 0;
done:
    PyMem_Free(operands);
    PyMem_Free(values);
    return result;
}
