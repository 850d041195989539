/* Code for what opens a scope: functions, lambdas, classes. */
#include "compiler/unit.h"
#include "syntax/syntax.h"

/* MAKE_FUNCTION flags: what lies on the stack below the code object. */
enum { HAS_DEFAULTS = 1, HAS_KWDEFAULTS = 2, HAS_ANNOTATIONS = 4, HAS_CLOSURE = 8 };

static int gen_closure(Compiler *c, PyCodeObject *code, int flags)
{
    if (code->co_nfreevars) {
        for (int i = code->co_nlocalsplus - code->co_nfreevars; i < code->co_nlocalsplus; i++) {
            Py_ssize_t index = unit_closure_index(c, PyTuple_GET_ITEM(code->co_localsplusnames, i));
            if (index < 0) return -1;
            TRY(emit_arg(c, OP_LOAD_CLOSURE, index));
        }
        flags |= HAS_CLOSURE;
        TRY(emit_arg(c, OP_BUILD_TUPLE, code->co_nfreevars));
    }
    TRY(emit_const(c, (PyObject *)code));
    return emit_arg(c, OP_MAKE_FUNCTION, flags);
}

/* Closes the innermost unit and makes a function of its code (may be NULL with an error set,
 * then too it is closed). */
int gen_finish_function_steal(Compiler *c, PyCodeObject *code, int flags)
{
    unit_exit(c);
    if (!code) return -1;
    int status = gen_closure(c, code, flags);
    Py_DECREF(code);
    return status;
}

/* ---- Decorators ------------------------------------------------------------------------------ */

static int gen_apply_decorators(Compiler *c, const ExprSeq *decorators)
{
    AstPosition pos = c->unit->pos;
    for (Py_ssize_t i = decorators->size - 1; i >= 0; i--) {
        set_pos(c, decorators->items[i]->pos);
        TRY(emit_call(c, 0));
    }
    set_pos(c, pos);
    return 0;
}

static int first_line(const Stmt *s, const ExprSeq *decorators)
{
    return decorators->size ? decorators->items[0]->pos.lineno : s->pos.lineno;
}

/* ---- Defaults and annotations ---------------------------------------------------------------- */

/* Keyword-only defaults as a dict; *flags learns whether there are any. */
static int gen_kwonly_defaults(Compiler *c, const Arguments *a, int *flags)
{
    PyObject *names = PyList_New(0);
    if (!names) return -1;
    int status = -1;
    for (Py_ssize_t i = 0; i < a->kwonlyargs->size; i++) {
        Expr *value = a->kw_defaults->items[i];
        if (!value) continue;
        PyObject *name = mangle_name(c->unit->private_name, a->kwonlyargs->items[i]->arg);
        if (!name) goto done;
        int appended = PyList_Append(names, name);
        Py_DECREF(name);
        if (appended < 0 || gen_expr(c, value) < 0) goto done;
    }
    status = 0;
    if (PyList_GET_SIZE(names)) {
        *flags |= HAS_KWDEFAULTS;
        if (emit_const_steal(c, PyList_AsTuple(names)) < 0 ||
            emit_arg(c, OP_BUILD_CONST_KEY_MAP, PyList_GET_SIZE(names)) < 0) {
            status = -1;
        }
    }
done:
    Py_DECREF(names);
    return status;
}

static int gen_defaults(Compiler *c, const Arguments *a, int *flags)
{
    if (a->defaults->size) {
        *flags |= HAS_DEFAULTS;
        TRY(gen_exprs(c, a->defaults));
        TRY(emit_arg(c, OP_BUILD_TUPLE, a->defaults->size));
    }
    return gen_kwonly_defaults(c, a, flags);
}

static int gen_arg_annotation(Compiler *c, PyObject *name, Expr *annotation, Py_ssize_t *count)
{
    if (!annotation) return 0;
    TRY(emit_const_steal(c, mangle_name(c->unit->private_name, name)));
    if (annotation->kind == expr_Starred && !(c->future.flags & CO_FUTURE_ANNOTATIONS)) {
        /* `*args: *Ts` is annotated with the only element of (*Ts,). */
        TRY(gen_expr(c, annotation->Starred.value));
        TRY(emit_arg(c, OP_UNPACK_SEQUENCE, 1));
    } else {
        TRY(gen_annotation(c, annotation));
    }
    *count += 2;
    return 0;
}

static int gen_args_annotations(Compiler *c, const ArgSeq *args, Py_ssize_t *count)
{
    for (Py_ssize_t i = 0; i < args->size; i++) {
        TRY(gen_arg_annotation(c, args->items[i]->arg, args->items[i]->annotation, count));
    }
    return 0;
}

static int gen_annotations(Compiler *c, const Arguments *a, Expr *returns, int *flags)
{
    Py_ssize_t count = 0;
    TRY(gen_args_annotations(c, a->args, &count));
    TRY(gen_args_annotations(c, a->posonlyargs, &count));
    if (a->vararg) TRY(gen_arg_annotation(c, a->vararg->arg, a->vararg->annotation, &count));
    TRY(gen_args_annotations(c, a->kwonlyargs, &count));
    if (a->kwarg) TRY(gen_arg_annotation(c, a->kwarg->arg, a->kwarg->annotation, &count));
    TRY(gen_arg_annotation(c, NAME(return), returns, &count));
    if (count == 0) return 0;
    *flags |= HAS_ANNOTATIONS;
    return emit_arg(c, OP_BUILD_TUPLE, count);
}

/* ---- Functions ------------------------------------------------------------------------------- */

