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

TARGET(LOAD_GLOBAL)
load_global: {
    SAVE();
    PyObject *name = NAME_AT(ip->b), *o = op_load_global(frame, name);
    if (!o) goto error;
    if (specialise_is_due(ip, X_LOAD_GLOBAL)) specialise_load_global(frame, ip, name);
    STORE(ip->a, value_from_owned(o));
    NEXT(3);
}

TARGET(LOAD_GLOBAL_MODULE) {
    const PyDictKeysObject *keys = ((PyDictObject *)frame_globals(frame))->ma_keys;
    if (keys->dk_version != ip[1].low) {
        specialise_undo(frame, ip, X_LOAD_GLOBAL);
        goto load_global;
    }
    PyObject *o = dict_entry_value_at(keys, ip[1].high);
    STORE(ip->a, value_from_owned(Py_NewRef(o)));
    NEXT(3);
}

TARGET(LOAD_GLOBAL_BUILTIN) {
    const PyDictKeysObject *keys = ((PyDictObject *)frame_builtins(frame))->ma_keys;
    if (((PyDictObject *)frame_globals(frame))->ma_keys->dk_version != ip[1].low || keys->dk_version != ip[2].low) {
        specialise_undo(frame, ip, X_LOAD_GLOBAL);
        goto load_global;
    }
    PyObject *o = dict_entry_value_at(keys, ip[1].high);
    STORE(ip->a, value_from_owned(Py_NewRef(o)));
    NEXT(3);
}

TARGET(STORE_GLOBAL) {
    SAVE();
    PyObject *o = OBJECT(ip->a);
    if (!o || PyDict_SetItem(frame_globals(frame), NAME_AT(ip->b), o) < 0) goto error;
    CONSUME(ip->a);
    NEXT(1);
}

TARGET(DELETE_GLOBAL) {
    SAVE();
    if (op_delete_global(frame, NAME_AT(ip->b)) < 0) goto error;
    NEXT(1);
}
