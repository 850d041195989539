/* Reading the text of grammar.def into tables, once, when the first syntax error asks for them. */
#include "syntax/grammar.h"

#include <string.h>

static Grammar grammar;

static const struct { const char *name, *text, *more; bool memo; } rules[] = {
#define RULE(name, text) {#name, text, NULL, false},
#define MEMO(name, text) {#name, text, NULL, true},
#define LEFT(name, text, more) {#name, text, more, true},
#include "syntax/grammar.def"
#undef RULE
#undef MEMO
#undef LEFT
};

typedef struct {
    const char *c;
    bool bad;
} Reader;

static void skip_space(Reader *r)
{
    while (*r->c == ' ')
        r->c++;
}

static size_t word_size(const char *c)
{
    size_t size = 0;
    while (Py_ISALNUM(c[size]) || c[size] == '_')
        size++;
    return size;
}

static bool is_word(const char *name, const char *c, size_t size)
{
    return strlen(name) == size && memcmp(name, c, size) == 0;
}

static short read_choice(Reader *r);

static int find_rule(const char *c, size_t size)
{
    for (int i = 0; i < RULE_COUNT; i++)
        if (is_word(rules[i].name, c, size)) return i;
    return -1;
}

/* 'text' */
static TokenKind read_quoted(Reader *r)
{
    const char *start = ++r->c, *end = strchr(start, '\'');
    size_t size = (size_t)(end - start);
    r->c = end + 1;
    for (int kind = TOK_LPAR; kind < KW_END; kind++) {
        if (kind == TOK_OP) kind = TOK_COUNT + 1;
        if (is_word(token_text((TokenKind)kind), start, size)) return (TokenKind)kind;
    }
    r->bad = true;
    return TOK_ERRORTOKEN;
}

static GrammarItem read_name(Reader *r)
{
    GrammarItem item = {0};
    size_t size = word_size(r->c);
    const char *c = r->c;
    r->c += size;
    if (size == 0) {
        r->bad = true;
    }
    else if (is_word("SOFT_KEYWORD", c, size)) {
        item.kind = ITEM_SOFT_KEYWORD;
    }
    else if (*c >= 'A' && *c <= 'Z') {
        for (int kind = 0; kind < TOK_COUNT; kind++) {
            if (!is_word(_PyParser_TokenNames[kind], c, size)) continue;
            item.kind = ITEM_TOKEN;
            item.value = (short)kind;
            return item;
        }
        r->bad = true;
    }
    else {
        int rule = find_rule(c, size);
        item.kind = ITEM_RULE;
        item.value = (short)rule;
        if (rule < 0) r->bad = true;
    }
    return item;
}

static short keep_item(Reader *r, GrammarItem item)
{
    if (grammar.item_count == MAX_ITEMS) {
        r->bad = true;
        return 0;
    }
    grammar.items[grammar.item_count] = item;
    return grammar.item_count++;
}

static GrammarItem read_item(Reader *r);

static GrammarItem read_atom(Reader *r)
{
    GrammarItem item = {0};
    switch (*r->c) {
    case '\'':
        item.kind = ITEM_TOKEN;
        item.value = (short)read_quoted(r);
        return item;
    case '$':
        item.kind = ITEM_WORD;
        item.text = ++r->c;
        item.text_size = (unsigned char)word_size(r->c);
        r->c += item.text_size;
        return item;
    case '(': case '[':
        item.kind = *r->c == '(' ? ITEM_GROUP : ITEM_OPTIONAL;
        r->c++;
        item.value = read_choice(r);
        skip_space(r);
        if (*r->c != ')' && *r->c != ']') r->bad = true;
        r->c++;
        return item;
    default:
        return read_name(r);
    }
}

