/* The exception table of a code object: which handler covers which range of code units.
 *
 * An entry is four numbers (start, length, target, depth and lasti), each in groups of six
 * bits, most significant first; bit 6 of a byte says that another follows, bit 7 marks the
 * first byte of an entry. Entries are sorted by start and do not overlap.
 */
#ifndef KRAIT_BYTECODE_EXCEPTIONS_H
#define KRAIT_BYTECODE_EXCEPTIONS_H

#include <Python.h>
#include <stdbool.h>

typedef struct {
    int start, end;     /* code units, end exclusive */
    int target;         /* unit index of the handler */
    int depth;          /* the stack is cut to this depth before the handler's entries are pushed */
    bool lasti;         /* the raising instruction's unit index is pushed below the exception */
} ExceptionEntry;

/* Reading. The table may be hostile: reading stops at its end, values may be anything and must
 * be checked. */
typedef struct {
    const uint8_t *next, *end;
} ExceptionReader;

static inline ExceptionReader exception_reader(const void *table, Py_ssize_t size)
{
    return (ExceptionReader){(const uint8_t *)table, (const uint8_t *)table + size};
}
bool exception_reader_next(ExceptionReader *reader, ExceptionEntry *out);   /* false at the end */

/* The entry that covers a code unit; false if none does. Binary search. */
bool exception_table_find(const void *table, Py_ssize_t size, int unit, ExceptionEntry *out);

/* Writing, in order of start. A zeroed writer is ready. */
typedef struct {
    uint8_t *data;
    size_t size, capacity;
} ExceptionWriter;

/* -1 with MemoryError. */
int exception_writer_add(ExceptionWriter *writer, const ExceptionEntry *entry);
/* New bytes; the writer is spent, also on failure. */
PyObject *exception_writer_finish(ExceptionWriter *writer);
void exception_writer_discard(ExceptionWriter *writer);

#endif
