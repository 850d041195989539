/* Building containers and strings. */

/* The collector is told of a tuple only if something in it can be part of a cycle. */
TARGET(BUILD_TUPLE) {
    int count = ip->b;
    SAVE();
    PyObject *tuple = tuple_new_untracked(count);
    if (!tuple) goto error;
    bool track = false;
    for (int i = 0; i < count; i++) {
        Value v = TAKE_OR_COPY(OPERAND_AT(1, i));
        PyObject *item = value_take_boxed(v);
        if (!item) {
            while (i < count) PyTuple_SET_ITEM(tuple, i++, NULL);
            Py_DECREF(tuple);
            goto error;
        }
        if (value_is_object(v)) track |= gc_may_be_tracked(item);
        PyTuple_SET_ITEM(tuple, i, item);
    }
    if (track) gc_track(tuple);
    STORE(ip->a, value_from_owned(tuple));
    NEXT(1 + exec_operand_words(count));
}

TARGET(BUILD_PAIR) {
    SAVE();
    Value first = TAKE_OR_COPY(ip->b);
    Value second = TAKE_OR_COPY(ip->c);
    PyObject *pair = op_pair_steal(first, second);
    if (!pair) goto error;
    STORE(ip->a, value_from_owned(pair));
    NEXT(1);
}

TARGET(BUILD_LIST) {
    int count = ip->b;
    SAVE();
    PyObject *list = PyList_New(count);
    if (!list) goto error;
    for (int i = 0; i < count; i++) {
        PyObject *item = TAKE_OBJECT(OPERAND_AT(1, i));
        if (!item) {
            Py_DECREF(list);
            goto error;
        }
        PyList_SET_ITEM(list, i, item);
    }
    STORE(ip->a, value_from_owned(list));
    NEXT(1 + exec_operand_words(count));
}

TARGET(BUILD_SET) {
    int count = ip->b;
    SAVE();
    PyObject *set = PySet_New(NULL);
    if (!set) goto error;
    for (int i = 0; i < count; i++) {
        uint16_t x = OPERAND_AT(1, i);
        PyObject *item = OBJECT(x);
        Py_hash_t hash = item ? object_hash(item) : -1;
        if (hash == -1 || set_add_hashed((PySetObject *)set, item, hash) < 0) {
            Py_DECREF(set);
            goto error;
        }
        CONSUME(x);
    }
    STORE(ip->a, value_from_owned(set));
    NEXT(1 + exec_operand_words(count));
}

TARGET(BUILD_MAP) {
    int count = ip->b;
    SAVE();
    PyObject *few[FEW_OPERANDS], **items = operands_objects(R, K, &OPERAND_AT(1, 0), count, few);
    PyObject *dict = items ? dict_from_items(items, 2, items + 1, 2, count / 2) : NULL;
    operands_release(items, few);
    if (!dict) goto error;
    for (int i = 0; i < count; i++) CONSUME(OPERAND_AT(1, i));
    STORE(ip->a, value_from_owned(dict));
    NEXT(1 + exec_operand_words(count));
}

TARGET(BUILD_CONST_KEY_MAP) {
    int count = ip->b;
    SAVE();
    PyObject *keys = OBJECT(ip->c);
    if (!keys || !PyTuple_CheckExact(keys) || PyTuple_GET_SIZE(keys) != count) {
        PyErr_SetString(PyExc_SystemError, "bad BUILD_CONST_KEY_MAP keys argument");
        goto error;
    }
    PyObject *few[FEW_OPERANDS], **values = operands_objects(R, K, &OPERAND_AT(1, 0), count, few);
    PyObject *dict = values ? dict_from_items(tuple_items(keys), 1, values, 1, count) : NULL;
    operands_release(values, few);
    if (!dict) goto error;
    for (int i = 0; i < count; i++) CONSUME(OPERAND_AT(1, i));
    CONSUME(ip->c);
    STORE(ip->a, value_from_owned(dict));
    NEXT(1 + exec_operand_words(count));
}

