/* Frames: their memory on the data stack, and what they own. */
#include "vm/frame.h"

#include "internal/pycore_frame.h"
#include "objects/code.h"
#include "objects/thread_state.h"
#include "vm/data_stack.h"
#include "vm/vm.h"

Frame *frame_push(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals)
{
    PyCodeObject *code = (PyCodeObject *)func->func_code;
    bool traced = tstate->cframe->use_tracing;
    ExecCode *exec = exec_get(code, traced || vm_runtime.force_plain);
    if (!exec) return NULL;
    Frame *frame = data_stack_push(tstate, frame_size(exec->register_capacity));
    if (!frame) return NULL;
    /* A function of code that was not compiled as one has its globals for locals. */
    if (!locals && !(exec->code->co_flags & CO_OPTIMIZED)) locals = func->func_globals;
    frame_init(frame, func, exec, locals);
    frame->traced = traced;
    return frame;
}

void frame_clear(Frame *frame)
{
    if (frame->object) {
        PyFrameObject *object = frame->object;
        if (Py_REFCNT(object) > 1) {
            frame_object_adopt(object, frame);
            Py_DECREF(object);
            return;
        }
        frame->object = NULL;
        object->f_frame = NULL;
        Py_DECREF(object);
    }
    frame_clear_registers(frame, frame->register_count);
    Py_CLEAR(frame->locals);
    if (frame_created(frame)) Py_CLEAR(frame->created);
    Py_CLEAR(frame->func);
    Py_CLEAR(frame->code);
}

void frame_pop(PyThreadState *tstate, Frame *frame)
{
    frame_clear(frame);
    data_stack_pop(tstate, frame);
}

void frame_orphan_all(PyThreadState *tstate)
{
    for (Frame *frame = tstate->cframe->current_frame, *back; frame; frame = back) {
        back = frame->previous;
        if (frame->owner == FRAME_IN_GENERATOR) {
            frame_own_registers(frame);
            frame->previous = NULL;
        }
        else if (frame->object) {
            PyFrameObject *object = frame->object;
            frame_object_adopt(object, frame);
            Py_DECREF(object);
        }
    }
    tstate->cframe->current_frame = NULL;
}

void frame_own_registers(Frame *frame)
{
    for (int i = 0; i < frame->register_count; i++) frame->registers[i] = value_to_owned(frame->registers[i]);
}

Frame *frame_settle_loans(Frame *frame)
{
    Frame *above = NULL;
    for (PyThreadState *t = PyInterpreterState_ThreadHead(thread_state()->interp); t; t = PyThreadState_Next(t)) {
        Frame *newest = t->cframe->current_frame, *found = newest;
        while (found && found != frame) found = found->previous;
        for (Frame *f = newest; found && f != frame; f = f->previous) {
            frame_own_registers(f);
            above = f;
        }
    }
    return above;
}

Py_ssize_t frame_count_loans(PyThreadState *tstate, PyObject *o)
{
    Py_ssize_t count = 0;
    for (const Frame *frame = tstate->cframe->current_frame; frame; frame = frame->previous) {
        int locals = frame->exec->first_temporary;
        for (int i = 0; i < locals; i++) count += frame->registers[i] == value_from_borrowed(o);
    }
    return count;
}

int frame_traverse(Frame *frame, visitproc visit, void *arg)
{
    for (int i = 0; i < frame->register_count; i++) {
        Value v = frame->registers[i];
        if (value_is_owned(v)) Py_VISIT(value_object(v));
    }
    Py_VISIT(frame->locals);
    Py_VISIT(frame_created(frame));
    Py_VISIT(frame->func);
    Py_VISIT(frame->code);
    Py_VISIT(frame->object);
    return 0;
}

int frame_unit(const Frame *frame)
{
    int word = (int)(frame->ip - frame->exec->words);
    return word < 0 ? -1 : exec_unit(frame->exec, word);
}

int frame_line(const Frame *frame)
{
    int unit = frame_unit(frame);
    if (unit < 0) return frame->code->co_firstlineno;
    return PyCode_Addr2Line(frame->code, unit * (int)sizeof(uint16_t));
}

/* The first RESUME marks the point from where a frame counts: before it are only MAKE_CELL and its like. */
size_t frame_walk_for_tracemalloc(TraceFrame *frames, size_t limit)
{
    size_t count = 0;
    PyThreadState *tstate = thread_state();
    for (const Frame *frame = tstate ? tstate->cframe->current_frame : NULL; frame; frame = frame->previous) {
        if (frame_is_incomplete(frame)) continue;
        if (count < limit) {
            PyObject *file = frame->code->co_filename;
            int line = frame_line(frame);
            frames[count] = (TraceFrame){file && PyUnicode_Check(file) ? file : NULL, line < 0 ? 0 : (unsigned int)line};
        }
        count++;
    }
    return count;
}

bool frame_is_incomplete(const Frame *frame)
{
    return frame->owner != FRAME_IN_GENERATOR && frame_unit(frame) < frame->code->_co_firsttraceable;
}

PyGenObject *frame_generator(const Frame *frame)
{
    assert(frame->owner == FRAME_IN_GENERATOR);
    return (PyGenObject *)((char *)frame - offsetof(PyGenObject, gi_iframe));
}

Frame *frame_current(PyThreadState *tstate)
{
    Frame *frame = tstate->cframe->current_frame;
    while (frame && frame_is_incomplete(frame)) frame = frame->previous;
    return frame;
}

Frame *frame_back(const Frame *frame)
{
    Frame *back = frame->previous;
    while (back && frame_is_incomplete(back)) back = back->previous;
    return back;
}

