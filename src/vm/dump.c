/* The readable form of execution code, for -X dump=exec. How operands read stands in instructions.def. */
#include "bytecode/dump.h"
#include "objects/code_lines.h"
#include "vm/exec.h"

enum { REPR_LIMIT = 40 };

typedef struct {
    const ExecCode *exec;
    FILE *out;
    bool first;             /* no operand of the instruction has been written */
} Dump;

static void separate(Dump *d)
{
    fprintf(d->out, d->first ? "" : ", ");
    d->first = false;
}

static void dump_constant(Dump *d, int index)
{
    int n = d->exec->constant_count;
    if (index >= 2 * n) {
        fprintf(d->out, "constant %d?", index);
        return;
    }
    dump_repr(PyTuple_GET_ITEM(d->exec->code->co_consts, index % n), REPR_LIMIT, d->out);
}

static void dump_register(Dump *d, int reg)
{
    if (reg >= d->exec->first_temporary) fprintf(d->out, "t%d", reg - d->exec->first_temporary);
    else fprintf(d->out, "%s", PyUnicode_AsUTF8(PyTuple_GET_ITEM(d->exec->code->co_localsplusnames, reg)));
}

static void dump_name(Dump *d, int64_t index)
{
    PyObject *names = d->exec->code->co_names;
    if (index < PyTuple_GET_SIZE(names)) fprintf(d->out, ".%s", PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, index)));
    else fprintf(d->out, "name %lld?", (long long)index);
}

static void dump_operand(Dump *d, char kind, uint16_t x)
{
    if (kind == '-') return;
    separate(d);
    switch (kind) {
    case 'n': dump_name(d, x); break;
    case 'i': fprintf(d->out, "%d", x); break;
    case 's': fprintf(d->out, "%d", (int16_t)x); break;
    case 'k': dump_constant(d, x); break;
    default:
        if (x == OPERAND_NONE) fprintf(d->out, "-");
        else if (x & OPERAND_CONSTANT) dump_constant(d, x & ~OPERAND_CONSTANT);
        else dump_register(d, x);
    }
}

static void dump_target(Dump *d, int word, int64_t distance)
{
    separate(d);
    fprintf(d->out, "-> %lld", (long long)(word + distance));
}

/* The operands in the instruction's own word. */
static void dump_fixed(Dump *d, const char *operands, const Word *w, int at)
{
    const uint16_t x[3] = {w->a, w->b, w->c};
    for (int i = 0; i < 3; i++) {
        if (operands[i] == 'j') {
            if (exec_opcode(w) == X_LOAD_CONST_FAR) dump_constant(d, w->jump);
            else dump_target(d, at, w->jump);
            return;
        }
        if (operands[i] == 'J') dump_target(d, at, (int16_t)w->c);
        else dump_operand(d, operands[i], x[i]);
    }
}

/* What stands in word 1. */
static const char *dump_second(Dump *d, const char *kinds, const Word *w, int at)
{
    int lane = 0;
    for (; *kinds && *kinds != '*'; kinds++, lane++) {
        if (*kinds == 'j') dump_target(d, at, (int64_t)w->word);
        else if (*kinds == 'n') separate(d), dump_name(d, (int64_t)w->word);
        else if (*kinds == 'k') {
            if (w->lane[0]) separate(d), fprintf(d->out, "keywords "), dump_constant(d, w->lane[0] - 1);
        }
        else dump_operand(d, *kinds, w->lane[lane]);
    }
    return kinds;
}

static void dump_instruction(Dump *d, int at)
{
    const Word *w = &d->exec->words[at];
    const char *operands = exec_op_operands[exec_opcode(w)];
    fprintf(d->out, "%5d %5d  %-22s ", at, exec_unit(d->exec, at) * 2, exec_op_names[exec_opcode(w)]);
    d->first = true;
    dump_fixed(d, operands, w, at);
    const char *more = operands + 3;
    if (*more == ':') more = dump_second(d, more + 1, &w[1], at);
    if (*more == '*') {
        int count = more[1] == 'b' ? w->b : w->c;
        const Word *list = w + exec_length(w) - exec_operand_words(count);
        fprintf(d->out, " (");
        d->first = true;
        for (int i = 0; i < count; i++) dump_operand(d, 'o', list[i / 4].lane[i % 4]);
        putc(')', d->out);
    }
    putc('\n', d->out);
}

void exec_dump(const ExecCode *exec, FILE *out)
{
    Dump d = {.exec = exec, .out = out};
    PyCodeObject *code = exec->code;
    int last_line = -1;
    fprintf(out, "exec %s (%s:%d), %s, %d words, %d locals and cells, %d temporaries\n", PyUnicode_AsUTF8(code->co_qualname),
            PyUnicode_AsUTF8(code->co_filename), code->co_firstlineno, exec->plain ? "plain" : "fused", exec->word_count,
            exec->first_temporary, exec->register_count - exec->first_temporary);
    for (int at = 0; at < exec->word_count; at += exec_length(&exec->words[at])) {
        int line = code_location(code, exec_unit(exec, at)).line;
        if (line != last_line && line > 0) fprintf(out, "%5d ", line);
        else fprintf(out, "      ");
        last_line = line;
        dump_instruction(&d, at);
    }
    for (int i = 0; i < exec->handler_count; i++) {
        const ExecHandler *h = &exec->handlers[i];
        fprintf(out, "      handler of %u to %u: at %u, depth %u%s\n", h->start, h->end, h->handler, h->depth,
                h->lasti ? ", lasti" : "");
    }
}
