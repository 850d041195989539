/* zlib: deflate compression and checksums, by libz (the manual: library/zlib). */
#include <Python.h>
#include <internal/krait_exports.h>

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>
#include <zlib.h>

enum { DEFAULT_BUFFER = 16 * 1024, DEFAULT_MEMORY = 8 };

struct ZlibModule {
    PyObject *error;                    /* owned */
    PyTypeObject *compress_type, *decompress_type;
};

static inline struct ZlibModule *module_state(PyObject *module)
{
    return PyModule_GetState(module);
}

#define PARSER(FORMAT, ...) \
    static const char *const keywords[] = {__VA_ARGS__, NULL}; \
    static _PyArg_Parser parser = {.keywords = keywords, .format = FORMAT}
#define PARSE(...) \
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, __VA_ARGS__)) return NULL

/* zlib.error for a result of libz; NULL. */
static PyObject *zlib_error(struct ZlibModule *state, const z_stream *stream, int code, const char *when)
{
    const char *why = code == Z_VERSION_ERROR ? "library version mismatch" : stream->msg;
    if (!why && code == Z_BUF_ERROR) why = "incomplete or truncated stream";
    if (!why && code == Z_STREAM_ERROR) why = "inconsistent stream state";
    if (!why && code == Z_DATA_ERROR) why = "invalid input data";
    if (why) PyErr_Format(state->error, "Error %d %s: %.200s", code, when, why);
    else PyErr_Format(state->error, "Error %d %s", code, when);
    return NULL;
}

static PyObject *no_memory(const char *message)
{
    PyErr_SetString(PyExc_MemoryError, message);
    return NULL;
}

/* libz takes memory without the GIL. */
static voidpf z_allocate(voidpf Py_UNUSED(opaque), uInt items, uInt size)
{
    if (size && items > (size_t)PY_SSIZE_T_MAX / size) return NULL;
    return PyMem_RawMalloc((size_t)items * size);
}

static void z_release(voidpf Py_UNUSED(opaque), voidpf block)
{
    PyMem_RawFree(block);
}

/* ---- Output that grows ---- */

typedef struct {
    PyObject *bytes;                    /* owned; NULL after a failure */
    Py_ssize_t limit;
    size_t grown;                       /* how often it grew */
} Output;

/* What is added each time, in KiB. Where libz stores without compressing, the bytes it writes depend on the room it is given:
 * these are the reference's steps.
 */
static const int output_steps[] = {32, 64, 256, 1024, 4096, 8192, 16384, 16384, 32768, 32768, 32768, 32768, 65536, 65536,
                                   131072, 131072, 262144};
enum { FIRST_ROOM = 32 * 1024 };

/* Starts with room for `size` bytes; 0, or -1 with an exception set. */
static int output_start(Output *out, z_stream *stream, Py_ssize_t size, Py_ssize_t limit)
{
    if (size > limit) size = limit;
    out->limit = limit;
    out->grown = 0;
    out->bytes = PyBytes_FromStringAndSize(NULL, size);
    if (!out->bytes) return -1;
    stream->next_out = (Bytef *)PyBytes_AS_STRING(out->bytes);
    stream->avail_out = size > (Py_ssize_t)UINT_MAX ? UINT_MAX : (uInt)size;
    return 0;
}

static Py_ssize_t output_used(const Output *out, const z_stream *stream)
{
    return (char *)stream->next_out - PyBytes_AS_STRING(out->bytes);
}

/* Makes room if there is none: 1; 0 if the limit is reached; -1 with an exception set. */
static int output_grow(Output *out, z_stream *stream)
{
    if (stream->avail_out) return 1;
    Py_ssize_t used = output_used(out, stream), size = PyBytes_GET_SIZE(out->bytes);
    if (used == size) {
        if (size == out->limit) return 0;
        if (out->grown + 1 < Py_ARRAY_LENGTH(output_steps)) out->grown++;
        Py_ssize_t step = (Py_ssize_t)output_steps[out->grown] * 1024;
        Py_ssize_t larger = size > out->limit - step ? out->limit : size + step;
        if (_PyBytes_Resize(&out->bytes, larger) < 0) return -1;
        stream->next_out = (Bytef *)PyBytes_AS_STRING(out->bytes) + used;
        size = larger;
    }
    Py_ssize_t room = size - used;
    stream->avail_out = room > (Py_ssize_t)UINT_MAX ? UINT_MAX : (uInt)room;
    return 1;
}

