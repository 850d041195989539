/* Expressions (the manual: reference/expressions). */
#include "syntax/parser.h"

#include <stddef.h>

/* ---- Small nodes ------------------------------------------------------------------------------------------------ */

static Expr *new_constant(Parser *p, AstPosition start, PyObject *value_borrow)
{
    Expr *e = new_expr(p, expr_Constant, start);
    if (e) e->Constant.value = value_borrow;
    return e;
}

static Expr *new_tuple(Parser *p, AstPosition start, size_t mark)
{
    ExprSeq *elts = stack_take(p, mark);
    Expr *e = elts ? new_expr(p, expr_Tuple, start) : NULL;
    if (!e) return NULL;
    e->Tuple.elts = elts;
    e->Tuple.ctx = expr_context_Load;
    return e;
}

static Expr *new_starred(Parser *p, AstPosition start, Expr *value)
{
    Expr *e = new_expr(p, expr_Starred, start);
    if (!e) return NULL;
    e->Starred.value = value;
    e->Starred.ctx = expr_context_Load;
    return e;
}

/* Whether an expression that starts here is `name := value` without parentheses around it. */
static bool is_bare_named(const Expr *e, AstPosition start)
{
    return e->kind == expr_NamedExpr && e->pos.lineno == start.lineno && e->pos.col_offset == start.col_offset;
}

static Expr *fail(Parser *p, size_t mark)
{
    p->stack_size = mark;
    return NULL;
}

/* ---- Comprehensions --------------------------------------------------------------------------------------------- */

static Expr *parse_disjunction(Parser *p);

static bool comprehension_follows(Parser *p)
{
    TokenKind kind = peek(p);
    return kind == KW_for || kind == TOK_ASYNC;
}

static Comprehension *parse_for_if(Parser *p)
{
    Comprehension *c = arena_alloc(p->arena, sizeof *c);
    if (!c) return NULL;
    c->is_async = accept(p, TOK_ASYNC);
    if (!accept(p, KW_for)) return NULL;
    if (!(c->target = parse_targets(p)) || !accept(p, KW_in) || !(c->iter = parse_disjunction(p))) return NULL;
    if (c->is_async && !require_version(p, 6, "Async comprehensions are")) return NULL;
    size_t mark = p->stack_size;
    while (accept(p, KW_if)) {
        Expr *test = parse_disjunction(p);
        if (!test || !stack_push(p, test)) {
            p->stack_size = mark;
            return NULL;
        }
    }
    c->ifs = stack_take(p, mark);
    return c->ifs ? c : NULL;
}

static ComprehensionSeq *parse_for_if_clauses(Parser *p)
{
    size_t mark = p->stack_size;
    do {
        Comprehension *c = parse_for_if(p);
        if (!c || !stack_push(p, c)) {
            p->stack_size = mark;
            return NULL;
        }
    } while (comprehension_follows(p));
    return stack_take(p, mark);
}

/* From the first `for` to the closing token. */
static Expr *parse_comprehension(Parser *p, enum expr_kind kind, AstPosition start, Expr *elt, TokenKind close)
{
    ComprehensionSeq *generators = parse_for_if_clauses(p);
    if (!generators || !accept(p, close)) return NULL;
    Expr *e = new_expr(p, kind, start);
    if (!e) return NULL;
    static_assert(offsetof(Expr, ListComp) == offsetof(Expr, GeneratorExp), "one shape");
    static_assert(offsetof(Expr, ListComp) == offsetof(Expr, SetComp), "one shape");
    e->ListComp.elt = elt;
    e->ListComp.generators = generators;
    return e;
}

/* ---- Displays and groups ---------------------------------------------------------------------------------------- */

/* Elements up to `close`, the first already parsed; false on failure. Leaves them on the stack. */
static bool parse_rest_of_elements(Parser *p, Expr *first, TokenKind close)
{
    if (!stack_push(p, first)) return false;
    while (accept(p, TOK_COMMA)) {
        if (peek(p) == close) return true;
        Expr *e = parse_star_named_expression(p);
        if (!e || !stack_push(p, e)) return false;
    }
    return true;
}

