/* starmap, filterfalse, takewhile, dropwhile, compress, accumulate, pairwise, zip_longest */
#include "modules/itertools/itertools.h"
#include "objects/int/int.h"
#include "objects/tuple.h"

/* ---- What a function and an iterator make: starmap, filterfalse, takewhile, dropwhile ---- */

typedef struct {
    PyObject_HEAD
    PyObject *function;
    PyObject *it;
    long flag;          /* takewhile: has stopped; dropwhile: has started */
} FunctionIterator;

/* The two have no flag, but one layout for all is simpler. */
typedef struct {
    PyObject_HEAD
    PyObject *function;
    PyObject *it;
} PlainFunctionIterator;

static PyObject *function_iterator_new(PyTypeObject *type, PyTypeObject *own, const char *name, PyObject *args, PyObject *kwargs)
{
    PyObject *function, *iterable;
    if (!no_keywords(type, own, name, kwargs) || !PyArg_UnpackTuple(args, name, 2, 2, &function, &iterable)) return NULL;
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) return NULL;
    PlainFunctionIterator *self = (PlainFunctionIterator *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    self->function = Py_NewRef(function);
    self->it = it;
    return (PyObject *)self;
}

static PyObject *plain_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PlainFunctionIterator *self = (PlainFunctionIterator *)op;
    return Py_BuildValue("O(OO)", Py_TYPE(op), self->function, self->it);
}

static PyObject *flag_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    FunctionIterator *self = (FunctionIterator *)op;
    return Py_BuildValue("O(OO)l", Py_TYPE(op), self->function, self->it, self->flag);
}

static PyObject *flag_setstate(PyObject *op, PyObject *state)
{
    int flag = PyObject_IsTrue(state);
    if (flag < 0) return NULL;
    ((FunctionIterator *)op)->flag = flag;
    Py_RETURN_NONE;
}

static PyMethodDef plain_methods[] = {METHOD_REDUCE(plain), METHODS_END};
static PyMethodDef flag_methods[] = {METHOD_REDUCE(flag), METHOD_SETSTATE(flag), METHODS_END};

/* Truth of function(item): 1, 0 or -1. */
static inline int predicate_holds(PyObject *function, PyObject *item)
{
    PyObject *answer = PyObject_CallOneArg(function, item);
    if (answer == NULL) return -1;
    int truth = answer == Py_True ? 1 : answer == Py_False ? 0 : PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return truth;
}

ITERATOR_LIFE(starmap, 2)

static PyObject *starmap_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return function_iterator_new(type, &starmap_type, "starmap", args, kwargs);
}

static PyObject *starmap_next(PyObject *op)
{
    PlainFunctionIterator *self = (PlainFunctionIterator *)op;
    PyObject *args = chained_next(self->it);
    if (args == NULL) return NULL;
    if (!PyTuple_CheckExact(args)) {
        Py_SETREF(args, PySequence_Tuple(args));
        if (args == NULL) return NULL;
    }
    PyObject *result = call_vector(thread_state(), self->function, tuple_items(args),
                                   (size_t)PyTuple_GET_SIZE(args), NULL);
    Py_DECREF(args);
    return result;
}

PyTypeObject starmap_type = {
    ITERATOR_TYPE_HEAD(starmap, "starmap", PlainFunctionIterator),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = plain_methods,
    .tp_doc = "starmap(function, iterable, /)\n--\n\nfunction(*args) for each args of an iterable.",
};

ITERATOR_LIFE(filterfalse, 2)

static PyObject *filterfalse_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return function_iterator_new(type, &filterfalse_type, "filterfalse", args, kwargs);
}

static PyObject *filterfalse_next(PyObject *op)
{
    PlainFunctionIterator *self = (PlainFunctionIterator *)op;
    bool by_truth = self->function == Py_None || self->function == (PyObject *)&PyBool_Type;
    for (;;) {
        PyObject *item = chained_next(self->it);
        if (item == NULL) return NULL;
        int truth = by_truth ? PyObject_IsTrue(item) : predicate_holds(self->function, item);
        if (truth == 0) return item;
        Py_DECREF(item);
        if (truth < 0) return NULL;
    }
}

PyTypeObject filterfalse_type = {
    ITERATOR_TYPE_HEAD(filterfalse, "filterfalse", PlainFunctionIterator),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = plain_methods,
    .tp_doc = "filterfalse(function, iterable, /)\n--\n\n"
              "The items for which function(item) is false; if function is None, the items that are false.",
};

ITERATOR_LIFE(takewhile, 2)

static PyObject *takewhile_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return function_iterator_new(type, &takewhile_type, "takewhile", args, kwargs);
}

