/* The type of what PyUnicode_BuildEncodingMap makes. */
#ifndef KRAIT_OBJECTS_STR_ENCODING_MAP_H
#define KRAIT_OBJECTS_STR_ENCODING_MAP_H

#include <Python.h>

extern PyTypeObject EncodingMap_Type;

#endif
