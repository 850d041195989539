/* Reading marshal data, which may be hostile: sizes are checked against what is there,
 * references against what has been read, and code objects are marked as foreign, so that they
 * are verified before they run.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/attributes.h"
#include "bytecode/marshal.h"
#include "objects/code.h"
#include "objects/str/str.h"

typedef struct {
    PyObject *object;           /* owned; NULL while a frozenset or code object is being read */
    int mutables; /* while a tuple is being read: how many mutable containers were open; else -1 */
} Ref;

typedef struct {
    const uint8_t *next, *end;  /* data in memory; with a file or reader, unused */
    FILE *file;                 /* borrowed, or NULL */
    PyObject *readable;         /* borrowed object with readinto(), or NULL */
    char *buffer;               /* for what comes from a file or reader */
    size_t buffer_size;
    bool trusted;               /* our own compiler wrote it: code need not be verified */
    int depth, mutables;        /* nesting, and how many lists, dicts and sets are open */
    Ref *refs;
    Py_ssize_t ref_count, ref_capacity;
} Reader;

static PyObject *read_object(Reader *r);

static void *value_error(const char *message)
{
    PyErr_SetString(PyExc_ValueError, message);
    return NULL;
}

/* ---- Bytes ----------------------------------------------------------------------------------- */

static const uint8_t *too_short(void)
{
    PyErr_SetString(PyExc_EOFError, "marshal data too short");
    return NULL;
}

/* The same for a file. */
static const uint8_t *ends_early(void)
{
    PyErr_SetString(PyExc_EOFError, "EOF read where not expected");
    return NULL;
}

/* Fills the buffer from the Python file object. */
static bool read_into(Reader *r, Py_ssize_t size)
{
    PyObject *view = PyMemoryView_FromMemory(r->buffer, size, PyBUF_WRITE);
    if (!view) return false;
    PyObject *count = PyObject_CallMethod(r->readable, "readinto", "N", view);
    if (!count) return false;
    Py_ssize_t read = PyNumber_AsSsize_t(count, PyExc_ValueError);
    Py_DECREF(count);
    if (read == -1 && PyErr_Occurred()) return false;
    if (read == size) return true;
    if (read > size) {
        PyErr_Format(PyExc_ValueError,
                     "read() returned too much data: %zd bytes requested, %zd returned", size,
                     read);
    } else {
        ends_early();
    }
    return false;
}

static const uint8_t *take_slowly(Reader *r, Py_ssize_t size)
{
    if (!r->file && !r->readable) return too_short();
    if (r->buffer_size < (size_t)size || !r->buffer) {
        char *buffer = PyMem_Realloc(r->buffer, (size_t)size + 64);
        if (!buffer) {
            PyErr_NoMemory();
            return NULL;
        }
        r->buffer = buffer;
        r->buffer_size = (size_t)size + 64;
    }
    if (r->readable) return read_into(r, size) ? (const uint8_t *)r->buffer : NULL;
    return fread(r->buffer, 1, (size_t)size, r->file) == (size_t)size ? (const uint8_t *)r->buffer
                                                                      : ends_early();
}

/* The next `size` bytes, valid until the next call; NULL with an exception set. */
static inline const uint8_t *take(Reader *r, Py_ssize_t size)
{
    /* Data in memory; a file or reader leaves both pointers NULL. */
    if (r->next && size <= r->end - r->next) {
        const uint8_t *at = r->next;
        r->next += size;
        return at;
    }
    return take_slowly(r, size);
}

/* The next byte, or -1 with an exception set: EOFError with the given text at the end of the
 * data. */
static inline int read_byte_or(Reader *r, const char *eof_message)
{
    const uint8_t *p = take(r, 1);
    if (p) return *p;
    if (PyErr_ExceptionMatches(PyExc_EOFError)) PyErr_SetString(PyExc_EOFError, eof_message);
    return -1;
}

static int read_byte(Reader *r)
{
    return read_byte_or(r, "EOF read where not expected");
}

static inline bool read_int32(Reader *r, int32_t *out)
{
    const uint8_t *p = take(r, 4);
    if (!p) return false;
    *out = (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                     (uint32_t)p[3] << 24);
    return true;
}

/* A size of elements of at least `unit` bytes each; -1 with an exception set. */
static Py_ssize_t read_size(Reader *r, const char *range_message)
{
    int32_t size;
    if (!read_int32(r, &size)) return -1;
    if (size < 0) {
        value_error(range_message);
        return -1;
    }
    return size;
}

