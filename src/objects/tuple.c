/* tuple: https://docs.python.org/3.11/c-api/tuple.html, the type and its iterator. */
#include "objects/tuple.h"

#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"

static_assert(offsetof(PyTupleObject, ob_item) == 24, "ABI");

TupleStatic tuple_static_empty = {.tuple = {.ob_base = {.ob_base = IMMORTAL_HEAD(&PyTuple_Type)}}};

static inline PyObject *empty_tuple(void)
{
    return Py_NewRef((PyObject *)&tuple_static_empty.tuple);
}

/* ---- Creation ---- */

/* Exact tuples of few items that were destroyed wait here to be used again, with type and size still set, chained through
 * their first item. What makes and drops tuples in turn so gets the same one each time, and the collector does not count it. */
enum {
    REUSED_SIZES = 20,
#if defined(__SANITIZE_ADDRESS__) || defined(KRAIT_NO_FREE_LISTS)
    REUSED_PER_SIZE = 0,
#else
    REUSED_PER_SIZE = 16,
#endif
};

struct TupleRuntime {
    PyObject *reusable[REUSED_SIZES + 1];       /* by number of items */
    unsigned char count[REUSED_SIZES + 1];
};
static struct TupleRuntime tuple_runtime;

/* Takes a destroyed tuple over; false if it does not want it. */
static inline bool keep_for_reuse(PyObject *tuple)
{
    Py_ssize_t n = Py_SIZE(tuple);
    if (n > REUSED_SIZES || (int)tuple_runtime.count[n] - REUSED_PER_SIZE >= 0 || !Py_IS_TYPE(tuple, &PyTuple_Type)) return false;
    tuple_items(tuple)[0] = tuple_runtime.reusable[n];
    tuple_runtime.reusable[n] = tuple;
    tuple_runtime.count[n]++;
    return true;
}

/* The tuple of n items that was destroyed last; there is one. */
static inline PyTupleObject *reuse(Py_ssize_t n)
{
    PyObject *kept = tuple_runtime.reusable[n];
    tuple_runtime.reusable[n] = tuple_items(kept)[0];
    tuple_runtime.count[n]--;
    kept->ob_refcnt = 1;
    return (PyTupleObject *)kept;
}

/* Room for n > 0 items, not set and not tracked. */
static inline PyTupleObject *tuple_allocate(Py_ssize_t n)
{
    if (n <= REUSED_SIZES && tuple_runtime.reusable[n] != NULL) return reuse(n);
    if (UNLIKELY((size_t)n > (size_t)(PY_SSIZE_T_MAX - sizeof(PyTupleObject)) / sizeof(PyObject *))) {
        return (PyTupleObject *)PyErr_NoMemory();
    }
    PyTupleObject *tuple = container_new(&PyTuple_Type, offsetof(PyTupleObject, ob_item) + (size_t)n * sizeof(PyObject *));
    if (LIKELY(tuple != NULL)) Py_SET_SIZE(tuple, n);
    return tuple;
}

PyObject *tuple_new_untracked(Py_ssize_t n)
{
    return n == 0 ? empty_tuple() : (PyObject *)tuple_allocate(n);
}

static NEVER_INLINE PyObject *new_slow(Py_ssize_t size)
{
    if (size == 0) return empty_tuple();
    if (size < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyTupleObject *tuple = tuple_allocate(size);
    if (tuple == NULL) return NULL;
    bits_zero_words(tuple->ob_item, (size_t)size * sizeof(PyObject *));
    gc_track(tuple);
    return (PyObject *)tuple;
}

PyObject *PyTuple_New(Py_ssize_t size)
{
    if (UNLIKELY((size_t)size - 1 >= REUSED_SIZES || !tuple_runtime.reusable[size])) return new_slow(size);
    PyTupleObject *tuple = reuse(size);
    bits_zero_words(tuple->ob_item, (size_t)size * sizeof(PyObject *));
    gc_track(tuple);
    return (PyObject *)tuple;
}

static inline void track_if_needed(PyTupleObject *tuple)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(tuple); i++) {
        if (gc_may_be_tracked(tuple->ob_item[i])) {
            gc_track(tuple);
            return;
        }
    }
}

