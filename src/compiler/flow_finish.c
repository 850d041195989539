/* The last passes over the flow graph: lines, stack depth, exception handlers, direction of
 * jumps. */
#include <string.h>

#include "base/try.h"
#include "compiler/flow.h"

/* ---- Lines ----------------------------------------------------------------------------------- */

/* An exit without a line that several jumps reach is copied, so that each copy can take the line
 * of its jump. */
static int duplicate_exits(Flow *flow)
{
    for (Block *b = flow->newest; b; b = b->older) {
        Instr *last = block_last(b);
        if (!last || !instr_is_jump(last)) continue;
        Block *target = last->target;
        if (!block_is_exit_without_line(target) || target->predecessors <= 1) continue;
        Block *copy = flow_block_new(flow);
        if (!copy) return -1;
        for (int i = 0; i < target->size; i++) {
            Instr *instr = block_append(flow, copy);
            if (!instr) return -1;
            *instr = target->code[i];
        }
        copy->exits = copy->no_fallthrough = true;
        copy->code[0].pos = last->pos;
        copy->predecessors = 1;
        copy->next = target->next;
        last->target = copy;
        target->next = copy;
        target->predecessors--;
    }
    for (Block *b = flow->newest; b; b = b->older) {
        while (b->next && b->next->size == 0) b->next = b->next->next;
    }
    /* What is left can only be reached by falling through. */
    for (Block *b = flow->newest; b; b = b->older) {
        if (!b->no_fallthrough && b->next && b->size > 0 && block_is_exit_without_line(b->next)) {
            b->next->code[0].pos = block_last(b)->pos;
        }
    }
    return 0;
}

static void inherit_position(Block *b, AstPosition pos)
{
    if (b->predecessors == 1 && b->size && b->code[0].pos.lineno < 0) b->code[0].pos = pos;
}

static void propagate_lines(Flow *flow)
{
    for (Block *b = flow->entry; b; b = b->next) {
        if (b->size == 0) continue;
        AstPosition pos = NO_POSITION;
        for (int i = 0; i < b->size; i++) {
            if (b->code[i].pos.lineno < 0) {
                b->code[i].pos = pos;
            } else {
                pos = b->code[i].pos;
            }
        }
        if (!b->no_fallthrough && b->next) inherit_position(b->next, pos);
        Instr *last = block_last(b);
        if (instr_is_jump(last)) inherit_position(last->target, pos);
    }
}

static void give_exits_a_line(Flow *flow, int line)
{
    for (Block *b = flow->entry; b; b = b->next) {
        Instr *last = block_last(b);
        if (!last) continue;
        if (last->pos.lineno >= 0) {
            line = last->pos.lineno;
        } else if (last->opcode == OP_RETURN_VALUE) {
            for (int i = 0; i < b->size; i++) b->code[i].pos.lineno = line;
        }
    }
}

int flow_resolve_lines(Flow *flow, int first_line)
{
    TRY(duplicate_exits(flow));
    propagate_lines(flow);
    give_exits_a_line(flow, first_line);
    return 0;
}

/* ---- Stack depth ----------------------------------------------------------------------------- */

static int instr_effect(const Instr *i, bool jump)
{
    switch (i->opcode) {
    case OP_SETUP_FINALLY:
    case OP_SETUP_WITH: return jump ? 1 : 0;
    case OP_SETUP_CLEANUP: return jump ? 2 : 0;
    case OP_POP_BLOCK:
    case OP_JUMP:
    case OP_JUMP_NO_INTERRUPT: return 0;
    case OP_POP_JUMP_IF_FALSE:
    case OP_POP_JUMP_IF_TRUE:
    case OP_POP_JUMP_IF_NONE:
    case OP_POP_JUMP_IF_NOT_NONE: return -1;
    case OP_RETURN_GENERATOR: return 1;
    default: return opcode_stack_effect(i->opcode, i->oparg, jump);
    }
}

int flow_stack_depth(Flow *flow)
{
    Block **stack = flow_alloc(flow, (size_t)flow->block_count * sizeof(*stack)), **top = stack;
    if (!stack) return -1;
    int deepest = 0;
    flow->entry->start_depth = 0;
    *top++ = flow->entry;
#define REACH(block, depth_there) \
    do { \
        if ((block)->start_depth < 0) { \
            (block)->start_depth = (depth_there); \
            *top++ = (block); \
        } \
    } while (0)
    while (top > stack) {
        Block *b = *--top;
        int depth = b->start_depth;
        bool falls_through = true;
        for (int i = 0; i < b->size; i++) {
            const Instr *instr = &b->code[i];
            int after = depth + instr_effect(instr, false);
            if (after > deepest) deepest = after;
            if (instr->target) {
                int there = depth + instr_effect(instr, true);
                if (there > deepest) deepest = there;
                REACH(instr->target, there);
            }
            if (depth < 0 || after < 0) {
                PyErr_SetString(PyExc_SystemError, "compiler: the value stack underflows");
                return -1;
            }
            depth = after;
            if (instr->opcode == OP_JUMP || instr->opcode == OP_JUMP_NO_INTERRUPT ||
                instr->opcode == OP_RETURN_VALUE || instr->opcode == OP_RAISE_VARARGS ||
                instr->opcode == OP_RERAISE) {
                falls_through = false;
                break;
            }
        }
        if (falls_through && b->next) REACH(b->next, depth);
    }
#undef REACH
    return deepest;
}

