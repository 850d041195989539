/* Hashes of bytes, doubles and pointers. Numbers of all types hash by their value modulo 2**61 - 1.
 */
#include "objects/hash.h"

#include <stdbool.h>
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "platform/random.h"

_Py_HashSecret_t _Py_HashSecret;
int Py_HashRandomizationFlag;

_Static_assert(sizeof(_Py_HashSecret_t) == 24, "layout of the hash secret");

int hash_init_secret(const uint32_t *seed)
{
    unsigned char *secret = (unsigned char *)&_Py_HashSecret;
    Py_HashRandomizationFlag = !seed || *seed != 0;
    if (!seed) return platform_random(secret, sizeof _Py_HashSecret, false, NULL);
    hash_secret_from_seed(secret, sizeof _Py_HashSecret, *seed);
    return 0;
}

static Py_hash_t siphash(const void *data, Py_ssize_t n)
{
    return (Py_hash_t)hash_siphash13(_Py_HashSecret.siphash.k0, _Py_HashSecret.siphash.k1, data,
                                     (size_t)n);
}

/* Hash of n bytes; 0 for none, never -1. */
Py_hash_t _Py_HashBytes(const void *data, Py_ssize_t n)
{
    if (n == 0) return 0;
    Py_hash_t h = siphash(data, n);
    return h == -1 ? -2 : h;
}

PyHash_FuncDef *PyHash_GetFuncDef(void)
{
    static PyHash_FuncDef definition = {siphash, "siphash13", 64, 128};
    return &definition;
}

Py_hash_t _Py_HashPointerRaw(const void *p)
{
    size_t bits = (size_t)p;
    return (Py_hash_t)(bits >> 4 | bits << 60);         /* the low bits say nothing: alignment */
}

Py_hash_t _Py_HashPointer(const void *p)
{
    Py_hash_t h = _Py_HashPointerRaw(p);
    return h == -1 ? -2 : h;
}

/* Hash of a double; `inst` is the object it is in, which a NaN hashes by. */
Py_hash_t _Py_HashDouble(PyObject *inst, double v)
{
    const uint64_t modulus = _PyHASH_MODULUS;
    if (!isfinite(v)) {
        if (isinf(v)) return v > 0 ? _PyHASH_INF : -_PyHASH_INF;
        return _Py_HashPointer(inst);
    }
    if (v > -1e18 && v < 1e18) {
        int64_t whole = (int64_t)v;
        if ((double)whole == v) return whole == -1 ? -2 : whole;
    }
    int e;
    uint64_t m = (uint64_t)ldexp(frexp(fabs(v), &e), 53);
    e = (e - 53) % 61;
    if (e < 0) e += 61;
    uint64_t h = (m << e & modulus) | m >> (61 - e);    /* times 2**e is a rotation */
    Py_hash_t hash = v < 0 ? -(Py_hash_t)h : (Py_hash_t)h;
    return hash == -1 ? -2 : hash;
}

static int signals_raised(void)
{
    return PyErr_CheckSignals() < 0;
}

static int urandom(void *buffer, Py_ssize_t n, bool block)
{
    if (n < 0) {
        PyErr_SetString(PyExc_ValueError, "negative argument not allowed");
        return -1;
    }
    int status = platform_random(buffer, (size_t)n, block, signals_raised);
    if (status == -1) PyErr_SetFromErrno(PyExc_OSError);
    return status < 0 ? -1 : 0;
}

/* Random bytes for cryptography (os.urandom); -1 with an exception. */
int _PyOS_URandom(void *buffer, Py_ssize_t n)
{
    return urandom(buffer, n, true);
}

/* The same without waiting for the system's pool to fill. */
int _PyOS_URandomNonblock(void *buffer, Py_ssize_t n)
{
    return urandom(buffer, n, false);
}
