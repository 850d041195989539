/* bytearray: storage and protocols.
 *
 * The bytes stand at ob_start, somewhere in the block ob_bytes of ob_alloc bytes, with a zero behind them; taking bytes off the
 * front only moves ob_start. While ob_exports > 0 nothing may move or change the size.
 */
#include "objects/args_unpack.h"
#include "objects/bytes/bytes.h"
#include "objects/bytes/bytearray.h"
#include "objects/immortal.h"

char _PyByteArray_empty_string[] = "";

#define SELF(o) ((PyByteArrayObject *)(o))

int bytearray_check_resizable(PyObject *self)
{
    if (SELF(self)->ob_exports > 0) {
        PyErr_SetString(PyExc_BufferError, "Existing exports of data: object cannot be re-sized");
        return -1;
    }
    return 0;
}

static int getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    if (view == NULL) {
        PyErr_SetString(PyExc_BufferError, "bytearray_getbuffer: view==NULL argument is obsolete");
        return -1;
    }
    if (PyBuffer_FillInfo(view, self, PyByteArray_AS_STRING(self), Py_SIZE(self), 0, flags) < 0)
        return -1;
    SELF(self)->ob_exports++;
    return 0;
}

static void releasebuffer(PyObject *self, Py_buffer *view)
{
    (void)view;
    SELF(self)->ob_exports--;
}

/* New bytearray with a copy of the bytes; NULL: to be filled in. */
PyObject *PyByteArray_FromStringAndSize(const char *bytes, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyByteArray_FromStringAndSize");
        return NULL;
    }
    if (size == PY_SSIZE_T_MAX)
        return PyErr_NoMemory();
    PyByteArrayObject *self = memory_alloc(sizeof(PyByteArrayObject));
    if (self == NULL)
        return PyErr_NoMemory();
    self->ob_base.ob_base.ob_refcnt = 1;
    self->ob_base.ob_base.ob_type = &PyByteArray_Type;
    Py_SET_SIZE(self, size);
    self->ob_alloc = 0;
    self->ob_bytes = self->ob_start = NULL;
    self->ob_exports = 0;
    if (size > 0) {
        self->ob_bytes = memory_alloc((size_t)size + 1);
        if (self->ob_bytes == NULL) {
            Py_DECREF(self);
            return PyErr_NoMemory();
        }
        self->ob_alloc = size + 1;
        self->ob_start = self->ob_bytes;
        if (bytes != NULL)
            str_copy_short(self->ob_bytes, bytes, (size_t)size);
        self->ob_bytes[size] = '\0';
    }
    return (PyObject *)self;
}

/* New bytearray as bytearray(obj) makes it. */
PyObject *PyByteArray_FromObject(PyObject *obj)
{
    return PyObject_CallOneArg((PyObject *)&PyByteArray_Type, obj);
}

Py_ssize_t PyByteArray_Size(PyObject *self)
{
    return PyByteArray_GET_SIZE(self);
}

/* The bytes with a zero behind: borrowed until the next change of size. */
char *PyByteArray_AsString(PyObject *self)
{
    return PyByteArray_AS_STRING(self);
}

