/* tp_subclasses: which classes derive directly from a type. A dict {address: weak reference}, so
 * that it keeps nobody alive. */
#include "objects/type/type.h"

int type_add_subclass(PyTypeObject *base, PyTypeObject *type)
{
    PyObject *reference = PyWeakref_NewRef((PyObject *)type, NULL);
    if (!reference) return -1;
    PyObject *key = PyLong_FromVoidPtr(type);
    int status = -1;
    if (key) {
        if (!base->tp_subclasses) base->tp_subclasses = PyDict_New();
        if (base->tp_subclasses) status = PyDict_SetItem(base->tp_subclasses, key, reference);
        Py_DECREF(key);
    }
    Py_DECREF(reference);
    return status;
}

int type_add_all_subclasses(PyTypeObject *type, PyObject *bases)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        if (PyType_Check(base) && type_add_subclass((PyTypeObject *)base, type) < 0) return -1;
    }
    return 0;
}

void type_remove_subclass(PyTypeObject *base, PyTypeObject *type)
{
    PyObject *subclasses = base->tp_subclasses;
    if (!subclasses) return;
    PyObject *key = PyLong_FromVoidPtr(type);
    if (!key || PyDict_DelItem(subclasses, key) < 0) PyErr_Clear();
    Py_XDECREF(key);
    if (PyDict_GET_SIZE(subclasses) == 0 && base->tp_subclasses == subclasses) {
        Py_CLEAR(base->tp_subclasses);
    }
}

void type_remove_all_subclasses(PyTypeObject *type, PyObject *bases)
{
    if (!bases) return;
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(bases); i++) {
        PyObject *base = PyTuple_GET_ITEM(bases, i);
        if (PyType_Check(base)) type_remove_subclass((PyTypeObject *)base, type);
    }
}

PyObject *type_subclasses_list(PyTypeObject *type)
{
    PyObject *list = PyList_New(0);
    if (!list || !type->tp_subclasses) return list;
    Py_ssize_t position = 0;
    PyObject *reference;
    while (PyDict_Next(type->tp_subclasses, &position, NULL, &reference)) {
        PyObject *subclass = PyWeakref_GET_OBJECT(reference);
        if (subclass == Py_None) continue;
        if (PyList_Append(list, subclass) < 0) {
            Py_DECREF(list);
            return NULL;
        }
    }
    return list;
}
