/* Case mapping: full mappings (one character may become three), and the final sigma. */
#include "objects/str/str_internal.h"

/* Runs `each` for every character of ASCII text into a fresh str. */
#define ASCII_MAP(each) \
    do { \
        Py_ssize_t n = PyUnicode_GET_LENGTH(self); \
        const Py_UCS1 *from = PyUnicode_1BYTE_DATA(self); \
        PyObject *result = PyUnicode_New(n, 127); \
        if (result == NULL || n == 0) \
            return result; \
        Py_UCS1 *to = PyUnicode_1BYTE_DATA(result); \
        for (Py_ssize_t i = 0; i < n; i++) { \
            Py_UCS1 c = from[i]; \
            to[i] = (Py_UCS1)(each); \
        } \
        return str_share_steal(result); \
    } while (0)

#define IS_LOWER(c) ((Py_UCS1)((c) - 'a') < 26)
#define IS_UPPER(c) ((Py_UCS1)((c) - 'A') < 26)

/* A capital sigma in v at i is written as final sigma when a cased letter precedes it and none follows, case-ignorable
 * characters not counted. */
static int lower_sigma(StrView v, Py_ssize_t i)
{
    Py_ssize_t j = i - 1;
    Py_UCS4 ch = 0;
    while (j >= 0 && _PyUnicode_IsCaseIgnorable(ch = PyUnicode_READ(v.kind, v.data, j)))
        j--;
    bool final = j >= 0 && _PyUnicode_IsCased(ch);
    if (final) {
        for (j = i + 1; j < v.length && _PyUnicode_IsCaseIgnorable(ch = PyUnicode_READ(v.kind, v.data, j));)
            j++;
        final = j == v.length || !_PyUnicode_IsCased(ch);
    }
    return final ? 0x3c2 : 0x3c3;
}

static int to_lower(StrView v, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *to)
{
    if (ch == 0x3a3) {
        to[0] = (Py_UCS4)lower_sigma(v, i);
        return 1;
    }
    return _PyUnicode_ToLowerFull(ch, to);
}

/* Maps one character of v; `inside` is the word state of title(). Number of characters written. */
typedef int (*Mapper)(StrView v, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *to, bool *inside);

static int map_lower(StrView v, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *to, bool *inside)
{
    (void)inside;
    return to_lower(v, i, ch, to);
}

static int map_upper(StrView v, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *to, bool *inside)
{
    (void)v, (void)i, (void)inside;
    return _PyUnicode_ToUpperFull(ch, to);
}

static int map_fold(StrView v, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *to, bool *inside)
{
    (void)v, (void)i, (void)inside;
    return _PyUnicode_ToFoldedFull(ch, to);
}

static int map_swap(StrView v, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *to, bool *inside)
{
    (void)inside;
    if (Py_UNICODE_ISUPPER(ch))
        return to_lower(v, i, ch, to);
    if (Py_UNICODE_ISLOWER(ch))
        return _PyUnicode_ToUpperFull(ch, to);
    to[0] = ch;
    return 1;
}

static int map_capitalize(StrView v, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *to, bool *inside)
{
    (void)inside;
    return i == 0 ? _PyUnicode_ToTitleFull(ch, to) : to_lower(v, i, ch, to);
}

static int map_title(StrView v, Py_ssize_t i, Py_UCS4 ch, Py_UCS4 *to, bool *inside)
{
    int n = *inside ? to_lower(v, i, ch, to) : _PyUnicode_ToTitleFull(ch, to);
    *inside = _PyUnicode_IsCased(ch);
    return n;
}

/* Inlined, so that each method has its own loop without calls through a pointer. */
static inline __attribute__((always_inline)) PyObject *map_case(PyObject *self, Mapper mapper)
{
    StrView v = str_view(self);
    Py_UCS4 *room = PyMem_New(Py_UCS4, v.length * 3 + 1), *to = room;
    if (room == NULL)
        return PyErr_NoMemory();
    bool inside = false;
    for (Py_ssize_t i = 0; i < v.length; i++)
        to += mapper(v, i, PyUnicode_READ(v.kind, v.data, i), to, &inside);
    PyObject *result = PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, room, to - room);
    PyMem_Free(room);
    return result;
}

STR_NOARGS(lower)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    if (PyUnicode_IS_ASCII(self))
        ASCII_MAP(IS_UPPER(c) ? c | 32 : c);
    return map_case(self, map_lower);
}

STR_NOARGS(upper)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    if (PyUnicode_IS_ASCII(self))
        ASCII_MAP(IS_LOWER(c) ? c & ~32 : c);
    return map_case(self, map_upper);
}

STR_NOARGS(casefold)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    if (PyUnicode_IS_ASCII(self))
        ASCII_MAP(IS_UPPER(c) ? c | 32 : c);
    return map_case(self, map_fold);
}

STR_NOARGS(swapcase)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    if (PyUnicode_IS_ASCII(self))
        ASCII_MAP(IS_LOWER(c) || IS_UPPER(c) ? c ^ 32 : c);
    return map_case(self, map_swap);
}

STR_NOARGS(capitalize)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    if (PyUnicode_GET_LENGTH(self) == 0)
        return str_unchanged(self);
    if (PyUnicode_IS_ASCII(self))
        ASCII_MAP(i == 0 ? (IS_LOWER(c) ? c & ~32 : c) : (IS_UPPER(c) ? c | 32 : c));
    return map_case(self, map_capitalize);
}

STR_NOARGS(title)
{
    (void)unused;
    if (PyUnicode_READY(self) < 0)
        return NULL;
    if (PyUnicode_IS_ASCII(self)) {
        Py_UCS1 inside = 0;     /* 32 behind a letter */
        ASCII_MAP(({
            Py_UCS1 letter = IS_LOWER(c | 32) ? 32 : 0, mapped = letter ? (c & ~32) | inside : c;
            inside = letter;
            mapped;
        }));
    }
    return map_case(self, map_title);
}
