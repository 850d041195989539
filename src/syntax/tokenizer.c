#include "syntax/tokenizer.h"

#include <stdarg.h>
#include <string.h>

enum { TAB_SIZE = 8 };

/* ---- Errors and warnings ---------------------------------------------------------------------------------------- */

TokenKind tokenizer_error_at(Tokenizer *tok, Py_ssize_t column, Py_ssize_t end_column, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    PyObject *text = NULL;
    tok->status = TOKENIZER_ERROR;
    if (!message) return TOK_ERRORTOKEN;

    Py_ssize_t shown = tok->cursor - tok->line_start;
    text = PyUnicode_DecodeUTF8(tok->line_start, shown, "replace");
    if (!text) goto done;
    if (column == -1) column = PyUnicode_GET_LENGTH(text);
    if (end_column == -1) end_column = column;
    Py_ssize_t line_size = (Py_ssize_t)strcspn(tok->line_start, "\n");
    if (line_size != shown) {
        Py_SETREF(text, PyUnicode_DecodeUTF8(tok->line_start, line_size, "replace"));
        if (!text) goto done;
    }
    PyObject *value = Py_BuildValue("(O(OinOin))", message, tok->filename ? tok->filename : Py_None, tok->lineno, column,
                                    text, tok->lineno, end_column);
    if (value) {
        PyErr_SetObject(PyExc_SyntaxError, value);
        Py_DECREF(value);
    }
done:
    Py_XDECREF(text);
    Py_DECREF(message);
    return TOK_ERRORTOKEN;
}

int tokenizer_warn(Tokenizer *tok, const char *format, ...)
{
    if (!tok->report_warnings) return 0;
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    if (!message) goto error;
    if (PyErr_WarnExplicitObject(PyExc_SyntaxWarning, message, tok->filename ? tok->filename : Py_None, tok->lineno, NULL,
                                 NULL) < 0) {
        if (PyErr_ExceptionMatches(PyExc_SyntaxWarning)) {
            /* Show where: a SyntaxError in place of the warning's own exception. */
            PyErr_Clear();
            tokenizer_error(tok, "%U", message);
        }
        goto error;
    }
    Py_DECREF(message);
    return 0;
error:
    Py_XDECREF(message);
    tok->status = TOKENIZER_ERROR;
    return -1;
}

static TokenKind indentation_error(Tokenizer *tok)
{
    tok->status = TOKENIZER_TAB_SPACE;
    tok->cursor = tok->line_end;
    return TOK_ERRORTOKEN;
}

/* ---- Identifiers ------------------------------------------------------------------------------------------------ */

static bool is_identifier(PyObject *text, Py_ssize_t length)
{
    PyObject *part = PyUnicode_Substring(text, 0, length);
    if (!part) {
        PyErr_Clear();
        return false;
    }
    bool result = PyUnicode_IsIdentifier(part);
    Py_DECREF(part);
    return result;
}

/* Checks an identifier with characters outside ASCII, from token_start to the cursor; on failure the cursor moves
 * behind the offending character. */
