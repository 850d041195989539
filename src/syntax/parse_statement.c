/* Statements and start symbols (the manual: reference/simple_stmts, reference/compound_stmts). */
#include "syntax/parser.h"

#include <string.h>

static bool push_statement(Parser *p);

/* ---- Type comments ---------------------------------------------------------------------------------------------- */

static PyObject *type_comment_text(Parser *p, int index)
{
    const Token *t = &p->tokens[index];
    PyObject *text = PyUnicode_DecodeUTF8(token_start(p, t), t->end - t->start, NULL);
    if (!text || arena_own(p->arena, text) < 0) {
        p->failed = true;
        return NULL;
    }
    return text;
}

static PyObject *accept_type_comment(Parser *p)
{
    return peek(p) == TOK_TYPE_COMMENT ? type_comment_text(p, p->pos++) : NULL;
}

/* Of a function: behind its colon, or on a line of its own as the first thing in the body. */
static PyObject *accept_function_type_comment(Parser *p)
{
    if (peek(p) == TOK_NEWLINE && p->tok->type_comments && peek_second(p) == TOK_TYPE_COMMENT) {
        p->pos++;
        return accept_type_comment(p);
    }
    return accept_type_comment(p);
}

/* ---- Blocks ----------------------------------------------------------------------------------------------------- */

static bool parse_simple_statements(Parser *p);

/* Pushes statements up to a DEDENT or the end. */
static bool parse_statements(Parser *p)
{
    while (peek(p) != TOK_DEDENT && peek(p) != TOK_ENDMARKER) {
        if (!push_statement(p)) return false;
    }
    return true;
}

StmtSeq *parse_block(Parser *p)
{
    size_t mark = p->stack_size;
    bool good;
    if (accept(p, TOK_NEWLINE)) {
        good = accept(p, TOK_INDENT) && parse_statements(p) && p->stack_size > mark && accept(p, TOK_DEDENT);
    }
    else {
        good = parse_simple_statements(p);
    }
    if (good) return stack_take(p, mark);
    p->stack_size = mark;
    return NULL;
}

static StmtSeq *parse_colon_block(Parser *p)
{
    return accept(p, TOK_COLON) ? parse_block(p) : NULL;
}

/* The block of an `else` (or `finally`), or an empty one when the word is not there. */
static StmtSeq *parse_optional_block(Parser *p, TokenKind word)
{
    return accept(p, word) ? parse_colon_block(p) : ast_seq_new(p->arena, 0);
}

/* ---- Assignments and expression statements ---------------------------------------------------------------------- */

static Operator augmented_operator(TokenKind kind)
{
    switch (kind) {
    case TOK_PLUSEQUAL: return operator_Add;
    case TOK_MINEQUAL: return operator_Sub;
    case TOK_STAREQUAL: return operator_Mult;
    case TOK_ATEQUAL: return operator_MatMult;
    case TOK_SLASHEQUAL: return operator_Div;
    case TOK_PERCENTEQUAL: return operator_Mod;
    case TOK_AMPEREQUAL: return operator_BitAnd;
    case TOK_VBAREQUAL: return operator_BitOr;
    case TOK_CIRCUMFLEXEQUAL: return operator_BitXor;
    case TOK_LEFTSHIFTEQUAL: return operator_LShift;
    case TOK_RIGHTSHIFTEQUAL: return operator_RShift;
    case TOK_DOUBLESTAREQUAL: return operator_Pow;
    case TOK_DOUBLESLASHEQUAL: return operator_FloorDiv;
    default: return operator_none_;
    }
}

static bool set_single_target(Expr *e)
{
    return (e->kind == expr_Name || e->kind == expr_Attribute || e->kind == expr_Subscript) &&
           set_target(e, expr_context_Store);
}

