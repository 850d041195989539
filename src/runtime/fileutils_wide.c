/* File names as wchar_t, as start-up has them, and the locale's encoding. No exceptions, no GIL: errors are in errno. */
#include "runtime/fileutils.h"

#include <internal/krait_exports.h>

#include <errno.h>
#include <langinfo.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>
#include <wchar.h>

/* Decodes a name into a buffer of `size` characters; its length, or -1. */
static Py_ssize_t decode_into(const char *name, wchar_t *buffer, size_t size)
{
    size_t length;
    wchar_t *wide = Py_DecodeLocale(name, &length);
    if (!wide) {
        errno = EINVAL;
        return -1;
    }
    if (length >= size) {
        PyMem_RawFree(wide);
        errno = EINVAL;
        return -1;
    }
    wmemcpy(buffer, wide, length + 1);
    PyMem_RawFree(wide);
    return (Py_ssize_t)length;
}

/* The working directory; NULL with errno set. */
wchar_t *_Py_wgetcwd(wchar_t *buf, size_t buflen)
{
    char name[PATH_MAX];
    if (!getcwd(name, sizeof name)) return NULL;
    return decode_into(name, buf, buflen) < 0 ? NULL : buf;
}

/* Where a symbolic link leads; the length, or -1 with errno set. */
int _Py_wreadlink(const wchar_t *path, wchar_t *buf, size_t buflen)
{
    char target[PATH_MAX + 1];
    char *name = _Py_EncodeLocaleRaw(path, NULL);
    if (!name) {
        errno = EINVAL;
        return -1;
    }
    ssize_t length = readlink(name, target, PATH_MAX);
    int error = errno;
    PyMem_RawFree(name);
    errno = error;
    if (length < 0) return -1;
    target[length] = '\0';
    return (int)decode_into(target, buf, buflen);
}

/* The name without symbolic links, "." and ".."; NULL with errno set. */
wchar_t *_Py_wrealpath(const wchar_t *path, wchar_t *resolved_path, size_t resolved_path_size)
{
    char resolved[PATH_MAX];
    char *name = _Py_EncodeLocaleRaw(path, NULL);
    if (!name) {
        errno = EINVAL;
        return NULL;
    }
    const char *found = realpath(name, resolved);
    int error = errno;
    PyMem_RawFree(name);
    errno = error;
    return found && decode_into(resolved, resolved_path, resolved_path_size) >= 0 ? resolved_path : NULL;
}

Py_ssize_t path_normalize(wchar_t *text, Py_ssize_t size)
{
    Py_ssize_t root = 0, in = 0, out;
    while (in < size && text[in] == L'/') in++;
    if (in) root = in == 2 ? 2 : 1;
    out = root;
    Py_ssize_t floor = root;            /* what lies before cannot be taken back by ".." */
    while (in < size) {
        Py_ssize_t end = in;
        while (end < size && text[end] != L'/') end++;
        Py_ssize_t length = end - in;
        if (length == 2 && text[in] == L'.' && text[in + 1] == L'.' && (out > floor || root)) {
            while (out > floor && text[out - 1] != L'/') out--;
            if (out > floor) out--;
        } else if (length && !(length == 1 && text[in] == L'.')) {
            bool parent = length == 2 && text[in] == L'.' && text[in + 1] == L'.';
            if (out > root) text[out++] = L'/';
            wmemmove(text + out, text + in, (size_t)length);
            out += length;
            if (parent) floor = out;
        }
        in = end + 1;
    }
    return out;
}

/* path_normalize() with a NUL behind; a size of -1 is that of the text up to its NUL. Gives the path back. */
wchar_t *_Py_normpath(wchar_t *path, Py_ssize_t size)
{
    if (size < 0) size = (Py_ssize_t)wcslen(path);
    if (size == 0) return path;
    path[path_normalize(path, size)] = L'\0';
    return path;
}

/* The encoding of LC_CTYPE as PyMem_RawMalloc()'s block; "utf-8" if the locale tells none. NULL without memory. */
wchar_t *_Py_GetLocaleEncoding(void)
{
    const char *encoding = nl_langinfo(CODESET);
    if (!encoding || !*encoding) encoding = "utf-8";
    size_t length = strlen(encoding);
    wchar_t *wide = PyMem_RawMalloc((length + 1) * sizeof *wide);
    if (!wide) return NULL;
    for (size_t i = 0; i <= length; i++) wide[i] = (unsigned char)encoding[i];
    return wide;
}

/* The same as a str. */
PyObject *_Py_GetLocaleEncodingObject(void)
{
    wchar_t *encoding = _Py_GetLocaleEncoding();
    if (!encoding) return PyErr_NoMemory();
    PyObject *result = PyUnicode_FromWideChar(encoding, -1);
    PyMem_RawFree(encoding);
    return result;
}

/* Whether the C library decodes bytes above 127 although the locale says that it is ASCII: never so on Linux. */
int _Py_GetForceASCII(void)
{
    return 0;
}

void _Py_ResetForceASCII(void)
{
}
