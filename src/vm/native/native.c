#include "vm/native/native.h"

#include <sys/mman.h>

#include "base/switches.h"
#include "objects/dict/dict.h"
#include "objects/int/int.h"
#include "objects/list.h"
#include "objects/range.h"
#include "vm/ops.h"
#include "vm/vm.h"

/* ---- Finding hot loops ---------------------------------------------------------------------------------------- */

enum { SEEN = 64, HOT_SAMPLES = 2, GIVEN_UP = -64, MAX_REFUSED = 64, LOOK_AFTER = 512, MIN_TURNS = 3, MAX_ATTEMPTS = 4 };

/* Headers that were met at samples, by address; a sample in another place takes the entry over. Negative: could not be compiled,
 * and counts up to another try. */
static struct { const Word *header; int samples; } seen[SEEN];

static const enum exec_op native_ops[] = {0, X_NATIVE_1, X_NATIVE_2, X_NATIVE_3};

static bool is_native(int op) { return op == X_NATIVE_1 || op == X_NATIVE_2 || op == X_NATIVE_3; }

NativeLoop *native_find(const ExecCode *exec, const Word *ip)
{
    int word = (int)(ip - exec->words);
    NativeLoop *l = exec->loops;
    while (l->header != word) l = l->next;
    return l;
}

int native_opcode(const ExecCode *exec, const Word *ip)
{
    int op = exec_opcode(ip);
    return is_native(op) ? native_find(exec, ip)->original : op;
}

/* The place of the loop that was compiled for a header, or the end of the list. */
static NativeLoop **find_place(ExecCode *exec, int header)
{
    NativeLoop **at = &exec->loops;
    while (*at && (*at)->header != header) at = &(*at)->next;
    return at;
}

void native_sample(Frame *frame, const Word *header)
{
    vm_runtime.turns_to_sample = vm_runtime.sample_period;
    ExecCode *exec = frame->exec;
    size_t at = ((uintptr_t)header >> 3) % SEEN;
    int op = exec_opcode(header);
    if (vm_runtime.no_native || exec->plain || header->op & OP_WATCHED || is_native(op)) return;
    if (seen[at].header != header) {
        seen[at].header = header;
        seen[at].samples = 0;
    }
    if (++seen[at].samples < (switches.stress_native ? 1 : HOT_SAMPLES)) return;
    int length = exec_length(header), word = (int)(header - exec->words);
    NativeLoop **place = find_place(exec, word), *old = *place, *l = NULL;
    int attempts = old ? old->attempts : 0;
    if (length <= 3 && attempts < MAX_ATTEMPTS) l = native_compile(frame, word);
    seen[at].samples = l ? 0 : GIVEN_UP;
    if (!l) return;
    l->attempts = (uint8_t)(attempts + 1);
    if (old) {
        *place = old->next;
        old->next = NULL;
        native_free(old);
    }
    l->next = exec->loops;
    exec->loops = l;
    exec_become(header, native_ops[length]);
}

/* ---- Registers in and out ------------------------------------------------------------------------------------- */

static bool take_int(Value v, uint64_t *word)
{
    if (value_is_int(v)) {
        *word = (uint64_t)value_int(v);
        return true;
    }
    PyObject *o = value_object(v);
    if (!value_is_object(v) || !o || !PyLong_CheckExact(o)) return false;
    int overflow;
    *word = (uint64_t)PyLong_AsLongLongAndOverflow(o, &overflow);
    return !overflow;
}

static bool take_float(Value v, uint64_t *word)
{
    double d;
    if (value_is_float(v)) d = value_float(v);
    else {
        PyObject *o = value_object(v);
        if (!value_is_object(v) || !o || !PyFloat_CheckExact(o)) return false;
        d = PyFloat_AS_DOUBLE(o);
    }
    memcpy(word, &d, sizeof d);
    return true;
}

static bool take(const Binding *b, Value v, uint64_t *slots)
{
    uint64_t *word = &slots[b->slot];
    if (b->kind == KIND_INT) return take_int(v, word);
    if (b->kind == KIND_FLOAT) return take_float(v, word);
    PyObject *o = value_object(v);
    if (!value_is_object(v) || !o) return false;
    if (b->kind == KIND_BOOL) {
        *word = o == Py_True;
        return o == Py_True || o == Py_False;
    }
    *word = (uint64_t)(uintptr_t)o;
    return (const void *)Py_TYPE(o) == b->what;
}

static bool globals_hold(const NativeLoop *l, const Frame *frame)
{
    if (!l->known_count) return true;
    if (frame_globals(frame) != l->globals || frame_builtins(frame) != l->builtins) return false;
    for (int i = 0; i < l->known_count; i++) {
        const NativeGlobal *g = &l->known[i];
        const PyDictKeysObject *keys = ((PyDictObject *)g->namespace)->ma_keys;
        if (keys->dk_version != g->version) return false;
        if (g->entry >= 0 && dict_entry_value_at(keys, (uint32_t)g->entry) != g->value) return false;
    }
    return true;
}

