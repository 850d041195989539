/* The code type: making, comparing and copying code objects; their attributes. Lines and columns
 * are in code_lines.c. */
#include "objects/code.h"

#include <stddef.h>
#include <stdint.h>
#include <structmember.h>

#include "objects/code_lines.h"
#include "objects/names.h"

static_assert(offsetof(PyCodeObject, co_consts) == 24, "ABI");
static_assert(offsetof(PyCodeObject, co_localsplusnames) == 96, "ABI");
static_assert(offsetof(PyCodeObject, co_extra) == 176, "ABI");
static_assert(offsetof(PyCodeObject, co_code_adaptive) == 184, "ABI");

struct CodeRuntime code_runtime;

enum { OPCODE_RESUME = 151 };

/* ---- Interning: names, and constants that look like names ------------------------------------ */

static int intern_names(PyObject *tuple)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject *name = PyTuple_GET_ITEM(tuple, i);
        if (!name || !PyUnicode_CheckExact(name)) {
            PyErr_SetString(PyExc_SystemError, "non-string found in code slot");
            return -1;
        }
        if (PyUnicode_CHECK_INTERNED(name)) continue;
        PyUnicode_InternInPlace(&name);
        PyTuple_SET_ITEM(tuple, i, name);
    }
    return 0;
}

static bool looks_like_name(PyObject *text)
{
    if (!PyUnicode_IS_READY(text) || !PyUnicode_IS_ASCII(text)) return false;
    const unsigned char *p = (const unsigned char *)PyUnicode_1BYTE_DATA(text),
                        *end = p + PyUnicode_GET_LENGTH(text);
    for (; p < end; p++) {
        unsigned char letter = *p | 0x20;
        if (!((letter >= 'a' && letter <= 'z') || (*p >= '0' && *p <= '9') || *p == '_')) {
            return false;
        }
    }
    return true;
}

static int intern_constants(PyObject *tuple, bool *changed);

static int intern_frozenset(PyObject **slot, bool *changed)
{
    PyObject *items = PySequence_Tuple(*slot);
    if (!items) return -1;
    bool items_changed = false;
    int status = intern_constants(items, &items_changed);
    if (status == 0 && items_changed) {
        PyObject *set = PyFrozenSet_New(items);
        if (set) {
            Py_SETREF(*slot, set);
            *changed = true;
        } else {
            status = -1;
        }
    }
    Py_DECREF(items);
    return status;
}

/* Constants may nest as deep as a marshalled stream makes them: the depth is guarded. */
static int intern_constants(PyObject *tuple, bool *changed)
{
    if (Py_EnterRecursiveCall(" while interning constants")) return -1;
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < PyTuple_GET_SIZE(tuple); i++) {
        PyObject **slot = &PyTuple_GET_ITEM(tuple, i), *value = *slot;
        if (PyUnicode_CheckExact(value)) {
            if (!PyUnicode_CHECK_INTERNED(value) && looks_like_name(value)) {
                PyUnicode_InternInPlace(slot);
                if (*slot != value) *changed = true;
            }
        } else if (PyTuple_CheckExact(value)) {
            status = intern_constants(value, changed);
        } else if (PyFrozenSet_CheckExact(value)) {
            status = intern_frozenset(slot, changed);
        }
    }
    Py_LeaveRecursiveCall();
    return status;
}

int code_intern_loose_names(PyCodeObject *code)
{
    bool changed;
    if (!(code->_co_linearray_entry_size & CODE_LOOSE_NAMES)) return 0;
    if (intern_names(code->co_names) < 0 || intern_constants(code->co_consts, &changed) < 0
        || intern_names(code->co_localsplusnames) < 0) {
        return -1;
    }
    code->_co_linearray_entry_size &= ~CODE_LOOSE_NAMES;
    return 0;
}

/* ---- Making ---------------------------------------------------------------------------------- */

typedef struct {
    int locals, plain_cells, cells, frees;
} VariableCounts;

static VariableCounts count_variables(PyObject *names, PyObject *kinds)
{
    VariableCounts n = {0};
    Py_ssize_t count = PyTuple_GET_SIZE(names);
    const char *kind = PyBytes_AS_STRING(kinds);
    for (Py_ssize_t i = 0; i < count; i++) {
        if (kind[i] & CODE_LOCAL) {
            n.locals++;
            if (kind[i] & CODE_CELL) n.cells++;
        } else if (kind[i] & CODE_CELL) {
            n.cells++;
            n.plain_cells++;
        } else if (kind[i] & CODE_FREE) {
            n.frees++;
        }
    }
    return n;
}

static bool parts_are_sound(const struct _PyCodeConstructor *con)
{
    return con->argcount >= con->posonlyargcount && con->posonlyargcount >= 0 &&
           con->kwonlyargcount >= 0 && con->stacksize >= 0 && con->flags >= 0 && con->code &&
           PyBytes_Check(con->code) && con->consts && PyTuple_Check(con->consts) && con->names &&
           PyTuple_Check(con->names) && con->localsplusnames &&
           PyTuple_Check(con->localsplusnames) && con->localspluskinds &&
           PyBytes_Check(con->localspluskinds) &&
           PyTuple_GET_SIZE(con->localsplusnames) == PyBytes_GET_SIZE(con->localspluskinds) &&
           con->name && PyUnicode_Check(con->name) && con->qualname &&
           PyUnicode_Check(con->qualname) && con->filename && PyUnicode_Check(con->filename) &&
           con->linetable && PyBytes_Check(con->linetable) && con->exceptiontable &&
           PyBytes_Check(con->exceptiontable);
}

