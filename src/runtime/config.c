/* PyStatus, PyWideStringList, PyConfig and PyPreConfig: the values; options.c and paths.c fill them. */
#include "runtime/config.h"

#include <wchar.h>

#include <internal/krait_exports.h>

#include "runtime/lifecycle.h"
#include "runtime/state.h"

/* ---- PyStatus ------------------------------------------------------------------------------------------------- */

PyStatus PyStatus_Ok(void) { return (PyStatus){._type = _PyStatus_TYPE_OK}; }
PyStatus PyStatus_Error(const char *message) { return (PyStatus){._type = _PyStatus_TYPE_ERROR, .err_msg = message}; }
PyStatus PyStatus_NoMemory(void) { return PyStatus_Error("memory allocation failed"); }
PyStatus PyStatus_Exit(int code) { return (PyStatus){._type = _PyStatus_TYPE_EXIT, .exitcode = code}; }
int PyStatus_IsError(PyStatus status) { return status._type == _PyStatus_TYPE_ERROR; }
int PyStatus_IsExit(PyStatus status) { return status._type == _PyStatus_TYPE_EXIT; }
int PyStatus_Exception(PyStatus status) { return status._type != _PyStatus_TYPE_OK; }

/* ---- PyWideStringList ----------------------------------------------------------------------------------------- */

void _PyWideStringList_Clear(PyWideStringList *list)
{
    for (Py_ssize_t i = 0; i < list->length; i++) PyMem_RawFree(list->items[i]);
    PyMem_RawFree(list->items);
    list->length = 0;
    list->items = NULL;
}

int _PyWideStringList_Copy(PyWideStringList *to, const PyWideStringList *from)
{
    PyWideStringList copy = {0};
    for (Py_ssize_t i = 0; i < from->length; i++) {
        if (PyStatus_Exception(PyWideStringList_Append(&copy, from->items[i]))) {
            _PyWideStringList_Clear(&copy);
            return -1;
        }
    }
    _PyWideStringList_Clear(to);
    *to = copy;
    return 0;
}

PyStatus PyWideStringList_Insert(PyWideStringList *list, Py_ssize_t index, const wchar_t *item)
{
    if (index < 0) return PyStatus_Error("PyWideStringList_Insert index must be >= 0");
    if (index > list->length) index = list->length;
    wchar_t *copy = _PyMem_RawWcsdup(item);
    wchar_t **items = copy ? PyMem_RawRealloc(list->items, (size_t)(list->length + 1) * sizeof(*items)) : NULL;
    if (!items) {
        PyMem_RawFree(copy);
        return CONFIG_STATUS_NO_MEMORY();
    }
    memmove(items + index + 1, items + index, (size_t)(list->length - index) * sizeof(*items));
    items[index] = copy;
    list->items = items;
    list->length++;
    return PyStatus_Ok();
}

PyStatus PyWideStringList_Append(PyWideStringList *list, const wchar_t *item)
{
    return PyWideStringList_Insert(list, list->length, item);
}

PyStatus _PyWideStringList_Extend(PyWideStringList *list, const PyWideStringList *more)
{
    for (Py_ssize_t i = 0; i < more->length; i++) {
        PyStatus status = PyWideStringList_Append(list, more->items[i]);
        if (PyStatus_Exception(status)) return status;
    }
    return PyStatus_Ok();
}

PyObject *_PyWideStringList_AsList(const PyWideStringList *list)
{
    PyObject *result = PyList_New(list->length);
    for (Py_ssize_t i = 0; result && i < list->length; i++) {
        PyObject *item = PyUnicode_FromWideChar(list->items[i], -1);
        if (!item) Py_CLEAR(result);
        else PyList_SET_ITEM(result, i, item);
    }
    return result;
}

PyStatus _PyArgv_AsWstrList(const _PyArgv *args, PyWideStringList *list)
{
    PyWideStringList wide = {0};
    for (Py_ssize_t i = 0; i < args->argc; i++) {
        wchar_t *item = args->use_bytes_argv ? Py_DecodeLocale(args->bytes_argv[i], NULL) : _PyMem_RawWcsdup(args->wchar_argv[i]);
        PyStatus status = item ? PyWideStringList_Append(&wide, item) : CONFIG_STATUS_ERROR("cannot decode command line arguments");
        PyMem_RawFree(item);
        if (PyStatus_Exception(status)) {
            _PyWideStringList_Clear(&wide);
            return status;
        }
    }
    _PyWideStringList_Clear(list);
    *list = wide;
    return PyStatus_Ok();
}

