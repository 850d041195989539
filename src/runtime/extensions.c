/* Built-in modules (the table of modules.def) and extension modules (shared objects), single-phase and multi-phase. */
#include "runtime/import.h"

#include <dlfcn.h>
#include <sys/stat.h>

#include <internal/krait_exports.h>

#include "base/libm.h"
#include "objects/module.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "objects/type/type.h"

#define MODULE(name, init) PyObject *init(void);
#include "modules/modules.def"
#undef MODULE

static struct _inittab builtin_modules[] = {
#define MODULE(name, init) {#name, init},
#include "modules/modules.def"
#undef MODULE
    {"sys", NULL},
    {"builtins", NULL},
    {NULL, NULL},
};

struct _inittab *PyImport_Inittab = builtin_modules;
const char *_Py_PackageContext;

/* (file name, module name) -> definition of a single-phase module; owned dict. */
static PyObject *extensions;

/* ---- The table ------------------------------------------------------------------------------------------------ */

int PyImport_ExtendInittab(struct _inittab *more)
{
    size_t old = 0, new = 0;
    while (PyImport_Inittab[old].name) old++;
    while (more[new].name) new++;
    if (new == 0) return 0;
    struct _inittab *table = PyMem_RawMalloc((old + new + 1) * sizeof(*table));
    if (!table) return -1;
    memcpy(table, PyImport_Inittab, old * sizeof(*table));
    memcpy(table + old, more, (new + 1) * sizeof(*table));
    if (PyImport_Inittab != builtin_modules) PyMem_RawFree(PyImport_Inittab);
    PyImport_Inittab = table;
    return 0;
}

bool import_table_is_own(void) { return PyImport_Inittab == builtin_modules; }

int PyImport_AppendInittab(const char *name, PyObject *(*init)(void))
{
    struct _inittab rows[2] = {{name, init}, {NULL, NULL}};
    return PyImport_ExtendInittab(rows);
}

const struct _inittab *import_find_builtin(PyObject *name)
{
    Py_UCS4 first = PyUnicode_GET_LENGTH(name) ? PyUnicode_READ_CHAR(name, 0) : 0;
    for (const struct _inittab *p = PyImport_Inittab; p->name; p++) {
        if ((unsigned char)*p->name == first && _PyUnicode_EqualToASCIIString(name, p->name)) return p;
    }
    return NULL;
}

PyObject *import_builtin_names(void)
{
    PyObject *list = PyList_New(0);
    for (const struct _inittab *p = PyImport_Inittab; list && p->name; p++) {
        PyObject *name = PyUnicode_FromString(p->name);
        if (!name || PyList_Append(list, name) < 0) Py_CLEAR(list);
        Py_XDECREF(name);
    }
    PyObject *tuple = list && PyList_Sort(list) == 0 ? PyList_AsTuple(list) : NULL;
    Py_XDECREF(list);
    return tuple;
}

int import_extensions_init(void)
{
    if (!extensions) extensions = PyDict_New();
    return extensions ? 0 : -1;
}

void import_extensions_drop_copies(void)
{
    PyObject *value;
    Py_ssize_t i = 0;
    while (extensions && PyDict_Next(extensions, &i, NULL, &value)) {
        PyModuleDef *def = PyLong_AsVoidPtr(value);
        Py_CLEAR(def->m_base.m_copy);
    }
}

void import_extensions_finish(void) { Py_CLEAR(extensions); }

/* ---- Single-phase modules ------------------------------------------------------------------------------------- */

/* Files a single-phase module: in sys.modules, by index, and, for a later import into another interpreter or after its removal,
 * in the table of extensions. */
int _PyImport_FixupExtensionObject(PyObject *module, PyObject *name, PyObject *filename, PyObject *modules)
{
    PyModuleDef *def = module && PyModule_Check(module) ? PyModule_GetDef(module) : NULL;
    if (!def) {
        PyErr_BadInternalCall();
        return -1;
    }
    PyThreadState *tstate = thread_state();
    if (PyObject_SetItem(modules, name, module) < 0) return -1;
    if (_PyState_AddModule(tstate, module, def) < 0) {
        PyMapping_DelItem(modules, name);
        return -1;
    }
    if (tstate->interp != PyInterpreterState_Main() && def->m_size != -1) return 0;
    if (def->m_size == -1) {
        Py_XDECREF(def->m_base.m_copy);
        PyObject *dict = PyModule_GetDict(module);
        def->m_base.m_copy = dict ? PyDict_Copy(dict) : NULL;
        if (!def->m_base.m_copy) return -1;
    }
    if (import_extensions_init() < 0) return -1;
    PyObject *key = PyTuple_Pack(2, filename, name);
    PyObject *value = key ? PyLong_FromVoidPtr(def) : NULL;
    int result = value ? PyDict_SetItem(extensions, key, value) : -1;
    Py_XDECREF(key);
    Py_XDECREF(value);
    return result;
}

