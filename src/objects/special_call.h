/* Calling a special method that takes no arguments, looked up on the type as the language does. */
#ifndef KRAIT_OBJECTS_SPECIAL_CALL_H
#define KRAIT_OBJECTS_SPECIAL_CALL_H

#include <Python.h>

/* 1 and the new reference *result; 0 when the type has no such method; -1 with an exception. */
static inline int special_call(PyObject *v, PyObject *name, PyObject **result)
{
    PyObject *method = _PyType_Lookup(Py_TYPE(v), name);
    if (!method) return 0;
    Py_INCREF(method);
    if (PyType_HasFeature(Py_TYPE(method), Py_TPFLAGS_METHOD_DESCRIPTOR)) {
        *result = PyObject_CallOneArg(method, v);
    }
    else {
        descrgetfunc get = Py_TYPE(method)->tp_descr_get;
        if (get) Py_SETREF(method, get(method, v, (PyObject *)Py_TYPE(v)));
        *result = method ? PyObject_CallNoArgs(method) : NULL;
    }
    Py_XDECREF(method);
    return *result ? 1 : -1;
}

#endif
