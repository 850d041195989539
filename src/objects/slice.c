/* slice and Ellipsis. */
#include "objects/abstract.h"
#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/int/int.h"

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

/* ---- Ellipsis ---- */

static PyObject *ellipsis_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    if (PyTuple_GET_SIZE(args) || (kwargs && PyDict_GET_SIZE(kwargs))) {
        PyErr_SetString(PyExc_TypeError, "EllipsisType takes no arguments");
        return NULL;
    }
    return Py_NewRef(Py_Ellipsis);
}

static PyObject *ellipsis_repr(PyObject *self)
{
    (void)self;
    return PyUnicode_FromString("Ellipsis");
}

static PyObject *ellipsis_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    return ellipsis_repr(self);
}

static PyMethodDef ellipsis_methods[] = {
    {"__reduce__", ellipsis_reduce, METH_NOARGS, NULL},
    {0},
};

PyTypeObject PyEllipsis_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "ellipsis",
    .tp_repr = ellipsis_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_methods = ellipsis_methods,
    .tp_new = ellipsis_new,
};

PyObject _Py_EllipsisObject = IMMORTAL_HEAD(&PyEllipsis_Type);

/* ---- making slices ---- */

/* Steals the three references, even on failure. */
static PyObject *slice_new_steal(PyObject *start, PyObject *stop, PyObject *step)
{
    PySliceObject *self = container_new(&PySlice_Type, sizeof(PySliceObject));
    if (!self) {
        Py_DECREF(start);
        Py_DECREF(stop);
        Py_DECREF(step);
        return NULL;
    }
    self->start = start;
    self->stop = stop;
    self->step = step;
    gc_track(self);
    return (PyObject *)self;
}

/* NULL stands for None. */
PyObject *PySlice_New(PyObject *start, PyObject *stop, PyObject *step)
{
    return slice_new_steal(Py_NewRef(start ? start : Py_None), Py_NewRef(stop ? stop : Py_None),
                           Py_NewRef(step ? step : Py_None));
}

PyObject *_PySlice_FromIndices(Py_ssize_t start, Py_ssize_t stop)
{
    PyObject *a = PyLong_FromSsize_t(start);
    if (!a) return NULL;
    PyObject *b = PyLong_FromSsize_t(stop);
    if (!b) {
        Py_DECREF(a);
        return NULL;
    }
    return slice_new_steal(a, b, Py_NewRef(Py_None));
}

/* ---- reading slices ---- */

static COLD int step_error(void)
{
    PyErr_SetString(PyExc_ValueError, "slice step cannot be zero");
    return -1;
}

/* An end or a step: an int of any size is cut to what fits, None leaves *out alone. False with an exception. */
static inline bool read_part(PyObject *part, Py_ssize_t *out)
{
    int64_t value;
    if (part == Py_None) return true;
    if (LIKELY(PyLong_CheckExact(part) && int_fits_two_digits(part, &value))) {
        *out = value;
        return true;
    }
    return _PyEval_SliceIndex(part, out);
}

int PySlice_Unpack(PyObject *op, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step)
{
    PySliceObject *slice = (PySliceObject *)op;
    *step = 1;
    if (slice->step != Py_None) {
        if (!read_part(slice->step, step)) return -1;
        if (*step == 0) return step_error();
        /* So that -step fits too. */
        if (*step < -PY_SSIZE_T_MAX) *step = -PY_SSIZE_T_MAX;
    }
    *start = *step < 0 ? PY_SSIZE_T_MAX : 0;
    *stop = *step < 0 ? PY_SSIZE_T_MIN : PY_SSIZE_T_MAX;
    return read_part(slice->start, start) && read_part(slice->stop, stop) ? 0 : -1;
}

static Py_ssize_t clip(Py_ssize_t index, Py_ssize_t length, Py_ssize_t step)
{
    if (index < 0) {
        index += length;
        return index < 0 ? (step < 0 ? -1 : 0) : index;
    }
    return index >= length ? (step < 0 ? length - 1 : length) : index;
}

/* Clips the ends to a sequence of `length` and returns how many items the slice has. */
Py_ssize_t PySlice_AdjustIndices(Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t step)
{
    *start = clip(*start, length, step);
    *stop = clip(*stop, length, step);
    if (step < 0) return *stop < *start ? (*start - *stop - 1) / -step + 1 : 0;
    return *start < *stop ? (*stop - *start - 1) / step + 1 : 0;
}

