/* Built-in functions that run through iterables. */
#include "modules/builtins/builtins.h"

#include "objects/compare.h"
#include "objects/interrupt.h"
#include "objects/list.h"
#include "objects/names.h"
#include "objects/range.h"
#include "objects/tuple.h"
#include "objects/types.h"
#include "vm/ops.h"
#include "vm/vm.h"

/* Lets a sink take items of a list or tuple where they lie: it runs no code, so nothing changes meanwhile. */
ALWAYS_INLINE void take_stored(PyObject *const *items, Py_ssize_t *index, Py_ssize_t n, VmSink *sink, bool (*take)(VmSink *, Value))
{
    while (*index < n && take(sink, value_from_borrowed(items[*index]))) ++*index;
}

/* The same with ints of a range that need no objects, until a signal comes. */
ALWAYS_INLINE void take_range(RangeIteratorObject *it, VmSink *sink, bool (*take)(VmSink *, Value))
{
    while (it->left > 0 && value_int_fits(it->next) && !atomic_load_explicit(&interrupt_runtime.pending, memory_order_relaxed)
           && take(sink, value_from_int(it->next))) {
        it->next = (int64_t)((uint64_t)it->next + (uint64_t)it->step);
        it->left--;
    }
}

/* vm_next_refused() with the sink's function, which so becomes part of the loop. */
ALWAYS_INLINE Value next_refused(PyObject *iterator, VmSink *sink, bool (*take)(VmSink *, Value))
{
    if (Py_IS_TYPE(iterator, &PyListIter_Type)) {
        ListIterator *it = (ListIterator *)iterator;
        if (it->list) take_stored(list_items((PyObject *)it->list), &it->index, Py_SIZE(it->list), sink, take);
    } else if (Py_IS_TYPE(iterator, &PyTupleIter_Type)) {
        TupleIterator *it = (TupleIterator *)iterator;
        if (it->tuple) take_stored(tuple_items((PyObject *)it->tuple), &it->index, Py_SIZE(it->tuple), sink, take);
    } else if (Py_IS_TYPE(iterator, &PyRangeIter_Type)) {
        take_range((RangeIteratorObject *)iterator, sink, take);
    }
    return vm_next_refused(iterator, sink);
}

/* The number that a value is, or the value itself. */
static inline Value as_number(Value v) { return value_is_object(v) ? value_unbox_borrowed(value_object(v)) : v; }

typedef struct {
    VmSink sink;
    int decisive;
} TruthSink;

/* Takes a bool, None or an int of a word that does not decide. */
static bool pass_over(VmSink *self, Value item)
{
    Value v = as_number(item);
    int truth;
    if (value_is_int(v)) truth = value_int(v) != 0;
    else if (v == VALUE_TRUE) truth = 1;
    else if (v == VALUE_FALSE || v == VALUE_NONE) truth = 0;
    else return false;
    if (truth == ((TruthSink *)self)->decisive) return false;
    value_release(item);
    return true;
}

static PyObject *all_or_any(PyObject *iterable, int decisive)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    if (!iterator) return NULL;
    TruthSink into = {{pass_over}, decisive};
    Value item;
    while ((item = next_refused(iterator, &into.sink, pass_over)) != VALUE_EMPTY) {
        int truth = op_is_true(item);
        value_release(item);
        if (truth < 0 || truth == decisive) {
            Py_DECREF(iterator);
            return truth < 0 ? NULL : PyBool_FromLong(decisive);
        }
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : PyBool_FromLong(!decisive);
}

static PyObject *builtin_all(PyObject *Py_UNUSED(m), PyObject *iterable) { return all_or_any(iterable, 0); }
static PyObject *builtin_any(PyObject *Py_UNUSED(m), PyObject *iterable) { return all_or_any(iterable, 1); }

static PyObject *builtin_iter(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("iter", nargs, 1, 2)) return NULL;
    if (nargs == 1) return PyObject_GetIter(args[0]);
    if (!PyCallable_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "iter(v, w): v must be callable");
        return NULL;
    }
    return PyCallIter_New(args[0], args[1]);
}

static PyObject *builtin_next(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("next", nargs, 1, 2)) return NULL;
    if (!PyIter_Check(args[0])) {
        return PyErr_Format(PyExc_TypeError, "'%.200s' object is not an iterator", Py_TYPE(args[0])->tp_name);
    }
    PyObject *item = Py_TYPE(args[0])->tp_iternext(args[0]);
    if (item) return item;
    if (nargs > 1) {
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return NULL;
            PyErr_Clear();
        }
        return Py_NewRef(args[1]);
    }
    if (!PyErr_Occurred()) PyErr_SetNone(PyExc_StopIteration);
    return NULL;
}

