/* The instructions of the execution form as machine code.
 *
 * Each lowering reads its operands' kinds from c->now, emits code that leaves in front of the instruction where it cannot serve
 * (compiler_guard), and last of all changes c->now: consumed temporaries end, the result's register gets its kind. Results are
 * made in scratch registers and moved home at the very end, so that a guard finds the state of before.
 */
#include <math.h>
#include <string.h>

#include "objects/list.h"
#include "objects/range.h"
#include "objects/tuple.h"
#include "vm/native/compiler.h"
#include "vm/ops.h"
#include "vm/vm.h"

#define FIELD(base, type, field) in_memory((base), (int32_t)offsetof(type, field))

/* ---- Operands and results ------------------------------------------------------------------------------------- */

static Operand constant_operand(Value v)
{
    if (value_is_int(v)) return (Operand){.kind = KIND_INT, .index = -1, .number = value_int(v)};
    if (value_is_float(v)) return (Operand){.kind = KIND_FLOAT, .index = -1, .real = value_float(v)};
    PyObject *o = value_object(v);
    if (o == Py_True || o == Py_False) return (Operand){.kind = KIND_BOOL, .index = -1, .number = o == Py_True};
    Value number = value_unbox_borrowed(o);
    if (!value_is_object(number)) return constant_operand(number);
    if (PyFloat_CheckExact(o)) return (Operand){.kind = KIND_FLOAT, .index = -1, .real = PyFloat_AS_DOUBLE(o)};
    return (Operand){.kind = KIND_NONE, .index = -1};
}

static Operand operand(Compiler *c, uint16_t x)
{
    if (x & OPERAND_CONSTANT) return constant_operand(c->exec->constants[x & ~OPERAND_CONSTANT]);
    int index = compiler_index(c, x);
    const Fact *f = &c->now.facts[index];
    return (Operand){.kind = f->kind, .index = index, .what = f->what, .sample = f->sample};
}

static Operand immediate(uint16_t lane)
{
    return (Operand){.kind = KIND_INT, .index = -1, .number = (int16_t)lane};
}

/* A temporary that was an operand is empty now. */
static void consume(Compiler *c, uint16_t x)
{
    if (!(x & OPERAND_CONSTANT) && x >= c->exec->first_temporary) c->now.facts[compiler_index(c, x)] = (Fact){.kind = KIND_NONE};
}

/* An int's, bool's or object's word: a place to read it from. */
static Place int_place(Compiler *c, Operand o, Register scratch)
{
    if (o.index >= 0) return compiler_home(c, o.index, false);
    if (o.number != (int32_t)o.number) return compiler_constant(c, (uint64_t)o.number);
    asm_move_constant(&c->code, scratch, o.number);
    return in_register(scratch);
}

/* The same in a register, which may be its home. */
static Register int_register(Compiler *c, Operand o, Register scratch)
{
    Place p = int_place(c, o, scratch);
    if (p.reg != NO_REGISTER) return p.reg;
    asm_move(&c->code, scratch, p);
    return scratch;
}

/* A copy of the word in `to`. */
static void load_int(Compiler *c, Operand o, Register to) { asm_move(&c->code, to, int_place(c, o, to)); }

/* A number as a double. */
static Place float_place(Compiler *c, Operand o, Register scratch)
{
    uint64_t word;
    double d = o.kind == KIND_FLOAT ? o.real : (double)o.number;
    if (o.index < 0) {
        memcpy(&word, &d, sizeof word);
        return compiler_constant(c, word);
    }
    if (o.kind == KIND_FLOAT) return compiler_home(c, o.index, true);
    asm_float_from_int(&c->code, scratch, compiler_home(c, o.index, false));
    return in_register(scratch);
}

static void load_float(Compiler *c, Operand o, Register to) { asm_float_move(&c->code, to, float_place(c, o, to)); }

static void set_fact(Compiler *c, uint16_t a, Fact f) { c->now.facts[compiler_index(c, a)] = f; }

