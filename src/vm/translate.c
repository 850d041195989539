/* Bytecode to execution form, in one pass over the units with a model of the stack.
 *
 * The model's entries say where a stack slot's value is: already in a register (TEMP), still in a local (LOCAL), a
 * constant (CONST), or the NULL of PUSH_NULL. Loads only push entries; the instruction that uses them names the place as
 * its operand. What must hold:
 *  1. At a leader, every entry is TEMP in its canonical register (first_temporary + depth): flush() before it.
 *  2. Before a local changes, entries that still mean its old value move to registers: spill_local().
 *  3. A TEMP entry is consumed by exactly one instruction.
 *  4. A result may be redirected into a local only if nothing has been emitted since the instruction that makes it, and no
 *     leader stands between (Entry.lane, Entry.stamp).
 * The plain form flushes after every instruction, so that rule 1 holds everywhere, and redirects and fuses nothing.
 */
#include "vm/translate.h"

#include <stdlib.h>
#include <string.h>

#include "bytecode/opcodes.h"
#include "objects/code.h"
#include "objects/names.h"
#include "vm/flow.h"

enum {
    MAX_COUNT = 0x7fff,         /* operands of one instruction */
    MAX_NEAR_UNITS = 8000,      /* code longer than this has no 16-bit jumps */
    SUPER_METHOD_WORDS = 4,     /* of TRY_SUPER_METHOD, and of the CALL behind it */
    SUPER_CALL_WORDS = 3,
};

typedef enum { ENTRY_TEMP, ENTRY_LOCAL, ENTRY_CONST, ENTRY_NULL } EntryKind;

typedef struct {
    EntryKind kind;
    uint32_t index;             /* register, local or constant */
    int lane;                   /* TEMP: 4 * word + lane of the instruction operand that names its destination, or -1 */
    int stamp;                  /* TEMP: word count after the instruction that makes it */
    int maker;                  /* TEMP: word + 1 of the instruction whose one result it is, or 0 */
    bool as_number;             /* LOCAL: about to be used as a number or where it is all the same, which is counted already */
} Entry;

/* How a local is used anywhere in the code. One that is calculated with and never handed on as an object is best kept unboxed. */
enum { USED_AS_NUMBER = 1, USED_AS_OBJECT = 2 };

typedef enum { FIX_JUMP, FIX_NEAR, FIX_WORD } FixKind;

/* A jump whose target's word is filled in at the end. `word` holds the field, `from` is where the jump counts from. */
typedef struct { int word, from, unit; FixKind kind; } Fix;

typedef struct {
    PyCodeObject *code;
    Flow flow;
    bool plain, near;
    int base;                   /* first temporary register */
    int constant_count;
    Entry *stack;
    int depth;
    bool *busy;                 /* per temporary register: some entry is in it */
    int temporaries;            /* most temporary registers used at once */
    int temporary_limit;
    Word *words;
    uint32_t *units;
    int count, capacity;
    Fix *fixes;
    int fix_count, fix_capacity;
    int32_t *word_of_leader;
    uint64_t *bound;            /* locals bound here */
    uint8_t *local_uses;        /* per local: USED_AS_... */
    Instruction in;             /* being translated */
    int next_unit;              /* where to go on: after what was fused, too */
    int unit;
    uint32_t keywords;          /* constant + 1 of a pending KW_NAMES */
    int super_word;             /* where a CALL of super made room for TRY_SUPER_METHOD, or -1 */
    bool reachable;
    bool failed;                /* an error is set */
    int stop_word;              /* exec_describe: where to stop, or -1 */
    int described_unit;
    Entry *described;
    int described_depth;
    uint64_t *live;             /* exec_find_live: its result */
    int live_words;             /* per word of code */
} Translator;

/* ---- Emission ------------------------------------------------------------------------------------------------- */

static void fail(Translator *t, const char *what)
{
    if (!t->failed) PyErr_Format(PyExc_SystemError, "cannot run this code object: %s", what);
    t->failed = true;
}

static void fail_no_memory(Translator *t)
{
    if (!t->failed) PyErr_NoMemory();
    t->failed = true;
}

static void grow_words(Translator *t)
{
    int capacity = t->capacity ? 2 * t->capacity : (int)Py_SIZE(t->code) + 16;
    Word *words = PyMem_Realloc(t->words, (size_t)capacity * sizeof *words);
    if (words) t->words = words;
    uint32_t *units = PyMem_Realloc(t->units, (size_t)capacity * sizeof *units);
    if (units) t->units = units;
    if (words && units) t->capacity = capacity;
    else fail_no_memory(t);
}

/* Room for one more word; after a failure, a scratch one. */
static COLD bool make_room(Translator *t)
{
    grow_words(t);
    if (t->count == t->capacity && t->capacity) t->count--;
    return t->capacity > 0;
}

/* Appends a word; returns its index. After a failure it keeps returning a valid scratch index. */
static inline int emit_word(Translator *t, Word word)
{
    if (UNLIKELY(t->count == t->capacity) && !make_room(t)) return 0;
    t->words[t->count] = word;
    t->units[t->count] = (uint32_t)t->unit;
    return t->count++;
}

static int emit(Translator *t, enum exec_op op, uint32_t a, uint32_t b, uint32_t c)
{
    return emit_word(t, (Word){.op = (uint16_t)op, .a = (uint16_t)a, .b = (uint16_t)b, .c = (uint16_t)c});
}

static void emit_zeros(Translator *t, int count)
{
    for (int i = 0; i < count; i++) emit_word(t, (Word){0});
}

static void add_fix(Translator *t, int word, int from, int unit, FixKind kind)
{
    if (t->fix_count == t->fix_capacity) {
        int capacity = t->fix_capacity ? 2 * t->fix_capacity : 16;
        Fix *fixes = PyMem_Realloc(t->fixes, (size_t)capacity * sizeof *fixes);
        if (!fixes) {
            fail_no_memory(t);
            return;
        }
        t->fixes = fixes;
        t->fix_capacity = capacity;
    }
    t->fixes[t->fix_count++] = (Fix){word, from, unit, kind};
}

static void emit_jump(Translator *t, enum exec_op op, uint32_t a, int unit)
{
    int at = emit_word(t, (Word){.op_ = (uint16_t)op, .a_ = (uint16_t)a});
    add_fix(t, at, at, unit, FIX_JUMP);
}

/* ---- The model of the stack ----------------------------------------------------------------------------------- */

static Entry *entry_at(Translator *t, int from_top) { return &t->stack[t->depth - from_top]; }     /* 1: the top */
static int canonical(Translator *t, int depth) { return t->base + depth; }

