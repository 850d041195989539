#include "objects/code_lines.h"

/* ---- The C API. Byte offsets, as in f_lasti -------------------------------------------------- */

enum { UNIT = sizeof(_Py_CODEUNIT) };

int PyCode_Addr2Line(PyCodeObject *code, int offset)
{
    return offset < 0 ? code->co_firstlineno : code_location(code, offset / UNIT).line;
}

int PyCode_Addr2Location(PyCodeObject *code, int offset, int *line, int *column, int *end_line,
                         int *end_column)
{
    CodeLocation l = NO_LOCATION;
    if (offset < 0) {
        l.line = code->co_firstlineno;
        l.end_line = l.column = l.end_column = 0;
    } else {
        l = code_location(code, offset / UNIT);
    }
    *line = l.line;
    *column = l.column;
    *end_line = l.end_line;
    *end_column = l.end_column;
    return 1;
}

/* The bounds carry a reader of our table in the fields that 3.11 shows: byte offsets of the
 * current entry, its line (-1: none), the running line and the rest of the table. */
static bool advance(PyCodeAddressRange *bounds)
{
    LocationReader r = {.next = bounds->opaque.lo_next,
                        .limit = bounds->opaque.limit,
                        .computed_line = bounds->opaque.computed_line,
                        .end = bounds->ar_end / UNIT,
                        .location = NO_LOCATION};
    if (!location_reader_next(&r)) return false;
    bounds->ar_start = r.start * UNIT;
    bounds->ar_end = r.end * UNIT;
    bounds->ar_line = r.location.line;
    bounds->opaque.computed_line = r.computed_line;
    bounds->opaque.lo_next = r.next;
    return true;
}

/* Finding an instruction before the current entry starts anew: the table's start is not in the
 * struct, but every entry's first byte has its top bit set, so entries can be walked
 * backwards. */
static bool step_back(PyCodeAddressRange *bounds)
{
    if (bounds->ar_start <= 0) return false;
    const uint8_t *current = bounds->opaque.lo_next - 1;
    while (!(*current & 0x80)) current--;
    LocationReader r = {.next = current, .limit = bounds->opaque.limit, .location = NO_LOCATION};
    location_reader_next(&r);
    int delta_here = r.computed_line;
    const uint8_t *previous = current - 1;
    while (!(*previous & 0x80)) previous--;
    enum { FAR = 1 << 30 };     /* from -1, the line of an entry that has none */
    r = (LocationReader){.next = previous, .limit = bounds->opaque.limit, .computed_line = FAR, .location = NO_LOCATION};
    location_reader_next(&r);
    bounds->opaque.computed_line -= delta_here;
    bounds->opaque.lo_next = current;
    bounds->ar_end = bounds->ar_start;
    bounds->ar_start -= r.end * UNIT;
    bounds->ar_line = r.location.line == -1 ? -1 : bounds->opaque.computed_line;
    return true;
}

int _PyCode_CheckLineNumber(int offset, PyCodeAddressRange *bounds)
{
    while (bounds->ar_end <= offset) {
        if (!advance(bounds)) return -1;
    }
    while (bounds->ar_start > offset) {
        if (!step_back(bounds)) return -1;
    }
    return bounds->ar_line;
}

/* ---- co_lines() ------------------------------------------------------------------------------ */

typedef struct {
    PyObject_HEAD
    PyCodeObject *code;     /* owned */
    LocationReader reader;
} LineIterator;

PyObject *code_lines(PyCodeObject *code, PyObject *Py_UNUSED(ignored))
{
    LineIterator *self = PyObject_New(LineIterator, &CodeLineIterator_Type);
    if (!self) return NULL;
    self->code = (PyCodeObject *)Py_NewRef(code);
    code_location_reader(&self->reader, code);
    return (PyObject *)self;
}

