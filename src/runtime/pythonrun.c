/* Running source text: strings, files, .pyc files and the prompt (the manual: c-api/veryhigh). */
#include <Python.h>
#include <marshal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <internal/krait_exports.h>

#include "compiler/compiler.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "syntax/ast.h"
#include "syntax/syntax.h"
#include "runtime/lifecycle.h"

/* ---- Compiling -------------------------------------------------------------------------------------------------- */

PyObject *Py_CompileStringObject(const char *text, PyObject *filename, int start, PyCompilerFlags *flags, int optimize)
{
    Arena *arena = arena_new();
    if (!arena) return NULL;
    PyObject *result = NULL;
    Mod *mod = syntax_parse_string(text, filename, start, flags, arena);
    if (mod) {
        result = flags && flags->cf_flags & PyCF_ONLY_AST ? ast_to_object(mod)
                                                          : (PyObject *)compiler_compile(mod, filename, flags, optimize, arena);
    }
    arena_free(arena);
    return result;
}

PyObject *Py_CompileStringExFlags(const char *text, const char *filename, int start, PyCompilerFlags *flags, int optimize)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    PyObject *code = name ? Py_CompileStringObject(text, name, start, flags, optimize) : NULL;
    Py_XDECREF(name);
    return code;
}

#undef Py_CompileString
PyObject *Py_CompileString(const char *text, const char *filename, int start)
{
    return Py_CompileStringExFlags(text, filename, start, NULL, -1);
}

#undef Py_CompileStringFlags
PyObject *Py_CompileStringFlags(const char *text, const char *filename, int start, PyCompilerFlags *flags)
{
    return Py_CompileStringExFlags(text, filename, start, flags, -1);
}

/* The text of a str, bytes, bytearray or buffer, for compile() and its like; *copy owns what must live as long. Borrowed. */
const char *_Py_SourceAsString(PyObject *source, const char *function, const char *what, PyCompilerFlags *flags, PyObject **copy)
{
    const char *text;
    Py_ssize_t size;
    Py_buffer view;
    *copy = NULL;
    if (PyUnicode_Check(source)) {
        flags->cf_flags |= PyCF_IGNORE_COOKIE;
        text = PyUnicode_AsUTF8AndSize(source, &size);
        if (!text) return NULL;
    }
    else if (PyBytes_Check(source)) {
        text = PyBytes_AS_STRING(source);
        size = PyBytes_GET_SIZE(source);
    }
    else if (PyByteArray_Check(source)) {
        text = PyByteArray_AS_STRING(source);
        size = PyByteArray_GET_SIZE(source);
    }
    else if (PyObject_GetBuffer(source, &view, PyBUF_SIMPLE) == 0) {
        *copy = PyBytes_FromStringAndSize(view.buf, view.len);      /* a buffer need not end with NUL */
        PyBuffer_Release(&view);
        if (!*copy) return NULL;
        text = PyBytes_AS_STRING(*copy);
        size = PyBytes_GET_SIZE(*copy);
    }
    else {
        PyErr_Format(PyExc_TypeError, "%s() arg 1 must be a %s object", function, what);
        return NULL;
    }
    if (strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "source code string cannot contain null bytes");
        Py_CLEAR(*copy);
        return NULL;
    }
    return text;
}

/* ---- Running code ------------------------------------------------------------------------------------------------- */

