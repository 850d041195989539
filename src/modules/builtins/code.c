/* Built-in functions about code: compile, eval, exec, namespaces, classes, imports. */
#include "modules/builtins/builtins.h"

#include <internal/krait_exports.h>

#include "objects/names.h"
#include "syntax/syntax.h"
#include "compiler/compiler.h"

enum { COMPILER_FLAGS = PyCF_MASK | PyCF_MASK_OBSOLETE | PyCF_COMPILE_MASK };

/* ---- compile -------------------------------------------------------------------------------------------------- */

static const int start_symbols[] = {Py_file_input, Py_eval_input, Py_single_input, Py_func_type_input};

static PyObject *compile_tree(PyObject *tree, PyObject *filename, int mode, PyCompilerFlags *flags, int optimize)
{
    if (flags->cf_flags & PyCF_ONLY_AST) return Py_NewRef(tree);
    Arena *arena = arena_new();
    if (!arena) return NULL;
    PyObject *code = NULL;
    /* ast_from_object counts the modes exec, eval, single, func_type. */
    Mod *mod = ast_from_object(tree, mode, arena);
    if (mod && ast_validate(mod)) code = (PyObject *)compiler_compile(mod, filename, flags, optimize, arena);
    arena_free(arena);
    return code;
}

static PyObject *builtin_compile(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"source", "filename", "mode", "flags", "dont_inherit", "optimize", "_feature_version", NULL};
    static _PyArg_Parser parser = {.format = "OOO|ipi$i:compile", .keywords = keywords};
    PyObject *source, *given_name, *mode_object, *filename, *source_copy = NULL, *result = NULL;
    int flags = 0, dont_inherit = 0, optimize = -1, feature_version = -1;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &source, &given_name, &mode_object, &flags,
                                      &dont_inherit, &optimize, &feature_version)
        || !PyUnicode_FSDecoder(given_name, &filename)) {
        return NULL;
    }
    if (!PyUnicode_Check(mode_object)) {
        _PyArg_BadArgument("compile", "argument 'mode'", "str", mode_object);
        Py_DECREF(filename);
        return NULL;
    }
    Py_ssize_t mode_size;
    const char *mode_name = PyUnicode_AsUTF8AndSize(mode_object, &mode_size);
    if (!mode_name) {
        Py_DECREF(filename);
        return NULL;
    }
    if (strlen(mode_name) != (size_t)mode_size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        Py_DECREF(filename);
        return NULL;
    }
    PyCompilerFlags cf = _PyCompilerFlags_INIT;
    cf.cf_flags = flags | PyCF_SOURCE_IS_UTF8;
    if (feature_version >= 0 && (flags & PyCF_ONLY_AST)) cf.cf_feature_version = feature_version;
    if (flags & ~COMPILER_FLAGS) {
        PyErr_SetString(PyExc_ValueError, "compile(): unrecognised flags");
        goto done;
    }
    if (optimize < -1 || optimize > 2) {
        PyErr_SetString(PyExc_ValueError, "compile(): invalid optimize value");
        goto done;
    }
    if (!dont_inherit) PyEval_MergeCompilerFlags(&cf);
    int mode;
    if (strcmp(mode_name, "exec") == 0) mode = 0;
    else if (strcmp(mode_name, "eval") == 0) mode = 1;
    else if (strcmp(mode_name, "single") == 0) mode = 2;
    else if (strcmp(mode_name, "func_type") == 0) {
        if (!(flags & PyCF_ONLY_AST)) {
            PyErr_SetString(PyExc_ValueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST");
            goto done;
        }
        mode = 3;
    }
    else {
        PyErr_SetString(PyExc_ValueError, flags & PyCF_ONLY_AST ? "compile() mode must be 'exec', 'eval', 'single' or 'func_type'"
                                                                : "compile() mode must be 'exec', 'eval' or 'single'");
        goto done;
    }
    int is_node = ast_is_node(source);
    if (is_node < 0) goto done;
    if (is_node) {
        result = compile_tree(source, filename, mode, &cf, optimize);
        goto done;
    }
    const char *text = _Py_SourceAsString(source, "compile", "string, bytes or AST", &cf, &source_copy);
    if (text) result = Py_CompileStringObject(text, filename, start_symbols[mode], &cf, optimize);
    Py_XDECREF(source_copy);
done:
    Py_DECREF(filename);
    return result;
}

