/* Descriptors of attributes of C types: methods, class methods, members, getsets, slot wrappers and
 * bound slot wrappers. */
#include <Python.h>
#include <stdbool.h>
#include <structmember.h>

#include "objects/call.h"
#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"
#include "objects/thread_state.h"

/* -- What all have in common ------------------------------------------------------------------ */

/* For "%V" in messages: the name, or "?" if it is missing. */
#define NAME_FOR_MESSAGE(descr) PyDescr_NAME(descr), "?"

static void descr_dealloc(PyObject *self)
{
    PyDescrObject *descr = (PyDescrObject *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(descr->d_type);
    Py_XDECREF(descr->d_name);
    Py_XDECREF(descr->d_qualname);
    PyObject_GC_Del(self);
}

static int descr_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((PyDescrObject *)self)->d_type);
    return 0;
}

/* New reference. */
/* Takes over the name; NULL with an exception if that is NULL. */
static PyObject *descr_new_steal(PyTypeObject *kind, PyTypeObject *type, PyObject *name)
{
    PyDescrObject *descr = name ? container_new(kind, (size_t)kind->tp_basicsize) : NULL;
    if (!descr) {
        Py_XDECREF(name);
        return NULL;
    }
    memset((PyObject *)descr + 1, 0, (size_t)kind->tp_basicsize - sizeof(PyObject));
    descr->d_type = (PyTypeObject *)Py_XNewRef((PyObject *)type);
    descr->d_name = name;
    gc_track(descr);
    return (PyObject *)descr;
}

static PyObject *descr_new(PyTypeObject *kind, PyTypeObject *type, const char *name)
{
    return descr_new_steal(kind, type, PyUnicode_InternFromString(name));
}

static bool applies_to(PyDescrObject *descr, PyObject *obj)
{
    if (PyObject_TypeCheck(obj, descr->d_type)) return true;
    PyErr_Format(PyExc_TypeError,
                 "descriptor '%V' for '%.100s' objects doesn't apply to a '%.100s' object",
                 NAME_FOR_MESSAGE(descr), descr->d_type->tp_name, Py_TYPE(obj)->tp_name);
    return false;
}

static PyObject *descr_get_name(PyObject *self, void *Py_UNUSED(context))
{
    PyObject *name = ((PyDescrObject *)self)->d_name;
    return name && PyUnicode_Check(name) ? Py_NewRef(name) : Py_NewRef(Py_None);
}

static PyObject *make_qualname(PyDescrObject *descr)
{
    if (!descr->d_name || !PyUnicode_Check(descr->d_name)) {
        return PyErr_Format(PyExc_TypeError, "<descriptor>.__name__ is not a unicode object");
    }
    PyObject *type_qualname = PyObject_GetAttr((PyObject *)descr->d_type, NAME(__qualname__)),
             *result = NULL;
    if (!type_qualname) return NULL;
    if (PyUnicode_Check(type_qualname)) {
        result = PyUnicode_FromFormat("%S.%S", type_qualname, descr->d_name);
    } else {
        PyErr_SetString(PyExc_TypeError,
                        "<descriptor>.__objclass__.__qualname__ is not a unicode object");
    }
    Py_DECREF(type_qualname);
    return result;
}

static PyObject *descr_get_qualname(PyObject *self, void *Py_UNUSED(context))
{
    PyDescrObject *descr = (PyDescrObject *)self;
    if (!descr->d_qualname) descr->d_qualname = make_qualname(descr);
    return Py_XNewRef(descr->d_qualname);
}

/* (getattr, (owner, name)), for pickling. */
static PyObject *reduce_to_getattr(PyObject *owner, PyObject *name)
{
    PyObject *getattr = _PyEval_GetBuiltin(NAME(getattr));
    return getattr ? Py_BuildValue("N(OO)", getattr, owner, name) : NULL;
}

static PyObject *descr_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return reduce_to_getattr((PyObject *)PyDescr_TYPE(self), PyDescr_NAME(self));
}

