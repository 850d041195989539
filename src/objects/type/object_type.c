/* `object`: the root of all types. Pickling support is in reduce.c, assignment to __class__ in
 * bases.c. */
#include "objects/type/type.h"

#include "objects/immortal.h"
#include "objects/names.h"

/* -- Creation --------------------------------------------------------------------------------- */

static bool has_arguments(PyObject *args, PyObject *kwargs)
{
    return PyTuple_GET_SIZE(args) || (kwargs && PyDict_Check(kwargs) && PyDict_GET_SIZE(kwargs));
}

static PyObject *refuse_abstract(PyTypeObject *type)
{
    PyObject *methods = PyObject_GetAttr((PyObject *)type, NAME(__abstractmethods__));
    if (!methods) return NULL;
    PyObject *sorted = PySequence_List(methods), *separator = NULL, *joined = NULL;
    Py_DECREF(methods);
    if (sorted && PyList_Sort(sorted) == 0 && (separator = PyUnicode_FromString(", "))
        && (joined = PyUnicode_Join(separator, sorted))) {
        PyErr_Format(PyExc_TypeError,
                     "Can't instantiate abstract class %s with abstract method%s %U", type->tp_name,
                     PyList_GET_SIZE(sorted) > 1 ? "s" : "", joined);
    }
    Py_XDECREF(joined);
    Py_XDECREF(separator);
    Py_XDECREF(sorted);
    return NULL;
}

/* Arguments are an error unless exactly one of __new__ and __init__ is overridden, which may want
 * them. */
PyObject *object_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (has_arguments(args, kwargs)) {
        if (type->tp_new != object_new) {
            return PyErr_Format(
                PyExc_TypeError,
                "object.__new__() takes exactly one argument (the type to instantiate)");
        }
        if (type->tp_init == object_init) {
            return PyErr_Format(PyExc_TypeError, "%.200s() takes no arguments", type->tp_name);
        }
    }
    if (type->tp_flags & Py_TPFLAGS_IS_ABSTRACT) return refuse_abstract(type);
    return type->tp_alloc(type, 0);
}

int object_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (!has_arguments(args, kwargs)) return 0;
    PyTypeObject *type = Py_TYPE(self);
    if (type->tp_init != object_init) {
        PyErr_SetString(
            PyExc_TypeError,
            "object.__init__() takes exactly one argument (the instance to initialize)");
        return -1;
    }
    if (type->tp_new == object_new) {
        PyErr_Format(PyExc_TypeError,
                     "%.200s.__init__() takes exactly one argument (the instance to initialize)",
                     type->tp_name);
        return -1;
    }
    return 0;
}

static void object_dealloc(PyObject *self)
{
    Py_TYPE(self)->tp_free(self);
}

/* -- Text, comparison ------------------------------------------------------------------------- */

PyObject *object_repr(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject *module = type_get_module(type, NULL);
    if (!module) PyErr_Clear();
    PyObject *qualname = type_get_qualname(type, NULL), *result = NULL;
    if (qualname) {
        if (module && PyUnicode_Check(module) && !_PyUnicode_Equal(module, NAME(builtins))) {
            result = PyUnicode_FromFormat("<%U.%U object at %p>", module, qualname, self);
        } else {
            result = PyUnicode_FromFormat("<%s object at %p>", type->tp_name, self);
        }
        Py_DECREF(qualname);
    }
    Py_XDECREF(module);
    return result;
}

static PyObject *object_str(PyObject *self)
{
    reprfunc repr = Py_TYPE(self)->tp_repr;
    return repr ? repr(self) : object_repr(self);
}

static PyObject *object_richcompare(PyObject *self, PyObject *other, int op)
{
    if (op == Py_EQ && self == other) Py_RETURN_TRUE;
    if (op != Py_NE || !Py_TYPE(self)->tp_richcompare) Py_RETURN_NOTIMPLEMENTED;
    /* != is the opposite of ==, whoever defines that. */
    PyObject *equal = Py_TYPE(self)->tp_richcompare(self, other, Py_EQ);
    if (!equal || equal == Py_NotImplemented) return equal;
    int truth = PyObject_IsTrue(equal);
    Py_DECREF(equal);
    return truth < 0 ? NULL : PyBool_FromLong(!truth);
}

/* -- Attributes and methods ------------------------------------------------------------------- */

