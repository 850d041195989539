/* Universal newlines: \r\n and \r become \n, and which of them came along is remembered. */
#include "modules/_io/io.h"

#include <structmember.h>

/* ---- finding characters ------------------------------------------------------------------ */

/* Where `c` is in data[start .. end), or -1. */
static Py_ssize_t find_char(int kind, const void *data, Py_ssize_t start, Py_ssize_t end, Py_UCS4 c)
{
    if (kind == PyUnicode_1BYTE_KIND) {
        const char *text = data, *found = memchr(text + start, (int)c, (size_t)(end - start));
        return found ? found - text : -1;
    }
    if (kind == PyUnicode_2BYTE_KIND) {
        const Py_UCS2 *text = data;
        /* Sixteen characters at a time, until one of them is `c`. */
        const uint64_t ones = 0x0001000100010001u, tops = 0x8000800080008000u;
        for (; end - start >= 16; start += 16) {
            uint64_t hits = 0;
            for (int i = 0; i < 16; i += 4) {
                uint64_t four;
                memcpy(&four, text + start + i, sizeof four);
                four ^= ones * c;
                hits |= (four - ones) & ~four;
            }
            if (hits & tops) break;
        }
        for (Py_ssize_t i = start; i < end; i++) {
            if (text[i] == c) return i;
        }
        return -1;
    }
    const Py_UCS4 *text = data;
    for (Py_ssize_t i = start; i < end; i++) {
        if (text[i] == c) return i;
    }
    return -1;
}

static bool has_char(int kind, const void *data, Py_ssize_t n, Py_UCS4 c)
{
    return find_char(kind, data, 0, n, c) >= 0;
}

/* ---- translating ------------------------------------------------------------------------- */

/* Text with a pending \r put in front; steals. */
static PyObject *with_cr_steal(PyObject *text)
{
    PyObject *r = PyUnicode_New(PyUnicode_GET_LENGTH(text) + 1, PyUnicode_MAX_CHAR_VALUE(text));
    if (r) {
        PyUnicode_WRITE(PyUnicode_KIND(r), PyUnicode_DATA(r), 0, '\r');
        memcpy((char *)PyUnicode_DATA(r) + PyUnicode_KIND(r), PyUnicode_DATA(text),
            (size_t)PyUnicode_GET_LENGTH(text) * PyUnicode_KIND(r));
    }
    Py_DECREF(text);
    return r;
}

/* Adds the newlines of a text that has some \r to `seen`. */
static unsigned scan(int kind, const void *data, Py_ssize_t n, unsigned seen)
{
    const unsigned all = SEEN_CR | SEEN_LF | SEEN_CRLF;
    for (Py_ssize_t i = 0; i < n && seen != all; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c == '\n')
            seen |= SEEN_LF;
        else if (c == '\r') {
            if (i + 1 < n && PyUnicode_READ(kind, data, i + 1) == '\n') {
                seen |= SEEN_CRLF;
                i++;
            } else {
                seen |= SEEN_CR;
            }
        }
    }
    return seen;
}

#define TRANSLATE(type)                                                                            \
    do {                                                                                           \
        const type *in = data, *end = in + n;                                                      \
        type *out = target;                                                                        \
        while (in < end) {                                                                         \
            type c = *in++;                                                                        \
            if (c == '\r') {                                                                       \
                if (in < end && *in == '\n') {                                                     \
                    in++;                                                                          \
                    seen |= SEEN_CRLF;                                                             \
                } else {                                                                           \
                    seen |= SEEN_CR;                                                               \
                }                                                                                  \
                c = '\n';                                                                          \
            } else if (c == '\n') {                                                                \
                seen |= SEEN_LF;                                                                   \
            }                                                                                      \
            *out++ = c;                                                                            \
        }                                                                                          \
        length = out - (type *)target;                                                             \
    } while (0)

/* Writes the translation to `target`, of the same kind; its length. Bytes are copied a line at a
 * time. */
static Py_ssize_t translate(
    int kind, const void *data, Py_ssize_t n, void *target, unsigned *seen_at)
{
    unsigned seen = *seen_at;
    Py_ssize_t length = 0;
    if (kind == PyUnicode_1BYTE_KIND) {
        const char *in = data, *end = in + n;
        char *out = target;
        while (in < end) {
            const char *cr = memchr(in, '\r', (size_t)(end - in));
            size_t span = (size_t)((cr ? cr : end) - in);
            if (!(seen & SEEN_LF) && memchr(in, '\n', span)) seen |= SEEN_LF;
            memcpy(out, in, span);
            out += span;
            if (!cr) break;
            in = cr + 1;
            *out++ = '\n';
            if (in < end && *in == '\n') {
                in++;
                seen |= SEEN_CRLF;
            } else {
                seen |= SEEN_CR;
            }
        }
        length = out - (char *)target;
    } else if (kind == PyUnicode_2BYTE_KIND)
        TRANSLATE(Py_UCS2);
    else
        TRANSLATE(Py_UCS4);
    *seen_at = seen;
    return length;
}

