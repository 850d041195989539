/* Iteration and unpacking. */

TARGET(GET_ITER) {
    SAVE();
    TRY_SPECIAL(special_iter(OPERAND(ip->b)), 1, OPERAND(ip->b), VALUE_EMPTY, VALUE_EMPTY);
    PyObject *o = OBJECT(ip->b), *iterator = o ? PyObject_GetIter(o) : NULL;
    if (!iterator) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(iterator));
    NEXT(1);
}

TARGET(FOR_ITER) {
    PyObject *iterator = value_object(R[ip->b]);
    PyTypeObject *type = Py_TYPE(iterator);
    int special = type == &PyRangeIter_Type ? X_FOR_ITER_RANGE : type == &PyListIter_Type ? X_FOR_ITER_LIST
                  : type == &PyTupleIter_Type ? X_FOR_ITER_TUPLE : type == &PyGen_Type ? X_FOR_ITER_GENERATOR
                  : type == &_PyUnicodeASCIIIter_Type ? X_FOR_ITER_ASCII : type == &PyDictIterKey_Type ? X_FOR_ITER_KEYS
                  : type == &PyDictIterValue_Type ? X_FOR_ITER_VALUES : 0;
    if (ip[2].op == X_UNPACK_SEQUENCE && ip[2].c == 3 && ip[2].b == ip->a && ip->a >= FT && type == &PyListIter_Type) {
        special = X_FOR_ITER_TRIPLES;
    }
    if (ip[2].op == X_UNPACK_SEQUENCE && ip[2].c == 2 && ip[2].b == ip->a && ip->a >= FT) {
        if (type == &PyListIter_Type) special = X_FOR_ITER_PAIRS;
        else if (type == &PyEnum_Type) special = X_FOR_ITER_ENUMERATE;
        else if (type == &PyDictIterItem_Type) special = X_FOR_ITER_ITEMS;
        else if (type == &PyZip_Type) special = X_FOR_ITER_ZIP;
    }
    if (special && !vm_runtime.never_specialise) {
        exec_become(ip, (enum exec_op)special);
        goto *targets[special];
    }
}
for_iter: {
    PyObject *iterator = value_object(R[ip->b]);
    SAVE();
    PyFunctionObject *next = special_next(iterator);
    if (next) {
        Frame *callee = special_push_next(tstate, frame, next, R[ip->b], ip);
        if (!callee) goto error;
        frame = callee;
        goto enter;
    }
    PyObject *item = Py_TYPE(iterator)->tp_iternext(iterator);
    if (item) {
        STORE(ip->a, op_take_as(item, ip->c));
        NEXT(2);
    }
}
for_iter_ended:     /* the iterator gave nothing */
    if (tstate->curexc_type) {
        if (tstate->cframe->use_tracing) trace_stop_iteration(tstate, frame);
        if (!vm_take_stop_iteration()) goto error;
    }
for_iter_end: {
    int jump = (int)(int64_t)ip[1].word;
    Value iterator = R[ip->b];
    R[ip->b] = VALUE_EMPTY;
    value_release(iterator);
    NEXT(jump);
}

#define ITERATOR_OF(TYPE) \
    PyObject *iterator = value_object(R[ip->b]); \
    if (UNLIKELY(!Py_IS_TYPE(iterator, &TYPE))) { \
        exec_become(ip, X_FOR_ITER); \
        goto for_iter; \
    }

TARGET(FOR_ITER_RANGE) {
    ITERATOR_OF(PyRangeIter_Type)
    RangeIteratorObject *range = (RangeIteratorObject *)iterator;
    if (UNLIKELY(range->left <= 0)) goto for_iter_end;
    int64_t i = range->next;
    if (UNLIKELY(!value_int_fits(i))) goto for_iter;
    range->left--;
    range->next = (int64_t)((uint64_t)i + (uint64_t)range->step);
    STORE(ip->a, value_from_int(i));
    NEXT(2);
}

for_iter_exhausted: /* an iterator that has nothing left, but may not know it yet; nobody sees that it does if it ends here */
    if (Py_REFCNT(value_object(R[ip->b])) == 1) goto for_iter_end;
    goto for_iter;

