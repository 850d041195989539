/* Padding, stripping and tabs. */
#include "objects/str/search.h"
#include "objects/args_unpack.h"
#include "objects/str/str_internal.h"

static PyObject *pad(PyObject *s, Py_ssize_t left, Py_ssize_t right, Py_UCS4 fill)
{
    left = Py_MAX(left, 0);
    right = Py_MAX(right, 0);
    if (left == 0 && right == 0)
        return str_unchanged(s);
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (left > PY_SSIZE_T_MAX - n || right > PY_SSIZE_T_MAX - (left + n)) {
        PyErr_SetString(PyExc_OverflowError, "padded string is too long");
        return NULL;
    }
    Py_UCS4 max = PyUnicode_MAX_CHAR_VALUE(s);
    PyObject *result = PyUnicode_New(left + n + right, Py_MAX(max, fill));
    if (result == NULL)
        return NULL;
    if (PyUnicode_GET_LENGTH(result) == 1)
        return Py_DECREF(result), str_from_char(fill);
    _PyUnicode_FastFill(result, 0, left, fill);
    _PyUnicode_FastCopyCharacters(result, left, s, 0, n);
    _PyUnicode_FastFill(result, left + n, right, fill);
    return result;
}

static int pad_args(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *width,
                    Py_UCS4 *fill)
{
    *fill = ' ';
    if (!_PyArg_CheckPositional(name, nargs, 1, 2))
        return -1;
    *width = args_ssize(args[0]);
    if ((*width == -1 && PyErr_Occurred()) || PyUnicode_READY(self) < 0)
        return -1;
    if (nargs < 2)
        return 0;
    if (!PyUnicode_Check(args[1])) {
        PyErr_Format(PyExc_TypeError, "The fill character must be a unicode character, not %.100s",
                     Py_TYPE(args[1])->tp_name);
        return -1;
    }
    if (PyUnicode_READY(args[1]) < 0)
        return -1;
    if (PyUnicode_GET_LENGTH(args[1]) != 1) {
        PyErr_SetString(PyExc_TypeError, "The fill character must be exactly one character long");
        return -1;
    }
    *fill = PyUnicode_READ_CHAR(args[1], 0);
    return 0;
}

STR_FAST(center)
{
    Py_ssize_t width;
    Py_UCS4 fill;
    if (pad_args("center", self, args, nargs, &width, &fill) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(self);
    if (n >= width)
        return str_unchanged(self);
    Py_ssize_t room = width - n, left = room / 2 + (room & width & 1);
    return pad(self, left, room - left, fill);
}

STR_FAST(ljust)
{
    Py_ssize_t width;
    Py_UCS4 fill;
    if (pad_args("ljust", self, args, nargs, &width, &fill) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(self);
    return pad(self, 0, width > n ? width - n : 0, fill);
}

STR_FAST(rjust)
{
    Py_ssize_t width;
    Py_UCS4 fill;
    if (pad_args("rjust", self, args, nargs, &width, &fill) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(self);
    return pad(self, width > n ? width - n : 0, 0, fill);
}

STR_ONE(zfill)
{
    Py_ssize_t width = args_ssize(arg);
    if ((width == -1 && PyErr_Occurred()) || PyUnicode_READY(self) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(self);
    if (n >= width)
        return str_unchanged(self);
    Py_ssize_t fill = width - n;
    PyObject *result = pad(self, fill, 0, '0');
    if (result == NULL || n == 0)
        return result;
    int kind = PyUnicode_KIND(result);
    void *data = PyUnicode_DATA(result);
    Py_UCS4 sign = PyUnicode_READ(kind, data, fill);
    if (sign == '+' || sign == '-') {
        PyUnicode_WRITE(kind, data, 0, sign);
        PyUnicode_WRITE(kind, data, fill, '0');
    }
    return result;
}

STR_FASTKW(expandtabs)
{
    static const char *const keywords[] = {"tabsize", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "expandtabs"};
    PyObject *room[1];
    int tabsize = 8;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 1, 1, room) < 0)
        return NULL;
    args = room;
    if (args[0] != NULL) {
        tabsize = _PyLong_AsInt(args[0]);
        if (tabsize == -1 && PyErr_Occurred())
            return NULL;
    }
    if (PyUnicode_READY(self) < 0)
        return NULL;
    StrView v = str_view(self);
    Py_ssize_t total = 0, column = 0;
    bool found = false;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        Py_ssize_t more = 1;
        if (ch == '\t') {
            found = true;
            more = tabsize > 0 ? tabsize - column % tabsize : 0;
            column += more;
        } else {
            column = ch == '\n' || ch == '\r' ? 0 : column + 1;
        }
        if (more > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "new string is too long");
            return NULL;
        }
        total += more;
    }
    if (!found)
        return str_unchanged(self);
    PyObject *result = PyUnicode_New(total, PyUnicode_MAX_CHAR_VALUE(self));
    if (result == NULL || total == 0)
        return result;
    char *to = PyUnicode_DATA(result);
    column = 0;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i);
        if (ch == '\t') {
            Py_ssize_t more = tabsize > 0 ? tabsize - column % tabsize : 0;
            str_fill_chars(v.kind, to, ' ', more);
            to += more * v.kind;
            column += more;
        } else {
            PyUnicode_WRITE(v.kind, to, 0, ch);
            to += v.kind;
            column = ch == '\n' || ch == '\r' ? 0 : column + 1;
        }
    }
    return str_share_steal(result);
}