int _PyImport_FixupBuiltin(PyObject *module, const char *name, PyObject *modules)
{
    PyObject *text = PyUnicode_InternFromString(name);
    int result = text ? _PyImport_FixupExtensionObject(module, text, text, modules) : -1;
    Py_XDECREF(text);
    return result;
}

/* A single-phase module that was loaded before. New reference; NULL also without an exception: not known. */
static PyObject *find_extension(PyObject *name, PyObject *filename)
{
    if (!extensions) return NULL;
    PyObject *key = PyTuple_Pack(2, filename, name);
    if (!key) return NULL;
    PyObject *value = PyDict_GetItemWithError(extensions, key);
    Py_DECREF(key);
    if (!value) return NULL;
    PyModuleDef *def = PyLong_AsVoidPtr(value);
    PyThreadState *tstate = thread_state();
    PyObject *modules = tstate->interp->modules, *module;
    if (def->m_size == -1) {
        if (!def->m_base.m_copy) return NULL;
        module = Py_XNewRef(PyImport_AddModuleObject(name));
        PyObject *dict = module ? PyModule_GetDict(module) : NULL;
        if (!dict || PyDict_Update(dict, def->m_base.m_copy) < 0) goto error;
    }
    else {
        if (!def->m_base.m_init) return NULL;
        module = def->m_base.m_init();
        if (!module || PyObject_SetItem(modules, name, module) < 0) goto error;
    }
    if (_PyState_AddModule(tstate, module, def) < 0) goto error;
    if (tstate->interp->config.verbose) PySys_FormatStderr("import %U # previously loaded (%R)\n", name, filename);
    return module;
error:
    Py_XDECREF(module);
    return NULL;
}

/* What an init function gave, as a module: multi-phase definitions are created from spec. */
static PyObject *module_from_init(PyObject *result, PyObject *spec, PyObject *(*init)(void), PyObject *name, PyObject *filename)
{
    if (PyObject_TypeCheck(result, &PyModuleDef_Type)) {
        return PyModule_FromDefAndSpec((PyModuleDef *)result, spec);    /* a definition is static: nobody owns it */
    }
    PyModuleDef *def = PyModule_GetDef(result);
    if (!def) {
        Py_DECREF(result);
        return NULL;
    }
    def->m_base.m_init = init;
    if (_PyImport_FixupExtensionObject(result, name, filename, PyInterpreterState_Get()->modules) < 0) Py_CLEAR(result);
    return result;
}

int import_exec_module(PyObject *module)
{
    if (!PyModule_Check(module)) return 0;
    PyModuleDef *def = PyModule_GetDef(module);
    if (!def) return PyErr_Occurred() ? -1 : 0;
    return ((PyModuleObject *)module)->md_state ? 0 : PyModule_ExecDef(module, def);
}

PyObject *import_create_builtin(PyObject *spec)
{
    PyObject *name = PyObject_GetAttr(spec, NAME(name));
    if (!name) return NULL;
    PyObject *module = find_extension(name, name);
    if (!module && !PyErr_Occurred()) {
        const struct _inittab *row = import_find_builtin(name);
        if (!row) module = Py_NewRef(Py_None);
        else if (!row->initfunc) module = Py_XNewRef(PyImport_AddModuleObject(name));   /* sys and builtins are always there */
        else {
            PyObject *result = row->initfunc();
            if (result) module = module_from_init(result, spec, row->initfunc, name, name);
        }
    }
    Py_DECREF(name);
    return module;
}

/* ---- Shared objects ------------------------------------------------------------------------------------------- */

/* PyInit_<last part>, or PyInitU_<punycode, '-' as '_'> for a name that is not ASCII. A new bytes object. */
static PyObject *init_symbol(PyObject *name, const char **prefix)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name), dot = PyUnicode_FindChar(name, '.', 0, length, -1);
    if (dot == -2) return NULL;
    PyObject *last = PyUnicode_Substring(name, dot + 1, length);
    if (!last) return NULL;
    PyObject *encoded;
    if (PyUnicode_IS_ASCII(last)) {
        encoded = PyUnicode_AsASCIIString(last);
        *prefix = "PyInit";
    }
    else {
        PyObject *raw = PyUnicode_AsEncodedString(last, "punycode", NULL);
        encoded = raw ? PyObject_CallMethod(raw, "replace", "cc", '-', '_') : NULL;
        Py_XDECREF(raw);
        *prefix = "PyInitU";
    }
    Py_DECREF(last);
    return encoded;
}

