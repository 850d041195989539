/* Writing marshal data, to memory; a FILE gets the finished bytes. */
#include <string.h>

#include "bytecode/marshal.h"

typedef enum {
    WRITE_OK,
    WRITE_UNMARSHALLABLE,
    WRITE_TOO_DEEP,
    WRITE_NO_MEMORY,
    WRITE_RAISED
} WriteStatus;

typedef struct {
    const void *object;
    int index;
} RefSlot;

typedef struct {
    uint8_t *data;
    size_t size, capacity;
    int version, depth;
    WriteStatus status;         /* the first thing that went wrong; later writes do nothing */
    RefSlot *refs;              /* open-addressed table of objects written with MARSHAL_REF */
    size_t ref_mask;            /* its size less one, or 0 */
    int ref_count;
} Writer;

static void write_object(Writer *w, PyObject *value);

static void fail(Writer *w, WriteStatus status)
{
    if (w->status == WRITE_OK) w->status = status;
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

static uint8_t *reserve(Writer *w, size_t count)
{
    static uint8_t nowhere[8];
    if (w->status != WRITE_OK && count <= sizeof(nowhere)) return nowhere;
    if (w->capacity - w->size < count) {
        size_t capacity = w->capacity ? w->capacity : 256;
        while (capacity - w->size < count) capacity *= 2;
        uint8_t *data = PyMem_Realloc(w->data, capacity);
        if (!data) {
            fail(w, WRITE_NO_MEMORY);
            return count <= sizeof(nowhere) ? nowhere : NULL;
        }
        w->data = data;
        w->capacity = capacity;
    }
    uint8_t *at = w->data + w->size;
    w->size += count;
    return at;
}

static void write_byte(Writer *w, int byte)
{
    *reserve(w, 1) = (uint8_t)byte;
}

static void write_short(Writer *w, int value)
{
    uint8_t *p = reserve(w, 2);
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void write_int(Writer *w, long value)
{
    uint8_t *p = reserve(w, 4);
    for (int i = 0; i < 4; i++) p[i] = (uint8_t)(value >> (8 * i));
}

static void write_raw(Writer *w, const void *data, Py_ssize_t size)
{
    if (w->status != WRITE_OK || size == 0) return;
    uint8_t *p = reserve(w, (size_t)size);
    if (p && w->status == WRITE_OK) memcpy(p, data, (size_t)size);
}

/* A 32-bit size; false if it does not fit. */
static bool write_size(Writer *w, Py_ssize_t size)
{
    if (size > INT32_MAX) {
        fail(w, WRITE_UNMARSHALLABLE);
        return false;
    }
    write_int(w, (long)size);
    return true;
}

static void write_sized(Writer *w, const void *data, Py_ssize_t size)
{
    if (write_size(w, size)) write_raw(w, data, size);
}

static void write_short_sized(Writer *w, const void *data, Py_ssize_t size)
{
    write_byte(w, (int)size);
    write_raw(w, data, size);
}

/* ---- References ------------------------------------------------------------------------------ */

static size_t hash_pointer(const void *p)
{
    return ((uintptr_t)p >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 20;
}

static RefSlot *find_ref(Writer *w, const void *object)
{
    size_t i = hash_pointer(object) & w->ref_mask;
    while (w->refs[i].object && w->refs[i].object != object) i = (i + 1) & w->ref_mask;
    return &w->refs[i];
}

static bool grow_refs(Writer *w)
{
    RefSlot *old = w->refs;
    size_t old_size = w->refs ? w->ref_mask + 1 : 0, size = old_size ? 2 * old_size : 64;
    RefSlot *slots = PyMem_Calloc(size, sizeof(*slots));
    if (!slots) {
        fail(w, WRITE_NO_MEMORY);
        return false;
    }
    w->refs = slots;
    w->ref_mask = size - 1;
    for (size_t i = 0; i < old_size; i++) {
        if (old[i].object) *find_ref(w, old[i].object) = old[i];
    }
    PyMem_Free(old);
    return true;
}

/* True when the object has been written before: a reference was written for it. Else *flag
 * tells whether it gets a number now. The caller keeps the objects alive, so addresses
 * identify them. */
static bool write_reference(Writer *w, PyObject *value, int *flag)
{
    *flag = 0;
    if (w->version < 3) return false;
    /* Nobody else can refer to it. Interned strings are numbered always, so that equal programs
     * make equal files. */
    bool interned = PyUnicode_CheckExact(value) && PyUnicode_CHECK_INTERNED(value);
    if (Py_REFCNT(value) == 1 && !interned) return false;
    if ((size_t)w->ref_count * 3 >= (w->refs ? w->ref_mask + 1 : 0) * 2 && !grow_refs(w)) {
        return false;
    }
    RefSlot *slot = find_ref(w, value);
    if (slot->object) {
        write_byte(w, MARSHAL_REFERENCE);
        write_int(w, slot->index);
        return true;
    }
    if (w->ref_count == INT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "too many objects");
        fail(w, WRITE_RAISED);
        return true;
    }
    *slot = (RefSlot){value, w->ref_count++};
    *flag = MARSHAL_REF;
    return false;
}

/* ---- Values ---------------------------------------------------------------------------------- */

/* Digits of 15 bits, least significant first; the sign is that of their number. */
static void write_long(Writer *w, PyObject *value, int flag)
{
    write_byte(w, MARSHAL_LONG | flag);
    const PyLongObject *number = (PyLongObject *)value;
    Py_ssize_t digits = Py_ABS(Py_SIZE(number)), parts = 0;
    const int ratio = PyLong_SHIFT / MARSHAL_LONG_SHIFT;
    if (digits == 0) {
        write_int(w, 0);
        return;
    }
    parts = (digits - 1) * ratio;
    for (digit top = number->ob_digit[digits - 1]; top; top >>= MARSHAL_LONG_SHIFT) parts++;
    if (parts > INT32_MAX) {
        fail(w, WRITE_UNMARSHALLABLE);
        return;
    }
    write_int(w, (long)(Py_SIZE(number) > 0 ? parts : -parts));
    for (Py_ssize_t i = 0; i < digits; i++) {
        digit d = number->ob_digit[i];
        for (int k = 0; k < ratio && parts > 0; k++, parts--) {
            write_short(w, (int)(d & MARSHAL_LONG_MASK));
            d >>= MARSHAL_LONG_SHIFT;
        }
    }
}

static void write_integer(Writer *w, PyObject *value, int flag)
{
    int overflow;
    long number = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow || number < INT32_MIN || number > INT32_MAX) {
        write_long(w, value, flag);
    } else {
        write_byte(w, MARSHAL_INT | flag);
        write_int(w, number);
    }
}

static void write_double(Writer *w, double value)
{
    if (w->version > 1) {
        if (PyFloat_Pack8(value, (char *)reserve(w, 8), 1) < 0) fail(w, WRITE_RAISED);
        return;
    }
    char *text = PyOS_double_to_string(value, 'g', 17, 0, NULL);
    if (!text) {
        fail(w, WRITE_RAISED);
        return;
    }
    write_short_sized(w, text, (Py_ssize_t)strlen(text));
    PyMem_Free(text);
}

static void write_text(Writer *w, PyObject *value, int flag)
{
    if (PyUnicode_READY(value) < 0) {
        fail(w, WRITE_RAISED);
        return;
    }
    bool interned = PyUnicode_CHECK_INTERNED(value);
    if (w->version >= 4 && PyUnicode_IS_ASCII(value)) {
        Py_ssize_t length = PyUnicode_GET_LENGTH(value);
        if (length < 256) {
            write_byte(w, (interned ? MARSHAL_SHORT_ASCII_INTERNED : MARSHAL_SHORT_ASCII) | flag);
            write_short_sized(w, PyUnicode_DATA(value), length);
        } else {
            write_byte(w, (interned ? MARSHAL_ASCII_INTERNED : MARSHAL_ASCII) | flag);
            write_sized(w, PyUnicode_DATA(value), length);
        }
        return;
    }
    PyObject *utf8 = PyUnicode_AsEncodedString(value, "utf8", "surrogatepass");
    if (!utf8) {
        fail(w, WRITE_RAISED);
        return;
    }
    write_byte(w, (w->version >= 3 && interned ? MARSHAL_INTERNED : MARSHAL_UNICODE) | flag);
    write_sized(w, PyBytes_AS_STRING(utf8), PyBytes_GET_SIZE(utf8));
    Py_DECREF(utf8);
}

static void write_tuple(Writer *w, PyObject *value, int flag)
{
    Py_ssize_t size = PyTuple_GET_SIZE(value);
    if (w->version >= 4 && size < 256) {
        write_byte(w, MARSHAL_SMALL_TUPLE | flag);
        write_byte(w, (int)size);
    } else {
        write_byte(w, MARSHAL_TUPLE | flag);
        if (!write_size(w, size)) return;
    }
    for (Py_ssize_t i = 0; i < size; i++) write_object(w, PyTuple_GET_ITEM(value, i));
}

static void write_list(Writer *w, PyObject *value, int flag)
{
    write_byte(w, MARSHAL_LIST | flag);
    if (!write_size(w, PyList_GET_SIZE(value))) return;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(value); i++) {
        write_object(w, PyList_GET_ITEM(value, i));
    }
}

