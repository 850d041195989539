/* Opening and closing units, and the verbs that emit instructions with constants and names. */
#include "compiler/unit.h"

#include <stdarg.h>

#include "objects/code.h"

/* ---- Units ----------------------------------------------------------------------------------- */

static PyObject *index_dict(PyObject *list)
{
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict && i < PyList_GET_SIZE(list); i++) {
        if (unit_add_name(dict, PyList_GET_ITEM(list, i)) < 0) Py_CLEAR(dict);
    }
    return dict;
}

/* The names of a block that have a scope, or one of the bits, in sorted order: code must not
 * depend on hashing. */
static PyObject *names_in_scope(PyObject *symbols, NameScope scope, long bit)
{
    PyObject *found = PyList_New(0), *name, *value;
    Py_ssize_t pos = 0;
    while (found && PyDict_Next(symbols, &pos, &name, &value)) {
        long bits = PyLong_AsLong(value);
        if (((bits >> SYMBOL_SCOPE_SHIFT) & SYMBOL_SCOPE_MASK) != scope && !(bits & bit)) continue;
        if (PyList_Append(found, name) < 0) Py_CLEAR(found);
    }
    if (found && PyList_GET_SIZE(found) > 1 && PyList_Sort(found) < 0) Py_CLEAR(found);
    return found;
}

static PyObject *scope_dict(PyObject *symbols, NameScope scope, long bit, Py_ssize_t first_index)
{
    PyObject *names = names_in_scope(symbols, scope, bit), *dict = names ? PyDict_New() : NULL;
    for (Py_ssize_t i = 0; dict && i < PyList_GET_SIZE(names); i++) {
        PyObject *index = PyLong_FromSsize_t(first_index + i);
        if (!index || PyDict_SetItem(dict, PyList_GET_ITEM(names, i), index) < 0) Py_CLEAR(dict);
        Py_XDECREF(index);
    }
    Py_XDECREF(names);
    return dict;
}

static int open_dicts(Unit *u)
{
    u->varnames = index_dict(u->entry->varnames);
    u->cellvars = scope_dict(u->entry->symbols, SCOPE_CELL, 0, 0);
    if (!u->varnames || !u->cellvars) return -1;
    if (u->entry->needs_class_closure) {
        TRY(unit_add_name(u->cellvars, NAME(__class__)) < 0 ? -1 : 0);
    }
    u->freevars =
        scope_dict(u->entry->symbols, SCOPE_FREE, SYMBOL_FREE_CLASS, PyDict_GET_SIZE(u->cellvars));
    u->consts = PyDict_New();
    u->names = PyDict_New();
    return u->freevars && u->consts && u->names ? 0 : -1;
}

static bool is_function_unit(const Unit *u)
{
    return u->type == UNIT_FUNCTION || u->type == UNIT_ASYNC_FUNCTION;
}

static int set_qualname(Unit *u)
{
    Unit *outer = u->outer;
    bool inside = outer->type != UNIT_MODULE;
    if (inside && (is_function_unit(u) || u->type == UNIT_CLASS)) {
        PyObject *mangled = mangle_name(outer->private_name, u->name);
        if (!mangled) return -1;
        NameScope scope = symtable_entry_scope(outer->entry, mangled);
        Py_DECREF(mangled);
        inside = scope != SCOPE_GLOBAL_EXPLICIT;
    }
    if (!inside) {
        u->qualname = Py_NewRef(u->name);
    } else if (is_function_unit(outer) || outer->type == UNIT_LAMBDA) {
        u->qualname = PyUnicode_FromFormat("%U.<locals>.%U", outer->qualname, u->name);
    } else {
        u->qualname = PyUnicode_FromFormat("%U.%U", outer->qualname, u->name);
    }
    return u->qualname ? 0 : -1;
}

int unit_enter(Compiler *c, PyObject *name, UnitType type, const void *node, int line)
{
    Unit *u = PyMem_Calloc(1, sizeof(*u));
    if (!u) {
        PyErr_NoMemory();
        return -1;
    }
    u->outer = c->unit;
    u->type = type;
    u->name = Py_NewRef(name);
    u->private_name = c->unit ? c->unit->private_name : NULL;
    u->first_line = line;
    u->pos = (AstPosition){line, 0, line, 0};
    c->unit = u;
    c->depth++;
    u->entry = symtable_lookup_borrow(c->symtable, node);
    if (!u->entry) return -1;
    TRY(open_dicts(u));
    TRY(flow_init(&u->flow));
    if (type != UNIT_MODULE) TRY(set_qualname(u));
    /* A module starts before its first line. */
    if (type == UNIT_MODULE) u->pos.lineno = 0;
    TRY(emit_arg(c, OP_RESUME, 0));
    u->pos.lineno = line;
    return 0;
}

void unit_exit(Compiler *c)
{
    Unit *u = c->unit;
    c->unit = u->outer;
    c->depth--;
    Py_XDECREF(u->name);
    Py_XDECREF(u->qualname);
    Py_XDECREF(u->consts);
    Py_XDECREF(u->names);
    Py_XDECREF(u->varnames);
    Py_XDECREF(u->cellvars);
    Py_XDECREF(u->freevars);
    flow_clear(&u->flow);
    PyMem_Free(u);
}