/* The init function of a shared object, or NULL with ImportError set. */
static PyObject *(*open_shared_object(PyObject *name, PyObject *path, PyObject *path_bytes, const char *symbol))(void)
{
    const char *file = PyBytes_AS_STRING(path_bytes);
    char with_slash[4096 + 3];
    if (!strchr(file, '/')) {       /* dlopen searches its own path otherwise */
        snprintf(with_slash, sizeof(with_slash), "./%s", file);
        file = with_slash;
    }
    int flags = RTLD_NOW;
    PyObject *given = PySys_GetObject("_dlopenflags");
    if (given && PyLong_Check(given)) flags = (int)PyLong_AsLong(given);
    if (thread_state()->interp->config.verbose) PySys_FormatStderr("dlopen(\"%s\", %x);\n", file, flags);
    libm_share();
    void *handle = dlopen(file, flags);
    if (!handle) {
        const char *error = dlerror();
        PyObject *message = PyUnicode_DecodeLocale(error ? error : "unknown dlopen() error", "surrogateescape");
        if (message) PyErr_SetImportError(message, name, path);
        Py_XDECREF(message);
        return NULL;
    }
    PyObject *(*init)(void) = (PyObject * (*)(void)) dlsym(handle, symbol);
    if (!init) {
        PyObject *message = PyUnicode_FromFormat("dynamic module does not define module export function (%s)", symbol);
        if (message) PyErr_SetImportError(message, name, path);
        Py_XDECREF(message);
    }
    return init;
}

/* Calls a shared object's init function and checks what comes back. */
static PyObject *call_init(PyObject *(*init)(void), const char *name_text, PyObject *spec, PyObject *name, PyObject *path)
{
    const char *outer = _Py_PackageContext;
    _Py_PackageContext = PyUnicode_AsUTF8(name);
    PyObject *result = init();
    _Py_PackageContext = outer;
    if (!result) {
        if (!PyErr_Occurred()) {
            PyErr_Format(PyExc_SystemError, "initialization of %s failed without raising an exception", name_text);
        }
        return NULL;
    }
    if (PyErr_Occurred()) {     /* a result that is no module is left alone: it may be a static definition, or nothing at all */
        PyErr_Clear();
        if (Py_TYPE(result) && PyModule_Check(result)) Py_DECREF(result);
        return PyErr_Format(PyExc_SystemError, "initialization of %s raised unreported exception", name_text);
    }
    if (!Py_TYPE(result)) {
        return PyErr_Format(PyExc_SystemError, "init function of %s returned uninitialized object", name_text);
    }
    if (PyObject_TypeCheck(result, &PyModuleDef_Type)) return PyModule_FromDefAndSpec((PyModuleDef *)result, spec);
    PyModuleDef *def = PyModule_Check(result) ? PyModule_GetDef(result) : NULL;
    if (!def) {
        PyErr_Format(PyExc_SystemError, "initialization of %s did not return an extension module", name_text);
        Py_DECREF(result);
        return NULL;
    }
    def->m_base.m_init = init;
    if (PyModule_AddObjectRef(result, "__file__", path) < 0) PyErr_Clear();
    if (_PyImport_FixupExtensionObject(result, name, path, PyInterpreterState_Get()->modules) < 0) Py_CLEAR(result);
    return result;
}

static PyObject *load_shared_object(PyObject *spec, PyObject *name, PyObject *path)
{
    const char *prefix;
    char symbol[256 + 16];
    PyObject *module = NULL, *path_bytes = NULL, *encoded = init_symbol(name, &prefix);
    if (!encoded) return NULL;
    snprintf(symbol, sizeof(symbol), "%s_%.200s", prefix, PyBytes_AS_STRING(encoded));
    if (PySys_Audit("import", "OOOOO", name, path, Py_None, Py_None, Py_None) < 0) goto done;
    path_bytes = PyUnicode_EncodeFSDefault(path);
    if (!path_bytes) goto done;
    PyObject *(*init)(void) = open_shared_object(name, path, path_bytes, symbol);
    if (init) module = call_init(init, PyBytes_AS_STRING(encoded), spec, name, path);
done:
    Py_DECREF(encoded);
    Py_XDECREF(path_bytes);
    return module;
}

/* Whether an extension module is one of the library's that hold nothing but memory: a process may end without taking it apart. */
static bool holds_only_memory(PyObject *name, PyObject *path)
{
    static const char *const names[] = {"_bz2", "_lzma", "_decimal", "_json", "_zoneinfo", "_uuid", "_hashlib", "_queue",
                                        "_contextvars", "_typing", "audioop", "_crypt", "termios", "resource", "_multibytecodec"};
    const char *file = PyUnicode_AsUTF8(path);
    if (!file) PyErr_Clear();
    if (!file || !strstr(file, "/lib-dynload/")) return false;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(names); i++) {
        if (_PyUnicode_EqualToASCIIString(name, names[i])) return true;
    }
    return false;
}

PyObject *import_create_dynamic(PyObject *spec)
{
    PyObject *path = NULL, *module = NULL, *name = PyObject_GetAttr(spec, NAME(name));
    if (!name) return NULL;
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "spec.name must be a string");
        Py_DECREF(name);
        return NULL;
    }
    path = PyObject_GetAttr(spec, NAME(origin));
    if (path && !PyUnicode_Check(path)) PyErr_BadArgument();
    else if (path) {
        if (!holds_only_memory(name, path)) runtime_state.extensions_loaded = true;
        module = types_fill_waiting_dicts() < 0 ? NULL : find_extension(name, path);
        if (!module && !PyErr_Occurred()) module = load_shared_object(spec, name, path);
    }
    Py_DECREF(name);
    Py_XDECREF(path);
    return module;
}