TARGET(FOR_ITER_LIST) {
    ITERATOR_OF(PyListIter_Type)
    ListIterator *list = (ListIterator *)iterator;
    if (UNLIKELY(!list->list || list->index < 0 || list->index >= PyList_GET_SIZE(list->list))) goto for_iter_exhausted;
    PyObject *item = list_get_unchecked_borrow((PyObject *)list->list, list->index++);
    STORE(ip->a, op_load_as(item, ip->c));
    NEXT(2);
}

TARGET(FOR_ITER_TUPLE) {
    ITERATOR_OF(PyTupleIter_Type)
    TupleIterator *tuple = (TupleIterator *)iterator;
    if (UNLIKELY(!tuple->tuple || tuple->index >= PyTuple_GET_SIZE(tuple->tuple))) goto for_iter_exhausted;
    PyObject *item = PyTuple_GET_ITEM(tuple->tuple, tuple->index++);
    STORE(ip->a, op_load_as(item, ip->c));
    NEXT(2);
}

TARGET(FOR_ITER_ASCII) {
    ITERATOR_OF(_PyUnicodeASCIIIter_Type)
    StrIterator *chars = (StrIterator *)iterator;
    if (!chars->str || chars->index >= PyUnicode_GET_LENGTH(chars->str)) goto for_iter;
    STORE(ip->a, value_from_borrowed(str_latin1_borrow(PyUnicode_1BYTE_DATA(chars->str)[chars->index++])));
    NEXT(2);
}

#define FOR_ITER_DICT(NAME, TYPE, WANTED) \
    TARGET(NAME) { \
        ITERATOR_OF(TYPE) \
        PyObject *key, *value; \
        SAVE(); \
        if (dict_next_pair(iterator, &key, &value) != PAIR_GIVEN) goto for_iter_ended; \
        STORE(ip->a, op_load_as(WANTED, ip->c)); \
        NEXT(2); \
    }

FOR_ITER_DICT(FOR_ITER_KEYS, PyDictIterKey_Type, key)
FOR_ITER_DICT(FOR_ITER_VALUES, PyDictIterValue_Type, value)

/* Which of the values of the UNPACK_SEQUENCE that follows come unboxed if they are numbers. */
#define FIRST_IS_NUMBER (ip[2].a & 1)
#define SECOND_IS_NUMBER (ip[2].a & 2)

/* Two values for the UNPACK_SEQUENCE that follows, which is done with that. */
#define STORE_PAIR(X, Y) \
    do { \
        Value first_ = (X); \
        Value second_ = (Y); \
        STORE(ip[3].lane[0], first_); \
        STORE(ip[3].lane[1], second_); \
        NEXT(4); \
    } while (0)

/* A tuple of COUNT that a list_iterator comes to. */
#define TUPLE_OF_LIST(COUNT) \
    ITERATOR_OF(PyListIter_Type) \
    ListIterator *list = (ListIterator *)iterator; \
    if (UNLIKELY(!list->list || list->index < 0 || list->index >= PyList_GET_SIZE(list->list))) goto for_iter; \
    PyObject *tuple = list_get_unchecked_borrow((PyObject *)list->list, list->index); \
    if (!PyTuple_CheckExact(tuple) || PyTuple_GET_SIZE(tuple) != COUNT) goto for_iter; \
    list->index++; \
    SAVE();

TARGET(FOR_ITER_PAIRS) {
    TUPLE_OF_LIST(2)
    STORE_PAIR(op_load_as(PyTuple_GET_ITEM(tuple, 0), FIRST_IS_NUMBER), op_load_as(PyTuple_GET_ITEM(tuple, 1), SECOND_IS_NUMBER));
}

TARGET(FOR_ITER_TRIPLES) {
    TUPLE_OF_LIST(3)
    Value first = op_load_as(PyTuple_GET_ITEM(tuple, 0), FIRST_IS_NUMBER);
    Value second = op_load_as(PyTuple_GET_ITEM(tuple, 1), SECOND_IS_NUMBER);
    Value third = op_load_as(PyTuple_GET_ITEM(tuple, 2), ip[2].a & 4);
    STORE(ip[3].lane[0], first);
    STORE(ip[3].lane[1], second);
    STORE(ip[3].lane[2], third);
    NEXT(4);
}

TARGET(FOR_ITER_ENUMERATE) {
    ITERATOR_OF(PyEnum_Type)
    int64_t number;
    PyObject *item;
    SAVE();
    PairStep step = enumerate_next_pair(iterator, &number, &item);
    if (step == PAIR_GIVEN) STORE_PAIR(value_from_int(number), op_take_as(item, SECOND_IS_NUMBER));
    if (step == PAIR_OTHER) goto for_iter;
    goto for_iter_ended;
}

