/* Raising and handling. */

TARGET(RAISE) {
    SAVE();
    PyObject *exc = NULL, *cause = NULL;
    if (ip->a != OPERAND_NONE && !(exc = TAKE_OBJECT(ip->a))) goto error;
    if (ip->b != OPERAND_NONE && !(cause = TAKE_OBJECT(ip->b))) {
        Py_DECREF(exc);
        goto error;
    }
    if (op_raise(tstate, exc, cause)) goto unwind;      /* a bare raise goes on without a new traceback entry or event */
    goto error;
}

TARGET(RERAISE) {
    SAVE();
    if (!op_is_exception(R[ip->a])) goto no_exception;
    PyObject *exc = value_object(R[ip->a]);
    if (ip->b) unwind_restore_position(frame, R[ip->b - 1]);
    R[ip->a] = VALUE_EMPTY;
    unwind_restore(tstate, exc);
    goto unwind;
}

/* The handler that starts here sees `exc` as the exception being handled, and keeps the one before. */
TARGET(PUSH_EXC_INFO) {
    uint16_t a = ip->a;
    if (!op_is_exception(R[a])) goto no_exception;
    PyObject *exc = value_object(R[a]);
    _PyErr_StackItem *info = tstate->exc_info;
    R[a + 1] = R[a];
    R[a] = info->exc_value ? value_from_owned(info->exc_value) : VALUE_NONE;
    info->exc_value = Py_NewRef(exc);
    NEXT(1);
}

TARGET(POP_EXCEPT) {
    _PyErr_StackItem *info = tstate->exc_info;
    PyObject *old = info->exc_value;
    Value previous = R[ip->a];
    if (value_object(previous) != Py_None && !op_is_exception(previous)) goto no_exception;
    R[ip->a] = VALUE_EMPTY;
    info->exc_value = value_object(previous) == Py_None ? NULL : value_take_boxed(previous);
    if (value_object(previous) == Py_None) value_release(previous);
    SAVE();
    Py_XDECREF(old);
    NEXT(1);
}

TARGET(CHECK_EXC_MATCH) {
    SAVE();
    if (!op_is_exception(R[ip->b])) goto no_exception;
    PyObject *type = OBJECT(ip->c), *exc = value_object(R[ip->b]);
    int matches = !type ? -1 : type == (PyObject *)Py_TYPE(exc) ? 1 : op_exception_matches(exc, type);
    if (matches < 0) goto error;
    CONSUME(ip->c);
    STORE(ip->a, value_from_bool(matches));
    NEXT(1);
}

TARGET(CHECK_EG_MATCH) {
    SAVE();
    uint16_t a = ip->a;
    if (value_object(R[a]) != Py_None && !op_is_exception(R[a])) goto no_exception;
    PyObject *match, *rest;
    if (op_exception_group_match(value_object(R[a]), OBJECT(a + 1), &match, &rest) < 0) goto error;
    STORE(a, value_from_owned(rest));
    STORE(a + 1, value_from_owned(match));
    if (match != Py_None) PyErr_SetHandledException(match);
    NEXT(1);
}

TARGET(PREP_RERAISE_STAR) {
    SAVE();
    if (!op_is_exception(R[ip->b])) goto no_exception;
    PyObject *o = op_prepare_reraise_star(OBJECT(ip->b), OBJECT(ip->c));
    if (!o) goto error;
    CONSUME(ip->b);
    CONSUME(ip->c);
    STORE(ip->a, value_from_owned(o));
    NEXT(1);
}

no_exception: /* only code that no compiler made gets here: see verify.h */
    SAVE();
    PyErr_SetString(PyExc_SystemError, "bad code object: an exception is missing");
    goto error;
