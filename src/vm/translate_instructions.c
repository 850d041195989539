/* What each bytecode instruction becomes. */
#include "objects/code.h"
#include "objects/names.h"
#include "vm/translator.h"

/* ---- Shapes of instructions ----------------------------------------------------------------------------------- */

static void unary(Translator *t, enum exec_op op, uint32_t c)
{
    uint16_t b = translator_pop_operand(t);
    translator_push_result(t, translator_emit(t, op, 0, b, c), 1);
}

static void binary(Translator *t, enum exec_op op)
{
    uint16_t c = translator_pop_operand(t), b = translator_pop_operand(t);
    translator_push_result(t, translator_emit(t, op, 0, b, c), 1);
}

/* BUILD_…: the result of `count` operands that follow. */
static void build(Translator *t, enum exec_op op, int64_t count, uint16_t c)
{
    if (count > MAX_COUNT) {
        translator_fail(t, "too many operands");
        return;
    }
    uint16_t *operands = translator_pop_operands(t, (int)count);
    if (!operands) return;
    int at = translator_emit(t, op, 0, (uint32_t)count, c);
    translator_emit_operands(t, operands, (int)count);
    PyMem_Free(operands);
    translator_push_result(t, at, 1);
}

static enum exec_op arithmetic_op(uint32_t oparg)
{
    /* NB_ADD ... NB_XOR, then the same in place */
    static const uint16_t ops[13] = {
        X_ADD_RR, X_AND_RR, X_FLOOR_DIVIDE_RR, X_LSHIFT_RR, X_BINARY_OP, X_MULTIPLY_RR, X_REMAINDER_RR,
        X_OR_RR, X_BINARY_OP, X_RSHIFT_RR, X_SUBTRACT_RR, X_TRUE_DIVIDE_RR, X_XOR_RR,
    };
    return ops[oparg % 13];
}

/* The constant's entry in the half of the table where numbers are unboxed, or -1 if an operand cannot name it. */
static int number_operand(Translator *t, const Entry *e)
{
    uint32_t index = e->index + (uint32_t)t->constant_count;
    return e->kind == ENTRY_CONST && index < OPERAND_CONSTANT - 1 ? (int)(index | OPERAND_CONSTANT) : -1;
}

/* Whether an entry is an int constant that an instruction can hold itself; if so it is put into `immediate`. */
static bool immediate_operand(Translator *t, const Entry *e, uint16_t *immediate)
{
    if (e->kind != ENTRY_CONST) return false;
    Value v = value_unbox_borrowed(PyTuple_GET_ITEM(t->code->co_consts, e->index));
    if (!value_is_int(v) || value_int(v) < INT16_MIN || value_int(v) > INT16_MAX) return false;
    *immediate = (uint16_t)(int16_t)value_int(v);
    return true;
}

static void binary_op(Translator *t)
{
    enum exec_op op = arithmetic_op(t->in.oparg);
    int left = number_operand(t, entry_at(t, 2)), right = number_operand(t, entry_at(t, 1));
    uint16_t immediate = 0;
    bool small = immediate_operand(t, entry_at(t, 1), &immediate);
    if (op != X_BINARY_OP) {
        translator_prefer_number(t, entry_at(t, 1));
        translator_prefer_number(t, entry_at(t, 2));
    }
    uint16_t c = translator_pop_operand(t), b = translator_pop_operand(t);
    if (op != X_BINARY_OP) {
        if (right >= 0 && left >= 0) op = X_BINARY_OP;
        else if (small && !(b & OPERAND_CONSTANT)) { op += X_ADD_RI - X_ADD_RR; c = immediate; }
        else if (right >= 0) { op += X_ADD_RK - X_ADD_RR; c = (uint16_t)right; }
        else if (left >= 0) { op += X_ADD_KR - X_ADD_RR; b = (uint16_t)left; }
        else if ((b | c) & OPERAND_CONSTANT) op = X_BINARY_OP;
    }
    translator_push_result(t, translator_emit(t, op, 0, b, c), 1);
}

/* Whether the next instruction is a conditional jump that may be fused with this one; if so it is read into `jump`. */
static bool next_is_test(Translator *t, Instruction *jump)
{
    int next = t->in.next;
    if (t->plain || !t->near || next >= t->flow.unit_count || t->flow.leader[next] >= 0) return false;
    if (!instruction_read(t->flow.units, t->flow.unit_count, next, jump)) return false;
    switch (jump->opcode) {
    case OP_POP_JUMP_FORWARD_IF_FALSE: case OP_POP_JUMP_BACKWARD_IF_FALSE:
    case OP_POP_JUMP_FORWARD_IF_TRUE: case OP_POP_JUMP_BACKWARD_IF_TRUE: return true;
    default: return false;
    }
}

static bool jumps_if_true(int opcode)
{
    return opcode == OP_POP_JUMP_FORWARD_IF_TRUE || opcode == OP_POP_JUMP_BACKWARD_IF_TRUE;
}

/* Emits a two-operand test with a 16-bit jump. */
static void near_test(Translator *t, enum exec_op op, uint16_t a, uint16_t b, const Instruction *jump)
{
    translator_flush(t);
    int at = translator_emit(t, op, a, b, 0);
    translator_add_fix(t, at, at, (int)instruction_target(jump), FIX_NEAR);
    t->next_unit = jump->next;
}

