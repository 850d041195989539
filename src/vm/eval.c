/* The evaluation loop: one threaded dispatch core over the execution form. The bodies of the instructions live in
 * instructions/<theme>.h, written against the macros below; what is not hot is a function of ops.h.
 *
 * The loop's registers are C locals: `frame` (with R its registers), K (constants), FT (first temporary register) and ip.
 * Rules for a body:
 *  - SAVE() before anything that may run Python code, raise, or look at the frame.
 *  - Operands are consumed (CONSUME) before the result is stored (STORE), since both may be the same register.
 *  - On failure `goto error` with the exception set; operands need not be consumed, unwinding releases them.
 *  - A body ends with NEXT(length), a jump, or a goto.
 */
#include "bytecode/opcodes.h"
#include "objects/dict/dict.h"
#include "objects/immortal.h"
#include "objects/list.h"
#include "objects/names.h"
#include "objects/range.h"
#include "objects/recursion.h"
#include "objects/set.h"
#include "objects/str/str.h"
#include "objects/tuple.h"
#include "objects/type/instance.h"
#include "objects/type/super.h"
#include "objects/type/type.h"
#include "vm/call.h"
#include "vm/data_stack.h"
#include "vm/exec.h"
#include "vm/frame.h"
#include "vm/generator.h"
#include "vm/native/native.h"
#include "vm/ops.h"
#include "vm/packed.h"
#include "vm/special.h"
#include "vm/specialise.h"
#include "vm/trace.h"
#include "vm/unwind.h"
#include "vm/vm.h"
#include "vm/watch.h"

struct VmRuntime vm_runtime;

/* ---- Operands ------------------------------------------------------------------------------------------------- */

#define R (frame->registers)
#define IS_CONSTANT(x) ((x) & OPERAND_CONSTANT)
#define SLOT(x) (IS_CONSTANT(x) ? (Value *)&K[(x) & ~OPERAND_CONSTANT] : &R[x])
#define OPERAND(x) (*SLOT(x))

/* The same where a number may be boxed in place. The constants' second half (exec.h) is numbers for arithmetic, which a call hands on
 * as they are: it stays unboxed, and the object of a constant is in the first. */
#define BOX_SLOT(x) (IS_CONSTANT(x) ? constant_slot(frame, K, x) : &R[x])
static inline Value *constant_slot(Frame *frame, const Value *constants, uint16_t x)
{
    int i = x & ~OPERAND_CONSTANT, n = frame->exec->constant_count;
    return (Value *)&constants[i < n ? i : i - n];
}

/* The object of an operand, borrowed; a number is boxed in place. NULL with MemoryError set. */
#define OBJECT(x) operand_object(SLOT(x))

/* An operand that is a temporary is empty from now on. As signed numbers, constants are below all registers. */
#define CONSUME(x) \
    do { \
        if ((int16_t)(x) >= FT) CONSUME_TEMPORARY(x); \
    } while (0)
#define CONSUME_TEMPORARY(x) \
    do { \
        Value *consumed_ = &R[x], was_ = *consumed_; \
        *consumed_ = VALUE_EMPTY; \
        value_release(was_); \
    } while (0)

/* Operand i of those that stand from word `first` of the instruction on. */
#define OPERAND_AT(first, i) (((const uint16_t *)(ip + (first)))[i])

/* The operand's value to be kept elsewhere: a temporary's is taken, any other copied. */
#define TAKE_OR_COPY(x) operand_take(R, K, FT, (x))

/* The same as a new reference to an object; NULL with MemoryError set. */
#define TAKE_OBJECT(x) value_take_boxed(TAKE_OR_COPY(x))

#define STORE(x, v) \
    do { \
        Value new_ = (v), old_ = R[x]; \
        R[x] = new_; \
        if (value_is_owned(old_) && UNLIKELY(--value_object(old_)->ob_refcnt == 0)) { \
            SAVE();     /* a finalizer may ask for the line */ \
            _Py_Dealloc(value_object(old_)); \
        } \
    } while (0)

/* The same for a temporary that a new stack entry lies in: what it may still hold owns nothing. */
#define FILL(x, v) (R[x] = (v))

#define NAME_AT(i) PyTuple_GET_ITEM(frame->code->co_names, (i))

/* ---- Control -------------------------------------------------------------------------------------------------- */

#define SAVE() (frame->ip = ip)
#define DISPATCH() goto *targets[ip->op]
#define NEXT(length) \
    do { \
        ip += (length); \
        DISPATCH(); \
    } while (0)

/* A jump; one that leads backwards, or to itself, looks at the eval breaker at its target. */
#define JUMP_BY(distance) \
    do { \
        int jump_ = (distance); \
        ip += jump_; \
        if (jump_ <= 0) { \
            if (UNLIKELY(eval_breaker_is_set())) goto breaker; \
            if (UNLIKELY(--vm_runtime.turns_to_sample <= 0)) goto sample; \
        } \
        DISPATCH(); \
    } while (0)

