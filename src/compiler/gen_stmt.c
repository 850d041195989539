/* Code for simple statements and loops. */
#include "compiler/unit.h"
#include "objects/recursion.h"
#include "syntax/syntax.h"

int gen_stmts(Compiler *c, const StmtSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(gen_stmt(c, seq->items[i]));
    return 0;
}

/* ---- Bodies of modules and classes ----------------------------------------------------------- */

static bool handlers_have_annotations(const ExceptHandlerSeq *handlers)
{
    for (Py_ssize_t i = 0; i < handlers->size; i++) {
        if (body_has_annotations(handlers->items[i]->ExceptHandler.body)) return true;
    }
    return false;
}

static bool cases_have_annotations(const MatchCaseSeq *cases)
{
    for (Py_ssize_t i = 0; i < cases->size; i++) {
        if (body_has_annotations(cases->items[i]->body)) return true;
    }
    return false;
}

static bool stmt_has_annotation(const Stmt *s)
{
    switch (s->kind) {
    case stmt_AnnAssign: return true;
    case stmt_For:
    case stmt_AsyncFor:
        return body_has_annotations(s->For.body) || body_has_annotations(s->For.orelse);
    case stmt_While:
        return body_has_annotations(s->While.body) || body_has_annotations(s->While.orelse);
    case stmt_If: return body_has_annotations(s->If.body) || body_has_annotations(s->If.orelse);
    case stmt_With:
    case stmt_AsyncWith: return body_has_annotations(s->With.body);
    case stmt_Match: return cases_have_annotations(s->Match.cases);
    case stmt_Try:
    case stmt_TryStar:
        return body_has_annotations(s->Try.body) || body_has_annotations(s->Try.finalbody) ||
               handlers_have_annotations(s->Try.handlers) || body_has_annotations(s->Try.orelse);
    default: return false;
    }
}

/* Whether __annotations__ has to be there: an annotation in the block itself, not in a scope
 * inside it. */
bool body_has_annotations(const StmtSeq *body)
{
    for (Py_ssize_t i = 0; i < body->size; i++) {
        if (stmt_has_annotation(body->items[i])) return true;
    }
    return false;
}

int gen_body(Compiler *c, const StmtSeq *body)
{
    Py_ssize_t i = 0;
    if (c->unit->type == UNIT_MODULE && body->size) set_pos(c, body->items[0]->pos);
    if (body_has_annotations(body)) TRY(emit(c, OP_SETUP_ANNOTATIONS));
    if (body->size && c->optimize < 2 && ast_docstring_borrow((StmtSeq *)body)) {
        TRY(gen_expr(c, body->items[i++]->Expr.value));
        unset_pos(c);
        TRY(emit_nameop(c, NAME(__doc__), expr_context_Store));
    }
    for (; i < body->size; i++) TRY(gen_stmt(c, body->items[i]));
    return 0;
}

/* ---- Conditions and loops -------------------------------------------------------------------- */

static int gen_if(Compiler *c, Stmt *s)
{
    NEW_BLOCK(end);
    Block *next = end;
    if (s->If.orelse->size && !(next = flow_block_new(&c->unit->flow))) return -1;
    TRY(gen_jump_if(c, s->If.test, next, false));
    TRY(gen_stmts(c, s->If.body));
    if (s->If.orelse->size) {
        TRY(emit_artificial_jump(c, OP_JUMP, end));
        use_block(c, next);
        TRY(gen_stmts(c, s->If.orelse));
    }
    use_block(c, end);
    return 0;
}

static int gen_for(Compiler *c, Stmt *s)
{
    NEW_BLOCK(start);
    NEW_BLOCK(body);
    NEW_BLOCK(cleanup);
    NEW_BLOCK(end);
    TRY(nest_push(c, NEST_FOR, start, end, NULL));
    TRY(gen_expr(c, s->For.iter));
    TRY(emit(c, OP_GET_ITER));
    use_block(c, start);
    TRY(emit_jump(c, OP_FOR_ITER, cleanup));
    use_block(c, body);
    TRY(gen_expr(c, s->For.target));
    TRY(gen_stmts(c, s->For.body));
    unset_pos(c);
    TRY(emit_jump(c, OP_JUMP, start));
    use_block(c, cleanup);
    nest_pop(c);
    TRY(gen_stmts(c, s->For.orelse));
    use_block(c, end);
    return 0;
}