static PyObject *output_finish(Output *out, const z_stream *stream)
{
    _PyBytes_Resize(&out->bytes, output_used(out, stream));
    return out->bytes;
}

/* Hands libz as much of what is left as it can count. */
static void feed(z_stream *stream, Py_ssize_t *left)
{
    stream->avail_in = *left > (Py_ssize_t)UINT_MAX ? UINT_MAX : (uInt)*left;
    *left -= stream->avail_in;
}

/* ---- In one go ---- */

static PyObject *compress_all(struct ZlibModule *state, const Py_buffer *data, int level, int wbits)
{
    z_stream stream = {.zalloc = z_allocate, .zfree = z_release, .next_in = data->buf};
    Output out;
    int code = deflateInit2(&stream, level, Z_DEFLATED, wbits, DEFAULT_MEMORY, Z_DEFAULT_STRATEGY);
    if (code == Z_MEM_ERROR) return no_memory("Out of memory while compressing data");
    if (code == Z_STREAM_ERROR) {
        PyErr_SetString(state->error, "Bad compression level");
        return NULL;
    }
    if (code != Z_OK) {
        deflateEnd(&stream);
        return zlib_error(state, &stream, code, "while compressing data");
    }
    Py_ssize_t left = data->len;
    if (output_start(&out, &stream, FIRST_ROOM, PY_SSIZE_T_MAX) < 0) goto error;
    do {
        feed(&stream, &left);
        int flush = left ? Z_NO_FLUSH : Z_FINISH;
        do {
            if (output_grow(&out, &stream) < 0) goto error;
            Py_BEGIN_ALLOW_THREADS
            code = deflate(&stream, flush);
            Py_END_ALLOW_THREADS
            if (code == Z_STREAM_ERROR) {
                zlib_error(state, &stream, code, "while compressing data");
                goto error;
            }
        } while (stream.avail_out == 0);
    } while (left);
    code = deflateEnd(&stream);
    if (code != Z_OK) {
        Py_XDECREF(out.bytes);
        return zlib_error(state, &stream, code, "while finishing compression");
    }
    return output_finish(&out, &stream);
error:
    Py_XDECREF(out.bytes);
    deflateEnd(&stream);
    return NULL;
}

static PyObject *zlib_compress(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*|ii:compress", "", "level", "wbits");
    Py_buffer data;
    int level = Z_DEFAULT_COMPRESSION, wbits = MAX_WBITS;
    PARSE(&data, &level, &wbits);
    PyObject *result = compress_all(module_state(module), &data, level, wbits);
    PyBuffer_Release(&data);
    return result;
}

static PyObject *decompress_all(struct ZlibModule *state, const Py_buffer *data, int wbits, Py_ssize_t size)
{
    z_stream stream = {.zalloc = z_allocate, .zfree = z_release, .next_in = data->buf};
    Output out = {NULL, 0, 0};
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "bufsize must be non-negative");
        return NULL;
    }
    int code = inflateInit2(&stream, wbits);
    if (code == Z_MEM_ERROR) return no_memory("Out of memory while decompressing data");
    if (code != Z_OK) {
        inflateEnd(&stream);
        return zlib_error(state, &stream, code, "while preparing to decompress data");
    }
    Py_ssize_t left = data->len;
    if (output_start(&out, &stream, size ? size : 1, PY_SSIZE_T_MAX) < 0) goto error;
    do {
        feed(&stream, &left);
        int flush = left ? Z_NO_FLUSH : Z_SYNC_FLUSH;
        do {
            if (output_grow(&out, &stream) < 0) goto error;
            Py_BEGIN_ALLOW_THREADS
            code = inflate(&stream, flush);
            Py_END_ALLOW_THREADS
            if (code == Z_MEM_ERROR) {
                no_memory("Out of memory while decompressing data");
                goto error;
            }
            if (code != Z_OK && code != Z_BUF_ERROR && code != Z_STREAM_END) {
                zlib_error(state, &stream, code, "while decompressing data");
                goto error;
            }
        } while (stream.avail_out == 0);
    } while (code != Z_STREAM_END && left);
    if (code != Z_STREAM_END) {
        zlib_error(state, &stream, Z_BUF_ERROR, "while decompressing data");
        goto error;
    }
    code = inflateEnd(&stream);
    if (code != Z_OK) {
        Py_XDECREF(out.bytes);
        return zlib_error(state, &stream, code, "while finishing decompression");
    }
    return output_finish(&out, &stream);
