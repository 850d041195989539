/* Importing what is built in or frozen, of this build's own, without running importlib for it.
 *
 * importlib finds such a module in a thousand instructions of bytecode, and twenty of them come at every start. What it does
 * for them is always the same while the program has left it as it was, and that can be seen: the importers come first in sys.meta_path,
 * and neither they nor the functions of importlib._bootstrap have changed. Then the same is done here: the module, its spec and
 * their attributes, sys.modules. Module locks are left out, so no second thread may be there; nobody may watch, for the frames of
 * importlib would be missed; and no hook may want to hear of the code that is executed.
 */
#include "runtime/import.h"

#include <internal/krait_exports.h>

#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"

/* What importlib was like once it was installed. */
static struct {
    PyObject *dict;                     /* a copy of that of importlib._bootstrap, owned; NULL: it has changed, or is not known */
    uint64_t dict_version;              /* the last one of the dict itself that was seen with all of this in it */
    PyObject *builtin_importer, *frozen_importer, *spec_type;   /* borrowed from the copy */
    unsigned type_versions[3];          /* of these */
    PyObject *keywords;                 /* ("origin", "is_package"), owned */
} machinery;

static bool type_version(PyObject *o, unsigned *version)
{
    if (!o || !PyType_Check(o) || !type_assign_version((PyTypeObject *)o)) return false;
    *version = ((PyTypeObject *)o)->tp_version_tag;
    return true;
}

void import_direct_begin(PyInterpreterState *interp)
{
    if (interp != runtime_state.main) return;
    PyObject *dict = PyModule_GetDict(interp->importlib);
    machinery.builtin_importer = PyDict_GetItemWithError(dict, NAME(BuiltinImporter));
    machinery.frozen_importer = PyDict_GetItemWithError(dict, NAME(FrozenImporter));
    machinery.spec_type = PyDict_GetItemWithError(dict, NAME(ModuleSpec));
    machinery.keywords = PyTuple_Pack(2, NAME(origin), NAME(is_package));
    unsigned *versions = machinery.type_versions;
    if (machinery.keywords && type_version(machinery.builtin_importer, &versions[0])
        && type_version(machinery.frozen_importer, &versions[1]) && type_version(machinery.spec_type, &versions[2])) {
        machinery.dict = PyDict_Copy(dict);
        machinery.dict_version = ((PyDictObject *)dict)->ma_version_tag;
    }
    PyErr_Clear();
}

void import_direct_end(void)
{
    Py_CLEAR(machinery.dict);
    Py_CLEAR(machinery.keywords);
}

static bool is_attribute_of_module(PyObject *name)
{
    return PyUnicode_Check(name) && PyUnicode_GET_LENGTH(name) > 2 && PyUnicode_READ_CHAR(name, 0) == '_' && PyUnicode_READ_CHAR(name, 1) == '_';
}

/* Whether importlib's classes and functions are the ones of the copy: the module's own attributes, like __spec__, may be others.
 * Forgets the copy if not. */
static bool dict_is_unchanged(PyObject *dict)
{
    if (((PyDictObject *)dict)->ma_version_tag == machinery.dict_version) return true;
    PyObject *name, *value;
    for (Py_ssize_t i = 0; PyDict_Next(machinery.dict, &i, &name, &value);) {
        if (is_attribute_of_module(name) || PyDict_GetItemWithError(dict, name) == value) continue;
        PyErr_Clear();
        Py_CLEAR(machinery.dict);
        return false;
    }
    machinery.dict_version = ((PyDictObject *)dict)->ma_version_tag;
    return true;
}

static bool is_unchanged(PyObject *type, unsigned version)
{
    return ((PyTypeObject *)type)->tp_version_tag == version && PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_VALID_VERSION_TAG);
}

static bool machinery_is_unchanged(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    if (interp != runtime_state.main || !machinery.dict || !dict_is_unchanged(PyModule_GetDict(interp->importlib))) return false;
    PyObject *meta_path = _PySys_GetAttr(tstate, NAME(meta_path)), *modules = _PySys_GetAttr(tstate, NAME(modules));
    return meta_path && PyList_CheckExact(meta_path) && PyList_GET_SIZE(meta_path) >= 2 && modules == interp->modules
        && PyDict_CheckExact(modules) && PyList_GET_ITEM(meta_path, 0) == machinery.builtin_importer
        && PyList_GET_ITEM(meta_path, 1) == machinery.frozen_importer
        && is_unchanged(machinery.builtin_importer, machinery.type_versions[0])
        && is_unchanged(machinery.frozen_importer, machinery.type_versions[1])
        && is_unchanged(machinery.spec_type, machinery.type_versions[2]);
}

