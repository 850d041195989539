/* The hash that tools/unicode places composites by, and data.c looks for them with. */
#ifndef KRAIT_MODULES_UNICODEDATA_COMPOSITION_HASH_H
#define KRAIT_MODULES_UNICODEDATA_COMPOSITION_HASH_H

#include <stdint.h>

enum { COMPOSITION_SLOTS = 4096 };

static inline uint32_t composition_hash(uint32_t first, uint32_t second)
{
    return (first * 2654435761u ^ second * 2246822519u) >> 20;
}

#endif
