/* The passes in order: future statements, folding, symbol table, code. */
#include "compiler/compiler.h"

#include <internal/krait_exports.h>

#include "base/switches.h"
#include "bytecode/dump.h"
#include "compiler/fold.h"
#include "compiler/unit.h"

static int gen_module(Compiler *c, Mod *mod)
{
    switch (mod->kind) {
    case mod_Module: return gen_body(c, mod->Module.body);
    case mod_Interactive: {
        c->interactive = true;
        const StmtSeq *body = mod->Interactive.body;
        if (body_has_annotations(body)) TRY(emit(c, OP_SETUP_ANNOTATIONS));
        return gen_stmts(c, body);
    }
    case mod_Expression: return gen_expr(c, mod->Expression.body);
    default:
        PyErr_Format(PyExc_SystemError, "module kind %d should not be possible", mod->kind);
        return -1;
    }
}

static PyCodeObject *compile_tree(Compiler *c, Mod *mod, Arena *arena)
{
    if (fold_tree(mod, arena, c->optimize, c->flags) < 0) return NULL;
    c->symtable = symtable_build(mod, c->filename, &c->future);
    if (!c->symtable) return NULL;
    if (switches.dump_scopes) symtable_dump(c->symtable, stderr);
    if (unit_enter(c, NAME(module_), UNIT_MODULE, mod, 1) < 0 || gen_module(c, mod) < 0) {
        return NULL;
    }
    PyCodeObject *code = unit_assemble(c, mod->kind != mod_Expression);
    if (code && switches.dump_code) code_dump(code, stderr);
    return code;
}

PyCodeObject *compiler_compile(Mod *mod, PyObject *filename, PyCompilerFlags *flags, int optimize,
                               Arena *arena)
{
    Compiler c = {.filename = filename, .optimize = optimize == -1 ? Py_OptimizeFlag : optimize};
    if (future_from_tree(mod, filename, &c.future) < 0) return NULL;
    c.flags = c.future.flags | (flags ? flags->cf_flags : 0);
    c.future.flags = c.flags;
    if (flags) flags->cf_flags = c.flags;
    if (!(c.const_cache = PyDict_New())) return NULL;
    PyCodeObject *code = compile_tree(&c, mod, arena);
    while (c.unit) unit_exit(&c);
    symtable_free(c.symtable);
    Py_DECREF(c.const_cache);
    return code;
}

int compiler_init_types(void)
{
    return PyType_Ready(&SymtableEntry_Type);
}

int PyCompile_OpcodeStackEffectWithJump(int opcode, int oparg, int jump)
{
    return opcode_stack_effect(opcode, oparg, jump);
}

int PyCompile_OpcodeStackEffect(int opcode, int oparg)
{
    return opcode_stack_effect(opcode, oparg, -1);
}

/* The exported names under which 3.11 has these; a Mod, an Arena and a Symtable are opaque to
 * those who call them. */
PyCodeObject *_PyAST_Compile(struct _mod *mod, PyObject *filename, PyCompilerFlags *flags,
                             int optimize, struct _arena *arena)
{
    return compiler_compile((Mod *)mod, filename, flags, optimize, (Arena *)arena);
}

PySTEntryObject *PySymtable_Lookup(struct symtable *table, void *node)
{
    return (PySTEntryObject *)Py_XNewRef(
        (PyObject *)symtable_lookup_borrow((Symtable *)table, node));
}
