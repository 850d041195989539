/* product, combinations, combinations_with_replacement, permutations */
#include "modules/itertools/itertools.h"

#include "objects/interrupt.h"
#include "objects/tuple.h"

PyObject *result_reuse(PyObject **result)
{
    PyObject *tuple = *result;
    if (Py_REFCNT(tuple) > 1) {
        PyObject *copy = tuple_from_array(((PyTupleObject *)tuple)->ob_item, PyTuple_GET_SIZE(tuple));
        if (copy == NULL) return NULL;
        *result = copy;
        Py_DECREF(tuple);
    } else if (!gc_tracked(tuple)) {
        PyObject_GC_Track(tuple);   /* a collection found it uninteresting, which with new items it need not be */
    }
    return Py_NewRef(*result);
}

static inline void set_result_item(PyObject *result, Py_ssize_t i, PyObject *item)
{
    PyObject *old = PyTuple_GET_ITEM(result, i);
    PyTuple_SET_ITEM(result, i, Py_NewRef(item));
    Py_DECREF(old);
}

static PyObject *tuple_of_indices(const Py_ssize_t *indices, Py_ssize_t n)
{
    PyObject *tuple = PyTuple_New(n);
    for (Py_ssize_t i = 0; tuple != NULL && i < n; i++) {
        PyObject *index = PyLong_FromSsize_t(indices[i]);
        if (index == NULL) Py_CLEAR(tuple);
        else PyTuple_SET_ITEM(tuple, i, index);
    }
    return tuple;
}

/* Reads an index out of a state, forced into low … high. */
static bool index_from_state(PyObject *state, Py_ssize_t i, Py_ssize_t low, Py_ssize_t high, Py_ssize_t *index)
{
    Py_ssize_t value = PyLong_AsSsize_t(PyTuple_GET_ITEM(state, i));
    if (value == -1 && PyErr_Occurred()) return false;
    *index = Py_MAX(Py_MIN(value, high), low);
    return true;
}

static bool check_state_size(PyObject *state, Py_ssize_t n)
{
    if (PyTuple_Check(state) && PyTuple_GET_SIZE(state) == n) return true;
    PyErr_SetString(PyExc_ValueError, "invalid arguments");
    return false;
}

/* ---- product ---- */

typedef struct {
    PyObject_HEAD
    PyObject *pools;        /* tuple of tuples */
    Py_ssize_t *indices;    /* into each pool */
    PyObject *result;       /* the last one, NULL at first */
    int stopped;
} Product;

static PyObject *product_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t repeat = 1;
    if (kwargs != NULL) {
        static char *keywords[] = {"repeat", NULL};
        PyObject *none = PyTuple_New(0);
        if (none == NULL) return NULL;
        int parsed = PyArg_ParseTupleAndKeywords(none, kwargs, "|n:product", keywords, &repeat);
        Py_DECREF(none);
        if (!parsed) return NULL;
        if (repeat < 0) {
            PyErr_SetString(PyExc_ValueError, "repeat argument cannot be negative");
            return NULL;
        }
    }
    Py_ssize_t n_args = repeat == 0 ? 0 : PyTuple_GET_SIZE(args);
    if (n_args > 0 && repeat > PY_SSIZE_T_MAX / (Py_ssize_t)sizeof(Py_ssize_t) / n_args) {
        PyErr_SetString(PyExc_OverflowError, "repeat argument too large");
        return NULL;
    }
    Py_ssize_t n = n_args * repeat;
    PyObject *pools = NULL;
    Py_ssize_t *indices = PyMem_New(Py_ssize_t, n);
    if (indices == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    pools = PyTuple_New(n);
    if (pools == NULL) goto error;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *pool = i < n_args ? PySequence_Tuple(PyTuple_GET_ITEM(args, i)) : Py_NewRef(PyTuple_GET_ITEM(pools, i - n_args));
        if (pool == NULL) goto error;
        PyTuple_SET_ITEM(pools, i, pool);
        indices[i] = 0;
    }
    Product *self = (Product *)type->tp_alloc(type, 0);
    if (self == NULL) goto error;
    self->pools = pools;
    self->indices = indices;
    return (PyObject *)self;

error:
    PyMem_Free(indices);
    Py_XDECREF(pools);
    return NULL;
}

