/* Making bytes objects, and the protocols of the type. */
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  /* ob_shash: the cached hash, a field only we may touch */
#include "objects/args_unpack.h"
#include "objects/bytes/bytes.h"
#include "objects/immortal.h"
#include "objects/names.h"

/* Uninitialised bytes of a size above 0. */
static PyObject *bytes_alloc(Py_ssize_t size)
{
    if ((size_t)size > (size_t)PY_SSIZE_T_MAX - BYTES_HEAD_SIZE) {
        PyErr_SetString(PyExc_OverflowError, "byte string is too large");
        return NULL;
    }
    PyBytesObject *b = memory_alloc(BYTES_HEAD_SIZE + (size_t)size);
    if (UNLIKELY(b == NULL))
        return PyErr_NoMemory();
    b->ob_base.ob_base.ob_refcnt = 1;
    b->ob_base.ob_base.ob_type = &PyBytes_Type;
    b->ob_base.ob_size = size;
    b->ob_shash = -1;
    b->ob_sval[size] = '\0';
    return (PyObject *)b;
}

/* New bytes with a copy of the text; text NULL: to be filled in by the caller. */
PyObject *PyBytes_FromStringAndSize(const char *text, Py_ssize_t size)
{
    if (size < 0) {
        PyErr_SetString(PyExc_SystemError, "Negative size passed to PyBytes_FromStringAndSize");
        return NULL;
    }
    if (size == 0)
        return bytes_empty();
    if (size == 1 && text != NULL)
        return Py_NewRef((PyObject *)&bytes_static_one[(unsigned char)*text]);
    PyObject *b = bytes_alloc(size);
    if (b != NULL && text != NULL)
        str_copy_short(PyBytes_AS_STRING(b), text, (size_t)size);
    return b;
}

PyObject *PyBytes_FromString(const char *text)
{
    size_t size = strlen(text);
    if (size > (size_t)PY_SSIZE_T_MAX - BYTES_HEAD_SIZE) {
        PyErr_SetString(PyExc_OverflowError, "byte string is too long");
        return NULL;
    }
    return PyBytes_FromStringAndSize(text, (Py_ssize_t)size);
}

static bool bytes_is_static(PyObject *b)
{
    uintptr_t p = (uintptr_t)b;
    return p - (uintptr_t)bytes_static_one < sizeof(bytes_static_one) || b == (PyObject *)&bytes_static_empty;
}

static void bytes_dealloc(PyObject *self)
{
    if (bytes_is_static(self)) {
        Py_SET_REFCNT(self, IMMORTAL_REFCNT);
        return;
    }
    if (LIKELY(PyBytes_CheckExact(self)))
        memory_free(self);
    else
        Py_TYPE(self)->tp_free(self);
}

static int not_bytes(PyObject *obj)
{
    PyErr_Format(PyExc_TypeError, "expected bytes, %.200s found", Py_TYPE(obj)->tp_name);
    return -1;
}

/* Number of bytes; -1 with TypeError. */
Py_ssize_t PyBytes_Size(PyObject *obj)
{
    return PyBytes_Check(obj) ? Py_SIZE(obj) : not_bytes(obj);
}

/* The bytes, with a zero behind: borrowed. */
char *PyBytes_AsString(PyObject *obj)
{
    if (!PyBytes_Check(obj)) {
        not_bytes(obj);
        return NULL;
    }
    return PyBytes_AS_STRING(obj);
}

/* The same with the size; without a place for the size, a zero inside is an error. 0 or -1. */
int PyBytes_AsStringAndSize(PyObject *obj, char **text, Py_ssize_t *size)
{
    if (text == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyBytes_Check(obj))
        return not_bytes(obj);
    *text = PyBytes_AS_STRING(obj);
    if (size != NULL) {
        *size = PyBytes_GET_SIZE(obj);
    } else if (strlen(*text) != (size_t)PyBytes_GET_SIZE(obj)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return -1;
    }
    return 0;
}

