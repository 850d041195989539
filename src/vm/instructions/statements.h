/* Imports and what else modules and classes do. */

TARGET(IMPORT_NAME) {
    SAVE();
    PyObject *level = OBJECT(ip->b), *list = OBJECT(ip->c);
    PyObject *module = level && list ? op_import_name(tstate, frame, NAME_AT(ip[1].word), list, level) : NULL;
    if (!module) goto error;
    CONSUME(ip->b);
    CONSUME(ip->c);
    STORE(ip->a, value_from_owned(module));
    ip += 2;
    if (tstate->cframe->use_tracing) goto tracing_check;
    DISPATCH();
}

TARGET(IMPORT_FROM) {
    SAVE();
    PyObject *module = OBJECT(ip->b), *o = module ? op_import_from(module, NAME_AT(ip->c)) : NULL;
    if (!o) goto error;
    STORE(ip->a, value_from_owned(o));
    NEXT(1);
}

TARGET(IMPORT_STAR) {
    SAVE();
    PyObject *module = OBJECT(ip->a);
    if (!module || op_import_star(frame, module) < 0) goto error;
    CONSUME(ip->a);
    NEXT(1);
}

TARGET(SETUP_ANNOTATIONS) {
    SAVE();
    if (op_setup_annotations(frame) < 0) goto error;
    NEXT(1);
}

TARGET(PRINT_EXPR) {
    SAVE();
    PyObject *o = OBJECT(ip->a);
    if (!o || op_print_expression(o) < 0) goto error;
    CONSUME(ip->a);
    NEXT(1);
}

TARGET(BAD) {
    PyErr_SetString(PyExc_SystemError, "control runs off the end of a code object");
    goto error;
}
