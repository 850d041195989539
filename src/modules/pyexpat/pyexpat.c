/* What expat calls back. Each callback hands its arguments to the Python handler; an exception stops the parser, and its traceback
 * shows the callback by this file's name.
 */
#include "modules/pyexpat/expat_parser.h"

static const char *const names[HANDLER_COUNT] = {
#define H(name) [HANDLER_##name] = #name,
    FOR_EACH_HANDLER(H)
#undef H
};

/* ---- Names and text ------------------------------------------------------------------------------------------- */

/* New reference to the parser's own str of this text (or None for NULL). */
static PyObject *intern(Parser *self, const XML_Char *text)
{
    if (!text) {
        if (self->intern && PyDict_SetDefault(self->intern, Py_None, Py_None) == NULL) return NULL;
        Py_RETURN_NONE;
    }
    uint32_t length;
    NameCacheSlot *slot = name_cache_slot(&self->names, text, &length);
    if (name_cache_hit(slot, text, length)) return Py_NewRef(slot->object);
    PyObject *name = PyUnicode_DecodeUTF8(text, (Py_ssize_t)length, "strict");
    if (!name) return NULL;
    if (self->intern) {
        PyObject *known = PyDict_SetDefault(self->intern, name, name);
        Py_XINCREF(known);
        Py_DECREF(name);
        name = known;
    }
    if (name) name_cache_put(slot, text, length, name);
    return name;
}

/* ---- Calling -------------------------------------------------------------------------------------------------- */

/* After an exception nobody is called any more. */
static void stop(Parser *self)
{
    XML_StopParser(self->expat, XML_FALSE);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    expat_clear_handlers(self);
    PyErr_Restore(type, value, traceback);
}

/* Takes the arguments, of which some may be NULL with an exception set. Gives the result or NULL; then the parser is stopped. */
static PyObject *call_steal(Parser *self, enum handler number, int line, PyObject **args, size_t count)
{
    PyObject *result = NULL;
    bool whole = true;
    for (size_t i = 0; i < count; i++) whole &= args[i] != NULL;
    if (whole) {
        PyObject *handler = Py_NewRef(self->handlers[number]);
        bool before = self->in_callback;
        self->in_callback = true;
        result = PyObject_Vectorcall(handler, args, count, NULL);
        self->in_callback = before;
        Py_DECREF(handler);
        if (!result) {
            _PyTraceback_Add(names[number], __FILE__, line);
        }
    }
    for (size_t i = 0; i < count; i++) Py_XDECREF(args[i]);
    if (!result) stop(self);
    return result;
}

/* Whether the callback may go on: the handler is still there, no exception is pending, and buffered text was reported. */
static bool is_ready(Parser *self, enum handler number)
{
    if (!self->handlers[number] || PyErr_Occurred()) return false;
    return expat_flush_text(self) == 0;
}

