/* list: the primitives that change one, and https://docs.python.org/3.11/c-api/list.html. The type is in list_type.c. */
#include "objects/list.h"

#include "objects/list_internal.h"
#include "objects/str/str.h"
#include "objects/tuple.h"

struct ListRuntime list_runtime;

static_assert(offsetof(PyListObject, ob_item) == 24 && offsetof(PyListObject, allocated) == 32, "ABI");

/* ---- Memory ---- */

/* Room grows by about an eighth, in steps of four, so that n appends take time in proportion to n. */
int list_resize(PyListObject *list, Py_ssize_t size)
{
    Py_ssize_t allocated = list->allocated;
    if (LIKELY(allocated >= size && size >= (allocated >> 1))) {
        Py_SET_SIZE(list, size);
        return 0;
    }
    size_t room = ((size_t)size + ((size_t)size >> 3) + 6) & ~(size_t)3;
    /* A jump by more than the spare room looks like a final size. */
    if (size - Py_SIZE(list) > (Py_ssize_t)room - size) room = ((size_t)size + 3) & ~(size_t)3;
    if (size == 0) room = 0;
    if (room > (size_t)PY_SSIZE_T_MAX / sizeof(PyObject *)) {
        PyErr_NoMemory();
        return -1;
    }
    PyObject **items = PyMem_Realloc(list->ob_item, room * sizeof(PyObject *));
    if (items == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    list->ob_item = items;
    list->allocated = (Py_ssize_t)room;
    Py_SET_SIZE(list, size);
    return 0;
}

/* First allocation, when the number of items is known. */
static int list_preallocate(PyListObject *list, Py_ssize_t size)
{
    if ((size_t)size > (size_t)PY_SSIZE_T_MAX / sizeof(PyObject *)) {
        PyErr_NoMemory();
        return -1;
    }
    size = (size + 1) & ~(Py_ssize_t)1;     /* memory comes in pieces of 16 bytes anyway */
    list->ob_item = PyMem_New(PyObject *, size);
    if (list->ob_item == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    list->allocated = size;
    return 0;
}

void list_clear_all(PyListObject *list)
{
    PyObject **items = list->ob_item;
    if (items == NULL) return;
    Py_ssize_t n = Py_SIZE(list);
    Py_SET_SIZE(list, 0);
    list->ob_item = NULL;
    list->allocated = 0;
    while (--n >= 0) Py_XDECREF(items[n]);
    PyMem_Free(items);
}

/* A list with room for exactly n items, of size 0. */
PyListObject *list_new_with_room(Py_ssize_t n)
{
    if ((size_t)n > (size_t)PY_SSIZE_T_MAX / sizeof(PyObject *)) return (PyListObject *)PyErr_NoMemory();
    PyListObject *list = container_new(&PyList_Type, sizeof(PyListObject));
    if (list == NULL) return NULL;
    list->ob_item = NULL;
    list->allocated = 0;
    Py_SET_SIZE(list, 0);
    if (n > 0) {
        list->ob_item = memory_mem_alloc((size_t)n * sizeof(PyObject *));
        if (list->ob_item == NULL) {
            gc_free(list, sizeof(GcHead));
            return (PyListObject *)PyErr_NoMemory();
        }
        list->allocated = n;
    }
    gc_track(list);
    return list;
}

PyObject *PyList_New(Py_ssize_t size)
{
    if (size < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyListObject *list = list_new_with_room(size);
    if (list == NULL) return NULL;
    if (size > 0) memset(list->ob_item, 0, (size_t)size * sizeof(PyObject *));
    Py_SET_SIZE(list, size);
    return (PyObject *)list;
}

PyObject *list_from_array(PyObject *const *items, Py_ssize_t n)
{
    PyListObject *list = list_new_with_room(n);
    if (list == NULL) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) list->ob_item[i] = Py_NewRef(items[i]);
    Py_SET_SIZE(list, n);
    return (PyObject *)list;
}

PyObject *list_every(PyObject *list, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n)
{
    if (step == 1) return list_from_array(list_items(list) + start, n);
    PyListObject *result = list_new_with_room(n);
    if (result == NULL) return NULL;
    for (Py_ssize_t i = 0, from = start; i < n; i++, from += step) result->ob_item[i] = Py_NewRef(list_items(list)[from]);
    Py_SET_SIZE(result, n);
    return (PyObject *)result;
}

PyObject *list_from_array_steal(PyObject **items, Py_ssize_t n)
{
    PyListObject *list = list_new_with_room(n);
    if (list == NULL) {
        for (Py_ssize_t i = 0; i < n; i++) Py_DECREF(items[i]);
        return NULL;
    }
    if (n > 0) memcpy(list->ob_item, items, (size_t)n * sizeof(PyObject *));
    Py_SET_SIZE(list, n);
    return (PyObject *)list;
}

/* ---- Changing ---- */

int list_append_growing_steal(PyListObject *list, PyObject *item)
{
    Py_ssize_t n = Py_SIZE(list);
    if (list_resize(list, n + 1) < 0) {
        Py_DECREF(item);
        return -1;
    }
    list->ob_item[n] = item;
    return 0;
}

int list_insert(PyListObject *list, Py_ssize_t where, PyObject *item)
{
    Py_ssize_t n = Py_SIZE(list);
    if (n == PY_SSIZE_T_MAX) {
        PyErr_SetString(PyExc_OverflowError, "cannot add more objects to list");
        return -1;
    }
    if (list_resize(list, n + 1) < 0) return -1;
    if (where < 0) where = Py_MAX(where + n, 0);
    if (where > n) where = n;
    PyObject **items = list->ob_item;
    memmove(items + where + 1, items + where, (size_t)(n - where) * sizeof(PyObject *));
    items[where] = Py_NewRef(item);
    return 0;
}

PyObject *list_take_at(PyListObject *list, Py_ssize_t where)
{
    PyObject **items = list->ob_item;
    PyObject *item = items[where];
    Py_ssize_t left = Py_SIZE(list) - 1;
    if (left == 0) {
        Py_INCREF(item);
        list_clear_all(list);
        return item;
    }
    memmove(items + where, items + where + 1, (size_t)(left - where) * sizeof(PyObject *));
    if (list_resize(list, left) < 0) {      /* could not shrink: put it back */
        memmove(items + where + 1, items + where, (size_t)(left - where) * sizeof(PyObject *));
        items[where] = item;
        return NULL;
    }
    return item;
}

/* list[low:high] = items[0:n], within 0 <= low <= high <= size. New references. The removed items are released last, for that may
 * run code that looks at the list. */
static int replace_range(PyListObject *list, Py_ssize_t low, Py_ssize_t high, PyObject *const *items, Py_ssize_t n)
{
    Py_ssize_t size = Py_SIZE(list), removed = high - low, growth = n - removed;
    if (size + growth == 0) {
        list_clear_all(list);
        return 0;
    }
    PyObject *few[8], **recycle = few;
    size_t bytes = (size_t)removed * sizeof(PyObject *), tail_bytes = (size_t)(size - high) * sizeof(PyObject *);
    if (bytes > sizeof(few)) {
        recycle = PyMem_Malloc(bytes);
        if (recycle == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    if (removed > 0) memcpy(recycle, list->ob_item + low, bytes);

    int result = -1;
    if (growth < 0) {
        memmove(list->ob_item + high + growth, list->ob_item + high, tail_bytes);
        if (list_resize(list, size + growth) < 0) {
            memmove(list->ob_item + high, list->ob_item + high + growth, tail_bytes);
            memcpy(list->ob_item + low, recycle, bytes);
            goto done;
        }
    } else if (growth > 0) {
        if (list_resize(list, size + growth) < 0) goto done;
        memmove(list->ob_item + high + growth, list->ob_item + high, tail_bytes);
    }
    for (Py_ssize_t i = 0; i < n; i++) list->ob_item[low + i] = Py_NewRef(items[i]);
    for (Py_ssize_t i = removed; --i >= 0;) Py_XDECREF(recycle[i]);
    result = 0;

done:
    if (recycle != few) PyMem_Free(recycle);
    return result;
}

int list_set_slice(PyListObject *list, Py_ssize_t low, Py_ssize_t high, PyObject *source)
{
    PyObject *fast = NULL;
    PyObject **items = NULL;
    Py_ssize_t n = 0;
    if (source != NULL) {
        fast = source == (PyObject *)list ? list_from_array(list->ob_item, Py_SIZE(list))
                                          : PySequence_Fast(source, "can only assign an iterable");
        if (fast == NULL) return -1;
        items = PySequence_Fast_ITEMS(fast);
        n = PySequence_Fast_GET_SIZE(fast);
    }
    if (low < 0) low = 0;
    if (low > Py_SIZE(list)) low = Py_SIZE(list);
    if (high < low) high = low;
    if (high > Py_SIZE(list)) high = Py_SIZE(list);
    int result = replace_range(list, low, high, items, n);
    Py_XDECREF(fast);
    return result;
}

static int extend_from_array(PyListObject *list, PyObject *source)
{
    Py_ssize_t n = PySequence_Fast_GET_SIZE(source), size = Py_SIZE(list);
    if (n == 0) return 0;
    if (list->ob_item == NULL) {
        if (list_preallocate(list, n) < 0) return -1;
        Py_SET_SIZE(list, n);
    } else if (list_resize(list, size + n) < 0) {
        return -1;
    }
    PyObject **from = PySequence_Fast_ITEMS(source), **to = list->ob_item + size;   /* only now: source may be the list */
    for (Py_ssize_t i = 0; i < n; i++) to[i] = Py_NewRef(from[i]);
    return 0;
}

static int extend_from_iterator(PyListObject *list, PyObject *iterator)
{
    iternextfunc next = Py_TYPE(iterator)->tp_iternext;
    if (PyGen_CheckExact(iterator)) {
        if (list_runtime.extend_by_generator(list, iterator) < 0) return -1;
    } else {
        for (PyObject *item; (item = next(iterator)) != NULL;) {
            if (list_append_steal(list, item) < 0) return -1;
        }
    }
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return -1;
        PyErr_Clear();
    }
    /* Room that the guess of the length brought and nothing used. */
    return Py_SIZE(list) < list->allocated ? list_resize(list, Py_SIZE(list)) : 0;
}

static int extend_from_str(PyListObject *list, PyObject *text)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), size = Py_SIZE(list);
    if (n == 0) return 0;
    if ((list->ob_item == NULL ? list_preallocate(list, n) : list_resize(list, size + n)) < 0) return -1;
    Py_SET_SIZE(list, size);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *character = str_getitem(text, i);
        if (character == NULL || list_append_steal(list, character) < 0) return -1;
    }
    return 0;
}

