/* Checks of trees that a program made: what the classes cannot express (the manual: library/ast). */
#include "objects/recursion.h"
#include "syntax/ast_types.h"

#include <string.h>

typedef struct {
    int depth, limit;
} Checker;

static bool check_stmts(Checker *c, StmtSeq *seq);
static bool check_exprs(Checker *c, ExprSeq *seq, ExprContext ctx, bool null_allowed);
static bool check_expr(Checker *c, Expr *e, ExprContext ctx);
static bool check_pattern(Checker *c, Pattern *p, bool star_allowed);

static bool bad(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyErr_FormatV(PyExc_ValueError, format, arguments);
    va_end(arguments);
    return false;
}

static bool enter(Checker *c)
{
    if (++c->depth <= c->limit && !c_stack_is_low("")) return true;
    PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded during compilation");
    return false;
}

static bool check_position(const AstPosition *p)
{
    if (p->lineno > p->end_lineno) return bad("AST node line range (%d, %d) is not valid", p->lineno, p->end_lineno);
    if ((p->lineno < 0 && p->end_lineno != p->lineno) || (p->col_offset < 0 && p->col_offset != p->end_col_offset)) {
        return bad("AST node column range (%d, %d) for line range (%d, %d) is not valid", p->col_offset, p->end_col_offset,
                   p->lineno, p->end_lineno);
    }
    if (p->lineno == p->end_lineno && p->col_offset > p->end_col_offset) {
        return bad("line %d, column %d-%d is not a valid range", p->lineno, p->col_offset, p->end_col_offset);
    }
    return true;
}

static bool check_name(PyObject *name)
{
    static const char *const constants[] = {"None", "True", "False"};
    for (int i = 0; i < 3; i++) {
        if (PyUnicode_CompareWithASCIIString(name, constants[i]) == 0)
            return bad("identifier field can't represent '%s' constant", constants[i]);
    }
    return true;
}

static bool not_empty(Py_ssize_t size, const char *what, const char *owner)
{
    return size > 0 || bad("empty %s on %s", what, owner);
}

/* ---- Expressions ------------------------------------------------------------------------------------------------ */

static bool check_comprehensions(Checker *c, ComprehensionSeq *seq)
{
    if (!seq->size) return bad("comprehension with no generators");
    for (Py_ssize_t i = 0; i < seq->size; i++) {
        Comprehension *g = seq->items[i];
        if (!check_expr(c, g->target, expr_context_Store) || !check_expr(c, g->iter, expr_context_Load) ||
            !check_exprs(c, g->ifs, expr_context_Load, false))
            return false;
    }
    return true;
}

static bool check_keywords(Checker *c, KeywordSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++)
        if (!check_expr(c, seq->items[i]->value, expr_context_Load)) return false;
    return true;
}

static bool check_args(Checker *c, ArgSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) {
        Arg *arg = seq->items[i];
        if (!check_position(&arg->pos) || (arg->annotation && !check_expr(c, arg->annotation, expr_context_Load))) return false;
    }
    return true;
}

static bool check_arguments(Checker *c, Arguments *a)
{
    if (!check_args(c, a->posonlyargs) || !check_args(c, a->args)) return false;
    if (a->vararg && a->vararg->annotation && !check_expr(c, a->vararg->annotation, expr_context_Load)) return false;
    if (!check_args(c, a->kwonlyargs)) return false;
    if (a->kwarg && a->kwarg->annotation && !check_expr(c, a->kwarg->annotation, expr_context_Load)) return false;
    if (a->defaults->size > a->posonlyargs->size + a->args->size)
        return bad("more positional defaults than args on arguments");
    if (a->kw_defaults->size != a->kwonlyargs->size)
        return bad("length of kwonlyargs is not the same as kw_defaults on arguments");
    return check_exprs(c, a->defaults, expr_context_Load, false) && check_exprs(c, a->kw_defaults, expr_context_Load, true);
}

