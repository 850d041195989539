/* Instructions whose operands have special methods written in Python: those run as frames of this loop (special.h). */

/* Goes on after that, where the method may have turned tracing on. */
#define SPECIAL_NEXT(words) \
    do { \
        ip += (words); \
        if (UNLIKELY(tstate->cframe->use_tracing)) goto tracing_check; \
        DISPATCH(); \
    } while (0)
#define SPECIAL_JUMP(condition, distance) \
    do { \
        int words_ = (condition) ? (distance) : 1; \
        if (UNLIKELY(tstate->cframe->use_tracing)) SPECIAL_NEXT(words_); \
        JUMP_BY(words_); \
    } while (0)

special_done: { /* ip stands at the instruction whose special method gave `result` */
    int op = exec_opcode(ip);
    bool refused = result == value_from_owned(Py_NotImplemented);
    if (op >= X_JUMP_IF_LT_RR && op <= X_JUMP_UNLESS_GE_RI) {
        int form = (op - X_JUMP_IF_LT_RR) % 6, kind = (op - X_JUMP_IF_LT_RR) / 6;
        bool immediate = form % 3 == 2;
        if (refused) {
            Value y = IMMEDIATE(ip->b);
            value_release(result);
            result = special_compare_rest(&R[ip->a], immediate ? &y : BOX_SLOT(ip->b), kind);
            if (immediate) value_release(y);
            if (result == VALUE_EMPTY) goto error;
        }
        int truth = op_truth(result);
        value_release(result);
        if (truth < 0) goto error;
        CONSUME(ip->a);
        if (!immediate) CONSUME(ip->b);
        SPECIAL_JUMP(truth == (form < 3), (int16_t)ip->c);
    }
    if (op >= X_COMPARE_LT && op <= X_COMPARE_GE) {
        if (refused) {
            value_release(result);
            result = special_compare_rest(BOX_SLOT(ip->b), BOX_SLOT(ip->c), op - X_COMPARE_LT);
            if (result == VALUE_EMPTY) goto error;
        }
        goto special_stored;
    }
    switch (op) {
    case X_SUBSCRIPT: case X_SUBSCRIPT_NUMBER: goto special_stored;
    case X_STORE_SUBSCRIPT:
        value_release(result);
        CONSUME(ip->a);
        CONSUME(ip->b);
        CONSUME(ip->c);
        SPECIAL_NEXT(1);
    case X_CONTAINS: case X_NOT_CONTAINS: case X_JUMP_IF_CONTAINS: case X_JUMP_IF_NOT_CONTAINS: {
        int truth = op_truth(result);
        value_release(result);
        if (truth < 0) goto error;
        if (op == X_CONTAINS || op == X_NOT_CONTAINS) {
            result = value_from_bool(truth == (op == X_CONTAINS));
            goto special_stored;
        }
        CONSUME(ip->a);
        CONSUME(ip->b);
        SPECIAL_JUMP(truth == (op == X_JUMP_IF_CONTAINS), (int16_t)ip->c);
    }
    case X_CALL_LEN: {
        Py_ssize_t length = special_take_length(result);
        if (length < 0 || (result = value_from_ssize(length)) == VALUE_EMPTY) goto error;
        CONSUME(ip->b);
        CONSUME(LANE(0));
        STORE(ip->a, result);
        SPECIAL_NEXT(4);
    }
    case X_JUMP_IF_TRUE: case X_JUMP_IF_FALSE: {
        int truth = special_take_truth(result);
        if (truth < 0) goto error;
        CONSUME(ip->a);
        SPECIAL_JUMP(truth == (op == X_JUMP_IF_TRUE), ip->jump);
    }
    case X_NOT: {
        int truth = special_take_truth(result);
        if (truth < 0) goto error;
        result = value_from_bool(!truth);
        goto special_stored_one;
    }
    case X_GET_ITER:
        if (!special_is_iterator(result)) {
            value_release(result);
            goto error;
        }
        goto special_stored_one;
    }
    bool immediate = op != X_BINARY_OP && (op - X_ADD_RR) % 4 == 3;
    if (refused) {
        Value y = IMMEDIATE(ip->c);
        value_release(result);
        result = special_binary_rest(frame, ip, inplace, BOX_SLOT(ip->b), immediate ? &y : BOX_SLOT(ip->c));
        if (immediate) value_release(y);
        if (result == VALUE_EMPTY) goto error;
    }
    if (immediate) goto special_stored_one;
special_stored:
    CONSUME(ip->b);
    CONSUME(ip->c);
    STORE(ip->a, result);
    SPECIAL_NEXT(1);
special_stored_one:
    CONSUME(ip->b);
    STORE(ip->a, result);
    SPECIAL_NEXT(1);
}
