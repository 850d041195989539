/* complex. The _Py_c_... functions report through errno, as 3.11 documents: EDOM for a division by
 * zero, ERANGE for overflow. */
#include "objects/complex.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>
#include <stddef.h>
#include <structmember.h>

#include "objects/args_unpack.h"
#include "objects/float.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/number_format.h"
#include "objects/special_call.h"

/* ---- Arithmetic ---- */

Py_complex _Py_c_sum(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real + b.real, a.imag + b.imag};
}

Py_complex _Py_c_diff(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real - b.real, a.imag - b.imag};
}

Py_complex _Py_c_neg(Py_complex a)
{
    return (Py_complex){-a.real, -a.imag};
}

Py_complex _Py_c_prod(Py_complex a, Py_complex b)
{
    return (Py_complex){a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real};
}

/* Smith's method: scale by the larger part of the divisor, so that nothing overflows on the way. */
Py_complex _Py_c_quot(Py_complex a, Py_complex b)
{
    double real = fabs(b.real), imag = fabs(b.imag);
    if (real >= imag) {
        if (real == 0.0) {
            errno = EDOM;
            return (Py_complex){0.0, 0.0};
        }
        double ratio = b.imag / b.real, d = b.real + b.imag * ratio;
        return (Py_complex){(a.real + a.imag * ratio) / d, (a.imag - a.real * ratio) / d};
    }
    if (imag >= real) {
        double ratio = b.real / b.imag, d = b.real * ratio + b.imag;
        return (Py_complex){(a.real * ratio + a.imag) / d, (a.imag * ratio - a.real) / d};
    }
    return (Py_complex){NAN, NAN};      /* a part of b is not a number */
}

Py_complex _Py_c_pow(Py_complex a, Py_complex b)
{
    if (b.real == 0.0 && b.imag == 0.0) return (Py_complex){1.0, 0.0};
    if (a.real == 0.0 && a.imag == 0.0) {
        if (b.imag != 0.0 || b.real < 0.0) errno = EDOM;
        return (Py_complex){0.0, 0.0};
    }
    double size = hypot(a.real, a.imag), length = pow(size, b.real), at = atan2(a.imag, a.real),
           phase = at * b.real;
    if (b.imag != 0.0) {
        length /= exp(at * b.imag);
        phase += b.imag * log(size);
    }
    return (Py_complex){length * cos(phase), length * sin(phase)};
}

double _Py_c_abs(Py_complex z)
{
    errno = 0;
    double r = hypot(z.real, z.imag);
    if (isinf(r) && isfinite(z.real) && isfinite(z.imag)) errno = ERANGE;
    return r;
}

/* x ** n by squaring. */
static Py_complex power_integer(Py_complex x, long n)
{
    unsigned long count = n < 0 ? 0 - (unsigned long)n : (unsigned long)n;
    Py_complex r = {1.0, 0.0}, p = x;
    for (unsigned long bit = 1; bit > 0 && count >= bit; bit <<= 1) {
        if (count & bit) r = _Py_c_prod(r, p);
        p = _Py_c_prod(p, p);
    }
    return n < 0 ? _Py_c_quot((Py_complex){1.0, 0.0}, r) : r;
}

/* ---- C API ---- */

static PyObject *make(PyTypeObject *type, Py_complex value)
{
    PyComplexObject *o = (PyComplexObject *)type->tp_alloc(type, 0);
    if (o) o->cval = value;
    return (PyObject *)o;
}

PyObject *PyComplex_FromCComplex(Py_complex value)
{
    PyComplexObject *o = PyObject_New(PyComplexObject, &PyComplex_Type);
    if (o) o->cval = value;
    return (PyObject *)o;
}

PyObject *PyComplex_FromDoubles(double real, double imag)
{
    return PyComplex_FromCComplex((Py_complex){real, imag});
}

/* The exact or deprecated result of v.__complex__(): 1 and *result (new), 0 when there is no such
 * method, -1. */
