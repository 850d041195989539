/* The type pyexpat.xmlparser. */
#include <Python.h>

#include <structmember.h>

#include "modules/pyexpat/expat_parser.h"
#include "objects/names.h"

enum { DEFAULT_BUFFER_SIZE = 8192, READ_SIZE = 2048, MAX_CHUNK = 1 << 20 };

const XML_Memory_Handling_Suite expat_memory = {PyObject_Malloc, PyObject_Realloc, PyObject_Free};

/* ---- Life ----------------------------------------------------------------------------------------------------- */

PyObject *expat_parser_new(struct ExpatModule *module, XML_Parser expat, bool namespaces, PyObject *intern)
{
    Parser *self = PyObject_GC_New(Parser, module->parser_type);
    if (!self) return NULL;
    memset((char *)self + sizeof(PyObject), 0, sizeof *self - sizeof(PyObject));
    self->module = module;
    self->expat = expat;
    self->buffer_size = DEFAULT_BUFFER_SIZE;
    self->namespace_prefixes = namespaces;
    self->intern = Py_XNewRef(intern);
    XML_SetUserData(expat, self);
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static int parser_traverse(Parser *self, visitproc visit, void *arg)
{
    for (int i = 0; i < HANDLER_COUNT; i++) Py_VISIT(self->handlers[i]);
    Py_VISIT(self->intern);
    Py_VISIT(self->parent);
    Py_VISIT(Py_TYPE(self));
    return 0;
}

void expat_clear_handlers(Parser *self)
{
    for (int i = 0; i < HANDLER_COUNT; i++) {
        if (!self->handlers[i]) continue;
        PyObject *handler = self->handlers[i];
        self->handlers[i] = NULL;
        expat_connect_handler(self, (enum handler)i);
        Py_DECREF(handler);
    }
}

static int parser_clear(Parser *self)
{
    expat_clear_handlers(self);
    Py_CLEAR(self->intern);
    return 0;
}

static void parser_dealloc(Parser *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->expat) {
        expat_clear_handlers(self);
        XML_ParserFree(self->expat);
    }
    PyMem_Free(self->buffer);
    Py_CLEAR(self->intern);
    name_cache_clear(&self->names);
    Py_CLEAR(self->parent);
    PyObject_GC_Del(self);
    Py_DECREF(type);
}

/* ---- Errors --------------------------------------------------------------------------------------------------- */

static int set_number(PyObject *object, const char *name, XML_Size value)
{
    PyObject *number = PyLong_FromSize_t(value);
    int status = number ? PyObject_SetAttrString(object, name, number) : -1;
    Py_XDECREF(number);
    return status;
}

/* Raises ExpatError for what expat reports. Always NULL. */
static PyObject *parse_error(Parser *self)
{
    enum XML_Error code = XML_GetErrorCode(self->expat);
    XML_Size line = XML_GetErrorLineNumber(self->expat), column = XML_GetErrorColumnNumber(self->expat);
    PyObject *message = PyUnicode_FromFormat("%s: line %zu, column %zu", XML_ErrorString(code), (size_t)line, (size_t)column);
    PyObject *error = message ? PyObject_CallOneArg(self->module->error, message) : NULL;
    if (error && set_number(error, "code", code) == 0 && set_number(error, "offset", column) == 0
        && set_number(error, "lineno", line) == 0) {
        PyErr_SetObject(self->module->error, error);
    }
    Py_XDECREF(message);
    Py_XDECREF(error);
    return NULL;
}

static PyObject *finish_parse(Parser *self, int status)
{
    if (PyErr_Occurred()) return NULL;
    if (status == XML_STATUS_ERROR) return parse_error(self);
    if (expat_flush_text(self) < 0) return NULL;
    return PyLong_FromLong(status);
}

/* ---- Parsing -------------------------------------------------------------------------------------------------- */

/* Expat cannot be called again from its handlers, nor between the steps of ParseFile(); the reference crashes. False with an
 * exception set. */
