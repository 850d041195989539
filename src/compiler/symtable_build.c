/* First pass: walk the tree, open a block for each scope and note how each name is used in it. */
#include "base/try.h"
#include "compiler/symtable.h"
#include "objects/names.h"
#include "objects/recursion.h"

static int visit_stmt(Symtable *t, Stmt *s);
static int visit_expr(Symtable *t, Expr *e);
static int visit_pattern(Symtable *t, Pattern *p);

/* ---- Blocks ---------------------------------------------------------------------------------- */

static SymtableEntry *entry_new(Symtable *t, PyObject *name, BlockType type, const void *node,
                                AstPosition pos)
{
    SymtableEntry *entry = PyObject_New(SymtableEntry, &SymtableEntry_Type);
    if (!entry) return NULL;
    memset((char *)entry + sizeof(PyObject), 0, sizeof(*entry) - sizeof(PyObject));
    entry->name = Py_NewRef(name);
    entry->type = type;
    entry->pos = pos;
    entry->nested = t->current && (t->current->nested || t->current->type == BLOCK_FUNCTION);
    entry->id = PyLong_FromVoidPtr((void *)node);
    entry->symbols = PyDict_New();
    entry->varnames = PyList_New(0);
    entry->children = PyList_New(0);
    if (!entry->id || !entry->symbols || !entry->varnames || !entry->children ||
        PyDict_SetItem(t->entries, entry->id, (PyObject *)entry) < 0) {
        Py_DECREF(entry);
        return NULL;
    }
    return entry;
}

static int enter_block(Symtable *t, PyObject *name, BlockType type, const void *node,
                       AstPosition pos)
{
    SymtableEntry *entry = entry_new(t, name, type, node, pos);
    if (!entry) return -1;
    int status = PyList_Append(t->stack, (PyObject *)entry);
    Py_DECREF(entry);
    if (status < 0) return -1;
    SymtableEntry *outer = t->current;
    t->current = entry;
    /* Assignment expressions are forbidden in all that a comprehension's iterable contains. */
    if (outer) entry->comp_iter_expr = outer->comp_iter_expr;
    /* Under PEP 563 annotations become strings: their names leave no trace in the tree of
     * blocks. */
    if (type == BLOCK_ANNOTATION) return 0;
    if (type == BLOCK_MODULE) t->global_symbols = entry->symbols;
    return outer ? PyList_Append(outer->children, (PyObject *)entry) : 0;
}

static int exit_block(Symtable *t)
{
    Py_ssize_t size = PyList_GET_SIZE(t->stack);
    TRY(PyList_SetSlice(t->stack, size - 1, size, NULL));
    t->current = size > 1 ? (SymtableEntry *)PyList_GET_ITEM(t->stack, size - 2) : NULL;
    return 0;
}

/* ---- Definitions ----------------------------------------------------------------------------- */

static int set_bits(PyObject *symbols, PyObject *name, long bits)
{
    PyObject *value = PyLong_FromLong(bits);
    if (!value) return -1;
    int status = PyDict_SetItem(symbols, name, value);
    Py_DECREF(value);
    return status;
}

static int get_bits(PyObject *symbols, PyObject *name, long *bits)
{
    PyObject *value = PyDict_GetItemWithError(symbols, name);
    *bits = value ? PyLong_AsLong(value) : 0;
    return !value && PyErr_Occurred() ? -1 : 0;
}

static int define_mangled(Symtable *t, PyObject *name, PyObject *mangled, int flag,
                          SymtableEntry *entry, AstPosition pos)
{
    long bits;
    TRY(get_bits(entry->symbols, mangled, &bits));
    if ((flag & SYMBOL_PARAM) && (bits & SYMBOL_PARAM)) {
        PyErr_Format(PyExc_SyntaxError, "duplicate argument '%U' in function definition", name);
        return syntax_error_at(t->filename, pos);
    }
    long updated = bits | flag;
    if (entry->in_comp_iter_target) {
        if (updated & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL)) {
            PyErr_Format(PyExc_SyntaxError,
                         "comprehension inner loop cannot rebind assignment expression target '%U'",
                         name);
            return syntax_error_at(t->filename, pos);
        }
        updated |= SYMBOL_COMP_ITER;
    }
    if (updated != bits) TRY(set_bits(entry->symbols, mangled, updated));

    if (flag & SYMBOL_PARAM) return PyList_Append(entry->varnames, mangled);
    if (flag & SYMBOL_GLOBAL) {
        TRY(get_bits(t->global_symbols, mangled, &bits));
        return set_bits(t->global_symbols, mangled, bits | flag);
    }
    return 0;
}

