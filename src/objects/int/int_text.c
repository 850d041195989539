/* int: text in any base, both ways, with the limit on decimal conversions (CVE-2020-10735). */
#include "objects/int/int.h"
#include "objects/int/mag.h"
#include "objects/str/str.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <string.h>

#define X 37
#define X16 X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X
#define LETTERS                                                                                 \
    10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, \
        33, 34, 35
unsigned char _PyLong_DigitValue[256] = {
    X16, X16, X16, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, X, X, X, X, X, X,
    X, LETTERS, X, X, X, X, X,
    X, LETTERS, X, X, X, X, X,
    X16, X16, X16, X16, X16, X16, X16, X16,
};
#undef X16
#undef LETTERS
#undef X

/* ---- From text ---- */

/* The digits of a literal once they have been found well-formed. */
struct Literal {
    const char *text;                   /* first digit */
    const char *end;                    /* one past the last digit */
    Py_ssize_t count;                   /* digits, underscores not counted */
    int base;
};

/* Finds the longest run of digits with single underscores between them. False when it is empty or
 * ends in an underscore. */
static bool scan_digits(struct Literal *literal)
{
    const char *p = literal->text;
    char last = '_';
    literal->count = 0;
    for (;; p++) {
        if (*p == '_') {
            if (last == '_') return false;
        }
        else if (_PyLong_DigitValue[(unsigned char)*p] < literal->base) literal->count++;
        else break;
        last = *p;
    }
    literal->end = p;
    return literal->count > 0 && last != '_';
}

/* Bases that are a power of two: bits straight into digits, from the last character back. */
static PyLongObject *parse_binary(const struct Literal *literal)
{
    int width = __builtin_ctz((unsigned)literal->base);
    if (literal->count > PY_SSIZE_T_MAX / 8) {
        PyErr_SetString(PyExc_ValueError, "int string too large to convert");
        return NULL;
    }
    PyLongObject *r = int_alloc((literal->count * width + MAG_SHIFT - 1) / MAG_SHIFT);
    if (!r) return NULL;
    uint64_t acc = 0;
    int bits = 0;
    Py_ssize_t k = 0;
    for (const char *p = literal->end; p-- > literal->text;) {
        if (*p == '_') continue;
        acc |= (uint64_t)_PyLong_DigitValue[(unsigned char)*p] << bits;
        bits += width;
        if (bits >= MAG_SHIFT) {
            r->ob_digit[k++] = (digit)acc & MAG_MASK;
            acc >>= MAG_SHIFT;
            bits -= MAG_SHIFT;
        }
    }
    if (bits) r->ob_digit[k++] = (digit)acc;
    Py_SET_SIZE(r, k);
    return r;
}

/* words = words * scale + carry; how many words there are then. */
static int scale_words(uint64_t *words, int n, uint64_t scale, uint64_t carry)
{
    for (int i = 0; i < n; i++) {
        unsigned __int128 product = (unsigned __int128)words[i] * scale + carry;
        words[i] = (uint64_t)product;
        carry = (uint64_t)(product >> 64);
    }
    if (carry) words[n++] = carry;
    return n;
}

/* Other bases, in words of as many digits as fit. */
static PyLongObject *parse_short(const struct Literal *literal)
{
    enum { WORDS = (MAG_GMP_FROM_TEXT * 6 + 63) / 64 };     /* a digit takes less than six bits */
    uint64_t words[WORDS + 1], base = (uint64_t)literal->base, scale = 1, chunk = 0, most = UINT64_MAX / base;
    int n = 0;
    for (const char *p = literal->text; p != literal->end; p++) {
        if (*p == '_') continue;
        if (scale > most) {
            n = scale_words(words, n, scale, chunk);
            scale = 1;
            chunk = 0;
        }
        chunk = chunk * base + _PyLong_DigitValue[(unsigned char)*p];
        scale *= base;
    }
    n = scale_words(words, n, scale, chunk);
    words[n] = 0;
    int bits = n ? n * 64 - __builtin_clzll(words[n - 1]) : 0;
    PyLongObject *r = int_alloc((bits + MAG_SHIFT - 1) / MAG_SHIFT);
    if (!r) return NULL;
    for (int k = 0, bit = 0; bit < bits; bit += MAG_SHIFT, k++) {
        int shift = bit % 64;
        uint64_t word = words[bit / 64] >> shift;
        if (shift > 64 - MAG_SHIFT) word |= words[bit / 64 + 1] << (64 - shift);
        r->ob_digit[k] = (digit)word & MAG_MASK;
    }
    return r;
}

