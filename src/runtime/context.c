/* contextvars.Context, ContextVar and Token (PEP 567).
 *
 * A thread state has a current context, made on demand, and context_ver, which changes whenever the context does. A
 * variable remembers the value that it last had in some thread at some version, borrowed: as long as the version is the
 * same, the context's mapping keeps the value alive. */
#include "runtime/context.h"

#include <structmember.h>

#include "objects/immortal.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"
#include "runtime/hamt.h"

struct _pycontextobject {
    PyObject_HEAD
    PyContext *previous;        /* owned while entered: what was current before */
    Hamt *vars;                 /* owned */
    PyObject *weakrefs;
    int entered;
};

struct _pycontextvarobject {
    PyObject_HEAD
    PyObject *name;             /* owned str */
    PyObject *missing;          /* owned default, or NULL */
    PyObject *cached;           /* borrowed */
    uint64_t cached_thread;
    uint64_t cached_version;
    Py_hash_t hash;
};

struct _pycontexttokenobject {
    PyObject_HEAD
    PyContext *context;         /* owned */
    PyContextVar *var;          /* owned */
    PyObject *old;              /* owned, or NULL */
    int used;
};

/* Token.MISSING */
static PyTypeObject missing_type;
static PyObject missing_object = IMMORTAL_HEAD(&missing_type);

/* ---- contexts ---- */

static PyContext *context_new(Hamt *vars)
{
    PyContext *self = PyObject_GC_New(PyContext, &PyContext_Type);
    if (self == NULL) return NULL;
    self->previous = NULL;
    self->vars = vars ? (Hamt *)Py_NewRef(vars) : hamt_new();
    self->weakrefs = NULL;
    self->entered = 0;
    if (self->vars == NULL) {
        Py_DECREF(self);
        return NULL;
    }
    PyObject_GC_Track(self);
    return self;
}

/* The current context, borrowed. */
static PyContext *current_context(PyThreadState *tstate)
{
    if (tstate->context == NULL) tstate->context = (PyObject *)context_new(NULL);
    return (PyContext *)tstate->context;
}

PyObject *PyContext_New(void)
{
    return (PyObject *)context_new(NULL);
}

/* `op` as a context, or NULL with TypeError. */
static PyContext *as_context(PyObject *op)
{
    if (PyContext_CheckExact(op)) return (PyContext *)op;
    PyErr_SetString(PyExc_TypeError, "an instance of Context was expected");
    return NULL;
}

PyObject *PyContext_Copy(PyObject *op)
{
    PyContext *self = as_context(op);
    return self ? (PyObject *)context_new(self->vars) : NULL;
}

PyObject *PyContext_CopyCurrent(void)
{
    PyContext *current = current_context(PyThreadState_Get());
    return current ? (PyObject *)context_new(current->vars) : NULL;
}

int PyContext_Enter(PyObject *op)
{
    PyThreadState *tstate = PyThreadState_Get();
    PyContext *self = as_context(op);
    if (self == NULL) return -1;
    if (self->entered) {
        PyErr_Format(PyExc_RuntimeError, "cannot enter context: %R is already entered", op);
        return -1;
    }
    self->previous = (PyContext *)tstate->context;
    self->entered = 1;
    tstate->context = Py_NewRef(op);
    tstate->context_ver++;
    return 0;
}

int PyContext_Exit(PyObject *op)
{
    PyThreadState *tstate = PyThreadState_Get();
    PyContext *self = as_context(op);
    if (self == NULL) return -1;
    if (!self->entered) {
        PyErr_Format(PyExc_RuntimeError, "cannot exit context: %R has not been entered", op);
        return -1;
    }
    if (tstate->context != op) {
        PyErr_SetString(PyExc_RuntimeError, "cannot exit context: thread state references a different context object");
        return -1;
    }
    tstate->context = (PyObject *)self->previous;
    tstate->context_ver++;
    self->previous = NULL;
    self->entered = 0;
    Py_DECREF(op);
    return 0;
}

static PyObject *context_type_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    if (PyTuple_GET_SIZE(args) || (kwargs != NULL && PyDict_GET_SIZE(kwargs))) {
        PyErr_SetString(PyExc_TypeError, "Context() does not accept any arguments");
        return NULL;
    }
    return PyContext_New();
}

