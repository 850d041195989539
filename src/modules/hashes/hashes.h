/* hashes: the modules _md5, _sha1, _sha256, _sha512, _sha3 and _blake2 (the manual: library/hashlib).
 *
 * An algorithm is a row of functions over its own state; object.c makes of it a type with the interface that all hash
 * objects share. The digests follow RFC 1321 (md5.c), FIPS 180-4 (sha1.c, sha2.c), FIPS 202 (sha3.c), RFC 7693 (blake2.c).
 * blocks.c has what MD5, SHA-1 and SHA-2 have in common.
 */
#ifndef KRAIT_MODULES_HASHES_H
#define KRAIT_MODULES_HASHES_H

#include <Python.h>

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* ---- States ---- */

/* A message in blocks, with its length appended to the last. */
struct BlockState {
    uint64_t length;                    /* bytes so far; the tail holds those after the last whole block */
    union {
        uint32_t words[8];
        uint64_t longs[8];
    };
    unsigned char tail[128];
};

struct Sha3State {
    uint64_t lanes[25];
    unsigned rate;                      /* bytes of a block */
    unsigned position;                  /* in the block: the next byte that is absorbed or squeezed */
    unsigned char suffix;               /* domain bits and the first bit of the padding */
};

struct Blake2State {
    union {
        uint64_t h64[8];
        uint32_t h32[8];
    };
    uint64_t length;                    /* bytes compressed; 2**64 of them are never reached */
    unsigned char buffer[128];
    unsigned filled;                    /* of the buffer; a full one waits, since it may be the last */
    bool last_node;
};

union HashState {
    struct BlockState block;
    struct Sha3State sha3;
    struct Blake2State blake2;
};

/* ---- Algorithms ---- */

struct HashAlgorithm {
    const char *name;
    unsigned block_size, digest_size;   /* bytes; digest_size 0: the caller tells a length */
    void (*start)(const struct HashAlgorithm *, union HashState *);     /* NULL: the caller does it */
    void (*update)(const struct HashAlgorithm *, union HashState *, const unsigned char *data, size_t size);
    /* Spoils the state. */
    void (*finish)(const struct HashAlgorithm *, union HashState *, unsigned char *digest, size_t size);
    /* For the algorithms of blocks.c: */
    void (*compress)(struct BlockState *, const unsigned char *data, size_t blocks);
    const void *initial;
    bool big_endian;
};

void blocks_start(const struct HashAlgorithm *, union HashState *);
void blocks_update(const struct HashAlgorithm *, union HashState *, const unsigned char *data, size_t size);
void blocks_finish(const struct HashAlgorithm *, union HashState *, unsigned char *digest, size_t size);
#define BLOCKS .start = blocks_start, .update = blocks_update, .finish = blocks_finish

/* ---- Objects (object.c) ---- */

typedef struct {
    PyObject_HEAD
    const struct HashAlgorithm *algorithm;
    unsigned digest_size;               /* the algorithm's, or the caller's choice */
    PyThread_type_lock lock;            /* made before the GIL is first given up: then it guards the state */
    union HashState state;
} HashObject;

/* What every hash type has: copy, digest, hexdigest, update; name, block_size, digest_size. */
#define HASH_METHODS(update_argument) HASH_COMMON_METHODS(update_argument), \
    {"digest", hash_digest, METH_NOARGS, "digest($self, /)\n--\n\nThe digest of the data so far, as bytes."}, \
    {"hexdigest", hash_hexdigest, METH_NOARGS, \
     "hexdigest($self, /)\n--\n\nThe digest of the data so far, as a str of hexadecimal digits."}
#define HASH_COMMON_METHODS(update_argument) \
    {"copy", hash_copy, METH_NOARGS, "copy($self, /)\n--\n\nA hash object with the same data so far."}, \
    {"update", hash_update, METH_O, "update($self, " update_argument ", /)\n--\n\nAdd the bytes-like object to the data."}
#define HASH_GETSET \
    {"name", hash_get_name, NULL, NULL, NULL}, {"block_size", hash_get_block_size, NULL, NULL, NULL}, \
    {"digest_size", hash_get_digest_size, NULL, NULL, NULL}

