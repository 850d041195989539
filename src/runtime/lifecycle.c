/* The interpreter's life: preinitialisation (locale), core (objects, builtins, sys), main (importlib, streams, site), and the
 * end in the reverse order.
 */
#include "runtime/lifecycle.h"

#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <internal/krait_exports.h>

#include "base/config.h"
#include "compiler/compiler.h"
#include "memory/gc.h"
#include "memory/memory.h"
#include "memory/tracemalloc.h"
#include "modules/builtins/builtins.h"
#include "objects/code.h"
#include "objects/exceptions/exceptions.h"
#include "objects/hash.h"
#include "objects/names.h"
#include "objects/objects.h"
#include "objects/str/str.h"
#include "objects/thread_state.h"
#include "runtime/codecs.h"
#include "runtime/context.h"
#include "runtime/gil_report.h"
#include "runtime/import.h"
#include "vm/vm.h"

int Py_UTF8Mode;
int Py_HasFileSystemDefaultEncoding = 1;
int _Py_HasFileSystemDefaultEncodeErrors = 1;
const char *Py_FileSystemDefaultEncoding = "utf-8";
const char *Py_FileSystemDefaultEncodeErrors = "surrogateescape";

/* ---- Locale --------------------------------------------------------------------------------------------------- */

static const char *const coercion_targets[] = {"C.UTF-8", "C.utf8", "UTF-8"};

int _Py_IsLocaleCoercionTarget(const char *locale)
{
    for (size_t i = 0; i < Py_ARRAY_LENGTH(coercion_targets); i++) {
        if (strcmp(locale, coercion_targets[i]) == 0) return 1;
    }
    return 0;
}

char *_Py_SetLocaleFromEnv(int category) { return setlocale(category, ""); }

int _Py_LegacyLocaleDetected(int Py_UNUSED(warn))
{
    const char *locale = setlocale(LC_CTYPE, NULL);
    return locale && (strcmp(locale, "C") == 0 || strcmp(locale, "POSIX") == 0);
}

int _Py_CoerceLegacyLocale(int warn)
{
    const char *all = getenv("LC_ALL");
    if (all && *all) return 0;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(coercion_targets); i++) {
        if (!setlocale(LC_CTYPE, coercion_targets[i])) continue;
        setenv("LC_CTYPE", coercion_targets[i], 1);
        if (warn) {
            fprintf(stderr, "Python detected LC_CTYPE=C: LC_CTYPE coerced to %.20s (set another locale or PYTHONCOERCECLOCALE=0 "
                            "to disable this locale coercion behavior).\n", coercion_targets[i]);
        }
        _Py_SetLocaleFromEnv(LC_CTYPE);
        return 1;
    }
    _Py_SetLocaleFromEnv(LC_CTYPE);
    return 0;
}

/* ---- Preinitialisation ---------------------------------------------------------------------------------------- */

static PyStatus preinitialise(const PyPreConfig *given, const _PyArgv *args)
{
    if (runtime_state.preinitialised) return PyStatus_Ok();
    runtime_state.preinitialising = true;
    PyPreConfig p = *given;
    PyStatus status = options_preread(&p, args ? args->argc : 0, args && args->use_bytes_argv ? args->bytes_argv : NULL,
                                      args && !args->use_bytes_argv ? args->wchar_argv : NULL);
    if (PyStatus_Exception(status)) return status;
    if (p.configure_locale) {
        _Py_SetLocaleFromEnv(LC_CTYPE);
        bool legacy = _Py_LegacyLocaleDetected(0);
        if (legacy) {
            if (p.coerce_c_locale != 0 && given->coerce_c_locale != 0) runtime_state.locale_coerced = _Py_CoerceLegacyLocale(p.coerce_c_locale_warn);
            if (p.utf8_mode < 0) p.utf8_mode = 1;
        }
        p.coerce_c_locale = runtime_state.locale_coerced;
    }
    if (p.utf8_mode < 0) p.utf8_mode = 0;
    Py_UTF8Mode = p.utf8_mode;
    if (p.allocator == PYMEM_ALLOCATOR_NOT_SET) {
        const char *name = _Py_GetEnv(p.use_environment, "PYTHONMALLOC");
        PyMemAllocatorName allocator = p.dev_mode > 0 ? PYMEM_ALLOCATOR_DEBUG : PYMEM_ALLOCATOR_NOT_SET;
        if (name && _PyMem_GetAllocatorName(name, &allocator) < 0) {
            return CONFIG_STATUS_ERROR_IN("preconfig_init_allocator", "PYTHONMALLOC: unknown allocator");
        }
        p.allocator = (int)allocator;
    }
    if (KRAIT_HOSTILE && p.allocator == PYMEM_ALLOCATOR_NOT_SET) PyMem_SetupDebugHooks();
    if (p.allocator != PYMEM_ALLOCATOR_NOT_SET && _PyMem_SetupAllocators((PyMemAllocatorName)p.allocator) < 0) {
        return CONFIG_STATUS_ERROR("Unknown PYTHONMALLOC allocator");
    }
    runtime_state.preconfig = p;
    runtime_state.preinitialised = true;
    return PyStatus_Ok();
}

