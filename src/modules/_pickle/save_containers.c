/* Pickling tuples, lists, dicts and sets. Items go out in batches of BATCH_SIZE between MARK and an
 * opcode that adds them all. A container may change while its items are pickled, so each step looks
 * again. */
#include "modules/_pickle/pickle.h"

#define WHILE_PICKLING " while pickling an object"

/* ---- Fast mode: without a memo a cycle would never end, so deep containers are remembered ---- */

enum { FAST_DEPTH_MAX = 50 };

static int fast_enter(Pickler *self, PyObject *object)
{
    if (!self->fast || ++self->fast_depth < FAST_DEPTH_MAX) return 0;
    if (!self->fast_seen && !(self->fast_seen = PyDict_New())) return -1;
    PyObject *key = PyLong_FromVoidPtr(object);
    int seen = key ? PyDict_Contains(self->fast_seen, key) : -1;
    if (seen == 0)
        seen = PyDict_SetItem(self->fast_seen, key, Py_None);
    else if (seen > 0) {
        PyErr_Format(PyExc_ValueError,
            "fast mode: can't pickle cyclic objects including object type %.200s at %p",
            Py_TYPE(object)->tp_name, object);
        seen = -1;
    }
    Py_XDECREF(key);
    return seen;
}

static int fast_leave(Pickler *self, PyObject *object, int status)
{
    if (!self->fast || self->fast_depth-- < FAST_DEPTH_MAX) return status;
    PyObject *key = PyLong_FromVoidPtr(object);
    if (!key || PyDict_DelItem(self->fast_seen, key) < 0) {
        if (status == 0)
            status = -1;
        else
            PyErr_Clear();
    }
    Py_XDECREF(key);
    return status;
}

/* ---- Tuples ---- */

static int save_items(Pickler *self, PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        if (save(self, PyTuple_GET_ITEM(tuple, i), false) < 0) return -1;
    }
    return 0;
}

/* A tuple that its own items contain has been pickled with them: what stands on the stack is
 * dropped, and the tuple is got from the memo. */
static int replace_by_memo(Pickler *self, Py_ssize_t index, Py_ssize_t pops)
{
    for (Py_ssize_t i = 0; i < pops; i++) {
        if (output_op(self, OP_POP) < 0) return -1;
    }
    return save_memo_get(self, index);
}

int save_tuple(Pickler *self, PyObject *tuple)
{
    static const enum Opcode short_op[] = {OP_EMPTY_TUPLE, OP_TUPLE1, OP_TUPLE2, OP_TUPLE3};
    Py_ssize_t size = PyTuple_GET_SIZE(tuple);
    if (size == 0) {
        if (self->proto) return output_op(self, OP_EMPTY_TUPLE);
        return output_write(self, "(t", 2);
    }
    bool is_short = size <= 3 && self->proto >= 2;
    if (!is_short && output_op(self, OP_MARK) < 0) return -1;
    if (save_items(self, tuple) < 0) return -1;
    Py_ssize_t index = memo_find(&self->memo, tuple);
    if (index >= 0) {
        if (is_short || !self->bin) return replace_by_memo(self, index, is_short ? size : size + 1);
        return output_op(self, OP_POP_MARK) < 0 ? -1 : save_memo_get(self, index);
    }
    if (output_op(self, is_short ? short_op[size] : OP_TUPLE) < 0) return -1;
    return save_memo_put(self, tuple);
}

/* ---- Lists ---- */

static int save_list_items(Pickler *self, PyObject *list)
{
    if (PyList_GET_SIZE(list) == 1) {
        PyObject *item = Py_NewRef(PyList_GET_ITEM(list, 0));
        int status = save(self, item, false);
        Py_DECREF(item);
        return status < 0 ? -1 : output_op(self, OP_APPEND);
    }
    Py_ssize_t i = 0;
    do {
        if (output_op(self, OP_MARK) < 0) return -1;
        for (int n = 0; n < BATCH_SIZE && i < PyList_GET_SIZE(list); n++, i++) {
            PyObject *item = Py_NewRef(PyList_GET_ITEM(list, i));
            int status = save(self, item, false);
            Py_DECREF(item);
            if (status < 0) return -1;
        }
        if (output_op(self, OP_APPENDS) < 0) return -1;
    } while (i < PyList_GET_SIZE(list));
    return 0;
}