/* Changes the size; new bytes at the end are not set. 0 or -1. */
int PyByteArray_Resize(PyObject *obj, Py_ssize_t size)
{
    PyByteArrayObject *self = SELF(obj);
    Py_ssize_t offset = self->ob_start - self->ob_bytes, alloc = self->ob_alloc;
    if (size == Py_SIZE(self))
        return 0;
    if (bytearray_check_resizable(obj) < 0)
        return -1;
    if (size < 0 || size == PY_SSIZE_T_MAX) {
        PyErr_NoMemory();
        return -1;
    }
    if (size + offset + 1 <= alloc) {
        if (size >= alloc / 2) {        /* enough room, and not too much */
            Py_SET_SIZE(self, size);
            self->ob_start[size] = '\0';
            return 0;
        }
        alloc = size + 1;
    } else if (size <= alloc + alloc / 8) {
        alloc = size < PY_SSIZE_T_MAX / 8 * 7 ? size + (size >> 3) + (size < 9 ? 3 : 6) : size + 1;
    } else {
        alloc = size + 1;
    }
    char *fresh;
    if (offset > 0) {
        fresh = PyObject_Malloc((size_t)alloc);
        if (fresh != NULL) {
            memcpy(fresh, self->ob_start, (size_t)Py_MIN(size, Py_SIZE(self)));
            PyObject_Free(self->ob_bytes);
        }
    } else {
        fresh = PyObject_Realloc(self->ob_bytes, (size_t)alloc);
    }
    if (fresh == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    self->ob_bytes = self->ob_start = fresh;
    self->ob_alloc = alloc;
    Py_SET_SIZE(self, size);
    fresh[size] = '\0';
    return 0;
}

int bytearray_splice(PyObject *obj, Py_ssize_t start, Py_ssize_t end, const char *bytes, Py_ssize_t n)
{
    PyByteArrayObject *self = SELF(obj);
    Py_ssize_t size = Py_SIZE(self), growth = n - (end - start);
    if (growth != 0 && bytearray_check_resizable(obj) < 0)
        return -1;
    if (growth < 0) {
        if (start == 0) {               /* off the front: nothing moves */
            self->ob_start -= growth;
        } else {
            memmove(self->ob_start + end + growth, self->ob_start + end, (size_t)(size - end));
        }
        if (PyByteArray_Resize(obj, size + growth) < 0) {
            if (start == 0) {
                self->ob_start += growth;
                return -1;
            }
            PyErr_Clear();              /* smaller without giving memory back */
            Py_SET_SIZE(self, size + growth);
            self->ob_start[size + growth] = '\0';
        }
    } else if (growth > 0) {
        if (size > PY_SSIZE_T_MAX - growth) {
            PyErr_NoMemory();
            return -1;
        }
        if (PyByteArray_Resize(obj, size + growth) < 0)
            return -1;
        memmove(self->ob_start + end + growth, self->ob_start + end, (size_t)(size - end));
    }
    if (n > 0)
        memcpy(self->ob_start + start, bytes, (size_t)n);
    return 0;
}

static void dealloc(PyObject *obj)
{
    PyByteArrayObject *self = SELF(obj);
    if (self->ob_exports > 0) {
        PyErr_SetString(PyExc_SystemError, "deallocated bytearray object has exported buffers");
        PyErr_Print();
    }
    if (self->ob_bytes != NULL)
        memory_free(self->ob_bytes);
    if (Py_IS_TYPE(obj, &PyByteArray_Type))
        memory_free(self);
    else
        Py_TYPE(self)->tp_free(self);
}

/* --- sequence --- */

static Py_ssize_t length(PyObject *self)
{
    return Py_SIZE(self);
}

/* New bytearray a + b of two bytes-like objects. */
PyObject *PyByteArray_Concat(PyObject *a, PyObject *b)
{
    Py_buffer va = {.obj = NULL}, vb = {.obj = NULL};
    PyObject *result = NULL;
    if (bytes_buffer_get(a, &va) < 0 || bytes_buffer_get(b, &vb) < 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s", Py_TYPE(b)->tp_name, Py_TYPE(a)->tp_name);
        goto done;
    }
    if (va.len > PY_SSIZE_T_MAX - vb.len) {
        PyErr_NoMemory();
        goto done;
    }
    result = PyByteArray_FromStringAndSize(NULL, va.len + vb.len);
    if (result != NULL && Py_SIZE(result) > 0) {
        memcpy(SELF(result)->ob_start, va.buf, (size_t)va.len);
        memcpy(SELF(result)->ob_start + va.len, vb.buf, (size_t)vb.len);
    }
done:
    bytes_buffer_release(&va);
    bytes_buffer_release(&vb);
    return result;
}

static PyObject *iconcat(PyObject *self, PyObject *other)
{
    Py_buffer view;
    if (bytes_buffer_get(other, &view) < 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s", Py_TYPE(other)->tp_name, Py_TYPE(self)->tp_name);
        return NULL;
    }
    Py_ssize_t size = Py_SIZE(self), n = view.len;
    if (size > PY_SSIZE_T_MAX - n) {
        bytes_buffer_release(&view);
        return PyErr_NoMemory();
    }
    int r;
    if (other == self) {                /* its own buffer moves: let it go and copy from the front */
        bytes_buffer_release(&view);
        r = PyByteArray_Resize(self, size + n);
        if (r == 0)
            memcpy(PyByteArray_AS_STRING(self) + size, PyByteArray_AS_STRING(self), (size_t)n);
    } else {
        r = PyByteArray_Resize(self, size + n);
        if (r == 0)
            memcpy(PyByteArray_AS_STRING(self) + size, view.buf, (size_t)n);
        bytes_buffer_release(&view);
    }
    return r < 0 ? NULL : Py_NewRef(self);
}

static PyObject *repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    times = Py_MAX(times, 0);
    if (times > 0 && n > PY_SSIZE_T_MAX / times)
        return PyErr_NoMemory();
    PyObject *result = PyByteArray_FromStringAndSize(NULL, n * times);
    if (result != NULL && Py_SIZE(result) > 0)
        _PyBytes_Repeat(SELF(result)->ob_start, n * times, SELF(self)->ob_start, n);
    return result;
}

