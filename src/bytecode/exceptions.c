#include "bytecode/exceptions.h"

enum {
    START_BIT = 0x80,
    MORE_BIT = 0x40,
    DATA_BITS = 6,
    DATA_MASK = 0x3f,
    MAX_ENTRY_BYTES = 4 * 6
};

/* ---- Reading --------------------------------------------------------------------------------- */

static int read_number(ExceptionReader *r)
{
    uint32_t value = 0;
    while (r->next < r->end) {
        uint8_t byte = *r->next++;
        value = value << DATA_BITS | (byte & DATA_MASK);
        if (!(byte & MORE_BIT)) break;
    }
    return (int)(value & INT32_MAX);
}

bool exception_reader_next(ExceptionReader *r, ExceptionEntry *out)
{
    if (r->next >= r->end) return false;
    out->start = read_number(r);
    int length = read_number(r);
    out->end = length > INT32_MAX - out->start ? INT32_MAX : out->start + length;
    out->target = read_number(r);
    int depth_lasti = read_number(r);
    out->depth = depth_lasti >> 1;
    out->lasti = depth_lasti & 1;
    return true;
}

/* First byte of the entry that `at` lies in. */
static const uint8_t *entry_start(const uint8_t *first, const uint8_t *at)
{
    while (at > first && !(*at & START_BIT)) at--;
    return at;
}

bool exception_table_find(const void *table, Py_ssize_t size, int unit, ExceptionEntry *out)
{
    const uint8_t *first = table, *end = first + size, *low = first, *high = end;
    if (size == 0) return false;
    /* Narrow down to few bytes, then read on: low always starts an entry whose start is at most
     * `unit`, or is the first. */
    while (high - low > 2 * MAX_ENTRY_BYTES) {
        const uint8_t *middle = entry_start(low, low + (high - low) / 2);
        if (middle == low) break;
        ExceptionReader r = {middle, end};
        if (read_number(&r) > unit) {
            high = middle;
        } else {
            low = middle;
        }
    }
    ExceptionReader r = {low, end};
    while (exception_reader_next(&r, out)) {
        if (out->start > unit) return false;
        if (unit < out->end) return true;
    }
    return false;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void write_number(ExceptionWriter *w, int number, int mark)
{
    uint32_t value = (uint32_t)number;
    int shift = 30;
    while (shift > 0 && !(value >> shift)) shift -= DATA_BITS;
    for (; shift >= 0; shift -= DATA_BITS) {
        w->data[w->size++] =
            (uint8_t)((value >> shift & DATA_MASK) | (shift ? MORE_BIT : 0) | mark);
        mark = 0;
    }
}

int exception_writer_add(ExceptionWriter *w, const ExceptionEntry *entry)
{
    if (w->capacity - w->size < MAX_ENTRY_BYTES) {
        size_t capacity = w->capacity ? 2 * w->capacity : 64;
        uint8_t *data = PyMem_Realloc(w->data, capacity);
        if (!data) {
            PyErr_NoMemory();
            return -1;
        }
        w->data = data;
        w->capacity = capacity;
    }
    write_number(w, entry->start, START_BIT);
    write_number(w, entry->end - entry->start, 0);
    write_number(w, entry->target, 0);
    write_number(w, entry->depth << 1 | entry->lasti, 0);
    return 0;
}

PyObject *exception_writer_finish(ExceptionWriter *w)
{
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)w->data, (Py_ssize_t)w->size);
    exception_writer_discard(w);
    return bytes;
}

void exception_writer_discard(ExceptionWriter *w)
{
    PyMem_Free(w->data);
    *w = (ExceptionWriter){0};
}
