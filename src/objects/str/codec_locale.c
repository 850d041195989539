/* The file system encoding and the locale's encoding. */
#include "objects/str/codec.h"
#include <internal/krait_exports.h>
#include <langinfo.h>
#include <wchar.h>

const char *str_fs_encoding(void)
{
    return str_runtime.fs_encoding != NULL ? str_runtime.fs_encoding : "utf-8";
}

const char *str_fs_errors(void)
{
    return str_runtime.fs_errors != NULL ? str_runtime.fs_errors : "surrogateescape";
}

static char *raw_copy(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = PyMem_RawMalloc(n);
    return copy == NULL ? NULL : memcpy(copy, text, n);
}

int str_set_fs_codec(const char *encoding, const char *errors)
{
    char *new_encoding = raw_copy(encoding), *new_errors = raw_copy(errors);
    if (new_encoding == NULL || new_errors == NULL) {
        PyMem_RawFree(new_encoding);
        PyMem_RawFree(new_errors);
        return -1;
    }
    PyMem_RawFree(str_runtime.fs_encoding);
    PyMem_RawFree(str_runtime.fs_errors);
    str_runtime.fs_encoding = new_encoding;
    str_runtime.fs_errors = new_errors;
    return 0;
}

/* New str from a file name's bytes. */
PyObject *PyUnicode_DecodeFSDefaultAndSize(const char *bytes, Py_ssize_t size)
{
    const char *encoding = str_fs_encoding();
    if (strcmp(encoding, "utf-8") == 0) return PyUnicode_DecodeUTF8(bytes, size, str_fs_errors());
    return PyUnicode_Decode(bytes, size, encoding, str_fs_errors());
}

PyObject *PyUnicode_DecodeFSDefault(const char *text)
{
    return PyUnicode_DecodeFSDefaultAndSize(text, (Py_ssize_t)strlen(text));
}

/* New bytes for a file name. */
PyObject *PyUnicode_EncodeFSDefault(PyObject *s)
{
    return PyUnicode_AsEncodedString(s, str_fs_encoding(), str_fs_errors());
}

/* "O&" converter: a path as bytes (owned). */
int PyUnicode_FSConverter(PyObject *arg, void *addr)
{
    PyObject **to = addr;
    if (arg == NULL) {
        Py_CLEAR(*to);
        return 1;
    }
    PyObject *path = PyOS_FSPath(arg);
    if (path == NULL)
        return 0;
    PyObject *output = PyBytes_Check(path) ? Py_NewRef(path) : PyUnicode_EncodeFSDefault(path);
    Py_DECREF(path);
    if (output == NULL)
        return 0;
    if ((size_t)PyBytes_GET_SIZE(output) != strlen(PyBytes_AS_STRING(output))) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        Py_DECREF(output);
        return 0;
    }
    *to = output;
    return Py_CLEANUP_SUPPORTED;
}

/* "O&" converter: a path as str (owned). */
int PyUnicode_FSDecoder(PyObject *arg, void *addr)
{
    PyObject **to = addr;
    if (arg == NULL) {
        Py_CLEAR(*to);
        return 1;
    }
    bool is_buffer = PyObject_CheckBuffer(arg);
    PyObject *path = is_buffer ? Py_NewRef(arg) : PyOS_FSPath(arg);
    if (path == NULL)
        return 0;
    PyObject *output = NULL;
    if (PyUnicode_Check(path)) {
        output = Py_NewRef(path);
    } else if (PyBytes_Check(path)
               || PyErr_WarnFormat(PyExc_DeprecationWarning, 1,
                                   "path should be string, bytes, or os.PathLike, not %.200s",
                                   Py_TYPE(arg)->tp_name) == 0) {
        PyObject *bytes = PyBytes_FromObject(path);
        if (bytes != NULL)
            output = PyUnicode_DecodeFSDefaultAndSize(PyBytes_AS_STRING(bytes), PyBytes_GET_SIZE(bytes));
        Py_XDECREF(bytes);
    }
    Py_DECREF(path);
    if (output == NULL || PyUnicode_READY(output) < 0) {
        Py_XDECREF(output);
        return 0;
    }
    if (PyUnicode_FindChar(output, 0, 0, PyUnicode_GET_LENGTH(output), 1) >= 0) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        Py_DECREF(output);
        return 0;
    }
    *to = output;
    return Py_CLEANUP_SUPPORTED;
}