int list_extend(PyListObject *list, PyObject *iterable)
{
    if (PyList_CheckExact(iterable) || PyTuple_CheckExact(iterable) || iterable == (PyObject *)list) {
        return extend_from_array(list, iterable);
    }
    if (PyUnicode_CheckExact(iterable) && PyUnicode_IS_READY(iterable)) return extend_from_str(list, iterable);
    PyObject *iterator = PyObject_GetIter(iterable);
    if (iterator == NULL) return -1;
    int result = -1;
    Py_ssize_t guess = PyObject_LengthHint(iterable, 8), size = Py_SIZE(list);
    if (guess < 0) goto done;
    if (size <= PY_SSIZE_T_MAX - guess) {   /* else the guess may still be wrong */
        if (list->ob_item == NULL) {
            if (guess > 0 && list_preallocate(list, guess) < 0) goto done;
        } else {
            if (list_resize(list, size + guess) < 0) goto done;
            Py_SET_SIZE(list, size);
        }
    }
    result = extend_from_iterator(list, iterator);

done:
    Py_DECREF(iterator);
    return result;
}

void list_reverse_array(PyObject **items, Py_ssize_t n)
{
    if (n < 2) return;
    for (PyObject **low = items, **high = items + n - 1; low < high; low++, high--) {
        PyObject *item = *low;
        *low = *high;
        *high = item;
    }
}

