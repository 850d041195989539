/* Searching in strs: find and its kin, prefixes and suffixes, replace. */
#include "objects/args_unpack.h"
#include "objects/str/search.h"
#include "objects/str/str_internal.h"

typedef enum { FIND, RFIND, COUNT } What;

/* Offset (or count) of sub in s[start:end], -1 when absent; -2 on error. Both ready. */
static Py_ssize_t search(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end, What what)
{
    StrView hay = str_view(s), text = str_view(sub);
    Needle needle;
    Py_ssize_t result;
    str_clip_range(&start, &end, hay.length);
    if (end - start < text.length)
        return what == COUNT ? 0 : -1;
    hay = view_part(hay, start, end);
    if (text.length == 1 && what == FIND) {
        result = search_find_char(hay, PyUnicode_READ(text.kind, text.data, 0));
        return result < 0 ? result : result + start;
    }
    if (needle_prepare(&needle, text, hay.kind) < 0)
        return -2;
    result = what == COUNT  ? search_count(hay, &needle, PY_SSIZE_T_MAX)
             : what == FIND ? search_find(hay, &needle)
                            : search_rfind(hay, &needle);
    needle_release(&needle);
    return what == COUNT || result < 0 ? result : result + start;
}

static Py_ssize_t search_method(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs, What what)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (search_parse_args(name, args, nargs, &sub, &start, &end) < 0 || str_require(sub) < 0 ||
        PyUnicode_READY(self) < 0)
        return -2;
    return search(self, sub, start, end, what);
}

static PyObject *found(Py_ssize_t result)
{
    return result == -2 ? NULL : PyLong_FromSsize_t(result);
}

static PyObject *found_or_raise(Py_ssize_t result)
{
    if (result == -1)
        PyErr_SetString(PyExc_ValueError, "substring not found");
    return result < 0 ? NULL : PyLong_FromSsize_t(result);
}

STR_FAST(count)
{
    return found(search_method("count", self, args, nargs, COUNT));
}

STR_FAST(find)
{
    return found(search_method("find", self, args, nargs, FIND));
}

STR_FAST(rfind)
{
    return found(search_method("rfind", self, args, nargs, RFIND));
}

STR_FAST(index)
{
    return found_or_raise(search_method("index", self, args, nargs, FIND));
}

STR_FAST(rindex)
{
    return found_or_raise(search_method("rindex", self, args, nargs, RFIND));
}

/* Number of occurrences of sub in s[start:end]; -1 on error. */
Py_ssize_t PyUnicode_Count(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end)
{
    if (str_require(s) < 0 || str_require(sub) < 0)
        return -1;
    Py_ssize_t r = search(s, sub, start, end, COUNT);
    return r < 0 ? -1 : r;
}

/* First (direction 1) or last (-1) offset of sub in s[start:end]; -1 when absent, -2 on error. */
Py_ssize_t PyUnicode_Find(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end, int direction)
{
    if (str_require(s) < 0 || str_require(sub) < 0)
        return -2;
    return search(s, sub, start, end, direction > 0 ? FIND : RFIND);
}

/* The same for one character. */
Py_ssize_t PyUnicode_FindChar(PyObject *s, Py_UCS4 ch, Py_ssize_t start, Py_ssize_t end, int direction)
{
    if (PyUnicode_READY(s) < 0)
        return -2;
    StrView v = str_view(s);
    str_clip_range(&start, &end, v.length);
    if (end - start < 1)
        return -1;
    v = view_part(v, start, end);
    Py_ssize_t r = direction > 0 ? search_find_char(v, ch) : search_rfind_char(v, ch);
    return r < 0 ? r : r + start;
}

/* sub in s: 1, 0, or -1 with TypeError. */
int PyUnicode_Contains(PyObject *s, PyObject *sub)
{
    if (!PyUnicode_Check(sub)) {
        PyErr_Format(PyExc_TypeError, "'in <string>' requires string as left operand, not %.100s",
                     Py_TYPE(sub)->tp_name);
        return -1;
    }
    if (PyUnicode_READY(sub) < 0 || str_require(s) < 0)
        return -1;
    Py_ssize_t r = search(s, sub, 0, PY_SSIZE_T_MAX, FIND);
    return r == -2 ? -1 : r >= 0;
}

/* --- prefixes and suffixes --- */

static int tail_match(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end, bool at_end)
{
    StrView v = str_view(s), p = str_view(sub);
    str_clip_range(&start, &end, v.length);
    if (end - start < p.length || start > end || p.kind > v.kind)
        return end >= start && p.length == 0 && end - start >= 0;
    Py_ssize_t at = at_end ? end - p.length : start;
    if (p.kind == v.kind)
        return memcmp(str_at(v, at), p.data, (size_t)(p.length * p.kind)) == 0;
    for (Py_ssize_t i = 0; i < p.length; i++)
        if (PyUnicode_READ(v.kind, v.data, at + i) != PyUnicode_READ(p.kind, p.data, i))
            return 0;
    return 1;
}

