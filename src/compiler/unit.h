/* The code generator's state: one Unit per code object being made, innermost first, and the
 * verbs that emit into it. */
#ifndef KRAIT_COMPILER_UNIT_H
#define KRAIT_COMPILER_UNIT_H

#include <Python.h>
#include <stdbool.h>

#include "base/try.h"
#include "compiler/flow.h"
#include "compiler/future.h"
#include "compiler/symtable.h"
#include "objects/names.h"
#include "syntax/ast.h"

/* Displays and calls with more elements than this are built piecemeal, to keep stacks small. */
enum { STACK_USE_GUIDELINE = 30 };

typedef enum {
    UNIT_MODULE,
    UNIT_CLASS,
    UNIT_FUNCTION,
    UNIT_ASYNC_FUNCTION,
    UNIT_LAMBDA,
    UNIT_COMPREHENSION
} UnitType;

/* What a statement is nested in, as far as return, break and continue must undo it. */
typedef enum {
    NEST_WHILE,
    NEST_FOR,
    NEST_TRY_EXCEPT,
    NEST_FINALLY_TRY,
    NEST_FINALLY_END,
    NEST_WITH,
    NEST_ASYNC_WITH,
    NEST_HANDLER_CLEANUP,
    NEST_POP_VALUE,
    NEST_EXCEPTION_HANDLER,
    NEST_EXCEPTION_GROUP_HANDLER,
    NEST_ASYNC_COMPREHENSION,
} NestKind;

typedef struct {
    NestKind kind;
    Block *start, *exit;
    const void *datum;          /* StmtSeq of a finally block, Stmt of a with, name of a handler */
} Nest;

typedef struct Unit {
    struct Unit *outer;
    UnitType type;
    SymtableEntry *entry;       /* borrowed from the symbol table */
    PyObject *name;             /* owned */
    PyObject *qualname;         /* owned, NULL for a module */
    PyObject *private_name;     /* borrowed: class name that mangles, or NULL */
    PyObject *consts;           /* owned dict: constant key -> index */
    PyObject *names;            /* owned dict: str -> index; the same below */
    PyObject *varnames, *cellvars, *freevars;
    Py_ssize_t argcount, posonlyargcount, kwonlyargcount;
    int first_line;
    AstPosition pos;            /* of the instructions being emitted */
    Flow flow;
    Nest nests[CO_MAXBLOCKS];
    int nest_count;
} Unit;

typedef struct Compiler {
    PyObject *filename;         /* borrowed */
    Symtable *symtable;
    FutureFeatures future;
    int flags;                  /* PyCF_… and CO_FUTURE_… */
    int optimize;
    bool interactive;
    int depth;                  /* number of open units */
    PyObject *const_cache;      /* owned dict: constants shared by all units */
    Unit *unit;
} Compiler;

/* ---- Units ----------------------------------------------------------------------------------- */

int unit_enter(Compiler *c, PyObject *name, UnitType type, const void *node, int line);
void unit_exit(Compiler *c);
/* The finished code object of the innermost unit, which stays open. NULL with an exception set. */
PyCodeObject *unit_assemble(Compiler *c, bool add_none);

/* ---- Emitting -------------------------------------------------------------------------------- */

static inline int emit(Compiler *c, int opcode)
{
    return flow_emit(&c->unit->flow, opcode, 0, NULL, c->unit->pos);
}
static inline int emit_arg(Compiler *c, int opcode, Py_ssize_t oparg)
{
    return flow_emit(&c->unit->flow, opcode, (int)oparg, NULL, c->unit->pos);
}
static inline int emit_jump(Compiler *c, int opcode, Block *target)
{
    return flow_emit(&c->unit->flow, opcode, 0, target, c->unit->pos);
}
/* The same, belonging to no line. */
static inline int emit_artificial(Compiler *c, int opcode)
{
    return flow_emit(&c->unit->flow, opcode, 0, NULL, NO_POSITION);
}
static inline int emit_artificial_jump(Compiler *c, int opcode, Block *target)
{
    return flow_emit(&c->unit->flow, opcode, 0, target, NO_POSITION);
}
static inline void set_pos(Compiler *c, AstPosition pos) { c->unit->pos = pos; }
static inline void unset_pos(Compiler *c) { c->unit->pos = NO_POSITION; }

int emit_const(Compiler *c, PyObject *value);           /* LOAD_CONST */
/* The same; steals the reference; NULL is an error that is set. */
int emit_const_steal(Compiler *c, PyObject *value);
/* An opcode with an index into co_names; mangles. */
int emit_name(Compiler *c, int opcode, PyObject *name);
/* Load, store or delete a variable in its scope. */
int emit_nameop(Compiler *c, PyObject *name, ExprContext ctx);
int emit_call(Compiler *c, Py_ssize_t argument_count);  /* PRECALL, CALL */

