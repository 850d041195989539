/* Subscription of any object, lengths, the mapping protocol (PyMapping_*), and format(). */
#include "objects/abstract.h"

#include "objects/format_spec.h"
#include "objects/names.h"

/* ---- length ---- */

Py_ssize_t PyObject_Size(PyObject *op)
{
    if (!op) {
        abstract_null_error();
        return -1;
    }
    PySequenceMethods *m = Py_TYPE(op)->tp_as_sequence;
    if (m && m->sq_length) return m->sq_length(op);
    return PyMapping_Size(op);
}

#undef PyObject_Length
Py_ssize_t PyObject_Length(PyObject *op)
{
    return PyObject_Size(op);
}

int _PyObject_HasLen(PyObject *op)
{
    PySequenceMethods *sequence = Py_TYPE(op)->tp_as_sequence;
    PyMappingMethods *mapping = Py_TYPE(op)->tp_as_mapping;
    return (sequence && sequence->sq_length) || (mapping && mapping->mp_length);
}

/* How many items an iterable will give: its length, its guess (PEP 424), or `fallback`. -1 with an exception. */
Py_ssize_t PyObject_LengthHint(PyObject *op, Py_ssize_t fallback)
{
    if (_PyObject_HasLen(op)) {
        Py_ssize_t n = PyObject_Size(op);
        if (n >= 0 || !PyErr_ExceptionMatches(PyExc_TypeError)) return n;
        PyErr_Clear();
    }
    PyObject *hint = _PyObject_LookupSpecial(op, NAME(__length_hint__));
    if (!hint) return PyErr_Occurred() ? -1 : fallback;
    PyObject *result = PyObject_CallNoArgs(hint);
    Py_DECREF(hint);
    if (!result) {
        if (!PyErr_ExceptionMatches(PyExc_TypeError)) return -1;
        PyErr_Clear();
        return fallback;
    }
    Py_ssize_t n = -1;
    if (result == Py_NotImplemented) {
        n = fallback;
    } else if (!PyLong_Check(result)) {
        abstract_type_error("__length_hint__ must be an integer, not %.100s", result);
    } else {
        n = PyLong_AsSsize_t(result);
        if (n < 0 && !PyErr_Occurred()) {
            n = -1;
            PyErr_SetString(PyExc_ValueError, "__length_hint__() should return >= 0");
        }
    }
    Py_DECREF(result);
    return n;
}

/* ---- subscription ---- */

/* sequence[key] needs an integer. -1 with an exception, else 0. */
static int sequence_index(PyObject *key, Py_ssize_t *i)
{
    if (!PyIndex_Check(key)) {
        abstract_type_error("sequence index must be integer, not '%.200s'", key);
        return -1;
    }
    *i = PyNumber_AsSsize_t(key, PyExc_IndexError);
    return *i == -1 && PyErr_Occurred() ? -1 : 0;
}

/* cls[key] for a class whose metaclass has no subscription (PEP 560). */
static PyObject *class_getitem(PyObject *cls, PyObject *key)
{
    if (cls == (PyObject *)&PyType_Type) return Py_GenericAlias(cls, key);
    PyObject *method;
    if (_PyObject_LookupAttr(cls, NAME(__class_getitem__), &method) < 0) return NULL;
    if (method && method != Py_None) {
        PyObject *result = PyObject_CallOneArg(method, key);
        Py_DECREF(method);
        return result;
    }
    Py_XDECREF(method);
    PyErr_Format(PyExc_TypeError, "type '%.200s' is not subscriptable", ((PyTypeObject *)cls)->tp_name);
    return NULL;
}

PyObject *PyObject_GetItem(PyObject *op, PyObject *key)
{
    if (!op || !key) return abstract_null_error();
    PyMappingMethods *mapping = Py_TYPE(op)->tp_as_mapping;
    if (mapping && mapping->mp_subscript) return mapping->mp_subscript(op, key);
    PySequenceMethods *sequence = Py_TYPE(op)->tp_as_sequence;
    if (sequence && sequence->sq_item) {
        Py_ssize_t i;
        return sequence_index(key, &i) < 0 ? NULL : PySequence_GetItem(op, i);
    }
    if (PyType_Check(op)) return class_getitem(op, key);
    return abstract_type_error("'%.200s' object is not subscriptable", op);
}

static int assign(PyObject *op, PyObject *key, PyObject *value, const char *format)
{
    if (!op || !key) {
        abstract_null_error();
        return -1;
    }
    PyMappingMethods *mapping = Py_TYPE(op)->tp_as_mapping;
    if (mapping && mapping->mp_ass_subscript) return mapping->mp_ass_subscript(op, key, value);
    PySequenceMethods *sequence = Py_TYPE(op)->tp_as_sequence;
    if (sequence && (PyIndex_Check(key) || sequence->sq_ass_item)) {
        Py_ssize_t i;
        if (sequence_index(key, &i) < 0) return -1;
        return value ? PySequence_SetItem(op, i, value) : PySequence_DelItem(op, i);
    }
    abstract_type_error(format, op);
    return -1;
}

int PyObject_SetItem(PyObject *op, PyObject *key, PyObject *value)
{
    if (!value) {
        abstract_null_error();
        return -1;
    }
    return assign(op, key, value, "'%.200s' object does not support item assignment");
}

