/* Machine code for x86-64, an instruction at a time, into a buffer that grows.
 *
 * Operands are 64 bits wide where nothing else is said. A Place is a register or a word in memory: what the second operand of
 * most instructions may be. After a failed allocation everything is a no-op and `failed` is set.
 */
#ifndef KRAIT_VM_NATIVE_ASSEMBLER_H
#define KRAIT_VM_NATIVE_ASSEMBLER_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
    NO_REGISTER = -1,
} Register;     /* or the number of an XMM register */

typedef struct {
    Register reg;           /* or NO_REGISTER: the memory at base + offset */
    Register base;
    int32_t offset;
} Place;

static inline Place in_register(Register reg) { return (Place){.reg = reg}; }
static inline Place in_memory(Register base, int32_t offset) { return (Place){NO_REGISTER, base, offset}; }

typedef struct {
    uint8_t *bytes;         /* owned */
    int count, capacity;
    bool failed;
} Assembler;

/* Condition codes of jcc; the lowest bit negates. */
typedef enum {
    CC_OVERFLOW = 0x0, CC_BELOW = 0x2, CC_ABOVE_EQUAL = 0x3, CC_EQUAL = 0x4, CC_NOT_EQUAL = 0x5, CC_BELOW_EQUAL = 0x6, CC_ABOVE = 0x7,
    CC_NEGATIVE = 0x8, CC_PARITY = 0xa, CC_NO_PARITY = 0xb, CC_LESS = 0xc, CC_GREATER_EQUAL = 0xd, CC_LESS_EQUAL = 0xe, CC_GREATER = 0xf,
} Condition;

/* `reg OP= place` */
typedef enum { ALU_ADD = 0, ALU_OR = 1, ALU_AND = 4, ALU_SUB = 5, ALU_XOR = 6, ALU_CMP = 7 } Alu;
typedef enum { SHIFT_LEFT = 4, SHIFT_RIGHT = 5, SHIFT_RIGHT_SIGNED = 7 } Shift;

void asm_byte(Assembler *a, uint8_t byte);

void asm_move(Assembler *a, Register to, Place from);
void asm_move_low(Assembler *a, Register to, Place from);          /* 32 bits, zero-extended */
void asm_store(Assembler *a, Place to, Register from);
void asm_move_constant(Assembler *a, Register to, int64_t value);
void asm_alu(Assembler *a, Alu op, Register reg, Place with);
void asm_alu_constant(Assembler *a, Alu op, Place place, int32_t value);
void asm_compare_byte(Assembler *a, Place place, int8_t value);
void asm_test(Assembler *a, Register x, Register y);
void asm_test_low(Assembler *a, Register x, Register y);            /* 32 bits */
void asm_multiply(Assembler *a, Register reg, Place with);
void asm_divide(Assembler *a, Register by, bool wide);              /* rdx:rax by a register: quotient rax, rest rdx; !wide: 32 bits unsigned */
void asm_sign_extend_rax(Assembler *a);                             /* cqo */
void asm_negate(Assembler *a, Register reg);
void asm_invert(Assembler *a, Register reg);
void asm_shift_constant(Assembler *a, Shift op, Register reg, int count);
void asm_shift(Assembler *a, Shift op, Register reg);               /* by cl */
void asm_increment(Assembler *a, Place place, int by);              /* by 1 or -1 */
void asm_set(Assembler *a, Condition condition, Register reg);      /* 0 or 1, all 64 bits; reg: rax, rcx, rdx or rbx */
void asm_load_indexed(Assembler *a, Register to, Register base, Register index);       /* to = base[index], words */
void asm_address_indexed(Assembler *a, Register to, Register base, Register index);    /* to = &base[index] */

/* Doubles. */
typedef enum { FLOAT_ADD = 0x58, FLOAT_MULTIPLY = 0x59, FLOAT_SUBTRACT = 0x5c, FLOAT_DIVIDE = 0x5e, FLOAT_SQUARE_ROOT = 0x51 } FloatOp;
void asm_float_move(Assembler *a, Register to, Place from);
void asm_float_store(Assembler *a, Place to, Register from);
void asm_float(Assembler *a, FloatOp op, Register reg, Place with);
void asm_float_compare(Assembler *a, Register reg, Place with);     /* ucomisd */
void asm_float_xor(Assembler *a, Register reg, Register with);
void asm_float_clear(Assembler *a, Register reg);
void asm_float_from_int(Assembler *a, Register to, Place from);
void asm_float_to_bits(Assembler *a, Register to, Register from);
void asm_float_from_bits(Assembler *a, Register to, Register from);

/* Jumps. The distance is filled in later: each gives the place of its four bytes, for asm_patch(). */
int asm_jump(Assembler *a);
int asm_jump_if(Assembler *a, Condition condition);
void asm_patch(Assembler *a, int place, int target);

void asm_call(Assembler *a, const void *function);                  /* destroys rax before the call */
void asm_push(Assembler *a, Register reg);
void asm_pop(Assembler *a, Register reg);

#endif
