/* What import_direct.c and import_source.c share: whether importlib is as it was installed, and what its path finder would find. */
#ifndef KRAIT_RUNTIME_IMPORT_DIRECT_H
#define KRAIT_RUNTIME_IMPORT_DIRECT_H

#include "base/attributes.h"
#include "runtime/import.h"

/* A module's dict, watched for changes of its classes and functions. */
typedef struct {
    PyObject *dict;                     /* owned; NULL: it has changed, or is not watched */
    PyObject *copy;                     /* what was in it at first, owned */
    uint64_t version;                   /* the last one of the dict that was seen with all of this in it */
} WatchedDict;

/* A class, watched for changes of its attributes and its bases'. */
typedef struct {
    PyObject *type;                     /* owned, or NULL */
    unsigned version;
} WatchedType;

/* Begin and end. The class is looked up in the copy. False, and nothing is watched, if it cannot be; no exception is set. */
bool watch_dict(WatchedDict *watched, PyObject *dict);
bool watch_type(WatchedType *watched, const WatchedDict *in, PyObject *name);
void watch_dict_end(WatchedDict *watched);
void watch_type_end(WatchedType *watched);
/* Whether the module's own attributes apart, like __spec__, everything is what it was. Once it is not, it never is again. */
bool watched_dict_is_unchanged(WatchedDict *watched);
bool watched_type_is_unchanged(const WatchedType *watched);

/* ---- Finding source files (import_source.c) ------------------------------------------------------------------- */

typedef enum {
    SOURCE_FOUND,
    SOURCE_NOT_FOUND,       /* in no folder of the path */
    SOURCE_UNCLEAR,         /* importlib has to look for it */
    SOURCE_INTERRUPTED,     /* with an exception set that a second try must not swallow: no Exception */
} SourceStatus;

/* A module that comes from a source file whose .pyc is there and fits. All owned, new, and NULL if it is not found. */
typedef struct {
    PyObject *filename;     /* str: where the source lies */
    PyObject *cached;       /* str: where the .pyc lies */
    PyObject *locations;    /* list of the package's folder; NULL: no package */
    PyObject *code;
} ImportSource;

void import_source_begin(PyInterpreterState *interp);
void import_source_end(void);
/* importlib's PathFinder and SourceFileLoader: borrowed, NULL if there are none. */
PyObject *import_source_finder(void);
PyObject *import_source_loader(void);
/* What PathFinder.find_spec(name, path) would find; `path` is a list. Kept out of the frame of its caller, since its own is large and
 * imports are nested. */
NEVER_INLINE SourceStatus import_find_source(PyThreadState *tstate, PyObject *name, PyObject *path, ImportSource *source);
void import_source_clear(ImportSource *source);

#endif
