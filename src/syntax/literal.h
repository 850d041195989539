/* What string literals and f-strings share. */
#ifndef KRAIT_SYNTAX_LITERAL_H
#define KRAIT_SYNTAX_LITERAL_H

#include "syntax/parser.h"

/* Warns of an escape sequence without meaning (`escape` points behind its backslash); -1 with an exception set. */
int literal_warn_escape(Parser *p, const char *escape, const Token *t);

/* The str that a piece of a literal stands for; a new reference, NULL with an exception set. */
PyObject *literal_decode(Parser *p, const char *text, const char *end, bool raw, const Token *t);

/* A Constant that spans these tokens; steals the value. */
Expr *literal_new_constant(Parser *p, PyObject *value_steal, const Token *first, const Token *last);

/* Building a string from literals and f-strings that stand side by side: finished parts lie on the parser's stack,
 * plain text gathers in *pending (owned, or NULL). */
bool fstring_add_text(PyObject **pending, PyObject *part_steal);
bool fstring_add_literal(Parser *p, const char *text, const char *end, bool raw, int token, int first, int last,
                         PyObject **pending);
/* The JoinedStr of the parts above mark; takes *pending. */
Expr *fstring_finish(Parser *p, size_t mark, PyObject **pending, int first, int last);

#endif
