/* AST nodes: C structs made from ast.def, and the arena that owns them.
 *
 * Invariants
 *  - Every node, sequence and Python object of one tree belongs to one Arena; all die together in arena_free().
 *    PyObject fields are borrowed from the arena (arena_own() hands a reference over).
 *  - A MANY field is never NULL once parsing has finished: an empty sequence is `ast_empty`-sized 0. An element of a MANY
 *    field is NULL only in Dict.keys (`**mapping`) and arguments.kw_defaults (no default).
 *  - Columns are UTF-8 byte offsets, lines count from 1, as the `ast` module shows them.
 *
 * A constructor's fields lie in the member of its own name: `e->kind == expr_BinOp` means `e->BinOp.left` may be read.
 */
#ifndef KRAIT_SYNTAX_AST_H
#define KRAIT_SYNTAX_AST_H

#include <Python.h>
#include <stdbool.h>

/* ---- Arena ---------------------------------------------------------------------------------------------------- */

typedef struct Arena Arena;

Arena *arena_new(void);                             /* NULL with MemoryError set */
void arena_free(Arena *arena);                      /* frees all memory and drops all owned references; NULL is fine */
void *arena_alloc(Arena *arena, size_t size);       /* zeroed, 8-byte aligned; NULL with MemoryError set */
int arena_own(Arena *arena, PyObject *object);      /* steals the reference even on failure; -1 with an exception set */

/* ---- Types of the grammar ------------------------------------------------------------------------------------- */

typedef struct Mod Mod;
typedef struct Stmt Stmt;
typedef struct Expr Expr;
typedef struct Comprehension Comprehension;
typedef struct ExceptHandler ExceptHandler;
typedef struct Arguments Arguments;
typedef struct Arg Arg;
typedef struct Keyword Keyword;
typedef struct Alias Alias;
typedef struct WithItem WithItem;
typedef struct MatchCase MatchCase;
typedef struct Pattern Pattern;
typedef struct TypeIgnore TypeIgnore;

/* Kinds: enum { expr_BoolOp = 1, ... }; 0 is no kind. The order is that of ast.def. */
#define F(type, name, how)
#define NODE(sum, Name, ...) sum##_##Name,
#define LEAF(sum, Name) sum##_##Name,
#define PRODUCT(...)
#define SUM(sum, attributes) }; enum sum##_kind { sum##_none_,
enum ast_no_kind { ast_no_kind_,
#include "syntax/ast.def"
};
#undef SUM
#undef PRODUCT
#undef LEAF
#undef NODE
#undef F

typedef enum expr_context_kind ExprContext;
typedef enum boolop_kind BoolOp;
typedef enum operator_kind Operator;
typedef enum unaryop_kind UnaryOp;
typedef enum cmpop_kind CmpOp;

#define AST_TYPE_identifier PyObject *
#define AST_TYPE_string PyObject *
#define AST_TYPE_constant PyObject *
#define AST_TYPE_integer int
#define AST_TYPE_stmt Stmt *
#define AST_TYPE_expr Expr *
#define AST_TYPE_comprehension Comprehension *
#define AST_TYPE_excepthandler ExceptHandler *
#define AST_TYPE_arguments Arguments *
#define AST_TYPE_arg Arg *
#define AST_TYPE_keyword Keyword *
#define AST_TYPE_alias Alias *
#define AST_TYPE_withitem WithItem *
#define AST_TYPE_match_case MatchCase *
#define AST_TYPE_pattern Pattern *
#define AST_TYPE_type_ignore TypeIgnore *
#define AST_TYPE_expr_context ExprContext
#define AST_TYPE_boolop BoolOp
#define AST_TYPE_operator Operator
#define AST_TYPE_unaryop UnaryOp
#define AST_TYPE_cmpop CmpOp

/* Sequences, one type per element type; all share AstSeq's shape (cmpop elements are ints in pointer-sized slots). */
typedef struct { Py_ssize_t size; void *items[]; } AstSeq;
typedef struct { Py_ssize_t size; PyObject *items[]; } IdentifierSeq;
typedef struct { Py_ssize_t size; Stmt *items[]; } StmtSeq;
typedef struct { Py_ssize_t size; Expr *items[]; } ExprSeq;
typedef struct { Py_ssize_t size; Comprehension *items[]; } ComprehensionSeq;
typedef struct { Py_ssize_t size; ExceptHandler *items[]; } ExceptHandlerSeq;
typedef struct { Py_ssize_t size; Arg *items[]; } ArgSeq;
typedef struct { Py_ssize_t size; Keyword *items[]; } KeywordSeq;
typedef struct { Py_ssize_t size; Alias *items[]; } AliasSeq;
typedef struct { Py_ssize_t size; WithItem *items[]; } WithItemSeq;
typedef struct { Py_ssize_t size; MatchCase *items[]; } MatchCaseSeq;
typedef struct { Py_ssize_t size; Pattern *items[]; } PatternSeq;
typedef struct { Py_ssize_t size; TypeIgnore *items[]; } TypeIgnoreSeq;
typedef struct { Py_ssize_t size; intptr_t items[]; } CmpOpSeq;

