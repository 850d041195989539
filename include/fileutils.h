/* File names between bytes and wchar_t. Results come from PyMem_RawMalloc(). */
#ifndef Py_FILEUTILS_H
#define Py_FILEUTILS_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(wchar_t *) Py_DecodeLocale(const char *arg, size_t *size);
PyAPI_FUNC(char *) Py_EncodeLocale(const wchar_t *text, size_t *error_pos);
#ifndef Py_LIMITED_API
PyAPI_FUNC(FILE *) _Py_fopen_obj(PyObject *path, const char *mode);
#endif

#ifdef __cplusplus
}
#endif

#endif /* Py_FILEUTILS_H */
