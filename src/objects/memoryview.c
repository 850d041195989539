/* memoryview: the objects, their lifetime, the buffers they export, and the C API. */
#include "objects/memoryview.h"

#include <stddef.h>
#include <string.h>

#include "objects/containers.h"
#include "objects/immortal.h"

/* ---- The managed buffer ---- */

static _PyManagedBufferObject *managed_new(void)
{
    _PyManagedBufferObject *m = PyObject_GC_New(_PyManagedBufferObject, &_PyManagedBuffer_Type);
    if (!m) return NULL;
    m->flags = 0;
    m->exports = 0;
    m->master.obj = NULL;
    PyObject_GC_Track(m);
    return m;
}

static _PyManagedBufferObject *managed_from_object(PyObject *base)
{
    _PyManagedBufferObject *m = managed_new();
    if (!m) return NULL;
    if (PyObject_GetBuffer(base, &m->master, PyBUF_FULL_RO) < 0) {
        m->master.obj = NULL;
        Py_DECREF(m);
        return NULL;
    }
    return m;
}

static void managed_release(_PyManagedBufferObject *m)
{
    if (m->flags & _Py_MANAGED_BUFFER_RELEASED) return;
    m->flags |= _Py_MANAGED_BUFFER_RELEASED;
    if (PyObject_GC_IsTracked((PyObject *)m)) PyObject_GC_UnTrack(m);
    PyBuffer_Release(&m->master);
}

static void managed_dealloc(PyObject *self)
{
    _PyManagedBufferObject *m = (_PyManagedBufferObject *)self;
    managed_release(m);
    if (m->flags & _Py_MANAGED_BUFFER_FREE_FORMAT) PyMem_Free(m->master.format);
    PyObject_GC_Del(self);
}

static int managed_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((_PyManagedBufferObject *)self)->master.obj);
    return 0;
}

static int managed_clear(PyObject *self)
{
    managed_release((_PyManagedBufferObject *)self);
    return 0;
}

PyTypeObject _PyManagedBuffer_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "managedbuffer",
    .tp_basicsize = sizeof(_PyManagedBufferObject),
    .tp_dealloc = managed_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = managed_traverse,
    .tp_clear = managed_clear,
};

/* ---- Views ---- */

void memoryview_set_flags(PyMemoryViewObject *self)
{
    const Py_buffer *view = &self->view;
    int flags = 0;
    if (view->ndim == 0) flags = _Py_MEMORYVIEW_SCALAR | _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
    else if (view->ndim == 1) {     /* both orders are the same */
        if (view->shape[0] <= 1 || view->strides[0] == view->itemsize) flags = _Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN;
    }
    else {
        if (PyBuffer_IsContiguous(view, 'C')) flags |= _Py_MEMORYVIEW_C;
        if (PyBuffer_IsContiguous(view, 'F')) flags |= _Py_MEMORYVIEW_FORTRAN;
    }
    if (view->suboffsets)
        flags = (flags | _Py_MEMORYVIEW_PIL) & ~(_Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN);
    self->flags = (self->flags & _Py_MEMORYVIEW_RELEASED) | flags;
}

/* Shape, strides and suboffsets of src into the arrays behind self; what src leaves out is worked
 * out. */
static void copy_dimensions(PyMemoryViewObject *self, const Py_buffer *src)
{
    Py_buffer *view = &self->view;
    int n = src->ndim;
    view->ndim = n;
    view->shape = view->strides = view->suboffsets = NULL;
    if (n == 0) return;
    view->shape = self->ob_array;
    view->strides = self->ob_array + n;
    if (n == 1) {
        view->shape[0] = src->shape ? src->shape[0] : src->len / src->itemsize;
        view->strides[0] = src->strides ? src->strides[0] : src->itemsize;
    }
    else {
        memcpy(view->shape, src->shape, (size_t)n * sizeof(Py_ssize_t));
        if (src->strides) memcpy(view->strides, src->strides, (size_t)n * sizeof(Py_ssize_t));
        else {
            Py_ssize_t step = src->itemsize;
            for (int i = n; i-- > 0; step *= src->shape[i]) view->strides[i] = step;
        }
    }
    if (!src->suboffsets) return;
    view->suboffsets = self->ob_array + 2 * n;
    memcpy(view->suboffsets, src->suboffsets, (size_t)n * sizeof(Py_ssize_t));
}

PyObject *memoryview_add_view(_PyManagedBufferObject *managed, const Py_buffer *src)
{
    if (!src) src = &managed->master;
    if (src->ndim > PyBUF_MAX_NDIM) {
        PyErr_SetString(PyExc_ValueError, "memoryview: number of dimensions must not exceed 64");
        return NULL;
    }
    size_t n = 3 * (size_t)src->ndim;
    PyMemoryViewObject *self =
        container_new(&PyMemoryView_Type, offsetof(PyMemoryViewObject, ob_array) + n * sizeof(Py_ssize_t));
    if (!self) return NULL;
    Py_SET_SIZE(self, (Py_ssize_t)n);
    self->mbuf = (_PyManagedBufferObject *)Py_NewRef((PyObject *)managed);
    self->hash = -1;
    self->flags = 0;
    self->exports = 0;
    self->weakreflist = NULL;
    self->view = (Py_buffer){
        .obj = src->obj,
        .buf = src->buf,
        .len = src->len,
        .itemsize = src->itemsize,
        .readonly = src->readonly,
        .format = src->format ? src->format : "B",
        .internal = src->internal,
    };
    copy_dimensions(self, src);
    memoryview_set_flags(self);
    managed->exports++;
    gc_track(self);
    return (PyObject *)self;
}

