/* The type list: slots and methods. */
#include "objects/immortal.h"
#include "objects/args_unpack.h"
#include "objects/list_internal.h"
#include "objects/names.h"

static inline PyListObject *as_list(PyObject *op)
{
    return (PyListObject *)op;
}

static void list_dealloc(PyObject *self);

/* Destroys a list whose items may bring down others with them. */
static void list_dealloc_nested(PyObject *self)
{
    Py_TRASHCAN_BEGIN(self, list_dealloc)
    PyObject **items = list_items(self);
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) Py_XDECREF(items[i]);
    PyMem_Free(items);
    container_free(self, &PyList_Type);
    Py_TRASHCAN_END
}

static void list_dealloc(PyObject *self)
{
    if (gc_tracked(self)) gc_untrack(self);
    PyObject **items = list_items(self);
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) {
        if (items[i] != NULL && release_may_nest(items[i])) {
            Py_SET_SIZE(self, i + 1);   /* should it wait in the trashcan, these are left */
            list_dealloc_nested(self);
            return;
        }
        Py_XDECREF(items[i]);
    }
    if (items != NULL) memory_mem_free(items);
    container_free(self, &PyList_Type);
}

static int list_traverse(PyObject *self, visitproc visit, void *arg)
{
    for (Py_ssize_t i = Py_SIZE(self); --i >= 0;) Py_VISIT(list_items(self)[i]);
    return 0;
}

static int list_tp_clear(PyObject *self)
{
    list_clear_all(as_list(self));
    return 0;
}

static int list_fill(PyObject *self, PyObject *iterable)
{
    list_clear_all(as_list(self));
    return iterable == NULL ? 0 : list_extend(as_list(self), iterable);
}

static int list_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyObject *iterable = NULL;
    if ((PyList_CheckExact(self) || Py_TYPE(self)->tp_new == PyList_Type.tp_new) && !_PyArg_NoKeywords("list", kwargs)) {
        return -1;
    }
    if (!PyArg_UnpackTuple(args, "list", 0, 1, &iterable)) return -1;
    return list_fill(self, iterable);
}

static PyObject *list_vectorcall(PyObject *type, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (!_PyArg_NoKwnames("list", kwnames)) return NULL;
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    if (!_PyArg_CheckPositional("list", nargs, 0, 1)) return NULL;
    PyObject *self = type == (PyObject *)&PyList_Type ? PyList_New(0) : PyType_GenericAlloc((PyTypeObject *)type, 0);
    if (self != NULL && nargs == 1 && list_fill(self, args[0]) < 0) Py_CLEAR(self);
    return self;
}

static PyObject *list_repr(PyObject *self)
{
    return sequence_repr(self, &as_list(self)->ob_item, '[', ']', false);
}

/* Equality of the item at i, which is kept alive meanwhile, with value: 1, 0 or -1. */
static inline int item_equals(PyObject *self, Py_ssize_t i, PyObject *value)
{
    PyObject *item = list_items(self)[i];
    if (item == value) return 1;
    Py_INCREF(item);
    int equal = key_equal(item, value);
    Py_DECREF(item);
    return equal;
}

static PyObject *list_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyList_Check(a) || !PyList_Check(b)) Py_RETURN_NOTIMPLEMENTED;
    if (Py_SIZE(a) != Py_SIZE(b) && (op == Py_EQ || op == Py_NE)) return bool_from(op == Py_NE);
    Py_ssize_t i = 0;
    for (; i < Py_SIZE(a) && i < Py_SIZE(b); i++) {
        PyObject *x = list_items(a)[i], *y = list_items(b)[i];
        if (x == y) continue;
        Py_INCREF(x);
        Py_INCREF(y);
        int equal = key_equal(x, y);
        Py_DECREF(x);
        Py_DECREF(y);
        if (equal < 0) return NULL;
        if (!equal) break;
    }
    if (i >= Py_SIZE(a) || i >= Py_SIZE(b)) Py_RETURN_RICHCOMPARE(Py_SIZE(a), Py_SIZE(b), op);
    if (op == Py_EQ || op == Py_NE) return bool_from(op == Py_NE);
    PyObject *x = Py_NewRef(list_items(a)[i]), *y = Py_NewRef(list_items(b)[i]);
    PyObject *result = PyObject_RichCompare(x, y, op);
    Py_DECREF(x);
    Py_DECREF(y);
    return result;
}

/* ---- Sequence ---- */

static Py_ssize_t list_length(PyObject *self)
{
    return Py_SIZE(self);
}

static int list_contains(PyObject *self, PyObject *value)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal != 0) return equal;
    }
    return 0;
}