static bool check_constant(Checker *c, PyObject *value)
{
    if (value == Py_None || value == Py_Ellipsis || PyLong_CheckExact(value) || PyFloat_CheckExact(value) ||
        PyComplex_CheckExact(value) || PyBool_Check(value) || PyUnicode_CheckExact(value) || PyBytes_CheckExact(value))
        return true;
    if (PyTuple_CheckExact(value) || PyFrozenSet_CheckExact(value)) {
        if (!enter(c)) return false;
        PyObject *iterator = PyObject_GetIter(value), *item;
        if (!iterator) return false;
        bool good = true;
        while (good && (item = PyIter_Next(iterator))) {
            good = check_constant(c, item);
            Py_DECREF(item);
        }
        Py_DECREF(iterator);
        c->depth--;
        return good && !PyErr_Occurred();
    }
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_TypeError, "got an invalid type in Constant: %s", _PyType_Name(Py_TYPE(value)));
    }
    return false;
}

/* The context of an expression that has one; *has tells. */
static ExprContext context_of(const Expr *e, bool *has)
{
    *has = true;
    switch (e->kind) {
    case expr_Attribute: return e->Attribute.ctx;
    case expr_Subscript: return e->Subscript.ctx;
    case expr_Starred: return e->Starred.ctx;
    case expr_Name: return e->Name.ctx;
    case expr_List: return e->List.ctx;
    case expr_Tuple: return e->Tuple.ctx;
    default: *has = false; return expr_context_Load;
    }
}

static bool check_context(const Expr *e, ExprContext wanted)
{
    static const char *const names[] = {"", "Load", "Store", "Del"};
    bool has;
    ExprContext actual = context_of(e, &has);
    if (!has && wanted != expr_context_Load)
        return bad("expression which can't be assigned to in %s context", names[wanted]);
    if (has && actual != wanted) return bad("expression must have %s context but has %s instead", names[wanted], names[actual]);
    return true;
}

static bool check_expr_inside(Checker *c, Expr *e, ExprContext ctx)
{
    const ExprContext LOAD = expr_context_Load;
    switch (e->kind) {
    case expr_BoolOp:
        if (e->BoolOp.values->size < 2) return bad("BoolOp with less than 2 values");
        return check_exprs(c, e->BoolOp.values, LOAD, false);
    case expr_BinOp: return check_expr(c, e->BinOp.left, LOAD) && check_expr(c, e->BinOp.right, LOAD);
    case expr_UnaryOp: return check_expr(c, e->UnaryOp.operand, LOAD);
    case expr_Lambda: return check_arguments(c, e->Lambda.args) && check_expr(c, e->Lambda.body, LOAD);
    case expr_IfExp:
        return check_expr(c, e->IfExp.test, LOAD) && check_expr(c, e->IfExp.body, LOAD) && check_expr(c, e->IfExp.orelse, LOAD);
    case expr_Dict:
        if (e->Dict.keys->size != e->Dict.values->size) return bad("Dict doesn't have the same number of keys as values");
        /* No key is how `**mapping` looks. */
        return check_exprs(c, e->Dict.keys, LOAD, true) && check_exprs(c, e->Dict.values, LOAD, false);
    case expr_Set: return check_exprs(c, e->Set.elts, LOAD, false);
    case expr_ListComp: case expr_SetComp: case expr_GeneratorExp:
        return check_comprehensions(c, e->ListComp.generators) && check_expr(c, e->ListComp.elt, LOAD);
    case expr_DictComp:
        return check_comprehensions(c, e->DictComp.generators) && check_expr(c, e->DictComp.key, LOAD) &&
               check_expr(c, e->DictComp.value, LOAD);
    case expr_Yield: return !e->Yield.value || check_expr(c, e->Yield.value, LOAD);
    case expr_YieldFrom: return check_expr(c, e->YieldFrom.value, LOAD);
    case expr_Await: return check_expr(c, e->Await.value, LOAD);
    case expr_Compare:
        if (!e->Compare.comparators->size) return bad("Compare with no comparators");
        if (e->Compare.comparators->size != e->Compare.ops->size)
            return bad("Compare has a different number of comparators and operands");
        return check_exprs(c, e->Compare.comparators, LOAD, false) && check_expr(c, e->Compare.left, LOAD);
    case expr_Call:
        return check_expr(c, e->Call.func, LOAD) && check_exprs(c, e->Call.args, LOAD, false) &&
               check_keywords(c, e->Call.keywords);
    case expr_Constant: return check_constant(c, e->Constant.value);
    case expr_JoinedStr: return check_exprs(c, e->JoinedStr.values, LOAD, false);
    case expr_FormattedValue:
        if (!check_expr(c, e->FormattedValue.value, LOAD)) return false;
        return !e->FormattedValue.format_spec || check_expr(c, e->FormattedValue.format_spec, LOAD);
    case expr_Attribute: return check_expr(c, e->Attribute.value, LOAD);
    case expr_Subscript: return check_expr(c, e->Subscript.slice, LOAD) && check_expr(c, e->Subscript.value, LOAD);
    case expr_Starred: return check_expr(c, e->Starred.value, ctx);
    case expr_Slice:
        return (!e->Slice.lower || check_expr(c, e->Slice.lower, LOAD)) && (!e->Slice.upper || check_expr(c, e->Slice.upper, LOAD)) &&
               (!e->Slice.step || check_expr(c, e->Slice.step, LOAD));
    case expr_List: return check_exprs(c, e->List.elts, ctx, false);
    case expr_Tuple: return check_exprs(c, e->Tuple.elts, ctx, false);
    case expr_NamedExpr: return check_expr(c, e->NamedExpr.value, LOAD);
    case expr_Name: return true;
    default: PyErr_SetString(PyExc_SystemError, "unexpected expression"); return false;
    }
}

