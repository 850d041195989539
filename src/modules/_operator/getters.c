/* operator.itemgetter, attrgetter and methodcaller */
#include "modules/_operator/operator.h"

/* Checks the arguments of a call of any of the three: the one object. */
static bool check_call(const char *name, size_t nargsf, PyObject *kwnames)
{
    Py_ssize_t nargs = PyVectorcall_NARGS(nargsf);
    return _PyArg_NoKwnames(name, kwnames) && _PyArg_CheckPositional(name, nargs, 1, 1);
}

/* ---- itemgetter ---- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t n;           /* number of items */
    PyObject *item;         /* owned: the key, or a tuple of n keys if n > 1 */
    Py_ssize_t index;       /* the key as an index into a tuple, or -1 */
    vectorcallfunc vectorcall;
} ItemGetter;

static PyObject *itemgetter_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    ItemGetter *self = (ItemGetter *)op;
    if (!check_call("itemgetter", nargsf, kwnames)) return NULL;
    PyObject *object = args[0];
    if (self->n == 1) {
        if (self->index >= 0 && PyTuple_CheckExact(object) && self->index < PyTuple_GET_SIZE(object)) {
            return Py_NewRef(PyTuple_GET_ITEM(object, self->index));
        }
        return PyObject_GetItem(object, self->item);
    }
    PyObject *result = PyTuple_New(self->n);
    for (Py_ssize_t i = 0; result != NULL && i < self->n; i++) {
        PyObject *value = PyObject_GetItem(object, PyTuple_GET_ITEM(self->item, i));
        if (value == NULL) Py_CLEAR(result);
        else PyTuple_SET_ITEM(result, i, value);
    }
    return result;
}

static PyObject *itemgetter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("itemgetter", kwargs)) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *item = args;
    if (n <= 1 && !PyArg_UnpackTuple(args, "itemgetter", 1, 1, &item)) return NULL;
    ItemGetter *self = (ItemGetter *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->n = n;
    self->item = Py_NewRef(item);
    self->index = -1;
    self->vectorcall = itemgetter_vectorcall;
    if (n == 1 && PyLong_CheckExact(item)) {
        self->index = PyLong_AsSsize_t(item);
        if (self->index < 0) {
            PyErr_Clear();
            self->index = -1;
        }
    }
    return (PyObject *)self;
}

static PyObject *itemgetter_repr(PyObject *op)
{
    ItemGetter *self = (ItemGetter *)op;
    const char *name = Py_TYPE(op)->tp_name;
    int entered = Py_ReprEnter(op);
    if (entered != 0) return entered > 0 ? PyUnicode_FromFormat("%s(...)", name) : NULL;
    PyObject *text = PyUnicode_FromFormat(self->n == 1 ? "%s(%R)" : "%s%R", name, self->item);
    Py_ReprLeave(op);
    return text;
}

static PyObject *itemgetter_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    ItemGetter *self = (ItemGetter *)op;
    return Py_BuildValue(self->n == 1 ? "O(O)" : "OO", Py_TYPE(op), self->item);
}

static int itemgetter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((ItemGetter *)op)->item);
    return 0;
}

static int itemgetter_clear(PyObject *op)
{
    Py_CLEAR(((ItemGetter *)op)->item);
    return 0;
}

static void itemgetter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    itemgetter_clear(op);
    Py_TYPE(op)->tp_free(op);
}

#define DOC_REDUCE "What pickling needs"
#define GETTER_TYPE_HEAD(prefix, name, struct_type)                     \
    IMMORTAL_TYPE_HEAD,                                                 \
    .tp_name = "operator." name,                                        \
    .tp_basicsize = sizeof(struct_type),                                \
    .tp_dealloc = prefix##_dealloc,                                     \
    .tp_vectorcall_offset = offsetof(struct_type, vectorcall),          \
    .tp_repr = prefix##_repr,                                           \
    .tp_call = PyVectorcall_Call,                                       \
    .tp_getattro = PyObject_GenericGetAttr,                             \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL, \
    .tp_traverse = prefix##_traverse,                                   \
    .tp_clear = prefix##_clear,                                         \
    .tp_methods = prefix##_methods,                                     \
    .tp_alloc = PyType_GenericAlloc,                                    \
    .tp_new = prefix##_new,                                             \
    .tp_free = PyObject_GC_Del

