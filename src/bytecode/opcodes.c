#include "bytecode/opcodes.h"

const uint8_t opcode_caches[256] = {
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) [number] = (caches),
#include "bytecode/opcodes.def"
#undef OP
};

const uint16_t opcode_flags[256] = {
#define CONST OPCODE_HAS_CONST
#define NAME_INDEX OPCODE_HAS_NAME_INDEX
#define LOCAL OPCODE_HAS_LOCAL
#define FREE OPCODE_HAS_FREE
#define COMPARE OPCODE_HAS_COMPARE
#define FORWARD OPCODE_HAS_FORWARD
#define BACKWARD OPCODE_HAS_BACKWARD
#define ENDS OPCODE_HAS_ENDS
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) \
    [number] = OPCODE_IS_KNOWN | (flags),
#include "bytecode/opcodes.def"
#undef OP
};

const char *const opcode_names[256] = {
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) [number] = #name,
#include "bytecode/opcodes.def"
#undef OP
};

const char *const opcode_pictures[256] = {
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) [number] = picture,
#include "bytecode/opcodes.def"
#undef OP
};

#define opcode_bit_count(bits) __builtin_popcountll((unsigned long long)(bits))

/* The effects with three arguments, which tell apart all expressions of the table: an effect that is the same with each
 * of them does not depend on the argument. */
#define EFFECTS(value, name, pops, pushes, jumped) \
    POPS_##value##_##name = (pops), PUSHES_##value##_##name = (pushes), JUMPED_##value##_##name = (jumped)
enum {
#define oparg 0
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) EFFECTS(A, name, pops, pushes, jumped),
#include "bytecode/opcodes.def"
#undef OP
#undef oparg
#define oparg 3
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) EFFECTS(B, name, pops, pushes, jumped),
#include "bytecode/opcodes.def"
#undef OP
#undef oparg
#define oparg 7
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) EFFECTS(C, name, pops, pushes, jumped),
#include "bytecode/opcodes.def"
#undef OP
#undef oparg
};

#define FIXED(what, name) \
    ((int)what##_A_##name == (int)what##_B_##name && (int)what##_A_##name == (int)what##_C_##name \
         ? (int)what##_A_##name : OPCODE_VARIES)

const struct OpcodeEffect opcode_effects[256] = {
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) \
    [number] = {FIXED(POPS, name), FIXED(PUSHES, name), FIXED(JUMPED, name)},
#include "bytecode/opcodes.def"
#undef OP
};

int64_t opcode_pops_by_argument(int opcode, uint32_t argument)
{
    int64_t oparg = argument;
    switch (opcode) {
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) case number: return (pops);
#include "bytecode/opcodes.def"
#undef OP
    default: return 0;
    }
}

int64_t opcode_pushes_by_argument(int opcode, uint32_t argument, bool jump)
{
    int64_t oparg = argument;
    switch (opcode) {
#define OP(number, name, picture, pops, pushes, jumped, caches, flags) \
    case number: return jump ? (jumped) : (pushes);
#include "bytecode/opcodes.def"
#undef OP
    default: return 0;
    }
}

int opcode_stack_effect(int opcode, int oparg, int jump)
{
    if (opcode < 0 || opcode > 255 || !opcode_is_known(opcode)) return OPCODE_INVALID_EFFECT;
    switch (opcode) {
    case OP_PRECALL: return -oparg;
    case OP_CALL: return -1;
    case OP_RETURN_GENERATOR: return 0;
    default: break;
    }
    int64_t pops = opcode_pops(opcode, (uint32_t)oparg);
    int64_t through = opcode_pushes(opcode, (uint32_t)oparg, false) - pops;
    int64_t taken = opcode_pushes(opcode, (uint32_t)oparg, true) - pops;
    if (jump > 0) return (int)taken;
    if (jump == 0) return (int)through;
    return (int)(taken > through ? taken : through);
}
