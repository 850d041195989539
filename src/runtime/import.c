/* PyImport_*: sys.modules, the import statement's function, the import lock. Finding and loading is importlib's, in Python. */
#include "runtime/import.h"

#include <internal/krait_exports.h>

#include "objects/module.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "runtime/import_direct.h"
#include "vm/vm.h"

/* ---- The import lock ------------------------------------------------------------------------------------------ */

void _PyImport_AcquireLock(void)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    unsigned long me = PyThread_get_thread_ident();
    if (!interp->import_lock && !(interp->import_lock = PyThread_allocate_lock())) return;
    if (interp->import_lock_level > 0 && interp->import_lock_thread == me) {
        interp->import_lock_level++;
        return;
    }
    if (!PyThread_acquire_lock(interp->import_lock, NOWAIT_LOCK)) {
        PyThreadState *tstate = PyEval_SaveThread();
        PyThread_acquire_lock(interp->import_lock, WAIT_LOCK);
        PyEval_RestoreThread(tstate);
    }
    interp->import_lock_level = 1;
    interp->import_lock_thread = me;
}

/* 1: released; 0: there is no lock; -1: not ours. */
int _PyImport_ReleaseLock(void)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (!interp->import_lock) return 0;
    if (interp->import_lock_level == 0 || interp->import_lock_thread != PyThread_get_thread_ident()) return -1;
    if (--interp->import_lock_level == 0) PyThread_release_lock(interp->import_lock);
    return 1;
}

/* ---- sys.modules ---------------------------------------------------------------------------------------------- */

int _PyImport_IsInitialized(PyInterpreterState *interp) { return interp->modules != NULL; }

/* Borrowed. */
PyObject *PyImport_GetModuleDict(void)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (!interp->modules) Py_FatalError("interpreter has no modules dictionary");
    return interp->modules;
}

int _PyImport_SetModule(PyObject *name, PyObject *module) { return PyObject_SetItem(PyImport_GetModuleDict(), name, module); }

int _PyImport_SetModuleString(const char *name, PyObject *module)
{
    return PyMapping_SetItemString(PyImport_GetModuleDict(), name, module);
}

/* A new reference; NULL also without an exception: not there. */
static PyObject *find_module(PyThreadState *tstate, PyObject *name)
{
    PyObject *modules = tstate->interp->modules;
    if (!modules) {
        PyErr_SetString(PyExc_RuntimeError, "unable to get sys.modules");
        return NULL;
    }
    if (PyDict_CheckExact(modules)) return Py_XNewRef(PyDict_GetItemWithError(modules, name));
    PyObject *module = PyObject_GetItem(modules, name);
    if (!module && PyErr_ExceptionMatches(PyExc_KeyError)) PyErr_Clear();
    return module;
}

/* Waits for a module that another thread is importing. -1 with an exception set. */
static int ensure_initialised(PyThreadState *tstate, PyObject *module, PyObject *name)
{
    PyObject *spec;
    if (_PyObject_LookupAttr(module, NAME(__spec__), &spec) < 0) return -1;
    int busy = _PyModuleSpec_IsInitializing(spec);
    Py_XDECREF(spec);
    if (!busy || import_is_direct(tstate)) return 0;
    PyObject *none = PyObject_CallMethodOneArg(tstate->interp->importlib, NAME(_lock_unlock_module), name);
    if (!none) return -1;
    Py_DECREF(none);
    return 0;
}

PyObject *PyImport_GetModule(PyObject *name)
{
    PyThreadState *tstate = thread_state();
    PyObject *module = find_module(tstate, name);
    if (module && module != Py_None && ensure_initialised(tstate, module, name) < 0) {
        Py_DECREF(module);
        return NULL;
    }
    return module;
}

PyObject *_PyImport_GetModuleId(_Py_Identifier *id)
{
    PyObject *name = _PyUnicode_FromId(id);
    return name ? PyImport_GetModule(name) : NULL;
}

