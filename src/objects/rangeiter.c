/* range_iterator, and longrange_iterator for ranges that are not plain. */
#include "objects/rangeiter.h"

#include "objects/immortal.h"
#include "objects/interrupt.h"
#include "objects/names.h"
#include "objects/range.h"

/* (iter, (range(start, stop, step),), index); steals the range. */
static PyObject *reduce_steal(PyObject *range, PyObject *index)
{
    PyObject *iter = range && index ? _PyEval_GetBuiltin(NAME(iter)) : NULL;
    if (iter) return Py_BuildValue("N(N)N", iter, range, index);
    Py_XDECREF(range);
    Py_XDECREF(index);
    return NULL;
}

/* ---- plain ---- */

static inline RangeIteratorObject *cast(PyObject *op)
{
    return (RangeIteratorObject *)op;
}

PyObject *range_iterator_new(int64_t start, int64_t step, int64_t count)
{
    RangeIteratorObject *it = PyObject_New(RangeIteratorObject, &PyRangeIter_Type);
    if (!it) return NULL;
    it->next = start;
    it->step = step;
    it->left = it->total = count;
    return (PyObject *)it;
}

static PyObject *plain_next(PyObject *op)
{
    RangeIteratorObject *it = cast(op);
    if (it->left <= 0 || interrupt_check() < 0) return NULL;
    int64_t value = it->next;
    it->left--;
    it->next = (int64_t)((uint64_t)value + (uint64_t)it->step);
    return PyLong_FromLongLong(value);
}

static PyObject *plain_length_hint(PyObject *op, PyObject *unused)
{
    (void)unused;
    return PyLong_FromLongLong(cast(op)->left);
}

static PyObject *plain_reduce(PyObject *op, PyObject *unused)
{
    (void)unused;
    RangeIteratorObject *it = cast(op);
    int64_t index = it->total - it->left;
    uint64_t start = (uint64_t)it->next - (uint64_t)index * (uint64_t)it->step;
    int64_t stop;
    PyObject *range;
    if (!__builtin_mul_overflow(it->total, it->step, &stop) && !__builtin_add_overflow(stop, (int64_t)start, &stop)) {
        range = range_new((int64_t)start, stop, it->step);
    } else {
        /* One step past the last value: any end short of it will do. */
        int64_t last = (int64_t)(start + (uint64_t)(it->total - 1) * (uint64_t)it->step);
        range = range_new((int64_t)start, it->step > 0 ? last + (last < INT64_MAX) : last - (last > INT64_MIN), it->step);
    }
    return reduce_steal(range, PyLong_FromLongLong(index));
}

static PyObject *plain_setstate(PyObject *op, PyObject *state)
{
    RangeIteratorObject *it = cast(op);
    long index = PyLong_AsLong(state);
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (index < 0) index = 0;
    if (index > it->total) index = it->total;
    int64_t moved = index - (it->total - it->left);
    it->next = (int64_t)((uint64_t)it->next + (uint64_t)moved * (uint64_t)it->step);
    it->left -= moved;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(length_hint_doc, "Private method returning an estimate of len(list(it)).");
PyDoc_STRVAR(reduce_doc, "Return state information for pickling.");
PyDoc_STRVAR(setstate_doc, "Set state information for unpickling.");

static PyMethodDef plain_methods[] = {
    {"__length_hint__", plain_length_hint, METH_NOARGS, length_hint_doc},
    {"__reduce__", plain_reduce, METH_NOARGS, reduce_doc},
    {"__setstate__", plain_setstate, METH_O, setstate_doc},
    {0},
};

PyTypeObject PyRangeIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "range_iterator",
    .tp_basicsize = sizeof(RangeIteratorObject),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = (destructor)(void (*)(void))PyObject_Free,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = plain_next,
    .tp_methods = plain_methods,
};

/* ---- of any size ---- */

typedef struct {
    PyObject_HEAD
    PyObject *index, *start, *step, *length;    /* owned exact ints */
} LongRangeIterator;

static inline LongRangeIterator *long_cast(PyObject *op)
{
    return (LongRangeIterator *)op;
}

PyObject *long_range_iterator_new(PyObject *start, PyObject *step, PyObject *count)
{
    PyObject *zero = PyLong_FromLong(0);
    if (!zero) return NULL;
    LongRangeIterator *it = PyObject_New(LongRangeIterator, &PyLongRangeIter_Type);
    if (!it) {
        Py_DECREF(zero);
        return NULL;
    }
    it->index = zero;
    it->start = Py_NewRef(start);
    it->step = Py_NewRef(step);
    it->length = Py_NewRef(count);
    return (PyObject *)it;
}

static void long_dealloc(PyObject *op)
{
    LongRangeIterator *it = long_cast(op);
    Py_DECREF(it->index);
    Py_DECREF(it->start);
    Py_DECREF(it->step);
    Py_DECREF(it->length);
    PyObject_Free(op);
}

static PyObject *long_next(PyObject *op)
{
    LongRangeIterator *it = long_cast(op);
    if (PyObject_RichCompareBool(it->index, it->length, Py_LT) != 1 || interrupt_check() < 0) return NULL;
    PyObject *one = PyLong_FromLong(1), *next = one ? PyNumber_Add(it->index, one) : NULL;
    Py_XDECREF(one);
    PyObject *value = next ? PyNumber_Multiply(it->index, it->step) : NULL;
    if (value) Py_SETREF(value, PyNumber_Add(it->start, value));
    if (value) Py_SETREF(it->index, next);
    else Py_XDECREF(next);
    return value;
}

static PyObject *long_length_hint(PyObject *op, PyObject *unused)
{
    (void)unused;
    return PyNumber_Subtract(long_cast(op)->length, long_cast(op)->index);
}

static PyObject *long_reduce(PyObject *op, PyObject *unused)
{
    (void)unused;
    LongRangeIterator *it = long_cast(op);
    PyObject *stop = PyNumber_Multiply(it->length, it->step);
    if (stop) Py_SETREF(stop, PyNumber_Add(it->start, stop));
    if (!stop) return NULL;
    PyObject *range = PyObject_CallFunctionObjArgs((PyObject *)&PyRange_Type, it->start, stop, it->step, NULL);
    Py_DECREF(stop);
    return reduce_steal(range, Py_NewRef(it->index));
}

static PyObject *long_setstate(PyObject *op, PyObject *state)
{
    LongRangeIterator *it = long_cast(op);
    PyObject *zero = PyLong_FromLong(0);
    if (!zero) return NULL;
    int below = PyObject_RichCompareBool(state, zero, Py_LT);
    int above = below ? 0 : PyObject_RichCompareBool(it->length, state, Py_LT);
    if (below >= 0 && above >= 0) {
        PyObject *index = below ? zero : above ? it->length : state;
        Py_SETREF(it->index, Py_NewRef(index));
    }
    Py_DECREF(zero);
    if (below < 0 || above < 0) return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef long_methods[] = {
    {"__length_hint__", long_length_hint, METH_NOARGS, length_hint_doc},
    {"__reduce__", long_reduce, METH_NOARGS, reduce_doc},
    {"__setstate__", long_setstate, METH_O, setstate_doc},
    {0},
};

PyTypeObject PyLongRangeIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "longrange_iterator",
    .tp_basicsize = sizeof(LongRangeIterator),
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_dealloc = long_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = long_next,
    .tp_methods = long_methods,
};
