/* Waiting awake (spin.h). Who waits so takes a processor from others: hence its limits. */
#define _GNU_SOURCE
#include "platform/spin.h"

#include <sched.h>

#include "platform/futex.h"

enum { SPIN_NS = 10 * 1000, MOST_DOUBLINGS = 7 };

static struct {
    atomic_int now, most;       /* threads; most is 0 before the first look, -1 where it would be none */
} spinning;

static int most_spinners(void)
{
    int most = atomic_load_explicit(&spinning.most, memory_order_relaxed);
    if (most) return most;
    cpu_set_t processors;
    int count = sched_getaffinity(0, sizeof processors, &processors) == 0 ? CPU_COUNT(&processors) : 1;
    most = count > 1 ? count / 2 : -1;
    atomic_store_explicit(&spinning.most, most, memory_order_relaxed);
    return most;
}

static bool watch(atomic_uint *word, unsigned mask)
{
    int64_t until = futex_now() + SPIN_NS;
    do {
        for (int i = 0; i < 8; i++) {
            if (!(atomic_load_explicit(word, memory_order_relaxed) & mask)) return true;
            __builtin_ia32_pause();
        }
    } while (futex_now() < until);
    return false;
}

bool spin_while_set(atomic_uint *word, unsigned mask, SpinLuck *luck)
{
    if (luck->left_out) {
        luck->left_out--;
        return false;
    }
    bool gone = false;
    if (atomic_fetch_add(&spinning.now, 1) < most_spinners()) {
        gone = watch(word, mask);
        luck->in_vain = gone ? 0 : luck->in_vain < MOST_DOUBLINGS ? luck->in_vain + 1 : MOST_DOUBLINGS;
        luck->left_out = gone ? 0 : (1u << luck->in_vain) - 1;
    }
    atomic_fetch_sub(&spinning.now, 1);
    return gone;
}

void spin_after_fork(void) { atomic_store(&spinning.now, 0); }
