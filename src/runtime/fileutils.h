/* What C code shares of fileutils_wide.c beside the exported functions. */
#ifndef KRAIT_RUNTIME_FILEUTILS_H
#define KRAIT_RUNTIME_FILEUTILS_H

#include <Python.h>

/* Resolves "." and ".." as text and takes doubled slashes out, in place; two leading slashes stay. The new length, without a
 * final NUL. */
Py_ssize_t path_normalize(wchar_t *text, Py_ssize_t size);

#endif