/* Gives bytes that only the caller holds another size. On failure *p is released and becomes NULL. */
int _PyBytes_Resize(PyObject **p, Py_ssize_t size)
{
    PyObject *b = *p;
    if (!PyBytes_Check(b) || size < 0)
        goto misuse;
    if (Py_SIZE(b) == size)
        return 0;
    if (size == 0) {
        *p = bytes_empty();
        Py_DECREF(b);
        return 0;
    }
    if (Py_SIZE(b) == 0) {
        *p = bytes_alloc(size);
        Py_DECREF(b);
        return *p == NULL ? -1 : 0;
    }
    if (Py_REFCNT(b) != 1 || bytes_is_static(b))
        goto misuse;
    PyBytesObject *grown = (size_t)size > (size_t)PY_SSIZE_T_MAX - BYTES_HEAD_SIZE
                               ? NULL
                               : PyObject_Realloc(b, BYTES_HEAD_SIZE + (size_t)size);
    if (grown == NULL) {
        PyObject_Free(b);
        *p = NULL;
        PyErr_NoMemory();
        return -1;
    }
    *p = (PyObject *)grown;
    Py_SET_SIZE(grown, size);
    grown->ob_sval[size] = '\0';
    grown->ob_shash = -1;
    return 0;

misuse:
    *p = NULL;
    Py_DECREF(b);
    PyErr_BadInternalCall();
    return -1;
}

/* --- concatenation --- */

int bytes_buffer_get(PyObject *obj, Py_buffer *view)
{
    if (PyBytes_CheckExact(obj)) {
        view->buf = PyBytes_AS_STRING(obj);
        view->len = PyBytes_GET_SIZE(obj);
        view->obj = NULL;
        return 0;
    }
    return PyObject_GetBuffer(obj, view, PyBUF_SIMPLE);
}

/* Two bytes one behind the other, neither empty. */
static PyObject *joined(const char *a, Py_ssize_t n, const char *b, Py_ssize_t m)
{
    if (n > PY_SSIZE_T_MAX - m)
        return PyErr_NoMemory();
    PyObject *result = bytes_alloc(n + m);
    if (result != NULL) {
        str_copy_short(PyBytes_AS_STRING(result), a, (size_t)n);
        str_copy_short(PyBytes_AS_STRING(result) + n, b, (size_t)m);
    }
    return result;
}

static PyObject *bytes_concat(PyObject *left, PyObject *right)
{
    if (PyBytes_CheckExact(left) && PyBytes_CheckExact(right) && Py_SIZE(left) > 0 && Py_SIZE(right) > 0)
        return joined(PyBytes_AS_STRING(left), Py_SIZE(left), PyBytes_AS_STRING(right), Py_SIZE(right));
    Py_buffer a = {.obj = NULL}, b = {.obj = NULL};
    PyObject *result = NULL;
    if (bytes_buffer_get(left, &a) < 0 || bytes_buffer_get(right, &b) < 0) {
        PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s", Py_TYPE(right)->tp_name, Py_TYPE(left)->tp_name);
        goto done;
    }
    if (a.len == 0 && PyBytes_CheckExact(right)) {
        result = Py_NewRef(right);
        goto done;
    }
    if (b.len == 0 && PyBytes_CheckExact(left)) {
        result = Py_NewRef(left);
        goto done;
    }
    result = a.len == 0 && b.len == 0 ? bytes_empty() : joined(a.buf, a.len, b.buf, b.len);
done:
    bytes_buffer_release(&a);
    bytes_buffer_release(&b);
    return result;
}

/* *p += right, in place when nobody else holds *p. On error *p is released and becomes NULL. */
void PyBytes_Concat(PyObject **p, PyObject *right)
{
    if (*p == NULL)
        return;
    if (right == NULL) {
        Py_CLEAR(*p);
        return;
    }
    PyObject *left = *p;
    if (Py_REFCNT(left) == 1 && PyBytes_CheckExact(left) && !bytes_is_static(left) && left != right) {
        Py_buffer b;
        if (PyObject_GetBuffer(right, &b, PyBUF_SIMPLE) < 0) {
            PyErr_Format(PyExc_TypeError, "can't concat %.100s to %.100s", Py_TYPE(right)->tp_name,
                         Py_TYPE(left)->tp_name);
            Py_CLEAR(*p);
            return;
        }
        Py_ssize_t size = PyBytes_GET_SIZE(left);
        if (size > PY_SSIZE_T_MAX - b.len) {
            PyErr_NoMemory();
            Py_CLEAR(*p);
        } else if (_PyBytes_Resize(p, size + b.len) == 0) {
            memcpy(PyBytes_AS_STRING(*p) + size, b.buf, (size_t)b.len);
        }
        PyBuffer_Release(&b);
        return;
    }
    PyObject *joined = bytes_concat(left, right);
    Py_SETREF(*p, joined);
}

