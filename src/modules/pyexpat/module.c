/* The module pyexpat: making parsers, constants, and the table of expat's functions for other C modules. */
#include <Python.h>
#include <expat.h>
#include <pyexpat.h>

#include "modules/pyexpat/expat_parser.h"

static struct ExpatModule *state_of(PyObject *module) { return PyModule_GetState(module); }

/* The UTF-8 text of a str, valid as long as it; NULL for None. -1 with an exception. */
static int text_or_none(PyObject *object, const char *name, const char **text)
{
    if (!object || object == Py_None) return 0;
    if (!PyUnicode_Check(object)) {
        _PyArg_BadArgument("ParserCreate", name, "str or None", object);
        return -1;
    }
    Py_ssize_t size;
    *text = PyUnicode_AsUTF8AndSize(object, &size);
    if (*text && strlen(*text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return -1;
    }
    return *text ? 0 : -1;
}

static PyObject *create_parser(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"encoding", "namespace_separator", "intern", NULL};
    static _PyArg_Parser parser = {.format = "|OOO:ParserCreate", .keywords = keywords};
    const char *encoding = NULL, *separator = NULL;
    PyObject *first = NULL, *second = NULL, *intern = NULL, *made = NULL;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &first, &second, &intern)
        || text_or_none(first, "argument 'encoding'", &encoding) < 0
        || text_or_none(second, "argument 'namespace_separator'", &separator) < 0) {
        return NULL;
    }
    if (separator && strlen(separator) > 1) {
        PyErr_SetString(PyExc_ValueError, "namespace_separator must be at most one character, omitted, or None");
        return NULL;
    }
    if (intern == Py_None) intern = NULL;
    else if (!intern) intern = made = PyDict_New();
    else if (!PyDict_Check(intern)) {
        PyErr_SetString(PyExc_TypeError, "intern must be a dictionary");
        return NULL;
    }
    if (PyErr_Occurred()) return NULL;
    PyObject *self = NULL;
    XML_Parser expat = XML_ParserCreate_MM(encoding, &expat_memory, separator);
    if (!expat) PyErr_NoMemory();
    else {
        XML_SetHashSalt(expat, (unsigned long)_Py_HashSecret.expat.hashsalt);
        XML_SetUnknownEncodingHandler(expat, expat_unknown_encoding, NULL);
        self = expat_parser_new(state_of(module), expat, false, intern);
        if (!self) XML_ParserFree(expat);
    }
    Py_XDECREF(made);
    return self;
}

static PyObject *error_string(PyObject *Py_UNUSED(module), PyObject *code)
{
    long number = PyLong_AsLong(code);
    if (number == -1 && PyErr_Occurred()) return NULL;
    return Py_BuildValue("z", XML_ErrorString((enum XML_Error)number));
}

static PyMethodDef module_methods[] = {
    {"ParserCreate", (PyCFunction)(void (*)(void))create_parser, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("ParserCreate($module, /, encoding=None, namespace_separator=None,\n"
               "             intern=<unrepresentable>)\n--\n\nMake a parser.")},
    {"ErrorString", error_string, METH_O, PyDoc_STR("ErrorString($module, code, /)\n--\n\nThe text of an error number.")},
    {NULL, NULL, 0, NULL},
};

/* ---- Constants ------------------------------------------------------------------------------------------------ */

