/* Unpickling tuples, lists, dicts and sets. */
#include "modules/_pickle/pickle.h"

#include "objects/dict/dict.h"
#include "objects/list.h"

int load_short_tuple(Unpickler *self, Py_ssize_t n)
{
    if (self->depth < self->fence + n) return stack_underflow(self);
    return stack_push_steal(self, stack_pop_tuple(self, self->depth - n));
}

int load_tuple(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    return mark < 0 ? -1 : stack_push_steal(self, stack_pop_tuple(self, mark));
}

int load_list(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    return mark < 0 ? -1 : stack_push_steal(self, stack_pop_list(self, mark));
}

int load_frozenset(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    PyObject *items = mark < 0 ? NULL : stack_pop_tuple(self, mark);
    if (!items) return -1;
    PyObject *set = PyFrozenSet_New(items);
    Py_DECREF(items);
    return stack_push_steal(self, set);
}

/* ---- Filling a container from what lies above it on the stack ----
 *
 * Code that this calls may use the same unpickler, whose stack is then another: so what is in use
 * is held, and the depth is looked at anew. */

/* Calls a method with each item above `from`. */
static int call_with_each(Unpickler *self, PyObject *object, PyObject *name, Py_ssize_t from)
{
    PyObject *method = PyObject_GetAttr(object, name);
    if (!method) return -1;
    int status = 0;
    for (Py_ssize_t i = from; status == 0 && i < self->depth; i++) {
        PyObject *item = Py_NewRef(self->values[i]), *result = PyObject_CallOneArg(method, item);
        if (!result) status = -1;
        Py_XDECREF(result);
        Py_DECREF(item);
    }
    Py_DECREF(method);
    stack_truncate(self, from);
    return status;
}

/* The container below the items from `from` on: borrowed, or NULL if it is not there. */
static PyObject *container_borrow(Unpickler *self, Py_ssize_t from)
{
    if (from <= self->depth && from > self->fence) return self->values[from - 1];
    stack_underflow(self);
    return NULL;
}

static int append_items(Unpickler *self, Py_ssize_t from)
{
    PyObject *list = container_borrow(self, from), *extend;
    if (!list) return -1;
    Py_ssize_t n = self->depth - from;
    if (n == 0) return 0;
    if (PyList_CheckExact(list)) {
        Py_ssize_t size = PyList_GET_SIZE(list);
        if (list_resize((PyListObject *)list, size + n) < 0) return -1;
        memcpy(list_items(list) + size, self->values + from, (size_t)n * sizeof(PyObject *));
        self->depth = from;
        return 0;
    }
    if (_PyObject_LookupAttr(list, NAME(extend), &extend) < 0) return -1;
    if (!extend) return call_with_each(self, list, NAME(append), from);
    PyObject *items = stack_pop_list(self, from);
    PyObject *result = items ? PyObject_CallOneArg(extend, items) : NULL;
    Py_XDECREF(items);
    Py_DECREF(extend);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

int load_append(Unpickler *self)
{
    if (self->depth - 1 <= self->fence) return stack_underflow(self);
    return append_items(self, self->depth - 1);
}

int load_appends(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    return mark < 0 ? -1 : append_items(self, mark);
}

/* Sets the pairs above `from` in a dict, or any mapping, and takes them off the stack. */
static int set_pairs(Unpickler *self, PyObject *mapping, Py_ssize_t from)
{
    int status = 0;
    if (PyDict_CheckExact(mapping)) {
        Py_ssize_t n = (self->depth - from) / 2;
        if (n > 0 && PyDict_GET_SIZE(mapping) == 0) {
            bool unicode = PyUnicode_CheckExact(self->values[from]);
            if (dict_reserve((PyDictObject *)mapping, n, unicode) < 0) return -1;
        }
        for (Py_ssize_t i = from; status == 0 && i + 1 < self->depth; i += 2) {
            PyObject *key = self->values[i], *value = self->values[i + 1];
            self->values[i] = self->values[i + 1] = NULL;
            status = dict_set_item_steal((PyDictObject *)mapping, key, value);
        }
        stack_truncate(self, from);
        return status;
    }
    for (Py_ssize_t i = from; status == 0 && i + 1 < self->depth; i += 2) {
        PyObject *key = Py_NewRef(self->values[i]), *value = Py_NewRef(self->values[i + 1]);
        status = PyObject_SetItem(mapping, key, value);
        Py_DECREF(key);
        Py_DECREF(value);
    }
    stack_truncate(self, from);
    return status;
}

static int set_items(Unpickler *self, Py_ssize_t from)
{
    PyObject *mapping = container_borrow(self, from);
    if (!mapping) return -1;
    if ((self->depth - from) % 2) {
        unpickling_error("odd number of items for SETITEMS");
        return -1;
    }
    Py_INCREF(mapping);
    int status = set_pairs(self, mapping, from);
    Py_DECREF(mapping);
    return status;
}

int load_setitem(Unpickler *self)
{
    return set_items(self, self->depth - 2);
}

int load_setitems(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    return mark < 0 ? -1 : set_items(self, mark);
}

int load_dict(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    if (mark < 0) return -1;
    if ((self->depth - mark) % 2) {
        unpickling_error("odd number of items for DICT");
        return -1;
    }
    PyObject *dict = PyDict_New();
    if (!dict) return -1;
    if (set_pairs(self, dict, mark) < 0) {
        Py_DECREF(dict);
        return -1;
    }
    return stack_push_steal(self, dict);
}

int load_additems(Unpickler *self)
{
    Py_ssize_t mark = stack_pop_mark(self);
    PyObject *set = mark < 0 ? NULL : container_borrow(self, mark);
    if (!set) return -1;
    if (mark == self->depth) return 0;
    if (!PySet_Check(set)) return call_with_each(self, set, NAME(add), mark);
    PyObject *items = stack_pop_tuple(self, mark);
    if (!items) return -1;
    int status = _PySet_Update(set, items);
    Py_DECREF(items);
    return status;
}
