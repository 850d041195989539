#include "syntax/tokens.h"

#include <string.h>

const char *const _PyParser_TokenNames[] = {
#define TOKEN(name) #name,
#define OPERATOR1(name, a) #name,
#define OPERATOR2(name, a, b) #name,
#define OPERATOR3(name, a, b, c) #name,
#define KEYWORD(name)
#include "syntax/tokens.def"
#undef TOKEN
#undef OPERATOR1
#undef OPERATOR2
#undef OPERATOR3
    "<N_TOKENS>",
};

#define TOKEN(name)
#define OPERATOR2(name, a, b)
#define OPERATOR3(name, a, b, c)

#define OPERATOR1(name, a) case a: return TOK_##name;
int PyToken_OneChar(int c1)
{
    switch (c1) {
#include "syntax/tokens.def"
    }
    return TOK_OP;
}
#undef OPERATOR1
#undef OPERATOR2
#define OPERATOR1(name, a)
#define OPERATOR2(name, a, b) case (a) << 8 | (b): return TOK_##name;

int PyToken_TwoChars(int c1, int c2)
{
    if ((unsigned)c1 > 127 || (unsigned)c2 > 127) return TOK_OP;
    switch (c1 << 8 | c2) {
#include "syntax/tokens.def"
    /* An old spelling of !=, which needs the barry_as_FLUFL future to be accepted. */
    case '<' << 8 | '>': return TOK_NOTEQUAL;
    }
    return TOK_OP;
}
#undef OPERATOR2
#undef OPERATOR3
#define OPERATOR2(name, a, b)
#define OPERATOR3(name, a, b, c) case (a) << 16 | (b) << 8 | (c): return TOK_##name;

int PyToken_ThreeChars(int c1, int c2, int c3)
{
    if ((unsigned)c1 > 127 || (unsigned)c2 > 127 || (unsigned)c3 > 127) return TOK_OP;
    switch (c1 << 16 | c2 << 8 | c3) {
#include "syntax/tokens.def"
    }
    return TOK_OP;
}
#undef TOKEN
#undef OPERATOR1
#undef OPERATOR2
#undef OPERATOR3
#undef KEYWORD

static const char *const token_texts[] = {
#define TOKEN(name) [TOK_##name] = #name,
#define OPERATOR1(name, a) [TOK_##name] = (const char[]){a, 0},
#define OPERATOR2(name, a, b) [TOK_##name] = (const char[]){a, b, 0},
#define OPERATOR3(name, a, b, c) [TOK_##name] = (const char[]){a, b, c, 0},
#define KEYWORD(name) [KW_##name] = #name,
#include "syntax/tokens.def"
#undef TOKEN
#undef OPERATOR1
#undef OPERATOR2
#undef OPERATOR3
#undef KEYWORD
};

const char *token_text(TokenKind kind)
{
    return token_texts[kind];
}

TokenKind token_keyword(const char *text, Py_ssize_t size)
{
    /* The table is in the order of the alphabet (capitals first), so the first letter gives the range to search. */
    static const unsigned char first[27] = {
        ['a' - 'a'] = KW_and, ['b' - 'a'] = KW_break, ['c' - 'a'] = KW_class, ['d' - 'a'] = KW_def,
        ['e' - 'a'] = KW_elif, ['f' - 'a'] = KW_finally, ['g' - 'a'] = KW_global, ['i' - 'a'] = KW_if,
        ['l' - 'a'] = KW_lambda, ['n' - 'a'] = KW_nonlocal, ['o' - 'a'] = KW_or, ['p' - 'a'] = KW_pass,
        ['r' - 'a'] = KW_raise, ['t' - 'a'] = KW_try, ['w' - 'a'] = KW_while, ['y' - 'a'] = KW_yield,
    };
    static_assert(KW_END < 256, "kinds fit a byte");
    if (size < 2 || size > 8) return TOK_NAME;
    int kind;
    if (text[0] >= 'a' && text[0] <= 'z') {
        kind = first[text[0] - 'a'];
        if (!kind) return TOK_NAME;
    }
    else if (text[0] == 'F' || text[0] == 'N' || text[0] == 'T') {
        kind = KW_False;
    }
    else {
        return TOK_NAME;
    }
    for (; kind < KW_END && token_texts[kind][0] <= text[0]; kind++) {
        if (strncmp(token_texts[kind], text, (size_t)size) == 0 && token_texts[kind][size] == '\0')
            return (TokenKind)kind;
    }
    return TOK_NAME;
}
