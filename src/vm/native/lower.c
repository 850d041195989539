#include "vm/native/lower.h"

#include <string.h>

/* ---- Operands ------------------------------------------------------------------------------------------------- */

static Operand constant_operand(Value v)
{
    if (value_is_int(v)) return lower_immediate(value_int(v));
    if (value_is_float(v)) return (Operand){.kind = KIND_FLOAT, .index = -1, .real = value_float(v)};
    PyObject *o = value_object(v);
    if (o == Py_True || o == Py_False) return (Operand){.kind = KIND_BOOL, .index = -1, .number = o == Py_True};
    Value number = value_unbox_borrowed(o);
    if (!value_is_object(number)) return constant_operand(number);
    if (PyFloat_CheckExact(o)) return (Operand){.kind = KIND_FLOAT, .index = -1, .real = PyFloat_AS_DOUBLE(o)};
    return (Operand){.kind = KIND_NONE, .index = -1};
}

Operand lower_operand(Compiler *c, uint16_t x)
{
    if (x & OPERAND_CONSTANT) return constant_operand(c->exec->constants[x & ~OPERAND_CONSTANT]);
    int index = compiler_index(c, x);
    const Fact *f = &c->now.facts[index];
    return (Operand){.kind = f->kind, .index = index, .what = f->what, .sample = f->sample};
}

void lower_consume(Compiler *c, uint16_t x)
{
    if (!(x & OPERAND_CONSTANT) && x >= c->exec->first_temporary) lower_set_fact(c, x, (Fact){.kind = KIND_NONE});
}

Place lower_int_place(Compiler *c, Operand o, Register scratch)
{
    if (o.index >= 0) return compiler_home(c, o.index, false);
    if (o.number != (int32_t)o.number) return compiler_constant(c, (uint64_t)o.number);
    asm_move_constant(&c->code, scratch, o.number);
    return in_register(scratch);
}

Register lower_int_register(Compiler *c, Operand o, Register scratch)
{
    Place p = lower_int_place(c, o, scratch);
    if (p.reg != NO_REGISTER) return p.reg;
    asm_move(&c->code, scratch, p);
    return scratch;
}

void lower_load_int(Compiler *c, Operand o, Register to) { asm_move(&c->code, to, lower_int_place(c, o, to)); }

Place lower_float_place(Compiler *c, Operand o, Register scratch)
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

void lower_load_float(Compiler *c, Operand o, Register to) { asm_float_move(&c->code, to, lower_float_place(c, o, to)); }

/* Whether the instruction calculates with its operands: arithmetic, comparison, truth. */
static bool calculates(int op)
{
    return (op >= X_ADD_RR && op <= X_NOT) || (op >= X_COMPARE_LT && op <= X_COMPARE_GE)
           || (op >= X_JUMP_IF_TRUE && op <= X_JUMP_UNLESS_GE_RI);
}

static bool names(const Word *ip, int op, uint16_t reg)
{
    if (op >= X_JUMP_IF_TRUE && op <= X_JUMP_IF_FALSE_KEEP) return ip->a == reg;
    if (op >= X_JUMP_IF_LT_RR && op <= X_JUMP_UNLESS_GE_RI) return ip->a == reg || ip->b == reg;
    return ip->b == reg || ip->c == reg;
}

/* A temporary's one use is near, and no path leads between. */
bool lower_is_calculated_with(Compiler *c, uint16_t reg)
{
    if (reg < c->exec->first_temporary) return c->number_locals[reg];
    for (int w = c->next, left = 16; w < c->end && left > 0 && !c->is_target[w - c->first]; left--) {
        const Word *ip = &c->exec->words[w];
        int op = native_opcode(c->exec, ip);
        if (calculates(op) && names(ip, op, reg)) return true;
        if (ip->a == reg || ip->b == reg || ip->c == reg) return false;
        w += exec_length(ip);
    }
    return false;
}

/* ---- Results -------------------------------------------------------------------------------------------------- */

void lower_set_fact(Compiler *c, uint16_t a, Fact f) { c->now.facts[compiler_index(c, a)] = f; }

void lower_give_int(Compiler *c, uint16_t a, Kind kind, Register from)
{
    asm_store(&c->code, compiler_home(c, compiler_index(c, a), false), from);
    lower_set_fact(c, a, (Fact){.kind = kind});
}

void lower_give_float(Compiler *c, uint16_t a, Register from)
{
    asm_float_store(&c->code, compiler_home(c, compiler_index(c, a), true), from);
    lower_set_fact(c, a, (Fact){.kind = KIND_FLOAT});
}

