/* Arithmetic. Two unboxed ints or two unboxed floats are served here; other numbers (mixed, or boxed) by op_number_...(), and
 * everything else by op_binary(). */

/* Stores a number. Its old content may be anything; the operands held nothing to consume. */
#define ARITHMETIC_RESULT(v) \
    do { \
        Value result_ = (v), old_ = R[ip->a]; \
        R[ip->a] = result_; \
        if (UNLIKELY(value_is_owned(old_))) { \
            SAVE(); \
            value_release_object(value_object(old_)); \
        } \
        NEXT(1); \
    } while (0)

#define FLOAT_RESULT(expression) \
    do { \
        Value float_ = value_try_float(expression); \
        if (float_) ARITHMETIC_RESULT(float_); \
    } while (0)

#define IMMEDIATE(lane) value_from_int((int16_t)(lane))

/* The four forms of an operation: on registers, with a constant to the right or the left, with an immediate to the right. INTS and
 * FLOATS see x and y and end in ..._RESULT(), or fall through where they cannot serve. */
#define ARITHMETIC(NAME, INTS, FLOATS) \
    TARGET(NAME##_RR) { \
        Value x = R[ip->b], y = R[ip->c]; \
        if (LIKELY(value_both_ints(x, y))) INTS \
        else if (LIKELY(value_both_floats(x, y))) { double a = value_float(x), b = value_float(y); FLOATS } \
        if ((result = op_number_##NAME(x, y))) goto arithmetic_done; \
        goto binary_slow; \
    } \
    TARGET(NAME##_RK) { \
        Value x = R[ip->b], y = K[ip->c & ~OPERAND_CONSTANT]; \
        if (LIKELY(value_both_floats(x, y))) { double a = value_float(x), b = value_float(y); FLOATS } \
        else if (LIKELY(value_both_ints(x, y))) INTS \
        if ((result = op_number_##NAME(x, y))) goto arithmetic_done; \
        goto binary_slow; \
    } \
    TARGET(NAME##_KR) { \
        Value x = K[ip->b & ~OPERAND_CONSTANT], y = R[ip->c]; \
        if (LIKELY(value_both_ints(x, y))) INTS \
        else if (LIKELY(value_both_floats(x, y))) { double a = value_float(x), b = value_float(y); FLOATS } \
        if ((result = op_number_##NAME(x, y))) goto arithmetic_done; \
        goto binary_slow; \
    } \
    TARGET(NAME##_RI) { \
        Value x = R[ip->b], y = IMMEDIATE(ip->c); \
        if (LIKELY(value_is_int(x))) INTS \
        else if (LIKELY(value_is_float(x))) { double a = value_float(x), b = (int16_t)ip->c; FLOATS } \
        if ((result = op_number_##NAME(x, y))) goto immediate_done; \
        goto immediate_slow; \
    }

#define NO_FLOATS { (void)a; (void)b; }

ARITHMETIC(ADD, {
    int64_t r;
    if (!__builtin_add_overflow((int64_t)(x - TAG_INT), (int64_t)y, &r)) ARITHMETIC_RESULT((Value)r);
}, { FLOAT_RESULT(a + b); })

ARITHMETIC(SUBTRACT, {
    int64_t r;
    if (!__builtin_sub_overflow((int64_t)x, (int64_t)(y - TAG_INT), &r)) ARITHMETIC_RESULT((Value)r);
}, { FLOAT_RESULT(a - b); })

ARITHMETIC(MULTIPLY, {
    int64_t r;
    if (!__builtin_mul_overflow((int64_t)(x - TAG_INT), value_int(y), &r)) ARITHMETIC_RESULT((Value)r | TAG_INT);
}, { FLOAT_RESULT(a * b); })

ARITHMETIC(TRUE_DIVIDE, {
    int64_t a = value_int(x);
    int64_t b = value_int(y);
    if (b != 0 && op_is_exact_double(a) && op_is_exact_double(b)) FLOAT_RESULT((double)a / (double)b);
}, { if (b != 0.0) FLOAT_RESULT(a / b); })

/* Division by what is not positive, or of floats, goes the long way. */
ARITHMETIC(FLOOR_DIVIDE, {
    int64_t b = value_int(y);
    if (b > 0) ARITHMETIC_RESULT(value_from_int(op_floor_divide(value_int(x), b)));
}, NO_FLOATS)

ARITHMETIC(REMAINDER, {
    int64_t b = value_int(y);
    if (b > 0) ARITHMETIC_RESULT(value_from_int(op_remainder(value_int(x), b)));
}, NO_FLOATS)

ARITHMETIC(AND, { ARITHMETIC_RESULT(x & y); }, NO_FLOATS)
ARITHMETIC(OR, { ARITHMETIC_RESULT(x | y); }, NO_FLOATS)
ARITHMETIC(XOR, { ARITHMETIC_RESULT((x ^ y) | TAG_INT); }, NO_FLOATS)

ARITHMETIC(LSHIFT, {
    int64_t a = value_int(x);
    int64_t n = value_int(y);
    if (n >= 0 && n < 60 && a << n >> n == a && value_int_fits(a << n)) ARITHMETIC_RESULT(value_from_int(a << n));
}, NO_FLOATS)

ARITHMETIC(RSHIFT, {
    int64_t n = value_int(y);
    if (n >= 0) ARITHMETIC_RESULT(value_from_int(value_int(x) >> (n > 62 ? 62 : n)));
}, NO_FLOATS)

arithmetic_done:    /* `result` is a number; the operands are numbers, some of them boxed */
    CONSUME(ip->b);
    CONSUME(ip->c);
    STORE(ip->a, result);
    NEXT(1);

immediate_done:
    CONSUME(ip->b);
    STORE(ip->a, result);
    NEXT(1);

#define TRY_BINARY(x, y) \
    ENTER_SPECIAL(special_binary(frame, ip, (x), (y), &inplace), special_push_binary(tstate, frame, special_, inplace, (x), (y)))

TARGET(BINARY_OP)
binary_slow: {
    SAVE();
    Value *left = BOX_SLOT(ip->b), *right = BOX_SLOT(ip->c);
    if (special_is_possible(*left)) TRY_BINARY(OPERAND(ip->b), OPERAND(ip->c));
    result = op_binary(frame, ip, left, right);
    if (result == VALUE_EMPTY) goto error;
    goto arithmetic_done;
}

immediate_slow: {
    SAVE();
    Value right = IMMEDIATE(ip->c);
    if (special_is_possible(R[ip->b])) TRY_BINARY(R[ip->b], right);
    result = op_binary(frame, ip, &R[ip->b], &right);
    value_release(right);
    if (result == VALUE_EMPTY) goto error;
    goto immediate_done;
}

TARGET(NEGATIVE) {
    Value x = OPERAND(ip->b);
    if (value_is_int(x) && value_int_fits(-value_int(x))) ARITHMETIC_RESULT(value_from_int(-value_int(x)));
    if (value_is_float(x) && x != VALUE_FLOAT_ZERO) ARITHMETIC_RESULT(value_try_float(-value_float(x)));
    SAVE();
    result = op_call_unary(frame, ip, BOX_SLOT(ip->b), PyNumber_Negative);
    if (result == VALUE_EMPTY) goto error;
    goto immediate_done;
}

TARGET(POSITIVE) {
    SAVE();
    result = op_call_unary(frame, ip, BOX_SLOT(ip->b), PyNumber_Positive);
    if (result == VALUE_EMPTY) goto error;
    goto immediate_done;
}

TARGET(INVERT) {
    Value x = OPERAND(ip->b);
    if (value_is_int(x)) ARITHMETIC_RESULT(value_from_int(~value_int(x)));
    SAVE();
    result = op_call_unary(frame, ip, BOX_SLOT(ip->b), PyNumber_Invert);
    if (result == VALUE_EMPTY) goto error;
    goto immediate_done;
}

TARGET(NOT) {
    SAVE();
    TRY_SPECIAL(special_truth(OPERAND(ip->b)), 1, OPERAND(ip->b), VALUE_EMPTY, VALUE_EMPTY);
    int truth = op_truth(OPERAND(ip->b));
    if (truth < 0) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_bool(!truth));
    NEXT(1);
}
