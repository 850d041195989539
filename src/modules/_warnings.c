/* The _warnings module and PyErr_Warn*: filters, registries, and showing a warning.
 *
 * warnings.py, once imported, holds the filters and settings that count; until then those below do.
 */
#include <Python.h>
#include <frameobject.h>
#include <internal/krait_exports.h>

#include <stdbool.h>

#include "objects/thread_state.h"
#include "runtime/display.h"

static struct {
    PyObject *filters;          /* owned list of (action, message, category, module, lineno) */
    PyObject *once_registry;    /* owned dict */
    PyObject *default_action;   /* owned str */
    long filters_version;       /* changes with the filters; a registry of another version is stale */
} warnings;

/* What is being warned of, and where. All borrowed. */
typedef struct {
    PyObject *category;
    PyObject *message;          /* str or instance of Warning */
    PyObject *filename;
    int lineno;
    PyObject *module;           /* NULL: made from filename; None: no warning at all */
    PyObject *registry;         /* NULL or None: none */
    PyObject *source_line;      /* NULL: not known */
    PyObject *source;           /* what leaked; NULL: none */
} Warning;

/* ---- Settings ------------------------------------------------------------------------------------------------- */

static PyObject *make_filter(PyObject *category, const char *action, const char *module)
{
    return Py_BuildValue("(sOOzi)", action, Py_None, category, module, 0);
}

static PyObject *default_filters(void)
{
    PyObject *rows[] = {
        make_filter(PyExc_DeprecationWarning, "default", "__main__"),
        make_filter(PyExc_DeprecationWarning, "ignore", NULL),
        make_filter(PyExc_PendingDeprecationWarning, "ignore", NULL),
        make_filter(PyExc_ImportWarning, "ignore", NULL),
        make_filter(PyExc_ResourceWarning, "ignore", NULL),
    };
    PyObject *filters = PyList_New(0);
    for (size_t i = 0; i < Py_ARRAY_LENGTH(rows); i++) {
        if (filters && (!rows[i] || PyList_Append(filters, rows[i]) < 0)) Py_CLEAR(filters);
        Py_XDECREF(rows[i]);
    }
    return filters;
}

static int init_settings(void)
{
    if (!warnings.filters && !(warnings.filters = default_filters())) return -1;
    if (!warnings.once_registry && !(warnings.once_registry = PyDict_New())) return -1;
    if (!warnings.default_action && !(warnings.default_action = PyUnicode_InternFromString("default"))) return -1;
    return 0;
}

/* An attribute of the module `warnings`, which is imported for it only if try_import. New; NULL, perhaps without an
 * exception. */
static PyObject *warnings_attribute(const char *name, bool try_import)
{
    PyObject *module_name = PyUnicode_InternFromString("warnings"), *module = NULL, *value = NULL;
    if (!module_name) return NULL;
    if (try_import && !_Py_IsFinalizing()) {
        module = PyImport_Import(module_name);
        if (!module && PyErr_ExceptionMatches(PyExc_ImportError)) PyErr_Clear();
    }
    else module = PyImport_GetModule(module_name);
    Py_DECREF(module_name);
    if (!module) return NULL;
    PyObject *attribute_name = PyUnicode_InternFromString(name);
    if (attribute_name) _PyObject_LookupAttr(module, attribute_name, &value);
    Py_XDECREF(attribute_name);
    Py_DECREF(module);
    return value;
}

/* Takes over a setting from warnings.py, if it has one, into *own. Borrowed; NULL with an exception set. */
static PyObject *refresh_setting_borrow(const char *name, PyObject **own)
{
    PyObject *value = warnings_attribute(name, false);
    if (value) Py_XSETREF(*own, value);
    else if (PyErr_Occurred()) return NULL;
    return *own;
}

static PyObject *once_registry_borrow(void)
{
    PyObject *registry = refresh_setting_borrow("onceregistry", &warnings.once_registry);
    if (registry && !PyDict_Check(registry)) {
        PyErr_Format(PyExc_TypeError, "_warnings.onceregistry must be a dict, not '%.200s'", Py_TYPE(registry)->tp_name);
        return NULL;
    }
    return registry;
}

static PyObject *default_action_borrow(void)
{
    PyObject *action = refresh_setting_borrow("defaultaction", &warnings.default_action);
    if (action && !PyUnicode_Check(action)) {
        PyErr_Format(PyExc_TypeError, "_warnings.defaultaction must be a string, not '%.200s'", Py_TYPE(action)->tp_name);
        return NULL;
    }
    return action;
}

