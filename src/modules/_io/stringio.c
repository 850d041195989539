/* StringIO: a text stream in memory.
 *
 * The text is an array of characters of 1, 2 or 4 bytes, as the widest ever written needs; so ASCII
 * costs a byte per character and lines are found with memchr.
 */
#include "modules/_io/io.h"
#include "objects/args_unpack.h"
#include "objects/str/str.h"

typedef struct {
    IO_STREAM_HEAD;
    char *text;              /* owned */
    int kind;                /* PyUnicode_1BYTE_KIND ... */
    bool ascii;              /* only ASCII was ever written */
    Py_ssize_t length, room; /* in characters */
    Py_ssize_t position;
    bool ok, closed;
    bool universal, translate; /* newlines while reading; translate: also those written */
    PyObject *newline;         /* owned str: ends a line while reading; NULL if newline=None */
    PyObject *write_newline;   /* owned str or NULL: replaces \n */
    bool decodes;              /* newlines are recorded, and translated if `translate` */
    Newlines newlines;
} StringIo;

static int check_open(const StringIo *self)
{
    if (!self->ok)
        PyErr_SetString(PyExc_ValueError, "I/O operation on uninitialized object");
    else if (self->closed)
        PyErr_SetString(PyExc_ValueError, "I/O operation on closed file");
    else
        return 0;
    return -1;
}

/* ---- the text ---------------------------------------------------------------------------- */

static int too_large(void)
{
    PyErr_SetString(PyExc_OverflowError, "new buffer size too large");
    return -1;
}

/* Room for n characters: an eighth more than needed when it grows, less when far too much is there.
 */
static int resize(StringIo *self, size_t n)
{
    size_t room = (size_t)self->room;
    if (n > PY_SSIZE_T_MAX / 4 - 1) return too_large();
    if (n < room / 2)
        room = n + 1;
    else if (n < room)
        return 0;
    else
        room = n + (n >> 3) + 32;
    char *moved = PyMem_Realloc(self->text, room * (size_t)self->kind);
    if (!moved) {
        PyErr_NoMemory();
        return -1;
    }
    self->text = moved;
    self->room = (Py_ssize_t)room;
    return 0;
}

static int widen(StringIo *self, int kind)
{
    size_t room = (size_t)self->room ? (size_t)self->room : 1;
    char *wide = PyMem_Malloc(room * (size_t)kind);
    if (!wide) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < self->length; i++) {
        PyUnicode_WRITE(kind, wide, i, PyUnicode_READ(self->kind, self->text, i));
    }
    PyMem_Free(self->text);
    self->text = wide;
    self->kind = kind;
    return 0;
}

static int put(StringIo *self, int kind, const void *data, Py_ssize_t n)
{
    if (self->position > PY_SSIZE_T_MAX / 4 - n) {
        PyErr_SetString(PyExc_OverflowError, "new position too large");
        return -1;
    }
    Py_ssize_t end = self->position + n;
    if (kind > self->kind && widen(self, kind) < 0) return -1;
    if (end > self->room && resize(self, (size_t)end) < 0) return -1;
    size_t width = (size_t)self->kind;
    if (self->position > self->length) {
        memset(self->text + (size_t)self->length * width, 0,
            (size_t)(self->position - self->length) * width);
    }
    if (kind == self->kind) {
        memcpy(self->text + (size_t)self->position * width, data, (size_t)n * width);
    } else {
        for (Py_ssize_t i = 0; i < n; i++) {
            PyUnicode_WRITE(
                self->kind, self->text, self->position + i, PyUnicode_READ(kind, data, i));
        }
    }
    self->position = end;
    if (self->length < end) self->length = end;
    return 0;
}

static PyObject *get(const StringIo *self, Py_ssize_t start, Py_ssize_t n)
{
    if (self->ascii) return str_copy_ascii(self->text + start, n);
    return PyUnicode_FromKindAndData(
        self->kind, self->text + (size_t)start * (size_t)self->kind, n);
}