static int define_in(Symtable *t, PyObject *name, int flag, SymtableEntry *entry, AstPosition pos)
{
    PyObject *mangled = mangle_name(t->private_name, name);
    if (!mangled) return -1;
    int status = define_mangled(t, name, mangled, flag, entry, pos);
    Py_DECREF(mangled);
    return status;
}

static int define(Symtable *t, PyObject *name, int flag, AstPosition pos)
{
    return define_in(t, name, flag, t->current, pos);
}

/* Bits of a name as written, in the current block. */
static long current_bits(Symtable *t, PyObject *name)
{
    PyObject *mangled = mangle_name(t->private_name, name);
    if (!mangled) return -1;
    long bits = symtable_entry_bits(t->current, mangled);
    Py_DECREF(mangled);
    return bits;
}

/* Remembers where a global or nonlocal name was declared, for errors that only the analysis
 * finds. */
static int record_directive(Symtable *t, PyObject *name, AstPosition pos)
{
    if (!t->current->directives && !(t->current->directives = PyList_New(0))) return -1;
    PyObject *mangled = mangle_name(t->private_name, name);
    if (!mangled) return -1;
    PyObject *record = Py_BuildValue("(Niiii)", mangled, pos.lineno, pos.col_offset, pos.end_lineno,
                                     pos.end_col_offset);
    if (!record) return -1;
    int status = PyList_Append(t->current->directives, record);
    Py_DECREF(record);
    return status;
}

/* ---- Sequences ------------------------------------------------------------------------------- */

static int visit_stmts(Symtable *t, const StmtSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(visit_stmt(t, seq->items[i]));
    return 0;
}

/* Elements may be NULL: `**x` in a dict display, a missing default. */
static int visit_exprs(Symtable *t, const ExprSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) {
        if (seq->items[i]) TRY(visit_expr(t, seq->items[i]));
    }
    return 0;
}

static int visit_optional(Symtable *t, Expr *e)
{
    return e ? visit_expr(t, e) : 0;
}

static int visit_keywords(Symtable *t, const KeywordSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(visit_expr(t, seq->items[i]->value));
    return 0;
}

static int visit_patterns(Symtable *t, const PatternSeq *seq)
{
    for (Py_ssize_t i = 0; i < seq->size; i++) TRY(visit_pattern(t, seq->items[i]));
    return 0;
}

/* ---- Functions and annotations --------------------------------------------------------------- */

static int define_params(Symtable *t, const ArgSeq *args)
{
    for (Py_ssize_t i = 0; i < args->size; i++) {
        TRY(define(t, args->items[i]->arg, SYMBOL_PARAM, args->items[i]->pos));
    }
    return 0;
}

static int define_arguments(Symtable *t, const Arguments *a)
{
    TRY(define_params(t, a->posonlyargs));
    TRY(define_params(t, a->args));
    TRY(define_params(t, a->kwonlyargs));
    if (a->vararg) {
        TRY(define(t, a->vararg->arg, SYMBOL_PARAM, a->vararg->pos));
        t->current->has_varargs = true;
    }
    if (a->kwarg) {
        TRY(define(t, a->kwarg->arg, SYMBOL_PARAM, a->kwarg->pos));
        t->current->has_varkeywords = true;
    }
    return 0;
}

