/* Symbol table entries as Python objects, look-up, name mangling and what the two passes share. */
#include "compiler/symtable.h"

#include <stddef.h>
#include <structmember.h>

/* ---- The entry type -------------------------------------------------------------------------- */

static void entry_dealloc(SymtableEntry *self)
{
    Py_CLEAR(self->id);
    Py_CLEAR(self->symbols);
    Py_CLEAR(self->name);
    Py_CLEAR(self->varnames);
    Py_CLEAR(self->children);
    Py_CLEAR(self->directives);
    PyObject_Free(self);
}

static PyObject *entry_repr(SymtableEntry *self)
{
    return PyUnicode_FromFormat("<symtable entry %U(%R), line %d>", self->name, self->id,
                                self->pos.lineno);
}

static PyMemberDef entry_members[] = {
    {"id", T_OBJECT, offsetof(SymtableEntry, id), READONLY, NULL},
    {"name", T_OBJECT, offsetof(SymtableEntry, name), READONLY, NULL},
    {"symbols", T_OBJECT, offsetof(SymtableEntry, symbols), READONLY, NULL},
    {"varnames", T_OBJECT, offsetof(SymtableEntry, varnames), READONLY, NULL},
    {"children", T_OBJECT, offsetof(SymtableEntry, children), READONLY, NULL},
    {"nested", T_INT, offsetof(SymtableEntry, nested), READONLY, NULL},
    {"type", T_INT, offsetof(SymtableEntry, type), READONLY, NULL},
    {"lineno", T_INT, offsetof(SymtableEntry, pos.lineno), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject SymtableEntry_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "symtable entry",
    .tp_basicsize = sizeof(SymtableEntry),
    .tp_dealloc = (destructor)entry_dealloc,
    .tp_repr = (reprfunc)entry_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_members = entry_members,
};

/* ---- Look-up --------------------------------------------------------------------------------- */

SymtableEntry *symtable_lookup_borrow(Symtable *table, const void *node)
{
    PyObject *id = PyLong_FromVoidPtr((void *)node);
    if (!id) return NULL;
    PyObject *entry = PyDict_GetItemWithError(table->entries, id);
    if (!entry && !PyErr_Occurred()) PyErr_SetString(PyExc_KeyError, "unknown symbol table entry");
    Py_DECREF(id);
    return (SymtableEntry *)entry;
}

long symtable_entry_bits(SymtableEntry *entry, PyObject *name)
{
    PyObject *bits = PyDict_GetItemWithError(entry->symbols, name);
    if (!bits) return PyErr_Occurred() ? -1 : 0;
    return PyLong_AsLong(bits);
}

NameScope symtable_entry_scope(SymtableEntry *entry, PyObject *name)
{
    long bits = symtable_entry_bits(entry, name);
    return bits < 0 ? SCOPE_NONE : (NameScope)((bits >> SYMBOL_SCOPE_SHIFT) & SYMBOL_SCOPE_MASK);
}

void symtable_free(Symtable *table)
{
    if (!table) return;
    Py_XDECREF(table->entries);
    Py_XDECREF(table->stack);
    PyMem_Free(table);
}

/* ---- Shared helpers -------------------------------------------------------------------------- */

PyObject *mangle_name(PyObject *private_name, PyObject *name)
{
    if (!private_name || !PyUnicode_Check(private_name)) return Py_NewRef(name);
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (length < 2 || PyUnicode_READ_CHAR(name, 0) != '_' || PyUnicode_READ_CHAR(name, 1) != '_') {
        return Py_NewRef(name);
    }
    /* Names of special methods and dotted names (import a.__b) stay as they are. */
    if ((PyUnicode_READ_CHAR(name, length - 1) == '_' &&
         PyUnicode_READ_CHAR(name, length - 2) == '_') ||
        PyUnicode_FindChar(name, '.', 0, length, 1) != -1) {
        return Py_NewRef(name);
    }
    Py_ssize_t class_length = PyUnicode_GET_LENGTH(private_name), start = 0;
    while (start < class_length && PyUnicode_READ_CHAR(private_name, start) == '_') start++;
    if (start == class_length) return Py_NewRef(name);      /* a class name of underscores only */
    PyObject *stripped = PyUnicode_Substring(private_name, start, class_length);
    if (!stripped) return NULL;
    PyObject *mangled = PyUnicode_FromFormat("_%U%U", stripped, name);
    Py_DECREF(stripped);
    if (mangled) PyUnicode_InternInPlace(&mangled);
    return mangled;
}

int syntax_error_at(PyObject *filename, AstPosition pos)
{
    PyErr_RangedSyntaxLocationObject(filename, pos.lineno, pos.col_offset + 1, pos.end_lineno,
                                     pos.end_col_offset + 1);
    return -1;
}

/* A Python frame is allowed three nested nodes. The upper bound keeps a huge recursion limit
 * from overflowing the C stack: a nested node costs less than 1 kB. */
enum { NODES_PER_FRAME = 3, MAX_NESTED_NODES = 6000 };

void compiler_recursion_limits(int *depth, int *limit)
{
    PyThreadState *thread = PyThreadState_Get();
    int used = thread->recursion_limit - thread->recursion_remaining;
    *depth = used < INT_MAX / NODES_PER_FRAME ? used * NODES_PER_FRAME : used;
    *limit = thread->recursion_limit < INT_MAX / NODES_PER_FRAME
                 ? thread->recursion_limit * NODES_PER_FRAME
                 : thread->recursion_limit;
    if (*limit - *depth > MAX_NESTED_NODES) *limit = *depth + MAX_NESTED_NODES;
}

int compiler_recursion_error(void)
{
    PyErr_SetString(PyExc_RecursionError, "maximum recursion depth exceeded during compilation");
    return -1;
}
