/* Items of lists and tuples, attributes of instances, cells.
 *
 * Machine code holds objects that it reads there by their bare addresses. That is sound because nothing that it does ends an object,
 * but for numbers, of which it keeps the value.
 */
#include <string.h>

#include "objects/abi_runtime.h"
#include "objects/dict/dict.h"
#include "objects/list.h"
#include "objects/tuple.h"
#include "objects/type/instance.h"
#include "vm/native/lower.h"

/* ---- Objects to words ----------------------------------------------------------------------------------------- */

Fact lower_fact_of_object(PyObject *o)
{
    PyTypeObject *type = Py_TYPE(o);
    if (type == &PyLong_Type) return (Fact){.kind = KIND_INT};
    if (type == &PyFloat_Type) return (Fact){.kind = KIND_FLOAT};
    if (type == &PyBool_Type) return (Fact){.kind = KIND_BOOL};
    return (Fact){KIND_OBJECT, type, o};
}

Fact lower_sample_item(PyObject *container, int64_t at)
{
    Py_ssize_t n = container ? Py_SIZE(container) : 0;
    if (at < 0) at += n;
    if (at < 0 || at >= n) at = 0;
    if (!n) return (Fact){.kind = KIND_NONE};
    return lower_fact_of_object(PyList_Check(container) ? PyList_GET_ITEM(container, at) : PyTuple_GET_ITEM(container, at));
}

/* Compares a word in memory with an address. */
static void compare_address(Compiler *c, Place place, const void *address)
{
    int64_t word = (int64_t)(intptr_t)address;
    if (word == (int32_t)word) asm_alu_constant(&c->code, ALU_CMP, place, (int32_t)word);
    else {
        asm_move_constant(&c->code, RAX, word);
        asm_alu(&c->code, ALU_CMP, RAX, place);
    }
}

/* A number for calculation must have an unboxed form: what has none keeps its object, and with it its identity (vm/value.h). */
static void guard_unboxable(Compiler *c, Register item, Kind kind)
{
    Assembler *a = &c->code;
    if (kind == KIND_INT) {
        asm_move(a, RAX, FIELD(item, PyVarObject, ob_size));        /* -2 to 2 digits */
        asm_alu_constant(a, ALU_ADD, in_register(RAX), 2);
        asm_alu_constant(a, ALU_CMP, in_register(RAX), 4);
        compiler_guard(c, CC_ABOVE);
        return;
    }
    asm_move(a, RAX, FIELD(item, PyFloatObject, ob_fval));          /* the tag: three bits below the sign */
    asm_shift_constant(a, SHIFT_LEFT, RAX, 1);
    asm_shift_constant(a, SHIFT_RIGHT, RAX, 61);
    asm_alu_constant(a, ALU_SUB, in_register(RAX), TAG_FLOAT_SMALL);
    asm_alu_constant(a, ALU_CMP, in_register(RAX), TAG_FLOAT_LARGE - TAG_FLOAT_SMALL);
    int fits = asm_jump_if(a, CC_BELOW_EQUAL);
    asm_alu_constant(a, ALU_CMP, FIELD(item, PyFloatObject, ob_fval), 0);
    compiler_guard(c, CC_NOT_EQUAL);
    asm_patch(a, fits, a->count);
}

static void guard_small_int(Compiler *c, Register item)
{
    asm_move_constant(&c->code, RAX, -(int64_t)(intptr_t)_PyRuntime.small_ints);
    asm_alu(&c->code, ALU_ADD, RAX, in_register(item));
    asm_alu_constant(&c->code, ALU_CMP, in_register(RAX), (int32_t)sizeof _PyRuntime.small_ints);
    compiler_guard(c, CC_ABOVE_EQUAL);
}

bool lower_guard_object(Compiler *c, Register item, Fact f, uint16_t reg)
{
    Assembler *a = &c->code;
    if (f.kind == KIND_BOOL) {
        compare_address(c, in_register(item), Py_True);
        int is_true = asm_jump_if(a, CC_EQUAL);
        compare_address(c, in_register(item), Py_False);
        compiler_guard(c, CC_NOT_EQUAL);
        asm_patch(a, is_true, a->count);
        return true;
    }
    bool is_number = f.kind == KIND_INT || f.kind == KIND_FLOAT;
    if (is_number && !lower_is_calculated_with(c, reg)) {
        if (f.kind == KIND_INT) guard_small_int(c, item);
        return f.kind == KIND_INT;
    }
    compare_address(c, FIELD(item, PyObject, ob_type), f.kind == KIND_INT ? &PyLong_Type : f.kind == KIND_FLOAT ? &PyFloat_Type : f.what);
    compiler_guard(c, CC_NOT_EQUAL);
    if (is_number) guard_unboxable(c, item, f.kind);
    return true;
}

