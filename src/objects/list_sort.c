/* list.sort(): a stable merge sort that makes use of runs already sorted (Peters' timsort), merged in the order of Munro and Wild's
 * powersort. Comparisons of str, int and float have instances of the sort of their own, in which they are compiled in; many keys
 * of these types in no order, or tuples of them, are hardly compared at all (list_sort_radix.c). */
#include "base/config.h"
#include "objects/compare.h"
#include "objects/interrupt.h"
#include "objects/list_sort.h"

#define MIN_GALLOP KRAIT_LIMIT(7, 1)
#define MAX_RUNS 85         /* powers on the stack rise strictly, and are no larger than 64 bits of length allow */

/* A range of keys, and of the values that move with them (NULL: the keys are the values). */
typedef struct {
    PyObject **keys, **values;
} Span;

typedef struct {
    Span span;
    Py_ssize_t length;
    int power;              /* depth of its border to the next run in the tree of merges */
} Run;

struct Sort {
    int (*less)(struct Sort *, PyObject *, PyObject *);
    int (*less_first)(struct Sort *, PyObject *, PyObject *);  /* for the first items of tuples */
    richcmpfunc slot;       /* tp_richcompare of all keys, for less_by_slot */
    Py_ssize_t min_gallop;
    Span spare;             /* room for the smaller half of a merge */
    Py_ssize_t spare_size;
    bool has_values;
    int n_runs;
    Run runs[MAX_RUNS];
    PyObject *few[256];
};

/* ---- Spans ---- */

static inline Span span_from(Span span, Py_ssize_t start)
{
    return (Span){span.keys + start, span.values == NULL ? NULL : span.values + start};
}

static inline void span_copy(Span to, Span from, Py_ssize_t n)
{
    memcpy(to.keys, from.keys, (size_t)n * sizeof(PyObject *));
    if (to.values != NULL) memcpy(to.values, from.values, (size_t)n * sizeof(PyObject *));
}

/* Within one span, overlapping. */
static inline void span_move(Span span, Py_ssize_t to, Py_ssize_t from, Py_ssize_t n)
{
    memmove(span.keys + to, span.keys + from, (size_t)n * sizeof(PyObject *));
    if (span.values != NULL) memmove(span.values + to, span.values + from, (size_t)n * sizeof(PyObject *));
}

static inline void span_set(Span to, Py_ssize_t i, Span from, Py_ssize_t j)
{
    to.keys[i] = from.keys[j];
    if (to.values != NULL) to.values[i] = from.values[j];
}

/* Moves the first element of `from` to the first place of `to`, and both on. */
static inline void span_take(Span *to, Span *from)
{
    *to->keys++ = *from->keys++;
    if (to->values != NULL) *to->values++ = *from->values++;
}

static inline void span_take_many(Span *to, Span *from, Py_ssize_t n)
{
    memmove(to->keys, from->keys, (size_t)n * sizeof(PyObject *));
    if (to->values != NULL) memmove(to->values, from->values, (size_t)n * sizeof(PyObject *));
    *to = span_from(*to, n);
    *from = span_from(*from, n);
}

static void span_reverse(Span span, Py_ssize_t n)
{
    list_reverse_array(span.keys, n);
    if (span.values != NULL) list_reverse_array(span.values, n);
}

/* ---- Bookkeeping ---- */

static void sort_release(Sort *sort)
{
    if (sort->spare.keys != sort->few) PyMem_Free(sort->spare.keys);
}

/* Makes the spare span hold n elements; what it held is lost. */
static int sort_reserve(Sort *sort, Py_ssize_t n)
{
    if (n <= sort->spare_size) return 0;
    sort_release(sort);
    size_t columns = sort->has_values ? 2 : 1;
    sort->spare.keys = (size_t)n > (size_t)PY_SSIZE_T_MAX / sizeof(PyObject *) / columns
                           ? NULL
                           : PyMem_Malloc((size_t)n * columns * sizeof(PyObject *));
    if (sort->spare.keys == NULL) {
        sort->spare.keys = sort->few;
        sort->spare_size = 0;
        PyErr_NoMemory();
        return -1;
    }
    sort->spare.values = sort->has_values ? sort->spare.keys + n : NULL;
    sort->spare_size = n;
    return 0;
}

static void sort_begin(Sort *sort, bool has_values)
{
    Py_ssize_t room = Py_ARRAY_LENGTH(sort->few);
    sort->min_gallop = MIN_GALLOP;
    sort->has_values = has_values;
    sort->spare_size = has_values ? room / 2 : room;
    sort->spare.keys = sort->few;
    sort->spare.values = has_values ? sort->few + room / 2 : NULL;
    sort->n_runs = 0;
}

