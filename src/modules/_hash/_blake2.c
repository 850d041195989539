/* _blake2: BLAKE2b and BLAKE2s (RFC 7693) with the whole parameter block. */
#include "modules/_hash/hash.h"

typedef struct {
    const char *name, *type_name, *doc;
    int block, digest, salt;    /* sizes; a key is at most as long as a digest, a person as long as a salt */
    bool wide;
} Variant;

#define DOC(name, upper)                                                                                        \
    name "(data=b'', /, *, digest_size=_blake2." name ".MAX_DIGEST_SIZE,\n"                                     \
    "        key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0,\n"                                  \
    "        node_offset=0, node_depth=0, inner_size=0, last_node=False,\n"                                     \
    "        usedforsecurity=True)\n--\n\nA new " upper " hash object."

static const Variant variants[] = {
    {"blake2b", "_blake2.blake2b", DOC("blake2b", "BLAKE2b"), 128, 64, 16, true},
    {"blake2s", "_blake2.blake2s", DOC("blake2s", "BLAKE2s"), 64, 32, 8, false},
};
enum { VARIANTS = Py_ARRAY_LENGTH(variants) };

typedef struct {
    PyTypeObject *types[VARIANTS];
} Blake2Module;

typedef struct {
    PyObject_HEAD
    const Variant *variant;
    union {
        uint64_t w64[8];
        uint32_t w32[8];
        uint8_t bytes[64];
    } h;
    uint64_t length;            /* compressed so far */
    int used;                   /* of the buffer: full until it is known whether more comes */
    int digest_size;
    bool last_node;
    uint8_t buffer[128];
} Blake2;

/* ---- compression ---- */

static const uint64_t start[] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint8_t order[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4}, {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13}, {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11}, {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5}, {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

/* Both widths differ in the word, the rotations and the number of rounds. */
#define COMPRESS(name, Word, field, bits, rounds, shift, r1, r2, r3, r4)                                        \
    static inline void name##_mix(Word *v, int a, int b, int c, int d, Word x, Word y)                          \
    {                                                                                                           \
        v[a] += v[b] + x;                                                                                       \
        v[d] = (v[d] ^ v[a]) >> r1 | (v[d] ^ v[a]) << (bits - r1);                                              \
        v[c] += v[d];                                                                                           \
        v[b] = (v[b] ^ v[c]) >> r2 | (v[b] ^ v[c]) << (bits - r2);                                              \
        v[a] += v[b] + y;                                                                                       \
        v[d] = (v[d] ^ v[a]) >> r3 | (v[d] ^ v[a]) << (bits - r3);                                              \
        v[c] += v[d];                                                                                           \
        v[b] = (v[b] ^ v[c]) >> r4 | (v[b] ^ v[c]) << (bits - r4);                                              \
    }                                                                                                           \
    static void name(Blake2 *self, const uint8_t *block, bool last)                                             \
    {                                                                                                           \
        Word m[16], v[16];                                                                                      \
        memcpy(m, block, sizeof m);                                                                             \
        for (int i = 0; i < 8; i++) {                                                                           \
            v[i] = self->h.field[i];                                                                            \
            v[i + 8] = (Word)(start[i] >> shift);                                                               \
        }                                                                                                       \
        v[12] ^= (Word)self->length;                                                                            \
        if (bits == 32) v[13] ^= (Word)(self->length >> 32);                                                    \
        if (last) v[14] = ~v[14];                                                                               \
        if (last && self->last_node) v[15] = ~v[15];                                                            \
        for (int round = 0; round < rounds; round++) {                                                          \
            const uint8_t *s = order[round % 10];                                                               \
            for (int i = 0; i < 4; i++) name##_mix(v, i, 4 + i, 8 + i, 12 + i, m[s[2 * i]], m[s[2 * i + 1]]);   \
            for (int i = 0; i < 4; i++) {                                                                       \
                name##_mix(v, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4, m[s[8 + 2 * i]],           \
                           m[s[9 + 2 * i]]);                                                                    \
            }                                                                                                   \
        }                                                                                                       \
        for (int i = 0; i < 8; i++) self->h.field[i] ^= v[i] ^ v[i + 8];                                        \
    }
