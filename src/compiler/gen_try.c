/* Code for statements that protect a region: try, except*, with; and for leaving them early. */
#include "compiler/unit.h"

/* End of a handler that failed itself: [exc_info, lasti, exc] -> the exception goes on, from
 * where it was raised. */
static int emit_pop_except_and_reraise(Compiler *c)
{
    TRY(emit_arg(c, OP_COPY, 3));
    TRY(emit(c, OP_POP_EXCEPT));
    return emit_arg(c, OP_RERAISE, 1);
}

/* `except … as name` unbinds the name at its end. */
static int gen_unbind(Compiler *c, PyObject *name)
{
    if (!name) return 0;
    TRY(emit_const(c, Py_None));
    TRY(emit_nameop(c, name, expr_context_Store));
    return emit_nameop(c, name, expr_context_Del);
}

static int gen_exit_with_nones(Compiler *c)
{
    TRY(emit_const(c, Py_None));
    TRY(emit_const(c, Py_None));
    TRY(emit_const(c, Py_None));
    return emit_call(c, 2);
}

/* ---- Leaving early --------------------------------------------------------------------------- */

static int swap_if(Compiler *c, bool keep_top)
{
    return keep_top ? emit_arg(c, OP_SWAP, 2) : 0;
}

static int gen_unwind_with(Compiler *c, const Nest *nest, bool keep_top)
{
    set_pos(c, ((const Stmt *)nest->datum)->pos);
    TRY(emit(c, OP_POP_BLOCK));
    TRY(swap_if(c, keep_top));
    TRY(gen_exit_with_nones(c));
    if (nest->kind == NEST_ASYNC_WITH) TRY(gen_await_rest(c, 2));
    TRY(emit(c, OP_POP_TOP));
    /* What follows belongs to the statement that leaves, which has had its event already. */
    unset_pos(c);
    return 0;
}

static int gen_unwind_finally(Compiler *c, const Nest *nest, bool keep_top)
{
    TRY(emit(c, OP_POP_BLOCK));
    if (keep_top) TRY(nest_push(c, NEST_POP_VALUE, NULL, NULL, NULL));
    TRY(gen_stmts(c, nest->datum));
    if (keep_top) nest_pop(c);
    unset_pos(c);
    return 0;
}

/* Undoes one nest; `keep_top` when a value to be returned lies on top of the stack. */
int gen_unwind_one(Compiler *c, const Nest *nest, bool keep_top)
{
    switch (nest->kind) {
    case NEST_WHILE:
    case NEST_EXCEPTION_HANDLER:
    case NEST_EXCEPTION_GROUP_HANDLER:
    case NEST_ASYNC_COMPREHENSION: return 0;
    case NEST_FOR:
    case NEST_POP_VALUE:
        TRY(swap_if(c, keep_top));
        return emit(c, OP_POP_TOP);
    case NEST_TRY_EXCEPT: return emit(c, OP_POP_BLOCK);
    case NEST_FINALLY_TRY: return gen_unwind_finally(c, nest, keep_top);
    case NEST_FINALLY_END:
        TRY(swap_if(c, keep_top));
        TRY(emit(c, OP_POP_TOP));
        TRY(swap_if(c, keep_top));
        TRY(emit(c, OP_POP_BLOCK));
        return emit(c, OP_POP_EXCEPT);
    case NEST_WITH:
    case NEST_ASYNC_WITH: return gen_unwind_with(c, nest, keep_top);
    case NEST_HANDLER_CLEANUP:
        if (nest->datum) TRY(emit(c, OP_POP_BLOCK));
        TRY(swap_if(c, keep_top));
        TRY(emit(c, OP_POP_BLOCK));
        TRY(emit(c, OP_POP_EXCEPT));
        return gen_unbind(c, (PyObject *)nest->datum);
    }
    Py_UNREACHABLE();
}

/* While code for leaving a nest is made, the nest is off the list: a finally block that returns
 * must not leave itself. */
int gen_unwind(Compiler *c, bool keep_top, Nest **loop)
{
    Unit *u = c->unit;
    if (u->nest_count == 0) return 0;
    Nest *top = &u->nests[u->nest_count - 1];
    if (top->kind == NEST_EXCEPTION_GROUP_HANDLER) {
        return compiler_error(c,
                              "'break', 'continue' and 'return' cannot appear in an except* block");
    }
    if (loop && (top->kind == NEST_WHILE || top->kind == NEST_FOR)) {
        *loop = top;
        return 0;
    }
    Nest saved = *top;
    u->nest_count--;
    TRY(gen_unwind_one(c, &saved, keep_top));
    TRY(gen_unwind(c, keep_top, loop));
    u->nests[u->nest_count++] = saved;
    return 0;
}

