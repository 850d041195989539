/* PyArg_Parse, PyArg_ParseTuple and what else takes positional arguments only. */
#include "capi/convert.h"

#include <string.h>

/* ---- The format as a whole --------------------------------------------------------------------------------------- */

typedef struct {
    int min, max;
    const char *function, *custom;      /* after ':' and ';' */
} Shape;

/* Counts the units of a format. False with SystemError set. */
static bool read_shape(const char *format, Shape *shape)
{
    int level = 0;
    *shape = (Shape){.min = -1};
    for (;; format++) {
        switch (*format) {
        case '\0': goto end;
        case ':': shape->function = format + 1; goto end;
        case ';': shape->custom = format + 1; goto end;
        case '(':
            if (level++ == 0) shape->max++;
            if (level >= PARSE_LEVELS - 1) Py_FatalError("too many tuple nesting levels in argument format string");
            break;
        case ')':
            if (level-- == 0) {
                PyErr_SetString(PyExc_SystemError, "excess ')' in getargs format");
                return false;
            }
            break;
        case '|':
            if (level == 0) shape->min = shape->max;
            break;
        default:
            if (level == 0 && Py_ISALPHA(*format)) {
                if (*format == 'e' && format[1]) format++;
                shape->max++;
            }
        }
    }
end:
    if (level) {
        PyErr_SetString(PyExc_SystemError, "missing ')' in getargs format");
        return false;
    }
    if (shape->min < 0) shape->min = shape->max;
    return true;
}

static void wrong_count(const Shape *shape, Py_ssize_t given)
{
    if (shape->max == 0) {
        PyErr_Format(PyExc_TypeError, "%.200s%s takes no arguments", shape->function ? shape->function : "function",
                     shape->function ? "()" : "");
        return;
    }
    if (shape->custom) {
        PyErr_SetString(PyExc_TypeError, shape->custom);
        return;
    }
    int bound = given < shape->min ? shape->min : shape->max;
    PyErr_Format(PyExc_TypeError, "%.150s%s takes %s %d argument%s (%zd given)", shape->function ? shape->function : "function",
                 shape->function ? "()" : "", shape->min == shape->max ? "exactly" : given < shape->min ? "at least" : "at most",
                 bound, bound == 1 ? "" : "s", given);
}

/* ---- The engine --------------------------------------------------------------------------------------------------- */

/* Whether a format is one letter for each of so many arguments, as most are: that is seen faster than its shape. */
static bool fits_plainly(const char *format, Py_ssize_t given)
{
    for (; given && Py_ISALPHA(*format) && *format != 'e'; given--) format++;
    return given == 0 && (*format == '\0' || *format == ':');
}

static int parse_array(PyObject *const *args, Py_ssize_t given, const char *format, Parse *p)
{
    Shape shape;
    const char *whole = format;
    if (!fits_plainly(format, given)) {
        if (!read_shape(format, &shape)) return parse_finish(p, false);
        if (given < shape.min || given > shape.max) {
            wrong_count(&shape, given);
            return parse_finish(p, false);
        }
    }
    int levels[PARSE_LEVELS];
    char message[PARSE_MESSAGE];
    for (Py_ssize_t i = 0; i < given; i++) {
        if (*format == '|') format++;
        if (parse_plain(p, args[i], &format)) continue;
        const char *complaint = convert_item(p, args[i], &format, levels, message);
        if (complaint) {
            if (!read_shape(whole, &shape)) return parse_finish(p, false);
            convert_error((int)i + 1, complaint, levels, shape.function, shape.custom);
            return parse_finish(p, false);
        }
    }
    if (LIKELY(*format == '\0')) return parse_finish(p, true);
    if (!Py_ISALPHA(*format) && *format != '(' && *format != '|' && *format != ':' && *format != ';') {
        PyErr_Format(PyExc_SystemError, "bad format string: %.200s", format);
        return parse_finish(p, false);
    }
    return parse_finish(p, true);
}

static int parse_tuple(PyObject *args, const char *format, Parse *p)
{
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_SystemError, "new style getargs format but argument is not a tuple");
        return parse_finish(p, false);
    }
    return parse_array(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), format, p);
}

/* PyArg_Parse: one object, by one unit (which may be a parenthesised tuple), or by several if it is a tuple. */
static int parse_object(PyObject *arg, const char *format, Parse *p)
{
    Shape shape;
    if (!read_shape(format, &shape)) return parse_finish(p, false);
    if (shape.max == 0) {
        if (!arg) return parse_finish(p, true);
        PyErr_Format(PyExc_TypeError, "%.200s%s takes no arguments", shape.function ? shape.function : "function",
                     shape.function ? "()" : "");
        return parse_finish(p, false);
    }
    if (shape.min == 1 && shape.max == 1) {
        int levels[PARSE_LEVELS];
        char message[PARSE_MESSAGE];
        if (!arg) {
            PyErr_Format(PyExc_TypeError, "%.200s%s takes at least one argument", shape.function ? shape.function : "function",
                         shape.function ? "()" : "");
            return parse_finish(p, false);
        }
        const char *complaint = convert_item(p, arg, &format, levels, message);
        if (complaint) convert_error(levels[0], complaint, levels + 1, shape.function, shape.custom);
        return parse_finish(p, !complaint);
    }
    PyErr_SetString(PyExc_SystemError, "old style getargs format uses new features");
    return parse_finish(p, false);
}