static bool parse_begin(Parser *self)
{
    if (self->parsing) {
        PyErr_SetString(PyExc_RecursionError, "the parser is at work: its handlers cannot call it");
        return false;
    }
    self->parsing = true;
    return true;
}

static PyObject *parser_parse(Parser *self, PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer view = {0};
    const char *data;
    Py_ssize_t size;
    if (nargs < 1) {
        PyErr_SetString(PyExc_TypeError, "Parse() takes at least 1 positional argument (0 given)");
        return NULL;
    }
    if (nargs > 2) {
        PyErr_Format(PyExc_TypeError, "Parse() takes at most 2 arguments (%zd given)", nargs);
        return NULL;
    }
    int is_final = nargs > 1 ? PyObject_IsTrue(args[1]) : 0;
    if (is_final < 0) return NULL;
    Py_INCREF(self);
    if (PyUnicode_Check(args[0])) {
        data = PyUnicode_AsUTF8AndSize(args[0], &size);
        if (!data) goto error;
        (void)XML_SetEncoding(self->expat, "utf-8");
    }
    else {
        if (PyObject_GetBuffer(args[0], &view, PyBUF_SIMPLE) < 0) goto error;
        data = view.buf;
        size = view.len;
    }
    if (!parse_begin(self)) {
        if (view.buf) PyBuffer_Release(&view);
        goto error;
    }
    int status = XML_STATUS_OK;
    while (size > MAX_CHUNK && status == XML_STATUS_OK && !PyErr_Occurred()) {
        status = XML_Parse(self->expat, data, MAX_CHUNK, 0);
        data += MAX_CHUNK;
        size -= MAX_CHUNK;
    }
    if (status == XML_STATUS_OK && !PyErr_Occurred()) status = XML_Parse(self->expat, data, (int)size, is_final);
    if (view.buf) PyBuffer_Release(&view);
    PyObject *result = finish_parse(self, status);
    self->parsing = false;
    Py_DECREF(self);
    return result;
error:
    Py_DECREF(self);
    return NULL;
}

/* Reads into expat's buffer. The number of bytes, or -1. */
static int read_into(char *buffer, PyObject *read)
{
    PyObject *bytes = PyObject_CallFunction(read, "i", READ_SIZE);
    if (!bytes) return -1;
    const char *data;
    Py_ssize_t size = -1;
    if (PyBytes_Check(bytes)) {
        data = PyBytes_AS_STRING(bytes);
        size = PyBytes_GET_SIZE(bytes);
    }
    else if (PyByteArray_Check(bytes)) {
        data = PyByteArray_AS_STRING(bytes);
        size = PyByteArray_GET_SIZE(bytes);
    }
    else PyErr_Format(PyExc_TypeError, "read() did not return a bytes object (type=%.400s)", Py_TYPE(bytes)->tp_name);
    if (size > READ_SIZE) {
        PyErr_Format(PyExc_ValueError, "read() returned too much data: %i bytes requested, %zd returned", READ_SIZE, size);
        size = -1;
    }
    if (size > 0) memcpy(buffer, data, (size_t)size);
    Py_DECREF(bytes);
    return (int)size;
}

static PyObject *parser_parse_file(Parser *self, PyObject *file)
{
    PyObject *read;
    if (_PyObject_LookupAttr(file, NAME(read), &read) < 0) return NULL;
    if (!read) {
        PyErr_SetString(PyExc_TypeError, "argument must have 'read' attribute");
        return NULL;
    }
    if (!parse_begin(self)) {
        Py_DECREF(read);
        return NULL;
    }
    int status = XML_STATUS_OK, size = -1;
    Py_INCREF(self);
    while (status == XML_STATUS_OK && size != 0) {
        void *buffer = XML_GetBuffer(self->expat, READ_SIZE);
        if (!buffer) {
            status = XML_STATUS_ERROR;
            break;
        }
        size = read_into(buffer, read);
        if (size < 0) break;
        status = XML_ParseBuffer(self->expat, size, size == 0);
        if (PyErr_Occurred()) break;
    }
    PyObject *result = size < 0 && PyErr_Occurred() ? NULL : finish_parse(self, status);
    self->parsing = false;
    Py_DECREF(read);
    Py_DECREF(self);
    return result;
}

