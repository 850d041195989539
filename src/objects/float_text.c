/* Float text for the rest of the house and for extensions: base/float_text.h behind the names
 * that 3.11 exports. */
#include "objects/float.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/float_text.h"

/* ---- To text ---- */

/* How finite digits are laid out. */
struct Layout {
    struct FloatDecimal decimal;
    int point;                          /* digits before the point as written */
    int start, end; /* the digit positions written; outside the decimal they are zeros */
    bool exponent;                      /* scientific form */
};

/* What goes with a format code. */
static bool lay_out(struct Layout *l, double x, char code, int precision, int flags, char *digits)
{
    struct FloatDecimal *d = &l->decimal;
    d->digits = digits;
    l->exponent = false;
    if (code == 'r') float_shortest(x, d);
    else if (code == 'f') {
        if (!float_round_fraction(x, precision, digits, d)) return false;
    }
    else if (!float_round_significant(x, code == 'e' ? precision + 1 : precision, digits, d))
        return false;
    l->end = d->count;
    if (code == 'e') l->exponent = true;
    else if (code == 'f') l->end = d->point + precision;
    else {
        int last = code == 'r' ? 16 : precision - (flags & Py_DTSF_ADD_DOT_0 ? 1 : 0);
        l->exponent = d->point <= -4 || d->point > last;
        if (code == 'g' && flags & Py_DTSF_ALT) l->end = precision;
        else {
            while (d->count > 1 && d->digits[d->count - 1] == '0') d->count--;
            l->end = d->count;
        }
    }
    l->point = l->exponent ? 1 : d->point;
    l->start = l->point <= 0 ? l->point - 1 : 0;
    int least = !l->exponent && flags & Py_DTSF_ADD_DOT_0 ? l->point + 1 : l->point;
    if (l->end < least) l->end = least;
    return true;
}

/* Writes positions [from, to) of the digits, zeros outside. */
static char *write_positions(char *p, const struct FloatDecimal *d, int from, int to)
{
    for (; from < to && from < 0; from++) *p++ = '0';
    int inside = to < d->count ? to : d->count;
    if (from < inside) {
        memcpy(p, d->digits + from, (size_t)(inside - from));
        p += inside - from;
        from = inside;
    }
    if (from < to) {
        memset(p, '0', (size_t)(to - from));
        p += to - from;
    }
    return p;
}

static char *write_exponent(char *p, int e, bool upper)
{
    *p++ = upper ? 'E' : 'e';
    *p++ = e < 0 ? '-' : '+';
    if (e < 0) e = -e;
    if (e >= 100) *p++ = (char)('0' + e / 100);
    *p++ = (char)('0' + e / 10 % 10);
    *p++ = (char)('0' + e % 10);
    return p;
}

static bool all_zero(const struct FloatDecimal *d)
{
    for (int i = 0; i < d->count; i++) {
        if (d->digits[i] != '0') return false;
    }
    return true;
}

static char *get_text_room(size_t need, char *local, size_t room)
{
    if (local && need <= room) return local;
    char *text = PyMem_Malloc(need);
    if (!text) PyErr_NoMemory();
    return text;
}