static PyObject *descr_repr(PyObject *self, const char *format)
{
    return PyUnicode_FromFormat(format, NAME_FOR_MESSAGE(self), PyDescr_TYPE(self)->tp_name);
}

static PyMemberDef descr_members[] = {
    {"__objclass__", T_OBJECT, offsetof(PyDescrObject, d_type), READONLY, NULL},
    {"__name__", T_OBJECT, offsetof(PyDescrObject, d_name), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef descr_methods[] = {
    {"__reduce__", descr_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

/* 1 if assignment to an attribute goes through the descriptor. */
int PyDescr_IsData(PyObject *descr)
{
    return Py_TYPE(descr)->tp_descr_set != NULL;
}

/* -- Methods ---------------------------------------------------------------------------------- */

static PyObject *method_doc(PyObject *self, void *Py_UNUSED(context))
{
    PyMethodDef *method = ((PyMethodDescrObject *)self)->d_method;
    return _PyType_GetDocFromInternalDoc(method->ml_name, method->ml_doc);
}

static PyObject *method_text_signature(PyObject *self, void *Py_UNUSED(context))
{
    PyMethodDef *method = ((PyMethodDescrObject *)self)->d_method;
    return _PyType_GetTextSignatureFromInternalDoc(method->ml_name, method->ml_doc);
}

static PyObject *method_repr(PyObject *self)
{
    return descr_repr(self, "<method '%V' of '%s' objects>");
}

static PyObject *method_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)self;
    if (!obj) return Py_NewRef(self);
    if (!applies_to(&descr->d_common, obj)) return NULL;
    if (!(descr->d_method->ml_flags & METH_METHOD)) {
        return PyCFunction_NewEx(descr->d_method, obj, NULL);
    }
    if (type && PyType_Check(type)) {
        return PyCMethod_New(descr->d_method, obj, NULL, descr->d_common.d_type);
    }
    return PyErr_Format(PyExc_TypeError, "descriptor '%V' needs a type, not '%s', as arg 2",
                        NAME_FOR_MESSAGE(descr), type ? Py_TYPE(type)->tp_name : "NULL");
}

static void set_call_error(PyObject *function, const char *format, Py_ssize_t n)
{
    PyObject *text = _PyObject_FunctionStr(function);
    if (!text) return;
    PyErr_Format(PyExc_TypeError, format, text, n);
    Py_DECREF(text);
}

/* The first argument must be there and of the right type; no keywords if `no_keywords`. */
static bool check_call(PyObject *function, PyObject *const *args, Py_ssize_t nargs,
                       PyObject *kwnames, bool no_keywords)
{
    if (nargs < 1) {
        set_call_error(function, "unbound method %U needs an argument", 0);
        return false;
    }
    if (!Py_IS_TYPE(args[0], PyDescr_TYPE(function))
        && !applies_to((PyDescrObject *)function, args[0])) {
        return false;
    }
    if (no_keywords && kwnames && PyTuple_GET_SIZE(kwnames)) {
        set_call_error(function, "%U takes no keyword arguments", 0);
        return false;
    }
    return true;
}

static inline void *method_function(PyObject *function)
{
    return (void *)((PyMethodDescrObject *)function)->d_method->ml_meth;
}

#define GUARDED(call) \
    PyThreadState *tstate = thread_state(); \
    if (recursion_enter(tstate, " while calling a Python object")) return NULL; \
    PyObject *result = call; \
    recursion_leave(tstate); \
    return result;

static PyObject *call_noargs(PyObject *function, PyObject *const *args, size_t nargsf,
                             PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!check_call(function, args, nargs, kwnames, true)) return NULL;
    if (nargs != 1) {
        set_call_error(function, "%U takes no arguments (%zd given)", nargs - 1);
        return NULL;
    }
    GUARDED(((PyCFunction)method_function(function))(args[0], NULL))
}

static PyObject *call_o(PyObject *function, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!check_call(function, args, nargs, kwnames, true)) return NULL;
    if (nargs != 2) {
        set_call_error(function, "%U takes exactly one argument (%zd given)", nargs - 1);
        return NULL;
    }
    GUARDED(((PyCFunction)method_function(function))(args[0], args[1]))
}

