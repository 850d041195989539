#include "vm/native/assembler.h"

#include <Python.h>
#include <string.h>

void asm_byte(Assembler *a, uint8_t byte)
{
    if (a->count == a->capacity) {
        int capacity = a->capacity ? 2 * a->capacity : 1024;
        uint8_t *bytes = PyMem_Realloc(a->bytes, (size_t)capacity);
        if (!bytes) {
            a->failed = true;
            return;
        }
        a->bytes = bytes;
        a->capacity = capacity;
    }
    a->bytes[a->count++] = byte;
}

static void four_bytes(Assembler *a, int32_t value)
{
    for (int i = 0; i < 4; i++) asm_byte(a, (uint8_t)((uint32_t)value >> 8 * i));
}

/* [prefix] [REX] opcode ModRM [SIB] [offset]. An opcode above 255 is 0F and its low byte. */
static void encode(Assembler *a, int prefix, bool wide, int opcode, int reg, Place place)
{
    bool memory = place.reg == NO_REGISTER;
    int other = memory ? place.base : place.reg;
    if (prefix) asm_byte(a, (uint8_t)prefix);
    int rex = wide << 3 | (reg >> 3 & 1) << 2 | (other >> 3 & 1);
    if (rex) asm_byte(a, (uint8_t)(0x40 | rex));
    if (opcode > 0xff) asm_byte(a, 0x0f);
    asm_byte(a, (uint8_t)opcode);
    bool near = place.offset >= -128 && place.offset <= 127;
    asm_byte(a, (uint8_t)((memory ? near ? 0x40 : 0x80 : 0xc0) | (reg & 7) << 3 | (other & 7)));
    if (!memory) return;
    if ((other & 7) == RSP) asm_byte(a, 0x24);      /* rsp and r12 as a base need a SIB byte */
    if (near) asm_byte(a, (uint8_t)place.offset);
    else four_bytes(a, place.offset);
}

void asm_move(Assembler *a, Register to, Place from) { if (to != from.reg) encode(a, 0, true, 0x8b, to, from); }
void asm_move_low(Assembler *a, Register to, Place from) { encode(a, 0, false, 0x8b, to, from); }
void asm_store(Assembler *a, Place to, Register from) { if (to.reg != from) encode(a, 0, true, 0x89, from, to); }

void asm_move_constant(Assembler *a, Register to, int64_t value)
{
    if (value == (int32_t)value) {
        encode(a, 0, true, 0xc7, 0, in_register(to));
        four_bytes(a, (int32_t)value);
        return;
    }
    asm_byte(a, (uint8_t)(0x48 | to >> 3));
    asm_byte(a, (uint8_t)(0xb8 | (to & 7)));
    four_bytes(a, (int32_t)value);
    four_bytes(a, (int32_t)(value >> 32));
}

void asm_alu(Assembler *a, Alu op, Register reg, Place with) { encode(a, 0, true, op << 3 | 3, reg, with); }

void asm_alu_constant(Assembler *a, Alu op, Place place, int32_t value)
{
    bool small = value >= -128 && value <= 127;
    encode(a, 0, true, small ? 0x83 : 0x81, op, place);
    if (small) asm_byte(a, (uint8_t)value);
    else four_bytes(a, value);
}

void asm_compare_byte(Assembler *a, Place place, int8_t value)
{
    encode(a, 0, false, 0x80, ALU_CMP, place);
    asm_byte(a, (uint8_t)value);
}

void asm_test(Assembler *a, Register x, Register y) { encode(a, 0, true, 0x85, y, in_register(x)); }
void asm_test_low(Assembler *a, Register x, Register y) { encode(a, 0, false, 0x85, y, in_register(x)); }
void asm_multiply(Assembler *a, Register reg, Place with) { encode(a, 0, true, 0x1af, reg, with); }
void asm_divide(Assembler *a, Register by, bool wide) { encode(a, 0, wide, 0xf7, wide ? 7 : 6, in_register(by)); }
void asm_negate(Assembler *a, Register reg) { encode(a, 0, true, 0xf7, 3, in_register(reg)); }
void asm_invert(Assembler *a, Register reg) { encode(a, 0, true, 0xf7, 2, in_register(reg)); }

