/* Source text -> AST: the contract of this folder with the compiler, the runtime and the modules.
 *
 * `start` is Py_single_input, Py_file_input, Py_eval_input or Py_func_type_input. `flags` may be NULL; its PyCF_* and
 * CO_FUTURE_* bits and its feature version are honoured. Everything returned lives as long as the arena.
 */
#ifndef KRAIT_SYNTAX_SYNTAX_H
#define KRAIT_SYNTAX_SYNTAX_H

#include "syntax/ast.h"
#include "syntax/tokens.h"

#include <stdio.h>

#define SYNTAX_FUNC_TYPE_INPUT 345

/* Parses NUL-terminated source. Unless PyCF_IGNORE_COOKIE says that it is UTF-8 from a str, an encoding cookie and a
 * byte-order mark are honoured. NULL with an exception set (a SyntaxError that says where). */
Mod *syntax_parse_string(const char *source, PyObject *filename, int start, PyCompilerFlags *flags, Arena *arena);

/* Parses from an open file, which stays open. With a prompt (ps1 not NULL) lines are asked for one by one, as many as
 * one statement needs; `encoding` (may be NULL) is then theirs. At the end of the input of an interactive session the
 * result is NULL with no exception set and *at_end (may be NULL) is true. If `interactive_source` is not NULL it
 * receives a new reference to the text that was read. NULL with an exception set on errors. */
Mod *syntax_parse_file(FILE *file, PyObject *filename, const char *encoding, int start, const char *ps1, const char *ps2,
                       PyCompilerFlags *flags, bool *at_end, PyObject **interactive_source, Arena *arena);

/* ---- Trees as Python objects (the `_ast` module) ---------------------------------------------------------------- */

/* The `ast.Module(...)` tree of Python objects for a tree of ours; a new reference, NULL with an exception set. */
PyObject *ast_to_object(Mod *mod);

/* Our tree for a tree of Python objects. `mode`: 0 exec, 1 eval, 2 single, 3 func_type. NULL with an exception set. */
Mod *ast_from_object(PyObject *object, int mode, Arena *arena);

/* Whether object is an ast.AST instance; -1 with an exception set. */
int ast_is_node(PyObject *object);

/* Checks what the grammar cannot say of a tree made by hand; 1 when it is good, 0 with an exception set. */
int ast_validate(Mod *mod);

/* The text of an expression, as annotations show it under `from __future__ import annotations`; a new reference. */
PyObject *ast_unparse_expr(Expr *expr);

/* The docstring of a body (a borrowed str), or NULL without an exception. */
PyObject *ast_docstring_borrow(StmtSeq *body);

PyMODINIT_FUNC PyInit__ast(void);
PyMODINIT_FUNC PyInit__tokenize(void);

#endif
