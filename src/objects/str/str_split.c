/* Taking strs apart: split, splitlines, partition. */
#include <emmintrin.h>

#include "objects/args_unpack.h"
#include "objects/list_internal.h"
#include "objects/str/search.h"
#include "objects/str/str_internal.h"

/* A list that grows by stealing pieces of one str. */
static inline int add_piece(PyObject *list, PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    bool short_ascii = PyUnicode_IS_COMPACT_ASCII(s) && end - start < PyUnicode_GET_LENGTH(s);
    PyObject *piece = short_ascii ? str_copy_ascii((const char *)((PyASCIIObject *)s + 1) + start, end - start)
                                  : str_slice(s, start, end);
    if (piece == NULL)
        return -1;
    return list_append_steal((PyListObject *)list, piece);
}

const bool str_latin1_space[256] = {
    ['\t' ... '\r'] = true, [0x1c ... 0x20] = true, [0x85] = true, [0xa0] = true,
};

static const bool latin1_line_break[256] = {
    ['\n' ... '\r'] = true, [0x1c ... 0x1e] = true, [0x85] = true,
};

static inline bool is_space(StrView v, Py_ssize_t i)
{
    return Py_UNICODE_ISSPACE(PyUnicode_READ(v.kind, v.data, i));
}

/* A bit for each of 16 bytes of ASCII that is white space: 9 to 13, 28 to 32. */
static inline unsigned ascii_space_bits(const Py_UCS1 *s)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)s), range = _mm_set1_epi8(4);
    __m128i low = _mm_sub_epi8(bytes, _mm_set1_epi8(9)), high = _mm_sub_epi8(bytes, _mm_set1_epi8(28));
    __m128i found = _mm_or_si128(_mm_cmpeq_epi8(_mm_min_epu8(low, range), low), _mm_cmpeq_epi8(_mm_min_epu8(high, range), high));
    return (unsigned)_mm_movemask_epi8(found);
}

/* First white space from i on in ASCII: where it stands is no matter of guessing, as it would be for a loop. */
static inline Py_ssize_t next_ascii_space(const Py_UCS1 *s, Py_ssize_t i, Py_ssize_t n)
{
    for (; i + 16 <= n; i += 16) {
        unsigned bits = ascii_space_bits(s + i);
        if (bits)
            return i + __builtin_ctz(bits);
    }
    while (i < n && !str_latin1_space[s[i]])
        i++;
    return i;
}

/* First place from i on that is white space, or is not. */
static Py_ssize_t next_space(StrView v, Py_ssize_t i, bool wanted)
{
    if (v.kind == PyUnicode_1BYTE_KIND) {
        const Py_UCS1 *s = v.data;
        while (i < v.length && str_latin1_space[s[i]] != wanted)
            i++;
        return i;
    }
    while (i < v.length && is_space(v, i) != wanted)
        i++;
    return i;
}

static Py_ssize_t next_line_break(StrView v, Py_ssize_t i)
{
    if (v.kind == PyUnicode_1BYTE_KIND) {
        const Py_UCS1 *s = v.data;
        while (i < v.length && !latin1_line_break[s[i]])
            i++;
        return i;
    }
    while (i < v.length && !Py_UNICODE_ISLINEBREAK(PyUnicode_READ(v.kind, v.data, i)))
        i++;
    return i;
}

static int split_space(PyObject *list, PyObject *s, Py_ssize_t limit)
{
    StrView v = str_view(s);
    Py_ssize_t i = 0, n = v.length;
    bool ascii = PyUnicode_IS_COMPACT_ASCII(s);
    for (;;) {
        i = next_space(v, i, false);
        if (i == n)
            return 0;
        Py_ssize_t start = i;
        if (limit-- <= 0)
            return add_piece(list, s, start, n);
        i = ascii ? next_ascii_space(v.data, i, n) : next_space(v, i, true);
        if (add_piece(list, s, start, i) < 0)
            return -1;
    }
}

static int rsplit_space(PyObject *list, PyObject *s, Py_ssize_t limit)
{
    StrView v = str_view(s);
    Py_ssize_t i = v.length;
    for (;;) {
        while (i > 0 && is_space(v, i - 1))
            i--;
        if (i == 0)
            return 0;
        Py_ssize_t end = i;
        if (limit-- <= 0)
            return add_piece(list, s, 0, end);
        while (i > 0 && !is_space(v, i - 1))
            i--;
        if (add_piece(list, s, i, end) < 0)
            return -1;
    }
}