static void write_dict(Writer *w, PyObject *value, int flag)
{
    Py_ssize_t pos = 0;
    PyObject *key, *item;
    write_byte(w, MARSHAL_DICT | flag);
    while (PyDict_Next(value, &pos, &key, &item)) {
        write_object(w, key);
        write_object(w, item);
    }
    write_byte(w, MARSHAL_NULL);
}

static PyObject *write_to_string(PyObject *value, int version, int depth);

/* Items in the order of their marshalled form, whatever the hashes are. A list of (form, item)
 * pairs. */
static PyObject *sorted_items(Writer *w, PyObject *set)
{
    PyObject *pairs = PyList_New(0), *item;
    Py_ssize_t pos = 0;
    Py_hash_t hash;
    while (pairs && _PySet_NextEntry(set, &pos, &item, &hash)) {
        PyObject *form = write_to_string(item, w->version, w->depth);
        PyObject *pair = form ? PyTuple_Pack(2, form, item) : NULL;
        Py_XDECREF(form);
        if (!pair || PyList_Append(pairs, pair) < 0) Py_CLEAR(pairs);
        Py_XDECREF(pair);
    }
    if (pairs && PyList_Sort(pairs) < 0) Py_CLEAR(pairs);
    return pairs;
}

static void write_set(Writer *w, PyObject *value, int flag)
{
    write_byte(w, (PyFrozenSet_CheckExact(value) ? MARSHAL_FROZENSET : MARSHAL_SET) | flag);
    if (!write_size(w, PySet_GET_SIZE(value))) return;
    PyObject *pairs = sorted_items(w, value);
    if (!pairs) {
        /* A nested failure has the same meaning as one here. */
        fail(w, WRITE_RAISED);
        return;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(pairs); i++) {
        write_object(w, PyTuple_GET_ITEM(PyList_GET_ITEM(pairs, i), 1));
    }
    Py_DECREF(pairs);
}

