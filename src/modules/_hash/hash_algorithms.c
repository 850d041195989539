/* MD5 (RFC 1321), SHA-1 and SHA-2 (FIPS 180-4). */
#include "modules/_hash/hash.h"

static inline uint32_t rotate_left(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

static inline uint32_t load_big32(const uint8_t *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return __builtin_bswap32(x);
}

static inline uint64_t load_big64(const uint8_t *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return __builtin_bswap64(x);
}

/* ---- MD5 ---- */

/* floor(2^32 * |sin(i + 1)|) */
static const uint32_t md5_constants[] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

static void md5_start(HashState *state)
{
    static const uint32_t h[] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    memcpy(state->h.w32, h, sizeof h);
}

static void md5_compress(HashState *state, const uint8_t *blocks, size_t count)
{
    static const uint8_t turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t *h = state->h.w32;
    for (; count > 0; count--, blocks += 64) {
        uint32_t x[16], a = h[0], b = h[1], c = h[2], d = h[3];
        memcpy(x, blocks, sizeof x);
        for (int i = 0; i < 64; i++) {
            uint32_t f;
            int k;
            switch (i >> 4) {
            case 0: f = d ^ (b & (c ^ d)); k = i; break;
            case 1: f = c ^ (d & (b ^ c)); k = 5 * i + 1; break;
            case 2: f = b ^ c ^ d; k = 3 * i + 5; break;
            default: f = c ^ (b | ~d); k = 7 * i;
            }
            uint32_t sum = a + f + x[k & 15] + md5_constants[i];
            a = d;
            d = c;
            c = b;
            b += rotate_left(sum, turns[i >> 4][i & 3]);
        }
        h[0] += a;
        h[1] += b;
        h[2] += c;
        h[3] += d;
    }
}

/* ---- SHA-1 ---- */

static void sha1_start(HashState *state)
{
    static const uint32_t h[] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    memcpy(state->h.w32, h, sizeof h);
}

static void sha1_compress(HashState *state, const uint8_t *blocks, size_t count)
{
    uint32_t *h = state->h.w32;
    for (; count > 0; count--, blocks += 64) {
        uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 16; i++) w[i] = load_big32(blocks + 4 * i);
        for (int i = 16; i < 80; i++) w[i] = rotate_left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        for (int i = 0; i < 80; i++) {
            uint32_t f;
            if (i < 20) f = (d ^ (b & (c ^ d))) + 0x5a827999;
            else if (i < 40) f = (b ^ c ^ d) + 0x6ed9eba1;
            else if (i < 60) f = ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
            else f = (b ^ c ^ d) + 0xca62c1d6;
            uint32_t sum = rotate_left(a, 5) + f + e + w[i];
            e = d;
            d = c;
            c = rotate_left(b, 30);
            b = a;
            a = sum;
        }
        h[0] += a;
        h[1] += b;
        h[2] += c;
        h[3] += d;
        h[4] += e;
    }
}

/* ---- SHA-2 ---- */

/* Fractional parts of the cube roots of the first 80 primes; SHA-256 uses the upper halves of the first 64. */
static const uint64_t sha2_constants[] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
    0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
    0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
    0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
    0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
    0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
    0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
    0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
    0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
    0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
    0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
    0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
    0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
    0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
    0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
    0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
    0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* Fractional parts of the square roots of the first 16 primes: where the hashes start. */
static const uint64_t sha2_roots[] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
    0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
};

static void sha256_start(HashState *state)
{
    for (int i = 0; i < 8; i++) state->h.w32[i] = (uint32_t)(sha2_roots[i] >> 32);
}

static void sha224_start(HashState *state)
{
    for (int i = 0; i < 8; i++) state->h.w32[i] = (uint32_t)sha2_roots[8 + i];
}

static void sha512_start(HashState *state)
{
    memcpy(state->h.w64, sha2_roots, 64);
}

static void sha384_start(HashState *state)
{
    memcpy(state->h.w64, sha2_roots + 8, 64);
}