static PyObject *builtin_aiter(PyObject *Py_UNUSED(m), PyObject *iterable) { return PyObject_GetAIter(iterable); }

static PyObject *builtin_anext(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("anext", nargs, 1, 2)) return NULL;
    PyTypeObject *type = Py_TYPE(args[0]);
    if (!type->tp_as_async || !type->tp_as_async->am_anext) {
        return PyErr_Format(PyExc_TypeError, "'%.200s' object is not an async iterator", type->tp_name);
    }
    PyObject *awaitable = type->tp_as_async->am_anext(args[0]);
    if (!awaitable || nargs == 1) return awaitable;
    PyObject *result = anext_awaitable_new(awaitable, args[1]);
    Py_DECREF(awaitable);
    return result;
}

static PyObject *builtin_sorted(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (!_PyArg_CheckPositional("sorted", nargs, 1, 1)) return NULL;
    PyObject *list = PySequence_List(args[0]);
    if (!list) return NULL;
    if (!kwnames) {
        if (PyList_Sort(list) < 0) Py_CLEAR(list);
        return list;
    }
    PyObject *sort = PyObject_GetAttr(list, NAME(sort));
    PyObject *none = sort ? PyObject_Vectorcall(sort, args + 1, 0, kwnames) : NULL;
    Py_XDECREF(sort);
    if (!none) Py_CLEAR(list);
    Py_XDECREF(none);
    return list;
}

/* ---- sum ------------------------------------------------------------------------------------------------------ */

typedef struct {
    VmSink sink;
    int64_t total;
} IntSum;

/* Adds an item if it is an int or a bool and the sum stays a word. */
static bool add_int(VmSink *self, Value item)
{
    Value number = as_number(item);
    int64_t value, *total = &((IntSum *)self)->total;
    if (value_is_int(number)) value = value_int(number);
    else if (value_is_object(number) && PyBool_Check(value_object(number))) value = value_object(number) == Py_True;
    else return false;
    if (__builtin_add_overflow(*total, value, &value)) return false;
    *total = value;
    value_release(item);
    return true;
}

typedef struct {
    VmSink sink;
    double total;
} FloatSum;

/* Adds an item if it is a float or an int of a word. */
static bool add_float(VmSink *self, Value item)
{
    Value number = as_number(item);
    double *total = &((FloatSum *)self)->total;
    if (value_is_float(number)) *total += value_float(number);
    else if (value_is_int(number)) *total += (double)value_int(number);
    else if (PyFloat_CheckExact(value_object(number))) *total += PyFloat_AS_DOUBLE(value_object(number));
    else return false;
    value_release(item);
    return true;
}

/* Adds up ints of a word. Returns the iterator's next item that is none, with the sum so far in *sum; or NULL at the end or
 * on an error (then *sum is NULL). */
static PyObject *sum_ints(PyObject *iterator, PyObject **sum)
{
    int overflow;
    int64_t total = PyLong_AsLongAndOverflow(*sum, &overflow);
    if (overflow) return PyIter_Next(iterator);
    IntSum into = {{add_int}, total};
    Value item;
    while ((item = next_refused(iterator, &into.sink, add_int)) != VALUE_EMPTY && add_int(&into.sink, item)) continue;
    Py_SETREF(*sum, PyErr_Occurred() ? NULL : PyLong_FromLong(into.total));
    if (*sum) return value_take_boxed(item);
    value_release(item);
    return NULL;
}

/* The same for floats, with ints among them. */
static PyObject *sum_floats(PyObject *iterator, PyObject **sum)
{
    FloatSum into = {{add_float}, PyFloat_AS_DOUBLE(*sum)};
    Value item;
    while ((item = next_refused(iterator, &into.sink, add_float)) != VALUE_EMPTY) {
        if (add_float(&into.sink, item)) continue;
        int overflow = 1;
        PyObject *o = value_object(item);
        long value = PyLong_Check(o) ? PyLong_AsLongAndOverflow(o, &overflow) : 0;
        if (overflow) break;
        into.total += (double)value;
        value_release(item);
    }
    Py_SETREF(*sum, PyErr_Occurred() ? NULL : PyFloat_FromDouble(into.total));
    if (*sum) return value_take_boxed(item);
    value_release(item);
    return NULL;
}

