/* import, and the interactive prompt's display. */
#include "objects/names.h"
#include "vm/ops.h"
#include "vm/vm.h"

PyObject *op_import_name(PyThreadState *tstate, Frame *frame, PyObject *name, PyObject *from_list, PyObject *level)
{
    PyObject *import = _PyDict_GetItemWithError(frame_builtins(frame), NAME(__import__));
    if (!import) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ImportError, "__import__ not found");
        return NULL;
    }
    PyObject *locals = frame->locals ? frame->locals : Py_None;
    if (vm_runtime.is_default_import && vm_runtime.is_default_import(tstate, import)) {
        int depth = _PyLong_AsInt(level);
        if (depth == -1 && PyErr_Occurred()) return NULL;
        return PyImport_ImportModuleLevelObject(name, frame_globals(frame), locals, from_list, depth);
    }
    Py_INCREF(import);
    PyObject *args[5] = {name, frame_globals(frame), locals, from_list, level};
    PyObject *module = PyObject_Vectorcall(import, args, 5, NULL);
    Py_DECREF(import);
    return module;
}

/* Submodules that are still being imported are found in sys.modules, though not yet as an attribute. */
static PyObject *import_partially_initialised(PyObject *module, PyObject *name)
{
    PyObject *package = PyObject_GetAttr(module, NAME(__name__));
    if (!package || !PyUnicode_Check(package)) {
        Py_XDECREF(package);
        PyErr_Clear();
        return NULL;
    }
    PyObject *full_name = PyUnicode_FromFormat("%U.%U", package, name);
    Py_DECREF(package);
    PyObject *found = full_name ? PyImport_GetModule(full_name) : NULL;
    Py_XDECREF(full_name);
    return found;
}

static bool is_initialising(PyObject *module)
{
    PyObject *spec = PyObject_GetAttr(module, NAME(__spec__));
    int result = spec ? _PyModuleSpec_IsInitializing(spec) : 0;
    Py_XDECREF(spec);
    PyErr_Clear();
    return result > 0;
}

static void cannot_import(PyObject *module, PyObject *name)
{
    PyObject *package = PyObject_GetAttr(module, NAME(__name__));
    if (!package || !PyUnicode_Check(package)) {
        PyErr_Clear();
        Py_XSETREF(package, PyUnicode_FromString("<unknown module name>"));
        if (!package) return;
    }
    PyObject *path = PyModule_GetFilenameObject(module), *text;
    if (!path) {
        PyErr_Clear();
        text = PyUnicode_FromFormat("cannot import name %R from %R (unknown location)", name, package);
    }
    else {
        const char *format = is_initialising(module)
                             ? "cannot import name %R from partially initialized module %R (most likely due to a circular import) (%S)"
                             : "cannot import name %R from %R (%S)";
        text = PyUnicode_FromFormat(format, name, package, path);
    }
    if (text) PyErr_SetImportError(text, package, path);
    Py_XDECREF(text);
    Py_XDECREF(path);
    Py_DECREF(package);
}

PyObject *op_import_from(PyObject *module, PyObject *name)
{
    PyObject *o;
    if (_PyObject_LookupAttr(module, name, &o)) return o;
    o = import_partially_initialised(module, name);
    if (!o && !PyErr_Occurred()) cannot_import(module, name);
    return o;
}

/* ---- from module import * ------------------------------------------------------------------------------------- */

/* The names to import: __all__, or all keys of __dict__. A new reference. */
static PyObject *star_names(PyObject *module, bool *skip_private)
{
    PyObject *all;
    if (_PyObject_LookupAttr(module, NAME(__all__), &all) < 0) return NULL;
    *skip_private = !all;
    if (all) return all;
    PyObject *dict;
    if (_PyObject_LookupAttr(module, NAME(__dict__), &dict) < 0) return NULL;
    if (!dict) {
        PyErr_SetString(PyExc_ImportError, "from-import-* object has no __dict__ and no __all__");
        return NULL;
    }
    PyObject *keys = PyMapping_Keys(dict);
    Py_DECREF(dict);
    return keys;
}

static void not_a_string(PyObject *module, PyObject *name, bool from_dict)
{
    PyObject *package = PyObject_GetAttr(module, NAME(__name__));
    if (!package) return;
    if (!PyUnicode_Check(package)) {
        PyErr_Format(PyExc_TypeError, "module __name__ must be a string, not %.100s", Py_TYPE(package)->tp_name);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s in %U.%s must be str, not %.100s", from_dict ? "Key" : "Item", package,
                     from_dict ? "__dict__" : "__all__", Py_TYPE(name)->tp_name);
    }
    Py_DECREF(package);
}

int op_import_star(Frame *frame, PyObject *module)
{
    bool skip_private;
    PyObject *locals = frame_locals_borrow(frame);
    if (!locals) return -1;
    PyObject *names = star_names(module, &skip_private);
    if (!names) return -1;
    int result = -1;
    for (Py_ssize_t i = 0;; i++) {
        PyObject *name = PySequence_GetItem(names, i);
        if (!name) {
            if (PyErr_ExceptionMatches(PyExc_IndexError)) {
                PyErr_Clear();
                result = 0;
            }
            break;
        }
        if (!PyUnicode_Check(name)) {
            not_a_string(module, name, skip_private);
            Py_DECREF(name);
            break;
        }
        if (skip_private && PyUnicode_GET_LENGTH(name) && PyUnicode_READ_CHAR(name, 0) == '_') {
            Py_DECREF(name);
            continue;
        }
        PyObject *value = PyObject_GetAttr(module, name);
        int failed = !value                         ? -1
                     : PyDict_CheckExact(locals) ? PyDict_SetItem(locals, name, value)
                                                    : PyObject_SetItem(locals, name, value);
        Py_DECREF(name);
        Py_XDECREF(value);
        if (failed) break;
    }
    Py_DECREF(names);
    if (result == 0 && frame->code->co_flags & CO_OPTIMIZED) frame_locals_to_fast(frame, 0);
    return result;
}

/* ---- The prompt ----------------------------------------------------------------------------------------------- */

int op_print_expression(PyObject *o)
{
    PyObject *hook = PySys_GetObject("displayhook");
    if (!hook) {
        PyErr_SetString(PyExc_RuntimeError, "lost sys.displayhook");
        return -1;
    }
    PyObject *result = PyObject_CallOneArg(hook, o);
    Py_XDECREF(result);
    return result ? 0 : -1;
}