static PyObject *call_fast(PyObject *function, PyObject *const *args, size_t nargsf,
                           PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!check_call(function, args, nargs, kwnames, true)) return NULL;
    GUARDED(((_PyCFunctionFast)method_function(function))(args[0], args + 1, nargs - 1))
}

static PyObject *call_fast_keywords(PyObject *function, PyObject *const *args, size_t nargsf,
                                    PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!check_call(function, args, nargs, kwnames, false)) return NULL;
    GUARDED(((_PyCFunctionFastWithKeywords)method_function(function))(args[0], args + 1, nargs - 1,
                                                                      kwnames))
}

static PyObject *call_fast_keywords_method(PyObject *function, PyObject *const *args, size_t nargsf,
                                           PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!check_call(function, args, nargs, kwnames, false)) return NULL;
    PyTypeObject *definer = PyDescr_TYPE(function);
    GUARDED(((PyCMethod)method_function(function))(args[0], definer, args + 1, (size_t)(nargs - 1),
                                                   kwnames))
}

static PyObject *tuple_of(PyObject *const *items, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple && i < n; i++) PyTuple_SET_ITEM(tuple, i, Py_NewRef(items[i]));
    return tuple;
}

static PyObject *call_varargs(PyObject *function, PyObject *const *args, size_t nargsf,
                              PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!check_call(function, args, nargs, kwnames, true)) return NULL;
    PyThreadState *tstate = thread_state();
    PyObject *tuple = tuple_of(args + 1, nargs - 1), *result = NULL;
    if (!tuple) return NULL;
    if (!recursion_enter(tstate, " while calling a Python object")) {
        result = ((PyCFunction)method_function(function))(args[0], tuple);
        recursion_leave(tstate);
    }
    Py_DECREF(tuple);
    return result;
}

static PyObject *call_varargs_keywords(PyObject *function, PyObject *const *args, size_t nargsf,
                                       PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!check_call(function, args, nargs, kwnames, false)) return NULL;
    PyThreadState *tstate = thread_state();
    bool keywords = kwnames && PyTuple_GET_SIZE(kwnames);
    PyObject *tuple = tuple_of(args + 1, nargs - 1), *result = NULL;
    PyObject *dict = keywords && tuple ? call_keywords_as_dict(args + nargs, kwnames) : NULL;
    if (tuple && (dict || !keywords)
        && !recursion_enter(tstate, " while calling a Python object")) {
        result = ((PyCFunctionWithKeywords)method_function(function))(args[0], tuple, dict);
        recursion_leave(tstate);
    }
    Py_XDECREF(dict);
    Py_XDECREF(tuple);
    return result;
}

/* New reference: the descriptor of a method of `type`. */
PyObject *PyDescr_NewMethod(PyTypeObject *type, PyMethodDef *method)
{
    vectorcallfunc vectorcall;
    switch (method->ml_flags
            & (METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD)) {
    case METH_VARARGS:
        vectorcall = call_varargs;
        break;
    case METH_VARARGS | METH_KEYWORDS:
        vectorcall = call_varargs_keywords;
        break;
    case METH_FASTCALL:
        vectorcall = call_fast;
        break;
    case METH_FASTCALL | METH_KEYWORDS:
        vectorcall = call_fast_keywords;
        break;
    case METH_NOARGS:
        vectorcall = call_noargs;
        break;
    case METH_O:
        vectorcall = call_o;
        break;
    case METH_METHOD | METH_FASTCALL | METH_KEYWORDS:
        vectorcall = call_fast_keywords_method;
        break;
    default:
        return PyErr_Format(PyExc_SystemError, "%s() method: bad call flags", method->ml_name);
    }
    PyMethodDescrObject *descr =
        (PyMethodDescrObject *)descr_new(&PyMethodDescr_Type, type, method->ml_name);
    if (!descr) return NULL;
    descr->d_method = method;
    descr->vectorcall = vectorcall;
    return (PyObject *)descr;
}

