#include "vm/special.h"

#include "objects/abstract.h"
#include "objects/names.h"
#include "objects/recursion.h"
#include "objects/thread_state.h"
#include "objects/type/slot_functions.h"
#include "objects/type/type.h"
#include "vm/call.h"
#include "vm/ops.h"

/* ---- Finding the method --------------------------------------------------------------------------------------- */

/* The object's type if it is a class made by Python code, else NULL. */
static inline PyTypeObject *class_of(Value v)
{
    if (!value_is_object(v)) return NULL;
    PyTypeObject *type = Py_TYPE(value_object(v));
    return PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE) ? type : NULL;
}

/* The type's method of the name, if it is a Python function of just `count` plain parameters that has run before. */
static PyFunctionObject *find(PyTypeObject *type, PyObject *name, int count)
{
    PyObject *method = type_lookup_borrow(type, name);
    if (!method || !call_is_python(method)) return NULL;
    const ExecCode *exec = code_exec((PyCodeObject *)((PyFunctionObject *)method)->func_code);
    bool simple = exec && exec->simple_arguments == count && !thread_state()->cframe->use_tracing;
    return simple ? (PyFunctionObject *)method : NULL;
}

static inline void *number_slot(const PyTypeObject *type, size_t offset)
{
    return type->tp_as_number ? *(void **)((char *)type->tp_as_number + offset) : NULL;
}

typedef struct {
    size_t offset;
    void *function;
    PyObject **name;
} NumberMethod;

#define METHOD(operator, name, field, function) \
    [operator] = {offsetof(PyNumberMethods, field), (void *)(function), &NAME(name)}

/* By the operand of BINARY_OP; powers, of three operands, are left to the slots. */
static const NumberMethod number_methods[NB_OPERATOR_COUNT] = {
    METHOD(NB_ADD, __add__, nb_add, slot_nb_add),
    METHOD(NB_AND, __and__, nb_and, slot_nb_and),
    METHOD(NB_FLOOR_DIVIDE, __floordiv__, nb_floor_divide, slot_nb_floor_divide),
    METHOD(NB_LSHIFT, __lshift__, nb_lshift, slot_nb_lshift),
    METHOD(NB_MATRIX_MULTIPLY, __matmul__, nb_matrix_multiply, slot_nb_matrix_multiply),
    METHOD(NB_MULTIPLY, __mul__, nb_multiply, slot_nb_multiply),
    METHOD(NB_REMAINDER, __mod__, nb_remainder, slot_nb_remainder),
    METHOD(NB_OR, __or__, nb_or, slot_nb_or),
    METHOD(NB_RSHIFT, __rshift__, nb_rshift, slot_nb_rshift),
    METHOD(NB_SUBTRACT, __sub__, nb_subtract, slot_nb_subtract),
    METHOD(NB_TRUE_DIVIDE, __truediv__, nb_true_divide, slot_nb_true_divide),
    METHOD(NB_XOR, __xor__, nb_xor, slot_nb_xor),
    METHOD(NB_INPLACE + NB_ADD, __iadd__, nb_inplace_add, slot_nb_inplace_add),
    METHOD(NB_INPLACE + NB_AND, __iand__, nb_inplace_and, slot_nb_inplace_and),
    METHOD(NB_INPLACE + NB_FLOOR_DIVIDE, __ifloordiv__, nb_inplace_floor_divide, slot_nb_inplace_floor_divide),
    METHOD(NB_INPLACE + NB_LSHIFT, __ilshift__, nb_inplace_lshift, slot_nb_inplace_lshift),
    METHOD(NB_INPLACE + NB_MATRIX_MULTIPLY, __imatmul__, nb_inplace_matrix_multiply, slot_nb_inplace_matrix_multiply),
    METHOD(NB_INPLACE + NB_MULTIPLY, __imul__, nb_inplace_multiply, slot_nb_inplace_multiply),
    METHOD(NB_INPLACE + NB_REMAINDER, __imod__, nb_inplace_remainder, slot_nb_inplace_remainder),
    METHOD(NB_INPLACE + NB_OR, __ior__, nb_inplace_or, slot_nb_inplace_or),
    METHOD(NB_INPLACE + NB_RSHIFT, __irshift__, nb_inplace_rshift, slot_nb_inplace_rshift),
    METHOD(NB_INPLACE + NB_SUBTRACT, __isub__, nb_inplace_subtract, slot_nb_inplace_subtract),
    METHOD(NB_INPLACE + NB_TRUE_DIVIDE, __itruediv__, nb_inplace_true_divide, slot_nb_inplace_true_divide),
    METHOD(NB_INPLACE + NB_XOR, __ixor__, nb_inplace_xor, slot_nb_inplace_xor),
};

