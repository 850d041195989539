/* Code that lies in the binary as objects, ready to run: what the C file that tools/freeze writes is made of.
 *
 * The objects of what every start imports are static data: code objects, their constants, and their execution form. Nothing is
 * read, allocated or translated for them. What must hold:
 *  - they are immortal, and known to no allocator and no collector;
 *  - equal strs that are interned are one object, and those that every start needs are in the table of interned strs before
 *    anything else gets there (frozen_init_strings), so that names compare by identity as everywhere. Code that does not run at
 *    once has its names interned when it first runs (CODE_LOOSE_NAMES);
 *  - frozensets, whose layout depends on the hash secret, are made when the code is first asked for.
 */
#ifndef KRAIT_RUNTIME_FROZEN_STATIC_H
#define KRAIT_RUNTIME_FROZEN_STATIC_H

#include "objects/abi_runtime.h"
#include "objects/bytes/bytes.h"
#include "objects/immortal.h"
#include "objects/str/str.h"
#include "objects/tuple.h"
#include "runtime/frozen_tables.h"
#include "vm/exec.h"

/* Sections, so that what is touched lies together. Every start: frozen_names, strs, and frozen_code, what code that runs touches;
 * frozen_seen, which is looked at and stays clean: what functions are made of, constants, and the execution form of bodies. The
 * same of module n of the library, side by side: library_<n>_names, and so on; library_names, strs that several modules have. Doc
 * strings, of which some are looked at, are frozen_docs; all else is frozen_idle: names in code that does not run, line tables. */
#define FROZEN_SECTION(name) __attribute__((section(#name)))
#define FROZEN_MARSHALLED FROZEN_SECTION(frozen_marshalled)
#define FROZEN_CONST FROZEN_SECTION(frozen_const)     /* read when an exception is raised, or not at all */

/* Each shape has a member `head`, the object proper. The text of a str and of bytes has a zero behind it. */
#define FROZEN_ASCII(n) struct { PyASCIIObject head; char text[(n) + 1]; }
#define FROZEN_TEXT(type, n) struct { PyCompactUnicodeObject head; type text[(n) + 1]; }
#define FROZEN_BYTES(n) struct { PyVarObject head; Py_hash_t hash; char text[(n) + 1]; }
#define FROZEN_INT(n) struct { PyVarObject head; digit digits[n]; }
#define FROZEN_FLOAT struct { PyFloatObject head; }
#define FROZEN_COMPLEX struct { PyComplexObject head; }
#define FROZEN_TUPLE(n) struct { uintptr_t collector[2]; PyVarObject head; PyObject *items[n]; }

/* PyCodeObject with room for n code units. */
#define FROZEN_CODE(n) \
    struct { \
        PyVarObject head; \
        PyObject *consts, *names, *exceptiontable; \
        int flags; \
        short warmup, marks; \
        int argcount, posonlyargcount, kwonlyargcount, stacksize, firstlineno, nlocalsplus, nlocals, nplaincellvars, ncellvars, \
            nfreevars; \
        PyObject *localsplusnames, *localspluskinds, *filename, *name, *qualname, *linetable, *weakreflist, *code; \
        ExecCode *exec; \
        int firsttraceable; \
        void *extra; \
        uint16_t units[n]; \
    }
typedef FROZEN_CODE(1) FrozenCode;
static_assert(offsetof(FrozenCode, flags) == offsetof(PyCodeObject, co_flags), "the same layout");
static_assert(offsetof(FrozenCode, localsplusnames) == offsetof(PyCodeObject, co_localsplusnames), "the same layout");
static_assert(offsetof(FrozenCode, exec) == offsetof(PyCodeObject, _co_linearray), "the same layout");
static_assert(offsetof(FrozenCode, extra) == offsetof(PyCodeObject, co_extra), "the same layout");
static_assert(offsetof(FrozenCode, units) == offsetof(PyCodeObject, co_code_adaptive), "the same layout");

#define FROZEN_HEAD(type) {.ob_refcnt = IMMORTAL_REFCNT, .ob_type = &(type)}
#define FROZEN_VAR_HEAD(type, n) {.ob_base = FROZEN_HEAD(type), .ob_size = (n)}
#define FROZEN_ASCII_HEAD(n, k, is_ascii) \
    {.ob_base = FROZEN_HEAD(PyUnicode_Type), .length = (n), .hash = -1, \
     .state = {.kind = (k), .compact = 1, .ascii = (is_ascii), .ready = 1}}

/* A frozenset to be made: where it belongs. */
typedef struct {
    PyObject **slot;        /* in a tuple of constants; NULL until it is made */
    Value *value;           /* the same constant of the execution form, and */
    int count;              /* ... how far behind it the second half has it again. NULL and 0: in an inner tuple */
    PyObject *items;        /* borrowed tuple */
} FrozenSet;

/* An interned str of a module of the library, and the places that refer to it, up to those of the next row; the last row has no
 * name. A place is a PyObject *, or, with TAG_BORROWED in its own address, a Value. */
typedef struct {
    PyObject *name;
    void *const *places;
} LibraryName;

/* A module of the library whose marshalled code is known: reading it again need not be done. Its strs are interned when it is
 * loaded; where an equal one was there before, that takes its places. */
struct LibraryCode {
    uint64_t hash;              /* of the marshalled code, */
    size_t size;                /* ... and its size */
    bool taken;                 /* it is given once; whoever reads it again gets code objects of his own */
    PyObject *code;
    const FrozenSet *sets;
    const LibraryName *names;
    struct { char *start, *stop; } sections[3];     /* its code, names and what is seen, one behind the other */
};
extern struct LibraryCode frozen_library[];     /* by their hash; the tool defines them */
extern const size_t frozen_library_count;
/* The hash: fast, and good enough to tell files of the library apart. */
uint64_t frozen_library_hash(const void *data, size_t size);

/* Of the linker; NULL, if there is nothing in the section. */
#define LIBRARY_SECTION_ENDS(name) extern char __start_##name[] __attribute__((weak)), __stop_##name[] __attribute__((weak));
#define LIBRARY_SECTION(name) {__start_##name, __stop_##name}

/* The code object, new reference, once its frozensets are made (`sets` ends with an empty row). NULL with an exception set. */
PyObject *frozen_static_code(PyObject *code, const FrozenSet *sets);

#endif