PyStatus _Py_PreInitializeFromPyArgv(const PyPreConfig *p, const _PyArgv *args)
{
    if (!p) return CONFIG_STATUS_ERROR("preinitialization config is NULL");
    PyStatus status = _PyRuntime_Initialize();
    return PyStatus_Exception(status) ? status : preinitialise(p, args);
}

PyStatus Py_PreInitialize(const PyPreConfig *p) { return _Py_PreInitializeFromPyArgv(p, NULL); }

PyStatus Py_PreInitializeFromArgs(const PyPreConfig *p, Py_ssize_t argc, wchar_t **argv)
{
    return _Py_PreInitializeFromPyArgv(p, &(_PyArgv){.argc = argc, .wchar_argv = argv});
}

PyStatus Py_PreInitializeFromBytesArgs(const PyPreConfig *p, Py_ssize_t argc, char **argv)
{
    return _Py_PreInitializeFromPyArgv(p, &(_PyArgv){.argc = argc, .use_bytes_argv = 1, .bytes_argv = argv});
}

PyStatus _Py_PreInitializeFromConfig(const PyConfig *c, const _PyArgv *args)
{
    if (runtime_state.preinitialised) return PyStatus_Ok();
    PyPreConfig p;
    if (c->_config_init == CONFIG_INIT_PYTHON) PyPreConfig_InitPythonConfig(&p);
    else if (c->_config_init == CONFIG_INIT_ISOLATED) PyPreConfig_InitIsolatedConfig(&p);
    else _PyPreConfig_InitCompatConfig(&p);
    if (c->isolated != -1) p.isolated = c->isolated;
    if (c->use_environment != -1) p.use_environment = c->use_environment;
    if (c->dev_mode != -1) p.dev_mode = c->dev_mode;
    p.parse_argv = c->parse_argv;
    _PyArgv from_config = {.argc = c->argv.length, .wchar_argv = c->argv.items};
    return _Py_PreInitializeFromPyArgv(&p, args ? args : &from_config);
}

/* ---- The runtime ---------------------------------------------------------------------------------------------- */

static bool runtime_ready;

PyStatus _PyRuntime_Initialize(void)
{
    if (runtime_ready) return PyStatus_Ok();
    runtime_ready = true;
    memory_init();
    runtime_state.main_thread = PyThread_get_thread_ident();
    return PyStatus_Ok();
}

void _PyRuntime_Finalize(void) { runtime_ready = false; }
PyStatus _PyRuntimeState_Init(_PyRuntimeState *Py_UNUSED(runtime)) { return _PyRuntime_Initialize(); }
void _PyRuntimeState_Fini(_PyRuntimeState *Py_UNUSED(runtime)) { _PyRuntime_Finalize(); }
PyStatus _PyInterpreterState_Enable(_PyRuntimeState *Py_UNUSED(runtime)) { return PyStatus_Ok(); }

int Py_IsInitialized(void) { return runtime_state.initialised; }
int _Py_IsCoreInitialized(void) { return runtime_state.core_initialised; }
int _Py_IsFinalizing(void) { return atomic_load(&runtime_state.finalizing) != NULL; }

/* ---- Core ----------------------------------------------------------------------------------------------------- */

static PyObject *default_builtins(PyThreadState *tstate) { return tstate->interp->builtins; }

static int init_types(void)
{
    return objects_init() < 0 || vm_init_types() < 0 || compiler_init_types() < 0 || builtins_init_types() < 0
        || context_init_types() < 0 || PyType_Ready(&_PyInterpreterID_Type) < 0 || gc_init() < 0 ? -1 : 0;
}

