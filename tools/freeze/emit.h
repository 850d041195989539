/* Writes code objects as C: static objects and their execution form, in the shapes of runtime/frozen_static.h. */
#ifndef KRAIT_TOOLS_FREEZE_EMIT_H
#define KRAIT_TOOLS_FREEZE_EMIT_H

#include <Python.h>
#include <stdio.h>

/* Reads the list of functions that every start runs, a line each: the file name of the code and the qualified name. Only these,
 * and the bodies of modules and classes, get an execution form; the others would take room in memory for nothing. */
void emit_read_start(const char *path);

/* Writes what `code` is made of, and a function that gives it: get_code_<number>(). */
void emit_module(FILE *out, PyObject *code, int number);

/* The table of strs to be interned, after the last module. */
void emit_strings(FILE *out);

/* Ends the program; with the exception that is set, if there is one. */
_Noreturn void die(const char *what);

#endif
