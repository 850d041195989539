/* datetime.timedelta. */
#include "modules/_datetime/datetime_module.h"

#include <math.h>
#include <structmember.h>

/* ---- making ---- */

static PyObject *delta_alloc(PyTypeObject *type, int days, int seconds, int us)
{
    if (days < -MAX_DELTA_DAYS || days > MAX_DELTA_DAYS) {
        PyErr_Format(PyExc_OverflowError, "days=%d; must have magnitude <= %d", days, MAX_DELTA_DAYS);
        return NULL;
    }
    Delta *self;
    if (type == &datetime_delta_type) {
        self = memory_alloc(sizeof(Delta));
        if (self == NULL) return PyErr_NoMemory();
        PyObject_Init((PyObject *)self, type);
    }
    else {
        self = (Delta *)type->tp_alloc(type, 0);
        if (self == NULL) return NULL;
    }
    self->hashcode = -1;
    self->days = days;
    self->seconds = seconds;
    self->microseconds = us;
    return (PyObject *)self;
}

static PyObject *too_large(void)
{
    PyErr_SetString(PyExc_OverflowError, "Python int too large to convert to C int");
    return NULL;
}

PyObject *delta_from_micros(PyTypeObject *type, Micros micros)
{
    Micros days;
    int64_t rest;
    if (micros == (int64_t)micros) {    /* the usual way: a division of 128 bits is slow */
        int64_t short_micros = (int64_t)micros;
        days = short_micros / (int64_t)MICROS_PER_DAY;
        rest = short_micros % (int64_t)MICROS_PER_DAY;
    }
    else {
        days = micros / MICROS_PER_DAY;
        rest = (int64_t)(micros % MICROS_PER_DAY);
    }
    if (rest < 0) {
        rest += (int64_t)MICROS_PER_DAY;
        days--;
    }
    if (days < INT_MIN || days > INT_MAX) return too_large();
    return delta_alloc(type, (int)days, (int)(rest / (int64_t)MICROS_PER_SECOND), (int)(rest % (int64_t)MICROS_PER_SECOND));
}

Micros delta_micros(const PyObject *op)
{
    const Delta *delta = (const Delta *)op;
    return delta->days * MICROS_PER_DAY + (Micros)delta->seconds * MICROS_PER_SECOND + delta->microseconds;
}

PyObject *delta_new(PyTypeObject *type, int days, int seconds, int us, bool normalize)
{
    if (!normalize) return delta_alloc(type, days, seconds, us);
    return delta_from_micros(type, days * MICROS_PER_DAY + (Micros)seconds * MICROS_PER_SECOND + us);
}

static PyObject *int_from_micros(Micros micros)
{
    if (micros >= LLONG_MIN && micros <= LLONG_MAX) return PyLong_FromLongLong((long long)micros);
    return _PyLong_FromByteArray((const unsigned char *)&micros, sizeof micros, PY_LITTLE_ENDIAN, 1);
}

static PyObject *delta_as_int(PyObject *self)
{
    return int_from_micros(delta_micros(self));
}

/* The int as microseconds; -1 with OverflowError. */
static int micros_from_int(PyObject *number, Micros *out)
{
    int overflow;
    long long small = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (small == -1 && PyErr_Occurred()) return -1;
    *out = small;
    if (!overflow) return 0;
    if (_PyLong_NumBits(number) > 120) {
        PyErr_Clear();
        too_large();
        return -1;
    }
    return _PyLong_AsByteArray((PyLongObject *)number, (unsigned char *)out, sizeof *out, PY_LITTLE_ENDIAN, 1);
}

/* A timedelta of so many microseconds; steals the int, which may be NULL. */
static PyObject *delta_from_int_steal(PyTypeObject *type, PyObject *number)
{
    Micros micros;
    if (number == NULL) return NULL;
    int status = micros_from_int(number, &micros);
    Py_DECREF(number);
    return status < 0 ? NULL : delta_from_micros(type, micros);
}

/* Adds value * factor to the total. What a float leaves over below a microsecond goes to *left. */
static int add_component(const char *name, PyObject **total, PyObject *value, Micros factor, double *left)
{
    PyObject *product = NULL, *scale = int_from_micros(factor);
    if (scale == NULL) return -1;
    if (PyLong_Check(value)) {
        product = PyNumber_Multiply(value, scale);
    }
    else if (PyFloat_Check(value)) {
        double whole, fraction = modf(PyFloat_AS_DOUBLE(value), &whole);
        PyObject *number = PyLong_FromDouble(whole);
        if (number != NULL) product = PyNumber_Multiply(number, scale);
        Py_XDECREF(number);
        if (product != NULL && fraction != 0.0) {
            fraction = modf(fraction * (double)factor, &whole);
            *left += fraction;
            number = PyLong_FromDouble(whole);
            if (number == NULL) Py_CLEAR(product);
            else Py_SETREF(product, PyNumber_Add(product, number));
            Py_XDECREF(number);
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "unsupported type for timedelta %s component: %s", name, Py_TYPE(value)->tp_name);
    }
    Py_DECREF(scale);
    if (product == NULL) return -1;
    Py_SETREF(*total, PyNumber_Add(*total, product));
    Py_DECREF(product);
    return *total == NULL ? -1 : 0;
}

