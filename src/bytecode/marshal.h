/* The marshal format (the manual: library/marshal), versions 0 to 4: what .pyc files hold.
 *
 * An object is a type byte and what the type needs; bit 7 of the byte (MARSHAL_REF) gives the
 * object the next number, by which a later 'r' means it again. Integers are little-endian.
 */
#ifndef KRAIT_BYTECODE_MARSHAL_H
#define KRAIT_BYTECODE_MARSHAL_H

#include <Python.h>
#include <marshal.h>
#include <stdbool.h>

enum marshal_type {
    MARSHAL_NULL = '0',
    MARSHAL_NONE = 'N',
    MARSHAL_FALSE = 'F',
    MARSHAL_TRUE = 'T',
    MARSHAL_STOP_ITERATION = 'S',
    MARSHAL_ELLIPSIS = '.',
    MARSHAL_INT = 'i',
    MARSHAL_INT64 = 'I',
    MARSHAL_LONG = 'l',
    MARSHAL_FLOAT = 'f',
    MARSHAL_BINARY_FLOAT = 'g',
    MARSHAL_COMPLEX = 'x',
    MARSHAL_BINARY_COMPLEX = 'y',
    MARSHAL_BYTES = 's',
    MARSHAL_INTERNED = 't',
    MARSHAL_UNICODE = 'u',
    MARSHAL_ASCII = 'a',
    MARSHAL_ASCII_INTERNED = 'A',
    MARSHAL_SHORT_ASCII = 'z',
    MARSHAL_SHORT_ASCII_INTERNED = 'Z',
    MARSHAL_REFERENCE = 'r',
    MARSHAL_TUPLE = '(',
    MARSHAL_SMALL_TUPLE = ')',
    MARSHAL_LIST = '[',
    MARSHAL_DICT = '{',
    MARSHAL_SET = '<',
    MARSHAL_FROZENSET = '>',
    MARSHAL_CODE = 'c',
    MARSHAL_UNKNOWN = '?',
    MARSHAL_REF = 0x80,
};

enum {
    MARSHAL_MAX_DEPTH = 2000,
    MARSHAL_LONG_SHIFT = 15,
    MARSHAL_LONG_MASK = (1 << MARSHAL_LONG_SHIFT) - 1
};

/* Reads one object from a Python file object, through its readinto(). A new reference, or NULL
 * with an exception set. */
PyObject *marshal_read_from_reader(PyObject *file);

/* As PyMarshal_ReadObjectFromString, without the audit event. */
PyObject *marshal_read(const char *data, Py_ssize_t size);

/* The same, of data that Krait itself wrote when it was built: its code
 * objects are not verified. */
PyObject *marshal_read_trusted(const char *data, Py_ssize_t size);

PyMODINIT_FUNC PyMarshal_Init(void);     /* the `marshal` module; in src/modules/marshal.c */

#endif
