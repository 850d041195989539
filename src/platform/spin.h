/* Waiting awake for what comes within microseconds: to sleep and be woken takes longer than that. */
#ifndef KRAIT_PLATFORM_SPIN_H
#define KRAIT_PLATFORM_SPIN_H

#include <stdatomic.h>
#include <stdbool.h>

/* Of one thread and one kind of wait: how often in a row it waited awake in vain, and how many waits do without for that; successes
 * that make it patient; and which of the hints (spin.c) it knows of. */
typedef struct {
    unsigned in_vain, left_out, credit, hints;
} SpinLuck;

/* Whether all bits of `mask` went from *word soon. Returns at once when they would not have lately, or when as many threads wait
 * awake already as half of the processors. */
bool spin_while_set(atomic_uint *word, unsigned mask, SpinLuck *luck);

/* To say later that a wait that succeeded was in vain after all. */
void spin_regret(SpinLuck *luck);

/* In the child, where no other thread waits. */
void spin_after_fork(void);

#endif