/* New reference: the module, made empty if it is not there. */
static PyObject *add_module(PyThreadState *tstate, PyObject *name)
{
    PyObject *module = find_module(tstate, name);
    if (module && PyModule_Check(module)) return module;
    Py_XDECREF(module);
    if (PyErr_Occurred()) return NULL;
    module = PyModule_NewObject(name);
    if (module && PyObject_SetItem(tstate->interp->modules, name, module) < 0) Py_CLEAR(module);
    return module;
}

/* Borrowed. */
PyObject *PyImport_AddModuleObject(PyObject *name)
{
    PyObject *module = add_module(thread_state(), name);
    Py_XDECREF(module);     /* sys.modules holds it */
    return module;
}

/* Borrowed. */
PyObject *PyImport_AddModule(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *module = text ? PyImport_AddModuleObject(text) : NULL;
    Py_XDECREF(text);
    return module;
}

static void remove_module(PyThreadState *tstate, PyObject *name)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *modules = tstate->interp->modules;
    if (PyDict_CheckExact(modules)) Py_XDECREF(_PyDict_Pop(modules, name, Py_None));
    else if (PyMapping_DelItem(modules, name) < 0 && PyErr_ExceptionMatches(PyExc_KeyError)) PyErr_Clear();
    if (PyErr_Occurred()) _PyErr_ChainExceptions(type, value, traceback);
    else PyErr_Restore(type, value, traceback);
}

/* ---- Running a code object as a module ------------------------------------------------------------------------ */

PyObject *PyImport_ExecCodeModule(const char *name, PyObject *code) { return PyImport_ExecCodeModuleWithPathnames(name, code, NULL, NULL); }

PyObject *PyImport_ExecCodeModuleEx(const char *name, PyObject *code, const char *pathname)
{
    return PyImport_ExecCodeModuleWithPathnames(name, code, pathname, NULL);
}

PyObject *PyImport_ExecCodeModuleWithPathnames(const char *name, PyObject *code, const char *pathname, const char *cpathname)
{
    PyObject *module = NULL, *path = NULL, *cached = NULL, *text = PyUnicode_FromString(name);
    if (!text) return NULL;
    if (cpathname && !(cached = PyUnicode_DecodeFSDefault(cpathname))) goto done;
    if (pathname && !(path = PyUnicode_DecodeFSDefault(pathname))) goto done;
    if (!path && cached) {
        PyObject *external = PyObject_GetAttrString(PyInterpreterState_Get()->importlib, "_bootstrap_external");
        path = external ? PyObject_CallMethodOneArg(external, NAME(_get_sourcefile), cached) : NULL;
        Py_XDECREF(external);
        if (!path) PyErr_Clear();
    }
    module = PyImport_ExecCodeModuleObject(text, code, path, cached);
done:
    Py_DECREF(text);
    Py_XDECREF(path);
    Py_XDECREF(cached);
    return module;
}

/* The module's dict with __builtins__ in it: borrowed from the module, which sys.modules keeps. */
static PyObject *module_dict_for_exec(PyThreadState *tstate, PyObject *name)
{
    PyObject *module = add_module(tstate, name);
    if (!module) return NULL;
    PyObject *dict = PyModule_GetDict(module);
    int known = PyDict_Contains(dict, NAME(__builtins__));
    if (known == 0) known = PyDict_SetItem(dict, NAME(__builtins__), PyEval_GetBuiltins());
    if (known < 0) {
        remove_module(tstate, name);
        Py_DECREF(module);
        return NULL;
    }
    Py_INCREF(dict);
    Py_DECREF(module);
    return dict;
}

static PyObject *exec_code_in_module(PyThreadState *tstate, PyObject *name, PyObject *dict, PyObject *code)
{
    PyObject *result = PyEval_EvalCode(code, dict, dict);
    if (!result) {
        remove_module(tstate, name);
        return NULL;
    }
    Py_DECREF(result);
    PyObject *module = find_module(tstate, name);
    if (!module && !PyErr_Occurred()) PyErr_Format(PyExc_ImportError, "Loaded module %R not found in sys.modules", name);
    return module;
}

