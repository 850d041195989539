/* FileIO: a raw stream over a file descriptor. */
#include "modules/_io/io.h"

#include <fcntl.h>
#include <internal/krait_exports.h>
#include <structmember.h>
#include <unistd.h>

#define READALL_START IO_BUFFER_SIZE

PyObject *fileio_closed_error(void)
{
    PyErr_SetString(PyExc_ValueError, "I/O operation on closed file");
    return NULL;
}

static PyObject *mode_error(const char *action)
{
    PyErr_Format(io_runtime.unsupported_operation, "File not open for %s", action);
    return NULL;
}

/* ---- opening and closing ----------------------------------------------------------------- */

static PyObject *file_new(
    PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    FileIo *self = (FileIo *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->fd = -1;
    self->seekable = -1;
    self->closefd = 1;
    return (PyObject *)self;
}

/* close(2); -1 with an exception. The descriptor is gone in any case. */
static int close_descriptor(FileIo *self)
{
    int fd = self->fd, error = 0;
    self->fd = -1;
    if (fd < 0) return 0;
    Py_BEGIN_ALLOW_THREADS if (close(fd) < 0) error = errno;
    Py_END_ALLOW_THREADS if (!error) return 0;
    errno = error;
    PyErr_SetFromErrno(PyExc_OSError);
    return -1;
}

/* Reads the mode: open flags, or -1 with ValueError. */
static int parse_mode(FileIo *self, const char *mode)
{
    int flags = 0, directions = 0;
    bool plus = false;
    self->created = self->readable = self->writable = self->appending = 0;
    for (const char *m = mode; *m; m++) {
        switch (*m) {
        case 'x':
            self->created = self->writable = 1;
            flags |= O_EXCL | O_CREAT;
            directions++;
            break;
        case 'r':
            self->readable = 1;
            directions++;
            break;
        case 'w':
            self->writable = 1;
            flags |= O_CREAT | O_TRUNC;
            directions++;
            break;
        case 'a':
            self->writable = self->appending = 1;
            flags |= O_APPEND | O_CREAT;
            directions++;
            break;
        case 'b': break;
        case '+':
            if (plus) goto bad;
            plus = true;
            break;
        default: PyErr_Format(PyExc_ValueError, "invalid mode: %.200s", mode); return -1;
        }
        if (directions > 1) goto bad;
    }
    if (directions != 1) goto bad;
    if (plus) self->readable = self->writable = 1;
    flags |= self->readable && self->writable ? O_RDWR : self->readable ? O_RDONLY : O_WRONLY;
    return flags | O_CLOEXEC;
bad:
    PyErr_SetString(PyExc_ValueError,
        "Must have exactly one of create/read/write/append mode and at most one plus");
    return -1;
}

/* open(2), again and again while signals interrupt it; -1 with an exception. */
static int open_path(const char *path, int flags, PyObject *name)
{
    int fd, failed = 0, error = 0;
    do {
        Py_BEGIN_ALLOW_THREADS fd = open(path, flags, 0666);
        if (fd < 0) error = errno;
        Py_END_ALLOW_THREADS
    } while (fd < 0 && error == EINTR && !(failed = PyErr_CheckSignals()));
    if (fd < 0 && !failed) {
        errno = error;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
    }
    return fd;
}

static int open_by(PyObject *opener, PyObject *name, int flags)
{
    PyObject *result = PyObject_CallFunction(opener, "Oi", name, flags);
    if (!result) return -1;
    if (!PyLong_Check(result)) {
        Py_DECREF(result);
        PyErr_SetString(PyExc_TypeError, "expected integer from opener");
        return -1;
    }
    int fd = _PyLong_AsInt(result);
    Py_DECREF(result);
    if (fd < 0) {
        /* The opener did not return -1 out of an error of its own: the number itself is wrong. */
        if (!PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "opener returned %d", fd);
        return -1;
    }
    if (_Py_set_inheritable(fd, 0, NULL) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* What fstat tells about the open file; -1 with an exception if it is a directory or no file at
 * all. */
static int examine(FileIo *self, PyObject *name)
{
    struct stat status;
    int r, error = 0;
    Py_BEGIN_ALLOW_THREADS r = fstat(self->fd, &status);
    if (r < 0) error = errno;
    Py_END_ALLOW_THREADS self->blksize = IO_BUFFER_SIZE;
    self->regular = 0;
    if (r < 0) {
        /* Whatever else fstat complains about must not keep anyone from using the file. */
        if (error != EBADF) return 0;
        errno = error;
        PyErr_SetFromErrno(PyExc_OSError);
        return -1;
    }
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        PyErr_SetFromErrnoWithFilenameObject(PyExc_OSError, name);
        return -1;
    }
    self->regular = S_ISREG(status.st_mode);
    if (status.st_blksize > 1) self->blksize = (unsigned)status.st_blksize;
    return 0;
}

int fileio_open(FileIo *self, PyObject *name, const char *mode, bool closefd, PyObject *opener)
{
    if (self->fd >= 0) {
        if (self->closefd) {
            if (close_descriptor(self) < 0) return -1;
        } else {
            self->fd = -1;
        }
    }
    self->fresh = 0;
    self->seekable = -1;
    int fd = -1;
    if (PyLong_Check(name)) {
        fd = _PyLong_AsInt(name);
        if (fd < 0) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_ValueError, "negative file descriptor");
                return -1;
            }
            PyErr_Clear();
        }
    }
    PyObject *path = NULL;
    if (fd < 0 && !PyUnicode_FSConverter(name, &path)) return -1;
    int result = -1, flags = parse_mode(self, mode);
    bool mine = false;
    if (flags < 0) goto done;
    if (PySys_Audit("open", "Osi", name, mode, flags) < 0) goto done;
    if (fd >= 0) {
        self->fd = fd;
        self->closefd = closefd;
    } else {
        self->closefd = 1;
        if (!closefd) {
            PyErr_SetString(PyExc_ValueError, "Cannot use closefd=False with file name");
            goto done;
        }
        if (!opener || opener == Py_None) {
            self->fd = open_path(PyBytes_AS_STRING(path), flags, name);
            self->fresh = !self->appending;
        } else {
            self->fd = open_by(opener, name, flags);
        }
        if (self->fd < 0) goto done;
        mine = true;
    }
    if (examine(self, name) < 0) goto done;
    if (!self->regular) self->fresh = 0;
    if (PyObject_SetAttr((PyObject *)self, NAME(name), name) < 0) goto done;
    if (self->appending) {
        /* For tell() to be right from the start; pipes have no position. */
        off_t end;
        Py_BEGIN_ALLOW_THREADS end = lseek(self->fd, 0, SEEK_END);
        Py_END_ALLOW_THREADS if (end < 0 && errno != ESPIPE)
        {
            PyErr_SetFromErrno(PyExc_OSError);
            goto done;
        }
        self->seekable = end >= 0;
    }
    result = 0;