static bool has_slot(PyTypeObject *type, const NumberMethod *method) { return number_slot(type, method->offset) == method->function; }

/* The method whose slot is the first that the operator comes to in the type, or NULL. */
static const NumberMethod *first_method(PyTypeObject *type, int operator)
{
    const NumberMethod *method = &number_methods[operator];
    if (!method->function) return NULL;
    if (operator >= NB_INPLACE) {
        if (number_slot(type, method->offset)) return has_slot(type, method) ? method : NULL;
        method = &number_methods[operator - NB_INPLACE];
    }
    return has_slot(type, method) ? method : NULL;
}

PyFunctionObject *special_binary(const Frame *frame, const Word *ip, Value x, Value y, bool *inplace)
{
    PyTypeObject *type = class_of(x);
    if (!type || !type->tp_as_number) return NULL;
    int operator = op_operator(frame, ip);
    const NumberMethod *method = first_method(type, operator);
    if (!method) return NULL;
    *inplace = method == &number_methods[operator] && operator >= NB_INPLACE;
    PyTypeObject *other = value_is_object(y) ? Py_TYPE(value_object(y)) : NULL;
    /* The right operand's reflected method may come first, or after by the same slot function. */
    if (other && other != type && !*inplace && (has_slot(other, method) || PyType_IsSubtype(other, type))) return NULL;
    return find(type, *method->name, 2);
}

PyFunctionObject *special_compare(Value x, Value y, int kind)
{
    PyTypeObject *type = class_of(x);
    if (!type || type->tp_richcompare != slot_tp_richcompare) return NULL;
    PyTypeObject *other = value_is_object(y) ? Py_TYPE(value_object(y)) : NULL;
    if (other && other != type && PyType_IsSubtype(other, type)) return NULL;
    PyObject *const names[] = {NAME(__lt__), NAME(__le__), NAME(__eq__), NAME(__ne__), NAME(__gt__), NAME(__ge__)};
    return find(type, names[kind], 2);
}

PyFunctionObject *special_get_item(Value container)
{
    PyTypeObject *type = class_of(container);
    bool plain = type && type->tp_as_mapping && type->tp_as_mapping->mp_subscript == slot_mp_subscript;
    return plain ? find(type, NAME(__getitem__), 2) : NULL;
}

PyFunctionObject *special_set_item(Value container)
{
    PyTypeObject *type = class_of(container);
    bool plain = type && type->tp_as_mapping && type->tp_as_mapping->mp_ass_subscript == slot_mp_ass_subscript;
    return plain ? find(type, NAME(__setitem__), 3) : NULL;
}

PyFunctionObject *special_contains(Value container)
{
    PyTypeObject *type = class_of(container);
    bool plain = type && type->tp_as_sequence && type->tp_as_sequence->sq_contains == slot_sq_contains;
    return plain ? find(type, NAME(__contains__), 2) : NULL;
}

PyFunctionObject *special_length(Value o)
{
    PyTypeObject *type = class_of(o);
    bool plain = type && type->tp_as_sequence && type->tp_as_sequence->sq_length == slot_sq_length;
    return plain ? find(type, NAME(__len__), 1) : NULL;
}

PyFunctionObject *special_truth(Value o)
{
    PyTypeObject *type = class_of(o);
    bool plain = type && type->tp_as_number && type->tp_as_number->nb_bool == slot_nb_bool;
    return plain ? find(type, NAME(__bool__), 1) : NULL;
}

PyFunctionObject *special_next(PyObject *iterator)
{
    return Py_TYPE(iterator)->tp_iternext == slot_tp_iternext ? find(Py_TYPE(iterator), NAME(__next__), 1) : NULL;
}

PyFunctionObject *special_iter(Value o)
{
    PyTypeObject *type = class_of(o);
    return type && type->tp_iter == slot_tp_iter ? find(type, NAME(__iter__), 1) : NULL;
}

