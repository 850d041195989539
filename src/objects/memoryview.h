/* memoryview: a view of another object's memory.
 *
 * A _PyManagedBuffer owns one buffer obtained from an exporter; memoryviews share it and each has
 * its own copy of the view, with shape, strides and suboffsets in its ob_array. What must hold:
 * managed->exports is the number of unreleased views on it, and the exporter's buffer is released
 * exactly once, when that reaches zero; view->exports counts buffers that consumers took from the
 * view, and a view with any cannot be released. The struct layouts are ABI.
 *
 * Split: memoryview.c (objects, lifetime, C API), memoryview_items.c (single items and copying),
 * memoryview_methods.c (what Python code sees).
 */
#ifndef KRAIT_OBJECTS_MEMORYVIEW_H
#define KRAIT_OBJECTS_MEMORYVIEW_H

#include <Python.h>
#include <stdbool.h>

/* The format character of a native single-character format with an optional '@', or 0; *size is the
 * item's. */
char memoryview_native_format(const char *format, Py_ssize_t *size);
/* The same text with static lifetime for a native format. */
const char *memoryview_native_format_text(const char *format);
/* The native format of a view; 0 with NotImplementedError. A missing format is 'B'. */
char memoryview_item_format(const Py_buffer *view);
/* Item of a native format to object and back. */
PyObject *memoryview_unpack(const char *p, char format);
int memoryview_pack(char *p, PyObject *value, char format);
/* dest = src for views of equal shape and format; they may overlap. -1 with an exception. */
int memoryview_copy_view(const Py_buffer *dest, const Py_buffer *src);
/* tolist() of a view. */
PyObject *memoryview_list(const Py_buffer *view);
/* Whether two views have equal shapes and items; -1 with an exception. */
int memoryview_equal(const Py_buffer *a, const Py_buffer *b);

/* A new view on the managed buffer; `view` NULL means the whole of it. */
PyObject *memoryview_add_view(_PyManagedBufferObject *managed, const Py_buffer *view);
/* Recomputes the contiguity flags after a change of shape or strides. */
void memoryview_set_flags(PyMemoryViewObject *self);
/* Releases the view; -1 with BufferError while it is exported. */
int memoryview_release(PyMemoryViewObject *self);

/* -1 with ValueError when the view or what it looks at is released. */
static inline int memoryview_check_released(PyMemoryViewObject *self)
{
    if (!(self->flags & _Py_MEMORYVIEW_RELEASED) &&
        !(self->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED))
        return 0;
    PyErr_SetString(PyExc_ValueError, "operation forbidden on released memoryview object");
    return -1;
}

/* Follows a pointer dimension. */
static inline char *memoryview_adjust(const Py_buffer *view, char *p, int dimension)
{
    if (view->suboffsets && view->suboffsets[dimension] >= 0)
        return *(char **)p + view->suboffsets[dimension];
    return p;
}

extern PyMethodDef memoryview_methods[];
extern PyGetSetDef memoryview_getters[];
extern PySequenceMethods memoryview_sequence;
extern PyMappingMethods memoryview_mapping;
PyObject *memoryview_compare(PyObject *a, PyObject *b, int op);
Py_hash_t memoryview_hash(PyObject *self);
PyObject *memoryview_iter(PyObject *self);
extern PyTypeObject memoryview_iterator_type;

int memoryview_init_types(void);

#endif
