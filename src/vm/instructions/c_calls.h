/* Calls of C functions and methods by their kind, and of a few that are known by what they are: those never run Python code that
 * the instruction after would have to notice, so they go on without a look at breaker and tracer. */

/* Operands of a call of C code as borrowed objects. `highest` is the last register among them: in most calls no temporary. */
#define BORROW_ARGUMENTS(array) \
    int highest = -1; \
    for (int i = 0; i < count; i++) { \
        uint16_t x = LANE(i); \
        Value *slot = SLOT(x), v = *slot; \
        highest = (int16_t)x > highest ? (int16_t)x : highest; \
        (array)[i] = value_object(v); \
        if (UNLIKELY(!value_is_object(v)) && !((array)[i] = operand_box(slot))) goto error; \
    }

/* A result that the next instruction drops is not stored first; but what a signal's handler raises comes before that instruction,
 * which may be the last one of a `try`. */
#define C_CALL_END(o, words) \
    do { \
        const Word *next_ = ip + (words); \
        bool interrupted_ = UNLIKELY(eval_breaker_is_set()); \
        if (next_->op == X_DROP && next_->a == ip->a && R[ip->a] == VALUE_EMPTY && !interrupted_ && !tstate->cframe->use_tracing) { \
            Py_DECREF(o); \
            next_++; \
        } \
        else STORE(ip->a, value_from_owned(o)); \
        ip = next_; \
        if (interrupted_) goto breaker; \
        if (UNLIKELY(tstate->cframe->use_tracing)) goto tracing_check; \
        DISPATCH(); \
    } while (0)
#define C_CALL_DONE(o) \
    do { \
        if (highest >= FT) { \
            for (int i = 0; i < count; i++) CONSUME(LANE(i)); \
        } \
        C_CALL_END(o, 3 + exec_operand_words(count)); \
    } while (0)

/* The C function in register b, or undo. */
#define C_FUNCTION(KIND_FITS) \
    Value f = OPERAND(ip->b); \
    PyCFunctionObject *function = (PyCFunctionObject *)value_object(f); \
    SAVE(); \
    if (UNLIKELY(!value_is_object(f) || !Py_IS_TYPE(function, &PyCFunction_Type) || tstate->cframe->use_tracing)) goto undo_c; \
    PyMethodDef *def = function->m_ml; \
    int kind = def->ml_flags & CALL_KIND; \
    if (UNLIKELY(!(KIND_FITS))) goto undo_c; \
    PyObject *self = def->ml_flags & METH_STATIC ? NULL : function->m_self;

TARGET(CALL_C) {
    int count = ip->c;
    C_FUNCTION((kind & ~METH_KEYWORDS) == METH_FASTCALL && count <= CALL_FEW)
    PyObject *args[CALL_FEW];
    BORROW_ARGUMENTS(args)
    PyObject *o = call_c_fast(tstate, (PyObject *)function, def, kind, self, args, count);
    if (UNLIKELY(!o)) goto error;
    CONSUME(ip->b);
    C_CALL_DONE(o);
}

TARGET(CALL_C_ONE) {
    C_FUNCTION(kind == METH_O)
    uint16_t x = LANE(0);
    PyObject *argument = OBJECT(x), *o = argument ? call_c_one(tstate, (PyObject *)function, def, self, argument) : NULL;
    if (UNLIKELY(!o)) goto error;
    CONSUME(ip->b);
    CONSUME(x);
    C_CALL_END(o, 4);
}

TARGET(CALL_C_NONE) {
    C_FUNCTION(kind == METH_NOARGS)
    PyObject *o = call_c_one(tstate, (PyObject *)function, def, self, NULL);
    if (UNLIKELY(!o)) goto error;
    CONSUME(ip->b);
    C_CALL_END(o, 3);
}
undo_c:
    specialise_undo(frame, ip, X_CALL);
    goto call;

