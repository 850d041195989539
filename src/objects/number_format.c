/* __format__ of int, float and complex: a number is cut into sign, prefix, digits, decimal point
 * and rest, and these are laid out in the width with padding and grouping.
 */
#include "objects/number_format.h"

#include <ctype.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <string.h>

#include "objects/float.h"
#include "objects/format_spec.h"
#include "objects/int/int.h"
#include "objects/str/writer.h"

/* In 3.11 declared by an internal header; the decimal point and thousands separator of lc as str.
 */
PyAPI_FUNC(int)
    _Py_GetLocaleconvNumeric(struct lconv *lc, PyObject **decimal_point, PyObject **thousands_sep);
PyAPI_FUNC(Py_ssize_t)
    _PyUnicode_InsertThousandsGrouping(_PyUnicodeWriter *writer, Py_ssize_t room, PyObject *digits,
                                       Py_ssize_t start, Py_ssize_t count, Py_ssize_t min_width,
                                       const char *grouping, PyObject *separator,
                                       Py_UCS4 *max_char);

/* ---- Grouping ---- */

/* Where digits are read from or written to. */
struct Span {
    int kind;
    void *data;
    Py_ssize_t end;                     /* one past the last character; moves down */
};

static void take(struct Span *out, struct Span *in, Py_ssize_t count)
{
    for (; count > 0; count--) {
        in->end--;
        out->end--;
        if (out->data)
            PyUnicode_WRITE(out->kind, out->data, out->end,
                            PyUnicode_READ(in->kind, in->data, in->end));
    }
}

static void put_zeros(struct Span *out, Py_ssize_t count)
{
    for (; count > 0; count--) {
        out->end--;
        if (out->data) PyUnicode_WRITE(out->kind, out->data, out->end, '0');
    }
}

static void put_text(struct Span *out, PyObject *text)
{
    struct Span in = {(int)PyUnicode_KIND(text), PyUnicode_DATA(text), PyUnicode_GET_LENGTH(text)};
    take(out, &in, in.end);
}

/* Groups `count` digits from the right as localeconv() describes it: each byte of `grouping` is a
 * group's size, the last one repeats, CHAR_MAX ends grouping. Zeros are added on the left up to
 * min_width. Returns the width; writes nothing when out->data is NULL. */
static Py_ssize_t group_digits(struct Span *out, struct Span *in, Py_ssize_t count,
                               Py_ssize_t min_width, const char *grouping, PyObject *separator)
{
    Py_ssize_t start = out->end, sep = PyUnicode_GET_LENGTH(separator);
    Py_ssize_t repeat = 0;
    bool first = true;
    for (;;) {
        Py_ssize_t size;
        if (*grouping == CHAR_MAX) size = 0;
        else if (*grouping == 0) size = repeat;
        else size = repeat = *grouping++;
        Py_ssize_t most = count > min_width ? count : min_width;
        if (most < 1) most = 1;
        bool last = size == 0;
        if (last || size > most) size = most;
        if (!first) put_text(out, separator);
        first = false;
        Py_ssize_t digits = count < size ? count : size;
        take(out, in, digits);
        put_zeros(out, size - digits);
        count -= digits;
        min_width -= size;
        if (last || (count <= 0 && min_width <= 0)) break;
        min_width -= sep;
    }
    return start - out->end;
}

Py_ssize_t _PyUnicode_InsertThousandsGrouping(_PyUnicodeWriter *writer, Py_ssize_t room,
                                              PyObject *digits, Py_ssize_t start, Py_ssize_t count,
                                              Py_ssize_t min_width, const char *grouping,
                                              PyObject *separator, Py_UCS4 *max_char)
{
    struct Span in = {1, NULL, start + count},
                out = {1, NULL, 0}; /* without data: only the width is wanted */
    if (writer) {
        in = (struct Span){(int)PyUnicode_KIND(digits), PyUnicode_DATA(digits), start + count};
        out = (struct Span){(int)writer->kind, writer->data, writer->pos + room};
    }
    else {
        Py_UCS4 most = PyUnicode_MAX_CHAR_VALUE(separator);
        *max_char = most > 127 ? most : 127;
    }
    return group_digits(&out, &in, count, min_width > 0 ? min_width : 0, grouping, separator);
}

/* ---- Layout of one number ---- */

