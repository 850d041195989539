/* JSON strings: quoting and unquoting. */
#include "modules/_json/json_module.h"

PyObject *json_error(const char *message, PyObject *text, Py_ssize_t place)
{
    PyObject *module = PyImport_ImportModule("json.decoder");
    if (module == NULL) return NULL;
    PyObject *type = PyObject_GetAttrString(module, "JSONDecodeError");
    Py_DECREF(module);
    if (type == NULL) return NULL;
    PyObject *error = PyObject_CallFunction(type, "sOn", message, text, place);
    if (error != NULL) PyErr_SetObject(type, error);
    Py_XDECREF(error);
    Py_DECREF(type);
    return NULL;
}

/* ---- writing ---- */

static bool is_plain(Py_UCS4 ch, bool ascii)
{
    return ch >= ' ' && ch != '"' && ch != '\\' && (!ascii || ch <= '~');
}

static int put_hex(char *to, Py_UCS4 unit)
{
    static const char digits[] = "0123456789abcdef";
    to[0] = '\\';
    to[1] = 'u';
    for (int i = 0; i < 4; i++) to[2 + i] = digits[unit >> (12 - 4 * i) & 15];
    return 6;
}

/* The escape for a character that is not plain; its length. */
static int put_escape(char *to, Py_UCS4 ch)
{
    static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (int i = 0; letters[i]; i += 2) {
        if (ch != (Py_UCS4)letters[i]) continue;
        to[0] = '\\';
        to[1] = letters[i + 1];
        return 2;
    }
    if (ch < 0x10000) return put_hex(to, ch);
    return put_hex(to, Py_UNICODE_HIGH_SURROGATE(ch)) + put_hex(to + 6, Py_UNICODE_LOW_SURROGATE(ch));
}

/* How many characters an escape has. */
static int escape_length(Py_UCS4 ch)
{
    char escape[12];
    return ch >= 0x7f ? ch < 0x10000 ? 6 : 12 : put_escape(escape, ch);
}

/* The length of the text as it is written, without quotes, or -1 when that is too much. */
static Py_ssize_t written_length(int kind, const void *data, Py_ssize_t length, bool ascii)
{
    Py_ssize_t start = 0, more = 0;
    if (kind == PyUnicode_1BYTE_KIND) {
        const Py_UCS1 *chars = data;
        while (start < length && is_plain(chars[start], ascii)) start++;
    }
    for (Py_ssize_t i = start; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (is_plain(ch, ascii)) continue;
        more += escape_length(ch) - 1;
        if (more > PY_SSIZE_T_MAX - length - 2) return -1;
    }
    return length + more;
}

int json_write_string(_PyUnicodeWriter *writer, PyObject *text, bool ascii)
{
    if (PyUnicode_READY(text) < 0) return -1;
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
    int kind = (int)PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t written = written_length(kind, data, length, ascii);
    if (written < 0) {
        PyErr_NoMemory();
        return -1;
    }
    if (_PyUnicodeWriter_Prepare(writer, written + 2, ascii ? 127 : PyUnicode_MAX_CHAR_VALUE(text)) < 0) return -1;
    int to_kind = (int)writer->kind;
    void *to = writer->data;
    Py_ssize_t at = writer->pos;
    writer->pos += written + 2;
    PyUnicode_WRITE(to_kind, to, at, '"');
    PyUnicode_WRITE(to_kind, to, at + written + 1, '"');
    at++;
    if (written == length && kind == to_kind) {
        memcpy((char *)to + at * kind, data, (size_t)(length * kind));
        return 0;
    }
    for (Py_ssize_t i = 0; i < length; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, i);
        if (is_plain(ch, ascii)) {
            PyUnicode_WRITE(to_kind, to, at, ch);
            at++;
            continue;
        }
        char escape[12];
        int n = put_escape(escape, ch);
        for (int k = 0; k < n; k++, at++) PyUnicode_WRITE(to_kind, to, at, (Py_UCS1)escape[k]);
    }
    return 0;
}

