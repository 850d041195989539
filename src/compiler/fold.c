/* The walk of the folding pass: children first, then the node itself. */
#include "compiler/fold.h"

#include "base/try.h"
#include "compiler/symtable.h"
#include "objects/recursion.h"
#include "syntax/syntax.h"

typedef struct {
    Arena *arena;
    int optimize;
    bool fold_annotations;
    int depth, limit;
} Folder;

static int fold_expr(Folder *f, Expr *e);
static int fold_stmts(Folder *f, StmtSeq *seq);

static int fold_optional(Folder *f, Expr *e)
{
    return e ? fold_expr(f, e) : 0;
}

static int fold_exprs(Folder *f, ExprSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(fold_optional(f, seq->items[i]));
    return 0;
}

static int fold_annotation(Folder *f, Expr *e)
{
    return f->fold_annotations ? fold_optional(f, e) : 0;
}

static int fold_keywords(Folder *f, KeywordSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(fold_expr(f, seq->items[i]->value));
    return 0;
}

static int fold_args(Folder *f, ArgSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(fold_annotation(f, seq->items[i]->annotation));
    return 0;
}

static int fold_arguments(Folder *f, Arguments *a)
{
    TRY(fold_args(f, a->posonlyargs));
    TRY(fold_args(f, a->args));
    if (a->vararg) TRY(fold_annotation(f, a->vararg->annotation));
    TRY(fold_args(f, a->kwonlyargs));
    TRY(fold_exprs(f, a->kw_defaults));
    if (a->kwarg) TRY(fold_annotation(f, a->kwarg->annotation));
    return fold_exprs(f, a->defaults);
}

static int fold_comprehensions(Folder *f, ComprehensionSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) {
        Comprehension *c = seq->items[i];
        TRY(fold_expr(f, c->target));
        TRY(fold_expr(f, c->iter));
        TRY(fold_exprs(f, c->ifs));
        TRY(fold_iterable(c->iter, f->arena));
    }
    return 0;
}

static int fold_compare(Folder *f, Expr *e)
{
    TRY(fold_expr(f, e->Compare.left));
    TRY(fold_exprs(f, e->Compare.comparators));
    Py_ssize_t last = e->Compare.ops->size - 1;
    intptr_t op = e->Compare.ops->items[last];
    if (op != cmpop_In && op != cmpop_NotIn) return 0;
    return fold_iterable(e->Compare.comparators->items[last], f->arena);
}

static int fold_expr_kind(Folder *f, Expr *e)
{
    switch (e->kind) {
    case expr_BoolOp: return fold_exprs(f, e->BoolOp.values);
    case expr_BinOp:
        TRY(fold_expr(f, e->BinOp.left));
        TRY(fold_expr(f, e->BinOp.right));
        return fold_binary(e, f->arena);
    case expr_UnaryOp:
        TRY(fold_expr(f, e->UnaryOp.operand));
        return fold_unary(e, f->arena);
    case expr_Lambda:
        TRY(fold_arguments(f, e->Lambda.args));
        return fold_expr(f, e->Lambda.body);
    case expr_IfExp:
        TRY(fold_expr(f, e->IfExp.test));
        TRY(fold_expr(f, e->IfExp.body));
        return fold_expr(f, e->IfExp.orelse);
    case expr_Dict:
        TRY(fold_exprs(f, e->Dict.keys));
        return fold_exprs(f, e->Dict.values);
    case expr_Set: return fold_exprs(f, e->Set.elts);
    case expr_ListComp:
        TRY(fold_expr(f, e->ListComp.elt));
        return fold_comprehensions(f, e->ListComp.generators);
    case expr_SetComp:
        TRY(fold_expr(f, e->SetComp.elt));
        return fold_comprehensions(f, e->SetComp.generators);
    case expr_DictComp:
        TRY(fold_expr(f, e->DictComp.key));
        TRY(fold_expr(f, e->DictComp.value));
        return fold_comprehensions(f, e->DictComp.generators);
    case expr_GeneratorExp:
        TRY(fold_expr(f, e->GeneratorExp.elt));
        return fold_comprehensions(f, e->GeneratorExp.generators);
    case expr_Await: return fold_expr(f, e->Await.value);
    case expr_Yield: return fold_optional(f, e->Yield.value);
    case expr_YieldFrom: return fold_expr(f, e->YieldFrom.value);
    case expr_Compare: return fold_compare(f, e);
    case expr_Call:
        TRY(fold_expr(f, e->Call.func));
        TRY(fold_exprs(f, e->Call.args));
        return fold_keywords(f, e->Call.keywords);
    case expr_FormattedValue:
        TRY(fold_expr(f, e->FormattedValue.value));
        return fold_optional(f, e->FormattedValue.format_spec);
    case expr_JoinedStr: return fold_exprs(f, e->JoinedStr.values);
    case expr_Attribute: return fold_expr(f, e->Attribute.value);
    case expr_Subscript:
        TRY(fold_expr(f, e->Subscript.value));
        TRY(fold_expr(f, e->Subscript.slice));
        return fold_subscript(e, f->arena);
    case expr_Starred: return fold_expr(f, e->Starred.value);
    case expr_Slice:
        TRY(fold_optional(f, e->Slice.lower));
        TRY(fold_optional(f, e->Slice.upper));
        return fold_optional(f, e->Slice.step);
    case expr_List: return fold_exprs(f, e->List.elts);
    case expr_Tuple:
        TRY(fold_exprs(f, e->Tuple.elts));
        return fold_tuple(e, f->arena);
    case expr_Name:
        if (e->Name.ctx == expr_context_Load &&
            _PyUnicode_EqualToASCIIString(e->Name.id, "__debug__")) {
            return fold_to_constant_steal(e, PyBool_FromLong(!f->optimize), f->arena);
        }
        return 0;
    case expr_NamedExpr: return fold_expr(f, e->NamedExpr.value);
    case expr_Constant: return 0;
    case expr_none_: break;
    }
    Py_UNREACHABLE();
}