/* Declares `Block *name` in a function that returns int, and leaves that function on failure. */
#define NEW_BLOCK(name) \
    Block *name = flow_block_new(&c->unit->flow); \
    if (!name) return -1
static inline void use_block(Compiler *c, Block *block) { flow_use_block(&c->unit->flow, block); }

Py_ssize_t unit_add_const(Compiler *c, PyObject *value);        /* index; -1 on error */
/* Index of a str in one of the unit's dicts; -1 on error. */
Py_ssize_t unit_add_name(PyObject *dict, PyObject *name);
/* Index for LOAD_CLOSURE; -1 on error. */
Py_ssize_t unit_closure_index(Compiler *c, PyObject *name);
/* Replaces *constant by the equal one that other units use already. */
int merge_constant(void *compiler, PyObject **constant);

/* ---- Nesting --------------------------------------------------------------------------------- */

int nest_push(Compiler *c, NestKind kind, Block *start, Block *exit, const void *datum);
void nest_pop(Compiler *c);

/* ---- Errors ---------------------------------------------------------------------------------- */

/* SyntaxError at the current position; always -1. */
int compiler_error(Compiler *c, const char *format, ...);
/* SyntaxWarning; -1 when it is turned into an error. */
int compiler_warn(Compiler *c, const char *format, ...);
/* __debug__ may not be bound. */
int check_forbidden_name(Compiler *c, PyObject *name, ExprContext ctx);

static inline bool is_top_level_await(const Compiler *c)
{
    return (c->flags & PyCF_ALLOW_TOP_LEVEL_AWAIT) && c->unit->entry->type == BLOCK_MODULE;
}
static inline bool is_function_like(const Compiler *c)
{
    return c->unit->entry->type == BLOCK_FUNCTION;
}

/* ---- Code generation, by subject ------------------------------------------------------------- */

/* Of a module or class: with docstring and annotations. */
int gen_body(Compiler *c, const StmtSeq *body);
bool body_has_annotations(const StmtSeq *body);                 /* outside of inner scopes */
int gen_stmt(Compiler *c, Stmt *s);
int gen_stmts(Compiler *c, const StmtSeq *seq);
int gen_function(Compiler *c, Stmt *s);                         /* gen_scope.c */
int gen_class(Compiler *c, Stmt *s);
int gen_lambda(Compiler *c, Expr *e);
/* Closes the innermost unit. */
int gen_finish_function_steal(Compiler *c, PyCodeObject *code, int flags);
int gen_comprehension(Compiler *c, Expr *e);                    /* gen_comprehension.c */
int gen_try(Compiler *c, Stmt *s);                              /* gen_try.c */
int gen_try_star(Compiler *c, Stmt *s);
int gen_with(Compiler *c, Stmt *s);
int gen_async_with(Compiler *c, Stmt *s);
/* Leave all nests, or up to the innermost loop. */
int gen_unwind(Compiler *c, bool keep_top, Nest **loop);
int gen_unwind_one(Compiler *c, const Nest *nest, bool keep_top);
int gen_match(Compiler *c, Stmt *s);                            /* gen_match.c */
int gen_expr(Compiler *c, Expr *e);
int gen_exprs(Compiler *c, const ExprSeq *seq);
int gen_call(Compiler *c, Expr *e);                             /* gen_call.c */
int gen_call_rest(Compiler *c, Py_ssize_t pushed, const ExprSeq *args, const KeywordSeq *keywords);
int gen_jump_if(Compiler *c, Expr *e, Block *target, bool condition);
int gen_elements(Compiler *c, const ExprSeq *elts, Py_ssize_t pushed, int build, int add,
                 int extend, bool tuple);
int gen_annotation(Compiler *c, Expr *annotation); /* its value, or its text under PEP 563 */
int gen_yield_from(Compiler *c, bool is_await);
int gen_await_rest(Compiler *c, int kind); /* GET_AWAITABLE and the loop that awaits */
int gen_compare_op(Compiler *c, intptr_t op);
int gen_binary_op(Compiler *c, Operator op, bool in_place);
/* Moves the current start to the attribute's own line. */
void set_pos_of_attribute(Compiler *c, const Expr *attribute);

int check_compare(Compiler *c, Expr *e); /* gen_warnings.c: SyntaxWarnings about literals */
int check_caller(Compiler *c, Expr *e);
int check_subscripted(Compiler *c, Expr *e);
int check_index(Compiler *c, Expr *e, Expr *index);

#endif