/* Memory is not allocated for more elements than the data can hold: each takes a byte at least. */
static bool elements_fit(const Reader *r, Py_ssize_t count)
{
    if (r->file || r->readable || count <= r->end - r->next) return true;
    PyErr_SetString(PyExc_EOFError, "EOF read where object expected");
    return false;
}

/* ---- References ------------------------------------------------------------------------------ */

/* Gives the object (borrowed, may be NULL: not ready) the next number; -1 with an exception set. */
static Py_ssize_t add_ref(Reader *r, PyObject *object)
{
    if (r->ref_count == r->ref_capacity) {
        Py_ssize_t capacity = r->ref_capacity ? 2 * r->ref_capacity : 32;
        Ref *refs = PyMem_Realloc(r->refs, (size_t)capacity * sizeof(*refs));
        if (!refs) {
            PyErr_NoMemory();
            return -1;
        }
        r->refs = refs;
        r->ref_capacity = capacity;
    }
    r->refs[r->ref_count] = (Ref){Py_XNewRef(object), -1};
    return r->ref_count++;
}

static PyObject *read_reference(Reader *r)
{
    int32_t index;
    if (!read_int32(r, &index)) return NULL;
    if (index < 0 || index >= r->ref_count) {
        return value_error("bad marshal data (invalid reference)");
    }
    Ref *ref = &r->refs[index];
    /* A tuple may contain itself only by way of a list or dict: else hashing it would never end. */
    if (!ref->object || (ref->mutables >= 0 && ref->mutables == r->mutables)) {
        return value_error("bad marshal data (invalid reference)");
    }
    return Py_NewRef(ref->object);
}

/* Finishes a simple value (stolen): numbers it if `flag` says so. */
static PyObject *finish_steal(Reader *r, PyObject *value, int flag)
{
    if (value && flag && add_ref(r, value) < 0) Py_CLEAR(value);
    return value;
}

/* ---- Numbers --------------------------------------------------------------------------------- */

static PyObject *read_long(Reader *r)
{
    int32_t parts;
    if (!read_int32(r, &parts)) return NULL;
    if (parts == 0) return PyLong_FromLong(0);
    if (parts == INT32_MIN) return value_error("bad marshal data (long size out of range)");
    Py_ssize_t count = Py_ABS(parts);
    const uint8_t *p = take(r, 2 * count);
    if (!p) return NULL;
    const int ratio = PyLong_SHIFT / MARSHAL_LONG_SHIFT;
    Py_ssize_t digits = (count + ratio - 1) / ratio;
    PyLongObject *number = _PyLong_New(digits);
    if (!number) return NULL;
    for (Py_ssize_t i = 0; i < digits; i++) {
        digit d = 0;
        for (int k = 0; k < ratio && i * ratio + k < count; k++) {
            int part = p[2 * (i * ratio + k)] | p[2 * (i * ratio + k) + 1] << 8;
            if (part > MARSHAL_LONG_MASK) {
                Py_DECREF(number);
                return value_error("bad marshal data (digit out of range in long)");
            }
            d |= (digit)part << (k * MARSHAL_LONG_SHIFT);
        }
        number->ob_digit[i] = d;
    }
    if (p[2 * count - 2] == 0 && p[2 * count - 1] == 0) {
        Py_DECREF(number);
        return value_error("bad marshal data (unnormalized long data)");
    }
    if (parts < 0) Py_SET_SIZE(number, -digits);
    if (digits == 1 && number->ob_digit[0] < 512) {
        /* Small ints are shared objects. */
        long small = parts < 0 ? -(long)number->ob_digit[0] : (long)number->ob_digit[0];
        Py_DECREF(number);
        return PyLong_FromLong(small);
    }
    return (PyObject *)number;
}

static PyObject *read_int64(Reader *r)
{
    const uint8_t *p = take(r, 8);
    return p ? _PyLong_FromByteArray(p, 8, 1, 1) : NULL;
}

/* -1.0 with an exception set on error. */
static double read_binary_double(Reader *r)
{
    const uint8_t *p = take(r, 8);
    return p ? PyFloat_Unpack8((const char *)p, 1) : -1.0;
}

static double read_text_double(Reader *r)
{
    char text[256];
    int size = read_byte(r);
    const uint8_t *p = size < 0 ? NULL : take(r, size);
    if (!p) return -1.0;
    memcpy(text, p, (size_t)size);
    text[size] = '\0';
    return PyOS_string_to_double(text, NULL, NULL);
}

