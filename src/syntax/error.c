/* Setting SyntaxErrors that say where. */
#include "syntax/parser.h"

#include <stdarg.h>
#include <string.h>

/* ---- The line that is shown ------------------------------------------------------------------------------------- */

/* A line of what the tokenizer holds, without its line end. */
static PyObject *buffered_line(const Parser *p, int lineno)
{
    const char *line = p->tok->buffer;
    if (!line) return PyUnicode_FromStringAndSize("", 0);
    int relative = p->starting_lineno ? lineno - p->starting_lineno + 1 : lineno;
    for (int i = 1; i < relative; i++) {
        const char *newline = strchr(line, '\n');
        if (!newline || newline + 1 > p->tok->line_end) break;
        line = newline + 1;
    }
    return PyUnicode_DecodeUTF8(line, (Py_ssize_t)strcspn(line, "\n"), "replace");
}

static PyObject *error_line(const Parser *p, int lineno)
{
    const Tokenizer *tok = p->tok;
    if (tok->interactive) return buffered_line(p, lineno);
    if (p->start == Py_file_input && tok->filename) {
        PyObject *line = _PyErr_ProgramDecodedTextObject(tok->filename, lineno, tok->encoding);
        if (line) return line;
        PyErr_Clear();
    }
    if (tok->lineno <= lineno && tok->line_end > tok->view_start)
        return PyUnicode_DecodeUTF8(tok->view_start, tok->line_end - tok->view_start, "replace");
    return buffered_line(p, lineno);
}

/* The number of characters in the first `bytes` bytes of a line. -1 with an exception if memory runs out. */
static Py_ssize_t characters(PyObject *line, Py_ssize_t bytes)
{
    if (bytes < 0) return bytes;
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(line, &size);
    if (!text) {
        PyErr_Clear();
        return bytes;
    }
    if (bytes > size + 1) bytes = size + 1;
    PyObject *part = PyUnicode_DecodeUTF8(text, bytes, "replace");
    if (!part) return -1;
    Py_ssize_t count = PyUnicode_GET_LENGTH(part);
    Py_DECREF(part);
    return count;
}

/* ---- Raising ---------------------------------------------------------------------------------------------------- */

/* Columns count from 1 here, 0 and -1 being none. */
static void raise_with(Parser *p, PyObject *type, int lineno, Py_ssize_t col, int end_lineno, Py_ssize_t end_col,
                       const char *format, va_list arguments)
{
    if (p->failed && PyErr_Occurred()) return;
    p->failed = true;
    bool fragment = p->start == FSTRING_INPUT;
    PyObject *message = PyUnicode_FromFormatV(format, arguments);
    if (message && fragment) Py_SETREF(message, PyUnicode_FromFormat("f-string: %U", message));
    if (!message) return;
    PyObject *line = error_line(p, lineno);
    if (!line) goto done;
    if (fragment) {
        col -= p->starting_col_offset;
        end_col -= p->starting_col_offset;
    }
    if (p->tok->encoding || p->tok->interactive) {
        col = characters(line, col);
        if (end_col > 0) end_col = characters(line, end_col);
        if (PyErr_Occurred()) goto done;
    }
    PyObject *value = Py_BuildValue("(O(OinOin))", message, p->tok->filename ? p->tok->filename : Py_None, lineno, col, line,
                                    end_lineno, end_col);
    if (value) {
        PyErr_SetObject(type, value);
        Py_DECREF(value);
    }
done:
    Py_XDECREF(line);
    Py_DECREF(message);
}

void *raise_at_last_token(Parser *p, PyObject *type, const char *format, ...)
{
    if (p->failed && PyErr_Occurred()) return NULL;
    va_list arguments;
    va_start(arguments, format);
    if (p->fill == 0) {
        raise_with(p, type, 0, 0, 0, -1, format, arguments);
        va_end(arguments);
        return NULL;
    }
    const Token *t = &p->tokens[p->fill - 1];
    const Tokenizer *tok = p->tok;
    Py_ssize_t col = t->col + 1, end_col = t->end_col == -1 ? -1 : t->end_col + 1;
    if (t->col == -1) {
        col = tok->cursor == tok->view_start ? 0 : tok->cursor - tok->line_start;
    }
    raise_with(p, type, t->lineno, col, t->end_lineno, end_col, format, arguments);
    va_end(arguments);
    return NULL;
}

