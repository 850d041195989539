/* float: boxing, and the parts that VM and number formatting share. */
#ifndef KRAIT_OBJECTS_FLOAT_H
#define KRAIT_OBJECTS_FLOAT_H

#include <Python.h>
#include <stdbool.h>

#include "objects/number_cell.h"

struct FloatRuntime {
    PyTypeObject info_type;             /* sys.float_info */
};
extern struct FloatRuntime float_runtime;

/* A new exact float. */
static inline PyObject *float_from_double(double value)
{
    PyFloatObject *o = number_cell_alloc();
    if (__builtin_expect(!o, 0)) return PyErr_NoMemory();
    o->ob_base.ob_refcnt = 1;
    o->ob_base.ob_type = &PyFloat_Type;
    o->ob_fval = value;
    return (PyObject *)o;
}

/* x // y and x % y as Python defines them, y not 0; either pointer may be NULL. */
void float_divmod(double x, double y, double *quotient, double *remainder);
/* 1 and *result, 0 when the answer is complex (negative base, fraction in the exponent), -1 with an
 * exception. */
int float_power(double x, double y, double *result);
/* Exact comparison with an int: x op i for a Py_LT... code. */
bool float_compare_int(double x, PyObject *i, int op);
/* round(x, ndigits); -1.0 with an exception possible. */
double float_round_to(double x, Py_ssize_t ndigits);
PyObject *float_repr(PyObject *self);

/* Text as PyOS_double_to_string makes it, in `local` if that has room (the result is then `local`),
 * else in memory from PyMem_Malloc. NULL with an exception. *length is without the closing NUL.
 * type may be NULL. */
char *float_to_text(double x, char code, int precision, int flags, int *type, char *local,
                    size_t room, Py_ssize_t *length);

/* Converts text by `inner` after taking out underscores between digits; ValueError "could not
 * convert string to <what>". */
PyAPI_FUNC(PyObject *) _Py_string_to_number_with_underscores(
    const char *text, Py_ssize_t length, const char *what, PyObject *shown, void *arg,
    PyObject *(*inner)(const char *, Py_ssize_t, void *));
/* inf, infinity or nan with a sign; *end is `text` when it is none of them. */
PyAPI_FUNC(double) _Py_parse_inf_or_nan(const char *text, char **end);
PyAPI_FUNC(double) _Py_dg_strtod(const char *text, char **end);
PyAPI_FUNC(char *) _Py_dg_dtoa(double x, int mode, int ndigits, int *point, int *sign, char **end);
PyAPI_FUNC(void) _Py_dg_freedtoa(char *text);
PyAPI_FUNC(double) _Py_dg_stdnan(int sign);
PyAPI_FUNC(double) _Py_dg_infinity(int sign);
PyAPI_FUNC(void) _PyFloat_DebugMallocStats(FILE *out);

extern PyMethodDef float_methods[];     /* float_methods.c */

int float_init_types(void);

#endif
