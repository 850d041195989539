/* Built-in functions that talk to the outside: print, input, open, breakpoint. */
#include "modules/builtins/builtins.h"

#include <unistd.h>

#include <internal/krait_exports.h>

#include "objects/names.h"

static PyObject *check_text(PyObject *o, const char *name)
{
    if (!o || o == Py_None) return NULL;
    if (!PyUnicode_Check(o)) PyErr_Format(PyExc_TypeError, "%s must be None or a string, not %.200s", name, Py_TYPE(o)->tp_name);
    return o;
}

/* The keyword arguments of print(); too many of them is a wrong one for it. */
static int unpack_options(PyObject *const *values, PyObject *kwnames, _PyArg_Parser *parser, PyObject **options)
{
    PyObject *unpacked[5];
    if (!_PyArg_UnpackKeywordsWithVararg(values, 0, NULL, kwnames, parser, 0, 0, 0, 0, unpacked)) return -1;
    Py_DECREF(unpacked[0]);     /* the empty tuple of positional arguments */
    memcpy(options, unpacked + 1, 4 * sizeof *options);
    return 0;
}

static PyObject *builtin_print(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"sep", "end", "file", "flush", NULL};
    static _PyArg_Parser parser = {.format = "|OOOO$:print", .keywords = keywords};
    PyObject *options[4] = {NULL};
    if (kwnames && unpack_options(args + nargs, kwnames, &parser, options) < 0) return NULL;
    PyObject *file = options[2];
    if (!file || file == Py_None) {
        file = PySys_GetObject("stdout");
        if (!file) {
            PyErr_SetString(PyExc_RuntimeError, "lost sys.stdout");
            return NULL;
        }
        if (file == Py_None) Py_RETURN_NONE;
    }
    PyObject *sep = check_text(options[0], "sep");
    PyObject *end = PyErr_Occurred() ? NULL : check_text(options[1], "end");
    if (PyErr_Occurred()) return NULL;
    Py_INCREF(file);
    int failed = 0;
    for (Py_ssize_t i = 0; i < nargs && !failed; i++) {
        if (i > 0) failed = sep ? PyFile_WriteObject(sep, file, Py_PRINT_RAW) : PyFile_WriteString(" ", file);
        if (!failed) failed = PyFile_WriteObject(args[i], file, Py_PRINT_RAW);
    }
    if (!failed) failed = end ? PyFile_WriteObject(end, file, Py_PRINT_RAW) : PyFile_WriteString("\n", file);
    if (!failed && options[3]) {
        int flush = PyObject_IsTrue(options[3]);
        failed = flush < 0;
        if (flush > 0) {
            PyObject *none = PyObject_CallMethodNoArgs(file, NAME(flush));
            failed = !none;
            Py_XDECREF(none);
        }
    }
    Py_DECREF(file);
    if (failed) return NULL;
    Py_RETURN_NONE;
}

/* ---- input ---------------------------------------------------------------------------------------------------- */

static PyObject *lost_stream(const char *name)
{
    return PyErr_Format(PyExc_RuntimeError, "input(): lost sys.%s", name);
}

/* Whether the stream is the terminal behind file descriptor `fd`. -1 with an exception set. */
static int is_terminal(PyObject *stream, int fd)
{
    PyObject *number = PyObject_CallMethodNoArgs(stream, NAME(fileno));
    if (!number) {
        PyErr_Clear();
        return 0;
    }
    long value = PyLong_AsLong(number);
    Py_DECREF(number);
    if (value == -1 && PyErr_Occurred()) return -1;
    return value == fd && isatty(fd);
}

static int flush_stream(PyObject *stream)
{
    PyObject *none = PyObject_CallMethodNoArgs(stream, NAME(flush));
    if (!none) return -1;
    Py_DECREF(none);
    return 0;
}

/* Bytes of the prompt in the encoding of stdout; a new reference. */
static PyObject *encode_prompt(PyObject *prompt, PyObject *out)
{
    PyObject *encoding = PyObject_GetAttr(out, NAME(encoding)), *errors = NULL, *bytes = NULL;
    if (encoding) errors = PyObject_GetAttr(out, NAME(errors));
    const char *encoding_text = errors && PyUnicode_Check(encoding) ? PyUnicode_AsUTF8(encoding) : NULL;
    const char *errors_text = encoding_text && PyUnicode_Check(errors) ? PyUnicode_AsUTF8(errors) : NULL;
    if (errors_text) {
        PyObject *text = PyObject_Str(prompt);
        if (text) bytes = PyUnicode_AsEncodedString(text, encoding_text, errors_text);
        Py_XDECREF(text);
    }
    else if (!PyErr_Occurred()) PyErr_SetString(PyExc_TypeError, "encoding and errors must be strings");
    Py_XDECREF(encoding);
    Py_XDECREF(errors);
    return bytes;
}

