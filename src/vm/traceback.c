/* Traceback objects. Printing them is runtime's business. */
#include <Python.h>
#include <stddef.h>
#include <structmember.h>

#include <frameobject.h>

#include "internal/krait_exports.h"
#include "internal/pycore_frame.h"
#include "objects/containers.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/unwind.h"
#include "vm/vm.h"

enum { LINE_UNKNOWN = -1 };     /* tb_lineno: to be looked up when somebody asks */

int traceback_line(const PyTracebackObject *tb)
{
    if (tb->tb_lineno != LINE_UNKNOWN) return tb->tb_lineno;
    PyCodeObject *code = PyFrame_GetCode(tb->tb_frame);
    int line = PyCode_Addr2Line(code, tb->tb_lasti);
    Py_DECREF(code);
    return line;
}

/* Takes over nothing; `next` may be NULL. */
static PyTracebackObject *traceback_new(PyTracebackObject *next, PyFrameObject *frame, int lasti, int lineno)
{
    PyTracebackObject *tb = container_new(&PyTraceBack_Type, sizeof(PyTracebackObject));
    if (!tb) return NULL;
    tb->tb_next = (PyTracebackObject *)Py_XNewRef(next);
    tb->tb_frame = (PyFrameObject *)Py_NewRef(frame);
    tb->tb_lasti = lasti;
    tb->tb_lineno = lineno;
    gc_track(tb);
    return tb;
}

PyObject *_PyTraceBack_FromFrame(PyObject *next, PyFrameObject *frame)
{
    int lasti = PyFrame_GetLasti(frame), line = frame->f_lineno || lasti < 0 ? PyFrame_GetLineNumber(frame) : LINE_UNKNOWN;
    return (PyObject *)traceback_new((PyTracebackObject *)next, frame, lasti, line);
}

/* No collection runs while an exception is on its way, so nobody looks between. */
void traceback_add(PyThreadState *tstate, Frame *frame)
{
    PyFrameObject *object = frame_object_borrow(frame);
    PyObject *next = tstate->curexc_traceback, *entry = object ? _PyTraceBack_FromFrame(next, object) : NULL;
    if (!entry) return;
    tstate->curexc_traceback = entry;
    Py_XDECREF(next);
}

int PyTraceBack_Here(PyFrameObject *frame)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *entry = _PyTraceBack_FromFrame(traceback, frame);
    if (!entry) {   /* the MemoryError is dropped: the exception on its way matters more */
        PyErr_Restore(type, value, traceback);
        return -1;
    }
    PyErr_Restore(type, value, entry);
    Py_XDECREF(traceback);
    return 0;
}

void _PyTraceback_Add(const char *function, const char *file, int line)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *globals = PyDict_New();
    PyCodeObject *code = globals ? PyCode_NewEmpty(file, function, line) : NULL;
    PyFrameObject *frame = code ? PyFrame_New(thread_state(), code, globals, NULL) : NULL;
    PyErr_Restore(type, value, traceback);
    if (frame) {
        frame->f_lineno = line;
        PyTraceBack_Here(frame);
    }
    Py_XDECREF(frame);
    Py_XDECREF(code);
    Py_XDECREF(globals);
}

/* ---- The type ------------------------------------------------------------------------------------------------- */

PyDoc_STRVAR(traceback_doc,
"TracebackType(tb_next, tb_frame, tb_lasti, tb_lineno)\n--\n\n"
"An entry of a traceback: a frame, and where it stood.");

static PyObject *traceback_tp_new(PyTypeObject *Py_UNUSED(type), PyObject *args, PyObject *kwargs)
{
    static char *keywords[] = {"tb_next", "tb_frame", "tb_lasti", "tb_lineno", NULL};
    PyObject *next, *frame;
    int lasti, lineno;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OO!ii:traceback", keywords, &next, &PyFrame_Type, &frame, &lasti, &lineno)) {
        return NULL;
    }
    if (next == Py_None) next = NULL;
    else if (!PyTraceBack_Check(next)) {
        return PyErr_Format(PyExc_TypeError, "expected traceback object or None, got '%s'", Py_TYPE(next)->tp_name);
    }
    return (PyObject *)traceback_new((PyTracebackObject *)next, (PyFrameObject *)frame, lasti, lineno);
}