/* ---- try … except ---------------------------------------------------------------------------- */

/* The body of a handler, protected by a second region when a name is to be unbound. */
static int gen_handler_body(Compiler *c, ExceptHandler *handler, Block *end)
{
    PyObject *name = handler->ExceptHandler.name;
    Block *cleanup_end = NULL;
    if (name) {
        if (!(cleanup_end = flow_block_new(&c->unit->flow))) return -1;
    }
    NEW_BLOCK(body);
    if (name) {
        TRY(emit_nameop(c, name, expr_context_Store));
        TRY(emit_jump(c, OP_SETUP_CLEANUP, cleanup_end));
    } else {
        TRY(emit(c, OP_POP_TOP));
    }
    use_block(c, body);
    TRY(nest_push(c, NEST_HANDLER_CLEANUP, body, NULL, name));
    TRY(gen_stmts(c, handler->ExceptHandler.body));
    nest_pop(c);
    unset_pos(c);
    if (name) TRY(emit(c, OP_POP_BLOCK));
    TRY(emit(c, OP_POP_BLOCK));
    TRY(emit(c, OP_POP_EXCEPT));
    TRY(gen_unbind(c, name));
    TRY(emit_jump(c, OP_JUMP, end));
    if (name) {
        use_block(c, cleanup_end);
        unset_pos(c);
        TRY(gen_unbind(c, name));
        TRY(emit_arg(c, OP_RERAISE, 1));
    }
    return 0;
}

static int gen_try_except(Compiler *c, Stmt *s)
{
    NEW_BLOCK(body);
    NEW_BLOCK(handlers);
    NEW_BLOCK(end);
    NEW_BLOCK(cleanup);
    TRY(emit_jump(c, OP_SETUP_FINALLY, handlers));
    use_block(c, body);
    TRY(nest_push(c, NEST_TRY_EXCEPT, body, NULL, NULL));
    TRY(gen_stmts(c, s->Try.body));
    nest_pop(c);
    TRY(emit_artificial(c, OP_POP_BLOCK));
    TRY(gen_stmts(c, s->Try.orelse));
    TRY(emit_artificial_jump(c, OP_JUMP, end));

    use_block(c, handlers);
    unset_pos(c);
    TRY(emit_jump(c, OP_SETUP_CLEANUP, cleanup));
    TRY(emit(c, OP_PUSH_EXC_INFO));
    TRY(nest_push(c, NEST_EXCEPTION_HANDLER, NULL, NULL, NULL));
    for (Py_ssize_t i = 0; i < s->Try.handlers->size; i++) {
        ExceptHandler *handler = s->Try.handlers->items[i];
        set_pos(c, handler->pos);
        if (!handler->ExceptHandler.type && i < s->Try.handlers->size - 1) {
            return compiler_error(c, "default 'except:' must be last");
        }
        NEW_BLOCK(next);
        if (handler->ExceptHandler.type) {
            TRY(gen_expr(c, handler->ExceptHandler.type));
            TRY(emit(c, OP_CHECK_EXC_MATCH));
            TRY(emit_jump(c, OP_POP_JUMP_IF_FALSE, next));
        }
        TRY(gen_handler_body(c, handler, end));
        use_block(c, next);
    }
    nest_pop(c);
    unset_pos(c);
    TRY(emit_arg(c, OP_RERAISE, 0));
    use_block(c, cleanup);
    TRY(emit_pop_except_and_reraise(c));
    use_block(c, end);
    return 0;
}

static int gen_finally(Compiler *c, Stmt *s, int (*gen_inner)(Compiler *, Stmt *))
{
    NEW_BLOCK(body);
    NEW_BLOCK(end);
    NEW_BLOCK(exit);
    NEW_BLOCK(cleanup);
    TRY(emit_jump(c, OP_SETUP_FINALLY, end));
    use_block(c, body);
    TRY(nest_push(c, NEST_FINALLY_TRY, body, end, s->Try.finalbody));
    TRY(s->Try.handlers->size ? gen_inner(c, s) : gen_stmts(c, s->Try.body));
    TRY(emit_artificial(c, OP_POP_BLOCK));
    nest_pop(c);
    TRY(gen_stmts(c, s->Try.finalbody));
    TRY(emit_artificial_jump(c, OP_JUMP, exit));

    use_block(c, end);
    TRY(nest_push(c, NEST_FINALLY_END, end, NULL, NULL));
    unset_pos(c);
    TRY(emit_jump(c, OP_SETUP_CLEANUP, cleanup));
    TRY(emit(c, OP_PUSH_EXC_INFO));
    TRY(gen_stmts(c, s->Try.finalbody));
    TRY(emit_arg(c, OP_RERAISE, 0));
    nest_pop(c);
    use_block(c, cleanup);
    TRY(emit_pop_except_and_reraise(c));
    use_block(c, exit);
    return 0;
}