/* --- wide characters: used before there are objects, so on raw memory --- */

/* Only these handlers are known here. 0, or -1. */
static int locale_errors(_Py_error_handler errors, bool *escape, bool *pass)
{
    *escape = errors == _Py_ERROR_SURROGATEESCAPE;
    *pass = errors == _Py_ERROR_SURROGATEPASS;
    return *escape || *pass || errors == _Py_ERROR_STRICT ? 0 : -1;
}

/* UTF-8 to wchar_t (PyMem_Raw). 0; -1 no memory; -2 cannot be decoded, *length the offset; -3 unsupported handler. */
int _Py_DecodeUTF8Ex(const char *bytes, Py_ssize_t size, wchar_t **wstr, size_t *length, const char **reason,
                     _Py_error_handler errors)
{
    bool escape, pass;
    if (locale_errors(errors, &escape, &pass) < 0)
        return -3;
    if ((size_t)size > PY_SSIZE_T_MAX / sizeof(wchar_t) - 1)
        return -1;
    wchar_t *out = PyMem_RawMalloc(((size_t)size + 1) * sizeof(wchar_t)), *to = out;
    if (out == NULL)
        return -1;
    const unsigned char *start = (const unsigned char *)bytes, *p = start, *end = p + size;
    while (p < end) {
        unsigned lead = *p;
        int n = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
        Py_UCS4 ch = n <= 1 ? lead : lead & (0xffu >> (n + 1));
        bool good = n > 0 && end - p >= n;
        for (int i = 1; good && i < n; i++) {
            good = (p[i] & 0xc0) == 0x80;
            ch = ch << 6 | (p[i] & 0x3f);
        }
        good = good && !(n == 3 && ch < 0x800) && !(n == 4 && (ch < 0x10000 || ch > STR_MAX_CODE)) &&
               (pass || !(ch >= 0xd800 && ch <= 0xdfff));
        if (good) {
            *to++ = (wchar_t)ch;
            p += n;
        } else if (escape) {
            *to++ = (wchar_t)(0xdc00 + *p++);
        } else {
            PyMem_RawFree(out);
            if (length != NULL)
                *length = (size_t)(p - start);
            if (reason != NULL)
                *reason = "decoding error";
            return -2;
        }
    }
    *to = 0;
    *wstr = out;
    if (length != NULL)
        *length = (size_t)(to - out);
    return 0;
}

wchar_t *_Py_DecodeUTF8_surrogateescape(const char *bytes, Py_ssize_t size, size_t *length)
{
    wchar_t *wstr;
    return _Py_DecodeUTF8Ex(bytes, size, &wstr, length, NULL, _Py_ERROR_SURROGATEESCAPE) < 0 ? NULL : wstr;
}

/* wchar_t to UTF-8 in raw or object memory. 0; -1 no memory; -2 with *error_pos; -3 unsupported handler. */
int _Py_EncodeUTF8Ex(const wchar_t *text, char **str, size_t *error_pos, const char **reason, int raw_malloc,
                     _Py_error_handler errors)
{
    bool escape, pass;
    size_t n = wcslen(text);
    if (locale_errors(errors, &escape, &pass) < 0)
        return -3;
    if (n > PY_SSIZE_T_MAX / 4 - 1)
        return -1;
    char *out = raw_malloc ? PyMem_RawMalloc(4 * n + 1) : PyMem_Malloc(4 * n + 1), *to = out;
    if (out == NULL)
        return -1;
    for (size_t i = 0; i < n; i++) {
        Py_UCS4 ch = (Py_UCS4)text[i];
        if (ch < 0x80) {
            *to++ = (char)ch;
        } else if (ch < 0x800) {
            *to++ = (char)(0xc0 | ch >> 6);
            *to++ = (char)(0x80 | (ch & 0x3f));
        } else if (Py_UNICODE_IS_SURROGATE(ch) && !pass) {
            if (!escape || ch < 0xdc80 || ch > 0xdcff) {
                if (error_pos != NULL)
                    *error_pos = i;
                if (reason != NULL)
                    *reason = "encoding error";
                raw_malloc ? PyMem_RawFree(out) : PyMem_Free(out);
                return -2;
            }
            *to++ = (char)(ch & 0xff);
        } else if (ch < 0x10000) {
            *to++ = (char)(0xe0 | ch >> 12);
            *to++ = (char)(0x80 | (ch >> 6 & 0x3f));
            *to++ = (char)(0x80 | (ch & 0x3f));
        } else {
            *to++ = (char)(0xf0 | ch >> 18);
            *to++ = (char)(0x80 | (ch >> 12 & 0x3f));
            *to++ = (char)(0x80 | (ch >> 6 & 0x3f));
            *to++ = (char)(0x80 | (ch & 0x3f));
        }
    }
    *to = '\0';
    *str = out;
    return 0;
}