static int write_str(StringIo *self, PyObject *text)
{
    if (PyUnicode_READY(text) < 0) return -1;
    Py_INCREF(text);
    if (self->decodes) {
        text = newlines_translate_steal(&self->newlines, text, true);
        if (!text) return -1;
    }
    if (self->write_newline) {
        PyObject *lf = PyUnicode_FromString("\n");
        Py_SETREF(text, lf ? PyUnicode_Replace(text, lf, self->write_newline, -1) : NULL);
        Py_XDECREF(lf);
        if (!text) return -1;
    }
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    if (!PyUnicode_IS_ASCII(text)) self->ascii = false;
    int r = n == 0 ? 0 : put(self, PyUnicode_KIND(text), PyUnicode_DATA(text), n);
    Py_DECREF(text);
    return r;
}

static PyObject *stringio_write(PyObject *o, PyObject *text)
{
    StringIo *self = (StringIo *)o;
    if (!self->ok) {
        check_open(self);
        return NULL;
    }
    if (!PyUnicode_Check(text)) {
        return PyErr_Format(
            PyExc_TypeError, "string argument expected, got '%s'", Py_TYPE(text)->tp_name);
    }
    if (PyUnicode_READY(text) < 0 || check_open(self) < 0) return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(text);
    if (n > 0 && write_str(self, text) < 0) return NULL;
    return PyLong_FromSsize_t(n);
}

/* ---- reading ----------------------------------------------------------------------------- */

static PyObject *stringio_getvalue(PyObject *o, PyObject *Py_UNUSED(args))
{
    StringIo *self = (StringIo *)o;
    return check_open(self) < 0 ? NULL : get(self, 0, self->length);
}

static PyObject *stringio_read(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    StringIo *self = (StringIo *)o;
    Py_ssize_t n = -1;
    if (io_size_argument("read", args, nargs, &n) < 0 || check_open(self) < 0) return NULL;
    Py_ssize_t left = self->length - self->position;
    if (n < 0 || n > left) n = left;
    if (n <= 0) return PyUnicode_New(0, 0);
    PyObject *r = get(self, self->position, n);
    self->position += n;
    return r;
}

static PyObject *read_line(StringIo *self, Py_ssize_t limit)
{
    if (limit == 0 || self->position >= self->length) return PyUnicode_New(0, 0);
    Py_ssize_t end = self->length, start = self->position, consumed;
    if (limit > 0 && limit < end - start) end = start + limit;
    Py_ssize_t at = newline_find(self->translate, self->universal, self->newline, self->kind,
        self->text, start, end, &consumed);
    if (at < 0) at = end;
    self->position = at;
    return get(self, start, at - start);
}

static PyObject *stringio_readline(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t limit = -1;
    if (io_size_argument("readline", args, nargs, &limit) < 0 || check_open((StringIo *)o) < 0)
        return NULL;
    return read_line((StringIo *)o, limit);
}

static PyObject *stringio_iternext(PyObject *o)
{
    StringIo *self = (StringIo *)o;
    PyObject *line;
    if (check_open(self) < 0) return NULL;
    if (Py_IS_TYPE(o, &PyStringIO_Type)) {
        if (self->position >= self->length) return NULL;
        line = read_line(self, -1);
    } else {
        line = io_call(o, NAME(readline));
        if (line && !PyUnicode_Check(line)) {
            PyErr_Format(PyExc_OSError,
                "readline() should have returned a str object, not '%.200s'",
                Py_TYPE(line)->tp_name);
            Py_CLEAR(line);
        }
    }
    if (line && PyUnicode_GET_LENGTH(line) == 0) Py_CLEAR(line);
    return line;
}

/* ---- position ---------------------------------------------------------------------------- */

static PyObject *stringio_tell(PyObject *o, PyObject *Py_UNUSED(args))
{
    return check_open((StringIo *)o) < 0 ? NULL : PyLong_FromSsize_t(((StringIo *)o)->position);
}

