/* Sorting by numbers: keys of which numbers can be made (list_sort_numbers.c) are put in order by the numbers' digits and not by
 * comparing, from the least significant digit on, which is stable. A merge of unordered keys spends most of its time on branches
 * guessed wrong and on keys all over the memory; this has neither.
 *
 * An entry is 32 bits of the number, and below them 32 bits for the place where the key was. Where the numbers are further apart than
 * that, their lower bits are left out. Entries that then have the same upper bits lie together, in the order in which they came; they
 * are few, mostly, and merged by the whole numbers, and by the keys where those say nothing. */
#include "objects/compare.h"
#include "objects/interrupt.h"
#include "objects/list_sort.h"

enum {
    RADIX_LEAST = 128,          /* fewer keys are sorted sooner by merging */
    RADIX_MOST = 1 << 20,       /* more would miss the cache at each step */
    RADIX_BITS_MOST = 11,
    RADIX_FEW = 1024,           /* up to so many keys, smaller digits: their buckets are counted sooner */
    RADIX_BITS_FEW = 8,
    KEY_BITS = 32,
    INSERTED_MOST = 8,          /* so many entries are sorted by insertion */
};

/* Whether some neighbours, looked at here and there, are all but one in order, or none: then runs are found and merged sooner than
 * numbers are made. */
static bool looks_ordered(PyObject *const *keys, Py_ssize_t n)
{
    enum { LOOKS = 32 };
    int falls = 0;
    for (Py_ssize_t i = 0; i < LOOKS; i++) {
        Py_ssize_t place = i * (n - 2) / (LOOKS - 1);
        int less = compare_plainly(keys[place + 1], keys[place], Py_LT);
        if (less < 0) return false;
        falls += less;
    }
    return falls <= 1 || falls >= LOOKS - 1;
}

/* What the numbers have in common. False if so much is in order already that runs are found and merged sooner. *bits: what the largest
 * takes above the least, which may be more than is in an entry. */
static bool numbers_measure(const uint64_t *numbers, Py_ssize_t n, uint64_t *least, int *bits)
{
    uint64_t most = numbers[0];
    Py_ssize_t falls = 0;
    *least = most;
    for (Py_ssize_t i = 1; i < n; i++) {
        uint64_t number = numbers[i];
        falls += number < numbers[i - 1];
        *least = Py_MIN(*least, number);
        most = Py_MAX(most, number);
    }
    *bits = most == *least ? 0 : 64 - __builtin_clzll(most - *least);
    return falls >= n / 8 && falls <= n - n / 8;
}