static bool locale_is_utf8(int current_locale)
{
    if (Py_UTF8Mode && !current_locale)
        return true;
    const char *codeset = nl_langinfo(CODESET);
    return strcmp(codeset, "UTF-8") == 0;
}

/* Locale bytes to wchar_t (PyMem_Raw). Results as _Py_DecodeUTF8Ex. */
int _Py_DecodeLocaleEx(const char *bytes, wchar_t **wstr, size_t *length, const char **reason, int current_locale,
                       _Py_error_handler errors)
{
    bool escape, pass;
    size_t size = strlen(bytes);
    if (locale_is_utf8(current_locale))
        return _Py_DecodeUTF8Ex(bytes, (Py_ssize_t)size, wstr, length, reason, errors);
    if (locale_errors(errors, &escape, &pass) < 0 || pass)
        return -3;
    wchar_t *out = PyMem_RawMalloc((size + 1) * sizeof(wchar_t)), *to = out;
    if (out == NULL)
        return -1;
    mbstate_t state = {0};
    for (size_t at = 0; at < size;) {
        size_t n = mbrtowc(to, bytes + at, size - at, &state);
        if (n == 0)
            break;
        if (n == (size_t)-1 || n == (size_t)-2 || Py_UNICODE_IS_SURROGATE(*to)) {
            if (!escape || (unsigned char)bytes[at] < 0x80) {
                PyMem_RawFree(out);
                if (length != NULL)
                    *length = at;
                if (reason != NULL)
                    *reason = "decoding error";
                return -2;
            }
            *to++ = 0xdc00 + (unsigned char)bytes[at++];
            memset(&state, 0, sizeof(state));
            continue;
        }
        at += n;
        to++;
    }
    *to = 0;
    *wstr = out;
    if (length != NULL)
        *length = (size_t)(to - out);
    return 0;
}

/* wchar_t to locale bytes in object memory. Results as _Py_EncodeUTF8Ex. */
static int encode_locale(const wchar_t *text, char **str, size_t *error_pos, const char **reason, int current_locale,
                         _Py_error_handler errors, int raw)
{
    bool escape, pass;
    if (locale_is_utf8(current_locale))
        return _Py_EncodeUTF8Ex(text, str, error_pos, reason, raw, errors);
    if (locale_errors(errors, &escape, &pass) < 0 || pass)
        return -3;
    size_t n = wcslen(text);
    char *out = raw ? PyMem_RawMalloc(n * MB_CUR_MAX + 1) : PyMem_Malloc(n * MB_CUR_MAX + 1), *to = out;
    if (out == NULL)
        return -1;
    mbstate_t state = {0};
    for (size_t i = 0; i < n; i++) {
        wchar_t ch = text[i];
        if (escape && ch >= 0xdc80 && ch <= 0xdcff) {
            *to++ = (char)(ch & 0xff);
            continue;
        }
        size_t bytes = wcrtomb(to, ch, &state);
        if (bytes == (size_t)-1) {
            if (error_pos != NULL)
                *error_pos = i;
            if (reason != NULL)
                *reason = "encoding error";
            raw ? PyMem_RawFree(out) : PyMem_Free(out);
            return -2;
        }
        to += bytes;
    }
    *to = '\0';
    *str = out;
    return 0;
}

int _Py_EncodeLocaleEx(const wchar_t *text, char **str, size_t *error_pos, const char **reason, int current_locale,
                       _Py_error_handler errors)
{
    return encode_locale(text, str, error_pos, reason, current_locale, errors, 1);
}

