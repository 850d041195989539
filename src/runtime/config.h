/* From command line, environment and files to a full PyConfig. */
#ifndef KRAIT_RUNTIME_CONFIG_H
#define KRAIT_RUNTIME_CONFIG_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

enum { CONFIG_INIT_COMPAT = 1, CONFIG_INIT_PYTHON = 2, CONFIG_INIT_ISOLATED = 3 };

#define CONFIG_STATUS_ERROR(message) ((PyStatus){._type = _PyStatus_TYPE_ERROR, .func = __func__, .err_msg = (message)})
/* The same with the name that the reference shows for the place, or none (NULL). */
#define CONFIG_STATUS_ERROR_IN(function, message) \
    ((PyStatus){._type = _PyStatus_TYPE_ERROR, .func = (function), .err_msg = (message)})
#define CONFIG_STATUS_NO_MEMORY() CONFIG_STATUS_ERROR("memory allocation failed")

PyStatus config_copy(PyConfig *to, const PyConfig *from);
PyStatus config_set(wchar_t **field, const wchar_t *value);     /* value may be NULL */

/* options.c: the command line (config->argv) and PYTHON* variables. May ask for an exit (--help, a bad option). */
PyStatus options_read(PyConfig *config);
/* Before the locale is known: looks for -E, -I, -X utf8, -X dev only, and PYTHONUTF8 and the like. */
PyStatus options_preread(PyPreConfig *preconfig, Py_ssize_t argc, char *const *argv, wchar_t *const *wide_argv);
const wchar_t *options_xoption(const PyConfig *config, const wchar_t *name);   /* the whole "name=value", or NULL */
/* Writes the global Py_…Flag variables. */
void options_write_flags(const PyConfig *config);
/* Value of a PYTHON* variable, or NULL if it is empty or the environment is ignored. */
const char *options_getenv(const PyConfig *config, const char *name);

/* paths.c: executable, prefixes, module search path. */
PyStatus paths_compute(PyConfig *config);
void paths_set_globals(const PyConfig *config);
void paths_clear_globals(void);
/* sys.path[0] for a program that starts with config->argv: new str, or NULL without an exception: none. */
PyObject *paths_script_directory(const PyWideStringList *argv);

#endif
