/* Mapping and class patterns (PEP 634). */
#include "objects/names.h"
#include "vm/ops.h"

/* The values for all keys as a tuple, or None if one is missing. */
PyObject *op_match_keys(PyObject *mapping, PyObject *keys)
{
    if (!PyTuple_CheckExact(keys)) {
        PyErr_SetString(PyExc_SystemError, "bad code object: keys are no tuple");
        return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(keys);
    PyObject *values = NULL, *seen = NULL, *get = NULL, *missing = NULL;
    if (count == 0) return PyTuple_New(0);
    get = PyObject_GetAttr(mapping, NAME(get));
    seen = get ? PySet_New(NULL) : NULL;
    missing = seen ? PyObject_CallNoArgs((PyObject *)&PyBaseObject_Type) : NULL;
    values = missing ? PyTuple_New(count) : NULL;
    if (!values) goto error;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *key = PyTuple_GET_ITEM(keys, i);
        int known = PySet_Contains(seen, key);
        if (known > 0) PyErr_Format(PyExc_ValueError, "mapping pattern checks duplicate key (%R)", key);
        if (known || PySet_Add(seen, key) < 0) goto error;
        PyObject *args[2] = {key, missing};
        PyObject *value = PyObject_Vectorcall(get, args, 2, NULL);
        if (!value) goto error;
        if (value == missing) {
            Py_DECREF(value);
            Py_DECREF(values);
            values = Py_NewRef(Py_None);
            break;
        }
        PyTuple_SET_ITEM(values, i, value);
    }
    goto done;
error:
    Py_CLEAR(values);
done:
    Py_XDECREF(get);
    Py_XDECREF(seen);
    Py_XDECREF(missing);
    return values;
}

/* Attribute `name` of the subject, each name once. NULL without an error if it has none. */
static PyObject *match_attribute(PyObject *subject, PyObject *type, PyObject *name, PyObject *seen)
{
    int known = PySet_Contains(seen, name);
    if (known > 0) {
        PyErr_Format(PyExc_TypeError, "%s() got multiple sub-patterns for attribute %R", ((PyTypeObject *)type)->tp_name, name);
    }
    if (known || PySet_Add(seen, name) < 0) return NULL;
    PyObject *value = PyObject_GetAttr(subject, name);
    if (!value && PyErr_ExceptionMatches(PyExc_AttributeError)) PyErr_Clear();
    return value;
}

/* __match_args__ of the class: an owned tuple. NULL with an error set, or without one where the class matches itself. */
static PyObject *get_match_args(PyObject *type, bool *matches_self)
{
    PyObject *args = PyObject_GetAttr(type, NAME(__match_args__));
    *matches_self = false;
    if (args) {
        if (PyTuple_CheckExact(args)) return args;
        PyErr_Format(PyExc_TypeError, "%s.__match_args__ must be a tuple (got %s)", ((PyTypeObject *)type)->tp_name,
                     Py_TYPE(args)->tp_name);
        Py_DECREF(args);
        return NULL;
    }
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return NULL;
    PyErr_Clear();
    *matches_self = PyType_HasFeature((PyTypeObject *)type, _Py_TPFLAGS_MATCH_SELF);
    return PyTuple_New(0);
}

static int match_positionals(PyObject *subject, PyObject *type, Py_ssize_t count, PyObject *seen, PyObject *attributes)
{
    bool matches_self;
    PyObject *args = get_match_args(type, &matches_self);
    if (!args) return -1;
    Py_ssize_t allowed = matches_self ? 1 : PyTuple_GET_SIZE(args);
    int result = -1;
    if (allowed < count) {
        PyErr_Format(PyExc_TypeError, "%s() accepts %d positional sub-pattern%s (%d given)", ((PyTypeObject *)type)->tp_name,
                     (int)allowed, allowed == 1 ? "" : "s", (int)count);
        goto done;
    }
    if (matches_self) {
        result = PyList_Append(attributes, subject);
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *name = PyTuple_GET_ITEM(args, i);
        if (!PyUnicode_CheckExact(name)) {
            PyErr_Format(PyExc_TypeError, "__match_args__ elements must be strings (got %s)", Py_TYPE(name)->tp_name);
            goto done;
        }
        PyObject *value = match_attribute(subject, type, name, seen);
        if (!value) goto done;
        int failed = PyList_Append(attributes, value);
        Py_DECREF(value);
        if (failed) goto done;
    }
    result = 0;
done:
    Py_DECREF(args);
    return result;
}

PyObject *op_match_class(PyObject *subject, PyObject *type, Py_ssize_t positional, PyObject *names)
{
    if (!PyTuple_CheckExact(names)) {
        PyErr_SetString(PyExc_SystemError, "bad code object: names are no tuple");
        return NULL;
    }
    if (!PyType_Check(type)) {
        PyErr_SetString(PyExc_TypeError, "called match pattern must be a type");
        return NULL;
    }
    int instance = PyObject_IsInstance(subject, type);
    if (instance <= 0) return instance < 0 ? NULL : Py_NewRef(Py_None);
    PyObject *seen = PySet_New(NULL), *attributes = seen ? PyList_New(0) : NULL, *result = NULL;
    if (!attributes) goto done;
    if (positional && match_positionals(subject, type, positional, seen, attributes) < 0) goto done;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(names); i++) {
        PyObject *value = match_attribute(subject, type, PyTuple_GET_ITEM(names, i), seen);
        if (!value) goto done;
        int failed = PyList_Append(attributes, value);
        Py_DECREF(value);
        if (failed) goto done;
    }
    result = PyList_AsTuple(attributes);
done:
    if (!result && !PyErr_Occurred()) result = Py_NewRef(Py_None);
    Py_XDECREF(seen);
    Py_XDECREF(attributes);
    return result;
}
