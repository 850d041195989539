/* The module _codecs: the registry and the built-in codecs as functions that return (result, length consumed). */
#include "objects/str/str.h"

/* --- registry --- */

static PyObject *codecs_register(PyObject *module, PyObject *search)
{
    (void)module;
    if (PyCodec_Register(search) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *codecs_unregister(PyObject *module, PyObject *search)
{
    (void)module;
    if (PyCodec_Unregister(search) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *codecs_lookup(PyObject *module, PyObject *encoding)
{
    (void)module;
    const char *name = str_text_argument("lookup", "argument", encoding);
    return name == NULL ? NULL : _PyCodec_Lookup(name);
}

static PyObject *code_object(const char *name, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, _PyArg_Parser *parser,
                             PyObject *(*code)(PyObject *, const char *, const char *))
{
    PyObject *obj, *encoding_arg = NULL, *errors_arg = NULL;
    const char *encoding, *errors;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, parser, &obj, &encoding_arg, &errors_arg) ||
        str_codec_arguments(name, encoding_arg, errors_arg, &encoding, &errors) < 0)
        return NULL;
    return code(obj, encoding == NULL ? PyUnicode_GetDefaultEncoding() : encoding, errors);
}

static const char *const code_keywords[] = {"obj", "encoding", "errors", NULL};

static PyObject *codecs_encode(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static _PyArg_Parser parser = {.format = "O|OO:encode", .keywords = code_keywords};
    (void)module;
    return code_object("encode", args, nargs, kwnames, &parser, PyCodec_Encode);
}

static PyObject *codecs_decode(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static _PyArg_Parser parser = {.format = "O|OO:decode", .keywords = code_keywords};
    (void)module;
    return code_object("decode", args, nargs, kwnames, &parser, PyCodec_Decode);
}

static PyObject *codecs_register_error(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    if (!_PyArg_CheckPositional("register_error", nargs, 2, 2))
        return NULL;
    const char *name = str_text_argument("register_error", "argument 1", args[0]);
    if (name == NULL || PyCodec_RegisterError(name, args[1]) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *codecs_lookup_error(PyObject *module, PyObject *arg)
{
    (void)module;
    const char *name = str_text_argument("lookup_error", "argument", arg);
    return name == NULL ? NULL : PyCodec_LookupError(name);
}

/* --- decoders --- */

/* New (text, consumed); text is stolen and may be NULL. */
static PyObject *pair_steal(PyObject *result, Py_ssize_t consumed)
{
    return result == NULL ? NULL : Py_BuildValue("(Nn)", result, consumed);
}

/* data, errors=None, /; or data, errors=None, final, / where `final` is not NULL. str_too: data may be a str, meaning its UTF-8. */
static int decoder_args(const char *name, PyObject *const *args, Py_ssize_t nargs, bool str_too, Py_buffer *data,
                        const char **errors, int *final)
{
    *errors = NULL;
    Py_ssize_t most = final != NULL ? 3 : 2;
    if (!_PyArg_CheckPositional(name, nargs, 1, most))
        return -1;
    if (str_too && PyUnicode_Check(args[0])) {
        Py_ssize_t n;
        const char *text = PyUnicode_AsUTF8AndSize(args[0], &n);
        if (text == NULL || PyBuffer_FillInfo(data, args[0], (void *)text, n, 1, PyBUF_SIMPLE) < 0)
            return -1;
    } else if (PyObject_GetBuffer(args[0], data, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    if (nargs > 1 && args[1] != Py_None) {
        if (!PyUnicode_Check(args[1]))
            _PyArg_BadArgument(name, "argument 2", "str or None", args[1]);
        else
            *errors = str_text_argument(name, "argument 2", args[1]);
        if (*errors == NULL)
            goto error;
    }
    if (nargs > 2 && (*final = PyObject_IsTrue(args[2])) < 0)
        goto error;
    return 0;

error:
    PyBuffer_Release(data);
    return -1;
}

#define DECODER(name, code) \
    static PyObject *codecs_##name(PyObject *module, PyObject *const *args, Py_ssize_t nargs) \
    { \
        Py_buffer data; \
        const char *errors; \
        (void)module; \
        if (decoder_args(#name, args, nargs, false, &data, &errors, NULL) < 0) \
            return NULL; \
        PyObject *result = pair_steal(code(data.buf, data.len, errors), data.len); \
        PyBuffer_Release(&data); \
        return result; \
    }

DECODER(ascii_decode, PyUnicode_DecodeASCII)
DECODER(latin_1_decode, PyUnicode_DecodeLatin1)

/* Decoders that may leave an unfinished character, unless `final`. */
#define STATEFUL(name, str_too, by_default, call) \
    static PyObject *codecs_##name(PyObject *module, PyObject *const *args, Py_ssize_t nargs) \
    { \
        Py_buffer data; \
        const char *errors; \
        int final = by_default; \
        (void)module; \
        if (decoder_args(#name, args, nargs, str_too, &data, &errors, &final) < 0) \
            return NULL; \
        Py_ssize_t consumed = data.len, *partial = final ? NULL : &consumed; \
        PyObject *result = call; \
        PyBuffer_Release(&data); \
        return pair_steal(result, consumed); \
    }

STATEFUL(utf_8_decode, false, 0, PyUnicode_DecodeUTF8Stateful(data.buf, data.len, errors, partial))
STATEFUL(utf_7_decode, false, 0, PyUnicode_DecodeUTF7Stateful(data.buf, data.len, errors, partial))
STATEFUL(utf_16_decode, false, 0, PyUnicode_DecodeUTF16Stateful(data.buf, data.len, errors, &(int){0}, partial))
STATEFUL(utf_16_le_decode, false, 0, PyUnicode_DecodeUTF16Stateful(data.buf, data.len, errors, &(int){-1}, partial))
STATEFUL(utf_16_be_decode, false, 0, PyUnicode_DecodeUTF16Stateful(data.buf, data.len, errors, &(int){1}, partial))
STATEFUL(utf_32_decode, false, 0, PyUnicode_DecodeUTF32Stateful(data.buf, data.len, errors, &(int){0}, partial))
STATEFUL(utf_32_le_decode, false, 0, PyUnicode_DecodeUTF32Stateful(data.buf, data.len, errors, &(int){-1}, partial))
STATEFUL(utf_32_be_decode, false, 0, PyUnicode_DecodeUTF32Stateful(data.buf, data.len, errors, &(int){1}, partial))
STATEFUL(unicode_escape_decode, true, 1, _PyUnicode_DecodeUnicodeEscapeStateful(data.buf, data.len, errors, partial))
STATEFUL(raw_unicode_escape_decode, true, 1,
         _PyUnicode_DecodeRawUnicodeEscapeStateful(data.buf, data.len, errors, partial))

static PyObject *ex_decode(const char *name, PyObject *const *args, Py_ssize_t nargs,
                           PyObject *(*decode)(const char *, Py_ssize_t, const char *, int *, Py_ssize_t *))
{
    Py_buffer data;
    const char *errors;
    int order = 0, final = 0;
    if (!_PyArg_CheckPositional(name, nargs, 1, 4) ||
        decoder_args(name, args, Py_MIN(nargs, 2), false, &data, &errors, NULL) < 0)
        return NULL;
    PyObject *text = NULL;
    Py_ssize_t consumed = data.len;
    if (nargs > 2 && (order = _PyLong_AsInt(args[2])) == -1 && PyErr_Occurred())
        goto done;
    if (nargs > 3 && (final = PyObject_IsTrue(args[3])) < 0)
        goto done;
    text = decode(data.buf, data.len, errors, &order, final ? NULL : &consumed);
done:
    PyBuffer_Release(&data);
    return text == NULL ? NULL : Py_BuildValue("(Nni)", text, consumed, order);
}

static PyObject *codecs_utf_16_ex_decode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    return ex_decode("utf_16_ex_decode", args, nargs, PyUnicode_DecodeUTF16Stateful);
}

static PyObject *codecs_utf_32_ex_decode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    return ex_decode("utf_32_ex_decode", args, nargs, PyUnicode_DecodeUTF32Stateful);
}

static PyObject *codecs_charmap_decode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer data;
    const char *errors;
    (void)module;
    if (!_PyArg_CheckPositional("charmap_decode", nargs, 1, 3) ||
        decoder_args("charmap_decode", args, Py_MIN(nargs, 2), false, &data, &errors, NULL) < 0)
        return NULL;
    PyObject *mapping = nargs > 2 && args[2] != Py_None ? args[2] : NULL;
    PyObject *result = pair_steal(PyUnicode_DecodeCharmap(data.buf, data.len, mapping, errors), data.len);
    PyBuffer_Release(&data);
    return result;
}

static PyObject *codecs_escape_decode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer data;
    const char *errors;
    (void)module;
    if (decoder_args("escape_decode", args, nargs, true, &data, &errors, NULL) < 0)
        return NULL;
    PyObject *result = pair_steal(PyBytes_DecodeEscape(data.buf, data.len, errors, 0, NULL), data.len);
    PyBuffer_Release(&data);
    return result;
}

/* --- encoders --- */

/* str, errors=None, and up to `most` arguments. */
static int encoder_args(const char *name, PyObject *const *args, Py_ssize_t nargs, Py_ssize_t most, const char **errors)
{
    *errors = NULL;
    if (!_PyArg_CheckPositional(name, nargs, 1, most))
        return -1;
    if (!PyUnicode_Check(args[0])) {
        _PyArg_BadArgument(name, "argument 1", "str", args[0]);
        return -1;
    }
    if (PyUnicode_READY(args[0]) < 0)
        return -1;
    if (nargs < 2 || args[1] == Py_None)
        return 0;
    if (!PyUnicode_Check(args[1])) {
        _PyArg_BadArgument(name, "argument 2", "str or None", args[1]);
        return -1;
    }
    *errors = str_text_argument(name, "argument 2", args[1]);
    return *errors == NULL ? -1 : 0;
}

#define ENCODER(name, call) \
    static PyObject *codecs_##name(PyObject *module, PyObject *const *args, Py_ssize_t nargs) \
    { \
        const char *errors; \
        (void)module; \
        if (encoder_args(#name, args, nargs, 2, &errors) < 0) \
            return NULL; \
        PyObject *s = args[0]; \
        return pair_steal(call, PyUnicode_GET_LENGTH(s)); \
    }

ENCODER(ascii_encode, _PyUnicode_AsASCIIString(s, errors))
ENCODER(latin_1_encode, _PyUnicode_AsLatin1String(s, errors))
ENCODER(utf_8_encode, _PyUnicode_AsUTF8String(s, errors))
ENCODER(utf_7_encode, _PyUnicode_EncodeUTF7(s, 0, 0, errors))
ENCODER(utf_16_le_encode, _PyUnicode_EncodeUTF16(s, errors, -1))
ENCODER(utf_16_be_encode, _PyUnicode_EncodeUTF16(s, errors, 1))
ENCODER(utf_32_le_encode, _PyUnicode_EncodeUTF32(s, errors, -1))
ENCODER(utf_32_be_encode, _PyUnicode_EncodeUTF32(s, errors, 1))
ENCODER(unicode_escape_encode, PyUnicode_AsUnicodeEscapeString(s))
ENCODER(raw_unicode_escape_encode, PyUnicode_AsRawUnicodeEscapeString(s))

static PyObject *order_encode(const char *name, PyObject *const *args, Py_ssize_t nargs,
                              PyObject *(*encode)(PyObject *, const char *, int))
{
    const char *errors;
    int order = 0;
    if (encoder_args(name, args, nargs, 3, &errors) < 0)
        return NULL;
    if (nargs > 2 && (order = _PyLong_AsInt(args[2])) == -1 && PyErr_Occurred())
        return NULL;
    return pair_steal(encode(args[0], errors, order), PyUnicode_GET_LENGTH(args[0]));
}

static PyObject *codecs_utf_16_encode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    return order_encode("utf_16_encode", args, nargs, _PyUnicode_EncodeUTF16);
}

static PyObject *codecs_utf_32_encode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    return order_encode("utf_32_encode", args, nargs, _PyUnicode_EncodeUTF32);
}

static PyObject *codecs_charmap_encode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    const char *errors;
    (void)module;
    if (encoder_args("charmap_encode", args, nargs, 3, &errors) < 0)
        return NULL;
    PyObject *mapping = nargs > 2 && args[2] != Py_None ? args[2] : NULL;
    return pair_steal(_PyUnicode_EncodeCharmap(args[0], mapping, errors), PyUnicode_GET_LENGTH(args[0]));
}

static PyObject *codecs_charmap_build(PyObject *module, PyObject *map)
{
    (void)module;
    if (!PyUnicode_Check(map)) {
        _PyArg_BadArgument("charmap_build", "argument", "str", map);
        return NULL;
    }
    return PyUnicode_BuildEncodingMap(map);
}

static PyObject *codecs_escape_encode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    (void)module;
    if (!_PyArg_CheckPositional("escape_encode", nargs, 1, 2))
        return NULL;
    if (!PyBytes_Check(args[0])) {
        _PyArg_BadArgument("escape_encode", "argument 1", "bytes", args[0]);
        return NULL;
    }
    if (nargs > 1 && args[1] != Py_None && !PyUnicode_Check(args[1])) {
        _PyArg_BadArgument("escape_encode", "argument 2", "str or None", args[1]);
        return NULL;
    }
    Py_ssize_t n = PyBytes_GET_SIZE(args[0]);
    const unsigned char *p = (const unsigned char *)PyBytes_AS_STRING(args[0]);
    if (n > PY_SSIZE_T_MAX / 4) {
        PyErr_SetString(PyExc_OverflowError, "string is too large to encode");
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, n * 4);
    if (bytes == NULL)
        return NULL;
    char *to = PyBytes_AS_STRING(bytes), *start = to;
    for (Py_ssize_t i = 0; i < n; i++) {
        const char *special = p[i] ? strchr("\\\\''\tt\nn\rr", p[i]) : NULL;
        if (special != NULL && p[i] != 't' && p[i] != 'n' && p[i] != 'r') {
            *to++ = '\\';
            *to++ = special[1];
        } else if (p[i] < ' ' || p[i] >= 0x7f) {
            to += sprintf(to, "\\x%02x", p[i]);
        } else {
            *to++ = (char)p[i];
        }
    }
    if (n > 0)
        _PyBytes_Resize(&bytes, to - start);
    return pair_steal(bytes, n);
}

static PyObject *codecs_readbuffer_encode(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
    Py_buffer data;
    const char *errors;
    (void)module;
    if (decoder_args("readbuffer_encode", args, nargs, true, &data, &errors, NULL) < 0)
        return NULL;
    PyObject *result = pair_steal(PyBytes_FromStringAndSize(data.buf, data.len), data.len);
    PyBuffer_Release(&data);
    return result;
}

/* --- the module --- */

#define FAST(name, signature) {#name, _PyCFunction_CAST(codecs_##name), METH_FASTCALL, #name signature}
#define SIG_ENCODE "($module, str, errors=None, /)\n--\n\n"
#define SIG_DECODE "($module, data, errors=None, /)\n--\n\n"
#define SIG_FINAL "($module, data, errors=None, final=False, /)\n--\n\n"
#define SIG_FINAL_TRUE "($module, data, errors=None, final=True, /)\n--\n\n"
#define SIG_EX "($module, data, errors=None, byteorder=0, final=False,\n                 /)\n--\n\n"
#define SIG_ORDER "($module, str, errors=None, byteorder=0, /)\n--\n\n"

static PyMethodDef methods[] = {
    {"register", codecs_register, METH_O,
     "register($module, search_function, /)\n--\n\nRegister a codec search function: it is given an encoding's name in lower "
     "case\nand returns a tuple (encoder, decoder, stream_reader, stream_writer), or None."},
    {"unregister", codecs_unregister, METH_O,
     "unregister($module, search_function, /)\n--\n\nUnregister a codec search function and clear the registry's cache."},
    {"lookup", codecs_lookup, METH_O,
     "lookup($module, encoding, /)\n--\n\nLook up an encoding in the codec registry and return its CodecInfo object."},
    {"encode", _PyCFunction_CAST(codecs_encode), METH_FASTCALL | METH_KEYWORDS,
     "encode($module, /, obj, encoding='utf-8', errors='strict')\n--\n\nEncode obj with the codec registered for encoding."},
    {"decode", _PyCFunction_CAST(codecs_decode), METH_FASTCALL | METH_KEYWORDS,
     "decode($module, /, obj, encoding='utf-8', errors='strict')\n--\n\nDecode obj with the codec registered for encoding."},
    FAST(escape_encode, SIG_DECODE),
    FAST(escape_decode, SIG_DECODE),
    FAST(utf_8_encode, SIG_ENCODE),
    FAST(utf_8_decode, SIG_FINAL),
    FAST(utf_7_encode, SIG_ENCODE),
    FAST(utf_7_decode, SIG_FINAL),
    FAST(utf_16_encode, SIG_ORDER),
    FAST(utf_16_le_encode, SIG_ENCODE),
    FAST(utf_16_be_encode, SIG_ENCODE),
    FAST(utf_16_decode, SIG_FINAL),
    FAST(utf_16_le_decode, SIG_FINAL),
    FAST(utf_16_be_decode, SIG_FINAL),
    FAST(utf_16_ex_decode, SIG_EX),
    FAST(utf_32_encode, SIG_ORDER),
    FAST(utf_32_le_encode, SIG_ENCODE),
    FAST(utf_32_be_encode, SIG_ENCODE),
    FAST(utf_32_decode, SIG_FINAL),
    FAST(utf_32_le_decode, SIG_FINAL),
    FAST(utf_32_be_decode, SIG_FINAL),
    FAST(utf_32_ex_decode, SIG_EX),
    FAST(unicode_escape_encode, SIG_ENCODE),
    FAST(unicode_escape_decode, SIG_FINAL_TRUE),
    FAST(raw_unicode_escape_encode, SIG_ENCODE),
    FAST(raw_unicode_escape_decode, SIG_FINAL_TRUE),
    FAST(latin_1_encode, SIG_ENCODE),
    FAST(latin_1_decode, SIG_DECODE),
    FAST(ascii_encode, SIG_ENCODE),
    FAST(ascii_decode, SIG_DECODE),
    FAST(charmap_encode, "($module, str, errors=None, mapping=None, /)\n--\n\n"),
    FAST(charmap_decode, "($module, data, errors=None, mapping=None, /)\n--\n\n"),
    {"charmap_build", codecs_charmap_build, METH_O, "charmap_build($module, map, /)\n--\n\n"},
    FAST(readbuffer_encode, SIG_DECODE),
    {"register_error", _PyCFunction_CAST(codecs_register_error), METH_FASTCALL,
     "register_error($module, errors, handler, /)\n--\n\nRegister an error handler under a name. It is called with an exception "
     "and\nreturns (replacement, position to go on from), or raises."},
    {"lookup_error", codecs_lookup_error, METH_O,
     "lookup_error($module, name, /)\n--\n\nlookup_error(errors) -> handler\n\nReturn the error handler registered under a name, "
     "or raise LookupError."},
    {0},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_codecs",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__codecs(void)
{
    return PyModuleDef_Init(&definition);
}
