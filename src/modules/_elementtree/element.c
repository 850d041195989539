/* The element: its life, its attributes as an object, its constructors. */
#include "modules/_elementtree/etree.h"

/* ---- Children ------------------------------------------------------------------------------------------------- */

static ElementExtra *extra_make(Element *self)
{
    ElementExtra *extra = PyObject_Malloc(sizeof *extra);
    if (!extra) {
        PyErr_NoMemory();
        return NULL;
    }
    extra->attributes = NULL;
    extra->length = 0;
    extra->capacity = ETREE_INLINE_CHILDREN;
    extra->children = extra->inline_children;
    return self->extra = extra;
}

static void extra_free(ElementExtra *extra)
{
    Py_XDECREF(extra->attributes);
    for (Py_ssize_t i = 0; i < extra->length; i++) Py_DECREF(extra->children[i]);
    if (extra->children != extra->inline_children) PyMem_Free(extra->children);
    PyObject_Free(extra);
}

void etree_extra_clear(Element *self)
{
    ElementExtra *extra = self->extra;
    self->extra = NULL;
    if (extra) extra_free(extra);
}

int etree_resize(Element *self, Py_ssize_t more)
{
    ElementExtra *extra = self->extra ? self->extra : extra_make(self);
    if (!extra) return -1;
    Py_ssize_t size = extra->length + more;
    if (size <= extra->capacity) return 0;
    size += (size >> 3) + (size < 9 ? 3 : 6);
    if ((size_t)size > PY_SSIZE_T_MAX / sizeof(PyObject *)) goto no_memory;
    PyObject **children = PyMem_Realloc(extra->children == extra->inline_children ? NULL : extra->children,
                                        (size_t)size * sizeof *children);
    if (!children) goto no_memory;
    if (extra->children == extra->inline_children) {
        memcpy(children, extra->children, (size_t)extra->length * sizeof *children);
    }
    extra->children = children;
    extra->capacity = size;
    return 0;
no_memory:
    PyErr_NoMemory();
    return -1;
}

int etree_append(Element *self, PyObject *child)
{
    if (etree_resize(self, 1) < 0) return -1;
    self->extra->children[self->extra->length++] = Py_NewRef(child);
    return 0;
}

int etree_check_element(PyObject *o)
{
    if (etree_is_element(o)) return 0;
    PyErr_Format(PyExc_TypeError, "expected an Element, not \"%.200s\"", Py_TYPE(o)->tp_name);
    return -1;
}

PyObject *etree_attributes_borrow(Element *self)
{
    ElementExtra *extra = self->extra ? self->extra : extra_make(self);
    if (extra && !extra->attributes) extra->attributes = PyDict_New();
    return extra ? extra->attributes : NULL;
}

/* ---- Life ----------------------------------------------------------------------------------------------------- */

static int set_attributes(Element *self, PyObject *attributes)
{
    if (!attributes || PyDict_GET_SIZE(attributes) == 0) return 0;
    if (!self->extra && !extra_make(self)) return -1;
    Py_XSETREF(self->extra->attributes, Py_NewRef(attributes));
    return 0;
}

PyObject *etree_element_new(PyObject *tag, PyObject *attributes)
{
    Element *self = PyObject_GC_New(Element, &etree_element_type);
    if (!self) return NULL;
    self->tag = Py_NewRef(tag);
    self->text = Py_NewRef(Py_None);
    self->tail = Py_NewRef(Py_None);
    self->extra = NULL;
    self->weak_references = NULL;
    PyObject_GC_Track(self);
    if (set_attributes(self, attributes) < 0) Py_CLEAR(self);
    return (PyObject *)self;
}

static PyObject *element_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    Element *self = (Element *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->tag = Py_NewRef(Py_None);
    self->text = Py_NewRef(Py_None);
    self->tail = Py_NewRef(Py_None);
    return (PyObject *)self;
}

static int element_traverse(Element *self, visitproc visit, void *arg)
{
    Py_VISIT(self->tag);
    Py_VISIT(self->text);
    Py_VISIT(self->tail);
    if (self->extra) {
        Py_VISIT(self->extra->attributes);
        for (Py_ssize_t i = 0; i < self->extra->length; i++) Py_VISIT(self->extra->children[i]);
    }
    return 0;
}