static int fold_expr(Folder *f, Expr *e)
{
    if (++f->depth > f->limit || c_stack_is_low("")) return compiler_recursion_error();
    int status = fold_expr_kind(f, e);
    f->depth--;
    return status;
}

/* ---- Statements ------------------------------------------------------------------------------ */

/* An expression that only folding made a string is no docstring: it is hidden in an f-string. */
static int fold_body(Folder *f, StmtSeq *body)
{
    bool had_docstring = ast_docstring_borrow(body);
    TRY(fold_stmts(f, body));
    if (had_docstring || !ast_docstring_borrow(body)) return 0;
    Stmt *s = body->items[0];
    ExprSeq *values = ast_seq_new(f->arena, 1);
    Expr *joined = arena_alloc(f->arena, sizeof(*joined));
    if (!values || !joined) return -1;
    values->items[0] = s->Expr.value;
    joined->kind = expr_JoinedStr;
    joined->pos = s->pos;
    joined->JoinedStr.values = values;
    s->Expr.value = joined;
    return 0;
}

static int fold_patterns(Folder *f, PatternSeq *seq);

static int fold_pattern_kind(Folder *f, Pattern *p)
{
    switch (p->kind) {
    case pattern_MatchValue: return fold_expr(f, p->MatchValue.value);
    case pattern_MatchSequence: return fold_patterns(f, p->MatchSequence.patterns);
    case pattern_MatchMapping:
        TRY(fold_exprs(f, p->MatchMapping.keys));
        return fold_patterns(f, p->MatchMapping.patterns);
    case pattern_MatchClass:
        TRY(fold_expr(f, p->MatchClass.cls));
        TRY(fold_patterns(f, p->MatchClass.patterns));
        return fold_patterns(f, p->MatchClass.kwd_patterns);
    case pattern_MatchAs: {
        Pattern *inner = p->MatchAs.pattern;
        return inner ? fold_pattern_kind(f, inner) : 0;
    }
    case pattern_MatchOr: return fold_patterns(f, p->MatchOr.patterns);
    default: return 0;
    }
}

static int fold_patterns(Folder *f, PatternSeq *seq)
{
    if (++f->depth > f->limit || c_stack_is_low("")) return compiler_recursion_error();
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(fold_pattern_kind(f, seq->items[i]));
    f->depth--;
    return 0;
}

static int fold_with(Folder *f, WithItemSeq *items, StmtSeq *body)
{
    for (Py_ssize_t i = 0; i < items->size; i++) {
        TRY(fold_expr(f, items->items[i]->context_expr));
        TRY(fold_optional(f, items->items[i]->optional_vars));
    }
    return fold_stmts(f, body);
}