/* The instruction's result is in a scratch register. */
static void give_int(Compiler *c, uint16_t a, Kind kind, Register from)
{
    asm_store(&c->code, compiler_home(c, compiler_index(c, a), false), from);
    set_fact(c, a, (Fact){.kind = kind});
}

static void give_float(Compiler *c, uint16_t a, Register from)
{
    asm_float_store(&c->code, compiler_home(c, compiler_index(c, a), true), from);
    set_fact(c, a, (Fact){.kind = KIND_FLOAT});
}

static bool is_number(Operand o) { return o.kind == KIND_INT || o.kind == KIND_FLOAT; }

/* Leaves if an int does not become a double exactly. */
static void guard_exact_double(Compiler *c, Operand o)
{
    if (o.kind != KIND_INT) return;
    if (o.index < 0 && op_is_exact_double(o.number)) return;
    Register r = int_register(c, o, RAX);
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
    load_int(c, x, RAX);
    if (y.index < 0 && y.number == (int32_t)y.number) asm_alu_constant(&c->code, op, in_register(RAX), (int32_t)y.number);
    else asm_alu(&c->code, op, RAX, int_place(c, y, RCX));
}

static int power_of_two(Operand o)
{
    return o.index < 0 && o.number > 0 && (o.number & (o.number - 1)) == 0 ? __builtin_ctzll((uint64_t)o.number) : -1;
}

/* Quotient in rax and rest in rdx, rounded down; by a positive number only. Small ones are divided in 32 bits, which is faster. */
static void divide(Compiler *c, Operand x, Operand y)
{
    Assembler *a = &c->code;
    load_int(c, y, RCX);
    if (y.index >= 0) {
        asm_test(a, RCX, RCX);
        compiler_guard(c, CC_LESS_EQUAL);
    }
    load_int(c, x, RAX);
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
        load_int(c, x, RAX);
        asm_multiply(a, RAX, int_place(c, y, RCX));
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
        load_int(c, x, RAX);
        if (op == X_REMAINDER_RR) asm_alu_constant(a, ALU_AND, in_register(RAX), (int32_t)(y.number - 1));
        else if (shift) asm_shift_constant(a, SHIFT_RIGHT_SIGNED, RAX, shift);
        return true;
    case X_LSHIFT_RR:
        load_int(c, y, RCX);
        if (y.index < 0) {
            if (y.number < 0 || y.number > 62) return false;
        }
        else {
            asm_alu_constant(a, ALU_CMP, in_register(RCX), 62);
            compiler_guard(c, CC_ABOVE);
        }
        load_int(c, x, RAX);
        asm_shift(a, SHIFT_LEFT, RAX);
        asm_move(a, RDX, in_register(RAX));
        asm_shift(a, SHIFT_RIGHT_SIGNED, RDX);
        asm_alu(a, ALU_CMP, RDX, int_place(c, x, RCX));
        compiler_guard(c, CC_NOT_EQUAL);
        return true;
    case X_RSHIFT_RR:
        load_int(c, y, RCX);
        if (y.index < 0) {
            if (y.number < 0 || y.number > 62) return false;
        }
        else {
            asm_alu_constant(a, ALU_CMP, in_register(RCX), 62);
            compiler_guard(c, CC_ABOVE);
        }
        load_int(c, x, RAX);
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
            if (y.index >= 0) guard_not_zero(c, float_place(c, y, 0));
        }
        load_float(c, x, 0);
        asm_float(&c->code, codes[i].code, 0, float_place(c, y, 1));
        return true;
    }
    return false;
}