PyObject *PyImport_ExecCodeModuleObject(PyObject *name, PyObject *code, PyObject *pathname, PyObject *cpathname)
{
    PyThreadState *tstate = thread_state();
    PyObject *dict = module_dict_for_exec(tstate, name);
    if (!dict) return NULL;
    if (!pathname) pathname = ((PyCodeObject *)code)->co_filename;
    PyObject *external = PyObject_GetAttrString(tstate->interp->importlib, "_bootstrap_external"), *module = NULL;
    if (external) {
        PyObject *none = PyObject_CallMethodObjArgs(external, NAME(_fix_up_module), dict, name, pathname, cpathname, NULL);
        Py_DECREF(external);
        if (none) {
            Py_DECREF(none);
            module = exec_code_in_module(tstate, name, dict, code);
        }
    }
    Py_DECREF(dict);
    return module;
}

/* 1: imported, 0: there is no such frozen module, -1 with an exception set. */
int PyImport_ImportFrozenModuleObject(PyObject *name)
{
    PyThreadState *tstate = thread_state();
    FrozenInfo info;
    FrozenStatus status = frozen_find(name, &info);
    if (status == FROZEN_NOT_FOUND || status == FROZEN_DISABLED || status == FROZEN_BAD_NAME) return 0;
    if (status != FROZEN_OKAY) {
        frozen_set_error(status, name);
        return -1;
    }
    PyObject *code = frozen_unmarshal(&info), *dict = NULL, *module = NULL;
    if (!code) return -1;
    int result = -1;
    if (info.is_package) {
        module = add_module(tstate, name);
        if (!module) goto done;
        PyObject *path = PyList_New(0);
        int failed = !path || PyDict_SetItemString(PyModule_GetDict(module), "__path__", path) < 0;
        Py_XDECREF(path);
        Py_CLEAR(module);
        if (failed) goto done;
    }
    dict = module_dict_for_exec(tstate, name);
    if (!dict) goto done;
    module = exec_code_in_module(tstate, name, dict, code);
    if (!module) goto done;
    if (info.original_name) {
        PyObject *original = PyUnicode_FromString(info.original_name);
        int failed = !original || PyObject_SetAttrString(module, "__origname__", original) < 0;
        Py_XDECREF(original);
        if (failed) goto done;
    }
    result = 1;
done:
    Py_DECREF(code);
    Py_XDECREF(dict);
    Py_XDECREF(module);
    return result;
}

int PyImport_ImportFrozenModule(const char *name)
{
    PyObject *text = PyUnicode_InternFromString(name);
    int result = text ? PyImport_ImportFrozenModuleObject(text) : -1;
    Py_XDECREF(text);
    return result;
}

/* ---- Importing from C ----------------------------------------------------------------------------------------- */

PyObject *PyImport_ImportModule(const char *name)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *module = text ? PyImport_Import(text) : NULL;
    Py_XDECREF(text);
    return module;
}

PyObject *PyImport_ImportModuleNoBlock(const char *name) { return PyImport_ImportModule(name); }

/* Through the __import__ of the caller's builtins. */
PyObject *PyImport_Import(PyObject *name)
{
    PyThreadState *tstate = thread_state();
    PyObject *globals = Py_XNewRef(PyEval_GetGlobals()), *builtins = NULL, *import = NULL, *result = NULL;
    PyObject *from_list = PyList_New(0);
    if (!from_list) goto done;
    if (name && !PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "module name must be a string");
        goto done;
    }
    if (globals) {
        builtins = PyObject_GetItem(globals, NAME(__builtins__));
        if (!builtins) goto done;
    }
    else {
        builtins = PyImport_ImportModuleLevel("builtins", NULL, NULL, NULL, 0);
        if (!builtins) goto done;
        globals = Py_BuildValue("{OO}", NAME(__builtins__), builtins);
        if (!globals) goto done;
    }
    if (PyDict_Check(builtins)) {
        import = PyObject_GetItem(builtins, NAME(__import__));
        if (!import) PyErr_SetObject(PyExc_KeyError, NAME(__import__));
    }
    else import = PyObject_GetAttr(builtins, NAME(__import__));
    if (!import) goto done;
    result = PyObject_CallFunction(import, "OOOOi", name, globals, globals, from_list, 0);
    if (!result) goto done;
    Py_SETREF(result, find_module(tstate, name));
    if (!result && !PyErr_Occurred()) PyErr_SetObject(PyExc_KeyError, name);
