/* Checking a code list and translating it into a Program. */
#include "modules/_sre/sre.h"

typedef struct {
    const Code *list;       /* the code list */
    size_t length;
    Py_ssize_t groups;
    Program *program;
    size_t capacity;        /* of program->code */
    size_t words_capacity;
    bool in_barrier;        /* SUCCESS ends a barrier's body, not the match */
} Translator;

typedef uint64_t Width;     /* smallest number of characters, saturating */

static const Width WIDTH_MAX = PY_SSIZE_T_MAX;

static Width width_add(Width a, Width b)
{
    return a + b > WIDTH_MAX ? WIDTH_MAX : a + b;
}

static Width width_times(Width a, Width b)
{
    return a != 0 && b > WIDTH_MAX / a ? WIDTH_MAX : a * b;
}

/* ---- emitting ---- */

static int out_of_memory(void)
{
    PyErr_NoMemory();
    return -1;
}

static int invalid(void)
{
    PyErr_SetString(PyExc_RuntimeError, "invalid SRE code");
    return -1;
}

static int emit(Translator *t, Code word)
{
    Program *program = t->program;
    if (program->length == t->capacity) {
        size_t capacity = t->capacity * 2 + 32;
        Code *code = PyMem_Realloc(program->code, capacity * sizeof(Code));
        if (code == NULL) return out_of_memory();
        program->code = code;
        t->capacity = capacity;
    }
    program->code[program->length++] = word;
    return 0;
}

static int emit2(Translator *t, Code op, Code operand)
{
    return emit(t, op) < 0 ? -1 : emit(t, operand);
}

static int emit_words(Translator *t, const Code *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (emit(t, words[i]) < 0) return -1;
    }
    return 0;
}

static Code here(Translator *t)
{
    return (Code)t->program->length;
}

/* Appends charset words; their offset, or -1. */
static Py_ssize_t add_words(Translator *t, const Code *words, size_t count)
{
    Program *program = t->program;
    if (program->words_length + count > t->words_capacity) {
        size_t capacity = (t->words_capacity + count) * 2;
        Code *grown = PyMem_Realloc(program->words, capacity * sizeof(Code));
        if (grown == NULL) return out_of_memory();
        program->words = grown;
        t->words_capacity = capacity;
    }
    size_t offset = program->words_length;
    memcpy(program->words + offset, words, count * sizeof(Code));
    program->words_length += count;
    return (Py_ssize_t)offset;
}

/* ---- sets ---- */

/* Checks charset code and measures it, FAILURE included. 0 when it is invalid. */
static size_t charset_length(const Code *words, size_t limit, bool *may_high)
{
    size_t i = 0;
    *may_high = false;
    while (i < limit) {
        Code op = words[i++];
        size_t left = limit - i;
        switch (op) {
        case SRE_FAILURE:
            return i;
        case SRE_NEGATE:
            *may_high = true;
            break;
        case SRE_LITERAL:
            if (left < 1) return 0;
            if (words[i] > 255) *may_high = true;
            i++;
            break;
        case SRE_RANGE:
        case SRE_RANGE_UNI_IGNORE:
            if (left < 2) return 0;
            if (words[i + 1] > 255) *may_high = true;
            i += 2;
            break;
        case SRE_CHARSET:
            if (left < 8) return 0;
            i += 8;
            break;
        case SRE_BIGCHARSET: {
            if (left < 65) return 0;
            Code blocks = words[i];
            const uint8_t *map = (const uint8_t *)(words + i + 1);
            if (blocks > 256 || left - 65 < (size_t)blocks * 8) return 0;
            for (int k = 0; k < 256; k++) {
                if (map[k] >= blocks) return 0;
            }
            *may_high = true;
            i += 65 + (size_t)blocks * 8;
            break;
        }
        case SRE_CATEGORY:
            if (left < 1 || words[i] >= CATEGORY_COUNT) return 0;
            if (words[i] >= CATEGORY_UNI_DIGIT || (words[i] & 1)) *may_high = true;
            i++;
            break;
        default:
            return 0;
        }
    }
    return 0;
}

