/* sys.stdin, sys.stdout and sys.stderr: made at start, flushed at the end. */
#include <Python.h>
#include <unistd.h>

#include <internal/krait_exports.h>

#include "objects/names.h"
#include "runtime/lifecycle.h"

/* What the three differ in. */
typedef struct {
    int fd;
    bool write;
    const char *name;           /* of the raw file: "<stdin>" */
    const char *attribute, *original;
} Stream;

static const Stream streams[3] = {
    {STDIN_FILENO, false, "<stdin>", "stdin", "__stdin__"},
    {STDOUT_FILENO, true, "<stdout>", "stdout", "__stdout__"},
    {STDERR_FILENO, true, "<stderr>", "stderr", "__stderr__"},
};

static bool fd_is_open(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 || errno != EBADF;
}

/* A descriptor that is no text: a directory as standard input is the user's mistake. */
static bool is_directory(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

static PyObject *open_buffer(PyObject *io, const Stream *s, bool buffered)
{
    return PyObject_CallMethod(io, "open", "isiOOOO", s->fd, s->write ? "wb" : "rb", buffered || !s->write ? -1 : 0, Py_None, Py_None,
                               Py_None, Py_False);
}

/* The raw file of a buffer (itself where there is no buffering), named and asked whether it is a terminal. New, or NULL. */
static PyObject *name_raw(PyObject *buffer, const Stream *s, bool buffered)
{
    PyObject *raw = buffered || !s->write ? PyObject_GetAttrString(buffer, "raw") : Py_NewRef(buffer);
    PyObject *name = raw ? PyUnicode_FromString(s->name) : NULL;
    if (!name || PyObject_SetAttr(raw, NAME(name), name) < 0) Py_CLEAR(raw);
    Py_XDECREF(name);
    return raw;
}

static int is_terminal(PyObject *raw)
{
    PyObject *answer = PyObject_CallMethod(raw, "isatty", NULL);
    int result = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(answer);
    return result;
}

/* A text stream over a descriptor; None if it is closed. New reference. */
static PyObject *make_stream(PyObject *io, const PyConfig *config, const Stream *s)
{
    if (!fd_is_open(s->fd)) return Py_NewRef(Py_None);
    bool buffered = config->buffered_stdio, is_stderr = s->fd == STDERR_FILENO;
    PyObject *buffer = open_buffer(io, s, buffered), *raw = NULL, *stream = NULL, *encoding = NULL, *errors = NULL, *mode = NULL;
    if (!buffer) {
        /* A descriptor that cannot be used is no reason not to start. */
        if (PyErr_ExceptionMatches(PyExc_OSError) && !is_directory(s->fd)) {
            PyErr_Clear();
            return Py_NewRef(Py_None);
        }
        return NULL;
    }
    raw = name_raw(buffer, s, buffered);
    int terminal = raw ? is_terminal(raw) : -1;
    if (terminal < 0) goto done;
    encoding = PyUnicode_FromWideChar(config->stdio_encoding, -1);
    errors = is_stderr ? PyUnicode_FromString("backslashreplace") : PyUnicode_FromWideChar(config->stdio_errors, -1);
    if (!encoding || !errors) goto done;
    bool write_through = !buffered && s->write, by_line = buffered && (terminal || is_stderr);
    stream = PyObject_CallMethod(io, "TextIOWrapper", "OOOsOO", buffer, encoding, errors, "\n", by_line ? Py_True : Py_False,
                                 write_through ? Py_True : Py_False);
    mode = stream ? PyUnicode_FromString(s->write ? "w" : "r") : NULL;
    if (stream && (!mode || PyObject_SetAttrString(stream, "mode", mode) < 0)) Py_CLEAR(stream);
done:
    Py_XDECREF(buffer);
    Py_XDECREF(raw);
    Py_XDECREF(encoding);
    Py_XDECREF(errors);
    Py_XDECREF(mode);
    return stream;
}

int streams_init(PyInterpreterState *interp)
{
    PyObject *io = PyImport_ImportModule("io"), *open = NULL;
    if (!io) return -1;
    int result = -1;
    open = PyObject_GetAttrString(io, "open");
    if (!open || PyDict_SetItem(interp->builtins, NAME(open), open) < 0) goto done;
    if (is_directory(STDIN_FILENO)) {
        PyErr_SetString(PyExc_RuntimeError, "<stdin> is a directory, cannot continue");
        goto done;
    }
    for (int i = 0; i < 3; i++) {
        PyObject *stream = make_stream(io, &interp->config, &streams[i]);
        int failed = !stream || PySys_SetObject(streams[i].original, stream) < 0 || PySys_SetObject(streams[i].attribute, stream) < 0;
        Py_XDECREF(stream);
        if (failed) goto done;
    }
    result = 0;
done:
    Py_DECREF(io);
    Py_XDECREF(open);
    return result;
}

/* Until `io` can be imported, errors go to a simple printer. */
int streams_init_early(void)
{
    PyObject *printer = PyType_Ready(&PyStdPrinter_Type) < 0 ? NULL : PyFile_NewStdPrinter(STDERR_FILENO);
    if (!printer) return -1;
    int failed = PySys_SetObject("stderr", printer) < 0 || PySys_SetObject("__stderr__", printer) < 0;
    Py_DECREF(printer);
    return failed ? -1 : 0;
}

static bool is_closed(PyObject *stream)
{
    PyObject *closed = PyObject_GetAttrString(stream, "closed");
    int truth = closed ? PyObject_IsTrue(closed) : 0;
    Py_XDECREF(closed);
    if (truth < 0 || PyErr_Occurred()) PyErr_Clear();
    return truth > 0;
}

static int flush(const char *name, bool report)
{
    PyObject *stream = PySys_GetObject(name);
    if (!stream || stream == Py_None || is_closed(stream)) return 0;
    Py_INCREF(stream);
    PyObject *result = PyObject_CallMethodNoArgs(stream, NAME(flush));
    if (!result && report) PyErr_WriteUnraisable(stream);
    else if (!result) PyErr_Clear();
    Py_XDECREF(result);
    Py_DECREF(stream);
    return result ? 0 : -1;
}

int streams_flush(void)
{
    int out = flush("stdout", true), err = flush("stderr", false);
    return out < 0 || err < 0 ? -1 : 0;
}

void streams_flush_quietly(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    flush("stderr", false);
    flush("stdout", false);
    PyErr_Restore(type, value, traceback);
}

/* Borrowed: the attribute of an object that keeps it. NULL if there is none. */
static PyObject *layer_borrow(PyObject *stream, const char *name)
{
    PyObject *layer = PyObject_GetAttrString(stream, name);
    if (!layer) PyErr_Clear();
    Py_XDECREF(layer);
    return layer;
}

int streams_list_borrow(PyObject **objects)
{
    int n = 0;
    for (int i = 0; i < 3; i++) {
        PyObject *stream = PySys_GetObject(streams[i].original);
        if (PySys_GetObject(streams[i].attribute) != stream) return -1;
        if (!stream || stream == Py_None || PyType_HasFeature(Py_TYPE(stream), Py_TPFLAGS_HEAPTYPE)) continue;
        objects[n++] = stream;
        PyObject *buffer = layer_borrow(stream, "buffer"), *raw = buffer ? layer_borrow(buffer, "raw") : NULL;
        if (buffer) objects[n++] = buffer;
        if (raw) objects[n++] = raw;
    }
    return n;
}