static void product_dealloc(PyObject *op)
{
    Product *self = (Product *)op;
    PyObject_GC_UnTrack(op);
    Py_XDECREF(self->pools);
    Py_XDECREF(self->result);
    PyMem_Free(self->indices);
    Py_TYPE(op)->tp_free(op);
}

static int product_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Product *)op)->pools);
    Py_VISIT(((Product *)op)->result);
    return 0;
}

static PyObject *product_first(Product *self)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->pools);
    PyObject *result = PyTuple_New(n);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *pool = PyTuple_GET_ITEM(self->pools, i);
        if (PyTuple_GET_SIZE(pool) == 0) {
            Py_DECREF(result);
            self->stopped = 1;
            return NULL;
        }
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(pool, self->indices[i])));
    }
    self->result = result;
    return Py_NewRef(result);
}

static PyObject *product_next(PyObject *op)
{
    Product *self = (Product *)op;
    if (self->stopped || interrupt_check() < 0) return NULL;
    if (self->result == NULL) return product_first(self);
    PyObject *result = result_reuse(&self->result);
    if (result == NULL) goto stop;
    /* Like the wheels of a counter, the rightmost turns first. */
    for (Py_ssize_t i = PyTuple_GET_SIZE(self->pools); --i >= 0;) {
        PyObject *pool = PyTuple_GET_ITEM(self->pools, i);
        bool turned_over = ++self->indices[i] == PyTuple_GET_SIZE(pool);
        if (turned_over) self->indices[i] = 0;
        set_result_item(result, i, PyTuple_GET_ITEM(pool, self->indices[i]));
        if (!turned_over) return result;
    }
    Py_DECREF(result);
stop:
    self->stopped = 1;
    return NULL;
}

static PyObject *product_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Product *self = (Product *)op;
    if (self->stopped) return Py_BuildValue("O(())", Py_TYPE(op));
    if (self->result == NULL) return Py_BuildValue("OO", Py_TYPE(op), self->pools);
    PyObject *indices = tuple_of_indices(self->indices, PyTuple_GET_SIZE(self->pools));
    return indices == NULL ? NULL : Py_BuildValue("OON", Py_TYPE(op), self->pools, indices);
}

static PyObject *product_setstate(PyObject *op, PyObject *state)
{
    Product *self = (Product *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(self->pools);
    if (!check_state_size(state, n)) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_ssize_t size = PyTuple_GET_SIZE(PyTuple_GET_ITEM(self->pools, i));
        if (size == 0) {
            self->stopped = 1;
            Py_RETURN_NONE;
        }
        if (!index_from_state(state, i, 0, size - 1, &self->indices[i])) return NULL;
    }
    PyObject *result = PyTuple_New(n);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(PyTuple_GET_ITEM(self->pools, i), self->indices[i])));
    }
    Py_XSETREF(self->result, result);
    Py_RETURN_NONE;
}

static PyObject *product_sizeof(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Product *self = (Product *)op;
    return PyLong_FromSsize_t(Py_TYPE(op)->tp_basicsize + PyTuple_GET_SIZE(self->pools) * (Py_ssize_t)sizeof(Py_ssize_t));
}

#define METHOD_SIZEOF(prefix) {"__sizeof__", prefix##_sizeof, METH_NOARGS, "Bytes of memory that it takes."}

static PyMethodDef product_methods[] = {
    METHOD_REDUCE(product), METHOD_SETSTATE(product), METHOD_SIZEOF(product), METHODS_END,
};

PyTypeObject product_type = {
    ITERATOR_TYPE_HEAD(product, "product", Product),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = product_methods,
    .tp_doc = "product(*iterables, repeat=1) --> product object\n\n"
              "The Cartesian product: what nested for-loops over the iterables would give, as tuples, the last\n"
              "one turning fastest. With repeat the iterables are taken that many times.\n\n"
              "product(A, B) gives the same as ((x,y) for x in A for y in B).",
};

/* ---- combinations, with and without replacement ---- */

typedef struct {
    PyObject_HEAD
    PyObject *pool;         /* tuple */
    Py_ssize_t *indices;    /* of the chosen items, rising */
    PyObject *result;       /* the last one, NULL at first */
    Py_ssize_t r;
    int stopped;
} Combinations;

