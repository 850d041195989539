/* The virtual machine's contract with the rest of Krait.
 *
 * Frames (frame.h) run execution code (exec.h) in vm_run(), one loop per entry from C; calls between Python functions and
 * resumptions of generators stay inside the loop and use no C stack.
 */
#ifndef KRAIT_VM_VM_H
#define KRAIT_VM_VM_H

#include <Python.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/config.h"
#include "objects/pairs.h"
#include "vm/frame.h"

#define SAMPLE_PERIOD 1000      /* jumps backwards between two looks for hot loops */

/* ---- State ---------------------------------------------------------------------------------------------------- */

/* How often instructions ran, by enum exec_op, and found at work that they were specialised for something else. */
struct ExecCounts {
    uint64_t runs[EXEC_OP_COUNT], misses[EXEC_OP_COUNT];
};

/* Callables that have instructions of their own. */
enum VmKnown { KNOWN_LEN, KNOWN_ISINSTANCE, KNOWN_LIST_APPEND, KNOWN_DICT_GET, KNOWN_COUNT };

/* Entries of a namespace whose keys have the version; -1: it has none. */
struct GlobalsPlaces {
    uint32_t version;
    Py_ssize_t name, builtins;
};

/* An access to an attribute of objects of one type (attribute_cache.c). */
typedef struct {
    uint32_t version;               /* of the owner's type; 0: nothing is here */
    PyObject *name;                 /* owned */
    Word words[3];                  /* as those of an instruction that has specialised itself */
} AttributeEntry;
enum { ATTRIBUTE_ENTRIES = KRAIT_LIMIT(256, 2) };   /* a power of two */

struct PackedItems;

struct VmRuntime {
    /* Not 0: somebody wants the loop's attention (signals, the GIL, pending calls, an asynchronous exception, a collection
     * that is due). Looked at on entry of a function and on jumps backwards. */
    atomic_int eval_breaker;
    /* What the loop calls then; installed by runtime/. -1 with an exception set. */
    int (*handle_eval_breaker)(PyThreadState *tstate);
    /* Whether builtins.__import__ is still the one that the interpreter started with. */
    bool (*is_default_import)(PyThreadState *tstate, PyObject *import);
    /* The builtins namespace where no frame runs, borrowed; installed by runtime/. */
    PyObject *(*default_builtins)(PyThreadState *tstate);
    /* The next of a zip of two iterators (new references); installed by modules/builtins. */
    PairStep (*zip_next_pair)(PyObject *zip, PyObject **first, PyObject **second);
    /* array.array and what its objects hold (packed.h); installed by modules/array, NULL before. */
    PyTypeObject *array_type;
    void (*array_items)(PyObject *array, struct PackedItems *items);
    uint32_t next_function_version;
    struct GlobalsPlaces globals_places;    /* see function.c */
    int turns_to_sample;            /* jumps backwards until native_sample() */
    int sample_period;              /* what that starts from */
    bool no_native;                 /* stress: no loop is compiled */
    bool installing_tracer;         /* sys.settrace() or sys.setprofile() is at work */
    bool force_plain;               /* stress: run the plain form always */
    bool never_specialise;          /* stress: keep the generic instructions */
    bool always_specialise;         /* stress: try at every run of one */
    uint64_t have_run[1024];        /* bits for instructions that have: see specialise.h */
    bool watching;                  /* new execution code calls watch_instruction() (watch.h) */
    PyObject *known[KNOWN_COUNT];   /* owned, for good: see specialise.c; or NULL */
    AttributeEntry loads[ATTRIBUTE_ENTRIES], methods[ATTRIBUTE_ENTRIES], stores[ATTRIBUTE_ENTRIES];
    struct ExecCounts *counts;      /* owned, for -X dump=caches; else NULL */
};
extern struct VmRuntime vm_runtime;

/* ---- Running -------------------------------------------------------------------------------------------------- */

/* function(left, right), or (left) alone if right is NULL, called from within _PyEval_EvalFrameDefault: numpy computes in place of
 * an operand that nobody else holds, if a look at the C stack (backtrace, dladdr) shows that an evaluation loop called it. */
typedef struct {
    union { unaryfunc unary; binaryfunc binary; } function;
    PyObject *left, *right;
} OperatorCall;
PyObject *vm_call_operator(OperatorCall *call);

/* Runs the frame, which lies on top of tstate's stack, and ends it. A new reference, or NULL with an exception set. */
PyObject *vm_run(PyThreadState *tstate, Frame *frame);

/* The same with the result as a register may hold it; VALUE_EMPTY with an exception set. */
Value vm_run_to_value(PyThreadState *tstate, Frame *frame);

/* The next of an iterator, for one who calculates with it: numbers of a generator come as they stand in its registers, everything
 * else as an owned object. VALUE_EMPTY at the end, or with an exception set. */
Value vm_next_value(PyObject *iterator);

/* One who takes the items of a generator where it yields them, so that it is not left and entered again for each. `take` returns true
 * if it has consumed the item, which is as vm_next_value() gives it; else it leaves it alone. It calls no Python code, which would
 * see a generator that runs where it ought to be suspended: so it ends nothing but exact ints, floats and strs, too. */
typedef struct VmSink VmSink;
struct VmSink {
    bool (*take)(VmSink *self, Value item);
};

/* The next item of an iterator that the sink has not taken. Of what is no generator, each. */
Value vm_next_refused(PyObject *iterator, VmSink *sink);

/* As vm_run_to_value(), for a generator's frame. */
Value vm_run_into(PyThreadState *tstate, Frame *frame, VmSink *sink);

/* As vm_run(), for a generator's frame in which the current exception is raised where it stands. */
PyObject *vm_run_raising(PyThreadState *tstate, Frame *frame);

/* Calls a Python function with keyword arguments laid out as for vectorcall. A new reference. */
PyObject *vm_call_function(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, PyObject *const *args,
                           size_t nargs, PyObject *kwnames);

/* Resumes a suspended generator's frame with `sent` (owned), or by raising the current exception if `sent` is NULL.
 * The yielded or returned value as a new reference; *ended says which. NULL with an exception set. */
PyObject *vm_resume_generator(PyThreadState *tstate, PyGenObject *gen, PyObject *sent, bool *ended);

/* globals["__builtins__"] as a dict, or the builtins of the running frame or of the interpreter. A new reference, or NULL. */
PyObject *vm_builtins_for(PyThreadState *tstate, PyObject *globals);

/* Whether the running call of a C function got its first argument on loan: from a local variable or a constant, without a
 * reference of its own. For what tells how often something is referred to. */
bool vm_argument_is_lent(PyThreadState *tstate, PyCFunction function);

/* ---- Switches ------------------------------------------------------------------------------------------------- */

/* Does what `switches` (base/switches.h) says, from then on. */
void vm_apply_switches(void);

/* ---- Parts ---------------------------------------------------------------------------------------------------- */

/* Readies function, frame, generator, coroutine and traceback types and installs the VM's hooks in objects/. */
int vm_init_types(void);

#endif