PyObject *tuple_from_array(PyObject *const *items, Py_ssize_t n)
{
    if (n == 0) return empty_tuple();
    PyTupleObject *tuple = tuple_allocate(n);
    if (tuple == NULL) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) tuple->ob_item[i] = Py_NewRef(items[i]);
    track_if_needed(tuple);
    return (PyObject *)tuple;
}

PyObject *tuple_from_array_steal(PyObject **items, Py_ssize_t n)
{
    if (n == 0) return empty_tuple();
    PyTupleObject *tuple = tuple_allocate(n);
    if (tuple == NULL) {
        for (Py_ssize_t i = 0; i < n; i++) Py_DECREF(items[i]);
        return NULL;
    }
    memcpy(tuple->ob_item, items, (size_t)n * sizeof(PyObject *));
    track_if_needed(tuple);
    return (PyObject *)tuple;
}

PyObject *PyTuple_Pack(Py_ssize_t n, ...)
{
    PyObject *tuple = PyTuple_New(n);
    if (tuple == NULL) return NULL;
    va_list arguments;
    va_start(arguments, n);
    for (Py_ssize_t i = 0; i < n; i++) PyTuple_SET_ITEM(tuple, i, Py_NewRef(va_arg(arguments, PyObject *)));
    va_end(arguments);
    return tuple;
}

PyObject *pair_reuse_steal(PyObject **pair, PyObject *first, PyObject *second)
{
    PyObject *tuple = *pair;
    if (Py_REFCNT(tuple) == 1) {
        PyObject *old_first = PyTuple_GET_ITEM(tuple, 0), *old_second = PyTuple_GET_ITEM(tuple, 1);
        Py_INCREF(tuple);
        PyTuple_SET_ITEM(tuple, 0, first);
        PyTuple_SET_ITEM(tuple, 1, second);
        Py_DECREF(old_first);
        Py_DECREF(old_second);
        /* A collection may have found it uninteresting, which with the new items it need not be. */
        if (!gc_tracked(tuple)) gc_track(tuple);
        return tuple;
    }
    PyObject *items[2] = {first, second};
    return tuple_from_array_steal(items, 2);
}

/* ---- C API ---- */

