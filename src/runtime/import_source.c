/* Finding a module's source file along sys.path, and its code in __pycache__, as importlib's PathFinder, FileFinder and
 * SourceFileLoader do while the program has left them as they were. Only what is plain is done: a source file whose .pyc is valid by time
 * stamp. All else (extension modules, namespace packages, zip files, stale or missing .pyc files, strange names) is importlib's.
 *
 * A FileFinder lists its folder once, and again when the folder has changed, so that most names need not be asked for. For the
 * few modules of a short program the listing costs more than it saves; so the first questions go to the file system. */
#include "runtime/import_direct.h"

#include <errno.h>
#include <fcntl.h>
#include <internal/krait_exports.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytecode/marshal.h"
#include "objects/names.h"
#include "objects/thread_state.h"

static struct {
    WatchedDict external;                                       /* importlib._bootstrap_external */
    WatchedType path_finder, file_finder, source_loader;
    PyObject *zip_hook, *file_hook;                             /* sys.path_hooks as they were installed, owned */
    uint32_t magic;                                             /* first word of a .pyc */
    int questions_left;                                         /* so many more folders are asked, not listed */
} finders;

void import_source_begin(PyInterpreterState *interp)
{
    enum { QUESTIONS = 64 };
    if (interp != runtime_state.main) return;
    PyObject *external = PyObject_GetAttr(interp->importlib, NAME(_bootstrap_external));
    PyObject *hooks = PySys_GetObject("path_hooks");
    if (external && PyModule_Check(external) && hooks && PyList_CheckExact(hooks) && PyList_GET_SIZE(hooks) == 2
        && watch_dict(&finders.external, PyModule_GetDict(external))) {
        finders.zip_hook = Py_NewRef(PyList_GET_ITEM(hooks, 0));
        finders.file_hook = Py_NewRef(PyList_GET_ITEM(hooks, 1));
        watch_type(&finders.path_finder, &finders.external, NAME(PathFinder));
        watch_type(&finders.file_finder, &finders.external, NAME(FileFinder));
        watch_type(&finders.source_loader, &finders.external, NAME(SourceFileLoader));
        PyObject *magic = PyDict_GetItemWithError(finders.external.copy, NAME(_RAW_MAGIC_NUMBER));
        finders.magic = magic && PyLong_CheckExact(magic) ? (uint32_t)PyLong_AsUnsignedLongMask(magic) : 0;
        finders.questions_left = QUESTIONS;
    }
    Py_XDECREF(external);
    PyErr_Clear();
}

void import_source_end(void)
{
    watch_dict_end(&finders.external);
    watch_type_end(&finders.path_finder);
    watch_type_end(&finders.file_finder);
    watch_type_end(&finders.source_loader);
    Py_CLEAR(finders.zip_hook);
    Py_CLEAR(finders.file_hook);
}

PyObject *import_source_finder(void) { return finders.path_finder.type; }
PyObject *import_source_loader(void) { return finders.source_loader.type; }

void import_source_clear(ImportSource *source)
{
    Py_CLEAR(source->filename);
    Py_CLEAR(source->cached);
    Py_CLEAR(source->locations);
    Py_CLEAR(source->code);
}

static bool finders_are_unchanged(void)
{
    return watched_dict_is_unchanged(&finders.external) && watched_type_is_unchanged(&finders.path_finder)
        && watched_type_is_unchanged(&finders.file_finder) && watched_type_is_unchanged(&finders.source_loader)
        && !runtime_state.open_code_hook;
}

/* ---- Path entries --------------------------------------------------------------------------------------------- */

static bool is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Text of an exact str of ASCII without NULs, or NULL: what is rarer is left to importlib. */
static const char *plain_text(PyObject *o)
{
    if (!o || !PyUnicode_CheckExact(o) || !PyUnicode_IS_COMPACT_ASCII(o)) return NULL;
    const char *text = (const char *)PyUnicode_1BYTE_DATA(o);
    return strlen(text) == (size_t)PyUnicode_GET_LENGTH(o) ? text : NULL;
}

