/* Interpreters and threads: their making, their lists, and the thread that is current. */
#include "runtime/state.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <internal/krait_exports.h>

#include "objects/abi_runtime.h"
#include "objects/thread_state.h"
#include "vm/data_stack.h"
#include "vm/vm.h"

enum { DEFAULT_RECURSION_LIMIT = 1000 };

_Thread_local PyThreadState *thread_state_current THREAD_VARIABLE;

/* What PyGILState_* finds again: this thread's own state, also while it does not hold the GIL. */
static _Thread_local PyThreadState *thread_state_own;

struct RuntimeState runtime_state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void lock_lists(void) { pthread_mutex_lock(&runtime_state.lock); }
static void unlock_lists(void) { pthread_mutex_unlock(&runtime_state.lock); }

/* ---- Interpreters --------------------------------------------------------------------------------------------- */

PyInterpreterState *state_new_interpreter(void)
{
    PyInterpreterState *interp = PyMem_RawCalloc(1, sizeof(*interp));
    if (!interp) return NULL;
    interp->recursion_limit = DEFAULT_RECURSION_LIMIT;
    interp->eval_frame = _PyEval_EvalFrameDefault;
    interp->next_thread_id = 1;
    PyConfig_InitPythonConfig(&interp->config);
    lock_lists();
    if (!runtime_state.main) runtime_state.next_interpreter_id = 0;
    interp->id = runtime_state.next_interpreter_id++;
    interp->next = runtime_state.interpreters;
    runtime_state.interpreters = interp;
    if (!runtime_state.main) runtime_state.main = interp;
    unlock_lists();
    return interp;
}

PyInterpreterState *PyInterpreterState_New(void)
{
    if (PySys_Audit("cpython.PyInterpreterState_New", NULL) < 0) return NULL;
    return state_new_interpreter();
}

void PyInterpreterState_Clear(PyInterpreterState *interp)
{
    if (PySys_Audit("cpython.PyInterpreterState_Clear", NULL) < 0) PyErr_Clear();
    Py_CLEAR(interp->audit_hooks);
    Py_CLEAR(interp->codec_search_path);
    Py_CLEAR(interp->codec_search_cache);
    Py_CLEAR(interp->codec_error_registry);
    Py_CLEAR(interp->modules_by_index);
    Py_CLEAR(interp->fork_before);
    Py_CLEAR(interp->fork_after_parent);
    Py_CLEAR(interp->fork_after_child);
    Py_CLEAR(interp->import_func);
    Py_CLEAR(interp->importlib);
    Py_CLEAR(interp->builtins_copy);
    Py_CLEAR(interp->dict);
    Py_CLEAR(interp->sysdict);
    Py_CLEAR(interp->builtins);
    Py_CLEAR(interp->modules);
    lock_lists();
    PyThreadState *threads = interp->threads;
    unlock_lists();
    for (PyThreadState *t = threads; t; t = t->next) PyThreadState_Clear(t);
}

void PyInterpreterState_Delete(PyInterpreterState *interp)
{
    while (interp->threads) PyThreadState_Delete(interp->threads);
    lock_lists();
    for (PyInterpreterState **p = &runtime_state.interpreters; *p; p = &(*p)->next) {
        if (*p == interp) {
            *p = interp->next;
            break;
        }
    }
    if (runtime_state.main == interp) runtime_state.main = NULL;
    unlock_lists();
    PyConfig_Clear(&interp->config);
    if (interp->import_lock) PyThread_free_lock(interp->import_lock);
    PyMem_RawFree(interp);
}

PyInterpreterState *PyInterpreterState_Get(void)
{
    PyThreadState *tstate = thread_state();
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    return tstate->interp;
}

int64_t PyInterpreterState_GetID(PyInterpreterState *interp)
{
    if (interp) return interp->id;
    PyErr_SetString(PyExc_RuntimeError, "no interpreter provided");
    return -1;
}

/* Borrowed; NULL, with no exception, when memory is out. */
PyObject *PyInterpreterState_GetDict(PyInterpreterState *interp)
{
    if (!interp->dict && !(interp->dict = PyDict_New())) PyErr_Clear();
    return interp->dict;
}

