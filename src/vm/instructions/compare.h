/* Comparison, identity, membership, and comparisons fused with the jump that tests them. */

/* The comparison of two unboxed numbers, where it is exact: ints, floats, or an int that a double holds exactly. */
#define COMPARABLE(x, y) \
    (value_both_ints(x, y) || (BOTH_NUMBERS(x, y) && op_is_exact_number(x) && op_is_exact_number(y)))
#define COMPARE_NUMBERS(x, y, OPERATOR) \
    (value_both_ints(x, y) ? (int64_t)(x) OPERATOR (int64_t)(y) : op_as_double(x) OPERATOR op_as_double(y))

#define COMPARISON(NAME, OPERATOR) \
    TARGET(COMPARE_##NAME) { \
        Value x = OPERAND(ip->b), y = OPERAND(ip->c); \
        if (COMPARABLE(x, y)) { \
            STORE(ip->a, value_from_bool(COMPARE_NUMBERS(x, y, OPERATOR))); \
            NEXT(1); \
        } \
        SAVE(); \
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

#define COMPARE_JUMP_BODY(NAME, OPERATOR, X, Y, SENSE) { \
        Value x = X, y = Y; \
        if (COMPARABLE(x, y)) JUMP_OR_NEXT(COMPARE_NUMBERS(x, y, OPERATOR) == SENSE); \
        SAVE(); \
        int truth = op_compare_truth(SLOT(ip->a), SLOT(ip->b), Py_##NAME); \
        if (truth < 0) goto error; \
        CONSUME(ip->a); \
        CONSUME(ip->b); \
        JUMP_OR_NEXT(truth == SENSE); \
    }

#define COMPARE_JUMP(NAME, OPERATOR) \
    TARGET(JUMP_IF_##NAME##_RR) COMPARE_JUMP_BODY(NAME, OPERATOR, R[ip->a], R[ip->b], 1) \
    TARGET(JUMP_IF_##NAME##_RK) COMPARE_JUMP_BODY(NAME, OPERATOR, R[ip->a], K[ip->b & ~OPERAND_CONSTANT], 1) \
    TARGET(JUMP_UNLESS_##NAME##_RR) COMPARE_JUMP_BODY(NAME, OPERATOR, R[ip->a], R[ip->b], 0) \
    TARGET(JUMP_UNLESS_##NAME##_RK) COMPARE_JUMP_BODY(NAME, OPERATOR, R[ip->a], K[ip->b & ~OPERAND_CONSTANT], 0)

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
