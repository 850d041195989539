/* The input of an Unpickler: a window on bytes that were given or that a file has read.
 *
 * A file with peek() is read ahead: what is peeked at becomes the window, and before the next read,
 * read() is called for as much of it as has been used. So the file's position is exact after each
 * object. */
#include "modules/_pickle/pickle.h"

enum { PREFETCH = 128 * 1024 };

/* Asks for a line instead of a number of bytes. */
enum { WHOLE_LINE = -1 };

int input_truncated(void)
{
    return unpickling_error("pickle data was truncated");
}

void input_release(Unpickler *self)
{
    self->window = self->at = self->end = NULL;
    self->prefetched = 0;
    Py_CLEAR(self->holder);
}

/* Makes the memory of a bytes-like object the window; its size, or -1. */
static Py_ssize_t set_window(Unpickler *self, PyObject *data)
{
    PyObject *holder = NULL;
    const char *start;
    Py_ssize_t size;
    if (PyBytes_CheckExact(data)) {
        holder = Py_NewRef(data);
        start = PyBytes_AS_STRING(data);
        size = PyBytes_GET_SIZE(data);
    } else {
        /* The view must be one that can be had in one piece. */
        Py_buffer probe;
        if (PyObject_GetBuffer(data, &probe, PyBUF_CONTIG_RO) < 0) return -1;
        PyBuffer_Release(&probe);
        holder = PyMemoryView_FromObject(data);
        if (!holder) return -1;
        start = PyMemoryView_GET_BUFFER(holder)->buf;
        size = PyMemoryView_GET_BUFFER(holder)->len;
    }
    input_release(self);
    self->holder = holder;
    self->window = self->at = start;
    self->end = start + size;
    self->prefetched = size;
    return size;
}

int unpickler_set_bytes(Unpickler *self, PyObject *data)
{
    return set_window(self, data) < 0 ? -1 : 0;
}

int input_finish(Unpickler *self)
{
    Py_ssize_t used = (self->at - self->window) - self->prefetched;
    if (used <= 0) return 0;
    PyObject *data = PyObject_CallFunction(self->read, "n", used);
    if (!data) return -1;
    Py_DECREF(data);
    self->prefetched = self->at - self->window;
    return 0;
}

/* A window with the next n bytes or more, or with a line; how much it has, or -1. Nothing of the
 * old window may be left. */
static Py_ssize_t read_from_file(Unpickler *self, Py_ssize_t n)
{
    if (!self->read || input_finish(self) < 0) return self->read ? -1 : 0;
    PyObject *data;
    if (n == WHOLE_LINE) {
        data = PyObject_CallNoArgs(self->readline);
    } else {
        /* Reading a few bytes at a time would be slow. */
        if (self->peek && n < PREFETCH) {
            data = PyObject_CallFunction(self->peek, "n", (Py_ssize_t)PREFETCH);
            if (data) {
                Py_ssize_t size = set_window(self, data);
                Py_DECREF(data);
                if (size < 0) return -1;
                self->prefetched = 0;
                if (n <= size) return n;
            } else {
                if (!PyErr_ExceptionMatches(PyExc_NotImplementedError)) return -1;
                PyErr_Clear();
                Py_CLEAR(self->peek);
            }
        }
        data = PyObject_CallFunction(self->read, "n", n);
    }
    if (!data) return -1;
    Py_ssize_t size = set_window(self, data);
    Py_DECREF(data);
    return size;
}

/* As input_read() where the window ends before. What is left of it was only peeked at, or belongs
 * to a frame that ends too soon: in both cases the file goes on from what was used. */
const char *input_read_slow(Unpickler *self, Py_ssize_t n)
{
    Py_ssize_t size = self->read ? read_from_file(self, n) : 0;
    if (size < 0) return NULL;
    if (size < n) {
        input_truncated();
        return NULL;
    }
    self->at = self->window + n;
    return self->window;
}

int input_read_into(Unpickler *self, char *to, Py_ssize_t n)
{
    Py_ssize_t left = Py_MIN(self->end - self->at, n);
    memcpy(to, self->at, (size_t)left);
    self->at += left;
    to += left;
    n -= left;
    if (n == 0) return 0;
    if (!self->read) return input_truncated();
    if (input_finish(self) < 0) return -1;
    Py_ssize_t got;
    if (!self->readinto) {
        PyObject *data = PyObject_CallFunction(self->read, "n", n);
        if (!data) return -1;
        if (!PyBytes_Check(data)) {
            PyErr_Format(PyExc_ValueError, "read() returned non-bytes object (%R)", Py_TYPE(data));
            Py_DECREF(data);
            return -1;
        }
        got = PyBytes_GET_SIZE(data);
        memcpy(to, PyBytes_AS_STRING(data), (size_t)Py_MIN(got, n));
        Py_DECREF(data);
    } else {
        PyObject *view = PyMemoryView_FromMemory(to, n, PyBUF_WRITE);
        PyObject *count = view ? PyObject_CallOneArg(self->readinto, view) : NULL;
        Py_XDECREF(view);
        if (!count) return -1;
        got = PyLong_AsSsize_t(count);
        Py_DECREF(count);
        if (got < 0) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_ValueError, "readinto() returned negative size");
            return -1;
        }
    }
    return got < n ? input_truncated() : 0;
}

static char *copy_line(Unpickler *self, const char *start, Py_ssize_t length, Py_ssize_t *result)
{
    char *line = PyMem_Realloc(self->line, (size_t)length + 1);
    if (!line) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(line, start, (size_t)length);
    line[length] = '\0';
    self->line = line;
    *result = length;
    return line;
}

char *input_line(Unpickler *self, Py_ssize_t *length)
{
    Py_ssize_t left = self->end - self->at;
    const char *start = self->at, *end = left > 0 ? memchr(start, '\n', (size_t)left) : NULL;
    if (end) {
        self->at = end + 1;
        return copy_line(self, start, end + 1 - start, length);
    }
    if (!self->read) {
        input_truncated();
        return NULL;
    }
    Py_ssize_t size = read_from_file(self, WHOLE_LINE);
    if (size < 0) return NULL;
    if (size == 0 || self->window[size - 1] != '\n') {
        input_truncated();
        return NULL;
    }
    self->at = self->window + size;
    return copy_line(self, self->window, size, length);
}
