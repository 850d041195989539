/* Operators on values that are not both unboxed numbers. */
#include <math.h>

#include "objects/int/int.h"
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

/* ---- Binary operators ----------------------------------------------------------------------------------------- */

static const binaryfunc binary_functions[26] = {
    PyNumber_Add, PyNumber_And, PyNumber_FloorDivide, PyNumber_Lshift, PyNumber_MatrixMultiply, PyNumber_Multiply,
    PyNumber_Remainder, PyNumber_Or, NULL, PyNumber_Rshift, PyNumber_Subtract, PyNumber_TrueDivide, PyNumber_Xor,
    PyNumber_InPlaceAdd, PyNumber_InPlaceAnd, PyNumber_InPlaceFloorDivide, PyNumber_InPlaceLshift,
    PyNumber_InPlaceMatrixMultiply, PyNumber_InPlaceMultiply, PyNumber_InPlaceRemainder, PyNumber_InPlaceOr, NULL,
    PyNumber_InPlaceRshift, PyNumber_InPlaceSubtract, PyNumber_InPlaceTrueDivide, PyNumber_InPlaceXor,
};

enum { NB_ADD = 0, NB_POWER = 8, NB_INPLACE = 13 };

/* The slot of an operand, and whether it is a register that may be taken over. */
static Value *operand_slot(Frame *frame, uint16_t x)
{
    return x & OPERAND_CONSTANT ? &frame->exec->constants[x & ~OPERAND_CONSTANT] : &frame->registers[x];
}

/* The arithmetic that the loop does on unboxed numbers, for numbers of which one at least came boxed. `operation` is the first
 * of the three forms of the instruction. VALUE_EMPTY without an error: not served. */
static inline Value arithmetic_on_numbers(Value x, Value y, enum exec_op operation)
{
    int64_t r;
    if (value_both_ints(x, y)) {
        int64_t a = value_int(x), b = value_int(y);
        switch (operation) {
        case X_ADD_RR: r = a + b; break;
        case X_SUBTRACT_RR: r = a - b; break;
        case X_MULTIPLY_RR:
            if (__builtin_mul_overflow(a, b, &r)) return VALUE_EMPTY;
            break;
        case X_AND_RR: r = a & b; break;
        case X_OR_RR: r = a | b; break;
        case X_XOR_RR: r = a ^ b; break;
        case X_FLOOR_DIVIDE_RR:
            if (b <= 0) return VALUE_EMPTY;
            r = a / b - (a % b < 0);
            break;
        case X_REMAINDER_RR:
            if (b <= 0) return VALUE_EMPTY;
            r = a % b;
            if (r < 0) r += b;
            break;
        default: return VALUE_EMPTY;
        }
        return value_int_fits(r) ? value_from_int(r) : VALUE_EMPTY;
    }
    double a = op_as_double(x), b = op_as_double(y);
    switch (operation) {
    case X_ADD_RR: return value_try_float(a + b);
    case X_SUBTRACT_RR: return value_try_float(a - b);
    case X_MULTIPLY_RR: return value_try_float(a * b);
    case X_TRUE_DIVIDE_RR: return b != 0.0 ? value_try_float(a / b) : VALUE_EMPTY;
    default: return VALUE_EMPTY;
    }
}

/* The first of the three forms that an arithmetic instruction comes in. */
static inline enum exec_op first_form(uint16_t op)
{
    return op >= X_ADD_RR && op < X_BINARY_OP ? (enum exec_op)(op - (op - X_ADD_RR) % 3) : X_BINARY_OP;
}

static inline Value unboxed(Value v)
{
    return value_is_object(v) ? value_unbox_borrowed(value_object(v)) : v;
}

/* `s = s + t` where the register that holds s is about to be overwritten or is a temporary: the string may grow in place.
 * The left register is emptied on success. */
static Value append_string(Frame *frame, const Word *ip)
{
    uint16_t left = ip->b;
    Value v = frame->registers[left];
    PyObject *s = value_object(v), *tail = value_object(*operand_slot(frame, ip->c));
    frame->registers[left] = VALUE_EMPTY;
    PyUnicode_Append(&s, tail);
    if (!s) return VALUE_EMPTY;
    return value_from_owned(s);
}