/* Whether a code object can be made of these parts; -1 with an exception set. The instructions
 * are not looked at: see bytecode/verify.h. */
int _PyCode_Validate(struct _PyCodeConstructor *con)
{
    if (!parts_are_sound(con)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (PyBytes_GET_SIZE(con->code) > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "code: co_code larger than INT_MAX");
        return -1;
    }
    if (PyBytes_GET_SIZE(con->code) % (Py_ssize_t)sizeof(_Py_CODEUNIT) != 0) {
        PyErr_SetString(PyExc_ValueError, "code: co_code is malformed");
        return -1;
    }
    /* Computed in 64 bits: counts from outside may be anything. */
    int64_t parameters = (int64_t)con->argcount + con->kwonlyargcount +
                         ((con->flags & CO_VARARGS) != 0) + ((con->flags & CO_VARKEYWORDS) != 0);
    if (count_variables(con->localsplusnames, con->localspluskinds).locals < parameters) {
        PyErr_SetString(PyExc_ValueError, "code: co_varnames is too small");
        return -1;
    }
    return 0;
}

static int first_traceable(const PyCodeObject *code)
{
    Py_ssize_t i = 0;
    while (i < Py_SIZE(code) && _Py_OPCODE(_PyCode_CODE(code)[i]) != OPCODE_RESUME) i++;
    return (int)i;
}

/* A new code object of validated parts. */
PyCodeObject *_PyCode_New(struct _PyCodeConstructor *con)
{
    bool changed = false;
    if (intern_names(con->names) < 0 || intern_constants(con->consts, &changed) < 0 ||
        intern_names(con->localsplusnames) < 0) {
        return NULL;
    }
    Py_ssize_t units = PyBytes_GET_SIZE(con->code) / (Py_ssize_t)sizeof(_Py_CODEUNIT);
    PyObject *lines = code_runtime.without_columns
        ? location_table_without_columns(PyBytes_AS_STRING(con->linetable), PyBytes_GET_SIZE(con->linetable), con->firstlineno)
        : Py_NewRef(con->linetable);
    PyCodeObject *code = lines ? PyObject_NewVar(PyCodeObject, &PyCode_Type, units) : NULL;
    if (!code) {
        Py_XDECREF(lines);
        return NULL;
    }
    VariableCounts n = count_variables(con->localsplusnames, con->localspluskinds);
    code->co_consts = Py_NewRef(con->consts);
    code->co_names = Py_NewRef(con->names);
    code->co_exceptiontable = Py_NewRef(con->exceptiontable);
    code->co_flags = con->flags;
    code->co_warmup = 0;
    code->_co_linearray_entry_size = 0;
    code->co_argcount = con->argcount;
    code->co_posonlyargcount = con->posonlyargcount;
    code->co_kwonlyargcount = con->kwonlyargcount;
    code->co_stacksize = con->stacksize;
    code->co_firstlineno = con->firstlineno;
    code->co_nlocalsplus = (int)PyTuple_GET_SIZE(con->localsplusnames);
    code->co_nlocals = n.locals;
    code->co_nplaincellvars = n.plain_cells;
    code->co_ncellvars = n.cells;
    code->co_nfreevars = n.frees;
    code->co_localsplusnames = Py_NewRef(con->localsplusnames);
    code->co_localspluskinds = Py_NewRef(con->localspluskinds);
    code->co_filename = Py_NewRef(con->filename);
    code->co_name = Py_NewRef(con->name);
    code->co_qualname = Py_NewRef(con->qualname);
    code->co_linetable = lines;
    code->co_weakreflist = NULL;
    code->_co_code = NULL;
    code->_co_linearray = NULL;
    code->co_extra = NULL;
    memcpy(code->co_code_adaptive, PyBytes_AS_STRING(con->code),
           (size_t)PyBytes_GET_SIZE(con->code));
    code->_co_firsttraceable = first_traceable(code);
    return code;
}

/* Names of locals, cells and free variables as one sequence: a parameter that is a cell stands
 * among the locals only. */
static PyObject *merge_variables(PyObject *varnames, PyObject *cellvars, PyObject *freevars,
                                 PyObject **kinds_out)
{
    Py_ssize_t locals = PyTuple_GET_SIZE(varnames), cells = PyTuple_GET_SIZE(cellvars),
               frees = PyTuple_GET_SIZE(freevars);
    PyObject *kinds = PyBytes_FromStringAndSize(NULL, locals + cells + frees),
             *names = PyTuple_New(locals + cells + frees);
    if (!kinds || !names) goto error;
    char *kind = PyBytes_AS_STRING(kinds);
    Py_ssize_t count = 0;
    for (; count < locals; count++) {
        PyTuple_SET_ITEM(names, count, Py_NewRef(PyTuple_GET_ITEM(varnames, count)));
        kind[count] = CODE_LOCAL;
    }
    for (Py_ssize_t i = 0; i < cells; i++) {
        PyObject *name = PyTuple_GET_ITEM(cellvars, i);
        Py_ssize_t k = 0;
        while (k < locals) {
            int same = PyUnicode_Compare(PyTuple_GET_ITEM(varnames, k), name) == 0;
            if (PyErr_Occurred()) goto error;
            if (same) break;
            k++;
        }
        if (k < locals) {
            kind[k] |= CODE_CELL;
        } else {
            PyTuple_SET_ITEM(names, count, Py_NewRef(name));
            kind[count++] = CODE_CELL;
        }
    }
    for (Py_ssize_t i = 0; i < frees; i++) {
        PyTuple_SET_ITEM(names, count, Py_NewRef(PyTuple_GET_ITEM(freevars, i)));
        kind[count++] = (char)CODE_FREE;
    }
    if (count < locals + cells + frees &&
        (_PyBytes_Resize(&kinds, count) < 0 || _PyTuple_Resize(&names, count) < 0))
        goto error;
    *kinds_out = kinds;
    return names;
error:
    Py_XDECREF(kinds);
    Py_XDECREF(names);
    return NULL;
}

