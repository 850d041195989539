/* TextIOWrapper: tell() and seek().
 *
 * A position in the text is an opaque int, the cookie: where in the bytes to start decoding, in
 * which state, how many bytes to feed and how many characters to skip then. Most often it is just
 * the byte offset.
 */
#include "modules/_io/textio.h"

typedef struct {
    off_t start;
    int flags;   /* of the decoder at the start */
    int feed;    /* bytes to decode after the start */
    int skip;    /* characters of those to skip */
    char at_end; /* tell the decoder that this is the end */
} Cookie;

#define COOKIE_SIZE (sizeof(off_t) + 3 * sizeof(int) + 1)

static PyObject *pack(const Cookie *c)
{
    unsigned char bytes[COOKIE_SIZE], *p = bytes;
    memcpy(p, &c->start, sizeof c->start);
    memcpy(p += sizeof c->start, &c->flags, sizeof(int));
    memcpy(p += sizeof(int), &c->feed, sizeof(int));
    memcpy(p += sizeof(int), &c->skip, sizeof(int));
    p[sizeof(int)] = (unsigned char)c->at_end;
    return _PyLong_FromByteArray(bytes, sizeof bytes, 1, 0);
}

static int unpack(Cookie *c, PyObject *number)
{
    unsigned char bytes[COOKIE_SIZE], *p = bytes;
    PyObject *whole = PyNumber_Long(number);
    if (!whole) return -1;
    int r = _PyLong_AsByteArray((PyLongObject *)whole, bytes, sizeof bytes, 1, 0);
    Py_DECREF(whole);
    if (r < 0) return -1;
    memcpy(&c->start, p, sizeof c->start);
    memcpy(&c->flags, p += sizeof c->start, sizeof(int));
    memcpy(&c->feed, p += sizeof(int), sizeof(int));
    memcpy(&c->skip, p += sizeof(int), sizeof(int));
    c->at_end = (char)p[sizeof(int)];
    return 0;
}

static int start_decoder(TextIo *self, const Cookie *c)
{
    if (self->decoder.kind == CODEC_NONE) return 0;
    if (c->start == 0 && c->flags == 0) return text_decoder_reset(self);
    PyObject *none = PyBytes_FromStringAndSize(NULL, 0);
    int r = none ? text_decoder_set_state(self, none, c->flags) : -1;
    Py_XDECREF(none);
    return r;
}

/* How many characters the next n bytes give; -1 with an exception. */
static Py_ssize_t decoded_length(TextIo *self, const char *bytes, Py_ssize_t n, bool final)
{
    PyObject *text;
    if (self->decoder.kind != CODEC_OBJECT) {
        text = text_decode_memory(self, bytes, n, final);
    } else {
        PyObject *input = PyBytes_FromStringAndSize(bytes, n);
        text = input ? text_decode(self, input, final) : NULL;
        Py_XDECREF(input);
    }
    if (!text) return -1;
    n = PyUnicode_GET_LENGTH(text);
    Py_DECREF(text);
    return n;
}

/* The decoder's flags, and how many bytes it holds back; -1 with an exception. */
static int decoder_state(TextIo *self, Py_ssize_t *held, int *flags)
{
    PyObject *bytes;
    if (text_decoder_state(self, &bytes, flags) < 0) return -1;
    *held = PyBytes_GET_SIZE(bytes);
    Py_DECREF(bytes);
    return 0;
}

/* Steps over bytes of `input` that certainly come before the place and leave the decoder with
 * nothing held back; sets the cookie to that place and *skip to the characters still to skip. The
 * number of bytes, or -1. */
static Py_ssize_t skip_quickly(
    TextIo *self, const char *input, Py_ssize_t size, Cookie *c, Py_ssize_t *skip)
{
    double guess = self->bytes_per_char * (double)*skip;
    Py_ssize_t bytes = guess < (double)size ? (Py_ssize_t)guess : size, back = 1;
    while (bytes > 0) {
        Py_ssize_t held;
        int flags;
        if (start_decoder(self, c) < 0) return -1;
        Py_ssize_t n = decoded_length(self, input, bytes, false);
        if (n < 0) return -1;
        if (n <= *skip) {
            if (decoder_state(self, &held, &flags) < 0) return -1;
            if (held == 0) {
                c->flags = flags;
                *skip -= n;
                break;
            }
            bytes -= held;
            back = 1;
        } else {
            bytes -= back;
            back *= 2;
        }
    }
    if (bytes <= 0) {
        bytes = 0;
        if (start_decoder(self, c) < 0) return -1;
    }
    return bytes;
}