static int visit_annotation(Symtable *t, Expr *annotation)
{
    bool as_string = t->future->flags & CO_FUTURE_ANNOTATIONS;
    if (as_string) {
        TRY(enter_block(t, NAME(_annotation), BLOCK_ANNOTATION, annotation, annotation->pos));
    }
    TRY(visit_expr(t, annotation));
    return as_string ? exit_block(t) : 0;
}

static int visit_arg_annotations(Symtable *t, const ArgSeq *args)
{
    for (Py_ssize_t i = 0; i < args->size; i++) TRY(visit_optional(t, args->items[i]->annotation));
    return 0;
}

static int visit_annotations(Symtable *t, Stmt *s, const Arguments *a, Expr *returns)
{
    bool as_string = t->future->flags & CO_FUTURE_ANNOTATIONS;
    if (as_string) TRY(enter_block(t, NAME(_annotation), BLOCK_ANNOTATION, a, s->pos));
    TRY(visit_arg_annotations(t, a->posonlyargs));
    TRY(visit_arg_annotations(t, a->args));
    if (a->vararg) TRY(visit_optional(t, a->vararg->annotation));
    if (a->kwarg) TRY(visit_optional(t, a->kwarg->annotation));
    TRY(visit_arg_annotations(t, a->kwonlyargs));
    if (as_string) TRY(exit_block(t));
    return returns ? visit_annotation(t, returns) : 0;
}

static int visit_function(Symtable *t, Stmt *s, bool is_async)
{
    /* FunctionDef and AsyncFunctionDef have the same fields in the same order. */
    TRY(define(t, s->FunctionDef.name, SYMBOL_LOCAL, s->pos));
    const Arguments *a = s->FunctionDef.args;
    TRY(visit_exprs(t, a->defaults));
    TRY(visit_exprs(t, a->kw_defaults));
    TRY(visit_annotations(t, s, a, s->FunctionDef.returns));
    TRY(visit_exprs(t, s->FunctionDef.decorator_list));
    TRY(enter_block(t, s->FunctionDef.name, BLOCK_FUNCTION, s, s->pos));
    t->current->is_coroutine = is_async;
    TRY(define_arguments(t, a));
    TRY(visit_stmts(t, s->FunctionDef.body));
    return exit_block(t);
}

static int visit_lambda(Symtable *t, Expr *e)
{
    const Arguments *a = e->Lambda.args;
    TRY(visit_exprs(t, a->defaults));
    TRY(visit_exprs(t, a->kw_defaults));
    TRY(enter_block(t, NAME(lambda), BLOCK_FUNCTION, e, e->pos));
    TRY(define_arguments(t, a));
    TRY(visit_expr(t, e->Lambda.body));
    return exit_block(t);
}

static int visit_class(Symtable *t, Stmt *s)
{
    TRY(define(t, s->ClassDef.name, SYMBOL_LOCAL, s->pos));
    TRY(visit_exprs(t, s->ClassDef.bases));
    TRY(visit_keywords(t, s->ClassDef.keywords));
    TRY(visit_exprs(t, s->ClassDef.decorator_list));
    TRY(enter_block(t, s->ClassDef.name, BLOCK_CLASS, s, s->pos));
    PyObject *outer = t->private_name;
    t->private_name = s->ClassDef.name;
    TRY(visit_stmts(t, s->ClassDef.body));
    t->private_name = outer;
    return exit_block(t);
}

/* ---- Comprehensions and named expressions ---------------------------------------------------- */

static int visit_target(Symtable *t, Comprehension *c)
{
    t->current->in_comp_iter_target = true;
    TRY(visit_expr(t, c->target));
    t->current->in_comp_iter_target = false;
    return 0;
}

static int visit_iterable(Symtable *t, Comprehension *c)
{
    t->current->comp_iter_expr++;
    TRY(visit_expr(t, c->iter));
    t->current->comp_iter_expr--;
    return 0;
}

