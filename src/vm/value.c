#include "vm/value.h"

#include "objects/float.h"
#include "objects/int/int.h"

PyObject *value_box_number(Value v)
{
    return value_is_int(v) ? int_from_int64(value_int(v)) : float_from_double(value_float(v));
}

bool value_is_identical(Value a, Value b)
{
    if (value_is_object(a) && value_is_object(b)) return value_object(a) == value_object(b);
    if (value_is_object(a)) a = value_unbox_borrowed(value_object(a));
    if (value_is_object(b)) b = value_unbox_borrowed(value_object(b));
    return a == b;
}
