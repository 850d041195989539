/* The matcher, compiled once per character width. Before inclusion: CHAR, the type of a character; SRE(name), which
 * gives the name of a function for that width. See sre.h for the invariants of the stack. */

/* Is the character in the set (not a locale set)? */
static inline bool SRE(in_set)(const Program *program, const Set *set, Py_UCS4 ch)
{
    if (sizeof(CHAR) == 1 || ch < 256) return set->table[ch] & set->mask;
    if (set->high != HIGH_ASK) return set->high == HIGH_ALWAYS;
    return set_has_slow(program, set, ch);
}

/* May a path with this filter begin at `ptr`? */
static inline bool SRE(may_begin)(const Program *program, Code filter, const CHAR *ptr, const CHAR *end)
{
    return filter == 0 || (ptr < end && SRE(in_set)(program, &program->sets[filter - 1], *ptr));
}

static inline bool SRE(unit_matches)(const Program *program, Code op, Code operand, Py_UCS4 ch)
{
    switch (op) {
    case OP_LITERAL: return ch == operand;
    case OP_NOT_LITERAL: return ch != operand;
    case OP_SET: return SRE(in_set)(program, &program->sets[operand], ch);
    case OP_LOCALE_SET: return set_has_slow(program, &program->sets[operand], ch);
    case OP_ANY: return ch != '\n';
    default: return true;
    }
}

/* The first place from `ptr` to `end` where `ch` stands; `end` when nowhere. */
static inline const CHAR *SRE(find_char)(const CHAR *ptr, const CHAR *end, Code ch)
{
    if (sizeof(CHAR) == 1) {
        if (ch > 255) return end;
        const CHAR *found = memchr(ptr, (int)ch, (size_t)(end - ptr));
        return found ? found : end;
    }
    while (ptr < end && *ptr != ch) ptr++;
    return ptr;
}

/* How far the unit matches from `ptr`, at most `max` times. */
static const CHAR *SRE(run_of)(const Program *program, const Code *unit, const CHAR *ptr, const CHAR *end, Code max)
{
    Code operand = unit[1];
    if (max != SRE_MAXREPEAT && (size_t)(end - ptr) > max) end = ptr + max;
    switch (unit[0]) {
    case OP_ANY_ALL:
        return end;
    case OP_ANY:
        return SRE(find_char)(ptr, end, '\n');
    case OP_NOT_LITERAL:
        return SRE(find_char)(ptr, end, operand);
    case OP_LITERAL:
        while (ptr < end && *ptr == operand) ptr++;
        return ptr;
    case OP_SET: {
        const Set *set = &program->sets[operand];
        const uint8_t *table = set->table;
        uint8_t mask = set->mask;
        if (sizeof(CHAR) == 1) {
            while (ptr < end && (table[(uint8_t)*ptr] & mask)) ptr++;
        }
        else {
            while (ptr < end && SRE(in_set)(program, set, *ptr)) ptr++;
        }
        return ptr;
    }
    default:
        while (ptr < end && SRE(unit_matches)(program, unit[0], operand, *ptr)) ptr++;
        return ptr;
    }
}

static bool SRE(at)(Code where, const CHAR *beginning, const CHAR *ptr, const CHAR *end)
{
    switch (where) {
    case AT_BEGINNING: case AT_BEGINNING_STRING: return ptr == beginning;
    case AT_BEGINNING_LINE: return ptr == beginning || ptr[-1] == '\n';
    case AT_END: return ptr == end || (ptr + 1 == end && *ptr == '\n');
    case AT_END_LINE: return ptr == end || *ptr == '\n';
    case AT_END_STRING: return ptr == end;
    default: return false;
    }
}

/* Does a group's text follow at `ptr`? Its end, or NULL. */
static const CHAR *SRE(group_follows)(Fold fold, const CHAR *from, const CHAR *to, const CHAR *ptr, const CHAR *end)
{
    if (from == NULL || to == NULL || to < from || end - ptr < to - from) return NULL;
    for (; from < to; from++, ptr++) {
        if (*ptr != *from && (fold == FOLD_NONE || sre_lower(fold, *ptr) != sre_lower(fold, *from))) return NULL;
    }
    return ptr;
}

#define PUSH(what, place, where, x, y)                                                          \
    do {                                                                                        \
        if (sp == state->stack_limit && (sp = state_grow_stack(state, sp)) == NULL) return -1;  \
        *sp++ = (Entry){(what), (place), (where), (x), (y)};                                    \
    } while (0)
