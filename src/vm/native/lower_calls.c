/* Globals, and calls of functions that are known by what they are. */
#include <string.h>

#include "objects/dict/dict.h"
#include "vm/native/lower.h"
#include "vm/vm.h"

/* ---- Globals -------------------------------------------------------------------------------------------------- */

/* Makes sure on entry that `name` is where it is now, or, without a value, that it is not there. False if that cannot be had. */
static bool depend(Compiler *c, PyObject *namespace, PyObject *name, PyObject **value)
{
    NativeLoop *l = c->loop;
    if (!PyDict_CheckExact(namespace)) return false;
    PyDictObject *dict = (PyDictObject *)namespace;
    uint32_t version = dict_keys_version(dict->ma_keys);
    if (!version || dict->ma_values || dict->ma_keys->dk_kind != KEYS_UNICODE) return false;
    Py_ssize_t index = dict_get_index(dict, name, dict_unicode_hash(name));
    *value = index >= 0 ? dict_entry_value_at(dict->ma_keys, (uint32_t)index) : NULL;
    if (!GROW(c, l->known, l->known_count, c->known_capacity)) return false;
    l->known[l->known_count++] = (NativeGlobal){namespace, version, (int32_t)index, Py_XNewRef(*value)};
    return true;
}

static bool is_unboxable(PyObject *number) { return !value_is_object(value_unbox_borrowed(number)); }

bool lower_load_global(Compiler *c)
{
    const Word *ip = c->ip;
    PyObject *name = PyTuple_GET_ITEM(c->exec->code->co_names, ip->b), *value;
    if (!depend(c, frame_globals(c->frame), name, &value)) return false;
    if (!value && (!depend(c, frame_builtins(c->frame), name, &value) || !value)) return false;
    Fact f = lower_fact_of_object(value);
    bool is_number = f.kind == KIND_INT || f.kind == KIND_FLOAT;
    if (PyCallable_Check(value) || (is_number && (!lower_is_calculated_with(c, ip->a) || !is_unboxable(value)))) {
        lower_set_fact(c, ip->a, (Fact){KIND_KNOWN, value, value});
        return true;
    }
    if (f.kind == KIND_INT) {
        int overflow;
        int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow) return false;
        lower_load_int(c, lower_immediate(number), RAX);
    }
    else if (f.kind == KIND_FLOAT) lower_load_float(c, (Operand){.kind = KIND_FLOAT, .index = -1, .real = PyFloat_AS_DOUBLE(value)}, 0);
    else if (f.kind == KIND_BOOL) asm_move_constant(&c->code, RAX, value == Py_True);
    else asm_move_constant(&c->code, RAX, (int64_t)(intptr_t)value);
    lower_give(c, ip->a, f);
    return true;
}

/* ---- Functions ------------------------------------------------------------------------------------------------ */

static bool length(Compiler *c, Operand x)
{
    if (!lower_is_sequence(x)) return false;
    asm_move(&c->code, RAX, FIELD(lower_int_register(c, x, RAX), PyVarObject, ob_size));
    return true;
}

static bool absolute(Compiler *c, Operand x)
{
    Assembler *a = &c->code;
    if (x.kind == KIND_FLOAT) {
        lower_load_float(c, x, 0);
        asm_float_to_bits(a, RAX, 0);
        asm_shift_constant(a, SHIFT_LEFT, RAX, 1);
        asm_shift_constant(a, SHIFT_RIGHT, RAX, 1);
        asm_float_from_bits(a, 0, RAX);
        return true;
    }
    if (x.kind != KIND_INT) return false;
    lower_load_int(c, x, RAX);
    asm_test(a, RAX, RAX);
    int positive = asm_jump_if(a, CC_NEGATIVE ^ 1);
    asm_negate(a, RAX);
    compiler_guard(c, CC_OVERFLOW);
    asm_patch(a, positive, a->count);
    return true;
}

