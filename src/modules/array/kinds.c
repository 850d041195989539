/* The kinds of array items: how each is read and written. */
#include "modules/array/array.h"

#include <limits.h>
#include <wchar.h>

#define GETTER(name, type, conversion)                                          \
    static PyObject *name##_get(Array *array, Py_ssize_t i)                     \
    {                                                                           \
        type value = ((const type *)array->items)[i];                           \
        return conversion;                                                      \
    }

GETTER(b, signed char, PyLong_FromLong(value))
GETTER(B, unsigned char, PyLong_FromLong(value))
GETTER(u, wchar_t, PyUnicode_FromWideChar(&value, 1))
GETTER(h, short, PyLong_FromLong(value))
GETTER(H, unsigned short, PyLong_FromLong(value))
GETTER(i, int, PyLong_FromLong(value))
GETTER(I, unsigned int, PyLong_FromUnsignedLong(value))
GETTER(l, long, PyLong_FromLong(value))
GETTER(L, unsigned long, PyLong_FromUnsignedLong(value))
GETTER(q, long long, PyLong_FromLongLong(value))
GETTER(Q, unsigned long long, PyLong_FromUnsignedLongLong(value))
GETTER(f, float, PyFloat_FromDouble((double)value))
GETTER(d, double, PyFloat_FromDouble(value))

/* plain_TYPE: whether `op` is an int of at most one digit that fits, or a float: what nearly all items are. */
#define PLAIN_INT(name, type, low, high)                                        \
    static inline bool plain_##name(PyObject *op, type *value)                  \
    {                                                                           \
        const PyLongObject *number = (const PyLongObject *)op;                  \
        if (!PyLong_CheckExact(op) || (size_t)Py_SIZE(number) + 1 > 2) return false; \
        long plain = Py_SIZE(number) * (long)number->ob_digit[0];               \
        *value = (type)plain;                                                   \
        return plain >= (low) && plain <= (high);                               \
    }
#define PLAIN_FLOAT(name)                                                       \
    static inline bool plain_##name(PyObject *op, name *value)                  \
    {                                                                           \
        if (!PyFloat_CheckExact(op)) return false;                              \
        *value = (name)PyFloat_AS_DOUBLE(op);                                   \
        return true;                                                            \
    }

PLAIN_INT(byte, unsigned char, 0, UCHAR_MAX)
PLAIN_INT(short, short, SHRT_MIN, SHRT_MAX)
PLAIN_INT(int, int, INT_MIN, INT_MAX)
PLAIN_INT(long, long, LONG_MIN, LONG_MAX)
PLAIN_INT(longlong, long long, LLONG_MIN, LLONG_MAX)
PLAIN_FLOAT(float)
PLAIN_FLOAT(double)

/* A setter for what a format of PyArg_Parse reads and checks; `plain` reads what is plain and in range. */
#define PARSING_SETTER(name, type, plain, format)                               \
    static int name##_set(Array *array, Py_ssize_t i, PyObject *op)             \
    {                                                                           \
        type value;                                                             \
        if (!plain(op, &value) && !PyArg_Parse(op, format, &value)) return -1;  \
        if (i >= 0) ((type *)array->items)[i] = value;                          \
        return 0;                                                               \
    }

PARSING_SETTER(B, unsigned char, plain_byte, "b;array item must be integer")
PARSING_SETTER(h, short, plain_short, "h;array item must be integer")
PARSING_SETTER(i, int, plain_int, "i;array item must be integer")
PARSING_SETTER(l, long, plain_long, "l;array item must be integer")
PARSING_SETTER(q, long long, plain_longlong, "L;array item must be integer")
PARSING_SETTER(f, float, plain_float, "f;array item must be float")
PARSING_SETTER(d, double, plain_double, "d;array item must be float")

static int out_of_range(const char *message)
{
    PyErr_SetString(PyExc_OverflowError, message);
    return -1;
}