static Expr *parse_parenthesised(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    p->pos++;
    if (accept(p, TOK_RPAR)) return new_tuple(p, start, mark);
    if (peek(p) == KW_yield) {
        Expr *e = parse_yield_or_star_expressions(p);
        return e && accept(p, TOK_RPAR) ? e : NULL;
    }
    bool starred = peek(p) == TOK_STAR;
    Expr *first = parse_star_named_expression(p);
    if (!first) return NULL;
    if (peek(p) == TOK_RPAR && !starred) {
        p->pos++;
        return first;
    }
    if (comprehension_follows(p) && !starred) {
        return parse_comprehension(p, expr_GeneratorExp, start, first, TOK_RPAR);
    }
    if (peek(p) != TOK_COMMA) return NULL;
    if (!parse_rest_of_elements(p, first, TOK_RPAR) || !accept(p, TOK_RPAR)) return fail(p, mark);
    return new_tuple(p, start, mark);
}

static Expr *parse_list(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    p->pos++;
    if (peek(p) != TOK_RSQB) {
        bool starred = peek(p) == TOK_STAR;
        Expr *first = parse_star_named_expression(p);
        if (!first) return NULL;
        if (comprehension_follows(p) && !starred) return parse_comprehension(p, expr_ListComp, start, first, TOK_RSQB);
        if (!parse_rest_of_elements(p, first, TOK_RSQB)) return fail(p, mark);
    }
    if (!accept(p, TOK_RSQB)) return fail(p, mark);
    ExprSeq *elts = stack_take(p, mark);
    Expr *e = elts ? new_expr(p, expr_List, start) : NULL;
    if (!e) return NULL;
    e->List.elts = elts;
    e->List.ctx = expr_context_Load;
    return e;
}

/* One `key: value` or `**mapping` (then *key is NULL). */
static bool parse_pair(Parser *p, Expr **key, Expr **value)
{
    if (accept(p, TOK_DOUBLESTAR)) {
        *key = NULL;
        return (*value = parse_bitwise_or(p)) != NULL;
    }
    return (*key = parse_expression(p)) && accept(p, TOK_COLON) && (*value = parse_expression(p));
}

/* The stack holds key and value in turn from mark on. */
static Expr *new_dict(Parser *p, AstPosition start, size_t mark)
{
    Py_ssize_t count = (Py_ssize_t)(p->stack_size - mark) / 2;
    ExprSeq *keys = ast_seq_new(p->arena, count), *values = ast_seq_new(p->arena, count);
    Expr *e = keys && values ? new_expr(p, expr_Dict, start) : NULL;
    if (!e) return NULL;
    for (Py_ssize_t i = 0; i < count; i++) {
        keys->items[i] = p->stack[mark + 2 * (size_t)i];
        values->items[i] = p->stack[mark + 2 * (size_t)i + 1];
    }
    e->Dict.keys = keys;
    e->Dict.values = values;
    p->stack_size = mark;
    return e;
}

static Expr *parse_dict(Parser *p, AstPosition start, Expr *key, Expr *value)
{
    size_t mark = p->stack_size;
    for (;;) {
        if (!stack_push(p, key) || !stack_push(p, value)) return fail(p, mark);
        if (!accept(p, TOK_COMMA) || peek(p) == TOK_RBRACE) break;
        if (!parse_pair(p, &key, &value)) return fail(p, mark);
    }
    if (!accept(p, TOK_RBRACE)) return fail(p, mark);
    Expr *e = new_dict(p, start, mark);
    p->stack_size = mark;
    return e;
}