/* `op` is the RR form of an arithmetic instruction. */
static bool arithmetic(Compiler *c, int op, Operand x, Operand y, bool consumes_y)
{
    const Word *ip = c->ip;
    if (!is_number(x) || !is_number(y)) return false;
    bool ints = x.kind == KIND_INT && y.kind == KIND_INT && op != X_TRUE_DIVIDE_RR;
    if (!(ints ? int_operation(c, op, x, y) : float_operation(c, op, x, y))) return false;
    if (x.index >= 0) consume(c, ip->b);
    if (consumes_y) consume(c, ip->c);
    if (ints) give_int(c, ip->a, KIND_INT, RAX);
    else give_float(c, ip->a, 0);
    return true;
}

static bool lower_arithmetic(Compiler *c, int op)
{
    const Word *ip = c->ip;
    int form = (op - X_ADD_RR) % 4, base = op - form;
    Operand x = operand(c, ip->b), y = form == 3 ? immediate(ip->c) : operand(c, ip->c);
    return arithmetic(c, base, x, y, form != 3);
}

static bool lower_negative(Compiler *c)
{
    Operand x = operand(c, c->ip->b);
    if (x.kind == KIND_INT) {
        load_int(c, x, RAX);
        asm_negate(&c->code, RAX);
        compiler_guard(c, CC_OVERFLOW);
        consume(c, c->ip->b);
        give_int(c, c->ip->a, KIND_INT, RAX);
        return true;
    }
    if (x.kind != KIND_FLOAT) return false;
    asm_move_constant(&c->code, RAX, INT64_MIN);
    asm_float_from_bits(&c->code, 1, RAX);
    load_float(c, x, 0);
    asm_float_xor(&c->code, 0, 1);
    consume(c, c->ip->b);
    give_float(c, c->ip->a, 0);
    return true;
}

static bool lower_invert(Compiler *c)
{
    Operand x = operand(c, c->ip->b);
    if (x.kind != KIND_INT) return false;
    load_int(c, x, RAX);
    asm_invert(&c->code, RAX);
    consume(c, c->ip->b);
    give_int(c, c->ip->a, KIND_INT, RAX);
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
        Place p = int_place(c, x, RAX);
        if (y.index < 0 && y.number == (int32_t)y.number) asm_alu_constant(a, ALU_CMP, p, (int32_t)y.number);
        else asm_alu(a, ALU_CMP, int_register(c, x, RAX), int_place(c, y, RCX));
        *result = (Comparison){of_ints[kind], false, kind};
        return true;
    }
    if (!is_number(x) || !is_number(y)) return false;
    guard_exact_double(c, x);
    guard_exact_double(c, y);
    bool swapped = kind == Py_LT || kind == Py_LE;      /* so that "unordered" is false */
    load_float(c, swapped ? y : x, 0);
    asm_float_compare(a, 0, float_place(c, swapped ? x : y, 1));
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

static bool lower_compare_jump(Compiler *c, int op)
{
    const Word *ip = c->ip;
    int number = op - X_JUMP_IF_LT_RR, kind = number / 6, form = number % 3;
    bool sense = number % 6 < 3;
    Operand x = operand(c, ip->a), y = form == 2 ? immediate(ip->b) : operand(c, ip->b);
    Comparison r;
    if (!compare(c, kind, x, y, &r)) return false;
    consume(c, ip->a);
    if (form != 2) consume(c, ip->b);
    jump_on(c, r, sense, c->word + (int16_t)ip->c);
    return true;
}

static bool lower_compare(Compiler *c, int op)
{
    const Word *ip = c->ip;
    Comparison r;
    if (!compare(c, op - X_COMPARE_LT, operand(c, ip->b), operand(c, ip->c), &r)) return false;
    asm_set(&c->code, r.condition, RAX);
    if (r.floats && (r.kind == Py_EQ || r.kind == Py_NE)) {
        asm_set(&c->code, r.kind == Py_EQ ? CC_NO_PARITY : CC_PARITY, RCX);
        asm_alu(&c->code, r.kind == Py_EQ ? ALU_AND : ALU_OR, RAX, in_register(RCX));
    }
    consume(c, ip->b);
    consume(c, ip->c);
    give_int(c, ip->a, KIND_BOOL, RAX);
    return true;
}