static bool charset_uses_locale(const Code *words, size_t length)
{
    for (size_t i = 0; i < length;) {
        switch (words[i++]) {
        case SRE_LITERAL: i++; break;
        case SRE_RANGE: case SRE_RANGE_UNI_IGNORE: i += 2; break;
        case SRE_CHARSET: i += 8; break;
        case SRE_BIGCHARSET: i += 65 + (size_t)words[i] * 8; break;
        case SRE_CATEGORY:
            if (words[i] == CATEGORY_LOC_WORD || words[i] == CATEGORY_LOC_NOT_WORD) return true;
            i++;
            break;
        }
    }
    return false;
}

/* Adds the set of some charset code; equal sets are one. */
static Py_ssize_t add_set(Translator *t, const Code *words, size_t length, Fold fold, bool invert, bool *is_locale)
{
    Program *program = t->program;
    Set set = {.high = HIGH_ASK, .fold = fold, .invert = invert};
    size_t limit = charset_length(words, length, &set.may_high);
    if (limit != length) return invalid();
    if (fold == FOLD_UNICODE || invert) set.may_high = true;
    if (!set.may_high) set.high = HIGH_NEVER;
    *is_locale = fold == FOLD_LOCALE || charset_uses_locale(words, length);
    if (*is_locale) set.high = HIGH_ASK;
    for (size_t i = 0; i < program->set_count; i++) {
        const Set *other = &program->sets[i];
        if (other->fold == fold && other->invert == invert && other->words + length <= program->words_length
            && memcmp(program->words + other->words, words, length * sizeof(Code)) == 0) {
            return (Py_ssize_t)i;
        }
    }
    Py_ssize_t offset = add_words(t, words, length);
    if (offset < 0) return -1;
    set.words = (Code)offset;
    Set *sets = PyMem_Realloc(program->sets, (program->set_count + 1) * sizeof(Set));
    if (sets == NULL) return out_of_memory();
    program->sets = sets;
    sets[program->set_count] = set;
    return (Py_ssize_t)program->set_count++;
}

/* ---- units ---- */

/* Reads a unit at list[*at] and gives it as two words of ours. 1, 0 when it is none, -1 on error. */
static int read_unit(Translator *t, size_t *at, size_t end, Code out[2])
{
    const Code *words = t->list + *at;
    size_t left = end - *at;
    Fold fold = FOLD_NONE;
    Code small[4];
    size_t count = 0;
    out[1] = 0;
    switch (words[0]) {
    case SRE_ANY:
    case SRE_ANY_ALL:
        out[0] = words[0] == SRE_ANY ? OP_ANY : OP_ANY_ALL;
        *at += 1;
        return 1;
    case SRE_LITERAL:
    case SRE_NOT_LITERAL:
        if (left < 2) return invalid();
        out[0] = words[0] == SRE_LITERAL ? OP_LITERAL : OP_NOT_LITERAL;
        out[1] = words[1];
        *at += 2;
        return 1;
    case SRE_LITERAL_IGNORE: case SRE_NOT_LITERAL_IGNORE: case SRE_IN_IGNORE: fold = FOLD_ASCII; break;
    case SRE_LITERAL_UNI_IGNORE: case SRE_NOT_LITERAL_UNI_IGNORE: case SRE_IN_UNI_IGNORE: fold = FOLD_UNICODE; break;
    case SRE_LITERAL_LOC_IGNORE: case SRE_NOT_LITERAL_LOC_IGNORE: case SRE_IN_LOC_IGNORE: fold = FOLD_LOCALE; break;
    case SRE_CATEGORY: case SRE_IN: break;
    default: return 0;
    }
    if (left < 2) return invalid();
    const Code *set = small;
    bool invert = false;
    size_t used = 2;
    switch (words[0]) {
    case SRE_IN: case SRE_IN_IGNORE: case SRE_IN_UNI_IGNORE: case SRE_IN_LOC_IGNORE:
        if (words[1] < 2 || words[1] > left - 1) return invalid();
        set = words + 2;
        count = words[1] - 1;
        used = 1 + (size_t)words[1];
        break;
    case SRE_NOT_LITERAL_IGNORE: case SRE_NOT_LITERAL_UNI_IGNORE: case SRE_NOT_LITERAL_LOC_IGNORE:
        invert = true;
        /* fall through */
    default:
        small[count++] = words[0] == SRE_CATEGORY ? SRE_CATEGORY : SRE_LITERAL;
        small[count++] = words[1];
        small[count++] = SRE_FAILURE;
    }
    bool is_locale;
    Py_ssize_t index = add_set(t, set, count, fold, invert, &is_locale);
    if (index < 0) return -1;
    out[0] = is_locale ? OP_LOCALE_SET : OP_SET;
    out[1] = (Code)index;
    *at += used;
    return 1;
}