static bool check_expr(Checker *c, Expr *e, ExprContext ctx)
{
    if (!check_position(&e->pos) || !enter(c)) return false;
    if (e->kind == expr_Name && !check_name(e->Name.id)) return false;
    if (!check_context(e, ctx) || !check_expr_inside(c, e, ctx)) return false;
    c->depth--;
    return true;
}

static bool check_exprs(Checker *c, ExprSeq *seq, ExprContext ctx, bool null_allowed)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) {
        if (!seq->items[i]) {
            if (!null_allowed) return bad("None disallowed in expression list");
        }
        else if (!check_expr(c, seq->items[i], ctx)) {
            return false;
        }
    }
    return true;
}

/* ---- Patterns --------------------------------------------------------------------------------------------------- */

static bool check_capture(PyObject *name)
{
    if (PyUnicode_CompareWithASCIIString(name, "_") == 0) return bad("can't capture name '_' in patterns");
    return check_name(name);
}

/* -1, 2j or 1-2j, as far as the tree shows. */
static bool is_literal_number(const Expr *e, bool allow_real, bool allow_imaginary)
{
    if (e->kind != expr_Constant) return false;
    PyObject *value = e->Constant.value;
    return (allow_real && (PyFloat_CheckExact(value) || PyLong_CheckExact(value))) ||
           (allow_imaginary && PyComplex_CheckExact(value));
}

static bool is_negative_number(const Expr *e, bool allow_real, bool allow_imaginary)
{
    return e->kind == expr_UnaryOp && e->UnaryOp.op == unaryop_USub &&
           is_literal_number(e->UnaryOp.operand, allow_real, allow_imaginary);
}

static bool is_complex_number(const Expr *e)
{
    if (e->kind != expr_BinOp || (e->BinOp.op != operator_Add && e->BinOp.op != operator_Sub)) return false;
    const Expr *left = e->BinOp.left;
    return (is_literal_number(left, true, false) || is_negative_number(left, true, false)) &&
           is_literal_number(e->BinOp.right, false, true);
}