static char *special_text(double x, bool upper, int flags, int *type, char *local, size_t room,
                          Py_ssize_t *length)
{
    char *text = get_text_room(5, local, room), *p = text;
    if (!text) return NULL;
    bool nan = isnan(x);
    if (!nan && x < 0) *p++ = '-';
    else if (flags & Py_DTSF_SIGN) *p++ = '+';
    memcpy(p, nan ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf"), 4);
    if (type) *type = nan ? Py_DTST_NAN : Py_DTST_INFINITE;
    *length = p + 3 - text;
    return text;
}

char *float_to_text(double x, char code, int precision, int flags, int *type, char *local,
                    size_t room, Py_ssize_t *length)
{
    bool upper = code == 'E' || code == 'F' || code == 'G';
    if (upper) code = (char)(code | 0x20);
    if ((code != 'e' && code != 'f' && code != 'g' && code != 'r') ||
        (code == 'r' && precision != 0)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    if (code == 'g' && precision == 0) precision = 1;
    if (!isfinite(x)) return special_text(x, upper, flags, type, local, room, length);
    if (precision > INT_MAX - 2000) {
        PyErr_NoMemory();
        return NULL;
    }
    char digits[FLOAT_LOCAL_DIGITS], *text = NULL;
    struct Layout l;
    if (!lay_out(&l, x, code, precision, flags, digits)) {
        PyErr_NoMemory();
        return NULL;
    }
    if (type) *type = Py_DTST_FINITE;
    text = get_text_room((size_t)(l.end - l.start) + 10, local, room);
    if (text) {
        char *p = text;
        bool negative = signbit(x) && !(flags & Py_DTSF_NO_NEG_0 && all_zero(&l.decimal));
        if (negative) *p++ = '-';
        else if (flags & Py_DTSF_SIGN) *p++ = '+';
        p = write_positions(p, &l.decimal, l.start, l.point);
        if (l.end > l.point || flags & Py_DTSF_ALT) *p++ = '.';
        p = write_positions(p, &l.decimal, l.point, l.end);
        if (l.exponent) p = write_exponent(p, l.decimal.point - 1, upper);
        *p = '\0';
        *length = p - text;
    }
    if (l.decimal.digits != digits) free(l.decimal.digits);
    return text;
}

/* Text in one of the forms of printf's e, f and g, or r for repr. Freed with PyMem_Free. Manual: C
 * API, conversion. */
char *PyOS_double_to_string(double x, char code, int precision, int flags, int *type)
{
    Py_ssize_t length;
    return float_to_text(x, code, precision, flags, type, NULL, 0, &length);
}

/* ---- From text ---- */

static bool starts_with(const char *text, const char *lower)
{
    for (; *lower; text++, lower++) {
        if ((*text | 0x20) != *lower) return false;
    }
    return true;
}

double _Py_dg_infinity(int sign)
{
    return sign ? -INFINITY : INFINITY;
}

double _Py_dg_stdnan(int sign)
{
    return copysign(NAN, sign ? -1.0 : 1.0);
}

double _Py_parse_inf_or_nan(const char *text, char **end)
{
    const char *p = text;
    int negative = *p == '-';
    double value = -1.0;
    if (*p == '-' || *p == '+') p++;
    *end = (char *)text;
    if (starts_with(p, "inf")) {
        *end = (char *)p + (starts_with(p, "infinity") ? 8 : 3);
        value = _Py_dg_infinity(negative);
    }
    else if (starts_with(p, "nan")) {
        *end = (char *)p + 3;
        value = _Py_dg_stdnan(negative);
    }
    return value;
}

/* Decimal text to double; errno is ERANGE when the result is infinite. */
double _Py_dg_strtod(const char *text, char **end)
{
    const char *stop;
    double x = float_parse(text, &stop);
    if (end) *end = (char *)stop;
    if (isinf(x)) errno = ERANGE;
    return x;
}

/* Decimal text, inf or nan to double. -1.0 with ValueError, or overflow_exception if one is given.
 * Manual: C API, conversion. */
double PyOS_string_to_double(const char *text, char **end, PyObject *overflow_exception)
{
    const char *stop;
    char *special;
    double x = float_parse(text, &stop);
    bool too_large = isinf(x);
    if (stop == text) {
        x = _Py_parse_inf_or_nan(text, &special);
        stop = special;
    }
    if (stop == text || (!end && *stop)) {
        PyErr_Format(PyExc_ValueError, "could not convert string to float: '%.200s'", text);
        x = -1.0;
    }
    else if (too_large && overflow_exception) {
        PyErr_Format(overflow_exception, "value too large to convert to float: '%.200s'", text);
        x = -1.0;
    }
    if (end) *end = (char *)stop;
    return x;
}

/* Copies text without its underscores to `out`; false when one is not between two digits. */
static bool drop_underscores(const char *text, Py_ssize_t length, char *out, Py_ssize_t *out_length)
{
    char last = '\0', *p = out;
    for (const char *q = text; q < text + length; last = *q++) {
        if (*q == '_') {
            if (last < '0' || last > '9') return false;
        }
        else {
            if (last == '_' && (*q < '0' || *q > '9')) return false;
            *p++ = *q;
        }
    }
    *p = '\0';
    *out_length = p - out;
    return last != '_';
}

PyObject *_Py_string_to_number_with_underscores(const char *text, Py_ssize_t length,
                                                const char *what, PyObject *shown, void *arg,
                                                PyObject *(*inner)(const char *, Py_ssize_t,
                                                                   void *))
{
    if (!strchr(text, '_')) return inner(text, length, arg);
    char *copy = PyMem_Malloc((size_t)length + 1);
    if (!copy) return PyErr_NoMemory();
    Py_ssize_t copied;
    PyObject *r = NULL;
    if (strlen(text) == (size_t)length && drop_underscores(text, length, copy, &copied))
        r = inner(copy, copied, arg);
    else PyErr_Format(PyExc_ValueError, "could not convert string to %s: %R", what, shown);
    PyMem_Free(copy);
    return r;
}

/* ---- The digits alone ---- */

/* Digits of |x|: mode 0 shortest, mode 2 `ndigits` significant, mode 3 `ndigits` after the point;
 * trailing zeros dropped. *point is where the decimal point belongs (9999 for inf and nan). Freed
 * with _Py_dg_freedtoa; NULL when memory is out. */
char *_Py_dg_dtoa(double x, int mode, int ndigits, int *point, int *sign, char **end)
{
    char digits[FLOAT_LOCAL_DIGITS];
    struct FloatDecimal d = {.digits = digits};
    *sign = signbit(x) != 0;
    if (!isfinite(x)) {
        bool nan = isnan(x);
        d = (struct FloatDecimal){nan ? "NaN" : "Infinity", nan ? 3 : 8, 9999};
    }
    else if (mode == 0 || mode == 1) float_shortest(x, &d);
    else if (x == 0.0) d = (struct FloatDecimal){"0", 1, 1};
    else if (!(mode == 3 || mode == 5
                   ? float_round_fraction(x, ndigits, digits, &d)
                   : float_round_significant(x, ndigits < 1 ? 1 : ndigits, digits, &d))) {
        return NULL;
    }
    int count = d.count;
    if (isfinite(x) && x != 0.0) {
        while (count > 0 && d.digits[count - 1] == '0') count--;
        if (count == 0) d.point = -ndigits;
    }
    char *text = PyMem_Malloc((size_t)count + 1);
    if (text) {
        memcpy(text, d.digits, (size_t)count);
        text[count] = '\0';
        *point = d.point;
        if (end) *end = text + count;
    }
    if (isfinite(x) && x != 0.0 && d.digits != digits) free(d.digits);
    return text;
}

void _Py_dg_freedtoa(char *text)
{
    PyMem_Free(text);
}
