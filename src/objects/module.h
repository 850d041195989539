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

#endif
