/* Optimisation of the flow graph: peephole work inside blocks, threading of jumps, removal of
 * what is never reached. */
#include "base/try.h"
#include "compiler/flow.h"

enum { MAX_COPIED_EXIT = 4 };

bool block_is_exit_without_line(const Block *b)
{
    if (!b->exits) return false;
    for (int i = 0; i < b->size; i++) {
        if (b->code[i].pos.lineno >= 0) return false;
    }
    return true;
}

static bool is_plain_jump(const Instr *i)
{
    return i->opcode == OP_JUMP || i->opcode == OP_JUMP_NO_INTERRUPT;
}

static Block *skip_empty(Block *b)
{
    while (b->size == 0) b = b->next;
    return b;
}

/* ---- Exits ----------------------------------------------------------------------------------- */

static void mark_exits(Block *b)
{
    for (int i = 0; i < b->size; i++) {
        Instr *instr = &b->code[i];
        if (instr->opcode == OP_RETURN_VALUE || instr->opcode == OP_RAISE_VARARGS ||
            instr->opcode == OP_RERAISE) {
            b->exits = b->no_fallthrough = true;
        } else if (instr_is_jump(instr) && instr->opcode != OP_SEND) {
            if (is_plain_jump(instr)) b->no_fallthrough = true;
            instr->target = skip_empty(instr->target);
        }
    }
}

/* A jump to a short exit that belongs to no line becomes a copy of the exit. */
static int copy_exit(Flow *flow, Block *b)
{
    Instr *last = block_last(b);
    if (!last || last->opcode != OP_JUMP || last->target->size > MAX_COPIED_EXIT ||
        !block_is_exit_without_line(last->target)) {
        return 0;
    }
    Block *exit = last->target;
    last->opcode = OP_NOP;
    last->target = NULL;
    for (int i = 0; i < exit->size; i++) {
        Instr *copy = block_append(flow, b);
        if (!copy) return -1;
        *copy = exit->code[i];
    }
    b->exits = true;
    return 0;
}

static int copy_exits(Flow *flow)
{
    for (Block *b = flow->newest; b; b = b->older) TRY(copy_exit(flow, b));
    return 0;
}

int flow_normalize(Flow *flow)
{
    for (Block *b = flow->newest; b; b = b->older) mark_exits(b);
    return copy_exits(flow);
}

/* ---- Inside a block -------------------------------------------------------------------------- */

typedef struct {
    Flow *flow;
    PyObject *consts;
    MergeConstant *merge;
    void *context;
} Optimizer;

static void make_nop(Instr *i)
{
    i->opcode = OP_NOP;
    i->oparg = 0;
    i->target = NULL;
}

/* LOAD_CONST followed by a test: decide it now. */
static int decide_test(Optimizer *o, Block *b, int i)
{
    Instr *load = &b->code[i], *test = load + 1;
    int truth = PyObject_IsTrue(PyList_GET_ITEM(o->consts, load->oparg));
    if (truth < 0) return -1;
    bool keeps_value =
        test->opcode == OP_JUMP_IF_FALSE_OR_POP || test->opcode == OP_JUMP_IF_TRUE_OR_POP;
    bool jumps_if_true =
        test->opcode == OP_POP_JUMP_IF_TRUE || test->opcode == OP_JUMP_IF_TRUE_OR_POP;
    if (truth == jumps_if_true) {
        if (!keeps_value) load->opcode = OP_NOP;
        test->opcode = OP_JUMP;
        b->no_fallthrough = true;
    } else {
        make_nop(load);
        make_nop(test);
    }
    return 0;
}

/* LOAD_CONST None, IS_OP, POP_JUMP_IF_x becomes one jump. */
static void fuse_none_test(Optimizer *o, Block *b, int i)
{
    if (i + 2 >= b->size || PyList_GET_ITEM(o->consts, b->code[i].oparg) != Py_None) return;
    Instr *load = &b->code[i], *is = load + 1, *jump = load + 2;
    if (jump->opcode != OP_POP_JUMP_IF_FALSE && jump->opcode != OP_POP_JUMP_IF_TRUE) return;
    bool is_not = is->oparg == 1;
    load->opcode = OP_NOP;
    is->opcode = OP_NOP;
    jump->opcode = is_not ^ (jump->opcode == OP_POP_JUMP_IF_FALSE) ? OP_POP_JUMP_IF_NOT_NONE
                                                                   : OP_POP_JUMP_IF_NONE;
}