static void take_register(Translator *t, int reg)
{
    t->busy[reg - t->base] = true;
    if (reg - t->base >= t->temporaries) t->temporaries = reg - t->base + 1;
}

static void free_entry(Translator *t, const Entry *e)
{
    if (e->kind == ENTRY_TEMP) t->busy[e->index - (uint32_t)t->base] = false;
}

static void push(Translator *t, EntryKind kind, uint32_t index)
{
    t->stack[t->depth++] = (Entry){.kind = kind, .index = index, .lane = -1};
}

/* A register for a new entry at the top: the canonical one, or another if a displaced entry sits in it. */
static int choose_register(Translator *t)
{
    if (!t->busy[t->depth]) return canonical(t, t->depth);
    for (int i = t->code->co_stacksize; i < t->temporary_limit; i++) {
        if (!t->busy[i]) return t->base + i;
    }
    fail(t, "too many temporaries");
    return t->base;
}

/* Pushes the result of the instruction at `word`, whose operand `lane` names the destination. */
static void push_result(Translator *t, int word, int lane)
{
    int reg = choose_register(t);
    t->words[word].lane[lane] = (uint16_t)reg;
    take_register(t, reg);
    t->stack[t->depth++] = (Entry){ENTRY_TEMP, (uint32_t)reg, 4 * word + lane, t->count, word + 1, false};
}

static void note_object_use(Translator *t, const Entry *e)
{
    if (e->kind == ENTRY_LOCAL && !e->as_number && (int)e->index < t->flow.nlocals) t->local_uses[e->index] |= USED_AS_OBJECT;
}

/* The entry is about to be used where a number may be boxed or not. */
static void accept_number(Entry *e) { e->as_number = true; }

/* The entry is about to be calculated with, and nobody else sees it: it need not be an object. */
static void prefer_number(Translator *t, Entry *e)
{
    accept_number(e);
    if (e->kind == ENTRY_LOCAL && (int)e->index < t->flow.nlocals) t->local_uses[e->index] |= USED_AS_NUMBER;
    if (t->plain || e->kind != ENTRY_TEMP || !e->maker) return;
    Word *w = &t->words[e->maker - 1];
    if (w->op == X_SUBSCRIPT) w->op = X_SUBSCRIPT_NUMBER;
    else if (w->op == X_LOAD_DEREF) w->op = X_LOAD_DEREF_NUMBER;
}

/* Pushes an entry whose canonical register the emitted instruction fills by itself. */
static void push_canonical(Translator *t)
{
    int reg = canonical(t, t->depth);
    take_register(t, reg);
    t->stack[t->depth++] = (Entry){ENTRY_TEMP, (uint32_t)reg, -1, 0, 0, false};
}

static void set_temp(Translator *t, Entry *e, int reg)
{
    free_entry(t, e);
    take_register(t, reg);
    *e = (Entry){ENTRY_TEMP, (uint32_t)reg, -1, 0, 0, false};
}

/* Puts a pending entry's value into a register. */
static void materialise(Translator *t, Entry *e, int reg)
{
    switch (e->kind) {
    case ENTRY_LOCAL:
        note_object_use(t, e);
        emit(t, X_COPY, (uint32_t)reg, e->index, 0);
        break;
    case ENTRY_CONST: emit(t, X_COPY, (uint32_t)reg, e->index | OPERAND_CONSTANT, 0); break;
    case ENTRY_NULL: emit(t, X_LOAD_EMPTY, (uint32_t)reg, 0, 0); break;
    case ENTRY_TEMP: return;
    }
    set_temp(t, e, reg);
}

static bool is_canonical(Translator *t, int i)
{
    return t->stack[i].kind == ENTRY_TEMP && (int)t->stack[i].index == canonical(t, i);
}

/* Moves displaced temporaries home. Each turn of the loop brings one home, by a move if its place is free, else by an
 * exchange with the entry that sits there. */
static void flush_displaced(Translator *t)
{
    for (bool again = true; again && !t->failed;) {
        again = false;
        for (int i = 0; i < t->depth; i++) {
            Entry *e = &t->stack[i];
            if (e->kind != ENTRY_TEMP || is_canonical(t, i)) continue;
            int home = canonical(t, i);
            if (t->busy[i]) {
                emit(t, X_SWAP, (uint32_t)home, e->index, 0);
                for (int j = 0; j < t->depth; j++) {
                    Entry *other = &t->stack[j];
                    if (other->kind == ENTRY_TEMP && (int)other->index == home) {
                        other->index = e->index;
                        other->lane = -1;
                        break;
                    }
                }
                e->index = (uint32_t)home;
                e->lane = -1;
                again = true;
            }
            else {
                emit(t, X_TAKE, (uint32_t)home, e->index, 0);
                set_temp(t, e, home);
            }
        }
    }
}

/* Rule 1. */
static void flush(Translator *t)
{
    bool displaced = false;
    for (int i = 0; i < t->depth; i++) displaced |= t->stack[i].kind == ENTRY_TEMP && !is_canonical(t, i);
    if (displaced) flush_displaced(t);
    for (int i = 0; i < t->depth; i++) {
        if (t->stack[i].kind != ENTRY_TEMP) materialise(t, &t->stack[i], canonical(t, i));
    }
}

/* Makes the canonical registers of depths [first, first + count) free of entries below `first`. */
static void reserve(Translator *t, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        for (int j = 0; t->busy[i] && j < first; j++) {
            if (t->stack[j].kind == ENTRY_TEMP && (int)t->stack[j].index == canonical(t, i)) {
                flush(t);
                return;
            }
        }
    }
}

/* Before the top `count` entries are popped as operands and the rest is flushed: makes sure that the flush will not write
 * into a register that one of them is in. */
static void guard_operands(Translator *t, int count)
{
    int rest = t->depth - count;
    for (int i = rest; i < t->depth; i++) {
        if (t->stack[i].kind == ENTRY_TEMP && (int)t->stack[i].index < canonical(t, rest)) {
            flush(t);
            return;
        }
    }
}

/* The operand that names an entry's value, to be consumed. */
static uint16_t operand_of(Translator *t, Entry *e)
{
    if (e->kind == ENTRY_NULL) materialise(t, e, canonical(t, (int)(e - t->stack)));
    if (e->kind == ENTRY_CONST) return (uint16_t)(e->index | OPERAND_CONSTANT);
    note_object_use(t, e);
    return (uint16_t)e->index;
}

