/* Frame objects: what sys._getframe, tracebacks and tracers see of a frame. Made only when somebody looks. */
#include <Python.h>
#include <stddef.h>
#include <frameobject.h>
#include <structmember.h>

#include "internal/pycore_frame.h"
#include "objects/immortal.h"
#include "objects/names.h"
#include "objects/thread_state.h"
#include "vm/trace.h"
#include "vm/vm.h"

/* f_frame points at the live frame, or at the copy in _f_frame_data once it has ended; never NULL while Python code can
 * reach the object. Until it has ended, _f_frame_data has a list of what is kept that long, or NULL. */

/* Where that list is, or NULL. */
static PyObject **kept(PyFrameObject *object)
{
    return object->f_frame == (Frame *)object->_f_frame_data ? NULL : &object->_f_frame_data[0];
}

static void release_kept(PyFrameObject *object)
{
    if (kept(object)) Py_CLEAR(*kept(object));
}

void frame_object_keep_steal(PyFrameObject *object, PyObject *o)
{
    PyObject **list = kept(object);
    if (!*list) *list = PyList_New(0);
    if (!*list || PyList_Append(*list, o) < 0) PyErr_Clear();   /* it stays for good, then, for somebody may be using it */
    else Py_DECREF(o);
}

PyFrameObject *frame_object_new(Frame *frame)
{
    Py_ssize_t words = (Py_ssize_t)(frame_size(frame_capacity(frame)) / sizeof(PyObject *));
    PyFrameObject *object = PyObject_GC_NewVar(PyFrameObject, &PyFrame_Type, words);
    if (!object) return NULL;
    object->f_back = NULL;
    object->f_frame = frame;
    object->f_trace = NULL;
    object->f_lineno = 0;
    object->f_trace_lines = 1;
    object->f_trace_opcodes = 0;
    object->f_fast_as_locals = 0;
    object->_f_frame_data[0] = NULL;
    PyObject_GC_Track(object);
    return object;
}

void frame_object_adopt(PyFrameObject *object, Frame *frame)
{
    Frame *copy = (Frame *)object->_f_frame_data;
    Frame *back = frame_back(frame);
    PyObject *released = kept(object) ? *kept(object) : NULL;
    memcpy(copy, frame, frame_size(frame->register_count));
    frame_own_registers(copy);
    object->f_frame = copy;
    copy->object = NULL;        /* the object owns the copy, not the other way round */
    copy->owner = FRAME_IN_OBJECT;
    copy->previous = NULL;
    frame->object = NULL;
    frame->register_count = 0;
    frame->locals = NULL;
    frame->returns = RETURN_TO_C;
    frame->func = NULL;
    frame->code = NULL;
    if (back && !object->f_back) {
        bool raising = PyErr_Occurred() != NULL;
        PyFrameObject *back_object = frame_object_borrow(back);
        if (back_object) object->f_back = (PyFrameObject *)Py_NewRef(back_object);
        else if (!raising) PyErr_Clear();   /* else MemoryError has taken the place of what was raised */
    }
    Py_XDECREF(released);
}

static Frame *live(PyFrameObject *object) { return object->f_frame; }

/* ---- Attributes ----------------------------------------------------------------------------------------------- */

PyFrameObject *PyFrame_GetBack(PyFrameObject *object)
{
    PyFrameObject *back = object->f_back;
    if (!back) {
        Frame *frame = live(object);
        bool running = frame->owner == FRAME_ON_STACK
                       || (frame->owner == FRAME_IN_GENERATOR && frame_generator(frame)->gi_frame_state == FRAME_EXECUTING);
        Frame *previous = running ? frame_back(frame) : NULL;
        if (previous) back = frame_object_borrow(previous);
    }
    return (PyFrameObject *)Py_XNewRef(back);
}

PyCodeObject *PyFrame_GetCode(PyFrameObject *object) { return (PyCodeObject *)Py_NewRef(live(object)->code); }
PyObject *PyFrame_GetGlobals(PyFrameObject *object) { return Py_NewRef(frame_globals(live(object))); }
PyObject *PyFrame_GetBuiltins(PyFrameObject *object) { return Py_NewRef(frame_builtins(live(object))); }

PyObject *PyFrame_GetLocals(PyFrameObject *object)
{
    if (!object) {
        PyErr_BadInternalCall();
        return NULL;
    }
    PyObject *locals = frame_locals_borrow(live(object));
    object->f_fast_as_locals = 1;
    return Py_XNewRef(locals);
}

PyObject *PyFrame_GetGenerator(PyFrameObject *object)
{
    Frame *frame = live(object);
    return frame->owner == FRAME_IN_GENERATOR ? Py_NewRef(frame_generator(frame)) : NULL;
}