Py_ssize_t PyTuple_Size(PyObject *op)
{
    if (!PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return Py_SIZE(op);
}

PyObject *PyTuple_GetItem(PyObject *op, Py_ssize_t i)
{
    if (!PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if ((size_t)i >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return tuple_items(op)[i];
}

/* Steals item, also on failure. */
int PyTuple_SetItem(PyObject *op, Py_ssize_t i, PyObject *item)
{
    if (!PyTuple_Check(op) || Py_REFCNT(op) != 1) {
        Py_XDECREF(item);
        PyErr_BadInternalCall();
        return -1;
    }
    if ((size_t)i >= (size_t)Py_SIZE(op)) {
        Py_XDECREF(item);
        PyErr_SetString(PyExc_IndexError, "tuple assignment index out of range");
        return -1;
    }
    Py_XSETREF(tuple_items(op)[i], item);
    return 0;
}

static PyObject *tuple_slice(PyObject *self, Py_ssize_t low, Py_ssize_t high)
{
    if (low < 0) low = 0;
    if (high > Py_SIZE(self)) high = Py_SIZE(self);
    if (high < low) high = low;
    if (low == 0 && high == Py_SIZE(self) && PyTuple_CheckExact(self)) return Py_NewRef(self);
    return tuple_from_array(tuple_items(self) + low, high - low);
}

PyObject *PyTuple_GetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    if (op == NULL || !PyTuple_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return tuple_slice(op, low, high);
}

/* Takes an exact tuple that holds nothing a cycle could go through out of the collector's care. */
void _PyTuple_MaybeUntrack(PyObject *op)
{
    if (!PyTuple_CheckExact(op) || !gc_tracked(op)) return;
    for (Py_ssize_t i = 0; i < Py_SIZE(op); i++) {
        PyObject *item = tuple_items(op)[i];
        if (item == NULL || gc_may_be_tracked(item)) return;    /* NULL: still being built */
    }
    PyObject_GC_UnTrack(op);
}

/* Changes the size of a tuple that nobody else has seen. On failure *where is NULL and the tuple is gone. */
int _PyTuple_Resize(PyObject **where, Py_ssize_t size)
{
    PyObject *tuple = *where;
    if (tuple == NULL || !PyTuple_CheckExact(tuple) || (Py_SIZE(tuple) != 0 && Py_REFCNT(tuple) != 1)) {
        *where = NULL;
        Py_XDECREF(tuple);
        PyErr_BadInternalCall();
        return -1;
    }
    Py_ssize_t old_size = Py_SIZE(tuple);
    if (old_size == size) return 0;
    if (old_size == 0 || size == 0) {
        Py_DECREF(tuple);
        *where = PyTuple_New(size);
        return *where == NULL ? -1 : 0;
    }
    if (gc_tracked(tuple)) PyObject_GC_UnTrack(tuple);
    for (Py_ssize_t i = size; i < old_size; i++) Py_CLEAR(tuple_items(tuple)[i]);
    PyTupleObject *resized = PyObject_GC_Resize(PyTupleObject, tuple, size);
    if (resized == NULL) {
        *where = NULL;
        PyObject_GC_Del(tuple);
        return -1;
    }
    for (Py_ssize_t i = old_size; i < size; i++) resized->ob_item[i] = NULL;
    gc_track(resized);
    *where = (PyObject *)resized;
    return 0;
}

void _PyTuple_DebugMallocStats(FILE *out)
{
    for (int n = 1; n <= REUSED_SIZES; n++) {
        char name[40];
        PyOS_snprintf(name, sizeof name, "free %d-sized PyTupleObject", n);
        _PyDebugAllocatorStats(out, name, tuple_runtime.count[n],
                               offsetof(PyTupleObject, ob_item) + (size_t)n * sizeof(PyObject *));
    }
}

/* ---- Slots ---- */

static void tuple_dealloc(PyObject *self);

/* Destroys a tuple whose items may bring down others with them. */
static void tuple_dealloc_nested(PyObject *self)
{
    Py_TRASHCAN_BEGIN(self, tuple_dealloc)
    PyObject **items = tuple_items(self);
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) Py_XDECREF(items[i]);
    container_free(self, &PyTuple_Type);
    Py_TRASHCAN_END
}

/* Destroys a tuple of whose items the first n are left. */
static NEVER_INLINE void dealloc_rest(PyObject *self, Py_ssize_t n)
{
    PyObject **items = tuple_items(self);
    for (Py_ssize_t i = n; --i >= 0;) {
        if (items[i] != NULL && release_may_nest(items[i])) {
            Py_SET_SIZE(self, i + 1);   /* should it wait in the trashcan, these are left */
            tuple_dealloc_nested(self);
            return;
        }
        Py_XDECREF(items[i]);
    }
    if (!keep_for_reuse(self)) container_free(self, &PyTuple_Type);
}

static void tuple_dealloc(PyObject *self)
{
    if (UNLIKELY(self == (PyObject *)&tuple_static_empty.tuple)) {     /* somebody's miscount */
        self->ob_refcnt = IMMORTAL_REFCNT;
        return;
    }
    if (gc_tracked(self)) gc_untrack(self);
    /* As long as no item dies, nothing is called. */
    PyObject **items = tuple_items(self);
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) {
        if (!items[i]) continue;
        if (items[i]->ob_refcnt == 1) {
            dealloc_rest(self, i + 1);
            return;
        }
        items[i]->ob_refcnt--;
    }
    if (!keep_for_reuse(self)) dealloc_rest(self, 0);
}

void tuple_drop_arguments(PyObject *tuple)
{
    if (UNLIKELY(Py_REFCNT(tuple) != 1)) {
        if (!gc_tracked(tuple)) track_if_needed((PyTupleObject *)tuple);
        Py_DECREF(tuple);
        return;
    }
    if (UNLIKELY(gc_tracked(tuple))) gc_untrack(tuple);
    PyObject **items = tuple_items(tuple);
    for (Py_ssize_t i = Py_SIZE(tuple); --i >= 0;) Py_DECREF(items[i]);
    if (!keep_for_reuse(tuple)) container_free(tuple, &PyTuple_Type);
}

static int tuple_traverse(PyObject *self, visitproc visit, void *arg)
{
    PyObject **items = tuple_items(self);
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) Py_VISIT(items[i]);
    return 0;
}

