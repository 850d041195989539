/* File descriptors: opening, reading, writing, copying, and what can be set on them. */
#include "modules/posix/posix.h"

#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

/* ---- Opening and closing ---- */

DEFINE_KEYWORDS(open)
{
    Path path = PATH("open", "path", false, false);
    int flags, mode = 0777, dir_fd = AT_FDCWD, fd, interrupted = 0;
    PARSER("O&i|i$O&:open", "path", "flags", "mode", "dir_fd");
    PARSE(path_convert, &path, &flags, &mode, dir_fd_convert, &dir_fd);
    flags |= O_CLOEXEC;
    if (PySys_Audit("open", "OOi", path.object, Py_None, flags) < 0) return path_done(&path, NULL);
    RETRY(fd, interrupted, openat(dir_fd, path.name, flags, mode));
    if (fd >= 0) return path_done(&path, PyLong_FromLong(fd));
    return path_done(&path, interrupted ? NULL : path_error(&path));
}

DEFINE_KEYWORDS(close)
{
    int fd, result;
    PARSER("i:close", "fd");
    PARSE(&fd);
    /* Not tried again after EINTR: on Linux the descriptor is gone by then. */
    Py_BEGIN_ALLOW_THREADS
    result = close(fd);
    Py_END_ALLOW_THREADS
    return none_or_error(result < 0 && errno == EINTR ? 0 : result);
}

DEFINE_ARGS(closerange)
{
    int low, high;
    PARSE_EXACT("closerange", 2, 2, "ii:closerange", &low, &high);
    Py_BEGIN_ALLOW_THREADS
    _Py_closerange(low, high - 1);
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

DEFINE_ONE(dup)
{
    int fd = _PyLong_AsInt(arg);
    if (fd == -1 && PyErr_Occurred()) return NULL;
    int copy = _Py_dup(fd);
    return copy < 0 ? NULL : PyLong_FromLong(copy);
}

DEFINE_KEYWORDS(dup2)
{
    int fd, fd2, inheritable = 1, result;
    PARSER("ii|p:dup2", "fd", "fd2", "inheritable");
    PARSE(&fd, &fd2, &inheritable);
    if (fd < 0 || fd2 < 0) {
        errno = EBADF;
        return posix_error();
    }
    Py_BEGIN_ALLOW_THREADS
    if (inheritable) result = dup2(fd, fd2);
    else if (fd == fd2) result = fcntl(fd, F_SETFD, fcntl(fd, F_GETFD) | FD_CLOEXEC) < 0 ? -1 : fd2;
    else result = dup3(fd, fd2, O_CLOEXEC);
    Py_END_ALLOW_THREADS
    return result < 0 ? posix_error() : PyLong_FromLong(result);
}

static PyObject *pair(int a, int b)
{
    return Py_BuildValue("(ii)", a, b);
}

DEFINE_NONE(pipe)
{
    int fds[2], result;
    Py_BEGIN_ALLOW_THREADS
    result = pipe2(fds, O_CLOEXEC);
    Py_END_ALLOW_THREADS
    return result < 0 ? posix_error() : pair(fds[0], fds[1]);
}

DEFINE_ONE(pipe2)
{
    int flags = _PyLong_AsInt(arg), fds[2];
    if (flags == -1 && PyErr_Occurred()) return NULL;
    return pipe2(fds, flags) < 0 ? posix_error() : pair(fds[0], fds[1]);
}

/* A name that is passed on as the file system's bytes; NULL with an exception set. */
DEFINE_KEYWORDS(memfd_create)
{
    PyObject *name;
    unsigned int flags = MFD_CLOEXEC;
    int fd;
    PARSER("O&|I:memfd_create", "name", "flags");
    PARSE(PyUnicode_FSConverter, &name, &flags);
    Py_BEGIN_ALLOW_THREADS
    fd = memfd_create(PyBytes_AS_STRING(name), flags);
    Py_END_ALLOW_THREADS
    Py_DECREF(name);
    return fd < 0 ? posix_error() : PyLong_FromLong(fd);
}

static int unsigned_convert(PyObject *obj, void *address)
{
    if (!PyLong_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return 0;
    }
    unsigned long value = PyLong_AsUnsignedLong(obj);
    if (value == (unsigned long)-1 && PyErr_Occurred()) {
        if (_PyLong_Sign(obj) < 0) PyErr_SetString(PyExc_ValueError, "value must be positive");
        return 0;
    }
    if (value > UINT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "Python int too large for C unsigned int");
        return 0;
    }
    *(unsigned int *)address = (unsigned int)value;
    return 1;
}

