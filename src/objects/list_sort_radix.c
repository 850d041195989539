/* Sorting by numbers: keys that are all floats, or all ints of a word, are first put in order by their digits and not by comparing,
 * from the least significant digit on, which is stable. A merge of unordered keys spends most of its time on branches guessed wrong
 * and on keys all over the memory; this has neither.
 *
 * An entry is 32 bits of the key, and below them 32 bits for the place where it was. Where the keys are further apart than that,
 * their lower bits are left out, and what has the same upper ones may be in a wrong order afterwards: merging, quick with what
 * is nearly sorted, does the rest. */
#include "objects/int/int.h"
#include "objects/list_internal.h"

enum {
    RADIX_LEAST = 128,          /* fewer keys are sorted sooner by merging */
    RADIX_MOST = 1 << 20,       /* more would miss the cache at each step */
    RADIX_BITS_MOST = 11,
    RADIX_FEW = 1024,           /* up to so many keys, smaller digits: their buckets are counted sooner */
    RADIX_BITS_FEW = 8,
    KEY_BITS = 32,
};

/* Numbers in the order of the ints. False if one is no exact int of two digits at most. */
static bool numbers_of_ints(uint64_t *numbers, PyObject *const *keys, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        int64_t value;
        if (!PyLong_CheckExact(keys[i]) || !int_fits_two_digits(keys[i], &value)) return false;
        numbers[i] = (uint64_t)value ^ (uint64_t)1 << 63;
    }
    return true;
}

/* The same of floats. False if one is no exact float, or NaN. */
static bool numbers_of_floats(uint64_t *numbers, PyObject *const *keys, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!PyFloat_CheckExact(keys[i])) return false;
        double value = PyFloat_AS_DOUBLE(keys[i]) + 0.0;    /* -0.0 becomes 0.0: they are equal */
        if (value != value) return false;
        int64_t bits;
        memcpy(&bits, &value, sizeof(bits));
        numbers[i] = (uint64_t)(bits ^ ((bits >> 63) | INT64_MIN));
    }
    return true;
}

/* Makes entries of numbers, in the same array. False if so much is in order already that runs are found and merged sooner. *bits: what
 * the largest key takes, which may be more than is in an entry. */
static bool entries_make(uint64_t *numbers, Py_ssize_t n, int *bits)
{
    uint64_t least = numbers[0], most = least;
    Py_ssize_t falls = 0;
    for (Py_ssize_t i = 1; i < n; i++) {
        uint64_t number = numbers[i];
        falls += number < numbers[i - 1];
        least = Py_MIN(least, number);
        most = Py_MAX(most, number);
    }
    if (falls < n / 8 || falls > n - n / 8) return false;
    *bits = 64 - __builtin_clzll(most - least);
    int shift = Py_MAX(*bits - KEY_BITS, 0);
    for (Py_ssize_t i = 0; i < n; i++) numbers[i] = (numbers[i] - least) >> shift << KEY_BITS | (uint64_t)i;
    return true;
}

/* Orders by one digit. False if all have the same one, and nothing was done. */
static bool radix_pass(uint64_t *to, const uint64_t *from, Py_ssize_t n, int shift, int width)
{
    uint32_t starts[1 << RADIX_BITS_MOST];
    uint64_t mask = ((uint64_t)1 << width) - 1;
    memset(starts, 0, sizeof(*starts) << width);
    for (Py_ssize_t i = 0; i < n; i++) starts[from[i] >> shift & mask]++;
    if (starts[from[0] >> shift & mask] == (uint32_t)n) return false;
    uint32_t sum = 0;
    for (uint64_t digit = 0; digit <= mask; digit++) {
        uint32_t count = starts[digit];
        starts[digit] = sum;
        sum += count;
    }
    for (Py_ssize_t i = 0; i < n; i++) to[starts[from[i] >> shift & mask]++] = from[i];
    return true;
}

/* Moves the items of an array to where the entries say. `old` is room for n. */
static void items_arrange(PyObject **items, PyObject **old, const uint64_t *entries, Py_ssize_t n)
{
    memcpy(old, items, (size_t)n * sizeof(*items));
    for (Py_ssize_t i = 0; i < n; i++) items[i] = old[(uint32_t)entries[i]];
}

bool list_sort_by_numbers(PyObject **keys, PyObject **values, Py_ssize_t n)
{
    if (n < RADIX_LEAST || n > RADIX_MOST || !(PyLong_CheckExact(keys[0]) || PyFloat_CheckExact(keys[0]))) return false;
    uint64_t *memory = PyMem_Malloc((size_t)n * 2 * sizeof(*memory));
    if (memory == NULL) return false;   /* merging needs less */
    uint64_t *from = memory, *to = memory + n;
    int bits = 0;
    if ((PyLong_CheckExact(keys[0]) ? numbers_of_ints : numbers_of_floats)(from, keys, n) && entries_make(from, n, &bits)) {
        int used = Py_MIN(bits, KEY_BITS), most = n < RADIX_FEW ? RADIX_BITS_FEW : RADIX_BITS_MOST;
        int passes = (used + most - 1) / most, width = (used + passes - 1) / passes;
        for (int shift = 0; shift < used; shift += width) {
            if (!radix_pass(to, from, n, KEY_BITS + shift, Py_MIN(width, used - shift))) continue;
            uint64_t *swap = from;
            from = to;
            to = swap;
        }
        items_arrange(keys, (PyObject **)to, from, n);
        if (values != NULL) items_arrange(values, (PyObject **)to, from, n);
    }
    PyMem_Free(memory);
    return bits > 0 && bits <= KEY_BITS;
}