static Stmt *parse_annotated(Parser *p, AstPosition start, Expr *target, bool simple)
{
    if (!set_single_target(target)) return NULL;
    p->pos++;
    Expr *annotation = parse_expression(p), *value = NULL;
    if (!annotation) return NULL;
    if (accept(p, TOK_EQUAL) && !(value = parse_yield_or_star_expressions(p))) return NULL;
    if (!require_version(p, 6, simple ? "Variable annotation syntax is" : "Variable annotations syntax is")) return NULL;
    Stmt *s = new_stmt(p, stmt_AnnAssign, start);
    if (!s) return NULL;
    s->AnnAssign.target = target;
    s->AnnAssign.annotation = annotation;
    s->AnnAssign.value = value;
    s->AnnAssign.simple = simple;
    return s;
}

static Stmt *parse_assign(Parser *p, AstPosition start, Expr *target)
{
    size_t mark = p->stack_size;
    Expr *value = target;
    while (accept(p, TOK_EQUAL)) {
        if (!set_target(value, expr_context_Store) || !stack_push(p, value)) goto failed;
        value = parse_yield_or_star_expressions(p);
        if (!value) goto failed;
    }
    PyObject *comment = accept_type_comment(p);
    if (p->failed) goto failed;
    ExprSeq *targets = stack_take(p, mark);
    Stmt *s = targets ? new_stmt(p, stmt_Assign, start) : NULL;
    if (!s) return NULL;
    s->Assign.targets = targets;
    s->Assign.value = value;
    s->Assign.type_comment = comment;
    return s;
failed:
    p->stack_size = mark;
    return NULL;
}

static Stmt *parse_expression_statement(Parser *p)
{
    AstPosition start = position_here(p);
    bool plain_name = peek(p) == TOK_NAME;
    Expr *e = parse_yield_or_star_expressions(p);
    if (!e) return NULL;
    TokenKind kind = peek(p);
    Stmt *s;
    if (kind == TOK_EQUAL) return parse_assign(p, start, e);
    if (kind == TOK_COLON) return parse_annotated(p, start, e, plain_name && e->kind == expr_Name);
    Operator op = augmented_operator(kind);
    if (op != operator_none_) {
        if (!set_single_target(e)) return NULL;
        if (kind == TOK_ATEQUAL && !require_version(p, 5, "The '@' operator is")) return NULL;
        p->pos++;
        Expr *value = parse_yield_or_star_expressions(p);
        s = value ? new_stmt(p, stmt_AugAssign, start) : NULL;
        if (!s) return NULL;
        s->AugAssign.target = e;
        s->AugAssign.op = op;
        s->AugAssign.value = value;
        return s;
    }
    s = new_stmt(p, stmt_Expr, start);
    if (s) s->Expr.value = e;
    return s;
}

/* ---- Imports ---------------------------------------------------------------------------------------------------- */

/* a.b.c as one name. */
static PyObject *parse_dotted_name(Parser *p)
{
    PyObject *name = parse_identifier(p);
    if (!name || peek(p) != TOK_DOT) return name;
    PyObject *joined = Py_NewRef(name);
    while (accept(p, TOK_DOT)) {
        PyObject *part = parse_identifier(p);
        if (part) Py_SETREF(joined, PyUnicode_FromFormat("%U.%U", joined, part));
        if (!part || !joined) {
            Py_XDECREF(joined);
            return NULL;
        }
    }
    PyUnicode_InternInPlace(&joined);
    return arena_own(p->arena, joined) < 0 ? NULL : joined;
}

static bool push_alias(Parser *p, AstPosition start, PyObject *name)
{
    PyObject *asname = NULL;
    if (!name || (accept(p, KW_as) && !(asname = parse_identifier(p)))) return false;
    Alias *alias = arena_alloc(p->arena, sizeof *alias);
    if (!alias) return false;
    alias->pos = position_to_last(p, start);
    alias->name = name;
    alias->asname = asname;
    return stack_push(p, alias);
}