/* Compares an operand with zero; EQ holds where it is false. */
static bool test(Compiler *c, Operand x, Comparison *result)
{
    if (x.kind == KIND_INT || x.kind == KIND_BOOL) {
        asm_alu_constant(&c->code, ALU_CMP, int_place(c, x, RAX), 0);
        *result = (Comparison){CC_EQUAL, false, Py_EQ};
        return true;
    }
    if (x.kind == KIND_FLOAT) {
        asm_float_clear(&c->code, 1);
        asm_float_compare(&c->code, 1, float_place(c, x, 0));
        *result = (Comparison){CC_EQUAL, true, Py_EQ};
        return true;
    }
    if (x.kind == KIND_OBJECT && (x.what == &PyList_Type || x.what == &PyTuple_Type)) {
        asm_alu_constant(&c->code, ALU_CMP, FIELD(int_register(c, x, RAX), PyVarObject, ob_size), 0);
        *result = (Comparison){CC_EQUAL, false, Py_EQ};
        return true;
    }
    return false;
}

static bool lower_truth_jump(Compiler *c, bool sense)
{
    Comparison r;
    if (!test(c, operand(c, c->ip->a), &r)) return false;
    consume(c, c->ip->a);
    jump_on(c, r, !sense, c->word + c->ip->jump);
    return true;
}

static bool lower_truth_jump_keep(Compiler *c, bool sense)
{
    Comparison r;
    if (!test(c, operand(c, c->ip->a), &r)) return false;
    jump_on(c, r, !sense, c->word + c->ip->jump);
    set_fact(c, c->ip->a, (Fact){.kind = KIND_NONE});
    return true;
}

static bool lower_not(Compiler *c)
{
    Comparison r;
    if (!test(c, operand(c, c->ip->b), &r)) return false;
    asm_set(&c->code, CC_EQUAL, RAX);
    if (r.floats) {
        asm_set(&c->code, CC_NO_PARITY, RCX);
        asm_alu(&c->code, ALU_AND, RAX, in_register(RCX));
    }
    consume(c, c->ip->b);
    give_int(c, c->ip->a, KIND_BOOL, RAX);
    return true;
}

/* ---- Moves ---------------------------------------------------------------------------------------------------- */

static bool move(Compiler *c, uint16_t a, Operand x, Fact f)
{
    if (x.kind == KIND_NONE || x.kind == KIND_KNOWN) return false;
    if (x.kind == KIND_FLOAT) {
        load_float(c, x, 0);
        give_float(c, a, 0);
    }
    else {
        Register r = int_register(c, x, RAX);
        give_int(c, a, x.kind, r);
    }
    set_fact(c, a, f);
    return true;
}

static Fact fact_of(Operand x) { return (Fact){x.kind, x.what, x.sample}; }

static bool lower_copy(Compiler *c)
{
    Operand x = operand(c, c->ip->b);
    return move(c, c->ip->a, x, fact_of(x));
}

static bool lower_take(Compiler *c)
{
    Operand x = operand(c, c->ip->b);
    if (!move(c, c->ip->a, x, fact_of(x))) return false;
    set_fact(c, c->ip->b, (Fact){.kind = KIND_NONE});
    return true;
}

/* ---- Items ---------------------------------------------------------------------------------------------------- */

/* The kind of what a sample holds at a place: what most of its items are likely to be. */
static Fact fact_of_object(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    if (type == &PyLong_Type) return (Fact){.kind = KIND_INT};
    if (type == &PyFloat_Type) return (Fact){.kind = KIND_FLOAT};
    if (type == &PyBool_Type) return (Fact){.kind = KIND_BOOL};
    if (type == &PyList_Type || type == &PyTuple_Type) return (Fact){KIND_OBJECT, type, o};
    return (Fact){.kind = KIND_NONE};
}

