/* The numbers by which keys are sorted: of ints and floats, of the beginnings of strs and bytes, and of the first items of tuples. */
#include "objects/int/int.h"
#include "objects/list_sort.h"
#include "objects/str/str.h"

/* Makes the number of one key; false if it cannot be. */
typedef bool (*NumberOf)(PyObject *key, uint64_t *number);

/* Exact ints of two digits at most. */
static inline bool number_of_int(PyObject *key, uint64_t *number)
{
    int64_t value;
    if (!PyLong_CheckExact(key) || !int_fits_two_digits(key, &value)) return false;
    *number = (uint64_t)value ^ (uint64_t)1 << 63;
    return true;
}

/* In the order of doubles, none of which is NaN; 0.0 and -0.0 are equal. */
static inline uint64_t number_of_double(double value)
{
    int64_t bits;
    value += 0.0;
    memcpy(&bits, &value, sizeof(bits));
    return (uint64_t)(bits ^ ((bits >> 63) | INT64_MIN));
}

static inline bool number_of_float(PyObject *key, uint64_t *number)
{
    if (!PyFloat_CheckExact(key)) return false;
    double value = PyFloat_AS_DOUBLE(key);
    if (value != value) return false;
    *number = number_of_double(value);
    return true;
}

/* Exact floats, and exact ints that a float can hold. */
static inline bool number_of_either(PyObject *key, uint64_t *number)
{
    const int64_t most = (int64_t)1 << 53;
    int64_t value;
    if (PyFloat_CheckExact(key)) return number_of_float(key, number);
    if (!PyLong_CheckExact(key) || !int_fits_two_digits(key, &value) || value > most || value < -most) return false;
    *number = number_of_double((double)value);
    return true;
}

/* Exact ints of any size: sign, length in bits, and the 47 bits behind the highest. They tie where these are the same. */
static inline bool number_of_large(PyObject *key, uint64_t *number)
{
    enum { DIGITS = 3, TOP_BITS = 47, LENGTH_BITS_MOST = 16 };
    if (!PyLong_CheckExact(key)) return false;
    const digit *digits = ((PyLongObject *)key)->ob_digit;
    Py_ssize_t size = Py_ABS(Py_SIZE(key));
    if (size > (1 << LENGTH_BITS_MOST) / PyLong_SHIFT - 1) return false;
    uint64_t magnitude = 0;
    if (size > 0) {
        unsigned __int128 top = 0;
        for (Py_ssize_t i = 1; i <= DIGITS; i++) top = top << PyLong_SHIFT | (size >= i ? digits[size - i] : 0);
        int length = 64 - __builtin_clzll(digits[size - 1]);    /* of the highest digit */
        top <<= 128 - (DIGITS - 1) * PyLong_SHIFT - length;     /* the highest bit is the highest of 128 */
        uint64_t behind = (uint64_t)(top >> 64) << 1 >> (64 - TOP_BITS);
        magnitude = (uint64_t)((size - 1) * PyLong_SHIFT + length) << TOP_BITS | behind;
    }
    *number = (Py_SIZE(key) < 0 ? ~magnitude : magnitude | (uint64_t)1 << 63);
    if (Py_SIZE(key) < 0) *number &= ~((uint64_t)1 << 63);
    return true;
}

/* Bytes from text[start] on: seven, and twice the number of those there are, up to seven; odd if there are more. */
static inline uint64_t number_of_text(const unsigned char *text, Py_ssize_t size, Py_ssize_t start)
{
    enum { BYTES = 7 };
    Py_ssize_t left = size - start;
    const unsigned char *from = text + start;
    if (left > BYTES) {
        uint64_t word;
        memcpy(&word, from, sizeof(word));
        return __builtin_bswap64(word) | 0xff;
    }
    uint64_t number = 0;
    for (Py_ssize_t i = 0; i < left; i++) number |= (uint64_t)from[i] << (56 - 8 * i);
    return number | (uint64_t)left * 2;
}