/* ---- eval and exec -------------------------------------------------------------------------------------------- */

/* Fills in the defaults of eval and exec and sees to __builtins__; the results are owned. -1 with an exception set. */
static int prepare_namespaces(const char *name, PyObject **globals, PyObject **locals)
{
    if (*globals == Py_None) {
        *globals = PyEval_GetGlobals();
        Py_XINCREF(*globals);
        if (*locals == Py_None) *locals = Py_XNewRef(*globals ? PyEval_GetLocals() : NULL);
        else Py_INCREF(*locals);
        if (!*globals || !*locals) {
            if (!PyErr_Occurred()) {
                if (strcmp(name, "eval") == 0) {
                    PyErr_SetString(PyExc_TypeError, "eval must be given globals and locals when called without a frame");
                }
                else PyErr_SetString(PyExc_SystemError, "globals and locals cannot be NULL");
            }
            Py_CLEAR(*globals);
            Py_CLEAR(*locals);
            return -1;
        }
    }
    else {
        Py_INCREF(*globals);
        *locals = Py_NewRef(*locals == Py_None ? *globals : *locals);
    }
    int known = PyDict_Contains(*globals, NAME(__builtins__));
    if (known == 0) known = PyDict_SetItem(*globals, NAME(__builtins__), PyEval_GetBuiltins());
    if (known < 0) {
        Py_CLEAR(*globals);
        Py_CLEAR(*locals);
        return -1;
    }
    return 0;
}

static PyObject *builtin_eval(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs)
{
    if (!_PyArg_CheckPositional("eval", nargs, 1, 3)) return NULL;
    PyObject *source = args[0], *globals = nargs > 1 ? args[1] : Py_None, *locals = nargs > 2 ? args[2] : Py_None;
    if (locals != Py_None && !PyMapping_Check(locals)) {
        PyErr_SetString(PyExc_TypeError, "locals must be a mapping");
        return NULL;
    }
    if (globals != Py_None && !PyDict_Check(globals)) {
        PyErr_SetString(PyExc_TypeError, PyMapping_Check(globals) ? "globals must be a real dict; try eval(code, {}, mapping)"
                                                                  : "globals must be a dict");
        return NULL;
    }
    if (prepare_namespaces("eval", &globals, &locals) < 0) return NULL;
    PyObject *result = NULL, *copy = NULL;
    if (PyCode_Check(source)) {
        if (PySys_Audit("exec", "O", source) < 0) goto done;
        if (((PyCodeObject *)source)->co_nfreevars > 0) {
            PyErr_SetString(PyExc_TypeError, "code object passed to eval() may not contain free variables");
            goto done;
        }
        result = PyEval_EvalCode(source, globals, locals);
        goto done;
    }
    PyCompilerFlags cf = _PyCompilerFlags_INIT;
    cf.cf_flags = PyCF_SOURCE_IS_UTF8;
    const char *text = _Py_SourceAsString(source, "eval", "string, bytes or code", &cf, &copy);
    if (text) {
        while (*text == ' ' || *text == '\t') text++;
        PyEval_MergeCompilerFlags(&cf);
        result = PyRun_StringFlags(text, Py_eval_input, globals, locals, &cf);
    }
    Py_XDECREF(copy);
done:
    Py_DECREF(globals);
    Py_DECREF(locals);
    return result;
}

/* closure=: a tuple of as many cells as the code has free variables. -1 with an exception set. */
static int check_closure(PyObject *source, PyObject *closure)
{
    Py_ssize_t count = ((PyCodeObject *)source)->co_nfreevars;
    if (count == 0) {
        if (!closure) return 0;
        PyErr_SetString(PyExc_TypeError, "cannot use a closure with this code object");
        return -1;
    }
    bool good = closure && PyTuple_CheckExact(closure) && PyTuple_GET_SIZE(closure) == count;
    for (Py_ssize_t i = 0; good && i < count; i++) good = PyCell_Check(PyTuple_GET_ITEM(closure, i));
    if (good) return 0;
    PyErr_Format(PyExc_TypeError, "code object requires a closure of exactly length %zd", count);
    return -1;
}