static int gen_async_for(Compiler *c, Stmt *s)
{
    if (is_top_level_await(c)) {
        c->unit->entry->is_coroutine = true;
    } else if (c->unit->type != UNIT_ASYNC_FUNCTION) {
        return compiler_error(c, "'async for' outside async function");
    }
    NEW_BLOCK(start);
    NEW_BLOCK(handler);
    NEW_BLOCK(end);
    TRY(gen_expr(c, s->AsyncFor.iter));
    TRY(emit(c, OP_GET_AITER));
    use_block(c, start);
    TRY(nest_push(c, NEST_FOR, start, end, NULL));
    TRY(emit_jump(c, OP_SETUP_FINALLY, handler));
    TRY(emit(c, OP_GET_ANEXT));
    TRY(emit_const(c, Py_None));
    TRY(gen_yield_from(c, true));
    TRY(emit(c, OP_POP_BLOCK));
    TRY(gen_expr(c, s->AsyncFor.target));
    TRY(gen_stmts(c, s->AsyncFor.body));
    unset_pos(c);
    TRY(emit_jump(c, OP_JUMP, start));
    nest_pop(c);
    use_block(c, handler);
    /* The end of the iteration belongs to the iterator's line, not to the body's last. */
    set_pos(c, s->AsyncFor.iter->pos);
    TRY(emit(c, OP_END_ASYNC_FOR));
    TRY(gen_stmts(c, s->AsyncFor.orelse));
    use_block(c, end);
    return 0;
}

static int gen_while(Compiler *c, Stmt *s)
{
    NEW_BLOCK(loop);
    NEW_BLOCK(body);
    NEW_BLOCK(anchor);
    NEW_BLOCK(end);
    use_block(c, loop);
    TRY(nest_push(c, NEST_WHILE, loop, end, NULL));
    TRY(gen_jump_if(c, s->While.test, anchor, false));
    use_block(c, body);
    TRY(gen_stmts(c, s->While.body));
    set_pos(c, s->pos);
    TRY(gen_jump_if(c, s->While.test, body, true));
    nest_pop(c);
    use_block(c, anchor);
    TRY(gen_stmts(c, s->While.orelse));
    use_block(c, end);
    return 0;
}

static int gen_break(Compiler *c)
{
    Nest *loop = NULL;
    AstPosition pos = c->unit->pos;
    TRY(emit(c, OP_NOP));
    TRY(gen_unwind(c, false, &loop));
    if (!loop) {
        set_pos(c, pos);
        return compiler_error(c, "'break' outside loop");
    }
    Nest found = *loop;
    TRY(gen_unwind_one(c, &found, false));
    return emit_jump(c, OP_JUMP, found.exit);
}

static int gen_continue(Compiler *c)
{
    Nest *loop = NULL;
    AstPosition pos = c->unit->pos;
    TRY(emit(c, OP_NOP));
    TRY(gen_unwind(c, false, &loop));
    if (!loop) {
        set_pos(c, pos);
        return compiler_error(c, "'continue' not properly in loop");
    }
    return emit_jump(c, OP_JUMP, loop->start);
}

static int gen_return(Compiler *c, Stmt *s)
{
    Expr *value = s->Return.value;
    if (!is_function_like(c)) return compiler_error(c, "'return' outside function");
    if (value && c->unit->entry->is_coroutine && c->unit->entry->is_generator) {
        return compiler_error(c, "'return' with value in async generator");
    }
    bool keep_top = value && value->kind != expr_Constant;
    if (keep_top) {
        TRY(gen_expr(c, value));
    } else if (value) {
        set_pos(c, value->pos);
        TRY(emit(c, OP_NOP));
    }
    if (!value || value->pos.lineno != s->pos.lineno) {
        set_pos(c, s->pos);
        TRY(emit(c, OP_NOP));
    }
    TRY(gen_unwind(c, keep_top, NULL));
    if (!keep_top) TRY(emit_const(c, value ? value->Constant.value : Py_None));
    return emit(c, OP_RETURN_VALUE);
}

