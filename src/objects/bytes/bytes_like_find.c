/* Searching in bytes and bytearray: find and its kin, prefixes and suffixes, replace. */
#include "objects/args_unpack.h"
#include "objects/bytes/bytes.h"

/* What is searched for: a buffer, or an int standing for one byte. */
typedef struct {
    Py_buffer view;
    unsigned char one;
    Needle needle;
} Sub;

/* Takes the object apart. 0 or -1. Release with sub_release in either case but failure. */
static int sub_get(PyObject *obj, Sub *sub)
{
    sub->view.obj = NULL;
    if (PyObject_CheckBuffer(obj)) {
        if (bytes_buffer_get(obj, &sub->view) < 0)
            return -1;
        sub->needle.view = (StrView){PyUnicode_1BYTE_KIND, sub->view.len, sub->view.buf};
    } else {
        if (!PyIndex_Check(obj)) {
            PyErr_Format(PyExc_TypeError, "argument should be integer or bytes-like object, not '%.200s'",
                         Py_TYPE(obj)->tp_name);
            return -1;
        }
        Py_ssize_t value = PyNumber_AsSsize_t(obj, NULL);
        if (value == -1 && PyErr_Occurred())
            return -1;
        if (value < 0 || value > 255) {
            PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
            return -1;
        }
        sub->one = (unsigned char)value;
        sub->needle.view = (StrView){PyUnicode_1BYTE_KIND, 1, &sub->one};
    }
    sub->needle.possible = true;
    sub->needle.owned = NULL;
    return 0;
}

static void sub_release(Sub *sub)
{
    bytes_buffer_release(&sub->view);
}

typedef enum { FIND, RFIND, COUNT } What;

/* Offset (or count) of args[0] in self, -1 when absent; -2 on error. */
static Py_ssize_t search(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs, What what)
{
    PyObject *obj;
    Py_ssize_t start, end, result;
    Sub sub;
    if (search_parse_args(name, args, nargs, &obj, &start, &end) < 0 || sub_get(obj, &sub) < 0)
        return -2;
    StrView hay = bytes_like_view(self);
    str_clip_range(&start, &end, hay.length);
    if (start > end) {
        result = what == COUNT ? 0 : -1;
    } else {
        StrView part = view_part(hay, start, end);
        result = what == COUNT  ? search_count(part, &sub.needle, PY_SSIZE_T_MAX)
                 : what == FIND ? search_find(part, &sub.needle)
                                : search_rfind(part, &sub.needle);
        if (what != COUNT && result >= 0)
            result += start;
    }
    sub_release(&sub);
    return result;
}

static PyObject *found(Py_ssize_t result)
{
    return result == -2 ? NULL : PyLong_FromSsize_t(result);
}

static PyObject *found_or_raise(Py_ssize_t result)
{
    if (result == -1)
        PyErr_SetString(PyExc_ValueError, "subsection not found");
    return result < 0 ? NULL : PyLong_FromSsize_t(result);
}

BYTES_FAST(count)
{
    return found(search("count", self, args, nargs, COUNT));
}

BYTES_FAST(find)
{
    return found(search("find", self, args, nargs, FIND));
}

BYTES_FAST(rfind)
{
    return found(search("rfind", self, args, nargs, RFIND));
}

BYTES_FAST(index)
{
    return found_or_raise(search("index", self, args, nargs, FIND));
}

BYTES_FAST(rindex)
{
    return found_or_raise(search("rindex", self, args, nargs, RFIND));
}

int bytes_like_contains(PyObject *self, PyObject *arg)
{
    Sub sub;
    Py_ssize_t value = PyIndex_Check(arg) && !PyObject_CheckBuffer(arg) ? PyNumber_AsSsize_t(arg, NULL) : -1;
    if (value == -1 && PyErr_Occurred())
        PyErr_Clear();      /* then it has to be a buffer, which it is not */
    else if (PyIndex_Check(arg) && !PyObject_CheckBuffer(arg)) {
        if (value < 0 || value > 255) {
            PyErr_SetString(PyExc_ValueError, "byte must be in range(0, 256)");
            return -1;
        }
        return search_find_char(bytes_like_view(self), (Py_UCS4)value) >= 0;
    }
    if (bytes_buffer_get(arg, &sub.view) < 0)
        return -1;
    sub.needle.view = (StrView){PyUnicode_1BYTE_KIND, sub.view.len, sub.view.buf};
    sub.needle.possible = true;
    sub.needle.owned = NULL;
    int result = search_find(bytes_like_view(self), &sub.needle) >= 0;
    sub_release(&sub);
    return result;
}

/* Offset of one piece of raw memory in another: the C API's low-level search. */
Py_ssize_t _PyBytes_Find(const char *hay, Py_ssize_t hay_length, const char *text, Py_ssize_t length, Py_ssize_t offset)
{
    Needle needle = {.view = {1, length, text}, .possible = true};
    Py_ssize_t at = search_find((StrView){1, hay_length, hay}, &needle);
    return at < 0 ? at : at + offset;
}

Py_ssize_t _PyBytes_ReverseFind(const char *hay, Py_ssize_t hay_length, const char *text, Py_ssize_t length,
                                Py_ssize_t offset)
{
    Needle needle = {.view = {1, length, text}, .possible = true};
    Py_ssize_t at = search_rfind((StrView){1, hay_length, hay}, &needle);
    return at < 0 ? at : at + offset;
}

/* --- prefixes and suffixes --- */

