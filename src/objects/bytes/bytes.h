/* Contract of bytes and bytearray with the rest.
 *
 * Both have the same methods, written once in the bytes_like_*.c files: each asks which of the two `self` is only to get at
 * its data and to make results (bytes for bytes, bytearray for bytearray).
 *
 * What must hold: bytes end in a zero byte that is not counted; the empty bytes and those of length 1 are shared static
 * objects. A bytearray's data may not move while ob_exports > 0; code that calls out while it holds a pointer into one
 * exports it first.
 */
#ifndef KRAIT_OBJECTS_BYTES_BYTES_H
#define KRAIT_OBJECTS_BYTES_BYTES_H

#include "objects/str/search.h"
#include <internal/krait_exports.h>

/* Readies bytes, bytearray and their iterators. */
int bytes_init_types(void);

/* Size of the head of a bytes object, with the final zero. */
#define BYTES_HEAD_SIZE (offsetof(PyBytesObject, ob_sval) + 1)

typedef struct {
    PyVarObject head;
    Py_hash_t hash;
    char text[2];
} BytesStatic;

extern BytesStatic bytes_static_empty;
extern BytesStatic bytes_static_one[256];

static inline PyObject *bytes_empty(void)
{
    return Py_NewRef((PyObject *)&bytes_static_empty);
}

/* --- bytes or bytearray --- */

static inline const char *bytes_like_data(PyObject *self)
{
    return PyBytes_Check(self) ? PyBytes_AS_STRING(self) : PyByteArray_AS_STRING(self);
}

static inline StrView bytes_like_view(PyObject *self)
{
    return (StrView){PyUnicode_1BYTE_KIND, Py_SIZE(self), bytes_like_data(self)};
}

/* New object of self's base type (bytes or bytearray). text NULL: to be filled in. */
PyObject *bytes_like_new(PyObject *self, const char *text, Py_ssize_t size);
/* self again when exactly bytes, else a copy of its base type. */
PyObject *bytes_like_unchanged(PyObject *self);
static inline char *bytes_like_writable(PyObject *fresh)
{
    return PyBytes_Check(fresh) ? PyBytes_AS_STRING(fresh) : PyByteArray_AS_STRING(fresh);
}

/* A contiguous buffer, without a call for exact bytes. Release with bytes_buffer_release. */
int bytes_buffer_get(PyObject *obj, Py_buffer *view);
static inline void bytes_buffer_release(Py_buffer *view)
{
    if (view->obj != NULL)
        PyBuffer_Release(view);
}

/* An int in range(256): its value; -1 with ValueError (or what __index__ raised). */
int bytes_value_from_index(PyObject *obj);

/* --- bodies shared by the two types --- */
#define BYTES_NOARGS(name) PyObject *bytes_like_##name(PyObject *self, PyObject *unused)
#define BYTES_ONE(name) PyObject *bytes_like_##name(PyObject *self, PyObject *arg)
#define BYTES_FAST(name) PyObject *bytes_like_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
#define BYTES_FASTKW(name) \
    PyObject *bytes_like_##name(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)

/* bytes_like_case.c */
BYTES_NOARGS(isalnum); BYTES_NOARGS(isalpha); BYTES_NOARGS(isascii); BYTES_NOARGS(isdigit); BYTES_NOARGS(islower);
BYTES_NOARGS(isspace); BYTES_NOARGS(istitle); BYTES_NOARGS(isupper); BYTES_NOARGS(capitalize); BYTES_NOARGS(lower);
BYTES_NOARGS(swapcase); BYTES_NOARGS(title); BYTES_NOARGS(upper); BYTES_FASTKW(translate);
PyObject *bytes_like_maketrans(PyObject *unused, PyObject *const *args, Py_ssize_t nargs);
/* bytes_like_find.c */
BYTES_FAST(count); BYTES_FAST(find); BYTES_FAST(index); BYTES_FAST(rfind); BYTES_FAST(rindex);
BYTES_FAST(startswith); BYTES_FAST(endswith); BYTES_FAST(replace); BYTES_ONE(removeprefix); BYTES_ONE(removesuffix);
int bytes_like_contains(PyObject *self, PyObject *arg);
/* bytes_like_split.c */
BYTES_FASTKW(split); BYTES_FASTKW(rsplit); BYTES_FASTKW(splitlines); BYTES_ONE(partition); BYTES_ONE(rpartition);
BYTES_ONE(join);
/* bytes_like_pad.c */
BYTES_FAST(center); BYTES_FAST(ljust); BYTES_FAST(rjust); BYTES_ONE(zfill); BYTES_FASTKW(expandtabs);
BYTES_FAST(strip); BYTES_FAST(lstrip); BYTES_FAST(rstrip);
/* bytes_text.c */
BYTES_FASTKW(hex); BYTES_FASTKW(decode);
PyObject *bytes_fromhex_method(PyObject *type, PyObject *string);
PyObject *bytearray_fromhex_method(PyObject *type, PyObject *string);
/* Reads pairs of hexadecimal digits, as long as they follow each other, and puts their bytes at *to: how many pairs. */
Py_ssize_t bytes_take_hex(const Py_UCS1 *from, Py_ssize_t pairs, char *to);
/* repr of the data between a prefix "b" or "bytearray(b" and a suffix. */
PyObject *bytes_repr_data(const char *text, Py_ssize_t size, const char *prefix, const char *suffix);
/* Source, encoding and errors of bytes(…) and bytearray(…): new bytes made from a str; NULL with the reference's error. */
PyObject *bytes_encode_source(PyObject *source, const char *encoding, const char *errors);

extern PyMethodDef bytes_methods[];
extern PyMethodDef bytearray_methods[];

/* bytes_iter.c, bytearray.c */
PyObject *bytes_iter(PyObject *self);
PyObject *bytearray_iter(PyObject *self);
PyObject *bytearray_sized_new(Py_ssize_t size);
BYTES_ONE(mod);

#endif