/* Does s[start:end] begin (direction -1) or end (1) with sub? -1 on error. */
Py_ssize_t PyUnicode_Tailmatch(PyObject *s, PyObject *sub, Py_ssize_t start, Py_ssize_t end, int direction)
{
    if (str_require(s) < 0 || str_require(sub) < 0)
        return -1;
    return tail_match(s, sub, start, end, direction > 0);
}

static PyObject *tail_match_any(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs, bool at_end)
{
    PyObject *sub;
    Py_ssize_t start, end;
    if (search_parse_args(name, args, nargs, &sub, &start, &end) < 0 || PyUnicode_READY(self) < 0)
        return NULL;
    if (PyTuple_Check(sub)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(sub); i++) {
            PyObject *each = PyTuple_GET_ITEM(sub, i);
            if (!PyUnicode_Check(each)) {
                PyErr_Format(PyExc_TypeError, "tuple for %s must only contain str, not %.100s", name,
                             Py_TYPE(each)->tp_name);
                return NULL;
            }
            if (PyUnicode_READY(each) < 0)
                return NULL;
            if (tail_match(self, each, start, end, at_end))
                Py_RETURN_TRUE;
        }
        Py_RETURN_FALSE;
    }
    if (!PyUnicode_Check(sub)) {
        PyErr_Format(PyExc_TypeError, "%s first arg must be str or a tuple of str, not %.100s", name,
                     Py_TYPE(sub)->tp_name);
        return NULL;
    }
    if (PyUnicode_READY(sub) < 0)
        return NULL;
    return PyBool_FromLong(tail_match(self, sub, start, end, at_end));
}

STR_FAST(startswith)
{
    return tail_match_any("startswith", self, args, nargs, false);
}

STR_FAST(endswith)
{
    return tail_match_any("endswith", self, args, nargs, true);
}

static PyObject *remove_tail(const char *name, PyObject *self, PyObject *arg, bool at_end)
{
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument(name, "argument", "str", arg);
        return NULL;
    }
    if (PyUnicode_READY(self) < 0 || PyUnicode_READY(arg) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(self), m = PyUnicode_GET_LENGTH(arg);
    if (m > 0 && tail_match(self, arg, 0, PY_SSIZE_T_MAX, at_end))
        return at_end ? str_slice(self, 0, n - m) : str_slice(self, m, n);
    return str_unchanged(self);
}

STR_ONE(removeprefix)
{
    return remove_tail("removeprefix", self, arg, false);
}

STR_ONE(removesuffix)
{
    return remove_tail("removesuffix", self, arg, true);
}

/* --- replace --- */

/* Replaces one character by another that fits the kind of s. */
static PyObject *replace_char(PyObject *s, StrView v, Py_UCS4 from, Py_UCS4 to, Py_ssize_t limit)
{
    Py_ssize_t at = search_find_char(v, from);
    if (at < 0)
        return str_unchanged(s);
    PyObject *result = PyUnicode_New(v.length, PyUnicode_MAX_CHAR_VALUE(s));
    if (result == NULL)
        return NULL;
    void *data = PyUnicode_DATA(result);
    if (v.kind == PyUnicode_1BYTE_KIND && limit >= v.length) {
        const Py_UCS1 *s = v.data;
        Py_UCS1 *out = data, a = (Py_UCS1)from, b = (Py_UCS1)to;
        for (Py_ssize_t i = 0; i < v.length; i++)
            out[i] = s[i] == a ? b : s[i];
        return result;
    }
    memcpy(data, v.data, (size_t)(v.length * v.kind));
    while (at >= 0 && limit-- > 0) {
        PyUnicode_WRITE(v.kind, data, at, to);
        Py_ssize_t next = search_find_char(view_part(v, at + 1, v.length), from);
        at = next < 0 ? -1 : at + 1 + next;
    }
    return result;
}

enum { GAPS_KEPT = 16 };

/* How often a needle occurs, at most `limit` times. How far it is to each of the first GAPS_KEPT from the end of the one before
 * goes to `gaps`, so that these need not be searched for again. */
static Py_ssize_t count_and_keep(StrView v, const Needle *old, Py_ssize_t limit, Py_ssize_t *gaps)
{
    Py_ssize_t count = 0, at = 0, gap;
    if (old->view.length == 0)
        return search_count(v, old, limit);
    for (; count < GAPS_KEPT && count < limit; at += gap + old->view.length) {
        gap = search_find(view_part(v, at, v.length), old);
        if (gap < 0)
            return count;
        gaps[count++] = gap;
    }
    return count < limit ? count + search_count(view_part(v, at, v.length), old, limit - count) : count;
}

