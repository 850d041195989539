/* Contract of str with the rest: its storage forms, fast helpers for the VM and for other types.
 *
 * A str is stored in one of four forms (PEP 393, the layout is ABI):
 *   compact ASCII    PyASCIIObject followed by the characters; serves as its own UTF-8
 *   compact          PyCompactUnicodeObject followed by 1-, 2- or 4-byte characters
 *   legacy, ready    PyUnicodeObject, characters in a block of their own; every instance of a subclass of str
 *   legacy, unready  PyUnicodeObject with only `wstr`, made by PyUnicode_FromUnicode(NULL, n) until PyUnicode_READY
 *
 * What must hold:
 *   - the characters are in the narrowest kind that fits, so strs of different kinds are never equal;
 *   - the characters end in a zero character;
 *   - every str of length 0, and every one-character str below U+0100, that our own code returns is a shared static object;
 *   - the interning table holds interned strs without counting; a mortal one leaves it when it dies.
 */
#ifndef KRAIT_OBJECTS_STR_STR_H
#define KRAIT_OBJECTS_STR_STR_H

#include <Python.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "memory/memory.h"

#define STR_MAX_CODE 0x10ffffu

/* The characters of a ready str, or of a part of one: borrowed. Two words, so that it is passed in registers;
 * no length that fits in memory needs 56 bits. */
typedef struct {
    uint64_t kind : 8;
    int64_t length : 56;
    const void *data;
} StrView;

typedef struct {
    PyASCIIObject head;
    Py_UCS1 text[2];
} StrStaticAscii;

typedef struct {
    PyCompactUnicodeObject head;
    Py_UCS1 text[2];
} StrStaticLatin1;

enum { STR_C_NAMES = 256 };

struct StrRuntime {
    PyObject **interned;                /* open addressing, NULL or `deleted` marks; entries are not counted */
    size_t interned_mask;               /* number of slots - 1 */
    size_t interned_used;               /* slots that are not NULL, deleted ones too */
    size_t interned_count;              /* live entries */
    PyObject **ids;                     /* owned: strs of the _Py_Identifiers met so far, by their index */
    Py_ssize_t ids_count;
    Py_ssize_t ids_room;
    struct {
        const char *at;                 /* where a C string stood */
        PyObject *str;                  /* owned: it as an interned str; NULL: other texts have been there, too */
    } c_names[STR_C_NAMES];             /* by their addresses */
    const void *names;                  /* borrowed UnicodeNameApi, NULL before its first use */
    char *fs_encoding;                  /* owned (raw memory), NULL: utf-8 */
    char *fs_errors;                    /* owned (raw memory), NULL: surrogateescape */
    bool check_codec_names;             /* development mode, while codecs can be looked up: wrong names are told at once */
};
extern struct StrRuntime str_runtime;

extern StrStaticAscii str_static_ascii[128];
extern StrStaticLatin1 str_static_latin1[128];
extern StrStaticAscii str_static_empty;

/* Readies PyUnicode_Type and the other types of this folder. Strs can be made before that. */
int str_init_types(void);

/* Sets the file system encoding and its error handler (sys.getfilesystemencoding). -1 without memory, no exception. */
int str_set_fs_codec(const char *encoding, const char *errors);
const char *str_fs_encoding(void);
const char *str_fs_errors(void);

/* Value of a hexadecimal digit, 16 or more for anything else. */
static inline unsigned str_hex_value(Py_UCS4 ch)
{
    return ch - '0' < 10 ? ch - '0' : (ch | 32) - 'a' < 6 && ch < 128 ? (ch | 32) - 'a' + 10 : 99;
}

/* The shared one-character str for ch < 256: borrowed, immortal. */
static inline PyObject *str_latin1_borrow(unsigned ch)
{
    return ch < 128 ? (PyObject *)&str_static_ascii[ch] : (PyObject *)&str_static_latin1[ch - 128];
}

static inline PyObject *str_empty_borrow(void)
{
    return (PyObject *)&str_static_empty;
}

static inline PyObject *str_empty(void)
{
    return Py_NewRef(str_empty_borrow());
}

static inline bool str_is_static(PyObject *s)
{
    uintptr_t p = (uintptr_t)s;
    return p - (uintptr_t)str_static_ascii < sizeof(str_static_ascii) ||
           p - (uintptr_t)str_static_latin1 < sizeof(str_static_latin1) || s == str_empty_borrow();
}

