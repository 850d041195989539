/* Calls, functions, returning. */

/* Operand i of a call. */
#define LANE(i) OPERAND_AT(3, i)

/* Starts `callee` in this loop; its result goes to register a. */
#define ENTER_CALLEE() \
    do { \
        callee->previous = frame; \
        frame_return_to(callee, RETURN_TO_REGISTER, ip->a, (unsigned)exec_call_words(count)); \
        frame = callee; \
        goto enter; \
    } while (0)

TARGET(CALL)
call: {
    int count = ip->c;
    PyObject *callable = OBJECT(ip->b);
    SAVE();
    if (!callable) goto error;
    if (call_is_python(callable)) {
        if (specialise_is_due(ip, X_CALL)) specialise_call_python(ip, (PyFunctionObject *)callable, X_CALL_PYTHON, count);
        Frame *callee = call_push_operands(tstate, (PyFunctionObject *)callable, VALUE_EMPTY, VALUE_EMPTY, frame, ip);
        if (!callee) goto error;
        CONSUME(ip->b);
        ENTER_CALLEE();
    }
    if (call_is_python_method(callable)) {
        Value self = value_from_owned(Py_NewRef(PyMethod_GET_SELF(callable)));
        Frame *callee = call_push_operands(tstate, (PyFunctionObject *)PyMethod_GET_FUNCTION(callable), self, VALUE_EMPTY, frame, ip);
        if (!callee) goto error;
        CONSUME(ip->b);
        ENTER_CALLEE();
    }
    if (specialise_is_due(ip, X_CALL)) specialise_call(ip, callable);
    PyFunctionObject *function = call_method_borrow(callable);
    if (function && !tstate->cframe->use_tracing) {
        Frame *callee = call_push_operands(tstate, function, value_from_owned(Py_NewRef(callable)), VALUE_EMPTY, frame, ip);
        if (!callee) goto error;
        CONSUME(ip->b);
        ENTER_CALLEE();
    }
    PyObject *o = call_object(tstate, callable, NULL, R, K, ip);
    if (!o) goto error;
    CONSUME(ip->b);
    for (int i = 0; i < count; i++) CONSUME(LANE(i));
    STORE(ip->a, value_from_owned(o));
    ip += 3 + exec_operand_words(count);
    if (UNLIKELY(eval_breaker_is_set())) goto breaker;
    if (UNLIKELY(tstate->cframe->use_tracing)) goto tracing_check;
    DISPATCH();
}

/* Operands of a call as the first parameters of a simple frame. Constant numbers go unboxed. */
#define PASS_ARGUMENTS(parameters) \
    do { \
        Value *parameters_ = (parameters); \
        for (int i = 0; i < count; i++) { \
            uint16_t x = LANE(i); \
            Value v; \
            if (UNLIKELY(IS_CONSTANT(x))) v = K[(x & ~OPERAND_CONSTANT) + frame->exec->constant_count]; \
            else v = operand_pass(R, FT, x); \
            parameters_[i] = v; \
        } \
    } while (0)

/* How a callee of the call at ip returns. */
#define CALL_LINKAGE(how) frame_linkage(how, ip->a, (unsigned)exec_call_words(count))

TARGET(CALL_PYTHON) {
    int count = ip->c;
    uint16_t b = ip->b;
    Value f = R[b];
    PyFunctionObject *func = (PyFunctionObject *)value_object(f);
    ExecCode *exec;
    if (UNLIKELY(!value_is_object(f) || !Py_IS_TYPE(func, &PyFunction_Type) || tstate->cframe->use_tracing
                 || !(exec = code_exec((PyCodeObject *)func->func_code)) || !call_defaults_fit(func, exec, count))) {
        specialise_undo(frame, ip, X_CALL);
        goto call;
    }
    SAVE();
    Frame *callee = call_push_simple(tstate, func, exec, exec->simple_arguments, ip[2].word);
    if (UNLIKELY(!callee)) goto error;
    PASS_ARGUMENTS(callee->registers);
    if (UNLIKELY(exec->simple_arguments != count)) call_fill_defaults(callee, func, count);
    if (b >= FT && value_is_owned(f)) R[b] = VALUE_EMPTY;   /* the reference goes to the frame */
    else Py_INCREF(func);
    ENTER_SIMPLE();
}

