/* Files and descriptors for C code: calls that set exceptions, start again after signals and keep descriptors from being
 * inherited (PEP 446, PEP 475).
 *
 * Where a function serves both with the GIL (errors become exceptions) and without (errors stay in errno), its name says
 * _noraise.
 */
#include <Python.h>
#include <internal/krait_exports.h>

#include "objects/names.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* read() and write() of more than this fail or are cut short on Linux. */
static size_t transfer_size(size_t count)
{
    return count > PY_SSIZE_T_MAX ? PY_SSIZE_T_MAX : count;
}

/* ---- Opening ---- */

/* A new descriptor, not inheritable; -1 with OSError set. The GIL is held. */
int _Py_open(const char *pathname, int flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(pathname);
    if (!name) return -1;
    int fd = -1, interrupted = 0;
    if (PySys_Audit("open", "sOi", pathname, Py_None, flags) == 0) {
        do {
            Py_BEGIN_ALLOW_THREADS
            fd = open(pathname, flags | O_CLOEXEC);
            Py_END_ALLOW_THREADS
        } while (fd < 0 && errno == EINTR && !(interrupted = PyErr_CheckSignals()));
        if (fd < 0 && !interrupted) PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
    }
    Py_DECREF(name);
    return fd;
}

int _Py_open_noraise(const char *pathname, int flags)
{
    return open(pathname, flags | O_CLOEXEC);
}

/* fopen() with a wide name; NULL with errno set, or with an exception if an audit hook raised. */
FILE *_Py_wfopen(const wchar_t *path, const wchar_t *mode)
{
    char narrow_mode[10];
    if (PySys_Audit("open", "uui", path, mode, 0) < 0) return NULL;
    size_t n = wcstombs(narrow_mode, mode, sizeof narrow_mode);
    if (n == (size_t)-1 || n >= sizeof narrow_mode) {
        errno = EINVAL;
        return NULL;
    }
    char *name = Py_EncodeLocale(path, NULL);
    if (!name) return NULL;
    FILE *file = fopen(name, narrow_mode);
    int error = errno;
    PyMem_Free(name);
    if (file && _Py_set_inheritable(fileno(file), 0, NULL) < 0) {
        fclose(file);
        return NULL;
    }
    errno = error;
    return file;
}

/* fopen() of what PyUnicode_FSConverter() takes; NULL with an exception set. The file is not inheritable. */
FILE *_Py_fopen_obj(PyObject *path, const char *mode)
{
    PyObject *bytes;
    FILE *file = NULL;
    int interrupted = 0;
    if (PySys_Audit("open", "Osi", path, mode, 0) < 0 || !PyUnicode_FSConverter(path, &bytes)) return NULL;
    do {
        Py_BEGIN_ALLOW_THREADS
        file = fopen(PyBytes_AS_STRING(bytes), mode);
        Py_END_ALLOW_THREADS
    } while (!file && errno == EINTR && !(interrupted = PyErr_CheckSignals()));
    int error = errno;
    Py_DECREF(bytes);
    if (!file) {
        errno = error;
        if (!interrupted) PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, path);
        return NULL;
    }
    if (_Py_set_inheritable(fileno(file), 0, NULL) < 0) {
        fclose(file);
        return NULL;
    }
    return file;
}

/* A copy of a descriptor, not inheritable; -1 with OSError set. */
int _Py_dup(int fd)
{
    int copy;
    Py_BEGIN_ALLOW_THREADS
    copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    Py_END_ALLOW_THREADS
    if (copy < 0) PyErr_SetFromErrno(PyExc_OSError);
    return copy;
}

/* Closes first..last without regard to errors. */
void _Py_closerange(int first, int last)
{
    if (first < 0) first = 0;
    if (first > last) return;
    if (close_range((unsigned)first, (unsigned)last, 0) == 0) return;
    long limit = sysconf(_SC_OPEN_MAX);
    if (limit >= 0 && last >= limit) last = (int)limit - 1;
    for (int fd = first; fd <= last; fd++) close(fd);
}

/* ---- Reading and writing ---- */

/* read() that starts again after signals; -1 with an exception set (and errno kept). */
Py_ssize_t _Py_read(int fd, void *buf, size_t count)
{
    Py_ssize_t n;
    int error, interrupted = 0;
    count = transfer_size(count);
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = read(fd, buf, count);
        error = errno;
        Py_END_ALLOW_THREADS
    } while (n < 0 && error == EINTR && !(interrupted = PyErr_CheckSignals()));
    if (n < 0 && !interrupted) {
        errno = error;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    if (n < 0) errno = error;
    return n;
}

/* write() that starts again after signals; -1 with an exception set (and errno kept). */
Py_ssize_t _Py_write(int fd, const void *buf, size_t count)
{
    Py_ssize_t n;
    int error, interrupted = 0;
    count = transfer_size(count);
    do {
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        n = write(fd, buf, count);
        error = errno;
        Py_END_ALLOW_THREADS
    } while (n < 0 && error == EINTR && !(interrupted = PyErr_CheckSignals()));
    if (n < 0 && !interrupted) {
        errno = error;
        PyErr_SetFromErrno(PyExc_OSError);
    }
    if (n < 0) errno = error;
    return n;
}