/* The first three characters of a str, each plus one, so that its end is less than any; odd if there are more. */
static inline uint64_t number_of_characters(PyObject *key)
{
    enum { CHARACTERS = 3, BITS = 21 };
    Py_ssize_t n = PyUnicode_GET_LENGTH(key);
    uint64_t number = 0;
    for (Py_ssize_t i = 0; i < CHARACTERS; i++) {
        number = number << BITS | (i < n ? PyUnicode_READ_CHAR(key, i) + 1 : 0);
    }
    return number << 1 | (n > CHARACTERS);
}

static inline PyObject *first_or_self(PyObject *key, bool first)
{
    return first ? PyTuple_GET_ITEM(key, 0) : key;
}

static inline bool numbers_by(uint64_t *numbers, PyObject *const *keys, Py_ssize_t n, bool first, NumberOf number_of)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!number_of(first_or_self(keys[i], first), &numbers[i])) return false;
    }
    return true;
}

/* How long the beginning is that two texts have in common, of which `most` bytes are looked at. */
static Py_ssize_t common_length(const unsigned char *a, const unsigned char *b, Py_ssize_t most)
{
    Py_ssize_t i = 0;
    while (i < most && a[i] == b[i]) i++;
    return i;
}

static bool numbers_of_bytes(uint64_t *numbers, PyObject *const *keys, Py_ssize_t n, bool first)
{
    PyObject *one = first_or_self(keys[0], first);
    const unsigned char *text = (const unsigned char *)PyBytes_AS_STRING(one);
    Py_ssize_t common = PyBytes_GET_SIZE(one);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = first_or_self(keys[i], first);
        if (!PyBytes_CheckExact(key)) return false;
        common = common_length(text, (const unsigned char *)PyBytes_AS_STRING(key), Py_MIN(common, PyBytes_GET_SIZE(key)));
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = first_or_self(keys[i], first);
        numbers[i] = number_of_text((const unsigned char *)PyBytes_AS_STRING(key), PyBytes_GET_SIZE(key), common);
    }
    return true;
}

static bool numbers_of_strs(uint64_t *numbers, PyObject *const *keys, Py_ssize_t n, bool first)
{
    PyObject *one = first_or_self(keys[0], first);
    if (!PyUnicode_IS_READY(one)) return false;
    const Py_UCS1 *text = PyUnicode_DATA(one);
    Py_ssize_t common = PyUnicode_GET_LENGTH(one);
    bool narrow = true;
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = first_or_self(keys[i], first);
        if (!PyUnicode_CheckExact(key) || !PyUnicode_IS_READY(key)) return false;
        narrow = narrow && PyUnicode_KIND(key) == PyUnicode_1BYTE_KIND;
        if (narrow) common = common_length(text, PyUnicode_DATA(key), Py_MIN(common, PyUnicode_GET_LENGTH(key)));
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *key = first_or_self(keys[i], first);
        numbers[i] = narrow ? number_of_text(PyUnicode_DATA(key), PyUnicode_GET_LENGTH(key), common) : number_of_characters(key);
    }
    return true;
}

bool list_sort_numbers_make(uint64_t *numbers, PyObject *const *keys, Py_ssize_t n, SortTie *tie)
{
    bool first = PyTuple_CheckExact(keys[0]);
    if (first) {
        for (Py_ssize_t i = 0; i < n; i++) {
            if (!PyTuple_CheckExact(keys[i]) || PyTuple_GET_SIZE(keys[i]) == 0) return false;
        }
    }
    PyTypeObject *type = Py_TYPE(first_or_self(keys[0], first));
    bool made = false;
    *tie = TIE_EQUAL;
    if (type == &PyUnicode_Type || type == &PyBytes_Type) {
        made = type == &PyBytes_Type ? numbers_of_bytes(numbers, keys, n, first) : numbers_of_strs(numbers, keys, n, first);
        *tie = TIE_IF_ODD;
    } else if (type == &PyLong_Type || type == &PyFloat_Type) {
        made = type == &PyLong_Type ? numbers_by(numbers, keys, n, first, number_of_int)
                                    : numbers_by(numbers, keys, n, first, number_of_float);
        made = made || numbers_by(numbers, keys, n, first, number_of_either);
        if (!made && type == &PyLong_Type) {
            made = numbers_by(numbers, keys, n, first, number_of_large);
            *tie = TIE_COMPARED;
        }
    }
    if (first) *tie = TIE_COMPARED;
    return made;
}
