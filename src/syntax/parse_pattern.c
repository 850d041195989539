/* The match statement and its patterns (the manual: reference/compound_stmts, "The match statement"). */
#include "syntax/parser.h"

static Pattern *parse_pattern(Parser *p);
static Pattern *parse_or_pattern(Parser *p);

static Pattern *new_pattern(Parser *p, enum pattern_kind kind, AstPosition start)
{
    Pattern *pattern = arena_alloc(p->arena, sizeof *pattern);
    if (!pattern) return NULL;
    pattern->kind = kind;
    pattern->pos = position_to_last(p, start);
    return pattern;
}

static bool next_is(Parser *p, const char *word)
{
    return peek(p) == TOK_NAME && token_is(p, &p->tokens[p->pos], word);
}

/* A name to bind, which "_" is not. */
static PyObject *parse_capture_name(Parser *p)
{
    if (peek(p) != TOK_NAME || next_is(p, "_")) return NULL;
    PyObject *name = token_identifier(p, p->pos++);
    TokenKind kind = peek(p);
    return kind == TOK_DOT || kind == TOK_LPAR || kind == TOK_EQUAL ? NULL : name;
}

/* ---- Literals --------------------------------------------------------------------------------------------------- */

static Expr *parse_signed_number(Parser *p)
{
    AstPosition start = position_here(p);
    bool minus = accept(p, TOK_MINUS);
    if (peek(p) != TOK_NUMBER) return NULL;
    Expr *number = parse_number(p);
    if (!number || !minus) return number;
    Expr *e = new_expr(p, expr_UnaryOp, start);
    if (!e) return NULL;
    e->UnaryOp.op = unaryop_USub;
    e->UnaryOp.operand = number;
    return e;
}

static bool is_imaginary(const Expr *e)
{
    return PyComplex_CheckExact(e->Constant.value);
}

/* -1, 2.5, or a complex number: real part, sign, imaginary part. */
static Expr *parse_literal_number(Parser *p)
{
    AstPosition start = position_here(p);
    Expr *real = parse_signed_number(p);
    if (!real || (peek(p) != TOK_PLUS && peek(p) != TOK_MINUS)) return real;
    Operator op = peek(p) == TOK_PLUS ? operator_Add : operator_Sub;
    Expr *digits = real->kind == expr_UnaryOp ? real->UnaryOp.operand : real;
    if (is_imaginary(digits))
        return raise_range(p, digits->pos, digits->pos, "real number required in complex literal");
    p->pos++;
    if (peek(p) != TOK_NUMBER) return NULL;
    Expr *imaginary = parse_number(p);
    if (!imaginary) return NULL;
    if (!is_imaginary(imaginary))
        return raise_range(p, imaginary->pos, imaginary->pos, "imaginary number required in complex literal");
    Expr *e = new_expr(p, expr_BinOp, start);
    if (!e) return NULL;
    e->BinOp.left = real;
    e->BinOp.op = op;
    e->BinOp.right = imaginary;
    return e;
}

static PyObject *singleton(TokenKind kind)
{
    return kind == KW_None ? Py_None : kind == KW_True ? Py_True : kind == KW_False ? Py_False : NULL;
}

static Pattern *new_value(Parser *p, AstPosition start, Expr *value)
{
    Pattern *pattern = value ? new_pattern(p, pattern_MatchValue, start) : NULL;
    if (pattern) pattern->MatchValue.value = value;
    return pattern;
}

/* ---- Names ------------------------------------------------------------------------------------------------------ */

/* a.b.c */
static Expr *parse_name_or_attribute(Parser *p)
{
    AstPosition start = position_here(p);
    PyObject *id = parse_identifier(p);
    Expr *e = id ? new_expr(p, expr_Name, start) : NULL;
    if (!e) return NULL;
    e->Name.id = id;
    e->Name.ctx = expr_context_Load;
    while (accept(p, TOK_DOT)) {
        PyObject *attr = parse_identifier(p);
        Expr *outer = attr ? new_expr(p, expr_Attribute, start) : NULL;
        if (!outer) return NULL;
        outer->Attribute.value = e;
        outer->Attribute.attr = attr;
        outer->Attribute.ctx = expr_context_Load;
        e = outer;
    }
    return e;
}

