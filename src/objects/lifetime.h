/* Birth and death of objects: what the rest of `objects` and the VM may use beyond the C API.
 *
 * Memory of an object, lowest address first (words):
 *
 *     [values, dict]      types with Py_TPFLAGS_MANAGED_DICT (see type/instance.h)
 *     [gc head: 2 words]  types with Py_TPFLAGS_HAVE_GC
 *     PyObject            <- the pointer everybody holds
 *
 * An object that waits in the trashcan is not tracked, and keeps the link to the next one in `prev`
 * of its gc head.
 */
#ifndef KRAIT_OBJECTS_LIFETIME_H
#define KRAIT_OBJECTS_LIFETIME_H

#include <Python.h>

/* Bytes of an instance with `nitems` items, a multiple of the word. */
static inline size_t object_var_size(PyTypeObject *type, Py_ssize_t nitems)
{
    size_t size = (size_t)type->tp_basicsize + (size_t)nitems * (size_t)type->tp_itemsize;
    return (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
}

/* Whether the memory looks freed or never initialised: a filled pattern of the debug allocator. */
int object_is_freed(const void *p);

#endif
