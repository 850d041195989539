/* UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError. */
#define PY_SSIZE_T_CLEAN
#include "objects/exceptions/exceptions.h"

#include <stddef.h>
#include <structmember.h>

static PyUnicodeErrorObject *error(PyObject *o) { return (PyUnicodeErrorObject *)o; }

/* ---- Making ---------------------------------------------------------------------------------------------------- */

static int encode_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyUnicodeErrorObject *e = error(self);
    PyObject *encoding, *object, *reason;
    Py_ssize_t start, end;
    if (exception_init(self, args, kwargs) < 0) return -1;
    if (!PyArg_ParseTuple(args, "UUnnU", &encoding, &object, &start, &end, &reason)) return -1;
    Py_XSETREF(e->encoding, Py_NewRef(encoding));
    Py_XSETREF(e->object, Py_NewRef(object));
    Py_XSETREF(e->reason, Py_NewRef(reason));
    e->start = start;
    e->end = end;
    return 0;
}

static int decode_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyUnicodeErrorObject *e = error(self);
    PyObject *encoding, *object, *reason;
    Py_ssize_t start, end;
    if (exception_init(self, args, kwargs) < 0) return -1;
    if (!PyArg_ParseTuple(args, "UOnnU", &encoding, &object, &start, &end, &reason)) return -1;
    PyObject *bytes = PyBytes_Check(object) ? Py_NewRef(object) : NULL;
    if (!bytes) {
        Py_buffer view;
        if (PyObject_GetBuffer(object, &view, PyBUF_SIMPLE) < 0) return -1;
        bytes = PyBytes_FromStringAndSize(view.buf, view.len);
        PyBuffer_Release(&view);
        if (!bytes) return -1;
    }
    Py_XSETREF(e->encoding, Py_NewRef(encoding));
    Py_XSETREF(e->object, bytes);
    Py_XSETREF(e->reason, Py_NewRef(reason));
    e->start = start;
    e->end = end;
    return 0;
}

static int translate_init(PyObject *self, PyObject *args, PyObject *kwargs)
{
    PyUnicodeErrorObject *e = error(self);
    PyObject *object, *reason;
    Py_ssize_t start, end;
    if (exception_init(self, args, kwargs) < 0) return -1;
    if (!PyArg_ParseTuple(args, "UnnU", &object, &start, &end, &reason)) return -1;
    Py_XSETREF(e->object, Py_NewRef(object));
    Py_XSETREF(e->reason, Py_NewRef(reason));
    e->start = start;
    e->end = end;
    return 0;
}

/* ---- Text ------------------------------------------------------------------------------------------------------ */

/* '\xe9', '\u20ac' or '\U0001f600' between quotes. */
static PyObject *describe_character(Py_UCS4 c)
{
    const char *format = c <= 0xff ? "'\\x%02x'" : c <= 0xffff ? "'\\u%04x'" : "'\\U%08x'";
    return PyUnicode_FromFormat(format, (int)c);
}

/* Text of an encoding or translation error. `prefix` is "'ascii' codec can't encode" or "can't translate"; stolen. */
static PyObject *describe(PyUnicodeErrorObject *e, PyObject *prefix)
{
    PyObject *reason = prefix ? PyObject_Str(e->reason) : NULL, *result = NULL, *character = NULL;
    if (!reason) goto done;
    if (e->start >= 0 && e->start < PyUnicode_GET_LENGTH(e->object) && e->end == e->start + 1) {
        character = describe_character(PyUnicode_ReadChar(e->object, e->start));
        if (character) result = PyUnicode_FromFormat("%U character %U in position %zd: %U", prefix, character, e->start, reason);
    }
    else result = PyUnicode_FromFormat("%U characters in position %zd-%zd: %U", prefix, e->start, e->end - 1, reason);
done:
    Py_XDECREF(prefix);
    Py_XDECREF(reason);
    Py_XDECREF(character);
    return result;
}

static PyObject *encode_str(PyObject *self)
{
    PyUnicodeErrorObject *e = error(self);
    if (!e->object) return PyUnicode_FromString("");
    PyObject *encoding = PyObject_Str(e->encoding);
    if (!encoding) return NULL;
    PyObject *prefix = PyUnicode_FromFormat("'%U' codec can't encode", encoding);
    Py_DECREF(encoding);
    return describe(e, prefix);
}

static PyObject *translate_str(PyObject *self)
{
    PyUnicodeErrorObject *e = error(self);
    if (!e->object) return PyUnicode_FromString("");
    return describe(e, PyUnicode_FromString("can't translate"));
}

static PyObject *decode_str(PyObject *self)
{
    PyUnicodeErrorObject *e = error(self);
    if (!e->object) return PyUnicode_FromString("");
    PyObject *reason = PyObject_Str(e->reason), *encoding = PyObject_Str(e->encoding), *result = NULL;
    if (reason && encoding) {
        if (e->start >= 0 && e->start < PyBytes_GET_SIZE(e->object) && e->end == e->start + 1) {
            int byte = (unsigned char)PyBytes_AS_STRING(e->object)[e->start];
            result = PyUnicode_FromFormat("'%U' codec can't decode byte 0x%02x in position %zd: %U", encoding, byte, e->start, reason);
        }
        else {
            result = PyUnicode_FromFormat("'%U' codec can't decode bytes in position %zd-%zd: %U", encoding, e->start, e->end - 1, reason);
        }
    }
    Py_XDECREF(reason);
    Py_XDECREF(encoding);
    return result;
}