static PyObject *stringio_truncate(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    StringIo *self = (StringIo *)o;
    if (!_PyArg_CheckPositional("truncate", nargs, 0, 1)) return NULL;
    Py_ssize_t size = self->position;
    if (nargs > 0 && !_Py_convert_optional_to_ssize_t(args[0], &size)) return NULL;
    if (check_open(self) < 0) return NULL;
    if (size < 0) return PyErr_Format(PyExc_ValueError, "Negative size value %zd", size);
    if (size < self->length) {
        if (resize(self, (size_t)size) < 0) return NULL;
        self->length = size;
    }
    return PyLong_FromSsize_t(size);
}

static PyObject *stringio_seek(PyObject *o, PyObject *const *args, Py_ssize_t nargs)
{
    StringIo *self = (StringIo *)o;
    int whence = 0;
    if (!_PyArg_CheckPositional("seek", nargs, 1, 2)) return NULL;
    PyObject *index = _PyNumber_Index(args[0]);
    Py_ssize_t at = index ? PyLong_AsSsize_t(index) : -1;
    Py_XDECREF(index);
    if (at == -1 && PyErr_Occurred()) return NULL;
    if (nargs > 1) {
        whence = _PyLong_AsInt(args[1]);
        if (whence == -1 && PyErr_Occurred()) return NULL;
    }
    if (check_open(self) < 0) return NULL;
    if (whence < 0 || whence > 2)
        return PyErr_Format(PyExc_ValueError, "Invalid whence (%i, should be 0, 1 or 2)", whence);
    if (at < 0 && whence == 0)
        return PyErr_Format(PyExc_ValueError, "Negative seek position %zd", at);
    if (whence != 0 && at != 0) {
        PyErr_SetString(PyExc_OSError, "Can't do nonzero cur-relative seeks");
        return NULL;
    }
    if (whence == 1)
        at = self->position;
    else if (whence == 2)
        at = self->length;
    self->position = at;
    return PyLong_FromSsize_t(at);
}

/* ---- questions and the end --------------------------------------------------------------- */

static PyObject *stringio_true(PyObject *o, PyObject *Py_UNUSED(args))
{
    if (check_open((StringIo *)o) < 0) return NULL;
    Py_RETURN_TRUE;
}

static PyObject *stringio_close(PyObject *o, PyObject *Py_UNUSED(args))
{
    StringIo *self = (StringIo *)o;
    self->closed = true;
    self->room = self->length = 0;
    PyMem_Free(self->text);
    self->text = NULL;
    Py_RETURN_NONE;
}

static PyObject *stringio_closed(PyObject *o, void *Py_UNUSED(context))
{
    StringIo *self = (StringIo *)o;
    if (!self->ok && check_open(self) < 0) return NULL;
    return PyBool_FromLong(self->closed);
}

static PyObject *stringio_line_buffering(PyObject *o, void *Py_UNUSED(context))
{
    if (check_open((StringIo *)o) < 0) return NULL;
    Py_RETURN_FALSE;
}

static PyObject *stringio_newlines(PyObject *o, void *Py_UNUSED(context))
{
    StringIo *self = (StringIo *)o;
    if (check_open(self) < 0) return NULL;
    if (!self->decodes) Py_RETURN_NONE;
    return newlines_seen(self->newlines.seen);
}

/* ---- life -------------------------------------------------------------------------------- */

static int set_newline(StringIo *self, const char *s)
{
    Py_CLEAR(self->newline);
    Py_CLEAR(self->write_newline);
    self->universal = !s || !*s;
    self->translate = !s;
    self->decodes = self->universal;
    self->newlines = (Newlines){.translate = self->translate};
    if (s && !(self->newline = PyUnicode_FromString(s))) return -1;
    /* As a TextIOWrapper that writes to a file which is then read by another: \n becomes the
     * newline. */
    if (s && *s == '\r') self->write_newline = Py_NewRef(self->newline);
    return 0;
}

