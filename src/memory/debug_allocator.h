/* An allocator that wraps another one, surrounds each block with guards and fills it with patterns. */
#ifndef KRAIT_MEMORY_DEBUG_ALLOCATOR_H
#define KRAIT_MEMORY_DEBUG_ALLOCATOR_H

#include <Python.h>

/* Wraps what serves the domain (MEMORY_RAW …) now, unless it is wrapped already. */
void debug_allocator_install(int domain);

/* What a debug allocator wraps, borrowed; NULL if `allocator` is not one. */
const PyMemAllocatorEx *debug_allocator_inner(const PyMemAllocatorEx *allocator);

#endif
