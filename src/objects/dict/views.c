/* dict_keys, dict_items and dict_values: views that follow their dict. The first two are sets as well. */
#include "objects/dict/table.h"
#include "objects/set.h"

#include "objects/immortal.h"
#include "objects/names.h"

static PyDictObject *viewed(PyObject *view)
{
    return ((_PyDictViewObject *)view)->dv_dict;
}

PyObject *_PyDictView_New(PyObject *dict, PyTypeObject *type)
{
    if (dict == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyDict_Check(dict)) {
        PyErr_Format(PyExc_TypeError, "%s() requires a dict argument, not '%s'", type->tp_name, Py_TYPE(dict)->tp_name);
        return NULL;
    }
    _PyDictViewObject *view = PyObject_GC_New(_PyDictViewObject, type);
    if (view == NULL) return NULL;
    view->dv_dict = (PyDictObject *)Py_NewRef(dict);
    gc_track(view);
    return (PyObject *)view;
}

PyObject *dict_keys_view(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyDictKeys_Type);
}

PyObject *dict_items_view(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyDictItems_Type);
}

PyObject *dict_values_view(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return _PyDictView_New(self, &PyDictValues_Type);
}

static void view_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_XDECREF(viewed(self));
    PyObject_GC_Del(self);
}

static int view_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(viewed(self));
    return 0;
}

static Py_ssize_t view_length(PyObject *self)
{
    PyDictObject *dict = viewed(self);
    return dict == NULL ? 0 : dict->ma_used;
}

static PyObject *view_mapping(PyObject *self, void *Py_UNUSED(ignored))
{
    return PyDictProxy_New((PyObject *)viewed(self));
}

static PyObject *view_repr(PyObject *self)
{
    int entered = Py_ReprEnter(self);
    if (entered != 0) return entered > 0 ? PyUnicode_FromString("...") : NULL;
    PyObject *text = NULL, *list = PySequence_List(self);
    if (list != NULL) {
        text = PyUnicode_FromFormat("%s(%R)", Py_TYPE(self)->tp_name, list);
        Py_DECREF(list);
    }
    Py_ReprLeave(self);
    return text;
}

static PyObject *keys_iter(PyObject *self)
{
    return dict_iterator_new(viewed(self), &PyDictIterKey_Type);
}

static PyObject *items_iter(PyObject *self)
{
    return dict_iterator_new(viewed(self), &PyDictIterItem_Type);
}

static PyObject *values_iter(PyObject *self)
{
    return dict_iterator_new(viewed(self), &PyDictIterValue_Type);
}

static PyObject *keys_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return dict_iterator_new(viewed(self), &PyDictRevIterKey_Type);
}

static PyObject *items_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return dict_iterator_new(viewed(self), &PyDictRevIterItem_Type);
}

static PyObject *values_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return dict_iterator_new(viewed(self), &PyDictRevIterValue_Type);
}

static int keys_contains(PyObject *self, PyObject *key)
{
    return PyDict_Contains((PyObject *)viewed(self), key);
}

static int items_contains(PyObject *self, PyObject *pair)
{
    if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) return 0;
    PyObject *value = PyDict_GetItemWithError((PyObject *)viewed(self), PyTuple_GET_ITEM(pair, 0));
    if (value == NULL) return PyErr_Occurred() ? -1 : 0;
    Py_INCREF(value);
    int equal = PyObject_RichCompareBool(value, PyTuple_GET_ITEM(pair, 1), Py_EQ);
    Py_DECREF(value);
    return equal;
}

/* ---- Views as sets ---- */

static PyObject *view_to_set(PyObject *view)
{
    PyObject *source = view;
    if (PyDictKeys_Check(view) && PyDict_CheckExact((PyObject *)viewed(view))) source = (PyObject *)viewed(view);
    return PySet_New(source);
}

/* set(self), changed by the named method of set given `other`. */
static PyObject *set_changed_by(PyObject *self, PyObject *method, PyObject *other)
{
    PyObject *set = view_to_set(self);
    if (set == NULL) return NULL;
    PyObject *result = PyObject_CallMethodOneArg(set, method, other);
    if (result == NULL) {
        Py_DECREF(set);
        return NULL;
    }
    Py_DECREF(result);
    return set;
}

static PyObject *view_sub(PyObject *self, PyObject *other)
{
    return set_changed_by(self, NAME(difference_update), other);
}

static PyObject *view_or(PyObject *self, PyObject *other)
{
    PyObject *set = view_to_set(self);
    if (set != NULL && _PySet_Update(set, other) < 0) Py_CLEAR(set);
    return set;
}