/* `value` is visited before `element`: for a dict it is the key. */
static int visit_comprehension(Symtable *t, Expr *e, PyObject *name, ComprehensionKind kind,
                               const ComprehensionSeq *generators, Expr *element, Expr *value)
{
    Comprehension *outermost = generators->items[0];
    TRY(visit_iterable(t, outermost));
    TRY(enter_block(t, name, BLOCK_FUNCTION, e, e->pos));
    t->current->comprehension = kind;
    if (outermost->is_async) t->current->is_coroutine = true;
    TRY(define(t, NAME(dot_zero), SYMBOL_PARAM, e->pos));
    TRY(visit_target(t, outermost));
    TRY(visit_exprs(t, outermost->ifs));
    for (Py_ssize_t i = 1; i < generators->size; i++) {
        Comprehension *c = generators->items[i];
        TRY(visit_target(t, c));
        TRY(visit_iterable(t, c));
        TRY(visit_exprs(t, c->ifs));
        if (c->is_async) t->current->is_coroutine = true;
    }
    TRY(visit_optional(t, value));
    TRY(visit_expr(t, element));
    bool is_generator = kind == COMPREHENSION_GENERATOR;
    t->current->is_generator = is_generator;
    bool is_async = t->current->is_coroutine && !is_generator;
    TRY(exit_block(t));
    if (is_async) t->current->is_coroutine = true;
    return 0;
}

/* The target of `:=` inside a comprehension belongs to the innermost block around it that is no
 * comprehension. */
static int bind_outside_comprehensions(Symtable *t, Expr *target)
{
    PyObject *name = target->Name.id;
    for (Py_ssize_t i = PyList_GET_SIZE(t->stack) - 1; i >= 0; i--) {
        SymtableEntry *entry = (SymtableEntry *)PyList_GET_ITEM(t->stack, i);
        long bits = symtable_entry_bits(entry, name);
        if (bits < 0) return -1;
        if (entry->comprehension) {
            if ((bits & SYMBOL_COMP_ITER) && (bits & SYMBOL_LOCAL)) {
                PyErr_Format(
                    PyExc_SyntaxError,
                    "assignment expression cannot rebind comprehension iteration variable '%U'",
                    name);
                return syntax_error_at(t->filename, target->pos);
            }
            continue;
        }
        if (entry->type == BLOCK_FUNCTION) {
            TRY(define(t, name, bits & SYMBOL_GLOBAL ? SYMBOL_GLOBAL : SYMBOL_NONLOCAL,
                       target->pos));
            TRY(record_directive(t, name, target->pos));
            return define_in(t, name, SYMBOL_LOCAL, entry, target->pos);
        }
        if (entry->type == BLOCK_MODULE) {
            TRY(define(t, name, SYMBOL_GLOBAL, target->pos));
            TRY(record_directive(t, name, target->pos));
            return define_in(t, name, SYMBOL_GLOBAL, entry, target->pos);
        }
        if (entry->type == BLOCK_CLASS) {
            PyErr_SetString(
                PyExc_SyntaxError,
                "assignment expression within a comprehension cannot be used in a class body");
            return syntax_error_at(t->filename, target->pos);
        }
    }
    return 0;
}

static int forbid_in_annotation(Symtable *t, const char *what, Expr *e)
{
    if (t->current->type != BLOCK_ANNOTATION) return 0;
    PyErr_Format(PyExc_SyntaxError, "'%s' can not be used within an annotation", what);
    return syntax_error_at(t->filename, e->pos);
}

static int visit_named_expr(Symtable *t, Expr *e)
{
    TRY(forbid_in_annotation(t, "named expression", e));
    if (t->current->comp_iter_expr > 0) {
        PyErr_SetString(
            PyExc_SyntaxError,
            "assignment expression cannot be used in a comprehension iterable expression");
        return syntax_error_at(t->filename, e->pos);
    }
    if (t->current->comprehension) TRY(bind_outside_comprehensions(t, e->NamedExpr.target));
    TRY(visit_expr(t, e->NamedExpr.value));
    return visit_expr(t, e->NamedExpr.target);
}

