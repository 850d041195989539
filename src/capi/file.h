/* What PyFile_* keeps, and the way past the write() method of our own text streams. */
#ifndef KRAIT_CAPI_FILE_H
#define KRAIT_CAPI_FILE_H

#include <Python.h>
#include <stdbool.h>

struct FileRuntime {
    /* Installed by _io when it is imported: whether an object is a TextIOWrapper whose methods are
     * surely ours, and its write(). */
    bool (*is_plain)(PyObject *stream);
    int (*write)(PyObject *stream, PyObject *text); /* -1 with an exception */
};
extern struct FileRuntime file_runtime;

#endif