/* ---- Assignments ----------------------------------------------------------------------------- */

static int gen_assign(Compiler *c, Stmt *s)
{
    const ExprSeq *targets = s->Assign.targets;
    TRY(gen_expr(c, s->Assign.value));
    for (Py_ssize_t i = 0; i < targets->size; i++) {
        if (i + 1 < targets->size) TRY(emit_arg(c, OP_COPY, 1));
        TRY(gen_expr(c, targets->items[i]));
    }
    return 0;
}

static int gen_aug_load(Compiler *c, Expr *target)
{
    AstPosition pos;
    switch (target->kind) {
    case expr_Attribute:
        TRY(gen_expr(c, target->Attribute.value));
        TRY(emit_arg(c, OP_COPY, 1));
        pos = c->unit->pos;
        set_pos_of_attribute(c, target);
        TRY(emit_name(c, OP_LOAD_ATTR, target->Attribute.attr));
        set_pos(c, pos);
        return 0;
    case expr_Subscript:
        TRY(gen_expr(c, target->Subscript.value));
        TRY(gen_expr(c, target->Subscript.slice));
        TRY(emit_arg(c, OP_COPY, 2));
        TRY(emit_arg(c, OP_COPY, 2));
        return emit(c, OP_BINARY_SUBSCR);
    case expr_Name: return emit_nameop(c, target->Name.id, expr_context_Load);
    default:
        PyErr_Format(PyExc_SystemError, "invalid node type (%d) for augmented assignment",
                     target->kind);
        return -1;
    }
}

static int gen_aug_store(Compiler *c, Expr *target)
{
    switch (target->kind) {
    case expr_Attribute:
        set_pos_of_attribute(c, target);
        TRY(emit_arg(c, OP_SWAP, 2));
        return emit_name(c, OP_STORE_ATTR, target->Attribute.attr);
    case expr_Subscript:
        TRY(emit_arg(c, OP_SWAP, 3));
        TRY(emit_arg(c, OP_SWAP, 2));
        return emit(c, OP_STORE_SUBSCR);
    default: return emit_nameop(c, target->Name.id, expr_context_Store);
    }
}

static int gen_aug_assign(Compiler *c, Stmt *s)
{
    Expr *target = s->AugAssign.target;
    set_pos(c, target->pos);
    TRY(gen_aug_load(c, target));
    set_pos(c, s->pos);
    TRY(gen_expr(c, s->AugAssign.value));
    TRY(gen_binary_op(c, s->AugAssign.op, true));
    set_pos(c, target->pos);
    return gen_aug_store(c, target);
}

/* Evaluates an expression of an annotated target for its errors. */
static int gen_discarded(Compiler *c, Expr *e)
{
    TRY(gen_expr(c, e));
    return emit(c, OP_POP_TOP);
}

static int gen_discarded_index(Compiler *c, Expr *e)
{
    if (e->kind == expr_Slice) {
        if (e->Slice.lower) TRY(gen_discarded(c, e->Slice.lower));
        if (e->Slice.upper) TRY(gen_discarded(c, e->Slice.upper));
        return e->Slice.step ? gen_discarded(c, e->Slice.step) : 0;
    }
    if (e->kind == expr_Tuple) {
        for (Py_ssize_t i = 0; i < e->Tuple.elts->size; i++) {
            TRY(gen_discarded_index(c, e->Tuple.elts->items[i]));
        }
        return 0;
    }
    return gen_discarded(c, e);
}

static int gen_name_annotation(Compiler *c, Stmt *s)
{
    PyObject *name = s->AnnAssign.target->Name.id;
    TRY(gen_annotation(c, s->AnnAssign.annotation));
    TRY(emit_name(c, OP_LOAD_NAME, NAME(__annotations__)));
    TRY(emit_const_steal(c, mangle_name(c->unit->private_name, name)));
    return emit(c, OP_STORE_SUBSCR);
}

