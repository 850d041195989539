/* Code for calls. */
#include "compiler/unit.h"

static PyObject *keyword_names(const KeywordSeq *keywords, Py_ssize_t begin, Py_ssize_t end)
{
    PyObject *names = PyTuple_New(end - begin);
    for (Py_ssize_t i = begin; names && i < end; i++) {
        PyTuple_SET_ITEM(names, i - begin, Py_NewRef(keywords->items[i]->arg));
    }
    return names;
}

static int check_keywords(Compiler *c, const KeywordSeq *keywords)
{
    for (Py_ssize_t i = 0; i < keywords->size; i++) {
        Keyword *key = keywords->items[i];
        if (!key->arg) continue;
        TRY(check_forbidden_name(c, key->arg, expr_context_Store));
        for (Py_ssize_t j = i + 1; j < keywords->size; j++) {
            Keyword *other = keywords->items[j];
            if (other->arg && PyUnicode_Compare(key->arg, other->arg) == 0) {
                set_pos(c, other->pos);
                return compiler_error(c, "keyword argument repeated: %U", key->arg);
            }
        }
    }
    return 0;
}

/* Values of keyword arguments, and KW_NAMES for the call that follows. */
static int gen_keywords(Compiler *c, const KeywordSeq *keywords)
{
    if (keywords->size == 0) return 0;
    for (Py_ssize_t i = 0; i < keywords->size; i++) TRY(gen_expr(c, keywords->items[i]->value));
    PyObject *names = keyword_names(keywords, 0, keywords->size);
    if (!names) return -1;
    Py_ssize_t index = unit_add_const(c, names);
    Py_DECREF(names);
    return index < 0 ? -1 : emit_arg(c, OP_KW_NAMES, index);
}

static bool has_unpacking(const ExprSeq *args, const KeywordSeq *keywords)
{
    for (Py_ssize_t i = 0; i < args->size; i++) {
        if (args->items[i]->kind == expr_Starred) return true;
    }
    for (Py_ssize_t i = 0; i < keywords->size; i++) {
        if (!keywords->items[i]->arg) return true;
    }
    return false;
}

/* Keyword arguments begin..end as a dict. */
static int gen_keyword_dict(Compiler *c, const KeywordSeq *keywords, Py_ssize_t begin,
                            Py_ssize_t end)
{
    Py_ssize_t n = end - begin;
    bool big = n * 2 > STACK_USE_GUIDELINE;
    if (n > 1 && !big) {
        for (Py_ssize_t i = begin; i < end; i++) TRY(gen_expr(c, keywords->items[i]->value));
        TRY(emit_const_steal(c, keyword_names(keywords, begin, end)));
        return emit_arg(c, OP_BUILD_CONST_KEY_MAP, n);
    }
    if (big) TRY(emit_arg(c, OP_BUILD_MAP, 0));
    for (Py_ssize_t i = begin; i < end; i++) {
        TRY(emit_const(c, keywords->items[i]->arg));
        TRY(gen_expr(c, keywords->items[i]->value));
        if (big) TRY(flow_emit(&c->unit->flow, OP_MAP_ADD, 1, NULL, NO_POSITION));
    }
    return big ? 0 : emit_arg(c, OP_BUILD_MAP, n);
}

static int gen_merged_keywords(Compiler *c, const KeywordSeq *keywords)
{
    Py_ssize_t pending = 0, n = keywords->size;
    bool have_dict = false;
    for (Py_ssize_t i = 0; i < n; i++) {
        Keyword *keyword = keywords->items[i];
        if (keyword->arg) {
            pending++;
            continue;
        }
        if (pending) {
            TRY(gen_keyword_dict(c, keywords, i - pending, i));
            if (have_dict) TRY(emit_arg(c, OP_DICT_MERGE, 1));
            have_dict = true;
            pending = 0;
        }
        if (!have_dict) TRY(emit_arg(c, OP_BUILD_MAP, 0));
        have_dict = true;
        TRY(gen_expr(c, keyword->value));
        TRY(emit_arg(c, OP_DICT_MERGE, 1));
    }
    if (pending) {
        TRY(gen_keyword_dict(c, keywords, n - pending, n));
        if (have_dict) TRY(emit_arg(c, OP_DICT_MERGE, 1));
    }
    return 0;
}

/* Arguments and the call itself; the callable (over a NULL) and `pushed` first arguments are on
 * the stack. */
int gen_call_rest(Compiler *c, Py_ssize_t pushed, const ExprSeq *args, const KeywordSeq *keywords)
{
    TRY(check_keywords(c, keywords));
    if (args->size + keywords->size * 2 <= STACK_USE_GUIDELINE && !has_unpacking(args, keywords)) {
        TRY(gen_exprs(c, args));
        TRY(gen_keywords(c, keywords));
        return emit_call(c, pushed + args->size + keywords->size);
    }
    if (pushed == 0 && args->size == 1 && args->items[0]->kind == expr_Starred) {
        TRY(gen_expr(c, args->items[0]->Starred.value));
    } else {
        TRY(gen_elements(c, args, pushed, OP_BUILD_LIST, OP_LIST_APPEND, OP_LIST_EXTEND, true));
    }
    if (keywords->size) TRY(gen_merged_keywords(c, keywords));
    return emit_arg(c, OP_CALL_FUNCTION_EX, keywords->size > 0);
}

/* Attributes of what the module's global scope imports are probably no methods. */
static bool is_imported(const Compiler *c, const Expr *e)
{
    return e->kind == expr_Name &&
           (symtable_entry_bits(c->symtable->top, e->Name.id) & SYMBOL_IMPORT);
}

static bool is_method_call(const Compiler *c, const Expr *e)
{
    const Expr *f = e->Call.func;
    Py_ssize_t nargs = e->Call.args->size, nkeywords = e->Call.keywords->size;
    return f->kind == expr_Attribute && f->Attribute.ctx == expr_context_Load &&
           !is_imported(c, f->Attribute.value) &&
           nargs + nkeywords + (nkeywords != 0) < STACK_USE_GUIDELINE &&
           !has_unpacking(e->Call.args, e->Call.keywords);
}

static int gen_method_call(Compiler *c, Expr *e)
{
    Expr *method = e->Call.func;
    TRY(gen_expr(c, method->Attribute.value));
    set_pos(c, method->pos);
    set_pos_of_attribute(c, method);
    TRY(emit_name(c, OP_LOAD_METHOD, method->Attribute.attr));
    TRY(gen_exprs(c, e->Call.args));
    TRY(gen_keywords(c, e->Call.keywords));
    set_pos(c, e->pos);
    set_pos_of_attribute(c, method);
    return emit_call(c, e->Call.args->size + e->Call.keywords->size);
}

int gen_call(Compiler *c, Expr *e)
{
    TRY(check_keywords(c, e->Call.keywords));
    if (is_method_call(c, e)) return gen_method_call(c, e);
    TRY(check_caller(c, e->Call.func));
    set_pos(c, e->Call.func->pos);
    TRY(emit(c, OP_PUSH_NULL));
    set_pos(c, e->pos);
    TRY(gen_expr(c, e->Call.func));
    return gen_call_rest(c, 0, e->Call.args, e->Call.keywords);
}
