/* Code objects beyond the public header: how they are made, and the VM's private slot in them. */
#ifndef KRAIT_OBJECTS_CODE_H
#define KRAIT_OBJECTS_CODE_H

#include <Python.h>
#include <stdbool.h>

/* What kind of variable each "local plus" is (co_localspluskinds); a parameter that is a cell
 * has both. */
enum { CODE_LOCAL = 0x20, CODE_CELL = 0x40, CODE_FREE = 0x80 };

/* All that a code object is made of; borrowed references. `_PyCode_New` and `_PyCode_Validate`
 * are exported. */
struct _PyCodeConstructor {
    PyObject *filename, *name, *qualname;
    int flags;
    PyObject *code;             /* bytes: the interchange form, caches zeroed */
    int firstlineno;
    PyObject *linetable;
    PyObject *consts, *names;
    PyObject *localsplusnames;  /* tuple: locals, then cells, then free variables */
    PyObject *localspluskinds;  /* bytes, one CODE_… per name */
    int argcount;               /* includes the positional-only ones */
    int posonlyargcount;
    int kwonlyargcount;
    int stacksize;
    PyObject *exceptiontable;
};

PyAPI_FUNC(PyCodeObject *) _PyCode_New(struct _PyCodeConstructor *);
PyAPI_FUNC(int) _PyCode_Validate(struct _PyCodeConstructor *);

/* The VM's translated form of a code object hangs in `_co_linearray`, which 3.11's headers
 * show but leave private. The VM installs the function that frees it; it is called with a non-
 * NULL pointer when the code object dies. */
enum { CODE_MAX_EXTRA = 255 };

struct CodeRuntime {
    void (*exec_free)(void *exec);
    bool without_columns;   /* -X no_debug_ranges: new code objects keep lines only */
    Py_ssize_t extra_count; /* indices handed out by _PyEval_RequestCodeExtraIndex */
    freefunc extra_free[CODE_MAX_EXTRA];
};
extern struct CodeRuntime code_runtime;

static inline void *code_exec(const PyCodeObject *code) { return code->_co_linearray; }
static inline void code_set_exec(PyCodeObject *code, void *exec) { code->_co_linearray = exec; }

/* Marks in `_co_linearray_entry_size`. Code that came from outside (types.CodeType(), replace(),
 * marshal) is to be verified before it first runs; see bytecode/verify.h. Names of frozen code may
 * not have been interned yet: code_intern_loose_names() before it runs; its doc string may be known
 * to be an immortal str. */
enum { CODE_FOREIGN = 1, CODE_LOOSE_NAMES = 2, CODE_STATIC_DOC = 4 };

static inline bool code_has_static_doc(const PyCodeObject *code)
{
    return code->_co_linearray_entry_size & CODE_STATIC_DOC;
}

static inline bool code_is_foreign(const PyCodeObject *code)
{
    return code->_co_linearray_entry_size & CODE_FOREIGN;
}
static inline void code_set_foreign(PyCodeObject *code, bool foreign)
{
    code->_co_linearray_entry_size = foreign ? CODE_FOREIGN : 0;
}

/* 0, or -1 with an exception. */
int code_intern_loose_names(PyCodeObject *code);

int code_init_types(void);

#endif
