/* pyexpat: expat's parser as an object. module.c has the module, parser.c the type, pyexpat.c what expat calls back. */
#ifndef KRAIT_MODULES_PYEXPAT_EXPAT_PARSER_H
#define KRAIT_MODULES_PYEXPAT_EXPAT_PARSER_H

#include <Python.h>
#include <expat.h>
#include <stdbool.h>

#include "modules/pyexpat/name_cache.h"

/* The handlers, by the name of their attribute without "Handler". */
#define FOR_EACH_HANDLER(H) \
    H(StartElement) H(EndElement) H(ProcessingInstruction) H(CharacterData) H(UnparsedEntityDecl) H(NotationDecl) \
    H(StartNamespaceDecl) H(EndNamespaceDecl) H(Comment) H(StartCdataSection) H(EndCdataSection) H(Default) \
    H(DefaultHandlerExpand) H(NotStandalone) H(ExternalEntityRef) H(StartDoctypeDecl) H(EndDoctypeDecl) H(EntityDecl) \
    H(XmlDecl) H(ElementDecl) H(AttlistDecl) H(SkippedEntity)

enum handler {
#define H(name) HANDLER_##name,
    FOR_EACH_HANDLER(H)
#undef H
    HANDLER_COUNT
};

struct ExpatModule {
    PyTypeObject *parser_type;      /* owned */
    PyObject *error;                /* owned: ExpatError */
};

typedef struct {
    PyObject_HEAD
    XML_Parser expat;
    struct ExpatModule *module;     /* of the type's module, which the type keeps */
    PyObject *parent;               /* owned: the parser whose entity this one reads, or NULL; expat shares data with it */
    bool ordered_attributes, specified_attributes, namespace_prefixes;
    bool in_callback;
    bool parsing;                   /* inside Parse() or ParseFile() */
    int buffer_size;
    int buffer_used;
    XML_Char *buffer;               /* of character data to be reported at once; NULL: reported as it comes */
    PyObject *intern;               /* owned dict, or NULL */
    NameCache names;                /* in front of `intern` */
    PyObject *handlers[HANDLER_COUNT];  /* owned, or NULL */
} Parser;

extern PyType_Spec expat_parser_spec;
extern const XML_Memory_Handling_Suite expat_memory;

/* A parser of its own, or (given expat's sub-parser) for an external entity. Steals `expat` on success. */
PyObject *expat_parser_new(struct ExpatModule *module, XML_Parser expat, bool namespaces, PyObject *intern);

void expat_clear_handlers(Parser *self);

/* ---- pyexpat.c ---- */

/* Tells expat whom to call for the handler that is set, or that nobody is. */
void expat_connect_handler(Parser *self, enum handler number);
/* Reports buffered character data. -1 with an exception. */
int expat_flush_text(Parser *self);
int expat_unknown_encoding(void *data, const XML_Char *name, XML_Encoding *info);

/* New str, or None for NULL. */
static inline PyObject *expat_text(const XML_Char *text)
{
    if (!text) Py_RETURN_NONE;
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "strict");
}

#endif
