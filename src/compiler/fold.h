/* Optimisation of the tree before code is made of it: constant folding within the reference's
 * size limits. */
#ifndef KRAIT_COMPILER_FOLD_H
#define KRAIT_COMPILER_FOLD_H

#include "syntax/ast.h"

/* Folds a tree in place. `optimize` decides __debug__, `future_flags` whether annotations are
 * left alone (they become text). 0, or -1 with an exception set. */
int fold_tree(Mod *mod, Arena *arena, int optimize, int future_flags);

/* The three shapes of folding that fold_tree() uses, each in place; in fold_constants.c. */
int fold_unary(Expr *e, Arena *arena);
int fold_binary(Expr *e, Arena *arena);
int fold_subscript(Expr *e, Arena *arena);
int fold_tuple(Expr *e, Arena *arena);
/* What `for` and `in` walk: a list display may be a tuple, a set a frozenset. */
int fold_iterable(Expr *e, Arena *arena);

/* Turns a node into a constant. Steals `value`; NULL means that no value could be computed:
 * errors other than KeyboardInterrupt are then dropped and the node is left for run time. */
int fold_to_constant_steal(Expr *e, PyObject *value, Arena *arena);

/* "…" % (a, b) as an f-string, in fold_format.c. */
int fold_percent_format(Expr *e, PyObject *format, const ExprSeq *values, Arena *arena);

#endif
