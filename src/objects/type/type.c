/* `type`: the type of types, its attributes and methods. Creation is in new.c, calls in call.c. */
#include "objects/type/type.h"

#include <structmember.h>

#include "objects/dict/dict.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/types.h"

/* -- Attributes of types ---------------------------------------------------------------------- */

/* What may not be changed on built-in types, nor deleted on any. */
static bool check_assignable(PyTypeObject *type, PyObject *value, const char *name)
{
    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        PyErr_Format(PyExc_TypeError, "cannot set '%s' attribute of immutable type '%s'", name,
                     type->tp_name);
        return false;
    }
    if (!value) {
        PyErr_Format(PyExc_TypeError, "cannot delete '%s' attribute of immutable type '%s'", name,
                     type->tp_name);
        return false;
    }
    return PySys_Audit("object.__setattr__", "OsO", type, name, value) >= 0;
}

static PyObject *get_name(PyTypeObject *type, void *Py_UNUSED(context))
{
    return PyType_GetName(type);
}

static int set_name(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (!check_assignable(type, value, "__name__")) return -1;
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "can only assign string to %s.__name__, not '%s'",
                     type->tp_name, Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_ssize_t length;
    const char *text = PyUnicode_AsUTF8AndSize(value, &length);
    if (!text) return -1;
    if (strlen(text) != (size_t)length) {
        PyErr_SetString(PyExc_ValueError, "type name must not contain null characters");
        return -1;
    }
    type->tp_name = text;
    Py_INCREF(value);
    Py_SETREF(((PyHeapTypeObject *)type)->ht_name, value);
    return 0;
}

static int set_qualname(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (!check_assignable(type, value, "__qualname__")) return -1;
    if (!PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "can only assign string to %s.__qualname__, not '%s'",
                     type->tp_name, Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_INCREF(value);
    Py_SETREF(((PyHeapTypeObject *)type)->ht_qualname, value);
    return 0;
}

static int set_module(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (!check_assignable(type, value, "__module__")) return -1;
    PyType_Modified(type);
    return PyDict_SetItem(type->tp_dict, NAME(__module__), value);
}

static PyObject *get_bases(PyTypeObject *type, void *Py_UNUSED(context))
{
    return Py_NewRef(type->tp_bases);
}

static int set_bases(PyTypeObject *type, PyObject *value, void *context)
{
    return check_assignable(type, value, "__bases__") ? type_set_bases(type, value, context) : -1;
}

static PyObject *get_dict(PyTypeObject *type, void *Py_UNUSED(context))
{
    PyObject *dict = type_dict(type);
    if (!dict && PyErr_Occurred()) return NULL;
    return dict ? PyDictProxy_New(dict) : Py_NewRef(Py_None);
}

static PyObject *get_abstractmethods(PyTypeObject *type, void *Py_UNUSED(context))
{
    /* `type` itself has only this descriptor under the name. */
    PyObject *value = type == &PyType_Type
                          ? NULL
                          : type_dict_get(type, NAME(__abstractmethods__));
    if (!value && !PyErr_Occurred()) {
        PyErr_SetObject(PyExc_AttributeError, NAME(__abstractmethods__));
    }
    return Py_XNewRef(value);
}

static int set_abstractmethods(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    int abstract = 0, status;
    if (value) {
        abstract = PyObject_IsTrue(value);
        if (abstract < 0) return -1;
        status = PyDict_SetItem(type->tp_dict, NAME(__abstractmethods__), value);
    } else {
        status = PyDict_DelItem(type->tp_dict, NAME(__abstractmethods__));
        if (status < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) {
            PyErr_SetObject(PyExc_AttributeError, NAME(__abstractmethods__));
        }
    }
    if (status < 0) return -1;
    PyType_Modified(type);
    if (abstract) type->tp_flags |= Py_TPFLAGS_IS_ABSTRACT;
    else type->tp_flags &= ~Py_TPFLAGS_IS_ABSTRACT;
    return 0;
}

/* What a class dict has under `name`, bound if it is a descriptor; NULL with or without an
 * exception. */
static PyObject *bound_from_dict(PyTypeObject *type, PyObject *name)
{
    PyObject *value = type_dict_get(type, name);
    if (!value) return NULL;
    descrgetfunc get = Py_TYPE(value)->tp_descr_get;
    return get ? get(value, NULL, (PyObject *)type) : Py_NewRef(value);
}

static PyObject *get_doc(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE) && type->tp_doc) {
        return _PyType_GetDocFromInternalDoc(type->tp_name, type->tp_doc);
    }
    PyObject *doc = bound_from_dict(type, NAME(__doc__));
    return doc || PyErr_Occurred() ? doc : Py_NewRef(Py_None);
}

