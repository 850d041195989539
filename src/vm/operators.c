/* Operators on values that are not both unboxed numbers. */
#include <math.h>

#include "objects/abstract.h"
#include "objects/int/int.h"
#include "objects/str/str.h"
#include "vm/ops.h"
#include "vm/vm.h"

PyObject *operand_box(Value *slot)
{
    Value v = *slot;
    if (value_is_int(v) && value_int(v) >= -INT_SMALL_NEGATIVE && value_int(v) < INT_SMALL_COUNT - INT_SMALL_NEGATIVE) {
        return int_small_borrow(value_int(v));
    }
    PyObject *o = value_box_number(v);
    if (o) *slot = value_from_owned(o);
    return o;
}

/* ---- Calling the functions of operators ----------------------------------------------------------------------- */

/* Whether an operand is the operation's own to end: then its function may reuse an object that has no other owner. What a local or a
 * constant holds is only lent, and has to look as if a stack held it too. */
static inline bool is_given(const Frame *frame, int operand, Value v)
{
    return ((v & TAG_MASK) == TAG_OWNED) & ((int16_t)operand >= frame->exec->first_temporary);      /* a constant is below all */
}

Value op_call_unary(const Frame *frame, const Word *ip, Value *slot, unaryfunc function)
{
    PyObject *o = operand_object(slot);
    if (!o) return VALUE_EMPTY;
    if (is_given(frame, ip->b, *slot)) return value_from_owned(vm_call_operator(&(OperatorCall){.function.unary = function, .left = o}));
    Py_INCREF(o);
    PyObject *r = function(o);
    Py_DECREF(o);
    return value_from_owned(r);
}

static PyObject *call_binary(binaryfunc function, PyObject *a, PyObject *b, bool a_is_given, bool b_is_given)
{
    if (!a_is_given) Py_INCREF(a);
    if (!b_is_given) Py_INCREF(b);
    PyObject *r = a_is_given || b_is_given ? vm_call_operator(&(OperatorCall){.function.binary = function, .left = a, .right = b})
                                           : function(a, b);
    if (!a_is_given) Py_DECREF(a);
    if (!b_is_given) Py_DECREF(b);
    return r;
}

/* ---- Binary operators ----------------------------------------------------------------------------------------- */

static PyObject *number_power(PyObject *v, PyObject *w) { return PyNumber_Power(v, w, Py_None); }
static PyObject *number_inplace_power(PyObject *v, PyObject *w) { return PyNumber_InPlacePower(v, w, Py_None); }

static const binaryfunc binary_functions[NB_OPERATOR_COUNT] = {
    PyNumber_Add, PyNumber_And, PyNumber_FloorDivide, PyNumber_Lshift, PyNumber_MatrixMultiply, PyNumber_Multiply,
    PyNumber_Remainder, PyNumber_Or, number_power, PyNumber_Rshift, PyNumber_Subtract, PyNumber_TrueDivide, PyNumber_Xor,
    PyNumber_InPlaceAdd, PyNumber_InPlaceAnd, PyNumber_InPlaceFloorDivide, PyNumber_InPlaceLshift,
    PyNumber_InPlaceMatrixMultiply, PyNumber_InPlaceMultiply, PyNumber_InPlaceRemainder, PyNumber_InPlaceOr, number_inplace_power,
    PyNumber_InPlaceRshift, PyNumber_InPlaceSubtract, PyNumber_InPlaceTrueDivide, PyNumber_InPlaceXor,
};

/* The same operators for two exact ints; NULL: by the function above. */
static const binaryfunc int_functions[NB_INPLACE] = {
    int_add, int_and, int_floor_divide, int_lshift, NULL, int_multiply, int_remainder, int_or, NULL, int_rshift, int_subtract,
    int_true_divide, int_xor,
};

static inline Value unboxed(Value v)
{
    return value_is_object(v) ? value_unbox_borrowed(value_object(v)) : v;
}

static inline Value small_result(int64_t r) { return value_int_fits(r) ? value_from_int(r) : VALUE_EMPTY; }

