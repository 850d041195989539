/* _sha3: SHA-3 and SHAKE (FIPS 202). */
#include "modules/_hash/hash.h"

/* ---- Keccak-f[1600] ---- */

static const uint64_t round_constants[] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

static inline uint64_t rotate_left(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static void keccak(uint64_t a[25])
{
    static const uint8_t rotations[] = {1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44};
    static const uint8_t lanes[] = {10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1};
    for (int round = 0; round < 24; round++) {
        uint64_t c[5], carried = a[1];
        for (int x = 0; x < 5; x++) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        for (int x = 0; x < 5; x++) {
            uint64_t d = c[(x + 4) % 5] ^ rotate_left(c[(x + 1) % 5], 1);
            for (int y = 0; y < 25; y += 5) a[x + y] ^= d;
        }
        carried = a[1];
        for (int i = 0; i < 24; i++) {
            uint64_t next = a[lanes[i]];
            a[lanes[i]] = rotate_left(carried, rotations[i]);
            carried = next;
        }
        for (int y = 0; y < 25; y += 5) {
            memcpy(c, a + y, sizeof c);
            for (int x = 0; x < 5; x++) a[x + y] = c[x] ^ (~c[(x + 1) % 5] & c[(x + 2) % 5]);
        }
        a[0] ^= round_constants[round];
    }
}

/* ---- the objects ---- */

typedef struct {
    const char *name, *type_name, *doc;
    int rate, digest_size;      /* digest_size 0: SHAKE */
    uint8_t suffix;
} Variant;

#define DOC(name, kind) name "([data], *, usedforsecurity=True) -> " kind " object\n\nReturn a new " kind " hash object"
static const Variant variants[] = {
    {"sha3_224", "_sha3.sha3_224", DOC("sha3_224", "SHA3") " with a hashbit length of 28 bytes.", 144, 28, 0x06},
    {"sha3_256", "_sha3.sha3_256", DOC("sha3_256", "SHA3") " with a hashbit length of 32 bytes.", 136, 32, 0x06},
    {"sha3_384", "_sha3.sha3_384", DOC("sha3_384", "SHA3") " with a hashbit length of 48 bytes.", 104, 48, 0x06},
    {"sha3_512", "_sha3.sha3_512", DOC("sha3_512", "SHA3") " with a hashbit length of 64 bytes.", 72, 64, 0x06},
    {"shake_128", "_sha3.shake_128", DOC("shake_128", "SHAKE") ".", 168, 0, 0x1f},
    {"shake_256", "_sha3.shake_256", DOC("shake_256", "SHAKE") ".", 136, 0, 0x1f},
};
enum { VARIANTS = Py_ARRAY_LENGTH(variants) };

typedef struct {
    PyTypeObject *types[VARIANTS];
} Sha3Module;

typedef struct {
    PyObject_HEAD
    const Variant *variant;
    union {
        uint64_t lanes[25];
        uint8_t bytes[200];
    } state;
    int place;                  /* where in the rate the next byte goes */
} Sha3;

static void sha3_absorb(Sha3 *self, const uint8_t *data, size_t length)
{
    for (; length > 0 && self->place != 0; length--) {
        self->state.bytes[self->place++] ^= *data++;
        if (self->place == self->variant->rate) {
            keccak(self->state.lanes);
            self->place = 0;
        }
    }
    size_t rate = (size_t)self->variant->rate;
    for (; length >= rate; length -= rate, data += rate) {
        for (size_t i = 0; i < rate / 8; i++) {
            uint64_t word;
            memcpy(&word, data + 8 * i, 8);
            self->state.lanes[i] ^= word;
        }
        keccak(self->state.lanes);
    }
    while (length-- > 0) self->state.bytes[self->place++] ^= *data++;
}

static void sha3_squeeze(const Sha3 *self, uint8_t *out, size_t length)
{
    Sha3 copy = *self;
    size_t rate = (size_t)self->variant->rate;
    copy.state.bytes[copy.place] ^= self->variant->suffix;
    copy.state.bytes[rate - 1] ^= 0x80;
    while (length > 0) {
        size_t part = length < rate ? length : rate;
        keccak(copy.state.lanes);
        memcpy(out, copy.state.bytes, part);
        out += part;
        length -= part;
    }
}

static PyTypeObject *type_in(Sha3Module *module, PyTypeObject *type, const Variant **variant)
{
    for (int i = 0; i < VARIANTS; i++) {
        if (module->types[i] != type) continue;
        *variant = &variants[i];
        return type;
    }
    PyErr_BadInternalCall();
    return NULL;
}

static PyObject *sha3_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    const Variant *variant;
    static char *names[] = {"", "usedforsecurity", NULL};
    PyObject *data = NULL;
    int security = 1;
    char format[40];
    Py_buffer view;
    Sha3Module *module = PyType_GetModuleState(type);
    if (module == NULL || type_in(module, type, &variant) == NULL) return NULL;
    PyOS_snprintf(format, sizeof format, "|O$p:%s", variant->name);
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, format, names, &data, &security)) return NULL;
    if (data != NULL && hash_get_buffer(data, &view) < 0) return NULL;
    Sha3 *self = PyObject_New(Sha3, type);
    if (self != NULL) {
        self->variant = variant;
        self->place = 0;
        memset(&self->state, 0, sizeof self->state);
        if (data != NULL) sha3_absorb(self, view.buf, (size_t)view.len);
    }
    if (data != NULL) PyBuffer_Release(&view);
    return (PyObject *)self;
}

