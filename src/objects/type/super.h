/* Lookups as super() does them, for the VM's instructions that need no super object. */
#ifndef KRAIT_OBJECTS_TYPE_SUPER_H
#define KRAIT_OBJECTS_TYPE_SUPER_H

#include "objects/type/type.h"

/* The class whose MRO super(type, obj) searches: a new reference, NULL with TypeError. */
PyTypeObject *super_check(PyTypeObject *type, PyObject *obj);

/* What the classes behind `type` in the MRO of obj_type have under `name`: a new reference, not
 * bound; NULL with or without an exception. */
PyObject *super_lookup(PyTypeObject *type, PyTypeObject *obj_type, PyObject *name);

#endif