static PyObject *exec_closure(PyObject *code, PyObject *globals, PyObject *locals, PyObject *closure)
{
    return PyEval_EvalCodeEx(code, globals, locals, NULL, 0, NULL, 0, NULL, 0, NULL, closure);
}

static PyObject *builtin_exec(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"", "", "", "closure", NULL};
    static _PyArg_Parser parser = {.keywords = keywords, .fname = "exec"};
    PyObject *buffer[4] = {NULL};
    args = _PyArg_UnpackKeywords(args, nargs, NULL, kwnames, &parser, 1, 3, 0, buffer);
    if (!args) return NULL;
    PyObject *source = args[0], *globals = nargs > 1 ? args[1] : Py_None, *locals = nargs > 2 ? args[2] : Py_None;
    PyObject *closure = kwnames && PyTuple_GET_SIZE(kwnames) && args[3] != Py_None ? args[3] : NULL;
    PyObject *result = NULL, *copy = NULL;
    if (globals != Py_None && !PyDict_Check(globals)) {
        PyErr_Format(PyExc_TypeError, "exec() globals must be a dict, not %.100s", Py_TYPE(globals)->tp_name);
        return NULL;
    }
    PyObject *given_locals = locals == Py_None ? globals : locals;
    if (given_locals != Py_None && !PyMapping_Check(given_locals)) {
        return PyErr_Format(PyExc_TypeError, "locals must be a mapping or None, not %.100s", Py_TYPE(given_locals)->tp_name);
    }
    if (prepare_namespaces("exec", &globals, &locals) < 0) return NULL;
    if (PyCode_Check(source)) {
        if (check_closure(source, closure) < 0 || PySys_Audit("exec", "O", source) < 0) goto done;
        result = closure ? exec_closure(source, globals, locals, closure) : PyEval_EvalCode(source, globals, locals);
    }
    else {
        if (closure) {
            PyErr_SetString(PyExc_TypeError, "closure argument can only be used with a code object");
            goto done;
        }
        PyCompilerFlags cf = _PyCompilerFlags_INIT;
        cf.cf_flags = PyCF_SOURCE_IS_UTF8;
        const char *text = _Py_SourceAsString(source, "exec", "string, bytes or code", &cf, &copy);
        if (text) {
            PyEval_MergeCompilerFlags(&cf);
            result = PyRun_StringFlags(text, Py_file_input, globals, locals, &cf);
        }
        Py_XDECREF(copy);
    }
done:
    Py_DECREF(globals);
    Py_DECREF(locals);
    if (!result) return NULL;
    Py_DECREF(result);
    Py_RETURN_NONE;
}

static PyObject *builtin_globals(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return Py_XNewRef(PyEval_GetGlobals()); }
static PyObject *builtin_locals(PyObject *Py_UNUSED(m), PyObject *Py_UNUSED(ignored)) { return Py_XNewRef(PyEval_GetLocals()); }

/* ---- __build_class__ ------------------------------------------------------------------------------------------ */

/* The bases with __mro_entries__ of those that are no types put in: `bases` itself if none has it. A new reference. */
static PyObject *resolve_bases(PyObject *bases)
{
    PyObject *changed = NULL;   /* list, once something changed */
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i), *method = NULL;
        if (!PyType_Check(base) && _PyObject_LookupAttr(base, NAME(__mro_entries__), &method) < 0) goto error;
        if (!method) {
            if (changed && PyList_Append(changed, base) < 0) goto error;
            continue;
        }
        PyObject *entries = PyObject_CallOneArg(method, bases);
        Py_DECREF(method);
        if (!entries) goto error;
        if (!PyTuple_Check(entries)) {
            PyErr_SetString(PyExc_TypeError, "__mro_entries__ must return a tuple");
            Py_DECREF(entries);
            goto error;
        }
        if (!changed) {
            PyObject *before = PyTuple_GetSlice(bases, 0, i);
            changed = before ? PySequence_List(before) : NULL;
            Py_XDECREF(before);
        }
        Py_ssize_t end = changed ? PyList_GET_SIZE(changed) : 0;
        int failed = !changed || PyList_SetSlice(changed, end, end, entries) < 0;
        Py_DECREF(entries);
        if (failed) goto error;
    }
    if (!changed) return Py_NewRef(bases);
    PyObject *result = PyList_AsTuple(changed);
    Py_DECREF(changed);
    return result;