/* Whether everything is as the machine code wants it; then it stands in `slots`. */
static bool enter(const NativeLoop *l, const Frame *frame, uint64_t *slots)
{
    const Value *registers = frame->registers;
    for (int i = 0; i < l->entry_count; i++) {
        if (!take(&l->bindings[i], registers[l->bindings[i].reg], slots)) return false;
    }
    /* What a register held ends when the loop is left, not when it writes: that must end nothing. */
    for (int i = 0; i < l->written_count; i++) {
        Value v = registers[l->written[i]];
        if (!value_is_owned(v)) continue;
        PyObject *o = value_object(v);
        if (Py_REFCNT(o) == 1 && !PyLong_CheckExact(o) && !PyFloat_CheckExact(o)) return false;
    }
    if (!globals_hold(l, frame)) return false;
    slots[0] = 0;
    for (int i = 0; i < l->constant_count; i++) slots[l->constants[i].slot] = l->constants[i].word;
    return true;
}

static PyObject *range_iterator(const uint64_t *parts)
{
    PyObject *o = range_iterator_new((int64_t)parts[RANGE_NEXT], (int64_t)parts[RANGE_STEP], (int64_t)parts[RANGE_LEFT]);
    if (o) ((RangeIteratorObject *)o)->total = (int64_t)parts[RANGE_TOTAL];
    return o;
}

static PyObject *items_iterator(const uint64_t *parts)
{
    PyObject *o = PyObject_GetIter((PyObject *)(uintptr_t)parts[ITEMS_SEQUENCE]);
    if (o) ((ListIterator *)o)->index = (Py_ssize_t)parts[ITEMS_INDEX];
    return o;
}

/* What the words of a binding stand for. VALUE_EMPTY with MemoryError set. */
static Value to_value(const Binding *b, const uint64_t *slots)
{
    const uint64_t *parts = &slots[b->slot];
    uint64_t word = *parts;
    double d;
    switch ((Kind)b->kind) {
    case KIND_INT: return value_from_ssize((Py_ssize_t)word);
    case KIND_FLOAT:
        memcpy(&d, &word, sizeof d);
        return value_from_float(d);
    case KIND_BOOL: return value_from_bool(word != 0);
    case KIND_OBJECT: return value_from_owned(Py_NewRef((PyObject *)(uintptr_t)word));
    case KIND_OWNED: return value_from_owned((PyObject *)(uintptr_t)word);
    case KIND_RANGE: return value_from_owned(range_iterator(parts));
    case KIND_ITEMS: return value_from_owned(items_iterator(parts));
    default: return value_from_owned(Py_NewRef((PyObject *)b->what));
    }
}

/* The registers as the interpreter wants them. All values are made before any old one is released: that may be the last holder of
 * another's object. */
static bool leave(const NativeLoop *l, const NativeExit *e, const uint64_t *slots, Value *registers)
{
    Value values[MAX_NATIVE_REGISTERS];
    for (int i = 0; i < e->count; i++) {
        const Binding *b = &l->bindings[e->first + i];
        values[i] = to_value(b, slots);
        if (values[i]) continue;
        while (i-- > 0) value_release(values[i]);
        return false;
    }
    for (int i = 0; i < e->count; i++) {
        Value *reg = &registers[l->bindings[e->first + i].reg], old = *reg;
        *reg = values[i];
        value_release(old);
    }
    return true;
}

const Word *native_run(NativeLoop *l, Frame *frame, bool *failed)
{
    uint64_t slots[NATIVE_SLOTS];
    *failed = false;
    if (!enter(l, frame, slots)) {
        if (++l->refused > MAX_REFUSED) exec_become(&frame->exec->words[l->header], l->original);
        return NULL;
    }
    l->refused = 0;
    const NativeExit *e = &l->exits[l->run(slots)];
    *failed = !leave(l, e, slots, frame->registers);
    /* A loop that is always left at once is better interpreted. */
    l->turns += slots[0];
    if (++l->entries == LOOK_AFTER) {
        if (l->turns < MIN_TURNS * LOOK_AFTER) {
            exec_become(&frame->exec->words[l->header], l->original);
            l->attempts = MAX_ATTEMPTS;
        }
        l->entries = 0;
        l->turns = 0;
    }
    return &frame->exec->words[e->word];
}

void native_free(NativeLoop *l)
{
    while (l) {
        NativeLoop *next = l->next;
        for (int i = 0; i < l->known_count; i++) Py_XDECREF(l->known[i].value);
        if (l->memory) munmap(l->memory, l->memory_size);
        PyMem_Free(l->written);
        PyMem_Free(l->known);
        PyMem_Free(l->constants);
        PyMem_Free(l->exits);
        PyMem_Free(l->bindings);
        PyMem_Free(l);
        l = next;
    }
}
