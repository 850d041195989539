/* The module _string: the format-string parser of str.format(), for string.Formatter. */
#include "objects/str/format_string.h"

/* An iterator over the pieces of a format string, or over the steps of a field's name. */
typedef struct {
    PyObject_HEAD
    PyObject *str;                      /* owned */
    FormatMarkup markup;
    Part rest;
} StringIter;

typedef struct {
    PyTypeObject *markup_type, *name_type;
} State;

static int iter_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

static void iter_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    Py_XDECREF(((StringIter *)self)->str);
    type->tp_free(self);
    Py_DECREF(type);
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

static PyType_Slot markup_slots[] = {
    {Py_tp_dealloc, iter_dealloc}, {Py_tp_traverse, iter_traverse}, {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, markup_next}, {0, NULL},
};

static PyType_Slot name_slots[] = {
    {Py_tp_dealloc, iter_dealloc}, {Py_tp_traverse, iter_traverse}, {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, name_next}, {0, NULL},
};

#define ITER_FLAGS (Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE)

static PyType_Spec markup_spec = {
    .name = "formatteriterator", .basicsize = sizeof(StringIter), .flags = ITER_FLAGS, .slots = markup_slots};
static PyType_Spec name_spec = {
    .name = "fieldnameiterator", .basicsize = sizeof(StringIter), .flags = ITER_FLAGS, .slots = name_slots};

static StringIter *iter_new(PyTypeObject *type, PyObject *str)
{
    StringIter *it = PyObject_GC_New(StringIter, type);
    if (it != NULL) {
        it->str = Py_NewRef(str);
        PyObject_GC_Track(it);
    }
    return it;
}

static int require_str(PyObject *arg)
{
    if (PyUnicode_Check(arg))
        return PyUnicode_READY(arg);
    PyErr_Format(PyExc_TypeError, "expected str, got %s", Py_TYPE(arg)->tp_name);
    return -1;
}

static PyObject *formatter_parser(PyObject *module, PyObject *arg)
{
    State *state = PyModule_GetState(module);
    if (require_str(arg) < 0)
        return NULL;
    StringIter *it = iter_new(state->markup_type, arg);
    if (it != NULL)
        it->markup.rest = (Part){arg, 0, PyUnicode_GET_LENGTH(arg)};
    return (PyObject *)it;
}

static PyObject *formatter_field_name_split(PyObject *module, PyObject *arg)
{
    State *state = PyModule_GetState(module);
    Part first, rest;
    Py_ssize_t index;
    if (require_str(arg) < 0)
        return NULL;
    if (format_name_first((Part){arg, 0, PyUnicode_GET_LENGTH(arg)}, &first, &index, &rest, NULL) < 0)
        return NULL;
    StringIter *it = iter_new(state->name_type, arg);
    if (it == NULL)
        return NULL;
    it->rest = rest;
    return Py_BuildValue("(NN)", index != -1 ? PyLong_FromSsize_t(index) : part_str(first), it);
}

static int exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    state->markup_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &markup_spec, NULL);
    state->name_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &name_spec, NULL);
    return state->markup_type == NULL || state->name_type == NULL ? -1 : 0;
}

static int traverse(PyObject *module, visitproc visit, void *arg)
{
    State *state = PyModule_GetState(module);
    Py_VISIT(state->markup_type);
    Py_VISIT(state->name_type);
    return 0;
}

static int clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    Py_CLEAR(state->markup_type);
    Py_CLEAR(state->name_type);
    return 0;
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
    .m_size = sizeof(State),
    .m_methods = methods,
    .m_slots = slots,
    .m_traverse = traverse,
    .m_clear = clear,
};

PyMODINIT_FUNC PyInit__string(void)
{
    return PyModuleDef_Init(&definition);
}
