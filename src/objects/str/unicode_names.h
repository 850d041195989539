/* Character names, reached through the capsule unicodedata._ucnhash_CAPI. */
#ifndef KRAIT_OBJECTS_STR_UNICODE_NAMES_H
#define KRAIT_OBJECTS_STR_UNICODE_NAMES_H

#include <Python.h>

typedef struct {
    /* Name of a character into a buffer; 1, or 0 when it has none or the buffer is too small. */
    int (*getname)(Py_UCS4 code, char *buffer, int size, int with_aliases_and_sequences);
    /* Character of a name; 1 or 0. With sequences, *code may be a number that only unicodedata understands. */
    int (*getcode)(const char *name, int length, Py_UCS4 *code, int with_sequences);
} UnicodeNameApi;

#define UNICODE_NAMES_CAPSULE "unicodedata._ucnhash_CAPI"

/* The table of names: imports unicodedata at the first call. NULL with an exception. */
const UnicodeNameApi *unicode_names(void);

#endif
