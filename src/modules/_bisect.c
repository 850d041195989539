/* _bisect: binary search in sorted sequences. */
#include <Python.h>

#include <stdbool.h>
#include <stdlib.h>

#include "objects/args_unpack.h"
#include "objects/compare.h"
#include "objects/int/int.h"
#include "objects/names.h"

/* The arguments that all four functions share; all borrowed. */
struct Search {
    PyObject *list, *item, *key;        /* key NULL if none */
    Py_ssize_t low, high;               /* high -1: the length */
};

static int read_index(PyObject *o, Py_ssize_t *value)
{
    PyObject *index = _PyNumber_Index(o);
    if (!index) return -1;
    *value = PyLong_AsSsize_t(index);
    Py_DECREF(index);
    return *value == -1 && PyErr_Occurred() ? -1 : 0;
}

static int read_arguments(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                          _PyArg_Parser *parser, struct Search *s)
{
    PyObject *a[5];
    if (args_unpack(args, nargs, NULL, kwnames, parser, 2, 4, 5, a) < 0) return -1;
    *s = (struct Search){a[0], a[1], a[4] == Py_None ? NULL : a[4], 0, -1};
    if (a[2] && read_index(a[2], &s->low) < 0) return -1;
    if (a[3] && !_Py_convert_optional_to_ssize_t(a[3], &s->high)) return -1;
    return 0;
}

/* a < b, quickly for two objects of one type. */
static int less(PyObject *a, PyObject *b)
{
    int plain = compare_plainly(a, b, Py_LT);
    if (plain >= 0) return plain;
    richcmpfunc compare = Py_TYPE(a)->tp_richcompare;
    if (!compare || Py_TYPE(a) != Py_TYPE(b)) return PyObject_RichCompareBool(a, b, Py_LT);
    PyObject *r = compare(a, b, Py_LT);
    if (r == Py_True || r == Py_False) {
        Py_DECREF(r);
        return r == Py_True;
    }
    if (!r) return -1;
    if (r == Py_NotImplemented) {
        Py_DECREF(r);
        return PyObject_RichCompareBool(a, b, Py_LT);
    }
    int truth = PyObject_IsTrue(r);
    Py_DECREF(r);
    return truth;
}

/* The next objects that the search may look at lie anywhere: they are asked for while this one is compared. */
static inline void ask_for_next(PyObject **items, Py_ssize_t low, Py_ssize_t middle, Py_ssize_t high)
{
    __builtin_prefetch(items[(low + middle) / 2]);
    if (middle + 1 < high) __builtin_prefetch(items[(middle + 1 + high) / 2]);
}

#define EXACT_IN_DOUBLE (1LL << 53)

/* The search for a float or an int among their like, or for a float among ints, which runs nobody's code; -1 where it meets anything else. */
static Py_ssize_t search_numbers(PyObject **items, Py_ssize_t low, Py_ssize_t high, PyObject *item, bool right)
{
    int64_t i, j;
    if (PyFloat_CheckExact(item)) {
        double x = PyFloat_AS_DOUBLE(item);
        while (low < high) {
            Py_ssize_t middle = (low + high) / 2;
            PyObject *there = items[middle];
            ask_for_next(items, low, middle, high);
            double y;
            if (PyFloat_CheckExact(there)) y = PyFloat_AS_DOUBLE(there);
            else if (PyLong_CheckExact(there) && int_fits_two_digits(there, &i) && llabs(i) <= EXACT_IN_DOUBLE) y = (double)i;
            else return -1;
            if (right ? x < y : !(y < x)) high = middle;
            else low = middle + 1;
        }
        return low;
    }
    if (!PyLong_CheckExact(item) || !int_fits_two_digits(item, &i)) return -1;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        PyObject *there = items[middle];
        ask_for_next(items, low, middle, high);
        if (!PyLong_CheckExact(there) || !int_fits_two_digits(there, &j)) return -1;
        if (right ? i < j : j >= i) high = middle;
        else low = middle + 1;
    }
    return low;
}

