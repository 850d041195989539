/* No frozen modules: for the build of tools/freeze, which makes them. */
#include "runtime/frozen_static.h"

const struct _frozen frozen_bootstrap[] = {{0}};
const struct _frozen frozen_stdlib[] = {{0}};
const struct _frozen frozen_test[] = {{0}};
const struct FrozenAlias frozen_aliases[] = {{0}};
PyObject *const frozen_strings[] = {NULL};
struct LibraryCode frozen_library[] = {{0}};
const size_t frozen_library_count = 0;