static Expr *parse_dict_or_set(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    p->pos++;
    if (accept(p, TOK_RBRACE)) return new_dict(p, start, mark);
    Expr *key, *value;
    if (peek(p) == TOK_DOUBLESTAR) {
        if (!parse_pair(p, &key, &value)) return NULL;
        return parse_dict(p, start, key, value);
    }
    bool starred = peek(p) == TOK_STAR;
    AstPosition key_start = position_here(p);
    key = parse_star_named_expression(p);
    if (!key) return NULL;
    if (peek(p) == TOK_COLON && !starred && !is_bare_named(key, key_start)) {
        p->pos++;
        if (!(value = parse_expression(p))) return NULL;
        if (!comprehension_follows(p)) return parse_dict(p, start, key, value);
        ComprehensionSeq *generators = parse_for_if_clauses(p);
        if (!generators || !accept(p, TOK_RBRACE)) return NULL;
        Expr *e = new_expr(p, expr_DictComp, start);
        if (!e) return NULL;
        e->DictComp.key = key;
        e->DictComp.value = value;
        e->DictComp.generators = generators;
        return e;
    }
    if (comprehension_follows(p) && !starred) return parse_comprehension(p, expr_SetComp, start, key, TOK_RBRACE);
    if (!parse_rest_of_elements(p, key, TOK_RBRACE) || !accept(p, TOK_RBRACE)) return fail(p, mark);
    ExprSeq *elts = stack_take(p, mark);
    Expr *e = elts ? new_expr(p, expr_Set, start) : NULL;
    if (e) e->Set.elts = elts;
    return e;
}

/* ---- Atoms and primaries ---------------------------------------------------------------------------------------- */

static Expr *parse_atom(Parser *p)
{
    AstPosition start;
    switch (peek(p)) {
    case TOK_NAME: {
        start = position_here(p);
        PyObject *id = token_identifier(p, p->pos++);
        Expr *e = id ? new_expr(p, expr_Name, start) : NULL;
        if (!e) return NULL;
        e->Name.id = id;
        e->Name.ctx = expr_context_Load;
        return e;
    }
    case TOK_NUMBER: return parse_number(p);
    case TOK_STRING: return parse_strings(p);
    case TOK_LPAR: return parse_parenthesised(p);
    case TOK_LSQB: return parse_list(p);
    case TOK_LBRACE: return parse_dict_or_set(p);
    case KW_True: start = position_here(p); p->pos++; return new_constant(p, start, Py_True);
    case KW_False: start = position_here(p); p->pos++; return new_constant(p, start, Py_False);
    case KW_None: start = position_here(p); p->pos++; return new_constant(p, start, Py_None);
    case TOK_ELLIPSIS: start = position_here(p); p->pos++; return new_constant(p, start, Py_Ellipsis);
    default: return NULL;
    }
}

/* A slice or an index; *only_tuple is set when a tuple is meant even without a comma. */
static Expr *parse_slice(Parser *p, bool *only_tuple)
{
    AstPosition start = position_here(p);
    if (accept(p, TOK_STAR)) {
        *only_tuple = true;
        Expr *value = parse_bitwise_or(p);
        return value ? new_starred(p, start, value) : NULL;
    }
    Expr *lower = NULL, *upper = NULL, *step = NULL;
    if (peek(p) != TOK_COLON) {
        lower = parse_named_expression(p);
        if (!lower || peek(p) != TOK_COLON || is_bare_named(lower, start)) return lower;
    }
    p->pos++;
    TokenKind kind = peek(p);
    if (kind != TOK_COLON && kind != TOK_COMMA && kind != TOK_RSQB && !(upper = parse_expression(p))) return NULL;
    if (accept(p, TOK_COLON)) {
        kind = peek(p);
        if (kind != TOK_COMMA && kind != TOK_RSQB && !(step = parse_expression(p))) return NULL;
    }
    Expr *e = new_expr(p, expr_Slice, start);
    if (!e) return NULL;
    e->Slice.lower = lower;
    e->Slice.upper = upper;
    e->Slice.step = step;
    return e;
}

static Expr *parse_slices(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    bool tuple = false;
    Expr *e = parse_slice(p, &tuple);
    if (!e || (peek(p) != TOK_COMMA && !tuple)) return e;
    if (!stack_push(p, e)) return NULL;
    while (accept(p, TOK_COMMA)) {
        if (peek(p) == TOK_RSQB) break;
        e = parse_slice(p, &tuple);
        if (!e || !stack_push(p, e)) return fail(p, mark);
    }
    return new_tuple(p, start, mark);
}

