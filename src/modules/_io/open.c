/* open(), open_code(), text_encoding(). */
#include "modules/_io/io.h"

/* ---- the mode ---------------------------------------------------------------------------- */

typedef struct {
    bool text, binary, updating, creating, reading, writing, appending;
    char raw[6]; /* for FileIO */
} Mode;

static int parse_mode(const char *text, Mode *m)
{
    *m = (Mode){0};
    for (const char *c = text; *c; c++) {
        bool *flag;
        switch (*c) {
        case 'x': flag = &m->creating; break;
        case 'r': flag = &m->reading; break;
        case 'w': flag = &m->writing; break;
        case 'a': flag = &m->appending; break;
        case '+': flag = &m->updating; break;
        case 't': flag = &m->text; break;
        case 'b': flag = &m->binary; break;
        default: flag = NULL;
        }
        if (!flag || *flag) {
            PyErr_Format(PyExc_ValueError, "invalid mode: '%s'", text);
            return -1;
        }
        *flag = true;
    }
    char *r = m->raw;
    if (m->creating) *r++ = 'x';
    if (m->reading) *r++ = 'r';
    if (m->writing) *r++ = 'w';
    if (m->appending) *r++ = 'a';
    if (m->updating) *r++ = '+';
    *r = '\0';
    return 0;
}

/* What the mode and the other arguments do not go together for; NULL if they do. */
static const char *contradiction(
    const Mode *m, const char *encoding, const char *errors, const char *newline)
{
    if (m->text && m->binary) return "can't have text and binary mode at once";
    if (m->creating + m->reading + m->writing + m->appending > 1) {
        return "must have exactly one of create/read/write/append mode";
    }
    if (m->binary && encoding) return "binary mode doesn't take an encoding argument";
    if (m->binary && errors) return "binary mode doesn't take an errors argument";
    if (m->binary && newline) return "binary mode doesn't take a newline argument";
    return NULL;
}

/* ---- open() ------------------------------------------------------------------------------ */

static PyObject *new_buffered(const Mode *m, PyObject *raw, Py_ssize_t size)
{
    bool both = m->updating, writes = m->creating || m->writing || m->appending;
    PyTypeObject *type = both     ? &PyBufferedRandom_Type
                         : writes ? &PyBufferedWriter_Type
                                  : &PyBufferedReader_Type;
    if (!both && !writes && !m->reading) {
        PyErr_Format(PyExc_ValueError, "unknown mode: '%s'", m->raw);
        return NULL;
    }
    if (both && !io_check_seekable(raw)) return NULL;
    if ((both || !writes) && !io_check_readable(raw)) return NULL;
    if ((both || writes) && !io_check_writable(raw)) return NULL;
    PyObject *buffer = type->tp_alloc(type, 0);
    if (buffer && buffered_init((Buffered *)buffer, raw, size, both || !writes, both || writes) < 0)
        Py_CLEAR(buffer);
    return buffer;
}

/* Closes a stream that was half made, keeping the error. */
static void abandon(PyObject *stream)
{
    IoError e;
    io_error_save(&e);
    PyObject *r = io_call(stream, NAME(close));
    Py_XDECREF(r);
    if (r)
        PyErr_Restore(e.type, e.value, e.traceback);
    else
        _PyErr_ChainExceptions(e.type, e.value, e.traceback);
    Py_DECREF(stream);
}

static int is_terminal(PyObject *raw)
{
    if (fileio_is_plain(raw) && ((FileIo *)raw)->regular) return 0;
    PyObject *answer = io_call(raw, NAME(isatty));
    if (!answer) return -1;
    long r = PyLong_AsLong(answer);
    Py_DECREF(answer);
    return r == -1 && PyErr_Occurred() ? -1 : r != 0;
}