/* Decimal point, separator and group sizes in force. */
struct LocaleText {
    PyObject *point;                    /* owned */
    PyObject *separator;                /* owned */
    const char *grouping;
    char *copied;                       /* grouping's own memory, or NULL */
};

static void locale_release(struct LocaleText *l)
{
    Py_XDECREF(l->point);
    Py_XDECREF(l->separator);
    PyMem_Free(l->copied);
}

static int locale_get(struct LocaleText *l, enum FormatGrouping kind)
{
    *l = (struct LocaleText){NULL, NULL, kind == FORMAT_UNDERSCORE_FOUR ? "\4" : "\3", NULL};
    if (kind == FORMAT_LOCALE) {
        struct lconv *lc = localeconv();
        if (_Py_GetLocaleconvNumeric(lc, &l->point, &l->separator) < 0) return -1;
        size_t n = strlen(lc->grouping) + 1;
        l->copied = PyMem_Malloc(n);
        if (!l->copied) {
            locale_release(l);
            PyErr_NoMemory();
            return -1;
        }
        l->grouping = memcpy(l->copied, lc->grouping, n);
        return 0;
    }
    l->point = PyUnicode_FromOrdinal('.');
    l->separator = PyUnicode_FromOrdinal(kind == FORMAT_COMMA ? ',' : '_');
    if (l->point && l->separator) return 0;
    locale_release(l);
    return -1;
}

/* The parts of a number's text, all ASCII but for a character of type 'c', which is in `extra`. */
struct NumberText {
    char sign;                          /* '-' or 0 */
    const char *prefix;                 /* "0x" and the like, or "" */
    const char *digits;                 /* before the decimal point */
    Py_ssize_t digit_count;
    bool point;
    const char *rest;                   /* after the decimal point */
    Py_ssize_t rest_count;
    Py_UCS4 extra;                      /* for 'c', or 0 */
};

/* Splits what float_to_text made. */
static void split_number(const char *text, Py_ssize_t n, struct NumberText *out)
{
    const char *p = text, *end = text + n;
    *out = (struct NumberText){.prefix = ""};
    if (p < end && (*p == '-' || *p == '+')) {
        if (*p == '-') out->sign = '-';
        p++;
    }
    out->digits = p;
    while (p < end && Py_ISDIGIT(*p)) p++;
    out->digit_count = p - out->digits;
    out->point = p < end && *p == '.';
    if (out->point) p++;
    out->rest = p;
    out->rest_count = end - p;
}

static void fill_span(_PyUnicodeWriter *writer, Py_UCS4 c, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++)
        PyUnicode_WRITE(writer->kind, writer->data, writer->pos + i, c);
    writer->pos += count;
}

static void copy_ascii(_PyUnicodeWriter *writer, const char *text, Py_ssize_t count)
{
    if (writer->kind == PyUnicode_1BYTE_KIND) {
        memcpy((char *)writer->data + writer->pos, text, (size_t)count);
    }
    else {
        for (Py_ssize_t i = 0; i < count; i++) {
            PyUnicode_WRITE(writer->kind, writer->data, writer->pos + i,
                            (Py_UCS4)(unsigned char)text[i]);
        }
    }
    writer->pos += count;
}