static int stringio_init(PyObject *o, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"initial_value", "newline", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "StringIO"};
    StringIo *self = (StringIo *)o;
    PyObject *given[2];
    const char *ending = "\n";
    if (args_unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), kwargs, NULL, &parser, 0, 2, 2, given) < 0) return -1;
    PyObject *value = given[0], *newline = given[1];
    if (newline && newline != Py_None && !PyUnicode_Check(newline)) {
        PyErr_Format(
            PyExc_TypeError, "newline must be str or None, not %.200s", Py_TYPE(newline)->tp_name);
        return -1;
    }
    if (newline && !(ending = newline == Py_None ? NULL : PyUnicode_AsUTF8(newline)) &&
        PyErr_Occurred())
        return -1;
    if (ending && *ending && strcmp(ending, "\n") != 0 && strcmp(ending, "\r") != 0 &&
        strcmp(ending, "\r\n") != 0) {
        PyErr_Format(PyExc_ValueError, "illegal newline value: %R", newline);
        return -1;
    }
    if (value && value != Py_None && !PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, "initial_value must be str or None, not %.200s",
            Py_TYPE(value)->tp_name);
        return -1;
    }
    self->ok = false;
    PyMem_Free(self->text);
    self->text = NULL;
    self->kind = PyUnicode_1BYTE_KIND;
    self->ascii = true;
    self->length = self->room = self->position = 0;
    if (set_newline(self, ending) < 0) return -1;
    if (value && value != Py_None && write_str(self, value) < 0) return -1;
    self->position = 0;
    self->closed = false;
    self->ok = true;
    return 0;
}

static int stringio_traverse(PyObject *o, visitproc visit, void *arg)
{
    Py_VISIT(((StringIo *)o)->dict);
    return 0;
}

static int stringio_clear(PyObject *o)
{
    Py_CLEAR(((StringIo *)o)->dict);
    return 0;
}

static void stringio_dealloc(PyObject *o)
{
    StringIo *self = (StringIo *)o;
    PyObject_GC_UnTrack(o);
    self->ok = false;
    PyMem_Free(self->text);
    self->text = NULL;
    Py_CLEAR(self->newline);
    Py_CLEAR(self->write_newline);
    io_dealloc_head(o);
    Py_TYPE(o)->tp_free(o);
}

/* ---- pickling ---------------------------------------------------------------------------- */

static PyObject *stringio_getstate(PyObject *o, PyObject *Py_UNUSED(args))
{
    StringIo *self = (StringIo *)o;
    PyObject *value = stringio_getvalue(o, NULL);
    if (!value) return NULL;
    PyObject *dict = self->dict ? PyDict_Copy(self->dict) : Py_NewRef(Py_None);
    if (!dict) {
        Py_DECREF(value);
        return NULL;
    }
    return Py_BuildValue(
        "(NOnN)", value, self->newline ? self->newline : Py_None, self->position, dict);
}

static PyObject *stringio_setstate(PyObject *o, PyObject *state)
{
    StringIo *self = (StringIo *)o;
    if (self->ok && self->closed) {
        check_open(self);
        return NULL;
    }
    if (!PyTuple_Check(state) || PyTuple_GET_SIZE(state) < 4) {
        return PyErr_Format(PyExc_TypeError,
            "%.200s.__setstate__ argument should be 4-tuple, got %.200s", Py_TYPE(o)->tp_name,
            Py_TYPE(state)->tp_name);
    }
    PyObject *initial = PyTuple_GetSlice(state, 0, 2);
    if (!initial) return NULL;
    int failed = stringio_init(o, initial, NULL);
    Py_DECREF(initial);
    if (failed) return NULL;
    /* The text was translated when it was written: it goes back as it is. */
    PyObject *text = PyTuple_GET_ITEM(state, 0);
    if (PyUnicode_Check(text)) {
        self->position = self->length = 0;
        Py_ssize_t n = PyUnicode_GET_LENGTH(text);
        if (!PyUnicode_IS_ASCII(text)) self->ascii = false;
        if (n > 0 && put(self, PyUnicode_KIND(text), PyUnicode_DATA(text), n) < 0) return NULL;
    }
    PyObject *position = PyTuple_GET_ITEM(state, 2), *dict = PyTuple_GET_ITEM(state, 3);
    if (!PyLong_Check(position)) {
        return PyErr_Format(PyExc_TypeError, "third item of state must be an integer, got %.200s",
            Py_TYPE(position)->tp_name);
    }
    Py_ssize_t at = PyLong_AsSsize_t(position);
    if (at == -1 && PyErr_Occurred()) return NULL;
    if (at < 0) {
        PyErr_SetString(PyExc_ValueError, "position value cannot be negative");
        return NULL;
    }
    self->position = at;
    if (dict != Py_None) {
        if (!PyDict_Check(dict)) {
            return PyErr_Format(PyExc_TypeError,
                "fourth item of state should be a dict, got a %.200s", Py_TYPE(dict)->tp_name);
        }
        if (self->dict) {
            if (PyDict_Update(self->dict, dict) < 0) return NULL;
        } else {
            self->dict = Py_NewRef(dict);
        }
    }
    Py_RETURN_NONE;
}