/* Where `item` (already a key) belongs, left or right of its equals; -1 with an exception. */
static Py_ssize_t search(const struct Search *s, PyObject *item, bool right)
{
    Py_ssize_t low = s->low, high = s->high;
    if (low < 0) {
        PyErr_SetString(PyExc_ValueError, "lo must be non-negative");
        return -1;
    }
    if (high == -1) {
        high = PySequence_Size(s->list);
        if (high < 0) return -1;
    }
    if (!s->key && PyList_CheckExact(s->list) && high <= PyList_GET_SIZE(s->list)) {
        Py_ssize_t found = search_numbers(((PyListObject *)s->list)->ob_item, low, high, item, right);
        if (found >= 0) return found;
    }
    while (low < high) {
        Py_ssize_t middle = (Py_ssize_t)(((size_t)low + (size_t)high) / 2);
        PyObject *there = PyList_CheckExact(s->list) && middle < PyList_GET_SIZE(s->list)
                              ? Py_NewRef(PyList_GET_ITEM(s->list, middle))
                              : PySequence_GetItem(s->list, middle);
        if (there && s->key) Py_SETREF(there, PyObject_CallOneArg(s->key, there));
        if (!there) return -1;
        int before = right ? less(item, there) : less(there, item);
        Py_DECREF(there);
        if (before < 0) return -1;
        if ((bool)before == right) high = middle;
        else low = middle + 1;
    }
    return low;
}

static const char *const keywords[] = {"a", "x", "lo", "hi", "key", NULL};

static PyObject *bisect(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                        _PyArg_Parser *parser, bool right)
{
    struct Search s;
    if (read_arguments(args, nargs, kwnames, parser, &s) < 0) return NULL;
    Py_ssize_t index = search(&s, s.item, right);
    return index < 0 ? NULL : PyLong_FromSsize_t(index);
}

static PyObject *insort(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                        _PyArg_Parser *parser, bool right)
{
    struct Search s;
    if (read_arguments(args, nargs, kwnames, parser, &s) < 0) return NULL;
    PyObject *item = s.key ? PyObject_CallOneArg(s.key, s.item) : Py_NewRef(s.item);
    if (!item) return NULL;
    Py_ssize_t index = search(&s, item, right);
    Py_DECREF(item);
    if (index < 0) return NULL;
    if (PyList_CheckExact(s.list)) {
        if (PyList_Insert(s.list, index, s.item) < 0) return NULL;
    }
    else {
        PyObject *at = PyLong_FromSsize_t(index);
        PyObject *done =
            at ? PyObject_CallMethodObjArgs(s.list, NAME(insert), at, s.item, NULL) : NULL;
        Py_XDECREF(at);
        if (!done) return NULL;
        Py_DECREF(done);
    }
    Py_RETURN_NONE;
}

#define FUNCTION(name, kind, right)                                                             \
    static PyObject *name(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, \
                          PyObject *kwnames)                                                    \
    {                                                                                           \
        static _PyArg_Parser parser = {.keywords = keywords, .fname = #name};                   \
        return kind(args, nargs, kwnames, &parser, right);                                      \
    }

FUNCTION(bisect_left, bisect, false)
FUNCTION(bisect_right, bisect, true)
FUNCTION(insort_left, insort, false)
FUNCTION(insort_right, insort, true)

#define ENTRY(name, text)                                                                   \
    {#name, (PyCFunction)(void (*)(void))name, METH_FASTCALL | METH_KEYWORDS,               \
     #name "($module, /, a, x, lo=0, hi=None, *, key=None)\n--\n\n" text}

#define BOUNDS "\n\nlo (default 0) and hi (default len(a)) bound the part of a that is searched."

static PyMethodDef methods[] = {
    ENTRY(bisect_right,
          "The index where to insert x in the sorted list a, right of all equal items:\n"
          "a[:i] holds no item above x, a[i:] none up to x." BOUNDS),
    ENTRY(insort_right, "Insert x in the sorted list a, right of all equal items." BOUNDS),
    ENTRY(bisect_left,
          "The index where to insert x in the sorted list a, left of all equal items:\n"
          "a[:i] holds items below x only, a[i:] none below x." BOUNDS),
    ENTRY(insort_left, "Insert x in the sorted list a, left of all equal items." BOUNDS),
    {NULL, NULL, 0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_bisect",
    .m_doc = "Bisection algorithms.\n\n"
             "A list that is sorted stays so when items are inserted where a binary search finds "
             "their place,\n"
             "which is cheaper than sorting it again after each insertion.\n",
    .m_size = 0,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit__bisect(void)
{
    return PyModuleDef_Init(&definition);
}