static Fact sample_item(PyObject *container, int64_t at)
{
    Py_ssize_t n = container ? Py_SIZE(container) : 0;
    if (at < 0) at += n;
    if (at < 0 || at >= n) at = 0;
    if (!n) return (Fact){.kind = KIND_NONE};
    return fact_of_object(PyList_CheckExact(container) ? PyList_GET_ITEM(container, at) : PyTuple_GET_ITEM(container, at));
}

/* The word of the object in `item` (rdx) as that kind wants it, in rax or xmm0. Leaves if the object is another. */
static void unbox(Compiler *c, Register item, Fact f)
{
    Assembler *a = &c->code;
    if (f.kind == KIND_BOOL) {
        asm_move_constant(a, RCX, (int64_t)(intptr_t)Py_True);
        asm_alu(a, ALU_CMP, item, in_register(RCX));
        asm_set(a, CC_EQUAL, RAX);
        int is_true = asm_jump_if(a, CC_EQUAL);
        asm_move_constant(a, RCX, (int64_t)(intptr_t)Py_False);
        asm_alu(a, ALU_CMP, item, in_register(RCX));
        compiler_guard(c, CC_NOT_EQUAL);
        asm_patch(a, is_true, a->count);
        return;
    }
    const void *type = f.kind == KIND_INT ? &PyLong_Type : f.kind == KIND_FLOAT ? &PyFloat_Type : f.what;
    asm_move_constant(a, RCX, (int64_t)(intptr_t)type);
    asm_alu(a, ALU_CMP, RCX, FIELD(item, PyObject, ob_type));
    compiler_guard(c, CC_NOT_EQUAL);
    if (f.kind == KIND_FLOAT) asm_float_move(a, 0, FIELD(item, PyFloatObject, ob_fval));
    else if (f.kind == KIND_OBJECT) asm_move(a, RAX, in_register(item));
    else {      /* one digit, or two */
        asm_move(a, RCX, FIELD(item, PyVarObject, ob_size));
        asm_move_low(a, RAX, FIELD(item, PyLongObject, ob_digit[0]));
        asm_alu_constant(a, ALU_CMP, in_register(RCX), 2);
        int two = asm_jump_if(a, CC_EQUAL);
        asm_multiply(a, RAX, in_register(RCX));
        asm_alu_constant(a, ALU_ADD, in_register(RCX), 1);
        asm_alu_constant(a, ALU_CMP, in_register(RCX), 2);
        compiler_guard(c, CC_ABOVE);
        int done = asm_jump(a);
        asm_patch(a, two, a->count);
        asm_move_low(a, RCX, FIELD(item, PyLongObject, ob_digit[1]));
        asm_shift_constant(a, SHIFT_LEFT, RCX, PyLong_SHIFT);
        asm_alu(a, ALU_OR, RAX, in_register(RCX));
        asm_patch(a, done, a->count);
    }
}

/* unbox() left its result. */
static void give_unboxed(Compiler *c, uint16_t reg, Fact f)
{
    if (f.kind == KIND_FLOAT) give_float(c, reg, 0);
    else give_int(c, reg, f.kind, RAX);
    set_fact(c, reg, f);
}

static bool is_sequence(Operand o) { return o.kind == KIND_OBJECT && (o.what == &PyList_Type || o.what == &PyTuple_Type); }

/* The index in rax, checked, and in rcx the items. */
static void index_items(Compiler *c, Operand container, Operand key)
{
    Assembler *a = &c->code;
    load_int(c, container, RCX);
    load_int(c, key, RAX);
    if (key.index >= 0) {
        asm_test(a, RAX, RAX);
        int positive = asm_jump_if(a, CC_NEGATIVE ^ 1);
        asm_alu(a, ALU_ADD, RAX, FIELD(RCX, PyVarObject, ob_size));
        asm_patch(a, positive, a->count);
    }
    else if (key.number < 0) asm_alu(a, ALU_ADD, RAX, FIELD(RCX, PyVarObject, ob_size));
    asm_alu(a, ALU_CMP, RAX, FIELD(RCX, PyVarObject, ob_size));
    compiler_guard(c, CC_ABOVE_EQUAL);
    if (container.what == &PyList_Type) asm_move(a, RCX, FIELD(RCX, PyListObject, ob_item));
    else asm_alu_constant(a, ALU_ADD, in_register(RCX), (int32_t)offsetof(PyTupleObject, ob_item));
}