/* A new object, and its __init__ in this loop. */
TARGET(CALL_CLASS) {
    int count = ip->c;
    Value v = OPERAND(ip->b);
    PyTypeObject *type = (PyTypeObject *)value_object(v);
    if (UNLIKELY(!value_is_object(v) || !PyType_Check(type) || type->tp_version_tag != ip[1].high || tstate->cframe->use_tracing)) {
        uint32_t keywords = ip[1].low;
        specialise_undo(frame, ip, X_CALL);
        ((Word *)ip)[1].low = keywords;
        goto call;
    }
    SAVE();
    PyFunctionObject *init = (PyFunctionObject *)ip[2].pointer;
    Py_INCREF(init);            /* a collection may run */
    PyObject *created = PyType_GenericAlloc(type, 0);
    ExecCode *exec = code_exec((PyCodeObject *)init->func_code);
    Frame *callee = NULL;
    if (!created) goto class_failed;
    if (exec && !ip[1].op && call_defaults_fit(init, exec, count + 1)) {
        callee = call_push_simple(tstate, init, exec, exec->simple_arguments, CALL_LINKAGE(RETURN_FROM_INIT));
        if (!callee) goto class_failed;
        callee->registers[0] = value_from_borrowed(created);
        PASS_ARGUMENTS(callee->registers + 1);
        if (UNLIKELY(exec->simple_arguments != count + 1)) call_fill_defaults(callee, init, count + 1);
    }
    else {
        callee = call_push_operands(tstate, init, value_from_borrowed(created), VALUE_EMPTY, frame, ip);
        if (!callee) goto class_failed;
        Py_DECREF(init);
        frame_return_to(callee, RETURN_FROM_INIT, ip->a, (unsigned)exec_call_words(count));
    }
    callee->created = created;
    CONSUME(ip->b);
    ENTER_SIMPLE();
class_failed:
    Py_XDECREF(created);
    Py_DECREF(init);
    goto error;
}

TARGET(CALL_METHOD)
call_method: {
    int count = ip->c;
    uint16_t b = ip->b;
    SAVE();
    bool bound = R[b] == VALUE_EMPTY;
    uint16_t f = bound ? b + 1 : b;      /* a number may stand there: `@1` */
    PyObject *callable = value_is_object(R[f]) ? value_object(R[f]) : OBJECT(f);
    PyObject *self = bound ? NULL : OBJECT(b + 1);
    if (!callable || (!bound && !self)) goto error;
    if (call_is_python(callable)) {
        Value first = VALUE_EMPTY;
        if (!bound) {
            first = R[b + 1];
            R[b + 1] = VALUE_EMPTY;
            if (specialise_is_due(ip, X_CALL_METHOD)) {
                specialise_call_python(ip, (PyFunctionObject *)callable, X_CALL_METHOD_PYTHON, count + 1);
            }
        }
        Frame *callee = call_push_operands(tstate, (PyFunctionObject *)callable, first, VALUE_EMPTY, frame, ip);
        if (!callee) goto error;
        CONSUME(b);
        CONSUME(b + 1);
        ENTER_CALLEE();
    }
    if (call_is_python_method(callable)) {
        Value first = bound ? VALUE_EMPTY : R[b + 1];
        if (!bound) R[b + 1] = VALUE_EMPTY;
        Value self = value_from_owned(Py_NewRef(PyMethod_GET_SELF(callable)));
        Frame *callee = call_push_operands(tstate, (PyFunctionObject *)PyMethod_GET_FUNCTION(callable), self, first, frame, ip);
        if (!callee) goto error;
        CONSUME_TEMPORARY(b);
        CONSUME_TEMPORARY(b + 1);
        ENTER_CALLEE();
    }
    if (specialise_is_due(ip, X_CALL_METHOD)) specialise_call_method(ip, callable, bound);
    PyObject *o = call_object(tstate, callable, self, R, K, ip);
    if (!o) goto error;
    CONSUME(b);
    CONSUME(b + 1);
    for (int i = 0; i < count; i++) CONSUME(LANE(i));
    STORE(ip->a, value_from_owned(o));
    ip += 3 + exec_operand_words(count);
    if (UNLIKELY(eval_breaker_is_set())) goto breaker;
    if (UNLIKELY(tstate->cframe->use_tracing)) goto tracing_check;
    DISPATCH();
}

