/* Pickling an object: the choice by its type, and what contains no others. */
#include "modules/_pickle/pickle.h"

#include "objects/str/str.h"
#include "objects/type/type.h"

static int save_bool(Pickler *self, bool value)
{
    if (self->proto >= 2) return output_op(self, value ? OP_NEWTRUE : OP_NEWFALSE);
    return output_write(self, value ? "I01\n" : "I00\n", 4);
}

/* An int of 32 bits with sign. */
static int save_small_int(Pickler *self, int32_t value)
{
    if (!self->bin) {
        char text[16];
        return output_write(self, text, sprintf(text, "I%ld\n", (long)value));
    }
    int size = value >= 0 && value <= 0xff ? 1 : value >= 0 && value <= 0xffff ? 2 : 4;
    char *at = output_reserve(self, 1 + size);
    if (!at) return -1;
    at[0] = (char)(size == 1 ? OP_BININT1 : size == 2 ? OP_BININT2 : OP_BININT);
    store_little(at + 1, (uint32_t)value, size);
    return 0;
}

/* A decimal number between an opcode and the end of the line. */
static int save_decimal(Pickler *self, enum Opcode op, PyObject *object, const char *suffix)
{
    PyObject *text = PyObject_Repr(object);
    if (!text) return -1;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), end = (Py_ssize_t)strlen(suffix);
    char *at = output_reserve(self, 1 + length + end);
    if (at) {
        *at++ = (char)op;
        memcpy(at, PyUnicode_1BYTE_DATA(text), (size_t)length);
        memcpy(at + length, suffix, (size_t)end);
    }
    Py_DECREF(text);
    return at ? 0 : -1;
}

/* An int that does not fit 32 bits, from protocol 2 on. */
static int save_large_int(Pickler *self, PyObject *object)
{
    size_t bits = _PyLong_NumBits(object);
    if (bits == (size_t)-1 && PyErr_Occurred()) return -1;
    size_t size = (bits >> 3) + 1;
    if (size > INT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "int too large to pickle");
        return -1;
    }
    /* The bytes are made before the output, for they may turn out one less. */
    char small[64], *bytes = size <= sizeof small ? small : PyMem_Malloc(size);
    if (!bytes) {
        PyErr_NoMemory();
        return -1;
    }
    int status = _PyLong_AsByteArray((PyLongObject *)object, (unsigned char *)bytes, size, 1, 1);
    if (status == 0) {
        if (_PyLong_Sign(object) < 0 && size > 1 && (unsigned char)bytes[size - 1] == 0xff &&
            bytes[size - 2] & 0x80) {
            size--;
        }
        char header[5] = {(char)(size < 256 ? OP_LONG1 : OP_LONG4)};
        store_little(header + 1, size, 4);
        Py_ssize_t header_size = size < 256 ? 2 : 5;
        char *at = output_reserve(self, header_size + (Py_ssize_t)size);
        status = at ? 0 : -1;
        if (at) {
            memcpy(at, header, (size_t)header_size);
            memcpy(at + header_size, bytes, size);
        }
    }
    if (bytes != small) PyMem_Free(bytes);
    return status;
}

static int save_int(Pickler *self, PyObject *object)
{
    Py_ssize_t digits = Py_SIZE(object);
    if (digits >= -1 && digits <= 1) {
        return save_small_int(self, (int32_t)(digits * ((PyLongObject *)object)->ob_digit[0]));
    }
    int overflow;
    long value = PyLong_AsLongAndOverflow(object, &overflow);
    if (!overflow && value >= INT32_MIN && value <= INT32_MAX) {
        return save_small_int(self, (int32_t)value);
    }
    if (self->proto < 2) return save_decimal(self, OP_LONG, object, "L\n");
    return save_large_int(self, object);
}

