/* What the lowerings of instructions share. Each reads its operands' kinds from c->now, emits code that leaves in front of the
 * instruction where it cannot serve (compiler_guard), and last of all changes c->now: consumed temporaries end, the result's register
 * gets its kind. Results are made in scratch registers and moved home at the very end, so that a guard finds the state of before.
 *
 * A lowering that returns false may have emitted code, but has changed nothing in c->now.
 */
#ifndef KRAIT_VM_NATIVE_LOWER_H
#define KRAIT_VM_NATIVE_LOWER_H

#include <stddef.h>

#include "vm/native/compiler.h"

#define FIELD(base, type, field) in_memory((base), (int32_t)offsetof(type, field))

/* An operand as an instruction sees it. */
typedef struct {
    Kind kind;
    int index;                      /* of the register, or -1: a constant */
    int64_t number;                 /* constants: INT, BOOL */
    double real;                    /* constants: FLOAT */
    const void *what;
    PyObject *sample;
} Operand;

Operand lower_operand(Compiler *c, uint16_t x);
static inline Operand lower_immediate(int64_t number) { return (Operand){.kind = KIND_INT, .index = -1, .number = number}; }
static inline bool lower_is_number(Operand o) { return o.kind == KIND_INT || o.kind == KIND_FLOAT; }
static inline bool lower_is_sequence(Operand o)
{
    return o.kind == KIND_OBJECT && (o.what == &PyList_Type || o.what == &PyTuple_Type);
}
static inline Fact lower_fact_of(Operand o) { return (Fact){o.kind, o.what, o.sample}; }

/* Whether nobody can tell if a number in the register is boxed. */
bool lower_is_calculated_with(Compiler *c, uint16_t reg);

/* A temporary that was an operand is empty now. */
void lower_consume(Compiler *c, uint16_t x);

/* An int's, bool's or object's word: a place to read it from; in a register, which may be its home; a copy in `to`. */
Place lower_int_place(Compiler *c, Operand o, Register scratch);
Register lower_int_register(Compiler *c, Operand o, Register scratch);
void lower_load_int(Compiler *c, Operand o, Register to);

/* A number as a double. */
Place lower_float_place(Compiler *c, Operand o, Register scratch);
void lower_load_float(Compiler *c, Operand o, Register to);

void lower_set_fact(Compiler *c, uint16_t a, Fact f);
/* The instruction's result is in a scratch register. */
void lower_give_int(Compiler *c, uint16_t a, Kind kind, Register from);
void lower_give_float(Compiler *c, uint16_t a, Register from);
/* The same, in rax or xmm0 as its kind wants. */
void lower_give(Compiler *c, uint16_t a, Fact f);

/* Calls a C function that neither runs Python nor ends anything but numbers. Its arguments were put in place after
 * compiler_save(c, true); results come in rax or xmm0. */
void lower_call(Compiler *c, const void *function);

/* ---- lower_numbers.c ------------------------------------------------------------------------------------------ */
bool lower_arithmetic(Compiler *c, int op);
bool lower_power(Compiler *c);
bool lower_negative(Compiler *c);
bool lower_invert(Compiler *c);
bool lower_compare(Compiler *c, int op);
bool lower_compare_jump(Compiler *c, int op);
bool lower_truth_jump(Compiler *c, bool sense);
bool lower_truth_jump_keep(Compiler *c, bool sense);
bool lower_not(Compiler *c);

/* ---- lower_items.c -------------------------------------------------------------------------------------------- */
Fact lower_fact_of_object(PyObject *o);
Fact lower_sample_item(PyObject *container, int64_t at);
/* Leaves if the object at `item` is not what f says. A number that goes to a register which is not only calculated with must be a
 * small int: of others the object itself would be wanted, and there is no code for them. Destroys rax. */
bool lower_guard_object(Compiler *c, Register item, Fact f, uint16_t reg);
/* Its word in rax or xmm0; `item` is not rax. Only after lower_guard_object(). */
void lower_unbox(Compiler *c, Register item, Fact f);
bool lower_subscript(Compiler *c);
bool lower_store_subscript(Compiler *c);
bool lower_unpack(Compiler *c);
bool lower_list_append(Compiler *c, uint16_t list, uint16_t value);
bool lower_load_attr(Compiler *c);
bool lower_store_attr(Compiler *c);
bool lower_load_deref(Compiler *c);

/* ---- lower_iteration.c ---------------------------------------------------------------------------------------- */
bool lower_range(Compiler *c);
bool lower_get_iter(Compiler *c);
bool lower_for_iter(Compiler *c);

/* ---- lower_calls.c -------------------------------------------------------------------------------------------- */
bool lower_load_global(Compiler *c);
bool lower_load_method(Compiler *c);
bool lower_call_function(Compiler *c);
bool lower_call_method(Compiler *c);

#endif
