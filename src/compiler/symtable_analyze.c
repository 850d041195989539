/* Second pass: resolve each name of each block to a scope.
 *
 * Going down, a block knows the names that enclosing function blocks bind (`bound`) and those
 * that an enclosing block declared global (`global`). Coming up, it learns which names its
 * children left free (`free`): a name that is bound here and free below becomes a cell.
 */
#include "base/try.h"
#include "compiler/symtable.h"
#include "objects/names.h"

static int update_set(PyObject *set, PyObject *other)
{
    return other ? _PySet_Update(set, other) : 0;
}

static int error_at_directive(Symtable *t, SymtableEntry *entry, PyObject *name)
{
    Py_ssize_t count = entry->directives ? PyList_GET_SIZE(entry->directives) : 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *record = PyList_GET_ITEM(entry->directives, i);
        if (PyUnicode_Compare(PyTuple_GET_ITEM(record, 0), name) == 0) {
            AstPosition pos = {
                (int)PyLong_AsLong(PyTuple_GET_ITEM(record, 1)),
                (int)PyLong_AsLong(PyTuple_GET_ITEM(record, 2)),
                (int)PyLong_AsLong(PyTuple_GET_ITEM(record, 3)),
                (int)PyLong_AsLong(PyTuple_GET_ITEM(record, 4)),
            };
            return syntax_error_at(t->filename, pos);
        }
    }
    return -1;
}

/* What the analysis of one block works with. Sets of names; `bound` is NULL for the module
 * block. */
typedef struct {
    Symtable *table;
    SymtableEntry *entry;
    PyObject *bound, *free, *global; /* borrowed, from the enclosing block */
    PyObject *scopes;                                           /* owned dict: name -> NameScope */
    PyObject *local, *child_bound, *child_free, *child_global;  /* owned */
} Analysis;

static int set_scope(PyObject *scopes, PyObject *name, NameScope scope)
{
    PyObject *value = PyLong_FromLong(scope);
    if (!value) return -1;
    int status = PyDict_SetItem(scopes, name, value);
    Py_DECREF(value);
    return status;
}

static int analyze_nonlocal(Analysis *a, PyObject *name)
{
    if (!a->bound) {
        PyErr_SetString(PyExc_SyntaxError, "nonlocal declaration not allowed at module level");
        return error_at_directive(a->table, a->entry, name);
    }
    int found = PySet_Contains(a->bound, name);
    if (found < 0) return -1;
    if (!found) {
        PyErr_Format(PyExc_SyntaxError, "no binding for nonlocal '%U' found", name);
        return error_at_directive(a->table, a->entry, name);
    }
    a->entry->has_free = true;
    TRY(set_scope(a->scopes, name, SCOPE_FREE));
    return PySet_Add(a->free, name);
}

static int analyze_name(Analysis *a, PyObject *name, long bits)
{
    if (bits & SYMBOL_GLOBAL) {
        if (bits & SYMBOL_NONLOCAL) {
            PyErr_Format(PyExc_SyntaxError, "name '%U' is nonlocal and global", name);
            return error_at_directive(a->table, a->entry, name);
        }
        TRY(set_scope(a->scopes, name, SCOPE_GLOBAL_EXPLICIT));
        TRY(PySet_Add(a->global, name));
        return a->bound && PySet_Discard(a->bound, name) < 0 ? -1 : 0;
    }
    if (bits & SYMBOL_NONLOCAL) return analyze_nonlocal(a, name);
    if (bits & SYMBOL_BOUND) {
        TRY(set_scope(a->scopes, name, SCOPE_LOCAL));
        TRY(PySet_Add(a->local, name));
        return PySet_Discard(a->global, name) < 0 ? -1 : 0;
    }
    int found = a->bound ? PySet_Contains(a->bound, name) : 0;
    if (found < 0) return -1;
    if (found) {
        a->entry->has_free = true;
        TRY(set_scope(a->scopes, name, SCOPE_FREE));
        return PySet_Add(a->free, name);
    }
    found = PySet_Contains(a->global, name);
    if (found < 0) return -1;
    if (!found && a->entry->nested) a->entry->has_free = true;
    return set_scope(a->scopes, name, SCOPE_GLOBAL_IMPLICIT);
}

/* Locals that a child needs become cells, and stop being free for the blocks further out. */
static int locals_to_cells(Analysis *a)
{
    Py_ssize_t pos = 0;
    PyObject *name, *scope;
    if (PySet_GET_SIZE(a->child_free) == 0) return 0;
    while (PyDict_Next(a->scopes, &pos, &name, &scope)) {
        if (PyLong_AsLong(scope) != SCOPE_LOCAL) continue;
        int found = PySet_Discard(a->child_free, name);
        if (found < 0) return -1;
        /* This replaces a value: the dict keeps its shape. */
        if (found) TRY(set_scope(a->scopes, name, SCOPE_CELL));
    }
    return 0;
}

static int record_bits(PyObject *symbols, PyObject *name, long bits)
{
    PyObject *value = PyLong_FromLong(bits);
    if (!value) return -1;
    int status = PyDict_SetItem(symbols, name, value);
    Py_DECREF(value);
    return status;
}