/* Does self[start:end] start (or end) with the buffer? -1 on error. */
static int tail_match(PyObject *self, PyObject *obj, Py_ssize_t start, Py_ssize_t end, bool at_end)
{
    Py_buffer view;
    int result = 0;
    if (bytes_buffer_get(obj, &view) < 0)
        return -1;
    StrView v = bytes_like_view(self);
    str_clip_range(&start, &end, v.length);
    if (start <= end && view.len <= end - start) {
        const char *p = (const char *)v.data + (at_end ? end - view.len : start);
        result = memcmp(p, view.buf, (size_t)view.len) == 0;
    }
    bytes_buffer_release(&view);
    return result;
}

static PyObject *tail_match_any(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs, bool at_end)
{
    PyObject *obj;
    Py_ssize_t start, end;
    if (search_parse_args(name, args, nargs, &obj, &start, &end) < 0)
        return NULL;
    if (PyTuple_Check(obj)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(obj); i++) {
            int r = tail_match(self, PyTuple_GET_ITEM(obj, i), start, end, at_end);
            if (r != 0)
                return r < 0 ? NULL : Py_NewRef(Py_True);
        }
        Py_RETURN_FALSE;
    }
    int r = tail_match(self, obj, start, end, at_end);
    if (r >= 0)
        return PyBool_FromLong(r);
    if (PyErr_ExceptionMatches(PyExc_TypeError))
        PyErr_Format(PyExc_TypeError, "%s first arg must be bytes or a tuple of bytes, not %s", name,
                     Py_TYPE(obj)->tp_name);
    return NULL;
}

BYTES_FAST(startswith)
{
    return tail_match_any("startswith", self, args, nargs, false);
}

BYTES_FAST(endswith)
{
    return tail_match_any("endswith", self, args, nargs, true);
}

static PyObject *remove_tail(PyObject *self, PyObject *arg, bool at_end)
{
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0)
        return NULL;
    Py_ssize_t m = view.len;
    PyBuffer_Release(&view);
    int r = m == 0 ? 0 : tail_match(self, arg, 0, PY_SSIZE_T_MAX, at_end);
    if (r < 0)
        return NULL;
    if (r == 0)
        return bytes_like_unchanged(self);
    return bytes_like_new(self, bytes_like_data(self) + (at_end ? 0 : m), Py_SIZE(self) - m);
}

BYTES_ONE(removeprefix)
{
    return remove_tail(self, arg, false);
}

BYTES_ONE(removesuffix)
{
    return remove_tail(self, arg, true);
}

/* --- replace --- */

static PyObject *too_long(void)
{
    PyErr_SetString(PyExc_OverflowError, "replace bytes is too long");
    return NULL;
}

/* `with` before each of the first `count` bytes, and at the end if count allows. */
static PyObject *interleave(PyObject *self, StrView with, Py_ssize_t limit)
{
    StrView v = bytes_like_view(self);
    Py_ssize_t count = limit > v.length ? v.length + 1 : limit;
    if (with.length > (PY_SSIZE_T_MAX - v.length) / Py_MAX(count, 1))
        return too_long();
    PyObject *result = bytes_like_new(self, NULL, v.length + count * with.length);
    if (result == NULL)
        return NULL;
    char *to = bytes_like_writable(result);
    const char *from = v.data;
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(to, with.data, (size_t)with.length);
        to += with.length;
        if (i < v.length)
            *to++ = *from++;
    }
    memcpy(to, from, (size_t)((const char *)v.data + v.length - from));
    return result;
}

static PyObject *replace(PyObject *self, const Needle *old, StrView with, Py_ssize_t limit)
{
    StrView v = bytes_like_view(self), p = old->view;
    if (limit < 0)
        limit = PY_SSIZE_T_MAX;
    if (limit == 0 || v.length < p.length || (p.length == 0 && with.length == 0))
        return bytes_like_unchanged(self);
    if (p.length == 0)
        return interleave(self, with, limit);
    Py_ssize_t count = search_count(v, old, limit);
    if (count == 0)
        return bytes_like_unchanged(self);
    if (with.length > p.length && with.length - p.length > (PY_SSIZE_T_MAX - v.length) / count)
        return too_long();
    PyObject *result = bytes_like_new(self, NULL, v.length + count * (with.length - p.length));
    if (result == NULL || Py_SIZE(result) == 0)
        return result;
    char *to = bytes_like_writable(result);
    const char *from = v.data;
    for (Py_ssize_t at = 0; count > 0; count--) {
        Py_ssize_t gap = search_find(view_part(v, at, v.length), old);
        memcpy(to, from + at, (size_t)gap);
        memcpy(to + gap, with.data, (size_t)with.length);
        to += gap + with.length;
        at += gap + p.length;
        if (count == 1)
            memcpy(to, from + at, (size_t)(v.length - at));
    }
    return result;
}

BYTES_FAST(replace)
{
    Py_buffer old = {.obj = NULL}, with = {.obj = NULL};
    Py_ssize_t limit = -1;
    PyObject *result = NULL;
    if (!_PyArg_CheckPositional("replace", nargs, 2, 3))
        return NULL;
    if (bytes_buffer_get(args[0], &old) < 0 || bytes_buffer_get(args[1], &with) < 0)
        goto done;
    if (nargs > 2) {
        limit = args_ssize(args[2]);
        if (limit == -1 && PyErr_Occurred())
            goto done;
    }
    Needle needle = {.view = {PyUnicode_1BYTE_KIND, old.len, old.buf}, .possible = true};
    result = replace(self, &needle, (StrView){PyUnicode_1BYTE_KIND, with.len, with.buf}, limit);
done:
    bytes_buffer_release(&old);
    bytes_buffer_release(&with);
    return result;
}