#define FOR_ITER_PAIR(NAME, TYPE, NEXT_PAIR, TO_VALUE) \
    TARGET(NAME) { \
        ITERATOR_OF(TYPE) \
        PyObject *x, *y; \
        SAVE(); \
        PairStep step = NEXT_PAIR(iterator, &x, &y); \
        if (step == PAIR_GIVEN) STORE_PAIR(TO_VALUE(x, FIRST_IS_NUMBER), TO_VALUE(y, SECOND_IS_NUMBER)); \
        if (step == PAIR_OTHER) goto for_iter; \
        goto for_iter_ended; \
    }

FOR_ITER_PAIR(FOR_ITER_ITEMS, PyDictIterItem_Type, dict_next_pair, op_load_as)
FOR_ITER_PAIR(FOR_ITER_ZIP, PyZip_Type, vm_runtime.zip_next_pair, op_take_as)

TARGET(FOR_ITER_GENERATOR) {
    ITERATOR_OF(PyGen_Type)
    PyGenObject *gen = (PyGenObject *)iterator;
    SAVE();
    if (UNLIKELY(gen->gi_frame_state >= FRAME_EXECUTING || tstate->cframe->use_tracing)) goto for_iter;
    if (UNLIKELY(vm_enter_recursion(tstate) < 0)) goto error;
    Frame *callee = generator_resume(tstate, gen, VALUE_NONE);
    callee->previous = frame;
    frame_return_to(callee, RETURN_TO_FOR, ip->a, 0);
    frame = callee;
    goto enter;
}

/* Items are taken all together before any is stored: a store may run a destructor that changes the sequence, and a
 * destination may be the register of the sequence itself. */
TARGET(UNPACK_SEQUENCE) {
    SAVE();
    PyObject *sequence = OBJECT(ip->b);
    int count = ip->c;
    if (!sequence) goto error;
    if (count == 2 && PyTuple_CheckExact(sequence) && PyTuple_GET_SIZE(sequence) == 2) {
        Value first = op_load_as(PyTuple_GET_ITEM(sequence, 0), ip->a & 1);
        Value second = op_load_as(PyTuple_GET_ITEM(sequence, 1), ip->a & 2);
        CONSUME(ip->b);
        STORE(ip[1].lane[0], first);
        STORE(ip[1].lane[1], second);
        NEXT(2);
    }
    if (count == 3 && PyTuple_CheckExact(sequence) && PyTuple_GET_SIZE(sequence) == 3) {
        Value first = op_load_as(PyTuple_GET_ITEM(sequence, 0), ip->a & 1);
        Value second = op_load_as(PyTuple_GET_ITEM(sequence, 1), ip->a & 2);
        Value third = op_load_as(PyTuple_GET_ITEM(sequence, 2), ip->a & 4);
        CONSUME(ip->b);
        STORE(ip[1].lane[0], first);
        STORE(ip[1].lane[1], second);
        STORE(ip[1].lane[2], third);
        NEXT(2);
    }
    PyObject *few[8], **items = count <= 8 ? few : PyMem_New(PyObject *, count);
    if (!items) {
        PyErr_NoMemory();
        goto error;
    }
    if (op_unpack(sequence, count, items) < 0) {
        if (items != few) PyMem_Free(items);
        goto error;
    }
    CONSUME(ip->b);
    for (int i = 0; i < count; i++) STORE(OPERAND_AT(1, i), op_take_as(items[i], i < 16 && ip->a >> i & 1));
    if (items != few) PyMem_Free(items);
    NEXT(1 + exec_operand_words(count));
}

/* Item k of n goes to register a + n - 1 - k. */
TARGET(UNPACK_EX) {
    SAVE();
    int before = ip->c & 255, after = ip->c >> 8, count = before + 1 + after;
    PyObject *iterable = OBJECT(ip->b), **items = iterable ? op_unpack_ex(iterable, before, after) : NULL;
    if (!items) goto error;
    CONSUME(ip->b);
    for (int i = 0; i < count; i++) STORE(ip->a + count - 1 - i, value_from_owned(items[i]));
    PyMem_Free(items);
    NEXT(1);
}
