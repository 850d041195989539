/* A module of the limited API, whose file is NAME.abi3.so. */
#define Py_LIMITED_API 0x03070000
#include <Python.h>

static PyObject *text_of(PyObject *Py_UNUSED(self), PyObject *o) { return PyObject_Str(o); }

static PyMethodDef methods[] = {{"text_of", text_of, METH_O, NULL}, {NULL, NULL, 0, NULL}};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, .m_name = "limited", .m_methods = methods};

PyMODINIT_FUNC PyInit_limited(void) { return PyModuleDef_Init(&definition); }
