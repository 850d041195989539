/* The stack of an Unpickler, with its marks, and its memo. */
#include "modules/_pickle/pickle.h"

#include "objects/immortal.h"

enum { STACK_SIZE_MIN = 16, MARKS_MORE = 20 };

void *room_grow(void *array, const void *lent, size_t old_count, size_t new_count)
{
    enum { SIZE = sizeof(void *) };
    if (new_count > PY_SSIZE_T_MAX / SIZE) return PyErr_NoMemory();
    void *new = PyMem_Realloc(array == lent ? NULL : array, new_count * SIZE);
    if (!new) return PyErr_NoMemory();
    if (array && array == lent) memcpy(new, array, old_count * SIZE);
    return new;
}

int stack_grow(Unpickler *self)
{
    Py_ssize_t capacity = self->capacity ? self->capacity * 2 : STACK_SIZE_MIN;
    PyObject **values = room_grow(self->values, self->room ? self->room->values : NULL,
        (size_t)self->capacity, (size_t)capacity);
    if (!values) return -1;
    self->values = values;
    self->capacity = capacity;
    return 0;
}

int stack_underflow(Unpickler *self)
{
    return unpickling_error(
        self->mark_count ? "unexpected MARK found" : "unpickling stack underflow");
}

int stack_mark(Unpickler *self)
{
    if (self->mark_count == self->mark_capacity) {
        Py_ssize_t capacity = self->mark_capacity * 2 + MARKS_MORE;
        Py_ssize_t *marks = room_grow(self->marks, self->room ? self->room->marks : NULL,
            (size_t)self->mark_capacity, (size_t)capacity);
        if (!marks) return -1;
        self->marks = marks;
        self->mark_capacity = capacity;
    }
    self->marks[self->mark_count++] = self->fence = self->depth;
    return 0;
}

Py_ssize_t stack_pop_mark(Unpickler *self)
{
    if (self->mark_count == 0) {
        return unpickling_error("could not find MARK");
    }
    Py_ssize_t mark = self->marks[--self->mark_count];
    self->fence = self->mark_count ? self->marks[self->mark_count - 1] : 0;
    return mark;
}

/* A value that has been taken already is NULL. */
void stack_truncate(Unpickler *self, Py_ssize_t depth)
{
    while (self->depth > depth) {
        PyObject *value = self->values[--self->depth];
        Py_XDECREF(value);
    }
}

PyObject *stack_pop_tuple(Unpickler *self, Py_ssize_t from)
{
    if (from < self->fence) {
        stack_underflow(self);
        return NULL;
    }
    Py_ssize_t n = self->depth - from;
    PyObject *tuple = PyTuple_New(n);
    if (!tuple) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) PyTuple_SET_ITEM(tuple, i, self->values[from + i]);
    self->depth = from;
    return tuple;
}

PyObject *stack_pop_list(Unpickler *self, Py_ssize_t from)
{
    Py_ssize_t n = self->depth - from;
    PyObject *list = PyList_New(n);
    if (!list) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) PyList_SET_ITEM(list, i, self->values[from + i]);
    self->depth = from;
    return list;
}

/* ---- The memo ---- */

static int memo_resize(Unpickler *self, Py_ssize_t size)
{
    PyObject **memo = room_grow(
        self->memo, self->room ? self->room->memo : NULL, (size_t)self->memo_size, (size_t)size);
    if (!memo) return -1;
    for (Py_ssize_t i = self->memo_size; i < size; i++) memo[i] = NULL;
    self->memo = memo;
    self->memo_size = size;
    return 0;
}

int unpickler_memo_put(Unpickler *self, Py_ssize_t index, PyObject *value)
{
    if (index >= self->memo_size) {
        Py_ssize_t size = index > PY_SSIZE_T_MAX / 2 ? PY_SSIZE_T_MAX : index * 2;
        if (memo_resize(self, Py_MAX(size, 32)) < 0) return -1;
    }
    PyObject *old = self->memo[index];
    self->memo[index] = Py_NewRef(value);
    if (old)
        Py_DECREF(old);
    else
        self->memo_used++;
    return 0;
}

void unpickler_memo_clear(Unpickler *self)
{
    PyObject **memo = self->memo;
    Py_ssize_t size = self->memo_size;
    self->memo = NULL;
    self->memo_size = self->memo_used = 0;
    for (Py_ssize_t i = 0; i < size; i++) Py_XDECREF(memo[i]);
    if (!self->room || memo != self->room->memo) PyMem_Free(memo);
}

