/* The pass over the bytecode, and what is asked of it. */
#include "vm/translate.h"

#include <stdlib.h>
#include <string.h>

#include "objects/code.h"
#include "vm/translator.h"

/* ---- The pass ------------------------------------------------------------------------------------------------- */

static void enter_leader(Translator *t, int leader)
{
    int depth = t->flow.depth[leader];
    if (t->reachable) translator_flush(t);
    t->word_of_leader[leader] = t->count;
    if (depth < 0) {
        t->reachable = false;
        return;
    }
    t->reachable = true;
    memset(t->busy, 0, (size_t)t->temporary_limit * sizeof *t->busy);
    t->depth = 0;
    while (t->depth < depth) translator_push_canonical(t);
    t->keywords = 0;
    if (t->bound) {
        size_t words = (size_t)t->flow.words_per_set;
        memcpy(t->bound, t->flow.bound + (size_t)leader * words, words * sizeof *t->bound);
    }
}

/* Where the form that is described stands between two words, the bytecode may be at several places: loads emit nothing. The first
 * of them is right, for nothing after it has been seen to happen; but not one before a result went to a local (store_fast)
 * or before a leader, where one may have jumped to. */
static void take_description(Translator *t)
{
    t->described_unit = t->unit;
    t->described_depth = t->depth;
    memcpy(t->described, t->stack, (size_t)t->depth * sizeof *t->stack);
}

/* The last instruction that begins at a word tells what is live there: those before it emitted nothing. */
static void take_live(Translator *t)
{
    uint64_t *set = t->live + (size_t)t->count * (size_t)t->live_words;
    memset(set, 0, (size_t)t->live_words * sizeof *set);
    set[0] = 1;
    for (int i = 0; i < t->depth; i++) {
        unsigned bit = 1 + t->stack[i].index - (unsigned)t->base;
        if (t->stack[i].kind == ENTRY_TEMP) set[bit / 64] |= (uint64_t)1 << bit % 64;
    }
}

static void translate_all(Translator *t)
{
    const Flow *flow = &t->flow;
    for (int u = 0; u < flow->unit_count && !t->failed; u = t->next_unit) {
        if (!instruction_read(flow->units, flow->unit_count, u, &t->in)) break;
        t->unit = t->in.at;
        t->next_unit = t->in.next;
        if (t->stop_word >= 0) {
            if (t->count > t->stop_word) return;
            bool first = t->described_unit < 0 && flow->leader[u] < 0;
            if (t->count == t->stop_word && t->reachable && first) take_description(t);
        }
        if (flow->leader[u] >= 0) {
            enter_leader(t, flow->leader[u]);
            if (t->count == t->stop_word && t->reachable) take_description(t);
        }
        if (!t->reachable) continue;
        if (t->live) take_live(t);
        int before = t->count;
        translate_instruction(t);
        if (t->plain && t->reachable) {
            if (t->count == before) translator_emit(t, X_NOP, 0, 0, 0);
            translator_flush(t);
        }
    }
    if (!t->failed && t->reachable) translator_emit(t, X_BAD, 0, 0, 0);
}

static bool is_number(const Translator *t, uint16_t reg)
{
    return (int)reg < t->flow.nlocals && t->local_uses[reg] == USED_AS_NUMBER;
}

/* What is loaded into locals that are best kept unboxed comes so. */
static void unbox_loads(Translator *t)
{
    for (int at = 0; at < t->count; at += exec_length(&t->words[at])) {
        Word *w = &t->words[at];
        switch (w->op) {
        case X_SUBSCRIPT: if (is_number(t, w->a)) w->op = X_SUBSCRIPT_NUMBER; break;
        case X_LOAD_DEREF: if (is_number(t, w->a)) w->op = X_LOAD_DEREF_NUMBER; break;
        case X_FOR_ITER: w->c = is_number(t, w->a); break;
        case X_UNPACK_SEQUENCE:
            for (int i = 0; i < w->c && i < 16; i++) w->a |= (uint16_t)(is_number(t, w[1 + i / 4].lane[i % 4]) << i);
        }
    }
}

