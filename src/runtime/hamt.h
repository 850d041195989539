/* A persistent mapping: a hash array mapped trie. Setting and deleting give a new mapping that shares most of its nodes
 * with the old one, so a copy costs nothing. It is what a Context keeps its variables in. */
#ifndef KRAIT_RUNTIME_HAMT_H
#define KRAIT_RUNTIME_HAMT_H

#include <Python.h>

typedef struct HamtNode HamtNode;

typedef struct {
    PyObject_HEAD
    HamtNode *root;         /* owned; NULL when empty */
    PyObject *weakrefs;
    Py_ssize_t count;
} Hamt;

extern PyTypeObject hamt_type;

typedef enum { HAMT_KEYS, HAMT_VALUES, HAMT_ITEMS } HamtView;

/* Readies the types. */
int hamt_init_types(void);
/* The empty mapping, a new reference. */
Hamt *hamt_new(void);
/* 1 with a borrowed value in *value, 0 when the key is not there, -1 with an exception. The caller holds the mapping. */
int hamt_find(Hamt *self, PyObject *key, PyObject **value);
/* The mapping with key: value; a new reference, maybe to the same mapping. */
Hamt *hamt_assoc(Hamt *self, PyObject *key, PyObject *value);
/* The mapping without the key; the same when it was not there. */
Hamt *hamt_without(Hamt *self, PyObject *key);
int hamt_equal(Hamt *a, Hamt *b);
/* An iterator that also has a length. */
PyObject *hamt_iterator(Hamt *self, HamtView view);

#endif
