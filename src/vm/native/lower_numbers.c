/* Numbers as machine code: arithmetic, comparison, truth. */
#include <math.h>
#include <string.h>

#include "objects/float.h"
#include "vm/native/lower.h"
#include "vm/ops.h"

/* Leaves if an int does not become a double exactly. */
static void guard_exact_double(Compiler *c, Operand o)
{
    if (o.kind != KIND_INT) return;
    if (o.index < 0 && op_is_exact_double(o.number)) return;
    Register r = lower_int_register(c, o, RAX);
    asm_move(&c->code, RDX, in_register(r));
    asm_move_constant(&c->code, RCX, (int64_t)1 << 53);
    asm_alu(&c->code, ALU_ADD, RDX, in_register(RCX));
    asm_alu(&c->code, ALU_ADD, RCX, in_register(RCX));
    asm_alu(&c->code, ALU_CMP, RDX, in_register(RCX));
    compiler_guard(c, CC_ABOVE);
}

/* ---- Arithmetic ----------------------------------------------------------------------------------------------- */

static void alu(Compiler *c, Alu op, Operand x, Operand y)
{
    lower_load_int(c, x, RAX);
    if (y.index < 0 && y.number == (int32_t)y.number) asm_alu_constant(&c->code, op, in_register(RAX), (int32_t)y.number);
    else asm_alu(&c->code, op, RAX, lower_int_place(c, y, RCX));
}

static int power_of_two(Operand o)
{
    return o.index < 0 && o.number > 0 && (o.number & (o.number - 1)) == 0 ? __builtin_ctzll((uint64_t)o.number) : -1;
}

/* Quotient in rax and rest in rdx, rounded down; by a positive number only. Small ones are divided in 32 bits, which is faster. */
static void divide(Compiler *c, Operand x, Operand y)
{
    Assembler *a = &c->code;
    lower_load_int(c, y, RCX);
    if (y.index >= 0) {
        asm_test(a, RCX, RCX);
        compiler_guard(c, CC_LESS_EQUAL);
    }
    lower_load_int(c, x, RAX);
    asm_move(a, RDX, in_register(RAX));
    asm_alu(a, ALU_OR, RDX, in_register(RCX));
    asm_shift_constant(a, SHIFT_RIGHT, RDX, 32);
    int wide = asm_jump_if(a, CC_NOT_EQUAL);
    asm_divide(a, RCX, false);          /* rdx is 0 */
    int done = asm_jump(a);
    asm_patch(a, wide, a->count);
    asm_sign_extend_rax(a);
    asm_divide(a, RCX, true);
    asm_test(a, RDX, RDX);
    int positive = asm_jump_if(a, CC_NEGATIVE ^ 1);
    asm_alu(a, ALU_ADD, RDX, in_register(RCX));
    asm_alu_constant(a, ALU_SUB, in_register(RAX), 1);
    asm_patch(a, positive, a->count);
    asm_patch(a, done, a->count);
}

/* Result in rax; false if there is no code for it. */
static bool int_operation(Compiler *c, int op, Operand x, Operand y)
{
    Assembler *a = &c->code;
    int shift;
    switch (op) {
    case X_ADD_RR: alu(c, ALU_ADD, x, y); compiler_guard(c, CC_OVERFLOW); return true;
    case X_SUBTRACT_RR: alu(c, ALU_SUB, x, y); compiler_guard(c, CC_OVERFLOW); return true;
    case X_AND_RR: alu(c, ALU_AND, x, y); return true;
    case X_OR_RR: alu(c, ALU_OR, x, y); return true;
    case X_XOR_RR: alu(c, ALU_XOR, x, y); return true;
    case X_MULTIPLY_RR:
        lower_load_int(c, x, RAX);
        asm_multiply(a, RAX, lower_int_place(c, y, RCX));
        compiler_guard(c, CC_OVERFLOW);
        return true;
    case X_FLOOR_DIVIDE_RR: case X_REMAINDER_RR:
        if (y.index < 0 && y.number <= 0) return false;
        shift = power_of_two(y);
        if (shift < 0 || (op == X_REMAINDER_RR && shift > 31)) {
            divide(c, x, y);
            if (op == X_REMAINDER_RR) asm_move(a, RAX, in_register(RDX));
            return true;
        }
        lower_load_int(c, x, RAX);
        if (op == X_REMAINDER_RR) asm_alu_constant(a, ALU_AND, in_register(RAX), (int32_t)(y.number - 1));
        else if (shift) asm_shift_constant(a, SHIFT_RIGHT_SIGNED, RAX, shift);
        return true;
    case X_LSHIFT_RR:
        lower_load_int(c, y, RCX);
        if (y.index < 0) {
            if (y.number < 0 || y.number > 62) return false;
        }
        else {
            asm_alu_constant(a, ALU_CMP, in_register(RCX), 62);
            compiler_guard(c, CC_ABOVE);
        }
        lower_load_int(c, x, RAX);
        asm_shift(a, SHIFT_LEFT, RAX);
        asm_move(a, RDX, in_register(RAX));
        asm_shift(a, SHIFT_RIGHT_SIGNED, RDX);
        asm_alu(a, ALU_CMP, RDX, lower_int_place(c, x, RCX));
        compiler_guard(c, CC_NOT_EQUAL);
        return true;
    case X_RSHIFT_RR:
        lower_load_int(c, y, RCX);
        if (y.index < 0) {
            if (y.number < 0 || y.number > 62) return false;
        }
        else {
            asm_alu_constant(a, ALU_CMP, in_register(RCX), 62);
            compiler_guard(c, CC_ABOVE);
        }
        lower_load_int(c, x, RAX);
        asm_shift(a, SHIFT_RIGHT_SIGNED, RAX);
        return true;
    default: return false;
    }
}