/* A view on the whole of a managed buffer, which is stolen. */
static PyObject *view_of_managed_steal(_PyManagedBufferObject *managed)
{
    if (!managed) return NULL;
    PyObject *view = memoryview_add_view(managed, NULL);
    Py_DECREF(managed);
    return view;
}

int memoryview_release(PyMemoryViewObject *self)
{
    if (self->flags & _Py_MEMORYVIEW_RELEASED) return 0;
    if (self->exports > 0) {
        PyErr_Format(PyExc_BufferError, "memoryview has %zd exported buffer%s", self->exports,
                     self->exports == 1 ? "" : "s");
        return -1;
    }
    self->flags |= _Py_MEMORYVIEW_RELEASED;
    if (--self->mbuf->exports == 0) managed_release(self->mbuf);
    return 0;
}

static void view_dealloc(PyObject *o)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)o;
    if (gc_tracked(o)) gc_untrack(o);
    if (self->weakreflist) PyObject_ClearWeakRefs(o);
    if (self->mbuf) {
        self->exports = 0;
        memoryview_release(self);
        Py_CLEAR(self->mbuf);
    }
    gc_free(o, sizeof(GcHead));
}

static int view_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((PyMemoryViewObject *)self)->mbuf);
    return 0;
}

static int view_clear(PyObject *o)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)o;
    if (self->exports == 0 && self->mbuf) {
        memoryview_release(self);
        Py_CLEAR(self->mbuf);
    }
    return 0;
}

static int no_buffer(const char *why)
{
    PyErr_SetString(PyExc_BufferError, why);
    return -1;
}

static int view_get_buffer(PyObject *o, Py_buffer *view, int flags)
{
    PyMemoryViewObject *self = (PyMemoryViewObject *)o;
    bool c = self->flags & (_Py_MEMORYVIEW_C | _Py_MEMORYVIEW_SCALAR),
         f = self->flags & _Py_MEMORYVIEW_FORTRAN;
    view->obj = NULL;
    if (memoryview_check_released(self) < 0) return -1;
    *view = self->view;
    view->obj = NULL;
#define REQUESTED(flag) ((flags & (flag)) == (flag))
    if (REQUESTED(PyBUF_WRITABLE) && view->readonly)
        return no_buffer("memoryview: underlying buffer is not writable");
    if (!REQUESTED(PyBUF_FORMAT)) view->format = NULL;
    if (REQUESTED(PyBUF_C_CONTIGUOUS) && !c)
        return no_buffer("memoryview: underlying buffer is not C-contiguous");
    if (REQUESTED(PyBUF_F_CONTIGUOUS) && !f)
        return no_buffer("memoryview: underlying buffer is not Fortran contiguous");
    if (REQUESTED(PyBUF_ANY_CONTIGUOUS) && !c && !f)
        return no_buffer("memoryview: underlying buffer is not contiguous");
    if (!REQUESTED(PyBUF_INDIRECT) && self->flags & _Py_MEMORYVIEW_PIL) {
        return no_buffer("memoryview: underlying buffer requires suboffsets");
    }
    if (!REQUESTED(PyBUF_STRIDES)) {
        if (!c) return no_buffer("memoryview: underlying buffer is not C-contiguous");
        view->strides = NULL;
    }
    if (!REQUESTED(PyBUF_ND)) {
        if (view->format) {
            return no_buffer(
                "memoryview: cannot cast to unsigned bytes if the format flag is present");
        }
        view->ndim = 1;
        view->shape = NULL;
    }
#undef REQUESTED
    view->obj = Py_NewRef(o);
    self->exports++;
    return 0;
}

static void view_release_buffer(PyObject *o, Py_buffer *Py_UNUSED(view))
{
    ((PyMemoryViewObject *)o)->exports--;
}

static PyBufferProcs buffer_slots = {view_get_buffer, view_release_buffer};

static PyObject *view_repr(PyObject *self)
{
    bool released = ((PyMemoryViewObject *)self)->flags & _Py_MEMORYVIEW_RELEASED;
    return PyUnicode_FromFormat(released ? "<released memory at %p>" : "<memory at %p>", self);
}

static PyObject *view_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"object", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "memoryview"};
    PyObject *values[1], *const *a;
    a = _PyArg_UnpackKeywords(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL,
                              &parser, 1, 1, 0, values);
    return a ? PyMemoryView_FromObject(a[0]) : NULL;
}