PyCodeObject *PyCode_NewWithPosOnlyArgs(int argcount, int posonlyargcount, int kwonlyargcount,
                                        int nlocals, int stacksize, int flags, PyObject *code,
                                        PyObject *consts, PyObject *names, PyObject *varnames,
                                        PyObject *freevars, PyObject *cellvars, PyObject *filename,
                                        PyObject *name, PyObject *qualname, int firstlineno,
                                        PyObject *linetable, PyObject *exceptiontable)
{
    if (!varnames || !PyTuple_Check(varnames) || !cellvars || !PyTuple_Check(cellvars) ||
        !freevars || !PyTuple_Check(freevars)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *kinds = NULL, *variables = merge_variables(varnames, cellvars, freevars, &kinds);
    if (!variables) return NULL;
    struct _PyCodeConstructor con = {
        .filename = filename,
        .name = name,
        .qualname = qualname,
        .flags = flags,
        .code = code,
        .firstlineno = firstlineno,
        .linetable = linetable,
        .consts = consts,
        .names = names,
        .localsplusnames = variables,
        .localspluskinds = kinds,
        .argcount = argcount,
        .posonlyargcount = posonlyargcount,
        .kwonlyargcount = kwonlyargcount,
        .stacksize = stacksize,
        .exceptiontable = exceptiontable,
    };
    PyCodeObject *result = NULL;
    if (_PyCode_Validate(&con) == 0) {
        if (nlocals != PyTuple_GET_SIZE(varnames)) {
            PyErr_SetString(PyExc_ValueError, "code: co_nlocals != len(co_varnames)");
        } else {
            result = _PyCode_New(&con);
        }
    }
    Py_DECREF(variables);
    Py_DECREF(kinds);
    if (result) code_set_foreign(result, true);
    return result;
}

PyCodeObject *PyCode_New(int argcount, int kwonlyargcount, int nlocals, int stacksize, int flags,
                         PyObject *code, PyObject *consts, PyObject *names, PyObject *varnames,
                         PyObject *freevars, PyObject *cellvars, PyObject *filename, PyObject *name,
                         PyObject *qualname, int firstlineno, PyObject *linetable,
                         PyObject *exceptiontable)
{
    return PyCode_NewWithPosOnlyArgs(argcount, 0, kwonlyargcount, nlocals, stacksize, flags, code,
                                     consts, names, varnames, freevars, cellvars, filename, name,
                                     qualname, firstlineno, linetable, exceptiontable);
}

/* A code object for a frame that stands for something else than Python code, on one line. It
 * raises AssertionError. */
PyCodeObject *PyCode_NewEmpty(const char *filename, const char *funcname, int firstlineno)
{
    static const uint8_t instructions[] = {
        OPCODE_RESUME, 0, 74, 0, 130, 1}; /* RESUME, LOAD_ASSERTION_ERROR, RAISE_VARARGS */
    static const uint8_t locations[] = {0x80 | 13 << 3 | 2, 0}; /* three units on the first line */
    PyObject *empty = PyTuple_New(0), *no_bytes = PyBytes_FromStringAndSize(NULL, 0);
    PyObject *code = PyBytes_FromStringAndSize((const char *)instructions, sizeof(instructions));
    PyObject *lines = PyBytes_FromStringAndSize((const char *)locations, sizeof(locations));
    PyObject *file = PyUnicode_DecodeFSDefault(filename), *name = PyUnicode_FromString(funcname);
    PyCodeObject *result = NULL;
    if (empty && no_bytes && code && lines && file && name) {
        struct _PyCodeConstructor con = {
            .filename = file,
            .name = name,
            .qualname = name,
            .code = code,
            .firstlineno = firstlineno,
            .linetable = lines,
            .consts = empty,
            .names = empty,
            .localsplusnames = empty,
            .localspluskinds = no_bytes,
            .exceptiontable = no_bytes,
            .stacksize = 1,
        };
        result = _PyCode_New(&con);
    }
    Py_XDECREF(empty);
    Py_XDECREF(no_bytes);
    Py_XDECREF(code);
    Py_XDECREF(lines);
    Py_XDECREF(file);
    Py_XDECREF(name);
    return result;
}

/* ---- Parts ----------------------------------------------------------------------------------- */

PyObject *PyCode_GetCode(PyCodeObject *code)
{
    if (!code->_co_code) {
        code->_co_code = PyBytes_FromStringAndSize(code->co_code_adaptive, _PyCode_NBYTES(code));
    }
    return Py_XNewRef(code->_co_code);
}

static PyObject *variables_of_kind(PyCodeObject *code, char kind, int count)
{
    PyObject *names = PyTuple_New(count);
    if (!names) return NULL;
    const char *kinds = PyBytes_AS_STRING(code->co_localspluskinds);
    for (Py_ssize_t i = 0, k = 0; i < code->co_nlocalsplus; i++) {
        if (kinds[i] & kind) {
            PyTuple_SET_ITEM(names, k++, Py_NewRef(PyTuple_GET_ITEM(code->co_localsplusnames, i)));
        }
    }
    return names;
}

PyObject *PyCode_GetVarnames(PyCodeObject *code)
{
    /* Without cells, the names are all there is. */
    if (code->co_nlocals == code->co_nlocalsplus) return Py_NewRef(code->co_localsplusnames);
    return variables_of_kind(code, CODE_LOCAL, code->co_nlocals);
}

PyObject *PyCode_GetCellvars(PyCodeObject *code)
{
    return variables_of_kind(code, CODE_CELL, code->co_ncellvars);
}

PyObject *PyCode_GetFreevars(PyCodeObject *code)
{
    return variables_of_kind(code, (char)CODE_FREE, code->co_nfreevars);
}

/* ---- Keys of constants ----------------------------------------------------------------------- */

static PyObject *keys_of_items(PyObject *items)
{
    Py_ssize_t size = PyTuple_GET_SIZE(items);
    PyObject *keys = PyTuple_New(size);
    for (Py_ssize_t i = 0; keys && i < size; i++) {
        PyObject *key = _PyCode_ConstantKey(PyTuple_GET_ITEM(items, i));
        if (key) {
            PyTuple_SET_ITEM(keys, i, key);
        } else {
            Py_CLEAR(keys);
        }
    }
    return keys;
}

static PyObject *tuple_key(PyObject *tuple)
{
    if (Py_EnterRecursiveCall(" while comparing constants")) return NULL;
    PyObject *keys = keys_of_items(tuple);
    Py_LeaveRecursiveCall();
    PyObject *key = keys ? PyTuple_Pack(2, keys, tuple) : NULL;
    Py_XDECREF(keys);
    return key;
}

static PyObject *frozenset_key(PyObject *set)
{
    PyObject *items = PySequence_Tuple(set), *key = NULL;
    if (!items) return NULL;
    if (!Py_EnterRecursiveCall(" while comparing constants")) {
        PyObject *keys = keys_of_items(items), *key_set = keys ? PyFrozenSet_New(keys) : NULL;
        Py_LeaveRecursiveCall();
        key = key_set ? PyTuple_Pack(2, key_set, set) : NULL;
        Py_XDECREF(keys);
        Py_XDECREF(key_set);
    }
    Py_DECREF(items);
    return key;
}

static bool is_minus_zero(double x) { return x == 0.0 && __builtin_signbit(x); }

static PyObject *complex_key(PyObject *value)
{
    Py_complex z = PyComplex_AsCComplex(value);
    bool real = is_minus_zero(z.real), imag = is_minus_zero(z.imag);
    PyObject *type = (PyObject *)Py_TYPE(value);
    if (real && imag) return PyTuple_Pack(3, type, value, Py_True);
    if (imag) return PyTuple_Pack(3, type, value, Py_False);
    if (real) return PyTuple_Pack(3, type, value, Py_None);
    return PyTuple_Pack(2, type, value);
}

/* A key that tells constants apart that compare equal (1, 1.0 and True; 0.0 and -0.0). It is
 * either the constant itself or a tuple that holds it in second place. */
PyObject *_PyCode_ConstantKey(PyObject *value)
{
    if (value == Py_None || value == Py_Ellipsis || PyLong_CheckExact(value) ||
        PyUnicode_CheckExact(value) || PyCode_Check(value)) {
        return Py_NewRef(value);
    }
    if (PyBool_Check(value) || PyBytes_CheckExact(value)) {
        return PyTuple_Pack(2, Py_TYPE(value), value);
    }
    if (PyFloat_CheckExact(value)) {
        return is_minus_zero(PyFloat_AS_DOUBLE(value))
                   ? PyTuple_Pack(3, Py_TYPE(value), value, Py_None)
                   : PyTuple_Pack(2, Py_TYPE(value), value);
    }
    if (PyComplex_CheckExact(value)) return complex_key(value);
    if (PyTuple_CheckExact(value)) return tuple_key(value);
    if (PyFrozenSet_CheckExact(value)) return frozenset_key(value);
    /* Of another type: only identical to itself. */
    PyObject *id = PyLong_FromVoidPtr(value), *key = id ? PyTuple_Pack(2, id, value) : NULL;
    Py_XDECREF(id);
    return key;
}

/* ---- Comparison ------------------------------------------------------------------------------ */

static int objects_differ(PyObject *a, PyObject *b)
{
    int equal = PyObject_RichCompareBool(a, b, Py_EQ);
    return equal < 0 ? -1 : !equal;
}

static int consts_differ(PyCodeObject *a, PyCodeObject *b)
{
    PyObject *key_a = _PyCode_ConstantKey(a->co_consts),
             *key_b = key_a ? _PyCode_ConstantKey(b->co_consts) : NULL;
    int result = key_b ? objects_differ(key_a, key_b) : -1;
    Py_XDECREF(key_a);
    Py_XDECREF(key_b);
    return result;
}

/* 1: they differ, 0: they are equal, -1: error. */
static int codes_differ(PyCodeObject *a, PyCodeObject *b)
{
    int differ = objects_differ(a->co_name, b->co_name);
    if (differ) return differ;
    if (a->co_argcount != b->co_argcount || a->co_posonlyargcount != b->co_posonlyargcount ||
        a->co_kwonlyargcount != b->co_kwonlyargcount || a->co_flags != b->co_flags ||
        a->co_firstlineno != b->co_firstlineno || Py_SIZE(a) != Py_SIZE(b) ||
        memcmp(a->co_code_adaptive, b->co_code_adaptive, (size_t)_PyCode_NBYTES(a)) != 0) {
        return 1;
    }
    if ((differ = consts_differ(a, b))) return differ;
    if ((differ = objects_differ(a->co_names, b->co_names))) return differ;
    if ((differ = objects_differ(a->co_localsplusnames, b->co_localsplusnames))) return differ;
    if ((differ = objects_differ(a->co_linetable, b->co_linetable))) return differ;
    return objects_differ(a->co_exceptiontable, b->co_exceptiontable);
}

static PyObject *code_richcompare(PyObject *self, PyObject *other, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !PyCode_Check(self) || !PyCode_Check(other)) {
        Py_RETURN_NOTIMPLEMENTED;
    }
    int differ = self == other ? 0 : codes_differ((PyCodeObject *)self, (PyCodeObject *)other);
    return differ < 0 ? NULL : PyBool_FromLong(op == Py_EQ ? !differ : differ);
}