/* sys.modules, sys, builtins. -1 with an exception set. */
static int init_modules(PyInterpreterState *interp)
{
    if (import_init(interp) < 0) return -1;
    PyObject *builtins = builtins_create();
    if (!builtins) return -1;
    interp->builtins = Py_NewRef(PyModule_GetDict(builtins));
    vm_runtime.default_builtins = default_builtins;
    int failed = exceptions_add_builtins(interp->builtins) < 0 || _PyImport_FixupBuiltin(builtins, "builtins", interp->modules) < 0;
    Py_DECREF(builtins);
    if (failed) return -1;
    PyObject *sys = sys_create(interp);
    if (!sys) return -1;
    interp->sysdict = Py_NewRef(PyModule_GetDict(sys));
    failed = PyDict_SetItemString(interp->sysdict, "modules", interp->modules) < 0
             || _PyImport_FixupBuiltin(sys, "sys", interp->modules) < 0;
    Py_DECREF(sys);
    return failed ? -1 : 0;
}

static bool wants_gil_report(const PyConfig *config)
{
    const wchar_t *option = options_xoption(config, L"gil");
    return option && wcscmp(option, L"gil=report") == 0;
}

PyStatus lifecycle_init_core(const PyConfig *config)
{
    PyStatus status = _PyRuntime_Initialize();
    if (PyStatus_Exception(status)) return status;
    uint32_t seed = (uint32_t)config->hash_seed;
    bool first = !runtime_state.core_initialised;
    if (first && hash_init_secret(config->use_hash_seed ? &seed : NULL) < 0) {       /* strings that stay have their hashes */
        return CONFIG_STATUS_ERROR("failed to get random numbers to initialize Python");
    }
    options_write_flags(config);
    memory_runtime.stats_wanted = config->malloc_stats;
    if (_PyWideStringList_Copy(&runtime_state.orig_argv, &config->orig_argv) < 0) return CONFIG_STATUS_NO_MEMORY();
    atomic_store(&runtime_state.finalizing, NULL);
    PyInterpreterState *interp = state_new_interpreter();
    if (!interp) return CONFIG_STATUS_ERROR("can't make main interpreter");
    status = config_copy(&interp->config, config);
    if (PyStatus_Exception(status)) return status;
    PyThreadState *tstate = PyThreadState_New(interp);
    if (!tstate) return CONFIG_STATUS_ERROR("can't make first thread");
    gil_init();
    gil_take(tstate);
    if (wants_gil_report(config)) gil_report_start();
    PyThreadState_Swap(tstate);
    code_runtime.without_columns = !config->code_debug_ranges;
    if (first) gc_start_begin();
    if (first && frozen_init_strings() < 0) return CONFIG_STATUS_ERROR("out of memory");
    if (first && init_types() < 0) return CONFIG_STATUS_ERROR("failed to initialize the types");
    if (init_modules(interp) < 0) return CONFIG_STATUS_ERROR("failed to initialize sys and builtins");
    runtime_state.core_initialised = true;
    return PyStatus_Ok();
}

/* ---- Main ----------------------------------------------------------------------------------------------------- */

static int add_main_module(PyInterpreterState *interp)
{
    PyObject *module = PyImport_AddModule("__main__");
    if (!module) return -1;
    PyObject *dict = PyModule_GetDict(module), *annotations = PyDict_New();
    int failed = !annotations || PyDict_SetItemString(dict, "__annotations__", annotations) < 0;
    Py_XDECREF(annotations);
    if (failed) return -1;
    if (!PyDict_GetItemWithError(dict, NAME(__builtins__))) {
        if (PyErr_Occurred()) return -1;
        PyObject *builtins = PyImport_ImportModule("builtins");
        failed = !builtins || PyDict_SetItem(dict, NAME(__builtins__), builtins) < 0;
        Py_XDECREF(builtins);
        if (failed) return -1;
    }
    PyObject *loader = PyDict_GetItemString(dict, "__loader__");
    if (!loader || loader == Py_None) {
        loader = PyObject_GetAttrString(interp->importlib, "BuiltinImporter");
        failed = !loader || PyDict_SetItemString(dict, "__loader__", loader) < 0;
        Py_XDECREF(loader);
    }
    return failed ? -1 : 0;
}