static PyObject *irepeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    times = Py_MAX(times, 0);
    if (times > 0 && n > PY_SSIZE_T_MAX / times)
        return PyErr_NoMemory();
    if (PyByteArray_Resize(self, n * times) < 0)
        return NULL;
    if (times > 1 && n > 0)
        _PyBytes_Repeat(SELF(self)->ob_start, n * times, SELF(self)->ob_start, n);
    return Py_NewRef(self);
}

static PyObject *item(PyObject *self, Py_ssize_t i)
{
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return NULL;
    }
    return PyLong_FromLong((unsigned char)SELF(self)->ob_start[i]);
}

/* A value to store, checked as the item assignment does it: "byte must be in range(0, 256)". -1 on error. */
static int byte_value(PyObject *obj)
{
    PyLongObject *plain = (PyLongObject *)obj;
    if (PyLong_CheckExact(obj) && (Py_SIZE(plain) == 0 || (Py_SIZE(plain) == 1 && plain->ob_digit[0] < 256)))
        return Py_SIZE(plain) == 0 ? 0 : (int)plain->ob_digit[0];
    int overflow;
    PyObject *index = PyLong_CheckExact(obj) ? Py_NewRef(obj) : PyNumber_Index(obj);
    if (index == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError) && !PyIndex_Check(obj))
            PyErr_Format(PyExc_TypeError, "'%.100s' object cannot be interpreted as an integer", Py_TYPE(obj)->tp_name);
        return -1;
    }
    long value = PyLong_AsLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    if (value == -1 && PyErr_Occurred())
        return -1;
    if (overflow || value < 0 || value > 255) {
        PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
        return -1;
    }
    return (int)value;
}

/* The value is looked at before the index; its __index__ may change the size. */
static int set_item_at(PyObject *self, Py_ssize_t i, PyObject *value)
{
    int byte = value == NULL ? 0 : byte_value(value);
    if (byte < 0)
        return -1;
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "bytearray index out of range");
        return -1;
    }
    if (value == NULL)
        return bytearray_splice(self, i, i + 1, NULL, 0);
    SELF(self)->ob_start[i] = (char)byte;
    return 0;
}

static PyObject *subscript(PyObject *self, PyObject *key)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred())
            return NULL;
        return item(self, i < 0 ? i + Py_SIZE(self) : i);
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError, "bytearray indices must be integers or slices, not %.200s",
                     Py_TYPE(key)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0)
        return NULL;
    Py_ssize_t count = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if (count <= 0)
        return PyByteArray_FromStringAndSize("", 0);
    if (step == 1)
        return PyByteArray_FromStringAndSize(PyByteArray_AS_STRING(self) + start, count);
    PyObject *result = PyByteArray_FromStringAndSize(NULL, count);
    if (result != NULL)
        for (Py_ssize_t i = 0, at = start; i < count; i++, at += step)
            SELF(result)->ob_start[i] = SELF(self)->ob_start[at];
    return result;
}

/* self[start:stop:step] with step other than 1: deletes, or writes n bytes of the same number. */
static int set_extended(PyObject *self, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count, const char *bytes,
                        Py_ssize_t n)
{
    char *p = PyByteArray_AS_STRING(self);
    if (n != 0) {
        if (n != count) {
            PyErr_Format(PyExc_ValueError, "attempt to assign bytes of size %zd to extended slice of size %zd", n, count);
            return -1;
        }
        for (Py_ssize_t i = 0, at = start; i < count; i++, at += step)
            p[at] = bytes[i];
        return 0;
    }
    if (count == 0)
        return 0;
    if (bytearray_check_resizable(self) < 0)
        return -1;
    if (step < 0) {
        start += step * (count - 1);
        step = -step;
    }
    char *to = p + start;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t from = start + i * step + 1, next = i + 1 < count ? from + step - 1 : Py_SIZE(self);
        memmove(to, p + from, (size_t)(next - from));
        to += next - from;
    }
    return PyByteArray_Resize(self, Py_SIZE(self) - count);
}