/* First place of a byte from i on, or n. What is near is found without a call. */
static inline Py_ssize_t next_byte(const Py_UCS1 *text, Py_ssize_t i, Py_ssize_t n, Py_UCS1 byte)
{
    Py_ssize_t near = Py_MIN(i + 12, n);
    for (; i < near; i++)
        if (text[i] == byte)
            return i;
    const Py_UCS1 *hit = i < n ? memchr(text + i, byte, (size_t)(n - i)) : NULL;
    return hit == NULL ? n : hit - text;
}

static int split_latin1_char(PyObject *list, PyObject *s, Py_UCS1 sep, Py_ssize_t limit)
{
    const Py_UCS1 *text = PyUnicode_1BYTE_DATA(s);
    Py_ssize_t n = PyUnicode_GET_LENGTH(s), start = 0, at;
    while (limit-- > 0 && (at = next_byte(text, start, n, sep)) < n) {
        if (add_piece(list, s, start, at) < 0)
            return -1;
        start = at + 1;
    }
    return add_piece(list, s, start, n);
}

static int split_text(PyObject *list, PyObject *s, const Needle *sep, Py_ssize_t limit)
{
    StrView v = str_view(s);
    Py_ssize_t at = 0, gap;
    while (limit-- > 0 && (gap = search_find(view_part(v, at, v.length), sep)) >= 0) {
        if (add_piece(list, s, at, at + gap) < 0)
            return -1;
        at += gap + sep->view.length;
    }
    return add_piece(list, s, at, v.length);
}

static int rsplit_text(PyObject *list, PyObject *s, const Needle *sep, Py_ssize_t limit)
{
    StrView v = str_view(s);
    Py_ssize_t end = v.length, at;
    while (limit-- > 0 && (at = search_rfind(view_part(v, 0, end), sep)) >= 0) {
        if (add_piece(list, s, at + sep->view.length, end) < 0)
            return -1;
        end = at;
    }
    return add_piece(list, s, 0, end);
}

/* sep NULL: at white space. limit: greatest number of cuts, negative for all. */
static PyObject *split(PyObject *s, PyObject *sep, Py_ssize_t limit, bool from_right)
{
    enum { USUAL = 12 };                /* so many pieces find room at once, as in the reference */
    int r;
    if (limit < 0)
        limit = PY_SSIZE_T_MAX;
    PyObject *list = (PyObject *)list_new_with_room(limit < USUAL ? limit + 1 : USUAL);
    if (list == NULL)
        return NULL;
    if (sep == NULL) {
        r = from_right ? rsplit_space(list, s, limit) : split_space(list, s, limit);
    } else if (PyUnicode_GET_LENGTH(sep) == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        r = -1;
    } else {
        Needle needle;
        StrView text = str_view(sep);
        if (text.length == 1 && text.kind == 1 && PyUnicode_KIND(s) == PyUnicode_1BYTE_KIND && !from_right) {
            r = split_latin1_char(list, s, *(const Py_UCS1 *)text.data, limit);
            goto done;
        }
        r = needle_prepare(&needle, text, PyUnicode_KIND(s));
        if (r == 0)
            r = from_right ? rsplit_text(list, s, &needle, limit) : split_text(list, s, &needle, limit);
        needle_release(&needle);
    }
done:
    if (r < 0 || (from_right && PyList_Reverse(list) < 0)) {
        Py_DECREF(list);
        return NULL;
    }
    return list;
}

static PyObject *split_checked(PyObject *s, PyObject *sep, Py_ssize_t limit, bool from_right)
{
    if (str_require(s) < 0 || (sep != NULL && str_require(sep) < 0))
        return NULL;
    return split(s, sep, limit, from_right);
}

/* New list of the parts of s; sep NULL: white space. */
PyObject *PyUnicode_Split(PyObject *s, PyObject *sep, Py_ssize_t limit)
{
    return split_checked(s, sep, limit, false);
}

PyObject *PyUnicode_RSplit(PyObject *s, PyObject *sep, Py_ssize_t limit)
{
    return split_checked(s, sep, limit, true);
}

