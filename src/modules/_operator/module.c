/* _operator: the module and its functions, most of which are one call of the C API. */
#include "modules/_operator/operator.h"

/* ---- Functions of one and two arguments ---- */

#define UNARY(name, function)                                                   \
    static PyObject *op_##name(PyObject *Py_UNUSED(module), PyObject *a)        \
    {                                                                           \
        return function(a);                                                     \
    }

#define BINARY_RESULT(name, type, expression, conversion)                       \
    static PyObject *op_##name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs) \
    {                                                                           \
        if (!_PyArg_CheckPositional(#name, nargs, 2, 2)) return NULL;           \
        PyObject *a = args[0], *b = args[1];                                    \
        type result = expression;                                               \
        return conversion;                                                      \
    }
#define BINARY(name, function) BINARY_RESULT(name, PyObject *, function(a, b), result)
#define COMPARISON(name, op) BINARY_RESULT(name, PyObject *, PyObject_RichCompare(a, b, op), result)

static PyObject *power(PyObject *a, PyObject *b)
{
    return PyNumber_Power(a, b, Py_None);
}

static PyObject *inplace_power(PyObject *a, PyObject *b)
{
    return PyNumber_InPlacePower(a, b, Py_None);
}

UNARY(neg, PyNumber_Negative)
UNARY(pos, PyNumber_Positive)
UNARY(inv, PyNumber_Invert)
UNARY(abs, PyNumber_Absolute)
UNARY(index, PyNumber_Index)

BINARY(add, PyNumber_Add)
BINARY(sub, PyNumber_Subtract)
BINARY(mul, PyNumber_Multiply)
BINARY(matmul, PyNumber_MatrixMultiply)
BINARY(floordiv, PyNumber_FloorDivide)
BINARY(truediv, PyNumber_TrueDivide)
BINARY(mod, PyNumber_Remainder)
BINARY(pow, power)
BINARY(lshift, PyNumber_Lshift)
BINARY(rshift, PyNumber_Rshift)
BINARY(and_, PyNumber_And)
BINARY(xor, PyNumber_Xor)
BINARY(or_, PyNumber_Or)
BINARY(iadd, PyNumber_InPlaceAdd)
BINARY(isub, PyNumber_InPlaceSubtract)
BINARY(imul, PyNumber_InPlaceMultiply)
BINARY(imatmul, PyNumber_InPlaceMatrixMultiply)
BINARY(ifloordiv, PyNumber_InPlaceFloorDivide)
BINARY(itruediv, PyNumber_InPlaceTrueDivide)
BINARY(imod, PyNumber_InPlaceRemainder)
BINARY(ipow, inplace_power)
BINARY(ilshift, PyNumber_InPlaceLshift)
BINARY(irshift, PyNumber_InPlaceRshift)
BINARY(iand, PyNumber_InPlaceAnd)
BINARY(ixor, PyNumber_InPlaceXor)
BINARY(ior, PyNumber_InPlaceOr)
BINARY(concat, PySequence_Concat)
BINARY(iconcat, PySequence_InPlaceConcat)
BINARY(getitem, PyObject_GetItem)

COMPARISON(eq, Py_EQ)
COMPARISON(ne, Py_NE)
COMPARISON(lt, Py_LT)
COMPARISON(le, Py_LE)
COMPARISON(gt, Py_GT)
COMPARISON(ge, Py_GE)

BINARY_RESULT(is_, bool, a == b, bool_from(result))
BINARY_RESULT(is_not, bool, a != b, bool_from(result))
BINARY_RESULT(contains, int, PySequence_Contains(a, b), result < 0 ? NULL : bool_from(result))
BINARY_RESULT(indexOf, Py_ssize_t, PySequence_Index(a, b), result < 0 ? NULL : PyLong_FromSsize_t(result))
BINARY_RESULT(countOf, Py_ssize_t, PySequence_Count(a, b), result < 0 ? NULL : PyLong_FromSsize_t(result))
BINARY_RESULT(delitem, int, PyObject_DelItem(a, b), result < 0 ? NULL : Py_NewRef(Py_None))

static PyObject *op_truth(PyObject *Py_UNUSED(module), PyObject *a)
{
    int truth = PyObject_IsTrue(a);
    return truth < 0 ? NULL : bool_from(truth);
}

static PyObject *op_not_(PyObject *Py_UNUSED(module), PyObject *a)
{
    int truth = PyObject_IsTrue(a);
    return truth < 0 ? NULL : bool_from(!truth);
}

static PyObject *op_setitem(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("setitem", nargs, 3, 3) || PyObject_SetItem(args[0], args[1], args[2]) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *op_length_hint(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t fallback = 0;
    if (!_PyArg_CheckPositional("length_hint", nargs, 1, 2)) return NULL;
    if (nargs > 1) {
        PyObject *number = PyNumber_Index(args[1]);
        if (number == NULL) return NULL;
        fallback = PyLong_AsSsize_t(number);
        Py_DECREF(number);
        if (fallback == -1 && PyErr_Occurred()) return NULL;
    }
    Py_ssize_t hint = PyObject_LengthHint(args[0], fallback);
    return hint == -1 && PyErr_Occurred() ? NULL : PyLong_FromSsize_t(hint);
}

static PyObject *op_call(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (!_PyArg_CheckPositional("call", nargs, 1, PY_SSIZE_T_MAX)) return NULL;
    return PyObject_Vectorcall(args[0], args + 1, (size_t)(nargs - 1) | PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames);
}

/* ---- _compare_digest ---- */

/* Takes a time that depends on the length of b only. */
static bool equal_in_constant_time(const unsigned char *a, const unsigned char *b, Py_ssize_t n, Py_ssize_t m)
{
    volatile const unsigned char *left = n == m ? a : b;
    volatile const unsigned char *right = b;
    volatile unsigned char difference = n != m;
    for (Py_ssize_t i = 0; i < m; i++) difference |= left[i] ^ right[i];
    return difference == 0;
}

static bool get_flat_buffer(PyObject *op, Py_buffer *view)
{
    if (PyObject_GetBuffer(op, view, PyBUF_SIMPLE) < 0) return false;
    if (view->ndim <= 1) return true;
    PyErr_SetString(PyExc_BufferError, "Buffer must be single dimension");
    PyBuffer_Release(view);
    return false;
}

static PyObject *op__compare_digest(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_compare_digest", nargs, 2, 2)) return NULL;
    PyObject *a = args[0], *b = args[1];
    if (PyUnicode_Check(a) && PyUnicode_Check(b)) {
        if (!PyUnicode_IS_ASCII(a) || !PyUnicode_IS_ASCII(b)) {
            PyErr_SetString(PyExc_TypeError, "comparing strings with non-ASCII characters is not supported");
            return NULL;
        }
        return bool_from(equal_in_constant_time(PyUnicode_DATA(a), PyUnicode_DATA(b), PyUnicode_GET_LENGTH(a),
                                               PyUnicode_GET_LENGTH(b)));
    }
    if (!PyObject_CheckBuffer(a) && !PyObject_CheckBuffer(b)) {
        PyErr_Format(PyExc_TypeError, "unsupported operand types(s) or combination of types: '%.100s' and '%.100s'",
                     Py_TYPE(a)->tp_name, Py_TYPE(b)->tp_name);
        return NULL;
    }
    Py_buffer x, y;
    if (!get_flat_buffer(a, &x)) return NULL;
    if (!get_flat_buffer(b, &y)) {
        PyBuffer_Release(&x);
        return NULL;
    }
    bool equal = equal_in_constant_time(x.buf, y.buf, x.len, y.len);
    PyBuffer_Release(&x);
    PyBuffer_Release(&y);
    return bool_from(equal);
}

/* ---- The module ---- */

#define METHOD1(name, text) {#name, op_##name, METH_O, #name "($module, a, /)\n--\n\n" text}
#define METHOD2(name, text) {#name, FASTCALL(op_##name), METH_FASTCALL, #name "($module, a, b, /)\n--\n\n" text}
#define FASTCALL(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef module_methods[] = {
    METHOD1(truth, "True if a is true, else False."),
    METHOD2(contains, "b in a (in this order)."),
    METHOD2(indexOf, "The first index of b in a."),
    METHOD2(countOf, "How many items of a are, or are equal to, b."),
    METHOD2(is_, "a is b."),
    METHOD2(is_not, "a is not b."),
    METHOD2(add, "a + b."),
    METHOD2(sub, "a - b."),
    METHOD2(mul, "a * b."),
    METHOD2(matmul, "a @ b."),
    METHOD2(floordiv, "a // b."),
    METHOD2(truediv, "a / b."),
    METHOD2(mod, "a % b."),
    METHOD1(neg, "-a."),
    METHOD1(pos, "+a."),
    METHOD1(abs, "abs(a)."),
    METHOD1(inv, "~a."),
    {"invert", op_inv, METH_O, "invert($module, a, /)\n--\n\n~a."},
    METHOD2(lshift, "a << b."),
    METHOD2(rshift, "a >> b."),
    METHOD1(not_, "not a."),
    METHOD2(and_, "a & b."),
    METHOD2(xor, "a ^ b."),
    METHOD2(or_, "a | b."),
    METHOD2(iadd, "a += b."),
    METHOD2(isub, "a -= b."),
    METHOD2(imul, "a *= b."),
    METHOD2(imatmul, "a @= b."),
    METHOD2(ifloordiv, "a //= b."),
    METHOD2(itruediv, "a /= b."),
    METHOD2(imod, "a %= b."),
    METHOD2(ilshift, "a <<= b."),
    METHOD2(irshift, "a >>= b."),
    METHOD2(iand, "a &= b."),
    METHOD2(ixor, "a ^= b."),
    METHOD2(ior, "a |= b."),
    METHOD2(concat, "a + b, for sequences."),
    METHOD2(iconcat, "a += b, for sequences."),
    METHOD2(getitem, "a[b]."),
    {"setitem", FASTCALL(op_setitem), METH_FASTCALL, "setitem($module, a, b, c, /)\n--\n\na[b] = c."},
    METHOD2(delitem, "del a[b]."),
    METHOD2(pow, "a ** b."),
    METHOD2(ipow, "a **= b."),
    METHOD2(eq, "a == b."),
    METHOD2(ne, "a != b."),
    METHOD2(lt, "a < b."),
    METHOD2(le, "a <= b."),
    METHOD2(gt, "a > b."),
    METHOD2(ge, "a >= b."),
    METHOD1(index, "a.__index__()"),
    {"length_hint", FASTCALL(op_length_hint), METH_FASTCALL,
     "length_hint($module, obj, default=0, /)\n--\n\n"
     "A guess of the number of items of obj: its length, or its __length_hint__(), or the default."},
    {"call", FASTCALL(op_call), METH_FASTCALL | METH_KEYWORDS,
     "call($module, obj, /, *args, **kwargs)\n--\n\nobj(*args, **kwargs)."},
    METHOD2(_compare_digest,
            "a == b, in a time that does not tell how much of the two is equal.\n\n"
            "Both are ASCII str, or both are bytes-like. The time may tell the length and the type of b."),
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    PyTypeObject *const types[] = {&itemgetter_type, &attrgetter_type, &methodcaller_type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static struct PyModuleDef module_def = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_operator",
    .m_doc = "Operators as functions.\n\n"
             "operator.add(x, y) is x+y, and so on. The functions are named after the special methods,\n"
             "without the underscores.",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC PyInit__operator(void)
{
    return PyModuleDef_Init(&module_def);
}
