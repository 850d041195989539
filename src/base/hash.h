/* Hashing bytes and words, and the secret that keys it. */
#ifndef KRAIT_BASE_HASH_H
#define KRAIT_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-1-3 (Aumasson and Bernstein). */
uint64_t hash_siphash13(uint64_t k0, uint64_t k1, const void *data, size_t n);

/* Fills a secret from a PYTHONHASHSEED number; 0 gives all zeros. */
void hash_secret_from_seed(unsigned char *secret, size_t n, uint32_t seed);

#endif