/* ---- Exception handlers ---------------------------------------------------------------------- */

struct HandlerStack {
    int depth;
    Block *blocks[CO_MAXBLOCKS + 2];
};

static HandlerStack *handlers_copy(Flow *flow, const HandlerStack *from)
{
    HandlerStack *copy = flow_alloc(flow, sizeof(*copy));
    if (copy && from) *copy = *from;
    return copy;
}

static Block *handlers_top(const HandlerStack *s)
{
    return s->depth ? s->blocks[s->depth - 1] : NULL;
}

int flow_label_handlers(Flow *flow)
{
    Block **stack = flow_alloc(flow, (size_t)flow->block_count * sizeof(*stack)), **top = stack;
    if (!stack) return -1;
    for (Block *b = flow->newest; b; b = b->older) b->visited = false;
    if (!(flow->entry->handlers = handlers_copy(flow, NULL))) return -1;
    flow->entry->visited = true;
    *top++ = flow->entry;
#define REACH(block, state) \
    do { \
        if (!(block)->visited) { \
            (block)->visited = true; \
            (block)->handlers = (state)->depth ? handlers_copy(flow, (state)) : &none; \
            if (!(block)->handlers) return -1; \
            *top++ = (block); \
        } \
    } while (0)
    HandlerStack none = {0};
    while (top > stack) {
        Block *b = *--top;
        HandlerStack handlers = *b->handlers;
        for (int i = 0; i < b->size; i++) {
            Instr *instr = &b->code[i];
            if (instr_is_setup(instr)) {
                REACH(instr->target, &handlers);
                if (instr->opcode != OP_SETUP_FINALLY) instr->target->preserve_lasti = true;
                handlers.blocks[handlers.depth++] = instr->target;
                instr->opcode = OP_NOP;
            } else if (instr->opcode == OP_POP_BLOCK) {
                handlers.depth--;
                instr->opcode = OP_NOP;
            } else {
                instr->handler = handlers_top(&handlers);
                if (instr_is_jump(instr)) REACH(instr->target, &handlers);
            }
        }
        if (!b->no_fallthrough && b->next) REACH(b->next, &handlers);
    }
#undef REACH
    return 0;
}

/* ---- Direction of jumps ---------------------------------------------------------------------- */

static int directed_opcode(int opcode, bool forward)
{
    switch (opcode) {
    case OP_JUMP: return forward ? OP_JUMP_FORWARD : OP_JUMP_BACKWARD;
    case OP_JUMP_NO_INTERRUPT: return forward ? OP_JUMP_FORWARD : OP_JUMP_BACKWARD_NO_INTERRUPT;
    case OP_POP_JUMP_IF_FALSE:
        return forward ? OP_POP_JUMP_FORWARD_IF_FALSE : OP_POP_JUMP_BACKWARD_IF_FALSE;
    case OP_POP_JUMP_IF_TRUE:
        return forward ? OP_POP_JUMP_FORWARD_IF_TRUE : OP_POP_JUMP_BACKWARD_IF_TRUE;
    case OP_POP_JUMP_IF_NONE:
        return forward ? OP_POP_JUMP_FORWARD_IF_NONE : OP_POP_JUMP_BACKWARD_IF_NONE;
    case OP_POP_JUMP_IF_NOT_NONE:
        return forward ? OP_POP_JUMP_FORWARD_IF_NOT_NONE : OP_POP_JUMP_BACKWARD_IF_NOT_NONE;
    default: return forward ? opcode : -1;
    }
}

int flow_finish(Flow *flow)
{
    for (Block *b = flow->newest; b; b = b->older) flow_remove_nops(b, -1);
    for (Block *b = flow->newest; b; b = b->older) b->visited = false;
    for (Block *b = flow->entry; b; b = b->next) {
        b->visited = true;
        Instr *last = block_last(b);
        if (!last || !instr_is_jump(last)) continue;
        last->opcode = directed_opcode(last->opcode, !last->target->visited);
        if (last->opcode < 0) {
            PyErr_SetString(PyExc_SystemError,
                            "unexpectedly jumping backwards in a forward-only jump");
            return -1;
        }
    }
    return 0;
}
