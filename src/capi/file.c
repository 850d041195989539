/* Files as Python objects, from C: PyFile_*, universal newlines over FILE *, and the printer for
 * the time before sys.stderr. */
#include <Python.h>

#include <internal/krait_exports.h>
#include <stdbool.h>
#include <unistd.h>

#include "capi/file.h"
#include "objects/names.h"
#include "runtime/state.h"

struct FileRuntime file_runtime;

/* ---- reading and writing ----------------------------------------------------------------- */

/* io.open(fd, ...); `name` is ignored. New reference. */
PyObject *PyFile_FromFd(int fd, const char *Py_UNUSED(name), const char *mode, int buffering,
    const char *encoding, const char *errors, const char *newline, int closefd)
{
    PyObject *io = PyImport_ImportModule("_io");
    if (!io) return NULL;
    PyObject *stream = PyObject_CallMethod(io, "open", "isisssO", fd, mode, buffering, encoding,
        errors, newline, closefd ? Py_True : Py_False);
    Py_DECREF(io);
    return stream;
}

/* A str or bytes line without its \n; steals. EOFError at the end of the file. */
static PyObject *without_newline_steal(PyObject *line)
{
    bool bytes = PyBytes_Check(line);
    Py_ssize_t n = bytes ? PyBytes_GET_SIZE(line) : PyUnicode_GET_LENGTH(line);
    if (n == 0) {
        Py_DECREF(line);
        PyErr_SetString(PyExc_EOFError, "EOF when reading a line");
        return NULL;
    }
    if (bytes) {
        if (PyBytes_AS_STRING(line)[n - 1] == '\n') {
            Py_SETREF(line, PyBytes_FromStringAndSize(PyBytes_AS_STRING(line), n - 1));
        }
    } else if (PyUnicode_READ_CHAR(line, n - 1) == '\n') {
        Py_SETREF(line, PyUnicode_Substring(line, 0, n - 1));
    }
    return line;
}

/* f.readline(n) for n > 0, a whole line for n = 0; for n < 0 a whole line without its newline, and
 * EOFError at the end. New reference. */
PyObject *PyFile_GetLine(PyObject *f, int n)
{
    if (!f) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *line = n <= 0 ? PyObject_CallMethodNoArgs(f, NAME(readline))
                            : _PyObject_CallMethod(f, NAME(readline), "i", n);
    if (line && !PyBytes_Check(line) && !PyUnicode_Check(line)) {
        Py_DECREF(line);
        PyErr_SetString(PyExc_TypeError, "object.readline() returned non-string");
        return NULL;
    }
    return line && n < 0 ? without_newline_steal(line) : line;
}

/* f.write(str(v)), or of its repr() without Py_PRINT_RAW. -1 with an exception. */
int PyFile_WriteObject(PyObject *v, PyObject *f, int flags)
{
    if (!f) {
        PyErr_SetString(PyExc_TypeError, "writeobject with NULL file");
        return -1;
    }
    if (file_runtime.is_plain && file_runtime.is_plain(f)) {
        PyObject *text = !(flags & Py_PRINT_RAW)   ? PyObject_Repr(v)
                         : PyUnicode_CheckExact(v) ? Py_NewRef(v)
                                                   : PyObject_Str(v);
        if (!text) return -1;
        int r = file_runtime.write(f, text);
        Py_DECREF(text);
        return r;
    }
    PyObject *write = PyObject_GetAttr(f, NAME(write));
    if (!write) return -1;
    PyObject *text = flags & Py_PRINT_RAW ? PyObject_Str(v) : PyObject_Repr(v);
    PyObject *r = text ? PyObject_CallOneArg(write, text) : NULL;
    Py_XDECREF(text);
    Py_DECREF(write);
    Py_XDECREF(r);
    return r ? 0 : -1;
}

/* Writes UTF-8. Does nothing, and fails, when an exception is set. */
int PyFile_WriteString(const char *s, PyObject *f)
{
    if (!f) {
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_SystemError, "null file for PyFile_WriteString");
        return -1;
    }
    if (PyErr_Occurred()) return -1;
    PyObject *text = PyUnicode_FromString(s);
    if (!text) return -1;
    int r = PyFile_WriteObject(text, f, Py_PRINT_RAW);
    Py_DECREF(text);
    return r;
}

/* For the "O&" format: 1, or 0 with an exception. */
int _PyLong_FileDescriptor_Converter(PyObject *o, void *p)
{
    int fd = PyObject_AsFileDescriptor(o);
    if (fd == -1) return 0;
    *(int *)p = fd;
    return 1;
}

/* fgets() that takes \n, \r and \r\n as the end of a line and writes \n. `fobj` must be NULL. */
char *Py_UniversalNewlineFgets(char *buf, int n, FILE *stream, PyObject *fobj)
{
    if (fobj) {
        errno = ENXIO;
        return NULL;
    }
    char *p = buf;
    int c = 0;
    flockfile(stream);
    while (--n > 0 && (c = getc_unlocked(stream)) != EOF) {
        if (c == '\r') {
            int next = getc_unlocked(stream);
            if (next != '\n' && next != EOF) ungetc(next, stream);
            c = '\n';
        }
        *p++ = (char)c;
        if (c == '\n') break;
    }
    funlockfile(stream);
    *p = '\0';
    return p == buf ? NULL : buf;
}