#define MAY_BEGIN(filter) SRE(may_begin)(program, (filter), ptr, end)
#define TICK() do { if (interrupt_check() < 0) return -1; } while (0)

/* Matches the program at `start`. */
static int SRE(match)(State *state, const CHAR *start)
{
    const Program *program = state->program;
    const Code *code = program->code;
    const CHAR *ptr = start;
    const CHAR *const end = state->end;
    const CHAR *const beginning = state->beginning;
    Entry *sp = state->stack;
    Py_ssize_t repeat = -1;     /* entry of the innermost repeat, */
    Py_ssize_t barrier = -1;    /* of the innermost barrier */
    Code pc = 0;

    state->lastindex = -1;
    if (state->marks_dirty) {
        memset(state->marks, 0, (size_t)state->mark_count * sizeof(*state->marks));
        state->marks_dirty = false;
    }

next:
    switch (code[pc]) {
    case OP_LITERAL:
        if (ptr == end || *ptr != code[pc + 1]) goto fail;
        ptr++;
        pc += 2;
        goto next;
    case OP_STRING: {
        Code count = code[pc + 1];
        const Code *text = code + pc + 2;
        if ((size_t)(end - ptr) < count) goto fail;
        for (Code i = 0; i < count; i++) {
            if (ptr[i] != text[i]) goto fail;
        }
        ptr += count;
        pc += 2 + count;
        goto next;
    }
    case OP_SET:
        if (ptr == end || !SRE(in_set)(program, &program->sets[code[pc + 1]], *ptr)) goto fail;
        ptr++;
        pc += 2;
        goto next;
    case OP_NOT_LITERAL: case OP_ANY: case OP_ANY_ALL: case OP_LOCALE_SET:
        if (ptr == end || !SRE(unit_matches)(program, code[pc], code[pc + 1], *ptr)) goto fail;
        ptr++;
        pc += 2;
        goto next;
    case OP_MARK: {
        Code mark = code[pc + 1];
        if (sp != state->stack) PUSH(ENTRY_MARK, mark, state->marks[mark], state->lastindex, 0);
        state->marks[mark] = ptr;
        state->marks_dirty = true;
        if (mark & 1) state->lastindex = mark / 2 + 1;
        pc += 2;
        goto next;
    }
    case OP_JUMP:
        pc = code[pc + 1];
        goto next;
    case OP_AT:
        if (!SRE(at)(code[pc + 1], beginning, ptr, end)) goto fail;
        pc += 2;
        goto next;
    case OP_BOUNDARY: case OP_NOT_BOUNDARY: case OP_LOCALE_BOUNDARY: {
        const Set *set = &program->sets[code[pc + 1]];
        bool before, after, wanted;
        if (beginning == end) goto fail;
        if (code[pc] == OP_LOCALE_BOUNDARY) {
            before = ptr > beginning && set_has_slow(program, set, ptr[-1]);
            after = ptr < end && set_has_slow(program, set, *ptr);
            wanted = !code[pc + 2];
            pc += 3;
        }
        else {
            before = ptr > beginning && SRE(in_set)(program, set, ptr[-1]);
            after = ptr < end && SRE(in_set)(program, set, *ptr);
            wanted = code[pc] == OP_BOUNDARY;
            pc += 2;
        }
        if ((before != after) != wanted) goto fail;
        goto next;
    }
    case OP_ALTERNATIVE: {
        Code other = code[pc + 1];
        while (!MAY_BEGIN(code[pc + 2])) {
            if (other == 0) goto fail;
            pc = other;
            other = code[pc + 1];
        }
        while (other != 0 && !MAY_BEGIN(code[other + 2])) other = code[other + 1];
        if (other != 0) PUSH(ENTRY_CHOICE, other, ptr, 0, 0);
        pc += WORDS_ALTERNATIVE;
        goto next;
    }
    case OP_LOOP:
        TICK();
        if (!MAY_BEGIN(code[pc + 2])) {
            pc = code[pc + 1];
            goto next;
        }
        if (MAY_BEGIN(code[pc + 3])) PUSH(ENTRY_CHOICE, code[pc + 1], ptr, 0, 0);
        pc += WORDS_LOOP;
        goto next;
    case OP_LAZY:
        TICK();
        if (!MAY_BEGIN(code[pc + 3])) {
            pc += WORDS_LOOP;
            goto next;
        }
        if (MAY_BEGIN(code[pc + 2])) PUSH(ENTRY_CHOICE, pc + WORDS_LOOP, ptr, 0, 0);
        pc = code[pc + 1];
        goto next;
    case OP_REPEAT_ONE: {
        const CHAR *least = ptr + code[pc + 1];
        Code filter = code[pc + 5];
        if ((size_t)(end - ptr) < code[pc + 1]) goto fail;
        ptr = SRE(run_of)(program, code + pc + 3, ptr, end, code[pc + 2]);
        if (ptr < least) goto fail;
        if (code[pc + 6] & (sizeof(CHAR) == 1 ? REPEAT_DISJOINT_LOW : REPEAT_DISJOINT_HIGH)) {
            if (!MAY_BEGIN(filter)) goto fail;
        }
        else {
            while (!MAY_BEGIN(filter)) {
                if (ptr == least) goto fail;
                ptr--;
            }
            if (ptr > least) PUSH(ENTRY_LESS, pc, ptr, least - beginning, 0);
        }
        pc += WORDS_REPEAT_ONE;
        goto next;
    }
    case OP_POSSESSIVE_ONE: {
        const CHAR *from = ptr;
        if ((size_t)(end - ptr) < code[pc + 1]) goto fail;
        ptr = SRE(run_of)(program, code + pc + 3, ptr, end, code[pc + 2]);
        if (ptr - from < (Py_ssize_t)code[pc + 1]) goto fail;
        pc += WORDS_REPEAT_ONE;
        goto next;
    }
    case OP_MIN_REPEAT_ONE: {
        Code min = code[pc + 1], max = code[pc + 2];
        const CHAR *from = ptr;
        if ((size_t)(end - ptr) < min) goto fail;
        ptr = SRE(run_of)(program, code + pc + 3, ptr, end, min);
        if (ptr - from < (Py_ssize_t)min) goto fail;
        Py_ssize_t left = max == SRE_MAXREPEAT ? PY_SSIZE_T_MAX : (Py_ssize_t)(max - min);
        if (left > end - ptr) left = end - ptr;
        while (!MAY_BEGIN(code[pc + 5])) {
            if (left == 0 || !SRE(unit_matches)(program, code[pc + 3], code[pc + 4], *ptr)) goto fail;
            ptr++;
            left--;
        }
        if (left > 0) PUSH(ENTRY_MORE, pc, ptr, left, 0);
        pc += WORDS_REPEAT_ONE;
        goto next;
    }
    case OP_REPEAT:
        PUSH(ENTRY_REPEAT, pc, NULL, -1, repeat);
        repeat = sp - 1 - state->stack;
        pc = code[pc + 3];
        goto next;
    case OP_MAX_UNTIL: {
        TICK();
        Entry *context = &state->stack[repeat];
        Code min = code[context->pc + 1], max = code[context->pc + 2];
        Py_ssize_t count = context->a + 1;
        const void *last = context->ptr;
        Py_ssize_t current = repeat;
        if (count < (Py_ssize_t)min) {
            context->a = count;
            PUSH(ENTRY_COUNT, 0, last, current, 0);
            pc = code[pc + 1] + WORDS_REPEAT;
        }
        else if ((count < (Py_ssize_t)max || max == SRE_MAXREPEAT) && ptr != last && MAY_BEGIN(code[pc + 2])) {
            context->a = count;
            context->ptr = ptr;
            PUSH(ENTRY_UNTIL, pc, ptr, current, (Py_ssize_t)last);
            pc = code[pc + 1] + WORDS_REPEAT;
        }
        else {
            repeat = context->b;
            PUSH(ENTRY_LEFT, 0, NULL, current, 0);
            pc += WORDS_UNTIL;
        }
        goto next;
    }
    case OP_MIN_UNTIL: {
        TICK();
        Entry *context = &state->stack[repeat];
        Py_ssize_t count = context->a + 1;
        Py_ssize_t current = repeat;
        if (count < (Py_ssize_t)code[context->pc + 1]) {
            const void *last = context->ptr;
            context->a = count;
            PUSH(ENTRY_COUNT, 0, last, current, 0);
            pc = code[pc + 1] + WORDS_REPEAT;
        }
        else {
            repeat = context->b;
            PUSH(ENTRY_LAZY_UNTIL, pc, ptr, current, 0);
            pc += WORDS_UNTIL;
        }
        goto next;
    }
    case OP_ASSERT:
        if ((size_t)(ptr - beginning) < code[pc + 2]) goto fail;
        PUSH(ENTRY_ASSERT, pc, ptr, 0, barrier);
        barrier = sp - 1 - state->stack;
        ptr -= code[pc + 2];
        pc += 3;
        goto next;
    case OP_ASSERT_NOT:
        if ((size_t)(ptr - beginning) < code[pc + 2]) {
            pc = code[pc + 1];
            goto next;
        }
        PUSH(ENTRY_ASSERT_NOT, pc, ptr, 0, barrier);
        barrier = sp - 1 - state->stack;
        ptr -= code[pc + 2];
        pc += 3;
        goto next;
    case OP_ATOMIC:
        PUSH(ENTRY_ATOMIC, pc, ptr, 0, barrier);
        barrier = sp - 1 - state->stack;
        pc += 2;
        goto next;
    case OP_POSSESSIVE:
        if (code[pc + 2] == 0) {
            pc = code[pc + 3];
            goto next;
        }
        PUSH(code[pc + 1] > 0 ? ENTRY_NEEDED : ENTRY_OPTIONAL, pc, ptr, 0, barrier);
        barrier = sp - 1 - state->stack;
        pc += WORDS_REPEAT;
        goto next;
    case OP_END: {
        Entry entry = state->stack[barrier];
        Entry *place = &state->stack[barrier];
        barrier = entry.b;
        if (entry.kind == ENTRY_ASSERT_NOT) {
            while (--sp > place) {
                if (sp->kind == ENTRY_MARK) {
                    state->marks[sp->pc] = sp->ptr;
                    state->lastindex = sp->a;
                }
            }
            goto fail;
        }
        sp = stack_cut(place, sp);
        switch (entry.kind) {
        case ENTRY_ASSERT:
            ptr = entry.ptr;
            /* fall through */
        case ENTRY_ATOMIC:
            pc = code[entry.pc + 1];
            goto next;
        }
        TICK();
        Code min = code[entry.pc + 1], max = code[entry.pc + 2];
        Py_ssize_t count = entry.a + 1;
        uint32_t kind = ENTRY_NEEDED;
        if (count >= (Py_ssize_t)min) {
            bool empty = entry.kind == ENTRY_OPTIONAL && ptr == entry.ptr;
            kind = ENTRY_OPTIONAL;
            if (empty || (count >= (Py_ssize_t)max && max != SRE_MAXREPEAT)) {
                pc = code[entry.pc + 3];
                goto next;
            }
        }
        PUSH(kind, entry.pc, ptr, count, barrier);
        barrier = sp - 1 - state->stack;
        pc = entry.pc + WORDS_REPEAT;
        goto next;
    }
    case OP_GROUPREF: {
        const void **marks = state->marks + 2 * (size_t)code[pc + 1];
        const CHAR *after = SRE(group_follows)(code[pc + 2], marks[0], marks[1], ptr, end);
        if (after == NULL) goto fail;
        ptr = after;
        pc += 3;
        goto next;
    }
    case OP_CONDITION: {
        const void **marks = state->marks + 2 * (size_t)code[pc + 1];
        bool set = marks[0] != NULL && marks[1] != NULL && marks[1] >= marks[0];
        pc = set ? pc + 3 : code[pc + 2];
        goto next;
    }
    case OP_MATCH:
        if ((state->match_all && ptr != end) || (state->must_advance && ptr == start)) goto fail;
        state->start = start;
        state->ptr = ptr;
        return 1;
    default:
        goto fail;
    }

fail:
    TICK();
    while (sp != state->stack) {
        Entry *entry = --sp;
        switch (entry->kind) {
        case ENTRY_MARK:
            state->marks[entry->pc] = entry->ptr;
            state->lastindex = entry->a;
            break;
        case ENTRY_CHOICE:
            ptr = entry->ptr;
            pc = entry->pc;
            goto next;
        case ENTRY_LESS: {
            const CHAR *least = beginning + entry->a;
            ptr = entry->ptr;
            pc = entry->pc;
            do ptr--; while (ptr > least && !MAY_BEGIN(code[pc + 5]));
            if (ptr > least) {
                entry->ptr = ptr;
                sp++;
            }
            else if (!MAY_BEGIN(code[pc + 5])) {
                break;
            }
            pc += WORDS_REPEAT_ONE;
            goto next;
        }
        case ENTRY_MORE: {
            Py_ssize_t left = entry->a;
            bool more = true;
            ptr = entry->ptr;
            pc = entry->pc;
            do {
                more = left > 0 && SRE(unit_matches)(program, code[pc + 3], code[pc + 4], *ptr);
                if (!more) break;
                ptr++;
                left--;
            } while (!MAY_BEGIN(code[pc + 5]));
            if (!more) break;
            if (left > 0) {
                entry->ptr = ptr;
                entry->a = left;
                sp++;
            }
            pc += WORDS_REPEAT_ONE;
            goto next;
        }
        case ENTRY_REPEAT:
            repeat = entry->b;
            break;
        case ENTRY_COUNT: {
            Entry *context = &state->stack[entry->a];
            context->a--;
            context->ptr = entry->ptr;
            break;
        }
        case ENTRY_UNTIL: {
            /* the body again did not do: leave the repeat */
            Entry *context = &state->stack[entry->a];
            context->a--;
            context->ptr = (const void *)entry->b;
            ptr = entry->ptr;
            pc = entry->pc;
            repeat = entry->a;
            if (!MAY_BEGIN(code[pc + 3])) break;
            repeat = context->b;
            entry->kind = ENTRY_LEFT;
            sp++;
            pc += WORDS_UNTIL;
            goto next;
        }
        case ENTRY_LEFT:
            repeat = entry->a;
            break;
        case ENTRY_LAZY_UNTIL: {
            /* the tail did not do: once more the body */
            Entry *context = &state->stack[entry->a];
            Code max = code[context->pc + 2];
            Py_ssize_t count = context->a + 1;
            const void *last = context->ptr;
            repeat = entry->a;
            ptr = entry->ptr;
            if ((count >= (Py_ssize_t)max && max != SRE_MAXREPEAT) || ptr == last) break;
            context->a = count;
            context->ptr = ptr;
            pc = code[entry->pc + 1] + WORDS_REPEAT;
            *entry = (Entry){ENTRY_COUNT, 0, last, repeat, 0};
            sp++;
            goto next;
        }
        case ENTRY_ASSERT_NOT:
        case ENTRY_OPTIONAL:
            barrier = entry->b;
            ptr = entry->ptr;
            pc = code[entry->pc + (entry->kind == ENTRY_OPTIONAL ? 3 : 1)];
            goto next;
        default:        /* a barrier whose body did not match */
            barrier = entry->b;
            break;
        }
    }
    return 0;
}

