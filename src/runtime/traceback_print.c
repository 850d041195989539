/* Tracebacks as text: a line for each entry, its source line, and marks under what failed (PEP 657). */
#include <limits.h>

#include <Python.h>
#include <frameobject.h>

#include "runtime/display.h"
#include "syntax/syntax.h"
#include "vm/unwind.h"

enum { REPEATS_SHOWN = 3, SOURCE_INDENT = 4, DEFAULT_LIMIT = 1000 };

static const char default_header[] = "Traceback (most recent call last):\n";

/* ---- Marks under the source line ------------------------------------------------------------------------------ */

/* Columns in characters from 0; without an operator inside, the inner ones are -1. */
typedef struct {
    Py_ssize_t start, end;
    Py_ssize_t inner_start, inner_end;
} Marks;

static bool is_blank(Py_UCS4 c) { return c == ' ' || c == '\t' || c == '\f'; }

/* Byte offsets, within the segment, of the operator or the brackets that the failing expression is about. */
static bool find_operator(const Mod *module, const char *segment, int *start, int *end)
{
    if (module->kind != mod_Module || module->Module.body->size != 1) return false;
    const Stmt *statement = module->Module.body->items[0];
    if (statement->kind != stmt_Expr) return false;
    const Expr *expr = statement->Expr.value;
    if (expr->kind == expr_Subscript) {
        *start = expr->Subscript.value->pos.end_col_offset;
        *end = expr->Subscript.slice->pos.end_col_offset + 1;
        return true;
    }
    if (expr->kind != expr_BinOp) return false;
    int limit = expr->BinOp.right->pos.col_offset;
    for (int i = expr->BinOp.left->pos.end_col_offset; i < limit; i++) {
        if (is_blank((unsigned char)segment[i])) continue;
        *start = i;
        *end = i + 1 < limit && !is_blank((unsigned char)segment[i + 1]) ? i + 2 : i + 1;
        return true;
    }
    return false;
}

/* Parses what failed on its own. Leaves an exception set only if the parser met one. */
static void split_marks(PyObject *filename, PyObject *line, Marks *marks)
{
    PyObject *segment = PyUnicode_Substring(line, marks->start, marks->end);
    const char *text = segment ? PyUnicode_AsUTF8(segment) : NULL;
    Arena *arena = text ? arena_new() : NULL;
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_IGNORE_COOKIE;
    Mod *module = arena ? syntax_parse_string(text, filename, Py_file_input, &flags, arena) : NULL;
    int start, end;
    if (module && find_operator(module, text, &start, &end)) {
        marks->inner_start = marks->start + source_line_offset(segment, start);
        marks->inner_end = marks->start + source_line_offset(segment, end);
    }
    arena_free(arena);
    Py_XDECREF(segment);
}

static int write_marks(PyObject *file, int truncation, const Marks *marks)
{
    bool split = marks->inner_start >= 0 || marks->inner_end >= 0;
    Py_ssize_t length = marks->end - truncation;
    if (length < 0) length = 0;
    PyObject *text = PyUnicode_New(length + 1, 127);
    if (!text) return -1;
    Py_UCS1 *out = PyUnicode_1BYTE_DATA(text);
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_ssize_t column = i + truncation;
        if (column < marks->start) out[i] = ' ';
        else if (split && (column < marks->inner_start || column >= marks->inner_end)) out[i] = '~';
        else out[i] = '^';
    }
    out[length] = '\n';
    int result = PyFile_WriteObject(text, file, Py_PRINT_RAW);
    Py_DECREF(text);
    return result;
}

/* 1: marks are to be shown; 0: not; -1 with an exception set. */
static int find_marks(PyObject *filename, PyObject *line, PyCodeObject *code, int lasti, int truncation, Marks *marks)
{
    int start_line, start_byte, end_line, end_byte;
    if (!PyCode_Addr2Location(code, lasti, &start_line, &start_byte, &end_line, &end_byte)) return 0;
    if (start_line < 0 || end_line < 0 || start_byte < 0 || end_byte < 0) return 0;
    Py_ssize_t length = PyUnicode_GET_LENGTH(line);
    *marks = (Marks){source_line_offset(line, start_byte), source_line_offset(line, end_byte), -1, -1};
    if (marks->start < 0 || marks->end < 0) return -1;
    if (start_line == end_line) {
        split_marks(filename, line, marks);
        if (PyErr_Occurred()) {
            if (!PyErr_ExceptionMatches(PyExc_Exception)) return -1;
            PyErr_Clear();
        }
    }
    else {
        marks->end = length;
        while (marks->end > 0 && is_blank(PyUnicode_READ_CHAR(line, marks->end - 1))) marks->end--;
    }
    bool whole_line = marks->end - marks->start == length - truncation - SOURCE_INDENT;
    return !whole_line || marks->inner_start >= 0;
}