enum { COMPONENTS = 7 };
static const char *const component_names[COMPONENTS + 1] = {
    "days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks", NULL,
};
static const Micros component_factors[COMPONENTS] = {
    MICROS_PER_DAY, MICROS_PER_SECOND, 1, 1000, (Micros)60 * MICROS_PER_SECOND, (Micros)3600 * MICROS_PER_SECOND,
    7 * MICROS_PER_DAY,
};

/* All components small ints: no big numbers needed. 1 done, 0 not possible. */
static int sum_small(PyObject *const *values, Micros *out)
{
    *out = 0;
    for (int i = 0; i < COMPONENTS; i++) {
        if (values[i] == NULL) continue;
        if (!PyLong_CheckExact(values[i])) return 0;
        int overflow;
        long long value = PyLong_AsLongLongAndOverflow(values[i], &overflow);
        if (overflow || value > 1000000000000000000 || value < -1000000000000000000) return 0;
        *out += value * component_factors[i];
    }
    return 1;
}

static PyObject *delta_type_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *v[COMPONENTS] = {NULL};
    Micros micros;
    double left = 0.0;
    if (!arguments_collect(args, kwargs, (char *const *)component_names, COMPONENTS, v)
        && !PyArg_ParseTupleAndKeywords(args, kwargs, "|OOOOOOO:__new__", (char **)component_names, &v[0], &v[1], &v[2],
                                     &v[3], &v[4], &v[5], &v[6])) {
        return NULL;
    }
    if (sum_small(v, &micros)) return delta_from_micros(type, micros);
    /* the reference's order decides which error is seen, and how fractions add up */
    static const int order[COMPONENTS] = {2, 3, 1, 4, 5, 0, 6};
    PyObject *total = PyLong_FromLong(0);
    for (int i = 0; i < COMPONENTS && total != NULL; i++) {
        int k = order[i];
        if (v[k] != NULL && add_component(component_names[k], &total, v[k], component_factors[k], &left) < 0) {
            Py_XDECREF(total);
            return NULL;
        }
    }
    if (total != NULL && left != 0.0) {
        double whole = round(left);
        if (fabs(whole - left) == 0.5) {
            /* a tie goes to the even total */
            PyObject *one = PyLong_FromLong(1), *low = one ? PyNumber_And(total, one) : NULL;
            int odd = low ? PyObject_IsTrue(low) : -1;
            Py_XDECREF(one);
            Py_XDECREF(low);
            if (odd < 0) {
                Py_DECREF(total);
                return NULL;
            }
            whole = 2.0 * round((left + odd) * 0.5) - odd;
        }
        PyObject *number = PyLong_FromDouble(whole);
        if (number == NULL) Py_CLEAR(total);
        else Py_SETREF(total, PyNumber_Add(total, number));
        Py_XDECREF(number);
    }
    return delta_from_int_steal(type, total);
}

/* ---- arithmetic ---- */

static PyObject *delta_add(PyObject *left, PyObject *right)
{
    if (!PyDelta_Check(left) || !PyDelta_Check(right)) Py_RETURN_NOTIMPLEMENTED;
    return delta_from_micros(&datetime_delta_type, delta_micros(left) + delta_micros(right));
}

PyObject *delta_subtract(PyObject *left, PyObject *right)
{
    if (!PyDelta_Check(left) || !PyDelta_Check(right)) Py_RETURN_NOTIMPLEMENTED;
    return delta_from_micros(&datetime_delta_type, delta_micros(left) - delta_micros(right));
}

static PyObject *delta_negative(PyObject *self)
{
    return delta_from_micros(&datetime_delta_type, -delta_micros(self));
}

static PyObject *delta_positive(PyObject *self)
{
    return delta_from_micros(&datetime_delta_type, delta_micros(self));
}

static PyObject *delta_absolute(PyObject *self)
{
    return ((Delta *)self)->days < 0 ? delta_negative(self) : delta_positive(self);
}

static int delta_bool(PyObject *self)
{
    return delta_micros(self) != 0;
}

/* left op right of ints, as a timedelta; steals `left`. */
static PyObject *delta_from_operation(binaryfunc operation, PyObject *left, PyObject *right)
{
    if (left == NULL) return NULL;
    PyObject *result = operation(left, right);
    Py_DECREF(left);
    return delta_from_int_steal(&datetime_delta_type, result);
}