done:
    Py_XDECREF(globals);
    Py_XDECREF(builtins);
    Py_XDECREF(import);
    Py_XDECREF(from_list);
    return result;
}

PyObject *PyImport_ReloadModule(PyObject *module)
{
    PyObject *importlib = PyImport_ImportModule("importlib");
    PyObject *result = importlib ? PyObject_CallMethodOneArg(importlib, NAME(reload), module) : NULL;
    Py_XDECREF(importlib);
    return result;
}

PyObject *_PyImport_GetModuleAttr(PyObject *module_name, PyObject *attribute)
{
    PyObject *module = PyImport_Import(module_name);
    PyObject *value = module ? PyObject_GetAttr(module, attribute) : NULL;
    Py_XDECREF(module);
    return value;
}

PyObject *_PyImport_GetModuleAttrString(const char *module_name, const char *attribute)
{
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *value = module ? PyObject_GetAttrString(module, attribute) : NULL;
    Py_XDECREF(module);
    return value;
}

/* ---- The import function -------------------------------------------------------------------------------------- */

/* The package that a relative import starts from; a new reference. */
static PyObject *calling_package(PyObject *globals)
{
    PyObject *spec = NULL, *package = PyDict_GetItemWithError(globals, NAME(__package__));
    if (!package && PyErr_Occurred()) return NULL;
    spec = PyDict_GetItemWithError(globals, NAME(__spec__));
    if (!spec && PyErr_Occurred()) return NULL;
    if (package && package != Py_None) {
        Py_INCREF(package);
        if (!PyUnicode_Check(package)) {
            PyErr_SetString(PyExc_TypeError, "package must be a string");
            goto error;
        }
        if (spec && spec != Py_None) {
            PyObject *parent = PyObject_GetAttr(spec, NAME(parent));
            int equal = parent ? PyObject_RichCompareBool(package, parent, Py_EQ) : -1;
            Py_XDECREF(parent);
            if (equal < 0) goto error;
            if (!equal && PyErr_WarnEx(PyExc_ImportWarning, "__package__ != __spec__.parent", 1) < 0) goto error;
        }
        return package;
    }
    if (spec && spec != Py_None) {
        package = PyObject_GetAttr(spec, NAME(parent));
        if (package && !PyUnicode_Check(package)) {
            PyErr_SetString(PyExc_TypeError, "__spec__.parent must be a string");
            goto error;
        }
        return package;
    }
    if (PyErr_WarnEx(PyExc_ImportWarning,
                     "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__", 1) < 0) {
        return NULL;
    }
    package = Py_XNewRef(PyDict_GetItemWithError(globals, NAME(__name__)));
    if (!package) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_KeyError, "'__name__' not in globals");
        return NULL;
    }
    if (!PyUnicode_Check(package)) {
        PyErr_SetString(PyExc_TypeError, "__name__ must be a string");
        goto error;
    }
    int has_path = PyDict_Contains(globals, NAME(__path__));
    if (has_path < 0) goto error;
    if (!has_path) {
        Py_ssize_t dot = PyUnicode_FindChar(package, '.', 0, PyUnicode_GET_LENGTH(package), -1);
        if (dot == -2) goto error;
        if (dot == -1) {
            PyErr_SetString(PyExc_ImportError, "attempted relative import with no known parent package");
            goto error;
        }
        Py_SETREF(package, PyUnicode_Substring(package, 0, dot));
    }
    return package;
error:
    Py_XDECREF(package);
    return NULL;
}

