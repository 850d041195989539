/* The layout of module objects, for the VM's and the import system's fast paths. */
#ifndef KRAIT_OBJECTS_MODULE_H
#define KRAIT_OBJECTS_MODULE_H

#include <Python.h>

typedef struct {
    PyObject_HEAD
    PyObject *md_dict;          /* owned */
    PyModuleDef *md_def;        /* NULL for modules written in Python */
    void *md_state;             /* PyMem block of md_def->m_size bytes, or NULL */
    PyObject *md_weaklist;
    PyObject *md_name;          /* owned str, or NULL: the name at creation, for messages after the dict is cleared */
} PyModuleObject;

PyAPI_FUNC(int) _PyModuleSpec_IsInitializing(PyObject *spec);
PyAPI_FUNC(void) _PyModule_Clear(PyObject *module);
PyAPI_FUNC(void) _PyModule_ClearDict(PyObject *dict);
PyAPI_FUNC(PyObject *) _PyModule_CreateInitialized(PyModuleDef *def, int api_version);

#endif
