/* How errors reach the user: tracebacks, messages, suggestions, and what cannot be raised. */
#ifndef KRAIT_RUNTIME_DISPLAY_H
#define KRAIT_RUNTIME_DISPLAY_H

#include <internal/krait_exports.h>
#include <stdbool.h>



/* ---- Source lines (source_line.c) ----------------------------------------------------------------------------- */

/* Line `lineno` (from 1) of the file, without its end, decoded as the file says; the file is looked for along sys.path
 * too. A new reference, or NULL with no exception if there is no such line. -1 in *failed: an exception is set. */
PyObject *source_line_read(PyObject *filename, int lineno, bool *failed);

/* Number of characters in the first `bytes` bytes of the line's UTF-8 form. -1 with an exception set. */
Py_ssize_t source_line_offset(PyObject *line, Py_ssize_t bytes);

/* Number of leading blanks. */
Py_ssize_t source_line_indent(PyObject *line);

/* Writes `indent` blanks, the line without its own indentation, and a line feed. -1 with an exception set. */
int source_line_write(PyObject *file, PyObject *line, int indent);

/* ---- Suggestions (suggestions.c) ------------------------------------------------------------------------------ */

/* What the user may have meant in place of the name that this NameError or AttributeError names. A new str; NULL without
 * an exception when nothing is near. */
PyObject *suggestion_for(PyObject *exception);

/* ---- What cannot be raised (unraisable.c) --------------------------------------------------------------------- */

int unraisable_init_types(void);                        /* UnraisableHookArgs; 0, or -1 with an exception set */
PyObject *unraisable_default_hook(PyObject *args);      /* body of sys.unraisablehook() */

#endif