#define CALL(name, ...) \
    do { \
        PyObject *args_[] = {__VA_ARGS__}; \
        Py_XDECREF(call_steal(self, HANDLER_##name, __LINE__, args_, Py_ARRAY_LENGTH(args_))); \
    } while (0)

static void report_text(Parser *self, const XML_Char *text, int length)
{
    PyObject *args[] = {PyUnicode_DecodeUTF8(text, length, "strict")};
    Py_XDECREF(call_steal(self, HANDLER_CharacterData, __LINE__, args, 1));
}

int expat_flush_text(Parser *self)
{
    if (!self->buffer || self->buffer_used == 0) return 0;
    int length = self->buffer_used;
    self->buffer_used = 0;
    if (!self->handlers[HANDLER_CharacterData]) return 0;
    report_text(self, self->buffer, length);
    return PyErr_Occurred() ? -1 : 0;
}

/* ---- The callbacks: elements and text ------------------------------------------------------------------------- */

static PyObject *attributes_as_list(Parser *self, const XML_Char **attributes, int count)
{
    PyObject *list = PyList_New(count);
    for (int i = 0; list && i < count; i += 2) {
        PyObject *name = intern(self, attributes[i]), *value = name ? expat_text(attributes[i + 1]) : NULL;
        if (!value) {
            Py_XDECREF(name);
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, name);
        PyList_SET_ITEM(list, i + 1, value);
    }
    return list;
}

static PyObject *attributes_as_dict(Parser *self, const XML_Char **attributes, int count)
{
    PyObject *dict = PyDict_New();
    for (int i = 0; dict && i < count; i += 2) {
        PyObject *name = intern(self, attributes[i]), *value = name ? expat_text(attributes[i + 1]) : NULL;
        if (!value || PyDict_SetItem(dict, name, value) < 0) Py_CLEAR(dict);
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

static void XMLCALL on_StartElement(void *data, const XML_Char *name, const XML_Char **attributes)
{
    Parser *self = data;
    if (!is_ready(self, HANDLER_StartElement)) return;
    int count = 0;
    if (self->specified_attributes) count = XML_GetSpecifiedAttributeCount(self->expat);
    else while (attributes[count]) count += 2;
    PyObject *container = self->ordered_attributes ? attributes_as_list(self, attributes, count)
                                                   : attributes_as_dict(self, attributes, count);
    CALL(StartElement, container ? intern(self, name) : NULL, container);
}

static void XMLCALL on_EndElement(void *data, const XML_Char *name)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_EndElement)) CALL(EndElement, intern(self, name));
}

static void XMLCALL on_CharacterData(void *data, const XML_Char *text, int length)
{
    Parser *self = data;
    if (PyErr_Occurred()) return;
    if (self->buffer && self->buffer_used + (long)length > self->buffer_size) {
        /* The handler may take itself, or the buffer, away. */
        if (expat_flush_text(self) < 0 || !self->handlers[HANDLER_CharacterData]) return;
    }
    if (!self->buffer || length > self->buffer_size) {
        report_text(self, text, length);
        return;
    }
    memcpy(self->buffer + self->buffer_used, text, (size_t)length);
    self->buffer_used += length;
}

/* Stands in while the handler is taken away in the middle of a callback: expat must not lose its own meanwhile. */
static void XMLCALL on_no_CharacterData(void *Py_UNUSED(data), const XML_Char *Py_UNUSED(text), int Py_UNUSED(length)) {}

static void XMLCALL on_StartCdataSection(void *data)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_StartCdataSection)) Py_XDECREF(call_steal(self, HANDLER_StartCdataSection, __LINE__, NULL, 0));
}

static void XMLCALL on_EndCdataSection(void *data)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_EndCdataSection)) Py_XDECREF(call_steal(self, HANDLER_EndCdataSection, __LINE__, NULL, 0));
}

static void XMLCALL on_ProcessingInstruction(void *data, const XML_Char *target, const XML_Char *text)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_ProcessingInstruction)) CALL(ProcessingInstruction, intern(self, target), expat_text(text));
}

static void XMLCALL on_Comment(void *data, const XML_Char *text)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_Comment)) CALL(Comment, expat_text(text));
}

static void XMLCALL on_Default(void *data, const XML_Char *text, int length)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_Default)) CALL(Default, PyUnicode_DecodeUTF8(text, length, "strict"));
}

static void XMLCALL on_DefaultHandlerExpand(void *data, const XML_Char *text, int length)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_DefaultHandlerExpand)) {
        CALL(DefaultHandlerExpand, PyUnicode_DecodeUTF8(text, length, "strict"));
    }
}

static void XMLCALL on_StartNamespaceDecl(void *data, const XML_Char *prefix, const XML_Char *uri)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_StartNamespaceDecl)) CALL(StartNamespaceDecl, intern(self, prefix), intern(self, uri));
}

static void XMLCALL on_EndNamespaceDecl(void *data, const XML_Char *prefix)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_EndNamespaceDecl)) CALL(EndNamespaceDecl, intern(self, prefix));
}

/* ---- The callbacks: declarations ------------------------------------------------------------------------------ */

static void XMLCALL on_UnparsedEntityDecl(void *data, const XML_Char *entity, const XML_Char *base, const XML_Char *system,
                                          const XML_Char *public, const XML_Char *notation)
{
    Parser *self = data;
    if (!is_ready(self, HANDLER_UnparsedEntityDecl)) return;
    CALL(UnparsedEntityDecl, intern(self, entity), intern(self, base), intern(self, system), intern(self, public),
         intern(self, notation));
}

