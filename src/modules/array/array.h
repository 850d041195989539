/* array.array: the object (the layout that Cython's cpython.array compiles in) and its kinds of items. */
#ifndef KRAIT_MODULES_ARRAY_H
#define KRAIT_MODULES_ARRAY_H

#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/names.h"

struct Array;

/* A kind of items. */
typedef struct ItemKind {
    int typecode;
    int item_size;
    PyObject *(*get)(struct Array *, Py_ssize_t);               /* new reference */
    int (*set)(struct Array *, Py_ssize_t, PyObject *);         /* converts, checks, and stores unless the index is negative */
    const char *format;                                         /* of the buffer, as in struct */
    bool is_integer, is_signed;
} ItemKind;

typedef struct Array {
    PyObject_VAR_HEAD
    char *items;
    Py_ssize_t allocated;
    const ItemKind *kind;
    PyObject *weakreflist;
    Py_ssize_t exports;     /* buffers in use: the array must not change its size */
} Array;
static_assert(sizeof(Array) == 64, "array.__basicsize__");

extern PyTypeObject array_type, array_iterator_type;
extern const ItemKind array_kinds[];        /* ends with typecode 0 */

/* The kind of a typecode, or NULL. */
const ItemKind *array_kind_of(int typecode);

static inline Array *as_array(PyObject *op)
{
    return (Array *)op;
}

static inline bool is_array(PyObject *op)
{
    return PyObject_TypeCheck(op, &array_type);
}

static inline size_t bytes_of(const Array *array)
{
    return (size_t)Py_SIZE(array) * (size_t)array->kind->item_size;
}

/* ---- Primitives: array.c ---- */

PyObject *array_new_of(PyTypeObject *type, Py_ssize_t size, const ItemKind *kind);
int array_resize(Array *array, Py_ssize_t size);
int array_append_item(Array *array, PyObject *value);
int array_extend_from(PyObject *self, PyObject *iterable);
int array_append_bytes(Array *array, const char *bytes, Py_ssize_t n);
int array_append_str(Array *array, PyObject *text);
/* self[low:high] = source; source NULL deletes. */
int array_replace_range(Array *array, Py_ssize_t low, Py_ssize_t high, const Array *source);

/* ---- pickle.c ---- */

PyObject *array_reduce_ex(PyObject *self, PyObject *protocol);
PyObject *array_reconstructor(PyObject *module, PyObject *const *args, Py_ssize_t nargs);

/* ---- methods.c ---- */
extern PyMethodDef array_methods[];
extern PyGetSetDef array_getset[];
PyObject *array_tolist(PyObject *self, PyObject *ignored);
PyObject *array_tounicode(PyObject *self, PyObject *ignored);

#endif
