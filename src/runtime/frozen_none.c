/* No frozen modules: for the build of tools/freeze, which makes them. */
#include "runtime/frozen_tables.h"

const struct _frozen frozen_bootstrap[] = {{0}};
const struct _frozen frozen_stdlib[] = {{0}};
const struct _frozen frozen_test[] = {{0}};
const struct FrozenAlias frozen_aliases[] = {{0}};
PyObject *const frozen_strings[] = {NULL};