COMPRESS(compress_b, uint64_t, w64, 64, 12, 0, 32, 24, 16, 63)
COMPRESS(compress_s, uint32_t, w32, 32, 10, 32, 16, 12, 8, 7)

static void blake2_compress(Blake2 *self, const uint8_t *block, int count, bool last)
{
    self->length += (uint64_t)count;
    if (self->variant->wide) compress_b(self, block, last);
    else compress_s(self, block, last);
}

static void blake2_absorb(Blake2 *self, const uint8_t *data, size_t length)
{
    size_t block = (size_t)self->variant->block;
    while (length > 0) {
        if ((size_t)self->used == block) {
            blake2_compress(self, self->buffer, (int)block, false);
            self->used = 0;
        }
        if (self->used == 0) {
            for (; length > block; length -= block, data += block) blake2_compress(self, data, (int)block, false);
        }
        size_t part = block - (size_t)self->used < length ? block - (size_t)self->used : length;
        memcpy(self->buffer + self->used, data, part);
        self->used += (int)part;
        data += part;
        length -= part;
    }
}

/* ---- making ---- */

typedef struct {
    int digest_size, fanout, depth, node_depth, inner_size, last_node;
    unsigned long leaf_size;
    unsigned long long node_offset;
    Py_buffer key, salt, person;
} Parameters;

/* The parameters as the block that is mixed into the start; -1 with an exception. */
static int check_parameters(const Variant *variant, const Parameters *p, uint8_t block[64])
{
    PyObject *error = PyExc_ValueError;
    int salt = variant->salt;
    memset(block, 0, 64);
    if (p->digest_size <= 0 || p->digest_size > variant->digest) {
        PyErr_Format(error, "digest_size must be between 1 and %d bytes", variant->digest);
    }
    else if (p->salt.len > salt) {
        PyErr_Format(error, "maximum salt length is %d bytes", salt);
    }
    else if (p->person.len > salt) {
        PyErr_Format(error, "maximum person length is %d bytes", salt);
    }
    else if (p->fanout < 0 || p->fanout > 255) {
        PyErr_SetString(error, "fanout must be between 0 and 255");
    }
    else if (p->depth <= 0 || p->depth > 255) {
        PyErr_SetString(error, "depth must be between 1 and 255");
    }
    else if (p->leaf_size > UINT32_MAX) {
        PyErr_SetString(PyExc_OverflowError, "leaf_size is too large");
    }
    else if (!variant->wide && p->node_offset > 0xFFFFFFFFFFFFULL) {
        PyErr_SetString(PyExc_OverflowError, "node_offset is too large");
    }
    else if (p->node_depth < 0 || p->node_depth > 255) {
        PyErr_SetString(error, "node_depth must be between 0 and 255");
    }
    else if (p->inner_size < 0 || p->inner_size > variant->digest) {
        PyErr_Format(error, "inner_size must be between 0 and is %d", variant->digest);
    }
    else if (p->key.len > variant->digest) {
        PyErr_Format(error, "maximum key length is %d bytes", variant->digest);
    }
    else {
        uint32_t leaf = (uint32_t)p->leaf_size;
        int offset_size = variant->wide ? 8 : 6;
        block[0] = (uint8_t)p->digest_size;
        block[1] = (uint8_t)p->key.len;
        block[2] = (uint8_t)p->fanout;
        block[3] = (uint8_t)p->depth;
        memcpy(block + 4, &leaf, 4);
        memcpy(block + 8, &p->node_offset, (size_t)offset_size);
        block[8 + offset_size] = (uint8_t)p->node_depth;
        block[9 + offset_size] = (uint8_t)p->inner_size;
        uint8_t *salt_at = block + (variant->wide ? 32 : 16);
        if (p->salt.len) memcpy(salt_at, p->salt.buf, (size_t)p->salt.len);
        if (p->person.len) memcpy(salt_at + salt, p->person.buf, (size_t)p->person.len);
        return 0;
    }
    return -1;
}

