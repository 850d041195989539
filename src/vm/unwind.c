#include "vm/unwind.h"

#include "objects/thread_state.h"
#include "vm/vm.h"

void traceback_add(PyThreadState *Py_UNUSED(tstate), Frame *frame)
{
    PyFrameObject *object = frame_object_borrow(frame);
    if (object) PyTraceBack_Here(object);
}

int unwind_to_handler(PyThreadState *tstate, Frame *frame, const ExecHandler *handler)
{
    int top = frame->exec->first_temporary + handler->depth;
    for (int i = top; i < frame->register_count; i++) {
        Value v = frame->registers[i];
        frame->registers[i] = VALUE_EMPTY;
        value_release(v);
    }
    if (handler->lasti) frame->registers[top++] = value_from_int(exec_unit_at(frame->exec, frame->ip));
    PyObject *type, *value, *traceback;
    type = tstate->curexc_type;
    value = tstate->curexc_value;
    traceback = tstate->curexc_traceback;
    tstate->curexc_type = tstate->curexc_value = tstate->curexc_traceback = NULL;
    PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback) PyException_SetTraceback(value, traceback);
    Py_XDECREF(type);
    Py_XDECREF(traceback);
    frame->registers[top] = value_from_owned(value);
    return 0;
}

void unwind_restore(PyThreadState *Py_UNUSED(tstate), PyObject *exc)
{
    PyErr_Restore(Py_NewRef(Py_TYPE(exc)), exc, PyException_GetTraceback(exc));
}

void unwind_restore_position(Frame *frame, Value unit)
{
    if (!value_is_int(unit)) return;
    int word = exec_word_of_unit(frame->exec, (int)value_int(unit));
    if (word >= 0) frame->ip = frame->exec->words + word;
}

bool vm_take_stop_iteration(void)
{
    PyThreadState *tstate = thread_state();
    if (!tstate->curexc_type) return true;
    if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return false;
    PyErr_Clear();
    return true;
}
