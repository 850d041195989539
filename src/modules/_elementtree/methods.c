/* The methods of elements. */
#include "modules/_elementtree/etree.h"
#include "objects/names.h"

#define SELF ((Element *)op)

/* ---- Searching ------------------------------------------------------------------------------------------------ */

/* Whether a path is more than the tag of a child, so that ElementPath must look at it. */
static bool is_path(PyObject *path)
{
    if (!PyUnicode_Check(path)) return !PyBytes_Check(path) || strpbrk(PyBytes_AS_STRING(path), "/*[@.") != NULL;
    if (PyUnicode_READY(path) < 0) {
        PyErr_Clear();
        return true;
    }
    int kind = PyUnicode_KIND(path);
    const void *data = PyUnicode_DATA(path);
    Py_ssize_t n = PyUnicode_GET_LENGTH(path);
    if (n >= 3 && PyUnicode_READ(kind, data, 0) == '{'
        && (PyUnicode_READ(kind, data, 1) == '}'
            || (PyUnicode_READ(kind, data, 1) == '*' && PyUnicode_READ(kind, data, 2) == '}'))) {
        return true;        /* {}tag or {*}tag */
    }
    bool outside = true;    /* of a namespace in braces */
    for (Py_ssize_t i = 0; i < n; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c == '{') outside = false;
        else if (c == '}') outside = true;
        else if (outside && (c == '/' || c == '*' || c == '[' || c == '@' || c == '.')) return true;
    }
    return false;
}

/* The first child from *index on whose tag equals: new reference, *index behind it. NULL at the end, or with an exception. */
static Element *next_child(Element *self, PyObject *tag, Py_ssize_t *index)
{
    while (*index < etree_length(self)) {
        Element *child = (Element *)Py_NewRef(self->extra->children[(*index)++]);
        int same = child->tag == tag ? 1 : child->tag ? etree_tags_equal(child->tag, tag) : 0;
        if (same > 0) return child;
        Py_DECREF(child);
        if (same < 0) return NULL;
    }
    return NULL;
}

enum { ARGUMENTS_MAX = 3 };

/* The arguments of the searching methods, borrowed, None where not given; -1 with an exception. */
static int read_arguments(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser, int most,
                          PyObject **values)
{
    PyObject *buffer[ARGUMENTS_MAX];
    PyObject *const *found = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, parser, 1, most, 0, buffer);
    if (!found) return -1;
    /* Without keywords these are the arguments themselves, and no more of them. */
    for (int i = 0; i < most; i++) values[i] = (kwnames || i < nargs) && found[i] ? found[i] : Py_None;
    return 0;
}

#define METHOD(name) static PyObject *element_##name(PyObject *op, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
#define READ(method, most, ...) \
    static const char *const keywords_[] = {__VA_ARGS__, NULL}; \
    static _PyArg_Parser parser_ = {.keywords = keywords_, .fname = method}; \
    PyObject *values[ARGUMENTS_MAX]; \
    if (read_arguments(args, nargs, kwnames, &parser_, most, values) < 0) return NULL

METHOD(find)
{
    READ("find", 2, "path", "namespaces");
    if (is_path(values[0]) || values[1] != Py_None) {
        return PyObject_CallMethodObjArgs(etree_runtime.element_path, NAME(find), op, values[0], values[1], NULL);
    }
    Py_ssize_t index = 0;
    Element *child = next_child(SELF, values[0], &index);
    if (!child && !PyErr_Occurred()) Py_RETURN_NONE;
    return (PyObject *)child;
}

METHOD(findtext)
{
    READ("findtext", 3, "path", "default", "namespaces");
    if (is_path(values[0]) || values[2] != Py_None) {
        return PyObject_CallMethodObjArgs(etree_runtime.element_path, NAME(findtext), op, values[0], values[1], values[2], NULL);
    }
    Py_ssize_t index = 0;
    Element *child = next_child(SELF, values[0], &index);
    if (!child) return PyErr_Occurred() ? NULL : Py_NewRef(values[1]);
    PyObject *text = child->text == Py_None ? PyUnicode_New(0, 0) : Py_NewRef(child->text);
    Py_DECREF(child);
    return text;
}

METHOD(findall)
{
    READ("findall", 2, "path", "namespaces");
    if (is_path(values[0]) || values[1] != Py_None) {
        return PyObject_CallMethodObjArgs(etree_runtime.element_path, NAME(findall), op, values[0], values[1], NULL);
    }
    PyObject *list = PyList_New(0);
    Py_ssize_t index = 0;
    for (Element *child; list && (child = next_child(SELF, values[0], &index));) {
        if (PyList_Append(list, (PyObject *)child) < 0) Py_CLEAR(list);
        Py_DECREF(child);
    }
    if (PyErr_Occurred()) Py_CLEAR(list);
    return list;
}