PyInterpreterState *PyInterpreterState_Head(void) { return runtime_state.interpreters; }
PyInterpreterState *PyInterpreterState_Main(void) { return runtime_state.main; }
PyInterpreterState *PyInterpreterState_Next(PyInterpreterState *interp) { return interp->next; }
PyThreadState *PyInterpreterState_ThreadHead(PyInterpreterState *interp) { return interp->threads; }
PyThreadState *PyThreadState_Next(PyThreadState *tstate) { return tstate->next; }

const PyConfig *_PyInterpreterState_GetConfig(PyInterpreterState *interp) { return &interp->config; }
const PyConfig *_Py_GetConfig(void) { return &PyInterpreterState_Get()->config; }
_PyFrameEvalFunction _PyInterpreterState_GetEvalFrameFunc(PyInterpreterState *interp) { return interp->eval_frame; }

void _PyInterpreterState_SetEvalFrameFunc(PyInterpreterState *interp, _PyFrameEvalFunction eval_frame)
{
    interp->eval_frame = eval_frame;
}

PyObject *_PyInterpreterState_GetMainModule(PyInterpreterState *interp)
{
    PyObject *main = interp->modules ? PyMapping_GetItemString(interp->modules, "__main__") : NULL;
    if (!main && !PyErr_Occurred()) PyErr_SetString(PyExc_RuntimeError, "interpreter not initialized");
    return main;
}

void _PyInterpreterState_RequireIDRef(PyInterpreterState *interp, int required) { interp->requires_reference = required != 0; }
int _PyInterpreterState_RequiresIDRef(PyInterpreterState *interp) { return interp->requires_reference; }

int _PyInterpreterState_IDInitref(PyInterpreterState *Py_UNUSED(interp)) { return 0; }

int _PyInterpreterState_IDIncref(PyInterpreterState *interp)
{
    lock_lists();
    interp->reference_count++;
    unlock_lists();
    return 0;
}

void _PyInterpreterState_IDDecref(PyInterpreterState *interp)
{
    lock_lists();
    bool last = --interp->reference_count == 0 && interp->requires_reference;
    unlock_lists();
    if (!last) return;
    PyThreadState *tstate = PyInterpreterState_ThreadHead(interp), *before = PyThreadState_Swap(tstate);
    Py_EndInterpreter(tstate);
    PyThreadState_Swap(before);
}

PyInterpreterState *_PyInterpreterState_LookUpID(int64_t id)
{
    PyInterpreterState *found = NULL;
    lock_lists();
    for (PyInterpreterState *i = runtime_state.interpreters; i && !found; i = i->next) {
        if (i->id == id) found = i;
    }
    unlock_lists();
    if (!found) PyErr_Format(PyExc_RuntimeError, "unrecognized interpreter ID %lld", (long long)id);
    return found;
}

/* ---- Threads -------------------------------------------------------------------------------------------------- */

/* Calls that a thread is allowed. Frames of generators and their like lie on the heap: with any limit that a program may
 * ask for, endless recursion would take the machine's memory before anything refused. */
static int counted_limit(int limit)
{
    enum { HIGHEST = 1 << 22 };
    return limit < HIGHEST ? limit : HIGHEST;
}

static PyThreadState *new_thread_state(PyInterpreterState *interp)
{
    PyThreadState *tstate = PyMem_RawCalloc(1, sizeof(*tstate));
    if (!tstate) return NULL;
    tstate->interp = interp;
    tstate->recursion_limit = tstate->recursion_remaining = counted_limit(interp->recursion_limit);
    tstate->cframe = &tstate->root_cframe;
    tstate->exc_info = &tstate->exc_state;
    tstate->gilstate_counter = 1;
    tstate->thread_id = PyThread_get_thread_ident();
    tstate->native_thread_id = PyThread_get_thread_native_id();
    tstate->context_ver = 1;
    lock_lists();
    tstate->id = interp->next_thread_id++;
    tstate->next = interp->threads;
    if (interp->threads) interp->threads->prev = tstate;
    interp->threads = tstate;
    unlock_lists();
    return tstate;
}