int gen_try(Compiler *c, Stmt *s)
{
    return s->Try.finalbody->size ? gen_finally(c, s, gen_try_except) : gen_try_except(c, s);
}

/* ---- try … except* --------------------------------------------------------------------------- */

/* One clause. On entry the stack is [original, results, rest]; the clause's own exceptions are
 * added to results. */
static int gen_star_handler(Compiler *c, ExceptHandler *handler, bool first, bool last,
                            Block *reraise_star)
{
    set_pos(c, handler->pos);
    NEW_BLOCK(next);
    NEW_BLOCK(matched);
    if (first) {
        TRY(emit_arg(c, OP_COPY, 1));
        TRY(emit_arg(c, OP_BUILD_LIST, 0));
        TRY(emit_arg(c, OP_SWAP, 2));
    }
    if (handler->ExceptHandler.type) {
        TRY(gen_expr(c, handler->ExceptHandler.type));
        TRY(emit(c, OP_CHECK_EG_MATCH));
        TRY(emit_arg(c, OP_COPY, 1));
        TRY(emit_jump(c, OP_POP_JUMP_IF_NOT_NONE, matched));
        TRY(emit(c, OP_POP_TOP));
        TRY(emit_jump(c, OP_JUMP, next));
    }
    use_block(c, matched);
    NEW_BLOCK(cleanup_end);
    NEW_BLOCK(body);
    PyObject *name = handler->ExceptHandler.name;
    TRY(name ? emit_nameop(c, name, expr_context_Store) : emit(c, OP_POP_TOP));
    TRY(emit_jump(c, OP_SETUP_CLEANUP, cleanup_end));
    use_block(c, body);
    TRY(nest_push(c, NEST_HANDLER_CLEANUP, body, NULL, name));
    TRY(gen_stmts(c, handler->ExceptHandler.body));
    nest_pop(c);
    unset_pos(c);
    TRY(emit(c, OP_POP_BLOCK));
    TRY(gen_unbind(c, name));
    TRY(emit_jump(c, OP_JUMP, next));

    use_block(c, cleanup_end);
    unset_pos(c);
    TRY(gen_unbind(c, name));
    TRY(emit_arg(c, OP_LIST_APPEND, 3));
    TRY(emit(c, OP_POP_TOP));
    TRY(emit_jump(c, OP_JUMP, next));
    use_block(c, next);
    if (!last) return 0;
    TRY(emit_arg(c, OP_LIST_APPEND, 1));
    return emit_jump(c, OP_JUMP, reraise_star);
}

static int gen_try_star_except(Compiler *c, Stmt *s)
{
    NEW_BLOCK(body);
    NEW_BLOCK(handlers);
    NEW_BLOCK(orelse);
    NEW_BLOCK(end);
    NEW_BLOCK(cleanup);
    NEW_BLOCK(reraise_star);
    TRY(emit_jump(c, OP_SETUP_FINALLY, handlers));
    use_block(c, body);
    TRY(nest_push(c, NEST_TRY_EXCEPT, body, NULL, NULL));
    TRY(gen_stmts(c, s->TryStar.body));
    nest_pop(c);
    TRY(emit_artificial(c, OP_POP_BLOCK));
    TRY(emit_artificial_jump(c, OP_JUMP, orelse));

    use_block(c, handlers);
    unset_pos(c);
    TRY(emit_jump(c, OP_SETUP_CLEANUP, cleanup));
    TRY(emit(c, OP_PUSH_EXC_INFO));
    TRY(nest_push(c, NEST_EXCEPTION_GROUP_HANDLER, NULL, NULL, NULL));
    Py_ssize_t n = s->TryStar.handlers->size;
    for (Py_ssize_t i = 0; i < n; i++) {
        TRY(gen_star_handler(c, s->TryStar.handlers->items[i], i == 0, i == n - 1, reraise_star));
    }
    nest_pop(c);

    NEW_BLOCK(reraise);
    use_block(c, reraise_star);
    TRY(emit(c, OP_PREP_RERAISE_STAR));
    TRY(emit_arg(c, OP_COPY, 1));
    TRY(emit_jump(c, OP_POP_JUMP_IF_NOT_NONE, reraise));
    TRY(emit(c, OP_POP_TOP));
    TRY(emit(c, OP_POP_BLOCK));
    TRY(emit(c, OP_POP_EXCEPT));
    TRY(emit_jump(c, OP_JUMP, end));
    use_block(c, reraise);
    TRY(emit(c, OP_POP_BLOCK));
    TRY(emit_arg(c, OP_SWAP, 2));
    TRY(emit(c, OP_POP_EXCEPT));
    TRY(emit_arg(c, OP_RERAISE, 0));
    use_block(c, cleanup);
    TRY(emit_pop_except_and_reraise(c));
    use_block(c, orelse);
    TRY(gen_stmts(c, s->TryStar.orelse));
    use_block(c, end);
    return 0;
}