/* The same, giving up a reference to right. */
void PyBytes_ConcatAndDel(PyObject **p, PyObject *right)
{
    PyBytes_Concat(p, right);
    Py_XDECREF(right);
}

/* Fills dest with copies of the src_size bytes at its source. */
void _PyBytes_Repeat(char *dest, Py_ssize_t dest_size, const char *src, Py_ssize_t src_size)
{
    if (dest_size == 0)
        return;
    if (src_size == 1) {
        memset(dest, src[0], (size_t)dest_size);
        return;
    }
    if (src != dest)
        memcpy(dest, src, (size_t)src_size);
    for (Py_ssize_t done = src_size; done < dest_size;) {
        Py_ssize_t chunk = Py_MIN(done, dest_size - done);
        memcpy(dest + done, dest, (size_t)chunk);
        done += chunk;
    }
}

static PyObject *bytes_repeat(PyObject *self, Py_ssize_t times)
{
    Py_ssize_t n = Py_SIZE(self);
    times = Py_MAX(times, 0);
    if (times > 0 && n > PY_SSIZE_T_MAX / times) {
        PyErr_SetString(PyExc_OverflowError, "repeated bytes are too long");
        return NULL;
    }
    if (n * times == n && PyBytes_CheckExact(self))
        return Py_NewRef(self);
    if ((size_t)(n * times) > (size_t)PY_SSIZE_T_MAX - BYTES_HEAD_SIZE) {
        PyErr_SetString(PyExc_OverflowError, "repeated bytes are too long");
        return NULL;
    }
    PyObject *result = bytes_alloc(n * times);      /* new even when it is empty */
    if (result != NULL)
        _PyBytes_Repeat(PyBytes_AS_STRING(result), n * times, PyBytes_AS_STRING(self), n);
    return result;
}

/* --- items --- */

static Py_ssize_t bytes_length(PyObject *self)
{
    return Py_SIZE(self);
}

static PyObject *bytes_item(PyObject *self, Py_ssize_t i)
{
    if (i < 0 || i >= Py_SIZE(self)) {
        PyErr_SetString(PyExc_IndexError, "index out of range");
        return NULL;
    }
    return PyLong_FromLong((unsigned char)PyBytes_AS_STRING(self)[i]);
}

static PyObject *bytes_subscript(PyObject *self, PyObject *key)
{
    Py_ssize_t n = Py_SIZE(self);
    if (PyIndex_Check(key)) {
        Py_ssize_t i = PyNumber_AsSsize_t(key, PyExc_IndexError);
        if (UNLIKELY(i == -1 && PyErr_Occurred()))
            return NULL;
        return bytes_item(self, i < 0 ? i + n : i);
    }
    if (!PySlice_Check(key)) {
        PyErr_Format(PyExc_TypeError, "byte indices must be integers or slices, not %.200s", Py_TYPE(key)->tp_name);
        return NULL;
    }
    Py_ssize_t start, stop, step;
    if (PySlice_Unpack(key, &start, &stop, &step) < 0)
        return NULL;
    Py_ssize_t count = PySlice_AdjustIndices(n, &start, &stop, step);
    const char *from = PyBytes_AS_STRING(self);
    if (count <= 0)
        return bytes_empty();
    if (start == 0 && step == 1 && count == n && PyBytes_CheckExact(self))
        return Py_NewRef(self);
    if (step == 1)
        return PyBytes_FromStringAndSize(from + start, count);
    PyObject *result = PyBytes_FromStringAndSize(NULL, count);
    if (result == NULL)
        return NULL;
    char *to = PyBytes_AS_STRING(result);
    for (Py_ssize_t i = 0, at = start; i < count; i++, at += step)
        to[i] = from[at];
    return result;
}

