/* The readable form of bytecode, for -X dump=code. */
#ifndef KRAIT_BYTECODE_DUMP_H
#define KRAIT_BYTECODE_DUMP_H

#include <Python.h>

/* The code object and those among its constants: its instructions with their source lines, and
 * its exception table. */
void code_dump(PyCodeObject *code, FILE *out);

/* At most `limit` bytes of repr(o) on one line. Never fails. */
void dump_repr(PyObject *o, int limit, FILE *out);

#endif