static int call_complex_method(PyObject *v, PyObject **result)
{
    if (PyComplex_CheckExact(v)) {
        *result = Py_NewRef(v);
        return 1;
    }
    PyObject *z;
    int found = special_call(v, NAME(__complex__), &z);
    if (found <= 0) return found;
    if (!PyComplex_Check(z)) {
        PyErr_Format(PyExc_TypeError, "__complex__ returned non-complex (type %.200s)",
                     Py_TYPE(z)->tp_name);
        Py_DECREF(z);
        return -1;
    }
    if (!PyComplex_CheckExact(z) &&
        PyErr_WarnFormat(
            PyExc_DeprecationWarning, 1,
            "__complex__ returned non-complex (type %.200s).  The ability to return an instance of "
            "a "
            "strict subclass of complex is deprecated, and may be removed in a future version of "
            "Python.",
            Py_TYPE(z)->tp_name) < 0) {
        Py_DECREF(z);
        return -1;
    }
    *result = z;
    return 1;
}

double PyComplex_RealAsDouble(PyObject *v)
{
    return PyComplex_Check(v) ? ((PyComplexObject *)v)->cval.real : PyFloat_AsDouble(v);
}

double PyComplex_ImagAsDouble(PyObject *v)
{
    return PyComplex_Check(v) ? ((PyComplexObject *)v)->cval.imag : 0.0;
}

/* The value of a complex, or of what has __complex__, __float__ or __index__. real is -1.0 with an
 * exception. */
Py_complex PyComplex_AsCComplex(PyObject *v)
{
    if (PyComplex_Check(v)) return ((PyComplexObject *)v)->cval;
    PyObject *z;
    int status = call_complex_method(v, &z);
    if (status < 0) return (Py_complex){-1.0, 0.0};
    if (status == 0) return (Py_complex){PyFloat_AsDouble(v), 0.0};
    Py_complex value = ((PyComplexObject *)z)->cval;
    Py_DECREF(z);
    return value;
}

/* ---- Slots ---- */

/* An operand's value: 1, 0 when it is no number of these types, -1 with an exception. */
static int operand(PyObject *o, Py_complex *value)
{
    value->imag = 0.0;
    if (PyComplex_Check(o)) *value = ((PyComplexObject *)o)->cval;
    else if (PyLong_Check(o)) {
        value->real = PyLong_AsDouble(o);
        if (value->real == -1.0 && PyErr_Occurred()) return -1;
    }
    else if (PyFloat_Check(o)) value->real = PyFloat_AS_DOUBLE(o);
    else return 0;
    return 1;
}

#define OPERANDS(a, b, x, y)                          \
    Py_complex x, y;                                  \
    do {                                              \
        int known = operand(a, &x);                   \
        if (known > 0) known = operand(b, &y);        \
        if (known < 0) return NULL;                   \
        if (known == 0) Py_RETURN_NOTIMPLEMENTED;     \
    } while (0)

static PyObject *slot_add(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return PyComplex_FromCComplex(_Py_c_sum(x, y));
}

static PyObject *slot_subtract(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return PyComplex_FromCComplex(_Py_c_diff(x, y));
}

static PyObject *slot_multiply(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    return PyComplex_FromCComplex(_Py_c_prod(x, y));
}

static PyObject *slot_divide(PyObject *a, PyObject *b)
{
    OPERANDS(a, b, x, y);
    errno = 0;
    Py_complex q = _Py_c_quot(x, y);
    if (errno == EDOM) {
        PyErr_SetString(PyExc_ZeroDivisionError, "complex division by zero");
        return NULL;
    }
    return PyComplex_FromCComplex(q);
}

