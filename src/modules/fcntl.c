/* fcntl: control of descriptors, devices and file locks (the manual: library/fcntl). */
#include <Python.h>
#include <internal/krait_exports.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>
#include <sys/file.h>
#include <sys/ioctl.h>

enum { BUFFER = 1024 };

static int fildes_convert(PyObject *obj, int *fd)
{
    *fd = PyObject_AsFileDescriptor(obj);
    return *fd < 0 ? 0 : 1;
}

/* `result = call` without the GIL, again after each signal. */
#define RETRY(result, interrupted, call) \
    do { \
        Py_BEGIN_ALLOW_THREADS \
        result = (call); \
        Py_END_ALLOW_THREADS \
    } while (result < 0 && errno == EINTR && !(interrupted = PyErr_CheckSignals()))

static PyObject *error_unless(int interrupted)
{
    return interrupted ? NULL : PyErr_SetFromErrno(PyExc_OSError);
}

/* The text of str or bytes: 1, 0 if it is neither, -1 with an exception set. */
static int text_of(PyObject *obj, const char **text, Py_ssize_t *size)
{
    if (PyUnicode_Check(obj)) {
        *text = PyUnicode_AsUTF8AndSize(obj, size);
        return *text ? 1 : -1;
    }
    if (!PyBytes_Check(obj)) return 0;
    *text = PyBytes_AS_STRING(obj);
    *size = PyBytes_GET_SIZE(obj);
    return 1;
}

static PyObject *fcntl_fcntl(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int fd, command, result, interrupted = 0;
    if (!_PyArg_CheckPositional("fcntl", nargs, 2, 3) || !fildes_convert(args[0], &fd)) return NULL;
    command = _PyLong_AsInt(args[1]);
    if (command == -1 && PyErr_Occurred()) return NULL;
    PyObject *arg = nargs == 3 ? args[2] : NULL;
    if (PySys_Audit("fcntl.fcntl", "iiO", fd, command, arg ? arg : Py_None) < 0) return NULL;
    unsigned int number = 0;
    if (arg) {
        const char *text;
        Py_ssize_t size;
        char buffer[BUFFER + 8];
        int is_text = text_of(arg, &text, &size);
        if (is_text < 0) {
            PyErr_Clear();              /* it may be no number either: that is the complaint then */
            is_text = 0;
        }
        if (is_text) {
            if (size > BUFFER) {
                PyErr_SetString(PyExc_ValueError, "fcntl string arg too long");
                return NULL;
            }
            memcpy(buffer, text, (size_t)size);
            buffer[size] = '\0';
            RETRY(result, interrupted, fcntl(fd, command, buffer));
            return result < 0 ? error_unless(interrupted) : PyBytes_FromStringAndSize(buffer, size);
        }
        if (!PyArg_Parse(arg, "I;fcntl requires a file or file descriptor, an integer and optionally a third integer or "
                         "a string", &number)) {
            return NULL;
        }
    }
    RETRY(result, interrupted, fcntl(fd, command, (int)number));
    return result < 0 ? error_unless(interrupted) : PyLong_FromLong(result);
}

/* An ioctl on a copy of `size` bytes; the buffer has room for them and a NUL. */
static int ioctl_on_copy(int fd, unsigned int request, char *buffer, const void *from, Py_ssize_t size)
{
    int result;
    memcpy(buffer, from, (size_t)size);
    buffer[size] = '\0';
    Py_BEGIN_ALLOW_THREADS
    result = ioctl(fd, request, buffer);
    Py_END_ALLOW_THREADS
    return result;
}

