/* The translator of bytecode: what it knows and the steps that its parts share (translate_stack.c, translate_instructions.c,
 * translate.c).
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
#ifndef KRAIT_VM_TRANSLATOR_H
#define KRAIT_VM_TRANSLATOR_H

#include "bytecode/opcodes.h"
#include "vm/exec.h"
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

/* ---- Emission and the model of the stack (translate_stack.c) --------------------------------------------------- */

static inline Entry *entry_at(Translator *t, int from_top) { return &t->stack[t->depth - from_top]; }     /* 1: the top */
static inline int canonical(Translator *t, int depth) { return t->base + depth; }
/* The entry is about to be used where a number may be boxed or not. */
static inline void accept_number(Entry *e) { e->as_number = true; }

void translator_fail(Translator *t, const char *what);
void translator_fail_no_memory(Translator *t);
/* Appends a word; returns its index. After a failure it keeps returning a valid scratch index. */
void translator_grow_words(Translator *t);   /* on failure what there is stays */
int translator_emit_word(Translator *t, Word word);
int translator_emit(Translator *t, enum exec_op op, uint32_t a, uint32_t b, uint32_t c);
void translator_emit_zeros(Translator *t, int count);
void translator_add_fix(Translator *t, int word, int from, int unit, FixKind kind);
void translator_emit_jump(Translator *t, enum exec_op op, uint32_t a, int unit);
void translator_take_register(Translator *t, int reg);
void translator_free_entry(Translator *t, const Entry *e);
void translator_push(Translator *t, EntryKind kind, uint32_t index);
/* A register for a new entry at the top: the canonical one, or another if a displaced entry sits in it. */
int translator_choose_register(Translator *t);
/* Pushes the result of the instruction at `word`, whose operand `lane` names the destination. */
void translator_push_result(Translator *t, int word, int lane);
void translator_note_object_use(Translator *t, const Entry *e);
/* The entry is about to be calculated with, and nobody else sees it: it need not be an object. */
void translator_prefer_number(Translator *t, Entry *e);
/* Pushes an entry whose canonical register the emitted instruction fills by itself. */
void translator_push_canonical(Translator *t);
/* Rule 1. */
void translator_flush(Translator *t);
/* Makes the canonical registers of depths [first, first + count) free of entries below `first`. */
void translator_reserve(Translator *t, int first, int count);
/* Before the top `count` entries are popped as operands and the rest is flushed: makes sure that the flush will not write
 * into a register that one of them is in. */
void translator_guard_operands(Translator *t, int count);
uint16_t translator_pop_operand(Translator *t);
/* A register that holds an entry's value and is not consumed. */
uint16_t translator_in_place(Translator *t, int from_top);
void translator_spill_local(Translator *t, uint32_t local);
bool translator_local_is_pending(Translator *t, uint32_t local);
/* Emits the operand words for the top `count` entries, first pushed first, and pops them. */
void translator_emit_operands(Translator *t, const uint16_t *operands, int count);
/* Pops `count` entries into a new array of operands, first pushed first. NULL after a failure. */
uint16_t *translator_pop_operands(Translator *t, int count);

/* ---- Instructions (translate_instructions.c) -------------------------------------------------------------------- */

void translate_instruction(Translator *t);

#endif