static PyObject *choose_new(PyTypeObject *type, PyObject *args, PyObject *kwargs, const char *format, bool with_replacement)
{
    static char *keywords[] = {"iterable", "r", NULL};
    PyObject *iterable;
    Py_ssize_t r;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, keywords, &iterable, &r)) return NULL;
    PyObject *pool = PySequence_Tuple(iterable);
    if (pool == NULL) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(pool), *indices = NULL;
    if (r < 0) {
        PyErr_SetString(PyExc_ValueError, "r must be non-negative");
        goto error;
    }
    indices = PyMem_New(Py_ssize_t, r);
    if (indices == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    for (Py_ssize_t i = 0; i < r; i++) indices[i] = with_replacement ? 0 : i;
    Combinations *self = (Combinations *)type->tp_alloc(type, 0);
    if (self == NULL) goto error;
    self->pool = pool;
    self->indices = indices;
    self->r = r;
    self->stopped = with_replacement ? n == 0 && r > 0 : r > n;
    return (PyObject *)self;

error:
    PyMem_Free(indices);
    Py_DECREF(pool);
    return NULL;
}

static void choose_dealloc(PyObject *op)
{
    Combinations *self = (Combinations *)op;
    PyObject_GC_UnTrack(op);
    Py_XDECREF(self->pool);
    Py_XDECREF(self->result);
    PyMem_Free(self->indices);
    Py_TYPE(op)->tp_free(op);
}

static int choose_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Combinations *)op)->pool);
    Py_VISIT(((Combinations *)op)->result);
    return 0;
}

/* A tuple of the items at the indices. */
static PyObject *chosen_items(PyObject *pool, const Py_ssize_t *indices, Py_ssize_t r)
{
    PyObject *result = PyTuple_New(r);
    for (Py_ssize_t i = 0; result != NULL && i < r; i++) {
        PyTuple_SET_ITEM(result, i, Py_NewRef(PyTuple_GET_ITEM(pool, indices[i])));
    }
    return result;
}

static PyObject *choose_next(PyObject *op, bool with_replacement)
{
    Combinations *self = (Combinations *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r, *indices = self->indices, i;
    if (self->stopped || interrupt_check() < 0) return NULL;
    if (self->result == NULL) {
        self->result = chosen_items(self->pool, indices, r);
        return Py_XNewRef(self->result);
    }
    PyObject *result = result_reuse(&self->result);
    if (result == NULL) goto stop;
    /* The rightmost index that can still rise does; those right of it follow. */
    for (i = r - 1; i >= 0 && indices[i] == (with_replacement ? n - 1 : i + n - r); i--) continue;
    if (i < 0) {
        Py_DECREF(result);
        goto stop;
    }
    Py_ssize_t index = indices[i] + 1;
    for (; i < r; i++) {
        indices[i] = index;
        set_result_item(result, i, PyTuple_GET_ITEM(self->pool, index));
        if (!with_replacement) index++;
    }
    return result;

stop:
    self->stopped = 1;
    return NULL;
}

static PyObject *choose_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Combinations *self = (Combinations *)op;
    if (self->result == NULL) return Py_BuildValue("O(On)", Py_TYPE(op), self->pool, self->r);
    if (self->stopped) return Py_BuildValue("O(()n)", Py_TYPE(op), self->r);
    PyObject *indices = tuple_of_indices(self->indices, self->r);
    return indices == NULL ? NULL : Py_BuildValue("O(On)N", Py_TYPE(op), self->pool, self->r, indices);
}

