/* The flow graph of one code object: basic blocks of instructions, and the passes over them.
 *
 * What must hold
 *  - Blocks are chained by `next` in the order of emission: a block falls through to its
 *    `next` unless `no_fallthrough`.
 *  - A jump is the last instruction of its block; so is what leaves the scope (flow_emit opens
 *    a new block after either).
 *  - Pseudo instructions (numbers from 256) stand for what is decided later: the direction of
 *    jumps, and the bounds of protected regions, which become entries of the exception table.
 *  - All memory belongs to the Flow and dies with it.
 */
#ifndef KRAIT_COMPILER_FLOW_H
#define KRAIT_COMPILER_FLOW_H

#include <Python.h>
#include <stdbool.h>

#include "bytecode/opcodes.h"
#include "syntax/ast.h"

/* The conditional jumps without direction keep the order of their forward versions; see
 * flow_finish.c. */
enum pseudo_opcode {
    OP_SETUP_FINALLY = 256, /* opens a region; its handler finds the exception */
    OP_SETUP_CLEANUP, /* the same, with the raising instruction's offset below the exception */
    OP_SETUP_WITH,    /* the same, and the entered value has been popped */
    OP_POP_BLOCK,     /* closes the innermost region */
    OP_JUMP,
    OP_JUMP_NO_INTERRUPT,
    OP_POP_JUMP_IF_FALSE,
    OP_POP_JUMP_IF_TRUE,
    OP_POP_JUMP_IF_NONE,
    OP_POP_JUMP_IF_NOT_NONE,
};

#define NO_POSITION ((AstPosition){-1, -1, -1, -1})

typedef struct Block Block;

typedef struct {
    int opcode;
    int oparg;
    Block *target;              /* of jumps and SETUP_…, else NULL */
    Block *handler; /* set by flow_label_handlers: where an exception raised here goes, or NULL */
    AstPosition pos;            /* lineno -1: artificial */
} Instr;

/* Enclosing handlers of a point, innermost last. */
typedef struct HandlerStack HandlerStack;

struct Block {
    Block *older;               /* the block created before this one */
    Block *next;
    Instr *code;
    int size, capacity;
    int predecessors;
    int start_depth;            /* stack depth on entry, -1 before it is known */
    int offset;                 /* in code units, once the jumps are sized */
    bool exits;                 /* ends by leaving the scope */
    bool no_fallthrough;
    bool visited;
    bool preserve_lasti; /* a handler that finds the offset of the raising instruction on the stack
                          */
    HandlerStack *handlers;     /* while flow_label_handlers runs */
};

typedef struct Flow {
    struct FlowChunk *chunks;   /* memory */
    Block *entry;
    Block *newest;              /* head of the `older` chain */
    Block *current;             /* where instructions are added */
    int block_count;
} Flow;

int flow_init(Flow *flow);                      /* opens the entry block; -1 with MemoryError */
void flow_clear(Flow *flow);
void *flow_alloc(Flow *flow, size_t size);      /* zeroed; NULL with MemoryError */
Block *flow_block_new(Flow *flow);              /* not yet placed; NULL with MemoryError */
/* Places a block after the current one and makes it current. */
void flow_use_block(Flow *flow, Block *block);
/* A zeroed instruction at its end; NULL with MemoryError. */
Instr *block_append(Flow *flow, Block *block);
Instr *block_insert(Flow *flow, Block *block, int index);
int flow_emit(Flow *flow, int opcode, int oparg, Block *target, AstPosition pos);

static inline bool instr_is_setup(const Instr *i)
{
    return i->opcode >= OP_SETUP_FINALLY && i->opcode <= OP_SETUP_WITH;
}
static inline bool instr_is_jump(const Instr *i)
{
    return i->opcode >= OP_JUMP || (i->opcode < 256 && opcode_has_jump(i->opcode));
}
static inline Instr *block_last(const Block *b) { return b->size ? &b->code[b->size - 1] : NULL; }
static inline bool same_position(AstPosition a, AstPosition b)
{
    return a.lineno == b.lineno && a.col_offset == b.col_offset && a.end_lineno == b.end_lineno &&
           a.end_col_offset == b.end_col_offset;
}

/* ---- Passes, in the order in which they run -------------------------------------------------- */

/* Marks exits, copies short exits into the blocks that jump to them. Before prefixes are
 * inserted. */
int flow_normalize(Flow *flow);
/* Simplifies blocks and drops what cannot be reached. `consts` is the list of constants, which
 * may grow; `merge` makes a new constant one with its equals (it replaces *constant). */
typedef int MergeConstant(void *context, PyObject **constant);
int flow_optimize(Flow *flow, PyObject *consts, MergeConstant *merge, void *context);
/* Gives each instruction a line where one can be told: exits without a line are copied into
 * their predecessors. */
int flow_resolve_lines(Flow *flow, int first_line);
/* The largest stack depth; also sets every start_depth. -1 with an exception set. */
int flow_stack_depth(Flow *flow);
/* Attaches handlers to instructions and turns the pseudo instructions of regions into nothing. */
int flow_label_handlers(Flow *flow);
/* Drops what these left behind and decides the direction of jumps. */
int flow_finish(Flow *flow);
void flow_remove_nops(Block *block, int previous_line);
bool block_is_exit_without_line(const Block *block);
void flow_remove_redundant_jumps(Flow *flow);

#endif