static void compare_op(Translator *t)
{
    Instruction jump;
    int kind = (int)t->in.oparg;
    translator_prefer_number(t, entry_at(t, 1));
    translator_prefer_number(t, entry_at(t, 2));
    if (!next_is_test(t, &jump)) {
        binary(t, X_COMPARE_LT + kind);
        return;
    }
    translator_guard_operands(t, 2);
    int right = number_operand(t, entry_at(t, 1));
    if (entry_at(t, 2)->kind == ENTRY_CONST || (right < 0 && entry_at(t, 1)->kind == ENTRY_CONST)) {
        binary(t, X_COMPARE_LT + kind);
        return;
    }
    uint16_t immediate = 0;
    bool small = immediate_operand(t, entry_at(t, 1), &immediate);
    uint16_t b = translator_pop_operand(t), a = translator_pop_operand(t);
    int op = X_JUMP_IF_LT_RR + (X_JUMP_IF_LE_RR - X_JUMP_IF_LT_RR) * kind;
    if (!jumps_if_true(jump.opcode)) op += X_JUMP_UNLESS_LT_RR - X_JUMP_IF_LT_RR;
    if (small) {
        op += X_JUMP_IF_LT_RI - X_JUMP_IF_LT_RR;
        b = immediate;
    }
    else if (right >= 0) {
        op += X_JUMP_IF_LT_RK - X_JUMP_IF_LT_RR;
        b = (uint16_t)right;
    }
    near_test(t, (enum exec_op)op, a, b, &jump);
}

static void is_op(Translator *t)
{
    Instruction jump;
    bool invert = t->in.oparg & 1;
    accept_number(entry_at(t, 1));
    accept_number(entry_at(t, 2));
    if (!next_is_test(t, &jump)) {
        binary(t, invert ? X_IS_NOT : X_IS);
        return;
    }
    translator_guard_operands(t, 2);
    uint16_t b = translator_pop_operand(t), a = translator_pop_operand(t);
    near_test(t, invert == jumps_if_true(jump.opcode) ? X_JUMP_IF_IS_NOT : X_JUMP_IF_IS, a, b, &jump);
}

static void contains_op(Translator *t)
{
    Instruction jump;
    bool invert = t->in.oparg & 1;
    accept_number(entry_at(t, 2));
    if (!next_is_test(t, &jump)) {
        binary(t, invert ? X_NOT_CONTAINS : X_CONTAINS);
        return;
    }
    translator_guard_operands(t, 2);
    uint16_t b = translator_pop_operand(t), a = translator_pop_operand(t);
    near_test(t, invert == jumps_if_true(jump.opcode) ? X_JUMP_IF_NOT_CONTAINS : X_JUMP_IF_CONTAINS, a, b, &jump);
}

/* Whether the next instruction is this one and may be fused with the present one; if so it is what is translated now. */
static bool take_next(Translator *t, int opcode)
{
    Instruction next;
    int at = t->in.next;
    if (t->plain || at >= t->flow.unit_count || t->flow.leader[at] >= 0) return false;
    if (!instruction_read(t->flow.units, t->flow.unit_count, at, &next) || next.opcode != opcode) return false;
    t->in = next;
    t->unit = next.at;
    t->next_unit = next.next;
    return true;
}

/* A slice that is made to be used at once never comes to be. */
static void build_slice(Translator *t)
{
    bool has_step = t->in.oparg == 3;
    if ((t->in.oparg == 2 || has_step) && take_next(t, OP_BINARY_SUBSCR)) {
        uint16_t step = has_step ? translator_pop_operand(t) : OPERAND_NONE;
        uint16_t stop = translator_pop_operand(t), start = translator_pop_operand(t), container = translator_pop_operand(t);
        int at = translator_emit(t, X_LOAD_SLICE, 0, container, start);
        translator_emit_word(t, (Word){.lane = {stop, step, OPERAND_NONE, OPERAND_NONE}});
        translator_push_result(t, at, 1);
    }
    else if (t->in.oparg == 2 && take_next(t, OP_STORE_SUBSCR)) {
        uint16_t stop = translator_pop_operand(t), start = translator_pop_operand(t), container = translator_pop_operand(t), value = translator_pop_operand(t);
        translator_emit(t, X_STORE_SLICE, container, start, value);
        translator_emit_word(t, (Word){.lane = {stop, OPERAND_NONE, OPERAND_NONE, OPERAND_NONE}});
    }
    else build(t, X_BUILD_SLICE, t->in.oparg == 3 ? 3 : 2, 0);
}

static void conditional_jump(Translator *t, enum exec_op op)
{
    translator_guard_operands(t, 1);
    accept_number(entry_at(t, 1));
    uint16_t a = translator_pop_operand(t);
    translator_flush(t);
    translator_emit_jump(t, op, a, (int)instruction_target(&t->in));
}

static void jump_or_pop(Translator *t, enum exec_op op)
{
    translator_flush(t);
    translator_emit_jump(t, op, entry_at(t, 1)->index, (int)instruction_target(&t->in));
    translator_free_entry(t, entry_at(t, 1));
    t->depth--;
}

