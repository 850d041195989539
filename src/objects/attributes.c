/* Attribute access: the entry points that any type's slots serve, and the generic slots
 * themselves. */
#include <Python.h>

#include "objects/lifetime.h"
#include "objects/module.h"
#include "objects/names.h"
#include "objects/recursion.h"
#include "objects/str/str.h"
#include "objects/type/instance.h"
#include "objects/type/type.h"

/* -- Errors ----------------------------------------------------------------------------------- */

static bool check_name(PyObject *name)
{
    if (PyUnicode_Check(name)) return true;
    PyErr_Format(PyExc_TypeError, "attribute name must be string, not '%.200s'",
                 Py_TYPE(name)->tp_name);
    return false;
}

void attribute_error_note(PyObject *obj, PyObject *name)
{
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    if (PyErr_GivenExceptionMatches(value, PyExc_AttributeError)) {
        PyAttributeErrorObject *error = (PyAttributeErrorObject *)value;
        if (!error->name && !error->obj) {
            error->name = Py_NewRef(name);
            error->obj = Py_NewRef(obj);
        }
    }
    PyErr_Restore(type, value, traceback);
}

static PyObject *no_attribute(PyObject *obj, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "'%.50s' object has no attribute '%U'",
                 Py_TYPE(obj)->tp_name, name);
    attribute_error_note(obj, name);
    return NULL;
}

/* True when AttributeError is set, which is cleared. */
static bool clear_attribute_error(void)
{
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return false;
    PyErr_Clear();
    return true;
}

/* -- Entry points ----------------------------------------------------------------------------- */

PyObject *PyObject_GetAttr(PyObject *v, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(v);
    if (!check_name(name)) return NULL;
    PyObject *result = NULL;
    if (type->tp_getattro) {
        result = type->tp_getattro(v, name);
    } else if (type->tp_getattr) {
        const char *text = PyUnicode_AsUTF8(name);
        if (!text) return NULL;
        result = type->tp_getattr(v, (char *)text);
    } else {
        return no_attribute(v, name);
    }
    if (!result) attribute_error_note(v, name);
    return result;
}

/* 1 with a new reference, 0 when there is no such attribute (no exception), -1 with another
 * exception. */
int _PyObject_LookupAttr(PyObject *v, PyObject *name, PyObject **result)
{
    PyTypeObject *type = Py_TYPE(v);
    *result = NULL;
    if (!check_name(name)) return -1;
    bool known = true;
    if (type->tp_getattro == PyObject_GenericGetAttr) {
        *result = _PyObject_GenericGetAttrWithDict(v, name, NULL, 1);
    } else if (type->tp_getattro == type_getattro) {
        *result = type_getattro_maybe((PyTypeObject *)v, name, true);
    } else if (type->tp_getattro == module_getattro) {
        *result = module_getattro_maybe(v, name, true);
    } else {
        known = false;
    }
    if (known) {    /* these raise nothing for what is not there */
        if (*result) return 1;
        return PyErr_Occurred() ? -1 : 0;
    }
    if (type->tp_getattro) {
        *result = type->tp_getattro(v, name);
    } else if (type->tp_getattr) {
        const char *text = PyUnicode_AsUTF8(name);
        if (!text) return -1;
        *result = type->tp_getattr(v, (char *)text);
    } else {
        return 0;
    }
    if (*result) return 1;
    return clear_attribute_error() ? 0 : -1;
}

int PyObject_SetAttr(PyObject *v, PyObject *name, PyObject *value)
{
    PyTypeObject *type = Py_TYPE(v);
    if (!check_name(name)) return -1;
    Py_INCREF(name);
    PyUnicode_InternInPlace(&name);
    int status = -1;
    if (type->tp_setattro) {
        status = type->tp_setattro(v, name, value);
    } else if (type->tp_setattr) {
        const char *text = PyUnicode_AsUTF8(name);
        if (text) status = type->tp_setattr(v, (char *)text, value);
    } else {
        const char *lack = type->tp_getattro || type->tp_getattr ? "only read-only" : "no";
        PyErr_Format(PyExc_TypeError, "'%.100s' object has %s attributes (%s .%U)", type->tp_name,
                     lack, value ? "assign to" : "del", name);
    }
    Py_DECREF(name);
    return status;
}

