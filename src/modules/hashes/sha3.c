/* _sha3: SHA3-224 to SHA3-512, SHAKE128, SHAKE256 (FIPS 202). */
#include "modules/hashes/hashes.h"

static const uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/* ---- Keccak-f[1600] ---- */

/* One round from lanes a to lanes e. Lane (x, y) stands at x + 5y. Theta is folded into the reading of rho and pi: row y of
 * the result takes the lanes at i0 ... i4, turned left by r0 ... r4. */
#define ROW(a, e, y, i0, r0, i1, r1, i2, r2, i3, r3, i4, r4) \
    b0 = turn(a[i0] ^ d[i0 % 5], r0); \
    b1 = turn(a[i1] ^ d[i1 % 5], r1); \
    b2 = turn(a[i2] ^ d[i2 % 5], r2); \
    b3 = turn(a[i3] ^ d[i3 % 5], r3); \
    b4 = turn(a[i4] ^ d[i4 % 5], r4); \
    e[y] = b0 ^ (~b1 & b2); \
    e[y + 1] = b1 ^ (~b2 & b3); \
    e[y + 2] = b2 ^ (~b3 & b4); \
    e[y + 3] = b3 ^ (~b4 & b0); \
    e[y + 4] = b4 ^ (~b0 & b1)

static inline uint64_t turn(uint64_t x, int n)
{
    return n ? rotate_left64(x, n) : x;
}

static inline __attribute__((always_inline)) void keccak_round(const uint64_t *a, uint64_t *e, uint64_t constant)
{
    uint64_t b0, b1, b2, b3, b4, c[5], d[5];
    for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (int x = 0; x < 5; x++) d[x] = c[(x + 4) % 5] ^ rotate_left64(c[(x + 1) % 5], 1);
    ROW(a, e, 0, 0, 0, 6, 44, 12, 43, 18, 21, 24, 14);
    ROW(a, e, 5, 3, 28, 9, 20, 10, 3, 16, 45, 22, 61);
    ROW(a, e, 10, 1, 1, 7, 6, 13, 25, 19, 8, 20, 18);
    ROW(a, e, 15, 4, 27, 5, 36, 11, 10, 17, 15, 23, 56);
    ROW(a, e, 20, 2, 62, 8, 55, 14, 39, 15, 41, 21, 2);
    e[0] ^= constant;
}

static void keccak(uint64_t *lanes)
{
    uint64_t other[25];
    for (int i = 0; i < 24; i += 2) {
        keccak_round(lanes, other, round_constants[i]);
        keccak_round(other, lanes, round_constants[i + 1]);
    }
}

/* ---- The sponge ---- */

/* Byte i of the state is byte i % 8 of lane i / 8, the lowest first. */
static inline void absorb_byte(struct Sha3State *s, unsigned i, unsigned char byte)
{
    s->lanes[i / 8] ^= (uint64_t)byte << (i % 8 * 8);
}

static void sha3_update(const struct HashAlgorithm *Py_UNUSED(algorithm), union HashState *state, const unsigned char *data,
                        size_t size)
{
    struct Sha3State *s = &state->sha3;
    while (size) {
        if (s->position % 8 == 0 && size >= 8) {
            unsigned lane = s->position / 8, whole = (s->rate - s->position) / 8;
            if (size / 8 < whole) whole = (unsigned)(size / 8);
            for (unsigned i = 0; i < whole; i++) s->lanes[lane + i] ^= load64_little(data + 8 * i);
            data += 8 * whole;
            size -= 8 * whole;
            s->position += 8 * whole;
        }
        else {
            absorb_byte(s, s->position++, *data++);
            size--;
        }
        if (s->position == s->rate) {
            keccak(s->lanes);
            s->position = 0;
        }
    }
}

static void sha3_finish(const struct HashAlgorithm *Py_UNUSED(algorithm), union HashState *state, unsigned char *digest,
                        size_t size)
{
    struct Sha3State *s = &state->sha3;
    absorb_byte(s, s->position, s->suffix);
    absorb_byte(s, s->rate - 1, 0x80);
    for (;;) {
        keccak(s->lanes);
        unsigned char block[200];
        for (unsigned i = 0; i < s->rate / 8; i++) store64_little(block + 8 * i, s->lanes[i]);
        if (size <= s->rate) {
            memcpy(digest, block, size);
            return;
        }
        memcpy(digest, block, s->rate);
        digest += s->rate;
        size -= s->rate;
    }
}

static void sha3_start(const struct HashAlgorithm *algorithm, union HashState *state)
{
    state->sha3 = (struct Sha3State){.rate = algorithm->block_size, .suffix = algorithm->digest_size ? 0x06 : 0x1f};
}

/* ---- Types ---- */

static PyObject *get_capacity_bits(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(1600 - 8 * (long)((HashObject *)self)->state.sha3.rate);
}