static PyLongObject *parse_long(const struct Literal *literal, Py_ssize_t room)
{
    unsigned char *values = PyMem_Malloc((size_t)literal->count);
    if (!values) return (PyLongObject *)PyErr_NoMemory();
    Py_ssize_t count = 0;
    for (const char *p = literal->text; p < literal->end; p++) {
        if (*p != '_') values[count++] = _PyLong_DigitValue[(unsigned char)*p];
    }
    PyLongObject *r = int_alloc(room);
    if (r) {
        Py_ssize_t n = mag_gmp_from_text(r->ob_digit, room, values, count, literal->base);
        if (n < 0) {
            PyErr_NoMemory();
            Py_CLEAR(r);
        }
        else Py_SET_SIZE(r, n);
    }
    PyMem_Free(values);
    return r;
}

static PyLongObject *parse_digits(const struct Literal *literal)
{
    if ((literal->base & (literal->base - 1)) == 0) return parse_binary(literal);
    int limit = int_runtime.max_str_digits;
    if (literal->count > INT_STR_DIGITS_THRESHOLD && limit > 0 && literal->count > limit) {
        PyErr_Format(PyExc_ValueError,
                     "Exceeds the limit (%d digits) for integer string conversion: value has %zd "
                     "digits; use sys.set_int_max_str_digits() to increase the limit",
                     limit, literal->count);
        return NULL;
    }
    if (literal->count < MAG_GMP_FROM_TEXT) return parse_short(literal);
    double room = (double)literal->count * log2(literal->base) / MAG_SHIFT + 2;
    if (room > (double)INT_MAX_DIGITS) {
        PyErr_SetString(PyExc_ValueError, "int string too large to convert");
        return NULL;
    }
    return parse_long(literal, (Py_ssize_t)room);
}

/* Skips a prefix such as 0x if it belongs to the base, and finds the base if it is 0. True when
 * only zero is allowed (an old-style octal such as 012 is no literal). */
static bool skip_prefix(const char **text, int *base)
{
    const char *p = *text;
    bool zero_only = false;
    char letter = p[0] == '0' ? (char)(p[1] | 0x20) : 0;
    int found = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (*base == 0) {
        *base = found ? found : 10;
        zero_only = !found && p[0] == '0';
    }
    if (found && found == *base) {
        p += 2;
        if (*p == '_') p++;
        *text = p;
    }
    return zero_only;
}

/* int of NUL-terminated text with surrounding white space; *end is where reading stopped. Manual: C
 * API, PyLong_FromString. It is left alone when the text is well-formed but refused (too long, no
 * memory). */
PyObject *PyLong_FromString(const char *text, char **end, int base)
{
    if ((base != 0 && base < 2) || base > 36) {
        PyErr_SetString(PyExc_ValueError, "int() arg 2 must be >= 2 and <= 36");
        return NULL;
    }
    const char *p = text;
    while (Py_ISSPACE(*p)) p++;
    bool negative = *p == '-';
    if (*p == '+' || *p == '-') p++;
    bool zero_only = skip_prefix(&p, &base);
    int told = base;        /* by a message */
    struct Literal literal = {.text = p, .base = base};
    PyLongObject *r = NULL;
    const char *stop = p;
    if (*p == '_' || !scan_digits(&literal)) goto invalid;
    r = parse_digits(&literal);
    if (!r) return NULL;
    stop = literal.end;
    Py_SET_SIZE(r, mag_normalize(r->ob_digit, Py_SIZE(r)));
    if (zero_only) {
        told = 0;
        if (Py_SIZE(r) != 0) goto invalid;
    }
    while (Py_ISSPACE(*stop)) stop++;
    if (*stop) goto invalid;
    if (end) *end = (char *)stop;
    if (negative) Py_SET_SIZE(r, -Py_SIZE(r));
    return int_finish_steal(r);
invalid:
    Py_XDECREF(r);
    if (end) *end = (char *)stop;
    size_t shown = strlen(text);
    PyObject *quoted = PyUnicode_FromStringAndSize(text, shown < 200 ? (Py_ssize_t)shown : 200);
    if (quoted) {
        PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R", told,
                     quoted);
        Py_DECREF(quoted);
    }
    return NULL;
}