static uint16_t pop_operand(Translator *t)
{
    Entry *e = entry_at(t, 1);
    uint16_t operand = operand_of(t, e);
    free_entry(t, e);
    t->depth--;
    return operand;
}

/* A register that holds an entry's value and is not consumed. */
static uint16_t in_place(Translator *t, int from_top)
{
    Entry *e = entry_at(t, from_top);
    if (e->kind != ENTRY_TEMP && e->kind != ENTRY_LOCAL) {
        int home = (int)(e - t->stack);
        reserve(t, home, 1);
        if (t->busy[home]) flush(t);
        else materialise(t, e, canonical(t, home));
    }
    note_object_use(t, e);
    return (uint16_t)e->index;
}

static void spill_local(Translator *t, uint32_t local)
{
    for (int i = 0; i < t->depth; i++) {
        Entry *e = &t->stack[i];
        if (e->kind != ENTRY_LOCAL || e->index != local) continue;
        if (t->busy[i]) {
            flush(t);
            return;
        }
        materialise(t, e, canonical(t, i));
    }
}

static bool local_is_pending(Translator *t, uint32_t local)
{
    for (int i = 0; i < t->depth; i++) {
        if (t->stack[i].kind == ENTRY_LOCAL && t->stack[i].index == local) return true;
    }
    return false;
}

/* Emits the operand words for the top `count` entries, first pushed first, and pops them. */
static void emit_operands(Translator *t, const uint16_t *operands, int count)
{
    for (int i = 0; i < count; i += 4) {
        Word w = {0};
        for (int j = 0; j < 4; j++) w.lane[j] = i + j < count ? operands[i + j] : OPERAND_NONE;
        emit_word(t, w);
    }
}

/* Pops `count` entries into a new array of operands, first pushed first. NULL after a failure. */
static uint16_t *pop_operands(Translator *t, int count)
{
    uint16_t *operands = PyMem_New(uint16_t, count + 1);
    if (!operands) {
        fail_no_memory(t);
        return NULL;
    }
    for (int i = count - 1; i >= 0; i--) operands[i] = pop_operand(t);
    return operands;
}

/* ---- Shapes of instructions ----------------------------------------------------------------------------------- */

static void unary(Translator *t, enum exec_op op, uint32_t c)
{
    uint16_t b = pop_operand(t);
    push_result(t, emit(t, op, 0, b, c), 1);
}

static void binary(Translator *t, enum exec_op op)
{
    uint16_t c = pop_operand(t), b = pop_operand(t);
    push_result(t, emit(t, op, 0, b, c), 1);
}

/* BUILD_…: the result of `count` operands that follow. */
static void build(Translator *t, enum exec_op op, int64_t count, uint16_t c)
{
    if (count > MAX_COUNT) {
        fail(t, "too many operands");
        return;
    }
    uint16_t *operands = pop_operands(t, (int)count);
    if (!operands) return;
    int at = emit(t, op, 0, (uint32_t)count, c);
    emit_operands(t, operands, (int)count);
    PyMem_Free(operands);
    push_result(t, at, 1);
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
        prefer_number(t, entry_at(t, 1));
        prefer_number(t, entry_at(t, 2));
    }
    uint16_t c = pop_operand(t), b = pop_operand(t);
    if (op != X_BINARY_OP) {
        if (right >= 0 && left >= 0) op = X_BINARY_OP;
        else if (small && !(b & OPERAND_CONSTANT)) { op += X_ADD_RI - X_ADD_RR; c = immediate; }
        else if (right >= 0) { op += X_ADD_RK - X_ADD_RR; c = (uint16_t)right; }
        else if (left >= 0) { op += X_ADD_KR - X_ADD_RR; b = (uint16_t)left; }
        else if ((b | c) & OPERAND_CONSTANT) op = X_BINARY_OP;
    }
    push_result(t, emit(t, op, 0, b, c), 1);
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
    flush(t);
    int at = emit(t, op, a, b, 0);
    add_fix(t, at, at, (int)instruction_target(jump), FIX_NEAR);
    t->next_unit = jump->next;
}

static void compare_op(Translator *t)
{
    Instruction jump;
    int kind = (int)t->in.oparg;
    prefer_number(t, entry_at(t, 1));
    prefer_number(t, entry_at(t, 2));
    if (!next_is_test(t, &jump)) {
        binary(t, X_COMPARE_LT + kind);
        return;
    }
    guard_operands(t, 2);
    int right = number_operand(t, entry_at(t, 1));
    if (entry_at(t, 2)->kind == ENTRY_CONST || (right < 0 && entry_at(t, 1)->kind == ENTRY_CONST)) {
        binary(t, X_COMPARE_LT + kind);
        return;
    }
    uint16_t immediate = 0;
    bool small = immediate_operand(t, entry_at(t, 1), &immediate);
    uint16_t b = pop_operand(t), a = pop_operand(t);
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
    guard_operands(t, 2);
    uint16_t b = pop_operand(t), a = pop_operand(t);
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
    guard_operands(t, 2);
    uint16_t b = pop_operand(t), a = pop_operand(t);
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
        uint16_t step = has_step ? pop_operand(t) : OPERAND_NONE;
        uint16_t stop = pop_operand(t), start = pop_operand(t), container = pop_operand(t);
        int at = emit(t, X_LOAD_SLICE, 0, container, start);
        emit_word(t, (Word){.lane = {stop, step, OPERAND_NONE, OPERAND_NONE}});
        push_result(t, at, 1);
    }
    else if (t->in.oparg == 2 && take_next(t, OP_STORE_SUBSCR)) {
        uint16_t stop = pop_operand(t), start = pop_operand(t), container = pop_operand(t), value = pop_operand(t);
        emit(t, X_STORE_SLICE, container, start, value);
        emit_word(t, (Word){.lane = {stop, OPERAND_NONE, OPERAND_NONE, OPERAND_NONE}});
    }
    else build(t, X_BUILD_SLICE, t->in.oparg == 3 ? 3 : 2, 0);
}

static void conditional_jump(Translator *t, enum exec_op op)
{
    guard_operands(t, 1);
    accept_number(entry_at(t, 1));
    uint16_t a = pop_operand(t);
    flush(t);
    emit_jump(t, op, a, (int)instruction_target(&t->in));
}

static void jump_or_pop(Translator *t, enum exec_op op)
{
    flush(t);
    emit_jump(t, op, entry_at(t, 1)->index, (int)instruction_target(&t->in));
    free_entry(t, entry_at(t, 1));
    t->depth--;
}

/* ---- Locals --------------------------------------------------------------------------------------------------- */