/* Runs a module's code. With `builtins` missing from globals, the running ones are put there. New reference. */
static PyObject *run_code(PyCodeObject *code, PyObject *globals, PyObject *locals)
{
    if (!globals || !PyDict_Check(globals)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    int known = PyDict_Contains(globals, NAME(__builtins__));
    if (known < 0 || (!known && PyDict_SetItem(globals, NAME(__builtins__), PyEval_GetBuiltins()) < 0)) return NULL;
    PyObject *result = PyEval_EvalCode((PyObject *)code, globals, locals);
    if (!result && PyErr_Occurred() == PyExc_KeyboardInterrupt) _Py_UnhandledKeyboardInterrupt = 1;
    return result;
}

static PyObject *run_tree(Mod *mod, PyObject *filename, PyObject *globals, PyObject *locals, PyCompilerFlags *flags, Arena *arena)
{
    PyCodeObject *code = compiler_compile(mod, filename, flags, -1, arena);
    if (!code) return NULL;
    PyObject *result = NULL;
    if (PySys_Audit("exec", "O", code) == 0) result = run_code(code, globals, locals);
    Py_DECREF(code);
    return result;
}

PyObject *PyRun_StringFlags(const char *text, int start, PyObject *globals, PyObject *locals, PyCompilerFlags *flags)
{
    PyObject *filename = PyUnicode_FromString("<string>"), *result = NULL;
    Arena *arena = filename ? arena_new() : NULL;
    if (arena) {
        Mod *mod = syntax_parse_string(text, filename, start, flags, arena);
        if (mod) result = run_tree(mod, filename, globals, locals, flags, arena);
        arena_free(arena);
    }
    Py_XDECREF(filename);
    return result;
}

static PyObject *run_file(FILE *file, PyObject *filename, int start, PyObject *globals, PyObject *locals, bool close, PyCompilerFlags *flags)
{
    Arena *arena = arena_new();
    Mod *mod = arena ? syntax_parse_file(file, filename, NULL, start, NULL, NULL, flags, NULL, NULL, arena) : NULL;
    if (close) fclose(file);
    PyObject *result = mod ? run_tree(mod, filename, globals, locals, flags, arena) : NULL;
    arena_free(arena);
    streams_flush_quietly();
    return result;
}

PyObject *PyRun_FileExFlags(FILE *file, const char *filename, int start, PyObject *globals, PyObject *locals, int close,
                            PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    PyObject *result = name ? run_file(file, name, start, globals, locals, close, flags) : NULL;
    Py_XDECREF(name);
    return result;
}

/* ---- __main__ ------------------------------------------------------------------------------------------------------ */

int PyRun_SimpleStringFlags(const char *command, PyCompilerFlags *flags)
{
    PyObject *module = PyImport_AddModule("__main__");
    if (!module) return -1;
    PyObject *dict = PyModule_GetDict(module);
    PyObject *result = PyRun_StringFlags(command, Py_file_input, dict, dict, flags);
    if (!result) {
        PyErr_Print();
        return -1;
    }
    Py_DECREF(result);
    return 0;
}

/* Whether a file holds compiled code: by its name, or by the magic number at its start. */
static bool is_compiled(FILE *file, PyObject *filename, bool may_read)
{
    Py_ssize_t n = PyUnicode_GET_LENGTH(filename);
    PyObject *extension = n >= 4 ? PyUnicode_Substring(filename, n - 4, n) : NULL;
    bool named = extension && _PyUnicode_EqualToASCIIString(extension, ".pyc");
    Py_XDECREF(extension);
    if (named || !may_read || ftell(file) != 0) return named;
    unsigned char bytes[2];
    long magic = PyImport_GetMagicNumber();
    bool same = fread(bytes, 1, 2, file) == 2 && bytes[0] == (magic & 255) && bytes[1] == (magic >> 8 & 255);
    rewind(file);
    return same;
}

static PyObject *run_compiled(FILE *file, PyObject *globals)
{
    long magic = PyMarshal_ReadLongFromFile(file);
    if (magic != PyImport_GetMagicNumber()) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "Bad magic number in .pyc file");
        fclose(file);
        return NULL;
    }
    for (int i = 0; i < 3; i++) (void)PyMarshal_ReadLongFromFile(file);     /* flags, and two words that are not checked here */
    bool header_read = !PyErr_Occurred();
    PyObject *code = header_read ? PyMarshal_ReadLastObjectFromFile(file) : NULL, *result = NULL;
    fclose(file);
    if (code && PyCode_Check(code)) result = run_code((PyCodeObject *)code, globals, globals);
    else if (code || header_read) PyErr_SetString(PyExc_RuntimeError, "Bad code object in .pyc file");
    Py_XDECREF(code);
    streams_flush_quietly();
    return result;
}

