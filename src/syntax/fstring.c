/* f-strings (the manual: reference/lexical_analysis, "Formatted string literals").
 *
 * The tokenizer takes an f-string for one token. Here its text is cut into literal parts and expressions; an expression
 * is parsed by a Parser of its own over "(expression)", whose positions are shifted to where the outer string has it.
 */
#include "syntax/literal.h"

#include <string.h>

/* What stays the same while one literal is cut up. */
typedef struct {
    Parser *p;
    const char *next, *end;
    bool raw;
    int token, first, last;     /* the token in hand and the span of all literals side by side */
} Cutter;

static void *cut_error(Cutter *c, const char *message)
{
    return raise_at_last_token(c->p, PyExc_SyntaxError, "%s", message);
}

bool fstring_add_text(PyObject **pending, PyObject *part_steal)
{
    if (PyUnicode_GET_LENGTH(part_steal) == 0) {
        Py_DECREF(part_steal);
    }
    else if (!*pending) {
        *pending = part_steal;
    }
    else {
        PyUnicode_AppendAndDel(pending, part_steal);
    }
    return *pending || !PyErr_Occurred();
}

static bool flush_text(Parser *p, PyObject **pending, int first, int last)
{
    if (!*pending) return true;
    PyObject *text = *pending;
    *pending = NULL;
    Expr *e = literal_new_constant(p, text, &p->tokens[first], &p->tokens[last]);
    return e && stack_push(p, e);
}

static Expr *new_spanning(Cutter *c, enum expr_kind kind)
{
    const Token *first = &c->p->tokens[c->first], *last = &c->p->tokens[c->last];
    Expr *e = arena_alloc(c->p->arena, sizeof *e);
    if (!e) return NULL;
    e->kind = kind;
    e->pos = (AstPosition){first->lineno, first->col, last->end_lineno, last->end_col};
    return e;
}

Expr *fstring_finish(Parser *p, size_t mark, PyObject **pending, int first, int last)
{
    Cutter c = {.p = p, .first = first, .last = last};
    if (!flush_text(p, pending, first, last)) {
        p->stack_size = mark;
        return NULL;
    }
    ExprSeq *values = stack_take(p, mark);
    Expr *e = values ? new_spanning(&c, expr_JoinedStr) : NULL;
    if (e) e->JoinedStr.values = values;
    return e;
}

/* ---- Expressions ------------------------------------------------------------------------------------------------ */

/* How far the expression that `brace` opens is from the start of its token: lines, and columns in its line. */
static void locate(const char *token_text, const char *brace, int *lines, int *columns)
{
    *lines = *columns = 0;
    const char *c = brace + 1;
    while (*c == ' ' || *c == '\t' || *c == '\f')
        c++;
    if (*c != '\n' && *c != '}') {
        for (c = brace; c > token_text && *c != '\n';)
            c--;
        *columns = (int)(brace - c);
        if (*c == '\n') --*columns;
    }
    for (c = token_text; c < brace; c++)
        *lines += *c == '\n';
}

static Expr *parse_part(Cutter *c, const char *start, const char *end)
{
    Parser *p = c->p;
    const char *s = start;
    while (s < end && (*s == ' ' || *s == '\t' || *s == '\n' || *s == '\f'))
        s++;
    if (s == end) {
        if (*end == '!' || *end == ':' || *end == '=')
            return raise_at_last_token(p, PyExc_SyntaxError, "f-string: expression required before '%c'", *end);
        return cut_error(c, "f-string: empty expression not allowed");
    }
    if (p->fstring_nesting >= PARSER_MAX_FSTRING_NESTING) {
        PyErr_NoMemory();
        return NULL;
    }
    const Token *t = &p->tokens[c->token];
    int lines, columns;
    locate(token_start(p, t), start - 1, &lines, &columns);

    size_t size = (size_t)(end - start);
    char *text = PyMem_Malloc(size + 3);
    if (!text) return (Expr *)PyErr_NoMemory();
    text[0] = '(';
    memcpy(text + 1, start, size);
    memcpy(text + 1 + size, ")\n", 2);
    Tokenizer tok;
    Parser part;
    Expr *e = NULL;
    int ready = tokenizer_init_fragment(&tok, text, size + 3, p->tok->filename);
    PyMem_Free(text);
    if (ready < 0) return NULL;
    tok.lineno = t->lineno + lines - 1;
    if (parser_init(&part, &tok, FSTRING_INPUT, p->flags, p->feature_version, p->arena) == 0) {
        part.starting_lineno = t->lineno + lines;
        part.starting_col_offset = lines ? columns : t->col + columns;
        part.fstring_nesting = p->fstring_nesting + 1;
        e = parser_run(&part);
    }
    parser_clear(&part);
    tokenizer_clear(&tok);
    if (!e) p->failed = true;
    return e;
}