static Keyword *new_keyword(Parser *p, AstPosition start, PyObject *name, Expr *value)
{
    Keyword *k = arena_alloc(p->arena, sizeof *k);
    if (!k) return NULL;
    k->pos = position_to_last(p, start);
    k->arg = name;
    k->value = value;
    return k;
}

/* Arguments of one call being collected: both kinds lie on the stack, told apart by the low bit. */
enum { PLAIN = 0, KEYWORD_MARK = 1 };

static bool push_keyword(Parser *p, Keyword *k)
{
    return k && stack_push(p, (void *)((uintptr_t)k | KEYWORD_MARK));
}

static bool split_arguments(Parser *p, size_t mark, ExprSeq **args, KeywordSeq **keywords)
{
    Py_ssize_t keyword_count = 0, count = (Py_ssize_t)(p->stack_size - mark);
    for (size_t i = mark; i < p->stack_size; i++)
        keyword_count += (uintptr_t)p->stack[i] & KEYWORD_MARK;
    *keywords = ast_seq_new(p->arena, keyword_count);
    *args = ast_seq_new(p->arena, count - keyword_count);
    if (!*args || !*keywords) return false;
    Py_ssize_t k = 0, a = 0;
    for (size_t i = mark; i < p->stack_size; i++) {
        uintptr_t item = (uintptr_t)p->stack[i];
        if (item & KEYWORD_MARK) {
            (*keywords)->items[k++] = (Keyword *)(item - KEYWORD_MARK);
        }
        else {
            (*args)->items[a++] = (Expr *)item;
        }
    }
    p->stack_size = mark;
    return true;
}

bool parse_arguments(Parser *p, bool call, ExprSeq **args, KeywordSeq **keywords)
{
    size_t mark = p->stack_size;
    enum { POSITIONAL, KEYWORDS, MAPPINGS } phase = POSITIONAL;
    bool first = true;
    while (peek(p) != TOK_RPAR) {
        AstPosition start = position_here(p);
        if (accept(p, TOK_STAR)) {
            Expr *value = phase == MAPPINGS ? NULL : parse_expression(p);
            Expr *starred = value ? new_starred(p, start, value) : NULL;
            if (!starred || !stack_push(p, starred)) goto failed;
        }
        else if (accept(p, TOK_DOUBLESTAR)) {
            phase = MAPPINGS;
            Expr *value = parse_expression(p);
            if (!value || !push_keyword(p, new_keyword(p, start, NULL, value))) goto failed;
        }
        else {
            int index = p->pos;
            /* No positional argument behind a keyword. */
            if (phase != POSITIONAL && (peek(p) != TOK_NAME || peek_second(p) != TOK_EQUAL)) goto failed;
            Expr *e = parse_named_expression(p);
            if (!e) goto failed;
            if (peek(p) == TOK_EQUAL && p->pos == index + 1 && e->kind == expr_Name) {
                if (phase == POSITIONAL) phase = KEYWORDS;
                p->pos++;
                Expr *value = parse_expression(p);
                if (!value || !push_keyword(p, new_keyword(p, start, e->Name.id, value))) goto failed;
            }
            else if (comprehension_follows(p) && first && call) {
                /* A sole generator expression uses the call's parentheses. */
                const Token *open = &p->tokens[index - 1];
                AstPosition at = {open->lineno, open->col, 0, 0};
                Expr *generator = parse_comprehension(p, expr_GeneratorExp, at, e, TOK_RPAR);
                if (!generator) goto failed;
                p->pos--;
                if (!stack_push(p, generator)) goto failed;
                break;
            }
            else if (!stack_push(p, e)) {
                goto failed;
            }
        }
        first = false;
        if (!accept(p, TOK_COMMA)) break;
    }
    if (split_arguments(p, mark, args, keywords)) return true;
failed:
    p->stack_size = mark;
    return false;
}