static void line_iterator_dealloc(LineIterator *self)
{
    Py_DECREF(self->code);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *line_iterator_next(LineIterator *self)
{
    if (!location_reader_next(&self->reader)) return NULL;
    int line = self->reader.location.line;
    PyObject *number = line == -1 ? Py_NewRef(Py_None) : PyLong_FromLong(line);
    return number
               ? Py_BuildValue("(iiN)", self->reader.start * UNIT, self->reader.end * UNIT, number)
               : NULL;
}

PyTypeObject CodeLineIterator_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "line_iterator",
    .tp_basicsize = sizeof(LineIterator),
    .tp_dealloc = (destructor)line_iterator_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)line_iterator_next,
    .tp_free = PyObject_Del,
};

/* ---- co_positions() -------------------------------------------------------------------------- */

typedef struct {
    PyObject_HEAD
    PyCodeObject *code;     /* owned */
    LocationReader reader;
    int unit;
} PositionsIterator;

PyObject *code_positions(PyCodeObject *code, PyObject *Py_UNUSED(ignored))
{
    PositionsIterator *self = PyObject_New(PositionsIterator, &CodePositionsIterator_Type);
    if (!self) return NULL;
    self->code = (PyCodeObject *)Py_NewRef(code);
    code_location_reader(&self->reader, code);
    self->unit = 0;
    return (PyObject *)self;
}

static void positions_iterator_dealloc(PositionsIterator *self)
{
    Py_DECREF(self->code);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *number_or_none(int value)
{
    return value == -1 ? Py_NewRef(Py_None) : PyLong_FromLong(value);
}

static PyObject *positions_iterator_next(PositionsIterator *self)
{
    if (self->unit >= self->reader.end && !location_reader_next(&self->reader)) return NULL;
    self->unit++;
    CodeLocation l = self->reader.location;
    return Py_BuildValue("(NNNN)", number_or_none(l.line), number_or_none(l.end_line),
                         number_or_none(l.column), number_or_none(l.end_column));
}

PyTypeObject CodePositionsIterator_Type = {
    PyVarObject_HEAD_INIT(&PyType_Type, 0)
    .tp_name = "positions_iterator",
    .tp_basicsize = sizeof(PositionsIterator),
    .tp_dealloc = (destructor)positions_iterator_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)positions_iterator_next,
    .tp_free = PyObject_Del,
};

/* ---- co_lnotab ------------------------------------------------------------------------------- */

typedef struct {
    uint8_t *data;
    size_t size, capacity;
} Pairs;

static int put_pair(Pairs *p, int offset_delta, int line_delta)
{
    if (p->size + 2 > p->capacity) {
        size_t capacity = p->capacity ? 2 * p->capacity : 64;
        uint8_t *data = PyMem_Realloc(p->data, capacity);
        if (!data) {
            PyErr_NoMemory();
            return -1;
        }
        p->data = data;
        p->capacity = capacity;
    }
    p->data[p->size++] = (uint8_t)offset_delta;
    p->data[p->size++] = (uint8_t)line_delta;
    return 0;
}

static int put_step(Pairs *p, int offset_delta, int64_t line_delta)
{
    for (; offset_delta > 255; offset_delta -= 255) {
        if (put_pair(p, 255, 0) < 0) return -1;
    }
    for (; line_delta > 127; line_delta -= 127, offset_delta = 0) {
        if (put_pair(p, offset_delta, 127) < 0) return -1;
    }
    for (; line_delta < -128; line_delta += 128, offset_delta = 0) {
        if (put_pair(p, offset_delta, -128) < 0) return -1;
    }
    return put_pair(p, offset_delta, (int)line_delta);
}

/* Pairs of (bytes, lines) steps; instructions without a line belong to the line before them. */
PyObject *code_lnotab(PyCodeObject *code)
{
    Pairs pairs = {0};
    LocationReader r;
    code_location_reader(&r, code);
    int offset = 0, line = code->co_firstlineno;
    PyObject *result = NULL;
    while (location_reader_next(&r)) {
        int here = r.location.line == -1 ? line : r.location.line;
        if (here == line) continue;
        if (put_step(&pairs, r.start * UNIT - offset, (int64_t)here - line) < 0) goto done;
        offset = r.start * UNIT;
        line = here;
    }
    result = PyBytes_FromStringAndSize((const char *)pairs.data, (Py_ssize_t)pairs.size);
done:
    PyMem_Free(pairs.data);
    return result;
}
