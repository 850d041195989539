/* Iteration over a subtree in document order, with a stack of its own: neither deep trees nor changes while it runs harm it. */
#include "modules/_elementtree/etree.h"

typedef struct {
    Element *parent;                /* owned */
    Py_ssize_t next;                /* child to visit next */
} Level;

typedef struct {
    PyObject_HEAD
    Level *levels;
    Py_ssize_t depth, capacity;
    Element *root;                  /* owned; NULL once visited */
    PyObject *tag;                  /* owned; None: all elements */
    bool texts;
} Iterator;

static void iterator_dealloc(Iterator *self)
{
    PyObject_GC_UnTrack(self);
    for (Py_ssize_t i = self->depth; i-- > 0;) Py_DECREF(self->levels[i].parent);
    PyMem_Free(self->levels);
    Py_XDECREF(self->root);
    Py_XDECREF(self->tag);
    PyObject_GC_Del(self);
}

static int iterator_traverse(Iterator *self, visitproc visit, void *arg)
{
    for (Py_ssize_t i = 0; i < self->depth; i++) Py_VISIT(self->levels[i].parent);
    Py_VISIT(self->root);
    Py_VISIT(self->tag);
    return 0;
}

/* Steals the element, on failure too. */
static int descend_steal(Iterator *self, Element *element)
{
    if (self->depth == self->capacity) {
        Py_ssize_t capacity = self->capacity ? 2 * self->capacity : 8;
        Level *levels = PyMem_Realloc(self->levels, (size_t)capacity * sizeof *levels);
        if (!levels) {
            Py_DECREF(element);
            PyErr_NoMemory();
            return -1;
        }
        self->levels = levels;
        self->capacity = capacity;
    }
    self->levels[self->depth++] = (Level){element, 0};
    return 0;
}

static PyObject *iterator_next(Iterator *self)
{
    for (;;) {
        Element *element;
        PyObject *text;
        if (self->depth == 0) {
            if (!self->root) return NULL;
            element = self->root;
            self->root = NULL;
        }
        else {
            Level *level = &self->levels[self->depth - 1];
            if (level->next >= etree_length(level->parent)) {
                element = level->parent;
                self->depth--;
                /* Behind the end of an element is its tail; but the root's belongs to what is around it. */
                text = self->texts && self->depth ? Py_NewRef(element->tail) : NULL;
                Py_DECREF(element);
                goto maybe_text;
            }
            element = (Element *)Py_NewRef(level->parent->extra->children[level->next++]);
        }
        if (descend_steal(self, element) < 0) return NULL;
        if (self->texts) {
            text = Py_NewRef(element->text);
            goto maybe_text;
        }
        if (self->tag == Py_None) return Py_NewRef(element);
        Py_INCREF(element);
        int same = element->tag == self->tag ? 1 : element->tag ? etree_tags_equal(element->tag, self->tag) : 0;
        if (same > 0) return (PyObject *)element;
        Py_DECREF(element);
        if (same < 0) return NULL;
        continue;
    maybe_text:
        if (!text) continue;
        if (text == Py_None) {
            Py_DECREF(text);
            continue;
        }
        int truth = PyObject_IsTrue(text);
        if (truth > 0) return text;
        Py_DECREF(text);
        if (truth < 0) return NULL;
    }
}

PyObject *etree_iterate(Element *root, PyObject *tag, bool texts)
{
    Iterator *self = PyObject_GC_New(Iterator, &etree_iterator_type);
    if (!self) return NULL;
    self->levels = NULL;
    self->depth = self->capacity = 0;
    self->root = (Element *)Py_NewRef(root);
    self->tag = Py_NewRef(tag);
    self->texts = texts;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

PyTypeObject etree_iterator_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "_elementtree._element_iterator",
    .tp_basicsize = sizeof(Iterator),
    .tp_dealloc = (destructor)iterator_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = (traverseproc)iterator_traverse,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)iterator_next,
};
