#include "vm/translator.h"

/* ---- Emission ------------------------------------------------------------------------------------------------- */

void translator_fail(Translator *t, const char *what)
{
    if (!t->failed) PyErr_Format(PyExc_SystemError, "cannot run this code object: %s", what);
    t->failed = true;
}

void translator_fail_no_memory(Translator *t)
{
    if (!t->failed) PyErr_NoMemory();
    t->failed = true;
}

void translator_grow_words(Translator *t)
{
    int capacity = t->capacity ? 2 * t->capacity : (int)Py_SIZE(t->code) + 16;
    Word *words = PyMem_Realloc(t->words, (size_t)capacity * sizeof *words);
    if (words) t->words = words;
    uint32_t *units = PyMem_Realloc(t->units, (size_t)capacity * sizeof *units);
    if (units) t->units = units;
    if (words && units) t->capacity = capacity;
    else translator_fail_no_memory(t);
}

/* Room for one more word; after a failure, a scratch one. */
static COLD void make_room(Translator *t)
{
    translator_grow_words(t);
    if (t->count == t->capacity) t->count--;
}

int translator_emit_word(Translator *t, Word word)
{
    if (UNLIKELY(t->count == t->capacity)) make_room(t);
    t->words[t->count] = word;
    t->units[t->count] = (uint32_t)t->unit;
    return t->count++;
}

int translator_emit(Translator *t, enum exec_op op, uint32_t a, uint32_t b, uint32_t c)
{
    return translator_emit_word(t, (Word){.op = (uint16_t)op, .a = (uint16_t)a, .b = (uint16_t)b, .c = (uint16_t)c});
}

void translator_emit_zeros(Translator *t, int count)
{
    for (int i = 0; i < count; i++) translator_emit_word(t, (Word){0});
}

void translator_add_fix(Translator *t, int word, int from, int unit, FixKind kind)
{
    if (t->fix_count == t->fix_capacity) {
        int capacity = t->fix_capacity ? 2 * t->fix_capacity : 16;
        Fix *fixes = PyMem_Realloc(t->fixes, (size_t)capacity * sizeof *fixes);
        if (!fixes) {
            translator_fail_no_memory(t);
            return;
        }
        t->fixes = fixes;
        t->fix_capacity = capacity;
    }
    t->fixes[t->fix_count++] = (Fix){word, from, unit, kind};
}

void translator_emit_jump(Translator *t, enum exec_op op, uint32_t a, int unit)
{
    int at = translator_emit_word(t, (Word){.op_ = (uint16_t)op, .a_ = (uint16_t)a});
    translator_add_fix(t, at, at, unit, FIX_JUMP);
}

/* ---- The model of the stack ----------------------------------------------------------------------------------- */


void translator_take_register(Translator *t, int reg)
{
    t->busy[reg - t->base] = true;
    if (reg - t->base >= t->temporaries) t->temporaries = reg - t->base + 1;
}

void translator_free_entry(Translator *t, const Entry *e)
{
    if (e->kind == ENTRY_TEMP) t->busy[e->index - (uint32_t)t->base] = false;
}

void translator_push(Translator *t, EntryKind kind, uint32_t index)
{
    t->stack[t->depth++] = (Entry){.kind = kind, .index = index, .lane = -1};
}

int translator_choose_register(Translator *t)
{
    if (!t->busy[t->depth]) return canonical(t, t->depth);
    for (int i = t->code->co_stacksize; i < t->temporary_limit; i++) {
        if (!t->busy[i]) return t->base + i;
    }
    translator_fail(t, "too many temporaries");
    return t->base;
}

void translator_push_result(Translator *t, int word, int lane)
{
    int reg = translator_choose_register(t);
    t->words[word].lane[lane] = (uint16_t)reg;
    translator_take_register(t, reg);
    t->stack[t->depth++] = (Entry){ENTRY_TEMP, (uint32_t)reg, 4 * word + lane, t->count, word + 1, false};
}

void translator_note_object_use(Translator *t, const Entry *e)
{
    if (e->kind == ENTRY_LOCAL && !e->as_number && (int)e->index < t->flow.nlocals) t->local_uses[e->index] |= USED_AS_OBJECT;
}


void translator_prefer_number(Translator *t, Entry *e)
{
    accept_number(e);
    if (e->kind == ENTRY_LOCAL && (int)e->index < t->flow.nlocals) t->local_uses[e->index] |= USED_AS_NUMBER;
    if (t->plain || e->kind != ENTRY_TEMP || !e->maker) return;
    Word *w = &t->words[e->maker - 1];
    if (w->op == X_SUBSCRIPT) w->op = X_SUBSCRIPT_NUMBER;
    else if (w->op == X_LOAD_DEREF) w->op = X_LOAD_DEREF_NUMBER;
}

void translator_push_canonical(Translator *t)
{
    int reg = canonical(t, t->depth);
    translator_take_register(t, reg);
    t->stack[t->depth++] = (Entry){ENTRY_TEMP, (uint32_t)reg, -1, 0, 0, false};
}

static void set_temp(Translator *t, Entry *e, int reg)
{
    translator_free_entry(t, e);
    translator_take_register(t, reg);
    *e = (Entry){ENTRY_TEMP, (uint32_t)reg, -1, 0, 0, false};
}

