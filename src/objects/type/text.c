/* Names and documentation of types: where the parts of tp_name and tp_doc are. */
#include "objects/type/type.h"

#include "objects/names.h"

/* tp_name after its last dot. */
const char *_PyType_Name(PyTypeObject *type)
{
    const char *dot = strrchr(type->tp_name, '.');
    return dot ? dot + 1 : type->tp_name;
}

/* -- "name(signature)\n--\n\ntext" ------------------------------------------------------------ */

/* The "(" of a signature at the start of the doc, or NULL. Static types carry module names that the
 * doc leaves out. */
static const char *find_signature(const char *name, const char *doc)
{
    if (!doc) return NULL;
    const char *dot = strrchr(name, '.');
    if (dot) name = dot + 1;
    size_t length = strlen(name);
    if (strncmp(doc, name, length) != 0 || doc[length] != '(') return NULL;
    return doc + length;
}

static const char signature_end[] = ")\n--\n\n";

/* Behind the end of the signature, or NULL if there is no end. A blank line cannot be part of a
 * signature. */
static const char *skip_signature(const char *doc)
{
    for (; *doc; doc++) {
        if (*doc == *signature_end && strncmp(doc, signature_end, sizeof(signature_end) - 1) == 0) {
            return doc + sizeof(signature_end) - 1;
        }
        if (*doc == '\n' && doc[1] == '\n') return NULL;
    }
    return NULL;
}

/* New reference: what __doc__ shows of an internal doc string; None if it is empty. */
PyObject *_PyType_GetDocFromInternalDoc(const char *name, const char *internal_doc)
{
    const char *start = find_signature(name, internal_doc);
    const char *text = start ? skip_signature(start) : NULL;
    if (!text) text = internal_doc;
    if (!text || !*text) return Py_NewRef(Py_None);
    return PyUnicode_FromString(text);
}

/* New reference: __text_signature__, "(…)", None if the doc has no signature. */
PyObject *_PyType_GetTextSignatureFromInternalDoc(const char *name, const char *internal_doc)
{
    const char *start = find_signature(name, internal_doc);
    const char *end = start ? skip_signature(start) : NULL;
    if (!end) return Py_NewRef(Py_None);
    return PyUnicode_FromStringAndSize(start,
                                       end - start - (Py_ssize_t)(sizeof(signature_end) - 1) + 1);
}

/* -- __name__ and its companions -------------------------------------------------------------- */

static PyObject *short_name(PyTypeObject *type)
{
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) return Py_NewRef(((PyHeapTypeObject *)type)->ht_name);
    return PyUnicode_FromString(_PyType_Name(type));
}

PyObject *PyType_GetName(PyTypeObject *type)
{
    return short_name(type);
}

PyObject *type_get_qualname(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        return Py_NewRef(((PyHeapTypeObject *)type)->ht_qualname);
    }
    return short_name(type);
}

PyObject *PyType_GetQualName(PyTypeObject *type)
{
    return type_get_qualname(type, NULL);
}

PyObject *type_get_module(PyTypeObject *type, void *Py_UNUSED(context))
{
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) {
        PyObject *module = type_dict_get(type, NAME(__module__));
        if (!module && !PyErr_Occurred()) PyErr_SetString(PyExc_AttributeError, "__module__");
        return Py_XNewRef(module);
    }
    const char *dot = strrchr(type->tp_name, '.');
    if (!dot) return Py_NewRef(NAME(builtins));
    PyObject *module = PyUnicode_FromStringAndSize(type->tp_name, dot - type->tp_name);
    if (module) PyUnicode_InternInPlace(&module);
    return module;
}