#undef PUSH
#undef MAY_BEGIN
#undef TICK

/* The next place of the program's prefix, or NULL. */
static const CHAR *SRE(find_prefix)(const Program *program, const CHAR *ptr, const CHAR *end)
{
    Py_ssize_t length = program->prefix_length, k = 0;
    const Code *prefix = program->prefix;
    while (end - ptr >= length - k) {
        if (k == 0) {
            ptr = SRE(find_char)(ptr, end, prefix[0]);
            if (ptr == end) return NULL;
            ptr++;
            k = 1;
        }
        while (k < length && ptr < end && *ptr == prefix[k]) {
            ptr++;
            k++;
        }
        if (k == length) return ptr - length;
        if (ptr == end) return NULL;
        k = program->overlap[k - 1];
    }
    return NULL;
}

/* Searches from state->start on. */
static int SRE(search)(State *state)
{
    const Program *program = state->program;
    const CHAR *ptr = state->start;
    const CHAR *end = state->end;
    int status = 0;
    if (end - ptr < program->min_width) return 0;
    if (program->anchored) return ptr == (const CHAR *)state->beginning ? SRE(match)(state, ptr) : 0;
    const CHAR *last = end - program->min_width;
    if (program->prefix_length > 0) {
        while (ptr <= last && (ptr = SRE(find_prefix)(program, ptr, end)) != NULL) {
            if (program->prefix_is_all) {
                state->start = ptr;
                state->ptr = ptr + program->prefix_length;
                return 1;
            }
            status = SRE(match)(state, ptr);
            if (status != 0) return status;
            state->must_advance = false;
            ptr++;
        }
        return 0;
    }
    if (program->first != 0) {
        const Set *first = &program->sets[program->first - 1];
        for (; ptr <= last; ptr++) {
            while (ptr < last && !SRE(in_set)(program, first, *ptr)) ptr++;
            status = SRE(match)(state, ptr);
            if (status != 0) return status;
            state->must_advance = false;
        }
        return 0;
    }
    for (; ptr <= last; ptr++) {
        status = SRE(match)(state, ptr);
        if (status != 0) return status;
        state->must_advance = false;
    }
    return 0;
}
