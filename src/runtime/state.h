/* What belongs to one interpreter. Everything above `objects` may look inside; `objects` and below know it only as an
 * opaque PyInterpreterState and keep their state in Runtime structs of their own.
 */
#ifndef KRAIT_RUNTIME_STATE_H
#define KRAIT_RUNTIME_STATE_H

#include <Python.h>

struct _is {
    struct _is *next;
    int64_t id;
    PyThreadState *threads;             /* newest first */

    PyObject *modules;                  /* owned: sys.modules */
    PyObject *sysdict;                  /* owned: the dict of sys */
    PyObject *builtins;                 /* owned: the dict of builtins */
    PyObject *importlib;                /* owned: importlib._bootstrap */
    PyObject *import_func;              /* owned: builtins.__import__ as it was at start, to see whether it was replaced */
    PyObject *dict;                     /* owned: PyInterpreterState_GetDict, or NULL */

    PyObject *codec_search_path;        /* owned list of search functions, or NULL before the first use */
    PyObject *codec_search_cache;       /* owned dict: normalised encoding name -> codec tuple */
    PyObject *codec_error_registry;     /* owned dict: error handler name -> callable */
};

#endif
