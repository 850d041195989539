/* memoryview: items of native formats, copying between views, lists, and equality. */
#include "objects/memoryview.h"

#include <limits.h>
#include <string.h>

/* ---- Formats ---- */

/* Every native format: letter, text, C type. */
#define NATIVE_FORMATS(F)                                                                       \
    F('c', char) F('b', signed char) F('B', unsigned char) F('h', short) F('H', unsigned short) \
    F('i', int) F('I', unsigned int) F('l', long) F('L', unsigned long) F('q', long long)       \
    F('Q', unsigned long long) F('n', Py_ssize_t) F('N', size_t) F('f', float) F('d', double)   \
    F('?', _Bool) F('P', void *)

char memoryview_native_format(const char *format, Py_ssize_t *size)
{
    if (*format == '@') format++;
    if (!*format || format[1]) return 0;
    switch (*format) {
#define SIZE_CASE(letter, type) case letter: *size = sizeof(type); return letter;
        NATIVE_FORMATS(SIZE_CASE)
#undef SIZE_CASE
    }
    return 0;
}

const char *memoryview_native_format_text(const char *format)
{
    static const char texts[] =
        "@c\0@b\0@B\0@h\0@H\0@i\0@I\0@l\0@L\0@q\0@Q\0@n\0@N\0@f\0@d\0@?\0@P";
    bool at = *format == '@';
    for (const char *p = texts; p < texts + sizeof texts; p += 3) {
        if (p[1] == format[at]) return p + !at;
    }
    return NULL;
}

char memoryview_item_format(const Py_buffer *view)
{
    Py_ssize_t size;
    const char *format = view->format ? view->format : "B";
    char native = memoryview_native_format(format, &size);
    if (native && size == view->itemsize) return native;
    PyErr_Format(PyExc_NotImplementedError, "memoryview: unsupported format %s", format);
    return 0;
}

PyObject *memoryview_unpack(const char *p, char format)
{
#define LOAD(type) ({ type v; memcpy(&v, p, sizeof v); v; })
    switch (format) {
    case 'c': return PyBytes_FromStringAndSize(p, 1);
    case 'b': return PyLong_FromLong(*(const signed char *)p);
    case 'B': return PyLong_FromLong(*(const unsigned char *)p);
    case 'h': return PyLong_FromLong(LOAD(short));
    case 'H': return PyLong_FromLong(LOAD(unsigned short));
    case 'i': return PyLong_FromLong(LOAD(int));
    case 'I': return PyLong_FromLong(LOAD(unsigned int));
    case 'l': case 'q': case 'n': return PyLong_FromLong(LOAD(long));
    case 'L': case 'Q': case 'N': return PyLong_FromUnsignedLong(LOAD(unsigned long));
    case 'f': return PyFloat_FromDouble((double)LOAD(float));
    case 'd': return PyFloat_FromDouble(LOAD(double));
    case '?': return PyBool_FromLong(*p != 0);
    default: return PyLong_FromVoidPtr(LOAD(void *));
    }
#undef LOAD
}

static int invalid_type(char format)
{
    PyErr_Format(PyExc_TypeError, "memoryview: invalid type for format '%c'", format);
    return -1;
}

static int invalid_value(char format)
{
    PyErr_Format(PyExc_ValueError, "memoryview: invalid value for format '%c'", format);
    return -1;
}

/* Replaces the exception of a failed conversion by memoryview's own. */
static int conversion_error(char format)
{
    if (PyErr_ExceptionMatches(PyExc_TypeError)) return invalid_type(format);
    if (PyErr_ExceptionMatches(PyExc_OverflowError) || PyErr_ExceptionMatches(PyExc_ValueError)) {
        return invalid_value(format);
    }
    return -1;
}

/* The bits of an integer item within [low, high] (signed) or [0, high] (unsigned). */
static int pack_integer(char *p, PyObject *value, char format, Py_ssize_t size, bool is_signed)
{
    PyObject *index = _PyNumber_Index(value);
    if (!index) return conversion_error(format);
    uint64_t bits;
    bool fits;
    if (format == 'P') {
        bits = (uint64_t)(uintptr_t)PyLong_AsVoidPtr(index);
        fits = true;
    }
    else if (is_signed) {
        long v = PyLong_AsLong(index);
        bits = (uint64_t)v;
        fits = size == 8 || (v >= -(1L << (8 * size - 1)) && v < 1L << (8 * size - 1));
    }
    else {
        bits = PyLong_AsUnsignedLong(index);
        fits = size == 8 || bits >> (8 * size) == 0;
    }
    Py_DECREF(index);
    if ((bits == (uint64_t)-1 || bits == 0) && PyErr_Occurred()) return conversion_error(format);
    if (!fits) return invalid_value(format);
    memcpy(p, &bits, (size_t)size);     /* little-endian */
    return 0;
}

