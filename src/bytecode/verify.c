/* An abstract interpretation over the kinds of stack entries. Straight runs of instructions
 * are walked with one current stack; where control can join (targets of jumps and handlers)
 * the stack seen so far is kept, and a place whose kept stack becomes less certain is walked
 * again. Kinds only ever lose certainty, so this ends.
 */
#include "bytecode/verify.h"

#include <stdbool.h>
#include <string.h>

#include "base/try.h"
#include "bytecode/exceptions.h"
#include "bytecode/opcodes.h"
#include "objects/code.h"

/* What is known of a stack entry; VALUE is any object, ANYTHING may be NULL too. */
enum kind { KIND_VALUE, KIND_LIST, KIND_SET, KIND_DICT, KIND_ITERATOR, KIND_NULL, KIND_ANYTHING };

typedef struct Join Join;
struct Join {
    Join *next;                 /* of all joins */
    int depth;
    bool queued;
    uint8_t kinds[];
};

enum { MAX_STATE_BYTES = 1 << 26 };

typedef struct {
    PyCodeObject *code;
    const uint16_t *units;
    int count;                  /* of code units */
    uint8_t *starts; /* per unit: 1 where an instruction starts, 2 where control can join */
    Join **joins;               /* per unit, where starts says so */
    Join *all_joins;
    int *queue, queue_size;     /* joins to be walked (again) */
    size_t state_bytes;
    uint8_t *prefix_cells;      /* per variable: 1 once the prefix has made it a cell */
    int prefix_end;
    bool has_generator;
    ExceptionEntry *ranges;     /* the exception table, in order */
    int range_count, range;     /* `range`: where the last look-up ended */
    const ExceptionEntry *handled;  /* the range whose handler has been told of the current stack, as it was */
    int handled_depth;          /* below this depth it has not changed since */
    uint8_t *stack;             /* the current kinds, co_stacksize of them */
    int depth;
} Verifier;

static int reject(const char *why, int unit)
{
    PyErr_Format(PyExc_SystemError, "bad code object: %s at offset %d", why, unit * 2);
    return -1;
}

/* ---- First walk: where instructions start, and where control can join ------------------------ */

static int find_starts(Verifier *v)
{
    Instruction i;
    for (int at = 0; at < v->count; at = i.next) {
        if (!instruction_read(v->units, v->count, at, &i)) {
            return reject("truncated instruction", at);
        }
        if (i.next > v->count) return reject("truncated caches", at);
        v->starts[at] |= 1;
    }
    return 0;
}

static int add_join(Verifier *v, int64_t target, int from)
{
    if (target < 0 || target >= v->count || !(v->starts[target] & 1)) {
        return reject("jump to no instruction", from);
    }
    v->starts[target] |= 2;
    return 0;
}

static int find_joins(Verifier *v)
{
    Instruction i;
    for (int at = 0; instruction_read(v->units, v->count, at, &i); at = i.next) {
        if (opcode_has_jump(i.opcode)) TRY(add_join(v, instruction_target(&i), at));
    }
    PyObject *table = v->code->co_exceptiontable;
    ExceptionReader reader = exception_reader(PyBytes_AS_STRING(table), PyBytes_GET_SIZE(table));
    ExceptionEntry entry;
    int previous_end = 0;
    while (exception_reader_next(&reader, &entry)) {
        v->ranges[v->range_count++] = entry;
        if (entry.start < previous_end || entry.end <= entry.start || entry.end > v->count) {
            return reject("malformed exception table", entry.start);
        }
        previous_end = entry.end;
        TRY(add_join(v, entry.target, entry.start));
    }
    return 0;
}