/* ---- The namespace as a dict ---------------------------------------------------------------------------------- */

static bool is_optimised(const Frame *frame) { return frame->code->co_flags & CO_OPTIMIZED; }

/* The value of "locals plus" number i: cells are looked through. A new reference, NULL if unbound or, with an error set,
 * out of memory. */
static PyObject *read_local(Frame *frame, int i, char kind)
{
    Value v = frame->registers[i];
    if (kind & (CODE_CELL | CODE_FREE) && value_is_object(v)) {
        PyObject *o = value_object(v);
        if (o && PyCell_Check(o)) {
            PyObject *content = PyCell_GET(o);
            Py_XINCREF(content);
            return content;
        }
    }
    return value_box(v);
}

int frame_fast_to_locals(Frame *frame)
{
    PyCodeObject *code = frame->code;
    if (!frame->locals && !(frame->locals = PyDict_New())) return -1;
    const char *kinds = PyBytes_AS_STRING(code->co_localspluskinds);
    /* A function's free variables become visible when its closure has been copied; before that read the closure. */
    bool closure_pending = code->co_nfreevars && frame_unit(frame) < 0 && frame->func->func_closure;
    for (int i = 0; i < code->co_nlocalsplus; i++) {
        if (kinds[i] & CODE_FREE && !is_optimised(frame)) continue;  /* class bodies do not show free variables */
        PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, i);
        PyObject *value;
        if (closure_pending && kinds[i] & CODE_FREE) {
            PyObject *cell = PyTuple_GET_ITEM(frame->func->func_closure, i - (code->co_nlocalsplus - code->co_nfreevars));
            value = PyCell_GET(cell);
            Py_XINCREF(value);
        }
        else {
            value = read_local(frame, i, kinds[i]);
            if (!value && PyErr_Occurred()) return -1;
        }
        int failed;
        if (value) {
            failed = PyObject_SetItem(frame->locals, name, value);
            Py_DECREF(value);
        }
        else {
            failed = PyObject_DelItem(frame->locals, name);
            if (failed && PyErr_ExceptionMatches(PyExc_KeyError)) {
                PyErr_Clear();
                failed = 0;
            }
        }
        if (failed) return -1;
    }
    return 0;
}

/* Whether C code may have borrowed what the register holds: whether it is an operand of the instruction that the frame stands at, and
 * that has not just called the Python function whose frame is `above`. */
static bool is_in_use(const Frame *frame, int reg, const Frame *above)
{
    const Word *w = frame->ip;
    if (above && above->returns != RETURN_TO_C) return false;
    if (frame->exec->word_count == 0 || w < frame->exec->words) return false;
    if (w->a == reg || w->b == reg || w->c == reg) return true;
    for (int i = 1, n = exec_length(w); i < n; i++) {
        for (int k = 0; k < 4; k++) {
            if (w[i].lane[k] == reg) return true;
        }
    }
    return false;
}

/* A fused frame that goes on reads locals where they are, and without a look those that are surely bound. So what is being read is
 * kept, and nothing is unbound, except by a tracer of an exception: such a frame goes on in the plain form. */
static void write_local(Frame *frame, int i, char kind, PyObject *value)
{
    Value old = frame->registers[i];
    if (kind & (CODE_CELL | CODE_FREE) && value_is_object(old) && value_object(old) && PyCell_Check(value_object(old))) {
        PyCell_Set(value_object(old), value);
        return;
    }
    if (value_is_object(old) && value_object(old) == value) return;
    PyThreadState *tstate = thread_state();
    bool fused = !frame->exec->plain && frame->owner != FRAME_IN_OBJECT;
    if (fused && !value && !(tstate->tracing && tstate->tracing_what == PyTrace_EXCEPTION)) return;
    bool is_owned = value_is_owned(old);
    const Frame *above = is_owned ? frame_settle_loans(frame) : NULL;
    frame->registers[i] = value_from_owned(Py_XNewRef(value));
    if (fused && is_owned && frame->object && is_in_use(frame, i, above)) frame_object_keep_steal(frame->object, value_object(old));
    else value_release(old);
}

void frame_locals_to_fast(Frame *frame, int clear)
{
    PyCodeObject *code = frame->code;
    if (!frame->locals) return;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    const char *kinds = PyBytes_AS_STRING(code->co_localspluskinds);
    for (int i = 0; i < code->co_nlocalsplus; i++) {
        if (kinds[i] & CODE_FREE && !is_optimised(frame)) continue;
        PyObject *item = PyObject_GetItem(frame->locals, PyTuple_GET_ITEM(code->co_localsplusnames, i));
        if (!item) {
            PyErr_Clear();
            if (!clear) continue;
        }
        write_local(frame, i, kinds[i], item);
        Py_XDECREF(item);
    }
    PyErr_Restore(type, value, traceback);
}

PyObject *frame_locals_borrow(Frame *frame)
{
    if (frame_fast_to_locals(frame) < 0) return NULL;
    return frame->locals;
}

/* ---- Frame objects -------------------------------------------------------------------------------------------- */

PyFrameObject *frame_object_borrow(Frame *frame)
{
    if (frame->object) return frame->object;
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyFrameObject *object = frame_object_new(frame);
    if (!object) {
        Py_XDECREF(type);
        Py_XDECREF(value);
        Py_XDECREF(traceback);
        return NULL;
    }
    PyErr_Restore(type, value, traceback);
    if (frame->object) {    /* a collection ran, and somebody it called has looked */
        object->f_frame = NULL;
        Py_DECREF(object);
    }
    else frame->object = object;
    return frame->object;
}
