/* The second pass: why a text is no sentence of the grammar.
 *
 * A recogniser walks the tables of grammar.def with unlimited backtracking (a parsing expression grammar with memory, PEP
 * 617). Round one runs without the invalid_ rules and finds the furthest token that was looked at, where a plain
 * "invalid syntax" points; round two runs with them, and the first that matches raises its own wording.
 */
#include "syntax/grammar.h"

#include <string.h>

/* What an item matched: tokens [start, end), with what is worth knowing of the inside. */
typedef struct Node {
    unsigned char kind;         /* an expr kind, or NODE_... */
    unsigned char count;        /* of children when labelled, otherwise see `size` */
    int start, end;
    int size;
    struct Node **children;     /* labelled items in order (NULL where none), or the elements of a sequence */
} Node;

typedef struct {
    uint64_t key;               /* (token, rule, round) + 1, or 0 */
    Node *node;                 /* NULL: no match */
    int end;
} Memo;

typedef struct {
    Parser *p;
    const Grammar *g;
    bool invalid;               /* the invalid_ rules are on */
    int fetched;                /* tokens that the first pass had fetched */
    Memo *memos;
    size_t memo_mask, memo_count;
} Diagnosis;

static Node nothing = {.kind = NODE_NOTHING};

static Node *match_item(Diagnosis *d, const GrammarItem *item);
static Node *match_choice(Diagnosis *d, int choice, int left);
static Node *match_rule(Diagnosis *d, int rule);

/* ---- Tokens ----------------------------------------------------------------------------------------------------- */

/* The next token; NULL with an exception set. The array holds what this pass has looked at: it may be shorter than what
 * the first pass had fetched. */
