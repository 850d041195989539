#define _GNU_SOURCE
/* SyntaxError and its family: SyntaxError(msg, (filename, lineno, offset, text, end_lineno, end_offset)). */
#include "objects/exceptions/exceptions.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <structmember.h>

#include "objects/names.h"

static int set_location(PySyntaxErrorObject *e, PyObject *location)
{
    PyObject *info = PySequence_Tuple(location), *filename, *lineno, *offset, *text, *end_lineno = NULL, *end_offset = NULL;
    if (!info) return -1;
    if (!PyArg_ParseTuple(info, "OOOO|OO", &filename, &lineno, &offset, &text, &end_lineno, &end_offset)) {
        Py_DECREF(info);
        return -1;
    }
    Py_XSETREF(e->filename, Py_NewRef(filename));
    Py_XSETREF(e->lineno, Py_NewRef(lineno));
    Py_XSETREF(e->offset, Py_NewRef(offset));
    Py_XSETREF(e->text, Py_NewRef(text));
    Py_XSETREF(e->end_lineno, Py_XNewRef(end_lineno));
    Py_XSETREF(e->end_offset, Py_XNewRef(end_offset));
    Py_DECREF(info);
    if (end_lineno && !end_offset) {
        PyErr_SetString(PyExc_TypeError, "end_offset must be provided when end_lineno is provided");
        return -1;
    }
    return 0;
}

static int syntax_error_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PySyntaxErrorObject *e = (PySyntaxErrorObject *)self;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (exception_init(self, args, kwargs) < 0) return -1;
    if (n >= 1) Py_XSETREF(e->msg, Py_NewRef(PyTuple_GET_ITEM(args, 0)));
    return n == 2 ? set_location(e, PyTuple_GET_ITEM(args, 1)) : 0;
}

/* The part of a file name after the last slash. */
static PyObject *base_name(PyObject *filename)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(filename), slash = PyUnicode_FindChar(filename, '/', 0, n, -1);
    return slash < 0 ? Py_NewRef(filename) : PyUnicode_Substring(filename, slash + 1, n);
}

static PyObject *syntax_error_str(PyObject *self)
{
    PySyntaxErrorObject *e = (PySyntaxErrorObject *)self;
    PyObject *msg = e->msg ? e->msg : Py_None, *result;
    bool has_line = e->lineno && PyLong_CheckExact(e->lineno);
    PyObject *file = NULL;
    if (e->filename && PyUnicode_Check(e->filename)) {
        file = base_name(e->filename);
        if (!file) return NULL;
    }
    int overflow;
    long line = has_line ? PyLong_AsLongAndOverflow(e->lineno, &overflow) : 0;
    if (file && has_line) result = PyUnicode_FromFormat("%S (%U, line %ld)", msg, file, line);
    else if (file) result = PyUnicode_FromFormat("%S (%U)", msg, file);
    else if (has_line) result = PyUnicode_FromFormat("%S (line %ld)", msg, line);
    else result = PyObject_Str(msg);
    Py_XDECREF(file);
    return result;
}

#define MEMBER(name, text) {#name, T_OBJECT, offsetof(PySyntaxErrorObject, name), 0, PyDoc_STR(text)}
static PyMemberDef syntax_error_members[] = {
    MEMBER(msg, "exception msg"),
    MEMBER(filename, "exception filename"),
    MEMBER(lineno, "exception lineno"),
    MEMBER(offset, "exception offset"),
    MEMBER(text, "exception text"),
    MEMBER(end_lineno, "exception end lineno"),
    MEMBER(end_offset, "exception end offset"),
    MEMBER(print_file_and_line, "exception print_file_and_line"),
    {0},
};

#define AT(name) offsetof(PySyntaxErrorObject, name)
EXCEPTION_FIELDS(syntax_error, AT(msg), AT(filename), AT(lineno), AT(offset), AT(end_lineno), AT(end_offset), AT(text),
                 AT(print_file_and_line))
const ExceptionLayout exception_layout_syntax_error = {
    .size = sizeof(PySyntaxErrorObject), .init = syntax_error_init, .str = syntax_error_str,
    .dealloc = syntax_error_dealloc, .traverse = syntax_error_traverse, .clear = syntax_error_clear,
    .members = syntax_error_members,
};

/* ---- Placing errors in source text ------------------------------------------------------------------------------ */