/* The state belongs to the calling thread now. */
void _PyThreadState_SetCurrent(PyThreadState *tstate)
{
    tstate->thread_id = PyThread_get_thread_ident();
    tstate->native_thread_id = PyThread_get_thread_native_id();
    if (!thread_state_own) thread_state_own = tstate;
}

void _PyThreadState_Init(PyThreadState *tstate) { _PyThreadState_SetCurrent(tstate); }
PyThreadState *_PyThreadState_Prealloc(PyInterpreterState *interp) { return new_thread_state(interp); }

PyThreadState *PyThreadState_New(PyInterpreterState *interp)
{
    PyThreadState *tstate = new_thread_state(interp);
    if (tstate) _PyThreadState_SetCurrent(tstate);
    return tstate;
}

void PyThreadState_Clear(PyThreadState *tstate)
{
    if (tstate->interp->config.verbose && tstate->cframe->current_frame) {
        fprintf(stderr, "PyThreadState_Clear: warning: thread still has a frame\n");
    }
    Py_CLEAR(tstate->dict);
    Py_CLEAR(tstate->async_exc);
    Py_CLEAR(tstate->curexc_type);
    Py_CLEAR(tstate->curexc_value);
    Py_CLEAR(tstate->curexc_traceback);
    Py_CLEAR(tstate->exc_state.exc_value);
    tstate->c_profilefunc = NULL;
    tstate->c_tracefunc = NULL;
    Py_CLEAR(tstate->c_profileobj);
    Py_CLEAR(tstate->c_traceobj);
    Py_CLEAR(tstate->async_gen_firstiter);
    Py_CLEAR(tstate->async_gen_finalizer);
    Py_CLEAR(tstate->context);
    if (tstate->on_delete) {
        void (*on_delete)(void *) = tstate->on_delete;
        tstate->on_delete = NULL;
        on_delete(tstate->on_delete_data);
    }
}

/* Takes the state off its list. The GIL is held: who holds it may walk the list. */
static void unlink_thread_state(PyThreadState *tstate)
{
    lock_lists();
    if (tstate->prev) tstate->prev->next = tstate->next;
    else tstate->interp->threads = tstate->next;
    if (tstate->next) tstate->next->prev = tstate->prev;
    unlock_lists();
}

static void free_thread_state(PyThreadState *tstate)
{
    if (thread_state_own == tstate) thread_state_own = NULL;
    data_stack_free(tstate);
    PyMem_RawFree(tstate);
}

void PyThreadState_Delete(PyThreadState *tstate)
{
    if (tstate == thread_state_current) Py_FatalError("deleting the current thread state");
    unlink_thread_state(tstate);
    free_thread_state(tstate);
}

void _PyThreadState_DeleteCurrent(PyThreadState *tstate)
{
    unlink_thread_state(tstate);
    data_stack_give_up(tstate);
    PyThreadState_Swap(NULL);
    gil_drop(tstate);
    free_thread_state(tstate);
}

void PyThreadState_DeleteCurrent(void) { _PyThreadState_DeleteCurrent(thread_state()); }

/* All states of the interpreter but this one: after a fork, and at the end. */
void _PyThreadState_DeleteExcept(_PyRuntimeState *Py_UNUSED(runtime), PyThreadState *tstate)
{
    PyInterpreterState *interp = tstate->interp;
    lock_lists();
    PyThreadState *others = interp->threads;
    if (others == tstate) others = tstate->next;
    if (tstate->prev) tstate->prev->next = tstate->next;
    if (tstate->next) tstate->next->prev = tstate->prev;
    tstate->prev = tstate->next = NULL;
    interp->threads = tstate;
    unlock_lists();
    for (PyThreadState *t = others; t; t = t->next) frame_orphan_all(t);
    for (PyThreadState *t = others, *next; t; t = next) {
        next = t->next;
        PyThreadState_Clear(t);
        data_stack_free(t);
        PyMem_RawFree(t);
    }
}

PyThreadState *PyThreadState_Get(void)
{
    PyThreadState *tstate = thread_state();
    if (!tstate) _Py_FatalError_TstateNULL(__func__);
    return tstate;
}