static Py_hash_t code_hash(PyCodeObject *code)
{
    PyObject *parts[] = {code->co_name,      code->co_consts,
                         code->co_names,     code->co_localsplusnames,
                         code->co_linetable, code->co_exceptiontable};
    Py_hash_t hash =
        code->co_argcount ^ code->co_posonlyargcount ^ code->co_kwonlyargcount ^ code->co_flags;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(parts); i++) {
        Py_hash_t part = PyObject_Hash(parts[i]);
        if (part == -1) return -1;
        hash ^= part;
    }
    return hash == -1 ? -2 : hash;
}

/* ---- Extra data of extensions (PEP 523) ------------------------------------------------------ */

struct CodeExtra {
    Py_ssize_t size;
    void *items[];
};

int _PyCode_GetExtra(PyObject *op, Py_ssize_t index, void **extra)
{
    if (!PyCode_Check(op)) {
        PyErr_BadInternalCall();
        return -1;
    }
    const struct CodeExtra *extras = ((PyCodeObject *)op)->co_extra;
    *extra = extras && index >= 0 && index < extras->size ? extras->items[index] : NULL;
    return 0;
}

int _PyCode_SetExtra(PyObject *op, Py_ssize_t index, void *extra)
{
    if (!PyCode_Check(op) || index < 0 || index >= code_runtime.extra_count) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyCodeObject *code = (PyCodeObject *)op;
    struct CodeExtra *extras = code->co_extra;
    if (!extras || extras->size <= index) {
        Py_ssize_t old_size = extras ? extras->size : 0, size = code_runtime.extra_count;
        extras = PyMem_Realloc(extras, sizeof(*extras) + (size_t)size * sizeof(void *));
        if (!extras) return -1;
        for (Py_ssize_t i = old_size; i < size; i++) extras->items[i] = NULL;
        extras->size = size;
        code->co_extra = extras;
    }
    freefunc free_old = code_runtime.extra_free[index];
    if (extras->items[index] && free_old) free_old(extras->items[index]);
    extras->items[index] = extra;
    return 0;
}

