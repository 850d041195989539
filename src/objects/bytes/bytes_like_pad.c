/* Padding, stripping and tabs in bytes and bytearray. */
#include "objects/bytes/bytes.h"
#include "objects/args_unpack.h"

static PyObject *pad(PyObject *self, Py_ssize_t left, Py_ssize_t right, char fill)
{
    Py_ssize_t n = Py_SIZE(self);
    left = Py_MAX(left, 0);
    right = Py_MAX(right, 0);
    if (left == 0 && right == 0)
        return bytes_like_unchanged(self);
    PyObject *result = bytes_like_new(self, NULL, left + n + right);
    if (result != NULL) {
        char *to = bytes_like_writable(result);
        memset(to, fill, (size_t)left);
        memcpy(to + left, bytes_like_data(self), (size_t)n);
        memset(to + left + n, fill, (size_t)right);
    }
    return result;
}

/* Width and fill byte of center and its kin. 0 or -1. */
static int pad_args(const char *name, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *width, char *fill)
{
    *fill = ' ';
    if (!_PyArg_CheckPositional(name, nargs, 1, 2))
        return -1;
    *width = args_ssize(args[0]);
    if (*width == -1 && PyErr_Occurred())
        return -1;
    if (nargs < 2)
        return 0;
    if (PyBytes_Check(args[1]) && PyBytes_GET_SIZE(args[1]) == 1) {
        *fill = PyBytes_AS_STRING(args[1])[0];
    } else if (PyByteArray_Check(args[1]) && PyByteArray_GET_SIZE(args[1]) == 1) {
        *fill = PyByteArray_AS_STRING(args[1])[0];
    } else {
        _PyArg_BadArgument(name, "argument 2", "a byte string of length 1", args[1]);
        return -1;
    }
    return 0;
}

BYTES_FAST(center)
{
    Py_ssize_t width;
    char fill;
    if (pad_args("center", args, nargs, &width, &fill) < 0)
        return NULL;
    Py_ssize_t room = width - Py_SIZE(self);
    if (width <= Py_SIZE(self))
        return bytes_like_unchanged(self);
    Py_ssize_t left = room / 2 + (room & width & 1);
    return pad(self, left, room - left, fill);
}

BYTES_FAST(ljust)
{
    Py_ssize_t width;
    char fill;
    if (pad_args("ljust", args, nargs, &width, &fill) < 0)
        return NULL;
    return pad(self, 0, width <= Py_SIZE(self) ? 0 : width - Py_SIZE(self), fill);
}

BYTES_FAST(rjust)
{
    Py_ssize_t width;
    char fill;
    if (pad_args("rjust", args, nargs, &width, &fill) < 0)
        return NULL;
    return pad(self, width <= Py_SIZE(self) ? 0 : width - Py_SIZE(self), 0, fill);
}

BYTES_ONE(zfill)
{
    Py_ssize_t width = args_ssize(arg);
    if (width == -1 && PyErr_Occurred())
        return NULL;
    if (width <= Py_SIZE(self))
        return bytes_like_unchanged(self);
    Py_ssize_t fill = width - Py_SIZE(self);
    PyObject *result = pad(self, fill, 0, '0');
    if (result == NULL)
        return NULL;
    char *p = bytes_like_writable(result);
    if (Py_SIZE(result) > fill && (p[fill] == '+' || p[fill] == '-')) {
        p[0] = p[fill];
        p[fill] = '0';
    }
    return result;
}

BYTES_FASTKW(expandtabs)
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
    StrView v = bytes_like_view(self);
    const char *p = v.data;
    Py_ssize_t total = 0, column = 0;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        Py_ssize_t more = 1;
        if (p[i] == '\t') {
            more = tabsize > 0 ? tabsize - column % tabsize : 0;
            column += more;
        } else {
            column = p[i] == '\n' || p[i] == '\r' ? 0 : column + 1;
        }
        if (more > PY_SSIZE_T_MAX - total) {
            PyErr_SetString(PyExc_OverflowError, "result too long");
            return NULL;
        }
        total += more;
    }
    PyObject *result = bytes_like_new(self, NULL, total);
    if (result == NULL)
        return NULL;
    char *to = bytes_like_writable(result);
    column = 0;
    for (Py_ssize_t i = 0; i < v.length; i++) {
        if (p[i] == '\t') {
            Py_ssize_t more = tabsize > 0 ? tabsize - column % tabsize : 0;
            memset(to, ' ', (size_t)more);
            to += more;
            column += more;
        } else {
            *to++ = p[i];
            column = p[i] == '\n' || p[i] == '\r' ? 0 : column + 1;
        }
    }
    return result;
}

/* --- strip --- */

#define LEFT 1
#define RIGHT 2

static PyObject *strip_set(PyObject *self, int sides, const bool *drop)
{
    StrView v = bytes_like_view(self);
    const unsigned char *p = v.data;
    Py_ssize_t start = 0, end = v.length;
    if (sides & LEFT)
        while (start < end && drop[p[start]])
            start++;
    if (sides & RIGHT)
        while (end > start && drop[p[end - 1]])
            end--;
    if (start == 0 && end == v.length && PyBytes_CheckExact(self))
        return Py_NewRef(self);
    return bytes_like_new(self, (const char *)p + start, end - start);
}

static PyObject *strip(const char *name, PyObject *self, PyObject *const *args, Py_ssize_t nargs, int sides)
{
    static const bool space[256] = {['\t' ... '\r'] = true, [' '] = true};
    if (!_PyArg_CheckPositional(name, nargs, 0, 1))
        return NULL;
    if (nargs == 0 || args[0] == Py_None)
        return strip_set(self, sides, space);
    bool drop[256] = {false};
    Py_buffer view;
    if (bytes_buffer_get(args[0], &view) < 0)
        return NULL;
    for (Py_ssize_t i = 0; i < view.len; i++)
        drop[((unsigned char *)view.buf)[i]] = true;
    bytes_buffer_release(&view);
    return strip_set(self, sides, drop);
}

BYTES_FAST(strip)
{
    return strip("strip", self, args, nargs, LEFT | RIGHT);
}

BYTES_FAST(lstrip)
{
    return strip("lstrip", self, args, nargs, LEFT);
}

BYTES_FAST(rstrip)
{
    return strip("rstrip", self, args, nargs, RIGHT);
}