/* ---- Locals --------------------------------------------------------------------------------------------------- */

static void load_fast(Translator *t)
{
    uint32_t local = t->in.oparg;
    if (t->plain || !flow_is_bound(t->bound, (int)local)) {
        translator_emit(t, X_CHECK_BOUND, local, 0, 0);
        if (t->bound && (int)local < t->flow.nlocals) t->bound[local >> 6] |= (uint64_t)1 << (local & 63);
    }
    Instruction next;
    if (instruction_read(t->flow.units, t->flow.unit_count, t->in.next, &next) && next.opcode == OP_FOR_ITER) {
        translator_emit(t, X_CHECK_ITERATOR, local, 0, 0);
    }
    translator_push(t, ENTRY_LOCAL, local);
}

static void store_fast(Translator *t)
{
    uint32_t local = t->in.oparg;
    Entry value = *entry_at(t, 1);
    translator_free_entry(t, &value);
    t->depth--;
    if (t->bound && (int)local < t->flow.nlocals) t->bound[local >> 6] |= (uint64_t)1 << (local & 63);
    if (!t->plain && value.kind == ENTRY_TEMP && value.lane >= 0 && value.stamp == t->count
        && !translator_local_is_pending(t, local)) {
        t->words[value.lane / 4].lane[value.lane % 4] = (uint16_t)local;
        t->described_unit = -1;
        return;
    }
    if (value.kind == ENTRY_LOCAL && value.index == local) return;
    if (translator_local_is_pending(t, local)) {
        t->stack[t->depth++] = value;       /* keep its register while others move */
        if (value.kind == ENTRY_TEMP) translator_take_register(t, (int)value.index);
        translator_spill_local(t, local);
        value = *entry_at(t, 1);
        translator_free_entry(t, &value);
        t->depth--;
    }
    switch (value.kind) {
    case ENTRY_TEMP: translator_emit(t, X_TAKE, local, value.index, 0); break;
    case ENTRY_LOCAL:
        translator_note_object_use(t, &value);
        translator_emit(t, X_COPY, local, value.index, 0);
        break;
    case ENTRY_CONST: {
        int number = number_operand(t, &value);
        translator_emit(t, X_COPY, local, number >= 0 ? (uint32_t)number : value.index | OPERAND_CONSTANT, 0);
        break;
    }
    case ENTRY_NULL: translator_emit(t, X_LOAD_EMPTY, local, 0, 0); break;
    }
}

static void delete_fast(Translator *t)
{
    uint32_t local = t->in.oparg;
    translator_spill_local(t, local);
    translator_emit(t, X_DELETE_FAST, local, 0, 0);
    if (t->bound && (int)local < t->flow.nlocals) t->bound[local >> 6] &= ~((uint64_t)1 << (local & 63));
}

static void load_const(Translator *t)
{
    if (t->in.oparg < OPERAND_CONSTANT - 1) {
        translator_push(t, ENTRY_CONST, t->in.oparg);
        return;
    }
    translator_push_result(t, translator_emit_word(t, (Word){.op_ = X_LOAD_CONST_FAR, .jump = (int32_t)t->in.oparg}), 1);
}

static void pop_top(Translator *t)
{
    Entry e = *entry_at(t, 1);
    translator_free_entry(t, &e);
    t->depth--;
    if (e.kind == ENTRY_TEMP) translator_emit(t, X_DROP, e.index, 0, 0);
}

static void copy(Translator *t)
{
    Entry e = *entry_at(t, (int)t->in.oparg);
    if (e.kind != ENTRY_TEMP) {
        translator_push(t, e.kind, e.index);
        return;
    }
    int reg = translator_choose_register(t);
    int at = translator_emit(t, X_COPY, (uint32_t)reg, e.index, 0);
    translator_push_result(t, at, 1);
}

static void swap(Translator *t)
{
    Entry *a = entry_at(t, 1), *b = entry_at(t, (int)t->in.oparg), old = *a;
    *a = *b;
    *b = old;
}

static void end_block(Translator *t)
{
    t->reachable = false;
}

/* ---- Names, attributes, iteration ----------------------------------------------------------------------------- */

static uint32_t name_index(Translator *t, uint32_t index)
{
    if (index > UINT16_MAX) translator_fail(t, "more than 65536 names");
    return index;
}

static void load_global(Translator *t)
{
    if (t->in.oparg & 1) translator_push(t, ENTRY_NULL, 0);
    int at = translator_emit(t, X_LOAD_GLOBAL, 0, name_index(t, t->in.oparg >> 1), 0);
    translator_emit_zeros(t, 2);
    translator_push_result(t, at, 1);
}

static void load_name(Translator *t)
{
    int at = translator_emit(t, X_LOAD_NAME, 0, name_index(t, t->in.oparg), 0);
    translator_emit_zeros(t, 2);
    translator_push_result(t, at, 1);
}

static void store_name(Translator *t, enum exec_op op)
{
    translator_emit(t, op, translator_pop_operand(t), name_index(t, t->in.oparg), 0);
    translator_emit_zeros(t, 2);
}

