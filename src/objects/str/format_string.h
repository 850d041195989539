/* Format strings of str.format(), taken apart: "literal{field!r:spec}". */
#ifndef KRAIT_OBJECTS_STR_FORMAT_STRING_H
#define KRAIT_OBJECTS_STR_FORMAT_STRING_H

#include "objects/str/str.h"

/* Part of a str: borrowed. */
typedef struct {
    PyObject *str;
    Py_ssize_t start, end;
} Part;

typedef struct {
    Part rest;                          /* what is still to be read */
} FormatMarkup;

typedef struct {
    Part literal;
    bool has_field;
    Part name, spec;
    Py_UCS4 conversion;                 /* 0: none */
    bool spec_nested;                   /* the spec has fields of its own */
} FormatPiece;

/* 1 with the next piece, 0 at the end, -1 with ValueError. */
int format_markup_next(FormatMarkup *m, FormatPiece *piece);

/* Whether fields are numbered by themselves: NULL where that is not of interest. */
typedef struct {
    enum { NUMBERING_UNKNOWN, NUMBERING_AUTOMATIC, NUMBERING_MANUAL } mode;
    Py_ssize_t next;
} Numbering;

/* "first.attr[key]…": the first name and where the rest begins. *index is its number or -1. 0 or -1. */
int format_name_first(Part name, Part *first, Py_ssize_t *index, Part *rest, Numbering *numbering);
/* 1 with the next step of the rest, 0 at the end, -1 with ValueError. *index: number in brackets, or -1. */
int format_name_next(Part *rest, bool *is_attribute, Part *text, Py_ssize_t *index);

static inline PyObject *part_str(Part p)
{
    return p.str == NULL ? str_empty() : str_slice(p.str, p.start, p.end);
}

#endif