static int visit_yield(Symtable *t, Expr *e, Expr *value)
{
    TRY(forbid_in_annotation(t, "yield expression", e));
    TRY(visit_optional(t, value));
    t->current->is_generator = true;
    static const char *const where[] = {
        [COMPREHENSION_LIST] = "'yield' inside list comprehension",
        [COMPREHENSION_SET] = "'yield' inside set comprehension",
        [COMPREHENSION_DICT] = "'yield' inside dict comprehension",
        [COMPREHENSION_GENERATOR] = "'yield' inside generator expression",
    };
    if (!t->current->comprehension) return 0;
    PyErr_SetString(PyExc_SyntaxError, where[t->current->comprehension]);
    return syntax_error_at(t->filename, e->pos);
}

/* ---- Expressions and patterns ---------------------------------------------------------------- */

static int visit_name(Symtable *t, Expr *e)
{
    bool loads = e->Name.ctx == expr_context_Load;
    TRY(define(t, e->Name.id, loads ? SYMBOL_USE : SYMBOL_LOCAL, e->pos));
    /* super() without arguments finds its class through __class__. */
    if (loads && t->current->type == BLOCK_FUNCTION &&
        _PyUnicode_EqualToASCIIString(e->Name.id, "super")) {
        return define(t, NAME(__class__), SYMBOL_USE, e->pos);
    }
    return 0;
}

static int visit_expr_kind(Symtable *t, Expr *e)
{
    switch (e->kind) {
    case expr_NamedExpr: return visit_named_expr(t, e);
    case expr_BoolOp: return visit_exprs(t, e->BoolOp.values);
    case expr_BinOp:
        TRY(visit_expr(t, e->BinOp.left));
        return visit_expr(t, e->BinOp.right);
    case expr_UnaryOp: return visit_expr(t, e->UnaryOp.operand);
    case expr_Lambda: return visit_lambda(t, e);
    case expr_IfExp:
        TRY(visit_expr(t, e->IfExp.test));
        TRY(visit_expr(t, e->IfExp.body));
        return visit_expr(t, e->IfExp.orelse);
    case expr_Dict:
        TRY(visit_exprs(t, e->Dict.keys));
        return visit_exprs(t, e->Dict.values);
    case expr_Set: return visit_exprs(t, e->Set.elts);
    case expr_GeneratorExp:
        return visit_comprehension(t, e, NAME(genexpr), COMPREHENSION_GENERATOR,
                                   e->GeneratorExp.generators, e->GeneratorExp.elt, NULL);
    case expr_ListComp:
        return visit_comprehension(t, e, NAME(listcomp), COMPREHENSION_LIST, e->ListComp.generators,
                                   e->ListComp.elt, NULL);
    case expr_SetComp:
        return visit_comprehension(t, e, NAME(setcomp), COMPREHENSION_SET, e->SetComp.generators,
                                   e->SetComp.elt, NULL);
    case expr_DictComp:
        return visit_comprehension(t, e, NAME(dictcomp), COMPREHENSION_DICT, e->DictComp.generators,
                                   e->DictComp.key, e->DictComp.value);
    case expr_Yield: return visit_yield(t, e, e->Yield.value);
    case expr_YieldFrom: return visit_yield(t, e, e->YieldFrom.value);
    case expr_Await:
        TRY(forbid_in_annotation(t, "await expression", e));
        TRY(visit_expr(t, e->Await.value));
        t->current->is_coroutine = true;
        return 0;
    case expr_Compare:
        TRY(visit_expr(t, e->Compare.left));
        return visit_exprs(t, e->Compare.comparators);
    case expr_Call:
        TRY(visit_expr(t, e->Call.func));
        TRY(visit_exprs(t, e->Call.args));
        return visit_keywords(t, e->Call.keywords);
    case expr_FormattedValue:
        TRY(visit_expr(t, e->FormattedValue.value));
        return visit_optional(t, e->FormattedValue.format_spec);
    case expr_JoinedStr: return visit_exprs(t, e->JoinedStr.values);
    case expr_Constant: return 0;
    case expr_Attribute: return visit_expr(t, e->Attribute.value);
    case expr_Subscript:
        TRY(visit_expr(t, e->Subscript.value));
        return visit_expr(t, e->Subscript.slice);
    case expr_Starred: return visit_expr(t, e->Starred.value);
    case expr_Slice:
        TRY(visit_optional(t, e->Slice.lower));
        TRY(visit_optional(t, e->Slice.upper));
        return visit_optional(t, e->Slice.step);
    case expr_Name: return visit_name(t, e);
    case expr_List: return visit_exprs(t, e->List.elts);
    case expr_Tuple: return visit_exprs(t, e->Tuple.elts);
    case expr_none_: break;
    }
    Py_UNREACHABLE();
}