/* Class(pattern, ..., name=pattern, ...), from the parenthesis on. */
static Pattern *parse_class_pattern(Parser *p, AstPosition start, Expr *cls)
{
    size_t mark = p->stack_size;
    Py_ssize_t positional = 0, keywords = 0;
    p->pos++;
    while (peek(p) != TOK_RPAR) {
        bool keyword = peek(p) == TOK_NAME && peek_second(p) == TOK_EQUAL;
        if (keyword) {
            PyObject *name = parse_identifier(p);
            p->pos++;
            if (!name || !stack_push(p, name)) goto failed;
            keywords++;
        }
        else if (keywords) {
            goto failed;
        }
        else {
            positional++;
        }
        Pattern *pattern = parse_pattern(p);
        if (!pattern || !stack_push(p, pattern)) goto failed;
        if (!accept(p, TOK_COMMA)) break;
    }
    if (!accept(p, TOK_RPAR)) goto failed;
    Pattern *result = new_pattern(p, pattern_MatchClass, start);
    PatternSeq *patterns = ast_seq_new(p->arena, positional), *kwd_patterns = ast_seq_new(p->arena, keywords);
    IdentifierSeq *kwd_attrs = ast_seq_new(p->arena, keywords);
    if (!result || !patterns || !kwd_patterns || !kwd_attrs) goto failed;
    void **items = p->stack + mark;
    for (Py_ssize_t i = 0; i < positional; i++)
        patterns->items[i] = *items++;
    for (Py_ssize_t i = 0; i < keywords; i++) {
        kwd_attrs->items[i] = *items++;
        kwd_patterns->items[i] = *items++;
    }
    p->stack_size = mark;
    result->MatchClass.cls = cls;
    result->MatchClass.patterns = patterns;
    result->MatchClass.kwd_attrs = kwd_attrs;
    result->MatchClass.kwd_patterns = kwd_patterns;
    return result;
failed:
    p->stack_size = mark;
    return NULL;
}

/* A capture, the wildcard, a dotted value or a class. The last two cannot begin with "_": to the grammar that is the wildcard,
 * whatever follows. */
static Pattern *parse_name_pattern(Parser *p)
{
    AstPosition start = position_here(p);
    if (next_is(p, "_")) {
        p->pos++;
        return new_pattern(p, pattern_MatchAs, start);
    }
    Expr *name = parse_name_or_attribute(p);
    if (!name) return NULL;
    if (peek(p) == TOK_LPAR) return parse_class_pattern(p, start, name);
    if (name->kind == expr_Attribute) return new_value(p, start, name);
    if (peek(p) == TOK_EQUAL) return NULL;
    Pattern *pattern = new_pattern(p, pattern_MatchAs, start);
    if (pattern) pattern->MatchAs.name = name->Name.id;
    return pattern;
}

/* ---- Sequences and mappings ------------------------------------------------------------------------------------- */

static Pattern *parse_star_pattern(Parser *p)
{
    if (peek(p) != TOK_STAR) return parse_pattern(p);
    AstPosition start = position_here(p);
    p->pos++;
    PyObject *name = NULL;
    if (next_is(p, "_")) {
        p->pos++;
    }
    else if (!(name = parse_capture_name(p))) {
        return NULL;
    }
    Pattern *pattern = new_pattern(p, pattern_MatchStar, start);
    if (pattern) pattern->MatchStar.name = name;
    return pattern;
}

/* The patterns up to `close` (any token that cannot go on, if that is ENDMARKER), after the first. Takes the stack. */
static Pattern *parse_sequence_rest(Parser *p, AstPosition start, size_t mark, TokenKind close)
{
    while (accept(p, TOK_COMMA)) {
        TokenKind kind = peek(p);
        if (kind == close || (close == TOK_ENDMARKER && (kind == TOK_COLON || kind == KW_if))) break;
        Pattern *pattern = parse_star_pattern(p);
        if (!pattern || !stack_push(p, pattern)) goto failed;
    }
    if (close != TOK_ENDMARKER && !accept(p, close)) goto failed;
    PatternSeq *patterns = stack_take(p, mark);
    Pattern *result = patterns ? new_pattern(p, pattern_MatchSequence, start) : NULL;
    if (result) result->MatchSequence.patterns = patterns;
    return result;
failed:
    p->stack_size = mark;
    return NULL;
}