done:
    if (result < 0) {
        if (!mine) {
            self->fd = -1;
        } else if (self->fd >= 0) {
            IoError e;
            io_error_save(&e);
            if (close_descriptor(self) < 0)
                _PyErr_ChainExceptions(e.type, e.value, e.traceback);
            else
                PyErr_Restore(e.type, e.value, e.traceback);
        }
    }
    Py_XDECREF(path);
    return result;
}

static int file_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"file", "mode", "closefd", "opener", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O|OiO:FileIO"};
    PyObject *name, *mode_argument = NULL, *opener = Py_None;
    int closefd = 1;
    if (!_PyArg_ParseTupleAndKeywordsFast(
            args, kwargs, &parser, &name, &mode_argument, &closefd, &opener))
        return -1;
    const char *mode = mode_argument ? io_mode_argument("FileIO", mode_argument) : "r";
    if (!mode) return -1;
    return fileio_open((FileIo *)self, name, mode, closefd, opener);
}

static PyObject *file_dealloc_warn(PyObject *o, PyObject *source)
{
    FileIo *self = (FileIo *)o;
    if (self->fd >= 0 && self->closefd) {
        IoError e;
        io_error_save(&e);
        if (PyErr_ResourceWarning(source, 1, "unclosed file %R", source) < 0) {
            /* Other errors come at shutdown, when the warnings module is gone. */
            if (PyErr_ExceptionMatches(PyExc_Warning)) PyErr_WriteUnraisable(o);
        }
        PyErr_Restore(e.type, e.value, e.traceback);
    }
    Py_RETURN_NONE;
}