static PyObject *fcntl_ioctl(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int fd, result, mutate = 1;
    unsigned int request;
    int number = 0;
    char buffer[BUFFER + 8];
    if (!_PyArg_CheckPositional("ioctl", nargs, 2, 4) || !fildes_convert(args[0], &fd)) return NULL;
    if (!PyArg_Parse(args[1], "I", &request)) return NULL;
    PyObject *arg = nargs > 2 ? args[2] : NULL;
    if (nargs > 3 && (mutate = PyObject_IsTrue(args[3])) < 0) return NULL;
    if (PySys_Audit("fcntl.ioctl", "iIO", fd, request, arg ? arg : Py_None) < 0) return NULL;
    if (arg && !PyLong_Check(arg)) {
        Py_buffer view;
        const char *text;
        Py_ssize_t size;
        if (!PyBytes_Check(arg) && !PyUnicode_Check(arg) && PyObject_GetBuffer(arg, &view, PyBUF_WRITABLE) == 0) {
            bool copied = view.len <= BUFFER;
            if (!copied && !mutate) {
                PyBuffer_Release(&view);
                PyErr_SetString(PyExc_ValueError, "ioctl string arg too long");
                return NULL;
            }
            if (copied) {
                result = ioctl_on_copy(fd, request, buffer, view.buf, view.len);
            } else {
                Py_BEGIN_ALLOW_THREADS
                result = ioctl(fd, request, view.buf);
                Py_END_ALLOW_THREADS
            }
            if (mutate && copied) memcpy(view.buf, buffer, (size_t)view.len);
            int error = errno;
            PyBuffer_Release(&view);
            errno = error;
            if (result < 0) return PyErr_SetFromErrno(PyExc_OSError);
            return mutate ? PyLong_FromLong(result) : PyBytes_FromStringAndSize(buffer, view.len);
        }
        PyErr_Clear();
        int is_text = text_of(arg, &text, &size);
        if (is_text < 0) PyErr_Clear();
        if (is_text > 0) {
            if (size > BUFFER) {
                PyErr_SetString(PyExc_ValueError, "ioctl string arg too long");
                return NULL;
            }
            result = ioctl_on_copy(fd, request, buffer, text, size);
            if (result < 0) return PyErr_SetFromErrno(PyExc_OSError);
            return PyBytes_FromStringAndSize(buffer, size);
        }
    }
    if (arg && !PyArg_Parse(arg, "i;ioctl requires a file or file descriptor, an integer and optionally an integer or buffer "
                            "argument", &number)) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    result = ioctl(fd, request, number);
    Py_END_ALLOW_THREADS
    return result < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(result);
}

static PyObject *fcntl_flock(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int fd, operation, result, interrupted = 0;
    if (!_PyArg_CheckPositional("flock", nargs, 2, 2) || !fildes_convert(args[0], &fd)) return NULL;
    operation = _PyLong_AsInt(args[1]);
    if (operation == -1 && PyErr_Occurred()) return NULL;
    if (PySys_Audit("fcntl.flock", "ii", fd, operation) < 0) return NULL;
    RETRY(result, interrupted, flock(fd, operation));
    if (result < 0) return error_unless(interrupted);
    Py_RETURN_NONE;
}