/* A line from the terminal, through PyOS_Readline. NULL with no exception: the streams' attributes do not allow it. */
static PyObject *read_terminal(PyObject *in, PyObject *out, PyObject *prompt)
{
    PyObject *encoding = PyObject_GetAttr(in, NAME(encoding)), *errors = encoding ? PyObject_GetAttr(in, NAME(errors)) : NULL;
    PyObject *prompt_bytes = NULL, *result = NULL;
    const char *encoding_text = errors && PyUnicode_Check(encoding) ? PyUnicode_AsUTF8(encoding) : NULL;
    const char *errors_text = encoding_text && PyUnicode_Check(errors) ? PyUnicode_AsUTF8(errors) : NULL;
    if (!errors_text) {
        PyErr_Clear();
        goto done;
    }
    if (flush_stream(out) < 0) PyErr_Clear();
    const char *prompt_text = "";
    if (prompt) {
        prompt_bytes = encode_prompt(prompt, out);
        if (!prompt_bytes) {
            if (!PyErr_ExceptionMatches(PyExc_UnicodeError) && !PyErr_ExceptionMatches(PyExc_ValueError)) PyErr_Clear();
            goto done;
        }
        if (strlen(PyBytes_AS_STRING(prompt_bytes)) != (size_t)PyBytes_GET_SIZE(prompt_bytes)) {
            PyErr_SetString(PyExc_ValueError, "input: prompt string cannot contain null characters");
            goto done;
        }
        prompt_text = PyBytes_AS_STRING(prompt_bytes);
    }
    char *line = PyOS_Readline(stdin, stdout, prompt_text);
    if (!line) {
        PyErr_CheckSignals();
        if (!PyErr_Occurred()) PyErr_SetNone(PyExc_KeyboardInterrupt);
        goto done;
    }
    size_t length = strlen(line);
    if (length == 0) PyErr_SetNone(PyExc_EOFError);
    else if (length > PY_SSIZE_T_MAX) PyErr_SetString(PyExc_OverflowError, "input: input too long");
    else {
        length--;   /* the newline */
        result = PyUnicode_Decode(line, (Py_ssize_t)length, encoding_text, errors_text);
    }
    PyMem_Free(line);
    if (result && PySys_Audit("builtins.input/result", "O", result) < 0) Py_CLEAR(result);
done:
    Py_XDECREF(encoding);
    Py_XDECREF(errors);
    Py_XDECREF(prompt_bytes);
    return result;
}

static PyObject *builtin_input(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("input", nargs, 0, 1)) return NULL;
    PyObject *prompt = nargs ? args[0] : NULL;
    PyObject *in = PySys_GetObject("stdin"), *out = PySys_GetObject("stdout"), *err = PySys_GetObject("stderr");
    if (!in || in == Py_None) return lost_stream("stdin");
    if (!out || out == Py_None) return lost_stream("stdout");
    if (!err || err == Py_None) return lost_stream("stderr");
    if (PySys_Audit("builtins.input", "O", prompt ? prompt : Py_None) < 0) return NULL;
    if (flush_stream(err) < 0) PyErr_Clear();
    int tty = is_terminal(in, fileno(stdin));
    if (tty > 0) tty = is_terminal(out, fileno(stdout));
    if (tty < 0) return NULL;
    if (tty) {
        PyObject *line = read_terminal(in, out, prompt);
        if (line || PyErr_Occurred()) return line;
    }
    if (prompt && PyFile_WriteObject(prompt, out, Py_PRINT_RAW) != 0) return NULL;
    if (flush_stream(out) < 0) PyErr_Clear();
    return PyFile_GetLine(in, -1);
}

/* ---- The rest ------------------------------------------------------------------------------------------------- */

static PyObject *builtin_breakpoint(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *hook = PySys_GetObject("breakpointhook");
    if (!hook) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.breakpointhook");
        return NULL;
    }
    if (PySys_Audit("builtins.breakpoint", "O", hook) < 0) return NULL;
    Py_INCREF(hook);
    PyObject *result = PyObject_Vectorcall(hook, args, (size_t)nargs, kwnames);
    Py_DECREF(hook);
    return result;
}

PyMethodDef builtins_text_methods[] = {
    {"breakpoint", (PyCFunction)(void *)builtin_breakpoint, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("breakpoint(*args, **kws)\n\nCall sys.breakpointhook(*args, **kws), which enters the debugger pdb unless\nthe program or PYTHONBREAKPOINT says otherwise.")},
    {"input", (PyCFunction)(void *)builtin_input, METH_FASTCALL,
     PyDoc_STR("input($module, prompt='', /)\n--\n\nRead a line from standard input, without its newline.\n\nThe prompt is written to standard output first, without a newline. At the end\nof the input (*nix: Ctrl-D) EOFError is raised. On a terminal, readline is used.")},
    {"print", (PyCFunction)(void *)builtin_print, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("print($module, /, *args, sep=' ', end='\\n', file=None, flush=False)\n--\n\n"
               "Write the values to a stream, or to sys.stdout.\n\n"
               "  sep\n    text between the values, a space by default.\n  end\n    text after the last value, a newline by default.\n"
               "  file\n    an object with a write(str) method.\n  flush\n    whether to flush the stream.")},
    {0},
};