static Expr *parse_call(Parser *p, Expr *func, AstPosition start)
{
    ExprSeq *args;
    KeywordSeq *keywords;
    p->pos++;
    if (!parse_arguments(p, true, &args, &keywords) || !accept(p, TOK_RPAR)) return NULL;
    Expr *e = new_expr(p, expr_Call, start);
    if (!e) return NULL;
    e->Call.func = func;
    e->Call.args = args;
    e->Call.keywords = keywords;
    return e;
}

static Expr *parse_primary_from(Parser *p, Expr *e, AstPosition start)
{
    while (e) {
        Expr *value = e;
        switch (peek(p)) {
        case TOK_DOT: {
            p->pos++;
            PyObject *attr = parse_identifier(p);
            e = attr ? new_expr(p, expr_Attribute, start) : NULL;
            if (!e) return NULL;
            e->Attribute.value = value;
            e->Attribute.attr = attr;
            e->Attribute.ctx = expr_context_Load;
            break;
        }
        case TOK_LPAR:
            e = parse_call(p, value, start);
            break;
        case TOK_LSQB: {
            p->pos++;
            Expr *slice = parse_slices(p);
            if (!slice || !accept(p, TOK_RSQB)) return NULL;
            e = new_expr(p, expr_Subscript, start);
            if (!e) return NULL;
            e->Subscript.value = value;
            e->Subscript.slice = slice;
            e->Subscript.ctx = expr_context_Load;
            break;
        }
        default:
            return e;
        }
    }
    return NULL;
}

Expr *parse_primary(Parser *p)
{
    AstPosition start = position_here(p);
    return parse_primary_from(p, parse_atom(p), start);
}

static Expr *parse_await_primary(Parser *p)
{
    AstPosition start = position_here(p);
    if (!accept(p, TOK_AWAIT)) return parse_primary_from(p, parse_atom(p), start);
    Expr *value = parse_primary(p);
    if (!value || !require_version(p, 5, "Await expressions are")) return NULL;
    Expr *e = new_expr(p, expr_Await, start);
    if (e) e->Await.value = value;
    return e;
}

/* ---- Operators -------------------------------------------------------------------------------------------------- */

static Expr *new_binary(Parser *p, AstPosition start, Expr *left, Operator op, Expr *right)
{
    Expr *e = new_expr(p, expr_BinOp, start);
    if (!e) return NULL;
    e->BinOp.left = left;
    e->BinOp.op = op;
    e->BinOp.right = right;
    return e;
}

static Expr *parse_factor(Parser *p)
{
    UnaryOp op;
    AstPosition start = position_here(p);
    switch (peek(p)) {
    case TOK_PLUS: op = unaryop_UAdd; break;
    case TOK_MINUS: op = unaryop_USub; break;
    case TOK_TILDE: op = unaryop_Invert; break;
    default: {
        Expr *base = parse_await_primary(p);
        if (!base || peek(p) != TOK_DOUBLESTAR) return base;
        p->pos++;
        if (!parser_enter(p, 2)) return NULL;
        Expr *exponent = parse_factor(p);
        parser_leave(p, 2);
        return exponent ? new_binary(p, start, base, operator_Pow, exponent) : NULL;
    }
    }
    p->pos++;
    if (!parser_enter(p, 1)) return NULL;
    Expr *operand = parse_factor(p);
    parser_leave(p, 1);
    Expr *e = operand ? new_expr(p, expr_UnaryOp, start) : NULL;
    if (!e) return NULL;
    e->UnaryOp.op = op;
    e->UnaryOp.operand = operand;
    return e;
}

typedef struct { unsigned char precedence, op; } BinaryOperator;

