/* memoryview: what Python code sees: indexing, methods, attributes, comparison, iteration. */
#include "objects/memoryview.h"

#include <string.h>

#include "objects/args_unpack.h"
#include "objects/immortal.h"

PyAPI_FUNC(PyObject *) _Py_strhex_with_sep(const char *data, const Py_ssize_t n,
                                           PyObject *separator, const int bytes_per_group);

#define SELF ((PyMemoryViewObject *)self)
#define VIEW (&SELF->view)
#define CHECK_RELEASED_OR(value) if (memoryview_check_released(SELF) < 0) return (value)

/* ---- Indexing ---- */

static Py_ssize_t length(PyObject *self)
{
    CHECK_RELEASED_OR(-1);
    return VIEW->ndim == 0 ? 1 : VIEW->shape[0];
}

/* The address of an index in one dimension from p on; NULL with IndexError. */
static char *item_address(const Py_buffer *view, char *p, int dimension, Py_ssize_t index)
{
    Py_ssize_t n = view->shape[dimension];
    if (index < 0) index += n;
    if (index < 0 || index >= n) {
        PyErr_Format(PyExc_IndexError, "index out of bounds on dimension %d", dimension + 1);
        return NULL;
    }
    return memoryview_adjust(view, p + view->strides[dimension] * index, dimension);
}

static PyObject *item(PyObject *self, Py_ssize_t index)
{
    CHECK_RELEASED_OR(NULL);
    char format = memoryview_item_format(VIEW);
    if (!format) return NULL;
    if (VIEW->ndim == 0) {
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (VIEW->ndim > 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional sub-views are not implemented");
        return NULL;
    }
    char *p = item_address(VIEW, VIEW->buf, 0, index);
    CHECK_RELEASED_OR(NULL);
    return p ? memoryview_unpack(p, format) : NULL;
}

/* The address that a tuple of indices means; NULL with an exception. */
static char *tuple_address(PyObject *self, PyObject *key)
{
    Py_ssize_t n = PyTuple_GET_SIZE(key);
    if (n < VIEW->ndim) {
        PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
        return NULL;
    }
    if (n > VIEW->ndim) {
        PyErr_Format(PyExc_TypeError, "cannot index %zd-dimension view with %zd-element tuple",
                     (Py_ssize_t)VIEW->ndim, n);
        return NULL;
    }
    char *p = VIEW->buf;
    for (int d = 0; d < VIEW->ndim && p; d++) {
        Py_ssize_t index = PyNumber_AsSsize_t(PyTuple_GET_ITEM(key, d), PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) return NULL;
        CHECK_RELEASED_OR(NULL);
        p = item_address(VIEW, p, d, index);
    }
    return p;
}

/* Whether the key is a tuple of nothing but indices, or (a non-empty one) of nothing but slices. */
static bool is_index_tuple(PyObject *key)
{
    if (!PyTuple_Check(key)) return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
        if (!PyIndex_Check(PyTuple_GET_ITEM(key, i))) return false;
    }
    return true;
}

static bool is_slice_tuple(PyObject *key)
{
    if (!PyTuple_Check(key) || PyTuple_GET_SIZE(key) == 0) return false;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++) {
        if (!PySlice_Check(PyTuple_GET_ITEM(key, i))) return false;
    }
    return true;
}

/* Narrows the first dimension of a view to a slice. */
static int apply_slice(Py_buffer *view, PyObject *slice)
{
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(slice, &start, &stop, &step) < 0) return -1;
    Py_ssize_t n = PySlice_AdjustIndices(view->shape[0], &start, &stop, step);
    /* A first dimension of pointers keeps its base; the offset counts in front of them all the
     * same. */
    view->buf = (char *)view->buf + view->strides[0] * start;
    view->shape[0] = n;
    view->strides[0] *= step;
    return 0;
}

static PyObject *sliced(PyObject *self, PyObject *slice)
{
    PyObject *result = memoryview_add_view(SELF->mbuf, VIEW);
    if (!result) return NULL;
    Py_buffer *view = PyMemoryView_GET_BUFFER(result);
    if (apply_slice(view, slice) < 0) {
        Py_DECREF(result);
        return NULL;
    }
    view->len = view->itemsize;
    for (int i = 0; i < view->ndim; i++) view->len *= view->shape[i];
    memoryview_set_flags((PyMemoryViewObject *)result);
    return result;
}