/* ---- Constants ------------------------------------------------------------------------------- */

/* A constant as its key shows it: keys that are tuples hold the constant in second place
 * (code_constant_key). */
static PyObject *key_constant_borrow(PyObject *key)
{
    return PyTuple_CheckExact(key) ? PyTuple_GET_ITEM(key, 1) : key;
}

static PyObject *merge_key(Compiler *c, PyObject *value);

static int merge_tuple_items(Compiler *c, PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject *item = PyTuple_GET_ITEM(tuple, i), *key = merge_key(c, item);
        if (!key) return -1;
        PyObject *merged = key_constant_borrow(key);
        if (merged != item) {
            PyTuple_SET_ITEM(tuple, i, Py_NewRef(merged));
            Py_DECREF(item);
        }
        Py_DECREF(key);
    }
    return 0;
}

/* The items of a frozenset cannot be replaced: a new set takes its place in the key. */
static int merge_frozenset_items(Compiler *c, PyObject *set, PyObject *key)
{
    Py_ssize_t size = PySet_GET_SIZE(set), pos = 0, i = 0;
    if (size == 0) return 0;
    PyObject *items = PyTuple_New(size), *item;
    if (!items) return -1;
    Py_hash_t hash;
    while (_PySet_NextEntry(set, &pos, &item, &hash)) {
        PyObject *item_key = merge_key(c, item);
        if (!item_key) {
            Py_DECREF(items);
            return -1;
        }
        PyTuple_SET_ITEM(items, i++, Py_NewRef(key_constant_borrow(item_key)));
        Py_DECREF(item_key);
    }
    PyObject *merged = PyFrozenSet_New(items);
    Py_DECREF(items);
    if (!merged) return -1;
    Py_DECREF(PyTuple_GET_ITEM(key, 1));
    PyTuple_SET_ITEM(key, 1, merged);
    return 0;
}

/* A new reference to the key under which all units know a constant. */
static PyObject *merge_key(Compiler *c, PyObject *value)
{
    if (value == Py_None || value == Py_Ellipsis) return Py_NewRef(value);
    PyObject *key = _PyCode_ConstantKey(value);
    if (!key) return NULL;
    PyObject *known = PyDict_SetDefault(c->const_cache, key, key);
    if (known != key) {
        Py_XINCREF(known);
        Py_DECREF(key);
        return known;
    }
    if ((PyTuple_CheckExact(value) && merge_tuple_items(c, value) < 0) ||
        (PyFrozenSet_CheckExact(value) && merge_frozenset_items(c, value, key) < 0)) {
        Py_DECREF(key);
        return NULL;
    }
    return key;
}

Py_ssize_t unit_add_const(Compiler *c, PyObject *value)
{
    PyObject *key = merge_key(c, value);
    if (!key) return -1;
    Py_ssize_t index = unit_add_name(c->unit->consts, key);
    Py_DECREF(key);
    return index;
}

int merge_constant(void *compiler, PyObject **constant)
{
    Compiler *c = compiler;
    PyObject *key = _PyCode_ConstantKey(*constant);
    if (!key) return -1;
    PyObject *known = PyDict_SetDefault(c->const_cache, key, key);
    Py_DECREF(key);
    if (!known) return -1;
    if (known != key) Py_SETREF(*constant, Py_NewRef(key_constant_borrow(known)));
    return 0;
}

int emit_const(Compiler *c, PyObject *value)
{
    Py_ssize_t index = unit_add_const(c, value);
    return index < 0 ? -1 : emit_arg(c, OP_LOAD_CONST, index);
}

int emit_const_steal(Compiler *c, PyObject *value)
{
    if (!value) return -1;
    int status = emit_const(c, value);
    Py_DECREF(value);
    return status;
}

/* ---- Names ----------------------------------------------------------------------------------- */

Py_ssize_t unit_add_name(PyObject *dict, PyObject *name)
{
    PyObject *known = PyDict_GetItemWithError(dict, name);
    if (known) return PyLong_AsSsize_t(known);
    if (PyErr_Occurred()) return -1;
    Py_ssize_t index = PyDict_GET_SIZE(dict);
    PyObject *number = PyLong_FromSsize_t(index);
    if (!number) return -1;
    int status = PyDict_SetItem(dict, name, number);
    Py_DECREF(number);
    return status < 0 ? -1 : index;
}

int emit_name(Compiler *c, int opcode, PyObject *name)
{
    PyObject *mangled = mangle_name(c->unit->private_name, name);
    if (!mangled) return -1;
    Py_ssize_t index = unit_add_name(c->unit->names, mangled);
    Py_DECREF(mangled);
    return index < 0 ? -1 : emit_arg(c, opcode, index);
}