static void sha3_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_Free(self);
    Py_DECREF(type);
}

static PyObject *sha3_update(PyObject *self, PyObject *data)
{
    Py_buffer view;
    if (hash_get_buffer(data, &view) < 0) return NULL;
    sha3_absorb((Sha3 *)self, view.buf, (size_t)view.len);
    PyBuffer_Release(&view);
    Py_RETURN_NONE;
}

static PyObject *sha3_copy(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    Sha3 *copy = PyObject_New(Sha3, Py_TYPE(self));
    if (copy == NULL) return NULL;
    copy->variant = ((Sha3 *)self)->variant;
    copy->state = ((Sha3 *)self)->state;
    copy->place = ((Sha3 *)self)->place;
    return (PyObject *)copy;
}

static PyObject *sha3_bytes(PyObject *self, size_t length, bool hex)
{
    PyObject *digest = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)length);
    if (digest == NULL) return NULL;
    sha3_squeeze((Sha3 *)self, (uint8_t *)PyBytes_AS_STRING(digest), length);
    if (hex) Py_SETREF(digest, PyObject_CallMethod(digest, "hex", NULL));
    return digest;
}

static PyObject *sha3_digest(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return sha3_bytes(self, (size_t)((Sha3 *)self)->variant->digest_size, false);
}

static PyObject *sha3_hexdigest(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    return sha3_bytes(self, (size_t)((Sha3 *)self)->variant->digest_size, true);
}

static PyObject *shake_bytes(PyObject *self, PyObject *arg, bool hex)
{
    unsigned long length;
    if (!_PyLong_UnsignedLong_Converter(arg, &length)) return NULL;
    if (length >= 1 << 29) {
        PyErr_SetString(PyExc_ValueError, "length is too large");
        return NULL;
    }
    return sha3_bytes(self, length, hex);
}

static PyObject *shake_digest(PyObject *self, PyObject *length)
{
    return shake_bytes(self, length, false);
}

static PyObject *shake_hexdigest(PyObject *self, PyObject *length)
{
    return shake_bytes(self, length, true);
}

static PyObject *sha3_get_block_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((Sha3 *)self)->variant->rate);
}

static PyObject *sha3_get_name(PyObject *self, void *Py_UNUSED(closure))
{
    return PyUnicode_FromString(((Sha3 *)self)->variant->name);
}

static PyObject *sha3_get_digest_size(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(((Sha3 *)self)->variant->digest_size);
}

static PyObject *sha3_get_capacity(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(1600 - 8 * ((Sha3 *)self)->variant->rate);
}