/* op_number_NAME(): INTS and FLOATS see the numbers as a and b, and give a Value or VALUE_EMPTY. */
#define NUMBER_OPERATION(NAME, INTS, FLOATS) \
    Value op_number_##NAME(Value x, Value y) \
    { \
        x = unboxed(x); \
        if (value_is_object(x)) return VALUE_EMPTY; \
        y = unboxed(y); \
        if (value_both_ints(x, y)) { \
            int64_t a = value_int(x), b = value_int(y); \
            INTS \
        } \
        if (value_is_object(y)) return VALUE_EMPTY; \
        double a = op_as_double(x), b = op_as_double(y); \
        FLOATS \
    }
#define NO_FLOATS { (void)a; (void)b; return VALUE_EMPTY; }

NUMBER_OPERATION(ADD, { return small_result(a + b); }, { return value_try_float(a + b); })
NUMBER_OPERATION(SUBTRACT, { return small_result(a - b); }, { return value_try_float(a - b); })
NUMBER_OPERATION(MULTIPLY, {
    int64_t r;
    return __builtin_mul_overflow(a, b, &r) ? VALUE_EMPTY : small_result(r);
}, { return value_try_float(a * b); })
NUMBER_OPERATION(TRUE_DIVIDE, {
    if (b == 0 || !op_is_exact_double(a) || !op_is_exact_double(b)) return VALUE_EMPTY;
    return value_try_float((double)a / (double)b);
}, { return b != 0.0 ? value_try_float(a / b) : VALUE_EMPTY; })
NUMBER_OPERATION(FLOOR_DIVIDE, { return b > 0 ? value_from_int(op_floor_divide(a, b)) : VALUE_EMPTY; }, NO_FLOATS)
NUMBER_OPERATION(REMAINDER, { return b > 0 ? value_from_int(op_remainder(a, b)) : VALUE_EMPTY; }, NO_FLOATS)
NUMBER_OPERATION(AND, { return value_from_int(a & b); }, NO_FLOATS)
NUMBER_OPERATION(OR, { return value_from_int(a | b); }, NO_FLOATS)
NUMBER_OPERATION(XOR, { return value_from_int(a ^ b); }, NO_FLOATS)
NUMBER_OPERATION(LSHIFT, {
    return b >= 0 && b < 60 && a << b >> b == a ? small_result(a << b) : VALUE_EMPTY;
}, NO_FLOATS)
NUMBER_OPERATION(RSHIFT, { return b >= 0 ? value_from_int(a >> (b > 62 ? 62 : b)) : VALUE_EMPTY; }, NO_FLOATS)

/* `s = s + t` where the register that holds s is about to be overwritten or is a temporary: the string may grow in place.
 * The left register is emptied on success. */
static Value append_string(Value *left, PyObject *tail)
{
    PyObject *s = value_object(*left);
    *left = VALUE_EMPTY;
    PyUnicode_Append(&s, tail);
    if (!s) return VALUE_EMPTY;
    return value_from_owned(s);
}

/* x ** y for numbers whose power is a number that unboxes; VALUE_EMPTY for others. */
static Value power(Value x, Value y)
{
    x = unboxed(x);
    y = unboxed(y);
    if (value_both_ints(x, y)) {
        int64_t base = value_int(x), r = 1;
        for (int64_t n = value_int(y); n; n >>= 1) {
            if (n < 0 || (n & 1 && __builtin_mul_overflow(r, base, &r))) return VALUE_EMPTY;
            if (n > 1 && __builtin_mul_overflow(base, base, &base)) return VALUE_EMPTY;
        }
        return small_result(r);
    }
    if (value_is_object(x) || value_is_object(y) || !op_is_exact_number(x) || !op_is_exact_number(y)) return VALUE_EMPTY;
    double a = op_as_double(x);
    return a > 0.0 ? value_try_float(pow(a, op_as_double(y))) : VALUE_EMPTY;
}

/* Flags of types that the VM knows operators of. */
#define OWN_OPERATORS (Py_TPFLAGS_LONG_SUBCLASS | Py_TPFLAGS_UNICODE_SUBCLASS | Py_TPFLAGS_LIST_SUBCLASS | Py_TPFLAGS_TUPLE_SUBCLASS)