static int context_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PyContext *)op)->previous);
    Py_VISIT(((PyContext *)op)->vars);
    return 0;
}

static int context_clear(PyObject *op)
{
    Py_CLEAR(((PyContext *)op)->previous);
    Py_CLEAR(((PyContext *)op)->vars);
    return 0;
}

static void context_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    if (((PyContext *)op)->weakrefs != NULL) PyObject_ClearWeakRefs(op);
    context_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *context_iter(PyObject *op)
{
    return hamt_iterator(((PyContext *)op)->vars, HAMT_KEYS);
}

static PyObject *context_richcompare(PyObject *a, PyObject *b, int op)
{
    if (!PyContext_CheckExact(a) || !PyContext_CheckExact(b) || (op != Py_EQ && op != Py_NE)) Py_RETURN_NOTIMPLEMENTED;
    int equal = hamt_equal(((PyContext *)a)->vars, ((PyContext *)b)->vars);
    return equal < 0 ? NULL : PyBool_FromLong(op == Py_EQ ? equal : !equal);
}

static Py_ssize_t context_length(PyObject *op)
{
    return ((PyContext *)op)->vars->count;
}

/* As hamt_find(), for keys that must be variables. */
static int context_find(PyObject *op, PyObject *key, PyObject **value)
{
    if (!PyContextVar_CheckExact(key)) {
        PyErr_Format(PyExc_TypeError, "a ContextVar key was expected, got %R", key);
        return -1;
    }
    return hamt_find(((PyContext *)op)->vars, key, value);
}

static PyObject *context_subscript(PyObject *op, PyObject *key)
{
    PyObject *value;
    int found = context_find(op, key, &value);
    if (found == 0) PyErr_SetObject(PyExc_KeyError, key);
    return found > 0 ? Py_NewRef(value) : NULL;
}

static int context_contains(PyObject *op, PyObject *key)
{
    PyObject *value;
    return context_find(op, key, &value);
}

static PyObject *context_get(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value;
    if (!_PyArg_CheckPositional("get", nargs, 1, 2)) return NULL;
    int found = context_find(op, args[0], &value);
    if (found < 0) return NULL;
    return Py_NewRef(found ? value : nargs > 1 ? args[1] : Py_None);
}

static PyObject *context_items(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return hamt_iterator(((PyContext *)op)->vars, HAMT_ITEMS);
}

static PyObject *context_keys(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return hamt_iterator(((PyContext *)op)->vars, HAMT_KEYS);
}

static PyObject *context_values(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return hamt_iterator(((PyContext *)op)->vars, HAMT_VALUES);
}

static PyObject *context_copy(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    return (PyObject *)context_new(((PyContext *)op)->vars);
}

static PyObject *context_run(PyObject *op, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    if (nargs < 1) {
        PyErr_SetString(PyExc_TypeError, "run() missing 1 required positional argument");
        return NULL;
    }
    if (PyContext_Enter(op) < 0) return NULL;
    PyObject *result = PyObject_Vectorcall(args[0], args + 1, (size_t)(nargs - 1), names);
    if (PyContext_Exit(op) < 0) Py_CLEAR(result);
    return result;
}

static PyMethodDef context_methods[] = {
    {"copy", context_copy, METH_NOARGS, "copy($self, /)\n--\n\nA shallow copy of the context."},
    {"get", (PyCFunction)(void (*)(void))context_get, METH_FASTCALL,
     "get($self, key, default=None, /)\n--\n\nThe value of the variable `key` in this context, or else `default`."},
    {"items", context_items, METH_NOARGS, "items($self, /)\n--\n\nAll variables with their values, as pairs."},
    {"keys", context_keys, METH_NOARGS, "keys($self, /)\n--\n\nAll variables in the context."},
    {"values", context_values, METH_NOARGS, "values($self, /)\n--\n\nThe values of all variables in the context."},
    {"run", (PyCFunction)(void (*)(void))context_run, METH_FASTCALL | METH_KEYWORDS, NULL},
    {0},
};

static PySequenceMethods context_sequence = {.sq_contains = context_contains};
static PyMappingMethods context_mapping = {.mp_length = context_length, .mp_subscript = context_subscript};

