/* range. Its iterators are in rangeiter.c. */
#include "objects/range.h"

#include "objects/abstract.h"
#include "objects/immortal.h"
#include "objects/rangeiter.h"

#include <stddef.h>

static inline RangeObject *cast(PyObject *op)
{
    return (RangeObject *)op;
}

/* ---- the numbers of any range as ints ---- */

/* New references to start, stop, step, length. */
typedef struct {
    PyObject *start, *stop, *step, *length;
} Parts;

static void parts_release(Parts *parts)
{
    Py_CLEAR(parts->start);
    Py_CLEAR(parts->stop);
    Py_CLEAR(parts->step);
    Py_CLEAR(parts->length);
}

static int parts_of(RangeObject *r, Parts *parts)
{
    if (!range_is_plain(r)) {
        *parts = (Parts){Py_NewRef(r->big.start), Py_NewRef(r->big.stop), Py_NewRef(r->big.step), Py_NewRef(r->big.length)};
        return 0;
    }
    *parts = (Parts){PyLong_FromLongLong(r->start), PyLong_FromLongLong(r->stop), PyLong_FromLongLong(r->step),
                     PyLong_FromLongLong(range_length(r))};
    if (parts->start && parts->stop && parts->step && parts->length) return 0;
    parts_release(parts);
    return -1;
}

/* ---- making ---- */

static PyObject *new_plain(int64_t start, int64_t stop, int64_t step, int64_t length)
{
    RangeObject *r = PyObject_New(RangeObject, &PyRange_Type);
    if (!r) return NULL;
    r->start = start;
    r->stop = stop;
    r->step = step;
    r->length_tag = length << 1 | 1;
    return (PyObject *)r;
}

/* max(0, 1 + (high - low - 1) // step) for a positive step: the number of values. New reference. */
static PyObject *count_up(PyObject *low, PyObject *high, PyObject *step)
{
    int some = PyObject_RichCompareBool(low, high, Py_LT);
    if (some <= 0) return some < 0 ? NULL : PyLong_FromLong(0);
    PyObject *one = PyLong_FromLong(1), *n = one ? PyNumber_Subtract(high, low) : NULL;
    if (n) Py_SETREF(n, PyNumber_Subtract(n, one));
    if (n) Py_SETREF(n, PyNumber_FloorDivide(n, step));
    if (n) Py_SETREF(n, PyNumber_Add(n, one));
    Py_XDECREF(one);
    return n;
}

static PyObject *count_values(PyObject *start, PyObject *stop, PyObject *step)
{
    if (_PyLong_Sign(step) > 0) return count_up(start, stop, step);
    PyObject *positive = PyNumber_Negative(step);
    if (!positive) return NULL;
    PyObject *n = count_up(stop, start, positive);
    Py_DECREF(positive);
    return n;
}

/* A range of three exact ints; step is not 0. Steals all three, even on failure. */
static PyObject *new_from_ints_steal(PyObject *start, PyObject *stop, PyObject *step)
{
    int overflow[3];
    int64_t a = PyLong_AsLongLongAndOverflow(start, &overflow[0]), b = PyLong_AsLongLongAndOverflow(stop, &overflow[1]),
            c = PyLong_AsLongLongAndOverflow(step, &overflow[2]);
    RangeObject *r = NULL;
    if (!overflow[0] && !overflow[1] && !overflow[2]) {
        uint64_t count = range_count(a, b, c);
        if (count < (uint64_t)RANGE_MAX_LENGTH) {
            r = (RangeObject *)new_plain(a, b, c, (int64_t)count);
            goto done;
        }
    }
    PyObject *length = count_values(start, stop, step);
    if (length) {
        r = PyObject_New(RangeObject, &PyRange_Type);
        if (r) {
            r->big.start = start;
            r->big.stop = stop;
            r->big.step = step;
            r->big.length = length;
            return (PyObject *)r;
        }
        Py_DECREF(length);
    }
done:
    Py_DECREF(start);
    Py_DECREF(stop);
    Py_DECREF(step);
    return (PyObject *)r;
}