/* ---- Filters -------------------------------------------------------------------------------------------------- */

/* A pattern is None, a str to equal, or something with match(). -1 with an exception set. */
static int pattern_matches(PyObject *pattern, PyObject *text)
{
    if (pattern == Py_None) return 1;
    if (PyUnicode_CheckExact(pattern)) {
        int order = PyUnicode_Compare(pattern, text);
        return order == -1 && PyErr_Occurred() ? -1 : order == 0;
    }
    PyObject *result = PyObject_CallMethod(pattern, "match", "O", text);
    int matches = result ? PyObject_IsTrue(result) : -1;
    Py_XDECREF(result);
    return matches;
}

static int filter_matches(PyObject *filter, PyObject *category, PyObject *text, int lineno, PyObject *module)
{
    int good = pattern_matches(PyTuple_GET_ITEM(filter, 1), text);
    if (good < 0) return -1;
    int good_module = pattern_matches(PyTuple_GET_ITEM(filter, 3), module);
    if (good_module < 0) return -1;
    int subclass = PyObject_IsSubclass(category, PyTuple_GET_ITEM(filter, 2));
    if (subclass < 0) return -1;
    Py_ssize_t line = PyLong_AsSsize_t(PyTuple_GET_ITEM(filter, 4));
    if (line == -1 && PyErr_Occurred()) return -1;
    return good && good_module && subclass && (line == 0 || line == lineno);
}

/* The action for a warning (new), and the filter that says so (new, None for the default). NULL with an exception set. */
static PyObject *find_action(PyObject *category, PyObject *text, int lineno, PyObject *module, PyObject **filter)
{
    PyObject *filters = refresh_setting_borrow("filters", &warnings.filters);
    *filter = NULL;
    if (!filters) return NULL;
    if (!PyList_Check(filters)) {
        PyErr_SetString(PyExc_ValueError, "_warnings.filters must be a list");
        return NULL;
    }
    Py_INCREF(filters);
    PyObject *action = NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(filters); i++) {     /* matching may change the list */
        PyObject *row = PyList_GET_ITEM(filters, i);
        if (!PyTuple_Check(row) || PyTuple_GET_SIZE(row) != 5) {
            PyErr_Format(PyExc_ValueError, "_warnings.filters item %zd isn't a 5-tuple", i);
            goto done;
        }
        if (!PyUnicode_Check(PyTuple_GET_ITEM(row, 0))) {
            PyErr_Format(PyExc_TypeError, "action must be a string, not '%.200s'", Py_TYPE(PyTuple_GET_ITEM(row, 0))->tp_name);
            goto done;
        }
        Py_INCREF(row);
        int matches = filter_matches(row, category, text, lineno, module);
        if (matches > 0) {
            *filter = row;
            action = Py_NewRef(PyTuple_GET_ITEM(row, 0));
            goto done;
        }
        Py_DECREF(row);
        if (matches < 0) goto done;
    }
    action = Py_XNewRef(default_action_borrow());
    if (action) *filter = Py_NewRef(Py_None);
done:
    Py_DECREF(filters);
    return action;
}

/* ---- Registries ----------------------------------------------------------------------------------------------- */

static bool is_given(PyObject *object) { return object && object != Py_None; }

/* Whether the registry knows the key; if not and add, enters it. A stale registry is emptied. -1 with an exception set. */
static int already_warned(PyObject *registry, PyObject *key, bool add)
{
    if (!key) return -1;
    PyObject *name = PyUnicode_InternFromString("version");
    if (!name) return -1;
    PyObject *version = PyDict_GetItemWithError(registry, name);
    bool current = version && PyLong_CheckExact(version) && PyLong_AsLong(version) == warnings.filters_version;
    int result = 0;
    if (PyErr_Occurred()) result = -1;
    else if (!current) {
        PyDict_Clear(registry);
        version = PyLong_FromLong(warnings.filters_version);
        if (!version || PyDict_SetItem(registry, name, version) < 0) result = -1;
        Py_XDECREF(version);
    }
    else {
        PyObject *known = PyDict_GetItemWithError(registry, key);
        if (known) result = PyObject_IsTrue(known);
        else if (PyErr_Occurred()) result = -1;
    }
    Py_DECREF(name);
    if (result == 0 && add) result = PyDict_SetItem(registry, key, Py_True);
    return result;
}

