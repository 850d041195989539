/* complex: arithmetic on Py_complex that cmath shares. */
#ifndef KRAIT_OBJECTS_COMPLEX_H
#define KRAIT_OBJECTS_COMPLEX_H

#include <Python.h>

int complex_init_types(void);

#endif