static Pattern *parse_bracketed(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    TokenKind close = peek(p) == TOK_LPAR ? TOK_RPAR : TOK_RSQB;
    p->pos++;
    if (peek(p) != close) {
        bool starred = peek(p) == TOK_STAR;
        Pattern *first = parse_star_pattern(p);
        if (!first) return NULL;
        if (close == TOK_RPAR && peek(p) != TOK_COMMA) return !starred && accept(p, TOK_RPAR) ? first : NULL;
        if (!stack_push(p, first)) return NULL;
    }
    return parse_sequence_rest(p, start, mark, close);
}

static Expr *parse_mapping_key(Parser *p)
{
    AstPosition start = position_here(p);
    TokenKind kind = peek(p);
    if (singleton(kind)) {
        p->pos++;
        Expr *e = new_expr(p, expr_Constant, start);
        if (e) e->Constant.value = singleton(kind);
        return e;
    }
    if (kind == TOK_STRING) return parse_strings(p);
    if (kind != TOK_NAME) return parse_literal_number(p);
    Expr *e = parse_name_or_attribute(p);
    return e && e->kind == expr_Attribute ? e : NULL;
}

static Pattern *parse_mapping(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    PyObject *rest = NULL;
    p->pos++;
    while (peek(p) != TOK_RBRACE) {
        if (accept(p, TOK_DOUBLESTAR)) {
            if (!(rest = parse_capture_name(p))) goto failed;
            accept(p, TOK_COMMA);
            break;
        }
        Expr *key = parse_mapping_key(p);
        Pattern *pattern = key && accept(p, TOK_COLON) ? parse_pattern(p) : NULL;
        if (!pattern || !stack_push(p, key) || !stack_push(p, pattern)) goto failed;
        if (!accept(p, TOK_COMMA)) break;
    }
    if (!accept(p, TOK_RBRACE)) goto failed;
    Py_ssize_t count = (Py_ssize_t)(p->stack_size - mark) / 2;
    ExprSeq *keys = ast_seq_new(p->arena, count);
    PatternSeq *patterns = ast_seq_new(p->arena, count);
    Pattern *result = new_pattern(p, pattern_MatchMapping, start);
    if (!keys || !patterns || !result) goto failed;
    for (Py_ssize_t i = 0; i < count; i++) {
        keys->items[i] = p->stack[mark + 2 * (size_t)i];
        patterns->items[i] = p->stack[mark + 2 * (size_t)i + 1];
    }
    p->stack_size = mark;
    result->MatchMapping.keys = keys;
    result->MatchMapping.patterns = patterns;
    result->MatchMapping.rest = rest;
    return result;
failed:
    p->stack_size = mark;
    return NULL;
}

/* ---- Whole patterns --------------------------------------------------------------------------------------------- */

static Pattern *parse_closed_pattern(Parser *p)
{
    AstPosition start = position_here(p);
    TokenKind kind = peek(p);
    switch (kind) {
    case TOK_NUMBER: case TOK_MINUS: {
        Expr *number = parse_literal_number(p);
        return new_value(p, start, number);
    }
    case TOK_STRING: {
        Expr *strings = parse_strings(p);
        return new_value(p, start, strings);
    }
    case KW_None: case KW_True: case KW_False: {
        p->pos++;
        Pattern *pattern = new_pattern(p, pattern_MatchSingleton, start);
        if (pattern) pattern->MatchSingleton.value = singleton(kind);
        return pattern;
    }
    case TOK_NAME: return parse_name_pattern(p);
    case TOK_LPAR: case TOK_LSQB: return parse_bracketed(p);
    case TOK_LBRACE: return parse_mapping(p);
    default: return NULL;
    }
}

