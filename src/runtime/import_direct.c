/* Importing without running importlib for it.
 *
 * importlib finds and loads a module in thousands of instructions of bytecode, and thirty modules come at every start. What it does for
 * those that are built in, frozen, or lie as a valid .pyc beside their source, is always the same while the program has left it as it
 * was, and that can be seen: neither its functions and classes have changed, nor what stands in sys.meta_path for these modules. Then
 * the same is done here: the module, its spec and their attributes, sys.modules. Finders that are not importlib's are asked in their
 * turn, as it would. Nobody may watch, for the frames of importlib would be missed; and no hook may want to hear of the code that is
 * executed.
 *
 * Module locks are left out while there is one thread. If a module's body starts another one, the locks that importlib would hold
 * by then are taken after all (import_take_locks).
 */
#include "runtime/import_direct.h"

#include <internal/krait_exports.h>

#include "bytecode/opcodes.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"

/* ---- Watching ------------------------------------------------------------------------------------------------- */

bool watch_dict(WatchedDict *watched, PyObject *dict)
{
    watched->copy = PyDict_Copy(dict);
    if (!watched->copy) {
        PyErr_Clear();
        return false;
    }
    watched->dict = Py_NewRef(dict);
    watched->version = ((PyDictObject *)dict)->ma_version_tag;
    return true;
}

void watch_dict_end(WatchedDict *watched)
{
    Py_CLEAR(watched->dict);
    Py_CLEAR(watched->copy);
}

static bool is_attribute_of_module(PyObject *name)
{
    return PyUnicode_Check(name) && PyUnicode_GET_LENGTH(name) > 2 && PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_';
}

bool watched_dict_is_unchanged(WatchedDict *watched)
{
    if (!watched->dict) return false;
    if (((PyDictObject *)watched->dict)->ma_version_tag == watched->version) return true;
    PyObject *name, *value;
    for (Py_ssize_t i = 0; PyDict_Next(watched->copy, &i, &name, &value);) {
        if (is_attribute_of_module(name) || PyDict_GetItemWithError(watched->dict, name) == value) continue;
        PyErr_Clear();
        watch_dict_end(watched);
        return false;
    }
    watched->version = ((PyDictObject *)watched->dict)->ma_version_tag;
    return true;
}

bool watch_type(WatchedType *watched, const WatchedDict *in, PyObject *name)
{
    PyObject *type = in->copy ? PyDict_GetItemWithError(in->copy, name) : NULL;
    PyErr_Clear();
    if (!type || !PyType_Check(type) || !type_assign_version((PyTypeObject *)type)) return false;
    watched->type = Py_NewRef(type);
    watched->version = ((PyTypeObject *)type)->tp_version_tag;
    return true;
}

void watch_type_end(WatchedType *watched) { Py_CLEAR(watched->type); }

bool watched_type_is_unchanged(const WatchedType *watched)
{
    PyTypeObject *type = (PyTypeObject *)watched->type;
    return type && type->tp_version_tag == watched->version && PyType_HasFeature(type, Py_TPFLAGS_VALID_VERSION_TAG);
}

/* What importlib was like once it was installed. */
static struct {
    WatchedDict bootstrap;                              /* importlib._bootstrap */
    WatchedType builtin_importer, frozen_importer, spec;
    PyObject *keywords;                                 /* ("origin", "is_package"), owned */
} machinery;

void import_direct_begin(PyInterpreterState *interp)
{
    if (interp != runtime_state.main || !watch_dict(&machinery.bootstrap, PyModule_GetDict(interp->importlib))) return;
    watch_type(&machinery.builtin_importer, &machinery.bootstrap, NAME(BuiltinImporter));
    watch_type(&machinery.frozen_importer, &machinery.bootstrap, NAME(FrozenImporter));
    watch_type(&machinery.spec, &machinery.bootstrap, NAME(ModuleSpec));
    machinery.keywords = PyTuple_Pack(2, NAME(origin), NAME(is_package));
    if (!machinery.keywords) watch_dict_end(&machinery.bootstrap);
    PyErr_Clear();
}

