/* _blake2: BLAKE2b and BLAKE2s (RFC 7693), with the whole parameter block (keys, salts, trees). */
#include "modules/hashes/hashes.h"

#include <internal/krait_exports.h>

#include "modules/arguments.h"
#include "objects/type/type.h"

/* Which word of the message goes where, by round; BLAKE2b begins anew after ten. */
static const unsigned char permutations[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

/* The initial states of SHA-512 and SHA-256. */
static const uint64_t initial64[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};
static const uint32_t initial32[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

/* ---- Compression ---- */

#define MIX(bits, a, b, c, d, x, y, r0, r1, r2, r3) \
    a += b + (x); \
    d = rotate_right##bits(d ^ a, r0); \
    c += d; \
    b = rotate_right##bits(b ^ c, r1); \
    a += b + (y); \
    d = rotate_right##bits(d ^ a, r2); \
    c += d; \
    b = rotate_right##bits(b ^ c, r3)

/* One block; `last` if the message ends with it. Round r takes the words of the message in the order p[0] ... p[15]. */
#define DEFINE_COMPRESS(bits, rounds, ...) \
    static void compress##bits(struct Blake2State *s, const unsigned char *block, bool last) \
    { \
        uint##bits##_t m[16], v[16], *h = s->h##bits; \
        for (int i = 0; i < 16; i++) m[i] = load##bits##_little(block + bits / 8 * i); \
        for (int i = 0; i < 8; i++) { \
            v[i] = h[i]; \
            v[i + 8] = initial##bits[i]; \
        } \
        v[12] ^= (uint##bits##_t)s->length; \
        if (bits == 32) v[13] ^= (uint##bits##_t)(s->length >> 32); \
        if (last) v[14] = ~v[14]; \
        if (last && s->last_node) v[15] = ~v[15]; \
        _Pragma("GCC unroll 12") for (int r = 0; r < rounds; r++) { /* so the places of words are constants */ \
            const unsigned char *p = permutations[r % 10]; \
            MIX(bits, v[0], v[4], v[8], v[12], m[p[0]], m[p[1]], __VA_ARGS__); \
            MIX(bits, v[1], v[5], v[9], v[13], m[p[2]], m[p[3]], __VA_ARGS__); \
            MIX(bits, v[2], v[6], v[10], v[14], m[p[4]], m[p[5]], __VA_ARGS__); \
            MIX(bits, v[3], v[7], v[11], v[15], m[p[6]], m[p[7]], __VA_ARGS__); \
            MIX(bits, v[0], v[5], v[10], v[15], m[p[8]], m[p[9]], __VA_ARGS__); \
            MIX(bits, v[1], v[6], v[11], v[12], m[p[10]], m[p[11]], __VA_ARGS__); \
            MIX(bits, v[2], v[7], v[8], v[13], m[p[12]], m[p[13]], __VA_ARGS__); \
            MIX(bits, v[3], v[4], v[9], v[14], m[p[14]], m[p[15]], __VA_ARGS__); \
        } \
        for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8]; \
    }
DEFINE_COMPRESS(64, 12, 32, 24, 16, 63)
DEFINE_COMPRESS(32, 10, 16, 12, 8, 7)

static void compress_block(const struct HashAlgorithm *algorithm, struct Blake2State *s, const unsigned char *block,
                           unsigned size, bool last)
{
    s->length += size;
    if (algorithm->block_size == 128) compress64(s, block, last);
    else compress32(s, block, last);
}

static void blake2_update(const struct HashAlgorithm *algorithm, union HashState *state, const unsigned char *data,
                          size_t size)
{
    struct Blake2State *s = &state->blake2;
    unsigned block = algorithm->block_size;
    if (!size) return;
    if (s->filled + size > block && s->filled) {
        unsigned part = block - s->filled;
        memcpy(s->buffer + s->filled, data, part);
        compress_block(algorithm, s, s->buffer, block, false);
        s->filled = 0;
        data += part;
        size -= part;
    }
    for (; size > block; data += block, size -= block) compress_block(algorithm, s, data, block, false);
    memcpy(s->buffer + s->filled, data, size);
    s->filled += (unsigned)size;
}

static void blake2_finish(const struct HashAlgorithm *algorithm, union HashState *state, unsigned char *digest, size_t size)
{
    struct Blake2State *s = &state->blake2;
    unsigned char out[64];
    memset(s->buffer + s->filled, 0, sizeof s->buffer - s->filled);
    compress_block(algorithm, s, s->buffer, s->filled, true);
    for (int i = 0; i < 8; i++) {
        if (algorithm->block_size == 128) store64_little(out + 8 * i, s->h64[i]);
        else store32_little(out + 4 * i, s->h32[i]);
    }
    memcpy(digest, out, size);
}

/* ---- Parameters ---- */

/* As the caller gives them. */
struct Parameters {
    int digest_size, fanout, depth, node_depth, inner_size, last_node;
    unsigned long leaf_size;
    unsigned long long node_offset;
    Py_buffer key, salt, person;
};

/* The limits of the two algorithms: `big` is BLAKE2b. */
static unsigned limit_digest(bool big) { return big ? 64 : 32; }
static unsigned limit_salt(bool big) { return big ? 16 : 8; }

static int parameters_check(const struct Parameters *p, bool big)
{
    int digest = (int)limit_digest(big), salt = (int)limit_salt(big);
    if (p->digest_size <= 0 || p->digest_size > digest) {
        PyErr_Format(PyExc_ValueError, "digest_size must be between 1 and %d bytes", digest);
    }
    else if (p->salt.len > salt) PyErr_Format(PyExc_ValueError, "maximum salt length is %d bytes", salt);
    else if (p->person.len > salt) PyErr_Format(PyExc_ValueError, "maximum person length is %d bytes", salt);
    else if (p->fanout < 0 || p->fanout > 255) PyErr_SetString(PyExc_ValueError, "fanout must be between 0 and 255");
    else if (p->depth <= 0 || p->depth > 255) PyErr_SetString(PyExc_ValueError, "depth must be between 1 and 255");
    else if (p->leaf_size > 0xffffffff) PyErr_SetString(PyExc_OverflowError, "leaf_size is too large");
    else if (!big && p->node_offset >> 48) PyErr_SetString(PyExc_OverflowError, "node_offset is too large");
    else if (p->node_depth < 0 || p->node_depth > 255) {
        PyErr_SetString(PyExc_ValueError, "node_depth must be between 0 and 255");
    }
    else if (p->inner_size < 0 || p->inner_size > digest) {
        PyErr_Format(PyExc_ValueError, "inner_size must be between 0 and is %d", digest);
    }
    else if (p->key.len > digest) PyErr_Format(PyExc_ValueError, "maximum key length is %d bytes", digest);
    else return 0;
    return -1;
}

static void copy_text(unsigned char *to, const Py_buffer *text)
{
    if (text->len) memcpy(to, text->buf, (size_t)text->len);
}

/* The state before the first byte: the initial one with the parameter block in it, and the key as the first block. */
static void blake2_start(const struct HashAlgorithm *algorithm, union HashState *state, const struct Parameters *p)
{
    bool big = algorithm->block_size == 128;
    unsigned salt = limit_salt(big);
    unsigned char block[64] = {(unsigned char)p->digest_size, (unsigned char)p->key.len, (unsigned char)p->fanout,
                               (unsigned char)p->depth};
    struct Blake2State *s = &state->blake2;
    store32_little(block + 4, (uint32_t)p->leaf_size);
    store64_little(block + 8, p->node_offset);          /* 48 bits in BLAKE2s */
    unsigned char *node = block + (big ? 16 : 14);
    node[0] = (unsigned char)p->node_depth;
    node[1] = (unsigned char)p->inner_size;
    copy_text(block + 2 * salt, &p->salt);
    copy_text(block + 3 * salt, &p->person);
    *s = (struct Blake2State){.last_node = p->last_node != 0};
    for (int i = 0; i < 8; i++) {
        if (big) s->h64[i] = initial64[i] ^ load64_little(block + 8 * i);
        else s->h32[i] = initial32[i] ^ load32_little(block + 4 * i);
    }
    if (p->key.len) {
        unsigned char first[128] = {0};
        memcpy(first, p->key.buf, (size_t)p->key.len);
        blake2_update(algorithm, state, first, algorithm->block_size);
        memset(first, 0, sizeof first);
        __asm__ volatile("" : : "r"(first) : "memory");
    }
}

/* ---- Types ---- */

static PyObject *blake2_new(PyTypeObject *type, const struct HashAlgorithm *algorithm, _PyArg_Parser *parser, PyObject *args,
                            PyObject *kwargs)
{
    bool big = algorithm->block_size == 128;
    struct Parameters p = {.digest_size = (int)limit_digest(big), .fanout = 1, .depth = 1};
    PyObject *data = NULL, *self = NULL;
    int for_security;
    if (_PyArg_ParseTupleAndKeywordsFast(args, kwargs, parser, &data, argument_int, &p.digest_size, &p.key, &p.salt,
                                         &p.person, argument_int, &p.fanout, argument_int, &p.depth,
                                         _PyLong_UnsignedLong_Converter, &p.leaf_size,
                                         _PyLong_UnsignedLongLong_Converter, &p.node_offset, argument_int, &p.node_depth,
                                         argument_int, &p.inner_size, &p.last_node, &for_security)
        && parameters_check(&p, big) == 0) {
        self = hash_new(type, algorithm, NULL);
        if (self) {
            HashObject *object = (HashObject *)self;
            object->digest_size = (unsigned)p.digest_size;
            blake2_start(algorithm, &object->state, &p);
            if (data && hash_add(object, data) < 0) Py_CLEAR(self);
        }
    }
    if (p.key.obj) PyBuffer_Release(&p.key);
    if (p.salt.obj) PyBuffer_Release(&p.salt);
    if (p.person.obj) PyBuffer_Release(&p.person);
    return self;
}

static PyMethodDef methods[] = {HASH_METHODS("data"), {NULL, NULL, 0, NULL}};
static PyGetSetDef getset[] = {HASH_GETSET, {NULL, NULL, NULL, NULL, NULL}};

#define BLAKE2(name, title, block, digest) \
    static const struct HashAlgorithm algorithm_##name = { \
        #name, block, digest, .update = blake2_update, .finish = blake2_finish}; \
    static PyObject *name##_new(PyTypeObject *type, PyObject *args, PyObject *kwargs) \
    { \
        static const char *const keywords[] = {"", "digest_size", "key", "salt", "person", "fanout", "depth", "leaf_size", \
                                               "node_offset", "node_depth", "inner_size", "last_node", "usedforsecurity", \
                                               NULL}; \
        static _PyArg_Parser parser = {.format = "|O$O&y*y*y*O&O&O&O&O&O&pp:" #name, .keywords = keywords}; \
        return blake2_new(type, &algorithm_##name, &parser, args, kwargs); \
    } \
    static PyType_Slot name##_slots[] = { \
        {Py_tp_new, name##_new}, {Py_tp_dealloc, hash_dealloc}, {Py_tp_methods, methods}, {Py_tp_getset, getset}, \
        {Py_tp_doc, (void *)#name "(data=b\'\', /, *, digest_size=_blake2." #name ".MAX_DIGEST_SIZE,\n" \
                    "        key=b\'\', salt=b\'\', person=b\'\', fanout=1, depth=1, leaf_size=0,\n" \
                    "        node_offset=0, node_depth=0, inner_size=0, last_node=False,\n" \
                    "        usedforsecurity=True)\n--\n\nA new " title " hash object."}, {0, NULL}}; \
    static PyType_Spec name##_spec = {"_blake2." #name, sizeof(HashObject), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, \
                                      name##_slots}
BLAKE2(blake2b, "BLAKE2b", 128, 64);
BLAKE2(blake2s, "BLAKE2s", 64, 32);

/* One limit, as an attribute of the type and of the module. */
static int add_limit(PyObject *module, PyTypeObject *type, const char *prefix, const char *name, unsigned value)
{
    char full[40];
    PyObject *number = PyLong_FromUnsignedLong(value);
    if (!number) return -1;
    PyOS_snprintf(full, sizeof full, "%s_%s", prefix, name);
    int failed = PyDict_SetItemString(type_dict(type), name, number) < 0 || PyModule_AddObjectRef(module, full, number) < 0;
    Py_DECREF(number);
    return failed ? -1 : 0;
}

static int add_type(PyObject *module, PyType_Spec *spec, const char *prefix, bool big)
{
    PyTypeObject *type = (PyTypeObject *)PyType_FromModuleAndSpec(module, spec, NULL);
    int failed = !type || PyModule_AddType(module, type) < 0
                 || add_limit(module, type, prefix, "SALT_SIZE", limit_salt(big)) < 0
                 || add_limit(module, type, prefix, "PERSON_SIZE", limit_salt(big)) < 0
                 || add_limit(module, type, prefix, "MAX_KEY_SIZE", limit_digest(big)) < 0
                 || add_limit(module, type, prefix, "MAX_DIGEST_SIZE", limit_digest(big)) < 0;
    Py_XDECREF(type);
    return failed ? -1 : 0;
}

static int exec(PyObject *module)
{
    if (add_type(module, &blake2b_spec, "BLAKE2B", true) < 0) return -1;
    return add_type(module, &blake2s_spec, "BLAKE2S", false);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, exec}, {0, NULL}};
static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "_blake2", .m_doc = "BLAKE2b and BLAKE2s for hashlib.\n", .m_slots = slots};

PyMODINIT_FUNC PyInit__blake2(void)
{
    return PyModuleDef_Init(&definition);
}
