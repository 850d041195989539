/* Items and slices of containers, membership. What the exact built-in types do on ints, strs and slices of plain bounds is
 * done without boxing and without a slot between; the rest is the functions' of items.c. */

/* In a body with `item` a borrowed object: the end of a load. */
#define ITEM_LOADED(v) \
    do { \
        Value loaded_ = (v); \
        CONSUME(ip->b); \
        STORE(ip->a, loaded_); \
        NEXT(1); \
    } while (0)

#define SUBSCRIPT_BODY(FROM_ITEM, IN_DICT) { \
        Value container = OPERAND(ip->b), key = OPERAND(ip->c); \
        SAVE(); \
        if (value_is_object(container) && value_is_int(key)) { \
            PyObject *o = value_object(container); \
            int64_t i = value_int(key); \
            if (PyList_CheckExact(o)) { \
                if (i < 0) i += PyList_GET_SIZE(o); \
                if ((size_t)i < (size_t)PyList_GET_SIZE(o)) ITEM_LOADED(FROM_ITEM(PyList_GET_ITEM(o, i))); \
            } \
            else if (PyTuple_CheckExact(o)) { \
                if (i < 0) i += PyTuple_GET_SIZE(o); \
                if ((size_t)i < (size_t)PyTuple_GET_SIZE(o)) ITEM_LOADED(FROM_ITEM(PyTuple_GET_ITEM(o, i))); \
            } \
            else if (PyUnicode_CheckExact(o)) { \
                if (i < 0) i += PyUnicode_GET_LENGTH(o); \
                if ((size_t)i < (size_t)PyUnicode_GET_LENGTH(o)) { \
                    Py_UCS4 ch = PyUnicode_READ_CHAR(o, i); \
                    if (ch < 256) ITEM_LOADED(value_from_borrowed(str_latin1_borrow(ch))); \
                } \
            } \
        } \
        if (value_is_object(container) && PyDict_CheckExact(value_object(container)) && !vm_runtime.never_specialise) { \
            exec_become(ip, IN_DICT); \
            goto *targets[IN_DICT]; \
        } \
        if (special_is_possible(container)) TRY_SPECIAL(special_get_item(container), 2, container, key, VALUE_EMPTY); \
        Value r = op_subscript(SLOT(ip->b), SLOT(ip->c)); \
        if (r == VALUE_EMPTY) goto error; \
        CONSUME(ip->b); \
        CONSUME(ip->c); \
        STORE(ip->a, r); \
        NEXT(1); \
    }

#define SUBSCRIPT_DICT_BODY(FROM_ITEM, GENERIC) { \
        Value container = OPERAND(ip->b); \
        PyDictObject *dict = (PyDictObject *)value_object(container); \
        if (!value_is_object(container) || !PyDict_CheckExact(dict)) { \
            exec_become(ip, GENERIC); \
            goto *targets[GENERIC]; \
        } \
        SAVE(); \
        PyObject *item = op_dict_item(dict, SLOT(ip->c)); \
        if (!item) goto error; \
        Value v = FROM_ITEM(item); \
        CONSUME(ip->c); \
        ITEM_LOADED(v); \
    }

TARGET(SUBSCRIPT) SUBSCRIPT_BODY(op_load, X_SUBSCRIPT_DICT)
TARGET(SUBSCRIPT_NUMBER) SUBSCRIPT_BODY(op_load_number, X_SUBSCRIPT_DICT_NUMBER)
TARGET(SUBSCRIPT_DICT) SUBSCRIPT_DICT_BODY(op_load, X_SUBSCRIPT)
TARGET(SUBSCRIPT_DICT_NUMBER) SUBSCRIPT_DICT_BODY(op_load_number, X_SUBSCRIPT_NUMBER)