static int b_set(Array *array, Py_ssize_t i, PyObject *op)
{
    short value;
    if (!PyArg_Parse(op, "h;array item must be integer", &value)) return -1;
    if (value < SCHAR_MIN) return out_of_range("signed char is less than minimum");
    if (value > SCHAR_MAX) return out_of_range("signed char is greater than maximum");
    if (i >= 0) ((signed char *)array->items)[i] = (signed char)value;
    return 0;
}

static int H_set(Array *array, Py_ssize_t i, PyObject *op)
{
    int value;
    if (!PyArg_Parse(op, "i;array item must be integer", &value)) return -1;
    if (value < 0) return out_of_range("unsigned short is less than minimum");
    if (value > USHRT_MAX) return out_of_range("unsigned short is greater than maximum");
    if (i >= 0) ((unsigned short *)array->items)[i] = (unsigned short)value;
    return 0;
}

static bool unsigned_value(PyObject *op, unsigned long *value)
{
    PyObject *number = PyNumber_Index(op);
    if (number == NULL) return false;
    *value = PyLong_AsUnsignedLong(number);
    Py_DECREF(number);
    return *value != (unsigned long)-1 || !PyErr_Occurred();
}

static int I_set(Array *array, Py_ssize_t i, PyObject *op)
{
    unsigned long value;
    if (!unsigned_value(op, &value)) return -1;
    if (value > UINT_MAX) return out_of_range("unsigned int is greater than maximum");
    if (i >= 0) ((unsigned int *)array->items)[i] = (unsigned int)value;
    return 0;
}

static int L_set(Array *array, Py_ssize_t i, PyObject *op)
{
    unsigned long value;
    if (!unsigned_value(op, &value)) return -1;
    if (i >= 0) ((unsigned long *)array->items)[i] = value;
    return 0;
}

static int Q_set(Array *array, Py_ssize_t i, PyObject *op)
{
    PyObject *number = PyNumber_Index(op);
    if (number == NULL) return -1;
    unsigned long long value = PyLong_AsUnsignedLongLong(number);
    Py_DECREF(number);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return -1;
    if (i >= 0) ((unsigned long long *)array->items)[i] = value;
    return 0;
}

static int u_set(Array *array, Py_ssize_t i, PyObject *op)
{
    PyObject *text;
    if (!PyArg_Parse(op, "U;array item must be unicode character", &text)) return -1;
    wchar_t value[2];
    Py_ssize_t n = PyUnicode_AsWideChar(text, NULL, 0);     /* with the final NUL */
    if (n < 0) return -1;
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "array item must be unicode character");
        return -1;
    }
    if (PyUnicode_AsWideChar(text, value, 1) < 0) return -1;
    if (i >= 0) ((wchar_t *)array->items)[i] = value[0];
    return 0;
}

const ItemKind array_kinds[] = {
    {'b', 1, b_get, b_set, "b", true, true},
    {'B', 1, B_get, B_set, "B", true, false},
    {'u', sizeof(wchar_t), u_get, u_set, "w", false, false},
    {'h', sizeof(short), h_get, h_set, "h", true, true},
    {'H', sizeof(short), H_get, H_set, "H", true, false},
    {'i', sizeof(int), i_get, i_set, "i", true, true},
    {'I', sizeof(int), I_get, I_set, "I", true, false},
    {'l', sizeof(long), l_get, l_set, "l", true, true},
    {'L', sizeof(long), L_get, L_set, "L", true, false},
    {'q', sizeof(long long), q_get, q_set, "q", true, true},
    {'Q', sizeof(long long), Q_get, Q_set, "Q", true, false},
    {'f', sizeof(float), f_get, f_set, "f", false, false},
    {'d', sizeof(double), d_get, d_set, "d", false, false},
    {0, 0, NULL, NULL, NULL, false, false},
};

const ItemKind *array_kind_of(int typecode)
{
    for (const ItemKind *kind = array_kinds; kind->typecode != 0; kind++) {
        if (kind->typecode == typecode) return kind;
    }
    return NULL;
}