/* What may stand before RESUME: it makes cells, copies free variables, returns a generator. */
static int read_prefix(Verifier *v)
{
    const char *kinds = PyBytes_AS_STRING(v->code->co_localspluskinds);
    int variables = v->code->co_nlocalsplus;
    Instruction i;
    for (int at = 0; instruction_read(v->units, v->count, at, &i); at = i.next) {
        v->prefix_end = i.next;
        switch (i.opcode) {
        case OP_MAKE_CELL:
            if (i.oparg >= (uint32_t)variables || !(kinds[i.oparg] & CODE_CELL)) {
                return reject("no such cell", at);
            }
            v->prefix_cells[i.oparg] = 1;
            break;
        case OP_COPY_FREE_VARS:
            if (i.oparg != (uint32_t)v->code->co_nfreevars) {
                return reject("wrong number of free variables", at);
            }
            for (int k = 0; k < variables; k++) v->prefix_cells[k] |= (kinds[k] & CODE_FREE) != 0;
            break;
        case OP_RETURN_GENERATOR:
            if (!(v->code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR))) {
                return reject("unexpected generator", at);
            }
            v->has_generator = true;
            break;
        case OP_POP_TOP:
        case OP_NOP: break;
        default: v->prefix_end = at; return 0;
        }
        if (v->starts[at] & 2) return reject("jump into the prefix", at);
    }
    return 0;
}

/* ---- Arguments ------------------------------------------------------------------------------- */

static int check_variable(Verifier *v, const Instruction *i)
{
    const char *kinds = PyBytes_AS_STRING(v->code->co_localspluskinds);
    if (i->oparg >= (uint32_t)v->code->co_nlocalsplus) return reject("no such variable", i->at);
    if (opcode_has_free(i->opcode)) {
        if (!v->prefix_cells[i->oparg]) return reject("variable that is no cell", i->at);
    } else if (i->opcode != OP_LOAD_FAST && (kinds[i->oparg] & (CODE_CELL | CODE_FREE))) {
        return reject("cell used as a variable", i->at);
    }
    return 0;
}

static int check_keyword_names(Verifier *v, const Instruction *i)
{
    PyObject *names = PyTuple_GET_ITEM(v->code->co_consts, i->oparg);
    Instruction call;
    if (!instruction_read(v->units, v->count, i->next, &call) || call.opcode != OP_PRECALL ||
        (v->starts[i->next] & 2) || !PyTuple_CheckExact(names) ||
        PyTuple_GET_SIZE(names) > (Py_ssize_t)call.oparg) {
        return reject("misplaced keyword names", i->at);
    }
    for (Py_ssize_t k = 0; k < PyTuple_GET_SIZE(names); k++) {
        if (!PyUnicode_Check(PyTuple_GET_ITEM(names, k))) {
            return reject("keyword name that is no str", i->at);
        }
    }
    return 0;
}

/* PRECALL and CALL come as a pair. */
static int check_call(Verifier *v, const Instruction *i)
{
    Instruction call;
    if (i->opcode == OP_CALL) {
        return v->starts[i->start] & 4 ? 0 : reject("CALL without PRECALL", i->at);
    }
    if (!instruction_read(v->units, v->count, i->next, &call) || call.opcode != OP_CALL ||
        call.oparg != i->oparg || (v->starts[i->next] & 2)) {
        return reject("PRECALL without CALL", i->at);
    }
    v->starts[i->next] |= 4;
    return 0;
}