static bool check_match_value(Checker *c, Expr *e)
{
    if (!check_expr(c, e, expr_context_Load)) return false;
    switch (e->kind) {
    case expr_Constant: {
        PyObject *value = e->Constant.value;
        if (PyLong_CheckExact(value) || PyFloat_CheckExact(value) || PyBytes_CheckExact(value) || PyComplex_CheckExact(value) ||
            PyUnicode_CheckExact(value))
            return true;
        return bad("unexpected constant inside of a literal pattern");
    }
    case expr_Attribute: return true;
    case expr_UnaryOp:
        if (is_negative_number(e, true, true)) return true;
        break;
    case expr_BinOp:
        if (is_complex_number(e)) return true;
        break;
    case expr_JoinedStr: return true;       /* the compiler words that error */
    default: break;
    }
    return bad("patterns may only match literals and attribute lookups");
}

static bool check_patterns(Checker *c, PatternSeq *seq, bool star_allowed)
{
    for (Py_ssize_t i = 0; i < seq->size; i++)
        if (!check_pattern(c, seq->items[i], star_allowed)) return false;
    return true;
}

static bool check_class_pattern(Checker *c, Pattern *p)
{
    if (p->MatchClass.kwd_attrs->size != p->MatchClass.kwd_patterns->size)
        return bad("MatchClass doesn't have the same number of keyword attributes as patterns");
    if (!check_expr(c, p->MatchClass.cls, expr_context_Load)) return false;
    for (Expr *cls = p->MatchClass.cls; cls->kind != expr_Name; cls = cls->Attribute.value) {
        if (cls->kind != expr_Attribute) return bad("MatchClass cls field can only contain Name or Attribute nodes.");
    }
    for (Py_ssize_t i = 0; i < p->MatchClass.kwd_attrs->size; i++)
        if (!check_name(p->MatchClass.kwd_attrs->items[i])) return false;
    return check_patterns(c, p->MatchClass.patterns, false) && check_patterns(c, p->MatchClass.kwd_patterns, false);
}

static bool check_mapping_pattern(Checker *c, Pattern *p)
{
    if (p->MatchMapping.keys->size != p->MatchMapping.patterns->size)
        return bad("MatchMapping doesn't have the same number of keys as patterns");
    if (p->MatchMapping.rest && !check_capture(p->MatchMapping.rest)) return false;
    for (Py_ssize_t i = 0; i < p->MatchMapping.keys->size; i++) {
        Expr *key = p->MatchMapping.keys->items[i];
        if (key->kind == expr_Constant) {
            PyObject *value = key->Constant.value;
            if (value == Py_None || value == Py_True || value == Py_False) continue;
        }
        if (!check_match_value(c, key)) return false;
    }
    return check_patterns(c, p->MatchMapping.patterns, false);
}

static bool check_pattern_inside(Checker *c, Pattern *p, bool star_allowed)
{
    switch (p->kind) {
    case pattern_MatchValue: return check_match_value(c, p->MatchValue.value);
    case pattern_MatchSingleton: {
        PyObject *value = p->MatchSingleton.value;
        return value == Py_None || PyBool_Check(value) || bad("MatchSingleton can only contain True, False and None");
    }
    case pattern_MatchSequence: return check_patterns(c, p->MatchSequence.patterns, true);
    case pattern_MatchMapping: return check_mapping_pattern(c, p);
    case pattern_MatchClass: return check_class_pattern(c, p);
    case pattern_MatchStar:
        if (!star_allowed) return bad("can't use MatchStar here");
        return !p->MatchStar.name || check_capture(p->MatchStar.name);
    case pattern_MatchAs:
        if (p->MatchAs.name && !check_capture(p->MatchAs.name)) return false;
        if (!p->MatchAs.pattern) return true;
        if (!p->MatchAs.name) return bad("MatchAs must specify a target name if a pattern is given");
        return check_pattern(c, p->MatchAs.pattern, false);
    case pattern_MatchOr:
        if (p->MatchOr.patterns->size < 2) return bad("MatchOr requires at least 2 patterns");
        return check_patterns(c, p->MatchOr.patterns, false);
    default: PyErr_SetString(PyExc_SystemError, "unexpected pattern"); return false;
    }
}

static bool check_pattern(Checker *c, Pattern *p, bool star_allowed)
{
    if (!check_position(&p->pos) || !enter(c) || !check_pattern_inside(c, p, star_allowed)) return false;
    c->depth--;
    return true;
}