TARGET(CALL_C_CLASS) {
    int count = ip->c;
    Value v = OPERAND(ip->b);
    PyTypeObject *type = (PyTypeObject *)value_object(v);
    PyObject *args[CALL_FEW + 1];
    if (!value_is_object(v) || !Py_IS_TYPE(type, &PyType_Type) || !type->tp_vectorcall || tstate->cframe->use_tracing) goto undo_c;
    SAVE();
    if (type == &PyType_Type && count == 1) {
        Value x = OPERAND(LANE(0));
        PyTypeObject *found = value_is_int(x) ? &PyLong_Type : value_is_float(x) ? &PyFloat_Type : Py_TYPE(value_object(x));
        Py_INCREF(found);
        CONSUME(ip->b);
        CONSUME(LANE(0));
        C_CALL_END((PyObject *)found, 4);
    }
    if (type == &PyUnicode_Type && count == 1 && value_is_int(OPERAND(LANE(0)))) {
        PyObject *digits = int_text_of(value_int(OPERAND(LANE(0))));
        if (!digits) goto error;
        CONSUME(ip->b);
        C_CALL_END(digits, 4);
    }
    BORROW_ARGUMENTS(args + 1)
    PyObject *o = type->tp_vectorcall((PyObject *)type, args + 1, (size_t)count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    o = call_result(tstate, (PyObject *)type, o);
    if (UNLIKELY(!o)) goto error;
    CONSUME(ip->b);
    C_CALL_DONE(o);
}

TARGET(CALL_C_TUPLE) {
    Value f = OPERAND(ip->b);
    PyObject *callable = value_object(f);
    SAVE();
    if (UNLIKELY(!value_is_object(f) || tstate->cframe->use_tracing || !call_takes_tuple(callable))) {
        uint32_t keywords = ip[1].low;
        specialise_undo(frame, ip, X_CALL);
        ((Word *)ip)[1].low = keywords;
        goto call;
    }
    PyObject *o = call_operands_in_tuple(tstate, callable, frame, ip);
    if (UNLIKELY(!o)) goto error;
    CONSUME(ip->b);
    C_CALL_END(o, 3 + exec_operand_words(ip->c));
}

TARGET(CALL_C_VECTOR) {
    int count = ip->c;
    Value f = OPERAND(ip->b);
    PyObject *callable = value_object(f), *args[CALL_FEW + 1];
    if (UNLIKELY(!value_is_object(f) || tstate->cframe->use_tracing)) goto undo_c;
    vectorcallfunc function = call_vector_of_other(callable);
    if (UNLIKELY(!function)) goto undo_c;
    SAVE();
    BORROW_ARGUMENTS(args + 1)
    PyObject *o = function(callable, args + 1, (size_t)count | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
    o = call_result(tstate, callable, o);
    if (UNLIKELY(!o)) goto error;
    CONSUME(ip->b);
    C_CALL_DONE(o);
}

/* Whether the callable is the one that the instruction was specialised for; it is kept alive (specialise.h). */
#define KNOWN_CALLABLE(v) (value_object(v) == (PyObject *)ip[2].pointer && !tstate->cframe->use_tracing)

TARGET(CALL_LEN) {
    if (UNLIKELY(!KNOWN_CALLABLE(OPERAND(ip->b)))) goto undo_c;
    uint16_t x = LANE(0);
    SAVE();
    TRY_SPECIAL(special_length(OPERAND(x)), 1, OPERAND(x), VALUE_EMPTY, VALUE_EMPTY);
    Py_ssize_t size = op_length(SLOT(x));
    Value length = size < 0 ? VALUE_EMPTY : value_from_ssize(size);
    if (length == VALUE_EMPTY) goto error;
    CONSUME(ip->b);
    CONSUME(x);
    STORE(ip->a, length);
    NEXT(4);
}

TARGET(CALL_ISINSTANCE) {
    if (UNLIKELY(!KNOWN_CALLABLE(OPERAND(ip->b)))) goto undo_c;
    uint16_t x = LANE(0), y = LANE(1);
    SAVE();
    int is = op_is_instance(SLOT(x), SLOT(y));
    if (is < 0) goto error;
    CONSUME(ip->b);
    CONSUME(x);
    CONSUME(y);
    STORE(ip->a, value_from_bool(is));
    NEXT(4);
}

/* The C method in register b with its object in b + 1, or the C function in b + 1, or undo. */
#define C_METHOD(KIND_FITS) \
    uint16_t b = ip->b; \
    bool bound = R[b] == VALUE_EMPTY; \
    Value *self_at = &R[b + 1], f = bound ? *self_at : R[b]; \
    PyObject *callable = value_object(f), *self; \
    PyMethodDef *def; \
    SAVE(); \
    if (UNLIKELY(!value_is_object(f) || tstate->cframe->use_tracing)) goto undo_method_c; \
    if (LIKELY(!bound && Py_IS_TYPE(callable, &PyMethodDescr_Type))) { \
        def = ((PyMethodDescrObject *)callable)->d_method; \
        self = operand_object(self_at); \
        if (!self) goto error; \
        if (!PyObject_TypeCheck(self, ((PyMethodDescrObject *)callable)->d_common.d_type)) goto undo_method_c; \
    } \
    else if (bound && Py_IS_TYPE(callable, &PyCFunction_Type)) { \
        def = ((PyCFunctionObject *)callable)->m_ml; \
        self = def->ml_flags & METH_STATIC ? NULL : ((PyCFunctionObject *)callable)->m_self; \
    } \
    else goto undo_method_c; \
    int kind = def->ml_flags & CALL_KIND; \
    if (UNLIKELY(!(KIND_FITS))) goto undo_method_c;

#define CONSUME_METHOD() \
    do { \
        CONSUME_TEMPORARY(b); \
        CONSUME_TEMPORARY(b + 1); \
    } while (0)

TARGET(CALL_METHOD_C) {
    int count = ip->c;
    C_METHOD((kind & ~METH_KEYWORDS) == METH_FASTCALL && count <= CALL_FEW)
    PyObject *args[CALL_FEW];
    BORROW_ARGUMENTS(args)
    PyObject *o = call_c_fast(tstate, callable, def, kind, self, args, count);
    if (UNLIKELY(!o)) goto error;
    CONSUME_METHOD();
    C_CALL_DONE(o);
}

/* As `with` calls __exit__: the function, its first argument behind it. */
TARGET(CALL_METHOD_C_EXIT) {
    uint16_t b = ip->b;
    int count = ip->c;
    Value f = R[b];
    PyCFunctionObject *function = (PyCFunctionObject *)value_object(f);
    SAVE();
    if (UNLIKELY(!value_is_object(f) || !f || !Py_IS_TYPE(function, &PyCFunction_Type) || tstate->cframe->use_tracing)) goto undo_method_c;
    PyMethodDef *def = function->m_ml;
    int kind = def->ml_flags & CALL_KIND;
    if (UNLIKELY((kind & ~METH_KEYWORDS) != METH_FASTCALL || count > CALL_FEW)) goto undo_method_c;
    PyObject *args[CALL_FEW + 1], *self = def->ml_flags & METH_STATIC ? NULL : function->m_self;
    args[0] = operand_object(&R[b + 1]);
    if (UNLIKELY(!args[0])) goto error;
    BORROW_ARGUMENTS(args + 1)
    PyObject *o = call_c_fast(tstate, (PyObject *)function, def, kind, self, args, count + 1);
    if (UNLIKELY(!o)) goto error;
    CONSUME_METHOD();
    C_CALL_DONE(o);
}

TARGET(CALL_METHOD_C_TUPLE) {
    C_METHOD((kind & ~METH_KEYWORDS) == METH_VARARGS)
    PyObject *o = call_c_tuple(tstate, callable, def, self, frame, ip);
    if (UNLIKELY(!o)) goto error;
    CONSUME_METHOD();
    C_CALL_END(o, 3 + exec_operand_words(ip->c));
}

TARGET(CALL_METHOD_C_ONE) {
    C_METHOD(kind == METH_O)
    uint16_t x = LANE(0);
    PyObject *argument = OBJECT(x), *o = argument ? call_c_one(tstate, callable, def, self, argument) : NULL;
    if (UNLIKELY(!o)) goto error;
    CONSUME_METHOD();
    CONSUME(x);
    C_CALL_END(o, 4);
}

TARGET(CALL_METHOD_C_NONE) {
    C_METHOD(kind == METH_NOARGS)
    PyObject *o = call_c_one(tstate, callable, def, self, NULL);
    if (UNLIKELY(!o)) goto error;
    CONSUME_METHOD();
    C_CALL_END(o, 3);
}

TARGET(CALL_METHOD_APPEND) {
    uint16_t b = ip->b;
    Value v = R[b + 1];
    PyListObject *list = (PyListObject *)value_object(v);
    if (UNLIKELY(!KNOWN_CALLABLE(R[b]) || !value_is_object(v) || !PyList_CheckExact(list))) goto undo_method_c;
    SAVE();
    PyObject *item = TAKE_OBJECT(LANE(0));
    if (!item || list_append_steal(list, item) < 0) goto error;
    CONSUME_METHOD();
    if (LIKELY(ip[4].op == X_DROP && ip[4].a == ip->a)) NEXT(5);     /* nobody wants the None */
    STORE(ip->a, VALUE_NONE);
    NEXT(4);
}

TARGET(CALL_METHOD_GET) {
    uint16_t b = ip->b;
    Value v = R[b + 1];
    PyDictObject *dict = (PyDictObject *)value_object(v);
    if (UNLIKELY(!KNOWN_CALLABLE(R[b]) || !value_is_object(v) || !PyDict_Check(dict))) goto undo_method_c;
    SAVE();
    PyObject *found = op_find_in_dict(dict, SLOT(LANE(0)));
    Value item;
    if (found) item = op_load(found);
    else if (tstate->curexc_type) goto error;
    else item = ip->c == 2 ? TAKE_OR_COPY(LANE(1)) : VALUE_NONE;
    if (ip->c == 2) CONSUME(LANE(1));
    CONSUME(LANE(0));
    CONSUME_METHOD();
    STORE(ip->a, item);
    ip += 4;
    if (tstate->cframe->use_tracing) goto tracing_check;
    DISPATCH();
}

undo_method_c:
    specialise_undo(frame, ip, X_CALL_METHOD);
    goto call_method;
