/* list: what the VM and other types use beyond the C API. */
#ifndef KRAIT_OBJECTS_LIST_H
#define KRAIT_OBJECTS_LIST_H

#include "objects/containers.h"

typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyListObject *list;         /* owned, NULL: exhausted */
} ListIterator;

struct ListRuntime {
    /* Installed by the VM: appends all that a generator yields. 0 or -1. */
    int (*extend_by_generator)(PyListObject *list, PyObject *generator);
};
extern struct ListRuntime list_runtime;

static inline PyObject **list_items(PyObject *list)
{
    return ((PyListObject *)list)->ob_item;
}

/* Borrowed item; 0 <= i < size. */
static inline PyObject *list_get_unchecked_borrow(PyObject *list, Py_ssize_t i)
{
    return ((PyListObject *)list)->ob_item[i];
}

/* Sets the size, allocating as the reference does; new places hold garbage. -1 with MemoryError. */
int list_resize(PyListObject *list, Py_ssize_t size);

/* Slow path of list_append_steal. */
int list_append_growing_steal(PyListObject *list, PyObject *item);

/* Appends an item whose reference it takes, also on failure. */
static inline int list_append_steal(PyListObject *list, PyObject *item)
{
    Py_ssize_t n = Py_SIZE(list);
    if (LIKELY(n < list->allocated)) {
        list->ob_item[n] = item;
        Py_SET_SIZE(list, n + 1);
        return 0;
    }
    return list_append_growing_steal(list, item);
}

/* A list of n references that it takes over (also on failure). */
PyObject *list_from_array_steal(PyObject **items, Py_ssize_t n);
/* The same with new references. */
PyObject *list_from_array(PyObject *const *items, Py_ssize_t n);

/* New list of n >= 0 items: start, start + step, ... all within the list. */
PyObject *list_every(PyObject *list, Py_ssize_t start, Py_ssize_t step, Py_ssize_t n);

/* list.sort(), list_sort.c: key NULL for none. 0 or -1. */
int list_sort(PyListObject *list, PyObject *key, bool reverse);
/* Reverses an array. */
void list_reverse_array(PyObject **items, Py_ssize_t n);

int list_init_types(void);

#endif
