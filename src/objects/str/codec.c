/* Encoding and decoding by name: the built-in codecs directly, the others through the registry. */
#include "objects/args_unpack.h"
#include "objects/str/codec.h"

#include <internal/krait_exports.h>

#include "objects/str/str_internal.h"

typedef enum { NOT_BUILT_IN, UTF_8, UTF_16, UTF_32, ASCII, LATIN_1 } BuiltIn;

/* Which built-in codec an encoding's name means. Letters in lower case, runs of other characters as one '_'. */
static BuiltIn built_in(const char *encoding)
{
    static const struct {
        char name[12];
        BuiltIn codec;
    } names[] = {
        {"utf_8", UTF_8}, {"utf8", UTF_8}, {"utf_16", UTF_16}, {"utf16", UTF_16}, {"utf_32", UTF_32}, {"utf32", UTF_32},
        {"ascii", ASCII}, {"us_ascii", ASCII}, {"latin1", LATIN_1}, {"latin_1", LATIN_1}, {"iso_8859_1", LATIN_1},
        {"iso8859_1", LATIN_1},
    };
    if (strcmp(encoding, "utf-8") == 0)     /* the usual names, as they are usually written */
        return UTF_8;
    if (strcmp(encoding, "latin-1") == 0)
        return LATIN_1;
    if (strcmp(encoding, "ascii") == 0)
        return ASCII;
    char name[12];
    size_t n = 0;
    bool punct = false;
    for (const char *p = encoding; *p; p++) {
        if (Py_ISALNUM(Py_CHARMASK(*p)) || *p == '.') {
            if (punct && n > 0 && n < sizeof(name) - 1)
                name[n++] = '_';
            punct = false;
            if (n >= sizeof(name) - 1)
                return NOT_BUILT_IN;
            name[n++] = (char)Py_TOLOWER(Py_CHARMASK(*p));
        } else {
            punct = true;
        }
    }
    memset(name + n, 0, sizeof(name) - n);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++)
        if (memcmp(name, names[i].name, sizeof(name)) == 0)
            return names[i].codec;
    return NOT_BUILT_IN;
}

/* In development mode: -1 with LookupError for names that would only matter for other text. */
static int check_names(const char *encoding, const char *errors)
{
    if (encoding != NULL) {
        PyObject *codec = _PyCodec_Lookup(encoding);
        if (codec == NULL)
            return -1;
        Py_DECREF(codec);
    }
    if (errors != NULL && strcmp(errors, "strict") != 0) {
        PyObject *handler = PyCodec_LookupError(errors);
        if (handler == NULL)
            return -1;
        Py_DECREF(handler);
    }
    return 0;
}

/* Name of the default encoding: borrowed. */
const char *PyUnicode_GetDefaultEncoding(void)
{
    return "utf-8";
}

static PyObject *require_result(PyObject *result, PyTypeObject *type, const char *what, const char *encoding)
{
    if (result == NULL || PyObject_TypeCheck(result, type))
        return result;
    PyErr_Format(PyExc_TypeError,
                 type == &PyUnicode_Type
                     ? "'%.400s' decoder returned '%.400s' instead of 'str'; use codecs.decode() to decode to arbitrary types"
                     : "'%.400s' encoder returned '%.400s' instead of '%s'; use codecs.encode() to encode to arbitrary types",
                 encoding, Py_TYPE(result)->tp_name, what);
    Py_DECREF(result);
    return NULL;
}

/* New str from bytes in the named encoding (NULL: UTF-8). */
PyObject *PyUnicode_Decode(const char *bytes, Py_ssize_t size, const char *encoding, const char *errors)
{
    if (str_runtime.check_codec_names && check_names(encoding, errors) < 0)
        return NULL;
    switch (encoding == NULL ? UTF_8 : built_in(encoding)) {
    case UTF_8:
        return PyUnicode_DecodeUTF8Stateful(bytes, size, errors, NULL);
    case UTF_16:
        return PyUnicode_DecodeUTF16(bytes, size, errors, NULL);
    case UTF_32:
        return PyUnicode_DecodeUTF32(bytes, size, errors, NULL);
    case ASCII:
        return PyUnicode_DecodeASCII(bytes, size, errors);
    case LATIN_1:
        return PyUnicode_DecodeLatin1(bytes, size, errors);
    default:
        break;
    }
    Py_buffer info;
    if (PyBuffer_FillInfo(&info, NULL, (void *)bytes, size, 1, PyBUF_FULL_RO) < 0)
        return NULL;
    PyObject *view = PyMemoryView_FromBuffer(&info);
    if (view == NULL)
        return NULL;
    PyObject *result = _PyCodec_DecodeText(view, encoding, errors);
    Py_DECREF(view);
    result = require_result(result, &PyUnicode_Type, "str", encoding);
    if (result != NULL && PyUnicode_READY(result) < 0)
        Py_CLEAR(result);
    return result;
}