static void XMLCALL on_NotationDecl(void *data, const XML_Char *notation, const XML_Char *base, const XML_Char *system,
                                    const XML_Char *public)
{
    Parser *self = data;
    if (!is_ready(self, HANDLER_NotationDecl)) return;
    CALL(NotationDecl, intern(self, notation), intern(self, base), intern(self, system), intern(self, public));
}

static void XMLCALL on_EntityDecl(void *data, const XML_Char *entity, int is_parameter, const XML_Char *value, int length,
                                  const XML_Char *base, const XML_Char *system, const XML_Char *public,
                                  const XML_Char *notation)
{
    Parser *self = data;
    if (!is_ready(self, HANDLER_EntityDecl)) return;
    PyObject *text = value ? PyUnicode_DecodeUTF8(value, length, "strict") : Py_NewRef(Py_None);
    CALL(EntityDecl, intern(self, entity), PyLong_FromLong(is_parameter), text, intern(self, base), intern(self, system),
         intern(self, public), intern(self, notation));
}

static void XMLCALL on_XmlDecl(void *data, const XML_Char *version, const XML_Char *encoding, int standalone)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_XmlDecl)) CALL(XmlDecl, expat_text(version), expat_text(encoding), PyLong_FromLong(standalone));
}

static void XMLCALL on_StartDoctypeDecl(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                                        int has_internal_subset)
{
    Parser *self = data;
    if (!is_ready(self, HANDLER_StartDoctypeDecl)) return;
    CALL(StartDoctypeDecl, intern(self, name), intern(self, system), intern(self, public),
         PyLong_FromLong(has_internal_subset));
}

static void XMLCALL on_EndDoctypeDecl(void *data)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_EndDoctypeDecl)) Py_XDECREF(call_steal(self, HANDLER_EndDoctypeDecl, __LINE__, NULL, 0));
}

/* (type, quantifier, name, children) */
static PyObject *describe_model(const XML_Content *model)
{
    if (Py_EnterRecursiveCall(" in a content model")) return NULL;
    PyObject *children = PyTuple_New(model->numchildren);
    for (unsigned i = 0; children && i < model->numchildren; i++) {
        PyObject *child = describe_model(&model->children[i]);
        if (child) PyTuple_SET_ITEM(children, i, child);
        else Py_CLEAR(children);
    }
    Py_LeaveRecursiveCall();
    PyObject *name = children ? expat_text(model->name) : NULL;
    if (!name) {
        Py_XDECREF(children);
        return NULL;
    }
    return Py_BuildValue("(iiNN)", (int)model->type, (int)model->quant, name, children);
}

static void XMLCALL on_ElementDecl(void *data, const XML_Char *name, XML_Content *model)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_ElementDecl)) {
        PyObject *description = describe_model(model);
        CALL(ElementDecl, description ? intern(self, name) : NULL, description);
    }
    XML_FreeContentModel(self->expat, model);
}

static void XMLCALL on_AttlistDecl(void *data, const XML_Char *element, const XML_Char *attribute, const XML_Char *type,
                                   const XML_Char *fallback, int is_required)
{
    Parser *self = data;
    if (!is_ready(self, HANDLER_AttlistDecl)) return;
    CALL(AttlistDecl, intern(self, element), intern(self, attribute), expat_text(type), expat_text(fallback),
         PyLong_FromLong(is_required));
}

static void XMLCALL on_SkippedEntity(void *data, const XML_Char *name, int is_parameter)
{
    Parser *self = data;
    if (is_ready(self, HANDLER_SkippedEntity)) CALL(SkippedEntity, intern(self, name), PyLong_FromLong(is_parameter));
}

/* ---- The callbacks with an answer ----------------------------------------------------------------------------- */

static int read_answer_steal(Parser *self, PyObject *answer)
{
    if (!answer) return XML_STATUS_ERROR;
    int status = (int)PyLong_AsLong(answer);
    Py_DECREF(answer);
    if (PyErr_Occurred()) {
        stop(self);
        return XML_STATUS_ERROR;
    }
    return status;
}