static PyObject *subscript(PyObject *self, PyObject *key)
{
    CHECK_RELEASED_OR(NULL);
    if (VIEW->ndim == 0) {
        if (PyTuple_Check(key) && PyTuple_GET_SIZE(key) == 0) {
            char format = memoryview_item_format(VIEW);
            return format ? memoryview_unpack(VIEW->buf, format) : NULL;
        }
        if (key == Py_Ellipsis) return Py_NewRef(self);
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return NULL;
    }
    if (PyIndex_Check(key)) {
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) return NULL;
        return item(self, index);
    }
    if (PySlice_Check(key)) return sliced(self, key);
    if (is_index_tuple(key)) {
        char format = memoryview_item_format(VIEW);
        char *p = format ? tuple_address(self, key) : NULL;
        return p ? memoryview_unpack(p, format) : NULL;
    }
    if (is_slice_tuple(key)) {
        PyErr_SetString(PyExc_NotImplementedError, "multi-dimensional slicing is not implemented");
    }
    else PyErr_SetString(PyExc_TypeError, "memoryview: invalid slice key");
    return NULL;
}

static int assign_slice(PyObject *self, PyObject *slice, PyObject *value)
{
    Py_buffer src;
    if (PyObject_GetBuffer(value, &src, PyBUF_FULL_RO) < 0) return -1;
    int status = -1;
    if (memoryview_check_released(SELF) == 0) {
        Py_ssize_t shape[1] = {VIEW->shape[0]}, strides[1] = {VIEW->strides[0]};
        Py_buffer dest = *VIEW;
        dest.shape = shape;
        dest.strides = strides;
        if (apply_slice(&dest, slice) == 0 && memoryview_check_released(SELF) == 0) {
            dest.len = shape[0] * dest.itemsize;
            status = memoryview_copy_view(&dest, &src);
        }
    }
    PyBuffer_Release(&src);
    return status;
}

/* Converts into scratch first: the value's __index__ may release this view. */
static int assign_item(PyObject *self, char *p, PyObject *value, char format)
{
    char scratch[8];
    if (memoryview_pack(scratch, value, format) < 0) return -1;
    CHECK_RELEASED_OR(-1);
    memcpy(p, scratch, (size_t)VIEW->itemsize);
    return 0;
}

static int assign_subscript(PyObject *self, PyObject *key, PyObject *value)
{
    CHECK_RELEASED_OR(-1);
    char format = memoryview_item_format(VIEW), *p;
    if (!format) return -1;
    if (VIEW->readonly) {
        PyErr_SetString(PyExc_TypeError, "cannot modify read-only memory");
        return -1;
    }
    if (!value) {
        PyErr_SetString(PyExc_TypeError, "cannot delete memory");
        return -1;
    }
    if (VIEW->ndim == 0) {
        if (key == Py_Ellipsis || (PyTuple_Check(key) && PyTuple_GET_SIZE(key) == 0)) {
            return assign_item(self, VIEW->buf, value, format);
        }
        PyErr_SetString(PyExc_TypeError, "invalid indexing of 0-dim memory");
        return -1;
    }
    if (PyIndex_Check(key)) {
        if (VIEW->ndim > 1) {
            PyErr_SetString(PyExc_NotImplementedError, "sub-views are not implemented");
            return -1;
        }
        Py_ssize_t index = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (index == -1 && PyErr_Occurred()) return -1;
        CHECK_RELEASED_OR(-1);
        p = item_address(VIEW, VIEW->buf, 0, index);
        return p ? assign_item(self, p, value, format) : -1;
    }
    if (PySlice_Check(key) && VIEW->ndim == 1) return assign_slice(self, key, value);
    if (is_index_tuple(key)) {
        p = tuple_address(self, key);
        return p ? assign_item(self, p, value, format) : -1;
    }
    if (PySlice_Check(key) || is_slice_tuple(key)) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "memoryview slice assignments are currently restricted to ndim = 1");
    }
    else PyErr_SetString(PyExc_TypeError, "memoryview: invalid slice key");
    return -1;
}

PySequenceMethods memoryview_sequence = {.sq_length = length, .sq_item = item};
PyMappingMethods memoryview_mapping = {
    .mp_length = length,
    .mp_subscript = subscript,
    .mp_ass_subscript = assign_subscript,
};

/* ---- Comparison and hash ---- */

