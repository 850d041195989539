/* Sorting by numbers: keys that are all floats, or all ints of a word, are sorted by their digits and not by comparing, from the
 * least significant digit on, which is stable. A merge of unordered keys spends most of its time on branches guessed wrong and on
 * keys all over the memory; this has neither. */
#include "objects/int/int.h"
#include "objects/list_internal.h"

enum {
    RADIX_LEAST = 128,          /* fewer keys are sorted sooner by merging */
    RADIX_MOST = 1 << 18,       /* more would take memory that is worth mentioning, and miss the cache at each step */
    RADIX_BITS_MOST = 11,
    RADIX_FEW = 1024,           /* up to so many keys, smaller digits: their buckets are counted sooner */
    RADIX_BITS_FEW = 8,
};

typedef struct {
    uint64_t key;
    size_t place;               /* where it was */
} Entry;

/* Numbers in the order of the ints. False if one is no exact int of two digits at most. */
static bool entries_of_ints(Entry *entries, PyObject *const *keys, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        int64_t value;
        if (!PyLong_CheckExact(keys[i]) || !int_fits_two_digits(keys[i], &value)) return false;
        entries[i] = (Entry){(uint64_t)value ^ (uint64_t)1 << 63, (size_t)i};
    }
    return true;
}

/* The same of floats. False if one is no exact float, or NaN. */
static bool entries_of_floats(Entry *entries, PyObject *const *keys, Py_ssize_t n)
{
    for (Py_ssize_t i = 0; i < n; i++) {
        if (!PyFloat_CheckExact(keys[i])) return false;
        double value = PyFloat_AS_DOUBLE(keys[i]) + 0.0;    /* -0.0 becomes 0.0: they are equal */
        if (value != value) return false;
        int64_t bits;
        memcpy(&bits, &value, sizeof(bits));
        entries[i] = (Entry){(uint64_t)(bits ^ ((bits >> 63) | INT64_MIN)), (size_t)i};
    }
    return true;
}

/* Subtracts the least key from all. False if so much is in order already that runs are found and merged sooner. *bits: what the
 * largest key then takes. */
static bool entries_shift(Entry *entries, Py_ssize_t n, int *bits)
{
    uint64_t least = entries[0].key, most = least;
    Py_ssize_t falls = 0;
    for (Py_ssize_t i = 1; i < n; i++) {
        uint64_t key = entries[i].key;
        falls += key < entries[i - 1].key;
        least = Py_MIN(least, key);
        most = Py_MAX(most, key);
    }
    if (falls < n / 8 || falls > n - n / 8) return false;
    for (Py_ssize_t i = 0; i < n; i++) entries[i].key -= least;
    *bits = 64 - __builtin_clzll(most - least);
    return true;
}

/* Orders by one digit of the key. False if all have the same one, and nothing was done. */
static bool radix_pass(Entry *to, const Entry *from, Py_ssize_t n, int shift, int width)
{
    uint32_t starts[1 << RADIX_BITS_MOST];
    uint64_t mask = ((uint64_t)1 << width) - 1;
    memset(starts, 0, sizeof(*starts) << width);
    for (Py_ssize_t i = 0; i < n; i++) starts[from[i].key >> shift & mask]++;
    if (starts[from[0].key >> shift & mask] == (uint32_t)n) return false;
    uint32_t sum = 0;
    for (uint64_t digit = 0; digit <= mask; digit++) {
        uint32_t count = starts[digit];
        starts[digit] = sum;
        sum += count;
    }
    for (Py_ssize_t i = 0; i < n; i++) to[starts[from[i].key >> shift & mask]++] = from[i];
    return true;
}

bool list_sort_by_numbers(PyObject **keys, PyObject **values, Py_ssize_t n)
{
    if (n < RADIX_LEAST || n > RADIX_MOST || !(PyLong_CheckExact(keys[0]) || PyFloat_CheckExact(keys[0]))) return false;
    Entry *memory = PyMem_Malloc((size_t)n * 2 * sizeof(Entry));
    if (memory == NULL) return false;   /* merging needs less */
    Entry *from = memory, *to = memory + n;
    int bits;
    bool done = (PyLong_CheckExact(keys[0]) ? entries_of_ints : entries_of_floats)(from, keys, n) && entries_shift(from, n, &bits);
    if (done) {
        int most = n < RADIX_FEW ? RADIX_BITS_FEW : RADIX_BITS_MOST;
        int passes = (bits + most - 1) / most, width = (bits + passes - 1) / passes;
        for (int shift = 0; shift < bits; shift += width) {
            if (!radix_pass(to, from, n, shift, width)) continue;
            Entry *swap = from;
            from = to;
            to = swap;
        }
        PyObject **items = values != NULL ? values : keys, **old = (PyObject **)to;
        memcpy(old, items, (size_t)n * sizeof(PyObject *));
        for (Py_ssize_t i = 0; i < n; i++) items[i] = old[from[i].place];
    }
    PyMem_Free(memory);
    return done;
}
