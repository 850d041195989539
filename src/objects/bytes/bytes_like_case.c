/* ASCII classification and case of bytes and bytearray. */
#include "objects/bytes/bytes.h"
#include "objects/args_unpack.h"

#define EVERY(name, test) \
    BYTES_NOARGS(name) \
    { \
        (void)unused; \
        StrView v = bytes_like_view(self); \
        const unsigned char *p = v.data; \
        for (Py_ssize_t i = 0; i < v.length; i++) \
            if (!test(p[i])) \
                Py_RETURN_FALSE; \
        return PyBool_FromLong(v.length > 0); \
    }

EVERY(isalnum, Py_ISALNUM)
EVERY(isalpha, Py_ISALPHA)
EVERY(isdigit, Py_ISDIGIT)
EVERY(isspace, Py_ISSPACE)

BYTES_NOARGS(isascii)
{
    (void)unused;
    StrView v = bytes_like_view(self);
    return PyBool_FromLong(str_bytes_are_ascii(v.data, v.length));
}

/* All cased letters are of one case, and there is one. */
static PyObject *one_case(PyObject *self, unsigned wanted, unsigned other)
{
    StrView v = bytes_like_view(self);
    const unsigned char *p = v.data;
    bool cased = false;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        if (_Py_ctype_table[p[i]] & other)
            Py_RETURN_FALSE;
        cased |= (_Py_ctype_table[p[i]] & wanted) != 0;
    }
    return PyBool_FromLong(cased);
}

BYTES_NOARGS(islower)
{
    (void)unused;
    return one_case(self, PY_CTF_LOWER, PY_CTF_UPPER);
}

BYTES_NOARGS(isupper)
{
    (void)unused;
    return one_case(self, PY_CTF_UPPER, PY_CTF_LOWER);
}

BYTES_NOARGS(istitle)
{
    (void)unused;
    StrView v = bytes_like_view(self);
    const unsigned char *p = v.data;
    bool cased = false, inside = false;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        bool upper = Py_ISUPPER(p[i]), lower = Py_ISLOWER(p[i]);
        if ((upper && inside) || (lower && !inside))
            Py_RETURN_FALSE;
        inside = upper || lower;
        cased |= inside;
    }
    return PyBool_FromLong(cased);
}

#define MAP(name, start, each) \
    BYTES_NOARGS(name) \
    { \
        (void)unused; \
        StrView v = bytes_like_view(self); \
        PyObject *result = bytes_like_new(self, NULL, v.length); \
        if (result == NULL || v.length == 0) \
            return result; \
        const unsigned char *p = v.data; \
        unsigned char *to = (unsigned char *)bytes_like_writable(result); \
        start; \
        for (Py_ssize_t i = 0; i < v.length; i++) { \
            unsigned char c = p[i]; \
            each; \
        } \
        return result; \
    }

MAP(lower, , to[i] = (unsigned char)Py_TOLOWER(c))
MAP(upper, , to[i] = (unsigned char)Py_TOUPPER(c))
MAP(swapcase, , to[i] = (unsigned char)(Py_ISLOWER(c) ? Py_TOUPPER(c) : Py_TOLOWER(c)))
MAP(capitalize, , to[i] = (unsigned char)(i == 0 ? Py_TOUPPER(c) : Py_TOLOWER(c)))
MAP(title, bool inside = false, to[i] = (unsigned char)(inside ? Py_TOLOWER(c) : Py_TOUPPER(c)); inside = Py_ISALPHA(c))

/* A table of 256 bytes made from two buffers of one length. */
PyObject *bytes_like_maketrans(PyObject *unused, PyObject *const *args, Py_ssize_t nargs)
{
    (void)unused;
    Py_buffer from = {.obj = NULL}, to = {.obj = NULL};
    PyObject *table = NULL;
    if (!_PyArg_CheckPositional("maketrans", nargs, 2, 2))
        return NULL;
    if (PyObject_GetBuffer(args[0], &from, PyBUF_SIMPLE) < 0 || PyObject_GetBuffer(args[1], &to, PyBUF_SIMPLE) < 0)
        goto done;
    if (from.len != to.len) {
        PyErr_SetString(PyExc_ValueError, "maketrans arguments must have same length");
        goto done;
    }
    table = PyBytes_FromStringAndSize(NULL, 256);
    if (table == NULL)
        goto done;
    char *map = PyBytes_AS_STRING(table);
    for (int i = 0; i < 256; i++)
        map[i] = (char)i;
    for (Py_ssize_t i = 0; i < from.len; i++)
        map[((unsigned char *)from.buf)[i]] = ((char *)to.buf)[i];
done:
    bytes_buffer_release(&from);
    bytes_buffer_release(&to);
    return table;
}

static PyObject *translate(PyObject *self, const Py_buffer *table, const Py_buffer *drop)
{
    bool dropped[256] = {false};
    StrView v = bytes_like_view(self);
    const unsigned char *p = v.data;
    bool changed = false;
    for (Py_ssize_t i = 0; i < drop->len; i++)
        dropped[((unsigned char *)drop->buf)[i]] = true;
    PyObject *result = bytes_like_new(self, NULL, v.length);
    if (result == NULL || v.length == 0)
        return result;
    unsigned char *to = (unsigned char *)bytes_like_writable(result), *out = to;
    const unsigned char *map = table->obj != NULL || table->buf != NULL ? table->buf : NULL;
    Py_ssize_t start = 0;
    if (map != NULL && drop->len == 0) {        /* one byte for one */
        unsigned differ = 0;
        for (; start < v.length; start++) {
            out[start] = map[p[start]];
            differ |= out[start] ^ p[start];
        }
        changed = differ != 0;
        out += v.length;
    }
    for (Py_ssize_t i = start; i < v.length; i++) {
        unsigned char c = p[i];
        if (dropped[c]) {
            changed = true;
            continue;
        }
        *out = map != NULL ? map[c] : c;
        changed |= *out++ != c;
    }
    if (!changed && PyBytes_CheckExact(self)) {
        Py_DECREF(result);
        return Py_NewRef(self);
    }
    if (out - to == v.length)
        return result;
    if (PyBytes_Check(result))
        _PyBytes_Resize(&result, out - to);
    else if (PyByteArray_Resize(result, out - to) < 0)
        Py_CLEAR(result);
    return result;
}

BYTES_FASTKW(translate)
{
    static const char *const keywords[] = {"", "delete", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "translate"};
    PyObject *room[2];
    Py_buffer table = {.obj = NULL}, drop = {.obj = NULL};
    Py_ssize_t given = nargs + (kwnames ? PyTuple_GET_SIZE(kwnames) : 0) - 1;
    PyObject *result = NULL;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 2, 2, room) < 0)
        return NULL;
    args = room;
    if (args[0] != Py_None) {
        if (bytes_buffer_get(args[0], &table) < 0)
            return NULL;
        if (table.len != 256) {
            PyErr_SetString(PyExc_ValueError, "translation table must be 256 characters long");
            goto done;
        }
    }
    if (given > 0 && args[1] != NULL && bytes_buffer_get(args[1], &drop) < 0)
        goto done;
    result = translate(self, &table, &drop);
done:
    bytes_buffer_release(&table);
    bytes_buffer_release(&drop);
    return result;
}