int PyObject_DelItem(PyObject *op, PyObject *key)
{
    return assign(op, key, NULL, "'%.200s' object does not support item deletion");
}

int PyObject_DelItemString(PyObject *op, const char *key)
{
    if (!op || !key) {
        abstract_null_error();
        return -1;
    }
    PyObject *text = PyUnicode_FromString(key);
    if (!text) return -1;
    int result = PyObject_DelItem(op, text);
    Py_DECREF(text);
    return result;
}

/* ---- mappings ---- */

int PyMapping_Check(PyObject *op)
{
    return op && Py_TYPE(op)->tp_as_mapping && Py_TYPE(op)->tp_as_mapping->mp_subscript;
}

Py_ssize_t PyMapping_Size(PyObject *op)
{
    if (!op) {
        abstract_null_error();
        return -1;
    }
    PyMappingMethods *mapping = Py_TYPE(op)->tp_as_mapping;
    if (mapping && mapping->mp_length) return mapping->mp_length(op);
    PySequenceMethods *sequence = Py_TYPE(op)->tp_as_sequence;
    if (sequence && sequence->sq_length) abstract_type_error("%.200s is not a mapping", op);
    else abstract_type_error("object of type '%.200s' has no len()", op);
    return -1;
}

#undef PyMapping_Length
Py_ssize_t PyMapping_Length(PyObject *op)
{
    return PyMapping_Size(op);
}

PyObject *PyMapping_GetItemString(PyObject *op, const char *key)
{
    if (!key) return abstract_null_error();
    PyObject *text = PyUnicode_FromString(key);
    if (!text) return NULL;
    PyObject *result = PyObject_GetItem(op, text);
    Py_DECREF(text);
    return result;
}

int PyMapping_SetItemString(PyObject *op, const char *key, PyObject *value)
{
    if (!key) {
        abstract_null_error();
        return -1;
    }
    PyObject *text = PyUnicode_FromString(key);
    if (!text) return -1;
    int result = PyObject_SetItem(op, text, value);
    Py_DECREF(text);
    return result;
}

/* 1 or 0; errors of any kind count as "no" and are swallowed. */
int PyMapping_HasKeyString(PyObject *op, const char *key)
{
    PyObject *value = PyMapping_GetItemString(op, key);
    if (!value) PyErr_Clear();
    Py_XDECREF(value);
    return value != NULL;
}

int PyMapping_HasKey(PyObject *op, PyObject *key)
{
    PyObject *value = PyObject_GetItem(op, key);
    if (!value) PyErr_Clear();
    Py_XDECREF(value);
    return value != NULL;
}

/* A list of what op.name() iterates over. */
static PyObject *method_as_list(PyObject *op, PyObject *name)
{
    PyObject *output = PyObject_CallMethodNoArgs(op, name);
    if (!output) return NULL;
    PyObject *iterator = PyObject_GetIter(output);
    if (!iterator) {
        if (PyErr_ExceptionMatches(PyExc_TypeError)) {
            PyErr_Format(PyExc_TypeError, "%.200s.%U() returned a non-iterable (type %.200s)", Py_TYPE(op)->tp_name, name,
                         Py_TYPE(output)->tp_name);
        }
        Py_DECREF(output);
        return NULL;
    }
    Py_DECREF(output);
    PyObject *list = PySequence_List(iterator);
    Py_DECREF(iterator);
    return list;
}

PyObject *PyMapping_Keys(PyObject *op)
{
    if (!op) return abstract_null_error();
    return PyDict_CheckExact(op) ? PyDict_Keys(op) : method_as_list(op, NAME(keys));
}

PyObject *PyMapping_Values(PyObject *op)
{
    if (!op) return abstract_null_error();
    return PyDict_CheckExact(op) ? PyDict_Values(op) : method_as_list(op, NAME(values));
}

PyObject *PyMapping_Items(PyObject *op)
{
    if (!op) return abstract_null_error();
    return PyDict_CheckExact(op) ? PyDict_Items(op) : method_as_list(op, NAME(items));
}

/* ---- type() and format() ---- */

PyObject *PyObject_Type(PyObject *op)
{
    return op ? Py_NewRef(Py_TYPE(op)) : abstract_null_error();
}

/* format(op, spec); spec may be NULL for an empty one. */
PyObject *PyObject_Format(PyObject *op, PyObject *spec)
{
    if (spec && !PyUnicode_Check(spec)) {
        PyErr_Format(PyExc_SystemError, "Format specifier must be a string, not %.200s", Py_TYPE(spec)->tp_name);
        return NULL;
    }
    if (!spec || PyUnicode_GET_LENGTH(spec) == 0) {
        if (PyUnicode_CheckExact(op)) return Py_NewRef(op);
        if (PyLong_CheckExact(op)) return PyObject_Str(op);
    }
    PyObject *text;
    if (format_builtin(op, spec ? spec : NAME(empty), &text)) return text;
    PyObject *method = _PyObject_LookupSpecial(op, NAME(__format__));
    if (!method) {
        if (!PyErr_Occurred()) abstract_type_error("Type %.100s doesn't define __format__", op);
        return NULL;
    }
    PyObject *result = PyObject_CallOneArg(method, spec ? spec : NAME(empty));
    Py_DECREF(method);
    if (result && !PyUnicode_Check(result)) {
        abstract_type_error("__format__ must return a str, not %.200s", result);
        Py_CLEAR(result);
    }
    return result;
}