/* ---- Calling it, and what comes after --------------------------------------------------------------------------- */

static inline Value lend(Value v) { return (v & TAG_MASK) == TAG_OWNED ? v | TAG_BORROWED : v; }

static inline Frame *push(PyThreadState *tstate, Frame *caller, PyFunctionObject *func,
                          uint64_t linkage, int count, Value x, Value y, Value z)
{
    ExecCode *exec = code_exec((PyCodeObject *)func->func_code);
    Frame *frame = call_push_simple(tstate, func, exec, count, linkage);
    if (UNLIKELY(!frame)) return NULL;
    Py_INCREF(func);
    frame->previous = caller;
    frame->registers[0] = lend(x);
    if (count > 1) frame->registers[1] = lend(y);
    if (count > 2) frame->registers[2] = lend(z);
    return frame;
}

Frame *special_push(PyThreadState *tstate, Frame *caller, PyFunctionObject *func, int count,
                    Value x, Value y, Value z)
{
    return push(tstate, caller, func, frame_linkage(RETURN_FROM_SPECIAL, 0, 0), count, x, y, z);
}

Frame *special_push_next(PyThreadState *tstate, Frame *caller, PyFunctionObject *func,
                         Value iterator, const Word *ip)
{
    uint64_t linkage = frame_linkage(RETURN_TO_NEXT, ip->a, 2);
    return push(tstate, caller, func, linkage, 1, iterator, VALUE_EMPTY, VALUE_EMPTY);
}

Frame *special_push_binary(PyThreadState *tstate, Frame *caller, PyFunctionObject *func, bool inplace, Value x, Value y)
{
    uint64_t linkage = frame_linkage(RETURN_FROM_SPECIAL, inplace, 0);
    return push(tstate, caller, func, linkage, 2, x, y, VALUE_EMPTY);
}

Frame *special_push_comparison(PyThreadState *tstate, Frame *caller, PyFunctionObject *func, Value x, Value y)
{
    if (recursion_enter(tstate, " in comparison")) return NULL;
    uint64_t linkage = frame_linkage(RETURN_FROM_COMPARISON, 0, 0);
    Frame *frame = push(tstate, caller, func, linkage, 2, x, y, VALUE_EMPTY);
    if (UNLIKELY(!frame)) recursion_leave(tstate);
    return frame;
}

Value special_binary_rest(const Frame *frame, const Word *ip, bool inplace, Value *left, Value *right)
{
    PyObject *a = operand_object(left), *b = a ? operand_object(right) : NULL;
    if (!b) return VALUE_EMPTY;
    Py_INCREF(a);
    Py_INCREF(b);
    PyObject *r = number_binary_rest(op_operator(frame, ip), inplace, a, b);
    Py_DECREF(a);
    Py_DECREF(b);
    return value_from_owned(r);
}

Value special_compare_rest(Value *left, Value *right, int kind)
{
    PyObject *a = operand_object(left), *b = a ? operand_object(right) : NULL;
    return b ? value_from_owned(object_compare_rest(a, b, kind)) : VALUE_EMPTY;
}

Py_ssize_t special_take_length(Value result)
{
    if (value_is_int(result) && value_int(result) >= 0) return (Py_ssize_t)value_int(result);
    PyObject *o = value_take_boxed(result);
    return o ? slot_take_length(o) : -1;
}

int special_take_truth(Value result)
{
    PyObject *o = value_take_boxed(result);
    if (!o) return -1;
    int truth = o == Py_True ? 1 : o == Py_False ? 0 : -1;
    if (truth < 0) PyErr_Format(PyExc_TypeError, "__bool__ should return bool, returned %s", Py_TYPE(o)->tp_name);
    Py_DECREF(o);
    return truth;
}

bool special_is_iterator(Value result)
{
    PyTypeObject *type = value_is_int(result)     ? &PyLong_Type
                         : value_is_float(result) ? &PyFloat_Type
                                                  : Py_TYPE(value_object(result));
    if (type->tp_iternext && type->tp_iternext != _PyObject_NextNotImplemented) return true;
    PyErr_Format(PyExc_TypeError, "iter() returned non-iterator of type '%.100s'", type->tp_name);
    return false;
}
