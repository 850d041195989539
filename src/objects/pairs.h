/* Iterators of pairs, for a loop that takes each pair apart at once and so needs none. */
#ifndef KRAIT_OBJECTS_PAIRS_H
#define KRAIT_OBJECTS_PAIRS_H

#include <Python.h>
#include <stdint.h>

/* PAIR_OTHER: nothing has happened, tp_iternext must be asked. PAIR_NONE: the end, or an exception is set. */
typedef enum { PAIR_OTHER = -1, PAIR_NONE = 0, PAIR_GIVEN = 1 } PairStep;

/* The next of an enumerate: its number, below 2**60, and a new reference to its item. */
PairStep enumerate_next_pair(PyObject *iterator, int64_t *number, PyObject **item);

/* The next of a dict_itemiterator, or of a dict_keyiterator or dict_valueiterator: borrowed. */
PairStep dict_next_pair(PyObject *iterator, PyObject **key, PyObject **value);

#endif