static PyGetSetDef method_getsets[] = {
    {"__doc__", method_doc, NULL, NULL, NULL},
    {"__qualname__", descr_get_qualname, NULL, NULL, NULL},
    {"__text_signature__", method_text_signature, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyMethodDescr_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "method_descriptor",
    .tp_basicsize = sizeof(PyMethodDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_vectorcall_offset = offsetof(PyMethodDescrObject, vectorcall),
    .tp_repr = method_repr,
    .tp_call = PyVectorcall_Call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL
                | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = method_getsets,
    .tp_descr_get = method_get,
};

/* -- Class methods ---------------------------------------------------------------------------- */

static PyObject *classmethod_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyMethodDescrObject *descr = (PyMethodDescrObject *)self;
    PyTypeObject *owner = descr->d_common.d_type;
    if (!type) {
        if (!obj) {
            return PyErr_Format(
                PyExc_TypeError,
                "descriptor '%V' for type '%.100s' needs either an object or a type",
                NAME_FOR_MESSAGE(descr), owner->tp_name);
        }
        type = (PyObject *)Py_TYPE(obj);
    }
    if (!PyType_Check(type)) {
        return PyErr_Format(
            PyExc_TypeError,
            "descriptor '%V' for type '%.100s' needs a type, not a '%.100s' as arg 2",
            NAME_FOR_MESSAGE(descr), owner->tp_name, Py_TYPE(type)->tp_name);
    }
    if (!PyType_IsSubtype((PyTypeObject *)type, owner)) {
        return PyErr_Format(
            PyExc_TypeError, "descriptor '%V' requires a subtype of '%.100s' but received '%.100s'",
            NAME_FOR_MESSAGE(descr), owner->tp_name, ((PyTypeObject *)type)->tp_name);
    }
    return PyCMethod_New(descr->d_method, type, NULL,
                         descr->d_method->ml_flags & METH_METHOD ? owner : NULL);
}

static PyObject *needs_argument(PyObject *self)
{
    return PyErr_Format(PyExc_TypeError, "descriptor '%V' of '%.100s' object needs an argument",
                        NAME_FOR_MESSAGE(self), PyDescr_TYPE(self)->tp_name);
}

static PyObject *classmethod_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (nargs < 1) return needs_argument(self);
    PyObject *bound = classmethod_get(self, NULL, PyTuple_GET_ITEM(args, 0));
    if (!bound) return NULL;
    PyObject *result =
        PyObject_VectorcallDict(bound, &PyTuple_GET_ITEM(args, 0) + 1, (size_t)(nargs - 1), kwargs);
    Py_DECREF(bound);
    return result;
}

PyObject *PyDescr_NewClassMethod(PyTypeObject *type, PyMethodDef *method)
{
    PyMethodDescrObject *descr =
        (PyMethodDescrObject *)descr_new(&PyClassMethodDescr_Type, type, method->ml_name);
    if (descr) descr->d_method = method;
    return (PyObject *)descr;
}

PyTypeObject PyClassMethodDescr_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "classmethod_descriptor",
    .tp_basicsize = sizeof(PyMethodDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = method_repr,
    .tp_call = classmethod_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_members = descr_members,
    .tp_getset = method_getsets,
    .tp_descr_get = classmethod_get,
};

/* -- Members: fields of C structs ------------------------------------------------------------- */

static PyObject *member_repr(PyObject *self)
{
    return descr_repr(self, "<member '%V' of '%s' objects>");
}

static PyObject *member_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyMemberDescrObject *descr = (PyMemberDescrObject *)self;
    if (!obj) return Py_NewRef(self);
    if (!applies_to(&descr->d_common, obj)) return NULL;
    if (descr->d_member->flags & PY_AUDIT_READ) {
        const char *name = descr->d_member->name;
        if (PySys_Audit("object.__getattr__", "Os", obj, name ? name : "<unknown>") < 0) {
            return NULL;
        }
    }
    return PyMember_GetOne((char *)obj, descr->d_member);
}

