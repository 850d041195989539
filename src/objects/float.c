/* float: the object, arithmetic, comparison, construction. Methods are in float_methods.c. */
#include "objects/float.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "objects/immortal.h"
#include "objects/int/int.h"
#include "objects/names.h"

struct FloatRuntime float_runtime;

_Static_assert(sizeof(PyFloatObject) <= NUMBER_CELL_SIZE, "a float fits a cell");

PyObject *PyFloat_FromDouble(double value)
{
    return float_from_double(value);
}

/* ---- Conversion ---- */

/* What __float__ gave must be a float; a subclass is deprecated. Steals `result`, returns its
 * value. */
static double checked_float_result_steal(PyObject *v, PyObject *result)
{
    double value = -1.0;
    if (PyFloat_CheckExact(result)) value = PyFloat_AS_DOUBLE(result);
    else if (!PyFloat_Check(result)) {
        PyErr_Format(PyExc_TypeError, "%.50s.__float__ returned non-float (type %.50s)",
                     Py_TYPE(v)->tp_name, Py_TYPE(result)->tp_name);
    }
    else if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                              "%.50s.__float__ returned non-float (type %.50s).  The ability to "
                              "return an instance of "
                              "a strict subclass of float is deprecated, and may be removed in a "
                              "future version of "
                              "Python.",
                              Py_TYPE(v)->tp_name, Py_TYPE(result)->tp_name) == 0) {
        value = PyFloat_AS_DOUBLE(result);
    }
    Py_DECREF(result);
    return value;
}

/* The value of a float, or of what has __float__ or __index__. -1.0 with an exception. */
double PyFloat_AsDouble(PyObject *v)
{
    if (!v) {
        PyErr_BadArgument();
        return -1.0;
    }
    if (PyFloat_Check(v)) return PyFloat_AS_DOUBLE(v);
    PyNumberMethods *number = Py_TYPE(v)->tp_as_number;
    if (number && number->nb_float) {
        PyObject *result = number->nb_float(v);
        return result ? checked_float_result_steal(v, result) : -1.0;
    }
    if (number && number->nb_index) {
        PyObject *index = _PyNumber_Index(v);
        if (!index) return -1.0;
        double value = PyLong_AsDouble(index);
        Py_DECREF(index);
        return value;
    }
    PyErr_Format(PyExc_TypeError, "must be real number, not %.50s", Py_TYPE(v)->tp_name);
    return -1.0;
}

static PyObject *parse(const char *text, Py_ssize_t length, void *shown)
{
    const char *last = text + length;
    char *end;
    while (Py_ISSPACE(*text)) text++;
    while (last > text && Py_ISSPACE(last[-1])) last--;
    double x = PyOS_string_to_double(text, &end, NULL);
    if (end == last && !(x == -1.0 && PyErr_Occurred())) return float_from_double(x);
    PyErr_Format(PyExc_ValueError, "could not convert string to float: %R", (PyObject *)shown);
    return NULL;
}

/* float of a str, bytes or other buffer. Manual: C API, Floating Point Objects. */
PyObject *PyFloat_FromString(PyObject *v)
{
    PyObject *owned = NULL;
    const char *text;
    Py_ssize_t length;
    Py_buffer view = {.obj = NULL};
    if (PyUnicode_Check(v)) {
        owned = _PyUnicode_TransformDecimalAndSpaceToASCII(v);
        if (!owned) return NULL;
        text = (const char *)PyUnicode_1BYTE_DATA(owned);
        length = PyUnicode_GET_LENGTH(owned);
    }
    else if (PyBytes_Check(v)) {
        text = PyBytes_AS_STRING(v);
        length = PyBytes_GET_SIZE(v);
    }
    else if (PyByteArray_Check(v)) {
        text = PyByteArray_AS_STRING(v);
        length = PyByteArray_GET_SIZE(v);
    }
    else if (PyObject_GetBuffer(v, &view, PyBUF_SIMPLE) == 0) {
        owned = PyBytes_FromStringAndSize(view.buf, view.len);      /* with a closing NUL */
        if (!owned) {
            PyBuffer_Release(&view);
            return NULL;
        }
        text = PyBytes_AS_STRING(owned);
        length = PyBytes_GET_SIZE(owned);
    }
    else {
        PyErr_Format(PyExc_TypeError,
                     "float() argument must be a string or a real number, not '%.200s'",
                     Py_TYPE(v)->tp_name);
        return NULL;
    }
    PyObject *r = _Py_string_to_number_with_underscores(text, length, "float", v, v, parse);
    PyBuffer_Release(&view);
    Py_XDECREF(owned);
    return r;
}