static int bytes_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    return PyBuffer_FillInfo(view, self, PyBytes_AS_STRING(self), Py_SIZE(self), 1, flags);
}

/* --- comparison and hash --- */

static PyObject *bytes_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyBytes_Check(a) || !PyBytes_Check(b)) {
        if (Py_BytesWarningFlag && (op == Py_EQ || op == Py_NE)) {
            if (PyUnicode_Check(a) || PyUnicode_Check(b)) {
                if (PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytes and string", 1) < 0)
                    return NULL;
            } else if (PyLong_Check(a) || PyLong_Check(b)) {
                if (PyErr_WarnEx(PyExc_BytesWarning, "Comparison between bytes and int", 1) < 0)
                    return NULL;
            }
        }
        Py_RETURN_NOTIMPLEMENTED;
    }
    if (a == b) {
        Py_RETURN_RICHCOMPARE(0, 0, op);
    }
    Py_ssize_t n = Py_SIZE(a), m = Py_SIZE(b);
    if (op == Py_EQ || op == Py_NE) {
        bool same = n == m && memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b), (size_t)n) == 0;
        return Py_NewRef(same == (op == Py_EQ) ? Py_True : Py_False);
    }
    int c = memcmp(PyBytes_AS_STRING(a), PyBytes_AS_STRING(b), (size_t)Py_MIN(n, m));
    if (c == 0)
        c = n < m ? -1 : n > m;
    Py_RETURN_RICHCOMPARE(c, 0, op);
}

static Py_hash_t bytes_hash(PyObject *self)
{
    PyBytesObject *b = (PyBytesObject *)self;
    if (b->ob_shash == -1)
        b->ob_shash = _Py_HashBytes(b->ob_sval, Py_SIZE(b));
    return b->ob_shash;
}

/* repr() of bytes; with `smartquotes` 0, always in single quotes. */
PyObject *PyBytes_Repr(PyObject *self, int smartquotes)
{
    (void)smartquotes;
    return bytes_repr_data(PyBytes_AS_STRING(self), Py_SIZE(self), "b", "");
}

static PyObject *bytes_repr(PyObject *self)
{
    return PyBytes_Repr(self, 1);
}

static PyObject *bytes_str(PyObject *self)
{
    if (Py_BytesWarningFlag && PyErr_WarnEx(PyExc_BytesWarning, "str() on a bytes instance", 1) < 0)
        return NULL;
    return bytes_repr(self);
}

/* --- construction --- */

int bytes_value_from_index(PyObject *obj)
{
    Py_ssize_t value = PyNumber_AsSsize_t(obj, NULL);
    if (value == -1 && PyErr_Occurred())
        return -1;
    if (value < 0 || value > 255) {
        PyErr_SetString(PyExc_ValueError, "bytes must be in range(0, 256)");
        return -1;
    }
    return (int)value;
}

static PyObject *from_buffer(PyObject *obj)
{
    Py_buffer view;
    if (PyObject_GetBuffer(obj, &view, PyBUF_FULL_RO) < 0)
        return NULL;
    PyObject *result = PyBytes_FromStringAndSize(NULL, view.len);
    if (result != NULL && PyBuffer_ToContiguous(PyBytes_AS_STRING(result), &view, view.len, 'C') < 0)
        Py_CLEAR(result);
    PyBuffer_Release(&view);
    return result;
}

/* From ints that are exactly that and small enough; NULL without an exception when one is not, or without memory. */
static PyObject *from_plain_ints(PyObject *const *items, Py_ssize_t n)
{
    PyObject *result = PyBytes_FromStringAndSize(NULL, n);
    if (result == NULL) {
        PyErr_Clear();
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyLongObject *item = (PyLongObject *)items[i];
        bool plain = PyLong_CheckExact(item) && (Py_SIZE(item) == 0 || (Py_SIZE(item) == 1 && item->ob_digit[0] < 256));
        if (!plain) {
            Py_DECREF(result);
            return NULL;
        }
        PyBytes_AS_STRING(result)[i] = (char)(Py_SIZE(item) ? item->ob_digit[0] : 0);
    }
    return result;
}

