/* The codec registry (library manual: codecs; C API manual: Codec registry and support functions). */
#include "runtime/codecs.h"
#include <stdbool.h>
#include <string.h>

int codecs_init_registry(PyInterpreterState *interp)
{
    if (interp->codec_search_path != NULL)
        return 0;
    interp->codec_search_path = PyList_New(0);
    interp->codec_search_cache = PyDict_New();
    interp->codec_error_registry = PyDict_New();
    if (interp->codec_search_path == NULL || interp->codec_search_cache == NULL ||
        interp->codec_error_registry == NULL || codecs_add_standard_handlers(interp->codec_error_registry) < 0) {
        Py_CLEAR(interp->codec_search_path);
        Py_CLEAR(interp->codec_search_cache);
        Py_CLEAR(interp->codec_error_registry);
        return -1;
    }
    PyObject *encodings = PyImport_ImportModule("encodings");
    Py_XDECREF(encodings);
    return encodings == NULL ? -1 : 0;
}

/* The current interpreter with its registry made, or NULL. */
static PyInterpreterState *registry(void)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    return codecs_init_registry(interp) < 0 ? NULL : interp;
}

/* Adds a search function. 0 or -1. */
int PyCodec_Register(PyObject *search)
{
    PyInterpreterState *interp = registry();
    if (interp == NULL)
        return -1;
    if (search == NULL) {
        PyErr_BadArgument();
        return -1;
    }
    if (!PyCallable_Check(search)) {
        PyErr_SetString(PyExc_TypeError, "argument must be callable");
        return -1;
    }
    return PyList_Append(interp->codec_search_path, search);
}

/* Takes a search function out and forgets what was found so far. 0 or -1. */
int PyCodec_Unregister(PyObject *search)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (interp->codec_search_path == NULL)
        return 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(interp->codec_search_path); i++) {
        if (PyList_GET_ITEM(interp->codec_search_path, i) == search) {
            PyDict_Clear(interp->codec_search_cache);
            return PyList_SetSlice(interp->codec_search_path, i, i + 1, NULL);
        }
    }
    return 0;
}

/* New interned str: letters in lower case, runs of all else but '.' as one '_'. */
static PyObject *normalize(const char *encoding)
{
    size_t n = strlen(encoding);
    if (n > PY_SSIZE_T_MAX)
        return PyErr_NoMemory();
    char *name = PyMem_Malloc(n + 1), *to = name;
    if (name == NULL)
        return PyErr_NoMemory();
    bool punct = false;
    for (const char *p = encoding; *p; p++) {
        unsigned char c = (unsigned char)*p;
        if (Py_ISALNUM(c) || c == '.') {
            if (punct && to > name)
                *to++ = '_';
            punct = false;
            *to++ = (char)Py_TOLOWER(c);
        } else {
            punct = true;
        }
    }
    PyObject *s = PyUnicode_FromStringAndSize(name, to - name);
    PyMem_Free(name);
    if (s != NULL)
        PyUnicode_InternInPlace(&s);
    return s;
}

/* The codec tuple of an encoding: new reference; LookupError when it is unknown. */
PyObject *_PyCodec_Lookup(const char *encoding)
{
    if (encoding == NULL) {
        PyErr_BadArgument();
        return NULL;
    }
    PyInterpreterState *interp = registry();
    PyObject *name = interp == NULL ? NULL : normalize(encoding);
    if (name == NULL)
        return NULL;
    PyObject *codec = PyDict_GetItemWithError(interp->codec_search_cache, name);
    if (codec != NULL || PyErr_Occurred()) {
        Py_DECREF(name);
        return Py_XNewRef(codec);
    }
    Py_ssize_t n = PyList_GET_SIZE(interp->codec_search_path);
    if (n == 0) {
        PyErr_SetString(PyExc_LookupError, "no codec search functions registered: can't find encoding");
        goto done;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(interp->codec_search_path); i++) {
        PyObject *search = Py_NewRef(PyList_GET_ITEM(interp->codec_search_path, i));
        codec = PyObject_CallOneArg(search, name);
        Py_DECREF(search);
        if (codec == NULL)
            goto done;
        if (codec == Py_None) {
            Py_CLEAR(codec);
            continue;
        }
        if (!PyTuple_Check(codec) || PyTuple_GET_SIZE(codec) != 4) {
            PyErr_SetString(PyExc_TypeError, "codec search functions must return 4-tuples");
            Py_CLEAR(codec);
            goto done;
        }
        break;
    }
    if (codec == NULL)
        PyErr_Format(PyExc_LookupError, "unknown encoding: %s", encoding);
    else if (PyDict_SetItem(interp->codec_search_cache, name, codec) < 0)
        Py_CLEAR(codec);
done:
    Py_DECREF(name);
    return codec;
}