PyTypeObject PyContext_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.Context",
    .tp_basicsize = sizeof(PyContext),
    .tp_dealloc = context_dealloc,
    .tp_as_sequence = &context_sequence,
    .tp_as_mapping = &context_mapping,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = context_traverse,
    .tp_clear = context_clear,
    .tp_richcompare = context_richcompare,
    .tp_weaklistoffset = offsetof(PyContext, weakrefs),
    .tp_iter = context_iter,
    .tp_methods = context_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = context_type_new,
    .tp_free = PyObject_GC_Del,
};

/* ---- variables ---- */

static PyContextVar *var_new(PyObject *name, PyObject *missing)
{
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "context variable name must be a str");
        return NULL;
    }
    Py_hash_t hash = PyObject_Hash(name);
    if (hash == -1) return NULL;
    PyContextVar *self = PyObject_GC_New(PyContextVar, &PyContextVar_Type);
    if (self == NULL) return NULL;
    hash ^= _Py_HashPointer(self);
    self->hash = hash == -1 ? -2 : hash;
    self->name = Py_NewRef(name);
    self->missing = Py_XNewRef(missing);
    self->cached = NULL;
    self->cached_thread = self->cached_version = 0;
    PyObject_GC_Track(self);
    return self;
}

PyObject *PyContextVar_New(const char *name, PyObject *missing)
{
    PyObject *string = PyUnicode_FromString(name);
    if (string == NULL) return NULL;
    PyContextVar *self = var_new(string, missing);
    Py_DECREF(string);
    return (PyObject *)self;
}

/* `op` as a variable, or NULL with TypeError. */
static PyContextVar *as_var(PyObject *op)
{
    if (PyContextVar_CheckExact(op)) return (PyContextVar *)op;
    PyErr_SetString(PyExc_TypeError, "an instance of ContextVar was expected");
    return NULL;
}

static void var_remember(PyContextVar *self, PyThreadState *tstate, PyObject *value)
{
    self->cached = value;
    self->cached_thread = tstate->id;
    self->cached_version = tstate->context_ver;
}

/* The value in the current context, borrowed: 1, 0 when there is none, -1 with an exception. */
static int var_find(PyContextVar *self, PyObject **value)
{
    PyThreadState *tstate = PyThreadState_Get();
    if (tstate->context == NULL) return 0;
    if (self->cached != NULL && self->cached_thread == tstate->id && self->cached_version == tstate->context_ver) {
        *value = self->cached;
        return 1;
    }
    int found = hamt_find(((PyContext *)tstate->context)->vars, (PyObject *)self, value);
    if (found > 0) var_remember(self, tstate, *value);
    return found;
}

static NEVER_INLINE int var_get_slow(PyObject *op, PyObject *missing, PyObject **out)
{
    PyObject *value = NULL;
    PyContextVar *self = as_var(op);
    *out = NULL;
    if (self == NULL) return -1;
    int found = var_find(self, &value);
    if (found < 0) return -1;
    *out = Py_XNewRef(found ? value : missing ? missing : self->missing);
    return 0;
}

/* numpy asks for its allocator's handler with each array: no look into the context where none is needed. */
int PyContextVar_Get(PyObject *op, PyObject *missing, PyObject **out)
{
    const PyThreadState *tstate = thread_state();
    PyContextVar *self = (PyContextVar *)op;
    if (UNLIKELY(!tstate || !PyContextVar_CheckExact(op))) return var_get_slow(op, missing, out);
    if (!tstate->context) {
        *out = Py_XNewRef(missing ? missing : self->missing);
        return 0;
    }
    if (self->cached && self->cached_thread == tstate->id && self->cached_version == tstate->context_ver) {
        *out = Py_NewRef(self->cached);
        return 0;
    }
    return var_get_slow(op, missing, out);
}

/* Sets the variable in the current context, or removes it (value NULL). */
static int var_store(PyContextVar *self, PyObject *value)
{
    PyThreadState *tstate = PyThreadState_Get();
    PyContext *context = current_context(tstate);
    if (context == NULL) return -1;
    self->cached = NULL;
    Hamt *vars;
    if (value != NULL) {
        vars = hamt_assoc(context->vars, (PyObject *)self, value);
    }
    else {
        vars = hamt_without(context->vars, (PyObject *)self);
        if (vars == context->vars) {
            Py_DECREF(vars);
            PyErr_SetObject(PyExc_LookupError, (PyObject *)self);
            return -1;
        }
    }
    if (vars == NULL) return -1;
    Py_SETREF(context->vars, vars);
    if (value != NULL) var_remember(self, tstate, value);
    return 0;
}