static int save_float(Pickler *self, PyObject *object)
{
    double value = PyFloat_AS_DOUBLE(object);
    if (self->bin) {
        char *at = output_reserve(self, 9);
        if (!at) return -1;
        at[0] = (char)OP_BINFLOAT;
        return PyFloat_Pack8(value, at + 1, 0);
    }
    char *text = PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);
    if (!text) return -1;
    size_t length = strlen(text);
    char *at = output_reserve(self, (Py_ssize_t)length + 2);
    if (at) {
        at[0] = (char)OP_FLOAT;
        memcpy(at + 1, text, length);
        at[length + 1] = '\n';
    }
    PyMem_Free(text);
    return at ? 0 : -1;
}

/* ---- Bytes and buffers ---- */

static int save_bytes_data(
    Pickler *self, PyObject *object, const char *data, Py_ssize_t size, PyObject *payload)
{
    char header[9];
    Py_ssize_t header_size = size <= 0xff ? 2 : size <= 0xffffffff ? 5 : 9;
    if (header_size == 9 && self->proto < 4) {
        PyErr_SetString(PyExc_OverflowError, "serializing a bytes object larger than 4 GiB "
                                             "requires pickle protocol 4 or higher");
        return -1;
    }
    header[0] = (char)(header_size == 2   ? OP_SHORT_BINBYTES
                       : header_size == 5 ? OP_BINBYTES
                                          : OP_BINBYTES8);
    store_little(header + 1, (uint64_t)size, (int)header_size - 1);
    if (output_write_large(self, header, header_size, data, size, payload) < 0) return -1;
    return save_memo_put(self, object);
}

static int save_bytes(Pickler *self, PyObject *object)
{
    const char *data = PyBytes_AS_STRING(object);
    Py_ssize_t size = PyBytes_GET_SIZE(object);
    if (self->proto >= 3) return save_bytes_data(self, object, data, size, object);
    /* Below protocol 3 there are no bytes: they are the encoding of a str. */
    if (size == 0) return save_built(self, object, "O()", &PyBytes_Type);
    PyObject *text = PyUnicode_DecodeLatin1(data, size, "strict");
    if (!text) return -1;
    return save_built(self, object, "O(NO)", pickle_runtime.codecs_encode, text, NAME(latin1));
}

static int save_bytearray_data(
    Pickler *self, PyObject *object, const char *data, Py_ssize_t size, PyObject *payload)
{
    char header[9] = {(char)OP_BYTEARRAY8};
    store_little(header + 1, (uint64_t)size, 8);
    if (output_write_large(self, header, 9, data, size, payload) < 0) return -1;
    return save_memo_put(self, object);
}

static int save_bytearray(Pickler *self, PyObject *object)
{
    const char *data = PyByteArray_AS_STRING(object);
    Py_ssize_t size = PyByteArray_GET_SIZE(object);
    if (self->proto >= 5) return save_bytearray_data(self, object, data, size, object);
    if (size == 0) return save_built(self, object, "O()", &PyByteArray_Type);
    PyObject *bytes = PyBytes_FromStringAndSize(data, size);
    return bytes ? save_built(self, object, "O(N)", &PyByteArray_Type, bytes) : -1;
}

static int save_picklebuffer(Pickler *self, PyObject *object)
{
    if (self->proto < 5) {
        return pickling_error("PickleBuffer can only pickled with protocol >= 5");
    }
    const Py_buffer *view = PyPickleBuffer_GetBuffer(object);
    if (!view) return -1;
    if (view->suboffsets || !PyBuffer_IsContiguous(view, 'A')) {
        return pickling_error("PickleBuffer can not be pickled when pointing to a "
                              "non-contiguous buffer");
    }
    bool in_band = true;
    if (self->buffer_callback) {
        PyObject *answer = PyObject_CallOneArg(self->buffer_callback, object);
        int truth = answer ? PyObject_IsTrue(answer) : -1;
        Py_XDECREF(answer);
        if (truth < 0) return -1;
        in_band = truth;
    }
    if (in_band) {
        if (view->readonly) return save_bytes_data(self, object, view->buf, view->len, NULL);
        return save_bytearray_data(self, object, view->buf, view->len, NULL);
    }
    if (output_op(self, OP_NEXT_BUFFER) < 0) return -1;
    return view->readonly ? output_op(self, OP_READONLY_BUFFER) : 0;
}

/* ---- Text ---- */

