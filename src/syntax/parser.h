/* The parser: tokens -> AST by recursive descent, the first of two passes.
 *
 * Invariants
 *  - A parse function that fails returns NULL. If no exception is set, the text is simply no sentence of the grammar,
 *    and diagnose.c, the second pass, works out the wording of the SyntaxError.
 *  - Tokens are fetched one by one when they are looked at, and kept: both passes read the same array. The first pass
 *    looks one token ahead, except where a comment says otherwise.
 *  - Elements of sequences being built lie on `stack`; a function leaves it as it found it, also on failure
 *    (sequences are cut off at the caller's mark).
 */
#ifndef KRAIT_SYNTAX_PARSER_H
#define KRAIT_SYNTAX_PARSER_H

#include "syntax/syntax.h"
#include "syntax/tokenizer.h"

enum {
    PARSER_MAX_LEVEL = 6000,        /* nesting of grammar rules, as in the reference */
    PARSER_BASE_LEVEL = 31,         /* rules between the start symbol and an operand, which the first pass does not count */
    PARSER_MAX_FSTRING_NESTING = 150,
    FSTRING_INPUT = 800,            /* start symbol of an expression within an f-string */
};

typedef struct Token {
    TokenKind kind;
    int lineno, col, end_lineno, end_col;   /* columns are -1 for tokens without text */
    int level;                              /* open parentheses after it */
    Py_ssize_t start, end;                  /* text, as offsets into the tokenizer's buffer */
    void *memo;                             /* NAME: its interned str; STRING: the Expr of the literal that starts here */
    int memo_end;                           /* STRING: the token after the literal */
} Token;

typedef struct Parser {
    Tokenizer *tok;
    Arena *arena;
    Token *tokens;
    int fill, capacity;             /* of tokens */
    int pos;                        /* the next token */
    int start, flags, feature_version;
    int level;                      /* depth of nesting */
    int starting_lineno, starting_col_offset;   /* f-string expressions: where the outer string has them */
    int fstring_nesting;
    bool parsing_started, failed;   /* failed: an exception is set */
    bool at_end;                    /* interactive: nothing more to read */
    void **stack;
    size_t stack_size, stack_capacity;
    struct { int lineno; PyObject *tag; } *type_ignores;
    size_t type_ignore_count, type_ignore_capacity;
    PyObject **names;               /* open hash table of identifiers seen, borrowed from the arena */
    size_t name_mask, name_count;
} Parser;

/* ---- Tokens (parse.c) ------------------------------------------------------------------------------------------- */

/* Fetches one more token; false with an exception set (an ERRORTOKEN is appended all the same). */
bool parser_fill(Parser *p);

static inline TokenKind peek(Parser *p)
{
    if (p->pos == p->fill) parser_fill(p);
    return p->tokens[p->pos].kind;
}

/* The token after the next one. */
static inline TokenKind peek_second(Parser *p)
{
    if (peek(p) == TOK_ERRORTOKEN) return TOK_ERRORTOKEN;
    if (p->pos + 1 == p->fill) parser_fill(p);
    return p->tokens[p->pos + 1].kind;
}

static inline bool accept(Parser *p, TokenKind kind)
{
    if (peek(p) != kind) return false;
    p->pos++;
    return true;
}

static inline const char *token_start(const Parser *p, const Token *t)
{
    return p->tok->buffer + t->start;
}

bool token_is(const Parser *p, const Token *t, const char *text);

/* The position where the next token starts (its end is not set). */
static inline AstPosition position_here(Parser *p)
{
    peek(p);
    const Token *t = &p->tokens[p->pos];
    return (AstPosition){t->lineno, t->col, t->end_lineno, t->end_col};
}