/* Moves from behind the opening brace to what ends the expression: `!`, `:`, `=`, `}` or the end of the text. */
static bool find_expression_end(Cutter *c)
{
    char open[TOKENIZER_MAX_PARENTHESES];
    int depth = 0, quotes = 0;
    char quote = 0;
    for (; c->next < c->end; c->next++) {
        const char *at = c->next;
        char ch = *at;
        bool triple = c->end - at > 2 && at[1] == ch && at[2] == ch;
        if (ch == '\\') return cut_error(c, "f-string expression part cannot include a backslash"), false;
        if (quote) {
            if (ch != quote || (quotes == 3 && !triple)) continue;
            c->next += quotes - 1;
            quote = 0;
            continue;
        }
        switch (ch) {
        case '\'': case '"':
            quote = ch;
            quotes = triple ? 3 : 1;
            c->next += quotes - 1;
            break;
        case '{': case '[': case '(':
            if (depth >= TOKENIZER_MAX_PARENTHESES) return cut_error(c, "f-string: too many nested parenthesis"), false;
            open[depth++] = ch;
            break;
        case '#':
            return cut_error(c, "f-string expression part cannot include '#'"), false;
        case '!': case ':': case '=': case '<': case '>':
            if (depth) break;
            if (ch != ':' && c->end - at > 1 && at[1] == '=') {
                c->next++;
                break;
            }
            if (ch == '<' || ch == '>') break;
            goto found;
        case '}':
            if (!depth) goto found;
            /* fall through */
        case ']': case ')':
            if (!depth) return raise_at_last_token(c->p, PyExc_SyntaxError, "f-string: unmatched '%c'", ch), false;
            depth--;
            if ((open[depth] == '(') != (ch == ')') || (open[depth] == '[') != (ch == ']')) {
                raise_at_last_token(c->p, PyExc_SyntaxError,
                                    "f-string: closing parenthesis '%c' does not match opening parenthesis '%c'", ch,
                                    open[depth]);
                return false;
            }
            break;
        }
    }
found:
    if (quote) return cut_error(c, "f-string: unterminated string"), false;
    if (depth) return raise_at_last_token(c->p, PyExc_SyntaxError, "f-string: unmatched '%c'", open[depth - 1]), false;
    if (c->next >= c->end) return cut_error(c, "f-string: expecting '}'"), false;
    return true;
}

static bool cut(Cutter *c, int depth, PyObject **pending);

static Expr *parse_format_spec(Cutter *c, int depth)
{
    size_t mark = c->p->stack_size;
    PyObject *pending = NULL;
    if (!cut(c, depth, &pending)) {
        Py_XDECREF(pending);
        c->p->stack_size = mark;
        return NULL;
    }
    return fstring_finish(c->p, mark, &pending, c->token, c->token);
}

