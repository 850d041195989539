/* `from __future__ import` statements at the head of a module (the manual:
 * reference/simple_stmts, "Future statements"). */
#ifndef KRAIT_COMPILER_FUTURE_H
#define KRAIT_COMPILER_FUTURE_H

#include <Python.h>

#include "syntax/ast.h"

typedef struct {
    int flags;          /* CO_FUTURE_... */
    int last_line;      /* line of the last future statement, -1 if there is none */
} FutureFeatures;

/* Reads the future statements of a tree into *out; -1 with SyntaxError set. */
int future_from_tree(Mod *mod, PyObject *filename, FutureFeatures *out);

#endif