static PyObject *list_item(PyObject *self, Py_ssize_t i)
{
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    return Py_NewRef(list_items(self)[i]);
}

static PyObject *list_concat(PyObject *self, PyObject *other)
{
    if (!PyList_Check(other)) {
        PyErr_Format(PyExc_TypeError, "can only concatenate list (not \"%.200s\") to list", Py_TYPE(other)->tp_name);
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(self), m = Py_SIZE(other);
    if (n > PY_SSIZE_T_MAX - m) return PyErr_NoMemory();
    PyListObject *result = list_new_with_room(n + m);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) result->ob_item[i] = Py_NewRef(list_items(self)[i]);
    for (Py_ssize_t i = 0; i < m; i++) result->ob_item[n + i] = Py_NewRef(list_items(other)[i]);
    Py_SET_SIZE(result, n + m);
    return (PyObject *)result;
}

/* Fills items[n:n * times] with copies of items[0:n], of which each gains the references. */
static void repeat_array(PyObject **items, Py_ssize_t n, Py_ssize_t times)
{
    for (Py_ssize_t i = 0; i < n; i++) items[i]->ob_refcnt += times - 1;
    if (n == 1) {
        for (Py_ssize_t i = 1; i < times; i++) items[i] = items[0];
        return;
    }
    for (Py_ssize_t done = n, total = n * times; done < total;) {
        Py_ssize_t piece = Py_MIN(done, total - done);
        memcpy(items + done, items, (size_t)piece * sizeof(PyObject *));
        done += piece;
    }
}

static PyObject *list_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || times <= 0) return PyList_New(0);
    if (n > PY_SSIZE_T_MAX / times) return PyErr_NoMemory();
    PyListObject *result = list_new_with_room(n * times);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) result->ob_item[i] = Py_NewRef(list_items(self)[i]);
    repeat_array(result->ob_item, n, times);
    Py_SET_SIZE(result, n * times);
    return (PyObject *)result;
}

static PyObject *list_inplace_concat(PyObject *self, PyObject *other)
{
    return list_extend(as_list(self), other) < 0 ? NULL : Py_NewRef(self);
}

static PyObject *list_inplace_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0 || times == 1) return Py_NewRef(self);
    if (times < 1) {
        list_clear_all(as_list(self));
        return Py_NewRef(self);
    }
    if (n > PY_SSIZE_T_MAX / times) return PyErr_NoMemory();
    if (list_resize(as_list(self), n * times) < 0) return NULL;
    repeat_array(list_items(self), n, times);
    return Py_NewRef(self);
}

static int list_ass_item(PyObject *self, Py_ssize_t i, PyObject *value)
{
    if ((size_t)i >= (size_t)Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
        return -1;
    }
    if (value == NULL) return list_set_slice(as_list(self), i, i + 1, NULL);
    PyObject *old = list_items(self)[i];
    list_items(self)[i] = Py_NewRef(value);
    Py_DECREF(old);
    return 0;
}

/* ---- Subscripts ---- */

static PyObject *list_subscript(PyObject *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) return NULL;
        return list_item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s", Py_TYPE(key)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) return NULL;
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    return list_every(self, start, step, n);
}

/* del self[start::step], n > 0 items */
static int delete_extended_slice(PyListObject *list, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    if (step < 0) {
        start += step * (n - 1);
        step = -step;
    }
    PyObject **removed = PyMem_New(PyObject *, n);
    if (removed == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    PyObject **items = list->ob_item, **to = items + start;
    Py_ssize_t size = Py_SIZE(list);
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        removed[i] = items[at];
        Py_ssize_t kept = (i + 1 < n ? at + step : size) - at - 1;
        memmove(to, items + at + 1, (size_t)kept * sizeof(PyObject *));
        to += kept;
    }
    Py_SET_SIZE(list, size - n);
    int result = list_resize(list, size - n);
    for (Py_ssize_t i = 0; i < n; i++) Py_DECREF(removed[i]);
    PyMem_Free(removed);
    return result;
}