static int visit_expr(Symtable *t, Expr *e)
{
    if (++t->recursion_depth > t->recursion_limit || c_stack_is_low("")) return compiler_recursion_error();
    int status = visit_expr_kind(t, e);
    t->recursion_depth--;
    return status;
}

static int visit_pattern_kind(Symtable *t, Pattern *p)
{
    switch (p->kind) {
    case pattern_MatchValue: return visit_expr(t, p->MatchValue.value);
    case pattern_MatchSingleton: return 0;
    case pattern_MatchSequence: return visit_patterns(t, p->MatchSequence.patterns);
    case pattern_MatchStar:
        return p->MatchStar.name ? define(t, p->MatchStar.name, SYMBOL_LOCAL, p->pos) : 0;
    case pattern_MatchMapping:
        TRY(visit_exprs(t, p->MatchMapping.keys));
        TRY(visit_patterns(t, p->MatchMapping.patterns));
        return p->MatchMapping.rest ? define(t, p->MatchMapping.rest, SYMBOL_LOCAL, p->pos) : 0;
    case pattern_MatchClass:
        TRY(visit_expr(t, p->MatchClass.cls));
        TRY(visit_patterns(t, p->MatchClass.patterns));
        return visit_patterns(t, p->MatchClass.kwd_patterns);
    case pattern_MatchAs:
        if (p->MatchAs.pattern) TRY(visit_pattern(t, p->MatchAs.pattern));
        return p->MatchAs.name ? define(t, p->MatchAs.name, SYMBOL_LOCAL, p->pos) : 0;
    case pattern_MatchOr: return visit_patterns(t, p->MatchOr.patterns);
    case pattern_none_: break;
    }
    Py_UNREACHABLE();
}

static int visit_pattern(Symtable *t, Pattern *p)
{
    if (++t->recursion_depth > t->recursion_limit || c_stack_is_low("")) return compiler_recursion_error();
    int status = visit_pattern_kind(t, p);
    t->recursion_depth--;
    return status;
}

/* ---- Statements ------------------------------------------------------------------------------ */

static int visit_ann_assign(Symtable *t, Stmt *s)
{
    Expr *target = s->AnnAssign.target;
    if (target->kind == expr_Name) {
        long bits = current_bits(t, target->Name.id);
        if (bits < 0) return -1;
        if ((bits & (SYMBOL_GLOBAL | SYMBOL_NONLOCAL)) &&
            t->current->symbols != t->global_symbols && s->AnnAssign.simple) {
            PyErr_Format(PyExc_SyntaxError,
                         bits & SYMBOL_GLOBAL ? "annotated name '%U' can't be global"
                                              : "annotated name '%U' can't be nonlocal",
                         target->Name.id);
            return syntax_error_at(t->filename, s->pos);
        }
        if (s->AnnAssign.simple) {
            TRY(define(t, target->Name.id, SYMBOL_ANNOT | SYMBOL_LOCAL, target->pos));
        } else if (s->AnnAssign.value) {
            TRY(define(t, target->Name.id, SYMBOL_LOCAL, target->pos));
        }
    } else {
        TRY(visit_expr(t, target));
    }
    TRY(visit_annotation(t, s->AnnAssign.annotation));
    return visit_optional(t, s->AnnAssign.value);
}

