/* _IOBase, _RawIOBase, _BufferedIOBase and _TextIOBase: the defaults of every stream. */
#include "modules/_io/io.h"

#include <structmember.h>

/* ---- errors and arguments ---------------------------------------------------------------- */

PyObject *io_unsupported(const char *message)
{
    PyErr_SetString(io_runtime.unsupported_operation, message);
    return NULL;
}

PyObject *io_closed_error(void)
{
    PyErr_SetString(PyExc_ValueError, "I/O operation on closed file.");
    return NULL;
}

bool io_trap_eintr(void)
{
    if (!PyErr_ExceptionMatches(PyExc_OSError)) return false;
    IoError e;
    io_error_save(&e);
    PyErr_NormalizeException(&e.type, &e.value, &e.traceback);
    PyOSErrorObject *error = (PyOSErrorObject *)e.value;
    if (error && PyObject_TypeCheck(e.value, (PyTypeObject *)PyExc_OSError) && error->myerrno) {
        int overflow;
        long number =
            PyLong_Check(error->myerrno) ? PyLong_AsLongAndOverflow(error->myerrno, &overflow) : 0;
        if (number == EINTR) {
            Py_XDECREF(e.type);
            Py_XDECREF(e.value);
            Py_XDECREF(e.traceback);
            return true;
        }
    }
    PyErr_Restore(e.type, e.value, e.traceback);
    return false;
}

PyObject *io_error_restore(IoError *e, PyObject *result)
{
    if (!e->type) return result;
    if (result) {
        Py_DECREF(result);
        PyErr_Restore(e->type, e->value, e->traceback);
    } else {
        _PyErr_ChainExceptions(e->type, e->value, e->traceback);
    }
    return NULL;
}

int io_size_argument(
    const char *function, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t *size)
{
    if (nargs == 0) return 0;
    if (!_PyArg_CheckPositional(function, nargs, 0, 1)) return -1;
    return _Py_convert_optional_to_ssize_t(args[0], size) ? 0 : -1;
}

const char *io_mode_argument(const char *function, PyObject *arg)
{
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument(function, "argument 'mode'", "str", arg);
        return NULL;
    }
    Py_ssize_t n;
    const char *mode = PyUnicode_AsUTF8AndSize(arg, &n);
    if (mode && strlen(mode) != (size_t)n) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return mode;
}

int io_writable_argument(const char *function, PyObject *arg, Py_buffer *view)
{
    if (PyObject_GetBuffer(arg, view, PyBUF_WRITABLE) < 0) {
        PyErr_Clear();
        _PyArg_BadArgument(function, "argument", "read-write bytes-like object", arg);
        return -1;
    }
    if (!PyBuffer_IsContiguous(view, 'C')) {
        PyBuffer_Release(view);
        _PyArg_BadArgument(function, "argument", "contiguous buffer", arg);
        return -1;
    }
    return 0;
}

off_t io_offset(PyObject *o, PyObject *error)
{
    PyObject *index = _PyNumber_Index(o);
    if (!index) return -1;
    long long offset = PyLong_AsLongLong(index);
    Py_DECREF(index);
    if (offset == -1 && PyErr_Occurred() && PyErr_ExceptionMatches(PyExc_OverflowError)) {
        PyErr_Format(
            error, "cannot fit '%.200s' into an offset-sized integer", Py_TYPE(o)->tp_name);
    }
    return offset;
}

/* ---- state of a stream ------------------------------------------------------------------- */

/* 1 if _IOBase.close() has been there. */
static int base_is_closed(PyObject *self)
{
    PyObject *mark;
    int r = _PyObject_LookupAttr(self, NAME(__IOBase_closed), &mark);
    Py_XDECREF(mark);
    return r;
}

PyObject *io_check_closed(PyObject *self)
{
    PyObject *closed;
    if (_PyObject_LookupAttr(self, NAME(closed), &closed) < 0) return NULL;
    if (closed) {
        int truth = PyObject_IsTrue(closed);
        Py_DECREF(closed);
        if (truth < 0) return NULL;
        if (truth) return io_closed_error();
    }
    return Py_None;
}