/* From any iterable of ints. A list may change its length while its items' __index__ run. */
static PyObject *from_iterable(PyObject *obj)
{
    PyObject *it = NULL, *item;
    _PyBytesWriter w;
    if (PyList_CheckExact(obj) || PyTuple_CheckExact(obj)) {
        PyObject *result = from_plain_ints(PySequence_Fast_ITEMS(obj), PySequence_Fast_GET_SIZE(obj));
        if (result != NULL)
            return result;
    }
    Py_ssize_t hint = PyObject_LengthHint(obj, 64);
    if (hint == -1 && PyErr_Occurred())
        return NULL;
    it = PyObject_GetIter(obj);
    if (it == NULL)
        return NULL;
    _PyBytesWriter_Init(&w);
    char *to = _PyBytesWriter_Alloc(&w, hint);
    if (to == NULL)
        goto error;
    w.overallocate = 1;
    Py_ssize_t room = w.allocated;
    for (Py_ssize_t i = 0; (item = PyIter_Next(it)) != NULL; i++) {
        int value = bytes_value_from_index(item);
        Py_DECREF(item);
        if (value < 0)
            goto error;
        if (i >= room) {
            to = _PyBytesWriter_Resize(&w, to, room + 1);
            if (to == NULL)
                goto error;
            room = w.allocated;
        }
        *to++ = (char)value;
    }
    if (PyErr_Occurred())
        goto error;
    Py_DECREF(it);
    return _PyBytesWriter_Finish(&w, to);

error:
    _PyBytesWriter_Dealloc(&w);
    Py_DECREF(it);
    return NULL;
}

/* New bytes from a bytes-like object or an iterable of ints; bytes itself when exactly that. */
PyObject *PyBytes_FromObject(PyObject *obj)
{
    if (obj == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyBytes_CheckExact(obj))
        return Py_NewRef(obj);
    if (PyObject_CheckBuffer(obj))
        return from_buffer(obj);
    if (!PyUnicode_Check(obj)) {
        if (PyList_CheckExact(obj) || PyTuple_CheckExact(obj) || Py_TYPE(obj)->tp_iter != NULL ||
            PySequence_Check(obj))
            return from_iterable(obj);
    }
    PyErr_Format(PyExc_TypeError, "cannot convert '%.200s' object to bytes", Py_TYPE(obj)->tp_name);
    return NULL;
}

PyObject *bytes_encode_source(PyObject *source, const char *encoding, const char *errors)
{
    if (source != NULL && PyUnicode_Check(source)) {
        if (encoding != NULL)
            return PyUnicode_AsEncodedString(source, encoding, errors);
        PyErr_SetString(PyExc_TypeError, "string argument without an encoding");
    } else {
        PyErr_SetString(PyExc_TypeError, encoding != NULL ? "encoding without a string argument"
                                                          : "errors without a string argument");
    }
    return NULL;
}

/* bytes(source) where only the source is given: from __bytes__, a size, or the contents. */
static PyObject *from_source(PyObject *source)
{
    PyObject *special = _PyType_Lookup(Py_TYPE(source), NAME(__bytes__));
    if (special != NULL) {
        descrgetfunc get = Py_TYPE(special)->tp_descr_get;
        special = get != NULL ? get(special, source, (PyObject *)Py_TYPE(source)) : Py_NewRef(special);
        PyObject *result = special == NULL ? NULL : PyObject_CallNoArgs(special);
        Py_XDECREF(special);
        if (result != NULL && !PyBytes_Check(result)) {
            PyErr_Format(PyExc_TypeError, "__bytes__ returned non-bytes (type %.200s)", Py_TYPE(result)->tp_name);
            Py_CLEAR(result);
        }
        return result;
    }
    if (PyUnicode_Check(source)) {
        PyErr_SetString(PyExc_TypeError, "string argument without an encoding");
        return NULL;
    }
    if (PyIndex_Check(source)) {
        Py_ssize_t size = PyNumber_AsSsize_t(source, PyExc_OverflowError);
        if (size == -1 && PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_TypeError))
                return NULL;
            PyErr_Clear();              /* its __index__ refuses: perhaps it can be iterated over */
        } else {
            if (size < 0) {
                PyErr_SetString(PyExc_ValueError, "negative count");
                return NULL;
            }
            PyObject *zeros = PyBytes_FromStringAndSize(NULL, size);
            if (zeros != NULL)
                memset(PyBytes_AS_STRING(zeros), 0, (size_t)size);
            return zeros;
        }
    }
    return PyBytes_FromObject(source);
}