static PyObject *file_close(PyObject *o, PyObject *Py_UNUSED(args))
{
    FileIo *self = (FileIo *)o;
    PyObject *r = io_base_close(o);
    if (!self->closefd) {
        self->fd = -1;
        return r;
    }
    IoError e;
    io_error_save(&e);
    if (self->finalizing) {
        PyObject *warned = file_dealloc_warn(o, o);
        Py_XDECREF(warned);
    }
    if (close_descriptor(self) < 0) {
        Py_CLEAR(r);
        if (e.type) _PyErr_ChainExceptions(e.type, e.value, e.traceback);
    } else if (e.type) {
        PyErr_Restore(e.type, e.value, e.traceback);
    }
    return r;
}

static int file_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(((FileIo *)o)->dict);
    return 0;
}

static int file_clear(PyObject *o)
{
    Py_CLEAR(((FileIo *)o)->dict);
    return 0;
}

static void file_dealloc(PyObject *o)
{
    FileIo *self = (FileIo *)o;
    self->finalizing = 1;
    if (io_finalize(o) < 0) return;
    PyObject_GC_UnTrack(o);
    io_dealloc_head(o);
    Py_TYPE(o)->tp_free(o);
}

/* ---- reading ----------------------------------------------------------------------------- */

Py_ssize_t fileio_read_into(FileIo *self, char *to, Py_ssize_t n)
{
    if (self->fd < 0) {
        fileio_closed_error();
        return -1;
    }
    if (!self->readable) {
        mode_error("reading");
        return -1;
    }
    self->fresh = 0;
    Py_ssize_t got = _Py_read(self->fd, to, (size_t)n);
    if (got == -1 && errno == EAGAIN) {
        PyErr_Clear();
        return -2;
    }
    return got;
}

static PyObject *file_readinto(PyObject *o, PyObject *arg)
{
    FileIo *self = (FileIo *)o;
    Py_buffer view;
    if (io_writable_argument("readinto", arg, &view) < 0) return NULL;
    Py_ssize_t n = fileio_read_into(self, view.buf, view.len);
    PyBuffer_Release(&view);
    if (n == -1) return NULL;
    if (n == -2) Py_RETURN_NONE;
    return PyLong_FromSsize_t(n);
}

static size_t larger_room(size_t n)
{
    /* By an eighth when large, by double when small, so that the cost of copying stays linear. */
    return n + (n > 65536 ? n >> 3 : 256 + n);
}

PyObject *fileio_read_all(FileIo *self)
{
    if (self->fd < 0) return fileio_closed_error();
    struct stat status;
    off_t at, size = 0;
    bool fresh = self->fresh;
    self->fresh = 0;
    Py_BEGIN_ALLOW_THREADS at = fresh ? 0 : lseek(self->fd, 0, SEEK_CUR);
    if (at >= 0 && fstat(self->fd, &status) == 0) size = status.st_size;
    Py_END_ALLOW_THREADS
        /* One more than what is left, so that the read at the end of the file needs no other
           buffer. */
            Py_ssize_t room =
                size > 0 && at >= 0 && size >= at && size - at < PY_SSIZE_T_MAX ? size - at + 1
                                                                                : READALL_START;
    PyObject *result = PyBytes_FromStringAndSize(NULL, room);
    if (!result) return NULL;
    Py_ssize_t have = 0;
    for (;;) {
        if (have >= room) {
            size_t larger = larger_room((size_t)have);
            if (larger > PY_SSIZE_T_MAX || larger <= 0) {
                Py_DECREF(result);
                PyErr_SetString(PyExc_OverflowError,
                    "unbounded read returned more bytes than a Python bytes object can hold");
                return NULL;
            }
            room = (Py_ssize_t)larger;
            if (_PyBytes_Resize(&result, room) < 0) return NULL;
        }
        Py_ssize_t n = _Py_read(self->fd, PyBytes_AS_STRING(result) + have, (size_t)(room - have));
        if (n == 0) break;
        if (n < 0) {
            if (errno == EAGAIN) {
                PyErr_Clear();
                if (have > 0) break;
                Py_DECREF(result);
                Py_RETURN_NONE;
            }
            Py_DECREF(result);
            return NULL;
        }
        have += n;
    }
    if (have < room) _PyBytes_Resize(&result, have);
    return result;
}

