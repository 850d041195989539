/* _struct: bytes that are C structs, by a format (the manual: library/struct).
 *
 * A format is compiled once into items: an operation, a place, a size and a repeat count. Values that numbers stand for
 * are moved by one loop per operation; what differs between formats of one size (range, wording of errors) stands in the
 * table of codes. The functions keep the Struct objects of the formats they have met.
 */
#include <Python.h>
#include <internal/krait_exports.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <structmember.h>

typedef enum { PAD, CHAR, STRING, PASCAL, BOOL, SIGNED, UNSIGNED, HALF, FLOAT, NATIVE_FLOAT, DOUBLE, POINTER } Operation;

typedef struct {
    char code;
    unsigned char size, alignment;
    Operation operation;
} Code;

/* Native sizes and alignments, and the standard ones; in the order of how often they are met. */
static const Code native_codes[] = {
    {'i', 4, 4, SIGNED},   {'I', 4, 4, UNSIGNED}, {'B', 1, 0, UNSIGNED}, {'H', 2, 2, UNSIGNED},  {'h', 2, 2, SIGNED},
    {'b', 1, 0, SIGNED},   {'s', 1, 0, STRING},   {'x', 1, 0, PAD},      {'c', 1, 0, CHAR},      {'q', 8, 8, SIGNED},
    {'Q', 8, 8, UNSIGNED}, {'l', 8, 8, SIGNED},   {'L', 8, 8, UNSIGNED}, {'n', 8, 8, SIGNED},    {'N', 8, 8, UNSIGNED},
    {'d', 8, 8, DOUBLE},   {'f', 4, 4, NATIVE_FLOAT}, {'?', 1, 1, BOOL}, {'p', 1, 0, PASCAL},    {'P', 8, 8, POINTER},
    {'e', 2, 2, HALF},
};
static const Code standard_codes[] = {
    {'i', 4, 0, SIGNED},   {'I', 4, 0, UNSIGNED}, {'B', 1, 0, UNSIGNED}, {'H', 2, 0, UNSIGNED}, {'h', 2, 0, SIGNED},
    {'b', 1, 0, SIGNED},   {'s', 1, 0, STRING},   {'x', 1, 0, PAD},      {'c', 1, 0, CHAR},     {'q', 8, 0, SIGNED},
    {'Q', 8, 0, UNSIGNED}, {'l', 4, 0, SIGNED},   {'L', 4, 0, UNSIGNED}, {'d', 8, 0, DOUBLE},   {'f', 4, 0, FLOAT},
    {'?', 1, 0, BOOL},     {'p', 1, 0, PASCAL},   {'e', 2, 0, HALF},
};

typedef struct {
    Operation operation;
    char code;
    bool big;                           /* big-endian */
    unsigned char width;                /* bytes of one value */
    Py_ssize_t offset;                  /* of the first */
    Py_ssize_t size;                    /* from one to the next: the width, or the length of a string */
    Py_ssize_t repeat;
} Item;

typedef struct {
    PyObject_HEAD
    Py_ssize_t size, length;            /* bytes; values. -1 before __init__ */
    Item *items;                        /* owned; the last has code 0. NULL before __init__ */
    PyObject *format;                   /* owned bytes */
    PyObject *weak_list;
} Struct;

struct StructModule {
    PyObject *error, *cache;            /* owned */
    PyTypeObject *struct_type, *iterator_type;
    PyObject *last_format;              /* owned: the format used last, and its struct */
    Struct *last_struct;
};

enum { CACHE_MAX = 100 };

static PyModuleDef definition;

static inline struct StructModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

static struct StructModule *state_of_type(PyTypeObject *type)
{
    PyObject *own = ((PyHeapTypeObject *)type)->ht_module;      /* a class of Python's that inherits has none */
    if (own) return PyModule_GetState(own);
    PyObject *module = PyType_GetModuleByDef(type, &definition);
    return module ? PyModule_GetState(module) : NULL;
}

/* ---- Compiling a format ---- */

static const Code *find_code(const Code *codes, size_t count, char c)
{
    for (size_t i = 0; i < count; i++) {
        if (codes[i].code == c) return &codes[i];
    }
    return NULL;
}

static int refuse(struct StructModule *state, const char *message)
{
    PyErr_SetString(state->error, message);
    return -1;
}

/* Where a value of a code comes after `size` bytes; -1 if that is too far. */
static Py_ssize_t align(Py_ssize_t size, const Code *code)
{
    if (!code->alignment) return size;
    Py_ssize_t over = size % code->alignment;
    if (!over) return size;
    Py_ssize_t more = code->alignment - over;
    return size > PY_SSIZE_T_MAX - more ? -1 : size + more;
}