PyObject *range_new(int64_t start, int64_t stop, int64_t step)
{
    uint64_t count = range_count(start, stop, step);
    if (LIKELY(count < (uint64_t)RANGE_MAX_LENGTH)) return new_plain(start, stop, step, (int64_t)count);
    PyObject *a = PyLong_FromLongLong(start), *b = PyLong_FromLongLong(stop), *c = PyLong_FromLongLong(step);
    if (a && b && c) return new_from_ints_steal(a, b, c);
    Py_XDECREF(a);
    Py_XDECREF(b);
    Py_XDECREF(c);
    return NULL;
}

static PyObject *range_from_args(PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("range", nargs, 1, 3)) return NULL;
    PyObject *start = NULL, *stop = NULL, *step = NULL;
    start = nargs == 1 ? PyLong_FromLong(0) : PyNumber_Index(args[0]);
    if (!start) return NULL;
    stop = PyNumber_Index(args[nargs > 1]);
    if (!stop) goto error;
    step = nargs == 3 ? PyNumber_Index(args[2]) : PyLong_FromLong(1);
    if (!step) goto error;
    if (_PyLong_Sign(step) == 0) {
        PyErr_SetString(PyExc_ValueError, "range() arg 3 must not be zero");
        goto error;
    }
    return new_from_ints_steal(start, stop, step);
error:
    Py_XDECREF(start);
    Py_XDECREF(stop);
    Py_XDECREF(step);
    return NULL;
}

static PyObject *range_tp_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    if (!_PyArg_NoKeywords("range", kwargs)) return NULL;
    return range_from_args(((PyTupleObject *)args)->ob_item, PyTuple_GET_SIZE(args));
}

static PyObject *range_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    (void)type;
    if (!_PyArg_NoKwnames("range", kwnames)) return NULL;
    return range_from_args(args, PyVectorcall_NARGS(nargsf));
}

static void range_dealloc(PyObject *op)
{
    RangeObject *r = cast(op);
    if (!range_is_plain(r)) {
        Py_DECREF(r->big.start);
        Py_DECREF(r->big.stop);
        Py_DECREF(r->big.step);
        Py_DECREF(r->big.length);
    }
    PyObject_Free(op);
}

/* ---- items ---- */

static Py_ssize_t range_len(PyObject *op)
{
    RangeObject *r = cast(op);
    return range_is_plain(r) ? range_length(r) : PyLong_AsSsize_t(r->big.length);
}

static int range_bool(PyObject *op)
{
    RangeObject *r = cast(op);
    return range_is_plain(r) ? range_length(r) != 0 : _PyLong_Sign(r->big.length) != 0;
}

/* start + index * step. New reference. */
static PyObject *value_at(Parts *parts, PyObject *index)
{
    PyObject *value = PyNumber_Multiply(index, parts->step);
    if (value) Py_SETREF(value, PyNumber_Add(parts->start, value));
    return value;
}

static PyObject *out_of_range(void)
{
    PyErr_SetString(PyExc_IndexError, "range object index out of range");
    return NULL;
}

static PyObject *item_big(RangeObject *r, PyObject *index)
{
    Parts parts;
    if (parts_of(r, &parts) < 0) return NULL;
    PyObject *result = NULL;
    PyObject *i = _PyLong_Sign(index) < 0 ? PyNumber_Add(index, parts.length) : Py_NewRef(index);
    if (i) {
        int below = _PyLong_Sign(i) < 0 ? 0 : PyObject_RichCompareBool(i, parts.length, Py_LT);
        if (below > 0) result = value_at(&parts, i);
        else if (below == 0) out_of_range();
        Py_DECREF(i);
    }
    parts_release(&parts);
    return result;
}

static PyObject *range_item(PyObject *op, Py_ssize_t i)
{
    RangeObject *r = cast(op);
    if (range_is_plain(r)) {
        if ((uint64_t)i >= (uint64_t)range_length(r)) return out_of_range();
        return PyLong_FromLongLong(r->start + i * r->step);
    }
    PyObject *index = PyLong_FromSsize_t(i);
    if (!index) return NULL;
    PyObject *result = item_big(r, index);
    Py_DECREF(index);
    return result;
}

