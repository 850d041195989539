/* The execution form of a code object: register code, translated from the bytecode when it first runs.
 *
 * Invariants
 *  - words[i] maps to code unit exec_unit(exec, i) of the interchange form, for every word i, and never decreases.
 *  - constants[0 .. n) are the code's constants as a frame may hold them (canonical small ints unboxed, all else borrowed
 *    objects), constants[n .. 2n) the same with every number unboxed that can be.
 *  - At the start of a protected range, the stack entries that its handler finds are in their canonical registers
 *    (first_temporary + depth).
 *  - Specialised instructions only ever replace an opcode by one of the same length and operands.
 */
#ifndef KRAIT_VM_EXEC_H
#define KRAIT_VM_EXEC_H

#include "vm/value.h"

enum exec_op {
#define I(NAME, operands, words, text) X_##NAME,
#include "vm/instructions.def"
#undef I
    EXEC_OP_COUNT
};

/* One instruction or one of its cache words. */
typedef union Word Word;
union Word {
    uint64_t word;
    struct { uint16_t op, a, b, c; };
    struct { uint16_t op_, a_; int32_t jump; };     /* `jump` in words, from the start of the instruction */
    struct { uint32_t low, high; };
    uint16_t lane[4];                               /* operand words */
    void *pointer;                                  /* borrowed: kept valid by a version in a neighbouring word */
};
static_assert(sizeof(Word) == 8, "an instruction is one 64-bit word");

/* Bit of an opcode in code whose every instruction is preceded by watching or tracing: the loop's table sends it there. All of
 * an ExecCode's instructions have it, or none. */
#define OP_WATCHED 0x200
static_assert(EXEC_OP_COUNT <= OP_WATCHED, "opcodes leave the bit free");

static inline int exec_opcode(const Word *ip) { return ip->op & ~OP_WATCHED; }

/* Changes an instruction to another of the same length and operands. */
static inline void exec_become(const Word *ip, enum exec_op op)
{
    ((Word *)ip)->op = (uint16_t)(op | (ip->op & OP_WATCHED));
}

#define OPERAND_CONSTANT 0x8000     /* bit of an operand that names a constant */
#define OPERAND_NONE 0xffff         /* no operand */
#define EXEC_MAX_REGISTERS 0x7fff

/* A protected range and its handler. Ranges are sorted by start and do not overlap. */
typedef struct {
    uint32_t start, end;            /* words, end exclusive */
    uint32_t handler;               /* word */
    uint16_t depth;                 /* stack entries that stay */
    bool lasti;                     /* the handler wants the offset of the failing instruction below the exception */
} ExecHandler;

typedef struct ExecCode ExecCode;
struct NativeLoop;
struct ExecCode {
    ExecCode *next;                 /* the other form (plain or fused) of the same code, or NULL */
    PyCodeObject *code;             /* borrowed: it owns this */
    bool plain;
    bool near;                      /* fused compare-and-jumps were used (see translator.h) */
    bool fused_function;            /* the fused form of a function's code, with locals in registers */
    bool wide;                      /* code of more than 65,536 units */
    int register_count;
    int register_capacity;          /* what a frame has room for: enough to go on in the other form */
    int first_temporary;            /* = co_nlocalsplus */
    int word_count;
    int handler_count;
    int constant_count;             /* n above */
    Value *constants;
    union {
        uint16_t *units;            /* code unit of each word */
        uint32_t *wide_units;       /* ... if `wide` */
    };
    ExecHandler *handlers;
    int simple_arguments;           /* parameters of a function that takes just plain positional ones; else, and in plain forms, -1 */
    struct NativeLoop *loops;       /* owned: those that are compiled (native/native.h), or NULL */
    uint64_t *live;                 /* exec_find_live()'s, once frame_check() asked; or NULL */
    Word words[];
};

/* The execution form of code, translated on first demand. Borrowed; NULL with an exception set (MemoryError, or SystemError
 * for code that the verifier should have refused). */
ExecCode *exec_get(PyCodeObject *code, bool plain);

/* Has every instruction watched from now on, or none: see OP_WATCHED. Plain code always is. */
void exec_watch(ExecCode *exec, bool on);

/* Frees both forms; installed as code_runtime.exec_free. */
void exec_free(void *exec);

/* Length of the instruction in words, caches and operands included. */
static inline int exec_operand_words(int count) { return (count + 3) / 4; }
static inline int exec_call_words(int count) { return 3 + exec_operand_words(count); }
int exec_length(const Word *word);

/* The handler that protects a word, or NULL. */
const ExecHandler *exec_find_handler(const ExecCode *exec, int word);

/* First word at or after code unit `unit` in plain code, or -1. */
int exec_word_of_unit(const ExecCode *exec, int unit);

/* Code unit that an instruction of exec belongs to. */
static inline int exec_unit(const ExecCode *exec, int word)
{
    return exec->wide ? (int)exec->wide_units[word] : exec->units[word];
}
static inline int exec_unit_at(const ExecCode *exec, const Word *ip) { return exec_unit(exec, (int)(ip - exec->words)); }

/* Where a fused frame stands in terms of the interchange form: the code unit to go on with at the instruction boundary
 * `word`, and for each stack entry below the depth returned the operand that holds it (OPERAND_NONE: NULL).
 * `operands` has room for co_stacksize entries. -1 with MemoryError set. */
int exec_describe(PyCodeObject *code, int word, int *unit, uint16_t *operands);

/* For frame_check(): for each word that starts an instruction, a set of exec_live_words() words: bit 0 says that what follows is
 * known, bit 1 + i that temporary i holds a value there. New memory; NULL with MemoryError set. */
uint64_t *exec_find_live(const ExecCode *exec);
static inline int exec_live_words(const ExecCode *exec) { return (exec->register_count - exec->first_temporary) / 64 + 1; }

/* For each local whether it is never handed on as an object, but at most calculated with: nobody sees then whether a number in it is boxed.
 * `result` has room for co_nlocals. -1 with an exception set. */
int exec_find_number_locals(const ExecCode *exec, bool *result);

/* By enum exec_op: names, and letters for the operands (instructions.def). */
extern const char *const exec_op_names[EXEC_OP_COUNT], *const exec_op_operands[EXEC_OP_COUNT];

/* Readable listing (dump.c). */
void exec_dump(const ExecCode *exec, FILE *out);

#endif