/* Compiles into items (room for one per character of the format, and the end); 0, or -1 with an exception set. */
static int compile(struct StructModule *state, const char *format, Item *items, Struct *result)
{
    const Code *codes = standard_codes;
    size_t code_count = Py_ARRAY_LENGTH(standard_codes);
    bool big = false, native = false;
    switch (*format) {
    case '<': format++; break;
    case '>': case '!': format++, big = true; break;
    case '=': format++; break;
    case '@': format++, native = true; break;
    default: native = true;
    }
    if (native) {
        codes = native_codes;
        code_count = Py_ARRAY_LENGTH(native_codes);
    }
    Py_ssize_t size = 0, length = 0, count = 0;
    for (char c; (c = *format); format++) {
        if (Py_ISSPACE(c)) continue;
        Py_ssize_t repeat = 1;
        if (c >= '0' && c <= '9') {
            for (repeat = 0; (c = *format) >= '0' && c <= '9'; format++) {
                if (__builtin_mul_overflow(repeat, 10, &repeat) || __builtin_add_overflow(repeat, c - '0', &repeat)) {
                    return refuse(state, "total struct size too long");
                }
            }
            if (!c) return refuse(state, "repeat count given without format specifier");
        }
        const Code *code = find_code(codes, code_count, c);
        if (!code) return refuse(state, "bad char in struct format");
        size = align(size, code);
        Py_ssize_t bytes;
        if (size < 0 || __builtin_mul_overflow((Py_ssize_t)code->size, repeat, &bytes)
            || bytes > PY_SSIZE_T_MAX - size) {
            return refuse(state, "total struct size too long");
        }
        Item item = {code->operation, c, big, code->size, size, code->size, repeat};
        if (code->operation == STRING || code->operation == PASCAL) {
            item.size = repeat;
            item.repeat = 1;
        }
        if (code->operation != PAD && item.repeat) {
            if (item.repeat > PY_SSIZE_T_MAX - length) return refuse(state, "total struct size too long");
            items[count++] = item;
            length += item.repeat;
        }
        size += bytes;
    }
    result->size = size;
    result->length = length;
    items[count] = (Item){0};
    return 0;
}

/* ---- Values into bytes ---- */

static inline void store(unsigned char *to, uint64_t value, int width, bool big)
{
    switch (width) {
    case 1: *to = (unsigned char)value; return;
    case 2: {
        uint16_t v = (uint16_t)value;
        if (big) v = __builtin_bswap16(v);
        memcpy(to, &v, 2);
        return;
    }
    case 4: {
        uint32_t v = (uint32_t)value;
        if (big) v = __builtin_bswap32(v);
        memcpy(to, &v, 4);
        return;
    }
    default:
        if (big) value = __builtin_bswap64(value);
        memcpy(to, &value, 8);
    }
}

static inline uint64_t fetch(const unsigned char *from, int width, bool big)
{
    switch (width) {
    case 1: return *from;
    case 2: {
        uint16_t v;
        memcpy(&v, from, 2);
        return big ? __builtin_bswap16(v) : v;
    }
    case 4: {
        uint32_t v;
        memcpy(&v, from, 4);
        return big ? __builtin_bswap32(v) : v;
    }
    default: {
        uint64_t v;
        memcpy(&v, from, 8);
        return big ? __builtin_bswap64(v) : v;
    }
    }
}

/* The int that a value is or stands for by __index__(): a new reference. */
static PyObject *int_of(struct StructModule *state, PyObject *value)
{
    if (PyLong_Check(value)) return Py_NewRef(value);
    if (PyIndex_Check(value)) return PyNumber_Index(value);
    PyErr_SetString(state->error, "required argument is not an integer");
    return NULL;
}

static int out_of_range(struct StructModule *state, const Item *item)
{
    int bits = item->width * 8;
    switch (item->width) {
    case 1:
        return refuse(state, item->operation == SIGNED ? "byte format requires -128 <= number <= 127"
                                                        : "ubyte format requires 0 <= number <= 255");
    case 2:
        if (item->big) break;
        return refuse(state, item->operation == SIGNED ? "short format requires -32768 <= number <= 32767"
                                                        : "ushort format requires 0 <= number <= 65535");
    }
    if (item->operation == SIGNED) {
        long limit = 1L << (bits - 1);
        PyErr_Format(state->error, "'%c' format requires %zd <= number <= %zd", item->code, -limit, limit - 1);
    } else {
        PyErr_Format(state->error, "'%c' format requires 0 <= number <= %zu", item->code, (size_t)(1UL << bits) - 1);
    }
    return -1;
}

static int too_far(struct StructModule *state, const Item *item)
{
    if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
    PyErr_Clear();
    return refuse(state, item->width == 8 && item->big ? "int too large to convert" : "argument out of range");
}

