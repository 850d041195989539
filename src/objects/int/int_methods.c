/* int: methods that are not slots. */
#include "objects/int/int.h"
#include "objects/int/mag.h"

#include <string.h>

#include "objects/args_unpack.h"
#include "objects/names.h"
#include "objects/number_format.h"

static PyObject *int_self(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return int_exact(self);
}

static PyObject *bit_length(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSize_t(int_bit_length(self));
}

static PyObject *bit_count(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    const digit *d = int_digits(self);
    size_t count = 0;
    for (Py_ssize_t i = int_length(self); i-- > 0;) count += (size_t)__builtin_popcount(d[i]);
    return PyLong_FromSize_t(count);
}

static PyObject *as_integer_ratio(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *numerator = int_exact(self);
    if (!numerator) return NULL;
    PyObject *pair = PyTuple_New(2);
    if (!pair) {
        Py_DECREF(numerator);
        return NULL;
    }
    PyTuple_SET_ITEM(pair, 0, numerator);
    PyTuple_SET_ITEM(pair, 1, int_small(1));
    return pair;
}

static PyObject *getnewargs(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *value = _PyLong_Copy((PyLongObject *)self);
    if (!value) return NULL;
    PyObject *args = PyTuple_Pack(1, value);
    Py_DECREF(value);
    return args;
}

static PyObject *size_of(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t((Py_ssize_t)offsetof(PyLongObject, ob_digit) +
                              (int_length(self) ? int_length(self) : 1) *
                                  (Py_ssize_t)sizeof(digit));
}

static PyObject *round_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("__round__", nargs, 0, 1)) return NULL;
    return nargs ? int_round(self, args[0]) : int_exact(self);
}

static PyObject *format_method(PyObject *self, PyObject *spec)
{
    if (!PyUnicode_Check(spec)) {
        _PyArg_BadArgument("__format__", "argument", "str", spec);
        return NULL;
    }
    return number_format(self, spec, _PyLong_FormatAdvancedWriter);
}

/* 1 for 'little', 0 for 'big', -1 with ValueError; NULL means big. */
static int byte_order(PyObject *order)
{
    if (!order || _PyUnicode_EqualToASCIIString(order, "big")) return 0;
    if (_PyUnicode_EqualToASCIIString(order, "little")) return 1;
    PyErr_SetString(PyExc_ValueError, "byteorder must be either 'little' or 'big'");
    return -1;
}

/* The three shared arguments of to_bytes and from_bytes: args[1] and args[2]. */
static int byte_options(const char *function, PyObject *const *args, int *little, int *is_signed)
{
    *is_signed = 0;
    if (args[1] && !PyUnicode_Check(args[1])) {
        _PyArg_BadArgument(function, "argument 'byteorder'", "str", args[1]);
        return -1;
    }
    if (args[2] && (*is_signed = PyObject_IsTrue(args[2])) < 0) return -1;
    *little = byte_order(args[1]);
    return *little < 0 ? -1 : 0;
}

static PyObject *to_bytes(PyObject *self, PyObject *const *args, Py_ssize_t nargs,
                          PyObject *kwnames)
{
    static const char *const keywords[] = {"length", "byteorder", "signed", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "to_bytes"};
    PyObject *a[3];
    int little, is_signed;
    Py_ssize_t length = 1;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 2, 3, a) < 0) return NULL;
    if (a[0]) {
        PyObject *index = _PyNumber_Index(a[0]);
        if (!index) return NULL;
        length = PyLong_AsSsize_t(index);
        Py_DECREF(index);
        if (length == -1 && PyErr_Occurred()) return NULL;
    }
    if (byte_options("to_bytes", a, &little, &is_signed) < 0) return NULL;
    if (length < 0) {
        PyErr_SetString(PyExc_ValueError, "length argument must be non-negative");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length);
    if (!bytes) return NULL;
    unsigned char *data = (unsigned char *)PyBytes_AS_STRING(bytes);
    if (_PyLong_AsByteArray((PyLongObject *)self, data, (size_t)length, little, is_signed) < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    return bytes;
}