void import_direct_end(void)
{
    import_source_end();
    watch_dict_end(&machinery.bootstrap);
    watch_type_end(&machinery.builtin_importer);
    watch_type_end(&machinery.frozen_importer);
    watch_type_end(&machinery.spec);
    Py_CLEAR(machinery.keywords);
}

static bool machinery_is_unchanged(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (interp != runtime_state.main || !watched_dict_is_unchanged(&machinery.bootstrap)) return false;
    PyObject *meta_path = _PySys_GetAttr(tstate, NAME(meta_path)), *modules = _PySys_GetAttr(tstate, NAME(modules));
    return meta_path && PyList_CheckExact(meta_path) && PyList_GET_SIZE(meta_path) && modules == interp->modules && PyDict_CheckExact(modules)
        && watched_type_is_unchanged(&machinery.builtin_importer) && watched_type_is_unchanged(&machinery.frozen_importer)
        && watched_type_is_unchanged(&machinery.spec);
}

static bool nobody_watches(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    return !tstate->cframe->use_tracing && !interp->config.verbose && !interp->audit_hooks && !runtime_state.audit_hooks
        && interp->threads == tstate && !tstate->next && !interp->next;
}

bool import_is_direct(PyThreadState *tstate) { return machinery_is_unchanged(tstate) && nobody_watches(tstate); }

/* ---- Modules in progress -------------------------------------------------------------------------------------- */

/* A module that is being imported without its lock. */
typedef struct InProgress {
    PyObject *name;                 /* borrowed */
    PyObject *lock;                 /* importlib's, taken since a second thread was started; or NULL. Owned */
    struct InProgress *outer;
} InProgress;

/* The newest first, all of the thread that was alone when they began. Not on the stack: greenlets move it. */
static InProgress *in_progress;

int import_take_locks(PyThreadState *tstate)
{
    for (InProgress *one = in_progress; one; one = one->outer) {
        if (one->lock) continue;
        PyObject *lock = PyObject_CallMethodOneArg(tstate->interp->importlib, NAME(_get_module_lock), one->name);
        PyObject *taken = lock ? PyObject_CallMethodNoArgs(lock, NAME(acquire)) : NULL;
        if (taken) one->lock = lock;
        else Py_XDECREF(lock);
        Py_XDECREF(taken);
        if (!taken) return -1;
    }
    return 0;
}

static InProgress *begin(PyObject *name)
{
    InProgress *one = PyMem_Malloc(sizeof(*one));
    if (!one) return (InProgress *)PyErr_NoMemory();
    *one = (InProgress){name, NULL, in_progress};
    return in_progress = one;
}

/* Gives `module`, a stolen reference, or NULL with an exception. */
static PyObject *end(InProgress *one, PyObject *module)
{
    InProgress **link = &in_progress;
    while (*link != one) link = &(*link)->outer;
    *link = one->outer;
    if (one->lock) {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyObject *none = PyObject_CallMethodNoArgs(one->lock, NAME(release));
        if (none) PyErr_Restore(type, value, traceback);
        else {
            Py_CLEAR(module);
            _PyErr_ChainExceptions(type, value, traceback);
        }
        Py_XDECREF(none);
        Py_DECREF(one->lock);
    }
    PyMem_Free(one);
    return module;
}

/* ---- Loading -------------------------------------------------------------------------------------------------- */

/* What one of importlib's finders has found. */
typedef struct {
    enum { BUILT_IN, FROZEN, SOURCE } kind;
    FrozenInfo frozen;              /* of what is frozen */
    ImportSource source;            /* of a source file; of what is frozen, where its source lies */
} Found;