/* ---- PyPreConfig ---------------------------------------------------------------------------------------------- */

void _PyPreConfig_InitCompatConfig(PyPreConfig *p)
{
    *p = (PyPreConfig){
        ._config_init = CONFIG_INIT_COMPAT, .parse_argv = 0, .isolated = -1, .use_environment = -1, .configure_locale = 1,
        .coerce_c_locale = 0, .coerce_c_locale_warn = 0, .utf8_mode = 0, .dev_mode = -1, .allocator = PYMEM_ALLOCATOR_NOT_SET,
    };
}

void PyPreConfig_InitPythonConfig(PyPreConfig *p)
{
    _PyPreConfig_InitCompatConfig(p);
    p->_config_init = CONFIG_INIT_PYTHON;
    p->isolated = 0;
    p->parse_argv = 1;
    p->use_environment = 1;
    p->coerce_c_locale = -1;
    p->coerce_c_locale_warn = -1;
    p->utf8_mode = -1;
}

void PyPreConfig_InitIsolatedConfig(PyPreConfig *p)
{
    _PyPreConfig_InitCompatConfig(p);
    p->_config_init = CONFIG_INIT_ISOLATED;
    p->configure_locale = 0;
    p->isolated = 1;
    p->use_environment = 0;
    p->utf8_mode = 0;
    p->dev_mode = 0;
}

/* ---- PyConfig ------------------------------------------------------------------------------------------------- */

void _PyConfig_InitCompatConfig(PyConfig *c)
{
    *c = (PyConfig){
        ._config_init = CONFIG_INIT_COMPAT, .isolated = -1, .use_environment = -1, .dev_mode = -1, .install_signal_handlers = 1,
        .use_hash_seed = -1, .faulthandler = -1, .tracemalloc = -1, .site_import = -1, .bytes_warning = -1, .inspect = -1,
        .interactive = -1, .optimization_level = -1, .parser_debug = -1, .write_bytecode = -1, .verbose = -1, .quiet = -1,
        .user_site_directory = -1, .buffered_stdio = -1, ._install_importlib = 1, .pathconfig_warnings = -1, ._init_main = 1,
        .use_frozen_modules = 1, .code_debug_ranges = 1,
    };
}

static void set_config_defaults(PyConfig *c)
{
    c->isolated = 0;
    c->use_environment = 1;
    c->site_import = 1;
    c->bytes_warning = 0;
    c->inspect = 0;
    c->interactive = 0;
    c->optimization_level = 0;
    c->parser_debug = 0;
    c->write_bytecode = 1;
    c->verbose = 0;
    c->quiet = 0;
    c->user_site_directory = 1;
    c->buffered_stdio = 1;
    c->pathconfig_warnings = 1;
}

void PyConfig_InitPythonConfig(PyConfig *c)
{
    _PyConfig_InitCompatConfig(c);
    set_config_defaults(c);
    c->_config_init = CONFIG_INIT_PYTHON;
    c->configure_c_stdio = 1;
    c->parse_argv = 1;
}

void PyConfig_InitIsolatedConfig(PyConfig *c)
{
    _PyConfig_InitCompatConfig(c);
    set_config_defaults(c);
    c->_config_init = CONFIG_INIT_ISOLATED;
    c->isolated = 1;
    c->use_environment = 0;
    c->user_site_directory = 0;
    c->dev_mode = 0;
    c->install_signal_handlers = 0;
    c->use_hash_seed = 0;
    c->faulthandler = 0;
    c->tracemalloc = 0;
    c->safe_path = 1;
    c->pathconfig_warnings = 0;
}

void PyConfig_Clear(PyConfig *c)
{
#define CLEAR_INT(name)
#define CLEAR_ULONG(name)
#define CLEAR_STRING(name) PyMem_RawFree(c->name), c->name = NULL;
#define CLEAR_STRING_OPT CLEAR_STRING
#define CLEAR_STRING_HIDDEN CLEAR_STRING
#define CLEAR_LIST(name) _PyWideStringList_Clear(&c->name);
#define FIELD(kind, name) CLEAR_##kind(name)
#include "runtime/config_fields.def"
#undef FIELD
}