static Stmt *parse_import(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    p->pos++;
    do {
        AstPosition alias_start = position_here(p);
        if (!push_alias(p, alias_start, parse_dotted_name(p))) goto failed;
    } while (accept(p, TOK_COMMA));
    AliasSeq *names = stack_take(p, mark);
    Stmt *s = names ? new_stmt(p, stmt_Import, start) : NULL;
    if (s) s->Import.names = names;
    return s;
failed:
    p->stack_size = mark;
    return NULL;
}

static bool parse_from_names(Parser *p)
{
    AstPosition start = position_here(p);
    if (accept(p, TOK_STAR)) {
        Alias *alias = arena_alloc(p->arena, sizeof *alias);
        if (!alias || !(alias->name = intern_name(p, "*", 1))) return false;
        alias->pos = position_to_last(p, start);
        return stack_push(p, alias);
    }
    bool parenthesised = accept(p, TOK_LPAR);
    do {
        start = position_here(p);
        if (parenthesised && peek(p) == TOK_RPAR && p->tokens[p->pos - 1].kind == TOK_COMMA) break;
        if (!push_alias(p, start, parse_identifier(p))) return false;
    } while (accept(p, TOK_COMMA));
    return !parenthesised || accept(p, TOK_RPAR);
}

static Stmt *parse_import_from(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    int level = 0;
    PyObject *module = NULL;
    p->pos++;
    for (;;) {
        if (accept(p, TOK_DOT)) {
            level++;
        }
        else if (accept(p, TOK_ELLIPSIS)) {
            level += 3;
        }
        else {
            break;
        }
    }
    if ((!level || peek(p) != KW_import) && !(module = parse_dotted_name(p))) return NULL;
    if (!accept(p, KW_import) || !parse_from_names(p)) {
        p->stack_size = mark;
        return NULL;
    }
    AliasSeq *names = stack_take(p, mark);
    Stmt *s = names ? new_stmt(p, stmt_ImportFrom, start) : NULL;
    if (!s) return NULL;
    s->ImportFrom.module = module;
    s->ImportFrom.names = names;
    s->ImportFrom.level = level;
    return s;
}

/* ---- Other simple statements ------------------------------------------------------------------------------------ */

static Stmt *parse_word(Parser *p, enum stmt_kind kind)
{
    AstPosition start = position_here(p);
    p->pos++;
    return new_stmt(p, kind, start);
}

static bool statement_ends(Parser *p)
{
    return peek(p) == TOK_NEWLINE || peek(p) == TOK_SEMI;
}

static Stmt *parse_return(Parser *p)
{
    AstPosition start = position_here(p);
    Expr *value = NULL;
    p->pos++;
    if (!statement_ends(p) && !(value = parse_star_expressions(p))) return NULL;
    Stmt *s = new_stmt(p, stmt_Return, start);
    if (s) s->Return.value = value;
    return s;
}

static Stmt *parse_raise(Parser *p)
{
    AstPosition start = position_here(p);
    Expr *exc = NULL, *cause = NULL;
    p->pos++;
    if (!statement_ends(p)) {
        if (!(exc = parse_expression(p))) return NULL;
        if (accept(p, KW_from) && !(cause = parse_expression(p))) return NULL;
    }
    Stmt *s = new_stmt(p, stmt_Raise, start);
    if (!s) return NULL;
    s->Raise.exc = exc;
    s->Raise.cause = cause;
    return s;
}

static Stmt *parse_names(Parser *p, enum stmt_kind kind)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    p->pos++;
    do {
        PyObject *name = parse_identifier(p);
        if (!name || !stack_push(p, name)) {
            p->stack_size = mark;
            return NULL;
        }
    } while (accept(p, TOK_COMMA));
    IdentifierSeq *names = stack_take(p, mark);
    Stmt *s = names ? new_stmt(p, kind, start) : NULL;
    if (s) s->Global.names = names;
    return s;
}

