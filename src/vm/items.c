/* Items, slices, membership, length and class where the instructions do not serve themselves. */
#include "objects/dict/dict.h"
#include "objects/list.h"
#include "objects/set.h"
#include "objects/str/str.h"
#include "vm/ops.h"

/* ---- Dicts ---------------------------------------------------------------------------------------------------- */

/* The value of a key in an exact dict, borrowed. NULL with *settled: it is not there. NULL otherwise: a key would have to be
 * compared by code that is not ours, or cannot be hashed. Makes no int of the key. */
static PyObject *find_in_dict(PyDictObject *dict, Value key, bool *settled)
{
    *settled = false;
    if (value_is_int(key)) {
        Py_ssize_t index = dict_find_int(dict, value_int(key));
        *settled = index != DKIX_UNSURE;
        return index >= 0 ? dict_keys_general_entries(dict->ma_keys)[index].me_value : NULL;
    }
    if (!value_is_object(key) || !PyUnicode_CheckExact(value_object(key)) || !dict_keys_is_unicode(dict->ma_keys)) return NULL;
    *settled = true;
    return dict_lookup_unicode(dict, value_object(key), dict_unicode_hash(value_object(key)));
}

int op_store_dict_item_steal(PyDictObject *dict, Value *key, PyObject *value)
{
    if (value_is_int(*key)) {
        int done = dict_set_int_steal(dict, value_int(*key), value);
        if (done) return done < 0 ? -1 : 0;
    }
    PyObject *k = operand_object(key);
    if (!k) {
        Py_DECREF(value);
        return -1;
    }
    return dict_set_item_steal(dict, Py_NewRef(k), value);
}

/* ---- Items ---------------------------------------------------------------------------------------------------- */

Value op_subscript(Value *container, Value *key)
{
    PyObject *c = operand_object(container);
    if (!c) return VALUE_EMPTY;
    if (PyDict_CheckExact(c)) {
        bool settled;
        PyObject *value = find_in_dict((PyDictObject *)c, *key, &settled);
        if (value) return op_load(value);
    }
    PyObject *k = operand_object(key);
    return k ? value_from_owned(PyObject_GetItem(c, k)) : VALUE_EMPTY;
}

/* ---- Slices --------------------------------------------------------------------------------------------------- */

/* A bound of a slice of `size` items: an int of one word, or None for `missing`. False: it is something else. */
static bool read_bound(Value v, Py_ssize_t size, Py_ssize_t missing, Py_ssize_t *bound)
{
    if (value_is_object(v)) {
        if (value_object(v) == Py_None) {
            *bound = missing;
            return true;
        }
        v = value_unbox_borrowed(value_object(v));
    }
    if (!value_is_int(v)) return false;
    int64_t i = value_int(v);
    if (i < 0) i += size;
    *bound = i < 0 ? 0 : i > size ? size : (Py_ssize_t)i;
    return true;
}

static bool read_bounds(Value start, Value stop, Py_ssize_t size, Py_ssize_t *low, Py_ssize_t *high)
{
    if (!read_bound(start, size, 0, low) || !read_bound(stop, size, size, high)) return false;
    if (*high < *low) *high = *low;
    return true;
}

/* An int of one word as it stands, or None for `missing`. */
static bool read_plainly(Value v, Py_ssize_t missing, Py_ssize_t *bound)
{
    if (value_is_object(v)) v = value_object(v) == Py_None ? value_from_int(missing) : value_unbox_borrowed(value_object(v));
    if (!value_is_int(v)) return false;
    *bound = value_int(v);
    return true;
}

/* Every step-th item of an exact list or str. NULL without an exception: this is not the way. */
static PyObject *load_every(PyObject *c, Value start, Value stop, Value step)
{
    Py_ssize_t first, end, by, far = (Py_ssize_t)VALUE_INT_MAX;
    bool list = PyList_CheckExact(c);
    if (!list && (!PyUnicode_CheckExact(c) || !PyUnicode_IS_READY(c))) return NULL;
    if (!read_plainly(step, 1, &by) || by == 0) return NULL;
    if (!read_plainly(start, by < 0 ? far : 0, &first) || !read_plainly(stop, by < 0 ? -far : far, &end)) return NULL;
    Py_ssize_t n = PySlice_AdjustIndices(list ? PyList_GET_SIZE(c) : PyUnicode_GET_LENGTH(c), &first, &end, by);
    return list ? list_every(c, first, by, n) : str_every(c, first, by, n);
}

