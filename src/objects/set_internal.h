/* The primitives of set.c that set_type.c uses. All changes of a table go through these and set.h's. */
#ifndef KRAIT_OBJECTS_SET_INTERNAL_H
#define KRAIT_OBJECTS_SET_INTERNAL_H

#include "objects/set.h"

void set_clear_all(PySetObject *set);
/* Adds the elements of any iterable. */
int set_update_from(PySetObject *set, PyObject *other);
/* Moves everything to a table for more than `minused` elements. */
int set_resize(PySetObject *set, Py_ssize_t minused);
/* Exchanges what two sets hold. */
void set_swap(PySetObject *a, PySetObject *b);
/* Takes out some element: new reference, or NULL with KeyError. */
PyObject *set_pop_any(PySetObject *set);

#endif
