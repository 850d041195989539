/* _sre: the regular expression engine.
 *
 * The library's re._compiler turns a pattern into a list of numbers (the "code list", sre_codes.h). program_new()
 * checks that list and translates it into a Program of our own: jumps are absolute, neighbouring literals are one
 * string, every single-character test is a literal or a Set with a table for the first 256 characters, and the places
 * where a path can begin carry a filter: the characters that it can begin with.
 *
 * The matcher (match_template.h, once per character width) runs a Program with a backtrack stack on the heap. Invariants:
 *   - whatever a path changes (marks, repeat counters, current repeat) is undone by the entry that was pushed when it
 *     was changed, so popping entries restores the state of the time of their pushing;
 *   - `barrier` is the topmost entry of a look-around, atomic group or possessive repeat whose body is running;
 *   - such a body is cut by dropping all entries above its barrier but those that undo marks.
 */
#ifndef KRAIT_MODULES_SRE_H
#define KRAIT_MODULES_SRE_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "modules/_sre/sre_codes.h"

typedef uint32_t Code;

/* ---- programs ---- */

enum ProgramOp {
    /* words of an instruction, the operator included */
    OP_FAIL,            /* 1 */
    OP_MATCH,           /* 1: the end of the pattern */
    OP_END,             /* 1: the end of a barrier's body */
    /* units: one character each, one operand each */
    OP_LITERAL,         /* 2: character */
    OP_NOT_LITERAL,     /* 2: character */
    OP_SET,             /* 2: set */
    OP_LOCALE_SET,      /* 2: set that depends on the locale at the time of matching */
    OP_ANY,             /* 2 */
    OP_ANY_ALL,         /* 2 */
    OP_STRING,          /* 2+n: n, characters */
    OP_AT,              /* 2: AT_ number */
    OP_BOUNDARY,        /* 2: set of word characters */
    OP_NOT_BOUNDARY,    /* 2: set */
    OP_LOCALE_BOUNDARY, /* 3: set, negated */
    OP_MARK,            /* 2: mark */
    OP_JUMP,            /* 2: target */
    OP_ALTERNATIVE,     /* 3: next alternative or 0, filter; the body follows */
    OP_LOOP,            /* 4: exit, filter of the body, filter of the exit; prefers the body, which follows */
    OP_LAZY,            /* 4: the same, prefers the exit */
    OP_REPEAT_ONE,      /* 7: min, max, unit, its operand, filter of the tail, REPEAT_DISJOINT_ flags */
    OP_MIN_REPEAT_ONE,  /* 7 */
    OP_POSSESSIVE_ONE,  /* 7 */
    OP_REPEAT,          /* 4: min, max, where the UNTIL is; the body follows */
    OP_MAX_UNTIL,       /* 4: where the REPEAT is, filter of the body, filter of the tail */
    OP_MIN_UNTIL,       /* 4 */
    OP_ASSERT,          /* 3: after, characters to step back */
    OP_ASSERT_NOT,      /* 3 */
    OP_ATOMIC,          /* 2: after */
    OP_POSSESSIVE,      /* 4: min, max, after */
    OP_GROUPREF,        /* 3: group, Fold */
    OP_CONDITION,       /* 3: group, where to go when it is not set */
};

enum { WORDS_REPEAT_ONE = 7, WORDS_REPEAT = 4, WORDS_UNTIL = 4, WORDS_LOOP = 4, WORDS_ALTERNATIVE = 3 };

/* Flags of a REPEAT_ONE: no character of the unit can begin the tail, so giving characters back is useless. */
enum { REPEAT_DISJOINT_LOW = 1, REPEAT_DISJOINT_HIGH = 2 };

typedef enum { FOLD_NONE, FOLD_ASCII, FOLD_UNICODE, FOLD_LOCALE } Fold;
typedef enum { HIGH_NEVER, HIGH_ALWAYS, HIGH_ASK } High;

/* A set of characters. Eight sets share a table of 256 bytes, a bit each. */
typedef struct {
    const uint8_t *table;   /* borrowed from the program; NULL while translating, and for locale sets */
    uint8_t mask;
    uint8_t high;           /* High: the characters above 255 */
    uint8_t fold;           /* Fold: applied to the character before it is looked up in `words` */
    bool invert;
    bool may_high;          /* some character above 255 may be in it */
    Code words;             /* offset into Program.words of its charset code */
} Set;

typedef struct {
    Code *code;
    size_t length;
    Set *sets;
    size_t set_count;
    Code *words;                /* charset codes */
    size_t words_length;
    uint8_t *tables;
    Code *prefix;               /* characters that every match begins with */
    Py_ssize_t *overlap;        /* KMP table of the prefix; NULL when shorter than 2 */
    Py_ssize_t prefix_length;
    bool prefix_is_all;         /* the pattern is the prefix and has no group */
    bool anchored;              /* matches only at the beginning of the subject */
    Code first;                 /* filter of the first character, 0: none */
    Py_ssize_t min_width;
} Program;