static PyObject *token_new(PyContext *context, PyContextVar *var, PyObject *old);

PyObject *PyContextVar_Set(PyObject *op, PyObject *value)
{
    PyContextVar *self = as_var(op);
    PyObject *old = NULL;
    if (self == NULL) return NULL;
    PyContext *context = current_context(PyThreadState_Get());
    if (context == NULL || hamt_find(context->vars, op, &old) < 0) return NULL;
    PyObject *token = token_new(context, self, old);
    if (token != NULL && var_store(self, value) < 0) Py_CLEAR(token);
    return token;
}

int PyContextVar_Reset(PyObject *op, PyObject *token_op)
{
    PyContextVar *self = as_var(op);
    if (self == NULL) return -1;
    if (!PyContextToken_CheckExact(token_op)) {
        PyErr_SetString(PyExc_TypeError, "an instance of Token was expected");
        return -1;
    }
    PyContextToken *token = (PyContextToken *)token_op;
    if (token->used) {
        PyErr_Format(PyExc_RuntimeError, "%R has already been used once", token);
        return -1;
    }
    if (self != token->var) {
        PyErr_Format(PyExc_ValueError, "%R was created by a different ContextVar", token);
        return -1;
    }
    PyContext *context = current_context(PyThreadState_Get());
    if (context == NULL) return -1;
    if (context != token->context) {
        PyErr_Format(PyExc_ValueError, "%R was created in a different Context", token);
        return -1;
    }
    token->used = 1;
    return var_store(self, token->old);
}

static PyObject *var_type_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"", "default", NULL};
    PyObject *name, *missing = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|$O:ContextVar", names, &name, &missing)) return NULL;
    return (PyObject *)var_new(name, missing);
}

static int var_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((PyContextVar *)op)->name);
    Py_VISIT(((PyContextVar *)op)->missing);
    return 0;
}

static int var_clear(PyObject *op)
{
    PyContextVar *self = (PyContextVar *)op;
    self->cached = NULL;
    Py_CLEAR(self->name);
    Py_CLEAR(self->missing);
    return 0;
}

static void var_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    var_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static Py_hash_t var_hash(PyObject *op)
{
    return ((PyContextVar *)op)->hash;
}

static PyObject *var_repr(PyObject *op)
{
    PyContextVar *self = (PyContextVar *)op;
    if (self->missing == NULL) return PyUnicode_FromFormat("<ContextVar name=%R at %p>", self->name, self);
    return PyUnicode_FromFormat("<ContextVar name=%R default=%R at %p>", self->name, self->missing, self);
}

static PyObject *var_get(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    PyObject *value;
    if (!_PyArg_CheckPositional("get", nargs, 0, 1)) return NULL;
    if (PyContextVar_Get(op, nargs ? args[0] : NULL, &value) < 0) return NULL;
    if (value == NULL) PyErr_SetObject(PyExc_LookupError, op);
    return value;
}

static PyObject *var_set(PyObject *op, PyObject *value)
{
    return PyContextVar_Set(op, value);
}

static PyObject *var_reset(PyObject *op, PyObject *token)
{
    if (!PyContextToken_CheckExact(token)) {
        return PyErr_Format(PyExc_TypeError, "expected an instance of Token, got %R", token);
    }
    if (PyContextVar_Reset(op, token) < 0) return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(var_get_doc,
"get($self, default=<unrepresentable>, /)\n--\n\n"
"The variable's value in the current context.\n\n"
"When it has none there, this gives the argument `default` if it is passed, or else the\n"
"default that the variable was made with, or else raises LookupError.");
PyDoc_STRVAR(var_set_doc,
"set($self, value, /)\n--\n\n"
"Gives the variable a value in the current context.\n\n"
"The Token that this returns brings the value from before back when it is passed to reset().");
PyDoc_STRVAR(var_reset_doc,
"reset($self, token, /)\n--\n\n"
"Gives the variable the value back that it had before the set() that made the token.");

static PyMethodDef var_methods[] = {
    {"get", (PyCFunction)(void (*)(void))var_get, METH_FASTCALL, var_get_doc},
    {"set", var_set, METH_O, var_set_doc},
    {"reset", var_reset, METH_O, var_reset_doc},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {0},
};

static PyMemberDef var_members[] = {
    {"name", T_OBJECT, offsetof(PyContextVar, name), READONLY, NULL},
    {0},
};

PyTypeObject PyContextVar_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.ContextVar",
    .tp_basicsize = sizeof(PyContextVar),
    .tp_dealloc = var_dealloc,
    .tp_repr = var_repr,
    .tp_hash = var_hash,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = var_traverse,
    .tp_clear = var_clear,
    .tp_methods = var_methods,
    .tp_members = var_members,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = var_type_new,
    .tp_free = PyObject_GC_Del,
};

