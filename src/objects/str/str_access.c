/* The C API for reading and writing the characters of a str, and for moving them to and from C arrays. */
#include "objects/str/str.h"
#include "objects/str/str_internal.h"

int str_require(PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        PyErr_Format(PyExc_TypeError, "must be str, not %.100s", Py_TYPE(s)->tp_name);
        return -1;
    }
    return PyUnicode_READY(s);
}

/* Number of characters; -1 with TypeError when s is not a str. */
Py_ssize_t PyUnicode_GetLength(PyObject *s)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return -1;
    }
    if (PyUnicode_READY(s) < 0)
        return -1;
    return PyUnicode_GET_LENGTH(s);
}

/* Character at index; (Py_UCS4)-1 with IndexError outside. */
Py_UCS4 PyUnicode_ReadChar(PyObject *s, Py_ssize_t index)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return (Py_UCS4)-1;
    }
    if (PyUnicode_READY(s) < 0)
        return (Py_UCS4)-1;
    if (index < 0 || index >= PyUnicode_GET_LENGTH(s)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return (Py_UCS4)-1;
    }
    return PyUnicode_READ_CHAR(s, index);
}

static int check_modifiable(PyObject *s)
{
    if (str_is_modifiable(s))
        return 0;
    PyErr_SetString(PyExc_SystemError, "Cannot modify a string currently used");
    return -1;
}

