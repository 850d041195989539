#include "base/hash.h"

#include <string.h>

static inline uint64_t rotate(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

struct Sip {
    uint64_t a, b, c, d;
};

static inline void sip_round(struct Sip *s)
{
    s->a += s->b;
    s->b = rotate(s->b, 13) ^ s->a;
    s->a = rotate(s->a, 32);
    s->c += s->d;
    s->d = rotate(s->d, 16) ^ s->c;
    s->a += s->d;
    s->d = rotate(s->d, 21) ^ s->a;
    s->c += s->b;
    s->b = rotate(s->b, 17) ^ s->c;
    s->c = rotate(s->c, 32);
}

/* The n < 8 bytes at p as a little-endian number, by loads that overlap. */
static inline uint64_t short_word(const unsigned char *p, size_t n)
{
    if (n >= 4) {
        uint32_t low, high;
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        return low | (uint64_t)high << 8 * (n - 4);
    }
    if (n == 0) return 0;
    return p[0] | (uint64_t)p[n / 2] << 8 * (n / 2) | (uint64_t)p[n - 1] << 8 * (n - 1);
}

uint64_t hash_siphash13(uint64_t k0, uint64_t k1, const void *data, size_t n)
{
    struct Sip s = {k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
                    k1 ^ 0x7465646279746573};
    const unsigned char *p = data;
    uint64_t last = (uint64_t)n << 56, word;
    for (; n >= 8; n -= 8, p += 8) {
        memcpy(&word, p, 8);
        s.d ^= word;
        sip_round(&s);
        s.a ^= word;
    }
    last |= short_word(p, n);
    s.d ^= last;
    sip_round(&s);
    s.a ^= last;
    s.c ^= 0xff;
    for (int i = 0; i < 3; i++) sip_round(&s);
    return s.a ^ s.b ^ s.c ^ s.d;
}

void hash_secret_from_seed(unsigned char *secret, size_t n, uint32_t seed)
{
    memset(secret, 0, n);
    if (seed == 0) return;
    for (size_t i = 0; i < n; i++) {
        seed = seed * 214013 + 2531011;
        secret[i] = (unsigned char)(seed >> 16);
    }
}
