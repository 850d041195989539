/* The objects folder: its contract with the folders above. The subjects have headers of their own:
 *
 *     type/type.h, type/instance.h, type/super.h   types, instances, super
 *     dict/dict.h, list.h, tuple.h, set.h          containers
 *     str/, bytes/, int/, float.h, complex.h       text and numbers
 *     lifetime.h, immortal.h, names.h              objects in general
 */
#ifndef KRAIT_OBJECTS_OBJECTS_H
#define KRAIT_OBJECTS_OBJECTS_H

#include <Python.h>

/* Makes all built-in types of this folder ready, in the order that objects.c states, and interns
 * the names. Needs memory, the hash secret and a current thread state. Called once, before any
 * other object is made. 0, or -1 with an exception. */
int objects_init(void);

#endif