static int gen_ann_assign(Compiler *c, Stmt *s)
{
    Expr *target = s->AnnAssign.target, *value = s->AnnAssign.value;
    bool evaluated = c->unit->type == UNIT_MODULE || c->unit->type == UNIT_CLASS;
    if (value) {
        TRY(gen_expr(c, value));
        TRY(gen_expr(c, target));
    }
    switch (target->kind) {
    case expr_Name:
        TRY(check_forbidden_name(c, target->Name.id, expr_context_Store));
        if (s->AnnAssign.simple && evaluated) TRY(gen_name_annotation(c, s));
        break;
    case expr_Attribute:
        TRY(check_forbidden_name(c, target->Attribute.attr, expr_context_Store));
        if (!value) TRY(gen_discarded(c, target->Attribute.value));
        break;
    case expr_Subscript:
        if (!value) {
            TRY(gen_discarded(c, target->Subscript.value));
            TRY(gen_discarded_index(c, target->Subscript.slice));
        }
        break;
    default:
        PyErr_Format(PyExc_SystemError, "invalid node type (%d) for annotated assignment",
                     target->kind);
        return -1;
    }
    bool as_text = c->future.flags & CO_FUTURE_ANNOTATIONS;
    return !s->AnnAssign.simple && evaluated && !as_text ? gen_discarded(c, s->AnnAssign.annotation)
                                                         : 0;
}

/* ---- Imports --------------------------------------------------------------------------------- */

static Py_ssize_t find_dot(PyObject *name, Py_ssize_t start)
{
    return PyUnicode_FindChar(name, '.', start, PyUnicode_GET_LENGTH(name), 1);
}

/* `import a.b.c as d` binds the innermost module. */
static int gen_import_as(Compiler *c, PyObject *name, PyObject *asname)
{
    Py_ssize_t dot = find_dot(name, 0);
    if (dot < 0) return emit_nameop(c, asname, expr_context_Store);
    while (true) {
        Py_ssize_t start = dot + 1;
        dot = find_dot(name, start);
        PyObject *attribute =
            PyUnicode_Substring(name, start, dot < 0 ? PyUnicode_GET_LENGTH(name) : dot);
        if (!attribute) return -1;
        int status = emit_name(c, OP_IMPORT_FROM, attribute);
        Py_DECREF(attribute);
        TRY(status);
        if (dot < 0) break;
        TRY(emit_arg(c, OP_SWAP, 2));
        TRY(emit(c, OP_POP_TOP));
    }
    TRY(emit_nameop(c, asname, expr_context_Store));
    return emit(c, OP_POP_TOP);
}

static int gen_import(Compiler *c, Stmt *s)
{
    for (Py_ssize_t i = 0; i < s->Import.names->size; i++) {
        Alias *alias = s->Import.names->items[i];
        TRY(emit_const_steal(c, PyLong_FromLong(0)));
        TRY(emit_const(c, Py_None));
        TRY(emit_name(c, OP_IMPORT_NAME, alias->name));
        if (alias->asname) {
            TRY(gen_import_as(c, alias->name, alias->asname));
            continue;
        }
        Py_ssize_t dot = find_dot(alias->name, 0);
        PyObject *first =
            dot < 0 ? Py_NewRef(alias->name) : PyUnicode_Substring(alias->name, 0, dot);
        if (!first) return -1;
        int status = emit_nameop(c, first, expr_context_Store);
        Py_DECREF(first);
        TRY(status);
    }
    return 0;
}

static int gen_import_from(Compiler *c, Stmt *s)
{
    const AliasSeq *names = s->ImportFrom.names;
    PyObject *module = s->ImportFrom.module;
    TRY(emit_const_steal(c, PyLong_FromLong(s->ImportFrom.level)));
    PyObject *tuple = PyTuple_New(names->size);
    if (!tuple) return -1;
    for (Py_ssize_t i = 0; i < names->size; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(names->items[i]->name));
    }
    if (s->pos.lineno > c->future.last_line && module &&
        _PyUnicode_EqualToASCIIString(module, "__future__")) {
        Py_DECREF(tuple);
        return compiler_error(c, "from __future__ imports must occur at the beginning of the file");
    }
    TRY(emit_const_steal(c, tuple));
    TRY(emit_name(c, OP_IMPORT_NAME, module ? module : NAME(empty)));
    for (Py_ssize_t i = 0; i < names->size; i++) {
        Alias *alias = names->items[i];
        if (i == 0 && PyUnicode_READ_CHAR(alias->name, 0) == '*') return emit(c, OP_IMPORT_STAR);
        TRY(emit_name(c, OP_IMPORT_FROM, alias->name));
        TRY(emit_nameop(c, alias->asname ? alias->asname : alias->name, expr_context_Store));
    }
    return emit(c, OP_POP_TOP);
}

