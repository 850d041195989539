/* Buffered streams: what BufferedReader, BufferedWriter and BufferedRandom have in common, and
 * their positions.
 *
 * The buffer holds a window of the raw stream. [0, read_end) are bytes read from it, [write_pos,
 * write_end) are bytes that wait to be written to it, `pos` is where the user is, `raw_pos` where
 * the raw stream is. A stream is used by one thread at a time; a method takes it with
 * buffered_enter() before it touches these, except where it only copies bytes that are in the
 * buffer already, which the GIL makes safe.
 */
#include "modules/_io/io.h"

#include <unistd.h>

/* ---- one user at a time ------------------------------------------------------------------ */

bool buffered_enter_slow(Buffered *self)
{
    unsigned long me = PyThread_get_thread_ident();
    if (self->owner == me) {
        PyErr_Format(PyExc_RuntimeError, "reentrant call inside %R", self);
        return false;
    }
    if (!self->lock) {
        self->lock = PyThread_allocate_lock();
        if (!self->lock) {
            PyErr_SetString(PyExc_RuntimeError, "can't allocate read lock");
            return false;
        }
        PyThread_acquire_lock(self->lock, 1);
    }
    bool finalizing = _Py_IsFinalizing();
    if (finalizing && self->owner == BUFFERED_HANDED_OVER) { /* to a thread that never runs again */
        self->owner = me;
        return true;
    }
    self->waiters++;
    if (finalizing) { /* the owner may be a daemon thread that never runs again */
        if (PyThread_acquire_lock_timed(self->lock, (PY_TIMEOUT_T)1000000, 0) != PY_LOCK_ACQUIRED) {
            PyObject *text = PyObject_ASCII((PyObject *)self);
            _Py_FatalErrorFormat("_enter_buffered_busy",
                "could not acquire lock for %s at interpreter shutdown, possibly due to daemon threads",
                text ? PyUnicode_AsUTF8(text) : "<ascii(self) failed>");
        }
    } else {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(self->lock, 1);
        Py_END_ALLOW_THREADS
    }
    self->waiters--;
    self->owner = me;
    return true;
}

void buffered_hand_over(Buffered *self)
{
    self->owner = BUFFERED_HANDED_OVER;
    PyThread_release_lock(self->lock);
}

/* ---- state ------------------------------------------------------------------------------- */

int buffered_check_ready(Buffered *self)
{
    if (self->ok) return 0;
    PyErr_SetString(PyExc_ValueError,
        self->detached ? "raw stream has been detached" : "I/O operation on uninitialized object");
    return -1;
}

int buffered_is_closed(Buffered *self)
{
    if (!self->buffer) return 1;
    if (self->fast_closed) return ((FileIo *)self->raw)->fd < 0;
    if (buffered_check_ready(self) < 0) return -1;
    PyObject *closed = PyObject_GetAttr(self->raw, NAME(closed));
    if (!closed) return -1;
    int r = PyObject_IsTrue(closed);
    Py_DECREF(closed);
    return r;
}

int buffered_check_open(Buffered *self, const char *message)
{
    int closed = buffered_is_closed(self);
    if (closed < 0) return -1;
    if (closed && buffered_ahead(self) == 0) {
        PyErr_SetString(PyExc_ValueError, message);
        return -1;
    }
    return 0;
}

int buffered_init(Buffered *self, PyObject *raw, Py_ssize_t size, bool readable, bool writable)
{
    self->ok = false;
    self->detached = false;
    Py_INCREF(raw);
    Py_XSETREF(self->raw, raw);
    self->readable = readable;
    self->writable = writable;
    self->pos = 0;
    self->read_end = -1;
    self->write_pos = 0;
    self->write_end = -1;
    self->raw_pos = -1;
    self->abs_pos = -1;
    if (size <= 0) {
        PyErr_SetString(PyExc_ValueError, "buffer size must be strictly positive");
        return -1;
    }
    PyMem_Free(self->buffer);
    self->buffer = PyMem_Malloc((size_t)size);
    if (!self->buffer) {
        PyErr_NoMemory();
        return -1;
    }
    self->buffer_size = size;
    self->fast_closed =
        (Py_IS_TYPE(self, &PyBufferedReader_Type) || Py_IS_TYPE(self, &PyBufferedWriter_Type) ||
            Py_IS_TYPE(self, &PyBufferedRandom_Type)) &&
        Py_IS_TYPE(raw, &PyFileIO_Type);
    if (fileio_is_plain(raw) && ((FileIo *)raw)->fresh)
        self->abs_pos = 0;
    else if (buffered_raw_tell(self) < 0)
        PyErr_Clear();
    self->ok = true;
    return 0;
}

/* ---- the raw stream ---------------------------------------------------------------------- */

off_t buffered_raw_tell(Buffered *self)
{
    PyObject *r = io_call(self->raw, NAME(tell));
    if (!r) return -1;
    off_t at = io_offset(r, PyExc_ValueError);
    Py_DECREF(r);
    if (at < 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_OSError, "Raw stream returned invalid position %lld", (long long)at);
        }
        return -1;
    }
    return self->abs_pos = at;
}