/* Runs PyLong_FromString over n bytes that may hold NULs; `shown` is what an error quotes. */
static PyObject *from_buffer(const char *text, Py_ssize_t n, int base, PyObject *shown)
{
    char *end = NULL;
    PyObject *r = PyLong_FromString(text, &end, base);
    if (end == NULL || (r != NULL && end == text + n)) return r;
    Py_XDECREF(r);
    PyErr_Clear();
    PyErr_Format(PyExc_ValueError, "invalid literal for int() with base %d: %.200R", base, shown);
    return NULL;
}

/* int of n bytes; the error quotes them as bytes. */
PyObject *_PyLong_FromBytes(const char *text, Py_ssize_t n, int base)
{
    PyObject *shown = PyBytes_FromStringAndSize(text, n);
    if (!shown) return NULL;
    PyObject *r = from_buffer(PyBytes_AS_STRING(shown), n, base, shown);
    Py_DECREF(shown);
    return r;
}

/* int of a str, decimal digits of any script included. */
PyObject *PyLong_FromUnicodeObject(PyObject *text, int base)
{
    PyObject *ascii = _PyUnicode_TransformDecimalAndSpaceToASCII(text);
    if (!ascii) return NULL;
    PyObject *r = from_buffer((const char *)PyUnicode_1BYTE_DATA(ascii),
                              PyUnicode_GET_LENGTH(ascii), base, text);
    Py_DECREF(ascii);
    return r;
}

/* ---- To text ---- */

static int text_too_long(void)
{
    PyErr_Format(PyExc_ValueError,
                 "Exceeds the limit (%d digits) for integer string conversion; "
                 "use sys.set_int_max_str_digits() to increase the limit",
                 int_runtime.max_str_digits);
    return -1;
}

static const char digit_pairs[201] = "0001020304050607080910111213141516171819202122232425262728293"
                                     "0313233343536373839404142434445464748"
                                     "4950515253545556575859606162636465666768697071727374757677787"
                                     "980818283848586878889909192939495969798"
                                     "99";

/* Writes v in decimal, ending before `end`; where it starts. */
static char *write_word(char *end, uint64_t v)
{
    while (v >= 100) {
        unsigned pair = (unsigned)(v % 100) * 2;
        v /= 100;
        end -= 2;
        memcpy(end, digit_pairs + pair, 2);
    }
    if (v >= 10) {
        end -= 2;
        memcpy(end, digit_pairs + v * 2, 2);
    }
    else *--end = (char)('0' + v);
    return end;
}

/* Some dozens of digits: base 10**9 by repeated multiplication, then text. The buffer ends at
 * `end`. */
static char *write_medium(char *end, const digit *d, Py_ssize_t n)
{
    uint32_t parts[MAG_GMP_TO_TEXT * 10 / 9 + 2];
    int count = 0;
    for (Py_ssize_t i = n; i-- > 0;) {
        uint64_t high = d[i];
        for (int j = 0; j < count; j++) {
            uint64_t z = (uint64_t)parts[j] << MAG_SHIFT | high;
            high = z / 1000000000;
            parts[j] = (uint32_t)(z - high * 1000000000);
        }
        while (high) {
            parts[count++] = (uint32_t)(high % 1000000000);
            high /= 1000000000;
        }
    }
    for (int j = 0; j < count - 1; j++) {
        char *start = write_word(end, parts[j]);
        end -= 9;
        while (start > end) *--start = '0';
    }
    return write_word(end, parts[count - 1]);
}