/* BUILD_TUPLE n whose n elements are constants becomes one constant. */
static int fold_constant_tuple(Optimizer *o, Instr *build)
{
    int n = build->oparg;
    for (int i = 1; i <= n; i++) {
        if (build[-i].opcode != OP_LOAD_CONST) return 0;
    }
    PyObject *tuple = PyTuple_New(n);
    if (!tuple) return -1;
    for (int i = 0; i < n; i++) {
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(PyList_GET_ITEM(o->consts, build[i - n].oparg)));
    }
    if (o->merge(o->context, &tuple) < 0) goto error;
    Py_ssize_t index = PyList_GET_SIZE(o->consts) - 1;
    while (index >= 0 && PyList_GET_ITEM(o->consts, index) != tuple) index--;
    if (index < 0) {
        index = PyList_GET_SIZE(o->consts);
        if (PyList_Append(o->consts, tuple) < 0) goto error;
    }
    Py_DECREF(tuple);
    for (int i = 1; i <= n; i++) make_nop(build - i);
    build->opcode = OP_LOAD_CONST;
    build->oparg = (int)index;
    return 0;
error:
    Py_DECREF(tuple);
    return -1;
}

/* A run of SWAPs permutes the top of the stack; the shortest run with the same effect replaces
 * it, in the last places of the run. *index is moved to the last instruction of the run. */
static int shorten_swaps(Flow *flow, Block *b, int *index)
{
    Instr *run = &b->code[*index];
    int depth = run->oparg, length = 0, limit = b->size - *index;
    bool more = false;
    while (++length < limit) {
        if (run[length].opcode == OP_SWAP) {
            if (run[length].oparg > depth) depth = run[length].oparg;
            more = true;
        } else if (run[length].opcode != OP_NOP) {
            break;
        }
    }
    if (!more) return 0;

    int *stack = flow_alloc(flow, (size_t)depth * sizeof(*stack));
    if (!stack) return -1;
    for (int i = 0; i < depth; i++) stack[i] = i;
    for (int i = 0; i < length; i++) {
        if (run[i].opcode != OP_SWAP) continue;
        int top = stack[0], other = run[i].oparg - 1;
        stack[0] = stack[other];
        stack[other] = top;
    }
    /* Walk the cycles of the permutation; each costs one swap per element, plus one when the top
     * is not in it. */
    enum { DONE = -1 };
    int at = length - 1;
    for (int i = 0; i < depth; i++) {
        if (stack[i] == DONE || stack[i] == i) continue;
        int j = i;
        while (true) {
            if (j) {
                run[at].opcode = OP_SWAP;
                run[at--].oparg = j + 1;
            }
            if (stack[j] == DONE) break;
            int next = stack[j];
            stack[j] = DONE;
            j = next;
        }
    }
    while (at >= 0) make_nop(&run[at--]);
    *index += length - 1;
    return 0;
}

static bool is_swappable(const Instr *i)
{
    return i->opcode == OP_STORE_FAST || i->opcode == OP_POP_TOP;
}

/* The next swappable instruction after `i`, on the same line if `line` is not negative; -1 if
 * there is none. */
static int next_swappable(const Block *b, int i, int line)
{
    while (++i < b->size) {
        if (line >= 0 && b->code[i].pos.lineno != line) return -1;
        if (b->code[i].opcode == OP_NOP) {
            line = b->code[i].pos.lineno;
            continue;
        }
        return is_swappable(&b->code[i]) ? i : -1;
    }
    return -1;
}

