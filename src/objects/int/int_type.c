/* int: the type object, its slots, its constructor, sys.int_info. */
#include "objects/int/int.h"

#include <structmember.h>

#include "objects/args_unpack.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/tuple.h"

/* ---- Slots ---- */

/* A binary slot: NotImplemented unless both operands are ints. */
#define BINARY_SLOT(name, function)                                                        \
    static PyObject *name(PyObject *a, PyObject *b)                                        \
    {                                                                                      \
        if (!PyLong_Check(a) || !PyLong_Check(b)) Py_RETURN_NOTIMPLEMENTED;                \
        return function(a, b);                                                             \
    }

static PyObject *divmod_pair(PyObject *a, PyObject *b)
{
    PyObject *items[2];
    return int_divmod(a, b, &items[0], &items[1]) < 0 ? NULL : tuple_from_array_steal(items, 2);
}

BINARY_SLOT(slot_add, int_add)
BINARY_SLOT(slot_subtract, int_subtract)
BINARY_SLOT(slot_multiply, int_multiply)
BINARY_SLOT(slot_remainder, int_remainder)
BINARY_SLOT(slot_divmod, divmod_pair)
BINARY_SLOT(slot_floor_divide, int_floor_divide)
BINARY_SLOT(slot_true_divide, int_true_divide)
BINARY_SLOT(slot_lshift, int_lshift)
BINARY_SLOT(slot_rshift, int_rshift)
BINARY_SLOT(slot_and, int_and)
BINARY_SLOT(slot_xor, int_xor)
BINARY_SLOT(slot_or, int_or)

static PyObject *slot_power(PyObject *a, PyObject *b, PyObject *modulus)
{
    if (!PyLong_Check(a) || !PyLong_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    if (modulus == Py_None) return int_power(a, b, NULL);
    if (!PyLong_Check(modulus)) Py_RETURN_NOTIMPLEMENTED;
    return int_power(a, b, modulus);
}

static int slot_bool(PyObject *a)
{
    return Py_SIZE(a) != 0;
}

static PyObject *slot_float(PyObject *a)
{
    double value = PyLong_AsDouble(a);
    if (value == -1.0 && PyErr_Occurred()) return NULL;
    return PyFloat_FromDouble(value);
}

static PyObject *slot_compare(PyObject *a, PyObject *b, int op)
{
    if (!PyLong_Check(a) || !PyLong_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    int order = a == b ? 0 : int_compare(a, b);
    Py_RETURN_RICHCOMPARE(order, 0, op);
}

static PyObject *slot_repr(PyObject *a)
{
    return int_to_text(a, 10);
}

static void slot_dealloc(PyObject *a)
{
    if (PyLong_CheckExact(a) && (size_t)(Py_SIZE(a) + 2) <= 4) number_cell_free(a);
    else if (PyLong_CheckExact(a)) memory_free(a);
    else Py_TYPE(a)->tp_free(a);
}

/* ---- int() ---- */

static PyObject *convert_text(PyObject *x, int base)
{
    if (PyUnicode_Check(x)) return PyLong_FromUnicodeObject(x, base);
    if (PyByteArray_Check(x))
        return _PyLong_FromBytes(PyByteArray_AS_STRING(x), PyByteArray_GET_SIZE(x), base);
    if (PyBytes_Check(x)) return _PyLong_FromBytes(PyBytes_AS_STRING(x), PyBytes_GET_SIZE(x), base);
    PyErr_SetString(PyExc_TypeError, "int() can't convert non-string with explicit base");
    return NULL;
}

PyObject *int_new_exact(PyObject *x, PyObject *base)
{
    if (!x) {
        if (!base) return int_small(0);
        PyErr_SetString(PyExc_TypeError, "int() missing string argument");
        return NULL;
    }
    if (!base) {
        if (PyLong_CheckExact(x)) return Py_NewRef(x);
        return PyNumber_Long(x);
    }
    Py_ssize_t value = PyNumber_AsSsize_t(base, NULL);
    if (value == -1 && PyErr_Occurred()) return NULL;
    if ((value != 0 && value < 2) || value > 36) {
        PyErr_SetString(PyExc_ValueError, "int() base must be >= 2 and <= 36, or 0");
        return NULL;
    }
    return convert_text(x, (int)value);
}

/* An instance of a subclass with the value of an exact int, which is stolen. */
static PyObject *subclass_instance_steal(PyTypeObject *type, PyObject *exact)
{
    if (!exact) return NULL;
    Py_ssize_t size = Py_SIZE(exact), n = size < 0 ? -size : size;
    PyLongObject *o = (PyLongObject *)type->tp_alloc(type, n);
    if (o) {
        Py_SET_SIZE(o, size);
        for (Py_ssize_t i = 0; i < n; i++) o->ob_digit[i] = int_digits(exact)[i];
    }
    Py_DECREF(exact);
    return (PyObject *)o;
}

static PyObject *make(PyTypeObject *type, PyObject *x, PyObject *base)
{
    PyObject *exact = int_new_exact(x, base);
    if (type == &PyLong_Type) return exact;
    if (exact && !PyLong_CheckExact(exact)) Py_SETREF(exact, int_exact(exact));
    return subclass_instance_steal(type, exact);
}

static const char *const new_keywords[] = {"", "base", NULL};
static _PyArg_Parser new_parser = {.keywords = new_keywords, .fname = "int"};

static PyObject *slot_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *a[2];
    if (args_unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL, &new_parser,
                    0, 2, 2, a) < 0)
        return NULL;
    return make(type, a[0], a[1]);
}

