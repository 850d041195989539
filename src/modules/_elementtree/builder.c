/* TreeBuilder: from events to a tree of elements. */
#include "modules/_elementtree/etree.h"
#include "objects/names.h"

/* ---- Text ----------------------------------------------------------------------------------------------------- */

/* The pending text as one object; new reference. */
static PyObject *join_data(PyObject *data)
{
    if (!PyList_CheckExact(data)) return Py_NewRef(data);
    PyObject *empty = PyUnicode_New(0, 0), *text = empty ? PyUnicode_Join(empty, data) : NULL;
    Py_XDECREF(empty);
    return text;
}

/* Adds to the text or tail of an element of any kind. */
static int extend_text(PyObject *element, PyObject *name, PyObject *text)
{
    PyObject *before = PyObject_GetAttr(element, name);
    if (!before) return -1;
    PyObject *all = before == Py_None ? Py_NewRef(text) : PyNumber_Add(before, text);
    Py_DECREF(before);
    int status = all ? PyObject_SetAttr(element, name, all) : -1;
    Py_XDECREF(all);
    return status;
}

/* Gives pending text to the element it belongs to. */
static int flush(TreeBuilder *self)
{
    if (!self->data) return 0;
    PyObject *data = self->data;
    self->data = NULL;
    PyObject *text = join_data(data);
    Py_DECREF(data);
    if (!text) return -1;
    PyObject *element = self->last_for_tail ? self->last_for_tail : self->last;
    int status = 0;
    if (etree_is_exact(element)) {
        PyObject **place = self->last_for_tail ? &((Element *)element)->tail : &((Element *)element)->text;
        if (*place == Py_None) {
            Py_DECREF(*place);
            *place = text;
            return 0;
        }
    }
    Py_INCREF(element);
    status = extend_text(element, self->last_for_tail ? NAME(tail) : NAME(text), text);
    Py_DECREF(element);
    Py_DECREF(text);
    return status;
}

int etree_builder_data(TreeBuilder *self, PyObject *data)
{
    if (!self->data) {
        if (self->last == Py_None) return 0;        /* before the first element */
        self->data = Py_NewRef(data);
        return 0;
    }
    if (PyList_CheckExact(self->data)) return PyList_Append(self->data, data);
    PyObject *list = PyList_New(2);
    if (!list) return -1;
    PyList_SET_ITEM(list, 0, self->data);
    PyList_SET_ITEM(list, 1, Py_NewRef(data));
    self->data = list;
    return 0;
}

/* ---- Events --------------------------------------------------------------------------------------------------- */

int etree_builder_event(TreeBuilder *self, PyObject *event, PyObject *value)
{
    if (!event || !self->append_event) return 0;
    PyObject *pair = PyTuple_Pack(2, event, value), *none = pair ? PyObject_CallOneArg(self->append_event, pair) : NULL;
    Py_XDECREF(pair);
    Py_XDECREF(none);
    return none ? 0 : -1;
}

static int add_child(PyObject *parent, PyObject *child)
{
    if (etree_is_exact(parent) && etree_is_element(child)) return etree_append((Element *)parent, child);
    PyObject *none = PyObject_CallMethodOneArg(parent, NAME(append), child);
    Py_XDECREF(none);
    return none ? 0 : -1;
}

PyObject *etree_builder_start(TreeBuilder *self, PyObject *tag, PyObject *attributes)
{
    if (flush(self) < 0) return NULL;
    PyObject *node;
    if (!self->element_factory) node = etree_element_new(tag, attributes);
    else {
        PyObject *dict = attributes ? Py_NewRef(attributes) : PyDict_New();
        node = dict ? PyObject_CallFunctionObjArgs(self->element_factory, tag, dict, NULL) : NULL;
        Py_XDECREF(dict);
    }
    if (!node) return NULL;
    Py_CLEAR(self->last_for_tail);
    if (self->current != Py_None) {
        if (add_child(self->current, node) < 0) goto error;
    }
    else if (self->root) {
        PyErr_SetString(etree_runtime.parse_error, "multiple elements on top level");
        goto error;
    }
    else self->root = Py_NewRef(node);
    if (PyList_Append(self->stack, self->current) < 0) goto error;
    Py_SETREF(self->current, Py_NewRef(node));
    Py_SETREF(self->last, Py_NewRef(node));
    if (etree_builder_event(self, self->start_event, node) < 0) goto error;
    return node;
error:
    Py_DECREF(node);
    return NULL;
}

PyObject *etree_builder_end(TreeBuilder *self)
{
    if (flush(self) < 0) return NULL;
    Py_ssize_t depth = PyList_GET_SIZE(self->stack);
    if (depth == 0) {
        PyErr_SetString(PyExc_IndexError, "pop from empty stack");
        return NULL;
    }
    PyObject *outer = Py_NewRef(PyList_GET_ITEM(self->stack, depth - 1));
    if (PyList_SetSlice(self->stack, depth - 1, depth, NULL) < 0) {
        Py_DECREF(outer);
        return NULL;
    }
    PyObject *ended = self->current;
    self->current = outer;
    Py_SETREF(self->last, Py_NewRef(ended));
    Py_XSETREF(self->last_for_tail, Py_NewRef(ended));
    if (etree_builder_event(self, self->end_event, ended) < 0) Py_CLEAR(ended);
    return ended;
}