static PyObject *make_slice(Value *start, Value *stop, Value *step)
{
    PyObject *a = operand_object(start), *b = a ? operand_object(stop) : NULL, *c = step ? operand_object(step) : Py_None;
    return b && c ? PySlice_New(a, b, c) : NULL;
}

PyObject *op_load_slice(Value *container, Value *start, Value *stop, Value *step)
{
    PyObject *c = operand_object(container);
    Py_ssize_t low, high;
    if (!c) return NULL;
    if (step) {
        PyObject *result = load_every(c, *start, *stop, *step);
        if (result || PyErr_Occurred()) return result;
    }
    else if (PyList_CheckExact(c)) {
        if (read_bounds(*start, *stop, PyList_GET_SIZE(c), &low, &high)) return PyList_GetSlice(c, low, high);
    }
    else if (PyUnicode_CheckExact(c)) {
        if (read_bounds(*start, *stop, PyUnicode_GET_LENGTH(c), &low, &high)) return PyUnicode_Substring(c, low, high);
    }
    else if (PyTuple_CheckExact(c)) {
        if (read_bounds(*start, *stop, PyTuple_GET_SIZE(c), &low, &high)) return PyTuple_GetSlice(c, low, high);
    }
    PyObject *slice = make_slice(start, stop, step);
    PyObject *result = slice ? PyObject_GetItem(c, slice) : NULL;
    Py_XDECREF(slice);
    return result;
}

int op_store_slice(Value *container, Value *start, Value *stop, Value *value)
{
    PyObject *c = operand_object(container), *v = c ? operand_object(value) : NULL;
    Py_ssize_t low, high;
    if (!v) return -1;
    if (PyList_CheckExact(c) && read_bounds(*start, *stop, PyList_GET_SIZE(c), &low, &high)) return PyList_SetSlice(c, low, high, v);
    PyObject *slice = make_slice(start, stop, NULL);
    int result = slice ? PyObject_SetItem(c, slice, v) : -1;
    Py_XDECREF(slice);
    return result;
}

/* ---- Membership ----------------------------------------------------------------------------------------------- */

int op_contains(Value *container, Value *item)
{
    PyObject *c = operand_object(container);
    if (!c) return -1;
    if (PyDict_CheckExact(c)) {
        bool settled;
        PyObject *value = find_in_dict((PyDictObject *)c, *item, &settled);
        if (settled) return value != NULL;
    }
    else if (PyUnicode_CheckExact(c)) {
        if (value_is_object(*item) && PyUnicode_CheckExact(value_object(*item))) return PyUnicode_Contains(c, value_object(*item));
    }
    PyObject *o = operand_object(item);
    return o ? PySequence_Contains(c, o) : -1;
}

/* ---- Length and class ----------------------------------------------------------------------------------------- */

Py_ssize_t op_length(Value *container)
{
    PyObject *c = operand_object(container);
    if (!c) return -1;
    if (PyList_CheckExact(c) || PyTuple_CheckExact(c)) return Py_SIZE(c);
    if (PyUnicode_CheckExact(c)) return PyUnicode_GET_LENGTH(c);
    if (PyDict_CheckExact(c)) return PyDict_GET_SIZE(c);
    return PyObject_Size(c);
}

/* Whether an object of the type is an instance of the class; -1 where that is not a matter of the two types alone. */
static int is_instance_of(PyTypeObject *type, PyObject *class)
{
    if (class == (PyObject *)type) return 1;
    if (!Py_IS_TYPE(class, &PyType_Type)) return -1;
    if (PyType_IsSubtype(type, (PyTypeObject *)class)) return 1;
    /* An object of another type may still say that its __class__ is one; these do not. */
    bool plain = type->tp_getattro == PyObject_GenericGetAttr && !PyType_HasFeature(type, Py_TPFLAGS_HEAPTYPE);
    return plain ? 0 : -1;
}

int op_is_instance(Value *o, Value *classes)
{
    PyObject *c = operand_object(classes);
    if (!c) return -1;
    PyTypeObject *type = value_is_int(*o) ? &PyLong_Type : value_is_float(*o) ? &PyFloat_Type : Py_TYPE(value_object(*o));
    int is = -1;
    if (!PyTuple_CheckExact(c)) is = is_instance_of(type, c);
    else for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(c); i++) {
        is = is_instance_of(type, PyTuple_GET_ITEM(c, i));
        if (is) break;
    }
    if (is >= 0) return is;
    PyObject *object = operand_object(o);
    return object ? PyObject_IsInstance(object, c) : -1;
}