PyObject *memoryview_compare(PyObject *self, PyObject *other, int op)
{
    if (op != Py_EQ && op != Py_NE) Py_RETURN_NOTIMPLEMENTED;
    int equal = -2;                     /* to be found out */
    Py_buffer theirs, *b = &theirs;
    theirs.obj = NULL;
    if (SELF->flags & _Py_MEMORYVIEW_RELEASED || SELF->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED)
        equal = self == other;
    else if (PyMemoryView_Check(other)) {
        PyMemoryViewObject *view = (PyMemoryViewObject *)other;
        if (view->flags & _Py_MEMORYVIEW_RELEASED ||
            view->mbuf->flags & _Py_MANAGED_BUFFER_RELEASED)
            equal = 0;
        else b = &view->view;
    }
    else if (PyObject_GetBuffer(other, &theirs, PyBUF_FULL_RO) < 0) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (equal == -2) {
        SELF->exports++;                /* comparing items may run code that releases */
        equal = memoryview_equal(VIEW, b);
        SELF->exports--;
    }
    if (b == &theirs && theirs.obj) PyBuffer_Release(&theirs);
    if (equal < 0) return NULL;
    return PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *to_bytes(PyObject *self, char order)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, VIEW->len);
    if (bytes && PyBuffer_ToContiguous(PyBytes_AS_STRING(bytes), VIEW, VIEW->len, order) < 0)
        Py_CLEAR(bytes);
    return bytes;
}

Py_hash_t memoryview_hash(PyObject *self)
{
    if (SELF->hash != -1) return SELF->hash;
    CHECK_RELEASED_OR(-1);
    if (!VIEW->readonly) {
        PyErr_SetString(PyExc_ValueError, "cannot hash writable memoryview object");
        return -1;
    }
    Py_ssize_t size;
    char format = memoryview_native_format(VIEW->format, &size);
    if (format != 'B' && format != 'b' && format != 'c') {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
        return -1;
    }
    if (VIEW->obj && PyObject_Hash(VIEW->obj) == -1) return -1;     /* an unhashable exporter */
    if (SELF->flags & _Py_MEMORYVIEW_C) return SELF->hash = _Py_HashBytes(VIEW->buf, VIEW->len);
    PyObject *bytes = to_bytes(self, 'C');
    if (!bytes) return -1;
    SELF->hash = _Py_HashBytes(PyBytes_AS_STRING(bytes), VIEW->len);
    Py_DECREF(bytes);
    return SELF->hash;
}

/* ---- Methods ---- */

static PyObject *release(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    if (memoryview_release(SELF) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *enter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    CHECK_RELEASED_OR(NULL);
    return Py_NewRef(self);
}

static PyObject *leave(PyObject *self, PyObject *const *Py_UNUSED(args),
                       Py_ssize_t Py_UNUSED(nargs))
{
    return release(self, NULL);
}

static PyObject *tolist(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    CHECK_RELEASED_OR(NULL);
    return memoryview_list(VIEW);
}

static PyObject *tobytes(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"order", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "tobytes"};
    PyObject *a[1];
    char order = 'C';
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 1, 1, a) < 0) return NULL;
    if (a[0] && a[0] != Py_None) {
        if (!PyUnicode_Check(a[0])) {
            _PyArg_BadArgument("tobytes", "argument 'order'", "str or None", a[0]);
            return NULL;
        }
        CHECK_RELEASED_OR(NULL);
        if (_PyUnicode_EqualToASCIIString(a[0], "F")) order = 'F';
        else if (_PyUnicode_EqualToASCIIString(a[0], "A")) order = 'A';
        else if (!_PyUnicode_EqualToASCIIString(a[0], "C")) {
            PyErr_SetString(PyExc_ValueError, "order must be 'C', 'F' or 'A'");
            return NULL;
        }
    }
    CHECK_RELEASED_OR(NULL);
    return to_bytes(self, order);
}

static PyObject *hex(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"sep", "bytes_per_sep", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "hex"};
    PyObject *a[2];
    int per_group = 1;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 2, 2, a) < 0) return NULL;
    if (a[1]) {
        per_group = _PyLong_AsInt(a[1]);
        if (per_group == -1 && PyErr_Occurred()) return NULL;
    }
    CHECK_RELEASED_OR(NULL);
    if (SELF->flags & _Py_MEMORYVIEW_C)
        return _Py_strhex_with_sep(VIEW->buf, VIEW->len, a[0], per_group);
    PyObject *bytes = to_bytes(self, 'C');
    if (!bytes) return NULL;
    PyObject *text = _Py_strhex_with_sep(PyBytes_AS_STRING(bytes), VIEW->len, a[0], per_group);
    Py_DECREF(bytes);
    return text;
}

