/* _PyBytesWriter: builds bytes through a plain pointer, at first in a buffer on the stack. */
#include "objects/bytes/bytes.h"

void _PyBytesWriter_Init(_PyBytesWriter *w)
{
    memset(w, 0, offsetof(_PyBytesWriter, small_buffer));
}

void _PyBytesWriter_Dealloc(_PyBytesWriter *w)
{
    Py_CLEAR(w->buffer);
}

static char *base_of(_PyBytesWriter *w)
{
    return w->use_small_buffer ? w->small_buffer : w->use_bytearray ? PyByteArray_AS_STRING(w->buffer)
                                                                    : PyBytes_AS_STRING(w->buffer);
}

/* Makes the buffer larger; returns where `str` is now, or NULL. */
void *_PyBytesWriter_Resize(_PyBytesWriter *w, void *str, Py_ssize_t size)
{
    Py_ssize_t allocated = size, pos = (char *)str - base_of(w);
    if (w->overallocate && allocated <= PY_SSIZE_T_MAX - allocated / 4)
        allocated += allocated / 4;
    if (!w->use_small_buffer) {
        if (w->use_bytearray) {
            if (PyByteArray_Resize(w->buffer, allocated) < 0)
                goto error;
            Py_SET_SIZE(w->buffer, allocated);
        } else if (_PyBytes_Resize(&w->buffer, allocated) < 0) {
            goto error;
        }
    } else {
        w->buffer = w->use_bytearray ? PyByteArray_FromStringAndSize(NULL, allocated)
                                     : PyBytes_FromStringAndSize(NULL, allocated);
        if (w->buffer == NULL)
            goto error;
        w->use_small_buffer = 0;
        memcpy(base_of(w), w->small_buffer, (size_t)pos);
    }
    w->allocated = allocated;
    return base_of(w) + pos;

error:
    _PyBytesWriter_Dealloc(w);
    return NULL;
}

/* Foresees `size` more bytes; returns where `str` is now, or NULL. */
void *_PyBytesWriter_Prepare(_PyBytesWriter *w, void *str, Py_ssize_t size)
{
    if (size == 0)
        return str;
    if (w->min_size > PY_SSIZE_T_MAX - size) {
        PyErr_NoMemory();
        _PyBytesWriter_Dealloc(w);
        return NULL;
    }
    Py_ssize_t need = w->min_size + size;
    if (need > w->allocated)
        str = _PyBytesWriter_Resize(w, str, need);
    w->min_size = need;
    return str;
}

/* Start of a buffer for size bytes, or NULL. */
void *_PyBytesWriter_Alloc(_PyBytesWriter *w, Py_ssize_t size)
{
    w->use_small_buffer = 1;
    w->allocated = sizeof(w->small_buffer);
    return _PyBytesWriter_Prepare(w, w->small_buffer, size);
}

/* The bytes (or bytearray) up to `str`: new reference. */
PyObject *_PyBytesWriter_Finish(_PyBytesWriter *w, void *str)
{
    Py_ssize_t size = (char *)str - base_of(w);
    if (size == 0 && !w->use_bytearray) {
        Py_CLEAR(w->buffer);
        return bytes_empty();
    }
    if (w->use_small_buffer)
        return w->use_bytearray ? PyByteArray_FromStringAndSize(w->small_buffer, size)
                                : PyBytes_FromStringAndSize(w->small_buffer, size);
    PyObject *result = w->buffer;
    w->buffer = NULL;
    if (size != w->allocated) {
        if (w->use_bytearray) {
            if (PyByteArray_Resize(result, size) < 0)
                Py_CLEAR(result);
        } else {
            _PyBytes_Resize(&result, size);
        }
    }
    return result;
}

/* Appends bytes beyond what was foreseen. */
void *_PyBytesWriter_WriteBytes(_PyBytesWriter *w, void *str, const void *bytes, Py_ssize_t size)
{
    char *to = _PyBytesWriter_Prepare(w, str, size);
    if (to == NULL)
        return NULL;
    memcpy(to, bytes, (size_t)size);
    return to + size;
}