Py_ssize_t unit_closure_index(Compiler *c, PyObject *name)
{
    Unit *u = c->unit;
    bool is_cell = (u->type == UNIT_CLASS && _PyUnicode_EqualToASCIIString(name, "__class__")) ||
                   symtable_entry_scope(u->entry, name) == SCOPE_CELL;
    PyObject *index = PyDict_GetItemWithError(is_cell ? u->cellvars : u->freevars, name);
    if (index) return PyLong_AsSsize_t(index);
    if (!PyErr_Occurred()) {
        PyErr_Format(PyExc_SystemError, "compiler: no cell for closure variable %R", name);
    }
    return -1;
}

static int emit_mangled_nameop(Compiler *c, PyObject *name, ExprContext ctx)
{
    static const int deref[] = {0, OP_LOAD_DEREF, OP_STORE_DEREF, OP_DELETE_DEREF};
    static const int fast[] = {0, OP_LOAD_FAST, OP_STORE_FAST, OP_DELETE_FAST};
    static const int global[] = {0, OP_LOAD_GLOBAL, OP_STORE_GLOBAL, OP_DELETE_GLOBAL};
    static const int plain[] = {0, OP_LOAD_NAME, OP_STORE_NAME, OP_DELETE_NAME};
    Unit *u = c->unit;
    bool in_function = u->entry->type == BLOCK_FUNCTION;
    PyObject *dict = u->names;
    int opcode = plain[ctx];
    switch (symtable_entry_scope(u->entry, name)) {
    case SCOPE_FREE:
    case SCOPE_CELL:
        dict = symtable_entry_scope(u->entry, name) == SCOPE_FREE ? u->freevars : u->cellvars;
        opcode = ctx == expr_context_Load && u->entry->type == BLOCK_CLASS ? OP_LOAD_CLASSDEREF
                                                                           : deref[ctx];
        break;
    case SCOPE_LOCAL:
        if (in_function) {
            dict = u->varnames;
            opcode = fast[ctx];
        }
        break;
    case SCOPE_GLOBAL_IMPLICIT:
        if (in_function) opcode = global[ctx];
        break;
    case SCOPE_GLOBAL_EXPLICIT: opcode = global[ctx]; break;
    default: break;
    }
    Py_ssize_t index = unit_add_name(dict, name);
    if (index < 0) return -1;
    return emit_arg(c, opcode, opcode == OP_LOAD_GLOBAL ? index << 1 : index);
}

int emit_nameop(Compiler *c, PyObject *name, ExprContext ctx)
{
    TRY(check_forbidden_name(c, name, ctx));
    PyObject *mangled = mangle_name(c->unit->private_name, name);
    if (!mangled) return -1;
    int status = emit_mangled_nameop(c, mangled, ctx);
    Py_DECREF(mangled);
    return status;
}

int emit_call(Compiler *c, Py_ssize_t argument_count)
{
    TRY(emit_arg(c, OP_PRECALL, argument_count));
    return emit_arg(c, OP_CALL, argument_count);
}

/* ---- Nesting --------------------------------------------------------------------------------- */

int nest_push(Compiler *c, NestKind kind, Block *start, Block *exit, const void *datum)
{
    Unit *u = c->unit;
    if (u->nest_count >= CO_MAXBLOCKS) {
        return compiler_error(c, "too many statically nested blocks");
    }
    u->nests[u->nest_count++] = (Nest){kind, start, exit, datum};
    return 0;
}

void nest_pop(Compiler *c)
{
    c->unit->nest_count--;
}

/* ---- Errors ---------------------------------------------------------------------------------- */

static int raise_at_position(Compiler *c, PyObject *message)
{
    AstPosition pos = c->unit->pos;
    PyObject *line = PyErr_ProgramTextObject(c->filename, pos.lineno);
    if (!line) line = Py_NewRef(Py_None);
    PyObject *args =
        Py_BuildValue("O(OiiNii)", message, c->filename, pos.lineno, pos.col_offset + 1, line,
                      pos.end_lineno, pos.end_col_offset + 1);
    if (args) PyErr_SetObject(PyExc_SyntaxError, args);
    Py_XDECREF(args);
    return -1;
}

int compiler_error(Compiler *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    if (!message) return -1;
    raise_at_position(c, message);
    Py_DECREF(message);
    return -1;
}

int compiler_warn(Compiler *c, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    PyObject *message = PyUnicode_FromFormatV(format, arguments);
    va_end(arguments);
    if (!message) return -1;
    int status = PyErr_WarnExplicitObject(PyExc_SyntaxWarning, message, c->filename,
                                          c->unit->pos.lineno, NULL, NULL);
    if (status < 0 && PyErr_ExceptionMatches(PyExc_SyntaxWarning)) {
        /* As an error, a warning about syntax says where it is. */
        PyErr_Clear();
        raise_at_position(c, message);
    }
    Py_DECREF(message);
    return status;
}

int check_forbidden_name(Compiler *c, PyObject *name, ExprContext ctx)
{
    if (ctx == expr_context_Load || !_PyUnicode_EqualToASCIIString(name, "__debug__")) return 0;
    return compiler_error(c, ctx == expr_context_Store ? "cannot assign to __debug__"
                                                       : "cannot delete __debug__");
}
