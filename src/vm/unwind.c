#include "vm/unwind.h"

#include "objects/thread_state.h"
#include "vm/vm.h"

void unwind_drop(Frame *frame, int first)
{
    for (int i = frame->register_count - 1; i >= first; i--) {
        Value v = frame->registers[i];
        frame->registers[i] = VALUE_EMPTY;
        value_release(v);
    }
}

int unwind_to_handler(PyThreadState *tstate, Frame *frame, const ExecHandler *handler)
{
    int top = frame->exec->first_temporary + handler->depth;
    unwind_drop(frame, top);
    if (handler->lasti) frame->registers[top++] = value_from_int(exec_unit_at(frame->exec, frame->ip));
    PyObject *type, *value, *traceback;
    type = tstate->curexc_type;
    value = tstate->curexc_value;
    traceback = tstate->curexc_traceback;
    tstate->curexc_type = tstate->curexc_value = tstate->curexc_traceback = NULL;
    if (!value || (PyObject *)Py_TYPE(value) != type) PyErr_NormalizeException(&type, &value, &traceback);
    if (traceback) Py_XSETREF(((PyBaseExceptionObject *)value)->traceback, traceback);
    Py_XDECREF(type);
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