/* list[start:stop:step] = source */
static int assign_extended_slice(PyListObject *list, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t step, PyObject *source)
{
    PyObject *fast = source == (PyObject *)list ? list_from_array(list->ob_item, Py_SIZE(list))
                                                : PySequence_Fast(source, "must assign iterable to extended slice");
    if (fast == NULL) return -1;
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(list), &start, &stop, step);   /* only now: reading source may change the list */
    int result = -1;
    PyObject **removed = NULL;
    if (PySequence_Fast_GET_SIZE(fast) != n) {
        PyErr_Format(PyExc_ValueError, "attempt to assign sequence of size %zd to extended slice of size %zd",
                     PySequence_Fast_GET_SIZE(fast), n);
        goto done;
    }
    result = 0;
    if (n == 0) goto done;
    removed = PyMem_New(PyObject *, n);
    if (removed == NULL) {
        PyErr_NoMemory();
        result = -1;
        goto done;
    }
    PyObject **from = PySequence_Fast_ITEMS(fast);
    for (Py_ssize_t i = 0, at = start; i < n; i++, at += step) {
        removed[i] = list->ob_item[at];
        list->ob_item[at] = Py_NewRef(from[i]);
    }
    for (Py_ssize_t i = 0; i < n; i++) Py_DECREF(removed[i]);

done:
    PyMem_Free(removed);
    Py_DECREF(fast);
    return result;
}

static int list_ass_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred()) return -1;
        return list_ass_item(self, i < 0 ? i + Py_SIZE(self) : i, value);
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError, "list indices must be integers or slices, not %.200s", Py_TYPE(key)->tp_name);
        return -1;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0) return -1;
    if (step != 1 && value != NULL) return assign_extended_slice(as_list(self), start, stop, step, value);
    Py_ssize_t n = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (step == 1) return list_set_slice(as_list(self), start, stop, value);
    return n <= 0 ? 0 : delete_extended_slice(as_list(self), start, step, n);
}

/* ---- Methods ---- */

/* An argument that must be an int within the range of an index. */
static bool index_argument(PyObject *arg, Py_ssize_t *index)
{
    PyObject *number = PyNumber_Index(arg);
    if (number == NULL) return false;
    *index = PyLong_AsSsize_t(number);
    Py_DECREF(number);
    return *index != -1 || !PyErr_Occurred();
}

static PyObject *list_sizeof(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    size_t size = (size_t)Py_TYPE(self)->tp_basicsize + (size_t)as_list(self)->allocated * sizeof(PyObject *);
    return PyLong_FromSize_t(size);
}

static PyObject *list_clear_method(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    list_clear_all(as_list(self));
    Py_RETURN_NONE;
}

static PyObject *list_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return list_from_array(list_items(self), Py_SIZE(self));
}

static PyObject *list_append(PyObject *self, PyObject *item)
{
    if (list_append_steal(as_list(self), Py_NewRef(item)) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *list_insert_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t where;
    if (!_PyArg_CheckPositional("insert", nargs, 2, 2) || !index_argument(args[0], &where)) return NULL;
    if (list_insert(as_list(self), where, args[1]) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *list_extend_method(PyObject *self, PyObject *iterable)
{
    return _PyList_Extend(as_list(self), iterable);
}

static PyObject *list_pop(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t where = -1;
    if (!_PyArg_CheckPositional("pop", nargs, 0, 1)) return NULL;
    if (nargs == 1 && !index_argument(args[0], &where)) return NULL;
    Py_ssize_t n = Py_SIZE(self);
    if (n == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty list");
        return NULL;
    }
    if (where < 0) where += n;
    if ((size_t)where >= (size_t)n) {
        PyErr_SetString(PyExc_IndexError, "pop index out of range");
        return NULL;
    }
    return list_take_at(as_list(self), where);
}

static PyObject *list_remove(PyObject *self, PyObject *value)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal < 0) return NULL;
        if (!equal) continue;
        if (list_set_slice(as_list(self), i, i + 1, NULL) < 0) return NULL;
        Py_RETURN_NONE;
    }
    PyErr_SetString(PyExc_ValueError, "list.remove(x): x not in list");
    return NULL;
}

static PyObject *list_index(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t start, stop;
    if (index_arguments(args, nargs, Py_SIZE(self), &start, &stop) < 0) return NULL;
    for (Py_ssize_t i = start; i < stop && i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, args[0]);
        if (equal < 0) return NULL;
        if (equal) return PyLong_FromSsize_t(i);
    }
    PyErr_Format(PyExc_ValueError, "%R is not in list", args[0]);
    return NULL;
}

static PyObject *list_count(PyObject *self, PyObject *value)
{
    Py_ssize_t count = 0;
    for (Py_ssize_t i = 0; i < Py_SIZE(self); i++) {
        int equal = item_equals(self, i, value);
        if (equal < 0) return NULL;
        count += equal;
    }
    return PyLong_FromSsize_t(count);
}

static PyObject *list_reverse(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    list_reverse_array(list_items(self), Py_SIZE(self));
    Py_RETURN_NONE;
}