static int set_doc(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (!check_assignable(type, value, "__doc__")) return -1;
    PyType_Modified(type);
    return PyDict_SetItem(type->tp_dict, NAME(__doc__), value);
}

static PyObject *get_text_signature(PyTypeObject *type, void *Py_UNUSED(context))
{
    return _PyType_GetTextSignatureFromInternalDoc(type->tp_name, type->tp_doc);
}

static PyObject *get_annotations(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (!(type->tp_flags & Py_TPFLAGS_HEAPTYPE)) {
        return PyErr_Format(PyExc_AttributeError,
                            "type object '%s' has no attribute '__annotations__'", type->tp_name);
    }
    PyObject *annotations = bound_from_dict(type, NAME(__annotations__));
    if (annotations || PyErr_Occurred()) return annotations;
    annotations = PyDict_New();
    if (!annotations) return NULL;
    if (PyDict_SetItem(type->tp_dict, NAME(__annotations__), annotations) < 0) {
        Py_CLEAR(annotations);
    }
    PyType_Modified(type);
    return annotations;
}

static int set_annotations(PyTypeObject *type, PyObject *value, void *Py_UNUSED(context))
{
    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        PyErr_Format(PyExc_TypeError,
                     "cannot set '__annotations__' attribute of immutable type '%s'",
                     type->tp_name);
        return -1;
    }
    int status;
    if (value) {
        status = PyDict_SetItem(type->tp_dict, NAME(__annotations__), value);
    } else {
        status = PyDict_Contains(type->tp_dict, NAME(__annotations__));
        if (status == 0) PyErr_Format(PyExc_AttributeError, "__annotations__");
        status = status > 0 ? PyDict_DelItem(type->tp_dict, NAME(__annotations__)) : -1;
    }
    if (status == 0) PyType_Modified(type);
    return status;
}