static bool check_identifier(Tokenizer *tok)
{
    PyObject *text = PyUnicode_DecodeUTF8(tok->token_start, tok->cursor - tok->token_start, NULL);
    if (!text) {
        tok->status = TOKENIZER_ERROR;
        return false;
    }
    if (PyUnicode_IsIdentifier(text)) {
        Py_DECREF(text);
        return true;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(text), invalid = 0;
    /* Every prefix of an identifier is one, so the first bad character is found by bisection. */
    for (Py_ssize_t high = length; invalid < high;) {
        Py_ssize_t middle = (invalid + high + 1) / 2;
        if (is_identifier(text, middle)) {
            invalid = middle;
        }
        else {
            high = middle - 1;
        }
    }
    Py_UCS4 c = PyUnicode_READ_CHAR(text, invalid);
    const char *end = tok->token_start;
    for (Py_ssize_t i = 0; i <= invalid; i++) {
        end++;
        while ((*end & 0xC0) == 0x80)
            end++;
    }
    tok->cursor = end;
    Py_DECREF(text);
    char hex[12];
    PyOS_snprintf(hex, sizeof hex, "%04X", (unsigned)c);
    if (Py_UNICODE_ISPRINTABLE(c)) {
        tokenizer_error(tok, "invalid character '%c' (U+%s)", (int)c, hex);
    }
    else {
        tokenizer_error(tok, "invalid non-printable character U+%s", hex);
    }
    return false;
}

/* The identifier that the cursor is inside of; `seen` is the OR of its characters so far. */
static TokenKind read_identifier(Tokenizer *tok, int seen)
{
    const unsigned char *c = (const unsigned char *)tok->cursor;
    /* A line ends in '\n' or NUL, neither of which continues an identifier. */
    while (is_identifier_char(*c))
        seen |= *c++;
    tok->cursor = (const char *)c;
    if (seen >= 128 && !check_identifier(tok)) return TOK_ERRORTOKEN;
    return token_keyword(tok->token_start, tok->cursor - tok->token_start);
}

static bool is_word(const Tokenizer *tok, const char *word)
{
    size_t size = strlen(word);
    return (size_t)(tok->cursor - tok->token_start) == size && memcmp(tok->token_start, word, size) == 0;
}

/* Before 3.7, `async` and `await` were names except inside `async def`. */
static bool async_def_follows(Tokenizer *tok)
{
    Tokenizer ahead = *tok;
    const char *start, *end;
    if (tok->interactive) return false;
    bool result = tokenizer_next(&ahead, &start, &end) == KW_def;
    if (ahead.status == TOKENIZER_ERROR) PyErr_Clear();
    return result;
}

static TokenKind async_or_await(Tokenizer *tok)
{
    if (tok->cursor - tok->token_start != 5 || tok->token_start[0] != 'a') return TOK_NAME;
    bool is_async = is_word(tok, "async");
    if (!is_async && !is_word(tok, "await")) return TOK_NAME;
    if (!tok->async_hacks || tok->async_def) return is_async ? TOK_ASYNC : TOK_AWAIT;
    if (is_async && async_def_follows(tok)) {
        tok->async_def_indent = tok->indent;
        tok->async_def = true;
        return TOK_ASYNC;
    }
    return TOK_NAME;
}

/* ---- Strings ---------------------------------------------------------------------------------------------------- */

static TokenKind unterminated_string(Tokenizer *tok, int c, bool triple)
{
    /* Reported where the string begins. */
    int detected = tok->lineno;
    tok->cursor = tok->token_start + 1;
    tok->line_start = tok->multi_line_start;
    tok->lineno = tok->first_lineno;
    if (triple) {
        tokenizer_error(tok, "unterminated triple-quoted string literal (detected at line %d)", detected);
    }
    else {
        tokenizer_error(tok, "unterminated string literal (detected at line %d)", detected);
    }
    if (c != '\n') tok->status = TOKENIZER_UNTERMINATED;
    return TOK_ERRORTOKEN;
}

/* After the opening quote. */
static TokenKind read_string(Tokenizer *tok, int quote)
{
    int quotes = 1, closing = 0;
    tok->first_lineno = tok->lineno;
    tok->multi_line_start = tok->line_start;
    int c = tokenizer_getc(tok);
    if (c == quote) {
        c = tokenizer_getc(tok);
        if (c == quote) {
            quotes = 3;
        }
        else {
            closing = 1;
        }
    }
    if (c != quote) tokenizer_ungetc(tok, c);
    while (closing != quotes) {
        c = tokenizer_getc(tok);
        if (tok->status == TOKENIZER_ERROR) return TOK_ERRORTOKEN;
        if (c == EOF || (quotes == 1 && c == '\n')) return unterminated_string(tok, c, quotes == 3);
        if (c == quote) {
            closing++;
        }
        else {
            closing = 0;
            if (c == '\\') tokenizer_getc(tok);
        }
    }
    return TOK_STRING;
}

/* ---- Lines, indentation, comments ------------------------------------------------------------------------------- */

/* After a backslash: the first character of the next line is next. False with the status set. */
static bool continue_line(Tokenizer *tok)
{
    int c = tokenizer_getc(tok);
    if (c != '\n') {
        tok->status = TOKENIZER_LINE_CONTINUATION;
        return false;
    }
    c = tokenizer_getc(tok);
    if (c == EOF) {
        if (tok->status != TOKENIZER_ERROR) tok->status = TOKENIZER_EOF;
        tok->cursor = tok->line_end;
        return false;
    }
    tokenizer_ungetc(tok, c);
    return true;
}

/* Works out the INDENT or DEDENT tokens due for a line whose indentation is `column` (tabs to multiples of 8) and
 * `alt_column` (tabs of size 1): both must agree. False with the status set. */
static bool set_indentation(Tokenizer *tok, int column, int alt_column)
{
    if (column == tok->indents[tok->indent]) {
        if (alt_column != tok->alt_indents[tok->indent]) return indentation_error(tok), false;
        return true;
    }
    if (column > tok->indents[tok->indent]) {
        if (tok->indent + 1 >= TOKENIZER_MAX_INDENT) {
            tok->status = TOKENIZER_TOO_DEEP;
            tok->cursor = tok->line_end;
            return false;
        }
        if (alt_column <= tok->alt_indents[tok->indent]) return indentation_error(tok), false;
        tok->pending++;
        tok->indents[++tok->indent] = column;
        tok->alt_indents[tok->indent] = alt_column;
        return true;
    }
    while (tok->indent > 0 && column < tok->indents[tok->indent]) {
        tok->pending--;
        tok->indent--;
    }
    if (column != tok->indents[tok->indent]) {
        tok->status = TOKENIZER_DEDENT;
        tok->cursor = tok->line_end;
        return false;
    }
    if (alt_column != tok->alt_indents[tok->indent]) return indentation_error(tok), false;
    return true;
}

/* At the start of a line; *blank tells whether it holds nothing but white space and a comment. */
static bool read_indentation(Tokenizer *tok, bool *blank)
{
    int column = 0, alt_column = 0, continued_column = 0, c;
    *blank = false;
    for (;;) {
        c = tokenizer_getc(tok);
        if (c == ' ') {
            column++, alt_column++;
        }
        else if (c == '\t') {
            column = (column / TAB_SIZE + 1) * TAB_SIZE;
            alt_column++;
        }
        else if (c == '\014') {
            column = alt_column = 0;
        }
        else if (c == '\\') {
            /* Indentation may be split over lines; the first part counts. */
            continued_column = continued_column ? continued_column : column;
            if (!continue_line(tok)) return false;
        }
        else {
            break;
        }
    }
    tokenizer_ungetc(tok, c);
    if (c == '#' || c == '\n') {
        /* At a prompt an empty line ends the statement. */
        if (column == 0 && c == '\n' && tok->prompt) {
            *blank = false;
        }
        else if (tok->prompt && tok->lineno == 1) {
            *blank = false;
            column = alt_column = 0;
        }
        else {
            *blank = true;
        }
    }
    if (*blank || tok->level > 0) return true;
    if (continued_column) column = alt_column = continued_column;
    return set_indentation(tok, column, alt_column);
}

/* After the '#': the kind of a type comment, or TOK_COMMENT with the cursor at the line's end. */
static TokenKind read_comment(Tokenizer *tok, const char **start, const char **end)
{
    const char *text = tok->cursor;
    const char *c = text;
    while (*c != '\n' && c != tok->line_end)
        c++;
    tok->cursor = c;
    if (!tok->type_comments) return TOK_COMMENT;
    while (text < c && (*text == ' ' || *text == '\t'))
        text++;
    if (c - text < 5 || memcmp(text, "type:", 5) != 0) return TOK_COMMENT;
    text += 5;
    while (text < c && (*text == ' ' || *text == '\t'))
        text++;
    const char *after = text + 6;
    bool ignore = c - text >= 6 && memcmp(text, "ignore", 6) == 0 &&
                  !(c > after && ((unsigned char)*after >= 128 || Py_ISALNUM(*after)));
    if (ignore) {
        *start = after;
        *end = c;
        return TOK_TYPE_IGNORE;
    }
    *start = text;
    *end = c;
    return TOK_TYPE_COMMENT;
}

/* ---- Operators -------------------------------------------------------------------------------------------------- */

static TokenKind open_parenthesis(Tokenizer *tok, int c)
{
    if (tok->level >= TOKENIZER_MAX_PARENTHESES) return tokenizer_error(tok, "too many nested parentheses");
    tok->parentheses[tok->level] = (char)c;
    tok->parenthesis_lines[tok->level] = tok->lineno;
    tok->parenthesis_columns[tok->level] = (int)(tok->token_start - tok->line_start);
    tok->level++;
    return PyToken_OneChar(c);
}

static TokenKind close_parenthesis(Tokenizer *tok, int c)
{
    if (!tok->level) return tokenizer_error(tok, "unmatched '%c'", c);
    tok->level--;
    int opening = tok->parentheses[tok->level];
    if ((opening == '(' && c == ')') || (opening == '[' && c == ']') || (opening == '{' && c == '}'))
        return PyToken_OneChar(c);
    if (tok->parenthesis_lines[tok->level] != tok->lineno) {
        return tokenizer_error(tok, "closing parenthesis '%c' does not match opening parenthesis '%c' on line %d", c,
                               opening, tok->parenthesis_lines[tok->level]);
    }
    return tokenizer_error(tok, "closing parenthesis '%c' does not match opening parenthesis '%c'", c, opening);
}

static TokenKind read_operator(Tokenizer *tok, int c)
{
    switch (c) {
    case '(': case '[': case '{': return open_parenthesis(tok, c);
    case ')': case ']': case '}': return close_parenthesis(tok, c);
    case ',': return TOK_COMMA;
    }
    int c2 = tok->cursor < tok->line_end ? (unsigned char)*tok->cursor : 0;
    TokenKind kind = PyToken_TwoChars(c, c2);
    if (kind != TOK_OP) {
        tok->cursor++;
        int c3 = tok->cursor < tok->line_end ? (unsigned char)*tok->cursor : 0;
        TokenKind longer = PyToken_ThreeChars(c, c2, c3);
        if (longer == TOK_OP) return kind;
        tok->cursor++;
        return longer;
    }
    if (!Py_UNICODE_ISPRINTABLE((Py_UCS4)c)) {
        char hex[12];
        PyOS_snprintf(hex, sizeof hex, "%04X", (unsigned)c);
        return tokenizer_error(tok, "invalid non-printable character U+%s", hex);
    }
    return PyToken_OneChar(c);
}

/* ---- The next token --------------------------------------------------------------------------------------------- */

/* Within `async def` of the old days: leave it when its block ends. */
static void leave_async_def(Tokenizer *tok)
{
    if (tok->async_def && !tok->level && tok->async_def_nl && tok->async_def_indent >= tok->indent) {
        tok->async_def = false;
        tok->async_def_indent = 0;
        tok->async_def_nl = false;
    }
}

/* Words, numbers and operators end where the next character says so: at the end of text without a line end, that is the
 * moment when the end is known (some errors depend on it). */
static inline void note_end(Tokenizer *tok)
{
    if (tok->cursor == tok->line_end && tok->cursor[-1] != '\n') tokenizer_next_line(tok);
}

TokenKind tokenizer_next(Tokenizer *tok, const char **start, const char **end)
{
    bool blank;
next_line:
    *start = *end = tok->token_start = NULL;
    blank = false;
    if (tok->at_line_start) {
        tok->at_line_start = false;
        if (!read_indentation(tok, &blank)) return TOK_ERRORTOKEN;
    }
    tok->token_start = tok->cursor;
    if (tok->pending) {
        if (tok->pending < 0) {
            tok->pending++;
            return TOK_DEDENT;
        }
        tok->pending--;
        return TOK_INDENT;
    }
    if (tok->async_def) {
        /* Have a look at the next character so that the new line's indentation is known. */
        int c = tokenizer_getc(tok);
        tokenizer_ungetc(tok, c);
        /* A type comment on a line of its own has no indentation, and a NEWLINE follows it. */
        if (!blank && c != '\n') leave_async_def(tok);
    }

again:
    tok->token_start = NULL;
    int c;
    do {
        c = tokenizer_getc(tok);
    } while (c == ' ' || c == '\t' || c == '\014');
    tok->token_start = c == EOF ? tok->cursor : tok->cursor - 1;

    if (c == '#') {
        TokenKind kind = read_comment(tok, start, end);
        if (kind == TOK_TYPE_COMMENT) return kind;
        if (kind == TOK_TYPE_IGNORE) {
            /* A line of its own ends nothing, so its line end is swallowed too. */
            if (blank) {
                tokenizer_getc(tok);
                tok->at_line_start = true;
            }
            return kind;
        }
        c = tokenizer_getc(tok);
    }
    if (c == EOF) {
        if (tok->level) return TOK_ERRORTOKEN;
        return tok->status == TOKENIZER_EOF ? TOK_ENDMARKER : TOK_ERRORTOKEN;
    }
    if (is_identifier_start(c)) {
        int seen = c;
        /* String prefixes: each letter of one kind at most once, b, u and f exclude one another. */
        bool b = false, r = false, u = false, f = false;
        for (;;) {
            if (!(b || u || f) && (c == 'b' || c == 'B')) {
                b = true;
            }
            else if (!(b || u || r || f) && (c == 'u' || c == 'U')) {
                u = true;
            }
            else if (!(r || u) && (c == 'r' || c == 'R')) {
                r = true;
            }
            else if (!(f || b || u) && (c == 'f' || c == 'F')) {
                f = true;
            }
            else {
                break;
            }
            c = (unsigned char)*tok->cursor;
            if (c == '"' || c == '\'') {
                tok->cursor++;
                goto string;
            }
            if (!is_identifier_char(c)) break;
            seen |= c;
            tok->cursor++;
        }
        TokenKind kind = read_identifier(tok, seen);
        if (kind == TOK_ERRORTOKEN) return kind;
        *start = tok->token_start;
        *end = tok->cursor;
        note_end(tok);
        if (kind == TOK_NAME) kind = async_or_await(tok);
        return kind;
    }
    if (c == '\n') {
        tok->at_line_start = true;
        if (blank || tok->level > 0) goto next_line;
        *start = tok->token_start;
        *end = tok->cursor - 1;
        if (tok->async_def) tok->async_def_nl = true;
        return TOK_NEWLINE;
    }
    TokenKind kind;
    if (is_digit(c)) {
        kind = tokenizer_read_number(tok, c);
    }
    else if (c == '.' && is_digit((unsigned char)*tok->cursor)) {
        c = tokenizer_getc(tok);
        kind = tokenizer_read_fraction(tok, c);
    }
    else if (c == '.') {
        kind = TOK_DOT;
        if (tok->cursor[0] == '.' && tok->cursor[1] == '.') {
            kind = TOK_ELLIPSIS;
            tok->cursor += 2;
        }
        else if (tok->cursor[0] == '.' && tok->cursor + 1 == tok->line_end) {
            tok->cursor++;
            note_end(tok);
            tok->cursor--;
        }
    }
    else if (c == '\'' || c == '"') {
string:
        kind = read_string(tok, c);
    }
    else if (c == '\\') {
        if (!continue_line(tok)) return TOK_ERRORTOKEN;
        goto again;
    }
    else {
        kind = read_operator(tok, c);
    }
    if (kind != TOK_ERRORTOKEN) {
        *start = tok->token_start;
        *end = tok->cursor;
        bool complete = kind == TOK_STRING || (kind < TOK_COUNT && kind != TOK_NUMBER && tok->cursor - *start == 3);
        if (!complete) note_end(tok);
    }
    return kind;
}