static PyObject *choose_setstate(PyObject *op, PyObject *state, bool with_replacement)
{
    Combinations *self = (Combinations *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r;
    if (!check_state_size(state, r)) return NULL;
    for (Py_ssize_t i = 0; i < r; i++) {
        Py_ssize_t high = with_replacement ? n - 1 : i + n - r;
        if (!index_from_state(state, i, 0, high, &self->indices[i])) return NULL;
    }
    if (self->stopped) Py_RETURN_NONE;      /* the indices need not lead anywhere */
    PyObject *result = chosen_items(self->pool, self->indices, r);
    if (result == NULL) return NULL;
    Py_XSETREF(self->result, result);
    Py_RETURN_NONE;
}

static PyObject *choose_sizeof(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromSsize_t(Py_TYPE(op)->tp_basicsize + ((Combinations *)op)->r * (Py_ssize_t)sizeof(Py_ssize_t));
}

#define CHOOSE_TYPE(prefix, name, with_replacement, doc)                                                        \
    static PyObject *prefix##_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)                         \
    {                                                                                                           \
        return choose_new(type, args, kwargs, "On:" name, with_replacement);                                    \
    }                                                                                                           \
    static PyObject *prefix##_next(PyObject *op)                                                                \
    {                                                                                                           \
        return choose_next(op, with_replacement);                                                               \
    }                                                                                                           \
    static PyObject *prefix##_setstate(PyObject *op, PyObject *state)                                           \
    {                                                                                                           \
        return choose_setstate(op, state, with_replacement);                                                    \
    }                                                                                                           \
    static PyMethodDef prefix##_methods[] = {                                                                   \
        METHOD_REDUCE(choose), METHOD_SETSTATE(prefix), METHOD_SIZEOF(choose), METHODS_END,                     \
    };                                                                                                          \
    PyTypeObject prefix##_type = {                                                                              \
        ITERATOR_TYPE_HEAD(prefix, name, Combinations),                                                         \
        .tp_flags = ITERATOR_FLAGS,                                                                             \
        .tp_methods = prefix##_methods,                                                                         \
        .tp_doc = doc,                                                                                          \
    };

#define combinations_dealloc choose_dealloc
#define combinations_traverse choose_traverse
#define combinations_with_replacement_dealloc choose_dealloc
#define combinations_with_replacement_traverse choose_traverse

CHOOSE_TYPE(combinations, "combinations", false,
            "combinations(iterable, r)\n--\n\nThe ways to choose r of the items, in the order in which they came.\n\n"
            "combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)")
CHOOSE_TYPE(combinations_with_replacement, "combinations_with_replacement", true,
            "combinations_with_replacement(iterable, r)\n--\n\nThe ways to choose r items, each as often as one likes.\n\n"
            "combinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')")

/* ---- permutations ---- */

typedef struct {
    PyObject_HEAD
    PyObject *pool;         /* tuple */
    Py_ssize_t *indices;    /* n of them, a permutation of the pool; the first r are the result */
    Py_ssize_t *cycles;     /* r of them: rotations left at each place, n - i at first */
    PyObject *result;       /* the last one, NULL at first */
    Py_ssize_t r;
    int stopped;
} Permutations;

static PyObject *permutations_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"iterable", "r", NULL};
    PyObject *iterable, *r_arg = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|O:permutations", keywords, &iterable, &r_arg)) return NULL;
    PyObject *pool = PySequence_Tuple(iterable);
    if (pool == NULL) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(pool), r = n, *indices = NULL, *cycles = NULL;
    if (r_arg != Py_None) {
        if (!PyLong_Check(r_arg)) {
            PyErr_SetString(PyExc_TypeError, "Expected int as r");
            goto error;
        }
        r = PyLong_AsSsize_t(r_arg);
        if (r == -1 && PyErr_Occurred()) goto error;
    }
    if (r < 0) {
        PyErr_SetString(PyExc_ValueError, "r must be non-negative");
        goto error;
    }
    indices = PyMem_New(Py_ssize_t, n);
    cycles = PyMem_New(Py_ssize_t, r);
    if (indices == NULL || cycles == NULL) {
        PyErr_NoMemory();
        goto error;
    }
    for (Py_ssize_t i = 0; i < n; i++) indices[i] = i;
    for (Py_ssize_t i = 0; i < r; i++) cycles[i] = n - i;
    Permutations *self = (Permutations *)type->tp_alloc(type, 0);
    if (self == NULL) goto error;
    self->pool = pool;
    self->indices = indices;
    self->cycles = cycles;
    self->r = r;
    self->stopped = r > n;
    return (PyObject *)self;

error:
    PyMem_Free(indices);
    PyMem_Free(cycles);
    Py_DECREF(pool);
    return NULL;
}

static void permutations_dealloc(PyObject *op)
{
    Permutations *self = (Permutations *)op;
    PyObject_GC_UnTrack(op);
    Py_XDECREF(self->pool);
    Py_XDECREF(self->result);
    PyMem_Free(self->indices);
    PyMem_Free(self->cycles);
    Py_TYPE(op)->tp_free(op);
}

