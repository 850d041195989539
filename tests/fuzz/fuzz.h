/* What the fuzz targets share. A target is a program with libFuzzer's entry point; see README.md. */
#ifndef KRAIT_FUZZ_H
#define KRAIT_FUZZ_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Starts the interpreter, once, without the environment's wishes and with warnings off. */
void fuzz_start(void);

/* Forgets the current exception, if there is one, and whatever the input left behind. */
void fuzz_clean_up(void);

/* Both execution forms of a code object and of all that it holds; code that is refused is left. If `must_pass`, refusing it is a
 * bug. 0, or -1 if something was refused. */
int fuzz_translate(PyObject *code, bool must_pass);

/* Prints what the matter is, the current exception too, and aborts. */
__attribute__((noreturn)) void fuzz_bug(const char *what);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#endif