/* Which characters protocol 0 writes as an escape: beside what is beyond Latin-1, what would end
 * the line or looks like an escape. */
static int escape_size(Py_UCS4 c)
{
    if (c >= 0x10000) return 10;
    return c >= 0x100 || c == '\\' || c == 0 || c == '\n' || c == '\r' || c == 0x1a ? 6 : 1;
}

static int save_escaped(Pickler *self, PyObject *object)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(object), size = 2;
    for (Py_ssize_t i = 0; i < length; i++) size += escape_size(PyUnicode_READ_CHAR(object, i));
    /* One more byte, for the NUL of sprintf(). */
    char *at = output_reserve(self, size + 1);
    if (!at) return -1;
    self->length--;
    *at++ = (char)OP_UNICODE;
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(object, i);
        switch (escape_size(c)) {
        case 1: *at++ = (char)c; break;
        case 6: at += sprintf(at, "\\u%04x", (unsigned)c); break;
        default: at += sprintf(at, "\\U%08x", (unsigned)c); break;
        }
    }
    *at = '\n';
    return 0;
}

/* The header of a str of `size` bytes of UTF-8; how long it is, or -1. */
static int make_text_header(Pickler *self, Py_ssize_t size, char *header)
{
    int length = size <= 0xff && self->proto >= 4 ? 2 : size <= 0xffffffff ? 5 : 9;
    if (length == 9 && self->proto < 4) {
        PyErr_SetString(PyExc_OverflowError, "serializing a string larger than 4 GiB requires "
                                             "pickle protocol 4 or higher");
        return -1;
    }
    header[0] = (char)(length == 2   ? OP_SHORT_BINUNICODE
                       : length == 5 ? OP_BINUNICODE
                                     : OP_BINUNICODE8);
    store_little(header + 1, (uint64_t)size, length - 1);
    return length;
}

/* Text that is not ASCII and surely short enough for one frame: written at once, moved up when its header turns out shorter. */
static int save_short_utf8(Pickler *self, StrView text, Py_ssize_t most)
{
    enum { ROOM = 5 };
    char header[9], *at = output_reserve(self, ROOM + most);
    if (!at) return -1;
    Py_ssize_t size = str_utf8_write(at + ROOM, text) - (at + ROOM);
    int length = make_text_header(self, size, header);
    if (length < ROOM) memmove(at + length, at + ROOM, (size_t)size);
    memcpy(at, header, (size_t)length);
    self->length -= ROOM + most - (length + size);
    return 0;
}

static int save_utf8(Pickler *self, PyObject *object)
{
    bool ascii = PyUnicode_IS_ASCII(object);
    StrView text = str_view(object);
    Py_ssize_t most = text.kind == 1 ? 2 : text.kind == 2 ? 3 : 4;
    if (!ascii && text.length < FRAME_SIZE_TARGET / 8) return save_short_utf8(self, text, most * text.length);
    PyObject *bytes = NULL;
    const char *data = text.data;
    Py_ssize_t size = text.length;
    if (!ascii) {
        bytes = _PyUnicode_AsUTF8String(object, "surrogatepass");
        if (!bytes) return -1;
        data = PyBytes_AS_STRING(bytes);
        size = PyBytes_GET_SIZE(bytes);
    }
    char header[9];
    int length = make_text_header(self, size, header);
    int status = length < 0 ? -1 : output_write_large(self, header, length, data, size, bytes);
    Py_XDECREF(bytes);
    return status;
}

/* The usual str: ASCII, of up to 255 characters, from protocol 4 on. All at once. */
static int save_short_ascii(Pickler *self, PyObject *object)
{
    Py_ssize_t size = PyUnicode_GET_LENGTH(object);
    char *at = output_reserve(self, size + 3);
    if (!at) return -1;
    at[0] = (char)OP_SHORT_BINUNICODE;
    at[1] = (char)size;
    /* Hides how small the size is: knowing it, the compiler copies by "rep movs", which is slow. */
    __asm__("" : "+r"(size));
    memcpy(at + 2, PyUnicode_1BYTE_DATA(object), (size_t)size);
    at[size + 2] = (char)OP_MEMOIZE;
    return memo_add(&self->memo, object, (Py_ssize_t)self->memo.used);
}