static const BinaryOperator binary_operators[TOK_COUNT] = {
    [TOK_VBAR] = {1, operator_BitOr},
    [TOK_CIRCUMFLEX] = {2, operator_BitXor},
    [TOK_AMPER] = {3, operator_BitAnd},
    [TOK_LEFTSHIFT] = {4, operator_LShift},
    [TOK_RIGHTSHIFT] = {4, operator_RShift},
    [TOK_PLUS] = {5, operator_Add},
    [TOK_MINUS] = {5, operator_Sub},
    [TOK_STAR] = {6, operator_Mult},
    [TOK_SLASH] = {6, operator_Div},
    [TOK_DOUBLESLASH] = {6, operator_FloorDiv},
    [TOK_PERCENT] = {6, operator_Mod},
    [TOK_AT] = {6, operator_MatMult},
};

/* Precedence climbing over the left-associative operators of at least this precedence. */
static Expr *parse_binary(Parser *p, int precedence)
{
    AstPosition start = position_here(p);
    Expr *left = parse_factor(p);
    while (left) {
        TokenKind kind = peek(p);
        if (kind >= TOK_COUNT) return left;
        BinaryOperator op = binary_operators[kind];
        if (op.precedence < precedence || !op.precedence) return left;
        p->pos++;
        Expr *right = parse_binary(p, op.precedence + 1);
        if (right && kind == TOK_AT && !require_version(p, 5, "The '@' operator is")) return NULL;
        left = right ? new_binary(p, start, left, (Operator)op.op, right) : NULL;
    }
    return NULL;
}

Expr *parse_bitwise_or(Parser *p)
{
    return parse_binary(p, 1);
}

/* `!=` and `<>` exclude each other, by the barry_as_FLUFL future. */
static bool inequality_allowed(Parser *p)
{
    const Token *t = &p->tokens[p->pos];
    bool old = token_start(p, t)[0] == '<';
    if (p->flags & CO_FUTURE_BARRY_AS_BDFL) {
        if (!old) raise_at_last_token(p, PyExc_SyntaxError, "with Barry as BDFL, use '<>' instead of '!='");
        return old;
    }
    return !old;
}

/* Takes a comparison operator; cmpop_none_ when there is none. */
static CmpOp accept_comparison(Parser *p)
{
    CmpOp op;
    switch (peek(p)) {
    case TOK_EQEQUAL: op = cmpop_Eq; break;
    case TOK_NOTEQUAL:
        if (!inequality_allowed(p)) return cmpop_none_;
        op = cmpop_NotEq;
        break;
    case TOK_LESS: op = cmpop_Lt; break;
    case TOK_LESSEQUAL: op = cmpop_LtE; break;
    case TOK_GREATER: op = cmpop_Gt; break;
    case TOK_GREATEREQUAL: op = cmpop_GtE; break;
    case KW_in: op = cmpop_In; break;
    case KW_not:
        if (peek_second(p) != KW_in) return cmpop_none_;
        p->pos++;
        op = cmpop_NotIn;
        break;
    case KW_is:
        p->pos++;
        return accept(p, KW_not) ? cmpop_IsNot : cmpop_Is;
    default: return cmpop_none_;
    }
    p->pos++;
    return op;
}

static Expr *parse_comparison(Parser *p)
{
    AstPosition start = position_here(p);
    Expr *left = parse_bitwise_or(p);
    if (!left) return NULL;
    CmpOp op = accept_comparison(p);
    if (op == cmpop_none_) return p->failed ? NULL : left;
    size_t mark = p->stack_size;
    do {
        Expr *right = parse_bitwise_or(p);
        if (!right || !stack_push(p, (void *)(intptr_t)op) || !stack_push(p, right)) return fail(p, mark);
    } while ((op = accept_comparison(p)) != cmpop_none_);
    if (p->failed) return fail(p, mark);
    Py_ssize_t count = (Py_ssize_t)(p->stack_size - mark) / 2;
    CmpOpSeq *ops = ast_seq_new(p->arena, count);
    ExprSeq *comparators = ast_seq_new(p->arena, count);
    Expr *e = ops && comparators ? new_expr(p, expr_Compare, start) : NULL;
    if (!e) return fail(p, mark);
    for (Py_ssize_t i = 0; i < count; i++) {
        ops->items[i] = (intptr_t)p->stack[mark + 2 * (size_t)i];
        comparators->items[i] = p->stack[mark + 2 * (size_t)i + 1];
    }
    p->stack_size = mark;
    e->Compare.left = left;
    e->Compare.ops = ops;
    e->Compare.comparators = comparators;
    return e;
}

