/* Calling a type: an instance of it. */
#include "objects/thread_state.h"
#include "objects/names.h"
#include "objects/type/slot_functions.h"
#include "objects/type/type.h"

static PyObject *cannot_create(PyTypeObject *type)
{
    return PyErr_Format(PyExc_TypeError, "cannot create '%s' instances", type->tp_name);
}

PyObject *type_call(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (type == &PyType_Type) {
        Py_ssize_t nargs = PyTuple_GET_SIZE(args);
        if (nargs == 1 && (!kwargs || !PyDict_GET_SIZE(kwargs))) {
            return Py_NewRef((PyObject *)Py_TYPE(PyTuple_GET_ITEM(args, 0)));
        }
        if (nargs != 3) return PyErr_Format(PyExc_TypeError, "type() takes 1 or 3 arguments");
    }
    if (!type->tp_new) return cannot_create(type);
    PyObject *self = type->tp_new(type, args, kwargs);
    if (!self || !PyObject_TypeCheck(self, type)) return self;
    initproc init = Py_TYPE(self)->tp_init;
    if (init && init(self, args, kwargs) < 0) Py_CLEAR(self);
    return self;
}

/* self.__init__(*args), with self put before the arguments. 0, or -1 with an exception. */
static int call_init(PyObject *self, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    enum { FEW = 8 };
    bool unbound;
    PyObject *method = type_lookup_method(self, NAME(__init__), &unbound);
    if (!method) {
        if (!PyErr_Occurred()) PyErr_SetObject(PyExc_AttributeError, NAME(__init__));
        return -1;
    }
    PyObject *result;
    size_t nargs = (size_t)PyVectorcall_NARGS(nargsf),
           total = nargs + (kwnames ? (size_t)PyTuple_GET_SIZE(kwnames) : 0);
    if (!unbound) {
        result = PyObject_Vectorcall(method, args, nargsf, kwnames);
    } else if (nargsf & PY_VECTORCALL_ARGUMENTS_OFFSET) {
        PyObject **room = (PyObject **)args - 1, *saved = room[0];
        room[0] = self;
        result = PyObject_Vectorcall(method, room, nargs + 1, kwnames);
        room[0] = saved;
    } else {
        PyObject *few[FEW], **all = few;
        if (total + 1 > FEW && !(all = PyMem_New(PyObject *, total + 1))) {
            Py_DECREF(method);
            PyErr_NoMemory();
            return -1;
        }
        all[0] = self;
        if (total) memcpy(all + 1, args, total * sizeof(PyObject *));
        result = PyObject_Vectorcall(method, all, nargs + 1, kwnames);
        if (all != few) PyMem_Free(all);
    }
    Py_DECREF(method);
    if (!result) return -1;
    int status = 0;
    if (result != Py_None) {
        PyErr_Format(PyExc_TypeError, "__init__() should return None, not '%.200s'",
                     Py_TYPE(result)->tp_name);
        status = -1;
    }
    Py_DECREF(result);
    return status;
}

/* tp_vectorcall of classes: the common case, object.__new__ and an __init__ written in Python or
 * none, needs no argument tuple. */
PyObject *type_vectorcall_instance(PyObject *callable, PyObject *const *args, size_t nargsf,
                                   PyObject *kwnames)
{
    PyTypeObject *type = (PyTypeObject *)callable;
    if (type->tp_new == object_new && !(type->tp_flags & Py_TPFLAGS_IS_ABSTRACT)) {
        PyObject *self;
        if (type->tp_init == slot_tp_init) {
            self = type->tp_alloc(type, 0);
            if (self && call_init(self, args, nargsf, kwnames) < 0) Py_CLEAR(self);
            return self;
        }
        if (type->tp_init == object_init && !PyVectorcall_NARGS(nargsf) && !kwnames) {
            return type->tp_alloc(type, 0);
        }
    }
    return _PyObject_MakeTpCall(thread_state(), callable, args, PyVectorcall_NARGS(nargsf),
                                kwnames);
}

PyObject *type_vectorcall_type(PyObject *metatype, PyObject *const *args, size_t nargsf,
                               PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (nargs == 1 && metatype == (PyObject *)&PyType_Type
        && (!kwnames || PyTuple_GET_SIZE(kwnames) == 0)) {
        return Py_NewRef((PyObject *)Py_TYPE(args[0]));
    }
    return _PyObject_MakeTpCall(thread_state(), metatype, args, nargs, kwnames);
}
