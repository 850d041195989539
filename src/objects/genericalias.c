/* types.GenericAlias: list[int]. What is put in for its type variables is worked out in genericsubst.c. */
#include "objects/abstract.h"
#include "objects/call.h"
#include "objects/generic.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/recursion.h"

#include <stdbool.h>
#include <stddef.h>
#include <structmember.h>

static inline GenericAlias *cast(PyObject *op)
{
    return (GenericAlias *)op;
}

/* ---- making and calling ---- */

/* The instance learns what it was made as, if it lets us. Steals and returns `op`; NULL with an exception. */
static PyObject *set_orig_class_steal(PyObject *op, PyObject *alias)
{
    if (op && PyObject_SetAttr(op, NAME(__orig_class__), alias) < 0) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError) && !PyErr_ExceptionMatches(PyExc_TypeError)) {
            Py_DECREF(op);
            return NULL;
        }
        PyErr_Clear();
    }
    return op;
}

static PyObject *alias_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return set_orig_class_steal(call_vector(thread_state(), cast(op)->origin, args, nargsf, kwnames), op);
}

static PyObject *alias_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return set_orig_class_steal(PyObject_Call(cast(op)->origin, args, kwargs), op);
}

/* Fills a new, zeroed alias. -1 with an exception. */
static int setup(GenericAlias *self, PyObject *origin, PyObject *args)
{
    if (PyTuple_Check(args)) Py_INCREF(args);
    else if (!(args = PyTuple_Pack(1, args))) return -1;
    self->origin = Py_NewRef(origin);
    self->args = args;
    self->vectorcall = alias_vectorcall;
    return 0;
}

PyObject *Py_GenericAlias(PyObject *origin, PyObject *args)
{
    GenericAlias *self = (GenericAlias *)PyType_GenericAlloc(&Py_GenericAliasType, 0);
    if (self && setup(self, origin, args) < 0) Py_CLEAR(self);
    return (PyObject *)self;
}

static PyObject *alias_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("GenericAlias", kwargs)) return NULL;
    if (!_PyArg_CheckPositional("GenericAlias", PyTuple_GET_SIZE(args), 2, 2)) return NULL;
    GenericAlias *self = (GenericAlias *)type->tp_alloc(type, 0);
    if (self && setup(self, PyTuple_GET_ITEM(args, 0), PyTuple_GET_ITEM(args, 1)) < 0) Py_CLEAR(self);
    return (PyObject *)self;
}

static void alias_dealloc(PyObject *op)
{
    GenericAlias *self = cast(op);
    PyObject_GC_UnTrack(op);
    Py_TRASHCAN_BEGIN(op, alias_dealloc)
    if (self->weakreflist) PyObject_ClearWeakRefs(op);
    Py_XDECREF(self->origin);
    Py_XDECREF(self->args);
    Py_XDECREF(self->parameters);
    Py_TYPE(op)->tp_free(op);
    Py_TRASHCAN_END
}

static int alias_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(cast(op)->origin);
    Py_VISIT(cast(op)->args);
    Py_VISIT(cast(op)->parameters);
    return 0;
}

/* ---- repr ---- */

/* Whether `op` is itself a generic alias of some kind, which its own repr shows best. -1 with an exception. */
static int is_alias_like(PyObject *op)
{
    PyObject *value;
    int found = _PyObject_LookupAttr(op, NAME(__origin__), &value);
    Py_XDECREF(value);
    if (found <= 0) return found;
    found = _PyObject_LookupAttr(op, NAME(__args__), &value);
    Py_XDECREF(value);
    return found;
}

/* "module.qualname" of a class-like argument, without "builtins"; else its repr. New reference. */
static PyObject *argument_text(PyObject *op)
{
    int alias = is_alias_like(op);
    if (alias) return alias < 0 ? NULL : PyObject_Repr(op);
    PyObject *qualname, *module = NULL, *result = NULL;
    if (_PyObject_LookupAttr(op, NAME(__qualname__), &qualname) < 0) return NULL;
    if (qualname && _PyObject_LookupAttr(op, NAME(__module__), &module) < 0) goto done;
    if (!module || module == Py_None) result = PyObject_Repr(op);
    else if (PyUnicode_Check(module) && _PyUnicode_EqualToASCIIString(module, "builtins")) result = PyObject_Str(qualname);
    else result = PyUnicode_FromFormat("%S.%S", module, qualname);
done:
    Py_XDECREF(qualname);
    Py_XDECREF(module);
    return result;
}

int generic_write_repr(_PyUnicodeWriter *writer, PyObject *op)
{
    if (op == Py_Ellipsis) return _PyUnicodeWriter_WriteASCIIString(writer, "...", 3);
    PyObject *text = argument_text(op);
    if (!text) return -1;
    int result = _PyUnicodeWriter_WriteStr(writer, text);
    Py_DECREF(text);
    return result;
}