error:
    Py_XDECREF(changed);
    return NULL;
}

/* The class cell that the body returned must have been filled with the class by type.__new__. -1 with an exception set. */
static int check_class_cell(PyObject *cell, PyObject *class, PyObject *name)
{
    if (!class || !PyType_Check(class) || !PyCell_Check(cell)) return 0;
    PyObject *content = PyCell_GET(cell);
    if (content == class) return 0;
    if (!content) {
        PyErr_Format(PyExc_RuntimeError, "__class__ not set defining %.200R as %.200R. Was __classcell__ propagated to type.__new__?",
                     name, class);
    }
    else PyErr_Format(PyExc_TypeError, "__class__ set to %.200R defining %.200R as %.200R", content, name, class);
    return -1;
}

static PyObject *prepare_namespace(PyObject *meta, PyObject *name, PyObject *bases, PyObject *keywords)
{
    PyObject *prepare;
    if (_PyObject_LookupAttr(meta, NAME(__prepare__), &prepare) < 0) return NULL;
    if (!prepare) return PyDict_New();
    PyObject *args[] = {name, bases};
    PyObject *namespace = PyObject_VectorcallDict(prepare, args, 2, keywords);
    Py_DECREF(prepare);
    if (namespace && !PyMapping_Check(namespace)) {
        PyErr_Format(PyExc_TypeError, "%.200s.__prepare__() must return a mapping, not %.200s",
                     PyType_Check(meta) ? ((PyTypeObject *)meta)->tp_name : "<metaclass>", Py_TYPE(namespace)->tp_name);
        Py_CLEAR(namespace);
    }
    return namespace;
}

static PyObject *builtin_build_class(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    PyObject *meta = NULL, *keywords = NULL, *bases = NULL, *given_bases = NULL, *namespace = NULL, *class = NULL, *cell = NULL;
    if (nargs < 2) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: not enough arguments");
        return NULL;
    }
    PyObject *func = args[0], *name = args[1];
    if (!PyFunction_Check(func)) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: func must be a function");
        return NULL;
    }
    if (!PyUnicode_Check(name)) {
        PyErr_SetString(PyExc_TypeError, "__build_class__: name is not a string");
        return NULL;
    }
    given_bases = PyTuple_New(nargs - 2);
    if (!given_bases) return NULL;
    for (Py_ssize_t i = 2; i < nargs; i++) PyTuple_SET_ITEM(given_bases, i - 2, Py_NewRef(args[i]));
    bases = resolve_bases(given_bases);
    if (!bases) goto done;
    if (kwnames) {
        keywords = _PyStack_AsDict(args + nargs, kwnames);
        if (!keywords) goto done;
        meta = Py_XNewRef(PyDict_GetItemWithError(keywords, NAME(metaclass)));
        if (meta ? PyDict_DelItem(keywords, NAME(metaclass)) < 0 : PyErr_Occurred() != NULL) goto done;
    }
    bool is_type = true;
    if (meta) is_type = PyType_Check(meta);
    else if (PyTuple_GET_SIZE(bases) == 0) meta = Py_NewRef((PyObject *)&PyType_Type);
    else meta = Py_NewRef((PyObject *)Py_TYPE(PyTuple_GET_ITEM(bases, 0)));
    if (is_type) {
        PyObject *winner = (PyObject *)_PyType_CalculateMetaclass((PyTypeObject *)meta, bases);
        if (!winner) goto done;
        Py_SETREF(meta, Py_NewRef(winner));
    }
    namespace = prepare_namespace(meta, name, bases, keywords);
    if (!namespace) goto done;
    cell = PyEval_EvalCodeEx(PyFunction_GET_CODE(func), PyFunction_GET_GLOBALS(func), namespace, NULL, 0, NULL, 0, NULL, 0, NULL,
                             PyFunction_GET_CLOSURE(func));
    if (!cell) goto done;
    if (bases != given_bases && PyMapping_SetItemString(namespace, "__orig_bases__", given_bases) < 0) goto done;
    PyObject *class_args[] = {name, bases, namespace};
    class = PyObject_VectorcallDict(meta, class_args, 3, keywords);
    if (check_class_cell(cell, class, name) < 0) Py_CLEAR(class);
