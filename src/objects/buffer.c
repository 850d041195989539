/* The buffer protocol: PyObject_GetBuffer and PyBuffer_*. */
#include "objects/abstract.h"

#include <stdbool.h>
#include <string.h>

int PyObject_CheckBuffer(PyObject *op)
{
    PyBufferProcs *procs = Py_TYPE(op)->tp_as_buffer;
    return procs && procs->bf_getbuffer;
}

int PyObject_GetBuffer(PyObject *op, Py_buffer *view, int flags)
{
    PyBufferProcs *procs = Py_TYPE(op)->tp_as_buffer;
    if (!procs || !procs->bf_getbuffer) {
        abstract_type_error("a bytes-like object is required, not '%.100s'", op);
        return -1;
    }
    return procs->bf_getbuffer(op, view, flags);
}

void PyBuffer_Release(Py_buffer *view)
{
    PyObject *op = view->obj;
    if (!op) return;
    PyBufferProcs *procs = Py_TYPE(op)->tp_as_buffer;
    if (procs && procs->bf_releasebuffer) procs->bf_releasebuffer(op, view);
    view->obj = NULL;
    Py_DECREF(op);
}

/* Fills a view of `len` plain bytes; what bf_getbuffer of simple exporters does. */
int PyBuffer_FillInfo(Py_buffer *view, PyObject *op, void *buf, Py_ssize_t len, int readonly, int flags)
{
    if (!view) {
        PyErr_SetString(PyExc_BufferError, "PyBuffer_FillInfo: view==NULL argument is obsolete");
        return -1;
    }
    if ((flags & PyBUF_WRITABLE) == PyBUF_WRITABLE && readonly == 1) {
        PyErr_SetString(PyExc_BufferError, "Object is not writable.");
        return -1;
    }
    *view = (Py_buffer){
        .buf = buf,
        .obj = Py_XNewRef(op),
        .len = len,
        .itemsize = 1,
        .readonly = readonly,
        .ndim = 1,
        .format = (flags & PyBUF_FORMAT) == PyBUF_FORMAT ? "B" : NULL,
    };
    if ((flags & PyBUF_ND) == PyBUF_ND) view->shape = &view->len;
    if ((flags & PyBUF_STRIDES) == PyBUF_STRIDES) view->strides = &view->itemsize;
    return 0;
}

/* The size of an item of a struct-style format. -1 with an exception. */
Py_ssize_t PyBuffer_SizeFromFormat(const char *format)
{
    PyObject *module = PyImport_ImportModule("struct");
    if (!module) return -1;
    PyObject *size = PyObject_CallMethod(module, "calcsize", "s", format);
    Py_DECREF(module);
    if (!size) return -1;
    Py_ssize_t result = PyLong_AsSsize_t(size);
    Py_DECREF(size);
    return result;
}

/* ---- contiguity ---- */

static bool has_order(const Py_buffer *view, char order)
{
    if (view->suboffsets) return false;
    if (view->len == 0) return true;
    if (!view->strides) {
        /* C order by definition; and Fortran's too if at most one dimension counts. */
        if (order == 'C') return true;
        if (!view->shape) return true;
        int wide = 0;
        for (int i = 0; i < view->ndim; i++) wide += view->shape[i] > 1;
        return wide <= 1;
    }
    Py_ssize_t expected = view->itemsize;
    for (int k = 0; k < view->ndim; k++) {
        int i = order == 'C' ? view->ndim - 1 - k : k;
        if (view->shape[i] > 1 && view->strides[i] != expected) return false;
        expected *= view->shape[i];
    }
    return true;
}

/* order: 'C', 'F', or 'A' for either. */
int PyBuffer_IsContiguous(const Py_buffer *view, char order)
{
    switch (order) {
    case 'C':
    case 'F': return has_order(view, order);
    case 'A': return has_order(view, 'C') || has_order(view, 'F');
    default: return 0;
    }
}

