/* The layout of module objects, for the VM's and the import system's fast paths. */
#ifndef KRAIT_OBJECTS_MODULE_H
#define KRAIT_OBJECTS_MODULE_H

#include <Python.h>
#include <stdbool.h>

typedef struct {
    PyObject_HEAD
    PyObject *md_dict;          /* owned */
    PyModuleDef *md_def;        /* NULL for modules written in Python */
    void *md_state;             /* PyMem block of md_def->m_size bytes, or NULL */
    PyObject *md_weaklist;
    PyObject *md_name;          /* owned str, or NULL: the name at creation, for messages after the dict is cleared */
} PyModuleObject;

/* The type's tp_getattro, and the same that, if so asked, gives NULL without an exception for what is not there. New reference. */
PyObject *module_getattro(PyObject *op, PyObject *name);
PyObject *module_getattro_maybe(PyObject *op, PyObject *name, bool suppress);

#endif