static PyObject *check(PyObject *self, PyObject *question, const char *refusal)
{
    PyObject *answer = io_call(self, question);
    if (!answer) return NULL;
    Py_DECREF(answer);
    return answer == Py_True ? Py_True : io_unsupported(refusal);
}

PyObject *io_check_readable(PyObject *self)
{
    if (fileio_is_plain(self) && ((FileIo *)self)->fd >= 0 && ((FileIo *)self)->readable)
        return Py_True;
    return check(self, NAME(readable), "File or stream is not readable.");
}

PyObject *io_check_writable(PyObject *self)
{
    if (fileio_is_plain(self) && ((FileIo *)self)->fd >= 0 && ((FileIo *)self)->writable)
        return Py_True;
    return check(self, NAME(writable), "File or stream is not writable.");
}

PyObject *io_check_seekable(PyObject *self)
{
    return check(self, NAME(seekable), "File or stream is not seekable.");
}

#define CHECKER(name)                                                                              \
    static PyObject *base_check_##name(PyObject *self, PyObject *Py_UNUSED(args))                  \
    {                                                                                              \
        return Py_XNewRef(io_check_##name(self));                                                  \
    }
CHECKER(closed)
CHECKER(readable)
CHECKER(writable)
CHECKER(seekable)

/* ---- end of life ------------------------------------------------------------------------- */

static PyObject *base_flush(PyObject *self, PyObject *Py_UNUSED(args))
{
    int closed = base_is_closed(self);
    if (closed < 0) return NULL;
    if (closed) return io_closed_error();
    Py_RETURN_NONE;
}

PyObject *io_base_close(PyObject *self)
{
    int closed = base_is_closed(self);
    if (closed < 0) return NULL;
    if (closed) Py_RETURN_NONE;
    PyObject *flushed = io_call(self, NAME(flush));
    IoError e;
    io_error_save(&e);
    int marked = PyObject_SetAttr(self, NAME(__IOBase_closed), Py_True);
    if (e.type) {
        if (marked < 0)
            _PyErr_ChainExceptions(e.type, e.value, e.traceback);
        else
            PyErr_Restore(e.type, e.value, e.traceback);
    }
    if (marked < 0) Py_CLEAR(flushed);
    Py_XDECREF(flushed);
    if (!flushed) return NULL;
    Py_RETURN_NONE;
}

static PyObject *base_close(PyObject *self, PyObject *Py_UNUSED(args))
{
    return io_base_close(self);
}

static void base_finalize(PyObject *self)
{
    IoError e;
    io_error_save(&e);
    int closed = 1;
    PyObject *attribute;
    /* Without a `closed` that can be asked the object is in no state to be closed. */
    if (_PyObject_LookupAttr(self, NAME(closed), &attribute) > 0) {
        closed = PyObject_IsTrue(attribute);
        Py_DECREF(attribute);
    }
    if (PyErr_Occurred()) {
        PyErr_Clear();
        closed = 1;
    }
    if (closed == 0) {
        /* Lets close() know that it is called by the destructor, so that it can warn. */
        if (PyObject_SetAttr(self, NAME(_finalizing), Py_True) < 0) PyErr_Clear();
        PyObject *r = io_call(self, NAME(close));
        if (!r) {
            if (_Py_GetConfig()->dev_mode)
                PyErr_WriteUnraisable(self);
            else
                PyErr_Clear();
        }
        Py_XDECREF(r);
    }
    PyErr_Restore(e.type, e.value, e.traceback);
}

int io_finalize(PyObject *self)
{
    if (Py_REFCNT(self) != 0) {
        PyObject_CallFinalizer(self);
        return 0;
    }
    int r = PyObject_CallFinalizerFromDealloc(self);
    /* subtype_dealloc() gives up the type's reference of an object that is alive again. */
    if (r < 0 && PyType_HasFeature(Py_TYPE(self), Py_TPFLAGS_HEAPTYPE)) Py_INCREF(Py_TYPE(self));
    return r;
}

void io_dealloc_head(PyObject *self)
{
    IoStream *s = (IoStream *)self;
    if (s->weaklist) PyObject_ClearWeakRefs(self);
    Py_CLEAR(s->dict);
}

static int base_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((IoStream *)self)->dict);
    return 0;
}

