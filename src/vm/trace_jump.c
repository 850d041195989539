/* Jumps by debuggers: `frame.f_lineno = line` in a trace function.
 *
 * A jump may only lead to where the stack holds, entry by entry, what it holds now, once surplus entries are dropped: the
 * iterator of a loop, the exception of a handler. So the kinds of all stack entries are worked out for every instruction by
 * walking the bytecode once; of the places where the wanted line begins, the one that keeps most of the stack is taken.
 */
#include "bytecode/exceptions.h"
#include "bytecode/opcodes.h"
#include "internal/pycore_frame.h"
#include "objects/code_lines.h"
#include "vm/trace.h"

/* ---- Kinds ---------------------------------------------------------------------------------------------------- */

typedef enum {
    KIND_ITERATOR = 1,      /* what FOR_ITER advances */
    KIND_EXCEPTION,         /* what a handler found, or the exception handled before */
    KIND_OBJECT,
    KIND_NULL,
    KIND_LASTI,             /* where a handled exception came from */
} Kind;

/* The kinds of a whole stack, three bits each, the top entry lowest; the empty stack is 0. */
typedef int64_t Kinds;

#define KINDS_UNKNOWN ((Kinds)-2)       /* no way leads here */
#define KINDS_TOO_DEEP ((Kinds)-1)
enum { KIND_BITS = 3, MAX_KINDS = 63 / KIND_BITS };

static Kinds kinds_push(Kinds k, Kind kind)
{
    return k < 0 || k >> KIND_BITS * (MAX_KINDS - 1) ? KINDS_TOO_DEEP : k << KIND_BITS | kind;
}

static Kinds kinds_pop(Kinds k, int64_t count)
{
    while (k > 0 && count-- > 0) k >>= KIND_BITS;
    return k;
}

/* The entry `below` entries under the top one. */
static Kind kinds_peek(Kinds k, int below) { return k < 0 ? KIND_OBJECT : (Kind)(kinds_pop(k, below) & 7); }

static int kinds_depth(Kinds k)
{
    int depth = 0;
    for (; k > 0; k >>= KIND_BITS) depth++;
    return depth;
}

/* Whether a place that wants the entry `to` may be given `from`. */
static bool kind_fits(Kind from, Kind to)
{
    if (to == KIND_OBJECT) return from != KIND_NULL;
    return to == KIND_NULL || from == to;
}

/* Whether `to` is left when entries are dropped from the top of `from`. */
static bool kinds_fit(Kinds from, Kinds to)
{
    if (from < 0 || to < 0) return false;
    int surplus = kinds_depth(from) - kinds_depth(to);
    if (surplus < 0) return false;
    for (from = kinds_pop(from, surplus); from; from >>= KIND_BITS, to >>= KIND_BITS) {
        if (!kind_fits(from & 7, to & 7)) return false;
    }
    return true;
}

/* ---- The walk ------------------------------------------------------------------------------------------------- */

typedef struct {
    PyCodeObject *code;
    const uint16_t *units;
    int count;
    Kinds *kinds;           /* per code unit: the stack before the instruction there */
    int *pending;           /* units that have been reached and not walked from */
    int pending_count;
} Walk;

static void reach(Walk *w, int64_t unit, Kinds kinds)
{
    if (unit >= w->count || w->kinds[unit] != KINDS_UNKNOWN) return;
    w->kinds[unit] = kinds;
    w->pending[w->pending_count++] = (int)unit;
}

static Kinds set_entry(Kinds k, int below, Kind kind)
{
    int shift = KIND_BITS * below;
    return k < 0 || below >= MAX_KINDS ? k : (k & ~((Kinds)7 << shift)) | (Kinds)kind << shift;
}