static Stmt *parse_del(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    p->pos++;
    do {
        if (p->stack_size > mark && statement_ends(p)) break;
        Expr *e = parse_primary(p);
        if (!e || !set_target(e, expr_context_Del) || !stack_push(p, e)) goto failed;
    } while (accept(p, TOK_COMMA));
    if (!statement_ends(p)) goto failed;
    ExprSeq *targets = stack_take(p, mark);
    Stmt *s = targets ? new_stmt(p, stmt_Delete, start) : NULL;
    if (s) s->Delete.targets = targets;
    return s;
failed:
    p->stack_size = mark;
    return NULL;
}

static Stmt *parse_assert(Parser *p)
{
    AstPosition start = position_here(p);
    Expr *message = NULL;
    p->pos++;
    Expr *test = parse_expression(p);
    if (!test || (accept(p, TOK_COMMA) && !(message = parse_expression(p)))) return NULL;
    Stmt *s = new_stmt(p, stmt_Assert, start);
    if (!s) return NULL;
    s->Assert.test = test;
    s->Assert.msg = message;
    return s;
}

static Stmt *parse_simple_statement(Parser *p)
{
    switch (peek(p)) {
    case KW_return: return parse_return(p);
    case KW_import: return parse_import(p);
    case KW_from: return parse_import_from(p);
    case KW_raise: return parse_raise(p);
    case KW_pass: return parse_word(p, stmt_Pass);
    case KW_break: return parse_word(p, stmt_Break);
    case KW_continue: return parse_word(p, stmt_Continue);
    case KW_global: return parse_names(p, stmt_Global);
    case KW_nonlocal: return parse_names(p, stmt_Nonlocal);
    case KW_del: return parse_del(p);
    case KW_assert: return parse_assert(p);
    default: return parse_expression_statement(p);
    }
}

/* A line of simple statements, pushed. */
static bool parse_simple_statements(Parser *p)
{
    do {
        if (p->pos > 0 && p->tokens[p->pos - 1].kind == TOK_SEMI && peek(p) == TOK_NEWLINE) break;
        Stmt *s = parse_simple_statement(p);
        if (!s || !stack_push(p, s)) return false;
    } while (accept(p, TOK_SEMI));
    return accept(p, TOK_NEWLINE);
}

/* ---- Compound statements ---------------------------------------------------------------------------------------- */

/* `elif` is an If within the orelse, so a chain would recurse: it is built in a loop, from the top down. */
static Stmt *parse_if(Parser *p)
{
    Stmt *outer = NULL, *inner = NULL;
    size_t mark = p->stack_size;
    do {
        AstPosition start = position_here(p);
        p->pos++;
        Expr *test = parse_named_expression(p);
        StmtSeq *body = test ? parse_colon_block(p) : NULL;
        Stmt *s = body ? new_stmt(p, stmt_If, start) : NULL;
        if (!s || !parser_enter(p, 1) || !stack_push(p, s)) goto failed;
        s->If.test = test;
        s->If.body = body;
        if (inner) {
            inner->If.orelse = ast_seq_new(p->arena, 1);
            if (!inner->If.orelse) goto failed;
            inner->If.orelse->items[0] = s;
        }
        else {
            outer = s;
        }
        inner = s;
    } while (peek(p) == KW_elif);
    if (!(inner->If.orelse = parse_optional_block(p, KW_else))) goto failed;
    /* All of them end where the last block does. */
    const Token *last = last_token(p);
    for (size_t i = mark; i < p->stack_size; i++) {
        Stmt *s = p->stack[i];
        s->pos.end_lineno = last->end_lineno;
        s->pos.end_col_offset = last->end_col;
    }
    parser_leave(p, (int)(p->stack_size - mark));
    p->stack_size = mark;
    return outer;
failed:
    p->stack_size = mark;
    return NULL;
}