static PyObject *slot_power(PyObject *a, PyObject *b, PyObject *modulus)
{
    OPERANDS(a, b, x, y);
    if (modulus != Py_None) {
        PyErr_SetString(PyExc_ValueError, "complex modulo");
        return NULL;
    }
    errno = 0;
    Py_complex r;
    if (y.imag == 0.0 && y.real == floor(y.real) && fabs(y.real) <= 100.0)
        r = power_integer(x, (long)y.real);
    else r = _Py_c_pow(x, y);
    if (isinf(r.real) || isinf(r.imag)) {
        if (errno == 0) errno = ERANGE;
    }
    else if (errno == ERANGE) errno = 0;
    if (errno == EDOM) {
        PyErr_SetString(PyExc_ZeroDivisionError, "0.0 to a negative or complex power");
        return NULL;
    }
    if (errno == ERANGE) {
        PyErr_SetString(PyExc_OverflowError, "complex exponentiation");
        return NULL;
    }
    return PyComplex_FromCComplex(r);
}

static Py_complex value_of(PyObject *o)
{
    return ((PyComplexObject *)o)->cval;
}

static PyObject *slot_negative(PyObject *a)
{
    return PyComplex_FromCComplex(_Py_c_neg(value_of(a)));
}

static PyObject *slot_positive(PyObject *a)
{
    return PyComplex_CheckExact(a) ? Py_NewRef(a) : PyComplex_FromCComplex(value_of(a));
}

static PyObject *slot_absolute(PyObject *a)
{
    double r = _Py_c_abs(value_of(a));
    if (errno == ERANGE) {
        PyErr_SetString(PyExc_OverflowError, "absolute value too large");
        return NULL;
    }
    return float_from_double(r);
}

static int slot_bool(PyObject *a)
{
    Py_complex z = value_of(a);
    return z.real != 0.0 || z.imag != 0.0;
}

static Py_hash_t slot_hash(PyObject *a)
{
    Py_complex z = value_of(a);
    Py_uhash_t real = (Py_uhash_t)_Py_HashDouble(a, z.real),
               imag = (Py_uhash_t)_Py_HashDouble(a, z.imag);
    Py_hash_t hash = (Py_hash_t)(real + _PyHASH_IMAG * imag);
    return hash == -1 ? -2 : hash;
}

static PyObject *slot_compare(PyObject *a, PyObject *b, int op)
{
    if (op != Py_EQ && op != Py_NE) Py_RETURN_NOTIMPLEMENTED;
    Py_complex x = value_of(a);
    bool equal;
    if (PyLong_Check(b)) equal = x.imag == 0.0 && float_compare_int(x.real, b, Py_EQ);
    else if (PyFloat_Check(b)) equal = x.imag == 0.0 && x.real == PyFloat_AS_DOUBLE(b);
    else if (PyComplex_Check(b)) equal = x.real == value_of(b).real && x.imag == value_of(b).imag;
    else Py_RETURN_NOTIMPLEMENTED;
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *slot_repr(PyObject *a)
{
    Py_complex z = value_of(a);
    char real[40], imag[40];
    Py_ssize_t n;
    bool imaginary = z.real == 0.0 && !signbit(z.real);
    if (!float_to_text(z.imag, 'r', 0, imaginary ? 0 : Py_DTSF_SIGN, NULL, imag, sizeof imag, &n))
        return NULL;
    if (imaginary) return PyUnicode_FromFormat("%sj", imag);
    if (!float_to_text(z.real, 'r', 0, 0, NULL, real, sizeof real, &n)) return NULL;
    return PyUnicode_FromFormat("(%s%sj)", real, imag);
}

/* ---- complex() ---- */

/* A component at p: its end, or p itself when there is none. */
static const char *read_component(const char *p, double *value)
{
    char *end;
    *value = PyOS_string_to_double(p, &end, NULL);
    if (*value == -1.0 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError)) return NULL;
        PyErr_Clear();
        return p;
    }
    return end;
}

/* A bare "j" with an optional sign counts one. */
static const char *read_sign(const char *p, double *value)
{
    *value = *p == '-' ? -1.0 : 1.0;
    return *p == '-' || *p == '+' ? p + 1 : p;
}