/* 1 when the encoding can be found, else 0. Leaves no exception. */
int PyCodec_KnownEncoding(const char *encoding)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL) {
        PyErr_Clear();
        return 0;
    }
    Py_DECREF(codec);
    return 1;
}

/* --- parts of a codec --- */

static PyObject *codec_item(const char *encoding, Py_ssize_t index)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL)
        return NULL;
    PyObject *item = Py_NewRef(PyTuple_GET_ITEM(codec, index));
    Py_DECREF(codec);
    return item;
}

PyObject *PyCodec_Encoder(const char *encoding)
{
    return codec_item(encoding, 0);
}

PyObject *PyCodec_Decoder(const char *encoding)
{
    return codec_item(encoding, 1);
}

static PyObject *make_incremental(PyObject *codec, const char *errors, const char *attribute)
{
    PyObject *factory = PyObject_GetAttrString(codec, attribute);
    if (factory == NULL)
        return NULL;
    PyObject *result = errors != NULL ? PyObject_CallFunction(factory, "s", errors) : PyObject_CallNoArgs(factory);
    Py_DECREF(factory);
    return result;
}

static PyObject *find_incremental(const char *encoding, const char *errors, const char *attribute)
{
    PyObject *codec = _PyCodec_Lookup(encoding);
    if (codec == NULL)
        return NULL;
    PyObject *result = make_incremental(codec, errors, attribute);
    Py_DECREF(codec);
    return result;
}

PyObject *_PyCodecInfo_GetIncrementalDecoder(PyObject *codec, const char *errors)
{
    return make_incremental(codec, errors, "incrementaldecoder");
}

PyObject *_PyCodecInfo_GetIncrementalEncoder(PyObject *codec, const char *errors)
{
    return make_incremental(codec, errors, "incrementalencoder");
}

PyObject *PyCodec_IncrementalDecoder(const char *encoding, const char *errors)
{
    return find_incremental(encoding, errors, "incrementaldecoder");
}

PyObject *PyCodec_IncrementalEncoder(const char *encoding, const char *errors)
{
    return find_incremental(encoding, errors, "incrementalencoder");
}

static PyObject *make_stream(const char *encoding, PyObject *stream, const char *errors, Py_ssize_t index)
{
    PyObject *factory = codec_item(encoding, index);
    if (factory == NULL)
        return NULL;
    PyObject *result = errors != NULL ? PyObject_CallFunction(factory, "Os", stream, errors)
                                      : PyObject_CallOneArg(factory, stream);
    Py_DECREF(factory);
    return result;
}

PyObject *PyCodec_StreamReader(const char *encoding, PyObject *stream, const char *errors)
{
    return make_stream(encoding, stream, errors, 2);
}

PyObject *PyCodec_StreamWriter(const char *encoding, PyObject *stream, const char *errors)
{
    return make_stream(encoding, stream, errors, 3);
}

/* --- encoding and decoding of any object --- */

/* Calls the encoder or decoder (stolen, may be NULL): new reference to the first item of what it returns. */
static PyObject *run_steal(PyObject *function, PyObject *object, const char *encoding, const char *errors, bool decoding)
{
    if (function == NULL)
        return NULL;
    PyObject *pair = errors != NULL ? PyObject_CallFunction(function, "Os", object, errors)
                                    : PyObject_CallOneArg(function, object);
    PyObject *result = NULL;
    if (pair == NULL) {
        _PyErr_TrySetFromCause("%s with '%s' codec failed", decoding ? "decoding" : "encoding", encoding);
    } else if (!PyTuple_Check(pair) || PyTuple_GET_SIZE(pair) != 2) {
        PyErr_SetString(PyExc_TypeError, decoding ? "decoder must return a tuple (object,integer)"
                                                  : "encoder must return a tuple (object, integer)");
    } else {
        result = Py_NewRef(PyTuple_GET_ITEM(pair, 0));
    }
    Py_XDECREF(pair);
    Py_DECREF(function);
    return result;
}