/* --- strip --- */

#define LEFT 0
#define RIGHT 1
#define BOTH 2

/* Strips the characters of sep. `side` is 0 left, 1 right, 2 both. */
PyObject *_PyUnicode_XStrip(PyObject *self, int side, PyObject *sep)
{
    if (PyUnicode_READY(self) < 0 || PyUnicode_READY(sep) < 0)
        return NULL;
    StrView v = str_view(self), drop = str_view(sep);
    uint64_t bloom = 0;
    for (Py_ssize_t i = 0; i < drop.length; i++)
        bloom |= 1ull << (PyUnicode_READ(drop.kind, drop.data, i) & 63);
#define DROPPED(i) \
    ({ \
        Py_UCS4 ch = PyUnicode_READ(v.kind, v.data, i); \
        ((bloom >> (ch & 63)) & 1) && (ch == only || (drop.length > 1 && search_find_char(drop, ch) >= 0)); \
    })
    Py_UCS4 only = drop.length > 0 ? PyUnicode_READ(drop.kind, drop.data, 0) : 0;
    Py_ssize_t start = 0, end = v.length;
    if (side != RIGHT)
        while (start < end && DROPPED(start))
            start++;
    if (side != LEFT)
        while (end > start && DROPPED(end - 1))
            end--;
#undef DROPPED
    return str_slice(self, start, end);
}

static PyObject *strip_space(PyObject *self, int side)
{
    StrView v = str_view(self);
    Py_ssize_t start = 0, end = v.length;
    if (v.kind == PyUnicode_1BYTE_KIND) {
        const Py_UCS1 *text = v.data;
        if (side != RIGHT)
            while (start < end && str_latin1_space[text[start]])
                start++;
        if (side != LEFT)
            while (end > start && str_latin1_space[text[end - 1]])
                end--;
        return str_slice(self, start, end);
    }
    if (side != RIGHT)
        while (start < end && Py_UNICODE_ISSPACE(PyUnicode_READ(v.kind, v.data, start)))
            start++;
    if (side != LEFT)
        while (end > start && Py_UNICODE_ISSPACE(PyUnicode_READ(v.kind, v.data, end - 1)))
            end--;
    return str_slice(self, start, end);
}

static PyObject *strip(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs, int side)
{
    if (!_PyArg_CheckPositional(name, nargs, 0, 1) || PyUnicode_READY(self) < 0)
        return NULL;
    if (nargs == 0 || args[0] == Py_None)
        return strip_space(self, side);
    if (PyUnicode_Check(args[0]))
        return _PyUnicode_XStrip(self, side, args[0]);
    PyErr_Format(PyExc_TypeError, "%s arg must be None or str", name);
    return NULL;
}

STR_FAST(strip)
{
    return strip("strip", self, args, nargs, BOTH);
}

STR_FAST(lstrip)
{
    return strip("lstrip", self, args, nargs, LEFT);
}

STR_FAST(rstrip)
{
    return strip("rstrip", self, args, nargs, RIGHT);
}
