/* Start and end of the interpreter. */
#ifndef KRAIT_RUNTIME_LIFECYCLE_H
#define KRAIT_RUNTIME_LIFECYCLE_H

#include "runtime/config.h"
#include "runtime/state.h"

/* Objects, sys and builtins, without importlib: enough to compile and marshal (tools/freeze). */
PyStatus lifecycle_init_core(const PyConfig *config);

/* sys.stdin, stdout and stderr through io.open. -1 with an exception set. */
int streams_init(PyInterpreterState *interp);
/* A stderr that needs no import, for errors during the start. */
int streams_init_early(void);
/* The standard streams as they were made, with their layers: writes up to STREAM_OBJECTS borrowed references, returns how many;
 * -1 if sys.stdout or sys.stderr is something else now. Sets no exception. */
enum { STREAM_OBJECTS = 9 };
int streams_list_borrow(PyObject **objects);
/* Flushes stdout and stderr. -1 if stdout's data could not be written. */
int streams_flush(void);
/* After a program or a statement at the prompt: errors are dropped, the current exception stays. */
void streams_flush_quietly(void);

/* sys_init.c: the sys module, without streams and paths. New reference. */
PyObject *sys_create(PyInterpreterState *interp);
/* Entries that come from the configuration. -1 with an exception set. */
int sys_update_config(PyInterpreterState *interp);

/* As Py_FinalizeEx, for a process that ends now: what nobody can notice is left undone. */
int lifecycle_finish_process(void);

/* How far the start has come, as fatal errors say it. */
const char *lifecycle_phase(void);

/* Entry points of modules that the end of the process calls. */
void atexit_call(PyInterpreterState *interp);    /* runs the functions registered with the atexit module */
void faulthandler_disable(void);                 /* puts the handlers of fatal signals back; needs no GIL */

#endif
