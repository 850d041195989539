/* What the files of the abstract protocols (number.c, sequence.c, mapping.c, iteration.c, buffer.c, instancecheck.c) share. */
#ifndef KRAIT_OBJECTS_ABSTRACT_H
#define KRAIT_OBJECTS_ABSTRACT_H

#include <Python.h>
#include <stdbool.h>
#include <internal/krait_exports.h>

#include "base/attributes.h"

/* 3.11's headers give extension modules the _Id form under this name. */
#undef _PyObject_LookupSpecial

/* + += * *= by the number slots alone; a new reference, which may be Py_NotImplemented. */
PyObject *number_try_add(PyObject *v, PyObject *w);
PyObject *number_try_inplace_add(PyObject *v, PyObject *w);
PyObject *number_try_multiply(PyObject *v, PyObject *w);
PyObject *number_try_inplace_multiply(PyObject *v, PyObject *w);

/* By the operand of BINARY_OP: where in PyNumberMethods the operators' slots stand, and behind them those of the in-place operators. */
enum { NUMBER_OPERATORS = 13 };
extern const uint16_t number_slot_offsets[2 * NUMBER_OPERATORS];

/* The slot function that v op w calls first, `op` as in BINARY_OP but no power, if it is one of v's type; else NULL. *inplace: it is
 * that of the in-place operator. */
static inline binaryfunc number_first_function(int op, PyTypeObject *v, PyTypeObject *w, bool *inplace)
{
    const char *methods = (const char *)v->tp_as_number, *others = (const char *)w->tp_as_number;
    *inplace = false;
    if (!methods) return NULL;
    binaryfunc function = *(const binaryfunc *)(methods + number_slot_offsets[op]);
    if (op >= NUMBER_OPERATORS) {
        if (function) {
            *inplace = true;
            return function;
        }
        op -= NUMBER_OPERATORS;
        function = *(const binaryfunc *)(methods + number_slot_offsets[op]);
    }
    if (v == w || !function || !others) return function;
    binaryfunc reflected = *(const binaryfunc *)(others + number_slot_offsets[op]);
    return reflected && reflected != function && PyType_IsSubtype(w, v) ? NULL : function;
}

/* What v op w comes to after the first slot function of v has said NotImplemented, `op` as in BINARY_OP. `inplace`: that was the slot of
 * the in-place operator. */
PyObject *number_binary_rest(int op, bool inplace, PyObject *v, PyObject *w);

/* The same for a comparison, where the type of w is no subclass of that of v. */
PyObject *object_compare_rest(PyObject *v, PyObject *w, int op);

/* A method that isinstance() or issubclass() need not call where another function knows the answer. */
struct CheckShortcut {
    PyObject *method; /* borrowed: a Python function, as the class has it; NULL: no short cut */
    PyObject *code;   /* borrowed: its code; with other code it is another function */
    void *context;    /* passed to `answer` */
    /* What the method would return: 1 or 0; or -1, without an exception: it must be called.
     * Runs no Python code. */
    int (*answer)(void *context, PyObject *cls, PyObject *op);
};

/* The methods of the library's ABCMeta, which ask the module _abc: that one answers, and sets this. */
struct AbstractRuntime {
    struct CheckShortcut instance, subclass;
};
extern struct AbstractRuntime abstract_runtime;

/* SystemError for a NULL argument, unless an exception explains it already. Returns NULL. */
static inline __attribute__((cold)) PyObject *abstract_null_error(void)
{
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
    return NULL;
}

/* TypeError whose text has one place for op's type name. Returns NULL. */
static inline __attribute__((cold)) PyObject *abstract_type_error(const char *format, PyObject *op)
{
    PyErr_Format(PyExc_TypeError, format, Py_TYPE(op)->tp_name);
    return NULL;
}

#endif