static PyObject *list_sort_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "reverse", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "sort"};
    PyObject *values[2];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 0, 2, values) < 0) return NULL;
    int reverse = 0;
    if (values[1] != NULL) {
        reverse = _PyLong_AsInt(values[1]);
        if (reverse == -1 && PyErr_Occurred()) return NULL;
    }
    PyObject *key = values[0] == Py_None ? NULL : values[0];
    if (list_sort(as_list(self), key, reverse != 0) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *list_reversed(PyObject *self, PyObject *Py_UNUSED(ignored));

#define FASTCALL(function) ((PyCFunction)(void (*)(void))(function))

static PyMethodDef list_methods[] = {
    {"__getitem__", list_subscript, METH_O | METH_COEXIST, "x.__getitem__(y) <==> x[y]"},
    {"__reversed__", list_reversed, METH_NOARGS, "__reversed__($self, /)\n--\n\nAn iterator over the items, last to first."},
    {"__sizeof__", list_sizeof, METH_NOARGS, "__sizeof__($self, /)\n--\n\nThe bytes of memory that the list takes."},
    {"clear", list_clear_method, METH_NOARGS, "clear($self, /)\n--\n\nTakes all items out."},
    {"copy", list_copy, METH_NOARGS, "copy($self, /)\n--\n\nA new list of the same items."},
    {"append", list_append, METH_O, "append($self, object, /)\n--\n\nAdds an object at the end."},
    {"insert", FASTCALL(list_insert_method), METH_FASTCALL,
     "insert($self, index, object, /)\n--\n\nPuts an object in front of the item at index."},
    {"extend", list_extend_method, METH_O, "extend($self, iterable, /)\n--\n\nAdds the items of an iterable at the end."},
    {"pop", FASTCALL(list_pop), METH_FASTCALL,
     "pop($self, index=-1, /)\n--\n\nTakes out the item at index (the last one by default) and returns it.\n\n"
     "IndexError if there is none."},
    {"remove", list_remove, METH_O,
     "remove($self, value, /)\n--\n\nTakes out the first item equal to value.\n\nValueError if there is none."},
    {"index", FASTCALL(list_index), METH_FASTCALL,
     "index($self, value, start=0, stop=sys.maxsize, /)\n--\n\n"
     "The first position of value.\n\nValueError if it is not there."},
    {"count", list_count, METH_O, "count($self, value, /)\n--\n\nHow often value occurs."},
    {"reverse", list_reverse, METH_NOARGS, "reverse($self, /)\n--\n\nTurns the list around, *IN PLACE*."},
    {"sort", FASTCALL(list_sort_method), METH_FASTCALL | METH_KEYWORDS,
     "sort($self, /, *, key=None, reverse=False)\n--\n\nSorts the list in place, smallest first, and returns None.\n\n"
     "Equal items keep their order. With a key function, items are compared by what it returns\n"
     "for each of them; it is called once per item. With reverse, the largest comes first."},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods list_as_sequence = {
    .sq_length = list_length,
    .sq_concat = list_concat,
    .sq_repeat = list_repeat,
    .sq_item = list_item,
    .sq_ass_item = list_ass_item,
    .sq_contains = list_contains,
    .sq_inplace_concat = list_inplace_concat,
    .sq_inplace_repeat = list_inplace_repeat,
};
static PyMappingMethods list_as_mapping = {
    .mp_length = list_length,
    .mp_subscript = list_subscript,
    .mp_ass_subscript = list_ass_subscript,
};

static PyObject *list_iter(PyObject *self);

PyTypeObject PyList_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "list",
    .tp_basicsize = sizeof(PyListObject),
    .tp_dealloc = list_dealloc,
    .tp_repr = list_repr,
    .tp_as_sequence = &list_as_sequence,
    .tp_as_mapping = &list_as_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_LIST_SUBCLASS |
                _Py_TPFLAGS_MATCH_SELF | Py_TPFLAGS_SEQUENCE,
    .tp_doc = "list(iterable=(), /)\n--\n\nA sequence that can change, with the items of an iterable.\n\n"
              "Without argument it is empty.",
    .tp_traverse = list_traverse,
    .tp_clear = list_tp_clear,
    .tp_richcompare = list_richcompare,
    .tp_iter = list_iter,
    .tp_methods = list_methods,
    .tp_init = list_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_GC_Del,
    .tp_vectorcall = list_vectorcall,
};

/* ---- Iterators ---- */

static PyObject *iterator_new(PyTypeObject *type, PyObject *list, Py_ssize_t index)
{
    ListIterator *it = container_new(type, sizeof(ListIterator));
    if (it == NULL) return NULL;
    it->index = index;
    it->list = (PyListObject *)Py_NewRef(list);
    gc_track(it);
    return (PyObject *)it;
}

static PyObject *list_iter(PyObject *self)
{
    return iterator_new(&PyListIter_Type, self, 0);
}

static PyObject *list_reversed(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return iterator_new(&PyListRevIter_Type, self, Py_SIZE(self) - 1);
}

static void iterator_dealloc(PyObject *self)
{
    if (gc_tracked(self)) gc_untrack(self);
    Py_XDECREF(((ListIterator *)self)->list);
    gc_free(self, sizeof(GcHead));
}

static int iterator_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((ListIterator *)self)->list);
    return 0;
}

