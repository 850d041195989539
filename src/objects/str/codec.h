/* What the built-in codecs share: a decoder and an encoder with their error handlers.
 *
 * A decoder reads bytes from `at` to `end` and writes to `out`. On bad input it calls decoder_error() with the
 * range that is bad; the handler's text has then been written and `at` moved on, perhaps in another buffer.
 * An encoder reads `text` and writes bytes to `to` through `out`; encoder_error() does the same there.
 */
#ifndef KRAIT_OBJECTS_STR_CODEC_H
#define KRAIT_OBJECTS_STR_CODEC_H

#include "objects/str/str.h"

/* The numbers are those of _Py_error_handler. */
typedef enum {
    ERRORS_UNKNOWN,
    ERRORS_STRICT,
    ERRORS_SURROGATEESCAPE,
    ERRORS_REPLACE,
    ERRORS_IGNORE,
    ERRORS_BACKSLASHREPLACE,
    ERRORS_SURROGATEPASS,
    ERRORS_XMLCHARREFREPLACE,
    ERRORS_OTHER,
} ErrorsKind;

ErrorsKind codec_errors_kind(const char *errors);

typedef struct {
    const char *encoding, *errors;
    ErrorsKind kind;                    /* ERRORS_UNKNOWN until the first error */
    const char *start, *at, *end;       /* the input; `start` is offset 0 */
    PyObject *input;                    /* owned bytes that a handler has put in place of the input, or NULL */
    PyObject *handler, *exc;            /* owned, or NULL */
    _PyUnicodeWriter out;
} Decoder;

void decoder_init(Decoder *d, const char *encoding, const char *errors, const char *bytes, Py_ssize_t n);
/* Bad input from first to last (last not included). Calls the handler, writes its text, sets d->at. 0 or -1. */
int decoder_error(Decoder *d, const char *first, const char *last, const char *reason);
/* Writes n characters below U+10000, of which `all` is the bitwise or. 0 or -1. */
int decoder_write_run(Decoder *d, const Py_UCS2 *run, Py_ssize_t n, Py_UCS4 all);
enum { DECODER_RUN = 256 };             /* characters that are gathered for it at most */
/* The finished str, and frees the rest. With `failed`, frees all and returns NULL. */
PyObject *decoder_finish(Decoder *d, bool failed);

typedef struct {
    const char *encoding, *errors;
    ErrorsKind kind;
    PyObject *str;                      /* borrowed: what is encoded */
    StrView text;
    Py_ssize_t at;                      /* next character */
    PyObject *handler, *exc;
    char *to;                           /* next byte in out */
    _PyBytesWriter out;                 /* last: it is large */
} Encoder;

/* Makes room for `size` bytes. 0 or -1. */
int encoder_init(Encoder *e, const char *encoding, const char *errors, PyObject *str, Py_ssize_t size);
PyObject *encoder_finish(Encoder *e, bool failed);

/* What a handler gave for the characters [first, last): bytes or an ASCII-or-wider str (owned). e->at has been moved on. NULL on
 * error. Codecs write it in their own way. */
PyObject *encoder_call_handler(Encoder *e, Py_ssize_t first, Py_ssize_t last, const char *reason);
/* Raises the strict error for a range. */
void encoder_raise(Encoder *e, Py_ssize_t first, Py_ssize_t last, const char *reason);
/* Makes room for n bytes more than foreseen. 0 or -1. */
int encoder_reserve(Encoder *e, Py_ssize_t n);

/* Writes \xXX, \uXXXX or \UXXXXXXXX for a character; returns what is behind it. */
char *codec_put_escape(char *to, Py_UCS4 ch);
/* Writes &#N; with its number in decimal, ten bytes at most; returns what is behind it. */
char *codec_put_charref(char *to, Py_UCS4 ch);

#endif
