/* The _thread module: starting threads, their identity, and what is done about their exceptions. */
#include "modules/_thread/thread.h"

#include <internal/krait_exports.h>
#include <signal.h>
#include <structseq.h>

#include "objects/names.h"
#include "objects/thread_state.h"
#include "runtime/gil_report.h"
#include "runtime/import.h"
#include "runtime/state.h"

static PyTypeObject *hook_args_type;    /* owned */

/* ---- Starting ------------------------------------------------------------------------------------------------- */

/* What a new thread is given. */
typedef struct {
    PyThreadState *tstate;
    PyObject *function, *args, *kwargs;     /* owned; kwargs may be NULL */
} Start;

static void start_free(Start *start)
{
    Py_XDECREF(start->function);
    Py_XDECREF(start->args);
    Py_XDECREF(start->kwargs);
    PyMem_RawFree(start);
}

/* The thread is called by the name of the Thread whose method it runs, or by that of the function. */
static void name_for_report(PyObject *function)
{
    PyObject *thread = PyMethod_Check(function) ? PyMethod_GET_SELF(function) : NULL, *name = NULL;
    if (!thread || _PyObject_LookupAttr(thread, NAME(name), &name) <= 0) {
        PyErr_Clear();
        if (_PyObject_LookupAttr(function, NAME(__qualname__), &name) < 0) PyErr_Clear();
    }
    const char *text = name && PyUnicode_Check(name) ? PyUnicode_AsUTF8(name) : NULL;
    if (text) gil_report_name(text);
    else PyErr_Clear();
    Py_XDECREF(name);
}

static void thread_main(void *data)
{
    Start *start = data;
    PyThreadState *tstate = start->tstate;
    _PyThreadState_SetCurrent(tstate);
    PyEval_AcquireThread(tstate);       /* does not come back if the interpreter is ending */
    tstate->interp->live_threads++;
    if (atomic_load(&gil_report.on)) name_for_report(start->function);
    PyObject *result = PyObject_Call(start->function, start->args, start->kwargs);
    if (!result) {
        if (PyErr_ExceptionMatches(PyExc_SystemExit)) PyErr_Clear();
        else _PyErr_WriteUnraisableMsg("in thread started by", start->function);
    }
    Py_XDECREF(result);
    start_free(start);
    tstate->interp->live_threads--;
    PyThreadState_Clear(tstate);
    _PyThreadState_DeleteCurrent(tstate);
    if (atomic_load(&gil_report.on)) gil_report_leave();
}

PyDoc_STRVAR(start_doc,
"start_new_thread(function, args[, kwargs])\n(start_new() is an old name.)\n\n"
"Start a thread that calls the function and return its identity. The thread ends when the function returns;\n"
"an exception other than SystemExit is reported.");

static PyObject *thread_start_new(PyObject *module, PyObject *args)
{
    (void)module;
    PyObject *function, *call_args, *kwargs = NULL;
    if (!PyArg_UnpackTuple(args, "start_new_thread", 2, 3, &function, &call_args, &kwargs)) return NULL;
    const char *problem = !PyCallable_Check(function) ? "first arg must be callable"
                          : !PyTuple_Check(call_args) ? "2nd arg must be a tuple"
                          : kwargs && !PyDict_Check(kwargs) ? "optional 3rd arg must be a dictionary" : NULL;
    if (problem) {
        PyErr_SetString(PyExc_TypeError, problem);
        return NULL;
    }
    if (PySys_Audit("_thread.start_new_thread", "OOO", function, call_args, kwargs ? kwargs : Py_None) < 0) return NULL;
    PyInterpreterState *interp = PyInterpreterState_Get();
    if (interp->config._isolated_interpreter) {
        PyErr_SetString(PyExc_RuntimeError, "thread is not supported for isolated subinterpreters");
        return NULL;
    }
    if (import_take_locks(PyThreadState_Get()) < 0) return NULL;
    Start *start = PyMem_RawCalloc(1, sizeof(*start));
    if (!start) return PyErr_NoMemory();
    start->tstate = _PyThreadState_Prealloc(interp);
    if (!start->tstate) {
        start_free(start);
        return PyErr_NoMemory();
    }
    start->function = Py_NewRef(function);
    start->args = Py_NewRef(call_args);
    start->kwargs = Py_XNewRef(kwargs);
    unsigned long identity = PyThread_start_new_thread(thread_main, start);
    if (identity == PYTHREAD_INVALID_THREAD_ID) {
        PyErr_SetString(PyExc_RuntimeError, "can't start new thread");
        PyThreadState_Clear(start->tstate);
        PyThreadState_Delete(start->tstate);
        start_free(start);
        return NULL;
    }
    return PyLong_FromUnsignedLong(identity);
}

