/* The readable form of a symbol table, for -X dump=scopes. */
#include "compiler/symtable.h"

static void dump_uses(long bits, FILE *out)
{
    static const char *const uses[] = {"global", "assigned", "parameter", "nonlocal", "used",
                                       NULL,     "free in class", "imported", "annotated", "iterated"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(uses); i++) {
        if (uses[i] && bits >> i & 1) fprintf(out, ", %s", uses[i]);
    }
}

static void dump_block(const SymtableEntry *block, int indent, FILE *out)
{
    static const char *const types[] = {"function", "class", "module", "annotation"};
    static const char *const scopes[] = {"none",   "local", "explicit global", "implicit global",
                                         "free", "cell"};
    PyObject *name, *value;
    fprintf(out, "%*s%s %s, line %d%s%s%s\n", indent, "", types[block->type],
            PyUnicode_AsUTF8(block->name), block->pos.lineno, block->nested ? ", nested" : "",
            block->is_generator ? ", generator" : "", block->is_coroutine ? ", coroutine" : "");
    for (Py_ssize_t at = 0; PyDict_Next(block->symbols, &at, &name, &value);) {
        long bits = PyLong_AsLong(value);
        size_t scope = (size_t)(bits >> SYMBOL_SCOPE_SHIFT & SYMBOL_SCOPE_MASK);
        fprintf(out, "%*s%s: %s", indent + 4, "", PyUnicode_AsUTF8(name),
                scope < Py_ARRAY_LENGTH(scopes) ? scopes[scope] : "?");
        dump_uses(bits, out);
        putc('\n', out);
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(block->children); i++) {
        dump_block((SymtableEntry *)PyList_GET_ITEM(block->children, i), indent + 4, out);
    }
}

void symtable_dump(const Symtable *table, FILE *out)
{
    dump_block(table->top, 0, out);
}
