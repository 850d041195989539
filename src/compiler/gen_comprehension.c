/* Code for comprehensions and generator expressions: a function of its own, called at once with
 * the first iterator. */
#include "compiler/unit.h"
#include "objects/recursion.h"

typedef struct {
    Expr *node;
    const ComprehensionSeq *generators;
    Expr *element, *value;      /* of a dict: key and value */
    PyObject *name;             /* borrowed */
    int build;                  /* opcode that makes the empty result, 0 for a generator */
} Form;

static Form form_of(Expr *e)
{
    switch (e->kind) {
    case expr_ListComp:
        return (Form){e,    e->ListComp.generators, e->ListComp.elt,
                      NULL, NAME(listcomp_),        OP_BUILD_LIST};
    case expr_SetComp:
        return (Form){e, e->SetComp.generators, e->SetComp.elt, NULL, NAME(setcomp_), OP_BUILD_SET};
    case expr_DictComp:
        return (Form){e,
                      e->DictComp.generators,
                      e->DictComp.key,
                      e->DictComp.value,
                      NAME(dictcomp_),
                      OP_BUILD_MAP};
    default:
        return (Form){e, e->GeneratorExp.generators, e->GeneratorExp.elt, NULL, NAME(genexpr_), 0};
    }
}

static int gen_level(Compiler *c, const Form *f, Py_ssize_t level, int depth);

/* The innermost body: add an element to the collection that lies `depth` iterators deep. */
static int gen_innermost(Compiler *c, const Form *f, int depth)
{
    TRY(gen_expr(c, f->element));
    switch (f->build) {
    case OP_BUILD_LIST: return emit_arg(c, OP_LIST_APPEND, depth + 1);
    case OP_BUILD_SET: return emit_arg(c, OP_SET_ADD, depth + 1);
    case OP_BUILD_MAP:
        TRY(gen_expr(c, f->value));
        return emit_arg(c, OP_MAP_ADD, depth + 1);
    default:
        if (c->unit->entry->is_coroutine && c->unit->entry->is_generator) {
            TRY(emit(c, OP_ASYNC_GEN_WRAP));
        }
        TRY(emit(c, OP_YIELD_VALUE));
        TRY(emit_arg(c, OP_RESUME, 1));
        return emit(c, OP_POP_TOP);
    }
}

static int gen_conditions_and_body(Compiler *c, const Form *f, Py_ssize_t level, int depth,
                                   Block *skip)
{
    const ExprSeq *ifs = f->generators->items[level]->ifs;
    for (Py_ssize_t i = 0; i < ifs->size; i++) TRY(gen_jump_if(c, ifs->items[i], skip, false));
    return level + 1 < f->generators->size ? gen_level(c, f, level + 1, depth)
                                           : gen_innermost(c, f, depth);
}

/* `for y in [x]` inside a comprehension is how people name a temporary: no loop is made of it. */
static Expr *only_element(const Expr *iter)
{
    if (iter->kind != expr_List && iter->kind != expr_Tuple) return NULL;
    const ExprSeq *elts = iter->kind == expr_List ? iter->List.elts : iter->Tuple.elts;
    return elts->size == 1 && elts->items[0]->kind != expr_Starred ? elts->items[0] : NULL;
}

static int gen_sync_level(Compiler *c, const Form *f, Py_ssize_t level, int depth)
{
    if (c_stack_is_low(" during compilation")) return -1;
    Comprehension *generator = f->generators->items[level];
    Expr *only = level ? only_element(generator->iter) : NULL;
    NEW_BLOCK(start);
    NEW_BLOCK(skip);
    NEW_BLOCK(end);
    if (level == 0) {
        c->unit->argcount = 1;
        TRY(emit_arg(c, OP_LOAD_FAST, 0));
    } else if (only) {
        TRY(gen_expr(c, only));
    } else {
        TRY(gen_expr(c, generator->iter));
        TRY(emit(c, OP_GET_ITER));
    }
    if (!only) {
        depth++;
        use_block(c, start);
        TRY(emit_jump(c, OP_FOR_ITER, end));
    }
    TRY(gen_expr(c, generator->target));
    TRY(gen_conditions_and_body(c, f, level, depth, skip));
    use_block(c, skip);
    if (!only) {
        TRY(emit_jump(c, OP_JUMP, start));
        use_block(c, end);
    }
    return 0;
}

static int gen_async_level(Compiler *c, const Form *f, Py_ssize_t level, int depth)
{
    Comprehension *generator = f->generators->items[level];
    NEW_BLOCK(start);
    NEW_BLOCK(handler);
    NEW_BLOCK(skip);
    if (level == 0) {
        c->unit->argcount = 1;
        TRY(emit_arg(c, OP_LOAD_FAST, 0));
    } else {
        TRY(gen_expr(c, generator->iter));
        TRY(emit(c, OP_GET_AITER));
    }
    use_block(c, start);
    TRY(nest_push(c, NEST_ASYNC_COMPREHENSION, start, NULL, NULL));
    TRY(emit_jump(c, OP_SETUP_FINALLY, handler));
    TRY(emit(c, OP_GET_ANEXT));
    TRY(emit_const(c, Py_None));
    TRY(gen_yield_from(c, true));
    TRY(emit(c, OP_POP_BLOCK));
    TRY(gen_expr(c, generator->target));
    TRY(gen_conditions_and_body(c, f, level, depth + 1, skip));
    use_block(c, skip);
    TRY(emit_jump(c, OP_JUMP, start));
    nest_pop(c);
    use_block(c, handler);
    return emit(c, OP_END_ASYNC_FOR);
}

static int gen_level(Compiler *c, const Form *f, Py_ssize_t level, int depth)
{
    return f->generators->items[level]->is_async ? gen_async_level(c, f, level, depth)
                                                 : gen_sync_level(c, f, level, depth);
}

static int gen_comprehension_body(Compiler *c, const Form *f)
{
    set_pos(c, f->node->pos);
    if (f->build) TRY(emit_arg(c, f->build, 0));
    TRY(gen_level(c, f, 0, 0));
    return f->build ? emit(c, OP_RETURN_VALUE) : 0;
}

int gen_comprehension(Compiler *c, Expr *e)
{
    Form f = form_of(e);
    UnitType outer_type = c->unit->type;
    bool top_level_await = is_top_level_await(c);
    TRY(unit_enter(c, f.name, UNIT_COMPREHENSION, e, e->pos.lineno));
    bool awaited = c->unit->entry->is_coroutine && f.build;
    if (awaited && outer_type != UNIT_ASYNC_FUNCTION && outer_type != UNIT_COMPREHENSION &&
        !top_level_await) {
        set_pos(c, e->pos);
        return compiler_error(c, "asynchronous comprehension outside of an asynchronous function");
    }
    bool is_coroutine = c->unit->entry->is_coroutine;
    PyCodeObject *code = gen_comprehension_body(c, &f) < 0 ? NULL : unit_assemble(c, true);
    if (!code) return -1;
    TRY(gen_finish_function_steal(c, code, 0));
    if (top_level_await && is_coroutine) c->unit->entry->is_coroutine = true;
    TRY(gen_expr(c, f.generators->items[0]->iter));
    TRY(emit(c, f.generators->items[0]->is_async ? OP_GET_AITER : OP_GET_ITER));
    TRY(emit_call(c, 0));
    return awaited ? gen_await_rest(c, 0) : 0;
}
