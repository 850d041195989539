/* builtin_function_or_method: C functions as objects, bound to a module or to an object. */
#include "objects/call.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

#define WHERE " while calling a Python object"

static inline PyCFunctionObject *cast(PyObject *op)
{
    return (PyCFunctionObject *)op;
}

/* ---- calls ---- */

/* TypeError whose text starts with the function's name and "()". */
static COLD PyObject *argument_error(PyObject *func, const char *format, Py_ssize_t nargs)
{
    PyObject *name = _PyObject_FunctionStr(func);
    if (name) PyErr_Format(PyExc_TypeError, format, name, nargs);
    Py_XDECREF(name);
    return NULL;
}

static inline bool has_keywords(PyObject *func, PyObject *kwnames)
{
    if (LIKELY(!kwnames || PyTuple_GET_SIZE(kwnames) == 0)) return false;
    argument_error(func, "%U takes no keyword arguments", 0);
    return true;
}

static PyObject *vectorcall_noargs(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    (void)args;
    PyThreadState *tstate = thread_state();
    if (has_keywords(func, kwnames)) return NULL;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (UNLIKELY(nargs != 0)) return argument_error(func, "%U takes no arguments (%zd given)", nargs);
    if (recursion_enter(tstate, WHERE)) return NULL;
    PyObject *result = cast(func)->m_ml->ml_meth(PyCFunction_GET_SELF(func), NULL);
    recursion_leave(tstate);
    return result;
}

static PyObject *vectorcall_one(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = thread_state();
    if (has_keywords(func, kwnames)) return NULL;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (UNLIKELY(nargs != 1)) return argument_error(func, "%U takes exactly one argument (%zd given)", nargs);
    if (recursion_enter(tstate, WHERE)) return NULL;
    PyObject *result = cast(func)->m_ml->ml_meth(PyCFunction_GET_SELF(func), args[0]);
    recursion_leave(tstate);
    return result;
}

static PyObject *vectorcall_fast(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = thread_state();
    if (has_keywords(func, kwnames)) return NULL;
    if (recursion_enter(tstate, WHERE)) return NULL;
    _PyCFunctionFast method = (_PyCFunctionFast)(void (*)(void))cast(func)->m_ml->ml_meth;
    PyObject *result = method(PyCFunction_GET_SELF(func), args, PyVectorcall_NARGS(nargsf));
    recursion_leave(tstate);
    return result;
}

static PyObject *vectorcall_fast_keywords(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = thread_state();
    if (recursion_enter(tstate, WHERE)) return NULL;
    _PyCFunctionFastWithKeywords method = (_PyCFunctionFastWithKeywords)(void (*)(void))cast(func)->m_ml->ml_meth;
    PyObject *result = method(PyCFunction_GET_SELF(func), args, PyVectorcall_NARGS(nargsf), kwnames);
    recursion_leave(tstate);
    return result;
}

static PyObject *vectorcall_method(PyObject *func, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    PyThreadState *tstate = thread_state();
    if (recursion_enter(tstate, WHERE)) return NULL;
    PyCMethod method = (PyCMethod)(void (*)(void))cast(func)->m_ml->ml_meth;
    PyObject *result = method(PyCFunction_GET_SELF(func), ((PyCMethodObject *)func)->mm_class, args,
                              (size_t)PyVectorcall_NARGS(nargsf), kwnames);
    recursion_leave(tstate);
    return result;
}

/* tp_call: METH_VARARGS, and any other flavour when it is called with a tuple and a dict. */
static PyObject *cfunction_call(PyObject *func, PyObject *args, PyObject *kwargs)
{
    PyMethodDef *def = cast(func)->m_ml;
    if (!(def->ml_flags & METH_VARARGS)) return PyVectorcall_Call(func, args, kwargs);
    PyObject *self = PyCFunction_GET_SELF(func);
    PyObject *result;
    if (def->ml_flags & METH_KEYWORDS) {
        result = ((PyCFunctionWithKeywords)(void (*)(void))def->ml_meth)(self, args, kwargs);
    } else {
        if (kwargs && PyDict_GET_SIZE(kwargs) != 0) {
            PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", def->ml_name);
            return NULL;
        }
        result = def->ml_meth(self, args);
    }
    return call_checked(thread_state(), func, result, NULL);
}

/* ---- making ---- */

