/* Tables of frozen modules, each ended by an empty row. Defined by the C file that tools/freeze writes, or, in the build that
 * the tool itself needs, empty (frozen_none.c). */
#ifndef KRAIT_RUNTIME_FROZEN_TABLES_H
#define KRAIT_RUNTIME_FROZEN_TABLES_H

#include <Python.h>

struct FrozenAlias {
    const char *name;
    const char *original;   /* "<os" for the package itself under another name; NULL: hidden */
};

extern const struct _frozen frozen_bootstrap[];     /* what import itself is made of */
extern const struct _frozen frozen_stdlib[];        /* what start-up imports; switched by -X frozen_modules */
extern const struct _frozen frozen_test[];
extern const struct FrozenAlias frozen_aliases[];
extern PyObject *const frozen_strings[];    /* strs of static code (frozen_static.h) that are to be interned; ends with NULL */

#endif
