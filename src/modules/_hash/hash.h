/* Hash functions of hashlib that are written here: the algorithms, and the object that _md5, _sha1, _sha256 and _sha512
 * share. _sha3 and _blake2 have objects of their own, for their arguments differ. */
#ifndef KRAIT_MODULES_HASH_H
#define KRAIT_MODULES_HASH_H

#include <Python.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct HashAlgorithm HashAlgorithm;

/* A Merkle–Damgård hash in progress. */
typedef struct {
    const HashAlgorithm *algorithm;
    union {
        uint32_t w32[8];
        uint64_t w64[8];
    } h;
    uint64_t length;        /* bytes so far; those beyond whole blocks are in `buffer` */
    uint8_t buffer[128];
} HashState;

struct HashAlgorithm {
    const char *name;
    int block_size, digest_size;
    bool wide;              /* 64-bit words, and a length of 128 bits */
    bool little;            /* little-endian */
    void (*start)(HashState *state);
    void (*compress)(HashState *state, const uint8_t *blocks, size_t count);
};

enum { MAX_DIGEST = 64 };

extern const HashAlgorithm hash_md5, hash_sha1, hash_sha224, hash_sha256, hash_sha384, hash_sha512;

void hash_start(HashState *state, const HashAlgorithm *algorithm);
void hash_update(HashState *state, const uint8_t *data, size_t length);
/* The digest; `state` is left alone. */
void hash_digest(const HashState *state, uint8_t *out);

/* Opens the bytes of an object to be hashed. -1 with TypeError. */
int hash_get_buffer(PyObject *data, Py_buffer *view);

#endif
