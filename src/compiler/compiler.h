/* AST -> code object: the contract of this folder. */
#ifndef KRAIT_COMPILER_COMPILER_H
#define KRAIT_COMPILER_COMPILER_H

#include <Python.h>

#include "compiler/symtable.h"
#include "syntax/ast.h"

/* Compiles a tree. The tree is changed: constants are folded in place, in its arena. `flags`
 * may be NULL; future statements that the tree opens with are added to it. `optimize` is 0, 1
 * or 2, or -1 for the interpreter's -O options. A new reference, or NULL with an exception set
 * (SyntaxError, RecursionError, MemoryError, …). */
PyCodeObject *compiler_compile(Mod *mod, PyObject *filename, PyCompilerFlags *flags, int optimize,
                               Arena *arena);

/* Makes the compiler's own types ready; 0, or -1 with an exception set. */
int compiler_init_types(void);

#endif