Py_ssize_t _PyEval_RequestCodeExtraIndex(freefunc free)
{
    if (code_runtime.extra_count == CODE_MAX_EXTRA) return -1;
    code_runtime.extra_free[code_runtime.extra_count] = free;
    return code_runtime.extra_count++;
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void code_dealloc(PyCodeObject *code)
{
    struct CodeExtra *extras = code->co_extra;
    for (Py_ssize_t i = 0; extras && i < extras->size; i++) {
        if (extras->items[i] && code_runtime.extra_free[i]) {
            code_runtime.extra_free[i](extras->items[i]);
        }
    }
    PyMem_Free(extras);
    if (code_exec(code) && code_runtime.exec_free) code_runtime.exec_free(code_exec(code));
    if (code->co_weakreflist) PyObject_ClearWeakRefs((PyObject *)code);
    Py_XDECREF(code->co_consts);
    Py_XDECREF(code->co_names);
    Py_XDECREF(code->co_exceptiontable);
    Py_XDECREF(code->co_localsplusnames);
    Py_XDECREF(code->co_localspluskinds);
    Py_XDECREF(code->co_filename);
    Py_XDECREF(code->co_name);
    Py_XDECREF(code->co_qualname);
    Py_XDECREF(code->co_linetable);
    Py_XDECREF(code->_co_code);
    PyObject_Free(code);
}

static PyObject *code_repr(PyCodeObject *code)
{
    int line = code->co_firstlineno ? code->co_firstlineno : -1;
    if (code->co_filename && PyUnicode_Check(code->co_filename)) {
        return PyUnicode_FromFormat("<code object %U at %p, file \"%U\", line %d>", code->co_name,
                                    code, code->co_filename, line);
    }
    return PyUnicode_FromFormat("<code object %U at %p, file ???, line %d>", code->co_name, code,
                                line);
}

/* ---- types.CodeType(...) and replace() ------------------------------------------------------- */

/* A new tuple of exact strings; subclasses of str are copied. */
static PyObject *checked_names(PyObject *names)
{
    Py_ssize_t size = PyTuple_GET_SIZE(names);
    PyObject *result = PyTuple_New(size);
    for (Py_ssize_t i = 0; result && i < size; i++) {
        PyObject *item = PyTuple_GET_ITEM(names, i), *name = NULL;
        if (PyUnicode_CheckExact(item)) {
            name = Py_NewRef(item);
        } else if (PyUnicode_Check(item)) {
            name = _PyUnicode_Copy(item);
        } else {
            PyErr_Format(PyExc_TypeError, "name tuples must contain only strings, not '%.500s'",
                         Py_TYPE(item)->tp_name);
        }
        if (name) {
            PyTuple_SET_ITEM(result, i, name);
        } else {
            Py_CLEAR(result);
        }
    }
    return result;
}

static int check_not_negative(int value, const char *what)
{
    if (value >= 0) return 0;
    PyErr_Format(PyExc_ValueError, "code: %s must not be negative", what);
    return -1;
}

static PyObject *code_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    int argcount, posonly, kwonly, nlocals, stacksize, flags, first_line;
    PyObject *code, *consts, *names, *varnames, *filename, *name, *qualname, *lines, *exceptions,
        *freevars = NULL, *cellvars = NULL;
    if (type == &PyCode_Type && !_PyArg_NoKeywords("code", kwargs)) return NULL;
    if (!_PyArg_CheckPositional("code", PyTuple_GET_SIZE(args), 16, 18)) return NULL;
    if (!PyArg_ParseTuple(args, "iiiiiiSO!O!O!UUUiSS|O!O!:code", &argcount, &posonly, &kwonly,
                          &nlocals, &stacksize, &flags, &code, &PyTuple_Type, &consts,
                          &PyTuple_Type, &names, &PyTuple_Type, &varnames, &filename, &name,
                          &qualname, &first_line, &lines, &exceptions, &PyTuple_Type, &freevars,
                          &PyTuple_Type, &cellvars)) {
        return NULL;
    }
    if (PySys_Audit("code.__new__", "OOOiiiiii", code, filename, name, argcount, posonly, kwonly,
                    nlocals, stacksize, flags) < 0 ||
        check_not_negative(argcount, "argcount") < 0 ||
        check_not_negative(posonly, "posonlyargcount") < 0 ||
        check_not_negative(kwonly, "kwonlyargcount") < 0 ||
        check_not_negative(nlocals, "nlocals") < 0) {
        return NULL;
    }
    PyObject *result = NULL, *our_vars = NULL, *our_free = NULL, *our_cell = NULL,
             *our_names = checked_names(names);
    if (!our_names || !(our_vars = checked_names(varnames)) ||
        !(our_free = freevars ? checked_names(freevars) : PyTuple_New(0)) ||
        !(our_cell = cellvars ? checked_names(cellvars) : PyTuple_New(0))) {
        goto done;
    }
    result = (PyObject *)PyCode_NewWithPosOnlyArgs(argcount, posonly, kwonly, nlocals, stacksize,
                                                   flags, code, consts, our_names, our_vars,
                                                   our_free, our_cell, filename, name, qualname,
                                                   first_line, lines, exceptions);
done:
    Py_XDECREF(our_names);
    Py_XDECREF(our_vars);
    Py_XDECREF(our_free);
    Py_XDECREF(our_cell);
    return result;
}