void lower_give(Compiler *c, uint16_t a, Fact f)
{
    if (f.kind == KIND_FLOAT) lower_give_float(c, a, 0);
    else lower_give_int(c, a, f.kind, RAX);
    lower_set_fact(c, a, f);
}

void lower_call(Compiler *c, const void *function)
{
    asm_call(&c->code, function);
    compiler_save(c, false);
}

/* ---- Moves ---------------------------------------------------------------------------------------------------- */

static bool has_word(Operand x)
{
    return x.kind == KIND_INT || x.kind == KIND_FLOAT || x.kind == KIND_BOOL || x.kind == KIND_OBJECT;
}

static bool copy(Compiler *c)
{
    Operand x = lower_operand(c, c->ip->b);
    if (!has_word(x)) return false;
    if (x.kind == KIND_FLOAT) lower_load_float(c, x, 0);
    else lower_load_int(c, x, RAX);
    lower_give(c, c->ip->a, lower_fact_of(x));
    return true;
}

static bool take(Compiler *c)
{
    if (!copy(c)) return false;
    lower_set_fact(c, c->ip->b, (Fact){.kind = KIND_NONE});
    return true;
}

/* An object that lies in the frame's register itself would stay there. */
static bool drop(Compiler *c)
{
    Operand x = lower_operand(c, c->ip->a);
    if (x.kind == KIND_NONE || x.kind == KIND_OBJECT) return false;
    lower_consume(c, c->ip->a);
    return true;
}

/* ---- All ------------------------------------------------------------------------------------------------------ */

static bool lower_moves(Compiler *c, int op)
{
    const Word *ip = c->ip;
    switch (op) {
    case X_NOP: return true;
    case X_COPY: return copy(c);
    case X_TAKE: return take(c);
    case X_DROP: return drop(c);
    case X_CHECK_BOUND: return lower_operand(c, ip->a).kind != KIND_NONE;
    case X_JUMP: case X_JUMP_QUIET:
        compiler_go(c, c->word + ip->jump);
        c->reachable = false;
        return true;
    case X_JUMP_IF_TRUE: return lower_truth_jump(c, true);
    case X_JUMP_IF_FALSE: return lower_truth_jump(c, false);
    case X_JUMP_IF_TRUE_KEEP: return lower_truth_jump_keep(c, true);
    case X_JUMP_IF_FALSE_KEEP: return lower_truth_jump_keep(c, false);
    case X_LOAD_DEREF: case X_LOAD_DEREF_NUMBER: return lower_load_deref(c);
    case X_LOAD_GLOBAL: case X_LOAD_GLOBAL_MODULE: case X_LOAD_GLOBAL_BUILTIN: return lower_load_global(c);
    default: return false;
    }
}

bool lower_instruction(Compiler *c)
{
    const Word *ip = c->ip;
    int op = native_opcode(c->exec, ip);
    if (op >= X_ADD_RR && op <= X_RSHIFT_RI) return lower_arithmetic(c, op);
    if (op >= X_COMPARE_LT && op <= X_COMPARE_GE) return lower_compare(c, op);
    if (op >= X_JUMP_IF_LT_RR && op <= X_JUMP_UNLESS_GE_RI) return lower_compare_jump(c, op);
    switch (op) {
    case X_BINARY_OP: return lower_power(c);
    case X_NEGATIVE: return lower_negative(c);
    case X_INVERT: return lower_invert(c);
    case X_NOT: return lower_not(c);
    case X_SUBSCRIPT: case X_SUBSCRIPT_NUMBER: return lower_subscript(c);
    case X_STORE_SUBSCRIPT: return lower_store_subscript(c);
    case X_UNPACK_SEQUENCE: return lower_unpack(c);
    case X_LIST_APPEND: return lower_list_append(c, ip->a, ip->b);
    case X_LOAD_ATTR_INSTANCE: case X_LOAD_ATTR_SLOT: return lower_load_attr(c);
    case X_STORE_ATTR_INSTANCE: case X_STORE_ATTR_SLOT: return lower_store_attr(c);
    case X_GET_ITER: return lower_get_iter(c);
    case X_FOR_ITER: case X_FOR_ITER_RANGE: case X_FOR_ITER_LIST: case X_FOR_ITER_TUPLE: case X_FOR_ITER_PAIRS: case X_FOR_ITER_TRIPLES:
        return lower_for_iter(c);
    case X_LOAD_METHOD: case X_LOAD_METHOD_TYPE: return lower_load_method(c);
    case X_CALL: case X_CALL_LEN: case X_CALL_C: case X_CALL_C_ONE: case X_CALL_C_CLASS: case X_CALL_C_TUPLE:
        return lower_call_function(c);
    case X_CALL_METHOD_APPEND: return lower_call_method(c);
    default: return lower_moves(c, op);
    }
}
