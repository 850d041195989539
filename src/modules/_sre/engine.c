/* The matcher for the three character widths, and its stack. */
#include "modules/_sre/sre.h"

#include "objects/interrupt.h"

enum EntryKind {
    /* kind: pc, ptr, a, b */
    ENTRY_MARK,         /* undo: the mark, its old value, old lastindex */
    ENTRY_CHOICE,       /* try: where, subject */
    ENTRY_LESS,         /* REPEAT_ONE, one time less: the operator, subject, offset of the least */
    ENTRY_MORE,         /* MIN_REPEAT_ONE, one time more: the operator, subject, times left */
    ENTRY_REPEAT,       /* context of a repeat: the operator, subject of the last optional turn, turns, outer repeat */
    ENTRY_COUNT,        /* undo a turn: -, old last subject, context */
    ENTRY_UNTIL,        /* try leaving MAX_UNTIL: the operator, subject, context, old last subject */
    ENTRY_LEFT,         /* undo leaving a repeat: -, -, context */
    ENTRY_LAZY_UNTIL,   /* try another turn of MIN_UNTIL: the operator, subject, context */
    /* barriers: the operator, subject, turns, outer barrier */
    ENTRY_ASSERT, ENTRY_ASSERT_NOT, ENTRY_ATOMIC,
    ENTRY_NEEDED, ENTRY_OPTIONAL,   /* a turn of a possessive repeat */
};

Entry *state_grow_stack(State *state, Entry *sp)
{
    size_t used = (size_t)(sp - state->stack), size = used * 2;
    Entry *stack;
    if (size > PY_SSIZE_T_MAX / sizeof(Entry)) return (Entry *)PyErr_NoMemory();
    if (state->stack == state->inline_stack) {
        stack = PyMem_Malloc(size * sizeof(Entry));
        if (stack != NULL) memcpy(stack, state->inline_stack, used * sizeof(Entry));
    }
    else {
        stack = PyMem_Realloc(state->stack, size * sizeof(Entry));
    }
    if (stack == NULL) return (Entry *)PyErr_NoMemory();
    state->stack = stack;
    state->stack_limit = stack + size;
    return stack + used;
}

/* Commits a barrier's body: drops the barrier and all above it but what undoes marks. The new top. */
static Entry *stack_cut(Entry *barrier, const Entry *sp)
{
    Entry *to = barrier;
    for (const Entry *from = barrier + 1; from < sp; from++) {
        if (from->kind == ENTRY_MARK) *to++ = *from;
    }
    return to;
}

#define CHAR Py_UCS1
#define SRE(name) ucs1_##name
#include "modules/_sre/match_template.h"
#undef CHAR
#undef SRE

#define CHAR Py_UCS2
#define SRE(name) ucs2_##name
#include "modules/_sre/match_template.h"
#undef CHAR
#undef SRE

#define CHAR Py_UCS4
#define SRE(name) ucs4_##name
#include "modules/_sre/match_template.h"
#undef CHAR
#undef SRE

int state_match(State *state, const void *ptr)
{
    switch (state->charsize) {
    case 1: return ucs1_match(state, ptr);
    case 2: return ucs2_match(state, ptr);
    default: return ucs4_match(state, ptr);
    }
}

int state_search(State *state)
{
    switch (state->charsize) {
    case 1: return ucs1_search(state);
    case 2: return ucs2_search(state);
    default: return ucs4_search(state);
    }
}