/* Starts a simple callee: what `enter` does, without a dispatch for its RESUME. */
#define ENTER_SIMPLE() \
    do { \
        callee->previous = frame; \
        frame = callee; \
        tstate->cframe->current_frame = frame; \
        LOAD_FRAME_REGISTERS(); \
        ip = frame->ip + 1; \
        if (LIKELY(ip->op == X_RESUME && !eval_breaker_is_set())) ip++; \
        DISPATCH(); \
    } while (0)

/* Starts a special method, if one was found, with operands that stay where they are. */
#define TRY_SPECIAL(found, count, x, y, z) ENTER_SPECIAL(found, special_push(tstate, frame, special_, count, x, y, z))
#define TRY_COMPARISON(found, x, y) ENTER_SPECIAL(found, special_push_comparison(tstate, frame, special_, x, y))
#define ENTER_SPECIAL(found, pushed) \
    do { \
        PyFunctionObject *special_ = (found); \
        if (special_) { \
            Frame *callee_ = (pushed); \
            if (!callee_) goto error; \
            frame = callee_; \
            goto enter; \
        } \
    } while (0)

#define TARGET(NAME) L_##NAME:

#define LOAD_FRAME_REGISTERS() \
    do { \
        K = frame->exec->constants; \
        FT = frame->exec->first_temporary; \
    } while (0)

static inline bool eval_breaker_is_set(void)
{
    return atomic_load_explicit(&vm_runtime.eval_breaker, memory_order_relaxed) != 0;
}

/* Gives what the frame returns or yields, or VALUE_EMPTY. Runs from after frame->ip, or, if `raising`, as if the instruction there had raised the current exception.
 * `sink`, if not NULL, is offered what `frame`, a generator's, yields: see VmSink. */
