/* groupby and tee */
#include "modules/itertools/itertools.h"

/* ---- groupby ---- */

typedef struct {
    PyObject_HEAD
    PyObject *it;
    PyObject *key_function;     /* None: the item itself */
    PyObject *target_key;       /* of the group handed out last; NULL at first */
    PyObject *current_key;      /* of current_value */
    PyObject *current_value;    /* the item taken last, not yet handed out; or NULL */
    const void *current_grouper;    /* borrowed, only compared: the group that may still be walked */
} GroupBy;
ITERATOR_LIFE(groupby, 5)

static PyObject *groupby_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"iterable", "key", NULL};
    PyObject *iterable, *key_function = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:groupby", keywords, &iterable, &key_function)) return NULL;
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) return NULL;
    GroupBy *self = (GroupBy *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    self->it = it;
    self->key_function = Py_NewRef(key_function);
    return (PyObject *)self;
}

/* Takes the next item and its key; -1 at the end or with an exception. */
static int groupby_step(GroupBy *self)
{
    PyObject *value = PyIter_Next(self->it);
    if (value == NULL) return -1;
    PyObject *key = self->key_function == Py_None ? Py_NewRef(value) : PyObject_CallOneArg(self->key_function, value);
    if (key == NULL) {
        Py_DECREF(value);
        return -1;
    }
    Py_XSETREF(self->current_value, value);
    Py_XSETREF(self->current_key, key);
    return 0;
}

static int keys_equal(PyObject *a, PyObject *b)
{
    if (a == b) return 1;
    Py_INCREF(a);
    Py_INCREF(b);
    int equal = key_equal(a, b);
    Py_DECREF(a);
    Py_DECREF(b);
    return equal;
}

static PyObject *grouper_of(GroupBy *parent, PyObject *target_key);

static PyObject *groupby_next(PyObject *op)
{
    GroupBy *self = (GroupBy *)op;
    self->current_grouper = NULL;
    for (;;) {      /* skip what is left of the current group */
        if (self->current_key != NULL) {
            if (self->target_key == NULL) break;
            int equal = keys_equal(self->target_key, self->current_key);
            if (equal < 0) return NULL;
            if (!equal) break;
        }
        if (groupby_step(self) < 0) return NULL;
    }
    Py_XSETREF(self->target_key, Py_NewRef(self->current_key));
    PyObject *grouper = grouper_of(self, self->target_key);
    if (grouper == NULL) return NULL;
    PyObject *result = PyTuple_Pack(2, self->current_key, grouper);
    Py_DECREF(grouper);
    return result;
}

static PyObject *groupby_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    GroupBy *self = (GroupBy *)op;
    if (self->target_key != NULL && self->current_key != NULL && self->current_value != NULL) {
        return Py_BuildValue("O(OO)(OOO)", Py_TYPE(op), self->it, self->key_function, self->current_key,
                             self->current_value, self->target_key);
    }
    return Py_BuildValue("O(OO)", Py_TYPE(op), self->it, self->key_function);
}

static PyObject *groupby_setstate(PyObject *op, PyObject *state)
{
    GroupBy *self = (GroupBy *)op;
    PyObject *key, *value, *target;
    if (!check_state_is_tuple(state) || !PyArg_ParseTuple(state, "OOO", &key, &value, &target)) return NULL;
    Py_XSETREF(self->current_key, Py_NewRef(key));
    Py_XSETREF(self->current_value, Py_NewRef(value));
    Py_XSETREF(self->target_key, Py_NewRef(target));
    Py_RETURN_NONE;
}

static PyMethodDef groupby_methods[] = {METHOD_REDUCE(groupby), METHOD_SETSTATE(groupby), METHODS_END};

PyTypeObject groupby_type = {
    ITERATOR_TYPE_HEAD(groupby, "groupby", GroupBy),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = groupby_methods,
    .tp_doc = "groupby(iterable, key=None)\n--\n\n"
              "Pairs of a key and an iterator over the neighbouring items that have this key.\n\n"
              "  iterable\n    What gives the items.\n"
              "  key\n    A function that gives the key of an item; None: the item itself.",
};