#undef PySlice_GetIndicesEx
int PySlice_GetIndicesEx(PyObject *op, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step,
                         Py_ssize_t *slice_length)
{
    if (PySlice_Unpack(op, start, stop, step) < 0) return -1;
    *slice_length = PySlice_AdjustIndices(length, start, stop, *step);
    return 0;
}

/* The oldest form: ints only, and no clipping beyond the length. -1 without an exception for what it does not understand. */
int PySlice_GetIndices(PyObject *op, Py_ssize_t length, Py_ssize_t *start, Py_ssize_t *stop, Py_ssize_t *step)
{
    PySliceObject *slice = (PySliceObject *)op;
    *step = 1;
    if (slice->step != Py_None) {
        if (!PyLong_Check(slice->step)) return -1;
        *step = PyLong_AsSsize_t(slice->step);
    }
    *start = *step < 0 ? length - 1 : 0;
    if (slice->start != Py_None) {
        if (!PyLong_Check(slice->start)) return -1;
        *start = PyLong_AsSsize_t(slice->start);
        if (*start < 0) *start += length;
    }
    *stop = *step < 0 ? -1 : length;
    if (slice->stop != Py_None) {
        if (!PyLong_Check(slice->stop)) return -1;
        *stop = PyLong_AsSsize_t(slice->stop);
        if (*stop < 0) *stop += length;
    }
    if (*stop > length) return -1;
    if (*start >= length) return -1;
    return *step == 0 ? -1 : 0;
}

/* ---- indices of any size ---- */

static PyObject *index_of(PyObject *op)
{
    if (PyIndex_Check(op)) return PyNumber_Index(op);
    PyErr_SetString(PyExc_TypeError, "slice indices must be integers or None or have an __index__ method");
    return NULL;
}

static int is_less(PyObject *a, PyObject *b)
{
    return PyObject_RichCompareBool(a, b, Py_LT);
}

/* An end of the slice, clipped to [lower, upper]; None stands for `fallback`. New reference. */
static PyObject *clip_long(PyObject *end, PyObject *length, PyObject *lower, PyObject *upper, PyObject *fallback)
{
    if (end == Py_None) return Py_NewRef(fallback);
    PyObject *index = index_of(end);
    if (!index) return NULL;
    if (_PyLong_Sign(index) < 0) {
        Py_SETREF(index, PyNumber_Add(index, length));
        if (!index) return NULL;
        int less = is_less(index, lower);
        if (less > 0) Py_SETREF(index, Py_NewRef(lower));
        else if (less < 0) Py_CLEAR(index);
    } else {
        int less = is_less(upper, index);
        if (less > 0) Py_SETREF(index, Py_NewRef(upper));
        else if (less < 0) Py_CLEAR(index);
    }
    return index;
}

/* slice.indices() for a length that is any int >= 0: three new references. -1 with an exception. */
int _PySlice_GetLongIndices(PySliceObject *self, PyObject *length, PyObject **start, PyObject **stop, PyObject **step)
{
    PyObject *lower = NULL, *upper = NULL;
    *start = *stop = *step = NULL;
    *step = self->step == Py_None ? PyLong_FromLong(1) : index_of(self->step);
    if (!*step) goto error;
    int sign = _PyLong_Sign(*step);
    if (sign == 0) {
        step_error();
        goto error;
    }
    bool back = sign < 0;
    lower = PyLong_FromLong(back ? -1 : 0);
    if (!lower) goto error;
    upper = back ? PyNumber_Add(length, lower) : Py_NewRef(length);
    if (!upper) goto error;
    *start = clip_long(self->start, length, lower, upper, back ? upper : lower);
    if (!*start) goto error;
    *stop = clip_long(self->stop, length, lower, upper, back ? lower : upper);
    if (!*stop) goto error;
    Py_DECREF(lower);
    Py_DECREF(upper);
    return 0;
error:
    Py_CLEAR(*start);
    Py_CLEAR(*stop);
    Py_CLEAR(*step);
    Py_XDECREF(lower);
    Py_XDECREF(upper);
    return -1;
}