/* The operator on a left operand of a type that the VM knows none of, by the shortest way to the type's function. */
static NEVER_INLINE Value binary_of_others(const Frame *frame, const Word *ip, int operator, Value *left, Value *right)
{
    PyObject *a = value_object(*left), *b = operand_object(right);
    if (!b) return VALUE_EMPTY;
    bool inplace, keep_a = !is_given(frame, ip->b, *left), keep_b = !is_given(frame, ip->c, *right);
    binaryfunc first = number_first_function(operator, Py_TYPE(a), Py_TYPE(b), &inplace);
    OperatorCall call = {.function.binary = first ? first : binary_functions[operator], .left = a, .right = b};
    a->ob_refcnt += keep_a;
    b->ob_refcnt += keep_b;
    PyObject *r = vm_call_operator(&call);
    if (UNLIKELY(r == Py_NotImplemented) && first) {
        Py_DECREF(r);
        r = number_binary_rest(operator, inplace, a, b);
    }
    /* What was not kept has its register's reference still. */
    if (UNLIKELY((a->ob_refcnt -= keep_a) == 0)) _Py_Dealloc(a);
    if (UNLIKELY((b->ob_refcnt -= keep_b) == 0)) _Py_Dealloc(b);
    return value_from_owned(r);
}

static NEVER_INLINE Value binary(Frame *frame, const Word *ip, int operator, Value *left, Value *right)
{
    int plain = operator >= NB_INPLACE ? operator - NB_INPLACE : operator;
    PyObject *a, *b;
    if (value_is_object(*left) && value_is_object(*right)) {
        a = value_object(*left);
        b = value_object(*right);
        if (PyLong_CheckExact(a) && PyLong_CheckExact(b) && int_functions[plain]) return value_from_owned(int_functions[plain](a, b));
        if (plain == NB_ADD && PyUnicode_CheckExact(a) && PyUnicode_CheckExact(b)) {
            bool grows = value_is_owned(*left) && left != right && !(ip->b & OPERAND_CONSTANT)
                         && (ip->a == ip->b || ip->b >= frame->exec->first_temporary) && a != b && Py_REFCNT(a) == 1;
            return grows ? append_string(left, b) : value_from_owned(str_concat(a, b));
        }
    }
    if (plain == NB_POWER) {
        Value r = power(*left, *right);
        if (r) return r;
    }
    a = operand_object(left);
    b = a ? operand_object(right) : NULL;
    if (!b) return VALUE_EMPTY;
    if (PyLong_CheckExact(a)) {
        if (PyLong_CheckExact(b) && int_functions[plain]) return value_from_owned(int_functions[plain](a, b));
    }
    else if (PyUnicode_CheckExact(a)) {
        if (plain == NB_REMAINDER && (PyUnicode_CheckExact(b) || !PyUnicode_Check(b)))
            return value_from_owned(PyUnicode_Format(a, b));
    }
    else if (operator == NB_ADD && Py_TYPE(a) == Py_TYPE(b) && (PyTuple_CheckExact(a) || PyList_CheckExact(a))) {
        return value_from_owned(Py_TYPE(a)->tp_as_sequence->sq_concat(a, b));
    }
    /* An immediate to the right is an int, of which nothing is reused. */
    return value_from_owned(call_binary(binary_functions[operator], a, b, is_given(frame, ip->b, *left), is_given(frame, ip->c, *right)));
}

Value op_binary(Frame *frame, const Word *ip, Value *left, Value *right)
{
    int operator = op_operator(frame, ip);
    if (value_is_object(*left) && operator != NB_POWER && operator != NB_INPLACE + NB_POWER) {
        PyTypeObject *type = Py_TYPE(value_object(*left));
        bool known = PyType_HasFeature(type, OWN_OPERATORS) || type == &PyFloat_Type;
        if (!known) return binary_of_others(frame, ip, operator, left, right);
    }
    return binary(frame, ip, operator, left, right);
}

/* ---- Comparison ----------------------------------------------------------------------------------------------- */