/* Both widths differ in the word, the rotations and the number of rounds. */
#define SHA2_COMPRESS(name, Word, field, load, bits, rounds, constant, a1, a2, a3, b1, b2, b3, c1, c2, c3, d1, d2, d3)    \
    static void name(HashState *state, const uint8_t *blocks, size_t count)                                            \
    {                                                                                                                  \
        Word *h = state->h.field;                                                                                      \
        for (; count > 0; count--, blocks += 16 * sizeof(Word)) {                                                      \
            Word w[rounds], v[8];                                                                                      \
            for (int i = 0; i < 16; i++) w[i] = load(blocks + i * (int)sizeof(Word));                                  \
            for (int i = 16; i < rounds; i++) {                                                                        \
                Word x = w[i - 15], y = w[i - 2];                                                                      \
                Word s0 = (x >> c1 | x << (bits - c1)) ^ (x >> c2 | x << (bits - c2)) ^ x >> c3;                       \
                Word s1 = (y >> d1 | y << (bits - d1)) ^ (y >> d2 | y << (bits - d2)) ^ y >> d3;                       \
                w[i] = w[i - 16] + s0 + w[i - 7] + s1;                                                                 \
            }                                                                                                          \
            memcpy(v, h, sizeof v);                                                                                    \
            for (int i = 0; i < rounds; i++) {                                                                         \
                Word a = v[0], e = v[4];                                                                               \
                Word s1 = (e >> b1 | e << (bits - b1)) ^ (e >> b2 | e << (bits - b2)) ^ (e >> b3 | e << (bits - b3));  \
                Word s0 = (a >> a1 | a << (bits - a1)) ^ (a >> a2 | a << (bits - a2)) ^ (a >> a3 | a << (bits - a3));  \
                Word t1 = v[7] + s1 + (v[6] ^ (e & (v[5] ^ v[6]))) + (constant) + w[i];                                \
                Word t2 = s0 + ((a & v[1]) | (v[2] & (a | v[1])));                                                     \
                v[7] = v[6];                                                                                           \
                v[6] = v[5];                                                                                           \
                v[5] = e;                                                                                              \
                v[4] = v[3] + t1;                                                                                      \
                v[3] = v[2];                                                                                           \
                v[2] = v[1];                                                                                           \
                v[1] = a;                                                                                              \
                v[0] = t1 + t2;                                                                                        \
            }                                                                                                          \
            for (int i = 0; i < 8; i++) h[i] += v[i];                                                                  \
        }                                                                                                              \
    }

SHA2_COMPRESS(sha256_compress, uint32_t, w32, load_big32, 32, 64, (uint32_t)(sha2_constants[i] >> 32), 2, 13, 22, 6, 11, 25,
              7, 18, 3, 17, 19, 10)
SHA2_COMPRESS(sha512_compress, uint64_t, w64, load_big64, 64, 80, sha2_constants[i], 28, 34, 39, 14, 18, 41, 1, 8, 7, 19, 61, 6)

/* ---- all of them ---- */

const HashAlgorithm hash_md5 = {"md5", 64, 16, false, true, md5_start, md5_compress};
const HashAlgorithm hash_sha1 = {"sha1", 64, 20, false, false, sha1_start, sha1_compress};
const HashAlgorithm hash_sha224 = {"sha224", 64, 28, false, false, sha224_start, sha256_compress};
const HashAlgorithm hash_sha256 = {"sha256", 64, 32, false, false, sha256_start, sha256_compress};
const HashAlgorithm hash_sha384 = {"sha384", 128, 48, true, false, sha384_start, sha512_compress};
const HashAlgorithm hash_sha512 = {"sha512", 128, 64, true, false, sha512_start, sha512_compress};

void hash_start(HashState *state, const HashAlgorithm *algorithm)
{
    state->algorithm = algorithm;
    state->length = 0;
    algorithm->start(state);
}

void hash_update(HashState *state, const uint8_t *data, size_t length)
{
    size_t block = (size_t)state->algorithm->block_size, used = state->length % block;
    state->length += length;
    if (used > 0) {
        size_t part = block - used < length ? block - used : length;
        memcpy(state->buffer + used, data, part);
        if (used + part < block) return;
        state->algorithm->compress(state, state->buffer, 1);
        data += part;
        length -= part;
    }
    if (length >= block) state->algorithm->compress(state, data, length / block);
    if (length % block > 0) memcpy(state->buffer, data + length - length % block, length % block);
}

void hash_digest(const HashState *state, uint8_t *out)
{
    HashState copy = *state;
    const HashAlgorithm *algorithm = state->algorithm;
    size_t block = (size_t)algorithm->block_size, used = copy.length % block, tail = algorithm->wide ? 16 : 8;
    uint64_t bits = copy.length * 8;
    copy.buffer[used++] = 0x80;
    if (used > block - tail) {
        memset(copy.buffer + used, 0, block - used);
        algorithm->compress(&copy, copy.buffer, 1);
        used = 0;
    }
    memset(copy.buffer + used, 0, block - used);
    if (!algorithm->little) bits = __builtin_bswap64(bits);
    memcpy(copy.buffer + block - 8, &bits, 8);
    if (algorithm->wide) copy.buffer[block - 9] = (uint8_t)(copy.length >> 61);
    algorithm->compress(&copy, copy.buffer, 1);
    for (int i = 0; i < algorithm->digest_size; i++) {
        int shift = algorithm->wide ? 56 - 8 * (i & 7) : algorithm->little ? 8 * (i & 3) : 24 - 8 * (i & 3);
        out[i] = (uint8_t)(algorithm->wide ? copy.h.w64[i >> 3] >> shift : copy.h.w32[i >> 2] >> shift);
    }
}