/* ---- the type ---------------------------------------------------------------------------- */

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef stringio_methods[] = {
    {"close", stringio_close, METH_NOARGS,
        "close($self, /)\n--\n\nClose the IO object.\n\n"
        "Any other operation raises ValueError afterwards; closing again does nothing."},
    {"getvalue", stringio_getvalue, METH_NOARGS,
        "getvalue($self, /)\n--\n\nRetrieve the entire contents of the object."},
    {"read", FAST(stringio_read), METH_FASTCALL,
        "read($self, size=-1, /)\n--\n\nRead at most size characters, returned as a string.\n\n"
        "Everything until EOF if the argument is negative or omitted.\nReturn an empty string at "
        "EOF."},
    {"readline", FAST(stringio_readline), METH_FASTCALL,
        "readline($self, size=-1, /)\n--\n\nRead until newline or EOF.\n\nReturn an empty string "
        "at EOF."},
    {"tell", stringio_tell, METH_NOARGS, "tell($self, /)\n--\n\nTell the current file position."},
    {"truncate", FAST(stringio_truncate), METH_FASTCALL,
        "truncate($self, pos=None, /)\n--\n\nTruncate size to pos.\n\n"
        "pos is by default the current position, which does not change.\nReturns the new absolute "
        "position."},
    {"seek", FAST(stringio_seek), METH_FASTCALL,
        "seek($self, pos, whence=0, /)\n--\n\nChange stream position.\n\n"
        "pos counts characters from where whence says:\n"
        "    0  Start of stream (the default); pos is not negative.\n"
        "    1  Current position; pos is 0.\n"
        "    2  End of stream; pos is 0.\n"
        "Returns the new absolute position."},
    {"write", stringio_write, METH_O,
        "write($self, s, /)\n--\n\nWrite string to file.\n\nReturns the number of characters "
        "written, the length of the string."},
    {"seekable", stringio_true, METH_NOARGS,
        "seekable($self, /)\n--\n\nReturns True if the IO object can be seeked."},
    {"readable", stringio_true, METH_NOARGS,
        "readable($self, /)\n--\n\nReturns True if the IO object can be read."},
    {"writable", stringio_true, METH_NOARGS,
        "writable($self, /)\n--\n\nReturns True if the IO object can be written."},
    {"__getstate__", stringio_getstate, METH_NOARGS, NULL},
    {"__setstate__", stringio_setstate, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef stringio_getset[] = {
    {"closed", stringio_closed, NULL, NULL, NULL},
    {"newlines", stringio_newlines, NULL, NULL, NULL},
    {"line_buffering", stringio_line_buffering, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyStringIO_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io.StringIO",
    .tp_basicsize = sizeof(StringIo),
    .tp_dealloc = stringio_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "StringIO(initial_value=\'\', newline=\'\\n\')\n--\n\n"
              "Text stream over a string in memory.\n\n"
              "initial_value is what it holds at first; newline is as for TextIOWrapper.",
    .tp_traverse = stringio_traverse,
    .tp_clear = stringio_clear,
    .tp_weaklistoffset = offsetof(StringIo, weaklist),
    .tp_iternext = stringio_iternext,
    .tp_methods = stringio_methods,
    .tp_getset = stringio_getset,
    .tp_base = &PyTextIOBase_Type,
    .tp_dictoffset = offsetof(StringIo, dict),
    .tp_init = stringio_init,
    .tp_new = PyType_GenericNew,
};
