/* map, filter and zip. */
#include "modules/builtins/builtins.h"

#include "objects/call.h"
#include "objects/immortal.h"
#include "objects/recursion.h"
#include "vm/vm.h"

enum { SMALL_ARGUMENTS = 6 };

/* Passes the positional arguments' iterators on as a tuple. NULL with an exception set. */
static PyObject *iterators_of(PyObject *args, Py_ssize_t first)
{
    Py_ssize_t count = PyTuple_GET_SIZE(args) - first;
    PyObject *iterators = PyTuple_New(count);
    for (Py_ssize_t i = 0; iterators && i < count; i++) {
        PyObject *iterator = PyObject_GetIter(PyTuple_GET_ITEM(args, first + i));
        if (!iterator) Py_CLEAR(iterators);
        else PyTuple_SET_ITEM(iterators, i, iterator);
    }
    return iterators;
}

/* ---- map ------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *iterators;    /* owned tuple */
    PyObject *function;     /* owned */
} Map;

PyDoc_STRVAR(map_doc,
"map(func, *iterables) --> map object\n\n"
"An iterator over the results of func, called with one item of each of the\n"
"iterables at a time. It ends with the shortest of them.");

static PyObject *map_make(PyTypeObject *type, PyObject *args)
{
    if (PyTuple_GET_SIZE(args) < 2) {
        PyErr_SetString(PyExc_TypeError, "map() must have at least two arguments.");
        return NULL;
    }
    PyObject *iterators = iterators_of(args, 1);
    if (!iterators) return NULL;
    Map *map = (Map *)type->tp_alloc(type, 0);
    if (!map) {
        Py_DECREF(iterators);
        return NULL;
    }
    map->iterators = iterators;
    map->function = Py_NewRef(PyTuple_GET_ITEM(args, 0));
    return (PyObject *)map;
}

static PyObject *map_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if ((type == &PyMap_Type || type->tp_init == PyMap_Type.tp_init) && !_PyArg_NoKeywords("map", kwargs)) return NULL;
    return map_make(type, args);
}

static PyObject *map_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("map", kwnames)) return NULL;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    PyObject *tuple = PyTuple_New(nargs);
    if (!tuple) return NULL;
    for (Py_ssize_t i = 0; i < nargs; i++) PyTuple_SET_ITEM(tuple, i, Py_NewRef(args[i]));
    PyObject *result = map_make((PyTypeObject *)type, tuple);
    Py_DECREF(tuple);
    return result;
}

static void map_dealloc(Map *map)
{
    PyObject_GC_UnTrack(map);
    Py_TRASHCAN_BEGIN(map, map_dealloc)
    Py_XDECREF(map->iterators);
    Py_XDECREF(map->function);
    Py_TYPE(map)->tp_free(map);
    Py_TRASHCAN_END
}

static int map_traverse(Map *map, visitproc visit, void *arg)
{
    Py_VISIT(map->iterators);
    Py_VISIT(map->function);
    return 0;
}

static PyObject *map_next(Map *map)
{
    PyObject *small[SMALL_ARGUMENTS + 1], **stack = small;
    Py_ssize_t count = PyTuple_GET_SIZE(map->iterators), got = 0;
    if (count > SMALL_ARGUMENTS && !(stack = PyMem_New(PyObject *, count + 1))) return PyErr_NoMemory();
    PyObject *result = NULL;
    for (; got < count; got++) {
        PyObject *iterator = PyTuple_GET_ITEM(map->iterators, got);
        PyObject *item = chained_next(iterator);
        if (!item) break;
        stack[got + 1] = item;
    }
    if (got == count) {
        size_t nargsf = (size_t)count | PY_VECTORCALL_ARGUMENTS_OFFSET;
        result = call_vector(thread_state(), map->function, stack + 1, nargsf, NULL);
    }
    for (Py_ssize_t i = 0; i < got; i++) Py_DECREF(stack[i + 1]);
    if (stack != small) PyMem_Free(stack);
    return result;
}

static PyObject *map_reduce(Map *map, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t count = PyTuple_GET_SIZE(map->iterators);
    PyObject *args = PyTuple_New(count + 1);
    if (!args) return NULL;
    PyTuple_SET_ITEM(args, 0, Py_NewRef(map->function));
    for (Py_ssize_t i = 0; i < count; i++) PyTuple_SET_ITEM(args, i + 1, Py_NewRef(PyTuple_GET_ITEM(map->iterators, i)));
    return Py_BuildValue("ON", Py_TYPE(map), args);
}

PyDoc_STRVAR(reduce_doc, "Return state information for pickling.");

static PyMethodDef map_methods[] = {
    {"__reduce__", (PyCFunction)map_reduce, METH_NOARGS, reduce_doc},
    {0},
};

PyTypeObject PyMap_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "map",
    .tp_basicsize = sizeof(Map),
    .tp_dealloc = (destructor)map_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = map_doc,
    .tp_traverse = (traverseproc)map_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)map_next,
    .tp_methods = map_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = map_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = map_vectorcall,
};