/* SWAP n followed by n stores or pops: exchange the instructions instead of the values. */
static void apply_static_swaps(Block *b, int i)
{
    for (; i >= 0; i--) {
        Instr *swap = &b->code[i];
        if (swap->opcode != OP_SWAP) {
            if (swap->opcode == OP_NOP || is_swappable(swap)) continue;
            return;
        }
        int j = next_swappable(b, i, -1);
        if (j < 0) return;
        int k = j, line = b->code[j].pos.lineno;
        for (int count = swap->oparg - 1; count > 0; count--) {
            k = next_swappable(b, k, line);
            if (k < 0) return;
        }
        swap->opcode = OP_NOP;
        Instr moved = b->code[j];
        b->code[j] = b->code[k];
        b->code[k] = moved;
    }
}

/* A jump to a jump goes to its end, unless that would hide a line from tracing. */
static bool thread_jump(Instr *jump, const Instr *target, int opcode)
{
    if (jump->pos.lineno != target->pos.lineno || jump->target == target->target) return false;
    jump->target = target->target;
    jump->opcode = opcode;
    return true;
}

/* True when the instruction changed and must be looked at again. */
static bool optimize_jump(Instr *jump)
{
    const Instr *target = &jump->target->code[0];
    bool keeps_value =
        jump->opcode == OP_JUMP_IF_FALSE_OR_POP || jump->opcode == OP_JUMP_IF_TRUE_OR_POP;
    if (!keeps_value) {
        return jump->opcode != OP_FOR_ITER && jump->opcode != OP_SEND &&
               jump->opcode != OP_JUMP_NO_INTERRUPT && target->opcode == OP_JUMP &&
               thread_jump(jump, target, jump->opcode);
    }
    /* A value known to be false (true) also fails (passes) the test at the target. */
    bool if_true = jump->opcode == OP_JUMP_IF_TRUE_OR_POP;
    int same_pop = if_true ? OP_POP_JUMP_IF_TRUE : OP_POP_JUMP_IF_FALSE;
    int other_pop = if_true ? OP_POP_JUMP_IF_FALSE : OP_POP_JUMP_IF_TRUE;
    int other = if_true ? OP_JUMP_IF_FALSE_OR_POP : OP_JUMP_IF_TRUE_OR_POP;
    if (target->opcode == same_pop) return thread_jump(jump, target, same_pop);
    if (target->opcode == OP_JUMP || target->opcode == jump->opcode) {
        return thread_jump(jump, target, jump->opcode);
    }
    if ((target->opcode == other || target->opcode == other_pop) &&
        jump->pos.lineno == target->pos.lineno) {
        jump->opcode = same_pop;
        jump->target = jump->target->next;
        return true;
    }
    return false;
}

static int optimize_load_const(Optimizer *o, Block *b, int i)
{
    if (i + 1 >= b->size) return 0;
    switch (b->code[i + 1].opcode) {
    case OP_POP_JUMP_IF_FALSE:
    case OP_POP_JUMP_IF_TRUE:
    case OP_JUMP_IF_FALSE_OR_POP:
    case OP_JUMP_IF_TRUE_OR_POP: return decide_test(o, b, i);
    case OP_IS_OP: fuse_none_test(o, b, i); return 0;
    default: return 0;
    }
}

static int optimize_build_tuple(Optimizer *o, Block *b, int i)
{
    Instr *build = &b->code[i], *next = build + 1;
    int n = build->oparg;
    if (i + 1 < b->size && next->opcode == OP_UNPACK_SEQUENCE && next->oparg == n && n >= 1 &&
        n <= 3) {
        build->opcode = OP_NOP;
        next->opcode = n == 1 ? OP_NOP : OP_SWAP;
        return 0;
    }
    return i >= n ? fold_constant_tuple(o, build) : 0;
}