static int check_argument(Verifier *v, const Instruction *i)
{
    PyCodeObject *code = v->code;
    if (!opcode_is_known(i->opcode) || i->opcode == OP_CACHE) {
        PyErr_Format(PyExc_SystemError, "unknown opcode %d", i->opcode);
        return -1;
    }
    if (opcode_has_const(i->opcode) && i->oparg >= (uint64_t)PyTuple_GET_SIZE(code->co_consts)) {
        return reject("no such constant", i->at);
    }
    if (opcode_has_name(i->opcode)) {
        uint32_t index = i->opcode == OP_LOAD_GLOBAL ? i->oparg >> 1 : i->oparg;
        if (index >= (uint64_t)PyTuple_GET_SIZE(code->co_names)) {
            return reject("no such name", i->at);
        }
    }
    if (opcode_has_local(i->opcode) || opcode_has_free(i->opcode)) TRY(check_variable(v, i));
    bool good = true;
    switch (i->opcode) {
    case OP_KW_NAMES: return check_keyword_names(v, i);
    case OP_PRECALL:
    case OP_CALL: return check_call(v, i);
    case OP_MAKE_CELL:
    case OP_COPY_FREE_VARS:
    case OP_RETURN_GENERATOR: good = i->at < v->prefix_end; break;
    case OP_YIELD_VALUE: good = v->has_generator; break;
    case OP_ASYNC_GEN_WRAP: good = v->has_generator && (code->co_flags & CO_ASYNC_GENERATOR); break;
    case OP_COMPARE_OP: good = i->oparg <= Py_GE; break;
    case OP_BINARY_OP: good = i->oparg < 26; break;
    case OP_RAISE_VARARGS: good = i->oparg <= 2; break;
    case OP_BUILD_SLICE: good = i->oparg == 2 || i->oparg == 3; break;
    case OP_COPY:
    case OP_SWAP: good = i->oparg >= 1; break;
    case OP_LIST_APPEND:
    case OP_SET_ADD:
    case OP_MAP_ADD:
    case OP_LIST_EXTEND:
    case OP_SET_UPDATE:
    case OP_DICT_UPDATE:
    case OP_DICT_MERGE: good = i->oparg >= 1; break;
    default: break;
    }
    return good ? 0 : reject("bad argument", i->at);
}

/* ---- The stack ------------------------------------------------------------------------------- */

/* Whether the entry that LIST_APPEND and its like add to, or FOR_ITER asks, is what it has to be. */
static bool operand_fits(const Verifier *v, const Instruction *i)
{
    /* The values to be added lie above `oparg - 1` others and the container. */
    int values = i->opcode == OP_MAP_ADD ? 2 : 1;
    int kind;
    switch (i->opcode) {
    case OP_LIST_APPEND:
    case OP_LIST_EXTEND: kind = KIND_LIST; break;
    case OP_SET_ADD:
    case OP_SET_UPDATE: kind = KIND_SET; break;
    case OP_MAP_ADD:
    case OP_DICT_UPDATE:
    case OP_DICT_MERGE: kind = KIND_DICT; break;
    case OP_FOR_ITER: return v->stack[v->depth - 1] == KIND_ITERATOR;
    case OP_LIST_TO_TUPLE:
    case OP_PREP_RERAISE_STAR: return v->stack[v->depth - 1] == KIND_LIST;
    default: return true;
    }
    return v->stack[v->depth - values - (int)i->oparg] == kind;
}

static bool may_be_null(int kind) { return kind >= KIND_NULL; }

/* Where NULLs may lie among what an instruction takes: how many of the lowest entries. */
static int nulls_allowed(const Instruction *i, int pops)
{
    switch (i->opcode) {
    case OP_PRECALL:
    case OP_CALL: return 2;
    case OP_CALL_FUNCTION_EX: return 1;
    case OP_SWAP:
    case OP_COPY:
    case OP_DICT_MERGE: return pops;
    /* The entries between the container and the value are not touched. */
    case OP_LIST_APPEND:
    case OP_SET_ADD:
    case OP_MAP_ADD:
    case OP_LIST_EXTEND:
    case OP_SET_UPDATE:
    case OP_DICT_UPDATE: return pops - (i->opcode == OP_MAP_ADD ? 2 : 1);
    default: return 0;
    }
}

/* Kind of what an instruction pushes, when it is not a plain value. */
static void set_pushed_kinds(const Verifier *v, uint8_t *pushed, const Instruction *i)
{
    Instruction next;
    switch (i->opcode) {
    case OP_GET_ITER:
    case OP_GET_YIELD_FROM_ITER:
    case OP_FOR_ITER: pushed[0] = KIND_ITERATOR; break;
    case OP_LOAD_FAST:
        if (instruction_read(v->units, v->count, i->next, &next) && next.opcode == OP_FOR_ITER) pushed[0] = KIND_ITERATOR;
        break;
    case OP_PUSH_NULL: pushed[0] = KIND_NULL; break;
    case OP_LOAD_GLOBAL:
        if (i->oparg & 1) pushed[0] = KIND_NULL;
        break;
    case OP_LOAD_METHOD: pushed[0] = KIND_ANYTHING; break;
    case OP_BUILD_LIST: pushed[0] = KIND_LIST; break;
    case OP_BUILD_SET: pushed[0] = KIND_SET; break;
    case OP_BUILD_MAP:
    case OP_BUILD_CONST_KEY_MAP: pushed[0] = KIND_DICT; break;
    default: break;
    }
}