static void load_fast(Translator *t)
{
    uint32_t local = t->in.oparg;
    if (t->plain || !flow_is_bound(t->bound, (int)local)) {
        emit(t, X_CHECK_BOUND, local, 0, 0);
        if (t->bound && (int)local < t->flow.nlocals) t->bound[local >> 6] |= (uint64_t)1 << (local & 63);
    }
    Instruction next;
    if (instruction_read(t->flow.units, t->flow.unit_count, t->in.next, &next) && next.opcode == OP_FOR_ITER) {
        emit(t, X_CHECK_ITERATOR, local, 0, 0);
    }
    push(t, ENTRY_LOCAL, local);
}

static void store_fast(Translator *t)
{
    uint32_t local = t->in.oparg;
    Entry value = *entry_at(t, 1);
    free_entry(t, &value);
    t->depth--;
    if (t->bound && (int)local < t->flow.nlocals) t->bound[local >> 6] |= (uint64_t)1 << (local & 63);
    if (!t->plain && value.kind == ENTRY_TEMP && value.lane >= 0 && value.stamp == t->count
        && !local_is_pending(t, local)) {
        t->words[value.lane / 4].lane[value.lane % 4] = (uint16_t)local;
        return;
    }
    if (value.kind == ENTRY_LOCAL && value.index == local) return;
    if (local_is_pending(t, local)) {
        t->stack[t->depth++] = value;       /* keep its register while others move */
        if (value.kind == ENTRY_TEMP) take_register(t, (int)value.index);
        spill_local(t, local);
        value = *entry_at(t, 1);
        free_entry(t, &value);
        t->depth--;
    }
    switch (value.kind) {
    case ENTRY_TEMP: emit(t, X_TAKE, local, value.index, 0); break;
    case ENTRY_LOCAL:
        note_object_use(t, &value);
        emit(t, X_COPY, local, value.index, 0);
        break;
    case ENTRY_CONST: {
        int number = number_operand(t, &value);
        emit(t, X_COPY, local, number >= 0 ? (uint32_t)number : value.index | OPERAND_CONSTANT, 0);
        break;
    }
    case ENTRY_NULL: emit(t, X_LOAD_EMPTY, local, 0, 0); break;
    }
}

static void delete_fast(Translator *t)
{
    uint32_t local = t->in.oparg;
    spill_local(t, local);
    emit(t, X_DELETE_FAST, local, 0, 0);
    if (t->bound && (int)local < t->flow.nlocals) t->bound[local >> 6] &= ~((uint64_t)1 << (local & 63));
}

static void load_const(Translator *t)
{
    if (t->in.oparg < OPERAND_CONSTANT - 1) {
        push(t, ENTRY_CONST, t->in.oparg);
        return;
    }
    push_result(t, emit_word(t, (Word){.op_ = X_LOAD_CONST_FAR, .jump = (int32_t)t->in.oparg}), 1);
}

static void pop_top(Translator *t)
{
    Entry e = *entry_at(t, 1);
    free_entry(t, &e);
    t->depth--;
    if (e.kind == ENTRY_TEMP) emit(t, X_DROP, e.index, 0, 0);
}

static void copy(Translator *t)
{
    Entry e = *entry_at(t, (int)t->in.oparg);
    if (e.kind != ENTRY_TEMP) {
        push(t, e.kind, e.index);
        return;
    }
    int reg = choose_register(t);
    int at = emit(t, X_COPY, (uint32_t)reg, e.index, 0);
    push_result(t, at, 1);
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
    if (index > UINT16_MAX) fail(t, "more than 65536 names");
    return index;
}

static void load_global(Translator *t)
{
    if (t->in.oparg & 1) push(t, ENTRY_NULL, 0);
    int at = emit(t, X_LOAD_GLOBAL, 0, name_index(t, t->in.oparg >> 1), 0);
    emit_zeros(t, 2);
    push_result(t, at, 1);
}

static void load_name(Translator *t)
{
    int at = emit(t, X_LOAD_NAME, 0, name_index(t, t->in.oparg), 0);
    emit_zeros(t, 2);
    push_result(t, at, 1);
}

static void store_name(Translator *t, enum exec_op op)
{
    emit(t, op, pop_operand(t), name_index(t, t->in.oparg), 0);
    emit_zeros(t, 2);
}

static void load_attr(Translator *t)
{
    uint16_t b = pop_operand(t);
    int at = emit(t, X_LOAD_ATTR, 0, b, name_index(t, t->in.oparg));
    emit_zeros(t, 2);
    push_result(t, at, 1);
}

/* An instruction that fills two canonical registers from one operand. */
static int two_results(Translator *t, enum exec_op op, uint32_t c)
{
    reserve(t, t->depth - 1, 2);
    uint16_t b = pop_operand(t);
    int at = emit(t, op, (uint32_t)canonical(t, t->depth), b, c);
    push_canonical(t);
    push_canonical(t);
    return at;
}

static void load_method(Translator *t)
{
    int at = two_results(t, X_LOAD_METHOD, name_index(t, t->in.oparg));
    emit_zeros(t, 2);
    if (t->super_word >= 0 && at == t->super_word + SUPER_METHOD_WORDS + SUPER_CALL_WORDS && !t->failed) {
        t->words[t->super_word].op = X_TRY_SUPER_METHOD;
    }
    t->super_word = -1;
}

static void store_attr(Translator *t)
{
    uint16_t a = pop_operand(t), b = pop_operand(t);
    emit(t, X_STORE_ATTR, a, b, name_index(t, t->in.oparg));
    emit_zeros(t, 2);
}

static void for_iter(Translator *t)
{
    flush(t);
    uint32_t iterator = entry_at(t, 1)->index;
    int at = emit(t, X_FOR_ITER, 0, iterator, 0);
    int word = emit_word(t, (Word){0});
    add_fix(t, word, at, (int)instruction_target(&t->in), FIX_WORD);
    push_result(t, at, 1);
}

static void send(Translator *t)
{
    flush(t);
    uint16_t c = pop_operand(t);
    uint32_t receiver = entry_at(t, 1)->index;
    int at = emit(t, X_SEND, (uint32_t)canonical(t, t->depth), receiver, c);
    int word = emit_word(t, (Word){0});
    add_fix(t, word, at, (int)instruction_target(&t->in), FIX_WORD);
    push_canonical(t);
}

