/* Calls: binding arguments to parameters, and leaving the VM for other callables. */
#ifndef KRAIT_VM_CALL_H
#define KRAIT_VM_CALL_H

#include "objects/code.h"
#include "vm/data_stack.h"
#include "vm/frame.h"
#include "vm/unwind.h"

/* A function whose calls may stay in the loop. */
static inline bool call_is_python(PyObject *callable)
{
    return Py_IS_TYPE(callable, &PyFunction_Type) && ((PyFunctionObject *)callable)->vectorcall == _PyFunction_Vectorcall;
}

/* The same for a function bound to an object. */
static inline bool call_is_python_method(PyObject *callable)
{
    return Py_IS_TYPE(callable, &PyMethod_Type) && call_is_python(PyMethod_GET_FUNCTION(callable));
}

/* A pushed and counted frame for a function whose fused form is known; its parameters are still empty. NULL with an exception
 * set. */
static inline Frame *call_push_simple(PyThreadState *tstate, PyFunctionObject *func, ExecCode *exec)
{
    if (vm_enter_recursion(tstate) < 0) return NULL;
    Frame *frame = data_stack_push(tstate, frame_size(exec->register_capacity));
    if (__builtin_expect(frame != NULL, 1)) frame_init(frame, func, exec, NULL);
    else vm_leave_recursion(tstate);
    return frame;
}

/* A pushed and counted frame with the arguments bound. `args` are stolen, also on failure: nargs positional ones, then those
 * named in kwnames (which may be NULL). NULL with an exception set. */
Frame *call_push(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals, Value *args, size_t nargs, PyObject *kwnames);

/* The same for a CALL instruction's operands, with `self` (stolen) before them unless it is VALUE_EMPTY. */
Frame *call_push_operands(PyThreadState *tstate, PyFunctionObject *func, Value self, Value *registers, const Value *constants,
                          int first_temporary, const Word *ip);

/* A pushed and counted frame for a Python function bound to an object (call_is_python_method()), with a CALL instruction's operands,
 * `first` (stolen) before them unless it is VALUE_EMPTY. NULL with an exception set. */
Frame *call_push_bound(PyThreadState *tstate, PyObject *method, Value first, Value *registers, const Value *constants,
                       int first_temporary, const Word *ip);

/* Calls something that is no Python function with a CALL instruction's operands, `self` (borrowed) before them unless NULL.
 * The operands stay. A new reference. */
PyObject *call_object(PyThreadState *tstate, PyObject *callable, PyObject *self, Value *registers, const Value *constants,
                      const Word *ip);

enum { CALL_FEW = 8 };      /* arguments up to this many are collected on the C stack */

/* The flags of a C function that say how it is called. */
#define CALL_KIND (~(METH_CLASS | METH_STATIC | METH_COEXIST))

/* A result that must go together with the absence of an exception. */
ALWAYS_INLINE PyObject *call_result(PyThreadState *tstate, PyObject *callable, PyObject *result)
{
    if (LIKELY(result && !tstate->curexc_type)) return result;
    return _Py_CheckFunctionResult(tstate, callable, result, NULL);
}

/* Calls a C function of METH_O, or with NULL one of METH_NOARGS. A new reference. */
ALWAYS_INLINE PyObject *call_c_one(PyThreadState *tstate, PyObject *callable, PyMethodDef *def, PyObject *self, PyObject *argument)
{
    if (vm_enter_recursion(tstate) < 0) return NULL;
    PyObject *result = def->ml_meth(self, argument);
    vm_leave_recursion(tstate);
    return call_result(tstate, callable, result);
}

/* Calls a C function of METH_FASTCALL, with or without METH_KEYWORDS. A new reference. */
ALWAYS_INLINE PyObject *call_c_fast(PyThreadState *tstate, PyObject *callable, PyMethodDef *def, int kind, PyObject *self,
                                    PyObject *const *args, int count)
{
    if (vm_enter_recursion(tstate) < 0) return NULL;
    PyObject *result = kind == METH_FASTCALL
                           ? ((_PyCFunctionFast)(void (*)(void))def->ml_meth)(self, args, count)
                           : ((_PyCFunctionFastWithKeywords)(void (*)(void))def->ml_meth)(self, args, count, NULL);
    vm_leave_recursion(tstate);
    return call_result(tstate, callable, result);
}

/* callable(*args, **keywords) of CALL_FUNCTION_EX. A new reference. */
PyObject *call_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *keywords);

/* TypeError: __init__() should return None. Consumes the result. */
void call_init_result_error(Value result);

#endif