PyStatus config_set(wchar_t **field, const wchar_t *value)
{
    wchar_t *copy = NULL;
    if (value && !(copy = _PyMem_RawWcsdup(value))) return CONFIG_STATUS_NO_MEMORY();
    PyMem_RawFree(*field);
    *field = copy;
    return PyStatus_Ok();
}

PyStatus config_copy(PyConfig *to, const PyConfig *from)
{
    if (to == from) return PyStatus_Ok();
    PyConfig_Clear(to);
#define COPY_INT(name) to->name = from->name;
#define COPY_ULONG(name) to->name = from->name;
#define COPY_STRING(name) if (PyStatus_Exception(config_set(&to->name, from->name))) return CONFIG_STATUS_NO_MEMORY();
#define COPY_STRING_OPT COPY_STRING
#define COPY_STRING_HIDDEN COPY_STRING
#define COPY_LIST(name) if (_PyWideStringList_Copy(&to->name, &from->name) < 0) return CONFIG_STATUS_NO_MEMORY();
#define FIELD(kind, name) COPY_##kind(name)
#include "runtime/config_fields.def"
#undef FIELD
    return PyStatus_Ok();
}

/* The first call of any of these settles the locale, which decoding needs. */
static PyStatus preinitialise(const PyConfig *c)
{
    return _Py_PreInitializeFromConfig(c, NULL);
}

PyStatus PyConfig_SetString(PyConfig *c, wchar_t **field, const wchar_t *value)
{
    PyStatus status = preinitialise(c);
    return PyStatus_Exception(status) ? status : config_set(field, value);
}

PyStatus PyConfig_SetBytesString(PyConfig *c, wchar_t **field, const char *value)
{
    PyStatus status = preinitialise(c);
    if (PyStatus_Exception(status)) return status;
    if (!value) return config_set(field, NULL);
    size_t length;
    wchar_t *wide = Py_DecodeLocale(value, &length);
    if (!wide) {
        return length == (size_t)-2 ? CONFIG_STATUS_ERROR("cannot decode string") : CONFIG_STATUS_NO_MEMORY();
    }
    PyMem_RawFree(*field);
    *field = wide;
    return PyStatus_Ok();
}

PyStatus PyConfig_SetWideStringList(PyConfig *c, PyWideStringList *list, Py_ssize_t length, wchar_t **items)
{
    PyStatus status = preinitialise(c);
    if (PyStatus_Exception(status)) return status;
    PyWideStringList given = {length, items};
    return _PyWideStringList_Copy(list, &given) < 0 ? CONFIG_STATUS_NO_MEMORY() : PyStatus_Ok();
}

static PyStatus set_argv(PyConfig *c, const _PyArgv *args)
{
    PyStatus status = _Py_PreInitializeFromConfig(c, args);
    return PyStatus_Exception(status) ? status : _PyArgv_AsWstrList(args, &c->argv);
}

PyStatus PyConfig_SetArgv(PyConfig *c, Py_ssize_t argc, wchar_t *const *argv)
{
    return set_argv(c, &(_PyArgv){.argc = argc, .wchar_argv = argv});
}

PyStatus PyConfig_SetBytesArgv(PyConfig *c, Py_ssize_t argc, char *const *argv)
{
    return set_argv(c, &(_PyArgv){.argc = argc, .use_bytes_argv = 1, .bytes_argv = argv});
}

PyStatus PyConfig_Read(PyConfig *c)
{
    PyStatus status = preinitialise(c);
    if (PyStatus_Exception(status)) return status;
    if (c->orig_argv.length == 0 && !(c->argv.length == 1 && c->argv.items[0][0] == 0)
        && _PyWideStringList_Copy(&c->orig_argv, &c->argv) < 0) {
        return CONFIG_STATUS_NO_MEMORY();
    }
    status = options_read(c);
    if (PyStatus_Exception(status)) return status;
    return c->_install_importlib ? paths_compute(c) : PyStatus_Ok();
}

/* ---- What older programs set and ask ---------------------------------------------------------------------------- */

