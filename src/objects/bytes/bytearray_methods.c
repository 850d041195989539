/* Methods that bytearray has and bytes has not. */
#define PY_SSIZE_T_CLEAN
#include "objects/bytes/bytearray.h"
#include "objects/bytes/bytes.h"
#include "objects/names.h"

PyObject *bytearray_alloc_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyLong_FromSsize_t(((PyByteArrayObject *)self)->ob_alloc);
}

PyObject *bytearray_sizeof_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyLong_FromSsize_t(Py_TYPE(self)->tp_basicsize + ((PyByteArrayObject *)self)->ob_alloc);
}

/* Protocol below 3 can only pickle str: as Latin-1 text. */
static PyObject *reduce(PyObject *self, int proto)
{
    PyObject *state = _PyObject_GetState(self);
    if (state == NULL)
        return NULL;
    const char *p = PyByteArray_AS_STRING(self);
    Py_ssize_t n = Py_SIZE(self);
    if (proto < 3) {
        PyObject *text = PyUnicode_DecodeLatin1(p, n, NULL);
        if (text != NULL)
            return Py_BuildValue("(O(Ns)N)", Py_TYPE(self), text, "latin-1", state);
        Py_DECREF(state);
        return NULL;
    }
    if (n == 0)
        return Py_BuildValue("(O()N)", Py_TYPE(self), state);
    return Py_BuildValue("(O(y#)N)", Py_TYPE(self), p, n, state);
}

PyObject *bytearray_reduce_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    return reduce(self, 2);
}

PyObject *bytearray_reduce_ex_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    int proto = 0;
    if (!_PyArg_CheckPositional("__reduce_ex__", nargs, 0, 1))
        return NULL;
    if (nargs > 0 && (proto = _PyLong_AsInt(args[0])) == -1 && PyErr_Occurred())
        return NULL;
    return reduce(self, proto);
}

/* A value in range(256); -1 with the error of append() and its kin. */
static int byte_value(PyObject *obj)
{
    int overflow;
    long value = PyLong_AsLongAndOverflow(obj, &overflow);
    if (value == -1 && PyErr_Occurred())
        return -1;
    if (overflow || value < 0 || value > 255) {
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
        return -1;
    }
    return (int)value;
}

static int index_byte(PyObject *obj)
{
    PyObject *index = PyNumber_Index(obj);
    int value = index == NULL ? -1 : byte_value(index);
    Py_XDECREF(index);
    return value;
}

PyObject *bytearray_append_method(PyObject *self, PyObject *item)
{
    int byte = index_byte(item);
    if (byte < 0)
        return NULL;
    Py_ssize_t n = Py_SIZE(self);
    if (n == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "cannot add more objects to bytearray");
        return NULL;
    }
    if (PyByteArray_Resize(self, n + 1) < 0)
        return NULL;
    PyByteArray_AS_STRING(self)[n] = (char)byte;
    Py_RETURN_NONE;
}

PyObject *bytearray_clear_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    if (PyByteArray_Resize(self, 0) < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyObject *bytearray_copy_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    return PyByteArray_FromStringAndSize(PyByteArray_AS_STRING(self), Py_SIZE(self));
}

PyObject *bytearray_extend_method(PyObject *self, PyObject *iterable)
{
    PyObject *more, *it, *item;
    if (PyObject_CheckBuffer(iterable)) {
        Py_buffer view;
        Py_ssize_t n = Py_SIZE(self);
        if (iterable == self) {
            more = PySequence_InPlaceConcat(self, self);
            if (more == NULL)
                return NULL;
            Py_DECREF(more);
            Py_RETURN_NONE;
        }
        if (PyObject_GetBuffer(iterable, &view, PyBUF_SIMPLE) < 0)
            return NULL;
        int r = bytearray_splice(self, n, n, view.buf, view.len);
        PyBuffer_Release(&view);
        if (r < 0)
            return NULL;
        Py_RETURN_NONE;
    }
    it = PyObject_GetIter(iterable);
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError))
            PyErr_Format(PyExc_TypeError, "can't extend bytearray with %.100s", Py_TYPE(iterable)->tp_name);
        return NULL;
    }
    if (PyObject_LengthHint(iterable, 0) < 0) {     /* only asked for its errors: growing is cheap */
        Py_DECREF(it);
        return NULL;
    }
    more = PyByteArray_FromStringAndSize(NULL, 0);
    while (more != NULL && (item = PyIter_Next(it)) != NULL) {
        int byte = index_byte(item);
        Py_DECREF(item);
        Py_ssize_t n = Py_SIZE(more);
        if (byte < 0 || PyByteArray_Resize(more, n + 1) < 0)
            Py_CLEAR(more);
        else
            PyByteArray_AS_STRING(more)[n] = (char)byte;
    }
    Py_DECREF(it);
    if (more == NULL)
        return NULL;
    if (PyErr_Occurred()) {
        Py_DECREF(more);
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(self);
    int r = bytearray_splice(self, n, n, PyByteArray_AS_STRING(more), Py_SIZE(more));
    Py_DECREF(more);
    if (r < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyObject *bytearray_insert_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("insert", nargs, 2, 2))
        return NULL;
    PyObject *index = PyNumber_Index(args[0]);
    Py_ssize_t at = index == NULL ? -1 : PyLong_AsSsize_t(index);
    Py_XDECREF(index);
    if (at == -1 && PyErr_Occurred())
        return NULL;
    int byte = index_byte(args[1]);
    if (byte < 0)
        return NULL;
    Py_ssize_t n = Py_SIZE(self);
    if (n == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "cannot add more objects to bytearray");
        return NULL;
    }
    if (at < 0)
        at = Py_MAX(at + n, 0);
    at = Py_MIN(at, n);
    char c = (char)byte;
    if (bytearray_splice(self, at, at, &c, 1) < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyObject *bytearray_pop_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t at = -1, n;
    if (!_PyArg_CheckPositional("pop", nargs, 0, 1))
        return NULL;
    if (nargs > 0) {
        PyObject *index = PyNumber_Index(args[0]);
        at = index == NULL ? -1 : PyLong_AsSsize_t(index);
        Py_XDECREF(index);
        if (at == -1 && PyErr_Occurred())
            return NULL;
    }
    n = Py_SIZE(self);
    if (n == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty bytearray");
        return NULL;
    }
    if (at < 0)
        at += n;
    if (at < 0 || at >= n) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    int byte = (unsigned char)PyByteArray_AS_STRING(self)[at];
    if (bytearray_splice(self, at, at + 1, NULL, 0) < 0)
        return NULL;
    return PyLong_FromLong(byte);
}

PyObject *bytearray_remove_method(PyObject *self, PyObject *value)
{
    int byte = index_byte(value);
    if (byte < 0)
        return NULL;
    Py_ssize_t at = search_find_char(bytes_like_view(self), (Py_UCS4)byte);
    if (at < 0) {
        PyErr_SetString(PyExc_ValueError, "value not found in bytearray");
        return NULL;
    }
    if (bytearray_splice(self, at, at + 1, NULL, 0) < 0)
        return NULL;
    Py_RETURN_NONE;
}

PyObject *bytearray_reverse_method(PyObject *self, PyObject *unused)
{
    (void)unused;
    char *a = PyByteArray_AS_STRING(self), *b = a + Py_SIZE(self);
    while (a + 1 < b) {
        char c = *a;
        *a++ = *--b;
        *b = c;
    }
    Py_RETURN_NONE;
}