static PyMethodDef itemgetter_methods[] = {
    {"__reduce__", itemgetter_reduce, METH_NOARGS, DOC_REDUCE},
    {NULL, NULL, 0, NULL},
};

PyTypeObject itemgetter_type = {
    GETTER_TYPE_HEAD(itemgetter, "itemgetter", ItemGetter),
    .tp_doc = "itemgetter(item, ...) --> itemgetter object\n\n"
              "A function that gets the items of what it is called with.\n"
              "After f = itemgetter(2), f(r) gives r[2].\n"
              "After g = itemgetter(2, 5, 3), g(r) gives (r[2], r[5], r[3])",
};

/* ---- attrgetter ---- */

typedef struct {
    PyObject_HEAD
    Py_ssize_t n;
    PyObject *attributes;   /* owned: tuple of names, and of tuples of names for those with dots; all interned */
    vectorcallfunc vectorcall;
} AttrGetter;

static PyObject *get_attribute(PyObject *object, PyObject *name)
{
    if (!PyTuple_Check(name)) return PyObject_GetAttr(object, name);
    PyObject *value = Py_NewRef(object);
    for (Py_ssize_t i = 0; value != NULL && i < PyTuple_GET_SIZE(name); i++) {
        Py_SETREF(value, PyObject_GetAttr(value, PyTuple_GET_ITEM(name, i)));
    }
    return value;
}

static PyObject *attrgetter_vectorcall(PyObject *op, PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    AttrGetter *self = (AttrGetter *)op;
    if (!check_call("attrgetter", nargsf, kwnames)) return NULL;
    if (self->n == 1) return get_attribute(args[0], PyTuple_GET_ITEM(self->attributes, 0));
    PyObject *result = PyTuple_New(self->n);
    for (Py_ssize_t i = 0; result != NULL && i < self->n; i++) {
        PyObject *value = get_attribute(args[0], PyTuple_GET_ITEM(self->attributes, i));
        if (value == NULL) Py_CLEAR(result);
        else PyTuple_SET_ITEM(result, i, value);
    }
    return result;
}

/* An interned name, or a tuple of those between the dots. */
static PyObject *parsed_name(PyObject *name)
{
    PyObject *dot = PyUnicode_FromString(".");
    if (dot == NULL) return NULL;
    PyObject *parts = PyUnicode_Split(name, dot, -1);
    Py_DECREF(dot);
    if (parts == NULL) return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(parts); i++) PyUnicode_InternInPlace(&PyList_GET_ITEM(parts, i));
    PyObject *result = PyList_GET_SIZE(parts) == 1 ? Py_NewRef(PyList_GET_ITEM(parts, 0)) : PyList_AsTuple(parts);
    Py_DECREF(parts);
    return result;
}

static PyObject *attrgetter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    if (!_PyArg_NoKeywords("attrgetter", kwargs)) return NULL;
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    PyObject *first;
    if (n <= 1 && !PyArg_UnpackTuple(args, "attrgetter", 1, 1, &first)) return NULL;
    PyObject *attributes = PyTuple_New(n);
    for (Py_ssize_t i = 0; attributes != NULL && i < n; i++) {
        PyObject *name = PyTuple_GET_ITEM(args, i), *parsed = NULL;
        if (PyUnicode_Check(name)) parsed = parsed_name(name);
        else PyErr_SetString(PyExc_TypeError, "attribute name must be a string");
        if (parsed == NULL) Py_CLEAR(attributes);
        else PyTuple_SET_ITEM(attributes, i, parsed);
    }
    AttrGetter *self = attributes == NULL ? NULL : (AttrGetter *)type->tp_alloc(type, 0);
    if (self == NULL) {
        Py_XDECREF(attributes);
        return NULL;
    }
    self->n = n;
    self->attributes = attributes;
    self->vectorcall = attrgetter_vectorcall;
    return (PyObject *)self;
}