static PyObject *parser_external_parser(Parser *self, PyObject *const *args, Py_ssize_t nargs)
{
    const char *context, *encoding = NULL;
    if (nargs < 1) {
        PyErr_SetString(PyExc_TypeError, "ExternalEntityParserCreate() takes at least 1 positional argument (0 given)");
        return NULL;
    }
    if (!_PyArg_ParseStack(args, nargs, "z|s:ExternalEntityParserCreate", &context, &encoding)) return NULL;
    XML_Parser expat = XML_ExternalEntityParserCreate(self->expat, context, encoding);
    if (!expat) return PyErr_NoMemory();
    Parser *child = (Parser *)expat_parser_new(self->module, expat, self->namespace_prefixes, self->intern);
    if (!child) {
        XML_ParserFree(expat);
        return NULL;
    }
    child->parent = Py_NewRef(self);
    child->buffer_size = self->buffer_size;
    child->ordered_attributes = self->ordered_attributes;
    child->specified_attributes = self->specified_attributes;
    if (self->buffer) {
        child->buffer = PyMem_Malloc((size_t)child->buffer_size);
        if (!child->buffer) {
            Py_DECREF(child);
            return PyErr_NoMemory();
        }
    }
    for (int i = 0; i < HANDLER_COUNT; i++) {
        child->handlers[i] = Py_XNewRef(self->handlers[i]);
        if (child->handlers[i]) expat_connect_handler(child, (enum handler)i);
    }
    return (PyObject *)child;
}