static PyMemberDef type_members[] = {
    {"__basicsize__", T_PYSSIZET, offsetof(PyTypeObject, tp_basicsize), READONLY, NULL},
    {"__itemsize__", T_PYSSIZET, offsetof(PyTypeObject, tp_itemsize), READONLY, NULL},
    {"__flags__", T_ULONG, offsetof(PyTypeObject, tp_flags), READONLY, NULL},
    {"__weakrefoffset__", T_PYSSIZET, offsetof(PyTypeObject, tp_weaklistoffset), READONLY, NULL},
    {"__base__", T_OBJECT, offsetof(PyTypeObject, tp_base), READONLY, NULL},
    {"__dictoffset__", T_PYSSIZET, offsetof(PyTypeObject, tp_dictoffset), READONLY, NULL},
    {"__mro__", T_OBJECT, offsetof(PyTypeObject, tp_mro), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef type_getsets[] = {
    {"__name__", (getter)get_name, (setter)set_name, NULL, NULL},
    {"__qualname__", (getter)type_get_qualname, (setter)set_qualname, NULL, NULL},
    {"__bases__", (getter)get_bases, (setter)set_bases, NULL, NULL},
    {"__module__", (getter)type_get_module, (setter)set_module, NULL, NULL},
    {"__abstractmethods__", (getter)get_abstractmethods, (setter)set_abstractmethods, NULL, NULL},
    {"__dict__", (getter)get_dict, NULL, NULL, NULL},
    {"__doc__", (getter)get_doc, (setter)set_doc, NULL, NULL},
    {"__text_signature__", (getter)get_text_signature, NULL, NULL, NULL},
    {"__annotations__", (getter)get_annotations, (setter)set_annotations, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* -- Attribute access on types ---------------------------------------------------------------- */

PyObject *type_getattro_maybe(PyTypeObject *type, PyObject *name, bool suppress)
{
    PyTypeObject *metatype = Py_TYPE(type);
    if (!PyUnicode_Check(name)) {
        return PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                            Py_TYPE(name)->tp_name);
    }
    if (!type->tp_dict && PyType_Ready(type) < 0) return NULL;
    PyObject *result;
    descrgetfunc meta_get = NULL;
    PyObject *meta = type_lookup_borrow(metatype, name);
    if (meta) {
        Py_INCREF(meta);
        meta_get = Py_TYPE(meta)->tp_descr_get;
        if (meta_get && PyDescr_IsData(meta)) {
            /* A data descriptor of the metatype goes before what the type has. */
            result = meta_get(meta, (PyObject *)type, (PyObject *)metatype);
            goto done;
        }
    }
    PyObject *own = type_lookup_borrow(type, name);
    if (own) {
        descrgetfunc get = Py_TYPE(own)->tp_descr_get;
        Py_INCREF(own);
        if (get) Py_SETREF(own, get(own, NULL, (PyObject *)type));
        result = own;
    } else if (meta_get) {
        result = meta_get(meta, (PyObject *)type, (PyObject *)metatype);
    } else if (meta) {
        return meta;
    } else {
        if (!suppress) {
            PyErr_Format(PyExc_AttributeError, "type object '%.50s' has no attribute '%U'",
                         type->tp_name, name);
        }
        return NULL;
    }
done:
    Py_XDECREF(meta);
    if (!result && suppress && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
    return result;
}

PyObject *type_getattro(PyObject *type, PyObject *name)
{
    return type_getattro_maybe((PyTypeObject *)type, name, false);
}

static bool is_special_name(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    return length > 4 && PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_'
           && PyUnicode_READ_CHAR(name, length - 1) == '_'
           && PyUnicode_READ_CHAR(name, length - 2) == '_';
}

/* Neither a descriptor of any kind nor one that binds itself: caches of attributes know it by nothing but its address. */
static bool is_plain_value(PyObject *o)
{
    const PyTypeObject *type = Py_TYPE(o);
    return !type->tp_descr_get && !type->tp_descr_set && !(type->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR);
}

static int type_setattro(PyObject *self, PyObject *name, PyObject *value)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (type->tp_flags & Py_TPFLAGS_IMMUTABLETYPE) {
        PyErr_Format(PyExc_TypeError, "cannot set %R attribute of immutable type '%s'", name,
                     type->tp_name);
        return -1;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                     Py_TYPE(name)->tp_name);
        return -1;
    }
    /* Class dicts have exact, interned strings as keys. */
    if (PyUnicode_CheckExact(name)) Py_INCREF(name);
    else if (!(name = _PyUnicode_Copy(name))) return -1;
    PyUnicode_InternInPlace(&name);
    PyObject *old = value && type->tp_dict && is_plain_value(value) ? PyDict_GetItemWithError(type->tp_dict, name) : NULL;
    bool replaced = old && is_plain_value(old) && !is_special_name(name);
    int status = _PyObject_GenericSetAttrWithDict(self, name, value, NULL);
    if (status == 0) {
        if (!replaced || !type_note_replaced(type, name)) PyType_Modified(type);
        if (is_special_name(name)) status = slots_update(type, name);
    }
    Py_DECREF(name);
    return status;
}

/* -- Other slots ------------------------------------------------------------------------------ */

static PyObject *type_repr(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    if (!type->tp_name) return PyUnicode_FromFormat("<class at %p>", type);
    PyObject *module = type_get_module(type, NULL);
    if (!module) PyErr_Clear();
    PyObject *qualname = type_get_qualname(type, NULL), *result = NULL;
    if (qualname) {
        if (module && PyUnicode_Check(module) && !_PyUnicode_Equal(module, NAME(builtins))) {
            result = PyUnicode_FromFormat("<class '%U.%U'>", module, qualname);
        } else {
            result = PyUnicode_FromFormat("<class '%s'>", type->tp_name);
        }
        Py_DECREF(qualname);
    }
    Py_XDECREF(module);
    return result;
}

static int type_init(PyObject *Py_UNUSED(self), PyObject *args, PyObject *kwargs)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    if (kwargs && nargs == 1 && PyDict_GET_SIZE(kwargs)) {
        PyErr_SetString(PyExc_TypeError, "type.__init__() takes no keyword arguments");
        return -1;
    }
    if (nargs != 1 && nargs != 3) {
        PyErr_SetString(PyExc_TypeError, "type.__init__() takes 1 or 3 arguments");
        return -1;
    }
    return 0;
}

static void type_dealloc(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
    PyObject *error_type, *error_value, *error_traceback;
    _PyObject_ASSERT(self, type->tp_flags & Py_TPFLAGS_HEAPTYPE);
    PyObject_GC_UnTrack(self);
    PyErr_Fetch(&error_type, &error_value, &error_traceback);
    type_remove_all_subclasses(type, type->tp_bases);
    PyErr_Restore(error_type, error_value, error_traceback);
    PyObject_ClearWeakRefs(self);
    Py_XDECREF(type->tp_base);
    Py_XDECREF(type->tp_dict);
    Py_XDECREF(type->tp_bases);
    Py_XDECREF(type->tp_mro);
    Py_XDECREF(type->tp_cache);
    Py_XDECREF(type->tp_subclasses);
    /* A heap type's doc is always a copy of its own. */
    PyObject_Free((char *)type->tp_doc);
    Py_XDECREF(heap->ht_name);
    Py_XDECREF(heap->ht_qualname);
    Py_XDECREF(heap->ht_slots);
    if (heap->ht_cached_keys) dict_keys_decref(heap->ht_cached_keys);
    Py_XDECREF(heap->ht_module);
    PyMem_Free(heap->_ht_tpname);
    Py_TYPE(type)->tp_free(self);
}

/* Only heap types take part in collections: see type_is_gc. */
static int type_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyTypeObject *type = (PyTypeObject *)self;
    Py_VISIT(type->tp_dict);
    Py_VISIT(type->tp_cache);
    Py_VISIT(type->tp_mro);
    Py_VISIT(type->tp_bases);
    Py_VISIT(type->tp_base);
    Py_VISIT(((PyHeapTypeObject *)type)->ht_module);
    /* tp_subclasses holds weak references; ht_slots, ht_name and ht_qualname are strings. */
    return 0;
}