typedef struct {
    int argcount, posonly, kwonly, nlocals, stacksize, flags, first_line;
    PyObject *code, *consts, *names, *varnames, *freevars, *cellvars, *filename, *name, *qualname,
        *lines, *exceptions;
} Changes;

/* How a keyword of replace() is read: 'i' an int, 'S' bytes, 'T' a tuple, 'U' a str. */
static const struct { const char *name; char kind; size_t offset;
} change_fields[] = {
#define FIELD(name, kind, member) {#name, kind, offsetof(Changes, member)}
    FIELD(co_argcount, 'i', argcount),
    FIELD(co_posonlyargcount, 'i', posonly),
    FIELD(co_kwonlyargcount, 'i', kwonly),
    FIELD(co_nlocals, 'i', nlocals),
    FIELD(co_stacksize, 'i', stacksize),
    FIELD(co_flags, 'i', flags),
    FIELD(co_firstlineno, 'i', first_line),
    FIELD(co_code, 'S', code),
    FIELD(co_consts, 'T', consts),
    FIELD(co_names, 'T', names),
    FIELD(co_varnames, 'T', varnames),
    FIELD(co_freevars, 'T', freevars),
    FIELD(co_cellvars, 'T', cellvars),
    FIELD(co_filename, 'U', filename),
    FIELD(co_name, 'U', name),
    FIELD(co_qualname, 'U', qualname),
    FIELD(co_linetable, 'S', lines),
    FIELD(co_exceptiontable, 'S', exceptions),
#undef FIELD
};

static int read_change(Changes *changes, size_t field, PyObject *value)
{
    const char *name = change_fields[field].name, *expected = NULL;
    void *slot = (char *)changes + change_fields[field].offset;
    switch (change_fields[field].kind) {
    case 'i': {
        int number = _PyLong_AsInt(value);
        if (number == -1 && PyErr_Occurred()) return -1;
        *(int *)slot = number;
        return 0;
    }
    case 'S': expected = PyBytes_Check(value) ? NULL : "bytes"; break;
    case 'T': expected = PyTuple_Check(value) ? NULL : "tuple"; break;
    default: expected = PyUnicode_Check(value) ? NULL : "str"; break;
    }
    if (expected) {
        PyErr_Format(PyExc_TypeError, "replace() argument '%s' must be %s, not %.50s", name,
                     expected, value == Py_None ? "None" : Py_TYPE(value)->tp_name);
        return -1;
    }
    *(PyObject **)slot = value;
    return 0;
}

