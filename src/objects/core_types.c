/* Readies the core's types. */
#include "objects/types.h"

int core_init_types(void)
{
    static PyTypeObject *const types[] = {
        &PyCFunction_Type,
        &PyCMethod_Type,
        &PyMethod_Type,
        &PyInstanceMethod_Type,
        &PyModule_Type,
        &PyModuleDef_Type,
        &PyCell_Type,
        &PyCapsule_Type,
        &_PyWeakref_RefType,
        &_PyWeakref_ProxyType,
        &_PyWeakref_CallableProxyType,
        &PyEllipsis_Type,
        &PySlice_Type,
        &PyRange_Type,
        &PyRangeIter_Type,
        &PyLongRangeIter_Type,
        &PySeqIter_Type,
        &PyCallIter_Type,
        &_PyAnextAwaitable_Type,
        &PyEnum_Type,
        &PyReversed_Type,
        &_PyNamespace_Type,
        &Py_GenericAliasType,
        &_Py_GenericAliasIterType,
        &_PyUnion_Type,
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (PyType_Ready(types[i]) < 0) return -1;
    }
    return 0;
}
