/* The quick way into the constructors. Calls that it does not know go through PyArg_ParseTupleAndKeywords(), which also
 * finds the words for what is wrong. */
#include "modules/_datetime/datetime_module.h"

bool arguments_collect(PyObject *args, PyObject *kwargs, char *const *names, int count, PyObject **values)
{
    Py_ssize_t given = PyTuple_GET_SIZE(args), position = 0;
    PyObject *key, *value;
    if (given > count) return false;
    for (int i = 0; i < count; i++) values[i] = i < given ? PyTuple_GET_ITEM(args, i) : NULL;
    while (kwargs != NULL && PyDict_Next(kwargs, &position, &key, &value)) {
        int i = (int)given;
        if (!PyUnicode_Check(key)) return false;
        while (i < count && !_PyUnicode_EqualToASCIIString(key, names[i])) i++;
        if (i == count) return false;
        values[i] = value;
    }
    return true;
}

bool arguments_int(PyObject *value, int *out)
{
    if (value == NULL) return true;
    if (!PyLong_CheckExact(value)) return false;
    int overflow;
    long number = PyLong_AsLongAndOverflow(value, &overflow);
    if (overflow || number < INT_MIN || number > INT_MAX) return false;
    *out = (int)number;
    return true;
}