static int check_args(Compiler *c, const ArgSeq *args)
{
    for (Py_ssize_t i = 0; i < args->size; i++) {
        TRY(check_forbidden_name(c, args->items[i]->arg, expr_context_Store));
    }
    return 0;
}

static int check_parameters(Compiler *c, const Arguments *a)
{
    TRY(check_args(c, a->posonlyargs));
    TRY(check_args(c, a->args));
    if (a->vararg) TRY(check_forbidden_name(c, a->vararg->arg, expr_context_Store));
    TRY(check_args(c, a->kwonlyargs));
    return a->kwarg ? check_forbidden_name(c, a->kwarg->arg, expr_context_Store) : 0;
}

static void set_counts(Compiler *c, const Arguments *a)
{
    c->unit->argcount = a->args->size;
    c->unit->posonlyargcount = a->posonlyargs->size;
    c->unit->kwonlyargcount = a->kwonlyargs->size;
}

static PyCodeObject *gen_function_code(Compiler *c, Stmt *s)
{
    StmtSeq *body = s->FunctionDef.body;
    PyObject *docstring = c->optimize < 2 ? ast_docstring_borrow(body) : NULL;
    /* co_consts[0] is the docstring. */
    if (unit_add_const(c, docstring ? docstring : Py_None) < 0) return NULL;
    set_counts(c, s->FunctionDef.args);
    for (Py_ssize_t i = docstring ? 1 : 0; i < body->size; i++) {
        if (gen_stmt(c, body->items[i]) < 0) return NULL;
    }
    return unit_assemble(c, true);
}

int gen_function(Compiler *c, Stmt *s)
{
    const Arguments *a = s->FunctionDef.args;
    const ExprSeq *decorators = s->FunctionDef.decorator_list;
    UnitType type = s->kind == stmt_AsyncFunctionDef ? UNIT_ASYNC_FUNCTION : UNIT_FUNCTION;
    int flags = 0;
    TRY(check_parameters(c, a));
    TRY(gen_exprs(c, decorators));
    TRY(gen_defaults(c, a, &flags));
    TRY(gen_annotations(c, a, s->FunctionDef.returns, &flags));
    TRY(unit_enter(c, s->FunctionDef.name, type, s, first_line(s, decorators)));
    TRY(gen_finish_function_steal(c, gen_function_code(c, s), flags));
    TRY(gen_apply_decorators(c, decorators));
    return emit_nameop(c, s->FunctionDef.name, expr_context_Store);
}

static PyCodeObject *gen_lambda_code(Compiler *c, Expr *e)
{
    /* A constant in the first place is no docstring. */
    if (unit_add_const(c, Py_None) < 0) return NULL;
    set_counts(c, e->Lambda.args);
    if (gen_expr(c, e->Lambda.body) < 0) return NULL;
    if (c->unit->entry->is_generator) return unit_assemble(c, false);
    return emit(c, OP_RETURN_VALUE) < 0 ? NULL : unit_assemble(c, true);
}

int gen_lambda(Compiler *c, Expr *e)
{
    int flags = 0;
    TRY(check_parameters(c, e->Lambda.args));
    TRY(gen_defaults(c, e->Lambda.args, &flags));
    TRY(unit_enter(c, NAME(lambda_), UNIT_LAMBDA, e, e->pos.lineno));
    return gen_finish_function_steal(c, gen_lambda_code(c, e), flags);
}

/* ---- Classes --------------------------------------------------------------------------------- */

static int gen_class_body(Compiler *c, Stmt *s)
{
    c->unit->private_name = s->ClassDef.name;
    TRY(emit_nameop(c, NAME(__name__), expr_context_Load));
    TRY(emit_nameop(c, NAME(__module__), expr_context_Store));
    TRY(emit_const(c, c->unit->qualname));
    TRY(emit_nameop(c, NAME(__qualname__), expr_context_Store));
    TRY(gen_body(c, s->ClassDef.body));
    unset_pos(c);
    if (c->unit->entry->needs_class_closure) {
        /* type.__new__ finds the cell in the namespace and fills it; __build_class__ checks that
         * it did. */
        TRY(emit_arg(c, OP_LOAD_CLOSURE, unit_closure_index(c, NAME(__class__))));
        TRY(emit_arg(c, OP_COPY, 1));
        TRY(emit_nameop(c, NAME(__classcell__), expr_context_Store));
    } else {
        TRY(emit_const(c, Py_None));
    }
    return emit(c, OP_RETURN_VALUE);
}

int gen_class(Compiler *c, Stmt *s)
{
    const ExprSeq *decorators = s->ClassDef.decorator_list;
    TRY(gen_exprs(c, decorators));
    TRY(unit_enter(c, s->ClassDef.name, UNIT_CLASS, s, first_line(s, decorators)));
    PyCodeObject *code = gen_class_body(c, s) < 0 ? NULL : unit_assemble(c, true);
    unit_exit(c);
    if (!code) return -1;
    int status =
        emit(c, OP_PUSH_NULL) < 0 || emit(c, OP_LOAD_BUILD_CLASS) < 0 || gen_closure(c, code, 0) < 0
            ? -1
            : 0;
    Py_DECREF(code);
    TRY(status);
    TRY(emit_const(c, s->ClassDef.name));
    TRY(gen_call_rest(c, 2, s->ClassDef.bases, s->ClassDef.keywords));
    TRY(gen_apply_decorators(c, decorators));
    return emit_nameop(c, s->ClassDef.name, expr_context_Store);
}