/* XML_ERROR_... by number, from 1. */
static const char *const error_names[] = {
    "NO_MEMORY", "SYNTAX", "NO_ELEMENTS", "INVALID_TOKEN", "UNCLOSED_TOKEN", "PARTIAL_CHAR", "TAG_MISMATCH",
    "DUPLICATE_ATTRIBUTE", "JUNK_AFTER_DOC_ELEMENT", "PARAM_ENTITY_REF", "UNDEFINED_ENTITY", "RECURSIVE_ENTITY_REF",
    "ASYNC_ENTITY", "BAD_CHAR_REF", "BINARY_ENTITY_REF", "ATTRIBUTE_EXTERNAL_ENTITY_REF", "MISPLACED_XML_PI",
    "UNKNOWN_ENCODING", "INCORRECT_ENCODING", "UNCLOSED_CDATA_SECTION", "EXTERNAL_ENTITY_HANDLING", "NOT_STANDALONE",
    "UNEXPECTED_STATE", "ENTITY_DECLARED_IN_PE", "FEATURE_REQUIRES_XML_DTD", "CANT_CHANGE_FEATURE_ONCE_PARSING",
    "UNBOUND_PREFIX", "UNDECLARING_PREFIX", "INCOMPLETE_PE", "XML_DECL", "TEXT_DECL", "PUBLICID", "SUSPENDED",
    "NOT_SUSPENDED", "ABORTED", "FINISHED", "SUSPEND_PE", "RESERVED_PREFIX_XML", "RESERVED_PREFIX_XMLNS",
    "RESERVED_NAMESPACE_URI", "INVALID_ARGUMENT", "NO_BUFFER", "AMPLIFICATION_LIMIT_BREACH",
};

/* A submodule, known as an attribute and to sys.modules. Borrowed. */
static PyObject *add_submodule(PyObject *module, const char *full_name, const char *name, const char *doc)
{
    PyObject *submodule = PyImport_AddModule(full_name);
    if (!submodule || PyModule_SetDocString(submodule, doc) < 0) return NULL;
    return PyModule_AddObjectRef(module, name, submodule) < 0 ? NULL : submodule;
}

static int add_error(PyObject *errors, PyObject *codes, PyObject *messages, int number)
{
    char name[64];
    PyOS_snprintf(name, sizeof name, "XML_ERROR_%s", error_names[number - 1]);
    const char *text = XML_ErrorString((enum XML_Error)number);
    PyObject *message = PyUnicode_FromString(text ? text : ""), *code = PyLong_FromLong(number);
    int failed = !message || !code || PyModule_AddObjectRef(errors, name, message) < 0
                 || PyDict_SetItem(codes, message, code) < 0 || PyDict_SetItem(messages, code, message) < 0;
    Py_XDECREF(message);
    Py_XDECREF(code);
    return failed ? -1 : 0;
}

static int add_errors(PyObject *module)
{
    PyObject *errors = add_submodule(module, "pyexpat.errors", "errors", "Constants for the errors that expat reports.");
    PyObject *codes = PyDict_New(), *messages = PyDict_New();
    int failed = !errors || !codes || !messages;
    for (int i = 1; !failed && i <= (int)Py_ARRAY_LENGTH(error_names); i++) failed = add_error(errors, codes, messages, i) < 0;
    failed = failed || PyModule_AddObjectRef(errors, "codes", codes) < 0
             || PyModule_AddObjectRef(errors, "messages", messages) < 0;
    Py_XDECREF(codes);
    Py_XDECREF(messages);
    return failed ? -1 : 0;
}

static int add_model(PyObject *module)
{
    PyObject *model = add_submodule(module, "pyexpat.model", "model", "Constants of the description of content models.");
#define ADD(name) PyModule_AddIntConstant(model, #name, name) < 0
    return !model || ADD(XML_CTYPE_EMPTY) || ADD(XML_CTYPE_ANY) || ADD(XML_CTYPE_MIXED) || ADD(XML_CTYPE_NAME)
        || ADD(XML_CTYPE_CHOICE) || ADD(XML_CTYPE_SEQ) || ADD(XML_CQUANT_NONE) || ADD(XML_CQUANT_OPT)
        || ADD(XML_CQUANT_REP) || ADD(XML_CQUANT_PLUS) ? -1 : 0;
#undef ADD
}

static int add_features(PyObject *module)
{
    PyObject *list = PyList_New(0);
    for (const XML_Feature *f = XML_GetFeatureList(); list && f->feature != XML_FEATURE_END; f++) {
        PyObject *pair = Py_BuildValue("si", f->name, (int)f->value);
        if (!pair || PyList_Append(list, pair) < 0) Py_CLEAR(list);
        Py_XDECREF(pair);
    }
    int status = list ? PyModule_AddObjectRef(module, "features", list) : -1;
    Py_XDECREF(list);
    return status;
}

/* ---- For C ---------------------------------------------------------------------------------------------------- */