int memoryview_pack(char *p, PyObject *value, char format)
{
    Py_ssize_t size = 0;
    switch (format) {
    case 'c':
        if (!PyBytes_Check(value)) return invalid_type(format);
        if (PyBytes_GET_SIZE(value) != 1) return invalid_value(format);
        *p = PyBytes_AS_STRING(value)[0];
        return 0;
    case 'f':
    case 'd': {
        double d = PyFloat_AsDouble(value);
        if (d == -1.0 && PyErr_Occurred()) return conversion_error(format);
        float f = (float)d;
        if (format == 'd') memcpy(p, &d, sizeof d);
        else memcpy(p, &f, sizeof f);
        return 0;
    }
    case '?': {
        int truth = PyObject_IsTrue(value);
        if (truth < 0) return -1;
        *p = (char)truth;
        return 0;
    }
    default:
        memoryview_native_format((char[]){format, 0}, &size);
        return pack_integer(p, value, format, size, strchr("bhilqn", format) != NULL);
    }
}

/* ---- Copying ---- */

static bool same_format(const Py_buffer *a, const Py_buffer *b)
{
    const char *x = a->format ? a->format : "B", *y = b->format ? b->format : "B";
    return strcmp(x + (*x == '@'), y + (*y == '@')) == 0 && a->itemsize == b->itemsize;
}

static bool same_shape(const Py_buffer *a, const Py_buffer *b)
{
    if (a->ndim != b->ndim) return false;
    for (int i = 0; i < a->ndim; i++) {
        if (a->shape[i] != b->shape[i]) return false;
        if (a->shape[i] == 0) break;
    }
    return true;
}

/* Items of `src` from dimension d on, packed one after the other at *out. */
static void gather(const Py_buffer *src, char *p, int d, char **out)
{
    if (d == src->ndim) {
        memcpy(*out, p, (size_t)src->itemsize);
        *out += src->itemsize;
        return;
    }
    for (Py_ssize_t i = 0; i < src->shape[d]; i++, p += src->strides[d])
        gather(src, memoryview_adjust(src, p, d), d + 1, out);
}

static void scatter(const Py_buffer *dest, char *p, int d, const char **in)
{
    if (d == dest->ndim) {
        memcpy(p, *in, (size_t)dest->itemsize);
        *in += dest->itemsize;
        return;
    }
    for (Py_ssize_t i = 0; i < dest->shape[d]; i++, p += dest->strides[d]) {
        scatter(dest, memoryview_adjust(dest, p, d), d + 1, in);
    }
}

int memoryview_copy_view(const Py_buffer *dest, const Py_buffer *src)
{
    if (!same_format(dest, src) || !same_shape(dest, src)) {
        PyErr_SetString(PyExc_ValueError,
                        "memoryview assignment: lvalue and rvalue have different structures");
        return -1;
    }
    Py_ssize_t size = src->itemsize;
    for (int i = 0; i < src->ndim; i++) size *= src->shape[i];
    if (size == 0) return 0;
    bool plain = src->ndim <= 1 && !dest->suboffsets && !src->suboffsets &&
                 (src->ndim == 0 ||
                  (dest->strides[0] == dest->itemsize && src->strides[0] == src->itemsize));
    if (plain) {
        memmove(dest->buf, src->buf, (size_t)size);
        return 0;
    }
    char *packed = PyMem_Malloc((size_t)size), *out = packed;
    if (!packed) {
        PyErr_NoMemory();
        return -1;
    }
    gather(src, src->buf, 0, &out);
    const char *in = packed;
    scatter(dest, dest->buf, 0, &in);
    PyMem_Free(packed);
    return 0;
}

/* ---- Lists ---- */

static PyObject *list_from(const Py_buffer *view, char *p, int d, char format)
{
    if (d == view->ndim) return memoryview_unpack(p, format);
    PyObject *list = PyList_New(view->shape[d]);
    if (!list) return NULL;
    for (Py_ssize_t i = 0; i < view->shape[d]; i++, p += view->strides[d]) {
        PyObject *item = list_from(view, memoryview_adjust(view, p, d), d + 1, format);
        if (!item) {
            Py_DECREF(list);
            return NULL;
        }
        PyList_SET_ITEM(list, i, item);
    }
    return list;
}

