/* The `_symtable` module: the compiler's symbol tables, for the library's symtable.py. */
#include "compiler/symtable.h"
#include "objects/names.h"
#include "syntax/syntax.h"

/* The table of parsed source, as the entry of the module block; a new reference. */
static PyObject *table_of_source(const char *source, PyObject *filename, int start,
                                 PyCompilerFlags *flags)
{
    PyObject *top = NULL;
    Arena *arena = arena_new();
    if (!arena) return NULL;
    Mod *mod = syntax_parse_string(source, filename, start, flags, arena);
    FutureFeatures future;
    if (mod && future_from_tree(mod, filename, &future) == 0) {
        future.flags |= flags->cf_flags;
        Symtable *table = symtable_build(mod, filename, &future);
        if (table) top = Py_NewRef((PyObject *)table->top);
        symtable_free(table);
    }
    arena_free(arena);
    return top;
}

PyDoc_STRVAR(symtable_doc, "symtable($module, source, filename, startstr, /)\n--\n\n"
"The symbol table of source text, as the compiler uses it.");

static PyObject *symtable_symtable(PyObject *Py_UNUSED(module), PyObject *const *args,
                                   Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("symtable", nargs, 3, 3)) return NULL;
    PyObject *filename, *copy;
    if (!PyUnicode_FSDecoder(args[1], &filename)) return NULL;
    if (!PyUnicode_Check(args[2])) {
        _PyArg_BadArgument("symtable", "argument 3", "str", args[2]);
        Py_DECREF(filename);
        return NULL;
    }
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = PyCF_SOURCE_IS_UTF8;
    const char *source = _Py_SourceAsString(args[0], "symtable", "string or bytes", &flags, &copy);
    PyObject *result = NULL;
    if (source) {
        int start = _PyUnicode_EqualToASCIIString(args[2], "exec") ? Py_file_input
                  : _PyUnicode_EqualToASCIIString(args[2], "eval") ? Py_eval_input
                  : _PyUnicode_EqualToASCIIString(args[2], "single") ? Py_single_input : 0;
        if (start) {
            result = table_of_source(source, filename, start, &flags);
        } else {
            PyErr_SetString(PyExc_ValueError,
                            "symtable() arg 3 must be 'exec' or 'eval' or 'single'");
        }
        Py_XDECREF(copy);
    }
    Py_DECREF(filename);
    return result;
}

static PyMethodDef symtable_methods[] = {
    {"symtable", (PyCFunction)(void (*)(void))symtable_symtable, METH_FASTCALL, symtable_doc},
    {NULL, NULL, 0, NULL},
};

static int symtable_exec(PyObject *module)
{
    static const struct { const char *name; int value;
    } constants[] = {
        {"USE", SYMBOL_USE},
        {"DEF_GLOBAL", SYMBOL_GLOBAL},
        {"DEF_NONLOCAL", SYMBOL_NONLOCAL},
        {"DEF_LOCAL", SYMBOL_LOCAL},
        {"DEF_PARAM", SYMBOL_PARAM},
        {"DEF_FREE", SYMBOL_FREE},
        {"DEF_FREE_CLASS", SYMBOL_FREE_CLASS},
        {"DEF_IMPORT", SYMBOL_IMPORT},
        {"DEF_BOUND", SYMBOL_BOUND},
        {"DEF_ANNOT", SYMBOL_ANNOT},
        {"TYPE_FUNCTION", BLOCK_FUNCTION},
        {"TYPE_CLASS", BLOCK_CLASS},
        {"TYPE_MODULE", BLOCK_MODULE},
        {"LOCAL", SCOPE_LOCAL},
        {"GLOBAL_EXPLICIT", SCOPE_GLOBAL_EXPLICIT},
        {"GLOBAL_IMPLICIT", SCOPE_GLOBAL_IMPLICIT},
        {"FREE", SCOPE_FREE},
        {"CELL", SCOPE_CELL},
        {"SCOPE_OFF", SYMBOL_SCOPE_SHIFT},
        {"SCOPE_MASK", SYMBOL_SCOPE_MASK},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot symtable_slots[] = {{Py_mod_exec, symtable_exec}, {0, NULL}};

static PyModuleDef symtable_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_symtable",
    .m_methods = symtable_methods,
    .m_slots = symtable_slots,
};

PyMODINIT_FUNC PyInit__symtable(void)
{
    return PyModuleDef_Init(&symtable_module);
}
