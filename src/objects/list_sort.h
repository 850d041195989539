/* Sorting many keys by numbers made of them: what the files list_sort*.c share.
 *
 * A number stands for a key (or for its first item, where keys are tuples), such that a key is less than another if its number is
 * less. What equal numbers say depends on the kind of key; where it may be nothing, the keys are compared. */
#ifndef KRAIT_OBJECTS_LIST_SORT_H
#define KRAIT_OBJECTS_LIST_SORT_H

#include "objects/list_internal.h"

typedef struct Sort Sort;

typedef enum {
    TIE_EQUAL,          /* keys with equal numbers are equal */
    TIE_IF_ODD,         /* so they are if the number is even; else they are to be compared */
    TIE_COMPARED,       /* they are to be compared */
} SortTie;

/* Makes the numbers of keys[0:n]. False if they are of no kind for which it is done. Never an exception. */
bool list_sort_numbers_make(uint64_t *numbers, PyObject *const *keys, Py_ssize_t n, SortTie *tie);

/* Puts keys, and values (may be NULL) along with them, in order by numbers made of them, if there are many and if that is done sooner
 * than by comparing. 1 if they are sorted then, 0 if not, -1 with an exception that less(sort, a, b), which compares keys, has raised. */
int list_sort_by_numbers(PyObject **keys, PyObject **values, Py_ssize_t n, int (*less)(Sort *, PyObject *, PyObject *), Sort *sort);

#endif
