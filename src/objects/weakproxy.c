/* Weak proxies: every operation goes to the object, or raises ReferenceError when it is gone. */
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/weakref.h"

#include <stddef.h>

/* A new reference to what `op` stands for: the object of a live proxy, anything else itself. NULL with ReferenceError. */
static PyObject *unwrap(PyObject *op)
{
    if (!PyWeakref_CheckProxy(op)) return Py_NewRef(op);
    PyObject *object = PyWeakref_GET_OBJECT(op);
    if (object != Py_None) return Py_NewRef(object);
    PyErr_SetString(PyExc_ReferenceError, "weakly-referenced object no longer exists");
    return NULL;
}

static PyObject *apply1(PyObject *x, unaryfunc f)
{
    x = unwrap(x);
    if (!x) return NULL;
    PyObject *result = f(x);
    Py_DECREF(x);
    return result;
}

static PyObject *apply2(PyObject *x, PyObject *y, binaryfunc f)
{
    x = unwrap(x);
    if (!x) return NULL;
    y = unwrap(y);
    PyObject *result = y ? f(x, y) : NULL;
    Py_DECREF(x);
    Py_XDECREF(y);
    return result;
}

static PyObject *apply3(PyObject *x, PyObject *y, PyObject *z, ternaryfunc f)
{
    x = unwrap(x);
    if (!x) return NULL;
    PyObject *result = NULL;
    y = unwrap(y);
    if (y && (!z || (z = unwrap(z)))) {
        result = f(x, y, z);
        Py_XDECREF(z);
    }
    Py_XDECREF(y);
    Py_DECREF(x);
    return result;
}

#define UNARY(name, function) \
    static PyObject *proxy_##name(PyObject *x) \
    { \
        return apply1(x, function); \
    }
#define BINARY(name, function) \
    static PyObject *proxy_##name(PyObject *x, PyObject *y) \
    { \
        return apply2(x, y, function); \
    }
#define TERNARY(name, function) \
    static PyObject *proxy_##name(PyObject *x, PyObject *y, PyObject *z) \
    { \
        return apply3(x, y, z, function); \
    }

UNARY(str, PyObject_Str)
UNARY(neg, PyNumber_Negative)
UNARY(pos, PyNumber_Positive)
UNARY(abs, PyNumber_Absolute)
UNARY(invert, PyNumber_Invert)
UNARY(int, PyNumber_Long)
UNARY(float, PyNumber_Float)
UNARY(index, PyNumber_Index)
UNARY(iter, PyObject_GetIter)
BINARY(getattr, PyObject_GetAttr)
BINARY(getitem, PyObject_GetItem)
BINARY(add, PyNumber_Add)
BINARY(sub, PyNumber_Subtract)
BINARY(mul, PyNumber_Multiply)
BINARY(floor_div, PyNumber_FloorDivide)
BINARY(true_div, PyNumber_TrueDivide)
BINARY(mod, PyNumber_Remainder)
BINARY(divmod, PyNumber_Divmod)
BINARY(lshift, PyNumber_Lshift)
BINARY(rshift, PyNumber_Rshift)
BINARY(and, PyNumber_And)
BINARY(xor, PyNumber_Xor)
BINARY(or, PyNumber_Or)
BINARY(matmul, PyNumber_MatrixMultiply)
BINARY(iadd, PyNumber_InPlaceAdd)
BINARY(isub, PyNumber_InPlaceSubtract)
BINARY(imul, PyNumber_InPlaceMultiply)
BINARY(ifloor_div, PyNumber_InPlaceFloorDivide)
BINARY(itrue_div, PyNumber_InPlaceTrueDivide)
BINARY(imod, PyNumber_InPlaceRemainder)
BINARY(ilshift, PyNumber_InPlaceLshift)
BINARY(irshift, PyNumber_InPlaceRshift)
BINARY(iand, PyNumber_InPlaceAnd)
BINARY(ixor, PyNumber_InPlaceXor)
BINARY(ior, PyNumber_InPlaceOr)
BINARY(imatmul, PyNumber_InPlaceMatrixMultiply)
TERNARY(call, PyObject_Call)
TERNARY(pow, PyNumber_Power)
TERNARY(ipow, PyNumber_InPlacePower)

static PyObject *proxy_repr(PyObject *self)
{
    PyObject *op = PyWeakref_GET_OBJECT(self);
    return PyUnicode_FromFormat("<weakproxy at %p to %s at %p>", self, Py_TYPE(op)->tp_name, op);
}

static int proxy_setattr(PyObject *self, PyObject *name, PyObject *value)
{
    PyObject *op = unwrap(self);
    if (!op) return -1;
    int result = PyObject_SetAttr(op, name, value);
    Py_DECREF(op);
    return result;
}

static PyObject *proxy_compare(PyObject *x, PyObject *y, int op)
{
    x = unwrap(x);
    if (!x) return NULL;
    y = unwrap(y);
    PyObject *result = y ? PyObject_RichCompare(x, y, op) : NULL;
    Py_DECREF(x);
    Py_XDECREF(y);
    return result;
}

static int proxy_bool(PyObject *self)
{
    PyObject *op = unwrap(self);
    if (!op) return -1;
    int result = PyObject_IsTrue(op);
    Py_DECREF(op);
    return result;
}

