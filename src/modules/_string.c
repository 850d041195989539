/* The module _string: the format-string parser of str.format(), for string.Formatter. */
#include "objects/str/format_string.h"

/* An iterator over the pieces of a format string, or over the steps of a field's name. */
typedef struct {
    PyObject_HEAD
    PyObject *str;                      /* owned */
    FormatMarkup markup;
    Part rest;
} StringIter;

static void iter_dealloc(PyObject *self)
{
    Py_XDECREF(((StringIter *)self)->str);
    PyObject_Free(self);
}

static PyObject *markup_next(PyObject *self)
{
    StringIter *it = (StringIter *)self;
    FormatPiece piece;
    if (format_markup_next(&it->markup, &piece) <= 0)
        return NULL;
    PyObject *literal = part_str(piece.literal);
    if (!piece.has_field)
        return Py_BuildValue("(NOOO)", literal, Py_None, Py_None, Py_None);
    PyObject *conversion = piece.conversion ? str_from_char(piece.conversion) : Py_NewRef(Py_None);
    return Py_BuildValue("(NNNN)", literal, part_str(piece.name), part_str(piece.spec), conversion);
}

static PyObject *name_next(PyObject *self)
{
    StringIter *it = (StringIter *)self;
    bool is_attribute;
    Part text;
    Py_ssize_t index;
    if (format_name_next(&it->rest, &is_attribute, &text, &index) <= 0)
        return NULL;
    return Py_BuildValue("(ON)", is_attribute ? Py_True : Py_False,
                         index != -1 ? PyLong_FromSsize_t(index) : part_str(text));
}

#define ITER_TYPE(variable, name, next) \
    static PyTypeObject variable = { \
        PyVarObject_HEAD_INIT(&PyType_Type, 0) \
        .tp_name = name, \
        .tp_basicsize = sizeof(StringIter), \
        .tp_dealloc = iter_dealloc, \
        .tp_getattro = PyObject_GenericGetAttr, \
        .tp_flags = Py_TPFLAGS_DEFAULT, \
        .tp_iter = PyObject_SelfIter, \
        .tp_iternext = next, \
    }

ITER_TYPE(markup_iter_type, "formatteriterator", markup_next);
ITER_TYPE(name_iter_type, "fieldnameiterator", name_next);

static StringIter *iter_new(PyTypeObject *type, PyObject *str)
{
    StringIter *it = PyObject_New(StringIter, type);
    if (it != NULL)
        it->str = Py_NewRef(str);
    return it;
}

static int require_str(PyObject *arg)
{
    if (PyUnicode_Check(arg))
        return PyUnicode_READY(arg);
    PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(arg)->tp_name);
    return -1;
}

static PyObject *formatter_parser(PyObject *Py_UNUSED(module), PyObject *arg)
{
    if (require_str(arg) < 0)
        return NULL;
    StringIter *it = iter_new(&markup_iter_type, arg);
    if (it != NULL)
        it->markup.rest = (Part){arg, 0, PyUnicode_GET_LENGTH(arg)};
    return (PyObject *)it;
}

static PyObject *formatter_field_name_split(PyObject *Py_UNUSED(module), PyObject *arg)
{
    Part first, rest;
    Py_ssize_t index;
    if (require_str(arg) < 0)
        return NULL;
    if (format_name_first((Part){arg, 0, PyUnicode_GET_LENGTH(arg)}, &first, &index, &rest, NULL) < 0)
        return NULL;
    StringIter *it = iter_new(&name_iter_type, arg);
    if (it == NULL)
        return NULL;
    it->rest = rest;
    return Py_BuildValue("(NN)", index != -1 ? PyLong_FromSsize_t(index) : part_str(first), it);
}

static int exec(PyObject *Py_UNUSED(module))
{
    return PyType_Ready(&markup_iter_type) < 0 ? -1 : PyType_Ready(&name_iter_type);
}

static PyMethodDef methods[] = {
    {"formatter_field_name_split", formatter_field_name_split, METH_O, "split the argument as a field name"},
    {"formatter_parser", formatter_parser, METH_O, "parse the argument as a format string"},
    {0},
};

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_string",
    .m_doc = "string helper module",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__string(void)
{
    return PyModuleDef_Init(&definition);
}
