#include "compiler/future.h"

#include <string.h>

static int error_at(PyObject *filename, int lineno, int column)
{
    PyErr_SyntaxLocationObject(filename, lineno, column);
    return -1;
}

/* The features that change nothing any more map to 0. */
static const struct { const char *name; int flag;
} features[] = {
    {"nested_scopes", 0},
    {"generators", 0},
    {"division", 0},
    {"absolute_import", 0},
    {"with_statement", 0},
    {"print_function", 0},
    {"unicode_literals", 0},
    {"generator_stop", 0},
    {"barry_as_FLUFL", CO_FUTURE_BARRY_AS_BDFL},
    {"annotations", CO_FUTURE_ANNOTATIONS},
};

static int add_features(const Stmt *s, PyObject *filename, FutureFeatures *out)
{
    for (Py_ssize_t i = 0; i < s->ImportFrom.names->size; i++) {
        const char *name = PyUnicode_AsUTF8(s->ImportFrom.names->items[i]->name);
        if (!name) return -1;
        size_t k = 0;
        while (k < Py_ARRAY_LENGTH(features) && strcmp(features[k].name, name) != 0) k++;
        if (k < Py_ARRAY_LENGTH(features)) {
            out->flags |= features[k].flag;
        } else {
            if (strcmp(name, "braces") == 0) {
                PyErr_SetString(PyExc_SyntaxError, "not a chance");
            } else {
                PyErr_Format(PyExc_SyntaxError, "future feature %.100s is not defined", name);
            }
            return error_at(filename, s->pos.lineno, s->pos.col_offset + 1);
        }
    }
    return 0;
}

int future_from_tree(Mod *mod, PyObject *filename, FutureFeatures *out)
{
    *out = (FutureFeatures){.flags = 0, .last_line = -1};
    const StmtSeq *body;
    if (mod->kind == mod_Module) {
        body = mod->Module.body;
    } else if (mod->kind == mod_Interactive) {
        body = mod->Interactive.body;
    } else {
        return 0;
    }

    /* Something else ends the head of the module, except that the rest of its line is still
     * looked at, to say what is wrong with `x = 1; from __future__ import y` before anything
     * is compiled. */
    bool done = false;
    int previous_line = 0;
    for (Py_ssize_t i = 0; i < body->size; i++) {
        const Stmt *s = body->items[i];
        if (done && s->pos.lineno > previous_line) return 0;
        previous_line = s->pos.lineno;
        if (s->kind == stmt_ImportFrom) {
            PyObject *module = s->ImportFrom.module;
            if (module && _PyUnicode_EqualToASCIIString(module, "__future__")) {
                if (done) {
                    PyErr_SetString(
                        PyExc_SyntaxError,
                        "from __future__ imports must occur at the beginning of the file");
                    return error_at(filename, s->pos.lineno, s->pos.col_offset);
                }
                if (add_features(s, filename, out) < 0) return -1;
                out->last_line = s->pos.lineno;
            } else {
                done = true;
            }
        } else {
            const Expr *e = s->kind == stmt_Expr && i == 0 ? s->Expr.value : NULL;
            done =
                done || !e || e->kind != expr_Constant || !PyUnicode_CheckExact(e->Constant.value);
        }
    }
    return 0;
}