/* The spec, with _initializing set: new reference. */
static PyObject *make_spec(PyObject *name, PyObject *loader, PyObject *origin)
{
    PyObject *arguments[] = {name, loader, origin, Py_False};
    PyObject *spec = PyObject_Vectorcall(machinery.spec.type, arguments, 2, machinery.keywords);
    if (spec && PyObject_SetAttr(spec, NAME(_initializing), Py_True) < 0) Py_CLEAR(spec);
    return spec;
}

static PyObject *make_spec_without_file(PyObject *name, PyObject *loader, const char *origin_text)
{
    PyObject *origin = PyUnicode_InternFromString(origin_text);
    PyObject *spec = origin ? make_spec(name, loader, origin) : NULL;
    Py_XDECREF(origin);
    return spec;
}

/* As spec_from_file_location() makes it, and with `cached` worked out. */
static PyObject *make_spec_with_file(PyObject *name, PyObject *loader, const ImportSource *source)
{
    PyObject *spec = make_spec(name, loader, source->filename);
    bool complete = spec && PyObject_SetAttr(spec, NAME(_set_fileattr), Py_True) == 0 && PyObject_SetAttr(spec, NAME(_cached), source->cached) == 0
                 && (!source->locations || PyObject_SetAttr(spec, NAME(submodule_search_locations), source->locations) == 0);
    if (!complete) Py_CLEAR(spec);
    return spec;
}

/* Where a frozen module's source lies: new reference. NULL with an exception set, or without one if nobody knows. */
static PyObject *source_of(PyThreadState *tstate, PyObject *name)
{
    PyObject *folder = _PySys_GetAttr(tstate, NAME(_stdlib_dir));
    if (!folder || !PyUnicode_Check(folder) || !PyUnicode_GET_LENGTH(folder)) return NULL;
    return PyUnicode_FromFormat("%U/%U.py", folder, name);
}

static int set_loader_state(PyObject *spec, PyObject *filename, PyObject *original_name)
{
    PyObject *dict = PyDict_New();
    PyObject *state = dict && PyDict_SetItem(dict, NAME(filename), filename) == 0 && PyDict_SetItem(dict, NAME(origname), original_name) == 0
                    ? _PyNamespace_New(dict)
                    : NULL;
    int status = state ? PyObject_SetAttr(spec, NAME(loader_state), state) : -1;
    Py_XDECREF(dict);
    Py_XDECREF(state);
    return status;
}

static int set_if_none(PyObject *module, PyObject *attribute, PyObject *value)
{
    PyObject *old;
    if (_PyObject_LookupAttr(module, attribute, &old) < 0) return -1;
    Py_XDECREF(old);
    return !old || old == Py_None ? PyObject_SetAttr(module, attribute, value) : 0;
}

/* ModuleSpec.parent: new reference. */
static PyObject *parent_of(PyObject *name, bool is_package)
{
    if (is_package) return Py_NewRef(name);
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), -1);
    return dot == -2 ? NULL : PyUnicode_Substring(name, 0, dot < 0 ? 0 : dot);
}

static int set_attributes(PyObject *module, PyObject *name, PyObject *loader, PyObject *spec, const ImportSource *source)
{
    PyObject *package = parent_of(name, source->locations);
    int status = package && set_if_none(module, NAME(__name__), name) == 0 && set_if_none(module, NAME(__loader__), loader) == 0
              && set_if_none(module, NAME(__package__), package) == 0 ? PyObject_SetAttr(module, NAME(__spec__), spec) : -1;
    Py_XDECREF(package);
    if (status == 0 && source->locations) status = PyObject_SetAttr(module, NAME(__path__), source->locations);
    if (status < 0 || !source->cached) return status;
    return PyObject_SetAttr(module, NAME(__file__), source->filename) < 0 ? -1 : PyObject_SetAttr(module, NAME(__cached__), source->cached);
}

static int run_code(PyObject *module, PyObject *code)
{
    PyObject *dict = PyModule_GetDict(module);
    PyObject *result = code && PyDict_SetItem(dict, NAME(__builtins__), PyEval_GetBuiltins()) == 0 ? PyEval_EvalCode(code, dict, dict) : NULL;
    Py_XDECREF(result);
    return result ? 0 : -1;
}