static PyStatus import_site(void)
{
    PyObject *module = PyImport_ImportModule("site");
    if (!module) return CONFIG_STATUS_ERROR("Failed to import the site module");
    Py_DECREF(module);
    return PyStatus_Ok();
}

static void read_filesystem_encoding(const PyConfig *config)
{
    static char encoding[64], errors[64];
    if (config->filesystem_encoding) snprintf(encoding, sizeof(encoding), "%ls", config->filesystem_encoding);
    if (config->filesystem_errors) snprintf(errors, sizeof(errors), "%ls", config->filesystem_errors);
    Py_FileSystemDefaultEncoding = encoding;
    Py_FileSystemDefaultEncodeErrors = errors;
}

/* The encodings that the configuration names get the names that their codecs have, now that there are codecs. */
static PyStatus name_codecs(PyInterpreterState *interp, bool is_main)
{
    PyConfig *config = &interp->config;
    if (codecs_normalise_name(&config->filesystem_encoding) < 0) {
        return CONFIG_STATUS_ERROR_IN("init_fs_encoding", "failed to get the Python codec of the filesystem encoding");
    }
    if (codecs_normalise_name(&config->stdio_encoding) < 0) {
        return CONFIG_STATUS_ERROR_IN("init_stdio_encoding", "failed to get the Python codec name of the stdio encoding");
    }
    if (is_main) read_filesystem_encoding(config);
    if (config->dev_mode) str_runtime.check_codec_names = true;
    return PyStatus_Ok();
}

static void start_optional_module(const char *name, const char *function, const char *format, int argument)
{
    PyObject *module = PyImport_ImportModule(name);
    PyObject *none = !module ? NULL : format ? PyObject_CallMethod(module, function, format, argument) : PyObject_CallMethod(module, function, NULL);
    if (!none) PyErr_Clear();
    Py_XDECREF(none);
    Py_XDECREF(module);
}

static void warn_of_legacy_locale(void)
{
    if (!runtime_state.preconfig.coerce_c_locale_warn || !_Py_LegacyLocaleDetected(1)) return;
    PySys_WriteStderr("Python runtime initialized with LC_CTYPE=C (a locale with default ASCII encoding), which may cause "
                      "Unicode compatibility problems. Using C.UTF-8, C.utf8, or UTF-8 (if available) as alternative "
                      "Unicode-compatible locales is recommended.\n");
}

static PyStatus init_main(PyInterpreterState *interp)
{
    const PyConfig *config = &interp->config;
    bool is_main = interp == runtime_state.main;
    if (is_main) read_filesystem_encoding(config);
    if (sys_update_config(interp) < 0) return CONFIG_STATUS_ERROR("failed to update the Python config");
    if (streams_init_early() < 0) return CONFIG_STATUS_ERROR("can't set preliminary stderr");
    if (!config->_install_importlib) return PyStatus_Ok();
    if (import_install(interp) < 0) return CONFIG_STATUS_ERROR("failed to initialize importlib");
    if (import_install_external(interp) < 0) return CONFIG_STATUS_ERROR("external importer setup failed");
    if (is_main && config->faulthandler > 0) start_optional_module("faulthandler", "enable", NULL, 0);
    PyObject *encodings = PyImport_ImportModule("encodings");
    if (!encodings) return CONFIG_STATUS_ERROR("Failed to import encodings module");
    Py_DECREF(encodings);
    if (is_main && signal_init(config->install_signal_handlers) < 0) return CONFIG_STATUS_ERROR("can't initialize signals");
    PyStatus status = name_codecs(interp, is_main);
    if (PyStatus_Exception(status)) return status;
    if (is_main && config->tracemalloc > 0 && tracemalloc_start(config->tracemalloc) < 0) {
        return CONFIG_STATUS_ERROR_IN("init_interp_main", "can't initialize tracemalloc");
    }
    if (add_main_module(interp) < 0) return CONFIG_STATUS_ERROR("can't add the __main__ module");
    if (streams_init(interp) < 0) return CONFIG_STATUS_ERROR("can't initialize sys standard streams");
    if (is_main) warn_of_legacy_locale();
    PyObject *open = _PyImport_GetModuleAttrString("io", "open");
    if (!open || PyDict_SetItemString(interp->builtins, "open", open) < 0) return CONFIG_STATUS_ERROR("can't set builtins.open");
    Py_DECREF(open);
    interp->builtins_copy = PyDict_Copy(interp->builtins);
    PyObject *options = PySys_GetObject("warnoptions");
    if (options && PyList_Check(options) && PyList_GET_SIZE(options) > 0) {
        PyObject *module = PyImport_ImportModule("warnings");
        if (!module) {
            fprintf(stderr, "'import warnings' failed; traceback:\n");
            PyErr_Print();
        }
        Py_XDECREF(module);
    }
    if (is_main) runtime_state.initialised = true;
    if (config->site_import) {
        status = import_site();
        if (PyStatus_Exception(status)) return status;
    }
    interp->initialised = true;
    if (is_main) gc_start_end();
    return PyStatus_Ok();
}