int PyFrame_GetLasti(PyFrameObject *object)
{
    int unit = frame_unit(live(object));
    return unit < 0 ? -1 : unit * (int)sizeof(uint16_t);
}

int PyFrame_GetLineNumber(PyFrameObject *object)
{
    return object->f_lineno ? object->f_lineno : frame_line(live(object));
}

int PyFrame_FastToLocalsWithError(PyFrameObject *object)
{
    if (!object) {
        PyErr_BadInternalCall();
        return -1;
    }
    int result = frame_fast_to_locals(live(object));
    if (result == 0) object->f_fast_as_locals = 1;
    return result;
}

void PyFrame_FastToLocals(PyFrameObject *object)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    if (PyFrame_FastToLocalsWithError(object) < 0) PyErr_Clear();
    PyErr_Restore(type, value, traceback);
}

void PyFrame_LocalsToFast(PyFrameObject *object, int clear)
{
    if (!object || !object->f_fast_as_locals) return;
    object->f_fast_as_locals = 0;
    frame_locals_to_fast(live(object), clear);
}

static PyObject *get_locals(PyFrameObject *object, void *Py_UNUSED(closure)) { return PyFrame_GetLocals(object); }
static PyObject *get_globals(PyFrameObject *object, void *Py_UNUSED(closure)) { return PyFrame_GetGlobals(object); }
static PyObject *get_builtins(PyFrameObject *object, void *Py_UNUSED(closure)) { return PyFrame_GetBuiltins(object); }

static PyObject *get_code(PyFrameObject *object, void *Py_UNUSED(closure))
{
    if (PySys_Audit("object.__getattr__", "Os", object, "f_code") < 0) return NULL;
    return (PyObject *)PyFrame_GetCode(object);
}

static PyObject *get_back(PyFrameObject *object, void *Py_UNUSED(closure))
{
    PyObject *back = (PyObject *)PyFrame_GetBack(object);
    return back ? back : Py_NewRef(Py_None);
}

static PyObject *get_lasti(PyFrameObject *object, void *Py_UNUSED(closure)) { return PyLong_FromLong(PyFrame_GetLasti(object)); }

static PyObject *get_lineno(PyFrameObject *object, void *Py_UNUSED(closure))
{
    int line = PyFrame_GetLineNumber(object);
    return line < 0 ? Py_NewRef(Py_None) : PyLong_FromLong(line);
}

static int set_lineno(PyFrameObject *object, PyObject *value, void *Py_UNUSED(closure))
{
    if (!value) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete attribute");
        return -1;
    }
    if (!PyLong_CheckExact(value)) {
        PyErr_SetString(PyExc_ValueError, "lineno must be an integer");
        return -1;
    }
    return trace_jump_to_line(thread_state(), object, value);
}

static PyObject *get_trace(PyFrameObject *object, void *Py_UNUSED(closure))
{
    return Py_NewRef(object->f_trace ? object->f_trace : Py_None);
}

static int set_trace(PyFrameObject *object, PyObject *value, void *Py_UNUSED(closure))
{
    if (value == Py_None) value = NULL;
    if (value != object->f_trace) {
        Py_XSETREF(object->f_trace, Py_XNewRef(value));
        if (value) object->f_lineno = 0;
    }
    return 0;
}

static PyGetSetDef frame_getset[] = {
    {"f_back", (getter)get_back, NULL, NULL, NULL},
    {"f_locals", (getter)get_locals, NULL, NULL, NULL},
    {"f_globals", (getter)get_globals, NULL, NULL, NULL},
    {"f_builtins", (getter)get_builtins, NULL, NULL, NULL},
    {"f_code", (getter)get_code, NULL, NULL, NULL},
    {"f_lasti", (getter)get_lasti, NULL, NULL, NULL},
    {"f_lineno", (getter)get_lineno, (setter)set_lineno, NULL, NULL},
    {"f_trace", (getter)get_trace, (setter)set_trace, NULL, NULL},
    {0},
};

static PyMemberDef frame_members[] = {
    {"f_trace_lines", T_BOOL, offsetof(PyFrameObject, f_trace_lines), 0, NULL},
    {"f_trace_opcodes", T_BOOL, offsetof(PyFrameObject, f_trace_opcodes), 0, NULL},
    {0},
};

/* ---- Methods -------------------------------------------------------------------------------------------------- */

static int frame_object_clear(PyFrameObject *object)
{
    Py_CLEAR(object->f_trace);
    Frame *frame = object->f_frame;
    if (frame && frame->owner == FRAME_IN_OBJECT) {
        frame_clear_registers(frame, frame->register_count);
        for (int i = 0; i < frame->register_count; i++) frame->registers[i] = VALUE_EMPTY;     /* numbers and loans, too */
    }
    return 0;
}