/* ---- Entries -------------------------------------------------------------------------------------------------- */

typedef struct {
    PyObject *file;
    int indent;
    const char *margin;
} Output;

static int write_entry(const Output *out, PyTracebackObject *tb, PyCodeObject *code, int lineno)
{
    PyObject *text = PyUnicode_FromFormat("  File \"%U\", line %d, in %U\n", code->co_filename, lineno, code->co_name);
    if (!text) return -1;
    int result = _Py_WriteIndentedMargin(out->indent, out->margin, out->file);
    if (result == 0) result = PyFile_WriteObject(text, out->file, Py_PRINT_RAW);
    Py_DECREF(text);
    if (result < 0) return -1;

    bool failed;
    PyObject *line = source_line_read(code->co_filename, lineno, &failed);
    if (!line) return failed ? -1 : 0;
    int truncation = (int)source_line_indent(line) - SOURCE_INDENT;
    Marks marks;
    result = _Py_WriteIndentedMargin(out->indent, out->margin, out->file);
    if (result == 0) result = source_line_write(out->file, line, SOURCE_INDENT);
    if (result == 0) {
        int found = find_marks(code->co_filename, line, code, tb->tb_lasti, truncation, &marks);
        if (found < 0) result = -1;
        else if (found) {
            result = _Py_WriteIndentedMargin(out->indent, out->margin, out->file);
            if (result == 0) result = write_marks(out->file, truncation, &marks);
        }
    }
    Py_DECREF(line);
    return result;
}

static int write_repetition(const Output *out, long count)
{
    count -= REPEATS_SHOWN;
    PyObject *text = PyUnicode_FromFormat("  [Previous line repeated %ld more time%s]\n", count, count > 1 ? "s" : "");
    if (!text) return -1;
    int result = _Py_WriteIndentedMargin(out->indent, out->margin, out->file);
    if (result == 0) result = PyFile_WriteObject(text, out->file, Py_PRINT_RAW);
    Py_DECREF(text);
    return result;
}

static int write_entries(const Output *out, PyTracebackObject *tb, long limit)
{
    long depth = 0;
    for (PyTracebackObject *t = tb; t; t = t->tb_next) depth++;
    for (; tb && depth > limit; depth--) tb = tb->tb_next;
    PyObject *last_file = NULL, *last_name = NULL;
    int last_line = -1;
    long count = 0;
    for (; tb; tb = tb->tb_next) {
        PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
        int result = 0, lineno = traceback_line(tb);
        if (code->co_filename != last_file || lineno != last_line || code->co_name != last_name) {
            if (count > REPEATS_SHOWN) result = write_repetition(out, count);
            last_file = code->co_filename;
            last_line = lineno;
            last_name = code->co_name;
            count = 0;
        }
        if (++count <= REPEATS_SHOWN && result == 0) {
            result = write_entry(out, tb, code, lineno);
            if (result == 0) result = PyErr_CheckSignals();
        }
        Py_DECREF(code);
        if (result < 0) return -1;
    }
    return count > REPEATS_SHOWN ? write_repetition(out, count) : 0;
}

/* ---- The C API ------------------------------------------------------------------------------------------------ */

/* Writes a traceback, every line after `indent` blanks and the margin (may be NULL), the heading after a margin of its
 * own. sys.tracebacklimit is honoured. 0, or -1 with an exception set. */
int _PyTraceBack_Print_Indented(PyObject *traceback, int indent, const char *margin, const char *header_margin,
                                const char *header, PyObject *file)
{
    if (!traceback) return 0;
    if (!PyTraceBack_Check(traceback)) {
        PyErr_BadInternalCall();
        return -1;
    }
    long limit = DEFAULT_LIMIT;
    PyObject *limit_object = PySys_GetObject("tracebacklimit");
    if (limit_object && PyLong_Check(limit_object)) {
        int overflow;
        limit = PyLong_AsLongAndOverflow(limit_object, &overflow);
        if (overflow > 0) limit = LONG_MAX;
        else if (limit <= 0) return 0;
    }
    if (_Py_WriteIndentedMargin(indent, header_margin, file) < 0) return -1;
    if (PyFile_WriteString(header, file) < 0) return -1;
    return write_entries(&(Output){file, indent, margin}, (PyTracebackObject *)traceback, limit);
}

int PyTraceBack_Print(PyObject *traceback, PyObject *file)
{
    return _PyTraceBack_Print_Indented(traceback, 0, NULL, NULL, default_header, file);
}