/* Sets an attribute; failures are dropped, the error itself matters more. Consumes the value. */
static void set_attribute(PyObject *exc, PyObject *name, PyObject *value)
{
    if (!value || PyObject_SetAttr(exc, name, value) < 0) PyErr_Clear();
    Py_XDECREF(value);
}

static PyObject *number_or_none(int n) { return n == -1 ? Py_NewRef(Py_None) : PyLong_FromLong(n); }

static void set_location_of_current(PyObject *filename, int lineno, int column, int end_lineno, int end_column)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    set_attribute(value, NAME(lineno), PyLong_FromLong(lineno));
    set_attribute(value, NAME(offset), number_or_none(column));
    set_attribute(value, NAME(end_lineno), number_or_none(end_lineno));
    set_attribute(value, NAME(end_offset), number_or_none(end_column));
    if (filename) {
        set_attribute(value, NAME(filename), Py_NewRef(filename));
        PyObject *text = PyErr_ProgramTextObject(filename, lineno);
        if (!text && !PyErr_Occurred()) text = Py_NewRef(Py_None);
        set_attribute(value, NAME(text), text);
    }
    if (type != PyExc_SyntaxError) {
        PyObject *old;
        if (_PyObject_LookupAttr(value, NAME(msg), &old) < 0) PyErr_Clear();
        if (old) Py_DECREF(old);
        else set_attribute(value, NAME(msg), PyObject_Str(value));
        if (_PyObject_LookupAttr(value, NAME(print_file_and_line), &old) < 0) PyErr_Clear();
        if (old) Py_DECREF(old);
        else set_attribute(value, NAME(print_file_and_line), Py_NewRef(Py_None));
    }
    PyErr_Restore(type, value, traceback);
}

void PyErr_RangedSyntaxLocationObject(PyObject *filename, int lineno, int column, int end_lineno, int end_column)
{
    set_location_of_current(filename, lineno, column, end_lineno, end_column);
}

void PyErr_SyntaxLocationObject(PyObject *filename, int lineno, int column)
{
    set_location_of_current(filename, lineno, column, lineno, -1);
}

void PyErr_SyntaxLocationEx(const char *filename, int lineno, int column)
{
    PyObject *name = filename ? PyUnicode_DecodeFSDefault(filename) : NULL;
    if (filename && !name) PyErr_Clear();
    PyErr_SyntaxLocationObject(name, lineno, column);
    Py_XDECREF(name);
}

void PyErr_SyntaxLocation(const char *filename, int lineno) { PyErr_SyntaxLocationEx(filename, lineno, -1); }

/* Line number `lineno` of the file, decoded; NULL where it cannot be had. Closes the file. */
static PyObject *read_line(FILE *file, int lineno, const char *encoding)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t length = -1;
    for (int i = 0; i < lineno; i++) {
        length = getline(&line, &capacity, file);
        if (length < 0) break;
    }
    fclose(file);
    PyObject *text = NULL;
    if (length >= 0) {
        const char *start = line;
        if (lineno == 1 && length >= 3 && memcmp(line, "\xef\xbb\xbf", 3) == 0) {
            start += 3;
            length -= 3;
        }
        text = encoding ? PyUnicode_Decode(start, length, encoding, "replace") : PyUnicode_DecodeUTF8(start, length, "replace");
        if (!text) PyErr_Clear();
    }
    free(line);
    return text;
}

PyObject *_PyErr_ProgramDecodedTextObject(PyObject *filename, int lineno, const char *encoding)
{
    if (!filename || lineno <= 0) return NULL;
    FILE *file = _Py_fopen_obj(filename, "r" PY_STDIOTEXTMODE);
    if (!file) {
        PyErr_Clear();
        return NULL;
    }
    return read_line(file, lineno, encoding);
}

PyObject *PyErr_ProgramTextObject(PyObject *filename, int lineno) { return _PyErr_ProgramDecodedTextObject(filename, lineno, NULL); }

PyObject *PyErr_ProgramText(const char *filename, int lineno)
{
    PyObject *name = filename && *filename ? PyUnicode_DecodeFSDefault(filename) : NULL;
    if (!name) {
        PyErr_Clear();
        return NULL;
    }
    PyObject *text = PyErr_ProgramTextObject(name, lineno);
    Py_DECREF(name);
    return text;
}
