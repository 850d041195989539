/* What can be known about a program before it runs: with which characters its parts begin, its prefix, its anchor.
 *
 * first_of() walks the control flow from a place up to the first characters on each path. It follows no body of a
 * barrier beyond its end: there a path is cut, so what comes after says nothing about which path is the right one.
 */
#include "modules/_sre/sre.h"

typedef struct {
    uint64_t low[4];
    uint64_t high;      /* 1: a character above 255 */
} Filter;

typedef struct {
    Program *program;
    Filter *filters;    /* one per set: of the program's own sets first, then those added here */
    size_t capacity;
    size_t own;         /* sets that the program had before */
    bool no_memory;
} Analyzer;

enum { STEPS = 300, DEPTH = 24 };

static void filter_add(Filter *filter, Code ch)
{
    if (ch < 256) filter->low[ch >> 6] |= (uint64_t)1 << (ch & 63);
    else filter->high = 1;
}

static void filter_join(Filter *filter, const Filter *other)
{
    for (int i = 0; i < 4; i++) filter->low[i] |= other->low[i];
    filter->high |= other->high;
}

static Filter filter_all_but(Code ch)
{
    Filter filter = {{~(uint64_t)0, ~(uint64_t)0, ~(uint64_t)0, ~(uint64_t)0}, 1};
    if (ch < 256) filter.low[ch >> 6] &= ~((uint64_t)1 << (ch & 63));
    return filter;
}

/* Joins the characters of a unit; false when it says nothing. */
static bool join_unit(const Analyzer *a, Code op, Code operand, Filter *out)
{
    Filter other;
    switch (op) {
    case OP_LITERAL:
        filter_add(out, operand);
        return true;
    case OP_NOT_LITERAL:
        other = filter_all_but(operand);
        break;
    case OP_ANY:
        other = filter_all_but('\n');
        break;
    case OP_SET:
        other = a->filters[operand];
        break;
    default:
        return false;
    }
    filter_join(out, &other);
    return true;
}

/* Joins what a path from `pc` can begin with. False: it may match without a character, or it is not known. */
static bool first_of(const Analyzer *a, Code pc, Filter *out, int *steps, int depth)
{
    const Code *code = a->program->code;
    if (depth > DEPTH) return false;
    while (--*steps > 0) {
        switch (code[pc]) {
        case OP_FAIL:
            return true;
        case OP_LITERAL: case OP_NOT_LITERAL: case OP_SET: case OP_LOCALE_SET: case OP_ANY: case OP_ANY_ALL:
            return join_unit(a, code[pc], code[pc + 1], out);
        case OP_STRING:
            filter_add(out, code[pc + 2]);
            return true;
        case OP_AT: case OP_BOUNDARY: case OP_NOT_BOUNDARY: case OP_MARK: case OP_ATOMIC:
            pc += 2;
            break;
        case OP_LOCALE_BOUNDARY:
            pc += 3;
            break;
        case OP_JUMP: case OP_ASSERT: case OP_ASSERT_NOT:
            pc = code[pc + 1];
            break;
        case OP_ALTERNATIVE:
            while (code[pc + 1] != 0) {
                if (!first_of(a, pc + WORDS_ALTERNATIVE, out, steps, depth + 1)) return false;
                pc = code[pc + 1];
            }
            pc += WORDS_ALTERNATIVE;
            break;
        case OP_LOOP: case OP_LAZY:
            if (!first_of(a, pc + WORDS_LOOP, out, steps, depth + 1)) return false;
            pc = code[pc + 1];
            break;
        case OP_REPEAT_ONE: case OP_MIN_REPEAT_ONE: case OP_POSSESSIVE_ONE:
            if (!join_unit(a, code[pc + 3], code[pc + 4], out)) return false;
            if (code[pc + 1] > 0) return true;
            pc += WORDS_REPEAT_ONE;
            break;
        case OP_REPEAT:
            pc = code[pc + 1] > 0 ? pc + WORDS_REPEAT : code[pc + 3];
            break;
        case OP_MAX_UNTIL: case OP_MIN_UNTIL:
            if (!first_of(a, code[pc + 1] + WORDS_REPEAT, out, steps, depth + 1)) return false;
            pc += WORDS_UNTIL;
            break;
        case OP_POSSESSIVE:
            if (code[pc + 1] == 0 && !first_of(a, code[pc + 3], out, steps, depth + 1)) return false;
            pc += WORDS_REPEAT;
            break;
        case OP_CONDITION:
            if (!first_of(a, pc + 3, out, steps, depth + 1)) return false;
            pc = code[pc + 2];
            break;
        default:        /* MATCH, END, GROUPREF */
            return false;
        }
    }
    return false;
}