/* ---- filter --------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyObject *function;     /* owned */
    PyObject *iterator;     /* owned */
} Filter;

PyDoc_STRVAR(filter_doc,
"filter(function or None, iterable) --> filter object\n\n"
"An iterator over the items for which function(item) is true, or,\n"
"when the function is None, over those that are true themselves.");

static PyObject *filter_make(PyTypeObject *type, PyObject *function, PyObject *iterable)
{
    PyObject *iterator = PyObject_GetIter(iterable);
    if (!iterator) return NULL;
    Filter *filter = (Filter *)type->tp_alloc(type, 0);
    if (!filter) {
        Py_DECREF(iterator);
        return NULL;
    }
    filter->function = Py_NewRef(function);
    filter->iterator = iterator;
    return (PyObject *)filter;
}

static PyObject *filter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    PyObject *function, *iterable;
    if ((type == &PyFilter_Type || type->tp_init == PyFilter_Type.tp_init) && !_PyArg_NoKeywords("filter", kwargs)) return NULL;
    if (!PyArg_UnpackTuple(args, "filter", 2, 2, &function, &iterable)) return NULL;
    return filter_make(type, function, iterable);
}

static PyObject *filter_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_NoKwnames("filter", kwnames) || !_PyArg_CheckPositional("filter", nargs, 2, 2)) return NULL;
    return filter_make((PyTypeObject *)type, args[0], args[1]);
}

static void filter_dealloc(Filter *filter)
{
    PyObject_GC_UnTrack(filter);
    Py_TRASHCAN_BEGIN(filter, filter_dealloc)
    Py_XDECREF(filter->function);
    Py_XDECREF(filter->iterator);
    Py_TYPE(filter)->tp_free(filter);
    Py_TRASHCAN_END
}

static int filter_traverse(Filter *filter, visitproc visit, void *arg)
{
    Py_VISIT(filter->function);
    Py_VISIT(filter->iterator);
    return 0;
}

static PyObject *filter_next(Filter *filter)
{
    PyObject *iterator = filter->iterator, *item;
    bool plain = filter->function == Py_None || filter->function == (PyObject *)&PyBool_Type;
    while ((item = chained_next(iterator))) {
        int wanted;
        if (plain) wanted = PyObject_IsTrue(item);
        else {
            PyObject *answer = PyObject_CallOneArg(filter->function, item);
            if (!answer) {
                Py_DECREF(item);
                return NULL;
            }
            wanted = PyObject_IsTrue(answer);
            Py_DECREF(answer);
        }
        if (wanted > 0) return item;
        Py_DECREF(item);
        if (wanted < 0) return NULL;
    }
    return NULL;
}

static PyObject *filter_reduce(Filter *filter, PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("O(OO)", Py_TYPE(filter), filter->function, filter->iterator);
}

static PyMethodDef filter_methods[] = {
    {"__reduce__", (PyCFunction)filter_reduce, METH_NOARGS, reduce_doc},
    {0},
};

PyTypeObject PyFilter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "filter",
    .tp_basicsize = sizeof(Filter),
    .tp_dealloc = (destructor)filter_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = filter_doc,
    .tp_traverse = (traverseproc)filter_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)filter_next,
    .tp_methods = filter_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = filter_new,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = filter_vectorcall,
};

/* ---- zip ------------------------------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyObject *iterators;    /* owned tuple */
    PyObject *result;       /* owned tuple, reused when nobody else holds it */
    bool strict;
} Zip;

PyDoc_STRVAR(zip_doc,
"zip(*iterables, strict=False) --> Yield tuples until an input is exhausted.\n\n"
"   >>> list(zip('abcdefg', range(3), range(4)))\n"
"   [('a', 0, 0), ('b', 1, 1), ('c', 2, 2)]\n\n"
"The i-th tuple holds the i-th item of each of the iterables. It ends with the\n"
"shortest of them; with strict, a difference in length is a ValueError.");

static PyObject *zip_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    int strict = 0;
    if (kwargs) {
        static char *keywords[] = {"strict", NULL};
        PyObject *empty = PyTuple_New(0);
        if (!empty) return NULL;
        int parsed = PyArg_ParseTupleAndKeywords(empty, kwargs, "|$p:zip", keywords, &strict);
        Py_DECREF(empty);
        if (!parsed) return NULL;
    }
    Py_ssize_t count = PyTuple_GET_SIZE(args);
    PyObject *iterators = iterators_of(args, 0);
    if (!iterators) return NULL;
    PyObject *result = PyTuple_New(count);
    Zip *zip = result ? (Zip *)type->tp_alloc(type, 0) : NULL;
    if (!zip) {
        Py_DECREF(iterators);
        Py_XDECREF(result);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < count; i++) PyTuple_SET_ITEM(result, i, Py_NewRef(Py_None));
    zip->iterators = iterators;
    zip->result = result;
    zip->strict = strict;
    return (PyObject *)zip;
}