/* A replacement field, from its opening brace on. *text is its source if it documents itself with `=` (owned). */
static Expr *parse_field(Cutter *c, int depth, PyObject **text)
{
    if (depth >= 2) return cut_error(c, "f-string: expressions nested too deeply");
    const char *start = ++c->next;
    if (!find_expression_end(c)) return NULL;
    Expr *value = parse_part(c, start, c->next);
    if (!value) return NULL;
    if (*c->next == '=') {
        if (c->p->feature_version < 8) {
            return cut_error(c, "f-string: self documenting expressions are only supported in Python 3.8 and greater");
        }
        c->next++;
        while (c->next < c->end && Py_ISSPACE(*c->next))
            c->next++;
        if (c->next >= c->end) goto unexpected_end;
        *text = PyUnicode_FromStringAndSize(start, c->next - start);
        if (!*text) return NULL;
    }
    int conversion = -1;
    Expr *spec = NULL;
    if (*c->next == '!') {
        if (++c->next >= c->end) goto unexpected_end;
        conversion = (unsigned char)*c->next++;
        if (conversion != 's' && conversion != 'r' && conversion != 'a')
            return cut_error(c, "f-string: invalid conversion character: expected 's', 'r', or 'a'");
    }
    if (c->next >= c->end) goto unexpected_end;
    if (*c->next == ':') {
        if (++c->next >= c->end) goto unexpected_end;
        if (!(spec = parse_format_spec(c, depth + 1))) return NULL;
    }
    if (c->next >= c->end || *c->next != '}') goto unexpected_end;
    c->next++;
    Expr *e = new_spanning(c, expr_FormattedValue);
    if (!e) return NULL;
    e->FormattedValue.value = value;
    e->FormattedValue.conversion = *text && !spec && conversion == -1 ? 'r' : conversion;
    e->FormattedValue.format_spec = spec;
    return e;
unexpected_end:
    return cut_error(c, "f-string: expecting '}'");
}

/* ---- Literal text ----------------------------------------------------------------------------------------------- */

/* Takes literal text up to the next field, the end of a format specification or, at the outer level, a doubled brace,
 * of which one is kept (then *again is true). */
static bool cut_text(Cutter *c, int depth, PyObject **pending, bool *again)
{
    const char *start = c->next, *s = start;
    *again = false;
    while (s < c->end) {
        char ch = *s++;
        if (!c->raw && ch == '\\' && s < c->end) {
            ch = *s++;
            if (ch == 'N') {
                /* \N{name}: its braces are no field. */
                if (s < c->end && *s++ == '{') {
                    while (s < c->end && *s++ != '}')
                        ;
                }
                continue;
            }
            if (ch == '{' && literal_warn_escape(c->p, s - 1, &c->p->tokens[c->token]) < 0) return false;
        }
        if (ch != '{' && ch != '}') continue;
        if (depth == 0) {
            if (s < c->end && *s == ch) {
                *again = true;
                break;
            }
            if (ch == '}') {
                c->next = s - 1;
                return cut_error(c, "f-string: single '}' is not allowed"), false;
            }
        }
        s--;
        break;
    }
    c->next = *again ? s + 1 : s;
    if (s == start) return true;
    PyObject *part = literal_decode(c->p, start, s, c->raw, &c->p->tokens[c->token]);
    return part && fstring_add_text(pending, part);
}

static bool cut(Cutter *c, int depth, PyObject **pending)
{
    for (;;) {
        bool again;
        if (!cut_text(c, depth, pending, &again)) return false;
        if (again) continue;
        if (c->next >= c->end || *c->next == '}') break;
        PyObject *text = NULL;
        Expr *field = parse_field(c, depth, &text);
        if (text && !fstring_add_text(pending, text)) return false;
        if (!field || !flush_text(c->p, pending, c->first, c->last) || !stack_push(c->p, field)) return false;
    }
    if (depth != 0 && c->next >= c->end) return cut_error(c, "f-string: expecting '}'"), false;
    return true;
}

bool fstring_add_literal(Parser *p, const char *text, const char *end, bool raw, int token, int first, int last,
                         PyObject **pending)
{
    Cutter c = {.p = p, .next = text, .end = end, .raw = raw, .token = token, .first = first, .last = last};
    return cut(&c, 0, pending);
}