/* New bytes in the named encoding (NULL: UTF-8). */
PyObject *PyUnicode_AsEncodedString(PyObject *s, const char *encoding, const char *errors)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (str_runtime.check_codec_names && check_names(encoding, errors) < 0)
        return NULL;
    switch (encoding == NULL ? UTF_8 : built_in(encoding)) {
    case UTF_8:
        return _PyUnicode_AsUTF8String(s, errors);
    case UTF_16:
        return _PyUnicode_EncodeUTF16(s, errors, 0);
    case UTF_32:
        return _PyUnicode_EncodeUTF32(s, errors, 0);
    case ASCII:
        return _PyUnicode_AsASCIIString(s, errors);
    case LATIN_1:
        return _PyUnicode_AsLatin1String(s, errors);
    default:
        break;
    }
    PyObject *result = _PyCodec_EncodeText(s, encoding, errors);
    if (result != NULL && PyByteArray_Check(result)) {
        if (PyErr_WarnFormat(PyExc_RuntimeWarning, 1,
                             "encoder %s returned bytearray instead of bytes; use codecs.encode() to encode to "
                             "arbitrary types", encoding) < 0) {
            Py_DECREF(result);
            return NULL;
        }
        Py_SETREF(result, PyBytes_FromStringAndSize(PyByteArray_AS_STRING(result), PyByteArray_GET_SIZE(result)));
        return result;
    }
    return require_result(result, &PyBytes_Type, "bytes", encoding);
}

STR_FASTKW(encode)
{
    static const char *const keywords[] = {"encoding", "errors", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "encode"};
    PyObject *values[2];
    const char *encoding, *errors;
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 0, 2, 2, values) < 0 ||
        str_codec_arguments("encode", values[0], values[1], &encoding, &errors) < 0)
        return NULL;
    return PyUnicode_AsEncodedString(self, encoding, errors);
}

/* Nothing is decoded to nothing by any codec, also by one that does not exist, unless names are checked. */
static PyObject *decode_or_empty(const char *bytes, Py_ssize_t size, const char *encoding, const char *errors)
{
    if (size > 0) return PyUnicode_Decode(bytes, size, encoding, errors);
    return str_runtime.check_codec_names && check_names(encoding, errors) < 0 ? NULL : str_empty();
}

/* New str from a bytes-like object. */
PyObject *PyUnicode_FromEncodedObject(PyObject *obj, const char *encoding, const char *errors)
{
    if (obj == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyBytes_Check(obj))
        return decode_or_empty(PyBytes_AS_STRING(obj), PyBytes_GET_SIZE(obj), encoding, errors);
    if (PyUnicode_Check(obj)) {
        PyErr_SetString(PyExc_TypeError, "decoding str is not supported");
        return NULL;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(obj, &view, PyBUF_SIMPLE) < 0) {
        PyErr_Format(PyExc_TypeError, "decoding to str: need a bytes-like object, %.80s found", Py_TYPE(obj)->tp_name);
        return NULL;
    }
    PyObject *result = decode_or_empty(view.buf, view.len, encoding, errors);
    PyBuffer_Release(&view);
    return result;
}

/* --- what is left of an old API --- */

/* Whether the caller may go on: s is a str, and no warning became an exception. */
static bool old_call_allowed(PyObject *s, const char *warning)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return false;
    }
    return PyErr_WarnEx(PyExc_DeprecationWarning, warning, 1) == 0;
}

PyObject *PyUnicode_AsDecodedObject(PyObject *s, const char *encoding, const char *errors)
{
    if (!old_call_allowed(s, "PyUnicode_AsDecodedObject() is deprecated; use PyCodec_Decode() to decode from str"))
        return NULL;
    return PyCodec_Decode(s, encoding == NULL ? "utf-8" : encoding, errors);
}

PyObject *PyUnicode_AsDecodedUnicode(PyObject *s, const char *encoding, const char *errors)
{
    encoding = encoding == NULL ? "utf-8" : encoding;
    if (!old_call_allowed(s, "PyUnicode_AsDecodedUnicode() is deprecated; use PyCodec_Decode() to decode from str to str"))
        return NULL;
    return require_result(PyCodec_Decode(s, encoding, errors), &PyUnicode_Type, "str", encoding);
}

PyObject *PyUnicode_AsEncodedObject(PyObject *s, const char *encoding, const char *errors)
{
    if (!old_call_allowed(s, "PyUnicode_AsEncodedObject() is deprecated; use PyUnicode_AsEncodedString() to encode from str to bytes "
                             "or PyCodec_Encode() for generic encoding"))
        return NULL;
    return PyCodec_Encode(s, encoding == NULL ? "utf-8" : encoding, errors);
}

PyObject *PyUnicode_AsEncodedUnicode(PyObject *s, const char *encoding, const char *errors)
{
    encoding = encoding == NULL ? "utf-8" : encoding;
    if (!old_call_allowed(s, "PyUnicode_AsEncodedUnicode() is deprecated; use PyCodec_Encode() to encode from str to str"))
        return NULL;
    PyObject *result = PyCodec_Encode(s, encoding, errors);
    if (result != NULL && !PyUnicode_Check(result)) {
        PyErr_Format(PyExc_TypeError,
                     "'%.400s' encoder returned '%.400s' instead of 'str'; use codecs.encode() to encode to arbitrary "
                     "types", encoding, Py_TYPE(result)->tp_name);
        Py_CLEAR(result);
    }
    return result;
}
