/* Where source text comes from: decoding, line ends, and bringing lines into the tokenizer's view
 * (the manual: reference/lexical_analysis, "Encoding declarations").
 */
#include "syntax/tokenizer.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* ---- Line ends -------------------------------------------------------------------------------------------------- */

/* A copy of the text with \r\n and \r made \n; with `add_newline`, a last line without one gets it. */
static char *copy_with_newlines(const char *text, size_t size, bool add_newline, size_t *copied)
{
    char *copy = PyMem_Malloc(size + 2);
    if (!copy) {
        PyErr_NoMemory();
        return NULL;
    }
    char *out = copy;
    const char *in = text, *end = text + size;
    while (in < end) {
        const char *stop = memchr(in, '\r', (size_t)(end - in));
        if (!stop) stop = end;
        memcpy(out, in, (size_t)(stop - in));
        out += stop - in;
        in = stop;
        if (in < end) {
            *out++ = '\n';
            in++;
            if (in < end && *in == '\n') in++;
        }
    }
    if (add_newline && out > copy && out[-1] != '\n') *out++ = '\n';
    *out = '\0';
    *copied = (size_t)(out - copy);
    return copy;
}

/* ---- Encoding declarations -------------------------------------------------------------------------------------- */

/* utf-8 and latin-1 in their many spellings get one name; others stay. */
static void normalise_encoding(char *name)
{
    char folded[13];
    size_t i = 0;
    for (; i < 12 && name[i]; i++) {
        folded[i] = name[i] == '_' ? '-' : (char)Py_TOLOWER(name[i]);
    }
    folded[i] = '\0';
    if (strcmp(folded, "utf-8") == 0 || strncmp(folded, "utf-8-", 6) == 0) {
        strcpy(name, "utf-8");
    }
    else if (strcmp(folded, "latin-1") == 0 || strcmp(folded, "iso-8859-1") == 0 || strcmp(folded, "iso-latin-1") == 0 ||
             strncmp(folded, "latin-1-", 8) == 0 || strncmp(folded, "iso-8859-1-", 11) == 0 ||
             strncmp(folded, "iso-latin-1-", 12) == 0) {
        strcpy(name, "iso-8859-1");
    }
}

/* The encoding that a comment line declares (allocated, in *name), or NULL there. Returns whether the line is blank or
 * a comment, so that the next one counts too; -1 when out of memory. */
static int declared_encoding(const char *line, const char *end, char **name)
{
    *name = NULL;
    const char *c = line;
    while (c < end && (*c == ' ' || *c == '\t' || *c == '\014'))
        c++;
    if (c == end) return 1;
    if (*c != '#') return 0;
    for (; c + 6 < end; c++) {
        if (memcmp(c, "coding", 6) != 0 || (c[6] != ':' && c[6] != '=')) continue;
        const char *start = c + 7;
        while (start < end && (*start == ' ' || *start == '\t'))
            start++;
        const char *stop = start;
        while (stop < end && (Py_ISALNUM(*stop) || *stop == '-' || *stop == '_' || *stop == '.'))
            stop++;
        if (stop == start) continue;
        *name = PyMem_Malloc((size_t)(stop - start) + 16);
        if (!*name) {
            PyErr_NoMemory();
            return -1;
        }
        memcpy(*name, start, (size_t)(stop - start));
        (*name)[stop - start] = '\0';
        normalise_encoding(*name);
        break;
    }
    return 1;
}

