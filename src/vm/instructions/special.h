/* Instructions whose operands have special methods written in Python: those run as frames of this loop (special.h). */

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
        JUMP_OR_NEXT(truth == (form < 3));
    }
    if (op >= X_COMPARE_LT && op <= X_COMPARE_GE) {
        if (refused) {
            value_release(result);
            result = special_compare_rest(BOX_SLOT(ip->b), BOX_SLOT(ip->c), op - X_COMPARE_LT);
            if (result == VALUE_EMPTY) goto error;
        }
        goto arithmetic_done;
    }
    switch (op) {
    case X_SUBSCRIPT: case X_SUBSCRIPT_NUMBER: goto arithmetic_done;
    case X_STORE_SUBSCRIPT:
        value_release(result);
        CONSUME(ip->a);
        CONSUME(ip->b);
        CONSUME(ip->c);
        NEXT(1);
    case X_CONTAINS: case X_NOT_CONTAINS: case X_JUMP_IF_CONTAINS: case X_JUMP_IF_NOT_CONTAINS: {
        int truth = op_truth(result);
        value_release(result);
        if (truth < 0) goto error;
        if (op == X_CONTAINS || op == X_NOT_CONTAINS) {
            result = value_from_bool(truth == (op == X_CONTAINS));
            goto arithmetic_done;
        }
        CONSUME(ip->a);
        CONSUME(ip->b);
        JUMP_OR_NEXT(truth == (op == X_JUMP_IF_CONTAINS));
    }
    case X_CALL_LEN: {
        Py_ssize_t length = special_take_length(result);
        if (length < 0 || (result = value_from_ssize(length)) == VALUE_EMPTY) goto error;
        CONSUME(ip->b);
        CONSUME(LANE(0));
        STORE(ip->a, result);
        NEXT(4);
    }
    case X_JUMP_IF_TRUE: case X_JUMP_IF_FALSE: {
        int truth = special_take_truth(result);
        if (truth < 0) goto error;
        CONSUME(ip->a);
        if (truth == (op == X_JUMP_IF_TRUE)) JUMP_BY(ip->jump);
        NEXT(1);
    }
    case X_NOT: {
        int truth = special_take_truth(result);
        if (truth < 0) goto error;
        result = value_from_bool(!truth);
        goto immediate_done;
    }
    case X_GET_ITER:
        if (!special_is_iterator(result)) {
            value_release(result);
            goto error;
        }
        goto immediate_done;
    }
    bool immediate = op != X_BINARY_OP && (op - X_ADD_RR) % 4 == 3;
    if (refused) {
        Value y = IMMEDIATE(ip->c);
        value_release(result);
        result = special_binary_rest(frame, ip, BOX_SLOT(ip->b), immediate ? &y : BOX_SLOT(ip->c));
        if (immediate) value_release(y);
        if (result == VALUE_EMPTY) goto error;
    }
    if (immediate) goto immediate_done;
    goto arithmetic_done;
}