static int element_clear(Element *self)
{
    Py_CLEAR(self->tag);
    Py_CLEAR(self->text);
    Py_CLEAR(self->tail);
    etree_extra_clear(self);
    return 0;
}

static void element_dealloc(Element *self)
{
    PyObject_GC_UnTrack(self);
    Py_TRASHCAN_BEGIN(self, element_dealloc)
    if (self->weak_references) PyObject_ClearWeakRefs((PyObject *)self);
    element_clear(self);
    Py_TYPE(self)->tp_free(self);
    Py_TRASHCAN_END
}

/* ---- Constructors --------------------------------------------------------------------------------------------- */

/* The positional arguments of a constructor from `first` on: a tag and perhaps a dict of attributes. -1 with an exception. */
static int check_arguments(const char *function, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t first)
{
    if (nargs < first + 1 || nargs > first + 2) {
        Py_ssize_t bound = nargs < first + 1 ? first + 1 : first + 2;
        PyErr_Format(PyExc_TypeError, "%s() takes at %s %zd argument%s (%zd given)", function, nargs < first + 1 ? "least" : "most",
                     bound, bound == 1 ? "" : "s", nargs);
        return -1;
    }
    if (nargs == first + 2 && !PyDict_Check(args[first + 1])) {
        _PyArg_BadArgument(function, first ? "argument 3" : "argument 2", "dict", args[first + 1]);
        return -1;
    }
    return 0;
}

/* A new dict of the given attributes (or NULL) and the keyword arguments; a keyword `attrib` stands for the first, if they are
 * not given. */
static PyObject *join_attributes(PyObject *given, PyObject *const *values, PyObject *kwnames)
{
    Py_ssize_t count = kwnames ? PyTuple_GET_SIZE(kwnames) : 0, named = -1;
    for (Py_ssize_t i = 0; !given && i < count && named < 0; i++) {
        if (PyUnicode_CompareWithASCIIString(PyTuple_GET_ITEM(kwnames, i), "attrib") == 0) named = i;
    }
    if (named >= 0) given = values[named];
    if (given && !PyDict_Check(given)) {
        PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.100s", Py_TYPE(given)->tp_name);
        return NULL;
    }
    PyObject *all = given ? PyDict_Copy(given) : PyDict_New();
    for (Py_ssize_t i = 0; all && i < count; i++) {
        if (i != named && PyDict_SetItem(all, PyTuple_GET_ITEM(kwnames, i), values[i]) < 0) Py_CLEAR(all);
    }
    return all;
}

/* The element that a constructor's arguments describe, from `first` on. */
static PyObject *make_element(const char *function, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, Py_ssize_t first)
{
    if (check_arguments(function, args, nargs, first) < 0) return NULL;
    if (nargs == first + 1 && !kwnames) return etree_element_new(args[first], NULL);
    PyObject *attributes = join_attributes(nargs > first + 1 ? args[first + 1] : NULL, args + nargs, kwnames);
    PyObject *element = attributes ? etree_element_new(args[first], attributes) : NULL;
    Py_XDECREF(attributes);
    return element;
}

static PyObject *element_vectorcall(PyObject *Py_UNUSED(type), PyObject *const *args, size_t nargsf, PyObject *kwnames)
{
    return make_element("Element", args, PyVectorcall_NARGS(nargsf), kwnames, 0);
}

/* For subclasses, and for those who call it. */
static int element_init(Element *self, PyObject *args, PyObject *kwargs)
{
    Py_ssize_t nargs = PyTuple_GET_SIZE(args);
    PyObject *const *items = ((PyTupleObject *)args)->ob_item;
    if (check_arguments("Element", items, nargs, 0) < 0) return -1;
    PyObject *names = NULL, *values = NULL, *attributes = NULL;
    if (kwargs && PyDict_GET_SIZE(kwargs)) {
        PyObject *keys = PyDict_Keys(kwargs);
        names = keys ? PyList_AsTuple(keys) : NULL;
        values = names ? PyDict_Values(kwargs) : NULL;
        Py_XDECREF(keys);
        if (!values) goto done;
    }
    attributes = join_attributes(nargs > 1 ? items[1] : NULL, values ? ((PyListObject *)values)->ob_item : NULL, names);
    if (!attributes) goto done;
    etree_extra_clear(self);
    if (set_attributes(self, attributes) < 0) goto done;
    Py_XSETREF(self->tag, Py_NewRef(items[0]));
    Py_XSETREF(self->text, Py_NewRef(Py_None));
    Py_XSETREF(self->tail, Py_NewRef(Py_None));
done:
    Py_XDECREF(names);
    Py_XDECREF(values);
    Py_XDECREF(attributes);
    return PyErr_Occurred() ? -1 : 0;
}