static PyObject *from_bytes(PyObject *type, PyObject *const *args, Py_ssize_t nargs,
                            PyObject *kwnames)
{
    static const char *const keywords[] = {"bytes", "byteorder", "signed", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "from_bytes"};
    PyObject *a[3];
    int little, is_signed;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 2, 3, a) < 0) return NULL;
    if (byte_options("from_bytes", a, &little, &is_signed) < 0) return NULL;
    PyObject *bytes = PyObject_Bytes(a[0]);
    if (!bytes) return NULL;
    const unsigned char *data = (const unsigned char *)PyBytes_AS_STRING(bytes);
    PyObject *r = _PyLong_FromByteArray(data, (size_t)PyBytes_GET_SIZE(bytes), little, is_signed);
    Py_DECREF(bytes);
    if (r && type != (PyObject *)&PyLong_Type) Py_SETREF(r, PyObject_CallOneArg(type, r));
    return r;
}

#define FLAG_CALL (METH_FASTCALL | METH_KEYWORDS)

PyMethodDef int_methods[] = {
    {"conjugate", int_self, METH_NOARGS, "Returns self, the complex conjugate of any int."},
    {"bit_length", bit_length, METH_NOARGS,
     "bit_length($self, /)\n--\n\n"
     "How many bits the binary form of the magnitude has.\n\n>>> bin(37)\n'0b100101'\n>>> "
     "(37).bit_length()\n6"},
    {"bit_count", bit_count, METH_NOARGS,
     "bit_count($self, /)\n--\n\n"
     "How many ones the binary form of the magnitude has (its population count).\n\n"
     ">>> bin(13)\n'0b1101'\n>>> (13).bit_count()\n3"},
    {"to_bytes", (PyCFunction)(void (*)(void))to_bytes, FLAG_CALL,
     "to_bytes($self, /, length=1, byteorder='big', *, signed=False)\n--\n\n"
     "The integer as an array of bytes.\n\n"
     "  length\n    Number of bytes. OverflowError is raised if they cannot hold the integer.\n"
     "  byteorder\n    'big': the most significant byte comes first; 'little': it comes last.\n"
     "    sys.byteorder is the order of this machine.\n"
     "  signed\n    Whether two's complement is used. If not, a negative integer is an "
     "OverflowError."},
    {"from_bytes", (PyCFunction)(void (*)(void))from_bytes, FLAG_CALL | METH_CLASS,
     "from_bytes($type, /, bytes, byteorder='big', *, signed=False)\n--\n\n"
     "The integer that an array of bytes spells.\n\n"
     "  bytes\n    An object with the buffer protocol, or an iterable of byte values.\n"
     "  byteorder\n    'big': the most significant byte comes first; 'little': it comes last.\n"
     "    sys.byteorder is the order of this machine.\n"
     "  signed\n    Whether the bytes are in two's complement."},
    {"as_integer_ratio", as_integer_ratio, METH_NOARGS,
     "as_integer_ratio($self, /)\n--\n\n"
     "A pair of integers whose ratio is this int, the denominator positive.\n\n"
     ">>> (10).as_integer_ratio()\n(10, 1)\n>>> (-10).as_integer_ratio()\n(-10, 1)\n"
     ">>> (0).as_integer_ratio()\n(0, 1)"},
    {"__trunc__", int_self, METH_NOARGS, "Truncating an Integral returns itself."},
    {"__floor__", int_self, METH_NOARGS, "Flooring an Integral returns itself."},
    {"__ceil__", int_self, METH_NOARGS, "Ceiling of an Integral returns itself."},
    {"__round__", (PyCFunction)(void (*)(void))round_method, METH_FASTCALL,
     "__round__($self, ndigits=<unrepresentable>, /)\n--\n\n"
     "Rounding an Integral returns itself.\n\nWith ndigits the result is an integer too."},
    {"__getnewargs__", getnewargs, METH_NOARGS, "__getnewargs__($self, /)\n--\n\n"},
    {"__format__", format_method, METH_O, "__format__($self, format_spec, /)\n--\n\n"},
    {"__sizeof__", size_of, METH_NOARGS,
     "__sizeof__($self, /)\n--\n\nReturns size in memory, in bytes."},
    {NULL, NULL, 0, NULL},
};