/* The keys of both dicts, all of them strs: nothing but this runs meanwhile. */
static PyObject *intersect_names(PyDictObject *dict, PyDictObject *other)
{
    PyObject *result = PySet_New(NULL), *key, *value;
    Py_ssize_t position = 0;
    Py_hash_t hash;
    while (result != NULL && dict_next_hash_borrow(other, &position, &key, &value, &hash)) {
        if (dict_find(dict, key, hash, &value) < 0 || value == NULL) continue;
        if (set_add_hashed((PySetObject *)result, key, hash) < 0) Py_CLEAR(result);
    }
    return result;
}

/* Those elements of `other` that are in the view. */
static PyObject *intersect_with(PyObject *view, PyObject *other)
{
    if (PyDictKeys_Check(view) && PyDictKeys_Check(other) && PyDict_CheckExact((PyObject *)viewed(other)) &&
        dict_keys_is_unicode(viewed(view)->ma_keys) && dict_keys_is_unicode(viewed(other)->ma_keys)) {
        return intersect_names(viewed(view), viewed(other));
    }
    int (*contains)(PyObject *, PyObject *) = PyDictKeys_Check(view) ? keys_contains : items_contains;
    PyObject *result = PySet_New(NULL), *key;
    if (result == NULL) return NULL;
    PyObject *iterator = PyObject_GetIter(other);
    if (iterator == NULL) {
        Py_DECREF(result);
        return NULL;
    }
    while ((key = PyIter_Next(iterator)) != NULL) {
        int found = contains(view, key);
        if (found > 0) found = PySet_Add(result, key);
        Py_DECREF(key);
        if (found < 0) break;
    }
    Py_DECREF(iterator);
    if (PyErr_Occurred()) Py_CLEAR(result);
    return result;
}

PyObject *_PyDictView_Intersect(PyObject *self, PyObject *other)
{
    PyObject *view = self;
    if (!PyDictViewSet_Check(view)) {   /* the view stands on the right of & */
        view = other;
        other = self;
    }
    Py_ssize_t length = view_length(view);
    if (PySet_CheckExact(other) && length <= PySet_GET_SIZE(other)) {
        return PyObject_CallMethodOneArg(other, NAME(intersection), view);
    }
    if (PyDictViewSet_Check(other) && view_length(other) > length) return intersect_with(other, view);
    return intersect_with(view, other);
}

/* 1 if `rest` had an item equal to (key, value), which is taken out; 0, or -1. */
static int take_equal_item(PyObject *rest, PyObject *key, Py_hash_t hash, PyObject *value)
{
    PyObject *other = _PyDict_GetItem_KnownHash(rest, key, hash);
    if (other == NULL) return PyErr_Occurred() ? -1 : 0;
    Py_INCREF(other);
    int equal = PyObject_RichCompareBool(other, value, Py_EQ);
    Py_DECREF(other);
    if (equal > 0 && _PyDict_DelItem_KnownHash(rest, key, hash) < 0) return -1;
    return equal;
}

/* Items equal in both are left out before anything is hashed: their values need not be hashable. */
static PyObject *items_xor(PyDictObject *a, PyDictObject *b)
{
    PyObject *rest = PyDict_Copy((PyObject *)a);
    if (rest == NULL) return NULL;
    PyObject *result = PySet_New(NULL), *key, *value;
    if (result == NULL) goto error;
    Py_hash_t hash;
    Py_ssize_t position = 0;
    while (dict_next_hash_borrow(b, &position, &key, &value, &hash)) {
        Py_INCREF(key);
        Py_INCREF(value);
        int done = take_equal_item(rest, key, hash, value);
        if (done == 0) {
            PyObject *pair = PyTuple_Pack(2, key, value);
            if (pair == NULL || PySet_Add(result, pair) < 0) done = -1;
            Py_XDECREF(pair);
        }
        Py_DECREF(key);
        Py_DECREF(value);
        if (done < 0) goto error;
    }
    PyObject *items = dict_items_view(rest, NULL);
    if (items == NULL) goto error;
    int updated = _PySet_Update(result, items);
    Py_DECREF(items);
    if (updated < 0) goto error;
    Py_DECREF(rest);
    return result;

error:
    Py_XDECREF(result);
    Py_DECREF(rest);
    return NULL;
}

static PyObject *view_xor(PyObject *self, PyObject *other)
{
    if (PyDictItems_Check(self) && PyDictItems_Check(other)) return items_xor(viewed(self), viewed(other));
    return set_changed_by(self, NAME(symmetric_difference_update), other);
}