/* ---- Arithmetic ---- */

/* An operand's value: 1, 0 when it is neither float nor int, -1 with an exception. */
static inline int operand(PyObject *o, double *value)
{
    if (PyFloat_Check(o)) {
        *value = PyFloat_AS_DOUBLE(o);
        return 1;
    }
    if (!PyLong_Check(o)) return 0;
    *value = PyLong_AsDouble(o);
    return *value == -1.0 && PyErr_Occurred() ? -1 : 1;
}

#define OPERANDS(a, b, x, y)                          \
    double x, y;                                      \
    do {                                              \
        int known = operand(a, &x);                   \
        if (known > 0) known = operand(b, &y);        \
        if (known < 0) return NULL;                   \
        if (known == 0) Py_RETURN_NOTIMPLEMENTED;     \
    } while (0)

static PyObject *division_by_zero(const char *text)
{
    PyErr_SetString(PyExc_ZeroDivisionError, text);
    return NULL;
}

static PyObject *slot_add(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return float_from_double(x + y);
}

static PyObject *slot_subtract(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return float_from_double(x - y);
}

static PyObject *slot_multiply(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return float_from_double(x * y);
}

static PyObject *slot_true_divide(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return y == 0.0 ? division_by_zero("float division by zero") : float_from_double(x / y);
}

void float_divmod(double x, double y, double *quotient, double *remainder)
{
    double r = fmod(x, y);
    double q = (x - r) / y;
    if (r != 0.0) {
        if ((y < 0) != (r < 0)) {
            r += y;
            q -= 1.0;
        }
    }
    else r = copysign(0.0, y);
    if (remainder) *remainder = r;
    if (!quotient) return;
    if (q != 0.0) {
        double whole = floor(q);
        if (q - whole > 0.5) whole += 1.0;
        *quotient = whole;
    }
    else *quotient = copysign(0.0, x / y);
}

static PyObject *slot_remainder(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    if (y == 0.0) return division_by_zero("float modulo");
    double r;
    float_divmod(x, y, NULL, &r);
    return float_from_double(r);
}

static PyObject *slot_floor_divide(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    if (y == 0.0) return division_by_zero("float floor division by zero");
    double q;
    float_divmod(x, y, &q, NULL);
    return float_from_double(q);
}

static PyObject *slot_divmod(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    if (y == 0.0) return division_by_zero("float divmod()");
    double q, r;
    float_divmod(x, y, &q, &r);
    return Py_BuildValue("(dd)", q, r);
}

int float_power(double x, double y, double *result)
{
    if (x == 0.0 && y < 0.0 && !isinf(y)) {
        division_by_zero("0.0 cannot be raised to a negative power");
        return -1;
    }
    if (x < 0.0 && isfinite(x) && isfinite(y) && y != floor(y)) return 0;
    *result = pow(x, y);
    if (isinf(*result) && isfinite(x) && isfinite(y)) {
        errno = ERANGE;
        PyErr_SetFromErrno(PyExc_OverflowError);
        return -1;
    }
    return 1;
}

static PyObject *slot_power(PyObject *a, PyObject *b, PyObject *modulus)
{
    if (modulus != Py_None) {
        PyErr_SetString(PyExc_TypeError,
                        "pow() 3rd argument not allowed unless all arguments are integers");
        return NULL;
    }
    OPERANDS(a, b, x, y);
    double r;
    int status = float_power(x, y, &r);
    if (status < 0) return NULL;
    return status ? float_from_double(r) : PyComplex_Type.tp_as_number->nb_power(a, b, modulus);
}

static PyObject *slot_negative(PyObject *a)
{
    return float_from_double(-PyFloat_AS_DOUBLE(a));
}

static PyObject *slot_absolute(PyObject *a)
{
    return float_from_double(fabs(PyFloat_AS_DOUBLE(a)));
}

static PyObject *slot_float(PyObject *a)
{
    return PyFloat_CheckExact(a) ? Py_NewRef(a) : float_from_double(PyFloat_AS_DOUBLE(a));
}

static PyObject *slot_int(PyObject *a)
{
    return PyLong_FromDouble(PyFloat_AS_DOUBLE(a));
}

