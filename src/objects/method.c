/* Bound methods, and instancemethod, which makes a C function bind like one written in Python. */
#include "objects/call.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

#define SMALL_STACK 6

static inline PyMethodObject *cast(PyObject *op)
{
    return (PyMethodObject *)op;
}

/* ---- calls ---- */

static PyObject *method_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (c_stack_is_low(" while calling a Python object")) return NULL;
    PyThreadState *tstate = thread_state();
    PyObject *self = cast(op)->im_self, *func = cast(op)->im_func;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (nargsf & PY_VECTORCALL_ARGUMENTS_OFFSET) {
        /* The word before the arguments is ours for the call: self goes there, and nothing is copied. */
        PyObject **with_self = (PyObject **)args - 1;
        PyObject *saved = with_self[0];
        with_self[0] = self;
        PyObject *result = call_vector(tstate, func, with_self, (size_t)nargs + 1, kwnames);
        with_self[0] = saved;
        return result;
    }
    Py_ssize_t total = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
    if (total == 0) return call_vector(tstate, func, &self, 1, NULL);
    PyObject *small[SMALL_STACK], **stack = small;
    if (total + 1 > SMALL_STACK) {
        stack = PyMem_Malloc((size_t)(total + 1) * sizeof(PyObject *));
        if (!stack) return PyErr_NoMemory();
    }
    stack[0] = self;
    memcpy(stack + 1, args, (size_t)total * sizeof(PyObject *));
    PyObject *result = call_vector(tstate, func, stack, (size_t)nargs + 1, kwnames);
    if (stack != small) PyMem_Free(stack);
    return result;
}

PyObject *PyMethod_New(PyObject *func, PyObject *self)
{
    if (!self) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyMethodObject *method = PyObject_GC_New(PyMethodObject, &PyMethod_Type);
    if (!method) return NULL;
    method->im_weakreflist = NULL;
    method->im_func = Py_NewRef(func);
    method->im_self = Py_NewRef(self);
    method->vectorcall = method_vectorcall;
    PyObject_GC_Track(method);
    return (PyObject *)method;
}

/* Borrowed references. */
PyObject *PyMethod_Function(PyObject *op)
{
    if (PyMethod_Check(op)) return cast(op)->im_func;
    PyErr_BadInternalCall();
    return NULL;
}

PyObject *PyMethod_Self(PyObject *op)
{
    if (PyMethod_Check(op)) return cast(op)->im_self;
    PyErr_BadInternalCall();
    return NULL;
}

/* ---- method ---- */

/* An attribute of op's type, or else of the function. */
static PyObject *getattro(PyObject *op, PyObject *name, PyObject *func)
{
    if (c_stack_is_low("")) return NULL;
    PyObject *attribute = _PyType_Lookup(Py_TYPE(op), name);
    if (!attribute) return PyObject_GetAttr(func, name);
    descrgetfunc get = Py_TYPE(attribute)->tp_descr_get;
    if (!get) return Py_NewRef(attribute);
    Py_INCREF(attribute);
    PyObject *result = get(attribute, op, (PyObject *)Py_TYPE(op));
    Py_DECREF(attribute);
    return result;
}

static PyObject *method_getattro(PyObject *op, PyObject *name)
{
    return getattro(op, name, cast(op)->im_func);
}

static PyObject *method_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    PyObject *func, *self = NULL;
    if (!_PyArg_NoKeywords("method", kwargs)) return NULL;
    if (!PyArg_UnpackTuple(args, "method", 2, 2, &func, &self)) return NULL;
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first argument must be callable");
        return NULL;
    }
    if (!self || self == Py_None) {
        PyErr_SetString(PyExc_TypeError, "instance must not be None");
        return NULL;
    }
    return PyMethod_New(func, self);
}

static void method_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, method_dealloc)
    if (cast(op)->im_weakreflist) PyObject_ClearWeakRefs(op);
    Py_DECREF(cast(op)->im_func);
    Py_XDECREF(cast(op)->im_self);
    PyObject_GC_Del(op);
    Py_TRASHCAN_END
}

static int method_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(cast(op)->im_func);
    Py_VISIT(cast(op)->im_self);
    return 0;
}

static PyObject *method_compare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyMethod_Check(a) || !PyMethod_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    int equal = PyObject_RichCompareBool(cast(a)->im_func, cast(b)->im_func, Py_EQ);
    if (equal < 0) return NULL;
    equal = equal && cast(a)->im_self == cast(b)->im_self;
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t method_hash(PyObject *op)
{
    Py_hash_t function = PyObject_Hash(cast(op)->im_func);
    if (function == -1) return -1;
    Py_hash_t hash = _Py_HashPointer(cast(op)->im_self) ^ function;
    return hash == -1 ? -2 : hash;
}

/* The function's __qualname__ or __name__ if one of them is a str: new reference, or NULL (perhaps with an exception). */
static PyObject *function_name(PyObject *func)
{
    PyObject *name;
    if (_PyObject_LookupAttr(func, NAME(__qualname__), &name) < 0) return NULL;
    if (!name && _PyObject_LookupAttr(func, NAME(__name__), &name) < 0) return NULL;
    if (name && !PyUnicode_Check(name)) Py_CLEAR(name);
    return name;
}

static PyObject *method_repr(PyObject *op)
{
    PyObject *name = function_name(cast(op)->im_func);
    if (!name && PyErr_Occurred()) return NULL;
    PyObject *result = PyUnicode_FromFormat("<bound method %V of %R>", name, "?", cast(op)->im_self);
    Py_XDECREF(name);
    return result;
}