static int type_clear(PyObject *self)
{
    PyTypeObject *type = (PyTypeObject *)self;
    /* Other objects of the cycle may still look attributes up, so what is dropped here must be just
     * enough to break it: tp_bases and tp_base stay. */
    PyType_Modified(type);
    if (type->tp_dict) PyDict_Clear(type->tp_dict);
    Py_CLEAR(((PyHeapTypeObject *)type)->ht_module);
    Py_CLEAR(type->tp_mro);
    return 0;
}

static int type_is_gc(PyObject *self)
{
    return (((PyTypeObject *)self)->tp_flags & Py_TPFLAGS_HEAPTYPE) != 0;
}

/* -- Methods ---------------------------------------------------------------------------------- */

static PyObject *type_mro_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *order = type_mro_default((PyTypeObject *)self);
    if (!order || PyList_CheckExact(order)) return order;
    PyObject *list = PySequence_List(order);
    Py_DECREF(order);
    return list;
}

static PyObject *type_subclasses_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return type_subclasses_list((PyTypeObject *)self);
}

static PyObject *type_prepare(PyObject *Py_UNUSED(self), PyObject *const *Py_UNUSED(args),
                              Py_ssize_t Py_UNUSED(nargs), PyObject *Py_UNUSED(kwnames))
{
    return PyDict_New();
}