static int write_number(_PyUnicodeWriter *writer, const struct FormatSpec *spec,
                        const struct NumberText *number, struct LocaleText *locale)
{
    char sign = number->sign                             ? number->sign
                : spec->sign == '+' || spec->sign == ' ' ? (char)spec->sign
                                                         : 0;
    Py_ssize_t prefix = (Py_ssize_t)strlen(number->prefix), total;
    bool grouped = spec->grouping != FORMAT_NO_GROUPING && number->digit_count > 0;
    Py_ssize_t point = !number->point ? 0 : locale ? PyUnicode_GET_LENGTH(locale->point) : 1;
    Py_ssize_t fixed = (sign != 0) + prefix + point + number->rest_count + (number->extra != 0);
    Py_ssize_t zeros = spec->fill == '0' && spec->align == '=' ? spec->width - fixed : 0;
    Py_ssize_t digits = number->digit_count;
    struct Span in = {PyUnicode_1BYTE_KIND, (void *)number->digits, digits},
                none = {PyUnicode_1BYTE_KIND, NULL, 0};
    if (zeros < 0) zeros = 0;
    if (grouped)
        digits = group_digits(&none, &in, digits, zeros, locale->grouping, locale->separator);
    Py_ssize_t left = format_spec_padding(spec, fixed + digits, &total);
    Py_ssize_t right = total - fixed - digits - left, inside = 0;
    if (spec->align == '=') {
        inside = left;
        left = 0;
    }
    Py_UCS4 most = 127;
    if (left + right + inside && spec->fill > most) most = spec->fill;
    if (number->extra > most) most = number->extra;
    if (grouped && PyUnicode_MAX_CHAR_VALUE(locale->separator) > most)
        most = PyUnicode_MAX_CHAR_VALUE(locale->separator);
    if (point && locale && PyUnicode_MAX_CHAR_VALUE(locale->point) > most)
        most = PyUnicode_MAX_CHAR_VALUE(locale->point);
    if (_PyUnicodeWriter_Prepare(writer, total, most) < 0) return -1;
    fill_span(writer, spec->fill, left);
    if (sign) copy_ascii(writer, &sign, 1);
    copy_ascii(writer, number->prefix, prefix);
    fill_span(writer, spec->fill, inside);
    if (grouped) {
        in.end = number->digit_count;
        struct Span out = {(int)writer->kind, writer->data, writer->pos + digits};
        group_digits(&out, &in, number->digit_count, zeros, locale->grouping, locale->separator);
        writer->pos += digits;
    }
    else copy_ascii(writer, number->digits, digits);
    if (number->extra) fill_span(writer, number->extra, 1);
    if (point && locale) {
        struct Span out = {(int)writer->kind, writer->data, writer->pos + point};
        put_text(&out, locale->point);
        writer->pos += point;
    }
    else if (point) copy_ascii(writer, ".", 1);
    copy_ascii(writer, number->rest, number->rest_count);
    fill_span(writer, spec->fill, right);
    return 0;
}

/* write_number with the locale that the spec's grouping asks for. */
static int write_grouped_number(_PyUnicodeWriter *writer, const struct FormatSpec *spec,
                                const struct NumberText *number)
{
    struct LocaleText locale;
    if (spec->grouping == FORMAT_NO_GROUPING) return write_number(writer, spec, number, NULL);
    if (locale_get(&locale, spec->grouping) < 0) return -1;
    int status = write_number(writer, spec, number, &locale);
    locale_release(&locale);
    return status;
}

/* ---- float ---- */

static int format_float(_PyUnicodeWriter *writer, PyObject *value, struct FormatSpec *spec)
{
    int flags =
        (spec->alternate ? Py_DTSF_ALT : 0) | (spec->no_negative_zero ? Py_DTSF_NO_NEG_0 : 0);
    Py_ssize_t precision = spec->precision;
    char type = (char)spec->type, local[128];
    bool percent = type == '%';
    if (precision > INT_MAX) {
        PyErr_SetString(PyExc_ValueError, "precision too big");
        return -1;
    }
    double x = PyFloat_AsDouble(value);
    if (x == -1.0 && PyErr_Occurred()) return -1;
    if (type == 0) {
        flags |= Py_DTSF_ADD_DOT_0;
        type = precision < 0 ? 'r' : 'g';
        if (precision < 0) precision = 0;
    }
    if (type == 'n') {
        type = 'g';
        spec->grouping = FORMAT_LOCALE;
    }
    if (percent) {
        type = 'f';
        x *= 100;
    }
    if (precision < 0) precision = 6;
    Py_ssize_t length;
    char *text =
        float_to_text(x, type, (int)precision, flags, NULL, local, sizeof local - 1, &length);
    if (!text) return -1;
    if (percent) {
        /* There is room for one more: the closing NUL's place, or more memory. */
        if (text != local) {
            char *longer = PyMem_Realloc(text, (size_t)length + 2);
            if (!longer) {
                PyMem_Free(text);
                PyErr_NoMemory();
                return -1;
            }
            text = longer;
        }
        text[length++] = '%';
    }
    int status;
    if (spec->width == -1 && !spec->grouping && spec->sign != '+' && spec->sign != ' ') {
        status = _PyUnicodeWriter_WriteASCIIString(writer, text, length);
    }
    else {
        struct NumberText number;
        split_number(text, length, &number);
        status = write_grouped_number(writer, spec, &number);
    }
    if (text != local) PyMem_Free(text);
    return status;
}