int save_str(Pickler *self, PyObject *object)
{
    if (PyUnicode_READY(object) < 0) return -1;
    if (self->proto >= 4 && !self->fast && PyUnicode_IS_ASCII(object) &&
        PyUnicode_GET_LENGTH(object) <= 0xff) {
        return save_short_ascii(self, object);
    }
    int status = self->bin ? save_utf8(self, object) : save_escaped(self, object);
    return status < 0 ? -1 : save_memo_put(self, object);
}

/* ---- The memo ---- */

int save_memo_put(Pickler *self, PyObject *object)
{
    if (self->fast) return 0;
    size_t index = self->memo.used;
    if (memo_add(&self->memo, object, (Py_ssize_t)index) < 0) return -1;
    if (self->proto >= 4) return output_op(self, OP_MEMOIZE);
    char text[32];
    int size;
    if (!self->bin) {
        size = sprintf(text, "p%zu\n", index);
    } else if (index < 256) {
        text[0] = (char)OP_BINPUT;
        text[1] = (char)index;
        size = 2;
    } else if (index <= 0xffffffff) {
        text[0] = (char)OP_LONG_BINPUT;
        store_little(text + 1, index, 4);
        size = 5;
    } else {
        return pickling_error("memo id too large for LONG_BINPUT");
    }
    return output_write(self, text, size);
}

int save_memo_get(Pickler *self, Py_ssize_t index)
{
    char text[32];
    int size;
    if (!self->bin) {
        size = sprintf(text, "g%zd\n", index);
    } else if (index < 256) {
        text[0] = (char)OP_BINGET;
        text[1] = (char)index;
        size = 2;
    } else if (index <= 0xffffffff) {
        text[0] = (char)OP_LONG_BINGET;
        store_little(text + 1, (uint64_t)index, 4);
        size = 5;
    } else {
        return pickling_error("memo id too large for LONG_BINGET");
    }
    return output_write(self, text, size);
}

/* ---- Persistent ids ---- */

static int write_persistent_id(Pickler *self, PyObject *id)
{
    if (self->bin) return save(self, id, true) < 0 ? -1 : output_op(self, OP_BINPERSID);
    PyObject *text = PyObject_Str(id);
    if (!text) return -1;
    int status = -1;
    if (!PyUnicode_IS_ASCII(text)) {
        pickling_error("persistent IDs in protocol 0 must be ASCII strings");
    } else {
        Py_ssize_t length = PyUnicode_GET_LENGTH(text);
        char *at = output_reserve(self, length + 2);
        if (at) {
            at[0] = (char)OP_PERSID;
            memcpy(at + 1, PyUnicode_1BYTE_DATA(text), (size_t)length);
            at[length + 1] = '\n';
            status = 0;
        }
    }
    Py_DECREF(text);
    return status;
}

/* 1 if the object has a persistent id and that was written, 0 if not, -1. */
static int save_persistent(Pickler *self, PyObject *object)
{
    PyObject *id = hook_call(&self->persistent_id, object);
    if (!id) return -1;
    int status = id == Py_None ? 0 : write_persistent_id(self, id) < 0 ? -1 : 1;
    Py_DECREF(id);
    return status;
}

/* ---- Any object ---- */

/* What an object says of itself, by whatever it says that with. New reference. */
static PyObject *reduce_object(Pickler *self, PyObject *object, PyTypeObject *type)
{
    PyObject *method, *result;
    if (_PyObject_LookupAttr(object, NAME(__reduce_ex__), &method) < 0) return NULL;
    if (method) {
        PyObject *protocol = PyLong_FromLong(self->proto);
        result = protocol ? PyObject_CallOneArg(method, protocol) : NULL;
        Py_XDECREF(protocol);
        Py_DECREF(method);
        return result;
    }
    if (_PyObject_LookupAttr(object, NAME(__reduce__), &method) < 0) return NULL;
    if (!method) {
        pickling_error("can't pickle '%.200s' object: %R", type->tp_name, object);
        return NULL;
    }
    result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    return result;
}