/* The same for a key that stands for all lines of a module, or of the program. */
static int already_warned_anywhere(PyObject *registry, PyObject *text, PyObject *category, bool with_line)
{
    PyObject *key = with_line ? Py_BuildValue("(OOi)", text, category, 0) : PyTuple_Pack(2, text, category);
    int result = already_warned(registry, key, true);
    Py_XDECREF(key);
    return result;
}

/* ---- Showing -------------------------------------------------------------------------------------------------- */

/* Without warnings.py. Errors are nobody's business here. */
static void show_plainly(const Warning *warning, PyObject *text, PyObject *category)
{
    PyObject *file = PySys_GetObject("stderr");
    if (!file) {
        fprintf(stderr, "lost sys.stderr\n");
        return;
    }
    Py_INCREF(file);
    PyObject *name = PyObject_GetAttrString(category, "__name__");
    PyObject *line = name ? PyUnicode_FromFormat("%S:%d: %S: %S\n", warning->filename, warning->lineno, name, text) : NULL;
    if (line && PyFile_WriteObject(line, file, Py_PRINT_RAW) == 0) {
        if (warning->source_line) {
            if (PyUnicode_Check(warning->source_line)) source_line_write(file, warning->source_line, 2);
        }
        else _Py_DisplaySourceLine(file, warning->filename, warning->lineno, 2, NULL, NULL);
    }
    Py_XDECREF(line);
    Py_XDECREF(name);
    Py_DECREF(file);
    PyErr_Clear();
}

static int show(const Warning *warning, PyObject *text, PyObject *message, PyObject *category)
{
    /* warnings.py can tell where a leaked object was allocated, so for one it is worth an import. */
    PyObject *function = warnings_attribute("_showwarnmsg", warning->source != NULL);
    if (!function) {
        if (PyErr_Occurred()) return -1;
        show_plainly(warning, text, category);
        return 0;
    }
    PyObject *class = NULL, *record = NULL, *result = NULL;
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "warnings._showwarnmsg() must be set to a callable");
        goto done;
    }
    class = warnings_attribute("WarningMessage", false);
    if (!class) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "unable to get warnings.WarningMessage");
        goto done;
    }
    record = PyObject_CallFunction(class, "OOOiOOO", message, category, warning->filename, warning->lineno, Py_None, Py_None,
                                   warning->source ? warning->source : Py_None);
    if (record) result = PyObject_CallOneArg(function, record);
done:
    Py_DECREF(function);
    Py_XDECREF(class);
    Py_XDECREF(record);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/* ---- Warning -------------------------------------------------------------------------------------------------- */

/* Enters the warning where its action says. 0: show it; 1: it was shown before; -1 with an exception set. */
static int register_warning(PyObject *action, PyObject *filter, PyObject *registry, PyObject *key, PyObject *text, PyObject *category)
{
    if (_PyUnicode_EqualToASCIIString(action, "always")) return 0;
    if (is_given(registry) && PyDict_SetItem(registry, key, Py_True) < 0) return -1;
    if (_PyUnicode_EqualToASCIIString(action, "once")) {
        if (!is_given(registry)) registry = once_registry_borrow();
        return registry ? already_warned_anywhere(registry, text, category, false) : -1;
    }
    if (_PyUnicode_EqualToASCIIString(action, "module")) {
        return is_given(registry) ? already_warned_anywhere(registry, text, category, true) : 0;
    }
    if (_PyUnicode_EqualToASCIIString(action, "default")) return 0;
    PyErr_Format(PyExc_RuntimeError, "Unrecognized action (%R) in warnings.filters:\n %R", action, filter);
    return -1;
}

/* What the filters make of a warning whose message, text and category are known. */
static int filter_and_show(const Warning *warning, PyObject *module, PyObject *message, PyObject *text, PyObject *category)
{
    PyObject *action = NULL, *filter = NULL;
    int result = -1;
    PyObject *key = Py_BuildValue("(OOi)", text, category, warning->lineno);
    if (!key) return -1;
    if (is_given(warning->registry)) {
        int known = already_warned(warning->registry, key, false);
        if (known != 0) {
            result = known < 0 ? -1 : 0;
            goto done;
        }
    }
    action = find_action(category, text, warning->lineno, module, &filter);
    if (!action) goto done;
    if (_PyUnicode_EqualToASCIIString(action, "error")) PyErr_SetObject(category, message);
    else if (_PyUnicode_EqualToASCIIString(action, "ignore")) result = 0;
    else {
        result = register_warning(action, filter, warning->registry, key, text, category);
        if (result == 1) result = 0;
        else if (result == 0) result = show(warning, text, message, category);
    }
done:
    Py_XDECREF(action);
    Py_XDECREF(filter);
    Py_DECREF(key);
    return result;
}