static int pack_signed(struct StructModule *state, const Item *item, PyObject *value, unsigned char *to)
{
    PyObject *number = int_of(state, value);
    if (!number) return -1;
    long x = PyLong_AsLong(number);
    Py_DECREF(number);
    if (x == -1 && PyErr_Occurred()) return too_far(state, item);
    if (item->width < 8) {
        long limit = 1L << (item->width * 8 - 1);
        if (x < -limit || x >= limit) return out_of_range(state, item);
    }
    store(to, (uint64_t)x, item->width, item->big);
    return 0;
}

static int pack_unsigned(struct StructModule *state, const Item *item, PyObject *value, unsigned char *to)
{
    PyObject *number = int_of(state, value);
    if (!number) return -1;
    unsigned long x;
    if (item->width == 1 || (item->width == 2 && !item->big)) {
        long signed_x = PyLong_AsLong(number);
        Py_DECREF(number);
        if (signed_x == -1 && PyErr_Occurred()) return too_far(state, item);
        if (signed_x < 0) return out_of_range(state, item);
        x = (unsigned long)signed_x;
    } else {
        x = PyLong_AsUnsignedLong(number);
        Py_DECREF(number);
        if (x == (unsigned long)-1 && PyErr_Occurred()) return too_far(state, item);
    }
    if (item->width < 8 && x >> (item->width * 8)) return out_of_range(state, item);
    store(to, x, item->width, item->big);
    return 0;
}

static int pack_pointer(struct StructModule *state, PyObject *value, unsigned char *to)
{
    PyObject *number = int_of(state, value);
    if (!number) return -1;
    void *x = PyLong_AsVoidPtr(number);
    Py_DECREF(number);
    if (!x && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
        PyErr_Clear();
        return refuse(state, "int too large to convert");
    }
    memcpy(to, &x, sizeof x);
    return 0;
}

static int pack_float(struct StructModule *state, const Item *item, PyObject *value, unsigned char *to)
{
    double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) return refuse(state, "required argument is not a float");
    int result = 0;
    switch (item->operation) {
    case DOUBLE: {
        uint64_t bits;
        memcpy(&bits, &x, 8);
        store(to, bits, 8, item->big);
        return 0;
    }
    case NATIVE_FLOAT: {
        float narrow = (float)x;
        memcpy(to, &narrow, 4);
        return 0;
    }
    case FLOAT: result = PyFloat_Pack4(x, (char *)to, !item->big); break;
    default: result = PyFloat_Pack2(x, (char *)to, !item->big);
    }
    if (result < 0 && PyLong_Check(value) && PyErr_ExceptionMatches(PyExc_OverflowError)) {
        refuse(state, "int too large to convert");
    }
    return result;
}

/* Bytes of bytes or bytearray; false for anything else. */
static bool text_of(PyObject *value, const char **text, Py_ssize_t *size)
{
    if (PyBytes_Check(value)) {
        *text = PyBytes_AS_STRING(value);
        *size = PyBytes_GET_SIZE(value);
        return true;
    }
    if (PyByteArray_Check(value)) {
        *text = PyByteArray_AS_STRING(value);
        *size = PyByteArray_GET_SIZE(value);
        return true;
    }
    return false;
}

static int pack_text(struct StructModule *state, const Item *item, PyObject *value, unsigned char *to)
{
    const char *text;
    Py_ssize_t n;
    if (!text_of(value, &text, &n)) {
        return refuse(state, item->operation == STRING ? "argument for 's' must be a bytes object"
                                                        : "argument for 'p' must be a bytes object");
    }
    if (item->operation == STRING) {
        memcpy(to, text, (size_t)(n < item->size ? n : item->size));
        return 0;
    }
    if (item->size == 0) return 0;
    if (n > item->size - 1) n = item->size - 1;
    memcpy(to + 1, text, (size_t)n);
    *to = n > 255 ? 255 : (unsigned char)n;
    return 0;
}

static int pack_one(struct StructModule *state, const Item *item, PyObject *value, unsigned char *to)
{
    switch (item->operation) {
    case SIGNED: return pack_signed(state, item, value, to);
    case UNSIGNED: return pack_unsigned(state, item, value, to);
    case DOUBLE: case FLOAT: case NATIVE_FLOAT: case HALF: return pack_float(state, item, value, to);
    case STRING: case PASCAL: return pack_text(state, item, value, to);
    case POINTER: return pack_pointer(state, value, to);
    case BOOL: {
        int truth = PyObject_IsTrue(value);
        if (truth < 0) return -1;
        *to = (unsigned char)truth;
        return 0;
    }
    case CHAR:
        if (!PyBytes_Check(value) || PyBytes_GET_SIZE(value) != 1) {
            return refuse(state, "char format requires a bytes object of length 1");
        }
        *to = (unsigned char)*PyBytes_AS_STRING(value);
        return 0;
    case PAD: break;
    }
    return 0;
}