static void load_attr(Translator *t)
{
    uint16_t b = translator_pop_operand(t);
    int at = translator_emit(t, X_LOAD_ATTR, 0, b, name_index(t, t->in.oparg));
    translator_emit_zeros(t, 2);
    translator_push_result(t, at, 1);
}

/* An instruction that fills two canonical registers from one operand. */
static int two_results(Translator *t, enum exec_op op, uint32_t c)
{
    translator_reserve(t, t->depth - 1, 2);
    uint16_t b = translator_pop_operand(t);
    int at = translator_emit(t, op, (uint32_t)canonical(t, t->depth), b, c);
    translator_push_canonical(t);
    translator_push_canonical(t);
    return at;
}

static void load_method(Translator *t)
{
    int at = two_results(t, X_LOAD_METHOD, name_index(t, t->in.oparg));
    translator_emit_zeros(t, 2);
    if (t->super_word >= 0 && at == t->super_word + SUPER_METHOD_WORDS + SUPER_CALL_WORDS && !t->failed) {
        t->words[t->super_word].op = X_TRY_SUPER_METHOD;
    }
    t->super_word = -1;
}

static void store_attr(Translator *t)
{
    uint16_t a = translator_pop_operand(t), b = translator_pop_operand(t);
    translator_emit(t, X_STORE_ATTR, a, b, name_index(t, t->in.oparg));
    translator_emit_zeros(t, 2);
}

static void for_iter(Translator *t)
{
    translator_flush(t);
    uint32_t iterator = entry_at(t, 1)->index;
    int at = translator_emit(t, X_FOR_ITER, 0, iterator, 0);
    int word = translator_emit_word(t, (Word){0});
    translator_add_fix(t, word, at, (int)instruction_target(&t->in), FIX_WORD);
    translator_push_result(t, at, 1);
}

static void send(Translator *t)
{
    translator_flush(t);
    uint16_t c = translator_pop_operand(t);
    uint32_t receiver = entry_at(t, 1)->index;
    int at = translator_emit(t, X_SEND, (uint32_t)canonical(t, t->depth), receiver, c);
    int word = translator_emit_word(t, (Word){0});
    translator_add_fix(t, word, at, (int)instruction_target(&t->in), FIX_WORD);
    translator_push_canonical(t);
}

static void unpack_sequence(Translator *t)
{
    int64_t count = t->in.oparg;
    if (count > MAX_COUNT) {
        translator_fail(t, "too many operands");
        return;
    }
    int n = (int)count;
    translator_reserve(t, t->depth - 1, n ? n : 1);
    uint16_t b = translator_pop_operand(t);
    int at = translator_emit(t, X_UNPACK_SEQUENCE, 0, b, (uint32_t)n);
    int first = t->depth;
    translator_emit_zeros(t, exec_operand_words(n));
    for (int i = 0; i < n; i++) translator_push_canonical(t);
    for (int k = 0; k < n; k++) {           /* value k stands at depth first + n - 1 - k */
        Entry *e = &t->stack[first + n - 1 - k];
        e->lane = 4 * (at + 1) + k;
        e->stamp = t->count;
        t->words[at + 1 + k / 4].lane[k % 4] = (uint16_t)e->index;
    }
}

static void unpack_ex(Translator *t)
{
    int n = (int)opcode_pushes(OP_UNPACK_EX, t->in.oparg, false);
    if (n > MAX_COUNT || t->in.oparg > UINT16_MAX) {
        translator_fail(t, "too many operands");
        return;
    }
    translator_reserve(t, t->depth - 1, n);
    uint16_t b = translator_pop_operand(t);
    translator_emit(t, X_UNPACK_EX, (uint32_t)canonical(t, t->depth), b, t->in.oparg);
    for (int i = 0; i < n; i++) translator_push_canonical(t);
}

/* ---- Calls ---------------------------------------------------------------------------------------------------- */

/* Register of the free variable __class__, or -1. */
static int class_cell(Translator *t)
{
    PyObject *names = t->code->co_localsplusnames;
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    for (Py_ssize_t i = count - t->code->co_nfreevars; i < count; i++) {
        if (_PyUnicode_EQ(PyTuple_GET_ITEM(names, i), NAME(__class__))) return (int)i;
    }
    return -1;
}

/* Before super() is called for a method: room for an instruction that does both when all is as usual, and else nothing. What is
 * called then follows as ever, so that whatever goes wrong does so at its place. */
static void make_room_for_super(Translator *t)
{
    Instruction next;
    const Entry *callable = entry_at(t, 1);
    int at = t->in.next, cell;
    t->super_word = -1;
    if (t->plain || callable->kind != ENTRY_TEMP || !callable->maker) return;
    const Word *load = &t->words[callable->maker - 1];
    if (load->op != X_LOAD_GLOBAL || !_PyUnicode_EqualToASCIIString(PyTuple_GET_ITEM(t->code->co_names, load->b), "super")) return;
    if (at >= t->flow.unit_count || t->flow.leader[at] >= 0) return;
    if (!instruction_read(t->flow.units, t->flow.unit_count, at, &next) || next.opcode != OP_LOAD_METHOD) return;
    if (!t->code->co_argcount || PyBytes_AS_STRING(t->code->co_localspluskinds)[0] & CODE_CELL || (cell = class_cell(t)) < 0) return;
    t->super_word = t->count;
    translator_emit(t, X_NOP, (uint32_t)cell, 0, 0);
    translator_emit_zeros(t, SUPER_METHOD_WORDS - 1);
}