PyThreadState *_PyThreadState_UncheckedGet(void) { return thread_state(); }

PyThreadState *_PyThreadState_Swap(struct _gilstate_runtime_state *Py_UNUSED(gilstate), PyThreadState *tstate)
{
    return PyThreadState_Swap(tstate);
}

PyThreadState *PyThreadState_Swap(PyThreadState *tstate)
{
    PyThreadState *before = thread_state_current;
    thread_state_current = tstate;
    _PyRuntime.tstate_current = tstate;
    return before;
}

/* Borrowed; NULL, with no exception, when there is none to have. */
PyObject *_PyThreadState_GetDict(PyThreadState *tstate)
{
    if (!tstate->dict && !(tstate->dict = PyDict_New())) PyErr_Clear();
    return tstate->dict;
}

PyObject *PyThreadState_GetDict(void)
{
    PyThreadState *tstate = thread_state();
    return tstate ? _PyThreadState_GetDict(tstate) : NULL;
}

PyInterpreterState *PyThreadState_GetInterpreter(PyThreadState *tstate) { return tstate->interp; }
uint64_t PyThreadState_GetID(PyThreadState *tstate) { return tstate->id; }

/* Number of thread states found: 0 or 1. */
int PyThreadState_SetAsyncExc(unsigned long id, PyObject *exception)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    PyObject *old = NULL;
    int found = 0;
    lock_lists();
    for (PyThreadState *t = interp->threads; t && !found; t = t->next) {
        if (t->thread_id != id) continue;
        old = t->async_exc;
        t->async_exc = Py_XNewRef(exception);
        found = 1;
    }
    unlock_lists();
    Py_XDECREF(old);
    if (found) attention_request();
    return found;
}

/* ---- Recursion limit ------------------------------------------------------------------------------------------ */

int Py_GetRecursionLimit(void) { return PyInterpreterState_Get()->recursion_limit; }

void Py_SetRecursionLimit(int limit)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    interp->recursion_limit = limit;
    lock_lists();
    for (PyThreadState *t = interp->threads; t; t = t->next) {
        int depth = t->recursion_limit - t->recursion_remaining;
        t->recursion_limit = counted_limit(limit);
        t->recursion_remaining = t->recursion_limit - depth;
    }
    unlock_lists();
}

/* ---- PyGILState: for C threads that do not keep a state themselves -------------------------------------------- */

PyThreadState *PyGILState_GetThisThreadState(void) { return thread_state_own; }
PyInterpreterState *_PyGILState_GetInterpreterStateUnsafe(void) { return runtime_state.main; }

/* Before there is a first thread state, and after the last, nobody can be without the GIL. */
int PyGILState_Check(void)
{
    if (!runtime_state.core_initialised || runtime_state.several_interpreters) return 1;
    PyThreadState *tstate = thread_state();
    return tstate && (tstate == thread_state_own || !thread_state_own);
}

PyGILState_STATE PyGILState_Ensure(void)
{
    PyThreadState *tstate = thread_state_own;
    if (!tstate) {
        tstate = PyThreadState_New(runtime_state.main);
        if (!tstate) Py_FatalError("Couldn't create thread-state for new thread");
        tstate->gilstate_counter = 0;
    }
    bool held = tstate == thread_state_current;
    if (!held) PyEval_RestoreThread(tstate);
    tstate->gilstate_counter++;
    return held ? PyGILState_LOCKED : PyGILState_UNLOCKED;
}

void PyGILState_Release(PyGILState_STATE state)
{
    PyThreadState *tstate = thread_state_own;
    if (!tstate) Py_FatalError("auto-releasing thread-state, but no thread-state for this thread");
    if (tstate != thread_state_current) {
        _Py_FatalErrorFormat(__func__, "thread state %p must be current when releasing", (void *)tstate);
    }
    if (--tstate->gilstate_counter == 0) {
        PyThreadState_Clear(tstate);
        _PyThreadState_DeleteCurrent(tstate);
    }
    else if (state == PyGILState_UNLOCKED) PyEval_SaveThread();
}

/* ---- All threads at a glance ---------------------------------------------------------------------------------- */