typedef struct {
    PyObject_HEAD
    PyObject *parent;
    PyObject *target_key;
} Grouper;
ITERATOR_LIFE(grouper, 2)

static PyObject *grouper_of(GroupBy *parent, PyObject *target_key)
{
    Grouper *self = PyObject_GC_New(Grouper, &grouper_type);
    if (self == NULL) return NULL;
    self->parent = Py_NewRef((PyObject *)parent);
    self->target_key = Py_NewRef(target_key);
    parent->current_grouper = self;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *grouper_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *parent, *target_key;
    if (!PyArg_UnpackTuple(args, "_grouper", 2, 2, &parent, &target_key)) return NULL;
    if (!PyObject_TypeCheck(parent, &groupby_type)) {
        _PyArg_BadArgument("_grouper", "argument 1", groupby_type.tp_name, parent);
        return NULL;
    }
    return grouper_of((GroupBy *)parent, target_key);
}

static PyObject *grouper_next(PyObject *op)
{
    Grouper *self = (Grouper *)op;
    GroupBy *parent = (GroupBy *)self->parent;
    if (parent->current_grouper != self) return NULL;
    if (parent->current_value == NULL && groupby_step(parent) < 0) return NULL;
    int equal = keys_equal(self->target_key, parent->current_key);
    if (equal <= 0) return NULL;
    PyObject *value = parent->current_value;
    parent->current_value = NULL;
    Py_CLEAR(parent->current_key);
    return value;
}

static PyObject *grouper_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Grouper *self = (Grouper *)op;
    if (((GroupBy *)self->parent)->current_grouper != self) return Py_BuildValue("N(())", _PyEval_GetBuiltin(NAME(iter)));
    return Py_BuildValue("O(OO)", Py_TYPE(op), self->parent, self->target_key);
}

static PyMethodDef grouper_methods[] = {METHOD_REDUCE(grouper), METHODS_END};

PyTypeObject grouper_type = {
    ITERATOR_TYPE_HEAD(grouper, "_grouper", Grouper),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_methods = grouper_methods,
};

/* ---- tee: branches walk a shared chain of cells, each of which keeps some items ---- */

enum { CELL_SIZE = 57 };        /* a cell is 512 bytes with the collector's head */

typedef struct {
    PyObject_HEAD
    PyObject *it;
    int n_read;                 /* items that this cell has */
    int running;                /* an item is being taken */
    PyObject *next;             /* the cell after this one, or NULL */
    PyObject *values[CELL_SIZE];
} TeeData;

typedef struct {
    PyObject_HEAD
    TeeData *data;
    int index;
    PyObject *weakreflist;
} Tee;

static TeeData *data_of(PyObject *it)
{
    TeeData *data = PyObject_GC_New(TeeData, &tee_data_type);
    if (data == NULL) return NULL;
    data->it = Py_NewRef(it);
    data->n_read = 0;
    data->running = 0;
    data->next = NULL;
    PyObject_GC_Track(data);
    return data;
}

/* Borrowed next cell, made if need be. */
static TeeData *data_next_borrow(TeeData *data)
{
    if (data->next == NULL) data->next = (PyObject *)data_of(data->it);
    return (TeeData *)data->next;
}

/* New reference to item i, taken from the iterator if this is the first branch that asks for it. */
static PyObject *data_item(TeeData *data, int i)
{
    if (i < data->n_read) return Py_NewRef(data->values[i]);
    if (data->running) {
        PyErr_SetString(PyExc_RuntimeError, "cannot re-enter the tee iterator");
        return NULL;
    }
    data->running = 1;
    PyObject *value = PyIter_Next(data->it);
    data->running = 0;
    if (value == NULL) return NULL;
    data->values[data->n_read++] = value;
    return Py_NewRef(value);
}

