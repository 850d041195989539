/* Special methods written in Python, as frames of the loop instead of calls through a slot and a new loop on the C stack.
 *
 * special_...() tells the function that the operation on these operands comes to first, borrowed, or gives NULL: the slots do it
 * all. The operands stay in the caller's registers and are lent to the callee; what becomes of its result stands at `special_done`
 * (instructions/special.h). Only what the slot functions of objects/type/slot_functions.c would do just so is taken from them, and
 * what follows a NotImplemented is the rest of what number.c and object.c do.
 */
#ifndef KRAIT_VM_SPECIAL_H
#define KRAIT_VM_SPECIAL_H

#include "vm/frame.h"

/* Whether there may be any for such an operand: objects of classes that Python code made may have them. */
static inline bool special_is_possible(Value v)
{
    return value_is_object(v) && PyType_HasFeature(Py_TYPE(value_object(v)), Py_TPFLAGS_HEAPTYPE);
}

PyFunctionObject *special_binary(const Frame *frame, const Word *ip, Value x, Value y, bool *inplace);     /* such as __iadd__? */
PyFunctionObject *special_compare(Value x, Value y, int kind);
PyFunctionObject *special_get_item(Value container);
PyFunctionObject *special_set_item(Value container);
PyFunctionObject *special_contains(Value container);
PyFunctionObject *special_length(Value o);
PyFunctionObject *special_truth(Value o);
PyFunctionObject *special_next(PyObject *iterator);
PyFunctionObject *special_iter(Value o);

/* A pushed and counted frame for such a function, with operands on loan. NULL with an exception set. `inplace` waits in the frame
 * for special_done. */
Frame *special_push(PyThreadState *tstate, Frame *caller, PyFunctionObject *func, int count, Value x, Value y, Value z);
Frame *special_push_binary(PyThreadState *tstate, Frame *caller, PyFunctionObject *func, bool inplace, Value x, Value y);
Frame *special_push_comparison(PyThreadState *tstate, Frame *caller, PyFunctionObject *func, Value x, Value y);
/* For the __next__ that FOR_ITER at ip calls: ends as RETURN_TO_NEXT. */
Frame *special_push_next(PyThreadState *tstate, Frame *caller, PyFunctionObject *func,
                         Value iterator, const Word *ip);

/* The result of the binary operation whose first method, perhaps that of the in-place operator, said NotImplemented. VALUE_EMPTY
 * with an exception set. */
Value special_binary_rest(const Frame *frame, const Word *ip, bool inplace, Value *left, Value *right);
Value special_compare_rest(Value *left, Value *right, int kind);

/* What __len__ and __bool__ gave (consumed), as a length or truth; -1 with an exception set. */
Py_ssize_t special_take_length(Value result);
int special_take_truth(Value result);

/* Whether __iter__ gave an iterator; else TypeError. */
bool special_is_iterator(Value result);

#endif
