/* set and frozenset: what the VM and other types use beyond the C API.
 *
 * The table is open-addressed: from the home slot of a hash up to LINEAR_PROBES slots in a row are tried, then the place is changed
 * by the perturbed hash. Table sizes, probing and growth are the reference's, for the order of iteration shows them. */
#ifndef KRAIT_OBJECTS_SET_H
#define KRAIT_OBJECTS_SET_H

#include "objects/containers.h"

#define set_dummy _PySet_Dummy

/* An empty set of any set type, or with the elements of an iterable. */
PyObject *set_new_of_type(PyTypeObject *type, PyObject *iterable);

/* Adds a key with a known hash. 0 or -1. */
int set_add_hashed(PySetObject *set, PyObject *key, Py_hash_t hash);
/* 1, 0 or -1. */
int set_contains_hashed(PySetObject *set, PyObject *key, Py_hash_t hash);
/* Whether the int `i`, of 61 bits, is in the set: 1, 0, or -1 where only __eq__ can tell. Never fails. */
int set_contains_int(const PySetObject *set, int64_t i);
/* Adds the int `i`, of 61 bits. 0 or -1. */
int set_add_int(PySetObject *set, int64_t i);
/* 1: taken out, 0: was not there, -1. */
int set_discard_hashed(PySetObject *set, PyObject *key, Py_hash_t hash);

/* The next element at or after *position, borrowed, with its hash; false at the end. */
static inline bool set_next_borrow(const PySetObject *set, Py_ssize_t *position, PyObject **key, Py_hash_t *hash)
{
    Py_ssize_t i = *position;
    const setentry *table = set->table;
    while (i <= set->mask && (table[i].key == NULL || table[i].hash == -1)) i++;
    if (i > set->mask) return false;
    *position = i + 1;
    *key = table[i].key;
    *hash = table[i].hash;
    return true;
}

int set_init_types(void);

#endif