static GrammarItem read_item(Reader *r)
{
    GrammarItem item = {0};
    if (r->c[0] == '&' && r->c[1] == '&') {
        r->c += 2;
        item.kind = ITEM_FORCED;
        item.value = (short)read_quoted(r);
        return item;
    }
    if (*r->c == '&' || *r->c == '!') {
        item.kind = *r->c++ == '&' ? ITEM_AHEAD : ITEM_NOT_AHEAD;
        item.value = keep_item(r, read_atom(r));
        return item;
    }
    if (*r->c == '~') {
        r->c++;
        item.kind = ITEM_COMMIT;
        return item;
    }
    unsigned char slot = 0;
    if (*r->c >= 'a' && *r->c <= 'd' && r->c[1] == '=') {
        slot = (unsigned char)(*r->c - 'a' + 1);
        r->c += 2;
    }
    item = read_atom(r);
    if (*r->c == '.') {
        r->c++;
        GrammarItem gather = {.kind = ITEM_GATHER, .separator = keep_item(r, item)};
        gather.value = keep_item(r, read_atom(r));
        item = gather;
        r->c++;
    }
    else if (*r->c == '*' || *r->c == '+') {
        GrammarItem repeat = {.kind = ITEM_REPEAT, .least = *r->c == '+', .value = keep_item(r, item)};
        item = repeat;
        r->c++;
    }
    item.slot = slot;
    return item;
}

static unsigned char read_node_kind(Reader *r)
{
    static const struct { const char *name; unsigned char kind; } others[] = {
        {"arg", NODE_arg}, {"args", NODE_args}, {"keyword", NODE_keyword}, {"mapping", NODE_mapping},
        {"comprehension", NODE_comprehension},
    };
    const char *c = ++r->c;
    size_t size = word_size(c);
    r->c += size + 1;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (is_word(others[i].name, c, size)) return others[i].kind;
    const AstTypeInfo *type = &ast_types[AST_ID_expr];
    for (int i = 0; i < type->count; i++)
        if (is_word(ast_nodes[type->first + (AstNodeId)i].name, c, size)) return (unsigned char)(i + 1);
    r->bad = true;
    return 0;
}

static short find_function(const char *c, size_t size)
{
    for (short i = 0; i < grammar.function_count; i++)
        if (strncmp(grammar.functions[i], c, size) == 0 && word_size(grammar.functions[i]) == size) return i;
    if (grammar.function_count == MAX_DO) return -1;
    grammar.functions[grammar.function_count] = c;
    return grammar.function_count++;
}

static void read_action(Reader *r, GrammarAlternative *alternative)
{
    static const char *const hows[] = {"none", "last", "at", "range", "from", "indent", "do"};
    r->c += 2;
    skip_space(r);
    size_t size = word_size(r->c);
    for (unsigned char i = 1; i < 7; i++)
        if (is_word(hows[i], r->c, size)) alternative->how = i;
    if (!alternative->how) r->bad = true;
    r->c += size;
    skip_space(r);
    if (alternative->how == HOW_DO) {
        size = word_size(r->c);
        alternative->function = find_function(r->c, size);
        if (alternative->function < 0) r->bad = true;
        r->c += size;
        return;
    }
    for (unsigned char *slot = &alternative->first; *r->c >= 'a' && *r->c <= 'd'; slot = &alternative->second) {
        *slot = (unsigned char)(*r->c++ - 'a' + 1);
        skip_space(r);
    }
    const char *end = *r->c == '`' ? strchr(r->c + 1, '`') : NULL;
    if (!end) {
        r->bad = true;
        return;
    }
    alternative->message = r->c + 1;
    alternative->message_size = (unsigned char)(end - alternative->message);
    r->c = end + 1;
}

static GrammarAlternative read_alternative(Reader *r)
{
    GrammarAlternative alternative = {0};
    GrammarItem items[16];
    short count = 0;
    for (;;) {
        skip_space(r);
        char c = *r->c;
        if (r->bad || c == '\0' || c == '|' || c == ')' || c == ']') break;
        if (c == '{') {
            alternative.node = read_node_kind(r);
        }
        else if (c == '-' && r->c[1] == '>') {
            read_action(r, &alternative);
        }
        else if (count == 16) {
            r->bad = true;
        }
        else {
            items[count++] = read_item(r);
        }
    }
    alternative.items = grammar.item_count;
    alternative.count = count;
    for (short i = 0; i < count; i++)
        keep_item(r, items[i]);
    alternative.invalid = count == 1 && items[0].kind == ITEM_RULE && !r->bad &&
                          strncmp(rules[items[0].value].name, "invalid_", 8) == 0;
    return alternative;
}