METHOD(iterfind)
{
    READ("iterfind", 2, "path", "namespaces");
    return PyObject_CallMethodObjArgs(etree_runtime.element_path, NAME(iterfind), op, values[0], values[1], NULL);
}

METHOD(iter)
{
    static const char *const keywords[] = {"tag", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "iter"};
    PyObject *buffer[1];
    PyObject *const *found = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 0, 1, 0, buffer);
    if (!found) return NULL;
    PyObject *tag = (kwnames || nargs) && found[0] ? found[0] : Py_None;
    bool star = PyUnicode_Check(tag)  ? PyUnicode_GET_LENGTH(tag) == 1 && PyUnicode_READ_CHAR(tag, 0) == '*'
                : PyBytes_Check(tag) ? PyBytes_GET_SIZE(tag) == 1 && *PyBytes_AS_STRING(tag) == '*'
                                     : false;
    return etree_iterate(SELF, star ? Py_None : tag, false);
}

static PyObject *element_itertext(PyObject *op, PyObject *Py_UNUSED(ignored)) { return etree_iterate(SELF, Py_None, true); }

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

METHOD(get)
{
    READ("get", 2, "key", "default");
    if (!SELF->extra || !SELF->extra->attributes) return Py_NewRef(values[1]);
    /* Comparing keys may run code that takes the dict away. */
    PyObject *attributes = Py_NewRef(SELF->extra->attributes);
    PyObject *value = PyDict_GetItemWithError(attributes, values[0]);
    if (value || !PyErr_Occurred()) value = Py_NewRef(value ? value : values[1]);
    Py_DECREF(attributes);
    return value;
}

