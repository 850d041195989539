/* Attributes of instances in an array of values, and the way to a real dict. */
#include "objects/type/instance.h"

#include "objects/type/type.h"

PyDictValues *instance_ensure_values(PyObject *self)
{
    PyDictValues **slot = instance_values_slot(self);
    if (*slot) return *slot;
    if (*instance_dict_slot(self)) return NULL;
    PyDictKeysObject *keys = instance_keys(self);
    if (!keys) return NULL;
    *slot = dict_values_new(keys);
    return *slot;
}

PyObject *instance_get_value(PyObject *self, PyDictValues *values, PyObject *name)
{
    Py_ssize_t index = dict_keys_lookup(instance_keys(self), name, dict_unicode_hash(name));
    if (index < 0 || index >= dict_values_capacity(values)) return NULL;
    return values->values[index];
}

static int set_no_attribute(PyObject *self, PyObject *name)
{
    PyErr_Format(PyExc_AttributeError, "'%.100s' object has no attribute '%U'",
                 Py_TYPE(self)->tp_name, name);
    return -1;
}

/* -1: an exception; 0: done; 1: there is no room in the values, go through a dict. */
static int set_in_values(PyObject *self, PyDictValues *values, PyObject *name, PyObject *value)
{
    PyDictKeysObject *keys = instance_keys(self);
    Py_ssize_t index;
    if (value) {
        index = dict_keys_insert_shared(keys, name);
        if (index < 0 || index >= dict_values_capacity(values)) return 1;
        instance_set_at(values, index, value);
        return 0;
    }
    index = dict_keys_lookup(keys, name, dict_unicode_hash(name));
    if (index < 0 || index >= dict_values_capacity(values) || !values->values[index]) {
        return set_no_attribute(self, name);
    }
    PyObject *old = values->values[index];
    values->values[index] = NULL;
    dict_values_note_deletion(values, index);
    Py_DECREF(old);
    return 0;
}

int instance_set_attribute(PyObject *self, PyObject *name, PyObject *value)
{
    PyDictValues *values = instance_ensure_values(self);
    if (values) {
        int status = set_in_values(self, values, name, value);
        if (status <= 0) return status;
    }
    PyObject *dict = instance_get_dict_borrow(self);
    if (!dict) return -1;
    Py_INCREF(dict);
    int status = value ? PyDict_SetItem(dict, name, value) : PyDict_DelItem(dict, name);
    Py_DECREF(dict);
    if (status < 0 && !value && PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyErr_Clear();
        return set_no_attribute(self, name);
    }
    return status;
}

PyObject *instance_get_dict_borrow(PyObject *self)
{
    PyObject **dict_slot = instance_dict_slot(self);
    if (*dict_slot) return *dict_slot;
    PyDictKeysObject *keys = instance_keys(self);
    PyDictValues **values_slot = instance_values_slot(self);
    if (*values_slot) {
        *dict_slot = dict_new_from_values(keys, *values_slot);
        if (*dict_slot) *values_slot = NULL;
    } else {
        *dict_slot = keys ? dict_new_with_shared_keys(keys) : PyDict_New();
    }
    return *dict_slot;
}

int instance_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyDictValues *values = *instance_values_slot(self);
    if (values) {
        int status = dict_values_traverse(values, visit, arg);
        if (status) return status;
    }
    Py_VISIT(*instance_dict_slot(self));
    return 0;
}

void instance_clear(PyObject *self)
{
    PyDictValues **values_slot = instance_values_slot(self);
    PyDictValues *values = *values_slot;
    if (values) {
        *values_slot = NULL;
        dict_values_free(values);
    }
    Py_CLEAR(*instance_dict_slot(self));
}
