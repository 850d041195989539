/* Reference counts, initialisation, finalisation and destruction of objects; the trashcan. */
#include "objects/lifetime.h"

#include <internal/krait_exports.h>

#include "base/config.h"
#include "memory/gc.h"
#include "memory/tracemalloc.h"
#include "objects/recursion.h"
#include "objects/thread_state.h"

/* -- Destruction deep in the C stack ---------------------------------------------------------- */

/* Most containers bracket their destructor with the trashcan (below). For all others, those of extension modules too,
 * this is the net: the first destruction in the lower half of the stack takes charge; from three quarters on,
 * containers are put aside, and it destroys them when its own object is gone. Of the C stack, and so of the thread. */
static _Thread_local struct {
    bool in_charge;             /* some call further up will see to what waits */
    PyObject *waiting;          /* untracked containers without references, linked by `prev` of their gc heads */
} deep;

static COLD void dealloc_deep(PyObject *op)
{
    if (c_stack_pointer() > c_stack_find_middle()) {        /* nobody had asked for it yet */
        Py_TYPE(op)->tp_dealloc(op);
        return;
    }
    if (deep.in_charge) {
        if (c_stack_pointer() > c_stack_floor + (c_stack_middle - c_stack_floor) / 2 || !gc_is_container(op)) {
            Py_TYPE(op)->tp_dealloc(op);
            return;
        }
        PyObject_GC_UnTrack(op);
        gc_set_prev(gc_head(op), (GcHead *)deep.waiting);
        deep.waiting = op;
        return;
    }
    deep.in_charge = true;
    Py_TYPE(op)->tp_dealloc(op);
    while ((op = deep.waiting)) {
        deep.waiting = (PyObject *)gc_prev(gc_head(op));
        gc_set_prev(gc_head(op), NULL);
        Py_TYPE(op)->tp_dealloc(op);
    }
    deep.in_charge = false;
}

/* -- Reference counts ------------------------------------------------------------------------- */

void Py_IncRef(PyObject *op)
{
    Py_XINCREF(op);
}

void Py_DecRef(PyObject *op)
{
    Py_XDECREF(op);
}

void _Py_IncRef(PyObject *op)
{
    Py_INCREF(op);
}

void _Py_DecRef(PyObject *op)
{
    Py_DECREF(op);
}

#undef Py_NewRef
#undef Py_XNewRef
PyObject *Py_NewRef(PyObject *op)
{
    Py_INCREF(op);
    return op;
}

PyObject *Py_XNewRef(PyObject *op)
{
    Py_XINCREF(op);
    return op;
}

void _Py_NewReference(PyObject *op)
{
    op->ob_refcnt = 1;
    if (__builtin_expect(_Py_tracemalloc_config.tracing, 0)) tracemalloc_new_reference(op);
}

void _Py_Dealloc(PyObject *op)
{
    if (UNLIKELY(c_stack_pointer() <= c_stack_middle)) dealloc_deep(op);
    else Py_TYPE(op)->tp_dealloc(op);
}

/* -- Birth ------------------------------------------------------------------------------------ */

PyObject *PyObject_Init(PyObject *op, PyTypeObject *type)
{
    if (!op) return PyErr_NoMemory();
    Py_SET_TYPE(op, type);
    if (type->tp_flags & Py_TPFLAGS_HEAPTYPE) Py_INCREF(type);
    _Py_NewReference(op);
    return op;
}

PyVarObject *PyObject_InitVar(PyVarObject *op, PyTypeObject *type, Py_ssize_t size)
{
    if (!op) return (PyVarObject *)PyErr_NoMemory();
    Py_SET_SIZE(op, size);
    PyObject_Init((PyObject *)op, type);
    return op;
}

PyObject *_PyObject_New(PyTypeObject *type)
{
    PyObject *op = PyObject_Malloc(object_var_size(type, 0));
    if (!op) return PyErr_NoMemory();
    return PyObject_Init(op, type);
}

PyVarObject *_PyObject_NewVar(PyTypeObject *type, Py_ssize_t nitems)
{
    PyVarObject *op = PyObject_Malloc(object_var_size(type, nitems));
    if (!op) return (PyVarObject *)PyErr_NoMemory();
    return PyObject_InitVar(op, type, nitems);
}

/* -- Finalisers (PEP 442) --------------------------------------------------------------------- */

void PyObject_CallFinalizer(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    if (!type->tp_finalize) return;
    bool collectable = PyObject_IS_GC(self);
    if (collectable && PyObject_GC_IsFinalized(self)) return;
    type->tp_finalize(self);
    if (collectable) gc_set_finalized(self);
}

/* Runs the finaliser of an object whose count has just dropped to 0. Returns -1 when the finaliser
 * gave it a new life. */
int PyObject_CallFinalizerFromDealloc(PyObject *self)
{
    if (self->ob_refcnt != 0) {
        _PyObject_ASSERT_FAILED_MSG(
            self, "PyObject_CallFinalizerFromDealloc called on object with a non-zero refcount");
    }
    self->ob_refcnt = 1;
    PyObject_CallFinalizer(self);
    self->ob_refcnt -= 1;
    return self->ob_refcnt == 0 ? 0 : -1;
}

/* -- The trashcan: no C stack is used up by deep structures ----------------------------------- */

