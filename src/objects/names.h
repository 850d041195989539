/* Interned identifiers, one per line of names.def. NAME(x) is a borrowed, immortal str. What is no identifier (NAME_TEXT) is made
 * once, too, but is not interned: marshal tells the two apart, and .pyc files are the reference's to the byte. */
#ifndef KRAIT_OBJECTS_NAMES_H
#define KRAIT_OBJECTS_NAMES_H

#include <Python.h>

struct NamesRuntime {
#define NAME(id) PyObject *name_##id;
#define NAME_TEXT(id, text) PyObject *name_##id;
#include "objects/names.def"
#undef NAME
#undef NAME_TEXT
};
extern struct NamesRuntime names_runtime;

#define NAME(id) (names_runtime.name_##id)

/* Makes every name. Called once, as soon as str objects can be made; -1 with an exception set. */
int names_init(void);

#endif
