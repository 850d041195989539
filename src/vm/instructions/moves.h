/* Moving values between registers, and cells. */

TARGET(NOP) NEXT(1);

TARGET(COPY) {
    uint16_t b = ip->b;
    STORE(ip->a, value_copy(OPERAND(b)));
    NEXT(1);
}

TARGET(LOAD_CONST_FAR) {
    STORE(ip->a, K[ip->jump]);
    NEXT(1);
}

TARGET(TAKE) {
    Value v = R[ip->b];
    R[ip->b] = VALUE_EMPTY;
    STORE(ip->a, v);
    NEXT(1);
}

TARGET(SWAP) {
    Value v = R[ip->a];
    R[ip->a] = R[ip->b];
    R[ip->b] = v;
    NEXT(1);
}

TARGET(DROP) {
    Value v = R[ip->a];
    if (value_is_owned(v)) {
        SAVE();
        R[ip->a] = VALUE_EMPTY;
        value_release_object(value_object(v));
    }
    NEXT(1);
}

TARGET(LOAD_EMPTY) {
    STORE(ip->a, VALUE_EMPTY);
    NEXT(1);
}

TARGET(CHECK_BOUND) {
    if (R[ip->a] == VALUE_EMPTY) {
        op_unbound_local_error(frame->code, ip->a);
        goto error;
    }
    NEXT(1);
}

TARGET(CHECK_ITERATOR) {
    Value v = R[ip->a];
    PyTypeObject *type = value_is_object(v) ? Py_TYPE(value_object(v)) : value_is_int(v) ? &PyLong_Type : &PyFloat_Type;
    if (!type->tp_iternext) {
        SAVE();
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not an iterator", type->tp_name);
        goto error;
    }
    NEXT(1);
}

TARGET(DELETE_FAST) {
    Value v = R[ip->a];
    if (v == VALUE_EMPTY) {
        op_unbound_local_error(frame->code, ip->a);
        goto error;
    }
    SAVE();
    R[ip->a] = VALUE_EMPTY;
    value_release(v);
    NEXT(1);
}

TARGET(MAKE_CELL) {
    PyObject *initial = value_box(R[ip->a]);
    if (!initial && PyErr_Occurred()) goto error;
    PyObject *cell = PyCell_New(initial);
    Py_XDECREF(initial);
    if (!cell) goto error;
    STORE(ip->a, value_from_owned(cell));
    NEXT(1);
}

TARGET(COPY_FREE_VARS) {
    PyObject *closure = frame->func->func_closure;
    if (!closure || PyTuple_GET_SIZE(closure) != ip->b) {
        PyErr_SetString(PyExc_SystemError, "closure does not fit the code object");
        goto error;
    }
    for (int i = 0; i < ip->b; i++) STORE(ip->a + i, value_from_owned(Py_NewRef(PyTuple_GET_ITEM(closure, i))));
    NEXT(1);
}

#define LOAD_DEREF_BODY(FROM_CONTENT) { \
        PyObject *cell = op_cell(R[ip->b]), *content = cell ? PyCell_GET(cell) : NULL; \
        if (UNLIKELY(!content)) { \
            op_unbound_deref_error(frame->code, ip->b); \
            goto error; \
        } \
        STORE(ip->a, FROM_CONTENT(content)); \
        NEXT(1); \
    }

TARGET(LOAD_DEREF) LOAD_DEREF_BODY(op_load)
TARGET(LOAD_DEREF_NUMBER) LOAD_DEREF_BODY(op_load_number)

TARGET(LOAD_CLASSDEREF) {
    SAVE();
    PyObject *o = op_load_classderef(frame, ip->b);
    if (!o) goto error;
    STORE(ip->a, value_from_owned(o));
    NEXT(1);
}

TARGET(STORE_DEREF) {
    PyObject *cell = op_cell(R[ip->a]);
    PyObject *content = TAKE_OBJECT(ip->b);
    if (UNLIKELY(!content || !cell)) {
        Py_XDECREF(content);
        if (content) op_unbound_deref_error(frame->code, ip->a);
        goto error;
    }
    PyObject *old = PyCell_GET(cell);
    PyCell_SET(cell, content);
    if (old) {
        SAVE();
        Py_DECREF(old);
    }
    NEXT(1);
}

TARGET(DELETE_DEREF) {
    PyObject *cell = op_cell(R[ip->a]), *old = cell ? PyCell_GET(cell) : NULL;
    if (!old) {
        op_unbound_deref_error(frame->code, ip->a);
        goto error;
    }
    PyCell_SET(cell, NULL);
    SAVE();
    Py_DECREF(old);
    NEXT(1);
}