int PyObject_HasAttr(PyObject *v, PyObject *name)
{
    PyObject *result;
    if (_PyObject_LookupAttr(v, name, &result) < 0) {
        PyErr_Clear();
        return 0;
    }
    if (!result) return 0;
    Py_DECREF(result);
    return 1;
}

PyObject *PyObject_GetAttrString(PyObject *v, const char *name)
{
    if (Py_TYPE(v)->tp_getattr) return Py_TYPE(v)->tp_getattr(v, (char *)name);
    PyObject *text = str_from_c_name(name);
    if (!text) return NULL;
    PyObject *result = PyObject_GetAttr(v, text);
    Py_DECREF(text);
    return result;
}

int PyObject_HasAttrString(PyObject *v, const char *name)
{
    PyObject *result = PyObject_GetAttrString(v, name);
    if (!result) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(result);
    return 1;
}

int PyObject_SetAttrString(PyObject *v, const char *name, PyObject *value)
{
    if (Py_TYPE(v)->tp_setattr) return Py_TYPE(v)->tp_setattr(v, (char *)name, value);
    PyObject *text = str_from_c_name(name);
    if (!text) return -1;
    int status = PyObject_SetAttr(v, text, value);
    Py_DECREF(text);
    return status;
}

PyObject *_PyObject_GetAttrId(PyObject *v, _Py_Identifier *id)
{
    PyObject *name = _PyUnicode_FromId(id);
    return name ? PyObject_GetAttr(v, name) : NULL;
}

int _PyObject_LookupAttrId(PyObject *v, _Py_Identifier *id, PyObject **result)
{
    PyObject *name = _PyUnicode_FromId(id);
    if (!name) {
        *result = NULL;
        return -1;
    }
    return _PyObject_LookupAttr(v, name, result);
}

int _PyObject_SetAttrId(PyObject *v, _Py_Identifier *id, PyObject *value)
{
    PyObject *name = _PyUnicode_FromId(id);
    return name ? PyObject_SetAttr(v, name, value) : -1;
}

/* Whether obj.__isabstractmethod__ is true; -1 with an exception. */
int _PyObject_IsAbstract(PyObject *obj)
{
    if (!obj) return 0;
    if (c_stack_is_low("")) return -1;
    PyObject *mark;
    int found = _PyObject_LookupAttr(obj, NAME(__isabstractmethod__), &mark);
    if (found > 0) {
        found = PyObject_IsTrue(mark);
        Py_DECREF(mark);
    }
    return found;
}

/* -- Instance dictionaries -------------------------------------------------------------------- */

/* The address of the dict of an object whose type says where it stands; NULL without a dict. Not
 * for managed instances. */
static PyObject **dict_slot_by_offset(PyObject *obj)
{
    PyTypeObject *type = Py_TYPE(obj);
    Py_ssize_t offset = type->tp_dictoffset;
    if (offset == 0) return NULL;
    if (PyType_Check(obj) && !type_dict((PyTypeObject *)obj)) PyErr_Clear();
    if (offset < 0) {
        Py_ssize_t nitems = Py_SIZE(obj);
        offset += (Py_ssize_t)object_var_size(type, nitems < 0 ? -nitems : nitems);
    }
    return (PyObject **)((char *)obj + offset);
}

/* The address of the object's dict (which may be NULL there), NULL if it has none. Makes a managed
 * instance's dict. */
PyObject **_PyObject_GetDictPtr(PyObject *obj)
{
    if (!instance_is_managed(obj)) return dict_slot_by_offset(obj);
    if (!instance_get_dict_borrow(obj)) {
        PyErr_Clear();
        return NULL;
    }
    return instance_dict_slot(obj);
}

