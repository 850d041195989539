/* Copies of elements, and their state for pickle. */
#include "modules/_elementtree/etree.h"
#include "objects/names.h"

PyObject *etree_copy(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Element *self = (Element *)op;
    Element *copy = (Element *)etree_element_new(self->tag ? self->tag : Py_None, self->extra ? self->extra->attributes : NULL);
    if (!copy) return NULL;
    Py_SETREF(copy->text, Py_NewRef(self->text));
    Py_SETREF(copy->tail, Py_NewRef(self->tail));
    for (Py_ssize_t i = 0; i < etree_length(self); i++) {
        if (etree_append(copy, self->extra->children[i]) < 0) {
            Py_DECREF(copy);
            return NULL;
        }
    }
    return (PyObject *)copy;
}

/* A deep copy of any object: what is immutable is shared, elements copy themselves, others go to copy.deepcopy. */
static PyObject *deepcopy(PyObject *object, PyObject *memo)
{
    if (object == Py_None || PyUnicode_CheckExact(object)) return Py_NewRef(object);
    if (etree_is_exact(object) && Py_REFCNT(object) == 1) return etree_deepcopy(object, memo);
    if (PyDict_CheckExact(object) && PyDict_GET_SIZE(object) == 0) return PyDict_New();
    if (PyDict_CheckExact(object)) {
        bool simple = true;
        Py_ssize_t position = 0;
        PyObject *key, *value;
        while (simple && PyDict_Next(object, &position, &key, &value)) {
            simple = PyUnicode_CheckExact(key) && PyUnicode_CheckExact(value);
        }
        if (simple) return PyDict_Copy(object);
    }
    return PyObject_CallFunctionObjArgs(etree_runtime.deepcopy, object, memo, NULL);
}

static int copy_into(Element *self, Element *copy, PyObject *memo)
{
    PyObject *part = deepcopy(self->text, memo);
    if (!part) return -1;
    Py_SETREF(copy->text, part);
    if (!(part = deepcopy(self->tail, memo))) return -1;
    Py_SETREF(copy->tail, part);
    for (Py_ssize_t i = 0; i < etree_length(self); i++) {
        PyObject *child = Py_NewRef(self->extra->children[i]);
        part = etree_is_exact(child) && Py_REFCNT(child) == 2 ? etree_deepcopy(child, memo) : deepcopy(child, memo);
        Py_DECREF(child);
        if (part && etree_check_element(part) < 0) Py_CLEAR(part);
        int status = part ? etree_append(copy, part) : -1;
        Py_XDECREF(part);
        if (status < 0) return -1;
    }
    return 0;
}

PyObject *etree_deepcopy(PyObject *op, PyObject *memo)
{
    Element *self = (Element *)op, *copy = NULL;
    if (!PyDict_Check(memo)) {
        _PyArg_BadArgument("__deepcopy__", "argument", "dict", memo);
        return NULL;
    }
    if (Py_EnterRecursiveCall(" in Element.__deepcopy__")) return NULL;
    PyObject *tag = deepcopy(self->tag ? self->tag : Py_None, memo);
    PyObject *attributes = tag && self->extra && self->extra->attributes ? deepcopy(self->extra->attributes, memo) : NULL;
    if (!PyErr_Occurred()) copy = (Element *)etree_element_new(tag, attributes);
    Py_XDECREF(tag);
    Py_XDECREF(attributes);
    if (copy && copy_into(self, copy, memo) < 0) Py_CLEAR(copy);
    PyObject *id = copy ? PyLong_FromVoidPtr(self) : NULL;
    if (copy && (!id || PyDict_SetItem(memo, id, (PyObject *)copy) < 0)) Py_CLEAR(copy);
    Py_XDECREF(id);
    Py_LeaveRecursiveCall();
    return (PyObject *)copy;
}

/* ---- Pickle: the state is as the Python class has it --------------------------------------------------------- */

PyObject *etree_getstate(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Element *self = (Element *)op;
    Py_ssize_t n = etree_length(self);
    PyObject *children = PyList_New(n);
    if (!children) return NULL;
    for (Py_ssize_t i = 0; i < n; i++) PyList_SET_ITEM(children, i, Py_NewRef(self->extra->children[i]));
    PyObject *attributes = self->extra && self->extra->attributes ? Py_NewRef(self->extra->attributes) : PyDict_New();
    if (!attributes) {
        Py_DECREF(children);
        return NULL;
    }
    return Py_BuildValue("{sOsNsNsOsO}", "tag", self->tag ? self->tag : Py_None, "_children", children, "attrib", attributes,
                         "text", self->text, "tail", self->tail);
}

static int set_children(Element *self, PyObject *children)
{
    if (children && !PyList_Check(children)) {
        PyErr_SetString(PyExc_TypeError, "'_children' is not a list");
        return -1;
    }
    for (Py_ssize_t i = 0; children && i < PyList_GET_SIZE(children); i++) {
        PyObject *child = PyList_GET_ITEM(children, i);
        if (etree_check_element(child) < 0 || etree_append(self, child) < 0) return -1;
    }
    return 0;
}

PyObject *etree_setstate(PyObject *op, PyObject *state)
{
    Element *self = (Element *)op;
    if (!PyDict_CheckExact(state)) {
        PyErr_Format(PyExc_TypeError, "Don't know how to unpickle \"%.200R\" as an Element", state);
        return NULL;
    }
    static char *keywords[] = {"tag", "_children", "attrib", "text", "tail", NULL};
    PyObject *tag = NULL, *children = NULL, *attributes = NULL, *text = NULL, *tail = NULL, *none = PyTuple_New(0);
    int read = none ? PyArg_ParseTupleAndKeywords(none, state, "|$OOOOO", keywords, &tag, &children, &attributes, &text, &tail) : 0;
    Py_XDECREF(none);
    if (!read) return NULL;
    if (!tag) {
        PyErr_SetString(PyExc_TypeError, "tag may not be NULL");
        return NULL;
    }
    if (attributes && !PyDict_Check(attributes)) attributes = NULL;
    PyObject *fields[] = {tag, text ? text : Py_None, tail ? tail : Py_None};
    Py_XSETREF(self->tag, Py_NewRef(fields[0]));
    Py_XSETREF(self->text, Py_NewRef(fields[1]));
    Py_XSETREF(self->tail, Py_NewRef(fields[2]));
    etree_extra_clear(self);
    if (set_children(self, children) < 0) return NULL;
    if (attributes) {
        if (!etree_attributes_borrow(self)) return NULL;
        Py_SETREF(self->extra->attributes, Py_NewRef(attributes));
    }
    Py_RETURN_NONE;
}
