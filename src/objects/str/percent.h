/* The % operator of str, bytes and bytearray: parsing of the format and formatting of numbers, for all three. */
#ifndef KRAIT_OBJECTS_STR_PERCENT_H
#define KRAIT_OBJECTS_STR_PERCENT_H

#include "objects/str/str.h"

enum {
    PERCENT_LEFT = 1,                   /* '-' */
    PERCENT_SIGN = 2,                   /* '+' */
    PERCENT_BLANK = 4,                  /* ' ' */
    PERCENT_ALT = 8,                    /* '#' */
    PERCENT_ZERO = 16,                  /* '0' */
    PERCENT_NO_NEG_0 = 32,              /* 'z' */
};

/* Where formatting stands. */
typedef struct {
    StrView format;
    Py_ssize_t at;                      /* next character of the format */
    bool bytes;                         /* bytes rules: wording of messages, keys are bytes */
    PyObject *args;                     /* borrowed, or owned when args_owned */
    bool args_owned;
    Py_ssize_t index, count;            /* next argument, number of arguments; -2 and -1 for a single one */
    PyObject *mapping;                  /* borrowed: args if it can be subscripted by keys, else NULL */
} Percent;

/* One conversion. */
typedef struct {
    int flags;
    Py_ssize_t width;                   /* -1: none */
    int precision;                      /* -1: none */
    Py_UCS4 code;
} PercentSpec;

void percent_init(Percent *p, StrView format, PyObject *args, bool bytes);
void percent_release(Percent *p);
/* Reads what follows a '%' that is not followed by another. 0 or -1. */
int percent_parse(Percent *p, PercentSpec *spec);
/* The next argument: borrowed; NULL with TypeError. */
PyObject *percent_next(Percent *p);
/* Appends a number for d i u o x X e E f F g G with padding. 0 or -1. */
int percent_write_number(_PyUnicodeWriter *w, const PercentSpec *spec, PyObject *value, bool bytes);
/* Is it one of those codes? */
bool percent_is_number(Py_UCS4 code);
/* ValueError "unsupported format character". */
void percent_bad_code(const Percent *p, const PercentSpec *spec);
/* After the format: -1 with TypeError when arguments are left over. */
int percent_check_all_used(const Percent *p);

#endif