static int member_set(PyObject *self, PyObject *obj, PyObject *value)
{
    PyMemberDescrObject *descr = (PyMemberDescrObject *)self;
    return applies_to(&descr->d_common, obj) ? PyMember_SetOne((char *)obj, descr->d_member, value)
                                             : -1;
}

static PyObject *member_doc(PyObject *self, void *Py_UNUSED(context))
{
    const char *doc = ((PyMemberDescrObject *)self)->d_member->doc;
    return doc ? PyUnicode_FromString(doc) : Py_NewRef(Py_None);
}

PyObject *PyDescr_NewMember(PyTypeObject *type, PyMemberDef *member)
{
    PyMemberDescrObject *descr =
        (PyMemberDescrObject *)descr_new(&PyMemberDescr_Type, type, member->name);
    if (descr) descr->d_member = member;
    return (PyObject *)descr;
}

static PyGetSetDef member_getsets[] = {
    {"__doc__", member_doc, NULL, NULL, NULL},
    {"__qualname__", descr_get_qualname, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyMemberDescr_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "member_descriptor",
    .tp_basicsize = sizeof(PyMemberDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = member_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = member_getsets,
    .tp_descr_get = member_get,
    .tp_descr_set = member_set,
};

/* -- Getsets: attributes computed in C -------------------------------------------------------- */

static PyObject *getset_repr(PyObject *self)
{
    return descr_repr(self, "<attribute '%V' of '%s' objects>");
}

static PyObject *getset_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PyGetSetDescrObject *descr = (PyGetSetDescrObject *)self;
    if (!obj) return Py_NewRef(self);
    if (!applies_to(&descr->d_common, obj)) return NULL;
    if (descr->d_getset->get) return descr->d_getset->get(obj, descr->d_getset->closure);
    return PyErr_Format(PyExc_AttributeError, "attribute '%V' of '%.100s' objects is not readable",
                        NAME_FOR_MESSAGE(descr), PyDescr_TYPE(descr)->tp_name);
}

static int getset_set(PyObject *self, PyObject *obj, PyObject *value)
{
    PyGetSetDescrObject *descr = (PyGetSetDescrObject *)self;
    if (!applies_to(&descr->d_common, obj)) return -1;
    if (descr->d_getset->set) return descr->d_getset->set(obj, value, descr->d_getset->closure);
    PyErr_Format(PyExc_AttributeError, "attribute '%V' of '%.100s' objects is not writable",
                 NAME_FOR_MESSAGE(descr), PyDescr_TYPE(descr)->tp_name);
    return -1;
}

static PyObject *getset_doc(PyObject *self, void *Py_UNUSED(context))
{
    const char *doc = ((PyGetSetDescrObject *)self)->d_getset->doc;
    return doc ? PyUnicode_FromString(doc) : Py_NewRef(Py_None);
}

PyObject *PyDescr_NewGetSet(PyTypeObject *type, PyGetSetDef *getset)
{
    PyGetSetDescrObject *descr =
        (PyGetSetDescrObject *)descr_new(&PyGetSetDescr_Type, type, getset->name);
    if (descr) descr->d_getset = getset;
    return (PyObject *)descr;
}

static PyGetSetDef getset_getsets[] = {
    {"__doc__", getset_doc, NULL, NULL, NULL},
    {"__qualname__", descr_get_qualname, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyGetSetDescr_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "getset_descriptor",
    .tp_basicsize = sizeof(PyGetSetDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = getset_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = descr_traverse,
    .tp_members = descr_members,
    .tp_getset = getset_getsets,
    .tp_descr_get = getset_get,
    .tp_descr_set = getset_set,
};

/* -- Slot wrappers: special methods of C types ------------------------------------------------ */

static PyObject *wrapper_repr(PyObject *self)
{
    return descr_repr(self, "<slot wrapper '%V' of '%s' objects>");
}

static PyObject *wrapper_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    if (!obj) return Py_NewRef(self);
    return applies_to((PyDescrObject *)self, obj) ? PyWrapper_New(self, obj) : NULL;
}

/* Calls the wrapped slot of `obj`, which is known to be of the right type. */
static PyObject *wrapper_call_slot(PyObject *self, PyObject *obj, PyObject *args, PyObject *kwargs)
{
    PyWrapperDescrObject *descr = (PyWrapperDescrObject *)self;
    wrapperfunc wrapper = descr->d_base->wrapper;
    if (descr->d_base->flags & PyWrapperFlag_KEYWORDS) {
        return ((wrapperfunc_kwds)(void (*)(void))wrapper)(obj, args, descr->d_wrapped, kwargs);
    }
    if (kwargs && (!PyDict_Check(kwargs) || PyDict_GET_SIZE(kwargs))) {
        return PyErr_Format(PyExc_TypeError, "wrapper %s() takes no keyword arguments",
                            descr->d_base->name);
    }
    return wrapper(obj, args, descr->d_wrapped);
}

static PyObject *wrapper_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) < 1) return needs_argument(self);
    PyObject *obj = PyTuple_GET_ITEM(args, 0);
    if (!_PyObject_RealIsSubclass((PyObject *)Py_TYPE(obj), (PyObject *)PyDescr_TYPE(self))) {
        return PyErr_Format(
            PyExc_TypeError, "descriptor '%V' requires a '%.100s' object but received a '%.100s'",
            NAME_FOR_MESSAGE(self), PyDescr_TYPE(self)->tp_name, Py_TYPE(obj)->tp_name);
    }
    PyObject *rest = PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args));
    if (!rest) return NULL;
    PyObject *result = wrapper_call_slot(self, obj, rest, kwargs);
    Py_DECREF(rest);
    return result;
}

