#include "bytecode/dump.h"

#include "bytecode/exceptions.h"
#include "bytecode/opcodes.h"
#include "objects/code_lines.h"

enum { REPR_LIMIT = 60 };

void dump_repr(PyObject *o, int limit, FILE *out)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *text = PyCode_Check(o) ? PyUnicode_FromFormat("<code %U>", ((PyCodeObject *)o)->co_qualname)
                                     : PyObject_ASCII(o);
    const char *utf8 = text ? PyUnicode_AsUTF8(text) : NULL;
    fprintf(out, "%.*s", limit, utf8 ? utf8 : "?");
    Py_XDECREF(text);
    PyErr_Restore(type, value, traceback);
}

static void dump_item(PyObject *tuple, int64_t index, FILE *out)
{
    if (index >= PyTuple_GET_SIZE(tuple)) {
        fprintf(out, " (bad)");
        return;
    }
    fprintf(out, " (");
    dump_repr(PyTuple_GET_ITEM(tuple, index), REPR_LIMIT, out);
    putc(')', out);
}

static void dump_instruction(PyCodeObject *code, const Instruction *in, FILE *out)
{
    const char *name = opcode_names[in->opcode];
    fprintf(out, "%5d %-28s", in->at * 2, name ? name : "?");
    if (opcode_has_arg(in->opcode)) {
        fprintf(out, "%5u", in->oparg);
        if (opcode_has_const(in->opcode)) dump_item(code->co_consts, in->oparg, out);
        else if (in->opcode == OP_LOAD_GLOBAL) dump_item(code->co_names, in->oparg >> 1, out);
        else if (opcode_has_name(in->opcode)) dump_item(code->co_names, in->oparg, out);
        else if (opcode_has_local(in->opcode) || opcode_has_free(in->opcode)) {
            dump_item(code->co_localsplusnames, in->oparg, out);
        } else if (opcode_has_jump(in->opcode)) {
            fprintf(out, " (to %lld)", (long long)instruction_target(in) * 2);
        }
    }
    putc('\n', out);
}

static void dump_exception_table(PyCodeObject *code, FILE *out)
{
    ExceptionReader reader = exception_reader(PyBytes_AS_STRING(code->co_exceptiontable),
                                              PyBytes_GET_SIZE(code->co_exceptiontable));
    ExceptionEntry e;
    while (exception_reader_next(&reader, &e)) {
        fprintf(out, "      handler of %d to %d: at %d, depth %d%s\n", e.start * 2, e.end * 2 - 2,
                e.target * 2, e.depth, e.lasti ? ", lasti" : "");
    }
}

static void dump_one(PyCodeObject *code, FILE *out)
{
    const uint16_t *units = (const uint16_t *)code->co_code_adaptive;
    int count = (int)Py_SIZE(code), last_line = -1;
    Instruction in;
    fprintf(out, "code %s (%s:%d), stack %d\n", PyUnicode_AsUTF8(code->co_qualname),
            PyUnicode_AsUTF8(code->co_filename), code->co_firstlineno, code->co_stacksize);
    for (int at = 0; at < count && instruction_read(units, count, at, &in); at = in.next) {
        int line = code_location(code, in.at).line;
        if (line != last_line && line > 0) fprintf(out, "%5d ", line);
        else fprintf(out, "      ");
        last_line = line;
        dump_instruction(code, &in, out);
    }
    dump_exception_table(code, out);
}

void code_dump(PyCodeObject *code, FILE *out)
{
    dump_one(code, out);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *o = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(o)) code_dump((PyCodeObject *)o, out);
    }
}