/* ---- The names ------------------------------------------------------------------------------------------------------ */

/* Each function in two forms: with '#' units taking a Py_ssize_t (PY_SSIZE_T_CLEAN), and without, where '#' is an error. */
#define BOTH_FORMS(PLAIN, CLEAN, PARAMETERS, FUNCTION, ...) \
    int PLAIN PARAMETERS \
    { \
        Parse p; \
        parse_begin(&p, false); \
        va_start(p.args, format); \
        int result = FUNCTION(__VA_ARGS__, format, &p); \
        va_end(p.args); \
        return result; \
    } \
    int CLEAN PARAMETERS \
    { \
        Parse p; \
        parse_begin(&p, true); \
        va_start(p.args, format); \
        int result = FUNCTION(__VA_ARGS__, format, &p); \
        va_end(p.args); \
        return result; \
    }

BOTH_FORMS(PyArg_Parse, _PyArg_Parse_SizeT, (PyObject *arg, const char *format, ...), parse_object, arg)
BOTH_FORMS(PyArg_ParseTuple, _PyArg_ParseTuple_SizeT, (PyObject *args, const char *format, ...), parse_tuple, args)
BOTH_FORMS(_PyArg_ParseStack, _PyArg_ParseStack_SizeT, (PyObject *const *args, Py_ssize_t nargs, const char *format, ...),
           parse_array, args, nargs)

#define BOTH_VA_FORMS(NAME, CLEAN) \
    int NAME(PyObject *args, const char *format, va_list va) \
    { \
        Parse p; \
        parse_begin(&p, CLEAN); \
        va_copy(p.args, va); \
        int result = parse_tuple(args, format, &p); \
        va_end(p.args); \
        return result; \
    }

BOTH_VA_FORMS(PyArg_VaParse, false)
BOTH_VA_FORMS(_PyArg_VaParse_SizeT, true)

/* ---- Unpacking without conversion ------------------------------------------------------------------------------------ */

#undef _PyArg_CheckPositional
int _PyArg_CheckPositional(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max)
{
    if (nargs >= min && nargs <= max) return 1;
    Py_ssize_t bound = nargs < min ? min : max;
    const char *how = min == max ? "" : nargs < min ? "at least " : "at most ";
    if (name) {
        PyErr_Format(PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd", name, how, bound, bound == 1 ? "" : "s", nargs);
    }
    else {
        PyErr_Format(PyExc_TypeError, "unpacked tuple should have %s%zd element%s, but has %zd", how, bound, bound == 1 ? "" : "s",
                     nargs);
    }
    return 0;
}

static int unpack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min, Py_ssize_t max, va_list va)
{
    if (!_PyArg_CheckPositional(name, nargs, min, max)) return 0;
    for (Py_ssize_t i = 0; i < nargs; i++) *va_arg(va, PyObject **) = args[i];
    return 1;
}

int PyArg_UnpackTuple(PyObject *args, const char *name, Py_ssize_t min, Py_ssize_t max, ...)
{
    if (!PyTuple_Check(args)) {
        PyErr_SetString(PyExc_SystemError, "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    }
    va_list va;
    va_start(va, max);
    int result = unpack(&PyTuple_GET_ITEM(args, 0), PyTuple_GET_SIZE(args), name, min, max, va);
    va_end(va);
    return result;
}

int _PyArg_UnpackStack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min, Py_ssize_t max, ...)
{
    va_list va;
    va_start(va, max);
    int result = unpack(args, nargs, name, min, max, va);
    va_end(va);
    return result;
}

void _PyArg_BadArgument(const char *function, const char *name, const char *expected, PyObject *arg)
{
    PyErr_Format(PyExc_TypeError, "%.200s() %.200s must be %.50s, not %.50s", function, name, expected,
                 arg == Py_None ? "None" : Py_TYPE(arg)->tp_name);
}

#undef _PyArg_NoKeywords
int _PyArg_NoKeywords(const char *function, PyObject *kwargs)
{
    if (!kwargs) return 1;
    if (!PyDict_CheckExact(kwargs)) {
        PyErr_BadInternalCall();
        return 0;
    }
    if (PyDict_GET_SIZE(kwargs) == 0) return 1;
    PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", function);
    return 0;
}

#undef _PyArg_NoKwnames
int _PyArg_NoKwnames(const char *function, PyObject *kwnames)
{
    if (!kwnames || PyTuple_GET_SIZE(kwnames) == 0) return 1;
    PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", function);
    return 0;
}

#undef _PyArg_NoPositional
int _PyArg_NoPositional(const char *function, PyObject *args)
{
    if (!args) return 1;
    if (!PyTuple_CheckExact(args)) {
        PyErr_BadInternalCall();
        return 0;
    }
    if (PyTuple_GET_SIZE(args) == 0) return 1;
    PyErr_Format(PyExc_TypeError, "%.200s() takes no positional arguments", function);
    return 0;
}

int PyArg_ValidateKeywordArguments(PyObject *kwargs)
{
    if (!PyDict_Check(kwargs)) {
        PyErr_BadInternalCall();
        return 0;
    }
    PyObject *key;
    Py_ssize_t position = 0;
    while (PyDict_Next(kwargs, &position, &key, NULL)) {
        if (!PyUnicode_Check(key)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return 0;
        }
    }
    return 1;
}