static PyObject *slot_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                                 PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!kwnames && nargs <= 2) {
        return make((PyTypeObject *)type, nargs > 0 ? args[0] : NULL, nargs > 1 ? args[1] : NULL);
    }
    if (UNLIKELY(!args_names_are_exact(kwnames))) {
        return _PyObject_MakeTpCall(PyThreadState_Get(), type, args, nargs, kwnames);
    }
    PyObject *a[2];
    if (args_unpack(args, nargs, NULL, kwnames, &new_parser, 0, 2, 2, a) < 0) return NULL;
    return make((PyTypeObject *)type, a[0], a[1]);
}

/* ---- Attributes ---- */

static PyObject *get_self(PyObject *self, void *Py_UNUSED(closure))
{
    return int_exact(self);
}

static PyObject *get_zero(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return int_small(0);
}

static PyObject *get_one(PyObject *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return int_small(1);
}

static PyGetSetDef getters[] = {
    {"real", get_self, NULL, "the real part of a complex number", NULL},
    {"imag", get_zero, NULL, "the imaginary part of a complex number", NULL},
    {"numerator", get_self, NULL, "the numerator of a rational number in lowest terms", NULL},
    {"denominator", get_one, NULL, "the denominator of a rational number in lowest terms", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyNumberMethods number_slots = {
    .nb_add = slot_add,
    .nb_subtract = slot_subtract,
    .nb_multiply = slot_multiply,
    .nb_remainder = slot_remainder,
    .nb_divmod = slot_divmod,
    .nb_power = slot_power,
    .nb_negative = int_negate,
    .nb_positive = int_exact,
    .nb_absolute = int_absolute,
    .nb_bool = slot_bool,
    .nb_invert = int_invert,
    .nb_lshift = slot_lshift,
    .nb_rshift = slot_rshift,
    .nb_and = slot_and,
    .nb_xor = slot_xor,
    .nb_or = slot_or,
    .nb_int = int_exact,
    .nb_float = slot_float,
    .nb_floor_divide = slot_floor_divide,
    .nb_true_divide = slot_true_divide,
    .nb_index = int_exact,
};

PyTypeObject PyLong_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "int",
    .tp_basicsize = offsetof(PyLongObject, ob_digit),
    .tp_itemsize = sizeof(digit),
    .tp_dealloc = slot_dealloc,
    .tp_repr = slot_repr,
    .tp_as_number = &number_slots,
    .tp_hash = int_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_LONG_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = "int([x]) -> integer\nint(x, base=10) -> integer\n\n"
              "An integer made from a number or from text; 0 without arguments. A number x gives\n"
              "x.__int__(), which for a float drops the fraction.\n\n"
              "With a base, or when x is no number, x is a str, bytes or bytearray that holds an "
              "integer\n"
              "literal in that base: an optional sign, digits, white space around them. Bases are "
              "2 to 36;\n"
              "base 0 reads the base from the literal's prefix.\n"
              ">>> int('0b100', base=0)\n4",
    .tp_richcompare = slot_compare,
    .tp_methods = int_methods,
    .tp_getset = getters,
    .tp_new = slot_new,
    .tp_free = PyObject_Free,
    .tp_vectorcall = slot_vectorcall,
};

/* ---- sys.int_info ---- */

static PyStructSequence_Field info_fields[] = {
    {"bits_per_digit", "size of a digit in bits"},
    {"sizeof_digit", "size in bytes of the C type used to represent a digit"},
    {"default_max_str_digits", "maximum string conversion digits limitation"},
    {"str_digits_check_threshold", "minimum positive value for int_max_str_digits"},
    {NULL, NULL},
};

static PyStructSequence_Desc info_desc = {
    .name = "sys.int_info",
    .doc =
        "sys.int_info\n\nHow ints are held inside, as a named tuple. The attributes are read only.",
    .fields = info_fields,
    .n_in_sequence = 4,
};

PyObject *PyLong_GetInfo(void)
{
    PyTypeObject *type = &int_runtime.info_type;
    if (!type->tp_name && PyStructSequence_InitType2(type, &info_desc) < 0) return NULL;
    PyObject *info = PyStructSequence_New(type);
    if (!info) return NULL;
    const int values[] = {PyLong_SHIFT, sizeof(digit), INT_DEFAULT_MAX_STR_DIGITS,
                          INT_STR_DIGITS_THRESHOLD};
    for (int i = 0; i < 4; i++) PyStructSequence_SET_ITEM(info, i, int_from_int64(values[i]));
    return info;
}

int int_init_types(void)
{
    return PyType_Ready(&PyLong_Type);
}
