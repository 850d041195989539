/* Converters for argument formats ("O&"), whose error texts are not those of the format's own letters. */
#ifndef KRAIT_MODULES_ARGUMENTS_H
#define KRAIT_MODULES_ARGUMENTS_H

#include <Python.h>

/* An int of C, as "i" but with the text of _PyLong_AsInt. */
static inline int argument_int(PyObject *obj, void *value)
{
    int number = _PyLong_AsInt(obj);
    if (number == -1 && PyErr_Occurred()) return 0;
    *(int *)value = number;
    return 1;
}

#endif