static PyObject *file_readall(PyObject *self, PyObject *Py_UNUSED(args))
{
    return fileio_read_all((FileIo *)self);
}

static PyObject *file_read(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    FileIo *self = (FileIo *)o;
    Py_ssize_t n = -1;
    if (io_size_argument("read", args, nargs, &n) < 0) return NULL;
    if (self->fd < 0) return fileio_closed_error();
    if (!self->readable) return mode_error("reading");
    if (n < 0)
        return Py_IS_TYPE(o, &PyFileIO_Type) ? fileio_read_all(self) : io_call(o, NAME(readall));
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, n);
    if (!bytes) return NULL;
    Py_ssize_t got = fileio_read_into(self, PyBytes_AS_STRING(bytes), n);
    if (got < 0) {
        Py_DECREF(bytes);
        if (got == -2) Py_RETURN_NONE;
        return NULL;
    }
    if (got != n) _PyBytes_Resize(&bytes, got);
    return bytes;
}

/* ---- writing ----------------------------------------------------------------------------- */

Py_ssize_t fileio_write_from(FileIo *self, const char *from, Py_ssize_t n)
{
    if (self->fd < 0) {
        fileio_closed_error();
        return -1;
    }
    if (!self->writable) {
        mode_error("writing");
        return -1;
    }
    self->fresh = 0;
    Py_ssize_t done = _Py_write(self->fd, from, (size_t)n);
    if (done < 0 && errno == EAGAIN) {
        PyErr_Clear();
        errno = EAGAIN;
        return -2;
    }
    return done;
}

static PyObject *file_write(PyObject *o, PyObject *arg)
{
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) return NULL;
    Py_ssize_t n = fileio_write_from((FileIo *)o, view.buf, view.len);
    int error = errno;
    PyBuffer_Release(&view);
    errno = error;
    if (n == -1) return NULL;
    if (n == -2) Py_RETURN_NONE;
    return PyLong_FromSsize_t(n);
}

/* ---- position ---------------------------------------------------------------------------- */

static PyObject *seek_to(FileIo *self, off_t target, int whence)
{
    off_t r;
    self->fresh = 0;
    Py_BEGIN_ALLOW_THREADS r = lseek(self->fd, target, whence);
    Py_END_ALLOW_THREADS if (self->seekable < 0) self->seekable = r >= 0;
    return r < 0 ? PyErr_SetFromErrno(PyExc_OSError) : io_from_offset(r);
}

static PyObject *file_seek(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    FileIo *self = (FileIo *)o;
    int whence = 0;
    if (!_PyArg_CheckPositional("seek", nargs, 1, 2)) return NULL;
    if (nargs > 1) {
        whence = _PyLong_AsInt(args[1]);
        if (whence == -1 && PyErr_Occurred()) return NULL;
    }
    if (self->fd < 0) return fileio_closed_error();
    long target = PyLong_AsLong(args[0]);
    if (target == -1 && PyErr_Occurred()) return NULL;
    return seek_to(self, target, whence);
}

static PyObject *file_tell(PyObject *o, PyObject *Py_UNUSED(args))
{
    FileIo *self = (FileIo *)o;
    if (self->fd < 0) return fileio_closed_error();
    return self->fresh ? PyLong_FromLong(0) : seek_to(self, 0, SEEK_CUR);
}

static PyObject *file_truncate(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    FileIo *self = (FileIo *)o;
    if (!_PyArg_CheckPositional("truncate", nargs, 0, 1)) return NULL;
    if (self->fd < 0) return fileio_closed_error();
    if (!self->writable) return mode_error("writing");
    PyObject *size =
        nargs > 0 && args[0] != Py_None ? Py_NewRef(args[0]) : seek_to(self, 0, SEEK_CUR);
    if (!size) return NULL;
    long target = PyLong_AsLong(size);
    if (target == -1 && PyErr_Occurred()) goto error;
    int r, error = 0;
    Py_BEGIN_ALLOW_THREADS errno = 0;
    r = ftruncate(self->fd, target);
    error = errno;
    Py_END_ALLOW_THREADS if (r == 0) return size;
    errno = error;
    PyErr_SetFromErrno(PyExc_OSError);
error:
    Py_DECREF(size);
    return NULL;
}