static void apply_kinds(Verifier *v, const Instruction *i, int pops, int pushes)
{
    uint8_t *top = v->stack + v->depth;
    if (v->depth - pops < v->handled_depth) v->handled_depth = v->depth - pops;
    switch (i->opcode) {
    case OP_SWAP: {
        uint8_t kind = top[-1];
        top[-1] = top[-(int)i->oparg];
        top[-(int)i->oparg] = kind;
        return;
    }
    case OP_COPY: top[0] = top[-(int)i->oparg]; break;
    /* These leave what is below the values they take as it is. */
    case OP_PRECALL:
    case OP_LIST_APPEND:
    case OP_SET_ADD:
    case OP_MAP_ADD:
    case OP_LIST_EXTEND:
    case OP_SET_UPDATE:
    case OP_DICT_UPDATE:
    case OP_DICT_MERGE: break;
    default:
        for (int k = 0; k < pushes; k++) top[k - pops] = KIND_VALUE;
        set_pushed_kinds(v, top - pops, i);
        break;
    }
    v->depth += pushes - pops;
}

/* ---- Joins ----------------------------------------------------------------------------------- */

/* Control reaches `target` with the lowest `depth` entries of the current stack and `extra`
 * plain values on them. */
static int flow_to(Verifier *v, int target, int depth, int extra)
{
    Join *join = v->joins[target];
    int total = depth + extra;
    bool changed = false;
    if (!join) {
        if ((v->state_bytes += sizeof(*join) + (size_t)total) > MAX_STATE_BYTES) {
            return reject("too complex", target);
        }
        join = PyMem_Malloc(sizeof(*join) + (size_t)total);
        if (!join) {
            PyErr_NoMemory();
            return -1;
        }
        *join = (Join){.next = v->all_joins, .depth = total};
        v->all_joins = join;
        memcpy(join->kinds, v->stack, (size_t)depth);
        memset(join->kinds + depth, KIND_VALUE, (size_t)extra);
        v->joins[target] = join;
        changed = true;
    } else if (join->depth != total) {
        return reject("uneven stack", target);
    }
    for (int k = 0; k < total; k++) {
        int kind = k < depth ? v->stack[k] : KIND_VALUE, kept = join->kinds[k];
        if (kind == kept || kept == KIND_ANYTHING) continue;
        int merged = may_be_null(kind) || may_be_null(kept) ? KIND_ANYTHING : KIND_VALUE;
        if (merged == kept) continue;
        join->kinds[k] = (uint8_t)merged;
        changed = true;
    }
    if (!changed) return 0;
    if (!join->queued) {
        join->queued = true;
        v->queue[v->queue_size++] = target;
    }
    return 0;
}

/* The range that covers a unit, or NULL. The walk mostly goes forward: so does the search. */
static const ExceptionEntry *find_range(Verifier *v, int unit)
{
    if (v->range_count == 0) return NULL;
    int at = v->range;
    while (at > 0 && v->ranges[at - 1].end > unit) at--;
    while (at < v->range_count - 1 && v->ranges[at].end <= unit) at++;
    v->range = at;
    const ExceptionEntry *range = &v->ranges[at];
    return range->start <= unit && unit < range->end ? range : NULL;
}

static int flow_to_handler(Verifier *v, const Instruction *i)
{
    const ExceptionEntry *entry = find_range(v, i->at);
    if (!entry) return 0;
    if (entry == v->handled && entry->depth <= v->handled_depth) return 0;
    v->handled = entry;
    v->handled_depth = v->depth;
    if (entry->depth > v->depth || entry->depth + entry->lasti + 1 > v->code->co_stacksize) {
        return reject("handler too deep", i->at);
    }
    return flow_to(v, entry->target, entry->depth, entry->lasti + 1);
}

