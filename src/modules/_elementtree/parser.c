/* XMLParser: expat's events to a target, which mostly is a TreeBuilder.
 *
 * With a TreeBuilder itself as the target ("direct") no method is called: events go to the functions of builder.c, and character
 * data gathers in a buffer, so that a run of text becomes one str however often expat reports.
 */
#include "modules/_elementtree/etree.h"

#include <expat.h>
#include <structmember.h>

#include "modules/pyexpat/expat_parser.h"
#include "objects/names.h"

/* The methods of a target, and where a parser keeps them. */
#define FOR_EACH_EVENT(E) E(start_ns) E(end_ns) E(start) E(data) E(end) E(comment) E(pi) E(close) E(doctype)

typedef struct {
    PyObject_HEAD
    XML_Parser expat;
    PyObject *target;               /* owned */
    PyObject *entity;               /* owned dict: name of an entity -> its text */
    bool direct;
    char *text;                     /* character data not yet given to the builder */
    size_t text_size, text_capacity;
    NameCache names;                /* from expat's names, "uri}tag", to "{uri}tag"; and of short white space */
#define FIELD(name) PyObject *on_##name;  /* owned, or NULL: the target has no such method */
    FOR_EACH_EVENT(FIELD)
} XMLParser;

/* ---- Errors --------------------------------------------------------------------------------------------------- */

static void raise_parse_error(enum XML_Error code, XML_Size line, XML_Size column, const char *message)
{
    PyObject *text = PyUnicode_FromFormat("%s: line %zu, column %zu", message ? message : XML_ErrorString(code), (size_t)line,
                                          (size_t)column);
    PyObject *error = text ? PyObject_CallOneArg(etree_runtime.parse_error, text) : NULL;
    PyObject *number = error ? PyLong_FromLong(code) : NULL, *position = number ? Py_BuildValue("(nn)", line, column) : NULL;
    if (position && PyObject_SetAttrString(error, "code", number) == 0
        && PyObject_SetAttrString(error, "position", position) == 0) {
        PyErr_SetObject(etree_runtime.parse_error, error);
    }
    Py_XDECREF(text);
    Py_XDECREF(error);
    Py_XDECREF(number);
    Py_XDECREF(position);
}

/* ---- Names and text ------------------------------------------------------------------------------------------- */

/* New reference to the name in braces notation. */
static PyObject *universal_name(XMLParser *self, const XML_Char *raw)
{
    uint32_t length;
    NameCacheSlot *slot = name_cache_slot(&self->names, raw, &length);
    if (name_cache_hit(slot, raw, length)) return Py_NewRef(slot->object);
    PyObject *name = memchr(raw, '}', length) ? PyUnicode_FromFormat("{%s", raw)
                                              : PyUnicode_DecodeUTF8(raw, (Py_ssize_t)length, "strict");
    if (!name) return NULL;
    PyUnicode_InternInPlace(&name);
    name_cache_put(slot, raw, length, name);
    return name;
}

static PyObject *text_object(XMLParser *self)
{
    bool space = self->text_size < NAME_CACHE_TEXT && (*self->text == '\n' || *self->text == ' ');
    if (!space) return PyUnicode_DecodeUTF8(self->text, (Py_ssize_t)self->text_size, "strict");
    /* Indentation: the same few texts all over a document. */
    uint32_t length;
    self->text[self->text_size] = '\0';
    NameCacheSlot *slot = name_cache_slot(&self->names, self->text, &length);
    if (name_cache_hit(slot, self->text, length)) return Py_NewRef(slot->object);
    PyObject *text = PyUnicode_DecodeUTF8(self->text, (Py_ssize_t)length, "strict");
    if (text) name_cache_put(slot, self->text, length, text);
    return text;
}

/* Gives gathered text to the builder. -1 with an exception. */
static int flush_text(XMLParser *self)
{
    if (self->text_size == 0) return 0;
    PyObject *text = text_object(self);
    self->text_size = 0;
    int status = text ? etree_builder_data((TreeBuilder *)self->target, text) : -1;
    Py_XDECREF(text);
    return status;
}

