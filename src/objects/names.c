#include "objects/names.h"

struct NamesRuntime names_runtime;

static int intern(PyObject **slot, const char *text)
{
    *slot = PyUnicode_InternFromString(text);
    return *slot ? 0 : -1;
}

#undef NAME
int names_init(void)
{
#define NAME(id) \
    if (intern(&names_runtime.name_##id, #id) < 0) return -1;
#define NAME_TEXT(id, text) \
    if (!(names_runtime.name_##id = PyUnicode_FromString(text))) return -1;
#include "objects/names.def"
    return 0;
}
