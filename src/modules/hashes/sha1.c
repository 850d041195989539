/* _sha1: SHA-1 (FIPS 180-4). */
#include "modules/hashes/hashes.h"

#define CHOOSE(b, c, d) ((d) ^ ((b) & ((c) ^ (d))))
#define PARITY(b, c, d) ((b) ^ (c) ^ (d))
#define MAJORITY(b, c, d) (((b) & (c)) | ((d) & ((b) | (c))))

/* The message schedule in a ring of 16 words. */
#define SCHEDULE(t) \
    (w[(t) & 15] = rotate_left32(w[((t) + 13) & 15] ^ w[((t) + 8) & 15] ^ w[((t) + 2) & 15] ^ w[(t) & 15], 1))

#define STEP(f, k, a, b, c, d, e, word) \
    e += rotate_left32(a, 5) + f(b, c, d) + (k) + (word); \
    b = rotate_left32(b, 30)
#define FIVE(f, k, t, word) \
    STEP(f, k, a, b, c, d, e, word((t))); \
    STEP(f, k, e, a, b, c, d, word((t) + 1)); \
    STEP(f, k, d, e, a, b, c, word((t) + 2)); \
    STEP(f, k, c, d, e, a, b, word((t) + 3)); \
    STEP(f, k, b, c, d, e, a, word((t) + 4))
#define PLAIN(t) (w[t])
#define FIRST(t) ((t) < 16 ? PLAIN((t) & 15) : SCHEDULE(t))
#define TWENTY(f, k, t, word) \
    FIVE(f, k, t, word); \
    FIVE(f, k, (t) + 5, word); \
    FIVE(f, k, (t) + 10, word); \
    FIVE(f, k, (t) + 15, word)

static void compress(struct BlockState *s, const unsigned char *data, size_t blocks)
{
    for (; blocks; blocks--, data += 64) {
        uint32_t w[16];
        uint32_t a = s->words[0], b = s->words[1], c = s->words[2], d = s->words[3], e = s->words[4];
        for (int i = 0; i < 16; i++) w[i] = load32_big(data + 4 * i);
        TWENTY(CHOOSE, 0x5a827999, 0, FIRST);
        TWENTY(PARITY, 0x6ed9eba1, 20, SCHEDULE);
        TWENTY(MAJORITY, 0x8f1bbcdc, 40, SCHEDULE);
        TWENTY(PARITY, 0xca62c1d6, 60, SCHEDULE);
        s->words[0] += a;
        s->words[1] += b;
        s->words[2] += c;
        s->words[3] += d;
        s->words[4] += e;
    }
}

static const uint32_t initial[8] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

static const struct HashAlgorithm algorithm = {
    "sha1", 64, 20, BLOCKS, .compress = compress, .initial = initial, .big_endian = true};

HASH_FUNCTION(sha1, 0, &algorithm)

static PyMethodDef methods[] = {HASH_ENTRY(sha1, "SHA1"), {NULL, NULL, 0, NULL}};

static int exec(PyObject *module)
{
    return hash_add_type(module, 0, "SHA1Type", "_sha1.sha1");
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0, NULL}};
static HASH_MODULE(definition, "_sha1", methods, slots);

PyMODINIT_FUNC PyInit__sha1(void)
{
    return PyModuleDef_Init(&definition);
}