static Expr *parse_inversion(Parser *p)
{
    if (peek(p) != KW_not) return parse_comparison(p);
    AstPosition start = position_here(p);
    p->pos++;
    if (!parser_enter(p, 1)) return NULL;
    Expr *operand = parse_inversion(p);
    parser_leave(p, 1);
    Expr *e = operand ? new_expr(p, expr_UnaryOp, start) : NULL;
    if (!e) return NULL;
    e->UnaryOp.op = unaryop_Not;
    e->UnaryOp.operand = operand;
    return e;
}

/* A chain of `and` or `or`, flat. */
static Expr *parse_chain(Parser *p, TokenKind word, BoolOp op, Expr *(*parse_operand)(Parser *))
{
    AstPosition start = position_here(p);
    Expr *first = parse_operand(p);
    if (!first || peek(p) != word) return first;
    size_t mark = p->stack_size;
    if (!stack_push(p, first)) return NULL;
    while (accept(p, word)) {
        Expr *e = parse_operand(p);
        if (!e || !stack_push(p, e)) return fail(p, mark);
    }
    ExprSeq *values = stack_take(p, mark);
    Expr *e = values ? new_expr(p, expr_BoolOp, start) : NULL;
    if (!e) return NULL;
    e->BoolOp.op = op;
    e->BoolOp.values = values;
    return e;
}

static Expr *parse_conjunction(Parser *p)
{
    return parse_chain(p, KW_and, boolop_And, parse_inversion);
}

static Expr *parse_disjunction(Parser *p)
{
    return parse_chain(p, KW_or, boolop_Or, parse_conjunction);
}

/* ---- Whole expressions ------------------------------------------------------------------------------------------ */

static Expr *parse_lambda(Parser *p)
{
    AstPosition start = position_here(p);
    p->pos++;
    Arguments *args = parse_parameters(p, TOK_COLON);
    if (!args || !accept(p, TOK_COLON) || !parser_enter(p, 2)) return NULL;
    Expr *body = parse_expression(p);
    parser_leave(p, 2);
    Expr *e = body ? new_expr(p, expr_Lambda, start) : NULL;
    if (!e) return NULL;
    e->Lambda.args = args;
    e->Lambda.body = body;
    return e;
}

Expr *parse_expression(Parser *p)
{
    if (peek(p) == KW_lambda) return parse_lambda(p);
    AstPosition start = position_here(p);
    Expr *body = parse_disjunction(p);
    if (!body || peek(p) != KW_if) return body;
    p->pos++;
    Expr *test = parse_disjunction(p);
    if (!test || !accept(p, KW_else) || !parser_enter(p, 1)) return NULL;
    Expr *orelse = parse_expression(p);
    parser_leave(p, 1);
    Expr *e = orelse ? new_expr(p, expr_IfExp, start) : NULL;
    if (!e) return NULL;
    e->IfExp.test = test;
    e->IfExp.body = body;
    e->IfExp.orelse = orelse;
    return e;
}

Expr *parse_named_expression(Parser *p)
{
    int index = p->pos;
    AstPosition start = position_here(p);
    Expr *target = parse_expression(p);
    if (!target || peek(p) != TOK_COLONEQUAL) return target;
    if (target->kind != expr_Name || p->pos != index + 1) return NULL;
    p->pos++;
    Expr *value = parse_expression(p);
    if (!value || !require_version(p, 8, "Assignment expressions are")) return NULL;
    Expr *e = new_expr(p, expr_NamedExpr, start);
    if (!e) return NULL;
    target->Name.ctx = expr_context_Store;
    e->NamedExpr.target = target;
    e->NamedExpr.value = value;
    return e;
}

