/* _pickle: the module and its functions. */
#include "modules/_pickle/pickle.h"

#include <stdarg.h>

#include "objects/args_unpack.h"

struct PickleRuntime pickle_runtime;

int unpickling_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyErr_FormatV(pickle_runtime.unpickling_error, format, args);
    va_end(args);
    return -1;
}

int pickling_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PyErr_FormatV(pickle_runtime.pickling_error, format, args);
    va_end(args);
    return -1;
}

/* ---- Hooks ---- */

void hook_set(Hook *hook, PyObject *callable)
{
    PyObject *old = hook->function;
    hook->self = NULL;
    hook->function = Py_NewRef(callable);
    Py_XDECREF(old);
}

int hook_find(Hook *hook, PyObject *owner, PyObject *name)
{
    PyObject *found, *old = hook->function;
    if (_PyObject_LookupAttr(owner, name, &found) < 0) return -1;
    hook->self = NULL;
    hook->function = found;
    if (found && PyMethod_Check(found) && PyMethod_GET_SELF(found) == owner) {
        hook->self = owner;
        hook->function = Py_NewRef(PyMethod_GET_FUNCTION(found));
        Py_DECREF(found);
    }
    Py_XDECREF(old);
    return 0;
}

PyObject *hook_get(const Hook *hook, const char *name)
{
    if (!hook->function) {
        PyErr_SetString(PyExc_AttributeError, name);
        return NULL;
    }
    return hook->self ? PyMethod_New(hook->function, hook->self) : Py_NewRef(hook->function);
}

PyObject *hook_call(const Hook *hook, PyObject *arg)
{
    PyObject *args[] = {NULL, hook->self, arg}, *function = Py_NewRef(hook->function);
    bool bound = hook->self;
    size_t n = (bound ? 2 : 1) | PY_VECTORCALL_ARGUMENTS_OFFSET;
    PyObject *result = PyObject_Vectorcall(function, args + (bound ? 1 : 2), n, NULL);
    Py_DECREF(function);
    return result;
}

/* ---- Globals ---- */

/* Is builtins.__import__ the interpreter's own? */
static bool import_is_plain(void)
{
    PyObject *function = PyDict_GetItemWithError(PyEval_GetBuiltins(), NAME(__import__));
    return function && PyCFunction_CheckExact(function);
}

PyObject *pickle_import(PyObject *name)
{
    if (PyUnicode_CheckExact(name) && import_is_plain()) {
        PyObject *module = PyImport_GetModule(name);
        if (!module && PyErr_Occurred()) return NULL;
        if (module) {
            /* One that is being imported must be waited for. */
            PyObject *spec;
            if (_PyObject_LookupAttr(module, NAME(__spec__), &spec) < 0) {
                Py_DECREF(module);
                return NULL;
            }
            bool ready = spec && !_PyModuleSpec_IsInitializing(spec);
            Py_XDECREF(spec);
            if (ready) return module;
            Py_DECREF(module);
        }
    }
    return PyImport_Import(name);
}

bool pickle_is_local(PyObject *name)
{
    Py_ssize_t length = PyUnicode_GET_LENGTH(name), size = PyUnicode_GET_LENGTH(NAME(locals_)),
               at = 0;
    while (PyUnicode_FindChar(name, '<', at, length, 1) >= 0 &&
           (at = PyUnicode_Find(name, NAME(locals_), at, length, 1)) >= 0) {
        bool starts = at == 0 || PyUnicode_READ_CHAR(name, at - 1) == '.';
        at += size;
        if (starts && (at == length || PyUnicode_READ_CHAR(name, at) == '.')) return true;
    }
    return false;
}

PyObject *pickle_get_dotted(PyObject *object, PyObject *name, PyObject **parent)
{
    if (!PyUnicode_Check(name)) {
        PyErr_Format(
            PyExc_TypeError, "attribute name must be string, not '%.200s'", Py_TYPE(name)->tp_name);
        return NULL;
    }
    if (pickle_is_local(name)) {
        PyErr_Format(PyExc_AttributeError, "Can't pickle local attribute %R on %R", name, object);
        return NULL;
    }
    Py_ssize_t length = PyUnicode_GET_LENGTH(name), from = 0;
    PyObject *at = Py_NewRef(object), *above = NULL;
    while (at && from <= length) {
        Py_ssize_t dot = PyUnicode_FindChar(name, '.', from, length, 1);
        if (dot < 0) dot = length;
        bool whole = from == 0 && dot == length;
        PyObject *part = whole ? Py_NewRef(name) : PyUnicode_Substring(name, from, dot);
        Py_XSETREF(above, at);
        at = NULL;
        if (part) (void)_PyObject_LookupAttr(above, part, &at);
        Py_XDECREF(part);
        from = dot + 1;
    }
    if (!at && !PyErr_Occurred()) {
        PyErr_Format(PyExc_AttributeError, "Can't get attribute %R on %R", name, object);
    }
    if (at && parent)
        *parent = above;
    else
        Py_XDECREF(above);
    return at;
}