static PyObject *read_float(Reader *r, double (*read_double)(Reader *))
{
    double value = read_double(r);
    return value == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(value);
}

static PyObject *read_complex(Reader *r, double (*read_double)(Reader *))
{
    Py_complex value;
    value.real = read_double(r);
    if (value.real == -1.0 && PyErr_Occurred()) return NULL;
    value.imag = read_double(r);
    if (value.imag == -1.0 && PyErr_Occurred()) return NULL;
    return PyComplex_FromCComplex(value);
}

/* ---- Text ------------------------------------------------------------------------------------ */

static PyObject *read_bytes(Reader *r)
{
    Py_ssize_t size = read_size(r, "bad marshal data (bytes object size out of range)");
    const uint8_t *p = size < 0 ? NULL : take(r, size);
    return p ? PyBytes_FromStringAndSize((const char *)p, size) : NULL;
}

static PyObject *read_ascii(Reader *r, bool is_short, bool interned)
{
    Py_ssize_t size =
        is_short ? read_byte(r) : read_size(r, "bad marshal data (string size out of range)");
    const uint8_t *p = size < 0 ? NULL : take(r, size);
    if (!p) return NULL;
    if (LIKELY(str_bytes_are_ascii(p, size))) {
        return interned ? str_intern_ascii((const char *)p, size)
                        : str_from_ascii((const char *)p, size);
    }
    PyObject *text = PyUnicode_FromKindAndData(PyUnicode_1BYTE_KIND, p, size);
    if (text && interned) PyUnicode_InternInPlace(&text);
    return text;
}

static PyObject *read_unicode(Reader *r, bool interned)
{
    Py_ssize_t size = read_size(r, "bad marshal data (string size out of range)");
    const uint8_t *p = size < 0 ? NULL : take(r, size);
    PyObject *text = p ? PyUnicode_DecodeUTF8((const char *)p, size, "surrogatepass") : NULL;
    if (text && interned) PyUnicode_InternInPlace(&text);
    return text;
}

/* ---- Containers ------------------------------------------------------------------------------ */

/* An element of a container: NULL as a value is an error too. */
static PyObject *read_element(Reader *r, const char *container)
{
    PyObject *element = read_object(r);
    if (!element && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "NULL object in marshal data for %s", container);
    }
    return element;
}

static PyObject *read_tuple(Reader *r, Py_ssize_t size, int flag)
{
    if (size < 0 || !elements_fit(r, size)) return NULL;
    PyObject *tuple = PyTuple_New(size);
    if (!tuple) return NULL;
    Py_ssize_t index = -1;
    if (flag) {
        /* It can be seen through its number before it is complete: no slot may be NULL. */
        for (Py_ssize_t i = 0; i < size; i++) PyTuple_SET_ITEM(tuple, i, Py_NewRef(Py_None));
        if ((index = add_ref(r, tuple)) < 0) goto error;
        r->refs[index].mutables = r->mutables;
    }
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *element = read_element(r, "tuple");
        if (!element) goto error;
        PyObject *old = PyTuple_GET_ITEM(tuple, i);
        PyTuple_SET_ITEM(tuple, i, element);
        Py_XDECREF(old);
    }
    if (index >= 0) r->refs[index].mutables = -1;
    return tuple;
error:
    Py_DECREF(tuple);
    return NULL;
}

static PyObject *read_list(Reader *r, int flag)
{
    Py_ssize_t size = read_size(r, "bad marshal data (list size out of range)");
    if (size < 0 || !elements_fit(r, size)) return NULL;
    PyObject *list = finish_steal(r, PyList_New(0), flag);
    r->mutables++;
    for (Py_ssize_t i = 0; list && i < size; i++) {
        PyObject *element = read_element(r, "list");
        if (!element || PyList_Append(list, element) < 0) Py_CLEAR(list);
        Py_XDECREF(element);
    }
    r->mutables--;
    return list;
}

static PyObject *read_dict(Reader *r, int flag)
{
    PyObject *dict = finish_steal(r, PyDict_New(), flag);
    r->mutables++;
    while (dict) {
        PyObject *key = read_object(r), *value = key ? read_object(r) : NULL;
        bool end = !value;
        if (!end && PyDict_SetItem(dict, key, value) < 0) Py_CLEAR(dict);
        Py_XDECREF(key);
        Py_XDECREF(value);
        if (end) break;
    }
    r->mutables--;
    if (dict && PyErr_Occurred()) Py_CLEAR(dict);
    return dict;
}