/* ---- C API ---- */

Py_ssize_t PyList_Size(PyObject *op)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return Py_SIZE(op);
}

/* Borrowed. */
PyObject *PyList_GetItem(PyObject *op, Py_ssize_t i)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if ((size_t)i >= (size_t)Py_SIZE(op)) {
        PyErr_SetString(PyExc_IndexError, "list index out of range");
        return NULL;
    }
    return list_items(op)[i];
}

/* Steals item, also on failure. */
int PyList_SetItem(PyObject *op, Py_ssize_t i, PyObject *item)
{
    if (!PyList_Check(op)) {
        Py_XDECREF(item);
        PyErr_BadInternalCall();
        return -1;
    }
    if ((size_t)i >= (size_t)Py_SIZE(op)) {
        Py_XDECREF(item);
        PyErr_SetString(PyExc_IndexError, "list assignment index out of range");
        return -1;
    }
    Py_XSETREF(list_items(op)[i], item);
    return 0;
}

int PyList_Insert(PyObject *op, Py_ssize_t where, PyObject *item)
{
    if (!PyList_Check(op) || item == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_insert((PyListObject *)op, where, item);
}

int PyList_Append(PyObject *op, PyObject *item)
{
    if (UNLIKELY(!PyList_Check(op) || item == NULL)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_append_steal((PyListObject *)op, Py_NewRef(item));
}

PyObject *PyList_GetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    Py_ssize_t n = Py_SIZE(op);
    low = Py_MIN(Py_MAX(low, 0), n);
    high = Py_MIN(Py_MAX(high, low), n);
    return list_from_array(list_items(op) + low, high - low);
}

int PyList_SetSlice(PyObject *op, Py_ssize_t low, Py_ssize_t high, PyObject *source)
{
    if (!PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_set_slice((PyListObject *)op, low, high, source);
}

PyObject *_PyList_Extend(PyListObject *list, PyObject *iterable)
{
    if (list_extend(list, iterable) < 0) return NULL;
    Py_RETURN_NONE;
}

int PyList_Sort(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    return list_sort((PyListObject *)op, NULL, false);
}

int PyList_Reverse(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    list_reverse_array(list_items(op), Py_SIZE(op));
    return 0;
}

PyObject *PyList_AsTuple(PyObject *op)
{
    if (op == NULL || !PyList_Check(op)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return tuple_from_array(list_items(op), Py_SIZE(op));
}

void _PyList_DebugMallocStats(FILE *out)
{
    _PyDebugAllocatorStats(out, "free PyListObject", 0, sizeof(PyListObject));      /* none are kept */
}