/* Puts a pending entry's value into a register. */
static void materialise(Translator *t, Entry *e, int reg)
{
    switch (e->kind) {
    case ENTRY_LOCAL:
        translator_note_object_use(t, e);
        translator_emit(t, X_COPY, (uint32_t)reg, e->index, 0);
        break;
    case ENTRY_CONST: translator_emit(t, X_COPY, (uint32_t)reg, e->index | OPERAND_CONSTANT, 0); break;
    case ENTRY_NULL: translator_emit(t, X_LOAD_EMPTY, (uint32_t)reg, 0, 0); break;
    case ENTRY_TEMP: return;
    }
    set_temp(t, e, reg);
}

static bool is_canonical(Translator *t, int i)
{
    return t->stack[i].kind == ENTRY_TEMP && (int)t->stack[i].index == canonical(t, i);
}

/* Moves displaced temporaries home. Each turn of the loop brings one home, by a move if its place is free, else by an
 * exchange with the entry that sits there. */
static void flush_displaced(Translator *t)
{
    for (bool again = true; again && !t->failed;) {
        again = false;
        for (int i = 0; i < t->depth; i++) {
            Entry *e = &t->stack[i];
            if (e->kind != ENTRY_TEMP || is_canonical(t, i)) continue;
            int home = canonical(t, i);
            if (t->busy[i]) {
                translator_emit(t, X_SWAP, (uint32_t)home, e->index, 0);
                for (int j = 0; j < t->depth; j++) {
                    Entry *other = &t->stack[j];
                    if (other->kind == ENTRY_TEMP && (int)other->index == home) {
                        other->index = e->index;
                        other->lane = -1;
                        break;
                    }
                }
                e->index = (uint32_t)home;
                e->lane = -1;
                again = true;
            }
            else {
                translator_emit(t, X_TAKE, (uint32_t)home, e->index, 0);
                set_temp(t, e, home);
            }
        }
    }
}

void translator_flush(Translator *t)
{
    bool displaced = false;
    for (int i = 0; i < t->depth; i++) displaced |= t->stack[i].kind == ENTRY_TEMP && !is_canonical(t, i);
    if (displaced) flush_displaced(t);
    for (int i = 0; i < t->depth; i++) {
        if (t->stack[i].kind != ENTRY_TEMP) materialise(t, &t->stack[i], canonical(t, i));
    }
}

void translator_reserve(Translator *t, int first, int count)
{
    for (int i = first; i < first + count; i++) {
        for (int j = 0; t->busy[i] && j < first; j++) {
            if (t->stack[j].kind == ENTRY_TEMP && (int)t->stack[j].index == canonical(t, i)) {
                translator_flush(t);
                return;
            }
        }
    }
}

void translator_guard_operands(Translator *t, int count)
{
    int rest = t->depth - count;
    for (int i = rest; i < t->depth; i++) {
        if (t->stack[i].kind == ENTRY_TEMP && (int)t->stack[i].index < canonical(t, rest)) {
            translator_flush(t);
            return;
        }
    }
}

/* The operand that names an entry's value, to be consumed. */
static uint16_t operand_of(Translator *t, Entry *e)
{
    if (e->kind == ENTRY_NULL) materialise(t, e, canonical(t, (int)(e - t->stack)));
    if (e->kind == ENTRY_CONST) return (uint16_t)(e->index | OPERAND_CONSTANT);
    translator_note_object_use(t, e);
    return (uint16_t)e->index;
}

uint16_t translator_pop_operand(Translator *t)
{
    Entry *e = entry_at(t, 1);
    uint16_t operand = operand_of(t, e);
    translator_free_entry(t, e);
    t->depth--;
    return operand;
}

uint16_t translator_in_place(Translator *t, int from_top)
{
    Entry *e = entry_at(t, from_top);
    if (e->kind != ENTRY_TEMP && e->kind != ENTRY_LOCAL) {
        int home = (int)(e - t->stack);
        translator_reserve(t, home, 1);
        if (t->busy[home]) translator_flush(t);
        else materialise(t, e, canonical(t, home));
    }
    translator_note_object_use(t, e);
    return (uint16_t)e->index;
}

void translator_spill_local(Translator *t, uint32_t local)
{
    for (int i = 0; i < t->depth; i++) {
        Entry *e = &t->stack[i];
        if (e->kind != ENTRY_LOCAL || e->index != local) continue;
        if (t->busy[i]) {
            translator_flush(t);
            return;
        }
        materialise(t, e, canonical(t, i));
    }
}

bool translator_local_is_pending(Translator *t, uint32_t local)
{
    for (int i = 0; i < t->depth; i++) {
        if (t->stack[i].kind == ENTRY_LOCAL && t->stack[i].index == local) return true;
    }
    return false;
}

void translator_emit_operands(Translator *t, const uint16_t *operands, int count)
{
    for (int i = 0; i < count; i += 4) {
        Word w = {0};
        for (int j = 0; j < 4; j++) w.lane[j] = i + j < count ? operands[i + j] : OPERAND_NONE;
        translator_emit_word(t, w);
    }
}

uint16_t *translator_pop_operands(Translator *t, int count)
{
    uint16_t *operands = PyMem_New(uint16_t, count + 1);
    if (!operands) {
        translator_fail_no_memory(t);
        return NULL;
    }
    for (int i = count - 1; i >= 0; i--) operands[i] = translator_pop_operand(t);
    return operands;
}