PyObject *_PyThread_CurrentFrames(void)
{
    if (PySys_Audit("sys._current_frames", NULL) < 0) return NULL;
    PyObject *result = PyDict_New();
    if (!result) return NULL;
    for (PyThreadState *t = PyInterpreterState_Get()->threads; t; t = t->next) {
        PyObject *frame = (PyObject *)PyThreadState_GetFrame(t);
        if (!frame) continue;
        PyObject *id = PyLong_FromUnsignedLong(t->thread_id);
        int failed = !id || PyDict_SetItem(result, id, frame) < 0;
        Py_XDECREF(id);
        Py_DECREF(frame);
        if (failed) {
            Py_DECREF(result);
            return NULL;
        }
    }
    return result;
}

PyObject *_PyThread_CurrentExceptions(void)
{
    if (PySys_Audit("sys._current_exceptions", NULL) < 0) return NULL;
    PyObject *result = PyDict_New();
    if (!result) return NULL;
    for (PyThreadState *t = PyInterpreterState_Get()->threads; t; t = t->next) {
        _PyErr_StackItem *item = _PyErr_GetTopmostException(t);
        PyObject *id = PyLong_FromUnsignedLong(t->thread_id);
        PyObject *info = _PyErr_StackItemToExcInfoTuple(item);
        int failed = !id || !info || PyDict_SetItem(result, id, info) < 0;
        Py_XDECREF(id);
        Py_XDECREF(info);
        if (failed) {
            Py_DECREF(result);
            return NULL;
        }
    }
    return result;
}

/* ---- Modules of single-phase definitions ---------------------------------------------------------------------- */

/* Borrowed, or NULL with no exception. */
PyObject *PyState_FindModule(PyModuleDef *def)
{
    PyInterpreterState *interp = PyInterpreterState_Get();
    Py_ssize_t index = def->m_base.m_index;
    if (def->m_slots || index == 0 || !interp->modules_by_index || index >= PyList_GET_SIZE(interp->modules_by_index)) return NULL;
    PyObject *module = PyList_GET_ITEM(interp->modules_by_index, index);
    return module == Py_None ? NULL : module;
}

int _PyState_AddModule(PyThreadState *tstate, PyObject *module, PyModuleDef *def)
{
    if (!def) return -1;
    if (def->m_slots) {
        PyErr_SetString(PyExc_SystemError, "PyState_AddModule called on module with slots");
        return -1;
    }
    PyInterpreterState *interp = tstate->interp;
    if (!interp->modules_by_index && !(interp->modules_by_index = PyList_New(0))) return -1;
    while (PyList_GET_SIZE(interp->modules_by_index) <= def->m_base.m_index) {
        if (PyList_Append(interp->modules_by_index, Py_None) < 0) return -1;
    }
    return PyList_SetItem(interp->modules_by_index, def->m_base.m_index, Py_NewRef(module));
}

int PyState_AddModule(PyObject *module, PyModuleDef *def)
{
    PyThreadState *tstate = thread_state();
    if (!def) {
        Py_FatalError("module definition is NULL");
        return -1;
    }
    PyObject *list = tstate->interp->modules_by_index;
    Py_ssize_t index = def->m_base.m_index;
    if (list && index < PyList_GET_SIZE(list) && PyList_GET_ITEM(list, index) == module) {
        _Py_FatalErrorFormat(__func__, "module %p already added", (void *)module);
        return -1;
    }
    return _PyState_AddModule(tstate, module, def);
}

int PyState_RemoveModule(PyModuleDef *def)
{
    PyObject *list = PyInterpreterState_Get()->modules_by_index;
    Py_ssize_t index = def->m_base.m_index;
    if (def->m_slots) {
        PyErr_SetString(PyExc_SystemError, "PyState_RemoveModule called on module with slots");
        return -1;
    }
    if (index == 0) Py_FatalError("invalid module index");
    if (!list) Py_FatalError("Interpreters module-list not accessible.");
    if (index >= PyList_GET_SIZE(list)) Py_FatalError("Module index out of bounds.");
    return PyList_SetItem(list, index, Py_NewRef(Py_None));
}