static PyObject *toreadonly(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    CHECK_RELEASED_OR(NULL);
    PyObject *result = memoryview_add_view(SELF->mbuf, VIEW);
    if (result) PyMemoryView_GET_BUFFER(result)->readonly = 1;
    return result;
}

/* ---- cast() ---- */

/* Makes a fresh copy of a view one-dimensional with the given format. */
static int cast_to_1d(PyMemoryViewObject *view, PyObject *format)
{
    Py_buffer *v = &view->view;
    Py_ssize_t itemsize, old_size;
    PyObject *ascii = PyUnicode_AsASCIIString(format);
    if (!ascii) return -1;
    const char *text = PyBytes_AS_STRING(ascii);
    char to = memoryview_native_format(text, &itemsize),
         from = memoryview_native_format(v->format, &old_size);
    const char *fixed = to ? memoryview_native_format_text(text) : NULL;
    Py_DECREF(ascii);
    if (!to) {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview: destination format must be a native single character format "
                        "prefixed with an optional '@'");
        return -1;
    }
    if ((!from || !strchr("bBc", from)) && !strchr("bBc", to)) {
        PyErr_SetString(PyExc_TypeError, "memoryview: cannot cast between two non-byte formats");
        return -1;
    }
    if (v->len % itemsize) {
        PyErr_SetString(PyExc_TypeError, "memoryview: length is not a multiple of itemsize");
        return -1;
    }
    v->format = (char *)fixed;
    v->itemsize = itemsize;
    v->ndim = 1;
    v->shape = view->ob_array;
    v->strides = view->ob_array + 1;
    v->suboffsets = NULL;
    v->shape[0] = v->len / itemsize;
    v->strides[0] = itemsize;
    memoryview_set_flags(view);
    return 0;
}

/* Reads the shape; the number of bytes it spans, or -1. */
static Py_ssize_t read_shape(PyObject *sequence, Py_ssize_t *shape, Py_ssize_t itemsize)
{
    Py_ssize_t total = itemsize;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(sequence); i++) {
        PyObject *entry = PySequence_Fast_GET_ITEM(sequence, i);
        if (!PyLong_Check(entry)) {
            PyErr_SetString(PyExc_TypeError,
                            "memoryview.cast(): elements of shape must be integers");
            return -1;
        }
        shape[i] = PyLong_AsSsize_t(entry);
        if (shape[i] == -1 && PyErr_Occurred()) return -1;
        if (shape[i] <= 0) {
            PyErr_SetString(PyExc_ValueError,
                            "memoryview.cast(): elements of shape must be integers > 0");
            return -1;
        }
        if (shape[i] > PY_SSIZE_T_MAX / total) {
            PyErr_SetString(PyExc_ValueError, "memoryview.cast(): product(shape) > SSIZE_MAX");
            return -1;
        }
        total *= shape[i];
    }
    return total;
}

/* A copy of a one-dimensional view in the given shape; the view is stolen. */
static PyObject *cast_to_nd_steal(PyObject *flat, PyObject *shape_sequence, int ndim)
{
    Py_ssize_t shape[PyBUF_MAX_NDIM], strides[PyBUF_MAX_NDIM];
    Py_buffer view = *PyMemoryView_GET_BUFFER(flat);
    PyObject *result = NULL;
    Py_ssize_t total = read_shape(shape_sequence, shape, view.itemsize);
    if (total >= 0 && total != view.len) {
        PyErr_SetString(PyExc_TypeError, "memoryview: product(shape) * itemsize != buffer size");
    }
    else if (total >= 0) {
        view.ndim = ndim;
        view.shape = shape;
        view.strides = strides;
        PyBuffer_FillContiguousStrides(ndim, shape, strides, (int)view.itemsize, 'C');
        result = memoryview_add_view(((PyMemoryViewObject *)flat)->mbuf, &view);
    }
    Py_DECREF(flat);
    return result;
}

static bool has_zero_in_shape(const Py_buffer *view)
{
    for (int i = 0; i < view->ndim; i++) {
        if (view->shape[i] == 0) return true;
    }
    return false;
}

static PyObject *type_error(const char *text)
{
    PyErr_SetString(PyExc_TypeError, text);
    return NULL;
}

