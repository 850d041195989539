/* Attributes and items. */

TARGET(LOAD_ATTR) {
    SAVE();
    PyObject *owner = OBJECT(ip->b), *o = owner ? PyObject_GetAttr(owner, NAME_AT(ip->c)) : NULL;
    if (!o) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(o));
    NEXT(3);
}

TARGET(LOAD_METHOD) {
    SAVE();
    PyObject *owner = OBJECT(ip->b), *method = NULL;
    if (!owner) goto error;
    int unbound = _PyObject_GetMethod(owner, NAME_AT(ip->c), &method);
    if (!method) goto error;
    uint16_t a = ip->a;
    if (unbound) {
        Value self = TAKE_OR_COPY(ip->b);
        STORE(a, value_from_owned(method));
        STORE(a + 1, self);
    }
    else {
        CONSUME(ip->b);
        STORE(a, VALUE_EMPTY);
        STORE(a + 1, value_from_owned(method));
    }
    NEXT(3);
}

TARGET(STORE_ATTR) {
    SAVE();
    PyObject *owner = OBJECT(ip->a), *value = OBJECT(ip->b);
    if (!owner || !value || PyObject_SetAttr(owner, NAME_AT(ip->c), value) < 0) goto error;
    CONSUME(ip->a);
    CONSUME(ip->b);
    NEXT(3);
}

TARGET(DELETE_ATTR) {
    SAVE();
    PyObject *owner = OBJECT(ip->a);
    if (!owner || PyObject_SetAttr(owner, NAME_AT(ip->b), NULL) < 0) goto error;
    CONSUME(ip->a);
    NEXT(1);
}

TARGET(SUBSCRIPT) {
    SAVE();
    Value r = op_subscript(SLOT(ip->b), SLOT(ip->c));
    if (r == VALUE_EMPTY) goto error;
    CONSUME(ip->b);
    CONSUME(ip->c);
    STORE(ip->a, r);
    NEXT(1);
}

TARGET(STORE_SUBSCRIPT) {
    SAVE();
    if (op_store_subscript(SLOT(ip->a), SLOT(ip->b), SLOT(ip->c)) < 0) goto error;
    CONSUME(ip->a);
    CONSUME(ip->b);
    CONSUME(ip->c);
    NEXT(1);
}

TARGET(DELETE_SUBSCRIPT) {
    SAVE();
    PyObject *container = OBJECT(ip->a), *key = OBJECT(ip->b);
    if (!container || !key || PyObject_DelItem(container, key) < 0) goto error;
    CONSUME(ip->a);
    CONSUME(ip->b);
    NEXT(1);
}