/* ---- UnpicklerMemoProxy: {index: object} ---- */

typedef struct {
    PyObject_HEAD Unpickler *unpickler; /* owned */
} MemoProxy;

static PyObject *proxy_clear_memo(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Unpickler *unpickler = ((MemoProxy *)self)->unpickler;
    unpickler_memo_clear(unpickler);
    return memo_resize(unpickler, 32) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *proxy_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    const Unpickler *unpickler = ((MemoProxy *)self)->unpickler;
    PyObject *copy = PyDict_New();
    for (Py_ssize_t i = 0; copy && i < unpickler->memo_size; i++) {
        if (!unpickler->memo[i]) continue;
        PyObject *key = PyLong_FromSsize_t(i);
        if (!key || PyDict_SetItem(copy, key, unpickler->memo[i]) < 0) Py_CLEAR(copy);
        Py_XDECREF(key);
    }
    return copy;
}

static PyObject *proxy_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *copy = proxy_copy(self, NULL);
    return copy ? Py_BuildValue("O(N)", &PyDict_Type, copy) : NULL;
}

static int proxy_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((MemoProxy *)self)->unpickler);
    return 0;
}

static int proxy_clear(PyObject *self)
{
    Py_CLEAR(((MemoProxy *)self)->unpickler);
    return 0;
}

static void proxy_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    proxy_clear(self);
    PyObject_GC_Del(self);
}

static PyMethodDef proxy_methods[] = {
    {"clear", proxy_clear_memo, METH_NOARGS, "clear($self, /)\n--\n\nForget all objects."},
    {"copy", proxy_copy, METH_NOARGS, "copy($self, /)\n--\n\nThe memo as a new dict."},
    {"__reduce__", proxy_reduce, METH_NOARGS, "__reduce__($self, /)\n--\n\nHelper for pickle."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject unpickler_memo_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "_pickle.UnpicklerMemoProxy",
    .tp_basicsize = sizeof(MemoProxy),
    .tp_dealloc = proxy_dealloc,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = proxy_traverse,
    .tp_clear = proxy_clear,
    .tp_methods = proxy_methods,
};

PyObject *unpickler_get_memo(PyObject *self, void *Py_UNUSED(context))
{
    MemoProxy *proxy = PyObject_GC_New(MemoProxy, &unpickler_memo_type);
    if (!proxy) return NULL;
    proxy->unpickler = (Unpickler *)Py_NewRef(self);
    PyObject_GC_Track(proxy);
    return (PyObject *)proxy;
}

/* Fills `target`, whose memo is empty. */
static int memo_from_dict(Unpickler *target, PyObject *dict)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    while (PyDict_Next(dict, &at, &key, &value)) {
        if (!PyLong_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "memo key must be integers");
            return -1;
        }
        Py_ssize_t index = PyLong_AsSsize_t(key);
        if (index == -1 && PyErr_Occurred()) return -1;
        if (index < 0) {
            PyErr_SetString(PyExc_ValueError, "memo key must be positive integers.");
            return -1;
        }
        if (unpickler_memo_put(target, index, value) < 0) return -1;
    }
    return 0;
}

int unpickler_set_memo(PyObject *op, PyObject *value, void *Py_UNUSED(context))
{
    Unpickler *self = (Unpickler *)op, new = {.memo = NULL};
    int status = -1;
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "attribute deletion is not supported");
    } else if (Py_IS_TYPE(value, &unpickler_memo_type)) {
        const Unpickler *other = ((MemoProxy *)value)->unpickler;
        status = memo_resize(&new, Py_MAX(other->memo_size, 32));
        for (Py_ssize_t i = 0; status == 0 && i < other->memo_size; i++) {
            new.memo[i] = Py_XNewRef(other->memo[i]);
        }
        new.memo_used = other->memo_used;
    } else if (PyDict_Check(value)) {
        status = memo_from_dict(&new, value);
    } else {
        PyErr_Format(PyExc_TypeError,
            "'memo' attribute must be an UnpicklerMemoProxy object or dict, not %.200s",
            Py_TYPE(value)->tp_name);
    }
    if (status == 0) {
        PyObject **memo = self->memo;
        Py_ssize_t size = self->memo_size;
        self->memo = new.memo;
        self->memo_size = new.memo_size;
        self->memo_used = new.memo_used;
        new.memo = memo;
        new.memo_size = size;
    }
    unpickler_memo_clear(&new);
    return status;
}
