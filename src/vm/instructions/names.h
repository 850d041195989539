/* Names of modules, classes and globals. */

TARGET(LOAD_NAME) {
    SAVE();
    PyObject *o = op_load_name(frame, NAME_AT(ip->b));
    if (!o) goto error;
    STORE(ip->a, value_from_owned(o));
    NEXT(1);
}

TARGET(STORE_NAME) {
    SAVE();
    PyObject *o = OBJECT(ip->a);
    if (!o || op_store_name(frame, NAME_AT(ip->b), o) < 0) goto error;
    CONSUME(ip->a);
    NEXT(1);
}

TARGET(DELETE_NAME) {
    SAVE();
    if (op_delete_name(frame, NAME_AT(ip->b)) < 0) goto error;
    NEXT(1);
}

TARGET(LOAD_GLOBAL) {
    SAVE();
    PyObject *o = op_load_global(frame, NAME_AT(ip->b));
    if (!o) goto error;
    STORE(ip->a, value_from_owned(o));
    NEXT(2);
}

TARGET(STORE_GLOBAL) {
    SAVE();
    PyObject *o = OBJECT(ip->a);
    if (!o || PyDict_SetItem(frame->globals, NAME_AT(ip->b), o) < 0) goto error;
    CONSUME(ip->a);
    NEXT(1);
}

TARGET(DELETE_GLOBAL) {
    SAVE();
    if (op_delete_global(frame, NAME_AT(ip->b)) < 0) goto error;
    NEXT(1);
}
