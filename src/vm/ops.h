/* What instructions do when it is not worth standing in the loop. Unless said otherwise a PyObject * argument is borrowed,
 * a PyObject * result a new reference, and NULL, VALUE_EMPTY or -1 mean that an exception is set.
 */
#ifndef KRAIT_VM_OPS_H
#define KRAIT_VM_OPS_H

#include "objects/containers.h"
#include "objects/int/int.h"
#include "objects/type/instance.h"
#include "vm/frame.h"
#include "vm/vm.h"

/* ---- Operands ------------------------------------------------------------------------------------------------- */

/* Boxes the number in a register or constant: a small int's immortal object, else a new one that the register then owns. */
PyObject *operand_box(Value *slot);

/* The object in a slot, borrowed. NULL with MemoryError set. */
ALWAYS_INLINE PyObject *operand_object(Value *slot)
{
    Value v = *slot;
    return LIKELY(value_is_object(v)) ? value_object(v) : operand_box(slot);
}

/* The objects of `count` operands, borrowed: in `few`, or where they are more than FEW_OPERANDS in an array of their own, which
 * operands_release() frees. NULL with MemoryError set. */
enum { FEW_OPERANDS = 8 };
static inline void operands_release(PyObject **objects, PyObject **few)
{
    if (objects != few) PyMem_Free(objects);
}
ALWAYS_INLINE PyObject **operands_objects(Value *registers, const Value *constants, const uint16_t *operands, int count,
                                          PyObject *few[FEW_OPERANDS])
{
    PyObject **objects = count <= FEW_OPERANDS ? few : PyMem_New(PyObject *, count);
    if (UNLIKELY(!objects)) return (PyObject **)PyErr_NoMemory();
    for (int i = 0; i < count; i++) {
        uint16_t x = operands[i];
        objects[i] = operand_object(x & OPERAND_CONSTANT ? (Value *)&constants[x & ~OPERAND_CONSTANT] : &registers[x]);
        if (UNLIKELY(!objects[i])) {
            operands_release(objects, few);
            return NULL;
        }
    }
    return objects;
}

/* An operand's value to be kept: a temporary's is taken, any other copied. */
ALWAYS_INLINE Value operand_take(Value *registers, const Value *constants, int first_temporary, uint16_t x)
{
    if (x & OPERAND_CONSTANT) return constants[x & ~OPERAND_CONSTANT];
    Value v = registers[x];
    if (x >= first_temporary) registers[x] = VALUE_EMPTY;
    else value_copy(v);
    return v;
}

/* A register's value as an argument of a frame that the caller's waits for: a temporary's is taken, a local's lent (frame.h). */
ALWAYS_INLINE Value operand_pass(Value *registers, int first_temporary, uint16_t x)
{
    Value v = registers[x];
    if (x >= first_temporary) registers[x] = VALUE_EMPTY;
    else if ((v & TAG_MASK) == TAG_OWNED) v |= TAG_BORROWED;
    return v;
}

/* ---- Numbers -------------------------------------------------------------------------------------------------- */

static inline double op_as_double(Value v) { return value_is_int(v) ? (double)value_int(v) : value_float(v); }
static inline bool op_is_exact_double(int64_t i) { return i >= -((int64_t)1 << 53) && i <= (int64_t)1 << 53; }
static inline bool op_is_exact_number(Value v) { return !value_is_int(v) || op_is_exact_double(value_int(v)); }

/* Python's division of ints by a positive one; the processor divides small numbers much faster. */
static inline int64_t op_floor_divide(int64_t a, int64_t b)
{
    if ((uint64_t)(a | b) <= UINT32_MAX) return (uint32_t)a / (uint32_t)b;
    return a / b - (a % b < 0);
}

static inline int64_t op_remainder(int64_t a, int64_t b)
{
    if ((uint64_t)(a | b) <= UINT32_MAX) return (uint32_t)a % (uint32_t)b;
    int64_t r = a % b;
    return r < 0 ? r + b : r;
}

/* The arithmetic of numbers, boxed or not: the result, or VALUE_EMPTY without an error where an operand is no number or the result
 * has no unboxed form. */
#define NUMBER_OPERATION(NAME) Value op_number_##NAME(Value x, Value y);
NUMBER_OPERATION(ADD) NUMBER_OPERATION(SUBTRACT) NUMBER_OPERATION(MULTIPLY) NUMBER_OPERATION(TRUE_DIVIDE)
NUMBER_OPERATION(FLOOR_DIVIDE) NUMBER_OPERATION(REMAINDER) NUMBER_OPERATION(AND) NUMBER_OPERATION(OR) NUMBER_OPERATION(XOR)
NUMBER_OPERATION(LSHIFT) NUMBER_OPERATION(RSHIFT)
#undef NUMBER_OPERATION