static PyObject *wrapper_doc(PyObject *self, void *Py_UNUSED(context))
{
    struct wrapperbase *base = ((PyWrapperDescrObject *)self)->d_base;
    return _PyType_GetDocFromInternalDoc(base->name, base->doc);
}

static PyObject *wrapper_text_signature(PyObject *self, void *Py_UNUSED(context))
{
    struct wrapperbase *base = ((PyWrapperDescrObject *)self)->d_base;
    return _PyType_GetTextSignatureFromInternalDoc(base->name, base->doc);
}

PyObject *PyDescr_NewWrapper(PyTypeObject *type, struct wrapperbase *base, void *wrapped)
{
    PyObject *name = base->name_strobj ? Py_NewRef(base->name_strobj) : PyUnicode_InternFromString(base->name);
    PyWrapperDescrObject *descr = (PyWrapperDescrObject *)descr_new_steal(&PyWrapperDescr_Type, type, name);
    if (descr) {
        descr->d_base = base;
        descr->d_wrapped = wrapped;
    }
    return (PyObject *)descr;
}

static PyGetSetDef wrapper_getsets[] = {
    {"__doc__", wrapper_doc, NULL, NULL, NULL},
    {"__qualname__", descr_get_qualname, NULL, NULL, NULL},
    {"__text_signature__", wrapper_text_signature, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyWrapperDescr_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "wrapper_descriptor",
    .tp_basicsize = sizeof(PyWrapperDescrObject),
    .tp_dealloc = descr_dealloc,
    .tp_repr = wrapper_repr,
    .tp_call = wrapper_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_traverse = descr_traverse,
    .tp_methods = descr_methods,
    .tp_members = descr_members,
    .tp_getset = wrapper_getsets,
    .tp_descr_get = wrapper_get,
};

/* -- Bound slot wrappers ---------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD PyObject *descr; /* owned wrapper_descriptor */
    PyObject *self;                /* owned */
} BoundWrapper;

