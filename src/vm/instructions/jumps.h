/* Jumps on one operand. */

TARGET(JUMP) JUMP_BY(ip->jump);

TARGET(JUMP_QUIET) NEXT(ip->jump);

/* True and False are told without a look at the object. */
#define TRUTH_JUMP(NAME, SENSE) \
    TARGET(NAME) { \
        uint16_t a = ip->a; \
        Value v = OPERAND(a); \
        int truth; \
        if (v == VALUE_TRUE) truth = 1; \
        else if (v == VALUE_FALSE) truth = 0; \
        else { \
            SAVE(); \
            TRY_SPECIAL(special_truth(v), 1, v, VALUE_EMPTY, VALUE_EMPTY); \
            truth = op_truth(v); \
            if (truth < 0) goto error; \
            CONSUME(a); \
        } \
        if (truth == SENSE) JUMP_BY(ip->jump); \
        NEXT(1); \
    }

TRUTH_JUMP(JUMP_IF_TRUE, 1)
TRUTH_JUMP(JUMP_IF_FALSE, 0)

TARGET(JUMP_IF_NONE) {
    bool none = value_object(OPERAND(ip->a)) == Py_None;
    SAVE();
    CONSUME(ip->a);
    if (none) JUMP_BY(ip->jump);
    NEXT(1);
}

TARGET(JUMP_IF_NOT_NONE) {
    bool none = value_object(OPERAND(ip->a)) == Py_None;
    SAVE();
    CONSUME(ip->a);
    if (!none) JUMP_BY(ip->jump);
    NEXT(1);
}

#define TRUTH_JUMP_KEEP(NAME, SENSE) \
    TARGET(NAME) { \
        SAVE(); \
        int truth = op_truth(R[ip->a]); \
        if (truth < 0) goto error; \
        if (truth == SENSE) JUMP_BY(ip->jump); \
        STORE(ip->a, VALUE_EMPTY); \
        NEXT(1); \
    }

TRUTH_JUMP_KEEP(JUMP_IF_TRUE_KEEP, 1)
TRUTH_JUMP_KEEP(JUMP_IF_FALSE_KEEP, 0)
