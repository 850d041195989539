/* The tokenizer: source text, line by line, to tokens.
 *
 * Invariants
 *  - `buffer` holds all text read so far, as valid UTF-8 with '\n' line ends and a closing NUL; it only grows. Lines
 *    come into view one at a time: `line_end` is the end of the text in view, and everything before it was checked.
 *  - `lineno` is the number of the last line in view, `line_start` where that line begins.
 *  - Once a token is TOK_ERRORTOKEN, `done` says why; TOKENIZER_ERROR means that an exception is set.
 */
#ifndef KRAIT_SYNTAX_TOKENIZER_H
#define KRAIT_SYNTAX_TOKENIZER_H

#include "syntax/tokens.h"

#include <stdbool.h>
#include <stdio.h>

enum {
    TOKENIZER_MAX_INDENT = 100,
    TOKENIZER_MAX_PARENTHESES = 200,
};

typedef enum TokenizerStatus {
    TOKENIZER_OK,
    TOKENIZER_EOF,
    TOKENIZER_INTERRUPTED,
    TOKENIZER_TAB_SPACE,        /* inconsistent tabs and spaces */
    TOKENIZER_TOO_DEEP,         /* too many indentation levels */
    TOKENIZER_DEDENT,           /* dedent to no outer level */
    TOKENIZER_LINE_CONTINUATION,
    TOKENIZER_UNTERMINATED,     /* an exception is set and the input is at its end */
    TOKENIZER_ERROR,            /* an exception is set */
} TokenizerStatus;

typedef struct Tokenizer {
    const char *buffer;         /* owned */
    size_t size;                /* bytes in buffer, without the NUL */
    size_t capacity;            /* of buffer; only used when it grows */
    const char *cursor;         /* next character */
    const char *line_end;       /* end of the text in view */
    const char *line_start;     /* start of the line under the cursor */
    const char *token_start;    /* start of the token being read, or NULL */
    const char *view_start;     /* where the text begins that an error in the current line shows */
    const char *multi_line_start;   /* of a string token: the start of its first line */
    int lineno, first_lineno;   /* first_lineno: of a string token */
    TokenizerStatus status;

    bool at_line_start, report_warnings, type_comments, check_lines, quiet_interactive_stop;
    bool async_hacks, async_def, async_def_nl;
    int async_def_indent;

    int indent, pending;        /* pending: INDENT (> 0) or DEDENT (< 0) tokens to deliver */
    int indents[TOKENIZER_MAX_INDENT], alt_indents[TOKENIZER_MAX_INDENT];
    int level;
    char parentheses[TOKENIZER_MAX_PARENTHESES];
    int parenthesis_lines[TOKENIZER_MAX_PARENTHESES], parenthesis_columns[TOKENIZER_MAX_PARENTHESES];

    PyObject *filename;         /* borrowed */
    char *encoding;             /* owned; NULL when nothing named one */

    /* Interactive input. */
    FILE *interactive;
    const char *prompt, *next_prompt;
    const char *input_encoding; /* borrowed */
} Tokenizer;

/* Sets up for source text. `is_utf8`: from a str, no cookie is looked for. `add_newline`: close the last line. Returns -1
 * with an exception set; tokenizer_clear is needed in any case. */
int tokenizer_init_string(Tokenizer *tok, const char *source, bool is_utf8, bool add_newline, PyObject *filename);
int tokenizer_init_file(Tokenizer *tok, FILE *file, const char *encoding, PyObject *filename);
void tokenizer_init_interactive(Tokenizer *tok, FILE *file, const char *encoding, const char *ps1, const char *ps2,
                                PyObject *filename);
/* For a part of an f-string: text is copied, lines and columns are the caller's business. */
int tokenizer_init_fragment(Tokenizer *tok, const char *text, size_t size, PyObject *filename);
void tokenizer_clear(Tokenizer *tok);

/* The next token's kind, with its text in [*start, *end) (both NULL for tokens without text). */
TokenKind tokenizer_next(Tokenizer *tok, const char **start, const char **end);

/* Brings the next line into view: false at the end of input or on an error (see status). In source.c. */
bool tokenizer_next_line(Tokenizer *tok);

/* Sets a SyntaxError at the cursor's line (columns count from 1 in characters; -1: the cursor). Returns ERRORTOKEN. */
TokenKind tokenizer_error_at(Tokenizer *tok, Py_ssize_t column, Py_ssize_t end_column, const char *format, ...);
#define tokenizer_error(tok, ...) tokenizer_error_at(tok, -1, -1, __VA_ARGS__)

/* Issues a SyntaxWarning for the current line; -1 with an exception set (a SyntaxError if warnings are errors). */
int tokenizer_warn(Tokenizer *tok, const char *format, ...);

/* A numeric literal that starts with `c`, just read. In number.c. */
TokenKind tokenizer_read_number(Tokenizer *tok, int c);
/* After a '.' that a digit `c` follows, just read. */
TokenKind tokenizer_read_fraction(Tokenizer *tok, int c);

static inline int tokenizer_getc(Tokenizer *tok)
{
    if (tok->cursor == tok->line_end && !tokenizer_next_line(tok)) return EOF;
    return (unsigned char)*tok->cursor++;
}

static inline void tokenizer_ungetc(Tokenizer *tok, int c)
{
    if (c != EOF) tok->cursor--;
}

static inline bool is_identifier_start(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c >= 128;
}

static inline bool is_identifier_char(int c)
{
    return is_identifier_start(c) || (c >= '0' && c <= '9');
}

static inline bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

#endif