static PyObject *frame_clear_method(PyFrameObject *object, PyObject *Py_UNUSED(ignored))
{
    Frame *frame = live(object);
    if (frame->owner == FRAME_IN_GENERATOR) {
        PyGenObject *gen = frame_generator(frame);
        if (gen->gi_frame_state == FRAME_EXECUTING) goto running;
        _PyGen_Finalize((PyObject *)gen);
    }
    else if (frame->owner == FRAME_ON_STACK) goto running;
    else frame_object_clear(object);
    Py_RETURN_NONE;
running:
    PyErr_SetString(PyExc_RuntimeError, "cannot clear an executing frame");
    return NULL;
}

static PyObject *frame_sizeof(PyFrameObject *object, PyObject *Py_UNUSED(ignored))
{
    PyCodeObject *code = live(object)->code;
    Py_ssize_t size = (Py_ssize_t)offsetof(PyFrameObject, _f_frame_data) + 72
                      + (code->co_nlocalsplus + code->co_stacksize) * (Py_ssize_t)sizeof(PyObject *);
    return PyLong_FromSsize_t(size);
}

static PyObject *frame_repr(PyFrameObject *object)
{
    PyCodeObject *code = live(object)->code;
    return PyUnicode_FromFormat("<frame at %p, file %R, line %d, code %S>", object, code->co_filename, PyFrame_GetLineNumber(object),
                                code->co_name);
}

static PyMethodDef frame_methods[] = {
    {"clear", (PyCFunction)frame_clear_method, METH_NOARGS,
     PyDoc_STR("F.clear(): drop all references that the frame's variables hold")},
    {"__sizeof__", (PyCFunction)frame_sizeof, METH_NOARGS, PyDoc_STR("F.__sizeof__() -> size of F in memory, in bytes")},
    {0},
};

/* ---- Slots ---------------------------------------------------------------------------------------------------- */

static int frame_object_traverse(PyFrameObject *object, visitproc visit, void *arg)
{
    Py_VISIT(object->f_back);
    Py_VISIT(object->f_trace);
    if (kept(object)) Py_VISIT(*kept(object));
    Frame *frame = object->f_frame;
    return frame && frame->owner == FRAME_IN_OBJECT ? frame_traverse(frame, visit, arg) : 0;
}

static void frame_object_dealloc(PyFrameObject *object)
{
    Frame *frame = object->f_frame;
    PyObject_GC_UnTrack(object);
    Py_TRASHCAN_BEGIN(object, frame_object_dealloc);
    release_kept(object);
    if (frame && frame->owner == FRAME_IN_OBJECT) frame_clear(frame);
    Py_CLEAR(object->f_back);
    Py_CLEAR(object->f_trace);
    PyObject_GC_Del(object);
    Py_TRASHCAN_END;
}

PyTypeObject PyFrame_Type = {
    IMMORTAL_TYPE_HEAD,
    .tp_name = "frame",
    .tp_basicsize = offsetof(PyFrameObject, _f_frame_data),
    .tp_itemsize = sizeof(PyObject *),
    .tp_dealloc = (destructor)frame_object_dealloc,
    .tp_repr = (reprfunc)frame_repr,
    .tp_getattro = PyObject_GenericGetAttr,
    .tp_setattro = PyObject_GenericSetAttr,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)frame_object_traverse,
    .tp_clear = (inquiry)frame_object_clear,
    .tp_methods = frame_methods,
    .tp_members = frame_members,
    .tp_getset = frame_getset,
};

/* A frame that no loop runs: what Cython and others make to get a line into a traceback. */
PyFrameObject *PyFrame_New(PyThreadState *tstate, PyCodeObject *code, PyObject *globals, PyObject *locals)
{
    PyObject *builtins = vm_builtins_for(tstate, globals);
    if (!builtins) return NULL;
    Py_DECREF(builtins);
    PyFunctionObject *func = (PyFunctionObject *)PyFunction_New((PyObject *)code, globals);
    ExecCode *exec = func ? exec_get(code, false) : NULL;
    if (!exec) {
        Py_XDECREF(func);
        return NULL;
    }
    Py_ssize_t words = (Py_ssize_t)(frame_size(exec->register_capacity) / sizeof(PyObject *));
    PyFrameObject *object = PyObject_GC_NewVar(PyFrameObject, &PyFrame_Type, words);
    if (object) {
        Frame *frame = (Frame *)object->_f_frame_data;
        frame_init(frame, func, exec, locals);
        frame->owner = FRAME_IN_OBJECT;
        frame->previous = NULL;
        object->f_back = NULL;
        object->f_frame = frame;
        object->f_trace = NULL;
        object->f_lineno = 0;
        object->f_trace_lines = 1;
        object->f_trace_opcodes = object->f_fast_as_locals = 0;
        PyObject_GC_Track(object);
    }
    Py_DECREF(func);
    return object;
}
