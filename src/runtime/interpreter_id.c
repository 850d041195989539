/* InterpreterID: an int that names an interpreter and keeps it alive (what _xxsubinterpreters hands out). */
#include <Python.h>

#include <internal/krait_exports.h>

#include "objects/immortal.h"
#include "runtime/state.h"

typedef struct {
    PyObject_HEAD
    int64_t id;
} InterpreterID;

static InterpreterID *id_of(PyObject *o) { return (InterpreterID *)o; }

/* The number that an int or an InterpreterID stands for, as the "O&" format asks for it: 1, or 0 with an exception set. */
static int convert_id(PyObject *arg, void *target)
{
    int64_t id;
    if (PyObject_TypeCheck(arg, &_PyInterpreterID_Type)) id = id_of(arg)->id;
    else if (PyIndex_Check(arg)) {
        id = PyLong_AsLongLong(arg);
        if (id == -1 && PyErr_Occurred()) return 0;
        if (id < 0) {
            PyErr_Format(PyExc_ValueError, "interpreter ID must be a non-negative int, got %R", arg);
            return 0;
        }
    }
    else {
        PyErr_Format(PyExc_TypeError, "interpreter ID must be an int, got %.100s", Py_TYPE(arg)->tp_name);
        return 0;
    }
    *(int64_t *)target = id;
    return 1;
}

/* With `force`, an interpreter that is not there is no error. New reference. */
static PyObject *new_id(PyTypeObject *type, int64_t id, bool force)
{
    PyInterpreterState *interp = _PyInterpreterState_LookUpID(id);
    if (interp) {
        if (_PyInterpreterState_IDIncref(interp) < 0) return NULL;
    }
    else if (force) PyErr_Clear();
    else return NULL;
    PyObject *self = type->tp_alloc(type, 0);
    if (self) id_of(self)->id = id;
    else if (interp) _PyInterpreterState_IDDecref(interp);
    return self;
}

static PyObject *id_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"id", "force", NULL};
    int64_t id;
    int force = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O&|$p:InterpreterID.__init__", names, convert_id, &id, &force)) return NULL;
    return new_id(type, id, force);
}

static void id_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyInterpreterState *interp = _PyInterpreterState_LookUpID(id_of(self)->id);
    if (interp) _PyInterpreterState_IDDecref(interp);
    else PyErr_Clear();
    type->tp_free(self);
    if (PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE)) Py_DECREF(type);
}

static PyObject *id_repr(PyObject *self)
{
    return PyUnicode_FromFormat("%s(%lld)", _PyType_Name(Py_TYPE(self)), (long long)id_of(self)->id);
}

static PyObject *id_str(PyObject *self) { return PyUnicode_FromFormat("%lld", (long long)id_of(self)->id); }
static PyObject *id_int(PyObject *self) { return PyLong_FromLongLong(id_of(self)->id); }

static Py_hash_t id_hash(PyObject *self)
{
    PyObject *value = id_int(self);
    Py_hash_t hash = value ? PyObject_Hash(value) : -1;
    Py_XDECREF(value);
    return hash;
}

/* Equal to whatever number has its value; there is no order. */
static PyObject *id_compare(PyObject *self, PyObject *other, int op)
{
    if (op != Py_EQ && op != Py_NE) Py_RETURN_NOTIMPLEMENTED;
    if (PyObject_TypeCheck(other, &_PyInterpreterID_Type)) {
        return PyBool_FromLong((id_of(self)->id == id_of(other)->id) == (op == Py_EQ));
    }
    if (!PyNumber_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    PyObject *value = id_int(self), *result = value ? PyObject_RichCompare(value, other, op) : NULL;
    Py_XDECREF(value);
    return result;
}

static PyNumberMethods id_as_number = {.nb_int = id_int, .nb_index = id_int};

PyDoc_STRVAR(id_doc, "The number of an interpreter; may be used as an int, and keeps its interpreter.");

PyTypeObject _PyInterpreterID_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "InterpreterID",
    .tp_basicsize = sizeof(InterpreterID),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = id_doc,
    .tp_new = id_new,
    .tp_dealloc = id_dealloc,
    .tp_repr = id_repr,
    .tp_str = id_str,
    .tp_hash = id_hash,
    .tp_richcompare = id_compare,
    .tp_as_number = &id_as_number,
};

/* The InterpreterID of a number; RuntimeError if no interpreter has it. New reference. */
PyObject *_PyInterpreterID_New(int64_t id) { return new_id(&_PyInterpreterID_Type, id, false); }

/* The interpreter that an int or an InterpreterID names, or NULL with an exception. */
PyInterpreterState *_PyInterpreterID_LookUp(PyObject *name)
{
    int64_t id;
    return convert_id(name, &id) ? _PyInterpreterState_LookUpID(id) : NULL;
}

/* The InterpreterID of an interpreter. New reference. */
PyObject *_PyInterpreterState_GetIDObject(PyInterpreterState *interp)
{
    if (_PyInterpreterState_IDInitref(interp) < 0) return NULL;
    int64_t id = PyInterpreterState_GetID(interp);
    return id < 0 ? NULL : _PyInterpreterID_New(id);
}