/* Nearest int to a / b, halves to even; steals a. */
static PyObject *divide_nearest_steal(PyObject *a, PyObject *b)
{
    PyObject *pair = _PyLong_DivmodNear(a, b);
    Py_DECREF(a);
    if (pair == NULL) return NULL;
    PyObject *quotient = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
    Py_DECREF(pair);
    return quotient;
}

/* Is what as_integer_ratio() has given a pair of ints? -1 with an exception when not. */
static int check_ratio(PyObject *ratio)
{
    if (!PyTuple_Check(ratio)) {
        PyErr_Format(PyExc_TypeError, "unexpected return type from as_integer_ratio(): expected tuple, got '%.200s'",
                     Py_TYPE(ratio)->tp_name);
        return -1;
    }
    if (PyTuple_GET_SIZE(ratio) != 2) {
        PyErr_SetString(PyExc_ValueError, "as_integer_ratio() must return a 2-tuple");
        return -1;
    }
    if (!PyLong_Check(PyTuple_GET_ITEM(ratio, 0)) || !PyLong_Check(PyTuple_GET_ITEM(ratio, 1))) {
        PyErr_SetString(PyExc_TypeError, "non-integer arguments in division");
        return -1;
    }
    return 0;
}

/* delta * number, or delta / number, of a float. */
static PyObject *delta_scale(PyObject *self, PyObject *number, bool divide)
{
    PyObject *ratio = PyObject_CallMethod(number, "as_integer_ratio", NULL);
    if (ratio == NULL) return NULL;
    if (check_ratio(ratio) < 0) {
        Py_DECREF(ratio);
        return NULL;
    }
    PyObject *result = NULL, *micros = delta_as_int(self);
    if (micros != NULL) {
        PyObject *product = PyNumber_Multiply(micros, PyTuple_GET_ITEM(ratio, divide));
        Py_DECREF(micros);
        if (product != NULL) {
            result = delta_from_int_steal(&datetime_delta_type, divide_nearest_steal(product, PyTuple_GET_ITEM(ratio, !divide)));
        }
    }
    Py_DECREF(ratio);
    return result;
}

static PyObject *delta_multiply(PyObject *left, PyObject *right)
{
    PyObject *delta = PyDelta_Check(left) ? left : right, *number = PyDelta_Check(left) ? right : left;
    if (PyLong_Check(number)) return delta_from_operation(PyNumber_Multiply, delta_as_int(delta), number);
    if (PyFloat_Check(number)) return delta_scale(delta, number, false);
    Py_RETURN_NOTIMPLEMENTED;
}

/* left op right of two timedeltas, as ints. */
static PyObject *delta_operation(binaryfunc operation, PyObject *left, PyObject *right)
{
    PyObject *a = delta_as_int(left), *b = a ? delta_as_int(right) : NULL;
    PyObject *result = b ? operation(a, b) : NULL;
    Py_XDECREF(a);
    Py_XDECREF(b);
    return result;
}