static Stmt *parse_while(Parser *p)
{
    AstPosition start = position_here(p);
    p->pos++;
    Expr *test = parse_named_expression(p);
    StmtSeq *body = test ? parse_colon_block(p) : NULL;
    StmtSeq *orelse = body ? parse_optional_block(p, KW_else) : NULL;
    Stmt *s = orelse ? new_stmt(p, stmt_While, start) : NULL;
    if (!s) return NULL;
    s->While.test = test;
    s->While.body = body;
    s->While.orelse = orelse;
    return s;
}

static Stmt *parse_for(Parser *p, AstPosition start, bool is_async)
{
    p->pos++;
    Expr *target = parse_targets(p);
    if (!target || !accept(p, KW_in)) return NULL;
    Expr *iter = parse_star_expressions(p);
    if (!iter || !accept(p, TOK_COLON)) return NULL;
    PyObject *comment = accept_type_comment(p);
    StmtSeq *body = p->failed ? NULL : parse_block(p);
    StmtSeq *orelse = body ? parse_optional_block(p, KW_else) : NULL;
    if (!orelse || (is_async && !require_version(p, 5, "Async for loops are"))) return NULL;
    Stmt *s = new_stmt(p, is_async ? stmt_AsyncFor : stmt_For, start);
    if (!s) return NULL;
    s->For.target = target;
    s->For.iter = iter;
    s->For.body = body;
    s->For.orelse = orelse;
    s->For.type_comment = comment;
    return s;
}

static bool push_with_item(Parser *p)
{
    WithItem *item = arena_alloc(p->arena, sizeof *item);
    if (!item || !(item->context_expr = parse_expression(p))) return false;
    if (accept(p, KW_as) && !(item->optional_vars = parse_target(p))) return false;
    return stack_push(p, item);
}

static bool parse_with_items(Parser *p)
{
    do {
        if (!push_with_item(p)) return false;
    } while (accept(p, TOK_COMMA));
    return peek(p) == TOK_COLON;
}

/* Tries `(item, ...):`; false without an exception when the parentheses belong to an expression. */
static bool parse_parenthesised_with_items(Parser *p)
{
    p->pos++;
    do {
        if (p->tokens[p->pos - 1].kind == TOK_COMMA && peek(p) == TOK_RPAR) break;
        if (!push_with_item(p)) return false;
    } while (accept(p, TOK_COMMA));
    return accept(p, TOK_RPAR) && peek(p) == TOK_COLON;
}

static Stmt *parse_with(Parser *p, AstPosition start, bool is_async)
{
    size_t mark = p->stack_size;
    p->pos++;
    int first = p->pos, level = p->level;
    bool found = false, parenthesised = false;
    if (peek(p) == TOK_LPAR) {
        found = parenthesised = parse_parenthesised_with_items(p);
        if (!found) {
            if (p->failed || PyErr_Occurred()) return NULL;
            p->stack_size = mark;
            p->pos = first;
            p->level = level;
        }
    }
    if (!found && !parse_with_items(p)) goto failed;
    p->pos++;
    WithItemSeq *items = stack_take(p, mark);
    PyObject *comment = parenthesised ? NULL : accept_type_comment(p);
    StmtSeq *body = items && !p->failed ? parse_block(p) : NULL;
    if (!body || (is_async && !require_version(p, 5, "Async with statements are"))) return NULL;
    if (parenthesised && !require_version(p, 9, "Parenthesized context managers are")) return NULL;
    Stmt *s = new_stmt(p, is_async ? stmt_AsyncWith : stmt_With, start);
    if (!s) return NULL;
    s->With.items = items;
    s->With.body = body;
    s->With.type_comment = comment;
    return s;
failed:
    p->stack_size = mark;
    return NULL;
}

