#include "vm/exec.h"

#include <stdlib.h>

#include "base/switches.h"
#include "bytecode/verify.h"
#include "objects/code.h"
#include "vm/native/native.h"
#include "vm/translate.h"
#include "vm/vm.h"

static const uint8_t lengths[EXEC_OP_COUNT] = {
#define I(NAME, operands, words, text) [X_##NAME] = (words),
#include "vm/instructions.def"
#undef I
};

int exec_length(const Word *word)
{
    int op = exec_opcode(word);
    if (lengths[op]) return lengths[op];
    switch (op) {
    case X_UNPACK_SEQUENCE: return 1 + exec_operand_words(word->c);
    case X_BUILD_TUPLE: case X_BUILD_LIST: case X_BUILD_SET: case X_BUILD_STRING: case X_BUILD_MAP:
    case X_BUILD_CONST_KEY_MAP: case X_BUILD_SLICE:
        return 1 + exec_operand_words(word->b);
    default: return 3 + exec_operand_words(word->c);     /* calls */
    }
}

const ExecHandler *exec_find_handler(const ExecCode *exec, int word)
{
    int low = 0, high = exec->handler_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if ((int)exec->handlers[middle].end <= word) low = middle + 1;
        else high = middle;
    }
    if (low == exec->handler_count || (int)exec->handlers[low].start > word) return NULL;
    return &exec->handlers[low];
}

int exec_word_of_unit(const ExecCode *exec, int unit)
{
    int low = 0, high = exec->word_count;
    while (low < high) {
        int middle = (low + high) / 2;
        if (exec_unit(exec, middle) < unit) low = middle + 1;
        else high = middle;
    }
    return low < exec->word_count ? low : -1;
}

/* Both halves of the constant table; see exec.h. */
static Value *make_constants(PyCodeObject *code, int n)
{
    Value *constants = PyMem_New(Value, 2 * (size_t)n + 1);
    if (!constants) {
        PyErr_NoMemory();
        return NULL;
    }
    for (int i = 0; i < n; i++) {
        PyObject *o = PyTuple_GET_ITEM(code->co_consts, i);
        Value number = value_unbox_borrowed(o);
        bool canonical = value_is_int(number) && value_int(number) >= -5 && value_int(number) <= 256;
        constants[i] = canonical ? number : value_from_borrowed(o);
        constants[n + i] = number;
    }
    return constants;
}

void exec_watch(ExecCode *exec, bool on)
{
    for (Word *w = exec->words; w < exec->words + exec->word_count; w += exec_length(w)) {
        w->op = (uint16_t)(on ? w->op | OP_WATCHED : w->op & ~OP_WATCHED);
    }
}

ExecCode *exec_get(PyCodeObject *code, bool plain)
{
    ExecCode *first = code_exec(code);
    for (ExecCode *exec = first; exec; exec = exec->next) {
        if (exec->plain == plain) return exec;
    }
    if (code_intern_loose_names(code) < 0 || code_verify(code) < 0) return NULL;
    ExecCode *exec = translate_code(code, plain);
    if (!exec) return NULL;
    exec->constants = make_constants(code, exec->constant_count);
    if (!exec->constants) {
        exec_free(exec);
        return NULL;
    }
    if (plain || vm_runtime.watching) exec_watch(exec, true);
    if (switches.dump_exec) exec_dump(exec, stderr);
    if (plain && first) {       /* the fused form stays first: calls look there */
        exec->next = first->next;
        first->next = exec;
    }
    else {
        exec->next = first;
        code_set_exec(code, exec);
    }
    return exec;
}

void exec_free(void *all)
{
    for (ExecCode *exec = all, *next; exec; exec = next) {
        next = exec->next;
        native_free(exec->loops);
        PyMem_Free(exec->constants);
        PyMem_Free(exec->units);
        PyMem_Free(exec->handlers);
        PyMem_Free(exec->live);
        PyMem_Free(exec);
    }
}
