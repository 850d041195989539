/* The parts of the builtins module, and what its files share. */
#ifndef KRAIT_MODULES_BUILTINS_H
#define KRAIT_MODULES_BUILTINS_H

#include <Python.h>
#include <stdbool.h>

/* Method tables, each ended by an empty row: builtins.c puts them into one module. */
extern PyMethodDef builtins_object_methods[];       /* objects.c: attributes, types, conversions */
extern PyMethodDef builtins_iteration_methods[];    /* iteration.c: iterables and iterators */
extern PyMethodDef builtins_code_methods[];         /* code.c: compile, eval, exec, namespaces, import, classes */
extern PyMethodDef builtins_text_methods[];         /* text.c: print, input, open, breakpoint */

/* map, filter, zip made ready. */
int builtins_init_types(void);

/* The module itself, with functions, types and constants: called once, by the runtime. A new reference. */
PyObject *builtins_create(void);

#endif