static PyObject *alias_repr(PyObject *op)
{
    GenericAlias *self = cast(op);
    Py_ssize_t n = PyTuple_GET_SIZE(self->args);
    _PyUnicodeWriter writer;
    _PyUnicodeWriter_Init(&writer);
    writer.overallocate = 1;
    if (self->starred && _PyUnicodeWriter_WriteChar(&writer, '*') < 0) goto error;
    if (generic_write_repr(&writer, self->origin) < 0 || _PyUnicodeWriter_WriteChar(&writer, '[') < 0) goto error;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (i && _PyUnicodeWriter_WriteASCIIString(&writer, ", ", 2) < 0) goto error;
        if (generic_write_repr(&writer, PyTuple_GET_ITEM(self->args, i)) < 0) goto error;
    }
    if (n == 0 && _PyUnicodeWriter_WriteASCIIString(&writer, "()", 2) < 0) goto error;
    if (_PyUnicodeWriter_WriteChar(&writer, ']') < 0) goto error;
    return _PyUnicodeWriter_Finish(&writer);
error:
    _PyUnicodeWriter_Dealloc(&writer);
    return NULL;
}

/* ---- attributes: all but these few are the origin's ---- */

static const char *const own_attributes[] = {
    "__class__", "__origin__", "__args__", "__unpacked__", "__parameters__", "__typing_unpacked_tuple_args__",
    "__mro_entries__", "__reduce_ex__", "__reduce__", "__copy__", "__deepcopy__", NULL,
};

static PyObject *alias_getattro(PyObject *op, PyObject *name)
{
    if (PyUnicode_Check(name)) {
        for (const char *const *own = own_attributes; *own; own++) {
            if (_PyUnicode_EqualToASCIIString(name, *own)) return PyObject_GenericGetAttr(op, name);
        }
        return PyObject_GetAttr(cast(op)->origin, name);
    }
    return PyObject_GenericGetAttr(op, name);
}

static PyObject *alias_dir(PyObject *op, PyObject *unused)
{
    (void)unused;
    PyObject *names = PyObject_Dir(cast(op)->origin);
    for (const char *const *own = own_attributes; names && *own; own++) {
        PyObject *name = PyUnicode_FromString(*own);
        int found = name ? PySequence_Contains(names, name) : -1;
        if (found == 0) found = PyList_Append(names, name);
        Py_XDECREF(name);
        if (found < 0) Py_CLEAR(names);
    }
    return names;
}

static PyObject *alias_parameters(PyObject *op, void *unused)
{
    (void)unused;
    GenericAlias *self = cast(op);
    if (!self->parameters && !(self->parameters = generic_make_parameters(self->args))) return NULL;
    return Py_NewRef(self->parameters);
}

static PyObject *alias_unpacked_tuple_args(PyObject *op, void *unused)
{
    (void)unused;
    GenericAlias *self = cast(op);
    return Py_NewRef(self->starred && self->origin == (PyObject *)&PyTuple_Type ? self->args : Py_None);
}

static PyObject *alias_getitem(PyObject *op, PyObject *item)
{
    GenericAlias *self = cast(op);
    PyObject *parameters = alias_parameters(op, NULL);
    if (!parameters) return NULL;
    PyObject *args = generic_substitute(op, self->args, parameters, item);
    Py_DECREF(parameters);
    if (!args) return NULL;
    PyObject *result = Py_GenericAlias(self->origin, args);
    Py_DECREF(args);
    if (result) cast(result)->starred = self->starred;
    return result;
}

/* ---- comparison and the like ---- */

static Py_hash_t alias_hash(PyObject *op)
{
    if (c_stack_is_low("")) return -1;
    Py_hash_t origin = PyObject_Hash(cast(op)->origin);
    if (origin == -1) return -1;
    Py_hash_t args = PyObject_Hash(cast(op)->args);
    if (args == -1) return -1;
    Py_hash_t hash = origin ^ args;
    return hash == -1 ? -2 : hash;
}

static PyObject *alias_compare(PyObject *a, PyObject *b, int op)
{
    if ((op != Py_EQ && op != Py_NE) || !generic_check(a) || !generic_check(b)) Py_RETURN_NOTIMPLEMENTED;
    int equal = cast(a)->starred == cast(b)->starred;
    if (equal) equal = PyObject_RichCompareBool(cast(a)->origin, cast(b)->origin, Py_EQ);
    if (equal > 0) equal = PyObject_RichCompareBool(cast(a)->args, cast(b)->args, Py_EQ);
    return equal < 0 ? NULL : PyBool_FromLong(equal == (op == Py_EQ));
}

static PyObject *alias_mro_entries(PyObject *op, PyObject *bases)
{
    (void)bases;
    return PyTuple_Pack(1, cast(op)->origin);
}

static PyObject *alias_instancecheck(PyObject *op, PyObject *unused)
{
    (void)op;
    (void)unused;
    PyErr_SetString(PyExc_TypeError, "isinstance() argument 2 cannot be a parameterized generic");
    return NULL;
}

static PyObject *alias_subclasscheck(PyObject *op, PyObject *unused)
{
    (void)op;
    (void)unused;
    PyErr_SetString(PyExc_TypeError, "issubclass() argument 2 cannot be a parameterized generic");
    return NULL;
}