/* The stack after an instruction, when control falls through it or (`jumped`) its jump is taken. */
static Kinds kinds_after(Kinds k, const Instruction *in, bool jumped)
{
    uint32_t oparg = in->oparg;
    int64_t pops = opcode_pops(in->opcode, oparg), growth = opcode_pushes(in->opcode, oparg, jumped) - pops;
    switch (in->opcode) {
    case OP_GET_ITER: case OP_GET_AITER: return kinds_push(kinds_pop(k, 1), KIND_ITERATOR);
    case OP_PUSH_EXC_INFO: return kinds_push(k, KIND_EXCEPTION);
    case OP_PUSH_NULL: return kinds_push(k, KIND_NULL);
    case OP_LOAD_GLOBAL: return kinds_push(oparg & 1 ? kinds_push(k, KIND_NULL) : k, KIND_OBJECT);
    case OP_LOAD_METHOD: return kinds_push(kinds_push(kinds_pop(k, 1), KIND_NULL), KIND_OBJECT);
    case OP_CALL: case OP_CALL_FUNCTION_EX: return kinds_push(kinds_pop(k, pops), KIND_OBJECT);
    case OP_COPY: return kinds_push(k, kinds_peek(k, (int)oparg - 1));
    case OP_SWAP: {
        Kind top = kinds_peek(k, 0), other = kinds_peek(k, (int)oparg - 1);
        return set_entry(set_entry(k, 0, other), (int)oparg - 1, top);
    }
    default:
        if (growth < 0) return kinds_pop(k, -growth);
        while (growth-- > 0 && k >= 0) k = kinds_push(k, KIND_OBJECT);
        return k;
    }
}

static void reach_handler(Walk *w, int unit, Kinds kinds)
{
    PyObject *table = w->code->co_exceptiontable;
    ExceptionEntry entry;
    if (!exception_table_find(PyBytes_AS_STRING(table), PyBytes_GET_SIZE(table), unit, &entry)) return;
    kinds = kinds_pop(kinds, kinds_depth(kinds) - entry.depth);
    if (entry.lasti) kinds = kinds_push(kinds, KIND_LASTI);
    reach(w, entry.target, kinds_push(kinds, KIND_EXCEPTION));
}

static void walk_instruction(Walk *w, int unit)
{
    Instruction in;
    Kinds kinds = w->kinds[unit];
    if (!instruction_read(w->units, w->count, unit, &in)) return;
    w->kinds[in.at] = kinds;        /* after its EXTENDED_ARGs */
    reach_handler(w, unit, kinds);
    if (opcode_has_jump(in.opcode)) reach(w, instruction_target(&in), kinds_after(kinds, &in, true));
    if (!opcode_ends_flow(in.opcode)) reach(w, in.next, kinds_after(kinds, &in, false));
}

/* The kinds for every unit, in new memory. NULL with MemoryError set. */
static Kinds *find_kinds(PyCodeObject *code)
{
    int count = (int)Py_SIZE(code);
    Walk w = {
        .code = code, .units = (const uint16_t *)code->co_code_adaptive, .count = count,
        .kinds = PyMem_New(Kinds, count), .pending = PyMem_New(int, count),
    };
    if (!w.kinds || !w.pending) {
        PyMem_Free(w.kinds);
        PyMem_Free(w.pending);
        return (Kinds *)PyErr_NoMemory();
    }
    for (int i = 0; i < count; i++) w.kinds[i] = KINDS_UNKNOWN;
    reach(&w, 0, 0);
    while (w.pending_count) walk_instruction(&w, w.pending[--w.pending_count]);
    PyMem_Free(w.pending);
    return w.kinds;
}

/* ---- Where to go ---------------------------------------------------------------------------------------------- */

/* The next place, from where the reader stands, at which the line changes. False at the end. */
static bool next_line_start(LocationReader *reader, int *last_line)
{
    while (location_reader_next(reader)) {
        int line = reader->location.line;
        if (line == -1 || line == *last_line) continue;
        *last_line = line;
        return true;
    }
    return false;
}

/* The first line with code that is `line` or comes after it, or -1. */
static int first_line_from(PyCodeObject *code, int line)
{
    LocationReader reader;
    int last = -1, best = -1;
    code_location_reader(&reader, code);
    while (next_line_start(&reader, &last)) {
        if (last >= line && (best < 0 || last < best)) best = last;
    }
    return best;
}

static const char *why_not(Kinds from, Kinds to)
{
    if (from == KINDS_TOO_DEEP) return "stack to deep to analyze";
    if (from == KINDS_UNKNOWN) return "can't jump from unreachable code";
    if (to == KINDS_TOO_DEEP) return "stack is too deep to analyze";
    if (to == KINDS_UNKNOWN) return "can't jump into an exception handler, or code may be unreachable";
    switch (kinds_peek(to, 0)) {
    case KIND_EXCEPTION: return "can't jump into an 'except' block as there's no exception";
    case KIND_LASTI: return "can't jump into a re-raising block as there's no location";
    case KIND_ITERATOR: return "can't jump into the body of a for loop";
    default: return "incompatible stacks";
    }
}

