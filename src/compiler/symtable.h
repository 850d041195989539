/* Symbol tables: which scope each name of each block belongs to (the manual:
 * reference/executionmodel).
 *
 * One pass over the tree collects, per block, how every name is used (symtable_build.c); a
 * second pass over the blocks resolves each name to a scope (symtable_analyze.c). Both results
 * live in one int per name, in the block's `symbols` dict: use bits below SYMBOL_SCOPE_SHIFT,
 * the scope above. The values are those that `_symtable` shows.
 */
#ifndef KRAIT_COMPILER_SYMTABLE_H
#define KRAIT_COMPILER_SYMTABLE_H

#include <Python.h>
#include <stdbool.h>

#include "compiler/future.h"
#include "syntax/ast.h"

enum {
    SYMBOL_GLOBAL = 1,          /* `global` statement */
    SYMBOL_LOCAL = 2,           /* assigned in the block */
    SYMBOL_PARAM = 4,           /* formal parameter */
    SYMBOL_NONLOCAL = 8,        /* `nonlocal` statement */
    SYMBOL_USE = 16,            /* read */
    SYMBOL_FREE = 32,           /* unused by 3.11, kept for _symtable.DEF_FREE */
    SYMBOL_FREE_CLASS = 64,     /* bound in a class block and free in one of its methods */
    SYMBOL_IMPORT = 128,        /* bound by import */
    SYMBOL_ANNOT = 256,         /* annotated */
    SYMBOL_COMP_ITER = 512,     /* iteration variable of a comprehension */

    SYMBOL_BOUND = SYMBOL_LOCAL | SYMBOL_PARAM | SYMBOL_IMPORT,
    SYMBOL_SCOPE_SHIFT = 11,
    SYMBOL_SCOPE_MASK = 15,
};

typedef enum {
    SCOPE_NONE = 0,             /* the name does not occur in the block */
    SCOPE_LOCAL = 1,
    SCOPE_GLOBAL_EXPLICIT = 2,
    SCOPE_GLOBAL_IMPLICIT = 3,
    SCOPE_FREE = 4,
    SCOPE_CELL = 5,
} NameScope;

typedef enum { BLOCK_FUNCTION, BLOCK_CLASS, BLOCK_MODULE, BLOCK_ANNOTATION } BlockType;
typedef enum {
    COMPREHENSION_NONE,
    COMPREHENSION_LIST,
    COMPREHENSION_SET,
    COMPREHENSION_DICT,
    COMPREHENSION_GENERATOR
} ComprehensionKind;

/* A block: the Python object that `_symtable.symtable()` returns a tree of. */
typedef struct SymtableEntry {
    PyObject_HEAD
    PyObject *id;               /* owned int: the address of the node that the block belongs to */
    PyObject *symbols;          /* owned dict: mangled name -> int */
    PyObject *name;             /* owned str */
    PyObject *varnames;         /* owned list: the parameters, in order */
    PyObject *children;         /* owned list of entries, in source order */
    PyObject *directives;       /* owned list of (name, lineno, col, end lineno, end col) of
                                   global/nonlocal, or NULL */
    int type;                   /* BlockType */
    int nested;                 /* inside a function block, at any distance */
    bool has_free;              /* refers to a name of an enclosing block */
    bool child_has_free;
    bool is_generator;
    bool is_coroutine;
    bool has_varargs;
    bool has_varkeywords;
    bool returns_value;
    bool needs_class_closure;   /* a class block one of whose methods uses __class__ */
    bool in_comp_iter_target;   /* while building: visiting a comprehension's target */
    ComprehensionKind comprehension;
    int comp_iter_expr;         /* while building: depth of comprehension iterables being visited */
    AstPosition pos;
} SymtableEntry;

extern PyTypeObject SymtableEntry_Type;

typedef struct Symtable {
    PyObject *filename;         /* borrowed */
    const FutureFeatures *future;
    PyObject *entries;          /* owned dict: id -> entry */
    PyObject *stack;            /* owned list: the enclosing blocks, innermost last */
    SymtableEntry *current;     /* borrowed from the stack */
    SymtableEntry *top;         /* borrowed from entries */
    PyObject *global_symbols;   /* borrowed: the module block's dict */
    PyObject *private_name;     /* borrowed: name of the enclosing class, or NULL */
    int recursion_depth, recursion_limit;
} Symtable;

/* Builds and analyses the table of a whole tree. NULL with an exception set. */
Symtable *symtable_build(Mod *mod, PyObject *filename, const FutureFeatures *future);
void symtable_free(Symtable *table);    /* NULL is fine */

/* The block of a node of the tree (borrowed). NULL with KeyError set if it has none. */
SymtableEntry *symtable_lookup_borrow(Symtable *table, const void *node);

/* For -X dump=scopes: each block with its names, what is done to them and their scope. */
void symtable_dump(const Symtable *table, FILE *out);

/* Bits of a (mangled) name in a block, 0 if it does not occur; -1 with an exception set. */
long symtable_entry_bits(SymtableEntry *entry, PyObject *name);
NameScope symtable_entry_scope(SymtableEntry *entry, PyObject *name);

/* The second pass; 0, or -1 with an exception set. */
int symtable_analyze(Symtable *table);

/* A new reference to `name` as class `private_name` (or NULL) mangles it (reference/expressions,
 * "Identifiers"). */
PyObject *mangle_name(PyObject *private_name, PyObject *name);

/* Attaches a source range to the SyntaxError that is set; always returns -1. */
int syntax_error_at(PyObject *filename, AstPosition pos);

/* Depth of nesting that compiling may reach, from the thread's recursion limit, and where it
 * stands already. */
void compiler_recursion_limits(int *depth, int *limit);
int compiler_recursion_error(void);     /* raises RecursionError; always -1 */

#endif