static int visit_directive(Symtable *t, Stmt *s, const IdentifierSeq *names, int flag,
                           const char *kind)
{
    for (Py_ssize_t i = 0; i < names->size; i++) {
        PyObject *name = names->items[i];
        long bits = current_bits(t, name);
        if (bits < 0) return -1;
        if (bits & (SYMBOL_PARAM | SYMBOL_LOCAL | SYMBOL_USE | SYMBOL_ANNOT)) {
            const char *format = bits & SYMBOL_PARAM ? "name '%U' is parameter and %s"
                                 : bits & SYMBOL_USE ? "name '%U' is used prior to %s declaration"
                                 : bits & SYMBOL_ANNOT
                                     ? "annotated name '%U' can't be %s"
                                     : "name '%U' is assigned to before %s declaration";
            PyErr_Format(PyExc_SyntaxError, format, name, kind);
            return syntax_error_at(t->filename, s->pos);
        }
        TRY(define(t, name, flag, s->pos));
        TRY(record_directive(t, name, s->pos));
    }
    return 0;
}

static int visit_alias(Symtable *t, const Alias *a)
{
    PyObject *name = a->asname ? a->asname : a->name;
    if (PyUnicode_GET_LENGTH(name) == 1 && PyUnicode_READ_CHAR(name, 0) == '*') {
        if (t->current->type == BLOCK_MODULE) return 0;
        PyErr_SetString(PyExc_SyntaxError, "import * only allowed at module level");
        return syntax_error_at(t->filename, a->pos);
    }
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), 1);
    if (dot < 0) return define(t, name, SYMBOL_IMPORT, a->pos);
    PyObject *first = PyUnicode_Substring(name, 0, dot);
    if (!first) return -1;
    int status = define(t, first, SYMBOL_IMPORT, a->pos);
    Py_DECREF(first);
    return status;
}

static int visit_aliases(Symtable *t, const AliasSeq *names)
{
    for (Py_ssize_t i = 0; i < names->size; i++) TRY(visit_alias(t, names->items[i]));
    return 0;
}

static int visit_try(Symtable *t, Stmt *s)
{
    /* Try and TryStar have the same fields in the same order. */
    TRY(visit_stmts(t, s->Try.body));
    TRY(visit_stmts(t, s->Try.orelse));
    for (Py_ssize_t i = 0; i < s->Try.handlers->size; i++) {
        ExceptHandler *h = s->Try.handlers->items[i];
        TRY(visit_optional(t, h->ExceptHandler.type));
        if (h->ExceptHandler.name) TRY(define(t, h->ExceptHandler.name, SYMBOL_LOCAL, h->pos));
        TRY(visit_stmts(t, h->ExceptHandler.body));
    }
    return visit_stmts(t, s->Try.finalbody);
}

static int visit_with(Symtable *t, const WithItemSeq *items, const StmtSeq *body)
{
    for (Py_ssize_t i = 0; i < items->size; i++) {
        TRY(visit_expr(t, items->items[i]->context_expr));
        TRY(visit_optional(t, items->items[i]->optional_vars));
    }
    return visit_stmts(t, body);
}

static int visit_match(Symtable *t, Stmt *s)
{
    TRY(visit_expr(t, s->Match.subject));
    for (Py_ssize_t i = 0; i < s->Match.cases->size; i++) {
        MatchCase *c = s->Match.cases->items[i];
        TRY(visit_pattern(t, c->pattern));
        TRY(visit_optional(t, c->guard));
        TRY(visit_stmts(t, c->body));
    }
    return 0;
}

static int visit_for(Symtable *t, Stmt *s)
{
    /* For and AsyncFor have the same fields in the same order. */
    TRY(visit_expr(t, s->For.target));
    TRY(visit_expr(t, s->For.iter));
    TRY(visit_stmts(t, s->For.body));
    return visit_stmts(t, s->For.orelse);
}