PyObject *PyCodec_Encode(PyObject *object, const char *encoding, const char *errors)
{
    return run_steal(PyCodec_Encoder(encoding), object, encoding, errors, false);
}

PyObject *PyCodec_Decode(PyObject *object, const char *encoding, const char *errors)
{
    return run_steal(PyCodec_Decoder(encoding), object, encoding, errors, true);
}

int codecs_normalise_name(wchar_t **name)
{
    if (!*name || wcscmp(*name, L"utf-8") == 0) return 0;
    PyObject *given = PyUnicode_FromWideChar(*name, -1), *codec = NULL, *own = NULL;
    const char *text = given ? PyUnicode_AsUTF8(given) : NULL;
    if (text) codec = _PyCodec_Lookup(text);
    if (codec) own = PyObject_GetAttrString(codec, "name");
    wchar_t *wide = own ? PyUnicode_AsWideCharString(own, NULL) : NULL;
    wchar_t *raw = wide ? _PyMem_RawWcsdup(wide) : NULL;    /* a PyConfig owns raw memory */
    PyMem_Free(wide);
    Py_XDECREF(given);
    Py_XDECREF(codec);
    Py_XDECREF(own);
    if (!raw) {
        if (!PyErr_Occurred()) PyErr_NoMemory();
        return -1;
    }
    PyMem_RawFree(*name);
    *name = raw;
    return 0;
}

/* The codec of an encoding between str and bytes; LookupError, naming what to use instead, for another. */
PyObject *_PyCodec_LookupTextEncoding(const char *encoding, const char *alternative)
{
    PyObject *codec = _PyCodec_Lookup(encoding), *flag;
    if (codec == NULL || PyTuple_CheckExact(codec))
        return codec;
    flag = PyObject_GetAttrString(codec, "_is_text_encoding");
    if (flag == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_AttributeError))
            Py_CLEAR(codec);
        else
            PyErr_Clear();
        return codec;
    }
    int text = PyObject_IsTrue(flag);
    Py_DECREF(flag);
    if (text > 0)
        return codec;
    Py_DECREF(codec);
    if (text == 0)
        PyErr_Format(PyExc_LookupError, "'%.400s' is not a text encoding; use %s to handle arbitrary codecs", encoding,
                     alternative);
    return NULL;
}

static PyObject *text_function(const char *encoding, const char *alternative, Py_ssize_t index)
{
    PyObject *codec = _PyCodec_LookupTextEncoding(encoding, alternative);
    if (codec == NULL)
        return NULL;
    PyObject *function = Py_NewRef(PyTuple_GET_ITEM(codec, index));
    Py_DECREF(codec);
    return function;
}

PyObject *_PyCodec_EncodeText(PyObject *object, const char *encoding, const char *errors)
{
    return run_steal(text_function(encoding, "codecs.encode()", 0), object, encoding, errors, false);
}

PyObject *_PyCodec_DecodeText(PyObject *object, const char *encoding, const char *errors)
{
    return run_steal(text_function(encoding, "codecs.decode()", 1), object, encoding, errors, true);
}

/* --- error handlers --- */

/* Registers a handler under a name. 0 or -1. */
int PyCodec_RegisterError(const char *name, PyObject *handler)
{
    PyInterpreterState *interp = registry();
    if (interp == NULL)
        return -1;
    if (!PyCallable_Check(handler)) {
        PyErr_SetString(PyExc_TypeError, "handler must be callable");
        return -1;
    }
    return PyDict_SetItemString(interp->codec_error_registry, name, handler);
}

/* The handler of a name (NULL: strict): new reference; LookupError when there is none. */
PyObject *PyCodec_LookupError(const char *name)
{
    PyInterpreterState *interp = registry();
    if (interp == NULL)
        return NULL;
    if (name == NULL)
        name = "strict";
    PyObject *handler = _PyDict_GetItemStringWithError(interp->codec_error_registry, name);
    if (handler == NULL && !PyErr_Occurred())
        PyErr_Format(PyExc_LookupError, "unknown error handler name '%.400s'", name);
    return Py_XNewRef(handler);
}
