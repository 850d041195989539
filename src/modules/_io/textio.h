/* TextIOWrapper: its state, and what its files share.
 *
 * Writing: encoded text waits in `pending` until it is a chunk. Reading: a chunk of bytes is
 * decoded as a whole; the text waits in `decoded`, of which the first `used` characters were handed
 * out. While telling, `snapshot` remembers how the decoder stood before that chunk, and the bytes
 * given to it since, so that tell() can find the place of a character in the bytes.
 *
 * utf-8, latin-1 and ascii, which nearly every file uses, are coded here without a codec object;
 * all others by the incremental encoder and decoder of their codec. Both look the same from
 * outside.
 */
#ifndef KRAIT_MODULES_IO_TEXTIO_H
#define KRAIT_MODULES_IO_TEXTIO_H

#include "modules/_io/io.h"

typedef enum { CODEC_NONE, CODEC_UTF8, CODEC_LATIN1, CODEC_ASCII, CODEC_OBJECT } CodecKind;

typedef struct {
    CodecKind kind;   /* NONE: the stream cannot be read */
    PyObject *object; /* owned: for CODEC_OBJECT, the decoder, within an IncrementalNewlineDecoder
                         if universal */
    bool universal;
    Newlines newlines;     /* unless CODEC_OBJECT */
    unsigned char tail[8]; /* utf-8: start of a character whose end is to come */
    int tail_length;
} Decoder;

typedef struct {
    IO_STREAM_HEAD;
    bool ok, detached;
    PyObject *buffer;        /* owned; members below with `owned` are NULL before __init__ */
    PyObject *encoding;      /* owned str */
    PyObject *errors;        /* owned str */
    const char *errors_text; /* its UTF-8, NULL for strict */
    PyObject *
        raw; /* owned: the FileIO under a buffer of ours, to see quickly if it is closed; or NULL */

    Decoder decoder;
    CodecKind encoder;        /* NONE: the stream cannot be written */
    PyObject *encoder_object; /* owned: for CODEC_OBJECT */
    bool encodes_wide_bom;    /* it is that of utf-16 or utf-32 */
    bool encoding_start;      /* nothing was encoded yet: a BOM may be due */

    PyObject *read_newline;    /* owned str; NULL if read_translate, or newline is None */
    const char *write_newline; /* replaces \n, NULL if nothing does */
    bool read_universal, read_translate, write_translate;
    char line_buffering, write_through, finalizing;
    bool has_read1, seekable, telling;

    Py_ssize_t chunk_size;
    char *pending; /* owned: encoded, not written; room for chunk_size */
    Py_ssize_t pending_length, pending_room;

    PyObject *decoded; /* owned str or NULL */
    Py_ssize_t used;
    PyObject *snapshot_input; /* owned bytes or NULL: no snapshot */
    int snapshot_flags;
    double bytes_per_char;
} TextIo;

/* ---- textio.c */
int text_check_attached(TextIo *self); /* -1 with ValueError */
int text_check_open(TextIo *self);
void text_forget_decoded(TextIo *self); /* the text read ahead, and the snapshot */

/* ---- textio_codec.c */
CodecKind text_codec_kind(PyObject *encoding); /* one of those without an object, or CODEC_OBJECT */
int text_set_decoder(TextIo *self, PyObject *codec); /* codec: NULL if the kind needs none */
int text_set_encoder(TextIo *self, PyObject *codec);
int text_start_encoder(TextIo *self); /* looks where the stream stands: no BOM in its midst */

/* Decodes the next bytes; new str, or NULL. */
PyObject *text_decode(TextIo *self, PyObject *input, bool final);
PyObject *text_decode_memory(TextIo *self, const char *bytes, Py_ssize_t n, bool final);
/* The decoder's state: bytes (new reference) and flags. -1 with an exception. */
int text_decoder_state(TextIo *self, PyObject **bytes, int *flags);
int text_decoder_set_state(TextIo *self, PyObject *bytes, int flags);
int text_decoder_reset(TextIo *self);
PyObject *text_encode(TextIo *self, PyObject *text); /* new bytes, or NULL */
int text_encoder_at_start(TextIo *self, bool start); /* reset() or setstate(0) */

/* ---- textio_write.c */
int text_write(TextIo *self, PyObject *text); /* -1 with an exception */
int text_flush_pending(TextIo *self);
int text_flush_buffer(TextIo *self); /* buffer.flush() */
PyObject *text_write_method(PyObject *self, PyObject *text);

/* ---- textio_read.c */
PyObject *text_readline(TextIo *self, Py_ssize_t limit);
PyObject *text_read_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *text_readline_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs);
PyObject *text_iternext(PyObject *self);
void text_set_decoded_steal(TextIo *self, PyObject *text);

/* ---- textio_seek.c */
PyObject *text_tell_method(PyObject *self, PyObject *);
PyObject *text_seek_method(PyObject *self, PyObject *const *args, Py_ssize_t nargs);

#endif