TARGET(CALL_METHOD_PYTHON) {
    uint16_t b = ip->b;
    Value f = R[b];
    invoked = (PyFunctionObject *)value_object(f);
    if (UNLIKELY(!invoked || !value_is_object(f) || !Py_IS_TYPE(invoked, &PyFunction_Type) || tstate->cframe->use_tracing
                 || !(invoked_exec = code_exec((PyCodeObject *)invoked->func_code)) || !call_defaults_fit(invoked, invoked_exec, ip->c + 1))) {
        specialise_undo(frame, ip, X_CALL_METHOD);
        goto call_method;
    }
    if (value_is_owned(f)) R[b] = VALUE_EMPTY;      /* the reference goes to the frame */
    else Py_INCREF(invoked);
    invoked_self = R[b + 1];
    R[b + 1] = VALUE_EMPTY;
}
invoke: {       /* `invoked` and `invoked_self`, both owned, with the operands of the CALL_METHOD_PYTHON at ip */
    int count = ip->c;
    SAVE();
    int parameters = invoked_exec->simple_arguments;
    Frame *callee = call_push_simple(tstate, invoked, invoked_exec, parameters, ip[2].word);
    if (UNLIKELY(!callee)) {
        value_release(invoked_self);
        value_release_object((PyObject *)invoked);
        goto error;
    }
    callee->registers[0] = invoked_self;
    PASS_ARGUMENTS(callee->registers + 1);
    if (UNLIKELY(parameters != count + 1)) call_fill_defaults(callee, invoked, count + 1);
    ENTER_SIMPLE();
}

TARGET(CALL_FUNCTION_EX) {
    SAVE();
    PyObject *callable = OBJECT(ip->b), *args = OBJECT(ip->c);
    uint16_t k = ip[1].lane[0];
    PyObject *keywords = k == OPERAND_NONE ? NULL : OBJECT(k);
    if (!callable || !args || (k != OPERAND_NONE && !keywords)) goto error;
    if (call_ex_stays(callable, args, keywords) && !tstate->cframe->use_tracing) {
        Frame *callee = call_push_ex(tstate, callable, args, keywords);
        if (!callee) goto error;
        CONSUME(ip->b);
        CONSUME(ip->c);
        if (keywords) CONSUME(k);
        callee->previous = frame;
        frame_return_to(callee, RETURN_TO_REGISTER, ip->a, 2);
        frame = callee;
        goto enter;
    }
    PyObject *o = call_ex(tstate, callable, args, keywords, ip[1].lane[1] == 1);
    if (!o) goto error;
    CONSUME(ip->b);
    CONSUME(ip->c);
    if (keywords) CONSUME(k);
    STORE(ip->a, value_from_owned(o));
    ip += 2;
    if (UNLIKELY(eval_breaker_is_set())) goto breaker;
    if (UNLIKELY(tstate->cframe->use_tracing)) goto tracing_check;
    DISPATCH();
}