static int set_loader(PyObject *dict, PyObject *filename, const char *class)
{
    PyObject *bootstrap = PyImport_ImportModule("_frozen_importlib_external");
    PyObject *type = bootstrap ? PyObject_GetAttrString(bootstrap, class) : NULL;
    PyObject *loader = type ? PyObject_CallFunction(type, "sO", "__main__", filename) : NULL;
    int failed = loader ? PyDict_SetItemString(dict, "__loader__", loader) : -1;
    Py_XDECREF(bootstrap);
    Py_XDECREF(type);
    Py_XDECREF(loader);
    return failed;
}

int _PyRun_SimpleFileObject(FILE *file, PyObject *filename, int close, PyCompilerFlags *flags)
{
    PyObject *module = PyImport_AddModule("__main__"), *result = NULL;
    if (!module) return -1;
    Py_INCREF(module);
    PyObject *dict = PyModule_GetDict(module), *key = PyUnicode_FromString("__file__");
    int set = 0, status = -1, known = key ? PyDict_Contains(dict, key) : -1;
    if (known < 0) goto done;
    if (!known) {
        if (PyDict_SetItem(dict, key, filename) < 0 || PyDict_SetItemString(dict, "__cached__", Py_None) < 0) goto done;
        set = 1;
    }
    if (is_compiled(file, filename, close)) {
        FILE *again = _Py_fopen_obj(filename, "rb");
        if (close) fclose(file);
        close = 0;
        if (!again) {
            fprintf(stderr, "python: Can't reopen .pyc file\n");
            goto done;
        }
        if (set_loader(dict, filename, "SourcelessFileLoader") < 0) {
            fprintf(stderr, "python: failed to set __main__.__loader__\n");
            fclose(again);
            goto done;
        }
        result = run_compiled(again, dict);
    }
    else {
        if (!_PyUnicode_EqualToASCIIString(filename, "<stdin>") && set_loader(dict, filename, "SourceFileLoader") < 0) {
            fprintf(stderr, "python: failed to set __main__.__loader__\n");
            goto done;
        }
        result = run_file(file, filename, Py_file_input, dict, dict, close, flags);
        close = 0;
    }
    if (result) status = 0;
    else {
        /* SystemExit ends the process in here: then the module is not to be kept alive by us. */
        Py_DECREF(module);
        PyErr_Print();
        module = Py_XNewRef(PyImport_AddModule("__main__"));
        dict = module ? PyModule_GetDict(module) : NULL;
    }
done:
    if (PyErr_Occurred()) PyErr_Print();
    if (close) fclose(file);
    Py_XDECREF(result);
    if (set && dict) {
        if (PyDict_DelItemString(dict, "__file__") < 0) PyErr_Clear();
        if (PyDict_DelItemString(dict, "__cached__") < 0) PyErr_Clear();
    }
    Py_XDECREF(key);
    Py_XDECREF(module);
    return status;
}

int PyRun_SimpleFileExFlags(FILE *file, const char *filename, int close, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    int result = name ? _PyRun_SimpleFileObject(file, name, close, flags) : -1;
    Py_XDECREF(name);
    return result;
}

/* ---- The prompt ---------------------------------------------------------------------------------------------------- */

int Py_FdIsInteractive(FILE *file, const char *filename)
{
    if (isatty(fileno(file))) return 1;
    if (!thread_state()->interp->config.interactive) return 0;
    return !filename || strcmp(filename, "<stdin>") == 0 || strcmp(filename, "???") == 0;
}

/* The same for a name that is a str, or NULL. */
int _Py_FdIsInteractive(FILE *file, PyObject *filename)
{
    if (isatty(fileno(file))) return 1;
    if (!thread_state()->interp->config.interactive) return 0;
    return !filename || PyUnicode_CompareWithASCIIString(filename, "<stdin>") == 0
        || PyUnicode_CompareWithASCIIString(filename, "???") == 0;
}

