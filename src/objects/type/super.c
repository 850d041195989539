/* super: attributes as the classes behind a given one in the MRO have them. */
#include "objects/type/super.h"

#include <structmember.h>

#include "objects/immortal.h"
#include "objects/names.h"

typedef struct {
    PyObject_HEAD PyTypeObject *type; /* owned: the search starts behind it; NULL before __init__ */
    PyObject *obj;                    /* owned: what methods are bound to, or NULL */
    PyTypeObject *obj_type;           /* owned: whose MRO is searched, or NULL */
} SuperObject;

/* -- Lookup ----------------------------------------------------------------------------------- */

PyTypeObject *super_check(PyTypeObject *type, PyObject *obj)
{
    if (PyType_Check(obj) && PyType_IsSubtype((PyTypeObject *)obj, type)) {
        return (PyTypeObject *)Py_NewRef(obj);
    }
    if (PyType_IsSubtype(Py_TYPE(obj), type)) {
        return (PyTypeObject *)Py_NewRef((PyObject *)Py_TYPE(obj));
    }
    /* A proxy may have its own idea of its class. */
    PyObject *klass;
    if (_PyObject_LookupAttr(obj, NAME(__class__), &klass) < 0) return NULL;
    if (klass && PyType_Check(klass) && klass != (PyObject *)Py_TYPE(obj)
        && PyType_IsSubtype((PyTypeObject *)klass, type)) {
        return (PyTypeObject *)klass;
    }
    Py_XDECREF(klass);
    PyErr_SetString(PyExc_TypeError,
                    "super(type, obj): obj must be an instance or subtype of type");
    return NULL;
}

PyObject *super_lookup(PyTypeObject *type, PyTypeObject *obj_type, PyObject *name)
{
    PyObject *mro = obj_type->tp_mro;
    if (!mro) return NULL;
    Py_ssize_t i = 0, n = PyTuple_GET_SIZE(mro);
    while (i < n && PyTuple_GET_ITEM(mro, i) != (PyObject *)type) i++;
    PyObject *found = NULL;
    Py_INCREF(mro);
    for (i++; !found && i < n; i++) {
        found = Py_XNewRef(type_dict_get((PyTypeObject *)PyTuple_GET_ITEM(mro, i), name));
        if (!found && PyErr_Occurred()) break;
    }
    Py_DECREF(mro);
    return found;
}

static PyObject *super_getattro(PyObject *self, PyObject *name)
{
    SuperObject *super = (SuperObject *)self;
    /* __class__ is that of the super object itself. */
    if (super->obj_type && !(PyUnicode_Check(name) && _PyUnicode_Equal(name, NAME(__class__)))) {
        PyTypeObject *obj_type = (PyTypeObject *)Py_NewRef((PyObject *)super->obj_type);
        PyObject *found = super_lookup(super->type, obj_type, name);
        if (found) {
            descrgetfunc get = Py_TYPE(found)->tp_descr_get;
            if (get) {
                PyObject *obj = super->obj == (PyObject *)obj_type ? NULL : super->obj;
                Py_SETREF(found, get(found, obj, (PyObject *)obj_type));
            }
        }
        Py_DECREF(obj_type);
        if (found || PyErr_Occurred()) return found;
    }
    return PyObject_GenericGetAttr(self, name);
}

/* -- Creation --------------------------------------------------------------------------------- */

/* Fills in a super object; arguments borrowed, obj NULL or None: unbound. */
static int set_up(SuperObject *self, PyTypeObject *type, PyObject *obj)
{
    PyTypeObject *obj_type = NULL;
    if (obj == Py_None) obj = NULL;
    if (obj && !(obj_type = super_check(type, obj))) return -1;
    Py_INCREF(type);
    Py_XINCREF(obj);
    Py_XSETREF(self->type, type);
    Py_XSETREF(self->obj, obj);
    Py_XSETREF(self->obj_type, obj_type);
    return 0;
}

static int set_up_from_frame(SuperObject *self)
{
    PyTypeObject *type = NULL;
    PyObject *obj = NULL;
    if (!type_runtime.super_find_arguments) {
        PyErr_SetString(PyExc_RuntimeError, "super(): no current frame");
        return -1;
    }
    if (type_runtime.super_find_arguments(&type, &obj) < 0) return -1;
    int status = set_up(self, type, obj);
    Py_DECREF(type);
    Py_XDECREF(obj);
    return status;
}