/* The number of the filter for paths from `pc` (its set + 1), 0 for none. Equal filters are one set. */
static Code filter_for(Analyzer *a, Code pc)
{
    Filter filter = {{0}, 0};
    int steps = STEPS;
    if (!first_of(a, pc, &filter, &steps, 0)) return 0;
    Program *program = a->program;
    for (size_t i = a->own; i < program->set_count; i++) {
        if (memcmp(&a->filters[i], &filter, sizeof(Filter)) == 0) return (Code)i + 1;
    }
    if (program->set_count == a->capacity) {
        size_t capacity = a->capacity * 2 + 8;
        Filter *filters = PyMem_Realloc(a->filters, capacity * sizeof(Filter));
        if (filters != NULL) a->filters = filters;
        Set *sets = PyMem_Realloc(program->sets, capacity * sizeof(Set));
        if (sets != NULL) program->sets = sets;
        if (filters == NULL || sets == NULL) {
            a->no_memory = true;
            return 0;
        }
        a->capacity = capacity;
    }
    a->filters[program->set_count] = filter;
    program->sets[program->set_count] = (Set){.high = filter.high ? HIGH_ALWAYS : HIGH_NEVER};
    return (Code)++program->set_count;
}

/* Can no character of the unit be one that the filter lets through? REPEAT_DISJOINT_ flags. */
static Code disjoint(const Analyzer *a, Code op, Code operand, Code filter_number)
{
    Filter unit = {{0}, 0};
    if (filter_number == 0 || !join_unit(a, op, operand, &unit)) return 0;
    const Filter *filter = &a->filters[filter_number - 1];
    for (int i = 0; i < 4; i++) {
        if (unit.low[i] & filter->low[i]) return 0;
    }
    return REPEAT_DISJOINT_LOW | (unit.high && filter->high ? 0 : REPEAT_DISJOINT_HIGH);
}

static void analyze_instructions(Analyzer *a)
{
    Code *code = a->program->code;
    for (Code pc = 0; pc < a->program->length && !a->no_memory;) {
        switch (code[pc]) {
        case OP_ALTERNATIVE:
            code[pc + 2] = filter_for(a, pc + WORDS_ALTERNATIVE);
            pc += WORDS_ALTERNATIVE;
            break;
        case OP_LOOP: case OP_LAZY:
            code[pc + 2] = filter_for(a, pc + WORDS_LOOP);
            code[pc + 3] = filter_for(a, code[pc + 1]);
            pc += WORDS_LOOP;
            break;
        case OP_REPEAT_ONE: case OP_MIN_REPEAT_ONE: case OP_POSSESSIVE_ONE:
            code[pc + 5] = filter_for(a, pc + WORDS_REPEAT_ONE);
            code[pc + 6] = disjoint(a, code[pc + 3], code[pc + 4], code[pc + 5]);
            pc += WORDS_REPEAT_ONE;
            break;
        case OP_MAX_UNTIL: case OP_MIN_UNTIL:
            code[pc + 2] = filter_for(a, code[pc + 1] + WORDS_REPEAT);
            code[pc + 3] = filter_for(a, pc + WORDS_UNTIL);
            pc += WORDS_UNTIL;
            break;
        case OP_STRING:
            pc += 2 + code[pc + 1];
            break;
        case OP_REPEAT: case OP_POSSESSIVE:
            pc += WORDS_REPEAT;
            break;
        case OP_FAIL: case OP_MATCH: case OP_END:
            pc += 1;
            break;
        case OP_ASSERT: case OP_ASSERT_NOT: case OP_GROUPREF: case OP_CONDITION: case OP_LOCALE_BOUNDARY:
            pc += 3;
            break;
        default:
            pc += 2;
        }
    }
}