static PyObject *builtin_sum(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "start", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "sum"};
    PyObject *buffer[2];
    Py_ssize_t given = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0);
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 2, 0, buffer);
    if (!args) return NULL;
    PyObject *start = given > 1 ? args[1] : NULL;
    PyObject *iterator = PyObject_GetIter(args[0]);
    if (!iterator) return NULL;
    PyObject *sum = start ? Py_NewRef(start) : PyLong_FromLong(0), *item = NULL;
    const char *refusal = !start                     ? NULL
                          : PyUnicode_Check(start)   ? "sum() can't sum strings [use ''.join(seq) instead]"
                          : PyBytes_Check(start)     ? "sum() can't sum bytes [use b''.join(seq) instead]"
                          : PyByteArray_Check(start) ? "sum() can't sum bytearray [use b''.join(seq) instead]"
                                                     : NULL;
    if (refusal) {
        PyErr_SetString(PyExc_TypeError, refusal);
        goto error;
    }
    if (!sum) goto error;
    for (;;) {
        if (PyLong_CheckExact(sum)) item = sum_ints(iterator, &sum);
        else if (PyFloat_CheckExact(sum)) item = sum_floats(iterator, &sum);
        else item = PyIter_Next(iterator);
        if (!item) break;
        PyObject *next = PyNumber_Add(sum, item);
        Py_DECREF(item);
        if (!next) goto error;
        Py_SETREF(sum, next);
        /* Big ints do not fit the fast path: stay here while they last. */
        while (PyLong_CheckExact(sum)) {
            int overflow;
            (void)PyLong_AsLongAndOverflow(sum, &overflow);
            if (!overflow || !(item = PyIter_Next(iterator))) break;
            next = PyNumber_Add(sum, item);
            Py_DECREF(item);
            if (!next) goto error;
            Py_SETREF(sum, next);
        }
        if (PyErr_Occurred()) goto error;
    }
    if (PyErr_Occurred()) goto error;
    Py_DECREF(iterator);
    return sum;
error:
    Py_DECREF(iterator);
    Py_XDECREF(sum);
    return NULL;
}

/* ---- min and max ---------------------------------------------------------------------------------------------- */

/* Whether x `op` y, for Py_LT and Py_GT, if both are ints of a word or both floats; else -1. */
static inline int number_comes_before(Value x, Value y, int op)
{
    Value a = as_number(x), b = as_number(y);
    if (value_both_ints(a, b)) return op == Py_LT ? (int64_t)a < (int64_t)b : (int64_t)a > (int64_t)b;
    if (value_both_floats(a, b)) return op == Py_LT ? value_float(a) < value_float(b) : value_float(a) > value_float(b);
    return -1;
}

/* Whether x `op` y, for Py_LT and Py_GT; numbers are boxed where they stand if need be. -1 with an exception. */
static int comes_before(Value *x, Value *y, int op)
{
    int number = number_comes_before(*x, *y, op);
    if (number >= 0) return number;
    PyObject *left = operand_object(x), *right = left ? operand_object(y) : NULL;
    if (!right) return -1;
    int plain = compare_plainly(left, right, op);
    return plain >= 0 ? plain : PyObject_RichCompareBool(left, right, op);
}

typedef struct {
    VmSink sink;
    Value *best;
    int op;
} NumberSink;

/* Takes a number if the best so far is one of the same kind. */
static bool take_number(VmSink *self, Value item)
{
    Value *best = ((NumberSink *)self)->best, worse = item;
    int better = number_comes_before(item, *best, ((NumberSink *)self)->op);
    if (better < 0) return false;
    if (better) {
        worse = *best;
        *best = value_to_owned(item);
    }
    value_release(worse);
    return true;
}

/* The item of an iterator, or of the arguments, that compares `op` to all others. */
static PyObject *extreme(PyObject *const *args, Py_ssize_t nargs, PyObject *iterator, PyObject *key, int op)
{
    Value best = VALUE_EMPTY, best_key = VALUE_EMPTY, item;
    NumberSink into = {{take_number}, &best, op};
    for (Py_ssize_t i = 0;; i++) {
        if (iterator && (key || best == VALUE_EMPTY)) item = vm_next_value(iterator);
        else if (iterator) item = next_refused(iterator, &into.sink, take_number);
        else item = i < nargs ? value_from_owned(Py_NewRef(args[i])) : VALUE_EMPTY;
        if (item == VALUE_EMPTY) break;
        Value item_key = VALUE_EMPTY;
        if (key) {
            PyObject *o = operand_object(&item);
            item_key = o ? value_from_owned(PyObject_CallOneArg(key, o)) : VALUE_EMPTY;
            if (item_key == VALUE_EMPTY) {
                value_release(item);
                goto error;
            }
        }
        int better = best == VALUE_EMPTY ? 1 : key ? comes_before(&item_key, &best_key, op) : comes_before(&item, &best, op);
        if (better > 0) {
            Value old = best, old_key = best_key;
            best = item;
            best_key = item_key;
            value_release(old);
            value_release(old_key);
            continue;
        }
        value_release(item);
        value_release(item_key);
        if (better < 0) goto error;
    }
    if (PyErr_Occurred()) goto error;
    value_release(best_key);
    return value_take_boxed(best);
error:
    value_release(best);
    value_release(best_key);
    return NULL;
}