static int XMLCALL on_NotStandalone(void *data)
{
    Parser *self = data;
    if (!is_ready(self, HANDLER_NotStandalone)) return XML_STATUS_ERROR;
    return read_answer_steal(self, call_steal(self, HANDLER_NotStandalone, __LINE__, NULL, 0));
}

static int XMLCALL on_ExternalEntityRef(XML_Parser expat, const XML_Char *context, const XML_Char *base, const XML_Char *system,
                                        const XML_Char *public)
{
    Parser *self = XML_GetUserData(expat);
    if (!is_ready(self, HANDLER_ExternalEntityRef)) return XML_STATUS_ERROR;
    PyObject *args[] = {expat_text(context), intern(self, base), intern(self, system), intern(self, public)};
    return read_answer_steal(self, call_steal(self, HANDLER_ExternalEntityRef, __LINE__, args, 4));
}

/* ---- Encodings that expat does not know ------------------------------------------------------------------------ */

/* Encodings of one byte per character are asked for all their 256 characters. */
int expat_unknown_encoding(void *Py_UNUSED(data), const XML_Char *name, XML_Encoding *info)
{
    if (PyErr_Occurred()) return XML_STATUS_ERROR;
    char all[256];
    for (int i = 0; i < 256; i++) all[i] = (char)i;
    PyObject *text = PyUnicode_Decode(all, 256, name, "replace");
    if (!text || PyUnicode_READY(text) < 0) {
        Py_XDECREF(text);
        return XML_STATUS_ERROR;
    }
    if (PyUnicode_GET_LENGTH(text) != 256) {
        Py_DECREF(text);
        PyErr_SetString(PyExc_ValueError, "multi-byte encodings are not supported");
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        Py_UCS4 c = PyUnicode_READ_CHAR(text, i);
        info->map[i] = c == Py_UNICODE_REPLACEMENT_CHARACTER ? -1 : (int)c;
    }
    info->data = NULL;
    info->convert = NULL;
    info->release = NULL;
    Py_DECREF(text);
    return XML_STATUS_OK;
}

/* ---- Connecting ----------------------------------------------------------------------------------------------- */

void expat_connect_handler(Parser *self, enum handler number)
{
    bool set = self->handlers[number] != NULL;
    switch (number) {
#define CONNECT(name, function) \
    case HANDLER_##name: function(self->expat, set ? on_##name : NULL); break;
    CONNECT(StartElement, XML_SetStartElementHandler)
    CONNECT(EndElement, XML_SetEndElementHandler)
    CONNECT(ProcessingInstruction, XML_SetProcessingInstructionHandler)
    CONNECT(UnparsedEntityDecl, XML_SetUnparsedEntityDeclHandler)
    CONNECT(NotationDecl, XML_SetNotationDeclHandler)
    CONNECT(StartNamespaceDecl, XML_SetStartNamespaceDeclHandler)
    CONNECT(EndNamespaceDecl, XML_SetEndNamespaceDeclHandler)
    CONNECT(Comment, XML_SetCommentHandler)
    CONNECT(StartCdataSection, XML_SetStartCdataSectionHandler)
    CONNECT(EndCdataSection, XML_SetEndCdataSectionHandler)
    CONNECT(Default, XML_SetDefaultHandler)
    CONNECT(DefaultHandlerExpand, XML_SetDefaultHandlerExpand)
    CONNECT(NotStandalone, XML_SetNotStandaloneHandler)
    CONNECT(ExternalEntityRef, XML_SetExternalEntityRefHandler)
    CONNECT(StartDoctypeDecl, XML_SetStartDoctypeDeclHandler)
    CONNECT(EndDoctypeDecl, XML_SetEndDoctypeDeclHandler)
    CONNECT(EntityDecl, XML_SetEntityDeclHandler)
    CONNECT(XmlDecl, XML_SetXmlDeclHandler)
    CONNECT(ElementDecl, XML_SetElementDeclHandler)
    CONNECT(AttlistDecl, XML_SetAttlistDeclHandler)
    CONNECT(SkippedEntity, XML_SetSkippedEntityHandler)
#undef CONNECT
    case HANDLER_CharacterData:
        XML_SetCharacterDataHandler(self->expat, set ? on_CharacterData : self->in_callback ? on_no_CharacterData : NULL);
        break;
    case HANDLER_COUNT: break;
    }
}