/* sys.ps1 or ps2 as text; new, NULL where there is none (errors are dropped). */
static PyObject *prompt(const char *name)
{
    PyObject *o = PySys_GetObject(name), *text = o ? PyObject_Str(o) : NULL;
    if (!text) PyErr_Clear();
    return text;
}

typedef enum { STEP_DONE, STEP_FAILED, STEP_END } Step;

/* Reads and runs one statement. */
static Step interactive_step(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyObject *module = PyImport_AddModule("__main__"), *ps1 = prompt("ps1"), *ps2 = prompt("ps2"), *result = NULL;
    PyObject *encoding = NULL, *in = PySys_GetObject("stdin");
    Arena *arena = arena_new();
    Step step = STEP_FAILED;
    bool at_end = false;
    if (!module || !arena) goto done;
    if (in && in != Py_None && file == stdin) {
        encoding = PyObject_GetAttrString(in, "encoding");
        if (!encoding || !PyUnicode_Check(encoding)) PyErr_Clear();
    }
    const char *encoding_text = encoding && PyUnicode_Check(encoding) ? PyUnicode_AsUTF8(encoding) : NULL;
    Mod *mod = syntax_parse_file(file, filename, encoding_text, Py_single_input, ps1 ? PyUnicode_AsUTF8(ps1) : "",
                                 ps2 ? PyUnicode_AsUTF8(ps2) : "", flags, &at_end, NULL, arena);
    if (!mod) {
        if (at_end && !PyErr_Occurred()) step = STEP_END;
        goto done;
    }
    PyObject *dict = PyModule_GetDict(module);
    result = run_tree(mod, filename, dict, dict, flags, arena);
    if (result) {
        step = STEP_DONE;
        streams_flush_quietly();
    }
done:
    Py_XDECREF(result);
    Py_XDECREF(ps1);
    Py_XDECREF(ps2);
    Py_XDECREF(encoding);
    arena_free(arena);
    return step;
}

int PyRun_InteractiveOneObject(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    Step step = interactive_step(file, filename, flags);
    if (step == STEP_FAILED) {
        PyErr_Print();
        streams_flush_quietly();
        return -1;
    }
    return step == STEP_END ? 11 : 0;       /* 11: the end of the file */
}

int PyRun_InteractiveOneFlags(FILE *file, const char *filename, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    if (!name) {
        PyErr_Print();
        return -1;
    }
    int result = PyRun_InteractiveOneObject(file, name, flags);
    Py_DECREF(name);
    return result;
}

static void set_default_prompt(const char *name, const char *text)
{
    if (PySys_GetObject(name)) return;
    PyObject *o = PyUnicode_FromString(text);
    if (!o || PySys_SetObject(name, o) < 0) PyErr_Clear();
    Py_XDECREF(o);
}

int _PyRun_InteractiveLoopObject(FILE *file, PyObject *filename, PyCompilerFlags *flags)
{
    PyCompilerFlags local = _PyCompilerFlags_INIT;
    int memory_errors = 0;
    if (!flags) flags = &local;
    set_default_prompt("ps1", ">>> ");
    set_default_prompt("ps2", "... ");
    for (;;) {
        Step step = interactive_step(file, filename, flags);
        if (step == STEP_END) return 0;
        if (step == STEP_DONE) {
            memory_errors = 0;
            continue;
        }
        if (PyErr_ExceptionMatches(PyExc_MemoryError)) {
            if (++memory_errors > 16) {
                PyErr_Clear();
                return -1;
            }
        }
        else memory_errors = 0;
        PyErr_Print();
        streams_flush_quietly();
    }
}

int PyRun_InteractiveLoopFlags(FILE *file, const char *filename, PyCompilerFlags *flags)
{
    PyObject *name = PyUnicode_DecodeFSDefault(filename);
    if (!name) {
        PyErr_Print();
        return -1;
    }
    int result = _PyRun_InteractiveLoopObject(file, name, flags);
    Py_DECREF(name);
    return result;
}

