/* Compiles exactly when every struct of include/ has the layout of 3.11. Nothing to run. */
#include "headers.h"
#include <internal/krait_exports.h>
#include <internal/pycore_frame.h>

#define LAYOUT(type, size) _Static_assert(sizeof(type) == (size), "size of " #type);
#define FIELD(type, field, offset) \
    _Static_assert(offsetof(type, field) == (offset), "offset of " #type "." #field);
#include "layouts.def"