static PyObject *delta_floor_divide(PyObject *left, PyObject *right)
{
    if (!PyDelta_Check(left)) Py_RETURN_NOTIMPLEMENTED;
    if (PyLong_Check(right)) return delta_from_operation(PyNumber_FloorDivide, delta_as_int(left), right);
    if (PyDelta_Check(right)) return delta_operation(PyNumber_FloorDivide, left, right);
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *delta_true_divide(PyObject *left, PyObject *right)
{
    if (!PyDelta_Check(left)) Py_RETURN_NOTIMPLEMENTED;
    if (PyDelta_Check(right)) return delta_operation(PyNumber_TrueDivide, left, right);
    if (PyFloat_Check(right)) return delta_scale(left, right, true);
    if (!PyLong_Check(right)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *micros = delta_as_int(left);
    if (micros == NULL) return NULL;
    return delta_from_int_steal(&datetime_delta_type, divide_nearest_steal(micros, right));
}

static PyObject *delta_remainder(PyObject *left, PyObject *right)
{
    if (!PyDelta_Check(left) || !PyDelta_Check(right)) Py_RETURN_NOTIMPLEMENTED;
    return delta_from_int_steal(&datetime_delta_type, delta_operation(PyNumber_Remainder, left, right));
}

static PyObject *delta_divmod(PyObject *left, PyObject *right)
{
    if (!PyDelta_Check(left) || !PyDelta_Check(right)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *pair = delta_operation(PyNumber_Divmod, left, right);
    if (pair == NULL) return NULL;
    PyObject *rest = delta_from_int_steal(&datetime_delta_type, Py_NewRef(PyTuple_GET_ITEM(pair, 1)));
    PyObject *result = rest ? PyTuple_Pack(2, PyTuple_GET_ITEM(pair, 0), rest) : NULL;
    Py_XDECREF(rest);
    Py_DECREF(pair);
    return result;
}

/* ---- the object ---- */

int delta_compare(const PyObject *a, const PyObject *b)
{
    Micros x = delta_micros(a), y = delta_micros(b);
    return (x > y) - (x < y);
}

static PyObject *delta_richcompare(PyObject *left, PyObject *right, int op)
{
    if (!PyDelta_Check(right)) Py_RETURN_NOTIMPLEMENTED;
    Py_RETURN_RICHCOMPARE(delta_compare(left, right), 0, op);
}

static PyObject *delta_state(const Delta *self)
{
    return Py_BuildValue("iii", self->days, self->seconds, self->microseconds);
}

static Py_hash_t delta_hash(PyObject *op)
{
    Delta *self = (Delta *)op;
    if (self->hashcode == -1) {
        PyObject *state = delta_state(self);
        if (state == NULL) return -1;
        self->hashcode = PyObject_Hash(state);
        Py_DECREF(state);
    }
    return self->hashcode;
}

static PyObject *delta_repr(PyObject *op)
{
    const Delta *self = (Delta *)op;
    char text[100] = "";
    int length = 0;
    if (self->days) length += snprintf(text, sizeof text, "days=%d, ", self->days);
    if (self->seconds) length += snprintf(text + length, sizeof text - (size_t)length, "seconds=%d, ", self->seconds);
    if (self->microseconds) {
        length += snprintf(text + length, sizeof text - (size_t)length, "microseconds=%d, ", self->microseconds);
    }
    if (length == 0) return PyUnicode_FromFormat("%s(0)", Py_TYPE(op)->tp_name);
    text[length - 2] = '\0';
    return PyUnicode_FromFormat("%s(%s)", Py_TYPE(op)->tp_name, text);
}

static PyObject *delta_str(PyObject *op)
{
    const Delta *self = (Delta *)op;
    char text[80];
    int length = 0, days = self->days;
    if (days) length = snprintf(text, sizeof text, "%d day%s, ", days, days == 1 || days == -1 ? "" : "s");
    length += snprintf(text + length, sizeof text - (size_t)length, "%d:%02d:%02d", self->seconds / 3600,
                       self->seconds / 60 % 60, self->seconds % 60);
    if (self->microseconds) {
        length += snprintf(text + length, sizeof text - (size_t)length, ".%06d", self->microseconds);
    }
    return PyUnicode_FromStringAndSize(text, length);
}

static PyObject *delta_total_seconds(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Micros micros = delta_micros(self);
    if (micros > -(1LL << 53) && micros < 1LL << 53) return PyFloat_FromDouble((double)micros / 1e6);
    PyObject *number = int_from_micros(micros), *million = PyLong_FromLong(MICROS_PER_SECOND);
    PyObject *result = number && million ? PyNumber_TrueDivide(number, million) : NULL;
    Py_XDECREF(number);
    Py_XDECREF(million);
    return result;
}

static PyObject *delta_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("ON", Py_TYPE(self), delta_state((Delta *)self));
}

static PyMemberDef delta_members[] = {
    {"days", T_INT, offsetof(Delta, days), READONLY, "Number of days."},
    {"seconds", T_INT, offsetof(Delta, seconds), READONLY, "Number of seconds (>= 0 and less than 1 day)."},
    {"microseconds", T_INT, offsetof(Delta, microseconds), READONLY,
     "Number of microseconds (>= 0 and less than 1 second)."},
    {0},
};

static PyMethodDef delta_methods[] = {
    {"total_seconds", delta_total_seconds, METH_NOARGS, "Total seconds in the duration."},
    {"__reduce__", delta_reduce, METH_NOARGS, "__reduce__() -> (cls, state)"},
    {0},
};

PyDoc_STRVAR(delta_doc,
"The time between two points of time.\n\n"
"timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)\n\n"
"Arguments may be ints or floats, positive or negative, and are 0 when missing.");

static PyNumberMethods delta_number = {
    .nb_add = delta_add,
    .nb_subtract = delta_subtract,
    .nb_multiply = delta_multiply,
    .nb_remainder = delta_remainder,
    .nb_divmod = delta_divmod,
    .nb_negative = delta_negative,
    .nb_positive = delta_positive,
    .nb_absolute = delta_absolute,
    .nb_bool = delta_bool,
    .nb_floor_divide = delta_floor_divide,
    .nb_true_divide = delta_true_divide,
};

PyTypeObject datetime_delta_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "datetime.timedelta",
    .tp_basicsize = sizeof(Delta),
    .tp_repr = delta_repr,
    .tp_as_number = &delta_number,
    .tp_hash = delta_hash,
    .tp_str = delta_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = delta_doc,
    .tp_richcompare = delta_richcompare,
    .tp_methods = delta_methods,
    .tp_members = delta_members,
    .tp_new = delta_type_new,
};