static PyObject *get_rate_bits(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(8 * (long)((HashObject *)self)->state.sha3.rate);
}

static PyObject *get_suffix(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBytes_FromStringAndSize((const char *)&((HashObject *)self)->state.sha3.suffix, 1);
}

static PyGetSetDef sha3_getset[] = {
    HASH_GETSET,
    {"_capacity_bits", get_capacity_bits, NULL, NULL, NULL},
    {"_rate_bits", get_rate_bits, NULL, NULL, NULL},
    {"_suffix", get_suffix, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMethodDef sha3_methods[] = {HASH_METHODS("data"), {NULL, NULL, 0, NULL}};

/* The length of a digest that the caller chooses. */
static PyObject *shake_result(PyObject *self, PyObject *length, bool as_text)
{
    unsigned long size;
    if (!_PyLong_UnsignedLong_Converter(length, &size)) return NULL;
    if (size >= 1UL << 29) {
        PyErr_SetString(PyExc_ValueError, "length is too large");
        return NULL;
    }
    return hash_result(self, size, as_text);
}

static PyObject *shake_digest(PyObject *self, PyObject *length)
{
    return shake_result(self, length, false);
}

static PyObject *shake_hexdigest(PyObject *self, PyObject *length)
{
    return shake_result(self, length, true);
}

static PyMethodDef shake_methods[] = {
    HASH_COMMON_METHODS("data"),
    {"digest", shake_digest, METH_O, "digest($self, length, /)\n--\n\nA digest of length bytes of the data so far."},
    {"hexdigest", shake_hexdigest, METH_O,
     "hexdigest($self, length, /)\n--\n\nA digest of length bytes of the data so far, as a str of hexadecimal digits."},
    {NULL, NULL, 0, NULL},
};

static PyObject *sha3_new(PyTypeObject *type, const struct HashAlgorithm *algorithm, _PyArg_Parser *parser, PyObject *args,
                          PyObject *kwargs)
{
    PyObject *data = NULL;
    int for_security;
    if (!_PyArg_ParseTupleAndKeywordsFast(args, kwargs, parser, &data, &for_security)) return NULL;
    return hash_new(type, algorithm, data);
}

#define SHA3(name, block, digest, methods, doc) \
    static const struct HashAlgorithm algorithm_##name = {#name, block, digest, sha3_start, sha3_update, sha3_finish, \
                                                          NULL, NULL, false}; \
    static PyObject *name##_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) \
    { \
        static const char *const keywords[] = {"", "usedforsecurity", NULL}; \
        static _PyArg_Parser parser = {.format = "|O$p:" #name, .keywords = keywords}; \
        return sha3_new(type, &algorithm_##name, &parser, args, kwargs); \
    } \
    static PyType_Slot name##_slots[] = { \
        {Py_tp_new, name##_new}, {Py_tp_dealloc, hash_dealloc}, {Py_tp_methods, methods}, {Py_tp_getset, sha3_getset}, \
        {Py_tp_doc, (void *)#name "([data], *, usedforsecurity=True) -> " doc}, {0, NULL}}; \
    static PyType_Spec name##_spec = {"_sha3." #name, sizeof(HashObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, \
                                      name##_slots}

#define SHA3_DOC(size) "SHA3 object\n\nA new hash object of SHA3 with a digest of " size " bytes."
#define SHAKE_DOC "SHAKE object\n\nA new SHAKE hash object: the digest is as long as one asks."
SHA3(sha3_224, 144, 28, sha3_methods, SHA3_DOC("28"));
SHA3(sha3_256, 136, 32, sha3_methods, SHA3_DOC("32"));
SHA3(sha3_384, 104, 48, sha3_methods, SHA3_DOC("48"));
SHA3(sha3_512, 72, 64, sha3_methods, SHA3_DOC("64"));
SHA3(shake_128, 168, 0, shake_methods, SHAKE_DOC);
SHA3(shake_256, 136, 0, shake_methods, SHAKE_DOC);

static int exec(PyObject *module)
{
    PyType_Spec *specs[] = {&sha3_224_spec, &sha3_256_spec, &sha3_384_spec, &sha3_512_spec, &shake_128_spec, &shake_256_spec};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(specs); i++) {
        PyObject *type = PyType_FromModuleAndSpec(module, specs[i], NULL);
        int failed = type ? PyModule_AddType(module, (PyTypeObject *)type) : -1;
        Py_XDECREF(type);
        if (failed < 0) return -1;
    }
    if (PyModule_AddIntConstant(module, "keccakopt", 0) < 0) return -1;
    return PyModule_AddStringConstant(module, "implementation", "generic");
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0, NULL}};
static PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "_sha3", .m_slots = slots};

PyMODINIT_FUNC PyInit__sha3(void)
{
    return PyModuleDef_Init(&definition);
}