static PyObject *resolve_name(PyObject *name, PyObject *globals, int level)
{
    if (!globals) {
        PyErr_SetString(PyExc_KeyError, "'__name__' not in globals");
        return NULL;
    }
    if (!PyDict_Check(globals)) {
        PyErr_SetString(PyExc_TypeError, "globals must be a dict");
        return NULL;
    }
    PyObject *package = calling_package(globals);
    if (!package) return NULL;
    Py_ssize_t end = PyUnicode_GET_LENGTH(package);
    if (end == 0) {
        PyErr_SetString(PyExc_ImportError, "attempted relative import with no known parent package");
        goto error;
    }
    for (int up = 1; up < level; up++) {
        end = PyUnicode_FindChar(package, '.', 0, end, -1);
        if (end == -2) goto error;
        if (end == -1) {
            PyErr_SetString(PyExc_ImportError, "attempted relative import beyond top-level package");
            goto error;
        }
    }
    PyObject *base = PyUnicode_Substring(package, 0, end);
    Py_DECREF(package);
    if (!base || PyUnicode_GET_LENGTH(name) == 0) return base;
    PyObject *result = PyUnicode_FromFormat("%U.%U", base, name);
    Py_DECREF(base);
    return result;
error:
    Py_DECREF(package);
    return NULL;
}

/* -X importtime: nested times of imports, on stderr. */
static _Thread_local struct {
    int level;
    _PyTime_t accumulated;
    bool header_done;
} import_time;

static PyObject *find_and_load_timed(PyThreadState *tstate, PyObject *name)
{
    if (!import_time.header_done) {
        fputs("import time: self [us] | cumulative | imported package\n", stderr);
        import_time.header_done = true;
    }
    import_time.level++;
    _PyTime_t start = _PyTime_GetPerfCounter(), outer = import_time.accumulated;
    import_time.accumulated = 0;
    PyObject *module = PyObject_CallMethodObjArgs(tstate->interp->importlib, NAME(_find_and_load), name, tstate->interp->import_func, NULL);
    _PyTime_t cumulative = _PyTime_GetPerfCounter() - start;
    import_time.level--;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    const char *text = PyUnicode_AsUTF8(name);
    fprintf(stderr, "import time: %9ld | %10ld | %*s%s\n",
            (long)_PyTime_AsMicroseconds(cumulative - import_time.accumulated, _PyTime_ROUND_CEILING),
            (long)_PyTime_AsMicroseconds(cumulative, _PyTime_ROUND_CEILING), import_time.level * 2, "", text ? text : "?");
    PyErr_Restore(type, value, traceback);
    import_time.accumulated = outer + cumulative;
    return module;
}

static PyObject *find_and_load(PyThreadState *tstate, PyObject *name)
{
    if (tstate->interp->audit_hooks || runtime_state.audit_hooks) {
        PyObject *path = PySys_GetObject("path"), *meta_path = PySys_GetObject("meta_path"), *hooks = PySys_GetObject("path_hooks");
        if (PySys_Audit("import", "OOOOO", name, Py_None, path ? path : Py_None, meta_path ? meta_path : Py_None,
                        hooks ? hooks : Py_None) < 0) {
            return NULL;
        }
    }
    if (tstate->interp->config.import_time) return find_and_load_timed(tstate, name);
    PyObject *module = import_directly(tstate, name);
    if (module || PyErr_Occurred()) return module;
    return PyObject_CallMethodObjArgs(tstate->interp->importlib, NAME(_find_and_load), name, tstate->interp->import_func, NULL);
}

/* Takes importlib's own frames out of the current exception's traceback: all of them for an ImportError, else those that lead up to
 * _call_with_frames_removed. */
static void remove_importlib_frames(PyThreadState *tstate)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (!type || tstate->interp->config.verbose) goto done;
    bool always = PyType_Check(type) && PyType_IsSubtype((PyTypeObject *)type, (PyTypeObject *)PyExc_ImportError);
    bool in_chunk = false;
    PyObject **link = &traceback, **chunk = NULL;
    for (PyTracebackObject *tb = (PyTracebackObject *)traceback; tb; tb = (PyTracebackObject *)*link) {
        PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
        bool importlib = _PyUnicode_EqualToASCIIString(code->co_filename, "<frozen importlib._bootstrap>")
                         || _PyUnicode_EqualToASCIIString(code->co_filename, "<frozen importlib._bootstrap_external>");
        bool marker = _PyUnicode_EqualToASCIIString(code->co_name, "_call_with_frames_removed");
        Py_DECREF(code);
        PyObject *next = (PyObject *)tb->tb_next;
        if (importlib && !in_chunk) chunk = link;
        in_chunk = importlib;
        if (in_chunk && (always || marker)) {
            Py_XINCREF(next);
            Py_XSETREF(*chunk, next);
            link = chunk;
        }
        else link = (PyObject **)&tb->tb_next;
    }