PyTypeObject PyMemoryView_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "memoryview",
    .tp_basicsize = offsetof(PyMemoryViewObject, ob_array),
    .tp_itemsize = sizeof(Py_ssize_t),
    .tp_dealloc = view_dealloc,
    .tp_repr = view_repr,
    .tp_as_sequence = &memoryview_sequence,
    .tp_as_mapping = &memoryview_mapping,
    .tp_hash = memoryview_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &buffer_slots,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_SEQUENCE,
    .tp_doc =
        "memoryview(object)\n--\n\nA view of the memory of an object that has the buffer protocol.",
    .tp_traverse = view_traverse,
    .tp_clear = view_clear,
    .tp_richcompare = memoryview_compare,
    .tp_weaklistoffset = offsetof(PyMemoryViewObject, weakreflist),
    .tp_iter = memoryview_iter,
    .tp_methods = memoryview_methods,
    .tp_getset = memoryview_getters,
    .tp_new = view_new,
};

/* ---- C API (manual: C API, MemoryView objects) ---- */

/* A view of an object with the buffer protocol. */
PyObject *PyMemoryView_FromObject(PyObject *base)
{
    if (PyMemoryView_Check(base)) {
        PyMemoryViewObject *view = (PyMemoryViewObject *)base;
        if (memoryview_check_released(view) < 0) return NULL;
        return memoryview_add_view(view->mbuf, &view->view);
    }
    if (PyObject_CheckBuffer(base)) return view_of_managed_steal(managed_from_object(base));
    PyErr_Format(PyExc_TypeError, "memoryview: a bytes-like object is required, not '%.200s'",
                 Py_TYPE(base)->tp_name);
    return NULL;
}

/* A view of plain memory; flags is PyBUF_READ or PyBUF_WRITE. */
PyObject *PyMemoryView_FromMemory(char *memory, Py_ssize_t size, int flags)
{
    _PyManagedBufferObject *m = managed_new();
    if (!m) return NULL;
    if (PyBuffer_FillInfo(&m->master, NULL, memory, size, flags == PyBUF_WRITE ? 0 : 1,
                          PyBUF_FULL_RO) < 0) {
        Py_DECREF(m);
        return NULL;
    }
    return view_of_managed_steal(m);
}

/* A view of a buffer that the caller keeps. */
PyObject *PyMemoryView_FromBuffer(const Py_buffer *info)
{
    if (!info->buf) {
        PyErr_SetString(PyExc_ValueError, "PyMemoryView_FromBuffer(): info->buf must not be NULL");
        return NULL;
    }
    _PyManagedBufferObject *m = managed_new();
    if (!m) return NULL;
    m->master = *info;
    m->master.obj = NULL;
    return view_of_managed_steal(m);
}

/* A view of bytes that hold a contiguous copy of `src`, with its format and shape. */
static PyObject *contiguous_copy(const Py_buffer *src, char order)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, src->len);
    if (!bytes) return NULL;
    PyObject *result = NULL;
    if (PyBuffer_ToContiguous(PyBytes_AS_STRING(bytes), src, src->len, order) == 0) {
        _PyManagedBufferObject *m = managed_from_object(bytes);
        if (m) {
            Py_ssize_t strides[PyBUF_MAX_NDIM];
            Py_buffer view = m->master;
            view.format = src->format;
            view.itemsize = src->itemsize;
            view.ndim = src->ndim;
            view.shape = src->shape;
            view.strides = strides;
            view.suboffsets = NULL;
            PyBuffer_FillContiguousStrides(view.ndim, view.shape, strides, (int)view.itemsize,
                                           order);
            result = memoryview_add_view(m, &view);
            Py_DECREF(m);
        }
    }
    Py_DECREF(bytes);
    return result;
}

/* A view of contiguous memory: of the object itself if it is, else of a read-only copy. */
PyObject *PyMemoryView_GetContiguous(PyObject *object, int buffer_type, char order)
{
    PyObject *result = PyMemoryView_FromObject(object);
    if (!result) return NULL;
    const Py_buffer *view = PyMemoryView_GET_BUFFER(result);
    if (buffer_type == PyBUF_WRITE && view->readonly) {
        Py_DECREF(result);
        no_buffer("underlying buffer is not writable");
        return NULL;
    }
    if (PyBuffer_IsContiguous(view, order)) return result;
    if (buffer_type == PyBUF_WRITE) {
        Py_DECREF(result);
        no_buffer("writable contiguous buffer requested for a non-contiguous object.");
        return NULL;
    }
    PyObject *copy = contiguous_copy(view, order == 'A' ? 'C' : order);
    Py_DECREF(result);
    return copy;
}

int memoryview_init_types(void)
{
    if (PyType_Ready(&_PyManagedBuffer_Type) < 0 || PyType_Ready(&PyMemoryView_Type) < 0) return -1;
    return PyType_Ready(&memoryview_iterator_type) < 0 || PyType_Ready(&PyPickleBuffer_Type) < 0
               ? -1
               : 0;
}