enum { TRASH_DEPTH = KRAIT_LIMIT(50, 3) }; /* nested deallocations before the rest waits */

/* 1 when `op` (a container, untracked) was put aside to be destroyed later; else 0, and the caller
 * goes on and calls _PyTrash_end. */
int _PyTrash_begin(PyThreadState *tstate, PyObject *op)
{
    if (tstate->trash_delete_nesting >= TRASH_DEPTH) {
        gc_set_prev(gc_head(op), (GcHead *)tstate->trash_delete_later);
        tstate->trash_delete_later = op;
        return 1;
    }
    tstate->trash_delete_nesting++;
    return 0;
}

void _PyTrash_end(PyThreadState *tstate)
{
    tstate->trash_delete_nesting--;
    if (!tstate->trash_delete_later || tstate->trash_delete_nesting > 0) return;
    /* The nesting stays at 1, so that what a destructor puts aside comes back to this loop and not
     * to a deeper one. */
    tstate->trash_delete_nesting++;
    while (tstate->trash_delete_later) {
        PyObject *op = tstate->trash_delete_later;
        tstate->trash_delete_later = (PyObject *)gc_prev(gc_head(op));
        gc_set_prev(gc_head(op), NULL);
        Py_TYPE(op)->tp_dealloc(op);
    }
    tstate->trash_delete_nesting--;
}

/* Whether `dealloc` is the destructor of op's own type: a subclass's destructor has opened the
 * trashcan already. */
int _PyTrash_cond(PyObject *op, destructor dealloc)
{
    return Py_TYPE(op)->tp_dealloc == dealloc;
}

/* -- Looking at suspicious objects ------------------------------------------------------------ */

int object_is_freed(const void *p)
{
    uintptr_t word = (uintptr_t)p;
    return word == 0 || word == (uintptr_t)0xCDCDCDCDCDCDCDCD
           || word == (uintptr_t)0xDDDDDDDDDDDDDDDD || word == (uintptr_t)0xFDFDFDFDFDFDFDFD;
}

int _PyObject_IsFreed(PyObject *op)
{
    return object_is_freed(op) || object_is_freed(op->ob_type);
}

void _PyObject_Dump(PyObject *op)
{
    if (_PyObject_IsFreed(op)) {
        fprintf(stderr, "<object at %p is freed>\n", (void *)op);
        fflush(stderr);
        return;
    }
    fprintf(stderr, "object address  : %p\n", (void *)op);
    fprintf(stderr, "object refcount : %zd\n", Py_REFCNT(op));
    fflush(stderr);
    PyTypeObject *type = Py_TYPE(op);
    fprintf(stderr, "object type     : %p\n", (void *)type);
    fprintf(stderr, "object type name: %s\n", type ? type->tp_name : "NULL");
    fprintf(stderr, "object repr     : ");
    fflush(stderr);
    PyGILState_STATE gil = PyGILState_Ensure();
    PyObject *error_type, *error_value, *error_traceback;
    PyErr_Fetch(&error_type, &error_value, &error_traceback);
    PyObject_Print(op, stderr, 0);
    fflush(stderr);
    PyErr_Restore(error_type, error_value, error_traceback);
    PyGILState_Release(gil);
    fprintf(stderr, "\n");
    fflush(stderr);
}

void _Py_NO_RETURN _PyObject_AssertFailed(PyObject *op, const char *expr, const char *msg,
                                          const char *file, int line, const char *function)
{
    fprintf(stderr, "%s:%d: ", file, line);
    if (function) fprintf(stderr, "%s: ", function);
    fflush(stderr);
    if (expr) fprintf(stderr, "Assertion \"%s\" failed", expr);
    else fprintf(stderr, "Assertion failed");
    fflush(stderr);
    if (msg) fprintf(stderr, ": %s", msg);
    fprintf(stderr, "\n");
    fflush(stderr);
    if (_PyObject_IsFreed(op)) {
        fprintf(stderr, "<object at %p is freed>\n", (void *)op);
        fflush(stderr);
    } else {
        _PyObject_Dump(op);
    }
    _Py_FatalErrorFunc(__func__, "_PyObject_AssertFailed");
}

void _Py_NO_RETURN _Py_FatalRefcountErrorFunc(const char *func, const char *msg)
{
    _Py_FatalErrorFormat(func, "%s: bug likely caused by a refcount error in a C extension", msg);
}

/* 1 when the object is sound; else the process is stopped with a report. */
int _PyObject_CheckConsistency(PyObject *op, int check_content)
{
    _PyObject_ASSERT(op, !_PyObject_IsFreed(op));
    _PyObject_ASSERT(op, Py_REFCNT(op) >= 1);
    _PyType_CheckConsistency(Py_TYPE(op));
    if (check_content && PyUnicode_Check(op)) _PyUnicode_CheckConsistency(op, check_content);
    else if (check_content && PyDict_Check(op)) _PyDict_CheckConsistency(op, check_content);
    return 1;
}

/* What sys._debugmallocstats() tells of the types that keep freed objects. */
void _PyObject_DebugTypeStats(FILE *out)
{
    _PyDict_DebugMallocStats(out);
    _PyFloat_DebugMallocStats(out);
    _PyList_DebugMallocStats(out);
    _PyTuple_DebugMallocStats(out);
}
