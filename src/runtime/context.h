/* Context variables: what contextvars and the C API's PyContext_… are made of. */
#ifndef KRAIT_RUNTIME_CONTEXT_H
#define KRAIT_RUNTIME_CONTEXT_H

#include <Python.h>

/* Readies the types and makes Token.MISSING. Called once at start-up. */
int context_init_types(void);

#endif
