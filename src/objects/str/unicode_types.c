/* Properties of characters that str and the tokenizer ask for: _PyUnicode_Is…, _PyUnicode_To…. The tables are made at build time
 * by tools/unicode, whose make_types.c says what they hold. */
#include "objects/str/str.h"

typedef struct {
    uint16_t flags;
    int32_t upper, lower, title;
    uint8_t decimal, digit;
} TypeRecord;

typedef struct {
    Py_UCS4 first, last;
    double numerator, denominator;      /* value of the first one; each next is one more */
} NumericRange;

/* The same numbers stand in tools/unicode/make_types.c. */
enum {
    ALPHA = 0x01, DECIMAL = 0x02, DIGIT = 0x04, LOWER = 0x08, LINE_BREAK = 0x10, SPACE = 0x20, TITLE = 0x40, UPPER = 0x80,
    XID_START = 0x100, XID_CONTINUE = 0x200, PRINTABLE = 0x400, NUMERIC = 0x800, CASE_IGNORABLE = 0x1000, CASED = 0x2000,
    EXTENDED = 0x4000,
};

#include "generated/unicode_types.inc"

const unsigned char _Py_ascii_whitespace[128] = {
    ['\t'] = 1, ['\n'] = 1, ['\v'] = 1, ['\f'] = 1, ['\r'] = 1,
    [0x1c] = 1, [0x1d] = 1, [0x1e] = 1, [0x1f] = 1, [' '] = 1,
};

static inline const TypeRecord *record(Py_UCS4 ch)
{
    if (ch >= 0x110000)
        return &type_records[0];
    return &type_records[type_block[((size_t)type_index[ch >> type_SHIFT] << type_SHIFT) + (ch & type_MASK)]];
}

#define IS(name, flag) \
    int _PyUnicode_Is##name(Py_UCS4 ch) \
    { \
        return (record(ch)->flags & (flag)) != 0; \
    }

IS(Alpha, ALPHA)
IS(Lowercase, LOWER)
IS(Uppercase, UPPER)
IS(Titlecase, TITLE)
IS(XidStart, XID_START)
IS(XidContinue, XID_CONTINUE)
IS(Printable, PRINTABLE)
IS(Numeric, NUMERIC)
IS(CaseIgnorable, CASE_IGNORABLE)
IS(Cased, CASED)
IS(Whitespace, SPACE)
IS(Linebreak, LINE_BREAK)

/* Value of a decimal character, or -1. */
int _PyUnicode_ToDecimalDigit(Py_UCS4 ch)
{
    const TypeRecord *r = record(ch);
    return r->flags & DECIMAL ? r->decimal : -1;
}

/* Value of a digit, or -1. */
int _PyUnicode_ToDigit(Py_UCS4 ch)
{
    const TypeRecord *r = record(ch);
    return r->flags & DIGIT ? r->digit : -1;
}

int _PyUnicode_IsDecimalDigit(Py_UCS4 ch)
{
    return _PyUnicode_ToDecimalDigit(ch) >= 0;
}

int _PyUnicode_IsDigit(Py_UCS4 ch)
{
    return _PyUnicode_ToDigit(ch) >= 0;
}

/* Numeric value of a character, or -1. */
double _PyUnicode_ToNumeric(Py_UCS4 ch)
{
    size_t low = 0, high = Py_ARRAY_LENGTH(numeric_ranges);
    while (low < high) {
        size_t middle = (low + high) / 2;
        const NumericRange *r = &numeric_ranges[middle];
        if (ch < r->first)
            high = middle;
        else if (ch > r->last)
            low = middle + 1;
        else
            return (r->numerator + (ch - r->first)) / r->denominator;
    }
    return -1.0;
}

/* A full mapping at an offset of extended_case: copies it, returns its length. */
static int full(int32_t at, Py_UCS4 *to)
{
    int n = (int)extended_case[at + 1];
    for (int i = 0; i < n; i++)
        to[i] = extended_case[at + 2 + i];
    return n;
}

#define MAP(Name, Stem, field) \
    Py_UCS4 _PyUnicode_To##Name(Py_UCS4 ch) \
    { \
        const TypeRecord *r = record(ch); \
        return r->flags & EXTENDED ? extended_case[r->field] : ch + (Py_UCS4)r->field; \
    } \
    int _PyUnicode_To##Stem##Full(Py_UCS4 ch, Py_UCS4 *to) \
    { \
        const TypeRecord *r = record(ch); \
        if (r->flags & EXTENDED) \
            return full(r->field, to); \
        to[0] = ch + (Py_UCS4)r->field; \
        return 1; \
    }

MAP(Lowercase, Lower, lower)
MAP(Uppercase, Upper, upper)
MAP(Titlecase, Title, title)

/* Case folding: copies up to three characters, returns how many. */
int _PyUnicode_ToFoldedFull(Py_UCS4 ch, Py_UCS4 *to)
{
    const TypeRecord *r = record(ch);
    if (r->flags & EXTENDED)
        return full(r->lower + 2 + (int32_t)extended_case[r->lower + 1], to);
    to[0] = ch + (Py_UCS4)r->lower;
    return 1;
}