static int run_frozen(PyObject *module, const FrozenInfo *info)
{
    PyObject *code = frozen_unmarshal(info);
    int status = run_code(module, code);
    Py_XDECREF(code);
    return status;
}

static int run(PyObject *module, const Found *found)
{
    switch (found->kind) {
    case BUILT_IN: return import_exec_module(module);
    case FROZEN: return run_frozen(module, &found->frozen);
    case SOURCE: return run_code(module, found->source.code);
    }
    Py_UNREACHABLE();
}

/* Puts the module into sys.modules, executes it, and gives what it has left there: new reference. */
static PyObject *execute(PyObject *name, PyObject *module, const Found *found)
{
    PyObject *modules = PyImport_GetModuleDict(), *type, *value, *traceback;
    if (PyDict_SetItem(modules, name, module) < 0) return NULL;
    if (run(module, found) == 0) {
        PyObject *left = PyDict_GetItemWithError(modules, name);
        if (!left && !PyErr_Occurred()) _PyErr_SetKeyError(name);
        Py_XINCREF(left);
        if (left && (PyDict_DelItem(modules, name) < 0 || PyDict_SetItem(modules, name, left) < 0)) Py_CLEAR(left);
        return left;
    }
    PyErr_Fetch(&type, &value, &traceback);
    if (PyDict_DelItem(modules, name) < 0) PyErr_Clear();
    PyErr_Restore(type, value, traceback);
    return NULL;
}

/* The module, not executed yet: new reference. */
static PyObject *make_module(PyObject *name, PyObject *spec, const Found *found)
{
    if (found->kind == BUILT_IN) return import_create_builtin(spec);
    PyObject *filename = found->source.filename;
    if (found->kind == SOURCE) return PyModule_NewObject(name);
    if (set_loader_state(spec, filename, name) < 0) return NULL;
    PyObject *module = PyModule_NewObject(name);
    if (module && PyObject_SetAttr(module, NAME(__file__), filename) < 0) Py_CLEAR(module);
    return module;
}

/* spec._initializing = False, whatever has come of the import: `module` is stolen; NULL with an exception. */
static PyObject *set_initialised(PyObject *spec, PyObject *module)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (PyObject_SetAttr(spec, NAME(_initializing), Py_False) == 0) PyErr_Restore(type, value, traceback);
    else {
        Py_CLEAR(module);
        _PyErr_ChainExceptions(type, value, traceback);
    }
    return module;
}

static PyObject *load_with(PyObject *name, PyObject *loader, const Found *found)
{
    PyObject *spec = found->kind == SOURCE   ? make_spec_with_file(name, loader, &found->source)
                   : make_spec_without_file(name, loader, found->kind == FROZEN ? "frozen" : "built-in");
    if (!spec) return NULL;
    PyObject *module = make_module(name, spec, found), *result = NULL;
    if (module && set_attributes(module, name, loader, spec, &found->source) == 0) result = execute(name, module, found);
    result = set_initialised(spec, result);
    Py_XDECREF(module);
    Py_DECREF(spec);
    return result;
}

static PyObject *load(PyObject *name, const Found *found)
{
    if (found->kind == BUILT_IN) return load_with(name, machinery.builtin_importer.type, found);
    if (found->kind == FROZEN) return load_with(name, machinery.frozen_importer.type, found);
    PyObject *loader = PyObject_CallFunctionObjArgs(import_source_loader(), name, found->source.filename, NULL);
    PyObject *module = loader ? load_with(name, loader, found) : NULL;
    Py_XDECREF(loader);
    return module;
}

/* ---- Finding -------------------------------------------------------------------------------------------------- */

