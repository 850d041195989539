/* The buffer protocol: how objects lend out their memory (manual: "Buffer Protocol"). */
#ifndef Py_BUFFER_H
#define Py_BUFFER_H

#ifdef __cplusplus
extern "C" {
#endif

/* A request fills one in; PyBuffer_Release() gives it back. `obj` is an owned reference. */
typedef struct {
    void *buf;               /* start of the logical structure */
    PyObject *obj;           /* the exporter, owned; NULL for none */
    Py_ssize_t len;          /* in bytes, as if contiguous */
    Py_ssize_t itemsize;     /* bytes of one element */
    int readonly;
    int ndim;
    char *format;            /* as in the struct module; NULL means "B" */
    Py_ssize_t *shape;       /* ndim numbers; NULL: one dimension of len / itemsize */
    Py_ssize_t *strides;     /* ndim byte steps; NULL: C-contiguous */
    Py_ssize_t *suboffsets;  /* ndim numbers; NULL when no pointer is followed */
    void *internal;          /* the exporter's own */
} Py_buffer;

#define PyBUF_MAX_NDIM 64

/* What a consumer asks for. */
#define PyBUF_SIMPLE 0
#define PyBUF_WRITABLE 0x0001
#ifndef Py_LIMITED_API
#define PyBUF_WRITEABLE PyBUF_WRITABLE
#endif
#define PyBUF_FORMAT 0x0004
#define PyBUF_ND 0x0008
#define PyBUF_STRIDES (0x0010 | PyBUF_ND)
#define PyBUF_C_CONTIGUOUS (0x0020 | PyBUF_STRIDES)
#define PyBUF_F_CONTIGUOUS (0x0040 | PyBUF_STRIDES)
#define PyBUF_ANY_CONTIGUOUS (0x0080 | PyBUF_STRIDES)
#define PyBUF_INDIRECT (0x0100 | PyBUF_STRIDES)

#define PyBUF_CONTIG (PyBUF_ND | PyBUF_WRITABLE)
#define PyBUF_CONTIG_RO (PyBUF_ND)
#define PyBUF_STRIDED (PyBUF_STRIDES | PyBUF_WRITABLE)
#define PyBUF_STRIDED_RO (PyBUF_STRIDES)
#define PyBUF_RECORDS (PyBUF_STRIDES | PyBUF_WRITABLE | PyBUF_FORMAT)
#define PyBUF_RECORDS_RO (PyBUF_STRIDES | PyBUF_FORMAT)
#define PyBUF_FULL (PyBUF_INDIRECT | PyBUF_WRITABLE | PyBUF_FORMAT)
#define PyBUF_FULL_RO (PyBUF_INDIRECT | PyBUF_FORMAT)

/* Direction, for PyMemoryView_FromMemory() and PyMemoryView_GetContiguous(). */
#define PyBUF_READ 0x100
#define PyBUF_WRITE 0x200

/* Asking and giving back: 0, or -1 with an exception. */
PyAPI_FUNC(int) PyObject_CheckBuffer(PyObject *obj);
PyAPI_FUNC(int) PyObject_GetBuffer(PyObject *obj, Py_buffer *view, int flags);
PyAPI_FUNC(void) PyBuffer_Release(Py_buffer *view);
PyAPI_FUNC(int) PyBuffer_FillInfo(Py_buffer *view, PyObject *o, void *buf, Py_ssize_t len,
    int readonly, int flags);
/* Inside a filled Py_buffer. */
PyAPI_FUNC(void) PyBuffer_FillContiguousStrides(int ndims, Py_ssize_t *shape, Py_ssize_t *strides,
    int itemsize, char fort);
PyAPI_FUNC(int) PyBuffer_FromContiguous(const Py_buffer *view, const void *buf, Py_ssize_t len,
    char order);
PyAPI_FUNC(void *) PyBuffer_GetPointer(const Py_buffer *view, const Py_ssize_t *indices);
PyAPI_FUNC(int) PyBuffer_IsContiguous(const Py_buffer *view, char fort);
PyAPI_FUNC(Py_ssize_t) PyBuffer_SizeFromFormat(const char *format);
PyAPI_FUNC(int) PyBuffer_ToContiguous(void *buf, const Py_buffer *view, Py_ssize_t len, char order);
PyAPI_FUNC(int) PyObject_CopyData(PyObject *dest, PyObject *src);

#ifdef __cplusplus
}
#endif

#endif /* Py_BUFFER_H */