DEFINE_KEYWORDS(eventfd)
{
    unsigned int initial;
    int flags = EFD_CLOEXEC, fd;
    PARSER("O&|i:eventfd", "initval", "flags");
    PARSE(unsigned_convert, &initial, &flags);
    Py_BEGIN_ALLOW_THREADS
    fd = eventfd(initial, flags);
    Py_END_ALLOW_THREADS
    return fd < 0 ? posix_error() : PyLong_FromLong(fd);
}

DEFINE_KEYWORDS(eventfd_read)
{
    int fd, result;
    eventfd_t value;
    PARSER("O&:eventfd_read", "fd");
    PARSE(fildes_convert, &fd);
    Py_BEGIN_ALLOW_THREADS
    result = eventfd_read(fd, &value);
    Py_END_ALLOW_THREADS
    return result < 0 ? posix_error() : PyLong_FromUnsignedLongLong(value);
}

static int count_convert(PyObject *obj, void *address)
{
    if (!PyLong_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "an integer is required");
        return 0;
    }
    if (_PyLong_Sign(obj) < 0) {
        PyErr_SetString(PyExc_ValueError, "value must be positive");
        return 0;
    }
    unsigned long long value = PyLong_AsUnsignedLongLong(obj);
    if (value == (unsigned long long)-1 && PyErr_Occurred()) return 0;
    *(unsigned long long *)address = value;
    return 1;
}

DEFINE_KEYWORDS(eventfd_write)
{
    int fd, result;
    unsigned long long value;
    PARSER("O&O&:eventfd_write", "fd", "value");
    PARSE(fildes_convert, &fd, count_convert, &value);
    Py_BEGIN_ALLOW_THREADS
    result = eventfd_write(fd, value);
    Py_END_ALLOW_THREADS
    return none_or_error(result);
}

/* ---- Reading and writing ---- */

/* A bytes object filled by a read of at most `length` bytes; offset -1 reads on. */
static PyObject *read_bytes(int fd, Py_ssize_t length, bool at, off_t offset)
{
    if (length < 0) {
        errno = EINVAL;
        return posix_error();
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length);
    if (!bytes) return NULL;
    ssize_t n;
    if (at) {
        int interrupted = 0;
        RETRY(n, interrupted, pread(fd, PyBytes_AS_STRING(bytes), (size_t)length, offset));
        if (n < 0 && !interrupted) posix_error();
    } else {
        n = _Py_read(fd, PyBytes_AS_STRING(bytes), (size_t)length);
    }
    if (n < 0) {
        Py_DECREF(bytes);
        return NULL;
    }
    if (n != length) _PyBytes_Resize(&bytes, n);
    return bytes;
}

DEFINE_ARGS(read)
{
    int fd;
    Py_ssize_t length;
    PARSE_EXACT("read", 2, 2, "in:read", &fd, &length);
    return read_bytes(fd, length, false, 0);
}

DEFINE_ARGS(pread)
{
    int fd, length;
    long long offset;
    PARSE_EXACT("pread", 3, 3, "iiL:pread", &fd, &length, &offset);
    return read_bytes(fd, length, true, offset);
}

