/* bool: the two ints that are called False and True. */
#include <Python.h>

#include "objects/immortal.h"
#include "objects/int/int.h"
#include "objects/names.h"

struct _longobject _Py_FalseStruct = {
    .ob_base = {.ob_base = IMMORTAL_HEAD(&PyBool_Type), .ob_size = 0}};
struct _longobject _Py_TrueStruct = {
    .ob_base = {.ob_base = IMMORTAL_HEAD(&PyBool_Type), .ob_size = 1},
    .ob_digit = {1},
};

PyObject *PyBool_FromLong(long value)
{
    return Py_NewRef(value ? Py_True : Py_False);
}

static PyObject *bool_repr(PyObject *self)
{
    return Py_NewRef(self == Py_True ? NAME(True) : NAME(False));
}

static PyObject *truth_of(PyObject *x)
{
    int truth = PyObject_IsTrue(x);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

static PyObject *bool_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("bool", kwargs)) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (!_PyArg_CheckPositional("bool", n, 0, 1)) return NULL;
    return n ? truth_of(PyTuple_GET_ITEM(args, 0)) : Py_NewRef(Py_False);
}

static PyObject *bool_vectorcall(PyObject *Py_UNUSED(type), PyObject *const *args, size_t nargsf,
                                 PyObject *kwnames)
{
    Py_ssize_t n = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("bool", kwnames) || !_PyArg_CheckPositional("bool", n, 0, 1)) return NULL;
    return n ? truth_of(args[0]) : Py_NewRef(Py_False);
}

/* Two bools give a bool; anything else is an operation on ints. */
#define LOGICAL_SLOT(name, op, slot)                                                              \
    static PyObject *name(PyObject *a, PyObject *b)                                               \
    {                                                                                             \
        if (!PyBool_Check(a) || !PyBool_Check(b)) return PyLong_Type.tp_as_number->slot(a, b);    \
        return PyBool_FromLong((a == Py_True)op(b == Py_True));                                   \
    }

LOGICAL_SLOT(bool_and, &, nb_and)
LOGICAL_SLOT(bool_or, |, nb_or)
LOGICAL_SLOT(bool_xor, ^, nb_xor)

/* A stray count brought a singleton to zero: put it back. */
static void bool_dealloc(PyObject *self)
{
    Py_SET_REFCNT(self, IMMORTAL_REFCNT);
}

static PyNumberMethods number_slots = {
    .nb_and = bool_and,
    .nb_xor = bool_xor,
    .nb_or = bool_or,
};

PyTypeObject PyBool_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "bool",
    .tp_basicsize = sizeof(struct _longobject),
    .tp_dealloc = bool_dealloc,
    .tp_repr = bool_repr,
    .tp_as_number = &number_slots,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_LONG_SUBCLASS,
    .tp_doc = "bool(x) -> bool\n\n"
              "True if x is true, False otherwise. The builtins True and False are the only "
              "instances of\n"
              "bool, a subclass of int that cannot itself be subclassed.",
    .tp_base = &PyLong_Type,
    .tp_new = bool_new,
    .tp_vectorcall = bool_vectorcall,
};

int bool_init_types(void)
{
    return PyType_Ready(&PyBool_Type);
}