int _PyRun_AnyFileObject(FILE *file, PyObject *filename, int close, PyCompilerFlags *flags)
{
    PyObject *name = filename ? Py_NewRef(filename) : PyUnicode_FromString("???");
    if (!name) {
        PyErr_Print();
        return -1;
    }
    int result;
    if (Py_FdIsInteractive(file, PyUnicode_AsUTF8(name))) {
        result = _PyRun_InteractiveLoopObject(file, name, flags);
        if (close) fclose(file);
    }
    else result = _PyRun_SimpleFileObject(file, name, close, flags);
    Py_DECREF(name);
    return result;
}

int PyRun_AnyFileExFlags(FILE *file, const char *filename, int close, PyCompilerFlags *flags)
{
    PyObject *name = filename ? PyUnicode_DecodeFSDefault(filename) : NULL;
    if (filename && !name) {
        PyErr_Print();
        return -1;
    }
    int result = _PyRun_AnyFileObject(file, name, close, flags);
    Py_XDECREF(name);
    return result;
}

/* ---- Short forms: macros in the headers, functions in the library --------------------------------------------------- */

#undef PyRun_String
#undef PyRun_AnyFile
#undef PyRun_AnyFileEx
#undef PyRun_AnyFileFlags
#undef PyRun_SimpleString
#undef PyRun_SimpleFile
#undef PyRun_SimpleFileEx
#undef PyRun_InteractiveOne
#undef PyRun_InteractiveLoop
#undef PyRun_File
#undef PyRun_FileEx
#undef PyRun_FileFlags

PyAPI_FUNC(PyObject *) PyRun_String(const char *s, int start, PyObject *g, PyObject *l) { return PyRun_StringFlags(s, start, g, l, NULL); }
PyAPI_FUNC(int) PyRun_AnyFile(FILE *f, const char *name) { return PyRun_AnyFileExFlags(f, name, 0, NULL); }
PyAPI_FUNC(int) PyRun_AnyFileEx(FILE *f, const char *name, int close) { return PyRun_AnyFileExFlags(f, name, close, NULL); }
PyAPI_FUNC(int) PyRun_AnyFileFlags(FILE *f, const char *name, PyCompilerFlags *flags) { return PyRun_AnyFileExFlags(f, name, 0, flags); }
PyAPI_FUNC(int) PyRun_SimpleString(const char *s) { return PyRun_SimpleStringFlags(s, NULL); }
PyAPI_FUNC(int) PyRun_SimpleFile(FILE *f, const char *name) { return PyRun_SimpleFileExFlags(f, name, 0, NULL); }
PyAPI_FUNC(int) PyRun_SimpleFileEx(FILE *f, const char *name, int close) { return PyRun_SimpleFileExFlags(f, name, close, NULL); }
PyAPI_FUNC(int) PyRun_InteractiveOne(FILE *f, const char *name) { return PyRun_InteractiveOneFlags(f, name, NULL); }
PyAPI_FUNC(int) PyRun_InteractiveLoop(FILE *f, const char *name) { return PyRun_InteractiveLoopFlags(f, name, NULL); }
PyAPI_FUNC(PyObject *) PyRun_File(FILE *f, const char *name, int start, PyObject *g, PyObject *l)
{
    return PyRun_FileExFlags(f, name, start, g, l, 0, NULL);
}
PyAPI_FUNC(PyObject *) PyRun_FileEx(FILE *f, const char *name, int start, PyObject *g, PyObject *l, int close)
{
    return PyRun_FileExFlags(f, name, start, g, l, close, NULL);
}
PyAPI_FUNC(PyObject *) PyRun_FileFlags(FILE *f, const char *name, int start, PyObject *g, PyObject *l, PyCompilerFlags *flags)
{
    return PyRun_FileExFlags(f, name, start, g, l, 0, flags);
}