/* The names as they were given, with dots. */
static PyObject *attrgetter_names(AttrGetter *self)
{
    PyObject *names = PyTuple_New(self->n), *dot = PyUnicode_FromString(".");
    for (Py_ssize_t i = 0; names != NULL && dot != NULL && i < self->n; i++) {
        PyObject *name = PyTuple_GET_ITEM(self->attributes, i);
        name = PyTuple_Check(name) ? PyUnicode_Join(dot, name) : Py_NewRef(name);
        if (name == NULL) Py_CLEAR(names);
        else PyTuple_SET_ITEM(names, i, name);
    }
    if (dot == NULL) Py_CLEAR(names);
    Py_XDECREF(dot);
    return names;
}

static PyObject *attrgetter_repr(PyObject *op)
{
    const char *name = Py_TYPE(op)->tp_name;
    int entered = Py_ReprEnter(op);
    if (entered != 0) return entered > 0 ? PyUnicode_FromFormat("%s(...)", name) : NULL;
    PyObject *text = NULL, *names = attrgetter_names((AttrGetter *)op);
    if (names != NULL) {
        text = PyTuple_GET_SIZE(names) == 1 ? PyUnicode_FromFormat("%s(%R)", name, PyTuple_GET_ITEM(names, 0))
                                            : PyUnicode_FromFormat("%s%R", name, names);
        Py_DECREF(names);
    }
    Py_ReprLeave(op);
    return text;
}

static PyObject *attrgetter_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    PyObject *names = attrgetter_names((AttrGetter *)op);
    return names == NULL ? NULL : Py_BuildValue("ON", Py_TYPE(op), names);
}

static int attrgetter_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((AttrGetter *)op)->attributes);
    return 0;
}

static int attrgetter_clear(PyObject *op)
{
    Py_CLEAR(((AttrGetter *)op)->attributes);
    return 0;
}

static void attrgetter_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    attrgetter_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef attrgetter_methods[] = {
    {"__reduce__", attrgetter_reduce, METH_NOARGS, DOC_REDUCE},
    {NULL, NULL, 0, NULL},
};

PyTypeObject attrgetter_type = {
    GETTER_TYPE_HEAD(attrgetter, "attrgetter", AttrGetter),
    .tp_doc = "attrgetter(attr, ...) --> attrgetter object\n\n"
              "A function that gets attributes of what it is called with.\n"
              "After f = attrgetter('name'), f(r) gives r.name.\n"
              "After g = attrgetter('name', 'date'), g(r) gives (r.name, r.date).\n"
              "After h = attrgetter('name.first', 'name.last'), h(r) gives\n"
              "(r.name.first, r.name.last).",
};

/* ---- methodcaller ---- */

typedef struct {
    PyObject_HEAD
    PyObject *name;         /* owned, interned */
    PyObject *args;         /* owned tuple */
    PyObject *keywords;     /* owned dict, or NULL */
} MethodCaller;

static PyObject *methodcaller_call(PyObject *op, PyObject *args, PyObject *kwargs)
{
    MethodCaller *self = (MethodCaller *)op;
    if (!_PyArg_NoKeywords("methodcaller", kwargs)) return NULL;
    if (!_PyArg_CheckPositional("methodcaller", PyTuple_GET_SIZE(args), 1, 1)) return NULL;
    PyObject *method = PyObject_GetAttr(PyTuple_GET_ITEM(args, 0), self->name);
    if (method == NULL) return NULL;
    PyObject *result = PyObject_Call(method, self->args, self->keywords);
    Py_DECREF(method);
    return result;
}

static PyObject *methodcaller_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t n = PyTuple_GET_SIZE(args);
    if (n < 1) {
        PyErr_SetString(PyExc_TypeError, "methodcaller needs at least one argument, the method name");
        return NULL;
    }
    PyObject *name = PyTuple_GET_ITEM(args, 0);
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "method name must be a string");
        return NULL;
    }
    MethodCaller *self = (MethodCaller *)type->tp_alloc(type, 0);
    if (self == NULL) return NULL;
    self->name = Py_NewRef(name);
    PyUnicode_InternInPlace(&self->name);
    self->keywords = Py_XNewRef(kwargs);
    self->args = PyTuple_GetSlice(args, 1, n);
    if (self->args == NULL) Py_CLEAR(self);
    return (PyObject *)self;
}