static PyObject *new_of_subtype(PyTypeObject *type, PyObject *plain)
{
    Py_ssize_t n = PyBytes_GET_SIZE(plain);
    PyObject *self = type->tp_alloc(type, n);
    if (self != NULL) {
        memcpy(PyBytes_AS_STRING(self), PyBytes_AS_STRING(plain), (size_t)n + 1);
        ((PyBytesObject *)self)->ob_shash = ((PyBytesObject *)plain)->ob_shash;
    }
    return self;
}

static PyObject *bytes_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"source", "encoding", "errors", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "bytes"};
    PyObject *values[3], *plain;
    const char *encoding, *errors;
    if (args_unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL, &parser, 0, 3, 3, values) < 0 ||
        str_codec_arguments("bytes", values[1], values[2], &encoding, &errors) < 0)
        return NULL;
    PyObject *source = values[0];
    if (encoding != NULL || errors != NULL)
        plain = bytes_encode_source(source, encoding, errors);
    else
        plain = source == NULL ? bytes_empty() : from_source(source);
    if (plain == NULL || type == &PyBytes_Type)
        return plain;
    PyObject *self = new_of_subtype(type, plain);
    Py_DECREF(plain);
    return self;
}

/* --- the type --- */

static PySequenceMethods as_sequence = {
    .sq_length = bytes_length,
    .sq_concat = bytes_concat,
    .sq_repeat = bytes_repeat,
    .sq_item = bytes_item,
    .sq_contains = bytes_like_contains,
};

static PyMappingMethods as_mapping = {.mp_length = bytes_length, .mp_subscript = bytes_subscript};

static PyBufferProcs as_buffer = {.bf_getbuffer = bytes_getbuffer};

static PyObject *bytes_remainder(PyObject *format, PyObject *args)
{
    return bytes_like_mod(format, args);
}

static PyNumberMethods as_number = {.nb_remainder = bytes_remainder};

PyDoc_STRVAR(bytes_doc,
"bytes(iterable_of_ints) -> bytes\n"
"bytes(string, encoding[, errors]) -> bytes\n"
"bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer\n"
"bytes(int) -> bytes object of size given by the parameter initialized with null bytes\n"
"bytes() -> empty bytes object\n"
"\n"
"Construct an immutable array of bytes from integers in range(256), from encoded text,\n"
"from a buffer, or from a size.");

PyTypeObject PyBytes_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "bytes",
    .tp_basicsize = BYTES_HEAD_SIZE,
    .tp_itemsize = 1,
    .tp_dealloc = bytes_dealloc,
    .tp_repr = bytes_repr,
    .tp_as_number = &as_number,
    .tp_as_sequence = &as_sequence,
    .tp_as_mapping = &as_mapping,
    .tp_hash = bytes_hash,
    .tp_str = bytes_str,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_as_buffer = &as_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_BYTES_SUBCLASS | _Py_TPFLAGS_MATCH_SELF,
    .tp_doc = bytes_doc,
    .tp_richcompare = bytes_richcompare,
    .tp_iter = bytes_iter,
    .tp_methods = bytes_methods,
    .tp_new = bytes_new,
    .tp_free = PyObject_Free,
};

int bytes_init_types(void)
{
    PyTypeObject *types[] = {&PyBytes_Type, &PyByteArray_Type, &PyBytesIter_Type, &PyByteArrayIter_Type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++)
        if (PyType_Ready(types[i]) < 0)
            return -1;
    return 0;
}