/* `first`: no handler comes before it; otherwise all are `except` or all are `except*`, as *star says. */
static ExceptHandler *parse_handler(Parser *p, bool first, bool *star)
{
    AstPosition start = position_here(p);
    ExceptHandler *h = arena_alloc(p->arena, sizeof *h);
    if (!h) return NULL;
    p->pos++;
    bool has_star = accept(p, TOK_STAR);
    if (!first && has_star != *star) return NULL;
    *star = has_star;
    if (*star || peek(p) != TOK_COLON) {
        if (!(h->ExceptHandler.type = parse_expression(p))) return NULL;
        if (accept(p, KW_as) && !(h->ExceptHandler.name = parse_identifier(p))) return NULL;
    }
    if (!(h->ExceptHandler.body = parse_colon_block(p))) return NULL;
    h->kind = excepthandler_ExceptHandler;
    h->pos = position_to_last(p, start);
    return h;
}

static Stmt *parse_try(Parser *p)
{
    AstPosition start = position_here(p);
    size_t mark = p->stack_size;
    p->pos++;
    StmtSeq *body = parse_colon_block(p);
    if (!body) return NULL;
    bool stars = false;
    while (peek(p) == KW_except) {
        ExceptHandler *h = parse_handler(p, p->stack_size == mark, &stars);
        if (!h || !stack_push(p, h)) goto failed;
    }
    ExceptHandlerSeq *handlers = stack_take(p, mark);
    if (!handlers || (handlers->size == 0 && peek(p) != KW_finally)) return NULL;
    StmtSeq *orelse = parse_optional_block(p, KW_else);
    StmtSeq *finalbody = orelse ? parse_optional_block(p, KW_finally) : NULL;
    if (!finalbody || (stars && !require_version(p, 11, "Exception groups are"))) return NULL;
    Stmt *s = new_stmt(p, stars ? stmt_TryStar : stmt_Try, start);
    if (!s) return NULL;
    s->Try.body = body;
    s->Try.handlers = handlers;
    s->Try.orelse = orelse;
    s->Try.finalbody = finalbody;
    return s;
failed:
    p->stack_size = mark;
    return NULL;
}

static Stmt *parse_function(Parser *p, AstPosition start, ExprSeq *decorators, bool is_async)
{
    p->pos++;
    PyObject *name = parse_identifier(p);
    if (!name || !accept(p, TOK_LPAR)) return NULL;
    Arguments *args = parse_parameters(p, TOK_RPAR);
    Expr *returns = NULL;
    if (!args || !accept(p, TOK_RPAR)) return NULL;
    if (accept(p, TOK_RARROW) && !(returns = parse_expression(p))) return NULL;
    if (!accept(p, TOK_COLON)) return NULL;
    PyObject *comment = accept_function_type_comment(p);
    StmtSeq *body = p->failed ? NULL : parse_block(p);
    if (!body || (is_async && !require_version(p, 5, "Async functions are"))) return NULL;
    Stmt *s = new_stmt(p, is_async ? stmt_AsyncFunctionDef : stmt_FunctionDef, start);
    if (!s) return NULL;
    s->FunctionDef.name = name;
    s->FunctionDef.args = args;
    s->FunctionDef.body = body;
    s->FunctionDef.decorator_list = decorators;
    s->FunctionDef.returns = returns;
    s->FunctionDef.type_comment = comment;
    return s;
}

static Stmt *parse_class(Parser *p, ExprSeq *decorators)
{
    AstPosition start = position_here(p);
    p->pos++;
    PyObject *name = parse_identifier(p);
    ExprSeq *bases = NULL;
    KeywordSeq *keywords = NULL;
    if (!name) return NULL;
    if (accept(p, TOK_LPAR)) {
        if (!parse_arguments(p, false, &bases, &keywords) || !accept(p, TOK_RPAR)) return NULL;
    }
    else if (!(bases = ast_seq_new(p->arena, 0)) || !(keywords = ast_seq_new(p->arena, 0))) {
        return NULL;
    }
    StmtSeq *body = parse_colon_block(p);
    Stmt *s = body ? new_stmt(p, stmt_ClassDef, start) : NULL;
    if (!s) return NULL;
    s->ClassDef.name = name;
    s->ClassDef.bases = bases;
    s->ClassDef.keywords = keywords;
    s->ClassDef.body = body;
    s->ClassDef.decorator_list = decorators;
    return s;
}