/* From the place of skip_quickly on a byte at a time. */
static int find_slowly(
    TextIo *self, const char *input, const char *end, Cookie *c, Py_ssize_t *skip)
{
    Py_ssize_t count = 0, held;
    int flags;
    for (; input < end; input++) {
        Py_ssize_t n = decoded_length(self, input, 1, false);
        if (n < 0) return -1;
        c->feed++;
        count += n;
        if (decoder_state(self, &held, &flags) < 0) return -1;
        if (held == 0 && count <= *skip) {
            /* A safe place to start from. */
            c->start += c->feed;
            *skip -= count;
            c->flags = flags;
            c->feed = 0;
            count = 0;
        }
        if (count >= *skip) return 0;
    }
    Py_ssize_t n = decoded_length(self, "", 0, true);
    if (n < 0) return -1;
    c->at_end = 1;
    if (count + n < *skip) {
        PyErr_SetString(PyExc_OSError, "can't reconstruct logical file position");
        return -1;
    }
    return 0;
}

static int check_seekable(TextIo *self)
{
    if (text_check_attached(self) < 0 || text_check_open(self) < 0) return -1;
    if (self->seekable) return 0;
    io_unsupported("underlying stream is not seekable");
    return -1;
}

static int flush_all(TextIo *self)
{
    PyObject *r = io_call((PyObject *)self, NAME(flush));
    Py_XDECREF(r);
    return r ? 0 : -1;
}

PyObject *text_tell_method(PyObject *o, PyObject *Py_UNUSED(args))
{
    TextIo *self = (TextIo *)o;
    if (check_seekable(self) < 0) return NULL;
    if (!self->telling) {
        PyErr_SetString(PyExc_OSError, "telling position disabled by next() call");
        return NULL;
    }
    if (text_flush_pending(self) < 0 || flush_all(self) < 0) return NULL;
    PyObject *at = io_call(self->buffer, NAME(tell));
    if (!at || self->decoder.kind == CODEC_NONE || !self->snapshot_input) return at;
    Cookie c = {.start = PyLong_AsLong(at)};
    Py_DECREF(at);
    if (PyErr_Occurred()) return NULL;
    PyObject *input = Py_NewRef(self->snapshot_input), *saved = NULL, *result = NULL;
    Py_ssize_t size = PyBytes_GET_SIZE(input), skip = self->decoded ? self->used : 0;
    int saved_flags;
    c.start -= size;
    c.flags = self->snapshot_flags;
    if (skip == 0) {
        result = pack(&c);
        goto done;
    }
    if (text_decoder_state(self, &saved, &saved_flags) < 0) goto done;
    const char *text = PyBytes_AS_STRING(input);
    Py_ssize_t stepped = skip_quickly(self, text, size, &c, &skip);
    int failed = stepped < 0;
    if (!failed) {
        c.start += stepped;
        if (skip > 0) failed = find_slowly(self, text + stepped, text + size, &c, &skip) < 0;
        c.skip = (int)skip;
    }
    IoError e;
    io_error_save(&e);
    int restored = text_decoder_set_state(self, saved, saved_flags);
    if (restored < 0) {
        if (e.type) _PyErr_ChainExceptions(e.type, e.value, e.traceback);
        goto done;
    }
    PyErr_Restore(e.type, e.value, e.traceback);
    if (!failed) result = pack(&c);
done:
    Py_XDECREF(saved);
    Py_DECREF(input);
    return result;
}

/* ---- seek() ------------------------------------------------------------------------------ */