static PyObject *slice_indices(PySliceObject *self, PyObject *op)
{
    PyObject *length = PyNumber_Index(op);
    if (!length) return NULL;
    PyObject *start, *stop, *step, *result = NULL;
    if (_PyLong_Sign(length) < 0) PyErr_SetString(PyExc_ValueError, "length should not be negative");
    else if (_PySlice_GetLongIndices(self, length, &start, &stop, &step) == 0) {
        result = Py_BuildValue("(NNN)", start, stop, step);
    }
    Py_DECREF(length);
    return result;
}

/* ---- the type ---- */

static PyObject *slice_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    if (!_PyArg_NoKeywords("slice", kwargs)) return NULL;
    PyObject *start = NULL, *stop = NULL, *step = NULL;
    if (!PyArg_UnpackTuple(args, "slice", 1, 3, &start, &stop, &step)) return NULL;
    if (!stop) {
        stop = start;
        start = NULL;
    }
    return PySlice_New(start, stop, step);
}

static void release_parts(PySliceObject *self)
{
    Py_DECREF(self->start);
    Py_DECREF(self->stop);
    Py_DECREF(self->step);
    gc_free(self, sizeof(GcHead));
}

static void slice_dealloc(PyObject *op)
{
    PySliceObject *self = (PySliceObject *)op;
    if (gc_tracked(self)) gc_untrack(self);
    if (!release_may_nest(self->start) && !release_may_nest(self->stop) && !release_may_nest(self->step)) {
        release_parts(self);
        return;
    }
    Py_TRASHCAN_BEGIN(self, slice_dealloc)
    release_parts(self);
    Py_TRASHCAN_END
}

static int slice_traverse(PySliceObject *self, visitproc visit, void *arg)
{
    Py_VISIT(self->start);
    Py_VISIT(self->stop);
    Py_VISIT(self->step);
    return 0;
}

static PyObject *slice_repr(PySliceObject *self)
{
    return PyUnicode_FromFormat("slice(%R, %R, %R)", self->start, self->stop, self->step);
}

static PyObject *slice_compare(PyObject *a, PyObject *b, int op)
{
    if (!PySlice_Check(a) || !PySlice_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    if (a == b) return PyBool_FromLong(op == Py_EQ || op == Py_LE || op == Py_GE);
    PySliceObject *x = (PySliceObject *)a, *y = (PySliceObject *)b;
    PyObject *left = PyTuple_Pack(3, x->start, x->stop, x->step);
    PyObject *right = left ? PyTuple_Pack(3, y->start, y->stop, y->step) : NULL;
    PyObject *result = right ? PyObject_RichCompare(left, right, op) : NULL;
    Py_XDECREF(left);
    Py_XDECREF(right);
    return result;
}

static PyObject *slice_reduce(PySliceObject *self, PyObject *unused)
{
    (void)unused;
    return Py_BuildValue("O(OOO)", Py_TYPE(self), self->start, self->stop, self->step);
}

static PyMethodDef slice_methods[] = {
    {"indices", (PyCFunction)slice_indices, METH_O,
     PyDoc_STR("S.indices(len) -> (start, stop, stride)\n\nThe ends and the step of the slice for a sequence of that length;\n"
               "ends outside of it are clipped as slicing does.")},
    {"__reduce__", (PyCFunction)slice_reduce, METH_NOARGS, PyDoc_STR("Return state information for pickling.")},
    {0},
};

static PyMemberDef slice_members[] = {
    {"start", T_OBJECT, offsetof(PySliceObject, start), READONLY, NULL},
    {"stop", T_OBJECT, offsetof(PySliceObject, stop), READONLY, NULL},
    {"step", T_OBJECT, offsetof(PySliceObject, step), READONLY, NULL},
    {0},
};

PyDoc_STRVAR(slice_doc,
"slice(stop)\nslice(start, stop[, step])\n\nA slice object, as extended slicing makes one (a[0:10:2]).");

PyTypeObject PySlice_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "slice",
    .tp_basicsize = sizeof(PySliceObject),
    .tp_doc = slice_doc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = slice_dealloc,
    .tp_repr = (reprfunc)slice_repr,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_traverse = (traverseproc)slice_traverse,
    .tp_richcompare = slice_compare,
    .tp_methods = slice_methods,
    .tp_members = slice_members,
    .tp_new = slice_new,
};
