/* "Did you mean": the known name nearest to one that was not found. */
#include <limits.h>
#include <stdint.h>

#include <Python.h>
#include <frameobject.h>

#include "runtime/display.h"

enum { MAX_CANDIDATES = 750, MAX_LENGTH = 40, MOVE_COST = 2, CASE_COST = 1 };

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c; }

static size_t replacement_cost(char a, char b)
{
    if (a == b) return 0;
    return lower(a) == lower(b) ? CASE_COST : MOVE_COST;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/* Levenshtein's distance with the costs above, a row at a time. Once it is sure to exceed max_cost: something above. */
static size_t edit_cost(const char *a, size_t a_size, const char *b, size_t b_size, size_t max_cost)
{
    if (a == b) return 0;
    while (a_size && b_size && a[0] == b[0]) a++, b++, a_size--, b_size--;
    while (a_size && b_size && a[a_size - 1] == b[b_size - 1]) a_size--, b_size--;
    if (!a_size || !b_size) return (a_size + b_size) * MOVE_COST;
    if (a_size > MAX_LENGTH || b_size > MAX_LENGTH) return max_cost + 1;
    if (b_size < a_size) {
        const char *text = a;
        a = b;
        b = text;
        size_t size = a_size;
        a_size = b_size;
        b_size = size;
    }
    if ((b_size - a_size) * MOVE_COST > max_cost) return max_cost + 1;

    size_t row[MAX_LENGTH];     /* row[i]: from b[:j] to a[:i + 1] */
    for (size_t i = 0; i < a_size; i++) row[i] = (i + 1) * MOVE_COST;
    size_t cost = 0;
    for (size_t j = 0; j < b_size; j++) {
        size_t diagonal = j * MOVE_COST, best = SIZE_MAX;
        cost = (j + 1) * MOVE_COST;
        for (size_t i = 0; i < a_size; i++) {
            size_t replaced = diagonal + replacement_cost(b[j], a[i]);
            diagonal = row[i];
            cost = smaller(smaller(cost, diagonal) + MOVE_COST, replaced);
            row[i] = cost;
            best = smaller(best, cost);
        }
        if (best > max_cost) return max_cost + 1;
    }
    return cost;
}

/* For tests. max_cost -1: no bound. -1 with an exception set. */
Py_ssize_t _Py_UTF8_Edit_Cost(PyObject *a, PyObject *b, Py_ssize_t max_cost)
{
    Py_ssize_t a_size, b_size;
    const char *a_text = PyUnicode_AsUTF8AndSize(a, &a_size);
    if (!a_text) return -1;
    const char *b_text = PyUnicode_AsUTF8AndSize(b, &b_size);
    if (!b_text) return -1;
    if (max_cost == -1) max_cost = MOVE_COST * (a_size > b_size ? a_size : b_size);
    return (Py_ssize_t)edit_cost(a_text, (size_t)a_size, b_text, (size_t)b_size, (size_t)max_cost);
}

/* The item of list `names` that is nearest to `name`, borrowed; NULL, perhaps with an exception set. */
static PyObject *nearest_borrow(PyObject *names, PyObject *name)
{
    if (PyList_GET_SIZE(names) >= MAX_CANDIDATES) return NULL;
    Py_ssize_t size, item_size;
    const char *text = PyUnicode_AsUTF8AndSize(name, &size), *item_text;
    if (!text) return NULL;
    PyObject *found = NULL;
    Py_ssize_t found_cost = PY_SSIZE_T_MAX;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(names); i++) {
        PyObject *item = PyList_GET_ITEM(names, i);
        if (!PyUnicode_Check(item)) {
            PyErr_SetString(PyExc_TypeError, "bad argument type for built-in operation");
            return NULL;
        }
        item_text = PyUnicode_AsUTF8AndSize(item, &item_size);
        if (!item_text) return NULL;
        if (size == item_size && memcmp(text, item_text, (size_t)size) == 0) continue;
        Py_ssize_t limit = (size + item_size + 3) * MOVE_COST / 6;    /* a third of the characters */
        if (limit > found_cost - 1) limit = found_cost - 1;
        Py_ssize_t cost = (Py_ssize_t)edit_cost(text, (size_t)size, item_text, (size_t)item_size, (size_t)limit);
        if (cost > limit) continue;
        found = item;
        found_cost = cost;
    }
    return found;
}

/* New reference; takes over the list, which may be NULL. */
static PyObject *nearest_steal(PyObject *names, PyObject *name)
{
    if (!names) return NULL;
    PyObject *found = PyList_Check(names) ? Py_XNewRef(nearest_borrow(names, name)) : NULL;
    Py_DECREF(names);
    return found;
}

static PyObject *suggest_attribute(PyObject *exception)
{
    PyAttributeErrorObject *error = (PyAttributeErrorObject *)exception;
    if (!error->name || !error->obj || !PyUnicode_Check(error->name)) return NULL;
    return nearest_steal(PyObject_Dir(error->obj), error->name);
}

static PyObject *suggest_name(PyObject *exception)
{
    PyObject *name = ((PyNameErrorObject *)exception)->name;
    PyTracebackObject *tb = (PyTracebackObject *)((PyBaseExceptionObject *)exception)->traceback;
    if (!name || !tb || !PyUnicode_Check(name)) return NULL;
    while (tb->tb_next) tb = tb->tb_next;
    PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
    PyObject *locals = PyCode_GetVarnames(code);
    PyObject *found = locals ? nearest_steal(PySequence_List(locals), name) : NULL;
    Py_XDECREF(locals);
    Py_DECREF(code);
    if (!found && !PyErr_Occurred()) {
        PyObject *globals = PyFrame_GetGlobals(tb->tb_frame);
        found = nearest_steal(PySequence_List(globals), name);
        Py_DECREF(globals);
    }
    if (!found && !PyErr_Occurred()) {
        PyObject *builtins = PyFrame_GetBuiltins(tb->tb_frame);
        found = nearest_steal(PySequence_List(builtins), name);
        Py_DECREF(builtins);
    }
    return found;
}

PyObject *suggestion_for(PyObject *exception)
{
    PyObject *found = NULL;
    if (Py_IS_TYPE(exception, (PyTypeObject *)PyExc_AttributeError)) found = suggest_attribute(exception);
    else if (Py_IS_TYPE(exception, (PyTypeObject *)PyExc_NameError)) found = suggest_name(exception);
    if (!found) PyErr_Clear();
    return found;
}