static Value run(PyThreadState *tstate, Frame *frame, bool raising, VmSink *sink)
{
    static const void *const targets[OP_WATCHED + EXEC_OP_COUNT] = {
#define I(NAME, operands, words, text) [X_##NAME] = &&L_##NAME,
#include "vm/instructions.def"
#undef I
        [OP_WATCHED ... OP_WATCHED + EXEC_OP_COUNT - 1] = &&watched,
    };
    const Value *K;
    int FT;
    const Word *ip;
    Value result;
    Frame *ended;           /* the frame that is being left, and what becomes of its result */
    int returns;
    PyFunctionObject *invoked;      /* for `invoke` */
    ExecCode *invoked_exec;
    Value invoked_self;
    PyObject *property;             /* for `get_property` */
    bool inplace;                   /* for `special_done`: the method was the in-place operator's */

    frame->previous = tstate->cframe->current_frame;
    frame_return_to(frame, RETURN_TO_C, 0, 0);
    tstate->cframe->current_frame = frame;
    LOAD_FRAME_REGISTERS();
    ip = frame->ip;
    bool refused = vm_enter_recursion(tstate) < 0;
    if (refused) tstate->recursion_remaining--;     /* leaving counts it back */
    else refused = c_stack_is_low("");
    if (refused) {
        if (ip < frame->exec->words) goto leave_with_error;
        goto error;
    }
    if (raising) {
        if (tstate->cframe->use_tracing && trace_entry(tstate, frame) < 0) goto leave_with_error;
        goto error;
    }
    ip += 1;
    if (tstate->cframe->use_tracing) goto tracing_check;
    DISPATCH();

enter:  /* `frame` is a new frame, linked to the one before and counted */
    tstate->cframe->current_frame = frame;
    LOAD_FRAME_REGISTERS();
    ip = frame->ip + 1;
    DISPATCH();

#include "vm/instructions/moves.h"
#include "vm/instructions/names.h"
#include "vm/instructions/arithmetic.h"
#include "vm/instructions/compare.h"
#include "vm/instructions/jumps.h"
#include "vm/instructions/iteration.h"
#include "vm/instructions/building.h"
#include "vm/instructions/attributes.h"
#include "vm/instructions/items.h"
#include "vm/instructions/calls.h"
#include "vm/instructions/c_calls.h"
#include "vm/instructions/generators.h"
#include "vm/instructions/exceptions.h"
#include "vm/instructions/matching.h"
#include "vm/instructions/statements.h"
#include "vm/instructions/native.h"
#include "vm/instructions/special.h"

breaker: /* ip is the next instruction */
    SAVE();
    if (vm_runtime.handle_eval_breaker && vm_runtime.handle_eval_breaker(tstate) < 0) goto error;
tracing_check: /* after code that may have turned tracing on; ip is the next instruction */
    if (tstate->cframe->use_tracing && !frame->traced) {
        if (trace_switch_to_plain(frame, ip) < 0) goto error;
        LOAD_FRAME_REGISTERS();
        ip = frame->ip;
    }
    DISPATCH();

watched: {  /* in place of every instruction of watched code */
    if (UNLIKELY(!frame->traced && tstate->cframe->use_tracing)) {      /* turned on by what C code called (trace.c) */
        if (trace_switch_to_plain(frame, ip) < 0) goto error;
        LOAD_FRAME_REGISTERS();
        ip = frame->ip;
    }
    else if (!frame->exec->plain && !vm_runtime.watching && !tstate->c_tracefunc && !tstate->c_profilefunc) exec_watch(frame->exec, false);
    SAVE();
    if (vm_runtime.watching && watch_instruction(tstate, frame) < 0) goto error;
    if (frame->traced && trace_instruction(tstate, frame) < 0) goto error;
    ip = frame->ip;             /* the tracer may have jumped to another line, of which no event is told */
    goto *targets[exec_opcode(ip)];
}

error: /* an exception is set and ip stands at the instruction that raised it */
    SAVE();
    if (!tstate->curexc_type) PyErr_SetString(PyExc_SystemError, "error return without exception set");     /* an extension's fault */
    if (!frame_is_incomplete(frame)) traceback_add(tstate, frame);
    if (tstate->cframe->use_tracing) trace_exception(tstate, frame);
unwind: {
    const ExecHandler *handler = exec_find_handler(frame->exec, (int)(ip - frame->exec->words));
    if (!handler) {     /* what waited on the stack goes while the frame is still there to be seen, and no traceback keeps it */
        unwind_drop(frame, frame->exec->first_temporary);
        goto leave_with_error;
    }
    if (unwind_to_handler(tstate, frame, handler) < 0) goto error;
    ip = frame->exec->words + handler->handler;
    if (tstate->cframe->use_tracing) goto tracing_check;
    DISPATCH();
}

leave: { /* the frame ends with `result`, which is owned */
    int reg = frame->return_register;
    ended = frame;
    returns = frame->returns;
    if (frame->traced && trace_return(tstate, frame, &result) < 0) goto leave_with_error;
    frame = frame->previous;
    tstate->cframe->current_frame = frame;
    vm_leave_recursion(tstate);
    switch (returns) {
    case RETURN_TO_C:
        if (ended->owner == FRAME_IN_GENERATOR) generator_finish(tstate, frame_generator(ended));
        else frame_end(tstate, ended);
        return result;
    case RETURN_FROM_INIT:
        if (!value_is_object(result) || value_object(result) != Py_None) {
            call_init_result_error(result);
            frame_pop(tstate, ended);
            goto caller_error;
        }
        value_release(result);
        result = value_from_owned(ended->created);
        ended->created = NULL;
        break;
    case RETURN_FROM_GETTER:
        Py_CLEAR(ended->created);
        break;
    case RETURN_FROM_COMPARISON:
        vm_leave_recursion(tstate);
        /* fall through */
    case RETURN_FROM_SPECIAL:
        frame_end(tstate, ended);
        LOAD_FRAME_REGISTERS();
        ip = frame->ip;
        inplace = reg;
        goto special_done;
    case RETURN_TO_FOR:
        value_release(result);
        generator_finish(tstate, frame_generator(ended));
        LOAD_FRAME_REGISTERS();
        ip = frame->ip;
        goto for_iter_end;
    case RETURN_TO_SEND:
        generator_finish(tstate, frame_generator(ended));
        LOAD_FRAME_REGISTERS();
        ip = frame->ip;
        goto send_end;
    }
    int words = ended->return_words;
    frame_end(tstate, ended);
    LOAD_FRAME_REGISTERS();
    ip = frame->ip;
    STORE(reg, result);
    ip += words;
    if (tstate->cframe->use_tracing) goto tracing_check;
    DISPATCH();
}

leave_with_error:
    ended = frame;
    returns = frame->returns;
    if (tstate->cframe->use_tracing) trace_return(tstate, frame, NULL);
    frame = frame->previous;
    tstate->cframe->current_frame = frame;
    vm_leave_recursion(tstate);
    if (returns == RETURN_FROM_COMPARISON) vm_leave_recursion(tstate);
    if (returns == RETURN_FROM_GETTER) attribute_error_note(ended->created, NAME_AT(frame->ip->c));
    if (ended->owner == FRAME_IN_GENERATOR) generator_fail(tstate, frame_generator(ended));
    else frame_pop(tstate, ended);
    if (returns == RETURN_TO_C) return VALUE_EMPTY;
caller_error:
    LOAD_FRAME_REGISTERS();
    ip = frame->ip;
    if (returns == RETURN_TO_FOR && vm_take_stop_iteration()) goto for_iter_end;
    if (returns == RETURN_TO_NEXT) goto for_iter_ended;
    goto error;
}

Value vm_run_to_value(PyThreadState *tstate, Frame *frame) { return run(tstate, frame, false, NULL); }
Value vm_run_into(PyThreadState *tstate, Frame *frame, VmSink *sink) { return run(tstate, frame, false, sink); }
PyObject *vm_run(PyThreadState *tstate, Frame *frame) { return value_take_boxed(run(tstate, frame, false, NULL)); }
PyObject *vm_run_raising(PyThreadState *tstate, Frame *frame) { return value_take_boxed(run(tstate, frame, true, NULL)); }