static Stmt *parse_async(Parser *p, ExprSeq *decorators)
{
    AstPosition start = position_here(p);
    p->pos++;
    switch (peek(p)) {
    case KW_def: return parse_function(p, start, decorators, true);
    case KW_for: return decorators->size ? NULL : parse_for(p, start, true);
    case KW_with: return decorators->size ? NULL : parse_with(p, start, true);
    default: return NULL;
    }
}

static Stmt *parse_decorated(Parser *p)
{
    size_t mark = p->stack_size;
    while (accept(p, TOK_AT)) {
        Expr *e = parse_named_expression(p);
        if (!e || !accept(p, TOK_NEWLINE) || !stack_push(p, e)) {
            p->stack_size = mark;
            return NULL;
        }
    }
    ExprSeq *decorators = stack_take(p, mark);
    if (!decorators) return NULL;
    switch (peek(p)) {
    case KW_def: return parse_function(p, position_here(p), decorators, false);
    case KW_class: return parse_class(p, decorators);
    case TOK_ASYNC: return parse_async(p, decorators);
    default: return NULL;
    }
}

/* A compound statement; NULL with *simple set when none starts here. */
static Stmt *parse_compound_statement(Parser *p, bool *simple)
{
    AstPosition start = position_here(p);
    ExprSeq *none;
    *simple = false;
    switch (peek(p)) {
    case KW_if: return parse_if(p);
    case KW_while: return parse_while(p);
    case KW_for: return parse_for(p, start, false);
    case KW_with: return parse_with(p, start, false);
    case KW_try: return parse_try(p);
    case TOK_AT: return parse_decorated(p);
    case KW_def: none = ast_seq_new(p->arena, 0); return none ? parse_function(p, start, none, false) : NULL;
    case KW_class: none = ast_seq_new(p->arena, 0); return none ? parse_class(p, none) : NULL;
    case TOK_ASYNC: none = ast_seq_new(p->arena, 0); return none ? parse_async(p, none) : NULL;
    case TOK_NAME:
        if (token_is(p, &p->tokens[p->pos], "match")) {
            Stmt *s = parse_match(p);
            if (s || p->failed || PyErr_Occurred()) return s;
        }
        /* fall through */
    default:
        *simple = true;
        return NULL;
    }
}

/* Pushes one statement, or the statements of one line. */
static bool push_statement(Parser *p)
{
    bool simple;
    Stmt *s = parse_compound_statement(p, &simple);
    if (simple) return parse_simple_statements(p);
    return s && stack_push(p, s);
}

/* ---- Start symbols ---------------------------------------------------------------------------------------------- */

static Mod *new_mod(Parser *p, enum mod_kind kind)
{
    Mod *m = arena_alloc(p->arena, sizeof *m);
    if (m) m->kind = kind;
    return m;
}

static Mod *parse_file(Parser *p)
{
    if (!parse_statements(p) || !accept(p, TOK_ENDMARKER)) return NULL;
    Mod *m = new_mod(p, mod_Module);
    if (!m || !(m->Module.body = stack_take(p, 0))) return NULL;
    for (size_t i = 0; i < p->type_ignore_count; i++) {
        TypeIgnore *t = arena_alloc(p->arena, sizeof *t);
        if (!t || !stack_push(p, t)) return NULL;
        t->kind = type_ignore_TypeIgnore;
        t->TypeIgnore.lineno = p->type_ignores[i].lineno;
        t->TypeIgnore.tag = p->type_ignores[i].tag;
    }
    return (m->Module.type_ignores = stack_take(p, 0)) ? m : NULL;
}