/* ---- structure ---- */

static int translate(Translator *t, size_t at, size_t end, Width *width, size_t *jump);

/* The word at list[at] as a skip: where it leads, which must not be beyond `end`. */
static int read_skip(Translator *t, size_t at, size_t end, size_t *target)
{
    if (at >= end || t->list[at] > end - at) return invalid();
    *target = at + t->list[at];
    return 0;
}

/* A body run on its own, up to its SUCCESS. Operand `operand` of the operator at `op_at` takes what comes after. */
static int translate_barrier(Translator *t, size_t at, size_t end, Code op_at, int operand, Width *width)
{
    bool outer = t->in_barrier;
    t->in_barrier = true;
    if (translate(t, at, end, width, NULL) < 0 || emit(t, OP_END) < 0) return -1;
    t->in_barrier = outer;
    t->program->code[op_at + (Code)operand] = here(t);
    return 0;
}

static int translate_branch(Translator *t, size_t *position, size_t end, Width *width)
{
    size_t at = *position + 1;
    size_t jumps = 0;           /* linked list of open JUMP operands */
    Code previous = 0;          /* where the last alternative keeps the next one */
    Width least = WIDTH_MAX;
    size_t goal = 0;
    if (at >= end) return invalid();
    while (t->list[at] != 0) {
        size_t next;
        Width body;
        if (read_skip(t, at, end, &next) < 0) return -1;
        if (next < at + 3 || next >= end || t->list[next - 2] != SRE_JUMP) return invalid();
        size_t target = next - 1 + t->list[next - 1];
        if (goal == 0) goal = target;
        if (target != goal) return invalid();
        if (previous) t->program->code[previous] = here(t);
        previous = here(t) + 1;
        if (emit(t, OP_ALTERNATIVE) < 0 || emit2(t, 0, 0) < 0) return -1;
        if (translate(t, at + 1, next - 2, &body, NULL) < 0) return -1;
        if (emit2(t, OP_JUMP, (Code)jumps) < 0) return -1;
        jumps = here(t) - 1;
        if (body < least) least = body;
        at = next;
    }
    if (goal != 0 && goal != at + 1) return invalid();
    if (previous == 0 && emit(t, OP_FAIL) < 0) return -1;
    while (jumps != 0) {
        size_t next = t->program->code[jumps];
        t->program->code[jumps] = here(t);
        jumps = next;
    }
    *width = least;
    *position = at + 1;
    return 0;
}