static PyObject *seek_end(TextIo *self)
{
    if (flush_all(self) < 0) return NULL;
    text_forget_decoded(self);
    if (self->decoder.kind != CODEC_NONE && text_decoder_reset(self) < 0) return NULL;
    PyObject *at = _PyObject_CallMethod(self->buffer, NAME(seek), "ii", 0, 2);
    if (!at) return NULL;
    if (self->encoder != CODEC_NONE) {
        PyObject *zero = PyLong_FromLong(0);
        int start = zero ? PyObject_RichCompareBool(at, zero, Py_EQ) : -1;
        Py_XDECREF(zero);
        if (start < 0 || text_encoder_at_start(self, start) < 0) Py_CLEAR(at);
    }
    return at;
}

/* Puts the text before the place at hand: what the cookie says to feed and to skip. */
static int feed(TextIo *self, const Cookie *c)
{
    self->snapshot_flags = c->flags;
    if (c->skip == 0) {
        PyObject *none = PyBytes_FromStringAndSize(NULL, 0);
        if (!none) return -1;
        Py_XSETREF(self->snapshot_input, none);
        return 0;
    }
    PyObject *input = _PyObject_CallMethod(self->buffer, NAME(read), "i", c->feed);
    if (!input) return -1;
    if (!PyBytes_Check(input)) {
        PyErr_Format(PyExc_TypeError,
            "underlying read() should have returned a bytes object, not '%.200s'",
            Py_TYPE(input)->tp_name);
        Py_DECREF(input);
        return -1;
    }
    Py_XSETREF(self->snapshot_input, input);
    Py_INCREF(input);
    PyObject *text = text_decode(self, input, c->at_end);
    Py_DECREF(input);
    if (!text) return -1;
    text_set_decoded_steal(self, text);
    if (PyUnicode_GET_LENGTH(text) < c->skip) {
        PyErr_SetString(PyExc_OSError, "can't restore logical file position");
        return -1;
    }
    self->used = c->skip;
    return 0;
}

static PyObject *seek_cookie(TextIo *self, PyObject *position)
{
    Cookie c;
    if (flush_all(self) < 0 || unpack(&c, position) < 0) return NULL;
    PyObject *at = io_from_offset(c.start), *r = at ? io_call1(self->buffer, NAME(seek), at) : NULL;
    Py_XDECREF(at);
    if (!r) return NULL;
    Py_DECREF(r);
    text_forget_decoded(self);
    if (self->decoder.kind != CODEC_NONE) {
        if (start_decoder(self, &c) < 0) return NULL;
        if (feed(self, &c) < 0) return NULL;
    }
    if (text_encoder_at_start(self, c.start == 0 && c.flags == 0) < 0) return NULL;
    return Py_NewRef(position);
}

PyObject *text_seek_method(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    TextIo *self = (TextIo *)o;
    int whence = 0;
    if (!_PyArg_CheckPositional("seek", nargs, 1, 2)) return NULL;
    if (nargs > 1) {
        whence = _PyLong_AsInt(args[1]);
        if (whence == -1 && PyErr_Occurred()) return NULL;
    }
    if (check_seekable(self) < 0) return NULL;
    PyObject *zero = PyLong_FromLong(0), *position = Py_NewRef(args[0]), *r = NULL;
    if (!zero) goto done;
    if (whence == 1 || whence == 2) {
        int nothing = PyObject_RichCompareBool(position, zero, Py_EQ);
        if (nothing < 0) goto done;
        if (!nothing) {
            io_unsupported(whence == 1 ? "can't do nonzero cur-relative seeks"
                                       : "can't do nonzero end-relative seeks");
            goto done;
        }
        if (whence == 2) {
            r = seek_end(self);
            goto done;
        }
        Py_SETREF(position, io_call(o, NAME(tell)));
        if (!position) goto done;
    } else if (whence != 0) {
        PyErr_Format(PyExc_ValueError, "invalid whence (%d, should be 0, 1 or 2)", whence);
        goto done;
    }
    int negative = PyObject_RichCompareBool(position, zero, Py_LT);
    if (negative > 0) PyErr_Format(PyExc_ValueError, "negative seek position %R", position);
    if (negative == 0) r = seek_cookie(self, position);
done:
    Py_XDECREF(zero);
    Py_XDECREF(position);
    return r;
}