static PyObject *object_get_class(PyObject *self, void *Py_UNUSED(context))
{
    return Py_NewRef((PyObject *)Py_TYPE(self));
}

static PyGetSetDef object_getsets[] = {
    {"__class__", object_get_class, object_set_class, PyDoc_STR("the object's class"), NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *object_subclasshook(PyObject *Py_UNUSED(cls), PyObject *Py_UNUSED(args))
{
    Py_RETURN_NOTIMPLEMENTED;
}

static PyObject *object_init_subclass(PyObject *Py_UNUSED(cls), PyObject *Py_UNUSED(ignored))
{
    Py_RETURN_NONE;
}

static PyObject *object_format(PyObject *self, PyObject *spec)
{
    if (!PyUnicode_Check(spec)) {
        return PyErr_Format(PyExc_TypeError, "__format__() argument must be str, not %.50s",
                            spec == Py_None ? "None" : Py_TYPE(spec)->tp_name);
    }
    if (PyUnicode_GET_LENGTH(spec) > 0) {
        return PyErr_Format(PyExc_TypeError,
                            "unsupported format string passed to %.200s.__format__",
                            Py_TYPE(self)->tp_name);
    }
    return PyObject_Str(self);
}

static PyObject *object_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t size = Py_TYPE(self)->tp_basicsize;
    if (Py_TYPE(self)->tp_itemsize > 0) size += Py_SIZE(self) * Py_TYPE(self)->tp_itemsize;
    return PyLong_FromSsize_t(size);
}

static PyObject *object_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *own, *klass, *names = NULL;
    if (_PyObject_LookupAttr(self, NAME(__dict__), &own) < 0) return NULL;
    PyObject *dict = own && PyDict_Check(own) ? PyDict_Copy(own) : PyDict_New();
    Py_XDECREF(own);
    if (!dict) return NULL;
    int found = _PyObject_LookupAttr(self, NAME(__class__), &klass);
    if (found == 0 || (found > 0 && type_merge_class_dict(dict, klass) == 0)) {
        names = PyDict_Keys(dict);
    }
    Py_XDECREF(klass);
    Py_DECREF(dict);
    return names;
}

static PyMethodDef object_methods[] = {
    {"__reduce_ex__", object_reduce_ex, METH_O,
     PyDoc_STR("__reduce_ex__($self, protocol, /)\n--\n\nHelper for pickle.")},
    {"__reduce__", object_reduce, METH_NOARGS,
     PyDoc_STR("__reduce__($self, /)\n--\n\nHelper for pickle.")},
    {"__getstate__", object_getstate, METH_NOARGS,
     PyDoc_STR("__getstate__($self, /)\n--\n\nHelper for pickle.")},
    {"__subclasshook__", object_subclasshook, METH_CLASS | METH_VARARGS,
     PyDoc_STR(
         "Abstract classes override this to answer issubclass() in their own way.\n\n"
         "abc.ABCMeta.__subclasscheck__() asks it first. True or False settles the\n"
         "question, and the answer is cached; NotImplemented leaves it to the usual\nalgorithm.\n")},
    {"__init_subclass__", object_init_subclass, METH_CLASS | METH_NOARGS,
     PyDoc_STR(
         "Called whenever the class is subclassed.\n\nDoes nothing here; subclasses may override it.\n")},
    {"__format__", object_format, METH_O,
     PyDoc_STR("__format__($self, format_spec, /)\n--\n\nDefault object formatter.")},
    {"__sizeof__", object_sizeof, METH_NOARGS,
     PyDoc_STR("__sizeof__($self, /)\n--\n\nSize of object in memory, in bytes.")},
    {"__dir__", object_dir, METH_NOARGS,
     PyDoc_STR("__dir__($self, /)\n--\n\nDefault dir() implementation.")},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PyBaseObject_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "object",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = object_dealloc,
    .tp_repr = object_repr,
    .tp_hash = (hashfunc)_Py_HashPointer,
    .tp_str = object_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = PyDoc_STR("object()\n--\n\n"
                        "The base class of the class hierarchy.\n\n"
                        "When called, it accepts no arguments and returns a new featureless\n"
                        "instance that has no instance attributes and cannot be given any.\n"),
    .tp_richcompare = object_richcompare,
    .tp_methods = object_methods,
    .tp_getset = object_getsets,
    .tp_init = object_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = object_new,
    .tp_free = PyObject_Free,
};