/* The characters of s with `with` in place of `count` occurrences of the needle (or between characters if it is empty). `gaps` as
 * count_and_keep() gave them. */
static PyObject *replace_text(StrView v, const Needle *old, StrView with, Py_ssize_t count, const Py_ssize_t *gaps, Py_UCS4 max)
{
    Py_ssize_t m = old->view.length, growth = with.length - m;
    if (growth > 0 && count > (PY_SSIZE_T_MAX - v.length) / growth) {
        PyErr_SetString(PyExc_OverflowError, "replace string is too long");
        return NULL;
    }
    PyObject *result = PyUnicode_New(v.length + count * growth, max);
    if (result == NULL || PyUnicode_GET_LENGTH(result) == 0)
        return result;
    int kind = PyUnicode_KIND(result);
    char *to = PyUnicode_DATA(result);
    Py_ssize_t at = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Py_ssize_t gap = m == 0 ? (i > 0) : i < GAPS_KEPT ? gaps[i] : search_find(view_part(v, at, v.length), old);
        str_copy_chars(kind, to, v.kind, str_at(v, at), gap);
        to += gap * kind;
        at += gap + m;
        str_copy_chars(kind, to, with.kind, with.data, with.length);
        to += with.length * kind;
    }
    str_copy_chars(kind, to, v.kind, str_at(v, at), v.length - at);
    return result;
}

static PyObject *replace(PyObject *s, PyObject *old, PyObject *with, Py_ssize_t limit)
{
    StrView v = str_view(s), p = str_view(old), w = str_view(with);
    Needle needle;
    PyObject *result;
    if (limit < 0)
        limit = PY_SSIZE_T_MAX;
    if (limit == 0 || p.length > v.length || p.kind > v.kind || (v.length == 0 && p.length == 0 && w.length == 0) ||
        old == with)
        return str_unchanged(s);
    if (p.length == 1 && w.length == 1 && PyUnicode_MAX_CHAR_VALUE(with) <= PyUnicode_MAX_CHAR_VALUE(s)) {
        result = replace_char(s, v, PyUnicode_READ(p.kind, p.data, 0), PyUnicode_READ(w.kind, w.data, 0), limit);
    } else {
        if (needle_prepare(&needle, p, v.kind) < 0)
            return NULL;
        Py_ssize_t gaps[GAPS_KEPT], count = count_and_keep(v, &needle, limit, gaps);
        Py_UCS4 max = Py_MAX(PyUnicode_MAX_CHAR_VALUE(s), PyUnicode_MAX_CHAR_VALUE(with));
        result = count == 0 ? str_unchanged(s) : replace_text(v, &needle, w, count, gaps, max);
        needle_release(&needle);
    }
    /* What was taken out may have been the only wide character. */
    if (result != NULL && result != s && PyUnicode_MAX_CHAR_VALUE(old) > 0x7f &&
        PyUnicode_MAX_CHAR_VALUE(with) < PyUnicode_MAX_CHAR_VALUE(s) && PyUnicode_GET_LENGTH(result) > 0) {
        Py_UCS4 max = str_max_char(str_view(result));
        if (max < PyUnicode_MAX_CHAR_VALUE(result))
            Py_SETREF(result, str_from_view(str_view(result), max));
    }
    return result == NULL || result == s ? result : str_share_steal(result);
}

/* New str with at most `limit` (-1: all) occurrences of old replaced. */
PyObject *PyUnicode_Replace(PyObject *s, PyObject *old, PyObject *with, Py_ssize_t limit)
{
    if (str_require(s) < 0 || str_require(old) < 0 || str_require(with) < 0)
        return NULL;
    return replace(s, old, with, limit);
}

STR_FAST(replace)
{
    Py_ssize_t limit = -1;
    if (!_PyArg_CheckPositional("replace", nargs, 2, 3))
        return NULL;
    for (int i = 0; i < 2; i++) {
        if (!PyUnicode_Check(args[i])) {
            _PyArg_BadArgument("replace", i == 0 ? "argument 1" : "argument 2", "str", args[i]);
            return NULL;
        }
        if (PyUnicode_READY(args[i]) < 0)
            return NULL;
    }
    if (nargs > 2) {
        limit = args_ssize(args[2]);
        if (limit == -1 && PyErr_Occurred())
            return NULL;
    }
    if (PyUnicode_READY(self) < 0)
        return NULL;
    return replace(self, args[0], args[1], limit);
}