static PyObject *method_reduce(PyObject *op, PyObject *unused)
{
    (void)unused;
    PyObject *name = PyObject_GetAttr(cast(op)->im_func, NAME(__name__));
    if (!name) return NULL;
    PyObject *getattr = _PyEval_GetBuiltin(NAME(getattr));
    if (!getattr) {
        Py_DECREF(name);
        return NULL;
    }
    return Py_BuildValue("N(ON)", getattr, cast(op)->im_self, name);
}

static PyObject *method_doc(PyObject *op, void *unused)
{
    (void)unused;
    return PyObject_GetAttr(cast(op)->im_func, NAME(__doc__));
}

static PyMethodDef method_methods[] = {
    {"__reduce__", method_reduce, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {0},
};

static PyMemberDef method_members[] = {
    {"__func__", T_OBJECT, offsetof(PyMethodObject, im_func), READONLY, "the callable that is bound"},
    {"__self__", T_OBJECT, offsetof(PyMethodObject, im_self), READONLY, "the instance it is bound to"},
    {0},
};

static PyGetSetDef method_getset[] = {
    {"__doc__", method_doc, NULL, NULL, NULL},
    {0},
};

PyTypeObject PyMethod_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "method",
    .tp_basicsize = sizeof(PyMethodObject),
    .tp_doc = PyDoc_STR("method(function, instance, /)\n--\n\nA function bound to an instance."),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_dealloc = method_dealloc,
    .tp_vectorcall_offset = offsetof(PyMethodObject, vectorcall),
    .tp_repr = method_repr,
    .tp_hash = method_hash,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = method_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_traverse = method_traverse,
    .tp_richcompare = method_compare,
    .tp_weaklistoffset = offsetof(PyMethodObject, im_weakreflist),
    .tp_methods = method_methods,
    .tp_members = method_members,
    .tp_getset = method_getset,
    .tp_new = method_new,
};

/* ---- instancemethod ---- */

PyObject *PyInstanceMethod_New(PyObject *func)
{
    PyInstanceMethodObject *op = PyObject_GC_New(PyInstanceMethodObject, &PyInstanceMethod_Type);
    if (!op) return NULL;
    op->func = Py_NewRef(func);
    PyObject_GC_Track(op);
    return (PyObject *)op;
}

/* Borrowed reference. */
PyObject *PyInstanceMethod_Function(PyObject *op)
{
    if (PyInstanceMethod_Check(op)) return PyInstanceMethod_GET_FUNCTION(op);
    PyErr_BadInternalCall();
    return NULL;
}

static PyObject *instancemethod_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    (void)type;
    PyObject *func;
    if (!_PyArg_NoKeywords("instancemethod", kwargs)) return NULL;
    if (!PyArg_UnpackTuple(args, "instancemethod", 1, 1, &func)) return NULL;
    if (!PyCallable_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "first argument must be callable");
        return NULL;
    }
    return PyInstanceMethod_New(func);
}

static void instancemethod_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_DECREF(PyInstanceMethod_GET_FUNCTION(op));
    PyObject_GC_Del(op);
}

static int instancemethod_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(PyInstanceMethod_GET_FUNCTION(op));
    return 0;
}

static PyObject *instancemethod_getattro(PyObject *op, PyObject *name)
{
    return getattro(op, name, PyInstanceMethod_GET_FUNCTION(op));
}

static PyObject *instancemethod_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(PyInstanceMethod_GET_FUNCTION(op), args, kwargs);
}

static PyObject *instancemethod_descr_get(PyObject *op, PyObject *obj, PyObject *cls)
{
    (void)cls;
    PyObject *func = PyInstanceMethod_GET_FUNCTION(op);
    return obj ? PyMethod_New(func, obj) : Py_NewRef(func);
}

static PyObject *instancemethod_compare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyInstanceMethod_Check(a) || !PyInstanceMethod_Check(b)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int equal = PyObject_RichCompareBool(PyInstanceMethod_GET_FUNCTION(a), PyInstanceMethod_GET_FUNCTION(b), Py_EQ);
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *instancemethod_repr(PyObject *op)
{
    PyObject *name;
    if (_PyObject_LookupAttr(PyInstanceMethod_GET_FUNCTION(op), NAME(__name__), &name) < 0) return NULL;
    if (name && !PyUnicode_Check(name)) Py_CLEAR(name);
    PyObject *result = PyUnicode_FromFormat("<instancemethod %V at %p>", name, "?", op);
    Py_XDECREF(name);
    return result;
}

static PyObject *instancemethod_doc(PyObject *op, void *unused)
{
    (void)unused;
    return PyObject_GetAttr(PyInstanceMethod_GET_FUNCTION(op), NAME(__doc__));
}

static PyMemberDef instancemethod_members[] = {
    {"__func__", T_OBJECT, offsetof(PyInstanceMethodObject, func), READONLY, "the callable that binds as a method"},
    {0},
};

static PyGetSetDef instancemethod_getset[] = {
    {"__doc__", instancemethod_doc, NULL, NULL, NULL},
    {0},
};

PyTypeObject PyInstanceMethod_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "instancemethod",
    .tp_basicsize = sizeof(PyInstanceMethodObject),
    .tp_doc = PyDoc_STR("instancemethod(function)\n\nMakes any callable bind to instances as a function does."),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = instancemethod_dealloc,
    .tp_repr = instancemethod_repr,
    .tp_call = instancemethod_call,
    .tp_getattro = instancemethod_getattro,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_traverse = instancemethod_traverse,
    .tp_richcompare = instancemethod_compare,
    .tp_members = instancemethod_members,
    .tp_getset = instancemethod_getset,
    .tp_descr_get = instancemethod_descr_get,
    .tp_new = instancemethod_new,
};
