/* memoryview. */
#ifndef Py_MEMORYOBJECT_H
#define Py_MEMORYOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_DATA(PyTypeObject) PyMemoryView_Type;
#ifndef Py_LIMITED_API
PyAPI_DATA(PyTypeObject) _PyManagedBuffer_Type;
#endif
#define PyMemoryView_Check(op) Py_IS_TYPE(op, &PyMemoryView_Type)

PyAPI_FUNC(PyObject *) PyMemoryView_FromBuffer(const Py_buffer *info);
PyAPI_FUNC(PyObject *) PyMemoryView_FromMemory(char *mem, Py_ssize_t size, int flags);
PyAPI_FUNC(PyObject *) PyMemoryView_FromObject(PyObject *base);
PyAPI_FUNC(PyObject *) PyMemoryView_GetContiguous(PyObject *base, int buffertype, char order);

#ifndef Py_LIMITED_API
#define _Py_MANAGED_BUFFER_RELEASED 0x001
#define _Py_MANAGED_BUFFER_FREE_FORMAT 0x002

/* One exporter's buffer, shared by all views of it. */
typedef struct {
    PyObject_HEAD
    int flags;           /* _Py_MANAGED_BUFFER_… */
    Py_ssize_t exports;  /* views registered */
    Py_buffer master;    /* the buffer as the exporter gave it */
} _PyManagedBufferObject;

#define _Py_MEMORYVIEW_RELEASED 0x001
#define _Py_MEMORYVIEW_C 0x002
#define _Py_MEMORYVIEW_FORTRAN 0x004
#define _Py_MEMORYVIEW_SCALAR 0x008
#define _Py_MEMORYVIEW_PIL 0x010

typedef struct {
    PyObject_VAR_HEAD
    _PyManagedBufferObject *mbuf;  /* owned */
    Py_hash_t hash;                /* -1 until computed */
    int flags;                     /* _Py_MEMORYVIEW_… */
    Py_ssize_t exports;            /* buffers lent out */
    Py_buffer view;
    PyObject *weakreflist;
    Py_ssize_t ob_array[1];        /* shape, strides and suboffsets of the view */
} PyMemoryViewObject;

#define PyMemoryView_GET_BUFFER(op) (&((PyMemoryViewObject *)(op))->view)
#define PyMemoryView_GET_BASE(op) (((PyMemoryViewObject *)(op))->view.obj)
#endif

#ifdef __cplusplus
}
#endif

#endif /* Py_MEMORYOBJECT_H */