static bool apply_fixes(Translator *t)
{
    for (int i = 0; i < t->fix_count; i++) {
        Fix f = t->fixes[i];
        int distance = t->word_of_leader[t->flow.leader[f.unit]] - f.from;
        switch (f.kind) {
        case FIX_JUMP: t->words[f.word].jump = distance; break;
        case FIX_WORD: t->words[f.word].word = (uint64_t)(int64_t)distance; break;
        case FIX_NEAR:
            if (distance < INT16_MIN || distance > INT16_MAX) {
                t->near = false;
                return false;
            }
            t->words[f.word].c = (uint16_t)(int16_t)distance;
        }
    }
    return true;
}

static void translator_clear(Translator *t)
{
    flow_free(&t->flow);
    PyMem_Free(t->stack);
    PyMem_Free(t->busy);
    PyMem_Free(t->words);
    PyMem_Free(t->units);
    PyMem_Free(t->fixes);
    PyMem_Free(t->word_of_leader);
    PyMem_Free(t->bound);
    PyMem_Free(t->local_uses);
    PyMem_Free(t->described);
}

static int translator_init(Translator *t, PyCodeObject *code, bool plain)
{
    *t = (Translator){
        .code = code, .plain = plain, .near = Py_SIZE(code) < MAX_NEAR_UNITS, .base = code->co_nlocalsplus,
        .constant_count = (int)PyTuple_GET_SIZE(code->co_consts), .stop_word = -1, .super_word = -1,
        .described_unit = -1,
    };
    t->temporary_limit = 2 * code->co_stacksize + 2;    /* displaced entries never outnumber the stack */
    if (t->base + t->temporary_limit > EXEC_MAX_REGISTERS) {
        translator_fail(t, "too many locals and temporaries");
        return -1;
    }
    if (flow_analyse(code, &t->flow) < 0) return -1;
    t->stack = PyMem_New(Entry, code->co_stacksize + 2);
    t->busy = PyMem_Calloc((size_t)t->temporary_limit, sizeof *t->busy);
    t->local_uses = PyMem_Calloc((size_t)t->flow.nlocals + 1, 1);
    t->word_of_leader = PyMem_Calloc((size_t)t->flow.leader_count, sizeof *t->word_of_leader);
    if (t->flow.bound) t->bound = PyMem_Calloc((size_t)t->flow.words_per_set, sizeof *t->bound);
    if (!t->stack || !t->busy || !t->local_uses || !t->word_of_leader || (t->flow.bound && !t->bound)) {
        translator_fail_no_memory(t);
        return -1;
    }
    translator_grow_words(t);
    return t->failed ? -1 : 0;
}

/* Runs the pass, a second time without 16-bit jumps if one does not reach. */
static int translate(Translator *t)
{
    for (;;) {
        translate_all(t);
        if (t->failed) return -1;
        if (!t->plain) unbox_loads(t);
        if (t->stop_word >= 0 || apply_fixes(t)) return 0;
        t->count = t->fix_count = t->depth = 0;
        t->described_unit = -1;
        t->reachable = false;
    }
}

/* First word at or after a code unit; the units of the words never decrease. */
static int first_word_at(const Translator *t, int unit)
{
    int low = 0, high = t->count;
    while (low < high) {
        int middle = (low + high) / 2;
        if ((int)t->units[middle] < unit) low = middle + 1;
        else high = middle;
    }
    return low;
}

static ExecHandler *make_handlers(Translator *t)
{
    ExecHandler *handlers = PyMem_New(ExecHandler, t->flow.range_count + 1);
    if (!handlers) return NULL;
    for (int i = 0; i < t->flow.range_count; i++) {
        const ExceptionEntry *r = &t->flow.ranges[i];
        handlers[i] = (ExecHandler){
            .start = (uint32_t)t->word_of_leader[t->flow.leader[r->start]],
            .end = (uint32_t)first_word_at(t, r->end),
            .handler = (uint32_t)t->word_of_leader[t->flow.leader[r->target]],
            .depth = (uint16_t)r->depth,
            .lasti = r->lasti,
        };
    }
    return handlers;
}

static int simple_arguments(PyCodeObject *code, bool plain)
{
    bool other = plain || code->co_kwonlyargcount || code->co_flags & (CO_VARARGS | CO_VARKEYWORDS)
                 || !(code->co_flags & CO_OPTIMIZED);
    return other ? -1 : code->co_argcount;
}