/* ---- open_code --------------------------------------------------------------------------- */

/* Sets what opens files of code, once and for all; 0, or -1 (with an exception if there is a thread
 * state). */
int PyFile_SetOpenCodeHook(Py_OpenCodeHookFunction hook, void *data)
{
    if (Py_IsInitialized() && PySys_Audit("setopencodehook", NULL) < 0) return -1;
    if (runtime_state.open_code_hook) {
        if (Py_IsInitialized()) {
            PyErr_SetString(PyExc_SystemError, "failed to change existing open_code hook");
        }
        return -1;
    }
    runtime_state.open_code_hook = hook;
    runtime_state.open_code_data = data;
    return 0;
}

/* io.open(path, "rb"), or what the hook makes of it. New reference. */
PyObject *PyFile_OpenCodeObject(PyObject *path)
{
    if (!PyUnicode_Check(path)) {
        PyErr_Format(PyExc_TypeError, "'path' must be 'str', not '%.200s'", Py_TYPE(path)->tp_name);
        return NULL;
    }
    if (runtime_state.open_code_hook)
        return runtime_state.open_code_hook(path, runtime_state.open_code_data);
    PyObject *io = PyImport_ImportModule("_io");
    if (!io) return NULL;
    PyObject *stream = PyObject_CallMethod(io, "open", "Os", path, "rb");
    Py_DECREF(io);
    return stream;
}

PyObject *PyFile_OpenCode(const char *utf8path)
{
    PyObject *path = PyUnicode_FromString(utf8path);
    if (!path) return NULL;
    PyObject *stream = PyFile_OpenCodeObject(path);
    Py_DECREF(path);
    return stream;
}

/* ---- stderrprinter ----------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD int fd;
} StdPrinter;

/* A minimal stream over descriptor 1 or 2. New reference. */
PyObject *PyFile_NewStdPrinter(int fd)
{
    if (fd != fileno(stdout) && fd != fileno(stderr)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    StdPrinter *self = PyObject_New(StdPrinter, &PyStdPrinter_Type);
    if (self) self->fd = fd;
    return (PyObject *)self;
}

static PyObject *printer_write(PyObject *o, PyObject *text)
{
    StdPrinter *self = (StdPrinter *)o;
    if (self->fd < 0) Py_RETURN_NONE;
    if (!PyUnicode_Check(text)) {
        PyErr_Format(
            PyExc_TypeError, "write() argument must be str, not %.50s", Py_TYPE(text)->tp_name);
        return NULL;
    }
    /* What UTF-8 cannot say (lone surrogates) is escaped. */
    PyObject *bytes = _PyUnicode_AsUTF8String(text, "backslashreplace");
    if (!bytes) return NULL;
    Py_ssize_t n = _Py_write(self->fd, PyBytes_AS_STRING(bytes), (size_t)PyBytes_GET_SIZE(bytes));
    int error = errno;
    Py_DECREF(bytes);
    if (n >= 0) return PyLong_FromSsize_t(n);
    if (error != EAGAIN) return NULL;
    PyErr_Clear();
    Py_RETURN_NONE;
}

static PyObject *printer_fileno(PyObject *o, PyObject *Py_UNUSED(args))
{
    return PyLong_FromLong(((StdPrinter *)o)->fd);
}

static PyObject *printer_isatty(PyObject *o, PyObject *Py_UNUSED(args))
{
    StdPrinter *self = (StdPrinter *)o;
    if (self->fd < 0) Py_RETURN_FALSE;
    int r;
    Py_BEGIN_ALLOW_THREADS r = isatty(self->fd);
    Py_END_ALLOW_THREADS return PyBool_FromLong(r);
}

static PyObject *printer_none(PyObject *Py_UNUSED(o), PyObject *Py_UNUSED(args))
{
    Py_RETURN_NONE;
}

static PyObject *printer_repr(PyObject *o)
{
    return PyUnicode_FromFormat("<stdprinter(fd=%d) object at %p>", ((StdPrinter *)o)->fd, o);
}

static PyObject *printer_encoding(PyObject *Py_UNUSED(o), void *Py_UNUSED(context))
{
    Py_RETURN_NONE;
}

static PyObject *printer_mode(PyObject *Py_UNUSED(o), void *Py_UNUSED(context))
{
    return PyUnicode_FromString("w");
}

static PyObject *printer_closed(PyObject *Py_UNUSED(o), void *Py_UNUSED(context))
{
    Py_RETURN_FALSE;
}

static PyMethodDef printer_methods[] = {
    {"close", printer_none, METH_NOARGS, ""},
    {"flush", printer_none, METH_NOARGS, ""},
    {"fileno", printer_fileno, METH_NOARGS, ""},
    {"isatty", printer_isatty, METH_NOARGS, ""},
    {"write", printer_write, METH_O, ""},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef printer_getset[] = {
    {"closed", printer_closed, NULL, "True if the file is closed", NULL},
    {"encoding", printer_encoding, NULL, "Encoding of the file", NULL},
    {"mode", printer_mode, NULL, "String giving the file mode", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyStdPrinter_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "stderrprinter",
    .tp_basicsize = sizeof(StdPrinter),
    .tp_repr = printer_repr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_methods = printer_methods,
    .tp_getset = printer_getset,
};