static void zip_dealloc(Zip *zip)
{
    PyObject_GC_UnTrack(zip);
    Py_TRASHCAN_BEGIN(zip, zip_dealloc)
    Py_XDECREF(zip->iterators);
    Py_XDECREF(zip->result);
    Py_TYPE(zip)->tp_free(zip);
    Py_TRASHCAN_END
}

static int zip_traverse(Zip *zip, visitproc visit, void *arg)
{
    Py_VISIT(zip->iterators);
    Py_VISIT(zip->result);
    return 0;
}

/* Iterator `ended` has no more items. In strict mode that must hold for all of them. Always NULL. */
static PyObject *zip_end(Zip *zip, Py_ssize_t ended)
{
    if (!zip->strict) return NULL;
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return NULL;
        PyErr_Clear();
    }
    if (ended) {
        const char *plural = ended == 1 ? " " : "s 1-";
        return PyErr_Format(PyExc_ValueError, "zip() argument %zd is shorter than argument%s%zd", ended + 1, plural, ended);
    }
    for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(zip->iterators); i++) {
        PyObject *iterator = PyTuple_GET_ITEM(zip->iterators, i);
        PyObject *item = chained_next(iterator);
        if (item) {
            Py_DECREF(item);
            const char *plural = i == 1 ? " " : "s 1-";
            return PyErr_Format(PyExc_ValueError, "zip() argument %zd is longer than argument%s%zd", i + 1, plural, i);
        }
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return NULL;
            PyErr_Clear();
        }
    }
    return NULL;
}

static PyObject *zip_next(Zip *zip)
{
    Py_ssize_t count = PyTuple_GET_SIZE(zip->iterators);
    if (count == 0) return NULL;
    PyObject *result = zip->result;
    if (Py_REFCNT(result) == 1) {
        Py_INCREF(result);
        for (Py_ssize_t i = 0; i < count; i++) {
            PyObject *iterator = PyTuple_GET_ITEM(zip->iterators, i);
            PyObject *item = chained_next(iterator);
            if (!item) {
                Py_DECREF(result);
                return zip_end(zip, i);
            }
            PyObject *old = PyTuple_GET_ITEM(result, i);
            PyTuple_SET_ITEM(result, i, item);
            Py_DECREF(old);
        }
        if (!PyObject_GC_IsTracked(result)) PyObject_GC_Track(result);  /* a collection may have untracked it */
        return result;
    }
    result = PyTuple_New(count);
    if (!result) return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *iterator = PyTuple_GET_ITEM(zip->iterators, i);
        PyObject *item = chained_next(iterator);
        if (!item) {
            Py_DECREF(result);
            return zip_end(zip, i);
        }
        PyTuple_SET_ITEM(result, i, item);
    }
    return result;
}

/* For a loop over zip() of two that takes the pairs apart: vm_runtime.zip_next_pair. */
static PairStep zip_next_pair(PyObject *op, PyObject **first, PyObject **second)
{
    Zip *zip = (Zip *)op;
    if (PyTuple_GET_SIZE(zip->iterators) != 2) return PAIR_OTHER;
    PyObject *a = PyTuple_GET_ITEM(zip->iterators, 0), *b = PyTuple_GET_ITEM(zip->iterators, 1);
    *first = Py_TYPE(a)->tp_iternext(a);
    if (!*first) {
        zip_end(zip, 0);
        return PAIR_NONE;
    }
    *second = Py_TYPE(b)->tp_iternext(b);
    if (*second) return PAIR_GIVEN;
    Py_DECREF(*first);
    zip_end(zip, 1);
    return PAIR_NONE;
}

static PyObject *zip_reduce(Zip *zip, PyObject *Py_UNUSED(ignored))
{
    if (zip->strict) return PyTuple_Pack(3, Py_TYPE(zip), zip->iterators, Py_True);
    return PyTuple_Pack(2, Py_TYPE(zip), zip->iterators);
}

static PyObject *zip_setstate(Zip *zip, PyObject *state)
{
    int strict = PyObject_IsTrue(state);
    if (strict < 0) return NULL;
    zip->strict = strict;
    Py_RETURN_NONE;
}

static PyMethodDef zip_methods[] = {
    {"__reduce__", (PyCFunction)zip_reduce, METH_NOARGS, reduce_doc},
    {"__setstate__", (PyCFunction)zip_setstate, METH_O, PyDoc_STR("Set state information for unpickling.")},
    {0},
};

PyTypeObject PyZip_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "zip",
    .tp_basicsize = sizeof(Zip),
    .tp_dealloc = (destructor)zip_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE,
    .tp_doc = zip_doc,
    .tp_traverse = (traverseproc)zip_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)zip_next,
    .tp_methods = zip_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = zip_new,
    .tp_free = PyObject_GC_Del,
};

int builtins_init_types(void)
{
    vm_runtime.zip_next_pair = zip_next_pair;
    if (PyType_Ready(&PyMap_Type) < 0 || PyType_Ready(&PyFilter_Type) < 0 || PyType_Ready(&PyZip_Type) < 0) return -1;
    return 0;
}
