/* base64 by the vector: 24 bytes and their 32 digits at once, where the processor has AVX2. */
#ifndef KRAIT_MODULES_BASE64_LANES_H
#define KRAIT_MODULES_BASE64_LANES_H

#include <stddef.h>

/* Writes the digits of the first bytes of from[0:size], without padding; how many bytes it took: a multiple of 3, perhaps 0. */
size_t base64_lanes_encode(const unsigned char *from, size_t size, char *to);
/* Decodes the first digits of from[0:size], up to the first that is none or a little less far; how many it took: a multiple of 4,
 * perhaps 0. `to` has room for the bytes of size / 4 * 4 digits. */
size_t base64_lanes_decode(const unsigned char *from, size_t size, unsigned char *to);

#endif