TARGET(STORE_SUBSCRIPT) {
    Value container = OPERAND(ip->a), key = OPERAND(ip->b);
    SAVE();
    if (value_is_object(container)) {
        PyObject *o = value_object(container);
        if (value_is_int(key) && PyList_CheckExact(o)) {
            int64_t i = value_int(key);
            if (i < 0) i += PyList_GET_SIZE(o);
            if ((size_t)i < (size_t)PyList_GET_SIZE(o)) {
                PyObject *item = TAKE_OBJECT(ip->c);
                if (!item) goto error;
                PyObject *old = PyList_GET_ITEM(o, i);
                PyList_SET_ITEM(o, i, item);
                value_release_object(old);
                CONSUME(ip->a);
                NEXT(1);
            }
        }
        else if (PyDict_CheckExact(o)) {
            PyObject *value = TAKE_OBJECT(ip->c);
            if (!value || op_store_dict_item_steal((PyDictObject *)o, SLOT(ip->b), value) < 0) goto error;
            CONSUME(ip->a);
            CONSUME(ip->b);
            NEXT(1);
        }
        else if (value_is_int(key) && packed_store(o, value_int(key), OPERAND(ip->c))) {
            CONSUME(ip->a);
            CONSUME(ip->c);
            NEXT(1);
        }
    }
    if (special_is_possible(container)) TRY_SPECIAL(special_set_item(container), 3, container, key, OPERAND(ip->c));
    PyObject *o = OBJECT(ip->a), *k = OBJECT(ip->b), *value = OBJECT(ip->c);
    if (!o || !k || !value || PyObject_SetItem(o, k, value) < 0) goto error;
    CONSUME(ip->a);
    CONSUME(ip->b);
    CONSUME(ip->c);
    NEXT(1);
}

TARGET(DELETE_SUBSCRIPT) {
    SAVE();
    if (op_delete_item(SLOT(ip->a), SLOT(ip->b)) < 0) goto error;
    CONSUME(ip->a);
    CONSUME(ip->b);
    NEXT(1);
}

TARGET(LOAD_SLICE) {
    uint16_t stop = ip[1].lane[0], step = ip[1].lane[1];
    SAVE();
    PyObject *o = op_load_slice(SLOT(ip->b), SLOT(ip->c), SLOT(stop), step == OPERAND_NONE ? NULL : SLOT(step));
    if (!o) goto error;
    CONSUME(ip->b);
    CONSUME(ip->c);
    CONSUME(stop);
    CONSUME(step);
    STORE(ip->a, value_from_owned(o));
    NEXT(2);
}

TARGET(STORE_SLICE) {
    uint16_t stop = ip[1].lane[0];
    SAVE();
    if (op_store_slice(SLOT(ip->a), SLOT(ip->b), SLOT(stop), SLOT(ip->c)) < 0) goto error;
    CONSUME(ip->a);
    CONSUME(ip->b);
    CONSUME(ip->c);
    CONSUME(stop);
    NEXT(2);
}

#define MEMBERSHIP(NAME, SENSE) \
    TARGET(NAME) { \
        SAVE(); \
        TRY_SPECIAL(special_contains(OPERAND(ip->c)), 2, OPERAND(ip->c), OPERAND(ip->b), VALUE_EMPTY); \
        int found = op_contains(SLOT(ip->c), SLOT(ip->b)); \
        if (found < 0) goto error; \
        CONSUME(ip->b); \
        CONSUME(ip->c); \
        STORE(ip->a, value_from_bool(found == SENSE)); \
        NEXT(1); \
    } \
    TARGET(JUMP_IF_##NAME) { \
        SAVE(); \
        TRY_SPECIAL(special_contains(OPERAND(ip->b)), 2, OPERAND(ip->b), OPERAND(ip->a), VALUE_EMPTY); \
        int found = op_contains(SLOT(ip->b), SLOT(ip->a)); \
        if (found < 0) goto error; \
        CONSUME(ip->a); \
        CONSUME(ip->b); \
        JUMP_OR_NEXT(found == SENSE); \
    }

MEMBERSHIP(CONTAINS, 1)
MEMBERSHIP(NOT_CONTAINS, 0)