static PyObject *iterator_next(PyObject *self)
{
    ListIterator *it = (ListIterator *)self;
    PyListObject *list = it->list;
    if (list == NULL) return NULL;
    if (LIKELY(it->index < Py_SIZE(list))) return Py_NewRef(list->ob_item[it->index++]);
    it->list = NULL;
    Py_DECREF(list);
    return NULL;
}

static PyObject *reverse_next(PyObject *self)
{
    ListIterator *it = (ListIterator *)self;
    PyListObject *list = it->list;
    if (list == NULL) return NULL;
    Py_ssize_t i = it->index;
    if (i >= 0 && i < Py_SIZE(list)) {
        it->index--;
        return Py_NewRef(list->ob_item[i]);
    }
    it->index = -1;
    it->list = NULL;
    Py_DECREF(list);
    return NULL;
}

static PyObject *iterator_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    ListIterator *it = (ListIterator *)self;
    Py_ssize_t left = it->list == NULL ? 0 : Py_SIZE(it->list) - it->index;
    return PyLong_FromSsize_t(Py_MAX(left, 0));
}

static PyObject *reverse_length_hint(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    ListIterator *it = (ListIterator *)self;
    Py_ssize_t left = it->index + 1;
    return PyLong_FromSsize_t(it->list == NULL || Py_SIZE(it->list) < left ? 0 : left);
}

static PyObject *reduce_exhausted(void)
{
    return Py_BuildValue("N(N)", _PyEval_GetBuiltin(NAME(iter)), PyList_New(0));
}

static PyObject *iterator_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    ListIterator *it = (ListIterator *)self;
    if (it->list == NULL) return reduce_exhausted();
    PyObject *iter = _PyEval_GetBuiltin(NAME(iter));
    return Py_BuildValue("N(O)n", iter, it->list, it->index);
}

static PyObject *reverse_reduce(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    ListIterator *it = (ListIterator *)self;
    if (it->list == NULL) return reduce_exhausted();
    PyObject *reversed = _PyEval_GetBuiltin(NAME(reversed));
    return Py_BuildValue("N(O)n", reversed, it->list, it->index);
}

static PyObject *iterator_setstate(PyObject *self, PyObject *state)
{
    ListIterator *it = (ListIterator *)self;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (it->list != NULL) it->index = Py_MIN(Py_MAX(index, 0), Py_SIZE(it->list));
    Py_RETURN_NONE;
}

static PyObject *reverse_setstate(PyObject *self, PyObject *state)
{
    ListIterator *it = (ListIterator *)self;
    Py_ssize_t index = PyLong_AsSsize_t(state);
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (it->list != NULL) it->index = Py_MIN(Py_MAX(index, -1), Py_SIZE(it->list) - 1);
    Py_RETURN_NONE;
}

#define ITERATOR_METHODS(prefix)                                                                               \
    {                                                                                                          \
        {"__length_hint__", prefix##_length_hint, METH_NOARGS,                                                 \
         "How many items are still to come, as a guess for len(list(it))."},                                   \
        {"__reduce__", prefix##_reduce, METH_NOARGS, "What pickling needs."},                                  \
        {"__setstate__", prefix##_setstate, METH_O, "Sets what unpickling has read."}, {NULL, NULL, 0, NULL},  \
    }

static PyMethodDef iterator_methods[] = ITERATOR_METHODS(iterator);
static PyMethodDef reverse_methods[] = ITERATOR_METHODS(reverse);

PyTypeObject PyListIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "list_iterator",
    .tp_basicsize = sizeof(ListIterator),
    .tp_dealloc = iterator_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
    .tp_methods = iterator_methods,
};

PyTypeObject PyListRevIter_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "list_reverseiterator",
    .tp_basicsize = sizeof(ListIterator),
    .tp_dealloc = iterator_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = reverse_next,
    .tp_methods = reverse_methods,
};

int list_init_types(void)
{
    PyTypeObject *const types[] = {&PyList_Type, &PyListIter_Type, &PyListRevIter_Type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyType_Ready(types[i]) < 0) return -1;
    }
    return 0;
}