static int save_batch(Pickler *self, PyObject *iterator,
    int (*save_item)(Pickler *self, PyObject *item), enum Opcode one, enum Opcode many)
{
    for (;;) {
        PyObject *item = PyIter_Next(iterator);
        if (!item) return PyErr_Occurred() ? -1 : 0;
        /* Whether there is a second item decides about the opcodes before the first. */
        PyObject *next = self->proto ? PyIter_Next(iterator) : NULL;
        bool single = !next;
        int n = 1, status = PyErr_Occurred() ? -1 : 0;
        if (status == 0 && !single) status = output_op(self, OP_MARK);
        if (status == 0) status = save_item(self, item);
        Py_DECREF(item);
        while (status == 0 && next) {
            status = save_item(self, next);
            Py_CLEAR(next);
            if (status == 0 && ++n < BATCH_SIZE) {
                next = PyIter_Next(iterator);
                if (!next && PyErr_Occurred()) status = -1;
            }
        }
        Py_XDECREF(next);
        if (status == 0) status = output_op(self, single ? one : many);
        if (status < 0) return -1;
        if (self->proto && n < BATCH_SIZE) return 0;
    }
}

static int save_one(Pickler *self, PyObject *item)
{
    return save(self, item, false);
}

static int save_pair(Pickler *self, PyObject *item)
{
    if (!PyTuple_Check(item) || PyTuple_GET_SIZE(item) != 2) {
        PyErr_SetString(PyExc_TypeError, "dict items iterator must return 2-tuples");
        return -1;
    }
    if (save(self, PyTuple_GET_ITEM(item, 0), false) < 0) return -1;
    return save(self, PyTuple_GET_ITEM(item, 1), false);
}

int save_appends(Pickler *self, PyObject *iterator)
{
    return save_batch(self, iterator, save_one, OP_APPEND, OP_APPENDS);
}

int save_setitems(Pickler *self, PyObject *iterator)
{
    return save_batch(self, iterator, save_pair, OP_SETITEM, OP_SETITEMS);
}

static int save_list_body(Pickler *self, PyObject *list)
{
    if (self->bin ? output_op(self, OP_EMPTY_LIST) < 0 : output_write(self, "(l", 2) < 0) return -1;
    if (save_memo_put(self, list) < 0) return -1;
    if (PyList_GET_SIZE(list) == 0) return 0;
    if (Py_EnterRecursiveCall(WHILE_PICKLING)) return -1;
    int status = -1;
    if (self->proto) {
        status = save_list_items(self, list);
    } else {
        PyObject *iterator = PyObject_GetIter(list);
        if (iterator) status = save_appends(self, iterator);
        Py_XDECREF(iterator);
    }
    Py_LeaveRecursiveCall();
    return status;
}

int save_list(Pickler *self, PyObject *list)
{
    int status = fast_enter(self, list);
    if (status == 0) status = save_list_body(self, list);
    return fast_leave(self, list, status);
}

/* ---- Dicts ---- */

static int save_next_item(Pickler *self, PyObject *dict, Py_ssize_t *at)
{
    PyObject *key, *value;
    if (!PyDict_Next(dict, at, &key, &value)) return 0;
    Py_INCREF(key);
    Py_INCREF(value);
    int status = save(self, key, false);
    if (status == 0) status = save(self, value, false);
    Py_DECREF(key);
    Py_DECREF(value);
    return status < 0 ? -1 : 1;
}