static PyObject *get_next(PyTracebackObject *tb, void *Py_UNUSED(closure))
{
    return Py_NewRef(tb->tb_next ? (PyObject *)tb->tb_next : Py_None);
}

static int set_next(PyTracebackObject *tb, PyObject *value, void *Py_UNUSED(closure))
{
    if (!value) {
        PyErr_Format(PyExc_TypeError, "can't delete tb_next attribute");
        return -1;
    }
    if (value == Py_None) value = NULL;
    else if (!PyTraceBack_Check(value)) {
        PyErr_Format(PyExc_TypeError, "expected traceback object, got '%s'", Py_TYPE(value)->tp_name);
        return -1;
    }
    for (PyTracebackObject *t = (PyTracebackObject *)value; t; t = t->tb_next) {
        if (t == tb) {
            PyErr_Format(PyExc_ValueError, "traceback loop detected");
            return -1;
        }
    }
    Py_XSETREF(tb->tb_next, (PyTracebackObject *)Py_XNewRef(value));
    return 0;
}

static PyObject *get_lineno(PyTracebackObject *tb, void *Py_UNUSED(closure))
{
    int line = traceback_line(tb);
    return line < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(line);
}

/* To the reference it is a plain member. */
static int set_lineno(PyTracebackObject *Py_UNUSED(tb), PyObject *Py_UNUSED(value), void *Py_UNUSED(closure))
{
    PyErr_SetString(PyExc_AttributeError, "readonly attribute");
    return -1;
}

static PyObject *traceback_dir(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(ignored))
{
    return Py_BuildValue("[ssss]", "tb_frame", "tb_next", "tb_lasti", "tb_lineno");
}

static PyMethodDef traceback_methods[] = {
    {"__dir__", traceback_dir, METH_NOARGS, NULL},
    {0},
};

static PyMemberDef traceback_members[] = {
    {"tb_frame", T_OBJECT, offsetof(PyTracebackObject, tb_frame), READONLY | PY_AUDIT_READ, NULL},
    {"tb_lasti", T_INT, offsetof(PyTracebackObject, tb_lasti), READONLY, NULL},
    {0},
};

static PyGetSetDef traceback_getset[] = {
    {"tb_next", (getter)get_next, (setter)set_next, NULL, NULL},
    {"tb_lineno", (getter)get_lineno, (setter)set_lineno, NULL, NULL},
    {0},
};

static void traceback_dealloc(PyTracebackObject *tb)
{
    if (gc_tracked(tb)) gc_untrack(tb);
    if (!tb->tb_next && tb->tb_frame && Py_REFCNT(tb->tb_frame) > 1) {      /* nothing else dies with it */
        Py_DECREF(tb->tb_frame);
        gc_free(tb, sizeof(GcHead));
        return;
    }
    Py_TRASHCAN_BEGIN(tb, traceback_dealloc)
    Py_XDECREF(tb->tb_next);
    Py_XDECREF(tb->tb_frame);
    PyObject_GC_Del(tb);
    Py_TRASHCAN_END
}

static int traceback_traverse(PyTracebackObject *tb, visitproc visit, void *arg)
{
    Py_VISIT(tb->tb_next);
    Py_VISIT(tb->tb_frame);
    return 0;
}

static int traceback_clear(PyTracebackObject *tb)
{
    Py_CLEAR(tb->tb_next);
    Py_CLEAR(tb->tb_frame);
    return 0;
}

PyTypeObject PyTraceBack_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "traceback",
    .tp_basicsize = sizeof(PyTracebackObject),
    .tp_dealloc = (destructor)traceback_dealloc,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = traceback_doc,
    .tp_traverse = (traverseproc)traceback_traverse,
    .tp_clear = (inquiry)traceback_clear,
    .tp_methods = traceback_methods,
    .tp_members = traceback_members,
    .tp_getset = traceback_getset,
    .tp_new = traceback_tp_new,
};
