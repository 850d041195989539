/* _imp: what importlib needs from C. */
#include <Python.h>
#include <marshal.h>

#include <internal/krait_exports.h>

#include "base/hash.h"
#include "objects/code.h"
#include "objects/module.h"
#include "runtime/import.h"

static PyObject *imp_extension_suffixes(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("[sss]", ".cpython-311-x86_64-linux-gnu.so", ".abi3.so", ".so");
}

static PyObject *imp_lock_held(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    return PyBool_FromLong(PyInterpreterState_Get()->import_lock_level > 0);
}

static PyObject *imp_acquire_lock(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    _PyImport_AcquireLock();
    Py_RETURN_NONE;
}

static PyObject *imp_release_lock(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored))
{
    if (_PyImport_ReleaseLock() < 0) {
        PyErr_SetString(PyExc_RuntimeError, "not holding the import lock");
        return NULL;
    }
    Py_RETURN_NONE;
}

/* ---- Frozen --------------------------------------------------------------------------------------------------- */

static bool check_str(const char *function, PyObject *name)
{
    if (PyUnicode_Check(name)) return true;
    _PyArg_BadArgument(function, "argument", "str", name);
    return false;
}

static PyObject *imp_find_frozen(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "withdata", NULL};
    static _PyArg_Parser parser = {.format = "U|$p:find_frozen", .keywords = keywords};
    PyObject *name, *data = NULL, *original, *result = NULL;
    int with_data = 0;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &name, &with_data)) return NULL;
    FrozenInfo info;
    FrozenStatus status = frozen_find(name, &info);
    if (status == FROZEN_NOT_FOUND || status == FROZEN_DISABLED || status == FROZEN_BAD_NAME) Py_RETURN_NONE;
    if (status != FROZEN_OKAY) {
        frozen_set_error(status, name);
        return NULL;
    }
    if (with_data && !(data = PyMemoryView_FromMemory((char *)info.data, info.size, PyBUF_READ))) return NULL;
    original = info.original_name && *info.original_name ? PyUnicode_FromString(info.original_name) : Py_NewRef(Py_None);
    if (original) {
        result = PyTuple_Pack(3, data ? data : Py_None, info.is_package ? Py_True : Py_False, original);
        Py_DECREF(original);
    }
    Py_XDECREF(data);
    return result;
}

static PyObject *imp_get_frozen_object(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("get_frozen_object", nargs, 1, 2)) return NULL;
    if (!PyUnicode_Check(args[0])) {
        _PyArg_BadArgument("get_frozen_object", "argument 1", "str", args[0]);
        return NULL;
    }
    FrozenInfo info = {0};
    Py_buffer buffer = {0};
    if (nargs > 1 && args[1] != Py_None) {
        if (PyObject_GetBuffer(args[1], &buffer, PyBUF_SIMPLE) < 0) return NULL;
        info.data = buffer.buf;
        info.size = buffer.len;
        if (info.size == 0) {
            frozen_set_error(FROZEN_INVALID, args[0]);
            PyBuffer_Release(&buffer);
            return NULL;
        }
    }
    else {
        FrozenStatus status = frozen_find(args[0], &info);
        if (status != FROZEN_OKAY) {
            frozen_set_error(status, args[0]);
            return NULL;
        }
    }
    info.name = args[0];
    PyObject *code = frozen_unmarshal(&info);
    if (buffer.obj) PyBuffer_Release(&buffer);
    return code;
}

static PyObject *imp_is_frozen_package(PyObject *Py_UNUSED(m), PyObject *name)
{
    if (!check_str("is_frozen_package", name)) return NULL;
    FrozenInfo info;
    FrozenStatus status = frozen_find(name, &info);
    if (status != FROZEN_OKAY && status != FROZEN_EXCLUDED) {
        frozen_set_error(status, name);
        return NULL;
    }
    return PyBool_FromLong(info.is_package);
}

static PyObject *imp_is_frozen(PyObject *Py_UNUSED(m), PyObject *name)
{
    if (!check_str("is_frozen", name)) return NULL;
    FrozenInfo info;
    return PyBool_FromLong(frozen_find(name, &info) == FROZEN_OKAY);
}

static PyObject *imp_init_frozen(PyObject *Py_UNUSED(m), PyObject *name)
{
    if (!check_str("init_frozen", name)) return NULL;
    int found = PyImport_ImportFrozenModuleObject(name);
    if (found < 0) return NULL;
    return found ? Py_XNewRef(PyImport_AddModuleObject(name)) : Py_NewRef(Py_None);
}

static PyObject *imp_frozen_module_names(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return frozen_names(); }

static PyObject *imp_override_frozen(PyObject *Py_UNUSED(m), PyObject *value)
{
    int override = _PyLong_AsInt(value);
    if (override == -1 && PyErr_Occurred()) return NULL;
    frozen_override = override;
    Py_RETURN_NONE;
}

/* ---- Built-in and dynamic ------------------------------------------------------------------------------------- */

static PyObject *imp_create_builtin(PyObject *Py_UNUSED(m), PyObject *spec) { return import_create_builtin(spec); }

static PyObject *imp_create_dynamic(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("create_dynamic", nargs, 1, 2)) return NULL;
    return import_create_dynamic(args[0]);
}

static PyObject *exec_module(PyObject *module) { return import_exec_module(module) < 0 ? NULL : PyLong_FromLong(0); }

static PyObject *imp_exec_builtin(PyObject *Py_UNUSED(m), PyObject *module) { return exec_module(module); }
static PyObject *imp_exec_dynamic(PyObject *Py_UNUSED(m), PyObject *module) { return exec_module(module); }