/* ---- dump(), dumps(), load(), loads() ---- */

/* What dump() and dumps() have in common: a Pickler that is no Python object. Without a file,
 * bytes. */
static PyObject *dump_object(PyObject *object, PyObject *file, PyObject *protocol,
    PyObject *fix_imports, PyObject *buffer_callback)
{
    /* Room in which most pickles need no other. */
    char small[512];
    MemoEntry entries[32] = {{0}};
    Memo memo = {entries, Py_ARRAY_LENGTH(entries) - 1, 0, 1};
    Pickler pickler = {.data = small, .capacity = sizeof small, .memo = memo};
    PyObject *result = NULL;
    int fix = fix_imports ? PyObject_IsTrue(fix_imports) : 1;
    if (fix < 0 || pickler_setup(&pickler, file, protocol, fix, buffer_callback) < 0) goto done;
    if (file && output_start(&pickler) < 0) goto done;
    if (pickler_dump(&pickler, object) < 0) goto done;
    if (file) {
        if (pickler_write_out(&pickler) == 0) result = Py_NewRef(Py_None);
    } else if (!pickler.buffer) {
        result = PyBytes_FromStringAndSize(small, pickler.length);
    } else if (_PyBytes_Resize(&pickler.buffer, pickler.length) == 0) {
        result = pickler.buffer;
        pickler.buffer = NULL;
    }
done:
    pickler_release(&pickler);
    return result;
}

static PyObject *dump(
    PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {
        "obj", "file", "protocol", "fix_imports", "buffer_callback", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "dump"};
    PyObject *a[5];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 2, 3, 5, a) < 0) return NULL;
    return dump_object(a[0], a[1], a[2], a[3], a[4]);
}

static PyObject *dumps(
    PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {
        "obj", "protocol", "fix_imports", "buffer_callback", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "dumps"};
    PyObject *a[4];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 2, 4, a) < 0) return NULL;
    return dump_object(a[0], NULL, a[1], a[2], a[3]);
}

static const char *text_argument(
    const char *function, PyObject *argument, const char *name, const char *otherwise)
{
    if (!argument) return otherwise;
    if (!PyUnicode_Check(argument)) {
        _PyArg_BadArgument(function, name, "str", argument);
        return NULL;
    }
    Py_ssize_t size;
    const char *text = PyUnicode_AsUTF8AndSize(argument, &size);
    if (text && strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return text;
}

/* What load() and loads() have in common; a[1..4] are their keyword arguments. */
static PyObject *load_pickle(const char *function, PyObject *file, PyObject *data, PyObject **a)
{
    UnpicklerRoom room = {.memo = {NULL}};
    Unpickler unpickler = {.exact = true, .room = &room};
    PyObject *result = NULL;
    int fix = a[1] ? PyObject_IsTrue(a[1]) : 1;
    if (fix < 0) return NULL;
    unpickler.encoding = text_argument(function, a[2], "argument 'encoding'", "ASCII");
    if (!unpickler.encoding) return NULL;
    unpickler.errors = text_argument(function, a[3], "argument 'errors'", "strict");
    if (!unpickler.errors) return NULL;
    if (unpickler_setup(&unpickler, file, fix, a[4]) == 0 &&
        (file || unpickler_set_bytes(&unpickler, data) == 0)) {
        result = unpickler_load(&unpickler);
    }
    unpickler_release(&unpickler);
    return result;
}

static PyObject *load(
    PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {
        "file", "fix_imports", "encoding", "errors", "buffers", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "load"};
    PyObject *a[5];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 1, 5, a) < 0) return NULL;
    return load_pickle("load", a[0], NULL, a);
}

static PyObject *loads(
    PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {
        "", "fix_imports", "encoding", "errors", "buffers", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "loads"};
    PyObject *a[5];
    if (args_unpack(args, nargs, NULL, kwnames, &parser, 1, 1, 5, a) < 0) return NULL;
    return load_pickle("loads", NULL, a[0], a);
}

/* ---- The module ---- */

#define PICKLER_ARGUMENTS                                                                          \
    "protocol: 0 to 5, by default 4; a negative number means the highest.\n"                       \
    "fix_imports: below protocol 3, names of Python 3 become those of Python 2.\n"                 \
    "buffer_callback: is given each buffer that could go out of band; see Pickler."

#define UNPICKLER_ARGUMENTS                                                                        \
    "fix_imports: names of Python 2 become those of Python 3.\n"                                   \
    "encoding, errors: how str objects of Python 2 are decoded.\n"                                 \
    "buffers: the buffers that were pickled out of band; see Unpickler."

