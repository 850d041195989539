/* Generators, coroutines, asynchronous iteration, `with`. */

TARGET(RESUME) {
    if (eval_breaker_is_set() && ip->a < 2) {
        SAVE();
        if (vm_runtime.handle_eval_breaker && vm_runtime.handle_eval_breaker(tstate) < 0) goto error;
    }
    NEXT(1);
}

TARGET(RETURN_GENERATOR) {
    SAVE();
    PyObject *gen = generator_take_frame(frame);
    if (!gen) goto error;
    result = value_from_owned(gen);
    if (UNLIKELY(frame->returns != RETURN_TO_REGISTER)) goto leave;
    /* What `leave` would do for a call: the frame is empty now. */
    Frame *emptied = frame;
    int reg = frame->return_register, words = frame->return_words;
    frame = frame->previous;
    tstate->cframe->current_frame = frame;
    vm_leave_recursion(tstate);
    data_stack_pop(tstate, emptied);
    LOAD_FRAME_REGISTERS();
    ip = frame->ip;
    STORE(reg, result);
    ip += words;
    if (UNLIKELY(tstate->cframe->use_tracing)) goto tracing_check;
    DISPATCH();
}

TARGET(YIELD) {
    SAVE();
    if (frame->owner != FRAME_IN_GENERATOR) {
        PyErr_SetString(PyExc_SystemError, "yield outside a generator's frame");
        goto error;
    }
    result = TAKE_OR_COPY(ip->b);
    if (result != VALUE_NONE) result = value_to_owned(result);
    if (frame->traced && trace_yield(tstate, frame, &result) < 0) goto leave_with_error;
    returns = frame->returns;
    if (sink && returns == RETURN_TO_C && !tstate->cframe->use_tracing && sink->take(sink, result)) {
        STORE(ip->a, VALUE_NONE);       /* as if it had been suspended and resumed */
        NEXT(1);
    }
    Frame *suspended = frame;
    frame = frame->previous;
    tstate->cframe->current_frame = frame;
    vm_leave_recursion(tstate);
    generator_suspend(tstate, frame_generator(suspended));
    if (returns == RETURN_TO_C) return result;
    LOAD_FRAME_REGISTERS();
    ip = frame->ip;     /* FOR_ITER or SEND */
    STORE(ip->a, result);
    NEXT(2);
}

TARGET(GET_YIELD_FROM_ITER) {
    SAVE();
    PyObject *o = OBJECT(ip->b), *iterator = o ? generator_yield_from_iterator(frame, o) : NULL;
    if (!iterator) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(iterator));
    NEXT(1);
}

TARGET(GET_AWAITABLE) {
    SAVE();
    PyObject *o = OBJECT(ip->b), *iterator = o ? coroutine_get_awaitable_iterator(o, ip->c) : NULL;
    if (!iterator) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(iterator));
    NEXT(1);
}

TARGET(SEND) {
    SAVE();
    PyObject *receiver = OBJECT(ip->b);
    if (!receiver) goto error;
    if ((PyGen_CheckExact(receiver) || PyCoro_CheckExact(receiver)) && !tstate->cframe->use_tracing
        && ((PyGenObject *)receiver)->gi_frame_state < FRAME_EXECUTING) {
        PyGenObject *gen = (PyGenObject *)receiver;
        if (gen->gi_frame_state != FRAME_CREATED || value_object(OPERAND(ip->c)) == Py_None) {
            if (vm_enter_recursion(tstate) < 0) goto error;
            Frame *callee = generator_resume(tstate, gen, TAKE_OR_COPY(ip->c));
            callee->previous = frame;
            frame_return_to(callee, RETURN_TO_SEND, ip->a, 0);
            frame = callee;
            goto enter;
        }
    }
    PyObject *sent = OBJECT(ip->c), *received;
    if (!sent) goto error;
    PySendResult outcome = tstate->cframe->use_tracing ? trace_send(tstate, frame, receiver, sent, &received)
                                                       : generator_send_any(receiver, sent, &received);
    if (outcome == PYGEN_ERROR) goto error;
    CONSUME(ip->c);
    result = value_from_owned(received);
    if (outcome == PYGEN_RETURN) goto send_end;
    STORE(ip->a, result);
    NEXT(2);
}
send_end: { /* ip stands at SEND: its receiver has returned `result` */
    int jump = (int)(int64_t)ip[1].word;
    STORE(ip->b, result);
    NEXT(jump);
}

TARGET(GET_AITER) {
    SAVE();
    PyObject *o = OBJECT(ip->b), *iterator = o ? coroutine_get_aiter(o) : NULL;
    if (!iterator) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(iterator));
    NEXT(1);
}

TARGET(GET_ANEXT) {
    SAVE();
    PyObject *iterator = OBJECT(ip->b), *awaitable = iterator ? coroutine_get_anext(iterator) : NULL;
    if (!awaitable) goto error;
    STORE(ip->a, value_from_owned(awaitable));
    NEXT(1);
}

TARGET(END_ASYNC_FOR) {
    SAVE();
    if (!op_is_exception(R[ip->b])) goto no_exception;
    PyObject *exc = value_object(R[ip->b]);
    if (!PyErr_GivenExceptionMatches(exc, PyExc_StopAsyncIteration)) {
        R[ip->b] = VALUE_EMPTY;
        unwind_restore(tstate, exc);
        goto unwind;
    }
    CONSUME(ip->b);
    CONSUME(ip->a);
    NEXT(1);
}

TARGET(ASYNC_GEN_WRAP) {
    SAVE();
    PyObject *o = OBJECT(ip->b), *wrapped = o ? async_generator_wrap(o) : NULL;
    if (!wrapped) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(wrapped));
    NEXT(1);
}

TARGET(BEFORE_WITH) {
    SAVE();
    PyObject *manager = OBJECT(ip->b), *exit;
    PyFunctionObject *enter_function = manager ? op_context_functions(manager, &exit) : NULL;
    if (enter_function) {       /* both are Python's: __enter__ runs in this loop, and so will __exit__ */
        Value self = value_from_owned(Py_NewRef(manager));
        CONSUME(ip->b);
        STORE(ip->a, value_from_owned(exit));
        Frame *callee = call_push_value(tstate, enter_function, self);
        Py_DECREF(enter_function);
        if (!callee) goto error;
        callee->previous = frame;
        frame_return_to(callee, RETURN_TO_REGISTER, (uint16_t)(ip->a + 1), 1);
        frame = callee;
        goto enter;
    }
    PyObject *entered = manager && !tstate->curexc_type ? op_enter_context(manager, &exit) : NULL;
    if (!entered) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(exit));
    STORE(ip->a + 1, value_from_owned(entered));
    NEXT(1);
}

TARGET(BEFORE_ASYNC_WITH) {
    SAVE();
    PyObject *manager = OBJECT(ip->b), *exit;
    PyObject *entered = manager ? op_enter_async_context(manager, &exit) : NULL;
    if (!entered) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(exit));
    STORE(ip->a + 1, value_from_owned(entered));
    NEXT(1);
}

TARGET(WITH_EXCEPT_START) {
    SAVE();
    if (!op_is_exception(R[ip->c])) goto no_exception;
    PyObject *exit = OBJECT(ip->b), *o = exit ? op_call_exit(exit, value_object(R[ip->c])) : NULL;
    if (!o) goto error;
    STORE(ip->a, value_from_owned(o));
    NEXT(1);
}