static PyObject *tuple_repr(PyObject *self)
{
    PyObject **items = tuple_items(self);
    return sequence_repr(self, &items, '(', ')', true);
}

/* xxHash over the hashes of the items, as the reference does since 3.8. */
#define HASH_PRIME_1 11400714785074694791u
#define HASH_PRIME_2 14029467366897019727u
#define HASH_PRIME_5 2870177450012600261u

static inline Py_uhash_t hash_step(Py_uhash_t state, Py_hash_t lane)
{
    state += (Py_uhash_t)lane * HASH_PRIME_2;
    state = (state << 31) | (state >> 33);
    return state * HASH_PRIME_1;
}

static inline Py_hash_t hash_finish(Py_uhash_t state, Py_ssize_t n)
{
    state += (Py_uhash_t)n ^ (HASH_PRIME_5 ^ 3527539u);
    return state == (Py_uhash_t)-1 ? 1546275796 : (Py_hash_t)state;
}

Py_hash_t tuple_hash_of(const Py_hash_t *hashes, Py_ssize_t n)
{
    Py_uhash_t state = HASH_PRIME_5;
    for (Py_ssize_t i = 0; i < n; i++) state = hash_step(state, hashes[i]);
    return hash_finish(state, n);
}

static Py_hash_t tuple_hash(PyObject *self)
{
    Py_ssize_t n = Py_SIZE(self);
    Py_uhash_t state = HASH_PRIME_5;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = tuple_items(self)[i];
        if (!PyLong_CheckExact(item) && !PyUnicode_CheckExact(item) && c_stack_is_low("")) return -1;
        Py_hash_t hash = object_hash(item);
        if (hash == -1) return -1;
        state = hash_step(state, hash);
    }
    return hash_finish(state, n);
}

static Py_ssize_t tuple_length(PyObject *self)
{
    return Py_SIZE(self);
}

static int tuple_contains(PyObject *self, PyObject *value)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        PyObject *item = tuple_items(self)[i];
        int equal = item == value ? 1 : key_equal(item, value);
        if (equal != 0) return equal;
    }
    return 0;
}

static PyObject *tuple_item(PyObject *self, Py_ssize_t i)
{
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(tuple_items(self)[i]);
}

static PyObject *tuple_concat(PyObject *self, PyObject *other)
{
    if (Py_SIZE(self) == 0 && PyTuple_CheckExact(other)) return Py_NewRef(other);
    if (!PyTuple_Check(other)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate tuple (not \"%.200s\") to tuple", Py_TYPE(other)->tp_name);
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(self), m = Py_SIZE(other);
    if (m == 0 && PyTuple_CheckExact(self)) return Py_NewRef(self);
    if (n > PY_SSIZE_T_MAX - m) return PyErr_NoMemory();
    if (n + m == 0) return empty_tuple();
    PyTupleObject *result = tuple_allocate(n + m);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) result->ob_item[i] = Py_NewRef(tuple_items(self)[i]);
    for (Py_ssize_t i = 0; i < m; i++) result->ob_item[n + i] = Py_NewRef(tuple_items(other)[i]);
    track_if_needed(result);
    return (PyObject *)result;
}

static PyObject *tuple_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if ((n == 0 || times == 1) && PyTuple_CheckExact(self)) return Py_NewRef(self);
    if (n == 0 || times <= 0) return empty_tuple();
    if (n > PY_SSIZE_T_MAX / times) return PyErr_NoMemory();
    PyTupleObject *result = tuple_allocate(n * times);
    if (result == NULL) return NULL;
    PyObject **to = result->ob_item;
    for (Py_ssize_t i = 0; i < n; i++) tuple_items(self)[i]->ob_refcnt += times;
    for (Py_ssize_t i = 0; i < times; i++, to += n) memcpy(to, tuple_items(self), (size_t)n * sizeof(PyObject *));
    track_if_needed(result);
    return (PyObject *)result;
}