PyObject *PyObject_GenericGetDict(PyObject *obj, void *Py_UNUSED(context))
{
    PyObject *dict;
    if (instance_is_managed(obj)) {
        dict = instance_get_dict_borrow(obj);
        return Py_XNewRef(dict);
    }
    PyObject **slot = dict_slot_by_offset(obj);
    if (!slot) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return NULL;
    }
    if (!*slot) {
        PyDictKeysObject *keys = type_shared_keys(Py_TYPE(obj));
        *slot = keys ? dict_new_with_shared_keys(keys) : PyDict_New();
    }
    return Py_XNewRef(*slot);
}

int PyObject_GenericSetDict(PyObject *obj, PyObject *value, void *Py_UNUSED(context))
{
    PyObject **slot = _PyObject_GetDictPtr(obj);
    if (!slot) {
        PyErr_SetString(PyExc_AttributeError, "This object has no __dict__");
        return -1;
    }
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "cannot delete __dict__");
        return -1;
    }
    if (!PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "__dict__ must be set to a dictionary, not a '%.200s'",
                     Py_TYPE(value)->tp_name);
        return -1;
    }
    Py_INCREF(value);
    Py_XSETREF(*slot, value);
    return 0;
}

/* Value of `name` in the object's own attributes: new reference, NULL with or without an
 * exception. */
static PyObject *lookup_in_instance(PyObject *obj, PyObject *name)
{
    PyObject *dict, *value;
    if (instance_is_managed(obj)) {
        PyDictValues *values = *instance_values_slot(obj);
        if (values && PyUnicode_CheckExact(name)) {
            return Py_XNewRef(instance_get_value(obj, values, name));
        }
        if (values && !instance_get_dict_borrow(obj)) return NULL;
        dict = *instance_dict_slot(obj);
    } else {
        PyObject **slot = dict_slot_by_offset(obj);
        if (!slot) return NULL;
        dict = *slot;
    }
    if (!dict) return NULL;
    Py_INCREF(dict);
    value = Py_XNewRef(PyDict_GetItemWithError(dict, name));
    Py_DECREF(dict);
    return value;
}

/* -- The generic slots ------------------------------------------------------------------------ */

/* Whether the type still has to be made ready, and that failed. */
static bool ready_failed(PyTypeObject *type)
{
    return !type->tp_dict && PyType_Ready(type) < 0;
}

/* As PyObject_GenericGetAttr, but with another dict than the object's own (NULL: its own), and,
 * with `suppress`, NULL without an exception where AttributeError would be raised. */
PyObject *_PyObject_GenericGetAttrWithDict(PyObject *obj, PyObject *name, PyObject *dict,
                                           int suppress)
{
    PyTypeObject *type = Py_TYPE(obj);
    if (!check_name(name) || ready_failed(type)) return NULL;
    PyObject *descr = type_lookup_borrow(type, name);
    descrgetfunc get = NULL;
    PyObject *result;
    if (descr) {
        Py_INCREF(descr);
        get = Py_TYPE(descr)->tp_descr_get;
        if (get && PyDescr_IsData(descr)) {
            result = get(descr, obj, (PyObject *)type);
            Py_DECREF(descr);
            if (!result && suppress) clear_attribute_error();
            return result;
        }
    }
    if (dict) {
        Py_INCREF(dict);
        result = Py_XNewRef(PyDict_GetItemWithError(dict, name));
        Py_DECREF(dict);
    } else {
        result = lookup_in_instance(obj, name);
    }
    if (result || PyErr_Occurred()) {
        Py_XDECREF(descr);
        if (!result && suppress) clear_attribute_error();
        return result;
    }
    if (get) {
        result = get(descr, obj, (PyObject *)type);
        Py_DECREF(descr);
        if (!result && suppress) clear_attribute_error();
        return result;
    }
    if (descr || suppress) return descr;
    return no_attribute(obj, name);
}

PyObject *PyObject_GenericGetAttr(PyObject *obj, PyObject *name)
{
    return _PyObject_GenericGetAttrWithDict(obj, name, NULL, 0);
}

/* For obj.name(…): 1 and *method a new reference to a function that takes obj as its first
 * argument; 0 and *method the attribute, a new reference, or NULL with an exception. */
