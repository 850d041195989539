/* Calls: binding arguments to parameters, and leaving the VM for other callables. */
#ifndef KRAIT_VM_CALL_H
#define KRAIT_VM_CALL_H

#include "base/config.h"
#include "objects/call.h"
#include "objects/code.h"
#include "objects/dict/dict.h"
#include "objects/type/type.h"
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

/* The Python function that is __call__ of the callable's class. Borrowed; NULL if there is none, or it is something else. */
PyFunctionObject *call_method_borrow(PyObject *callable);

/* A pushed and counted frame for a function whose fused form is known. The first `count` registers are the caller's to fill, and
 * so is frame->func, an owned reference to func, and what belongs to `linkage`. NULL with an exception set. */
ALWAYS_INLINE Frame *call_push_simple(PyThreadState *tstate, PyFunctionObject *func, ExecCode *exec, int count, uint64_t linkage)
{
    if (vm_enter_recursion(tstate) < 0) return NULL;
    Frame *frame = data_stack_push(tstate, frame_size(exec->register_capacity));
    if (__builtin_expect(frame == NULL, 0)) {
        vm_leave_recursion(tstate);
        return NULL;
    }
    frame_init_header(frame, func, exec, NULL, linkage);
    frame_empty_registers(frame, count);
    return frame;
}

/* Whether the defaults of a function of simple parameters make up for those that a call with `count` arguments lacks. */
static inline bool call_defaults_fit(PyFunctionObject *func, const ExecCode *exec, int count)
{
    int missing = exec->simple_arguments - count;
    return LIKELY(missing == 0) || (missing > 0 && func->func_defaults && missing <= PyTuple_GET_SIZE(func->func_defaults));
}

/* Fills in those defaults. */
void call_fill_defaults(Frame *callee, PyFunctionObject *func, int count);

/* A pushed and counted frame for a call with one argument, which is stolen. NULL with an exception set. */
Frame *call_push_value(PyThreadState *tstate, PyFunctionObject *func, Value argument);

/* A pushed and counted frame with the caller's operands of the CALL instruction at ip bound; before them come `first` and `second`
 * (stolen) unless they are VALUE_EMPTY. NULL with an exception set. */
Frame *call_push_operands(PyThreadState *tstate, PyFunctionObject *func, Value first, Value second, Frame *caller, const Word *ip);

/* Calls something that is no Python function with a CALL instruction's operands, `self` (borrowed) before them unless NULL.
 * The operands stay. A new reference. */
PyObject *call_object(PyThreadState *tstate, PyObject *callable, PyObject *self, Value *registers, const Value *constants,
                      const Word *ip);

/* Whether it is called with a tuple and a dict, and not by Python's __call__. */
static inline bool call_takes_tuple(PyObject *callable)
{
    ternaryfunc call = Py_TYPE(callable)->tp_call;
    vectorcallfunc vectorcall = call_vectorcall_of(callable);
    if (vectorcall) {       /* that of classes makes a tuple, too, where __new__ and __init__ are in C */
        PyTypeObject *class = (PyTypeObject *)callable;
        return vectorcall == type_vectorcall_instance && class->tp_init != slot_tp_init && class->tp_init != object_init;
    }
    return call && call != slot_tp_call;
}

/* Calls such an object with the operands of a CALL instruction of the frame, which are consumed. A new reference. */
PyObject *call_operands_in_tuple(PyThreadState *tstate, PyObject *callable, Frame *frame, const Word *ip);

enum { CALL_FEW = KRAIT_LIMIT(8, 2) };      /* arguments up to this many are collected on the C stack */

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

/* Calls a C function of METH_VARARGS, with or without METH_KEYWORDS, with the operands of an instruction, of which there are no
 * keywords; temporaries among them are empty then. A new reference. */
PyObject *call_c_tuple(PyThreadState *tstate, PyObject *callable, PyMethodDef *def, PyObject *self, Frame *frame, const Word *ip);

/* callable(*args, **keywords) of CALL_FUNCTION_EX, keywords NULL or a mapping, of which with `copy` the callable must get a copy.
 * A new reference. */
PyObject *call_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *keywords, bool copy);

/* Whether such a call is one of a Python function, bound or not, that call_push_ex() can bind the arguments of. */
static inline bool call_ex_stays(PyObject *callable, PyObject *args, PyObject *keywords)
{
    return (call_is_python(callable) || call_is_python_method(callable)) && PyTuple_CheckExact(args)
           && (!keywords || (PyDict_CheckExact(keywords) && dict_keys_is_unicode(((PyDictObject *)keywords)->ma_keys)));
}

/* A pushed and counted frame for it. NULL with an exception set. */
Frame *call_push_ex(PyThreadState *tstate, PyObject *callable, PyObject *args, PyObject *keywords);

/* TypeError: __init__() should return None. Consumes the result. */
void call_init_result_error(Value result);

#endif