static PyObject *tuple_subscript(PyObject *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) return NULL;
        return tuple_item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError, "tuple indices must be integers or slices, not %.200s", Py_TYPE(key)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) return NULL;
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (n <= 0) return empty_tuple();
    if (step == 1) return tuple_slice(self, start, start + n);
    PyTupleObject *result = tuple_allocate(n);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 0, from = start; i < n; i++, from += step) result->ob_item[i] = Py_NewRef(tuple_items(self)[from]);
    track_if_needed(result);
    return (PyObject *)result;
}

static PyObject *tuple_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyTuple_Check(a) || !PyTuple_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    Py_ssize_t n = Py_SIZE(a), m = Py_SIZE(b), i = 0;
    for (; i < n && i < m; i++) {
        PyObject *x = tuple_items(a)[i], *y = tuple_items(b)[i];
        if (x == y) continue;
        int equal = key_equal(x, y);
        if (equal < 0) return NULL;
        if (!equal) break;
    }
    if (i >= n || i >= m) Py_RETURN_RICHCOMPARE(n, m, op);
    if (op == Py_EQ || op == Py_NE) return bool_from(op == Py_NE);
    return PyObject_RichCompare(tuple_items(a)[i], tuple_items(b)[i], op);
}

/* ---- Construction and methods ---- */

static PyObject *tuple_subtype_new(PyTypeObject *type, PyObject *iterable)
{
    PyObject *items = iterable == NULL ? empty_tuple() : PySequence_Tuple(iterable);
    if (items == NULL) return NULL;
    Py_ssize_t n = Py_SIZE(items);
    PyObject *self = type->tp_alloc(type, n);
    for (Py_ssize_t i = 0; self != NULL && i < n; i++) tuple_items(self)[i] = Py_NewRef(tuple_items(items)[i]);
    Py_DECREF(items);
    return self;
}

static PyObject *tuple_make(PyTypeObject *type, PyObject *iterable)
{
    if (type != &PyTuple_Type) return tuple_subtype_new(type, iterable);
    return iterable == NULL ? empty_tuple() : PySequence_Tuple(iterable);
}

static PyObject *tuple_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable = NULL;
    if ((type == &PyTuple_Type || type->tp_init == PyTuple_Type.tp_init) && !_PyArg_NoKeywords("tuple", kwargs)) return NULL;
    if (!PyArg_UnpackTuple(args, "tuple", 0, 1, &iterable)) return NULL;
    return tuple_make(type, iterable);
}

static PyObject *tuple_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("tuple", kwnames)) return NULL;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_CheckPositional("tuple", nargs, 0, 1)) return NULL;
    return tuple_make((PyTypeObject *)type, nargs == 1 ? args[0] : NULL);
}

static PyObject *tuple_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start, stop;
    if (index_arguments(args, nargs, Py_SIZE(self), &start, &stop) < 0) return NULL;
    for (Py_ssize_t i = start; i < stop && i < Py_SIZE(self); i++) {
        PyObject *item = tuple_items(self)[i];
        int equal = item == args[0] ? 1 : key_equal(item, args[0]);
        if (equal < 0) return NULL;
        if (equal) return PyLong_FromSsize_t(i);
    }
    PyErr_SetString(PyExc_ValueError, "tuple.index(x): x not in tuple");
    return NULL;
}