/* ---- tokens ---- */

static PyObject *token_new(PyContext *context, PyContextVar *var, PyObject *old)
{
    PyContextToken *self = PyObject_GC_New(PyContextToken, &PyContextToken_Type);
    if (self == NULL) return NULL;
    self->context = (PyContext *)Py_NewRef(context);
    self->var = (PyContextVar *)Py_NewRef(var);
    self->old = Py_XNewRef(old);
    self->used = 0;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static PyObject *token_type_new(PyTypeObject *Py_UNUSED(type), PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    PyErr_SetString(PyExc_RuntimeError, "Tokens can only be created by ContextVars");
    return NULL;
}

static int token_traverse(PyObject *op, visitproc visit, void *arg)
{
    PyContextToken *self = (PyContextToken *)op;
    Py_VISIT(self->context);
    Py_VISIT(self->var);
    Py_VISIT(self->old);
    return 0;
}

static int token_clear(PyObject *op)
{
    PyContextToken *self = (PyContextToken *)op;
    Py_CLEAR(self->context);
    Py_CLEAR(self->var);
    Py_CLEAR(self->old);
    return 0;
}

static void token_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    token_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static PyObject *token_repr(PyObject *op)
{
    PyContextToken *self = (PyContextToken *)op;
    return PyUnicode_FromFormat("<Token%s var=%R at %p>", self->used ? " used" : "", self->var, self);
}

static PyObject *token_get_var(PyObject *op, void *Py_UNUSED(closure))
{
    return Py_NewRef(((PyContextToken *)op)->var);
}

static PyObject *token_get_old_value(PyObject *op, void *Py_UNUSED(closure))
{
    PyObject *old = ((PyContextToken *)op)->old;
    return Py_NewRef(old ? old : &missing_object);
}

static PyGetSetDef token_getset[] = {
    {"var", token_get_var, NULL, NULL, NULL},
    {"old_value", token_get_old_value, NULL, NULL, NULL},
    {0},
};

static PyMethodDef token_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {0},
};

PyTypeObject PyContextToken_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "_contextvars.Token",
    .tp_basicsize = sizeof(PyContextToken),
    .tp_dealloc = token_dealloc,
    .tp_repr = token_repr,
    .tp_hash = PyObject_HashNotImplemented,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = token_traverse,
    .tp_clear = token_clear,
    .tp_methods = token_methods,
    .tp_getset = token_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = token_type_new,
    .tp_free = PyObject_GC_Del,
};

static PyObject *missing_repr(PyObject *Py_UNUSED(self))
{
    return PyUnicode_FromString("<Token.MISSING>");
}

static void missing_dealloc(PyObject *Py_UNUSED(self))
{
    Py_FatalError("deallocating Token.MISSING");
}

static PyTypeObject missing_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "Token.MISSING",
    .tp_basicsize = sizeof(PyObject),
    .tp_dealloc = missing_dealloc,
    .tp_repr = missing_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT,
};

PyObject *_PyContext_NewHamtForTests(void)
{
    return (PyObject *)hamt_new();
}

int context_init_types(void)
{
    PyTypeObject *const types[] = {&PyContext_Type, &PyContextVar_Type, &missing_type, &PyContextToken_Type};
    if (hamt_init_types() < 0) return -1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyType_Ready(types[i]) < 0) return -1;
    }
    if (PyDict_SetItemString(type_dict(&PyContextToken_Type), "MISSING", &missing_object) < 0) return -1;
    PyType_Modified(&PyContextToken_Type);
    return 0;
}