static PyObject *encode(PyObject *text, bool ascii)
{
    _PyUnicodeWriter writer;
    if (!PyUnicode_Check(text)) {
        return PyErr_Format(PyExc_TypeError, "first argument must be a string, not %.80s", Py_TYPE(text)->tp_name);
    }
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    writer.min_length = PyUnicode_GetLength(text) + 2;
    if (json_write_string(&writer, text, ascii) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}

PyObject *json_encode_basestring(PyObject *Py_UNUSED(module), PyObject *text)
{
    return encode(text, false);
}

PyObject *json_encode_basestring_ascii(PyObject *Py_UNUSED(module), PyObject *text)
{
    return encode(text, true);
}

/* ---- reading ---- */

/* Four hexadecimal digits; false when they are none. */
static bool read_hex(int kind, const void *data, Py_ssize_t at, Py_UCS4 *out)
{
    Py_UCS4 value = 0;
    for (int i = 0; i < 4; i++) {
        Py_UCS4 ch = PyUnicode_READ(kind, data, at + i);
        if (ch >= '0' && ch <= '9') value = value << 4 | (ch - '0');
        else if (ch >= 'a' && ch <= 'f') value = value << 4 | (ch - 'a' + 10);
        else if (ch >= 'A' && ch <= 'F') value = value << 4 | (ch - 'A' + 10);
        else return false;
    }
    *out = value;
    return true;
}

/* The character of the escape whose backslash is at *at, which is moved behind it. -1 with an exception. */
static int read_escape(PyObject *text, Py_ssize_t begin, Py_ssize_t *at, Py_UCS4 *out)
{
    static const char letters[] = "\"\"\\\\//b\bf\fn\nr\rt\t";
    int kind = (int)PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), place = *at + 1;
    if (place >= length) {
        json_error("Unterminated string starting at", text, begin);
        return -1;
    }
    Py_UCS4 ch = PyUnicode_READ(kind, data, place);
    if (ch != 'u') {
        *at = place + 1;
        for (int i = 0; letters[i]; i += 2) {
            if (ch != (Py_UCS4)letters[i]) continue;
            *out = (Py_UCS4)letters[i + 1];
            return 0;
        }
        json_error("Invalid \\escape", text, place - 1);
        return -1;
    }
    Py_ssize_t next = place + 5;
    if (next >= length || !read_hex(kind, data, place + 1, out)) {
        json_error("Invalid \\uXXXX escape", text, place);
        return -1;
    }
    if (Py_UNICODE_IS_HIGH_SURROGATE(*out) && next + 6 < length && PyUnicode_READ(kind, data, next) == '\\'
        && PyUnicode_READ(kind, data, next + 1) == 'u') {
        Py_UCS4 low;
        if (!read_hex(kind, data, next + 2, &low)) {
            json_error("Invalid \\uXXXX escape", text, next + 1);
            return -1;
        }
        if (Py_UNICODE_IS_LOW_SURROGATE(low)) {
            *out = Py_UNICODE_JOIN_SURROGATES(*out, low);
            next += 6;
        }
    }
    *at = next;
    return 0;
}

/* Where the run of ordinary characters from `at` ends: at a quote or backslash. -1 with an exception. */
static Py_ssize_t run_end(PyObject *text, Py_ssize_t begin, Py_ssize_t at, bool strict)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(text);
#define RUN(Char) \
    for (const Char *chars = PyUnicode_DATA(text); at < length; at++) { \
        if (chars[at] == '"' || chars[at] == '\\') return at; \
        if (chars[at] <= 0x1f && strict) goto control; \
    }
    switch (PyUnicode_KIND(text)) {
    case PyUnicode_1BYTE_KIND:
        RUN(Py_UCS1)
        break;
    case PyUnicode_2BYTE_KIND:
        RUN(Py_UCS2)
        break;
    default:
        RUN(Py_UCS4)
    }