static Blake2 *blake2_start(PyTypeObject *type, const Variant *variant, const Parameters *p)
{
    uint8_t block[64], key[128] = {0};
    if (check_parameters(variant, p, block) < 0) return NULL;
    Blake2 *self = PyObject_New(Blake2, type);
    if (self == NULL) return NULL;
    self->variant = variant;
    self->length = 0;
    self->used = 0;
    self->digest_size = p->digest_size;
    self->last_node = p->last_node;
    for (int i = 0; i < 8; i++) {
        if (variant->wide) self->h.w64[i] = start[i];
        else self->h.w32[i] = (uint32_t)(start[i] >> 32);
    }
    for (int i = 0; i < variant->digest; i++) self->h.bytes[i] ^= block[i];
    if (p->key.len > 0) {
        memcpy(key, p->key.buf, (size_t)p->key.len);
        blake2_absorb(self, key, (size_t)variant->block);
    }
    return self;
}

static PyObject *blake2_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"", "digest_size", "key", "salt", "person", "fanout", "depth", "leaf_size", "node_offset",
                            "node_depth", "inner_size", "last_node", "usedforsecurity", NULL};
    Blake2Module *module = PyType_GetModuleState(type);
    if (module == NULL) return NULL;
    const Variant *variant = &variants[type == module->types[1]];
    Parameters p = {.digest_size = variant->digest, .fanout = 1, .depth = 1};
    PyObject *data = NULL, *leaf_size = NULL, *node_offset = NULL;
    int security = 1;
    char format[60];
    Blake2 *self = NULL;
    Py_buffer view;
    PyOS_snprintf(format, sizeof format, "|O$iy*y*y*iiOOiipp:%s", variant->name);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &data, &p.digest_size, &p.key, &p.salt, &p.person,
                                     &p.fanout, &p.depth, &leaf_size, &node_offset, &p.node_depth, &p.inner_size,
                                     &p.last_node, &security)) {
        return NULL;
    }
    if (leaf_size != NULL && !_PyLong_UnsignedLong_Converter(leaf_size, &p.leaf_size)) goto done;
    if (node_offset != NULL && !_PyLong_UnsignedLongLong_Converter(node_offset, &p.node_offset)) goto done;
    self = blake2_start(type, variant, &p);
    if (self != NULL && data != NULL) {
        if (hash_get_buffer(data, &view) < 0) {
            Py_CLEAR(self);
            goto done;
        }
        blake2_absorb(self, view.buf, (size_t)view.len);
        PyBuffer_Release(&view);
    }
done:
    if (p.key.obj != NULL) PyBuffer_Release(&p.key);
    if (p.salt.obj != NULL) PyBuffer_Release(&p.salt);
    if (p.person.obj != NULL) PyBuffer_Release(&p.person);
    return (PyObject *)self;
}

/* ---- the object ---- */

static void blake2_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    /* a key may have left its traces */
    explicit_bzero(&((Blake2 *)self)->h, sizeof ((Blake2 *)self)->h);
    explicit_bzero(((Blake2 *)self)->buffer, sizeof ((Blake2 *)self)->buffer);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *blake2_update(PyObject *self, PyObject *data)
{
    Py_buffer view;
    if (hash_get_buffer(data, &view) < 0) return NULL;
    blake2_absorb((Blake2 *)self, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    Py_RETURN_NONE;
}

static PyObject *blake2_copy(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Blake2 *copy = PyObject_New(Blake2, Py_TYPE(op));
    if (copy == NULL) return NULL;
    memcpy((char *)copy + sizeof(PyObject), (char *)op + sizeof(PyObject), sizeof(Blake2) - sizeof(PyObject));
    return (PyObject *)copy;
}

static PyObject *blake2_digest(PyObject *op, PyObject *Py_UNUSED(ignored))
{
    Blake2 copy = *(Blake2 *)op;
    memset(copy.buffer + copy.used, 0, (size_t)(copy.variant->block - copy.used));
    blake2_compress(&copy, copy.buffer, copy.used, true);
    return PyBytes_FromStringAndSize((char *)copy.h.bytes, copy.digest_size);
}

static PyObject *blake2_hexdigest(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *digest = blake2_digest(self, NULL);
    if (digest != NULL) Py_SETREF(digest, PyObject_CallMethod(digest, "hex", NULL));
    return digest;
}

static PyObject *blake2_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(((Blake2 *)self)->variant->name);
}

