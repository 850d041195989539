/* classmethod and staticmethod. */
#include <Python.h>
#include <structmember.h>

#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/type/type.h"

/* Both wrap a callable and have a dict, which starts with the callable's names. */
typedef struct {
    PyObject_HEAD PyObject *callable; /* owned, NULL before __init__ */
    PyObject *dict;                   /* owned */
} WrapperObject;

PyObject *classmethod_callable_borrow(PyObject *wrapper)
{
    return ((WrapperObject *)wrapper)->callable;
}

static void wrapper_dealloc(PyObject *self)
{
    WrapperObject *wrapper = (WrapperObject *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(wrapper->callable);
    Py_XDECREF(wrapper->dict);
    Py_TYPE(self)->tp_free(self);
}

static int wrapper_traverse(PyObject *self, visitproc visit, void *arg)
{
    WrapperObject *wrapper = (WrapperObject *)self;
    Py_VISIT(wrapper->callable);
    Py_VISIT(wrapper->dict);
    return 0;
}

static int wrapper_clear(PyObject *self)
{
    WrapperObject *wrapper = (WrapperObject *)self;
    Py_CLEAR(wrapper->callable);
    Py_CLEAR(wrapper->dict);
    return 0;
}

static int copy_attribute(PyObject *wrapper, PyObject *callable, PyObject *name)
{
    PyObject *value;
    int found = _PyObject_LookupAttr(callable, name, &value);
    if (found <= 0) return found;
    int status = PyObject_SetAttr(wrapper, name, value);
    Py_DECREF(value);
    return status;
}

/* As functools.update_wrapper. */
static int copy_attributes(PyObject *wrapper, PyObject *callable)
{
    PyObject *const names[] = {NAME(__module__), NAME(__name__), NAME(__qualname__), NAME(__doc__),
                               NAME(__annotations__)};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (copy_attribute(wrapper, callable, names[i]) < 0) return -1;
    }
    return 0;
}

static int init(PyObject *self, PyObject *args, PyObject *kwargs, const char *name)
{
    PyObject *callable;
    if (kwargs && PyDict_GET_SIZE(kwargs)) {
        PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", name);
        return -1;
    }
    if (!PyArg_UnpackTuple(args, name, 1, 1, &callable)) return -1;
    Py_INCREF(callable);
    Py_XSETREF(((WrapperObject *)self)->callable, callable);
    return copy_attributes(self, callable);
}

static PyObject *new_wrapper(PyTypeObject *type, PyObject *callable)
{
    WrapperObject *self = (WrapperObject *)PyType_GenericAlloc(type, 0);
    if (self) self->callable = Py_NewRef(callable);
    return (PyObject *)self;
}

static PyObject *wrapper_get_isabstract(PyObject *self, void *Py_UNUSED(context))
{
    int truth = _PyObject_IsAbstract(((WrapperObject *)self)->callable);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

static PyMemberDef wrapper_members[] = {
    {"__func__", T_OBJECT, offsetof(WrapperObject, callable), READONLY, NULL},
    {"__wrapped__", T_OBJECT, offsetof(WrapperObject, callable), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef wrapper_getsets[] = {
    {"__isabstractmethod__", wrapper_get_isabstract, NULL, NULL, NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* -- classmethod ------------------------------------------------------------------------------ */

PyObject *PyClassMethod_New(PyObject *callable)
{
    return new_wrapper(&PyClassMethod_Type, callable);
}

static int classmethod_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return init(self, args, kwargs, "classmethod");
}

static PyObject *classmethod_get(PyObject *self, PyObject *obj, PyObject *type)
{
    PyObject *callable = ((WrapperObject *)self)->callable;
    if (!callable) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized classmethod object");
        return NULL;
    }
    if (!type) type = (PyObject *)Py_TYPE(obj);
    /* Other descriptors are chained: @classmethod over @property. */
    descrgetfunc get = Py_TYPE(callable)->tp_descr_get;
    if (get && !PyFunction_Check(callable)) return get(callable, type, type);
    return PyMethod_New(callable, type);
}

static PyObject *classmethod_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<classmethod(%R)>", ((WrapperObject *)self)->callable);
}

PyTypeObject PyClassMethod_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "classmethod",
    .tp_basicsize = sizeof(WrapperObject),
    .tp_dealloc = wrapper_dealloc,
    .tp_repr = classmethod_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("classmethod(function) -> method\n\n"
                        "Makes a method of the class out of a function.\n\n"
                        "Its first argument is the class, as that of an ordinary method is the\n"
                        "instance:\n\n"
                        "  class C:\n"
                        "      @classmethod\n"
                        "      def f(cls, arg1, arg2, argN):\n"
                        "          ...\n\n"
                        "It is called on the class, C.f(), or on an instance, C().f(), of which\n"
                        "only the class matters. A derived class passes itself.\n\n"
                        "What C++ and Java call static methods is staticmethod."),
    .tp_traverse = wrapper_traverse,
    .tp_clear = wrapper_clear,
    .tp_members = wrapper_members,
    .tp_getset = wrapper_getsets,
    .tp_descr_get = classmethod_get,
    .tp_dictoffset = offsetof(WrapperObject, dict),
    .tp_init = classmethod_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};

/* -- staticmethod ----------------------------------------------------------------------------- */

PyObject *PyStaticMethod_New(PyObject *callable)
{
    return new_wrapper(&PyStaticMethod_Type, callable);
}

static int staticmethod_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    return init(self, args, kwargs, "staticmethod");
}

static PyObject *staticmethod_get(PyObject *self, PyObject *Py_UNUSED(obj),
                                  PyObject *Py_UNUSED(type))
{
    PyObject *callable = ((WrapperObject *)self)->callable;
    if (!callable) PyErr_SetString(PyExc_RuntimeError, "uninitialized staticmethod object");
    return Py_XNewRef(callable);
}

static PyObject *staticmethod_call(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *callable = ((WrapperObject *)self)->callable;
    if (!callable) {
        PyErr_SetString(PyExc_RuntimeError, "uninitialized staticmethod object");
        return NULL;
    }
    return PyObject_Call(callable, args, kwargs);
}

static PyObject *staticmethod_repr(PyObject *self)
{
    return PyUnicode_FromFormat("<staticmethod(%R)>", ((WrapperObject *)self)->callable);
}

PyTypeObject PyStaticMethod_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "staticmethod",
    .tp_basicsize = sizeof(WrapperObject),
    .tp_dealloc = wrapper_dealloc,
    .tp_repr = staticmethod_repr,
    .tp_call = staticmethod_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("staticmethod(function) -> method\n\n"
                        "Makes a function in a class that gets no first argument of its own:\n\n"
                        "     class C:\n"
                        "         @staticmethod\n"
                        "         def f(arg1, arg2, argN):\n"
                        "             ...\n\n"
                        "It is called on the class, C.f(), or on an instance, C().f(); neither is\n"
                        "passed.\n\n"
                        "Java and C++ have the like under the same name. For the class as first\n"
                        "argument, see classmethod."),
    .tp_traverse = wrapper_traverse,
    .tp_clear = wrapper_clear,
    .tp_members = wrapper_members,
    .tp_getset = wrapper_getsets,
    .tp_descr_get = staticmethod_get,
    .tp_dictoffset = offsetof(WrapperObject, dict),
    .tp_init = staticmethod_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};