static void write_code(Writer *w, PyObject *value, int flag)
{
    PyCodeObject *code = (PyCodeObject *)value;
    PyObject *bytes = PyCode_GetCode(code);
    if (!bytes) {
        fail(w, WRITE_RAISED);
        return;
    }
    write_byte(w, MARSHAL_CODE | flag);
    write_int(w, code->co_argcount);
    write_int(w, code->co_posonlyargcount);
    write_int(w, code->co_kwonlyargcount);
    write_int(w, code->co_stacksize);
    write_int(w, code->co_flags);
    write_object(w, bytes);
    write_object(w, code->co_consts);
    write_object(w, code->co_names);
    write_object(w, code->co_localsplusnames);
    write_object(w, code->co_localspluskinds);
    write_object(w, code->co_filename);
    write_object(w, code->co_name);
    write_object(w, code->co_qualname);
    write_int(w, code->co_firstlineno);
    write_object(w, code->co_linetable);
    write_object(w, code->co_exceptiontable);
    Py_DECREF(bytes);
}

static void write_buffer(Writer *w, PyObject *value, int flag)
{
    Py_buffer view;
    if (PyObject_GetBuffer(value, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Clear();
        write_byte(w, MARSHAL_UNKNOWN);
        fail(w, WRITE_UNMARSHALLABLE);
        return;
    }
    write_byte(w, MARSHAL_BYTES | flag);
    write_sized(w, view.buf, view.len);
    PyBuffer_Release(&view);
}

static void write_value(Writer *w, PyObject *value, int flag)
{
    if (PyLong_CheckExact(value)) {
        write_integer(w, value, flag);
    } else if (PyFloat_CheckExact(value)) {
        write_byte(w, (w->version > 1 ? MARSHAL_BINARY_FLOAT : MARSHAL_FLOAT) | flag);
        write_double(w, PyFloat_AS_DOUBLE(value));
    } else if (PyComplex_CheckExact(value)) {
        write_byte(w, (w->version > 1 ? MARSHAL_BINARY_COMPLEX : MARSHAL_COMPLEX) | flag);
        write_double(w, PyComplex_RealAsDouble(value));
        write_double(w, PyComplex_ImagAsDouble(value));
    } else if (PyBytes_CheckExact(value)) {
        write_byte(w, MARSHAL_BYTES | flag);
        write_sized(w, PyBytes_AS_STRING(value), PyBytes_GET_SIZE(value));
    } else if (PyUnicode_CheckExact(value)) {
        write_text(w, value, flag);
    } else if (PyTuple_CheckExact(value)) {
        write_tuple(w, value, flag);
    } else if (PyList_CheckExact(value)) {
        write_list(w, value, flag);
    } else if (PyDict_CheckExact(value)) {
        write_dict(w, value, flag);
    } else if (PyAnySet_CheckExact(value)) {
        write_set(w, value, flag);
    } else if (PyCode_Check(value)) {
        write_code(w, value, flag);
    } else if (PyObject_CheckBuffer(value)) {
        write_buffer(w, value, flag);
    } else {
        write_byte(w, MARSHAL_UNKNOWN);
        fail(w, WRITE_UNMARSHALLABLE);
    }
}

static void write_object(Writer *w, PyObject *value)
{
    if (w->status != WRITE_OK) return;
    if (++w->depth > MARSHAL_MAX_DEPTH) {
        fail(w, WRITE_TOO_DEEP);
    } else if (!value) {
        write_byte(w, MARSHAL_NULL);
    } else if (value == Py_None) {
        write_byte(w, MARSHAL_NONE);
    } else if (value == PyExc_StopIteration) {
        write_byte(w, MARSHAL_STOP_ITERATION);
    } else if (value == Py_Ellipsis) {
        write_byte(w, MARSHAL_ELLIPSIS);
    } else if (value == Py_False) {
        write_byte(w, MARSHAL_FALSE);
    } else if (value == Py_True) {
        write_byte(w, MARSHAL_TRUE);
    } else {
        int flag;
        if (!write_reference(w, value, &flag)) write_value(w, value, flag);
    }
    w->depth--;
}

/* ---- Entry points ---------------------------------------------------------------------------- */

static void raise_status(WriteStatus status)
{
    if (PyErr_Occurred()) return;
    switch (status) {
    case WRITE_UNMARSHALLABLE: PyErr_SetString(PyExc_ValueError, "unmarshallable object"); break;
    case WRITE_TOO_DEEP:
        PyErr_SetString(PyExc_ValueError, "object too deeply nested to marshal");
        break;
    case WRITE_NO_MEMORY: PyErr_NoMemory(); break;
    default: break;
    }
}

static void writer_clear(Writer *w)
{
    PyMem_Free(w->data);
    PyMem_Free(w->refs);
}

/* As bytes; `depth` is how deep the value lies already. */
static PyObject *write_to_string(PyObject *value, int version, int depth)
{
    if (PySys_Audit("marshal.dumps", "Oi", value, version) < 0) return NULL;
    Writer w = {.version = version, .depth = depth};
    write_object(&w, value);
    PyObject *result = NULL;
    if (w.status == WRITE_OK) {
        result = PyBytes_FromStringAndSize((const char *)w.data, (Py_ssize_t)w.size);
    } else {
        raise_status(w.status);
    }
    writer_clear(&w);
    return result;
}

PyObject *PyMarshal_WriteObjectToString(PyObject *value, int version)
{
    return write_to_string(value, version, 0);
}

void PyMarshal_WriteObjectToFile(PyObject *value, FILE *file, int version)
{
    if (PySys_Audit("marshal.dumps", "Oi", value, version) < 0) return;
    Writer w = {.version = version};
    write_object(&w, value);
    if (w.size) fwrite(w.data, 1, w.size, file);
    writer_clear(&w);
}

void PyMarshal_WriteLongToFile(long value, FILE *file, int Py_UNUSED(version))
{
    for (int i = 0; i < 4; i++) putc((int)(value >> (8 * i) & 0xff), file);
}