off_t buffered_raw_seek(Buffered *self, off_t target, int whence)
{
    PyObject *offset = io_from_offset(target), *how = offset ? PyLong_FromLong(whence) : NULL;
    PyObject *r = how ? PyObject_CallMethodObjArgs(self->raw, NAME(seek), offset, how, NULL) : NULL;
    Py_XDECREF(offset);
    Py_XDECREF(how);
    if (!r) return -1;
    off_t at = io_offset(r, PyExc_ValueError);
    Py_DECREF(r);
    if (at < 0) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_OSError, "Raw stream returned invalid position %lld", (long long)at);
        }
        return -1;
    }
    return self->abs_pos = at;
}

/* The result of the raw readinto() or write(): a count up to n, -1 with an exception, -2 if it was
 * None. Steals r. */
static Py_ssize_t raw_count_steal(PyObject *r, Py_ssize_t n, bool reading)
{
    if (!r) return -1;
    if (r == Py_None) {
        Py_DECREF(r);
        return -2;
    }
    Py_ssize_t done = PyNumber_AsSsize_t(r, PyExc_ValueError);
    Py_DECREF(r);
    if (done == -1 && PyErr_Occurred()) {
        if (reading) {
            _PyErr_FormatFromCause(PyExc_OSError, "raw readinto() failed");
            return -1;
        }
        PyErr_Clear();
    }
    if (done < 0 || done > n) {
        PyErr_Format(PyExc_OSError,
            "raw %s returned invalid length %zd (should have been between 0 and %zd)",
            reading ? "readinto()" : "write()", done, n);
        return -1;
    }
    return done;
}

Py_ssize_t buffered_raw_read(Buffered *self, char *to, Py_ssize_t n)
{
    Py_ssize_t got;
    if (fileio_is_plain(self->raw)) {
        got = fileio_read_into((FileIo *)self->raw, to, n);
    } else {
        Py_buffer view;
        if (PyBuffer_FillInfo(&view, NULL, to, n, 0, PyBUF_CONTIG) < 0) return -1;
        PyObject *room = PyMemoryView_FromBuffer(&view), *r;
        if (!room) return -1;
        do {
            r = io_call1(self->raw, NAME(readinto), room);
        } while (!r && io_trap_eintr());
        Py_DECREF(room);
        got = raw_count_steal(r, n, true);
    }
    if (got > 0 && self->abs_pos != -1) self->abs_pos += got;
    return got;
}

static Py_ssize_t buffered_raw_write(Buffered *self, const char *from, Py_ssize_t n)
{
    Py_ssize_t done;
    if (fileio_is_plain(self->raw)) {
        done = fileio_write_from((FileIo *)self->raw, from, n);
    } else {
        Py_buffer view;
        if (PyBuffer_FillInfo(&view, NULL, (void *)from, n, 1, PyBUF_CONTIG_RO) < 0) return -1;
        PyObject *data = PyMemoryView_FromBuffer(&view), *r;
        if (!data) return -1;
        int error;
        do {
            errno = 0;
            r = io_call1(self->raw, NAME(write), data);
            error = errno;
        } while (!r && io_trap_eintr());
        Py_DECREF(data);
        done = raw_count_steal(r, n, false);
        errno = error;
    }
    if (done > 0 && self->abs_pos != -1) self->abs_pos += done;
    return done;
}

Py_ssize_t buffered_fill(Buffered *self)
{
    Py_ssize_t start = BUFFERED_VALID_READ(self) ? (Py_ssize_t)self->read_end : 0;
    Py_ssize_t n = buffered_raw_read(self, self->buffer + start, self->buffer_size - start);
    if (n <= 0) return n;
    self->read_end = start + n;
    self->raw_pos = start + n;
    return n;
}

/* ---- writing ----------------------------------------------------------------------------- */

static void set_blocking_error(const char *message, Py_ssize_t written)
{
    PyErr_Clear();
    PyObject *e = PyObject_CallFunction(PyExc_BlockingIOError, "isn", errno, message, written);
    if (e) PyErr_SetObject(PyExc_BlockingIOError, e);
    Py_XDECREF(e);
}

/* The written BlockingIOError of ours, or NULL; borrowed from the thread state. */
static bool would_block(void)
{
    return PyErr_ExceptionMatches(PyExc_BlockingIOError);
}

static void set_position(Buffered *self, off_t at)
{
    self->pos = at;
    if (BUFFERED_VALID_READ(self) && self->read_end < self->pos) self->read_end = self->pos;
}

int buffered_flush_writes(Buffered *self)
{
    if (BUFFERED_VALID_WRITE(self) && self->write_pos < self->write_end) {
        off_t rewind = buffered_raw_offset(self) + (self->pos - self->write_pos);
        if (rewind != 0) {
            if (buffered_raw_seek(self, -rewind, SEEK_CUR) < 0) return -1;
            self->raw_pos -= rewind;
        }
        while (self->write_pos < self->write_end) {
            Py_ssize_t n = buffered_raw_write(self, self->buffer + self->write_pos,
                (Py_ssize_t)(self->write_end - self->write_pos));
            if (n == -1) return -1;
            if (n == -2) {
                set_blocking_error("write could not complete without blocking", 0);
                return -1;
            }
            /* The user may be elsewhere by now: `pos` stays. */
            self->write_pos += n;
            self->raw_pos = self->write_pos;
            /* A raw write that was cut short may have been interrupted. */
            if (PyErr_CheckSignals() < 0) return -1;
        }
    }
    self->write_pos = 0;
    self->write_end = -1;
    return 0;
}

