#include "base/assertions.h"

#include <stdio.h>
#include <stdlib.h>

void assertion_failed(const char *file, int line, const char *function, const char *text)
{
    fprintf(stderr, "%s:%d: %s: %s\n", file, line, function, text);
    fflush(stderr);
    abort();
}