PyObject *memoryview_list(const Py_buffer *view)
{
    char format = memoryview_item_format(view);
    return format ? list_from(view, view->buf, 0, format) : NULL;
}

/* ---- Equality ---- */

/* How to read the items of one side. */
struct Reader {
    char format;                        /* native format, or 0 */
    PyObject *unpack; /* owned: struct.Struct(format).unpack_from, for other formats */
};

/* 1; 0 when the format is not one that struct knows; -1 with an exception. */
static int reader_init(struct Reader *r, const Py_buffer *view)
{
    const char *text = view->format ? view->format : "B";
    Py_ssize_t size;
    *r = (struct Reader){memoryview_native_format(text, &size), NULL};
    if (r->format && size == view->itemsize) return 1;
    r->format = 0;
    PyObject *module = PyImport_ImportModule("struct");
    if (!module) return -1;
    PyObject *error = PyObject_GetAttrString(module, "error");
    PyObject *format = error ? PyBytes_FromString(text) : NULL;
    PyObject *reader = format ? PyObject_CallMethod(module, "Struct", "O", format) : NULL;
    int status = reader ? 1 : -1;
    if (!reader && error && PyErr_ExceptionMatches(error)) {
        PyErr_Clear();
        status = 0;
    }
    if (reader) {
        r->unpack = PyObject_GetAttrString(reader, "unpack_from");
        if (!r->unpack) status = -1;
        Py_DECREF(reader);
    }
    Py_XDECREF(format);
    Py_XDECREF(error);
    Py_DECREF(module);
    return status;
}

static PyObject *reader_get(const struct Reader *r, const char *p, Py_ssize_t size)
{
    if (!r->unpack) return memoryview_unpack(p, r->format);
    PyObject *bytes = PyBytes_FromStringAndSize(p, size);
    if (!bytes) return NULL;
    PyObject *tuple = PyObject_CallOneArg(r->unpack, bytes);
    Py_DECREF(bytes);
    if (tuple && PyTuple_CheckExact(tuple) && PyTuple_GET_SIZE(tuple) == 1) {
        PyObject *item = Py_NewRef(PyTuple_GET_ITEM(tuple, 0));
        Py_DECREF(tuple);
        return item;
    }
    return tuple;
}

/* Both sides of a comparison. */
struct Pair {
    const Py_buffer *a, *b;
    struct Reader x, y;
};

static int items_equal(const struct Pair *pair, const char *p, const char *q)
{
    char format = pair->x.format;
    if (format && format == pair->y.format) {
        double d, e;
        float f, g;
        switch (format) {
        case 'd':
            memcpy(&d, p, sizeof d);
            memcpy(&e, q, sizeof e);
            return d == e;
        case 'f':
            memcpy(&f, p, sizeof f);
            memcpy(&g, q, sizeof g);
            return f == g;
        case '?': return (*p != 0) == (*q != 0);
        default: return memcmp(p, q, (size_t)pair->a->itemsize) == 0;
        }
    }
    PyObject *v = reader_get(&pair->x, p, pair->a->itemsize);
    PyObject *w = v ? reader_get(&pair->y, q, pair->b->itemsize) : NULL;
    int equal = w ? PyObject_RichCompareBool(v, w, Py_EQ) : -1;
    Py_XDECREF(v);
    Py_XDECREF(w);
    return equal;
}

static int dimension_equal(const struct Pair *pair, char *p, char *q, int d)
{
    if (d == pair->a->ndim) return items_equal(pair, p, q);
    for (Py_ssize_t i = 0; i < pair->a->shape[d];
         i++, p += pair->a->strides[d], q += pair->b->strides[d]) {
        int equal = dimension_equal(pair, memoryview_adjust(pair->a, p, d),
                                    memoryview_adjust(pair->b, q, d), d + 1);
        if (equal <= 0) return equal;
    }
    return 1;
}

int memoryview_equal(const Py_buffer *a, const Py_buffer *b)
{
    if (!same_shape(a, b)) return 0;
    struct Pair pair = {a, b, {0, NULL}, {0, NULL}};
    int status = reader_init(&pair.x, a);
    if (status > 0) status = reader_init(&pair.y, b);
    if (status > 0) status = dimension_equal(&pair, a->buf, b->buf, 0);
    Py_XDECREF(pair.x.unpack);
    Py_XDECREF(pair.y.unpack);
    return status;
}