error:
    Py_XDECREF(out.bytes);
    inflateEnd(&stream);
    return NULL;
}

static PyObject *zlib_decompress(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*|in:decompress", "", "wbits", "bufsize");
    Py_buffer data;
    int wbits = MAX_WBITS;
    Py_ssize_t size = DEFAULT_BUFFER;
    PARSE(&data, &wbits, &size);
    PyObject *result = decompress_all(module_state(module), &data, wbits, size);
    PyBuffer_Release(&data);
    return result;
}

/* ---- Compress and Decompress objects ---- */

typedef struct {
    PyObject_HEAD
    z_stream stream;
    PyObject *unused_data, *unconsumed_tail, *dictionary;       /* owned; dictionary may be NULL */
    PyThread_type_lock lock;            /* one call at a time: libz runs without the GIL */
    bool live, compresses;
    char eof;
} Coder;

static void coder_lock(Coder *self)
{
    if (PyThread_acquire_lock(self->lock, NOWAIT_LOCK)) return;
    Py_BEGIN_ALLOW_THREADS
    PyThread_acquire_lock(self->lock, WAIT_LOCK);
    Py_END_ALLOW_THREADS
}

static struct ZlibModule *coder_state(Coder *self)
{
    return PyType_GetModuleState(Py_TYPE(self));
}

static Coder *coder_new(PyTypeObject *type, bool compresses)
{
    Coder *self = PyObject_New(Coder, type);
    if (!self) return NULL;
    memset(&self->stream, 0, sizeof self->stream);
    self->stream.zalloc = z_allocate;
    self->stream.zfree = z_release;
    self->live = false;
    self->compresses = compresses;
    self->eof = 0;
    self->dictionary = NULL;
    self->unused_data = PyBytes_FromStringAndSize(NULL, 0);
    self->unconsumed_tail = PyBytes_FromStringAndSize(NULL, 0);
    self->lock = PyThread_allocate_lock();
    if (self->lock && self->unused_data && self->unconsumed_tail) return self;
    if (!self->lock) PyErr_SetString(PyExc_MemoryError, "Unable to allocate lock");
    Py_DECREF(self);
    return NULL;
}

