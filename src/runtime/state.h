/* What belongs to one interpreter, and to the process. Everything above `objects` may look inside; `objects` and below know an
 * interpreter only as an opaque PyInterpreterState and keep their state in Runtime structs of their own.
 */
#ifndef KRAIT_RUNTIME_STATE_H
#define KRAIT_RUNTIME_STATE_H

#include <Python.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "platform/spin.h"

typedef struct AuditHook AuditHook;
struct AuditHook {
    AuditHook *next;
    Py_AuditHookFunction function;
    void *data;
};

typedef struct CrossInterpreterClass CrossInterpreterClass;    /* cross_interpreter.c */

struct _is {
    struct _is *next;
    int64_t id;
    PyThreadState *threads;             /* newest first */
    uint64_t next_thread_id;
    int recursion_limit;
    bool finalizing;
    bool initialised;                   /* site and __main__ are there */

    PyObject *modules;                  /* owned: sys.modules */
    PyObject *sysdict;                  /* owned: the dict of sys */
    PyObject *builtins;                 /* owned: the dict of builtins */
    PyObject *builtins_copy;            /* owned: the same as it was at start, put back at the end */
    PyObject *importlib;                /* owned: importlib._bootstrap */
    PyObject *import_func;              /* owned: builtins.__import__ as it was at start, to see whether it was replaced */
    PyObject *dict;                     /* owned: PyInterpreterState_GetDict, or NULL */
    PyObject *modules_by_index;         /* owned list: modules of single-phase definitions, for PyState_FindModule; or NULL */
    PyObject *audit_hooks;              /* owned list of sys.addaudithook(), or NULL */
    PyObject *fork_before, *fork_after_parent, *fork_after_child;   /* owned lists of os.register_at_fork(), or NULL */

    PyObject *codec_search_path;        /* owned list of search functions, or NULL before the first use */
    PyObject *codec_search_cache;       /* owned dict: normalised encoding name -> codec tuple */
    PyObject *codec_error_registry;     /* owned dict: error handler name -> callable */

    PyConfig config;                    /* owned strings */
    _PyFrameEvalFunction eval_frame;    /* PEP 523 */
    long reference_count;               /* of interpreter ids */
    bool requires_reference;
    int import_lock_level;
    unsigned long import_lock_thread;
    PyThread_type_lock import_lock;
    long live_threads;                  /* started by _thread and not yet ended */
};

/* The process. */
struct RuntimeState {
    int max_str_digits_option;  /* -X int_max_str_digits or its variable, -1: neither; what sys.flags shows */
    bool preinitialising, preinitialised;
    bool extensions_loaded;             /* some extension module that may hold more than memory was */
    bool core_initialised;              /* objects exist, importlib may not yet */
    bool several_interpreters;          /* there were: a thread's own state need not be the one that runs, see PyGILState_Check() */
    bool initialised;
    PyInterpreterState *interpreters;   /* newest first */
    PyInterpreterState *main;
    int64_t next_interpreter_id;
    unsigned long main_thread;
    pthread_mutex_t lock;               /* guards the lists of interpreters and threads */
    PyThreadState *_Atomic finalizing;  /* the thread that ends the process's interpreter, or NULL */
    AuditHook *audit_hooks;
    Py_OpenCodeHookFunction open_code_hook;     /* PyFile_SetOpenCodeHook, or NULL */
    void *open_code_data;
    CrossInterpreterClass *cross_interpreter_classes;
    void (*exit_functions[32])(void);   /* Py_AtExit */
    int exit_function_count;
    PyPreConfig preconfig;
    PyWideStringList orig_argv;         /* Py_GetArgcArgv */
    char *stream_encoding, *stream_errors;  /* owned (raw): Py_SetStandardStreamEncoding, or NULL */
    bool locale_coerced;
};
extern struct RuntimeState runtime_state;

/* ---- state.c -------------------------------------------------------------------------------------------------- */

/* A new interpreter on the process's list, with nothing in it but its id. NULL without an exception when memory is out. */
PyInterpreterState *state_new_interpreter(void);

/* ---- gil.c ---------------------------------------------------------------------------------------------------- */

/* Makes the lock and installs the VM's hook. The calling thread becomes the main thread; it does not hold the lock yet. */
void gil_init(void);
void gil_take(PyThreadState *tstate);       /* waits; a thread that comes after the end of the interpreter ends here */
void gil_drop(PyThreadState *tstate);
void gil_yield(PyThreadState *tstate);      /* gives the lock away if a waiter has asked for it, and takes it again */

/* By the holder: as futex_wake(word, 1), but when it lets go, or a little later. `progress` is gil_progress() of the sleeper, taken
 * before it slept; it decides who is woken first. */
void gil_wake_later(atomic_uint *word, uint64_t progress);
uint64_t gil_progress(void);                /* of this thread: when it last released what another slept on */
void gil_wake_if_due(void);                 /* by the holder */
bool gil_wants_only_time(void);             /* by the holder: wakings that are not due yet are all that the GIL wants attention for */
void gil_forget_wake(const atomic_uint *word);  /* by the holder, of a word that nobody sleeps on and that is about to go */
void gil_note_woken(void);                  /* by who slept on such a word and was woken, before it comes to the GIL or calls the next */
void gil_note_watched(SpinLuck *luck);      /* by who got such a word by waiting awake: of no use if the GIL makes it sleep */
void gil_wake_next(void);                   /* by who was so woken, and does not come to the GIL */

/* As PyThread_release_lock(), by the holder, of a lock that none waits on but to take the GIL then: its waiter is woken later (pythread.c). */
void gil_release_lock(PyThread_type_lock lock);
void gil_free_lock(PyThread_type_lock lock);    /* one that is released so */
void gil_after_fork(PyThreadState *tstate); /* in the child: a fresh lock, held */

/* ---- attention.c ---------------------------------------------------------------------------------------------- */

/* Makes the loop call attention_handle(). From any thread, and from signal handlers. */
void attention_request(void);
int attention_handle(PyThreadState *tstate);    /* -1 with an exception set */

/* A thread that has taken the lock finds what has been left for it. */
void attention_recall(PyThreadState *tstate);
void attention_after_fork(void);

/* Runs the pending calls of Py_AddPendingCall until none is left or one fails. -1 with an exception set. */
int gil_run_pending_calls(void);

/* ---- signals.c (the _signal module) --------------------------------------------------------------------------- */

bool signal_is_pending(void);
int signal_init(bool install_handlers);     /* SIGPIPE and SIGXFSZ ignored, SIGINT to default_int_handler. -1 with an exception */
void signal_finish(void);                   /* puts the handlers back that were there */
void signal_after_fork(void);

#endif