static int base_clear(PyObject *self)
{
    Py_CLEAR(((IoStream *)self)->dict);
    return 0;
}

static void base_dealloc(PyObject *self)
{
    if (io_finalize(self) < 0) return;
    PyObject_GC_UnTrack(self);
    io_dealloc_head(self);
    Py_TYPE(self)->tp_free(self);
}

/* ---- _IOBase ----------------------------------------------------------------------------- */

static PyObject *base_seek(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    return io_unsupported("seek");
}

static PyObject *base_tell(PyObject *self, PyObject *Py_UNUSED(args))
{
    return _PyObject_CallMethod(self, NAME(seek), "ii", 0, 1);
}

static PyObject *base_truncate(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    return io_unsupported("truncate");
}

static PyObject *base_no(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    Py_RETURN_FALSE;
}

static PyObject *base_fileno(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    return io_unsupported("fileno");
}

static PyObject *base_isatty(PyObject *self, PyObject *Py_UNUSED(args))
{
    if (!io_check_closed(self)) return NULL;
    Py_RETURN_FALSE;
}

static PyObject *base_enter(PyObject *self, PyObject *Py_UNUSED(args))
{
    return io_check_closed(self) ? Py_NewRef(self) : NULL;
}

static PyObject *base_exit(PyObject *self, PyObject *Py_UNUSED(args))
{
    return io_call(self, NAME(close));
}

static PyObject *base_iter(PyObject *self)
{
    return io_check_closed(self) ? Py_NewRef(self) : NULL;
}

static PyObject *base_iternext(PyObject *self)
{
    PyObject *line = io_call(self, NAME(readline));
    if (!line) return NULL;
    if (PyObject_Size(line) <= 0) {
        /* Error, or end of file. */
        Py_DECREF(line);
        return NULL;
    }
    return line;
}

/* How many bytes to read next so as not to run over the line's end: those that peek() shows, or
 * one. -1 with an exception. */
static Py_ssize_t line_step(PyObject *peek, Py_ssize_t limit, Py_ssize_t have)
{
    if (!peek) return 1;
    PyObject *ahead;
    do {
        ahead = PyObject_CallFunction(peek, "i", 1);
    } while (!ahead && io_trap_eintr());
    if (!ahead) return -1;
    Py_ssize_t n = 1;
    if (!PyBytes_Check(ahead)) {
        PyErr_Format(PyExc_OSError, "peek() should have returned a bytes object, not '%.200s'",
            Py_TYPE(ahead)->tp_name);
        n = -1;
    } else if (PyBytes_GET_SIZE(ahead) > 0) {
        const char *text = PyBytes_AS_STRING(ahead);
        n = PyBytes_GET_SIZE(ahead);
        if (limit >= 0 && n > limit - have) n = limit - have;
        const char *end = memchr(text, '\n', (size_t)n);
        if (end) n = end - text + 1;
    }
    Py_DECREF(ahead);
    return n;
}

static PyObject *base_readline(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t limit = -1;
    PyObject *peek;
    if (io_size_argument("readline", args, nargs, &limit) < 0) return NULL;
    if (_PyObject_LookupAttr(self, NAME(peek), &peek) < 0) return NULL;
    PyObject *line = PyByteArray_FromStringAndSize(NULL, 0);
    if (!line) goto done;
    while (limit < 0 || PyByteArray_GET_SIZE(line) < limit) {
        Py_ssize_t n = line_step(peek, limit, PyByteArray_GET_SIZE(line));
        if (n < 0) goto error;
        PyObject *piece = _PyObject_CallMethod(self, NAME(read), "n", n);
        if (!piece) {
            if (io_trap_eintr()) continue;
            goto error;
        }
        if (!PyBytes_Check(piece)) {
            PyErr_Format(PyExc_OSError, "read() should have returned a bytes object, not '%.200s'",
                Py_TYPE(piece)->tp_name);
            Py_DECREF(piece);
            goto error;
        }
        Py_ssize_t got = PyBytes_GET_SIZE(piece), old = PyByteArray_GET_SIZE(line);
        if (got == 0) {
            Py_DECREF(piece);
            break;
        }
        if (PyByteArray_Resize(line, old + got) < 0) {
            Py_DECREF(piece);
            goto error;
        }
        memcpy(PyByteArray_AS_STRING(line) + old, PyBytes_AS_STRING(piece), (size_t)got);
        Py_DECREF(piece);
        if (PyByteArray_AS_STRING(line)[PyByteArray_GET_SIZE(line) - 1] == '\n') break;
    }
    Py_SETREF(
        line, PyBytes_FromStringAndSize(PyByteArray_AS_STRING(line), PyByteArray_GET_SIZE(line)));
    goto done;
error:
    Py_CLEAR(line);
done:
    Py_XDECREF(peek);
    return line;
}

