/* Format units: from a Python object to C variables (the manual: c-api/arg, "Parsing arguments").
 *
 * A `Parse` is one call of a PyArg_ function: its variable arguments, and what must be undone if a later argument fails
 * (buffers, encoded strings).
 */
#ifndef KRAIT_CAPI_CONVERT_H
#define KRAIT_CAPI_CONVERT_H

#include <Python.h>
#include <stdarg.h>
#include <stdbool.h>

#include "base/attributes.h"

typedef struct {
    void *item;
    void (*undo)(void *item);
} Cleanup;

typedef struct {
    va_list args;
    bool size_t_clean;          /* '#' takes a Py_ssize_t * (anything else is an error) */
    Cleanup *cleanups, few[8];
    int cleanup_count, cleanup_capacity;
} Parse;

enum { PARSE_MESSAGE = 512, PARSE_LEVELS = 32 };

/* Begins a parse; the caller starts `args`. (The list's own places are left as they are: filling them would cost more than most
 * calls do otherwise.) */
static inline void parse_begin(Parse *parse, bool size_t_clean)
{
    parse->size_t_clean = size_t_clean;
    parse->cleanups = NULL;
    parse->cleanup_count = parse->cleanup_capacity = 0;
}

/* Converts an argument where the unit is a common one and the object the plainest for it, which has no effect but the variable's
 * new value, and steps over the unit. False, with nothing done: convert_item() is needed. */
static inline bool parse_plain(Parse *parse, PyObject *arg, const char **format)
{
    const char *f = *format;
    switch (*f) {
    case 'O':
        if (f[1] == '!' || f[1] == '&') return false;
        *va_arg(parse->args, PyObject **) = arg;
        break;
    case 'd':
        if (!PyFloat_CheckExact(arg)) return false;
        *va_arg(parse->args, double *) = PyFloat_AS_DOUBLE(arg);
        break;
    case 'i': case 'l': case 'n': {
        if (!PyLong_CheckExact(arg)) return false;
        Py_ssize_t size = Py_SIZE(arg);
        if ((size_t)size + 1 > 2) return false;
        Py_ssize_t value = size * (Py_ssize_t)((PyLongObject *)arg)->ob_digit[0];
        if (*f == 'i') *va_arg(parse->args, int *) = (int)value;
        else *va_arg(parse->args, Py_ssize_t *) = value;
        break;
    }
    default: return false;
    }
    *format = f + 1;
    return true;
}

/* Steps over a unit for which there is no argument, as easily. False, with nothing done: convert_skip() is needed. */
static inline bool parse_plain_skip(Parse *parse, const char **format)
{
    char unit = **format, next = (*format)[1];
    if ((unit != 'O' && unit != 'd' && unit != 'i' && unit != 'l' && unit != 'n' && unit != 'p' && unit != 'U') || next == '!'
        || next == '&') {
        return false;
    }
    (void)va_arg(parse->args, void *);
    ++*format;
    return true;
}

/* The other half of parse_finish(). */
int parse_finish_cleanups(Parse *parse, bool ok);

/* Ends the parse: frees its list, after undoing everything if it failed. Gives the function's result back. */
static inline int parse_finish(Parse *parse, bool ok)
{
    return LIKELY(!parse->cleanups) ? ok : parse_finish_cleanups(parse, ok);
}

/* Converts one argument by the unit at *format, which is moved past it. NULL, or the complaint ("must be int, not str"), held
 * in `message`; if it concerns a nested tuple, levels[] holds the 1-based path, ended by 0. An exception may be set already. */
const char *convert_item(Parse *parse, PyObject *arg, const char **format, int *levels, char *message);

/* Moves *format past one unit, and the arguments past its variables. NULL, or a complaint about the format. */
const char *convert_skip(Parse *parse, const char **format);

/* TypeError from a complaint: "name() argument 2, item 1 must be …", unless an exception is set. */
void convert_error(int argument, const char *complaint, const int *levels, const char *function, const char *custom);

#endif
