/* grammar.def as tables for the second pass's recogniser. Private to this folder. */
#ifndef KRAIT_SYNTAX_GRAMMAR_H
#define KRAIT_SYNTAX_GRAMMAR_H

#include "syntax/ast_types.h"
#include "syntax/parser.h"

typedef enum RuleId {
#define RULE(name, text) RULE_##name,
#define MEMO(name, text) RULE_##name,
#define LEFT(name, text, more) RULE_##name,
#include "syntax/grammar.def"
#undef RULE
#undef MEMO
#undef LEFT
    RULE_COUNT
} RuleId;

typedef enum ItemKind {
    ITEM_TOKEN,         /* value: TokenKind */
    ITEM_FORCED,        /* value: TokenKind */
    ITEM_WORD,          /* text: a soft keyword */
    ITEM_SOFT_KEYWORD,  /* any soft keyword */
    ITEM_RULE,          /* value: RuleId */
    ITEM_GROUP,         /* value: choice */
    ITEM_OPTIONAL,      /* value: choice */
    ITEM_REPEAT,        /* value: item, at least `least` times */
    ITEM_GATHER,        /* value: item, at least once, with item `separator` between */
    ITEM_AHEAD,         /* value: item */
    ITEM_NOT_AHEAD,     /* value: item */
    ITEM_COMMIT,
} ItemKind;

typedef struct {
    unsigned char kind, slot;       /* slot: 1 to 4 for a labelled item */
    unsigned char least;
    short value, separator;
    const char *text;
    unsigned char text_size;
} GrammarItem;

/* The tokens that something can start with, to skip what cannot match. */
typedef struct {
    uint64_t kinds[2];
    bool empty;             /* it may match no token at all, so anything may follow */
} FirstSet;

static_assert(KW_END <= 128, "token kinds fit a FirstSet");

static inline bool first_allows(const FirstSet *first, TokenKind kind)
{
    return first->empty || first->kinds[kind >> 6] >> (kind & 63) & 1;
}

typedef enum { HOW_NONE, HOW_LAST, HOW_AT, HOW_RANGE, HOW_FROM, HOW_INDENT, HOW_DO } ActionHow;

typedef struct {
    short items, count;             /* a run in `items` */
    bool invalid;                   /* for the second round only */
    unsigned char node;             /* kind of the node to make, 0 for none */
    unsigned char how, first, second;   /* action; labelled slots */
    short function;                 /* of HOW_DO */
    const char *message;
    unsigned char message_size;
    FirstSet starts;
} GrammarAlternative;

typedef struct {
    short alternatives, count;
    FirstSet starts;
} GrammarChoice;

/* Kinds of nodes beside those of expressions. */
enum {
    NODE_TOKEN = 100, NODE_SEQUENCE, NODE_NOTHING, NODE_arg, NODE_args, NODE_keyword, NODE_mapping, NODE_comprehension,
};

enum { MAX_ITEMS = 2600, MAX_ALTERNATIVES = 1200, MAX_CHOICES = 700, MAX_DO = 16 };

typedef struct {
    bool ready;
    GrammarItem items[MAX_ITEMS];
    GrammarAlternative alternatives[MAX_ALTERNATIVES];
    GrammarChoice choices[MAX_CHOICES];
    short rules[RULE_COUNT];            /* choice */
    short continuations[RULE_COUNT];    /* choice of a LEFT rule, or -1 */
    bool memo[RULE_COUNT];
    const char *functions[MAX_DO];      /* names of the `do` functions */
    short item_count, alternative_count, choice_count, function_count;
} Grammar;

/* The grammar, read at first use; NULL with an exception set if its text is at fault. */
const Grammar *grammar_get(void);

#endif