static SourceStatus find_builtin(PyObject *name, Found *found)
{
    if (!import_table_is_own()) return SOURCE_UNCLEAR;
    const struct _inittab *row = import_find_builtin(name);
    found->kind = BUILT_IN;
    return !row ? SOURCE_NOT_FOUND : row->initfunc ? SOURCE_FOUND : SOURCE_UNCLEAR;
}

static SourceStatus find_frozen(PyThreadState *tstate, PyObject *name, Found *found)
{
    FrozenInfo *info = &found->frozen;
    FrozenStatus status = frozen_find(name, info);
    found->kind = FROZEN;
    if (status != FROZEN_OKAY) return status == FROZEN_NOT_FOUND ? SOURCE_NOT_FOUND : SOURCE_UNCLEAR;
    bool is_plain = info->is_own && info->get_code && !info->is_package && !info->is_alias;
    found->source.filename = is_plain ? source_of(tstate, name) : NULL;
    PyErr_Clear();
    return found->source.filename ? SOURCE_FOUND : SOURCE_UNCLEAR;
}

static bool is_ours(PyObject *finder)
{
    return finder == machinery.builtin_importer.type || finder == machinery.frozen_importer.type || finder == import_source_finder();
}

static SourceStatus find(PyThreadState *tstate, PyObject *finder, PyObject *name, PyObject *path, Found *found)
{
    *found = (Found){0};
    if (finder == machinery.builtin_importer.type) return find_builtin(name, found);
    if (finder == machinery.frozen_importer.type) return find_frozen(tstate, name, found);
    if (finder != import_source_finder()) return SOURCE_UNCLEAR;
    if (path == Py_None) path = _PySys_GetAttr(tstate, NAME(path));
    found->kind = SOURCE;
    return path && PyList_CheckExact(path) ? import_find_source(tstate, name, path, &found->source) : SOURCE_UNCLEAR;
}

/* Where in a function of importlib._bootstrap another one, or a local, is called. */
static int line_of_call(PyObject *function, PyObject *callee)
{
    PyCodeObject *code = (PyCodeObject *)PyFunction_GET_CODE(function);
    PyObject *bytes = PyCode_GetCode(code);
    int line = code->co_firstlineno;
    for (Py_ssize_t i = 0; bytes && i + 1 < PyBytes_GET_SIZE(bytes); i += 2) {
        unsigned op = (unsigned char)PyBytes_AS_STRING(bytes)[i], arg = (unsigned char)PyBytes_AS_STRING(bytes)[i + 1];
        PyObject *names = op == OP_LOAD_FAST ? code->co_localsplusnames : op == OP_LOAD_GLOBAL ? code->co_names : NULL;
        Py_ssize_t index = op == OP_LOAD_GLOBAL ? arg >> 1 : arg;
        if (!names || index >= PyTuple_GET_SIZE(names) || PyTuple_GET_ITEM(names, index) != callee) continue;
        line = PyCode_Addr2Line(code, (int)i);
        break;
    }
    Py_XDECREF(bytes);
    return line;
}

/* What a finder or a loader raises has importlib's functions in its traceback. */
static void add_frame(PyObject *caller, PyObject *callee)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *function = machinery.bootstrap.copy ? PyDict_GetItemWithError(machinery.bootstrap.copy, caller) : NULL;
    int line = function && PyFunction_Check(function) ? line_of_call(function, callee) : 0;
    PyErr_Restore(type, value, traceback);
    if (line) _PyTraceback_Add(PyUnicode_AsUTF8(caller), "<frozen importlib._bootstrap>", line);
}

static void add_outer_frames(PyObject *callee)
{
    add_frame(NAME(_find_and_load_unlocked), callee);
    add_frame(NAME(_find_and_load), NAME(_find_and_load_unlocked));
}

