/* _json: the fast half of json. scanner.c reads, encoder.c writes, strings.c is about quoting in both directions. */
#ifndef KRAIT_MODULES_JSON_H
#define KRAIT_MODULES_JSON_H

#include <Python.h>
#include <stdbool.h>

extern PyType_Spec json_scanner_spec, json_encoder_spec;

/* Raises json.JSONDecodeError. Always gives NULL. */
PyObject *json_error(const char *message, PyObject *text, Py_ssize_t place);
/* The string that begins behind the quote at `begin`; *next is behind its closing quote. NULL with an exception. */
PyObject *json_scan_string(PyObject *text, Py_ssize_t begin, bool strict, Py_ssize_t *next);
/* Writes a str in quotes. -1 with an exception. */
int json_write_string(_PyUnicodeWriter *writer, PyObject *text, bool ascii);
/* The module's own two encoders, as the encoder object recognises them. */
PyObject *json_encode_basestring(PyObject *module, PyObject *text);
PyObject *json_encode_basestring_ascii(PyObject *module, PyObject *text);

#endif
