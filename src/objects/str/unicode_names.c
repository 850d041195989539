#include "objects/str/unicode_names.h"
#include "objects/str/str.h"

const UnicodeNameApi *unicode_names(void)
{
    if (str_runtime.names == NULL)
        str_runtime.names = PyCapsule_Import(UNICODE_NAMES_CAPSULE, 1);
    if (str_runtime.names == NULL)
        PyErr_SetString(PyExc_UnicodeError, "\\N escapes not supported (can't load unicodedata module)");
    return str_runtime.names;
}
