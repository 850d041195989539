/* The hash functions of the C API, and the secret behind them. */
#ifndef KRAIT_OBJECTS_HASH_H
#define KRAIT_OBJECTS_HASH_H

#include <Python.h>
#include <stdint.h>

/* Sets _Py_HashSecret, before the first str is hashed: from a seed (PYTHONHASHSEED=n; 0 switches
 * randomisation off), or, without one, from the system. Sets Py_HashRandomizationFlag. -1 with
 * errno set. */
int hash_init_secret(const uint32_t *seed);

#endif
