/* The codec registry: search functions, found codecs, error handlers. Filled at its first use. */
#ifndef KRAIT_RUNTIME_CODECS_H
#define KRAIT_RUNTIME_CODECS_H

#include "runtime/state.h"

/* Makes the registry of an interpreter (importing `encodings`) unless it is there. 0 or -1. */
int codecs_init_registry(PyInterpreterState *interp);
/* Enters the standard error handlers into a fresh dict. 0 or -1. */
int codecs_add_standard_handlers(PyObject *registry);

/* Replaces the name of an encoding (a raw string of a PyConfig) by the codec's own: "UTF-8" becomes "utf-8". 0 or -1. */
int codecs_normalise_name(wchar_t **name);

#endif