PyObject *newlines_translate_steal(Newlines *state, PyObject *text, bool final)
{
    if (!text) return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    if (state->pending_cr && (final || n > 0)) {
        text = with_cr_steal(text);
        if (!text) return NULL;
        state->pending_cr = false;
        n++;
    }
    if (n == 0) return text;
    int kind = PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    /* A \r at the end may be half of a \r\n: it waits for the next piece. */
    bool held = !final && PyUnicode_READ(kind, data, n - 1) == '\r';
    if (held) {
        state->pending_cr = true;
        n--;
    }
    if (!has_char(kind, data, n, '\r')) {
        if (!(state->seen & SEEN_LF) && has_char(kind, data, n, '\n')) state->seen |= SEEN_LF;
        if (held) Py_SETREF(text, PyUnicode_Substring(text, 0, n));
        return text;
    }
    if (!state->translate) {
        state->seen = scan(kind, data, n, state->seen);
        if (held) Py_SETREF(text, PyUnicode_Substring(text, 0, n));
        return text;
    }
    void *target = PyMem_Malloc((size_t)n * (size_t)kind);
    if (!target) {
        Py_DECREF(text);
        return PyErr_NoMemory();
    }
    Py_ssize_t length = translate(kind, data, n, target, &state->seen);
    PyObject *r;
    if (PyUnicode_IS_ASCII(text)) {
        r = PyUnicode_New(length, 127);
        if (r) memcpy(PyUnicode_DATA(r), target, (size_t)length);
    } else {
        r = PyUnicode_FromKindAndData(kind, target, length);
    }
    PyMem_Free(target);
    Py_DECREF(text);
    return r;
}

PyObject *newlines_seen(unsigned seen)
{
    static const char *const texts[] = {"\r", "\n", "\r\n"};
    PyObject *list[3];
    int n = 0;
    for (int i = 0; i < 3; i++) {
        if (!(seen & (1u << i))) continue;
        list[n] = PyUnicode_FromString(texts[i]);
        if (!list[n++]) {
            while (--n > 0) Py_DECREF(list[n - 1]);
            return NULL;
        }
    }
    if (n == 0) Py_RETURN_NONE;
    if (n == 1) return list[0];
    PyObject *r = PyTuple_New(n);
    for (int i = 0; i < n; i++) {
        if (r)
            PyTuple_SET_ITEM(r, i, list[i]);
        else
            Py_DECREF(list[i]);
    }
    return r;
}

/* ---- finding the end of a line ----------------------------------------------------------- */

Py_ssize_t newline_find(bool translated, bool universal, PyObject *newline, int kind,
    const void *data, Py_ssize_t start, Py_ssize_t end, Py_ssize_t *consumed)
{
    *consumed = end;
    if (translated) {
        Py_ssize_t at = find_char(kind, data, start, end, '\n');
        return at < 0 ? -1 : at + 1;
    }
    if (universal) {
        /* The decoder keeps \r\n in one piece. */
        Py_ssize_t lf = find_char(kind, data, start, end, '\n');
        Py_ssize_t cr = find_char(kind, data, start, lf < 0 ? end : lf, '\r');
        if (cr < 0) return lf < 0 ? -1 : lf + 1;
        return cr + 1 == lf ? lf + 1 : cr + 1;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(newline);
    Py_UCS4 first = PyUnicode_READ_CHAR(newline, 0);
    for (Py_ssize_t at = start; (at = find_char(kind, data, at, end, first)) >= 0; at++) {
        if (length == 1) return at + 1;
        if (at + 1 >= end) {
            /* The other half may come with the next piece. */
            *consumed = at;
            return -1;
        }
        if (PyUnicode_READ(kind, data, at + 1) == PyUnicode_READ_CHAR(newline, 1)) return at + 2;
    }
    return -1;
}

/* ---- IncrementalNewlineDecoder ----------------------------------------------------------- */

typedef struct {
    PyObject_HEAD PyObject
        *decoder;     /* owned: gives the text; None if decode() gets it; NULL before __init__ */
    PyObject *errors; /* owned */
    Newlines newlines;
} NewlineDecoder;

static int decoder_init(PyObject *o, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"decoder", "translate", "errors", NULL};
    static _PyArg_Parser parser = {
        .keywords = keywords, .format = "Oi|O:IncrementalNewlineDecoder"};
    NewlineDecoder *self = (NewlineDecoder *)o;
    PyObject *decoder, *errors = NULL;
    int translate;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &decoder, &translate, &errors))
        return -1;
    if (errors)
        Py_INCREF(errors);
    else if (!(errors = PyUnicode_FromString("strict")))
        return -1;
    Py_INCREF(decoder);
    Py_XSETREF(self->errors, errors);
    Py_XSETREF(self->decoder, decoder);
    self->newlines = (Newlines){.translate = translate};
    return 0;
}

static void decoder_dealloc(PyObject *o)
{
    NewlineDecoder *self = (NewlineDecoder *)o;
    Py_CLEAR(self->decoder);
    Py_CLEAR(self->errors);
    Py_TYPE(o)->tp_free(o);
}