/* The operators of BINARY_OP; the in-place forms follow in the same order. */
enum {
    NB_ADD, NB_AND, NB_FLOOR_DIVIDE, NB_LSHIFT, NB_MATRIX_MULTIPLY, NB_MULTIPLY, NB_REMAINDER, NB_OR, NB_POWER, NB_RSHIFT, NB_SUBTRACT,
    NB_TRUE_DIVIDE, NB_XOR, NB_INPLACE, NB_OPERATOR_COUNT = 2 * NB_INPLACE,
};

/* The operator of the instruction at ip. */
static inline int op_operator(const Frame *frame, const Word *ip)
{
    return ((const uint16_t *)frame->code->co_code_adaptive)[exec_unit_at(frame->exec, ip)] >> 8;
}

/* The function of a unary operator on the operand in `slot`, that of ip->b, which stays. */
Value op_call_unary(const Frame *frame, const Word *ip, Value *slot, unaryfunc function);
/* The binary operation of the instruction at ip on two operands, which stay. */
Value op_binary(Frame *frame, const Word *ip, Value *left, Value *right);
Value op_compare(Value *left, Value *right, int kind);
int op_compare_truth(Value *left, Value *right, int kind);

/* Whether two values are exact strs, and then whether they are equal: 1, 0, or -1. */
static inline int op_same_text(Value x, Value y)
{
    PyObject *a = value_object(x), *b = value_object(y);
    if (!value_is_object(x) || !value_is_object(y) || !PyUnicode_CheckExact(a) || !PyUnicode_CheckExact(b)) return -1;
    return a == b || exact_str_equal(a, b);
}

/* Unboxes the number in a register, if it is one. */
void op_unbox(Value *slot);
int op_is_true(Value v);
/* The same, where a singleton is likely. */
ALWAYS_INLINE int op_truth(Value v)
{
    const PyObject *o = value_object(v);
    if (o == Py_True) return 1;
    return o == Py_False || o == Py_None ? 0 : op_is_true(v);
}
static inline bool op_is(Value a, Value b)
{
    return value_is_object(a) && value_is_object(b) ? value_object(a) == value_object(b) : value_is_identical(a, b);
}

/* ---- Attributes (attribute_cache.c) --------------------------------------------------------------------------- */

/* The only entry where the table may have this access. */
static inline AttributeEntry *attribute_entry(AttributeEntry *table, PyTypeObject *type, PyObject *name)
{
    return &table[(type->tp_version_tag * 0x9E3779B1u >> 16 ^ (uint32_t)((uintptr_t)name >> 4)) % ATTRIBUTE_ENTRIES];
}

/* What the table knows of it: the words of an instruction, whose opcode is NOP where it knows nothing. */
static inline const Word *attribute_known(AttributeEntry *table, PyTypeObject *type, PyObject *name)
{
    static const Word nothing[3] = {{.op = X_NOP}};
    const AttributeEntry *e = attribute_entry(table, type, name);
    return e->version == type->tp_version_tag && e->name == name ? e->words : nothing;
}

/* Whether the instance may have an attribute of its own of the name; see shadow_guard() in specialise.c. */
static inline bool op_may_shadow(PyObject *owner, uint32_t guard)
{
    return guard && (*instance_dict_slot(owner) || instance_keys(owner)->dk_version != guard);
}

PyObject *op_load_attr(PyObject *owner, PyObject *name);
/* 1 with a function to be called with the owner before its arguments, 0 with what is to be called without. */
int op_load_method(PyObject *owner, PyObject *name, PyObject **method);
int op_store_attr(PyObject *owner, PyObject *name, PyObject *value);

/* ---- Items (items.c) ------------------------------------------------------------------------------------------ */

/* What a register holds after an object was read from a container that keeps it: a small int is known by its address and needs
 * neither a look nor a reference. */
static inline Value op_load(PyObject *o)
{
    uintptr_t offset = (uintptr_t)o - (uintptr_t)_PyRuntime.small_ints;
    if (offset < sizeof _PyRuntime.small_ints) return value_from_int((int64_t)(offset / sizeof(PyLongObject)) - INT_SMALL_NEGATIVE);
    return value_from_owned(Py_NewRef(o));
}

/* The same for what is about to be calculated with: every number is unboxed that can be. */
static inline Value op_load_number(PyObject *o)
{
    return value_to_owned(value_unbox_borrowed(o));
}

/* op_load_number() or op_load(); and the same of an object that is taken over. */
static inline Value op_load_as(PyObject *o, bool number) { return number ? op_load_number(o) : op_load(o); }
static inline Value op_take_as(PyObject *o, bool number)
{
    if (!number) return value_from_owned(o);
    Value v = value_unbox_borrowed(o);
    if (value_is_object(v)) return value_from_owned(o);
    Py_DECREF(o);
    return v;
}