static PyObject *slice_big(RangeObject *r, PyObject *slice)
{
    Parts parts;
    PyObject *start = NULL, *stop = NULL, *step = NULL, *result = NULL;
    if (parts_of(r, &parts) < 0) return NULL;
    if (_PySlice_GetLongIndices((PySliceObject *)slice, parts.length, &start, &stop, &step) == 0) {
        Py_SETREF(step, PyNumber_Multiply(step, parts.step));
        if (step) Py_SETREF(start, value_at(&parts, start));
        if (step && start) Py_SETREF(stop, value_at(&parts, stop));
        if (step && start && stop) {
            result = new_from_ints_steal(start, stop, step);
            start = stop = step = NULL;
        }
    }
    Py_XDECREF(start);
    Py_XDECREF(stop);
    Py_XDECREF(step);
    parts_release(&parts);
    return result;
}

/* Is it None or an exact int of up to two digits, which never is clipped? */
static bool is_small_index(PyObject *op)
{
    return op == Py_None || (PyLong_CheckExact(op) && Py_SIZE(op) >= -2 && Py_SIZE(op) <= 2);
}

static PyObject *range_slice(RangeObject *r, PyObject *op)
{
    PySliceObject *slice = (PySliceObject *)op;
    if (!range_is_plain(r) || !is_small_index(slice->start) || !is_small_index(slice->stop)
        || !is_small_index(slice->step)) {
        return slice_big(r, op);
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(op, &start, &stop, &step) < 0) return NULL;
    PySlice_AdjustIndices(range_length(r), &start, &stop, step);
    int64_t new_start, new_stop, new_step;
    if (__builtin_mul_overflow(step, r->step, &new_step) || __builtin_mul_overflow(start, r->step, &new_start)
        || __builtin_mul_overflow(stop, r->step, &new_stop) || __builtin_add_overflow(new_start, r->start, &new_start)
        || __builtin_add_overflow(new_stop, r->start, &new_stop)) {
        return slice_big(r, op);
    }
    return range_new(new_start, new_stop, new_step);
}

static PyObject *range_subscript(PyObject *op, PyObject *key)
{
    RangeObject *r = cast(op);
    if (PyIndex_Check(key)) {
        PyObject *index = PyNumber_Index(key);
        if (!index) return NULL;
        int overflow = 1;
        int64_t i = range_is_plain(r) ? PyLong_AsLongLongAndOverflow(index, &overflow) : 0;
        PyObject *result = overflow ? item_big(r, index) : range_item(op, i < 0 ? i + range_length(r) : i);
        Py_DECREF(index);
        return result;
    }
    if (PySlice_Check(key)) return range_slice(r, key);
    return abstract_type_error("range indices must be integers or slices, not %.200s", key);
}

/* ---- searching ---- */

/* Is the exact int among the values? 1, 0, or -1 with an exception. */
static int contains_int_big(RangeObject *r, PyObject *value)
{
    Parts parts;
    if (parts_of(r, &parts) < 0) return -1;
    bool up = _PyLong_Sign(parts.step) > 0;
    int result = PyObject_RichCompareBool(parts.start, value, up ? Py_LE : Py_GE);
    if (result > 0) result = PyObject_RichCompareBool(value, parts.stop, up ? Py_LT : Py_GT);
    if (result > 0) {
        PyObject *distance = PyNumber_Subtract(value, parts.start);
        if (distance) Py_SETREF(distance, PyNumber_Remainder(distance, parts.step));
        result = distance ? _PyLong_Sign(distance) == 0 : -1;
        Py_XDECREF(distance);
    }
    parts_release(&parts);
    return result;
}

static int contains_int(RangeObject *r, PyObject *value)
{
    if (!range_is_plain(r)) return contains_int_big(r, value);
    int overflow;
    int64_t v = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow) return 0;
    if (r->step > 0) {
        return v >= r->start && v < r->stop && ((uint64_t)v - (uint64_t)r->start) % (uint64_t)r->step == 0;
    }
    return v <= r->start && v > r->stop && ((uint64_t)r->start - (uint64_t)v) % (0 - (uint64_t)r->step) == 0;
}

static bool is_plain_int(PyObject *op)
{
    return PyLong_CheckExact(op) || PyBool_Check(op);
}

static int range_contains(PyObject *op, PyObject *value)
{
    if (is_plain_int(value)) return contains_int(cast(op), value);
    return (int)_PySequence_IterSearch(op, value, PY_ITERSEARCH_CONTAINS);
}