void asm_sign_extend_rax(Assembler *a)
{
    asm_byte(a, 0x48);
    asm_byte(a, 0x99);
}

void asm_shift_constant(Assembler *a, Shift op, Register reg, int count)
{
    encode(a, 0, true, 0xc1, op, in_register(reg));
    asm_byte(a, (uint8_t)count);
}

void asm_shift(Assembler *a, Shift op, Register reg) { encode(a, 0, true, 0xd3, op, in_register(reg)); }
void asm_increment(Assembler *a, Place place, int by) { encode(a, 0, true, 0xff, by > 0 ? 0 : 1, place); }

void asm_set(Assembler *a, Condition condition, Register reg)
{
    encode(a, 0, false, 0x190 | condition, 0, in_register(reg));
    encode(a, 0, false, 0x1b6, reg, in_register(reg));      /* movzx */
}

static void indexed(Assembler *a, int opcode, Register to, Register base, Register index)
{
    asm_byte(a, (uint8_t)(0x48 | to >> 3 << 2 | index >> 3 << 1 | base >> 3));
    asm_byte(a, (uint8_t)opcode);
    asm_byte(a, (uint8_t)(0x44 | (to & 7) << 3));
    asm_byte(a, (uint8_t)(0xc0 | (index & 7) << 3 | (base & 7)));
    asm_byte(a, 0);
}

void asm_load_indexed(Assembler *a, Register to, Register base, Register index) { indexed(a, 0x8b, to, base, index); }
void asm_address_indexed(Assembler *a, Register to, Register base, Register index) { indexed(a, 0x8d, to, base, index); }

void asm_float_move(Assembler *a, Register to, Place from)
{
    if (from.reg == NO_REGISTER) encode(a, 0xf2, false, 0x110, to, from);
    else if (from.reg != to) encode(a, 0, false, 0x128, to, from);      /* movaps: the whole register, no dependency */
}

void asm_float_store(Assembler *a, Place to, Register from)
{
    if (to.reg == NO_REGISTER) encode(a, 0xf2, false, 0x111, from, to);
    else asm_float_move(a, to.reg, in_register(from));
}

void asm_float(Assembler *a, FloatOp op, Register reg, Place with) { encode(a, 0xf2, false, 0x100 | op, reg, with); }
void asm_float_compare(Assembler *a, Register reg, Place with) { encode(a, 0x66, false, 0x12e, reg, with); }
void asm_float_xor(Assembler *a, Register reg, Register with) { encode(a, 0, false, 0x157, reg, in_register(with)); }
void asm_float_clear(Assembler *a, Register reg) { encode(a, 0, false, 0x157, reg, in_register(reg)); }

void asm_float_from_int(Assembler *a, Register to, Place from)
{
    asm_float_clear(a, to);         /* else it would wait for the register's last value */
    encode(a, 0xf2, true, 0x12a, to, from);
}

void asm_float_to_bits(Assembler *a, Register to, Register from) { encode(a, 0x66, true, 0x17e, from, in_register(to)); }
void asm_float_from_bits(Assembler *a, Register to, Register from) { encode(a, 0x66, true, 0x16e, to, in_register(from)); }

int asm_jump(Assembler *a)
{
    asm_byte(a, 0xe9);
    four_bytes(a, 0);
    return a->count - 4;
}

int asm_jump_if(Assembler *a, Condition condition)
{
    asm_byte(a, 0x0f);
    asm_byte(a, (uint8_t)(0x80 | condition));
    four_bytes(a, 0);
    return a->count - 4;
}

void asm_patch(Assembler *a, int place, int target)
{
    if (a->failed) return;
    int32_t distance = target - (place + 4);
    memcpy(a->bytes + place, &distance, sizeof distance);
}

void asm_call(Assembler *a, const void *function)
{
    asm_move_constant(a, RAX, (int64_t)(intptr_t)function);
    encode(a, 0, false, 0xff, 2, in_register(RAX));
}

void asm_push(Assembler *a, Register reg)
{
    if (reg >= 8) asm_byte(a, 0x41);
    asm_byte(a, (uint8_t)(0x50 | (reg & 7)));
}

void asm_pop(Assembler *a, Register reg)
{
    if (reg >= 8) asm_byte(a, 0x41);
    asm_byte(a, (uint8_t)(0x58 | (reg & 7)));
}
