#include "vm/value.h"

#include "objects/float.h"
#include "objects/int/int.h"

PyObject *value_box_number(Value v)
{
    return value_is_int(v) ? int_from_int64(value_int(v)) : float_from_double(value_float(v));
}

/* Exact ints of up to two 30-bit digits always fit 61 bits; a third digit may. */
static Value unbox_int(PyObject *o)
{
    const PyLongObject *l = (const PyLongObject *)o;
    switch (Py_SIZE(l)) {
    case 0: return value_from_int(0);
    case 1: return value_from_int(l->ob_digit[0]);
    case -1: return value_from_int(-(int64_t)l->ob_digit[0]);
    case 2: return value_from_int((int64_t)l->ob_digit[1] << PyLong_SHIFT | l->ob_digit[0]);
    case -2: return value_from_int(-((int64_t)l->ob_digit[1] << PyLong_SHIFT | l->ob_digit[0]));
    default: return value_from_borrowed(o);
    }
}

Value value_unbox_borrowed(PyObject *o)
{
    if (PyLong_CheckExact(o)) return unbox_int(o);
    if (PyFloat_CheckExact(o)) {
        Value v = value_try_float(PyFloat_AS_DOUBLE(o));
        if (v) return v;
    }
    return value_from_borrowed(o);
}

bool value_is_identical(Value a, Value b)
{
    if (value_is_object(a) && value_is_object(b)) return value_object(a) == value_object(b);
    if (value_is_object(a)) a = value_unbox_borrowed(value_object(a));
    if (value_is_object(b)) b = value_unbox_borrowed(value_object(b));
    return a == b;
}