DEFINE_ARGS(write)
{
    int fd;
    Py_buffer data;
    PARSE_EXACT("write", 2, 2, "iy*:write", &fd, &data);
    Py_ssize_t n = _Py_write(fd, data.buf, (size_t)data.len);
    PyBuffer_Release(&data);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

DEFINE_ARGS(pwrite)
{
    int fd, interrupted = 0;
    Py_buffer data;
    long long offset;
    ssize_t n;
    PARSE_EXACT("pwrite", 3, 3, "iy*L:pwrite", &fd, &data, &offset);
    RETRY(n, interrupted, pwrite(fd, data.buf, (size_t)data.len, offset));
    if (n < 0 && !interrupted) posix_error();
    PyBuffer_Release(&data);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}

typedef struct {
    struct iovec *vectors;
    Py_buffer *views;
    Py_ssize_t count;
} Vectors;

static void vectors_release(Vectors *self)
{
    for (Py_ssize_t i = 0; i < self->count; i++) PyBuffer_Release(&self->views[i]);
    PyMem_Free(self->vectors);
    PyMem_Free(self->views);
}

/* Takes the buffers of a sequence; 0, or -1 with an exception set. */
static int vectors_take(Vectors *self, PyObject *buffers, const char *function, int flags)
{
    if (!PySequence_Check(buffers)) {
        PyErr_Format(PyExc_TypeError, "%s() arg 2 must be a sequence", function);
        return -1;
    }
    Py_ssize_t n = PySequence_Size(buffers);
    if (n < 0) return -1;
    self->count = 0;
    self->vectors = PyMem_New(struct iovec, n);
    self->views = PyMem_New(Py_buffer, n);
    if (!self->vectors || !self->views) {
        vectors_release(self);
        PyErr_NoMemory();
        return -1;
    }
    for (; self->count < n; self->count++) {
        Py_buffer *view = &self->views[self->count];
        PyObject *item = PySequence_GetItem(buffers, self->count);
        int result = item ? PyObject_GetBuffer(item, view, flags) : -1;
        Py_XDECREF(item);
        if (result < 0) {
            vectors_release(self);
            return -1;
        }
        self->vectors[self->count] = (struct iovec){view->buf, (size_t)view->len};
    }
    return 0;
}

typedef ssize_t (*Transfer)(int fd, const struct iovec *vectors, int count, off_t offset, int flags);

static ssize_t plain_readv(int fd, const struct iovec *vectors, int count, off_t offset, int flags)
{
    (void)offset, (void)flags;
    return readv(fd, vectors, count);
}

static ssize_t plain_writev(int fd, const struct iovec *vectors, int count, off_t offset, int flags)
{
    (void)offset, (void)flags;
    return writev(fd, vectors, count);
}

static ssize_t any_preadv(int fd, const struct iovec *vectors, int count, off_t offset, int flags)
{
    return flags ? preadv2(fd, vectors, count, offset, flags) : preadv(fd, vectors, count, offset);
}

static ssize_t any_pwritev(int fd, const struct iovec *vectors, int count, off_t offset, int flags)
{
    return flags ? pwritev2(fd, vectors, count, offset, flags) : pwritev(fd, vectors, count, offset);
}

static PyObject *transfer(const char *function, Transfer call, int access, int fd, PyObject *buffers, off_t offset, int flags)
{
    Vectors vectors;
    ssize_t n;
    int interrupted = 0;
    if (vectors_take(&vectors, buffers, function, access) < 0) return NULL;
    RETRY(n, interrupted, call(fd, vectors.vectors, (int)vectors.count, offset, flags));
    int error = errno;
    vectors_release(&vectors);
    if (n >= 0) return PyLong_FromSsize_t(n);
    errno = error;
    return interrupted ? NULL : posix_error();
}

DEFINE_ARGS(readv)
{
    int fd;
    PyObject *buffers;
    PARSE_EXACT("readv", 2, 2, "iO:readv", &fd, &buffers);
    return transfer("readv", plain_readv, PyBUF_WRITABLE, fd, buffers, 0, 0);
}

DEFINE_ARGS(preadv)
{
    int fd, flags = 0;
    PyObject *buffers;
    long long offset;
    PARSE_EXACT("preadv", 3, 4, "iOL|i:preadv", &fd, &buffers, &offset, &flags);
    return transfer("preadv", any_preadv, PyBUF_WRITABLE, fd, buffers, offset, flags);
}

DEFINE_ARGS(writev)
{
    int fd;
    PyObject *buffers;
    PARSE_EXACT("writev", 2, 2, "iO:writev", &fd, &buffers);
    return transfer("writev", plain_writev, PyBUF_SIMPLE, fd, buffers, 0, 0);
}

DEFINE_ARGS(pwritev)
{
    int fd, flags = 0;
    PyObject *buffers;
    long long offset;
    PARSE_EXACT("pwritev", 3, 4, "iOL|i:pwritev", &fd, &buffers, &offset, &flags);
    return transfer("pwritev", any_pwritev, PyBUF_SIMPLE, fd, buffers, offset, flags);
}

/* ---- Copying inside the kernel ---- */

DEFINE_KEYWORDS(sendfile)
{
    int out, in, interrupted = 0;
    PyObject *start;
    Py_ssize_t count, n;
    PARSER("iiOn:sendfile", "out_fd", "in_fd", "offset", "count");
    PARSE(&out, &in, &start, &count);
    off_t offset = 0;
    if (start != Py_None) {
        offset = PyLong_AsLongLong(start);
        if (offset == -1 && PyErr_Occurred()) return NULL;
    }
    RETRY(n, interrupted, sendfile(out, in, start == Py_None ? NULL : &offset, (size_t)count));
    if (n < 0) return interrupted ? NULL : posix_error();
    return PyLong_FromSsize_t(n);
}

/* An offset or None; *present tells which. */
static int offset_from_object(PyObject *obj, off_t *offset, off_t **present)
{
    *present = NULL;
    if (obj == Py_None) return 0;
    *offset = PyLong_AsLongLong(obj);
    if (*offset == -1 && PyErr_Occurred()) return -1;
    *present = offset;
    return 0;
}

static int refuse_negative_count(Py_ssize_t count)
{
    if (count >= 0) return 0;
    PyErr_SetString(PyExc_ValueError, "negative value for 'count' not allowed");
    return -1;
}

DEFINE_KEYWORDS(copy_file_range)
{
    int src, dst, interrupted = 0;
    Py_ssize_t count, n;
    PyObject *src_start = Py_None, *dst_start = Py_None;
    off_t src_offset, dst_offset, *from, *to;
    PARSER("iin|OO:copy_file_range", "src", "dst", "count", "offset_src", "offset_dst");
    PARSE(&src, &dst, &count, &src_start, &dst_start);
    if (refuse_negative_count(count) < 0 || offset_from_object(src_start, &src_offset, &from) < 0
        || offset_from_object(dst_start, &dst_offset, &to) < 0) {
        return NULL;
    }
    RETRY(n, interrupted, copy_file_range(src, from, dst, to, (size_t)count, 0));
    if (n < 0) return interrupted ? NULL : posix_error();
    return PyLong_FromSsize_t(n);
}

DEFINE_KEYWORDS(splice)
{
    int src, dst, interrupted = 0;
    unsigned int flags = 0;
    Py_ssize_t count, n;
    PyObject *src_start = Py_None, *dst_start = Py_None;
    off_t src_offset, dst_offset, *from, *to;
    PARSER("iin|OOI:splice", "src", "dst", "count", "offset_src", "offset_dst", "flags");
    PARSE(&src, &dst, &count, &src_start, &dst_start, &flags);
    if (refuse_negative_count(count) < 0 || offset_from_object(src_start, &src_offset, &from) < 0
        || offset_from_object(dst_start, &dst_offset, &to) < 0) {
        return NULL;
    }
    RETRY(n, interrupted, splice(src, from, dst, to, (size_t)count, flags));
    if (n < 0) return interrupted ? NULL : posix_error();
    return PyLong_FromSsize_t(n);
}

/* ---- Position, size, storage ---- */

DEFINE_ARGS(lseek)
{
    int fd, how;
    PyObject *obj;
    PARSE_EXACT("lseek", 3, 3, "iOi:lseek", &fd, &obj, &how);
    long long position = PyLong_AsLongLong(obj);
    if (position == -1 && PyErr_Occurred()) return NULL;
    off_t result;
    Py_BEGIN_ALLOW_THREADS
    result = lseek(fd, position, how);
    Py_END_ALLOW_THREADS
    return result < 0 ? posix_error() : PyLong_FromLongLong(result);
}

DEFINE_ARGS(ftruncate)
{
    int fd, result, interrupted = 0;
    long long length;
    PARSE_EXACT("ftruncate", 2, 2, "iL:ftruncate", &fd, &length);
    if (PySys_Audit("os.truncate", "in", fd, (Py_ssize_t)length) < 0) return NULL;
    RETRY(result, interrupted, ftruncate(fd, length));
    return interrupted ? NULL : none_or_error(result);
}

DEFINE_KEYWORDS(truncate)
{
    Path path = PATH("truncate", "path", false, true);
    long long length;
    int result;
    PARSER("O&L:truncate", "path", "length");
    PARSE(path_convert, &path, &length);
    if (PySys_Audit("os.truncate", "On", path.object, (Py_ssize_t)length) < 0) return path_done(&path, NULL);
    Py_BEGIN_ALLOW_THREADS
    result = path.fd != -1 ? ftruncate(path.fd, length) : truncate(path.name, length);
    Py_END_ALLOW_THREADS
    return path_none_or_error(&path, result);
}

DEFINE_ARGS(posix_fallocate)
{
    int fd, result;
    long long offset, length;
    PARSE_EXACT("posix_fallocate", 3, 3, "iLL:posix_fallocate", &fd, &offset, &length);
    do {
        Py_BEGIN_ALLOW_THREADS
        result = posix_fallocate(fd, offset, length);
        Py_END_ALLOW_THREADS
        if (result == EINTR && PyErr_CheckSignals()) return NULL;
    } while (result == EINTR);
    errno = result;
    return none_or_error(result ? -1 : 0);
}

DEFINE_ARGS(posix_fadvise)
{
    int fd, advice, result;
    long long offset, length;
    PARSE_EXACT("posix_fadvise", 4, 4, "iLLi:posix_fadvise", &fd, &offset, &length, &advice);
    do {
        Py_BEGIN_ALLOW_THREADS
        result = posix_fadvise(fd, offset, length, advice);
        Py_END_ALLOW_THREADS
        if (result == EINTR && PyErr_CheckSignals()) return NULL;
    } while (result == EINTR);
    errno = result;
    return none_or_error(result ? -1 : 0);
}

DEFINE_KEYWORDS(fsync)
{
    int fd, result, interrupted = 0;
    PARSER("O&:fsync", "fd");
    PARSE(fildes_convert, &fd);
    RETRY(result, interrupted, fsync(fd));
    return interrupted ? NULL : none_or_error(result);
}

DEFINE_KEYWORDS(fdatasync)
{
    int fd, result, interrupted = 0;
    PARSER("O&:fdatasync", "fd");
    PARSE(fildes_convert, &fd);
    RETRY(result, interrupted, fdatasync(fd));
    return interrupted ? NULL : none_or_error(result);
}

DEFINE_NONE(sync)
{
    Py_BEGIN_ALLOW_THREADS
    sync();
    Py_END_ALLOW_THREADS
    Py_RETURN_NONE;
}

/* ---- What a descriptor is, and its flags ---- */

DEFINE_ONE(isatty)
{
    int fd = _PyLong_AsInt(arg), result;
    if (fd == -1 && PyErr_Occurred()) return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = isatty(fd);
    Py_END_ALLOW_THREADS
    return PyBool_FromLong(result);
}

DEFINE_KEYWORDS(device_encoding)
{
    int fd;
    PARSER("i:device_encoding", "fd");
    PARSE(&fd);
    return _Py_device_encoding(fd);
}

DEFINE_ARGS(lockf)
{
    int fd, command, result;
    long long length;
    PARSE_EXACT("lockf", 3, 3, "iiL:lockf", &fd, &command, &length);
    if (PySys_Audit("os.lockf", "iiL", fd, command, length) < 0) return NULL;
    Py_BEGIN_ALLOW_THREADS
    result = lockf(fd, command, length);
    Py_END_ALLOW_THREADS
    return none_or_error(result);
}

DEFINE_ONE(get_inheritable)
{
    int fd = _PyLong_AsInt(arg);
    if (fd == -1 && PyErr_Occurred()) return NULL;
    int result = _Py_get_inheritable(fd);
    return result < 0 ? NULL : PyBool_FromLong(result);
}

DEFINE_ARGS(set_inheritable)
{
    int fd, inheritable;
    PARSE_EXACT("set_inheritable", 2, 2, "ii:set_inheritable", &fd, &inheritable);
    if (_Py_set_inheritable(fd, inheritable, NULL) < 0) return NULL;
    Py_RETURN_NONE;
}

DEFINE_ONE(get_blocking)
{
    int fd = _PyLong_AsInt(arg);
    if (fd == -1 && PyErr_Occurred()) return NULL;
    int result = _Py_get_blocking(fd);
    return result < 0 ? NULL : PyBool_FromLong(result);
}

DEFINE_ARGS(set_blocking)
{
    int fd, blocking;
    PARSE_EXACT("set_blocking", 2, 2, "ii:set_blocking", &fd, &blocking);
    if (_Py_set_blocking(fd, blocking) < 0) return NULL;
    Py_RETURN_NONE;
}