static void unpack_sequence(Translator *t)
{
    int64_t count = t->in.oparg;
    if (count > MAX_COUNT) {
        fail(t, "too many operands");
        return;
    }
    int n = (int)count;
    reserve(t, t->depth - 1, n ? n : 1);
    uint16_t b = pop_operand(t);
    int at = emit(t, X_UNPACK_SEQUENCE, 0, b, (uint32_t)n);
    int first = t->depth;
    emit_zeros(t, exec_operand_words(n));
    for (int i = 0; i < n; i++) push_canonical(t);
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
        fail(t, "too many operands");
        return;
    }
    reserve(t, t->depth - 1, n);
    uint16_t b = pop_operand(t);
    emit(t, X_UNPACK_EX, (uint32_t)canonical(t, t->depth), b, t->in.oparg);
    for (int i = 0; i < n; i++) push_canonical(t);
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
    emit(t, X_NOP, (uint32_t)cell, 0, 0);
    emit_zeros(t, SUPER_METHOD_WORDS - 1);
}

static void call(Translator *t)
{
    int n = (int)t->in.oparg;
    if (t->in.oparg > MAX_COUNT) {
        fail(t, "too many operands");
        return;
    }
    Entry *method = entry_at(t, n + 2), *self = entry_at(t, n + 1);
    bool plain_call = method->kind == ENTRY_NULL;
    if (plain_call && n == 0) make_room_for_super(t);
    if (!plain_call && (method->kind != ENTRY_TEMP || self->kind != ENTRY_TEMP || self->index != method->index + 1)) {
        flush(t);
    }
    uint16_t *operands = pop_operands(t, n);
    if (!operands) return;
    int at;
    if (plain_call) {
        uint16_t callable = pop_operand(t);
        t->depth--;
        at = emit(t, X_CALL, 0, callable, (uint32_t)n);
    }
    else {
        uint32_t reg = entry_at(t, 2)->index;
        free_entry(t, entry_at(t, 1));
        free_entry(t, entry_at(t, 2));
        t->depth -= 2;
        at = emit(t, X_CALL_METHOD, 0, reg, (uint32_t)n);
    }
    if (t->keywords > UINT16_MAX) fail(t, "too many constants");
    emit_word(t, (Word){.op = (uint16_t)t->keywords});
    emit_zeros(t, 1);
    t->keywords = 0;
    emit_operands(t, operands, n);
    PyMem_Free(operands);
    push_result(t, at, 1);
}

/* With `copied`, the mapping of keywords is the program's own. */
static void call_function_ex(Translator *t, bool copied)
{
    uint16_t keywords = t->in.oparg & 1 ? pop_operand(t) : OPERAND_NONE;
    uint16_t c = pop_operand(t), b = pop_operand(t);
    Entry null = *entry_at(t, 1);
    free_entry(t, &null);
    t->depth--;
    int at = emit(t, X_CALL_FUNCTION_EX, 0, b, c);
    emit_word(t, (Word){.lane = {keywords, copied, OPERAND_NONE, OPERAND_NONE}});
    push_result(t, at, 1);
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
        push(t, ENTRY_LOCAL, load.oparg);
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
    uint16_t code = pop_operand(t);
    for (int i = 3; i >= 0; i--) {
        if (flags >> i & 1) extra.lane[i] = pop_operand(t);
    }
    int at = emit(t, X_MAKE_FUNCTION, 0, code, flags);
    emit_word(t, extra);
    push_result(t, at, 1);
}

/* ---- One bytecode instruction --------------------------------------------------------------------------------- */

/* Each of these knows some opcodes, and says whether it knew this one. */