/* Packs self->length values into self->size bytes at `to`. */
static int pack_all(Struct *self, struct StructModule *state, PyObject *const *values, unsigned char *to)
{
    memset(to, 0, (size_t)self->size);
    for (const Item *item = self->items; item && item->code; item++) {
        unsigned char *place = to + item->offset;
        for (Py_ssize_t n = item->repeat; n > 0; n--, place += item->size) {
            if (pack_one(state, item, *values++, place) < 0) return -1;
        }
    }
    return 0;
}

/* ---- Bytes into values ---- */

static PyObject *unpack_one(const Item *item, const unsigned char *from)
{
    switch (item->operation) {
    case SIGNED: {
        int shift = 64 - item->width * 8;
        return PyLong_FromLong((long)(fetch(from, item->width, item->big) << shift) >> shift);
    }
    case UNSIGNED: return PyLong_FromUnsignedLong(fetch(from, item->width, item->big));
    case DOUBLE: {
        uint64_t bits = fetch(from, 8, item->big);
        double x;
        memcpy(&x, &bits, 8);
        return PyFloat_FromDouble(x);
    }
    case FLOAT: case NATIVE_FLOAT: {
        uint32_t bits = (uint32_t)fetch(from, 4, item->big);
        float x;
        memcpy(&x, &bits, 4);
        return PyFloat_FromDouble((double)x);
    }
    case HALF: {
        double x = PyFloat_Unpack2((const char *)from, !item->big);
        return x == -1.0 && PyErr_Occurred() ? NULL : PyFloat_FromDouble(x);
    }
    case STRING: return PyBytes_FromStringAndSize((const char *)from, item->size);
    case PASCAL: {
        if (item->size == 0) return PyBytes_FromStringAndSize(NULL, 0);
        Py_ssize_t n = *from;
        if (n >= item->size) n = item->size - 1;
        return PyBytes_FromStringAndSize((const char *)from + 1, n);
    }
    case CHAR: return PyBytes_FromStringAndSize((const char *)from, 1);
    case BOOL: return PyBool_FromLong(*from != 0);
    case POINTER: {
        void *x;
        memcpy(&x, from, sizeof x);
        return PyLong_FromVoidPtr(x);
    }
    case PAD: break;
    }
    Py_UNREACHABLE();
}

static PyObject *unpack_all(Struct *self, const unsigned char *from)
{
    PyObject *tuple = PyTuple_New(self->length);
    if (!tuple) return NULL;
    Py_ssize_t at = 0;
    for (const Item *item = self->items; item && item->code; item++) {
        const unsigned char *place = from + item->offset;
        for (Py_ssize_t n = item->repeat; n > 0; n--, place += item->size) {
            PyObject *value = unpack_one(item, place);
            if (!value) {
                Py_DECREF(tuple);
                return NULL;
            }
            PyTuple_SET_ITEM(tuple, at++, value);
        }
    }
    return tuple;
}

/* ---- Struct: making ---- */

