/* The primitives of list.c that list's own files use. All changes of a list's array go through these and list.h's. */
#ifndef KRAIT_OBJECTS_LIST_INTERNAL_H
#define KRAIT_OBJECTS_LIST_INTERNAL_H

#include "objects/list.h"

/* A list of size 0 with room for exactly n items. */
PyListObject *list_new_with_room(Py_ssize_t n);
void list_clear_all(PyListObject *list);
int list_insert(PyListObject *list, Py_ssize_t where, PyObject *item);
/* Takes out the item at 0 <= where < size; the caller owns it. */
PyObject *list_take_at(PyListObject *list, Py_ssize_t where);
/* list[low:high] = source; NULL deletes. */
int list_set_slice(PyListObject *list, Py_ssize_t low, Py_ssize_t high, PyObject *source);
int list_extend(PyListObject *list, PyObject *iterable);

#endif