/* What a comment or processing instruction became: into the tree if it is to be there, and reported. Steals `node`. */
static PyObject *add_extra_steal(TreeBuilder *self, PyObject *node, bool insert, PyObject *event)
{
    if (!node) return NULL;
    if (insert && self->current != Py_None) {
        if (add_child(self->current, node) < 0) goto error;
        Py_XSETREF(self->last_for_tail, Py_NewRef(node));
    }
    if (etree_builder_event(self, event, node) < 0) goto error;
    return node;
error:
    Py_DECREF(node);
    return NULL;
}

PyObject *etree_builder_comment(TreeBuilder *self, PyObject *text)
{
    if (flush(self) < 0) return NULL;
    bool made = self->comment_factory != NULL;
    PyObject *node = made ? PyObject_CallOneArg(self->comment_factory, text) : Py_NewRef(text);
    return add_extra_steal(self, node, made && self->insert_comments, self->comment_event);
}

PyObject *etree_builder_pi(TreeBuilder *self, PyObject *target, PyObject *text)
{
    if (flush(self) < 0) return NULL;
    bool made = self->pi_factory != NULL;
    PyObject *node = made ? PyObject_CallFunctionObjArgs(self->pi_factory, target, text, NULL) : PyTuple_Pack(2, target, text);
    return add_extra_steal(self, node, made && self->insert_pis, self->pi_event);
}

PyObject *etree_builder_close(TreeBuilder *self) { return Py_NewRef(self->root ? self->root : Py_None); }

/* ---- The type ------------------------------------------------------------------------------------------------- */

static PyObject *builder_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    TreeBuilder *self = (TreeBuilder *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->current = Py_NewRef(Py_None);
    self->last = Py_NewRef(Py_None);
    self->stack = PyList_New(0);
    if (!self->stack) Py_CLEAR(self);
    return (PyObject *)self;
}

static void set_factory(PyObject **place, PyObject *given, PyObject *fallback)
{
    PyObject *factory = given && given != Py_None ? given : fallback;
    Py_XSETREF(*place, Py_XNewRef(factory));
}

static int builder_init(TreeBuilder *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"element_factory", "comment_factory", "pi_factory", "insert_comments", "insert_pis", NULL};
    PyObject *element = NULL, *comment = NULL, *pi = NULL;
    int insert_comments = 0, insert_pis = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|O$OOpp:TreeBuilder", keywords, &element, &comment, &pi, &insert_comments,
                                     &insert_pis)) {
        return -1;
    }
    set_factory(&self->element_factory, element, NULL);
    set_factory(&self->comment_factory, comment, etree_runtime.comment_factory);
    set_factory(&self->pi_factory, pi, etree_runtime.pi_factory);
    self->insert_comments = insert_comments;
    self->insert_pis = insert_pis;
    return 0;
}

#define FOR_EACH_FIELD(F) \
    F(root) F(current) F(last) F(last_for_tail) F(data) F(stack) F(element_factory) F(comment_factory) F(pi_factory) \
    F(append_event) F(start_event) F(end_event) F(start_ns_event) F(end_ns_event) F(comment_event) F(pi_event)

static int builder_traverse(TreeBuilder *self, visitproc visit, void *arg)
{
#define VISIT(field) Py_VISIT(self->field);
    FOR_EACH_FIELD(VISIT)
    return 0;
}

static int builder_clear(TreeBuilder *self)
{
#define CLEAR(field) Py_CLEAR(self->field);
    FOR_EACH_FIELD(CLEAR)
    return 0;
}

static void builder_dealloc(TreeBuilder *self)
{
    PyObject_GC_UnTrack(self);
    builder_clear(self);
    Py_TYPE(self)->tp_free(self);
}

/* ---- Methods -------------------------------------------------------------------------------------------------- */

static PyObject *method_start(TreeBuilder *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("start", nargs, 2, 2)) return NULL;
    if (!PyDict_Check(args[1])) {
        _PyArg_BadArgument("start", "argument 2", "dict", args[1]);
        return NULL;
    }
    return etree_builder_start(self, args[0], args[1]);
}

static PyObject *method_data(TreeBuilder *self, PyObject *data)
{
    if (etree_builder_data(self, data) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *method_end(TreeBuilder *self, PyObject *Py_UNUSED(tag)) { return etree_builder_end(self); }

static PyObject *method_pi(TreeBuilder *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("pi", nargs, 1, 2)) return NULL;
    return etree_builder_pi(self, args[0], nargs > 1 ? args[1] : Py_None);
}

static PyObject *method_close(TreeBuilder *self, PyObject *Py_UNUSED(ignored)) { return etree_builder_close(self); }

static PyMethodDef builder_methods[] = {
    {"data", (PyCFunction)method_data, METH_O, "data($self, data, /)\n--\n\n"},
    {"start", (PyCFunction)(void (*)(void))method_start, METH_FASTCALL, "start($self, tag, attrs, /)\n--\n\n"},
    {"end", (PyCFunction)method_end, METH_O, "end($self, tag, /)\n--\n\n"},
    {"comment", (PyCFunction)etree_builder_comment, METH_O, "comment($self, text, /)\n--\n\n"},
    {"pi", (PyCFunction)(void (*)(void))method_pi, METH_FASTCALL, "pi($self, target, text=None, /)\n--\n\n"},
    {"close", (PyCFunction)method_close, METH_NOARGS, "close($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

PyTypeObject etree_builder_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "xml.etree.ElementTree.TreeBuilder",
    .tp_basicsize = sizeof(TreeBuilder),
    .tp_dealloc = (destructor)builder_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)builder_traverse,
    .tp_clear = (inquiry)builder_clear,
    .tp_methods = builder_methods,
    .tp_init = (initproc)builder_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = builder_new,
    .tp_free = PyObject_GC_Del,
};