static int slot_bool(PyObject *a)
{
    return PyFloat_AS_DOUBLE(a) != 0.0;
}

/* ---- Comparison and hash ---- */

static bool decide(int order, int op)
{
    switch (op) {
    case Py_LT: return order < 0;
    case Py_LE: return order <= 0;
    case Py_EQ: return order == 0;
    case Py_NE: return order != 0;
    case Py_GT: return order > 0;
    default: return order >= 0;
    }
}

bool float_compare_int(double x, PyObject *i, int op)
{
    const int64_t exact = (int64_t)1 << DBL_MANT_DIG;
    int64_t value;
    if (isnan(x)) return op == Py_NE;
    if (int_fits_two_digits(i, &value) && value <= exact && value >= -exact) {
        double y = (double)value;
        return decide((x > y) - (x < y), op);
    }
    /* |i| > 2**53: sign, then length, then exactly (a float as long as i has no fraction). */
    int sign = Py_SIZE(i) < 0 ? -1 : 1;
    if (isinf(x) || x * sign <= 0)
        return decide(x > 0 ? (isinf(x) ? 1 : -sign) : (isinf(x) ? -1 : -sign), op);
    int exponent;
    double m = frexp(fabs(x), &exponent);
    size_t bits = int_bit_length(i);
    if ((size_t)(exponent < 0 ? 0 : exponent) != bits) {
        return decide(exponent < 0 || (size_t)exponent < bits ? -sign : sign, op);
    }
    /* The top 53 bits of i against those of x, then whether i has anything below them. */
    const digit *d = int_digits(i);
    Py_ssize_t n = int_length(i);
    uint64_t rest = (uint64_t)ldexp(m, 53);
    int have = 53, order = 0, digit_bits = 32 - __builtin_clz(d[n - 1]);
    for (Py_ssize_t k = n; k-- > 0 && order == 0; digit_bits = PyLong_SHIFT) {
        have -= digit_bits;
        uint64_t part = have >= 0 ? rest >> have : have > -PyLong_SHIFT ? rest << -have : 0;
        if (part != d[k]) order = part < d[k] ? -1 : 1;
        if (have > 0) rest &= ((uint64_t)1 << have) - 1;
        else rest = 0;
    }
    return decide(order * sign, op);
}

static PyObject *slot_compare(PyObject *a, PyObject *b, int op)
{
    double x = PyFloat_AS_DOUBLE(a);
    if (PyFloat_Check(b)) {
        double y = PyFloat_AS_DOUBLE(b);
        Py_RETURN_RICHCOMPARE(x, y, op);
    }
    if (!PyLong_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    return PyBool_FromLong(float_compare_int(x, b, op));
}

static Py_hash_t slot_hash(PyObject *a)
{
    return _Py_HashDouble(a, PyFloat_AS_DOUBLE(a));
}

PyObject *float_repr(PyObject *self)
{
    char local[40];
    Py_ssize_t length;
    char *text = float_to_text(PyFloat_AS_DOUBLE(self), 'r', 0, Py_DTSF_ADD_DOT_0, NULL, local,
                               sizeof local, &length);
    PyObject *r = PyUnicode_New(length, 127);
    if (r) memcpy(PyUnicode_1BYTE_DATA(r), text, (size_t)length);
    return r;
}

static void slot_dealloc(PyObject *a)
{
    if (PyFloat_CheckExact(a)) number_cell_free(a);
    else Py_TYPE(a)->tp_free(a);
}

void _PyFloat_DebugMallocStats(FILE *out)
{
    _PyDebugAllocatorStats(out, "free number cell", number_cell_runtime.count, NUMBER_CELL_SIZE);
}

/* ---- float() ---- */

static PyObject *make(PyTypeObject *type, PyObject *x)
{
    PyObject *value;
    if (!x) value = float_from_double(0.0);
    else if (PyUnicode_CheckExact(x)) value = PyFloat_FromString(x);
    else value = PyNumber_Float(x);
    if (type == &PyFloat_Type || !value) return value;
    PyFloatObject *o = (PyFloatObject *)type->tp_alloc(type, 0);
    if (o) o->ob_fval = PyFloat_AS_DOUBLE(value);
    Py_DECREF(value);
    return (PyObject *)o;
}

static PyObject *slot_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if ((type == &PyFloat_Type || type->tp_init == PyFloat_Type.tp_init) &&
        !_PyArg_NoKeywords("float", kwargs)) {
        return NULL;
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (!_PyArg_CheckPositional("float", n, 0, 1)) return NULL;
    return make(type, n ? PyTuple_GET_ITEM(args, 0) : NULL);
}

static PyObject *slot_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                                 PyObject *kwnames)
{
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("float", kwnames) || !_PyArg_CheckPositional("float", n, 0, 1))
        return NULL;
    return make((PyTypeObject *)type, n ? args[0] : NULL);
}