static PyMethodDef methods[] = {
    {"dump", (PyCFunction)(void (*)(void))dump, METH_FASTCALL | METH_KEYWORDS,
        "dump($module, /, obj, file, protocol=None, *, fix_imports=True,\n"
        "     buffer_callback=None)\n--\n\n"
        "Write the pickle of an object to an open binary file.\n\n" PICKLER_ARGUMENTS},
    {"dumps", (PyCFunction)(void (*)(void))dumps, METH_FASTCALL | METH_KEYWORDS,
        "dumps($module, /, obj, protocol=None, *, fix_imports=True,\n"
        "      buffer_callback=None)\n--\n\n"
        "The pickle of an object, as bytes.\n\n" PICKLER_ARGUMENTS},
    {"load", (PyCFunction)(void (*)(void))load, METH_FASTCALL | METH_KEYWORDS,
        "load($module, /, file, *, fix_imports=True, encoding='ASCII',\n"
        "     errors='strict', buffers=())\n--\n\n"
        "Read the next pickle of an open binary file and return the "
        "object.\n\n" UNPICKLER_ARGUMENTS},
    {"loads", (PyCFunction)(void (*)(void))loads, METH_FASTCALL | METH_KEYWORDS,
        "loads($module, data, /, *, fix_imports=True, encoding='ASCII',\n"
        "      errors='strict', buffers=())\n--\n\n"
        "The object that a pickle describes, which a bytes-like object "
        "holds.\n\n" UNPICKLER_ARGUMENTS},
    {NULL, NULL, 0, NULL},
};

/* The attribute of a module, which must be a dict; `module_name` is for the message. */
static PyObject *get_table(PyObject *module, const char *module_name, const char *name)
{
    PyObject *table = PyObject_GetAttrString(module, name);
    if (!table || PyDict_CheckExact(table)) return table;
    PyErr_Format(PyExc_RuntimeError, "%s.%s should be a dict, not %.200s", module_name, name,
        Py_TYPE(table)->tp_name);
    Py_DECREF(table);
    return NULL;
}

static int get_tables(void)
{
    static const struct {
        const char *module, *name;
        PyObject **place;
    } tables[] = {
        {"copyreg", "dispatch_table", &pickle_runtime.dispatch_table},
        {"copyreg", "_extension_registry", &pickle_runtime.extension_registry},
        {"copyreg", "_inverted_registry", &pickle_runtime.inverted_registry},
        {"copyreg", "_extension_cache", &pickle_runtime.extension_cache},
        {"_compat_pickle", "NAME_MAPPING", &pickle_runtime.name_2to3},
        {"_compat_pickle", "IMPORT_MAPPING", &pickle_runtime.import_2to3},
        {"_compat_pickle", "REVERSE_NAME_MAPPING", &pickle_runtime.name_3to2},
        {"_compat_pickle", "REVERSE_IMPORT_MAPPING", &pickle_runtime.import_3to2},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(tables); i++) {
        PyObject *module = PyImport_ImportModule(tables[i].module);
        PyObject *table = module ? get_table(module, tables[i].module, tables[i].name) : NULL;
        Py_XDECREF(module);
        if (!table) return -1;
        Py_XSETREF(*tables[i].place, table);
    }
    return 0;
}

static int get_function(const char *module_name, const char *name, PyObject **place)
{
    PyObject *module = PyImport_ImportModule(module_name);
    PyObject *function = module ? PyObject_GetAttrString(module, name) : NULL;
    Py_XDECREF(module);
    if (!function) return -1;
    if (!PyCallable_Check(function)) {
        PyErr_Format(PyExc_RuntimeError, "%s.%s should be a callable, not %.200s", module_name,
            name, Py_TYPE(function)->tp_name);
        Py_DECREF(function);
        return -1;
    }
    Py_XSETREF(*place, function);
    return 0;
}

static int add_exception(PyObject *module, const char *name, PyObject *base, PyObject **place)
{
    PyObject *exception = PyErr_NewException(name, base, NULL);
    if (!exception) return -1;
    Py_XSETREF(*place, exception);
    return PyModule_AddObjectRef(module, strchr(name, '.') + 1, exception);
}

static int module_exec(PyObject *module)
{
    struct PickleRuntime *r = &pickle_runtime;
    PyTypeObject *const types[] = {&pickler_type, &unpickler_type, &PyPickleBuffer_Type};
    if (PyType_Ready(&pickler_memo_type) < 0 || PyType_Ready(&unpickler_memo_type) < 0) return -1;
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) return -1;
    }
    if (add_exception(module, "_pickle.PickleError", NULL, &r->error) < 0) return -1;
    if (add_exception(module, "_pickle.PicklingError", r->error, &r->pickling_error) < 0) return -1;
    if (add_exception(module, "_pickle.UnpicklingError", r->error, &r->unpickling_error) < 0)
        return -1;
    if (get_tables() < 0) return -1;
    if (get_function("codecs", "encode", &r->codecs_encode) < 0) return -1;
    if (get_function("functools", "partial", &r->partial) < 0) return -1;
    return get_function("builtins", "getattr", &r->getattr);
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, module_exec},
    {0, NULL},
};

static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_pickle",
    .m_doc = "The C half of pickle.",
    .m_size = 0,
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__pickle(void)
{
    return PyModuleDef_Init(&definition);
}