done:
    PyErr_Restore(type, value, traceback);
}

PyObject *PyImport_ImportModuleLevelObject(PyObject *name, PyObject *globals, PyObject *Py_UNUSED(locals), PyObject *from_list,
                                           int level)
{
    PyThreadState *tstate = thread_state();
    PyObject *full_name = NULL, *module = NULL, *result = NULL;
    if (!name) {
        PyErr_SetString(PyExc_ValueError, "Empty module name");
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "module name must be a string");
        return NULL;
    }
    if (level < 0) {
        PyErr_SetString(PyExc_ValueError, "level must be >= 0");
        return NULL;
    }
    if (level > 0) {
        full_name = resolve_name(name, globals, level);
        if (!full_name) goto error;
    }
    else {
        if (PyUnicode_GET_LENGTH(name) == 0) {
            PyErr_SetString(PyExc_ValueError, "Empty module name");
            goto error;
        }
        full_name = Py_NewRef(name);
    }
    module = find_module(tstate, full_name);
    if (!module && PyErr_Occurred()) goto error;
    if (module && module != Py_None) {
        if (ensure_initialised(tstate, module, full_name) < 0) goto error;
    }
    else {
        Py_XDECREF(module);
        module = find_and_load(tstate, full_name);
        if (!module) goto error;
    }
    int has_from = from_list && from_list != Py_None ? PyObject_IsTrue(from_list) : 0;
    if (has_from < 0) goto error;
    if (has_from) {
        PyObject *path;
        if (_PyObject_LookupAttr(module, NAME(__path__), &path) < 0) goto error;
        if (path) {
            Py_DECREF(path);
            result = PyObject_CallMethodObjArgs(tstate->interp->importlib, NAME(_handle_fromlist), module, from_list,
                                                tstate->interp->import_func, NULL);
        }
        else result = Py_NewRef(module);
        goto done;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(name);
    if (level > 0 && length == 0) {
        result = Py_NewRef(module);
        goto done;
    }
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, length, 1);
    if (dot == -2) goto error;
    if (dot == -1) {
        result = Py_NewRef(module);
        goto done;
    }
    if (level == 0) {
        PyObject *front = PyUnicode_Substring(name, 0, dot);
        result = front ? PyImport_ImportModuleLevelObject(front, NULL, NULL, NULL, 0) : NULL;
        Py_XDECREF(front);
        goto done;
    }
    PyObject *top = PyUnicode_Substring(full_name, 0, PyUnicode_GET_LENGTH(full_name) - (length - dot));
    result = top ? find_module(tstate, top) : NULL;
    if (top && !result && !PyErr_Occurred()) PyErr_Format(PyExc_KeyError, "%R not in sys.modules as expected", top);
    Py_XDECREF(top);
done:
error:
    if (!result) remove_importlib_frames(tstate);
    Py_XDECREF(full_name);
    Py_XDECREF(module);
    return result;
}

PyObject *PyImport_ImportModuleLevel(const char *name, PyObject *globals, PyObject *locals, PyObject *from_list, int level)
{
    PyObject *text = PyUnicode_FromString(name);
    PyObject *module = text ? PyImport_ImportModuleLevelObject(text, globals, locals, from_list, level) : NULL;
    Py_XDECREF(text);
    return module;
}

/* ---- Path entry finders --------------------------------------------------------------------------------------- */