/* "name" for "name.py". New. */
static PyObject *module_of_file(PyObject *filename)
{
    Py_ssize_t length = PyUnicode_GetLength(filename);
    if (length < 0) return NULL;
    if (length == 0) return PyUnicode_FromString("<unknown>");
    if (length >= 3 && PyUnicode_READ_CHAR(filename, length - 3) == '.' && PyUnicode_READ_CHAR(filename, length - 2) == 'p' &&
        PyUnicode_READ_CHAR(filename, length - 1) == 'y') {
        return PyUnicode_Substring(filename, 0, length - 3);
    }
    return Py_NewRef(filename);
}

static int warn_at(const Warning *warning)
{
    if (warning->module == Py_None) return 0;
    if (is_given(warning->registry) && !PyDict_Check(warning->registry)) {
        PyErr_SetString(PyExc_TypeError, "'registry' must be a dict or None");
        return -1;
    }
    if (init_settings() < 0) return -1;
    PyObject *module = warning->module ? Py_NewRef(warning->module) : module_of_file(warning->filename);
    if (!module) return -1;
    int result = -1, is_instance = PyObject_IsInstance(warning->message, PyExc_Warning);
    PyObject *text = NULL, *message = NULL, *category = NULL;
    if (is_instance > 0) {
        text = PyObject_Str(warning->message);
        message = Py_NewRef(warning->message);
        category = Py_NewRef(Py_TYPE(warning->message));
    }
    else if (is_instance == 0) {
        text = Py_NewRef(warning->message);
        message = PyObject_CallOneArg(warning->category, text);
        category = Py_NewRef(warning->category);
    }
    if (text && message) result = filter_and_show(warning, module, message, text, category);
    Py_XDECREF(text);
    Py_XDECREF(message);
    Py_XDECREF(category);
    Py_DECREF(module);
    return result;
}

/* ---- Where the warning comes from ----------------------------------------------------------------------------- */

static bool contains(PyObject *text, const char *part)
{
    PyObject *object = PyUnicode_FromString(part);
    int found = object ? PyUnicode_Contains(text, object) : -1;
    Py_XDECREF(object);
    if (found < 0) PyErr_Clear();
    return found > 0;
}

/* Frames of importlib do not count as callers. */
static bool is_internal_frame(PyFrameObject *frame)
{
    if (!frame) return false;
    PyCodeObject *code = PyFrame_GetCode(frame);
    bool internal = contains(code->co_filename, "importlib") && contains(code->co_filename, "_bootstrap");
    Py_DECREF(code);
    return internal;
}

static PyFrameObject *caller_steal(PyFrameObject *frame, bool skip_internal)
{
    do {
        PyFrameObject *back = PyFrame_GetBack(frame);
        Py_DECREF(frame);
        frame = back;
    } while (skip_internal && is_internal_frame(frame));
    return frame;
}

/* Fills in filename, lineno, module and registry, as new references. -1 with an exception set. */
static int find_place(Py_ssize_t stack_level, Warning *warning)
{
    PyThreadState *tstate = thread_state();
    PyFrameObject *frame = PyThreadState_GetFrame(tstate);
    bool skip_internal = stack_level > 0 && !is_internal_frame(frame);
    while (--stack_level > 0 && frame) frame = caller_steal(frame, skip_internal);

    PyObject *globals;
    if (frame) {
        PyCodeObject *code = PyFrame_GetCode(frame);
        warning->filename = Py_NewRef(code->co_filename);
        warning->lineno = PyFrame_GetLineNumber(frame);
        globals = PyFrame_GetGlobals(frame);
        Py_DECREF(code);
        Py_DECREF(frame);
    }
    else {
        PyObject *sys = PyImport_AddModule("sys");  /* borrowed */
        globals = sys ? Py_XNewRef(PyModule_GetDict(sys)) : NULL;
        warning->filename = PyUnicode_FromString("sys");
        warning->lineno = 1;
    }
    if (!globals || !warning->filename) goto error;

    PyObject *registry_name = PyUnicode_InternFromString("__warningregistry__");
    if (!registry_name) goto error;
    warning->registry = Py_XNewRef(PyDict_GetItemWithError(globals, registry_name));
    if (!warning->registry && !PyErr_Occurred()) {
        warning->registry = PyDict_New();
        if (warning->registry && PyDict_SetItem(globals, registry_name, warning->registry) < 0) Py_CLEAR(warning->registry);
    }
    Py_DECREF(registry_name);
    if (!warning->registry) goto error;

    PyObject *module = PyDict_GetItemString(globals, "__name__");
    if (module && (module == Py_None || PyUnicode_Check(module))) warning->module = Py_NewRef(module);
    else warning->module = PyUnicode_FromString("<string>");
    if (!warning->module) goto error;
    Py_DECREF(globals);
    return 0;
error:
    Py_XDECREF(globals);
    Py_CLEAR(warning->filename);
    Py_CLEAR(warning->registry);
    return -1;
}

