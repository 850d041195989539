/* Ranges and their iterators, laid out so that the VM can run through them without making an int.
 *
 * A range whose start, stop and step fit 64 bits and whose length is below 2**62 is *plain*: its four words are the numbers, and
 * bit 0 of the last, length << 1 | 1, says so. Any other range holds four exact ints, and that bit is 0 as in every pointer.
 * The object has the size that it has in the reference.
 */
#ifndef KRAIT_OBJECTS_RANGE_H
#define KRAIT_OBJECTS_RANGE_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    PyObject_HEAD
    union {
        struct {
            int64_t start, stop, step, length_tag;
        };
        struct {
            PyObject *start, *stop, *step, *length;     /* owned */
        } big;
    };
} RangeObject;
static_assert(sizeof(RangeObject) == 48, "sys.getsizeof(range(1)) is 48");

#define RANGE_MAX_LENGTH ((int64_t)1 << 62)

static inline bool range_is_plain(const RangeObject *r)
{
    return r->length_tag & 1;
}

/* Of a plain range. */
static inline int64_t range_length(const RangeObject *r)
{
    return r->length_tag >> 1;
}

/* The iterator of a plain range. It is at its end when `left` is 0; `next` is then of no meaning. */
typedef struct {
    PyObject_HEAD
    int64_t next;       /* the value to give now */
    int64_t step;
    int64_t left;       /* values still to come */
    int64_t total;      /* values at the beginning */
} RangeIteratorObject;
static_assert(sizeof(RangeIteratorObject) == 48, "sys.getsizeof(iter(range(1))) is 48");

/* Number of values of range(start, stop, step), step not 0; UINT64_MAX only if there are as many or more. */
static inline uint64_t range_count(int64_t start, int64_t stop, int64_t step)
{
    if (step > 0) return start < stop ? ((uint64_t)stop - (uint64_t)start - 1) / (uint64_t)step + 1 : 0;
    return start > stop ? ((uint64_t)start - (uint64_t)stop - 1) / (0 - (uint64_t)step) + 1 : 0;
}

/* range(start, stop, step) with step not 0. New reference. */
PyObject *range_new(int64_t start, int64_t stop, int64_t step);

/* Its iterator, without the range. New reference; count must be below RANGE_MAX_LENGTH. */
PyObject *range_iterator_new(int64_t start, int64_t step, int64_t count);

#endif