/* The vectorcall function for a method's flags, NULL for METH_VARARGS. -1 with SystemError for flags that make no sense. */
static int vectorcall_for(PyMethodDef *def, vectorcallfunc *function)
{
    switch (def->ml_flags & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD)) {
    case METH_VARARGS:
    case METH_VARARGS | METH_KEYWORDS: *function = NULL; return 0;
    case METH_FASTCALL: *function = vectorcall_fast; return 0;
    case METH_FASTCALL | METH_KEYWORDS: *function = vectorcall_fast_keywords; return 0;
    case METH_NOARGS: *function = vectorcall_noargs; return 0;
    case METH_O: *function = vectorcall_one; return 0;
    case METH_METHOD | METH_FASTCALL | METH_KEYWORDS: *function = vectorcall_method; return 0;
    default: PyErr_Format(PyExc_SystemError, "%s() method: bad call flags", def->ml_name); return -1;
    }
}

/* def must outlive the function; self, module and cls may be NULL. New reference. */
PyObject *PyCMethod_New(PyMethodDef *def, PyObject *self, PyObject *module, PyTypeObject *cls)
{
    vectorcallfunc function;
    if (vectorcall_for(def, &function) < 0) return NULL;
    PyCFunctionObject *op;
    if (def->ml_flags & METH_METHOD) {
        if (!cls) {
            PyErr_SetString(PyExc_SystemError, "attempting to create PyCMethod with a METH_METHOD flag but no class");
            return NULL;
        }
        PyCMethodObject *method = PyObject_GC_New(PyCMethodObject, &PyCMethod_Type);
        if (!method) return NULL;
        method->mm_class = (PyTypeObject *)Py_NewRef(cls);
        op = &method->func;
    } else {
        if (cls) {
            PyErr_SetString(PyExc_SystemError, "attempting to create PyCFunction with class but no METH_METHOD flag");
            return NULL;
        }
        op = PyObject_GC_New(PyCFunctionObject, &PyCFunction_Type);
        if (!op) return NULL;
    }
    op->m_weakreflist = NULL;
    op->m_ml = def;
    op->m_self = Py_XNewRef(self);
    op->m_module = Py_XNewRef(module);
    op->vectorcall = function;
    PyObject_GC_Track(op);
    return (PyObject *)op;
}

#undef PyCFunction_NewEx
PyObject *PyCFunction_NewEx(PyMethodDef *def, PyObject *self, PyObject *module)
{
    return PyCMethod_New(def, self, module, NULL);
}

#undef PyCFunction_New
PyObject *PyCFunction_New(PyMethodDef *def, PyObject *self)
{
    return PyCMethod_New(def, self, NULL, NULL);
}

static PyCFunctionObject *checked(PyObject *op)
{
    if (PyCFunction_Check(op)) return cast(op);
    PyErr_BadInternalCall();
    return NULL;
}

PyCFunction PyCFunction_GetFunction(PyObject *op)
{
    PyCFunctionObject *f = checked(op);
    return f ? f->m_ml->ml_meth : NULL;
}

/* Borrowed reference, or NULL. */
PyObject *PyCFunction_GetSelf(PyObject *op)
{
    return checked(op) ? PyCFunction_GET_SELF(op) : NULL;
}

int PyCFunction_GetFlags(PyObject *op)
{
    PyCFunctionObject *f = checked(op);
    return f ? f->m_ml->ml_flags : -1;
}

#undef PyCFunction_Call
PyObject *PyCFunction_Call(PyObject *callable, PyObject *args, PyObject *kwargs)
{
    return PyObject_Call(callable, args, kwargs);
}

/* ---- the type ---- */

static void cfunction_dealloc(PyObject *op)
{
    PyCFunctionObject *f = cast(op);
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, cfunction_dealloc)
    if (f->m_weakreflist) PyObject_ClearWeakRefs(op);
    /* The method definition, which tells the class, may live in the class or in m_self. */
    PyTypeObject *class = PyCFunction_GET_CLASS(op);
    Py_XDECREF(f->m_self);
    Py_XDECREF(f->m_module);
    Py_XDECREF(class);
    PyObject_GC_Del(op);
    Py_TRASHCAN_END
}

static int cfunction_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(PyCFunction_GET_CLASS(op));
    Py_VISIT(cast(op)->m_self);
    Py_VISIT(cast(op)->m_module);
    return 0;
}

static PyObject *cfunction_doc(PyObject *op, void *unused)
{
    (void)unused;
    return _PyType_GetDocFromInternalDoc(cast(op)->m_ml->ml_name, cast(op)->m_ml->ml_doc);
}

