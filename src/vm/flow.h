/* What the translator must know before its one pass: where control may enter, how deep the stack is there, and which
 * locals are certainly bound.
 */
#ifndef KRAIT_VM_FLOW_H
#define KRAIT_VM_FLOW_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

#include "bytecode/exceptions.h"

typedef struct {
    const uint16_t *units;
    int unit_count;
    int nlocals;                /* bits per set in `bound` */
    int words_per_set;
    int32_t *leader;            /* per unit: index of the leader that starts there, or -1 */
    int leader_count;
    int32_t *depth;             /* per leader: stack depth on entry, -1 if it is never reached */
    uint64_t *bound;            /* per leader: set of locals bound on every way in; NULL when not worked out */
    ExceptionEntry *ranges;
    int range_count;
} Flow;

/* Analyses the code object. -1 with MemoryError, or SystemError for code that does not hold together. */
int flow_analyse(PyCodeObject *code, Flow *flow);
void flow_free(Flow *flow);

/* Index of the range that covers a unit, or -1. Ranges are sorted. */
int flow_find_range(const Flow *flow, int unit);

static inline bool flow_is_bound(const uint64_t *set, int local)
{
    return set && (set[local >> 6] >> (local & 63) & 1);
}

#endif
