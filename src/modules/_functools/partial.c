/* functools.partial */
#include "modules/_functools/functools.h"
#include "objects/recursion.h"

typedef struct {
    PyObject_HEAD
    PyObject *function;
    PyObject *args;             /* tuple */
    PyObject *keywords;         /* dict */
    PyObject *dict;
    PyObject *weakreflist;
    vectorcallfunc vectorcall;
} Partial;
static_assert(sizeof(Partial) == 64, "partial.__basicsize__");

static inline Partial *as_partial(PyObject *op)
{
    return (Partial *)op;
}

/* ---- Calling ---- */

/* args + the arguments of a call, in an array: `few` if they fit, else a new one. */
static PyObject **joined_arguments(Partial *self, PyObject *const *args, Py_ssize_t nargs, PyObject **few, Py_ssize_t n_few)
{
    Py_ssize_t n = PyTuple_GET_SIZE(self->args);
    PyObject **joined = n + nargs <= n_few ? few : PyMem_New(PyObject *, n + nargs);
    if (joined == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    memcpy(joined, &PyTuple_GET_ITEM(self->args, 0), (size_t)n * sizeof(PyObject *));
    if (nargs > 0) memcpy(joined + n, args, (size_t)nargs * sizeof(PyObject *));
    return joined;
}

static PyObject *partial_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    if (c_stack_is_low(" while calling a Python object")) return NULL;
    Partial *self = as_partial(op);
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf), n = PyTuple_GET_SIZE(self->args);
    Py_ssize_t n_keywords = kwnames == NULL ? 0 : PyTuple_GET_SIZE(kwnames);
    PyObject *few[10], *result = NULL, *keywords = NULL;
    Py_INCREF(self);    /* the call may replace or release what it uses */
    PyObject *function = Py_NewRef(self->function), *own_args = Py_NewRef(self->args);

    if (PyDict_GET_SIZE(self->keywords) > 0) {
        keywords = PyDict_Copy(self->keywords);
        if (keywords == NULL) goto done;
        for (Py_ssize_t i = 0; i < n_keywords; i++) {
            if (PyDict_SetItem(keywords, PyTuple_GET_ITEM(kwnames, i), args[nargs + i]) < 0) goto done;
        }
        n_keywords = 0;
    } else if (n == 1 && (nargsf & PY_VECTORCALL_ARGUMENTS_OFFSET)) {   /* there is room for one before the arguments */
        PyObject **room = (PyObject **)args - 1, *saved = room[0];
        room[0] = PyTuple_GET_ITEM(own_args, 0);
        result = PyObject_Vectorcall(function, room, (size_t)(nargs + 1), kwnames);
        room[0] = saved;
        goto done;
    }
    PyObject **joined = joined_arguments(self, args, nargs + n_keywords, few, Py_ARRAY_LENGTH(few));
    if (joined == NULL) goto done;
    result = keywords != NULL ? PyObject_VectorcallDict(function, joined, (size_t)(n + nargs), keywords)
                              : PyObject_Vectorcall(function, joined, (size_t)(n + nargs), kwnames);
    if (joined != few) PyMem_Free(joined);

done:
    Py_XDECREF(keywords);
    Py_DECREF(function);
    Py_DECREF(own_args);
    Py_DECREF(self);
    return result;
}

static PyObject *partial_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    return PyVectorcall_Call(op, args, kwargs);
}

/* ---- Life ---- */

static PyObject *merged_keywords(PyObject *inner, PyObject *kwargs)
{
    if (inner == NULL || PyDict_GET_SIZE(inner) == 0) return kwargs == NULL ? PyDict_New() : PyDict_Copy(kwargs);
    PyObject *keywords = PyDict_Copy(inner);
    if (keywords != NULL && kwargs != NULL && PyDict_Merge(keywords, kwargs, 1) < 0) Py_CLEAR(keywords);
    return keywords;
}

static PyObject *partial_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n < 1) {
        PyErr_SetString(PyExc_TypeError, "type 'partial' takes at least one argument");
        return NULL;
    }
    PyObject *function = PyTuple_GET_ITEM(args, 0), *inner_args = NULL, *inner_keywords = NULL;
    if (Py_TYPE(function)->tp_call == partial_call && as_partial(function)->dict == NULL) {    /* partial of partial: one is enough */
        inner_args = as_partial(function)->args;
        inner_keywords = as_partial(function)->keywords;
        function = as_partial(function)->function;
    }
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    Partial *self = (Partial *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->function = Py_NewRef(function);
    self->vectorcall = partial_vectorcall;
    self->args = PyTuple_GetSlice(args, 1, n);
    if (self->args != NULL && inner_args != NULL) Py_SETREF(self->args, PySequence_Concat(inner_args, self->args));
    self->keywords = self->args == NULL ? NULL : merged_keywords(inner_keywords, kwargs);
    if (self->keywords == NULL) Py_CLEAR(self);
    return (PyObject *)self;
}