/* Makes entries of numbers, in the same array or another. */
static void entries_make(uint64_t *entries, const uint64_t *numbers, Py_ssize_t n, uint64_t least, int bits)
{
    int shift = Py_MAX(bits - KEY_BITS, 0);
    for (Py_ssize_t i = 0; i < n; i++) entries[i] = (numbers[i] - least) >> shift << KEY_BITS | (uint64_t)i;
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

/* ---- What is not decided by the entries ---- */

typedef struct {
    const uint64_t *numbers;    /* NULL: entries hold all of them, so that keys with the same upper bits have the same number */
    PyObject *const *keys;
    SortTie tie;
    int (*less)(Sort *, PyObject *, PyObject *);
    Sort *sort;
    uint64_t *spare;            /* room for half of the entries */
} Order;

/* Of entries a and b, whether the key of a is less: 1, 0, or -1 with an exception. */
static inline int entry_less(const Order *order, uint64_t a, uint64_t b)
{
    if (order->numbers) {
        uint64_t x = order->numbers[(uint32_t)a], y = order->numbers[(uint32_t)b];
        if (x != y || order->tie == TIE_EQUAL || (order->tie == TIE_IF_ODD && !(x & 1))) return x < y;
    }
    if (interrupt_check() < 0) return -1;
    return order->less(order->sort, order->keys[(uint32_t)a], order->keys[(uint32_t)b]);
}

static int insertion_sort(const Order *order, uint64_t *entries, Py_ssize_t n)
{
    for (Py_ssize_t i = 1; i < n; i++) {
        uint64_t entry = entries[i];
        Py_ssize_t at = i;
        for (; at > 0; at--) {
            int less = entry_less(order, entry, entries[at - 1]);
            if (less < 0) return -1;    /* an entry is lost, but keys are arranged only if all went well */
            if (!less) break;
            entries[at] = entries[at - 1];
        }
        entries[at] = entry;
    }
    return 0;
}

/* Merges entries[0:middle] and entries[middle:n], each of which is in order. */
static int merge(const Order *order, uint64_t *entries, Py_ssize_t middle, Py_ssize_t n)
{
    int less = entry_less(order, entries[middle], entries[middle - 1]);
    if (less <= 0) return less;
    uint64_t *left = order->spare, *left_end = left + middle, *right = entries + middle, *end = entries + n, *to = entries;
    memcpy(left, entries, (size_t)middle * sizeof(*left));
    while (left < left_end && right < end) {
        less = entry_less(order, *right, *left);
        if (less < 0) return -1;
        *to++ = less ? *right++ : *left++;
    }
    memcpy(to, left, (size_t)(left_end - left) * sizeof(*left));
    return 0;
}

/* Nested no deeper than n has bits. */
static int merge_sort(const Order *order, uint64_t *entries, Py_ssize_t n)
{
    if (n <= INSERTED_MOST) return insertion_sort(order, entries, n);
    Py_ssize_t middle = n / 2;
    if (merge_sort(order, entries, middle) < 0 || merge_sort(order, entries + middle, n - middle) < 0) return -1;
    return merge(order, entries, middle, n);
}

/* Puts each stretch of entries with the same upper bits in order. */
static int ties_sort(const Order *order, uint64_t *entries, Py_ssize_t n)
{
    for (Py_ssize_t start = 0, end; start < n; start = end) {
        for (end = start + 1; end < n && entries[end] >> KEY_BITS == entries[start] >> KEY_BITS;) end++;
        if (end - start > 1 && merge_sort(order, entries + start, end - start) < 0) return -1;
    }
    return 0;
}

/* Puts entries in order by their upper bits, of which there are so many. Gives where they are then: `from` or `to`. */
static uint64_t *entries_sort(uint64_t *from, uint64_t *to, Py_ssize_t n, int bits)
{
    int used = Py_MIN(bits, KEY_BITS), most = n < RADIX_FEW ? RADIX_BITS_FEW : RADIX_BITS_MOST;
    int passes = (used + most - 1) / most, width = passes == 0 ? 0 : (used + passes - 1) / passes;
    for (int shift = 0; shift < used; shift += width) {
        if (!radix_pass(to, from, n, KEY_BITS + shift, Py_MIN(width, used - shift))) continue;
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

int list_sort_by_numbers(PyObject **keys, PyObject **values, Py_ssize_t n, int (*less)(Sort *, PyObject *, PyObject *), Sort *sort)
{
    SortTie tie;
    int bits, result = 0;
    uint64_t least;
    if (n < RADIX_LEAST || n > RADIX_MOST || looks_ordered(keys, n)) return 0;
    uint64_t *numbers = PyMem_New(uint64_t, n), *memory = NULL;
    if (numbers && list_sort_numbers_make(numbers, keys, n, &tie) && numbers_measure(numbers, n, &least, &bits)) {
        bool fits = bits <= KEY_BITS, has_ties = !fits || tie != TIE_EQUAL;
        memory = PyMem_New(uint64_t, fits ? n : 2 * n);
        if (memory) {
            uint64_t *from = fits ? numbers : memory + n;
            entries_make(from, numbers, n, least, bits);
            uint64_t *sorted = entries_sort(from, memory, n, bits), *spare = sorted == from ? memory : from;
            Order order = {fits ? NULL : numbers, keys, tie, less, sort, spare};
            result = has_ties && ties_sort(&order, sorted, n) < 0 ? -1 : 1;
            if (result > 0) {
                items_arrange(keys, (PyObject **)spare, sorted, n);
                if (values != NULL) items_arrange(values, (PyObject **)spare, sorted, n);
            }
        }
    }
    PyMem_Free(memory);
    PyMem_Free(numbers);
    return result;      /* 0 without memory, too: merging needs less */
}