/* The grammar: [space] [(] [space] number [space] [)] [space], number = real | imaginary j | real
 * signed-imaginary j. */
static PyObject *parse(const char *text, Py_ssize_t n, void *type)
{
    const char *p = text, *end;
    double x = 0.0, y = 0.0, z;
    bool parenthesis = false;
    while (Py_ISSPACE(*p)) p++;
    if (*p == '(') {
        parenthesis = true;
        p++;
        while (Py_ISSPACE(*p)) p++;
    }
    end = read_component(p, &z);
    if (!end) return NULL;
    if (end != p) {
        p = end;
        if (*p == '+' || *p == '-') {   /* a real part came first */
            x = z;
            end = read_component(p, &y);
            if (!end) return NULL;
            p = end != p ? end : read_sign(p, &y);
            if ((*p | 0x20) != 'j') goto malformed;
            p++;
        }
        else if ((*p | 0x20) == 'j') {
            p++;
            y = z;
        }
        else x = z;
    }
    else {
        p = read_sign(p, &y);
        if ((*p | 0x20) != 'j') goto malformed;
        p++;
    }
    while (Py_ISSPACE(*p)) p++;
    if (parenthesis) {
        if (*p != ')') goto malformed;
        p++;
        while (Py_ISSPACE(*p)) p++;
    }
    if (p - text != n) goto malformed;
    return make(type, (Py_complex){x, y});
malformed:
    PyErr_SetString(PyExc_ValueError, "complex() arg is a malformed string");
    return NULL;
}

static PyObject *from_text(PyTypeObject *type, PyObject *v)
{
    PyObject *ascii = _PyUnicode_TransformDecimalAndSpaceToASCII(v);
    if (!ascii) return NULL;
    PyObject *r = _Py_string_to_number_with_underscores((const char *)PyUnicode_1BYTE_DATA(ascii),
                                                        PyUnicode_GET_LENGTH(ascii), "complex", v,
                                                        type, parse);
    Py_DECREF(ascii);
    return r;
}

static bool is_real_number(PyObject *v)
{
    PyNumberMethods *number = Py_TYPE(v)->tp_as_number;
    return number && (number->nb_float || number->nb_index);
}

/* One argument's value, and whether it was a complex (which matters for the sign of zeros). */
static int argument(PyObject *v, Py_complex *value, bool *is_complex)
{
    *is_complex = PyComplex_Check(v);
    if (*is_complex) {
        *value = value_of(v);
        return 0;
    }
    PyObject *as_float = PyNumber_Float(v);
    if (!as_float) return -1;
    *value = (Py_complex){PyFloat_AS_DOUBLE(as_float), 0.0};
    Py_DECREF(as_float);
    return 0;
}

static PyObject *new_from(PyTypeObject *type, PyObject *real, PyObject *imag)
{
    if (!real && !imag) return make(type, (Py_complex){0.0, 0.0});
    if (real && !imag && type == &PyComplex_Type && PyComplex_CheckExact(real))
        return Py_NewRef(real);
    if (real && PyUnicode_Check(real)) {
        if (!imag) return from_text(type, real);
        PyErr_SetString(PyExc_TypeError, "complex() can't take second arg if first is a string");
        return NULL;
    }
    if (imag && PyUnicode_Check(imag)) {
        PyErr_SetString(PyExc_TypeError, "complex() second arg can't be a string");
        return NULL;
    }
    Py_complex x = {0.0, 0.0}, y = {0.0, 0.0};
    bool first = false, second = false;
    PyObject *converted = NULL;
    if (real) {
        int status = PyComplex_CheckExact(real) ? 0 : call_complex_method(real, &converted);
        if (status < 0) return NULL;
        if (converted) real = converted;
    }
    if (real && !PyComplex_Check(real) && !is_real_number(real)) {
        PyErr_Format(PyExc_TypeError,
                     "complex() first argument must be a string or a number, not '%.200s'",
                     Py_TYPE(real)->tp_name);
        goto error;
    }
    if (imag && !PyComplex_Check(imag) && !is_real_number(imag)) {
        PyErr_Format(PyExc_TypeError, "complex() second argument must be a number, not '%.200s'",
                     Py_TYPE(imag)->tp_name);
        goto error;
    }
    if (real && argument(real, &x, &first) < 0) goto error;
    if (imag && argument(imag, &y, &second) < 0) goto error;
    Py_XDECREF(converted);
    /* real + imag * 1j, without letting absent parts touch the sign of zeros. */
    Py_complex value = {x.real, imag ? y.real : x.imag};
    if (second) value.real -= y.imag;
    if (first && imag) value.imag += x.imag;
    return make(type, value);
error:
    Py_XDECREF(converted);
    return NULL;
}