/* Locale bytes to wchar_t with surrogateescape (PyMem_RawFree it). NULL: *size is -1 without memory, -2 on an error. */
wchar_t *Py_DecodeLocale(const char *bytes, size_t *size)
{
    wchar_t *wstr;
    int r = _Py_DecodeLocaleEx(bytes, &wstr, size, NULL, 0, _Py_ERROR_SURROGATEESCAPE);
    if (r == 0)
        return wstr;
    if (size != NULL)
        *size = (size_t)(r == -1 ? -1 : -2);
    return NULL;
}

static char *encode_to(const wchar_t *text, size_t *error_pos, int raw)
{
    char *str;
    if (error_pos != NULL)
        *error_pos = (size_t)-1;
    return encode_locale(text, &str, error_pos, NULL, 0, _Py_ERROR_SURROGATEESCAPE, raw) < 0 ? NULL : str;
}

/* wchar_t to locale bytes with surrogateescape (PyMem_Free it). NULL: *error_pos tells where, or -1 without memory. */
char *Py_EncodeLocale(const wchar_t *text, size_t *error_pos)
{
    return encode_to(text, error_pos, 0);
}

char *_Py_EncodeLocaleRaw(const wchar_t *text, size_t *error_pos)
{
    return encode_to(text, error_pos, 1);
}

/* --- objects --- */

/* New str from bytes in the current locale's encoding. */
PyObject *PyUnicode_DecodeLocaleAndSize(const char *bytes, Py_ssize_t size, const char *errors)
{
    wchar_t *wstr;
    size_t length;
    const char *reason;
    if (bytes[size] != '\0' || (size_t)size != strlen(bytes)) {
        PyErr_SetString(PyExc_ValueError, "embedded null byte");
        return NULL;
    }
    int r = _Py_DecodeLocaleEx(bytes, &wstr, &length, &reason, 1, _Py_GetErrorHandler(errors));
    if (r == 0) {
        PyObject *s = PyUnicode_FromWideChar(wstr, (Py_ssize_t)length);
        PyMem_RawFree(wstr);
        return s;
    }
    if (r == -1) {
        PyErr_NoMemory();
    } else if (r == -2) {
        PyObject *exc = PyUnicodeDecodeError_Create("locale", bytes, size, (Py_ssize_t)length, (Py_ssize_t)length + 1,
                                                    reason);
        if (exc != NULL)
            PyCodec_StrictErrors(exc);
        Py_XDECREF(exc);
    } else {
        PyErr_SetString(PyExc_ValueError, "unsupported error handler");
    }
    return NULL;
}

PyObject *PyUnicode_DecodeLocale(const char *text, const char *errors)
{
    return PyUnicode_DecodeLocaleAndSize(text, (Py_ssize_t)strlen(text), errors);
}

/* New bytes in the current locale's encoding. */
PyObject *PyUnicode_EncodeLocale(PyObject *s, const char *errors)
{
    char *str;
    size_t error_pos;
    const char *reason;
    Py_ssize_t size;
    wchar_t *wide = PyUnicode_AsWideCharString(s, &size);
    if (wide == NULL)
        return NULL;
    if ((size_t)size != wcslen(wide)) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        PyMem_Free(wide);
        return NULL;
    }
    int r = _Py_EncodeLocaleEx(wide, &str, &error_pos, &reason, 1, _Py_GetErrorHandler(errors));
    PyMem_Free(wide);
    if (r == 0) {
        PyObject *bytes = PyBytes_FromString(str);
        PyMem_RawFree(str);
        return bytes;
    }
    if (r == -1) {
        PyErr_NoMemory();
    } else if (r == -2) {
        PyObject *exc = PyObject_CallFunction(PyExc_UnicodeEncodeError, "sOnns", "locale", s, (Py_ssize_t)error_pos,
                                              (Py_ssize_t)error_pos + 1, reason);
        if (exc != NULL)
            PyCodec_StrictErrors(exc);
        Py_XDECREF(exc);
    } else {
        PyErr_SetString(PyExc_ValueError, "unsupported error handler");
    }
    return NULL;
}