static PyObject *base_readlines(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t hint = -1, length = 0;
    if (io_size_argument("readlines", args, nargs, &hint) < 0) return NULL;
    if (hint <= 0) return PySequence_List(self);
    PyObject *lines = PyList_New(0), *it = lines ? PyObject_GetIter(self) : NULL;
    if (!it) goto error;
    for (;;) {
        PyObject *line = PyIter_Next(it);
        if (!line) {
            if (PyErr_Occurred()) goto error;
            break;
        }
        int failed = PyList_Append(lines, line);
        Py_ssize_t n = failed ? -1 : PyObject_Size(line);
        Py_DECREF(line);
        if (n < 0) goto error;
        if (n > hint - length) break;
        length += n;
    }
    Py_DECREF(it);
    return lines;
error:
    Py_XDECREF(it);
    Py_XDECREF(lines);
    return NULL;
}

static PyObject *base_writelines(PyObject *self, PyObject *lines)
{
    if (!io_check_closed(self)) return NULL;
    PyObject *it = PyObject_GetIter(lines);
    if (!it) return NULL;
    PyObject *line;
    while ((line = PyIter_Next(it))) {
        PyObject *r;
        do {
            r = io_call1(self, NAME(write), line);
        } while (!r && io_trap_eintr());
        Py_DECREF(line);
        Py_XDECREF(r);
        if (!r) break;
    }
    Py_DECREF(it);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static PyObject *base_closed(PyObject *self, void *Py_UNUSED(context))
{
    int closed = base_is_closed(self);
    return closed < 0 ? NULL : PyBool_FromLong(closed);
}

#define FAST(f) ((PyCFunction)(void (*)(void))(f))

static PyMethodDef base_methods[] = {
    {"seek", base_seek, METH_VARARGS,
        "Change the stream's position to an offset relative to what whence says.\n\n"
        "* 0 -- start of the stream (the default); the offset is not negative\n"
        "* 1 -- current position; the offset may be negative\n"
        "* 2 -- end of the stream; the offset is usually negative\n\n"
        "Return the new absolute position."},
    {"tell", base_tell, METH_NOARGS, "tell($self, /)\n--\n\nReturn current stream position."},
    {"truncate", base_truncate, METH_VARARGS,
        "Truncate the file to size bytes, by default at the current position as tell() gives "
        "it.\n\n"
        "The file pointer stays where it is. Return the new size."},
    {"flush", base_flush, METH_NOARGS,
        "flush($self, /)\n--\n\nFlush write buffers, if there are any.\n\n"
        "Does nothing for read-only and non-blocking streams."},
    {"close", base_close, METH_NOARGS,
        "close($self, /)\n--\n\nFlush and close the IO object.\n\nNothing happens if the file is "
        "closed already."},
    {"seekable", base_no, METH_NOARGS,
        "seekable($self, /)\n--\n\nReturn whether object supports random access.\n\n"
        "If False, seek(), tell() and truncate() raise OSError.\nThis method may need to try a "
        "seek()."},
    {"readable", base_no, METH_NOARGS,
        "readable($self, /)\n--\n\nReturn whether object was opened for reading.\n\nIf False, "
        "read() raises OSError."},
    {"writable", base_no, METH_NOARGS,
        "writable($self, /)\n--\n\nReturn whether object was opened for writing.\n\nIf False, "
        "write() raises OSError."},
    {"_checkClosed", base_check_closed, METH_NOARGS, NULL},
    {"_checkSeekable", base_check_seekable, METH_NOARGS, NULL},
    {"_checkReadable", base_check_readable, METH_NOARGS, NULL},
    {"_checkWritable", base_check_writable, METH_NOARGS, NULL},
    {"fileno", base_fileno, METH_NOARGS,
        "fileno($self, /)\n--\n\nReturn the underlying file descriptor if there is one.\n\n"
        "OSError is raised if the IO object does not use a file descriptor."},
    {"isatty", base_isatty, METH_NOARGS,
        "isatty($self, /)\n--\n\nReturn whether this is an 'interactive' stream.\n\nFalse if that "
        "cannot be known."},
    {"__enter__", base_enter, METH_NOARGS, NULL},
    {"__exit__", base_exit, METH_VARARGS, NULL},
    {"readline", FAST(base_readline), METH_FASTCALL,
        "readline($self, size=-1, /)\n--\n\nRead and return a line from the stream.\n\n"
        "At most size bytes are read if size is given.\n\n"
        "A line of a binary file ends in b'\\n'; for text files open()'s argument\nnewline selects "
        "what ends a line."},
    {"readlines", FAST(base_readlines), METH_FASTCALL,
        "readlines($self, hint=-1, /)\n--\n\nReturn a list of lines from the stream.\n\n"
        "No more lines are read once the total size (in bytes or characters)\nof all lines so far "
        "exceeds hint."},
    {"writelines", base_writelines, METH_O,
        "writelines($self, lines, /)\n--\n\nWrite a list of lines to stream.\n\n"
        "No line separators are added, so each line usually has one at its end."},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef base_getset[] = {
    {"__dict__", PyObject_GenericGetDict, NULL, NULL, NULL},
    {"closed", base_closed, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyIOBase_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io._IOBase",
    .tp_basicsize = sizeof(IoStream),
    .tp_dealloc = base_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "The abstract base class of all I/O classes.\n\n"
              "Its methods are defaults that derived classes override as they need; they\n"
              "describe a file that can be neither read nor written nor positioned.\n\n"
              "read(), readinto() and write() are not declared here since their signatures\n"
              "vary, but belong to the interface. Operations that a class does not support\n"
              "may raise UnsupportedOperation.\n\n"
              "Binary data is read and written as bytes; other bytes-like objects are taken\n"
              "as arguments too, and readinto() needs a writable one. Text classes work\n"
              "with str.\n\n"
              "Any method called on a closed stream, except close(), should raise ValueError.\n\n"
              "A stream is an iterator over its lines, and a context manager that closes it:\n\n"
              "with open('spam.txt', 'r') as fp:\n"
              "    fp.write('Spam and eggs!')\n",
    .tp_traverse = base_traverse,
    .tp_clear = base_clear,
    .tp_weaklistoffset = offsetof(IoStream, weaklist),
    .tp_iter = base_iter,
    .tp_iternext = base_iternext,
    .tp_methods = base_methods,
    .tp_getset = base_getset,
    .tp_dictoffset = offsetof(IoStream, dict),
    .tp_new = PyType_GenericNew,
    .tp_finalize = base_finalize,
};

/* ---- _RawIOBase -------------------------------------------------------------------------- */

static PyObject *raw_read(PyObject *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_ssize_t n = -1;
    if (!_PyArg_CheckPositional("read", nargs, 0, 1)) return NULL;
    if (nargs > 0) {
        PyObject *index = _PyNumber_Index(args[0]);
        if (index) {
            n = PyLong_AsSsize_t(index);
            Py_DECREF(index);
        }
        if (n == -1 && PyErr_Occurred()) return NULL;
    }
    if (n < 0) return io_call(self, NAME(readall));
    PyObject *room = PyByteArray_FromStringAndSize(NULL, n);
    if (!room) return NULL;
    PyObject *r = io_call1(self, NAME(readinto), room);
    if (r && r != Py_None) {
        Py_ssize_t got = PyNumber_AsSsize_t(r, PyExc_ValueError);
        Py_CLEAR(r);
        if (got >= 0 && got <= PyByteArray_GET_SIZE(room)) {
            r = PyBytes_FromStringAndSize(PyByteArray_AS_STRING(room), got);
        } else if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_ValueError, "readinto returned %zd outside buffer size %zd", got, n);
        }
    }
    Py_DECREF(room);
    return r;
}

static PyObject *raw_readall(PyObject *self, PyObject *Py_UNUSED(args))
{
    PyObject *chunks = PyList_New(0);
    if (!chunks) return NULL;
    for (;;) {
        PyObject *data = _PyObject_CallMethod(self, NAME(read), "i", IO_BUFFER_SIZE);
        if (!data) {
            if (io_trap_eintr()) continue;
            goto error;
        }
        if (data == Py_None) {
            if (PyList_GET_SIZE(chunks) == 0) {
                Py_DECREF(chunks);
                return data;
            }
            Py_DECREF(data);
            break;
        }
        if (!PyBytes_Check(data)) {
            Py_DECREF(data);
            PyErr_SetString(PyExc_TypeError, "read() should return bytes");
            goto error;
        }
        bool end = PyBytes_GET_SIZE(data) == 0;
        int failed = end ? 0 : PyList_Append(chunks, data);
        Py_DECREF(data);
        if (failed) goto error;
        if (end) break;
    }
    PyObject *empty = PyBytes_FromStringAndSize(NULL, 0);
    PyObject *all = empty ? _PyBytes_Join(empty, chunks) : NULL;
    Py_XDECREF(empty);
    Py_DECREF(chunks);
    return all;
error:
    Py_DECREF(chunks);
    return NULL;
}

static PyObject *raw_not_implemented(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))
{
    PyErr_SetNone(PyExc_NotImplementedError);
    return NULL;
}

