/* The one entry of the translator; exec.c keeps what it makes. */
#ifndef KRAIT_VM_TRANSLATE_H
#define KRAIT_VM_TRANSLATE_H

#include "vm/exec.h"

/* Translates a code object. The constants are not filled in. NULL with MemoryError or SystemError set. */
ExecCode *translate_code(PyCodeObject *code, bool plain);

#endif