/* The function that a dispatch table has for a type. 1 with a new reference, 0 or -1. */
static int find_reducer(Pickler *self, PyTypeObject *type, PyObject **function)
{
    if (!self->dispatch_table) {
        *function = PyDict_GetItemWithError(pickle_runtime.dispatch_table, (PyObject *)type);
        Py_XINCREF(*function);
    } else {
        *function = PyObject_GetItem(self->dispatch_table, (PyObject *)type);
        if (!*function && PyErr_ExceptionMatches(PyExc_KeyError)) PyErr_Clear();
    }
    return *function ? 1 : PyErr_Occurred() ? -1 : 0;
}

/* An object of no type that pickle knows. */
static int save_other(Pickler *self, PyObject *object, PyTypeObject *type)
{
    PyObject *reduction = NULL, *function;
    if (self->reducer_override) {
        reduction = PyObject_CallOneArg(self->reducer_override, object);
        if (!reduction) return -1;
        if (reduction == Py_NotImplemented) Py_CLEAR(reduction);
    }
    if (!reduction) {
        if (type == &PyType_Type) return save_type(self, object);
        if (type == &PyFunction_Type) return save_global(self, object, NULL);
        int found = find_reducer(self, type, &function);
        if (found < 0) return -1;
        if (found) {
            reduction = PyObject_CallOneArg(function, object);
            Py_DECREF(function);
        } else if (PyType_IsSubtype(type, &PyType_Type)) {
            return save_global(self, object, NULL);
        } else {
            PyObject *state;
            int plain = self->proto >= 2 ? object_reduce_plainly(object, &state) : 0;
            if (plain) return plain < 0 ? -1 : save_plain(self, object, state);
            reduction = reduce_object(self, object, type);
        }
        if (!reduction) return -1;
    }
    int status = -1;
    if (PyUnicode_Check(reduction))
        status = save_global(self, object, reduction);
    else if (PyTuple_Check(reduction))
        status = save_reduce(self, reduction, object);
    else {
        pickling_error("__reduce__ must return a string or tuple");
    }
    Py_DECREF(reduction);
    return status;
}

static int save_known(Pickler *self, PyObject *object, PyTypeObject *type)
{
    if (type == &PyDict_Type) return save_dict(self, object);
    if (type == &PyList_Type) return save_list(self, object);
    if (type == &PyTuple_Type) return save_tuple(self, object);
    if (type == &PySet_Type) return save_set(self, object);
    if (type == &PyFrozenSet_Type) return save_frozenset(self, object);
    if (type == &PyByteArray_Type) return save_bytearray(self, object);
    if (type == &PyPickleBuffer_Type) return save_picklebuffer(self, object);
    return save_other(self, object, type);
}

int save(Pickler *self, PyObject *object, bool skip_hook)
{
    PyTypeObject *type = Py_TYPE(object);
    Py_ssize_t written = self->length - self->frame_start;
    if (written >= FRAME_SIZE_TARGET + FRAME_HEADER_SIZE && output_boundary(self) < 0) return -1;
    if (self->persistent_id.function && !skip_hook) {
        if (Py_EnterRecursiveCall(" while pickling an object")) return -1;
        int status = save_persistent(self, object);
        Py_LeaveRecursiveCall();
        if (status) return status < 0 ? -1 : 0;
    }
    if (type == &PyLong_Type) return save_int(self, object);
    if (type == &PyFloat_Type) return save_float(self, object);
    if (object == Py_None) return output_op(self, OP_NONE);
    if (type == &PyBool_Type) return save_bool(self, object == Py_True);
    Py_ssize_t index = memo_find(&self->memo, object);
    if (index >= 0) return save_memo_get(self, index);
    if (type == &PyUnicode_Type) return save_str(self, object);
    if (type == &PyBytes_Type && self->proto >= 3) return save_bytes(self, object);
    if (Py_EnterRecursiveCall(" while pickling an object")) return -1;
    int status = type == &PyBytes_Type ? save_bytes(self, object) : save_known(self, object, type);
    Py_LeaveRecursiveCall();
    return status;
}