static const char *const new_keywords[] = {"real", "imag", NULL};
static _PyArg_Parser new_parser = {.keywords = new_keywords, .fname = "complex"};

static PyObject *slot_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *a[2];
    if (args_unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL, &new_parser,
                    0, 2, 2, a) < 0)
        return NULL;
    return new_from(type, a[0], a[1]);
}

/* ---- Methods ---- */

static PyObject *conjugate(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_complex z = value_of(self);
    return PyComplex_FromDoubles(z.real, -z.imag);
}

static PyObject *complex_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return slot_positive(self);
}

static PyObject *getnewargs(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_complex z = value_of(self);
    return Py_BuildValue("(dd)", z.real, z.imag);
}

static PyObject *format_method(PyObject *self, PyObject *spec)
{
    if (!PyUnicode_Check(spec)) {
        _PyArg_BadArgument("__format__", "argument", "str", spec);
        return NULL;
    }
    return number_format(self, spec, _PyComplex_FormatAdvancedWriter);
}

static PyMethodDef methods[] = {
    {"conjugate", conjugate, METH_NOARGS,
     "conjugate($self, /)\n--\n\nReturn the complex conjugate of its argument. (3-4j).conjugate() "
     "== 3+4j."},
    {"__complex__", complex_method, METH_NOARGS,
     "__complex__($self, /)\n--\n\nConvert this value to exact type complex."},
    {"__getnewargs__", getnewargs, METH_NOARGS, "__getnewargs__($self, /)\n--\n\n"},
    {"__format__", format_method, METH_O,
     "__format__($self, format_spec, /)\n--\n\nConvert to a string according to format_spec."},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"real", T_DOUBLE, offsetof(PyComplexObject, cval.real), READONLY,
     "the real part of a complex number"},
    {"imag", T_DOUBLE, offsetof(PyComplexObject, cval.imag), READONLY,
     "the imaginary part of a complex number"},
    {NULL, 0, 0, 0, NULL},
};

static PyNumberMethods number_slots = {
    .nb_add = slot_add,
    .nb_subtract = slot_subtract,
    .nb_multiply = slot_multiply,
    .nb_power = slot_power,
    .nb_negative = slot_negative,
    .nb_positive = slot_positive,
    .nb_absolute = slot_absolute,
    .nb_bool = slot_bool,
    .nb_true_divide = slot_divide,
};

PyTypeObject PyComplex_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "complex",
    .tp_basicsize = sizeof(PyComplexObject),
    .tp_repr = slot_repr,
    .tp_as_number = &number_slots,
    .tp_hash = slot_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc =
        "complex(real=0, imag=0)\n--\n\n"
        "A complex number made of a real part and, if given, an imaginary part: real + imag*1j.",
    .tp_richcompare = slot_compare,
    .tp_methods = methods,
    .tp_members = members,
    .tp_new = slot_new,
    .tp_free = PyObject_Free,
};

int complex_init_types(void)
{
    return PyType_Ready(&PyComplex_Type);
}