/* The same with neither GIL nor exceptions. */
Py_ssize_t _Py_write_noraise(int fd, const void *buf, size_t count)
{
    Py_ssize_t n;
    do n = write(fd, buf, transfer_size(count));
    while (n < 0 && errno == EINTR);
    return n;
}

/* ---- What a file is ---- */

int _Py_fstat_noraise(int fd, struct stat *status)
{
    return fstat(fd, status);
}

int _Py_fstat(int fd, struct stat *status)
{
    int result;
    Py_BEGIN_ALLOW_THREADS
    result = fstat(fd, status);
    Py_END_ALLOW_THREADS
    if (result < 0) PyErr_SetFromErrno(PyExc_OSError);
    return result;
}

/* stat() of a str. 0; -1 with errno set; -2 with an exception set. */
int _Py_stat(PyObject *path, struct stat *status)
{
    PyObject *bytes = PyUnicode_EncodeFSDefault(path);
    if (!bytes) return -2;
    char *name;
    if (PyBytes_AsStringAndSize(bytes, &name, NULL) < 0) {
        Py_DECREF(bytes);
        return -2;
    }
    int result = stat(name, status);
    int error = errno;
    Py_DECREF(bytes);
    errno = error;
    return result;
}

/* ---- Flags of descriptors ---- */

/* 1, 0, or -1 with OSError set. */
int _Py_get_inheritable(int fd)
{
    int flags = fcntl(fd, F_GETFD, 0);
    if (flags < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return !(flags & FD_CLOEXEC);
}

static int set_inheritable(int fd, int inheritable, bool raise)
{
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0) {
        int wanted = inheritable ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC;
        if (wanted == flags || fcntl(fd, F_SETFD, wanted) == 0) return 0;
    }
    if (raise) PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

/* 0, or -1 with OSError set. If *atomic_flag_works says that the descriptor was opened with O_CLOEXEC, nothing is done. */
int _Py_set_inheritable(int fd, int inheritable, int *atomic_flag_works)
{
    if (atomic_flag_works && !inheritable) {
        if (*atomic_flag_works == -1) {
            int is = _Py_get_inheritable(fd);
            if (is < 0) return -1;
            *atomic_flag_works = !is;
        }
        if (*atomic_flag_works) return 0;
    }
    return set_inheritable(fd, inheritable, true);
}

/* The same for a child between fork and exec: errors stay in errno. */
int _Py_set_inheritable_async_safe(int fd, int inheritable, int *atomic_flag_works)
{
    (void)atomic_flag_works;
    return set_inheritable(fd, inheritable, false);
}

/* 1, 0, or -1 with OSError set. */
int _Py_get_blocking(int fd)
{
    int flags = fcntl(fd, F_GETFL, 0);
    if (flags < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    return !(flags & O_NONBLOCK);
}

int _Py_set_blocking(int fd, int blocking)
{
    int flags = fcntl(fd, F_GETFL, 0);
    if (flags >= 0) {
        int wanted = blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
        if (wanted == flags || fcntl(fd, F_SETFL, wanted) == 0) return 0;
    }
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

/* The encoding of a terminal's descriptor as a str; None if it is no terminal. */
PyObject *_Py_device_encoding(int fd)
{
    int terminal;
    Py_BEGIN_ALLOW_THREADS
    terminal = isatty(fd);
    Py_END_ALLOW_THREADS
    if (!terminal) Py_RETURN_NONE;
    if (Py_UTF8Mode) return PyUnicode_FromString("utf-8");
    return _Py_GetLocaleEncodingObject();
}

/* The descriptor of an int, or of an object with fileno(); -1 with an exception set. */
int PyObject_AsFileDescriptor(PyObject *obj)
{
    int fd;
    if (PyLong_Check(obj)) {
        fd = _PyLong_AsInt(obj);
    } else {
        PyObject *method;
        if (_PyObject_LookupAttr(obj, NAME(fileno), &method) < 0) return -1;
        if (!method) {
            PyErr_SetString(PyExc_TypeError, "argument must be an int, or have a fileno() method.");
            return -1;
        }
        PyObject *result = PyObject_CallNoArgs(method);
        Py_DECREF(method);
        if (!result) return -1;
        if (!PyLong_Check(result)) {
            PyErr_SetString(PyExc_TypeError, "fileno() returned a non-integer");
            Py_DECREF(result);
            return -1;
        }
        fd = _PyLong_AsInt(result);
        Py_DECREF(result);
    }
    if (fd == -1 && PyErr_Occurred()) return -1;
    if (fd < 0) {
        PyErr_Format(PyExc_ValueError, "file descriptor cannot be a negative integer (%i)", fd);
        return -1;
    }
    return fd;
}
