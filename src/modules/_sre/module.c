/* _sre: the module. */
#include "modules/_sre/sre.h"
#include "objects/args_unpack.h"

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"   /* one character to one character: see charset.c */

/* An int argument that is a character. -1 with an exception. */
static int read_character(PyObject *arg, int *out)
{
    *out = _PyLong_AsInt(arg);
    return *out == -1 && PyErr_Occurred() ? -1 : 0;
}

static PyObject *sre_getcodesize(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyLong_FromLong(sizeof(Code));
}

static PyObject *sre_ascii_iscased(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int ch;
    if (read_character(arg, &ch) < 0) return NULL;
    return PyBool_FromLong((unsigned)ch < 128 && Py_ISALPHA(ch));
}

static PyObject *sre_unicode_iscased(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int ch;
    if (read_character(arg, &ch) < 0) return NULL;
    return PyBool_FromLong(Py_UNICODE_TOLOWER((Py_UCS4)ch) != (Py_UCS4)ch || Py_UNICODE_TOUPPER((Py_UCS4)ch) != (Py_UCS4)ch);
}

static PyObject *sre_ascii_tolower(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int ch;
    if (read_character(arg, &ch) < 0) return NULL;
    return PyLong_FromLong((int)sre_lower(FOLD_ASCII, (Py_UCS4)ch));
}

static PyObject *sre_unicode_tolower(PyObject *Py_UNUSED(module), PyObject *arg)
{
    int ch;
    if (read_character(arg, &ch) < 0) return NULL;
    return PyLong_FromLong((int)sre_lower(FOLD_UNICODE, (Py_UCS4)ch));
}

/* Copies the code list into the pattern. -1 with OverflowError. */
static int read_list(Pattern *pattern, PyObject *list)
{
    for (Py_ssize_t i = 0; i < Py_SIZE(pattern); i++) {
        PyObject *item = PyList_GET_ITEM(list, i);
        unsigned long value = PyLong_Check(item) ? PyLong_AsUnsignedLong(item) : (unsigned long)-1;
        if (value > UINT32_MAX) {
            PyErr_SetString(PyExc_OverflowError, "regular expression code size limit exceeded");
            return -1;
        }
        pattern->list[i] = (Code)value;
    }
    return 0;
}

/* 1 for bytes-like, 0 for str, -1 for None (any subject), -2 with an exception. */
static int pattern_kind(PyObject *pattern)
{
    Py_buffer view;
    if (pattern == Py_None) return -1;
    if (PyUnicode_Check(pattern)) return PyUnicode_READY(pattern) < 0 ? -2 : 0;
    if (PyObject_GetBuffer(pattern, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "expected string or bytes-like object, got '%.200s'", Py_TYPE(pattern)->tp_name);
        return -2;
    }
    PyBuffer_Release(&view);
    return 1;
}

static PyObject *sre_compile(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *names)
{
    static const char *const keywords[] = {"pattern", "flags", "code", "groups", "groupindex", "indexgroup", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "compile"};
    PyObject *buffer[6];
    SreModule *sre = PyModule_GetState(module);
    if (args_unpack(args, nargs, NULL, names, &parser, 6, 6, 6, buffer) < 0) return NULL;
    args = buffer;
    int flags = _PyLong_AsInt(args[1]);
    if (flags == -1 && PyErr_Occurred()) return NULL;
    if (!PyList_Check(args[2])) return _PyArg_BadArgument("compile", "argument 'code'", "list", args[2]), NULL;
    PyObject *index = PyNumber_Index(args[3]);
    if (index == NULL) return NULL;
    Py_ssize_t groups = PyLong_AsSsize_t(index);
    Py_DECREF(index);
    if (groups == -1 && PyErr_Occurred()) return NULL;
    if (!PyDict_Check(args[4])) return _PyArg_BadArgument("compile", "argument 'groupindex'", "dict", args[4]), NULL;
    if (!PyTuple_Check(args[5])) return _PyArg_BadArgument("compile", "argument 'indexgroup'", "tuple", args[5]), NULL;

    Py_ssize_t length = PyList_GET_SIZE(args[2]);
    Pattern *self = PyObject_GC_NewVar(Pattern, sre->pattern_type, length);
    if (self == NULL) return NULL;
    self->module = sre;
    self->program = NULL;
    self->pattern = self->groupindex = self->indexgroup = NULL;
    self->weakrefs = NULL;
    self->groups = groups;
    self->flags = flags;
    self->is_bytes = -1;
    if (read_list(self, args[2]) < 0) goto error;
    self->is_bytes = pattern_kind(args[0]);
    if (self->is_bytes == -2) goto error;
    self->pattern = Py_NewRef(args[0]);
    if (PyDict_GET_SIZE(args[4]) > 0) self->groupindex = Py_NewRef(args[4]);
    self->indexgroup = Py_NewRef(args[5]);
    self->program = program_new(self->list, (size_t)length, groups);
    if (self->program == NULL) goto error;
    PyObject_GC_Track(self);
    return (PyObject *)self;
error:
    Py_DECREF(self);
    return NULL;
}