PyObject *hash_copy(PyObject *, PyObject *);
PyObject *hash_update(PyObject *, PyObject *);
PyObject *hash_digest(PyObject *, PyObject *);
PyObject *hash_hexdigest(PyObject *, PyObject *);
PyObject *hash_get_name(PyObject *, void *);
PyObject *hash_get_block_size(PyObject *, void *);
PyObject *hash_get_digest_size(PyObject *, void *);
void hash_dealloc(PyObject *);

/* A hash object whose state is started, with `data` (NULL: none) added; NULL with an exception set. */
PyObject *hash_new(PyTypeObject *type, const struct HashAlgorithm *algorithm, PyObject *data);
/* The digest of `size` bytes as bytes or as hexadecimal text. */
PyObject *hash_result(PyObject *self, size_t size, bool as_text);
int hash_add(HashObject *self, PyObject *data);         /* 0, or -1 with an exception */

/* A module whose functions (md5, sha1, ...) make objects of types that have no constructor. Its state is the types, one
 * for each algorithm. */
#define HASH_ALGORITHMS_MAX 2
struct HashModule {
    PyTypeObject *types[HASH_ALGORITHMS_MAX];           /* owned */
};
/* "function(string=b'', *, usedforsecurity=True)" */
PyObject *hash_call(PyObject *module, unsigned index, const struct HashAlgorithm *algorithm, _PyArg_Parser *parser,
                    PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames);
int hash_add_type(PyObject *module, unsigned index, const char *attribute, const char *name);
int hash_module_traverse(PyObject *, visitproc, void *);
int hash_module_clear(PyObject *);
void hash_module_free(void *);

#define HASH_FUNCTION(name, index, algorithm) \
    static PyObject *name##_new(PyObject *module, PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames) \
    { \
        static const char *const keywords[] = {"string", "usedforsecurity", NULL}; \
        static _PyArg_Parser parser = {.format = "|O$p:" #name, .keywords = keywords}; \
        return hash_call(module, index, algorithm, &parser, args, nargs, kwnames); \
    }
#define HASH_ENTRY(name, title) \
    {#name, (PyCFunction)(void (*)(void))name##_new, METH_FASTCALL | METH_KEYWORDS, \
     #name "($module, /, string=b\'\', *, usedforsecurity=True)\n--\n\n" \
     "A new " title " hash object, with the bytes of string if given."}
#define HASH_MODULE(VARIABLE, NAME, METHODS, SLOTS) \
    PyModuleDef VARIABLE = { \
        PyModuleDef_HEAD_INIT, .m_name = NAME, .m_size = sizeof(struct HashModule), .m_methods = METHODS, .m_slots = SLOTS, \
        .m_traverse = hash_module_traverse, .m_clear = hash_module_clear, .m_free = hash_module_free}

/* ---- Words in bytes ---- */

static inline uint32_t load32_little(const unsigned char *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof x);
    return PY_BIG_ENDIAN ? __builtin_bswap32(x) : x;
}

static inline uint64_t load64_little(const unsigned char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof x);
    return PY_BIG_ENDIAN ? __builtin_bswap64(x) : x;
}

static inline uint32_t load32_big(const unsigned char *p) { return __builtin_bswap32(load32_little(p)); }
static inline uint64_t load64_big(const unsigned char *p) { return __builtin_bswap64(load64_little(p)); }

static inline void store64_little(unsigned char *p, uint64_t x)
{
    if (PY_BIG_ENDIAN) x = __builtin_bswap64(x);
    memcpy(p, &x, sizeof x);
}

static inline void store32_little(unsigned char *p, uint32_t x)
{
    if (PY_BIG_ENDIAN) x = __builtin_bswap32(x);
    memcpy(p, &x, sizeof x);
}

static inline void store32_big(unsigned char *p, uint32_t x) { store32_little(p, __builtin_bswap32(x)); }
static inline void store64_big(unsigned char *p, uint64_t x) { store64_little(p, __builtin_bswap64(x)); }

static inline uint32_t rotate_left32(uint32_t x, int n) { return x << n | x >> (32 - n); }
static inline uint32_t rotate_right32(uint32_t x, int n) { return x >> n | x << (32 - n); }
static inline uint64_t rotate_left64(uint64_t x, int n) { return x << n | x >> (64 - n); }
static inline uint64_t rotate_right64(uint64_t x, int n) { return x >> n | x << (64 - n); }

#endif
