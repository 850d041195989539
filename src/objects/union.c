/* types.UnionType: int | str (PEP 604). */
#include "objects/generic.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"

#include <stddef.h>
#include <structmember.h>

static inline UnionObject *cast(PyObject *op)
{
    return (UnionObject *)op;
}

/* ---- making ---- */

static bool can_join(PyObject *op)
{
    return op == Py_None || PyType_Check(op) || generic_check(op) || union_check(op);
}

/* Appends `op` unless an equal part is there. Classes are equal only to themselves. -1 with an exception. */
static int append_part(PyObject *list, PyObject *op)
{
    if (op == Py_None) op = (PyObject *)Py_TYPE(Py_None);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject *other = PyList_GET_ITEM(list, i);
        int equal = op == other;
        if (generic_check(op) && generic_check(other)) equal = PyObject_RichCompareBool(op, other, Py_EQ);
        if (equal) return equal < 0 ? -1 : 0;
    }
    return PyList_Append(list, op);
}

/* Appends op, or its parts if it is a union. -1 with an exception. */
static int append_all(PyObject *list, PyObject *op)
{
    if (!union_check(op)) return append_part(list, op);
    PyObject *args = cast(op)->args;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        if (append_part(list, PyTuple_GET_ITEM(args, i)) < 0) return -1;
    }
    return 0;
}

/* The union of a tuple of parts, already without doubles. New reference. */
static PyObject *make_union(PyObject *args)
{
    UnionObject *self = PyObject_GC_New(UnionObject, &_PyUnion_Type);
    if (!self) return NULL;
    self->args = Py_NewRef(args);
    self->parameters = NULL;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

PyObject *union_or(PyObject *left, PyObject *right)
{
    if (!can_join(left) || !can_join(right)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *list = PyList_New(0), *result = NULL;
    if (!list) return NULL;
    if (append_all(list, left) == 0 && append_all(list, right) == 0) {
        if (PyList_GET_SIZE(list) == 1) {
            result = Py_NewRef(PyList_GET_ITEM(list, 0));
        } else {
            PyObject *args = PyList_AsTuple(list);
            result = args ? make_union(args) : NULL;
            Py_XDECREF(args);
        }
    }
    Py_DECREF(list);
    return result;
}

/* ---- the type ---- */

static void union_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_XDECREF(cast(op)->args);
    Py_XDECREF(cast(op)->parameters);
    PyObject_GC_Del(op);
}

static int union_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(cast(op)->args);
    Py_VISIT(cast(op)->parameters);
    return 0;
}

static PyObject *union_repr(PyObject *op)
{
    PyObject *args = cast(op)->args;
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args); i++) {
        PyObject *part = PyTuple_GET_ITEM(args, i);
        if (i && _PyUnicodeWriter_WriteASCIIString(&writer, " | ", 3) < 0) goto error;
        int result = part == (PyObject *)Py_TYPE(Py_None) ? _PyUnicodeWriter_WriteASCIIString(&writer, "None", 4)
                                                          : generic_write_repr(&writer, part);
        if (result < 0) goto error;
    }
    return _PyUnicodeWriter_Finish(&writer);
error:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

/* The order of the parts is of no meaning. */
static Py_hash_t union_hash(PyObject *op)
{
    if (c_stack_is_low("")) return -1;
    PyObject *set = PyFrozenSet_New(cast(op)->args);
    if (!set) return -1;
    Py_hash_t hash = PyObject_Hash(set);
    Py_DECREF(set);
    return hash;
}

static PyObject *union_compare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !union_check(a) || !union_check(b)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *x = PySet_New(cast(a)->args), *y = x ? PySet_New(cast(b)->args) : NULL;
    PyObject *result = y ? PyObject_RichCompare(x, y, op) : NULL;
    Py_XDECREF(x);
    Py_XDECREF(y);
    return result;
}

static PyObject *union_getattro(PyObject *op, PyObject *name)
{
    if (PyUnicode_Check(name) && _PyUnicode_EqualToASCIIString(name, "__module__")) {
        return PyObject_GetAttr((PyObject *)Py_TYPE(op), name);
    }
    return PyObject_GenericGetAttr(op, name);
}

static PyObject *union_parameters(PyObject *op, void *unused)
{
    (void)unused;
    UnionObject *self = cast(op);
    if (!self->parameters && !(self->parameters = generic_make_parameters(self->args))) return NULL;
    return Py_NewRef(self->parameters);
}

static PyObject *union_getitem(PyObject *op, PyObject *item)
{
    PyObject *parameters = union_parameters(op, NULL);
    if (!parameters) return NULL;
    PyObject *args = generic_substitute(op, cast(op)->args, parameters, item);
    Py_DECREF(parameters);
    if (!args) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *result = n ? Py_NewRef(PyTuple_GET_ITEM(args, 0)) : make_union(args);
    for (Py_ssize_t i = 1; result && i < n; i++) Py_SETREF(result, PyNumber_Or(result, PyTuple_GET_ITEM(args, i)));
    Py_DECREF(args);
    return result;
}

static PyMemberDef union_members[] = {
    {"__args__", T_OBJECT, offsetof(UnionObject, args), READONLY, NULL},
    {0},
};

static PyGetSetDef union_getset[] = {
    {"__parameters__", union_parameters, NULL, PyDoc_STR("Type variables in the types.UnionType."), NULL},
    {0},
};

static PyNumberMethods union_as_number = {.nb_or = union_or};
static PyMappingMethods union_as_mapping = {.mp_subscript = union_getitem};

PyTypeObject _PyUnion_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "types.UnionType",
    .tp_basicsize = sizeof(UnionObject),
    .tp_doc = PyDoc_STR("A union of types (PEP 604)\n\nFor example int | str"),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_dealloc = union_dealloc,
    .tp_repr = union_repr,
    .tp_as_number = &union_as_number,
    .tp_as_mapping = &union_as_mapping,
    .tp_hash = union_hash,
    .tp_getattro = union_getattro,
    .tp_traverse = union_traverse,
    .tp_richcompare = union_compare,
    .tp_members = union_members,
    .tp_getset = union_getset,
};