/* ---- Layouts --------------------------------------------------------------------------------------------------- */

#define AT(field) offsetof(PyUnicodeErrorObject, field)
static PyMemberDef unicode_error_members[] = {
    {"encoding", T_OBJECT, AT(encoding), 0, PyDoc_STR("exception encoding")},
    {"object", T_OBJECT, AT(object), 0, PyDoc_STR("exception object")},
    {"start", T_PYSSIZET, AT(start), 0, PyDoc_STR("exception start")},
    {"end", T_PYSSIZET, AT(end), 0, PyDoc_STR("exception end")},
    {"reason", T_OBJECT, AT(reason), 0, PyDoc_STR("exception reason")},
    {0},
};

EXCEPTION_FIELDS(unicode_error, AT(encoding), AT(object), AT(reason))
#define LAYOUT(kind) \
    const ExceptionLayout exception_layout_unicode_##kind##_error = { \
        .size = sizeof(PyUnicodeErrorObject), .new = exception_new, .init = kind##_init, .str = kind##_str, \
        .dealloc = unicode_error_dealloc, .traverse = unicode_error_traverse, .clear = unicode_error_clear, \
        .members = unicode_error_members, \
    };
LAYOUT(encode)
LAYOUT(decode)
LAYOUT(translate)

/* ---- The C API ------------------------------------------------------------------------------------------------- */

PyObject *PyUnicodeDecodeError_Create(const char *encoding, const char *object, Py_ssize_t length, Py_ssize_t start, Py_ssize_t end,
                                      const char *reason)
{
    return PyObject_CallFunction(PyExc_UnicodeDecodeError, "sy#nns", encoding, object, length, start, end, reason);
}

PyObject *_PyUnicodeTranslateError_Create(PyObject *object, Py_ssize_t start, Py_ssize_t end, const char *reason)
{
    return PyObject_CallFunction(PyExc_UnicodeTranslateError, "Onns", object, start, end, reason);
}

static PyObject *checked_text(PyObject *value, const char *name)
{
    if (!value || !PyUnicode_Check(value)) {
        PyErr_Format(PyExc_TypeError, value ? "%.200s attribute must be unicode" : "%.200s attribute not set", name);
        return NULL;
    }
    return Py_NewRef(value);
}

static PyObject *checked_bytes(PyObject *value, const char *name)
{
    if (!value || !PyBytes_Check(value)) {
        PyErr_Format(PyExc_TypeError, value ? "%.200s attribute must be bytes" : "%.200s attribute not set", name);
        return NULL;
    }
    return Py_NewRef(value);
}

/* Start and end are kept inside the object, whatever a program set them to. */
static int get_start(PyObject *exc, PyObject *object, Py_ssize_t size, Py_ssize_t *start)
{
    if (!object) return -1;
    Py_DECREF(object);
    Py_ssize_t s = error(exc)->start;
    *start = s < 0 ? 0 : s >= size ? (size ? size - 1 : 0) : s;
    return 0;
}

static int get_end(PyObject *exc, PyObject *object, Py_ssize_t size, Py_ssize_t *end)
{
    if (!object) return -1;
    Py_DECREF(object);
    Py_ssize_t e = error(exc)->end;
    *end = e < 1 ? 1 : e;
    if (*end > size) *end = size;
    return 0;
}

static int set_reason(PyObject *exc, const char *reason)
{
    PyObject *text = PyUnicode_FromString(reason);
    if (!text) return -1;
    Py_XSETREF(error(exc)->reason, text);
    return 0;
}

#define ACCESSORS(Kind, CHECK, SIZE) \
    PyObject *PyUnicode##Kind##Error_GetObject(PyObject *exc) { return CHECK(error(exc)->object, "object"); } \
    PyObject *PyUnicode##Kind##Error_GetReason(PyObject *exc) { return checked_text(error(exc)->reason, "reason"); } \
    int PyUnicode##Kind##Error_SetReason(PyObject *exc, const char *reason) { return set_reason(exc, reason); } \
    int PyUnicode##Kind##Error_GetStart(PyObject *exc, Py_ssize_t *start) \
    { \
        PyObject *o = CHECK(error(exc)->object, "object"); \
        return get_start(exc, o, o ? SIZE(o) : 0, start); \
    } \
    int PyUnicode##Kind##Error_GetEnd(PyObject *exc, Py_ssize_t *end) \
    { \
        PyObject *o = CHECK(error(exc)->object, "object"); \
        return get_end(exc, o, o ? SIZE(o) : 0, end); \
    } \
    int PyUnicode##Kind##Error_SetStart(PyObject *exc, Py_ssize_t start) \
    { \
        error(exc)->start = start; \
        return 0; \
    } \
    int PyUnicode##Kind##Error_SetEnd(PyObject *exc, Py_ssize_t end) \
    { \
        error(exc)->end = end; \
        return 0; \
    }

ACCESSORS(Encode, checked_text, PyUnicode_GET_LENGTH)
ACCESSORS(Decode, checked_bytes, PyBytes_GET_SIZE)
ACCESSORS(Translate, checked_text, PyUnicode_GET_LENGTH)

PyObject *PyUnicodeEncodeError_GetEncoding(PyObject *exc) { return checked_text(error(exc)->encoding, "encoding"); }
PyObject *PyUnicodeDecodeError_GetEncoding(PyObject *exc) { return checked_text(error(exc)->encoding, "encoding"); }