/* ---- questions --------------------------------------------------------------------------- */

static PyObject *file_fileno(PyObject *o, PyObject *Py_UNUSED(args))
{
    FileIo *self = (FileIo *)o;
    /* Who knows the descriptor can move its position without us. */
    self->fresh = 0;
    return self->fd < 0 ? fileio_closed_error() : PyLong_FromLong(self->fd);
}

static PyObject *file_readable(PyObject *o, PyObject *Py_UNUSED(args))
{
    FileIo *self = (FileIo *)o;
    return self->fd < 0 ? fileio_closed_error() : PyBool_FromLong(self->readable);
}

static PyObject *file_writable(PyObject *o, PyObject *Py_UNUSED(args))
{
    FileIo *self = (FileIo *)o;
    return self->fd < 0 ? fileio_closed_error() : PyBool_FromLong(self->writable);
}

static PyObject *file_seekable(PyObject *o, PyObject *Py_UNUSED(args))
{
    FileIo *self = (FileIo *)o;
    if (self->fd < 0) return fileio_closed_error();
    if (self->seekable < 0 && self->regular) self->seekable = 1;
    if (self->seekable < 0) {
        PyObject *at = seek_to(self, 0, SEEK_CUR);
        if (!at) PyErr_Clear();
        Py_XDECREF(at);
    }
    return PyBool_FromLong(self->seekable);
}

static PyObject *file_isatty(PyObject *o, PyObject *Py_UNUSED(args))
{
    FileIo *self = (FileIo *)o;
    if (self->fd < 0) return fileio_closed_error();
    if (self->regular) Py_RETURN_FALSE;
    int r;
    Py_BEGIN_ALLOW_THREADS r = isatty(self->fd);
    Py_END_ALLOW_THREADS return PyBool_FromLong(r);
}

static const char *mode_text(const FileIo *self)
{
    if (self->created) return self->readable ? "xb+" : "xb";
    if (self->appending) return self->readable ? "ab+" : "ab";
    if (self->readable) return self->writable ? "rb+" : "rb";
    return "wb";
}

static PyObject *file_mode(PyObject *o, void *Py_UNUSED(context))
{
    return PyUnicode_FromString(mode_text((FileIo *)o));
}

static PyObject *file_closed(PyObject *o, void *Py_UNUSED(context))
{
    return PyBool_FromLong(((FileIo *)o)->fd < 0);
}

static PyObject *file_closefd(PyObject *o, void *Py_UNUSED(context))
{
    return PyBool_FromLong(((FileIo *)o)->closefd);
}

static PyObject *file_repr(PyObject *o)
{
    FileIo *self = (FileIo *)o;
    if (self->fd < 0) return PyUnicode_FromString("<_io.FileIO [closed]>");
    PyObject *name;
    if (_PyObject_LookupAttr(o, NAME(name), &name) < 0) return NULL;
    const char *closefd = self->closefd ? "True" : "False";
    if (!name) {
        return PyUnicode_FromFormat(
            "<_io.FileIO fd=%d mode='%s' closefd=%s>", self->fd, mode_text(self), closefd);
    }
    PyObject *text = NULL;
    int inside = Py_ReprEnter(o);
    if (inside == 0) {
        text = PyUnicode_FromFormat(
            "<_io.FileIO name=%R mode='%s' closefd=%s>", name, mode_text(self), closefd);
        Py_ReprLeave(o);
    } else if (inside > 0) {
        PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__", Py_TYPE(o)->tp_name);
    }
    Py_DECREF(name);
    return text;
}

