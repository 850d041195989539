/* _contextvars: what contextvars imports. The types live in runtime/context.c. */
#include <Python.h>

static PyObject *contextvars_copy_context(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(ignored))
{
    return PyContext_CopyCurrent();
}

static PyMethodDef contextvars_methods[] = {
    {"copy_context", contextvars_copy_context, METH_NOARGS, "copy_context($module, /)\n--\n\n"},
    {0},
};

static int contextvars_exec(PyObject *module)
{
    PyTypeObject *const types[] = {&PyContext_Type, &PyContextVar_Type, &PyContextToken_Type};
    for (size_t i = 0; i < Py_ARRAY_LENGTH(types); i++) {
        if (PyModule_AddType(module, types[i]) < 0) return -1;
    }
    return 0;
}

static PyModuleDef_Slot contextvars_slots[] = {
    {Py_mod_exec, contextvars_exec},
    {0, NULL},
};

static struct PyModuleDef contextvars_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_contextvars",
    .m_doc = "Context Variables",
    .m_methods = contextvars_methods,
    .m_slots = contextvars_slots,
};

PyMODINIT_FUNC PyInit__contextvars(void)
{
    return PyModuleDef_Init(&contextvars_definition);
}