/* A finder's find_spec(): new reference; NULL with an exception set. */
static PyObject *ask(PyObject *finder, PyObject *name, PyObject *path)
{
    PyObject *arguments[] = {finder, name, path, Py_None};
    _PyImport_AcquireLock();
    PyObject *spec = PyObject_VectorcallMethod(NAME(find_spec), arguments, 4, NULL);
    _PyImport_ReleaseLock();
    if (spec) return spec;
    add_frame(NAME(_find_spec), NAME(find_spec));
    add_outer_frames(NAME(_find_spec));
    return NULL;
}

/* Loads as importlib does: new reference. A module that has come by its name in the meantime may bring another spec. */
static PyObject *load_spec(PyThreadState *tstate, PyObject *name, PyObject *spec)
{
    PyObject *there = Py_XNewRef(PyDict_GetItemWithError(tstate->interp->modules, name)), *other = NULL;
    int status = there ? _PyObject_LookupAttr(there, NAME(__spec__), &other) : 0;
    Py_XDECREF(there);
    if (status < 0) return NULL;
    if (other && other != Py_None) spec = other;
    PyObject *module = PyObject_CallMethodOneArg(tstate->interp->importlib, NAME(_load_unlocked), spec);
    Py_XDECREF(other);
    if (!module) add_outer_frames(NAME(_load_unlocked));
    return module;
}

static bool all_can_be_asked(PyObject *meta_path)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(meta_path); i++) {
        PyObject *find_spec = NULL, *finder = Py_NewRef(PyList_GET_ITEM(meta_path, i));
        bool can_be_asked = is_ours(finder) || _PyObject_LookupAttr(finder, NAME(find_spec), &find_spec) > 0;
        Py_XDECREF(find_spec);
        Py_DECREF(finder);
        if (!can_be_asked) return false;
    }
    return true;
}

/* importlib's _find_spec and _load_unlocked: new reference. NULL with an exception set, or without one if importlib has to do it,
 * which it can only as long as no finder has been asked. */
static PyObject *find_and_load(PyThreadState *tstate, PyObject *name, PyObject *path)
{
    PyObject *meta_path = Py_NewRef(_PySys_GetAttr(tstate, NAME(meta_path))), *module = NULL, *spec = Py_NewRef(Py_None);
    bool was_asked = false;
    if (!all_can_be_asked(meta_path)) goto done;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(meta_path) && spec == Py_None; i++) {
        PyObject *finder = Py_NewRef(PyList_GET_ITEM(meta_path, i));
        Found found = {0};
        SourceStatus status = was_asked && !import_is_direct(tstate) ? SOURCE_UNCLEAR : find(tstate, finder, name, path, &found);
        bool is_for_importlib = status == SOURCE_UNCLEAR && is_ours(finder) && !was_asked;
        if (status == SOURCE_FOUND) module = load(name, &found);
        import_source_clear(&found.source);
        if (status == SOURCE_UNCLEAR && !is_for_importlib) {
            was_asked = true;
            Py_SETREF(spec, ask(finder, name, path));
            if (spec && spec != Py_None) module = load_spec(tstate, name, spec);
        }
        Py_DECREF(finder);
        if (status == SOURCE_FOUND || status == SOURCE_INTERRUPTED || is_for_importlib) goto done;
    }
    if (spec == Py_None) {
        PyObject *message = PyUnicode_FromFormat("No module named %R", name);
        if (message) PyErr_SetImportErrorSubclass(PyExc_ModuleNotFoundError, message, name, NULL);
        Py_XDECREF(message);
    }
done:
    Py_XDECREF(spec);
    Py_DECREF(meta_path);
    return module;
}

/* ---- Packages ------------------------------------------------------------------------------------------------- */

/* A module's attribute of its own kind: new reference, or NULL without an exception. */
static PyObject *attribute_of(PyObject *module, PyObject *name)
{
    PyObject *value = NULL;
    if (!PyModule_Check(module) || _PyObject_LookupAttr(module, name, &value) < 0) PyErr_Clear();
    return value;
}