static int tee_data_traverse(PyObject *op, visitproc visit, void *arg)
{
    TeeData *data = (TeeData *)op;
    Py_VISIT(data->it);
    for (int i = 0; i < data->n_read; i++) Py_VISIT(data->values[i]);
    Py_VISIT(data->next);
    return 0;
}

static int tee_data_clear(PyObject *op)
{
    TeeData *data = (TeeData *)op;
    Py_CLEAR(data->it);
    for (int i = 0; i < data->n_read; i++) Py_CLEAR(data->values[i]);
    /* The chain of cells may be long: it is released in a loop, not by recursion. */
    PyObject *next = data->next;
    data->next = NULL;
    while (next != NULL && Py_IS_TYPE(next, &tee_data_type) && Py_REFCNT(next) == 1) {
        PyObject *following = ((TeeData *)next)->next;
        ((TeeData *)next)->next = NULL;
        Py_DECREF(next);
        next = following;
    }
    Py_XDECREF(next);
    return 0;
}

static void tee_data_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    tee_data_clear(op);
    PyObject_GC_Del(op);
}

static PyObject *tee_data_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    TeeData *data = (TeeData *)op;
    PyObject *values = PyList_New(data->n_read);
    if (values == NULL) return NULL;
    for (int i = 0; i < data->n_read; i++) PyList_SET_ITEM(values, i, Py_NewRef(data->values[i]));
    return Py_BuildValue("O(ONO)", Py_TYPE(op), data->it, values, data->next == NULL ? Py_None : data->next);
}

static PyObject *tee_data_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *it, *values, *next;
    if (!PyArg_UnpackTuple(args, "teedataobject", 3, 3, &it, &values, &next)) return NULL;
    if (!PyList_Check(values)) {
        _PyArg_BadArgument("teedataobject", "argument 2", "list", values);
        return NULL;
    }
    Py_ssize_t n = PyList_GET_SIZE(values);
    bool has_next = next != Py_None;
    if (n > CELL_SIZE || (has_next && (n != CELL_SIZE || !Py_IS_TYPE(next, &tee_data_type)))) {
        PyErr_SetString(PyExc_ValueError, "Invalid arguments");
        return NULL;
    }
    TeeData *data = data_of(it);
    if (data == NULL) return NULL;
    for (int i = 0; i < (int)n; i++) data->values[i] = Py_NewRef(PyList_GET_ITEM(values, i));
    data->n_read = (int)n;
    if (has_next) data->next = Py_NewRef(next);
    return (PyObject *)data;
}

static PyMethodDef tee_data_methods[] = {METHOD_REDUCE(tee_data), METHODS_END};

PyTypeObject tee_data_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "itertools._tee_dataobject",
    .tp_basicsize = sizeof(TeeData),
    .tp_dealloc = tee_data_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "teedataobject(iterable, values, next, /)\n--\n\nItems that the branches of a tee share.",
    .tp_traverse = tee_data_traverse,
    .tp_clear = tee_data_clear,
    .tp_methods = tee_data_methods,
    .tp_new = tee_data_new,
    .tp_free = PyObject_GC_Del,
};

static Tee *tee_at(TeeData *data, int index)
{
    Tee *self = PyObject_GC_New(Tee, &tee_type);
    if (self == NULL) return NULL;
    self->data = (TeeData *)Py_NewRef(data);
    self->index = index;
    self->weakreflist = NULL;
    PyObject_GC_Track(self);
    return self;
}

static PyObject *tee_copy(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Tee *self = (Tee *)op;
    return (PyObject *)tee_at(self->data, self->index);
}

static PyObject *tee_of(PyObject *iterable)
{
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) return NULL;
    PyObject *result = NULL;
    if (PyObject_TypeCheck(it, &tee_type)) {
        result = tee_copy(it, NULL);
    } else {
        TeeData *data = data_of(it);
        if (data != NULL) {
            result = (PyObject *)tee_at(data, 0);
            Py_DECREF(data);
        }
    }
    Py_DECREF(it);
    return result;
}