/* The finder for a folder that has none yet, put into the cache: new reference; NULL with an exception set. The hook for zip files
 * refuses every folder, so it is not asked. */
static PyObject *make_finder(PyThreadState *tstate, PyObject *cache, PyObject *entry)
{
    PyObject *hooks = _PySys_GetAttr(tstate, NAME(path_hooks));
    bool usual = hooks && PyList_CheckExact(hooks) && PyList_GET_SIZE(hooks) == 2 && PyList_GET_ITEM(hooks, 0) == finders.zip_hook
              && PyList_GET_ITEM(hooks, 1) == finders.file_hook;
    if (!usual || !is_folder(plain_text(entry))) {
        return PyObject_CallMethodOneArg(finders.path_finder.type, NAME(_path_importer_cache), entry);
    }
    PyObject *finder = PyObject_CallOneArg(finders.file_hook, entry);
    if (finder && PyDict_SetItem(cache, entry, finder) < 0) Py_CLEAR(finder);
    return finder;
}

/* The finder of a path entry, or None: new reference; NULL if importlib has to look, maybe with an exception set. */
static PyObject *finder_of(PyThreadState *tstate, PyObject *entry)
{
    const char *text = plain_text(entry);
    PyObject *cache = _PySys_GetAttr(tstate, NAME(path_importer_cache));
    if (!text || !cache || !PyDict_CheckExact(cache)) return NULL;
    if (*text) {
        Py_INCREF(cache);       /* what is called here may put another one in its place */
        PyObject *finder = Py_XNewRef(PyDict_GetItemWithError(cache, entry));
        if (!finder && !PyErr_Occurred()) finder = make_finder(tstate, cache, entry);
        Py_DECREF(cache);
        return finder;
    }
    char buffer[PATH_MAX];
    PyObject *here = getcwd(buffer, sizeof(buffer)) ? PyUnicode_DecodeFSDefault(buffer) : NULL;
    PyObject *finder = here && PyUnicode_GET_LENGTH(here) ? finder_of(tstate, here) : NULL;
    Py_XDECREF(here);
    return finder;
}

/* ---- The code ------------------------------------------------------------------------------------------------- */

static const char *cache_tag(PyThreadState *tstate, PyObject **owner)
{
    PyObject *implementation = _PySys_GetAttr(tstate, NAME(implementation));
    *owner = implementation ? PyObject_GetAttr(implementation, NAME(cache_tag)) : NULL;
    return plain_text(*owner);
}

/* ".opt-N", or nothing. False if it is not that simple. */
static bool optimisation_suffix(PyThreadState *tstate, char *suffix, size_t size)
{
    PyObject *flags = _PySys_GetAttr(tstate, NAME(flags)), *level = flags ? PyObject_GetAttr(flags, NAME(optimize)) : NULL;
    int number = level && PyLong_CheckExact(level) ? _PyLong_AsInt(level) : -1;
    Py_XDECREF(level);
    *suffix = 0;
    if (number > 0) snprintf(suffix, size, ".opt-%d", number);
    return number >= 0;
}

/* importlib's cache_from_source for a source file `base`.py in `folder`. False if it is not that simple. */
static bool cached_path(PyThreadState *tstate, char path[static PATH_MAX], const char *folder, size_t folder_length, const char *base)
{
    PyObject *owner = NULL, *prefix = _PySys_GetAttr(tstate, NAME(pycache_prefix));
    const char *tag = prefix == Py_None ? cache_tag(tstate, &owner) : NULL;
    char optimisation[20];
    bool is_simple = tag && optimisation_suffix(tstate, optimisation, sizeof(optimisation));
    int length = is_simple ? snprintf(path, PATH_MAX, "%.*s/__pycache__/%s.%s%s.pyc", (int)folder_length, folder, base, tag, optimisation) : -1;
    Py_XDECREF(owner);
    return length > 0 && length < PATH_MAX;
}

