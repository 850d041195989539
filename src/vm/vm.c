/* What the VM sets up at start. */
#include "vm/vm.h"

#include "vm/generator.h"

/* The "zero-argument super()" of the type system asks here which class and object the running method has. */

int vm_init_types(void)
{
    PyTypeObject *const types[] = {
        &PyFunction_Type, &PyFrame_Type, &PyTraceBack_Type, &PyGen_Type, &PyCoro_Type, &_PyCoroWrapper_Type, &PyAsyncGen_Type,
        &_PyAsyncGenASend_Type, &_PyAsyncGenAThrow_Type, &_PyAsyncGenWrappedValue_Type,
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyType_Ready(types[i]) < 0) return -1;
    }
    return 0;
}