static bool lower_subscript(Compiler *c)
{
    const Word *ip = c->ip;
    Operand container = operand(c, ip->b), key = operand(c, ip->c);
    if (!is_sequence(container) || key.kind != KIND_INT) return false;
    Fact f = sample_item(container.sample, key.index < 0 ? key.number : 0);
    if (f.kind == KIND_NONE) return false;
    index_items(c, container, key);
    asm_load_indexed(&c->code, RDX, RCX, RAX);
    unbox(c, RDX, f);
    consume(c, ip->b);
    consume(c, ip->c);
    give_unboxed(c, ip->a, f);
    return true;
}

static bool is_number_object(PyObject *o)
{
    return PyLong_CheckExact(o) || PyFloat_CheckExact(o) || PyBool_Check(o);
}

/* Puts a number into a list in place of another. The number that was there may end, but nothing more. 0: nothing was done. */
static int store_item(PyObject **place, uint64_t word, Kind kind)
{
    PyObject *old = *place, *item;
    if (!is_number_object(old)) return 0;
    double d;
    memcpy(&d, &word, sizeof d);
    if (kind == KIND_BOOL) item = Py_NewRef(word ? Py_True : Py_False);
    else if (kind == KIND_FLOAT) {
        if (Py_REFCNT(old) == 1 && PyFloat_CheckExact(old)) {       /* nobody else sees it change */
            ((PyFloatObject *)old)->ob_fval = d;
            return 1;
        }
        item = PyFloat_FromDouble(d);
    }
    else item = PyLong_FromLongLong((long long)word);
    if (!item) {
        PyErr_Clear();
        return 0;
    }
    *place = item;
    Py_DECREF(old);
    return 1;
}

static bool lower_store_subscript(Compiler *c)
{
    const Word *ip = c->ip;
    Assembler *a = &c->code;
    Operand container = operand(c, ip->a), key = operand(c, ip->b), value = operand(c, ip->c);
    if (!is_sequence(container) || container.what != &PyList_Type || key.kind != KIND_INT) return false;
    if (value.kind != KIND_INT && value.kind != KIND_FLOAT && value.kind != KIND_BOOL) return false;
    index_items(c, container, key);
    asm_address_indexed(a, RDX, RCX, RAX);
    compiler_save(c, true);
    if (value.kind == KIND_FLOAT) {
        load_float(c, value, 0);
        asm_float_to_bits(a, RAX, 0);
    }
    else load_int(c, value, RAX);
    asm_move(a, RDI, in_register(RDX));
    asm_move(a, RSI, in_register(RAX));
    asm_move_constant(a, RDX, value.kind);
    asm_call(a, (const void *)(uintptr_t)store_item);
    compiler_save(c, false);
    asm_test(a, RAX, RAX);
    compiler_guard(c, CC_EQUAL);
    consume(c, ip->a);
    consume(c, ip->b);
    consume(c, ip->c);
    return true;
}

/* ---- Iteration ------------------------------------------------------------------------------------------------ */