static void call(Translator *t)
{
    int n = (int)t->in.oparg;
    if (t->in.oparg > MAX_COUNT) {
        translator_fail(t, "too many operands");
        return;
    }
    Entry *method = entry_at(t, n + 2), *self = entry_at(t, n + 1);
    bool plain_call = method->kind == ENTRY_NULL;
    if (plain_call && n == 0) make_room_for_super(t);
    if (!plain_call && (method->kind != ENTRY_TEMP || self->kind != ENTRY_TEMP || self->index != method->index + 1)) {
        translator_flush(t);
    }
    uint16_t *operands = translator_pop_operands(t, n);
    if (!operands) return;
    int at;
    if (plain_call) {
        uint16_t callable = translator_pop_operand(t);
        t->depth--;
        at = translator_emit(t, X_CALL, 0, callable, (uint32_t)n);
    }
    else {
        uint32_t reg = entry_at(t, 2)->index;
        translator_free_entry(t, entry_at(t, 1));
        translator_free_entry(t, entry_at(t, 2));
        t->depth -= 2;
        at = translator_emit(t, X_CALL_METHOD, 0, reg, (uint32_t)n);
    }
    if (t->keywords > UINT16_MAX) translator_fail(t, "too many constants");
    translator_emit_word(t, (Word){.op = (uint16_t)t->keywords});
    translator_emit_zeros(t, 1);
    t->keywords = 0;
    translator_emit_operands(t, operands, n);
    PyMem_Free(operands);
    translator_push_result(t, at, 1);
}

/* With `copied`, the mapping of keywords is the program's own. */
static void call_function_ex(Translator *t, bool copied)
{
    uint16_t keywords = t->in.oparg & 1 ? translator_pop_operand(t) : OPERAND_NONE;
    uint16_t c = translator_pop_operand(t), b = translator_pop_operand(t);
    Entry null = *entry_at(t, 1);
    translator_free_entry(t, &null);
    t->depth--;
    int at = translator_emit(t, X_CALL_FUNCTION_EX, 0, b, c);
    translator_emit_word(t, (Word){.lane = {keywords, copied, OPERAND_NONE, OPERAND_NONE}});
    translator_push_result(t, at, 1);
}

/* `{}` may be what begins f(…, **local): the call then gets the local itself. */
static void build_map(Translator *t)
{
    Instruction load, merge, call;
    const Flow *flow = &t->flow;
    const uint16_t *units = flow->units;
    int n = flow->unit_count;
    if (t->in.oparg == 0 && !t->plain && instruction_read(units, n, t->in.next, &load) && load.opcode == OP_LOAD_FAST
        && flow_is_bound(t->bound, (int)load.oparg) && instruction_read(units, n, load.next, &merge)
        && merge.opcode == OP_DICT_MERGE && merge.oparg == 1 && instruction_read(units, n, merge.next, &call)
        && call.opcode == OP_CALL_FUNCTION_EX && flow->leader[load.at] < 0 && flow->leader[merge.at] < 0
        && flow->leader[call.at] < 0) {
        translator_push(t, ENTRY_LOCAL, load.oparg);
        t->in = call;
        t->unit = call.at;
        t->next_unit = call.next;
        call_function_ex(t, true);
    }
    else build(t, X_BUILD_MAP, 2 * (int64_t)t->in.oparg, 0);
}

static void make_function(Translator *t)
{
    uint32_t flags = t->in.oparg & 15;
    Word extra = {.lane = {OPERAND_NONE, OPERAND_NONE, OPERAND_NONE, OPERAND_NONE}};
    uint16_t code = translator_pop_operand(t);
    for (int i = 3; i >= 0; i--) {
        if (flags >> i & 1) extra.lane[i] = translator_pop_operand(t);
    }
    int at = translator_emit(t, X_MAKE_FUNCTION, 0, code, flags);
    translator_emit_word(t, extra);
    translator_push_result(t, at, 1);
}

/* ---- One bytecode instruction --------------------------------------------------------------------------------- */

/* Each of these knows some opcodes, and says whether it knew this one. */