/* ---- Small functions ------------------------------------------------------------------------------------------ */

static PyObject *thread_exit(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    PyErr_SetNone(PyExc_SystemExit);
    return NULL;
}

static PyObject *thread_get_ident(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyLong_FromUnsignedLong(PyThread_get_thread_ident());
}

static PyObject *thread_get_native_id(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyLong_FromUnsignedLong(PyThread_get_thread_native_id());
}

static PyObject *thread_count(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(unused))
{
    return PyLong_FromLong(PyInterpreterState_Get()->live_threads);
}

static PyObject *thread_interrupt_main(PyObject *Py_UNUSED(module), PyObject *args)
{
    int number = SIGINT;
    if (!PyArg_ParseTuple(args, "|i:signum", &number)) return NULL;
    if (PyErr_SetInterruptEx(number) < 0) {
        PyErr_SetString(PyExc_ValueError, "signal number out of range");
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *thread_stack_size(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_ssize_t size = 0;
    if (!PyArg_ParseTuple(args, "|n:stack_size", &size)) return NULL;
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "size must be 0 or a positive value");
        return NULL;
    }
    size_t before = PyThread_get_stacksize();
    int status = PyTuple_GET_SIZE(args) ? PyThread_set_stacksize((size_t)size) : 0;
    if (status == -1) return PyErr_Format(PyExc_ValueError, "size not valid: %zd bytes", size);
    return PyLong_FromSize_t(before);
}

/* ---- Exceptions that end a thread ----------------------------------------------------------------------------- */

static PyStructSequence_Field hook_args_fields[] = {
    {"exc_type", "Exception type"},
    {"exc_value", "Exception value"},
    {"exc_traceback", "Exception traceback"},
    {"thread", "Thread"},
    {0},
};

static PyStructSequence_Desc hook_args_desc = {
    "_thread._ExceptHookArgs",
    "What threading.excepthook is called with.",
    hook_args_fields,
    4,
};

/* Writes who it is: the name of the Thread object, or the identity. */
static int write_thread_name(PyObject *file, PyObject *thread)
{
    PyObject *name = NULL;
    if (thread != Py_None && _PyObject_LookupAttr(thread, NAME(name), &name) < 0) return -1;
    if (!name) name = PyUnicode_FromFormat("%lu", PyThread_get_thread_ident());
    if (!name) return -1;
    int result = PyFile_WriteObject(name, file, Py_PRINT_RAW);
    Py_DECREF(name);
    return result;
}

static int write_exception(PyObject *file, PyObject *type, PyObject *value, PyObject *traceback, PyObject *thread)
{
    if (PyFile_WriteString("Exception in thread ", file) < 0) return -1;
    if (write_thread_name(file, thread) < 0 || PyFile_WriteString(":\n", file) < 0) return -1;
    _PyErr_Display(file, type, value, traceback);
    PyObject *result = PyObject_CallMethod(file, "flush", NULL);
    Py_XDECREF(result);
    return result ? 0 : -1;
}

PyDoc_STRVAR(excepthook_doc, "excepthook(exc_type, exc_value, exc_traceback, thread)\n\nReport an exception that nobody caught in a thread.");

