/* The number protocol: PyNumber_*. */
#include "objects/abstract.h"

#include <stddef.h>

#include "objects/int/int.h"
#include "objects/names.h"

#define SLOT(offset) ((int)offsetof(PyNumberMethods, offset))

static inline void *number_slot(PyTypeObject *type, int offset)
{
    PyNumberMethods *methods = type->tp_as_number;
    return methods ? *(void **)((char *)methods + offset) : NULL;
}

/* ---- binary operators ---- */

/* v op w by the two types' slots; the right one goes first when its type is a proper subtype that differs in the slot. A new reference,
 * which may be Py_NotImplemented. */
static PyObject *binary_try(PyObject *v, PyObject *w, int offset)
{
    PyTypeObject *v_type = Py_TYPE(v), *w_type = Py_TYPE(w);
    binaryfunc v_slot = number_slot(v_type, offset), w_slot = NULL;
    if (w_type != v_type) {
        w_slot = number_slot(w_type, offset);
        if (w_slot == v_slot) w_slot = NULL;
    }
    if (v_slot) {
        if (w_slot && PyType_IsSubtype(w_type, v_type)) {
            PyObject *result = w_slot(v, w);
            if (result != Py_NotImplemented) return result;
            Py_DECREF(result);
            w_slot = NULL;
        }
        PyObject *result = v_slot(v, w);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    if (w_slot) return w_slot(v, w);
    Py_RETURN_NOTIMPLEMENTED;
}

static COLD PyObject *binary_error(PyObject *v, PyObject *w, const char *name)
{
    const char *hint = "";
    if (strcmp(name, ">>") == 0 && PyCFunction_CheckExact(v)
        && strcmp(((PyCFunctionObject *)v)->m_ml->ml_name, "print") == 0) {
        hint = ". Did you mean \"print(<message>, file=<output_stream>)\"?";
    }
    PyErr_Format(PyExc_TypeError, "unsupported operand type(s) for %.100s: '%.100s' and '%.100s'%s", name,
                 Py_TYPE(v)->tp_name, Py_TYPE(w)->tp_name, hint);
    return NULL;
}

static PyObject *binary(PyObject *v, PyObject *w, int offset, const char *name)
{
    PyObject *result = binary_try(v, w, offset);
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
    return binary_error(v, w, name);
}

/* The in-place slot of v, or else the plain operator; may return Py_NotImplemented. */
static PyObject *inplace_try(PyObject *v, PyObject *w, int inplace_offset, int offset)
{
    binaryfunc slot = number_slot(Py_TYPE(v), inplace_offset);
    if (slot) {
        PyObject *result = slot(v, w);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    return binary_try(v, w, offset);
}

static PyObject *inplace(PyObject *v, PyObject *w, int inplace_offset, int offset, const char *name)
{
    PyObject *result = inplace_try(v, w, inplace_offset, offset);
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
    return binary_error(v, w, name);
}

#define BINARY(function, slot, name) \
    PyObject *function(PyObject *v, PyObject *w) \
    { \
        return binary(v, w, SLOT(slot), name); \
    }
#define INPLACE(function, inplace_slot, slot, name) \
    PyObject *function(PyObject *v, PyObject *w) \
    { \
        return inplace(v, w, SLOT(inplace_slot), SLOT(slot), name); \
    }

BINARY(PyNumber_Subtract, nb_subtract, "-")
BINARY(PyNumber_Remainder, nb_remainder, "%")
BINARY(PyNumber_Divmod, nb_divmod, "divmod()")
BINARY(PyNumber_Lshift, nb_lshift, "<<")
BINARY(PyNumber_Rshift, nb_rshift, ">>")
BINARY(PyNumber_And, nb_and, "&")
BINARY(PyNumber_Xor, nb_xor, "^")
BINARY(PyNumber_Or, nb_or, "|")
BINARY(PyNumber_FloorDivide, nb_floor_divide, "//")
BINARY(PyNumber_TrueDivide, nb_true_divide, "/")
BINARY(PyNumber_MatrixMultiply, nb_matrix_multiply, "@")

INPLACE(PyNumber_InPlaceSubtract, nb_inplace_subtract, nb_subtract, "-=")
INPLACE(PyNumber_InPlaceRemainder, nb_inplace_remainder, nb_remainder, "%=")
INPLACE(PyNumber_InPlaceLshift, nb_inplace_lshift, nb_lshift, "<<=")
INPLACE(PyNumber_InPlaceRshift, nb_inplace_rshift, nb_rshift, ">>=")
INPLACE(PyNumber_InPlaceAnd, nb_inplace_and, nb_and, "&=")
INPLACE(PyNumber_InPlaceXor, nb_inplace_xor, nb_xor, "^=")
INPLACE(PyNumber_InPlaceOr, nb_inplace_or, nb_or, "|=")
INPLACE(PyNumber_InPlaceFloorDivide, nb_inplace_floor_divide, nb_floor_divide, "//=")
INPLACE(PyNumber_InPlaceTrueDivide, nb_inplace_true_divide, nb_true_divide, "/=")
INPLACE(PyNumber_InPlaceMatrixMultiply, nb_inplace_matrix_multiply, nb_matrix_multiply, "@=")

/* ---- + and *, which sequences have too ---- */

PyObject *number_try_add(PyObject *v, PyObject *w)
{
    return binary_try(v, w, SLOT(nb_add));
}

PyObject *number_try_inplace_add(PyObject *v, PyObject *w)
{
    return inplace_try(v, w, SLOT(nb_inplace_add), SLOT(nb_add));
}

PyObject *number_try_multiply(PyObject *v, PyObject *w)
{
    return binary_try(v, w, SLOT(nb_multiply));
}

PyObject *number_try_inplace_multiply(PyObject *v, PyObject *w)
{
    return inplace_try(v, w, SLOT(nb_inplace_multiply), SLOT(nb_multiply));
}

static PyObject *repeat(ssizeargfunc slot, PyObject *sequence, PyObject *n)
{
    if (!PyIndex_Check(n)) return abstract_type_error("can't multiply sequence by non-int of type '%.200s'", n);
    Py_ssize_t count = PyNumber_AsSsize_t(n, PyExc_OverflowError);
    if (count == -1 && PyErr_Occurred()) return NULL;
    return slot(sequence, count);
}

/* The results of the operators given that of the number slots, which is consumed. */
static PyObject *finish_add(PyObject *result, PyObject *v, PyObject *w)
{
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
    PySequenceMethods *sequence = Py_TYPE(v)->tp_as_sequence;
    if (sequence && sequence->sq_concat) return sequence->sq_concat(v, w);
    return binary_error(v, w, "+");
}

static PyObject *finish_inplace_add(PyObject *result, PyObject *v, PyObject *w)
{
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
    PySequenceMethods *sequence = Py_TYPE(v)->tp_as_sequence;
    if (sequence && sequence->sq_inplace_concat) return sequence->sq_inplace_concat(v, w);
    if (sequence && sequence->sq_concat) return sequence->sq_concat(v, w);
    return binary_error(v, w, "+=");
}

static PyObject *finish_multiply(PyObject *result, PyObject *v, PyObject *w)
{
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
    PySequenceMethods *left = Py_TYPE(v)->tp_as_sequence, *right = Py_TYPE(w)->tp_as_sequence;
    if (left && left->sq_repeat) return repeat(left->sq_repeat, v, w);
    if (right && right->sq_repeat) return repeat(right->sq_repeat, w, v);
    return binary_error(v, w, "*");
}

static PyObject *finish_inplace_multiply(PyObject *result, PyObject *v, PyObject *w)
{
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
    PySequenceMethods *left = Py_TYPE(v)->tp_as_sequence, *right = Py_TYPE(w)->tp_as_sequence;
    if (left) {
        ssizeargfunc slot = left->sq_inplace_repeat ? left->sq_inplace_repeat : left->sq_repeat;
        if (slot) return repeat(slot, v, w);
    } else if (right && right->sq_repeat) {
        /* The right operand is no target: its plain repetition serves. */
        return repeat(right->sq_repeat, w, v);
    }
    return binary_error(v, w, "*=");
}

PyObject *PyNumber_Add(PyObject *v, PyObject *w)
{
    return finish_add(binary_try(v, w, SLOT(nb_add)), v, w);
}

PyObject *PyNumber_InPlaceAdd(PyObject *v, PyObject *w)
{
    return finish_inplace_add(number_try_inplace_add(v, w), v, w);
}

PyObject *PyNumber_Multiply(PyObject *v, PyObject *w)
{
    return finish_multiply(binary_try(v, w, SLOT(nb_multiply)), v, w);
}

PyObject *PyNumber_InPlaceMultiply(PyObject *v, PyObject *w)
{
    return finish_inplace_multiply(number_try_inplace_multiply(v, w), v, w);
}

/* ---- the parts of an operator ---- */

#define SLOTS(prefix) \
    SLOT(prefix##add), SLOT(prefix##and), SLOT(prefix##floor_divide), SLOT(prefix##lshift), SLOT(prefix##matrix_multiply), \
    SLOT(prefix##multiply), SLOT(prefix##remainder), SLOT(prefix##or), SLOT(prefix##power), SLOT(prefix##rshift), \
    SLOT(prefix##subtract), SLOT(prefix##true_divide), SLOT(prefix##xor)

const uint16_t number_slot_offsets[2 * NUMBER_OPERATORS] = {SLOTS(nb_), SLOTS(nb_inplace_)};

typedef struct {
    const char *name, *inplace_name;
    PyObject *(*finish)(PyObject *result, PyObject *v, PyObject *w), *(*finish_inplace)(PyObject *result, PyObject *v, PyObject *w);
} Operator;

/* In the same order. */
static const Operator operators[NUMBER_OPERATORS] = {
    {"+", "+=", finish_add, finish_inplace_add},
    {"&", "&=", NULL, NULL},
    {"//", "//=", NULL, NULL},
    {"<<", "<<=", NULL, NULL},
    {"@", "@=", NULL, NULL},
    {"*", "*=", finish_multiply, finish_inplace_multiply},
    {"%", "%=", NULL, NULL},
    {"|", "|=", NULL, NULL},
    {"** or pow()", "**=", NULL, NULL},
    {">>", ">>=", NULL, NULL},
    {"-", "-=", NULL, NULL},
    {"/", "/=", NULL, NULL},
    {"^", "^=", NULL, NULL},
};

PyObject *number_binary_rest(int op, bool inplace, PyObject *v, PyObject *w)
{
    const Operator *o = &operators[op % NUMBER_OPERATORS];
    int slot = number_slot_offsets[op % NUMBER_OPERATORS];
    PyObject *result;
    if (inplace) result = binary_try(v, w, slot);
    else {
        binaryfunc w_slot = Py_TYPE(v) != Py_TYPE(w) ? number_slot(Py_TYPE(w), slot) : NULL;
        bool other = w_slot && w_slot != (binaryfunc)number_slot(Py_TYPE(v), slot);
        result = other ? w_slot(v, w) : Py_NewRef(Py_NotImplemented);
    }
    bool plain = op < NUMBER_OPERATORS;
    PyObject *(*finish)(PyObject *, PyObject *, PyObject *) = plain ? o->finish : o->finish_inplace;
    if (finish) return finish(result, v, w);
    if (result != Py_NotImplemented) return result;
    Py_DECREF(result);
    return binary_error(v, w, plain ? o->name : o->inplace_name);
}

/* ---- power ---- */

/* pow(v, w, z) by the slots of all three. */
static PyObject *ternary(PyObject *v, PyObject *w, PyObject *z, const char *name)
{
    int offset = SLOT(nb_power);
    ternaryfunc v_slot = number_slot(Py_TYPE(v), offset), w_slot = NULL;
    if (Py_TYPE(w) != Py_TYPE(v)) {
        w_slot = number_slot(Py_TYPE(w), offset);
        if (w_slot == v_slot) w_slot = NULL;
    }
    ternaryfunc slots[3];
    int n = 0;
    if (v_slot && w_slot && PyType_IsSubtype(Py_TYPE(w), Py_TYPE(v))) {
        slots[n++] = w_slot;
        slots[n++] = v_slot;
    } else {
        if (v_slot) slots[n++] = v_slot;
        if (w_slot) slots[n++] = w_slot;
    }
    ternaryfunc z_slot = number_slot(Py_TYPE(z), offset);
    if (z_slot && z_slot != v_slot && z_slot != w_slot) slots[n++] = z_slot;
    for (int i = 0; i < n; i++) {
        PyObject *result = slots[i](v, w, z);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    if (z == Py_None) return binary_error(v, w, name);
    PyErr_Format(PyExc_TypeError, "unsupported operand type(s) for %.100s: '%.100s', '%.100s', '%.100s'", name,
                 Py_TYPE(v)->tp_name, Py_TYPE(w)->tp_name, Py_TYPE(z)->tp_name);
    return NULL;
}

PyObject *PyNumber_Power(PyObject *v, PyObject *w, PyObject *z)
{
    return ternary(v, w, z, "** or pow()");
}

PyObject *PyNumber_InPlacePower(PyObject *v, PyObject *w, PyObject *z)
{
    ternaryfunc slot = number_slot(Py_TYPE(v), SLOT(nb_inplace_power));
    if (slot) {
        PyObject *result = slot(v, w, z);
        if (result != Py_NotImplemented) return result;
        Py_DECREF(result);
    }
    return ternary(v, w, z, "**=");
}

/* ---- unary operators ---- */

static inline PyObject *unary(PyObject *op, int offset, const char *format)
{
    if (!op) return abstract_null_error();
    unaryfunc slot = number_slot(Py_TYPE(op), offset);
    return slot ? slot(op) : abstract_type_error(format, op);
}

PyObject *PyNumber_Negative(PyObject *op)
{
    return unary(op, SLOT(nb_negative), "bad operand type for unary -: '%.200s'");
}

PyObject *PyNumber_Positive(PyObject *op)
{
    return unary(op, SLOT(nb_positive), "bad operand type for unary +: '%.200s'");
}

PyObject *PyNumber_Invert(PyObject *op)
{
    return unary(op, SLOT(nb_invert), "bad operand type for unary ~: '%.200s'");
}

PyObject *PyNumber_Absolute(PyObject *op)
{
    return unary(op, SLOT(nb_absolute), "bad operand type for abs(): '%.200s'");
}

/* ---- conversions ---- */

int PyNumber_Check(PyObject *op)
{
    if (!op) return 0;
    PyNumberMethods *nb = Py_TYPE(op)->tp_as_number;
    return nb && (nb->nb_index || nb->nb_int || nb->nb_float || PyComplex_Check(op));
}

int PyIndex_Check(PyObject *op)
{
    return number_slot(Py_TYPE(op), SLOT(nb_index)) != NULL;
}

/* What a conversion method returned must be an int, exact or (deprecated) of a subclass. Steals `result`; NULL with an exception. */
static PyObject *check_int_steal(PyObject *result, const char *method)
{
    if (!result || PyLong_CheckExact(result)) return result;
    if (!PyLong_Check(result)) {
        PyErr_Format(PyExc_TypeError, "%s returned non-int (type %.200s)", method, Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return NULL;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "%s returned non-int (type %.200s).  The ability to return an instance of a strict subclass of "
                         "int is deprecated, and may not be supported in a future version of Python.",
                         method, Py_TYPE(result)->tp_name) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    return result;
}

/* An exact int of the same value. Steals. */
static PyObject *exact_int_steal(PyObject *result)
{
    if (result && !PyLong_CheckExact(result)) Py_SETREF(result, _PyLong_Copy((PyLongObject *)result));
    return result;
}

/* An int, possibly of a subclass, that stands for op as an index. New reference. */
PyObject *_PyNumber_Index(PyObject *op)
{
    if (!op) return abstract_null_error();
    if (PyLong_Check(op)) return Py_NewRef(op);
    unaryfunc slot = number_slot(Py_TYPE(op), SLOT(nb_index));
    if (!slot) return abstract_type_error("'%.200s' object cannot be interpreted as an integer", op);
    return check_int_steal(slot(op), "__index__");
}

PyObject *PyNumber_Index(PyObject *op)
{
    return exact_int_steal(_PyNumber_Index(op));
}

/* An index as a Py_ssize_t. What does not fit raises `error`, or is clipped when error is NULL. */
Py_ssize_t PyNumber_AsSsize_t(PyObject *op, PyObject *error)
{
    int64_t number;
    if (op && PyLong_CheckExact(op) && int_fits_two_digits(op, &number)) return number;
    PyObject *value = _PyNumber_Index(op);
    if (!value) return -1;
    Py_ssize_t result = PyLong_AsSsize_t(value);
    if (result == -1 && PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Clear();
        if (error) {
            PyErr_Format(error, "cannot fit '%.200s' into an index-sized integer", Py_TYPE(op)->tp_name);
        } else {
            result = _PyLong_Sign(value) < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
        }
    }
    Py_DECREF(value);
    return result;
}

/* Argument converter: None leaves *result alone. */
int _Py_convert_optional_to_ssize_t(PyObject *op, void *result)
{
    if (op == Py_None) return 1;
    if (!PyIndex_Check(op)) {
        abstract_type_error("argument should be integer or None, not '%.200s'", op);
        return 0;
    }
    Py_ssize_t value = PyNumber_AsSsize_t(op, PyExc_OverflowError);
    if (value == -1 && PyErr_Occurred()) return 0;
    *(Py_ssize_t *)result = value;
    return 1;
}

/* int(op) by way of __trunc__, which is deprecated. NULL without an exception: op has none. */
static PyObject *int_by_trunc(PyObject *op)
{
    PyObject *method = _PyObject_LookupSpecial(op, NAME(__trunc__));
    if (!method) return NULL;
    if (PyErr_WarnEx(PyExc_DeprecationWarning, "The delegation of int() to __trunc__ is deprecated.", 1) < 0) {
        Py_DECREF(method);
        return NULL;
    }
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (!result || PyLong_CheckExact(result)) return result;
    if (PyLong_Check(result)) return exact_int_steal(result);
    if (!PyIndex_Check(result)) {
        PyErr_Format(PyExc_TypeError, "__trunc__ returned non-Integral (type %.200s)", Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return NULL;
    }
    Py_SETREF(result, PyNumber_Index(result));
    return result;
}

static PyObject *int_from_buffer(PyObject *op)
{
    Py_buffer view;
    if (PyObject_GetBuffer(op, &view, PyBUF_SIMPLE) < 0) {
        return abstract_type_error("int() argument must be a string, a bytes-like object or a real number, not '%.200s'", op);
    }
    /* The digits need a NUL behind them. */
    PyObject *bytes = PyBytes_FromStringAndSize(view.buf, view.len);
    PyObject *result = bytes ? _PyLong_FromBytes(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), 10) : NULL;
    Py_XDECREF(bytes);
    PyBuffer_Release(&view);
    return result;
}

PyObject *PyNumber_Long(PyObject *op)
{
    if (!op) return abstract_null_error();
    if (PyLong_CheckExact(op)) return Py_NewRef(op);
    unaryfunc slot = number_slot(Py_TYPE(op), SLOT(nb_int));
    if (slot) return exact_int_steal(check_int_steal(slot(op), "__int__"));
    if (PyIndex_Check(op)) return PyNumber_Index(op);
    PyObject *result = int_by_trunc(op);
    if (result || PyErr_Occurred()) return result;
    if (PyUnicode_Check(op)) return PyLong_FromUnicodeObject(op, 10);
    if (PyBytes_Check(op)) return _PyLong_FromBytes(PyBytes_AS_STRING(op), PyBytes_GET_SIZE(op), 10);
    if (PyByteArray_Check(op)) return _PyLong_FromBytes(PyByteArray_AS_STRING(op), PyByteArray_GET_SIZE(op), 10);
    return int_from_buffer(op);
}

/* A float that __float__ returned, made exact. Steals. */
static PyObject *check_float_steal(PyObject *op, PyObject *result)
{
    if (!result || PyFloat_CheckExact(result)) return result;
    if (!PyFloat_Check(result)) {
        PyErr_Format(PyExc_TypeError, "%.50s.__float__ returned non-float (type %.50s)", Py_TYPE(op)->tp_name,
                     Py_TYPE(result)->tp_name);
        Py_DECREF(result);
        return NULL;
    }
    if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                         "%.50s.__float__ returned non-float (type %.50s).  The ability to return an instance of a strict "
                         "subclass of float is deprecated, and may not be supported in a future version of Python.",
                         Py_TYPE(op)->tp_name, Py_TYPE(result)->tp_name) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    double value = PyFloat_AS_DOUBLE(result);
    Py_DECREF(result);
    return PyFloat_FromDouble(value);
}

PyObject *PyNumber_Float(PyObject *op)
{
    if (!op) return abstract_null_error();
    if (PyFloat_CheckExact(op)) return Py_NewRef(op);
    unaryfunc slot = number_slot(Py_TYPE(op), SLOT(nb_float));
    if (slot) return check_float_steal(op, slot(op));
    if (PyIndex_Check(op)) {
        PyObject *index = _PyNumber_Index(op);
        if (!index) return NULL;
        double value = PyLong_AsDouble(index);
        Py_DECREF(index);
        return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
    }
    if (PyFloat_Check(op)) return PyFloat_FromDouble(PyFloat_AS_DOUBLE(op));
    return PyFloat_FromString(op);
}

PyObject *PyNumber_ToBase(PyObject *op, int base)
{
    if (base != 2 && base != 8 && base != 10 && base != 16) {
        PyErr_SetString(PyExc_SystemError, "PyNumber_ToBase: base must be 2, 8, 10 or 16");
        return NULL;
    }
    PyObject *index = _PyNumber_Index(op);
    if (!index) return NULL;
    PyObject *result = _PyLong_Format(index, base);
    Py_DECREF(index);
    return result;
}