/* Handles a byte-order mark and the first two lines' declaration: moves *text behind the mark and sets tok->encoding. */
static int detect_encoding(Tokenizer *tok, const char **text, const char *end)
{
    bool mark = end - *text >= 3 && memcmp(*text, "\xEF\xBB\xBF", 3) == 0;
    if (mark) {
        *text += 3;
        tok->encoding = PyMem_Malloc(6);
        if (!tok->encoding) {
            PyErr_NoMemory();
            return -1;
        }
        strcpy(tok->encoding, "utf-8");
    }
    const char *line = *text;
    for (int i = 0; i < 2 && line < end; i++) {
        const char *stop = line;
        while (stop < end && *stop != '\n' && *stop != '\r')
            stop++;
        char *name;
        int comment = declared_encoding(line, stop, &name);
        if (comment < 0) return -1;
        if (name) {
            if (mark && strcmp(name, "utf-8") != 0) {
                PyErr_Format(PyExc_SyntaxError, "encoding problem: %s with BOM", name);
                PyMem_Free(name);
                return -1;
            }
            PyMem_Free(tok->encoding);
            tok->encoding = name;
            return 0;
        }
        if (!comment) return 0;
        if (stop < end && *stop == '\r' && stop + 1 < end && stop[1] == '\n') stop++;
        line = stop < end ? stop + 1 : end;
    }
    return 0;
}

/* ---- Set-up ----------------------------------------------------------------------------------------------------- */

static void init_common(Tokenizer *tok, PyObject *filename)
{
    memset(tok, 0, offsetof(Tokenizer, indents));
    tok->indents[0] = tok->alt_indents[0] = 0;
    memset(&tok->level, 0, sizeof *tok - offsetof(Tokenizer, level));
    tok->at_line_start = tok->report_warnings = true;
    tok->filename = filename;
}

static void show_nothing(Tokenizer *tok)
{
    tok->cursor = tok->line_end = tok->line_start = tok->view_start = tok->buffer;
}

/* Translates line ends, decodes with tok->encoding where that is not UTF-8, and takes the result as the buffer. */
static int take_text(Tokenizer *tok, const char *text, size_t size, bool add_newline)
{
    tok->buffer = copy_with_newlines(text, size, add_newline, &tok->size);
    if (!tok->buffer) return -1;
    if (tok->encoding && strcmp(tok->encoding, "utf-8") != 0) {
        PyObject *decoded = PyUnicode_Decode(tok->buffer, (Py_ssize_t)tok->size, tok->encoding, NULL);
        Py_ssize_t decoded_size;
        const char *utf8 = decoded ? PyUnicode_AsUTF8AndSize(decoded, &decoded_size) : NULL;
        PyMem_Free((char *)tok->buffer);
        tok->buffer = utf8 ? copy_with_newlines(utf8, (size_t)decoded_size, add_newline, &tok->size) : NULL;
        Py_XDECREF(decoded);
        if (!tok->buffer) return -1;
    }
    show_nothing(tok);
    return 0;
}

static int set_encoding(Tokenizer *tok, const char *name)
{
    tok->encoding = PyMem_Malloc(strlen(name) + 1);
    if (!tok->encoding) {
        PyErr_NoMemory();
        return -1;
    }
    strcpy(tok->encoding, name);
    return 0;
}

int tokenizer_init_string(Tokenizer *tok, const char *source, bool is_utf8, bool add_newline, PyObject *filename)
{
    init_common(tok, filename);
    const char *end = source + strlen(source);
    if (is_utf8) {
        if (set_encoding(tok, "utf-8") < 0) return -1;
    }
    else if (detect_encoding(tok, &source, end) < 0) {
        return -1;
    }
    return take_text(tok, source, (size_t)(end - source), add_newline);
}

int tokenizer_init_fragment(Tokenizer *tok, const char *text, size_t size, PyObject *filename)
{
    init_common(tok, filename);
    tok->buffer = PyMem_Malloc(size + 1);
    if (!tok->buffer) {
        PyErr_NoMemory();
        return -1;
    }
    memcpy((char *)tok->buffer, text, size);
    ((char *)tok->buffer)[size] = '\0';
    tok->size = size;
    show_nothing(tok);
    return 0;
}