/* The first of x and y that no other is better than, as Python has it: y only if it is better. */
static bool better(Compiler *c, Operand x, Operand y, bool greater)
{
    Assembler *a = &c->code;
    if (x.kind == KIND_INT && y.kind == KIND_INT) {
        lower_load_int(c, x, RAX);
        lower_load_int(c, y, RCX);
        asm_alu(a, ALU_CMP, RCX, in_register(RAX));
        int stay = asm_jump_if(a, greater ? CC_LESS_EQUAL : CC_GREATER_EQUAL);
        asm_move(a, RAX, in_register(RCX));
        asm_patch(a, stay, a->count);
        return true;
    }
    if (x.kind != KIND_FLOAT || y.kind != KIND_FLOAT) return false;
    lower_load_float(c, x, 0);
    lower_load_float(c, y, 1);
    asm_float_compare(a, greater ? 1 : 0, in_register(greater ? 0 : 1));     /* unordered: "below", so that x stays */
    int stay = asm_jump_if(a, CC_BELOW_EQUAL);
    asm_float_move(a, 0, in_register(1));
    asm_patch(a, stay, a->count);
    return true;
}

static bool is_builtin(const void *callable, const char *name)
{
    PyObject *o = (PyObject *)callable;
    if (!PyCFunction_CheckExact(o) || strcmp(((PyCFunctionObject *)o)->m_ml->ml_name, name) != 0) return false;
    PyObject *self = PyCFunction_GET_SELF(o);
    return self && PyModule_Check(self) && strcmp(PyModule_GetName(self), "builtins") == 0;
}

bool lower_call_function(Compiler *c)
{
    const Word *ip = c->ip;
    const uint16_t *arguments = (const uint16_t *)(ip + 3);
    Operand f = lower_operand(c, ip->b);
    int op = native_opcode(c->exec, ip);
    bool keywords = (op == X_CALL || op == X_CALL_C_TUPLE) && ip[1].op;
    if (f.kind != KIND_KNOWN || keywords || ip->c < 1) return false;
    if (f.what == &PyRange_Type) return lower_range(c);
    Operand x = lower_operand(c, arguments[0]);
    Kind kind = KIND_INT;
    if (ip->c == 1) {
        if (f.what == &PyFloat_Type && x.kind == KIND_INT) {
            lower_load_float(c, x, 0);
            kind = KIND_FLOAT;
        }
        else if (is_builtin(f.what, "abs")) {
            if (!absolute(c, x)) return false;
            kind = x.kind;
        }
        else if (!is_builtin(f.what, "len") || !length(c, x)) return false;
    }
    else if (ip->c == 2) {
        bool greater = is_builtin(f.what, "max");
        if ((!greater && !is_builtin(f.what, "min")) || !better(c, x, lower_operand(c, arguments[1]), greater)) return false;
        kind = x.kind;
    }
    else return false;
    lower_consume(c, ip->b);
    for (int i = 0; i < ip->c; i++) lower_consume(c, arguments[i]);
    lower_give(c, ip->a, (Fact){.kind = kind});
    return true;
}

/* ---- list.append ---------------------------------------------------------------------------------------------- */

bool lower_load_method(Compiler *c)
{
    const Word *ip = c->ip;
    Operand owner = lower_operand(c, ip->b);
    PyObject *append = vm_runtime.known[KNOWN_LIST_APPEND];
    if (owner.kind != KIND_OBJECT || owner.what != &PyList_Type || !append || native_opcode(c->exec, ip) != X_LOAD_METHOD_TYPE
        || ip[2].pointer != append) return false;
    lower_load_int(c, owner, RAX);
    lower_consume(c, ip->b);
    lower_set_fact(c, ip->a, (Fact){KIND_KNOWN, append, append});
    lower_give(c, (uint16_t)(ip->a + 1), lower_fact_of(owner));
    return true;
}

bool lower_call_method(Compiler *c)
{
    const Word *ip = c->ip;
    Operand f = lower_operand(c, ip->b);
    if (f.kind != KIND_KNOWN || f.what != vm_runtime.known[KNOWN_LIST_APPEND] || ip->c != 1) return false;
    if (!lower_list_append(c, (uint16_t)(ip->b + 1), ((const uint16_t *)(ip + 3))[0])) return false;
    lower_consume(c, ip->b);
    lower_consume(c, (uint16_t)(ip->b + 1));
    lower_set_fact(c, ip->a, (Fact){KIND_KNOWN, Py_None, Py_None});
    return true;
}