static bool translate_data(Translator *t)
{
    uint32_t oparg = t->in.oparg;
    switch (t->in.opcode) {
    case OP_POP_TOP: pop_top(t); break;
    case OP_PUSH_NULL: translator_push(t, ENTRY_NULL, 0); break;
    case OP_COPY: copy(t); break;
    case OP_SWAP: swap(t); break;
    case OP_LOAD_CONST: load_const(t); break;
    case OP_LOAD_FAST: load_fast(t); break;
    case OP_LOAD_CLOSURE: translator_push(t, ENTRY_LOCAL, oparg); break;
    case OP_STORE_FAST: store_fast(t); break;
    case OP_DELETE_FAST: delete_fast(t); break;
    case OP_MAKE_CELL: translator_emit(t, X_MAKE_CELL, oparg, 0, 0); break;
    case OP_COPY_FREE_VARS:
        translator_emit(t, X_COPY_FREE_VARS, (uint32_t)t->code->co_nlocalsplus - oparg, oparg, 0);
        break;
    case OP_LOAD_DEREF: translator_push_result(t, translator_emit(t, X_LOAD_DEREF, 0, oparg, 0), 1); break;
    case OP_LOAD_CLASSDEREF: translator_push_result(t, translator_emit(t, X_LOAD_CLASSDEREF, 0, oparg, 0), 1); break;
    case OP_STORE_DEREF: translator_emit(t, X_STORE_DEREF, oparg, translator_pop_operand(t), 0); break;
    case OP_DELETE_DEREF: translator_emit(t, X_DELETE_DEREF, oparg, 0, 0); break;
    case OP_LOAD_NAME: load_name(t); break;
    case OP_STORE_NAME: store_name(t, X_STORE_NAME); break;
    case OP_DELETE_NAME: translator_emit(t, X_DELETE_NAME, 0, name_index(t, oparg), 0); break;
    case OP_LOAD_GLOBAL: load_global(t); break;
    case OP_STORE_GLOBAL: store_name(t, X_STORE_GLOBAL); break;
    case OP_DELETE_GLOBAL: translator_emit(t, X_DELETE_GLOBAL, 0, name_index(t, oparg), 0); break;
    case OP_LOAD_ATTR: load_attr(t); break;
    case OP_LOAD_METHOD: load_method(t); break;
    case OP_STORE_ATTR: store_attr(t); break;
    case OP_DELETE_ATTR: translator_emit(t, X_DELETE_ATTR, translator_pop_operand(t), name_index(t, oparg), 0); break;
    default: return false;
    }
    return true;
}

static bool translate_operators(Translator *t)
{
    switch (t->in.opcode) {
    case OP_BINARY_OP: binary_op(t); break;
    case OP_COMPARE_OP: compare_op(t); break;
    case OP_IS_OP: is_op(t); break;
    case OP_CONTAINS_OP: contains_op(t); break;
    case OP_BINARY_SUBSCR: translator_prefer_number(t, entry_at(t, 1)); binary(t, X_SUBSCRIPT); break;
    case OP_UNARY_NEGATIVE: unary(t, X_NEGATIVE, 0); break;
    case OP_UNARY_POSITIVE: unary(t, X_POSITIVE, 0); break;
    case OP_UNARY_INVERT: unary(t, X_INVERT, 0); break;
    case OP_UNARY_NOT: unary(t, X_NOT, 0); break;
    case OP_STORE_SUBSCR: {
        translator_prefer_number(t, entry_at(t, 1));
        uint16_t key = translator_pop_operand(t), container = translator_pop_operand(t), value = translator_pop_operand(t);
        translator_emit(t, X_STORE_SUBSCRIPT, container, key, value);
        break;
    }
    case OP_DELETE_SUBSCR: {
        uint16_t key = translator_pop_operand(t), container = translator_pop_operand(t);
        translator_emit(t, X_DELETE_SUBSCRIPT, container, key, 0);
        break;
    }
    default: return false;
    }
    return true;
}

static bool translate_building(Translator *t)
{
    uint32_t oparg = t->in.oparg;
    switch (t->in.opcode) {
    case OP_BUILD_TUPLE:
        if (oparg == 2) binary(t, X_BUILD_PAIR);
        else build(t, X_BUILD_TUPLE, oparg, 0);
        break;
    case OP_BUILD_LIST: build(t, X_BUILD_LIST, oparg, 0); break;
    case OP_BUILD_SET: build(t, X_BUILD_SET, oparg, 0); break;
    case OP_BUILD_STRING: build(t, X_BUILD_STRING, oparg, 0); break;
    case OP_BUILD_MAP: build_map(t); break;
    case OP_BUILD_SLICE: build_slice(t); break;
    case OP_BUILD_CONST_KEY_MAP: {
        uint16_t keys = translator_pop_operand(t);
        build(t, X_BUILD_CONST_KEY_MAP, oparg, keys);
        break;
    }
    case OP_LIST_APPEND: { uint16_t b = translator_pop_operand(t); translator_emit(t, X_LIST_APPEND, translator_in_place(t, (int)oparg), b, 0); break; }
    case OP_SET_ADD: { uint16_t b = translator_pop_operand(t); translator_emit(t, X_SET_ADD, translator_in_place(t, (int)oparg), b, 0); break; }
    case OP_LIST_EXTEND: { uint16_t b = translator_pop_operand(t); translator_emit(t, X_LIST_EXTEND, translator_in_place(t, (int)oparg), b, 0); break; }
    case OP_SET_UPDATE: { uint16_t b = translator_pop_operand(t); translator_emit(t, X_SET_UPDATE, translator_in_place(t, (int)oparg), b, 0); break; }
    case OP_DICT_UPDATE: { uint16_t b = translator_pop_operand(t); translator_emit(t, X_DICT_UPDATE, translator_in_place(t, (int)oparg), b, 0); break; }
    case OP_DICT_MERGE: {
        uint16_t b = translator_pop_operand(t), dict = translator_in_place(t, (int)oparg);
        translator_emit(t, X_DICT_MERGE, dict, b, translator_in_place(t, (int)oparg + 2));
        break;
    }
    case OP_MAP_ADD: {
        uint16_t value = translator_pop_operand(t), key = translator_pop_operand(t);
        translator_emit(t, X_MAP_ADD, translator_in_place(t, (int)oparg), key, value);
        break;
    }
    case OP_LIST_TO_TUPLE: unary(t, X_LIST_TO_TUPLE, 0); break;
    case OP_FORMAT_VALUE: {
        uint16_t spec = oparg & 4 ? translator_pop_operand(t) : OPERAND_NONE, value = translator_pop_operand(t);
        int at = translator_emit(t, X_FORMAT_VALUE, 0, value, spec);
        translator_emit_word(t, (Word){.word = oparg});
        translator_push_result(t, at, 1);
        break;
    }
    case OP_UNPACK_SEQUENCE: unpack_sequence(t); break;
    case OP_UNPACK_EX: unpack_ex(t); break;
    default: return false;
    }
    return true;
}

