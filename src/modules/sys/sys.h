/* The parts of the sys module. */
#ifndef KRAIT_MODULES_SYS_H
#define KRAIT_MODULES_SYS_H

#include <Python.h>
#include <stdbool.h>

extern PyMethodDef sys_hook_methods[];      /* hooks.c: displayhook, excepthook, tracing, audit, asynchronous generators */
extern PyMethodDef sys_state_methods[];     /* state.c: settings, frames, sizes, exceptions */

int sys_add_info(PyObject *dict);           /* info.c: versions, sizes, flags */
PyObject *sys_make_flags(void);             /* new sys.flags from the configuration */
extern const char *const sys_stdlib_module_names[];     /* sorted, ended by NULL */

#endif