/* The last token read that is no white space (line ends and indentation). */
static inline const Token *last_token(const Parser *p)
{
    int i = p->pos - 1;
    while (i > 0 && (p->tokens[i].kind == TOK_ENDMARKER ||
                     (p->tokens[i].kind >= TOK_NEWLINE && p->tokens[i].kind <= TOK_DEDENT)))
        i--;
    return &p->tokens[i];
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

static inline Expr *new_expr(Parser *p, enum expr_kind kind, AstPosition start)
{
    Expr *e = arena_alloc(p->arena, sizeof *e);
    if (!e) return NULL;
    e->kind = kind;
    e->pos = start;
    const Token *last = &p->tokens[p->pos - 1];
    e->pos.end_lineno = last->end_lineno;
    e->pos.end_col_offset = last->end_col;
    return e;
}

static inline Stmt *new_stmt(Parser *p, enum stmt_kind kind, AstPosition start)
{
    Stmt *s = arena_alloc(p->arena, sizeof *s);
    if (!s) return NULL;
    const Token *last = last_token(p);
    s->kind = kind;
    s->pos = start;
    s->pos.end_lineno = last->end_lineno;
    s->pos.end_col_offset = last->end_col;
    return s;
}

/* Ends a position at the last token. */
static inline AstPosition position_to_last(Parser *p, AstPosition start)
{
    const Token *last = last_token(p);
    start.end_lineno = last->end_lineno;
    start.end_col_offset = last->end_col;
    return start;
}

bool stack_push(Parser *p, void *item);
/* The items above `mark` as a sequence; they leave the stack. */
void *stack_take(Parser *p, size_t mark);

/* The interned name of a NAME token (borrowed from the arena), or NULL with an exception set. */
PyObject *token_identifier(Parser *p, int index);
/* Takes a NAME; NULL when there is none. */
PyObject *parse_identifier(Parser *p);
PyObject *intern_name(Parser *p, const char *text, Py_ssize_t size);

/* One level deeper: false with MemoryError set when that is too deep. */
bool parser_enter(Parser *p, int levels);
static inline void parser_leave(Parser *p, int levels)
{
    p->level -= levels;
}

/* False with an exception set when the feature version is below 3.minor. */
bool require_version(Parser *p, int minor, const char *what);

/* ---- The grammar ------------------------------------------------------------------------------------------------ */

void *parse_start(Parser *p);                           /* parse_statement.c; a Mod, or an Expr for FSTRING_INPUT */
StmtSeq *parse_block(Parser *p);
Stmt *parse_match(Parser *p);                           /* parse_pattern.c */

Expr *parse_expression(Parser *p);                      /* parse_expression.c */
Expr *parse_star_expressions(Parser *p);
Expr *parse_named_expression(Parser *p);
Expr *parse_star_named_expression(Parser *p);
Expr *parse_yield_or_star_expressions(Parser *p);
Expr *parse_bitwise_or(Parser *p);
Expr *parse_primary(Parser *p);                         /* without `await` */
Expr *parse_target(Parser *p);                          /* star_target, made a Store target */
Expr *parse_targets(Parser *p);                         /* star_targets */
bool set_target(Expr *e, ExprContext context);          /* false when it can be no target */
/* Up to, not including, the ')'. A call may have a sole generator expression without parentheses of its own. */
bool parse_arguments(Parser *p, bool call, ExprSeq **args, KeywordSeq **keywords);
Arguments *parse_parameters(Parser *p, TokenKind end);  /* parse_parameters.c: up to, not including, `end` */

Expr *parse_number(Parser *p);                          /* literal.c */
Expr *parse_strings(Parser *p);

/* ---- Errors (error.c) ------------------------------------------------------------------------------------------- */

enum { CURRENT_POSITION = -5 };

/* Sets a syntax error at the last token fetched. Always NULL. */
void *raise_at_last_token(Parser *p, PyObject *type, const char *format, ...);
/* The same at a known place; columns count from 0. An end column of -1 is no end. */
void *raise_at(Parser *p, PyObject *type, int lineno, Py_ssize_t col, int end_lineno, Py_ssize_t end_col,
               const char *format, ...);
#define raise_range(p, start, end, ...) \
    raise_at(p, PyExc_SyntaxError, (start).lineno, (start).col_offset, (end).end_lineno, (end).end_col_offset, __VA_ARGS__)
/* An error that the tokenizer left without an exception. */
void raise_tokenizer_error(Parser *p);
/* A UnicodeError or ValueError of a literal becomes a SyntaxError. */
void raise_decode_problem(Parser *p);
void raise_unclosed_parenthesis(Parser *p);
/* With PyCF_ALLOW_INCOMPLETE_INPUT, at the end of the text: any failure is "incomplete input", raised here. */
bool raise_if_incomplete(Parser *p);
/* Reads on to the end: an error of the tokenizer further on wins over the one that is set. */
void check_rest_of_source(Parser *p);

/* ---- The second pass (diagnose.c) ------------------------------------------------------------------------------- */

/* Raises the syntax error for a text that the first pass did not accept. */
void diagnose(Parser *p);

/* ---- Running (parse.c) ------------------------------------------------------------------------------------------ */

int parser_init(Parser *p, Tokenizer *tok, int start, int flags, int feature_version, Arena *arena);
void parser_clear(Parser *p);
/* Both passes: the tree (a Mod, or an Expr for FSTRING_INPUT), or NULL with an exception set. */
void *parser_run(Parser *p);

#endif