int _PyFloat_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *value, PyObject *text,
                                  Py_ssize_t start, Py_ssize_t end)
{
    struct FormatSpec spec;
    if (start == end) {
        PyObject *plain = PyFloat_CheckExact(value) ? float_repr(value) : PyObject_Str(value);
        int status = plain ? _PyUnicodeWriter_WriteStr(writer, plain) : -1;
        Py_XDECREF(plain);
        return status;
    }
    if (format_spec_parse(value, text, start, end, 0, '>', &spec) < 0) return -1;
    switch (spec.type) {
    case 0: case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'n': case '%':
        return format_float(writer, value, &spec);
    default:
        format_spec_unknown_type(spec.type, value);
        return -1;
    }
}

/* ---- int ---- */

static int value_error(const char *text)
{
    PyErr_SetString(PyExc_ValueError, text);
    return -1;
}

static int format_character(_PyUnicodeWriter *writer, PyObject *value, struct FormatSpec *spec)
{
    if (spec->sign) return value_error("Sign not allowed with integer format specifier 'c'");
    if (spec->alternate)
        return value_error("Alternate form (#) not allowed with integer format specifier 'c'");
    long c = PyLong_AsLong(value);
    if (c == -1 && PyErr_Occurred()) return -1;
    if (c < 0 || c > 0x10ffff) {
        PyErr_SetString(PyExc_OverflowError, "%c arg not in range(0x110000)");
        return -1;
    }
    struct NumberText number = {.prefix = "", .rest = "", .digits = ""};
    /* A character of value 0 is a digit like any other. */
    if (c == 0) {
        number.digits = "\0";
        number.digit_count = 1;
    }
    else number.extra = (Py_UCS4)c;
    return write_number(writer, spec, &number, NULL);
}

static int format_int(_PyUnicodeWriter *writer, PyObject *value, struct FormatSpec *spec)
{
    if (spec->precision != -1)
        return value_error("Precision not allowed in integer format specifier");
    if (spec->no_negative_zero)
        return value_error("Negative zero coercion (z) not allowed in integer format specifier");
    if (spec->type == 'c') return format_character(writer, value, spec);
    Py_UCS4 type = spec->type;
    int base = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
    if (type == 'n') spec->grouping = FORMAT_LOCALE;
    if (spec->width == -1 && !spec->grouping && type != 'X' && spec->sign != '+' &&
        spec->sign != ' ') {
        return _PyLong_FormatWriter(writer, value, base, spec->alternate);
    }
    struct IntText text;
    char prefix[3] = "";
    if (int_make_text(&text, value, base, spec->alternate) < 0) return -1;
    struct NumberText number = {
        .prefix = prefix, .rest = "", .digits = text.start, .digit_count = text.length};
    if (*number.digits == '-') {
        number.sign = '-';
        number.digits++;
        number.digit_count--;
    }
    if (type == 'X') {
        for (char *p = text.start; p < text.start + text.length; p++) *p = (char)Py_TOUPPER(*p);
    }
    if (base != 10 && spec->alternate) {
        memcpy(prefix, number.digits, 2);
        number.digits += 2;
        number.digit_count -= 2;
    }
    int status = write_grouped_number(writer, spec, &number);
    if (text.owned) PyMem_Free(text.owned);
    return status;
}

int _PyLong_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *value, PyObject *text,
                                 Py_ssize_t start, Py_ssize_t end)
{
    struct FormatSpec spec;
    if (start == end) {
        if (PyLong_CheckExact(value)) return _PyLong_FormatWriter(writer, value, 10, 0);
        PyObject *plain = PyObject_Str(value);
        int status = plain ? _PyUnicodeWriter_WriteStr(writer, plain) : -1;
        Py_XDECREF(plain);
        return status;
    }
    if (format_spec_parse(value, text, start, end, 'd', '>', &spec) < 0) return -1;
    switch (spec.type) {
    case 'b': case 'c': case 'd': case 'o': case 'x': case 'X': case 'n':
        return format_int(writer, value, &spec);
    case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case '%': {
        PyObject *as_float = PyNumber_Float(value);
        int status = as_float ? format_float(writer, as_float, &spec) : -1;
        Py_XDECREF(as_float);
        return status;
    }
    default:
        format_spec_unknown_type(spec.type, value);
        return -1;
    }
}

/* ---- complex ---- */

