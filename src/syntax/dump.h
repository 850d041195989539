/* Readable forms of tokens and trees for -X dump=tokens,ast. */
#ifndef KRAIT_SYNTAX_DUMP_H
#define KRAIT_SYNTAX_DUMP_H

#include "syntax/parser.h"

/* One line per token: where it stands, what it is, its text. */
void tokens_dump(const Parser *p, FILE *out);

/* The tree with one node per line, children indented. */
void ast_dump(const Mod *mod, FILE *out);

#endif
