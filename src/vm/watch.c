#include "vm/watch.h"

#include <stdlib.h>

#include "base/config.h"
#include "base/assertions.h"
#include "base/switches.h"
#include "vm/vm.h"

const char *const exec_op_names[EXEC_OP_COUNT] = {
#define I(NAME, operands, words, text) [X_##NAME] = #NAME,
#include "vm/instructions.def"
#undef I
};

const char *const exec_op_operands[EXEC_OP_COUNT] = {
#define I(NAME, operands, words, text) [X_##NAME] = operands,
#include "vm/instructions.def"
#undef I
};

/* ---- Checking ------------------------------------------------------------------------------------------------- */

static void check_failed(Frame *frame, const char *what, int reg)
{
    fflush(stdout);
    fprintf(stderr, "frame_check: %s, register %d = %#llx, before word %d (%s)\n", what, reg,
            reg < 0 ? 0ULL : (unsigned long long)frame->registers[reg], (int)(frame->ip - frame->exec->words),
            exec_opcode(frame->ip) < EXEC_OP_COUNT ? exec_op_names[exec_opcode(frame->ip)] : "?");
    exec_dump(frame->exec, stderr);
    assertion_failed(__FILE__, __LINE__, __func__, what);
}

/* Whether v is a word that value.h describes. */
static bool is_well_formed(Value v)
{
    if (v == VALUE_EMPTY) return true;
    switch (v & TAG_MASK) {
    case TAG_OWNED: case TAG_BORROWED: return value_object(v) && Py_REFCNT(value_object(v)) > 0;
    case TAG_INT: return true;
    case TAG_FLOAT_SMALL: case TAG_FLOAT_LARGE: return true;
    case TAG_FLOAT_ZERO: return v == VALUE_FLOAT_ZERO;
    default: return false;
    }
}

void frame_check(Frame *frame)
{
    ExecCode *exec = frame->exec;
    int word = (int)(frame->ip - exec->words);
    if (exec->code != frame->code) check_failed(frame, "another code object's instructions", -1);
    if (word < 0 || word >= exec->word_count) check_failed(frame, "position outside the code", -1);
    if (exec_opcode(frame->ip) >= EXEC_OP_COUNT) check_failed(frame, "no instruction", -1);
    if (frame->register_count < exec->register_count) check_failed(frame, "too few registers", -1);
    for (int i = 0; i < frame->register_count; i++) {
        if (!is_well_formed(frame->registers[i])) check_failed(frame, "not a value", i);
    }
    if (!exec->live && !(exec->live = exec_find_live(exec))) {
        PyErr_Clear();
        return;
    }
    const uint64_t *set = exec->live + (size_t)word * (size_t)exec_live_words(exec);
    if (!(set[0] & 1)) return;
    for (int i = exec->first_temporary; i < frame->register_count; i++) {
        unsigned bit = 1 + (unsigned)(i - exec->first_temporary);
        bool live = i < exec->register_count && (set[bit / 64] >> bit % 64 & 1);
        if (!live && value_is_owned(frame->registers[i])) check_failed(frame, "a consumed temporary that owns", i);
    }
}

/* ---- Watching ------------------------------------------------------------------------------------------------- */

int watch_instruction(PyThreadState *tstate, Frame *frame)
{
    if (vm_runtime.counts) vm_runtime.counts->runs[exec_opcode(frame->ip)]++;
    if (switches.stress_check) frame_check(frame);
    if (switches.stress_frames && !frame->object && !frame_object_borrow(frame)) return -1;
    if (switches.stress_breaker && vm_runtime.handle_eval_breaker) return vm_runtime.handle_eval_breaker(tstate);
    return 0;
}

/* ---- Counts --------------------------------------------------------------------------------------------------- */

static int compare_runs(const void *a, const void *b)
{
    uint64_t x = vm_runtime.counts->runs[*(const int *)a], y = vm_runtime.counts->runs[*(const int *)b];
    return x < y ? 1 : x > y ? -1 : 0;
}

static void print_counts(void)
{
    int order[EXEC_OP_COUNT];
    uint64_t total = 0;
    for (int op = 0; op < EXEC_OP_COUNT; op++) {
        order[op] = op;
        total += vm_runtime.counts->runs[op];
    }
    qsort(order, EXEC_OP_COUNT, sizeof *order, compare_runs);
    fprintf(stderr, "%-28s %14s %6s %12s\n", "instruction", "runs", "%", "misses");
    for (int i = 0; i < EXEC_OP_COUNT; i++) {
        uint64_t runs = vm_runtime.counts->runs[order[i]], misses = vm_runtime.counts->misses[order[i]];
        if (!runs) break;
        fprintf(stderr, "%-28s %14llu %6.2f", exec_op_names[order[i]], (unsigned long long)runs, 100.0 * (double)runs / (double)total);
        if (misses) fprintf(stderr, " %12llu", (unsigned long long)misses);
        putc('\n', stderr);
    }
}

void vm_apply_switches(void)
{
    vm_runtime.force_plain = switches.stress_plain;
    vm_runtime.never_specialise = switches.stress_never_specialise;
    vm_runtime.always_specialise = switches.stress_specialise || (KRAIT_HOSTILE && !switches.stress_never_specialise);
    vm_runtime.no_native = switches.stress_no_native;
    vm_runtime.sample_period = switches.stress_native ? 1 : SAMPLE_PERIOD;
    if (switches.dump_caches && !vm_runtime.counts) {
        vm_runtime.counts = calloc(1, sizeof *vm_runtime.counts);
        if (vm_runtime.counts) atexit(print_counts);
    }
    vm_runtime.watching = vm_runtime.counts || switches.stress_check || switches.stress_frames || switches.stress_breaker;
}