static bool translate_data(Translator *t)
{
    uint32_t oparg = t->in.oparg;
    switch (t->in.opcode) {
    case OP_POP_TOP: pop_top(t); break;
    case OP_PUSH_NULL: push(t, ENTRY_NULL, 0); break;
    case OP_COPY: copy(t); break;
    case OP_SWAP: swap(t); break;
    case OP_LOAD_CONST: load_const(t); break;
    case OP_LOAD_FAST: load_fast(t); break;
    case OP_LOAD_CLOSURE: push(t, ENTRY_LOCAL, oparg); break;
    case OP_STORE_FAST: store_fast(t); break;
    case OP_DELETE_FAST: delete_fast(t); break;
    case OP_MAKE_CELL: emit(t, X_MAKE_CELL, oparg, 0, 0); break;
    case OP_COPY_FREE_VARS:
        emit(t, X_COPY_FREE_VARS, (uint32_t)t->code->co_nlocalsplus - oparg, oparg, 0);
        break;
    case OP_LOAD_DEREF: push_result(t, emit(t, X_LOAD_DEREF, 0, oparg, 0), 1); break;
    case OP_LOAD_CLASSDEREF: push_result(t, emit(t, X_LOAD_CLASSDEREF, 0, oparg, 0), 1); break;
    case OP_STORE_DEREF: emit(t, X_STORE_DEREF, oparg, pop_operand(t), 0); break;
    case OP_DELETE_DEREF: emit(t, X_DELETE_DEREF, oparg, 0, 0); break;
    case OP_LOAD_NAME: load_name(t); break;
    case OP_STORE_NAME: store_name(t, X_STORE_NAME); break;
    case OP_DELETE_NAME: emit(t, X_DELETE_NAME, 0, name_index(t, oparg), 0); break;
    case OP_LOAD_GLOBAL: load_global(t); break;
    case OP_STORE_GLOBAL: store_name(t, X_STORE_GLOBAL); break;
    case OP_DELETE_GLOBAL: emit(t, X_DELETE_GLOBAL, 0, name_index(t, oparg), 0); break;
    case OP_LOAD_ATTR: load_attr(t); break;
    case OP_LOAD_METHOD: load_method(t); break;
    case OP_STORE_ATTR: store_attr(t); break;
    case OP_DELETE_ATTR: emit(t, X_DELETE_ATTR, pop_operand(t), name_index(t, oparg), 0); break;
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
    case OP_BINARY_SUBSCR: prefer_number(t, entry_at(t, 1)); binary(t, X_SUBSCRIPT); break;
    case OP_UNARY_NEGATIVE: unary(t, X_NEGATIVE, 0); break;
    case OP_UNARY_POSITIVE: unary(t, X_POSITIVE, 0); break;
    case OP_UNARY_INVERT: unary(t, X_INVERT, 0); break;
    case OP_UNARY_NOT: unary(t, X_NOT, 0); break;
    case OP_STORE_SUBSCR: {
        prefer_number(t, entry_at(t, 1));
        uint16_t key = pop_operand(t), container = pop_operand(t), value = pop_operand(t);
        emit(t, X_STORE_SUBSCRIPT, container, key, value);
        break;
    }
    case OP_DELETE_SUBSCR: {
        uint16_t key = pop_operand(t), container = pop_operand(t);
        emit(t, X_DELETE_SUBSCRIPT, container, key, 0);
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
        uint16_t keys = pop_operand(t);
        build(t, X_BUILD_CONST_KEY_MAP, oparg, keys);
        break;
    }
    case OP_LIST_APPEND: { uint16_t b = pop_operand(t); emit(t, X_LIST_APPEND, in_place(t, (int)oparg), b, 0); break; }
    case OP_SET_ADD: { uint16_t b = pop_operand(t); emit(t, X_SET_ADD, in_place(t, (int)oparg), b, 0); break; }
    case OP_LIST_EXTEND: { uint16_t b = pop_operand(t); emit(t, X_LIST_EXTEND, in_place(t, (int)oparg), b, 0); break; }
    case OP_SET_UPDATE: { uint16_t b = pop_operand(t); emit(t, X_SET_UPDATE, in_place(t, (int)oparg), b, 0); break; }
    case OP_DICT_UPDATE: { uint16_t b = pop_operand(t); emit(t, X_DICT_UPDATE, in_place(t, (int)oparg), b, 0); break; }
    case OP_DICT_MERGE: {
        uint16_t b = pop_operand(t), dict = in_place(t, (int)oparg);
        emit(t, X_DICT_MERGE, dict, b, in_place(t, (int)oparg + 2));
        break;
    }
    case OP_MAP_ADD: {
        uint16_t value = pop_operand(t), key = pop_operand(t);
        emit(t, X_MAP_ADD, in_place(t, (int)oparg), key, value);
        break;
    }
    case OP_LIST_TO_TUPLE: unary(t, X_LIST_TO_TUPLE, 0); break;
    case OP_FORMAT_VALUE: {
        uint16_t spec = oparg & 4 ? pop_operand(t) : OPERAND_NONE, value = pop_operand(t);
        int at = emit(t, X_FORMAT_VALUE, 0, value, spec);
        emit_word(t, (Word){.word = oparg});
        push_result(t, at, 1);
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
        flush(t);
        emit_jump(t, t->in.opcode == OP_JUMP_BACKWARD_NO_INTERRUPT ? X_JUMP_QUIET : X_JUMP, 0,
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
    case OP_RETURN_VALUE: accept_number(entry_at(t, 1)); emit(t, X_RETURN, pop_operand(t), 0, 0); end_block(t); break;
    case OP_RETURN_GENERATOR: push_result(t, emit(t, X_RETURN_GENERATOR, 0, 0, 0), 1); break;
    case OP_RESUME: emit(t, X_RESUME, t->in.oparg, 0, 0); break;
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
    case OP_GET_ANEXT: { uint16_t b = in_place(t, 1); push_result(t, emit(t, X_GET_ANEXT, 0, b, 0), 1); break; }
    case OP_ASYNC_GEN_WRAP: unary(t, X_ASYNC_GEN_WRAP, 0); break;
    case OP_END_ASYNC_FOR: {
        flush(t);
        uint16_t b = pop_operand(t), a = pop_operand(t);
        emit(t, X_END_ASYNC_FOR, a, b, 0);
        break;
    }
    case OP_BEFORE_WITH: two_results(t, X_BEFORE_WITH, 0); break;
    case OP_BEFORE_ASYNC_WITH: two_results(t, X_BEFORE_ASYNC_WITH, 0); break;
    case OP_WITH_EXCEPT_START: {
        uint16_t exit = in_place(t, 4), exc = in_place(t, 1);
        push_result(t, emit(t, X_WITH_EXCEPT_START, 0, exit, exc), 1);
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
        uint16_t cause = count > 1 ? pop_operand(t) : OPERAND_NONE, exc = count > 0 ? pop_operand(t) : OPERAND_NONE;
        emit(t, X_RAISE, exc, cause, count);
        end_block(t);
        break;
    }
    case OP_RERAISE: {
        flush(t);
        uint32_t lasti = t->in.oparg ? entry_at(t, 1 + (int)t->in.oparg)->index + 1 : 0;
        emit(t, X_RERAISE, pop_operand(t), lasti, 0);
        end_block(t);
        break;
    }
    case OP_PUSH_EXC_INFO:
        flush(t);
        emit(t, X_PUSH_EXC_INFO, entry_at(t, 1)->index, 0, 0);
        push_canonical(t);
        break;
    case OP_POP_EXCEPT: {
        flush(t);
        emit(t, X_POP_EXCEPT, pop_operand(t), 0, 0);
        break;
    }
    case OP_CHECK_EXC_MATCH: {
        uint16_t type = pop_operand(t), exc = in_place(t, 1);
        push_result(t, emit(t, X_CHECK_EXC_MATCH, 0, exc, type), 1);
        break;
    }
    case OP_CHECK_EG_MATCH: flush(t); emit(t, X_CHECK_EG_MATCH, entry_at(t, 2)->index, 0, 0); break;
    case OP_PREP_RERAISE_STAR: binary(t, X_PREP_RERAISE_STAR); break;
    case OP_LOAD_ASSERTION_ERROR: push_result(t, emit(t, X_LOAD_ASSERTION_ERROR, 0, 0, 0), 1); break;
    default: return false;
    }
    return true;
}

static bool translate_rest(Translator *t)
{
    uint32_t oparg = t->in.oparg;
    switch (t->in.opcode) {
    case OP_GET_LEN: { uint16_t b = in_place(t, 1); push_result(t, emit(t, X_GET_LEN, 0, b, 0), 1); break; }
    case OP_MATCH_MAPPING: { uint16_t b = in_place(t, 1); push_result(t, emit(t, X_MATCH_MAPPING, 0, b, 0), 1); break; }
    case OP_MATCH_SEQUENCE: { uint16_t b = in_place(t, 1); push_result(t, emit(t, X_MATCH_SEQUENCE, 0, b, 0), 1); break; }
    case OP_MATCH_KEYS: {
        uint16_t subject = in_place(t, 2), keys = in_place(t, 1);
        push_result(t, emit(t, X_MATCH_KEYS, 0, subject, keys), 1);
        break;
    }
    case OP_MATCH_CLASS: {
        uint16_t names = pop_operand(t), type = pop_operand(t), subject = pop_operand(t);
        if (oparg > UINT16_MAX) fail(t, "too many operands");
        int at = emit(t, X_MATCH_CLASS, 0, subject, type);
        emit_word(t, (Word){.lane = {names, (uint16_t)oparg, 0, 0}});
        push_result(t, at, 1);
        break;
    }
    case OP_IMPORT_NAME: {
        uint16_t list = pop_operand(t), level = pop_operand(t);
        int at = emit(t, X_IMPORT_NAME, 0, level, list);
        emit_word(t, (Word){.word = oparg});
        push_result(t, at, 1);
        break;
    }
    case OP_IMPORT_FROM: {
        uint16_t module = in_place(t, 1);
        push_result(t, emit(t, X_IMPORT_FROM, 0, module, name_index(t, oparg)), 1);
        break;
    }
    case OP_IMPORT_STAR: emit(t, X_IMPORT_STAR, pop_operand(t), 0, 0); break;
    case OP_SETUP_ANNOTATIONS: emit(t, X_SETUP_ANNOTATIONS, 0, 0, 0); break;
    case OP_PRINT_EXPR: emit(t, X_PRINT_EXPR, pop_operand(t), 0, 0); break;
    case OP_LOAD_BUILD_CLASS: push_result(t, emit(t, X_LOAD_BUILD_CLASS, 0, 0, 0), 1); break;
    default: return false;
    }
    return true;
}

/* The frequent ones first. */
static void translate_one(Translator *t)
{
    bool known = translate_data(t) || translate_flow(t) || translate_operators(t) || translate_building(t)
                 || translate_exceptions(t) || translate_async(t) || translate_rest(t);
    if (!known) fail(t, "unknown opcode");
}

/* ---- The pass ------------------------------------------------------------------------------------------------- */

static void enter_leader(Translator *t, int leader)
{
    int depth = t->flow.depth[leader];
    if (t->reachable) flush(t);
    t->word_of_leader[leader] = t->count;
    if (depth < 0) {
        t->reachable = false;
        return;
    }
    t->reachable = true;
    memset(t->busy, 0, (size_t)t->temporary_limit * sizeof *t->busy);
    t->depth = 0;
    while (t->depth < depth) push_canonical(t);
    t->keywords = 0;
    if (t->bound) {
        size_t words = (size_t)t->flow.words_per_set;
        memcpy(t->bound, t->flow.bound + (size_t)leader * words, words * sizeof *t->bound);
    }
}

static void take_description(Translator *t)
{
    t->described_unit = t->unit;
    t->described_depth = t->depth;
    memcpy(t->described, t->stack, (size_t)t->depth * sizeof *t->stack);
}

/* The last instruction that begins at a word tells what is live there: those before it emitted nothing. */
static void take_live(Translator *t)
{
    uint64_t *set = t->live + (size_t)t->count * (size_t)t->live_words;
    memset(set, 0, (size_t)t->live_words * sizeof *set);
    set[0] = 1;
    for (int i = 0; i < t->depth; i++) {
        unsigned bit = 1 + t->stack[i].index - (unsigned)t->base;
        if (t->stack[i].kind == ENTRY_TEMP) set[bit / 64] |= (uint64_t)1 << bit % 64;
    }
}

static void translate_all(Translator *t)
{
    const Flow *flow = &t->flow;
    for (int u = 0; u < flow->unit_count && !t->failed; u = t->next_unit) {
        if (!instruction_read(flow->units, flow->unit_count, u, &t->in)) break;
        t->unit = t->in.at;
        t->next_unit = t->in.next;
        if (t->stop_word >= 0) {
            if (t->count > t->stop_word) return;
            if (t->count == t->stop_word && t->reachable && flow->leader[u] < 0) take_description(t);
        }
        if (flow->leader[u] >= 0) {
            enter_leader(t, flow->leader[u]);
            if (t->count == t->stop_word && t->reachable) take_description(t);
        }
        if (!t->reachable) continue;
        if (t->live) take_live(t);
        int before = t->count;
        translate_one(t);
        if (t->plain && t->reachable) {
            if (t->count == before) emit(t, X_NOP, 0, 0, 0);
            flush(t);
        }
    }
    if (!t->failed && t->reachable) emit(t, X_BAD, 0, 0, 0);
}

static bool is_number(const Translator *t, uint16_t reg)
{
    return (int)reg < t->flow.nlocals && t->local_uses[reg] == USED_AS_NUMBER;
}

/* What is loaded into locals that are best kept unboxed comes so. */
static void unbox_loads(Translator *t)
{
    for (int at = 0; at < t->count; at += exec_length(&t->words[at])) {
        Word *w = &t->words[at];
        switch (w->op) {
        case X_SUBSCRIPT: if (is_number(t, w->a)) w->op = X_SUBSCRIPT_NUMBER; break;
        case X_LOAD_DEREF: if (is_number(t, w->a)) w->op = X_LOAD_DEREF_NUMBER; break;
        case X_FOR_ITER: w->c = is_number(t, w->a); break;
        case X_UNPACK_SEQUENCE:
            for (int i = 0; i < w->c && i < 16; i++) w->a |= (uint16_t)(is_number(t, w[1 + i / 4].lane[i % 4]) << i);
        }
    }
}

static bool apply_fixes(Translator *t)
{
    for (int i = 0; i < t->fix_count; i++) {
        Fix f = t->fixes[i];
        int distance = t->word_of_leader[t->flow.leader[f.unit]] - f.from;
        switch (f.kind) {
        case FIX_JUMP: t->words[f.word].jump = distance; break;
        case FIX_WORD: t->words[f.word].word = (uint64_t)(int64_t)distance; break;
        case FIX_NEAR:
            if (distance < INT16_MIN || distance > INT16_MAX) {
                t->near = false;
                return false;
            }
            t->words[f.word].c = (uint16_t)(int16_t)distance;
        }
    }
    return true;
}

static void translator_clear(Translator *t)
{
    flow_free(&t->flow);
    PyMem_Free(t->stack);
    PyMem_Free(t->busy);
    PyMem_Free(t->words);
    PyMem_Free(t->units);
    PyMem_Free(t->fixes);
    PyMem_Free(t->word_of_leader);
    PyMem_Free(t->bound);
    PyMem_Free(t->local_uses);
    PyMem_Free(t->described);
}

static int translator_init(Translator *t, PyCodeObject *code, bool plain)
{
    *t = (Translator){
        .code = code, .plain = plain, .near = Py_SIZE(code) < MAX_NEAR_UNITS, .base = code->co_nlocalsplus,
        .constant_count = (int)PyTuple_GET_SIZE(code->co_consts), .stop_word = -1, .super_word = -1,
    };
    t->temporary_limit = 2 * code->co_stacksize + 2;    /* displaced entries never outnumber the stack */
    if (t->base + t->temporary_limit > EXEC_MAX_REGISTERS) {
        fail(t, "too many locals and temporaries");
        return -1;
    }
    if (flow_analyse(code, &t->flow) < 0) return -1;
    t->stack = PyMem_New(Entry, code->co_stacksize + 2);
    t->busy = PyMem_Calloc((size_t)t->temporary_limit, sizeof *t->busy);
    t->local_uses = PyMem_Calloc((size_t)t->flow.nlocals + 1, 1);
    t->word_of_leader = PyMem_Calloc((size_t)t->flow.leader_count, sizeof *t->word_of_leader);
    if (t->flow.bound) t->bound = PyMem_Calloc((size_t)t->flow.words_per_set, sizeof *t->bound);
    if (!t->stack || !t->busy || !t->local_uses || !t->word_of_leader || (t->flow.bound && !t->bound)) {
        fail_no_memory(t);
        return -1;
    }
    return 0;
}

/* Runs the pass, a second time without 16-bit jumps if one does not reach. */
static int translate(Translator *t)
{
    for (;;) {
        translate_all(t);
        if (t->failed) return -1;
        if (!t->plain) unbox_loads(t);
        if (t->stop_word >= 0 || apply_fixes(t)) return 0;
        t->count = t->fix_count = t->depth = 0;
        t->reachable = false;
    }
}

/* First word at or after a code unit; the units of the words never decrease. */
static int first_word_at(const Translator *t, int unit)
{
    int low = 0, high = t->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if ((int)t->units[middle] < unit) low = middle + 1;
        else high = middle;
    }
    return low;
}

static ExecHandler *make_handlers(Translator *t)
{
    ExecHandler *handlers = PyMem_New(ExecHandler, t->flow.range_count + 1);
    if (!handlers) return NULL;
    for (int i = 0; i < t->flow.range_count; i++) {
        const ExceptionEntry *r = &t->flow.ranges[i];
        handlers[i] = (ExecHandler){
            .start = (uint32_t)t->word_of_leader[t->flow.leader[r->start]],
            .end = (uint32_t)first_word_at(t, r->end),
            .handler = (uint32_t)t->word_of_leader[t->flow.leader[r->target]],
            .depth = (uint16_t)r->depth,
            .lasti = r->lasti,
        };
    }
    return handlers;
}

static int simple_arguments(PyCodeObject *code, bool plain)
{
    bool other = plain || code->co_kwonlyargcount || code->co_flags & (CO_VARARGS | CO_VARKEYWORDS)
                 || !(code->co_flags & CO_OPTIMIZED);
    return other ? -1 : code->co_argcount;
}

/* The units of the words as an ExecCode keeps them: new memory, or NULL. */
static uint16_t *narrow_units(const Translator *t)
{
    uint16_t *units = PyMem_New(uint16_t, t->count + 1);
    for (int i = 0; units && i < t->count; i++) units[i] = (uint16_t)t->units[i];
    return units;
}

ExecCode *translate_code(PyCodeObject *code, bool plain)
{
    Translator t;
    ExecCode *exec = NULL;
    if (translator_init(&t, code, plain) < 0 || translate(&t) < 0) goto done;
    size_t words = (size_t)t.count;
    exec = PyMem_Malloc(sizeof *exec + words * sizeof(Word));
    ExecHandler *handlers = make_handlers(&t);
    bool wide = Py_SIZE(code) > UINT16_MAX + 1;
    uint16_t *units = wide ? NULL : narrow_units(&t);
    if (!exec || !handlers || (!units && !wide)) {
        PyMem_Free(exec);
        PyMem_Free(handlers);
        PyMem_Free(units);
        exec = NULL;
        fail_no_memory(&t);
        goto done;
    }
    int used = t.temporaries, room = code->co_stacksize > used ? code->co_stacksize : used;
    *exec = (ExecCode){
        .code = code, .plain = plain, .near = t.near, .register_count = t.base + used, .register_capacity = t.base + room,
        .first_temporary = t.base,
        .word_count = t.count, .handler_count = t.flow.range_count, .constant_count = t.constant_count,
        .wide = wide, .units = units, .handlers = handlers, .simple_arguments = simple_arguments(code, plain),
        .fused_function = !plain && code->co_flags & CO_OPTIMIZED,
    };
    if (wide) {
        exec->wide_units = t.units;
        t.units = NULL;
    }
    memcpy(exec->words, t.words, words * sizeof(Word));
done:
    translator_clear(&t);
    return exec;
}

int exec_describe(PyCodeObject *code, int word, int *unit, uint16_t *operands)
{
    Translator t;
    int depth = -1;
    if (translator_init(&t, code, false) < 0) goto done;
    /* Whether the form that runs has 16-bit jumps was decided when it was made: the same decision falls here. */
    ExecCode *exec = exec_get(code, false);
    if (!exec) goto done;
    if (!exec->near) t.near = false;
    t.described = PyMem_New(Entry, code->co_stacksize + 2);
    if (!t.described) {
        fail_no_memory(&t);
        goto done;
    }
    t.stop_word = word;
    t.described_unit = -1;
    if (translate(&t) < 0 || t.described_unit < 0) goto done;
    *unit = t.described_unit;
    depth = t.described_depth;
    for (int i = 0; i < depth; i++) {
        const Entry *e = &t.described[i];
        operands[i] = e->kind == ENTRY_NULL ? OPERAND_NONE
                      : e->kind == ENTRY_CONST ? (uint16_t)(e->index | OPERAND_CONSTANT) : (uint16_t)e->index;
    }
done:
    translator_clear(&t);
    return depth;
}

uint64_t *exec_find_live(const ExecCode *exec)
{
    Translator t;
    uint64_t *live = NULL;
    if (translator_init(&t, exec->code, exec->plain) < 0) goto done;
    t.near = exec->near;
    t.live_words = exec_live_words(exec);
    t.live = live = PyMem_Calloc((size_t)(exec->word_count + 1) * (size_t)t.live_words, sizeof *live);
    if (!live) PyErr_NoMemory();
    else if (translate(&t) < 0) {
        PyMem_Free(live);
        live = NULL;
    }
done:
    translator_clear(&t);
    return live;
}

int exec_find_number_locals(const ExecCode *exec, bool *result)
{
    Translator t;
    int status = -1;
    if (translator_init(&t, exec->code, exec->plain) < 0) goto done;
    t.near = exec->near;
    if (translate(&t) < 0) goto done;
    for (int i = 0; i < t.flow.nlocals; i++) result[i] = !(t.local_uses[i] & USED_AS_OBJECT);
    status = 0;
done:
    translator_clear(&t);
    return status;
}
