/* Iteration. An iterator that the loop found stays an object, which machine code moves on in place; one that it makes itself, of a
 * range or a list, is a few slots and becomes an object only where the loop is left. */
#include "objects/list.h"
#include "objects/range.h"
#include "objects/tuple.h"
#include "vm/native/lower.h"

static Place part(int slot, int i) { return in_memory(SLOTS, 8 * (slot + i)); }

/* Whether the next instruction is GET_ITER of this one's result; if so it is done with. */
static bool take_get_iter(Compiler *c, uint16_t result, uint16_t *iterator)
{
    const Word *next = &c->exec->words[c->next];
    if (c->next >= c->end || c->is_target[c->next - c->first] || native_opcode(c->exec, next) != X_GET_ITER || next->b != result) return false;
    *iterator = next->a;
    c->next++;
    return true;
}

/* Leaves if a - b overflows; else max(a - b, 0) in rax. */
static void distance(Compiler *c, Operand x, Operand y)
{
    Assembler *a = &c->code;
    lower_load_int(c, x, RAX);
    lower_load_int(c, y, RCX);
    asm_alu(a, ALU_SUB, RAX, in_register(RCX));
    compiler_guard(c, CC_OVERFLOW);
    asm_test(a, RAX, RAX);
    int positive = asm_jump_if(a, CC_NEGATIVE ^ 1);
    asm_move_constant(a, RAX, 0);
    asm_patch(a, positive, a->count);
}

static int64_t count(int64_t start, int64_t stop, int64_t step) { return (int64_t)range_count(start, stop, step); }

/* The number of values in rax. */
static bool range_length_of(Compiler *c, Operand start, Operand stop, Operand step)
{
    if (step.index >= 0 || step.number == 0) return false;
    if (step.number == 1) distance(c, stop, start);
    else if (step.number == -1) distance(c, start, stop);
    else {
        compiler_save(c, true);
        lower_load_int(c, start, RAX);
        lower_load_int(c, stop, RCX);
        asm_move(&c->code, RDI, in_register(RAX));
        asm_move(&c->code, RSI, in_register(RCX));
        asm_move_constant(&c->code, RDX, step.number);
        lower_call(c, (const void *)(uintptr_t)count);
    }
    asm_move(&c->code, RCX, in_register(RAX));          /* RANGE_MAX_LENGTH at most */
    asm_shift_constant(&c->code, SHIFT_RIGHT, RCX, 62);
    compiler_guard(c, CC_NOT_EQUAL);
    return true;
}

/* CALL of range with GET_ITER of its result. */
bool lower_range(Compiler *c)
{
    const Word *ip = c->ip;
    const uint16_t *arguments = (const uint16_t *)(ip + 3);
    uint16_t iterator;
    Assembler *a = &c->code;
    if (ip->c < 1 || ip->c > 3) return false;
    Operand start = lower_immediate(0), stop = lower_operand(c, arguments[ip->c > 1]), step = lower_immediate(1);
    if (ip->c > 1) start = lower_operand(c, arguments[0]);
    if (ip->c > 2) step = lower_operand(c, arguments[2]);
    if (start.kind != KIND_INT || stop.kind != KIND_INT || step.kind != KIND_INT || !take_get_iter(c, ip->a, &iterator)) return false;
    if (!range_length_of(c, start, stop, step)) {
        c->next--;
        return false;
    }
    int slot = compiler_parts(c, compiler_index(c, iterator));
    asm_store(a, part(slot, RANGE_LEFT), RAX);
    asm_store(a, part(slot, RANGE_TOTAL), RAX);
    lower_load_int(c, start, RAX);
    asm_store(a, part(slot, RANGE_NEXT), RAX);
    lower_load_int(c, step, RAX);
    asm_store(a, part(slot, RANGE_STEP), RAX);
    lower_consume(c, ip->b);
    for (int i = 0; i < ip->c; i++) lower_consume(c, arguments[i]);
    lower_set_fact(c, iterator, (Fact){.kind = KIND_RANGE});
    return true;
}

bool lower_get_iter(Compiler *c)
{
    const Word *ip = c->ip;
    Operand sequence = lower_operand(c, ip->b);
    if (!lower_is_sequence(sequence) || !sequence.sample) return false;
    int slot = compiler_parts(c, compiler_index(c, ip->a));
    lower_load_int(c, sequence, RAX);
    asm_store(&c->code, part(slot, ITEMS_SEQUENCE), RAX);
    asm_move_constant(&c->code, RAX, 0);
    asm_store(&c->code, part(slot, ITEMS_INDEX), RAX);
    lower_consume(c, ip->b);
    lower_set_fact(c, ip->a, (Fact){KIND_ITEMS, sequence.what, sequence.sample});
    return true;
}

/* The loop over an iterator of its own ends if the condition does not hold: the iterator is gone, and the jump is taken. */
static void end_unless(Compiler *c, Condition goes_on)
{
    int on = asm_jump_if(&c->code, goes_on);
    Fact iterator = c->now.facts[compiler_index(c, c->ip->b)];
    lower_set_fact(c, c->ip->b, (Fact){.kind = KIND_NONE});
    compiler_go(c, c->word + (int)(int64_t)c->ip[1].word);
    lower_set_fact(c, c->ip->b, iterator);
    asm_patch(&c->code, on, c->code.count);
}

