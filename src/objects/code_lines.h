/* Lines and columns of code objects as Python and the C API ask for them. */
#ifndef KRAIT_OBJECTS_CODE_LINES_H
#define KRAIT_OBJECTS_CODE_LINES_H

#include <Python.h>

#include "objects/code_locations.h"

extern PyTypeObject CodeLineIterator_Type, CodePositionsIterator_Type;

PyObject *code_lines(PyCodeObject *code, PyObject *ignored);        /* co_lines() */
PyObject *code_positions(PyCodeObject *code, PyObject *ignored);    /* co_positions() */
PyObject *code_lnotab(PyCodeObject *code); /* co_lnotab, the table of Python 3.9 */

static inline void code_location_reader(LocationReader *reader, const PyCodeObject *code)
{
    location_reader_init(reader, PyBytes_AS_STRING(code->co_linetable),
                         PyBytes_GET_SIZE(code->co_linetable), code->co_firstlineno);
}

/* Where the instruction at a code unit comes from. */
static inline CodeLocation code_location(const PyCodeObject *code, int unit)
{
    return location_table_find(PyBytes_AS_STRING(code->co_linetable),
                               PyBytes_GET_SIZE(code->co_linetable), code->co_firstlineno, unit);
}

/* For _PyCode_CheckLineNumber(): stands before the first entry of the table. The code must live as long as it is used. */
static inline void code_address_range(PyCodeAddressRange *range, const PyCodeObject *code)
{
    const uint8_t *table = (const uint8_t *)PyBytes_AS_STRING(code->co_linetable);
    *range = (PyCodeAddressRange){
        .ar_line = -1,
        .opaque = {code->co_firstlineno, table, table + PyBytes_GET_SIZE(code->co_linetable)},
    };
}

#endif
