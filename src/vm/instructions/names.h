/* Names of modules, classes and globals. */

TARGET(LOAD_NAME)
load_name: {
    SAVE();
    PyObject *name = NAME_AT(ip->b), *o = op_load_name(frame, name);
    if (!o) goto error;
    if (specialise_is_due(ip, X_LOAD_NAME) && frame->locals == frame_globals(frame)) specialise_load_global(frame, ip, X_LOAD_NAME, name);
    STORE(ip->a, value_from_owned(o));
    NEXT(3);
}

/* The value of a known entry of globals, or of builtins if globals are known not to have the name. */
#define LOAD_KNOWN(NAME, GUARD, GENERIC, LABEL) \
    TARGET(NAME##_MODULE) { \
        const PyDictKeysObject *keys = ((PyDictObject *)frame_globals(frame))->ma_keys; \
        if (UNLIKELY(!(GUARD) || (keys->dk_version != ip[1].low && !dict_has_at(frame_globals(frame), ip[1].high, NAME_AT(ip->b))))) { \
            specialise_undo(frame, ip, GENERIC); \
            goto LABEL; \
        } \
        STORE(ip->a, op_load(*(PyObject **)((const char *)keys + ip[1].high))); \
        NEXT(3); \
    } \
    TARGET(NAME##_BUILTIN) { \
        const PyDictKeysObject *keys = ((PyDictObject *)frame_builtins(frame))->ma_keys; \
        if (UNLIKELY(!(GUARD) || ((PyDictObject *)frame_globals(frame))->ma_keys->dk_version != ip[1].low \
                     || keys->dk_version != ip[2].low)) { \
            specialise_undo(frame, ip, GENERIC); \
            goto LABEL; \
        } \
        STORE(ip->a, op_load(*(PyObject **)((const char *)keys + ip[1].high))); \
        NEXT(3); \
    }

LOAD_KNOWN(LOAD_NAME, frame->locals == frame_globals(frame), X_LOAD_NAME, load_name)

TARGET(STORE_NAME)
store_name: {
    SAVE();
    PyObject *name = NAME_AT(ip->b), *o = OBJECT(ip->a);
    if (!o || op_store_name(frame, name, o) < 0) goto error;
    if (specialise_is_due(ip, X_STORE_NAME) && frame->locals == frame_globals(frame)) specialise_store_global(frame, ip, X_STORE_NAME, name);
    CONSUME(ip->a);
    NEXT(3);
}

#define STORE_KNOWN(NAME, GUARD, GENERIC, LABEL) \
    TARGET(NAME##_MODULE) { \
        PyDictObject *globals = (PyDictObject *)frame_globals(frame); \
        if (UNLIKELY(!(GUARD) || (globals->ma_keys->dk_version != ip[1].low \
                                  && !dict_has_at((PyObject *)globals, dict_value_offset(globals->ma_keys, ip[1].high), NAME_AT(ip->b))))) { \
            specialise_undo(frame, ip, GENERIC); \
            goto LABEL; \
        } \
        SAVE(); \
        PyObject *o = TAKE_OBJECT(ip->a); \
        if (!o) goto error; \
        dict_set_value_at_steal(globals, ip[1].high, o); \
        NEXT(3); \
    }

STORE_KNOWN(STORE_NAME, frame->locals == frame_globals(frame), X_STORE_NAME, store_name)

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
    if (specialise_is_due(ip, X_LOAD_GLOBAL)) specialise_load_global(frame, ip, X_LOAD_GLOBAL, name);
    STORE(ip->a, value_from_owned(o));
    NEXT(3);
}

LOAD_KNOWN(LOAD_GLOBAL, true, X_LOAD_GLOBAL, load_global)

TARGET(STORE_GLOBAL)
store_global: {
    SAVE();
    PyObject *name = NAME_AT(ip->b), *o = OBJECT(ip->a);
    if (!o || PyDict_SetItem(frame_globals(frame), name, o) < 0) goto error;
    if (specialise_is_due(ip, X_STORE_GLOBAL)) specialise_store_global(frame, ip, X_STORE_GLOBAL, name);
    CONSUME(ip->a);
    NEXT(3);
}

STORE_KNOWN(STORE_GLOBAL, true, X_STORE_GLOBAL, store_global)

TARGET(DELETE_GLOBAL) {
    SAVE();
    if (op_delete_global(frame, NAME_AT(ip->b)) < 0) goto error;
    NEXT(1);
}