/* The whole file: to be freed with PyMem_Free. NULL, maybe with an exception set, if it is not there. */
static char *read_file(const char *path, Py_ssize_t *size)
{
    int fd = _Py_open_noraise(path, O_RDONLY);
    if (fd < 0) return NULL;
    struct stat status;
    char *data = NULL;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0 && status.st_size <= INT_MAX) {
        *size = status.st_size;
        data = PyMem_Malloc((size_t)*size);
        if (data && read(fd, data, (size_t)*size) != *size) {
            PyMem_Free(data);
            data = NULL;
        }
    }
    close(fd);
    return data;
}

static uint32_t little_endian(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;
    return byte[0] | (uint32_t)byte[1] << 8 | (uint32_t)byte[2] << 16 | (uint32_t)byte[3] << 24;
}

/* The code of a .pyc that is valid by the source's time stamp and size (PEP 3147, 552): new reference. NULL, maybe with an exception set. */
static PyObject *read_code(const char *path, const struct stat *source)
{
    enum { HEADER = 16 };
    Py_ssize_t size;
    char *data = read_file(path, &size);
    if (!data) return NULL;
    PyObject *code = NULL;
    bool is_valid = size > HEADER && little_endian(data) == finders.magic && little_endian(data + 4) == 0
                 && little_endian(data + 8) == (uint32_t)source->st_mtim.tv_sec && little_endian(data + 12) == (uint32_t)source->st_size;
    if (is_valid) code = frozen_library_code(data + HEADER, size - HEADER);
    if (is_valid && !code && !PyErr_Occurred()) code = marshal_read(data + HEADER, size - HEADER);
    PyMem_Free(data);
    if (code && !PyCode_Check(code)) Py_CLEAR(code);
    return code;
}

static void replace_filename(PyCodeObject *code, PyObject *old, PyObject *new)
{
    if (PyUnicode_Compare(code->co_filename, old)) return;
    Py_SETREF(code->co_filename, Py_NewRef(new));
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(code->co_consts); i++) {
        PyObject *constant = PyTuple_GET_ITEM(code->co_consts, i);
        if (PyCode_Check(constant)) replace_filename((PyCodeObject *)constant, old, new);
    }
}

void import_set_filename(PyCodeObject *code, PyObject *filename)
{
    if (PyUnicode_Compare(code->co_filename, filename) == 0) return;
    PyObject *old = Py_NewRef(code->co_filename);
    replace_filename(code, old, filename);
    Py_DECREF(old);
}

/* ---- Folders -------------------------------------------------------------------------------------------------- */

/* Looking for a module in one folder. */
typedef struct {
    PyThreadState *tstate;
    const char *name;           /* its last part */
    PyObject *finder;           /* the folder's */
    PyObject *suffixes;         /* finder._loaders: list of (suffix, loader class), owned */
    PyObject *listed;           /* finder._path_cache: set of names, owned; NULL: the file system is asked */
    char path[PATH_MAX];        /* the folder's, then that of what is looked at */
    size_t folder_length, base_length;  /* of the folder, and with the slash and the name */
    bool is_portion;            /* found was a folder without a file __init__: maybe a part of a namespace package */
} Search;

static bool is_listed(Search *search, const char *name)
{
    if (!search->listed) return true;
    PyObject *o = PyUnicode_FromString(name);
    int found = o ? PySet_Contains(search->listed, o) : -1;
    Py_XDECREF(o);
    return found > 0;
}

static PyObject *list_of_one(const char *text, size_t length)
{
    PyObject *list = PyList_New(1);
    if (!list) return NULL;
    PyList_SET_ITEM(list, 0, PyUnicode_FromStringAndSize(text, (Py_ssize_t)length));
    if (!PyList_GET_ITEM(list, 0)) Py_CLEAR(list);
    return list;
}