PyStatus _Py_InitializeMain(void) { return init_main(PyInterpreterState_Get()); }

PyStatus Py_InitializeFromConfig(const PyConfig *given)
{
    if (!given) return CONFIG_STATUS_ERROR("initialization config is NULL");
    if (runtime_state.initialised) return PyStatus_Ok();
    PyConfig config;
    _PyConfig_InitCompatConfig(&config);
    PyStatus status = _Py_PreInitializeFromConfig(given, NULL);
    if (!PyStatus_Exception(status)) status = config_copy(&config, given);
    if (!PyStatus_Exception(status)) status = PyConfig_Read(&config);
    if (!PyStatus_Exception(status)) {
        paths_set_globals(&config);
        status = lifecycle_init_core(&config);
    }
    bool whole = config._init_main;
    PyConfig_Clear(&config);
    if (!PyStatus_Exception(status) && whole) status = init_main(runtime_state.main);
    return status;
}

void Py_InitializeEx(int install_handlers)
{
    if (runtime_state.initialised) return;
    PyConfig config;
    _PyConfig_InitCompatConfig(&config);
    config.install_signal_handlers = install_handlers;
    PyStatus status = Py_InitializeFromConfig(&config);
    if (PyStatus_Exception(status)) Py_ExitStatusException(status);
}

void Py_Initialize(void) { Py_InitializeEx(1); }

/* ---- Subinterpreters ------------------------------------------------------------------------------------------ */

PyThreadState *_Py_NewInterpreter(int isolated)
{
    if (!runtime_state.initialised) Py_FatalError("Py_Initialize must be called first");
    PyInterpreterState *interp = PyInterpreterState_New();
    PyThreadState *tstate = interp ? PyThreadState_New(interp) : NULL;
    if (!tstate) return NULL;
    runtime_state.several_interpreters = true;
    PyThreadState *before = PyThreadState_Swap(tstate);
    PyStatus status = config_copy(&interp->config, &runtime_state.main->config);
    interp->config._isolated_interpreter = isolated;
    interp->config.install_signal_handlers = 0;
    if (!PyStatus_Exception(status) && init_modules(interp) < 0) status = CONFIG_STATUS_ERROR("failed to initialize sys and builtins");
    if (!PyStatus_Exception(status)) status = init_main(interp);
    if (!PyStatus_Exception(status)) return tstate;
    PyErr_PrintEx(0);
    PyThreadState_Clear(tstate);
    PyThreadState_Swap(before);
    PyInterpreterState_Delete(interp);
    return NULL;
}

PyThreadState *Py_NewInterpreter(void) { return _Py_NewInterpreter(0); }

/* ---- The end -------------------------------------------------------------------------------------------------- */

int Py_AtExit(void (*function)(void))
{
    if (runtime_state.exit_function_count >= (int)Py_ARRAY_LENGTH(runtime_state.exit_functions)) return -1;
    runtime_state.exit_functions[runtime_state.exit_function_count++] = function;
    return 0;
}

/* Waits for the non-daemon threads, if threading was imported. */
static void wait_for_threads(void)
{
    PyObject *name = PyUnicode_FromString("threading"), *threading = name ? PyImport_GetModule(name) : NULL;
    Py_XDECREF(name);
    if (!threading) {
        PyErr_Clear();
        return;
    }
    PyObject *none = PyObject_CallMethod(threading, "_shutdown", NULL);
    if (!none) PyErr_WriteUnraisable(threading);
    Py_XDECREF(none);
    Py_DECREF(threading);
}