static const Token *next_token(Diagnosis *d)
{
    Parser *p = d->p;
    if (p->pos == p->fill) {
        if (p->fill < d->fetched) {
            p->fill++;
        }
        else {
            bool good = parser_fill(p);
            d->fetched = p->fill;
            if (!good) return NULL;
        }
    }
    const Token *t = &p->tokens[p->pos];
    if (t->kind == TOK_ERRORTOKEN) {
        p->failed = true;
        return NULL;
    }
    return t;
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

static Node *new_node(Diagnosis *d, int kind, int start, int size)
{
    Node *n = arena_alloc(d->p->arena, sizeof *n + (size_t)size * sizeof(Node *));
    if (!n) {
        d->p->failed = true;
        return NULL;
    }
    n->kind = (unsigned char)kind;
    n->start = start;
    n->end = d->p->pos;
    n->size = size;
    n->children = (Node **)(n + 1);
    return n;
}

static Node *take_token(Diagnosis *d)
{
    d->p->pos++;
    return new_node(d, NODE_TOKEN, d->p->pos - 1, 0);
}

/* Where a node stands. */
static AstPosition position_of(const Diagnosis *d, const Node *n)
{
    const Token *tokens = d->p->tokens;
    int end = n->end - 1;
    while (end > n->start && (tokens[end].kind == TOK_ENDMARKER ||
                              (tokens[end].kind >= TOK_NEWLINE && tokens[end].kind <= TOK_DEDENT)))
        end--;
    if (end < n->start) end = n->start;
    return (AstPosition){tokens[n->start].lineno, tokens[n->start].col, tokens[end].end_lineno, tokens[end].end_col};
}

/* The node that a sequence ends with. */
static const Node *last_of(const Node *n)
{
    while (n->kind == NODE_SEQUENCE && n->size)
        n = n->children[n->size - 1];
    return n;
}

static const Node *child(const Node *n, int i)
{
    return n && i < n->size ? n->children[i] : NULL;
}

/* ---- Wording ---------------------------------------------------------------------------------------------------- */

static bool token_text_is(const Diagnosis *d, int index, const char *text)
{
    return token_is(d->p, &d->p->tokens[index], text);
}

/* What to call an expression in a message. */
static const char *kind_name(const Diagnosis *d, const Node *n)
{
    switch (n->kind) {
    case expr_Attribute: return "attribute";
    case expr_Subscript: return "subscript";
    case expr_Starred: return "starred";
    case expr_Name: return "name";
    case expr_List: return "list";
    case expr_Tuple: return "tuple";
    case expr_Lambda: return "lambda";
    case expr_Call: return "function call";
    case expr_BoolOp: case expr_BinOp: case expr_UnaryOp: return "expression";
    case expr_GeneratorExp: return "generator expression";
    case expr_Yield: case expr_YieldFrom: return "yield expression";
    case expr_Await: return "await expression";
    case expr_ListComp: return "list comprehension";
    case expr_SetComp: return "set comprehension";
    case expr_DictComp: return "dict comprehension";
    case expr_Dict: return "dict literal";
    case expr_Set: return "set display";
    case expr_JoinedStr: return "f-string expression";
    case expr_Compare: return "comparison";
    case expr_IfExp: return "conditional expression";
    case expr_NamedExpr: return "named expression";
    case expr_Constant: case NODE_TOKEN:
        switch (d->p->tokens[n->start].kind) {
        case KW_None: return "None";
        case KW_True: return "True";
        case KW_False: return "False";
        case TOK_ELLIPSIS: return "ellipsis";
        case TOK_NAME: return "name";
        default: return "literal";
        }
    default: return "expression";
    }
}

/* The text of a message with its %s or %d filled in. */
static void raise_message(Diagnosis *d, const GrammarAlternative *a, Node **slots)
{
    char format[256], text[320];
    memcpy(format, a->message, a->message_size);
    format[a->message_size] = '\0';
    const Node *first = a->first ? slots[a->first - 1] : NULL, *second = a->second ? slots[a->second - 1] : first;
    if (strstr(format, "%d")) {
        PyOS_snprintf(text, sizeof text, format, d->p->tokens[first->start].lineno);
    }
    else if (strstr(format, "%s")) {
        PyOS_snprintf(text, sizeof text, format, kind_name(d, first));
    }
    else {
        strcpy(text, format);
    }
    AstPosition from = {0}, to = {0};
    if (first) {
        from = position_of(d, first);
        to = position_of(d, last_of(second));
    }
    switch (a->how) {
    case HOW_LAST: raise_at_last_token(d->p, PyExc_SyntaxError, "%s", text); break;
    case HOW_INDENT: raise_at_last_token(d->p, PyExc_IndentationError, "%s", text); break;
    case HOW_FROM:
        raise_at(d->p, PyExc_SyntaxError, from.lineno, from.col_offset, CURRENT_POSITION, CURRENT_POSITION, "%s", text);
        break;
    default: raise_range(d->p, from, to, "%s", text);
    }
}

/* ---- Functions of `-> do` --------------------------------------------------------------------------------------- */

static void raise_span(Diagnosis *d, const Node *from, const Node *to, const char *message)
{
    AstPosition start = position_of(d, from), end = position_of(d, to);
    raise_range(d->p, start, end, "%s", message);
}

enum TargetUse { ASSIGN, DELETE, LOOP };

/* The innermost part that can be no target, or NULL. */
static const Node *invalid_target(const Diagnosis *d, const Node *n, enum TargetUse use)
{
    switch (n ? n->kind : NODE_NOTHING) {
    case NODE_NOTHING: case expr_Name: case expr_Attribute: case expr_Subscript: return NULL;
    case NODE_SEQUENCE: case expr_List: case expr_Tuple:
        for (int i = 0; i < n->size; i++) {
            const Node *bad = invalid_target(d, n->children[i], use);
            if (bad) return bad;
        }
        return NULL;
    case expr_Starred: return use == DELETE ? n : invalid_target(d, child(n, 0), use);
    case expr_Compare:
        if (use == LOOP) {
            /* `a in b` of a loop: the left side is what should have been a target. */
            const Node *pair = child(child(n, 1), 0);
            if (pair && d->p->tokens[pair->start].kind == KW_in) return invalid_target(d, child(n, 0), use);
            return NULL;
        }
        return n;
    default: return n;
    }
}

static void raise_target(Diagnosis *d, const Node *n, enum TargetUse use)
{
    const Node *bad = invalid_target(d, n, use);
    if (!bad) return;
    AstPosition at = position_of(d, bad);
    raise_range(d->p, at, at, "cannot %s %s", use == DELETE ? "delete" : "assign to", kind_name(d, bad));
}

/* The last expression of a comprehension: its last condition or else what it loops over. */
static const Node *end_of_comprehension(const Node *clauses)
{
    const Node *last = last_of(clauses);
    const Node *conditions = child(last, 2);
    return conditions && conditions->size ? last_of(conditions) : child(last, 1);
}

static const char parenthesise_generator[] = "Generator expression must be parenthesized";

/* Positional arguments, those after keywords included; *last is the last of them. */
static int count_positional(const Node *n, const Node **last)
{
    if (!n || n->kind == NODE_NOTHING || n->kind == NODE_keyword || n->kind == NODE_mapping) return 0;
    if (n->kind != NODE_SEQUENCE && n->kind != NODE_args) {
        *last = n;
        return 1;
    }
    int count = 0;
    for (int i = 0; i < n->size; i++)
        count += count_positional(n->children[i], last);
    return count;
}

static bool has_mapping(const Node *n)
{
    if (!n || n->kind == NODE_mapping) return n;
    if (n->kind != NODE_SEQUENCE && n->kind != NODE_args) return false;
    for (int i = 0; i < n->size; i++)
        if (has_mapping(n->children[i])) return true;
    return false;
}

static bool is_legacy_statement(const Diagnosis *d, const Node *n)
{
    return (n->kind == expr_Name || n->kind == NODE_TOKEN) && d->p->tokens[n->start].kind == TOK_NAME &&
           (token_text_is(d, n->start, "print") || token_text_is(d, n->start, "exec"));
}

/* Runs a named function; its node if it makes one, else NULL. */
static Node *run_function(Diagnosis *d, const char *name, Node **s, int start)
{
    Parser *p = d->p;
#define IS(text) (strncmp(name, text, sizeof text - 1) == 0)
    if (IS("inequality")) {
        const Token *t = &p->tokens[start];
        bool old = token_start(p, t)[0] == '<', barry = p->flags & CO_FUTURE_BARRY_AS_BDFL;
        if (barry && !old)
            return raise_at_last_token(p, PyExc_SyntaxError, "with Barry as BDFL, use '<>' instead of '!='");
        return old == barry ? &nothing : NULL;
    }
    if (IS("strings")) {
        /* Errors within literals that the first pass did not come to are told here. */
        p->pos = start;
        Expr *e = parse_strings(p);
        return e ? new_node(d, e->kind, start, 0) : NULL;
    }
    if (IS("assign_target")) {
        raise_target(d, s[0], ASSIGN);
    }
    else if (IS("delete_target")) {
        raise_target(d, s[0], DELETE);
    }
    else if (IS("for_target")) {
        raise_target(d, s[0], LOOP);
    }
    else if (IS("forgotten_comma")) {
        if (is_legacy_statement(d, s[0]) || p->tokens[p->pos - 1].level == 0) return NULL;
        raise_span(d, s[0], s[1], "invalid syntax. Perhaps you forgot a comma?");
    }
    else if (IS("legacy_statement")) {
        if (!is_legacy_statement(d, s[0])) return NULL;
        AstPosition from = position_of(d, s[0]), to = position_of(d, s[1]);
        const char *word = token_text_is(d, s[0]->start, "print") ? "print" : "exec";
        raise_range(p, from, to, "Missing parentheses in call to '%s'. Did you mean %s(...)?", word, word);
    }
    else if (IS("unparenthesised_generator")) {
        raise_span(d, s[0], end_of_comprehension(s[1]), parenthesise_generator);
    }
    else if (IS("generator_among_arguments")) {
        const Node *last = NULL;
        if (count_positional(s[0], &last) > 1) raise_span(d, last, end_of_comprehension(s[1]), parenthesise_generator);
    }
    else if (IS("generator_after_arguments")) {
        raise_span(d, s[0], child(last_of(s[1]), 0), parenthesise_generator);
    }
    else if (IS("misplaced_positional")) {
        raise_at_last_token(p, PyExc_SyntaxError, "positional argument follows keyword argument%s",
                            has_mapping(s[0]) ? " unpacking" : "");
    }
    else if (IS("missing_dict_colon")) {
        AstPosition at = position_of(d, s[0]);
        raise_at(p, PyExc_SyntaxError, at.lineno, at.end_col_offset - 1, at.end_lineno, -1,
                 "':' expected after dictionary key");
    }
#undef IS
    return NULL;
}

/* ---- Matching --------------------------------------------------------------------------------------------------- */

/* The result of an alternative whose items all matched. */
static Node *make_result(Diagnosis *d, const GrammarAlternative *a, int start, Node **slots, int labelled, Node *only,
                         int left)
{
    if (left >= 0) start = left;
    if (a->node) {
        Node *n = new_node(d, a->node, start, labelled);
        if (n) memcpy(n->children, slots, (size_t)labelled * sizeof(Node *));
        return n;
    }
    if (labelled == 1 && slots[0]) return slots[0];
    if (labelled) {
        Node *n = new_node(d, NODE_SEQUENCE, start, labelled);
        if (n) memcpy(n->children, slots, (size_t)labelled * sizeof(Node *));
        return n;
    }
    if (a->count == 1 && left < 0) return only;
    return new_node(d, NODE_SEQUENCE, start, 0);
}

/* Tries the alternatives of a choice. `left` is where the left operand of a continuation begins, or -1. */
static Node *match_choice(Diagnosis *d, int choice, int left)
{
    Parser *p = d->p;
    const GrammarChoice *c = &d->g->choices[choice];
    int start = p->pos;
    const Token *t = next_token(d);
    if (!t || !first_allows(&c->starts, t->kind)) return NULL;
    if (!parser_enter(p, 1)) return NULL;
    TokenKind kind = t->kind;
    Node *result = NULL;
    for (int i = 0; i < c->count && !p->failed; i++) {
        const GrammarAlternative *a = &d->g->alternatives[c->alternatives + i];
        if ((a->invalid && !d->invalid) || !first_allows(&a->starts, kind)) continue;
        Node *slots[4] = {NULL}, *only = NULL;
        bool committed = false, matched = true;
        int labelled = 0;
        for (int k = 0; k < a->count; k++) {
            const GrammarItem *item = &d->g->items[a->items + k];
            if (item->kind == ITEM_COMMIT) {
                committed = true;
                continue;
            }
            only = match_item(d, item);
            if (!only) {
                matched = false;
                break;
            }
            if (item->slot) {
                slots[item->slot - 1] = only;
                if (item->slot > labelled) labelled = item->slot;
            }
        }
        if (p->failed) break;
        if (matched) {
            if (a->how == HOW_DO) {
                result = run_function(d, d->g->functions[a->function], slots, start);
            }
            else if (a->how) {
                raise_message(d, a, slots);
            }
            else {
                result = make_result(d, a, start, slots, labelled, only, left);
            }
            if (!result) p->pos = start;
            break;
        }
        p->pos = start;
        if (committed) break;
    }
    parser_leave(p, 1);
    return p->failed ? NULL : result;
}

static Node *match_repeat(Diagnosis *d, const GrammarItem *item)
{
    Parser *p = d->p;
    int start = p->pos;
    size_t mark = p->stack_size;
    bool gather = item->kind == ITEM_GATHER;
    if (!parser_enter(p, 1)) return NULL;
    for (;;) {
        int before = p->pos;
        if (gather && p->stack_size > mark && !match_item(d, &d->g->items[item->separator])) {
            p->pos = before;
            break;
        }
        Node *n = match_item(d, &d->g->items[item->value]);
        if (!n) {
            p->pos = before;
            break;
        }
        if (!stack_push(p, n)) {
            p->failed = true;
            break;
        }
    }
    parser_leave(p, 1);
    size_t count = p->stack_size - mark;
    Node *result = NULL;
    if (p->failed || (!count && (gather || item->least))) {
        p->pos = start;
    }
    else if ((result = new_node(d, NODE_SEQUENCE, start, (int)count)) && count) {
        memcpy(result->children, p->stack + mark, count * sizeof(Node *));
    }
    p->stack_size = mark;
    return result;
}

static bool is_soft_keyword(const Diagnosis *d, int index)
{
    /* The reference compares no further than the token goes, so that a beginning such as `c` counts too. */
    const Token *t = &d->p->tokens[index];
    size_t size = (size_t)(t->end - t->start);
    const char *text = token_start(d->p, t);
    return strncmp("_", text, size) == 0 || strncmp("case", text, size) == 0 || strncmp("match", text, size) == 0;
}

static Node *match_item(Diagnosis *d, const GrammarItem *item)
{
    Parser *p = d->p;
    const Token *t;
    Node *n;
    int start = p->pos;
    if (p->failed) return NULL;
    switch (item->kind) {
    case ITEM_TOKEN:
        t = next_token(d);
        return t && t->kind == (TokenKind)item->value ? take_token(d) : NULL;
    case ITEM_FORCED:
        t = next_token(d);
        if (!t) return NULL;
        if (t->kind == (TokenKind)item->value) return take_token(d);
        return raise_at(p, PyExc_SyntaxError, t->lineno, t->col, t->end_lineno, t->end_col, "expected '%s'",
                        token_text((TokenKind)item->value));
    case ITEM_WORD:
        t = next_token(d);
        if (!t || t->kind != TOK_NAME || t->end - t->start != item->text_size ||
            memcmp(token_start(p, t), item->text, item->text_size) != 0)
            return NULL;
        return take_token(d);
    case ITEM_SOFT_KEYWORD:
        t = next_token(d);
        return t && t->kind == TOK_NAME && is_soft_keyword(d, p->pos) ? take_token(d) : NULL;
    case ITEM_RULE: return match_rule(d, item->value);
    case ITEM_GROUP: return match_choice(d, item->value, -1);
    case ITEM_OPTIONAL:
        n = match_choice(d, item->value, -1);
        if (n || p->failed) return n;
        p->pos = start;
        return &nothing;
    case ITEM_REPEAT: case ITEM_GATHER: return match_repeat(d, item);
    case ITEM_AHEAD: case ITEM_NOT_AHEAD:
        n = match_item(d, &d->g->items[item->value]);
        p->pos = start;
        return !p->failed && (n != NULL) == (item->kind == ITEM_AHEAD) ? &nothing : NULL;
    default: return NULL;
    }
}

/* ---- Memory ----------------------------------------------------------------------------------------------------- */

static Memo *find_memo(Memo *memos, size_t mask, uint64_t key)
{
    size_t slot = (size_t)(key * 0x9E3779B97F4A7C15u >> 20);
    for (;; slot++) {
        Memo *m = &memos[slot & mask];
        if (!m->key || m->key == key) return m;
    }
}

static bool grow_memos(Diagnosis *d)
{
    size_t old = d->memos ? d->memo_mask + 1 : 0, size = old ? old * 4 : 4096;
    Memo *memos = PyMem_Calloc(size, sizeof *memos);
    if (!memos) {
        PyErr_NoMemory();
        d->p->failed = true;
        return false;
    }
    for (size_t i = 0; i < old; i++)
        if (d->memos[i].key) *find_memo(memos, size - 1, d->memos[i].key) = d->memos[i];
    PyMem_Free(d->memos);
    d->memos = memos;
    d->memo_mask = size - 1;
    return true;
}

static Node *match_uncached(Diagnosis *d, int rule)
{
    Parser *p = d->p;
    bool invalid = d->invalid;
    int start = p->pos;
    if (rule == RULE_expression_without_invalid) d->invalid = false;
    Node *n = match_choice(d, d->g->rules[rule], -1);
    d->invalid = invalid;
    int more = d->g->continuations[rule];
    while (n && more >= 0) {
        int end = p->pos;
        Node *longer = match_choice(d, more, start);
        if (!longer) {
            p->pos = end;
            break;
        }
        n = longer;
    }
    return p->failed ? NULL : n;
}

static Node *match_rule(Diagnosis *d, int rule)
{
    Parser *p = d->p;
    int start = p->pos;
    const Token *t = next_token(d);
    if (!t || !first_allows(&d->g->choices[d->g->rules[rule]].starts, t->kind)) return NULL;
    /* Results of rules that the reference does not remember may differ with the invalid_ rules on and off. */
    bool on = d->invalid && !d->g->memo[rule];
    uint64_t key = (((uint64_t)start << 10 | (uint64_t)rule) << 1 | on) + 1;
    if (d->memo_count * 2 >= d->memo_mask && !grow_memos(d)) return NULL;
    Memo *m = find_memo(d->memos, d->memo_mask, key);
    if (m->key) {
        if (m->node) p->pos = m->end;
        return m->node;
    }
    Node *n = match_uncached(d, rule);
    if (p->failed) return NULL;
    if (d->memo_count * 2 >= d->memo_mask && !grow_memos(d)) return NULL;
    m = find_memo(d->memos, d->memo_mask, key);
    m->key = key;
    m->node = n;
    m->end = p->pos;
    d->memo_count++;
    if (!n) p->pos = start;
    return n;
}

/* ---- Both rounds ------------------------------------------------------------------------------------------------ */

static void run_round(Diagnosis *d, bool invalid)
{
    int start;
    switch (d->p->start) {
    case Py_single_input: start = RULE_interactive; break;
    case Py_eval_input: start = RULE_eval; break;
    case SYNTAX_FUNC_TYPE_INPUT: start = RULE_func_type; break;
    case FSTRING_INPUT: start = RULE_fstring; break;
    default: start = RULE_file;
    }
    d->p->pos = 0;
    d->p->level = 0;
    d->invalid = invalid;
    if (d->memos) memset(d->memos, 0, (d->memo_mask + 1) * sizeof *d->memos);
    d->memo_count = 0;
    match_rule(d, start);
}

/* Nothing special was found: what the last token says. */
static void raise_plain(Diagnosis *d, int last)
{
    Parser *p = d->p;
    if (last < 0) {
        raise_at_last_token(p, PyExc_SyntaxError, "error at start before reading any input");
        return;
    }
    const Token *t = &p->tokens[last];
    if (t->kind == TOK_INDENT || t->kind == TOK_DEDENT) {
        raise_at_last_token(p, PyExc_IndentationError, t->kind == TOK_INDENT ? "unexpected indent" : "unexpected unindent");
        return;
    }
    raise_at(p, PyExc_SyntaxError, t->lineno, t->col, t->end_lineno, t->end_col, "invalid syntax");
    check_rest_of_source(p);
}

void diagnose(Parser *p)
{
    const Grammar *g = grammar_get();
    if (!g) return;
    Diagnosis d = {.p = p, .g = g, .fetched = p->fill};
    p->fill = 0;
    p->stack_size = 0;
    run_round(&d, false);
    int last = p->fill - 1;
    if (raise_if_incomplete(p)) {
        PyMem_Free(d.memos);
        return;
    }
    if (!PyErr_Occurred()) {
        p->tok->quiet_interactive_stop = true;
        /* The reference reads literals again here, and warns of their escapes again. */
        for (int i = 0; i < d.fetched; i++)
            if (p->tokens[i].kind == TOK_STRING) p->tokens[i].memo = NULL;
        run_round(&d, true);
    }
    if (!PyErr_Occurred()) {
        raise_plain(&d, last);
    }
    else if (PyErr_ExceptionMatches(PyExc_SyntaxError) && p->tok->status == TOKENIZER_OK) {
        check_rest_of_source(p);
    }
    PyMem_Free(d.memos);
}
