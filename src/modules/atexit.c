/* The atexit module. The functions of an interpreter stand in a list in its dict, as (function, args, kwargs); None where
 * one was taken back. */
#include <Python.h>
#include <internal/krait_exports.h>

#include "runtime/lifecycle.h"

/* The list, made on first use. Borrowed; NULL with an exception set. */
static PyObject *callbacks_borrow(PyInterpreterState *interp)
{
    PyObject *dict = PyInterpreterState_GetDict(interp);    /* borrowed */
    if (!dict) {
        if (!PyErr_Occurred()) PyErr_NoMemory();
        return NULL;
    }
    PyObject *name = PyUnicode_InternFromString("atexit");
    if (!name) return NULL;
    PyObject *list = PyDict_GetItemWithError(dict, name);
    if (!list && !PyErr_Occurred() && (list = PyList_New(0))) {
        int failed = PyDict_SetItem(dict, name, list);
        Py_DECREF(list);
        if (failed) list = NULL;
    }
    Py_DECREF(name);
    return list;
}

/* Runs the functions, last in first out, and forgets them. One that fails is reported and the others still run. */
void atexit_call(PyInterpreterState *interp)
{
    PyObject *list = callbacks_borrow(interp);
    if (!list) {
        PyErr_Clear();
        return;
    }
    Py_INCREF(list);
    for (Py_ssize_t i = PyList_GET_SIZE(list) - 1; i >= 0; i--) {
        if (i >= PyList_GET_SIZE(list)) continue;   /* cleared meanwhile */
        PyObject *entry = PyList_GET_ITEM(list, i);
        if (entry == Py_None) continue;
        Py_INCREF(entry);
        PyObject *function = PyTuple_GET_ITEM(entry, 0), *kwargs = PyTuple_GET_ITEM(entry, 2);
        PyObject *result = PyObject_Call(function, PyTuple_GET_ITEM(entry, 1), kwargs == Py_None ? NULL : kwargs);
        if (!result) _PyErr_WriteUnraisableMsg("in atexit callback", function);
        Py_XDECREF(result);
        Py_DECREF(entry);
    }
    PyList_SetSlice(list, 0, PyList_GET_SIZE(list), NULL);
    Py_DECREF(list);
}

/* ---- The module ----------------------------------------------------------------------------------------------- */

PyDoc_STRVAR(register_doc,
"register(func, *args, **kwargs) -> func\n\n"
"Have the function called with these arguments when the interpreter ends. Returns it, so this can be a decorator.");

static PyObject *atexit_register(PyObject *module, PyObject *args, PyObject *kwargs)
{
    (void)module;
    if (PyTuple_GET_SIZE(args) == 0) {
        PyErr_SetString(PyExc_TypeError, "register() takes at least 1 argument (0 given)");
        return NULL;
    }
    PyObject *function = PyTuple_GET_ITEM(args, 0);
    if (!PyCallable_Check(function)) {
        PyErr_SetString(PyExc_TypeError, "the first argument must be callable");
        return NULL;
    }
    PyObject *list = callbacks_borrow(PyInterpreterState_Get());
    PyObject *rest = list ? PyTuple_GetSlice(args, 1, PyTuple_GET_SIZE(args)) : NULL;
    PyObject *entry = rest ? PyTuple_Pack(3, function, rest, kwargs ? kwargs : Py_None) : NULL;
    int failed = !entry || PyList_Append(list, entry) < 0;
    Py_XDECREF(rest);
    Py_XDECREF(entry);
    return failed ? NULL : Py_NewRef(function);
}

PyDoc_STRVAR(run_doc, "_run_exitfuncs() -> None\n\nCall and forget all registered functions.");

static PyObject *atexit_run(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    atexit_call(PyInterpreterState_Get());
    Py_RETURN_NONE;
}

PyDoc_STRVAR(clear_doc, "_clear() -> None\n\nForget all registered functions.");

static PyObject *atexit_clear(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    PyObject *list = callbacks_borrow(PyInterpreterState_Get());
    if (!list || PyList_SetSlice(list, 0, PyList_GET_SIZE(list), NULL) < 0) return NULL;
    Py_RETURN_NONE;
}

PyDoc_STRVAR(count_doc, "_ncallbacks() -> int\n\nThe number of functions registered so far.");

static PyObject *atexit_count(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    PyObject *list = callbacks_borrow(PyInterpreterState_Get());
    return list ? PyLong_FromSsize_t(PyList_GET_SIZE(list)) : NULL;
}

PyDoc_STRVAR(unregister_doc,
"unregister(func) -> None\n\n"
"Forget all registrations of a function, found by comparing.");

static PyObject *atexit_unregister(PyObject *module, PyObject *function)
{
    (void)module;
    PyObject *list = callbacks_borrow(PyInterpreterState_Get());
    if (!list) return NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(list); i++) {
        PyObject *entry = PyList_GET_ITEM(list, i);
        if (entry == Py_None) continue;
        Py_INCREF(entry);
        int equal = PyObject_RichCompareBool(PyTuple_GET_ITEM(entry, 0), function, Py_EQ);
        Py_DECREF(entry);
        if (equal < 0) return NULL;
        if (equal && i < PyList_GET_SIZE(list) && PyList_SetItem(list, i, Py_NewRef(Py_None)) < 0) return NULL;
    }
    Py_RETURN_NONE;
}

static PyMethodDef atexit_functions[] = {
    {"register", (PyCFunction)(void *)atexit_register, METH_VARARGS | METH_KEYWORDS, register_doc},
    {"_clear", atexit_clear, METH_NOARGS, clear_doc},
    {"unregister", atexit_unregister, METH_O, unregister_doc},
    {"_run_exitfuncs", atexit_run, METH_NOARGS, run_doc},
    {"_ncallbacks", atexit_count, METH_NOARGS, count_doc},
    {0},
};

static PyModuleDef atexit_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "atexit",
    .m_doc = "Functions to be called when the interpreter ends: register() and unregister().",
    .m_methods = atexit_functions,
};

PyMODINIT_FUNC PyInit_atexit(void);
PyMODINIT_FUNC PyInit_atexit(void) { return PyModuleDef_Init(&atexit_module); }
