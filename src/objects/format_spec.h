/* The format specification mini-language, parsed once for str, int, float and complex (library
 * manual, "Format Specification Mini-Language").
 */
#ifndef KRAIT_OBJECTS_FORMAT_SPEC_H
#define KRAIT_OBJECTS_FORMAT_SPEC_H

#include <Python.h>
#include <stdbool.h>

enum FormatGrouping {
    FORMAT_NO_GROUPING,
    FORMAT_COMMA,                       /* ',' every three digits */
    FORMAT_UNDERSCORE,                  /* '_' every three digits */
    FORMAT_UNDERSCORE_FOUR,             /* '_' every four digits: binary, octal, hexadecimal */
    FORMAT_LOCALE,                      /* type 'n' */
};

struct FormatSpec {
    Py_UCS4 fill;                       /* ' ' if not given; '0' for a leading 0 */
    Py_UCS4 align;                      /* '<', '>', '=' or '^' */
    Py_UCS4 sign;                       /* '+', '-', ' ' or 0 */
    Py_UCS4 type;                       /* presentation type, or the default */
    bool alternate;                     /* '#' */
    bool no_negative_zero;              /* 'z' */
    bool align_given;                   /* also when a leading 0 implies '=' */
    enum FormatGrouping grouping;
    Py_ssize_t width;                   /* -1 if not given */
    Py_ssize_t precision;               /* -1 if not given */
};

/* Parses spec[start:end] for `value` (its type's name is in the messages). -1 with ValueError. */
int format_spec_parse(PyObject *value, PyObject *spec, Py_ssize_t start, Py_ssize_t end,
                      Py_UCS4 default_type, Py_UCS4 default_align, struct FormatSpec *out);

/* format(obj, spec) for an obj that is exactly a str, int, float or complex: true, with a new str or, with an exception, NULL
 * in *result. False for others. spec is a str. */
bool format_builtin(PyObject *obj, PyObject *spec, PyObject **result);

/* ValueError "Unknown format code ...". */
void format_spec_unknown_type(Py_UCS4 type, PyObject *value);

/* How many fill characters stand left of n characters in the spec's width (for '=' all of them);
 * *total is the whole width. */
Py_ssize_t format_spec_padding(const struct FormatSpec *spec, Py_ssize_t n, Py_ssize_t *total);

#endif