/* Whether every element of `self` is in `other`: 1, 0 or -1. */
static int is_contained_in(PyObject *self, PyObject *other)
{
    PyObject *iterator = PyObject_GetIter(self), *item;
    if (iterator == NULL) return -1;
    int result = 1;
    while (result > 0 && (item = PyIter_Next(iterator)) != NULL) {
        result = PySequence_Contains(other, item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : result;
}

static PyObject *view_richcompare(PyObject *self, PyObject *other, int op)
{
    if (!PyAnySet_Check(other) && !PyDictViewSet_Check(other)) Py_RETURN_NOTIMPLEMENTED;
    Py_ssize_t n = view_length(self), m = PyObject_Size(other);
    if (m < 0) return NULL;
    int result = 0;
    switch (op) {
        case Py_EQ:
        case Py_NE:
            if (n == m) result = is_contained_in(self, other);
            if (op == Py_NE && result >= 0) result = !result;
            break;
        case Py_LT: if (n < m) result = is_contained_in(self, other); break;
        case Py_LE: if (n <= m) result = is_contained_in(self, other); break;
        case Py_GT: if (n > m) result = is_contained_in(other, self); break;
        case Py_GE: if (n >= m) result = is_contained_in(other, self); break;
    }
    return result < 0 ? NULL : bool_from(result);
}

static PyObject *view_isdisjoint(PyObject *self, PyObject *other)
{
    if (self == other) return bool_from(view_length(self) == 0);
    /* Walk the shorter of the two, if both can say what is in them. */
    if (PyAnySet_CheckExact(other) || PyDictViewSet_Check(other)) {
        Py_ssize_t length = PyObject_Size(other);
        if (length < 0) return NULL;
        if (length > view_length(self)) {
            PyObject *swap = self;
            self = other;
            other = swap;
        }
    }
    PyObject *iterator = PyObject_GetIter(other), *item;
    if (iterator == NULL) return NULL;
    int found = 0;
    while (found == 0 && (item = PyIter_Next(iterator)) != NULL) {
        found = PySequence_Contains(self, item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : bool_from(!found);
}

/* ---- Types ---- */

#define ISDISJOINT {"isdisjoint", view_isdisjoint, METH_O, "Whether the view and an iterable have no element in common."}

static PyMethodDef keys_methods[] = {
    ISDISJOINT,
    {"__reversed__", keys_reversed, METH_NOARGS, "An iterator over the keys, last to first."},
    {NULL, NULL, 0, NULL},
};
static PyMethodDef items_methods[] = {
    ISDISJOINT,
    {"__reversed__", items_reversed, METH_NOARGS, "An iterator over the items, last to first."},
    {NULL, NULL, 0, NULL},
};
static PyMethodDef values_methods[] = {
    {"__reversed__", values_reversed, METH_NOARGS, "An iterator over the values, last to first."},
    {NULL, NULL, 0, NULL},
};
static PyGetSetDef view_getset[] = {
    {"mapping", view_mapping, NULL, "the dictionary that is viewed, read-only", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PySequenceMethods keys_as_sequence = {.sq_length = view_length, .sq_contains = keys_contains};
static PySequenceMethods items_as_sequence = {.sq_length = view_length, .sq_contains = items_contains};
static PySequenceMethods values_as_sequence = {.sq_length = view_length};
static PyNumberMethods view_as_number = {
    .nb_subtract = view_sub,
    .nb_and = _PyDictView_Intersect,
    .nb_xor = view_xor,
    .nb_or = view_or,
};

#define DICT_VIEW_HEAD(name)                                            \
    IMMORTAL_TYPE_HEAD,                                                 \
    .tp_name = name,                                                    \
    .tp_basicsize = sizeof(_PyDictViewObject),                          \
    .tp_dealloc = view_dealloc,                                         \
    .tp_repr = view_repr,                                               \
    .tp_getattro = PyObject_GenericGetAttr,                             \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,                \
    .tp_traverse = view_traverse,                                       \
    .tp_getset = view_getset

PyTypeObject PyDictKeys_Type = {
    DICT_VIEW_HEAD("dict_keys"),
    .tp_as_number = &view_as_number,
    .tp_as_sequence = &keys_as_sequence,
    .tp_richcompare = view_richcompare,
    .tp_iter = keys_iter,
    .tp_methods = keys_methods,
};

PyTypeObject PyDictItems_Type = {
    DICT_VIEW_HEAD("dict_items"),
    .tp_as_number = &view_as_number,
    .tp_as_sequence = &items_as_sequence,
    .tp_richcompare = view_richcompare,
    .tp_iter = items_iter,
    .tp_methods = items_methods,
};

PyTypeObject PyDictValues_Type = {
    DICT_VIEW_HEAD("dict_values"),
    .tp_as_sequence = &values_as_sequence,
    .tp_iter = values_iter,
    .tp_methods = values_methods,
};