static PyObject *takewhile_next(PyObject *op)
{
    FunctionIterator *self = (FunctionIterator *)op;
    if (self->flag) return NULL;
    PyObject *item = chained_next(self->it);
    if (item == NULL) return NULL;
    int truth = predicate_holds(self->function, item);
    if (truth > 0) return item;
    Py_DECREF(item);
    if (truth == 0) self->flag = 1;
    return NULL;
}

PyTypeObject takewhile_type = {
    ITERATOR_TYPE_HEAD(takewhile, "takewhile", FunctionIterator),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = flag_methods,
    .tp_doc = "takewhile(predicate, iterable, /)\n--\n\nThe items up to the first for which predicate(item) is false.",
};

ITERATOR_LIFE(dropwhile, 2)

static PyObject *dropwhile_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    return function_iterator_new(type, &dropwhile_type, "dropwhile", args, kwargs);
}

static PyObject *dropwhile_next(PyObject *op)
{
    FunctionIterator *self = (FunctionIterator *)op;
    for (;;) {
        PyObject *item = chained_next(self->it);
        if (item == NULL || self->flag) return item;
        int truth = predicate_holds(self->function, item);
        if (truth == 0) {
            self->flag = 1;
            return item;
        }
        Py_DECREF(item);
        if (truth < 0) return NULL;
    }
}

PyTypeObject dropwhile_type = {
    ITERATOR_TYPE_HEAD(dropwhile, "dropwhile", FunctionIterator),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = flag_methods,
    .tp_doc = "dropwhile(predicate, iterable, /)\n--\n\nThe items from the first for which predicate(item) is false.",
};

/* ---- compress ---- */

typedef struct {
    PyObject_HEAD
    PyObject *data, *selectors;
} Compress;
ITERATOR_LIFE(compress, 2)

static PyObject *compress_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"data", "selectors", NULL};
    PyObject *data, *selectors;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO:compress", keywords, &data, &selectors)) return NULL;
    data = PyObject_GetIter(data);
    if (data == NULL) return NULL;
    selectors = PyObject_GetIter(selectors);
    Compress *self = selectors == NULL ? NULL : (Compress *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(data);
        Py_XDECREF(selectors);
        return NULL;
    }
    self->data = data;
    self->selectors = selectors;
    return (PyObject *)self;
}

static PyObject *compress_next(PyObject *op)
{
    Compress *self = (Compress *)op;
    for (;;) {
        PyObject *item = chained_next(self->data);
        if (item == NULL) return NULL;
        PyObject *selector = chained_next(self->selectors);
        if (selector == NULL) {
            Py_DECREF(item);
            return NULL;
        }
        int truth = PyObject_IsTrue(selector);
        Py_DECREF(selector);
        if (truth > 0) return item;
        Py_DECREF(item);
        if (truth < 0) return NULL;
    }
}

static PyObject *compress_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Compress *self = (Compress *)op;
    return Py_BuildValue("O(OO)", Py_TYPE(op), self->data, self->selectors);
}

static PyMethodDef compress_methods[] = {METHOD_REDUCE(compress), METHODS_END};

PyTypeObject compress_type = {
    ITERATOR_TYPE_HEAD(compress, "compress", Compress),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = compress_methods,
    .tp_doc = "compress(data, selectors)\n--\n\nThe items of data whose selector is true.",
};

/* ---- accumulate ---- */

typedef struct {
    PyObject_HEAD
    PyObject *total;        /* NULL before the first item */
    PyObject *it;
    PyObject *function;     /* NULL: addition */
    PyObject *initial;      /* None once it was given out */
} Accumulate;
ITERATOR_LIFE(accumulate, 4)

static PyObject *accumulate_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"iterable", "func", "initial", NULL};
    PyObject *iterable, *function = Py_None, *initial = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O$O:accumulate", keywords, &iterable, &function, &initial)) return NULL;
    PyObject *it = PyObject_GetIter(iterable);
    if (it == NULL) return NULL;
    Accumulate *self = (Accumulate *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(it);
        return NULL;
    }
    self->it = it;
    self->function = function == Py_None ? NULL : Py_NewRef(function);
    self->initial = Py_NewRef(initial);
    return (PyObject *)self;
}

/* Of the total so far and the next item. */
static PyObject *next_total(const Accumulate *self, PyObject *item)
{
    if (self->function != NULL) {
        PyObject *args[] = {NULL, Py_NewRef(self->total), item};        /* held: the function may ask this iterator for more */
        PyObject *total = PyObject_Vectorcall(self->function, args + 1, 2 | PY_VECTORCALL_ARGUMENTS_OFFSET, NULL);
        Py_DECREF(args[1]);
        return total;
    }
    if (PyLong_CheckExact(self->total) && PyLong_CheckExact(item)) return int_add(self->total, item);
    return PyNumber_Add(self->total, item);
}

