/* property. */
#include <Python.h>
#include <stdbool.h>
#include <structmember.h>

#include "objects/immortal.h"
#include "objects/names.h"

typedef struct {
    PyObject_HEAD PyObject *get, *set, *del; /* owned, NULL: none */
    PyObject *doc;                           /* owned, or NULL */
    PyObject *name;                          /* owned: what __set_name__ told, or NULL */
    bool doc_from_getter;
} PropertyObject;

PyObject *property_getter_borrow(PyObject *property)
{
    return ((PropertyObject *)property)->get;
}

/* -- Access ----------------------------------------------------------------------------------- */

/* No function for what is asked: `lack` is "getter" and so on. */
static void set_no_function(PropertyObject *property, PyObject *obj, const char *lack)
{
    PyObject *qualname = PyType_GetQualName(Py_TYPE(obj));
    if (!qualname) return;
    if (property->name) {
        PyErr_Format(PyExc_AttributeError, "property %R of %R object has no %s", property->name,
                     qualname, lack);
    } else {
        PyErr_Format(PyExc_AttributeError, "property of %R object has no %s", qualname, lack);
    }
    Py_DECREF(qualname);
}

static PyObject *property_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    PropertyObject *property = (PropertyObject *)self;
    if (!obj || obj == Py_None) return Py_NewRef(self);
    if (!property->get) {
        set_no_function(property, obj, "getter");
        return NULL;
    }
    return PyObject_CallOneArg(property->get, obj);
}

static int property_descr_set(PyObject *self, PyObject *obj, PyObject *value)
{
    PropertyObject *property = (PropertyObject *)self;
    PyObject *function = value ? property->set : property->del;
    if (!function) {
        set_no_function(property, obj, value ? "setter" : "deleter");
        return -1;
    }
    PyObject *args[] = {obj, value};
    PyObject *result = PyObject_Vectorcall(function, args, value ? 2 : 1, NULL);
    if (!result) return -1;
    Py_DECREF(result);
    return 0;
}

/* -- Creation --------------------------------------------------------------------------------- */

static void assign(PyObject **field, PyObject *value)
{
    if (value == Py_None) value = NULL;
    Py_XINCREF(value);
    Py_XSETREF(*field, value);
}

/* Takes the doc string over from the getter, if it has one. */
static int take_doc(PropertyObject *property)
{
    PyObject *doc;
    int found = _PyObject_LookupAttr(property->get, NAME(__doc__), &doc);
    if (found <= 0) return found;
    int status = 0;
    if (Py_IS_TYPE(property, &PyProperty_Type)) {
        Py_XSETREF(property->doc, Py_NewRef(doc));
    } else {
        /* In a subclass the class's own __doc__ hides our field: it goes into the instance. */
        status = PyObject_SetAttr((PyObject *)property, NAME(__doc__), doc);
    }
    Py_DECREF(doc);
    property->doc_from_getter = true;
    return status;
}

static int property_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"fget", "fset", "fdel", "doc", NULL};
    static _PyArg_Parser parser = {.format = "|OOOO:property", .keywords = keywords};
    PyObject *get = NULL, *set = NULL, *del = NULL, *doc = NULL;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &get, &set, &del, &doc)) return -1;
    PropertyObject *property = (PropertyObject *)self;
    assign(&property->get, get);
    assign(&property->set, set);
    assign(&property->del, del);
    Py_XINCREF(doc);
    Py_XSETREF(property->doc, doc);
    Py_CLEAR(property->name);
    property->doc_from_getter = false;
    if ((!doc || doc == Py_None) && property->get) return take_doc(property);
    return 0;
}

/* A copy with some functions replaced (NULL: kept). */
static PyObject *copy_with(PyObject *self, PyObject *get, PyObject *set, PyObject *del)
{
    PropertyObject *old = (PropertyObject *)self;
    bool new_getter = get && get != Py_None;
#define CHOSEN(field) (field && field != Py_None ? field : old->field ? old->field : Py_None)
    PyObject *chosen_get = CHOSEN(get);
    PyObject *doc = old->doc_from_getter && (new_getter || chosen_get != Py_None) ? Py_None
                    : old->doc                                                    ? old->doc
                                                                                  : Py_None;
    PyObject *copy = PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(self), chosen_get,
                                                  CHOSEN(set), CHOSEN(del), doc, NULL);
#undef CHOSEN
    if (copy && PyObject_TypeCheck(copy, &PyProperty_Type)) {
        assign(&((PropertyObject *)copy)->name, old->name);
    }
    return copy;
}

