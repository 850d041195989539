/* Parameter lists of functions and lambdas (the manual: reference/compound_stmts, "Function definitions"). */
#include "syntax/parser.h"

/* A list being read. Parameters, defaults and keyword-only ones are gathered in growable arrays on the parser's stack
 * one after the other, so each is kept as pairs until the end. */
typedef struct {
    size_t mark;                /* stack: (Arg, default or NULL) pairs of positional parameters, then of keyword-only ones */
    Py_ssize_t positional_only; /* pairs before the '/', 0 without one */
    Py_ssize_t positional;      /* pairs before the '*', -1 until one was seen */
    bool lambda, default_seen;
    TokenKind end;
} Parameters;

static PyObject *accept_type_comment(Parser *p)
{
    if (peek(p) != TOK_TYPE_COMMENT) return NULL;
    const Token *t = &p->tokens[p->pos++];
    PyObject *text = PyUnicode_DecodeUTF8(token_start(p, t), t->end - t->start, NULL);
    if (!text || arena_own(p->arena, text) < 0) p->failed = true;
    return text;
}

static Arg *parse_parameter(Parser *p, bool lambda, bool star)
{
    AstPosition start = position_here(p);
    PyObject *name = parse_identifier(p);
    Arg *arg = name ? arena_alloc(p->arena, sizeof *arg) : NULL;
    if (!arg) return NULL;
    arg->arg = name;
    if (!lambda && accept(p, TOK_COLON)) {
        AstPosition annotation_start = position_here(p);
        if (star && accept(p, TOK_STAR)) {
            Expr *value = parse_bitwise_or(p);
            arg->annotation = value ? new_expr(p, expr_Starred, annotation_start) : NULL;
            if (!arg->annotation) return NULL;
            arg->annotation->Starred.value = value;
            arg->annotation->Starred.ctx = expr_context_Load;
        }
        else if (!(arg->annotation = parse_expression(p))) {
            return NULL;
        }
    }
    arg->pos = position_to_last(p, start);
    return arg;
}

/* After a parameter: a comma, with a type comment after it; or a type comment before the end. */
static bool finish_parameter(Parser *p, const Parameters *list, Arg *arg, bool *more)
{
    *more = accept(p, TOK_COMMA);
    if (list->lambda) return true;
    PyObject *comment = accept_type_comment(p);
    if (comment && !*more && peek(p) != list->end) return false;
    if (arg) arg->type_comment = comment;
    return !p->failed && (arg || !comment);
}

/* The `*`, `*args` and what follows up to `**`. */
static bool parse_star(Parser *p, Parameters *list, Arguments *args, bool *more)
{
    list->positional = (Py_ssize_t)(p->stack_size - list->mark) / 2;
    if (accept(p, TOK_COMMA)) {
        /* A bare star must be followed by a parameter. */
        *more = true;
        return peek(p) == TOK_NAME;
    }
    args->vararg = parse_parameter(p, list->lambda, true);
    return args->vararg && finish_parameter(p, list, args->vararg, more);
}

static bool parse_items(Parser *p, Parameters *list, Arguments *args)
{
    bool more = true;
    while (more && peek(p) != list->end) {
        if (accept(p, TOK_SLASH)) {
            Py_ssize_t count = (Py_ssize_t)(p->stack_size - list->mark) / 2;
            if (!count || list->positional_only || list->positional >= 0) return false;
            list->positional_only = count;
            if (!finish_parameter(p, list, NULL, &more)) return false;
        }
        else if (accept(p, TOK_STAR)) {
            if (list->positional >= 0 || !parse_star(p, list, args, &more)) return false;
        }
        else if (accept(p, TOK_DOUBLESTAR)) {
            args->kwarg = parse_parameter(p, list->lambda, false);
            if (!args->kwarg || !finish_parameter(p, list, args->kwarg, &more)) return false;
            return true;
        }
        else {
            Arg *arg = parse_parameter(p, list->lambda, false);
            if (!arg) return false;
            Expr *value = NULL;
            if (accept(p, TOK_EQUAL)) {
                /* Of the reference's rules, so many lie between a lambda and its defaults. */
                int levels = list->positional < 0 ? 9 : 8;
                if (!parser_enter(p, levels)) return false;
                value = parse_expression(p);
                parser_leave(p, levels);
                if (!value) return false;
            }
            if (list->positional < 0) {
                if (!value && list->default_seen) return false;
                list->default_seen = value != NULL;
            }
            if (!stack_push(p, arg) || !stack_push(p, value)) return false;
            if (!finish_parameter(p, list, arg, &more)) return false;
        }
    }
    return true;
}

Arguments *parse_parameters(Parser *p, TokenKind end)
{
    Parameters list = {.mark = p->stack_size, .positional = -1, .lambda = end == TOK_COLON, .end = end};
    Arguments *args = arena_alloc(p->arena, sizeof *args);
    if (!args || !parse_items(p, &list, args)) goto failed;
    if (list.positional_only && peek(p) != TOK_ERRORTOKEN && !require_version(p, 8, "Positional-only parameters are")) goto failed;
    void **pairs = p->stack + list.mark;
    Py_ssize_t count = (Py_ssize_t)(p->stack_size - list.mark) / 2, defaults = 0;
    if (list.positional < 0) list.positional = count;
    for (Py_ssize_t i = 0; i < list.positional; i++)
        defaults += pairs[2 * i + 1] != NULL;
    args->posonlyargs = ast_seq_new(p->arena, list.positional_only);
    args->args = ast_seq_new(p->arena, list.positional - list.positional_only);
    args->defaults = ast_seq_new(p->arena, defaults);
    args->kwonlyargs = ast_seq_new(p->arena, count - list.positional);
    args->kw_defaults = ast_seq_new(p->arena, count - list.positional);
    if (!args->posonlyargs || !args->args || !args->defaults || !args->kwonlyargs || !args->kw_defaults) goto failed;
    Py_ssize_t next_default = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        Arg *arg = pairs[2 * i];
        Expr *value = pairs[2 * i + 1];
        if (i >= list.positional) {
            args->kwonlyargs->items[i - list.positional] = arg;
            args->kw_defaults->items[i - list.positional] = value;
            continue;
        }
        if (i < list.positional_only) {
            args->posonlyargs->items[i] = arg;
        }
        else {
            args->args->items[i - list.positional_only] = arg;
        }
        if (value) args->defaults->items[next_default++] = value;
    }
    p->stack_size = list.mark;
    return args;
failed:
    p->stack_size = list.mark;
    return NULL;
}
