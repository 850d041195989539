/* Lines of source text, for tracebacks and warnings.
 *
 * The file is read as bytes and only the wanted line is decoded, so a line can be shown before `io` can be imported, and
 * while the interpreter is going down.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "runtime/display.h"

enum { ENCODING_SIZE = 64 };

/* ---- Finding the file ----------------------------------------------------------------------------------------- */

static FILE *open_quietly(PyObject *path)
{
    PyObject *bytes = NULL;
    if (!PyUnicode_FSConverter(path, &bytes)) {
        PyErr_Clear();
        return NULL;
    }
    FILE *file = fopen(PyBytes_AS_STRING(bytes), "rbe");
    Py_DECREF(bytes);
    return file;
}

/* The file's last component, in each folder of sys.path: code may have been compiled elsewhere. */
static FILE *open_along_path(PyObject *filename)
{
    PyObject *folders = PySys_GetObject("path");
    if (!folders || !PyList_Check(folders)) return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(filename);
    Py_ssize_t slash = PyUnicode_FindChar(filename, '/', 0, length, -1);
    PyObject *tail = PyUnicode_Substring(filename, slash + 1, length);
    FILE *file = NULL;
    Py_INCREF(folders);
    for (Py_ssize_t i = 0; tail && !file && i < PyList_GET_SIZE(folders); i++) {
        PyObject *folder = PyList_GET_ITEM(folders, i);
        if (!PyUnicode_Check(folder)) continue;
        Py_ssize_t size = PyUnicode_GET_LENGTH(folder);
        bool closed = size == 0 || PyUnicode_READ_CHAR(folder, size - 1) == '/';
        PyObject *path = PyUnicode_FromFormat(closed ? "%U%U" : "%U/%U", folder, tail);
        if (path) file = open_quietly(path);
        Py_XDECREF(path);
        PyErr_Clear();
    }
    Py_DECREF(folders);
    Py_XDECREF(tail);
    PyErr_Clear();
    return file;
}

/* ---- Reading the line ----------------------------------------------------------------------------------------- */

typedef struct {
    char *data;
    size_t size, capacity;
} Bytes;

static bool bytes_add(Bytes *line, int c)
{
    if (line->size == line->capacity) {
        size_t capacity = line->capacity ? line->capacity * 2 : 160;
        char *data = PyMem_Realloc(line->data, capacity);
        if (!data) return false;
        line->data = data;
        line->capacity = capacity;
    }
    line->data[line->size++] = (char)c;
    return true;
}

/* The next line without its end ("\n", "\r" or "\r\n"). False at the end of the file, or when memory is out. */
static bool read_line(FILE *file, Bytes *line)
{
    line->size = 0;
    int c = getc_unlocked(file);
    if (c == EOF) return false;
    for (; c != EOF && c != '\n'; c = getc_unlocked(file)) {
        if (c == '\r') {
            int after = getc_unlocked(file);
            if (after != '\n' && after != EOF) ungetc(after, file);
            break;
        }
        if (!bytes_add(line, c)) return false;
    }
    return true;
}

static bool is_encoding_char(char c) { return Py_ISALNUM(c) || c == '-' || c == '_' || c == '.'; }

/* The encoding cookie of PEP 263 in a comment line; false if there is none. */
static bool find_cookie(const Bytes *line, char *encoding)
{
    size_t i = 0;
    while (i < line->size && (line->data[i] == ' ' || line->data[i] == '\t' || line->data[i] == '\f')) i++;
    if (i == line->size || line->data[i] != '#') return false;
    for (; i + 7 < line->size; i++) {
        if (memcmp(line->data + i, "coding", 6) != 0 || (line->data[i + 6] != ':' && line->data[i + 6] != '=')) continue;
        size_t start = i + 7;
        while (start < line->size && (line->data[start] == ' ' || line->data[start] == '\t')) start++;
        size_t end = start;
        while (end < line->size && is_encoding_char(line->data[end])) end++;
        if (end == start || end - start >= ENCODING_SIZE) continue;
        memcpy(encoding, line->data + start, end - start);
        encoding[end - start] = '\0';
        return true;
    }
    return false;
}