void *raise_at(Parser *p, PyObject *type, int lineno, Py_ssize_t col, int end_lineno, Py_ssize_t end_col,
               const char *format, ...)
{
    const Tokenizer *tok = p->tok;
    if (end_lineno == CURRENT_POSITION) end_lineno = tok->lineno;
    end_col = end_col == CURRENT_POSITION ? tok->cursor - tok->line_start : end_col + 1;
    va_list arguments;
    va_start(arguments, format);
    raise_with(p, type, lineno, col + 1, end_lineno, end_col, format, arguments);
    va_end(arguments);
    return NULL;
}

void raise_unclosed_parenthesis(Parser *p)
{
    const Tokenizer *tok = p->tok;
    int i = tok->level - 1;
    raise_at(p, PyExc_SyntaxError, tok->parenthesis_lines[i], tok->parenthesis_columns[i], tok->parenthesis_lines[i], -1,
             "'%c' was never closed", tok->parentheses[i]);
}

void raise_tokenizer_error(Parser *p)
{
    if (PyErr_Occurred()) return;
    const Tokenizer *tok = p->tok;
    PyObject *type = PyExc_SyntaxError;
    const char *message;
    Py_ssize_t col = 0;
    switch (tok->status) {
    case TOKENIZER_EOF:
        if (tok->level) {
            raise_unclosed_parenthesis(p);
        }
        else {
            raise_at_last_token(p, PyExc_SyntaxError, "unexpected EOF while parsing");
        }
        return;
    case TOKENIZER_DEDENT:
        raise_at_last_token(p, PyExc_IndentationError, "unindent does not match any outer indentation level");
        return;
    case TOKENIZER_INTERRUPTED:
        PyErr_SetNone(PyExc_KeyboardInterrupt);
        return;
    case TOKENIZER_TAB_SPACE:
        type = PyExc_TabError;
        message = "inconsistent use of tabs and spaces in indentation";
        break;
    case TOKENIZER_TOO_DEEP:
        type = PyExc_IndentationError;
        message = "too many levels of indentation";
        break;
    case TOKENIZER_LINE_CONTINUATION:
        col = tok->cursor - tok->view_start - 1;
        message = "unexpected character after line continuation character";
        break;
    default:
        message = "unknown parsing error";
    }
    raise_at(p, type, tok->lineno, col >= 0 ? col : 0, tok->lineno, -1, "%s", message);
}

void raise_decode_problem(Parser *p)
{
    const char *kind = PyErr_ExceptionMatches(PyExc_UnicodeError) ? "unicode error"
                       : PyErr_ExceptionMatches(PyExc_ValueError) ? "value error"
                                                                  : NULL;
    if (!kind) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyErr_NormalizeException(&type, &value, &traceback);
    PyObject *text = value ? PyObject_Str(value) : NULL;
    if (text) {
        raise_at_last_token(p, PyExc_SyntaxError, "(%s) %U", kind, text);
        Py_DECREF(text);
    }
    else {
        PyErr_Clear();
        raise_at_last_token(p, PyExc_SyntaxError, "(%s) unknown error", kind);
    }
    Py_XDECREF(type);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
}

void check_rest_of_source(Parser *p)
{
    /* The error at hand stands for what follows its line; only an error that comes in the text before stays. */
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Tokenizer *tok = p->tok;
    const Token *current = &p->tokens[p->fill - 1];
    int line = current->lineno;
    tok->report_warnings = false;
    for (;;) {
        const char *start, *end;
        TokenKind kind = tokenizer_next(tok, &start, &end);
        if (kind == TOK_ENDMARKER) break;
        if (kind != TOK_ERRORTOKEN) continue;
        if (PyErr_Occurred()) break;
        if (tok->level != 0 && line > tok->parenthesis_lines[tok->level - 1]) {
            p->failed = false;
            raise_unclosed_parenthesis(p);
        }
        break;
    }
    if (PyErr_Occurred()) {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
    }
    else {
        PyErr_Restore(type, value, traceback);
    }
}