Value op_binary(Frame *frame, const Word *ip)
{
    Value *left = operand_slot(frame, ip->b), *right = operand_slot(frame, ip->c);
    Value x = unboxed(*left), y = unboxed(*right);
    if (!value_is_object(x) && !value_is_object(y)) {
        Value r = arithmetic_on_numbers(x, y, first_form(ip->op));
        if (r) return r;
    }
    int operator = ((const uint16_t *)frame->code->co_code_adaptive)[exec_unit_at(frame->exec, ip)] >> 8;
    int plain = operator >= NB_INPLACE ? operator - NB_INPLACE : operator;
    PyObject *a, *b;
    if (plain == NB_ADD && value_is_owned(*left) && left != right && !(ip->b & OPERAND_CONSTANT)
        && (ip->a == ip->b || ip->b >= frame->exec->first_temporary)) {
        a = value_object(*left);
        b = value_is_object(*right) ? value_object(*right) : NULL;
        if (PyUnicode_CheckExact(a) && b && PyUnicode_CheckExact(b) && a != b && Py_REFCNT(a) == 1) return append_string(frame, ip);
    }
    a = operand_object(left);
    b = a ? operand_object(right) : NULL;
    if (!b) return VALUE_EMPTY;
    PyObject *r = plain == NB_POWER ? (operator == plain ? PyNumber_Power(a, b, Py_None) : PyNumber_InPlacePower(a, b, Py_None))
                                    : binary_functions[operator](a, b);
    return value_from_owned(r);
}

/* ---- Comparison ----------------------------------------------------------------------------------------------- */

static bool compare_doubles(double a, double b, int kind)
{
    switch (kind) {
    case Py_LT: return a < b;
    case Py_LE: return a <= b;
    case Py_EQ: return a == b;
    case Py_NE: return a != b;
    case Py_GT: return a > b;
    default: return a >= b;
    }
}

static bool compare_ints(int64_t a, int64_t b, int kind)
{
    switch (kind) {
    case Py_LT: return a < b;
    case Py_LE: return a <= b;
    case Py_EQ: return a == b;
    case Py_NE: return a != b;
    case Py_GT: return a > b;
    default: return a >= b;
    }
}

/* 1, 0, or -1 where the comparison is not one of numbers that unbox. */
static int compare_numbers(Value x, Value y, int kind)
{
    x = unboxed(x);
    y = unboxed(y);
    if (value_is_object(x) || value_is_object(y)) return -1;
    if (value_both_ints(x, y)) return compare_ints(value_int(x), value_int(y), kind);
    if (!op_is_exact_number(x) || !op_is_exact_number(y)) return -1;
    return compare_doubles(op_as_double(x), op_as_double(y), kind);
}

static bool both_strings(Value x, Value y)
{
    return value_is_object(x) && value_is_object(y) && PyUnicode_CheckExact(value_object(x))
           && PyUnicode_CheckExact(value_object(y));
}

Value op_compare(Value *left, Value *right, int kind)
{
    if (both_strings(*left, *right) && (kind == Py_EQ || kind == Py_NE)) {
        return value_from_bool(_PyUnicode_EQ(value_object(*left), value_object(*right)) == (kind == Py_EQ));
    }
    int r = compare_numbers(*left, *right, kind);
    if (r >= 0) return value_from_bool(r);
    PyObject *a = operand_object(left), *b = a ? operand_object(right) : NULL;
    return b ? value_from_owned(PyObject_RichCompare(a, b, kind)) : VALUE_EMPTY;
}

int op_compare_truth(Value *left, Value *right, int kind)
{
    Value v = op_compare(left, right, kind);
    if (v == VALUE_EMPTY) return -1;
    int truth = op_is_true(v);
    value_release(v);
    return truth;
}

int op_is_true(Value v)
{
    if (value_is_int(v)) return value_int(v) != 0;
    if (value_is_float(v)) return v != VALUE_FLOAT_ZERO;
    PyObject *o = value_object(v);
    return o == Py_True ? 1 : o == Py_False || o == Py_None ? 0 : PyObject_IsTrue(o);
}