static int add_capi(PyObject *module)
{
    static struct PyExpat_CAPI capi = {
        .magic = PyExpat_CAPI_MAGIC, .size = sizeof capi,
        .MAJOR_VERSION = XML_MAJOR_VERSION, .MINOR_VERSION = XML_MINOR_VERSION, .MICRO_VERSION = XML_MICRO_VERSION,
        .ErrorString = XML_ErrorString, .GetErrorCode = XML_GetErrorCode, .GetErrorColumnNumber = XML_GetErrorColumnNumber,
        .GetErrorLineNumber = XML_GetErrorLineNumber, .Parse = XML_Parse, .ParserCreate_MM = XML_ParserCreate_MM,
        .ParserFree = XML_ParserFree, .SetCharacterDataHandler = XML_SetCharacterDataHandler,
        .SetCommentHandler = XML_SetCommentHandler, .SetDefaultHandlerExpand = XML_SetDefaultHandlerExpand,
        .SetElementHandler = XML_SetElementHandler, .SetNamespaceDeclHandler = XML_SetNamespaceDeclHandler,
        .SetProcessingInstructionHandler = XML_SetProcessingInstructionHandler,
        .SetUnknownEncodingHandler = XML_SetUnknownEncodingHandler, .SetUserData = XML_SetUserData,
        .SetStartDoctypeDeclHandler = XML_SetStartDoctypeDeclHandler, .SetEncoding = XML_SetEncoding,
        .DefaultUnknownEncodingHandler = expat_unknown_encoding, .SetHashSalt = XML_SetHashSalt,
    };
    PyObject *capsule = PyCapsule_New(&capi, PyExpat_CAPSULE_NAME, NULL);
    int status = capsule ? PyModule_AddObjectRef(module, "expat_CAPI", capsule) : -1;
    Py_XDECREF(capsule);
    return status;
}

/* ---- The module ----------------------------------------------------------------------------------------------- */

static int module_exec(PyObject *module)
{
    struct ExpatModule *state = state_of(module);
    state->parser_type = (PyTypeObject *)PyType_FromModuleAndSpec(module, &expat_parser_spec, NULL);
    state->error = PyErr_NewException("xml.parsers.expat.ExpatError", NULL, NULL);
    if (!state->parser_type || !state->error) return -1;
    XML_Expat_Version version = XML_ExpatVersionInfo();
    PyObject *info = Py_BuildValue("(iii)", version.major, version.minor, version.micro);
    int failed = !info || PyModule_AddObjectRef(module, "error", state->error) < 0
                 || PyModule_AddObjectRef(module, "ExpatError", state->error) < 0
                 || PyModule_AddObjectRef(module, "XMLParserType", (PyObject *)state->parser_type) < 0
                 || PyModule_AddStringConstant(module, "EXPAT_VERSION", XML_ExpatVersion()) < 0
                 || PyModule_AddObjectRef(module, "version_info", info) < 0
                 || PyModule_AddStringConstant(module, "native_encoding", "UTF-8") < 0
                 || PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_NEVER) < 0
                 || PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE) < 0
                 || PyModule_AddIntMacro(module, XML_PARAM_ENTITY_PARSING_ALWAYS) < 0
                 || add_errors(module) < 0 || add_model(module) < 0 || add_features(module) < 0 || add_capi(module) < 0;
    Py_XDECREF(info);
    return failed ? -1 : 0;
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    struct ExpatModule *state = state_of(module);
    Py_VISIT(state->parser_type);
    Py_VISIT(state->error);
    return 0;
}

static int module_clear(PyObject *module)
{
    struct ExpatModule *state = state_of(module);
    Py_CLEAR(state->parser_type);
    Py_CLEAR(state->error);
    return 0;
}

static void module_free(void *module) { module_clear(module); }

static PyModuleDef_Slot module_slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};

static PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "pyexpat",
    .m_doc = "Python wrapper for Expat parser.",
    .m_size = sizeof(struct ExpatModule),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = module_traverse,
    .m_clear = module_clear,
    .m_free = module_free,
};

PyMODINIT_FUNC PyInit_pyexpat(void) { return PyModuleDef_Init(&module_definition); }
