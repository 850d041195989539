/* The import system's C half, for the files of this folder and for _imp. */
#ifndef KRAIT_RUNTIME_IMPORT_H
#define KRAIT_RUNTIME_IMPORT_H

#include "runtime/state.h"

/* sys.modules and the tables of built-in modules made; before sys and builtins. -1 with an exception set. */
int import_init(PyInterpreterState *interp);
/* importlib._bootstrap run from its frozen code, then its external half. -1 with an exception set. */
int import_install(PyInterpreterState *interp);
int import_install_external(PyInterpreterState *interp);
/* Drops the extension table at the end of the process's interpreter. */
void import_finish(void);
bool import_is_default(PyThreadState *tstate, PyObject *import);

/* ---- Without importlib (import_direct.c, import_source.c) ------------------------------------------------------- */

/* importlib is as it is to be from now on: in the main interpreter, until the end. */
void import_direct_begin(PyInterpreterState *interp);
void import_direct_end(void);
/* Whether what importlib does need not be done by it, nor locks be taken. */
bool import_is_direct(PyThreadState *tstate);
/* Imports a module that is not in sys.modules as importlib would: new reference. NULL with an exception set, or without one if
 * importlib has to do it. */
PyObject *import_directly(PyThreadState *tstate, PyObject *name);
/* Before a second thread begins: takes importlib's locks of the modules that this one is importing directly. -1 with an exception set. */
int import_take_locks(PyThreadState *tstate);
/* Replaces the file name in the code and in the code objects among its constants that have the same one. */
void import_set_filename(PyCodeObject *code, PyObject *filename);

/* ---- Built-in and extension modules (extensions.c) ------------------------------------------------------------ */

/* Row of the built-in module table, or NULL. */
const struct _inittab *import_find_builtin(PyObject *name);
/* Whether all built-in modules are Krait's: the embedding program has added none. */
bool import_table_is_own(void);
/* For _imp.create_builtin: a new module, or None if there is none of that name. */
PyObject *import_create_builtin(PyObject *spec);
/* For _imp.create_dynamic: loads the shared object, or finds it loaded. */
PyObject *import_create_dynamic(PyObject *spec);
/* Runs the exec slots of a multi-phase module, once. -1 with an exception set. */
int import_exec_module(PyObject *module);
int import_extensions_init(void);
/* Drops the dicts that single-phase modules left for another import: with them go modules that a next interpreter will make anew,
 * whose m_free must not come after that. */
void import_extensions_drop_copies(void);
void import_extensions_finish(void);
PyObject *import_builtin_names(void);       /* new tuple for sys.builtin_module_names */

/* ---- Frozen modules (frozen.c) -------------------------------------------------------------------------------- */

typedef enum {
    FROZEN_OKAY,
    FROZEN_BAD_NAME,        /* the name is None or not a str */
    FROZEN_NOT_FOUND,
    FROZEN_DISABLED,        /* -X frozen_modules=off */
    FROZEN_EXCLUDED,        /* the table says: not to be used */
    FROZEN_INVALID,         /* empty or unreadable code */
} FrozenStatus;

typedef struct {
    PyObject *name;         /* borrowed */
    const char *data;
    PyObject *(*get_code)(void);
    Py_ssize_t size;
    bool is_package;
    bool is_alias;
    bool is_own;            /* the build made it: not the embedding program, nor the caller */
    const char *original_name;  /* NULL: none */
} FrozenInfo;

/* Interns the strs that static code holds: before any other str is interned. -1 without memory, no exception. */
int frozen_init_strings(void);
FrozenStatus frozen_find(PyObject *name, FrozenInfo *info);
void frozen_set_error(FrozenStatus status, PyObject *name);
PyObject *frozen_unmarshal(const FrozenInfo *info);     /* new code object */
/* The code object, new reference, that unmarshalling these bytes would make, if they are of a module of the library whose code lies
 * in the binary. NULL without an exception if not; NULL with one. */
PyObject *frozen_library_code(const char *data, Py_ssize_t size);
PyObject *frozen_names(void);                           /* new list for _imp._frozen_module_names */
extern int frozen_override;                             /* _imp._override_frozen_modules_for_tests: <0 off, >0 on, 0 as configured */

#endif
