/* Unpacking, merging and formatting. */
#include "objects/int/int.h"
#include "objects/names.h"
#include "objects/tuple.h"
#include "vm/ops.h"

/* ---- Building ------------------------------------------------------------------------------------------------- */

/* The object of a number or object word, which is consumed. */
static inline PyObject *take_boxed_quickly(Value v, bool *track)
{
    if (value_is_int(v)) return int_from_int64(value_int(v));
    PyObject *o = value_take_boxed(v);
    if (o && value_is_object(v)) *track |= gc_may_be_tracked(o);
    return o;
}

PyObject *op_pair_steal(Value first, Value second)
{
    bool track = false;
    PyObject *x = take_boxed_quickly(first, &track), *y = x ? take_boxed_quickly(second, &track) : NULL;
    PyObject *pair = y ? tuple_new_untracked(2) : NULL;
    if (UNLIKELY(!pair)) {
        Py_XDECREF(y);
        if (!y) value_release(second);
        if (x) Py_DECREF(x);
        return NULL;
    }
    PyTuple_SET_ITEM(pair, 0, x);
    PyTuple_SET_ITEM(pair, 1, y);
    if (track) gc_track(pair);
    return pair;
}

/* ---- Unpacking ------------------------------------------------------------------------------------------------ */

static PyObject *unpack_iterator(PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    if (!iterator && PyErr_ExceptionMatches(PyExc_TypeError) && !Py_TYPE(iterable)->tp_iter && !PySequence_Check(iterable)) {
        PyErr_Format(PyExc_TypeError, "cannot unpack non-iterable %.200s object", Py_TYPE(iterable)->tp_name);
    }
    return iterator;
}

static void drop_all(PyObject **items, int count)
{
    for (int i = 0; i < count; i++) Py_DECREF(items[i]);
}

/* The first `count` items of an iterator; `at_least`: more may follow. */
static int take_items(PyObject *iterator, int count, int total, bool at_least, PyObject **items)
{
    for (int i = 0; i < count; i++) {
        items[i] = PyIter_Next(iterator);
        if (items[i]) continue;
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "not enough values to unpack (expected %s%d, got %d)", at_least ? "at least " : "",
                         total, i);
        }
        drop_all(items, i);
        return -1;
    }
    return 0;
}

int op_unpack(PyObject *iterable, int count, PyObject **items)
{
    PyObject **source = NULL;
    if (PyTuple_CheckExact(iterable) && PyTuple_GET_SIZE(iterable) == count) source = ((PyTupleObject *)iterable)->ob_item;
    else if (PyList_CheckExact(iterable) && PyList_GET_SIZE(iterable) == count) source = ((PyListObject *)iterable)->ob_item;
    if (source) {
        for (int i = 0; i < count; i++) items[i] = Py_NewRef(source[i]);
        return 0;
    }
    PyObject *iterator = unpack_iterator(iterable);
    if (!iterator) return -1;
    int result = take_items(iterator, count, count, false, items);
    if (result == 0) {
        PyObject *extra = PyIter_Next(iterator);
        if (extra) {
            Py_DECREF(extra);
            PyErr_Format(PyExc_ValueError, "too many values to unpack (expected %d)", count);
        }
        if (PyErr_Occurred()) {
            drop_all(items, count);
            result = -1;
        }
    }
    Py_DECREF(iterator);
    return result;
}

PyObject **op_unpack_ex(PyObject *iterable, int before, int after)
{
    PyObject *iterator = unpack_iterator(iterable), *list = NULL;
    PyObject **items = PyMem_New(PyObject *, before + 1 + after);
    int taken = 0;
    if (!items && iterator) PyErr_NoMemory();
    if (!iterator || !items) goto error;
    if (take_items(iterator, before, before + after, true, items) < 0) goto error;
    taken = before;
    list = PySequence_List(iterator);
    if (!list) goto error;
    Py_ssize_t length = PyList_GET_SIZE(list);
    if (length < after) {
        PyErr_Format(PyExc_ValueError, "not enough values to unpack (expected at least %d, got %zd)", before + after,
                     before + length);
        goto error;
    }
    items[before] = list;
    for (int i = 0; i < after; i++) items[before + 1 + i] = Py_NewRef(PyList_GET_ITEM(list, length - after + i));
    if (after && PyList_SetSlice(list, length - after, length, NULL) < 0) {
        drop_all(items + before + 1, after);
        goto error;
    }
    Py_DECREF(iterator);
    return items;
error:
    Py_XDECREF(iterator);
    Py_XDECREF(list);
    drop_all(items, taken);
    PyMem_Free(items);
    return NULL;
}

/* ---- Merging -------------------------------------------------------------------------------------------------- */

int op_list_extend(PyObject *list, PyObject *iterable)
{
    PyObject *none = _PyList_Extend((PyListObject *)list, iterable);
    if (none) {
        Py_DECREF(none);
        return 0;
    }
    if (PyErr_ExceptionMatches(PyExc_TypeError) && !Py_TYPE(iterable)->tp_iter && !PySequence_Check(iterable)) {
        PyErr_Clear();
        PyErr_Format(PyExc_TypeError, "Value after * must be an iterable, not %.200s", Py_TYPE(iterable)->tp_name);
    }
    return -1;
}

int op_dict_update(PyObject *dict, PyObject *other)
{
    if (PyDict_Update(dict, other) == 0) return 0;
    if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyErr_Format(PyExc_TypeError, "'%.200s' object is not a mapping", Py_TYPE(other)->tp_name);
    }
    return -1;
}

int op_dict_merge(PyObject *dict, PyObject *other, PyObject *callable)
{
    if (_PyDict_MergeEx(dict, other, 2) == 0) return 0;
    if (PyErr_ExceptionMatches(PyExc_AttributeError)) {
        PyObject *name = _PyObject_FunctionStr(callable);
        PyErr_Clear();
        if (name) {
            PyErr_Format(PyExc_TypeError, "%U argument after ** must be a mapping, not %.200s", name, Py_TYPE(other)->tp_name);
            Py_DECREF(name);
        }
    }
    else if (PyErr_ExceptionMatches(PyExc_KeyError)) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyObject *args = value && PyTuple_Check(value) ? Py_NewRef(value)
                         : value && PyExceptionInstance_Check(value) ? Py_NewRef(((PyBaseExceptionObject *)value)->args) : NULL;
        PyObject *key = args && PyTuple_GET_SIZE(args) == 1 ? PyTuple_GET_ITEM(args, 0)
                        : value && !PyExceptionInstance_Check(value) ? value : NULL;
        PyObject *name = key ? _PyObject_FunctionStr(callable) : NULL;
        if (name) {
            PyErr_Format(PyExc_TypeError, "%U got multiple values for keyword argument '%S'", name, key);
            Py_DECREF(name);
            Py_XDECREF(type);
            Py_XDECREF(value);
            Py_XDECREF(traceback);
        }
        else PyErr_Restore(type, value, traceback);
        Py_XDECREF(args);
    }
    return -1;
}

/* ---- f-strings ------------------------------------------------------------------------------------------------ */

PyObject *op_format(PyObject *o, PyObject *spec, int conversion)
{
    static PyObject *(*const conversions[])(PyObject *) = {NULL, PyObject_Str, PyObject_Repr, PyObject_ASCII};
    PyObject *value = conversion ? conversions[conversion](o) : Py_NewRef(o);
    if (!value) return NULL;
    if (PyUnicode_CheckExact(value) && !spec) return value;
    PyObject *text = PyObject_Format(value, spec);
    Py_DECREF(value);
    return text;
}
