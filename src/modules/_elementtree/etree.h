/* _elementtree: the fast half of xml.etree.ElementTree.
 *
 * An element has its attributes and children in a block of its own (ElementExtra), which most leaves do without. What must hold:
 * `tag`, `text` and `tail` are never NULL, except in an element that __new__ alone has made, whose `tag` is NULL; children are
 * elements; attributes are a dict or absent.
 */
#ifndef KRAIT_MODULES_ELEMENTTREE_H
#define KRAIT_MODULES_ELEMENTTREE_H

#include <Python.h>
#include <stdbool.h>

enum { ETREE_INLINE_CHILDREN = 4 };

typedef struct {
    PyObject *attributes;           /* owned dict, or NULL: none */
    Py_ssize_t length, capacity;    /* of children */
    PyObject **children;            /* owned elements */
    PyObject *inline_children[ETREE_INLINE_CHILDREN];   /* where `children` points as long as they fit */
} ElementExtra;

typedef struct {
    PyObject_HEAD
    PyObject *tag, *text, *tail;    /* owned */
    ElementExtra *extra;            /* NULL: neither attributes nor children */
    PyObject *weak_references;
} Element;

typedef struct {
    PyObject_HEAD
    PyObject *root;                 /* owned, or NULL before the first element */
    PyObject *current;              /* owned: the open element, or None */
    PyObject *last;                 /* owned: the element last opened or closed, or None */
    PyObject *last_for_tail;        /* owned: what text is the tail of, or NULL: text goes into `last` */
    PyObject *data;                 /* owned: pending text, one piece or a list of pieces, or NULL */
    PyObject *stack;                /* owned list: what was `current` before each open element */
    PyObject *element_factory, *comment_factory, *pi_factory;   /* owned, or NULL */
    PyObject *append_event;         /* owned: where events go, or NULL */
    PyObject *start_event, *end_event, *start_ns_event, *end_ns_event, *comment_event, *pi_event;    /* owned, or NULL */
    bool insert_comments, insert_pis;
} TreeBuilder;

extern struct EtreeRuntime {
    PyObject *parse_error;          /* all owned for the life of the process */
    PyObject *deepcopy;             /* copy.deepcopy */
    PyObject *element_path;         /* the module xml.etree.ElementPath */
    PyObject *comment_factory, *pi_factory;     /* of _set_factories(), or NULL */
} etree_runtime;

extern PyTypeObject etree_element_type, etree_iterator_type, etree_builder_type, etree_parser_type;

static inline bool etree_is_element(PyObject *o) { return PyObject_TypeCheck(o, &etree_element_type); }
static inline bool etree_is_exact(PyObject *o) { return Py_IS_TYPE(o, &etree_element_type); }
static inline Py_ssize_t etree_length(const Element *e) { return e->extra ? e->extra->length : 0; }

/* As PyObject_RichCompareBool for ==; the tag that is looked at may go away in the comparison. */
static inline int etree_tags_equal(PyObject *tag, PyObject *wanted)
{
    Py_INCREF(tag);
    int same = PyObject_RichCompareBool(tag, wanted, Py_EQ);
    Py_DECREF(tag);
    return same;
}

/* ---- element.c ---- */

/* A new element; `attributes` (borrowed, not copied) may be NULL. */
PyObject *etree_element_new(PyObject *tag, PyObject *attributes);
/* The dict of attributes, borrowed, made if there is none. */
PyObject *etree_attributes_borrow(Element *self);
/* Adds a child at the end. -1 with an exception. */
int etree_append(Element *self, PyObject *child);
int etree_resize(Element *self, Py_ssize_t more);       /* room for more children; length stays */
void etree_extra_clear(Element *self);
PyObject *etree_subelement(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
/* Raises TypeError unless o is an element. */
int etree_check_element(PyObject *o);

/* ---- sequence.c, methods.c, copying.c, iterate.c ---- */

extern PySequenceMethods etree_as_sequence;
extern PyMappingMethods etree_as_mapping;
extern PyMethodDef etree_element_methods[];
PyObject *etree_copy(PyObject *self, PyObject *ignored);
PyObject *etree_deepcopy(PyObject *self, PyObject *memo);
PyObject *etree_getstate(PyObject *self, PyObject *ignored);
PyObject *etree_setstate(PyObject *self, PyObject *state);
/* Over the subtree: elements with this tag (None: all), or texts. Borrows. */
PyObject *etree_iterate(Element *root, PyObject *tag, bool texts);

/* ---- builder.c ---- */

PyObject *etree_builder_start(TreeBuilder *self, PyObject *tag, PyObject *attributes);  /* attributes: NULL, or given up */
PyObject *etree_builder_end(TreeBuilder *self);
int etree_builder_data(TreeBuilder *self, PyObject *data);
PyObject *etree_builder_comment(TreeBuilder *self, PyObject *text);
PyObject *etree_builder_pi(TreeBuilder *self, PyObject *target, PyObject *text);
PyObject *etree_builder_close(TreeBuilder *self);
int etree_builder_event(TreeBuilder *self, PyObject *event, PyObject *value);     /* nothing if nobody asked for it */

#endif