int _PyObject_GetMethod(PyObject *obj, PyObject *name, PyObject **method)
{
    PyTypeObject *type = Py_TYPE(obj);
    *method = NULL;
    if (type->tp_getattro != PyObject_GenericGetAttr || !PyUnicode_Check(name)) {
        *method = PyObject_GetAttr(obj, name);
        return 0;
    }
    if (ready_failed(type)) return 0;
    PyObject *descr = type_lookup_borrow(type, name);
    descrgetfunc get = NULL;
    bool is_method = false;
    if (descr) {
        Py_INCREF(descr);
        if (Py_TYPE(descr)->tp_flags & Py_TPFLAGS_METHOD_DESCRIPTOR) {
            is_method = true;
        } else {
            get = Py_TYPE(descr)->tp_descr_get;
            if (get && PyDescr_IsData(descr)) {
                *method = get(descr, obj, (PyObject *)type);
                Py_DECREF(descr);
                return 0;
            }
        }
    }
    PyObject *own = lookup_in_instance(obj, name);
    if (own || PyErr_Occurred()) {
        Py_XDECREF(descr);
        *method = own;
        return 0;
    }
    if (is_method) {
        *method = descr;
        return 1;
    }
    if (get) {
        *method = get(descr, obj, (PyObject *)type);
        Py_DECREF(descr);
        return 0;
    }
    if (descr) {
        *method = descr;
        return 0;
    }
    no_attribute(obj, name);
    return 0;
}

/* No descriptor and no dict would take the value. */
static int set_refused(PyObject *obj, PyObject *name, PyObject *descr)
{
    if (!descr) {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                     Py_TYPE(obj)->tp_name, name);
    } else {
        PyErr_Format(PyExc_AttributeError, "'%.50s' object attribute '%U' is read-only",
                     Py_TYPE(obj)->tp_name, name);
    }
    return -1;
}

static void nothing_to_delete(PyObject *obj, PyObject *name)
{
    PyErr_Clear();
    if (PyType_Check(obj)) {
        PyErr_Format(PyExc_AttributeError, "type object '%.50s' has no attribute '%U'",
                     ((PyTypeObject *)obj)->tp_name, name);
    } else {
        PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                     Py_TYPE(obj)->tp_name, name);
    }
}

static int set_in_dict(PyObject *dict, PyObject *name, PyObject *value)
{
    Py_INCREF(dict);
    int status = value ? PyDict_SetItem(dict, name, value) : PyDict_DelItem(dict, name);
    Py_DECREF(dict);
    return status;
}

/* Sets or deletes (value NULL); `dict` as in _PyObject_GenericGetAttrWithDict. */
int _PyObject_GenericSetAttrWithDict(PyObject *obj, PyObject *name, PyObject *value, PyObject *dict)
{
    PyTypeObject *type = Py_TYPE(obj);
    if (!check_name(name) || ready_failed(type)) return -1;
    PyObject *descr = type_lookup_borrow(type, name);
    int status;
    if (descr) {
        Py_INCREF(descr);
        descrsetfunc set = Py_TYPE(descr)->tp_descr_set;
        if (set) {
            status = set(descr, obj, value);
            Py_DECREF(descr);
            return status;
        }
    }
    Py_INCREF(name);
    if (dict) {
        status = set_in_dict(dict, name, value);
    } else if (instance_is_managed(obj)) {
        if (PyUnicode_CheckExact(name)) {
            status = instance_set_attribute(obj, name, value);
        } else {
            dict = instance_get_dict_borrow(obj);
            status = dict ? set_in_dict(dict, name, value) : -1;
        }
    } else {
        PyObject **slot = dict_slot_by_offset(obj);
        if (slot) {
            status = dict_set_in_slot(slot, type_shared_keys(type), name, value);
        } else {
            status = set_refused(obj, name, descr);
        }
    }
    if (status < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) nothing_to_delete(obj, name);
    Py_DECREF(name);
    Py_XDECREF(descr);
    return status;
}

int PyObject_GenericSetAttr(PyObject *obj, PyObject *name, PyObject *value)
{
    return _PyObject_GenericSetAttrWithDict(obj, name, value, NULL);
}