static PyObject *cast(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"format", "shape", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "cast"};
    PyObject *a[2];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 2, 2, a) < 0) return NULL;
    if (!PyUnicode_Check(a[0])) {
        _PyArg_BadArgument("cast", "argument 'format'", "str", a[0]);
        return NULL;
    }
    CHECK_RELEASED_OR(NULL);
    if (!(SELF->flags & _Py_MEMORYVIEW_C))
        return type_error("memoryview: casts are restricted to C-contiguous views");
    if ((a[1] || VIEW->ndim != 1) && has_zero_in_shape(VIEW)) {
        return type_error("memoryview: cannot cast view with zeros in shape or strides");
    }
    Py_ssize_t ndim = 1;
    if (a[1]) {
        if (!PyList_Check(a[1]) && !PyTuple_Check(a[1]))
            return type_error("shape must be a list or a tuple");
        ndim = PySequence_Fast_GET_SIZE(a[1]);
        if (ndim > PyBUF_MAX_NDIM) {
            PyErr_SetString(PyExc_ValueError,
                            "memoryview: number of dimensions must not exceed 64");
            return NULL;
        }
        if (VIEW->ndim != 1 && ndim != 1)
            return type_error("memoryview: cast must be 1D -> ND or ND -> 1D");
    }
    /* A scalar's arrays have no room: take them as one dimension first. */
    Py_ssize_t one = 1;
    Py_buffer source = *VIEW;
    if (source.ndim == 0) {
        source.ndim = 1;
        source.shape = &one;
        source.strides = &source.itemsize;
    }
    PyObject *flat = memoryview_add_view(SELF->mbuf, &source);
    if (flat && cast_to_1d((PyMemoryViewObject *)flat, a[0]) < 0) Py_CLEAR(flat);
    return flat && a[1] ? cast_to_nd_steal(flat, a[1], (int)ndim) : flat;
}

PyMethodDef memoryview_methods[] = {
    {"release", release, METH_NOARGS,
     "release($self, /)\n--\n\nRelease the underlying buffer exposed by the memoryview object."},
    {"tobytes", (PyCFunction)(void (*)(void))tobytes, METH_FASTCALL | METH_KEYWORDS,
     "tobytes($self, /, order=\'C\')\n--\n\n"
     "The data as bytes.\n\n"
     "Order 'C' or 'F' converts to C or Fortran order. 'A' copies contiguous memory as it lies\n"
     "(Fortran order stays) and anything else in C order. None means 'C'."},
    {"hex", (PyCFunction)(void (*)(void))hex, METH_FASTCALL | METH_KEYWORDS,
     "hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)\n--\n\n"
     "The data as a str of hexadecimal numbers.\n\n"
     "  sep\n    A character or byte to put between groups.\n"
     "  bytes_per_sep\n    Bytes in a group, counted from the right, or from the left if "
     "negative.\n\n"
     "Example:\n>>> value = memoryview(b'\\xb9\\x01\\xef')\n>>> value.hex()\n'b901ef'\n>>> "
     "value.hex(':')\n"
     "'b9:01:ef'\n>>> value.hex(':', 2)\n'b9:01ef'\n>>> value.hex(':', -2)\n'b901:ef'"},
    {"tolist", tolist, METH_NOARGS,
     "tolist($self, /)\n--\n\nReturn the data in the buffer as a list of elements."},
    {"cast", (PyCFunction)(void (*)(void))cast, METH_FASTCALL | METH_KEYWORDS,
     "cast($self, /, format, shape=<unrepresentable>)\n--\n\nCast a memoryview to a new format or "
     "shape."},
    {"toreadonly", toreadonly, METH_NOARGS,
     "toreadonly($self, /)\n--\n\nReturn a readonly version of the memoryview."},
    {"__enter__", enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))leave, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

/* ---- Attributes ---- */

static PyObject *tuple_of(const Py_ssize_t *values, int n)
{
    PyObject *tuple = PyTuple_New(values ? n : 0);
    for (int i = 0; tuple && values && i < n; i++) {
        PyObject *value = PyLong_FromSsize_t(values[i]);
        if (!value) Py_CLEAR(tuple);
        else PyTuple_SET_ITEM(tuple, i, value);
    }
    return tuple;
}

#define GETTER(name, expression)                                        \
    static PyObject *name(PyObject *self, void *Py_UNUSED(closure))     \
    {                                                                   \
        CHECK_RELEASED_OR(NULL);                                        \
        return expression;                                              \
    }