/* ---- the type ---------------------------------------------------------------------------- */

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef file_methods[] = {
    {"read", FAST(file_read), METH_FASTCALL,
        "read($self, size=-1, /)\n--\n\nRead at most size bytes, returned as bytes.\n\n"
        "One system call is made, so there may be less data than asked for.\n"
        "Returns None in non-blocking mode when there is no data now,\nan empty bytes object at "
        "EOF."},
    {"readall", file_readall, METH_NOARGS,
        "readall($self, /)\n--\n\nRead all data from the file, returned as bytes.\n\n"
        "In non-blocking mode as much as there is now, or None if there is nothing.\n"
        "Returns an empty bytes object at EOF."},
    {"readinto", file_readinto, METH_O,
        "readinto($self, buffer, /)\n--\n\nThe same as RawIOBase.readinto()."},
    {"write", file_write, METH_O,
        "write($self, b, /)\n--\n\nWrite buffer b to file, return number of bytes written.\n\n"
        "One system call is made, so it may be that only a part is written.\n"
        "Returns None in non-blocking mode when the write would block."},
    {"seek", FAST(file_seek), METH_FASTCALL,
        "seek($self, pos, whence=0, /)\n--\n\nMove to a new file position and return it.\n\n"
        "pos counts bytes: from the start of the file if whence is SEEK_SET or 0 (the default;\n"
        "pos is not negative), from the current position if SEEK_CUR or 1, from the end of the\n"
        "file if SEEK_END or 2 (pos is usually negative, though many platforms can go beyond).\n\n"
        "Not all file objects can be positioned."},
    {"tell", file_tell, METH_NOARGS,
        "tell($self, /)\n--\n\nCurrent file position.\n\nCan raise OSError for files that cannot "
        "be positioned."},
    {"truncate", FAST(file_truncate), METH_FASTCALL,
        "truncate($self, size=None, /)\n--\n\nTruncate the file to at most size bytes and return "
        "the truncated size.\n\n"
        "size is by default the current position, as tell() gives it.\n"},
    {"close", file_close, METH_NOARGS,
        "close($self, /)\n--\n\nClose the file.\n\n"
        "A closed file takes part in no I/O any more. close() may be called more than once."},
    {"seekable", file_seekable, METH_NOARGS,
        "seekable($self, /)\n--\n\nTrue if file supports random-access."},
    {"readable", file_readable, METH_NOARGS,
        "readable($self, /)\n--\n\nTrue if file was opened in a read mode."},
    {"writable", file_writable, METH_NOARGS,
        "writable($self, /)\n--\n\nTrue if file was opened in a write mode."},
    {"fileno", file_fileno, METH_NOARGS,
        "fileno($self, /)\n--\n\nReturn the underlying file descriptor (an integer)."},
    {"isatty", file_isatty, METH_NOARGS,
        "isatty($self, /)\n--\n\nTrue if the file is connected to a TTY device."},
    {"_dealloc_warn", file_dealloc_warn, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef file_getset[] = {
    {"closed", file_closed, NULL, "True if the file is closed", NULL},
    {"closefd", file_closefd, NULL, "True if the file descriptor will be closed by close().", NULL},
    {"mode", file_mode, NULL, "String giving the file mode", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef file_members[] = {
    {"_blksize", T_UINT, offsetof(FileIo, blksize), 0, NULL},
    {"_finalizing", T_BOOL, offsetof(FileIo, finalizing), 0, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject PyFileIO_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io.FileIO",
    .tp_basicsize = sizeof(FileIo),
    .tp_dealloc = file_dealloc,
    .tp_repr = file_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "FileIO(file, mode=\'r\', closefd=True, opener=None)\n--\n\nOpen a file.\n\n"
              "The mode is 'r' (default), 'w', 'x' or 'a' for reading, writing, exclusive\n"
              "creation or appending, with a '+' added for reading and writing at once. A file\n"
              "opened for writing or appending is created if it does not exist; writing\n"
              "truncates it. Creating, which implies writing, raises FileExistsError if the\n"
              "file exists. A callable given as opener is called with (file, flags) and must\n"
              "return an open file descriptor; os.open does what None does.",
    .tp_traverse = file_traverse,
    .tp_clear = file_clear,
    .tp_weaklistoffset = offsetof(FileIo, weaklist),
    .tp_methods = file_methods,
    .tp_members = file_members,
    .tp_getset = file_getset,
    .tp_base = &PyRawIOBase_Type,
    .tp_dictoffset = offsetof(FileIo, dict),
    .tp_init = file_init,
    .tp_new = file_new,
};