#undef RUN
    json_error("Unterminated string starting at", text, begin);
    return -1;
control:
    json_error("Invalid control character at", text, at);
    return -1;
}

/* Text that is being put together: short ones here, and only what is longer in a writer. */
typedef struct {
    Py_UCS4 chars[512];
    Py_ssize_t count;
    bool spilled;
    _PyUnicodeWriter writer;            /* if spilled */
} Pieces;

static PyObject *pieces_str(const Pieces *pieces)
{
    return PyUnicode_FromKindAndData(PyUnicode_4BYTE_KIND, pieces->chars, pieces->count);
}

/* Moves the characters to the writer. */
static int pieces_spill(Pieces *pieces)
{
    if (!pieces->spilled) {
        _PyUnicodeWriter_Init(&pieces->writer);
        pieces->writer.overallocate = 1;
        pieces->spilled = true;
    }
    PyObject *str = pieces_str(pieces);
    if (str == NULL) return -1;
    pieces->count = 0;
    int status = _PyUnicodeWriter_WriteStr(&pieces->writer, str);
    Py_DECREF(str);
    return status;
}

/* Adds text[from:to]. */
static int pieces_add(Pieces *pieces, PyObject *text, Py_ssize_t from, Py_ssize_t to)
{
    Py_ssize_t n = to - from;
    if (n > (Py_ssize_t)Py_ARRAY_LENGTH(pieces->chars) - pieces->count) {
        if (pieces_spill(pieces) < 0) return -1;
        if (n > (Py_ssize_t)Py_ARRAY_LENGTH(pieces->chars)) return _PyUnicodeWriter_WriteSubstring(&pieces->writer, text, from, to);
    }
    int kind = (int)PyUnicode_KIND(text);
    const void *data = PyUnicode_DATA(text);
    Py_UCS4 *chars = pieces->chars + pieces->count;
    for (Py_ssize_t i = 0; i < n; i++) chars[i] = PyUnicode_READ(kind, data, from + i);
    pieces->count += n;
    return 0;
}

static int pieces_add_char(Pieces *pieces, Py_UCS4 ch)
{
    if (pieces->count == (Py_ssize_t)Py_ARRAY_LENGTH(pieces->chars) && pieces_spill(pieces) < 0) return -1;
    pieces->chars[pieces->count++] = ch;
    return 0;
}

PyObject *json_scan_string(PyObject *text, Py_ssize_t begin, bool strict, Py_ssize_t *next)
{
    if (begin < 0 || begin > PyUnicode_GET_LENGTH(text)) {
        PyErr_SetString(PyExc_ValueError, "end is out of bounds");
        return NULL;
    }
    Py_ssize_t at = run_end(text, begin - 1, begin, strict), from = begin;
    if (at < 0) return NULL;
    if (PyUnicode_READ_CHAR(text, at) == '"') {
        *next = at + 1;
        return PyUnicode_Substring(text, begin, at);
    }
    Pieces pieces;
    pieces.count = 0;
    pieces.spilled = false;
    for (;;) {
        Py_UCS4 ch;
        if (from < at && pieces_add(&pieces, text, from, at) < 0) goto error;
        if (PyUnicode_READ_CHAR(text, at) == '"') break;
        if (read_escape(text, begin - 1, &at, &ch) < 0 || pieces_add_char(&pieces, ch) < 0) goto error;
        from = at;
        at = run_end(text, begin - 1, at, strict);
        if (at < 0) goto error;
    }
    *next = at + 1;
    if (!pieces.spilled) return pieces_str(&pieces);
    if (pieces_spill(&pieces) < 0) goto error;
    return _PyUnicodeWriter_Finish(&pieces.writer);
error:
    if (pieces.spilled) _PyUnicodeWriter_Dealloc(&pieces.writer);
    return NULL;
}