PyObject *etree_subelement(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    if (nargs > 1 && !etree_is_element(args[0])) {
        _PyArg_BadArgument("SubElement", "argument 1", etree_element_type.tp_name, args[0]);
        return NULL;
    }
    PyObject *child = make_element("SubElement", args, nargs, kwnames, 1);
    if (child && etree_append((Element *)args[0], child) < 0) Py_CLEAR(child);
    return child;
}

/* ---- Attributes of the object --------------------------------------------------------------------------------- */

static int refuse_deletion(PyObject *value)
{
    if (value) return 0;
    PyErr_SetString(PyExc_AttributeError, "can't delete element attribute");
    return -1;
}

#define FIELD(name) \
    static PyObject *get_##name(Element *self, void *Py_UNUSED(closure)) { return Py_NewRef(self->name ? self->name : Py_None); } \
    static int set_##name(Element *self, PyObject *value, void *Py_UNUSED(closure)) \
    { \
        if (refuse_deletion(value) < 0) return -1; \
        Py_XSETREF(self->name, Py_NewRef(value)); \
        return 0; \
    }
FIELD(tag)
FIELD(text)
FIELD(tail)

static PyObject *get_attrib(Element *self, void *Py_UNUSED(closure))
{
    PyObject *attributes = etree_attributes_borrow(self);
    return Py_XNewRef(attributes);
}

static int set_attrib(Element *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (refuse_deletion(value) < 0) return -1;
    if (!PyDict_Check(value)) {
        PyErr_Format(PyExc_TypeError, "attrib must be dict, not %.200s", Py_TYPE(value)->tp_name);
        return -1;
    }
    if (!self->extra && !extra_make(self)) return -1;
    Py_XSETREF(self->extra->attributes, Py_NewRef(value));
    return 0;
}

static PyGetSetDef element_attributes[] = {
    {"tag", (getter)get_tag, (setter)set_tag, "What kind of element this is: a str.", NULL},
    {"text", (getter)get_text, (setter)set_text, "The text behind the start tag, or None.", NULL},
    {"tail", (getter)get_tail, (setter)set_tail, "The text behind the end tag, or None.", NULL},
    {"attrib", (getter)get_attrib, (setter)set_attrib, "The attributes: a dict.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyObject *element_repr(PyObject *self)
{
    PyObject *tag = ((Element *)self)->tag;
    if (!tag) return PyUnicode_FromFormat("<%s at %p>", Py_TYPE(self)->tp_name, self);
    int entered = Py_ReprEnter(self);
    if (entered > 0) PyErr_Format(PyExc_RuntimeError, "reentrant call inside %s.__repr__", Py_TYPE(self)->tp_name);
    if (entered) return NULL;
    PyObject *text = PyUnicode_FromFormat("<Element %R at %p>", tag, self);
    Py_ReprLeave(self);
    return text;
}

PyTypeObject etree_element_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "xml.etree.ElementTree.Element",
    .tp_basicsize = sizeof(Element),
    .tp_dealloc = (destructor)element_dealloc,
    .tp_repr = element_repr,
    .tp_as_sequence = &etree_as_sequence,
    .tp_as_mapping = &etree_as_mapping,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)element_traverse,
    .tp_clear = (inquiry)element_clear,
    .tp_weaklistoffset = offsetof(Element, weak_references),
    .tp_methods = etree_element_methods,
    .tp_getset = element_attributes,
    .tp_init = (initproc)element_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = element_new,
    .tp_vectorcall = element_vectorcall,
    .tp_free = PyObject_GC_Del,
};