static int warn(PyObject *category, PyObject *message, Py_ssize_t stack_level, PyObject *source)
{
    Warning warning = {.category = category, .message = message, .source = source};
    if (find_place(stack_level, &warning) < 0) return -1;
    int result = warn_at(&warning);
    Py_DECREF(warning.filename);
    Py_DECREF(warning.registry);
    Py_DECREF(warning.module);
    return result;
}

/* ---- The module ----------------------------------------------------------------------------------------------- */

/* The category to use, borrowed; NULL with an exception set. */
static PyObject *category_borrow(PyObject *message, PyObject *category)
{
    int is_instance = PyObject_IsInstance(message, PyExc_Warning);
    if (is_instance < 0) return NULL;
    if (is_instance) category = (PyObject *)Py_TYPE(message);
    else if (!is_given(category)) category = PyExc_UserWarning;
    int good = PyObject_IsSubclass(category, PyExc_Warning);
    if (good <= 0) {
        PyErr_Format(PyExc_TypeError, "category must be a Warning subclass, not '%s'", Py_TYPE(category)->tp_name);
        return NULL;
    }
    return category;
}

PyDoc_STRVAR(warn_doc,
"warn($module, /, message, category=None, stacklevel=1, source=None)\n--\n\n"
"Issue a warning, or maybe ignore it or raise an exception.");

static PyObject *warnings_warn(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    (void)module;
    static const char *const keywords[] = {"message", "category", "stacklevel", "source", NULL};
    static _PyArg_Parser parser = {.format = "O|OnO:warn", .keywords = keywords};
    PyObject *message, *category = NULL, *source = NULL;
    Py_ssize_t stack_level = 1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &message, &category, &stack_level, &source)) return NULL;
    category = category_borrow(message, category);
    if (!category || warn(category, message, stack_level, source == Py_None ? NULL : source) < 0) return NULL;
    Py_RETURN_NONE;
}

/* The line of a module that has a loader with get_source(). New; NULL, perhaps without an exception. */
static PyObject *line_from_loader(PyObject *globals, int lineno)
{
    PyObject *loader = PyDict_GetItemString(globals, "__loader__");
    PyObject *name = PyDict_GetItemString(globals, "__name__");
    if (!loader || !name) return NULL;
    PyObject *attribute = PyUnicode_InternFromString("get_source"), *get_source = NULL;
    if (attribute) _PyObject_LookupAttr(loader, attribute, &get_source);
    Py_XDECREF(attribute);
    if (!get_source) return NULL;
    PyObject *source = PyObject_CallOneArg(get_source, name);
    Py_DECREF(get_source);
    if (!source) return NULL;
    PyObject *line = NULL;
    if (source != Py_None) {
        PyObject *lines = PyUnicode_Splitlines(source, 0);
        if (lines) line = Py_XNewRef(PyList_GetItem(lines, lineno - 1));
        Py_XDECREF(lines);
    }
    Py_DECREF(source);
    return line;
}

PyDoc_STRVAR(warn_explicit_doc, "Issue a warning as if at the given place in the source.");

static PyObject *warnings_warn_explicit(PyObject *module, PyObject *args, PyObject *kwargs)
{
    (void)module;
    static char *keywords[] = {"message", "category", "filename", "lineno", "module", "registry", "module_globals", "source", NULL};
    Warning warning = {0};
    PyObject *globals = NULL, *source = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOUi|OOOO:warn_explicit", keywords, &warning.message, &warning.category,
                                     &warning.filename, &warning.lineno, &warning.module, &warning.registry, &globals, &source)) {
        return NULL;
    }
    if (source != Py_None) warning.source = source;
    if (is_given(globals)) {
        if (!PyDict_Check(globals)) {
            return PyErr_Format(PyExc_TypeError, "module_globals must be a dict, not '%.200s'", Py_TYPE(globals)->tp_name);
        }
        warning.source_line = line_from_loader(globals, warning.lineno);
        if (!warning.source_line && PyErr_Occurred()) return NULL;
    }
    int result = warn_at(&warning);
    Py_XDECREF(warning.source_line);
    if (result < 0) return NULL;
    Py_RETURN_NONE;
}