/* ---- The others ------------------------------------------------------------------------------ */

static int gen_assert(Compiler *c, Stmt *s)
{
    const Expr *test = s->Assert.test;
    if ((test->kind == expr_Tuple && test->Tuple.elts->size > 0) ||
        (test->kind == expr_Constant && PyTuple_Check(test->Constant.value) &&
         PyTuple_GET_SIZE(test->Constant.value) > 0)) {
        TRY(compiler_warn(c, "assertion is always true, perhaps remove parentheses?"));
    }
    if (c->optimize) return 0;
    NEW_BLOCK(end);
    TRY(gen_jump_if(c, s->Assert.test, end, true));
    TRY(emit(c, OP_LOAD_ASSERTION_ERROR));
    if (s->Assert.msg) {
        TRY(gen_expr(c, s->Assert.msg));
        TRY(emit_call(c, 0));
    }
    TRY(emit_arg(c, OP_RAISE_VARARGS, 1));
    use_block(c, end);
    return 0;
}

static int gen_raise(Compiler *c, Stmt *s)
{
    if (!s->Raise.exc) return emit_arg(c, OP_RAISE_VARARGS, 0);
    TRY(gen_expr(c, s->Raise.exc));
    if (!s->Raise.cause) return emit_arg(c, OP_RAISE_VARARGS, 1);
    TRY(gen_expr(c, s->Raise.cause));
    return emit_arg(c, OP_RAISE_VARARGS, 2);
}

static int gen_expr_stmt(Compiler *c, Expr *value)
{
    if (c->interactive && c->depth <= 1) {
        TRY(gen_expr(c, value));
        return emit(c, OP_PRINT_EXPR);
    }
    if (value->kind == expr_Constant) return emit(c, OP_NOP);
    TRY(gen_expr(c, value));
    unset_pos(c);
    return emit(c, OP_POP_TOP);
}

int gen_stmt(Compiler *c, Stmt *s)
{
    if (c_stack_is_low(" during compilation")) return -1;
    set_pos(c, s->pos);
    switch (s->kind) {
    case stmt_FunctionDef:
    case stmt_AsyncFunctionDef: return gen_function(c, s);
    case stmt_ClassDef: return gen_class(c, s);
    case stmt_Return: return gen_return(c, s);
    case stmt_Delete: return gen_exprs(c, s->Delete.targets);
    case stmt_Assign: return gen_assign(c, s);
    case stmt_AugAssign: return gen_aug_assign(c, s);
    case stmt_AnnAssign: return gen_ann_assign(c, s);
    case stmt_For: return gen_for(c, s);
    case stmt_AsyncFor: return gen_async_for(c, s);
    case stmt_While: return gen_while(c, s);
    case stmt_If: return gen_if(c, s);
    case stmt_Match: return gen_match(c, s);
    case stmt_Raise: return gen_raise(c, s);
    case stmt_Try: return gen_try(c, s);
    case stmt_TryStar: return gen_try_star(c, s);
    case stmt_Assert: return gen_assert(c, s);
    case stmt_Import: return gen_import(c, s);
    case stmt_ImportFrom: return gen_import_from(c, s);
    case stmt_Global:
    case stmt_Nonlocal: return 0;
    case stmt_Expr: return gen_expr_stmt(c, s->Expr.value);
    case stmt_Pass: return emit(c, OP_NOP);
    case stmt_Break: return gen_break(c);
    case stmt_Continue: return gen_continue(c);
    case stmt_With: return gen_with(c, s);
    case stmt_AsyncWith: return gen_async_with(c, s);
    case stmt_none_: break;
    }
    Py_UNREACHABLE();
}