static short read_choice(Reader *r)
{
    GrammarAlternative alternatives[16];
    short count = 0;
    do {
        if (count) r->c++;
        if (count == 16) {
            r->bad = true;
            return 0;
        }
        alternatives[count++] = read_alternative(r);
    } while (!r->bad && *r->c == '|');
    if (r->bad || grammar.alternative_count + count > MAX_ALTERNATIVES || grammar.choice_count == MAX_CHOICES) {
        r->bad = true;
        return 0;
    }
    short choice = grammar.choice_count++;
    grammar.choices[choice] = (GrammarChoice){.alternatives = grammar.alternative_count, .count = count};
    memcpy(grammar.alternatives + grammar.alternative_count, alternatives, (size_t)count * sizeof alternatives[0]);
    grammar.alternative_count = (short)(grammar.alternative_count + count);
    return choice;
}

static bool read_rule(int i)
{
    Reader r = {.c = rules[i].text};
    grammar.rules[i] = read_choice(&r);
    if (*r.c) r.bad = true;
    grammar.continuations[i] = -1;
    grammar.memo[i] = rules[i].memo;
    if (rules[i].more && !r.bad) {
        r.c = rules[i].more;
        grammar.continuations[i] = read_choice(&r);
        if (*r.c) r.bad = true;
    }
    if (r.bad) PyErr_Format(PyExc_SystemError, "grammar.def: rule %s is at fault near '%s'", rules[i].name, r.c);
    return !r.bad;
}

/* ---- First sets ------------------------------------------------------------------------------------------------- */

static FirstSet first_of_item(const GrammarItem *item)
{
    FirstSet first = {0};
    switch (item->kind) {
    case ITEM_TOKEN: first.kinds[item->value >> 6] = (uint64_t)1 << (item->value & 63); break;
    case ITEM_WORD: case ITEM_SOFT_KEYWORD: first.kinds[0] = (uint64_t)1 << TOK_NAME; break;
    case ITEM_RULE: return grammar.choices[grammar.rules[item->value]].starts;
    case ITEM_GROUP: return grammar.choices[item->value].starts;
    case ITEM_OPTIONAL:
        first = grammar.choices[item->value].starts;
        first.empty = true;
        break;
    case ITEM_REPEAT: case ITEM_GATHER:
        first = first_of_item(&grammar.items[item->value]);
        if (item->kind == ITEM_REPEAT && !item->least) first.empty = true;
        break;
    default:
        /* What must follow raises when it does not; looking ahead takes nothing. */
        if (item->kind == ITEM_FORCED) first.kinds[0] = first.kinds[1] = ~(uint64_t)0;
        first.empty = true;
    }
    return first;
}

static void add_first(FirstSet *to, const FirstSet *from)
{
    to->kinds[0] |= from->kinds[0];
    to->kinds[1] |= from->kinds[1];
}

static bool update_first(GrammarChoice *choice)
{
    FirstSet all = {0};
    for (int i = 0; i < choice->count; i++) {
        GrammarAlternative *a = &grammar.alternatives[choice->alternatives + i];
        FirstSet first = {.empty = true};
        for (int k = 0; k < a->count && first.empty; k++) {
            FirstSet next = first_of_item(&grammar.items[a->items + k]);
            add_first(&first, &next);
            first.empty = next.empty;
        }
        a->starts = first;
        add_first(&all, &first);
        all.empty |= first.empty;
    }
    bool changed = memcmp(all.kinds, choice->starts.kinds, sizeof all.kinds) != 0 || all.empty != choice->starts.empty;
    choice->starts = all;
    return changed;
}

static void find_first_sets(void)
{
    bool changed;
    do {
        changed = false;
        for (int i = 0; i < grammar.choice_count; i++)
            changed |= update_first(&grammar.choices[i]);
    } while (changed);
}

const Grammar *grammar_get(void)
{
    if (grammar.ready) return &grammar;
    memset(&grammar, 0, sizeof grammar);
    for (int i = 0; i < RULE_COUNT; i++)
        if (!read_rule(i)) return NULL;
    find_first_sets();
    grammar.ready = true;
    return &grammar;
}