void PyBuffer_FillContiguousStrides(int ndim, Py_ssize_t *shape, Py_ssize_t *strides, int itemsize, char order)
{
    Py_ssize_t stride = itemsize;
    for (int k = 0; k < ndim; k++) {
        int i = ndim <= 1 || order == 'F' ? k : ndim - 1 - k;
        strides[i] = stride;
        stride *= shape[i];
    }
}

/* ---- walking ---- */

void *PyBuffer_GetPointer(const Py_buffer *view, const Py_ssize_t *indices)
{
    char *p = view->buf;
    for (int i = 0; i < view->ndim; i++) {
        p += view->strides[i] * indices[i];
        if (view->suboffsets && view->suboffsets[i] >= 0) p = *(char **)p + view->suboffsets[i];
    }
    return p;
}

/* Next index of an array of this shape, the last dimension (C) or the first (Fortran) running fastest. */
void _Py_add_one_to_index_C(int ndim, Py_ssize_t *index, const Py_ssize_t *shape)
{
    for (int i = ndim - 1; i >= 0; i--) {
        if (index[i] < shape[i] - 1) {
            index[i]++;
            return;
        }
        index[i] = 0;
    }
}

void _Py_add_one_to_index_F(int ndim, Py_ssize_t *index, const Py_ssize_t *shape)
{
    for (int i = 0; i < ndim; i++) {
        if (index[i] < shape[i] - 1) {
            index[i]++;
            return;
        }
        index[i] = 0;
    }
}

typedef void (*AddOne)(int, Py_ssize_t *, const Py_ssize_t *);

/* Copies `len` bytes of items between the elements of view, taken in `order`, and flat memory. -1 with MemoryError. */
static int copy_elements(const Py_buffer *view, char *flat, Py_ssize_t len, char order, bool to_flat)
{
    Py_ssize_t small[8] = {0}, *index = small;
    if (view->ndim > 8) {
        index = PyMem_Calloc((size_t)view->ndim, sizeof(Py_ssize_t));
        if (!index) {
            PyErr_NoMemory();
            return -1;
        }
    }
    AddOne next = order == 'F' ? _Py_add_one_to_index_F : _Py_add_one_to_index_C;
    size_t size = (size_t)view->itemsize;
    for (Py_ssize_t n = view->itemsize ? len / view->itemsize : 0; n > 0; n--) {
        void *item = PyBuffer_GetPointer(view, index);
        if (to_flat) memcpy(flat, item, size);
        else memcpy(item, flat, size);
        flat += size;
        next(view->ndim, index, view->shape);
    }
    if (index != small) PyMem_Free(index);
    return 0;
}

/* A view with strides and shape filled in, for walking; the arrays live in `room` (2 * ndim words). */
static Py_buffer with_strides(const Py_buffer *view, Py_ssize_t *room)
{
    Py_buffer full = *view;
    int n = view->ndim;
    if (!full.shape) {
        full.shape = room;
        if (n > 0) room[0] = view->itemsize ? view->len / view->itemsize : 0;
    }
    if (!full.strides) {
        full.strides = room + n;
        PyBuffer_FillContiguousStrides(n, full.shape, full.strides, (int)view->itemsize, 'C');
    }
    return full;
}

static int copy_view(const Py_buffer *view, char *flat, Py_ssize_t len, char order, bool to_flat)
{
    Py_ssize_t *room = PyMem_Malloc((size_t)(2 * view->ndim + 1) * sizeof(Py_ssize_t));
    if (!room) {
        PyErr_NoMemory();
        return -1;
    }
    Py_buffer full = with_strides(view, room);
    int result = copy_elements(&full, flat, len, order, to_flat);
    PyMem_Free(room);
    return result;
}

/* Copies the whole of `view` to flat memory in the order 'C', 'F' or 'A' (as it lies, else C). */
int PyBuffer_ToContiguous(void *buf, const Py_buffer *view, Py_ssize_t len, char order)
{
    if (len != view->len) {
        PyErr_SetString(PyExc_ValueError, "PyBuffer_ToContiguous: len != view->len");
        return -1;
    }
    if (PyBuffer_IsContiguous(view, order)) {
        memcpy(buf, view->buf, (size_t)len);
        return 0;
    }
    return copy_view(view, buf, len, order, true);
}