/* Modules go in the reverse order of their import; __main__ and the rest lose their dicts only if they are still alive then. */
static void finalise_modules(PyInterpreterState *interp)
{
    PyObject *modules = interp->modules;
    if (!modules) return;
    if (interp == runtime_state.main) import_direct_end();
    static const char *const names[] = {"path", "argv", "ps1", "ps2", "last_type", "last_value", "last_traceback", "path_importer_cache",
                                        "meta_path", "path_hooks"};
    int verbose = interp->config.verbose;
    if (verbose) PySys_WriteStderr("# clear builtins._\n");
    if (PyDict_SetItemString(interp->builtins, "_", Py_None) < 0) PyErr_WriteUnraisable(NULL);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (verbose) PySys_WriteStderr("# clear sys.%s\n", names[i]);
        if (PyDict_SetItemString(interp->sysdict, names[i], Py_None) < 0) PyErr_WriteUnraisable(NULL);
    }
    static const char *const streams[][2] = {{"stdin", "__stdin__"}, {"stdout", "__stdout__"}, {"stderr", "__stderr__"}};
    for (int i = 0; i < 3; i++) {
        if (verbose) PySys_WriteStderr("# restore sys.%s\n", streams[i][0]);
        PyObject *stream = PyDict_GetItemString(interp->sysdict, streams[i][1]);
        if (PyDict_SetItemString(interp->sysdict, streams[i][0], stream ? stream : Py_None) < 0) PyErr_WriteUnraisable(NULL);
    }
    PyObject *weak = PyList_New(0), *names_left = PyDict_CheckExact(modules) ? PyDict_Keys(modules) : PyMapping_Keys(modules);
    for (Py_ssize_t i = 0; weak && names_left && i < PyList_GET_SIZE(names_left); i++) {
        PyObject *name = PyList_GET_ITEM(names_left, i), *module = PyObject_GetItem(modules, name);
        if (!module) {
            PyErr_Clear();
            continue;
        }
        if (PyModule_Check(module)) {
            if (verbose && PyUnicode_Check(name)) PySys_FormatStderr("# cleanup[2] removing %U\n", name);
            PyObject *ref = PyWeakref_NewRef(module, NULL), *pair = ref ? PyTuple_Pack(2, name, ref) : NULL;
            if (!pair || PyList_Append(weak, pair) < 0) PyErr_WriteUnraisable(NULL);
            Py_XDECREF(ref);
            Py_XDECREF(pair);
            if (PyObject_SetItem(modules, name, Py_None) < 0) PyErr_WriteUnraisable(NULL);
        }
        Py_DECREF(module);
    }
    Py_XDECREF(names_left);
    if (PyDict_CheckExact(modules)) PyDict_Clear(modules);
    else {
        PyObject *none = PyObject_CallMethodNoArgs(modules, NAME(clear));
        if (!none) PyErr_WriteUnraisable(NULL);
        Py_XDECREF(none);
    }
    if (interp->builtins_copy) {
        PyDict_Clear(interp->builtins);
        if (PyDict_Update(interp->builtins, interp->builtins_copy) < 0) PyErr_Clear();
    }
    Py_CLEAR(interp->modules_by_index);
    gc_collect_no_fail();
    gc_dump_shutdown_stats();
    for (Py_ssize_t i = weak ? PyList_GET_SIZE(weak) - 1 : -1; i >= 0; i--) {
        PyObject *pair = PyList_GET_ITEM(weak, i), *module = PyWeakref_GET_OBJECT(PyTuple_GET_ITEM(pair, 1));
        if (module == Py_None) continue;
        PyObject *dict = PyModule_GetDict(module);
        if (dict == interp->builtins || dict == interp->sysdict) continue;
        Py_INCREF(module);
        if (verbose && PyUnicode_Check(PyTuple_GET_ITEM(pair, 0))) PySys_FormatStderr("# cleanup[3] wiping %U\n", PyTuple_GET_ITEM(pair, 0));
        _PyModule_Clear(module);
        Py_DECREF(module);
    }
    Py_XDECREF(weak);
    if (verbose) PySys_FormatStderr("# cleanup[3] wiping sys\n");
    _PyModule_ClearDict(interp->sysdict);
    if (verbose) PySys_FormatStderr("# cleanup[3] wiping builtins\n");
    _PyModule_ClearDict(interp->builtins);
    interp->modules = NULL;
    Py_DECREF(modules);
    if (interp == runtime_state.main) import_extensions_drop_copies();
    gc_collect_no_fail();
}