/* The command line as it was given, borrowed; nothing before the start. */
void Py_GetArgcArgv(int *argc, wchar_t ***argv)
{
    *argc = (int)runtime_state.orig_argv.length;
    *argv = runtime_state.orig_argv.items;
}

void _Py_ClearArgcArgv(void) { _PyWideStringList_Clear(&runtime_state.orig_argv); }

void _Py_ClearStandardStreamEncoding(void)
{
    PyMem_RawFree(runtime_state.stream_encoding);
    PyMem_RawFree(runtime_state.stream_errors);
    runtime_state.stream_encoding = runtime_state.stream_errors = NULL;
}

/* For sys.stdin and its like; NULL leaves one as it is. Before the start only: -1 after it, -2 and -3 when memory is out. */
int Py_SetStandardStreamEncoding(const char *encoding, const char *errors)
{
    if (Py_IsInitialized()) return -1;
    char *encoding_copy = encoding ? _PyMem_RawStrdup(encoding) : NULL, *errors_copy = errors ? _PyMem_RawStrdup(errors) : NULL;
    if ((encoding && !encoding_copy) || (errors && !errors_copy)) {
        PyMem_RawFree(encoding_copy);
        PyMem_RawFree(errors_copy);
        return encoding && !encoding_copy ? -2 : -3;
    }
    if (encoding) {
        PyMem_RawFree(runtime_state.stream_encoding);
        runtime_state.stream_encoding = encoding_copy;
    }
    if (errors) {
        PyMem_RawFree(runtime_state.stream_errors);
        runtime_state.stream_errors = errors_copy;
    }
    return 0;
}

/* ---- As a dict ------------------------------------------------------------------------------------------------ */

PyObject *_PyConfig_AsDict(const PyConfig *c)
{
    PyObject *dict = PyDict_New();
    if (!dict) return NULL;
    PyObject *value;
#define ADD(name, new)                                                               \
    value = new;                                                                     \
    if (!value || PyDict_SetItemString(dict, #name, value) < 0) goto error;          \
    Py_DECREF(value);
#define ADD_INT(name) ADD(name, PyLong_FromLong(c->name))
#define ADD_ULONG(name) ADD(name, PyLong_FromUnsignedLong(c->name))
#define ADD_STRING(name) ADD(name, c->name ? PyUnicode_FromWideChar(c->name, -1) : Py_NewRef(Py_None))
#define ADD_STRING_OPT ADD_STRING
#define ADD_STRING_HIDDEN(name)
#define ADD_LIST(name) ADD(name, _PyWideStringList_AsList(&c->name))
#define FIELD(kind, name) ADD_##kind(name)
#include "runtime/config_fields.def"
#undef FIELD
    return dict;
error:
    Py_XDECREF(value);
    Py_DECREF(dict);
    return NULL;
}

/* The item of a configuration's dict, borrowed. */
static PyObject *item_from_dict(PyObject *dict, const char *name)
{
    PyObject *item = _PyDict_GetItemStringWithError(dict, name);
    if (!item && !PyErr_Occurred()) PyErr_Format(PyExc_ValueError, "missing config key: %s", name);
    return item;
}

static int invalid_value(const char *name)
{
    PyErr_Format(PyExc_ValueError, "invalid config value: %s", name);
    return -1;
}

static int invalid_type(const char *name)
{
    PyErr_Format(PyExc_TypeError, "invalid config type: %s", name);
    return -1;
}

/* An int from 0 to max. */
static int int_from_dict(PyObject *dict, const char *name, unsigned long max, unsigned long *out)
{
    PyObject *item = item_from_dict(dict, name);
    if (!item) return -1;
    if (!PyLong_Check(item)) return invalid_type(name);
    *out = PyLong_AsUnsignedLong(item);
    if (*out == (unsigned long)-1 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) return -1;
        PyErr_Clear();
        return invalid_value(name);
    }
    return *out > max ? invalid_value(name) : 0;
}

static int string_from_object(PyObject *item, const char *name, wchar_t **out)
{
    wchar_t *text = NULL;
    if (item != Py_None) {
        if (!PyUnicode_Check(item)) return invalid_type(name);
        wchar_t *wide = PyUnicode_AsWideCharString(item, NULL);
        text = wide ? _PyMem_RawWcsdup(wide) : NULL;
        PyMem_Free(wide);
        if (!text) return -1;
    }
    PyMem_RawFree(*out);
    *out = text;
    return 0;
}

static int string_from_dict(PyObject *dict, const char *name, bool optional, wchar_t **out)
{
    PyObject *item = item_from_dict(dict, name);
    if (!item) return -1;
    return item == Py_None && !optional ? invalid_value(name) : string_from_object(item, name, out);
}

static int list_from_dict(PyObject *dict, const char *name, PyWideStringList *out)
{
    PyObject *item = item_from_dict(dict, name);
    if (!item) return -1;
    if (!PyList_Check(item) && !PyTuple_Check(item)) return invalid_type(name);
    PyWideStringList list = {0};
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(item); i++) {
        wchar_t *text = NULL;
        if (string_from_object(PySequence_Fast_GET_ITEM(item, i), name, &text) < 0 || !text
            || PyStatus_Exception(PyWideStringList_Append(&list, text))) {
            PyMem_RawFree(text);
            _PyWideStringList_Clear(&list);
            return PyErr_Occurred() ? -1 : invalid_value(name);
        }
        PyMem_RawFree(text);
    }
    _PyWideStringList_Clear(out);
    *out = list;
    return 0;
}