static inline PyASCIIObject *str_head(PyObject *s)
{
    return (PyASCIIObject *)s;
}

static inline PyCompactUnicodeObject *str_compact(PyObject *s)
{
    return (PyCompactUnicodeObject *)s;
}

static inline PyUnicodeObject *str_legacy(PyObject *s)
{
    return (PyUnicodeObject *)s;
}

/* View of a ready str. */
static inline StrView str_view(PyObject *s)
{
    return (StrView){.kind = PyUnicode_KIND(s), .length = PyUnicode_GET_LENGTH(s), .data = PyUnicode_DATA(s)};
}

/* Kind that holds characters up to maxchar. */
static inline int str_kind_for(Py_UCS4 maxchar)
{
    return maxchar < 0x100 ? PyUnicode_1BYTE_KIND : maxchar < 0x10000 ? PyUnicode_2BYTE_KIND : PyUnicode_4BYTE_KIND;
}

static inline const void *str_at(StrView v, Py_ssize_t i)
{
    return (const char *)v.data + i * v.kind;
}

/* Both ready. True when the characters are the same. */
static inline bool str_equal(PyObject *a, PyObject *b)
{
    if (a == b)
        return true;
    Py_ssize_t n = PyUnicode_GET_LENGTH(a);
    if (n != PyUnicode_GET_LENGTH(b) || PyUnicode_KIND(a) != PyUnicode_KIND(b))
        return false;
    const char *x = PyUnicode_DATA(a), *y = PyUnicode_DATA(b);
    return n == 0 || (x[0] == y[0] && memcmp(x, y, (size_t)(n * PyUnicode_KIND(a))) == 0);
}

/* A new str of n > 0 ASCII characters, which the caller writes. NULL with MemoryError. */
static inline PyObject *str_new_ascii(Py_ssize_t n)
{
    PyASCIIObject *s = memory_alloc(sizeof(PyASCIIObject) + (size_t)n + 1);
    if (UNLIKELY(s == NULL))
        return PyErr_NoMemory();
    s->ob_base.ob_refcnt = 1;
    s->ob_base.ob_type = &PyUnicode_Type;
    s->length = n;
    s->hash = -1;
    memset(&s->state, 0, sizeof(s->state));
    s->state.kind = PyUnicode_1BYTE_KIND;
    s->state.compact = 1;
    s->state.ascii = 1;
    s->state.ready = 1;
    s->wstr = NULL;
    ((char *)(s + 1))[n] = 0;
    return (PyObject *)s;
}

/* Copies bytes of which there are mostly few. */
static inline void str_copy_short(char *to, const char *from, size_t n)
{
    if (n > 32) {
        memcpy(to, from, n);
    } else if (n > 16) {
        char first[16], last[16];
        memcpy(first, from, 16);
        memcpy(last, from + n - 16, 16);
        memcpy(to, first, 16);
        memcpy(to + n - 16, last, 16);
    } else if (n >= 8) {
        uint64_t first, last;
        memcpy(&first, from, 8);
        memcpy(&last, from + n - 8, 8);
        memcpy(to, &first, 8);
        memcpy(to + n - 8, &last, 8);
    } else if (n >= 4) {
        uint32_t first, last;
        memcpy(&first, from, 4);
        memcpy(&last, from + n - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + n - 4, &last, 4);
    } else if (n > 0) {     /* first, middle and last are all there is */
        char middle = from[n / 2], last = from[n - 1];
        to[0] = from[0];
        to[n / 2] = middle;
        to[n - 1] = last;
    }
}

/* New str of n ASCII characters, shared when it is short; NULL with MemoryError. */
static inline PyObject *str_copy_ascii(const char *text, Py_ssize_t n)
{
    if (n <= 1)
        return Py_NewRef(n == 0 ? str_empty_borrow() : str_latin1_borrow((unsigned char)*text));
    PyObject *s = str_new_ascii(n);
    if (LIKELY(s != NULL))
        str_copy_short((char *)((PyASCIIObject *)s + 1), text, (size_t)n);
    return s;
}

/* New reference to the one-character str of ch; NULL with MemoryError. */
PyObject *str_from_char(Py_UCS4 ch);