static PyObject *type_instancecheck(PyObject *self, PyObject *instance)
{
    int truth = _PyObject_RealIsInstance(instance, self);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

static PyObject *type_subclasscheck(PyObject *self, PyObject *subclass)
{
    int truth = _PyObject_RealIsSubclass(subclass, self);
    return truth < 0 ? NULL : PyBool_FromLong(truth);
}

int type_merge_class_dict(PyObject *dict, PyObject *klass)
{
    PyObject *own, *bases;
    if (_PyObject_LookupAttr(klass, NAME(__dict__), &own) < 0) return -1;
    if (own) {
        int status = PyDict_Update(dict, own);
        Py_DECREF(own);
        if (status < 0) return -1;
    }
    if (_PyObject_LookupAttr(klass, NAME(__bases__), &bases) < 0) return -1;
    if (!bases) return 0;
    /* __bases__ of what only looks like a class may be anything. */
    int status = 0;
    Py_ssize_t n = PySequence_Size(bases);
    if (n < 0) status = -1;
    if (Py_EnterRecursiveCall(" in __dir__")) status = n = -1;
    for (Py_ssize_t i = 0; status == 0 && i < n; i++) {
        PyObject *base = PySequence_GetItem(bases, i);
        status = base ? type_merge_class_dict(dict, base) : -1;
        Py_XDECREF(base);
    }
    Py_LeaveRecursiveCall();
    Py_DECREF(bases);
    return status;
}

static PyObject *type_dir(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *dict = PyDict_New(), *names = NULL;
    if (dict && type_merge_class_dict(dict, self) == 0) names = PyDict_Keys(dict);
    Py_XDECREF(dict);
    return names;
}

static PyObject *type_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyTypeObject *type = (PyTypeObject *)self;
    Py_ssize_t size = type->tp_flags & Py_TPFLAGS_HEAPTYPE ? sizeof(PyHeapTypeObject) : sizeof(PyTypeObject);
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) size += dict_keys_shared_sizeof();    /* made yet or not */
    return PyLong_FromSsize_t(size);
}

static PyMethodDef type_methods[] = {
    {"mro", type_mro_method, METH_NOARGS,
     PyDoc_STR("mro($self, /)\n--\n\nReturn a type's method resolution order.")},
    {"__subclasses__", type_subclasses_method, METH_NOARGS,
     PyDoc_STR("__subclasses__($self, /)\n--\n\nReturn a list of immediate subclasses.")},
    {"__prepare__", (PyCFunction)(void (*)(void))type_prepare,
     METH_FASTCALL | METH_KEYWORDS | METH_CLASS,
     PyDoc_STR("__prepare__() -> dict\nused to create the namespace for the class statement")},
    {"__instancecheck__", type_instancecheck, METH_O,
     PyDoc_STR("__instancecheck__($self, instance, /)\n--\n\nCheck if an object is an instance.")},
    {"__subclasscheck__", type_subclasscheck, METH_O,
     PyDoc_STR("__subclasscheck__($self, subclass, /)\n--\n\nCheck if a class is a subclass.")},
    {"__dir__", type_dir, METH_NOARGS,
     PyDoc_STR("__dir__($self, /)\n--\n\nSpecialized __dir__ implementation for types.")},
    {"__sizeof__", type_sizeof, METH_NOARGS,
     PyDoc_STR("__sizeof__($self, /)\n--\n\nReturn memory consumption of the type object.")},
    {NULL, NULL, 0, NULL},
};

static PyNumberMethods type_as_number = {.nb_or = union_or};

PyTypeObject PyType_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "type",
    .tp_basicsize = sizeof(PyHeapTypeObject),
    .tp_itemsize = sizeof(PyMemberDef),
    .tp_dealloc = type_dealloc,
    .tp_vectorcall_offset = offsetof(PyTypeObject, tp_vectorcall),
    .tp_repr = type_repr,
    .tp_as_number = &type_as_number,
    .tp_call = (ternaryfunc)type_call,
    .tp_getattro = type_getattro,
    .tp_setattro = type_setattro,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE
                | Py_TPFLAGS_TYPE_SUBCLASS | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = PyDoc_STR(
        "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type"),
    .tp_traverse = type_traverse,
    .tp_clear = type_clear,
    .tp_weaklistoffset = offsetof(PyTypeObject, tp_weaklist),
    .tp_methods = type_methods,
    .tp_members = type_members,
    .tp_getset = type_getsets,
    .tp_dictoffset = offsetof(PyTypeObject, tp_dict),
    .tp_init = type_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = type_new,
    .tp_free = PyObject_GC_Del,
    .tp_is_gc = type_is_gc,
    .tp_vectorcall = type_vectorcall_type,
};