static PyObject *alias_reduce(PyObject *op, PyObject *unused)
{
    (void)unused;
    GenericAlias *self = cast(op);
    if (!self->starred) return Py_BuildValue("O(OO)", Py_TYPE(op), self->origin, self->args);
    /* Only iteration makes a starred one. */
    PyObject *plain = Py_GenericAlias(self->origin, self->args);
    PyObject *iterator = plain ? PyObject_GetIter(plain) : NULL;
    Py_XDECREF(plain);
    PyObject *next = iterator ? _PyEval_GetBuiltin(NAME(next)) : NULL;
    if (next) return Py_BuildValue("N(N)", next, iterator);
    Py_XDECREF(iterator);
    return NULL;
}

/* ---- *alias: an iterator over the one starred alias ---- */

typedef struct {
    PyObject_HEAD
    PyObject *alias;    /* owned; NULL at the end */
} AliasIterator;

static PyObject *alias_iter(PyObject *op)
{
    AliasIterator *it = PyObject_GC_New(AliasIterator, &_Py_GenericAliasIterType);
    if (!it) return NULL;
    it->alias = Py_NewRef(op);
    PyObject_GC_Track(it);
    return (PyObject *)it;
}

static PyObject *aliasiter_next(PyObject *op)
{
    AliasIterator *it = (AliasIterator *)op;
    if (!it->alias) return NULL;
    PyObject *starred = Py_GenericAlias(cast(it->alias)->origin, cast(it->alias)->args);
    if (!starred) return NULL;
    cast(starred)->starred = true;
    Py_CLEAR(it->alias);
    return starred;
}

static void aliasiter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    Py_XDECREF(((AliasIterator *)op)->alias);
    PyObject_GC_Del(op);
}

static int aliasiter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((AliasIterator *)op)->alias);
    return 0;
}

static int aliasiter_clear(PyObject *op)
{
    Py_CLEAR(((AliasIterator *)op)->alias);
    return 0;
}

static PyObject *aliasiter_reduce(PyObject *op, PyObject *unused)
{
    (void)unused;
    PyObject *iter = _PyEval_GetBuiltin(NAME(iter)), *alias = ((AliasIterator *)op)->alias;
    if (!iter) return NULL;
    return alias ? Py_BuildValue("N(O)", iter, alias) : Py_BuildValue("N(())", iter);
}

static PyMethodDef aliasiter_methods[] = {
    {"__reduce__", aliasiter_reduce, METH_NOARGS, NULL},
    {0},
};

PyTypeObject _Py_GenericAliasIterType = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "generic_alias_iterator",
    .tp_basicsize = sizeof(AliasIterator),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_dealloc = aliasiter_dealloc,
    .tp_traverse = aliasiter_traverse,
    .tp_clear = aliasiter_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = aliasiter_next,
    .tp_methods = aliasiter_methods,
};

/* ---- the type ---- */

static PyMethodDef alias_methods[] = {
    {"__mro_entries__", alias_mro_entries, METH_O, NULL},
    {"__instancecheck__", alias_instancecheck, METH_O, NULL},
    {"__subclasscheck__", alias_subclasscheck, METH_O, NULL},
    {"__reduce__", alias_reduce, METH_NOARGS, NULL},
    {"__dir__", alias_dir, METH_NOARGS, NULL},
    {0},
};

static PyMemberDef alias_members[] = {
    {"__origin__", T_OBJECT, offsetof(GenericAlias, origin), READONLY, NULL},
    {"__args__", T_OBJECT, offsetof(GenericAlias, args), READONLY, NULL},
    {"__unpacked__", T_BOOL, offsetof(GenericAlias, starred), READONLY, NULL},
    {0},
};

static PyGetSetDef alias_getset[] = {
    {"__parameters__", alias_parameters, NULL, PyDoc_STR("Type variables in the GenericAlias."), NULL},
    {"__typing_unpacked_tuple_args__", alias_unpacked_tuple_args, NULL, NULL, NULL},
    {0},
};

static PyNumberMethods alias_as_number = {.nb_or = union_or};
static PyMappingMethods alias_as_mapping = {.mp_subscript = alias_getitem};

PyDoc_STRVAR(alias_doc,
"A generic type with its arguments (PEP 585)\n\nOf t = list[int], t.__origin__ is list and t.__args__ is (int,).");

PyTypeObject Py_GenericAliasType = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "types.GenericAlias",
    .tp_basicsize = sizeof(GenericAlias),
    .tp_doc = alias_doc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_dealloc = alias_dealloc,
    .tp_vectorcall_offset = offsetof(GenericAlias, vectorcall),
    .tp_repr = alias_repr,
    .tp_as_number = &alias_as_number,
    .tp_as_mapping = &alias_as_mapping,
    .tp_hash = alias_hash,
    .tp_call = alias_call,
    .tp_getattro = alias_getattro,
    .tp_traverse = alias_traverse,
    .tp_richcompare = alias_compare,
    .tp_weaklistoffset = offsetof(GenericAlias, weakreflist),
    .tp_iter = alias_iter,
    .tp_methods = alias_methods,
    .tp_members = alias_members,
    .tp_getset = alias_getset,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = alias_new,
    .tp_free = PyObject_GC_Del,
};