static bool is_blank_or_comment(const Bytes *line)
{
    for (size_t i = 0; i < line->size; i++) {
        char c = line->data[i];
        if (c == '#') return true;
        if (c != ' ' && c != '\t' && c != '\f') return false;
    }
    return true;
}

static PyObject *read_and_decode(FILE *file, int lineno)
{
    char encoding[ENCODING_SIZE] = "utf-8";
    Bytes line = {NULL, 0, 0};
    bool cookie_possible = true, found = false;
    for (int number = 1; number <= lineno; number++) {
        found = read_line(file, &line);
        if (!found) break;
        if (number == 1 && line.size >= 3 && memcmp(line.data, "\xef\xbb\xbf", 3) == 0) {
            memmove(line.data, line.data + 3, line.size -= 3);
            cookie_possible = false;
        }
        if (number <= 2 && cookie_possible) cookie_possible = !find_cookie(&line, encoding) && is_blank_or_comment(&line);
    }
    PyObject *text = found ? PyUnicode_Decode(line.data ? line.data : "", (Py_ssize_t)line.size, encoding, NULL) : NULL;
    PyMem_Free(line.data);
    return text;
}

PyObject *source_line_read(PyObject *filename, int lineno, bool *failed)
{
    *failed = false;
    if (!filename || !PyUnicode_Check(filename) || lineno < 1) return NULL;
    FILE *file = open_quietly(filename);
    if (!file) file = open_along_path(filename);
    if (!file) return NULL;
    PyObject *line = read_and_decode(file, lineno);
    fclose(file);
    if (!line && PyErr_Occurred()) {
        if (PyErr_ExceptionMatches(PyExc_Exception)) PyErr_Clear();
        else *failed = true;
    }
    return line;
}

/* ---- Showing it ----------------------------------------------------------------------------------------------- */

Py_ssize_t source_line_offset(PyObject *line, Py_ssize_t bytes)
{
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(line, &size);
    if (!text) return -1;
    if (bytes > size) bytes = size;
    Py_ssize_t characters = 0;
    for (Py_ssize_t i = 0; i < bytes; i++) characters += (text[i] & 0xc0) != 0x80;
    return characters;
}

Py_ssize_t source_line_indent(PyObject *line)
{
    Py_ssize_t i = 0, length = PyUnicode_GET_LENGTH(line);
    for (; i < length; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(line, i);
        if (c != ' ' && c != '\t' && c != '\f') break;
    }
    return i;
}

int source_line_write(PyObject *file, PyObject *line, int indent)
{
    PyObject *stripped = PyUnicode_Substring(line, source_line_indent(line), PyUnicode_GET_LENGTH(line));
    if (!stripped) return -1;
    int result = _Py_WriteIndent(indent, file);
    if (result == 0) result = PyFile_WriteObject(stripped, file, Py_PRINT_RAW);
    if (result == 0) result = PyFile_WriteString("\n", file);
    Py_DECREF(stripped);
    return result;
}

int _Py_WriteIndent(int indent, PyObject *file)
{
    char blanks[11] = "          ";
    while (indent > 0) {
        int count = indent < 10 ? indent : 10;
        blanks[count] = '\0';
        if (PyFile_WriteString(blanks, file) < 0) return -1;
        indent -= count;
    }
    return 0;
}

int _Py_WriteIndentedMargin(int indent, const char *margin, PyObject *file)
{
    if (_Py_WriteIndent(indent, file) < 0) return -1;
    return margin && *margin ? PyFile_WriteString(margin, file) : 0;
}

/* Shows the line, if it can be found. *truncation (may be NULL): by how much the text moved to the left; *line (may be
 * NULL): a new reference to the whole line, or NULL. 0, also when there is nothing to show; -1 with an exception set. */
int _Py_DisplaySourceLine(PyObject *file, PyObject *filename, int lineno, int indent, int *truncation, PyObject **line)
{
    if (line) *line = NULL;
    bool failed;
    PyObject *text = source_line_read(filename, lineno, &failed);
    if (!text) return failed ? -1 : 0;
    if (truncation) *truncation = (int)source_line_indent(text) - indent;
    int result = source_line_write(file, text, indent);
    if (line) *line = text;
    else Py_DECREF(text);
    return result;
}
