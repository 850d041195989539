/* Quick allocation for the smallest numbers.
 *
 * A float, and an int of one or two digits: each fits in a block of 32 bytes, which is one size
 * class of PyObject_Malloc. Freed blocks wait in one short list. Any block in the list came from
 * PyObject_Malloc(n), n <= 32 rounded up to that class or larger, so PyObject_Free takes it back at
 * any time; whoever frees may use either way.
 */
#ifndef KRAIT_OBJECTS_NUMBER_CELL_H
#define KRAIT_OBJECTS_NUMBER_CELL_H

#include <Python.h>

#include "memory/memory.h"

#define NUMBER_CELL_SIZE 32

struct NumberCell {
    struct NumberCell *next;
};

struct NumberCellRuntime {
    struct NumberCell *free;            /* linked list of free cells */
    int count;                          /* its length, at most memory_runtime.cells_kept */
};
extern struct NumberCellRuntime number_cell_runtime;

/* Gives every kept cell back to the allocator (full collections, shutdown). Returns how many. */
int number_cell_clear(void);

/* Uninitialised memory of NUMBER_CELL_SIZE bytes, or NULL without an exception. */
static inline void *number_cell_alloc(void)
{
    struct NumberCell *cell = number_cell_runtime.free;
    if (__builtin_expect(cell != NULL, 1)) {
        number_cell_runtime.free = cell->next;
        number_cell_runtime.count--;
        return cell;
    }
    return PyObject_Malloc(NUMBER_CELL_SIZE);
}

static inline void number_cell_free(void *memory)
{
    if (__builtin_expect(number_cell_runtime.count >= memory_runtime.cells_kept, 0)) {
        PyObject_Free(memory);
        return;
    }
    struct NumberCell *cell = memory;
    cell->next = number_cell_runtime.free;
    number_cell_runtime.free = cell;
    number_cell_runtime.count++;
}

#endif
