/* Objects that hold machine numbers in a row: bytearray, array.array, and memoryviews of one dimension. The VM reads and writes
 * their items without boxing; what is not plain (a subclass, an index or a value out of range) is left to the types themselves. */
#ifndef KRAIT_VM_PACKED_H
#define KRAIT_VM_PACKED_H

#include "vm/value.h"

typedef struct PackedItems {
    char *items;
    Py_ssize_t count, stride;   /* stride in bytes */
    char format;                /* as in struct, in native size; 0: none that is known here */
    bool readonly;
} PackedItems;

/* The item, or VALUE_EMPTY without an exception: the type must do it. */
Value packed_load(PyObject *o, int64_t i);
/* Whether the item was stored. False, without an exception: the type must do it. */
bool packed_store(PyObject *o, int64_t i, Value v);

#endif