static Mod *parse_interactive(Parser *p)
{
    Mod *m = new_mod(p, mod_Interactive);
    if (!m) return NULL;
    if (peek(p) == TOK_ENDMARKER) {
        p->at_end = p->tok->interactive;
        return NULL;
    }
    if (peek(p) == TOK_NEWLINE) {
        AstPosition start = position_here(p);
        p->pos++;
        Stmt *pass = new_stmt(p, stmt_Pass, start);
        if (!pass || !stack_push(p, pass)) return NULL;
        const Token *t = &p->tokens[p->pos - 1];
        pass->pos.end_lineno = t->end_lineno;
        pass->pos.end_col_offset = t->end_col;
    }
    else {
        bool simple;
        Stmt *s = parse_compound_statement(p, &simple);
        if (simple) {
            if (!parse_simple_statements(p)) return NULL;
        }
        else if (!s || !accept(p, TOK_NEWLINE) || !stack_push(p, s)) {
            return NULL;
        }
    }
    return (m->Interactive.body = stack_take(p, 0)) ? m : NULL;
}

static Mod *parse_eval(Parser *p)
{
    Expr *first = NULL;
    AstPosition start = position_here(p);
    /* `expressions`: as star_expressions, but without stars. */
    if (peek(p) == TOK_STAR || !(first = parse_expression(p))) return NULL;
    if (accept(p, TOK_COMMA)) {
        if (!stack_push(p, first)) return NULL;
        while (peek(p) != TOK_NEWLINE && peek(p) != TOK_ENDMARKER) {
            Expr *e = parse_expression(p);
            if (!e || !stack_push(p, e)) return NULL;
            if (!accept(p, TOK_COMMA)) break;
        }
        ExprSeq *elts = stack_take(p, 0);
        first = elts ? new_expr(p, expr_Tuple, start) : NULL;
        if (!first) return NULL;
        first->Tuple.elts = elts;
        first->Tuple.ctx = expr_context_Load;
    }
    while (accept(p, TOK_NEWLINE))
        ;
    if (!accept(p, TOK_ENDMARKER)) return NULL;
    Mod *m = new_mod(p, mod_Expression);
    if (m) m->Expression.body = first;
    return m;
}

/* (int, *str, **Any) -> float, of a type comment */
static Mod *parse_function_type(Parser *p)
{
    if (!accept(p, TOK_LPAR)) return NULL;
    int stars = 0;
    while (peek(p) != TOK_RPAR) {
        if (accept(p, TOK_STAR)) {
            if (stars >= 1) return NULL;
            stars = 1;
        }
        else if (accept(p, TOK_DOUBLESTAR)) {
            if (stars >= 2) return NULL;
            stars = 2;
        }
        else if (stars) {
            return NULL;
        }
        Expr *e = parse_expression(p);
        if (!e || !stack_push(p, e)) return NULL;
        if (!accept(p, TOK_COMMA)) break;
        if (peek(p) == TOK_RPAR) return NULL;
    }
    if (!accept(p, TOK_RPAR) || !accept(p, TOK_RARROW)) return NULL;
    Mod *m = new_mod(p, mod_FunctionType);
    if (!m || !(m->FunctionType.argtypes = stack_take(p, 0))) return NULL;
    if (!(m->FunctionType.returns = parse_expression(p))) return NULL;
    while (accept(p, TOK_NEWLINE))
        ;
    return accept(p, TOK_ENDMARKER) ? m : NULL;
}

void *parse_start(Parser *p)
{
    switch (p->start) {
    case Py_file_input: return parse_file(p);
    case Py_single_input: return parse_interactive(p);
    case Py_eval_input: return parse_eval(p);
    case SYNTAX_FUNC_TYPE_INPUT: return parse_function_type(p);
    case FSTRING_INPUT: return parse_star_expressions(p);
    default: PyErr_SetString(PyExc_SystemError, "unknown start symbol"); return NULL;
    }
}
