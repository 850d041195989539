/* _sha256 and _sha512: SHA-224, SHA-256, SHA-384, SHA-512 (FIPS 180-4). */
#include "modules/hashes/hashes.h"

/* The first bits of the fractional parts of the cube roots of the first primes. */
static const uint32_t constants32[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint64_t constants64[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

#define CHOOSE(e, f, g) ((g) ^ ((e) & ((f) ^ (g))))
#define MAJORITY(a, b, c) (((a) & (b)) | ((c) & ((a) | (b))))

/* SHA-256 and SHA-512 are one algorithm with words of 32 and 64 bits. Sigma rotates by three numbers, sigma by two and
 * shifts by the third. The message schedule stands in a ring of 16 words. */
#define SIGMA(bits, x, i, j, k) (rotate_right##bits(x, i) ^ rotate_right##bits(x, j) ^ rotate_right##bits(x, k))
#define SMALL_SIGMA(bits, x, i, j, k) (rotate_right##bits(x, i) ^ rotate_right##bits(x, j) ^ (x) >> (k))

#define STEP(a, b, c, d, e, f, g, h, t) \
    h += BIG1(e) + CHOOSE(e, f, g) + constants[t] + w[(t) & 15]; \
    d += h; \
    h += BIG0(a) + MAJORITY(a, b, c)
#define EIGHT(t) \
    STEP(a, b, c, d, e, f, g, h, t); \
    STEP(h, a, b, c, d, e, f, g, (t) + 1); \
    STEP(g, h, a, b, c, d, e, f, (t) + 2); \
    STEP(f, g, h, a, b, c, d, e, (t) + 3); \
    STEP(e, f, g, h, a, b, c, d, (t) + 4); \
    STEP(d, e, f, g, h, a, b, c, (t) + 5); \
    STEP(c, d, e, f, g, h, a, b, (t) + 6); \
    STEP(b, c, d, e, f, g, h, a, (t) + 7)

#define COMPRESS(bits, member, rounds) \
    const uint##bits##_t *constants = constants##bits; \
    for (; blocks; blocks--, data += bits * 2) { \
        uint##bits##_t w[16], *v = s->member; \
        uint##bits##_t a = v[0], b = v[1], c = v[2], d = v[3], e = v[4], f = v[5], g = v[6], h = v[7]; \
        for (int i = 0; i < 16; i++) w[i] = load##bits##_big(data + bits / 8 * i); \
        for (int t = 0; t < rounds; t += 16) { \
            if (t) { \
                for (int i = 0; i < 16; i++) { \
                    w[i] += SMALL0(w[(i + 1) & 15]) + w[(i + 9) & 15] + SMALL1(w[(i + 14) & 15]); \
                } \
            } \
            EIGHT(t); \
            EIGHT(t + 8); \
        } \
        v[0] += a, v[1] += b, v[2] += c, v[3] += d, v[4] += e, v[5] += f, v[6] += g, v[7] += h; \
    }

#define BIG0(x) SIGMA(32, x, 2, 13, 22)
#define BIG1(x) SIGMA(32, x, 6, 11, 25)
#define SMALL0(x) SMALL_SIGMA(32, x, 7, 18, 3)
#define SMALL1(x) SMALL_SIGMA(32, x, 17, 19, 10)
static void compress256(struct BlockState *s, const unsigned char *data, size_t blocks)
{
    COMPRESS(32, words, 64)
}
#undef BIG0
#undef BIG1
#undef SMALL0
#undef SMALL1

#define BIG0(x) SIGMA(64, x, 28, 34, 39)
#define BIG1(x) SIGMA(64, x, 14, 18, 41)
#define SMALL0(x) SMALL_SIGMA(64, x, 1, 8, 7)
#define SMALL1(x) SMALL_SIGMA(64, x, 19, 61, 6)
static void compress512(struct BlockState *s, const unsigned char *data, size_t blocks)
{
    COMPRESS(64, longs, 80)
}

/* The same of square roots: of the first eight primes; of the next eight, with their lower halves for SHA-224. */
static const uint32_t initial224[8] = {
    0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7, 0xbefa4fa4,
};
static const uint32_t initial256[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};
static const uint64_t initial384[8] = {
    0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
    0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
};
static const uint64_t initial512[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

#define SHA2(bits, block, variant) \
    static const struct HashAlgorithm algorithm##bits = { \
        "sha" #bits, block, bits / 8, BLOCKS, .compress = compress##variant, .initial = initial##bits, .big_endian = true}
SHA2(224, 64, 256);
SHA2(256, 64, 256);
SHA2(384, 128, 512);
SHA2(512, 128, 512);

/* ---- _sha256 ---- */

HASH_FUNCTION(sha224, 0, &algorithm224)
HASH_FUNCTION(sha256, 1, &algorithm256)

static PyMethodDef methods256[] = {
    HASH_ENTRY(sha256, "SHA-256"), HASH_ENTRY(sha224, "SHA-224"), {NULL, NULL, 0, NULL}};

static int exec256(PyObject *module)
{
    if (hash_add_type(module, 0, "SHA224Type", "_sha256.sha224") < 0) return -1;
    return hash_add_type(module, 1, "SHA256Type", "_sha256.sha256");
}

static PyModuleDef_Slot slots256[] = {{Py_mod_exec, exec256}, {0, NULL}};
static HASH_MODULE(definition256, "_sha256", methods256, slots256);

PyMODINIT_FUNC PyInit__sha256(void)
{
    return PyModuleDef_Init(&definition256);
}

/* ---- _sha512 ---- */

HASH_FUNCTION(sha384, 0, &algorithm384)
HASH_FUNCTION(sha512, 1, &algorithm512)

static PyMethodDef methods512[] = {
    HASH_ENTRY(sha512, "SHA-512"), HASH_ENTRY(sha384, "SHA-384"), {NULL, NULL, 0, NULL}};

/* One name for both types, as in 3.11. */
static int exec512(PyObject *module)
{
    if (hash_add_type(module, 0, "SHA384Type", "_sha512.sha384") < 0) return -1;
    return hash_add_type(module, 1, "SHA384Type", "_sha512.sha512");
}

static PyModuleDef_Slot slots512[] = {{Py_mod_exec, exec512}, {0, NULL}};
static HASH_MODULE(definition512, "_sha512", methods512, slots512);

PyMODINIT_FUNC PyInit__sha512(void)
{
    return PyModuleDef_Init(&definition512);
}