int gen_try_star(Compiler *c, Stmt *s)
{
    return s->TryStar.finalbody->size ? gen_finally(c, s, gen_try_star_except)
                                      : gen_try_star_except(c, s);
}

/* ---- with ------------------------------------------------------------------------------------ */

/* After __exit__ was called with an exception: swallow it if the result is true, else let it go
 * on. */
static int gen_with_except_finish(Compiler *c, Block *cleanup)
{
    NEW_BLOCK(suppress);
    TRY(emit_jump(c, OP_POP_JUMP_IF_TRUE, suppress));
    TRY(emit_arg(c, OP_RERAISE, 2));
    use_block(c, cleanup);
    unset_pos(c);
    TRY(emit_pop_except_and_reraise(c));
    use_block(c, suppress);
    TRY(emit(c, OP_POP_TOP));
    TRY(emit(c, OP_POP_BLOCK));
    TRY(emit(c, OP_POP_EXCEPT));
    TRY(emit(c, OP_POP_TOP));
    return emit(c, OP_POP_TOP);
}

/* Items from `index` on, and the body. With and AsyncWith have the same fields in the same
 * order. */
static int gen_with_items(Compiler *c, Stmt *s, Py_ssize_t index, bool is_async)
{
    NEW_BLOCK(block);
    NEW_BLOCK(final);
    NEW_BLOCK(exit);
    NEW_BLOCK(cleanup);
    const WithItemSeq *items = s->With.items;
    WithItem *item = items->items[index];
    TRY(gen_expr(c, item->context_expr));
    TRY(emit(c, is_async ? OP_BEFORE_ASYNC_WITH : OP_BEFORE_WITH));
    if (is_async) TRY(gen_await_rest(c, 1));
    TRY(emit_jump(c, OP_SETUP_WITH, final));
    use_block(c, block);
    TRY(nest_push(c, is_async ? NEST_ASYNC_WITH : NEST_WITH, block, final, s));
    TRY(item->optional_vars ? gen_expr(c, item->optional_vars) : emit(c, OP_POP_TOP));
    TRY(index + 1 == items->size ? gen_stmts(c, s->With.body)
                                 : gen_with_items(c, s, index + 1, is_async));
    nest_pop(c);
    if (!is_async) unset_pos(c);
    TRY(emit(c, OP_POP_BLOCK));
    set_pos(c, s->pos);
    TRY(gen_exit_with_nones(c));
    if (is_async) TRY(gen_await_rest(c, 2));
    TRY(emit(c, OP_POP_TOP));
    TRY(emit_jump(c, OP_JUMP, exit));

    use_block(c, final);
    TRY(emit_jump(c, OP_SETUP_CLEANUP, cleanup));
    TRY(emit(c, OP_PUSH_EXC_INFO));
    TRY(emit(c, OP_WITH_EXCEPT_START));
    if (is_async) TRY(gen_await_rest(c, 2));
    TRY(gen_with_except_finish(c, cleanup));
    use_block(c, exit);
    return 0;
}

int gen_with(Compiler *c, Stmt *s)
{
    return gen_with_items(c, s, 0, false);
}

int gen_async_with(Compiler *c, Stmt *s)
{
    if (is_top_level_await(c)) {
        c->unit->entry->is_coroutine = true;
    } else if (c->unit->type != UNIT_ASYNC_FUNCTION) {
        return compiler_error(c, "'async with' outside async function");
    }
    return gen_with_items(c, s, 0, true);
}