static PyObject *tuple_count(PyObject *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        PyObject *item = tuple_items(self)[i];
        int equal = item == value ? 1 : key_equal(item, value);
        if (equal < 0) return NULL;
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

static PyObject *tuple_getnewargs(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("(N)", tuple_from_array(tuple_items(self), Py_SIZE(self)));
}

static PyMethodDef tuple_methods[] = {
    {"__getnewargs__", tuple_getnewargs, METH_NOARGS, "__getnewargs__($self, /)\n--\n\n"},
    {"index", (PyCFunction)(void (*)(void))tuple_index, METH_FASTCALL,
     "index($self, value, start=0, stop=sys.maxsize, /)\n--\n\n"
     "The first position of value.\n\nValueError if it is not there."},
    {"count", tuple_count, METH_O, "count($self, value, /)\n--\n\nHow often value occurs."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods tuple_as_sequence = {
    .sq_length = tuple_length,
    .sq_concat = tuple_concat,
    .sq_repeat = tuple_repeat,
    .sq_item = tuple_item,
    .sq_contains = tuple_contains,
};
static PyMappingMethods tuple_as_mapping = {.mp_length = tuple_length, .mp_subscript = tuple_subscript};

static PyObject *tuple_iter(PyObject *self);

PyTypeObject PyTuple_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "tuple",
    .tp_basicsize = sizeof(PyTupleObject) - sizeof(PyObject *),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = tuple_dealloc,
    .tp_repr = tuple_repr,
    .tp_as_sequence = &tuple_as_sequence,
    .tp_as_mapping = &tuple_as_mapping,
    .tp_hash = tuple_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_TUPLE_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_SEQUENCE,
    .tp_doc = "tuple(iterable=(), /)\n--\n\n"
              "A sequence that does not change, with the items of an iterable.\n\n"
              "Without argument it is empty; a tuple as argument is returned as it is.",
    .tp_traverse = tuple_traverse,
    .tp_richcompare = tuple_richcompare,
    .tp_iter = tuple_iter,
    .tp_methods = tuple_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = tuple_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = tuple_vectorcall,
};

/* ---- Iterator ---- */

static PyObject *tuple_iter(PyObject *self)
{
    TupleIterator *it = container_new(&PyTupleIter_Type, sizeof(TupleIterator));
    if (it == NULL) return NULL;
    it->index = 0;
    it->tuple = (PyTupleObject *)Py_NewRef(self);
    gc_track(it);
    return (PyObject *)it;
}

static void iterator_dealloc(PyObject *self)
{
    if (gc_tracked(self)) gc_untrack(self);
    Py_XDECREF(((TupleIterator *)self)->tuple);
    gc_free(self, sizeof(GcHead));
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((TupleIterator *)self)->tuple);
    return 0;
}

static PyObject *iterator_next(PyObject *self)
{
    TupleIterator *it = (TupleIterator *)self;
    PyTupleObject *tuple = it->tuple;
    if (tuple == NULL) return NULL;
    if (LIKELY(it->index < Py_SIZE(tuple))) return Py_NewRef(tuple->ob_item[it->index++]);
    it->tuple = NULL;
    Py_DECREF(tuple);
    return NULL;
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    TupleIterator *it = (TupleIterator *)self;
    return PyLong_FromSsize_t(it->tuple == NULL ? 0 : Py_SIZE(it->tuple) - it->index);
}

static PyObject *iterator_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    TupleIterator *it = (TupleIterator *)self;
    PyObject *iter = _PyEval_GetBuiltin(NAME(iter));
    if (it->tuple == NULL) return Py_BuildValue("N(())", iter);
    return Py_BuildValue("N(O)n", iter, it->tuple, it->index);
}

static PyObject *iterator_setstate(PyObject *self, PyObject *state)
{
    TupleIterator *it = (TupleIterator *)self;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (it->tuple != NULL) it->index = Py_MIN(Py_MAX(index, 0), Py_SIZE(it->tuple));
    Py_RETURN_NONE;
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", iterator_length_hint, METH_NOARGS, "How many items are still to come, as a guess for len(list(it))."},
    {"__reduce__", iterator_reduce, METH_NOARGS, "What pickling needs."},
    {"__setstate__", iterator_setstate, METH_O, "Sets what unpickling has read."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PyTupleIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "tuple_iterator",
    .tp_basicsize = sizeof(TupleIterator),
    .tp_dealloc = iterator_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
    .tp_methods = iterator_methods,
};

int tuple_init_types(void)
{
    if (PyType_Ready(&PyTuple_Type) < 0) return -1;
    return PyType_Ready(&PyTupleIter_Type);
}