static PyObject *property_getter(PyObject *self, PyObject *function)
{
    return copy_with(self, function, NULL, NULL);
}

static PyObject *property_setter(PyObject *self, PyObject *function)
{
    return copy_with(self, NULL, function, NULL);
}

static PyObject *property_deleter(PyObject *self, PyObject *function)
{
    return copy_with(self, NULL, NULL, function);
}

static PyObject *property_set_name(PyObject *self, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) != 2) {
        return PyErr_Format(PyExc_TypeError,
                            "__set_name__() takes 2 positional arguments but %zd were given",
                            PyTuple_GET_SIZE(args));
    }
    PyObject *name = Py_NewRef(PyTuple_GET_ITEM(args, 1));
    Py_XSETREF(((PropertyObject *)self)->name, name);
    Py_RETURN_NONE;
}

/* -- The type --------------------------------------------------------------------------------- */

static void property_dealloc(PyObject *self)
{
    PropertyObject *property = (PropertyObject *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(property->get);
    Py_XDECREF(property->set);
    Py_XDECREF(property->del);
    Py_XDECREF(property->doc);
    Py_XDECREF(property->name);
    Py_TYPE(self)->tp_free(self);
}

static int property_traverse(PyObject *self, visitproc visit, void *arg)
{
    PropertyObject *property = (PropertyObject *)self;
    Py_VISIT(property->get);
    Py_VISIT(property->set);
    Py_VISIT(property->del);
    Py_VISIT(property->doc);
    Py_VISIT(property->name);
    return 0;
}

static int property_clear(PyObject *self)
{
    Py_CLEAR(((PropertyObject *)self)->doc);
    return 0;
}

static PyObject *property_get_isabstract(PyObject *self, void *Py_UNUSED(context))
{
    PropertyObject *property = (PropertyObject *)self;
    PyObject *const functions[] = {property->get, property->set, property->del};
    int truth = 0;
    for (int i = 0; truth == 0 && i < 3; i++) truth = _PyObject_IsAbstract(functions[i]);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

static PyMethodDef property_methods[] = {
    {"getter", property_getter, METH_O,
     PyDoc_STR("Descriptor to obtain a copy of the property with a different getter.")},
    {"setter", property_setter, METH_O,
     PyDoc_STR("Descriptor to obtain a copy of the property with a different setter.")},
    {"deleter", property_deleter, METH_O,
     PyDoc_STR("Descriptor to obtain a copy of the property with a different deleter.")},
    {"__set_name__", property_set_name, METH_VARARGS,
     PyDoc_STR("Method to set name of a property.")},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef property_members[] = {
    {"fget", T_OBJECT, offsetof(PropertyObject, get), READONLY, NULL},
    {"fset", T_OBJECT, offsetof(PropertyObject, set), READONLY, NULL},
    {"fdel", T_OBJECT, offsetof(PropertyObject, del), READONLY, NULL},
    {"__doc__", T_OBJECT, offsetof(PropertyObject, doc), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef property_getsets[] = {
    {"__isabstractmethod__", property_get_isabstract, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyProperty_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "property",
    .tp_basicsize = sizeof(PropertyObject),
    .tp_dealloc = property_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = PyDoc_STR("property(fget=None, fset=None, fdel=None, doc=None)\n--\n\n"
                        "An attribute whose access calls functions.\n\n"
                        "  fget\n    called to read the attribute\n"
                        "  fset\n    called to assign to it\n"
                        "  fdel\n    called to delete it\n"
                        "  doc\n    its doc string; by default that of fget\n\n"
                        "class C(object):\n"
                        "    def getx(self): return self._x\n"
                        "    def setx(self, value): self._x = value\n"
                        "    def delx(self): del self._x\n"
                        "    x = property(getx, setx, delx, \"I'm the 'x' property.\")\n\n"
                        "The same with decorators:\n\n"
                        "class C(object):\n"
                        "    @property\n"
                        "    def x(self):\n"
                        "        \"I am the 'x' property.\"\n"
                        "        return self._x\n"
                        "    @x.setter\n"
                        "    def x(self, value):\n"
                        "        self._x = value\n"
                        "    @x.deleter\n"
                        "    def x(self):\n"
                        "        del self._x"),
    .tp_traverse = property_traverse,
    .tp_clear = property_clear,
    .tp_methods = property_methods,
    .tp_members = property_members,
    .tp_getset = property_getsets,
    .tp_descr_get = property_descr_get,
    .tp_descr_set = property_descr_set,
    .tp_init = property_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
};