/* One component, unpadded, with the given sign rule. */
static int write_component(_PyUnicodeWriter *writer, const struct FormatSpec *spec, double x,
                           char type, int precision, int flags, Py_UCS4 sign)
{
    char local[128];
    Py_ssize_t length;
    char *text = float_to_text(x, type, precision, flags, NULL, local, sizeof local, &length);
    if (!text) return -1;
    struct NumberText number;
    struct FormatSpec plain = *spec;
    plain.fill = ' ';
    plain.align = '<';
    plain.width = -1;
    plain.sign = sign;
    split_number(text, length, &number);
    int status = write_grouped_number(writer, &plain, &number);
    if (text != local) PyMem_Free(text);
    return status;
}

static int write_complex(_PyUnicodeWriter *writer, Py_complex z, struct FormatSpec *spec)
{
    int flags =
        (spec->alternate ? Py_DTSF_ALT : 0) | (spec->no_negative_zero ? Py_DTSF_NO_NEG_0 : 0);
    Py_ssize_t precision = spec->precision;
    char type = (char)spec->type;
    bool plain = type == 0, real = true;
    if (precision > INT_MAX) return value_error("precision too big");
    if (plain) {
        type = precision < 0 ? 'r' : 'g';
        if (precision < 0) precision = 0;
        real = !(z.real == 0.0 && !signbit(z.real));
    }
    if (type == 'n') {
        type = 'g';
        spec->grouping = FORMAT_LOCALE;
    }
    if (precision < 0) precision = 6;
    bool parentheses = plain && real;
    if (parentheses && _PyUnicodeWriter_WriteChar(writer, '(') < 0) return -1;
    if (real && write_component(writer, spec, z.real, type, (int)precision, flags, spec->sign) < 0)
        return -1;
    if (write_component(writer, spec, z.imag, type, (int)precision, flags,
                        real ? '+' : spec->sign) < 0)
        return -1;
    if (_PyUnicodeWriter_WriteChar(writer, 'j') < 0) return -1;
    return parentheses ? _PyUnicodeWriter_WriteChar(writer, ')') : 0;
}

static int format_complex(_PyUnicodeWriter *writer, PyObject *value, struct FormatSpec *spec)
{
    if (spec->fill == '0')
        return value_error("Zero padding is not allowed in complex format specifier");
    if (spec->align == '=')
        return value_error("'=' alignment flag is not allowed in complex format specifier");
    Py_complex z = PyComplex_AsCComplex(value);
    if (z.real == -1.0 && PyErr_Occurred()) return -1;
    _PyUnicodeWriter inner;
    _PyUnicodeWriter_Init(&inner);
    if (write_complex(&inner, z, spec) < 0) {
        _PyUnicodeWriter_Dealloc(&inner);
        return -1;
    }
    PyObject *text = _PyUnicodeWriter_Finish(&inner);
    if (!text) return -1;
    Py_ssize_t n = PyUnicode_GET_LENGTH(text), total, left = format_spec_padding(spec, n, &total);
    Py_UCS4 most = PyUnicode_MAX_CHAR_VALUE(text);
    if (total > n && spec->fill > most) most = spec->fill;
    int status = _PyUnicodeWriter_Prepare(writer, total, most);
    if (status == 0) {
        fill_span(writer, spec->fill, left);
        struct Span out = {(int)writer->kind, writer->data, writer->pos + n};
        put_text(&out, text);
        writer->pos += n;
        fill_span(writer, spec->fill, total - n - left);
    }
    Py_DECREF(text);
    return status;
}

int _PyComplex_FormatAdvancedWriter(_PyUnicodeWriter *writer, PyObject *value, PyObject *text,
                                    Py_ssize_t start, Py_ssize_t end)
{
    struct FormatSpec spec;
    if (start == end) {
        PyObject *plain = PyObject_Str(value);
        int status = plain ? _PyUnicodeWriter_WriteStr(writer, plain) : -1;
        Py_XDECREF(plain);
        return status;
    }
    if (format_spec_parse(value, text, start, end, 0, '>', &spec) < 0) return -1;
    switch (spec.type) {
    case 0: case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'n':
        return format_complex(writer, value, &spec);
    default:
        format_spec_unknown_type(spec.type, value);
        return -1;
    }
}

PyObject *number_format(PyObject *value, PyObject *spec, NumberFormatter formatter)
{
    WriterScratch scratch;
    _PyUnicodeWriter writer;
    writer_init_scratch(&writer, &scratch);
    if (formatter(&writer, value, spec, 0, PyUnicode_GET_LENGTH(spec)) < 0) {
        _PyUnicodeWriter_Dealloc(&writer);
        return NULL;
    }
    return _PyUnicodeWriter_Finish(&writer);
}