/* Runs are made at least this long: such that n divided by it is a power of two or a little less. */
static Py_ssize_t sort_min_run(Py_ssize_t n)
{
    Py_ssize_t rest = 0;
    while (n >= 64) {
        rest |= n & 1;
        n >>= 1;
    }
    return n + rest;
}

/* Powersort: the number of leading bits that the midpoints of two neighbouring runs, as fractions of n, have in common, plus one. */
static int sort_power(Py_ssize_t start, Py_ssize_t length, Py_ssize_t next_length, Py_ssize_t n)
{
    int power = 0;
    Py_ssize_t a = 2 * start + length, b = a + length + next_length;
    for (;;) {
        power++;
        if (a >= n) {
            a -= n;
            b -= n;
        } else if (b >= n) {
            return power;
        }
        a <<= 1;
        b <<= 1;
    }
}

/* ---- Comparing ---- */

static int less_generally(Sort *Py_UNUSED(sort), PyObject *a, PyObject *b)
{
    int plain = compare_plainly(a, b, Py_LT);
    if (plain >= 0) return plain;
    PyObject *answer = PyObject_RichCompare(a, b, Py_LT);
    if (answer == NULL) return -1;
    int less = answer == Py_True ? 1 : answer == Py_False ? 0 : PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return less;
}

/* Keys of one type: its slot answers, unless the type was changed meanwhile. */
static int less_by_slot(Sort *sort, PyObject *a, PyObject *b)
{
    if (Py_TYPE(a)->tp_richcompare != sort->slot) return less_generally(sort, a, b);
    PyObject *answer = sort->slot(a, b, Py_LT);
    if (answer == Py_NotImplemented) {
        Py_DECREF(answer);
        return less_generally(sort, a, b);
    }
    if (answer == NULL) return -1;
    int less = answer == Py_True ? 1 : answer == Py_False ? 0 : PyObject_IsTrue(answer);
    Py_DECREF(answer);
    return less;
}

/* Exact str of one byte a character. */
static inline int less_latin1(Sort *Py_UNUSED(sort), PyObject *a, PyObject *b)
{
    const Py_UCS1 *x = PyUnicode_DATA(a), *y = PyUnicode_DATA(b);
    if (x[0] != y[0]) return x[0] < y[0];   /* 0 at the end */
    Py_ssize_t n = PyUnicode_GET_LENGTH(a), m = PyUnicode_GET_LENGTH(b);
    int order = memcmp(x, y, (size_t)Py_MIN(n, m));
    return order != 0 ? order < 0 : n < m;
}

static inline int64_t small_int_value(PyObject *op)
{
    Py_ssize_t size = Py_SIZE(op);
    return size == 0 ? 0 : (int64_t)size * ((PyLongObject *)op)->ob_digit[0];
}

/* Exact int of at most one digit. */
static inline int less_small_int(Sort *Py_UNUSED(sort), PyObject *a, PyObject *b)
{
    return small_int_value(a) < small_int_value(b);
}

static inline int less_float(Sort *Py_UNUSED(sort), PyObject *a, PyObject *b)
{
    return PyFloat_AS_DOUBLE(a) < PyFloat_AS_DOUBLE(b);
}

/* Exact tuples of at least one item, whose first items are all compared by less_first. */
static int less_tuple(Sort *sort, PyObject *a, PyObject *b)
{
    Py_ssize_t n = PyTuple_GET_SIZE(a), m = PyTuple_GET_SIZE(b), i = 0;
    for (; i < n && i < m; i++) {
        PyObject *x = PyTuple_GET_ITEM(a, i), *y = PyTuple_GET_ITEM(b, i);
        if (x == y) continue;
        int equal = key_equal(x, y);
        if (equal < 0) return -1;
        if (!equal) break;
    }
    if (i >= n || i >= m) return n < m;
    if (i == 0) return sort->less_first(sort, PyTuple_GET_ITEM(a, 0), PyTuple_GET_ITEM(b, 0));
    return less_generally(sort, PyTuple_GET_ITEM(a, i), PyTuple_GET_ITEM(b, i));
}

#define SORT(name) name##_generally
#define SORT_LESS(sort, a, b) ((sort)->less(sort, a, b))
#include "objects/list_sort_body.h"

#define SORT(name) name##_latin1
#define SORT_LESS(sort, a, b) less_latin1(sort, a, b)
#include "objects/list_sort_body.h"

#define SORT(name) name##_small_int
#define SORT_LESS(sort, a, b) less_small_int(sort, a, b)
#include "objects/list_sort_body.h"