/* What a pair of a suffix and a loader makes of path[:length]: SOURCE_NOT_FOUND if there is no such file. */
static SourceStatus try_suffix(Search *search, PyObject *pair, size_t length, bool is_package, ImportSource *source)
{
    const char *suffix = PyTuple_CheckExact(pair) && PyTuple_GET_SIZE(pair) == 2 ? plain_text(PyTuple_GET_ITEM(pair, 0)) : NULL;
    if (!suffix || length + strlen(suffix) >= PATH_MAX) return SOURCE_UNCLEAR;
    strcpy(search->path + length, suffix);
    if (!is_package && !is_listed(search, search->path + search->folder_length + 1)) return SOURCE_NOT_FOUND;
    struct stat status;
    if (stat(search->path, &status) < 0 || !S_ISREG(status.st_mode)) return SOURCE_NOT_FOUND;
    if (PyTuple_GET_ITEM(pair, 1) != finders.source_loader.type || strcmp(suffix, ".py") != 0) return SOURCE_UNCLEAR;

    char cached[PATH_MAX];
    bool is_simple = is_package ? cached_path(search->tstate, cached, search->path, search->base_length, "__init__")
                                : cached_path(search->tstate, cached, search->path, search->folder_length, search->name);
    source->code = is_simple ? read_code(cached, &status) : NULL;
    if (!source->code) return SOURCE_UNCLEAR;
    source->filename = PyUnicode_FromString(search->path);
    source->cached = PyUnicode_FromString(cached);
    if (is_package) source->locations = list_of_one(search->path, search->base_length);
    if (!source->filename || !source->cached || (is_package && !source->locations)) return SOURCE_UNCLEAR;
    import_set_filename((PyCodeObject *)source->code, source->filename);
    return SOURCE_FOUND;
}

static SourceStatus try_suffixes(Search *search, size_t length, bool is_package, ImportSource *source)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(search->suffixes); i++) {
        PyObject *pair = Py_NewRef(PyList_GET_ITEM(search->suffixes, i));
        SourceStatus status = try_suffix(search, pair, length, is_package, source);
        Py_DECREF(pair);
        if (status != SOURCE_NOT_FOUND) return status;
    }
    return SOURCE_NOT_FOUND;
}

static SourceStatus search_folder(Search *search, ImportSource *source)
{
    if (is_listed(search, search->name) && is_folder(search->path)) {
        static const char initial[] = "/__init__";
        if (search->base_length + sizeof(initial) > PATH_MAX) return SOURCE_UNCLEAR;
        strcpy(search->path + search->base_length, initial);
        SourceStatus status = try_suffixes(search, search->base_length + sizeof(initial) - 1, true, source);
        if (status != SOURCE_NOT_FOUND) return status;
        search->is_portion = true;
    }
    return try_suffixes(search, search->base_length, false, source);
}

/* The folder as FileFinder lists it, if it has not done so since the folder was changed. False if it cannot. */
static bool list_folder(Search *search, PyObject *listed_at)
{
    struct stat status;
    search->path[search->folder_length] = 0;
    int missing = stat(search->folder_length ? search->path : "/", &status);
    search->path[search->folder_length] = '/';
    double now = missing ? -1 : (double)status.st_mtim.tv_sec + 1e-9 * (double)status.st_mtim.tv_nsec;
    if (PyFloat_CheckExact(listed_at) ? PyFloat_AS_DOUBLE(listed_at) != now : !missing) {
        PyObject *none = PyObject_CallMethodNoArgs(search->finder, NAME(_fill_cache));
        PyObject *time = none ? missing ? PyLong_FromLong(-1) : PyFloat_FromDouble(now) : NULL;
        int failed = time ? PyObject_SetAttr(search->finder, NAME(_path_mtime), time) : -1;
        Py_XDECREF(none);
        Py_XDECREF(time);
        if (failed) return false;
    }
    search->listed = PyObject_GetAttr(search->finder, NAME(_path_cache));
    return search->listed && PyAnySet_CheckExact(search->listed);
}

