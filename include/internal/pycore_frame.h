/* The frame object's layout: code that Cython writes reads it to give a fake frame a line number.
 * Nothing else of the interpreter's inside is here, and the interpreter frame stays opaque.
 */
#ifndef Py_INTERNAL_FRAME_H
#define Py_INTERNAL_FRAME_H

#include "../pyframe.h"

#ifdef __cplusplus
extern "C" {
#endif

struct _PyInterpreterFrame;

struct _frame {
    PyObject_HEAD
    PyFrameObject *f_back;               /* owned, or NULL: see PyFrame_GetBack() */
    struct _PyInterpreterFrame *f_frame; /* where the frame runs or what it left */
    PyObject *f_trace;                   /* or NULL */
    int f_lineno;                        /* only while set by hand or tracing; else 0 */
    char f_trace_lines;
    char f_trace_opcodes;
    char f_fast_as_locals;
    PyObject *_f_frame_data[1]; /* the interpreter frame, once the function has ended */
};

#ifdef __cplusplus
#define PYCORE_FRAME_ASSERT static_assert
#else
#define PYCORE_FRAME_ASSERT _Static_assert
#endif
PYCORE_FRAME_ASSERT(offsetof(struct _frame, f_back) == 16, "ABI");
PYCORE_FRAME_ASSERT(offsetof(struct _frame, f_frame) == 24, "ABI");
PYCORE_FRAME_ASSERT(offsetof(struct _frame, f_trace) == 32, "ABI");
PYCORE_FRAME_ASSERT(offsetof(struct _frame, f_lineno) == 40, "ABI");
PYCORE_FRAME_ASSERT(offsetof(struct _frame, f_trace_lines) == 44, "ABI");
PYCORE_FRAME_ASSERT(offsetof(struct _frame, f_trace_opcodes) == 45, "ABI");
PYCORE_FRAME_ASSERT(offsetof(struct _frame, f_fast_as_locals) == 46, "ABI");
PYCORE_FRAME_ASSERT(offsetof(struct _frame, _f_frame_data) == 48, "ABI");
#undef PYCORE_FRAME_ASSERT

#ifdef __cplusplus
}
#endif

#endif /* Py_INTERNAL_FRAME_H */