static PyObject *tee_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *Py_UNUSED(kwargs))
{
    PyObject *iterable;
    if (!PyArg_UnpackTuple(args, "_tee", 1, 1, &iterable)) return NULL;
    return tee_of(iterable);
}

static PyObject *tee_next(PyObject *op)
{
    Tee *self = (Tee *)op;
    if (self->index >= CELL_SIZE) {
        TeeData *next = data_next_borrow(self->data);
        if (next == NULL) return NULL;
        Py_SETREF(self->data, (TeeData *)Py_NewRef(next));
        self->index = 0;
    }
    PyObject *value = data_item(self->data, self->index);
    if (value != NULL) self->index++;
    return value;
}

static int tee_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT((PyObject *)((Tee *)op)->data);
    return 0;
}

static int tee_clear(PyObject *op)
{
    Tee *self = (Tee *)op;
    if (self->weakreflist != NULL) PyObject_ClearWeakRefs(op);
    Py_CLEAR(self->data);
    return 0;
}

static void tee_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    tee_clear(op);
    PyObject_GC_Del(op);
}

static PyObject *tee_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Tee *self = (Tee *)op;
    return Py_BuildValue("O(())(Oi)", Py_TYPE(op), self->data, self->index);
}

static PyObject *tee_setstate(PyObject *op, PyObject *state)
{
    Tee *self = (Tee *)op;
    PyObject *data;
    int index;
    if (!check_state_is_tuple(state) || !PyArg_ParseTuple(state, "O!i", &tee_data_type, &data, &index)) return NULL;
    if (index < 0 || index > CELL_SIZE) {
        PyErr_SetString(PyExc_ValueError, "Index out of range");
        return NULL;
    }
    Py_XSETREF(self->data, (TeeData *)Py_NewRef(data));
    self->index = index;
    Py_RETURN_NONE;
}

static PyMethodDef tee_methods[] = {
    {"__copy__", tee_copy, METH_NOARGS, "An iterator of its own over the same items."},
    METHOD_REDUCE(tee),
    METHOD_SETSTATE(tee),
    METHODS_END,
};

PyTypeObject tee_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "itertools._tee",
    .tp_basicsize = sizeof(Tee),
    .tp_dealloc = tee_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "_tee(iterable, /)\n--\n\nAn iterator that can be copied.",
    .tp_traverse = tee_traverse,
    .tp_clear = tee_clear,
    .tp_weaklistoffset = offsetof(Tee, weakreflist),
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = tee_next,
    .tp_methods = tee_methods,
    .tp_new = tee_new,
    .tp_free = PyObject_GC_Del,
};

PyObject *itertools_tee(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t n = 2;
    if (!_PyArg_CheckPositional("tee", nargs, 1, 2)) return NULL;
    if (nargs > 1) {
        PyObject *number = PyNumber_Index(args[1]);
        if (number == NULL) return NULL;
        n = PyLong_AsSsize_t(number);
        Py_DECREF(number);
        if (n == -1 && PyErr_Occurred()) return NULL;
    }
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "n must be >= 0");
        return NULL;
    }
    PyObject *result = PyTuple_New(n);
    if (result == NULL || n == 0) return result;
    PyObject *copy_method = NULL, *it = PyObject_GetIter(args[0]);
    if (it == NULL || _PyObject_LookupAttr(it, NAME(__copy__), &copy_method) < 0) goto error;
    if (copy_method == NULL) {
        Py_SETREF(it, tee_of(it));
        if (it == NULL) goto error;
        copy_method = PyObject_GetAttr(it, NAME(__copy__));
        if (copy_method == NULL) goto error;
    }
    PyTuple_SET_ITEM(result, 0, it);
    it = NULL;
    for (Py_ssize_t i = 1; i < n; i++) {
        PyObject *copy = PyObject_CallNoArgs(copy_method);
        if (copy == NULL) goto error;
        PyTuple_SET_ITEM(result, i, copy);
    }
    Py_DECREF(copy_method);
    return result;

error:
    Py_XDECREF(it);
    Py_XDECREF(copy_method);
    Py_DECREF(result);
    return NULL;
}