/* ---- the module ---- */

static int add_type(PyObject *module, PyTypeObject **type, PyType_Spec *spec)
{
    *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    return *type == NULL ? -1 : 0;
}

static int sre_exec(PyObject *module)
{
    SreModule *sre = PyModule_GetState(module);
    if (add_type(module, &sre->pattern_type, &sre_pattern_spec) < 0) return -1;
    if (add_type(module, &sre->match_type, &sre_match_spec) < 0) return -1;
    if (add_type(module, &sre->scanner_type, &sre_scanner_spec) < 0) return -1;
    if (PyModule_AddIntConstant(module, "MAGIC", SRE_MAGIC) < 0) return -1;
    if (PyModule_AddIntConstant(module, "CODESIZE", sizeof(Code)) < 0) return -1;
    if (PyModule_AddIntConstant(module, "MAXREPEAT", (long)SRE_MAXREPEAT) < 0) return -1;
    if (PyModule_AddIntConstant(module, "MAXGROUPS", SRE_MAXGROUPS) < 0) return -1;
    return PyModule_AddStringConstant(module, "copyright", " SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ");
}

static int sre_traverse(PyObject *module, visitproc visit, void *arg)
{
    SreModule *sre = PyModule_GetState(module);
    Py_VISIT(sre->pattern_type);
    Py_VISIT(sre->match_type);
    Py_VISIT(sre->scanner_type);
    return 0;
}

static int sre_clear(PyObject *module)
{
    SreModule *sre = PyModule_GetState(module);
    Py_CLEAR(sre->pattern_type);
    Py_CLEAR(sre->match_type);
    Py_CLEAR(sre->scanner_type);
    return 0;
}

static void sre_free(void *module)
{
    sre_clear(module);
}

static PyMethodDef sre_methods[] = {
    {"compile", (PyCFunction)(void (*)(void))sre_compile, METH_FASTCALL | METH_KEYWORDS,
     "compile($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)\n--\n\n"},
    {"getcodesize", sre_getcodesize, METH_NOARGS, "getcodesize($module, /)\n--\n\n"},
    {"ascii_iscased", sre_ascii_iscased, METH_O, "ascii_iscased($module, character, /)\n--\n\n"},
    {"unicode_iscased", sre_unicode_iscased, METH_O, "unicode_iscased($module, character, /)\n--\n\n"},
    {"ascii_tolower", sre_ascii_tolower, METH_O, "ascii_tolower($module, character, /)\n--\n\n"},
    {"unicode_tolower", sre_unicode_tolower, METH_O, "unicode_tolower($module, character, /)\n--\n\n"},
    {0},
};

static PyModuleDef_Slot sre_slots[] = {
    {Py_mod_exec, sre_exec},
    {0, NULL},
};

static struct PyModuleDef sre_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sre",
    .m_size = sizeof(SreModule),
    .m_methods = sre_methods,
    .m_slots = sre_slots,
    .m_traverse = sre_traverse,
    .m_clear = sre_clear,
    .m_free = sre_free,
};

PyMODINIT_FUNC PyInit__sre(void)
{
    return PyModuleDef_Init(&sre_definition);
}