TARGET(BUILD_STRING) {
    int count = ip->b;
    SAVE();
    PyObject *few[FEW_OPERANDS], **parts = operands_objects(R, K, &OPERAND_AT(1, 0), count, few);
    PyObject *string = parts ? _PyUnicode_JoinArray(NAME(empty), parts, count) : NULL;
    operands_release(parts, few);
    if (!string) goto error;
    for (int i = 0; i < count; i++) CONSUME(OPERAND_AT(1, i));
    STORE(ip->a, value_from_owned(string));
    NEXT(1 + exec_operand_words(count));
}

TARGET(BUILD_SLICE) {
    SAVE();
    uint16_t start = ip[1].lane[0], stop = ip[1].lane[1], step = ip[1].lane[2];
    PyObject *a = OBJECT(start), *b = OBJECT(stop), *c = ip->b == 3 ? OBJECT(step) : Py_None;
    PyObject *slice = a && b && c ? PySlice_New(a, b, c) : NULL;
    if (!slice) goto error;
    CONSUME(start);
    CONSUME(stop);
    if (ip->b == 3) CONSUME(step);
    STORE(ip->a, value_from_owned(slice));
    NEXT(2);
}

TARGET(LIST_APPEND) {
    SAVE();
    PyObject *item = TAKE_OBJECT(ip->b);
    if (!item || list_append_steal((PyListObject *)value_object(R[ip->a]), item) < 0) goto error;
    NEXT(1);
}

TARGET(SET_ADD) {
    SAVE();
    Value added = OPERAND(ip->b);
    if (value_is_int(added)) {
        if (set_add_int((PySetObject *)value_object(R[ip->a]), value_int(added)) < 0) goto error;
        NEXT(1);
    }
    PyObject *item = OBJECT(ip->b);
    Py_hash_t hash = item ? object_hash(item) : -1;
    if (hash == -1 || set_add_hashed((PySetObject *)value_object(R[ip->a]), item, hash) < 0) goto error;
    CONSUME(ip->b);
    NEXT(1);
}

TARGET(MAP_ADD) {
    SAVE();
    PyObject *value = TAKE_OBJECT(ip->c);
    if (!value || op_store_dict_item_steal((PyDictObject *)value_object(R[ip->a]), SLOT(ip->b), value) < 0) goto error;
    CONSUME(ip->b);
    NEXT(1);
}

/* Instructions that merge an operand into a container under construction. */
#define EXTEND(NAME, FUNCTION) \
    TARGET(NAME) { \
        SAVE(); \
        PyObject *other = OBJECT(ip->b); \
        if (!other || FUNCTION(value_object(R[ip->a]), other) < 0) goto error; \
        CONSUME(ip->b); \
        NEXT(1); \
    }

EXTEND(LIST_EXTEND, op_list_extend)
EXTEND(SET_UPDATE, _PySet_Update)
EXTEND(DICT_UPDATE, op_dict_update)

TARGET(DICT_MERGE) {
    SAVE();
    PyObject *other = OBJECT(ip->b), *callable = OBJECT(ip->c);
    if (!other || !callable || op_dict_merge(value_object(R[ip->a]), other, callable) < 0) goto error;
    CONSUME(ip->b);
    NEXT(1);
}

TARGET(LIST_TO_TUPLE) {
    SAVE();
    PyObject *tuple = PyList_AsTuple(value_object(OPERAND(ip->b)));
    if (!tuple) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(tuple));
    NEXT(1);
}

TARGET(FORMAT_VALUE) {
    SAVE();
    Value v = OPERAND(ip->b);
    if (value_is_int(v) && ip->c == OPERAND_NONE) {
        PyObject *digits = int_text_of(value_int(v));
        if (!digits) goto error;
        STORE(ip->a, value_from_owned(digits));
        NEXT(2);
    }
    PyObject *spec = NULL, *o = OBJECT(ip->b);
    if (ip->c != OPERAND_NONE && !(spec = OBJECT(ip->c))) goto error;
    PyObject *text = o ? op_format(o, spec, (int)ip[1].word & 3) : NULL;
    if (!text) goto error;
    CONSUME(ip->b);
    if (spec) CONSUME(ip->c);
    STORE(ip->a, value_from_owned(text));
    NEXT(2);
}