static int optimize_block(Optimizer *o, Block *b)
{
    for (int i = 0; i < b->size; i++) {
        Instr *instr = &b->code[i];
        if (instr->target) {
            instr->target = skip_empty(instr->target);
            if (instr_is_jump(instr) && optimize_jump(instr)) i--;
            continue;
        }
        switch (instr->opcode) {
        case OP_LOAD_CONST: TRY(optimize_load_const(o, b, i)); break;
        case OP_BUILD_TUPLE: TRY(optimize_build_tuple(o, b, i)); break;
        case OP_SWAP:
            if (instr->oparg == 1) {
                instr->opcode = OP_NOP;
                break;
            }
            TRY(shorten_swaps(o->flow, b, &i));
            apply_static_swaps(b, i);
            break;
        case OP_PUSH_NULL:
            if (i + 1 < b->size && instr[1].opcode == OP_LOAD_GLOBAL) {
                make_nop(instr);
                instr[1].oparg |= 1;
            }
            break;
        default: break;
        }
    }
    return 0;
}

/* ---- Between blocks -------------------------------------------------------------------------- */

void flow_remove_nops(Block *b, int previous_line)
{
    int kept = 0;
    for (int i = 0; i < b->size; i++) {
        Instr *instr = &b->code[i];
        int line = instr->pos.lineno;
        if (instr->opcode == OP_NOP) {
            /* A NOP stays only where it is all that there is of its line. */
            if (line < 0 || line == previous_line) continue;
            if (i < b->size - 1) {
                int next_line = instr[1].pos.lineno;
                if (next_line == line) continue;
                if (next_line < 0) {
                    instr[1].pos = instr->pos;
                    continue;
                }
            } else {
                Block *next = b->next;
                while (next && next->size == 0) next = next->next;
                if (next && next->code[0].pos.lineno == line) continue;
            }
        }
        if (kept != i) b->code[kept] = *instr;
        kept++;
        previous_line = line;
    }
    b->size = kept;
}

static void remove_empty_blocks(Flow *flow)
{
    for (Block *b = flow->entry; b; b = b->next) {
        while (b->next && b->next->size == 0 && b->next->next) b->next = b->next->next;
    }
    for (Block *b = flow->entry; b; b = b->next) {
        Instr *last = block_last(b);
        if (last && instr_is_jump(last)) last->target = skip_empty(last->target);
    }
}

void flow_remove_redundant_jumps(Flow *flow)
{
    bool removed = false;
    for (Block *b = flow->entry; b; b = b->next) {
        Instr *last = block_last(b);
        if (last && is_plain_jump(last) && last->target == b->next) {
            b->no_fallthrough = false;
            make_nop(last);
            removed = true;
        }
    }
    if (removed) remove_empty_blocks(flow);
}

static int count_predecessors(Flow *flow)
{
    Block **stack = flow_alloc(flow, (size_t)flow->block_count * sizeof(*stack)), **top = stack;
    if (!stack) return -1;
    flow->entry->predecessors = 1;
    flow->entry->visited = true;
    *top++ = flow->entry;
#define REACH(block) \
    do { \
        (block)->predecessors++; \
        if (!(block)->visited) { \
            (block)->visited = true; \
            *top++ = (block); \
        } \
    } while (0)
    while (top > stack) {
        Block *b = *--top;
        if (b->next && !b->no_fallthrough) REACH(b->next);
        for (int i = 0; i < b->size; i++) {
            if (b->code[i].target && (instr_is_jump(&b->code[i]) || instr_is_setup(&b->code[i]))) {
                REACH(b->code[i].target);
            }
        }
    }
#undef REACH
    return 0;
}

int flow_optimize(Flow *flow, PyObject *consts, MergeConstant *merge, void *context)
{
    Optimizer o = {flow, consts, merge, context};
    for (Block *b = flow->entry; b; b = b->next) {
        TRY(optimize_block(&o, b));
        flow_remove_nops(b, -1);
    }
    TRY(copy_exits(flow));
    TRY(count_predecessors(flow));
    for (Block *b = flow->entry; b; b = b->next) {
        if (b->predecessors == 0) {
            b->size = 0;
            b->no_fallthrough = false;
        }
    }
    for (Block *b = flow->entry; b; b = b->next) flow_remove_nops(b, -1);
    remove_empty_blocks(flow);
    flow_remove_redundant_jumps(flow);
    return 0;
}