int _PyConfig_FromDict(PyConfig *c, PyObject *dict)
{
    if (!PyDict_Check(dict)) {
        PyErr_SetString(PyExc_TypeError, "dict expected");
        return -1;
    }
    unsigned long number;
#define TAKE_INT(name) if (int_from_dict(dict, #name, INT_MAX, &number) < 0) return -1; c->name = (int)number;
#define TAKE_ULONG(name) if (int_from_dict(dict, #name, UINT_MAX, &number) < 0) return -1; c->name = number;
#define TAKE_STRING(name) if (string_from_dict(dict, #name, false, &c->name) < 0) return -1;
#define TAKE_STRING_OPT(name) if (string_from_dict(dict, #name, true, &c->name) < 0) return -1;
#define TAKE_STRING_HIDDEN(name)
#define TAKE_LIST(name) if (list_from_dict(dict, #name, &c->name) < 0) return -1;
#define FIELD(kind, name) TAKE_##kind(name)
#include "runtime/config_fields.def"
#undef FIELD
    return c->_config_init < CONFIG_INIT_COMPAT || c->_config_init > CONFIG_INIT_ISOLATED ? invalid_value("_config_init") : 0;
}

int _PyInterpreterState_GetConfigCopy(PyConfig *c)
{
    PyStatus status = config_copy(c, &PyInterpreterState_Get()->config);
    if (!PyStatus_Exception(status)) return 0;
    PyErr_SetString(PyExc_MemoryError, status.err_msg);
    return -1;
}

/* Completes the configuration and makes it this interpreter's, with what sys shows of it. -1 with an exception. */
int _PyInterpreterState_SetConfig(const PyConfig *given)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    PyConfig copy;
    PyConfig_InitPythonConfig(&copy);
    PyStatus status = config_copy(&copy, given);
    if (!PyStatus_Exception(status)) status = PyConfig_Read(&copy);
    if (!PyStatus_Exception(status)) status = config_copy(&interp->config, &copy);
    PyConfig_Clear(&copy);
    if (PyStatus_Exception(status)) {
        if (status.err_msg) PyErr_SetString(PyExc_ValueError, status.err_msg);
        else PyErr_NoMemory();
        return -1;
    }
    options_write_flags(&interp->config);
    return sys_update_config(interp);
}

PyObject *_Py_GetConfigsAsDict(void)
{
    const PyPreConfig *p = &runtime_state.preconfig;
    PyObject *config = _PyConfig_AsDict(_Py_GetConfig());
    if (!config) return NULL;
    return Py_BuildValue("{s{si si si si si si si si si si} sN s{}}", "pre_config", "_config_init", p->_config_init, "parse_argv",
                         p->parse_argv, "isolated", p->isolated, "use_environment", p->use_environment, "configure_locale",
                         p->configure_locale, "coerce_c_locale", p->coerce_c_locale, "coerce_c_locale_warn",
                         p->coerce_c_locale_warn, "utf8_mode", p->utf8_mode, "dev_mode", p->dev_mode, "allocator", p->allocator,
                         "config", config, "global_config");
}
