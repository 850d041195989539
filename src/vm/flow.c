#include "vm/flow.h"

#include <stdlib.h>
#include <string.h>

#include "base/bits.h"
#include "bytecode/opcodes.h"

/* A block is walked again when its entry set shrinks; after this many times its set is simply emptied, which is always
 * sound, so that hostile code cannot make the analysis more than linear. */
enum { MAX_VISITS = 8 };

/* Sets larger than this in total are not worth having: every load is then checked. */
enum { MAX_SET_WORDS = 1 << 20 };

/* Blocks are walked in the order of the code, so that mostly all ways into one have been seen before it is walked. */
typedef struct {
    Flow *flow;
    PyCodeObject *code;
    uint64_t *queued;           /* per leader a bit: to be walked */
    int first_queued;           /* no word of `queued` before this one has a bit */
    uint8_t *visits;
    uint64_t *set;              /* of the block being walked */
    uint64_t *marks;            /* per unit a bit: a leader */
    int *unit_of_leader;
} Walk;

static size_t bit_words(size_t bits) { return (bits + 63) / 64; }

static int flow_error(const char *what)
{
    PyErr_Format(PyExc_SystemError, "cannot run this code object: %s", what);
    return -1;
}

int flow_find_range(const Flow *flow, int unit)
{
    int low = 0, high = flow->range_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (flow->ranges[middle].end <= unit) low = middle + 1;
        else high = middle;
    }
    return low < flow->range_count && flow->ranges[low].start <= unit ? low : -1;
}

static int read_ranges(PyCodeObject *code, Flow *flow)
{
    int capacity = 0;
    PyObject *table = code->co_exceptiontable;
    ExceptionReader reader = exception_reader(PyBytes_AS_STRING(table), PyBytes_GET_SIZE(table));
    ExceptionEntry entry;
    while (exception_reader_next(&reader, &entry)) {
        if (flow->range_count == capacity) {
            capacity = capacity ? 2 * capacity : 8;
            ExceptionEntry *ranges = PyMem_Realloc(flow->ranges, (size_t)capacity * sizeof *ranges);
            if (!ranges) {
                PyErr_NoMemory();
                return -1;
            }
            flow->ranges = ranges;
        }
        ExceptionEntry *range = &flow->ranges[flow->range_count];
        *range = entry;
        if (range->start < 0 || range->end <= range->start || range->target < 0 || range->target >= flow->unit_count
            || range->end > flow->unit_count || range->depth < 0 || range->depth > code->co_stacksize
            || (flow->range_count && range->start < range[-1].end)) {
            return flow_error("bad exception table");
        }
        flow->range_count++;
    }
    return 0;
}

/* ---- Leaders -------------------------------------------------------------------------------------------------- */

static void mark(Walk *w, int unit) { w->marks[unit >> 6] |= (uint64_t)1 << (unit & 63); }

/* Numbers the marked units in order. */
static int number_leaders(Walk *w)
{
    Flow *flow = w->flow;
    int words = (int)bit_words((size_t)flow->unit_count);
    for (int i = 0; i < words; i++) flow->leader_count += bits_count(w->marks[i]);
    w->unit_of_leader = PyMem_New(int, flow->leader_count);
    if (!w->unit_of_leader) {
        PyErr_NoMemory();
        return -1;
    }
    memset(flow->leader, -1, (size_t)flow->unit_count * sizeof *flow->leader);
    int count = 0;
    for (int i = 0; i < words; i++) {
        for (uint64_t rest = w->marks[i]; rest; rest &= rest - 1) {
            int unit = 64 * i + bits_lowest(rest);
            w->unit_of_leader[count] = unit;
            flow->leader[unit] = count++;
        }
    }
    return 0;
}

static int find_leaders(Walk *w)
{
    Flow *flow = w->flow;
    w->marks = PyMem_Calloc(bit_words((size_t)flow->unit_count), sizeof *w->marks);
    if (!w->marks) {
        PyErr_NoMemory();
        return -1;
    }
    mark(w, 0);
    Instruction in;
    for (int u = 0; u < flow->unit_count; u = in.next) {
        if (!instruction_read(flow->units, flow->unit_count, u, &in) || in.next > flow->unit_count) {
            return flow_error("truncated instruction");
        }
        if (opcode_has_jump(in.opcode)) {
            int64_t target = instruction_target(&in);
            if (target < 0 || target >= flow->unit_count) return flow_error("jump out of the code");
            mark(w, (int)target);
        }
    }
    for (int i = 0; i < flow->range_count; i++) {
        mark(w, flow->ranges[i].start);
        mark(w, flow->ranges[i].target);
    }
    return number_leaders(w);
}

/* ---- The walk ------------------------------------------------------------------------------------------------- */

static uint64_t *leader_set(const Flow *flow, int leader)
{
    return flow->bound ? flow->bound + (size_t)leader * flow->words_per_set : NULL;
}

static void enqueue(Walk *w, int leader)
{
    w->queued[leader >> 6] |= (uint64_t)1 << (leader & 63);
    if (leader >> 6 < w->first_queued) w->first_queued = leader >> 6;
}

/* The first leader to be walked, or -1. */
static int dequeue(Walk *w)
{
    for (int words = (int)bit_words((size_t)w->flow->leader_count); w->first_queued < words; w->first_queued++) {
        uint64_t *word = &w->queued[w->first_queued];
        if (!*word) continue;
        int leader = 64 * w->first_queued + bits_lowest(*word);
        *word &= *word - 1;
        return leader;
    }
    return -1;
}