/* The finder that sys.path_hooks give for a path, None if none does; from or into sys.path_importer_cache. A new reference. */
PyObject *PyImport_GetImporter(PyObject *path)
{
    PyObject *cache = PySys_GetObject("path_importer_cache"), *hooks = PySys_GetObject("path_hooks");
    if (!cache) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.path_importer_cache");
        return NULL;
    }
    if (!hooks) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.path_hooks");
        return NULL;
    }
    PyObject *importer = PyDict_Check(cache) ? PyDict_GetItemWithError(cache, path) : NULL;
    if (importer || PyErr_Occurred()) return Py_XNewRef(importer);
    Py_ssize_t count = PyList_Check(hooks) ? PyList_GET_SIZE(hooks) : 0;
    if (PyDict_SetItem(cache, path, Py_None) < 0) return NULL;
    for (Py_ssize_t i = 0; i < count && i < PyList_GET_SIZE(hooks); i++) {
        importer = PyObject_CallOneArg(PyList_GET_ITEM(hooks, i), path);
        if (importer) break;
        if (!PyErr_ExceptionMatches(PyExc_ImportError)) return NULL;
        PyErr_Clear();
    }
    if (!importer) return Py_NewRef(Py_None);
    if (PyDict_SetItem(cache, path, importer) < 0) Py_CLEAR(importer);
    return importer;
}

static PyObject *magic_number_object(void) { return _PyImport_GetModuleAttrString("importlib._bootstrap_external", "_RAW_MAGIC_NUMBER"); }

long PyImport_GetMagicNumber(void)
{
    PyObject *number = magic_number_object();
    long result = number ? PyLong_AsLong(number) : -1;
    Py_XDECREF(number);
    return result;
}

const char *PyImport_GetMagicTag(void) { return "cpython-311"; }

/* ---- Start ---------------------------------------------------------------------------------------------------- */

bool import_is_default(PyThreadState *tstate, PyObject *import) { return import == tstate->interp->import_func; }

int import_init(PyInterpreterState *interp)
{
    interp->modules = PyDict_New();
    return interp->modules ? import_extensions_init() : -1;
}

int import_install(PyInterpreterState *interp)
{
    if (PyImport_ImportFrozenModule("_frozen_importlib") <= 0) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ImportError, "no frozen _frozen_importlib");
        return -1;
    }
    interp->importlib = Py_XNewRef(PyImport_AddModule("_frozen_importlib"));
    if (!interp->importlib) return -1;
    interp->import_func = Py_XNewRef(PyDict_GetItemWithError(interp->builtins, NAME(__import__)));
    if (!interp->import_func) return -1;
    vm_runtime.is_default_import = import_is_default;
    /* _imp itself comes in by hand: there is no import yet. */
    PyObject *spec = Py_BuildValue("{ss}", "name", "_imp"), *namespace = NULL, *imp = NULL, *sys = NULL, *none = NULL;
    namespace = spec ? _PyNamespace_New(spec) : NULL;
    imp = namespace ? import_create_builtin(namespace) : NULL;
    if (imp && PyModule_ExecDef(imp, ((PyModuleObject *)imp)->md_def) < 0) Py_CLEAR(imp);
    if (imp && _PyImport_SetModuleString("_imp", imp) == 0) {
        sys = PyImport_AddModule("sys");
        none = sys ? PyObject_CallMethodObjArgs(interp->importlib, NAME(_install), sys, imp, NULL) : NULL;
    }
    Py_XDECREF(spec);
    Py_XDECREF(namespace);
    Py_XDECREF(imp);
    if (!none) return -1;
    Py_DECREF(none);
    return 0;
}

int import_install_external(PyInterpreterState *interp)
{
    PyObject *none = PyObject_CallMethodNoArgs(interp->importlib, NAME(_install_external_importers));
    if (!none) return -1;
    Py_DECREF(none);
    import_direct_begin(interp);
    bool verbose = interp->config.verbose;
    if (verbose) PySys_WriteStderr("# installing zipimport hook\n");
    PyObject *zipimport = PyImport_ImportModule("zipimport");
    if (!zipimport) {
        PyErr_Clear();
        if (verbose) PySys_WriteStderr("# can't import zipimport\n");
        return 0;
    }
    PyObject *importer = PyObject_GetAttr(zipimport, NAME(zipimporter));
    PyObject *hooks = PySys_GetObject("path_hooks");
    int result = importer && hooks ? PyList_Insert(hooks, 0, importer) : 0;
    if (importer && result == 0) import_source_begin(interp);
    Py_XDECREF(importer);
    Py_DECREF(zipimport);
    if (PyErr_Occurred()) PyErr_Clear();
    else if (verbose) PySys_WriteStderr("# installed zipimport hook\n");
    return result;
}

void import_finish(void) { import_extensions_finish(); }