static PyObject *range_count_method(PyObject *op, PyObject *value)
{
    if (is_plain_int(value)) {
        int found = contains_int(cast(op), value);
        return found < 0 ? NULL : PyLong_FromLong(found);
    }
    Py_ssize_t count = _PySequence_IterSearch(op, value, PY_ITERSEARCH_COUNT);
    return count < 0 ? NULL : PyLong_FromSsize_t(count);
}

static PyObject *range_index_method(PyObject *op, PyObject *value)
{
    if (!is_plain_int(value)) {
        Py_ssize_t index = _PySequence_IterSearch(op, value, PY_ITERSEARCH_INDEX);
        return index < 0 ? NULL : PyLong_FromSsize_t(index);
    }
    int found = contains_int(cast(op), value);
    if (found < 0) return NULL;
    if (!found) {
        PyErr_Format(PyExc_ValueError, "%R is not in range", value);
        return NULL;
    }
    Parts parts;
    if (parts_of(cast(op), &parts) < 0) return NULL;
    PyObject *index = PyNumber_Subtract(value, parts.start);
    if (index) Py_SETREF(index, PyNumber_FloorDivide(index, parts.step));
    parts_release(&parts);
    return index;
}

/* ---- comparing: two ranges are equal when they give the same values ---- */

static int is_equal(RangeObject *a, RangeObject *b)
{
    if (a == b) return 1;
    if (range_is_plain(a) && range_is_plain(b)) {
        int64_t n = range_length(a);
        if (n != range_length(b)) return 0;
        return n == 0 || (a->start == b->start && (n == 1 || a->step == b->step));
    }
    Parts x, y;
    if (parts_of(a, &x) < 0) return -1;
    if (parts_of(b, &y) < 0) {
        parts_release(&x);
        return -1;
    }
    int result = PyObject_RichCompareBool(x.length, y.length, Py_EQ);
    if (result > 0 && _PyLong_Sign(x.length)) {
        result = PyObject_RichCompareBool(x.start, y.start, Py_EQ);
        /* The length of one that is not plain is large, or else at most 1 value far away. */
        if (result > 0) {
            PyObject *one = PyLong_FromLong(1);
            int single = one ? PyObject_RichCompareBool(x.length, one, Py_EQ) : -1;
            Py_XDECREF(one);
            result = single ? single : PyObject_RichCompareBool(x.step, y.step, Py_EQ);
        }
    }
    parts_release(&x);
    parts_release(&y);
    return result;
}

static PyObject *range_compare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyRange_Check(a) || !PyRange_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    int equal = is_equal(cast(a), cast(b));
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

/* Hash of (length, start, step), with None for what does not matter in the comparison. */
static Py_hash_t range_hash(PyObject *op)
{
    Parts parts;
    if (parts_of(cast(op), &parts) < 0) return -1;
    int overflow;
    long long length = PyLong_AsLongLongAndOverflow(parts.length, &overflow);
    bool empty = !overflow && length == 0, single = !overflow && length == 1;
    Py_hash_t hash = -1;
    PyObject *key = PyTuple_Pack(3, parts.length, empty ? Py_None : parts.start, empty || single ? Py_None : parts.step);
    if (key) {
        hash = PyObject_Hash(key);
        Py_DECREF(key);
    }
    parts_release(&parts);
    return hash;
}

/* ---- the rest ---- */

static PyObject *range_repr(PyObject *op)
{
    Parts parts;
    if (parts_of(cast(op), &parts) < 0) return NULL;
    int overflow;
    bool plain = PyLong_AsLongLongAndOverflow(parts.step, &overflow) == 1;
    PyObject *result = plain ? PyUnicode_FromFormat("range(%R, %R)", parts.start, parts.stop)
                             : PyUnicode_FromFormat("range(%R, %R, %R)", parts.start, parts.stop, parts.step);
    parts_release(&parts);
    return result;
}

static PyObject *range_reduce(PyObject *op, PyObject *unused)
{
    (void)unused;
    Parts parts;
    if (parts_of(cast(op), &parts) < 0) return NULL;
    PyObject *result = Py_BuildValue("(O(OOO))", Py_TYPE(op), parts.start, parts.stop, parts.step);
    parts_release(&parts);
    return result;
}