static char *read_all(FILE *file, size_t *size)
{
    size_t capacity = 16 * 1024;
    char *text = PyMem_Malloc(capacity);
    *size = 0;
    while (text) {
        size_t got;
        Py_BEGIN_ALLOW_THREADS
        errno = 0;
        got = fread(text + *size, 1, capacity - *size, file);
        Py_END_ALLOW_THREADS
        *size += got;
        if (*size < capacity) {
            if (ferror(file)) {
                clearerr(file);
                if (errno == EINTR && PyErr_CheckSignals() == 0) continue;
                if (!PyErr_Occurred()) PyErr_SetFromErrno(PyExc_OSError);
                PyMem_Free(text);
                return NULL;
            }
            return text;
        }
        capacity *= 2;
        char *larger = PyMem_Realloc(text, capacity);
        if (!larger) PyMem_Free(text);
        text = larger;
    }
    PyErr_NoMemory();
    return NULL;
}

/* Takes out of a file's text what stands between a NUL and the end of its line, and that line's end too. The new size. */
static size_t drop_after_nul(char *text, size_t size)
{
    char *end = text + size, *out = memchr(text, '\0', size), *in = out;
    if (!in) return size;
    while (in < end) {
        while (in < end && *in != '\n' && *in != '\r') in++;
        if (in < end) in += in[0] == '\r' && in + 1 < end && in[1] == '\n' ? 2 : 1;
        char *nul = memchr(in, '\0', (size_t)(end - in));
        size_t kept = (size_t)((nul ? nul : end) - in);
        memmove(out, in, kept);
        out += kept;
        in += kept;
    }
    return (size_t)(out - text);
}

/* A file that cannot be decoded, for whatever reason. */
static void encoding_problem(const char *name)
{
    if (!PyErr_ExceptionMatches(PyExc_LookupError) && !PyErr_ExceptionMatches(PyExc_UnicodeDecodeError)) return;
    PyErr_Clear();
    PyErr_Format(PyExc_SyntaxError, "encoding problem: %s", name);
}

int tokenizer_init_file(Tokenizer *tok, FILE *file, const char *encoding, PyObject *filename)
{
    init_common(tok, filename);
    size_t size;
    char *raw = read_all(file, &size);
    if (!raw) return -1;
    const char *text = raw;
    int result = encoding ? set_encoding(tok, encoding) : detect_encoding(tok, &text, raw + size);
    if (result == 0) {
        bool recoded = tok->encoding && strcmp(tok->encoding, "utf-8") != 0;
        if (!recoded) size = drop_after_nul(raw, size);
        result = take_text(tok, text, size - (size_t)(text - raw), true);
        if (result < 0) encoding_problem(tok->encoding);
    }
    PyMem_Free(raw);
    /* Only text that nobody declared to be UTF-8 is checked line by line. */
    tok->check_lines = result == 0 && !tok->encoding;
    return result;
}

void tokenizer_init_interactive(Tokenizer *tok, FILE *file, const char *encoding, const char *ps1, const char *ps2,
                                PyObject *filename)
{
    init_common(tok, filename);
    tok->interactive = file;
    tok->prompt = ps1;
    tok->next_prompt = ps2;
    tok->input_encoding = encoding;
    tok->buffer = NULL;
}

void tokenizer_clear(Tokenizer *tok)
{
    PyMem_Free((char *)tok->buffer);
    PyMem_Free(tok->encoding);
    tok->buffer = NULL;
    tok->encoding = NULL;
}

/* ---- Lines ------------------------------------------------------------------------------------------------------ */

/* Whether the text up to end is UTF-8; if not, *bad is the byte at fault. */
static bool check_utf8(const unsigned char *c, const unsigned char *end, unsigned char *bad)
{
    while (c < end) {
        if (*c < 0x80) {
            c++;
            continue;
        }
        int more = *c >= 0xC2 && *c < 0xE0 ? 1 : *c >= 0xE0 && *c < 0xF0 ? 2 : *c >= 0xF0 && *c < 0xF5 ? 3 : 0;
        bool good = more && c + more < end + 1;
        if (good) {
            if ((*c == 0xE0 && c[1] < 0xA0) || (*c == 0xED && c[1] >= 0xA0) || (*c == 0xF0 && c[1] < 0x90) ||
                (*c == 0xF4 && c[1] >= 0x90))
                good = false;
            for (int i = 1; i <= more && good; i++)
                good = (c[i] & 0xC0) == 0x80;
        }
        if (!good) {
            *bad = *c;
            return false;
        }
        c += more + 1;
    }
    return true;
}