static Expr *parse_star_or(Parser *p, Expr *(*parse_plain)(Parser *))
{
    if (peek(p) != TOK_STAR) return parse_plain(p);
    AstPosition start = position_here(p);
    p->pos++;
    Expr *value = parse_bitwise_or(p);
    return value ? new_starred(p, start, value) : NULL;
}

Expr *parse_star_named_expression(Parser *p)
{
    return parse_star_or(p, parse_named_expression);
}

/* Whether the next token can start an expression. */
static bool expression_follows(Parser *p)
{
    switch (peek(p)) {
    case TOK_NAME: case TOK_NUMBER: case TOK_STRING: case TOK_LPAR: case TOK_LSQB: case TOK_LBRACE: case TOK_MINUS:
    case TOK_PLUS: case TOK_TILDE: case TOK_ELLIPSIS: case TOK_AWAIT: case TOK_STAR: case KW_not: case KW_lambda:
    case KW_None: case KW_True: case KW_False:
        return true;
    default:
        return false;
    }
}

Expr *parse_star_expressions(Parser *p)
{
    AstPosition start = position_here(p);
    Expr *first = parse_star_or(p, parse_expression);
    if (!first || peek(p) != TOK_COMMA) return first;
    size_t mark = p->stack_size;
    if (!stack_push(p, first)) return NULL;
    while (accept(p, TOK_COMMA)) {
        if (!expression_follows(p)) break;
        Expr *e = parse_star_or(p, parse_expression);
        if (!e || !stack_push(p, e)) return fail(p, mark);
    }
    return new_tuple(p, start, mark);
}

Expr *parse_yield_or_star_expressions(Parser *p)
{
    if (peek(p) != KW_yield) return parse_star_expressions(p);
    AstPosition start = position_here(p);
    p->pos++;
    bool from = accept(p, KW_from);
    Expr *value = NULL;
    if (from) {
        value = parse_expression(p);
        if (!value) return NULL;
    }
    else if (expression_follows(p)) {
        value = parse_star_expressions(p);
        if (!value) return NULL;
    }
    Expr *e = new_expr(p, from ? expr_YieldFrom : expr_Yield, start);
    if (e) e->Yield.value = value;
    return e;
}

/* ---- Targets ---------------------------------------------------------------------------------------------------- */

bool set_target(Expr *e, ExprContext context)
{
    ExprSeq *elts;
    switch (e->kind) {
    case expr_Name: e->Name.ctx = context; return true;
    case expr_Attribute: e->Attribute.ctx = context; return true;
    case expr_Subscript: e->Subscript.ctx = context; return true;
    case expr_Starred:
        if (context == expr_context_Del || e->Starred.value->kind == expr_Starred) return false;
        e->Starred.ctx = context;
        return set_target(e->Starred.value, context);
    case expr_Tuple: elts = e->Tuple.elts; e->Tuple.ctx = context; break;
    case expr_List: elts = e->List.elts; e->List.ctx = context; break;
    default: return false;
    }
    for (Py_ssize_t i = 0; i < elts->size; i++)
        if (!set_target(elts->items[i], context)) return false;
    return true;
}

Expr *parse_target(Parser *p)
{
    AstPosition start = position_here(p);
    bool starred = accept(p, TOK_STAR);
    Expr *e = parse_primary(p);
    if (e && starred) e = new_starred(p, start, e);
    return e && set_target(e, expr_context_Store) ? e : NULL;
}

Expr *parse_targets(Parser *p)
{
    AstPosition start = position_here(p);
    Expr *first = parse_target(p);
    if (!first || peek(p) != TOK_COMMA) return first;
    size_t mark = p->stack_size;
    if (!stack_push(p, first)) return NULL;
    while (accept(p, TOK_COMMA)) {
        if (!expression_follows(p)) break;
        Expr *e = parse_target(p);
        if (!e || !stack_push(p, e)) return fail(p, mark);
    }
    Expr *e = new_tuple(p, start, mark);
    if (e) e->Tuple.ctx = expr_context_Store;
    return e;
}
