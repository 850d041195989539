/* _md5: MD5 (RFC 1321). */
#include "modules/hashes/hashes.h"

/* The integer parts of 2**32 * abs(sin(i + 1)). */
static const uint32_t sines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
};

#define F(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define G(b, c, d) ((c) ^ ((d) & ((b) ^ (c))))
#define H(b, c, d) ((b) ^ (c) ^ (d))
#define I(b, c, d) ((c) ^ ((b) | ~(d)))

#define STEP(f, a, b, c, d, word, i, shift) a = b + rotate_left32(a + f(b, c, d) + x[word] + sines[i], shift)
/* Four steps from number i on; their words go up by `stride`. */
#define STEPS(f, i, first, stride, s0, s1, s2, s3) \
    STEP(f, a, b, c, d, (first) % 16, (i), s0); \
    STEP(f, d, a, b, c, ((first) + (stride)) % 16, (i) + 1, s1); \
    STEP(f, c, d, a, b, ((first) + 2 * (stride)) % 16, (i) + 2, s2); \
    STEP(f, b, c, d, a, ((first) + 3 * (stride)) % 16, (i) + 3, s3)
#define ROUND(f, i, first, stride, s0, s1, s2, s3) \
    STEPS(f, i, first, stride, s0, s1, s2, s3); \
    STEPS(f, (i) + 4, (first) + 4 * (stride), stride, s0, s1, s2, s3); \
    STEPS(f, (i) + 8, (first) + 8 * (stride), stride, s0, s1, s2, s3); \
    STEPS(f, (i) + 12, (first) + 12 * (stride), stride, s0, s1, s2, s3)

static void compress(struct BlockState *s, const unsigned char *data, size_t blocks)
{
    for (; blocks; blocks--, data += 64) {
        uint32_t x[16], a = s->words[0], b = s->words[1], c = s->words[2], d = s->words[3];
        for (int i = 0; i < 16; i++) x[i] = load32_little(data + 4 * i);
        ROUND(F, 0, 0, 1, 7, 12, 17, 22);
        ROUND(G, 16, 1, 5, 5, 9, 14, 20);
        ROUND(H, 32, 5, 3, 4, 11, 16, 23);
        ROUND(I, 48, 0, 7, 6, 10, 15, 21);
        s->words[0] += a;
        s->words[1] += b;
        s->words[2] += c;
        s->words[3] += d;
    }
}

static const uint32_t initial[8] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};

static const struct HashAlgorithm algorithm = {
    "md5", 64, 16, BLOCKS, .compress = compress, .initial = initial};

HASH_FUNCTION(md5, 0, &algorithm)

static PyMethodDef methods[] = {HASH_ENTRY(md5, "MD5"), {NULL, NULL, 0, NULL}};

static int exec(PyObject *module)
{
    return hash_add_type(module, 0, "MD5Type", "_md5.md5");
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0, NULL}};
static HASH_MODULE(definition, "_md5", methods, slots);

PyMODINIT_FUNC PyInit__md5(void)
{
    return PyModuleDef_Init(&definition);
}
