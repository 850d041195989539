/* The builtins module: its functions, types and constants. */
#include "modules/builtins/builtins.h"

#include "objects/names.h"

PyDoc_STRVAR(builtins_doc,
"The functions, types, exceptions and constants that every module sees.\n\n"
"They come without an import. Names of interest: None, and Ellipsis, which\n"
"is `...` in slices.");

static struct PyModuleDef builtins_module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "builtins",
    .m_doc = builtins_doc,
    .m_size = -1,
};

static const struct {
    const char *name;
    PyTypeObject *type;
} types[] = {
    {"bool", &PyBool_Type},         {"memoryview", &PyMemoryView_Type}, {"bytearray", &PyByteArray_Type},
    {"bytes", &PyBytes_Type},       {"classmethod", &PyClassMethod_Type}, {"complex", &PyComplex_Type},
    {"dict", &PyDict_Type},         {"enumerate", &PyEnum_Type},        {"filter", &PyFilter_Type},
    {"float", &PyFloat_Type},       {"frozenset", &PyFrozenSet_Type},   {"property", &PyProperty_Type},
    {"int", &PyLong_Type},          {"list", &PyList_Type},             {"map", &PyMap_Type},
    {"object", &PyBaseObject_Type}, {"range", &PyRange_Type},           {"reversed", &PyReversed_Type},
    {"set", &PySet_Type},           {"slice", &PySlice_Type},           {"staticmethod", &PyStaticMethod_Type},
    {"str", &PyUnicode_Type},       {"super", &PySuper_Type},           {"tuple", &PyTuple_Type},
    {"type", &PyType_Type},         {"zip", &PyZip_Type},
};

PyObject *builtins_create(void)
{
    PyObject *module = PyModule_Create(&builtins_module);
    if (!module) return NULL;
    PyObject *dict = PyModule_GetDict(module);
    PyMethodDef *tables[] = {builtins_object_methods, builtins_iteration_methods, builtins_code_methods, builtins_text_methods};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(tables); i++) {
        if (PyModule_AddFunctions(module, tables[i]) < 0) goto error;
    }
    const struct {
        const char *name;
        PyObject *value;
    } constants[] = {
        {"None", Py_None}, {"Ellipsis", Py_Ellipsis}, {"NotImplemented", Py_NotImplemented},
        {"False", Py_False}, {"True", Py_True}, {"__debug__", Py_OptimizeFlag == 0 ? Py_True : Py_False},
    };
    for (size_t i = 0; i < Py_ARRAY_LENGTH(constants); i++) {
        if (PyDict_SetItemString(dict, constants[i].name, constants[i].value) < 0) goto error;
    }
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyDict_SetItemString(dict, types[i].name, (PyObject *)types[i].type) < 0) goto error;
    }
    return module;
error:
    Py_DECREF(module);
    return NULL;
}