static Pattern *parse_or_pattern(Parser *p)
{
    AstPosition start = position_here(p);
    Pattern *first = parse_closed_pattern(p);
    if (!first || peek(p) != TOK_VBAR) return first;
    size_t mark = p->stack_size;
    if (!stack_push(p, first)) return NULL;
    while (accept(p, TOK_VBAR)) {
        Pattern *pattern = parse_closed_pattern(p);
        if (!pattern || !stack_push(p, pattern)) {
            p->stack_size = mark;
            return NULL;
        }
    }
    PatternSeq *patterns = stack_take(p, mark);
    Pattern *result = patterns ? new_pattern(p, pattern_MatchOr, start) : NULL;
    if (result) result->MatchOr.patterns = patterns;
    return result;
}

static Pattern *parse_pattern(Parser *p)
{
    AstPosition start = position_here(p);
    Pattern *pattern = parse_or_pattern(p);
    if (!pattern || !accept(p, KW_as)) return pattern;
    PyObject *name = parse_capture_name(p);
    Pattern *result = name ? new_pattern(p, pattern_MatchAs, start) : NULL;
    if (!result) return NULL;
    result->MatchAs.pattern = pattern;
    result->MatchAs.name = name;
    return result;
}

/* ---- The statement ---------------------------------------------------------------------------------------------- */

static MatchCase *parse_case(Parser *p)
{
    AstPosition start;
    MatchCase *c = arena_alloc(p->arena, sizeof *c);
    if (!c || !next_is(p, "case")) return NULL;
    p->pos++;
    start = position_here(p);
    size_t mark = p->stack_size;
    bool starred = peek(p) == TOK_STAR;
    Pattern *first = parse_star_pattern(p);
    if (!first) return NULL;
    if (peek(p) == TOK_COMMA) {
        if (!stack_push(p, first)) return NULL;
        first = parse_sequence_rest(p, start, mark, TOK_ENDMARKER);
    }
    else if (starred) {
        return NULL;
    }
    if (!first) return NULL;
    c->pattern = first;
    if (accept(p, KW_if) && !(c->guard = parse_named_expression(p))) return NULL;
    if (!accept(p, TOK_COLON) || !(c->body = parse_block(p))) return NULL;
    return c;
}

static Expr *parse_subject(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    bool starred = peek(p) == TOK_STAR;
    Expr *e = parse_star_named_expression(p);
    if (!e || peek(p) != TOK_COMMA) return starred ? NULL : e;
    if (!stack_push(p, e)) return NULL;
    while (accept(p, TOK_COMMA)) {
        if (peek(p) == TOK_COLON) break;
        e = parse_star_named_expression(p);
        if (!e || !stack_push(p, e)) {
            p->stack_size = mark;
            return NULL;
        }
    }
    ExprSeq *elts = stack_take(p, mark);
    Expr *tuple = elts ? new_expr(p, expr_Tuple, start) : NULL;
    if (!tuple) return NULL;
    tuple->Tuple.elts = elts;
    tuple->Tuple.ctx = expr_context_Load;
    return tuple;
}

/* At the word `match`. NULL without an exception, and nothing taken, if it is a name like any other here. */
Stmt *parse_match(Parser *p)
{
    AstPosition start = position_here(p);
    int first = p->pos, level = p->level;
    size_t mark = p->stack_size;
    p->pos++;
    Expr *subject = parse_subject(p);
    if (!subject || !accept(p, TOK_COLON) || !accept(p, TOK_NEWLINE) || !accept(p, TOK_INDENT)) goto no_match;
    while (next_is(p, "case")) {
        MatchCase *c = parse_case(p);
        if (!c || !stack_push(p, c)) goto no_match;
    }
    if (p->stack_size == mark || !accept(p, TOK_DEDENT)) goto no_match;
    MatchCaseSeq *cases = stack_take(p, mark);
    if (!cases || !require_version(p, 10, "Pattern matching is")) return NULL;
    Stmt *s = new_stmt(p, stmt_Match, start);
    if (!s) return NULL;
    s->Match.subject = subject;
    s->Match.cases = cases;
    return s;
no_match:
    p->stack_size = mark;
    p->pos = first;
    p->level = level;
    return NULL;
}