static PyObject *fcntl_lockf(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int fd, command, whence = 0, result, interrupted = 0;
    PyObject *length = nargs > 2 ? args[2] : NULL, *start = nargs > 3 ? args[3] : NULL;
    if (!_PyArg_CheckPositional("lockf", nargs, 2, 5) || !fildes_convert(args[0], &fd)) return NULL;
    command = _PyLong_AsInt(args[1]);
    if (command == -1 && PyErr_Occurred()) return NULL;
    if (nargs > 4) {
        whence = _PyLong_AsInt(args[4]);
        if (whence == -1 && PyErr_Occurred()) return NULL;
    }
    if (PySys_Audit("fcntl.lockf", "iiOOi", fd, command, length ? length : Py_None, start ? start : Py_None, whence) < 0) {
        return NULL;
    }
    struct flock lock = {.l_whence = (short)whence};
    if (command == LOCK_UN) lock.l_type = F_UNLCK;
    else if (command & LOCK_SH) lock.l_type = F_RDLCK;
    else if (command & LOCK_EX) lock.l_type = F_WRLCK;
    else {
        PyErr_SetString(PyExc_ValueError, "unrecognized lockf argument");
        return NULL;
    }
    if (start) {
        lock.l_start = PyLong_AsLong(start);
        if (PyErr_Occurred()) return NULL;
    }
    if (length) {
        lock.l_len = PyLong_AsLong(length);
        if (PyErr_Occurred()) return NULL;
    }
    RETRY(result, interrupted, fcntl(fd, command & LOCK_NB ? F_SETLK : F_SETLKW, &lock));
    if (result < 0) return error_unless(interrupted);
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"fcntl", _PyCFunction_CAST(fcntl_fcntl), METH_FASTCALL,
     "fcntl($module, fd, cmd, arg=0, /)\n--\n\n"
     "Run an F_... command on a descriptor. With an int, or nothing, as arg the result is an int; with str or bytes of up\n"
     "to 1024 bytes, which the system may change, it is bytes of that length."},
    {"ioctl", _PyCFunction_CAST(fcntl_ioctl), METH_FASTCALL,
     "ioctl($module, fd, request, arg=0, mutate_flag=True, /)\n--\n\n"
     "Make a request to a device. With an int as arg the result is an int; with str or bytes of up to 1024 bytes it is\n"
     "bytes; with a buffer that can be written the buffer is changed, unless mutate_flag is false, and it is an int."},
    {"flock", _PyCFunction_CAST(fcntl_flock), METH_FASTCALL,
     "flock($module, fd, operation, /)\n--\n\nLock or unlock a file: a LOCK_... operation."},
    {"lockf", _PyCFunction_CAST(fcntl_lockf), METH_FASTCALL,
     "lockf($module, fd, cmd, len=0, start=0, whence=0, /)\n--\n\n"
     "Lock or unlock len bytes of a file (0: to its end) from start, counted as whence says (0 from the start, 1 from\n"
     "where it stands, 2 from the end). cmd is LOCK_UN, LOCK_SH or LOCK_EX; with LOCK_NB it does not wait."},
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    long value;
} constants[] = {
#define C(name) {#name, name},
    C(LOCK_SH) C(LOCK_EX) C(LOCK_NB) C(LOCK_UN) C(LOCK_MAND) C(LOCK_READ) C(LOCK_WRITE) C(LOCK_RW)
    C(F_DUPFD) C(F_DUPFD_CLOEXEC) C(F_GETFD) C(F_SETFD) C(F_GETFL) C(F_SETFL) C(F_GETLK)
    C(F_SETLK) C(F_SETLKW) C(F_OFD_GETLK) C(F_OFD_SETLK) C(F_OFD_SETLKW) C(F_GETOWN) C(F_SETOWN)
    C(F_GETSIG) C(F_SETSIG) C(F_RDLCK) C(F_WRLCK) C(F_UNLCK) C(F_GETLK64) C(F_SETLK64)
    C(F_SETLKW64) C(FASYNC) C(F_SETLEASE) C(F_GETLEASE) C(F_NOTIFY) C(F_EXLCK) C(F_SHLCK)
    C(F_SETPIPE_SZ) C(F_GETPIPE_SZ) C(FD_CLOEXEC) C(DN_ACCESS) C(DN_MODIFY) C(DN_CREATE)
    C(DN_DELETE) C(DN_RENAME) C(DN_ATTRIB) C(DN_MULTISHOT) C(F_ADD_SEALS) C(F_GET_SEALS)
    C(F_SEAL_SEAL) C(F_SEAL_SHRINK) C(F_SEAL_GROW) C(F_SEAL_WRITE)
#undef C
};

static int module_exec(PyObject *module)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "fcntl",
    .m_doc = "Control of files by descriptors: fcntl(), ioctl() and locks. A descriptor is an int or has fileno().",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_fcntl(void)
{
    return PyModuleDef_Init(&definition);
}