/* Leaves if a double is 0. */
static void guard_not_zero(Compiler *c, Place p)
{
    Assembler *a = &c->code;
    asm_float_clear(a, 1);
    asm_float_compare(a, 1, p);
    int unordered = asm_jump_if(a, CC_PARITY);
    compiler_guard(c, CC_EQUAL);
    asm_patch(a, unordered, a->count);
}

static double floor_divide(double x, double y)
{
    double r;
    float_divmod(x, y, &r, NULL);
    return r;
}

static double remainder_of(double x, double y)
{
    double r;
    float_divmod(x, y, NULL, &r);
    return r;
}

/* x ** y where that is a float and no error, else NaN. */
static double power(double x, double y)
{
    double r = x > 0.0 || (x != 0.0 && y == floor(y)) ? pow(x, y) : (double)NAN;
    return isinf(r) ? (double)NAN : r;
}

/* A function of two doubles; leaves if the result is NaN, which stands for what it cannot do. Result in xmm0. */
static void call_of_floats(Compiler *c, double (*function)(double, double), Operand x, Operand y)
{
    compiler_save(c, true);
    lower_load_float(c, y, 1);
    lower_load_float(c, x, 0);
    lower_call(c, (const void *)(uintptr_t)function);
    asm_float_compare(&c->code, 0, in_register(0));
    compiler_guard(c, CC_PARITY);
}

static bool float_operation(Compiler *c, int op, Operand x, Operand y)
{
    static const struct { int op; FloatOp code; } codes[] = {
        {X_ADD_RR, FLOAT_ADD}, {X_SUBTRACT_RR, FLOAT_SUBTRACT}, {X_MULTIPLY_RR, FLOAT_MULTIPLY}, {X_TRUE_DIVIDE_RR, FLOAT_DIVIDE},
    };
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (codes[i].op != op) continue;
        if (op == X_TRUE_DIVIDE_RR) {
            if (x.kind == KIND_INT && y.kind == KIND_INT) {
                guard_exact_double(c, x);
                guard_exact_double(c, y);
            }
            if (y.index < 0 && (y.kind == KIND_INT ? y.number == 0 : y.real == 0)) return false;
            if (y.index >= 0) guard_not_zero(c, lower_float_place(c, y, 0));
        }
        lower_load_float(c, x, 0);
        asm_float(&c->code, codes[i].code, 0, lower_float_place(c, y, 1));
        return true;
    }
    if (op != X_FLOOR_DIVIDE_RR && op != X_REMAINDER_RR) return false;
    if (y.index < 0 && (y.kind == KIND_INT ? y.number == 0 : y.real == 0)) return false;
    if (y.index >= 0) guard_not_zero(c, lower_float_place(c, y, 0));
    call_of_floats(c, op == X_REMAINDER_RR ? remainder_of : floor_divide, x, y);
    return true;
}

/* `op` is the RR form of an arithmetic instruction. */
static bool arithmetic(Compiler *c, int op, Operand x, Operand y, bool consumes_y)
{
    const Word *ip = c->ip;
    if (!lower_is_number(x) || !lower_is_number(y)) return false;
    bool ints = x.kind == KIND_INT && y.kind == KIND_INT && op != X_TRUE_DIVIDE_RR;
    if (!(ints ? int_operation(c, op, x, y) : float_operation(c, op, x, y))) return false;
    if (x.index >= 0) lower_consume(c, ip->b);
    if (consumes_y) lower_consume(c, ip->c);
    if (ints) lower_give_int(c, ip->a, KIND_INT, RAX);
    else lower_give_float(c, ip->a, 0);
    return true;
}