void lower_unbox(Compiler *c, Register item, Fact f)
{
    Assembler *a = &c->code;
    switch (f.kind) {
    case KIND_BOOL:
        compare_address(c, in_register(item), Py_True);
        asm_set(a, CC_EQUAL, RAX);
        return;
    case KIND_FLOAT: asm_float_move(a, 0, FIELD(item, PyFloatObject, ob_fval)); return;
    case KIND_INT: break;
    default: asm_move(a, RAX, in_register(item)); return;
    }
    /* digit 0 times the size, which is -1, 0 or 1; or two digits, negated where the size is */
    asm_move_low(a, RAX, FIELD(item, PyLongObject, ob_digit[0]));
    asm_alu_constant(a, ALU_CMP, FIELD(item, PyVarObject, ob_size), 2);
    int two = asm_jump_if(a, CC_EQUAL);
    asm_alu_constant(a, ALU_CMP, FIELD(item, PyVarObject, ob_size), -2);
    int minus_two = asm_jump_if(a, CC_EQUAL);
    asm_multiply(a, RAX, FIELD(item, PyVarObject, ob_size));
    int done = asm_jump(a);
    asm_patch(a, two, a->count);
    asm_patch(a, minus_two, a->count);
    asm_push(a, item);
    asm_move_low(a, item, FIELD(item, PyLongObject, ob_digit[1]));
    asm_shift_constant(a, SHIFT_LEFT, item, PyLong_SHIFT);
    asm_alu(a, ALU_OR, RAX, in_register(item));
    asm_pop(a, item);
    asm_alu_constant(a, ALU_CMP, FIELD(item, PyVarObject, ob_size), 0);
    int positive = asm_jump_if(a, CC_GREATER_EQUAL);
    asm_negate(a, RAX);
    asm_patch(a, positive, a->count);
    asm_patch(a, done, a->count);
}

/* The object at `item`, checked, as the instruction's result. */
static void give_item(Compiler *c, uint16_t reg, Register item, Fact f)
{
    lower_unbox(c, item, f);
    lower_give(c, reg, f);
}

/* ---- Items ---------------------------------------------------------------------------------------------------- */

/* The index in rax, checked, and in rcx the items. */
static void index_items(Compiler *c, Operand container, Operand key)
{
    Assembler *a = &c->code;
    lower_load_int(c, container, RCX);
    lower_load_int(c, key, RAX);
    if (key.index >= 0) {
        asm_test(a, RAX, RAX);
        int positive = asm_jump_if(a, CC_NEGATIVE ^ 1);
        asm_alu(a, ALU_ADD, RAX, FIELD(RCX, PyVarObject, ob_size));
        asm_patch(a, positive, a->count);
    }
    else if (key.number < 0) asm_alu(a, ALU_ADD, RAX, FIELD(RCX, PyVarObject, ob_size));
    asm_alu(a, ALU_CMP, RAX, FIELD(RCX, PyVarObject, ob_size));
    compiler_guard(c, CC_ABOVE_EQUAL);
    if (container.what == &PyList_Type) asm_move(a, RCX, FIELD(RCX, PyListObject, ob_item));
    else asm_alu_constant(a, ALU_ADD, in_register(RCX), (int32_t)offsetof(PyTupleObject, ob_item));
}

/* An item on its way to another place. */
static bool subscript_owned(Compiler *c, Operand container, Operand key)
{
    const Word *ip = c->ip;
    index_items(c, container, key);
    asm_load_indexed(&c->code, RAX, RCX, RAX);
    asm_increment(&c->code, FIELD(RAX, PyObject, ob_refcnt), 1);
    lower_consume(c, ip->b);
    lower_consume(c, ip->c);
    lower_give_int(c, ip->a, KIND_OWNED, RAX);
    return true;
}

bool lower_subscript(Compiler *c)
{
    const Word *ip = c->ip;
    Operand container = lower_operand(c, ip->b), key = lower_operand(c, ip->c);
    if (!lower_is_sequence(container) || key.kind != KIND_INT) return false;
    Fact f = lower_sample_item(container.sample, key.index < 0 ? key.number : 0);
    if (f.kind == KIND_NONE) return false;
    bool is_number = f.kind == KIND_INT || f.kind == KIND_FLOAT;
    if (is_number && ip->a >= c->exec->first_temporary && !lower_is_calculated_with(c, ip->a)) return subscript_owned(c, container, key);
    index_items(c, container, key);
    asm_load_indexed(&c->code, RDX, RCX, RAX);
    if (!lower_guard_object(c, RDX, f, ip->a)) return false;
    lower_consume(c, ip->b);
    lower_consume(c, ip->c);
    give_item(c, ip->a, RDX, f);
    return true;
}