static PyObject *blake2_get_block_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((Blake2 *)self)->variant->block);
}

static PyObject *blake2_get_digest_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((Blake2 *)self)->digest_size);
}

static PyMethodDef blake2_methods[] = {
    {"copy", blake2_copy, METH_NOARGS, "copy($self, /)\n--\n\nReturn a copy of the hash object."},
    {"digest", blake2_digest, METH_NOARGS, "digest($self, /)\n--\n\nReturn the digest value as a bytes object."},
    {"hexdigest", blake2_hexdigest, METH_NOARGS,
     "hexdigest($self, /)\n--\n\nReturn the digest value as a string of hexadecimal digits."},
    {"update", blake2_update, METH_O, "update($self, data, /)\n--\n\nHashes some more bytes."},
    {0},
};

static PyGetSetDef blake2_getset[] = {
    {"name", blake2_get_name, NULL, NULL, NULL},
    {"block_size", blake2_get_block_size, NULL, NULL, NULL},
    {"digest_size", blake2_get_digest_size, NULL, NULL, NULL},
    {0},
};

/* ---- the module ---- */

/* The sizes of a variant, as attributes of its type and of the module. */
static int add_sizes(PyObject *module, PyTypeObject *type, const Variant *variant)
{
    const struct {
        const char *name;
        int value;
    } sizes[] = {
        {"SALT_SIZE", variant->salt},
        {"PERSON_SIZE", variant->salt},
        {"MAX_KEY_SIZE", variant->digest},
        {"MAX_DIGEST_SIZE", variant->digest},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(sizes); i++) {
        char name[40];
        PyOS_snprintf(name, sizeof name, "%s_%s", variant->wide ? "BLAKE2B" : "BLAKE2S", sizes[i].name);
        PyObject *value = PyLong_FromLong(sizes[i].value);
        if (value == NULL) return -1;
        int status = PyDict_SetItemString(type->tp_dict, sizes[i].name, value);
        if (status == 0) status = PyModule_AddObjectRef(module, name, value);
        Py_DECREF(value);
        if (status < 0) return -1;
    }
    PyType_Modified(type);
    return 0;
}

static int blake2_exec(PyObject *module)
{
    Blake2Module *state = PyModule_GetState(module);
    for (int i = 0; i < VARIANTS; i++) {
        PyType_Slot slots[] = {
            {Py_tp_dealloc, blake2_dealloc},
            {Py_tp_doc, (void *)variants[i].doc},
            {Py_tp_methods, blake2_methods},
            {Py_tp_getset, blake2_getset},
            {Py_tp_new, blake2_new},
            {0, NULL},
        };
        PyType_Spec spec = {
            .name = variants[i].type_name,
            .basicsize = sizeof(Blake2),
            .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
            .slots = slots,
        };
        state->types[i] = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
        if (state->types[i] == NULL || PyModule_AddType(module, state->types[i]) < 0) return -1;
        if (add_sizes(module, state->types[i], &variants[i]) < 0) return -1;
    }
    return 0;
}

static int blake2_traverse(PyObject *module, visitproc visit, void *arg)
{
    Blake2Module *state = PyModule_GetState(module);
    for (int i = 0; i < VARIANTS; i++) Py_VISIT(state->types[i]);
    return 0;
}

static int blake2_clear(PyObject *module)
{
    Blake2Module *state = PyModule_GetState(module);
    for (int i = 0; i < VARIANTS; i++) Py_CLEAR(state->types[i]);
    return 0;
}

static void blake2_free(void *module)
{
    blake2_clear(module);
}

static PyModuleDef_Slot blake2_slots[] = {
    {Py_mod_exec, blake2_exec},
    {0, NULL},
};

static struct PyModuleDef blake2_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_blake2",
    .m_doc = "_blake2b provides BLAKE2b for hashlib\n",
    .m_size = sizeof(Blake2Module),
    .m_slots = blake2_slots,
    .m_traverse = blake2_traverse,
    .m_clear = blake2_clear,
    .m_free = blake2_free,
};

PyMODINIT_FUNC PyInit__blake2(void)
{
    return PyModuleDef_Init(&blake2_definition);
}
