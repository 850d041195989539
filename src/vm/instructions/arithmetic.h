/* Arithmetic. Unboxed operands are served here; everything else goes to binary_slow. */

/* Both operands are numbers, unboxed. */
#define BOTH_NUMBERS(x, y) ((((x) & 5) != 0) & (((y) & 5) != 0))

/* Stores a number. Its old content may be anything; its operands held nothing to consume. */
#define ARITHMETIC_RESULT(v) \
    do { \
        Value result_ = (v), old_ = R[ip->a]; \
        R[ip->a] = result_; \
        if (value_is_owned(old_)) { \
            SAVE(); \
            Py_DECREF(value_object(old_)); \
        } \
        NEXT(1); \
    } while (0)

#define FLOAT_RESULT(expression) \
    do { \
        Value float_ = value_try_float(expression); \
        if (float_) ARITHMETIC_RESULT(float_); \
        goto binary_slow; \
    } while (0)

#define THREE_FORMS(NAME, ...) \
    TARGET(NAME##_RR) { Value x = R[ip->b], y = R[ip->c]; __VA_ARGS__ } \
    TARGET(NAME##_RK) { Value x = R[ip->b], y = K[ip->c & ~OPERAND_CONSTANT]; __VA_ARGS__ } \
    TARGET(NAME##_KR) { Value x = K[ip->b & ~OPERAND_CONSTANT], y = R[ip->c]; __VA_ARGS__ }

THREE_FORMS(ADD, {
    if (value_both_ints(x, y)) {
        int64_t r;
        if (!__builtin_add_overflow((int64_t)(x - TAG_INT), (int64_t)y, &r)) ARITHMETIC_RESULT((Value)r);
    }
    else if (BOTH_NUMBERS(x, y)) FLOAT_RESULT(op_as_double(x) + op_as_double(y));
    goto binary_slow;
})

THREE_FORMS(SUBTRACT, {
    if (value_both_ints(x, y)) {
        int64_t r;
        if (!__builtin_sub_overflow((int64_t)x, (int64_t)(y - TAG_INT), &r)) ARITHMETIC_RESULT((Value)r);
    }
    else if (BOTH_NUMBERS(x, y)) FLOAT_RESULT(op_as_double(x) - op_as_double(y));
    goto binary_slow;
})

THREE_FORMS(MULTIPLY, {
    if (value_both_ints(x, y)) {
        int64_t r;
        if (!__builtin_mul_overflow((int64_t)(x - TAG_INT), value_int(y), &r)) ARITHMETIC_RESULT((Value)r | TAG_INT);
    }
    else if (BOTH_NUMBERS(x, y)) FLOAT_RESULT(op_as_double(x) * op_as_double(y));
    goto binary_slow;
})

THREE_FORMS(TRUE_DIVIDE, {
    if (value_both_ints(x, y)) {
        int64_t a = value_int(x), b = value_int(y);
        if (b != 0 && op_is_exact_double(a) && op_is_exact_double(b)) FLOAT_RESULT((double)a / (double)b);
    }
    else if (BOTH_NUMBERS(x, y)) {
        double b = op_as_double(y);
        if (b != 0.0) FLOAT_RESULT(op_as_double(x) / b);
    }
    goto binary_slow;
})

THREE_FORMS(FLOOR_DIVIDE, {
    if (value_both_ints(x, y)) {
        int64_t a = value_int(x), b = value_int(y);
        if (b > 0) {
            int64_t q = a / b;
            ARITHMETIC_RESULT(value_from_int(q - (a % b < 0)));
        }
    }
    goto binary_slow;
})

THREE_FORMS(REMAINDER, {
    if (value_both_ints(x, y)) {
        int64_t a = value_int(x), b = value_int(y);
        if (b > 0) {
            int64_t r = a % b;
            ARITHMETIC_RESULT(value_from_int(r < 0 ? r + b : r));
        }
    }
    goto binary_slow;
})

THREE_FORMS(AND, {
    if (value_both_ints(x, y)) ARITHMETIC_RESULT(x & y);
    goto binary_slow;
})

THREE_FORMS(OR, {
    if (value_both_ints(x, y)) ARITHMETIC_RESULT(x | y);
    goto binary_slow;
})

THREE_FORMS(XOR, {
    if (value_both_ints(x, y)) ARITHMETIC_RESULT((x ^ y) | TAG_INT);
    goto binary_slow;
})

THREE_FORMS(LSHIFT, {
    if (value_both_ints(x, y)) {
        int64_t a = value_int(x), n = value_int(y);
        if (n >= 0 && n < 60 && value_int_fits(a) && (a << n) >> n == a && value_int_fits(a << n)) {
            ARITHMETIC_RESULT(value_from_int(a << n));
        }
    }
    goto binary_slow;
})

THREE_FORMS(RSHIFT, {
    if (value_both_ints(x, y)) {
        int64_t n = value_int(y);
        if (n >= 0) ARITHMETIC_RESULT(value_from_int(value_int(x) >> (n > 62 ? 62 : n)));
    }
    goto binary_slow;
})

TARGET(BINARY_OP)
binary_slow: {
    SAVE();
    Value r = op_binary(frame, ip);
    if (r == VALUE_EMPTY) goto error;
    CONSUME(ip->b);
    CONSUME(ip->c);
    STORE(ip->a, r);
    NEXT(1);
}

TARGET(NEGATIVE) {
    Value x = OPERAND(ip->b);
    if (value_is_int(x) && value_int_fits(-value_int(x))) ARITHMETIC_RESULT(value_from_int(-value_int(x)));
    if (value_is_float(x) && x != VALUE_FLOAT_ZERO) ARITHMETIC_RESULT(value_try_float(-value_float(x)));
    SAVE();
    PyObject *o = OBJECT(ip->b), *r = o ? PyNumber_Negative(o) : NULL;
    if (!r) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(r));
    NEXT(1);
}

TARGET(POSITIVE) {
    SAVE();
    PyObject *o = OBJECT(ip->b), *r = o ? PyNumber_Positive(o) : NULL;
    if (!r) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(r));
    NEXT(1);
}

TARGET(INVERT) {
    Value x = OPERAND(ip->b);
    if (value_is_int(x)) ARITHMETIC_RESULT(value_from_int(~value_int(x)));
    SAVE();
    PyObject *o = OBJECT(ip->b), *r = o ? PyNumber_Invert(o) : NULL;
    if (!r) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_owned(r));
    NEXT(1);
}

TARGET(NOT) {
    SAVE();
    int truth = op_is_true(OPERAND(ip->b));
    if (truth < 0) goto error;
    CONSUME(ip->b);
    STORE(ip->a, value_from_bool(!truth));
    NEXT(1);
}