static bool is_number_object(PyObject *o) { return PyLong_CheckExact(o) || PyFloat_CheckExact(o) || PyBool_Check(o); }

/* The object for a word: a new reference, which OWNED has already; NULL without an exception. */
static PyObject *box(uint64_t word, Kind kind)
{
    double d;
    memcpy(&d, &word, sizeof d);
    PyObject *o = kind == KIND_BOOL ? Py_NewRef(word ? Py_True : Py_False) : kind == KIND_FLOAT ? PyFloat_FromDouble(d)
                  : kind == KIND_INT ? PyLong_FromLongLong((long long)word) : kind == KIND_OWNED ? (PyObject *)(uintptr_t)word
                  : Py_NewRef((PyObject *)(uintptr_t)word);
    if (!o) PyErr_Clear();
    return o;
}

/* Puts a value where a number is, or what goes on living without that place. 0: nothing was done. */
static int replace_item(PyObject **place, uint64_t word, Kind kind)
{
    PyObject *old = *place;
    if (!old || (!is_number_object(old) && Py_REFCNT(old) == 1)) return 0;
    if (kind == KIND_FLOAT && Py_REFCNT(old) == 1 && PyFloat_CheckExact(old)) {     /* nobody else sees it change */
        memcpy(&((PyFloatObject *)old)->ob_fval, &word, sizeof word);
        return 1;
    }
    PyObject *item = box(word, kind);
    if (!item) return 0;
    *place = item;
    Py_DECREF(old);
    return 1;
}

static bool is_storable(Operand o) { return lower_is_number(o) || o.kind == KIND_BOOL || o.kind == KIND_OWNED; }

/* Puts a value in the place whose address is in rdx. Leaves if what is there might end. */
static void store_value(Compiler *c, Operand value)
{
    Assembler *a = &c->code;
    compiler_save(c, true);
    if (value.kind == KIND_FLOAT) {
        lower_load_float(c, value, 0);
        asm_float_to_bits(a, RAX, 0);
    }
    else lower_load_int(c, value, RAX);
    asm_move(a, RDI, in_register(RDX));
    asm_move(a, RSI, in_register(RAX));
    asm_move_constant(a, RDX, value.kind);
    lower_call(c, (const void *)(uintptr_t)replace_item);
    asm_test_low(a, RAX, RAX);
    compiler_guard(c, CC_EQUAL);
}

bool lower_store_subscript(Compiler *c)
{
    const Word *ip = c->ip;
    Operand container = lower_operand(c, ip->a), key = lower_operand(c, ip->b), value = lower_operand(c, ip->c);
    if (!lower_is_sequence(container) || container.what != &PyList_Type || key.kind != KIND_INT || !is_storable(value)) return false;
    index_items(c, container, key);
    asm_address_indexed(&c->code, RDX, RCX, RAX);
    store_value(c, value);
    lower_consume(c, ip->a);
    lower_consume(c, ip->b);
    lower_consume(c, ip->c);
    return true;
}

/* All items are looked at before any is stored. */
bool lower_unpack(Compiler *c)
{
    const Word *ip = c->ip;
    Assembler *a = &c->code;
    Operand sequence = lower_operand(c, ip->b);
    int count = ip->c;
    if (!lower_is_sequence(sequence) || !sequence.sample || Py_SIZE(sequence.sample) != count || !count) return false;
    bool is_list = sequence.what == &PyList_Type;
    lower_load_int(c, sequence, RCX);
    asm_alu_constant(a, ALU_CMP, FIELD(RCX, PyVarObject, ob_size), count);
    compiler_guard(c, CC_NOT_EQUAL);
    if (is_list) asm_move(a, RCX, FIELD(RCX, PyListObject, ob_item));
    else asm_alu_constant(a, ALU_ADD, in_register(RCX), (int32_t)offsetof(PyTupleObject, ob_item));
    for (int k = 0; k < count; k++) {
        asm_move(a, RDX, in_memory(RCX, 8 * k));
        if (!lower_guard_object(c, RDX, lower_sample_item(sequence.sample, k), ((const uint16_t *)(ip + 1))[k])) return false;
    }
    lower_consume(c, ip->b);
    for (int k = 0; k < count; k++) {
        asm_move(a, RDX, in_memory(RCX, 8 * k));
        give_item(c, ((const uint16_t *)(ip + 1))[k], RDX, lower_sample_item(sequence.sample, k));
    }
    return true;
}

/* 0: nothing was done. */
static int append(PyObject *list, uint64_t word, Kind kind)
{
    PyObject *item = box(word, kind);
    if (!item) return 0;
    Py_INCREF(item);            /* what fails is done again, with the word as it is */
    int failed = list_append_steal((PyListObject *)list, item);
    if (failed) PyErr_Clear();
    if (!failed || kind != KIND_OWNED) Py_DECREF(item);
    return !failed;
}