static void Coder_dealloc(Coder *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (self->live && self->compresses) deflateEnd(&self->stream);
    else if (self->live) inflateEnd(&self->stream);
    if (self->lock) PyThread_free_lock(self->lock);
    Py_XDECREF(self->unused_data);
    Py_XDECREF(self->unconsumed_tail);
    Py_XDECREF(self->dictionary);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *zlib_compressobj(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("|iiiiiy*:compressobj", "level", "method", "wbits", "memLevel", "strategy", "zdict");
    struct ZlibModule *state = module_state(module);
    int level = Z_DEFAULT_COMPRESSION, method = Z_DEFLATED, wbits = MAX_WBITS, memory = DEFAULT_MEMORY;
    int strategy = Z_DEFAULT_STRATEGY;
    Py_buffer dictionary = {.buf = NULL, .obj = NULL};
    PARSE(&level, &method, &wbits, &memory, &strategy, &dictionary);
    Coder *self = NULL;
    if (dictionary.buf && (size_t)dictionary.len > UINT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "zdict length does not fit in an unsigned int");
        goto error;
    }
    self = coder_new(state->compress_type, true);
    if (!self) goto error;
    int code = deflateInit2(&self->stream, level, method, wbits, memory, strategy);
    if (code == Z_MEM_ERROR) {
        no_memory("Can't allocate memory for compression object");
    } else if (code == Z_STREAM_ERROR) {
        PyErr_SetString(PyExc_ValueError, "Invalid initialization option");
    } else if (code != Z_OK) {
        zlib_error(state, &self->stream, code, "while creating compression object");
    } else {
        self->live = true;
        if (dictionary.buf) {
            code = deflateSetDictionary(&self->stream, dictionary.buf, (uInt)dictionary.len);
            if (code != Z_OK) {
                PyErr_SetString(PyExc_ValueError, code == Z_STREAM_ERROR ? "Invalid dictionary" : "deflateSetDictionary()");
                goto error;
            }
        }
        if (dictionary.obj) PyBuffer_Release(&dictionary);
        return (PyObject *)self;
    }
error:
    Py_XDECREF(self);
    if (dictionary.obj) PyBuffer_Release(&dictionary);
    return NULL;
}

/* Gives the decompressor its dictionary; 0, or -1 with an exception set. */
static int use_dictionary(Coder *self)
{
    Py_buffer view;
    if (PyObject_GetBuffer(self->dictionary, &view, PyBUF_SIMPLE) < 0) return -1;
    int result = -1;
    if ((size_t)view.len > UINT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "zdict length does not fit in an unsigned int");
    } else {
        int code = inflateSetDictionary(&self->stream, view.buf, (uInt)view.len);
        if (code == Z_OK) result = 0;
        else zlib_error(coder_state(self), &self->stream, code, "while setting zdict");
    }
    PyBuffer_Release(&view);
    return result;
}

static PyObject *zlib_decompressobj(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("|iO:decompressobj", "wbits", "zdict");
    struct ZlibModule *state = module_state(module);
    int wbits = MAX_WBITS;
    PyObject *dictionary = NULL;
    PARSE(&wbits, &dictionary);
    if (dictionary && !PyObject_CheckBuffer(dictionary)) {
        PyErr_SetString(PyExc_TypeError, "zdict argument must support the buffer protocol");
        return NULL;
    }
    Coder *self = coder_new(state->decompress_type, false);
    if (!self) return NULL;
    self->dictionary = Py_XNewRef(dictionary);
    int code = inflateInit2(&self->stream, wbits);
    if (code == Z_OK) {
        self->live = true;
        /* Raw streams do not say that they need a dictionary. */
        if (!dictionary || wbits >= 0 || use_dictionary(self) == 0) return (PyObject *)self;
    } else if (code == Z_STREAM_ERROR) {
        PyErr_SetString(PyExc_ValueError, "Invalid initialization option");
    } else if (code == Z_MEM_ERROR) {
        no_memory("Can't allocate memory for decompression object");
    } else {
        zlib_error(state, &self->stream, code, "while creating decompression object");
    }
    Py_DECREF(self);
    return NULL;
}

static PyObject *Compress_compress(Coder *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*:compress", "");
    Py_buffer data;
    Output out = {NULL, 0, 0};
    PyObject *result = NULL;
    PARSE(&data);
    coder_lock(self);
    z_stream *stream = &self->stream;
    stream->next_in = data.buf;
    Py_ssize_t left = data.len;
    if (output_start(&out, stream, FIRST_ROOM, PY_SSIZE_T_MAX) < 0) goto done;
    do {
        feed(stream, &left);
        do {
            int code;
            if (output_grow(&out, stream) < 0) goto done;
            Py_BEGIN_ALLOW_THREADS
            code = deflate(stream, Z_NO_FLUSH);
            Py_END_ALLOW_THREADS
            if (code == Z_STREAM_ERROR) {
                zlib_error(coder_state(self), stream, code, "while compressing data");
                goto done;
            }
        } while (stream->avail_out == 0);
    } while (left);
    result = output_finish(&out, stream);
    out.bytes = NULL;
done:
    Py_XDECREF(out.bytes);
    PyThread_release_lock(self->lock);
    PyBuffer_Release(&data);
    return result;
}

