#include "objects/code_locations.h"

enum {
    KIND_SHORT_LAST = 9,
    KIND_ONE_LINE = 10,
    KIND_NO_COLUMNS = 13,
    KIND_LONG = 14,
    KIND_NONE = 15
};
enum {
    MAX_ENTRY_UNITS = 8,
    MAX_ENTRY_BYTES = 1 + 4 * 6,
    START_BIT = 0x80,
    MORE_BIT = 0x40,
    DATA_BITS = 6,
    DATA_MASK = 0x3f
};

/* ---- Reading --------------------------------------------------------------------------------- */

static unsigned read_byte(LocationReader *r)
{
    return r->next < r->limit ? *r->next++ : 0;
}

static unsigned read_number(LocationReader *r)
{
    unsigned byte, value = 0, shift = 0;
    do {
        byte = read_byte(r);
        if (shift < 32) value |= (byte & DATA_MASK) << shift;
        shift += DATA_BITS;
    } while (byte & MORE_BIT);
    return value;
}

static int read_signed(LocationReader *r)
{
    unsigned value = read_number(r);
    return value & 1 ? (int)(0u - (value >> 1)) : (int)(value >> 1);
}

static int add_wrapping(int a, int b)
{
    return (int)((unsigned)a + (unsigned)b);
}

void location_reader_init(LocationReader *r, const void *table, Py_ssize_t size, int first_line)
{
    *r = (LocationReader){.next = table,
                          .limit = (const uint8_t *)table + size,
                          .computed_line = first_line,
                          .location = NO_LOCATION};
}

bool location_reader_next(LocationReader *r)
{
    if (r->next >= r->limit) return false;
    unsigned first = *r->next++, kind = first >> 3 & 15;
    r->start = r->end;
    r->end += (int)(first & 7) + 1;
    if (kind == KIND_NONE) {
        r->location = NO_LOCATION;
        return true;
    }
    CodeLocation *l = &r->location;
    if (kind <= KIND_SHORT_LAST) {
        unsigned second = read_byte(r);
        l->line = l->end_line = r->computed_line;
        l->column = (int)(kind << 3 | (second >> 4 & 7));
        l->end_column = l->column + (int)(second & 15);
    } else if (kind < KIND_NO_COLUMNS) {
        r->computed_line = add_wrapping(r->computed_line, (int)kind - KIND_ONE_LINE);
        l->line = l->end_line = r->computed_line;
        l->column = (int)read_byte(r);
        l->end_column = (int)read_byte(r);
    } else if (kind == KIND_NO_COLUMNS) {
        r->computed_line = add_wrapping(r->computed_line, read_signed(r));
        l->line = l->end_line = r->computed_line;
        l->column = l->end_column = -1;
    } else {
        r->computed_line = add_wrapping(r->computed_line, read_signed(r));
        l->line = r->computed_line;
        l->end_line = add_wrapping(l->line, (int)read_number(r));
        l->column = add_wrapping((int)read_number(r), -1);
        l->end_column = add_wrapping((int)read_number(r), -1);
    }
    return true;
}

CodeLocation location_table_find(const void *table, Py_ssize_t size, int first_line, int unit)
{
    LocationReader r;
    location_reader_init(&r, table, size, first_line);
    while (location_reader_next(&r)) {
        if (unit < r.end) return r.location;
    }
    return NO_LOCATION;
}

/* ---- Writing --------------------------------------------------------------------------------- */

void location_writer_init(LocationWriter *w, int first_line)
{
    *w = (LocationWriter){.line = first_line};
}

static void put(LocationWriter *w, unsigned byte)
{
    w->data[w->size++] = (uint8_t)byte;
}

static void put_number(LocationWriter *w, unsigned value)
{
    for (; value > DATA_MASK; value >>= DATA_BITS) put(w, MORE_BIT | (value & DATA_MASK));
    put(w, value);
}

static void put_signed(LocationWriter *w, int value)
{
    put_number(w, value < 0 ? (0u - (unsigned)value) << 1 | 1 : (unsigned)value << 1);
}

static void put_first(LocationWriter *w, int kind, int units)
{
    put(w, START_BIT | (unsigned)kind << 3 | (unsigned)(units - 1));
}

static void put_entry(LocationWriter *w, int units, CodeLocation l)
{
    if (l.line < 0) {
        put_first(w, KIND_NONE, units);
        return;
    }
    int delta = l.line - w->line;
    if (l.column < 0 || l.end_column < 0) {
        if (l.end_line == l.line || l.end_line == -1) {
            put_first(w, KIND_NO_COLUMNS, units);
            put_signed(w, delta);
            w->line = l.line;
            return;
        }
    } else if (l.end_line == l.line) {
        if (delta == 0 && l.column < 80 && l.end_column >= l.column &&
            l.end_column - l.column < 16) {
            put_first(w, l.column >> 3, units);
            put(w, (unsigned)((l.column & 7) << 4 | (l.end_column - l.column)));
            return;
        }
        if (delta >= 0 && delta < 3 && l.column < 128 && l.end_column < 128) {
            put_first(w, KIND_ONE_LINE + delta, units);
            put(w, (unsigned)l.column);
            put(w, (unsigned)l.end_column);
            w->line = l.line;
            return;
        }
    }
    put_first(w, KIND_LONG, units);
    put_signed(w, delta);
    put_number(w, (unsigned)(l.end_line - l.line));
    put_number(w, (unsigned)(l.column + 1));
    put_number(w, (unsigned)(l.end_column + 1));
    w->line = l.line;
}

int location_writer_add(LocationWriter *w, int units, CodeLocation location)
{
    while (units > 0) {
        if (w->capacity - w->size < MAX_ENTRY_BYTES) {
            size_t capacity = w->capacity ? 2 * w->capacity : 128;
            uint8_t *data = PyMem_Realloc(w->data, capacity);
            if (!data) {
                PyErr_NoMemory();
                return -1;
            }
            w->data = data;
            w->capacity = capacity;
        }
        int part = units > MAX_ENTRY_UNITS ? MAX_ENTRY_UNITS : units;
        put_entry(w, part, location);
        units -= part;
    }
    return 0;
}

PyObject *location_writer_finish(LocationWriter *w)
{
    PyObject *bytes = PyBytes_FromStringAndSize((const char *)w->data, (Py_ssize_t)w->size);
    location_writer_discard(w);
    return bytes;
}

void location_writer_discard(LocationWriter *w)
{
    PyMem_Free(w->data);
    *w = (LocationWriter){0};
}

PyObject *location_table_without_columns(const void *table, Py_ssize_t size, int first_line)
{
    LocationReader r;
    LocationWriter w;
    location_reader_init(&r, table, size, first_line);
    location_writer_init(&w, first_line);
    while (location_reader_next(&r)) {
        CodeLocation line = r.location.line < 0 ? NO_LOCATION : (CodeLocation){r.location.line, r.location.line, -1, -1};
        if (location_writer_add(&w, r.end - r.start, line) < 0) {
            location_writer_discard(&w);
            return NULL;
        }
    }
    return location_writer_finish(&w);
}
