/* Names of files as arguments, and os.fspath(). */
#include "modules/posix/posix.h"

#include "objects/names.h"

/* The result of obj.__fspath__(), a new reference; NULL without an exception if obj has no such method. */
static PyObject *call_fspath(PyObject *obj)
{
    PyObject *method = _PyObject_LookupSpecial(obj, NAME(__fspath__));
    if (!method) return NULL;
    PyObject *result = PyObject_CallNoArgs(method);
    Py_DECREF(method);
    if (result && !PyUnicode_Check(result) && !PyBytes_Check(result)) {
        PyErr_Format(PyExc_TypeError, "expected %.200s.__fspath__() to return str or bytes, not %.200s",
                     Py_TYPE(obj)->tp_name, Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}

/* os.fspath(): str and bytes as they are, else what __fspath__() gives. A new reference. */
PyObject *PyOS_FSPath(PyObject *path)
{
    if (PyUnicode_Check(path) || PyBytes_Check(path)) return Py_NewRef(path);
    PyObject *result = call_fspath(path);
    if (!result && !PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "expected str, bytes or os.PathLike object, not %.200s", Py_TYPE(path)->tp_name);
    }
    return result;
}

DEFINE_KEYWORDS(fspath)
{
    if (nargs == 1 && !kwnames) return PyOS_FSPath(args[0]);
    PyObject *path;
    PARSER("O:fspath", "path");
    PARSE(&path);
    return PyOS_FSPath(path);
}

static int fd_from_index(PyObject *obj, int *fd)
{
    PyObject *index = PyNumber_Index(obj);
    if (!index) return 0;
    int overflow;
    long value = PyLong_AsLongAndOverflow(index, &overflow);
    Py_DECREF(index);
    if (overflow > 0 || value > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "fd is greater than maximum");
        return 0;
    }
    if (overflow < 0 || value < INT_MIN) {
        PyErr_SetString(PyExc_OverflowError, "fd is less than minimum");
        return 0;
    }
    *fd = (int)value;
    return 1;
}

int dir_fd_convert(PyObject *obj, void *fd)
{
    if (obj == Py_None) {
        *(int *)fd = AT_FDCWD;
        return 1;
    }
    if (PyIndex_Check(obj)) return fd_from_index(obj, fd);
    PyErr_Format(PyExc_TypeError, "argument should be integer or None, not %.200s", Py_TYPE(obj)->tp_name);
    return 0;
}

int fildes_convert(PyObject *obj, void *fd)
{
    int value = PyObject_AsFileDescriptor(obj);
    if (value < 0) return 0;
    *(int *)fd = value;
    return 1;
}

static const char *path_kinds(const Path *path)
{
    if (path->allow_fd) {
        return path->nullable ? "string, bytes, os.PathLike, integer or None" : "string, bytes, os.PathLike or integer";
    }
    return path->nullable ? "string, bytes, os.PathLike or None" : "string, bytes or os.PathLike";
}

/* Bytes for whatever is no str, bytes or PathLike: a buffer (deprecated) or a complaint. */
static PyObject *bytes_from_other(const Path *path, PyObject *obj)
{
    if (PyObject_CheckBuffer(obj)) {
        if (PyErr_WarnFormat(PyExc_DeprecationWarning, 1, "%s: %s should be %s, not %.200s", path->function,
                             path->argument, path_kinds(path), Py_TYPE(obj)->tp_name) < 0) {
            return NULL;
        }
        return PyBytes_FromObject(obj);
    }
    PyErr_Format(PyExc_TypeError, "%s: %s should be %s, not %.200s", path->function, path->argument, path_kinds(path),
                 Py_TYPE(obj)->tp_name);
    return NULL;
}

int path_convert(PyObject *obj, void *address)
{
    Path *path = address;
    if (!obj) {
        path_release(path);
        return 1;
    }
    path->fd = -1;
    if (obj == Py_None && path->nullable) return Py_CLEANUP_SUPPORTED;
    Py_INCREF(obj);
    if (!PyUnicode_Check(obj) && !PyBytes_Check(obj) && !PyObject_CheckBuffer(obj)
        && !(path->allow_fd && PyIndex_Check(obj))) {
        PyObject *text = call_fspath(obj);
        if (!text && PyErr_Occurred()) goto error;
        if (text) Py_SETREF(obj, text);
    }
    PyObject *bytes = NULL;
    if (PyUnicode_Check(obj)) {
        if (!PyUnicode_FSConverter(obj, &bytes)) goto error;
    } else if (PyBytes_Check(obj)) {
        bytes = Py_NewRef(obj);
    } else if (path->allow_fd && PyIndex_Check(obj) && !PyObject_CheckBuffer(obj)) {
        if (!fd_from_index(obj, &path->fd)) goto error;
        path->object = obj;
        return Py_CLEANUP_SUPPORTED;
    } else {
        bytes = bytes_from_other(path, obj);
        if (!bytes) goto error;
    }
    path->name = PyBytes_AS_STRING(bytes);
    path->length = PyBytes_GET_SIZE(bytes);
    if (strlen(path->name) != (size_t)path->length) {
        PyErr_Format(PyExc_ValueError, "%s: embedded null character in %s", path->function, path->argument);
        Py_DECREF(bytes);
        goto error;
    }
    path->bytes = bytes;
    path->object = obj;
    return Py_CLEANUP_SUPPORTED;
error:
    Py_DECREF(obj);
    return 0;
}

void path_release(Path *path)
{
    Py_CLEAR(path->object);
    Py_CLEAR(path->bytes);
}

PyObject *path_error(const Path *path)
{
    return PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path->object);
}

PyObject *path_error2(const Path *a, const Path *b)
{
    return PyErr_SetFromErrnoWithFilenameObjects(PyExc_OSError, a->object, b->object);
}

bool path_refuses_dir_fd(const char *function, const Path *path, int dir_fd)
{
    if (dir_fd == AT_FDCWD || path->name) return false;
    PyErr_Format(PyExc_ValueError, "%s: can't specify dir_fd without matching path", function);
    return true;
}

bool path_refuses_no_follow(const char *function, const Path *path, bool follow_symlinks)
{
    if (follow_symlinks || path->fd < 0) return false;
    PyErr_Format(PyExc_ValueError, "%s: cannot use fd and follow_symlinks together", function);
    return true;
}
