/* Structural pattern matching (PEP 634). */

TARGET(GET_LEN) {
    SAVE();
    PyObject *o = OBJECT(ip->b);
    Py_ssize_t length = o ? PyObject_Length(o) : -1;
    Value v = length < 0 ? VALUE_EMPTY : value_from_ssize(length);
    if (v == VALUE_EMPTY) goto error;
    STORE(ip->a, v);
    NEXT(1);
}

TARGET(MATCH_MAPPING) {
    Value v = R[ip->b];
    STORE(ip->a, value_from_bool(value_is_object(v) && Py_TYPE(value_object(v))->tp_flags & Py_TPFLAGS_MAPPING));
    NEXT(1);
}

TARGET(MATCH_SEQUENCE) {
    Value v = R[ip->b];
    STORE(ip->a, value_from_bool(value_is_object(v) && Py_TYPE(value_object(v))->tp_flags & Py_TPFLAGS_SEQUENCE));
    NEXT(1);
}

TARGET(MATCH_KEYS) {
    SAVE();
    PyObject *subject = OBJECT(ip->b), *keys = OBJECT(ip->c);
    PyObject *values = subject && keys ? op_match_keys(subject, keys) : NULL;
    if (!values) goto error;
    STORE(ip->a, value_from_owned(values));
    NEXT(1);
}

TARGET(MATCH_CLASS) {
    SAVE();
    PyObject *subject = OBJECT(ip->b), *type = OBJECT(ip->c), *names = OBJECT(ip[1].lane[0]);
    PyObject *attributes = subject && type && names ? op_match_class(subject, type, ip[1].lane[1], names) : NULL;
    if (!attributes) goto error;
    CONSUME(ip->b);
    CONSUME(ip->c);
    CONSUME(ip[1].lane[0]);
    STORE(ip->a, value_from_owned(attributes));
    NEXT(2);
}