static PyObject *thread_excepthook(PyObject *Py_UNUSED(module), PyObject *args)
{
    if (!Py_IS_TYPE(args, hook_args_type)) {
        PyErr_SetString(PyExc_TypeError, "_thread.excepthook argument type must be ExceptHookArgs");
        return NULL;
    }
    PyObject *type = PyStructSequence_GET_ITEM(args, 0);
    if (type == PyExc_SystemExit) Py_RETURN_NONE;
    PyObject *thread = PyStructSequence_GET_ITEM(args, 3);
    PyObject *file = Py_XNewRef(PySys_GetObject("stderr"));
    if (!file || file == Py_None) {     /* the thread remembers what it was when it started */
        Py_XDECREF(file);
        if (thread == Py_None) Py_RETURN_NONE;
        file = PyObject_GetAttrString(thread, "_stderr");
        if (!file) return NULL;
        if (file == Py_None) return file;
    }
    int result = write_exception(file, type, PyStructSequence_GET_ITEM(args, 1), PyStructSequence_GET_ITEM(args, 2), thread);
    Py_DECREF(file);
    if (result < 0) return NULL;
    Py_RETURN_NONE;
}

/* ---- The module ----------------------------------------------------------------------------------------------- */

PyDoc_STRVAR(allocate_doc, "allocate_lock() -> lock object\n(allocate() is an old name.)\n\nMake a lock.");
PyDoc_STRVAR(exit_doc, "exit()\n(exit_thread() is an old name.)\n\nEnd this thread: raises SystemExit.");

static PyMethodDef thread_functions[] = {
    {"start_new_thread", thread_start_new, METH_VARARGS, start_doc},
    {"start_new", thread_start_new, METH_VARARGS, start_doc},
    {"allocate_lock", thread_allocate_lock, METH_NOARGS, allocate_doc},
    {"allocate", thread_allocate_lock, METH_NOARGS, allocate_doc},
    {"exit_thread", thread_exit, METH_NOARGS, exit_doc},
    {"exit", thread_exit, METH_NOARGS, exit_doc},
    {"interrupt_main", thread_interrupt_main, METH_VARARGS,
     "interrupt_main(signum=signal.SIGINT, /)\n\nMake the main thread handle a signal as if it had come."},
    {"get_ident", thread_get_ident, METH_NOARGS,
     "get_ident() -> integer\n\nA number that tells this thread from the others that run. It may be used again after its end."},
    {"get_native_id", thread_get_native_id, METH_NOARGS, "get_native_id() -> integer\n\nThe system's number for this thread."},
    {"_count", thread_count, METH_NOARGS, "_count() -> integer\n\nThe number of threads started here that have not ended."},
    {"stack_size", thread_stack_size, METH_VARARGS,
     "stack_size([size]) -> size\n\nThe stack size of new threads, 0 for the system's default; with an argument, also set it."},
    {"_set_sentinel", thread_set_sentinel, METH_NOARGS,
     "_set_sentinel() -> lock\n\nMake a lock that is released when this thread's state is deleted."},
    {"_excepthook", thread_excepthook, METH_O, excepthook_doc},
    {0},
};

static int thread_exec(PyObject *module)
{
    if (thread_add_lock_types(module) < 0 || thread_add_local_type(module) < 0) return -1;
    if (!hook_args_type && !(hook_args_type = PyStructSequence_NewType(&hook_args_desc))) return -1;
    if (PyModule_AddType(module, hook_args_type) < 0) return -1;
    if (PyModule_AddObjectRef(module, "error", PyExc_RuntimeError) < 0) return -1;
    PyObject *maximum = PyFloat_FromDouble((double)(PY_TIMEOUT_MAX / 1000000));
    int result = PyModule_AddObjectRef(module, "TIMEOUT_MAX", maximum);
    Py_XDECREF(maximum);
    return result;
}

static PyModuleDef_Slot thread_slots[] = {
    {Py_mod_exec, thread_exec},
    {0},
};

static PyModuleDef thread_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_thread",
    .m_doc = "Threads and locks at their simplest. The threading module builds on it.",
    .m_methods = thread_functions,
    .m_slots = thread_slots,
};

PyMODINIT_FUNC PyInit__thread(void);
PyMODINIT_FUNC PyInit__thread(void) { return PyModuleDef_Init(&thread_module); }