static PyObject *range_iter(PyObject *op)
{
    RangeObject *r = cast(op);
    if (range_is_plain(r)) return range_iterator_new(r->start, r->step, range_length(r));
    return long_range_iterator_new(r->big.start, r->big.step, r->big.length);
}

/* An iterator from the last value to the first. */
static PyObject *range_reversed(PyObject *op, PyObject *unused)
{
    (void)unused;
    RangeObject *r = cast(op);
    int64_t last, back;
    if (range_is_plain(r) && !__builtin_sub_overflow((int64_t)0, r->step, &back)
        && !__builtin_mul_overflow(range_length(r) - 1, r->step, &last)
        && !__builtin_add_overflow(last, r->start, &last)) {
        return range_iterator_new(last, back, range_length(r));
    }
    Parts parts;
    if (parts_of(r, &parts) < 0) return NULL;
    PyObject *result = NULL, *one = PyLong_FromLong(1), *start = NULL, *step = NULL;
    PyObject *index = one ? PyNumber_Subtract(parts.length, one) : NULL;
    if (index && (start = value_at(&parts, index)) && (step = PyNumber_Negative(parts.step))) {
        result = long_range_iterator_new(start, step, parts.length);
    }
    Py_XDECREF(one);
    Py_XDECREF(index);
    Py_XDECREF(start);
    Py_XDECREF(step);
    parts_release(&parts);
    return result;
}

static PyObject *get_start(PyObject *op, void *unused)
{
    (void)unused;
    RangeObject *r = cast(op);
    return range_is_plain(r) ? PyLong_FromLongLong(r->start) : Py_NewRef(r->big.start);
}

static PyObject *get_stop(PyObject *op, void *unused)
{
    (void)unused;
    RangeObject *r = cast(op);
    return range_is_plain(r) ? PyLong_FromLongLong(r->stop) : Py_NewRef(r->big.stop);
}

static PyObject *get_step(PyObject *op, void *unused)
{
    (void)unused;
    RangeObject *r = cast(op);
    return range_is_plain(r) ? PyLong_FromLongLong(r->step) : Py_NewRef(r->big.step);
}

static PyGetSetDef range_getset[] = {
    {"start", get_start, NULL, NULL, NULL},
    {"stop", get_stop, NULL, NULL, NULL},
    {"step", get_step, NULL, NULL, NULL},
    {0},
};

static PyMethodDef range_methods[] = {
    {"__reversed__", range_reversed, METH_NOARGS, PyDoc_STR("Return a reverse iterator.")},
    {"__reduce__", range_reduce, METH_NOARGS, NULL},
    {"count", range_count_method, METH_O,
     PyDoc_STR("rangeobject.count(value) -> integer -- return number of occurrences of value")},
    {"index", range_index_method, METH_O,
     PyDoc_STR("rangeobject.index(value) -> integer -- return index of value.\nRaise ValueError if the value is not present.")},
    {0},
};

static PyNumberMethods range_as_number = {.nb_bool = range_bool};

static PySequenceMethods range_as_sequence = {
    .sq_length = range_len,
    .sq_item = range_item,
    .sq_contains = range_contains,
};

static PyMappingMethods range_as_mapping = {
    .mp_length = range_len,
    .mp_subscript = range_subscript,
};

PyDoc_STRVAR(range_doc,
"range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\n"
"The integers from start (which defaults to 0) up to, and without, stop, in steps of step (1 by\n"
"default): range(i, j) is i, i+1, ..., j-1, and range(4) is 0, 1, 2, 3, the indices of a list of\n"
"four items.");

PyTypeObject PyRange_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "range",
    .tp_basicsize = sizeof(RangeObject),
    .tp_doc = range_doc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_SEQUENCE,
    .tp_dealloc = range_dealloc,
    .tp_repr = range_repr,
    .tp_as_number = &range_as_number,
    .tp_as_sequence = &range_as_sequence,
    .tp_as_mapping = &range_as_mapping,
    .tp_hash = range_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_richcompare = range_compare,
    .tp_iter = range_iter,
    .tp_methods = range_methods,
    .tp_getset = range_getset,
    .tp_new = range_tp_new,
    .tp_vectorcall = range_vectorcall,
};