/* parent.child = module, in the package that has this name by now. */
static int bind_to_parent(PyThreadState *tstate, PyObject *parent_name, PyObject *child, PyObject *module)
{
    PyObject *parent = PyDict_GetItemWithError(tstate->interp->modules, parent_name);
    if (!parent) {
        if (!PyErr_Occurred()) _PyErr_SetKeyError(parent_name);
        return -1;
    }
    Py_INCREF(parent);
    int status = PyObject_SetAttr(parent, child, module);
    Py_DECREF(parent);
    if (status == 0 || !PyErr_ExceptionMatches(PyExc_AttributeError)) return status;
    PyErr_Clear();
    return PyErr_WarnFormat(PyExc_ImportWarning, 1, "Cannot set an attribute on %R for child module %R", parent_name, child);
}

/* A module of a package that is in sys.modules. `path` and `uninitialised` are the package's. As find_and_load(). */
static PyObject *find_and_load_child(PyThreadState *tstate, PyObject *name, PyObject *parent_name, PyObject *child, PyObject *path,
                                     PyObject *uninitialised)
{
    if (PyList_Append(uninitialised, child) < 0) return NULL;
    PyObject *module = find_and_load(tstate, name, path), *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Py_ssize_t last = PyList_GET_SIZE(uninitialised);
    if (last) PyList_SetSlice(uninitialised, last - 1, last, NULL);
    PyErr_Restore(type, value, traceback);
    if (module && bind_to_parent(tstate, parent_name, child, module) < 0) Py_CLEAR(module);
    return module;
}

static PyObject *import_child(PyThreadState *tstate, PyObject *name, PyObject *parent_name, PyObject *child)
{
    PyObject *modules = tstate->interp->modules, *parent = PyDict_GetItemWithError(modules, parent_name);
    if (!parent && !PyErr_Occurred()) {
        PyObject *top = PyObject_CallOneArg(tstate->interp->import_func, parent_name);
        if (!top) return NULL;
        Py_DECREF(top);
        PyObject *there = PyDict_GetItemWithError(modules, name);
        if (there || !import_is_direct(tstate)) return Py_XNewRef(there);
        parent = PyDict_GetItemWithError(modules, parent_name);
        if (!parent && !PyErr_Occurred()) _PyErr_SetKeyError(parent_name);      /* a finder has brought something else */
    }
    if (!parent) return NULL;
    Py_INCREF(parent);
    PyObject *path = attribute_of(parent, NAME(__path__)), *spec = attribute_of(parent, NAME(__spec__)), *uninitialised = NULL, *module = NULL;
    Py_DECREF(parent);
    if (spec && (PyObject *)Py_TYPE(spec) == machinery.spec.type) {
        uninitialised = PyObject_GetAttr(spec, NAME(_uninitialized_submodules));
        PyErr_Clear();
    }
    if (path && PyList_CheckExact(path) && uninitialised && PyList_CheckExact(uninitialised)) {
        module = find_and_load_child(tstate, name, parent_name, child, path, uninitialised);
    }
    Py_XDECREF(path);
    Py_XDECREF(spec);
    Py_XDECREF(uninitialised);
    return module;
}

static PyObject *import_by_name(PyThreadState *tstate, PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name), dot = PyUnicode_FindChar(name, '.', 0, length, -1);
    if (dot <= 0) return dot == -1 ? find_and_load(tstate, name, Py_None) : NULL;
    PyObject *parent = PyUnicode_Substring(name, 0, dot), *child = PyUnicode_Substring(name, dot + 1, length);
    PyObject *module = parent && child ? import_child(tstate, name, parent, child) : NULL;
    Py_XDECREF(parent);
    Py_XDECREF(child);
    return module;
}

PyObject *import_directly(PyThreadState *tstate, PyObject *name)
{
    if (!PyUnicode_CheckExact(name) || !import_is_direct(tstate)) return NULL;
    if (PyDict_Contains(tstate->interp->modules, name)) return NULL;
    InProgress *this = begin(name);
    return this ? end(this, import_by_name(tstate, name)) : NULL;
}