static PyObject *accumulate_next(PyObject *op)
{
    Accumulate *self = (Accumulate *)op;
    if (self->initial != Py_None) {
        Py_XSETREF(self->total, Py_NewRef(self->initial));
        Py_SETREF(self->initial, Py_NewRef(Py_None));
        return Py_NewRef(self->total);
    }
    PyObject *item = chained_next(self->it);
    if (item == NULL) return NULL;
    if (self->total == NULL) {
        self->total = item;
        return Py_NewRef(item);
    }
    PyObject *total = next_total(self, item);
    Py_DECREF(item);
    if (total == NULL) return NULL;
    Py_SETREF(self->total, Py_NewRef(total));
    return total;
}

/* chain([first], it) */
static PyObject *chain_after(PyObject *first, PyObject *it)
{
    PyObject *parts = Py_BuildValue("([O]O)", first, it);
    if (parts == NULL) return NULL;
    PyObject *chain = chain_from_iterator_steal(&chain_type, PyObject_GetIter(parts));
    Py_DECREF(parts);
    return chain;
}

static PyObject *accumulate_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Accumulate *self = (Accumulate *)op;
    PyObject *function = self->function == NULL ? Py_None : self->function;
    if (self->initial != Py_None) {
        PyObject *it = chain_after(self->initial, self->it);
        return it == NULL ? NULL : Py_BuildValue("O(NO)O", Py_TYPE(op), it, function, Py_None);
    }
    if (self->total == Py_None) {   /* None as the state means that there is no total yet */
        PyObject *it = chain_after(self->total, self->it);
        if (it == NULL) return NULL;
        Py_SETREF(it, PyObject_CallFunction((PyObject *)Py_TYPE(op), "OO", it, function));
        return it == NULL ? NULL : Py_BuildValue("O(NiO)", &islice_type, it, 1, Py_None);
    }
    return Py_BuildValue("O(OO)O", Py_TYPE(op), self->it, function, self->total == NULL ? Py_None : self->total);
}

static PyObject *accumulate_setstate(PyObject *op, PyObject *state)
{
    Py_XSETREF(((Accumulate *)op)->total, Py_NewRef(state));
    Py_RETURN_NONE;
}

static PyMethodDef accumulate_methods[] = {METHOD_REDUCE(accumulate), METHOD_SETSTATE(accumulate), METHODS_END};

PyTypeObject accumulate_type = {
    ITERATOR_TYPE_HEAD(accumulate, "accumulate", Accumulate),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = accumulate_methods,
    .tp_doc = "accumulate(iterable, func=None, *, initial=None)\n--\n\n"
              "Running totals: sums, or what another function of two arguments makes of total and item.",
};

/* ---- pairwise ---- */

typedef struct {
    PyObject_HEAD
    PyObject *it;       /* NULL: exhausted */
    PyObject *old;      /* the item before, or NULL */
} Pairwise;
ITERATOR_LIFE(pairwise, 2)

static PyObject *pairwise_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable;
    if (!no_keywords(type, &pairwise_type, "pairwise", kwargs)) return NULL;
    if (!_PyArg_CheckPositional("pairwise", PyTuple_GET_SIZE(args), 1, 1)) return NULL;
    iterable = PyObject_GetIter(PyTuple_GET_ITEM(args, 0));
    if (iterable == NULL) return NULL;
    Pairwise *self = (Pairwise *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_DECREF(iterable);
        return NULL;
    }
    self->it = iterable;
    return (PyObject *)self;
}

static PyObject *pairwise_next(PyObject *op)
{
    Pairwise *self = (Pairwise *)op;
    if (self->it == NULL) return NULL;
    PyObject *it = Py_NewRef(self->it);     /* taking an item may use this iterator again */
    PyObject *old = self->old, *new = NULL, *result = NULL;
    if (old == NULL) {
        old = chained_next(it);
        Py_XSETREF(self->old, Py_XNewRef(old));
        if (old == NULL) Py_CLEAR(self->it);
    } else {
        Py_INCREF(old);
    }
    if (old != NULL && self->it != NULL) {
        new = chained_next(it);
        if (new != NULL) {
            result = tuple_from_array((PyObject *[]){old, new}, 2);
            Py_XSETREF(self->old, new);
        } else {
            Py_CLEAR(self->it);
            Py_CLEAR(self->old);
        }
    }
    Py_XDECREF(old);
    Py_DECREF(it);
    return result;
}

PyTypeObject pairwise_type = {
    ITERATOR_TYPE_HEAD(pairwise, "pairwise", Pairwise),
    .tp_flags = ITERATOR_FLAGS,
    .tp_doc = "pairwise(iterable, /)\n--\n\n"
              "Each item with its successor: s -> (s0,s1), (s1,s2), (s2, s3), …",
};