static PyObject *read_set(Reader *r, bool frozen, int flag)
{
    Py_ssize_t size = read_size(r, "bad marshal data (set size out of range)");
    if (size < 0 || !elements_fit(r, size)) return NULL;
    PyObject *set = frozen ? PyFrozenSet_New(NULL) : PySet_New(NULL);
    if (!set) return NULL;
    Py_ssize_t index = -1;
    /* A frozenset can only be filled while nobody else has it. */
    if (flag && (index = add_ref(r, frozen && size ? NULL : set)) < 0) goto error;
    for (Py_ssize_t i = 0; i < size; i++) {
        PyObject *element = read_element(r, "set");
        int status = element ? PySet_Add(set, element) : -1;
        Py_XDECREF(element);
        if (status < 0) goto error;
    }
    if (index >= 0 && !r->refs[index].object) r->refs[index].object = Py_NewRef(set);
    return set;
error:
    Py_DECREF(set);
    return NULL;
}

static bool read_code_object(Reader *r, PyObject **out)
{
    *out = read_object(r);
    return *out != NULL;
}

static PyObject *read_code(Reader *r, int flag)
{
    Py_ssize_t index = -1;
    if (flag && (index = add_ref(r, NULL)) < 0) return NULL;
    struct _PyCodeConstructor con = {0};
    PyCodeObject *code = NULL;
    if (read_int32(r, &con.argcount) && read_int32(r, &con.posonlyargcount) &&
        read_int32(r, &con.kwonlyargcount) && read_int32(r, &con.stacksize) &&
        read_int32(r, &con.flags) && read_code_object(r, &con.code) &&
        read_code_object(r, &con.consts) && read_code_object(r, &con.names) &&
        read_code_object(r, &con.localsplusnames) && read_code_object(r, &con.localspluskinds) &&
        read_code_object(r, &con.filename) && read_code_object(r, &con.name) &&
        read_code_object(r, &con.qualname) && read_int32(r, &con.firstlineno) &&
        read_code_object(r, &con.linetable) && read_code_object(r, &con.exceptiontable)) {
        if (r->trusted || _PyCode_Validate(&con) == 0) code = _PyCode_New(&con);
    }
    PyObject *parts[] = {
        con.code,     con.consts, con.names,    con.localsplusnames, con.localspluskinds,
        con.filename, con.name,   con.qualname, con.linetable,       con.exceptiontable};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(parts); i++) Py_XDECREF(parts[i]);
    if (!code) return NULL;
    if (!r->trusted) code_set_foreign(code, true);
    if (index >= 0) r->refs[index].object = Py_NewRef(code);
    return (PyObject *)code;
}

/* ---- Dispatch -------------------------------------------------------------------------------- */

static PyObject *read_typed(Reader *r, int type, int flag)
{
    int32_t number;
    switch (type) {
    case MARSHAL_NULL: return NULL;
    case MARSHAL_NONE: return Py_NewRef(Py_None);
    case MARSHAL_STOP_ITERATION: return Py_NewRef(PyExc_StopIteration);
    case MARSHAL_ELLIPSIS: return Py_NewRef(Py_Ellipsis);
    case MARSHAL_FALSE: return Py_NewRef(Py_False);
    case MARSHAL_TRUE: return Py_NewRef(Py_True);
    case MARSHAL_INT:
        return read_int32(r, &number) ? finish_steal(r, PyLong_FromLong(number), flag) : NULL;
    case MARSHAL_INT64: return finish_steal(r, read_int64(r), flag);
    case MARSHAL_LONG: return finish_steal(r, read_long(r), flag);
    case MARSHAL_FLOAT: return finish_steal(r, read_float(r, read_text_double), flag);
    case MARSHAL_BINARY_FLOAT: return finish_steal(r, read_float(r, read_binary_double), flag);
    case MARSHAL_COMPLEX: return finish_steal(r, read_complex(r, read_text_double), flag);
    case MARSHAL_BINARY_COMPLEX: return finish_steal(r, read_complex(r, read_binary_double), flag);
    case MARSHAL_BYTES: return finish_steal(r, read_bytes(r), flag);
    case MARSHAL_ASCII: return finish_steal(r, read_ascii(r, false, false), flag);
    case MARSHAL_ASCII_INTERNED: return finish_steal(r, read_ascii(r, false, true), flag);
    case MARSHAL_SHORT_ASCII: return finish_steal(r, read_ascii(r, true, false), flag);
    case MARSHAL_SHORT_ASCII_INTERNED: return finish_steal(r, read_ascii(r, true, true), flag);
    case MARSHAL_INTERNED: return finish_steal(r, read_unicode(r, true), flag);
    case MARSHAL_UNICODE: return finish_steal(r, read_unicode(r, false), flag);
    case MARSHAL_SMALL_TUPLE: return read_tuple(r, read_byte(r), flag);
    case MARSHAL_TUPLE:
        return read_tuple(r, read_size(r, "bad marshal data (tuple size out of range)"), flag);
    case MARSHAL_LIST: return read_list(r, flag);
    case MARSHAL_DICT: return read_dict(r, flag);
    case MARSHAL_SET: return read_set(r, false, flag);
    case MARSHAL_FROZENSET: return read_set(r, true, flag);
    case MARSHAL_CODE: return read_code(r, flag);
    case MARSHAL_REFERENCE: return read_reference(r);
    default: return value_error("bad marshal data (unknown type code)");
    }
}