/* ---- The walk -------------------------------------------------------------------------------- */

/* One instruction; *go_on tells whether control falls through to the next. */
static int step(Verifier *v, const Instruction *i, bool *go_on)
{
    TRY(check_argument(v, i));
    int64_t pops = opcode_pops(i->opcode, i->oparg),
            pushes = opcode_pushes(i->opcode, i->oparg, false);
    if (pops > v->depth) return reject("stack underflow", i->at);
    if (v->depth - pops + pushes > v->code->co_stacksize) return reject("stack overflow", i->at);
    for (int k = nulls_allowed(i, (int)pops); k < pops; k++) {
        if (may_be_null(v->stack[v->depth - pops + k])) return reject("unexpected NULL", i->at);
    }
    if (!operand_fits(v, i)) return reject("wrong operand", i->at);
    if (opcode_has_jump(i->opcode)) {
        int64_t jumped = opcode_pushes(i->opcode, i->oparg, true);
        if (v->depth - pops + jumped > v->code->co_stacksize) {
            return reject("stack overflow", i->at);
        }
        TRY(flow_to(v, (int)instruction_target(i), v->depth - (int)pops, (int)jumped));
    }
    *go_on = !opcode_ends_flow(i->opcode);
    if (*go_on) apply_kinds(v, i, (int)pops, (int)pushes);
    return 0;
}

/* Opcodes about which there is more to check than the range of an argument, and that what they take is no NULL; and those that
 * push something else than values. */
static const bool needs_care[256] = {
    [OP_KW_NAMES] = 1, [OP_PRECALL] = 1, [OP_CALL] = 1, [OP_CALL_FUNCTION_EX] = 1, [OP_MAKE_CELL] = 1,
    [OP_COPY_FREE_VARS] = 1, [OP_RETURN_GENERATOR] = 1, [OP_YIELD_VALUE] = 1, [OP_ASYNC_GEN_WRAP] = 1,
    [OP_COMPARE_OP] = 1, [OP_BINARY_OP] = 1, [OP_RAISE_VARARGS] = 1, [OP_BUILD_SLICE] = 1, [OP_COPY] = 1,
    [OP_SWAP] = 1, [OP_LIST_APPEND] = 1, [OP_SET_ADD] = 1, [OP_MAP_ADD] = 1, [OP_LIST_EXTEND] = 1,
    [OP_SET_UPDATE] = 1, [OP_DICT_UPDATE] = 1, [OP_DICT_MERGE] = 1, [OP_LIST_TO_TUPLE] = 1,
    [OP_PREP_RERAISE_STAR] = 1, [OP_PUSH_NULL] = 1, [OP_LOAD_GLOBAL] = 1, [OP_LOAD_METHOD] = 1, [OP_BUILD_LIST] = 1,
    [OP_BUILD_SET] = 1, [OP_BUILD_MAP] = 1, [OP_BUILD_CONST_KEY_MAP] = 1,
    [OP_GET_ITER] = 1, [OP_GET_YIELD_FROM_ITER] = 1,
};

