/* _io: what its files share.
 *
 * Layers, each used by the one above it and knowing nothing of those above:
 *     base.c            _IOBase, _RawIOBase, _BufferedIOBase, _TextIOBase
 *     fileio.c          FileIO over a file descriptor
 *     buffered*.c       BufferedReader, BufferedWriter, BufferedRandom, BufferedRWPair
 *     bytesio.c         BytesIO        newlines.c  IncrementalNewlineDecoder
 *     textio*.c         TextIOWrapper  stringio.c  StringIO
 *     open.c            open, open_code, text_encoding
 *
 * The layers talk through Python methods, as a program may put its own objects in between. Where
 * the object below is exactly one of our own types and carries no attribute that could hide a
 * method, they call its C functions, so a line of text costs no method call.
 */
#ifndef KRAIT_MODULES_IO_H
#define KRAIT_MODULES_IO_H

#include <Python.h>
#include <stdbool.h>
#include <sys/types.h>

#include "objects/names.h"

#define IO_BUFFER_SIZE (8 * 1024)

/* Every stream type starts like this. */
#define IO_STREAM_HEAD                                                                             \
    PyObject_HEAD PyObject *dict;                                                                  \
    PyObject *weaklist

typedef struct {
    IO_STREAM_HEAD;
} IoStream;

extern PyTypeObject PyIOBase_Type, PyRawIOBase_Type, PyBufferedIOBase_Type, PyTextIOBase_Type;
extern PyTypeObject PyFileIO_Type, PyBytesIO_Type, PyStringIO_Type;
extern PyTypeObject PyBufferedReader_Type, PyBufferedWriter_Type, PyBufferedRandom_Type,
    PyBufferedRWPair_Type;
extern PyTypeObject PyIncrementalNewlineDecoder_Type, PyTextIOWrapper_Type;

struct IoRuntime {
    PyObject *unsupported_operation; /* owned: the exception io.UnsupportedOperation */
};
extern struct IoRuntime io_runtime;

/* ---- base.c ------------------------------------------------------------------------------ */

/* Raises UnsupportedOperation(message); NULL. */
PyObject *io_unsupported(const char *message);
PyObject *io_closed_error(void); /* ValueError: I/O operation on closed file. */

/* Py_None, Py_True: a borrowed reference; NULL with an exception. */
PyObject *io_check_closed(PyObject *stream);
PyObject *io_check_readable(PyObject *stream);
PyObject *io_check_writable(PyObject *stream);
PyObject *io_check_seekable(PyObject *stream);

/* _IOBase.close: flush, then mark as closed. New reference or NULL. */
PyObject *io_base_close(PyObject *stream);

/* First step of every tp_dealloc: close the stream if nobody did. -1 if the object came back to
 * life; then the caller returns at once. */
int io_finalize(PyObject *stream);

/* The last steps of every tp_dealloc and tp_clear: dict and weak references. */
void io_dealloc_head(PyObject *stream);

/* After a failed call: true (and the error cleared) if it was only interrupted, so that it is to be
 * repeated. */
bool io_trap_eintr(void);

/* Optional size argument, as args[0]. -1 with an exception. */
int io_size_argument(
    const char *function, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *size);

/* The argument `mode`, a str; NULL with an exception. */
const char *io_mode_argument(const char *function, PyObject *arg);

/* A buffer to be written to, or to be read from; -1 with the TypeError of the built-in methods. */
int io_writable_argument(const char *function, PyObject *arg, Py_buffer *view);

/* A file offset: exception `error` when it is too large. -1 with an exception. */
off_t io_offset(PyObject *o, PyObject *error);

static inline PyObject *io_from_offset(off_t offset)
{
    return PyLong_FromLongLong(offset);
}

/* Method calls by name; new references. */
static inline PyObject *io_call(PyObject *o, PyObject *name)
{
    return PyObject_CallMethodNoArgs(o, name);
}

static inline PyObject *io_call1(PyObject *o, PyObject *name, PyObject *arg)
{
    return PyObject_CallMethodOneArg(o, name, arg);
}

/* Saved exception, put back as the context of one raised since, or as it was. */
typedef struct {
    PyObject *type, *value, *traceback;
} IoError;