static int visit_stmt_kind(Symtable *t, Stmt *s)
{
    switch (s->kind) {
    case stmt_FunctionDef: return visit_function(t, s, false);
    case stmt_AsyncFunctionDef: return visit_function(t, s, true);
    case stmt_ClassDef: return visit_class(t, s);
    case stmt_Return:
        TRY(visit_optional(t, s->Return.value));
        if (s->Return.value) t->current->returns_value = true;
        return 0;
    case stmt_Delete: return visit_exprs(t, s->Delete.targets);
    case stmt_Assign:
        TRY(visit_exprs(t, s->Assign.targets));
        return visit_expr(t, s->Assign.value);
    case stmt_AugAssign:
        TRY(visit_expr(t, s->AugAssign.target));
        return visit_expr(t, s->AugAssign.value);
    case stmt_AnnAssign: return visit_ann_assign(t, s);
    case stmt_For:
    case stmt_AsyncFor: return visit_for(t, s);
    case stmt_While:
        TRY(visit_expr(t, s->While.test));
        TRY(visit_stmts(t, s->While.body));
        return visit_stmts(t, s->While.orelse);
    case stmt_If:
        TRY(visit_expr(t, s->If.test));
        TRY(visit_stmts(t, s->If.body));
        return visit_stmts(t, s->If.orelse);
    case stmt_Match: return visit_match(t, s);
    case stmt_Raise:
        TRY(visit_optional(t, s->Raise.exc));
        return visit_optional(t, s->Raise.cause);
    case stmt_Try:
    case stmt_TryStar: return visit_try(t, s);
    case stmt_Assert:
        TRY(visit_expr(t, s->Assert.test));
        return visit_optional(t, s->Assert.msg);
    case stmt_Import: return visit_aliases(t, s->Import.names);
    case stmt_ImportFrom: return visit_aliases(t, s->ImportFrom.names);
    case stmt_Global: return visit_directive(t, s, s->Global.names, SYMBOL_GLOBAL, "global");
    case stmt_Nonlocal:
        return visit_directive(t, s, s->Nonlocal.names, SYMBOL_NONLOCAL, "nonlocal");
    case stmt_Expr: return visit_expr(t, s->Expr.value);
    case stmt_With: return visit_with(t, s->With.items, s->With.body);
    case stmt_AsyncWith: return visit_with(t, s->AsyncWith.items, s->AsyncWith.body);
    case stmt_Pass:
    case stmt_Break:
    case stmt_Continue: return 0;
    case stmt_none_: break;
    }
    Py_UNREACHABLE();
}

static int visit_stmt(Symtable *t, Stmt *s)
{
    if (++t->recursion_depth > t->recursion_limit || c_stack_is_low("")) return compiler_recursion_error();
    int status = visit_stmt_kind(t, s);
    t->recursion_depth--;
    return status;
}

/* ---- Entry ----------------------------------------------------------------------------------- */

static int visit_module(Symtable *t, Mod *mod)
{
    TRY(enter_block(t, NAME(top), BLOCK_MODULE, mod, (AstPosition){0, 0, 0, 0}));
    t->top = t->current;
    switch (mod->kind) {
    case mod_Module: TRY(visit_stmts(t, mod->Module.body)); break;
    case mod_Interactive: TRY(visit_stmts(t, mod->Interactive.body)); break;
    case mod_Expression: TRY(visit_expr(t, mod->Expression.body)); break;
    default:
        PyErr_SetString(PyExc_RuntimeError, "this compiler does not handle FunctionTypes");
        return -1;
    }
    TRY(exit_block(t));
    return symtable_analyze(t);
}

Symtable *symtable_build(Mod *mod, PyObject *filename, const FutureFeatures *future)
{
    Symtable *t = PyMem_Calloc(1, sizeof(*t));
    if (!t) {
        PyErr_NoMemory();
        return NULL;
    }
    t->filename = filename;
    t->future = future;
    t->entries = PyDict_New();
    t->stack = PyList_New(0);
    compiler_recursion_limits(&t->recursion_depth, &t->recursion_limit);
    if (!t->entries || !t->stack || visit_module(t, mod) < 0) {
        symtable_free(t);
        return NULL;
    }
    return t;
}