/* Whether a weak reference's callback only takes the reference out of a container that goes, too: those of the library's weak
 * containers, and of logging's list of handlers. */
static bool callback_only_tidies(PyObject *callback)
{
    static const struct { const char *module, *function; } known[] = {
        {"_weakrefset", "_remove"}, {"weakref", "remove"}, {"logging", "_removeHandlerRef"},
    };
    PyObject *modules = runtime_state.main->modules;
    if (!PyFunction_Check(callback) || !PyDict_CheckExact(modules)) return false;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(known); i++) {
        PyObject *module = PyDict_GetItemString(modules, known[i].module);
        if (module && PyModule_Check(module) && PyModule_GetDict(module) == PyFunction_GET_GLOBALS(callback)) {
            return _PyUnicode_EqualToASCIIString(((PyFunctionObject *)callback)->func_name, known[i].function);
        }
    }
    return false;
}

/* Whether the modules and all they hold may go with the process, without a trace of difference: nothing alive has a
 * finalizer or a callback that does something, no extension module may keep something of its own, and nobody asked to see the end. */
static bool end_is_unnoticed(PyInterpreterState *interp)
{
    const PyConfig *config = &interp->config;
    if (config->verbose || config->dev_mode || config->malloc_stats || config->tracemalloc) return false;
    if (interp->audit_hooks || runtime_state.audit_hooks || interp->next || runtime_state.extensions_loaded) return false;
    PyObject *streams[STREAM_OBJECTS];
    int count = streams_list_borrow(streams);
    return count >= 0 && !gc_death_is_noticed(streams, count, callback_only_tidies);
}

/* After the end in a process that goes on, and may start anew. Threads that are still there (daemons) keep what they stand on: they
 * end when they ask for the lock. */
static void leave_interpreter(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    bool alone = interp->threads == tstate && !tstate->next;
    PyThreadState_Swap(NULL);
    gil_drop(tstate);
    if (alone) PyInterpreterState_Delete(interp);
    else runtime_state.main = NULL;
}

static int finalise(bool process_ends)
{
    if (!runtime_state.initialised) return 0;
    PyThreadState *tstate = thread_state();
    PyInterpreterState *interp = tstate->interp;
    wait_for_threads();
    gil_run_pending_calls();
    atexit_call(interp);
    int status = streams_flush() < 0 ? -1 : 0;
    atomic_store(&runtime_state.finalizing, tstate);
    interp->finalizing = true;
    runtime_state.initialised = false;
    runtime_state.core_initialised = true;
    str_runtime.check_codec_names = false;
    signal_finish();
    if (atomic_load(&gil_report.on) && wants_gil_report(&interp->config)) gil_report_print();
    if (!process_ends || status < 0 || !end_is_unnoticed(interp)) {
        gc_collect_if_enabled();
        finalise_modules(interp);
        if (streams_flush() < 0) status = -1;
        if (interp->config.malloc_stats) _PyObject_DebugMallocStats(stderr);
        import_finish();
        tracemalloc_stop();
        PyInterpreterState_Clear(interp);
    }
    for (int i = runtime_state.exit_function_count; i-- > 0;) runtime_state.exit_functions[i]();
    runtime_state.exit_function_count = 0;
    fflush(stdout);
    fflush(stderr);
    paths_clear_globals();
    if (!process_ends) leave_interpreter(tstate);
    return status;
}

int Py_FinalizeEx(void) { return finalise(false); }
int lifecycle_finish_process(void) { return finalise(true); }
void Py_Finalize(void) { Py_FinalizeEx(); }

void Py_EndInterpreter(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (tstate != thread_state()) Py_FatalError("thread is not current");
    if (tstate->cframe->current_frame) Py_FatalError("thread still has a frame");
    interp->finalizing = true;
    wait_for_threads();
    atexit_call(interp);
    if (tstate != interp->threads || tstate->next) Py_FatalError("not the last thread");
    finalise_modules(interp);
    PyInterpreterState_Clear(interp);
    PyThreadState_Swap(NULL);
    PyInterpreterState_Delete(interp);
}

void Py_Exit(int status)
{
    if (lifecycle_finish_process() < 0) status = 120;
    exit(status);
}

void _Py_RestoreSignals(void)
{
    PyOS_setsig(SIGPIPE, SIG_DFL);
    PyOS_setsig(SIGXFSZ, SIG_DFL);
}