static void gather_text(XMLParser *self, const char *text, size_t size)
{
    if (self->text_capacity - self->text_size <= size) {
        size_t capacity = 2 * self->text_capacity + size + 256;
        char *grown = PyMem_Realloc(self->text, capacity);
        if (!grown) {
            PyErr_NoMemory();
            return;
        }
        self->text = grown;
        self->text_capacity = capacity;
    }
    memcpy(self->text + self->text_size, text, size);
    self->text_size += size;
}

/* ---- What expat calls ----------------------------------------------------------------------------------------- */

static inline TreeBuilder *builder_of(XMLParser *self) { return (TreeBuilder *)self->target; }
/* Whether an event may be handled: no exception is pending, and text before it has gone its way. */
static inline bool is_ready(XMLParser *self) { return !PyErr_Occurred() && flush_text(self) == 0; }

/* Calls a handler with arguments that it takes; some may be NULL with an exception set. */
static void call_steal(PyObject *handler, PyObject **args, size_t count)
{
    bool whole = true;
    for (size_t i = 0; i < count; i++) whole &= args[i] != NULL;
    if (whole) {
        Py_INCREF(handler);
        Py_XDECREF(PyObject_Vectorcall(handler, args, count, NULL));
        Py_DECREF(handler);
    }
    for (size_t i = 0; i < count; i++) Py_XDECREF(args[i]);
}

#define CALL(handler, ...) \
    do { \
        PyObject *args_[] = {__VA_ARGS__}; \
        call_steal(handler, args_, Py_ARRAY_LENGTH(args_)); \
    } while (0)