#define AST_SEQ_identifier IdentifierSeq
#define AST_SEQ_stmt StmtSeq
#define AST_SEQ_expr ExprSeq
#define AST_SEQ_comprehension ComprehensionSeq
#define AST_SEQ_excepthandler ExceptHandlerSeq
#define AST_SEQ_arg ArgSeq
#define AST_SEQ_keyword KeywordSeq
#define AST_SEQ_alias AliasSeq
#define AST_SEQ_withitem WithItemSeq
#define AST_SEQ_match_case MatchCaseSeq
#define AST_SEQ_pattern PatternSeq
#define AST_SEQ_type_ignore TypeIgnoreSeq
#define AST_SEQ_cmpop CmpOpSeq

/* A zeroed sequence of `size` pointer-sized slots; cast by assignment to the typed pointer. NULL with MemoryError set. */
void *ast_seq_new(Arena *arena, Py_ssize_t size);

/* Where a node stands in the source: lines from 1, columns in UTF-8 bytes from 0, the end exclusive. */
typedef struct { int lineno, col_offset, end_lineno, end_col_offset; } AstPosition;

/* ---- Structs -------------------------------------------------------------------------------------------------- */

#define AST_FIELD_ONE(type, name) AST_TYPE_##type name;
#define AST_FIELD_OPT(type, name) AST_TYPE_##type name;
#define AST_FIELD_MANY(type, name) AST_SEQ_##type *name;
#define F(type, name, how) AST_FIELD_##how(type, name)

/* Sum types: a kind, the position where the sum has one, and a union with a struct per constructor. The rows of
 * ast.def are selected by sum through AST_MEMBER_<sum>, which only the struct being made defines as "emit". */
#define AST_EMIT(Name, ...) struct { __VA_ARGS__ } Name;
#define AST_SKIP(Name, ...)
#define SUM(sum, attributes)
#define LEAF(sum, Name)
#define PRODUCT(...)
#define NODE(sum, Name, ...) AST_MEMBER_##sum(Name, __VA_ARGS__)

#define AST_MEMBER_mod AST_EMIT
#define AST_MEMBER_stmt AST_SKIP
#define AST_MEMBER_expr AST_SKIP
#define AST_MEMBER_excepthandler AST_SKIP
#define AST_MEMBER_pattern AST_SKIP
#define AST_MEMBER_type_ignore AST_SKIP
struct Mod {
    enum mod_kind kind;
    union {
#include "syntax/ast.def"
    };
};
#undef AST_MEMBER_mod
#define AST_MEMBER_mod AST_SKIP

#undef AST_MEMBER_stmt
#define AST_MEMBER_stmt AST_EMIT
struct Stmt {
    enum stmt_kind kind;
    AstPosition pos;
    union {
#include "syntax/ast.def"
    };
};
#undef AST_MEMBER_stmt
#define AST_MEMBER_stmt AST_SKIP

#undef AST_MEMBER_expr
#define AST_MEMBER_expr AST_EMIT
struct Expr {
    enum expr_kind kind;
    AstPosition pos;
    union {
#include "syntax/ast.def"
    };
};
#undef AST_MEMBER_expr
#define AST_MEMBER_expr AST_SKIP

#undef AST_MEMBER_excepthandler
#define AST_MEMBER_excepthandler AST_EMIT
struct ExceptHandler {
    enum excepthandler_kind kind;
    AstPosition pos;
    union {
#include "syntax/ast.def"
    };
};
#undef AST_MEMBER_excepthandler
#define AST_MEMBER_excepthandler AST_SKIP

#undef AST_MEMBER_pattern
#define AST_MEMBER_pattern AST_EMIT
struct Pattern {
    enum pattern_kind kind;
    AstPosition pos;
    union {
#include "syntax/ast.def"
    };
};
#undef AST_MEMBER_pattern
#define AST_MEMBER_pattern AST_SKIP

#undef AST_MEMBER_type_ignore
#define AST_MEMBER_type_ignore AST_EMIT
struct TypeIgnore {
    enum type_ignore_kind kind;
    union {
#include "syntax/ast.def"
    };
};
#undef AST_MEMBER_type_ignore
#undef AST_MEMBER_pattern
#undef AST_MEMBER_excepthandler
#undef AST_MEMBER_expr
#undef AST_MEMBER_stmt
#undef AST_MEMBER_mod
#undef NODE
#undef PRODUCT

/* Product types: the position where there is one, then the fields directly. */
#define AST_ATTRIBUTES_POSITIONS AstPosition pos;
#define AST_ATTRIBUTES_NOTHING
#define AST_STRUCT_comprehension Comprehension
#define AST_STRUCT_arguments Arguments
#define AST_STRUCT_arg Arg
#define AST_STRUCT_keyword Keyword
#define AST_STRUCT_alias Alias
#define AST_STRUCT_withitem WithItem
#define AST_STRUCT_match_case MatchCase
#define NODE(...)
#define PRODUCT(name, attributes, ...) struct AST_STRUCT_##name { AST_ATTRIBUTES_##attributes __VA_ARGS__ };
#include "syntax/ast.def"
#undef PRODUCT
#undef NODE
#undef LEAF
#undef SUM
#undef F

#endif