/* The short way through step(), for the many instructions that need no care and do not jump; false when it is not the way. */
static bool step_simply(Verifier *v, const Instruction *i)
{
    int flags = opcode_flags[i->opcode];
    const struct OpcodeEffect *effect = &opcode_effects[i->opcode];
    int pops = effect->pops, pushes = effect->pushes, rest = v->depth - pops;
    if (!flags || i->opcode == OP_CACHE || needs_care[i->opcode] || pops < 0 || pushes < 0 || rest < 0) return false;
    if (flags & (OPCODE_HAS_LOCAL | OPCODE_HAS_FREE | OPCODE_HAS_FORWARD | OPCODE_HAS_BACKWARD | OPCODE_HAS_ENDS)) {
        if (i->opcode != OP_LOAD_FAST || i->oparg >= (uint32_t)v->code->co_nlocalsplus) return false;
        int next = i->next < v->count ? v->units[i->next] & 0xff : OP_NOP;
        if (next == OP_FOR_ITER || next == OP_EXTENDED_ARG) return false;
    }
    if (flags & OPCODE_HAS_CONST && i->oparg >= (uint64_t)PyTuple_GET_SIZE(v->code->co_consts)) return false;
    if (flags & OPCODE_HAS_NAME_INDEX && i->oparg >= (uint64_t)PyTuple_GET_SIZE(v->code->co_names)) return false;
    if (rest + pushes > v->code->co_stacksize) return false;
    uint8_t *base = v->stack + rest;
    for (int k = 0; k < pops; k++) {
        if (may_be_null(base[k])) return false;
    }
    if (rest < v->handled_depth) v->handled_depth = rest;
    for (int k = 0; k < pushes; k++) base[k] = KIND_VALUE;
    v->depth = rest + pushes;
    return true;
}

/* From a place on, until control ends or reaches a join that knows as much already. */
static int walk(Verifier *v, int at)
{
    bool go_on = true;
    Instruction i;
    v->handled = NULL;
    do {
        if (!instruction_read(v->units, v->count, at, &i)) {
            return reject("control runs off the end", at);
        }
        if (v->range_count && flow_to_handler(v, &i) < 0) return -1;
        if (!step_simply(v, &i)) TRY(step(v, &i, &go_on));
        at = i.next;
        if (go_on && at < v->count && (v->starts[at] & 2)) return flow_to(v, at, v->depth, 0);
    } while (go_on);
    return 0;
}

static int verify(Verifier *v)
{
    if (v->count == 0) return reject("no instructions", 0);
    TRY(find_starts(v));
    TRY(find_joins(v));
    TRY(read_prefix(v));
    if (v->code->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR) &&
        !v->has_generator) {
        return reject("generator without RETURN_GENERATOR", 0);
    }
    TRY(walk(v, 0));
    while (v->queue_size) {
        int at = v->queue[--v->queue_size];
        Join *join = v->joins[at];
        join->queued = false;
        v->depth = join->depth;
        memcpy(v->stack, join->kinds, (size_t)join->depth);
        TRY(walk(v, at));
    }
    return 0;
}

int code_verify(PyCodeObject *code)
{
    if (!code_is_foreign(code)) return 0;
    size_t count = (size_t)Py_SIZE(code);
    /* No instruction leaves more than its argument on the stack, and arguments beyond this are
     * not worth believing. */
    if (code->co_stacksize > MAX_STATE_BYTES) return reject("stack too large", 0);
    Verifier v = {.code = code, .units = _PyCode_CODE(code), .count = (int)count};
    v.starts = PyMem_Calloc(count + 1, 1);
    v.joins = PyMem_Calloc(count + 1, sizeof(*v.joins));
    v.queue = PyMem_Malloc((count + 1) * sizeof(*v.queue));
    v.prefix_cells = PyMem_Calloc((size_t)code->co_nlocalsplus + 1, 1);
    v.stack = PyMem_Malloc((size_t)code->co_stacksize + 2);
    /* An entry takes four bytes at least; the last may be cut short. */
    size_t table_size = (size_t)PyBytes_GET_SIZE(code->co_exceptiontable);
    v.ranges = PyMem_Malloc((table_size / 4 + 1) * sizeof(*v.ranges));
    int status = -1;
    if (v.ranges && v.starts && v.joins && v.queue && v.prefix_cells && v.stack) {
        status = verify(&v);
    } else {
        PyErr_NoMemory();
    }
    for (Join *join = v.all_joins, *next; join; join = next) {
        next = join->next;
        PyMem_Free(join);
    }
    PyMem_Free(v.ranges);
    PyMem_Free(v.starts);
    PyMem_Free(v.joins);
    PyMem_Free(v.queue);
    PyMem_Free(v.prefix_cells);
    PyMem_Free(v.stack);
    if (status == 0) code_set_foreign(code, false);
    return status;
}