static bool translate_flow(Translator *t)
{
    switch (t->in.opcode) {
    case OP_JUMP_FORWARD: case OP_JUMP_BACKWARD: case OP_JUMP_BACKWARD_NO_INTERRUPT:
        translator_flush(t);
        translator_emit_jump(t, t->in.opcode == OP_JUMP_BACKWARD_NO_INTERRUPT ? X_JUMP_QUIET : X_JUMP, 0,
                  (int)instruction_target(&t->in));
        end_block(t);
        break;
    case OP_POP_JUMP_FORWARD_IF_FALSE: case OP_POP_JUMP_BACKWARD_IF_FALSE: conditional_jump(t, X_JUMP_IF_FALSE); break;
    case OP_POP_JUMP_FORWARD_IF_TRUE: case OP_POP_JUMP_BACKWARD_IF_TRUE: conditional_jump(t, X_JUMP_IF_TRUE); break;
    case OP_POP_JUMP_FORWARD_IF_NONE: case OP_POP_JUMP_BACKWARD_IF_NONE: conditional_jump(t, X_JUMP_IF_NONE); break;
    case OP_POP_JUMP_FORWARD_IF_NOT_NONE: case OP_POP_JUMP_BACKWARD_IF_NOT_NONE:
        conditional_jump(t, X_JUMP_IF_NOT_NONE);
        break;
    case OP_JUMP_IF_FALSE_OR_POP: jump_or_pop(t, X_JUMP_IF_FALSE_KEEP); break;
    case OP_JUMP_IF_TRUE_OR_POP: jump_or_pop(t, X_JUMP_IF_TRUE_KEEP); break;
    case OP_GET_ITER: unary(t, X_GET_ITER, 0); break;
    case OP_FOR_ITER: for_iter(t); break;
    case OP_SEND: send(t); break;
    case OP_RETURN_VALUE: accept_number(entry_at(t, 1)); translator_emit(t, X_RETURN, translator_pop_operand(t), 0, 0); end_block(t); break;
    case OP_RETURN_GENERATOR: translator_push_result(t, translator_emit(t, X_RETURN_GENERATOR, 0, 0, 0), 1); break;
    case OP_RESUME: translator_emit(t, X_RESUME, t->in.oparg, 0, 0); break;
    case OP_YIELD_VALUE: unary(t, X_YIELD, 0); break;
    case OP_CALL: call(t); break;
    case OP_CALL_FUNCTION_EX: call_function_ex(t, false); break;
    case OP_KW_NAMES: t->keywords = t->in.oparg + 1; break;
    case OP_MAKE_FUNCTION: make_function(t); break;
    case OP_NOP: case OP_PRECALL: case OP_CACHE: case OP_EXTENDED_ARG: break;
    default: return false;
    }
    return true;
}

static bool translate_async(Translator *t)
{
    switch (t->in.opcode) {
    case OP_GET_YIELD_FROM_ITER: unary(t, X_GET_YIELD_FROM_ITER, 0); break;
    case OP_GET_AWAITABLE: unary(t, X_GET_AWAITABLE, t->in.oparg); break;
    case OP_GET_AITER: unary(t, X_GET_AITER, 0); break;
    case OP_GET_ANEXT: { uint16_t b = translator_in_place(t, 1); translator_push_result(t, translator_emit(t, X_GET_ANEXT, 0, b, 0), 1); break; }
    case OP_ASYNC_GEN_WRAP: unary(t, X_ASYNC_GEN_WRAP, 0); break;
    case OP_END_ASYNC_FOR: {
        translator_flush(t);
        uint16_t b = translator_pop_operand(t), a = translator_pop_operand(t);
        translator_emit(t, X_END_ASYNC_FOR, a, b, 0);
        break;
    }
    case OP_BEFORE_WITH: two_results(t, X_BEFORE_WITH, 0); break;
    case OP_BEFORE_ASYNC_WITH: two_results(t, X_BEFORE_ASYNC_WITH, 0); break;
    case OP_WITH_EXCEPT_START: {
        uint16_t exit = translator_in_place(t, 4), exc = translator_in_place(t, 1);
        translator_push_result(t, translator_emit(t, X_WITH_EXCEPT_START, 0, exit, exc), 1);
        break;
    }
    default: return false;
    }
    return true;
}

