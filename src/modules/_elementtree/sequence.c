/* An element as a sequence of its children. */
#include "modules/_elementtree/etree.h"

static Py_ssize_t length(Element *self) { return etree_length(self); }

static PyObject *item(Element *self, Py_ssize_t index)
{
    if (index < 0 || index >= etree_length(self)) {
        PyErr_SetString(PyExc_IndexError, "child index out of range");
        return NULL;
    }
    return Py_NewRef(self->extra->children[index]);
}

/* Deletes, too: value is NULL then. */
static int set_item(Element *self, Py_ssize_t index, PyObject *value)
{
    Py_ssize_t n = etree_length(self);
    if (index < 0 || index >= n) {
        PyErr_SetString(PyExc_IndexError, "child assignment index out of range");
        return -1;
    }
    if (value && etree_check_element(value) < 0) return -1;
    PyObject **place = &self->extra->children[index], *old = *place;
    if (value) *place = Py_NewRef(value);
    else {
        self->extra->length--;
        memmove(place, place + 1, (size_t)(n - 1 - index) * sizeof *place);
    }
    Py_DECREF(old);
    return 0;
}

static PyObject *subscript(Element *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) return NULL;
        return item(self, index < 0 ? index + etree_length(self) : index);
    }
    if (!PySlice_Check(key)) {
        PyErr_SetString(PyExc_TypeError, "element indices must be integers");
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) return NULL;
    Py_ssize_t count = PySlice_AdjustIndices(etree_length(self), &start, &stop, step);
    PyObject *list = PyList_New(count < 0 ? 0 : count);
    for (Py_ssize_t i = 0; list && i < count; i++) {
        PyList_SET_ITEM(list, i, Py_NewRef(self->extra->children[start + i * step]));
    }
    return list;
}

/* Takes `count` children at start, start + step, ... out into a new list, closing the gaps. The step is positive. */
static PyObject *take_out(Element *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count)
{
    PyObject *taken = PyList_New(count);
    if (!taken || count == 0) return taken;
    ElementExtra *extra = self->extra;
    Py_ssize_t to = start, next = start, found = 0;
    for (Py_ssize_t from = start; from < extra->length; from++) {
        if (from == next && found < count) {
            PyList_SET_ITEM(taken, found++, extra->children[from]);
            next += step;
        }
        else extra->children[to++] = extra->children[from];
    }
    extra->length = to;
    return taken;
}

/* Puts elements (of a tuple or list) in at `at`. */
static int put_in(Element *self, Py_ssize_t at, PyObject *elements)
{
    Py_ssize_t count = PySequence_Fast_GET_SIZE(elements);
    if (count == 0) return 0;
    if (etree_resize(self, count) < 0) return -1;
    PyObject **place = self->extra->children + at;
    memmove(place + count, place, (size_t)(self->extra->length - at) * sizeof *place);
    for (Py_ssize_t i = 0; i < count; i++) place[i] = Py_NewRef(PySequence_Fast_GET_ITEM(elements, i));
    self->extra->length += count;
    return 0;
}

static int delete_slice(Element *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count)
{
    if (step < 0) {
        start += step * (count - 1);
        step = -step;
    }
    PyObject *taken = take_out(self, start, step, count);
    Py_XDECREF(taken);
    return taken ? 0 : -1;
}

/* A new tuple of the elements of an iterable. */
static PyObject *read_elements(PyObject *value)
{
    PyObject *elements = PySequence_Tuple(value);
    if (!elements) {
        PyErr_Format(PyExc_TypeError, "expected sequence, not \"%.200s\"", Py_TYPE(value)->tp_name);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(elements); i++) {
        if (etree_check_element(PyTuple_GET_ITEM(elements, i)) < 0) {
            Py_DECREF(elements);
            return NULL;
        }
    }
    return elements;
}

static int set_slice(Element *self, PyObject *slice, PyObject *value)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) return -1;
    PyObject *elements = value ? read_elements(value) : NULL;
    if (value && !elements) return -1;
    Py_ssize_t count = PySlice_AdjustIndices(etree_length(self), &start, &stop, step);
    if (!value) return count ? delete_slice(self, start, step, count) : 0;
    int status = 0;
    if (step == 1) {
        PyObject *taken = take_out(self, start, 1, count);
        status = taken ? put_in(self, start, elements) : -1;
        Py_XDECREF(taken);
    }
    else if (PyTuple_GET_SIZE(elements) != count) {
        PyErr_Format(PyExc_ValueError, "attempt to assign sequence of size %zd to extended slice of size %zd",
                     PyTuple_GET_SIZE(elements), count);
        status = -1;
    }
    else if (count) {
        /* The tuple keeps the old children until all are exchanged. */
        PyObject **children = self->extra->children;
        PyObject *old = PyTuple_New(count);
        for (Py_ssize_t i = 0; old && i < count; i++) {
            PyTuple_SET_ITEM(old, i, children[start + i * step]);
            children[start + i * step] = Py_NewRef(PyTuple_GET_ITEM(elements, i));
        }
        status = old ? 0 : -1;
        Py_XDECREF(old);
    }
    Py_DECREF(elements);
    return status;
}

static int set_subscript(Element *self, PyObject *key, PyObject *value)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) return -1;
        return set_item(self, index < 0 ? index + etree_length(self) : index, value);
    }
    if (PySlice_Check(key)) return set_slice(self, key, value);
    PyErr_SetString(PyExc_TypeError, "element indices must be integers");
    return -1;
}

PySequenceMethods etree_as_sequence = {
    .sq_length = (lenfunc)length,
    .sq_item = (ssizeargfunc)item,
    .sq_ass_item = (ssizeobjargproc)set_item,
};

PyMappingMethods etree_as_mapping = {
    .mp_length = (lenfunc)length,
    .mp_subscript = (binaryfunc)subscript,
    .mp_ass_subscript = (objobjargproc)set_subscript,
};
