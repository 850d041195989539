/* Cells: the shared variables of closures. */
#include <Python.h>

#include "objects/immortal.h"

PyObject *PyCell_New(PyObject *op)
{
    PyCellObject *cell = PyObject_GC_New(PyCellObject, &PyCell_Type);
    if (!cell) return NULL;
    cell->ob_ref = Py_XNewRef(op);
    PyObject_GC_Track(cell);
    return (PyObject *)cell;
}

/* New reference to the content; NULL without an exception when empty. */
PyObject *PyCell_Get(PyObject *op)
{
    if (!PyCell_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return Py_XNewRef(PyCell_GET(op));
}

int PyCell_Set(PyObject *op, PyObject *value)
{
    if (!PyCell_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyObject *old = PyCell_GET(op);
    PyCell_SET(op, Py_XNewRef(value));
    Py_XDECREF(old);
    return 0;
}

static PyObject *cell_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    if (!_PyArg_NoKeywords("cell", kwargs)) return NULL;
    PyObject *content = NULL;
    if (!PyArg_UnpackTuple(args, "cell", 0, 1, &content)) return NULL;
    return PyCell_New(content);
}

static void cell_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, cell_dealloc)
    Py_XDECREF(PyCell_GET(op));
    PyObject_GC_Del(op);
    Py_TRASHCAN_END
}

static PyObject *cell_compare(PyObject *a, PyObject *b, int op)
{
    if (!PyCell_Check(a) || !PyCell_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    a = PyCell_GET(a);
    b = PyCell_GET(b);
    if (a && b) return PyObject_RichCompare(a, b, op);
    /* An empty cell is less than any other. */
    Py_RETURN_RICHCOMPARE(b == NULL, a == NULL, op);
}

static PyObject *cell_repr(PyCellObject *self)
{
    if (!self->ob_ref) return PyUnicode_FromFormat("<cell at %p: empty>", self);
    return PyUnicode_FromFormat("<cell at %p: %.80s object at %p>", self, Py_TYPE(self->ob_ref)->tp_name, self->ob_ref);
}

static int cell_traverse(PyCellObject *self, visitproc visit, void *arg)
{
    Py_VISIT(self->ob_ref);
    return 0;
}

static int cell_clear(PyCellObject *self)
{
    Py_CLEAR(self->ob_ref);
    return 0;
}

static PyObject *cell_get_contents(PyCellObject *self, void *unused)
{
    (void)unused;
    if (self->ob_ref) return Py_NewRef(self->ob_ref);
    PyErr_SetString(PyExc_ValueError, "Cell is empty");
    return NULL;
}

static int cell_set_contents(PyCellObject *self, PyObject *value, void *unused)
{
    (void)unused;
    Py_XINCREF(value);
    Py_XSETREF(self->ob_ref, value);
    return 0;
}

static PyGetSetDef cell_getset[] = {
    {"cell_contents", (getter)cell_get_contents, (setter)cell_set_contents, NULL, NULL},
    {0},
};

PyTypeObject PyCell_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "cell",
    .tp_doc = PyDoc_STR("cell([contents])\n--\n\nA variable that functions share.\n\n  contents\n    its value; the cell is empty without."),
    .tp_basicsize = sizeof(PyCellObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = cell_dealloc,
    .tp_repr = (reprfunc)cell_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_traverse = (traverseproc)cell_traverse,
    .tp_clear = (inquiry)cell_clear,
    .tp_richcompare = cell_compare,
    .tp_getset = cell_getset,
    .tp_new = cell_new,
};