/* ---- Statements ------------------------------------------------------------------------------------------------- */

static bool check_body(Checker *c, StmtSeq *body, const char *owner)
{
    return not_empty(body->size, "body", owner) && check_stmts(c, body);
}

static bool check_try(Checker *c, Stmt *s, const char *name)
{
    ExceptHandlerSeq *handlers = s->Try.handlers;
    if (!check_body(c, s->Try.body, name)) return false;
    if (!handlers->size && !s->Try.finalbody->size) return bad("%s has neither except handlers nor finalbody", name);
    if (!handlers->size && s->Try.orelse->size) return bad("%s has orelse but no except handlers", name);
    for (Py_ssize_t i = 0; i < handlers->size; i++) {
        ExceptHandler *h = handlers->items[i];
        if (!check_position(&h->pos)) return false;
        if (h->ExceptHandler.type && !check_expr(c, h->ExceptHandler.type, expr_context_Load)) return false;
        if (!check_body(c, h->ExceptHandler.body, "ExceptHandler")) return false;
    }
    return (!s->Try.finalbody->size || check_stmts(c, s->Try.finalbody)) && (!s->Try.orelse->size || check_stmts(c, s->Try.orelse));
}

static bool check_match(Checker *c, Stmt *s)
{
    if (!check_expr(c, s->Match.subject, expr_context_Load) || !not_empty(s->Match.cases->size, "cases", "Match")) return false;
    for (Py_ssize_t i = 0; i < s->Match.cases->size; i++) {
        MatchCase *m = s->Match.cases->items[i];
        if (!check_pattern(c, m->pattern, false) || (m->guard && !check_expr(c, m->guard, expr_context_Load)) ||
            !check_body(c, m->body, "match_case"))
            return false;
    }
    return true;
}

static bool check_with(Checker *c, Stmt *s, const char *name)
{
    if (!not_empty(s->With.items->size, "items", name)) return false;
    for (Py_ssize_t i = 0; i < s->With.items->size; i++) {
        WithItem *item = s->With.items->items[i];
        if (!check_expr(c, item->context_expr, expr_context_Load)) return false;
        if (item->optional_vars && !check_expr(c, item->optional_vars, expr_context_Store)) return false;
    }
    return check_body(c, s->With.body, name);
}

static bool check_function(Checker *c, Stmt *s, const char *name)
{
    return check_body(c, s->FunctionDef.body, name) && check_arguments(c, s->FunctionDef.args) &&
           check_exprs(c, s->FunctionDef.decorator_list, expr_context_Load, false) &&
           (!s->FunctionDef.returns || check_expr(c, s->FunctionDef.returns, expr_context_Load));
}

static bool check_for(Checker *c, Stmt *s, const char *name)
{
    return check_expr(c, s->For.target, expr_context_Store) && check_expr(c, s->For.iter, expr_context_Load) &&
           check_body(c, s->For.body, name) && check_stmts(c, s->For.orelse);
}

static bool check_targets(Checker *c, ExprSeq *targets, ExprContext ctx, const char *owner)
{
    return not_empty(targets->size, "targets", owner) && check_exprs(c, targets, ctx, false);
}