/* ---- zip_longest ---- */

typedef struct {
    PyObject_HEAD
    PyObject *iterators;    /* tuple, NULL where one has ended */
    PyObject *result;       /* the tuple to hand out again */
    PyObject *fill;
    Py_ssize_t n, n_active;
} ZipLongest;
ITERATOR_LIFE(zip_longest, 3)

static PyObject *zip_longest_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *fill = Py_None;
    if (kwargs != NULL && PyDict_CheckExact(kwargs) && PyDict_GET_SIZE(kwargs) > 0) {
        fill = NULL;
        if (PyDict_GET_SIZE(kwargs) == 1) fill = PyDict_GetItemWithError(kwargs, NAME(fillvalue));
        if (fill == NULL) {
            if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "zip_longest() got an unexpected keyword argument");
            return NULL;
        }
    }
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *iterators = PyTuple_New(n), *result = PyTuple_New(n);
    if (iterators == NULL || result == NULL) goto error;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *it = PyObject_GetIter(PyTuple_GET_ITEM(args, i));
        if (it == NULL) goto error;
        PyTuple_SET_ITEM(iterators, i, it);
        PyTuple_SET_ITEM(result, i, Py_NewRef(Py_None));
    }
    ZipLongest *self = (ZipLongest *)type->tp_alloc(type, 0);
    if (self == NULL) goto error;
    self->iterators = iterators;
    self->result = result;
    self->fill = Py_NewRef(fill);
    self->n = self->n_active = n;
    return (PyObject *)self;

error:
    Py_XDECREF(iterators);
    Py_XDECREF(result);
    return NULL;
}

/* The next item of iterator i, or the fill value; NULL at the end of all, or with an exception. */
static PyObject *zip_longest_item(ZipLongest *self, Py_ssize_t i)
{
    PyObject *it = PyTuple_GET_ITEM(self->iterators, i);
    if (it == NULL) return Py_NewRef(self->fill);
    PyObject *item = PyIter_Next(it);
    if (item != NULL) return item;
    self->n_active--;
    if (self->n_active == 0 || PyErr_Occurred()) {
        self->n_active = 0;
        return NULL;
    }
    PyTuple_SET_ITEM(self->iterators, i, NULL);
    Py_DECREF(it);
    return Py_NewRef(self->fill);
}

static PyObject *zip_longest_next(PyObject *op)
{
    ZipLongest *self = (ZipLongest *)op;
    if (self->n == 0 || self->n_active == 0) return NULL;
    PyObject *result;
    if (Py_REFCNT(self->result) == 1) {
        result = Py_NewRef(self->result);
    } else {
        result = PyTuple_New(self->n);
        if (result == NULL) return NULL;
    }
    for (Py_ssize_t i = 0; i < self->n; i++) {
        PyObject *item = zip_longest_item(self, i);
        if (item == NULL) {
            Py_DECREF(result);
            return NULL;
        }
        PyObject *old = PyTuple_GET_ITEM(result, i);
        PyTuple_SET_ITEM(result, i, item);
        Py_XDECREF(old);
    }
    if (result == self->result && !gc_tracked(result)) PyObject_GC_Track(result);
    return result;
}

static PyObject *zip_longest_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    ZipLongest *self = (ZipLongest *)op;
    PyObject *args = PyTuple_New(self->n);
    if (args == NULL) return NULL;
    for (Py_ssize_t i = 0; i < self->n; i++) {
        PyObject *it = PyTuple_GET_ITEM(self->iterators, i);
        it = it == NULL ? PyTuple_New(0) : Py_NewRef(it);
        if (it == NULL) {
            Py_DECREF(args);
            return NULL;
        }
        PyTuple_SET_ITEM(args, i, it);
    }
    return Py_BuildValue("ONO", Py_TYPE(op), args, self->fill);
}

static PyObject *zip_longest_setstate(PyObject *op, PyObject *state)
{
    Py_XSETREF(((ZipLongest *)op)->fill, Py_NewRef(state));
    Py_RETURN_NONE;
}

static PyMethodDef zip_longest_methods[] = {METHOD_REDUCE(zip_longest), METHOD_SETSTATE(zip_longest), METHODS_END};

PyTypeObject zip_longest_type = {
    ITERATOR_TYPE_HEAD(zip_longest, "zip_longest", ZipLongest),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = zip_longest_methods,
    .tp_doc = "zip_longest(iter1 [,iter2 [...]], [fillvalue=None]) --> zip_longest object\n\n"
              "Tuples of the first items of all iterables, of the second items, and so on, until the longest\n"
              "of them has ended. The fill value stands for the items of those that ended before.",
};
