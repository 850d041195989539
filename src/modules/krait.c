/* The package `krait`: Krait's own Python modules lie in the folder lib/, of which the build knows where it is. */
#include <Python.h>

static int krait_exec(PyObject *module)
{
    PyObject *path = Py_BuildValue("[s]", KRAIT_OWN_LIBRARY "/krait");
    int failed = path ? PyModule_AddObjectRef(module, "__path__", path) : -1;
    Py_XDECREF(path);
    return failed;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, krait_exec}, {0, NULL}};

static PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "krait",
    .m_doc = "What Krait has beside the standard library: krait.memory shows a program's memory, krait.threads its threads.",
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit_krait(void)
{
    return PyModuleDef_Init(&module);
}