static PyObject *sha3_get_rate(PyObject *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(8 * ((Sha3 *)self)->variant->rate);
}

static PyObject *sha3_get_suffix(PyObject *self, void *Py_UNUSED(closure))
{
    return PyBytes_FromStringAndSize((const char *)&((Sha3 *)self)->variant->suffix, 1);
}

#define COMMON_METHODS                                                                                          \
    {"copy", sha3_copy, METH_NOARGS, "copy($self, /)\n--\n\nReturn a copy of the hash object."},                \
    {"update", sha3_update, METH_O, "update($self, data, /)\n--\n\nHashes some more bytes."}

static PyMethodDef sha3_methods[] = {
    COMMON_METHODS,
    {"digest", sha3_digest, METH_NOARGS, "digest($self, /)\n--\n\nReturn the digest value as a bytes object."},
    {"hexdigest", sha3_hexdigest, METH_NOARGS,
     "hexdigest($self, /)\n--\n\nReturn the digest value as a string of hexadecimal digits."},
    {0},
};

static PyMethodDef shake_methods[] = {
    COMMON_METHODS,
    {"digest", shake_digest, METH_O, "digest($self, length, /)\n--\n\nReturn the digest value as a bytes object."},
    {"hexdigest", shake_hexdigest, METH_O,
     "hexdigest($self, length, /)\n--\n\nReturn the digest value as a string of hexadecimal digits."},
    {0},
};

static PyGetSetDef sha3_getset[] = {
    {"block_size", sha3_get_block_size, NULL, NULL, NULL},
    {"name", sha3_get_name, NULL, NULL, NULL},
    {"digest_size", sha3_get_digest_size, NULL, NULL, NULL},
    {"_capacity_bits", sha3_get_capacity, NULL, NULL, NULL},
    {"_rate_bits", sha3_get_rate, NULL, NULL, NULL},
    {"_suffix", sha3_get_suffix, NULL, NULL, NULL},
    {0},
};

static int sha3_exec(PyObject *module)
{
    Sha3Module *state = PyModule_GetState(module);
    for (int i = 0; i < VARIANTS; i++) {
        PyType_Slot slots[] = {
            {Py_tp_dealloc, sha3_dealloc},
            {Py_tp_doc, (void *)variants[i].doc},
            {Py_tp_methods, variants[i].digest_size ? sha3_methods : shake_methods},
            {Py_tp_getset, sha3_getset},
            {Py_tp_new, sha3_new},
            {0, NULL},
        };
        PyType_Spec spec = {
            .name = variants[i].type_name,
            .basicsize = sizeof(Sha3),
            .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
            .slots = slots,
        };
        state->types[i] = (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
        if (state->types[i] == NULL || PyModule_AddType(module, state->types[i]) < 0) return -1;
    }
    if (PyModule_AddIntConstant(module, "keccakopt", 0) < 0) return -1;
    return PyModule_AddStringConstant(module, "implementation", "tiny_sha3");
}

static int sha3_traverse(PyObject *module, visitproc visit, void *arg)
{
    Sha3Module *state = PyModule_GetState(module);
    for (int i = 0; i < VARIANTS; i++) Py_VISIT(state->types[i]);
    return 0;
}

static int sha3_clear(PyObject *module)
{
    Sha3Module *state = PyModule_GetState(module);
    for (int i = 0; i < VARIANTS; i++) Py_CLEAR(state->types[i]);
    return 0;
}

static void sha3_free(void *module)
{
    sha3_clear(module);
}

static PyModuleDef_Slot sha3_slots[] = {
    {Py_mod_exec, sha3_exec},
    {0, NULL},
};

static struct PyModuleDef sha3_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_sha3",
    .m_size = sizeof(Sha3Module),
    .m_slots = sha3_slots,
    .m_traverse = sha3_traverse,
    .m_clear = sha3_clear,
    .m_free = sha3_free,
};

PyMODINIT_FUNC PyInit__sha3(void)
{
    return PyModuleDef_Init(&sha3_definition);
}