/* s[index] for a ready s and an index known to be in range: new reference. */
static inline PyObject *str_getitem(PyObject *s, Py_ssize_t index)
{
    Py_UCS4 ch = PyUnicode_READ(PyUnicode_KIND(s), PyUnicode_DATA(s), index);
    return ch < 256 ? Py_NewRef(str_latin1_borrow(ch)) : str_from_char(ch);
}

/* New str of both; both must be strs. As PyUnicode_Concat without its type checks. */
PyObject *str_concat(PyObject *left, PyObject *right);

/* New reference to a str with the characters [start, end) of a ready s. */
PyObject *str_slice(PyObject *s, Py_ssize_t start, Py_ssize_t end);

/* str_iterator and str_ascii_iterator, which goes over compact ASCII. */
typedef struct {
    PyObject_HEAD
    Py_ssize_t index;
    PyObject *str;                      /* owned; NULL when exhausted */
} StrIterator;
extern PyTypeObject _PyUnicodeASCIIIter_Type;

/* New reference to a str of count characters of a ready s: start, start + step, ... all within it. */
PyObject *str_every(PyObject *s, Py_ssize_t start, Py_ssize_t step, Py_ssize_t count);

/* New str from characters of a kind whose widest is already known to be maxchar. */
PyObject *str_from_view(StrView v, Py_UCS4 maxchar);

/* New str from ASCII text, or Latin-1 text of any bytes. */
PyObject *str_from_ascii(const char *text, Py_ssize_t length);
PyObject *str_from_latin1(const Py_UCS1 *text, Py_ssize_t length);

/* Makes a static str the interned one with its text for good, unless there is another. Borrowed: the one that is; NULL without
 * memory, no exception. */
PyObject *str_intern_static(PyObject *s);

/* The same for many, NULL at the end, of which no two have the same text, before any other str is interned; later, nothing. -1 without
 * memory, no exception. */
int str_intern_first(PyObject *const *strs);

/* New reference to the interned str with this ASCII text. */
PyObject *str_intern_ascii(const char *text, Py_ssize_t length);

/* The str of a name that C code looks by, which is UTF-8 and nearly always a literal: a new reference, found by the address. */
PyObject *str_from_c_name(const char *name);

/* A bound on the characters (0x7f, 0xff, 0xffff or 0x10ffff) that is exact in its class. */
Py_UCS4 str_max_char(StrView v);

/* True when all n bytes are below 0x80. */
bool str_bytes_are_ascii(const void *bytes, Py_ssize_t n);

/* Copies n characters, widening or narrowing as the kinds ask. */
void str_copy_chars(int to_kind, void *to, int from_kind, const void *from, Py_ssize_t n);

/* Writes the characters as UTF-8, surrogates among them too, which takes up to 2, 3 or 4 bytes for each of kind 1, 2 or 4. Returns
 * what is behind it. */
char *str_utf8_write(char *to, StrView v);

/* Writes n times ch. */
void str_fill_chars(int kind, void *to, Py_UCS4 ch, Py_ssize_t n);

/* Returns s itself (new reference) when it is exactly a str, else a plain copy. */
PyObject *str_unchanged(PyObject *s);

/* Raises "must be str, not T" unless s is a str, and makes it ready. */
int str_require(PyObject *s);

/* Start and end of a slice argument, clipped to a length as find() and its kin do. */
static inline void str_clip_range(Py_ssize_t *start, Py_ssize_t *end, Py_ssize_t length)
{
    if (*end > length)
        *end = length;
    else if (*end < 0 && (*end += length) < 0)
        *end = 0;
    if (*start < 0 && (*start += length) < 0)
        *start = 0;
}

/* UTF-8 text of a str argument named `which` ("argument 'errors'"), without null characters: borrowed; NULL with the error that
 * argument parsing would raise for `function`. */
const char *str_text_argument(const char *function, const char *which, PyObject *arg);
/* The same for an optional pair `encoding`, `errors` (each may be NULL). 0 or -1. */
int str_codec_arguments(const char *function, PyObject *encoding_arg, PyObject *errors_arg, const char **encoding,
                        const char **errors);

/* Takes a dying mortal interned str out of the table. */
void str_intern_forget(PyObject *s);

/* Drops a freshly made str in favour of a shared one when it is empty or one Latin-1 character; else returns it.
 * Steals s and returns a new reference. */
PyObject *str_share_steal(PyObject *s);

#endif
