/* Tables over the interchange instruction set, all made from opcodes.def.
 *
 * An instruction is one 16-bit code unit (opcode in the low byte, argument in the high byte),
 * preceded by up to three EXTENDED_ARG units and followed by opcode_caches[opcode] cache
 * units, which the compiler writes as zeros.
 */
#ifndef KRAIT_BYTECODE_OPCODES_H
#define KRAIT_BYTECODE_OPCODES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attributes.h"

enum {
    OPCODE_IS_KNOWN = 1,
    OPCODE_HAS_CONST = 2,
    OPCODE_HAS_NAME_INDEX = 4,
    OPCODE_HAS_LOCAL = 8,
    OPCODE_HAS_FREE = 16,
    OPCODE_HAS_COMPARE = 32,
    OPCODE_HAS_FORWARD = 64,
    OPCODE_HAS_BACKWARD = 128,
    OPCODE_HAS_ENDS = 256,
};

/* OP_LOAD_FAST = 124, ...; the prefix keeps clear of the macros of the public header <opcode.h>. */
enum opcode {
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) OP_##name = (number),
#include "bytecode/opcodes.def"
#undef OP
};

#define OPCODE_HAVE_ARGUMENT 90

extern const uint8_t opcode_caches[256];        /* cache units that follow each opcode */
extern const uint16_t opcode_flags[256]; /* OPCODE_HAS_...; 0 for a number that is no opcode */
extern const char *const opcode_names[256];     /* NULL for a number that is no opcode */
/* Stack picture, NULL for a number that is no opcode. */
extern const char *const opcode_pictures[256];

static inline bool opcode_is_known(int opcode) { return opcode_flags[opcode & 255] != 0; }
static inline bool opcode_has_arg(int opcode) { return opcode >= OPCODE_HAVE_ARGUMENT; }
static inline bool opcode_has_const(int opcode) { return opcode_flags[opcode] & OPCODE_HAS_CONST; }
static inline bool opcode_has_name(int opcode)
{
    return opcode_flags[opcode] & OPCODE_HAS_NAME_INDEX;
}
static inline bool opcode_has_local(int opcode) { return opcode_flags[opcode] & OPCODE_HAS_LOCAL; }
static inline bool opcode_has_free(int opcode) { return opcode_flags[opcode] & OPCODE_HAS_FREE; }
static inline bool opcode_has_compare(int opcode)
{
    return opcode_flags[opcode] & OPCODE_HAS_COMPARE;
}
static inline bool opcode_has_jump(int opcode)
{
    return opcode_flags[opcode] & (OPCODE_HAS_FORWARD | OPCODE_HAS_BACKWARD);
}
static inline bool opcode_jumps_back(int opcode)
{
    return opcode_flags[opcode] & OPCODE_HAS_BACKWARD;
}
static inline bool opcode_ends_flow(int opcode) { return opcode_flags[opcode] & OPCODE_HAS_ENDS; }

enum { OPCODE_VARIES = -1 };

/* Effects on the stack that do not depend on the argument; OPCODE_VARIES for those that do. */
extern const struct OpcodeEffect { int8_t pops, pushes, jumped; } opcode_effects[256];
int64_t opcode_pops_by_argument(int opcode, uint32_t oparg);
int64_t opcode_pushes_by_argument(int opcode, uint32_t oparg, bool jumped);

/* How many stack entries the instruction takes, and puts in their place (`jumped`: when its
 * jump is taken). The opcode must be known. */
static inline int64_t opcode_pops(int opcode, uint32_t oparg)
{
    int pops = opcode_effects[opcode].pops;
    return LIKELY(pops != OPCODE_VARIES) ? pops : opcode_pops_by_argument(opcode, oparg);
}

static inline int64_t opcode_pushes(int opcode, uint32_t oparg, bool jumped)
{
    const struct OpcodeEffect *effect = &opcode_effects[opcode];
    int pushes = jumped ? effect->jumped : effect->pushes;
    return LIKELY(pushes != OPCODE_VARIES) ? pushes : opcode_pushes_by_argument(opcode, oparg, jumped);
}

#define OPCODE_INVALID_EFFECT INT32_MAX

/* The net effect on the stack depth as dis.stack_effect() tells it; jump is 1 (taken), 0 (not
 * taken) or -1 (the larger). OPCODE_INVALID_EFFECT for a number that is no opcode. */
int opcode_stack_effect(int opcode, int oparg, int jump);

/* Reading code units. `end` is exclusive, in units. */
typedef struct {
    int start;          /* unit index of the first EXTENDED_ARG, or of the instruction itself */
    int at;             /* unit index of the instruction proper */
    int next;           /* unit index of what follows it and its caches */
    int opcode;
    uint32_t oparg;
} Instruction;

/* Reads the instruction (with its EXTENDED_ARG prefixes) that starts at unit `index`; false
 * when index >= end or the code ends inside a prefix. `next` may exceed `end` when the caches
 * are cut off: the verifier rejects such code. */
static inline bool instruction_read(const uint16_t *code, int end, int index, Instruction *out)
{
    uint32_t oparg = 0;
    int at = index;
    while (at < end && (code[at] & 255) == OP_EXTENDED_ARG) {
        oparg = (oparg | code[at] >> 8) << 8;
        at++;
    }
    if (at >= end) return false;
    out->start = index;
    out->at = at;
    out->opcode = code[at] & 255;
    out->oparg = oparg | code[at] >> 8;
    out->next = at + 1 + opcode_caches[out->opcode];
    return true;
}

/* Unit index that a jump instruction leads to. */
static inline int64_t instruction_target(const Instruction *i)
{
    return opcode_jumps_back(i->opcode) ? (int64_t)i->next - i->oparg : (int64_t)i->next + i->oparg;
}

#endif