int buffered_flush_and_rewind(Buffered *self)
{
    if (buffered_flush_writes(self) < 0) return -1;
    if (self->readable) {
        /* What was read ahead is given back. */
        off_t n = buffered_raw_seek(self, -buffered_raw_offset(self), SEEK_CUR);
        buffered_forget_read(self);
        if (n < 0) return -1;
    }
    return 0;
}

int buffered_flush_stream(Buffered *self)
{
    if (buffered_check_ready(self) < 0 || buffered_check_open(self, "flush of closed file") < 0)
        return -1;
    if (!buffered_enter(self)) return -1;
    int r = buffered_flush_and_rewind(self);
    buffered_leave(self);
    return r;
}

/* The raw stream did not take all that waits: whatever fits is kept. The number of bytes kept, or
 * -1. */
static Py_ssize_t keep_what_fits(Buffered *self, const char *from, Py_ssize_t n)
{
    if (!would_block()) return -1;
    PyErr_Clear();
    if (self->readable) buffered_forget_read(self);
    memmove(
        self->buffer, self->buffer + self->write_pos, (size_t)(self->write_end - self->write_pos));
    self->write_end -= self->write_pos;
    self->raw_pos -= self->write_pos;
    self->pos -= self->write_pos;
    self->write_pos = 0;
    Py_ssize_t room = self->buffer_size - (Py_ssize_t)self->write_end, take = n <= room ? n : room;
    memcpy(self->buffer + self->write_end, from, (size_t)take);
    self->write_end += take;
    self->pos += take;
    if (take == n) return n;
    set_blocking_error("write could not complete without blocking", take);
    return -1;
}

/* write() when the buffer cannot just take it. */
static Py_ssize_t write_through(Buffered *self, const char *from, Py_ssize_t n)
{
    if (buffered_flush_writes(self) < 0) return keep_what_fits(self, from, n);
    /* The read buffer was filled but not used up, so the raw stream is ahead of us. */
    off_t offset = buffered_raw_offset(self);
    if (offset != 0) {
        if (buffered_raw_seek(self, -offset, SEEK_CUR) < 0) return -1;
        self->raw_pos -= offset;
    }
    Py_ssize_t left = n, written = 0;
    while (left > self->buffer_size) {
        Py_ssize_t done = buffered_raw_write(self, from + written, n - written);
        if (done == -1) return -1;
        if (done == -2) {
            /* Not everything fits; the buffer takes what it can. */
            memcpy(self->buffer, from + written, (size_t)self->buffer_size);
            self->raw_pos = 0;
            self->write_pos = 0;
            set_position(self, self->buffer_size);
            self->write_end = self->buffer_size;
            written += self->buffer_size;
            set_blocking_error("write could not complete without blocking", written);
            return -1;
        }
        written += done;
        left -= done;
        if (PyErr_CheckSignals() < 0) return -1;
    }
    if (self->readable) buffered_forget_read(self);
    if (left > 0) {
        memcpy(self->buffer, from + written, (size_t)left);
        written += left;
    }
    self->write_pos = 0;
    self->write_end = left;
    set_position(self, left);
    self->raw_pos = 0;
    return written;
}

Py_ssize_t buffered_write_bytes(Buffered *self, const char *from, Py_ssize_t n)
{
    if (buffered_check_ready(self) < 0) return -1;
    if (!buffered_enter(self)) return -1;
    Py_ssize_t r = -1;
    int closed = buffered_is_closed(self);
    if (closed != 0) {
        if (closed > 0) PyErr_SetString(PyExc_ValueError, "write to closed file");
        goto done;
    }
    if (!BUFFERED_VALID_READ(self) && !BUFFERED_VALID_WRITE(self)) {
        self->pos = 0;
        self->raw_pos = 0;
    }
    Py_ssize_t room = self->buffer_size - (Py_ssize_t)self->pos;
    if (n <= room && n < self->buffer_size) {
        memcpy(self->buffer + self->pos, from, (size_t)n);
        if (!BUFFERED_VALID_WRITE(self) || self->write_pos > self->pos) self->write_pos = self->pos;
        set_position(self, self->pos + n);
        if (self->write_end < self->pos) self->write_end = self->pos;
        r = n;
    } else {
        r = write_through(self, from, n);
    }
done:
    buffered_leave(self);
    return r;
}

PyObject *buffered_write(PyObject *o, PyObject *arg)
{
    Py_buffer view;
    if (PyObject_GetBuffer(arg, &view, PyBUF_SIMPLE) < 0) return NULL;
    Py_ssize_t n = buffered_write_bytes((Buffered *)o, view.buf, view.len);
    PyBuffer_Release(&view);
    return n < 0 ? NULL : PyLong_FromSsize_t(n);
}
