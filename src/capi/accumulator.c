/* _PyAccu: many small strings become one. `small` collects them in a list; when that grows long they are joined into one item of
 * `large`, so that neither the list nor the number of copies gets out of hand.
 */
#include <Python.h>

#include <internal/krait_exports.h>

#include "objects/names.h"

#define SMALL_LIMIT 100000

static PyObject *join(PyObject *list)
{
    return PyUnicode_Join(NAME(empty), list);
}

/* Starts an accumulator; cannot fail, 0. */
int _PyAccu_Init(_PyAccu *acc)
{
    acc->large = NULL;
    acc->small = NULL;
    return 0;
}

static int flush(_PyAccu *acc)
{
    if (!acc->small) return 0;
    if (!acc->large && !(acc->large = PyList_New(0))) return -1;
    if (PyList_GET_SIZE(acc->small) == 0) return 0;
    PyObject *joined = join(acc->small);
    int failed = !joined || PyList_SetSlice(acc->small, 0, PyList_GET_SIZE(acc->small), NULL) < 0 ||
                 PyList_Append(acc->large, joined) < 0;
    Py_XDECREF(joined);
    return failed ? -1 : 0;
}

/* Adds a str. -1 with an exception. */
int _PyAccu_Accumulate(_PyAccu *acc, PyObject *unicode)
{
    if (!acc->small && !(acc->small = PyList_New(0))) return -1;
    if (PyList_Append(acc->small, unicode) < 0) return -1;
    return PyList_GET_SIZE(acc->small) < SMALL_LIMIT ? 0 : flush(acc);
}

/* A list of strings that make up the whole; the accumulator is empty afterwards. New reference. */
PyObject *_PyAccu_FinishAsList(_PyAccu *acc)
{
    int failed = flush(acc);
    Py_CLEAR(acc->small);
    if (failed < 0) {
        Py_CLEAR(acc->large);
        return NULL;
    }
    PyObject *list = acc->large;
    acc->large = NULL;
    return list ? list : PyList_New(0);
}

/* The whole as one str; the accumulator is empty afterwards. New reference. */
PyObject *_PyAccu_Finish(_PyAccu *acc)
{
    PyObject *list;
    if (!acc->large) {
        list = acc->small;
        acc->small = NULL;
    }
    else {
        list = _PyAccu_FinishAsList(acc);
        if (!list) return NULL;
    }
    if (!list) return PyUnicode_New(0, 0);
    PyObject *text = join(list);
    Py_DECREF(list);
    return text;
}

void _PyAccu_Destroy(_PyAccu *acc)
{
    Py_CLEAR(acc->small);
    Py_CLEAR(acc->large);
}