static inline void io_error_save(IoError *e)
{
    PyErr_Fetch(&e->type, &e->value, &e->traceback);
}

/* `result` after a cleanup step that gave it: NULL if there was an error before, with that error
 * set. */
PyObject *io_error_restore(IoError *e, PyObject *result);

/* ---- fileio.c ---------------------------------------------------------------------------- */

typedef struct {
    IO_STREAM_HEAD;
    int fd;
    unsigned created : 1, readable : 1, writable : 1, appending : 1;
    unsigned closefd : 1;
    unsigned
        regular : 1;    /* fstat said so when it was opened: surely no terminal, surely seekable */
    unsigned fresh : 1; /* just opened, so at position 0 */
    signed int seekable : 2; /* -1 unknown */
    char finalizing;
    unsigned int blksize;
} FileIo;

/* A FileIO of the exact type with no attribute but its name: its methods are surely ours. */
static inline bool fileio_is_plain(PyObject *o)
{
    return Py_IS_TYPE(o, &PyFileIO_Type) &&
           (!((FileIo *)o)->dict || PyDict_GET_SIZE(((FileIo *)o)->dict) <= 1);
}

/* Reads or writes at most n bytes: how many, -1 with an exception, -2 if it would block. */
Py_ssize_t fileio_read_into(FileIo *self, char *to, Py_ssize_t n);
Py_ssize_t fileio_write_from(FileIo *self, const char *from, Py_ssize_t n);
PyObject *fileio_read_all(FileIo *self);
int fileio_open(FileIo *self, PyObject *name, const char *mode, bool closefd, PyObject *opener);
PyObject *fileio_closed_error(void);

/* ---- buffered.c -------------------------------------------------------------------------- */

typedef struct {
    IO_STREAM_HEAD;
    PyObject *raw; /* owned; NULL before __init__ and after detach() */
    bool ok;       /* __init__ was done */
    bool detached, readable, writable;
    bool fast_closed; /* raw is exactly a FileIO, self exactly of our type */
    char finalizing;

    off_t abs_pos; /* the raw stream's position as far as known, or -1 */
    char *buffer;  /* owned; NULL when closed */
    Py_ssize_t buffer_size;

    /* Offsets into the buffer. */
    off_t pos;                  /* the stream's position */
    off_t raw_pos;              /* the raw stream's position, -1 if unknown */
    off_t read_end;             /* end of what was read, -1 if nothing valid */
    off_t write_pos, write_end; /* what waits to be written, write_end -1 if nothing */

    /* One user at a time. The fields are guarded by the GIL; `lock` is made at the first
     * contention and only wakes: who leaves while others wait hands the stream to one of them,
     * so that a thread which writes in a loop cannot take it again before they have run. */
    unsigned long owner; /* thread, 0 if free */
    PyThread_type_lock lock;
    int waiters;
} Buffered;

/* A buffered stream of exactly our type without attributes of its own. */
static inline bool buffered_is_plain(PyObject *o)
{
    return (Py_IS_TYPE(o, &PyBufferedReader_Type) || Py_IS_TYPE(o, &PyBufferedWriter_Type) ||
               Py_IS_TYPE(o, &PyBufferedRandom_Type)) &&
           (!((Buffered *)o)->dict || PyDict_GET_SIZE(((Buffered *)o)->dict) == 0);
}

#define BUFFERED_VALID_READ(b) ((b)->readable && (b)->read_end != -1)
#define BUFFERED_VALID_WRITE(b) ((b)->writable && (b)->write_end != -1)

/* Bytes read ahead. */
static inline Py_ssize_t buffered_ahead(const Buffered *b)
{
    return BUFFERED_VALID_READ(b) ? (Py_ssize_t)(b->read_end - b->pos) : 0;
}

/* How far the raw stream is ahead of us. */
static inline off_t buffered_raw_offset(const Buffered *b)
{
    return (BUFFERED_VALID_READ(b) || BUFFERED_VALID_WRITE(b)) && b->raw_pos >= 0
               ? b->raw_pos - b->pos
               : 0;
}

static inline void buffered_forget_read(Buffered *b)
{
    b->read_end = -1;
}