static int fold_try(Folder *f, Stmt *s)
{
    TRY(fold_stmts(f, s->Try.body));
    for (Py_ssize_t i = 0; i < s->Try.handlers->size; i++) {
        ExceptHandler *h = s->Try.handlers->items[i];
        TRY(fold_optional(f, h->ExceptHandler.type));
        TRY(fold_stmts(f, h->ExceptHandler.body));
    }
    TRY(fold_stmts(f, s->Try.orelse));
    return fold_stmts(f, s->Try.finalbody);
}

static int fold_match(Folder *f, Stmt *s)
{
    TRY(fold_expr(f, s->Match.subject));
    for (Py_ssize_t i = 0; i < s->Match.cases->size; i++) {
        MatchCase *c = s->Match.cases->items[i];
        TRY(fold_pattern_kind(f, c->pattern));
        TRY(fold_optional(f, c->guard));
        TRY(fold_stmts(f, c->body));
    }
    return 0;
}

static int fold_stmt_kind(Folder *f, Stmt *s)
{
    switch (s->kind) {
    case stmt_FunctionDef:
    case stmt_AsyncFunctionDef:
        TRY(fold_arguments(f, s->FunctionDef.args));
        TRY(fold_body(f, s->FunctionDef.body));
        TRY(fold_exprs(f, s->FunctionDef.decorator_list));
        return fold_annotation(f, s->FunctionDef.returns);
    case stmt_ClassDef:
        TRY(fold_exprs(f, s->ClassDef.bases));
        TRY(fold_keywords(f, s->ClassDef.keywords));
        TRY(fold_body(f, s->ClassDef.body));
        return fold_exprs(f, s->ClassDef.decorator_list);
    case stmt_Return: return fold_optional(f, s->Return.value);
    case stmt_Delete: return fold_exprs(f, s->Delete.targets);
    case stmt_Assign:
        TRY(fold_exprs(f, s->Assign.targets));
        return fold_expr(f, s->Assign.value);
    case stmt_AugAssign:
        TRY(fold_expr(f, s->AugAssign.target));
        return fold_expr(f, s->AugAssign.value);
    case stmt_AnnAssign:
        TRY(fold_expr(f, s->AnnAssign.target));
        TRY(fold_annotation(f, s->AnnAssign.annotation));
        return fold_optional(f, s->AnnAssign.value);
    case stmt_For:
    case stmt_AsyncFor:
        TRY(fold_expr(f, s->For.target));
        TRY(fold_expr(f, s->For.iter));
        TRY(fold_stmts(f, s->For.body));
        TRY(fold_stmts(f, s->For.orelse));
        return s->kind == stmt_For ? fold_iterable(s->For.iter, f->arena) : 0;
    case stmt_While:
        TRY(fold_expr(f, s->While.test));
        TRY(fold_stmts(f, s->While.body));
        return fold_stmts(f, s->While.orelse);
    case stmt_If:
        TRY(fold_expr(f, s->If.test));
        TRY(fold_stmts(f, s->If.body));
        return fold_stmts(f, s->If.orelse);
    case stmt_With: return fold_with(f, s->With.items, s->With.body);
    case stmt_AsyncWith: return fold_with(f, s->AsyncWith.items, s->AsyncWith.body);
    case stmt_Raise:
        TRY(fold_optional(f, s->Raise.exc));
        return fold_optional(f, s->Raise.cause);
    case stmt_Try:
    case stmt_TryStar: return fold_try(f, s);
    case stmt_Assert:
        TRY(fold_expr(f, s->Assert.test));
        return fold_optional(f, s->Assert.msg);
    case stmt_Expr: return fold_expr(f, s->Expr.value);
    case stmt_Match: return fold_match(f, s);
    default: return 0;
    }
}

static int fold_stmts(Folder *f, StmtSeq *seq)
{
    if (++f->depth > f->limit || c_stack_is_low("")) return compiler_recursion_error();
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(fold_stmt_kind(f, seq->items[i]));
    f->depth--;
    return 0;
}

int fold_tree(Mod *mod, Arena *arena, int optimize, int future_flags)
{
    Folder f = {
        .arena = arena,
        .optimize = optimize,
        .fold_annotations = !(future_flags & CO_FUTURE_ANNOTATIONS),
    };
    compiler_recursion_limits(&f.depth, &f.limit);
    switch (mod->kind) {
    case mod_Module: return fold_body(&f, mod->Module.body);
    case mod_Interactive: return fold_stmts(&f, mod->Interactive.body);
    case mod_Expression: return fold_expr(&f, mod->Expression.body);
    default: return 0;
    }
}