static PyObject *Compress_flush(Coder *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("|i:flush", "");
    int mode = Z_FINISH, code;
    Output out = {NULL, 0, 0};
    PyObject *result = NULL;
    PARSE(&mode);
    if (mode == Z_NO_FLUSH) return PyBytes_FromStringAndSize(NULL, 0);
    coder_lock(self);
    z_stream *stream = &self->stream;
    stream->avail_in = 0;
    if (output_start(&out, stream, FIRST_ROOM, PY_SSIZE_T_MAX) < 0) goto done;
    do {
        if (output_grow(&out, stream) < 0) goto done;
        Py_BEGIN_ALLOW_THREADS
        code = deflate(stream, mode);
        Py_END_ALLOW_THREADS
        if (code == Z_STREAM_ERROR) {
            zlib_error(coder_state(self), stream, code, "while flushing");
            goto done;
        }
    } while (stream->avail_out == 0);
    if (code == Z_STREAM_END && mode == Z_FINISH) {
        code = deflateEnd(stream);
        if (code != Z_OK) {
            zlib_error(coder_state(self), stream, code, "while finishing compression");
            goto done;
        }
        self->live = false;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
        zlib_error(coder_state(self), stream, code, "while flushing");
        goto done;
    }
    result = output_finish(&out, stream);
    out.bytes = NULL;
done:
    Py_XDECREF(out.bytes);
    PyThread_release_lock(self->lock);
    return result;
}

static PyObject *Coder_copy(Coder *self, PyObject *Py_UNUSED(ignored))
{
    Coder *copy = coder_new(Py_TYPE(self), self->compresses);
    if (!copy) return NULL;
    const char *what = self->compresses ? "while copying compression object" : "while copying decompression object";
    coder_lock(self);
    int code = self->compresses ? deflateCopy(&copy->stream, &self->stream) : inflateCopy(&copy->stream, &self->stream);
    if (code == Z_OK) {
        copy->live = self->live;
        copy->eof = self->eof;
        Py_SETREF(copy->unused_data, Py_NewRef(self->unused_data));
        Py_SETREF(copy->unconsumed_tail, Py_NewRef(self->unconsumed_tail));
        copy->dictionary = Py_XNewRef(self->dictionary);
    } else if (code == Z_STREAM_ERROR) {
        PyErr_SetString(PyExc_ValueError, "Inconsistent stream state");
    } else if (code == Z_MEM_ERROR) {
        no_memory(self->compresses ? "Can't allocate memory for compression object"
                                   : "Can't allocate memory for decompression object");
    } else {
        zlib_error(coder_state(self), &self->stream, code, what);
    }
    PyThread_release_lock(self->lock);
    if (PyErr_Occurred()) Py_CLEAR(copy);
    return (PyObject *)copy;
}

static PyObject *Coder_deepcopy(Coder *self, PyObject *Py_UNUSED(memo))
{
    return Coder_copy(self, NULL);
}

/* Keeps what libz has not read: behind the stream's end as unused_data, else as unconsumed_tail. */
static int save_rest(Coder *self, const Py_buffer *data, int code)
{
    z_stream *stream = &self->stream;
    const char *end = (char *)data->buf + data->len;
    if (code == Z_STREAM_END) {
        Py_ssize_t rest = end - (char *)stream->next_in, before = PyBytes_GET_SIZE(self->unused_data);
        if (rest > 0) {
            PyObject *all = PyBytes_FromStringAndSize(NULL, before + rest);
            if (!all) return -1;
            memcpy(PyBytes_AS_STRING(all), PyBytes_AS_STRING(self->unused_data), (size_t)before);
            memcpy(PyBytes_AS_STRING(all) + before, stream->next_in, (size_t)rest);
            Py_SETREF(self->unused_data, all);
            stream->avail_in = 0;
        }
    }
    if (stream->avail_in > 0 || PyBytes_GET_SIZE(self->unconsumed_tail)) {
        Py_ssize_t rest = end - (char *)stream->next_in;
        PyObject *tail = PyBytes_FromStringAndSize((char *)stream->next_in, rest);
        if (!tail) return -1;
        Py_SETREF(self->unconsumed_tail, tail);
    }
    return 0;
}