GETTER(get_obj, Py_NewRef(VIEW->obj ? VIEW->obj : Py_None))
GETTER(get_nbytes, PyLong_FromSsize_t(VIEW->len))
GETTER(get_readonly, PyBool_FromLong(VIEW->readonly))
GETTER(get_itemsize, PyLong_FromSsize_t(VIEW->itemsize))
GETTER(get_format, PyUnicode_FromString(VIEW->format))
GETTER(get_ndim, PyLong_FromLong(VIEW->ndim))
GETTER(get_shape, tuple_of(VIEW->shape, VIEW->ndim))
GETTER(get_strides, tuple_of(VIEW->strides, VIEW->ndim))
GETTER(get_suboffsets, tuple_of(VIEW->suboffsets, VIEW->ndim))
GETTER(get_c, PyBool_FromLong(SELF->flags & _Py_MEMORYVIEW_C))
GETTER(get_f, PyBool_FromLong(SELF->flags & _Py_MEMORYVIEW_FORTRAN))
GETTER(get_contiguous, PyBool_FromLong(SELF->flags & (_Py_MEMORYVIEW_C | _Py_MEMORYVIEW_FORTRAN)))

PyGetSetDef memoryview_getters[] = {
    {"obj", get_obj, NULL, "The underlying object of the memoryview.", NULL},
    {"nbytes", get_nbytes, NULL, "How many bytes the array would take in contiguous form.", NULL},
    {"readonly", get_readonly, NULL, "A bool indicating whether the memory is read only.", NULL},
    {"itemsize", get_itemsize, NULL, "The size in bytes of each element of the memoryview.", NULL},
    {"format", get_format, NULL, "The format of each element, in struct module style.", NULL},
    {"ndim", get_ndim, NULL, "How many dimensions the memory has as an array.", NULL},
    {"shape", get_shape, NULL, "A tuple with the length of each dimension.", NULL},
    {"strides", get_strides, NULL,
     "A tuple with the bytes from one element to the next in each dimension.", NULL},
    {"suboffsets", get_suboffsets, NULL,
     "A tuple of integers used internally for PIL-style arrays.", NULL},
    {"c_contiguous", get_c, NULL, "A bool indicating whether the memory is C contiguous.", NULL},
    {"f_contiguous", get_f, NULL, "A bool indicating whether the memory is Fortran contiguous.",
     NULL},
    {"contiguous", get_contiguous, NULL, "A bool indicating whether the memory is contiguous.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* ---- Iteration ---- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t next;                    /* index of the next item */
    Py_ssize_t end;                     /* number of items when the iterator was made */
    PyObject *view;                     /* owned; NULL at the end */
    char format;
} MemoryIterator;

PyObject *memoryview_iter(PyObject *self)
{
    CHECK_RELEASED_OR(NULL);
    if (VIEW->ndim == 0) return type_error("invalid indexing of 0-dim memory");
    if (VIEW->ndim != 1) {
        PyErr_SetString(PyExc_NotImplementedError,
                        "multi-dimensional sub-views are not implemented");
        return NULL;
    }
    char format = memoryview_item_format(VIEW);
    MemoryIterator *it = format ? PyObject_GC_New(MemoryIterator, &memoryview_iterator_type) : NULL;
    if (!it) return NULL;
    it->next = 0;
    it->end = VIEW->shape[0];
    it->view = Py_NewRef(self);
    it->format = format;
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static PyObject *iterator_next(PyObject *o)
{
    MemoryIterator *it = (MemoryIterator *)o;
    PyObject *self = it->view;
    if (!self) return NULL;
    if (it->next < it->end) {
        CHECK_RELEASED_OR(NULL);
        char *p = memoryview_adjust(VIEW, (char *)VIEW->buf + VIEW->strides[0] * it->next++, 0);
        return memoryview_unpack(p, it->format);
    }
    it->view = NULL;
    Py_DECREF(self);
    return NULL;
}

static void iterator_dealloc(PyObject *o)
{
    PyObject_GC_UnTrack(o);
    Py_XDECREF(((MemoryIterator *)o)->view);
    PyObject_GC_Del(o);
}

static int iterator_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(((MemoryIterator *)o)->view);
    return 0;
}

PyTypeObject memoryview_iterator_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "memory_iterator",
    .tp_basicsize = sizeof(MemoryIterator),
    .tp_dealloc = iterator_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = iterator_next,
};