static int save_dict_items(Pickler *self, PyObject *dict)
{
    Py_ssize_t size = PyDict_GET_SIZE(dict), at = 0;
    if (size == 1) {
        if (save_next_item(self, dict, &at) < 0) return -1;
        return output_op(self, OP_SETITEM);
    }
    int n;
    do {
        if (output_op(self, OP_MARK) < 0) return -1;
        for (n = 0; n < BATCH_SIZE; n++) {
            int status = save_next_item(self, dict, &at);
            if (status < 0) return -1;
            if (status == 0) break;
        }
        if (output_op(self, OP_SETITEMS) < 0) return -1;
        if (PyDict_GET_SIZE(dict) != size) {
            PyErr_SetString(PyExc_RuntimeError, "dictionary changed size during iteration");
            return -1;
        }
    } while (n == BATCH_SIZE);
    return 0;
}

static int save_dict_body(Pickler *self, PyObject *dict)
{
    if (self->bin ? output_op(self, OP_EMPTY_DICT) < 0 : output_write(self, "(d", 2) < 0) return -1;
    if (save_memo_put(self, dict) < 0) return -1;
    if (PyDict_GET_SIZE(dict) == 0) return 0;
    if (Py_EnterRecursiveCall(WHILE_PICKLING)) return -1;
    int status = -1;
    if (self->proto) {
        status = save_dict_items(self, dict);
    } else {
        PyObject *items = PyDict_Items(dict), *iterator = items ? PyObject_GetIter(items) : NULL;
        Py_XDECREF(items);
        if (iterator) status = save_setitems(self, iterator);
        Py_XDECREF(iterator);
    }
    Py_LeaveRecursiveCall();
    return status;
}

int save_dict(Pickler *self, PyObject *dict)
{
    int status = fast_enter(self, dict);
    if (status == 0) status = save_dict_body(self, dict);
    return fast_leave(self, dict, status);
}

/* ---- Sets ---- */

int save_set(Pickler *self, PyObject *set)
{
    if (self->proto < 4) {
        PyObject *items = PySequence_List(set);
        return items ? save_built(self, set, "O(N)", &PySet_Type, items) : -1;
    }
    if (output_op(self, OP_EMPTY_SET) < 0 || save_memo_put(self, set) < 0) return -1;
    Py_ssize_t size = PySet_GET_SIZE(set), at = 0;
    if (size == 0) return 0;
    int n;
    do {
        if (output_op(self, OP_MARK) < 0) return -1;
        PyObject *item;
        Py_hash_t hash;
        for (n = 0; n < BATCH_SIZE && _PySet_NextEntry(set, &at, &item, &hash); n++) {
            Py_INCREF(item);
            int status = save(self, item, false);
            Py_DECREF(item);
            if (status < 0) return -1;
        }
        if (output_op(self, OP_ADDITEMS) < 0) return -1;
        if (PySet_GET_SIZE(set) != size) {
            PyErr_SetString(PyExc_RuntimeError, "set changed size during iteration");
            return -1;
        }
    } while (n == BATCH_SIZE);
    return 0;
}

static int save_frozenset_body(Pickler *self, PyObject *set)
{
    if (output_op(self, OP_MARK) < 0) return -1;
    PyObject *item;
    Py_hash_t hash;
    Py_ssize_t at = 0;
    while (_PySet_NextEntry(set, &at, &item, &hash)) {
        if (save(self, item, false) < 0) return -1;
    }
    Py_ssize_t index = memo_find(&self->memo, set);
    if (index >= 0) {
        return output_op(self, OP_POP_MARK) < 0 ? -1 : save_memo_get(self, index);
    }
    return output_op(self, OP_FROZENSET) < 0 ? -1 : save_memo_put(self, set);
}

int save_frozenset(Pickler *self, PyObject *set)
{
    if (self->proto < 4) {
        PyObject *items = PySequence_List(set);
        return items ? save_built(self, set, "O(N)", &PyFrozenSet_Type, items) : -1;
    }
    int status = fast_enter(self, set);
    if (status == 0) status = save_frozenset_body(self, set);
    return fast_leave(self, set, status);
}