/* Inflates data as far as limit allows; libz's last result in *code. 0, or -1 with an exception set. */
static int inflate_data(Coder *self, const Py_buffer *data, Output *out, int last_flush, int *code)
{
    z_stream *stream = &self->stream;
    Py_ssize_t left = data->len;
    stream->next_in = data->buf;
    do {
        feed(stream, &left);
        int flush = left ? Z_SYNC_FLUSH : last_flush;
        do {
            int room = output_grow(out, stream);
            if (room < 0) return -1;
            if (room == 0) return 0;
            Py_BEGIN_ALLOW_THREADS
            *code = inflate(stream, flush);
            Py_END_ALLOW_THREADS
            if (*code == Z_NEED_DICT && self->dictionary) {
                if (use_dictionary(self) < 0) return -1;
            } else if (*code != Z_OK && *code != Z_BUF_ERROR && *code != Z_STREAM_END) {
                return 0;
            }
        } while (stream->avail_out == 0 || *code == Z_NEED_DICT);
    } while (*code != Z_STREAM_END && left);
    return 0;
}

static PyObject *Decompress_decompress(Coder *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("y*|n:decompress", "", "max_length");
    Py_buffer data;
    Py_ssize_t limit = 0;
    Output out = {NULL, 0, 0};
    PyObject *result = NULL;
    int code = Z_OK;
    PARSE(&data, &limit);
    if (limit < 0) {
        PyErr_SetString(PyExc_ValueError, "max_length must be non-negative");
        PyBuffer_Release(&data);
        return NULL;
    }
    coder_lock(self);
    if (output_start(&out, &self->stream, FIRST_ROOM, limit ? limit : PY_SSIZE_T_MAX) < 0
        || inflate_data(self, &data, &out, Z_SYNC_FLUSH, &code) < 0 || save_rest(self, &data, code) < 0) {
        goto done;
    }
    if (code == Z_STREAM_END) {
        self->eof = 1;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
        zlib_error(coder_state(self), &self->stream, code, "while decompressing data");
        goto done;
    }
    result = output_finish(&out, &self->stream);
    out.bytes = NULL;
done:
    Py_XDECREF(out.bytes);
    PyThread_release_lock(self->lock);
    PyBuffer_Release(&data);
    return result;
}

static PyObject *Decompress_flush(Coder *self, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PARSER("|n:flush", "");
    Py_ssize_t size = DEFAULT_BUFFER;
    Py_buffer data;
    Output out = {NULL, 0, 0};
    PyObject *result = NULL;
    int code = Z_OK;
    PARSE(&size);
    if (size <= 0) {
        PyErr_SetString(PyExc_ValueError, "length must be greater than zero");
        return NULL;
    }
    coder_lock(self);
    if (PyObject_GetBuffer(self->unconsumed_tail, &data, PyBUF_SIMPLE) < 0) {
        PyThread_release_lock(self->lock);
        return NULL;
    }
    if (output_start(&out, &self->stream, size, PY_SSIZE_T_MAX) < 0
        || inflate_data(self, &data, &out, Z_FINISH, &code) < 0 || save_rest(self, &data, code) < 0) {
        goto done;
    }
    if (code == Z_STREAM_END) {
        self->eof = 1;
        self->live = false;
        code = inflateEnd(&self->stream);
        if (code != Z_OK) {
            zlib_error(coder_state(self), &self->stream, code, "while finishing decompression");
            goto done;
        }
    }
    result = output_finish(&out, &self->stream);
    out.bytes = NULL;
done:
    Py_XDECREF(out.bytes);
    PyBuffer_Release(&data);
    PyThread_release_lock(self->lock);
    return result;
}