/* Writes one character of a str that the caller has just made. 0 or -1. */
int PyUnicode_WriteChar(PyObject *s, Py_ssize_t index, Py_UCS4 ch)
{
    if (!PyUnicode_Check(s) || !PyUnicode_IS_COMPACT(s)) {
        PyErr_BadArgument();
        return -1;
    }
    if (index < 0 || index >= PyUnicode_GET_LENGTH(s)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (check_modifiable(s) < 0)
        return -1;
    if (ch > PyUnicode_MAX_CHAR_VALUE(s)) {
        PyErr_SetString(PyExc_ValueError, "character out of range");
        return -1;
    }
    PyUnicode_WRITE(PyUnicode_KIND(s), PyUnicode_DATA(s), index, ch);
    return 0;
}

/* Copies up to how_many characters between ready strs; the target must be fresh. Number copied, or -1. */
Py_ssize_t PyUnicode_CopyCharacters(PyObject *to, Py_ssize_t to_start, PyObject *from, Py_ssize_t from_start,
                                    Py_ssize_t how_many)
{
    if (!PyUnicode_Check(from) || !PyUnicode_Check(to)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (PyUnicode_READY(from) < 0 || PyUnicode_READY(to) < 0)
        return -1;
    if ((size_t)from_start > (size_t)PyUnicode_GET_LENGTH(from) || (size_t)to_start > (size_t)PyUnicode_GET_LENGTH(to)) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (how_many < 0) {
        PyErr_SetString(PyExc_SystemError, "how_many cannot be negative");
        return -1;
    }
    how_many = Py_MIN(PyUnicode_GET_LENGTH(from) - from_start, how_many);
    if (to_start + how_many > PyUnicode_GET_LENGTH(to)) {
        PyErr_Format(PyExc_SystemError,
                     "Cannot write %zi characters at %zi in a string of %zi characters", how_many, to_start,
                     PyUnicode_GET_LENGTH(to));
        return -1;
    }
    if (how_many == 0)
        return 0;
    if (check_modifiable(to) < 0)
        return -1;
    if (_PyUnicode_FindMaxChar(from, from_start, from_start + how_many) > PyUnicode_MAX_CHAR_VALUE(to)) {
        PyErr_Format(PyExc_SystemError, "Cannot copy %s characters into a string of %s characters",
                     str_kind_name(from), str_kind_name(to));
        return -1;
    }
    _PyUnicode_FastCopyCharacters(to, to_start, from, from_start, how_many);
    return how_many;
}

const char *str_kind_name(PyObject *s)
{
    if (!PyUnicode_IS_COMPACT(s))
        return PyUnicode_KIND(s) == 1 ? (PyUnicode_IS_ASCII(s) ? "legacy ascii" : "legacy latin1")
             : PyUnicode_KIND(s) == 2 ? "legacy UCS2" : "legacy UCS4";
    return PyUnicode_KIND(s) == 1 ? (PyUnicode_IS_ASCII(s) ? "ascii" : "latin1")
         : PyUnicode_KIND(s) == 2 ? "UCS2" : "UCS4";
}

/* As PyUnicode_CopyCharacters, without any check. */
void _PyUnicode_FastCopyCharacters(PyObject *to, Py_ssize_t to_start, PyObject *from, Py_ssize_t from_start,
                                   Py_ssize_t n)
{
    int to_kind = PyUnicode_KIND(to), from_kind = PyUnicode_KIND(from);
    str_copy_chars(to_kind, (char *)PyUnicode_DATA(to) + to_start * to_kind, from_kind,
                   (const char *)PyUnicode_DATA(from) + from_start * from_kind, n);
}

/* Fills part of a fresh str. Number of characters written, or -1. */
Py_ssize_t PyUnicode_Fill(PyObject *s, Py_ssize_t start, Py_ssize_t length, Py_UCS4 ch)
{
    if (!PyUnicode_Check(s)) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (PyUnicode_READY(s) < 0 || check_modifiable(s) < 0)
        return -1;
    if (start < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return -1;
    }
    if (ch > PyUnicode_MAX_CHAR_VALUE(s)) {
        PyErr_SetString(PyExc_ValueError, "fill character is bigger than the string maximum character");
        return -1;
    }
    length = Py_MIN(PyUnicode_GET_LENGTH(s) - start, length);
    if (length <= 0)
        return 0;
    _PyUnicode_FastFill(s, start, length, ch);
    return length;
}

/* As PyUnicode_Fill, without any check. */
void _PyUnicode_FastFill(PyObject *s, Py_ssize_t start, Py_ssize_t length, Py_UCS4 ch)
{
    int kind = PyUnicode_KIND(s);
    str_fill_chars(kind, (char *)PyUnicode_DATA(s) + start * kind, ch, length);
}

/* Bound on the characters of s[start:end]; 127 when empty. */
Py_UCS4 _PyUnicode_FindMaxChar(PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    if (start >= end || PyUnicode_IS_ASCII(s))
        return 0x7f;
    StrView v = str_view(s);
    if (start == 0 && end == v.length)
        return PyUnicode_MAX_CHAR_VALUE(s);
    return str_max_char((StrView){v.kind, end - start, str_at(v, start)});
}

/* New str s[start:end]; both indices at least 0. */
PyObject *PyUnicode_Substring(PyObject *s, Py_ssize_t start, Py_ssize_t end)
{
    if (PyUnicode_READY(s) < 0)
        return NULL;
    Py_ssize_t length = PyUnicode_GET_LENGTH(s);
    end = Py_MIN(end, length);
    if (start == 0 && end == length)
        return str_unchanged(s);
    if (start < 0 || end < 0) {
        PyErr_SetString(PyExc_IndexError, "string index out of range");
        return NULL;
    }
    if (start >= length || end < start)
        return str_empty();
    return str_slice(s, start, end);
}

/* One-character str; ValueError outside Unicode. */
PyObject *PyUnicode_FromOrdinal(int ordinal)
{
    if (ordinal < 0 || ordinal > (int)STR_MAX_CODE) {
        PyErr_SetString(PyExc_ValueError, "chr() arg not in range(0x110000)");
        return NULL;
    }
    return str_from_char((Py_UCS4)ordinal);
}

/* s itself when exactly a str, a plain copy of an instance of a subclass; TypeError for anything else. */
PyObject *PyUnicode_FromObject(PyObject *obj)
{
    if (PyUnicode_CheckExact(obj)) {
        if (PyUnicode_READY(obj) < 0)
            return NULL;
        return Py_NewRef(obj);
    }
    if (PyUnicode_Check(obj))
        return _PyUnicode_Copy(obj);
    PyErr_Format(PyExc_TypeError, "Can't convert '%.100s' object to str implicitly", Py_TYPE(obj)->tp_name);
    return NULL;
}

/* --- Py_UCS4 arrays --- */

/* Copies s (and, on request, a final zero) into a buffer of room for buflen characters. The buffer, or NULL. */
Py_UCS4 *PyUnicode_AsUCS4(PyObject *s, Py_UCS4 *buffer, Py_ssize_t buflen, int copy_null)
{
    if (buffer == NULL || buflen < 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (PyUnicode_READY(s) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (buflen < n + (copy_null ? 1 : 0)) {
        PyErr_SetString(PyExc_SystemError, "string is longer than the buffer");
        if (copy_null && buflen > 0)
            buffer[0] = 0;
        return NULL;
    }
    str_copy_chars(PyUnicode_4BYTE_KIND, buffer, PyUnicode_KIND(s), PyUnicode_DATA(s), n);
    if (copy_null)
        buffer[n] = 0;
    return buffer;
}

/* A copy to be freed with PyMem_Free. */
Py_UCS4 *PyUnicode_AsUCS4Copy(PyObject *s)
{
    if (PyUnicode_READY(s) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    Py_UCS4 *buffer = PyMem_New(Py_UCS4, n + 1);
    if (buffer == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    return PyUnicode_AsUCS4(s, buffer, n + 1, 1);
}

/* --- wchar_t arrays --- */

/* New str from wchar_t text; size -1: up to its zero. */
PyObject *PyUnicode_FromWideChar(const wchar_t *w, Py_ssize_t size)
{
    if (w == NULL && size != 0) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (size == -1)
        size = (Py_ssize_t)wcslen(w);
    StrView v = {PyUnicode_4BYTE_KIND, size, w};
    Py_UCS4 max = str_max_char(v);
    for (Py_ssize_t i = 0; max > 0xffff && i < size; i++) {
        if ((Py_UCS4)w[i] > STR_MAX_CODE) {
            PyErr_Format(PyExc_ValueError, "character U+%x is not in range [U+0000; U+10ffff]", (int)w[i]);
            return NULL;
        }
    }
    return str_from_view(v, max);
}

/* Copies at most size wchar_t of s; w NULL: the size needed with its zero. Number copied without the zero, or -1. */
Py_ssize_t PyUnicode_AsWideChar(PyObject *s, wchar_t *w, Py_ssize_t size)
{
    if (s == NULL) {
        PyErr_BadInternalCall();
        return -1;
    }
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return -1;
    }
    if (PyUnicode_READY(s) < 0)
        return -1;
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    if (w == NULL)
        return n + 1;
    Py_ssize_t copied = Py_MIN(size, n);
    str_copy_chars(sizeof(wchar_t), w, PyUnicode_KIND(s), PyUnicode_DATA(s), copied);
    if (size > n)
        w[n] = 0;
    return copied;
}

/* A copy to be freed with PyMem_Free. Without `size` to tell the length, null characters inside are an error. */
wchar_t *PyUnicode_AsWideCharString(PyObject *s, Py_ssize_t *size)
{
    if (s == NULL) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (!PyUnicode_Check(s)) {
        PyErr_BadArgument();
        return NULL;
    }
    if (PyUnicode_READY(s) < 0)
        return NULL;
    Py_ssize_t n = PyUnicode_GET_LENGTH(s);
    wchar_t *w = PyMem_New(wchar_t, n + 1);
    if (w == NULL) {
        PyErr_NoMemory();
        return NULL;
    }
    str_copy_chars(sizeof(wchar_t), w, PyUnicode_KIND(s), PyUnicode_DATA(s), n);
    w[n] = 0;
    if (size != NULL) {
        *size = n;
    } else if (wcslen(w) != (size_t)n) {
        PyMem_Free(w);
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return w;
}

static int wide_converter(PyObject *obj, wchar_t **p)
{
    *p = PyUnicode_AsWideCharString(obj, NULL);
    return *p != NULL;
}

/* "O&" converter to a wchar_t copy. */
int _PyUnicode_WideCharString_Converter(PyObject *obj, void *ptr)
{
    wchar_t **p = ptr;
    if (obj == NULL) {
        PyMem_Free(*p);
        *p = NULL;
        return 1;
    }
    if (PyUnicode_Check(obj))
        return wide_converter(obj, p);
    PyErr_Format(PyExc_TypeError, "argument must be str, not %.50s", Py_TYPE(obj)->tp_name);
    return 0;
}

/* The same, None giving NULL. */
int _PyUnicode_WideCharString_Opt_Converter(PyObject *obj, void *ptr)
{
    wchar_t **p = ptr;
    if (obj == NULL) {
        PyMem_Free(*p);
        *p = NULL;
        return 1;
    }
    if (obj == Py_None) {
        *p = NULL;
        return 1;
    }
    if (PyUnicode_Check(obj))
        return wide_converter(obj, p);
    PyErr_Format(PyExc_TypeError, "argument must be str or None, not %.50s", Py_TYPE(obj)->tp_name);
    return 0;
}

const char *str_text_argument(const char *function, const char *which, PyObject *arg)
{
    Py_ssize_t n;
    if (!PyUnicode_Check(arg)) {
        _PyArg_BadArgument(function, which, "str", arg);
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8AndSize(arg, &n);
    if (text != NULL && strlen(text) != (size_t)n) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return text;
}

int str_codec_arguments(const char *function, PyObject *encoding_arg, PyObject *errors_arg, const char **encoding,
                        const char **errors)
{
    *encoding = *errors = NULL;
    if (encoding_arg != NULL &&
        (*encoding = str_text_argument(function, "argument 'encoding'", encoding_arg)) == NULL)
        return -1;
    if (errors_arg != NULL && (*errors = str_text_argument(function, "argument 'errors'", errors_arg)) == NULL)
        return -1;
    return 0;
}