bool lower_list_append(Compiler *c, uint16_t list, uint16_t value)
{
    Assembler *a = &c->code;
    Operand l = lower_operand(c, list), v = lower_operand(c, value);
    if (l.kind != KIND_OBJECT || l.what != &PyList_Type || (!is_storable(v) && v.kind != KIND_OBJECT)) return false;
    compiler_save(c, true);
    if (v.kind == KIND_FLOAT) {
        lower_load_float(c, v, 0);
        asm_float_to_bits(a, RAX, 0);
    }
    else lower_load_int(c, v, RAX);
    lower_load_int(c, l, RDX);
    asm_move(a, RDI, in_register(RDX));
    asm_move(a, RSI, in_register(RAX));
    asm_move_constant(a, RDX, v.kind);
    lower_call(c, (const void *)(uintptr_t)append);
    asm_test_low(a, RAX, RAX);
    compiler_guard(c, CC_EQUAL);
    lower_consume(c, value);
    return true;
}

/* ---- Attributes and cells ------------------------------------------------------------------------------------- */

/* The address of a specialised access's place in rdx, and in *now what it holds in the sample. */
static bool attribute_place(Compiler *c, Operand owner, bool in_slot, PyObject **now)
{
    Assembler *a = &c->code;
    PyTypeObject *type = (PyTypeObject *)owner.what;
    uint32_t version = c->ip[1].low, index = c->ip[1].high;
    if (owner.kind != KIND_OBJECT || !owner.sample || type->tp_version_tag != version || index > 1000) return false;
    lower_load_int(c, owner, RDX);
    asm_move_constant(a, RAX, (int64_t)(intptr_t)type);
    asm_move_low(a, RAX, FIELD(RAX, PyTypeObject, tp_version_tag));
    asm_alu_constant(a, ALU_CMP, in_register(RAX), (int32_t)version);
    compiler_guard(c, CC_NOT_EQUAL);
    if (in_slot) {
        *now = *(PyObject **)((char *)owner.sample + index);
        asm_alu_constant(a, ALU_ADD, in_register(RDX), (int32_t)index);
        return true;
    }
    const PyDictValues *values = *instance_values_slot(owner.sample);
    if (!values || index >= dict_values_capacity(values)) return false;
    *now = values->values[index];
    asm_move(a, RDX, in_memory(RDX, -4 * 8));
    asm_test(a, RDX, RDX);
    compiler_guard(c, CC_EQUAL);
    asm_compare_byte(a, in_memory(RDX, -1), (int8_t)index);         /* its capacity */
    compiler_guard(c, CC_BELOW_EQUAL);
    asm_alu_constant(a, ALU_ADD, in_register(RDX), (int32_t)(offsetof(PyDictValues, values) + 8 * index));
    return true;
}

bool lower_load_attr(Compiler *c)
{
    const Word *ip = c->ip;
    Operand owner = lower_operand(c, ip->b);
    PyObject *now;
    bool in_slot = native_opcode(c->exec, ip) == X_LOAD_ATTR_SLOT;
    if (!attribute_place(c, owner, in_slot, &now) || !now) return false;
    Fact f = lower_fact_of_object(now);
    asm_move(&c->code, RDX, in_memory(RDX, 0));
    asm_test(&c->code, RDX, RDX);
    compiler_guard(c, CC_EQUAL);
    if (!lower_guard_object(c, RDX, f, ip->a)) return false;
    lower_consume(c, ip->b);
    give_item(c, ip->a, RDX, f);
    return true;
}

bool lower_store_attr(Compiler *c)
{
    const Word *ip = c->ip;
    Operand owner = lower_operand(c, ip->a), value = lower_operand(c, ip->b);
    PyObject *now;
    bool in_slot = native_opcode(c->exec, ip) == X_STORE_ATTR_SLOT;
    if (!is_storable(value) || !attribute_place(c, owner, in_slot, &now) || !now) return false;
    store_value(c, value);
    lower_consume(c, ip->a);
    lower_consume(c, ip->b);
    return true;
}

bool lower_load_deref(Compiler *c)
{
    const Word *ip = c->ip;
    Operand cell = lower_operand(c, ip->b);
    if (cell.kind != KIND_OBJECT || cell.what != &PyCell_Type || !cell.sample) return false;
    PyObject *now = PyCell_GET(cell.sample);
    if (!now) return false;
    Fact f = lower_fact_of_object(now);
    lower_load_int(c, cell, RDX);
    asm_move(&c->code, RDX, FIELD(RDX, PyCellObject, ob_ref));
    asm_test(&c->code, RDX, RDX);
    compiler_guard(c, CC_EQUAL);
    if (!lower_guard_object(c, RDX, f, ip->a)) return false;
    give_item(c, ip->a, RDX, f);
    return true;
}
