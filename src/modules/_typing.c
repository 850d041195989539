/* _typing: the accelerator of typing. */
#include <Python.h>

static PyObject *typing_idfunc(PyObject *Py_UNUSED(module), PyObject *arg)
{
    return Py_NewRef(arg);
}

static PyMethodDef typing_methods[] = {
    {"_idfunc", typing_idfunc, METH_O, "_idfunc($module, x, /)\n--\n\n"},
    {0},
};

static struct PyModuleDef typing_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_typing",
    .m_doc = "Accelerators for the typing module.\n",
    .m_methods = typing_methods,
};

PyMODINIT_FUNC PyInit__typing(void)
{
    return PyModuleDef_Init(&typing_definition);
}
