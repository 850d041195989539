/* The location table of a code object (PEP 626, PEP 657): which source range each code unit
 * comes from.
 *
 * An entry is a byte 1kkkklll (kind, number of units less one) and what the kind needs. Kinds
 * 0 to 9: a short range on the current line; 10 to 12: a range on a line up to two further on;
 * 13: a line without columns; 14: anything; 15: no location. Numbers are groups of six bits,
 * least significant first, bit 6 saying that another follows; a signed number has its sign in
 * the lowest bit.
 *
 * (It stands here and not in bytecode/ because code objects answer questions about lines.)
 */
#ifndef KRAIT_OBJECTS_CODE_LOCATIONS_H
#define KRAIT_OBJECTS_CODE_LOCATIONS_H

#include <Python.h>
#include <stdbool.h>

/* Lines from 1, columns in bytes from 0; -1: not known. */
typedef struct {
    int line, end_line, column, end_column;
} CodeLocation;

#define NO_LOCATION ((CodeLocation){-1, -1, -1, -1})

/* Reading, entry by entry; never reads beyond the table, whatever is in it. */
typedef struct {
    const uint8_t *next, *limit;
    int computed_line;          /* the running line, which entries are relative to */
    int start, end;             /* code units of the current entry */
    CodeLocation location;      /* of the current entry */
} LocationReader;

void location_reader_init(LocationReader *reader, const void *table, Py_ssize_t size,
                          int first_line);
bool location_reader_next(LocationReader *reader);      /* false at the end */

/* The same table with lines only, as new bytes; NULL with MemoryError. */
PyObject *location_table_without_columns(const void *table, Py_ssize_t size, int first_line);

/* Where a code unit comes from. NO_LOCATION if the table does not say. */
CodeLocation location_table_find(const void *table, Py_ssize_t size, int first_line, int unit);

/* Writing. */
typedef struct {
    uint8_t *data;
    size_t size, capacity;
    int line;
} LocationWriter;

void location_writer_init(LocationWriter *writer, int first_line);
/* -1 with MemoryError. */
int location_writer_add(LocationWriter *writer, int units, CodeLocation location);
/* New bytes; the writer is spent, also on failure. */
PyObject *location_writer_finish(LocationWriter *writer);
void location_writer_discard(LocationWriter *writer);

#endif