/* Digits in base 2, 8 or 16. */
static char *write_binary(char *end, const digit *d, Py_ssize_t n, int width)
{
    uint64_t acc = 0;
    int bits = 0;
    char *p = end;
    for (Py_ssize_t i = 0; i < n; i++) {
        acc |= (uint64_t)d[i] << bits;
        bits += MAG_SHIFT;
        while (i == n - 1 ? acc != 0 : bits >= width) {
            *--p = "0123456789abcdef"[acc & ((1u << width) - 1)];
            acc >>= width;
            bits -= width;
        }
    }
    if (p == end) *--p = '0';
    return p;
}

_Static_assert(INT_LOCAL_TEXT > MAG_GMP_TO_TEXT * 10 + 1, "what write_medium makes fits");

/* Decimal digits of a large magnitude through GMP, with the sign. */
static int make_large_decimal(struct IntText *t, PyObject *a)
{
    Py_ssize_t n = int_length(a);
    int limit = int_runtime.max_str_digits;
    bool negative = Py_SIZE(a) < 0;
    size_t room = (size_t)((double)n * MAG_SHIFT * 0.30103) + 4;
    /* Refuse what is surely too long before doing the work. */
    if (limit > 0 && room > INT_STR_DIGITS_THRESHOLD + 20 && room > (size_t)limit + 20)
        return text_too_long();
    t->owned = room + 1 > INT_LOCAL_TEXT ? PyMem_Malloc(room + 1) : NULL;
    char *buffer = t->owned ? t->owned : t->local;
    Py_ssize_t count = -1;
    if (t->owned || room + 1 <= INT_LOCAL_TEXT) {
        count = mag_gmp_to_text((unsigned char *)buffer + 1, 10, int_digits(a), n);
    }
    if (count < 0) {
        PyMem_Free(t->owned);
        PyErr_NoMemory();
        return -1;
    }
    if (limit > 0 && count > INT_STR_DIGITS_THRESHOLD && count > limit) {
        PyMem_Free(t->owned);
        return text_too_long();
    }
    for (Py_ssize_t i = 1; i <= count; i++) buffer[i] = (char)(buffer[i] + '0');
    if (negative) buffer[0] = '-';
    t->start = buffer + !negative;
    t->length = count + negative;
    return 0;
}

int int_make_text(struct IntText *t, PyObject *a, int base, bool alternate)
{
    Py_ssize_t n = int_length(a);
    char *end = t->local + INT_LOCAL_TEXT, *p;
    int64_t value;
    t->owned = NULL;
    if (base == 10) {
        if (int_fits_two_digits(a, &value))
            p = write_word(end, (uint64_t)(value < 0 ? -value : value));
        else if (n < MAG_GMP_TO_TEXT) p = write_medium(end, int_digits(a), n);
        else return make_large_decimal(t, a);
    }
    else {
        int width = base == 16 ? 4 : base == 8 ? 3 : 1;
        size_t room = (size_t)n * MAG_SHIFT / (size_t)width + 8;
        if (room > INT_LOCAL_TEXT) {
            if (room > PY_SSIZE_T_MAX) {
                PyErr_SetString(PyExc_OverflowError, "int too large to format");
                return -1;
            }
            t->owned = PyMem_Malloc(room);
            if (!t->owned) {
                PyErr_NoMemory();
                return -1;
            }
            end = t->owned + room;
        }
        p = write_binary(end, int_digits(a), n, width);
        if (alternate) {
            *--p = base == 16 ? 'x' : base == 8 ? 'o' : 'b';
            *--p = '0';
        }
    }
    if (Py_SIZE(a) < 0) *--p = '-';
    t->start = p;
    t->length = end - p;
    return 0;
}