/* Appends a line to an interactive buffer, moving every pointer into it along. */
static bool append(Tokenizer *tok, const char *text, size_t size)
{
    size_t need = tok->size + size + 2;
    if (!tok->buffer || need > tok->capacity) {
        size_t capacity = need * 2;
        char *buffer = PyMem_Malloc(capacity);
        if (!buffer) {
            PyErr_NoMemory();
            return false;
        }
        const char *old = tok->buffer;
        if (old) {
            memcpy(buffer, old, tok->size);
#define MOVE(pointer) if (tok->pointer) tok->pointer = buffer + (tok->pointer - old)
            MOVE(cursor);
            MOVE(line_end);
            MOVE(line_start);
            MOVE(token_start);
            MOVE(view_start);
            MOVE(multi_line_start);
#undef MOVE
        }
        PyMem_Free((char *)old);
        tok->buffer = buffer;
        tok->capacity = capacity;
        if (!old) show_nothing(tok);
    }
    char *end = (char *)tok->buffer + tok->size;
    memcpy(end, text, size);
    if (size && end[size - 1] != '\n') end[size++] = '\n';
    end[size] = '\0';
    tok->size += size;
    return true;
}

static bool read_interactive_line(Tokenizer *tok)
{
    char *line = PyOS_Readline(tok->interactive, stdout, tok->prompt);
    if (tok->next_prompt) tok->prompt = tok->next_prompt;
    if (!line) {
        tok->status = PyErr_Occurred() ? TOKENIZER_ERROR : TOKENIZER_INTERRUPTED;
        return false;
    }
    size_t size = strlen(line);
    bool good = false;
    if (size == 0) {
        tok->status = TOKENIZER_EOF;
        if (!tok->buffer) append(tok, "", 0);
    }
    else if (tok->input_encoding) {
        PyObject *decoded = PyUnicode_Decode(line, (Py_ssize_t)size, tok->input_encoding, NULL);
        Py_ssize_t decoded_size;
        const char *text = decoded ? PyUnicode_AsUTF8AndSize(decoded, &decoded_size) : NULL;
        good = text && append(tok, text, (size_t)decoded_size);
        Py_XDECREF(decoded);
    }
    else {
        good = append(tok, line, size);
    }
    PyMem_Free(line);
    if (!good && tok->status != TOKENIZER_EOF) tok->status = TOKENIZER_ERROR;
    return good;
}

bool tokenizer_next_line(Tokenizer *tok)
{
    if (tok->status != TOKENIZER_OK) return false;
    if (tok->interactive && (!tok->buffer || tok->line_end == tok->buffer + tok->size)) {
        if (tok->quiet_interactive_stop) {
            tok->status = TOKENIZER_EOF;
            return false;
        }
        if (!read_interactive_line(tok)) {
            if (tok->prompt) PySys_WriteStderr("\n");      /* the prompt's line is left, at the end and after Ctrl-C */
            return false;
        }
    }
    const char *start = tok->line_end, *end = tok->buffer + tok->size;
    if (start == end) {
        tok->status = TOKENIZER_EOF;
        return false;
    }
    const char *newline = memchr(start, '\n', (size_t)(end - start));
    const char *stop = newline ? newline + 1 : end;
    if (tok->check_lines) {
        unsigned char bad;
        if (!check_utf8((const unsigned char *)start, (const unsigned char *)stop, &bad)) {
            PyErr_Format(PyExc_SyntaxError,
                         "Non-UTF-8 code starting with '\\x%.2x' in file %U on line %i, but no encoding declared; "
                         "see https://peps.python.org/pep-0263/ for details",
                         bad, tok->filename, tok->lineno + 1);
            tok->status = TOKENIZER_ERROR;
            return false;
        }
    }
    if (!tok->token_start) tok->view_start = start;
    tok->line_start = start;
    tok->line_end = stop;
    tok->lineno++;
    return true;
}