bool lower_arithmetic(Compiler *c, int op)
{
    const Word *ip = c->ip;
    int form = (op - X_ADD_RR) % 4, base = op - form;
    Operand x = lower_operand(c, ip->b), y = form == 3 ? lower_immediate((int16_t)ip->c) : lower_operand(c, ip->c);
    return arithmetic(c, base, x, y, form != 3);
}

/* `**`: the square of an int, and of floats what is a float. Other operators that have no instruction of their own are not served. */
bool lower_power(Compiler *c)
{
    enum { NB_POWER = 8, NB_INPLACE_POWER = 21 };
    const Word *ip = c->ip;
    int oparg = ((const uint16_t *)c->exec->code->co_code_adaptive)[exec_unit_at(c->exec, ip)] >> 8;
    Operand x = lower_operand(c, ip->b), y = lower_operand(c, ip->c);
    if ((oparg != NB_POWER && oparg != NB_INPLACE_POWER) || !lower_is_number(x) || !lower_is_number(y)) return false;
    bool ints = x.kind == KIND_INT && y.kind == KIND_INT;
    if (ints) {
        if (y.index >= 0 || y.number != 2) return false;
        int_operation(c, X_MULTIPLY_RR, x, x);
    }
    else call_of_floats(c, power, x, y);
    lower_consume(c, ip->b);
    lower_consume(c, ip->c);
    if (ints) lower_give_int(c, ip->a, KIND_INT, RAX);
    else lower_give_float(c, ip->a, 0);
    return true;
}

bool lower_negative(Compiler *c)
{
    Operand x = lower_operand(c, c->ip->b);
    if (x.kind == KIND_INT) {
        lower_load_int(c, x, RAX);
        asm_negate(&c->code, RAX);
        compiler_guard(c, CC_OVERFLOW);
        lower_consume(c, c->ip->b);
        lower_give_int(c, c->ip->a, KIND_INT, RAX);
        return true;
    }
    if (x.kind != KIND_FLOAT) return false;
    asm_move_constant(&c->code, RAX, INT64_MIN);
    asm_float_from_bits(&c->code, 1, RAX);
    lower_load_float(c, x, 0);
    asm_float_xor(&c->code, 0, 1);
    lower_consume(c, c->ip->b);
    lower_give_float(c, c->ip->a, 0);
    return true;
}

bool lower_invert(Compiler *c)
{
    Operand x = lower_operand(c, c->ip->b);
    if (x.kind != KIND_INT) return false;
    lower_load_int(c, x, RAX);
    asm_invert(&c->code, RAX);
    lower_consume(c, c->ip->b);
    lower_give_int(c, c->ip->a, KIND_INT, RAX);
    return true;
}

/* ---- Comparison and truth ------------------------------------------------------------------------------------- */

/* After a comparison: the condition under which it holds. For doubles EQ and NE need the parity flag as well. */
typedef struct { Condition condition; bool floats; int kind; } Comparison;

static bool compare(Compiler *c, int kind, Operand x, Operand y, Comparison *result)
{
    static const Condition of_ints[] = {CC_LESS, CC_LESS_EQUAL, CC_EQUAL, CC_NOT_EQUAL, CC_GREATER, CC_GREATER_EQUAL};
    static const Condition of_floats[] = {CC_ABOVE, CC_ABOVE_EQUAL, CC_EQUAL, CC_NOT_EQUAL, CC_ABOVE, CC_ABOVE_EQUAL};
    Assembler *a = &c->code;
    bool ints = (x.kind == KIND_INT || x.kind == KIND_BOOL) && (y.kind == KIND_INT || y.kind == KIND_BOOL);
    if (ints) {
        Place p = lower_int_place(c, x, RAX);
        if (y.index < 0 && y.number == (int32_t)y.number) asm_alu_constant(a, ALU_CMP, p, (int32_t)y.number);
        else asm_alu(a, ALU_CMP, lower_int_register(c, x, RAX), lower_int_place(c, y, RCX));
        *result = (Comparison){of_ints[kind], false, kind};
        return true;
    }
    if (!lower_is_number(x) || !lower_is_number(y)) return false;
    guard_exact_double(c, x);
    guard_exact_double(c, y);
    bool swapped = kind == Py_LT || kind == Py_LE;      /* so that "unordered" is false */
    lower_load_float(c, swapped ? y : x, 0);
    asm_float_compare(a, 0, lower_float_place(c, swapped ? x : y, 1));
    *result = (Comparison){of_floats[kind], true, kind};
    return true;
}