/* REPEAT … MAX_UNTIL and MIN_UNTIL. Where no count is needed, a loop without a repeat context. */
static int translate_repeat(Translator *t, size_t *position, size_t end, Width *width)
{
    size_t at = *position, until;
    if (end - at < 4 || read_skip(t, at + 1, end, &until) < 0) return invalid();
    Code min = t->list[at + 2], max = t->list[at + 3];
    if (min > max || until < at + 4 || until >= end) return invalid();
    Code kind = t->list[until];
    if (kind != SRE_MAX_UNTIL && kind != SRE_MIN_UNTIL) return invalid();
    bool lazy = kind == SRE_MIN_UNTIL;
    Width body;
    Code start = here(t);
    if (emit2(t, OP_REPEAT, min) < 0 || emit2(t, max, 0) < 0) return -1;
    if (translate(t, at + 4, until, &body, NULL) < 0) return -1;
    Code *code = t->program->code;
    if (min == 0 && max == 1) {
        code[start] = lazy ? OP_LAZY : OP_LOOP;
        code[start + 1] = here(t);
        code[start + 2] = code[start + 3] = 0;
    }
    else if (min <= 1 && max == SRE_MAXREPEAT && body > 0) {
        if (min == 0) {
            if (emit2(t, OP_JUMP, start) < 0) return -1;
            code = t->program->code;
            code[start] = lazy ? OP_LAZY : OP_LOOP;
            code[start + 1] = here(t);
            code[start + 2] = code[start + 3] = 0;
        }
        else {
            /* the body, then the loop, whose body is a jump back */
            code[start] = OP_JUMP;
            code[start + 1] = start + WORDS_REPEAT;
            Code loop = here(t);
            if (emit2(t, lazy ? OP_LAZY : OP_LOOP, loop + WORDS_LOOP + 2) < 0 || emit2(t, 0, 0) < 0) return -1;
            if (emit2(t, OP_JUMP, start + WORDS_REPEAT) < 0) return -1;
        }
    }
    else {
        code[start + 3] = here(t);
        if (emit2(t, lazy ? OP_MIN_UNTIL : OP_MAX_UNTIL, start) < 0 || emit2(t, 0, 0) < 0) return -1;
    }
    *width = width_times(min, body);
    *position = until + 1;
    return 0;
}

static int translate_repeat_one(Translator *t, size_t *position, size_t end, Width *width)
{
    size_t at = *position, after;
    Code op = t->list[at];
    if (end - at < 4 || read_skip(t, at + 1, end, &after) < 0) return invalid();
    Code min = t->list[at + 2], max = t->list[at + 3];
    if (min > max || after < at + 6) return invalid();
    Code unit[2];
    size_t unit_at = at + 4;
    int status = read_unit(t, &unit_at, after, unit);
    if (status < 0) return -1;
    if (status == 0 || unit_at != after - 1 || t->list[unit_at] != SRE_SUCCESS) return invalid();
    Code words[WORDS_REPEAT_ONE] = {
        op == SRE_REPEAT_ONE ? OP_REPEAT_ONE : op == SRE_MIN_REPEAT_ONE ? OP_MIN_REPEAT_ONE : OP_POSSESSIVE_ONE,
        min, max, unit[0], unit[1], 0, 0,
    };
    *width = min;
    *position = after;
    return emit_words(t, words, WORDS_REPEAT_ONE);
}

static int translate_possessive(Translator *t, size_t *position, size_t end, Width *width)
{
    size_t at = *position, after;
    if (end - at < 4 || read_skip(t, at + 1, end, &after) < 0) return invalid();
    Code min = t->list[at + 2], max = t->list[at + 3];
    if (min > max || after < at + 4 || after >= end || t->list[after] != SRE_SUCCESS) return invalid();
    Code start = here(t);
    if (emit2(t, OP_POSSESSIVE, min) < 0 || emit2(t, max, 0) < 0) return -1;
    Width body;
    if (translate_barrier(t, at + 4, after, start, 3, &body) < 0) return -1;
    *width = width_times(min, body);
    *position = after + 1;
    return 0;
}

static int translate_assert(Translator *t, size_t *position, size_t end)
{
    size_t at = *position, after;
    if (end - at < 3 || read_skip(t, at + 1, end, &after) < 0) return invalid();
    if (after < at + 4 || t->list[after - 1] != SRE_SUCCESS) return invalid();
    Code start = here(t);
    Code op = t->list[at] == SRE_ASSERT ? OP_ASSERT : OP_ASSERT_NOT;
    if (emit(t, op) < 0 || emit2(t, 0, t->list[at + 2]) < 0) return -1;
    Width ignored;
    *position = after;
    return translate_barrier(t, at + 3, after - 1, start, 1, &ignored);
}

