/* Writes code objects as C: static objects and their execution form, in the shapes of runtime/frozen_static.h. */
#ifndef KRAIT_TOOLS_FREEZE_EMIT_H
#define KRAIT_TOOLS_FREEZE_EMIT_H

#include <Python.h>
#include <stdio.h>

/* Notes a function that runs at the start or when its module is imported: the file, as compiled or below the library, and the
 * qualified name, with a space between. Only these, and the bodies of modules and classes, get an execution form; the others
 * would take room in memory for nothing. */
void emit_note_run(const char *line);

/* What running a module's code touches: to be told of all modules before the first is written, in the order in which they are
 * imported. For what every start imports the number is -1; the file is NULL for frozen modules, for the library as below. */
void emit_plan(PyObject *code, int number, const char *file);

/* Lays down the order of the sections, for so many modules of the library: what is needed at the same time lies together, since
 * the system maps a file's pages many at a time. At the head of the file. */
void emit_order(FILE *out, int modules);

/* Writes what `code` is made of, and a function that gives it: get_code_<number>(). */
void emit_module(FILE *out, PyObject *code, int number);

/* Writes what the code of a module of the library is made of, whose file lies there below the library (NULL: it is frozen), after all that every
 * start imports: LIBRARY_<number> (code object), sets_library_<number>, library_<number>_list and the sections
 * library_<number>_<kind>, as struct LibraryCode (runtime/frozen_static.h) needs them. */
void emit_library_module(FILE *out, PyObject *code, int number, const char *file);

/* The table of strs to be interned, after the last module. */
void emit_strings(FILE *out);

/* Ends the program; with the exception that is set, if there is one. */
_Noreturn void die(const char *what);

#endif
