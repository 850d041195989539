/* Token kinds, made from tokens.def. */
#ifndef KRAIT_SYNTAX_TOKENS_H
#define KRAIT_SYNTAX_TOKENS_H

#include <Python.h>

typedef enum TokenKind {
#define TOKEN(name) TOK_##name,
#define OPERATOR1(name, a) TOK_##name,
#define OPERATOR2(name, a, b) TOK_##name,
#define OPERATOR3(name, a, b, c) TOK_##name,
#define KEYWORD(name)
#include "syntax/tokens.def"
#undef KEYWORD
    TOK_COUNT,
#define KEYWORD(name) KW_##name,
#undef TOKEN
#undef OPERATOR1
#undef OPERATOR2
#undef OPERATOR3
#define TOKEN(name)
#define OPERATOR1(name, a)
#define OPERATOR2(name, a, b)
#define OPERATOR3(name, a, b, c)
#include "syntax/tokens.def"
#undef KEYWORD
#undef TOKEN
#undef OPERATOR1
#undef OPERATOR2
#undef OPERATOR3
    KW_END
} TokenKind;

static_assert(TOK_ENCODING == 63, "token numbers are public");

/* Exported with 3.11's meaning: the operator made of these characters, or OP. */
PyAPI_FUNC(int) PyToken_OneChar(int c1);
PyAPI_FUNC(int) PyToken_TwoChars(int c1, int c2);
PyAPI_FUNC(int) PyToken_ThreeChars(int c1, int c2, int c3);
PyAPI_DATA(const char *const) _PyParser_TokenNames[];

/* The keyword's kind, or TOK_NAME. */
TokenKind token_keyword(const char *text, Py_ssize_t size);

/* The text of an operator or keyword, or the name of a token without fixed text. */
const char *token_text(TokenKind kind);

#endif