/* A new reference. NULL with an exception set, or without one for a NULL in the data. */
static PyObject *read_object(Reader *r)
{
    int byte = read_byte_or(r, "EOF read where object expected");
    if (byte < 0) return NULL;
    if (r->depth >= MARSHAL_MAX_DEPTH) return value_error("recursion limit exceeded");
    r->depth++;
    PyObject *value = read_typed(r, byte & ~MARSHAL_REF, byte & MARSHAL_REF);
    r->depth--;
    return value;
}

/* ---- Entry points ---------------------------------------------------------------------------- */

static PyObject *read_all(Reader *r)
{
    if (PyErr_Occurred()) return NULL;
    PyObject *value = read_object(r);
    if (!value && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_TypeError, "NULL object in marshal data for object");
    }
    for (Py_ssize_t i = 0; i < r->ref_count; i++) Py_XDECREF(r->refs[i].object);
    PyMem_Free(r->refs);
    PyMem_Free(r->buffer);
    return value;
}

PyObject *PyMarshal_ReadObjectFromString(const char *data, Py_ssize_t size)
{
    return PySys_Audit("marshal.loads", "y#", data, size) < 0 ? NULL : marshal_read(data, size);
}

PyObject *marshal_read(const char *data, Py_ssize_t size)
{
    Reader r = {.next = (const uint8_t *)data, .end = (const uint8_t *)data + size};
    return read_all(&r);
}

PyObject *marshal_read_trusted(const char *data, Py_ssize_t size)
{
    Reader r = {.next = (const uint8_t *)data, .end = (const uint8_t *)data + size};
    r.trusted = true;
    return read_all(&r);
}

PyObject *PyMarshal_ReadObjectFromFile(FILE *file)
{
    Reader r = {.file = file};
    return read_all(&r);
}

PyObject *PyMarshal_ReadLastObjectFromFile(FILE *file)
{
    /* In memory it is known how much there is, and a forged size allocates nothing. */
    struct stat info;
    long at = ftell(file);
    if (at < 0 || fstat(fileno(file), &info) < 0 || !S_ISREG(info.st_mode) || info.st_size < at) {
        return PyMarshal_ReadObjectFromFile(file);
    }
    size_t size = (size_t)(info.st_size - at);
    char *data = PyMem_Malloc(size + 1);
    if (!data) return PyErr_NoMemory();
    size = fread(data, 1, size, file);
    PyObject *object = PyMarshal_ReadObjectFromString(data, (Py_ssize_t)size);
    PyMem_Free(data);
    return object;
}

PyObject *marshal_read_from_reader(PyObject *file)
{
    Reader r = {.readable = file};
    return read_all(&r);
}

long PyMarshal_ReadLongFromFile(FILE *file)
{
    Reader r = {.file = file};
    int32_t value = -1;
    if (!read_int32(&r, &value)) value = -1;
    PyMem_Free(r.buffer);
    return value;
}

int PyMarshal_ReadShortFromFile(FILE *file)
{
    Reader r = {.file = file};
    const uint8_t *p = take(&r, 2);
    int value = p ? (int16_t)(p[0] | p[1] << 8) : -1;
    PyMem_Free(r.buffer);
    return value;
}