static int permutations_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((Permutations *)op)->pool);
    Py_VISIT(((Permutations *)op)->result);
    return 0;
}

static PyObject *permutations_next(PyObject *op)
{
    Permutations *self = (Permutations *)op;
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r, *indices = self->indices, *cycles = self->cycles;
    if (self->stopped || interrupt_check() < 0) return NULL;
    if (self->result == NULL) {
        self->result = chosen_items(self->pool, indices, r);
        return Py_XNewRef(self->result);
    }
    PyObject *result = n == 0 ? NULL : result_reuse(&self->result);
    if (result == NULL) goto stop;
    /* From the right: swap the place with the next candidate, or, when all were tried, turn the tail back and go left. */
    for (Py_ssize_t i = r; --i >= 0;) {
        if (--cycles[i] == 0) {
            Py_ssize_t index = indices[i];
            memmove(indices + i, indices + i + 1, (size_t)(n - i - 1) * sizeof(Py_ssize_t));
            indices[n - 1] = index;
            cycles[i] = n - i;
            continue;
        }
        Py_ssize_t j = n - cycles[i], index = indices[i];
        indices[i] = indices[j];
        indices[j] = index;
        for (Py_ssize_t k = i; k < r; k++) set_result_item(result, k, PyTuple_GET_ITEM(self->pool, indices[k]));
        return result;
    }
    Py_DECREF(result);
stop:
    self->stopped = 1;
    return NULL;
}

static PyObject *permutations_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Permutations *self = (Permutations *)op;
    if (self->result == NULL) return Py_BuildValue("O(On)", Py_TYPE(op), self->pool, self->r);
    if (self->stopped) return Py_BuildValue("O(()n)", Py_TYPE(op), self->r);
    PyObject *indices = tuple_of_indices(self->indices, PyTuple_GET_SIZE(self->pool));
    PyObject *cycles = indices == NULL ? NULL : tuple_of_indices(self->cycles, self->r);
    if (cycles == NULL) {
        Py_XDECREF(indices);
        return NULL;
    }
    return Py_BuildValue("O(On)(NN)", Py_TYPE(op), self->pool, self->r, indices, cycles);
}

static PyObject *permutations_setstate(PyObject *op, PyObject *state)
{
    Permutations *self = (Permutations *)op;
    PyObject *indices, *cycles;
    Py_ssize_t n = PyTuple_GET_SIZE(self->pool), r = self->r;
    if (!check_state_is_tuple(state)) return NULL;
    if (!PyArg_ParseTuple(state, "O!O!", &PyTuple_Type, &indices, &PyTuple_Type, &cycles)) return NULL;
    if (!check_state_size(indices, n) || !check_state_size(cycles, r)) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!index_from_state(indices, i, 0, n - 1, &self->indices[i])) return NULL;
    }
    for (Py_ssize_t i = 0; i < r; i++) {
        if (!index_from_state(cycles, i, 1, n - i, &self->cycles[i])) return NULL;
    }
    if (self->stopped) Py_RETURN_NONE;
    PyObject *result = chosen_items(self->pool, self->indices, r);
    if (result == NULL) return NULL;
    Py_XSETREF(self->result, result);
    Py_RETURN_NONE;
}

static PyObject *permutations_sizeof(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Permutations *self = (Permutations *)op;
    Py_ssize_t numbers = PyTuple_GET_SIZE(self->pool) + self->r;
    return PyLong_FromSsize_t(Py_TYPE(op)->tp_basicsize + numbers * (Py_ssize_t)sizeof(Py_ssize_t));
}

static PyMethodDef permutations_methods[] = {
    METHOD_REDUCE(permutations), METHOD_SETSTATE(permutations), METHOD_SIZEOF(permutations), METHODS_END,
};

PyTypeObject permutations_type = {
    ITERATOR_TYPE_HEAD(permutations, "permutations", Permutations),
    .tp_flags = ITERATOR_FLAGS,
    .tp_methods = permutations_methods,
    .tp_doc = "permutations(iterable, r=None)\n--\n\nThe ways to put r of the items (all of them by default) in a row.\n\n"
              "permutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)",
};