static int proxy_contains(PyObject *self, PyObject *value)
{
    PyObject *op = unwrap(self);
    if (!op) return -1;
    int result = PySequence_Contains(op, value);
    Py_DECREF(op);
    return result;
}

static Py_ssize_t proxy_length(PyObject *self)
{
    PyObject *op = unwrap(self);
    if (!op) return -1;
    Py_ssize_t result = PyObject_Size(op);
    Py_DECREF(op);
    return result;
}

static int proxy_setitem(PyObject *self, PyObject *key, PyObject *value)
{
    PyObject *op = unwrap(self);
    if (!op) return -1;
    int result = value ? PyObject_SetItem(op, key, value) : PyObject_DelItem(op, key);
    Py_DECREF(op);
    return result;
}

static PyObject *proxy_iternext(PyObject *self)
{
    PyObject *op = unwrap(self);
    if (!op) return NULL;
    PyObject *result = NULL;
    if (PyIter_Check(op)) {
        result = PyIter_Next(op);
    } else {
        PyErr_Format(PyExc_TypeError, "Weakref proxy referenced a non-iterator '%.200s' object", Py_TYPE(op)->tp_name);
    }
    Py_DECREF(op);
    return result;
}

static PyObject *proxy_bytes(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *op = unwrap(self);
    if (!op) return NULL;
    PyObject *result = PyObject_CallMethodNoArgs(op, NAME(__bytes__));
    Py_DECREF(op);
    return result;
}

static PyObject *proxy_reversed(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *op = unwrap(self);
    if (!op) return NULL;
    PyObject *result = PyObject_CallMethodNoArgs(op, NAME(__reversed__));
    Py_DECREF(op);
    return result;
}

static PyMethodDef proxy_methods[] = {
    {"__bytes__", proxy_bytes, METH_NOARGS, NULL},
    {"__reversed__", proxy_reversed, METH_NOARGS, NULL},
    {0},
};

static PyNumberMethods proxy_as_number = {
    .nb_add = proxy_add,
    .nb_subtract = proxy_sub,
    .nb_multiply = proxy_mul,
    .nb_remainder = proxy_mod,
    .nb_divmod = proxy_divmod,
    .nb_power = proxy_pow,
    .nb_negative = proxy_neg,
    .nb_positive = proxy_pos,
    .nb_absolute = proxy_abs,
    .nb_bool = proxy_bool,
    .nb_invert = proxy_invert,
    .nb_lshift = proxy_lshift,
    .nb_rshift = proxy_rshift,
    .nb_and = proxy_and,
    .nb_xor = proxy_xor,
    .nb_or = proxy_or,
    .nb_int = proxy_int,
    .nb_float = proxy_float,
    .nb_inplace_add = proxy_iadd,
    .nb_inplace_subtract = proxy_isub,
    .nb_inplace_multiply = proxy_imul,
    .nb_inplace_remainder = proxy_imod,
    .nb_inplace_power = proxy_ipow,
    .nb_inplace_lshift = proxy_ilshift,
    .nb_inplace_rshift = proxy_irshift,
    .nb_inplace_and = proxy_iand,
    .nb_inplace_xor = proxy_ixor,
    .nb_inplace_or = proxy_ior,
    .nb_floor_divide = proxy_floor_div,
    .nb_true_divide = proxy_true_div,
    .nb_inplace_floor_divide = proxy_ifloor_div,
    .nb_inplace_true_divide = proxy_itrue_div,
    .nb_index = proxy_index,
    .nb_matrix_multiply = proxy_matmul,
    .nb_inplace_matrix_multiply = proxy_imatmul,
};

static PySequenceMethods proxy_as_sequence = {
    .sq_length = proxy_length,
    .sq_contains = proxy_contains,
};

static PyMappingMethods proxy_as_mapping = {
    .mp_length = proxy_length,
    .mp_subscript = proxy_getitem,
    .mp_ass_subscript = proxy_setitem,
};

#define PROXY_SLOTS \
    .tp_basicsize = sizeof(PyWeakReference), \
    .tp_dealloc = weakref_dealloc, \
    .tp_repr = proxy_repr, \
    .tp_as_number = &proxy_as_number, \
    .tp_as_sequence = &proxy_as_sequence, \
    .tp_as_mapping = &proxy_as_mapping, \
    .tp_hash = PyObject_HashNotImplemented, \
    .tp_str = proxy_str, \
    .tp_getattro = proxy_getattr, \
    .tp_setattro = proxy_setattr, \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, \
    .tp_traverse = weakref_traverse, \
    .tp_clear = weakref_tp_clear, \
    .tp_richcompare = proxy_compare, \
    .tp_iter = proxy_iter, \
    .tp_iternext = proxy_iternext, \
    .tp_free = PyObject_GC_Del

PyTypeObject _PyWeakref_ProxyType = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "weakref.ProxyType",
    PROXY_SLOTS,
    .tp_methods = proxy_methods,
};

PyTypeObject _PyWeakref_CallableProxyType = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "weakref.CallableProxyType",
    PROXY_SLOTS,
    .tp_call = proxy_call,
};
