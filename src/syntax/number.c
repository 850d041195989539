/* Numeric literals, as the tokenizer sees them (the manual: reference/lexical_analysis, "Numeric literals"). */
#include "syntax/tokenizer.h"

#include <string.h>

/* Whether `text` follows the cursor, as the rest of a word. */
static bool follows(Tokenizer *tok, const char *text)
{
    size_t size = strlen(text);
    return (size_t)(tok->line_end - tok->cursor) >= size && memcmp(tok->cursor, text, size) == 0 &&
           !is_identifier_char((unsigned char)tok->cursor[size]);
}

/* A number may not run into a name. Keywords that can follow a number in valid code get a warning only. `c` was just
 * read; false with an exception set. */
static bool check_end(Tokenizer *tok, int c, const char *kind)
{
    bool keyword = false;
    switch (c) {
    case 'a': keyword = follows(tok, "nd"); break;
    case 'e': keyword = follows(tok, "lse"); break;
    case 'f': keyword = follows(tok, "or"); break;
    case 'i': keyword = *tok->cursor == 'f' || *tok->cursor == 'n' || *tok->cursor == 's'; break;
    case 'n': keyword = follows(tok, "ot"); break;
    case 'o': keyword = follows(tok, "r"); break;
    }
    if (keyword) {
        tokenizer_ungetc(tok, c);
        if (tokenizer_warn(tok, "invalid %s literal", kind) < 0) return false;
        tokenizer_getc(tok);
    }
    else if (is_identifier_char(c)) {
        tokenizer_ungetc(tok, c);
        tokenizer_error(tok, "invalid %s literal", kind);
        return false;
    }
    return true;
}

static TokenKind finish(Tokenizer *tok, int c, const char *kind)
{
    if (!check_end(tok, c, kind)) return TOK_ERRORTOKEN;
    tokenizer_ungetc(tok, c);
    return TOK_NUMBER;
}

/* Decimal digits with single underscores between them; the character after them, or 0 with an exception set. */
static int skip_digits(Tokenizer *tok)
{
    for (;;) {
        int c;
        do {
            c = tokenizer_getc(tok);
        } while (is_digit(c));
        if (c != '_') return c;
        c = tokenizer_getc(tok);
        if (!is_digit(c)) {
            tokenizer_ungetc(tok, c);
            tokenizer_error(tok, "invalid decimal literal");
            return 0;
        }
    }
}

static TokenKind read_imaginary(Tokenizer *tok)
{
    return finish(tok, tokenizer_getc(tok), "imaginary");
}

/* After the digits before an exponent: `e` was just read. */
static TokenKind read_exponent(Tokenizer *tok, int e)
{
    int c = tokenizer_getc(tok);
    if (c == '+' || c == '-') {
        c = tokenizer_getc(tok);
        if (!is_digit(c)) {
            tokenizer_ungetc(tok, c);
            return tokenizer_error(tok, "invalid decimal literal");
        }
    }
    else if (!is_digit(c)) {
        tokenizer_ungetc(tok, c);
        if (!check_end(tok, e, "decimal")) return TOK_ERRORTOKEN;
        tokenizer_ungetc(tok, e);
        return TOK_NUMBER;
    }
    c = skip_digits(tok);
    if (!c) return TOK_ERRORTOKEN;
    if (c == 'j' || c == 'J') return read_imaginary(tok);
    return finish(tok, c, "decimal");
}

/* After the integer part: `c` was just read. */
static TokenKind read_tail(Tokenizer *tok, int c)
{
    if (c == '.') {
        c = tokenizer_getc(tok);
        return tokenizer_read_fraction(tok, c);
    }
    if (c == 'e' || c == 'E') return read_exponent(tok, c);
    if (c == 'j' || c == 'J') return read_imaginary(tok);
    return finish(tok, c, "decimal");
}

TokenKind tokenizer_read_fraction(Tokenizer *tok, int c)
{
    if (is_digit(c)) {
        c = skip_digits(tok);
        if (!c) return TOK_ERRORTOKEN;
    }
    if (c == 'e' || c == 'E') return read_exponent(tok, c);
    if (c == 'j' || c == 'J') return read_imaginary(tok);
    return finish(tok, c, "decimal");
}

static bool is_digit_of(int c, int base)
{
    if (base == 16) return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    return c >= '0' && c < '0' + base;
}

/* After 0x, 0o or 0b. */
static TokenKind read_radix(Tokenizer *tok, int base, const char *kind)
{
    int c = tokenizer_getc(tok);
    do {
        if (c == '_') c = tokenizer_getc(tok);
        if (!is_digit_of(c, base)) {
            if (is_digit(c)) return tokenizer_error(tok, "invalid digit '%c' in %s literal", c, kind);
            tokenizer_ungetc(tok, c);
            return tokenizer_error(tok, "invalid %s literal", kind);
        }
        do {
            c = tokenizer_getc(tok);
        } while (is_digit_of(c, base));
    } while (c == '_');
    if (is_digit(c)) return tokenizer_error(tok, "invalid digit '%c' in %s literal", c, kind);
    return finish(tok, c, kind);
}

/* After a leading 0 that no radix follows: zeros, or a float or imaginary number. `c` was just read. */
static TokenKind read_zeros(Tokenizer *tok, int c)
{
    for (;;) {
        if (c == '_') {
            c = tokenizer_getc(tok);
            if (!is_digit(c)) {
                tokenizer_ungetc(tok, c);
                return tokenizer_error(tok, "invalid decimal literal");
            }
        }
        if (c != '0') break;
        c = tokenizer_getc(tok);
    }
    const char *zeros_end = tok->cursor;
    bool nonzero = is_digit(c);
    if (nonzero) {
        c = skip_digits(tok);
        if (!c) return TOK_ERRORTOKEN;
    }
    if (nonzero && c != '.' && c != 'e' && c != 'E' && c != 'j' && c != 'J') {
        tokenizer_ungetc(tok, c);
        return tokenizer_error_at(tok, tok->token_start + 1 - tok->line_start, zeros_end - tok->line_start,
                                  "leading zeros in decimal integer literals are not permitted; "
                                  "use an 0o prefix for octal integers");
    }
    return read_tail(tok, c);
}

TokenKind tokenizer_read_number(Tokenizer *tok, int c)
{
    if (c == '0') {
        c = tokenizer_getc(tok);
        switch (c) {
        case 'x': case 'X': return read_radix(tok, 16, "hexadecimal");
        case 'o': case 'O': return read_radix(tok, 8, "octal");
        case 'b': case 'B': return read_radix(tok, 2, "binary");
        default: return read_zeros(tok, c);
        }
    }
    c = skip_digits(tok);
    if (!c) return TOK_ERRORTOKEN;
    return read_tail(tok, c);
}