static PyObject *element_set(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("set", nargs, 2, 2)) return NULL;
    PyObject *attributes = etree_attributes_borrow(SELF);
    if (!attributes) return NULL;
    Py_INCREF(attributes);
    int status = PyDict_SetItem(attributes, args[0], args[1]);
    Py_DECREF(attributes);
    if (status < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *element_items(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    if (!SELF->extra || !SELF->extra->attributes) return PyList_New(0);
    PyObject *attributes = Py_NewRef(SELF->extra->attributes), *list = PyDict_Items(attributes);
    Py_DECREF(attributes);
    return list;
}

static PyObject *element_keys(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    if (!SELF->extra || !SELF->extra->attributes) return PyList_New(0);
    PyObject *attributes = Py_NewRef(SELF->extra->attributes), *list = PyDict_Keys(attributes);
    Py_DECREF(attributes);
    return list;
}

/* ---- Children ------------------------------------------------------------------------------------------------- */

static int check_argument(const char *method, const char *place, PyObject *o)
{
    if (etree_is_element(o)) return 0;
    _PyArg_BadArgument(method, place, etree_element_type.tp_name, o);
    return -1;
}

static PyObject *element_append(PyObject *op, PyObject *child)
{
    if (check_argument("append", "argument", child) < 0 || etree_append(SELF, child) < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *element_extend(PyObject *op, PyObject *elements)
{
    PyObject *all = PySequence_Fast(elements, "");
    if (!all) {
        PyErr_Format(PyExc_TypeError, "expected sequence, not \"%.200s\"", Py_TYPE(elements)->tp_name);
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(all); i++) {
        PyObject *child = Py_NewRef(PySequence_Fast_GET_ITEM(all, i));
        int failed = etree_check_element(child) < 0 || etree_append(SELF, child) < 0;
        Py_DECREF(child);
        if (failed) {
            Py_DECREF(all);
            return NULL;
        }
    }
    Py_DECREF(all);
    Py_RETURN_NONE;
}

static PyObject *element_insert(PyObject *op, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("insert", nargs, 2, 2)) return NULL;
    PyObject *number = _PyNumber_Index(args[0]);
    Py_ssize_t index = number ? PyLong_AsSsize_t(number) : -1;
    Py_XDECREF(number);
    if ((index == -1 && PyErr_Occurred()) || check_argument("insert", "argument 2", args[1]) < 0) return NULL;
    Py_ssize_t n = etree_length(SELF);
    if (index < 0) index = index + n < 0 ? 0 : index + n;
    if (index > n) index = n;
    if (etree_resize(SELF, 1) < 0) return NULL;
    PyObject **place = &SELF->extra->children[index];
    memmove(place + 1, place, (size_t)(n - index) * sizeof *place);
    *place = Py_NewRef(args[1]);
    SELF->extra->length++;
    Py_RETURN_NONE;
}

/* Identity first, then equality, which may change the list. */
static PyObject *element_remove(PyObject *op, PyObject *child)
{
    if (check_argument("remove", "argument", child) < 0) return NULL;
    Py_ssize_t i = 0;
    while (i < etree_length(SELF) && SELF->extra->children[i] != child) i++;
    if (i == etree_length(SELF)) {
        for (i = 0; i < etree_length(SELF); i++) {
            PyObject *candidate = Py_NewRef(SELF->extra->children[i]);
            int same = PyObject_RichCompareBool(candidate, child, Py_EQ);
            Py_DECREF(candidate);
            if (same < 0) return NULL;
            if (same) break;
        }
    }
    if (i >= etree_length(SELF)) {
        PyErr_SetString(PyExc_ValueError, "list.remove(x): x not in list");
        return NULL;
    }
    PyObject **place = &SELF->extra->children[i], *found = *place;
    SELF->extra->length--;
    memmove(place, place + 1, (size_t)(SELF->extra->length - i) * sizeof *place);
    Py_DECREF(found);
    Py_RETURN_NONE;
}

static PyObject *element_makeelement(PyObject *Py_UNUSED(op), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("makeelement", nargs, 2, 2)) return NULL;
    if (!PyDict_Check(args[1])) {
        _PyArg_BadArgument("makeelement", "argument 2", "dict", args[1]);
        return NULL;
    }
    PyObject *attributes = PyDict_Copy(args[1]);
    PyObject *element = attributes ? etree_element_new(args[0], attributes) : NULL;
    Py_XDECREF(attributes);
    return element;
}

static PyObject *element_clear_all(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    etree_extra_clear(SELF);
    Py_XSETREF(SELF->text, Py_NewRef(Py_None));
    Py_XSETREF(SELF->tail, Py_NewRef(Py_None));
    Py_RETURN_NONE;
}

static PyObject *element_sizeof(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Py_ssize_t size = Py_TYPE(op)->tp_basicsize;
    const ElementExtra *extra = SELF->extra;
    if (extra) size += (Py_ssize_t)sizeof *extra;
    if (extra && extra->children != extra->inline_children) size += (Py_ssize_t)sizeof(PyObject *) * extra->capacity;
    return PyLong_FromSsize_t(size);
}

#define PLAIN(name, signature) {#name, element_##name, METH_NOARGS, #name signature "\n--\n\n"}
#define ONE(name, signature) {#name, element_##name, METH_O, #name signature "\n--\n\n"}
#define FAST(name, signature) {#name, (PyCFunction)(void (*)(void))element_##name, METH_FASTCALL, #name signature "\n--\n\n"}
#define WORDS(name, signature) \
    {#name, (PyCFunction)(void (*)(void))element_##name, METH_FASTCALL | METH_KEYWORDS, #name signature "\n--\n\n"}

PyMethodDef etree_element_methods[] = {
    {"clear", element_clear_all, METH_NOARGS, "clear($self, /)\n--\n\n"},
    WORDS(get, "($self, /, key, default=None)"),
    FAST(set, "($self, key, value, /)"),
    WORDS(find, "($self, /, path, namespaces=None)"),
    WORDS(findtext, "($self, /, path, default=None, namespaces=None)"),
    WORDS(findall, "($self, /, path, namespaces=None)"),
    ONE(append, "($self, subelement, /)"),
    ONE(extend, "($self, elements, /)"),
    FAST(insert, "($self, index, subelement, /)"),
    ONE(remove, "($self, subelement, /)"),
    WORDS(iter, "($self, /, tag=None)"),
    PLAIN(itertext, "($self, /)"),
    WORDS(iterfind, "($self, /, path, namespaces=None)"),
    PLAIN(items, "($self, /)"),
    PLAIN(keys, "($self, /)"),
    FAST(makeelement, "($self, tag, attrib, /)"),
    {"__copy__", etree_copy, METH_NOARGS, "__copy__($self, /)\n--\n\n"},
    {"__deepcopy__", etree_deepcopy, METH_O, "__deepcopy__($self, memo, /)\n--\n\n"},
    {"__sizeof__", element_sizeof, METH_NOARGS, "__sizeof__($self, /)\n--\n\n"},
    {"__getstate__", etree_getstate, METH_NOARGS, "__getstate__($self, /)\n--\n\n"},
    {"__setstate__", etree_setstate, METH_O, "__setstate__($self, state, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};