static int ass_subscript(PyObject *self, PyObject *key, PyObject *values)
{
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (i == -1 && PyErr_Occurred())
            return -1;
        return set_item_at(self, i < 0 ? i + Py_SIZE(self) : i, values);
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError, "bytearray indices must be integers or slices, not %.200s",
                     Py_TYPE(key)->tp_name);
        return -1;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0)
        return -1;
    PyObject *copy = NULL;
    const char *bytes = NULL;
    Py_ssize_t n = 0;
    if (values != NULL) {
        if (values == self || !PyByteArray_Check(values)) {
            if (PyNumber_Check(values) || PyUnicode_Check(values)) {
                PyErr_SetString(PyExc_TypeError, "can assign only bytes, buffers, or iterables of ints in range(0, 256)");
                return -1;
            }
            copy = PyByteArray_FromObject(values);
            if (copy == NULL)
                return -1;
            values = copy;
        }
        bytes = PyByteArray_AS_STRING(values);
        n = Py_SIZE(values);
    }
    Py_ssize_t count = PySlice_AdjustIndices(Py_SIZE(self), &start, &stop, step);
    if ((step < 0 && start < stop) || (step > 0 && start > stop))
        stop = start;
    int r = step == 1 ? bytearray_splice(self, start, stop, bytes, n) : set_extended(self, start, step, count, bytes, n);
    Py_XDECREF(copy);
    return r;
}

/* --- construction --- */

static int fill_from_iterable(PyObject *self, PyObject *source)
{
    PyObject *it = PyObject_GetIter(source), *value;
    if (it == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError))
            PyErr_Format(PyExc_TypeError, "cannot convert '%.200s' object to bytearray", Py_TYPE(source)->tp_name);
        return -1;
    }
    iternextfunc next = Py_TYPE(it)->tp_iternext;
    while ((value = next(it)) != NULL) {
        int byte = byte_value(value);
        Py_DECREF(value);
        if (byte < 0)
            goto error;
        Py_ssize_t n = Py_SIZE(self);
        if (n + 1 >= SELF(self)->ob_alloc) {
            if (PyByteArray_Resize(self, n + 1) < 0)
                goto error;
        } else {
            if (bytearray_check_resizable(self) < 0)
                goto error;
            Py_SET_SIZE(self, n + 1);
            SELF(self)->ob_start[n + 1] = '\0';
        }
        SELF(self)->ob_start[n] = (char)byte;
    }
    Py_DECREF(it);
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_StopIteration))
            return -1;
        PyErr_Clear();
    }
    return 0;

error:
    Py_DECREF(it);
    return -1;
}

static int fill_from_source(PyObject *self, PyObject *source)
{
    if (PyIndex_Check(source)) {
        Py_ssize_t n = PyNumber_AsSsize_t(source, PyExc_OverflowError);
        if (n != -1 || !PyErr_Occurred()) {
            if (n < 0) {
                PyErr_SetString(PyExc_ValueError, "negative count");
                return -1;
            }
            if (n > 0 && PyByteArray_Resize(self, n) < 0)
                return -1;
            memset(PyByteArray_AS_STRING(self), 0, (size_t)n);
            return 0;
        }
        if (!PyErr_ExceptionMatches(PyExc_TypeError))
            return -1;
        PyErr_Clear();
    }
    if (PyObject_CheckBuffer(source)) {
        Py_buffer view;
        if (PyObject_GetBuffer(source, &view, PyBUF_FULL_RO) < 0)
            return -1;
        int r = PyByteArray_Resize(self, view.len);
        if (r == 0)
            r = PyBuffer_ToContiguous(PyByteArray_AS_STRING(self), &view, view.len, 'C');
        PyBuffer_Release(&view);
        return r;
    }
    return fill_from_iterable(self, source);
}