static bool nobody_watches(PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    return !tstate->cframe->use_tracing && !interp->config.verbose && !interp->audit_hooks && !runtime_state.audit_hooks
        && interp->threads == tstate && !tstate->next && !interp->next;
}

bool import_is_direct(PyThreadState *tstate) { return machinery_is_unchanged(tstate) && nobody_watches(tstate); }

/* The spec, with _initializing set: new reference. */
static PyObject *make_spec(PyObject *name, PyObject *loader, const char *origin_text)
{
    PyObject *origin = PyUnicode_InternFromString(origin_text);
    if (!origin) return NULL;
    PyObject *arguments[] = {name, loader, origin, Py_False};
    PyObject *spec = PyObject_Vectorcall(machinery.spec_type, arguments, 2, machinery.keywords);
    Py_DECREF(origin);
    if (spec && PyObject_SetAttr(spec, NAME(_initializing), Py_True) < 0) Py_CLEAR(spec);
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

static int set_attributes(PyObject *module, PyObject *name, PyObject *loader, PyObject *spec)
{
    PyObject *package = PyUnicode_New(0, 0);
    int status = package && set_if_none(module, NAME(__name__), name) == 0 && set_if_none(module, NAME(__loader__), loader) == 0
              && set_if_none(module, NAME(__package__), package) == 0 ? PyObject_SetAttr(module, NAME(__spec__), spec) : -1;
    Py_XDECREF(package);
    return status;
}

static int run_frozen(PyObject *module, const FrozenInfo *info)
{
    PyObject *code = frozen_unmarshal(info), *dict = PyModule_GetDict(module);
    PyObject *result = code && PyDict_SetItem(dict, NAME(__builtins__), PyEval_GetBuiltins()) == 0 ? PyEval_EvalCode(code, dict, dict) : NULL;
    Py_XDECREF(code);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

/* Puts the module into sys.modules, executes it, and gives what it has left there: new reference. */
static PyObject *execute(PyObject *name, PyObject *module, const FrozenInfo *frozen)
{
    PyObject *modules = PyImport_GetModuleDict(), *type, *value, *traceback;
    if (PyDict_SetItem(modules, name, module) < 0) return NULL;
    if ((frozen ? run_frozen(module, frozen) : import_exec_module(module)) == 0) {
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

static PyObject *load(PyObject *name, PyObject *filename, const FrozenInfo *frozen)
{
    PyObject *loader = frozen ? machinery.frozen_importer : machinery.builtin_importer, *module = NULL, *result = NULL;
    PyObject *spec = make_spec(name, loader, frozen ? "frozen" : "built-in");
    if (!spec) return NULL;
    if (!frozen) module = import_create_builtin(spec);
    else if (set_loader_state(spec, filename, name) == 0) {
        module = PyModule_NewObject(name);
        if (module && PyObject_SetAttr(module, NAME(__file__), filename) < 0) Py_CLEAR(module);
    }
    if (module && set_attributes(module, name, loader, spec) == 0) result = execute(name, module, frozen);
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (PyObject_SetAttr(spec, NAME(_initializing), Py_False) == 0) PyErr_Restore(type, value, traceback);
    else {
        Py_CLEAR(result);
        _PyErr_ChainExceptions(type, value, traceback);
    }
    Py_XDECREF(module);
    Py_DECREF(spec);
    return result;
}

PyObject *import_directly(PyThreadState *tstate, PyObject *name)
{
    if (!PyUnicode_CheckExact(name) || !import_is_direct(tstate)) return NULL;
    if (PyDict_Contains(tstate->interp->modules, name)) return NULL;
    const struct _inittab *row = import_table_is_own() ? import_find_builtin(name) : NULL;
    if (row) return row->initfunc ? load(name, NULL, NULL) : NULL;
    FrozenInfo info;
    bool plain = frozen_find(name, &info) == FROZEN_OKAY && info.is_own && info.get_code && !info.is_package && !info.is_alias;
    PyObject *filename = plain ? source_of(tstate, name) : NULL;
    if (!filename) return NULL;
    PyObject *module = load(name, filename, &info);
    Py_DECREF(filename);
    return module;
}