static int decoder_check(NewlineDecoder *self)
{
    if (self->decoder) return 0;
    PyErr_SetString(PyExc_ValueError, "IncrementalNewlineDecoder.__init__() not called");
    return -1;
}

PyObject *newline_decoder_decode(PyObject *o, PyObject *input, bool final)
{
    NewlineDecoder *self = (NewlineDecoder *)o;
    if (decoder_check(self) < 0) return NULL;
    PyObject *text = self->decoder == Py_None
                         ? Py_NewRef(input)
                         : PyObject_CallMethodObjArgs(self->decoder, NAME(decode), input,
                               final ? Py_True : Py_False, NULL);
    if (!text) return NULL;
    if (!PyUnicode_Check(text)) {
        PyErr_Format(PyExc_TypeError, "decoder should return a string result, not '%.200s'",
            Py_TYPE(text)->tp_name);
        Py_DECREF(text);
        return NULL;
    }
    if (PyUnicode_READY(text) < 0) {
        Py_DECREF(text);
        return NULL;
    }
    return newlines_translate_steal(&self->newlines, text, final);
}

static PyObject *decoder_decode(
    PyObject *o, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"input", "final", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O|i:decode"};
    PyObject *input;
    int final = 0;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &input, &final)) return NULL;
    return newline_decoder_decode(o, input, final);
}

static PyObject *decoder_getstate(PyObject *o, PyObject *Py_UNUSED(args))
{
    NewlineDecoder *self = (NewlineDecoder *)o;
    if (decoder_check(self) < 0) return NULL;
    PyObject *buffer;
    unsigned long long flag = 0;
    if (self->decoder == Py_None) {
        buffer = PyBytes_FromStringAndSize(NULL, 0);
        if (!buffer) return NULL;
    } else {
        PyObject *state = io_call(self->decoder, NAME(getstate));
        if (!state) return NULL;
        if (!PyTuple_Check(state)) {
            PyErr_SetString(PyExc_TypeError, "illegal decoder state");
            Py_DECREF(state);
            return NULL;
        }
        if (!PyArg_ParseTuple(state, "OK;illegal decoder state", &buffer, &flag)) {
            Py_DECREF(state);
            return NULL;
        }
        Py_INCREF(buffer);
        Py_DECREF(state);
    }
    flag = flag << 1 | self->newlines.pending_cr;
    return Py_BuildValue("NK", buffer, flag);
}

static PyObject *decoder_setstate(PyObject *o, PyObject *state)
{
    NewlineDecoder *self = (NewlineDecoder *)o;
    if (decoder_check(self) < 0) return NULL;
    PyObject *buffer;
    unsigned long long flag;
    if (!PyTuple_Check(state)) {
        PyErr_SetString(PyExc_TypeError, "state argument must be a tuple");
        return NULL;
    }
    if (!PyArg_ParseTuple(state, "OK;setstate(): illegal state argument", &buffer, &flag))
        return NULL;
    self->newlines.pending_cr = flag & 1;
    flag >>= 1;
    if (self->decoder == Py_None) Py_RETURN_NONE;
    return _PyObject_CallMethod(self->decoder, NAME(setstate), "((OK))", buffer, flag);
}

static PyObject *decoder_reset(PyObject *o, PyObject *Py_UNUSED(args))
{
    NewlineDecoder *self = (NewlineDecoder *)o;
    if (decoder_check(self) < 0) return NULL;
    self->newlines.seen = 0;
    self->newlines.pending_cr = false;
    if (self->decoder == Py_None) Py_RETURN_NONE;
    return io_call(self->decoder, NAME(reset));
}

static PyObject *decoder_newlines(PyObject *o, void *Py_UNUSED(context))
{
    NewlineDecoder *self = (NewlineDecoder *)o;
    if (decoder_check(self) < 0) return NULL;
    return newlines_seen(self->newlines.seen);
}

static PyMethodDef decoder_methods[] = {
    {"decode", (PyCFunction)(void (*)(void))decoder_decode, METH_FASTCALL | METH_KEYWORDS,
        "decode($self, /, input, final=False)\n--\n\n"},
    {"getstate", decoder_getstate, METH_NOARGS, "getstate($self, /)\n--\n\n"},
    {"setstate", decoder_setstate, METH_O, "setstate($self, state, /)\n--\n\n"},
    {"reset", decoder_reset, METH_NOARGS, "reset($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef decoder_getset[] = {
    {"newlines", decoder_newlines, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyIncrementalNewlineDecoder_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io.IncrementalNewlineDecoder",
    .tp_basicsize = sizeof(NewlineDecoder),
    .tp_dealloc = decoder_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "IncrementalNewlineDecoder(decoder, translate, errors=\'strict\')\n--\n\n"
              "Codec that reads a file in universal newlines mode.\n\n"
              "It wraps another incremental decoder, turns \\r\\n and \\r into \\n, and records\n"
              "which newlines it met. With translate=False it only sees to it that a newline\n"
              "comes out in one piece. With decoder=None the input of decode is text already.",
    .tp_methods = decoder_methods,
    .tp_getset = decoder_getset,
    .tp_init = decoder_init,
    .tp_new = PyType_GenericNew,
};
