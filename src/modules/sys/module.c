/* The sys module: made before there is any import, completed when the configuration is known. */
#include "modules/sys/sys.h"

#include <wchar.h>

#include <internal/krait_exports.h>

#include "objects/int/int.h"
#include "runtime/import.h"
#include "runtime/lifecycle.h"

PyDoc_STRVAR(sys_doc,
"Objects that the interpreter uses, and functions that work on the interpreter.\n\n"
"argv, path, modules, stdin, stdout, stderr, displayhook and excepthook may be\n"
"changed; version, prefix, executable and the like are facts.");

static struct PyModuleDef sys_module = {
    PyModuleDef_HEAD_INIT, .m_name = "sys", .m_doc = sys_doc, .m_size = -1, .m_methods = sys_state_methods,
};

PyObject *sys_create(PyInterpreterState *Py_UNUSED(interp))
{
    PyObject *module = PyModule_Create(&sys_module);
    if (!module) return NULL;
    PyObject *dict = PyModule_GetDict(module), *names = NULL;
    if (PyModule_AddFunctions(module, sys_hook_methods) < 0 || sys_add_info(dict) < 0) {
        goto error;
    }
    static const char *const hooks[] = {"displayhook", "excepthook", "breakpointhook", "unraisablehook"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(hooks); i++) {
        char saved[32];
        snprintf(saved, sizeof(saved), "__%s__", hooks[i]);
        if (PyDict_SetItemString(dict, saved, PyDict_GetItemString(dict, hooks[i])) < 0) goto error;
    }
    names = import_builtin_names();
    if (!names || PyDict_SetItemString(dict, "builtin_module_names", names) < 0) goto error;
    Py_DECREF(names);
    static const char *const containers[] = {"meta_path", "path_hooks"};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(containers); i++) {
        names = PyList_New(0);
        if (!names || PyDict_SetItemString(dict, containers[i], names) < 0) goto error;
        Py_DECREF(names);
    }
    names = PyDict_New();
    if (!names || PyDict_SetItemString(dict, "path_importer_cache", names) < 0) goto error;
    Py_DECREF(names);
    return module;
error:
    Py_XDECREF(names);
    Py_DECREF(module);
    return NULL;
}

/* ---- From the configuration ----------------------------------------------------------------------------------- */

static int set_owned(PyObject *dict, const char *name, PyObject *value)
{
    int result = value ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return result;
}

static PyObject *text_or_none(const wchar_t *text) { return text ? PyUnicode_FromWideChar(text, -1) : Py_NewRef(Py_None); }

/* {"dev": True, "tracemalloc": "5"}; later ones win. */
static PyObject *make_xoptions(const PyConfig *config)
{
    PyObject *dict = PyDict_New();
    for (Py_ssize_t i = 0; dict && i < config->xoptions.length; i++) {
        const wchar_t *option = config->xoptions.items[i], *equals = wcschr(option, L'=');
        PyObject *name = PyUnicode_FromWideChar(option, equals ? equals - option : -1);
        PyObject *value = equals ? PyUnicode_FromWideChar(equals + 1, -1) : Py_NewRef(Py_True);
        if (!name || !value || PyDict_SetItem(dict, name, value) < 0) Py_CLEAR(dict);
        Py_XDECREF(name);
        Py_XDECREF(value);
    }
    return dict;
}

int sys_update_config(PyInterpreterState *interp)
{
    const PyConfig *c = &interp->config;
    PyObject *dict = interp->sysdict;
    if (runtime_state.max_str_digits_option >= 0) int_runtime.max_str_digits = runtime_state.max_str_digits_option;
    const struct {
        const char *name;
        const wchar_t *text;
    } texts[] = {
        {"executable", c->executable ? c->executable : L""}, {"_base_executable", c->base_executable ? c->base_executable : L""},
        {"prefix", c->prefix ? c->prefix : L""}, {"base_prefix", c->base_prefix ? c->base_prefix : L""},
        {"exec_prefix", c->exec_prefix ? c->exec_prefix : L""}, {"base_exec_prefix", c->base_exec_prefix ? c->base_exec_prefix : L""},
        {"platlibdir", c->platlibdir ? c->platlibdir : L"lib"}, {"pycache_prefix", c->pycache_prefix},
        {"_stdlib_dir", c->stdlib_dir}, {"_home", NULL},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(texts); i++) {
        if (set_owned(dict, texts[i].name, text_or_none(texts[i].text)) < 0) return -1;
    }
    if (set_owned(dict, "path", _PyWideStringList_AsList(&c->module_search_paths)) < 0
        || set_owned(dict, "argv", _PyWideStringList_AsList(&c->argv)) < 0
        || set_owned(dict, "orig_argv", _PyWideStringList_AsList(&c->orig_argv)) < 0
        || set_owned(dict, "warnoptions", _PyWideStringList_AsList(&c->warnoptions)) < 0
        || set_owned(dict, "_xoptions", make_xoptions(c)) < 0 || set_owned(dict, "flags", sys_make_flags()) < 0) {
        return -1;
    }
    return PyDict_SetItemString(dict, "dont_write_bytecode", c->write_bytecode ? Py_False : Py_True);
}