static PyObject *parser_set_base(Parser *self, PyObject *base)
{
    if (!PyUnicode_Check(base)) {
        _PyArg_BadArgument("SetBase", "argument", "str", base);
        return NULL;
    }
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(base, &size);
    if (!text) return NULL;
    if (strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    if (!XML_SetBase(self->expat, text)) return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static PyObject *parser_get_base(Parser *self, PyObject *Py_UNUSED(ignored))
{
    const XML_Char *base = XML_GetBase(self->expat);
    if (!base) Py_RETURN_NONE;
    return Py_BuildValue("z", base);
}

static PyObject *parser_get_input_context(Parser *self, PyObject *Py_UNUSED(ignored))
{
    if (!self->in_callback) Py_RETURN_NONE;
    int offset, size;
    const char *buffer = XML_GetInputContext(self->expat, &offset, &size);
    if (!buffer) Py_RETURN_NONE;
    return PyBytes_FromStringAndSize(buffer + offset, size - offset);
}

static PyObject *parser_set_param_entity_parsing(Parser *self, PyObject *flag)
{
    int value = _PyLong_AsInt(flag);
    if (value == -1 && PyErr_Occurred()) return NULL;
    return PyLong_FromLong(XML_SetParamEntityParsing(self->expat, (enum XML_ParamEntityParsing)value));
}

static PyObject *parser_use_foreign_dtd(Parser *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("UseForeignDTD", nargs, 0, 1)) return NULL;
    int flag = nargs ? PyObject_IsTrue(args[0]) : 1;
    if (flag < 0) return NULL;
    enum XML_Error code = XML_UseForeignDTD(self->expat, flag ? XML_TRUE : XML_FALSE);
    if (code == XML_ERROR_NONE) Py_RETURN_NONE;
    return parse_error(self);
}

#define FASTCALL(function) (PyCFunction)(void (*)(void))function, METH_FASTCALL

static PyMethodDef parser_methods[] = {
    {"Parse", FASTCALL(parser_parse),
     PyDoc_STR("Parse($self, data, isfinal=False, /)\n--\n\nParse a piece of a document; isfinal says that it is the last.")},
    {"ParseFile", (PyCFunction)parser_parse_file, METH_O,
     PyDoc_STR("ParseFile($self, file, /)\n--\n\nParse what the object's read() method gives, to the end.")},
    {"SetBase", (PyCFunction)parser_set_base, METH_O,
     PyDoc_STR("SetBase($self, base, /)\n--\n\nSet the URL that system identifiers are relative to.")},
    {"GetBase", (PyCFunction)parser_get_base, METH_NOARGS,
     PyDoc_STR("GetBase($self, /)\n--\n\nThe URL that system identifiers are relative to.")},
    {"GetInputContext", (PyCFunction)parser_get_input_context, METH_NOARGS,
     PyDoc_STR("GetInputContext($self, /)\n--\n\nThe input, as it was written, that caused the current event.\n\n"
               "Of a large piece (a start tag with many attributes, say) not all may be there.")},
    {"ExternalEntityParserCreate", FASTCALL(parser_external_parser),
     PyDoc_STR("ExternalEntityParserCreate($self, context, encoding=<unrepresentable>,\n"
               "                           /)\n--\n\n"
               "A parser for the external entity that the ExternalEntityRefHandler was called for.")},
    {"SetParamEntityParsing", (PyCFunction)parser_set_param_entity_parsing, METH_O,
     PyDoc_STR("SetParamEntityParsing($self, flag, /)\n--\n\n"
               "Say whether parameter entities, and the external DTD subset, are parsed: one of\n"
               "the XML_PARAM_ENTITY_PARSING_ constants. True if that could be set.")},
    {"UseForeignDTD", FASTCALL(parser_use_foreign_dtd),
     PyDoc_STR("UseForeignDTD($self, flag=True, /)\n--\n\n"
               "Let the application give an external subset where the document has none.")},
    {NULL, NULL, 0, NULL},
};

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

static int refuse_deletion(PyObject *value)
{
    if (value) return 0;
    PyErr_SetString(PyExc_RuntimeError, "Cannot delete attribute");
    return -1;
}

static PyObject *get_handler(Parser *self, void *number)
{
    PyObject *handler = self->handlers[(intptr_t)number];
    return Py_NewRef(handler ? handler : Py_None);
}

static int set_handler(Parser *self, PyObject *value, void *closure)
{
    enum handler number = (enum handler)(intptr_t)closure;
    if (refuse_deletion(value) < 0) return -1;
    /* What is buffered belongs to the handler of before. */
    if (number == HANDLER_CharacterData && expat_flush_text(self) < 0) return -1;
    PyObject *old = self->handlers[number];
    self->handlers[number] = value == Py_None ? NULL : Py_NewRef(value);
    expat_connect_handler(self, number);
    Py_XDECREF(old);
    return 0;
}

#define NUMBER_GETTER(name) \
    static PyObject *get_##name(Parser *self, void *Py_UNUSED(closure)) { return PyLong_FromLong((long)XML_Get##name(self->expat)); }
NUMBER_GETTER(ErrorCode)
NUMBER_GETTER(ErrorLineNumber)
NUMBER_GETTER(ErrorColumnNumber)
NUMBER_GETTER(ErrorByteIndex)
NUMBER_GETTER(CurrentLineNumber)
NUMBER_GETTER(CurrentColumnNumber)
NUMBER_GETTER(CurrentByteIndex)

static PyObject *get_buffer_text(Parser *self, void *Py_UNUSED(closure)) { return PyBool_FromLong(self->buffer != NULL); }

static int set_buffer_text(Parser *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (refuse_deletion(value) < 0) return -1;
    int on = PyObject_IsTrue(value);
    if (on < 0) return -1;
    if (on && !self->buffer) {
        self->buffer = PyMem_Malloc((size_t)self->buffer_size);
        if (!self->buffer) {
            PyErr_NoMemory();
            return -1;
        }
        self->buffer_used = 0;
    }
    else if (!on && self->buffer) {
        if (expat_flush_text(self) < 0) return -1;
        PyMem_Free(self->buffer);
        self->buffer = NULL;
    }
    return 0;
}

static PyObject *get_buffer_size(Parser *self, void *Py_UNUSED(closure)) { return PyLong_FromLong(self->buffer_size); }
static PyObject *get_buffer_used(Parser *self, void *Py_UNUSED(closure)) { return PyLong_FromLong(self->buffer_used); }

static int set_buffer_size(Parser *self, PyObject *value, void *Py_UNUSED(closure))
{
    if (refuse_deletion(value) < 0) return -1;
    if (!PyLong_Check(value)) {
        PyErr_SetString(PyExc_TypeError, "buffer_size must be an integer");
        return -1;
    }
    long size = PyLong_AsLong(value);
    if (size <= 0) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "buffer_size must be greater than zero");
        return -1;
    }
    if (size > INT_MAX) {
        PyErr_Format(PyExc_ValueError, "buffer_size must not be greater than %i", INT_MAX);
        return -1;
    }
    if (self->buffer && size != self->buffer_size) {
        if (expat_flush_text(self) < 0) return -1;
        XML_Char *buffer = PyMem_Realloc(self->buffer, (size_t)size);
        if (!buffer) {
            PyErr_NoMemory();
            return -1;
        }
        self->buffer = buffer;
    }
    self->buffer_size = (int)size;
    return 0;
}