static PyObject *read_attributes(XMLParser *self, const XML_Char **raw)
{
    PyObject *dict = PyDict_New();
    for (; dict && raw[0]; raw += 2) {
        PyObject *name = universal_name(self, raw[0]), *value = name ? expat_text(raw[1]) : NULL;
        if (!value || PyDict_SetItem(dict, name, value) < 0) Py_CLEAR(dict);
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

static void XMLCALL start_element(void *data, const XML_Char *raw, const XML_Char **raw_attributes)
{
    XMLParser *self = data;
    if (!is_ready(self)) return;
    PyObject *tag = universal_name(self, raw), *attributes = NULL;
    if (!tag) return;
    if ((raw_attributes[0] || !self->direct) && !(attributes = read_attributes(self, raw_attributes))) {
        Py_DECREF(tag);
        return;
    }
    if (self->direct) {
        Py_XDECREF(etree_builder_start(builder_of(self), tag, attributes));
        Py_DECREF(tag);
        Py_XDECREF(attributes);
    }
    else if (self->on_start) CALL(self->on_start, tag, attributes);
    else {
        Py_DECREF(tag);
        Py_DECREF(attributes);
    }
}

static void XMLCALL end_element(void *data, const XML_Char *raw)
{
    XMLParser *self = data;
    if (!is_ready(self)) return;
    if (self->direct) Py_XDECREF(etree_builder_end(builder_of(self)));
    else if (self->on_end) CALL(self->on_end, universal_name(self, raw));
}

static void XMLCALL character_data(void *data, const XML_Char *text, int size)
{
    XMLParser *self = data;
    if (PyErr_Occurred()) return;
    if (self->direct) gather_text(self, text, (size_t)size);
    else if (self->on_data) CALL(self->on_data, PyUnicode_DecodeUTF8(text, size, "strict"));
}

/* What expat has no other handler for: here, entities that the document does not declare. */
static void XMLCALL other_data(void *data, const XML_Char *raw, int size)
{
    XMLParser *self = data;
    if (size < 2 || raw[0] != '&' || !is_ready(self)) return;
    PyObject *name = PyUnicode_DecodeUTF8(raw + 1, size - 2, "strict");
    if (!name) return;
    PyObject *value = PyDict_GetItemWithError(self->entity, name);
    if (value && self->direct) (void)etree_builder_data(builder_of(self), value);
    else if (value && self->on_data) CALL(self->on_data, Py_NewRef(value));
    else if (!value && !PyErr_Occurred()) {
        char message[128];
        PyOS_snprintf(message, sizeof message, "undefined entity %.*s", size < 100 ? size : 100, raw);
        raise_parse_error(XML_ERROR_UNDEFINED_ENTITY, XML_GetErrorLineNumber(self->expat),
                          XML_GetErrorColumnNumber(self->expat), message);
    }
    Py_DECREF(name);
}

static void XMLCALL comment(void *data, const XML_Char *raw)
{
    XMLParser *self = data;
    if (!is_ready(self)) return;
    PyObject *text = expat_text(raw);
    if (text && self->direct) {
        Py_XDECREF(etree_builder_comment(builder_of(self), text));
        Py_DECREF(text);
    }
    else if (self->on_comment) CALL(self->on_comment, text);
    else Py_XDECREF(text);
}

static void XMLCALL instruction(void *data, const XML_Char *raw_target, const XML_Char *raw_text)
{
    XMLParser *self = data;
    if (!is_ready(self)) return;
    PyObject *target = expat_text(raw_target), *text = target ? expat_text(raw_text) : NULL;
    if (text && self->direct) {
        Py_XDECREF(etree_builder_pi(builder_of(self), target, text));
        Py_DECREF(target);
        Py_DECREF(text);
    }
    else if (self->on_pi) CALL(self->on_pi, target, text);
    else {
        Py_XDECREF(target);
        Py_XDECREF(text);
    }
}

static void XMLCALL start_namespace(void *data, const XML_Char *prefix, const XML_Char *uri)
{
    XMLParser *self = data;
    if (!is_ready(self)) return;
    PyObject *first = expat_text(prefix ? prefix : ""), *second = expat_text(uri ? uri : "");
    if (self->direct) {
        PyObject *pair = first && second ? PyTuple_Pack(2, first, second) : NULL;
        if (pair) (void)etree_builder_event(builder_of(self), builder_of(self)->start_ns_event, pair);
        Py_XDECREF(pair);
        Py_XDECREF(first);
        Py_XDECREF(second);
    }
    else if (self->on_start_ns) CALL(self->on_start_ns, first, second);
    else {
        Py_XDECREF(first);
        Py_XDECREF(second);
    }
}

static void XMLCALL end_namespace(void *data, const XML_Char *prefix)
{
    XMLParser *self = data;
    if (!is_ready(self)) return;
    if (self->direct) (void)etree_builder_event(builder_of(self), builder_of(self)->end_ns_event, Py_None);
    else if (self->on_end_ns) CALL(self->on_end_ns, expat_text(prefix ? prefix : ""));
}

static void XMLCALL start_doctype(void *data, const XML_Char *name, const XML_Char *system, const XML_Char *public,
                                  int Py_UNUSED(has_internal_subset))
{
    XMLParser *self = data;
    if (!is_ready(self)) return;
    if (self->on_doctype) {
        CALL(self->on_doctype, expat_text(name), expat_text(public), expat_text(system));
        return;
    }
    PyObject *method;
    if (_PyObject_LookupAttr((PyObject *)self, NAME(doctype), &method) <= 0) return;
    Py_DECREF(method);
    (void)PyErr_WarnEx(PyExc_RuntimeWarning,
                       "The doctype() method of XMLParser is ignored.  Define doctype() method on the TreeBuilder target.", 1);
}

/* ---- Life ----------------------------------------------------------------------------------------------------- */

static PyObject *parser_new(PyTypeObject *type, PyObject *Py_UNUSED(args), PyObject *Py_UNUSED(kwargs))
{
    return type->tp_alloc(type, 0);
}

static int parser_clear(XMLParser *self)
{
#define CLEAR(name) Py_CLEAR(self->on_##name);
    FOR_EACH_EVENT(CLEAR)
    Py_CLEAR(self->target);
    Py_CLEAR(self->entity);
    return 0;
}

static int parser_traverse(XMLParser *self, visitproc visit, void *arg)
{
#define VISIT(name) Py_VISIT(self->on_##name);
    FOR_EACH_EVENT(VISIT)
    Py_VISIT(self->target);
    Py_VISIT(self->entity);
    return 0;
}

static void free_expat(XMLParser *self)
{
    XML_Parser expat = self->expat;
    self->expat = NULL;
    if (expat) XML_ParserFree(expat);
}

static void parser_dealloc(XMLParser *self)
{
    PyObject_GC_UnTrack(self);
    free_expat(self);
    parser_clear(self);
    name_cache_clear(&self->names);
    PyMem_Free(self->text);
    Py_TYPE(self)->tp_free(self);
}

static int find_methods(XMLParser *self)
{
#define FIND(name) \
    { \
        PyObject *method_; \
        if (_PyObject_LookupAttr(self->target, NAME(name), &method_) < 0) return -1; \
        Py_XSETREF(self->on_##name, method_); \
    }
    FOR_EACH_EVENT(FIND)
    return 0;
}

static int parser_init(XMLParser *self, PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"target", "encoding", NULL};
    PyObject *target = NULL, *name = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|$OO:XMLParser", keywords, &target, &name)) return -1;
    if (name != Py_None && !PyUnicode_Check(name)) {
        _PyArg_BadArgument("XMLParser", "argument 'encoding'", "str or None", name);
        return -1;
    }
    const char *encoding = name == Py_None ? NULL : PyUnicode_AsUTF8(name);
    if (name != Py_None && !encoding) return -1;
    free_expat(self);
    self->text_size = 0;
    Py_XSETREF(self->entity, PyDict_New());
    if (!self->entity) return -1;
    /* A builder that __init__ has not seen: comments and processing instructions stay plain text in its events. */
    target = target && target != Py_None ? Py_NewRef(target) : etree_builder_type.tp_new(&etree_builder_type, NULL, NULL);
    if (!target) return -1;
    Py_XSETREF(self->target, target);
    self->direct = Py_IS_TYPE(target, &etree_builder_type);
    if (find_methods(self) < 0) return -1;
    XML_Parser expat = self->expat = XML_ParserCreate_MM(encoding, &expat_memory, "}");
    if (!expat) {
        PyErr_NoMemory();
        return -1;
    }
    XML_SetHashSalt(expat, (unsigned long)_Py_HashSecret.expat.hashsalt);
    XML_SetUserData(expat, self);
    if (self->on_start_ns || self->on_end_ns) XML_SetNamespaceDeclHandler(expat, start_namespace, end_namespace);
    XML_SetElementHandler(expat, start_element, end_element);
    XML_SetDefaultHandlerExpand(expat, other_data);
    XML_SetCharacterDataHandler(expat, character_data);
    if (self->on_comment) XML_SetCommentHandler(expat, comment);
    if (self->on_pi) XML_SetProcessingInstructionHandler(expat, instruction);
    XML_SetStartDoctypeDeclHandler(expat, start_doctype);
    XML_SetUnknownEncodingHandler(expat, expat_unknown_encoding, NULL);
    return 0;
}

/* ---- Parsing -------------------------------------------------------------------------------------------------- */

static int check_initialised(XMLParser *self)
{
    if (self->expat) return 0;
    PyErr_SetString(PyExc_ValueError, "XMLParser.__init__() wasn't called");
    return -1;
}

static int parse(XMLParser *self, const char *data, Py_ssize_t size, bool final)
{
    if (size > INT_MAX) {
        PyErr_SetString(PyExc_OverflowError, "size does not fit in an int");
        return -1;
    }
    Py_INCREF(self);
    enum XML_Status status = XML_Parse(self->expat, data, (int)size, final);
    if (!PyErr_Occurred()) {
        if (status == XML_STATUS_ERROR) {
            raise_parse_error(XML_GetErrorCode(self->expat), XML_GetErrorLineNumber(self->expat),
                              XML_GetErrorColumnNumber(self->expat), NULL);
        }
        /* The builder may be used by others between two pieces of the document. */
        else (void)flush_text(self);
    }
    Py_DECREF(self);
    return PyErr_Occurred() ? -1 : 0;
}

/* A str is parsed as UTF-8, whatever its declaration says. */
static int parse_str(XMLParser *self, PyObject *text)
{
    Py_ssize_t size;
    const char *data = PyUnicode_AsUTF8AndSize(text, &size);
    if (!data) return -1;
    (void)XML_SetEncoding(self->expat, "utf-8");
    return parse(self, data, size, false);
}

static PyObject *parser_feed(XMLParser *self, PyObject *data)
{
    int status;
    if (check_initialised(self) < 0) return NULL;
    if (PyUnicode_Check(data)) status = parse_str(self, data);
    else {
        Py_buffer view;
        if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) < 0) return NULL;
        status = parse(self, view.buf, view.len, false);
        PyBuffer_Release(&view);
    }
    if (status < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *parser_close(XMLParser *self, PyObject *Py_UNUSED(ignored))
{
    if (check_initialised(self) < 0 || parse(self, "", 0, true) < 0) return NULL;
    if (self->direct) return etree_builder_close(builder_of(self));
    if (self->on_close) return PyObject_CallNoArgs(self->on_close);
    Py_RETURN_NONE;
}

/* One piece of a file's text. 1: there may be more, 0: that was all, -1: an exception. */
static int parse_piece(XMLParser *self, PyObject *piece)
{
    if (PyUnicode_CheckExact(piece)) {
        if (PyUnicode_GET_LENGTH(piece) == 0) return 0;
        PyObject *bytes = PyUnicode_AsEncodedString(piece, "utf-8", "surrogatepass");
        if (!bytes) return -1;
        (void)XML_SetEncoding(self->expat, "utf-8");
        int status = parse(self, PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes), false);
        Py_DECREF(bytes);
        return status < 0 ? -1 : 1;
    }
    if (!PyBytes_CheckExact(piece) || PyBytes_GET_SIZE(piece) == 0) return 0;
    return parse(self, PyBytes_AS_STRING(piece), PyBytes_GET_SIZE(piece), false) < 0 ? -1 : 1;
}

static PyObject *parser_parse_whole(XMLParser *self, PyObject *file)
{
    if (check_initialised(self) < 0) return NULL;
    PyObject *read = PyObject_GetAttr(file, NAME(read));
    if (!read) return NULL;
    int status = 1;
    while (status > 0) {
        PyObject *piece = PyObject_CallFunction(read, "i", 64 * 1024);
        status = piece ? parse_piece(self, piece) : -1;
        Py_XDECREF(piece);
    }
    Py_DECREF(read);
    if (status < 0 || parse(self, "", 0, true) < 0) return NULL;
    if (self->direct) return etree_builder_close(builder_of(self));
    Py_RETURN_NONE;
}

/* ---- Events for iterparse ------------------------------------------------------------------------------------- */

static int report_event(XMLParser *self, PyObject *event)
{
    TreeBuilder *builder = builder_of(self);
    const char *name = PyUnicode_Check(event) ? PyUnicode_AsUTF8(event) : PyBytes_Check(event) ? PyBytes_AS_STRING(event) : NULL;
    if (!name) {
        if (PyErr_Occurred()) return -1;
        PyErr_SetString(PyExc_ValueError, "invalid events sequence");
        return -1;
    }
    PyObject **place;
    if (strcmp(name, "start") == 0) place = &builder->start_event;
    else if (strcmp(name, "end") == 0) place = &builder->end_event;
    else if (strcmp(name, "start-ns") == 0 || strcmp(name, "end-ns") == 0) {
        place = *name == 's' ? &builder->start_ns_event : &builder->end_ns_event;
        XML_SetNamespaceDeclHandler(self->expat, start_namespace, end_namespace);
    }
    else if (strcmp(name, "comment") == 0) {
        place = &builder->comment_event;
        XML_SetCommentHandler(self->expat, comment);
    }
    else if (strcmp(name, "pi") == 0) {
        place = &builder->pi_event;
        XML_SetProcessingInstructionHandler(self->expat, instruction);
    }
    else {
        PyErr_Format(PyExc_ValueError, "unknown event '%s'", name);
        return -1;
    }
    Py_XSETREF(*place, Py_NewRef(event));
    return 0;
}

static PyObject *parser_setevents(XMLParser *self, PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_setevents", nargs, 1, 2) || check_initialised(self) < 0) return NULL;
    if (!self->direct) {
        PyErr_SetString(PyExc_TypeError, "event handling only supported for ElementTree.TreeBuilder targets");
        return NULL;
    }
    TreeBuilder *builder = builder_of(self);
    PyObject *append = PyObject_GetAttr(args[0], NAME(append));
    if (!append) return NULL;
    Py_XSETREF(builder->append_event, append);
    PyObject **places[] = {&builder->start_event, &builder->end_event, &builder->start_ns_event, &builder->end_ns_event,
                           &builder->comment_event, &builder->pi_event};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(places); i++) Py_CLEAR(*places[i]);
    if (nargs < 2 || args[1] == Py_None) {
        builder->end_event = PyUnicode_InternFromString("end");
        if (!builder->end_event) return NULL;
        Py_RETURN_NONE;
    }
    PyObject *events = PySequence_Fast(args[1], "events must be a sequence");
    if (!events) return NULL;
    int status = 0;
    for (Py_ssize_t i = 0; status == 0 && i < PySequence_Fast_GET_SIZE(events); i++) {
        status = report_event(self, PySequence_Fast_GET_ITEM(events, i));
    }
    Py_DECREF(events);
    if (status < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- The type ------------------------------------------------------------------------------------------------- */

static PyObject *get_version(XMLParser *Py_UNUSED(self), void *Py_UNUSED(closure))
{
    return PyUnicode_FromFormat("Expat %d.%d.%d", XML_MAJOR_VERSION, XML_MINOR_VERSION, XML_MICRO_VERSION);
}

static PyMethodDef parser_methods[] = {
    {"feed", (PyCFunction)parser_feed, METH_O, "feed($self, data, /)\n--\n\n"},
    {"close", (PyCFunction)parser_close, METH_NOARGS, "close($self, /)\n--\n\n"},
    {"_parse_whole", (PyCFunction)parser_parse_whole, METH_O, "_parse_whole($self, file, /)\n--\n\n"},
    {"_setevents", (PyCFunction)(void (*)(void))parser_setevents, METH_FASTCALL,
     "_setevents($self, events_queue, events_to_report=None, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef parser_members[] = {
    {"entity", T_OBJECT, offsetof(XMLParser, entity), READONLY, NULL},
    {"target", T_OBJECT, offsetof(XMLParser, target), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef parser_attributes[] = {
    {"version", (getter)get_version, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject etree_parser_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "xml.etree.ElementTree.XMLParser",
    .tp_basicsize = sizeof(XMLParser),
    .tp_dealloc = (destructor)parser_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)parser_traverse,
    .tp_clear = (inquiry)parser_clear,
    .tp_methods = parser_methods,
    .tp_members = parser_members,
    .tp_getset = parser_attributes,
    .tp_init = (initproc)parser_init,
    .tp_alloc = PyType_GenericAlloc,
    .tp_new = parser_new,
    .tp_free = PyObject_GC_Del,
};