/* Control may enter `unit` with this depth and the walk's set. */
static int merge(Walk *w, int unit, int depth)
{
    Flow *flow = w->flow;
    int leader = flow->leader[unit];
    uint64_t *into = leader_set(flow, leader);
    if (depth < 0 || depth > w->code->co_stacksize) return flow_error("stack depth out of bounds");
    if (flow->depth[leader] < 0) {
        flow->depth[leader] = depth;
        if (into) memcpy(into, w->set, (size_t)flow->words_per_set * sizeof *into);
        enqueue(w, leader);
        return 0;
    }
    if (flow->depth[leader] != depth) return flow_error("stack depth depends on the way taken");
    bool shrank = false;
    for (int i = 0; into && i < flow->words_per_set; i++) {
        uint64_t both = into[i] & w->set[i];
        if (both != into[i]) shrank = true;
        into[i] = both;
    }
    if (shrank) {
        if (++w->visits[leader] > MAX_VISITS) memset(into, 0, (size_t)flow->words_per_set * sizeof *into);
        enqueue(w, leader);
    }
    return 0;
}

static int merge_handler(Walk *w, int unit)
{
    int r = flow_find_range(w->flow, unit);
    if (r < 0) return 0;
    const ExceptionEntry *range = &w->flow->ranges[r];
    return merge(w, range->target, range->depth + range->lasti + 1);
}

static void set_bit(Walk *w, uint32_t local, bool on)
{
    if (!w->flow->bound || local >= (uint32_t)w->flow->nlocals) return;
    uint64_t bit = (uint64_t)1 << (local & 63);
    if (on) w->set[local >> 6] |= bit;
    else w->set[local >> 6] &= ~bit;
}

/* Walks one block: from its leader to the next leader or to where control ends. */
static int walk_block(Walk *w, int unit)
{
    Flow *flow = w->flow;
    int leader = flow->leader[unit], depth = flow->depth[leader];
    if (flow->bound) memcpy(w->set, leader_set(flow, leader), (size_t)flow->words_per_set * sizeof *w->set);
    if (merge_handler(w, unit) < 0) return -1;
    Instruction in;
    for (int u = unit; u < flow->unit_count; u = in.next) {
        if (u != unit && flow->leader[u] >= 0) return merge(w, u, depth);
        if (!instruction_read(flow->units, flow->unit_count, u, &in)) break;
        int64_t pops = opcode_pops(in.opcode, in.oparg);
        if (pops > depth) return flow_error("stack underflow");
        if (opcode_has_jump(in.opcode)) {
            int jumped = (int)(depth - pops + opcode_pushes(in.opcode, in.oparg, true));
            if (merge(w, (int)instruction_target(&in), jumped) < 0) return -1;
        }
        if (opcode_ends_flow(in.opcode)) return 0;
        int64_t after = depth - pops + opcode_pushes(in.opcode, in.oparg, false);
        if (after < 0 || after > w->code->co_stacksize) return flow_error("stack depth out of bounds");
        depth = (int)after;
        if (in.opcode == OP_STORE_FAST) set_bit(w, in.oparg, true);
        else if (in.opcode == OP_DELETE_FAST) {
            set_bit(w, in.oparg, false);
            if (merge_handler(w, u) < 0) return -1;
        }
    }
    return flow_error("control runs off the end");
}

static void bind_arguments(Walk *w)
{
    PyCodeObject *code = w->code;
    int count = code->co_argcount + code->co_kwonlyargcount + !!(code->co_flags & CO_VARARGS)
                + !!(code->co_flags & CO_VARKEYWORDS);
    for (int i = 0; i < count; i++) set_bit(w, (uint32_t)i, true);
}

static int walk_all(Walk *w)
{
    bind_arguments(w);
    int result = merge(w, 0, 0);
    for (int leader; result == 0 && (leader = dequeue(w)) >= 0;) result = walk_block(w, w->unit_of_leader[leader]);
    return result;
}

int flow_analyse(PyCodeObject *code, Flow *flow)
{
    *flow = (Flow){
        .units = (const uint16_t *)code->co_code_adaptive,
        .unit_count = (int)Py_SIZE(code),
        .nlocals = code->co_nlocals,
        .words_per_set = (int)bit_words((size_t)code->co_nlocals),
    };
    Walk w = {.flow = flow, .code = code};
    int result = -1;
    if (flow->unit_count == 0) return flow_error("no instructions");
    flow->leader = PyMem_New(int32_t, flow->unit_count);
    if (!flow->leader) goto no_memory;
    if (read_ranges(code, flow) < 0 || find_leaders(&w) < 0) goto done;

    size_t leaders = (size_t)flow->leader_count;
    flow->depth = PyMem_New(int32_t, leaders);
    w.queued = PyMem_Calloc(bit_words(leaders), sizeof *w.queued);
    w.visits = PyMem_Calloc(leaders, sizeof *w.visits);
    w.set = PyMem_Calloc((size_t)flow->words_per_set + 1, sizeof *w.set);
    if (!flow->depth || !w.queued || !w.visits || !w.set) goto no_memory;
    memset(flow->depth, -1, leaders * sizeof *flow->depth);
    if (flow->words_per_set && leaders * (size_t)flow->words_per_set <= MAX_SET_WORDS) {
        flow->bound = PyMem_Calloc(leaders * (size_t)flow->words_per_set, sizeof *flow->bound);
        if (!flow->bound) goto no_memory;
    }
    result = walk_all(&w);
    goto done;
no_memory:
    PyErr_NoMemory();
done:
    PyMem_Free(w.queued);
    PyMem_Free(w.visits);
    PyMem_Free(w.set);
    PyMem_Free(w.marks);
    PyMem_Free(w.unit_of_leader);
    if (result < 0) flow_free(flow);
    return result;
}

void flow_free(Flow *flow)
{
    PyMem_Free(flow->leader);
    PyMem_Free(flow->depth);
    PyMem_Free(flow->bound);
    PyMem_Free(flow->ranges);
    *flow = (Flow){0};
}