#define FLAG(name, AFTER) \
    static PyObject *get_##name(Parser *self, void *Py_UNUSED(closure)) { return PyBool_FromLong(self->name); } \
    static int set_##name(Parser *self, PyObject *value, void *Py_UNUSED(closure)) \
    { \
        if (refuse_deletion(value) < 0) return -1; \
        int on = PyObject_IsTrue(value); \
        if (on < 0) return -1; \
        self->name = on; \
        AFTER; \
        return 0; \
    }
FLAG(ordered_attributes, (void)0)
FLAG(specified_attributes, (void)0)
FLAG(namespace_prefixes, XML_SetReturnNSTriplet(self->expat, on))

static PyMemberDef parser_members[] = {
    {"intern", T_OBJECT, offsetof(Parser, intern), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

#define READ_ONLY(name) {#name, (getter)get_##name, NULL, NULL, NULL}
#define READ_WRITE(name) {#name, (getter)get_##name, (setter)set_##name, NULL, NULL}

/* The two default handlers are named as they are; all others end in "Handler". */
#define HANDLER_ATTRIBUTE(text, name) {text, (getter)get_handler, (setter)set_handler, NULL, (void *)(intptr_t)HANDLER_##name}
#define H(name) HANDLER_ATTRIBUTE(#name "Handler", name)

static PyGetSetDef parser_attributes[] = {
    H(StartElement), H(EndElement), H(ProcessingInstruction), H(CharacterData), H(UnparsedEntityDecl), H(NotationDecl),
    H(StartNamespaceDecl), H(EndNamespaceDecl), H(Comment), H(StartCdataSection), H(EndCdataSection), H(Default),
    HANDLER_ATTRIBUTE("DefaultHandlerExpand", DefaultHandlerExpand), H(NotStandalone), H(ExternalEntityRef),
    H(StartDoctypeDecl), H(EndDoctypeDecl), H(EntityDecl), H(XmlDecl), H(ElementDecl), H(AttlistDecl), H(SkippedEntity),
    READ_ONLY(ErrorCode),
    READ_ONLY(ErrorLineNumber),
    READ_ONLY(ErrorColumnNumber),
    READ_ONLY(ErrorByteIndex),
    READ_ONLY(CurrentLineNumber),
    READ_ONLY(CurrentColumnNumber),
    READ_ONLY(CurrentByteIndex),
    READ_WRITE(buffer_size),
    READ_WRITE(buffer_text),
    READ_ONLY(buffer_used),
    READ_WRITE(namespace_prefixes),
    READ_WRITE(ordered_attributes),
    READ_WRITE(specified_attributes),
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot parser_slots[] = {
    {Py_tp_doc, (void *)"XML parser"},
    {Py_tp_dealloc, parser_dealloc},
    {Py_tp_traverse, parser_traverse},
    {Py_tp_clear, parser_clear},
    {Py_tp_methods, parser_methods},
    {Py_tp_members, parser_members},
    {Py_tp_getset, parser_attributes},
    {0, NULL},
};

PyType_Spec expat_parser_spec = {
    .name = "pyexpat.xmlparser",
    .basicsize = sizeof(Parser),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = parser_slots,
};