static PyObject *do_open(PyObject *path, const char *mode, int buffering, PyObject *encoding,
    PyObject *errors, PyObject *newline, bool closefd, PyObject *opener)
{
    Mode m;
    const char *newline_text, *encoding_text = encoding == Py_None ? NULL : "",
                              *errors_text = errors == Py_None ? NULL : "";
    if (text_newline_argument(newline, "open", &newline_text) < 0 || parse_mode(mode, &m) < 0)
        return NULL;
    const char *wrong = contradiction(&m, encoding_text, errors_text, newline_text);
    if (wrong) {
        PyErr_SetString(PyExc_ValueError, wrong);
        return NULL;
    }
    if (m.binary && buffering == 1 &&
        PyErr_WarnEx(PyExc_RuntimeWarning,
            "line buffering (buffering=1) isn't supported in binary mode, the default buffer size "
            "will be used",
            1) < 0) {
        return NULL;
    }
    PyObject *stream = PyFileIO_Type.tp_new(&PyFileIO_Type, NULL, NULL);
    if (!stream) return NULL;
    if (fileio_open((FileIo *)stream, path, m.raw, closefd, opener) < 0) {
        Py_DECREF(stream);
        return NULL;
    }
    /* `stream` is the last that was made: it owns those below it. */
    int terminal = is_terminal(stream);
    if (terminal < 0) goto error;
    bool line_buffering = false;
    if (buffering == 1 || (terminal && buffering < 0)) {
        buffering = -1;
        line_buffering = true;
    }
    if (buffering < 0) buffering = (int)((FileIo *)stream)->blksize;
    if (buffering < 0) {
        PyErr_SetString(PyExc_ValueError, "invalid buffering size");
        goto error;
    }
    if (buffering == 0) {
        if (m.binary) return stream;
        PyErr_SetString(PyExc_ValueError, "can't have unbuffered text I/O");
        goto error;
    }
    PyObject *buffer = new_buffered(&m, stream, buffering);
    if (!buffer) goto error;
    Py_SETREF(stream, buffer);
    if (m.binary) return stream;
    PyObject *text = PyTextIOWrapper_Type.tp_alloc(&PyTextIOWrapper_Type, 0);
    if (!text) goto error;
    if (textio_init(text, stream, encoding, errors, newline, line_buffering, false) < 0) {
        Py_DECREF(text);
        goto error;
    }
    Py_SETREF(stream, text);
    PyObject *name = PyUnicode_FromString(mode);
    int failed = !name || PyObject_SetAttr(stream, NAME(mode), name) < 0;
    Py_XDECREF(name);
    if (failed) goto error;
    return stream;
error:
    abandon(stream);
    return NULL;
}

/* A str argument or None. */
static int check_text(const char *name, PyObject *arg)
{
    if (arg == Py_None) return 0;
    if (PyUnicode_Check(arg)) {
        Py_ssize_t n;
        const char *s = PyUnicode_AsUTF8AndSize(arg, &n);
        if (!s) return -1;
        if (strlen(s) == (size_t)n) return 0;
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    char label[32];
    PyOS_snprintf(label, sizeof label, "argument '%s'", name);
    _PyArg_BadArgument("open", label, "str or None", arg);
    return -1;
}

static PyObject *io_open(
    PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {
        "file", "mode", "buffering", "encoding", "errors", "newline", "closefd", "opener", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O|OiOOOiO:open"};
    PyObject *file, *encoding = Py_None, *errors = Py_None, *newline = Py_None, *opener = Py_None;
    PyObject *mode_argument = NULL;
    int buffering = -1, closefd = 1;
    if (nargs == 1 && !kwnames) {
        file = args[0];
    } else if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &file, &mode_argument,
                   &buffering, &encoding, &errors, &newline, &closefd, &opener)) {
        return NULL;
    }
    const char *mode = mode_argument ? io_mode_argument("open", mode_argument) : "r";
    if (!mode) return NULL;
    if (check_text("encoding", encoding) < 0 || check_text("errors", errors) < 0 ||
        check_text("newline", newline) < 0) {
        return NULL;
    }
    PyObject *path = PyNumber_Check(file) ? Py_NewRef(file) : PyOS_FSPath(file);
    if (!path) return NULL;
    PyObject *r = do_open(path, mode, buffering, encoding, errors, newline, closefd, opener);
    Py_DECREF(path);
    return r;
}

static PyObject *io_open_code(
    PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"path", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .format = "O:open_code"};
    PyObject *path;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &path)) return NULL;
    if (!PyUnicode_Check(path)) {
        _PyArg_BadArgument("open_code", "argument 'path'", "str", path);
        return NULL;
    }
    return PyFile_OpenCodeObject(path);
}