/* New reference: the slot wrapper bound to self. */
PyObject *PyWrapper_New(PyObject *descr, PyObject *self)
{
    BoundWrapper *bound = PyObject_GC_New(BoundWrapper, &_PyMethodWrapper_Type);
    if (!bound) return NULL;
    bound->descr = Py_NewRef(descr);
    bound->self = Py_NewRef(self);
    PyObject_GC_Track(bound);
    return (PyObject *)bound;
}

static void bound_dealloc(PyObject *self)
{
    BoundWrapper *bound = (BoundWrapper *)self;
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, bound_dealloc) Py_XDECREF(bound->descr);
    Py_XDECREF(bound->self);
    PyObject_GC_Del(self);
    Py_TRASHCAN_END
}

static int bound_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((BoundWrapper *)self)->descr);
    Py_VISIT(((BoundWrapper *)self)->self);
    return 0;
}

static PyObject *bound_richcompare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !Py_IS_TYPE(a, &_PyMethodWrapper_Type)
        || !Py_IS_TYPE(b, &_PyMethodWrapper_Type)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    bool equal = ((BoundWrapper *)a)->descr == ((BoundWrapper *)b)->descr
                 && ((BoundWrapper *)a)->self == ((BoundWrapper *)b)->self;
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static Py_hash_t bound_hash(PyObject *self)
{
    BoundWrapper *bound = (BoundWrapper *)self;
    Py_hash_t hash = _Py_HashPointer(bound->self) ^ _Py_HashPointer(bound->descr);
    return hash == -1 ? -2 : hash;
}

static PyObject *bound_repr(PyObject *self)
{
    BoundWrapper *bound = (BoundWrapper *)self;
    return PyUnicode_FromFormat("<method-wrapper '%s' of %s object at %p>",
                                ((PyWrapperDescrObject *)bound->descr)->d_base->name,
                                Py_TYPE(bound->self)->tp_name, bound->self);
}

static PyObject *bound_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    BoundWrapper *bound = (BoundWrapper *)self;
    return wrapper_call_slot(bound->descr, bound->self, args, kwargs);
}

static PyObject *bound_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    BoundWrapper *bound = (BoundWrapper *)self;
    return reduce_to_getattr(bound->self, PyDescr_NAME(bound->descr));
}

static PyObject *bound_objclass(PyObject *self, void *Py_UNUSED(context))
{
    return Py_NewRef((PyObject *)PyDescr_TYPE(((BoundWrapper *)self)->descr));
}

static PyObject *bound_name(PyObject *self, void *context)
{
    return descr_get_name(((BoundWrapper *)self)->descr, context);
}

static PyObject *bound_qualname(PyObject *self, void *context)
{
    return descr_get_qualname(((BoundWrapper *)self)->descr, context);
}

static PyObject *bound_doc(PyObject *self, void *context)
{
    return wrapper_doc(((BoundWrapper *)self)->descr, context);
}

static PyObject *bound_text_signature(PyObject *self, void *context)
{
    return wrapper_text_signature(((BoundWrapper *)self)->descr, context);
}

static PyMethodDef bound_methods[] = {
    {"__reduce__", bound_reduce, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef bound_members[] = {
    {"__self__", T_OBJECT, offsetof(BoundWrapper, self), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef bound_getsets[] = {
    {"__objclass__", bound_objclass, NULL, NULL, NULL},
    {"__name__", bound_name, NULL, NULL, NULL},
    {"__qualname__", bound_qualname, NULL, NULL, NULL},
    {"__doc__", bound_doc, NULL, NULL, NULL},
    {"__text_signature__", bound_text_signature, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject _PyMethodWrapper_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "method-wrapper",
    .tp_basicsize = sizeof(BoundWrapper),
    .tp_dealloc = bound_dealloc,
    .tp_repr = bound_repr,
    .tp_hash = bound_hash,
    .tp_call = bound_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = bound_traverse,
    .tp_richcompare = bound_richcompare,
    .tp_methods = bound_methods,
    .tp_members = bound_members,
    .tp_getset = bound_getsets,
};