static bool translate_exceptions(Translator *t)
{
    switch (t->in.opcode) {
    case OP_RAISE_VARARGS: {
        uint32_t count = t->in.oparg;
        uint16_t cause = count > 1 ? translator_pop_operand(t) : OPERAND_NONE, exc = count > 0 ? translator_pop_operand(t) : OPERAND_NONE;
        translator_emit(t, X_RAISE, exc, cause, count);
        end_block(t);
        break;
    }
    case OP_RERAISE: {
        translator_flush(t);
        uint32_t lasti = t->in.oparg ? entry_at(t, 1 + (int)t->in.oparg)->index + 1 : 0;
        translator_emit(t, X_RERAISE, translator_pop_operand(t), lasti, 0);
        end_block(t);
        break;
    }
    case OP_PUSH_EXC_INFO:
        translator_flush(t);
        translator_emit(t, X_PUSH_EXC_INFO, entry_at(t, 1)->index, 0, 0);
        translator_push_canonical(t);
        break;
    case OP_POP_EXCEPT: {
        translator_flush(t);
        translator_emit(t, X_POP_EXCEPT, translator_pop_operand(t), 0, 0);
        break;
    }
    case OP_CHECK_EXC_MATCH: {
        uint16_t type = translator_pop_operand(t), exc = translator_in_place(t, 1);
        translator_push_result(t, translator_emit(t, X_CHECK_EXC_MATCH, 0, exc, type), 1);
        break;
    }
    case OP_CHECK_EG_MATCH: translator_flush(t); translator_emit(t, X_CHECK_EG_MATCH, entry_at(t, 2)->index, 0, 0); break;
    case OP_PREP_RERAISE_STAR: binary(t, X_PREP_RERAISE_STAR); break;
    case OP_LOAD_ASSERTION_ERROR: translator_push_result(t, translator_emit(t, X_LOAD_ASSERTION_ERROR, 0, 0, 0), 1); break;
    default: return false;
    }
    return true;
}

static bool translate_rest(Translator *t)
{
    uint32_t oparg = t->in.oparg;
    switch (t->in.opcode) {
    case OP_GET_LEN: { uint16_t b = translator_in_place(t, 1); translator_push_result(t, translator_emit(t, X_GET_LEN, 0, b, 0), 1); break; }
    case OP_MATCH_MAPPING: { uint16_t b = translator_in_place(t, 1); translator_push_result(t, translator_emit(t, X_MATCH_MAPPING, 0, b, 0), 1); break; }
    case OP_MATCH_SEQUENCE: { uint16_t b = translator_in_place(t, 1); translator_push_result(t, translator_emit(t, X_MATCH_SEQUENCE, 0, b, 0), 1); break; }
    case OP_MATCH_KEYS: {
        uint16_t subject = translator_in_place(t, 2), keys = translator_in_place(t, 1);
        translator_push_result(t, translator_emit(t, X_MATCH_KEYS, 0, subject, keys), 1);
        break;
    }
    case OP_MATCH_CLASS: {
        uint16_t names = translator_pop_operand(t), type = translator_pop_operand(t), subject = translator_pop_operand(t);
        if (oparg > UINT16_MAX) translator_fail(t, "too many operands");
        int at = translator_emit(t, X_MATCH_CLASS, 0, subject, type);
        translator_emit_word(t, (Word){.lane = {names, (uint16_t)oparg, 0, 0}});
        translator_push_result(t, at, 1);
        break;
    }
    case OP_IMPORT_NAME: {
        uint16_t list = translator_pop_operand(t), level = translator_pop_operand(t);
        int at = translator_emit(t, X_IMPORT_NAME, 0, level, list);
        translator_emit_word(t, (Word){.word = oparg});
        translator_push_result(t, at, 1);
        break;
    }
    case OP_IMPORT_FROM: {
        uint16_t module = translator_in_place(t, 1);
        translator_push_result(t, translator_emit(t, X_IMPORT_FROM, 0, module, name_index(t, oparg)), 1);
        break;
    }
    case OP_IMPORT_STAR: translator_emit(t, X_IMPORT_STAR, translator_pop_operand(t), 0, 0); break;
    case OP_SETUP_ANNOTATIONS: translator_emit(t, X_SETUP_ANNOTATIONS, 0, 0, 0); break;
    case OP_PRINT_EXPR: translator_emit(t, X_PRINT_EXPR, translator_pop_operand(t), 0, 0); break;
    case OP_LOAD_BUILD_CLASS: translator_push_result(t, translator_emit(t, X_LOAD_BUILD_CLASS, 0, 0, 0), 1); break;
    default: return false;
    }
    return true;
}

/* The frequent ones first. */
void translate_instruction(Translator *t)
{
    bool known = translate_data(t) || translate_flow(t) || translate_operators(t) || translate_building(t)
                 || translate_exceptions(t) || translate_async(t) || translate_rest(t);
    if (!known) translator_fail(t, "unknown opcode");
}