#define COPY_METHODS \
    {"copy", (PyCFunction)Coder_copy, METH_NOARGS, "copy($self, /)\n--\n\nA second object in the same state."}, \
    {"__copy__", (PyCFunction)Coder_copy, METH_NOARGS, "__copy__($self, /)\n--\n\n"}, \
    {"__deepcopy__", (PyCFunction)Coder_deepcopy, METH_O, "__deepcopy__($self, memo, /)\n--\n\n"}

static PyMethodDef compress_methods[] = {
    {"compress", _PyCFunction_CAST(Compress_compress), METH_FASTCALL | METH_KEYWORDS,
     "compress($self, data, /)\n--\n\nTake data in; what is ready of the compressed data, which may be nothing yet."},
    {"flush", _PyCFunction_CAST(Compress_flush), METH_FASTCALL | METH_KEYWORDS,
     "flush($self, mode=zlib.Z_FINISH, /)\n--\n\nThe rest of the compressed data. After Z_FINISH nothing more can be compressed."},
    COPY_METHODS,
    {NULL, NULL, 0, NULL},
};

static PyMethodDef decompress_methods[] = {
    {"decompress", _PyCFunction_CAST(Decompress_decompress), METH_FASTCALL | METH_KEYWORDS,
     "decompress($self, data, /, max_length=0)\n--\n\n"
     "Take compressed data in; the data it holds, at most max_length bytes: then unconsumed_tail is what has to be given again."},
    {"flush", _PyCFunction_CAST(Decompress_flush), METH_FASTCALL | METH_KEYWORDS,
     "flush($self, length=zlib.DEF_BUF_SIZE, /)\n--\n\nThe rest of the data; length is the buffer's size to begin with."},
    COPY_METHODS,
    {NULL, NULL, 0, NULL},
};