static PyObject *split_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames,
                              _PyArg_Parser *parser, bool from_right)
{
    PyObject *room[2];
    Py_ssize_t limit = -1;
    if (args_unpack(args, nargs, NULL, kwnames, parser, 0, 2, 2, room) < 0)
        return NULL;
    args = room;
    if (args[1] != NULL) {
        limit = args_ssize(args[1]);
        if (limit == -1 && PyErr_Occurred())
            return NULL;
    }
    PyObject *sep = args[0];
    if (sep == NULL || sep == Py_None)
        return split_checked(self, NULL, limit, from_right);
    if (PyUnicode_Check(sep))
        return split_checked(self, sep, limit, from_right);
    PyErr_Format(PyExc_TypeError, "must be str or None, not %.100s", Py_TYPE(sep)->tp_name);
    return NULL;
}

static const char *const split_keywords[] = {"sep", "maxsplit", NULL};

STR_FASTKW(split)
{
    static _PyArg_Parser parser = {.keywords = split_keywords, .fname = "split"};
    return split_method(self, args, nargs, kwnames, &parser, false);
}

STR_FASTKW(rsplit)
{
    static _PyArg_Parser parser = {.keywords = split_keywords, .fname = "rsplit"};
    return split_method(self, args, nargs, kwnames, &parser, true);
}

/* New list of the lines of s, with their ends if keep is true. */
PyObject *PyUnicode_Splitlines(PyObject *s, int keep)
{
    if (str_require(s) < 0)
        return NULL;
    PyObject *list = PyList_New(0);
    if (list == NULL)
        return NULL;
    StrView v = str_view(s);
    for (Py_ssize_t i = 0; i < v.length;) {
        Py_ssize_t start = i;
        i = next_line_break(v, i);
        Py_ssize_t end = i;
        if (i < v.length) {
            bool pair = PyUnicode_READ(v.kind, v.data, i) == '\r' && i + 1 < v.length &&
                        PyUnicode_READ(v.kind, v.data, i + 1) == '\n';
            i += pair ? 2 : 1;
            if (keep)
                end = i;
        }
        if (add_piece(list, s, start, end) < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}

STR_FASTKW(splitlines)
{
    static const char *const keywords[] = {"keepends", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "splitlines"};
    PyObject *room[1];
    int keep = 0;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 1, 1, room) < 0)
        return NULL;
    if (room[0] != NULL && (keep = _PyLong_AsInt(room[0])) == -1 && PyErr_Occurred())
        return NULL;
    return PyUnicode_Splitlines(self, keep);
}

static PyObject *partition(PyObject *s, PyObject *sep, bool from_right)
{
    Needle needle;
    if (str_require(s) < 0 || str_require(sep) < 0)
        return NULL;
    StrView v = str_view(s);
    Py_ssize_t m = PyUnicode_GET_LENGTH(sep);
    if (m == 0) {
        PyErr_SetString(PyExc_ValueError, "empty separator");
        return NULL;
    }
    if (needle_prepare(&needle, str_view(sep), v.kind) < 0)
        return NULL;
    Py_ssize_t at = from_right ? search_rfind(v, &needle) : search_find(v, &needle);
    needle_release(&needle);
    PyObject *result = PyTuple_New(3);
    if (result == NULL)
        return NULL;
    PyObject *first, *middle, *last;
    if (at < 0) {
        PyObject *whole = str_unchanged(s);
        first = from_right ? str_empty() : whole;
        middle = str_empty();
        last = from_right ? whole : str_empty();
    } else {
        first = str_slice(s, 0, at);
        middle = Py_NewRef(sep);
        last = str_slice(s, at + m, v.length);
    }
    PyTuple_SET_ITEM(result, 0, first);
    PyTuple_SET_ITEM(result, 1, middle);
    PyTuple_SET_ITEM(result, 2, last);
    if (first == NULL || last == NULL)
        Py_CLEAR(result);
    return result;
}

/* New tuple of what is before the first sep, sep, and what is after it. */
PyObject *PyUnicode_Partition(PyObject *s, PyObject *sep)
{
    return partition(s, sep, false);
}

PyObject *PyUnicode_RPartition(PyObject *s, PyObject *sep)
{
    return partition(s, sep, true);
}

STR_ONE(partition)
{
    return partition(self, arg, false);
}

STR_ONE(rpartition)
{
    return partition(self, arg, true);
}
