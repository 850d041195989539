/* Iterator over the characters of a str. */
#include "objects/immortal.h"
#include "objects/str/str_internal.h"

PyObject *str_iter(PyObject *s)
{
    if (PyUnicode_READY(s) < 0)
        return NULL;
    StrIterator *it = PyObject_GC_New(StrIterator, PyUnicode_IS_COMPACT_ASCII(s) ? &_PyUnicodeASCIIIter_Type : &PyUnicodeIter_Type);
    if (it == NULL)
        return NULL;
    it->index = 0;
    it->str = Py_NewRef(s);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static void iter_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((StrIterator *)self)->str);
    PyObject_GC_Del(self);
}

static int iter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((StrIterator *)self)->str);
    return 0;
}

static PyObject *iter_next(PyObject *self)
{
    StrIterator *it = (StrIterator *)self;
    if (it->str == NULL)
        return NULL;
    if (it->index < PyUnicode_GET_LENGTH(it->str))
        return str_getitem(it->str, it->index++);
    Py_CLEAR(it->str);
    return NULL;
}

static PyObject *ascii_iter_next(PyObject *self)
{
    StrIterator *it = (StrIterator *)self;
    if (it->str == NULL)
        return NULL;
    if (it->index < PyUnicode_GET_LENGTH(it->str))
        return Py_NewRef(str_latin1_borrow(PyUnicode_1BYTE_DATA(it->str)[it->index++]));
    Py_CLEAR(it->str);
    return NULL;
}

static PyObject *iter_length_hint(PyObject *self, PyObject *unused)
{
    (void)unused;
    StrIterator *it = (StrIterator *)self;
    return PyLong_FromSsize_t(it->str == NULL ? 0 : PyUnicode_GET_LENGTH(it->str) - it->index);
}

static PyObject *iter_reduce(PyObject *self, PyObject *unused)
{
    (void)unused;
    StrIterator *it = (StrIterator *)self;
    PyObject *builtins = PyEval_GetBuiltins();
    PyObject *iter = builtins == NULL ? NULL : PyMapping_GetItemString(builtins, "iter");
    if (iter == NULL)
        return NULL;
    if (it->str != NULL)
        return Py_BuildValue("N(O)n", iter, it->str, it->index);
    return Py_BuildValue("N(N)", iter, str_empty());
}

static PyObject *iter_setstate(PyObject *self, PyObject *state)
{
    StrIterator *it = (StrIterator *)self;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred())
        return NULL;
    if (it->str != NULL) {
        index = Py_MAX(index, 0);
        it->index = Py_MIN(index, PyUnicode_GET_LENGTH(it->str));
    }
    Py_RETURN_NONE;
}

static PyMethodDef iter_methods[] = {
    {"__length_hint__", iter_length_hint, METH_NOARGS,
     PyDoc_STR("How many characters are still to come.")},
    {"__reduce__", iter_reduce, METH_NOARGS, PyDoc_STR("What pickling needs.")},
    {"__setstate__", iter_setstate, METH_O, PyDoc_STR("What unpickling needs.")},
    {0},
};

PyTypeObject PyUnicodeIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "str_iterator",
    .tp_basicsize = sizeof(StrIterator),
    .tp_dealloc = iter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = iter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iter_next,
    .tp_methods = iter_methods,
};

/* Of compact ASCII text, which most is. */
PyTypeObject _PyUnicodeASCIIIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "str_ascii_iterator",
    .tp_basicsize = sizeof(StrIterator),
    .tp_dealloc = iter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = iter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = ascii_iter_next,
    .tp_methods = iter_methods,
};