static PyMemberDef decompress_members[] = {
    {"unused_data", T_OBJECT, offsetof(Coder, unused_data), READONLY, NULL},
    {"unconsumed_tail", T_OBJECT, offsetof(Coder, unconsumed_tail), READONLY, NULL},
    {"eof", T_BOOL, offsetof(Coder, eof), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot compress_slots[] = {{Py_tp_dealloc, Coder_dealloc}, {Py_tp_methods, compress_methods}, {0, NULL}};
static PyType_Slot decompress_slots[] = {
    {Py_tp_dealloc, Coder_dealloc}, {Py_tp_methods, decompress_methods}, {Py_tp_members, decompress_members}, {0, NULL},
};
static PyType_Spec compress_spec = {
    .name = "zlib.Compress",
    .basicsize = sizeof(Coder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = compress_slots,
};
static PyType_Spec decompress_spec = {
    .name = "zlib.Decompress",
    .basicsize = sizeof(Coder),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .slots = decompress_slots,
};

/* ---- Checksums ---- */

static PyObject *checksum(uLong (*sum)(uLong, const Bytef *, z_size_t), Py_buffer *data, unsigned int value)
{
    if (data->len > 5 * 1024) {
        Py_BEGIN_ALLOW_THREADS
        value = (unsigned)sum(value, data->buf, (z_size_t)data->len);
        Py_END_ALLOW_THREADS
    } else {
        value = (unsigned)sum(value, data->buf, (z_size_t)data->len);
    }
    PyBuffer_Release(data);
    return PyLong_FromUnsignedLong(value);
}

static PyObject *zlib_adler32(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer data;
    unsigned int value = 1;
    if (!_PyArg_CheckPositional("adler32", nargs, 1, 2) || !_PyArg_ParseStack(args, nargs, "y*|I:adler32", &data, &value)) {
        return NULL;
    }
    return checksum(adler32_z, &data, value);
}

static PyObject *zlib_crc32(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer data;
    unsigned int value = 0;
    if (!_PyArg_CheckPositional("crc32", nargs, 1, 2) || !_PyArg_ParseStack(args, nargs, "y*|I:crc32", &data, &value)) {
        return NULL;
    }
    return checksum(crc32_z, &data, value);
}

/* ---- The module ---- */

static PyMethodDef functions[] = {
    {"adler32", _PyCFunction_CAST(zlib_adler32), METH_FASTCALL,
     "adler32($module, data, value=1, /)\n--\n\nThe Adler-32 checksum, going on from value."},
    {"compress", _PyCFunction_CAST(zlib_compress), METH_FASTCALL | METH_KEYWORDS,
     "compress($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)\n--\n\nCompress bytes."},
    {"compressobj", _PyCFunction_CAST(zlib_compressobj), METH_FASTCALL | METH_KEYWORDS,
     "compressobj($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n"
     "            wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,\n"
     "            strategy=Z_DEFAULT_STRATEGY, zdict=None)\n--\n\n"
     "An object that compresses bit by bit. wbits says window and container (9 to 15 zlib, -9 to -15 none, 25 to 31 gzip);\n"
     "zdict is bytes that are likely in the data."},
    {"crc32", _PyCFunction_CAST(zlib_crc32), METH_FASTCALL,
     "crc32($module, data, value=0, /)\n--\n\nThe CRC-32 checksum, going on from value."},
    {"decompress", _PyCFunction_CAST(zlib_decompress), METH_FASTCALL | METH_KEYWORDS,
     "decompress($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)\n--\n\nThe bytes that compressed data holds."},
    {"decompressobj", _PyCFunction_CAST(zlib_decompressobj), METH_FASTCALL | METH_KEYWORDS,
     "decompressobj($module, /, wbits=MAX_WBITS, zdict=b'')\n--\n\nAn object that decompresses bit by bit."},
    {NULL, NULL, 0, NULL},
};

static const struct {
    const char *name;
    int value;
} constants[] = {
#define C(name) {#name, name},
    C(MAX_WBITS) {"DEFLATED", Z_DEFLATED}, {"DEF_MEM_LEVEL", DEFAULT_MEMORY}, {"DEF_BUF_SIZE", DEFAULT_BUFFER}, C(Z_NO_COMPRESSION)
    C(Z_BEST_SPEED) C(Z_BEST_COMPRESSION) C(Z_DEFAULT_COMPRESSION) C(Z_FILTERED) C(Z_HUFFMAN_ONLY) C(Z_RLE) C(Z_FIXED)
    C(Z_DEFAULT_STRATEGY) C(Z_NO_FLUSH) C(Z_PARTIAL_FLUSH) C(Z_SYNC_FLUSH) C(Z_FULL_FLUSH) C(Z_FINISH) C(Z_BLOCK) C(Z_TREES)
#undef C
};

static int module_exec(PyObject *module)
{
    struct ZlibModule *state = module_state(module);
    state->compress_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &compress_spec, NULL);
    state->decompress_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &decompress_spec, NULL);
    state->error = PyErr_NewException("zlib.error", NULL, NULL);
    if (!state->compress_type || !state->decompress_type || !state->error
        || PyModule_AddObjectRef(module, "error", state->error) < 0) {
        return -1;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    if (PyModule_AddStringConstant(module, "ZLIB_VERSION", ZLIB_VERSION) < 0) return -1;
    if (PyModule_AddStringConstant(module, "ZLIB_RUNTIME_VERSION", zlibVersion()) < 0) return -1;
    return PyModule_AddStringConstant(module, "__version__", "1.0");
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(module_state(module)->error);
    Py_VISIT(module_state(module)->compress_type);
    Py_VISIT(module_state(module)->decompress_type);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(module_state(module)->error);
    Py_CLEAR(module_state(module)->compress_type);
    Py_CLEAR(module_state(module)->decompress_type);
    return 0;
}

static void module_free(void *module)
{
    module_clear(module);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "zlib",
    .m_doc = "Compression as zlib and gzip do it: compress() and decompress() for what fits in memory, compressobj() and\n"
             "decompressobj() for streams, and the checksums adler32() and crc32(). Errors raise zlib.error.",
    .m_size = sizeof(struct ZlibModule),
    .m_methods = functions,
    .m_slots = slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_zlib(void)
{
    return PyModuleDef_Init(&definition);
}