int PyBuffer_FromContiguous(const Py_buffer *view, const void *buf, Py_ssize_t len, char order)
{
    if (len > view->len) len = view->len;
    if (PyBuffer_IsContiguous(view, order)) {
        memcpy(view->buf, buf, (size_t)len);
        return 0;
    }
    return copy_view(view, (char *)buf, len, order, false);
}

/* Copies the data of src into dest, both taken in C order. */
int PyObject_CopyData(PyObject *dest, PyObject *src)
{
    if (!PyObject_CheckBuffer(dest) || !PyObject_CheckBuffer(src)) {
        PyErr_SetString(PyExc_TypeError, "both destination and source must be bytes-like objects");
        return -1;
    }
    Py_buffer to, from;
    if (PyObject_GetBuffer(dest, &to, PyBUF_FULL) != 0) return -1;
    if (PyObject_GetBuffer(src, &from, PyBUF_FULL_RO) != 0) {
        PyBuffer_Release(&to);
        return -1;
    }
    int result = -1;
    if (to.len < from.len) {
        PyErr_SetString(PyExc_BufferError, "destination is too small to receive data from source");
    } else if ((PyBuffer_IsContiguous(&to, 'C') && PyBuffer_IsContiguous(&from, 'C'))
               || (PyBuffer_IsContiguous(&to, 'F') && PyBuffer_IsContiguous(&from, 'F'))) {
        memcpy(to.buf, from.buf, (size_t)from.len);
        result = 0;
    } else {
        char *flat = PyMem_Malloc((size_t)from.len + 1);
        if (!flat) {
            PyErr_NoMemory();
        } else {
            result = copy_view(&from, flat, from.len, 'C', true);
            if (result == 0) result = copy_view(&to, flat, from.len, 'C', false);
            PyMem_Free(flat);
        }
    }
    PyBuffer_Release(&to);
    PyBuffer_Release(&from);
    return result;
}

/* ---- the old buffer functions, which lend memory without a lock ---- */

int PyObject_CheckReadBuffer(PyObject *op)
{
    PyBufferProcs *procs = Py_TYPE(op)->tp_as_buffer;
    Py_buffer view;
    if (!procs || !procs->bf_getbuffer) return 0;
    if (procs->bf_getbuffer(op, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        return 0;
    }
    PyBuffer_Release(&view);
    return 1;
}

static int lend(PyObject *op, const void **buffer, Py_ssize_t *len)
{
    if (!op || !buffer || !len) {
        abstract_null_error();
        return -1;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(op, &view, PyBUF_SIMPLE) != 0) return -1;
    *buffer = view.buf;
    *len = view.len;
    PyBuffer_Release(&view);
    return 0;
}

int PyObject_AsReadBuffer(PyObject *op, const void **buffer, Py_ssize_t *len)
{
    return lend(op, buffer, len);
}

int PyObject_AsCharBuffer(PyObject *op, const char **buffer, Py_ssize_t *len)
{
    return lend(op, (const void **)buffer, len);
}

int PyObject_AsWriteBuffer(PyObject *op, void **buffer, Py_ssize_t *len)
{
    if (!op || !buffer || !len) {
        abstract_null_error();
        return -1;
    }
    PyBufferProcs *procs = Py_TYPE(op)->tp_as_buffer;
    Py_buffer view;
    if (!procs || !procs->bf_getbuffer || procs->bf_getbuffer(op, &view, PyBUF_WRITABLE) != 0) {
        PyErr_SetString(PyExc_TypeError, "expected a writable bytes-like object");
        return -1;
    }
    *buffer = view.buf;
    *len = view.len;
    PyBuffer_Release(&view);
    return 0;
}