static PyObject *get_real(PyObject *self, void *Py_UNUSED(closure))
{
    return slot_float(self);
}

static PyObject *get_imag(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return float_from_double(0.0);
}

static PyGetSetDef getters[] = {
    {"real", get_real, NULL, "the real part of a complex number", NULL},
    {"imag", get_imag, NULL, "the imaginary part of a complex number", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyNumberMethods number_slots = {
    .nb_add = slot_add,
    .nb_subtract = slot_subtract,
    .nb_multiply = slot_multiply,
    .nb_remainder = slot_remainder,
    .nb_divmod = slot_divmod,
    .nb_power = slot_power,
    .nb_negative = slot_negative,
    .nb_positive = slot_float,
    .nb_absolute = slot_absolute,
    .nb_bool = slot_bool,
    .nb_int = slot_int,
    .nb_float = slot_float,
    .nb_floor_divide = slot_floor_divide,
    .nb_true_divide = slot_true_divide,
};

PyTypeObject PyFloat_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "float",
    .tp_basicsize = sizeof(PyFloatObject),
    .tp_dealloc = slot_dealloc,
    .tp_repr = float_repr,
    .tp_as_number = &number_slots,
    .tp_hash = slot_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "float(x=0, /)\n--\n\nA floating point number made from a number or from text, if "
              "that is possible.",
    .tp_richcompare = slot_compare,
    .tp_methods = float_methods,
    .tp_getset = getters,
    .tp_new = slot_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = slot_vectorcall,
};

/* ---- sys.float_info ---- */

static PyStructSequence_Field info_fields[] = {
    {"max", "DBL_MAX -- maximum representable finite float"},
    {"max_exp", "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable"},
    {"max_10_exp", "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable"},
    {"min", "DBL_MIN -- Minimum positive normalized float"},
    {"min_exp", "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float"},
    {"min_10_exp", "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float"},
    {"dig",
     "DBL_DIG -- maximum number of decimal digits that can be faithfully represented in a float"},
    {"mant_dig", "DBL_MANT_DIG -- mantissa digits"},
    {"epsilon", "DBL_EPSILON -- Difference between 1 and the next representable float"},
    {"radix", "FLT_RADIX -- radix of exponent"},
    {"rounds", "FLT_ROUNDS -- rounding mode used for arithmetic operations"},
    {NULL, NULL},
};

static PyStructSequence_Desc info_desc = {
    .name = "sys.float_info",
    .doc = "sys.float_info\n\nThe limits and the precision of floats, as a named tuple. The fields "
           "are those of C's float.h.",
    .fields = info_fields,
    .n_in_sequence = 11,
};

PyObject *PyFloat_GetInfo(void)
{
    PyTypeObject *type = &float_runtime.info_type;
    if (!type->tp_name && PyStructSequence_InitType2(type, &info_desc) < 0) return NULL;
    PyObject *info = PyStructSequence_New(type);
    if (!info) return NULL;
    PyObject *values[] = {
        float_from_double(DBL_MAX), PyLong_FromLong(DBL_MAX_EXP), PyLong_FromLong(DBL_MAX_10_EXP),
        float_from_double(DBL_MIN), PyLong_FromLong(DBL_MIN_EXP), PyLong_FromLong(DBL_MIN_10_EXP),
        PyLong_FromLong(DBL_DIG), PyLong_FromLong(DBL_MANT_DIG), float_from_double(DBL_EPSILON),
        PyLong_FromLong(FLT_RADIX), PyLong_FromLong(FLT_ROUNDS),
    };
    for (int i = 0; i < 11; i++) PyStructSequence_SET_ITEM(info, i, values[i]);
    if (PyErr_Occurred()) Py_CLEAR(info);
    return info;
}

double PyFloat_GetMax(void)
{
    return DBL_MAX;
}

double PyFloat_GetMin(void)
{
    return DBL_MIN;
}

int float_init_types(void)
{
    return PyType_Ready(&PyFloat_Type);
}
