/* Waiting awake (spin.h). Who waits so takes a processor from others: hence its limits.
 *
 * Two threads that answer each other are either both awake, and each has its answer within microseconds, or both asleep, and each
 * answer takes as long as waking does, which is longer than anybody waits awake. Lest they stay so for ever, a thread that has been
 * out of luck for long waits awake once for as long as waking takes. If that helps it is a hint for all others to try again, too;
 * and who has waited awake with success does so for that long the next times, lest one delay put both to sleep again.
 */
#define _GNU_SOURCE
#include "platform/spin.h"

#include <sched.h>

#include "platform/futex.h"

enum { SPIN_NS = 10 * 1000, WAKING_NS = 50 * 1000, MOST_DOUBLINGS = 7, MOST_CREDIT = 8 };

static struct {
    atomic_int now, most;       /* threads; most is 0 before the first look, -1 where it would be none */
    atomic_uint hints;          /* how often a long wait helped */
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

static bool watch(atomic_uint *word, unsigned mask, int64_t nanoseconds)
{
    int64_t until = futex_now() + nanoseconds;
    do {
        for (int i = 0; i < 8; i++) {
            if (!(atomic_load_explicit(word, memory_order_relaxed) & mask)) return true;
            __builtin_ia32_pause();
        }
    } while (futex_now() < until);
    return false;
}

/* Whether this thread may wait awake: one more does. Who has just seen what it waited for is still being counted for a moment, and
 * may be who this thread answers. */
static bool enter(void)
{
    enum { TRIES = 64 };
    for (int i = 0; i < TRIES; i++) {
        if (atomic_fetch_add(&spinning.now, 1) < most_spinners()) return true;
        atomic_fetch_sub(&spinning.now, 1);
        if (most_spinners() < 0) return false;
        __builtin_ia32_pause();
    }
    return false;
}

void spin_regret(SpinLuck *luck)
{
    luck->credit = 0;
    if (luck->in_vain < MOST_DOUBLINGS) luck->in_vain++;
    luck->left_out = (1u << luck->in_vain) - 1;
}

bool spin_while_set(atomic_uint *word, unsigned mask, SpinLuck *luck)
{
    unsigned hints = atomic_load_explicit(&spinning.hints, memory_order_relaxed);
    if (luck->hints != hints) *luck = (SpinLuck){.hints = hints};
    if (luck->left_out) {
        luck->left_out--;
        return false;
    }
    if (!enter()) return false;
    bool is_last_try = luck->in_vain == MOST_DOUBLINGS;
    bool gone = watch(word, mask, luck->credit || is_last_try ? WAKING_NS : SPIN_NS);
    atomic_fetch_sub(&spinning.now, 1);
    if (!gone) {
        if (luck->credit) luck->credit /= 2;
        else spin_regret(luck);
        return false;
    }
    if (is_last_try) luck->hints = atomic_fetch_add(&spinning.hints, 1) + 1;
    luck->in_vain = 0;
    if (luck->credit < MOST_CREDIT) luck->credit++;
    return true;
}

void spin_after_fork(void) { atomic_store(&spinning.now, 0); }