static PyObject *warnings_filters_mutated(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    warnings.filters_version++;
    Py_RETURN_NONE;
}

static PyMethodDef warnings_functions[] = {
    {"warn", (PyCFunction)(void *)warnings_warn, METH_FASTCALL | METH_KEYWORDS, warn_doc},
    {"warn_explicit", (PyCFunction)(void *)warnings_warn_explicit, METH_VARARGS | METH_KEYWORDS, warn_explicit_doc},
    {"_filters_mutated", warnings_filters_mutated, METH_NOARGS, NULL},
    {0},
};

static int warnings_exec(PyObject *module)
{
    if (init_settings() < 0) return -1;
    if (PyModule_AddObjectRef(module, "filters", warnings.filters) < 0) return -1;
    if (PyModule_AddObjectRef(module, "_onceregistry", warnings.once_registry) < 0) return -1;
    return PyModule_AddObjectRef(module, "_defaultaction", warnings.default_action);
}

static PyModuleDef_Slot warnings_slots[] = {
    {Py_mod_exec, warnings_exec},
    {0},
};

static PyModuleDef warnings_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_warnings",
    .m_doc = "Warning filters and registries: the part of the warnings module that start-up needs.",
    .m_methods = warnings_functions,
    .m_slots = warnings_slots,
};

PyMODINIT_FUNC PyInit__warnings(void);
PyMODINIT_FUNC PyInit__warnings(void) { return PyModuleDef_Init(&warnings_module); }
PyObject *_PyWarnings_Init(void) { return PyModuleDef_Init(&warnings_module); }

/* ---- The C API (manual: Issuing warnings) --------------------------------------------------------------------- */

/* Takes over the message. */
static int warn_steal(PyObject *category, PyObject *message, Py_ssize_t stack_level, PyObject *source)
{
    if (!message) return -1;
    int result = warn(category ? category : PyExc_RuntimeWarning, message, stack_level, source);
    Py_DECREF(message);
    return result;
}

/* 0, or -1 with an exception set: the filters may turn a warning into one. */
int PyErr_WarnEx(PyObject *category, const char *text, Py_ssize_t stack_level)
{
    return warn_steal(category, PyUnicode_FromString(text), stack_level, NULL);
}

int PyErr_WarnFormat(PyObject *category, Py_ssize_t stack_level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *message = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return warn_steal(category, message, stack_level, NULL);
}

/* `source` is what was not closed. */
int PyErr_ResourceWarning(PyObject *source, Py_ssize_t stack_level, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *message = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return warn_steal(PyExc_ResourceWarning, message, stack_level, source);
}

int PyErr_WarnExplicitObject(PyObject *category, PyObject *message, PyObject *filename, int lineno, PyObject *module, PyObject *registry)
{
    return warn_at(&(Warning){
        .category = category ? category : PyExc_RuntimeWarning,
        .message = message,
        .filename = filename,
        .lineno = lineno,
        .module = module,
        .registry = registry,
    });
}

static int warn_explicit_steal(PyObject *category, PyObject *message, const char *filename, int lineno, const char *module,
                               PyObject *registry)
{
    PyObject *file = message ? PyUnicode_DecodeFSDefault(filename) : NULL;
    PyObject *name = file && module ? PyUnicode_FromString(module) : NULL;
    int result = -1;
    if (file && (name || !module)) result = PyErr_WarnExplicitObject(category, message, file, lineno, name, registry);
    Py_XDECREF(message);
    Py_XDECREF(file);
    Py_XDECREF(name);
    return result;
}

int PyErr_WarnExplicit(PyObject *category, const char *text, const char *filename, int lineno, const char *module, PyObject *registry)
{
    return warn_explicit_steal(category, PyUnicode_FromString(text), filename, lineno, module, registry);
}

int PyErr_WarnExplicitFormat(PyObject *category, const char *filename, int lineno, const char *module, PyObject *registry,
                             const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyObject *message = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return warn_explicit_steal(category, message, filename, lineno, module, registry);
}
