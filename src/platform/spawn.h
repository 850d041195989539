/* A child that becomes another program, made without a copy of the parent's memory. */
#ifndef KRAIT_PLATFORM_SPAWN_H
#define KRAIT_PLATFORM_SPAWN_H

#include <sys/types.h>

/* Runs `run` in a child that shares this process's memory, on a stack of its own, while the calling thread waits until the child is
 * another program or ends; `run` does one of the two. Unlike vfork's child it has no signal handlers: signals that are handled here
 * have the default effect there. The child's id; -1 where the system does not do that (Linux before 5.5, some sandboxes), or in a
 * build that must see all stacks. By one thread at a time. */
pid_t spawn_sharing_memory(void (*run)(void *), void *argument);

#endif