/* The end of an iterator is the interpreter's business. */
static bool lower_for_range(Compiler *c)
{
    Assembler *a = &c->code;
    Operand iterator = operand(c, c->ip->b);
    if (iterator.kind != KIND_OBJECT || iterator.what != &PyRangeIter_Type) return false;
    Register it = int_register(c, iterator, RCX);
    asm_alu_constant(a, ALU_CMP, FIELD(it, RangeIteratorObject, left), 0);
    compiler_guard(c, CC_LESS_EQUAL);
    asm_increment(a, FIELD(it, RangeIteratorObject, left), -1);
    asm_move(a, RAX, FIELD(it, RangeIteratorObject, next));
    asm_move(a, RDX, FIELD(it, RangeIteratorObject, step));
    asm_alu(a, ALU_ADD, RDX, in_register(RAX));
    asm_store(a, FIELD(it, RangeIteratorObject, next), RDX);
    give_int(c, c->ip->a, KIND_INT, RAX);
    return true;
}

static bool lower_for_list(Compiler *c)
{
    Assembler *a = &c->code;
    Operand iterator = operand(c, c->ip->b);
    if (iterator.kind != KIND_OBJECT || iterator.what != &PyListIter_Type || !iterator.sample) return false;
    ListIterator *sample = (ListIterator *)iterator.sample;
    Fact f = sample->list ? sample_item((PyObject *)sample->list, sample->index) : (Fact){.kind = KIND_NONE};
    if (f.kind == KIND_NONE) return false;
    load_int(c, iterator, RDX);
    asm_move(a, RCX, FIELD(RDX, ListIterator, list));
    asm_test(a, RCX, RCX);
    compiler_guard(c, CC_EQUAL);
    asm_move(a, RAX, FIELD(RDX, ListIterator, index));
    asm_alu(a, ALU_CMP, RAX, FIELD(RCX, PyVarObject, ob_size));
    compiler_guard(c, CC_ABOVE_EQUAL);
    asm_move(a, RCX, FIELD(RCX, PyListObject, ob_item));
    asm_load_indexed(a, RDX, RCX, RAX);
    unbox(c, RDX, f);
    load_int(c, iterator, RDX);
    asm_increment(a, FIELD(RDX, ListIterator, index), 1);
    give_unboxed(c, c->ip->a, f);
    return true;
}

/* ---- All ------------------------------------------------------------------------------------------------------ */

bool lower_instruction(Compiler *c)
{
    const Word *ip = c->ip;
    int op = native_opcode(c->exec, ip);
    if (op >= X_ADD_RR && op <= X_RSHIFT_RI) return lower_arithmetic(c, op);
    if (op >= X_COMPARE_LT && op <= X_COMPARE_GE) return lower_compare(c, op);
    if (op >= X_JUMP_IF_LT_RR && op <= X_JUMP_UNLESS_GE_RI) return lower_compare_jump(c, op);
    switch (op) {
    case X_NOP: return true;
    case X_COPY: return lower_copy(c);
    case X_TAKE: return lower_take(c);
    case X_CHECK_BOUND: return operand(c, ip->a).kind != KIND_NONE;
    case X_DROP:
        if (operand(c, ip->a).kind == KIND_NONE) return false;
        consume(c, ip->a);
        return true;
    case X_NEGATIVE: return lower_negative(c);
    case X_INVERT: return lower_invert(c);
    case X_NOT: return lower_not(c);
    case X_JUMP: case X_JUMP_QUIET:
        compiler_go(c, c->word + ip->jump);
        c->reachable = false;
        return true;
    case X_JUMP_IF_TRUE: return lower_truth_jump(c, true);
    case X_JUMP_IF_FALSE: return lower_truth_jump(c, false);
    case X_JUMP_IF_TRUE_KEEP: return lower_truth_jump_keep(c, true);
    case X_JUMP_IF_FALSE_KEEP: return lower_truth_jump_keep(c, false);
    case X_SUBSCRIPT: case X_SUBSCRIPT_NUMBER: return lower_subscript(c);
    case X_STORE_SUBSCRIPT: return lower_store_subscript(c);
    case X_FOR_ITER_RANGE: return lower_for_range(c);
    case X_FOR_ITER_LIST: return lower_for_list(c);
    default: return false;
    }
}
