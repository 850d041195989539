/* The output of a Pickler: a buffer, and frames in it from protocol 4 on.
 *
 * A frame is the opcode FRAME, eight bytes of length, and the opcodes of many objects. Its header
 * is left open when its first byte is written and filled when the frame ends; a frame of less than
 * FRAME_SIZE_MIN bytes loses its header again. */
#include "modules/_pickle/pickle.h"

enum { BUFFER_SIZE = 4096 };

int output_start(Pickler *self)
{
    Py_XSETREF(self->buffer, PyBytes_FromStringAndSize(NULL, BUFFER_SIZE));
    if (!self->buffer) return -1;
    self->data = PyBytes_AS_STRING(self->buffer);
    self->capacity = BUFFER_SIZE;
    self->length = 0;
    self->frame_start = -1;
    return 0;
}

static int grow(Pickler *self, Py_ssize_t required)
{
    if (required < 0 || required > PY_SSIZE_T_MAX / 3 * 2) {
        PyErr_NoMemory();
        return -1;
    }
    Py_ssize_t capacity = Py_MAX(required / 2 * 3, BUFFER_SIZE);
    if (self->buffer) {
        if (_PyBytes_Resize(&self->buffer, capacity) < 0) {
            self->data = NULL;
            self->length = self->capacity = 0;
            return -1;
        }
    } else {
        self->buffer = PyBytes_FromStringAndSize(NULL, capacity);
        if (!self->buffer) return -1;
        memcpy(PyBytes_AS_STRING(self->buffer), self->data, (size_t)self->length);
    }
    self->data = PyBytes_AS_STRING(self->buffer);
    self->capacity = capacity;
    return 0;
}

char *output_reserve_slow(Pickler *self, Py_ssize_t n)
{
    bool new_frame = self->framing && self->frame_start < 0;
    if (n > PY_SSIZE_T_MAX - self->length - FRAME_HEADER_SIZE) {
        PyErr_NoMemory();
        return NULL;
    }
    Py_ssize_t required = self->length + n + (new_frame ? FRAME_HEADER_SIZE : 0);
    if (required > self->capacity && grow(self, required) < 0) return NULL;
    if (new_frame) {
        self->frame_start = self->length;
        memset(self->data + self->length, 0xfe, FRAME_HEADER_SIZE);
        self->length += FRAME_HEADER_SIZE;
    }
    char *at = self->data + self->length;
    self->length += n;
    return at;
}

int output_end_frame(Pickler *self)
{
    if (!self->framing || self->frame_start < 0) return 0;
    Py_ssize_t size = self->length - self->frame_start - FRAME_HEADER_SIZE;
    char *header = self->data + self->frame_start;
    if (size >= FRAME_SIZE_MIN) {
        header[0] = (char)OP_FRAME;
        store_little(header + 1, (uint64_t)size, 8);
    } else {
        memmove(header, header + FRAME_HEADER_SIZE, (size_t)size);
        self->length -= FRAME_HEADER_SIZE;
    }
    self->frame_start = -1;
    return 0;
}

static int call_write(Pickler *self, PyObject *data)
{
    PyObject *result = PyObject_CallOneArg(self->write, data);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/* Hands the buffer to the file's write(), which may keep it. Afterwards there is no buffer. */
int pickler_write_out(Pickler *self)
{
    PyObject *output = self->buffer;
    Py_ssize_t length = self->length;
    self->buffer = NULL;
    self->data = NULL;
    self->length = self->capacity = 0;
    self->frame_start = -1;
    if (_PyBytes_Resize(&output, length) < 0) return -1;
    int status = call_write(self, output);
    Py_DECREF(output);
    return status;
}

int output_boundary(Pickler *self)
{
    Py_ssize_t size = self->length - self->frame_start - FRAME_HEADER_SIZE;
    if (!self->framing || self->frame_start < 0 || size < FRAME_SIZE_TARGET) return 0;
    if (output_end_frame(self) < 0) return -1;
    if (!self->write) return 0;
    return pickler_write_out(self) < 0 ? -1 : output_start(self);
}

int output_write_large(Pickler *self, const char *header, Py_ssize_t header_size, const char *data,
    Py_ssize_t size, PyObject *payload)
{
    if (size < FRAME_SIZE_TARGET) {
        char *at = output_reserve(self, header_size + size);
        if (!at) return -1;
        memcpy(at, header, (size_t)header_size);
        memcpy(at + header_size, data, (size_t)size);
        return 0;
    }
    /* Many bytes stand between frames. */
    bool framing = self->framing;
    if (output_end_frame(self) < 0) return -1;
    self->framing = false;
    int status = output_write(self, header, header_size);
    if (status == 0 && self->write) {
        PyObject *bytes = payload ? Py_NewRef(payload) : PyBytes_FromStringAndSize(data, size);
        status = bytes ? pickler_write_out(self) : -1;
        if (status == 0) status = call_write(self, bytes);
        Py_XDECREF(bytes);
        if (status == 0) status = output_start(self);
    } else if (status == 0) {
        status = output_write(self, data, size);
    }
    self->framing = framing;
    return status;
}