/* The unit to go on with at `line`: the first of those that keep most of the stack. -1 with ValueError set. */
static int choose_unit(PyCodeObject *code, const Kinds *kinds, Kinds from, int line)
{
    LocationReader reader;
    const char *problem = NULL;
    int last = -1, best = -1, best_depth = -1;
    code_location_reader(&reader, code);
    while (next_line_start(&reader, &last)) {
        if (last != line || reader.start >= Py_SIZE(code)) continue;
        Kinds to = kinds[reader.start];
        if (!kinds_fit(from, to)) {
            if (!problem) problem = why_not(from, to);
        }
        else if (kinds_depth(to) > best_depth) {
            best = reader.start;
            best_depth = kinds_depth(to);
        }
    }
    if (best < 0) PyErr_SetString(PyExc_ValueError, problem ? problem : "cannot find bytecode for specified line");
    return best;
}

/* ---- The jump ------------------------------------------------------------------------------------------------- */

/* Whether a jump is allowed at all. `yielded`: the frame stands at a yield whose value is on its way out. -1 with ValueError
 * set. */
static int check_event(PyThreadState *tstate, PyFrameObject *object, bool *yielded)
{
    Frame *frame = object->f_frame;
    const char *problem = NULL;
    *yielded = tstate->tracing_what == PyTrace_RETURN && frame->yielding;
    if (tstate->tracing_what == PyTrace_CALL) problem = "can't jump from the 'call' trace event of a new frame";
    else if (tstate->tracing_what != PyTrace_LINE && !*yielded) problem = "can only jump from a 'line' trace event";
    else if (!object->f_trace) problem = "f_lineno can only be set by a trace function";
    /* f_lineno is set exactly while an event of this very frame is being told. */
    else if (!frame->traced || !object->f_lineno) problem = "can only jump from a 'line' trace event";
    if (!problem) return 0;
    PyErr_SetString(PyExc_ValueError, problem);
    return -1;
}

/* Drops the stack's top entries. Those that handlers keep become the exception being handled again. */
static void drop_entries(PyThreadState *tstate, Frame *frame, Kinds kinds, int new_depth)
{
    for (int depth = kinds_depth(kinds); depth > new_depth; depth--, kinds = kinds_pop(kinds, 1)) {
        Value *reg = &frame->registers[frame->exec->first_temporary + depth - 1], v = *reg;
        *reg = VALUE_EMPTY;
        if (kinds_peek(kinds, 0) == KIND_EXCEPTION) {
            PyObject *exc = value_object(v) == Py_None ? NULL : Py_XNewRef(value_object(v));
            Py_XSETREF(tstate->exc_info->exc_value, exc);
        }
        value_release(v);
    }
}

static int jump(PyThreadState *tstate, PyFrameObject *object, int line, bool yielded)
{
    Frame *frame = object->f_frame;
    PyCodeObject *code = frame->code;
    Kinds *kinds = find_kinds(code);
    if (!kinds) return -1;
    Kinds from = kinds[frame_unit(frame)];
    if (yielded) from = kinds_pop(from, 1);         /* the value is gone */
    int unit = choose_unit(code, kinds, from, line);
    if (unit >= 0) {
        drop_entries(tstate, frame, from, kinds_depth(kinds[unit]));
        frame->ip = frame->exec->words + exec_word_of_unit(frame->exec, unit);
        frame->traced_unit = frame_unit(frame);
        frame->jumped = yielded;
        object->f_lineno = line;
    }
    PyMem_Free(kinds);
    return unit < 0 ? -1 : 0;
}

int trace_jump_to_line(PyThreadState *tstate, PyFrameObject *object, PyObject *value)
{
    bool yielded;
    int overflow;
    if (check_event(tstate, object, &yielded) < 0) return -1;
    PyCodeObject *code = object->f_frame->code;
    long line = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow || line != (int)line) {
        PyErr_SetString(PyExc_ValueError, "lineno out of range");
        return -1;
    }
    if (line < code->co_firstlineno) {
        PyErr_Format(PyExc_ValueError, "line %d comes before the current code block", (int)line);
        return -1;
    }
    int first = first_line_from(code, (int)line);
    if (first < 0) {
        PyErr_Format(PyExc_ValueError, "line %d comes after the current code block", (int)line);
        return -1;
    }
    return jump(tstate, object, first, yielded);
}
