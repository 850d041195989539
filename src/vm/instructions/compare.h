/* Comparison, identity, membership, and comparisons fused with the jump that tests them. */

/* x OPERATOR y for two unboxed ints or two unboxed floats, put to use by DO(truth); falls through for all others. */
#define COMPARE_NUMBERS(x, y, OPERATOR, DO) \
    do { \
        if (LIKELY(value_both_ints(x, y))) DO((int64_t)(x) OPERATOR (int64_t)(y)); \
        if (LIKELY(value_both_floats(x, y))) DO(value_float(x) OPERATOR value_float(y)); \
    } while (0)

#define STORE_TRUTH(condition) \
    do { \
        STORE(ip->a, value_from_bool(condition)); \
        NEXT(1); \
    } while (0)

#define COMPARISON(NAME, OPERATOR) \
    TARGET(COMPARE_##NAME) { \
        Value x = OPERAND(ip->b), y = OPERAND(ip->c); \
        COMPARE_NUMBERS(x, y, OPERATOR, STORE_TRUTH); \
        SAVE(); \
        TRY_COMPARISON(special_compare(x, y, Py_##NAME), x, y); \
        Value r = op_compare(SLOT(ip->b), SLOT(ip->c), Py_##NAME); \
        if (r == VALUE_EMPTY) goto error; \
        CONSUME(ip->b); \
        CONSUME(ip->c); \
        STORE(ip->a, r); \
        NEXT(1); \
    }

COMPARISON(LT, <)
COMPARISON(LE, <=)
COMPARISON(EQ, ==)
COMPARISON(NE, !=)
COMPARISON(GT, >)
COMPARISON(GE, >=)

#define JUMP_OR_NEXT(condition) \
    do { \
        if (condition) JUMP_BY((int16_t)ip->c); \
        NEXT(1); \
    } while (0)
#define JUMP_IF(condition) JUMP_OR_NEXT(condition)
#define JUMP_UNLESS(condition) JUMP_OR_NEXT(!(condition))

/* A jump backwards is a loop's test: the numbers in it are compared again and again, so they are unboxed for good. Elsewhere a boxed
 * number stays as it is, since unboxing what is passed on would only make it be boxed anew. */
#define UNBOX_LOOP_TEST(x) \
    do { \
        if ((int16_t)ip->c < 0 && !IS_CONSTANT(x)) op_unbox(&R[x]); \
    } while (0)

/* What can be told of other values at once: the equality of strs. */
#define COMPARE_TEXTS_LT(SENSE)
#define COMPARE_TEXTS_LE(SENSE)
#define COMPARE_TEXTS_GT(SENSE)
#define COMPARE_TEXTS_GE(SENSE)
#define COMPARE_TEXTS_EQ(SENSE) COMPARE_TEXTS(same, SENSE)
#define COMPARE_TEXTS_NE(SENSE) COMPARE_TEXTS(!same, SENSE)
#define COMPARE_TEXTS(truth, SENSE) \
    int same = op_same_text(x, y); \
    if (same >= 0) { \
        CONSUME(ip->a); \
        CONSUME(ip->b); \
        SENSE(truth); \
    }

#define COMPARE_JUMP_BODY(NAME, OPERATOR, Y, SENSE) { \
        Value x = R[ip->a], y = Y; \
        COMPARE_NUMBERS(x, y, OPERATOR, SENSE); \
        SAVE(); \
        COMPARE_TEXTS_##NAME(SENSE) \
        TRY_COMPARISON(special_compare(x, y, Py_##NAME), x, y); \
        UNBOX_LOOP_TEST(ip->a); \
        UNBOX_LOOP_TEST(ip->b); \
        int truth = op_compare_truth(BOX_SLOT(ip->a), BOX_SLOT(ip->b), Py_##NAME); \
        if (truth < 0) goto error; \
        CONSUME(ip->a); \
        CONSUME(ip->b); \
        SENSE(truth); \
    }

/* The same with an immediate. */
#define COMPARE_IMMEDIATE_BODY(NAME, OPERATOR, SENSE) { \
        Value x = R[ip->a], y = IMMEDIATE(ip->b); \
        if (LIKELY(value_is_int(x))) SENSE((int64_t)x OPERATOR (int64_t)y); \
        SAVE(); \
        TRY_COMPARISON(special_compare(x, y, Py_##NAME), x, y); \
        UNBOX_LOOP_TEST(ip->a); \
        int truth = op_compare_truth(&R[ip->a], &y, Py_##NAME); \
        value_release(y); \
        if (truth < 0) goto error; \
        CONSUME(ip->a); \
        SENSE(truth); \
    }

#define COMPARE_JUMP(NAME, OPERATOR) \
    TARGET(JUMP_IF_##NAME##_RR) COMPARE_JUMP_BODY(NAME, OPERATOR, R[ip->b], JUMP_IF) \
    TARGET(JUMP_IF_##NAME##_RK) COMPARE_JUMP_BODY(NAME, OPERATOR, K[ip->b & ~OPERAND_CONSTANT], JUMP_IF) \
    TARGET(JUMP_IF_##NAME##_RI) COMPARE_IMMEDIATE_BODY(NAME, OPERATOR, JUMP_IF) \
    TARGET(JUMP_UNLESS_##NAME##_RR) COMPARE_JUMP_BODY(NAME, OPERATOR, R[ip->b], JUMP_UNLESS) \
    TARGET(JUMP_UNLESS_##NAME##_RK) COMPARE_JUMP_BODY(NAME, OPERATOR, K[ip->b & ~OPERAND_CONSTANT], JUMP_UNLESS) \
    TARGET(JUMP_UNLESS_##NAME##_RI) COMPARE_IMMEDIATE_BODY(NAME, OPERATOR, JUMP_UNLESS)

COMPARE_JUMP(LT, <)
COMPARE_JUMP(LE, <=)
COMPARE_JUMP(EQ, ==)
COMPARE_JUMP(NE, !=)
COMPARE_JUMP(GT, >)
COMPARE_JUMP(GE, >=)

#define IDENTITY(NAME, SENSE) \
    TARGET(NAME) { \
        SAVE(); \
        bool same = op_is(OPERAND(ip->b), OPERAND(ip->c)) == SENSE; \
        CONSUME(ip->b); \
        CONSUME(ip->c); \
        STORE(ip->a, value_from_bool(same)); \
        NEXT(1); \
    } \
    TARGET(JUMP_IF_##NAME) { \
        SAVE(); \
        bool same = op_is(OPERAND(ip->a), OPERAND(ip->b)) == SENSE; \
        CONSUME(ip->a); \
        CONSUME(ip->b); \
        JUMP_OR_NEXT(same); \
    }

IDENTITY(IS, true)
IDENTITY(IS_NOT, false)