static PyObject *io_text_encoding(
    PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs)
{
    int level = 2;
    if (!_PyArg_CheckPositional("text_encoding", nargs, 1, 2)) return NULL;
    if (nargs > 1) {
        level = _PyLong_AsInt(args[1]);
        if (level == -1 && PyErr_Occurred()) return NULL;
    }
    if (args[0] != Py_None) return Py_NewRef(args[0]);
    if (_Py_GetConfig()->warn_default_encoding &&
        PyErr_WarnEx(PyExc_EncodingWarning, "'encoding' argument not specified", level) < 0) {
        return NULL;
    }
    return PyUnicode_InternFromString(Py_UTF8Mode ? "utf-8" : "locale");
}

#define OPEN_DOC                                                                                   \
    "open($module, /, file, mode='r', buffering=-1, encoding=None,\n     errors=None, "            \
    "newline=None, closefd=True, "                                                                 \
    "opener=None)\n--\n\n"                                                                         \
    "Open file and return a stream.  Raise OSError upon failure.\n\n"                              \
    "file is a path (str, bytes or os.PathLike, relative to the current directory\nunless "        \
    "absolute) or the number "                                                                     \
    "of an open file descriptor, which is closed with the\nstream unless closefd is False. "       \
    "closefd must be True for a "                                                                  \
    "path.\n\n"                                                                                    \
    "mode says how the file is used, 'r' (reading text) by default:\n\n"                           \
    "========= ===============================================================\n"                  \
    "Character Meaning\n"                                                                          \
    "--------- ---------------------------------------------------------------\n"                  \
    "'r'       read (default)\n"                                                                   \
    "'w'       write, after truncating the file to nothing\n"                                      \
    "'x'       create a file that must not exist yet, and write\n"                                 \
    "'a'       write, everything at the end of the file\n"                                         \
    "'b'       binary\n"                                                                           \
    "'t'       text (default)\n"                                                                   \
    "'+'       read and write\n"                                                                   \
    "========= ===============================================================\n\n"                \
    "'w+b' empties the file, 'r+b' does not. 'x' raises FileExistsError if the file exists.\n\n"   \
    "Binary streams give bytes as they are in the file; text streams give str, decoded\n"          \
    "by encoding, or if that is not given by what locale.getencoding() returns.\n\n"               \
    "buffering is 0 for none (binary only), 1 for lines (text only), or the size of the\n"         \
    "buffer. By default the buffer is as large as a block of the device, if that is known,\n"      \
    "else io.DEFAULT_BUFFER_SIZE, and text for a terminal is buffered by lines.\n\n"               \
    "errors says what happens to what cannot be coded: 'strict' (as None) raises\n"                \
    "ValueError, 'ignore' loses it; see codecs.register for the others.\n\n"                       \
    "newline is None, '', '\\n', '\\r' or '\\r\\n', for text only; see TextIOWrapper.\n\n"         \
    "opener, if given, is called with (file, flags) and returns an open file descriptor;\n"        \
    "os.open does what None does.\n\n"                                                             \
    "A text stream is a TextIOWrapper. A binary one is a BufferedReader, a BufferedWriter if\n"    \
    "it only writes, a BufferedRandom if it does both, a FileIO if it is not buffered. StringIO\n" \
    "and BytesIO are streams over strings and bytes."

PyMethodDef io_functions[] = {
    {"open", (PyCFunction)(void (*)(void))io_open, METH_FASTCALL | METH_KEYWORDS, OPEN_DOC},
    {"text_encoding", (PyCFunction)(void (*)(void))io_text_encoding, METH_FASTCALL,
        "text_encoding($module, encoding, stacklevel=2, /)\n--\n\nChoose a text encoding.\n\n"
        "Returns encoding unless that is None. Then it returns the default, \"utf-8\" in UTF-8\n"
        "mode and \"locale\" else, with an EncodingWarning if\nsys.flags.warn_default_encoding is "
        "true.\n\n"
        "For functions that have an encoding=None parameter; new ones had better\nuse "
        "encoding=\"utf-8\"."},
    {"open_code", (PyCFunction)(void (*)(void))io_open_code, METH_FASTCALL | METH_KEYWORDS,
        "open_code($module, /, path)\n--\n\nOpen a file whose contents are to be imported.\n\n"
        "The same as open(path, 'rb'), but a hook may examine the file first."},
    {NULL, NULL, 0, NULL},
};
