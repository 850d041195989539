/* The system call that threads sleep by: on a word in memory, while it has a value. */
#ifndef KRAIT_PLATFORM_FUTEX_H
#define KRAIT_PLATFORM_FUTEX_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FUTEX_FOREVER INT64_MAX

/* Of the clock that times of futex_wait() are of. */
static inline int64_t futex_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * (int64_t)1000000000 + now.tv_nsec;
}

/* Sleeps while *word has that value: until it is woken, a signal comes, or it is that time (nanoseconds). -1 with errno ETIMEDOUT,
 * EINTR, or EAGAIN when the value was another. May come back for no reason. */
static inline int futex_wait(atomic_uint *word, unsigned value, int64_t until)
{
    struct timespec time = {until / 1000000000, until % 1000000000};
    return (int)syscall(SYS_futex, word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, value, until == FUTEX_FOREVER ? NULL : &time, NULL,
                        FUTEX_BITSET_MATCH_ANY);
}

/* Wakes up to `count` threads; how many it were. The word need not exist any more. */
static inline int futex_wake(atomic_uint *word, int count)
{
    return (int)syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
}

#endif