#define SORT(name) name##_float
#define SORT_LESS(sort, a, b) less_float(sort, a, b)
#include "objects/list_sort_body.h"

/* The cheapest comparison that is right for all of items[0:n] (or of their first items). */
static int (*choose_less(Sort *sort, PyObject **keys, Py_ssize_t n, bool first_items))(Sort *, PyObject *, PyObject *)
{
#define KEY(i) (first_items ? PyTuple_GET_ITEM(keys[i], 0) : keys[i])
    PyTypeObject *type = Py_TYPE(KEY(0));
    bool latin1 = type == &PyUnicode_Type, small_int = type == &PyLong_Type;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = KEY(i);
        if (Py_TYPE(key) != type) return less_generally;
        if (latin1 && PyUnicode_KIND(key) != PyUnicode_1BYTE_KIND) latin1 = false;
        if (small_int && Py_ABS(Py_SIZE(key)) > 1) small_int = false;
    }
#undef KEY
    if (latin1) return less_latin1;
    if (small_int) return less_small_int;
    if (type == &PyFloat_Type) return less_float;
    sort->slot = type->tp_richcompare;
    return sort->slot == NULL ? less_generally : less_by_slot;
}

static bool all_nonempty_tuples(PyObject **keys, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!PyTuple_CheckExact(keys[i]) || PyTuple_GET_SIZE(keys[i]) == 0) return false;
    }
    return true;
}

static int sort_span(Sort *sort, Span span, Py_ssize_t n)
{
    if (all_nonempty_tuples(span.keys, n)) {
        sort->less_first = choose_less(sort, span.keys, n, true);
        sort->less = less_tuple;
    } else {
        sort->less = choose_less(sort, span.keys, n, false);
    }
    int sorted = list_sort_by_numbers(span.keys, span.values, n, sort->less, sort);
    if (sorted != 0) return sorted < 0 ? -1 : 0;
    if (sort->less == less_latin1) return run_latin1(sort, span, n);
    if (sort->less == less_small_int) return run_small_int(sort, span, n);
    if (sort->less == less_float) return run_float(sort, span, n);
    return run_generally(sort, span, n);
}

/* ---- The list ---- */

/* What key() gives for each item, in a new array. */
static PyObject **compute_keys(PyObject *key, PyObject **items, Py_ssize_t n)
{
    PyObject **keys = PyMem_New(PyObject *, n);
    if (keys == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        keys[i] = PyObject_CallOneArg(key, items[i]);
        if (keys[i] != NULL) continue;
        while (--i >= 0) Py_DECREF(keys[i]);
        PyMem_Free(keys);
        return NULL;
    }
    return keys;
}

static int sort_items(PyObject **items, Py_ssize_t n, PyObject *key, bool reverse)
{
    PyObject **keys = NULL;
    if (key != NULL && n > 0) {
        keys = compute_keys(key, items, n);
        if (keys == NULL) return -1;
    }
    int result = 0;
    if (n > 1) {
        Sort sort;
        Span span = keys != NULL ? (Span){keys, items} : (Span){items, NULL};
        sort_begin(&sort, keys != NULL);
        if (reverse) span_reverse(span, n);     /* before and after: then equal items keep their order */
        result = sort_span(&sort, span, n);
        if (reverse) list_reverse_array(items, n);
        sort_release(&sort);
    }
    if (keys != NULL) {
        for (Py_ssize_t i = 0; i < n; i++) Py_DECREF(keys[i]);
        PyMem_Free(keys);
    }
    return result;
}

int list_sort(PyListObject *list, PyObject *key, bool reverse)
{
    /* While it is being sorted the list looks empty, so that code run by comparisons cannot reach the array. */
    PyObject **items = list->ob_item;
    Py_ssize_t n = Py_SIZE(list), allocated = list->allocated;
    list->ob_item = NULL;
    Py_SET_SIZE(list, 0);
    list->allocated = -1;   /* any change of the list sets it */

    int result = sort_items(items, n, key, reverse);
    if (list->allocated != -1 && result == 0) {
        PyErr_SetString(PyExc_ValueError, "list modified during sort");
        result = -1;
    }
    PyObject **foreign = list->ob_item;
    Py_ssize_t foreign_size = Py_SIZE(list);
    list->ob_item = items;
    list->allocated = allocated;
    Py_SET_SIZE(list, n);
    if (foreign != NULL) {
        for (Py_ssize_t i = foreign_size; --i >= 0;) Py_XDECREF(foreign[i]);
        PyMem_Free(foreign);
    }
    return result;
}