/* The characters that every match begins with. -1 without memory. */
static int analyze_prefix(Program *program)
{
    const Code *code = program->code;
    bool marked = false;
    Code *prefix = NULL;
    size_t length = 0;
    Code pc = 0;
    for (int steps = 0; steps < STEPS; steps++) {
        Code op = code[pc];
        if (op == OP_MARK || op == OP_JUMP) {
            marked |= op == OP_MARK;
            pc = op == OP_MARK ? pc + 2 : code[pc + 1];
            continue;
        }
        if (op != OP_LITERAL && op != OP_STRING) break;
        size_t count = op == OP_STRING ? code[pc + 1] : 1;
        const Code *text = code + pc + (op == OP_STRING ? 2 : 1);
        Code *grown = PyMem_Realloc(prefix, (length + count) * sizeof(Code));
        if (grown == NULL) {
            PyMem_Free(prefix);
            return -1;
        }
        prefix = grown;
        memcpy(prefix + length, text, count * sizeof(Code));
        length += count;
        pc += (Code)(op == OP_STRING ? 2 + count : 2);
    }
    program->prefix = prefix;
    program->prefix_length = (Py_ssize_t)length;
    program->prefix_is_all = length > 0 && !marked && code[pc] == OP_MATCH;
    program->anchored = length == 0 && code[pc] == OP_AT
                     && (code[pc + 1] == AT_BEGINNING || code[pc + 1] == AT_BEGINNING_STRING);
    if (length < 2) return 0;
    Py_ssize_t *overlap = PyMem_Malloc(length * sizeof(Py_ssize_t));
    if (overlap == NULL) return -1;
    overlap[0] = 0;
    for (size_t i = 1; i < length; i++) {
        Py_ssize_t k = overlap[i - 1];
        while (k > 0 && prefix[i] != prefix[k]) k = overlap[k - 1];
        overlap[i] = prefix[i] == prefix[k] ? k + 1 : 0;
    }
    program->overlap = overlap;
    return 0;
}

/* Filters of the program's own sets. */
static int analyze_sets(Analyzer *a)
{
    Program *program = a->program;
    a->own = a->capacity = program->set_count;
    a->filters = PyMem_Calloc(a->own ? a->own : 1, sizeof(Filter));
    if (a->filters == NULL) return -1;
    for (size_t i = 0; i < a->own; i++) {
        const Set *set = &program->sets[i];
        for (Code ch = 0; ch < 256; ch++) {
            if (set_has_slow(program, set, ch)) filter_add(&a->filters[i], ch);
        }
        a->filters[i].high = set->may_high;
    }
    return 0;
}

static int make_tables(Analyzer *a)
{
    Program *program = a->program;
    size_t planes = (program->set_count + 7) / 8;
    program->tables = PyMem_Calloc(planes ? planes : 1, 256);
    if (program->tables == NULL) return -1;
    for (size_t i = 0; i < program->set_count; i++) {
        uint8_t *table = program->tables + i / 8 * 256;
        uint8_t mask = (uint8_t)(1u << (i & 7));
        for (int ch = 0; ch < 256; ch++) {
            if (a->filters[i].low[ch >> 6] >> (ch & 63) & 1) table[ch] |= mask;
        }
        program->sets[i].table = table;
        program->sets[i].mask = mask;
    }
    return 0;
}

int program_analyze(Program *program)
{
    Analyzer a = {.program = program};
    int status = -1;
    if (analyze_sets(&a) < 0) goto done;
    analyze_instructions(&a);
    if (!a.no_memory) program->first = filter_for(&a, 0);
    if (a.no_memory || analyze_prefix(program) < 0 || make_tables(&a) < 0) goto done;
    status = 0;
done:
    PyMem_Free(a.filters);
    return status;
}