static bool check_stmt_inside(Checker *c, Stmt *s)
{
    const ExprContext LOAD = expr_context_Load, STORE = expr_context_Store;
    switch (s->kind) {
    case stmt_FunctionDef: return check_function(c, s, "FunctionDef");
    case stmt_AsyncFunctionDef: return check_function(c, s, "AsyncFunctionDef");
    case stmt_ClassDef:
        return check_body(c, s->ClassDef.body, "ClassDef") && check_exprs(c, s->ClassDef.bases, LOAD, false) &&
               check_keywords(c, s->ClassDef.keywords) && check_exprs(c, s->ClassDef.decorator_list, LOAD, false);
    case stmt_Return: return !s->Return.value || check_expr(c, s->Return.value, LOAD);
    case stmt_Delete: return check_targets(c, s->Delete.targets, expr_context_Del, "Delete");
    case stmt_Assign: return check_targets(c, s->Assign.targets, STORE, "Assign") && check_expr(c, s->Assign.value, LOAD);
    case stmt_AugAssign: return check_expr(c, s->AugAssign.target, STORE) && check_expr(c, s->AugAssign.value, LOAD);
    case stmt_AnnAssign:
        if (s->AnnAssign.target->kind != expr_Name && s->AnnAssign.simple) {
            PyErr_SetString(PyExc_TypeError, "AnnAssign with simple non-Name target");
            return false;
        }
        return check_expr(c, s->AnnAssign.target, STORE) && (!s->AnnAssign.value || check_expr(c, s->AnnAssign.value, LOAD)) &&
               check_expr(c, s->AnnAssign.annotation, LOAD);
    case stmt_For: return check_for(c, s, "For");
    case stmt_AsyncFor: return check_for(c, s, "AsyncFor");
    case stmt_While:
        return check_expr(c, s->While.test, LOAD) && check_body(c, s->While.body, "While") && check_stmts(c, s->While.orelse);
    case stmt_If: return check_expr(c, s->If.test, LOAD) && check_body(c, s->If.body, "If") && check_stmts(c, s->If.orelse);
    case stmt_With: return check_with(c, s, "With");
    case stmt_AsyncWith: return check_with(c, s, "AsyncWith");
    case stmt_Match: return check_match(c, s);
    case stmt_Raise:
        if (s->Raise.exc)
            return check_expr(c, s->Raise.exc, LOAD) && (!s->Raise.cause || check_expr(c, s->Raise.cause, LOAD));
        return !s->Raise.cause || bad("Raise with cause but no exception");
    case stmt_Try: return check_try(c, s, "Try");
    case stmt_TryStar: return check_try(c, s, "TryStar");
    case stmt_Assert: return check_expr(c, s->Assert.test, LOAD) && (!s->Assert.msg || check_expr(c, s->Assert.msg, LOAD));
    case stmt_Import: return not_empty(s->Import.names->size, "names", "Import");
    case stmt_ImportFrom:
        if (s->ImportFrom.level < 0) return bad("Negative ImportFrom level");
        return not_empty(s->ImportFrom.names->size, "names", "ImportFrom");
    case stmt_Global: return not_empty(s->Global.names->size, "names", "Global");
    case stmt_Nonlocal: return not_empty(s->Nonlocal.names->size, "names", "Nonlocal");
    case stmt_Expr: return check_expr(c, s->Expr.value, LOAD);
    case stmt_Pass: case stmt_Break: case stmt_Continue: return true;
    default: PyErr_SetString(PyExc_SystemError, "unexpected statement"); return false;
    }
}

static bool check_stmts(Checker *c, StmtSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) {
        Stmt *s = seq->items[i];
        if (!s) return bad("None disallowed in statement list");
        if (!check_position(&s->pos) || !enter(c) || !check_stmt_inside(c, s)) return false;
        c->depth--;
    }
    return true;
}

int ast_validate(Mod *mod)
{
    PyThreadState *state = PyThreadState_Get();
    int limit = Py_GetRecursionLimit(), used = limit - state->recursion_remaining;
    enum { SCALE = 3, DEEPEST = 25000 };
    if (limit > DEEPEST / SCALE) limit = DEEPEST / SCALE + used;
    Checker c = {.depth = used * SCALE, .limit = limit * SCALE};
    switch (mod->kind) {
    case mod_Module: return check_stmts(&c, mod->Module.body);
    case mod_Interactive: return check_stmts(&c, mod->Interactive.body);
    case mod_Expression: return check_expr(&c, mod->Expression.body, expr_context_Load);
    case mod_FunctionType:
        return check_exprs(&c, mod->FunctionType.argtypes, expr_context_Load, false) &&
               check_expr(&c, mod->FunctionType.returns, expr_context_Load);
    default: PyErr_SetString(PyExc_SystemError, "impossible module node"); return 0;
    }
}