static int set_up_from_arguments(SuperObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("super()", nargs, 0, 2)) return -1;
    if (nargs == 0) return set_up_from_frame(self);
    if (!PyType_Check(args[0])) {
        PyErr_Format(PyExc_TypeError, "super() argument 1 must be a type, not %.200s",
                     Py_TYPE(args[0])->tp_name);
        return -1;
    }
    return set_up(self, (PyTypeObject *)args[0], nargs == 2 ? args[1] : NULL);
}

static int super_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("super", kwargs)) return -1;
    PyObject *items[2] = {NULL, NULL};
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    for (Py_ssize_t i = 0; i < nargs && i < 2; i++) items[i] = PyTuple_GET_ITEM(args, i);
    return set_up_from_arguments((SuperObject *)self, items, nargs);
}

static PyObject *super_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf,
                                  PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("super", kwnames)) return NULL;
    PyObject *self = ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 0);
    if (self && set_up_from_arguments((SuperObject *)self, args, PyVectorcall_NARGS(nargsf)) < 0) {
        Py_CLEAR(self);
    }
    return self;
}

static PyObject *super_descr_get(PyObject *self, PyObject *obj, PyObject *Py_UNUSED(type))
{
    SuperObject *super = (SuperObject *)self;
    if (!obj || obj == Py_None || super->obj) return Py_NewRef(self);
    if (!Py_IS_TYPE(self, &PySuper_Type)) {
        return PyObject_CallFunctionObjArgs((PyObject *)Py_TYPE(self), super->type, obj, NULL);
    }
    PyObject *bound = PyType_GenericAlloc(&PySuper_Type, 0);
    if (bound && set_up((SuperObject *)bound, super->type, obj) < 0) Py_CLEAR(bound);
    return bound;
}

/* -- The type --------------------------------------------------------------------------------- */

static PyObject *super_repr(PyObject *self)
{
    SuperObject *super = (SuperObject *)self;
    const char *name = super->type ? super->type->tp_name : "NULL";
    if (!super->obj_type) return PyUnicode_FromFormat("<super: <class '%s'>, NULL>", name);
    return PyUnicode_FromFormat("<super: <class '%s'>, <%s object>>", name,
                                super->obj_type->tp_name);
}

static void super_dealloc(PyObject *self)
{
    SuperObject *super = (SuperObject *)self;
    PyObject_GC_UnTrack(self);
    Py_XDECREF(super->obj);
    Py_XDECREF(super->type);
    Py_XDECREF(super->obj_type);
    Py_TYPE(self)->tp_free(self);
}

static int super_traverse(PyObject *self, visitproc visit, void *arg)
{
    SuperObject *super = (SuperObject *)self;
    Py_VISIT(super->obj);
    Py_VISIT(super->type);
    Py_VISIT(super->obj_type);
    return 0;
}

static PyMemberDef super_members[] = {
    {"__thisclass__", T_OBJECT, offsetof(SuperObject, type), READONLY,
     PyDoc_STR("the class invoking super()")},
    {"__self__", T_OBJECT, offsetof(SuperObject, obj), READONLY,
     PyDoc_STR("the instance invoking super(); may be None")},
    {"__self_class__", T_OBJECT, offsetof(SuperObject, obj_type), READONLY,
     PyDoc_STR("the type of the instance invoking super(); may be None")},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject PySuper_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "super",
    .tp_basicsize = sizeof(SuperObject),
    .tp_dealloc = super_dealloc,
    .tp_repr = super_repr,
    .tp_getattro = super_getattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc =
        PyDoc_STR("super() -> same as super(__class__, <first argument>)\n"
                  "super(type) -> unbound super object\n"
                  "super(type, obj) -> bound super object; requires isinstance(obj, type)\n"
                  "super(type, type2) -> bound super object; requires issubclass(type2, type)\n"
                  "A method calls the next class's version of itself with it:\n"
                  "class C(B):\n"
                  "    def meth(self, arg):\n"
                  "        super().meth(arg)\n"
                  "The same goes for class methods:\n"
                  "class C(B):\n"
                  "    @classmethod\n"
                  "    def cmeth(cls, arg):\n"
                  "        super().cmeth(arg)\n"),
    .tp_traverse = super_traverse,
    .tp_members = super_members,
    .tp_descr_get = super_descr_get,
    .tp_init = super_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = super_vectorcall,
};