static PyObject *imp_is_builtin(PyObject *Py_UNUSED(m), PyObject *name)
{
    if (!check_str("is_builtin", name)) return NULL;
    const struct _inittab *row = import_find_builtin(name);
    return PyLong_FromLong(!row ? 0 : row->initfunc ? 1 : -1);
}

/* ---- Code ----------------------------------------------------------------------------------------------------- */

static PyObject *imp_fix_co_filename(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("_fix_co_filename", nargs, 2, 2)) return NULL;
    if (!PyCode_Check(args[0])) {
        _PyArg_BadArgument("_fix_co_filename", "argument 1", PyCode_Type.tp_name, args[0]);
        return NULL;
    }
    if (!PyUnicode_Check(args[1])) {
        _PyArg_BadArgument("_fix_co_filename", "argument 2", "str", args[1]);
        return NULL;
    }
    import_set_filename((PyCodeObject *)args[0], args[1]);
    Py_RETURN_NONE;
}

static PyObject *imp_source_hash(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"key", "source", NULL};
    static _PyArg_Parser parser = {.format = "Ly*:source_hash", .keywords = keywords};
    long long key;
    Py_buffer source;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &key, &source)) return NULL;
    uint64_t hash = hash_siphash13((uint64_t)key, 0, source.buf, (size_t)source.len);
    PyBuffer_Release(&source);
    return PyBytes_FromStringAndSize((const char *)&hash, sizeof(hash));
}

static PyMethodDef imp_methods[] = {
    {"extension_suffixes", imp_extension_suffixes, METH_NOARGS,
     PyDoc_STR("extension_suffixes($module, /)\n--\n\nReturn the file name endings of extension modules.")},
    {"lock_held", imp_lock_held, METH_NOARGS,
     PyDoc_STR("lock_held($module, /)\n--\n\nReturn whether the import lock is held.")},
    {"acquire_lock", imp_acquire_lock, METH_NOARGS,
     PyDoc_STR("acquire_lock($module, /)\n--\n\nTake the interpreter's import lock, which one thread may take several times.")},
    {"release_lock", imp_release_lock, METH_NOARGS,
     PyDoc_STR("release_lock($module, /)\n--\n\nRelease the interpreter's import lock.")},
    {"find_frozen", (PyCFunction)(void *)imp_find_frozen, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("find_frozen($module, name, /, *, withdata=False)\n--\n\nReturn (data, is_package, original name) of a frozen module, or None.")},
    {"get_frozen_object", (PyCFunction)(void *)imp_get_frozen_object, METH_FASTCALL,
     PyDoc_STR("get_frozen_object($module, name, data=None, /)\n--\n\nReturn the code object of a frozen module.")},
    {"is_frozen_package", imp_is_frozen_package, METH_O,
     PyDoc_STR("is_frozen_package($module, name, /)\n--\n\nReturn whether the frozen module is a package.")},
    {"create_builtin", imp_create_builtin, METH_O,
     PyDoc_STR("create_builtin($module, spec, /)\n--\n\nCreate a built-in module.")},
    {"init_frozen", imp_init_frozen, METH_O,
     PyDoc_STR("init_frozen($module, name, /)\n--\n\nImport a frozen module.")},
    {"is_builtin", imp_is_builtin, METH_O,
     PyDoc_STR("is_builtin($module, name, /)\n--\n\nReturn 1 for a built-in module, -1 for one that is always there, else 0.")},
    {"is_frozen", imp_is_frozen, METH_O,
     PyDoc_STR("is_frozen($module, name, /)\n--\n\nReturn whether there is a frozen module of that name.")},
    {"_frozen_module_names", imp_frozen_module_names, METH_NOARGS,
     PyDoc_STR("_frozen_module_names($module, /)\n--\n\nReturn the list of the frozen modules' names.")},
    {"_override_frozen_modules_for_tests", imp_override_frozen, METH_O,
     PyDoc_STR("_override_frozen_modules_for_tests($module, override, /)\n--\n\nSwitch frozen modules on (1), off (-1) or as configured (0).")},
    {"create_dynamic", (PyCFunction)(void *)imp_create_dynamic, METH_FASTCALL,
     PyDoc_STR("create_dynamic($module, spec, file=<unrepresentable>, /)\n--\n\nLoad an extension module.")},
    {"exec_dynamic", imp_exec_dynamic, METH_O,
     PyDoc_STR("exec_dynamic($module, mod, /)\n--\n\nInitialize an extension module.")},
    {"exec_builtin", imp_exec_builtin, METH_O,
     PyDoc_STR("exec_builtin($module, mod, /)\n--\n\nInitialize a built-in module.")},
    {"_fix_co_filename", (PyCFunction)(void *)imp_fix_co_filename, METH_FASTCALL,
     PyDoc_STR("_fix_co_filename($module, code, path, /)\n--\n\nChange the file name of a code object and those inside it.\n\n  code\n    the code object\n  path\n    the new name")},
    {"source_hash", (PyCFunction)(void *)imp_source_hash, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("source_hash($module, /, key, source)\n--\n\n")},
    {0},
};

static int imp_exec(PyObject *module)
{
    const wchar_t *mode = PyInterpreterState_Get()->config.check_hash_pycs_mode;
    PyObject *text = PyUnicode_FromWideChar(mode ? mode : L"default", -1);
    int result = text ? PyModule_AddObjectRef(module, "check_hash_based_pycs", text) : -1;
    Py_XDECREF(text);
    return result;
}

static PyModuleDef_Slot imp_slots[] = {
    {Py_mod_exec, (void *)imp_exec},
    {0, NULL},
};

static PyModuleDef imp_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_imp",
    .m_doc = "The low level of import, for importlib.",
    .m_methods = imp_methods,
    .m_slots = imp_slots,
};

PyMODINIT_FUNC PyInit__imp(void) { return PyModuleDef_Init(&imp_module); }