/* Owner of a stream whose next user has been chosen but has not run yet: no thread's identity. */
#define BUFFERED_HANDED_OVER (~0UL)

bool buffered_enter_slow(Buffered *self);
void buffered_hand_over(Buffered *self);

/* Takes the stream for this thread; false with RuntimeError if this thread has it already. */
static inline bool buffered_enter(Buffered *self)
{
    if (self->owner) return buffered_enter_slow(self);
    self->owner = PyThread_get_thread_ident();
    return true;
}

static inline void buffered_leave(Buffered *self)
{
    if (self->waiters == 0) self->owner = 0;
    else buffered_hand_over(self);
}

int buffered_check_ready(Buffered *self); /* -1 with ValueError */
int buffered_check_open(Buffered *self, const char *message);
int buffered_is_closed(Buffered *self); /* -1 with an exception */
int buffered_init(Buffered *self, PyObject *raw, Py_ssize_t size, bool readable, bool writable);

/* These want the stream taken. */
Py_ssize_t buffered_raw_read(
    Buffered *self, char *to, Py_ssize_t n); /* -1 exception, -2 would block */
off_t buffered_raw_tell(Buffered *self);
off_t buffered_raw_seek(Buffered *self, off_t target, int whence);
Py_ssize_t buffered_fill(Buffered *self);
int buffered_flush_writes(Buffered *self);
int buffered_flush_and_rewind(Buffered *self);

/* These take it themselves. */
int buffered_flush_stream(Buffered *self); /* flush() of writers */
PyObject *buffered_read1_bytes(Buffered *self, Py_ssize_t n);
PyObject *buffered_read_bytes(Buffered *self, Py_ssize_t n); /* -1: all */
Py_ssize_t buffered_write_bytes(Buffered *self, const char *from, Py_ssize_t n);
PyObject *buffered_readline_bytes(Buffered *self, Py_ssize_t limit);

PyObject *buffered_read(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *buffered_read1(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *buffered_readinto(PyObject *self, PyObject *arg);
PyObject *buffered_readinto1(PyObject *self, PyObject *arg);
PyObject *buffered_readline(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *buffered_peek(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *buffered_iternext(PyObject *self);
PyObject *buffered_write(PyObject *self, PyObject *arg);

/* ---- newlines.c -------------------------------------------------------------------------- */

enum { SEEN_CR = 1, SEEN_LF = 2, SEEN_CRLF = 4 };

/* What universal newlines mode remembers between two pieces of text. */
typedef struct {
    bool translate;
    bool pending_cr; /* the last piece ended in \r, held back */
    unsigned seen;   /* SEEN_... */
} Newlines;

/* The next piece of text with its newlines translated. Steals `text` (may be NULL: then NULL is
 * returned). */
PyObject *newlines_translate_steal(Newlines *n, PyObject *text, bool final);

/* The `newlines` attribute: None, a str or a tuple of them. New reference. */
PyObject *newlines_seen(unsigned seen);

/* decode() of an object of exactly IncrementalNewlineDecoder. */
PyObject *newline_decoder_decode(PyObject *decoder, PyObject *input, bool final);

/* A line's end in text[start..]: the index after it, or -1 with *consumed set to how far the search
 * need not be repeated. `text` is given by kind and data; universal: \n, \r, \r\n; translated: \n
 * only; else `newline`. */
Py_ssize_t newline_find(bool translated, bool universal, PyObject *newline, int kind,
    const void *data, Py_ssize_t start, Py_ssize_t end, Py_ssize_t *consumed);

/* ---- textio.c ---------------------------------------------------------------------------- */

/* ValueError or TypeError unless `newline` is one of the five; -1. NULL if it was None. */
int text_newline_argument(PyObject *arg, const char *function, const char **newline);

/* write(text) of a stream that is exactly a TextIOWrapper. -1 with an exception. */
int textio_write_str(PyObject *stream, PyObject *text);
bool textio_is_plain(PyObject *stream); /* exactly our type, methods not hidden by attributes */
int textio_init(PyObject *self, PyObject *buffer, PyObject *encoding, PyObject *errors,
    PyObject *newline, bool line_buffering, bool write_through);

/* ---- open.c ------------------------------------------------------------------------------ */
extern PyMethodDef io_functions[];

#endif