/* Names that children left free: add them to this block, through which they pass. */
static int record_child_free(Analysis *a, PyObject *name)
{
    PyObject *symbols = a->entry->symbols;
    PyObject *value = PyDict_GetItemWithError(symbols, name);
    if (!value && PyErr_Occurred()) return -1;
    if (value) {
        long bits = PyLong_AsLong(value);
        if (a->entry->type == BLOCK_CLASS && (bits & (SYMBOL_BOUND | SYMBOL_GLOBAL))) {
            return record_bits(symbols, name, bits | SYMBOL_FREE_CLASS);
        }
        return 0;
    }
    int bound = a->bound ? PySet_Contains(a->bound, name) : 1;
    if (bound <= 0) return bound;      /* not bound further out: it is a global */
    return record_bits(symbols, name, SCOPE_FREE << SYMBOL_SCOPE_SHIFT);
}

static int record_scopes(Analysis *a)
{
    PyObject *symbols = a->entry->symbols, *name, *value;
    Py_ssize_t pos = 0;
    while (PyDict_Next(symbols, &pos, &name, &value)) {
        PyObject *scope = PyDict_GetItemWithError(a->scopes, name);
        if (!scope) return -1;
        TRY(record_bits(symbols, name,
                        PyLong_AsLong(value) | PyLong_AsLong(scope) << SYMBOL_SCOPE_SHIFT));
    }
    Py_hash_t hash;
    pos = 0;
    while (_PySet_NextEntry(a->child_free, &pos, &name, &hash)) TRY(record_child_free(a, name));
    return 0;
}

static int analyze_block(Symtable *t, SymtableEntry *entry, PyObject *bound, PyObject *free,
                         PyObject *global);

/* Siblings must not see each other's names: each child works on copies. */
static int analyze_child(Analysis *a, SymtableEntry *child, PyObject *all_free)
{
    int status = -1;
    PyObject *bound = PySet_New(a->child_bound), *free = PySet_New(NULL),
             *global = PySet_New(a->child_global);
    if (bound && free && global && analyze_block(a->table, child, bound, free, global) == 0) {
        status = update_set(all_free, free);
    }
    Py_XDECREF(bound);
    Py_XDECREF(free);
    Py_XDECREF(global);
    if (child->has_free || child->child_has_free) a->entry->child_has_free = true;
    return status;
}

static int analyze_names_and_children(Analysis *a)
{
    SymtableEntry *entry = a->entry;
    /* The names of a class body are invisible in its methods; those around the class are
     * visible, as they were. */
    if (entry->type == BLOCK_CLASS) {
        TRY(update_set(a->child_global, a->global));
        TRY(update_set(a->child_bound, a->bound));
    }
    Py_ssize_t pos = 0;
    PyObject *name, *value;
    while (PyDict_Next(entry->symbols, &pos, &name, &value)) {
        TRY(analyze_name(a, name, PyLong_AsLong(value)));
    }
    if (entry->type == BLOCK_CLASS) {
        TRY(PySet_Add(a->child_bound, NAME(__class__)));
    } else {
        if (entry->type == BLOCK_FUNCTION) TRY(update_set(a->child_bound, a->local));
        TRY(update_set(a->child_bound, a->bound));
        TRY(update_set(a->child_global, a->global));
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(entry->children); i++) {
        TRY(analyze_child(a, (SymtableEntry *)PyList_GET_ITEM(entry->children, i), a->child_free));
    }
    if (entry->type == BLOCK_FUNCTION) {
        TRY(locals_to_cells(a));
    } else if (entry->type == BLOCK_CLASS) {
        int found = PySet_Discard(a->child_free, NAME(__class__));
        if (found < 0) return -1;
        entry->needs_class_closure = found;
    }
    TRY(record_scopes(a));
    return update_set(a->free, a->child_free);
}

static int analyze_block(Symtable *t, SymtableEntry *entry, PyObject *bound, PyObject *free,
                         PyObject *global)
{
    Analysis a = {
        .table = t, .entry = entry, .bound = bound, .free = free, .global = global,
        .scopes = PyDict_New(), .local = PySet_New(NULL), .child_bound = PySet_New(NULL),
        .child_free = PySet_New(NULL), .child_global = PySet_New(NULL),
    };
    int status = -1;
    if (a.scopes && a.local && a.child_bound && a.child_free && a.child_global) {
        status = analyze_names_and_children(&a);
    }
    Py_XDECREF(a.scopes);
    Py_XDECREF(a.local);
    Py_XDECREF(a.child_bound);
    Py_XDECREF(a.child_free);
    Py_XDECREF(a.child_global);
    return status;
}

int symtable_analyze(Symtable *t)
{
    PyObject *free = PySet_New(NULL), *global = PySet_New(NULL);
    int status = free && global ? analyze_block(t, t->top, NULL, free, global) : -1;
    Py_XDECREF(free);
    Py_XDECREF(global);
    return status;
}