static int read_changes(Changes *changes, PyObject *const *values, PyObject *names)
{
    for (Py_ssize_t i = 0; names && i < PyTuple_GET_SIZE(names); i++) {
        PyObject *name = PyTuple_GET_ITEM(names, i);
        size_t field = 0;
        while (field < Py_ARRAY_LENGTH(change_fields) &&
               !_PyUnicode_EqualToASCIIString(name, change_fields[field].name))
            field++;
        if (field == Py_ARRAY_LENGTH(change_fields)) {
            PyErr_Format(PyExc_TypeError, "'%U' is an invalid keyword argument for replace()",
                         name);
            return -1;
        }
        if (read_change(changes, field, values[i]) < 0) return -1;
    }
    const int counts[] = {changes->argcount,  changes->posonly,   changes->kwonly,
                          changes->nlocals,   changes->stacksize, changes->flags,
                          changes->first_line};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(counts); i++) {
        if (counts[i] >= 0) continue;
        PyErr_Format(PyExc_ValueError, "%s must be a positive integer", change_fields[i].name);
        return -1;
    }
    return 0;
}

static PyObject *code_replace(PyCodeObject *self, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *kwnames)
{
    if (nargs) {
        PyErr_SetString(PyExc_TypeError, "replace() takes no positional arguments");
        return NULL;
    }
    PyObject *own_code = PyCode_GetCode(self), *own_vars = PyCode_GetVarnames(self);
    PyObject *own_cell = PyCode_GetCellvars(self), *own_free = PyCode_GetFreevars(self),
             *result = NULL;
    if (!own_code || !own_vars || !own_cell || !own_free) goto done;
    Changes c = {
        .argcount = self->co_argcount,
        .posonly = self->co_posonlyargcount,
        .kwonly = self->co_kwonlyargcount,
        .nlocals = self->co_nlocals,
        .stacksize = self->co_stacksize,
        .flags = self->co_flags,
        .first_line = self->co_firstlineno,
        .code = own_code,
        .consts = self->co_consts,
        .names = self->co_names,
        .varnames = own_vars,
        .freevars = own_free,
        .cellvars = own_cell,
        .filename = self->co_filename,
        .name = self->co_name,
        .qualname = self->co_qualname,
        .lines = self->co_linetable,
        .exceptions = self->co_exceptiontable,
    };
    if (read_changes(&c, args, kwnames) < 0 ||
        PySys_Audit("code.__new__", "OOOiiiiii", c.code, c.filename, c.name, c.argcount, c.posonly,
                    c.kwonly, c.nlocals, c.stacksize, c.flags) < 0) {
        goto done;
    }
    PyCodeObject *copy =
        PyCode_NewWithPosOnlyArgs(c.argcount, c.posonly, c.kwonly, c.nlocals, c.stacksize, c.flags,
                                  c.code, c.consts, c.names, c.varnames, c.freevars, c.cellvars,
                                  c.filename, c.name, c.qualname, c.first_line, c.lines,
                                  c.exceptions);
    result = (PyObject *)copy;
done:
    Py_XDECREF(own_code);
    Py_XDECREF(own_vars);
    Py_XDECREF(own_cell);
    Py_XDECREF(own_free);
    return result;
}

/* ---- Methods and attributes ------------------------------------------------------------------ */

static PyObject *code_sizeof(PyCodeObject *self, PyObject *Py_UNUSED(ignored))
{
    const struct CodeExtra *extras = self->co_extra;
    Py_ssize_t size = Py_TYPE(self)->tp_basicsize + _PyCode_NBYTES(self);
    if (extras) size += (Py_ssize_t)sizeof(*extras) + extras->size * (Py_ssize_t)sizeof(void *);
    return PyLong_FromSsize_t(size);
}

static PyObject *code_varname_from_oparg(PyCodeObject *self, PyObject *const *args,
                                         Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"oparg", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "_varname_from_oparg"};
    PyObject *buffer[1];
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 1, 0, buffer);
    if (!args) return NULL;
    int index = _PyLong_AsInt(args[0]);
    if (index == -1 && PyErr_Occurred()) return NULL;
    if (index < 0 || index >= self->co_nlocalsplus) {
        PyErr_SetString(PyExc_IndexError, "tuple index out of range");
        return NULL;
    }
    return Py_NewRef(PyTuple_GET_ITEM(self->co_localsplusnames, index));
}

static PyObject *code_get_adaptive(PyCodeObject *self, void *Py_UNUSED(closure))
{
    return PyBytes_FromStringAndSize(self->co_code_adaptive, _PyCode_NBYTES(self));
}

static PyObject *get_code(PyCodeObject *self, void *Py_UNUSED(closure))
{
    return PyCode_GetCode(self);
}
static PyObject *get_varnames(PyCodeObject *self, void *Py_UNUSED(closure))
{
    return PyCode_GetVarnames(self);
}
static PyObject *get_cellvars(PyCodeObject *self, void *Py_UNUSED(closure))
{
    return PyCode_GetCellvars(self);
}
static PyObject *get_freevars(PyCodeObject *self, void *Py_UNUSED(closure))
{
    return PyCode_GetFreevars(self);
}
static PyObject *get_lnotab(PyCodeObject *self, void *Py_UNUSED(closure))
{
    return code_lnotab(self);
}