static int translate_condition(Translator *t, size_t *position, size_t end, Width *width)
{
    size_t at = *position;
    if (end - at < 3 || (Py_ssize_t)t->list[at + 1] >= t->groups) return invalid();
    Code skip = t->list[at + 2];
    if (skip < 2 || skip > end - at - 1) return invalid();
    size_t target = at + 1 + skip, jump = 0;
    Code start = here(t);
    Width yes, no = 0;
    if (emit(t, OP_CONDITION) < 0 || emit2(t, t->list[at + 1], 0) < 0) return -1;
    if (translate(t, at + 3, target, &yes, &jump) < 0) return -1;
    if (jump) {
        size_t after;
        if (read_skip(t, jump + 1, end, &after) < 0 || after < target) return invalid();
        if (emit2(t, OP_JUMP, 0) < 0) return -1;
        Code open = here(t) - 1;
        t->program->code[start + 2] = here(t);
        if (translate(t, target, after, &no, NULL) < 0) return -1;
        t->program->code[open] = here(t);
        target = after;
    }
    else {
        t->program->code[start + 2] = here(t);
    }
    *width = yes < no ? yes : no;
    *position = target;
    return 0;
}

static int translate_at(Translator *t, Code where)
{
    static const Code kinds[] = {CATEGORY_WORD, CATEGORY_LOC_WORD, CATEGORY_UNI_WORD};
    int kind;
    bool negated;
    switch (where) {
    case AT_BOUNDARY: case AT_NON_BOUNDARY: kind = 0; negated = where == AT_NON_BOUNDARY; break;
    case AT_LOC_BOUNDARY: case AT_LOC_NON_BOUNDARY: kind = 1; negated = where == AT_LOC_NON_BOUNDARY; break;
    case AT_UNI_BOUNDARY: case AT_UNI_NON_BOUNDARY: kind = 2; negated = where == AT_UNI_NON_BOUNDARY; break;
    default: return where < AT_COUNT ? emit2(t, OP_AT, where) : invalid();
    }
    Code words[] = {SRE_CATEGORY, kinds[kind], SRE_FAILURE};
    bool is_locale;
    Py_ssize_t set = add_set(t, words, 3, FOLD_NONE, false, &is_locale);
    if (set < 0) return -1;
    if (!is_locale) return emit2(t, negated ? OP_NOT_BOUNDARY : OP_BOUNDARY, (Code)set);
    return emit2(t, OP_LOCALE_BOUNDARY, (Code)set) < 0 ? -1 : emit(t, negated);
}

static int translate_groupref(Translator *t, Code op, Code group)
{
    if ((Py_ssize_t)group >= t->groups) return invalid();
    Code fold = op == SRE_GROUPREF_IGNORE ? FOLD_ASCII : op == SRE_GROUPREF_UNI_IGNORE ? FOLD_UNICODE
              : op == SRE_GROUPREF_LOC_IGNORE ? FOLD_LOCALE : FOLD_NONE;
    return emit2(t, OP_GROUPREF, group) < 0 ? -1 : emit(t, fold);
}

/* Neighbouring literals make one string. Literals are at list[at…]; gives the place behind them. */
static int translate_literals(Translator *t, size_t *position, size_t end, Width *width)
{
    size_t at = *position, count = 0;
    while (at + 1 < end && t->list[at] == SRE_LITERAL) {
        at += 2;
        count++;
    }
    if (count == 0) return invalid();
    if (emit2(t, count == 1 ? OP_LITERAL : OP_STRING, count == 1 ? t->list[*position + 1] : (Code)count) < 0) return -1;
    for (size_t i = 0; count > 1 && i < count; i++) {
        if (emit(t, t->list[*position + 1 + 2 * i]) < 0) return -1;
    }
    *width = count;
    *position = at;
    return 0;
}

