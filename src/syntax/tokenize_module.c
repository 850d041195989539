/* The `_tokenize` module: the tokenizer as an iterator. */
#include "syntax/syntax.h"
#include "syntax/tokenizer.h"

typedef struct {
    PyObject_HEAD
    PyObject *filename;         /* owned: what errors call the source */
    Tokenizer tok;
} TokenizerIter;

static PyObject *iter_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static const char *const keywords[] = {"source", NULL};
    static _PyArg_Parser parser = {.format = "U:tokenizeriter", .keywords = keywords};
    PyObject *source;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, &parser, &source)) return NULL;
    const char *text = PyUnicode_AsUTF8(source);
    if (!text) return NULL;
    TokenizerIter *self = (TokenizerIter *)type->tp_alloc(type, 0);
    if (!self) return NULL;
    self->filename = PyUnicode_FromString("<string>");
    if (!self->filename || tokenizer_init_string(&self->tok, text, true, true, self->filename) < 0) Py_CLEAR(self);
    return (PyObject *)self;
}

static void iter_dealloc(TokenizerIter *self)
{
    PyTypeObject *type = Py_TYPE(self);
    tokenizer_clear(&self->tok);
    Py_XDECREF(self->filename);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *iter_next(TokenizerIter *self)
{
    Tokenizer *tok = &self->tok;
    const char *start, *end;
    TokenKind kind = tokenizer_next(tok, &start, &end);
    if (kind == TOK_ERRORTOKEN && PyErr_Occurred()) return NULL;
    if (kind == TOK_ERRORTOKEN || kind == TOK_ENDMARKER) {
        PyErr_SetString(PyExc_StopIteration, "EOF");
        return NULL;
    }
    PyObject *text = start && end ? PyUnicode_FromStringAndSize(start, end - start) : PyUnicode_FromString("");
    PyObject *line = PyUnicode_DecodeUTF8(tok->view_start, tok->line_end - tok->view_start, "replace");
    if (!text || !line) {
        Py_XDECREF(text);
        Py_XDECREF(line);
        return NULL;
    }
    bool string = kind == TOK_STRING;
    const char *line_start = string ? tok->multi_line_start : tok->line_start;
    int column = start && start >= line_start ? (int)(start - line_start) : -1;
    int end_column = end && end >= tok->line_start ? (int)(end - tok->line_start) : -1;
    if (kind >= TOK_COUNT) kind = TOK_NAME;
    return Py_BuildValue("(NiiiiiN)", text, (int)kind, string ? tok->first_lineno : tok->lineno, tok->lineno, column,
                         end_column, line);
}

static PyType_Slot iter_slots[] = {
    {Py_tp_new, iter_new},
    {Py_tp_dealloc, iter_dealloc},
    {Py_tp_getattro, PyObject_GenericGetAttr},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, iter_next},
    {0, NULL},
};

static PyType_Spec iter_spec = {
    .name = "_tokenize.TokenizerIter",
    .basicsize = sizeof(TokenizerIter),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = iter_slots,
};

static int tokenize_exec(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &iter_spec, NULL);
    int result = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
    Py_XDECREF(type);
    return result;
}

static PyModuleDef_Slot tokenize_slots[] = {
    {Py_mod_exec, tokenize_exec},
    {0, NULL},
};

static struct PyModuleDef tokenize_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_tokenize",
    .m_slots = tokenize_slots,
};

PyMODINIT_FUNC PyInit__tokenize(void)
{
    return PyModuleDef_Init(&tokenize_module);
}