static PyMemberDef code_members[] = {
    {"co_argcount", T_INT, offsetof(PyCodeObject, co_argcount), READONLY, NULL},
    {"co_posonlyargcount", T_INT, offsetof(PyCodeObject, co_posonlyargcount), READONLY, NULL},
    {"co_kwonlyargcount", T_INT, offsetof(PyCodeObject, co_kwonlyargcount), READONLY, NULL},
    {"co_stacksize", T_INT, offsetof(PyCodeObject, co_stacksize), READONLY, NULL},
    {"co_flags", T_INT, offsetof(PyCodeObject, co_flags), READONLY, NULL},
    {"co_nlocals", T_INT, offsetof(PyCodeObject, co_nlocals), READONLY, NULL},
    {"co_consts", T_OBJECT, offsetof(PyCodeObject, co_consts), READONLY, NULL},
    {"co_names", T_OBJECT, offsetof(PyCodeObject, co_names), READONLY, NULL},
    {"co_filename", T_OBJECT, offsetof(PyCodeObject, co_filename), READONLY, NULL},
    {"co_name", T_OBJECT, offsetof(PyCodeObject, co_name), READONLY, NULL},
    {"co_qualname", T_OBJECT, offsetof(PyCodeObject, co_qualname), READONLY, NULL},
    {"co_firstlineno", T_INT, offsetof(PyCodeObject, co_firstlineno), READONLY, NULL},
    {"co_linetable", T_OBJECT, offsetof(PyCodeObject, co_linetable), READONLY, NULL},
    {"co_exceptiontable", T_OBJECT, offsetof(PyCodeObject, co_exceptiontable), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef code_getset[] = {
    {"co_lnotab", (getter)get_lnotab, NULL, NULL, NULL},
    {"_co_code_adaptive", (getter)code_get_adaptive, NULL, NULL, NULL},
    {"co_varnames", (getter)get_varnames, NULL, NULL, NULL},
    {"co_cellvars", (getter)get_cellvars, NULL, NULL, NULL},
    {"co_freevars", (getter)get_freevars, NULL, NULL, NULL},
    {"co_code", (getter)get_code, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(replace_doc, "replace($self, /, *, co_argcount=-1, co_posonlyargcount=-1,\n"
                          "        co_kwonlyargcount=-1, co_nlocals=-1, co_stacksize=-1,\n"
                          "        co_flags=-1, co_firstlineno=-1, co_code=None, co_consts=None,\n"
                          "        co_names=None, co_varnames=None, co_freevars=None,\n"
                          "        co_cellvars=None, co_filename=None, co_name=None,\n"
                          "        co_qualname=None, co_linetable=None, co_exceptiontable=None)\n--\n\n"
                          "A copy of the code object in which the given fields have new values.");
PyDoc_STRVAR(
    varname_doc,
    "_varname_from_oparg($self, /, oparg)\n--\n\n"
    "(internal-only) The name of the local variable that an instruction's argument means.");

static PyMethodDef code_methods[] = {
    {"__sizeof__", (PyCFunction)code_sizeof, METH_NOARGS, NULL},
    {"co_lines", (PyCFunction)code_lines, METH_NOARGS, NULL},
    {"co_positions", (PyCFunction)code_positions, METH_NOARGS, NULL},
    {"replace", (PyCFunction)(void (*)(void))code_replace, METH_FASTCALL | METH_KEYWORDS,
     replace_doc},
    {"_varname_from_oparg", (PyCFunction)(void (*)(void))code_varname_from_oparg,
     METH_FASTCALL | METH_KEYWORDS, varname_doc},
    {NULL, NULL, 0, NULL},
};

PyDoc_STRVAR(code_doc, "code(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize,\n"
                       "     flags, codestring, constants, names, varnames, filename, name,\n"
                       "     qualname, firstlineno, linetable, exceptiontable, freevars=(),\n"
                       "     cellvars=(), /)\n--\n\n"
                       "A code object made by hand. What runs it must be right in every detail.");

PyTypeObject PyCode_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "code",
    .tp_basicsize = offsetof(PyCodeObject, co_code_adaptive),
    .tp_itemsize = sizeof(_Py_CODEUNIT),
    .tp_dealloc = (destructor)code_dealloc,
    .tp_repr = (reprfunc)code_repr,
    .tp_hash = (hashfunc)code_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = code_doc,
    .tp_richcompare = code_richcompare,
    .tp_weaklistoffset = offsetof(PyCodeObject, co_weakreflist),
    .tp_methods = code_methods,
    .tp_members = code_members,
    .tp_getset = code_getset,
    .tp_new = code_new,
};

/* Reached from compilers of older Pythons only; there is nothing to optimise. */
PyObject *PyCode_Optimize(PyObject *code, PyObject *Py_UNUSED(consts), PyObject *Py_UNUSED(names),
                          PyObject *Py_UNUSED(lnotab))
{
    return Py_NewRef(code);
}

int code_init_types(void)
{
    if (PyType_Ready(&PyCode_Type) < 0 || PyType_Ready(&CodeLineIterator_Type) < 0) return -1;
    return PyType_Ready(&CodePositionsIterator_Type);
}