/* One item of a sequence. */
static int translate_item(Translator *t, size_t *at, size_t end, Width *width)
{
    Code op = t->list[*at];
    Code operand = *at + 1 < end ? t->list[*at + 1] : 0;
    size_t after;
    *width = 0;
    switch (op) {
    case SRE_SUCCESS:
        ++*at;
        return emit(t, t->in_barrier ? OP_END : OP_MATCH);
    case SRE_FAILURE:
        ++*at;
        return emit(t, OP_FAIL);
    case SRE_LITERAL:
        return translate_literals(t, at, end, width);
    case SRE_BRANCH:
        return translate_branch(t, at, end, width);
    case SRE_REPEAT:
        return translate_repeat(t, at, end, width);
    case SRE_REPEAT_ONE: case SRE_MIN_REPEAT_ONE: case SRE_POSSESSIVE_REPEAT_ONE:
        return translate_repeat_one(t, at, end, width);
    case SRE_POSSESSIVE_REPEAT:
        return translate_possessive(t, at, end, width);
    case SRE_ASSERT: case SRE_ASSERT_NOT:
        return translate_assert(t, at, end);
    case SRE_GROUPREF_EXISTS:
        return translate_condition(t, at, end, width);
    case SRE_ATOMIC_GROUP: {
        if (read_skip(t, *at + 1, end, &after) < 0) return -1;
        if (after < *at + 3 || t->list[after - 1] != SRE_SUCCESS) return invalid();
        Code start = here(t);
        if (emit2(t, OP_ATOMIC, 0) < 0) return -1;
        size_t body = *at + 2;
        *at = after;
        return translate_barrier(t, body, after - 1, start, 1, width);
    }
    case SRE_INFO:
        if (read_skip(t, *at + 1, end, &after) < 0) return -1;
        if (after < *at + 5) return invalid();
        *at = after;
        return 0;
    default:
        break;
    }
    Code unit[2];
    int status = read_unit(t, at, end, unit);
    if (status < 0) return -1;
    if (status > 0) {
        *width = 1;
        return emit_words(t, unit, 2);
    }
    if (*at + 1 >= end) return invalid();
    *at += 2;
    switch (op) {
    case SRE_MARK:
        return (Py_ssize_t)operand < 2 * t->groups ? emit2(t, OP_MARK, operand) : invalid();
    case SRE_AT:
        return translate_at(t, operand);
    case SRE_GROUPREF: case SRE_GROUPREF_IGNORE: case SRE_GROUPREF_UNI_IGNORE: case SRE_GROUPREF_LOC_IGNORE:
        return translate_groupref(t, op, operand);
    default:
        return invalid();
    }
}

/* Translates list[at:end]. When `jump` is given, a JUMP as last item is left alone and its place stored there. */
static int translate(Translator *t, size_t at, size_t end, Width *width, size_t *jump)
{
    Width sum = 0;
    if (Py_EnterRecursiveCall(" in regular expression")) return -1;
    while (at < end) {
        Width item;
        if (jump != NULL && t->list[at] == SRE_JUMP && at + 2 == end) {
            *jump = at;
            break;
        }
        if (translate_item(t, &at, end, &item) < 0) goto error;
        sum = width_add(sum, item);
    }
    Py_LeaveRecursiveCall();
    *width = sum;
    return 0;
error:
    Py_LeaveRecursiveCall();
    return -1;
}

Program *program_new(const Code *list, size_t length, Py_ssize_t groups)
{
    Program *program = PyMem_Calloc(1, sizeof(Program));
    if (program == NULL) return (Program *)PyErr_NoMemory();
    Translator t = {.list = list, .length = length, .groups = groups, .program = program};
    Width width = 0;
    if (groups < 0 || groups > SRE_MAXGROUPS || length < 1 || length > UINT32_MAX / 4 || list[length - 1] != SRE_SUCCESS) {
        invalid();
        goto error;
    }
    if (translate(&t, 0, length - 1, &width, NULL) < 0 || emit(&t, OP_MATCH) < 0) goto error;
    program->min_width = (Py_ssize_t)width;
    if (program_analyze(program) < 0) {
        PyErr_NoMemory();
        goto error;
    }
    return program;
error:
    program_free(program);
    return NULL;
}

void program_free(Program *program)
{
    if (program == NULL) return;
    PyMem_Free(program->code);
    PyMem_Free(program->sets);
    PyMem_Free(program->words);
    PyMem_Free(program->tables);
    PyMem_Free(program->prefix);
    PyMem_Free(program->overlap);
    PyMem_Free(program);
}