done:
    Py_XDECREF(cell);
    Py_XDECREF(namespace);
    Py_XDECREF(meta);
    Py_XDECREF(keywords);
    Py_XDECREF(bases);
    Py_XDECREF(given_bases);
    return class;
}

static PyObject *builtin_import(PyObject *Py_UNUSED(m), PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames)
{
    static const char *const keywords[] = {"name", "globals", "locals", "fromlist", "level", NULL};
    static _PyArg_Parser parser = {.format = "U|OOOi:__import__", .keywords = keywords};
    PyObject *name, *globals = NULL, *locals = NULL, *from_list = NULL;
    int level = 0;
    if (!_PyArg_ParseStackAndKeywords(args, nargs, kwnames, &parser, &name, &globals, &locals, &from_list, &level)) return NULL;
    return PyImport_ImportModuleLevelObject(name, globals, locals, from_list, level);
}

PyMethodDef builtins_code_methods[] = {
    {"__build_class__", (PyCFunction)(void *)builtin_build_class, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nWhat a class statement calls.")},
    {"__import__", (PyCFunction)(void *)builtin_import, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("__import__($module, /, name, globals=None, locals=None, fromlist=(),\n           level=0)\n--\n\n"
               "Import a module, as an import statement does.\n\n"
               "Programs should call importlib.import_module() instead. The globals tell\n"
               "from where a relative import starts; the locals are ignored. Without a\n"
               "fromlist the result for 'A.B' is A, with one it is A.B. The level is 0 for\n"
               "absolute imports, else the number of packages to go up.")},
    {"compile", (PyCFunction)(void *)builtin_compile, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("compile($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)\n--\n\n"
               "Compile source into a code object that exec() or eval() can run.\n\n"
               "The source is text or a syntax tree; the filename is what messages will say.\n"
               "The mode is 'exec' for a module, 'single' for one interactive statement or\n"
               "'eval' for an expression. The flags say which future statements hold, in\n"
               "addition to those of the calling code unless dont_inherit is true.")},
    {"eval", (PyCFunction)(void *)builtin_eval, METH_FASTCALL,
     PyDoc_STR("eval($module, source, globals=None, locals=None, /)\n--\n\n"
               "Return the value of an expression, given as text or as code from compile().\n\n"
               "The globals are a dict and the locals any mapping; they default to those of\n"
               "the caller; if only globals are given, they are both.")},
    {"exec", (PyCFunction)(void *)builtin_exec, METH_FASTCALL | METH_KEYWORDS,
     PyDoc_STR("exec($module, source, globals=None, locals=None, /, *, closure=None)\n--\n\n"
               "Run statements, given as text or as code from compile().\n\n"
               "The globals are a dict and the locals any mapping; they default to those of\n"
               "the caller; if only globals are given, they are both. The closure is a tuple\n"
               "of cells for code with free variables.")},
    {"globals", builtin_globals, METH_NOARGS,
     PyDoc_STR("globals($module, /)\n--\n\nReturn the dict of the current scope's global variables.\n\nChanges to it are changes of the variables.")},
    {"locals", builtin_locals, METH_NOARGS,
     PyDoc_STR("locals($module, /)\n--\n\nReturn a dict of the current scope's local variables.\n\nWhether changes to it change the variables is not defined.")},
    {0},
};