static PyObject *cfunction_text_signature(PyObject *op, void *unused)
{
    (void)unused;
    return _PyType_GetTextSignatureFromInternalDoc(cast(op)->m_ml->ml_name, cast(op)->m_ml->ml_doc);
}

static PyObject *cfunction_name(PyObject *op, void *unused)
{
    (void)unused;
    return PyUnicode_FromString(cast(op)->m_ml->ml_name);
}

static bool is_plain_function(PyObject *op)
{
    return !cast(op)->m_self || PyModule_Check(cast(op)->m_self);
}

static PyObject *cfunction_qualname(PyObject *op, void *unused)
{
    if (is_plain_function(op)) return cfunction_name(op, unused);
    PyObject *self = cast(op)->m_self;
    PyObject *type = PyType_Check(self) ? self : (PyObject *)Py_TYPE(self);
    PyObject *type_name = PyObject_GetAttr(type, NAME(__qualname__));
    if (!type_name) return NULL;
    PyObject *result = NULL;
    if (PyUnicode_Check(type_name)) result = PyUnicode_FromFormat("%S.%s", type_name, cast(op)->m_ml->ml_name);
    else PyErr_SetString(PyExc_TypeError, "<method>.__class__.__qualname__ is not a unicode object");
    Py_DECREF(type_name);
    return result;
}

static PyObject *cfunction_self(PyObject *op, void *unused)
{
    (void)unused;
    PyObject *self = PyCFunction_GET_SELF(op);
    return Py_NewRef(self ? self : Py_None);
}

static PyObject *cfunction_repr(PyObject *op)
{
    PyCFunctionObject *f = cast(op);
    if (is_plain_function(op)) return PyUnicode_FromFormat("<built-in function %s>", f->m_ml->ml_name);
    return PyUnicode_FromFormat("<built-in method %s of %s object at %p>", f->m_ml->ml_name, Py_TYPE(f->m_self)->tp_name,
                                f->m_self);
}

static PyObject *cfunction_reduce(PyObject *op, PyObject *unused)
{
    (void)unused;
    PyCFunctionObject *f = cast(op);
    if (is_plain_function(op)) return PyUnicode_FromString(f->m_ml->ml_name);
    PyObject *getattr = _PyEval_GetBuiltin(NAME(getattr));
    return getattr ? Py_BuildValue("N(Os)", getattr, f->m_self, f->m_ml->ml_name) : NULL;
}

static PyObject *cfunction_compare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyCFunction_Check(a) || !PyCFunction_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    bool equal = cast(a)->m_self == cast(b)->m_self && cast(a)->m_ml->ml_meth == cast(b)->m_ml->ml_meth;
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t cfunction_hash(PyObject *op)
{
    Py_hash_t hash = _Py_HashPointer(cast(op)->m_self) ^ _Py_HashPointer((void *)cast(op)->m_ml->ml_meth);
    return hash == -1 ? -2 : hash;
}

static PyMethodDef cfunction_methods[] = {
    {"__reduce__", cfunction_reduce, METH_NOARGS, NULL},
    {0},
};

static PyGetSetDef cfunction_getset[] = {
    {"__doc__", cfunction_doc, NULL, NULL, NULL},
    {"__name__", cfunction_name, NULL, NULL, NULL},
    {"__qualname__", cfunction_qualname, NULL, NULL, NULL},
    {"__self__", cfunction_self, NULL, NULL, NULL},
    {"__text_signature__", cfunction_text_signature, NULL, NULL, NULL},
    {0},
};

static PyMemberDef cfunction_members[] = {
    {"__module__", T_OBJECT, offsetof(PyCFunctionObject, m_module), 0, NULL},
    {0},
};

PyTypeObject PyCFunction_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "builtin_function_or_method",
    .tp_basicsize = sizeof(PyCFunctionObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_dealloc = cfunction_dealloc,
    .tp_vectorcall_offset = offsetof(PyCFunctionObject, vectorcall),
    .tp_repr = cfunction_repr,
    .tp_hash = cfunction_hash,
    .tp_call = cfunction_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_traverse = cfunction_traverse,
    .tp_richcompare = cfunction_compare,
    .tp_weaklistoffset = offsetof(PyCFunctionObject, m_weakreflist),
    .tp_methods = cfunction_methods,
    .tp_members = cfunction_members,
    .tp_getset = cfunction_getset,
};

PyTypeObject PyCMethod_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "builtin_method",
    .tp_basicsize = sizeof(PyCMethodObject),
    .tp_base = &PyCFunction_Type,
};
