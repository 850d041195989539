/* Tokenizer, parser and compiler. The first byte of the input chooses how; the rest is the source.
 *
 * Must hold: a tree that becomes Python objects and comes back compiles to the same code; that code survives marshalling, and the
 * verifier, which trusts nobody, accepts it; both execution forms can be made of it.
 */
#include "fuzz.h"

#include <marshal.h>
#include <string.h>

#include "compiler/compiler.h"
#include "syntax/syntax.h"

static const int starts[] = {Py_file_input, Py_eval_input, Py_single_input, SYNTAX_FUNC_TYPE_INPUT};

/* The code of a tree, or NULL with an exception set. */
static PyObject *compiled(Mod *tree, PyObject *filename, int optimize, Arena *arena)
{
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    return (PyObject *)compiler_compile(tree, filename, &flags, optimize, arena);
}

static PyObject *marshalled(PyObject *code)
{
    PyObject *data = PyMarshal_WriteObjectToString(code, 2);    /* no references: they depend on who else holds a constant */
    if (!data) fuzz_bug("code cannot be marshalled");
    return data;
}

static void examine(PyObject *code, PyObject *other)
{
    PyObject *data = marshalled(code), *again = marshalled(other);
    if (PyObject_RichCompareBool(data, again, Py_EQ) != 1) fuzz_bug("a tree of Python objects compiles to other code");
    PyObject *foreign = PyMarshal_ReadObjectFromString(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data));
    if (!foreign) fuzz_bug("marshalled code cannot be read");
    fuzz_translate(foreign, true);
    fuzz_translate(code, true);
    Py_DECREF(foreign);
    Py_DECREF(data);
    Py_DECREF(again);
}

/* The exception's type is as good as its text here. */
static PyObject *error_type(void)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    Py_XDECREF(value);
    Py_XDECREF(traceback);
    return type;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return -1;
    int choice = data[0], start = starts[choice & 3], optimize = choice & 4 ? 2 : 0;
    PyCompilerFlags flags = _PyCompilerFlags_INIT;
    flags.cf_flags = (choice & 8 ? PyCF_TYPE_COMMENTS : 0) | (choice & 16 ? 0 : PyCF_SOURCE_IS_UTF8 | PyCF_IGNORE_COOKIE)
        | (choice & 32 ? PyCF_ALLOW_INCOMPLETE_INPUT | PyCF_DONT_IMPLY_DEDENT : 0);
    char *source = malloc(size);
    memcpy(source, data + 1, size - 1);
    source[size - 1] = '\0';
    if (flags.cf_flags & PyCF_IGNORE_COOKIE) {      /* then it comes from a str */
        PyObject *text = PyUnicode_DecodeUTF8(source, (Py_ssize_t)strlen(source), "strict");
        if (!text) goto done;
        Py_DECREF(text);
    }

    PyObject *filename = PyUnicode_FromString("<fuzz>");
    Arena *arena = arena_new();
    Mod *tree = syntax_parse_string(source, filename, start, &flags, arena);
    if (!tree != !!PyErr_Occurred()) fuzz_bug("the parser's result and the exception contradict each other");
    PyObject *object = tree ? ast_to_object(tree) : NULL;
    if (object && start != SYNTAX_FUNC_TYPE_INPUT) {
        Mod *copy = ast_from_object(object, choice & 3, arena);
        if (!copy) fuzz_bug("the tree does not come back");
        if (!ast_validate(copy)) fuzz_bug("the tree is not valid");
        PyObject *code = compiled(tree, filename, optimize, arena), *error = code ? NULL : error_type();
        PyObject *other = compiled(copy, filename, optimize, arena), *other_error = other ? NULL : error_type();
        if (error != other_error) fuzz_bug("a tree of Python objects compiles to another error");
        if (code) examine(code, other);
        Py_XDECREF(code);
        Py_XDECREF(other);
        Py_XDECREF(error);
        Py_XDECREF(other_error);
    }
    Py_XDECREF(object);
    arena_free(arena);
    Py_DECREF(filename);
done:
    fuzz_clean_up();
    free(source);
    return 0;
}