/* The units of the words as an ExecCode keeps them: new memory, or NULL. */
static uint16_t *narrow_units(const Translator *t)
{
    uint16_t *units = PyMem_New(uint16_t, t->count + 1);
    for (int i = 0; units && i < t->count; i++) units[i] = (uint16_t)t->units[i];
    return units;
}

ExecCode *translate_code(PyCodeObject *code, bool plain)
{
    Translator t;
    ExecCode *exec = NULL;
    if (translator_init(&t, code, plain) < 0 || translate(&t) < 0) goto done;
    size_t words = (size_t)t.count;
    exec = PyMem_Malloc(sizeof *exec + words * sizeof(Word));
    ExecHandler *handlers = make_handlers(&t);
    bool wide = Py_SIZE(code) > UINT16_MAX + 1;
    uint16_t *units = wide ? NULL : narrow_units(&t);
    if (!exec || !handlers || (!units && !wide)) {
        PyMem_Free(exec);
        PyMem_Free(handlers);
        PyMem_Free(units);
        exec = NULL;
        translator_fail_no_memory(&t);
        goto done;
    }
    int used = t.temporaries, room = code->co_stacksize > used ? code->co_stacksize : used;
    *exec = (ExecCode){
        .code = code, .plain = plain, .near = t.near, .register_count = t.base + used, .register_capacity = t.base + room,
        .first_temporary = t.base,
        .word_count = t.count, .handler_count = t.flow.range_count, .constant_count = t.constant_count,
        .wide = wide, .units = units, .handlers = handlers, .simple_arguments = simple_arguments(code, plain),
        .fused_function = !plain && code->co_flags & CO_OPTIMIZED,
    };
    if (wide) {
        exec->wide_units = t.units;
        t.units = NULL;
    }
    memcpy(exec->words, t.words, words * sizeof(Word));
done:
    translator_clear(&t);
    return exec;
}

int exec_describe(PyCodeObject *code, int word, int *unit, uint16_t *operands)
{
    Translator t;
    int depth = -1;
    if (translator_init(&t, code, false) < 0) goto done;
    /* Whether the form that runs has 16-bit jumps was decided when it was made: the same decision falls here. */
    ExecCode *exec = exec_get(code, false);
    if (!exec) goto done;
    if (!exec->near) t.near = false;
    t.described = PyMem_New(Entry, code->co_stacksize + 2);
    if (!t.described) {
        translator_fail_no_memory(&t);
        goto done;
    }
    t.stop_word = word;
    if (translate(&t) < 0 || t.described_unit < 0) goto done;
    *unit = t.described_unit;
    depth = t.described_depth;
    for (int i = 0; i < depth; i++) {
        const Entry *e = &t.described[i];
        operands[i] = e->kind == ENTRY_NULL ? OPERAND_NONE
                      : e->kind == ENTRY_CONST ? (uint16_t)(e->index | OPERAND_CONSTANT) : (uint16_t)e->index;
    }
done:
    translator_clear(&t);
    return depth;
}

uint64_t *exec_find_live(const ExecCode *exec)
{
    Translator t;
    uint64_t *live = NULL;
    if (translator_init(&t, exec->code, exec->plain) < 0) goto done;
    t.near = exec->near;
    t.live_words = exec_live_words(exec);
    t.live = live = PyMem_Calloc((size_t)(exec->word_count + 1) * (size_t)t.live_words, sizeof *live);
    if (!live) PyErr_NoMemory();
    else if (translate(&t) < 0) {
        PyMem_Free(live);
        live = NULL;
    }
done:
    translator_clear(&t);
    return live;
}

int exec_find_number_locals(const ExecCode *exec, bool *result)
{
    Translator t;
    int status = -1;
    if (translator_init(&t, exec->code, exec->plain) < 0) goto done;
    t.near = exec->near;
    if (translate(&t) < 0) goto done;
    for (int i = 0; i < t.flow.nlocals; i++) result[i] = !(t.local_uses[i] & USED_AS_OBJECT);
    status = 0;
done:
    translator_clear(&t);
    return status;
}