static PyObject *methodcaller_text(MethodCaller *self)
{
    PyObject *text = PyUnicode_FromFormat("%s(%R", Py_TYPE(self)->tp_name, self->name), *key, *value;
    for (Py_ssize_t i = 0; text != NULL && i < PyTuple_GET_SIZE(self->args); i++) {
        Py_SETREF(text, PyUnicode_FromFormat("%U, %R", text, PyTuple_GET_ITEM(self->args, i)));
    }
    for (Py_ssize_t position = 0; text != NULL && self->keywords != NULL && PyDict_Next(self->keywords, &position, &key, &value);) {
        Py_INCREF(value);
        Py_SETREF(text, PyUnicode_FromFormat("%U, %U=%R", text, key, value));
        Py_DECREF(value);
    }
    if (text != NULL) Py_SETREF(text, PyUnicode_FromFormat("%U)", text));
    return text;
}

static PyObject *methodcaller_repr(PyObject *op)
{
    int entered = Py_ReprEnter(op);
    if (entered != 0) return entered > 0 ? PyUnicode_FromFormat("%s(...)", Py_TYPE(op)->tp_name) : NULL;
    PyObject *text = methodcaller_text((MethodCaller *)op);
    Py_ReprLeave(op);
    return text;
}

/* With keywords: what makes it again is functools.partial(methodcaller, name, **keywords). */
static PyObject *methodcaller_reduce(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    MethodCaller *self = (MethodCaller *)op;
    if (self->keywords == NULL || PyDict_GET_SIZE(self->keywords) == 0) {
        PyObject *first = PyTuple_Pack(1, self->name);
        PyObject *all = first == NULL ? NULL : PySequence_Concat(first, self->args);
        Py_XDECREF(first);
        return all == NULL ? NULL : Py_BuildValue("ON", Py_TYPE(op), all);
    }
    PyObject *functools = PyImport_ImportModule("functools");
    if (functools == NULL) return NULL;
    PyObject *partial = PyObject_GetAttr(functools, NAME(partial));
    Py_DECREF(functools);
    if (partial == NULL) return NULL;
    PyObject *args[] = {(PyObject *)Py_TYPE(op), self->name};
    PyObject *constructor = PyObject_VectorcallDict(partial, args, 2, self->keywords);
    Py_DECREF(partial);
    return constructor == NULL ? NULL : Py_BuildValue("NO", constructor, self->args);
}

static int methodcaller_traverse(PyObject *op, visitproc visit, void *arg)
{
    Py_VISIT(((MethodCaller *)op)->args);
    Py_VISIT(((MethodCaller *)op)->keywords);
    return 0;
}

static int methodcaller_clear(PyObject *op)
{
    MethodCaller *self = (MethodCaller *)op;
    Py_CLEAR(self->name);
    Py_CLEAR(self->args);
    Py_CLEAR(self->keywords);
    return 0;
}

static void methodcaller_dealloc(PyObject *op)
{
    PyObject_GC_UnTrack(op);
    methodcaller_clear(op);
    Py_TYPE(op)->tp_free(op);
}

static PyMethodDef methodcaller_methods[] = {
    {"__reduce__", methodcaller_reduce, METH_NOARGS, DOC_REDUCE},
    {NULL, NULL, 0, NULL},
};

PyTypeObject methodcaller_type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "operator.methodcaller",
    .tp_basicsize = sizeof(MethodCaller),
    .tp_dealloc = methodcaller_dealloc,
    .tp_repr = methodcaller_repr,
    .tp_call = methodcaller_call,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = "methodcaller(name, ...) --> methodcaller object\n\n"
              "A function that calls a method of what it is called with.\n"
              "After f = methodcaller('name'), f(r) gives r.name().\n"
              "After g = methodcaller('name', 'date', foo=1), g(r) gives\n"
              "r.name('date', foo=1).",
    .tp_traverse = methodcaller_traverse,
    .tp_clear = methodcaller_clear,
    .tp_methods = methodcaller_methods,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = methodcaller_new,
    .tp_free = PyObject_GC_Del,
};