TARGET(MAKE_FUNCTION) {
    SAVE();
    PyObject *extra[4] = {NULL};    /* defaults, kwdefaults, annotations, closure: new references */
    PyObject *code = OBJECT(ip->b);
    if (!code) goto error;
    for (int i = 0, parts = ip->c; parts; i++, parts >>= 1) {
        if ((parts & 1) && !(extra[i] = OBJECT(ip[1].lane[i]))) goto error;
    }
    if (!op_function_parts_fit(code, extra)) goto error;
    PyFunctionObject *func = (PyFunctionObject *)PyFunction_New(code, frame_globals(frame));
    if (!func) goto error;
    if (extra[0]) {
        Value defaults = TAKE_OR_COPY(ip[1].lane[0]);
        PyObject *o = value_object(defaults);
        func->func_defaults = value_is_owned(defaults) ? o : immortal_keep(o);
    }
    if (extra[1]) func->func_kwdefaults = TAKE_OBJECT(ip[1].lane[1]);
    if (extra[2]) func->func_annotations = TAKE_OBJECT(ip[1].lane[2]);
    if (extra[3]) func->func_closure = TAKE_OBJECT(ip[1].lane[3]);
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned((PyObject *)func));
    NEXT(2);
}

TARGET(LOAD_BUILD_CLASS) {
    SAVE();
    PyObject *o = op_load_build_class(frame);
    if (!o) goto error;
    STORE(ip->a, value_from_owned(o));
    NEXT(1);
}

TARGET(LOAD_ASSERTION_ERROR) {
    STORE(ip->a, value_from_owned(Py_NewRef(PyExc_AssertionError)));
    NEXT(1);
}

/* Goes back to the frame before `callee`: no temporary of it is in use, and nobody looked at it. */
#define LEAVE_CALLEE() \
    do { \
        frame = callee->previous; \
        tstate->cframe->current_frame = frame; \
        vm_leave_recursion(tstate); \
        for (int i = 0; i < FT; i++) value_release(callee->registers[i]); \
        value_release_object((PyObject *)callee->func); \
        value_release_object((PyObject *)callee->code); \
        data_stack_pop(tstate, callee); \
    } while (0)

TARGET(RETURN) {
    uint16_t a = ip->a;
    Value v;
    if (IS_CONSTANT(a)) v = OPERAND(a);
    else {
        v = R[a];
        R[a] = VALUE_EMPTY;
    }
    if (UNLIKELY((v & TAG_MASK) == TAG_BORROWED) && v != VALUE_NONE) v = value_to_owned(v);
    /* What `leave` does for the plain end of a plain call: it is on the data stack, not traced, and
     * nobody looked at it. */
    Frame *callee = frame;
    uint64_t linkage = callee->linkage;
    uint64_t how = linkage >> 32;
    bool plain = !((uintptr_t)callee->object | (uintptr_t)callee->locals);
    if (LIKELY(how == RETURN_TO_REGISTER && plain)) LEAVE_CALLEE();
    else if (how == RETURN_TO_C && plain) {
        LEAVE_CALLEE();
        return v;
    }
    else {
        bool wrong = how == RETURN_FROM_INIT && v != VALUE_NONE;
        if (!plain || how > RETURN_FROM_COMPARISON || wrong) {
            SAVE();
            result = v;
            goto leave;
        }
        if (how == RETURN_FROM_INIT) v = value_from_owned(callee->created);
        PyObject *asked = how == RETURN_FROM_GETTER ? callee->created : NULL;
        LEAVE_CALLEE();
        Py_XDECREF(asked);
        if (how >= RETURN_FROM_SPECIAL) {
            if (how == RETURN_FROM_COMPARISON) vm_leave_recursion(tstate);
            LOAD_FRAME_REGISTERS();
            ip = frame->ip;
            result = v;
            inplace = (uint16_t)linkage;
            goto special_done;
        }
    }
    LOAD_FRAME_REGISTERS();
    ip = frame->ip;
    STORE((uint16_t)linkage, v);
    ip += (uint16_t)(linkage >> 16);
    if (UNLIKELY(tstate->cframe->use_tracing)) goto tracing_check;
    DISPATCH();
}