/* Whether a folder can be listed, though nobody does. SOURCE_FOUND: it can. */
static SourceStatus can_be_listed(Search *search)
{
    search->path[search->folder_length] = 0;
    int fd = _Py_open_noraise(search->folder_length ? search->path : "/", O_RDONLY | O_DIRECTORY | O_NONBLOCK);
    int error = errno;
    search->path[search->folder_length] = '/';
    if (fd < 0) return error == ENOENT || error == EACCES || error == EPERM || error == ENOTDIR ? SOURCE_NOT_FOUND : SOURCE_UNCLEAR;
    close(fd);
    return SOURCE_FOUND;
}

static SourceStatus prepare_and_search(Search *search, PyObject *folder, PyObject *listed_at, ImportSource *source)
{
    const char *text = plain_text(folder);
    if (!text || !listed_at || !search->suffixes || !PyList_CheckExact(search->suffixes)) return SOURCE_UNCLEAR;
    search->folder_length = strlen(text);
    while (search->folder_length && text[search->folder_length - 1] == '/') search->folder_length--;
    search->base_length = search->folder_length + 1 + strlen(search->name);
    if (search->base_length >= PATH_MAX) return SOURCE_UNCLEAR;
    memcpy(search->path, text, search->folder_length);
    search->path[search->folder_length] = '/';
    strcpy(search->path + search->folder_length + 1, search->name);
    if (!PyLong_CheckExact(listed_at) || finders.questions_left == 0) {
        if (!list_folder(search, listed_at)) return SOURCE_UNCLEAR;
    }
    else {
        SourceStatus status = can_be_listed(search);
        if (status != SOURCE_FOUND) return status;
        finders.questions_left--;
    }
    return search_folder(search, source);
}

static SourceStatus search_with(Search *search, ImportSource *source)
{
    PyObject *folder = PyObject_GetAttr(search->finder, NAME(path)), *listed_at = PyObject_GetAttr(search->finder, NAME(_path_mtime));
    search->suffixes = PyObject_GetAttr(search->finder, NAME(_loaders));
    SourceStatus status = prepare_and_search(search, folder, listed_at, source);
    Py_XDECREF(folder);
    Py_XDECREF(listed_at);
    Py_CLEAR(search->suffixes);
    Py_CLEAR(search->listed);
    return status;
}

/* ---- The path ------------------------------------------------------------------------------------------------- */

/* SOURCE_UNCLEAR with an exception set, too. */
static SourceStatus search_path(Search *search, PyObject *path, ImportSource *source)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(path); i++) {
        PyObject *entry = Py_NewRef(PyList_GET_ITEM(path, i)), *finder = finder_of(search->tstate, entry);
        Py_DECREF(entry);
        if (!finder) return SOURCE_UNCLEAR;
        search->finder = finder;
        SourceStatus status = finder == Py_None ? SOURCE_NOT_FOUND
                            : (PyObject *)Py_TYPE(finder) == finders.file_finder.type ? search_with(search, source)
                                                                                      : SOURCE_UNCLEAR;
        Py_DECREF(finder);
        if (status != SOURCE_NOT_FOUND || PyErr_Occurred()) return PyErr_Occurred() ? SOURCE_UNCLEAR : status;
    }
    return search->is_portion ? SOURCE_UNCLEAR : SOURCE_NOT_FOUND;
}

SourceStatus import_find_source(PyThreadState *tstate, PyObject *name, PyObject *path, ImportSource *source)
{
    *source = (ImportSource){0};
    const char *text = plain_text(name), *dot = text ? strrchr(text, '.') : NULL;
    Search search = {.tstate = tstate, .name = dot ? dot + 1 : text};
    if (!text || !*search.name || strchr(text, '/') || !finders_are_unchanged()) return SOURCE_UNCLEAR;
    Py_INCREF(path);            /* hooks may put another one in its place */
    SourceStatus status = search_path(&search, path, source);
    Py_DECREF(path);
    if (status != SOURCE_FOUND) import_source_clear(source);
    if (PyErr_Occurred() && !PyErr_ExceptionMatches(PyExc_Exception)) return SOURCE_INTERRUPTED;
    PyErr_Clear();
    return status;
}
