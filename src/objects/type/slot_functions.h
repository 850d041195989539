/* The functions that stand in the slots of classes made by Python code, and call special methods.
 * The table is slots.def. */
#ifndef KRAIT_OBJECTS_TYPE_SLOT_FUNCTIONS_H
#define KRAIT_OBJECTS_TYPE_SLOT_FUNCTIONS_H

#include <Python.h>

#define BINARY_SLOTS(X) \
    X(add, __add__, __radd__) \
    X(subtract, __sub__, __rsub__) \
    X(multiply, __mul__, __rmul__) \
    X(remainder, __mod__, __rmod__) \
    X(divmod, __divmod__, __rdivmod__) \
    X(lshift, __lshift__, __rlshift__) \
    X(rshift, __rshift__, __rrshift__) \
    X(and, __and__, __rand__) \
    X(xor, __xor__, __rxor__) \
    X(or, __or__, __ror__) \
    X(floor_divide, __floordiv__, __rfloordiv__) \
    X(true_divide, __truediv__, __rtruediv__) \
    X(matrix_multiply, __matmul__, __rmatmul__)

#define INPLACE_SLOTS(X) \
    X(add, __iadd__) \
    X(subtract, __isub__) \
    X(multiply, __imul__) \
    X(remainder, __imod__) \
    X(lshift, __ilshift__) \
    X(rshift, __irshift__) \
    X(and, __iand__) \
    X(xor, __ixor__) \
    X(or, __ior__) \
    X(floor_divide, __ifloordiv__) \
    X(true_divide, __itruediv__) \
    X(matrix_multiply, __imatmul__)

#define UNARY_SLOTS(X) \
    X(negative, __neg__) \
    X(positive, __pos__) \
    X(absolute, __abs__) \
    X(invert, __invert__) \
    X(int, __int__) \
    X(float, __float__) \
    X(index, __index__)

#define DECLARE(field, method, reflected) \
    PyObject *slot_nb_##field(PyObject *self, PyObject *other);
BINARY_SLOTS(DECLARE)
#undef DECLARE
#define DECLARE(field, method) PyObject *slot_nb_inplace_##field(PyObject *self, PyObject *other);
INPLACE_SLOTS(DECLARE)
#undef DECLARE
#define DECLARE(field, method) PyObject *slot_nb_##field(PyObject *self);
UNARY_SLOTS(DECLARE)
#undef DECLARE

PyObject *slot_nb_power(PyObject *self, PyObject *other, PyObject *modulus);
PyObject *slot_nb_inplace_power(PyObject *self, PyObject *other, PyObject *modulus);
int slot_nb_bool(PyObject *self);

PyObject *slot_am_await(PyObject *self);
PyObject *slot_am_aiter(PyObject *self);
PyObject *slot_am_anext(PyObject *self);

Py_ssize_t slot_mp_length(PyObject *self);
PyObject *slot_mp_subscript(PyObject *self, PyObject *key);
int slot_mp_ass_subscript(PyObject *self, PyObject *key, PyObject *value);

Py_ssize_t slot_sq_length(PyObject *self);
/* What __len__ gave (consumed) as a length; -1 with an exception set. */
Py_ssize_t slot_take_length(PyObject *result);
PyObject *slot_sq_item(PyObject *self, Py_ssize_t index);
int slot_sq_ass_item(PyObject *self, Py_ssize_t index, PyObject *value);
int slot_sq_contains(PyObject *self, PyObject *value);

PyObject *slot_tp_repr(PyObject *self);
PyObject *slot_tp_str(PyObject *self);
Py_hash_t slot_tp_hash(PyObject *self);
PyObject *slot_tp_call(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *slot_tp_getattro(PyObject *self, PyObject *name);
PyObject *slot_tp_getattr_hook(PyObject *self, PyObject *name);
int slot_tp_setattro(PyObject *self, PyObject *name, PyObject *value);
PyObject *slot_tp_richcompare(PyObject *self, PyObject *other, int op);
PyObject *slot_tp_iter(PyObject *self);
PyObject *slot_tp_iternext(PyObject *self);
PyObject *slot_tp_descr_get(PyObject *self, PyObject *obj, PyObject *type);
int slot_tp_descr_set(PyObject *self, PyObject *target, PyObject *value);
int slot_tp_init(PyObject *self, PyObject *args, PyObject *kwargs);
PyObject *slot_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs);
void slot_tp_finalize(PyObject *self);

#endif