static PyObject *Struct_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwds))
{
    Struct *self = (Struct *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->size = self->length = -1;
    self->format = PyBytes_FromStringAndSize(NULL, 0);
    if (!self->format) Py_CLEAR(self);
    return (PyObject *)self;
}

static int struct_compile(Struct *self, struct StructModule *state, PyObject *format)
{
    if (PyUnicode_Check(format)) {
        format = PyUnicode_AsASCIIString(format);
        if (!format) return -1;
    } else {
        Py_INCREF(format);
    }
    if (!PyBytes_Check(format)) {
        PyErr_Format(PyExc_TypeError, "Struct() argument 1 must be a str or bytes object, not %.200s",
                     Py_TYPE(format)->tp_name);
        Py_DECREF(format);
        return -1;
    }
    const char *text = PyBytes_AS_STRING(format);
    if (strlen(text) != (size_t)PyBytes_GET_SIZE(format)) {
        Py_DECREF(format);
        return refuse(state, "embedded null character");
    }
    Py_SETREF(self->format, format);
    Item *items = PyMem_New(Item, (size_t)PyBytes_GET_SIZE(format) + 1);
    if (!items) {
        PyErr_NoMemory();
        return -1;
    }
    if (compile(state, text, items, self) < 0) {
        PyMem_Free(items);
        return -1;
    }
    PyMem_Free(self->items);
    self->items = items;
    return 0;
}

static int Struct_init(Struct *self, PyObject *args, PyObject *kwds)
{
    static const char *const keywords[] = {"format", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:Struct"};
    PyObject *format;
    struct StructModule *state = state_of_type(Py_TYPE(self));
    if (!state || !_PyArg_ParseTupleAndKeywordsFast(args, kwds, &parser, &format)) return -1;
    return struct_compile(self, state, format);
}

static int Struct_traverse(Struct *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void Struct_dealloc(Struct *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weak_list) PyObject_ClearWeakRefs((PyObject *)self);
    PyMem_Free(self->items);
    Py_XDECREF(self->format);
    type->tp_free(self);
    Py_DECREF(type);
}

/* ---- Struct: methods, shared with the module's functions ---- */

static PyObject *struct_pack(Struct *self, struct StructModule *state, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != self->length) {
        PyErr_Format(state->error, "pack expected %zd items for packing (got %zd)", self->length, nargs);
        return NULL;
    }
    PyObject *result = PyBytes_FromStringAndSize(NULL, self->size);
    if (result && pack_all(self, state, args, (unsigned char *)PyBytes_AS_STRING(result)) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *struct_pack_into(Struct *self, struct StructModule *state, PyObject *const *args, Py_ssize_t nargs)
{
    if (nargs != self->length + 2) {
        if (nargs == 0) PyErr_SetString(state->error, "pack_into expected buffer argument");
        else if (nargs == 1) PyErr_SetString(state->error, "pack_into expected offset argument");
        else PyErr_Format(state->error, "pack_into expected %zd items for packing (got %zd)", self->length, nargs - 2);
        return NULL;
    }
    Py_buffer buffer;
    if (PyByteArray_CheckExact(args[0]) ? PyObject_GetBuffer(args[0], &buffer, PyBUF_WRITABLE) < 0
                                        : !PyArg_Parse(args[0], "w*", &buffer)) {
        return NULL;
    }
    Py_ssize_t offset = PyNumber_AsSsize_t(args[1], PyExc_IndexError);
    if (offset == -1 && PyErr_Occurred()) goto error;
    if (offset < 0) {
        if (offset + self->size > 0) {
            PyErr_Format(state->error, "no space to pack %zd bytes at offset %zd", self->size, offset);
            goto error;
        }
        if (offset + buffer.len < 0) {
            PyErr_Format(state->error, "offset %zd out of range for %zd-byte buffer", offset, buffer.len);
            goto error;
        }
        offset += buffer.len;
    }
    if (buffer.len - offset < self->size) {
        PyErr_Format(state->error, "pack_into requires a buffer of at least %zu bytes for packing %zd bytes at offset %zd "
                     "(actual buffer size is %zd)", (size_t)self->size + (size_t)offset, self->size, offset, buffer.len);
        goto error;
    }
    if (pack_all(self, state, args + 2, (unsigned char *)buffer.buf + offset) < 0) goto error;
    PyBuffer_Release(&buffer);
    Py_RETURN_NONE;
error:
    PyBuffer_Release(&buffer);
    return NULL;
}

static PyObject *struct_unpack(Struct *self, struct StructModule *state, PyObject *obj)
{
    if (PyBytes_CheckExact(obj) && PyBytes_GET_SIZE(obj) == self->size) {
        return unpack_all(self, (const unsigned char *)PyBytes_AS_STRING(obj));
    }
    Py_buffer buffer;
    if (PyObject_GetBuffer(obj, &buffer, PyBUF_SIMPLE) < 0) return NULL;
    PyObject *result = NULL;
    if (buffer.len == self->size) result = unpack_all(self, buffer.buf);
    else PyErr_Format(state->error, "unpack requires a buffer of %zd bytes", self->size);
    PyBuffer_Release(&buffer);
    return result;
}

static PyObject *struct_unpack_from(Struct *self, struct StructModule *state, const Py_buffer *buffer, Py_ssize_t offset)
{
    if (offset < 0) {
        if (offset + self->size > 0) {
            PyErr_Format(state->error, "not enough data to unpack %zd bytes at offset %zd", self->size, offset);
            return NULL;
        }
        if (offset + buffer->len < 0) {
            PyErr_Format(state->error, "offset %zd out of range for %zd-byte buffer", offset, buffer->len);
            return NULL;
        }
        offset += buffer->len;
    }
    if (buffer->len - offset < self->size) {
        PyErr_Format(state->error, "unpack_from requires a buffer of at least %zu bytes for unpacking %zd bytes at offset %zd "
                     "(actual buffer size is %zd)", (size_t)self->size + (size_t)offset, self->size, offset, buffer->len);
        return NULL;
    }
    return unpack_all(self, (const unsigned char *)buffer->buf + offset);
}

static PyObject *Struct_pack(Struct *self, PyObject *const *args, Py_ssize_t nargs)
{
    return struct_pack(self, state_of_type(Py_TYPE(self)), args, nargs);
}

static PyObject *Struct_pack_into(Struct *self, PyObject *const *args, Py_ssize_t nargs)
{
    return struct_pack_into(self, state_of_type(Py_TYPE(self)), args, nargs);
}

static PyObject *Struct_unpack(Struct *self, PyObject *obj)
{
    return struct_unpack(self, state_of_type(Py_TYPE(self)), obj);
}

static PyObject *Struct_unpack_from(Struct *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"buffer", "offset", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "y*|n:unpack_from"};
    Py_buffer buffer;
    Py_ssize_t offset = 0;
    if (!kwnames && (nargs == 1 || (nargs == 2 && PyLong_CheckExact(args[1])))) {
        if (PyObject_GetBuffer(args[0], &buffer, PyBUF_SIMPLE) < 0) return NULL;
        if (nargs == 2) offset = PyLong_AsSsize_t(args[1]);
        if (offset == -1 && PyErr_Occurred()) {
            PyBuffer_Release(&buffer);
            return NULL;
        }
    }
    else if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &buffer, &offset)) return NULL;
    PyObject *result = struct_unpack_from(self, state_of_type(Py_TYPE(self)), &buffer, offset);
    PyBuffer_Release(&buffer);
    return result;
}