static PyMethodDef raw_methods[] = {
    {"read", FAST(raw_read), METH_FASTCALL, "read($self, size=-1, /)\n--\n\n"},
    {"readall", raw_readall, METH_NOARGS,
        "readall($self, /)\n--\n\nRead until EOF, with as many read() calls as it takes."},
    {"readinto", raw_not_implemented, METH_VARARGS, NULL},
    {"write", raw_not_implemented, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PyRawIOBase_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io._RawIOBase",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "Base class of raw binary streams.",
    .tp_methods = raw_methods,
    .tp_base = &PyIOBase_Type,
};

/* ---- _BufferedIOBase --------------------------------------------------------------------- */

static PyObject *buffered_base_readinto_by(
    PyObject *self, PyObject *arg, const char *function, PyObject *read)
{
    Py_buffer view;
    if (io_writable_argument(function, arg, &view) < 0) return NULL;
    PyObject *data = _PyObject_CallMethod(self, read, "n", view.len), *r = NULL;
    if (!data) goto done;
    if (!PyBytes_Check(data)) {
        PyErr_SetString(PyExc_TypeError, "read() should return bytes");
        goto done;
    }
    Py_ssize_t n = PyBytes_GET_SIZE(data);
    if (n > view.len) {
        PyErr_Format(PyExc_ValueError,
            "read() returned too much data: %zd bytes requested, %zd returned", view.len, n);
        goto done;
    }
    memcpy(view.buf, PyBytes_AS_STRING(data), (size_t)n);
    r = PyLong_FromSsize_t(n);
done:
    Py_XDECREF(data);
    PyBuffer_Release(&view);
    return r;
}

static PyObject *buffered_base_readinto(PyObject *self, PyObject *arg)
{
    return buffered_base_readinto_by(self, arg, "readinto", NAME(read));
}

static PyObject *buffered_base_readinto1(PyObject *self, PyObject *arg)
{
    return buffered_base_readinto_by(self, arg, "readinto1", NAME(read1));
}

#define UNSUPPORTED(name)                                                                          \
    static PyObject *unsupported_##name(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(args))      \
    {                                                                                              \
        return io_unsupported(#name);                                                              \
    }
UNSUPPORTED(detach)
UNSUPPORTED(read)
UNSUPPORTED(read1)
UNSUPPORTED(readline)
UNSUPPORTED(write)

static PyMethodDef buffered_base_methods[] = {
    {"detach", unsupported_detach, METH_NOARGS,
        "detach($self, /)\n--\n\nDisconnect this buffer from its underlying raw stream and return "
        "that stream.\n\n"
        "The buffer cannot be used afterwards."},
    {"read", unsupported_read, METH_VARARGS,
        "Read and return up to n bytes, or all until EOF if n is omitted, None or negative.\n\n"
        "Unless the raw stream is interactive, several raw reads may be made to reach\n"
        "n bytes or EOF. From an interactive stream, a socket or a pipe at most one raw\n"
        "read is made, and a short result does not mean that EOF is near.\n\n"
        "Return an empty bytes object at EOF, and None if the raw stream is in\n"
        "non-blocking mode and has no data now.\n"},
    {"read1", unsupported_read1, METH_VARARGS,
        "Read and return up to n bytes with at most one read() call to the raw stream.\n"
        "A short result does not mean that EOF is near.\n\n"
        "Return an empty bytes object at EOF.\n"},
    {"readinto", buffered_base_readinto, METH_O, "readinto($self, buffer, /)\n--\n\n"},
    {"readinto1", buffered_base_readinto1, METH_O, "readinto1($self, buffer, /)\n--\n\n"},
    {"write", unsupported_write, METH_VARARGS,
        "Write the buffer b to the stream and return its length in bytes.\n\n"
        "Raises BlockingIOError if the buffer is full and the raw stream cannot take\nmore data "
        "now.\n"},
    {NULL, NULL, 0, NULL},
};

PyTypeObject PyBufferedIOBase_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io._BufferedIOBase",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "Base class of buffered streams.\n\n"
              "Unlike that of RawIOBase, read() can be called without a size, and no default\n"
              "implementation goes through readinto().\n\n"
              "read(), readinto() and write() may raise BlockingIOError if the raw stream is\n"
              "in non-blocking mode and not ready; they never return None as raw ones do.\n\n"
              "A typical implementation wraps a RawIOBase implementation and does not inherit\n"
              "from one.\n",
    .tp_methods = buffered_base_methods,
    .tp_base = &PyIOBase_Type,
};

/* ---- _TextIOBase ------------------------------------------------------------------------- */

static PyObject *text_base_none(PyObject *Py_UNUSED(self), void *Py_UNUSED(context))
{
    Py_RETURN_NONE;
}

static PyMethodDef text_base_methods[] = {
    {"detach", unsupported_detach, METH_NOARGS,
        "Separate the underlying buffer from the TextIOBase and return it.\n\nThe TextIO cannot be "
        "used afterwards.\n"},
    {"read", unsupported_read, METH_VARARGS,
        "Read at most n characters, until EOF if n is negative or omitted.\n"},
    {"readline", unsupported_readline, METH_VARARGS,
        "Read until newline or EOF.\n\nReturn an empty string at EOF.\n"},
    {"write", unsupported_write, METH_VARARGS,
        "Write a string to the stream.\nReturn the number of characters written, always the "
        "string's length.\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef text_base_getset[] = {
    {"encoding", text_base_none, NULL,
        "Encoding of the text stream.\n\nSubclasses should override.\n", NULL},
    {"newlines", text_base_none, NULL,
        "Line endings translated while reading so far.\n\nSubclasses should override.\n", NULL},
    {"errors", text_base_none, NULL,
        "How the decoder or encoder treats errors.\n\nSubclasses should override.\n", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject PyTextIOBase_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0).tp_name = "_io._TextIOBase",
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = "Base class of text streams.\n\n"
              "Its interface is made of characters and lines. There is no readinto() since\n"
              "strings cannot be changed.\n",
    .tp_methods = text_base_methods,
    .tp_getset = text_base_getset,
    .tp_base = &PyIOBase_Type,
};