char *int_put_text(char *end, int64_t value)
{
    char *p = write_word(end, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
    if (value < 0) *--p = '-';
    return p;
}

PyObject *int_text_of(int64_t value)
{
    char local[INT_WORD_TEXT], *end = local + sizeof local, *p = int_put_text(end, value);
    Py_ssize_t n = end - p;
    if (n == 1) return Py_NewRef(str_latin1_borrow((unsigned char)*p));
    PyObject *text = str_new_ascii(n);
    if (text) str_copy_short((char *)((PyASCIIObject *)text + 1), p, (size_t)n);
    return text;
}

PyObject *int_to_text(PyObject *a, int base)
{
    int64_t value;
    if (base == 10 && int_fits_two_digits(a, &value)) return int_text_of(value);
    struct IntText t;
    if (int_make_text(&t, a, base, true) < 0) return NULL;
    PyObject *r;
    if (t.length == 1) r = PyUnicode_FromOrdinal(t.start[0]);
    else {
        r = PyUnicode_New(t.length, 127);
        if (r) memcpy(PyUnicode_1BYTE_DATA(r), t.start, (size_t)t.length);
    }
    if (t.owned) PyMem_Free(t.owned);
    return r;
}

PyObject *_PyLong_Format(PyObject *a, int base)
{
    if (!a || !PyLong_Check(a)) {
        PyErr_BadInternalCall();
        return NULL;
    }
    return int_to_text(a, base);
}

int _PyLong_FormatWriter(_PyUnicodeWriter *writer, PyObject *a, int base, int alternate)
{
    struct IntText t;
    if (int_make_text(&t, a, base, alternate) < 0) return -1;
    int status = _PyUnicodeWriter_WriteASCIIString(writer, t.start, t.length);
    if (t.owned) PyMem_Free(t.owned);
    return status;
}

char *_PyLong_FormatBytesWriter(_PyBytesWriter *writer, char *at, PyObject *a, int base,
                                int alternate)
{
    struct IntText t;
    if (int_make_text(&t, a, base, alternate) < 0) return NULL;
    at = _PyBytesWriter_Prepare(writer, at, t.length);
    if (at) {
        memcpy(at, t.start, (size_t)t.length);
        at += t.length;
    }
    if (t.owned) PyMem_Free(t.owned);
    return at;
}

/* ---- C's strtoul with Python's prefixes ---- */

/* Unsigned long in the given base, 0 for Python's prefixes; ULONG_MAX and ERANGE when it is too
 * large. */
unsigned long PyOS_strtoul(const char *text, char **end, int base)
{
    const char *p = text;
    bool overflow = false;
    unsigned long r = 0;
    while (Py_ISSPACE(*p)) p++;
    int found = 0;
    if (p[0] == '0') {
        char letter = (char)(p[1] | 0x20);
        found = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    }
    if (base == 0) {
        if (p[0] == '0' && !found) {    /* zeros only; anything else is no number */
            const char *q = p;
            while (*q == '0') q++;
            while (Py_ISSPACE(*q)) q++;
            if (end) *end = (char *)q;
            return 0;
        }
        base = found ? found : 10;
    }
    if (base < 2 || base > 36) {
        if (end) *end = (char *)p;
        return 0;
    }
    if (found && found == base) {
        if (_PyLong_DigitValue[(unsigned char)p[2]] >= base) {
            if (end) *end = (char *)p + 1;
            return 0;
        }
        p += 2;
    }
    for (unsigned v; (v = _PyLong_DigitValue[(unsigned char)*p]) < (unsigned)base; p++) {
        overflow |=
            __builtin_mul_overflow(r, (unsigned long)base, &r) || __builtin_add_overflow(r, v, &r);
    }
    if (end) *end = (char *)p;
    if (!overflow) return r;
    errno = ERANGE;
    return ULONG_MAX;
}

/* Signed counterpart: white space, a sign, then PyOS_strtoul. */
long PyOS_strtol(const char *text, char **end, int base)
{
    while (Py_ISSPACE(*text)) text++;
    char sign = *text;
    if (sign == '+' || sign == '-') text++;
    unsigned long m = PyOS_strtoul(text, end, base);
    if (m <= LONG_MAX) return sign == '-' ? -(long)m : (long)m;
    if (sign == '-' && m == (unsigned long)LONG_MAX + 1) return LONG_MIN;
    errno = ERANGE;
    return LONG_MAX;
}