/* Range: next value to rax, and step on. */
static void next_of_range(Compiler *c, Place left, Place next, Place step)
{
    Assembler *a = &c->code;
    asm_increment(a, left, -1);
    asm_move(a, RAX, next);
    asm_move(a, RDX, step);
    asm_alu(a, ALU_ADD, RDX, in_register(RAX));
    asm_store(a, next, RDX);
    lower_give_int(c, c->ip->a, KIND_INT, RAX);
}

/* The end of an iterator that is an object is the interpreter's business. */
static bool for_range_object(Compiler *c, Operand iterator)
{
    Register it = lower_int_register(c, iterator, RCX);
    asm_alu_constant(&c->code, ALU_CMP, FIELD(it, RangeIteratorObject, left), 0);
    compiler_guard(c, CC_LESS_EQUAL);
    next_of_range(c, FIELD(it, RangeIteratorObject, left), FIELD(it, RangeIteratorObject, next), FIELD(it, RangeIteratorObject, step));
    return true;
}

static bool for_range(Compiler *c, Operand iterator)
{
    int slot = compiler_parts(c, iterator.index);
    asm_alu_constant(&c->code, ALU_CMP, part(slot, RANGE_LEFT), 0);
    end_unless(c, CC_GREATER);
    next_of_range(c, part(slot, RANGE_LEFT), part(slot, RANGE_NEXT), part(slot, RANGE_STEP));
    return true;
}

/* With a list or tuple in rcx and a checked index in rax: the word of that item. */
static bool item_at(Compiler *c, const void *type, Fact f)
{
    if (type == &PyList_Type) asm_move(&c->code, RCX, FIELD(RCX, PyListObject, ob_item));
    else asm_alu_constant(&c->code, ALU_ADD, in_register(RCX), (int32_t)offsetof(PyTupleObject, ob_item));
    asm_load_indexed(&c->code, RDX, RCX, RAX);
    if (!lower_guard_object(c, RDX, f, c->ip->a)) return false;
    lower_unbox(c, RDX, f);
    return true;
}

/* Iterators of lists and of tuples are laid out alike. */
static_assert(offsetof(ListIterator, list) == offsetof(TupleIterator, tuple) && offsetof(ListIterator, index) == offsetof(TupleIterator, index),
              "one body for both");

static bool for_items_object(Compiler *c, Operand iterator, const void *type)
{
    Assembler *a = &c->code;
    ListIterator *sample = (ListIterator *)iterator.sample;
    Fact f = sample && sample->list ? lower_sample_item((PyObject *)sample->list, sample->index) : (Fact){.kind = KIND_NONE};
    if (f.kind == KIND_NONE) return false;
    lower_load_int(c, iterator, RDX);
    asm_move(a, RCX, FIELD(RDX, ListIterator, list));
    asm_test(a, RCX, RCX);
    compiler_guard(c, CC_EQUAL);
    asm_move(a, RAX, FIELD(RDX, ListIterator, index));
    asm_alu(a, ALU_CMP, RAX, FIELD(RCX, PyVarObject, ob_size));
    compiler_guard(c, CC_ABOVE_EQUAL);
    if (!item_at(c, type, f)) return false;
    lower_load_int(c, iterator, RDX);
    asm_increment(a, FIELD(RDX, ListIterator, index), 1);
    lower_give(c, c->ip->a, f);
    return true;
}

static bool for_items(Compiler *c, Operand iterator)
{
    Assembler *a = &c->code;
    Fact f = lower_sample_item(iterator.sample, 0);
    if (f.kind == KIND_NONE) return false;
    int slot = compiler_parts(c, iterator.index);
    asm_move(a, RCX, part(slot, ITEMS_SEQUENCE));
    asm_move(a, RAX, part(slot, ITEMS_INDEX));
    asm_alu(a, ALU_CMP, RAX, FIELD(RCX, PyVarObject, ob_size));
    end_unless(c, CC_BELOW);
    if (!item_at(c, iterator.what, f)) return false;
    asm_increment(a, part(slot, ITEMS_INDEX), 1);
    lower_give(c, c->ip->a, f);
    return true;
}

bool lower_for_iter(Compiler *c)
{
    Operand iterator = lower_operand(c, c->ip->b);
    if (iterator.kind == KIND_RANGE) return for_range(c, iterator);
    if (iterator.kind == KIND_ITEMS) return for_items(c, iterator);
    if (iterator.kind != KIND_OBJECT) return false;
    if (iterator.what == &PyRangeIter_Type) return for_range_object(c, iterator);
    if (iterator.what == &PyListIter_Type) return for_items_object(c, iterator, &PyList_Type);
    return iterator.what == &PyTupleIter_Type && for_items_object(c, iterator, &PyTuple_Type);
}