static int init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"source", "encoding", "errors", NULL};
    static _PyArg_Parser parser = {.fname = "bytearray", .keywords = keywords};
    PyObject *values[3];
    const char *encoding, *errors;
    if (Py_SIZE(self) != 0 && PyByteArray_Resize(self, 0) < 0)
        return -1;
    if (args_unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL, &parser, 0, 3, 3, values) < 0 ||
        str_codec_arguments("bytearray", values[1], values[2], &encoding, &errors) < 0)
        return -1;
    PyObject *source = values[0];
    if (source == NULL && encoding == NULL && errors == NULL)
        return 0;
    if (source == NULL || PyUnicode_Check(source) || encoding != NULL || errors != NULL) {
        PyObject *encoded = bytes_encode_source(source, encoding, errors);
        if (encoded == NULL)
            return -1;
        PyObject *r = iconcat(self, encoded);
        Py_DECREF(encoded);
        Py_XDECREF(r);
        return r == NULL ? -1 : 0;
    }
    return fill_from_source(self, source);
}

/* --- comparison, text --- */

static PyObject *richcompare(PyObject *a, PyObject *b, int op)
{
    Py_buffer va, vb;
    if (PyUnicode_Check(a) || PyUnicode_Check(b)) {
        if (Py_BytesWarningFlag && (op == Py_EQ || op == Py_NE) &&
            PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytearray and string", 1) < 0)
            return NULL;
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (!PyObject_CheckBuffer(a) || !PyObject_CheckBuffer(b))
        Py_RETURN_NOTIMPLEMENTED;
    if (PyObject_GetBuffer(a, &va, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (PyObject_GetBuffer(b, &vb, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        PyBuffer_Release(&va);
        Py_RETURN_NOTIMPLEMENTED;
    }
    int c = memcmp(va.buf, vb.buf, (size_t)Py_MIN(va.len, vb.len));
    if (c == 0)
        c = va.len < vb.len ? -1 : va.len > vb.len;
    PyBuffer_Release(&va);
    PyBuffer_Release(&vb);
    Py_RETURN_RICHCOMPARE(c, 0, op);
}

static PyObject *repr(PyObject *self)
{
    char prefix[256];
    snprintf(prefix, sizeof(prefix), "%.200s(b", _PyType_Name(Py_TYPE(self)));
    return bytes_repr_data(PyByteArray_AS_STRING(self), Py_SIZE(self), prefix, ")");
}

static PyObject *str(PyObject *self)
{
    if (Py_BytesWarningFlag && PyErr_WarnEx(PyExc_BytesWarning, "str() on a bytearray instance", 1) < 0)
        return NULL;
    return repr(self);
}

static PyObject *remainder_(PyObject *format, PyObject *args)
{
    return bytes_like_mod(format, args);
}

static PyNumberMethods as_number = {.nb_remainder = remainder_};

static PySequenceMethods as_sequence = {
    .sq_length = length,
    .sq_concat = PyByteArray_Concat,
    .sq_repeat = repeat,
    .sq_item = item,
    .sq_ass_item = set_item_at,
    .sq_contains = bytes_like_contains,
    .sq_inplace_concat = iconcat,
    .sq_inplace_repeat = irepeat,
};

static PyMappingMethods as_mapping = {
    .mp_length = length,
    .mp_subscript = subscript,
    .mp_ass_subscript = ass_subscript,
};

static PyBufferProcs as_buffer = {.bf_getbuffer = getbuffer, .bf_releasebuffer = releasebuffer};

PyDoc_STRVAR(doc,
"bytearray(iterable_of_ints) -> bytearray\n"
"bytearray(string, encoding[, errors]) -> bytearray\n"
"bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer\n"
"bytearray(int) -> bytes array of size given by the parameter initialized with null bytes\n"
"bytearray() -> empty bytes array\n"
"\n"
"Construct a mutable array of bytes from integers in range(256), from encoded text,\n"
"from a buffer, or from a size.");

PyTypeObject PyByteArray_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "bytearray",
    .tp_basicsize = sizeof(PyByteArrayObject),
    .tp_dealloc = dealloc,
    .tp_repr = repr,
    .tp_as_number = &as_number,
    .tp_as_sequence = &as_sequence,
    .tp_as_mapping = &as_mapping,
    .tp_str = str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = doc,
    .tp_richcompare = richcompare,
    .tp_iter = bytearray_iter,
    .tp_methods = bytearray_methods,
    .tp_init = init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = PyType_GenericNew,
    .tp_free = PyObject_Free,
};