static int partial_clear(PyObject *op)
{
    Partial *self = as_partial(op);
    Py_CLEAR(self->function);
    Py_CLEAR(self->args);
    Py_CLEAR(self->keywords);
    Py_CLEAR(self->dict);
    return 0;
}

static void partial_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    if (as_partial(op)->weakreflist != NULL) PyObject_ClearWeakRefs(op);
    partial_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static int partial_traverse(PyObject *op, visitproc visit, void *arg)
{
    Partial *self = as_partial(op);
    Py_VISIT(self->function);
    Py_VISIT(self->args);
    Py_VISIT(self->keywords);
    Py_VISIT(self->dict);
    return 0;
}

/* ---- Text and pickling ---- */

static PyObject *arguments_text(Partial *self)
{
    PyObject *text = PyUnicode_FromString(""), *key, *value;
    for (Py_ssize_t i = 0; text != NULL && i < PyTuple_GET_SIZE(self->args); i++) {
        Py_SETREF(text, PyUnicode_FromFormat("%U, %R", text, PyTuple_GET_ITEM(self->args, i)));
    }
    for (Py_ssize_t position = 0; text != NULL && PyDict_Next(self->keywords, &position, &key, &value);) {
        Py_INCREF(key);
        Py_INCREF(value);
        Py_SETREF(text, PyUnicode_FromFormat("%U, %S=%R", text, key, value));
        Py_DECREF(key);
        Py_DECREF(value);
    }
    return text;
}

static PyObject *partial_repr(PyObject *op)
{
    int entered = Py_ReprEnter(op);
    if (entered != 0) return entered > 0 ? PyUnicode_FromString("...") : NULL;
    PyObject *text = NULL, *arguments = arguments_text(as_partial(op));
    if (arguments != NULL) {
        text = PyUnicode_FromFormat("%s(%R%U)", Py_TYPE(op)->tp_name, as_partial(op)->function, arguments);
        Py_DECREF(arguments);
    }
    Py_ReprLeave(op);
    return text;
}

static PyObject *partial_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Partial *self = as_partial(op);
    return Py_BuildValue("O(O)(OOOO)", Py_TYPE(op), self->function, self->function, self->args, self->keywords,
                         self->dict == NULL ? Py_None : self->dict);
}

static PyObject *partial_setstate(PyObject *op, PyObject *state)
{
    Partial *self = as_partial(op);
    PyObject *function, *args, *keywords, *dict;
    if (!PyTuple_Check(state) || !PyArg_ParseTuple(state, "OOOO", &function, &args, &keywords, &dict) ||
        !PyCallable_Check(function) || !PyTuple_Check(args) || (keywords != Py_None && !PyDict_Check(keywords))) {
        PyErr_SetString(PyExc_TypeError, "invalid partial state");
        return NULL;
    }
    args = PyTuple_CheckExact(args) ? Py_NewRef(args) : PySequence_Tuple(args);
    if (args == NULL) return NULL;
    if (keywords == Py_None) keywords = PyDict_New();
    else keywords = PyDict_CheckExact(keywords) ? Py_NewRef(keywords) : PyDict_Copy(keywords);
    if (keywords == NULL) {
        Py_DECREF(args);
        return NULL;
    }
    Py_SETREF(self->function, Py_NewRef(function));
    Py_SETREF(self->args, args);
    Py_SETREF(self->keywords, keywords);
    Py_XSETREF(self->dict, dict == Py_None ? NULL : Py_NewRef(dict));
    Py_RETURN_NONE;
}

static PyMethodDef partial_methods[] = {
    {"__reduce__", partial_reduce, METH_NOARGS, NULL},
    {"__setstate__", partial_setstate, METH_O, NULL},
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585"},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef partial_members[] = {
    {"func", T_OBJECT, offsetof(Partial, function), READONLY, "the function that is called"},
    {"args", T_OBJECT, offsetof(Partial, args), READONLY, "tuple of the arguments that go first"},
    {"keywords", T_OBJECT, offsetof(Partial, keywords), READONLY, "dictionary of the keyword arguments that every call has"},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef partial_getset[] = {
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject partial_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "functools.partial",
    .tp_basicsize = sizeof(Partial),
    .tp_dealloc = partial_dealloc,
    .tp_vectorcall_offset = offsetof(Partial, vectorcall),
    .tp_repr = partial_repr,
    .tp_call = partial_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_doc = "partial(func, *args, **keywords) - a function that calls func\n    with some arguments given beforehand.\n",
    .tp_traverse = partial_traverse,
    .tp_clear = partial_clear,
    .tp_weaklistoffset = offsetof(Partial, weakreflist),
    .tp_methods = partial_methods,
    .tp_members = partial_members,
    .tp_getset = partial_getset,
    .tp_dictoffset = offsetof(Partial, dict),
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = partial_new,
    .tp_free = PyObject_GC_Del,
};
