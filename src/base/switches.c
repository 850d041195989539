#include "base/switches.h"

#include <string.h>

struct Switches switches;

static bool is_in_list(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *p = list; p; p = strchr(p, ','), p = p ? p + 1 : NULL) {
        if (strncmp(p, name, length) == 0 && (p[length] == ',' || !p[length])) return true;
    }
    return false;
}

void switches_read_dump(const char *list)
{
#define DUMP(name, field) switches.field |= is_in_list(list, name);
#define STRESS(name, field)
#include "base/switches.def"
#undef DUMP
#undef STRESS
}

void switches_read_stress(const char *list)
{
#define DUMP(name, field)
#define STRESS(name, field) switches.field |= is_in_list(list, name);
#include "base/switches.def"
#undef DUMP
#undef STRESS
}