static PyObject *min_max(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, int op)
{
    const char *name = op == Py_LT ? "min" : "max";
    PyObject *key = NULL, *fallback = NULL;
    if (nargs < 1) {
        return PyErr_Format(PyExc_TypeError, "%s expected at least 1 argument, got 0", name);
    }
    if (kwnames) {
        PyObject *empty = PyTuple_New(0), *keywords = PyDict_New();
        static char *names[] = {"key", "default", NULL};
        int parsed = empty && keywords;
        for (Py_ssize_t i = 0; parsed && i < PyTuple_GET_SIZE(kwnames); i++) {
            parsed = PyDict_SetItem(keywords, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) == 0;
        }
        parsed = parsed && PyArg_ParseTupleAndKeywords(empty, keywords, op == Py_LT ? "|$OO:min" : "|$OO:max", names, &key, &fallback);
        Py_XDECREF(empty);
        Py_XDECREF(keywords);   /* the values stay alive with args */
        if (!parsed) return NULL;
    }
    if (nargs > 1 && fallback) {
        return PyErr_Format(PyExc_TypeError, "Cannot specify a default for %s() with multiple positional arguments", name);
    }
    if (key == Py_None) key = NULL;
    PyObject *iterator = NULL;
    if (nargs == 1 && !(iterator = PyObject_GetIter(args[0]))) return NULL;
    PyObject *result = extreme(args, nargs, iterator, key, op);
    Py_XDECREF(iterator);
    if (!result && !PyErr_Occurred()) {
        if (fallback) return Py_NewRef(fallback);
        PyErr_Format(PyExc_ValueError, "%s() arg is an empty sequence", name);
    }
    return result;
}

static PyObject *builtin_min(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return min_max(args, nargs, kwnames, Py_LT);
}

static PyObject *builtin_max(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    return min_max(args, nargs, kwnames, Py_GT);
}

PyMethodDef builtins_iteration_methods[] = {
    {"aiter", builtin_aiter, METH_O, PyDoc_STR("aiter($module, async_iterable, /)\n--\n\nReturn an asynchronous iterator over the object.")},
    {"all", builtin_all, METH_O, PyDoc_STR("all($module, iterable, /)\n--\n\nReturn whether bool(x) holds for all x in the iterable.\n\nTrue if it is empty.")},
    {"anext", (PyCFunction)(void *)builtin_anext, METH_FASTCALL,
     PyDoc_STR("anext($module, aiterator, default=<unrepresentable>, /)\n--\n\nReturn an awaitable of the next item.\n\nWith a default, that stands in when there is none.")},
    {"any", builtin_any, METH_O, PyDoc_STR("any($module, iterable, /)\n--\n\nReturn whether bool(x) holds for some x in the iterable.\n\nFalse if it is empty.")},
    {"iter", (PyCFunction)(void *)builtin_iter, METH_FASTCALL,
     PyDoc_STR("iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\nAn iterator over an object, or over the results of a callable until it\nreturns the sentinel.")},
    {"max", (PyCFunction)(void *)builtin_max, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value\n\nThe largest item of an iterable, or of the arguments. The default is the\nresult for an empty iterable.")},
    {"min", (PyCFunction)(void *)builtin_min, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value\n\nThe smallest item of an iterable, or of the arguments. The default is the\nresult for an empty iterable.")},
    {"next", (PyCFunction)(void *)builtin_next, METH_FASTCALL,
     PyDoc_STR("next(iterator[, default])\n\nThe iterator's next item; at its end the default if given, else\nStopIteration is raised.")},
    {"sorted", (PyCFunction)(void *)builtin_sorted, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("sorted($module, iterable, /, *, key=None, reverse=False)\n--\n\nReturn a new list of all items in ascending order.\n\nA key function can tell what to sort by; reverse gives descending order.")},
    {"sum", (PyCFunction)(void *)builtin_sum, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("sum($module, iterable, /, start=0)\n--\n\nReturn start plus the sum of the items; start if there are none.\n\nMeant for numbers; other types may be refused.")},
    {0},
};