/* Goes to `word` if the comparison's truth is `sense`. */
static void jump_on(Compiler *c, Comparison r, bool sense, int word)
{
    if (!r.floats || (r.kind != Py_EQ && r.kind != Py_NE)) {
        compiler_go_if(c, r.condition ^ !sense, word);
        return;
    }
    if ((r.kind == Py_NE) == sense) {       /* different or unordered */
        int parity = asm_jump_if(&c->code, CC_PARITY), equal = asm_jump_if(&c->code, CC_EQUAL);
        asm_patch(&c->code, parity, c->code.count);
        compiler_go(c, word);
        asm_patch(&c->code, equal, c->code.count);
        return;
    }
    int parity = asm_jump_if(&c->code, CC_PARITY);
    compiler_go_if(c, CC_EQUAL, word);
    asm_patch(&c->code, parity, c->code.count);
}

bool lower_compare_jump(Compiler *c, int op)
{
    const Word *ip = c->ip;
    int number = op - X_JUMP_IF_LT_RR, kind = number / 6, form = number % 3;
    bool sense = number % 6 < 3;
    Operand x = lower_operand(c, ip->a), y = form == 2 ? lower_immediate((int16_t)ip->b) : lower_operand(c, ip->b);
    Comparison r;
    if (!compare(c, kind, x, y, &r)) return false;
    lower_consume(c, ip->a);
    if (form != 2) lower_consume(c, ip->b);
    jump_on(c, r, sense, c->word + (int16_t)ip->c);
    return true;
}

bool lower_compare(Compiler *c, int op)
{
    const Word *ip = c->ip;
    Comparison r;
    if (!compare(c, op - X_COMPARE_LT, lower_operand(c, ip->b), lower_operand(c, ip->c), &r)) return false;
    asm_set(&c->code, r.condition, RAX);
    if (r.floats && (r.kind == Py_EQ || r.kind == Py_NE)) {
        asm_set(&c->code, r.kind == Py_EQ ? CC_NO_PARITY : CC_PARITY, RCX);
        asm_alu(&c->code, r.kind == Py_EQ ? ALU_AND : ALU_OR, RAX, in_register(RCX));
    }
    lower_consume(c, ip->b);
    lower_consume(c, ip->c);
    lower_give_int(c, ip->a, KIND_BOOL, RAX);
    return true;
}

/* Compares an operand with zero; EQ holds where it is false. */
static bool test(Compiler *c, Operand x, Comparison *result)
{
    if (x.kind == KIND_INT || x.kind == KIND_BOOL) {
        asm_alu_constant(&c->code, ALU_CMP, lower_int_place(c, x, RAX), 0);
        *result = (Comparison){CC_EQUAL, false, Py_EQ};
        return true;
    }
    if (x.kind == KIND_FLOAT) {
        asm_float_clear(&c->code, 1);
        asm_float_compare(&c->code, 1, lower_float_place(c, x, 0));
        *result = (Comparison){CC_EQUAL, true, Py_EQ};
        return true;
    }
    if (lower_is_sequence(x)) {
        asm_alu_constant(&c->code, ALU_CMP, FIELD(lower_int_register(c, x, RAX), PyVarObject, ob_size), 0);
        *result = (Comparison){CC_EQUAL, false, Py_EQ};
        return true;
    }
    return false;
}

bool lower_truth_jump(Compiler *c, bool sense)
{
    Comparison r;
    if (!test(c, lower_operand(c, c->ip->a), &r)) return false;
    lower_consume(c, c->ip->a);
    jump_on(c, r, !sense, c->word + c->ip->jump);
    return true;
}

bool lower_truth_jump_keep(Compiler *c, bool sense)
{
    Comparison r;
    if (!test(c, lower_operand(c, c->ip->a), &r)) return false;
    jump_on(c, r, !sense, c->word + c->ip->jump);
    lower_set_fact(c, c->ip->a, (Fact){.kind = KIND_NONE});
    return true;
}

bool lower_not(Compiler *c)
{
    Comparison r;
    if (!test(c, lower_operand(c, c->ip->b), &r)) return false;
    asm_set(&c->code, CC_EQUAL, RAX);
    if (r.floats) {
        asm_set(&c->code, CC_NO_PARITY, RCX);
        asm_alu(&c->code, ALU_AND, RAX, in_register(RCX));
    }
    lower_consume(c, c->ip->b);
    lower_give_int(c, c->ip->a, KIND_BOOL, RAX);
    return true;
}