/* The value of a key of a dict, borrowed, or NULL without or with an exception. Makes no int of the key where it can. */
PyObject *op_find_in_dict(PyDictObject *dict, Value *key);
/* The same with KeyError. */
PyObject *op_dict_item(PyDictObject *dict, Value *key);
Value op_subscript(Value *container, Value *key);
/* del container[key]: 0 or -1. */
int op_delete_item(Value *container, Value *key);
/* Steals value, also on failure. The dict is exact. */
int op_store_dict_item_steal(PyDictObject *dict, Value *key, PyObject *value);
/* step may be NULL. */
PyObject *op_load_slice(Value *container, Value *start, Value *stop, Value *step);
int op_store_slice(Value *container, Value *start, Value *stop, Value *value);
int op_contains(Value *container, Value *item);
Py_ssize_t op_length(Value *container);
int op_is_instance(Value *o, Value *classes);

/* ---- Names ---------------------------------------------------------------------------------------------------- */

/* Borrowed; NULL without an error if it is no cell. */
static inline PyObject *op_cell(Value v)
{
    PyObject *o = value_object(v);
    return LIKELY(value_is_object(v) && o && PyCell_Check(o)) ? o : NULL;
}
void op_unbound_local_error(PyCodeObject *code, int local);
void op_unbound_deref_error(PyCodeObject *code, int index);
PyObject *op_load_classderef(Frame *frame, int index);
PyObject *op_load_name(Frame *frame, PyObject *name);
int op_store_name(Frame *frame, PyObject *name, PyObject *value);
int op_delete_name(Frame *frame, PyObject *name);
PyObject *op_load_global(Frame *frame, PyObject *name);
int op_delete_global(Frame *frame, PyObject *name);
PyObject *op_load_build_class(Frame *frame);
int op_setup_annotations(Frame *frame);

/* ---- Containers ----------------------------------------------------------------------------------------------- */

/* `count` items as new references; ValueError or TypeError otherwise. */
int op_unpack(PyObject *iterable, int count, PyObject **items);
/* before items, a list, after items; an array to be freed with PyMem_Free. */
PyObject **op_unpack_ex(PyObject *iterable, int before, int after);
/* A tuple of two; consumes both. */
PyObject *op_pair_steal(Value first, Value second);
int op_list_extend(PyObject *list, PyObject *iterable);
int op_dict_update(PyObject *dict, PyObject *other);
int op_dict_merge(PyObject *dict, PyObject *other, PyObject *callable);
PyObject *op_format(PyObject *o, PyObject *spec, int conversion);

/* ---- Context managers, exceptions ------------------------------------------------------------------------------ */

/* __enter__ where it and __exit__ are functions of the loop, and in *exit the bound __exit__: new references. NULL with or without
 * an exception. */
PyFunctionObject *op_context_functions(PyObject *manager, PyObject **exit);
/* Whether a function can be made of this code and its defaults, kwdefaults, annotations and closure (each may be NULL), as it always
 * can in code that a compiler made. False with SystemError set. */
bool op_function_parts_fit(PyObject *code, PyObject *const *parts);
/* Whether a register holds an exception, where only code that no compiler made may have put something else. */
static inline bool op_is_exception(Value v) { return value_is_object(v) && v && PyExceptionInstance_Check(value_object(v)); }
/* The result of __enter__; *exit is the bound __exit__. */
PyObject *op_enter_context(PyObject *manager, PyObject **exit);
PyObject *op_enter_async_context(PyObject *manager, PyObject **exit);
PyObject *op_call_exit(PyObject *exit, PyObject *exc);
/* Sets the exception; consumes both (either may be NULL). True for a bare raise. */
bool op_raise(PyThreadState *tstate, PyObject *exc, PyObject *cause);
int op_exception_matches(PyObject *exc, PyObject *type);
int op_exception_group_match(PyObject *exc, PyObject *type, PyObject **match, PyObject **rest);
PyObject *op_prepare_reraise_star(PyObject *original, PyObject *raised);

/* ---- Pattern matching ------------------------------------------------------------------------------------------ */

PyObject *op_match_keys(PyObject *mapping, PyObject *keys);
PyObject *op_match_class(PyObject *subject, PyObject *type, Py_ssize_t positional, PyObject *names);

/* ---- Statements ------------------------------------------------------------------------------------------------- */

PyObject *op_import_name(PyThreadState *tstate, Frame *frame, PyObject *name, PyObject *from_list, PyObject *level);
PyObject *op_import_from(PyObject *module, PyObject *name);
int op_import_star(Frame *frame, PyObject *module);
int op_print_expression(PyObject *o);

#endif