/* Whether a comparison of a kind holds, given the sign of left - right. */
static inline bool holds(int kind, int sign)
{
    static const uint8_t signs[6] = {       /* bit 0: less, 1: equal, 2: greater */
        [Py_LT] = 1, [Py_LE] = 3, [Py_EQ] = 2, [Py_NE] = 5, [Py_GT] = 4, [Py_GE] = 6,
    };
    return signs[kind] >> (sign + 1) & 1;
}

static inline bool holds_for_ints(int kind, Value x, Value y)
{
    return holds(kind, ((int64_t)x > (int64_t)y) - ((int64_t)x < (int64_t)y));
}

/* What is not two ints: numbers (no NaN unboxes), and strings for equality. 1, 0, or -1 for what must go the long way. */
static int compare_others(Value x, Value y, int kind)
{
    if (!value_is_object(x) && !value_is_object(y) && op_is_exact_number(x) && op_is_exact_number(y)) {
        double a = op_as_double(x), b = op_as_double(y);
        return holds(kind, (a > b) - (a < b));
    }
    if (!value_is_object(x) || !value_is_object(y)) return -1;
    PyObject *a = value_object(x), *b = value_object(y);
    if (Py_TYPE(a) != Py_TYPE(b)) return -1;
    if (PyUnicode_CheckExact(a)) {
        if (kind == Py_EQ || kind == Py_NE) return _PyUnicode_EQ(a, b) == (kind == Py_EQ);
        if (PyUnicode_IS_READY(a) && PyUnicode_IS_READY(b)) return holds(kind, PyUnicode_Compare(a, b));
    }
    else if (PyLong_CheckExact(a)) return holds(kind, int_compare(a, b));
    return -1;
}

static Value compare_objects(Value *left, Value *right, int kind)
{
    PyObject *a = operand_object(left), *b = a ? operand_object(right) : NULL;
    return b ? value_from_owned(PyObject_RichCompare(a, b, kind)) : VALUE_EMPTY;
}

Value op_compare(Value *left, Value *right, int kind)
{
    Value x = unboxed(*left), y = unboxed(*right);
    if (value_both_ints(x, y)) return value_from_bool(holds_for_ints(kind, x, y));
    int truth = compare_others(x, y, kind);
    return truth >= 0 ? value_from_bool(truth) : compare_objects(left, right, kind);
}

static int compare_truth_others(Value *left, Value *right, Value x, Value y, int kind)
{
    int truth = compare_others(x, y, kind);
    if (truth >= 0) return truth;
    Value v = compare_objects(left, right, kind);
    if (v == VALUE_EMPTY) return -1;
    truth = op_is_true(v);
    value_release(v);
    return truth;
}

/* Whether two exact ready strs are equal; -1 for all else. */
static inline int strings_equal(Value x, Value y)
{
    if (!value_is_object(x) || !value_is_object(y)) return -1;
    PyObject *a = value_object(x), *b = value_object(y);
    if (!PyUnicode_CheckExact(a) || !PyUnicode_CheckExact(b) || !PyUnicode_IS_READY(a) || !PyUnicode_IS_READY(b)) return -1;
    return str_equal(a, b);
}

int op_compare_truth(Value *left, Value *right, int kind)
{
    if (kind == Py_EQ || kind == Py_NE) {
        int equal = strings_equal(*left, *right);
        if (equal >= 0) return equal == (kind == Py_EQ);
    }
    Value x = unboxed(*left), y = unboxed(*right);
    if (value_both_ints(x, y)) return holds_for_ints(kind, x, y);
    return compare_truth_others(left, right, x, y, kind);
}

void op_unbox(Value *slot)
{
    Value old = *slot, number = unboxed(old);
    if (value_is_object(number)) return;
    *slot = number;
    value_release(old);
}

int op_is_true(Value v)
{
    if (value_is_int(v)) return value_int(v) != 0;
    if (value_is_float(v)) return v != VALUE_FLOAT_ZERO;
    PyObject *o = value_object(v);
    return o == Py_True ? 1 : o == Py_False || o == Py_None ? 0 : PyObject_IsTrue(o);
}
