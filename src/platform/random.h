/* Random bytes from the operating system. */
#ifndef KRAIT_PLATFORM_RANDOM_H
#define KRAIT_PLATFORM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>

/* Fills the buffer. If `block` is not set and the system's pool is not ready yet, falls back to
 * /dev/urandom, which never blocks. 0; -1 with errno set; a signal's EINTR is passed up after
 * `interrupted`, if given, returned nonzero (then -2). */
int platform_random(void *buffer, size_t n, bool block, int (*interrupted)(void));

#endif