/* Checks and translates a code list. NULL with RuntimeError("invalid SRE code") or MemoryError. */
Program *program_new(const Code *list, size_t length, Py_ssize_t groups);
void program_free(Program *program);

/* Fills in the tables, filters, prefix and anchors of a translated program. -1 without memory (no exception set). */
int program_analyze(Program *program);

/* ---- characters ---- */

Py_UCS4 sre_lower(Fold fold, Py_UCS4 ch);
bool sre_category(Code category, Py_UCS4 ch);
/* Is the character in the charset code that ends in FAILURE? */
bool charset_has(const Code *words, Py_UCS4 ch);
/* The set without its table: for characters above 255 and for locale sets. */
bool set_has_slow(const Program *program, const Set *set, Py_UCS4 ch);

/* ---- matching ---- */

typedef struct {
    uint32_t kind;
    uint32_t pc;
    const void *ptr;
    Py_ssize_t a, b;
} Entry;

enum { INLINE_ENTRIES = KRAIT_LIMIT(48, 8), INLINE_MARKS = KRAIT_LIMIT(24, 2) };

typedef struct {
    const Program *program;
    const void *beginning;      /* of the subject */
    const void *start;          /* of this match */
    const void *end;            /* where the subject ends for us */
    const void *ptr;            /* out: the end of the match */
    bool match_all;             /* must end at `end` */
    bool must_advance;          /* must not be empty at the first position */
    bool marks_dirty;
    int charsize;
    Py_ssize_t lastindex;       /* -1: none */
    const void **marks;         /* NULL: not set */
    Py_ssize_t mark_count;
    Entry *stack;
    Entry *stack_limit;
    /* the subject */
    PyObject *string;           /* owned */
    Py_ssize_t pos, endpos;
    bool is_bytes;
    Py_buffer buffer;           /* buffer.buf is NULL for str */
    const void *inline_marks[INLINE_MARKS];
    Entry inline_stack[INLINE_ENTRIES];
} State;

/* 1: found, 0: not, -1: an exception is set. */
int state_match(State *state, const void *ptr);
int state_search(State *state);
/* Doubles the stack; the new place of `sp`, or NULL with MemoryError. */
Entry *state_grow_stack(State *state, Entry *sp);

/* ---- objects ---- */

typedef struct {
    PyTypeObject *pattern_type;
    PyTypeObject *match_type;
    PyTypeObject *scanner_type;
} SreModule;

typedef struct {
    PyObject_VAR_HEAD               /* ob_size: length of the code list */
    SreModule *module;              /* borrowed; the type keeps it alive */
    Program *program;
    Py_ssize_t groups;
    PyObject *groupindex;           /* owned dict, NULL when empty */
    PyObject *indexgroup;           /* owned tuple */
    PyObject *pattern;              /* owned */
    int flags;
    int is_bytes;                   /* -1: any subject */
    PyObject *weakrefs;
    Code list[];
} Pattern;

typedef struct {
    PyObject_VAR_HEAD               /* ob_size: twice the number of groups, the whole match included */
    PyObject *string;               /* owned */
    PyObject *regs;                 /* owned, made on demand */
    Pattern *pattern;               /* owned */
    Py_ssize_t pos, endpos;
    Py_ssize_t lastindex;
    Py_ssize_t groups;              /* the whole match included */
    Py_ssize_t marks[];             /* -1: not set */
} Match;

typedef struct {
    PyObject_HEAD
    PyObject *pattern;              /* owned */
    bool executing;
    State state;
} Scanner;

/* Prepares matching `pattern` on `string[pos:endpos]`; -1 with an exception. state_fini() undoes it. */
int state_init(State *state, Pattern *pattern, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos);
void state_fini(State *state);
/* string[start:end] of the subject, owned. */
PyObject *subject_slice(PyObject *string, bool is_bytes, const char *bytes, Py_ssize_t start, Py_ssize_t end);
PyObject *state_slice(const State *state, const void *from, const void *to);
/* The text of a group (from 1) in a successful state; `empty` picks '' over None for a group that is not set. */
PyObject *state_group(const State *state, Py_ssize_t group, bool empty);
static inline Py_ssize_t state_offset(const State *state, const void *ptr)
{
    return ((const char *)ptr - (const char *)state->beginning) / state->charsize;
}

/* A new Match for status 1, None for 0, NULL for -1. */
PyObject *match_new(Pattern *pattern, const State *state, int status);
PyObject *scanner_new(Pattern *pattern, PyObject *string, Py_ssize_t pos, Py_ssize_t endpos);
PyObject *pattern_sub(Pattern *self, PyObject *replacement, PyObject *string, Py_ssize_t count, bool with_number);
/* Calls the function `name` of the library's module re with new arguments built from `format`. */
PyObject *sre_call_re(const char *name, PyObject *first, PyObject *second, PyObject *third);

extern PyType_Spec sre_pattern_spec, sre_match_spec, sre_scanner_spec;

#endif