/* ---- The iterator of iter_unpack() ---- */

typedef struct {
    PyObject_HEAD
    Struct *structure;                  /* owned; NULL at the end */
    Py_buffer buffer;                   /* held until the end */
    Py_ssize_t index;
} Iterator;

static void iterator_end(Iterator *self)
{
    if (!self->structure) return;
    Py_CLEAR(self->structure);
    PyBuffer_Release(&self->buffer);
}

static void iterator_dealloc(Iterator *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    iterator_end(self);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

static int iterator_traverse(Iterator *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->structure);
    if (self->structure) Py_VISIT(self->buffer.obj);
    return 0;
}

static PyObject *iterator_next(Iterator *self)
{
    if (!self->structure) return NULL;
    if (self->index >= self->buffer.len) {
        iterator_end(self);
        return NULL;
    }
    PyObject *result = unpack_all(self->structure, (const unsigned char *)self->buffer.buf + self->index);
    self->index += self->structure->size;
    return result;
}

static PyObject *iterator_length_hint(Iterator *self, PyObject *Py_UNUSED(ignored))
{
    if (!self->structure) return PyLong_FromLong(0);
    return PyLong_FromSsize_t((self->buffer.len - self->index) / self->structure->size);
}

static PyMethodDef iterator_methods[] = {
    {"__length_hint__", (PyCFunction)iterator_length_hint, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot iterator_slots[] = {
    {Py_tp_dealloc, iterator_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_traverse, iterator_traverse},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iterator_next},
    {Py_tp_methods, iterator_methods},
    {0, NULL},
};

static PyType_Spec iterator_spec = {
    .name = "_struct.unpack_iterator",
    .basicsize = sizeof(Iterator),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = iterator_slots,
};

static PyObject *struct_iter_unpack(Struct *self, struct StructModule *state, PyObject *obj)
{
    if (self->size == 0) {
        PyErr_SetString(state->error, "cannot iteratively unpack with a struct of length 0");
        return NULL;
    }
    Iterator *iterator = PyObject_GC_New(Iterator, state->iterator_type);
    if (!iterator) return NULL;
    iterator->structure = NULL;
    iterator->index = 0;
    if (PyObject_GetBuffer(obj, &iterator->buffer, PyBUF_SIMPLE) < 0) {
        Py_DECREF(iterator);
        return NULL;
    }
    iterator->structure = (Struct *)Py_NewRef(self);
    PyObject_GC_Track(iterator);
    if (iterator->buffer.len % self->size != 0) {
        PyErr_Format(state->error, "iterative unpacking requires a buffer of a multiple of %zd bytes", self->size);
        Py_CLEAR(iterator);
    }
    return (PyObject *)iterator;
}

static PyObject *Struct_iter_unpack(Struct *self, PyObject *obj)
{
    return struct_iter_unpack(self, state_of_type(Py_TYPE(self)), obj);
}

/* ---- Struct: the type ---- */

static PyObject *Struct_sizeof(Struct *self, PyObject *Py_UNUSED(ignored))
{
    size_t size = sizeof *self + sizeof(Item);
    for (const Item *item = self->items; item && item->code; item++) size += sizeof(Item);
    return PyLong_FromSize_t(size);
}

static PyObject *Struct_get_format(Struct *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromStringAndSize(PyBytes_AS_STRING(self->format), PyBytes_GET_SIZE(self->format));
}

static PyObject *Struct_get_size(Struct *self, void *Py_UNUSED(closure))
{
    return PyLong_FromSsize_t(self->size);
}

static PyMethodDef struct_methods[] = {
    {"iter_unpack", (PyCFunction)Struct_iter_unpack, METH_O,
     "iter_unpack($self, buffer, /)\n--\n\nAn iterator of the tuples of structs that lie one after the other in a buffer."},
    {"pack", _PyCFunction_CAST(Struct_pack), METH_FASTCALL, "S.pack(v1, v2, ...) -> bytes\n\nThe values as bytes."},
    {"pack_into", _PyCFunction_CAST(Struct_pack_into), METH_FASTCALL,
     "S.pack_into(buffer, offset, v1, v2, ...)\n\nWrite the values into a buffer at an offset."},
    {"unpack", (PyCFunction)Struct_unpack, METH_O,
     "unpack($self, buffer, /)\n--\n\nThe tuple of the values in a buffer of just the struct's size."},
    {"unpack_from", _PyCFunction_CAST(Struct_unpack_from), METH_FASTCALL | METH_KEYWORDS,
     "unpack_from($self, /, buffer, offset=0)\n--\n\nThe tuple of the values at an offset of a buffer."},
    {"__sizeof__", (PyCFunction)Struct_sizeof, METH_NOARGS, "S.__sizeof__() -> size of S in memory, in bytes"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef struct_getset[] = {
    {"format", (getter)Struct_get_format, NULL, "the format as a str", NULL},
    {"size", (getter)Struct_get_size, NULL, "the size in bytes", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef struct_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Struct, weak_list), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot struct_slots[] = {
    {Py_tp_dealloc, Struct_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_setattro, PyObject_GenericSetAttr},
    {Py_tp_doc, "Struct(fmt) --> compiled struct object\n\n"},
    {Py_tp_traverse, Struct_traverse},
    {Py_tp_methods, struct_methods},
    {Py_tp_members, struct_members},
    {Py_tp_getset, struct_getset},
    {Py_tp_init, Struct_init},
    {Py_tp_alloc, PyType_GenericAlloc},
    {Py_tp_new, Struct_new},
    {Py_tp_free, PyObject_GC_Del},
    {0, NULL},
};

static PyType_Spec struct_spec = {
    .name = "_struct.Struct",
    .basicsize = sizeof(Struct),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = struct_slots,
};

/* ---- The module's functions ---- */

/* The struct of a format: a new reference. */
static Struct *struct_for(struct StructModule *state, PyObject *format)
{
    if (format == state->last_format) return (Struct *)Py_NewRef(state->last_struct);
    if (!PyUnicode_Check(format) && !PyBytes_Check(format)) {
        if (PyObject_Hash(format) == -1) return NULL;
        PyErr_Format(PyExc_TypeError, "Struct() argument 1 must be a str or bytes object, not %.200s",
                     Py_TYPE(format)->tp_name);
        return NULL;
    }
    Struct *found = (Struct *)PyDict_GetItemWithError(state->cache, format);
    if (found) {
        Py_INCREF(found);
    } else {
        if (PyErr_Occurred()) return NULL;
        found = (Struct *)Struct_new(state->struct_type, NULL, NULL);
        if (!found) return NULL;
        if (struct_compile(found, state, format) < 0) {
            Py_DECREF(found);
            return NULL;
        }
        if (PyDict_GET_SIZE(state->cache) >= CACHE_MAX) PyDict_Clear(state->cache);
        if (PyDict_SetItem(state->cache, format, (PyObject *)found) < 0) PyErr_Clear();
    }
    Py_XSETREF(state->last_format, Py_NewRef(format));
    Py_XSETREF(state->last_struct, (Struct *)Py_NewRef(found));
    return found;
}

static PyObject *clear_cache(PyObject *module, PyObject *Py_UNUSED(ignored))
{
    struct StructModule *state = module_state(module);
    Py_CLEAR(state->last_format);
    Py_CLEAR(state->last_struct);
    PyDict_Clear(state->cache);
    Py_RETURN_NONE;
}

static PyObject *calcsize(PyObject *module, PyObject *format)
{
    Struct *self = struct_for(module_state(module), format);
    if (!self) return NULL;
    Py_ssize_t size = self->size;
    Py_DECREF(self);
    return PyLong_FromSsize_t(size);
}

static int need_format(Py_ssize_t nargs)
{
    if (nargs) return 0;
    PyErr_SetString(PyExc_TypeError, "missing format argument");
    return -1;
}

static PyObject *pack(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    struct StructModule *state = module_state(module);
    if (need_format(nargs) < 0) return NULL;
    Struct *self = struct_for(state, args[0]);
    if (!self) return NULL;
    PyObject *result = struct_pack(self, state, args + 1, nargs - 1);
    Py_DECREF(self);
    return result;
}

static PyObject *pack_into(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    struct StructModule *state = module_state(module);
    if (need_format(nargs) < 0) return NULL;
    Struct *self = struct_for(state, args[0]);
    if (!self) return NULL;
    PyObject *result = struct_pack_into(self, state, args + 1, nargs - 1);
    Py_DECREF(self);
    return result;
}

static PyObject *unpack(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    struct StructModule *state = module_state(module);
    if (!_PyArg_CheckPositional("unpack", nargs, 2, 2)) return NULL;
    Struct *self = struct_for(state, args[0]);
    if (!self) return NULL;
    PyObject *result = struct_unpack(self, state, args[1]);
    Py_DECREF(self);
    return result;
}

static PyObject *unpack_from(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "buffer", "offset", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "Oy*|n:unpack_from"};
    struct StructModule *state = module_state(module);
    PyObject *format, *result = NULL;
    Py_buffer buffer;
    Py_ssize_t offset = 0;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &format, &buffer, &offset)) return NULL;
    Struct *self = struct_for(state, format);
    if (self) {
        result = struct_unpack_from(self, state, &buffer, offset);
        Py_DECREF(self);
    }
    PyBuffer_Release(&buffer);
    return result;
}

static PyObject *iter_unpack(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    struct StructModule *state = module_state(module);
    if (!_PyArg_CheckPositional("iter_unpack", nargs, 2, 2)) return NULL;
    Struct *self = struct_for(state, args[0]);
    if (!self) return NULL;
    PyObject *result = struct_iter_unpack(self, state, args[1]);
    Py_DECREF(self);
    return result;
}

static PyMethodDef functions[] = {
    {"_clearcache", clear_cache, METH_NOARGS, "_clearcache($module, /)\n--\n\nForget the compiled formats."},
    {"calcsize", calcsize, METH_O, "calcsize($module, format, /)\n--\n\nThe size in bytes of a format's struct."},
    {"iter_unpack", _PyCFunction_CAST(iter_unpack), METH_FASTCALL,
     "iter_unpack($module, format, buffer, /)\n--\n\nAn iterator of the tuples of structs that lie one after the other in a buffer."},
    {"pack", _PyCFunction_CAST(pack), METH_FASTCALL, "pack(format, v1, v2, ...) -> bytes\n\nThe values as a format's bytes."},
    {"pack_into", _PyCFunction_CAST(pack_into), METH_FASTCALL,
     "pack_into(format, buffer, offset, v1, v2, ...)\n\nWrite the values as a format's bytes into a buffer at an offset."},
    {"unpack", _PyCFunction_CAST(unpack), METH_FASTCALL,
     "unpack($module, format, buffer, /)\n--\n\nThe tuple of the values in a buffer of just the format's size."},
    {"unpack_from", _PyCFunction_CAST(unpack_from), METH_FASTCALL | METH_KEYWORDS,
     "unpack_from($module, format, /, buffer, offset=0)\n--\n\nThe tuple of the values at an offset of a buffer."},
    {NULL, NULL, 0, NULL},
};

static int module_exec(PyObject *module)
{
    struct StructModule *state = module_state(module);
    state->cache = PyDict_New();
    state->struct_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &struct_spec, NULL);
    if (!state->cache || !state->struct_type || PyModule_AddType(module, state->struct_type) < 0) return -1;
    state->iterator_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &iterator_spec, NULL);
    if (!state->iterator_type) return -1;
    state->error = PyErr_NewException("struct.error", NULL, NULL);
    return state->error ? PyModule_AddObjectRef(module, "error", state->error) : -1;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct StructModule *state = module_state(module);
    Py_VISIT(state->error);
    Py_VISIT(state->cache);
    Py_VISIT(state->struct_type);
    Py_VISIT(state->iterator_type);
    Py_VISIT(state->last_struct);
    return 0;
}

static int module_clear(PyObject *module)
{
    struct StructModule *state = module_state(module);
    Py_CLEAR(state->error);
    Py_CLEAR(state->cache);
    Py_CLEAR(state->struct_type);
    Py_CLEAR(state->iterator_type);
    Py_CLEAR(state->last_format);
    Py_CLEAR(state->last_struct);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_struct",
    .m_doc = "Bytes that are C structs, packed and unpacked by a format.\n\n"
             "A format starts with the byte order: @ native with alignment (the default), = native, < little-endian,\n"
             "> or ! big-endian. Then come codes, each after an optional count: x a pad byte, c a byte, ? a bool,\n"
             "b B h H i I l L q Q n N ints, e f d floats, P a pointer; s and p are bytes of the count's length.",
    .m_size = sizeof(struct StructModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit__struct(void)
{
    return PyModuleDef_Init(&definition);
}
